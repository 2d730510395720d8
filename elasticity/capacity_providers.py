"""ECS managed scaling: how a capacity provider sizes its group from the instances that tasks need.

Source: ECSDG cluster auto scaling and managed-scaling-behavior; AWS deep-dive post on ECS cluster auto scaling.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from elasticity import arguments
from elasticity.alarms import managed_alarms
from elasticity.platforms import platform_parameters
from elasticity.rounding import ceil


def _counts(needed: int, running: int) -> tuple[int, int]:
    return arguments.count("needed", needed), arguments.count("running", running)


def capacity_provider_reservation(needed: int, running: int) -> float:
    """CapacityProviderReservation in percent: 100 x instances needed / instances running.

    Nothing needed and nothing running is 100; something needed and nothing running is 200. The guide's "100 minus the
    number of empty instances" contradicts the formula, which is taken. Raises ValueError unless both are whole numbers
    from 0 up.
    """
    needed, running = _counts(needed, running)
    if not running:
        return 200.0 if needed else 100.0
    return 100.0 * needed / running


def capacity_provider_size(needed: int, running: int, target: float) -> int:
    """Instances that managed scaling asks for: `ceil(100 x needed / target)`; below 100 the target keeps a spare.

    From zero running instances tracking sees 200 % and counts from one, so that the first launch is two at target 100
    [pub]. Raises ValueError unless 0 < target <= 100 and both counts are whole numbers from 0 up.
    """
    needed, running = _counts(needed, running)
    arguments.number("target", target, most=100, above=0)
    if not running:
        return ceil(capacity_provider_reservation(needed, running) / target) if needed else 0
    return ceil(100 * needed / target)


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
