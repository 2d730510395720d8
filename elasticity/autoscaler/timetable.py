"""Bounds and capacity by the calendar: schedules, then forecasts. Neither waits for a cooldown or a warm-up."""

from __future__ import annotations

from elasticity.autoscaler.decide import count_action
from elasticity.autoscaler.layout import (
    FORECAST,
    FORECAST_ACTS,
    FORECAST_CAPACITY,
    FORECAST_MAXIMUM,
    FORECAST_ONLY,
    FORECAST_RAISED,
    FORECAST_TIME,
    NEVER,
    SCHEDULE,
    SCHEDULE_DESIRED,
    SCHEDULE_MAXIMUM,
    SCHEDULE_MINIMUM,
    SCHEDULE_REFUSED,
    SCHEDULE_TIME,
    SCHEDULED,
    Integers,
    Plan,
    Reals,
    State,
    Tables,
    hot,
)
from elasticity.autoscaler.log import note


def move(plan: Plan, tables: Tables, state: State, time: int, wanted: int) -> None:
    """Set desired, and count the change as an action."""
    before = state.desired
    if wanted != before:
        state.desired = wanted
        count_action(plan, tables, state, time, 1 if wanted > before else -1)


@hot
def schedule(plan: Plan, tables: Tables, calendar: Integers, state: State, notes: Reals, time: int) -> None:
    """Apply the scheduled actions that are due: bounds (and desired) as set, then desired moves within the bounds."""
    while state.schedule_at < len(calendar) and calendar[state.schedule_at + SCHEDULE_TIME] <= time:
        entry = state.schedule_at
        state.schedule_at += SCHEDULE
        minimum, maximum, wanted = state.minimum, state.maximum, state.desired
        if calendar[entry + SCHEDULE_MINIMUM] >= 0:
            minimum = calendar[entry + SCHEDULE_MINIMUM]
        if calendar[entry + SCHEDULE_MAXIMUM] >= 0:
            maximum = calendar[entry + SCHEDULE_MAXIMUM]
        if calendar[entry + SCHEDULE_DESIRED] >= 0:
            wanted = calendar[entry + SCHEDULE_DESIRED]
        before, place = state.desired, entry // SCHEDULE
        if minimum > maximum:
            note(plan, state, notes, time, SCHEDULE_REFUSED, place, 0.0, minimum, before, maximum, before)
            continue
        state.minimum = minimum
        state.maximum = maximum
        move(plan, tables, state, time, min(maximum, max(minimum, wanted)))
        note(plan, state, notes, time, SCHEDULED, place, 0.0, minimum, before, maximum, state.desired)


def next_by_calendar(calendar: Integers, forecasts: Integers, state: State) -> int:
    """When the next schedule or forecast is due; NEVER after the last."""
    soonest = NEVER
    if state.schedule_at < len(calendar):
        soonest = calendar[state.schedule_at + SCHEDULE_TIME]
    if state.forecast_at < len(forecasts):
        soonest = min(soonest, forecasts[state.forecast_at + FORECAST_TIME])
    return soonest


@hot
def forecast(plan: Plan, tables: Tables, forecasts: Integers, state: State, notes: Reals, time: int) -> None:
    """Raise desired to the forecasts that are due; a raised maximum stays; nothing is ever lowered."""
    while state.forecast_at < len(forecasts) and forecasts[state.forecast_at + FORECAST_TIME] <= time:
        entry = state.forecast_at
        state.forecast_at += FORECAST
        before, wanted, place = state.desired, forecasts[entry + FORECAST_CAPACITY], entry // FORECAST
        if forecasts[entry + FORECAST_ACTS] == 0:
            note(plan, state, notes, time, FORECAST_ONLY, place, 0.0, 0, before, wanted, before)
            continue
        state.maximum = max(state.maximum, forecasts[entry + FORECAST_MAXIMUM])
        state.floor = min(state.maximum, wanted)
        move(plan, tables, state, time, max(before, state.floor))
        note(plan, state, notes, time, FORECAST_RAISED, place, 0.0, 0, before, wanted, state.desired)
