"""Gaps of moto's EC2 networks: what belongs to another network, region or zone, and what is there already."""

import copy
import inspect
import re
from typing import Any

from moto.ec2.models import EC2Backend
from moto.ec2.models.nat_gateways import NatGatewayBackend
from moto.ec2.models.security_groups import SecurityGroupRule
from moto.ec2.models.vpc_peering_connections import VPCPeeringConnectionBackend

from localcloud.aws.moto_gaps._patching import Refusal, replace


@replace(VPCPeeringConnectionBackend)
def describe_vpc_peering_connections(original: Any, self: Any, *arguments: Any, **keywords: Any) -> Any:
    """Each region tags its side of a connection; moto tells both sides those of the requester."""
    found = [copy.copy(connection) for connection in original(self, *arguments, **keywords)]
    for connection in found:
        connection.ec2_backend = self
    return found


@replace(EC2Backend)
def create_subnet(
    original: Any,
    self: Any,
    vpc_id: str,
    cidr_block: str,
    ipv6_cidr_block: Any = None,
    availability_zone: str | None = None,
    availability_zone_id: str | None = None,
    **keywords: Any,
) -> Any:
    """Refuse a zone of another region; moto takes every zone that there is. A zone by its id is the one of its name:
    moto files such a subnet under no zone, and takes it for the default one."""
    own = {each.name: each.zone_id for each in self.describe_availability_zones()}
    if availability_zone_id and availability_zone_id not in own.values():
        raise Refusal(
            "InvalidParameterValue",
            f"Value ({availability_zone_id}) for parameter availabilityZoneId is invalid. Subnets can currently only "
            f"be created in the following availability zones: {', '.join(own.values())}.",
        )
    if availability_zone_id and not availability_zone:
        availability_zone = next(name for name, zone_id in own.items() if zone_id == availability_zone_id)
    if availability_zone and availability_zone not in own:
        raise Refusal(
            "InvalidParameterValue",
            f"Value ({availability_zone}) for parameter availabilityZone is invalid. Subnets can currently only be "
            f"created in the following availability zones: {', '.join(own)}.",
        )
    return original(self, vpc_id, cidr_block, ipv6_cidr_block, availability_zone, None, **keywords)


@replace(EC2Backend)
def attach_internet_gateway(original: Any, self: Any, internet_gateway_id: str, vpc_id: str) -> Any:
    """Refuse a second internet gateway of a VPC."""
    if any(each.vpc and each.vpc.id == vpc_id for each in self.internet_gateways.values()):
        raise Refusal("InvalidParameterValue", f"Network {vpc_id} already has an internet gateway attached")
    return original(self, internet_gateway_id, vpc_id)


@replace(EC2Backend)
def create_route(
    original: Any, self: Any, route_table_id: str, destination_cidr_block: str | None, *arguments: Any, **keywords: Any
) -> Any:
    """Refuse the destination of the local route, a gateway of another VPC, and a NAT gateway that does not exist."""
    if keywords.get("local"):
        return original(self, route_table_id, destination_cidr_block, *arguments, **keywords)
    table = self.get_route_table(route_table_id)
    wanted = {destination_cidr_block, keywords.get("destination_ipv6_cidr_block")} - {None}
    for route in table._routes.values():
        mine = {route.destination_cidr_block, route.destination_ipv6_cidr_block}
        if route.local and wanted & mine:
            raise Refusal("RouteAlreadyExists", f"The route identified by {wanted.pop()} already exists.")
    gateway = self.internet_gateways.get(keywords.get("gateway_id") or "")
    if gateway and (not gateway.vpc or gateway.vpc.id != table.vpc_id):
        raise Refusal(
            "InvalidParameterValue",
            f"route table {route_table_id} and network gateway {gateway.id} belong to different networks",
        )
    nat_gateway = keywords.get("nat_gateway_id")
    if nat_gateway and nat_gateway not in self.nat_gateways:
        raise Refusal("InvalidNatGatewayID.NotFound", f"The natGateway ID '{nat_gateway}' does not exist")
    return original(self, route_table_id, destination_cidr_block, *arguments, **keywords)


@replace(EC2Backend)
def associate_route_table(
    original: Any, self: Any, route_table_id: str, gateway_id: str | None = None, subnet_id: str | None = None
) -> str:
    """Refuse a subnet of another VPC, and one that has another table already."""
    table = self.get_route_table(route_table_id)
    if subnet_id:
        if self.get_subnet(subnet_id).vpc_id != table.vpc_id:
            raise Refusal(
                "InvalidParameterValue",
                f"Route table {route_table_id} and subnet {subnet_id} belong to different networks",
            )
        others = [each for each in self.route_tables.values() if each.id != route_table_id]
        if any(subnet_id in each._associations.values() for each in others):
            raise Refusal(
                "Resource.AlreadyAssociated",
                f"the specified association for route table {route_table_id} conflicts with an existing association",
            )
    return str(original(self, route_table_id, gateway_id, subnet_id))


