"""From load to datapoints to alarm states: periods close, datapoints are published after their delay, alarms are
evaluated."""

from __future__ import annotations

from elasticity.simulator.kernel.formula import calculated
from elasticity.simulator.kernel.layout import (
    ABOVE,
    ALARM,
    ALARM_CHANGED,
    ARRIVALS,
    AT_LEAST,
    AT_MOST,
    BREACHING,
    CALCULATED,
    IGNORE,
    INSUFFICIENT,
    NEVER,
    OK,
    Plan,
    Reals,
    State,
    Tables,
)
from elasticity.simulator.kernel.log import note


def breaches(value: float, comparison: int, threshold: float) -> bool:
    """Whether a datapoint breaches; a missing one (NaN) never does."""
    if comparison == ABOVE:
        return value > threshold
    if comparison == AT_LEAST:
        return value >= threshold
    if comparison == AT_MOST:
        return value <= threshold
    return value < threshold


def judge(tables: Tables, state: State, points: Reals, signal: int, alarm: int) -> int:
    """State of an alarm by the missing-data rules, from all points of its evaluation range (CWUG, table of missing
    data)."""
    periods, enough, missing = tables.alarm_periods[alarm], tables.alarm_enough[alarm], tables.alarm_missing[alarm]
    ring, mask, seen = tables.signal_ring[signal], tables.signal_ring_mask[signal], state.seen[signal]
    real = bad = bad_newest = oldest = 0
    for position in range(1, tables.alarm_range[alarm] + 1):
        if position > seen:
            break
        value = points[ring + ((seen - position) & mask)]
        if value == value:
            real += 1
            oldest = position
            if breaches(value, tables.alarm_comparison[alarm], tables.alarm_threshold[alarm]):
                bad += 1
                if real <= periods:
                    bad_newest += 1
    if real >= periods:
        return ALARM if bad_newest >= enough else OK
    if missing >= BREACHING:
        return ALARM if bad + (periods - real if missing == BREACHING else 0) >= enough else OK
    return judge_few(state.alarm[alarm], real, bad, oldest, enough, missing)


def judge_few(before: int, real: int, bad: int, oldest: int, enough: int, missing: int) -> int:
    """State of an alarm with fewer real points than evaluation periods, none of which is filled in."""
    if real == 0:
        return before if missing == IGNORE else INSUFFICIENT
    if bad >= enough:
        return ALARM
    if bad < real:
        return OK
    if missing == IGNORE:
        return before
    return ALARM if oldest >= enough else INSUFFICIENT


def close(plan: Plan, tables: Tables, state: State, points: Reals, signal: int, time: int) -> None:
    """Close the period of a signal: its datapoint is the weighted mean, missing where nothing was measured."""
    value = float("nan")
    kind = tables.signal_kind[signal]
    if tables.signal_period[signal] == plan.tick and kind < ARRIVALS:  # one tick is one period: nothing to average
        if state.weights[kind] > 0.0:
            value = state.values[kind]
    elif kind == CALCULATED:
        value = calculated(tables, state, points, signal)
    elif state.weight[signal] > 0.0:
        value = state.origin[signal]
        if state.deviation[signal] != 0.0:
            value += state.deviation[signal] / state.weight[signal]
            state.deviation[signal] = 0.0
    points[tables.signal_ring[signal] + (state.closed[signal] & tables.signal_ring_mask[signal])] = value
    state.closed[signal] += 1
    state.weight[signal] = 0.0
    state.next_close[signal] = time + tables.signal_period[signal]


def count_breach(
    tables: Tables, state: State, points: Reals, signal: int, alarm: int, value: float, place: int
) -> None:
    """Move the count of breaches on by the datapoint `value`, the `place`-th of the signal.

    Breaches are counted among the newest evaluation periods; where all of them must breach, in a row.
    """
    comparison, threshold, periods = (
        tables.alarm_comparison[alarm],
        tables.alarm_threshold[alarm],
        tables.alarm_periods[alarm],
    )
    is_bad = breaches(value, comparison, threshold)
    if tables.alarm_enough[alarm] == periods:
        state.breaches[alarm] = state.breaches[alarm] + 1 if is_bad else 0
        return
    if is_bad:
        state.breaches[alarm] += 1
    leaving = points[tables.signal_ring[signal] + ((place - periods) & tables.signal_ring_mask[signal])]
    if place >= periods and breaches(leaving, comparison, threshold):
        state.breaches[alarm] -= 1


def evaluate(plan: Plan, tables: Tables, state: State, points: Reals, notes: Reals, signal: int, time: int) -> None:
    """Publish the datapoint that is due, then evaluate the alarms of a signal.

    One in ALARM invokes its policy, again at each evaluation while it lasts.
    """
    place = state.seen[signal]
    is_new = time >= state.next_publication[signal]
    value = 0.0
    if is_new:
        value = points[tables.signal_ring[signal] + (place & tables.signal_ring_mask[signal])]
        state.next_publication[signal] = time + tables.signal_period[signal]
        state.seen[signal] = place + 1
        if value == value:
            state.unbroken[signal] += 1
            state.newest[signal] = value
        else:
            state.unbroken[signal] = 0
    for alarm in range(tables.signal_alarms_from[signal], tables.signal_alarms_to[signal]):
        if is_new:
            count_breach(tables, state, points, signal, alarm, value, place)
        if state.unbroken[signal] >= tables.alarm_periods[alarm]:
            now = ALARM if state.breaches[alarm] >= tables.alarm_enough[alarm] else OK
        else:
            now = judge(tables, state, points, signal, alarm)
        before = state.alarm[alarm]
        if now != before:
            state.alarm[alarm] = now
            note(plan, state, notes, time, ALARM_CHANGED, alarm, state.newest[signal], 0, before, now, now)
            if tables.alarm_policy[alarm] >= 0:
                state.noted[tables.alarm_policy[alarm]] = -1
        if now == ALARM:
            state.invoked_at[alarm] = time
            state.invoked = 1
    state.next_evaluation[signal] = time + tables.signal_again[signal]


def observe(plan: Plan, tables: Tables, state: State, points: Reals, notes: Reals, time: int) -> None:
    """Close and publish what is due at `time`, then evaluate; sets when to look again."""
    soonest = NEVER
    for signal in range(tables.signals):
        if time >= state.next_close[signal]:
            close(plan, tables, state, points, signal, time)
        if time >= state.next_evaluation[signal]:
            evaluate(plan, tables, state, points, notes, signal, time)
        soonest = min(soonest, state.next_close[signal], state.next_evaluation[signal])
    state.next_signal = soonest
