"""Load balancers: application and network."""

from typing import Any

from localcloud.aws.client import Aws
from localcloud.aws.kind import Calls, Kind, Naming, OwnCalls, Properties, Props, Tags, Translation, answered
from localcloud.aws.kinds.ec2_calls import once_there_is_a_way_out
from localcloud.aws.kinds.elbv2_attributes import BALANCER, put, read, tops

APPLICATION_ONLY = {
    "idleTimeout",
    "enableHttp2",
    "dropInvalidHeaderFields",
    "desyncMitigationMode",
    "clientKeepAlive",
    "preserveHostHeader",
    "xffHeaderProcessingMode",
    "enableXffClientPort",
    "enableWafFailOpen",
    "enableTlsVersionAndCipherSuiteHeaders",
    "connectionLogs",
}
NETWORK_ONLY = {"dnsRecordClientRoutingPolicy"}
CHOICES = {
    "desyncMitigationMode": ("monitor", "defensive", "strictest"),
    "xffHeaderProcessingMode": ("append", "preserve", "remove"),
    "dnsRecordClientRoutingPolicy": (
        "any_availability_zone",
        "availability_zone_affinity",
        "partial_availability_zone_affinity",
    ),
}
RANGES = {"idleTimeout": (1, 4000), "clientKeepAlive": (60, 604800)}
"""Seconds, as `LoadBalancerAttribute` in the API reference of Elastic Load Balancing has them."""

DEFAULTS: Props = {
    "loadBalancerType": "application",
    "internal": False,
    "idleTimeout": 60,
    "enableDeletionProtection": False,
    "enableHttp2": True,
    "dropInvalidHeaderFields": False,
    "desyncMitigationMode": "defensive",
    "clientKeepAlive": 3600,
    "enableCrossZoneLoadBalancing": False,
    "preserveHostHeader": False,
    "xffHeaderProcessingMode": "append",
    "enableXffClientPort": False,
    "enableWafFailOpen": False,
    "enableTlsVersionAndCipherSuiteHeaders": False,
    "enableZonalShift": False,
    "dnsRecordClientRoutingPolicy": "any_availability_zone",
    "accessLogs": {"enabled": False, "bucket": ""},
    "connectionLogs": {"enabled": False, "bucket": ""},
    "accessLogs.enabled": False,
    "connectionLogs.enabled": False,
    "accessLogs.prefix": "",
    "connectionLogs.prefix": "",
}


def retag(aws: Aws, arn: str, gone: list[str], tags: dict[str, str]) -> None:
    """Set the tags of anything in Elastic Load Balancing."""
    if gone:
        aws("elbv2", "remove_tags", ResourceArns=[arn], TagKeys=gone)
    if tags:
        aws("elbv2", "add_tags", ResourceArns=[arn], Tags=[{"Key": k, "Value": v} for k, v in tags.items()])


def tags(aws: Aws, arn: str, live: Props, props: Props) -> dict[str, str]:
    """The tags of anything in Elastic Load Balancing."""
    found = aws("elbv2", "describe_tags", ResourceArns=[arn])["TagDescriptions"]
    return {tag["Key"]: tag["Value"] for description in found for tag in description["Tags"]}


def within(props: Props) -> list[tuple[str, str]]:
    """What an attribute of a balancer may be, and for which type of balancer."""
    kind = props.get("loadBalancerType", "application")
    found = []
    for name, allowed in CHOICES.items():
        if name in props and props[name] not in allowed:
            found.append((name, f"{props[name]!r} is not allowed; allowed are {', '.join(allowed)}"))
    for name, (low, high) in RANGES.items():
        if isinstance(props.get(name), int | float) and not low <= props[name] <= high:
            found.append((name, f"{props[name]:g} is not within {low} to {high} seconds"))
    wrong = {"network": APPLICATION_ONLY, "application": NETWORK_ONLY}.get(kind, set()) & props.keys()
    other = {"network": "application", "application": "network"}.get(kind, "")
    found += [(n, f"is for {other} load balancers only") for n in sorted(wrong) if props[n] != DEFAULTS.get(n)]
    if not props.get("subnets") and not props.get("subnetMappings") and kind != "gateway":
        found.append(("subnets", "missing required property: give 'subnets' or 'subnetMappings'"))
    for block in ("accessLogs", "connectionLogs"):
        logs = props.get(block)
        if isinstance(logs, dict) and logs.get("enabled") in (True, "true") and logs.get("bucket") == "":
            found.append((f"{block}.bucket", "must name a bucket"))
    return found


