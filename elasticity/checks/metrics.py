"""Findings on metrics and alarms: silence, periods, idle floors, requests that are counted on one side only."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from types import MappingProxyType

from elasticity.alarms import alarm_faults
from elasticity.checks.context import LintContext
from elasticity.checks.finding import Finding, finding
from elasticity.metrics import METRICS
from elasticity.platforms import platform_parameters
from elasticity.rules import Elasticity, Metric, TargetTracking

_SILENT_WHEN_IDLE = frozenset(name for name, kind in METRICS.items() if kind.silent_when_idle)
"""Balancers report times only under traffic; requests per target are always reported (ELB user guide, CloudWatch
metrics)."""
_GRADUAL = frozenset({"blue_green", "linear", "canary"})
_MINUTE = 60
"""Seconds that a tracked metric may have (API TargetTrackingMetricStat; services look at theirs each minute)."""
_IDENTIFIER = re.compile(r"\b[a-z][a-z0-9_]*\b")


def underlying(rules: Elasticity, metric: str) -> list[Metric]:
    """The declared metrics that `metric` is made of, itself included; expressions last come first."""
    found: dict[str, Metric] = {}
    names = [metric]
    while names:
        name = names.pop()
        declared = rules.metrics.get(name)
        if declared is not None and name not in found:
            found[name] = declared
            names += _IDENTIFIER.findall(declared.expression or "")
    return list(found.values())


def may_be_silent(rules: Elasticity, metric: str) -> bool:
    """Whether a metric, or one it is made of, has no datapoints without load."""
    return metric in _SILENT_WHEN_IDLE or any(part.silent_when_idle for part in underlying(rules, metric))


def silent(rules: Elasticity, metric: str) -> bool:
    """Whether a metric has no datapoints without load, and nothing fills the gaps."""
    filled = any("FILL(" in (part.expression or "").upper() for part in underlying(rules, metric))
    return may_be_silent(rules, metric) and not filled


def el020(rules: Elasticity, context: LintContext) -> Iterator[Finding]:
    """A low side that takes silence for breaching. Source: CloudWatch guide, missing data."""
    for name, rule in rules.step_scaling.items():
        if not rule.scales_out and rule.missing_data == "breaching" and not may_be_silent(rules, rule.metric):
            message = f"missing data of {rule.metric} counts as low and removes capacity"
            cure = "say notBreaching; or, for a declared metric whose silence does mean idle, `silent_when_idle: true`"
            yield finding("EL020", ("step_scaling", name, "missing_data"), message, cure)


def el021(rules: Elasticity, context: LintContext) -> Iterator[Finding]:
    """Scale-in on a metric that is silent when idle, with `missing`. Source: aws-cdk #21553.

    Tracking rules shrink only when all of them are low: one silent rule holds back the others too.
    """
    shrinking = [name for name, rule in rules.target_tracking.items() if rule.scale_in]
    for name in shrinking:
        metric = rules.target_tracking[name].metric
        if silent(rules, metric):
            held = f", and the other tracking rules wait for it: {', '.join(o for o in shrinking if o != name)}"
            message = (
                f"without traffic {metric} has no datapoints, so this rule never agrees to scale in"
                f"{held if len(shrinking) > 1 else ''}"
            )
            cure = (
                "say `scale_in: false` here and let a rule on cpu scale in; fill the gaps of a declared metric, "
                "FILL(m, 0); or accept the finding where traffic never stops"
            )
            yield finding("EL021", ("target_tracking", name, "metric"), message, cure)
    for name, step in rules.step_scaling.items():
        if not step.scales_out and step.missing_data in ("missing", "ignore") and silent(rules, step.metric):
            message = f"without load {step.metric} has no datapoints, and the alarm does not fire"
            cure = "say `missing_data: breaching` on purpose, or fill the gaps of a declared metric, FILL(m, 0)"
            yield finding("EL021", ("step_scaling", name, "missing_data"), message, cure)


def el022(rules: Elasticity, context: LintContext) -> Iterator[Finding]:
    """Periods and windows that AWS refuses. Source: API PutMetricAlarm, TargetTrackingMetricStat."""
    cure = "allowed 10s, 20s, 30s or whole minutes; a window of at most a day, from 1h periods on a week"
    for name, rule in rules.step_scaling.items():
        parts = underlying(rules, rule.metric)
        fine = bool(parts) and all(part.period < _MINUTE for part in parts if part.name is not None)
        faults = alarm_faults(
            float(rule.period), rule.evaluation_periods, rule.datapoints_to_alarm, high_resolution=fine
        )
        for fault in faults:
            yield finding("EL022", ("step_scaling", name, _field_of(fault)), fault, cure)
    for name, metric in rules.metrics.items():
        fine = not (metric.namespace or "").startswith("AWS/")  # AWS's own are published each minute
        for fault in alarm_faults(float(metric.period), 1, high_resolution=fine):
            yield finding("EL022", ("metrics", name, "period"), fault, cure)
    allowed = context.behaviour.tracked_periods
    for name, tracking in rules.target_tracking.items():
        if refused := context.behaviour.refused_period(tracking.metric, tracking.metric_period):
            yield finding("EL022", ("target_tracking", name, "metric_period"), refused, "leave it out")
        periods = {part.period for part in underlying(rules, tracking.metric) if part.name is not None}
        if allowed and not periods <= set(allowed):
            seconds = " or ".join(f"{period}s" for period in allowed)
            message = f"{tracking.metric} has another period than tracking takes here, {seconds}"
            cure_of_tracking = f"set the metric's `period` to {seconds}, or write a step rule"
            yield finding("EL022", ("target_tracking", name, "metric"), message, cure_of_tracking)


def _field_of(fault: str) -> str:
    """Where what CloudWatch refuses is written."""
    fields = {"datapoints to alarm": "datapoints_to_alarm", "evaluation periods": "evaluation_periods"}
    return next((field for start, field in fields.items() if fault.startswith(start)), "period")


def el023(rules: Elasticity, context: LintContext) -> Iterator[Finding]:
    """Tracking on 5-minute monitoring. Source: EC2 Auto Scaling guide, target tracking."""
    if not context.behaviour.basic_monitoring or context.detailed_monitoring:
        return
    names = [name for name, rule in rules.target_tracking.items() if rule.metric == "cpu"]
    if names:
        message = f"instances report cpu every 5 minutes: {', '.join(names)} takes 15 minutes to grow, 75 to shrink"
        yield finding("EL023", ("context", "detailed_monitoring"), message, "turn detailed monitoring on")


_PUBLISHED_BY: Mapping[str, str] = MappingProxyType(
    {
        "tasks": "the service's `monitoring` says a `resolutionSeconds` of 20",
        "instances": "the launch template turns high-resolution monitoring on",
    }
)
"""By kind of units: what makes them publish each 20 s."""


def el025(rules: Elasticity, context: LintContext) -> Iterator[Finding]:
    """A rule looks at a metric each 20 s that units publish each minute. Source: ECS developer guide, faster auto
    scaling; API PredefinedMetricSpecification of EC2 Auto Scaling."""
    if context.fine_metrics is not False:
        return
    for name, rule in rules.target_tracking.items():
        fine = context.behaviour.fine_metrics.get(rule.metric)
        if fine is not None and float(rule.metric_period or 0) == fine:
            units = context.behaviour.units
            message = (
                f"{units} publish {rule.metric} each minute until {_PUBLISHED_BY[units]}, which the provider has not"
            )
            cure = "leave `metric_period` out, or set it by the AWS CLI and accept EL025 with that as the reason"
            yield finding("EL025", ("target_tracking", name, "metric_period"), message, cure)


def el041(rules: Elasticity, context: LintContext) -> Iterator[Finding]:
    """Tracking that never agrees to scale in: an idle floor between low threshold and target (above the target see
    EL015). Source: copilot-cli #4298."""
    shrinking = [name for name, rule in rules.target_tracking.items() if rule.scale_in]
    factor = platform_parameters(context.platform).low_factor
    floors = {"cpu": rules.unit.idle_cpu, "memory": rules.unit.idle_memory}
    for name in shrinking:
        rule = rules.target_tracking[name]
        floor, low = floors.get(rule.metric, 0.0), _low(rule, factor)
        if floor and low <= floor < rule.target:
            whom = (
                "this rule never scales in"
                if len(shrinking) == 1
                else f"{' and '.join(shrinking)} never agree to scale in"
            )
            message = f"idle {rule.metric} is {floor:g}, the low side {low:g}: {whom}"
            lowest = _rounded_up(floor / factor)
            cure = f"raise the target above {lowest:g}, lower the idle floor, or say `scale_in: false` here"
            yield finding("EL041", ("target_tracking", name, "target"), message, cure)


