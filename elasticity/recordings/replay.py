"""A recorded load once more on the recorded rules: recorded beside simulated, and where they part."""

from __future__ import annotations

import dataclasses
import datetime
from collections.abc import Mapping
from typing import Any

import numpy as np

from elasticity.metrics import METRICS
from elasticity.recordings.recording import STEP, Activity, Recording, RecordingError
from elasticity.rules import Elasticity, Model, Unit
from elasticity.simulator import Timeline, simulate
from elasticity.traces import Reals

TICK = 10
"""Seconds of the simulation."""
SAME_TIME = 90.0
"""Seconds by which a recorded and a simulated action may lie apart and be the same: a period and a half [own]."""
SAME_VALUE = 0.05
"""Share by which a recorded and a simulated metric may differ and be the same [own]."""


class FirstDifference(Model):
    """The first action that both sides do not share: another time (by more than 90 s), another count, or no action."""

    time: datetime.datetime
    """Of the earlier of the two."""
    recorded: Activity | None
    simulated: Activity | None
    metric: str
    """What the rule looks at that acted; empty where no rule of the recording is known to have."""
    recorded_value: float | None
    """Of the metric, in its unit, in the last whole minute before."""
    simulated_value: float | None
    why: str
    """What the difference speaks of, and which settings decide it."""

    def __str__(self) -> str:
        """One sentence."""
        sides = sorted(
            (item.time, side, item)
            for side, item in (("recorded", self.recorded), ("simulated", self.simulated))
            if item is not None
        )
        told = [f"{side} {_change(item)}" for _, side, item in sides]
        if len(sides) == 2 and (apart := (sides[1][0] - sides[0][0]).total_seconds()) > SAME_TIME:
            told[1] += f" {apart:,.0f} s later"
        if len(sides) == 1:
            told.append(f"{'simulated' if sides[0][1] == 'recorded' else 'recorded'} nothing more")
        found = f"{_at(self.time)}: {', '.join(told)}"
        if self.metric:
            there, here = (_amount(self.metric, value) for value in (self.recorded_value, self.simulated_value))
            found += f"; {self.metric} in the minute before: recorded {there}, simulated {here}"
        return f"{found}; {self.why}"


@dataclasses.dataclass(frozen=True, eq=False)
class Replay:
    """A recording beside its simulation."""

    recording: Recording
    timeline: Timeline
    counted: str
    """The series that is compared: `running`, or `desired` where no running count was recorded."""
    recorded: Reals
    """Units of each minute, NaN where there is no datapoint, shape (minutes,)."""
    simulated: Reals
    """The same of the simulation."""
    actions: tuple[tuple[Activity, ...], tuple[Activity, ...]]
    """Recorded and simulated changes of the desired count."""
    first_difference: FirstDifference | None

    @property
    def unit_minutes(self) -> float:
        """Recorded unit-minutes, over the minutes with a datapoint."""
        return float(np.nansum(self.recorded))

    @property
    def too_many(self) -> float:
        """Unit-minutes that were simulated above the recorded ones, minute by minute."""
        return float(np.nansum(np.maximum(self.simulated - self.recorded, 0.0)))

    @property
    def too_few(self) -> float:
        """Unit-minutes that were simulated below the recorded ones, minute by minute."""
        return float(np.nansum(np.maximum(self.recorded - self.simulated, 0.0)))

    @property
    def error(self) -> float:
        """Unit-minutes by which both differ, too many and too few alike, as a share of the recorded ones; 0 where
        nothing ran."""
        return (self.too_many + self.too_few) / self.unit_minutes if self.unit_minutes else 0.0


def replay(recording: Recording, unit: Unit | None = None, parameters: Mapping[str, Any] | None = None) -> Replay:
    """The recorded load on the recorded rules, from the units that there were at its start.

    `unit` is what one unit can do where the recording's rules do not say it; `parameters` are those of the platform
    that differ from the shipped ones, over the recording's own. Raises RecordingError without a count of units or a
    capacity, SimulationError for rules that cannot be simulated.
    """
    counted = next((name for name in ("running", "desired") if np.isfinite(recording.series(name)).any()), None)
    if counted is None:
        raise RecordingError(
            f"{recording.workload}: neither running nor desired units were recorded: there is nothing to lay a "
            "simulation beside; turn on Container Insights, or the metrics of the group"
        )
    known = unit or recording.rules.unit
    if known.capacity is None:
        raise RecordingError(
            f"{recording.workload}: the capacity of a unit is not known: let `accordion fit` find it, or give it"
        )
    units = recording.series(counted)
    timeline = simulate(
        _from_here(recording, units, known),
        recording.load(),
        platform=recording.platform,
        tick=TICK,
        parameters={**recording.known_parameters, **(parameters or {})},
    )
    simulated = _minutes(timeline.serving if counted == "running" else timeline.desired, recording.minutes)
    there = tuple(
        item for item in recording.activities if item.succeeded and (item.before is None or item.before != item.after)
    )
    here = tuple(
        Activity(time=item.time, before=item.before, after=item.after, cause=item.rule)
        for item in timeline.actions()
        if item.time < recording.end
    )
    return Replay(
        recording, timeline, counted, units, simulated, (there, here), _first(recording, timeline, there, here)
    )


