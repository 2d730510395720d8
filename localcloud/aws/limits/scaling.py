"""Scaling policies, schedules and Auto Scaling groups."""

import re
import zoneinfo
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
        heads = NAMESPACES.get(str(props.get("serviceNamespace")))
        if heads and not is_unknown(kind) and not kind.startswith(heads):
            yield f"{here}.predefinedMetricType", f"{kind!r} is no metric of {props['serviceNamespace']}"

    return check


FIELDS = {"minutes": (0, 59), "hours": (0, 23), "day of month": (1, 31), "month": (1, 12), "day of week": (1, 7),
          "year": (1970, 2199)}  # fmt: skip


def cron_fault(text: str, fields: dict[str, tuple[int, int]]) -> str | None:
    """What is wrong with the fields of a cron expression."""
    parts = text.split()
    if len(parts) != len(fields):
        return f"{text!r} has {len(parts)} fields, wanted {len(fields)}: {', '.join(fields)}"
    for part, (name, (low, high)) in zip(parts, fields.items(), strict=True):
        for value in re.findall(r"\d+", part.partition("/")[0].partition("#")[0]):
            if not low <= int(value) <= high:
                return f"{value} in {text!r} is not within {low} to {high}: {name}"
    return None


def schedule(text: str) -> str | None:
    """What is wrong with `cron(...)`, `rate(...)` or `at(...)`."""
    found = re.fullmatch(r"(cron|rate|at)\((.*)\)", text)
    if not found:
        return f"{text!r} is not of the form cron(...), rate(...) or at(...)"
    kind, inner = found.groups()
    if kind == "at":
        return None if re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?", inner) else "wanted at(yyyy-mm-ddThh:mm:ss)"
    if kind == "rate":
        rate = re.fullmatch(r"([1-9]\d*) (minute|hour|day)(s?)", inner)
        if not rate or (rate[1] == "1") == bool(rate[3]):
            return "wanted rate(1 minute), rate(5 minutes), ...: minute, hour or day, plural above 1"
        return None
    if fault := cron_fault(inner, FIELDS):
        return fault
    days = inner.split()[2], inner.split()[4]
    if days.count("?") != 1:
        return f"exactly one of day of month and day of week is '?', got {days[0]!r} and {days[1]!r}"
    return None


def scheduled(path: str, *, at: bool = True) -> Check:
    """A schedule that is well formed."""

    def check(props: Props) -> Iterator[Fault]:
        for place, value in each(props, path):
            if isinstance(value, str) and (fault := schedule(value)):
                yield place, fault
            elif not at and str(value).startswith("at("):
                yield place, f"{value!r} is not of the form cron(...) or rate(...)"

    return check


def recurrence(props: Props) -> Iterator[Fault]:
    """An Auto Scaling group's schedule is a Unix cron expression of five fields."""
    fields = {name: FIELDS[name] for name in ("minutes", "hours", "day of month", "month")} | {"day of week": (0, 7)}
    for place, value in each(props, "recurrence"):
        if fault := cron_fault(str(value), fields):
            yield place, fault


def zone(path: str) -> Check:
    """A time zone by its name in the IANA database."""

    def check(props: Props) -> Iterator[Fault]:
        for place, value in each(props, path):
            if value not in zoneinfo.available_timezones() - {"Factory", "localtime"}:
                yield place, f"{value!r} is no time zone of the IANA database, such as Europe/Berlin"

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
    "aws:appautoscaling/target:Target": (at_least("minCapacity", 0), at_least("maxCapacity", 0)),
    "aws:appautoscaling/policy:Policy": (
        tracked(TRACKING, "resourceLabel", "customizedMetricSpecification"),
        form(f"{TRACKING}.predefinedMetricSpecification.resourceLabel", LABEL, LABELLED),
        at_least(f"{TRACKING}.scaleInCooldown", 0), at_least(f"{TRACKING}.scaleOutCooldown", 0),
    ),
    "aws:appautoscaling/scheduledAction:ScheduledAction": (
        scheduled("schedule"), zone("timezone"), in_time, action, at_least("scalableTargetAction.minCapacity", 0),
        at_least("scalableTargetAction.maxCapacity", 0),
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
    ),
    "aws:autoscaling/schedule:Schedule": (recurrence, zone("timeZone"), in_time),
    "aws:cloudwatch/eventRule:EventRule": (scheduled("scheduleExpression", at=False),),
}  # fmt: skip
