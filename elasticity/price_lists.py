"""AWS's own price lists: the bulk files of a service and region, read piece by piece, to the figures of a price table.

Source: AWS Billing User Guide, "Using the AWS Price List Bulk API" and "Reading the service price list file". Of a file
(of EC2 it has some hundred megabytes) only what the table takes is kept.
"""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Protocol

CHUNK = 1 << 20
"""Characters that are read at once."""
LONGEST_MEMBER = 16 << 20
"""Characters of one product or one term at the most; real ones have some thousand."""
_WHOLE = frozenset({("products",), ("terms", "OnDemand"), ("terms", "Reserved")})
"""Objects whose members are read one by one, and terms that are passed over so."""


class Text(Protocol):
    """A file of text."""

    def read(self, size: int, /) -> str:
        """At most so many characters; nothing at the end."""
        ...


@dataclasses.dataclass(frozen=True)
class Wanted:
    """One figure of the price table, and the product of a service that it is the price of."""

    item: str
    figure: str
    offer: str
    usage: str
    """The usage type without the region before it."""
    operation: str = ""
    """Of several products with that usage type, the one of this operation."""


def _of(offer: str, *rows: tuple[str, str, str]) -> tuple[Wanted, ...]:
    return tuple(Wanted(item, figure, offer, usage) for item, figure, usage in rows)


WANTED: tuple[Wanted, ...] = (
    *_of(
        "AmazonECS",
        ("fargate_linux_x86", "vcpu_hour", "Fargate-vCPU-Hours:perCPU"),
        ("fargate_linux_x86", "gb_hour", "Fargate-GB-Hours"),
        ("fargate_linux_arm", "vcpu_hour", "Fargate-ARM-vCPU-Hours:perCPU"),
        ("fargate_linux_arm", "gb_hour", "Fargate-ARM-GB-Hours"),
        ("fargate_storage", "gb_hour", "Fargate-EphemeralStorage-GB-Hours"),
    ),
    *_of(
        "AmazonEC2",
        ("nat_gateway", "hour", "NatGateway-Hours"),
        ("nat_gateway", "gb", "NatGateway-Bytes"),
        ("gp3", "gb_month", "EBS:VolumeUsage.gp3"),
    ),
    Wanted("alb", "hour", "AWSELB", "LoadBalancerUsage", "LoadBalancing:Application"),
    Wanted("alb", "lcu_hour", "AWSELB", "LCUUsage", "LoadBalancing:Application"),
    Wanted("nlb", "hour", "AWSELB", "LoadBalancerUsage", "LoadBalancing:Network"),
    Wanted("nlb", "lcu_hour", "AWSELB", "LCUUsage", "LoadBalancing:Network"),
    *_of(
        "AmazonVPC",
        ("public_ipv4", "hour", "PublicIPv4:InUseAddress"),
        ("vpc_endpoint", "hour", "VpcEndpoint-Hours"),
        ("vpc_endpoint", "gb", "VpcEndpoint-Bytes"),
    ),
    *_of(
        "AmazonCloudWatch",
        ("cloudwatch_alarm", "month", "CW:AlarmMonitorUsage"),
        ("cloudwatch_alarm", "high_resolution_month", "CW:HighResAlarmMonitorUsage"),
        ("cloudwatch_alarm", "composite_month", "CW:CompositeAlarmMonitorUsage"),
        ("detailed_monitoring", "metric_month", "CW:MetricMonitorUsage"),
        ("logs", "gb", "DataProcessing-Bytes"),
        ("logs", "gb_month", "TimedStorage-ByteHrs"),
        ("logs", "scanned_gb", "DataScanned-Bytes"),
    ),
    *_of("awskms", ("kms_key", "month", "KMS-Keys")),
    *_of("AWSSecretsManager", ("secret", "month", "AWSSecretsManager-Secrets")),
    *_of("AmazonECR", ("ecr", "gb_month", "TimedStorage-ByteHrs")),
)
"""What a table takes from the lists; hours of instances, by their types, come beside it."""
OFFERS = tuple(dict.fromkeys(row.offer for row in WANTED))
_INSTANCES = {"operatingSystem": "Linux", "tenancy": "Shared", "preInstalledSw": "NA", "capacitystatus": "Used"}
_BOX = re.compile(r"(?:[A-Z]{2,4}\d{0,2}-)?BoxUsage:([a-z0-9-]+\.[a-z0-9-]+)")


class PriceListError(ValueError):
    """A file that is no price list of AWS; the text says what was expected."""


@dataclasses.dataclass(frozen=True)
class PriceList:
    """The figures of one file."""

    published: str
    """Day of publication."""
    figures: Mapping[tuple[str, str], float]
    """By item and figure."""
    currency: str
    ambiguous: tuple[tuple[str, str], ...] = ()
    """Figures that the file has several prices of: none of them is taken."""


