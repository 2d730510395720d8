"""ECS managed scaling: how a capacity provider sizes its group from the instances that tasks need.

Source: ECSDG cluster auto scaling and managed-scaling-behavior; AWS deep-dive post on ECS cluster auto scaling.
"""

from __future__ import annotations

from elasticity import arguments
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
    arguments.number("target", target, maximum=100, above=0)
    if not running:
        return ceil(capacity_provider_reservation(needed, running) / target) if needed else 0
    return ceil(100 * needed / target)
