"""The figures people decide on, from plain series: demand and supply, load and capacity, times of actions.

Sign conventions and names follow SPEC RG (theta, tau, upsilon), Ilyushkin et al. (k) and BUNGEE (jitter) as far as
their abstracts say; the papers themselves were not read.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

Series = Sequence[float] | npt.NDArray[Any]
Vector = npt.NDArray[np.float64]
FLAP_WINDOW = 1_800.0
"""Seconds: a change and its opposite within this time are a flap."""


def _vector(name: str, series: Series) -> Vector:
    fault = ValueError(f"`{name}`: expected at least one number, all finite and not negative")
    try:
        given = np.asarray(series)
    except ValueError:  # lists of different lengths
        raise fault from None
    if given.ndim != 1 or not len(given) or given.dtype.kind not in "iuf":
        raise fault
    vector = given.astype(np.float64)
    if not np.isfinite(vector).all() or (vector < 0).any():
        raise fault
    return vector


def pair(first: tuple[str, Series], second: tuple[str, Series]) -> tuple[Vector, Vector]:
    """Two named series as vectors; raises ValueError where their lengths differ."""
    one, other = _vector(*first), _vector(*second)
    if len(one) != len(other):
        raise ValueError(f"`{first[0]}` and `{second[0]}`: got series of different lengths")
    return one, other


@dataclasses.dataclass(frozen=True, slots=True)
class Measures:
    """Elasticity of one run; read a figure as attribute or by its name in brackets."""

    theta_u: float
    """Missing units over needed ones, mean over the steps with demand, percent."""
    theta_o: float
    """Surplus units over needed ones, mean over the steps with demand, percent."""
    a_u: float
    """Missing units, mean over all steps."""
    a_o: float
    """Surplus units, mean over all steps."""
    tau_u: float
    """Share of the steps with too few units, percent."""
    tau_o: float
    """Share of the steps with too many units, percent."""
    upsilon: float
    """Instability: share of the changes whose sign differs between supply and demand, percent."""
    k: float
    """Share of the steps in which supply changed by more than demand, changes signed."""
    k_prime: float
    """Share of the steps in which demand changed by more than supply, changes signed."""
    jitter: float
    """Changes of supply less changes of demand, per step."""
    slack: float
    """1 - units needed / units supplied; 0 where nothing was supplied."""
    steps_without_demand: int
    """Steps with demand 0, left out of theta [asm]."""

    def __getitem__(self, name: str) -> float:
        """The figure of that name; raises KeyError that names those there are."""
        names = [field.name for field in dataclasses.fields(self)]
        if name not in names:
            raise KeyError(f"not a measure: got {name!r}, allowed {', '.join(names)}")
        return float(getattr(self, name))


def measures(demand: Series, supply: Series) -> Measures:
    """How well `supply` (units serving) followed `demand` (fewest units that keep the objective), both one value per
    equal step.

    Figures over changes are 0 for a single step. Raises ValueError unless both are of one length of at least 1,
    finite, not negative. Source: SPEC-RG-2016-01, Chameleon, Ilyushkin et al. 2017,
    BUNGEE.
    """
    needed, given = pair(("demand", demand), ("supply", supply))
    missing, surplus = np.maximum(needed - given, 0), np.maximum(given - needed, 0)
    wanted = needed > 0
    demand_changes, supply_changes = np.diff(needed), np.diff(given)
    changes = max(1, len(demand_changes))

    def mean_share(part: Vector) -> float:
        return float(100 * np.mean(part[wanted] / needed[wanted])) if wanted.any() else 0.0

    return Measures(
        theta_u=mean_share(missing),
        theta_o=mean_share(surplus),
        a_u=float(missing.mean()),
        a_o=float(surplus.mean()),
        tau_u=float(100 * np.mean(missing > 0)),
        tau_o=float(100 * np.mean(surplus > 0)),
        upsilon=float(100 * np.sum(np.sign(supply_changes) != np.sign(demand_changes)) / changes),
        k=float(np.sum(supply_changes > demand_changes) / changes),
        k_prime=float(np.sum(demand_changes > supply_changes) / changes),
        jitter=float((np.count_nonzero(supply_changes) - np.count_nonzero(demand_changes)) / len(needed)),
        slack=float(1 - needed.sum() / given.sum()) if given.any() else 0.0,
        steps_without_demand=int(np.sum(~wanted)),
    )


def percentile(values: Series, share: float) -> float:
    """The smallest value that at least `share` (0 to 1) of the values do not exceed; NaN for no value.

    Always one of the values (nearest rank): a p95 of three reactions is the slowest, not a number in between.
    """
    if not 0 <= share <= 1:
        raise ValueError("`share`: allowed 0 to 1")
    ordered = np.sort(np.asarray(values, dtype=np.float64))
    return float(ordered[max(0, math.ceil(share * len(ordered) - 1e-9) - 1)]) if len(ordered) else math.nan


def nearest_ranks(values: Vector, shares: Sequence[float]) -> list[Vector]:
    """`percentile` of each column of `values`, shape (rows, columns), for each share: shapes (columns,)."""
    ordered = np.sort(values, axis=0)
    return [ordered[max(0, math.ceil(share * len(ordered) - 1e-9) - 1)] for share in shares]


@dataclasses.dataclass(frozen=True, slots=True)
class Headroom:
    """(capacity - load) / load over the steps with load: least, and 5th percentile."""

    minimum: float
    p5: float


def headroom(load: Series, capacity: Series) -> Headroom:
    """Room above the load, as a share of it; infinite where there is never any load."""
    asked, served = pair(("load", load), ("capacity", capacity))
    busy = asked > 0
    if not busy.any():
        return Headroom(math.inf, math.inf)
    room = (served[busy] - asked[busy]) / asked[busy]
    return Headroom(float(room.min()), percentile(room, 0.05))
