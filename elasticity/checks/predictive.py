"""Findings on predictive rules: a forecast only raises, so something must watch it and take capacity away."""

from __future__ import annotations

from collections.abc import Iterator

from elasticity.checks.context import LintContext
from elasticity.checks.finding import Finding, finding
from elasticity.rules import Elasticity

BUFFER_LIMIT = 3600
"""Seconds; the buffer is shorter (API PredictiveScalingConfiguration, SchedulingBufferTime)."""


def el060(rules: Elasticity, context: LintContext) -> Iterator[Finding]:
    """Forecast and scale without a tracking partner that shrinks, or before anyone has looked at the forecasts."""
    partner = any(rule.scale_in for rule in rules.target_tracking.values())
    for name, rule in rules.predictive.items():
        if rule.mode != "forecast_and_scale":
            continue
        path = ("predictive", name, "mode")
        if not partner:
            message = "a forecast never lowers capacity, and no tracking rule does"
            yield finding("EL060", path, message, f"add target tracking on {rule.metric} beside it")
        if not rule.forecast_reviewed:
            message = "the forecast acts, and nobody has said that it was compared with the load"
            cure = "watch it as forecast_only for a week, then say `forecast_reviewed: true`"
            yield finding("EL060", path, message, cure)


def el061(rules: Elasticity, context: LintContext) -> Iterator[Finding]:
    """A forecast that may pass the maximum, and no cap on the cost. Source: API PredictiveScalingConfiguration."""
    for name, rule in rules.predictive.items():
        if rule.maximum_breach == "increase" and context.cost_cap is None:
            message = "a forecast may raise the maximum, and nothing caps the cost of that"
            cure = "say `maximum_breach: honor`, or state what a month may cost"
            yield finding("EL061", ("predictive", name, "maximum_breach"), message, cure)


def el062(rules: Elasticity, context: LintContext) -> Iterator[Finding]:
    """A forecast that does nothing."""
    for name, rule in rules.predictive.items():
        if rule.mode == "forecast_only":
            cure = "compare its forecasts with the load, then say forecast_and_scale, or accept the finding until then"
            yield finding("EL062", ("predictive", name, "mode"), f"{name} predicts and changes nothing", cure)


def el063(rules: Elasticity, context: LintContext) -> Iterator[Finding]:
    """A buffer of an hour or more, which AWS refuses, or shorter than the start-up."""
    start_up = rules.unit.start_up
    for name, rule in rules.predictive.items():
        path = ("predictive", name, "buffer")
        if rule.buffer >= BUFFER_LIMIT:
            yield finding("EL063", path, f"buffer {rule.buffer} is not below 1h", "lower it below 1h")
        elif start_up is not None and rule.buffer < start_up:
            message = (
                f"buffer {rule.buffer} is shorter than the start-up, {start_up}: the hour begins without the units"
            )
            yield finding("EL063", path, message, f"raise it to {start_up} or more", severity="warning")
