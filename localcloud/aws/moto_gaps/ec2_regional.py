"""A gap of moto's EC2: NAT gateways of a whole network (`AvailabilityMode` regional), which it does not know."""

from typing import Any

from moto.core.responses import ActionResult
from moto.core.utils import iso_8601_datetime_with_milliseconds, utcnow
from moto.ec2.models.core import TaggedEC2Resource
from moto.ec2.models.nat_gateways import NatGatewayBackend
from moto.ec2.responses.nat_gateways import NatGateways
from moto.ec2.utils import add_tag_specification, random_ip, random_nat_gateway_id

from localcloud.aws.moto_gaps._patching import Refusal, replace
from localcloud.aws.moto_gaps.ec2_routing import has_internet_gateway


class RegionalNatGateway(TaggedEC2Resource):
    """A NAT gateway in every zone in which its network has a subnet, or in those that the request names.

    It has no subnet and no interface of its own, but a route table, which goes with it.
    """

    def __init__(self, backend: Any, vpc_id: str, zones: list[dict[str, Any]], tags: dict[str, str]) -> None:
        self.id, self.ec2_backend, self.vpc_id = random_nat_gateway_id(), backend, vpc_id
        self.state, self.connectivity_type, self.availability_mode = "available", "public", "regional"
        self.subnet_id: str | None = None
        self.create_time = iso_8601_datetime_with_milliseconds(utcnow())
        self.auto_provision_zones = self.auto_scaling_ips = "disabled" if zones else "enabled"
        self.route_table_id = backend.create_route_table(vpc_id).id
        self.address_set = self._named(zones) if zones else self._found()
        self.add_tags(tags)

    @property
    def nat_gateway_addresses(self) -> list[dict[str, Any]]:
        """Its address in each zone."""
        return self.address_set

    def _named(self, zones: list[dict[str, Any]]) -> list[dict[str, Any]]:
        found = []
        for zone in zones:
            for allocation in zone["AllocationIds"]:
                address = self.ec2_backend.address_by_allocation([allocation])[0]
                found.append(self._address(zone.get("AvailabilityZone"), address.public_ip, allocation))
        return found

    def _found(self) -> list[dict[str, Any]]:
        subnets = [each for each in self.ec2_backend.describe_subnets() if each.vpc_id == self.vpc_id]
        zones = sorted({each.availability_zone for each in subnets})
        return [self._address(zone, random_ip(), None) for zone in zones]

    @staticmethod
    def _address(zone: str | None, public: str, allocation: str | None) -> dict[str, Any]:
        return {"availabilityZone": zone, "publicIp": public, "status": "succeeded"} | (
            {"allocationId": allocation} if allocation else {}
        )


@replace(NatGateways)
def create_nat_gateway(original: Any, self: Any) -> Any:
    """Make a regional gateway where one is asked for, in a network that reaches the internet."""
    if self._get_param("AvailabilityMode") != "regional":
        return original(self)
    vpc, backend = self._get_param("VpcId"), self.ec2_backend
    if not vpc:
        raise Refusal("MissingParameter", "The request must contain the parameter VpcId")
    backend.get_vpc(vpc)
    if not has_internet_gateway(backend, vpc):
        raise Refusal("Gateway.NotAttached", f"Network {vpc} has no Internet gateway attached")
    tags = add_tag_specification(self._get_param("TagSpecifications", []))
    gateway = RegionalNatGateway(backend, vpc, self._get_param("AvailabilityZoneAddresses", []), tags)
    backend.nat_gateways[gateway.id] = gateway
    return ActionResult({"NatGateway": gateway})


@replace(NatGatewayBackend)
def delete_nat_gateway(original: Any, self: Any, nat_gateway_id: str) -> Any:
    """A regional gateway goes with its route table."""
    gateway = self.nat_gateways.get(nat_gateway_id)
    if not isinstance(gateway, RegionalNatGateway):
        return original(self, nat_gateway_id)
    if gateway.state != "deleted":
        self.delete_route_table(gateway.route_table_id)
    gateway.state = "deleted"
    return gateway
