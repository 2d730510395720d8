"""What a fleet costs, from a dated table of list prices that is never fetched. Unknown items are listed, never taken
as zero."""

from __future__ import annotations

import dataclasses
import functools
import importlib.resources
import math
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from elasticity import arguments
from elasticity.input_files import InputFileError, read_text

MONTH_HOURS = 730.0
"""Hours of a month in every monthly figure (AWS's own convention)."""
SHIPPED_REGION = "us-east-1"
"""Whose table counts where nobody says a region."""
_FARGATE_ITEMS = {
    "x86": "fargate_linux_x86",
    "x86_64": "fargate_linux_x86",
    "arm": "fargate_linux_arm",
    "arm64": "fargate_linux_arm",
    "windows": "fargate_windows",
}
"""By architecture in our words and in AWS's, lower case; asked for in any case."""
METRICS_OF_AN_INSTANCE = 7.0
"""Charged with detailed monitoring (Infracost's golden files)."""
INCLUDED_STORAGE_GB = 20.0
"""Of each Fargate task, without a charge (AWS Fargate pricing)."""
_LARGEST_FILE = 16 * 1024 * 1024
"""Bytes; the shipped table has 20 KiB."""
_WORDS = ("date", "source")


@dataclasses.dataclass(frozen=True, slots=True)
class Prices:
    """A price table: per item its figures, with date and source; immutable."""

    region: str
    currency: str
    items: Mapping[str, Mapping[str, Any]]

    def __reduce__(self) -> tuple[Any, ...]:
        return _unpickled, (self.region, self.currency, {item: dict(entry) for item, entry in self.items.items()})

    @property
    def is_own(self) -> bool:
        """Whether it is nobody's list: units run on machines of one's own, whose price the settings say."""
        return not self.region

    def rate(self, item: str) -> dict[str, float]:
        """The figures of one item, in the table's currency; raises KeyError that names the items there are."""
        if item not in self.items:
            known = ", ".join(self.items)
            raise KeyError(f"no price for {item} in {self.region}: add it to a price file; known are {known}")
        return {key: value for key, value in self.items[item].items() if key not in _WORDS}

    def dated(self, item: str) -> str:
        """Date and source of one item, for the foot of a report."""
        entry = self.items[item]
        return f"{entry.get('date', 'undated')}, {entry.get('source', 'no source given')}"

    def figure(self, item: str, key: str) -> float | None:
        """One figure of an item, in the table's currency; None where the table has none."""
        found = self.items.get(item, {}).get(key)
        return None if found is None else float(found)

    def __contains__(self, item: object) -> bool:
        return item in self.items


def _unpickled(region: str, currency: str, items: dict[str, dict[str, Any]]) -> Prices:
    """A table that was sent to another process: read-only views cannot be."""
    return Prices(region, currency, MappingProxyType({item: MappingProxyType(entry) for item, entry in items.items()}))


def read_prices(text: str, where: str, start_from: Prices | None = None) -> Prices:
    """The table that TOML `text` writes, over another one where given. `where` names the text in errors.

    Raises ValueError, all faults at once: not TOML, a figure that is no number, negative or not finite.
    """
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ValueError(f"{where}: not TOML: {str(error).lower()}") from None
    head = {key: document.pop(key) for key in ("region", "currency") if key in document}
    faults = [f"{where}: {key}: expected text" for key, value in head.items() if not isinstance(value, str)]
    for item, entry in document.items():
        if not isinstance(entry, dict):
            faults.append(f"{where}: {item}: expected a table of figures, such as [{item}] and hour = 0.1")
            continue
        faults += [
            f"{where}: {item}.{key}: expected a number from 0 up"
            for key, value in entry.items()
            if key not in _WORDS
            and (isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value < math.inf)
        ]
        if "." in item and "hour" not in entry:
            faults.append(f"{where}: {item}.hour: missing, and an instance type has it")
    if faults:
        raise ValueError("\n".join(faults))
    under = start_from.items if start_from else {}
    figures = {
        item: {key: value for key, value in under.get(item, {}).items() if key not in _WORDS} for item in document
    }
    return Prices(
        region=head.get("region", start_from.region if start_from else "unknown"),
        currency=head.get("currency", start_from.currency if start_from else "USD"),
        items=MappingProxyType(
            {**under, **{item: MappingProxyType(figures[item] | entry) for item, entry in document.items()}}
        ),
    )


def shipped_regions() -> tuple[str, ...]:
    """The regions that a table comes with the package for, in alphabetical order."""
    folder = importlib.resources.files("elasticity") / "prices"
    return tuple(sorted(entry.name.removesuffix(".toml") for entry in folder.iterdir() if entry.name.endswith(".toml")))


