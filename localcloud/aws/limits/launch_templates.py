"""Launch templates: what no instance could be launched from.

Sources: EC2 API, CreateLaunchTemplate, RequestLaunchTemplateData and its interfaces; the official provider's checks.
"""

import base64
import binascii
from collections.abc import Iterator

from localcloud.aws.limits._checks import STAND_IN, Check, Fault, Props, alone, each, form, number, within
from localcloud.provider.wire import is_unknown

LARGEST_USER_DATA = 16_384
"""Bytes of user data before they are encoded."""
PROVISIONED = {"io1": True, "io2": True, "gp3": False}
"""Types of volumes that have a number of operations, and whether they cannot be without."""
GROUPS = ("vpcSecurityGroupIds", "securityGroupNames")


def interfaces(props: Props) -> Iterator[Fault]:
    """With interfaces of its own, a template names its groups there; a public address is given to one interface."""
    listed = [(at, one) for at, one in each(props, "networkInterfaces[]") if isinstance(one, dict)]
    if not listed:
        return
    for name in GROUPS:
        if props.get(name):
            yield name, "conflicts with 'networkInterfaces': name the groups in 'networkInterfaces[].securityGroups'"
    seen: set[tuple[float, float]] = set()
    for at, one in listed:
        index = (number(one.get("networkCardIndex")) or 0, number(one.get("deviceIndex")) or 0)
        if index in seen and not is_unknown(one.get("deviceIndex")):
            yield f"{at}.deviceIndex", f"{index[1]:g} is the index of another interface too"
        seen.add(index)
        if one.get("networkInterfaceId"):
            for name in ("subnetId", "securityGroups", "associatePublicIpAddress", "privateIpAddress"):
                if one.get(name):
                    yield f"{at}.{name}", "conflicts with 'networkInterfaceId': that interface has its own"
        if one.get("associatePublicIpAddress") in (True, "true") and len(listed) > 1:
            yield f"{at}.associatePublicIpAddress", "is not possible with several interfaces"


def user_data(props: Props) -> Iterator[Fault]:
    """User data is base64, of at most 16 KiB behind it."""
    text = props.get("userData")
    if not isinstance(text, str) or is_unknown(text) or STAND_IN.search(text):
        return
    try:
        plain = base64.b64decode("".join(text.split()), validate=True)
    except (binascii.Error, ValueError):
        yield "userData", "is not base64: encode it, as with base64.b64encode"
        return
    if len(plain) > LARGEST_USER_DATA:
        yield "userData", f"{len(plain)} bytes, allowed are {LARGEST_USER_DATA}"


def volumes(props: Props) -> Iterator[Fault]:
    """Each device once; operations and throughput of the volumes that have them."""
    devices: set[str] = set()
    for at, mapping in each(props, "blockDeviceMappings[]"):
        if not isinstance(mapping, dict):
            continue
        device = mapping.get("deviceName")
        if isinstance(device, str) and not is_unknown(device):
            if device in devices:
                yield f"{at}.deviceName", f"{device!r} is mapped twice"
            devices.add(device)
        for place, disk in each(mapping, "ebs", at):
            kind = disk.get("volumeType")
            if not isinstance(kind, str) or is_unknown(kind):
                continue
            if PROVISIONED.get(kind) and not disk.get("iops"):
                yield f"{place}.iops", f"missing required property of a volume of type {kind}"
            elif kind not in PROVISIONED and disk.get("iops"):
                yield f"{place}.iops", f"is not for a volume of type {kind}"
            if disk.get("throughput") and kind != "gp3":
                yield f"{place}.throughput", f"is only for a volume of type gp3, not {kind}"


def market(props: Props) -> Iterator[Fault]:
    """Spot options are of the Spot market."""
    for at, options in each(props, "instanceMarketOptions"):
        kind = options.get("marketType") if isinstance(options, dict) else "spot"
        if kind != "spot" and not is_unknown(kind) and options.get("spotOptions"):
            yield f"{at}.spotOptions", "are only for 'marketType': 'spot'"


LIMITS: dict[str, tuple[Check, ...]] = {
    "aws:ec2/launchTemplate:LaunchTemplate": (
        form("name", r"[a-zA-Z0-9().\-/_]{3,128}", "is not a name of 3 to 128 letters, digits and ().-/_"),
        interfaces, user_data, volumes, market, alone("instanceType", "instanceRequirements"), alone(*GROUPS),
        within("metadataOptions.httpPutResponseHopLimit", 1, 64), form("imageId", r"(ami-|resolve:ssm:).+",
                                                                      "is no id of an image, nor resolve:ssm:"),
    ),
}  # fmt: skip
