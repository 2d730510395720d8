"""Findings on step rules, and on rules that pull against each other."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator

from elasticity.checks.context import LintContext
from elasticity.checks.finding import Finding, finding
from elasticity.checks.words import amount, like, listed
from elasticity.rules import BOUNDED_METRICS, PREDEFINED_METRICS, Elasticity, StepScaling
from elasticity.steps import ADJUSTMENTS, StepPolicy, adjusted_capacity, step_capacity, step_faults

_LEAST_REMOVED = 2
_ROUNDING = 100
"""Counts above the minimum after which percent changes repeat their rounding."""


def grows(rule: StepScaling) -> bool:
    """Whether a step may add capacity."""
    return rule.scales_out if rule.adjustment == "exact" else any(step.change > 0 for step in rule.steps)


def shrinks(rule: StepScaling) -> bool:
    """Whether a step may remove capacity."""
    return not rule.scales_out if rule.adjustment == "exact" else any(step.change < 0 for step in rule.steps)


def el012(rules: Elasticity, context: LintContext) -> Iterator[Finding]:
    """Out and in rules on one metric go round in circles at a constant load: from some count scaling out leads to where
    the other scales in, and scaling in back to where the first scales out."""
    for out_name, out in rules.step_scaling.items():
        for in_name, inward in rules.step_scaling.items():
            if not (out.scales_out and grows(out)) or inward.scales_out or out.metric != inward.metric:
                continue
            circle = next(_circles(rules, out, inward), None)
            if circle is None:
                continue
            metric, before, after, back = circle
            left = like(metric * before / after, out.threshold)
            again = like(metric * before / back, out.threshold)
            message = (
                f"from {before} to {after} units the metric falls from {amount(like(metric, out.threshold))} to about "
                f"{amount(left)}, where {in_name} scales in, to {back} units and {amount(again)}, and it begins anew"
            )
            cure = "move the thresholds apart, make the steps smaller, or raise the minimum"
            yield finding("EL012", ("step_scaling", out_name, "threshold"), message, cure)


def _circles(rules: Elasticity, out: StepScaling, inward: StepScaling) -> Iterator[tuple[float, int, int, int]]:
    """Metric and count at which `out` acts, the count after it, and the count at which it acts again."""
    maximum = 100.0 if _is_bounded(rules, out.metric) else math.inf
    growing, shrinking = StepPolicy.of(out), StepPolicy.of(inward)
    minimum = max(rules.minimum, 1)
    for before in range(minimum, min(rules.maximum, minimum + _ROUNDING) + 1):
        for step in out.steps:
            metric = max(out.threshold, out.threshold + (step.from_ or 0.0))
            after = _moved(rules, growing, before, metric)
            if metric > maximum or after <= before:
                continue
            back = after
            while metric * before / back <= inward.threshold:
                lower = _moved(rules, shrinking, back, metric * before / back)
                if lower >= back:
                    break
                back = lower
            if back < after and metric * before / back >= out.threshold:
                yield metric, before, after, back


def _moved(rules: Elasticity, policy: StepPolicy, units: int, metric: float) -> int:
    """Units after the policy has acted once at a metric."""
    return min(rules.maximum, max(rules.minimum, 1, step_capacity(units, metric, policy)))


def _is_bounded(rules: Elasticity, metric: str) -> bool:
    declared = rules.metrics.get(metric)
    return declared.bounded if declared else metric in BOUNDED_METRICS


def el013(rules: Elasticity, context: LintContext) -> Iterator[Finding]:
    """Steps with gap, overlap, closed ends. Source: API PutScalingPolicy, StepAdjustment.

    A warning where AWS takes them, and no step applies just beyond the threshold: the alarm fires, and the action
    fails with "No step adjustment found" (re:Post).
    """
    cure = "let each step begin where the one before ends, and leave the outermost end open"
    for name, rule in rules.step_scaling.items():
        path, faults = ("step_scaling", name, "steps"), step_faults(rule)
        for fault in faults:
            yield finding("EL013", path, fault, cure)
        if not faults and not _begins_at_the_threshold(rule):
            side, begin = (
                ("above", "begin the first step at 0") if rule.scales_out else ("below", "end the last step at 0")
            )
            message = f"no step covers what lies just {side} the threshold: the alarm fires, and its action fails"
            yield finding("EL013", path, message, begin, severity="warning")


def _begins_at_the_threshold(rule: StepScaling) -> bool:
    """Whether some step applies to the smallest breach; at or above the threshold a step is [from, to), below it
    (from, to]."""
    lowest = min(-math.inf if step.from_ is None else step.from_ for step in rule.steps)
    highest = max(math.inf if step.to is None else step.to for step in rule.steps)
    return lowest <= 0 < highest if rule.scales_out else lowest < 0 <= highest


_NEVER_BELOW_ZERO = frozenset(PREDEFINED_METRICS)


def el047(rules: Elasticity, context: LintContext) -> Iterator[Finding]:
    """A step that no value of its metric reaches: beyond 0 to 100 percent, below 0, or on the side of the threshold on
    which the alarm does not fire. Source: API StepAdjustment, bounds are differences from the threshold."""
    for name, rule in rules.step_scaling.items():
        if step_faults(rule):
            continue
        bounded = _is_bounded(rules, rule.metric)
        minimum = 0.0 if bounded or rule.metric in _NEVER_BELOW_ZERO else -math.inf
        maximum = 100.0 if bounded else math.inf
        for index, step in enumerate(rule.steps):
            low = rule.threshold + (-math.inf if step.from_ is None else step.from_)
            high = rule.threshold + (math.inf if step.to is None else step.to)
            if rule.scales_out:
                low, reached = max(low, rule.threshold), low <= maximum and high > max(minimum, rule.threshold)
            else:
                high, reached = min(high, rule.threshold), high >= minimum and low < min(maximum, rule.threshold)
            if reached:
                continue
            field, value, begins = ("from", step.from_, low) if rule.scales_out else ("to", step.to, high)
            side = "begins" if rule.scales_out else "ends"
            if value is None or minimum <= begins <= maximum:
                message = f"step {index + 1} lies on the side of the threshold where the alarm does not fire"
                cure = "move it to the other side, or remove it"
            else:
                at = amount(like(begins, rule.threshold))
                limit = amount(like(maximum if rule.scales_out else minimum, rule.threshold))
                message = f"step {index + 1} {side} at {at}, and {rule.metric} never passes {limit}"
                difference = amount(like(abs(value) - rule.threshold, rule.threshold))
                meant = (
                    f" `{field}: {difference}` for {amount(value)}" if rule.threshold < abs(value) <= maximum else ""
                )
                cure = f"bounds are differences from the threshold, {amount(rule.threshold)}: write{meant or ' that'}"
            yield finding("EL047", ("step_scaling", name, "steps", index), message, cure)


def el048(rules: Elasticity, context: LintContext) -> Iterator[Finding]:
    """A step rule that one datapoint suffices to make remove two units or more and half of all, at some count between
    the bounds. Half and two are [own]; AWS's own low alarms wait for fifteen."""
    for name, rule in rules.step_scaling.items():
        if rule.scales_out or (rule.datapoints_to_alarm or rule.evaluation_periods) > 1 or step_faults(rule):
            continue
        minimum = max(rules.minimum, 1)
        kind = ADJUSTMENTS[rule.adjustment]
        halved = (
            (units, max(minimum, lowest))
            for units in range(minimum + 1, min(rules.maximum, minimum + _ROUNDING) + 1)
            for lowest in [min(adjusted_capacity(units, one.change, kind, rule.minimum_adjustment)
                               for one in rule.steps)]
            if units - max(minimum, lowest) >= max(_LEAST_REMOVED, units / 2)
        )  # fmt: skip
        found = next(halved, None)
        if found is not None:
            message = f"one datapoint takes {found[0]} units to {found[1]}"
            cure = "set `evaluation_periods` to 5 or more, or remove less at once"
            yield finding("EL048", ("step_scaling", name, "evaluation_periods"), message, cure)


