"""Bands instead of points: many runs over what is assumed, over variants of the load, and over seeds.

`Study` is one rule set on one load with what may differ; `ensemble` draws its runs and measures them, `tornado` moves
one assumption at a time. Sampling is scipy's, of the extra `fit`, imported when an ensemble is drawn.
"""

from elasticity.ensemble.assumptions import Assumption, AssumptionError, assumptions
from elasticity.ensemble.bands import QUANTILES, Bands
from elasticity.ensemble.studies import DEFAULT_RUNS, SettledRuns, Study, ensemble
from elasticity.ensemble.tornado import Swing, Tornado, tornado
from elasticity.ensemble.variants import LoadVariants

__all__ = [
    "DEFAULT_RUNS",
    "QUANTILES",
    "Assumption",
    "AssumptionError",
    "Bands",
    "LoadVariants",
    "SettledRuns",
    "Study",
    "Swing",
    "Tornado",
    "assumptions",
    "ensemble",
    "tornado",
]
