"""Findings on what the rules can do at all: act, cover the peak, grow, shrink."""

from __future__ import annotations

from collections.abc import Iterator

from elasticity.checks.context import LintContext
from elasticity.checks.finding import Finding, finding
from elasticity.checks.steps import grows, shrinks
from elasticity.checks.words import listed
from elasticity.quantities import rate_text
from elasticity.rules import Elasticity


def _acting(rules: Elasticity) -> list[str]:
    """Names of the rules that are to move capacity between the bounds."""
    forecasts = (name for name, rule in rules.predictive.items() if rule.mode == "forecast_and_scale")
    return [*rules.target_tracking, *rules.step_scaling, *forecasts]


def _highest(rules: Elasticity) -> int:
    """The largest maximum that may be in force."""
    return max(rules.maximum, *(rule.maximum or 0 for rule in rules.scheduled.values()), 0)


def el004(rules: Elasticity, context: LintContext) -> Iterator[Finding]:
    """Minimum and maximum are one number in every hour, and rules are to act. Source: API RegisterScalableTarget:
    policies stay within both."""
    lowest = min(rules.minimum, *(rule.minimum for rule in rules.scheduled.values() if rule.minimum is not None), 1e9)
    raised = any(rule.maximum_breach == "increase" for rule in rules.predictive.values())
    acting = _acting(rules)
    if acting and rules.minimum == rules.maximum and lowest >= _highest(rules) and not raised:
        message = f"minimum and maximum are both {rules.minimum}: {listed(acting)} can never act"
        yield finding("EL004", ("maximum",), message, "raise the maximum or lower the minimum, or remove the rules")


def el005(rules: Elasticity, context: LintContext) -> Iterator[Finding]:
    """The declared peak is above what the largest maximum serves at full utilisation."""
    capacity, maximum = rules.unit.capacity, _highest(rules)
    if not capacity or context.peak is None or context.peak <= capacity * maximum:
        return
    needed = -int(-context.peak // capacity)
    message = (
        f"the peak of {rate_text(context.peak)} needs {needed} units at full utilisation, and the maximum is {maximum}"
    )
    yield finding("EL005", ("maximum",), message, f"raise the maximum above {needed}, so that targets can be held too")


def el006(rules: Elasticity, context: LintContext) -> Iterator[Finding]:
    """Something adds capacity and nothing ever removes it: every tracking rule says `scale_in: false`, no step removes,
    no schedule lowers the maximum or sets the capacity."""
    removes = (
        any(rule.scale_in for rule in rules.target_tracking.values())
        or any(shrinks(rule) for rule in rules.step_scaling.values())
        or any(rule.maximum is not None or rule.desired is not None for rule in rules.scheduled.values())
    )
    adding = [*rules.target_tracking, *(name for name, rule in rules.step_scaling.items() if grows(rule))]
    if adding and not removes:
        kind = "target_tracking" if rules.target_tracking else "step_scaling"
        verb = "add" if len(adding) > 1 else "adds"
        message = f"{listed(adding)} {verb} capacity and nothing removes it: after the first peak it stays"
        cure = "let a tracking rule scale in, add a step rule that removes, or a schedule that lowers the maximum"
        yield finding("EL006", (kind, adding[0]), message, cure)


def el007(rules: Elasticity, context: LintContext) -> Iterator[Finding]:
    """Something removes capacity and nothing adds it."""
    adds = (
        bool(rules.target_tracking)
        or any(grows(rule) for rule in rules.step_scaling.values())
        or any(rule.mode == "forecast_and_scale" for rule in rules.predictive.values())
        or any(rule.minimum is not None or rule.desired is not None for rule in rules.scheduled.values())
    )
    removing = [name for name, rule in rules.step_scaling.items() if shrinks(rule)]
    if removing and not adds:
        verb = "remove" if len(removing) > 1 else "removes"
        message = f"{listed(removing)} {verb} capacity and nothing adds it: once at the minimum it stays there"
        cure = "add a target-tracking rule, or a step rule that adds"
        yield finding("EL007", ("step_scaling", removing[0]), message, cure)