def _specification(rules: Elasticity, metric: str) -> str:
    """What AWS would see of a metric: its name where it is predefined, else what it is made of."""
    declared = rules.metrics.get(metric)
    if declared is None or declared.expression is not None:
        return metric
    return declared.model_dump_json(exclude={"silent_when_idle", "bounded"})


def el040(rules: Elasticity, context: LintContext) -> Iterator[Finding]:
    """Two tracking rules on one metric, an error, or step and tracking both able to scale in. Source: AASUG,
    considerations; API PutScalingPolicy ("Only one TargetTrackingScaling policy for a given metric specification is
    allowed"); two names of one CloudWatch metric are one specification."""
    by_metric: dict[str, list[str]] = defaultdict(list)
    for name, rule in rules.target_tracking.items():
        by_metric[_specification(rules, rule.metric)].append(name)
    for names in by_metric.values():
        if len(names) > 1:
            tracked = dict.fromkeys(rules.target_tracking[name].metric for name in names)
            same = f"{listed(tracked)}, which are one metric" if len(tracked) > 1 else next(iter(tracked))
            message = f"{listed(names)} track {same}: AWS takes one tracking policy for a metric"
            cure = "keep the one with the lower target"
            yield finding("EL040", ("target_tracking", names[-1], "metric"), message, cure, severity="error")
    tracking = [name for name, rule in rules.target_tracking.items() if rule.scale_in]
    for name, step in rules.step_scaling.items():
        if tracking and shrinks(step):
            message = f"{name} scales in beside {listed(tracking)}"
            cure = (
                "let tracking shrink and steps only grow: remove what removes, or say `scale_in: false` on the others"
            )
            yield finding("EL040", ("step_scaling", name), message, cure)
