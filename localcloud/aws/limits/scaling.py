"""Scaling policies, schedules and Auto Scaling groups."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from localcloud.aws.limits._checks import (
    Check,
    Fault,
    Props,
    at_least,
    each,
    form,
    number,
    one_of,
    only_one,
    within,
)
from localcloud.aws.limits._conditions import arn_of
from localcloud.aws.limits.cron import APPLICATION, RULES, UNIX, Service, cron_fault, zone_fault
from localcloud.provider.wire import is_unknown

LABEL = r"app/[^/]+/[0-9a-f]+/targetgroup/[^/]+/[0-9a-f]+"
LABELLED = "is not of the form app/<balancer>/<id>/targetgroup/<target group>/<id>"
NAMESPACES = {
    "ecs": ("ECSService", "ALBRequestCountPerTarget"), "dynamodb": ("DynamoDB",), "ec2": ("EC2SpotFleet", "ALBRequest"),
    "rds": ("RDSReader",), "sagemaker": ("SageMaker",), "lambda": ("Lambda",), "elasticache": ("ElastiCache",),
    "kafka": ("Kafka",), "cassandra": ("Cassandra",), "comprehend": ("Comprehend",), "appstream": ("AppStream",),
    "neptune": ("Neptune",), "workspaces": ("WorkSpaces",),
}  # fmt: skip
"""How the names of a service's predefined metrics begin (Application Auto Scaling, PredefinedMetricSpecification)."""
PROCESSES = ("Launch", "Terminate", "AddToLoadBalancer", "AlarmNotification", "AZRebalance", "HealthCheck",
             "InstanceRefresh", "ReplaceUnhealthy", "ScheduledActions")  # fmt: skip
TERMINATION = ("Default", "AllocationStrategy", "OldestLaunchTemplate", "OldestLaunchConfiguration",
               "ClosestToNextInstanceHour", "NewestInstance", "OldestInstance")  # fmt: skip
METRICS = (
    "GroupMinSize", "GroupMaxSize", "GroupDesiredCapacity", "GroupInServiceInstances", "GroupPendingInstances",
    "GroupStandbyInstances", "GroupTerminatingInstances", "GroupTotalInstances", "GroupInServiceCapacity",
    "GroupPendingCapacity", "GroupStandbyCapacity", "GroupTerminatingCapacity", "GroupTotalCapacity",
    "WarmPoolDesiredCapacity", "WarmPoolWarmedCapacity", "WarmPoolPendingCapacity", "WarmPoolTerminatingCapacity",
    "WarmPoolTotalCapacity", "GroupAndWarmPoolDesiredCapacity", "GroupAndWarmPoolTotalCapacity",
)  # fmt: skip
DAY = 86_400
INSTANT = (r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)", "is not of the form 2030-01-31T08:00:00Z")


def tracked(block: str, label: str, custom: str) -> Check:
    """A target tracking policy watches one metric; one per target needs to know the balancer."""

    def check(props: Props) -> Iterator[Fault]:
        config = props.get(block)
        if not isinstance(config, dict):
            return
        yield from only_one("predefinedMetricSpecification", custom, among=block)(props)
        metric = config.get("predefinedMetricSpecification")
        if not isinstance(metric, dict):
            return
        kind, here = str(metric.get("predefinedMetricType")), f"{block}.predefinedMetricSpecification"
        if kind == "ALBRequestCountPerTarget" and metric.get(label) is None:
            yield f"{here}.{label}", "missing required property of ALBRequestCountPerTarget"
        elif metric.get(label) is not None and not is_unknown(kind) and not kind.startswith("ALB"):
            yield f"{here}.{label}", f"is only for a metric of an application balancer, not {kind}"
        heads = NAMESPACES.get(str(props.get("serviceNamespace")))
        if heads and not is_unknown(kind) and not kind.startswith(heads):
            yield f"{here}.predefinedMetricType", f"{kind!r} is no metric of {props['serviceNamespace']}"

    return check


def aimed(path: str) -> Check:
    """A target is above zero."""

    def check(props: Props) -> Iterator[Fault]:
        for place, value in each(props, path):
            found = number(value)
            if found is not None and found <= 0:
                yield place, f"{found:g} is not above 0"

    return check


def ends(props: Props) -> Iterator[Fault]:
    """What ends has begun, or comes again."""
    if props.get("endTime") is not None and props.get("startTime") is None and props.get("recurrence") is None:
        yield "endTime", "needs 'startTime' or 'recurrence'"


def scheduled(path: str, service: Service) -> Check:
    """A schedule that is well formed."""

    def check(props: Props) -> Iterator[Fault]:
        for place, value in each(props, path):
            if isinstance(value, str) and (fault := service.fault(value)):
                yield place, fault

    return check


