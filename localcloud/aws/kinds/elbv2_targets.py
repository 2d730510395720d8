"""Target groups and what is registered in them."""

from localcloud.aws.client import Aws
from localcloud.aws.kind import Kind, Props, answered
from localcloud.aws.kinds.elbv2_attributes import TARGETS, put, read, tops
from localcloud.aws.kinds.elbv2_balancer import retag, tags
from localcloud.aws.shapes import INLINE

CHECK_DEFAULTS: Props = {
    "enabled": True,
    "port": "traffic-port",
    "protocol": "HTTP",
    "interval": 30,
    "healthyThreshold": 3,
    "unhealthyThreshold": 3,
}
"""What the official provider sends where a health check leaves them out (AWS itself would take 5 and 2 for the
thresholds)."""
RANGES = {"deregistrationDelay": (0, 3600)}
FIRST_HTTP_CODE = 100


def full_check(props: Props) -> Props:
    """The health check with the official provider's defaults; a gRPC matcher under its own name."""
    check = props.get("healthCheck")
    if not isinstance(check, dict):
        return props
    check = CHECK_DEFAULTS | {k: v for k, v in check.items() if v is not None}
    code = str(check.get("matcher", "")).split("-")[0].split(",")[0]
    if code.isdigit() and int(code) < FIRST_HTTP_CODE:
        check["grpcMatcher"] = check.pop("matcher")
    return {**props, "healthCheck": check}


def one_matcher(live: Props) -> Props:
    """The matcher, be it of HTTP or gRPC codes."""
    matcher = live.get("Matcher") or {}
    code = matcher.get("HttpCode") or matcher.get("GrpcCode")
    return {**live, "Matcher": {"HttpCode": code}} if code else live


def within(props: Props) -> list[tuple[str, str]]:
    """What CreateTargetGroup and ModifyTargetGroupAttributes refuse beyond their request models."""
    found = []
    for name, (low, high) in RANGES.items():
        if isinstance(props.get(name), int | float) and not low <= props[name] <= high:
            found.append((name, f"{props[name]:g} is not within {low} to {high} seconds"))
    slow = props.get("slowStart")
    if isinstance(slow, int | float) and slow and not 30 <= slow <= 900:
        found.append(("slowStart", f"{slow:g} is neither 0 nor within 30 to 900 seconds"))
    if slow and props.get("loadBalancingAlgorithmType") == "least_outstanding_requests":
        found.append(("slowStart", "is not possible with the algorithm least_outstanding_requests"))
    return found


def health(aws: Aws, attachment: str, props: Props) -> Props | None:
    """The registered target; one that is draining has been taken out."""
    asked = target(props)
    found = aws("elbv2", "describe_target_health", TargetGroupArn=props["targetGroupArn"], Targets=[asked])
    for one in found["TargetHealthDescriptions"]:
        if one["Target"]["Id"] == asked["Id"] and one.get("TargetHealth", {}).get("State") not in (
            "draining",
            "unused",
        ):
            return {**one["Target"], "TargetGroupArn": props["targetGroupArn"], "TargetId": one["Target"]["Id"]}
        if one["Target"]["Id"] == asked["Id"] and one["TargetHealth"].get("Reason") != "Target.NotRegistered":
            return {**one["Target"], "TargetGroupArn": props["targetGroupArn"], "TargetId": one["Target"]["Id"]}
    return None


def target(props: Props) -> Props:
    """The target as AWS names it."""
    members = {"targetId": "Id", "port": "Port", "availabilityZone": "AvailabilityZone"}
    return {
        member: int(props[k]) if k == "port" else props[k] for k, member in members.items() if props.get(k) is not None
    }


def attach(aws: Aws, props: Props) -> str:
    """Register the target."""
    aws("elbv2", "register_targets", TargetGroupArn=props["targetGroupArn"], Targets=[target(props)])
    return f"{props['targetGroupArn']}-{props['targetId']}"


def detach(aws: Aws, attachment: str, props: Props) -> None:
    """Deregister the target."""
    aws("elbv2", "deregister_targets", TargetGroupArn=props["targetGroupArn"], Targets=[target(props)])


