"""Instances, in a group or alone: metadata, disks, addresses, bounds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from guardrails.checks.check import Check, Inputs, StackCheck, canonical
from guardrails.values import UNKNOWN, Declared, at, every, is_off, is_on, maps, number, text

_TEMPLATE = "aws:ec2/launchTemplate:LaunchTemplate"
_CONFIGURATION = "aws:ec2/launchConfiguration:LaunchConfiguration"
_INSTANCE = "aws:ec2/instance:Instance"
_ADDRESSES = {"aws:ec2/eip:Eip": "instance", "aws:ec2/eipAssociation:EipAssociation": "instanceId"}
"""Type -> the input that names the instance which gets the address."""
_SPOT = "aws:ec2/spotInstanceRequest:SpotInstanceRequest"


def metadata_needs_a_token(inputs: Inputs) -> Iterator[str]:
    """IMDSv2 (Security Hub AutoScaling.3, EC2.8); an instance of a template has the template's."""
    given = at(inputs, "metadataOptions")
    if given is UNKNOWN or (inputs.get("launchTemplate") and given is None):
        return
    if at(given, "httpEndpoint") == "disabled" or at(given, "httpTokens") is UNKNOWN:
        return
    if at(given, "httpTokens") != "required":
        yield "instances answer IMDSv1: set metadataOptions.httpTokens to required"


def disks_are_encrypted(inputs: Inputs) -> Iterator[str]:
    """EBS volumes (Security Hub EC2.7)."""
    for mapping in maps(every(inputs, "blockDeviceMappings")):
        ebs = mapping.get("ebs")
        if isinstance(ebs, Mapping) and ebs and is_off(ebs.get("encrypted")) and not ebs.get("snapshotId"):
            yield f"volume {text(mapping.get('deviceName')) or '?'} is not encrypted: set ebs.encrypted"
    root = inputs.get("rootBlockDevice")
    if isinstance(root, Mapping) and is_off(root.get("encrypted")):
        yield "the root volume is not encrypted: set rootBlockDevice.encrypted"
    for device in maps(every(inputs, "ebsBlockDevices")):
        if is_off(device.get("encrypted")) and not device.get("snapshotId"):
            yield f"volume {text(device.get('deviceName')) or '?'} is not encrypted: set encrypted"


def alone_the_root_disk_is_said(inputs: Inputs) -> Iterator[str]:
    """An instance that says nothing of its root volume takes the image's, which is rarely encrypted."""
    if inputs.get("rootBlockDevice") is None and not inputs.get("launchTemplate"):
        yield "the root volume is not encrypted: set rootBlockDevice.encrypted"
    yield from disks_are_encrypted(inputs)


def volumes_are_encrypted(inputs: Inputs) -> Iterator[str]:
    """A volume on its own."""
    if is_off(inputs.get("encrypted")):
        yield "the volume is not encrypted: set encrypted"


def instances_have_no_public_address(inputs: Inputs) -> Iterator[str]:
    """Instances are reached through the balancer or Session Manager."""
    given: list[Any] = [inputs.get("associatePublicIpAddress")]
    given += [each.get("associatePublicIpAddress") for each in maps(every(inputs, "networkInterfaces"))]
    if any(is_on(each) for each in given):
        yield "instances get public addresses: put them into private subnets and leave associatePublicIpAddress out"


def addresses_are_of_no_instance(resources: Sequence[Declared]) -> Iterator[tuple[Declared, str]]:
    """An elastic address makes an instance public as well."""
    for each in resources:
        name = _ADDRESSES.get(canonical(each.type))
        if name is not None and (text(each.inputs.get(name)) or each.refers.get(name)):
            yield each, "an instance gets a public address: put it behind the balancer, or use Session Manager"


def fleets_use_templates(request: Inputs) -> Iterator[str]:
    """What is launched by specification rather than by template cannot be told to require a token."""
    specifications = list(maps(every(request, "launchSpecifications")))
    if specifications:
        yield "launch specifications cannot require IMDSv2: use launchTemplateConfigs"
    for each in specifications:
        yield from instances_have_no_public_address(each)


def bounds_are_bounds(low: str, high: str) -> Any:
    """Bounds that AWS refuses the reverse of only when it is deployed."""

    def check(inputs: Inputs) -> Iterator[str]:
        minimum, maximum = number(inputs.get(low)), number(inputs.get(high))
        if minimum is not None and maximum is not None and minimum > maximum:
            yield f"{low} {minimum:g} is above {high} {maximum:g}"

    return check


CHECKS = (
    Check(
        "imdsv2",
        "Instances require IMDSv2.",
        "Without a token a forged request to the application reads the instance's credentials.",
        dict.fromkeys((_TEMPLATE, _CONFIGURATION, _INSTANCE, _SPOT), metadata_needs_a_token),
    ),
    Check(
        "encrypted-disks",
        "Volumes are encrypted.",
        "A snapshot or a lost volume is read by whoever has it.",
        {
            _TEMPLATE: disks_are_encrypted,
            _CONFIGURATION: alone_the_root_disk_is_said,
            _INSTANCE: alone_the_root_disk_is_said,
            _SPOT: alone_the_root_disk_is_said,
            "aws:ebs/volume:Volume": volumes_are_encrypted,
        },
    ),
    Check(
        "private-instances",
        "Instances have no public address.",
        "An instance with a public address is attacked past the balancer.",
        {
            **dict.fromkeys((_TEMPLATE, _CONFIGURATION, _INSTANCE, _SPOT), instances_have_no_public_address),
            "aws:ec2/spotFleetRequest:SpotFleetRequest": fleets_use_templates,
        },
    ),
    Check(
        "bounds",
        "Bounds are in order.",
        "AWS refuses the reverse when it is deployed, with half of a stack in place.",
        {
            "aws:appautoscaling/target:Target": bounds_are_bounds("minCapacity", "maxCapacity"),
            "aws:autoscaling/group:Group": bounds_are_bounds("minSize", "maxSize"),
        },
    ),
)
STACK_CHECKS = (
    StackCheck(
        "private-addresses",
        "Instances have no elastic address.",
        "An instance with a public address is attacked past the balancer.",
        addresses_are_of_no_instance,
    ),
)
