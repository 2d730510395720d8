"""Steps and patience of ECS managed scaling (ECSDG managed-scaling-behavior)."""

from __future__ import annotations

import math
from collections.abc import Sequence

from elasticity import arguments
from elasticity.alarms import managed_alarms
from elasticity.platforms import platform_parameters


def capacity_provider_launch(need: int, minimum_step: int | None = None, maximum_step: int | None = None) -> int:
    """Instances launched at once for a `need` of further ones: between the minimum and the maximum step; 0 where none
    is needed.

    Steps default to the platform's 1 and 10,000. Raises ValueError where the minimum is above the maximum, or on a
    number that is not whole.
    """
    shipped, need = platform_parameters("capacity_provider"), arguments.count("need", need, -math.inf)
    least = arguments.optional_count("minimum_step", minimum_step, 1) or shipped.minimum_step or 1
    most = arguments.optional_count("maximum_step", maximum_step, 1) or shipped.maximum_step or least
    if least > most:
        raise ValueError("`minimum_step` is above `maximum_step`")
    return min(max(need, least), most) if need > 0 else 0


def capacity_provider_scale_in_counter(target: float, series: Sequence[float | None]) -> bool:
    """Whether the low alarm has fired within `series`, the reservation at one point a minute, oldest first.

    Fifteen points below the target in a row; any other point starts the count anew.
    """
    low = managed_alarms("capacity_provider", target).side("low")
    return "ALARM" in low.history(series)
