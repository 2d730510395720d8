"""Gaps of moto's EC2 instances: references that AWS refuses, and what is changed later."""

import ipaddress
import re
from typing import Any, Final

from moto.core.responses import ActionResult
from moto.core.types import Base64EncodedString
from moto.ec2.models import EC2Backend
from moto.ec2.responses import instances
from moto.ec2.responses.instances import InstanceResponse

from localcloud.aws.moto_gaps import ec2_routing
from localcloud.aws.moto_gaps._patching import Refusal, add, replace

IMAGE_ID: Final = re.compile(r"ami-[0-9a-f]{8}([0-9a-f]{9})?|resolve:ssm:/?[A-Za-z0-9_./:-]+")
"""The form of an image's id, or of the parameter that holds it (EC2 API reference, RunInstances). Whether an image
exists is not refused: a program names images of AWS that nobody has here."""


@replace(EC2Backend)
def run_instances(original: Any, self: Any, image_id: str, count: int, *arguments: Any, **keywords: Any) -> Any:
    """Refuse an image id of the wrong form, a key pair that does not exist, and what is of another network."""
    if image_id and not IMAGE_ID.fullmatch(image_id):
        raise Refusal("InvalidAMIID.Malformed", f'Invalid id: "{image_id}"')
    subnet, groups = keywords.get("subnet_id"), keywords.get("security_group_ids") or []
    for interface in keywords.get("nics") or []:
        subnet, groups = subnet or interface.get("SubnetId"), [*groups, *(interface.get("Groups") or [])]
    if stranger := ec2_routing.check_same_network(self, subnet, groups):
        raise Refusal(
            "InvalidParameter", f"Security group {stranger} and subnet {subnet} belong to different networks."
        )
    private = keywords.get("private_ip")
    if private and subnet and ipaddress.ip_address(private) not in self.get_subnet(subnet).cidr:
        raise Refusal("InvalidParameterValue", f"Address {private} does not fall within the subnet's address range")
    key = keywords.get("key_name")
    if key and key not in self.key_pairs:
        raise Refusal("InvalidKeyPair.NotFound", f"The key pair '{key}' does not exist")
    return original(self, image_id, count, *arguments, **keywords)


@replace(instances)
def parse_user_data(original: Any, value: Any) -> Any:
    """What ModifyInstanceAttribute brings is decoded already, which moto does not expect."""
    return Base64EncodedString.from_raw_bytes(value) if isinstance(value, bytes) else original(value)


@add(InstanceResponse)
def monitor_instances(self: Any) -> ActionResult:
    """Turn detailed monitoring on."""
    return _monitored(self, "enabled")


@add(InstanceResponse)
def unmonitor_instances(self: Any) -> ActionResult:
    """Turn detailed monitoring off."""
    return _monitored(self, "disabled")


def _monitored(response: Any, state: str) -> ActionResult:
    chosen = [response.ec2_backend.get_instance(each) for each in response._get_param("InstanceIds", [])]
    for instance in chosen:
        instance.monitoring_state = state
    told = [{"InstanceId": instance.id, "Monitoring": {"State": state}} for instance in chosen]
    return ActionResult({"InstanceMonitorings": told})


@add(InstanceResponse)
def modify_instance_credit_specification(self: Any) -> ActionResult:
    """Keep the credit option of burstable instances."""
    asked = self._get_param("InstanceCreditSpecifications", [])
    for one in asked:
        self.ec2_backend.get_instance(one["InstanceId"]).cpu_credits = one["CpuCredits"]
    told = [{"InstanceId": one["InstanceId"]} for one in asked]
    return ActionResult({"SuccessfulInstanceCreditSpecifications": told})


@replace(InstanceResponse)
def describe_instance_credit_specifications(_: Any, self: Any) -> ActionResult:
    """Answer the option that was set, standard before."""
    found = self.ec2_backend.describe_instance_credit_specifications(self._get_param("InstanceIds", []))
    told = [{"InstanceId": one.id, "CpuCredits": getattr(one, "cpu_credits", "standard")} for one in found]
    return ActionResult({"InstanceCreditSpecifications": told})
