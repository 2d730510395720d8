"""Findings on step rules, and on rules that pull against each other."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from elasticity.checks.finding import Finding, finding
from elasticity.checks.surroundings import Surroundings
from elasticity.checks.words import amount, like, listed
from elasticity.rules import Elasticity, StepScaling
from elasticity.steps import ADJUSTMENTS, adjusted_capacity, step_faults

_ROUNDING = 100
"""Counts above the minimum after which percent changes repeat their rounding."""


def grows(rule: StepScaling) -> bool:
    """Whether a step may add capacity."""
    return rule.scales_out if rule.adjustment == "exact" else any(step.change > 0 for step in rule.steps)


def shrinks(rule: StepScaling) -> bool:
    """Whether a step may remove capacity."""
    return not rule.scales_out if rule.adjustment == "exact" else any(step.change < 0 for step in rule.steps)


def el012(rules: Elasticity, around: Surroundings) -> Iterator[Finding]:
    """Out and in thresholds of step rules on one metric flap: for some n and step k, out x n / (n + k) <= in."""
    for out_name, out in rules.step_scaling.items():
        for in_name, inward in rules.step_scaling.items():
            if not (out.scales_out and grows(out)) or inward.scales_out or out.metric != inward.metric:
                continue
            worst = min(
                ((n / after, n, after) for n, after in _growth(rules, out) if after > n),
                default=None,
            )
            if worst is None or out.threshold * worst[0] > inward.threshold:
                continue
            share, n, after = worst
            message = (
                f"from {n} to {after} units the metric falls from {amount(out.threshold)} to about "
                f"{amount(like(out.threshold * share, out.threshold))}, where {in_name} scales in"
            )
            cure = "move the thresholds apart, make the step smaller, or raise the minimum"
            yield finding("EL012", ("step_scaling", out_name, "threshold"), message, cure)


def _growth(rules: Elasticity, rule: StepScaling) -> Iterator[tuple[int, int]]:
    """Units before and after the largest step, for counts from the minimum on that may be the worst."""
    least = max(rules.minimum, 1)
    kind = ADJUSTMENTS[rule.adjustment]
    for n in range(least, min(rules.maximum, least + _ROUNDING) + 1):
        largest = max(adjusted_capacity(n, step.change, kind, rule.minimum_adjustment) for step in rule.steps)
        yield n, min(rules.maximum, largest)


def el013(rules: Elasticity, around: Surroundings) -> Iterator[Finding]:
    """Steps with gap, overlap, closed ends. Source: API PutScalingPolicy, StepAdjustment."""
    cure = "let each step begin where the one before ends, and leave the outermost end open"
    for name, rule in rules.step_scaling.items():
        for fault in step_faults(rule):
            yield finding("EL013", ("step_scaling", name, "steps"), fault, cure)


def el040(rules: Elasticity, around: Surroundings) -> Iterator[Finding]:
    """Two tracking rules on one metric, or step and tracking both able to scale in. Source: AASUG, considerations."""
    by_metric: dict[str, list[str]] = defaultdict(list)
    for name, rule in rules.target_tracking.items():
        by_metric[rule.metric].append(name)
    for metric, names in by_metric.items():
        if len(names) > 1:
            message = f"{listed(names)} track {metric}"
            yield finding(
                "EL040", ("target_tracking", names[-1], "metric"), message, "keep the one with the lower target"
            )
    tracking = [name for name, rule in rules.target_tracking.items() if rule.scale_in]
    for name, step in rules.step_scaling.items():
        if tracking and shrinks(step):
            message = f"{name} scales in beside {listed(tracking)}"
            cure = (
                "let tracking shrink and steps only grow: remove what removes, or say `scale_in: false` on the others"
            )
            yield finding("EL040", ("step_scaling", name), message, cure)
