"""Units from launch to end: starting, serving, warming, draining; launches within the platform's rate."""

from __future__ import annotations

from elasticity.autoscaler.layout import (
    COHORT,
    COUNT,
    DRAIN,
    DRAIN_COUNT,
    DRAIN_END,
    LAUNCHED,
    NEVER,
    REACTION_BINS,
    READY,
    UNITS_SERVE,
    UNLIMITED,
    WARM,
    Integers,
    Plan,
    Reals,
    State,
    Totals,
    hot,
)
from elasticity.autoscaler.log import note

BILLED_AT_LEAST = 60
"""Seconds of every unit's life that are billed at least (Fargate and EC2 Linux: per second, one minute minimum)."""
THOUSANDTHS = 1_000
"""Tokens of the launch rate are counted in thousandths, so that they stay whole numbers."""


def begin_service(plan: Plan, state: State, cohorts: Integers, notes: Reals, time: int) -> None:
    """Units whose start-up is over serve; those of a group warm up first before they count."""
    size, begun = len(cohorts) // COHORT, 0
    while state.first < state.tail:
        place = state.first % size
        if cohorts[place * COHORT + READY] > time:
            break
        begun += cohorts[place * COHORT + COUNT]
        if cohorts[place * COHORT + WARM] > time:
            state.warming += cohorts[place * COHORT + COUNT]
            state.next_warm = min(state.next_warm, cohorts[place * COHORT + WARM])
        state.first += 1
    if begun:
        state.starting -= begun
        state.serving += begun
        note(plan, state, notes, time, UNITS_SERVE, 0, 0.0, begun, state.serving - begun, state.desired, state.serving)
        if state.episode >= 0 and state.answered:
            state.to_service[min(REACTION_BINS - 1, (time - state.episode) // plan.tick)] += 1
            state.episode = -1


def end_warm_up(state: State, cohorts: Integers, time: int) -> None:
    """Recount the units that still warm up, and when the next of them are done."""
    size = len(cohorts) // COHORT
    warming, soonest = 0, NEVER
    for cohort in range(state.head, state.first):
        place = cohort % size
        if cohorts[place * COHORT + WARM] > time:
            warming += cohorts[place * COHORT + COUNT]
            soonest = min(soonest, cohorts[place * COHORT + WARM])
    state.warming = warming
    state.next_warm = soonest


def end_draining(state: State, drains: Integers, time: int) -> None:
    """Units whose deregistration delay is over are gone."""
    size = len(drains) // DRAIN
    while state.drain_head < state.drain_tail:
        row = (state.drain_head % size) * DRAIN
        if drains[row + DRAIN_END] > time:
            break
        state.draining -= drains[row + DRAIN_COUNT]
        state.drain_head += 1


@hot
def transitions(plan: Plan, state: State, cohorts: Integers, drains: Integers, notes: Reals, time: int) -> None:
    """Launched to serving, warming to warm, draining to gone."""
    if state.first < state.tail:
        begin_service(plan, state, cohorts, notes, time)
    if time >= state.next_warm:
        end_warm_up(state, cohorts, time)
    if state.draining:
        end_draining(state, drains, time)


def room(plan: Plan, state: State, time: int) -> int:
    """How many units may start now: free places on instances, or the launch rate's tokens."""
    if plan.on_instances:
        taken = state.serving + state.starting + state.draining
        return max(0, state.instances * plan.units_per_instance - taken)
    if plan.burst >= UNLIMITED:
        return UNLIMITED
    tokens = state.tokens + plan.launch_rate * (time - state.refilled)
    if not state.waits:
        tokens = min(plan.burst * THOUSANDTHS, tokens)
    state.tokens = tokens
    state.refilled = time
    return tokens // THOUSANDTHS


def launch(plan: Plan, state: State, cohorts: Integers, totals: Totals, time: int, wanted: int, warm_up: int) -> None:
    """Start up to `wanted` units, as one cohort; the rest waits."""
    started = min(wanted, room(plan, state, time))
    state.waits = 1 if started < wanted else 0
    if not plan.on_instances and plan.burst < UNLIMITED:
        state.tokens -= started * THOUSANDTHS
    if started > 0:
        place = state.tail % (len(cohorts) // COHORT)
        cohorts[place * COHORT + LAUNCHED] = time
        cohorts[place * COHORT + READY] = time + plan.start_up
        cohorts[place * COHORT + WARM] = time + plan.start_up + warm_up if plan.warms_up else 0
        cohorts[place * COHORT + COUNT] = started
        state.tail += 1
        state.starting += started
        totals.launched += started


def cancel(state: State, cohorts: Integers, totals: Totals, time: int, unwanted: int) -> int:
    """End starting units, the newest first; returns how many are still too many."""
    size = len(cohorts) // COHORT
    while unwanted > 0 and state.tail > state.first:
        place = (state.tail - 1) % size
        ended = min(unwanted, cohorts[place * COHORT + COUNT])
        totals.minimum_seconds += ended * max(0, BILLED_AT_LEAST - (time - cohorts[place * COHORT + LAUNCHED]))
        cohorts[place * COHORT + COUNT] -= ended
        state.starting -= ended
        unwanted -= ended
        if cohorts[place * COHORT + COUNT] == 0:
            state.tail -= 1
    return unwanted


def retire(
    plan: Plan, state: State, cohorts: Integers, drains: Integers, totals: Totals, time: int, unwanted: int
) -> None:
    """Let serving units drain, the oldest first."""
    size, ended_in_all = len(cohorts) // COHORT, 0
    while unwanted > 0 and state.head < state.first:
        place = state.head % size
        ended = min(unwanted, cohorts[place * COHORT + COUNT])
        life = time - cohorts[place * COHORT + LAUNCHED] + plan.drain
        totals.minimum_seconds += ended * max(0, BILLED_AT_LEAST - life)
        if cohorts[place * COHORT + WARM] > time:
            state.warming -= ended
        cohorts[place * COHORT + COUNT] -= ended
        unwanted -= ended
        ended_in_all += ended
        if cohorts[place * COHORT + COUNT] == 0:
            state.head += 1
    state.serving -= ended_in_all
    if plan.drain > 0 and ended_in_all > 0:
        place = state.drain_tail % (len(drains) // DRAIN)
        drains[place * DRAIN + DRAIN_END] = time + plan.drain
        drains[place * DRAIN + DRAIN_COUNT] = ended_in_all
        state.drain_tail += 1
        state.draining += ended_in_all


@hot
def reconcile(
    plan: Plan, state: State, cohorts: Integers, drains: Integers, notes: Reals, totals: Totals, time: int, warm_up: int
) -> None:
    """Bring the units to the desired count: launch what is missing, end what is too many."""
    difference = state.desired - state.serving - state.starting
    if difference > 0:
        launch(plan, state, cohorts, totals, time, difference, warm_up)
        if plan.start_up == 0:
            begin_service(plan, state, cohorts, notes, time)
    else:
        state.waits = 0
        if difference < 0:
            left = cancel(state, cohorts, totals, time, -difference)
            if left > 0:
                retire(plan, state, cohorts, drains, totals, time, left)


def ramp_deficit(plan: Plan, state: State, cohorts: Integers, time: int) -> float:
    """Units' worth of capacity that slow start still withholds in the tick from `time`: linear from nothing to a full
    share."""
    size, missing = len(cohorts) // COHORT, 0.0
    cohort = state.first - 1
    while cohort >= state.head:
        place = cohort % size
        share = (time - cohorts[place * COHORT + READY] + 0.5 * plan.tick) / plan.slow_start
        if share >= 1.0:
            break
        missing += cohorts[place * COHORT + COUNT] * (1.0 - share)
        cohort -= 1
    return missing
