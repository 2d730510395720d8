"""From alarms to capacity: proposals of target tracking and steps, the choice among them, cooldown, warm-up,
agreement, bounds."""

from __future__ import annotations

import math

from elasticity.autoscaler.formula import place_of
from elasticity.autoscaler.layout import (
    ALARM,
    AT_MAXIMUM,
    AT_MINIMUM,
    AVERAGE,
    CHANGE,
    HELD_BY_AGREEMENT,
    HELD_BY_COOLDOWN,
    HELD_BY_DEPLOYMENT,
    HELD_BY_FORECAST,
    HELD_BY_IN_COOLDOWN,
    HELD_BY_WARM_UP,
    MINIMUM,
    NO_CHANGE,
    NO_MATCH,
    NO_STEP,
    NOTHING,
    OUTVOTED,
    PAUSE,
    PAUSE_END,
    PAUSE_START,
    PERCENT,
    SCALED_IN,
    SCALED_OUT,
    SUPERSEDED,
    TRACKING,
    UNDER_WAY,
    Integers,
    Plan,
    Reals,
    State,
    Tables,
    hot,
)
from elasticity.autoscaler.log import note, refuse

GUARD = 1e-9
"""What a float may be off and still count as the whole number beside it; as in `elasticity.rounding`."""
LARGEST = 1e9
"""Proposals are cut here, so that a metric without bound stays a whole number."""


@hot
def tracking_capacity(current: int, metric: float, target: float) -> int:
    """ceil(current x metric / target)."""
    return math.ceil(max(0.0, min(LARGEST, current * metric / target)) - GUARD)


def percent_change(current: int, percent: int, minimum: int) -> int:
    """Percent of the current units as a change: toward zero, but at least one unit, and at least `minimum` in size."""
    exact = current * percent / 100.0
    size = math.floor(abs(exact) + GUARD)
    if size == 0 and exact != 0.0:
        size = 1
    size = max(size, minimum)
    return size if percent > 0 else -size if percent < 0 else 0


def step_capacity(tables: Tables, policy: int, current: int, metric: float) -> int:
    """Capacity by the step that covers the metric; NO_MATCH where none does."""
    difference = metric - tables.policy_target[policy]
    if abs(difference) <= GUARD:
        difference = 0.0
    above = difference > 0.0 or (difference == 0.0 and tables.policy_low_side[policy] == 0)
    for step in range(tables.policy_steps_from[policy], tables.policy_steps_to[policy]):
        lower, upper, change = tables.step_lower[step], tables.step_upper[step], tables.step_change[step]
        if lower <= difference < upper if above else lower < difference <= upper:
            if tables.policy_adjustment[policy] == CHANGE:
                return max(0, current + change)
            if tables.policy_adjustment[policy] == PERCENT:
                return max(0, current + percent_change(current, change, tables.policy_minimum_adjustment[policy]))
            return change
    return NO_MATCH


