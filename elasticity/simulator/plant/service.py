"""One tick of load: what is served, what waits, how busy units are, what latency is to be expected; and the figures
of it."""

from __future__ import annotations

import math

from elasticity.autoscaler.layout import (
    ARRIVALS,
    BACKLOG_SIZE,
    CALCULATED,
    COLUMN,
    CPU,
    DESIRED,
    DRAINING,
    LOSS,
    MEMORY,
    PRESENT,
    QUEUE_DELAY,
    REQUESTS,
    RESERVATION,
    RESPONSE_TIME,
    RUNNING,
    STARTING,
    Integers,
    Plan,
    Reals,
    State,
    hot,
)
from elasticity.simulator.plant.failures import kept_of, room_of
from elasticity.simulator.plant.instances import instances_needed, reservation
from elasticity.simulator.plant.lifecycle import ramp_deficit
from elasticity.simulator.plant.retries import remember, send_again
from elasticity.simulator.plant.state import REACTION_BINS, RECORD, PlantState, Totals

READS_MEMORY, READS_REQUESTS = 1 << MEMORY, 1 << REQUESTS
READS_OTHERS = ~(1 << CPU | READS_MEMORY | READS_REQUESTS | 1 << RESPONSE_TIME | 1 << COLUMN | 1 << CALCULATED)
"""Kinds of signal in `Plan.read`; of the last ones a tick has a value only where rules read any of them."""
BUSIEST = 0.95
"""Utilisation up to which the waiting-time formula is used; above it the backlog says how long requests wait."""
WELL_BELOW = 1.0 - 1e-9
"""Share of a utilisation below which the formula gives less, whatever its last digits are rounded to."""
AHEAD = 0.5
"""How much of what is left up to full utilisation is looked at first."""


@hot
def latency(plan: Plan, plant: PlantState, units: float, busy: float, backlog: float, power: float) -> float:
    """Estimated seconds of one request: service, and the longer of Sakasegawa's wait and the fluid delay of the
    backlog."""
    delay = 0.0
    if backlog > 0.0:
        delay = backlog / power if power > 0.0 else math.inf
    if plan.service_time <= 0.0 or units <= 0.0:
        return delay
    servers, load = units * plan.servers_per_unit, min(busy, BUSIEST)
    if servers != plant.exponent_for:
        plant.exponent_for = servers
        plant.exponent = math.sqrt(2.0 * (servers + 1.0)) - 1.0
        plant.wait_for = -1.0
    if load != plant.wait_for:
        plant.wait_for = load
        shape = math.exp(plant.exponent * math.log(load)) if load > 0.0 else 0.0
        plant.wait = plan.service_time * shape / (servers * (1.0 - load)) * plan.variability
    return plan.service_time + max(plant.wait, delay)


@hot
def calm(plan: Plan, plant: PlantState, totals: Totals, units: float, busy: float, power: float) -> float:
    """The latency of a tick without backlog where not each is asked for: 0 where it is no longer than one before,
    within the goal, and breaches no alarm.

    It only grows with `busy`, so whatever is less busy than such a tick of as many units needs no look.
    """
    if units == plant.calm_units and busy <= plant.calm_up_to:
        return 0.0
    limit = min(plan.latency_goal, plan.latency_limit)
    if units != plant.calm_units:
        plant.calm_units = units
        plant.calm_up_to = -1.0
        ahead = min(BUSIEST, busy + (1.0 - busy) * AHEAD)
        longest = latency(plan, plant, units, ahead, 0.0, power)
        if longest < limit and longest <= totals.worst_latency:
            plant.calm_up_to = ahead * WELL_BELOW
            return 0.0
    waiting = latency(plan, plant, units, busy, 0.0, power)
    if waiting < limit:
        plant.calm_up_to = busy * WELL_BELOW
    return waiting


@hot
def added(total: float, part: float, times: int) -> float:
    """`total` with `part` added so many times, one by one: sums of fractions then have the same bits, alike or not."""
    if times == 1:
        return total + part
    for _ in range(times):
        total += part
    return total


