"""Desired units under an hourly forecast, hour by hour (EC2UG ec2-auto-scaling-predictive-scaling)."""

from __future__ import annotations

import datetime
from collections.abc import Sequence

from elasticity import arguments
from elasticity.rounding import ceil

LONGEST_BUFFER = 3_600
"""Seconds; a buffer lies below it."""
BREACH_BEHAVIOURS = ("HonorMaxCapacity", "IncreaseMaxCapacity")


def predictive_maximum(
    forecast: int, maximum: int, behaviour: str = "HonorMaxCapacity", buffer: float | None = None
) -> int:
    """The effective maximum in units under a forecast capacity.

    HonorMaxCapacity keeps `maximum`. IncreaseMaxCapacity raises it to the forecast plus `buffer` percent, rounded up
    `[asm]`, never below `maximum`; it does not come back by itself. Raises ValueError on another behaviour, or a
    buffer without IncreaseMaxCapacity or outside 0 to 100.
    """
    forecast, maximum = arguments.count("forecast", forecast), arguments.count("maximum", maximum)
    arguments.one_of("behaviour", behaviour, BREACH_BEHAVIOURS)
    if behaviour == "HonorMaxCapacity":
        if buffer is not None:
            raise ValueError("`buffer` belongs to IncreaseMaxCapacity only")
        return maximum
    if buffer is not None and not 0 <= buffer <= 100:
        raise ValueError("`buffer`: got a percentage outside 0 to 100")
    return max(maximum, ceil(forecast * (1 + (buffer or 0) / 100)))


def predictive_capacity(actual: int, forecast: int | None, dynamic: int | None = None) -> int:
    """Desired units under a forecast: the largest of actual, forecast and what dynamic policies ask for; never lowered
    by it."""
    wanted = arguments.optional_count("forecast", forecast), arguments.optional_count("dynamic", dynamic)
    return max(arguments.count("actual", actual), *(value for value in wanted if value is not None), 0)


def predictive_launch(hour: datetime.datetime, buffer: float = 300.0) -> datetime.datetime:
    """When capacity for `hour` is raised: `buffer` seconds before (AWS's default 300). Raises ValueError unless 0 <=
    buffer < 3600."""
    if not 0 <= buffer < LONGEST_BUFFER:
        raise ValueError("`buffer`: got a time outside 0 to below 3600 seconds")
    return hour - datetime.timedelta(seconds=buffer)


def predictive_timeline(
    forecast: Sequence[int],
    current: int,
    minimum: int,
    maximum: int,
    mode: str = "ForecastOnly",
    behaviour: str = "HonorMaxCapacity",
    buffer: float | None = None,
) -> list[int]:
    """Desired units at each hour of `forecast`, with no other policy. ForecastOnly changes nothing; nothing lowers
    what was raised."""
    arguments.one_of("mode", mode, ("ForecastOnly", "ForecastAndScale"))
    desired, timeline = arguments.count("current", current), []
    minimum = arguments.count("minimum", minimum)
    for wanted in forecast:
        if mode == "ForecastAndScale":
            most = predictive_maximum(wanted, maximum, behaviour, buffer)
            desired = predictive_capacity(desired, min(max(wanted, minimum), most))
        timeline.append(desired)
    return timeline
