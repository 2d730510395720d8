"""From alarms to capacity: proposals of target tracking and steps, the choice among them, cooldown, warm-up, agreement, bounds."""

from __future__ import annotations

import math

from elasticity.simulator.kernel.layout import (
    ACTED,
    ADDED,
    ALARM,
    ANSWERED,
    AT_MAXIMUM,
    AT_MINIMUM,
    AVERAGE,
    CHANGE,
    DESIRED,
    DIRECTION,
    EC2_GROUP,
    EPISODE,
    FLAPS,
    FLOOR,
    HELD_BY_AGREEMENT,
    HELD_BY_COOLDOWN,
    HELD_BY_DEPLOYMENT,
    HELD_BY_FORECAST,
    HELD_BY_IN_COOLDOWN,
    HELD_BY_WARM_UP,
    HIGHEST,
    IN_ACTIONS,
    IN_UNTIL,
    LEAST,
    LOWEST,
    NO_CHANGE,
    NO_STEP,
    OUT_ACTIONS,
    OUT_UNTIL,
    OUTVOTED,
    PAUSE_AT,
    PERCENT,
    REACTION_BINS,
    REVERSALS,
    SCALED_IN,
    SCALED_OUT,
    SERVING,
    STARTING,
    SUPERSEDED,
    TRACKING,
    UNDER_WAY,
    WARMING,
    Alarms,
    Notes,
    Pauses,
    Plan,
    Policies,
    Reactions,
    Reals,
    Signals,
    Steps,
    Work,
)
from elasticity.simulator.kernel.log import note, refuse

GUARD = 1e-9
"""What a float may be off and still count as the whole number beside it; as in `elasticity.rounding`."""
LARGEST = 1e9
"""Proposals are cut here, so that a metric without bound stays a whole number."""
NOTHING = -1
NO_MATCH = -2


def tracking_capacity(current: int, metric: float, target: float) -> int:
    """ceil(current x metric / target)."""
    return math.ceil(max(0.0, min(LARGEST, current * metric / target)) - GUARD)


def percent_change(current: int, percent: int, least: int) -> int:
    """Percent of the current units as a change: toward zero, but at least one unit, and at least `least` in size."""
    exact = current * percent / 100.0
    size = math.floor(abs(exact) + GUARD)
    if size == 0 and exact != 0.0:
        size = 1
    size = max(size, least)
    return size if percent > 0 else -size if percent < 0 else 0


def step_capacity(policies: Policies, steps: Steps, policy: int, current: int, metric: float) -> int:
    """Capacity by the step that covers the metric; NO_MATCH where none does."""
    difference = metric - policies.target[policy]
    if abs(difference) <= GUARD:
        difference = 0.0
    above = difference > 0.0 or (difference == 0.0 and policies.low_side[policy] == 0)
    for step in range(policies.steps_from[policy], policies.steps_to[policy]):
        lower, upper, change = steps.lower[step], steps.upper[step], steps.change[step]
        if lower <= difference < upper if above else lower < difference <= upper:
            if policies.adjustment[policy] == CHANGE:
                return max(0, current + change)
            if policies.adjustment[policy] == PERCENT:
                return max(0, current + percent_change(current, change, policies.least[policy]))
            return change
    return NO_MATCH


def aggregated(signals: Signals, alarms: Alarms, policies: Policies, work: Work, policy: int) -> float:
    """The metric as a step policy sees it: mean, minimum or maximum of the real points among the newest evaluation periods."""
    signal, alarm, kind = policies.signal[policy], policies.high[policy], policies.aggregation[policy]
    ring, size, seen = signals.ring[signal], signals.ring_size[signal], work.seen[signal]
    total, count, origin, extreme = 0.0, 0, 0.0, 0.0
    for position in range(1, min(seen, alarms.periods[alarm]) + 1):
        value = work.points[ring + (seen - position) % size]
        if value == value:
            if count == 0:
                origin = extreme = value
            count += 1
            total += value - origin
            extreme = min(extreme, value) if kind == LEAST else max(extreme, value)
    if count == 0:
        return work.newest[signal]
    return origin + total / count if kind == AVERAGE else extreme


def propose(
    signals: Signals, alarms: Alarms, policies: Policies, steps: Steps, work: Work, policy: int, base: int
) -> int:
    """Capacity that a policy proposes; NOTHING while none of its alarms is in ALARM, NO_MATCH where no step covers the metric."""
    high, low, signal = policies.high[policy], policies.low[policy], policies.signal[policy]
    if policies.kind[policy] == TRACKING:
        if work.alarm[high] == ALARM:
            return max(base, tracking_capacity(base, work.newest[signal], policies.target[policy]))
        if low >= 0 and work.alarm[low] == ALARM:
            return min(base, tracking_capacity(base, work.newest[signal], policies.target[policy]))
        return NOTHING
    if work.alarm[high] == ALARM:
        return step_capacity(policies, steps, policy, base, aggregated(signals, alarms, policies, work, policy))
    return NOTHING


