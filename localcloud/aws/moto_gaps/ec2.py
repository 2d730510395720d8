"""Gaps of moto's EC2: what is in use cannot be deleted, what goes with an instance, and two failures."""

from collections.abc import Iterator
from typing import Any

from moto.ec2.exceptions import DependencyViolationError
from moto.ec2.models import EC2Backend
from moto.ec2.models.elastic_network_interfaces import NetworkInterface
from moto.ec2.models.instances import Instance
from moto.ec2.models.launch_templates import LaunchTemplate, LaunchTemplateVersion
from moto.ec2.models.nat_gateways import NatGatewayBackend
from moto.ec2.models.vpcs import VPCEndPoint
from moto.ec2.utils import parse_user_data

from localcloud.aws.moto_gaps._patching import Refusal, replace


@replace(LaunchTemplateVersion)
def __init__(  # noqa: N807 - the method's name
    original: Any, self: Any, template: Any, number: int, data: dict[str, Any], description: str
) -> None:
    """User data of versions made by CreateLaunchTemplateVersion arrives as str and trips an assertion at launch."""
    if isinstance(data.get("UserData"), str):
        data["UserData"] = parse_user_data(data["UserData"])
    original(self, template, number, data, description)


# A template's tags are those that it has now; moto shows those of its creation for ever.
LaunchTemplate.tags = property(lambda self: self.get_tags(), lambda self, tags: None)  # type: ignore[assignment]


@replace(Instance)
def prep_nics(original: Any, self: Any, nic_spec: list[dict[str, Any]], *arguments: Any, **keywords: Any) -> None:
    """Interfaces made with an instance go with it unless the request says otherwise; moto wants to be told so."""
    asked = {int(nic["DeviceIndex"]): nic for nic in nic_spec}
    stay = {index for index, nic in asked.items() if nic.get("DeleteOnTermination") is False}
    lent = {index for index, nic in asked.items() if nic.get("NetworkInterfaceId")}
    original(self, nic_spec, *arguments, **keywords)
    for index, interface in self.nics.items():
        if index not in lent:
            interface.delete_on_termination = index not in stay


@replace(Instance)
def terminate(original: Any, self: Any) -> Any:
    """An interface that outlives its instance is free; moto leaves it in use."""
    previous = original(self)
    for interface in self.nics.values():
        interface.instance = interface.attachment_id = interface.attach_time = None
        interface.status = "available"
    return previous


@replace(VPCEndPoint)
def get_filter_value(original: Any, self: Any, filter_name: str, method_name: str | None = None) -> Any:
    """Serve the filters of DescribeVpcEndpoints for which moto answers 500."""
    served = {
        "vpc-endpoint-id": self.id,
        "vpc-id": self.vpc_id,
        "service-name": self.service_name,
        "vpc-endpoint-state": self.state,
        "vpc-endpoint-type": self.vpc_endpoint_type,
    }
    return served[filter_name] if filter_name in served else original(self, filter_name, method_name)


@replace(EC2Backend)
def modify_vpc_endpoint(original: Any, self: Any, vpc_id: str, **changes: Any) -> None:
    """A route table that a gateway endpoint gains or loses gains or loses the route; moto forgets it."""
    endpoint = self.describe_vpc_endpoints(vpc_end_point_ids=[vpc_id])[0]
    before = set(endpoint.route_table_ids or [])
    original(self, vpc_id=vpc_id, **changes)
    prefix_list, after = endpoint.destination_prefix_list_id, set(endpoint.route_table_ids or [])
    if prefix_list:
        for table in sorted(before - after):
            self.delete_route(table, prefix_list)
        for table in sorted(after - before):
            self.create_route(table, None, gateway_id=endpoint.id, destination_prefix_list_id=prefix_list)


@replace(NatGatewayBackend)
def delete_nat_gateway(original: Any, self: Any, nat_gateway_id: str) -> Any:
    """Take the gateway's network interface away with it, and free its address for another."""
    gateway = self.nat_gateways.get(nat_gateway_id)
    if not gateway:
        raise Refusal("NatGatewayNotFound", f"The Nat Gateway {nat_gateway_id} was not found")
    deleted = original(self, nat_gateway_id)
    for address in self.addresses:
        if address.eni is gateway._eni:
            address.eni = address.association_id = None
    self.enis.pop(gateway._eni.id, None)
    return deleted


@replace(EC2Backend)
def release_address(original: Any, self: Any, address: str | None = None, allocation_id: str | None = None) -> Any:
    """Refuse an address that a NAT gateway uses."""
    for gateway in _nat_gateways(self):
        for held in gateway.address_set:
            if allocation_id and held.get("allocationId") == allocation_id:
                raise Refusal("InvalidIPAddress.InUse", f"Address {held.get('publicIp')} is in use.")
    return original(self, address, allocation_id)


