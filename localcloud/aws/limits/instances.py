"""Instances, volumes, keys, flow logs, lists of addresses, and what tells of groups of instances.

Sources: EC2 API reference, RunInstances, CreateVolume, ImportKeyPair, CreateFlowLogs, CreateManagedPrefixList,
CreateDhcpOptions; Amazon EBS User Guide, volume types; Auto Scaling API reference, PutNotificationConfiguration; the
official provider's validation.
"""

import base64
import binascii
import ipaddress
import re
from collections.abc import Iterator
from typing import Any

from localcloud.aws.limits._checks import (
    STAND_IN,
    Check,
    Fault,
    Props,
    alone,
    each,
    form,
    network,
    number,
    one_of,
    within,
)
from localcloud.aws.limits._conditions import arn_of, needs, on, required, sized, told
from localcloud.provider.wire import is_unknown

WITH_IOPS = {"io1": (100, 64_000, 50), "io2": (100, 256_000, 1_000), "gp3": (3_000, 80_000, 500)}
"""Type of a volume -> the least and the most operations a second, and how many a GiB."""
LEAST_SIZE = {"st1": 125, "sc1": 125, "io1": 4, "io2": 4}
SHARED = ("io1", "io2")
LARGEST_USER_DATA, MOST_SERVERS, MOST_ENTRIES = 16_384, 4, 1_000
OWNERS = ("vpcId", "subnetId", "eniId", "transitGatewayId", "transitGatewayAttachmentId", "regionalNatGatewayId")
TOLD = (
    *(f"autoscaling:EC2_INSTANCE_{name}" for name in ("LAUNCH", "LAUNCH_ERROR", "TERMINATE", "TERMINATE_ERROR")),
    "autoscaling:TEST_NOTIFICATION",
)  # fmt: skip
WRITES = {"s3": "s3", "kinesis-data-firehose": "firehose", "cloud-watch-logs": "logs"}
KEY = r"(?s:ssh-(rsa|ed25519) [A-Za-z0-9+/=]+(\s.*)?|---- BEGIN SSH2 PUBLIC KEY.*|[A-Za-z0-9+/=\s]{200,})"


def _disk(disk: Props, kind_name: str, size_name: str) -> Iterator[Fault]:
    kind, size, iops = disk.get(kind_name), number(disk.get(size_name)), number(disk.get("iops"))
    if size is not None and size < (LEAST_SIZE.get(str(kind)) or 1):
        whose = f" of type {kind}" if kind in LEAST_SIZE else ""
        yield size_name, f"{size:g} GiB is below {LEAST_SIZE.get(str(kind)) or 1}, the least of a volume{whose}"
    if not isinstance(kind, str) or is_unknown(kind):
        return
    if kind in SHARED and disk.get("iops") is None:
        yield "iops", f"missing required property of a volume of type {kind}"
    elif iops and kind not in WITH_IOPS:
        yield "iops", f"is not for a volume of type {kind}"
    elif iops:
        low, high, ratio = WITH_IOPS[kind]
        most = max(low, min(high, ratio * size)) if size else high
        if not low <= iops <= most:
            yield "iops", f"{iops:g} is not within {low} to {most:g}, which a volume of type {kind} has at its size"
    if number(disk.get("throughput")) and kind != "gp3":
        yield "throughput", f"is only for a volume of type gp3, not {kind}"


def disks(path: str) -> Check:
    """The disks of an instance."""

    def check(props: Props) -> Iterator[Fault]:
        for place, disk in each(props, path):
            if isinstance(disk, dict):
                yield from ((f"{place}.{at}", why) for at, why in _disk(disk, "volumeType", "volumeSize"))

    return check


def volume(props: Props) -> Iterator[Fault]:
    """A volume of its type: size, operations, whether several instances have it; the row tells what its type lacks."""
    kind = props.get("type")
    if (kind in SHARED and props.get("iops") is not None) or kind in (None, "gp3", "st1", "sc1"):
        yield from _disk(props | {"throughput": None}, "type", "size")
    if on(props.get("multiAttachEnabled")) and told(props, "type") and kind not in SHARED:
        yield "multiAttachEnabled", "is only for a volume of type io1 or io2"


def encoded(props: Props) -> Iterator[Fault]:
    """User data as text, or in base64."""
    for place, value in each(props, "userDataBase64"):
        if not isinstance(value, str) or STAND_IN.search(value):
            continue
        try:
            base64.b64decode("".join(value.split()), validate=True)
        except (binascii.Error, ValueError):
            yield place, "is not base64: encode it, or give 'userData'"


def addresses(path: str, *words: str, version: int | None = None) -> Check:
    """Addresses, or one of these words."""

    def check(props: Props) -> Iterator[Fault]:
        for place, value in each(props, path):
            if isinstance(value, str) and value not in words and not _is_address(value, version):
                beside = "".join(f", nor {word}" for word in words)
                yield place, f"{value!r} is no IP{f'v{version}' if version else ''} address{beside}"

    return check


def _is_address(value: str, version: int | None) -> bool:
    try:
        return version in (None, ipaddress.ip_address(value).version)
    except ValueError:
        return False


def logged(props: Props) -> Iterator[Fault]:
    """A flow log is of one thing and written to one place, by a role where that is a log group."""
    given = [name for name in OWNERS if props.get(name)]
    if len(given) > 1:
        yield given[1], f"conflicts with {given[0]!r}: give one of them"
    elif not given:
        yield "vpcId", f"missing required property: give one of {', '.join(OWNERS[:3])}, or that of a transit gateway"
    if given and given[0] in OWNERS[:3]:
        yield from required("trafficType", because="what is logged")(props)
    kind = props.get("logDestinationType") or "cloud-watch-logs"
    if not told(props, "logDestinationType") or kind not in WRITES:
        return
    if props.get("logDestination") is None and props.get("logGroupName") is None:
        yield "logDestination", "missing required property: where the log is written to"
    yield from arn_of("logDestination", WRITES[kind])(props)
    if kind == "cloud-watch-logs":
        yield from required("iamRoleArn", because="a log group is written to by a role")(props)


