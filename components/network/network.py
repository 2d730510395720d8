"""A network: a VPC with tiers of subnets, ways out, endpoints and flow logs; or an existing VPC in its place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import pulumi
from pulumi_aws.ec2 import DefaultSecurityGroup, Subnet, Vpc

from components._component import Component, Extensions
from components.addresses import slot
from components.metrics import MetricReference
from components.network.endpoints import gateway_endpoints, interface_endpoints
from components.network.flow_logs import flow_logs
from components.network.references import nat_metrics
from components.network.routing import internet_gateway, nat, route_to_internet, shared_table, table_per_zone
from components.specs import TIERS, ExistingNetwork, NetworkSpec, Tier

Ids = Mapping[str, pulumi.Output[str]]


@dataclass(frozen=True)
class NetworkArgs:
    """What a network is to be, and what its children carry."""

    spec: NetworkSpec
    """Zones, addresses, tiers, ways out; or an existing VPC."""
    tags: Mapping[str, pulumi.Input[str]] = field(default_factory=dict)
    """Laid on every child."""
    extensions: Extensions = field(default_factory=dict)
    """Options laid over those of single children, by role."""
    log_key_arn: pulumi.Input[str] | None = None
    """KMS key of the flow logs' group; without one CloudWatch's own."""
    permissions_boundary: pulumi.Input[str] | None = None
    """ARN of the policy at which the rights of the flow logs' role end; none for a role without a boundary."""


