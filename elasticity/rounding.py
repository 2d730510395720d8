"""Whole units from real numbers, guarded against the noise of binary floats."""

from __future__ import annotations

import math

GUARD = 1e-9
"""What a float may be off and still count as the whole number beside it: 7 x 18.6 / 65.1 is 2, though floats say
2.0000000000000004. `[calc]`"""


def ceil(value: float) -> int:
    """The smallest whole number not below `value - 1e-9`."""
    return math.ceil(value - GUARD)


def floor(value: float) -> int:
    """The largest whole number not above `value + 1e-9`."""
    return math.floor(value + GUARD)


def toward_zero(value: float) -> int:
    """The whole part of `value`, with the guard on the side away from zero."""
    return floor(value) if value >= 0 else -floor(-value)


def clamp(value: int, minimum: int | None, maximum: int | None) -> int:
    """`value` within the bounds, None for no bound; where they contradict each other the maximum holds.

    A maximum of 0 holds against any policy (EC2 Auto Scaling user guide, scheduled scaling).
    """
    if minimum is not None:
        value = max(value, minimum)
    return value if maximum is None else min(value, maximum)
