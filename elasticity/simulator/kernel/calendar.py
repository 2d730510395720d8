"""Bounds and capacity by the calendar: scheduled actions, then forecasts. Neither waits for a cooldown or a warm-up."""

from __future__ import annotations

from elasticity.simulator.kernel.decide import count_action
from elasticity.simulator.kernel.layout import (
    DESIRED,
    FLOOR,
    FORECAST,
    FORECAST_AT,
    FORECAST_ONLY,
    HIGHEST,
    LOWEST,
    SCHEDULE_AT,
    SCHEDULE_REFUSED,
    SCHEDULED,
    Calendar,
    Forecasts,
    Notes,
    Plan,
    Reals,
    Work,
)
from elasticity.simulator.kernel.log import note


def move(plan: Plan, work: Work, totals: Reals, time: int, wanted: int) -> None:
    """Set desired, and count the change as an action."""
    before = work.state[DESIRED]
    if wanted != before:
        work.state[DESIRED] = wanted
        count_action(plan, work, totals, time, 1 if wanted > before else -1)


def schedule(plan: Plan, calendar: Calendar, work: Work, notes: Notes, totals: Reals, time: int) -> None:
    """Apply the scheduled actions that are due: bounds (and desired) as set, then desired is moved within the bounds."""
    state = work.state
    while state[SCHEDULE_AT] < len(calendar.time) and calendar.time[state[SCHEDULE_AT]] <= time:
        entry = state[SCHEDULE_AT]
        state[SCHEDULE_AT] += 1
        lowest = calendar.minimum[entry] if calendar.minimum[entry] >= 0 else state[LOWEST]
        highest = calendar.maximum[entry] if calendar.maximum[entry] >= 0 else state[HIGHEST]
        before = state[DESIRED]
        if lowest > highest:
            note(plan, work, notes, time, SCHEDULE_REFUSED, entry, 0.0, lowest, before, highest, before)
            continue
        state[LOWEST] = lowest
        state[HIGHEST] = highest
        wanted = calendar.desired[entry] if calendar.desired[entry] >= 0 else before
        move(plan, work, totals, time, min(highest, max(lowest, wanted)))
        note(plan, work, notes, time, SCHEDULED, entry, 0.0, lowest, before, highest, state[DESIRED])


def forecast(plan: Plan, forecasts: Forecasts, work: Work, notes: Notes, totals: Reals, time: int) -> None:
    """Raise desired to the forecasts that are due; a raised maximum stays; nothing is ever lowered."""
    state = work.state
    while state[FORECAST_AT] < len(forecasts.time) and forecasts.time[state[FORECAST_AT]] <= time:
        entry = state[FORECAST_AT]
        state[FORECAST_AT] += 1
        before, wanted = state[DESIRED], forecasts.capacity[entry]
        if forecasts.acts[entry] == 0:
            note(plan, work, notes, time, FORECAST_ONLY, entry, 0.0, 0, before, wanted, before)
            continue
        if forecasts.maximum[entry] > state[HIGHEST]:
            state[HIGHEST] = forecasts.maximum[entry]
        state[FLOOR] = min(state[HIGHEST], wanted)
        move(plan, work, totals, time, max(before, state[FLOOR]))
        note(plan, work, notes, time, FORECAST, entry, 0.0, 0, before, wanted, state[DESIRED])
