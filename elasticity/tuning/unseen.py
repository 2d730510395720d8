"""Loads that a search has not seen, made of those that it has: rules that fit one recording only show it here."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence

from elasticity.traces import Load, daily, ramp

SCALE, SHIFT, SEED = 1.1, 3_600, 1
"""A tenth more, an hour later, Poisson noise: an ordinary day next year [own]."""
PEAK_HOUR, DAYS = 20, 2
RISE, LEAD, HOLD = 3 * 3_600, 3_600, 3_600
"""Seconds of the ramp, before it and after it [own]."""


def held_out(seen: Sequence[Load]) -> Iterator[Load]:
    """Each load a tenth higher, an hour later and noisy; then two of the named shapes between the lowest and the
    highest rate seen: days with their peak in the evening, and a ramp. They start at midnight of the first load's
    day."""
    for load in seen:
        other = load.scaled(SCALE).shifted(SHIFT).with_noise(SEED)
        yield dataclasses.replace(other, name=f"{load.name} + 10 % + 1 h + noise")
    low = min(float(load.values.min()) for load in seen)
    high = max(float(load.values.max()) for load in seen)
    start = seen[0].start.replace(hour=0, minute=0, second=0, microsecond=0)
    days = daily(low, high, peak_hour=PEAK_HOUR, days=DAYS, start=start)
    yield dataclasses.replace(days, name=f"daily, peak at {PEAK_HOUR}:00 UTC")
    rise = ramp(low, high, RISE, lead=LEAD, hold=HOLD, start=start)
    yield dataclasses.replace(rise, name=f"ramp over {RISE // 3_600} h")
