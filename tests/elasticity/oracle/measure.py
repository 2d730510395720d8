"""Figures of a run, from its whole series: the simulator adds them up tick by tick."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from elasticity.measure import FLAP_WINDOW, Series, pair


@dataclasses.dataclass(frozen=True, slots=True)
class Overload:
    """Load above capacity: requests, seconds in all, seconds of the longest episode."""

    requests: float
    seconds: float
    longest: float


def overload(load: Series, capacity: Series, step: float) -> Overload:
    """What `load` above `capacity` (requests per second, one value per `step` seconds) amounts to."""
    asked, served = pair(("load", load), ("capacity", capacity))
    over = asked > served
    edges = np.flatnonzero(np.diff(np.concatenate(([False], over, [False]))))
    runs = edges[1::2] - edges[::2]
    return Overload(
        requests=float(np.sum((asked - served)[over]) * step),
        seconds=float(over.sum() * step),
        longest=float(runs.max() * step) if len(runs) else 0.0,
    )


def time_at(desired: Series, bound: Series | float, step: float) -> float:
    """Seconds in which `desired` lies at `bound` (one number, or one per step of `step` seconds)."""
    return float(np.sum(np.asarray(desired) == np.asarray(bound)) * step)


def objective_share(latency: Series, goal: float, overloaded: Sequence[bool] | npt.NDArray[np.bool_]) -> float:
    """Share of the steps (0 to 1) with an estimated `latency` below `goal`, in its unit, and no overload."""
    kept = (np.asarray(latency, dtype=np.float64) < goal) & ~np.asarray(overloaded, dtype=np.bool_)
    return float(np.mean(kept))


@dataclasses.dataclass(frozen=True, slots=True)
class Activity:
    """Changes of the desired count: how many, how many turned the direction, how many did so within half an hour."""

    actions: int
    reversals: int
    flaps: int


def activity(times: Series, capacities: Series, window: float = FLAP_WINDOW) -> Activity:
    """Actions in a desired count: `capacities` in force from each of `times` (seconds, ascending), the first one the
    start.

    A reversal is an action against the direction of the one before; a flap is a reversal within `window` seconds of it.
    """
    at, desired = pair(("times", times), ("capacities", capacities))
    changes = np.diff(desired)
    moved = np.flatnonzero(changes)
    turned = np.diff(np.sign(changes[moved])) != 0
    quick = np.diff(at[1:][moved]) <= window
    return Activity(actions=len(moved), reversals=int(turned.sum()), flaps=int((turned & quick).sum()))