def on_default_bus(props: Props) -> Iterator[Fault]:
    """The default bus alone has a clock (API PutRule)."""
    bus = props.get("eventBusName") or "default"
    named = isinstance(bus, str) and not is_unknown(bus) and bus.rpartition("/")[2] != "default"
    if named and props.get("scheduleExpression") is not None:
        yield "scheduleExpression", f"only rules of the default event bus have a schedule, not those of {bus!r}"


def recurrence(props: Props) -> Iterator[Fault]:
    """An Auto Scaling group's schedule is a Unix cron expression of five fields."""
    for place, value in each(props, "recurrence"):
        if fault := cron_fault(str(value), UNIX):
            yield place, fault


def zone(path: str) -> Check:
    """A time zone by its name in the IANA database."""

    def check(props: Props) -> Iterator[Fault]:
        for place, value in each(props, path):
            if fault := zone_fault(str(value)):
                yield place, fault

    return check


def in_time(props: Props) -> Iterator[Fault]:
    """An action ends after it begins."""
    start, end = (_moment(props.get(name)) for name in ("startTime", "endTime"))
    if start and end and end <= start:
        yield "endTime", f"{props['endTime']} is not after startTime {props['startTime']}"


def _moment(value: Any) -> datetime | None:
    try:
        return datetime.fromisoformat(str(value))
    except ValueError:
        return None


def action(props: Props) -> Iterator[Fault]:
    """A scheduled action sets a bound."""
    asked = props.get("scalableTargetAction")
    if isinstance(asked, dict) and not any(asked.get(name) is not None for name in ("minCapacity", "maxCapacity")):
        yield "scalableTargetAction", "give 'minCapacity', 'maxCapacity' or both"


def maintenance(props: Props) -> Iterator[Fault]:
    """Healthy percentages stand on both sides of 100, at most 100 apart; -1 for both takes the policy away."""
    policy = props.get("instanceMaintenancePolicy")
    if not isinstance(policy, dict):
        return
    low, high = number(policy.get("minHealthyPercentage")), number(policy.get("maxHealthyPercentage"))
    if low is None or high is None or low == high == -1:
        return
    at = "instanceMaintenancePolicy"
    if not 0 <= low <= 100:
        yield f"{at}.minHealthyPercentage", f"{low:g} is not within 0 to 100"
    if not 100 <= high <= 200:
        yield f"{at}.maxHealthyPercentage", f"{high:g} is not within 100 to 200"
    elif high - low > 100:
        yield f"{at}.maxHealthyPercentage", f"{high:g} is more than 100 above minHealthyPercentage {low:g}"


TRACKING = "targetTrackingScalingPolicyConfiguration"

LIMITS: dict[str, tuple[Check, ...]] = {
    "aws:appautoscaling/target:Target": (
        at_least("minCapacity", 0), at_least("maxCapacity", 0), arn_of("roleArn", "iam"),
    ),
    "aws:appautoscaling/policy:Policy": (
        tracked(TRACKING, "resourceLabel", "customizedMetricSpecification"),
        form(f"{TRACKING}.predefinedMetricSpecification.resourceLabel", LABEL, LABELLED),
        aimed(f"{TRACKING}.targetValue"), at_least(f"{TRACKING}.scaleInCooldown", 0),
        at_least(f"{TRACKING}.scaleOutCooldown", 0),
    ),
    "aws:appautoscaling/scheduledAction:ScheduledAction": (
        scheduled("schedule", APPLICATION), zone("timezone"), in_time, action,
        form("startTime", *INSTANT), form("endTime", *INSTANT),
        at_least("scalableTargetAction.minCapacity", 0), at_least("scalableTargetAction.maxCapacity", 0),
    ),
    "aws:autoscaling/group:Group": (
        at_least("minSize", 0), at_least("maxSize", 0), at_least("desiredCapacity", 0),
        one_of("healthCheckType", "EC2", "ELB", "VPC_LATTICE", "EBS"),
        one_of("terminationPolicies[]", *TERMINATION, also=r"arn:.+:lambda:.+"),
        one_of("suspendedProcesses[]", *PROCESSES), one_of("enabledMetrics[]", *METRICS),
        within("maxInstanceLifetime", DAY, 365 * DAY, "seconds", also=frozenset({0})), maintenance,
    ),
    "aws:autoscaling/policy:Policy": (
        tracked("targetTrackingConfiguration", "resourceLabel", "customizedMetricSpecification"),
        form("targetTrackingConfiguration.predefinedMetricSpecification.resourceLabel", LABEL, LABELLED),
        aimed("targetTrackingConfiguration.targetValue"),
    ),
    "aws:autoscaling/schedule:Schedule": (recurrence, zone("timeZone"), in_time, ends),
    "aws:cloudwatch/eventRule:EventRule": (scheduled("scheduleExpression", RULES), on_default_bus),
}  # fmt: skip
