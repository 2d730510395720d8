"""Predictive scaling policies of groups and of ECS services.

Source: Amazon EC2 Auto Scaling API, PredictiveScalingConfiguration; Application Auto Scaling API,
PredictiveScalingPolicyConfiguration; PREFLIGHT rules/autoscaling, rules/applicationautoscaling.
"""

from collections.abc import Iterator
from typing import Any

from localcloud.aws.limits._checks import Check, Fault, Props, each, form, one_of, within
from localcloud.aws.limits.metric_math import queries_at, unless_told
from localcloud.aws.limits.scaling import LABEL, LABELLED, aimed
from localcloud.provider.wire import is_unknown

WHOLE = (r"-?\d+", "is no whole number")
LONGEST_BUFFER = 3_599
"""Seconds: below the hour of the forecast."""
PAIR = "predefinedMetricPairSpecification"
SCALING = ("predefinedScalingMetricSpecification", "customizedScalingMetricSpecification")
LOAD = ("predefinedLoadMetricSpecification", "customizedLoadMetricSpecification")
CUSTOM = (
    "customizedScalingMetricSpecification", "customizedLoadMetricSpecification",
    "customizedCapacityMetricSpecification",
)  # fmt: skip
NOT_BY_STEPS = ("dynamodb", "comprehend", "lambda", "cassandra", "kafka", "elasticache", "neptune")
"""Services without step policies (Application Auto Scaling API, PutScalingPolicy)."""


def maximum(block: str) -> Check:
    """A buffer above the maximum belongs to IncreaseMaxCapacity, which cannot be without."""

    def check(props: Props) -> Iterator[Fault]:
        for place, config in each(props, block):
            if not isinstance(config, dict) or is_unknown(config.get("maxCapacityBreachBehavior")):
                continue
            increases = config.get("maxCapacityBreachBehavior") == "IncreaseMaxCapacity"
            given = config.get("maxCapacityBuffer") is not None
            if increases and not given:
                yield f"{place}.maxCapacityBuffer", "missing required property of IncreaseMaxCapacity"
            elif given and not increases:
                yield f"{place}.maxCapacityBuffer", "is only for 'maxCapacityBreachBehavior': 'IncreaseMaxCapacity'"

    return check


def one_specification(block: str, name: str) -> Check:
    """There is one specification: a pair of metrics, or one to scale by and one of the load."""

    def check(props: Props) -> Iterator[Fault]:
        for place, found in each(props, f"{block}.{name}"):
            listed = found if isinstance(found, list) else [found]
            if isinstance(found, list) and len(listed) != 1:
                yield place, f"{len(listed)} metric specifications, allowed is 1"
            for i, one in enumerate(listed):
                if isinstance(one, dict):
                    yield from _metrics(f"{place}[{i}]" if isinstance(found, list) else place, one)

    return check


def _metrics(place: str, one: dict[str, Any]) -> Iterator[Fault]:
    given = [name for name in (PAIR, *SCALING, *LOAD) if one.get(name) not in (None, {})]
    if PAIR in given and len(given) > 1:
        yield (
            f"{place}.{given[1]}",
            f"conflicts with {PAIR!r}: give a pair, or a metric to scale by and one of the load",
        )
    elif PAIR not in given:
        for names, what in ((SCALING, "to scale by"), (LOAD, "of the load")):
            mine = [name for name in names if name in given]
            if len(mine) != 1:
                told = f"give exactly one of {names[0]!r}, {names[1]!r}: the metric {what}"
                yield (f"{place}.{mine[1]}" if mine else place), told if mine else f"{told}, or {PAIR!r}"
    for name in (PAIR, SCALING[0], LOAD[0]):
        metric = one.get(name)
        kind = str(metric.get("predefinedMetricType")) if isinstance(metric, dict) else ""
        if not isinstance(metric, dict) or is_unknown(metric.get("predefinedMetricType")):
            continue
        if "ALB" not in kind:
            continue  # AWS takes any label of a metric that needs none: the official provider's tests have one
        if metric.get("resourceLabel") is None:
            yield f"{place}.{name}.resourceLabel", f"missing required property of {kind}"
        yield from ((f"{place}.{name}.{at}", why) for at, why in form("resourceLabel", LABEL, LABELLED)(metric))
    if one.get(CUSTOM[2]) and not one.get(CUSTOM[1]):
        yield f"{place}.{CUSTOM[2]}", f"is only for a policy with {CUSTOM[1]!r}"