def shipped_prices(region: str = SHIPPED_REGION) -> Prices:
    """The table of `region` in USD that comes with the package, each figure dated in the file; an empty one of a region
    that none comes for: no region's figures stand in for another's."""
    return _shipped(region)


@functools.cache
def _shipped(region: str) -> Prices:
    if region not in shipped_regions():
        return Prices(region, "USD", MappingProxyType({}))
    resource = importlib.resources.files("elasticity") / "prices" / f"{region}.toml"
    return read_prices(resource.read_text(encoding="utf-8"), resource.name)


def load_prices(path: Path | None = None, region: str | None = None) -> Prices:
    """The shipped table of `region`, with a user's TOML file over it where given; without a region that of the file,
    or SHIPPED_REGION. Raises ValueError as `read_prices`, on an unreadable file, and on a file of another region."""
    if path is None:
        return shipped_prices(region or SHIPPED_REGION)
    try:
        text = read_text(path, maximum=_LARGEST_FILE)
    except (FileNotFoundError, InputFileError):
        raise ValueError(f"{path}: the price file cannot be read: expected a TOML file in UTF-8") from None
    own = read_prices(text, str(path), Prices("", "USD", MappingProxyType({}))).region
    if own and region and own != region:
        raise ValueError(
            f"{path}: region: its prices are those of {own}, and the stack runs in {region}: give a table of {region}; "
            f"`accordion prices update --region {region}` writes one"
        )
    return read_prices(text, str(path), shipped_prices(region or own or SHIPPED_REGION))


def own_prices(path: Path | None = None) -> Prices:
    """The table of machines of one's own: no item, and the currency of a user's file where given. Raises ValueError as
    `load_prices`."""
    currency = "USD" if path is None else load_prices(path).currency
    return Prices("", currency, MappingProxyType({}))


def from_zero(**figures: float) -> None:
    """Raises ValueError where a figure, by its name, is no finite number from 0 up."""
    for name, value in figures.items():
        arguments.number(name, value, 0)


def billed_hours(lifetimes: Iterable[float], minimum: float = 60.0, granularity: float = 1.0) -> float:
    """Unit-hours billed for units that lived so many seconds: each rounded up to the granularity, and at least the
    minimum. Raises ValueError on a life that is no finite number from 0 up."""
    lifetimes = arguments.sequence("lifetimes", lifetimes, "seconds")
    for life in lifetimes:
        arguments.number("lifetimes", life, 0)
    return math.fsum(max(minimum, math.ceil(life / granularity - 1e-9) * granularity) for life in lifetimes) / 3600


@dataclasses.dataclass(frozen=True, slots=True)
class FargateTask:
    """Size of a task: vCPU, memory and storage in GB; `architecture` x86, arm or windows,
    or AWS's x86_64 and arm64."""

    vcpu: float
    gb: float
    architecture: str = "x86"
    storage_gb: float = 20.0
    spot: bool = False

    @property
    def item(self) -> str:
        """The table's item; an unknown architecture stands for itself."""
        return _FARGATE_ITEMS.get(self.architecture.lower(), self.architecture)

    def hourly(self, prices: Prices) -> float:
        """Price of one task-hour; raises KeyError where the table has none, ValueError on an unknown architecture."""
        arguments.one_of("architecture", self.architecture.lower(), _FARGATE_ITEMS)
        rate = prices.rate(self.item)
        compute = self.vcpu * (rate["vcpu_hour"] + rate.get("os_vcpu_hour", 0.0)) + self.gb * rate["gb_hour"]
        if self.spot:
            compute *= prices.rate("fargate_spot")["of_on_demand"]
        return compute + self._extra_storage * (prices.rate("fargate_storage")["gb_hour"] if self._extra_storage else 0)

    @property
    def _extra_storage(self) -> float:
        """GB beyond what each task has without a charge."""
        return max(0.0, self.storage_gb - INCLUDED_STORAGE_GB)

    def priced_by(self, prices: Prices) -> bool:
        """Whether the table has all that a task-hour is made of."""
        return self.item in prices and (not self._extra_storage or "fargate_storage" in prices)


@dataclasses.dataclass(frozen=True, slots=True)
class Instance:
    """An on-demand EC2 instance by its type, such as m7g.large."""

    type: str

    def hourly(self, prices: Prices) -> float:
        """Price of one instance-hour; raises KeyError where the table has none."""
        return prices.rate(self.type)["hour"]