@replace(EC2Backend)
def create_vpc_endpoint(
    original: Any, self: Any, vpc_id: str, service_name: str, *arguments: Any, **keywords: Any
) -> Any:
    """Refuse a name that is none of a service of this region, and what is of another network."""
    region = rf"(sagemaker\.)?(api\.)?{self.region_name}"
    forms = rf"(com\.amazonaws|aws)\.{region}\..+|com\.amazonaws\.vpce\..+"
    if not re.fullmatch(forms, service_name):
        raise Refusal("InvalidServiceName", f"The Vpc Endpoint Service '{service_name}' does not exist")
    asked = inspect.signature(original).bind(self, vpc_id, service_name, *arguments, **keywords).arguments
    found = [(each, self.get_subnet(each)) for each in asked.get("subnet_ids") or ()]
    found += [(each, self.get_security_group_from_id(each)) for each in asked.get("security_group_ids") or ()]
    found += [(each, self.route_tables.get(each)) for each in asked.get("route_table_ids") or ()]
    if strangers := [name for name, known in found if known and known.vpc_id != vpc_id]:
        raise Refusal("InvalidParameter", f"{strangers[0]} and network {vpc_id} belong to different networks.")
    return original(self, vpc_id, service_name, *arguments, **keywords)


@replace(EC2Backend)
def create_network_interface(original: Any, self: Any, subnet: Any, *arguments: Any, **keywords: Any) -> Any:
    """Refuse a security group of another network."""
    groups = inspect.signature(original).bind(self, subnet, *arguments, **keywords).arguments.get("group_ids") or []
    subnet_id = subnet if isinstance(subnet, str) else subnet.id
    if stranger := check_same_network(self, subnet_id, groups):
        text = f"Security group {stranger} and subnet {subnet_id} belong to different networks."
        raise Refusal("InvalidParameter", text)
    return original(self, subnet, *arguments, **keywords)


def has_internet_gateway(backend: Any, vpc_id: str) -> bool:
    """Whether an internet gateway is attached to the network; AWS gives each default VPC one, moto does not."""
    if backend.get_vpc(vpc_id).is_default:
        return True
    return any(gateway.vpc and gateway.vpc.id == vpc_id for gateway in backend.internet_gateways.values())


@replace(NatGatewayBackend)
def create_nat_gateway(original: Any, self: Any, subnet_id: str, *arguments: Any, **keywords: Any) -> Any:
    """Refuse a public gateway in a network without a way out; AWS makes it, and lets it fail for the same reason."""
    kind = keywords.get("connectivity_type") or (arguments[2] if len(arguments) > 2 else "public")
    subnet = self.get_subnet(subnet_id)
    if kind == "public" and subnet and not has_internet_gateway(self, subnet.vpc_id):
        raise Refusal("Gateway.NotAttached", f"Network {subnet.vpc_id} has no Internet gateway attached")
    return original(self, subnet_id, *arguments, **keywords)


def _within_one_network(original: Any, backend: Any, *arguments: Any, **keywords: Any) -> Any:
    """Refuse a rule about a group of another network, unless the two are peers."""
    given = inspect.signature(original).bind(backend, *arguments, **keywords).arguments
    group = backend.get_security_group_by_name_or_id(given["group_name_or_id"], given.get("vpc_id"))
    for each in given.get("source_groups") or []:
        other = backend.get_security_group_from_id(each.get("GroupId") or "")
        if group and other and other.vpc_id != group.vpc_id and not _are_peers(backend, group.vpc_id, other.vpc_id):
            raise Refusal("InvalidGroup.NotFound", BETWEEN_NETWORKS)
    return original(backend, *arguments, **keywords)


for _name in ("authorize_security_group_ingress", "authorize_security_group_egress"):
    replace(EC2Backend, _name)(_within_one_network)


def _description(self: Any) -> str | None:
    """What a rule is for; moto forgets it where the rule names a group."""
    found: str | None = self.ip_range.get("Description", self.source_group.get("Description"))
    return found


SecurityGroupRule.description = property(_description)  # type: ignore[method-assign, assignment]

BETWEEN_NETWORKS = "You have specified two resources that belong to different networks."


def _are_peers(backend: Any, one: str, other: str) -> bool:
    pairs = [
        {peering.vpc.id, peering.peer_vpc.id}
        for peering in backend.vpc_pcxs.values()
        if peering._status.code == "active"
    ]
    return {one, other} in pairs


def check_same_network(backend: Any, subnet_id: str | None, groups: list[str]) -> str | None:
    """The first security group that is of another VPC than the subnet."""
    if not subnet_id:
        return None
    vpc = backend.get_subnet(subnet_id).vpc_id
    known = [(group, backend.get_security_group_from_id(group)) for group in groups]
    return next((group for group, found in known if found and found.vpc_id != vpc), None)
