"""The decision log in words: what happened, what was proposed, what was done, and why."""

from __future__ import annotations

import dataclasses
import datetime
from collections.abc import Callable, Iterator, Mapping

from elasticity.autoscaler import layout
from elasticity.autoscaler.tables import AlarmRow, PolicyRow
from elasticity.metrics import METRICS
from elasticity.rules import BOUNDED_METRICS, TIME_METRICS, TargetTracking
from elasticity.simulator.configuration import Scenario
from elasticity.simulator.plant.state import EVENT

STATES = ("OK", "ALARM", "INSUFFICIENT_DATA")
SIGNS = {
    "GreaterThanOrEqualToThreshold": ">=",
    "GreaterThanThreshold": ">",
    "LessThanOrEqualToThreshold": "<=",
    "LessThanThreshold": "<",
}


@dataclasses.dataclass(frozen=True, slots=True)
class Decision:
    """One event of a run."""

    time: datetime.datetime
    """UTC."""
    second: int
    """Seconds from the start of the run."""
    kind: str
    """`alarm`, `scale_out`, `scale_in`, `held`, `schedule`, `forecast`, `units`, `instances` or `failure`."""
    rule: str
    """Key of the rule or name of the alarm."""
    before: int
    after: int
    """Desired units (or instances) before and after; for an alarm both the desired units are not known and 0."""
    text: str
    """One sentence, lower case."""


@dataclasses.dataclass(frozen=True, slots=True)
class AlarmChange:
    """An alarm that went into another state."""

    second: int
    """Seconds from the start of the run."""
    alarm: str
    """As in `Decision.rule`."""
    before: str
    after: str
    """As CloudWatch names the states."""
    value: float
    """Of the newest datapoint."""


@dataclasses.dataclass(frozen=True)
class _Note:
    """One row of the raw log."""

    time: int
    code: int
    subject: int
    metric: float
    base: int
    before: int
    proposed: int
    after: int


def _number(value: float) -> str:
    return f"{value:.6g}"


def _value(policy: PolicyRow, value: float) -> str:
    metric = policy.rule.metric
    unit = f" {METRICS[metric].unit}" if metric in BOUNDED_METRICS | TIME_METRICS else ""
    return f"{metric} {_number(value)}{unit}"


def _calculation(policy: PolicyRow, note: _Note, warmed: bool) -> str:
    """How the proposal came about."""
    base = f"{note.base} {'warm' if warmed else 'running'}"
    if isinstance(policy.rule, TargetTracking):
        target = _number(float(policy.rule.target))
        return f"{base} x {_value(policy, note.metric)} / target {target} asks for {note.proposed}"
    threshold = _number(float(policy.rule.threshold))
    return f"{_value(policy, note.metric)} against threshold {threshold}: a step from {base} to {note.proposed}"