@hot
def count_changes(needed: int, units: int, plant: PlantState, totals: Totals) -> None:
    """Changes of supply and demand from one tick to the next, behind upsilon, k and jitter."""
    supply_change, demand_change = units - plant.units, needed - plant.needed
    if supply_change != 0 or demand_change != 0:
        totals.supply_changes += 1 if supply_change else 0
        totals.supply_first += 1 if supply_change > demand_change else 0
        totals.demand_first += 1 if demand_change > supply_change else 0
        same = (supply_change > 0) == (demand_change > 0) and (supply_change < 0) == (demand_change < 0)
        totals.unstable += 0 if same else 1


@hot
def count_elasticity(plant: PlantState, totals: Totals, index: int) -> None:
    """Sums behind theta, a and tau, of the ticks up to `index` in which as many units served and were needed."""
    ticks, short, spare = index - plant.alike_since, plant.needed - plant.units, plant.units - plant.needed
    plant.alike_since = index
    if short > 0:
        totals.under += ticks * short
        totals.under_ticks += ticks
        totals.under_share = added(totals.under_share, short / plant.needed, ticks)
    elif spare > 0:
        totals.over += ticks * spare
        totals.over_ticks += ticks
        if plant.needed:
            totals.over_share = added(totals.over_share, spare / plant.needed, ticks)


@hot
def count_overload(plan: Plan, state: State, plant: PlantState, totals: Totals, ticks: int) -> None:
    """Overload, its longest run, and whether the latency goal is kept."""
    if state.rate > plant.power:
        totals.overload = added(totals.overload, (state.rate - plant.power) * plan.tick, ticks)
        totals.overload_ticks += ticks
        totals.pinned_ticks += ticks * plant.at_maximum
        plant.overloaded += ticks
        totals.longest_ticks = max(totals.longest_ticks, plant.overloaded)
    else:
        plant.overloaded = 0
        if plant.waiting < plan.latency_goal:
            totals.kept_ticks += ticks
    totals.worst_latency = max(totals.worst_latency, plant.waiting)
    totals.highest_backlog = max(totals.highest_backlog, plant.backlog)


@hot
def count(plan: Plan, state: State, plant: PlantState, totals: Totals) -> None:
    """Add the figures of the ticks that were alike."""
    ticks = state.repeated_ticks
    totals.served = added(totals.served, plant.served, ticks)
    if plant.lost > 0.0:
        totals.lost = added(totals.lost, plant.lost, ticks)
    count_overload(plan, state, plant, totals, ticks)


@hot
def count_units(plan: Plan, plant: PlantState, totals: Totals, index: int) -> None:
    """Add the figures of the ticks up to `index` that had as many units and the same bounds: whole numbers, whose sums
    have no order."""
    ticks = index - plant.units_since
    totals.supply += ticks * plant.units
    totals.peak = max(totals.peak, plant.units)
    totals.unit_seconds += ticks * plan.tick * plant.billed
    totals.instance_seconds += ticks * plan.tick * plant.billed_instances
    totals.at_minimum_ticks += ticks * plant.at_minimum
    totals.at_maximum_ticks += ticks * plant.at_maximum
    plant.units_since = index


@hot
def change_units(
    plan: Plan, state: State, plant: PlantState, totals: Totals, needed: int, room: int, index: int
) -> None:
    """Add the figures of the ticks before `index`, from which on other units serve or are needed."""
    count_elasticity(plant, totals, index)
    if index > 0:
        count_changes(needed, state.serving, plant, totals)
    plant.needed = needed
    if plant.units_changed:
        count_units(plan, plant, totals, index)
        plant.units_changed = 0
        plant.units = state.serving
        plant.billed = state.serving + state.starting + plant.draining + room
        plant.billed_instances = plant.instances + plant.instances_starting
        plant.at_minimum = 1 if state.desired <= state.minimum else 0
        plant.at_maximum = 1 if state.desired >= state.maximum else 0


