"""One autoscaler, without a plant: `begin` makes its first state from rules, `step` moves it on by what was measured.

The simulator, a controller and a replay of recorded datapoints differ in where datapoints and counts come from; what is
decided from them is this, by the same functions that the compiled simulation runs.
"""

from __future__ import annotations

import dataclasses
import datetime
from collections.abc import Mapping
from typing import Any

from elasticity.autoscaler import decide, layout
from elasticity.autoscaler.formula import calculated, place_of
from elasticity.autoscaler.initial import at_rest
from elasticity.autoscaler.layout import Plan, State, Tables
from elasticity.autoscaler.observe import evaluate
from elasticity.autoscaler.rule_rows import RuleRows
from elasticity.autoscaler.tables import AlarmRow, PolicyRow, rule_tables
from elasticity.autoscaler.timetable import schedule
from elasticity.bounds_in_force import occurrences_of
from elasticity.platforms import PlatformParameters, platform_parameters
from elasticity.rules import Elasticity
from elasticity.waking import with_wake

MAXIMUM_NOTES = 1_024
BLOCKS: Mapping[int, str] = {
    layout.HELD_BY_COOLDOWN: "scale_out_cooldown",
    layout.HELD_BY_IN_COOLDOWN: "scale_in_cooldown",
    layout.HELD_BY_WARM_UP: "warm_up",
    layout.HELD_BY_DEPLOYMENT: "deployment",
    layout.HELD_BY_AGREEMENT: "agreement",
    layout.AT_MAXIMUM: "maximum",
    layout.AT_MINIMUM: "minimum",
    layout.UNDER_WAY: "under_way",
}
"""What keeps a proposal from being done, by its code in the decision log."""
ACTION = ("out_until", "in_until", "added", "direction", "acted", "out_actions", "in_actions", "reversals", "flaps")
"""What an action leaves in the state beside the number of units."""
_ACTED = {layout.SCALED_OUT: "scale_out", layout.SCALED_IN: "scale_in", layout.SCHEDULED: "schedule"}


@dataclasses.dataclass(frozen=True)
class Counts:
    """The units of a plant at one moment."""

    serving: int
    """Tasks that run, or instances in service, those that warm up included."""
    starting: int = 0
    warming: int = 0
    """Of those that serve: not past their warm-up."""
    deploying: bool = False
    """Whether a rolling deployment suspends scale-in."""


@dataclasses.dataclass(frozen=True)
class Decision:
    """What the autoscaler wants now."""

    desired: int
    bounds: tuple[int, int]
    """Minimum and maximum in force."""
    reason: str
    """`scale_out`, `scale_in` or `schedule` with the rule's name, as in `scale_out: cpu`; empty where nothing was
    done."""
    blocked_by: str
    """What kept a proposal from being done, one of BLOCKS; empty where nothing did."""
    state: AutoscalerState = dataclasses.field(repr=False, compare=False)
    """To give to the next step."""


@dataclasses.dataclass(frozen=True)
class AutoscalerState:
    """Rules, ready to decide, and all that earlier steps have left; no step changes it."""

    rules: Elasticity
    parameters: PlatformParameters
    metrics: Mapping[tuple[str, int], int]
    """What `step` takes datapoints of: metric and period in seconds, each with the place of its signal."""
    start: datetime.datetime
    now: int
    """Seconds from the start of the last step; -1 before the first."""
    plan: Plan = dataclasses.field(repr=False)
    tables: Tables = dataclasses.field(repr=False)
    kernel: State = dataclasses.field(repr=False)
    points: list[float] = dataclasses.field(repr=False)
    policies: tuple[PolicyRow, ...] = dataclasses.field(repr=False)
    alarms: tuple[AlarmRow, ...] = dataclasses.field(repr=False)