class Network(Component):
    """A VPC with one subnet per tier and zone.

    Makes a VPC, its closed default group, an internet gateway (public tier), per tier and zone a subnet and its routes,
    NAT gateways with fixed addresses, gateway and interface endpoints with a group of their own, and flow logs with log
    group and role. Children are keyed by zone, addresses by the zone's letter (`components.addresses`): adding a zone
    or a tier moves nothing.
    """

    vpc_id: pulumi.Output[str]
    """Id of the VPC."""
    vpc_cidr: str
    """IPv4 block of the VPC."""
    region: str
    """Region of the zones."""
    zones: tuple[str, ...]
    """Zones that have a subnet."""
    account_id: pulumi.Output[str] | None
    """Account that owns the VPC; none for an existing one."""
    public_subnet_ids: Ids
    """Subnet id by zone."""
    private_subnet_ids: Ids
    """Subnet id by zone."""
    isolated_subnet_ids: Ids
    """Subnet id by zone."""
    nat_addresses: Ids
    """Public address by zone from which the private tier is seen outside."""
    private_route_table_ids: Ids
    """Route table id by zone, for peerings and endpoints of one's own; none for an existing VPC."""
    endpoint_security_group_id: pulumi.Output[str] | None
    """Group of the interface endpoints, none without them."""
    flow_log_group_name: pulumi.Output[str] | None
    """Log group of the flow logs, none without them."""
    nat_metrics: Mapping[str, Mapping[str, MetricReference]]
    """Metrics by NAT gateway (its zone, or `regional`) and name; none for an existing VPC."""
    vpc: Vpc | None
    """The VPC itself: the escape hatch for what this component does not offer. None for an existing one."""

    def __init__(self, name: str, args: NetworkArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, args.spec, tags=args.tags, extensions=args.extensions, opts=opts)
        if args.spec.existing:
            self._take(args.spec.existing)
        else:
            self._make(args)
        self.finish()

    def _take(self, existing: ExistingNetwork) -> None:
        """Expose an existing VPC; make nothing."""
        zones = {*existing.public_subnets, *existing.private_subnets, *existing.isolated_subnets}
        self.zones = tuple(sorted(zones))
        self.region = self.zones[0][:-1]
        self.vpc = self.account_id = self.endpoint_security_group_id = self.flow_log_group_name = None
        self.vpc_id, self.vpc_cidr = pulumi.Output.from_input(existing.vpc_id), existing.cidr
        self.public_subnet_ids = _known(existing.public_subnets)
        self.private_subnet_ids = _known(existing.private_subnets)
        self.isolated_subnet_ids = _known(existing.isolated_subnets)
        self.nat_addresses, self.private_route_table_ids = _known(existing.nat_addresses), {}
        self.nat_metrics = {}

    def _make(self, args: NetworkArgs) -> None:
        spec = args.spec
        self.zones, self.region, self.vpc_cidr = tuple(sorted(spec.zones)), spec.region, spec.cidr
        self.vpc = vpc = self._vpc(spec)
        self.vpc_id, self.account_id = vpc.id, vpc.arn.apply(lambda arn: arn.split(":")[4])
        subnets = {tier: self._subnets(spec, vpc, tier) for tier in spec.tiers}
        public, private, isolated = (subnets.get(tier, {}) for tier in TIERS)
        self.public_subnet_ids, self.private_subnet_ids, self.isolated_subnet_ids = map(
            _ids, (public, private, isolated)
        )
        private_tables = table_per_zone(self, vpc, "private", private)
        tables = [*private_tables.values()]
        self.private_route_table_ids = {zone: table.id for zone, table in private_tables.items()}
        self.nat_addresses, self.nat_metrics = {}, {}
        if public:
            gateway = internet_gateway(self, vpc)
            tables.append(shared_table(self, vpc, "public", public))
            route_to_internet(self, tables[-1], gateway)
            if spec.nat_gateways.zones:
                addresses, gateways = nat(self, spec, vpc, gateway, public, private_tables)
                self.nat_metrics = {place: nat_metrics(each.id) for place, each in gateways.items()}
                self.nat_addresses = {zone: address.public_ip for zone, address in addresses.items()}
        if isolated:
            tables.append(shared_table(self, vpc, "isolated", isolated))
        gateway_endpoints(self, spec, vpc, tables)
        self.endpoint_security_group_id = self.flow_log_group_name = None
        if spec.endpoints.interface:
            inside = [subnet.id for subnet in (private or isolated).values()]
            self.endpoint_security_group_id = interface_endpoints(self, spec, vpc, inside).id
        if spec.flow_logs:
            self.flow_log_group_name = flow_logs(
                self, spec.flow_logs, vpc, args.log_key_arn, args.permissions_boundary
            ).name

    def _vpc(self, spec: NetworkSpec) -> Vpc:
        vpc = Vpc(
            self.name_of("vpc"),
            cidr_block=spec.cidr,
            enable_dns_support=spec.dns.support,
            enable_dns_hostnames=spec.dns.hostnames,
            tags=self.tags_of("vpc"),
            opts=self.options_of("vpc"),
        )
        if spec.default_security_group == "closed":
            DefaultSecurityGroup(
                self.name_of("default-group"),
                vpc_id=vpc.id,
                ingress=[],
                egress=[],
                tags=self.tags_of("default-group"),
                opts=self.options_of("default-group"),
            )
        return vpc

    def _subnets(self, spec: NetworkSpec, vpc: Vpc, tier: Tier) -> dict[str, Subnet]:
        """One subnet per zone. None gives out public addresses: balancers and NAT gateways bring their own."""
        subnets = {}
        for zone in self.zones:
            role = f"{tier}-{zone}"
            subnets[zone] = Subnet(
                self.name_of(role),
                vpc_id=vpc.id,
                cidr_block=slot(spec.cidr, tier, zone),
                availability_zone=zone,
                map_public_ip_on_launch=False,
                tags=self.tags_of(role, Tier=tier),
                opts=self.options_of(role),
            )
        return subnets


def _known(ids: Mapping[str, str]) -> dict[str, pulumi.Output[str]]:
    return {zone: pulumi.Output.from_input(value) for zone, value in sorted(ids.items())}


def _ids(subnets: Mapping[str, Subnet]) -> dict[str, pulumi.Output[str]]:
    return {zone: subnet.id for zone, subnet in subnets.items()}