def invoked_now(policies: Policies, work: Work, policy: int, time: int) -> bool:
    """Whether one of the policy's alarms ran its action at this instant."""
    low = policies.low[policy]
    return work.invoked[policies.high[policy]] == time or (low >= 0 and work.invoked[low] == time)


def counted(plan: Plan, work: Work, time: int) -> int:
    """The units that policies count from: running tasks, or instances in service and warm; what cools down is left out."""
    state = work.state
    if plan.platform == EC2_GROUP:
        return state[SERVING] - state[WARMING]
    if time < state[OUT_UNTIL]:
        return max(0, min(state[SERVING], state[DESIRED] - state[ADDED]))
    return state[SERVING]


def count_action(plan: Plan, work: Work, totals: Reals, time: int, direction: int) -> None:
    """Count an action, a reversal of the last one, and a flap where the reversal comes soon."""
    state = work.state
    totals[OUT_ACTIONS if direction > 0 else IN_ACTIONS] += 1
    if state[DIRECTION] == -direction:
        totals[REVERSALS] += 1
        if time - state[ACTED] <= plan.reversal_window:
            totals[FLAPS] += 1
    state[DIRECTION] = direction
    state[ACTED] = time
    for policy in range(len(work.noted)):
        work.noted[policy] = -1


def paused(pauses: Pauses, work: Work, time: int) -> bool:
    """Whether a deployment runs."""
    state = work.state
    while state[PAUSE_AT] < len(pauses.start) and pauses.end[state[PAUSE_AT]] <= time:
        state[PAUSE_AT] += 1
    return state[PAUSE_AT] < len(pauses.start) and pauses.start[state[PAUSE_AT]] <= time


