"""What predictive rules share on the platforms: AWS's words for modes and breaches, and the buffer above forecasts."""

from __future__ import annotations

from components.scaling.plan import Refused
from elasticity.faults import Fault, KeyPath
from elasticity.rules import Predictive

MODES = {"forecast_only": "ForecastOnly", "forecast_and_scale": "ForecastAndScale"}
BREACHES = {"honor": "HonorMaxCapacity", "increase": "IncreaseMaxCapacity"}


def refused_buffer(rule: Predictive, path: KeyPath) -> Refused:
    """A buffer above the forecast: AWS takes it with a maximum that may rise, wants one there, and knows none else."""
    if rule.maximum_buffer is not None and rule.maximum_breach == "honor":
        cure = "remove it, or set `maximum_breach: increase`"
        return (Fault((*path, "maximum_buffer"), "the maximum is honoured, nothing rises above it", cure),)
    if rule.maximum_buffer is None and rule.maximum_breach == "increase":
        why, cure = "AWS wants to know how far above a forecast the maximum may rise", "give a percentage, 0 for none"
        return (Fault((*path, "maximum_buffer"), why, cure),)
    return ()