@hot
def watch_reaction(plan: Plan, rate: float, power: float, state: State, plant: PlantState, time: int) -> None:
    """Begin an episode where the load rises above target x capacity, drop it where the load falls back before any new
    unit."""
    if rate > power * plan.reaction_utilisation:
        if not plant.above_target and state.desired < state.maximum:
            plant.episode = time
            plant.answered = 0
        plant.above_target = 1
    else:
        plant.above_target = 0
        if not plant.answered:
            plant.episode = -1


def note_answer(plan: Plan, plant: PlantState, time: int) -> None:
    """Policies have scaled out: the episode is answered."""
    if plant.episode >= 0 and not plant.answered:
        plant.answered = 1
        plant.to_alarm[min(REACTION_BINS - 1, (time - plant.episode) // plan.tick)] += 1


def share_of_all(plan: Plan, units: int, full: float, busy: float, power: float) -> float:
    """Utilisation of all units where only a part is busy: those that wait for what lies behind them are idle, and slow
    start withholds others. Called where either can be: its divisions would be made in each tick."""
    own_power = plan.unit_capacity * full
    if power < own_power:
        busy = busy * power / own_power
    if plan.slow_start != 0 and units != 0:
        busy = busy * full / units
    return busy


@hot
def publish(
    plan: Plan, state: State, plant: PlantState, units: int, share: float, waiting: float, served: float, backlog: float
) -> None:
    """The values of one tick as metrics, as far as rules read them; `share`: utilisation of all units, 0 to 1."""
    values, weights, counted = state.values, state.weights, float(units)
    if not plan.warming_counts:
        counted -= state.warming
    values[CPU] = min(1.0, plan.idle_cpu + share) * 100.0 if units else 0.0
    weights[CPU] = counted
    if state.booting > 0:
        running = counted + state.booting
        values[CPU] = (values[CPU] * counted + plan.start_up_cpu * state.booting) / running
        weights[CPU] = running
    if plan.read & READS_MEMORY:
        values[MEMORY] = plan.idle_memory + plan.memory_slope * share
        weights[MEMORY] = counted
    if plan.read & READS_REQUESTS:
        counted_requests = state.rate if plan.requests_received else served / plan.tick
        values[REQUESTS] = counted_requests * 60.0 / units if units else 0.0
        weights[REQUESTS] = float(units)
    values[RESPONSE_TIME] = waiting
    weights[RESPONSE_TIME] = served
    if plan.read & READS_OTHERS == 0:
        return
    values[QUEUE_DELAY] = backlog / max(1, units) * plan.time_per_message
    values[BACKLOG_SIZE] = backlog
    values[ARRIVALS] = state.rate
    values[RUNNING] = float(units + state.booting)
    values[DESIRED] = float(state.desired)
    values[STARTING] = float(state.starting)
    values[DRAINING] = float(plant.draining)
    values[PRESENT] = float(plant.billed)
    if plan.on_instances:
        values[RESERVATION] = reservation(instances_needed(plan, state, plant), plant.instances)


def full_units(plan: Plan, state: State, plant: PlantState, cohorts: Integers, time: int, room: int) -> float:
    """Units' worth of capacity: without what slow start withholds, and what a deployment with no `room` replaces."""
    full = float(state.serving)
    if plan.slow_start > 0:
        full -= ramp_deficit(plan, plant, cohorts, time)
    return min(full, kept_of(state, plant)) if plant.deploying and room == 0 else full


@hot
def leave(
    plan: Plan,
    plant: PlantState,
    window: Reals,
    totals: Totals,
    first: float,
    arriving: float,
    present: float,
    backlog: float,
    index: int,
) -> tuple[float, float]:
    """Of the requests that are not served, those that are lost and those that wait on."""
    lost = 0.0
    if plan.overflow == LOSS:
        lost, backlog = backlog, 0.0
    elif plan.timeout > 0:
        patient = window[index] if plan.retry_limit == 0 else remember(plant, window, arriving, index)
        lost, backlog = max(0.0, backlog - patient), min(backlog, patient)
    if plan.retry_limit > 0:
        lost = send_again(plan, plant, totals, first, present, lost, backlog)
    return lost, backlog


@hot
def begin_stretch(
    plan: Plan,
    window: Reals,
    needed: Integers,
    state: State,
    plant: PlantState,
    cohorts: Integers,
    totals: Totals,
    rate: float,
    index: int,
    time: int,
) -> None:
    """Serve a tick that is unlike the one before."""
    count(plan, state, plant, totals)
    units = state.serving
    room = room_of(state, plant) if plant.deploying else 0
    full = float(units)
    if plan.slow_start > 0 or plant.deploying:
        full = full_units(plan, state, plant, cohorts, time, room)
    power = min(plan.unit_capacity * full, plan.power_limit)
    carried, first = plant.backlog, rate * plan.tick
    if plan.retry_limit > 0:
        rate += plant.again / plan.tick
    arriving, possible = rate * plan.tick, power * plan.tick
    present = carried + arriving
    served = min(present, possible)
    backlog, lost = present - served, 0.0
    if plan.impatient:
        lost, backlog = leave(plan, plant, window, totals, first, arriving, present, backlog, index)
    busy = 0.0
    if power > 0.0:
        busy = 1.0 if present >= possible else served / possible if carried > 0.0 else rate / power
    if plant.waiting >= plan.latency_limit:
        plant.waiting_read = index + plan.latency_hold
    if plan.latency_read or backlog > 0.0 or index < plant.waiting_read:
        waiting = latency(plan, plant, full, busy, backlog, power)
    else:
        waiting = calm(plan, plant, totals, full, busy, power)
    waiting = min(waiting, plan.longest_wait)  # whoever has waited longer has left
    if plant.units_changed or needed[index] != plant.needed:
        change_units(plan, state, plant, totals, needed[index], room, index)
    plant.backlog = backlog
    state.repeated_ticks = 1
    waits = carried > 0.0 or backlog > 0.0
    plant.steady = 0 if waits or plan.slow_start > 0 or plan.retry_limit > 0 else 1
    state.rate = rate
    plant.power = power
    plant.served = served
    plant.lost = lost
    plant.waiting = waiting
    watch_reaction(plan, rate, power, state, plant, time)
    share = busy
    if plan.uneven:
        share = share_of_all(plan, units, full, busy, power)
    publish(plan, state, plant, units, share, waiting, served, backlog)


@hot
def serve(
    plan: Plan,
    rates: Reals,
    window: Reals,
    needed: Integers,
    state: State,
    plant: PlantState,
    cohorts: Integers,
    recorded: Reals,
    totals: Totals,
    index: int,
    time: int,
) -> None:
    """Serve the load of one tick with the units there are."""
    rate = rates[index]
    if rate == state.rate and plant.steady:
        state.repeated_ticks += 1
    else:
        begin_stretch(plan, window, needed, state, plant, cohorts, totals, rate, index, time)
    if plan.record:
        record(recorded, state, plant, index)


def record(recorded: Reals, state: State, plant: PlantState, index: int) -> None:
    """Write the tick's row of the timeline."""
    row = index * RECORD
    recorded[row] = plant.power
    recorded[row + 1] = state.serving
    recorded[row + 2] = state.desired
    recorded[row + 3] = state.starting
    recorded[row + 4] = max(0, state.desired - state.serving - state.starting)
    recorded[row + 5] = plant.draining
    recorded[row + 6] = state.minimum
    recorded[row + 7] = state.maximum
    recorded[row + 8] = state.values[CPU]
    recorded[row + 9] = plant.backlog
    recorded[row + 10] = plant.waiting
    recorded[row + 11] = plant.instances
