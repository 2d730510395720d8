"""Draws the runs of a study, and measures many of them on all cores."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np

from elasticity.ensemble.assumptions import Assumption, assumptions, at, with_shares
from elasticity.ensemble.bands import Bands, Curves
from elasticity.ensemble.variants import LEVEL, SHIFT, LoadVariants, varied
from elasticity.pricing import Prices
from elasticity.rules import Elasticity
from elasticity.simulator import FIGURES, Conditions, engine
from elasticity.simulator.configuration import configure
from elasticity.simulator.failures import drawn_at_a_rate, redrawn
from elasticity.simulator.figures import Tariff, UnitPrice, figures_of
from elasticity.simulator.plant.state import RECORDED
from elasticity.simulator.prepared import Prepared
from elasticity.traces import Load, Reals

DEFAULT_RUNS = 200
"""Runs of an ensemble where no number is asked for: a p90 then has twenty runs above it [own]."""
SPANS = 900
"""Points of a curve at most: more would not be seen."""
FAILURES = "failures."
"""What names of failures begin with among what is drawn."""
CHUNK = 4
"""Runs that a thread takes at once."""
_CAPACITY = RECORDED.index("capacity")


@dataclasses.dataclass(frozen=True, kw_only=True)
class Study:
    """One rule set on one load, with what may be otherwise."""

    rules: Elasticity
    load: Load
    conditions: Conditions
    variants: LoadVariants = dataclasses.field(default_factory=LoadVariants)
    declared: frozenset[str] = frozenset()
    """Parameters that a user has set: they are known and stay."""
    ranges: Mapping[str, tuple[float, float]] = dataclasses.field(default_factory=dict)
    """Ends given by a user, by name."""
    unit_price: UnitPrice | Tariff | None = None
    prices: Prices | None = None

    def assumptions(self) -> tuple[Assumption, ...]:
        """What is varied; raises `AssumptionError`."""
        found = assumptions(self.rules, self.conditions, declared=self.declared, ranges=self.ranges)
        return (*found, *self.variants.assumptions())

    def drawn(self) -> dict[str, str]:
        """By name what is drawn for each run that has no two ends, a sentence each."""
        spot = [name for name, one in self.conditions.failures.items() if drawn_at_a_rate(one)]
        times = {f"{FAILURES}{name}": f"{name}: the times of its interruptions" for name in spot}
        return {**self.variants.drawn(self.load), **times}


@dataclasses.dataclass(frozen=True, kw_only=True)
class Drawn:
    """One run of a study: where each assumption lies, and the seed of what else is drawn; None draws nothing."""

    shares: Mapping[Assumption, float]
    seed: tuple[int, ...] | None
    alone: str | None = None
    """The name of what is drawn while all else of `Study.drawn` stays as it is; None draws all of it."""


def draws(varied_: Sequence[Assumption], runs: int, seed: int) -> Iterator[Drawn]:
    """So many runs from a Latin hypercube over the assumptions: each is spread evenly over its range. Needs scipy."""
    shares = np.zeros((runs, 0))
    if varied_:
        from scipy.stats import qmc  # here: it takes a second, and most commands draw nothing

        shares = qmc.LatinHypercube(d=len(varied_), rng=np.random.Generator(np.random.PCG64(seed))).random(runs)
    for run, row in enumerate(shares):
        yield Drawn(shares=dict(zip(varied_, map(float, row), strict=True)), seed=(seed, run))


def ensemble(
    study: Study, *, runs: int = DEFAULT_RUNS, seed: int = 0, workers: int | None = None, curves: bool = False
) -> Bands:
    """`runs` runs of the study, on all cores or so many threads; equal seeds give equal figures on any number of them.

    `curves` keeps load and capacity over time. Raises SimulationError where a run cannot be, ValueError below one run.
    """
    if runs < 1:
        raise ValueError(f"runs: got {runs}, allowed 1 and more")
    found = study.assumptions()
    figures, lines = measure(study, list(draws(found, runs, seed)), workers=workers, curves=curves)
    return Bands(seed, found, tuple(study.drawn().values()), figures, lines)


def measure(
    study: Study, drawn: Sequence[Drawn], *, workers: int | None = None, curves: bool = False
) -> tuple[dict[str, Reals], Curves | None]:
    """Every figure of each run, shape (runs,), NaN where there is none; and the curves where asked for."""
    if compiled := engine.can_compile():
        engine.compiled_run()
    figures = np.full((len(FIGURES), len(drawn)), np.nan)
    ticks = study.load.seconds // study.conditions.tick
    starts = np.arange(0, max(1, ticks), max(1, -(-ticks // SPANS)))
    lines = np.zeros((2, len(drawn), len(starts))) if curves else None

    def one(place: int) -> None:
        rules, load, conditions = _settled(study, drawn[place])
        prepared = Prepared(load, conditions)
        scenario = configure(rules, prepared, record=curves)
        outcome = engine.execute(scenario, compiled=compiled)
        values = figures_of(scenario, outcome, study.unit_price, study.prices)
        figures[:, place] = [np.nan if value is None else value for value in values.values()]
        if lines is not None:
            lines[0, place] = np.maximum.reduceat(scenario.rates, starts)
            lines[1, place] = np.minimum.reduceat(outcome.recorded[:, _CAPACITY], starts)

    _on_threads(one, len(drawn), workers)
    kept = dict(zip(FIGURES, figures, strict=True))
    if lines is None:
        return kept, None
    return kept, Curves(np.asarray(starts * study.conditions.tick, dtype=np.float64), lines[0], lines[1])


class SettledRuns:
    """Runs drawn once and kept, for many rule sets to be measured on the same: those of a search."""

    def __init__(self, studies: Sequence[Study], *, runs: int, seed: int) -> None:
        """`runs` runs of each study, one study after the other."""
        self.studies = [study for study in studies for _ in range(runs)]
        self._settled = [
            _settled(study, drawn) for study in studies for drawn in draws(study.assumptions(), runs, seed)
        ]
        self._prepared = [Prepared(load, conditions) for _, load, conditions in self._settled]

    def figures(self, rule_sets: Sequence[Elasticity], *, workers: int | None = None) -> dict[str, Reals]:
        """Every figure of each rule set on each run, shape (rule sets, runs), NaN where there is none; the unit is that
        of the run."""
        if compiled := engine.can_compile():
            engine.compiled_run()
        found = np.full((len(FIGURES), len(rule_sets), len(self._prepared)), np.nan)

        def one(place: int) -> None:
            row, column = divmod(place, len(self._prepared))
            rules = rule_sets[row].model_copy(update={"unit": self._settled[column][0].unit})
            scenario = configure(rules, self._prepared[column], record=False)
            outcome = engine.execute(scenario, compiled=compiled)
            study = self.studies[column]
            values = figures_of(scenario, outcome, study.unit_price, study.prices)
            found[:, row, column] = [np.nan if value is None else value for value in values.values()]

        _on_threads(one, len(rule_sets) * len(self._prepared), workers)
        return dict(zip(FIGURES, found, strict=True))


def _on_threads(one: Callable[[int], None], count: int, workers: int | None) -> None:
    def some(places: Iterable[int]) -> None:
        for place in places:
            one(place)

    chunks = [range(first, min(first + CHUNK, count)) for first in range(0, count, CHUNK)]
    with ThreadPoolExecutor(workers or _cores()) as pool:
        for _ in pool.map(some, chunks):
            pass


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _settled(study: Study, drawn: Drawn) -> tuple[Elasticity, Load, Conditions]:
    """Rules, load and conditions of one run."""
    bent: dict[str, Any] = {LEVEL: 1.0, SHIFT: 0}
    for item, share in drawn.shares.items():
        if item.place == "load":
            bent[item.name] = at(item, share, item.default, (item.low, item.high))
    tick, variants, alone = study.conditions.tick, study.variants, drawn.alone
    variants = variants if alone is None else variants.alone(alone)
    generator = None
    if drawn.seed is not None and variants.is_random:
        generator = np.random.Generator(np.random.PCG64(np.random.SeedSequence(drawn.seed)))
    shift = round(bent[SHIFT] / tick) * tick
    load = varied(study.load, variants, generator, level=float(bent[LEVEL]), shift=shift)
    rules, conditions = with_shares(study.rules, study.conditions, drawn.shares)
    if drawn.seed is not None and conditions.failures:
        names = None if alone is None else [alone.removeprefix(FAILURES)] if alone.startswith(FAILURES) else []
        conditions = dataclasses.replace(conditions, failures=redrawn(conditions.failures, drawn.seed, names))
    return rules, load, conditions