HEALTH_CHECK = {
    "healthCheck": INLINE,
    "healthCheck.enabled": "HealthCheckEnabled",
    "healthCheck.path": "HealthCheckPath",
    "healthCheck.port": "HealthCheckPort",
    "healthCheck.protocol": "HealthCheckProtocol",
    "healthCheck.interval": "HealthCheckIntervalSeconds",
    "healthCheck.timeout": "HealthCheckTimeoutSeconds",
    "healthCheck.healthyThreshold": "HealthyThresholdCount",
    "healthCheck.unhealthyThreshold": "UnhealthyThresholdCount",
    "healthCheck.matcher": "Matcher.HttpCode",
    "healthCheck.grpcMatcher": "Matcher.GrpcCode",
}

ROWS = (
    Kind(
        "aws:lb/targetGroup:TargetGroup",
        "elbv2",
        "create_target_group",
        "TargetGroups[0].TargetGroupArn",
        autoname="name",
        autoname_max=32,
        look=("describe_target_groups", {"TargetGroupArns": ["{id}"]}, "TargetGroups[0]"),
        drop=("delete_target_group", {"TargetGroupArn": "{id}"}),
        change=("modify_target_group", {"TargetGroupArn": "{id}"}),
        answers="TargetGroups[0]",
        tagger=retag,
        drifts={"tags": tags},
        rename={**HEALTH_CHECK},
        before=full_check,
        after=one_matcher,
        refuses=within,
        replaces={"name", "namePrefix", "port", "protocol", "protocolVersion", "targetType", "vpcId", "ipAddressType"},
        unserved={"lambdaMultiValueHeadersEnabled", "targetControlPort", "targetFailovers", "targetHealthStates"},
        together=(tops(TARGETS), put("target_group", "TargetGroupArn", TARGETS)),
        strays=read("target_group", "TargetGroupArn", TARGETS),
        defaults={
            "targetType": "instance",
            "deregistrationDelay": 300,
            "slowStart": 0,
            "proxyProtocolV2": False,
            "stickiness.enabled": True,
            "stickiness.cookieDuration": 86400,
            **{f"healthCheck.{name}": value for name, value in CHECK_DEFAULTS.items()},
        },
        computed={
            "healthCheck",
            "healthCheck.path",
            "healthCheck.matcher",
            "healthCheck.timeout",
            "protocolVersion",
            "ipAddressType",
            "stickiness",
            "loadBalancingAlgorithmType",
            "loadBalancingAnomalyMitigation",
            "loadBalancingCrossZoneEnabled",
            "preserveClientIp",
            "connectionTermination",
            "targetGroupHealth",
        },
        outputs={
            "name": answered("TargetGroupName"),
            "arn": "{id}",
            "loadBalancingAlgorithmType": lambda aws, i, live, props: (
                "round_robin" if str(live.get("Protocol")).startswith("HTTP") else None
            ),
            "loadBalancingCrossZoneEnabled": lambda aws, i, live, props: (
                None if live.get("TargetType") == "lambda" else "use_load_balancer_configuration"
            ),
            "arnSuffix": lambda aws, i, live, props: "targetgroup/" + i.split("targetgroup/", 1)[1],
            "loadBalancerArns": answered("LoadBalancerArns || `[]`"),
        },
    ),
    Kind(
        "aws:lb/targetGroupAttachment:TargetGroupAttachment",
        "elbv2",
        "register_targets",
        "",
        tags=None,
        creates=attach,
        look=health,
        drop=detach,
        alone=True,
        replaces={"targetGroupArn", "targetId", "port", "availabilityZone"},
        computed={"port", "availabilityZone"},
        also={"targetId", "port", "availabilityZone"},
        rename=dict.fromkeys(("targetId", "port", "availabilityZone"), None),
        imports=lambda text: (text, dict(zip(("targetGroupArn", "targetId", "port"), text.split(","), strict=False))),
        outputs={
            name: answered(member)
            for name, member in (("targetId", "TargetId"), ("port", "Port"), ("targetGroupArn", "TargetGroupArn"))
        },
    ),
)
