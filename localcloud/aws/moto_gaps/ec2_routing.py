"""Gaps of moto's EC2 networks: what belongs to another network, region or zone, and what is there already."""

import re
from typing import Any

from moto.ec2.models import EC2Backend

from localcloud.aws.moto_gaps._patching import Refusal, replace


@replace(EC2Backend)
def create_subnet(original: Any, self: Any, vpc_id: str, cidr_block: str, *arguments: Any, **keywords: Any) -> Any:
    """Refuse a zone of another region; moto takes every zone that there is."""
    zone = keywords.get("availability_zone") or (arguments[1] if len(arguments) > 1 else None)
    own = [each.name for each in self.describe_availability_zones()]
    if zone and zone not in own:
        raise Refusal(
            "InvalidParameterValue",
            f"Value ({zone}) for parameter availabilityZone is invalid. Subnets can currently only be created in the "
            f"following availability zones: {', '.join(own)}.",
        )
    return original(self, vpc_id, cidr_block, *arguments, **keywords)


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
    """Refuse a name that is none of a service of this region."""
    region = rf"(sagemaker\.)?(api\.)?{self.region_name}"
    forms = rf"(com\.amazonaws|aws)\.{region}\..+|com\.amazonaws\.vpce\..+"
    if not re.fullmatch(forms, service_name):
        raise Refusal("InvalidServiceName", f"The Vpc Endpoint Service '{service_name}' does not exist")
    return original(self, vpc_id, service_name, *arguments, **keywords)


def check_same_network(backend: Any, subnet_id: str | None, groups: list[str]) -> str | None:
    """The first security group that is of another VPC than the subnet."""
    if not subnet_id:
        return None
    vpc = backend.get_subnet(subnet_id).vpc_id
    known = [(group, backend.get_security_group_from_id(group)) for group in groups]
    return next((group for group, found in known if found and found.vpc_id != vpc), None)
