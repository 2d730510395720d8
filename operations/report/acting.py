"""The metric that acted in a run, tick by tick, with the target and the threshold that it is held against."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Callable, Mapping

import numpy as np
import numpy.typing as npt

from elasticity.metrics import METRICS
from elasticity.rules import TargetTracking
from operations.report.model import Run

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


def acting(run: Run) -> Acting:
    """The metric of the rule that acted most often; where none did, of the first rule; cpu where the load alone does
    not say its values."""
    rows = run.timeline.scenario.policy_rows
    counted = Counter(item.rule for item in run.timeline.actions())
    named = {row.name: place for place, row in enumerate(rows) if row.rule.metric in _VALUES}
    chosen = max(named, key=lambda name: (counted[name], -named[name]), default=None)
    if chosen is None:
        return of_metric(run, "cpu", ())
    row = rows[named[chosen]]
    if not isinstance(row.rule, TargetTracking):
        return of_metric(run, row.rule.metric, ((float(row.rule.threshold), "threshold"),))
    low = [alarm for alarm in run.timeline.scenario.alarm_rows if alarm.policy == named[chosen] and alarm.lowers]
    levels = [(float(one.alarm.threshold), "scales in below") for one in low[:1]]
    return of_metric(run, row.rule.metric, ((float(row.rule.target), "target"), *levels))


def of_metric(run: Run, metric: str, levels: tuple[tuple[float, str], ...] = ()) -> Acting:
    """A metric of a run, such as the one that acted in another."""
    kind = METRICS[metric]
    unit = "requests/min" if metric == "requests_per_target" else kind.unit
    return Acting(metric, f"{metric.replace('_', ' ')}, {unit}", _VALUES[metric](run), levels, kind.bounded)


def _per_unit(run: Run) -> Series:
    serving = np.maximum(run.timeline.serving, 1)
    values: Series = run.timeline.load * 60.0 / serving
    return values


def _delay(run: Run) -> Series:
    """Seconds until what waits is served by the units that serve now."""
    values: Series = np.where(
        run.timeline.capacity > 0, run.timeline.backlog / np.maximum(run.timeline.capacity, 1e-9), np.nan
    )
    return values


def _memory(run: Run) -> Series:
    parameters = {row.name: row.value for row in run.timeline.parameters}
    idle, full = parameters.get("unit.idle_memory"), parameters.get("unit.full_memory")
    low = float(idle) if isinstance(idle, int | float) else 0.0
    high = float(full) if isinstance(full, int | float) else low
    timeline = run.timeline
    share = np.minimum(1.0, timeline.load / np.maximum(timeline.capacity, 1e-9))
    values: Series = low + (high - low) * share
    return values


def _latency(run: Run) -> Series:
    values: Series = np.where(np.isfinite(run.timeline.latency), run.timeline.latency, np.nan)
    return values


_VALUES: Mapping[str, Callable[[Run], Series]] = {
    "cpu": lambda run: run.timeline.utilisation,
    "memory": _memory,
    "requests_per_target": _per_unit,
    "response_time": _latency,
    "queue_delay": _delay,
}
"""By metric: what the series of a run say of it."""