def scheme(props: Props) -> Props:
    """`internal` is a scheme in AWS."""
    inside = props.get("internal") in (True, "true")
    return {**props, "internal": "internal" if inside else "internet-facing"}


def with_subnets(live: Props) -> Props:
    """The subnets lie in the zones."""
    zones = live.get("AvailabilityZones") or []
    mappings = [
        {"SubnetId": zone["SubnetId"]}
        | {
            k: a[k]
            for a in zone.get("LoadBalancerAddresses") or []
            for k in ("AllocationId", "PrivateIPv4Address")
            if a.get(k)
        }
        for zone in zones
    ]
    return {**live, "Subnets": [zone["SubnetId"] for zone in zones], "SubnetMappings": mappings}


def set_subnets(aws: Aws, arn: str, value: Any, props: Props) -> None:
    """Other zones for a balancer that lives."""
    aws("elbv2", "set_subnets", LoadBalancerArn=arn, Subnets=list(value))


def set_mappings(aws: Aws, arn: str, value: Any, props: Props) -> None:
    """Other zones, with addresses."""
    members = {"subnetId": "SubnetId", "allocationId": "AllocationId", "privateIpv4Address": "PrivateIPv4Address"}
    mappings = [{members[k]: v for k, v in one.items() if k in members} for one in value]
    aws("elbv2", "set_subnets", LoadBalancerArn=arn, SubnetMappings=mappings)


ROWS = (
    Kind(
        "aws:lb/loadBalancer:LoadBalancer",
        Calls(
            "elbv2",
            "create_load_balancer",
            "LoadBalancers[0].LoadBalancerArn",
            created="LoadBalancers[0]",
            retry=once_there_is_a_way_out,
            read=("describe_load_balancers", {"LoadBalancerArns": ["{id}"]}, "LoadBalancers[0]"),
            delete=("delete_load_balancer", {"LoadBalancerArn": "{id}"}),
        ),
        naming=Naming("name", longest=32),
        tags=Tags(update=retag),
        translation=Translation(
            rename={
                "loadBalancerType": "Type",
                "internal": "Scheme",
                "subnetMappings.privateIpv4Address": "PrivateIPv4Address",
            },
            encode=scheme,
            decode=with_subnets,
            unserved={
                "customerOwnedIpv4Pool",
                "healthCheckLogs",
                "ipamPools",
                "minimumLoadBalancerCapacity",
                "secondaryIpsAutoAssignedPerSubnet",
                "enablePrefixForIpv6SourceNat",
                "enforceSecurityGroupInboundRulesOnPrivateLinkTraffic",
                "subnetMappings.ipv6Address",
                "subnetMappings.outpostId",
            },
        ),
        properties=Properties(
            force_new={"name", "namePrefix", "internal", "loadBalancerType"},
            defaults=DEFAULTS,
            unordered={"subnets", "securityGroups", "subnetMappings"},
            computed={"ipAddressType", "securityGroups", "subnets", "subnetMappings"},
            write_only={"subnetMappings.allocationId"},
        ),
        own_calls=OwnCalls(
            put_many=(tops(BALANCER), put("load_balancer", "LoadBalancerArn", BALANCER)),
            read_many=read("load_balancer", "LoadBalancerArn", BALANCER),
            read={"tags": tags},
            update={
                "subnets": set_subnets,
                "subnetMappings": set_mappings,
                "securityGroups": lambda aws, i, v, props: aws(
                    "elbv2", "set_security_groups", LoadBalancerArn=i, SecurityGroups=v
                ),
                "ipAddressType": lambda aws, i, v, props: aws(
                    "elbv2", "set_ip_address_type", LoadBalancerArn=i, IpAddressType=v
                ),
            },
        ),
        validate=within,
        outputs={
            "name": answered("LoadBalancerName"),
            "arn": "{id}",
            "arnSuffix": lambda aws, i, live, props: i.split("loadbalancer/", 1)[1],
            "dnsName": answered("DNSName"),
            "zoneId": answered("CanonicalHostedZoneId"),
            "loadBalancerType": answered("Type"),
            "internal": answered("Scheme=='internal'"),
        },
    ),
)
