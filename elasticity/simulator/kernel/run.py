"""The run: instant by instant what is due, tick by tick the load.

Order within an instant: units change state; datapoints close and are published; alarms are evaluated; schedules, then forecasts;
policies and the choice among them; launches and terminations. Then the load of the tick that begins.
"""

from __future__ import annotations

from elasticity.simulator.kernel.calendar import forecast, schedule
from elasticity.simulator.kernel.decide import NOTHING, decide
from elasticity.simulator.kernel.instances import join, size_instances
from elasticity.simulator.kernel.layout import (
    ACTED,
    BACKLOG,
    BACKLOG_SIZE,
    CAPACITY_PROVIDER,
    DESIRED,
    DRAIN_HEAD,
    DRAIN_TAIL,
    EPISODE,
    FIRST,
    FORECAST_AT,
    HIGHEST,
    INSTANCE_HEAD,
    INSTANCE_TAIL,
    INSTANCES,
    INSUFFICIENT,
    INVOKED,
    LEFT,
    LOWEST,
    NEVER,
    NEXT,
    NEXT_SIGNAL,
    NEXT_WARM,
    SCHEDULE_AT,
    SERVING,
    TAIL,
    TOKENS,
    WAITS,
    Alarms,
    Calendar,
    Forecasts,
    Loads,
    Notes,
    Pauses,
    Plan,
    Policies,
    Reactions,
    Reals,
    Recorded,
    Signals,
    Steps,
    Work,
)
from elasticity.simulator.kernel.lifecycle import THOUSANDTHS, reconcile, transitions
from elasticity.simulator.kernel.observe import observe
from elasticity.simulator.kernel.service import serve


def fill(values: Reals, value: float) -> None:
    """Set every real."""
    for place in range(len(values)):
        values[place] = value


def clear(values: list[int], value: int) -> None:
    """Set every integer."""
    for place in range(len(values)):
        values[place] = value


def begin(plan: Plan, signals: Signals, work: Work, reactions: Reactions, totals: Reals) -> None:
    """A system at rest: the initial units serve and are warm, no datapoint was ever published."""
    clear(work.state, 0)
    fill(work.flow, 0.0)
    fill(work.values, 0.0)
    fill(work.weights, 0.0)
    fill(work.deviation, 0.0)
    fill(work.weight, 0.0)
    fill(work.newest, 0.0)
    fill(totals, 0.0)
    clear(work.closed, 0)
    clear(work.seen, 0)
    clear(work.unbroken, 0)
    clear(work.breaches, 0)
    clear(work.alarm, INSUFFICIENT)
    clear(work.invoked, -1)
    clear(work.noted, -1)
    clear(reactions.to_alarm, 0)
    clear(reactions.to_service, 0)
    for kind in range(BACKLOG_SIZE + 1):
        work.weights[kind] = 1.0
    state = work.state
    state[DESIRED] = plan.initial
    state[LOWEST] = plan.minimum
    state[HIGHEST] = plan.maximum
    state[TOKENS] = plan.burst * THOUSANDTHS
    state[NEXT_WARM] = NEVER
    state[EPISODE] = -1
    state[ACTED] = -NEVER
    state[INSTANCES] = plan.instance_initial
    if plan.initial > 0:
        work.launched[0] = -NEVER
        work.ready[0] = -NEVER
        work.warm[0] = -NEVER
        work.count[0] = plan.initial
        state[FIRST] = 1
        state[TAIL] = 1
        state[SERVING] = plan.initial
    for signal in range(len(signals.kind)):
        work.next_close[signal] = signals.first_close[signal]
        work.next_evaluation[signal] = signals.first_evaluation[signal]


def following(plan: Plan, calendar: Calendar, forecasts: Forecasts, work: Work, time: int) -> int:
    """The next instant at which anything can change but for the load."""
    state = work.state
    if state[WAITS]:
        return time + plan.tick
    soonest = min(state[NEXT_SIGNAL], state[NEXT_WARM])
    if state[FIRST] < state[TAIL]:
        soonest = min(soonest, work.ready[state[FIRST] % len(work.ready)])
    if state[DRAIN_HEAD] < state[DRAIN_TAIL]:
        soonest = min(soonest, work.drain_end[state[DRAIN_HEAD] % len(work.drain_end)])
    if state[INSTANCE_HEAD] < state[INSTANCE_TAIL]:
        soonest = min(soonest, work.instance_ready[state[INSTANCE_HEAD] % len(work.instance_ready)])
    if state[SCHEDULE_AT] < len(calendar.time):
        soonest = min(soonest, calendar.time[state[SCHEDULE_AT]])
    if state[FORECAST_AT] < len(forecasts.time):
        soonest = min(soonest, forecasts.time[state[FORECAST_AT]])
    return soonest


def run(
    plan: Plan,
    loads: Loads,
    signals: Signals,
    alarms: Alarms,
    policies: Policies,
    steps: Steps,
    calendar: Calendar,
    forecasts: Forecasts,
    pauses: Pauses,
    work: Work,
    recorded: Recorded,
    notes: Notes,
    reactions: Reactions,
    totals: Reals,
) -> None:
    """Simulate one rule set on one load; results stand in `recorded`, `notes`, `reactions` and `totals`."""
    begin(plan, signals, work, reactions, totals)
    state = work.state
    for index in range(plan.ticks):
        time = index * plan.tick
        if time >= state[NEXT]:
            transitions(plan, work, notes, reactions, time)
            if plan.platform == CAPACITY_PROVIDER:
                join(plan, work, notes, time)
            state[INVOKED] = 0
            if time >= state[NEXT_SIGNAL]:
                observe(plan, signals, alarms, work, notes, time)
            schedule(plan, calendar, work, notes, totals, time)
            forecast(plan, forecasts, work, notes, totals, time)
            warm_up = NOTHING
            if state[INVOKED]:
                warm_up = decide(plan, signals, alarms, policies, steps, pauses, work, notes, reactions, totals, time)
                if plan.platform == CAPACITY_PROVIDER:
                    size_instances(plan, alarms, work, notes, time)
            reconcile(plan, work, notes, reactions, totals, time, plan.warm_up if warm_up < 0 else warm_up)
            state[NEXT] = following(plan, calendar, forecasts, work, time)
        serve(plan, loads, signals, work, recorded, totals, index, time)
    totals[LEFT] = work.flow[BACKLOG]
