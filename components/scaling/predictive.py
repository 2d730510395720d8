"""What predictive rules share on the platforms: AWS's words for modes and breaches, and the buffer above forecasts."""

from __future__ import annotations

from components.scaling.plan import Refusal
from elasticity.rules import Predictive

MODES = {"forecast_only": "ForecastOnly", "forecast_and_scale": "ForecastAndScale"}
BREACHES = {"honor": "HonorMaxCapacity", "increase": "IncreaseMaxCapacity"}


def maximum_buffer(rule: Predictive, path: str, refusals: list[Refusal]) -> int | None:
    """Percent above the forecast; only with a maximum that may rise."""
    if rule.maximum_buffer is not None and rule.maximum_breach == "honor":
        cure = "remove it, or set `maximum_breach: increase`"
        refusals.append(Refusal(f"{path}.maximum_buffer", "the maximum is honoured, nothing rises above it", cure))
    return rule.maximum_buffer