def begin(
    rules: Elasticity,
    start: datetime.datetime,
    *,
    platform: str = "ecs_service",
    desired: int | None = None,
    default_warm_up: float | None = None,
    parameters: PlatformParameters | None = None,
    bounds: tuple[int, int] | None = None,
) -> AutoscalerState:
    """The state before the first datapoint: `desired` units (without it those at creation) within the rules' bounds.

    `start`: an aware time, from which `step` counts seconds. `default_warm_up`: seconds, a group's own. `parameters`:
    changed ones of the platform. `bounds`: minimum and maximum that schedules have left of the declared ones. Raises
    ValueError, one line for each fault: a rule that the platform cannot hold, a predictive rule (no forecast is made
    here), a time without a zone.
    """
    if start.tzinfo is None:
        raise ValueError("start: got a time without a zone, expected one such as 2026-01-05T00:00:00Z")
    rules, known = with_wake(rules, platform), parameters or platform_parameters(platform)
    given = tuple(name for name, metric in rules.metrics.items() if metric.expression is None)
    rows = RuleRows(rules, given, known, 1, default_warm_up)
    for name, tracking in rules.target_tracking.items():
        rows.tracking(name, tracking)
    for name, step_rule in rules.step_scaling.items():
        rows.step(name, step_rule)
    rows.faults += [f"predictive.{name}: no forecast is made here: leave it out" for name in rules.predictive]
    if rules.minimum > rules.maximum:
        rows.faults.append("minimum: is above the maximum")
    rows.refuse_too_many()
    if rows.faults:
        raise ValueError("\n".join(rows.faults))
    tables, alarms, points = rule_tables(rows, 0, 1, apart=True)
    made = _plan(rules, known, rows)
    kernel = _zeros(State)
    filled = _zeros(Tables)
    for name, value in tables.items():
        setattr(filled, name, value)
    at_rest(made, filled, kernel)
    kernel.desired = rules.at_creation if desired is None else desired
    kernel.minimum, kernel.maximum = bounds or (rules.minimum, rules.maximum)
    ring = [0.0] * max(1, points)
    return AutoscalerState(
        rules, known, rows.behind.places, start, -1, made, filled, kernel, ring, tuple(rows.policies), alarms
    )


def step(
    state: AutoscalerState,
    now: int,
    datapoints: Mapping[tuple[str, int], float],
    counts: Counts,
    *,
    suspended: bool = False,
) -> Decision:
    """What to want at `now`, seconds from the start, after the datapoints that have become visible since the last step.

    `datapoints`: by metric and period as in `state.metrics`, NaN for a period without one; in the rule's unit, cpu and
    memory in percent. An action uses the newest of them, a repeated one too: what else there is by then is not known.
    Schedules that fell due since the last step are applied first. `suspended`: alarms are evaluated and schedules move
    the bounds, and the units stay as they are. Raises ValueError where time goes back, or for a metric that no rule
    reads.
    """
    if now <= state.now:
        raise ValueError(f"now: got {now}, expected later than the last step, {state.now}")
    unknown = sorted(set(datapoints) - set(state.metrics))
    if unknown:
        raise ValueError(f"datapoints: no rule reads {unknown}, allowed {sorted(state.metrics)}")
    plan, tables, kernel = state.plan, state.tables, _copied(state.kernel)
    points, notes = list(state.points), [0.0] * (MAXIMUM_NOTES * layout.NOTE)
    kernel.serving, kernel.starting, kernel.warming = counts.serving, counts.starting, counts.warming
    kernel.noted = [-1] * len(kernel.noted)
    kernel.notes = kernel.invoked = kernel.pause_at = kernel.schedule_at = 0
    _observe(state, kernel, points, notes, now, datapoints)
    names, calendar = _due(state, now)
    schedule(plan, tables, calendar, kernel, notes, now)
    if suspended:
        _take(state.kernel, kernel, ("desired", *ACTION))
    elif kernel.invoked:
        pauses = [now, now + 1] if counts.deploying else []
        decide.decide(plan, tables, pauses, kernel, points, notes, now)
    reason, blocked_by = _reason_and_block(state, kernel, notes, names)
    after = dataclasses.replace(state, now=now, kernel=kernel, points=points)
    return Decision(kernel.desired, (kernel.minimum, kernel.maximum), reason, blocked_by, after)


def with_desired(state: AutoscalerState, desired: int) -> AutoscalerState:
    """The same state where somebody else has set the number of units; cooldowns go on."""
    kernel = _copied(state.kernel)
    kernel.desired = desired
    return dataclasses.replace(state, kernel=kernel)


def without_action(state: AutoscalerState, before: AutoscalerState) -> AutoscalerState:
    """`state` without the action that was decided after `before` and could not be done: units and cooldowns are those
    of `before`."""
    kernel = _copied(state.kernel)
    _take(before.kernel, kernel, ("desired", *ACTION))
    return dataclasses.replace(state, kernel=kernel)


