"""Findings on bounds and targets: what can never be reached, never left, or not in time."""

from __future__ import annotations

import math
from collections.abc import Iterator

from elasticity.checks.context import LintContext
from elasticity.checks.finding import Finding, finding
from elasticity.checks.metrics import underlying
from elasticity.checks.words import amount, listed, minutes
from elasticity.faults import KeyPath, Severity
from elasticity.metrics import METRICS
from elasticity.platforms import platform_parameters
from elasticity.policies import largest_growth
from elasticity.rules import BOUNDED_METRICS, Elasticity, StepScaling, TargetTracking
from elasticity.steps import ADJUSTMENTS, adjusted_capacity
from elasticity.waking import needs_waking

_NEEDS_A_RUNNING_UNIT = frozenset(name for name, kind in METRICS.items() if kind.needs_a_unit)
_OF_A_BALANCER = frozenset({"requests_per_target", "response_time"})
LEAST_IN_PRODUCTION = 2
HIGHEST_CPU_TARGET = 80.0
"""Percent; above it one step grows less than 25 % [own]."""
MANY_STEPS = 3
LEAST_MARGIN = 15.0
"""Percentage points between a target and the alarm on the promise; an AWS solution alarms at 70 with target 50."""


def _minimums(rules: Elasticity) -> Iterator[tuple[KeyPath, int]]:
    """Each minimum that may be in force, and where it is written."""
    yield ("minimum",), rules.minimum
    for name, rule in rules.scheduled.items():
        if rule.minimum is not None:
            yield ("scheduled", name, "minimum"), rule.minimum


def el001(rules: Elasticity, context: LintContext) -> Iterator[Finding]:
    """Minimum above maximum, or the initial count outside them. Source: API RegisterScalableTarget."""
    if rules.minimum > rules.maximum:
        message = f"minimum {rules.minimum} is above maximum {rules.maximum}"
        yield finding("EL001", ("minimum",), message, "swap the two, or raise the maximum")
    elif rules.initial is not None and not rules.minimum <= rules.initial <= rules.maximum:
        message = f"initial {rules.initial} lies outside {rules.minimum} to {rules.maximum}"
        yield finding("EL001", ("initial",), message, "move it between the bounds, or leave it out: the minimum counts")


def el002(rules: Elasticity, context: LintContext) -> Iterator[Finding]:
    """Zero units and only rules whose metric needs a unit. Source: copilot-cli #3376, #3450; tracking does not leave
    zero by its formula."""
    place = next((path for path, count in _minimums(rules) if count == 0), None)
    if place is None or not rules.has_rules or context.behaviour.by_reservation or _wakes(rules):
        return
    metrics = list(
        dict.fromkeys(rule.metric for rule in (*rules.target_tracking.values(), *rules.step_scaling.values()))
    )
    blind = f", where {listed(metrics)} cannot start a unit" if metrics else ", and no rule starts a unit"
    cure = (
        "raise the minimum to 1, add a schedule that raises it, "
        "or a step rule on a metric that exists without units, such as queue_delay"
    )
    yield finding("EL002", place, f"capacity may fall to 0{blind}", cure)


def _wakes(rules: Elasticity) -> bool:
    """Whether anything brings capacity from zero to one. A tracked queue comes with a step that does."""
    return (
        needs_waking(rules)
        or any(_starts_one(rule) for rule in rules.step_scaling.values())
        or any((rule.minimum or 0) > 0 or (rule.desired or 0) > 0 for rule in rules.scheduled.values())
    )


def _starts_one(rule: StepScaling) -> bool:
    kind = ADJUSTMENTS[rule.adjustment]
    changes = (adjusted_capacity(0, step.change, kind, rule.minimum_adjustment) for step in rule.steps)
    return rule.metric not in _NEEDS_A_RUNNING_UNIT and any(change > 0 for change in changes)


def el003(rules: Elasticity, context: LintContext) -> Iterator[Finding]:
    """Fewer than two units, or than zones, in production. Source: Well-Architected reliability; numbers [own].

    Not for a worker: messages wait in their queue while its only unit is replaced.
    """
    if context.environment != "production" or context.behaviour.by_reservation or _is_worker(rules, context):
        return
    zones = context.zones or 0
    wanted = max(LEAST_IN_PRODUCTION, zones)
    why = f"in {zones} zones" if zones > LEAST_IN_PRODUCTION else "in production"
    for path, count in _minimums(rules):
        if count < wanted:
            message = f"minimum {count} is below {wanted}, the least {why}"
            yield finding("EL003", path, message, f"raise it to {wanted}, or accept the finding with a reason")


def _is_worker(rules: Elasticity, context: LintContext) -> bool:
    """Whether work comes from a queue and nobody waits for an answer."""
    metrics = {rule.metric for rule in (*rules.target_tracking.values(), *rules.step_scaling.values())}
    queued = rules.queue is not None or any(
        part.namespace == "AWS/SQS" for name in metrics for part in underlying(rules, name)
    )
    return queued and context.deregistration_delay is None and not metrics & _OF_A_BALANCER


