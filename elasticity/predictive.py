"""Predictive scaling: forecasts into capacities. The forecasting model of AWS is not public; ours is an approximation.

Source: API PredictiveScalingConfiguration; EC2UG ec2-auto-scaling-predictive-scaling; the same structure on ECS since
November 2024.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

HISTORY_NEEDED_HOURS = 24
HISTORY_USED_HOURS = 14 * 24
FORECAST_HOURS = 48
REFRESH_HOURS = 6

Forecast = Callable[[Sequence[float], int], Sequence[float]]
"""From hourly values, oldest first, and a number of hours to that many values ahead."""


def seasonal_naive(history: Sequence[float], hours: int = FORECAST_HOURS) -> list[float]:
    """`hours` values ahead: the same hour a week ago, or a day ago with under 8 days of history. An approximation
    `[asm]`.

    `history` holds hourly maxima, oldest first. Raises ValueError with under 24 h, which AWS refuses too.
    """
    if len(history) < HISTORY_NEEDED_HOURS:
        raise ValueError("`history`: got less than 24 hourly values, predictive scaling needs 24")
    season = 7 * 24 if len(history) >= 8 * 24 else 24
    return [history[len(history) - season + hour % season] for hour in range(hours)]
