"""How many units a load needs, whatever the rules say; and the utilisation at which rules begin to react."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from elasticity.metrics import METRICS
from elasticity.rounding import GUARD
from elasticity.rules import Elasticity, Unit
from elasticity.simulator.conditions import Conditions, SimulationError
from elasticity.simulator.plant.service import BUSIEST
from elasticity.traces import Reals

MAXIMUM_NEEDED = 100_000


def needed_units(rate: Reals, unit: Unit, conditions: Conditions) -> npt.NDArray[np.int64]:
    """Fewest units that keep the objective in each tick, shape (ticks,).

    The objective is the latency goal where one is given with a service time, else the utilisation `unit.saturation`,
    else the full capacity of a unit. It depends on no rule, so that rule sets can be compared by it.
    """
    capacity = float(unit.capacity or 0.0)
    if conditions.latency_goal is not None and unit.service_time:
        return _by_latency(rate, unit, conditions)
    usable = 1.0 if unit.saturation is None else (float(unit.saturation) - float(unit.idle_cpu)) / 100.0
    if usable <= 0:
        raise SimulationError("unit.saturation: is not above unit.idle_cpu")
    return np.minimum(np.ceil(rate / (capacity * usable) - GUARD), MAXIMUM_NEEDED).astype(np.int64)


def _by_latency(rate: Reals, unit: Unit, conditions: Conditions) -> npt.NDArray[np.int64]:
    capacity, service_time = float(unit.capacity or 0.0), float(unit.service_time or 0.0)
    goal = float(conditions.latency_goal or 0.0)
    if goal <= service_time:
        raise SimulationError(
            f"latency_goal: {goal:g} s is not above unit.service_time of {service_time:g} s, "
            "no number of units can keep it"
        )
    variability = (conditions.arrival_variation + conditions.service_variation) / 2.0
    maximum = min(MAXIMUM_NEEDED, 2 * math.ceil(float(rate.max()) / capacity / BUSIEST) + 16)
    servers: Reals = np.arange(1, maximum + 1, dtype=np.float64) * max(1.0, capacity * service_time)
    exponent: Reals = np.sqrt(2.0 * (servers + 1.0)) - 1.0
    low, high = np.zeros(maximum, dtype=np.float64), np.full(maximum, BUSIEST, dtype=np.float64)
    for _ in range(60):
        middle = (low + high) / 2.0
        wait = service_time * middle**exponent / (servers * (1.0 - middle)) * variability
        kept = service_time + wait <= goal
        low, high = np.where(kept, middle, low), np.where(kept, high, middle)
    share = np.where(service_time + _longest_wait(service_time, servers, exponent) * variability <= goal, 1.0, low)
    maximum_load = np.maximum.accumulate(share * np.arange(1, maximum + 1) * capacity)
    needed = np.searchsorted(maximum_load, rate - GUARD, side="left") + 1
    return np.where(rate > 0, np.minimum(needed, MAXIMUM_NEEDED), 0).astype(np.int64)


def _longest_wait(service_time: float, servers: Reals, exponent: Reals) -> Reals:
    return np.asarray(service_time * BUSIEST**exponent / (servers * (1.0 - BUSIEST)), dtype=np.float64)


def reaction_utilisation(rules: Elasticity) -> float:
    """The lowest share of capacity at which a rule that scales out wants more units, 0 to 1; 1 without such a rule."""
    shares = [_share(rules, rule.metric, float(rule.target)) for rule in rules.target_tracking.values()]
    shares += [
        _share(rules, rule.metric, float(rule.threshold)) for rule in rules.step_scaling.values() if rule.scales_out
    ]
    return min([1.0, *(share for share in shares if share > 0)])


def _share(rules: Elasticity, metric: str, level: float) -> float:
    kind = METRICS.get(metric)
    if kind is None:
        return 1.0  # a declared metric says nothing of capacity
    return kind.share(level, float(rules.unit.capacity or math.inf), float(rules.unit.idle_cpu))
