"""What scales: who owns its count, who hears that it is at its maximum, and how far it may go."""

from __future__ import annotations

import ast
import fnmatch
import operator
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from guardrails.checks.check import Check, StackCheck, canonical
from guardrails.stack import Ceilings, StackSaid
from guardrails.values import UNKNOWN, Declared, at, every, holds_unknown, is_off, maps, number, text

_TARGET, _SCHEDULED = "aws:appautoscaling/target:Target", "aws:appautoscaling/scheduledAction:ScheduledAction"
_SERVICE, _TASK = "aws:ecs/service:Service", "aws:ecs/taskDefinition:TaskDefinition"
_GROUP, _POLICY, _SCHEDULE = (
    "aws:autoscaling/group:Group",
    "aws:autoscaling/policy:Policy",
    "aws:autoscaling/schedule:Schedule",
)
_PROVIDER, _ALARM = "aws:ecs/capacityProvider:CapacityProvider", "aws:cloudwatch/metricAlarm:MetricAlarm"
_COUNTS: Mapping[str, tuple[str, str]] = {
    "ecs:service:DesiredCount": (_SERVICE, "desiredCount"),
    "dynamodb:table:ReadCapacityUnits": ("aws:dynamodb/table:Table", "readCapacity"),
    "dynamodb:table:WriteCapacityUnits": ("aws:dynamodb/table:Table", "writeCapacity"),
    "ec2:spot-fleet-request:TargetCapacity": ("aws:ec2/spotFleetRequest:SpotFleetRequest", "targetCapacity"),
    "elasticache:replication-group:NodeGroups": ("aws:elasticache/replicationGroup:ReplicationGroup", "numNodeGroups"),
    "elasticache:replication-group:Replicas": (
        "aws:elasticache/replicationGroup:ReplicationGroup",
        "replicasPerNodeGroup",
    ),
    "lambda:function:ProvisionedConcurrency": (
        "aws:lambda/provisionedConcurrencyConfig:ProvisionedConcurrencyConfig",
        "provisionedConcurrentExecutions",
    ),
}
"""What Application Auto Scaling scales, to the input that declares its count (API RegisterScalableTarget)."""
_PUBLISHED: Mapping[str, Mapping[str, str]] = {
    _SERVICE: {"DesiredTaskCount": "ServiceName", "RunningTaskCount": "ServiceName"},
    _GROUP: dict.fromkeys(
        ("GroupDesiredCapacity", "GroupInServiceInstances", "GroupTotalInstances"), "AutoScalingGroupName"
    ),
}
"""Type -> metrics that count its units, to the dimension with its name (Container Insights, metrics of groups)."""
_MATHS: Mapping[type, Callable[[Any, Any], float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}
_FIRES: Mapping[str, Callable[[float, float], bool]] = {
    "GreaterThanOrEqualToThreshold": operator.ge,
    "GreaterThanThreshold": operator.gt,
    "LessThanOrEqualToThreshold": operator.le,
    "LessThanThreshold": operator.lt,
}
Scaled = tuple[Declared, str, Any, Any]
"""What is scaled, the input of its count, its bounds."""


def _leads_to(scaling: Declared, name: str, to: Declared) -> bool:
    """Whether an input names a resource: by reference, or by its name at the end of a text."""
    own = text(to.inputs.get("name"))
    return to.urn in scaling.refers.get(name, ()) or (
        own != "" and text(scaling.inputs.get(name)).rsplit("/", 1)[-1] == own
    )


def scaled(resources: Sequence[Declared]) -> Iterator[Scaled]:
    """Everything that a policy or a capacity provider scales."""
    of_type: dict[str, list[Declared]] = {}
    for each in resources:
        of_type.setdefault(canonical(each.type), []).append(each)
    for target in of_type.get(_TARGET, ()):
        kind, count = _COUNTS.get(text(target.inputs.get("scalableDimension")), ("", ""))
        for each in of_type.get(kind, ()):
            if _leads_to(target, "resourceId", each):
                yield each, count, target.inputs.get("minCapacity"), target.inputs.get("maxCapacity")
    for group in of_type.get(_GROUP, ()):
        by_policy = any(_leads_to(each, "autoscalingGroupName", group) for each in of_type.get(_POLICY, ()))
        if by_policy or any(_scales(each, group) for each in of_type.get(_PROVIDER, ())):
            yield group, "desiredCapacity", group.inputs.get("minSize"), group.inputs.get("maxSize")


def _scales(provider: Declared, group: Declared) -> bool:
    own = provider.inputs.get("autoScalingGroupProvider")
    is_on = at(own, "managedScaling") is not None and at(own, "managedScaling", "status") != "DISABLED"
    arn = text(at(own, "autoScalingGroupArn")).rsplit("/", 1)[-1]
    named = arn != "" and arn == text(group.inputs.get("name"))
    return is_on and (group.urn in provider.refers.get("autoScalingGroupProvider", ()) or named)


def counts_are_delegated(resources: Sequence[Declared]) -> Iterator[tuple[Declared, str]]:
    """The next deployment would set the declared count again, in the middle of a peak."""
    told = set()
    for each, count, *_ in scaled(resources):
        if each.inputs.get(count) is None or each.ignores & {count, "*"} or (each.urn, count) in told:
            continue
        told.add((each.urn, count))
        yield each, f"{count} is declared and scaled: each deployment takes it back; add {count} to ignoreChanges"


def maxima_are_told(resources: Sequence[Declared]) -> Iterator[tuple[Declared, str]]:
    """An alarm on the count of units fires at the maximum, and not at the minimum yet."""
    alarms = [each for each in resources if canonical(each.type) == _ALARM]
    for each, _, low, high in scaled(resources):
        minimum, maximum = number(low), number(high)
        metrics = _PUBLISHED.get(canonical(each.type))
        if metrics is None or minimum is None or maximum is None or minimum >= maximum:
            continue
        if not any(_fires_at(alarm, each, metrics, minimum, maximum) for alarm in alarms):
            yield (
                each,
                (
                    f"no alarm tells that it is at its maximum of {maximum:g}: add one on {next(iter(metrics))}, "
                    "which fires there"
                ),
            )


def _fires_at(alarm: Declared, of: Declared, metrics: Mapping[str, str], minimum: float, maximum: float) -> bool:
    inputs = alarm.inputs
    alone = {"id": "", "metric": {key: inputs.get(key) for key in ("metricName", "dimensions")}, "returnData": True}
    if holds_unknown(inputs.get("metricQueries")) or inputs.get("metricName") is UNKNOWN:
        return True
    queries = [*maps(every(inputs, "metricQueries"))] or [alone]
    refers = alarm.refers.get("metricQueries", frozenset()) | alarm.refers.get("dimensions", frozenset())
    counts = set()
    for query in queries:
        metric = at(query, "metric")
        dimension = metrics.get(text(at(metric, "metricName")))
        value = at(metric, "dimensions", dimension) if dimension else None
        own = text(of.inputs.get("name"))
        if dimension and (of.urn in refers or (own != "" and text(value) == own)):
            counts.add(text(query.get("id")))
    shown = next((query for query in queries if not is_off(query.get("returnData"))), queries[-1])
    fires, threshold = _FIRES.get(text(inputs.get("comparisonOperator"))), number(inputs.get("threshold"))
    if not counts or fires is None or threshold is None:
        return False
    at_both = [_value(shown, queries, dict.fromkeys(counts, bound)) for bound in (maximum, minimum)]
    return [value is not None and fires(value, threshold) for value in at_both] == [True, False]


def _value(query: Mapping[str, Any], queries: Sequence[Mapping[str, Any]], counts: Mapping[str, float]) -> float | None:
    """What a query gives where the counts have these values; None for math that is not reckoned here."""
    if text(query.get("id")) in counts:
        return counts[text(query.get("id"))]
    named = {text(each.get("id")): each for each in queries if each is not query}
    try:
        return _reckoned(ast.parse(text(query.get("expression")), mode="eval").body, named, queries, counts)
    except (SyntaxError, ValueError, ZeroDivisionError, RecursionError):
        return None


def _reckoned(node: ast.expr, named: Mapping[str, Any], queries: Any, counts: Mapping[str, float]) -> float:
    match node:
        case ast.Constant(value=int() | float() as value):
            return float(value)
        case ast.Name(id=name):
            found = counts[name] if name in counts else _value(named[name], queries, counts) if name in named else None
            if found is None:
                raise ValueError(name)
            return found
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _MATHS:
            return _MATHS[type(op)](_reckoned(left, named, queries, counts), _reckoned(right, named, queries, counts))
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return -_reckoned(operand, named, queries, counts)
        case ast.Call(func=ast.Name(id="FILL"), args=[series, _]):
            return _reckoned(series, named, queries, counts)
    raise ValueError(ast.dump(node))


_UNITS: Mapping[str, tuple[tuple[str, ...], ...]] = {
    _TARGET: (("maxCapacity",),),
    _SCHEDULED: (("scalableTargetAction", "maxCapacity"),),
    _SERVICE: (("desiredCount",),),
    _GROUP: (("maxSize",), ("desiredCapacity",)),
    _SCHEDULE: (("maxSize",), ("desiredCapacity",)),
}
"""Type -> where it says how many units there may be."""
_TYPES: Mapping[str, tuple[str, ...]] = {
    "aws:ec2/launchTemplate:LaunchTemplate": ("instanceType",),
    "aws:ec2/launchConfiguration:LaunchConfiguration": ("instanceType",),
    "aws:ec2/instance:Instance": ("instanceType",),
    "aws:ec2/spotInstanceRequest:SpotInstanceRequest": ("instanceType",),
}
_AMOUNT = re.compile(r"\s*(\d*\.?\d+)\s*(vcpu|gb)?\s*", re.IGNORECASE)


def sizes_are_within(declared: Declared, stack: StackSaid) -> Iterator[str]:
    """Bounds, fixed counts, tasks and types of instances against what the environment allows."""
    kind, ceilings = canonical(declared.type), stack.ceilings
    if kind not in (_TARGET, _SCHEDULED) or declared.inputs.get("serviceNamespace") == "ecs":
        for path in _UNITS.get(kind, ()):
            yield from _above(".".join(path), number(at(declared.inputs, *path)), ceilings.units, "units", "units")
    if kind == _TASK:
        yield from _above("cpu", _amount(declared.inputs.get("cpu")), ceilings.task_cpu, "CPU units", "task_cpu")
        yield from _above("memory", _amount(declared.inputs.get("memory")), ceilings.task_memory, "MiB", "task_memory")
    if ceilings.instance_types:
        yield from _types_are_allowed(kind, declared.inputs, ceilings)


def _above(name: str, value: float | None, most: float | None, unit: str, ceiling: str) -> Iterator[str]:
    if value is not None and most is not None and value > most:
        yield (
            f"{name} {value:g} is above the environment's {most:g} {unit}: lower it, or raise "
            f"guardrails.ceilings.{ceiling}"
        )


def _amount(value: Any) -> float | None:
    """CPU units or MiB, which ECS takes as `1 vCPU` and `2 GB` too."""
    found = _AMOUNT.fullmatch(value) if isinstance(value, str) else None
    return number(value) if found is None else float(found[1]) * (1024 if found[2] else 1)


def _types_are_allowed(kind: str, inputs: Mapping[str, Any], ceilings: Ceilings) -> Iterator[str]:
    named = [inputs.get(name) for name in _TYPES.get(kind, ())]
    chosen = [inputs.get("instanceRequirements")] if kind in _TYPES else []
    if kind == _GROUP:
        overrides = [*maps(every(inputs, "mixedInstancesPolicy", "launchTemplate", "overrides"))]
        named = [each.get("instanceType") for each in overrides]
        chosen = [each.get("instanceRequirements") for each in overrides]
    for requirements in maps(chosen):
        listed = requirements.get("allowedInstanceTypes")
        if not listed:
            yield (
                "types of instances are chosen by attributes: name those that the environment allows in "
                "allowedInstanceTypes"
            )
        named += [*every(listed)]
    for each in dict.fromkeys(text(one) for one in named):
        if each and not any(fnmatch.fnmatchcase(each, pattern) for pattern in ceilings.instance_types):
            yield (
                f"{each} is no type of instance that the environment allows ({', '.join(ceilings.instance_types)}): "
                "take one, or add it to guardrails.ceilings.instance_types"
            )


CHECKS = (
    Check(
        "ceilings",
        "Bounds and sizes are within the environment's ceilings.",
        "A slip of one digit in a maximum is a bill that nobody has agreed to.",
        asked=sizes_are_within,
    ),
)
STACK_CHECKS = (
    StackCheck(
        "delegated-counts",
        "What scales does not declare its count.",
        "A deployment in a peak would take the fleet back to the count that the program declares.",
        counts_are_delegated,
    ),
    StackCheck(
        "alarm-at-maximum",
        "In production an alarm tells what is at its maximum.",
        "At its maximum nothing scales any more, and every other alarm comes after the users.",
        maxima_are_told,
    ),
)
