"""How findings write amounts, times and lists."""

from __future__ import annotations

import math
from collections.abc import Iterable

from elasticity.quantities import Duration


def amount(value: float) -> str:
    """A number without needless digits, or a duration with its unit."""
    return str(value) if isinstance(value, Duration) else f"{value:g}"


def like(value: float, example: float) -> float:
    """`value` as a duration where `example` is one."""
    return Duration(value) if isinstance(example, Duration) else value


def listed(names: Iterable[str]) -> str:
    """`a`, `a and b`, or `a, b and c`."""
    *first, last = names
    return f"{', '.join(first)} and {last}" if first else last


def minutes(seconds: float) -> str:
    """Seconds as whole minutes, rounded up."""
    return f"{math.ceil(seconds / 60 - 1e-9)} minutes"