def alarm_cost(alarms: int, high_resolution: int = 0, composite: int = 0, *, prices: Prices | None = None) -> float:
    """Cost per month of standard, high-resolution and composite alarms; raises KeyError for a kind without a price."""
    from_zero(alarms=alarms, high_resolution=high_resolution, composite=composite)
    rate = (prices or shipped_prices()).rate("cloudwatch_alarm")
    counts = {"month": alarms, "high_resolution_month": high_resolution, "composite_month": composite}
    return sum(count * rate[figure] for figure, count in counts.items() if count)


@dataclasses.dataclass(frozen=True, slots=True)
class Line:
    """One line of a bill."""

    item: str
    quantity: float
    unit: str
    amount: float
    dated: str


@dataclasses.dataclass(frozen=True, slots=True)
class Bill:
    """What a window of time costs."""

    lines: tuple[Line, ...]
    unknown: tuple[str, ...]
    """Items without a price: the total leaves them out and every report says so."""
    window_hours: float
    currency: str

    @property
    def total(self) -> float:
        """Cost of the window, without the unknown items."""
        return math.fsum(line.amount for line in self.lines)

    @property
    def per_month(self) -> float:
        """Window cost x 730 h / window hours, without the unknown items."""
        return self.total * MONTH_HOURS / self.window_hours

    def per_million(self, requests: float) -> float:
        """Cost of a million of the `requests` served in the window; infinite for none."""
        return self.total / requests * 1e6 if requests > 0 else math.inf


def price(
    lifetimes: Iterable[float],
    unit: FargateTask | Instance | float,
    window_hours: float,
    *,
    alarms: int = 0,
    high_resolution_alarms: int = 0,
    balancers: int = 0,
    lcu_hours: float = 0.0,
    nat_gateways: int = 0,
    nat_gb: float = 0.0,
    addresses: int = 0,
    unpriced: Iterable[str] = (),
    prices: Prices | None = None,
) -> Bill:
    """The bill of one window: its units, and the fixed parts around them.

    `lifetimes` are seconds that each unit existed (starting, serving, draining) within the window; `unit` a task, an
    instance or a price per hour; `window_hours` the length of the window, above 0; counts stand for the whole window.
    `unpriced` names what costs extra without a dated figure. An item that the table does not hold is listed under
    `unknown`. Raises ValueError on a window of 0 or less, on a number that is negative or not finite, and on a unit of
    another kind.
    """
    arguments.number("window_hours", window_hours, above=0)
    from_zero(
        alarms=alarms,
        high_resolution_alarms=high_resolution_alarms,
        balancers=balancers,
        lcu_hours=lcu_hours,
        nat_gateways=nat_gateways,
        nat_gb=nat_gb,
        addresses=addresses,
    )
    if not isinstance(unit, (FargateTask, Instance)):
        arguments.number("unit", unit, 0, instead=", a FargateTask or an Instance")
    table = prices or shipped_prices()
    lines, unknown = [], list(unpriced)
    hours = billed_hours(lifetimes)
    months = window_hours / MONTH_HOURS
    if not isinstance(unit, (FargateTask, Instance)):
        lines.append(Line("units", hours, "unit-hours", hours * unit, "price given"))
    else:
        item = unit.type if isinstance(unit, Instance) else unit.item
        if item in table:
            lines.append(Line(item, hours, "unit-hours", hours * unit.hourly(table), table.dated(item)))
        else:
            unknown.append(item)
    for item, key, quantity, unit_name in (
        ("alb", "hour", balancers * window_hours, "balancer-hours"),
        ("alb", "lcu_hour", lcu_hours, "LCU-hours"),
        ("nat_gateway", "hour", nat_gateways * window_hours, "gateway-hours"),
        ("nat_gateway", "gb", nat_gb, "GB"),
        ("public_ipv4", "hour", addresses * window_hours, "address-hours"),
        ("cloudwatch_alarm", "month", alarms * months, "alarm-months"),
        ("cloudwatch_alarm", "high_resolution_month", high_resolution_alarms * months, "alarm-months"),
    ):
        rate = table.figure(item, key)
        if quantity and rate is None:
            unknown.append(item)
        elif quantity and rate is not None:
            lines.append(Line(item, quantity, unit_name, quantity * rate, table.dated(item)))
    return Bill(tuple(lines), tuple(dict.fromkeys(unknown)), window_hours, table.currency)


def rule_alarms(tracking_with_scale_in: int, tracking_without: int = 0, step: int = 0) -> int:
    """Alarms that rules create: two per tracking rule, one where its scale-in is disabled, one per step rule."""
    return 2 * tracking_with_scale_in + tracking_without + step
