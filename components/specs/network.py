"""What a network is to be: zones, addresses, tiers, egress, the endpoints. Plain values that decide structure."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from components.specs.retention import Retention
from elasticity.faults import Fault
from elasticity.quantities import Duration
from elasticity.rules import Model, refuse

Tier = Literal["public", "private", "isolated"]
TIERS: tuple[Tier, ...] = ("public", "private", "isolated")
"""`public`: a route to the internet gateway, for balancers and NAT. `private`: out through NAT only, for tasks and
instances. `isolated`: no egress but endpoints, for data."""
Zone = Annotated[str, Field(pattern=r"^[a-z]{2,}(-[a-z]+)+-\d[a-h]$")]
"""Name of an availability zone, such as eu-central-1a. Its letter chooses its address slot."""
Nat = Literal["none", "single", "per_zone", "regional"]


@dataclass(frozen=True, slots=True)
class NatGateways:
    """The NAT gateways that a network makes: one in each of `zones`, or one that works in all of them."""

    zones: tuple[Zone, ...]
    """Where NAT takes place, each with a public address. AWS bills hours and addresses by these."""
    regional: bool = False
    """One gateway of the whole VPC, with an address in each zone."""


_NAT_GATEWAYS: Mapping[Nat, Callable[[tuple[Zone, ...]], NatGateways]] = MappingProxyType(
    {
        "none": lambda _: NatGateways(()),
        "single": lambda zones: NatGateways(zones[:1]),
        "per_zone": lambda zones: NatGateways(tuple(sorted(zones))),
        "regional": lambda zones: NatGateways(tuple(sorted(zones)), regional=True),
    }
)

LARGEST_PREFIX, SMALLEST_PREFIX = 16, 22
"""A VPC is at most a /16, a subnet at least a /28, which is the plan's smallest slot in a /22.

Source: VPC user guide, VPC CIDR blocks and subnet CIDR blocks."""


def _a_block_that_can_be_planned(value: str) -> str:
    try:
        block = ipaddress.IPv4Network(value)
    except ValueError:
        raise PydanticCustomError("cidr", "not an IPv4 block such as 10.0.0.0/16, with the host bits at zero") from None
    if not LARGEST_PREFIX <= block.prefixlen <= SMALLEST_PREFIX:
        raise PydanticCustomError(
            "cidr",
            "got a /{got}, allowed /{largest} to /{smallest}",
            {"got": block.prefixlen, "largest": LARGEST_PREFIX, "smallest": SMALLEST_PREFIX},
        )
    return value


Block = Annotated[str, AfterValidator(_a_block_that_can_be_planned)]
"""An IPv4 block of a VPC, /16 to /22."""


class Endpoints(Model):
    """Ways to AWS services that do not leave the network."""

    s3: bool = True
    """Gateway endpoint for S3: free of charge, and image layers come over it."""
    dynamodb: bool = False
    """Gateway endpoint for DynamoDB: free of charge."""
    interface: tuple[Annotated[str, Field(pattern=r"^[a-z][a-z0-9.-]{1,99}$")], ...] = ()
    """Interface endpoints by service: the short name (`ecr.api`, `logs`) or the whole one (`com.amazonaws.…`).

    Each costs per zone and hour."""


class FlowLogs(Model):
    """Records of accepted and refused connections, in a CloudWatch log group."""

    retention: Retention = Duration(365 * 86_400)
    traffic: Literal["ALL", "ACCEPT", "REJECT"] = "ALL"
    interval: Literal["1m", "10m"] = "10m"
    """Longest time over which one record gathers."""


class Dns(Model):
    """Name resolution inside the network."""

    support: bool = True
    """The resolver at the network's second address."""
    hostnames: bool = True
    """Names for public addresses; interface endpoints need both."""


