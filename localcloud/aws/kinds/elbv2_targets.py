"""Target groups and what is registered in them."""

from localcloud.aws.client import Aws
from localcloud.aws.kind import Calls, Kind, Naming, OwnCalls, Properties, Props, Tags, Translation, answered
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
        Calls(
            "elbv2",
            "create_target_group",
            "TargetGroups[0].TargetGroupArn",
            read=("describe_target_groups", {"TargetGroupArns": ["{id}"]}, "TargetGroups[0]"),
            delete=("delete_target_group", {"TargetGroupArn": "{id}"}),
            update=("modify_target_group", {"TargetGroupArn": "{id}"}),
            created="TargetGroups[0]",
        ),
        naming=Naming("name", longest=32),
        tags=Tags(update=retag),
        translation=Translation(
            rename={**HEALTH_CHECK},
            encode=full_check,
            decode=one_matcher,
            unserved={"lambdaMultiValueHeadersEnabled", "targetControlPort", "targetFailovers", "targetHealthStates"},
        ),
        properties=Properties(
            force_new={
                "name",
                "namePrefix",
                "port",
                "protocol",
                "protocolVersion",
                "targetType",
                "vpcId",
                "ipAddressType",
            },
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
        ),
        own_calls=OwnCalls(
            read={"tags": tags},
            put_many=(tops(TARGETS), put("target_group", "TargetGroupArn", TARGETS)),
            read_many=read("target_group", "TargetGroupArn", TARGETS),
        ),
        validate=within,
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
        Calls(
            "elbv2",
            "register_targets",
            "",
            custom_create=attach,
            read=health,
            delete=detach,
            import_id=lambda text: (
                text,
                dict(zip(("targetGroupArn", "targetId", "port"), text.split(","), strict=False)),
            ),
        ),
        tags=Tags(None),
        translation=Translation(
            served={"targetId", "port", "availabilityZone"},
            rename=dict.fromkeys(("targetId", "port", "availabilityZone"), None),
        ),
        properties=Properties(
            delete_before_replace=True,
            force_new={"targetGroupArn", "targetId", "port", "availabilityZone"},
            computed={"port", "availabilityZone"},
            write_only={"availabilityZone"},
        ),
        outputs={
            name: answered(member)
            for name, member in (("targetId", "TargetId"), ("port", "Port"), ("targetGroupArn", "TargetGroupArn"))
        },
    ),
)