def read_price_list(file: Text, offer: str, region: str) -> PriceList:
    """The figures that a table takes from the file of `offer` for `region`. Raises PriceListError where the text is not
    such a file, or is of another service or region."""
    products: dict[str, tuple[str, str]] = {}
    prices: dict[tuple[str, str], set[tuple[str, float]]] = {}
    head: dict[str, Any] = {}
    for path, value in _members(file):
        if path[0] == "products" and isinstance(value, dict):
            if place := _place(value.get("attributes") or {}, offer, region):
                products[path[-1]] = place
        elif path[:2] == ("terms", "OnDemand") and path[-1] in products:
            prices.setdefault(products[path[-1]], set()).update(_first_price(value))
        elif len(path) == 1:
            head[path[0]] = value
    if head.get("offerCode") != offer or not isinstance(head.get("publicationDate"), str):
        raise PriceListError(
            f"not the price list of {offer}: its `offerCode` and `publicationDate` are missing or others"
        )
    found = {place: next(iter(several)) for place, several in prices.items() if len(several) == 1}
    currencies = {currency for currency, _ in found.values()} or {"USD"}
    if len(currencies) > 1:
        raise PriceListError(f"the price list of {offer} has prices in {' and '.join(sorted(currencies))}")
    return PriceList(
        head["publicationDate"][:10],
        {place: amount for place, (_, amount) in sorted(found.items())},
        currencies.pop(),
        tuple(sorted(place for place, several in prices.items() if len(several) > 1)),
    )


def _place(attributes: Mapping[str, Any], offer: str, region: str) -> tuple[str, str] | None:
    """Item and figure that a product is the price of."""
    if attributes.get("regionCode", region) != region:
        raise PriceListError(f"the price list of {offer} is of {attributes['regionCode']}, not of {region}")
    usage = str(attributes.get("usagetype", ""))
    box = _BOX.fullmatch(usage) if offer == "AmazonEC2" else None
    if box and all(attributes.get(key) == value for key, value in _INSTANCES.items()):
        return box[1], "hour"
    for row in WANTED:
        fits = row.offer == offer and row.operation in ("", attributes.get("operation"))
        if fits and re.fullmatch(rf"(?:(?:[A-Z]{{2,4}}\d{{0,2}}|{re.escape(region)})-)?{re.escape(row.usage)}", usage):
            return row.item, row.figure
    return None


def _first_price(offers: Any) -> set[tuple[str, float]]:
    """Currency and price of the first step that is charged; one for each offer."""
    found = set()
    for offer in offers.values():
        steps = sorted(offer["priceDimensions"].values(), key=lambda step: float(step.get("beginRange") or 0))
        charged = (
            (currency, float(amount))
            for step in steps
            for currency, amount in step["pricePerUnit"].items()
            if float(amount) > 0
        )
        if (first := next(charged, None)) is not None:
            found.add(first)
    return found


@dataclasses.dataclass
class _Reader:
    """A JSON document of which a little is in memory."""

    file: Text
    text: str = ""
    place: int = 0

    def more(self) -> bool:
        chunk = self.file.read(CHUNK)
        self.text, self.place = self.text[self.place :] + chunk, 0
        return bool(chunk)

    def peek(self) -> str:
        """The next character that is no space; nothing at the end."""
        while True:
            while self.place < len(self.text) and self.text[self.place] in " \t\r\n":
                self.place += 1
            if self.place < len(self.text) or not self.more():
                return self.text[self.place : self.place + 1]

    def take(self, expected: str) -> None:
        if self.peek() != expected:
            raise PriceListError(f"not a price list of AWS: expected {expected!r} in the JSON text")
        self.place += 1

    def value(self) -> Any:
        """The next value, whole."""
        self.peek()
        while True:
            try:
                found, self.place = _DECODER.raw_decode(self.text, self.place)
            except json.JSONDecodeError:
                if len(self.text) - self.place > LONGEST_MEMBER or not self.more():
                    raise PriceListError("not a price list of AWS: not JSON, or it breaks off") from None
            else:
                return found


_DECODER: json.JSONDecoder = json.JSONDecoder()


def _members(file: Text) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Path and value of each member, those of `products` and of the terms one by one."""
    reader = _Reader(file)
    yield from _object(reader, (), lambda path: path in (("terms",), *_WHOLE))


def _object(
    reader: _Reader, path: tuple[str, ...], inside: Callable[[tuple[str, ...]], bool]
) -> Iterator[tuple[tuple[str, ...], Any]]:
    reader.take("{")
    while reader.peek() != "}":
        name = reader.value()
        reader.take(":")
        below = (*path, str(name))
        if inside(below) and reader.peek() == "{":
            yield from _object(reader, below, inside)
        else:
            yield below, reader.value()
        if reader.peek() == ",":
            reader.take(",")
        elif reader.peek() != "}":
            raise PriceListError("not a price list of AWS: not JSON, or it breaks off")
    reader.take("}")