@replace(EC2Backend)
def detach_internet_gateway(original: Any, self: Any, internet_gateway_id: str, vpc_id: str) -> Any:
    """Refuse while a NAT gateway or an open balancer of the VPC has a public address."""
    held = [address for g in _nat_gateways(self) if g.vpc_id == vpc_id for address in g.address_set]
    open_ones = [b for b in _balancers(self) if b.vpc_id == vpc_id and b.scheme == "internet-facing"]
    if open_ones or any(address.get("publicIp") for address in held):
        raise DependencyViolationError(
            f"Network {vpc_id} has some mapped public address(es). Please unmap those public address(es) before "
            "detaching the gateway."
        )
    return original(self, internet_gateway_id, vpc_id)


@replace(EC2Backend)
def delete_vpc(original: Any, self: Any, vpc_id: str) -> Any:
    """Refuse a VPC with security groups, an internet gateway or endpoints; its default network ACL goes with it."""
    groups = [g for g in self.groups.get(vpc_id, {}).values() if g.name != "default"]
    gateways = [g for g in self.internet_gateways.values() if g.vpc and g.vpc.id == vpc_id]
    endpoints = [e for e in _endpoints(self) if e.vpc_id == vpc_id]
    if groups or gateways or endpoints:
        raise DependencyViolationError(f"The vpc '{vpc_id}' has dependencies and cannot be deleted.")
    deleted = original(self, vpc_id)
    self.network_acls = {key: acl for key, acl in self.network_acls.items() if acl.vpc_id != vpc_id}
    return deleted


@replace(EC2Backend)
def delete_subnet(original: Any, self: Any, subnet_id: str) -> Any:
    """Refuse a subnet with instances, NAT gateways, endpoints, balancers or tasks in it."""
    if any(subnet_id in used for used in _used_subnets(self)):
        raise DependencyViolationError(f"The subnet '{subnet_id}' has dependencies and cannot be deleted.")
    return original(self, subnet_id)


@replace(EC2Backend)
def delete_security_group(original: Any, self: Any, name: str | None = None, group_id: str | None = None) -> Any:
    """Refuse a group that another group's rule names, or that something uses."""
    if group_id and any(group_id in used for used in _used_groups(self, group_id)):
        raise DependencyViolationError(f"resource {group_id} has a dependent object")
    return original(self, name, group_id)


_Interface: Any = NetworkInterface
_group_set = _Interface.group_set.fget


def group_set(interface: Any) -> list[Any]:
    """An interface's groups in a fixed order; moto's is that of a set of objects, another in each process."""
    return sorted(_group_set(interface), key=lambda group: group.id)


_Interface.group_set = property(group_set)


def _nat_gateways(backend: Any) -> list[Any]:
    return [g for g in backend.nat_gateways.values() if g.state != "deleted"]


def _endpoints(backend: Any) -> list[Any]:
    return [e for e in backend.vpc_end_points.values() if e.state != "deleted"]


def _balancers(backend: Any) -> list[Any]:
    from moto.elbv2.models import elbv2_backends

    return list(elbv2_backends[backend.account_id][backend.region_name].load_balancers.values())


def _instances(backend: Any) -> list[Any]:
    return [i for i in backend.all_instances() if i.instance_state.name not in ("terminated", "shutting-down")]


def _interfaces(backend: Any) -> list[Any]:
    """Network interfaces that nothing else in this module looks at: those of ECS tasks and of a person."""
    return [i for i in backend.enis.values() if not i.instance and i.status == "in-use"]


def _used_subnets(backend: Any) -> Iterator[set[str]]:
    yield {i.subnet_id for i in _instances(backend)}
    yield {g.subnet_id for g in _nat_gateways(backend)}
    yield {subnet for e in _endpoints(backend) for subnet in e.subnet_ids or []}
    yield {getattr(subnet, "id", subnet) for b in _balancers(backend) for subnet in b.subnets}
    yield {i.subnet.id for i in _interfaces(backend)}


def _used_groups(backend: Any, group_id: str) -> Iterator[set[str]]:
    others = [g for groups in backend.groups.values() for g in groups.values() if g.id != group_id]
    yield {rule.source_group.get("GroupId") for g in others for rule in g.ingress_rules + g.egress_rules}
    yield {group for b in _balancers(backend) for group in b.security_groups or []}
    yield {group for e in _endpoints(backend) for group in e.security_group_ids}
    yield {group.id for i in _interfaces(backend) for group in i.group_set}
    yield {group for i in _instances(backend) for group in _groups_of(i)}


def _groups_of(instance: Any) -> set[str]:
    groups = {getattr(group, "id", group) for group in instance.security_groups}
    group = getattr(instance, "autoscaling_group", None)
    if group and group.ec2_launch_template:
        data = group.ec2_launch_template.get_version(group.launch_template_version).data
        interfaces = data.get("NetworkInterfaces", [])
        groups |= set(data.get("SecurityGroupIds", [])) | {g for i in interfaces for g in i.get("Groups", [])}
    return groups
