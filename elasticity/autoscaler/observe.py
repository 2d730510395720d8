"""From load to datapoints to alarm states: periods close, datapoints are published after their delay, alarms are
evaluated."""

from __future__ import annotations

import math

from elasticity.autoscaler.formula import calculated, place_of
from elasticity.autoscaler.layout import (
    ALARM,
    ALARM_CHANGED,
    AS_IT_IS,
    BREACHING,
    COLUMN,
    IGNORE,
    INSUFFICIENT,
    MEASURED,
    NEVER,
    OK,
    Plan,
    Reals,
    State,
    Tables,
    hot,
)
from elasticity.autoscaler.log import note


@hot
def breaches(value: float, sign: float, bound: float) -> bool:
    """Whether a datapoint breaches; a missing one (NaN) never does."""
    return value * sign > bound


def judge(plan: Plan, tables: Tables, state: State, points: Reals, signal: int, alarm: int) -> int:
    """State of an alarm by the missing-data rules, from all points of its evaluation range (CWUG, table of missing
    data)."""
    periods, enough, missing = tables.alarm_periods[alarm], tables.alarm_datapoints[alarm], tables.alarm_missing[alarm]
    seen = state.seen[tables.signal_clock[signal]]
    real = bad = bad_newest = oldest = 0
    for position in range(1, tables.alarm_range[alarm] + 1):
        if position > seen:
            break
        value = points[place_of(tables, signal, seen - position)]
        if value == value:
            real += 1
            oldest = position
            if breaches(value, tables.alarm_sign[alarm], tables.alarm_bound[alarm]):
                bad += 1
                if real <= periods:
                    bad_newest += 1
    if real >= periods:
        return ALARM if bad_newest >= enough else OK
    if missing >= BREACHING:
        return ALARM if bad + (periods - real if missing == BREACHING else 0) >= enough else OK
    return judge_few(plan, state.alarm[alarm], real, bad, oldest, enough, missing)


def judge_few(plan: Plan, before: int, real: int, bad: int, oldest: int, enough: int, missing: int) -> int:
    """State of an alarm with fewer real points than evaluation periods, none of which is filled in."""
    if real == 0:
        return before if missing == IGNORE else INSUFFICIENT
    if bad >= enough:
        return ALARM
    if bad < real:
        return OK
    if missing == IGNORE:
        return before
    if oldest >= enough:
        return ALARM
    return before if plan.fresh_keeps else INSUFFICIENT


@hot
def measure(plan: Plan, tables: Tables, state: State, columns: Reals, index: int) -> None:
    """Add the tick's values to the open period of each signal; the mean of equal values is exactly that value."""
    for place in range(tables.measured):
        signal = tables.signal_measured[place]
        kind = tables.signal_kind[signal]
        value, weight = state.values[kind], state.weights[kind]
        if kind == COLUMN:
            value = columns[tables.signal_column[signal] * plan.ticks + index]
            weight = 1.0 if value == value else 0.0
        value *= tables.signal_factor[signal]
        if weight > 0.0 and not (tables.signal_silent[signal] and state.rate == 0.0):
            if state.weight[signal] == 0.0:
                state.origin[signal] = value
                state.weight[signal] = weight
            else:
                state.deviation[signal] += weight * (value - state.origin[signal])
                state.weight[signal] += weight


@hot
def mean(state: State, signal: int) -> float:
    """The weighted mean of a signal's period, which is over; missing where nothing was measured."""
    if state.weight[signal] == 0.0:
        return math.nan
    value = state.origin[signal]
    if state.deviation[signal] != 0.0:
        value += state.deviation[signal] / state.weight[signal]
        state.deviation[signal] = 0.0
    state.weight[signal] = 0.0
    return value


@hot
def close(tables: Tables, state: State, points: Reals, clock: int) -> None:
    """Close the period of a clock: each of its signals has one datapoint more."""
    place = state.closed[clock]
    state.closed[clock] = place + 1
    at = place & tables.clock_ring_mask[clock]
    for signal in range(tables.clock_signals_from[clock], tables.clock_signals_to[clock]):
        value, source, kind = math.nan, tables.signal_source[signal], tables.signal_kind[signal]
        if source == AS_IT_IS:
            if state.weights[kind] > 0.0 and not (tables.signal_silent[signal] and state.rate == 0.0):
                value = state.values[kind] * tables.signal_factor[signal]
        elif source == MEASURED:
            value = mean(state, signal)
        elif state.repeated_ticks > 1 and tables.signal_same[signal]:
            value = points[place_of(tables, signal, place - 1)]
        else:
            value = calculated(tables, state, points, signal)
        points[tables.signal_ring[signal] + at] = value


