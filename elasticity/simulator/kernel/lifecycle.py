"""Units from launch to end: starting, serving, warming, draining; launches within the platform's rate."""

from __future__ import annotations

from elasticity.simulator.kernel.layout import (
    ANSWERED,
    CAPACITY_PROVIDER,
    DESIRED,
    DRAIN_HEAD,
    DRAIN_TAIL,
    DRAINING,
    EC2_GROUP,
    EPISODE,
    FIRST,
    HEAD,
    INSTANCES,
    LAUNCHED,
    MINIMUM_SECONDS,
    NEVER,
    NEXT_WARM,
    REACTION_BINS,
    REFILLED,
    SERVING,
    STARTING,
    TAIL,
    TOKENS,
    UNITS_SERVE,
    UNLIMITED,
    WAITS,
    WARMING,
    Notes,
    Plan,
    Reactions,
    Reals,
    Work,
)
from elasticity.simulator.kernel.log import note

BILLED_AT_LEAST = 60
"""Seconds of every unit's life that are billed at least (Fargate and EC2 Linux: per second, one minute minimum)."""
THOUSANDTHS = 1_000
"""Tokens of the launch rate are counted in thousandths, so that they stay whole numbers."""


def begin_service(plan: Plan, work: Work, notes: Notes, reactions: Reactions, time: int) -> None:
    """Units whose start-up is over serve; those of a group warm up first before they count."""
    state, size, begun = work.state, len(work.ready), 0
    while state[FIRST] < state[TAIL]:
        place = state[FIRST] % size
        if work.ready[place] > time:
            break
        begun += work.count[place]
        if work.warm[place] > time:
            state[WARMING] += work.count[place]
            state[NEXT_WARM] = min(state[NEXT_WARM], work.warm[place])
        state[FIRST] += 1
    if begun:
        state[STARTING] -= begun
        state[SERVING] += begun
        note(
            plan, work, notes, time, UNITS_SERVE, 0, 0.0, begun, state[SERVING] - begun, state[DESIRED], state[SERVING]
        )
        if state[EPISODE] >= 0 and state[ANSWERED]:
            reactions.to_service[min(REACTION_BINS - 1, (time - state[EPISODE]) // plan.tick)] += 1
            state[EPISODE] = -1


def end_warm_up(work: Work, time: int) -> None:
    """Recount the units that still warm up, and when the next of them are done."""
    state, size = work.state, len(work.ready)
    warming, soonest = 0, NEVER
    for cohort in range(state[HEAD], state[FIRST]):
        place = cohort % size
        if work.warm[place] > time:
            warming += work.count[place]
            soonest = min(soonest, work.warm[place])
    state[WARMING] = warming
    state[NEXT_WARM] = soonest


def end_draining(work: Work, time: int) -> None:
    """Units whose deregistration delay is over are gone."""
    state, size = work.state, len(work.drain_end)
    while state[DRAIN_HEAD] < state[DRAIN_TAIL] and work.drain_end[state[DRAIN_HEAD] % size] <= time:
        state[DRAINING] -= work.drain_count[state[DRAIN_HEAD] % size]
        state[DRAIN_HEAD] += 1


def transitions(plan: Plan, work: Work, notes: Notes, reactions: Reactions, time: int) -> None:
    """Launched to serving, warming to warm, draining to gone."""
    if work.state[FIRST] < work.state[TAIL]:
        begin_service(plan, work, notes, reactions, time)
    if time >= work.state[NEXT_WARM]:
        end_warm_up(work, time)
    if work.state[DRAINING]:
        end_draining(work, time)


def room(plan: Plan, work: Work, time: int) -> int:
    """How many units may start now: free places on instances, or the launch rate's tokens."""
    state = work.state
    if plan.platform == CAPACITY_PROVIDER:
        taken = state[SERVING] + state[STARTING] + state[DRAINING]
        return max(0, state[INSTANCES] * plan.units_per_instance - taken)
    if plan.burst >= UNLIMITED:
        return UNLIMITED
    tokens = state[TOKENS] + plan.launch_rate * (time - state[REFILLED])
    if not state[WAITS]:
        tokens = min(plan.burst * THOUSANDTHS, tokens)
    state[TOKENS] = tokens
    state[REFILLED] = time
    return tokens // THOUSANDTHS


def launch(plan: Plan, work: Work, totals: Reals, time: int, wanted: int, warm_up: int) -> None:
    """Start up to `wanted` units, as one cohort; the rest waits."""
    state = work.state
    started = min(wanted, room(plan, work, time))
    state[WAITS] = 1 if started < wanted else 0
    if plan.platform != CAPACITY_PROVIDER and plan.burst < UNLIMITED:
        state[TOKENS] -= started * THOUSANDTHS
    if started > 0:
        place = state[TAIL] % len(work.ready)
        work.launched[place] = time
        work.ready[place] = time + plan.start_up
        work.warm[place] = time + plan.start_up + warm_up if plan.platform == EC2_GROUP else 0
        work.count[place] = started
        state[TAIL] += 1
        state[STARTING] += started
        totals[LAUNCHED] += started


def cancel(work: Work, totals: Reals, time: int, unwanted: int) -> int:
    """End starting units, the newest first; returns how many are still too many."""
    state, size = work.state, len(work.ready)
    while unwanted > 0 and state[TAIL] > state[FIRST]:
        place = (state[TAIL] - 1) % size
        ended = min(unwanted, work.count[place])
        totals[MINIMUM_SECONDS] += ended * max(0, BILLED_AT_LEAST - (time - work.launched[place]))
        work.count[place] -= ended
        state[STARTING] -= ended
        unwanted -= ended
        if work.count[place] == 0:
            state[TAIL] -= 1
    return unwanted


def retire(plan: Plan, work: Work, totals: Reals, time: int, unwanted: int) -> None:
    """Let serving units drain, the oldest first."""
    state, size, ended_in_all = work.state, len(work.ready), 0
    while unwanted > 0 and state[HEAD] < state[FIRST]:
        place = state[HEAD] % size
        ended = min(unwanted, work.count[place])
        life = time - work.launched[place] + plan.drain
        totals[MINIMUM_SECONDS] += ended * max(0, BILLED_AT_LEAST - life)
        if work.warm[place] > time:
            state[WARMING] -= ended
        work.count[place] -= ended
        unwanted -= ended
        ended_in_all += ended
        if work.count[place] == 0:
            state[HEAD] += 1
    state[SERVING] -= ended_in_all
    if plan.drain > 0 and ended_in_all > 0:
        place = state[DRAIN_TAIL] % len(work.drain_end)
        work.drain_end[place] = time + plan.drain
        work.drain_count[place] = ended_in_all
        state[DRAIN_TAIL] += 1
        state[DRAINING] += ended_in_all


def reconcile(
    plan: Plan, work: Work, notes: Notes, reactions: Reactions, totals: Reals, time: int, warm_up: int
) -> None:
    """Bring the units to the desired count: launch what is missing, end what is too many."""
    state = work.state
    difference = state[DESIRED] - state[SERVING] - state[STARTING]
    if difference > 0:
        launch(plan, work, totals, time, difference, warm_up)
        if plan.start_up == 0:
            begin_service(plan, work, notes, reactions, time)
    else:
        state[WAITS] = 0
        if difference < 0:
            left = cancel(work, totals, time, -difference)
            if left > 0:
                retire(plan, work, totals, time, left)


def ramp_deficit(plan: Plan, work: Work, time: int) -> float:
    """Units' worth of capacity that slow start still withholds in the tick from `time`: linear from nothing to a full share."""
    state, size, missing = work.state, len(work.ready), 0.0
    cohort = state[FIRST] - 1
    while cohort >= state[HEAD]:
        place = cohort % size
        share = (time - work.ready[place] + 0.5 * plan.tick) / plan.slow_start
        if share >= 1.0:
            break
        missing += work.count[place] * (1.0 - share)
        cohort -= 1
    return missing
