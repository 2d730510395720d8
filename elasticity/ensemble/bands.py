"""Figures of many runs as quantiles, and in how many of them something is kept."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterable, Mapping
from types import MappingProxyType

import numpy as np

from elasticity.ensemble.assumptions import Assumption
from elasticity.expectations import Expectation
from elasticity.measure import percentile
from elasticity.traces import Reals

QUANTILES: Mapping[str, float] = MappingProxyType({"p10": 0.1, "p50": 0.5, "p90": 0.9})
"""What a report shows of each figure."""
_WITHOUT_END = "worst_latency"
"""The figure that is missing where it has no end: there it counts as the worst."""


@dataclasses.dataclass(frozen=True, eq=False)
class Curves:
    """Load and capacity of each run over its own time, in spans of equal length."""

    seconds: Reals
    """Start of each span in seconds of the run, shape (spans,)."""
    load: Reals
    """Most requests per second of each span, shape (runs, spans)."""
    capacity: Reals
    """Least capacity of each span in requests per second, shape (runs, spans)."""


@dataclasses.dataclass(frozen=True, eq=False)
class Bands:
    """What an ensemble measured."""

    seed: int
    assumptions: tuple[Assumption, ...]
    """What was varied."""
    variants: tuple[str, ...]
    """What else was drawn of the load, a sentence each."""
    figures: Mapping[str, Reals]
    """Every figure of `elasticity.simulator.FIGURES`, shape (runs,), NaN where a run has none."""
    curves: Curves | None = None
    """Only where asked for."""

    @property
    def runs(self) -> int:
        """How many runs there are."""
        return len(self.figures["requests"])

    def measured(self, name: str) -> Reals:
        """The values of a figure in the runs that have it; a latency without end is infinite."""
        values = self.figures[name]
        if name == _WITHOUT_END:
            return np.where(np.isnan(values), math.inf, values)
        return values[~np.isnan(values)]

    def quantile(self, name: str, share: float) -> float | None:
        """The smallest value that at least `share` (0 to 1) of the runs do not exceed: always the value of a run. Runs
        without the figure are left out; None where none has it, or where it has no end."""
        values = self.measured(name)
        if not len(values):
            return None
        found = percentile(values, share)
        return found if math.isfinite(found) else None

    def kept(self, expectations: Iterable[Expectation]) -> int:
        """In how many runs every expectation holds."""
        found = np.ones(self.runs, dtype=bool)
        for item in expectations:
            found &= np.array([item.holds(float(value)) for value in self.figures[item.figure.name]], dtype=bool)
        return int(found.sum())