def gathered(props: Props) -> Iterator[Fault]:
    """Flows are gathered for a minute or ten."""
    for place, value in each(props, "maxAggregationInterval"):
        if number(value) not in (60, 600):
            yield place, f"{value} is not allowed; allowed are 60 and 600 seconds"


def family(props: Props) -> Iterator[Fault]:
    """Blocks of the list's own family."""
    version = {"IPv4": 4, "IPv6": 6}.get(str(props.get("addressFamily")))
    if version:
        yield from network("entries[].cidr", version)(props)


def one(*names: str) -> Check:
    """Exactly one of these inputs."""

    def check(props: Props) -> Iterator[Fault]:
        given = [name for name in names if props.get(name)]
        if len(given) != 1:
            at, why = (given[1], f"conflicts with {given[0]!r}") if given else (names[0], "missing required property")
            yield at, f"{why}: give one of {', '.join(repr(name) for name in names)}"

    return check


def tag(path: str) -> Check:
    """A tag's name and value."""

    def check(props: Props) -> Iterator[Fault]:
        for place, key in each(props, f"{path}key"):
            yield from ((place, why) for why in of_tag(key, ""))
        for place, value in each(props, f"{path}value"):
            yield from ((place, why) for why in of_tag("k", value))

    return check


def of_tag(key: Any, value: Any) -> Iterator[str]:
    """What is wrong with a tag."""
    if isinstance(key, str) and not 1 <= len(key) <= 128:
        yield f"its name has {len(key)} characters, allowed are 1 to 128"
    if isinstance(key, str) and re.match(r"(?i)aws:", key):
        yield f"its name {key!r} begins with aws:, which AWS keeps for itself"
    if isinstance(value, str) and not is_unknown(value) and len(value) > 256:
        yield f"its value has {len(value)} characters, allowed are 256"


LIMITS: dict[str, tuple[Check, ...]] = {
    "aws:ec2/instance:Instance": (
        within("metadataOptions.httpPutResponseHopLimit", 1, 64),
        one_of("creditSpecification.cpuCredits", "standard", "unlimited"),
        addresses("privateIp", version=4), disks("rootBlockDevice"), disks("ebsBlockDevices[]"), encoded,
        sized("userData", 0, LARGEST_USER_DATA),
    ),
    "aws:ec2/launchConfiguration:LaunchConfiguration": (
        disks("rootBlockDevice"), disks("ebsBlockDevices[]"), encoded, alone("userData", "userDataBase64"),
        sized("userData", 0, LARGEST_USER_DATA), one_of("placementTenancy", "default", "dedicated"),
        form("spotPrice", r"\d+(\.\d+)?", "is no price, such as 0.05"),
    ),
    "aws:ebs/volume:Volume": (
        volume, within("throughput", 125, 2_000, "MiB/s"), needs("kmsKeyId", "encrypted"), arn_of("kmsKeyId", "kms"),
    ),
    "aws:ec2/flowLog:FlowLog": (
        logged, arn_of("iamRoleArn", "iam"), gathered,
        form("logFormat", r"(\$\{[a-z0-9-]+\}\s*)+", "is no row of fields such as ${version} ${srcaddr}"),
    ),
    "aws:ec2/keyPair:KeyPair": (
        form("publicKey", KEY, "is no public key such as 'ssh-ed25519 AAAA...'"), sized("keyName", 1, 255),
    ),
    "aws:ec2/managedPrefixList:ManagedPrefixList": (
        one_of("addressFamily", "IPv4", "IPv6"), family, within("maxEntries", 1, MOST_ENTRIES),
        form("name", r"(?!com\.amazonaws).{1,255}", "begins with com.amazonaws, which AWS keeps for itself"),
        sized("entries[].description", 0, 255),
    ),
    "aws:ec2/vpcDhcpOptions:VpcDhcpOptions": (
        one_of("netbiosNodeType", "1", "2", "4", "8"), addresses("domainNameServers[]", "AmazonProvidedDNS"),
        addresses("ntpServers[]"), addresses("netbiosNameServers[]", version=4),
        *(sized(name, 0, MOST_SERVERS, "servers")
          for name in ("domainNameServers", "ntpServers", "netbiosNameServers")),
    ),
    "aws:ec2/vpcIpv4CidrBlockAssociation:VpcIpv4CidrBlockAssociation": (
        network("cidrBlock", shortest=16, longest=28),
    ),
    "aws:ec2/vpcPeeringConnection:VpcPeeringConnection": (
        form("peerOwnerId", r"\d{12}", "is no account of 12 digits"),
    ),
    "aws:ec2/routeTableAssociation:RouteTableAssociation": (one("subnetId", "gatewayId"),),
    "aws:ec2/networkInterface:NetworkInterface": (
        addresses("privateIps[]", version=4), form("securityGroups[]", "sg-.+", "is no id of a group, such as sg-0123"),
    ),
    "aws:ec2/tag:Tag": (tag(""),),
    "aws:autoscaling/tag:Tag": (tag("tag."),),
    "aws:autoscaling/notification:Notification": (
        one_of("notifications[]", *TOLD),
        sized("notifications", 1, 5, "kinds"), arn_of("topicArn", "sns"),
    ),
    "aws:autoscaling/attachment:Attachment": (arn_of("lbTargetGroupArn", "elasticloadbalancing"),),
}  # fmt: skip
