"""The search: points from an optimiser, judged by simulation, then a walk downhill, then back to what was where it
costs nothing."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

import numpy as np

from elasticity.expectations import FIGURES, Expectation
from elasticity.measure import percentile
from elasticity.rules import Elasticity
from elasticity.traces import Reals
from elasticity.tuning.space import Parameter, Point, applied, current

Evaluate = Callable[[Sequence[Elasticity]], Mapping[str, Reals]]
"""From rule sets to every figure, arrays of shape (rule sets, loads), NaN where there is none."""
UNMEASURED = 1e6
"""How far a figure that was not measured lies from any expectation."""
STRIDES = (-5, -2, -1, 1, 2, 5)
"""How many values the walk downhill looks up and down in each parameter."""
MAXIMUM_STEPS = 15
"""Steps of the walk downhill."""
WORTH = 0.005
"""A change that saves less than this share of the cost is taken back: a reader has to follow each."""


@dataclass(frozen=True, slots=True)
class Goal:
    """What the search is after."""

    expectations: tuple[Expectation, ...]
    """Each on every load."""
    cost: str = "cost_per_month"
    """Figure to make small: its mean over the loads."""
    service: str = "overload_minutes"
    """Figure on the other axis of the Pareto front: its worst over the loads."""


@dataclass(frozen=True, slots=True)
class Trial:
    """One rule set with what it does on the loads."""

    point: Point
    rules: Elasticity | None
    """None where the values do not go together."""
    cost: float
    service: float
    measured: tuple[float, ...]
    """The figure of each expectation on the load where it is farthest from kept; NaN where it was not measured."""
    excess: tuple[float, ...]
    """How far each expectation is from kept on that load, as a share of its value; 0 where it is kept on all."""
    refused: bool = False
    """The linter found something that the rules in force do not have."""

    @property
    def keeps(self) -> bool:
        """Whether it keeps every expectation on every load, and the linter lets it pass."""
        return self.rules is not None and not self.refused and not any(self.excess)


class Optimiser(Protocol):
    """Where to look next; knows points and scores only."""

    def ask(self, count: int) -> list[Point]:
        """So many points, perhaps some for the second time."""
        ...

    def tell(self, trials: Sequence[Trial]) -> None:
        """What became of the points last asked for, in their order."""
        ...


@dataclass(frozen=True, slots=True)
class Result:
    """What a search found."""

    before: Trial
    """The rules in force."""
    best: Trial | None
    """The cheapest that keeps every expectation; None where nothing does."""
    nearest: Trial
    """The best, or the one with the least excess in all."""
    front: tuple[Trial, ...]
    """No other rule set is cheaper without a worse service; by cost, those that break expectations too."""
    trials: tuple[Trial, ...]
    """Everything that was simulated, in order."""
    kept_by: tuple[int, ...]
    """How many rule sets keep each expectation."""

    def closest(self, place: int) -> Trial:
        """The rule set that comes closest to one expectation."""
        return min(self.trials, key=lambda trial: (trial.excess[place], sum(trial.excess), trial.cost, trial.point))


def search(
    rules: Elasticity,
    parameters: Sequence[Parameter],
    goal: Goal,
    evaluate: Evaluate,
    optimiser: Optimiser,
    *,
    trials: int,
    batch: int,
    passes: Callable[[Elasticity], bool] = lambda _: True,
    progress: Callable[[int], None] = lambda _: None,
) -> Result:
    """The cheapest rules that keep the goal's expectations.

    `trials` points come from the optimiser, `batch` at a time, and are evaluated together; a walk downhill from the
    best of them follows, then every change that saves nothing is taken back. `passes` is the linter; it is asked about
    every rule set but those in force, so that the search goes where it lets them pass. `progress` is told the number of
    rule sets judged. The result follows from the arguments alone, not from cores or time.
    """
    evaluations = _Evaluations(rules, tuple(parameters), goal, evaluate, passes, progress)
    before = evaluations.in_force()
    asked = 0
    while asked < trials:
        points = optimiser.ask(min(batch, trials - asked))
        asked += len(points)
        optimiser.tell(evaluations.judged(points))
    _walk(evaluations)
    _revert(evaluations)
    return _result(evaluations, before)


@dataclass
class _Evaluations:
    """What has been tried."""

    rules: Elasticity
    parameters: tuple[Parameter, ...]
    goal: Goal
    evaluate: Evaluate
    passes: Callable[[Elasticity], bool]
    progress: Callable[[int], None]
    trials: dict[Point, Trial] = field(default_factory=dict)
    best: Trial | None = None

    def in_force(self) -> Trial:
        """The trial of the rules in force. They compete with the others, unless given ranges leave them out."""
        point = current(self.parameters)
        if not self.changes(point):
            return self.judged([point])[0]
        figures = self.evaluate([self.rules])
        return _trial(self.goal, point, self.rules, {name: values[0] for name, values in figures.items()})

    def judged(self, points: Sequence[Point]) -> list[Trial]:
        """The trial of each point; simulates those that are new, together."""
        new = {
            point: applied(self.rules, self.parameters, point)
            for point in dict.fromkeys(points)
            if point not in self.trials
        }
        whole = {point: rules for point, rules in new.items() if rules is not None}
        figures = self.evaluate(list(whole.values())) if whole else {}
        nothing = tuple(UNMEASURED for _ in self.goal.expectations)
        for point in new.keys() - whole.keys():
            self.trials[point] = Trial(point, None, math.inf, math.inf, nothing, nothing)
        for row, (point, rules) in enumerate(whole.items()):
            trial = _trial(self.goal, point, rules, {name: v[row] for name, v in figures.items()})
            self.trials[point] = replace(trial, refused=rules is not self.rules and not self.passes(rules))
        found = [self.best, *(self.trials[point] for point in new)]
        self.best = min((trial for trial in found if trial is not None and trial.keeps), key=self.rank, default=None)
        self.progress(len(points))
        return [self.trials[point] for point in points]

    def rank(self, trial: Trial) -> tuple[float, float, int, Point]:
        """Cheapest first; of equally cheap ones the better service, then the fewest changes."""
        return trial.cost, self.direction * trial.service, self.changes(trial.point), trial.point

    @property
    def direction(self) -> int:
        """1 where the service figure should be low, -1 where it should be high."""
        return -1 if FIGURES[self.goal.service].better == "higher" else 1

    def changes(self, point: Point) -> int:
        """How many parameters differ from those in force."""
        return sum(item.values[place] != item.now for item, place in zip(self.parameters, point, strict=True))

    @property
    def incumbent(self) -> Trial:
        """The best, or the one with the least excess."""
        if self.best is not None:
            return self.best
        return min(self.trials.values(), key=lambda trial: (trial.refused, sum(trial.excess), *self.rank(trial)))


def _trial(goal: Goal, point: Point, rules: Elasticity, figures: Mapping[str, Reals]) -> Trial:
    measured, excess = [], []
    for expectation in goal.expectations:
        values = figures[expectation.figure.name]
        if expectation.quantile is not None:
            values = np.array([percentile(values[~np.isnan(values)], expectation.quantile)])
        over = [_excess(expectation, float(value)) for value in values]
        worst = int(np.argmax(over)) if any(over) else _nearest(expectation, values)
        measured.append(float(values[worst]))
        excess.append(over[worst])
    return Trial(
        point,
        rules,
        float(np.mean(figures[goal.cost])),
        _worst(goal.service, figures[goal.service]),
        tuple(measured),
        tuple(excess),
    )


def _excess(expectation: Expectation, value: float) -> float:
    """How far a figure is from kept, as a share of what is expected; 0 where it is kept."""
    if expectation.holds(None if math.isnan(value) else value):
        return 0.0
    if not math.isfinite(value):
        return UNMEASURED
    return max(1e-9, abs(value - expectation.value) / max(1.0, abs(expectation.value)))


def _nearest(expectation: Expectation, values: Reals) -> int:
    """The load on which a kept expectation has the least room."""
    return int(np.argmin(np.abs(values - expectation.value)))


def _worst(name: str, values: Reals) -> float:
    """The worst over the loads; infinite where one was not measured."""
    if np.isnan(values).any():
        return -math.inf if FIGURES[name].better == "higher" else math.inf
    return float(values.min() if FIGURES[name].better == "higher" else values.max())


def _walk(evaluations: _Evaluations) -> None:
    """Step by step to the cheapest neighbour of the best, one parameter at a time; towards the expectations while none
    keeps them."""
    for _ in range(MAXIMUM_STEPS):
        start = evaluations.incumbent
        if not math.isfinite(start.cost):
            return
        near = [
            (*start.point[:axis], place + stride, *start.point[axis + 1 :])
            for axis, place in enumerate(start.point)
            for stride in STRIDES
            if 0 <= place + stride < len(evaluations.parameters[axis].values)
        ]
        evaluations.judged(near)
        if evaluations.incumbent.point == start.point:
            return


def _revert(evaluations: _Evaluations) -> None:
    """Undo, one after the other, the changes that save less than they ask of a reader and serve no better."""
    if evaluations.best is None:
        return
    found, limit = evaluations.best, evaluations.best.cost * (1 + WORTH)
    while True:
        tried = evaluations.judged(
            [
                (*found.point[:axis], item.values.index(item.now), *found.point[axis + 1 :])
                for axis, (item, place) in enumerate(zip(evaluations.parameters, found.point, strict=True))
                if item.now in item.values and item.values[place] != item.now
            ]
        )
        fewer = (
            trial
            for trial in tried
            if trial.keeps
            and trial.cost <= limit
            and evaluations.direction * trial.service <= evaluations.direction * found.service
        )
        better = min(fewer, key=evaluations.rank, default=None)
        if better is None:
            evaluations.best = found
            return
        found = better


def _result(evaluations: _Evaluations, before: Trial) -> Result:
    front = _front(evaluations)
    trials = tuple(trial for trial in evaluations.trials.values() if trial.rules is not None)
    kept_by = tuple(
        sum(not trial.excess[place] for trial in trials) for place in range(len(evaluations.goal.expectations))
    )
    return Result(before, evaluations.best, evaluations.incumbent, front, trials, kept_by)


def _front(evaluations: _Evaluations) -> tuple[Trial, ...]:
    """Rule sets by cost, each with a better service than all cheaper ones; none that the linter refuses."""
    found: list[Trial] = []
    for trial in sorted(evaluations.trials.values(), key=evaluations.rank):
        if trial.rules is None or trial.refused or not math.isfinite(trial.service):
            continue
        if not found or evaluations.direction * (trial.service - found[-1].service) < 0:
            found.append(trial)
    return tuple(found)
