"""What the calendar brings: scheduled actions at their times in UTC, and capacity by forecast."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from elasticity.autoscaler import layout
from elasticity.bounds_in_force import occurrences_of
from elasticity.platforms import PlatformParameters
from elasticity.rounding import GUARD
from elasticity.rules import Elasticity, Predictive
from elasticity.simulator.conditions import Conditions
from elasticity.simulator.prepared import HOUR, Prepared
from elasticity.traces import Load, Reals

MAXIMUM_UNITS = 100_000


def scheduled_entries(
    rules: Elasticity, load: Load, conditions: Conditions, parameters: PlatformParameters, faults: list[str]
) -> npt.NDArray[np.int64]:
    """Scheduled actions in order of time, as flat rows of `layout.SCHEDULE`; faults are added to `faults`."""
    entries: list[tuple[int, int, int, int, int, int]] = []
    end = load.end
    for place, (name, rule) in enumerate(rules.scheduled.items()):
        if rule.desired is not None and not parameters.behaviour.schedules_set_desired:
            faults.append(f"scheduled.{name}.desired: a service has none: set `minimum` and `maximum`")
            continue
        try:
            times = occurrences_of(
                rule, parameters.platform, load.start, end, parameters.clock_change or "skip_gap_first_repeat"
            )
        except ValueError as error:
            faults.append(f"scheduled.{name}: {error}")
            continue
        late = parameters.schedule_lateness
        for order, time in enumerate(times):
            second = (time - load.start).total_seconds() + late
            tick = math.ceil(second / conditions.tick) * conditions.tick
            values = (-1 if value is None else value for value in (rule.minimum, rule.maximum, rule.desired))
            minimum, maximum, desired = values
            entries.append((tick, order, minimum, maximum, desired, place))
    entries.sort(key=lambda entry: (entry[0], entry[5], entry[1]))
    return np.array([(entry[0], *entry[2:]) for entry in entries], dtype=np.int64).reshape(-1)


def units_for(rule: Predictive, rates: Reals, rules: Elasticity) -> npt.NDArray[np.int64]:
    """Units that keep the rule's metric at its target under `rates` requests per second, at most 100,000."""
    per_unit = float(rule.target) / 60.0
    if rule.metric == "cpu":
        per_unit = float(rules.unit.capacity or 0.0) * (float(rule.target) - float(rules.unit.idle_cpu)) / 100.0
    return np.minimum(np.ceil(rates / per_unit - GUARD), MAXIMUM_UNITS).astype(np.int64)


def forecast_entries(rules: Elasticity, prepared: Prepared, faults: list[str]) -> npt.NDArray[np.int64]:
    """Capacity by forecast for each hour as flat rows of `layout.FORECAST`, raised `buffer` before it.

    Empty until there are 24 hours of history; faults are added to `faults`.
    """
    blocks = [np.zeros((0, layout.FORECAST), dtype=np.int64)]
    tick = prepared.tick
    for place, (name, rule) in enumerate(rules.predictive.items()):
        if rule.metric == "cpu" and float(rule.target) <= float(rules.unit.idle_cpu):
            faults.append(f"predictive.{name}.target: is not above unit.idle_cpu, no number of units can keep it")
            continue
        try:
            hours, rates = prepared.forecast_hours(ahead=rule.buffer > 0)
        except (ValueError, TypeError) as error:
            faults.append(f"predictive.{name}: the forecast failed: {error}")
            continue
        times = hours * HOUR - prepared.seconds_into_hour - math.floor(float(rule.buffer))
        wanted = units_for(rule, rates, rules)
        raised = np.full(len(hours), -1)
        if rule.maximum_breach == "increase":
            raised = np.ceil(wanted * (1 + (rule.maximum_buffer or 0) / 100) - GUARD).astype(np.int64)
        acts, rule_place = (np.full(len(hours), value) for value in (rule.mode == "forecast_and_scale", place))
        blocks.append(np.column_stack((-(-times // tick) * tick, wanted, raised, acts, rule_place)).astype(np.int64))
    rows = np.concatenate(blocks)
    return np.ascontiguousarray(rows[np.lexsort((rows[:, 4], rows[:, 0]))]).reshape(-1)