@hot
def count_breach(
    tables: Tables, state: State, points: Reals, signal: int, alarm: int, value: float, place: int
) -> None:
    """Move the count of breaches on by the datapoint `value`, the `place`-th of the signal.

    Breaches are counted among the newest evaluation periods; where all of them must breach, in a row.
    """
    sign, bound, periods = tables.alarm_sign[alarm], tables.alarm_bound[alarm], tables.alarm_periods[alarm]
    is_bad = breaches(value, sign, bound)
    if tables.alarm_datapoints[alarm] == periods:
        state.breaches[alarm] = state.breaches[alarm] + 1 if is_bad else 0
        return
    if is_bad:
        state.breaches[alarm] += 1
    leaving = points[place_of(tables, signal, place - periods)]
    if place >= periods and breaches(leaving, sign, bound):
        state.breaches[alarm] -= 1


@hot
def change(plan: Plan, tables: Tables, state: State, notes: Reals, alarm: int, now: int, time: int) -> None:
    """Put an alarm into another state."""
    before, acts, signal = state.alarm[alarm], tables.alarm_acts[alarm], tables.alarm_signal[alarm]
    state.alarm[alarm] = now
    if now == ALARM:
        state.alarmed_at[signal] = time
    step = (1 if now == ALARM else 0) - (1 if before == ALARM else 0)
    state.alarms_in_alarm[tables.signal_clock[signal]] += step
    if acts > 0:
        state.raised += step
    elif acts < 0:
        state.lowered += step
    note(plan, state, notes, time, ALARM_CHANGED, alarm, state.newest[signal], 0, before, now, now)
    if tables.alarm_policy[alarm] >= 0:
        state.noted[tables.alarm_policy[alarm]] = -1


@hot
def judge_all(
    plan: Plan,
    tables: Tables,
    state: State,
    points: Reals,
    notes: Reals,
    signal: int,
    value: float,
    place: int,
    time: int,
) -> None:
    """The states of all alarms of a signal after its datapoint `value`, the `place`-th, and which datapoints would
    change none."""
    above, below = -math.inf, math.inf
    for alarm in range(tables.signal_alarms_from[signal], tables.signal_alarms_to[signal]):
        count_breach(tables, state, points, signal, alarm, value, place)
        bad, enough, periods = state.breaches[alarm], tables.alarm_datapoints[alarm], tables.alarm_periods[alarm]
        is_full = state.unbroken[signal] >= periods
        now = ALARM if bad >= enough else OK
        if not is_full:
            now = judge(plan, tables, state, points, signal, alarm)
        if now != state.alarm[alarm]:
            change(plan, tables, state, notes, alarm, now, time)
        threshold = tables.alarm_sign[alarm] * tables.alarm_bound[alarm]
        if not is_full or enough != periods or 0 < bad < enough or value == threshold:
            above = math.inf
        elif value > threshold:
            above = max(above, threshold)
        else:
            below = min(below, threshold)
    state.unchanged_above[signal] = above
    state.unchanged_below[signal] = below


@hot
def evaluate(
    plan: Plan, tables: Tables, state: State, points: Reals, notes: Reals, clock: int, is_new: bool, time: int
) -> None:
    """Publish the datapoints that are due, if any are, then evaluate the alarms of a clock's signals: without a new
    datapoint they stay as they are.

    One in ALARM invokes its policy, again at each evaluation while it lasts.
    """
    if is_new:
        place = state.seen[clock]
        state.seen[clock] = place + 1
        at = place & tables.clock_ring_mask[clock]
        for signal in range(tables.clock_signals_from[clock], tables.clock_signals_to[clock]):
            value = points[tables.signal_ring[signal] + at]
            if state.unchanged_above[signal] < value < state.unchanged_below[signal]:
                state.newest[signal] = value
                continue
            if value == value:
                state.unbroken[signal] += 1
                state.newest[signal] = value
            else:
                state.unbroken[signal] = 0
            judge_all(plan, tables, state, points, notes, signal, value, place, time)
    if state.alarms_in_alarm[clock]:
        state.evaluated_at[clock] = time
        state.invoked = 1


def runs_action(tables: Tables, state: State, alarm: int, time: int) -> bool:
    """Whether the alarm runs its action at this instant."""
    clock = tables.signal_clock[tables.alarm_signal[alarm]]
    return state.alarm[alarm] == ALARM and state.evaluated_at[clock] == time


@hot
def observe(plan: Plan, tables: Tables, state: State, points: Reals, notes: Reals, time: int) -> int:
    """Close and publish what is due at `time`, then evaluate, and set when to look again; returns whether any alarm
    runs its action."""
    if time < state.next_signal:
        return 0
    soonest = NEVER
    for clock in range(tables.clocks):
        if time >= state.next_close[clock]:
            state.next_close[clock] = time + tables.clock_period[clock]
            close(tables, state, points, clock)
        if time >= state.next_evaluation[clock]:
            state.next_evaluation[clock] = time + tables.clock_again[clock]
            is_new = time >= state.next_publication[clock]
            if is_new:
                state.next_publication[clock] = time + tables.clock_period[clock]
            evaluate(plan, tables, state, points, notes, clock, is_new, time)
        soonest = min(soonest, state.next_close[clock], state.next_evaluation[clock])
    state.next_signal = soonest
    invoked = state.invoked
    state.invoked = 0
    return invoked