def _from_here(recording: Recording, units: Reals, unit: Unit) -> Elasticity:
    rules = recording.rules
    first = round(float(units[np.isfinite(units)][0]))
    initial = min(max(first, rules.minimum), rules.maximum)
    return rules.model_copy(update={"unit": unit, "initial": initial})


def _minutes(values: Any, minutes: int) -> Reals:
    each = STEP // TICK
    found: Reals = np.asarray(values, dtype=np.float64)[: minutes * each].reshape(minutes, each).mean(axis=1)
    return found


def _first(
    recording: Recording, timeline: Timeline, there: tuple[Activity, ...], here: tuple[Activity, ...]
) -> FirstDifference | None:
    for place in range(max(len(there), len(here))):
        recorded = there[place] if place < len(there) else None
        simulated = here[place] if place < len(here) else None
        if recorded is None or simulated is None:
            return _difference(recording, timeline, recorded, simulated)
        apart = abs((simulated.time - recorded.time).total_seconds())
        if apart > SAME_TIME or simulated.after != recorded.after:
            return _difference(recording, timeline, recorded, simulated)
    return None


def _difference(
    recording: Recording, timeline: Timeline, recorded: Activity | None, simulated: Activity | None
) -> FirstDifference:
    both = [item for item in (recorded, simulated) if item is not None]
    earlier = min(both, key=lambda item: item.time)
    metric = _metric(recording.rules, earlier.cause)
    minute = int((earlier.time - recording.start).total_seconds() // STEP) - 1
    values = _values(recording, timeline, metric, minute) if metric and minute >= 0 else (None, None)
    return FirstDifference(
        time=earlier.time,
        recorded=recorded,
        simulated=simulated,
        metric=metric,
        recorded_value=values[0],
        simulated_value=values[1],
        why=_why(recorded, simulated, metric, values, timeline),
    )


def _metric(rules: Elasticity, rule: str) -> str:
    found = rules.target_tracking.get(rule) or rules.step_scaling.get(rule)
    return found.metric if found is not None else ""


def _values(recording: Recording, timeline: Timeline, metric: str, minute: int) -> tuple[float | None, float | None]:
    """A metric as it was recorded, and as it was simulated, in one minute."""
    with np.errstate(divide="ignore", invalid="ignore"):
        serving = _minutes(timeline.serving, recording.minutes)
        series = {
            "cpu": (recording.series("cpu"), _minutes(timeline.utilisation, recording.minutes)),
            "memory": (recording.series("memory"), None),
            "requests_per_target": (
                recording.series("requests") / recording.series("running"),
                _minutes(timeline.load, recording.minutes) * STEP / serving,
            ),
            "response_time": (recording.series("response_time"), _minutes(timeline.latency, recording.minutes)),
        }
    found = [None if values is None else float(values[minute]) for values in series.get(metric, ())]
    recorded, simulated = (
        value if value is not None and np.isfinite(value) else None for value in found or (None,) * 2
    )
    return recorded, simulated


_UNIT = "the unit differs (unit.capacity, unit.idle_cpu, unit.start_up)"
_TIMES = "the metric is the same, and when it leads to an action differs"
_BESIDE = "a deployment, a change by hand, a suspension, or a rule that is not in the recording may be the reason"


def _why(
    recorded: Activity | None,
    simulated: Activity | None,
    metric: str,
    values: tuple[float | None, float | None],
    timeline: Timeline,
) -> str:
    there, here = values
    if there is not None and here is not None and abs(there - here) > SAME_VALUE * max(abs(there), abs(here)):
        return f"{metric} is another: {_UNIT}"
    if recorded is not None and not metric and recorded.cause not in ("", simulated.cause if simulated else ""):
        return f"{recorded.cause} is no rule of the recording; {_BESIDE}"
    if recorded is None or simulated is None:
        return _BESIDE
    if abs((simulated.time - recorded.time).total_seconds()) > SAME_TIME:
        return f"{_TIMES} (publication_delay, low_factor, cooldowns)"
    if recorded.before is not None and recorded.after < recorded.before:
        removed = _in_force(timeline, "max_scale_in_fraction")
        return f"another number of units goes at once (max_scale_in_fraction, {removed} here; age_at_action)"
    return "another datapoint decided (age_at_action)"


def _in_force(timeline: Timeline, name: str) -> Any:
    return next(row.value for row in timeline.parameters if row.name == name)


def _at(time: datetime.datetime) -> str:
    return time.astimezone(datetime.UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def _change(item: Activity) -> str:
    before = "?" if item.before is None else item.before
    return f"{before} -> {item.after}" + (f" by {item.cause}" if item.cause else "")


def _amount(metric: str, value: float | None) -> str:
    if value is None:
        return "unknown"
    unit = METRICS[metric].unit if metric in METRICS else ""
    return f"{value:,.4g} {unit}".rstrip()