class _Reasons:
    """The sentence of each kind of note."""

    def __init__(self, scenario: Scenario) -> None:
        self.scenario = scenario
        self.warmed = bool(scenario.plan.warms_up)
        held: Mapping[int, Callable[[PolicyRow, _Note], str]] = {
            layout.HELD_BY_COOLDOWN: lambda _, note: (
                f"held: a scale-out cooldown runs, and what it has added already counts (desired stays {note.before})"
            ),
            layout.UNDER_WAY: lambda _, note: (
                f"nothing to add: {note.before} are desired already and still start or warm up"
            ),
            layout.AT_MAXIMUM: lambda _, note: f"held: {note.before} is the maximum",
            layout.AT_MINIMUM: lambda _, note: f"held: {note.before} is the minimum",
            layout.HELD_BY_DEPLOYMENT: lambda *_: "held: a deployment suspends scale-in",
            layout.HELD_BY_IN_COOLDOWN: lambda *_: "held: a scale-in cooldown runs",
            layout.HELD_BY_WARM_UP: lambda *_: "held: scale-in waits until no instance starts or warms up",
            layout.HELD_BY_FORECAST: lambda _, note: f"held: the forecast keeps at least {note.before}",
            layout.NO_CHANGE: lambda *_: "no change",
            layout.NO_STEP: lambda policy, note: f"no step covers {_value(policy, note.metric)}",
            layout.HELD_BY_AGREEMENT: lambda _, note: (
                f"held: {self.policy(note.proposed).name} does not ask for less, "
                "and all target tracking must agree to scale in"
            ),
            layout.OUTVOTED: lambda _, note: f"outvoted: {self.other(note.proposed)} asks for more",
            layout.SUPERSEDED: lambda _, note: f"outvoted: {self.other(note.proposed)} leaves more",
        }
        self.held = held

    def policy(self, index: int) -> PolicyRow:
        return self.scenario.policy_rows[index]

    def other(self, index: int) -> str:
        return self.policy(index).name if index >= 0 else "another rule"

    def alarm(self, note: _Note) -> tuple[str, str, str]:
        row: AlarmRow = self.scenario.alarm_rows[note.subject]
        alarm = row.alarm
        metric = self.policy(row.policy).rule.metric if row.policy >= 0 else "CapacityProviderReservation"
        text = f"{STATES[note.before]} to {STATES[note.after]}"
        if note.after == layout.ALARM:
            text += (
                f": {metric} {SIGNS[alarm.comparison]} {_number(alarm.threshold)} in {alarm.datapoints_to_alarm} of "
                f"{alarm.evaluation_periods} periods of {alarm.period} s, newest {_number(note.metric)}"
            )
        return "alarm", row.name, text

    def acted(self, note: _Note) -> tuple[str, str, str]:
        policy = self.policy(note.subject)
        text = f"{_calculation(policy, note, self.warmed)}: desired {note.before} to {note.after}"
        if note.after != note.proposed:
            text += ", as bounds, limits and what is under way allow"
        return "scale_out" if note.code == layout.SCALED_OUT else "scale_in", policy.name, text

    def refused(self, note: _Note) -> tuple[str, str, str]:
        policy = self.policy(note.subject)
        reason = self.held[note.code](policy, note)
        shown = note.code in (
            layout.HELD_BY_COOLDOWN,
            layout.UNDER_WAY,
            layout.AT_MAXIMUM,
            layout.AT_MINIMUM,
            layout.NO_CHANGE,
        )
        shown = shown or note.code in (
            layout.HELD_BY_DEPLOYMENT,
            layout.HELD_BY_IN_COOLDOWN,
            layout.HELD_BY_WARM_UP,
            layout.HELD_BY_FORECAST,
        )
        return "held", policy.name, f"{_calculation(policy, note, self.warmed)}: {reason}" if shown else reason

    def calendar(self, note: _Note) -> tuple[str, str, str]:
        row = self.scenario.calendar.reshape(-1, layout.SCHEDULE)[note.subject]
        name = self.scenario.schedule_names[int(row[layout.SCHEDULE - 1])]
        if note.code == layout.SCHEDULE_REFUSED:
            return "held", name, f"refused: a minimum of {note.base} above the maximum of {note.proposed}"
        moved = f"desired {note.before} to {note.after}" if note.after != note.before else f"desired stays {note.after}"
        return "schedule", name, f"bounds {note.base} to {note.proposed}: {moved}"

    def forecast(self, note: _Note) -> tuple[str, str, str]:
        row = self.scenario.forecasts.reshape(-1, layout.FORECAST)[note.subject]
        name = self.scenario.forecast_names[int(row[layout.FORECAST - 1])]
        text = f"the forecast of the coming hour asks for {note.proposed}"
        if note.code == layout.FORECAST_ONLY:
            return "forecast", name, f"{text}: forecast only, nothing is done"
        moved = f"desired {note.before} to {note.after}" if note.after != note.before else f"desired stays {note.after}"
        return "forecast", name, f"{text}: {moved}"

    def units(self, note: _Note) -> tuple[str, str, str]:
        return "units", "", f"{note.base} more now serving, {note.after} in all"

    def failure(self, note: _Note) -> tuple[str, str, str]:
        row = self.scenario.events.reshape(-1, EVENT)[note.subject]
        name = self.scenario.failure_names[int(row[EVENT - 1])]
        starting = f", and {note.proposed} that start" if note.proposed else ""
        text = {
            layout.UNITS_LOST: f"{note.base} of {note.before} units are gone{starting}: {note.after} serve",
            layout.UNITS_TOLD: f"{note.base} of {note.before} units are told to go",
            layout.DEPLOYMENT_BEGAN: f"a deployment begins, between {note.base} and {note.proposed} % of the units",
            layout.DEPLOYMENT_ENDED: "the deployment ends",
        }[note.code]
        return "failure", name, text

    def instances(self, note: _Note) -> tuple[str, str, str]:
        asked = (
            f"{note.base} of {note.before} instances are needed, reservation {_number(note.metric)}, "
            f"size asked for {note.proposed}"
        )
        text = {
            layout.INSTANCES_OUT: f"{asked}: {note.after - note.before} launch",
            layout.INSTANCES_IN: f"{asked}: {note.before - note.after} empty ones go",
            layout.INSTANCES_HELD: f"{asked}: held, an instance is younger than its warm-up",
            layout.INSTANCES_JOINED: f"{note.proposed} join, {note.after} in all",
        }[note.code]
        return "instances", "capacity-provider", text

    def sentence(self, note: _Note) -> tuple[str, str, str]:
        """Kind, rule and text of a note."""
        if note.code in self.held:
            return self.refused(note)
        return _SENTENCES[note.code](self, note)