@hot
def choose_datapoint(tables: Tables, state: State, points: Reals, signal: int) -> None:
    """The datapoint that an action on the newest evaluation uses: the alarm's own where it has just changed, else the
    newest that was old enough then; a missing one is passed over for the newest that the alarm has seen.

    Chosen where policies run, not where alarms are evaluated: mostly nothing comes of an alarm that stays in ALARM.
    """
    clock = tables.signal_clock[signal]
    seen, time = state.seen[clock], state.evaluated_at[clock]
    if state.alarmed_at[signal] != time:
        old = time - tables.signal_age[signal] - tables.signal_first_close[signal]
        seen = max(seen, min(state.closed[clock], old // tables.signal_period[signal] + 1))
    value = points[place_of(tables, signal, seen - 1)]
    state.acting_seen[signal] = seen
    state.acting[signal] = value if value == value else state.newest[signal]
    state.acting_at[signal] = time


def aggregated(tables: Tables, state: State, points: Reals, policy: int) -> float:
    """The metric as a step policy sees it: mean, minimum or maximum of the real points among the newest evaluation
    periods."""
    signal, alarm, kind = tables.policy_signal[policy], tables.policy_high[policy], tables.policy_aggregation[policy]
    seen = state.acting_seen[signal]
    total, count, origin, extreme = 0.0, 0, 0.0, 0.0
    for position in range(1, min(seen, tables.alarm_periods[alarm]) + 1):
        value = points[place_of(tables, signal, seen - position)]
        if value == value:
            if count == 0:
                origin = extreme = value
            count += 1
            total += value - origin
            extreme = min(extreme, value) if kind == MINIMUM else max(extreme, value)
    if count == 0:
        return state.acting[signal]
    return origin + total / count if kind == AVERAGE else extreme


@hot
def propose(tables: Tables, state: State, points: Reals, policy: int, base: int) -> int:
    """Capacity that a policy proposes; NOTHING while none of its alarms is in ALARM, NO_MATCH where no step covers
    the metric."""
    high, low, signal = tables.policy_high[policy], tables.policy_low[policy], tables.policy_signal[policy]
    if tables.policy_kind[policy] == TRACKING:
        if state.alarm[high] == ALARM:
            return max(base, tracking_capacity(base, state.acting[signal], tables.policy_target[policy]))
        if low >= 0 and state.alarm[low] == ALARM:
            return min(base, tracking_capacity(base, state.acting[signal], tables.policy_target[policy]))
        return NOTHING
    if state.alarm[high] == ALARM:
        return step_capacity(tables, policy, base, aggregated(tables, state, points, policy))
    return NOTHING


@hot
def invoked_now(tables: Tables, state: State, policy: int, time: int) -> bool:
    """Whether one of the policy's alarms ran its action at this instant."""
    if state.evaluated_at[tables.signal_clock[tables.policy_signal[policy]]] != time:
        return False
    low = tables.policy_low[policy]
    return state.alarm[tables.policy_high[policy]] == ALARM or (low >= 0 and state.alarm[low] == ALARM)


@hot
def counted(plan: Plan, state: State, time: int) -> int:
    """The units that policies count from: running tasks, or instances in service and warm; what cools down is left
    out."""
    if plan.warms_up:
        return state.serving - state.warming
    if time < state.out_until:
        return max(0, min(state.serving + state.booting, state.desired - state.added))
    return state.serving + state.booting


@hot
def count_action(plan: Plan, tables: Tables, state: State, time: int, direction: int) -> None:
    """Count an action, a reversal of the last one, and a flap where the reversal comes soon."""
    if direction > 0:
        state.out_actions += 1
    else:
        state.in_actions += 1
    if state.direction == -direction:
        state.reversals += 1
        if time - state.acted <= plan.reversal_window:
            state.flaps += 1
    state.direction = direction
    state.acted = time
    if plan.record:
        for policy in range(tables.policies):
            state.noted[policy] = -1


@hot
def paused(pauses: Integers, state: State, time: int) -> bool:
    """Whether a deployment runs."""
    while state.pause_at < len(pauses) and pauses[state.pause_at + PAUSE_END] <= time:
        state.pause_at += PAUSE
    return state.pause_at < len(pauses) and pauses[state.pause_at + PAUSE_START] <= time


@hot
def scale_out(
    plan: Plan,
    tables: Tables,
    state: State,
    notes: Reals,
    time: int,
    base: int,
    policy: int,
) -> int:
    """Raise desired to what `policy` proposes, within the maximum; returns the warm-up of the new units, or NOTHING."""
    before, proposed = state.desired, state.proposal[policy]
    after = max(before, state.minimum, min(state.maximum, proposed))
    metric = state.acting[tables.policy_signal[policy]]
    if after <= before:
        code = UNDER_WAY
        if before >= state.maximum:
            code = AT_MAXIMUM
        elif not plan.warms_up and time < state.out_until:
            code = HELD_BY_COOLDOWN
        refuse(plan, state, notes, time, code, policy, metric, base, before, proposed)
        return NOTHING
    if not plan.warms_up:
        state.added = after - before + (state.added if time < state.out_until else 0)
        state.out_until = time + tables.policy_out_cooldown[policy]
        state.in_until = time
    state.desired = after
    note(plan, state, notes, time, SCALED_OUT, policy, metric, base, before, proposed, after)
    count_action(plan, tables, state, time, 1)
    return tables.policy_warm_up[policy]


@hot
def scale_in_block(plan: Plan, pauses: Integers, state: State, time: int) -> int:
    """What keeps the platform from scaling in at all now; NOTHING where nothing does."""
    if plan.warms_up:
        return HELD_BY_WARM_UP if state.warming + state.starting > 0 else NOTHING
    if paused(pauses, state, time):
        return HELD_BY_DEPLOYMENT
    if time < state.out_until:
        return HELD_BY_COOLDOWN
    if time < state.in_until:
        return HELD_BY_IN_COOLDOWN
    return NOTHING


@hot
def lowered(plan: Plan, state: State, base: int, proposed: int, by_tracking: bool) -> int:
    """A proposal to shrink, cut to the forecast and the bounds, and of tracking to the largest share of one scale-in: a
    step says itself how many go."""
    after = proposed
    if by_tracking and plan.scale_in_fraction < 1.0:
        after = max(after, base - max(1, math.floor(base * plan.scale_in_fraction + GUARD)))
    return min(state.maximum, max(after, state.minimum, state.floor))


@hot
def scale_in(
    plan: Plan,
    tables: Tables,
    pauses: Integers,
    state: State,
    notes: Reals,
    time: int,
    base: int,
    policy: int,
) -> None:
    """Lower desired to what `policy` leaves, unless something holds it back."""
    before, proposed = state.desired, state.proposal[policy]
    metric = state.acting[tables.policy_signal[policy]]
    after = lowered(plan, state, base, proposed, tables.policy_kind[policy] == TRACKING)
    code = NOTHING
    if after >= before:
        code = AT_MINIMUM if before <= state.minimum else HELD_BY_FORECAST if before <= state.floor else NO_CHANGE
    else:
        code = scale_in_block(plan, pauses, state, time)
    if code != NOTHING:
        refuse(plan, state, notes, time, code, policy, metric, base, before, proposed)
        return
    if not plan.warms_up:
        state.in_until = time + tables.policy_in_cooldown[policy]
    state.desired = after
    note(plan, state, notes, time, SCALED_IN, policy, metric, base, before, proposed, after)
    count_action(plan, tables, state, time, -1)


@hot
def policy_not_in_low_alarm(tables: Tables, state: State) -> int:
    """The first tracking policy with scale-in enabled that is not in AlarmLow; NOTHING when all agree."""
    for policy in range(tables.policies):
        if (
            tables.policy_kind[policy] == TRACKING
            and tables.policy_low[policy] >= 0
            and state.alarm[tables.policy_low[policy]] != ALARM
        ):
            return policy
    return NOTHING


@hot
def blocking_policy(tables: Tables, state: State, base: int) -> int:
    """The first tracking policy that keeps all of them from shrinking; NOTHING when they may.

    Either it is not in its low alarm, or its formula computes no less than there is: the largest capacity wins,
    scaling in too.
    """
    against = policy_not_in_low_alarm(tables, state)
    for policy in range(tables.policies):
        if (
            against == NOTHING
            and tables.policy_kind[policy] == TRACKING
            and tables.policy_low[policy] >= 0
            and state.proposal[policy] >= base
        ):
            against = policy
    return against


@hot
def largest(tables: Tables, state: State, time: int, base: int, outward: bool, with_tracking: bool) -> int:
    """The policy with the largest proposal on one side of `base`; where only others than the invoked propose,
    NOTHING."""
    best, invoked = NOTHING, False
    for policy in range(tables.policies):
        proposed = state.proposal[policy]
        if proposed < 0 or (proposed > base) != outward or proposed == base:
            continue
        if tables.policy_kind[policy] == TRACKING and not with_tracking:
            continue
        invoked = invoked or invoked_now(tables, state, policy, time)
        if best == NOTHING or proposed > state.proposal[best]:
            best = policy
    return best if invoked else NOTHING


def explain_neutral(plan: Plan, tables: Tables, state: State, notes: Reals, time: int, base: int) -> None:
    """Note for each policy that was invoked and proposes no change why that is."""
    for policy in range(tables.policies):
        proposed = state.proposal[policy]
        if proposed in (base, NO_MATCH) and invoked_now(tables, state, policy, time):
            code = NO_STEP if proposed == NO_MATCH else NO_CHANGE
            metric = state.acting[tables.policy_signal[policy]]
            refuse(plan, state, notes, time, code, policy, metric, base, state.desired, max(0, proposed))


def explain_losers(
    plan: Plan, tables: Tables, state: State, notes: Reals, time: int, base: int, winner: int, code: int, other: int
) -> None:
    """Note for each invoked policy that proposed less than another, or to shrink while it may not, why it did not
    act."""
    for policy in range(tables.policies):
        proposed = state.proposal[policy]
        if policy != winner and proposed >= 0 and proposed != base and invoked_now(tables, state, policy, time):
            if code == HELD_BY_AGREEMENT and tables.policy_kind[policy] != TRACKING:
                continue
            metric = state.acting[tables.policy_signal[policy]]
            refuse(plan, state, notes, time, code, policy, metric, base, state.desired, other)


@hot
def is_idle(plan: Plan, tables: Tables, pauses: Integers, state: State, time: int) -> bool:
    """Whether only low alarms of tracking are in ALARM, and the bounds or something else holds scale-in back: then
    nothing can come of it."""
    if state.raised > 0:
        return False
    if state.lowered < tables.lowering or state.desired <= min(state.maximum, max(state.minimum, state.floor)):
        return True
    return scale_in_block(plan, pauses, state, time) != NOTHING


@hot
def decide(
    plan: Plan,
    tables: Tables,
    pauses: Integers,
    state: State,
    points: Reals,
    notes: Reals,
    time: int,
) -> int:
    """Run the invoked policies: out if any proposes it, in only where all tracking agrees; returns the warm-up of new
    units."""
    base = counted(plan, state, time)
    any_out = False
    for policy in range(tables.policies):
        signal = tables.policy_signal[policy]
        if state.acting_at[signal] != state.evaluated_at[tables.signal_clock[signal]]:
            choose_datapoint(tables, state, points, signal)
        state.proposal[policy] = propose(tables, state, points, policy, base)
        any_out = any_out or state.proposal[policy] > base
    if plan.record:
        explain_neutral(plan, tables, state, notes, time, base)
    if any_out:
        winner = largest(tables, state, time, base, True, True)
        if plan.record:
            explain_losers(plan, tables, state, notes, time, base, winner, OUTVOTED, winner)
        if winner != NOTHING:
            return scale_out(plan, tables, state, notes, time, base, winner)
        return NOTHING
    against = blocking_policy(tables, state, base)
    winner = largest(tables, state, time, base, False, against == NOTHING)
    if plan.record:
        if against != NOTHING:
            explain_losers(plan, tables, state, notes, time, base, winner, HELD_BY_AGREEMENT, against)
        elif winner != NOTHING:
            explain_losers(plan, tables, state, notes, time, base, winner, SUPERSEDED, winner)
    if winner != NOTHING:
        scale_in(plan, tables, pauses, state, notes, time, base, winner)
    return NOTHING
