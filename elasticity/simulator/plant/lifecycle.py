"""Units from launch to end: starting, serving, warming, draining; launches within the platform's rate."""

from __future__ import annotations

from elasticity.autoscaler.layout import (
    NEVER,
    UNITS_SERVE,
    UNLIMITED,
    Integers,
    Plan,
    Reals,
    State,
    hot,
)
from elasticity.autoscaler.log import note
from elasticity.simulator.plant.state import (
    COHORT,
    COUNT,
    DRAIN,
    DRAIN_COUNT,
    DRAIN_END,
    LAUNCHED,
    REACTION_BINS,
    READY,
    WARM,
    PlantState,
    Totals,
)

BILLED_AT_LEAST = 60
"""Seconds of every unit's life that are billed at least (Fargate and EC2 Linux: per second, one minute minimum)."""
THOUSANDTHS = 1_000
"""Tokens of the launch rate are counted in thousandths, so that they stay whole numbers."""


@hot
def begin_service(plan: Plan, state: State, plant: PlantState, cohorts: Integers, notes: Reals, time: int) -> None:
    """Units whose start-up is over serve; those of a group warm up first before they count."""
    size, begun = len(cohorts) // COHORT, 0
    while plant.first < plant.tail:
        place = plant.first % size
        if cohorts[place * COHORT + READY] > time:
            break
        begun += cohorts[place * COHORT + COUNT]
        if cohorts[place * COHORT + WARM] > time:
            state.warming += cohorts[place * COHORT + COUNT]
            plant.next_warm = min(plant.next_warm, cohorts[place * COHORT + WARM])
        plant.first += 1
    if begun:
        state.starting -= begun
        state.serving += begun
        note(plan, state, notes, time, UNITS_SERVE, 0, 0.0, begun, state.serving - begun, state.desired, state.serving)
        if plant.episode >= 0 and plant.answered:
            plant.to_service[min(REACTION_BINS - 1, (time - plant.episode) // plan.tick)] += 1
            plant.episode = -1


def end_warm_up(state: State, plant: PlantState, cohorts: Integers, time: int) -> None:
    """Recount the units that still warm up, and when the next of them are done."""
    size = len(cohorts) // COHORT
    warming, soonest = 0, NEVER
    for cohort in range(plant.head, plant.first):
        place = cohort % size
        if cohorts[place * COHORT + WARM] > time:
            warming += cohorts[place * COHORT + COUNT]
            soonest = min(soonest, cohorts[place * COHORT + WARM])
    state.warming = warming
    plant.next_warm = soonest


def count_booting(plan: Plan, state: State, plant: PlantState, cohorts: Integers, time: int) -> None:
    """Recount the units that run and do not serve yet, and when the next of them runs."""
    size = len(cohorts) // COHORT
    booting, soonest = 0, NEVER
    for cohort in range(plant.first, plant.tail):
        place = cohort % size
        runs = cohorts[place * COHORT + LAUNCHED] + plan.running_after
        if runs <= time:
            booting += cohorts[place * COHORT + COUNT]
        else:
            soonest = min(soonest, runs)
    state.booting = booting
    plant.next_running = soonest


@hot
def end_draining(plant: PlantState, drains: Integers, time: int) -> None:
    """Units whose deregistration delay is over are gone."""
    size = len(drains) // DRAIN
    while plant.drain_head < plant.drain_tail:
        row = (plant.drain_head % size) * DRAIN
        if drains[row + DRAIN_END] > time:
            break
        plant.draining -= drains[row + DRAIN_COUNT]
        plant.drain_head += 1


@hot
def transitions(
    plan: Plan, state: State, plant: PlantState, cohorts: Integers, drains: Integers, notes: Reals, time: int
) -> None:
    """Launched to serving, warming to warm, draining to gone."""
    if plant.first < plant.tail:
        begin_service(plan, state, plant, cohorts, notes, time)
    if time >= plant.next_warm:
        end_warm_up(state, plant, cohorts, time)
    if plant.draining:
        end_draining(plant, drains, time)


@hot
def startable(plan: Plan, state: State, plant: PlantState, time: int) -> int:
    """How many units may start now: free places on instances, or the launch rate's tokens."""
    if plan.on_instances:
        taken = state.serving + state.starting + plant.draining
        return max(0, plant.instances * plan.units_per_instance - taken)
    if plan.burst >= UNLIMITED:
        return UNLIMITED
    tokens = plant.tokens + plan.launch_rate * (time - plant.refilled)
    if not plant.waits:
        tokens = min(plan.burst * THOUSANDTHS, tokens)
    plant.tokens = tokens
    plant.refilled = time
    return tokens // THOUSANDTHS


@hot
def launch(
    plan: Plan, state: State, plant: PlantState, cohorts: Integers, totals: Totals, time: int, wanted: int, warm_up: int
) -> None:
    """Start up to `wanted` units, as one cohort; the rest waits."""
    started = min(wanted, startable(plan, state, plant, time))
    plant.waits = 1 if started < wanted else 0
    if not plan.on_instances and plan.burst < UNLIMITED:
        plant.tokens -= started * THOUSANDTHS
    if started > 0:
        place = plant.tail % (len(cohorts) // COHORT)
        cohorts[place * COHORT + LAUNCHED] = time
        cohorts[place * COHORT + READY] = time + plan.start_up
        cohorts[place * COHORT + WARM] = time + plan.start_up + warm_up if plan.warms_up else 0
        cohorts[place * COHORT + COUNT] = started
        plant.tail += 1
        state.starting += started
        totals.launched += started


@hot
def cancel(state: State, plant: PlantState, cohorts: Integers, totals: Totals, time: int, unwanted: int) -> int:
    """End starting units, the newest first; returns how many are still too many."""
    size = len(cohorts) // COHORT
    while unwanted > 0 and plant.tail > plant.first:
        place = (plant.tail - 1) % size
        ended = min(unwanted, cohorts[place * COHORT + COUNT])
        totals.minimum_seconds += ended * max(0, BILLED_AT_LEAST - (time - cohorts[place * COHORT + LAUNCHED]))
        cohorts[place * COHORT + COUNT] -= ended
        state.starting -= ended
        unwanted -= ended
        if cohorts[place * COHORT + COUNT] == 0:
            plant.tail -= 1
    return unwanted


@hot
def take_oldest(
    state: State, plant: PlantState, cohorts: Integers, totals: Totals, time: int, unwanted: int, drain: int
) -> int:
    """End serving units, the oldest first, which are billed for `drain` seconds more; returns how many there were."""
    size, ended_in_all = len(cohorts) // COHORT, 0
    while unwanted > 0 and plant.head < plant.first:
        place = plant.head % size
        ended = min(unwanted, cohorts[place * COHORT + COUNT])
        life = time - cohorts[place * COHORT + LAUNCHED] + drain
        totals.minimum_seconds += ended * max(0, BILLED_AT_LEAST - life)
        if cohorts[place * COHORT + WARM] > time:
            state.warming -= ended
        cohorts[place * COHORT + COUNT] -= ended
        unwanted -= ended
        ended_in_all += ended
        if cohorts[place * COHORT + COUNT] == 0:
            plant.head += 1
    state.serving -= ended_in_all
    return ended_in_all


@hot
def retire(
    plan: Plan,
    state: State,
    plant: PlantState,
    cohorts: Integers,
    drains: Integers,
    totals: Totals,
    time: int,
    unwanted: int,
) -> None:
    """Let serving units drain, the oldest first."""
    ended_in_all = take_oldest(state, plant, cohorts, totals, time, unwanted, plan.drain)
    if plan.drain > 0 and ended_in_all > 0:
        place = plant.drain_tail % (len(drains) // DRAIN)
        drains[place * DRAIN + DRAIN_END] = time + plan.drain
        drains[place * DRAIN + DRAIN_COUNT] = ended_in_all
        plant.drain_tail += 1
        plant.draining += ended_in_all


@hot
def reconcile(
    plan: Plan,
    state: State,
    plant: PlantState,
    cohorts: Integers,
    drains: Integers,
    notes: Reals,
    totals: Totals,
    time: int,
    warm_up: int,
) -> None:
    """Bring the units to the desired count: launch what is missing, end what is too many."""
    difference = state.desired - state.serving - state.starting + plant.leaving
    if difference > 0:
        launch(plan, state, plant, cohorts, totals, time, difference, warm_up)
        if plan.start_up == 0:
            begin_service(plan, state, plant, cohorts, notes, time)
    else:
        plant.waits = 0
        if difference < 0:
            left = cancel(state, plant, cohorts, totals, time, -difference)
            if left > 0:
                retire(plan, state, plant, cohorts, drains, totals, time, left)


def ramp_deficit(plan: Plan, plant: PlantState, cohorts: Integers, time: int) -> float:
    """Units' worth of capacity that slow start still withholds in the tick from `time`: linear from nothing to a full
    share."""
    size, missing = len(cohorts) // COHORT, 0.0
    cohort = plant.first - 1
    while cohort >= plant.head:
        place = cohort % size
        share = (time - cohorts[place * COHORT + READY] + 0.5 * plan.tick) / plan.slow_start
        if share >= 1.0:
            break
        missing += cohorts[place * COHORT + COUNT] * (1.0 - share)
        cohort -= 1
    return missing
