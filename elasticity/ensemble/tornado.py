"""Which assumption a figure hangs on most: each alone over its range, everything else as it is in force."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

import numpy as np

from elasticity.ensemble.assumptions import Assumption
from elasticity.ensemble.studies import Drawn, Study, measure
from elasticity.measure import percentile
from elasticity.traces import Reals

SHARES = (0.0, 0.25, 0.5, 0.75, 1.0)
"""Where each range is looked at: what matters is not always worst at an end."""
REPEATS = 20
"""Runs that show what the draws of one kind alone do."""


@dataclasses.dataclass(frozen=True, slots=True)
class Swing:
    """What one assumption does to a figure."""

    name: str
    assumption: Assumption | None
    """None for what is drawn and has no two ends: noise, days, the times of interruptions."""
    at_low: float | None
    """The figure at the low end; None where it has none."""
    at_high: float | None
    lowest: float
    """Least of the figure over the range, the value in force included; of draws the p10."""
    highest: float

    @property
    def width(self) -> float:
        """How much the figure hangs on it."""
        return self.highest - self.lowest


@dataclasses.dataclass(frozen=True, eq=False)
class Tornado:
    """Runs in which one assumption at a time is otherwise."""

    defaults: Mapping[str, float]
    """Every figure with all values in force, NaN where there is none."""
    groups: tuple[tuple[str, Assumption | None, Mapping[str, Reals]], ...]
    """Of each assumption its name, and every figure over its range from the low end to the high one."""

    def swings(self, figure: str) -> list[Swing]:
        """What each assumption does to a figure, the widest first; none where no run has the figure."""
        default = self.defaults[figure]
        found = []
        for name, assumption, figures in self.groups:
            values = figures[figure]
            seen = np.append(values, default)
            seen = seen[~np.isnan(seen)]
            if not len(seen):
                continue
            low, high = float(seen.min()), float(seen.max())
            if assumption is None:
                low, high = percentile(seen, 0.1), percentile(seen, 0.9)
            ends = [None if np.isnan(value) else float(value) for value in (values[0], values[-1])]
            found.append(Swing(name, assumption, ends[0], ends[1], low, high))
        return sorted(found, key=lambda swing: (-swing.width, swing.name))


def tornado(study: Study, *, seed: int = 0, workers: int | None = None) -> Tornado:
    """Runs of the study with one assumption, or one kind of draws, otherwise; equal seeds give equal figures."""
    drawn = [Drawn(shares={}, seed=None)]
    places: list[tuple[str, Assumption | None, slice]] = []

    def group(name: str, assumption: Assumption | None, members: list[Drawn]) -> None:
        places.append((name, assumption, slice(len(drawn), len(drawn) + len(members))))
        drawn.extend(members)

    for item in study.assumptions():
        shares = tuple(np.linspace(0.0, 1.0, len(item.words))) if item.words else SHARES
        group(item.name, item, [Drawn(shares={item: float(share)}, seed=None) for share in shares])
    for name in study.drawn():
        group(name, None, [Drawn(shares={}, seed=(seed, run), alone=name) for run in range(REPEATS)])
    figures, _ = measure(study, drawn, workers=workers)
    return Tornado(
        {name: float(values[0]) for name, values in figures.items()},
        tuple((name, item, {key: values[part] for key, values in figures.items()}) for name, item, part in places),
    )