def _low(rule: TargetTracking, factor: float) -> float:
    return round(rule.target * factor, 6)


def _rounded_up(value: float) -> float:
    """To one decimal, upwards."""
    return math.ceil(round(value * 10, 6)) / 10


def el042(rules: Elasticity, context: LintContext) -> Iterator[Finding]:
    """Requests per target of one group under blue/green. Source: ECS guide; containers-roadmap #1681.

    `requests_per_target` itself is summed over both target groups on translation; a declared metric may not be.
    """
    if context.deployment not in _GRADUAL:
        return
    cure = "track `requests_per_target`, which is summed over both target groups, or deploy rolling"
    for kind in ("target_tracking", "step_scaling"):
        for name, rule in getattr(rules, kind).items():
            counted = {
                part.dimensions.get("TargetGroup")
                for part in underlying(rules, rule.metric)
                if part.name in ("RequestCount", "RequestCountPerTarget")
            }
            if len(counted) == 1:
                message = f"{rule.metric} counts the requests of one target group, {context.deployment} uses two"
                yield finding("EL042", (kind, name, "metric"), message, cure)
    for name, forecast in rules.predictive.items():
        if forecast.metric == "requests_per_target":
            message = f"a forecast on requests looks at one target group, {context.deployment} uses two"
            yield finding("EL042", ("predictive", name, "metric"), message, "forecast on cpu, or deploy rolling")