def scale_out(
    plan: Plan,
    policies: Policies,
    work: Work,
    notes: Notes,
    reactions: Reactions,
    totals: Reals,
    time: int,
    base: int,
    policy: int,
) -> int:
    """Raise desired to what `policy` proposes, within the maximum; returns the warm-up of the new units, or NOTHING."""
    state = work.state
    before, proposed = state[DESIRED], work.proposal[policy]
    after = max(before, state[LOWEST], min(state[HIGHEST], proposed))
    metric = work.newest[policies.signal[policy]]
    if after <= before:
        code = UNDER_WAY
        if before >= state[HIGHEST]:
            code = AT_MAXIMUM
        elif plan.platform != EC2_GROUP and time < state[OUT_UNTIL]:
            code = HELD_BY_COOLDOWN
        refuse(plan, work, notes, time, code, policy, metric, base, before, proposed)
        return NOTHING
    if plan.platform != EC2_GROUP:
        state[ADDED] = after - before + (state[ADDED] if time < state[OUT_UNTIL] else 0)
        state[OUT_UNTIL] = time + policies.out_cooldown[policy]
        state[IN_UNTIL] = time
    state[DESIRED] = after
    note(plan, work, notes, time, SCALED_OUT, policy, metric, base, before, proposed, after)
    count_action(plan, work, totals, time, 1)
    if state[EPISODE] >= 0 and not state[ANSWERED]:
        state[ANSWERED] = 1
        reactions.to_alarm[min(REACTION_BINS - 1, (time - state[EPISODE]) // plan.tick)] += 1
    return policies.warm_up[policy]


def hindrance(plan: Plan, pauses: Pauses, work: Work, time: int) -> int:
    """What keeps the platform from scaling in at all now; NOTHING where nothing does."""
    state = work.state
    if plan.platform == EC2_GROUP:
        return HELD_BY_WARM_UP if state[WARMING] + state[STARTING] > 0 else NOTHING
    if paused(pauses, work, time):
        return HELD_BY_DEPLOYMENT
    if time < state[OUT_UNTIL]:
        return HELD_BY_COOLDOWN
    if time < state[IN_UNTIL]:
        return HELD_BY_IN_COOLDOWN
    return NOTHING


def lowered(plan: Plan, work: Work, base: int, proposed: int) -> int:
    """A proposal to shrink, cut to the largest share of one scale-in, the forecast and the bounds."""
    state = work.state
    after = proposed
    if plan.scale_in_fraction < 1.0:
        after = max(after, base - max(1, math.floor(base * plan.scale_in_fraction + GUARD)))
    return min(state[HIGHEST], max(after, state[LOWEST], state[FLOOR]))


def scale_in(
    plan: Plan,
    policies: Policies,
    pauses: Pauses,
    work: Work,
    notes: Notes,
    totals: Reals,
    time: int,
    base: int,
    policy: int,
) -> None:
    """Lower desired to what `policy` leaves, unless something holds it back."""
    state = work.state
    before, proposed = state[DESIRED], work.proposal[policy]
    metric = work.newest[policies.signal[policy]]
    after = lowered(plan, work, base, proposed)
    code = NOTHING
    if after >= before:
        code = AT_MINIMUM if before <= state[LOWEST] else HELD_BY_FORECAST if before <= state[FLOOR] else NO_CHANGE
    else:
        code = hindrance(plan, pauses, work, time)
    if code != NOTHING:
        refuse(plan, work, notes, time, code, policy, metric, base, before, proposed)
        return
    if plan.platform != EC2_GROUP:
        state[IN_UNTIL] = time + policies.in_cooldown[policy]
    state[DESIRED] = after
    note(plan, work, notes, time, SCALED_IN, policy, metric, base, before, proposed, after)
    count_action(plan, work, totals, time, -1)


def dissenter(policies: Policies, work: Work) -> int:
    """The first tracking policy with scale-in enabled that is not in AlarmLow; NOTHING when all agree."""
    for policy in range(len(policies.kind)):
        if (
            policies.kind[policy] == TRACKING
            and policies.low[policy] >= 0
            and work.alarm[policies.low[policy]] != ALARM
        ):
            return policy
    return NOTHING


def largest(policies: Policies, work: Work, time: int, base: int, outward: bool, with_tracking: bool) -> int:
    """The policy with the largest proposal on one side of `base`; where only others than the invoked propose, NOTHING."""
    best, invoked = NOTHING, False
    for policy in range(len(policies.kind)):
        proposed = work.proposal[policy]
        if proposed < 0 or (proposed > base) != outward or proposed == base:
            continue
        if policies.kind[policy] == TRACKING and not with_tracking:
            continue
        invoked = invoked or invoked_now(policies, work, policy, time)
        if best == NOTHING or proposed > work.proposal[best]:
            best = policy
    return best if invoked else NOTHING


def explain_neutral(plan: Plan, policies: Policies, work: Work, notes: Notes, time: int, base: int) -> None:
    """Note for each policy that was invoked and proposes no change why that is."""
    for policy in range(len(policies.kind)):
        proposed = work.proposal[policy]
        if (proposed == base or proposed == NO_MATCH) and invoked_now(policies, work, policy, time):
            code = NO_STEP if proposed == NO_MATCH else NO_CHANGE
            metric = work.newest[policies.signal[policy]]
            refuse(plan, work, notes, time, code, policy, metric, base, work.state[DESIRED], max(0, proposed))


def explain_losers(
    plan: Plan, policies: Policies, work: Work, notes: Notes, time: int, base: int, winner: int, code: int, other: int
) -> None:
    """Note for each invoked policy that proposed less than another, or to shrink while it may not, why it did not act."""
    for policy in range(len(policies.kind)):
        proposed = work.proposal[policy]
        if policy != winner and proposed >= 0 and proposed != base and invoked_now(policies, work, policy, time):
            if code == HELD_BY_AGREEMENT and policies.kind[policy] != TRACKING:
                continue
            metric = work.newest[policies.signal[policy]]
            refuse(plan, work, notes, time, code, policy, metric, base, work.state[DESIRED], other)


def decide(
    plan: Plan,
    signals: Signals,
    alarms: Alarms,
    policies: Policies,
    steps: Steps,
    pauses: Pauses,
    work: Work,
    notes: Notes,
    reactions: Reactions,
    totals: Reals,
    time: int,
) -> int:
    """Run the invoked policies: out if any proposes it, in only where all tracking agrees; returns the warm-up of new units."""
    base = counted(plan, work, time)
    any_out = False
    for policy in range(len(policies.kind)):
        work.proposal[policy] = propose(signals, alarms, policies, steps, work, policy, base)
        any_out = any_out or work.proposal[policy] > base
    if plan.record:
        explain_neutral(plan, policies, work, notes, time, base)
    if any_out:
        winner = largest(policies, work, time, base, True, True)
        if plan.record:
            explain_losers(plan, policies, work, notes, time, base, winner, OUTVOTED, winner)
        if winner != NOTHING:
            return scale_out(plan, policies, work, notes, reactions, totals, time, base, winner)
        return NOTHING
    against = dissenter(policies, work)
    winner = largest(policies, work, time, base, False, against == NOTHING)
    if plan.record:
        if against != NOTHING:
            explain_losers(plan, policies, work, notes, time, base, winner, HELD_BY_AGREEMENT, against)
        elif winner != NOTHING:
            explain_losers(plan, policies, work, notes, time, base, winner, SUPERSEDED, winner)
    if winner != NOTHING:
        scale_in(plan, policies, pauses, work, notes, totals, time, base, winner)
    return NOTHING
