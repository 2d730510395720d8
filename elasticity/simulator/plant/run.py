"""The run: instant by instant what is due, tick by tick the load.

Order within an instant: units change state; datapoints close and are published; alarms are evaluated; schedules, then
forecasts; policies and the choice among them; launches and terminations. Then the load of the tick that begins.
"""

from __future__ import annotations

from collections.abc import Sequence

from elasticity.autoscaler.decide import decide, is_idle
from elasticity.autoscaler.initial import at_rest
from elasticity.autoscaler.layout import NEVER, NOTHING, PRESENT, Integers, Plan, Reals, State, Tables, hot
from elasticity.autoscaler.observe import measure, observe
from elasticity.autoscaler.timetable import forecast, next_by_calendar, schedule
from elasticity.simulator.plant.failures import fail, next_event
from elasticity.simulator.plant.instances import join, size_instances
from elasticity.simulator.plant.lifecycle import THOUSANDTHS, count_booting, reconcile, transitions
from elasticity.simulator.plant.service import count, count_elasticity, count_units, note_answer, serve
from elasticity.simulator.plant.state import (
    COHORT,
    COUNT,
    DRAIN,
    DRAIN_END,
    GROUP,
    GROUP_READY,
    LAUNCHED,
    READY,
    WARM,
    PlantState,
    Totals,
)


def begin(plan: Plan, state: State, plant: PlantState, cohorts: Integers) -> None:
    """A plant at rest: the initial units serve and are warm. `plant` comes all zero."""
    for kind in range(PRESENT + 1):
        state.weights[kind] = 1.0
    plant.tokens = plan.burst * THOUSANDTHS
    plant.next_warm = NEVER
    plant.next_running = NEVER
    plant.episode = -1
    plant.instances = plan.instance_initial
    if plan.initial > 0:
        cohorts[LAUNCHED] = -NEVER
        cohorts[READY] = -NEVER
        cohorts[WARM] = -NEVER
        cohorts[COUNT] = plan.initial
        plant.first = 1
        plant.tail = 1
        state.serving = plan.initial


@hot
def following(
    plan: Plan,
    calendar: Integers,
    forecasts: Integers,
    state: State,
    plant: PlantState,
    cohorts: Integers,
    drains: Integers,
    groups: Integers,
    events: Integers,
    time: int,
) -> int:
    """The next instant at which units or bounds can change but by a policy."""
    if plant.waits:
        return time + plan.tick
    soonest = min(plant.next_warm, next_by_calendar(calendar, forecasts, state))
    if plan.running_after < plan.start_up:
        count_booting(plan, state, plant, cohorts, time)
        soonest = min(soonest, plant.next_running)
    if plan.failing:
        soonest = min(soonest, next_event(plant, events))
    if plant.first < plant.tail:
        soonest = min(soonest, cohorts[(plant.first % (len(cohorts) // COHORT)) * COHORT + READY])
    if plant.drain_head < plant.drain_tail:
        soonest = min(soonest, drains[(plant.drain_head % (len(drains) // DRAIN)) * DRAIN + DRAIN_END])
    if plant.instance_head < plant.instance_tail:
        soonest = min(soonest, groups[(plant.instance_head % (len(groups) // GROUP)) * GROUP + GROUP_READY])
    return soonest


@hot
def come_about(
    plan: Plan,
    state: State,
    plant: PlantState,
    cohorts: Integers,
    drains: Integers,
    groups: Integers,
    events: Integers,
    notes: Reals,
    totals: Totals,
    time: int,
) -> None:
    """What happens to units and instances by itself: they start, warm up, drain, join, fail."""
    transitions(plan, state, plant, cohorts, drains, notes, time)
    if plan.running_after < plan.start_up:
        count_booting(plan, state, plant, cohorts, time)
    if plan.on_instances:
        join(plan, state, plant, groups, notes, time)
    if plan.failing:
        fail(plan, state, plant, cohorts, events, notes, totals, time)


def run(
    plans: Sequence[Plan],
    table_rows: Sequence[Tables],
    states: Sequence[State],
    plants: Sequence[PlantState],
    total_rows: Sequence[Totals],
    rates: Reals,
    window: Reals,
    needed: Integers,
    columns: Reals,
    calendar: Integers,
    forecasts: Integers,
    pauses: Integers,
    events: Integers,
    points: Reals,
    cohorts: Integers,
    drains: Integers,
    groups: Integers,
    recorded: Reals,
    notes: Reals,
) -> None:
    """Simulate one rule set on one load; the five groups come as the only element of a sequence, state, plant
    and totals all zero.

    `rates`: requests per second, `window`: requests of the last client timeout up to the end of the tick (empty
    without a timeout; where requests are sent again, a ring of as many ticks, all zero), `needed`: units that keep the
    objective, each of shape (ticks,). `columns`: metrics given with the load, one series after the other, NaN where
    missing. `calendar`, `forecasts`, `pauses`, `events`: rows in order of time. `points`, `cohorts`, `drains`,
    `groups`: rings. Results stand in state, plant, totals, `recorded` and `notes`.
    """
    plan, tables, state, plant, totals = plans[0], table_rows[0], states[0], plants[0], total_rows[0]
    at_rest(plan, tables, state)
    begin(plan, state, plant, cohorts)
    for index in range(plan.ticks):
        time = index * plan.tick
        is_due, warm_up = time >= plant.next, NOTHING
        if is_due:
            come_about(plan, state, plant, cohorts, drains, groups, events, notes, totals, time)
        is_invoked = observe(plan, tables, state, points, notes, time)
        if is_due:
            schedule(plan, tables, calendar, state, notes, time)
            forecast(plan, tables, forecasts, state, notes, time)
        if is_invoked:
            before = state.desired
            if plan.record or not is_idle(plan, tables, pauses, state, time):
                warm_up = decide(plan, tables, pauses, state, points, notes, time)
            if state.desired != before:
                is_due = True
                if state.desired > before:
                    note_answer(plan, plant, time)
            if plan.on_instances:
                size_instances(plan, tables, state, plant, groups, notes, time)
                is_due = True
        if is_due:
            reconcile(
                plan, state, plant, cohorts, drains, notes, totals, time, plan.warm_up if warm_up < 0 else warm_up
            )
            plant.next = following(plan, calendar, forecasts, state, plant, cohorts, drains, groups, events, time)
            plant.steady = 0
            plant.units_changed = 1
        serve(plan, rates, window, needed, state, plant, cohorts, recorded, totals, index, time)
        if tables.measured:
            measure(plan, tables, state, columns, index)
    count(plan, state, plant, totals)
    count_elasticity(plant, totals, plan.ticks)
    count_units(plan, plant, totals, plan.ticks)
    totals.left = plant.backlog + plant.again