def _take(source: State, target: State, names: tuple[str, ...]) -> None:
    for name in names:
        setattr(target, name, getattr(source, name))


def _observe(
    state: AutoscalerState,
    kernel: State,
    points: list[float],
    notes: list[float],
    now: int,
    datapoints: Mapping[tuple[str, int], float],
) -> None:
    """Publish what is new, calculate what is read of it, and evaluate the alarms; those that stay in ALARM act
    again. Each signal has a clock of its own here: their numbers are the same."""
    tables, new = state.tables, {state.metrics[key]: float(value) for key, value in datapoints.items()}
    for signal in range(tables.signals):
        if tables.signal_source[signal] == layout.BY_PROGRAM:
            places = range(tables.signal_code_from[signal], tables.signal_code_to[signal])
            read = [tables.code_operand[at] for at in places if tables.code_operation[at] == layout.CODE_SERIES]
            if not any(place in new for place in read):
                continue
            new[signal] = calculated(tables, kernel, points, signal)
        if signal in new:
            points[place_of(tables, signal, kernel.closed[signal])] = new[signal]
            kernel.closed[signal] += 1
    for clock in range(tables.clocks):
        if clock in new:
            evaluate(state.plan, tables, kernel, points, notes, clock, True, now)
        elif kernel.alarms_in_alarm[clock] and now - kernel.evaluated_at[clock] >= tables.clock_again[clock]:
            evaluate(state.plan, tables, kernel, points, notes, clock, False, now)


def _due(state: AutoscalerState, now: int) -> tuple[list[str], list[int]]:
    """The schedules that fall due after the last step, up to `now`: names, and rows of `layout.SCHEDULE` in order."""
    second = datetime.timedelta(seconds=1)
    start, end = state.start + (state.now + 1) * second, state.start + (now + 1) * second
    found = [
        (time, place, rule)
        for place, rule in enumerate(state.rules.scheduled.values())
        for time in occurrences_of(
            rule, state.parameters.platform, start, end, state.parameters.clock_change or "skip_gap_first_repeat"
        )
    ]
    names, rows = list(state.rules.scheduled), []
    for _, place, rule in sorted(found, key=lambda one: one[:2]):
        rows += [now, *(-1 if one is None else one for one in (rule.minimum, rule.maximum, rule.desired)), place]
    return [names[place] for place in rows[layout.SCHEDULE - 1 :: layout.SCHEDULE]], rows


def _reason_and_block(state: AutoscalerState, kernel: State, notes: list[float], due: list[str]) -> tuple[str, str]:
    """Reason and block of a step, from its decision log."""
    reason, block = "", ""
    for row in range(0, min(kernel.notes, MAXIMUM_NOTES) * layout.NOTE, layout.NOTE):
        code, subject = int(notes[row + 1]), int(notes[row + 2])
        if code in _ACTED:
            name = due[subject] if code == layout.SCHEDULED else state.policies[subject].name
            reason = f"{_ACTED[code]}: {name}"
        elif code in BLOCKS:
            block = block or BLOCKS[code]
    return reason, block


def _plan(rules: Elasticity, parameters: PlatformParameters, rows: RuleRows) -> Plan:
    """The numbers that decisions need; those of a plant stay 0."""
    made: Plan = _zeros(Plan)
    made.tick = made.record = 1
    made.warms_up = int(parameters.behaviour.rule_warm_ups)
    made.minimum, made.maximum, made.initial = rules.minimum, rules.maximum, rules.at_creation
    made.warm_up, made.scale_in_fraction = rows.warm_up(None), float(parameters.max_scale_in_fraction)
    return made


def _copied(kernel: State) -> State:
    """The same numbers, in lists of their own."""
    made = State()
    for name, value in vars(kernel).items():
        setattr(made, name, list(value) if isinstance(value, list) else value)
    return made


def _zeros(group: Any) -> Any:
    """A record of the kernel as plain object, all zero, its tables large enough for every rule set."""
    made = group()
    sizes = {**layout.TABLES_OF_STATE, **layout.TABLES_OF_RULES}
    for name, annotation in group.__annotations__.items():
        zero = 0.0 if annotation in ("float", "Reals") else 0
        size = layout.SIZES.get(name) or (layout.LARGE[sizes[name]] if name in sizes else 0)
        setattr(made, name, [zero] * size if size else zero)
    return made
