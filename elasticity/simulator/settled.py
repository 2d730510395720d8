"""The capacity that rules hold at a load that has not changed for long: where a run starts that does not start cold."""

from __future__ import annotations

import dataclasses
import math

import numpy as np

from elasticity.metrics import METRICS
from elasticity.rounding import GUARD
from elasticity.rules import Elasticity, Unit
from elasticity.simulator.conditions import Conditions, SimulationError
from elasticity.simulator.demand import MAXIMUM_NEEDED, needed_units


def settled_units(rules: Elasticity, rate: float, conditions: Conditions) -> int:
    """The fewest units, within the bounds, at which no rule wants more under `rate` requests per second.

    Without a rule that scales out, those at creation. A metric that does not follow from the load counts as one whose
    rule acts at full capacity.
    """
    levels = [(rule.metric, float(rule.target)) for rule in rules.target_tracking.values()]
    levels += [(rule.metric, float(rule.threshold)) for rule in rules.step_scaling.values() if rule.scales_out]
    if not levels:
        return rules.at_creation
    wanted = max(_units_at(metric, level, rules.unit, rate, conditions) for metric, level in levels)
    return min(rules.maximum, max(rules.minimum, wanted))


def _units_at(metric: str, level: float, unit: Unit, rate: float, conditions: Conditions) -> int:
    """The fewest units at which `metric` is not above `level`."""
    capacity = float(unit.capacity or 0.0)
    if metric == "response_time" and unit.service_time:
        try:
            goal = dataclasses.replace(conditions, latency_goal=level)
            return int(needed_units(np.array([rate]), unit, goal)[0])
        except SimulationError:  # below the service time: no number of units keeps it
            return MAXIMUM_NEEDED
    share = 1.0
    if metric == "memory":
        slope = float((unit.full_memory or 0.0) - unit.idle_memory)
        share = (level - float(unit.idle_memory)) / slope if slope > 0 else 1.0
    elif metric in METRICS:
        share = METRICS[metric].share(level, capacity or math.inf, float(unit.idle_cpu))
    if not rate:
        return 0
    if share <= 0:
        return MAXIMUM_NEEDED
    return math.ceil(min(rate / (capacity * min(share, 1.0)), MAXIMUM_NEEDED) - GUARD)
