"""The metric that acted in a run, tick by tick, with the target and the threshold that it is held against."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Callable, Mapping

import numpy as np
import numpy.typing as npt

from elasticity.metrics import METRICS
from elasticity.rules import TargetTracking
from elasticity.simulator.timeline import Timeline

Series = npt.NDArray[np.float64]


@dataclasses.dataclass(frozen=True)
class Acting:
    """One metric of a run."""

    metric: str
    """As the rules name it."""
    label: str
    """With its unit, for an axis."""
    values: Series
    """Per tick: what a datapoint of that tick would show."""
    levels: tuple[tuple[float, str], ...]
    """What it is held against, each with its name."""
    bounded: bool
    """In percent: never above 100."""


def acting(timeline: Timeline) -> Acting:
    """The metric of the rule that acted most often; where none did, of the first rule; cpu where the load alone does
    not say its values."""
    rows = timeline.scenario.policy_rows
    counted = Counter(item.rule for item in timeline.actions())
    named = {row.name: place for place, row in enumerate(rows) if row.rule.metric in _VALUES}
    chosen = max(named, key=lambda name: (counted[name], -named[name]), default=None)
    if chosen is None:
        return of_metric(timeline, "cpu", ())
    row = rows[named[chosen]]
    if not isinstance(row.rule, TargetTracking):
        return of_metric(timeline, row.rule.metric, ((float(row.rule.threshold), "threshold"),))
    low = [alarm for alarm in timeline.scenario.alarm_rows if alarm.policy == named[chosen] and alarm.lowers]
    levels = [(float(one.alarm.threshold), "scales in below") for one in low[:1]]
    return of_metric(timeline, row.rule.metric, ((float(row.rule.target), "target"), *levels))


def of_metric(timeline: Timeline, metric: str, levels: tuple[tuple[float, str], ...] = ()) -> Acting:
    """A metric of a run, such as the one that acted in another."""
    kind = METRICS[metric]
    unit = "requests/min" if metric == "requests_per_target" else kind.unit
    return Acting(metric, f"{metric.replace('_', ' ')}, {unit}", _VALUES[metric](timeline), levels, kind.bounded)


def _per_unit(timeline: Timeline) -> Series:
    serving = np.maximum(timeline.serving, 1)
    values: Series = timeline.load * 60.0 / serving
    return values


def _delay(timeline: Timeline) -> Series:
    """Seconds until what waits is served by the units that serve now."""
    values: Series = np.where(timeline.capacity > 0, timeline.backlog / np.maximum(timeline.capacity, 1e-9), np.nan)
    return values


def _memory(timeline: Timeline) -> Series:
    parameters = {row.name: row.value for row in timeline.parameters}
    idle, full = parameters.get("unit.idle_memory"), parameters.get("unit.full_memory")
    low = float(idle) if isinstance(idle, int | float) else 0.0
    high = float(full) if isinstance(full, int | float) else low
    share = np.minimum(1.0, timeline.load / np.maximum(timeline.capacity, 1e-9))
    values: Series = low + (high - low) * share
    return values


def _latency(timeline: Timeline) -> Series:
    values: Series = np.where(np.isfinite(timeline.latency), timeline.latency, np.nan)
    return values


_VALUES: Mapping[str, Callable[[Timeline], Series]] = {
    "cpu": lambda timeline: timeline.utilisation,
    "memory": _memory,
    "requests_per_target": _per_unit,
    "response_time": _latency,
    "queue_delay": _delay,
}
"""By metric: what the series of a run say of it."""
