"""Ways out of a network: the internet gateway, NAT gateways, and the route tables that lead there."""

from __future__ import annotations

from collections.abc import Mapping

from pulumi_aws.ec2 import (
    Eip,
    InternetGateway,
    NatGateway,
    NatGatewayAvailabilityZoneAddressArgs,
    Route,
    RouteTable,
    RouteTableAssociation,
    Subnet,
    Vpc,
)

from components._component import Component
from components.specs import NetworkSpec, Tier

ANYWHERE = "0.0.0.0/0"
Subnets = Mapping[str, Subnet]
"""Subnet by zone."""
Tables = Mapping[str, RouteTable]
"""Route table by zone."""


def internet_gateway(owner: Component, vpc: Vpc) -> InternetGateway:
    """The gateway between the VPC and the internet."""
    role = "internet"
    return InternetGateway(owner.name_of(role), vpc_id=vpc.id, tags=owner.tags_of(role), opts=owner.options_of(role))


def shared_table(owner: Component, vpc: Vpc, tier: Tier, subnets: Subnets) -> RouteTable:
    """One table for a whole tier."""
    table = _table(owner, tier, vpc)
    for zone, subnet in subnets.items():
        _associate(owner, f"{tier}-{zone}", subnet, table)
    return table


def table_per_zone(owner: Component, vpc: Vpc, tier: Tier, subnets: Subnets) -> dict[str, RouteTable]:
    """One table per zone, whatever the NAT: going from one gateway to one per zone then changes routes only."""
    tables = {}
    for zone, subnet in subnets.items():
        tables[zone] = _table(owner, f"{tier}-{zone}", vpc)
        _associate(owner, f"{tier}-{zone}", subnet, tables[zone])
    return tables


def route_to_internet(owner: Component, table: RouteTable, gateway: InternetGateway) -> None:
    """Egress of the public tier."""
    role = "public-internet"
    Route(
        owner.name_of(role),
        route_table_id=table.id,
        destination_cidr_block=ANYWHERE,
        gateway_id=gateway.id,
        opts=owner.options_of(role),
    )


def nat(
    owner: Component, spec: NetworkSpec, vpc: Vpc, gateway: InternetGateway, public: Subnets, private: Tables
) -> tuple[dict[str, Eip], dict[str, NatGateway]]:
    """NAT gateways as the spec wants them, and the private tier's routes to them.

    Returns their public addresses by zone, and the gateways by the zone in which they stand, or by `regional`.
    """
    wanted = spec.nat_gateways
    # A regional gateway has addresses of its own: it stands before the zonal ones let go of theirs.
    place = "regional-{}" if wanted.regional else "{}"
    addresses = {zone: _address(owner, place.format(zone), gateway) for zone in wanted.zones}
    if wanted.regional:
        made = {"regional": _regional(owner, vpc, gateway, addresses)}
    else:
        made = {zone: _zonal(owner, zone, public[zone], gateway, addresses[zone]) for zone in wanted.zones}
    nearest = next(iter(made.values()))
    gateways = {zone: made.get(zone, nearest) for zone in sorted(spec.zones)}
    for zone, table in private.items():
        role = f"private-{zone}-nat"
        Route(
            owner.name_of(role),
            route_table_id=table.id,
            destination_cidr_block=ANYWHERE,
            nat_gateway_id=gateways[zone].id,
            opts=owner.options_of(role),
        )
    return addresses, made


def _table(owner: Component, place: str, vpc: Vpc) -> RouteTable:
    role = f"{place}-routes"
    return RouteTable(owner.name_of(role), vpc_id=vpc.id, tags=owner.tags_of(role), opts=owner.options_of(role))


def _associate(owner: Component, place: str, subnet: Subnet, table: RouteTable) -> None:
    role = f"{place}-association"
    RouteTableAssociation(
        owner.name_of(role), subnet_id=subnet.id, route_table_id=table.id, opts=owner.options_of(role)
    )


def _address(owner: Component, place: str, gateway: InternetGateway) -> Eip:
    role = f"nat-{place}-address"
    options = owner.options_of(role, depends_on=[gateway])
    return Eip(owner.name_of(role), domain="vpc", tags=owner.tags_of(role), opts=options)


def _zonal(owner: Component, zone: str, subnet: Subnet, gateway: InternetGateway, address: Eip) -> NatGateway:
    role = f"nat-{zone}"
    return NatGateway(
        owner.name_of(role),
        subnet_id=subnet.id,
        allocation_id=address.allocation_id,
        tags=owner.tags_of(role),
        # Its address can be with one gateway only: a new one cannot stand before the old has gone.
        opts=owner.options_of(role, depends_on=[gateway], delete_before_replace=True),
    )


def _regional(owner: Component, vpc: Vpc, gateway: InternetGateway, addresses: Mapping[str, Eip]) -> NatGateway:
    """One gateway over all zones, with an address of its own in each, so that the addresses stay known."""
    role = "nat-regional"
    return NatGateway(
        owner.name_of(role),
        availability_mode="regional",
        vpc_id=vpc.id,
        availability_zone_addresses=[
            NatGatewayAvailabilityZoneAddressArgs(availability_zone=zone, allocation_ids=[address.allocation_id])
            for zone, address in addresses.items()
        ],
        tags=owner.tags_of(role),
        opts=owner.options_of(role, depends_on=[gateway], delete_before_replace=True),
    )