def _checks(block: str, name: str) -> tuple[Check, ...]:
    one = f"{block}.{name}"
    each_one = one if name.endswith("Specification") else f"{one}[]"
    return (
        maximum(block), one_specification(block, name),
        within(f"{block}.schedulingBufferTime", 0, LONGEST_BUFFER, "seconds"),
        within(f"{block}.maxCapacityBuffer", 0, 100, "percent"), aimed(f"{each_one}.targetValue"),
        form(f"{block}.schedulingBufferTime", *WHOLE), form(f"{block}.maxCapacityBuffer", *WHOLE),
        *(queries_at(f"{each_one}.{part}.metricDataQueries", "metricStat", returns=unless_told) for part in CUSTOM),
    )  # fmt: skip


def of_a_service(props: Props) -> Iterator[Fault]:
    """Which services have which types of policies."""
    kind, service = props.get("policyType", "StepScaling"), props.get("serviceNamespace")
    if kind == "PredictiveScaling" and isinstance(service, str) and not is_unknown(service) and service != "ecs":
        yield "policyType", f"there are no predictive policies of {service}, only of ecs"
    elif kind == "StepScaling" and service in NOT_BY_STEPS:
        yield "policyType", f"there are no step policies of {service}"


def dimension(props: Props) -> Iterator[Fault]:
    """The scalable dimension is one of the service, and the resource is of its kind."""
    service, scaled, resource = (props.get(name) for name in ("serviceNamespace", "scalableDimension", "resourceId"))
    if any(is_unknown(value) or not isinstance(value, str) for value in (service, scaled)):
        return
    if not str(scaled).startswith(f"{service}:"):
        yield "scalableDimension", f"{scaled!r} is no dimension of {service}"
    elif service == "ecs" and isinstance(resource, str) and not is_unknown(resource):
        parts = resource.split("/")
        if len(parts) != 3 or parts[0] != "service" or not all(parts):
            yield "resourceId", f"{resource!r} is not of the form service/<cluster>/<service>"


OF_A_SERVICE = {
    PAIR: ("ECSServiceCPUUtilization", "ECSServiceMemoryUtilization", "ALBRequestCount"),
    SCALING[0]: ("ECSServiceAverageCPUUtilization", "ECSServiceAverageMemoryUtilization", "ALBRequestCountPerTarget"),
    LOAD[0]: ("ECSServiceTotalCPUUtilization", "ECSServiceTotalMemoryUtilization", "TotalALBRequestCount"),
}  # fmt: skip
"""Predefined metrics of an ECS service, by what they are for: a pair, to scale by, the load."""
OF_SERVICES = "predictiveScalingPolicyConfiguration.metricSpecifications[]"

LIMITS: dict[str, tuple[Check, ...]] = {
    "aws:autoscaling/policy:Policy": _checks("predictiveScalingConfiguration", "metricSpecification"),
    "aws:appautoscaling/policy:Policy": (
        *_checks("predictiveScalingPolicyConfiguration", "metricSpecifications"), of_a_service, dimension,
        *(one_of(f"{OF_SERVICES}.{name}.predefinedMetricType", *types) for name, types in OF_A_SERVICE.items()),
    ),
    "aws:appautoscaling/target:Target": (dimension,),
    "aws:appautoscaling/scheduledAction:ScheduledAction": (dimension,),
}  # fmt: skip
