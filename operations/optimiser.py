"""Optuna's NSGA-II behind the protocol that `elasticity.tuning` asks."""

from __future__ import annotations

import math
from collections.abc import Sequence

import optuna

from elasticity.expectations import FIGURES
from elasticity.tuning import Goal, Parameter, Point, Trial, current

FAR = 1e12
"""Stands for a cost or service without an end."""


class Optimiser:
    """Two objectives, cost and service, under the expectations as constraints; the rules in force are the first point.

    A generation is one batch: children are made from whole generations, so what is asked depends on the seed and on
    what was told, not on who was done first. Source: Deb et al., NSGA-II, 2002, as in `optuna.samplers.NSGAIISampler`.
    """

    def __init__(self, parameters: Sequence[Parameter], goal: Goal, *, seed: int, generation: int) -> None:
        optuna.logging.set_verbosity(optuna.logging.WARNING)
        self._names = [parameter.name for parameter in parameters]
        self._direction = -1.0 if FIGURES[goal.service].better == "higher" else 1.0
        self._space: dict[str, optuna.distributions.BaseDistribution] = {
            parameter.name: optuna.distributions.IntDistribution(0, len(parameter.values) - 1)
            for parameter in parameters
        }
        self._study = optuna.create_study(
            directions=["minimize", "minimize"],
            sampler=optuna.samplers.NSGAIISampler(population_size=generation, seed=seed),
        )
        self._study.enqueue_trial(dict(zip(self._names, current(parameters), strict=True)))
        self._asked: list[optuna.trial.Trial] = []

    def ask(self, count: int) -> list[Point]:
        """So many points."""
        self._asked = [self._study.ask(self._space) for _ in range(count)]
        return [tuple(trial.params[name] for name in self._names) for trial in self._asked]

    def tell(self, trials: Sequence[Trial]) -> None:
        """What became of them."""
        for asked, trial in zip(self._asked, trials, strict=True):
            for place, excess in enumerate(trial.excess):
                asked.set_constraint(str(place), excess)
            asked.set_constraint("linter", float(trial.refused))
            self._study.tell(asked, [_finite(trial.cost), _finite(self._direction * trial.service)])


def _finite(value: float) -> float:
    return value if math.isfinite(value) else FAR
