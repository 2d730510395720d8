"""From load to datapoints to alarm states: periods close, datapoints are published after their delay, alarms are evaluated."""

from __future__ import annotations

from elasticity.simulator.kernel.layout import (
    ABOVE,
    ALARM,
    ALARM_CHANGED,
    AT_LEAST,
    AT_MOST,
    BREACHING,
    IGNORE,
    INSUFFICIENT,
    INVOKED,
    NEVER,
    NEXT_SIGNAL,
    OK,
    Alarms,
    Notes,
    Plan,
    Signals,
    Work,
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


def judge(signals: Signals, alarms: Alarms, work: Work, signal: int, alarm: int) -> int:
    """State of an alarm by the missing-data rules, from all points of its evaluation range (CWUG, table of missing data)."""
    periods, enough, missing = alarms.periods[alarm], alarms.enough[alarm], alarms.missing[alarm]
    ring, size, seen = signals.ring[signal], signals.ring_size[signal], work.seen[signal]
    real = bad = bad_newest = oldest = 0
    for position in range(1, alarms.range[alarm] + 1):
        if position > seen:
            break
        value = work.points[ring + (seen - position) % size]
        if value == value:
            real += 1
            oldest = position
            if breaches(value, alarms.comparison[alarm], alarms.threshold[alarm]):
                bad += 1
                if real <= periods:
                    bad_newest += 1
    if real >= periods:
        return ALARM if bad_newest >= enough else OK
    if missing >= BREACHING:
        if missing == BREACHING:
            bad += periods - real
        return ALARM if bad >= enough else OK
    if real == 0:
        return work.alarm[alarm] if missing == IGNORE else INSUFFICIENT
    if bad >= enough:
        return ALARM
    if bad < real:
        return OK
    if missing == IGNORE:
        return work.alarm[alarm]
    return ALARM if oldest >= enough else INSUFFICIENT


def close(signals: Signals, work: Work, signal: int, time: int) -> None:
    """Close the period of a signal: its datapoint is the weighted mean, missing where nothing was measured."""
    value = float("nan")
    if work.weight[signal] > 0.0:
        value = work.origin[signal] + work.deviation[signal] / work.weight[signal]
    work.points[signals.ring[signal] + work.closed[signal] % signals.ring_size[signal]] = value
    work.closed[signal] += 1
    work.weight[signal] = 0.0
    work.deviation[signal] = 0.0
    work.next_close[signal] = time + signals.period[signal]


def publish(signals: Signals, alarms: Alarms, work: Work, signal: int) -> None:
    """Let the alarms see one more datapoint: counts of breaches among the newest points move on by one."""
    ring, size, seen = signals.ring[signal], signals.ring_size[signal], work.seen[signal]
    value = work.points[ring + seen % size]
    for alarm in range(signals.alarms_from[signal], signals.alarms_to[signal]):
        comparison, threshold, leaving = alarms.comparison[alarm], alarms.threshold[alarm], seen - alarms.periods[alarm]
        if breaches(value, comparison, threshold):
            work.breaches[alarm] += 1
        if leaving >= 0 and breaches(work.points[ring + leaving % size], comparison, threshold):
            work.breaches[alarm] -= 1
    work.seen[signal] = seen + 1
    if value == value:
        work.unbroken[signal] += 1
        work.newest[signal] = value
    else:
        work.unbroken[signal] = 0


def evaluate(plan: Plan, signals: Signals, alarms: Alarms, work: Work, notes: Notes, signal: int, time: int) -> None:
    """Evaluate the alarms of a signal; one in ALARM invokes its policy, again at each evaluation while it lasts."""
    if (time - signals.first_evaluation[signal]) % signals.period[signal] == 0:
        publish(signals, alarms, work, signal)
    for alarm in range(signals.alarms_from[signal], signals.alarms_to[signal]):
        if work.unbroken[signal] >= alarms.periods[alarm]:
            state = ALARM if work.breaches[alarm] >= alarms.enough[alarm] else OK
        else:
            state = judge(signals, alarms, work, signal, alarm)
        before = work.alarm[alarm]
        if state != before:
            work.alarm[alarm] = state
            note(plan, work, notes, time, ALARM_CHANGED, alarm, work.newest[signal], 0, before, state, state)
            if alarms.policy[alarm] >= 0:
                work.noted[alarms.policy[alarm]] = -1
        if state == ALARM:
            work.invoked[alarm] = time
            work.state[INVOKED] = 1
    work.next_evaluation[signal] = time + signals.again[signal]


def observe(plan: Plan, signals: Signals, alarms: Alarms, work: Work, notes: Notes, time: int) -> None:
    """Close and publish what is due at `time`, then evaluate; sets when to look again."""
    soonest = NEVER
    for signal in range(len(signals.kind)):
        if time >= work.next_close[signal]:
            close(signals, work, signal, time)
        if time >= work.next_evaluation[signal]:
            evaluate(plan, signals, alarms, work, notes, signal, time)
        soonest = min(soonest, work.next_close[signal], work.next_evaluation[signal])
    work.state[NEXT_SIGNAL] = soonest
