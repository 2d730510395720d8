"""What is declared to fail: units that are gone at once or told to go, a deployment that holds some back."""

from __future__ import annotations

import math

from elasticity.autoscaler.layout import (
    DEPLOYMENT_BEGAN,
    DEPLOYMENT_ENDED,
    NEVER,
    UNITS_LOST,
    UNITS_TOLD,
    Integers,
    Plan,
    Reals,
    State,
)
from elasticity.autoscaler.log import note
from elasticity.simulator.plant.lifecycle import cancel, take_oldest
from elasticity.simulator.plant.state import (
    DEPLOY,
    DEPLOYED,
    EVENT,
    EVENT_AMOUNT,
    EVENT_KIND,
    EVENT_OTHER,
    EVENT_TIME,
    LOSE_SHARE,
    LOSE_TOLD,
    MILLION,
    TELL,
    PlantState,
    Totals,
)

OF_A_UNIT = 1e-3
"""Shares are kept in millionths: a third of six units is two of them."""


def share_of(units: int, millionths: int) -> int:
    """A share of so many units, rounded up: of units that are spread evenly, those of the fullest part."""
    return min(units, math.ceil(units * millionths / MILLION - OF_A_UNIT))


def next_event(plant: PlantState, events: Integers) -> int:
    """When the next of them happens."""
    return events[plant.event_at + EVENT_TIME] if plant.event_at < len(events) else NEVER


def lose(
    plan: Plan,
    state: State,
    plant: PlantState,
    cohorts: Integers,
    notes: Reals,
    totals: Totals,
    time: int,
    place: int,
    units: int,
    starting: int,
) -> None:
    """Units, and some that still start, are gone with what they had to do; what is desired stays."""
    before = state.serving
    take_oldest(state, plant, cohorts, totals, time, units, 0)
    if starting > 0:
        cancel(state, plant, cohorts, totals, time, starting)
    note(plan, state, notes, time, UNITS_LOST, place // EVENT, 0.0, units, before, starting, state.serving)


def fail(
    plan: Plan,
    state: State,
    plant: PlantState,
    cohorts: Integers,
    events: Integers,
    notes: Reals,
    totals: Totals,
    time: int,
) -> None:
    """Do what is due of `events`, which stand in order of time."""
    while plant.event_at < len(events) and events[plant.event_at + EVENT_TIME] <= time:
        place = plant.event_at
        kind, amount = events[place + EVENT_KIND], events[place + EVENT_AMOUNT]
        if kind == LOSE_SHARE:
            plant.instances -= share_of(plant.instances, amount)
            lost, starting = share_of(state.serving, amount), share_of(state.starting, amount)
            lose(plan, state, plant, cohorts, notes, totals, time, place, lost, starting)
            plant.leaving = min(plant.leaving, state.serving)
        elif kind == TELL:
            told = min(amount, state.serving - plant.leaving)
            plant.leaving += told
            note(plan, state, notes, time, UNITS_TOLD, place // EVENT, 0.0, told, state.serving, 0, state.serving)
        elif kind == LOSE_TOLD:
            lost = min(amount, plant.leaving)
            plant.leaving -= lost
            lose(plan, state, plant, cohorts, notes, totals, time, place, lost, 0)
        elif kind == DEPLOY:
            plant.deploying = 1
            plant.kept_percent = amount
            plant.room_percent = events[place + EVENT_OTHER]
            note(plan, state, notes, time, DEPLOYMENT_BEGAN, place // EVENT, 0.0, amount, 0, plant.room_percent, 0)
        elif kind == DEPLOYED:
            plant.deploying = 0
            note(plan, state, notes, time, DEPLOYMENT_ENDED, place // EVENT, 0.0, 0, 0, 0, 0)
        plant.event_at += EVENT


def room_of(state: State, plant: PlantState) -> int:
    """Units that a deployment may run beside those desired, rounded down as ECS does."""
    return state.desired * plant.room_percent // 100 - state.desired


def kept_of(state: State, plant: PlantState) -> float:
    """Units that serve while a deployment without room replaces the others, rounded up as ECS does."""
    return float(-(-state.desired * plant.kept_percent // 100))
