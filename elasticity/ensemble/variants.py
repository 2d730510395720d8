"""Variants of a load: how another day of the same service could have been."""

from __future__ import annotations

import dataclasses
import datetime
from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from elasticity.ensemble.assumptions import Assumption
from elasticity.traces import Load, Reals

DAY = 86_400
WEEKEND = 5
"""From this weekday on, Monday being 0."""
LARGE = 1_000
"""Requests of a point from which their number is drawn as normal: skewness and excess are below 0.04."""
LEVEL, SHIFT = "load.level", "load.shift"
NOISE, DAYS = "load.noise", "load.days"
"""Names of what is drawn of a load."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class LoadVariants:
    """What of a load may differ; the defaults are an ordinary day next month [own]."""

    level: float = 0.1
    """Share by which every value may be higher or lower, 0 to below 1."""
    shift: int = 3_600
    """Seconds by which the load may come earlier or later by the clock, of schedules and of datapoints."""
    noise: bool = True
    """Poisson counts around each value."""
    days: bool = True
    """Of loads of several days: each day drawn anew from the days of the load, weekends from weekends."""

    @classmethod
    def none(cls) -> LoadVariants:
        """The load as it is."""
        return cls(level=0.0, shift=0, noise=False, days=False)

    @property
    def is_random(self) -> bool:
        """Whether something is drawn that has no two ends."""
        return self.noise or self.days

    def assumptions(self) -> Iterator[Assumption]:
        """What has two ends."""
        source = "another day of the same service [own]"
        if self.level:
            yield Assumption(
                name=LEVEL,
                place="load",
                default=1.0,
                low=1.0 - self.level,
                high=1.0 + self.level,
                unit="x",
                grade="asm",
                source=source,
            )
        if self.shift:
            yield Assumption(
                name=SHIFT,
                place="load",
                default=0,
                low=-self.shift,
                high=self.shift,
                unit="s",
                grade="asm",
                source=source,
            )

    def drawn(self, load: Load) -> dict[str, str]:
        """By name what is drawn that has no two ends, a sentence each."""
        found = {}
        if self.noise:
            found[NOISE] = "noise: Poisson counts around each value of the load"
        if self.days and can_draw_days(load):
            found[DAYS] = "days: each day drawn anew from the days of the load, weekends from weekends"
        return found

    def alone(self, name: str) -> LoadVariants:
        """The same with nothing drawn but that of `name`."""
        return dataclasses.replace(self, noise=self.noise and name == NOISE, days=self.days and name == DAYS)


def can_draw_days(load: Load) -> bool:
    """Whether the load has whole days of which one could stand for another."""
    return DAY % load.step == 0 and load.seconds >= 2 * DAY


def drawn_days(load: Load, generator: np.random.Generator) -> npt.NDArray[np.int64]:
    """Of each point of the load the point that stands for it, where each of its whole days is drawn from those of its
    kind; what is left at the end stays."""
    points, days = DAY // load.step, load.seconds // DAY
    weekdays = (load.start.weekday() + np.arange(days)) % 7
    drawn = np.arange(days)
    for weekend in (False, True):
        alike = np.flatnonzero((weekdays >= WEEKEND) == weekend)
        if len(alike):
            drawn[alike] = generator.choice(alike, len(alike))
    places = (drawn[:, None] * points + np.arange(points)).ravel()
    return np.append(places, np.arange(days * points, len(load.values)))


def _counts(expected: Reals, generator: np.random.Generator) -> Reals:
    """Poisson counts around what is expected; large ones from the normal distribution, which takes a third of the
    time."""
    found = np.sqrt(expected)
    found *= generator.standard_normal(len(expected))
    found += expected
    np.maximum(found, 0.0, out=found)
    np.rint(found, out=found)
    small = expected < LARGE
    if small.any():
        found[small] = generator.poisson(expected[small])
    return found


def varied(
    load: Load, variants: LoadVariants, generator: np.random.Generator | None, *, level: float, shift: int
) -> Load:
    """One variant of the load; without a generator nothing is drawn."""
    values, columns = load.values, load.columns
    if generator is not None and variants.days and can_draw_days(load):
        places = drawn_days(load, generator)
        values, columns = values[places], {name: column[places] for name, column in columns.items()}
    if level != 1.0:
        values = values * level
    if generator is not None and variants.noise:
        values = _counts(values * load.step, generator)
        values /= load.step
    if values is load.values and not shift:
        return load
    start = load.start + datetime.timedelta(seconds=shift)
    return dataclasses.replace(load, values=values, columns=columns, start=start)
