"""Step scaling: interval bounds, adjustment types, and the alarm that each step rule brings along."""

from __future__ import annotations

from typing import Any

from components.metrics import Measure, alarm_inputs
from components.scaling.plan import ALARM, Reference, Refused, ScalingResource
from components.specs.access import whole_units
from elasticity.faults import Fault, KeyPath
from elasticity.rules import StepScaling
from elasticity.waking import WAKE

ADJUSTMENTS = {"change": "ChangeInCapacity", "percent": "PercentChangeInCapacity", "exact": "ExactCapacity"}


def refused_adjustment(rule: StepScaling, path: KeyPath) -> Refused:
    """A smallest change, which only changes in percent have."""
    if rule.minimum_adjustment is None or rule.adjustment == "percent":
        return ()
    reason = f"AWS knows a smallest size for percent changes only, the adjustment is `{rule.adjustment}`"
    cure = "remove it, or write the steps in percent with `adjustment: percent`"
    return (Fault((*path, "minimum_adjustment"), reason, cure),)


def step_inputs(rule: StepScaling, unit: float) -> dict[str, Any]:
    """What both platforms call by the same names; bounds are divided by `unit`, the metric's own size of one unit."""
    smallest = {} if rule.minimum_adjustment is None else {"min_adjustment_magnitude": rule.minimum_adjustment}
    return {
        "adjustment_type": ADJUSTMENTS[rule.adjustment],
        "metric_aggregation_type": rule.aggregation,
        **smallest,
        "step_adjustments": [
            {
                "scaling_adjustment": step.change,
                **_bound("metric_interval_lower_bound", step.from_, unit),
                **_bound("metric_interval_upper_bound", step.to, unit),
            }
            for step in rule.steps
        ],
    }


def _bound(name: str, value: float | None, unit: float) -> dict[str, str]:
    """The provider takes bounds as text, so that 0 and no bound differ."""
    return {} if value is None else {name: number_text(value / unit)}


def number_text(value: float) -> str:
    """A number without a needless fraction or exponent."""
    return str(round(value)) if float(value).is_integer() else repr(float(f"{value:.12g}"))


def step_alarm(role: str, rule: StepScaling, measure: Measure, unit: float, policy_type: str) -> ScalingResource:
    """The alarm that runs a step policy; its physical name is left to the engine."""
    return ScalingResource(
        ALARM,
        role,
        {
            "alarm_description": f"scaling rule {role}: runs its step policy, pages nobody",
            **alarm_inputs(measure.at_least_every(whole_units(rule.period))),
            "comparison_operator": rule.comparison,
            "threshold": float(f"{rule.threshold / unit:.12g}"),
            "evaluation_periods": rule.evaluation_periods,
            "datapoints_to_alarm": rule.datapoints_to_alarm or rule.evaluation_periods,
            "treat_missing_data": rule.missing_data,
            "alarm_actions": [Reference(policy_type, role, "arn")],
        },
    )


def wake_alarm(rule: StepScaling, measure: Measure, policy_type: str) -> ScalingResource:
    """The alarm behind the step from zero to one."""
    return ScalingResource(
        ALARM,
        WAKE,
        {
            "alarm_description": "messages wait and no unit runs: starts the first one, pages nobody",
            **alarm_inputs(measure),
            "comparison_operator": rule.comparison,
            "threshold": float(rule.threshold),
            "evaluation_periods": rule.evaluation_periods,
            "datapoints_to_alarm": rule.datapoints_to_alarm or rule.evaluation_periods,
            "treat_missing_data": rule.missing_data,
            "alarm_actions": [Reference(policy_type, WAKE, "arn")],
        },
    )
