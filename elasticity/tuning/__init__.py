"""Searches parameters of rules for the cheapest set that keeps what is expected on the given loads.

`space` says what may change, within which values; `search` asks an optimiser for points of it, judges them by
simulation and the linter, and gives back the cheapest with the Pareto front. The optimiser is a protocol: this package
knows none.
"""

from elasticity.tuning.search import Goal, Optimiser, Result, Trial, search
from elasticity.tuning.space import Parameter, Point, TuningError, applied, chosen, current, put, space, written
from elasticity.tuning.unseen import held_out

__all__ = [
    "Goal",
    "Optimiser",
    "Parameter",
    "Point",
    "Result",
    "Trial",
    "TuningError",
    "applied",
    "chosen",
    "current",
    "held_out",
    "put",
    "search",
    "space",
    "written",
]