class ExistingNetwork(Model):
    """A VPC made elsewhere. Nothing is created or changed in it."""

    vpc_id: str = Field(pattern=r"^vpc-[0-9a-f]+$")
    cidr: Block
    public_subnets: dict[Zone, str] = Field(default={})
    """Subnet id by zone."""
    private_subnets: dict[Zone, str] = Field(default={})
    isolated_subnets: dict[Zone, str] = Field(default={})
    default_security_group_id: str | None = None
    nat_addresses: dict[str, str] = Field(default={})
    """Public address by zone (or `region`) from which private tiers are seen outside."""

    @model_validator(mode="after")
    def _some_subnets(self) -> Self:
        if not (self.public_subnets or self.private_subnets or self.isolated_subnets):
            raise PydanticCustomError(
                "existing_network", "give at least one of `public_subnets`, `private_subnets` and `isolated_subnets`"
            )
        return self


class NetworkSpec(Model):
    """A network to make, or `existing`: then nothing else is said."""

    zones: tuple[Zone, ...] = Field(default=(), max_length=6)
    """One to six zones of one region, by name. A single NAT gateway stands in the first; order has no other meaning."""
    cidr: Block = "10.0.0.0/16"
    """Addresses of the VPC. Changing it replaces the network."""
    tiers: tuple[Tier, ...] = ("public", "private")
    nat: Nat = "per_zone"
    """`per_zone` survives the loss of a zone; `single` saves money; `regional`: one gateway spans zones by itself."""
    endpoints: Endpoints = Endpoints()
    flow_logs: FlowLogs | None = FlowLogs()
    dns: Dns = Dns()
    default_security_group: Literal["closed", "untouched"] = "closed"
    """`closed`: the VPC's default group is adopted and loses every rule (Security Hub EC2.2)."""
    existing: ExistingNetwork | None = None

    @property
    def region(self) -> str:
        """The region of the zones."""
        return self.zones[0][:-1]

    @property
    def nat_gateways(self) -> NatGateways:
        """The NAT gateways that are made; none beside `existing`."""
        return _NAT_GATEWAYS[self.nat](self.zones)

    @model_validator(mode="after")
    def _parts_fit(self) -> Self:
        faults = self._faults_beside_existing() if self.existing else [*self._zone_faults(), *self._tier_faults()]
        refuse(type(self), faults)
        return self

    def _faults_beside_existing(self) -> list[Fault]:
        fields = type(self).model_fields
        return [
            Fault((field,), "has no meaning beside `existing`, which makes nothing: remove one of them")
            for field in fields
            if field != "existing" and getattr(self, field) != fields[field].get_default()
        ]

    def _zone_faults(self) -> list[Fault]:
        if not self.zones:
            return [Fault(("zones",), "name one to six zones, such as eu-central-1a, or give `existing`")]
        faults: list[Fault] = []
        for index, zone in enumerate(self.zones):
            if zone in self.zones[:index]:
                faults.append(Fault(("zones", index), "the zone is named twice"))
            if zone[:-1] != self.region:
                faults.append(
                    Fault(("zones", index), "the zone lies in another region than the first: a network has one")
                )
        return faults

    def _tier_faults(self) -> list[Fault]:
        faults: list[Fault] = []
        if not self.tiers:
            faults.append(Fault(("tiers",), f"name at least one of {', '.join(TIERS)}"))
        if len(set(self.tiers)) < len(self.tiers):
            faults.append(Fault(("tiers",), "a tier is named twice"))
        if self.nat_gateways.zones and not {"public", "private"} <= set(self.tiers):
            faults.append(
                Fault(("nat",), "NAT leads from a private tier through a public one: add both tiers, or say none")
            )
        if len(set(self.endpoints.interface)) < len(self.endpoints.interface):
            faults.append(Fault(("endpoints", "interface"), "a service is named twice"))
        if self.endpoints.interface and not (self.dns.support and self.dns.hostnames):
            faults.append(
                Fault(("dns",), "interface endpoints answer by private names: leave `support` and `hostnames` on")
            )
        if self.endpoints.interface and not {"private", "isolated"} & set(self.tiers):
            faults.append(
                Fault(("endpoints", "interface"), "interface endpoints live in a private or isolated tier: add one")
            )
        return faults
