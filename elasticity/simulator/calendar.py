"""What the calendar brings: scheduled actions at their times in UTC, and capacity by forecast."""

from __future__ import annotations

import datetime
import functools
import math

import numpy as np
import numpy.typing as npt

from elasticity.platforms import PlatformParameters
from elasticity.predictive import FORECAST_HOURS, HISTORY_NEEDED_HOURS, HISTORY_USED_HOURS, REFRESH_HOURS
from elasticity.rounding import ceil
from elasticity.rules import Elasticity, Predictive, Scheduled
from elasticity.schedules import occurrences, to_application
from elasticity.simulator.conditions import Conditions
from elasticity.traces import Load, Reals

HOUR = 3_600
FIVE_FIELDS = 5


@functools.lru_cache(maxsize=4_096)
def _times(
    cron: str, time_zone: str, start: datetime.datetime, end: datetime.datetime, dialect: str, clock_change: str
) -> tuple[datetime.datetime, ...]:
    return tuple(occurrences(cron, time_zone, start, end, dialect, clock_change=clock_change))


def occurrences_of(
    rule: Scheduled, platform: str, start: datetime.datetime, end: datetime.datetime, clock_change: str
) -> tuple[datetime.datetime, ...]:
    """When a schedule fires from `start` (inclusive) to `end` (exclusive), UTC; raises ValueError where the platform cannot hold it."""
    start = max(start, rule.start) if rule.start else start
    end = min(end, rule.end) if rule.end else end
    start, end = start.astimezone(datetime.UTC), end.astimezone(datetime.UTC)
    if end <= start:
        return ()
    if rule.at is not None:
        return _times(rule.at, rule.time_zone, start, end, "at", clock_change)
    if rule.rate is not None:
        if platform == "ec2_group":
            raise ValueError("an EC2 group has no rate: write it as `cron`")
        first = rule.start.astimezone(datetime.UTC) if rule.start else start
        return tuple(time for time in _times(rule.rate, rule.time_zone, first, end, "rate", clock_change) if time < end)
    cron = rule.cron or ""
    if platform == "ec2_group":
        return _times(cron, rule.time_zone, start, end, "ec2", clock_change)
    cron = to_application(cron) if len(cron.split()) == FIVE_FIELDS else cron
    return _times(cron, rule.time_zone, start, end, "application", clock_change)


def scheduled_entries(
    rules: Elasticity, load: Load, conditions: Conditions, parameters: PlatformParameters, faults: list[str]
) -> npt.NDArray[np.int64]:
    """Scheduled actions in order of time, as flat rows of `layout.SCHEDULE`; faults are added to `faults`."""
    entries: list[tuple[int, int, int, int, int, int]] = []
    end = load.end
    for place, (name, rule) in enumerate(rules.scheduled.items()):
        if rule.desired is not None and conditions.platform != "ec2_group":
            faults.append(f"scheduled.{name}.desired: a service has none: set `minimum` and `maximum`")
            continue
        try:
            times = occurrences_of(
                rule, conditions.platform, load.start, end, parameters.clock_change or "skip_gap_first_repeat"
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


def hourly_maxima(rate: Reals, tick: int, offset: int) -> list[float]:
    """Largest rate of each clock hour, the first partial where the run starts `offset` seconds into an hour."""
    hours = (np.arange(len(rate)) * tick + offset) // HOUR
    edges = np.flatnonzero(np.diff(hours, prepend=-1))
    return [float(value) for value in np.maximum.reduceat(rate, edges)]


def units_for(rule: Predictive, rate: float, rules: Elasticity) -> int:
    """Units that keep the rule's metric at its target under `rate` requests per second."""
    if rule.metric == "requests_per_target":
        return ceil(rate * 60.0 / float(rule.target))
    share = (float(rule.target) - float(rules.unit.idle_cpu)) / 100.0
    return ceil(rate / (float(rules.unit.capacity or 0.0) * share))


def forecast_entries(rules: Elasticity, load: Load, conditions: Conditions, faults: list[str]) -> npt.NDArray[np.int64]:
    """Capacity by forecast for each hour as flat rows of `layout.FORECAST`, raised `buffer` before it; empty until there are 24 hours of history."""
    entries: list[tuple[int, int, int, int, int]] = []
    if rules.predictive:
        offset = int(load.start.timestamp()) % HOUR
        maxima = hourly_maxima(load.per_tick(conditions.tick), conditions.tick, offset)
        known = list(conditions.history)
        for place, (name, rule) in enumerate(rules.predictive.items()):
            if rule.metric == "cpu" and float(rule.target) <= float(rules.unit.idle_cpu):
                faults.append(f"predictive.{name}.target: is not above unit.idle_cpu, no number of units can keep it")
                continue
            try:
                hours = _forecast_hours(conditions, known, maxima, rule)
            except (ValueError, TypeError) as error:
                faults.append(f"predictive.{name}: the forecast failed: {error}")
                continue
            for hour, rate in hours:
                time = hour * HOUR - offset - math.floor(float(rule.buffer))
                tick = math.ceil(time / conditions.tick) * conditions.tick
                wanted = min(100_000, units_for(rule, rate, rules))
                raised = -1
                if rule.maximum_breach == "increase":
                    raised = ceil(wanted * (1 + (rule.maximum_buffer or 0) / 100))
                entries.append((tick, wanted, raised, int(rule.mode == "forecast_and_scale"), place))
    entries.sort(key=lambda entry: (entry[0], entry[4]))
    return np.array(entries, dtype=np.int64).reshape(-1)


def _forecast_hours(
    conditions: Conditions, known: list[float], maxima: list[float], rule: Predictive
) -> list[tuple[int, float]]:
    """Hours of the run with their forecast: each from the newest forecast made before its capacity is raised."""
    series = known + maxima
    first = max(0, HISTORY_NEEDED_HOURS - len(known))
    found: list[tuple[int, float]] = []
    for refresh in range(first, len(maxima), REFRESH_HOURS):
        history = series[: len(known) + refresh][-HISTORY_USED_HOURS:]
        values = [float(value) for value in conditions.forecast(history, FORECAST_HOURS)]
        if len(values) < REFRESH_HOURS + 1 or not all(math.isfinite(value) and value >= 0 for value in values):
            raise ValueError(f"expected {FORECAST_HOURS} finite values from 0 up")
        skip = 1 if rule.buffer > 0 else 0
        found += [(refresh + ahead, values[ahead]) for ahead in range(skip, REFRESH_HOURS + skip)]
    return [(hour, value) for hour, value in found if hour < len(maxima)]