def el010(rules: Elasticity, context: LintContext) -> Iterator[Finding]:
    """Target at or above the declared saturation, or a cpu target above 80. Source: elasticity by proportion."""
    saturation = rules.unit.saturation
    for kind in ("target_tracking", "predictive"):
        for name, rule in getattr(rules, kind).items():
            if rule.metric != "cpu":
                continue
            path = (kind, name, "target")
            if saturation is not None and rule.target >= saturation:
                message = f"target {rule.target:g} is not below the declared saturation, {saturation:g}"
                yield finding("EL010", path, message, f"lower it below {saturation:g}")
            elif rule.target > HIGHEST_CPU_TARGET:
                growth = 100 * (largest_growth(rule.target) - 1)
                message = f"target {rule.target:g}: one step grows by at most {growth:.3g} %"
                yield finding("EL010", path, message, "lower it to 80 or less, or accept slow recovery with a reason")


def el011(rules: Elasticity, context: LintContext) -> Iterator[Finding]:
    """An alarm on the promise at or below the scaling target; a note where it is close above it, for percentages."""
    for name, rule in rules.target_tracking.items():
        promised = context.objectives.get(rule.metric)
        if promised is None:
            continue
        bounded = rule.metric in BOUNDED_METRICS
        if promised <= rule.target or (bounded and promised < rule.target + LEAST_MARGIN):
            message = f"target {amount(rule.target)}, and an alarm at {amount(promised)} on the same metric"
            cure = (
                f"keep the alarm {LEAST_MARGIN:g} points above the target" if bounded else "raise it above the target"
            )
            severity: Severity = "warning" if promised <= rule.target else "note"
            yield finding("EL011", ("target_tracking", name, "target"), message, cure, severity)


def el014(rules: Elasticity, context: LintContext) -> Iterator[Finding]:
    """More than three steps of a bounded metric, each a factor 100 / target, from the minimum to the declared peak;
    nothing where the maximum does not serve the peak (EL005)."""
    for name, rule in rules.target_tracking.items():
        declared = rules.metrics.get(rule.metric)
        bounded = declared.bounded if declared else rule.metric in BOUNDED_METRICS
        needed = _needed_at_peak(rules, context, rule)
        if not bounded or rule.target >= 100 or rules.minimum < 1 or needed <= rules.minimum:
            continue
        steps = math.ceil(math.log(needed / rules.minimum) / math.log(largest_growth(rule.target)) - 1e-9)
        if steps > MANY_STEPS:
            message = (
                f"{steps} steps from {rules.minimum} to {needed} units, "
                f"about {minutes(_time_of_steps(context, rule, steps))}"
            )
            cure = "raise the minimum before the peak by a schedule, lower the target, or add a rule on requests"
            yield finding("EL014", ("target_tracking", name, "target"), message, cure)


def _needed_at_peak(rules: Elasticity, context: LintContext, rule: TargetTracking) -> int:
    """Units at the peak with the metric at its target, not above the maximum; 0 where the peak is unknown, or more
    than all units serve."""
    if not rules.unit.capacity or context.peak is None or context.peak > rules.unit.capacity * rules.maximum:
        return 0
    needed = context.peak / (rules.unit.capacity * rule.target / 100)
    return rules.maximum if needed >= rules.maximum else math.ceil(needed - 1e-9)


def _time_of_steps(context: LintContext, rule: TargetTracking, steps: int) -> float:
    """Seconds until the last of the steps: the alarm's window and delay, then one step per cooldown or warm-up."""
    platform = platform_parameters(context.platform)
    if rule.metric_period is not None:
        platform = platform.at_period(int(rule.metric_period))
    if platform.behaviour.rule_cooldowns:
        wait = platform.scale_out_cooldown if rule.scale_out_cooldown is None else rule.scale_out_cooldown
    else:
        waits = (rule.warm_up, context.default_warm_up, platform.warm_up)
        wait = next(value for value in waits if value is not None)
    first = platform.high_evaluation_periods * platform.metric_period + platform.publication_delay
    return first + (steps - 1) * max(float(platform.reinvocation_period), wait or 0.0)


def el044(rules: Elasticity, context: LintContext) -> Iterator[Finding]:
    """A service's maximum does not fit its group's. Source: ECS developer guide, managed scaling."""
    if context.group_maximum is None:
        return
    sizes = (
        ("vCPU", context.unit_cpu, context.instance_cpu),
        ("MiB", context.unit_memory, context.instance_memory),
    )
    fits = [
        (context.group_maximum * math.floor(min(instance / unit + 1e-9, rules.maximum)), unit, what)
        for what, unit, instance in sizes
        if unit is not None and instance is not None
    ]
    if fits and rules.maximum > min(fits)[0]:
        held, unit, what = min(fits)
        message = f"maximum {rules.maximum} tasks of {unit:g} {what}, but {context.group_maximum} instances hold {held}"
        yield finding("EL044", ("maximum",), message, "raise the group's maximum, or lower that of the service")


def el080(rules: Elasticity, context: LintContext) -> Iterator[Finding]:
    """Maximum beyond addresses or vCPU quota. Source: VPC user guide, Fargate and EC2 service quotas."""
    wanted = rules.maximum * context.addresses_per_unit
    if context.free_addresses is not None and wanted > context.free_addresses:
        message = f"maximum {rules.maximum} needs {wanted} addresses, the subnets have {context.free_addresses}"
        yield finding("EL080", ("maximum",), message, "use larger or more subnets, or lower the maximum")
    vcpus = rules.maximum * (context.unit_cpu or 0.0)
    if context.vcpu_quota is not None and vcpus > context.vcpu_quota:
        message = f"maximum {rules.maximum} needs {vcpus:g} vCPU, the quota is {context.vcpu_quota}"
        yield finding("EL080", ("maximum",), message, "ask AWS for a larger quota first, or lower the maximum")
