"""The run: instant by instant what is due, tick by tick the load.

Order within an instant: units change state; datapoints close and are published; alarms are evaluated; schedules, then
forecasts; policies and the choice among them; launches and terminations. Then the load of the tick that begins.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from elasticity.autoscaler.decide import decide, is_idle
from elasticity.autoscaler.layout import (
    COHORT,
    COUNT,
    DRAIN,
    DRAIN_END,
    FORECAST_TIME,
    GROUP,
    GROUP_READY,
    INSUFFICIENT,
    LAUNCHED,
    NEVER,
    NOTHING,
    PRESENT,
    READY,
    SCHEDULE_TIME,
    WARM,
    Integers,
    Plan,
    Reals,
    State,
    Tables,
    Totals,
    hot,
)
from elasticity.autoscaler.observe import observe
from elasticity.autoscaler.timetable import forecast, schedule
from elasticity.simulator.plant.instances import join, size_instances
from elasticity.simulator.plant.lifecycle import THOUSANDTHS, reconcile, transitions
from elasticity.simulator.plant.service import count, serve


def begin(plan: Plan, tables: Tables, state: State, cohorts: Integers) -> None:
    """A system at rest: the initial units serve and are warm, no datapoint was ever published. `state` comes all
    zero."""
    for alarm in range(tables.alarms):
        state.alarm[alarm] = INSUFFICIENT
    for signal in range(tables.signals):
        state.evaluated_at[signal] = state.alarmed_at[signal] = -1
        state.unchanged_above[signal] = math.inf
    for policy in range(tables.policies):
        state.noted[policy] = -1
    for kind in range(PRESENT + 1):
        state.weights[kind] = 1.0
    for place in range(tables.codes):
        state.kept[place] = math.nan
    state.desired = plan.initial
    state.lowest = plan.minimum
    state.highest = plan.maximum
    state.tokens = plan.burst * THOUSANDTHS
    state.next_warm = NEVER
    state.episode = -1
    state.acted = -NEVER
    state.instances = plan.instance_initial
    if plan.initial > 0:
        cohorts[LAUNCHED] = -NEVER
        cohorts[READY] = -NEVER
        cohorts[WARM] = -NEVER
        cohorts[COUNT] = plan.initial
        state.first = 1
        state.tail = 1
        state.serving = plan.initial
    state.moved = 1
    for clock in range(tables.clocks):
        state.next_close[clock] = tables.clock_first_close[clock]
        state.next_evaluation[clock] = tables.clock_first_evaluation[clock]
        state.next_publication[clock] = tables.clock_first_evaluation[clock]


@hot
def following(
    plan: Plan,
    calendar: Integers,
    forecasts: Integers,
    state: State,
    cohorts: Integers,
    drains: Integers,
    groups: Integers,
    time: int,
) -> int:
    """The next instant at which units or bounds can change but by a policy."""
    if state.waits:
        return time + plan.tick
    soonest = state.next_warm
    if state.first < state.tail:
        soonest = min(soonest, cohorts[(state.first % (len(cohorts) // COHORT)) * COHORT + READY])
    if state.drain_head < state.drain_tail:
        soonest = min(soonest, drains[(state.drain_head % (len(drains) // DRAIN)) * DRAIN + DRAIN_END])
    if state.instance_head < state.instance_tail:
        soonest = min(soonest, groups[(state.instance_head % (len(groups) // GROUP)) * GROUP + GROUP_READY])
    if state.schedule_at < len(calendar):
        soonest = min(soonest, calendar[state.schedule_at + SCHEDULE_TIME])
    if state.forecast_at < len(forecasts):
        soonest = min(soonest, forecasts[state.forecast_at + FORECAST_TIME])
    return soonest


def run(
    plans: Sequence[Plan],
    table_rows: Sequence[Tables],
    states: Sequence[State],
    total_rows: Sequence[Totals],
    rates: Reals,
    window: Reals,
    needed: Integers,
    columns: Reals,
    calendar: Integers,
    forecasts: Integers,
    pauses: Integers,
    points: Reals,
    cohorts: Integers,
    drains: Integers,
    groups: Integers,
    recorded: Reals,
    notes: Reals,
) -> None:
    """Simulate one rule set on one load; the four groups come as the only element of a sequence, state and totals all
    zero.

    `rates`: requests per second, `window`: requests of the last client timeout up to the end of the tick (empty
    without a timeout), `needed`: units that keep the objective, each of shape (ticks,). `columns`: metrics given with
    the load, one series after the other, NaN where missing. `calendar`, `forecasts`, `pauses`: rows in order of time.
    `points`, `cohorts`, `drains`, `groups`: rings. Results stand in state, totals, `recorded` and `notes`.
    """
    plan, tables, state, totals = plans[0], table_rows[0], states[0], total_rows[0]
    begin(plan, tables, state, cohorts)
    for index in range(plan.ticks):
        time = index * plan.tick
        is_due, warm_up = time >= state.next, NOTHING
        if is_due:
            transitions(plan, state, cohorts, drains, notes, time)
            if plan.on_instances:
                join(plan, state, groups, notes, time)
        if time >= state.next_signal:
            observe(plan, tables, state, points, notes, time)
        if is_due:
            schedule(plan, tables, calendar, state, notes, totals, time)
            forecast(plan, tables, forecasts, state, notes, totals, time)
        if state.invoked:
            state.invoked = 0
            before = state.desired
            if plan.record or not is_idle(plan, tables, pauses, state, time):
                warm_up = decide(plan, tables, pauses, state, points, notes, totals, time)
            is_due = is_due or state.desired != before
            if plan.on_instances:
                size_instances(plan, tables, state, groups, notes, time)
                is_due = True
        if is_due:
            reconcile(plan, state, cohorts, drains, notes, totals, time, plan.warm_up if warm_up < 0 else warm_up)
            state.next = following(plan, calendar, forecasts, state, cohorts, drains, groups, time)
            state.moved = 1
        serve(plan, rates, window, needed, columns, tables, state, cohorts, recorded, totals, index, time)
    count(plan, state, totals)
    totals.left = state.backlog