_SENTENCES: Mapping[int, Callable[[_Reasons, _Note], tuple[str, str, str]]] = {
    layout.ALARM_CHANGED: _Reasons.alarm,
    layout.SCALED_OUT: _Reasons.acted,
    layout.SCALED_IN: _Reasons.acted,
    layout.SCHEDULED: _Reasons.calendar,
    layout.SCHEDULE_REFUSED: _Reasons.calendar,
    layout.FORECAST_RAISED: _Reasons.forecast,
    layout.FORECAST_ONLY: _Reasons.forecast,
    layout.UNITS_SERVE: _Reasons.units,
    **dict.fromkeys(
        (layout.UNITS_LOST, layout.UNITS_TOLD, layout.DEPLOYMENT_BEGAN, layout.DEPLOYMENT_ENDED), _Reasons.failure
    ),
    **dict.fromkeys(
        (
            layout.INSTANCES_OUT,
            layout.INSTANCES_IN,
            layout.INSTANCES_HELD,
            layout.INSTANCES_JOINED,
        ),
        _Reasons.instances,
    ),
}


def decisions(scenario: Scenario, notes: list[list[float]], start: datetime.datetime) -> Iterator[Decision]:
    """The raw log in words, in order of time."""
    reasons = _Reasons(scenario)
    begin = start.astimezone(datetime.UTC)
    for row in notes:
        note = _Note(*(int(value) if place != 3 else value for place, value in enumerate(row)))  # type: ignore[arg-type]
        kind, rule, text = reasons.sentence(note)
        is_alarm = kind == "alarm"
        yield Decision(
            time=begin + datetime.timedelta(seconds=note.time),
            second=note.time,
            kind=kind,
            rule=rule,
            before=0 if is_alarm else note.before,
            after=0 if is_alarm else note.after,
            text=text,
        )


def alarm_changes(scenario: Scenario, notes: list[list[float]]) -> Iterator[AlarmChange]:
    """The changes of alarms in the raw log, in order of time."""
    for time, code, subject, metric, _, before, _, after in notes:
        if int(code) == layout.ALARM_CHANGED:
            name = scenario.alarm_rows[int(subject)].name
            yield AlarmChange(int(time), name, STATES[int(before)], STATES[int(after)], metric)
