"""One tick of load: what is served, what waits, how busy units are, what latency is to be expected; and the figures
of it."""

from __future__ import annotations

import math

from elasticity.autoscaler.layout import (
    ARRIVALS,
    BACKLOG_SIZE,
    COLUMN,
    CPU,
    DESIRED,
    DRAINING,
    LOSS,
    MEMORY,
    PRESENT,
    QUEUE_DELAY,
    RECORD,
    REQUESTS,
    RESERVATION,
    RESPONSE_TIME,
    RUNNING,
    STARTING,
    Integers,
    Plan,
    Reals,
    State,
    Tables,
    Totals,
    hot,
)
from elasticity.simulator.plant.instances import instances_needed, reservation
from elasticity.simulator.plant.lifecycle import ramp_deficit

BUSIEST = 0.95
"""Utilisation up to which the waiting-time formula is used; above it the backlog says how long requests wait."""


@hot
def latency(plan: Plan, state: State, units: float, busy: float, backlog: float, power: float) -> float:
    """Estimated seconds of one request: service, and the longer of Sakasegawa's wait and the fluid delay of the
    backlog."""
    delay = 0.0
    if backlog > 0.0:
        delay = backlog / power if power > 0.0 else math.inf
    if plan.service_time <= 0.0 or units <= 0.0:
        return delay
    servers, load = units * plan.servers_per_unit, min(busy, BUSIEST)
    if servers != state.exponent_for:
        state.exponent_for = servers
        state.exponent = math.sqrt(2.0 * (servers + 1.0)) - 1.0
        state.wait_for = -1.0
    if load != state.wait_for:
        state.wait_for = load
        shape = math.exp(state.exponent * math.log(load)) if load > 0.0 else 0.0
        state.wait = plan.service_time * shape / (servers * (1.0 - load)) * plan.variability
    return plan.service_time + max(state.wait, delay)


@hot
def added(total: float, part: float, times: int) -> float:
    """`total` with `part` added so many times, one by one: sums of fractions then have the same bits, alike or not."""
    for _ in range(times):
        total += part
    return total


@hot
def count_changes(needed: int, units: int, state: State, totals: Totals) -> None:
    """Changes of supply and demand from one tick to the next, behind upsilon, k and jitter."""
    supply_change, demand_change = units - state.units, needed - state.needed
    if supply_change != 0 or demand_change != 0:
        totals.supply_changes += 1 if supply_change else 0
        totals.supply_first += 1 if supply_change > demand_change else 0
        totals.demand_first += 1 if demand_change > supply_change else 0
        same = (supply_change > 0) == (demand_change > 0) and (supply_change < 0) == (demand_change < 0)
        totals.unstable += 0 if same else 1


@hot
def count_elasticity(state: State, totals: Totals, ticks: int) -> None:
    """Sums behind theta, a and tau."""
    short, spare = state.needed - state.units, state.units - state.needed
    totals.supply += ticks * state.units
    totals.peak = max(totals.peak, state.units)
    if short > 0:
        totals.under += ticks * short
        totals.under_ticks += ticks
        totals.under_share = added(totals.under_share, short / state.needed, ticks)
    elif spare > 0:
        totals.over += ticks * spare
        totals.over_ticks += ticks
        if state.needed:
            totals.over_share = added(totals.over_share, spare / state.needed, ticks)


@hot
def count_overload(plan: Plan, state: State, totals: Totals, ticks: int) -> None:
    """Overload, its longest run, and whether the latency goal is kept."""
    if state.rate > state.power:
        totals.overload = added(totals.overload, (state.rate - state.power) * plan.tick, ticks)
        totals.overload_ticks += ticks
        totals.pinned_ticks += ticks * state.at_highest
        state.overloaded += ticks
        totals.longest_ticks = max(totals.longest_ticks, state.overloaded)
    else:
        state.overloaded = 0
        if state.waiting < plan.latency_goal:
            totals.kept_ticks += ticks
    totals.worst_latency = max(totals.worst_latency, state.waiting)
    totals.highest_backlog = max(totals.highest_backlog, state.backlog)


@hot
def count(plan: Plan, state: State, totals: Totals) -> None:
    """Add the figures of the ticks that were alike."""
    ticks = state.repeated_ticks
    if ticks == 0:
        return
    totals.served = added(totals.served, state.served, ticks)
    if state.lost > 0.0:
        totals.lost = added(totals.lost, state.lost, ticks)
    count_overload(plan, state, totals, ticks)
    count_elasticity(state, totals, ticks)
    totals.unit_seconds += ticks * plan.tick * state.billed
    totals.instance_seconds += ticks * plan.tick * state.billed_instances
    totals.at_lowest_ticks += ticks * state.at_lowest
    totals.at_highest_ticks += ticks * state.at_highest


@hot
def watch_reaction(plan: Plan, rate: float, power: float, state: State, time: int) -> None:
    """Begin an episode where the load rises above target x capacity, drop it where the load falls back before any new
    unit."""
    if rate > power * plan.reaction_utilisation:
        if not state.above_target and state.desired < state.highest:
            state.episode = time
            state.answered = 0
        state.above_target = 1
    else:
        state.above_target = 0
        if not state.answered:
            state.episode = -1


@hot
def measure(tables: Tables, plan: Plan, state: State, columns: Reals, index: int) -> None:
    """Add the tick's values to the open period of each signal; the mean of equal values is exactly that value."""
    for place in range(tables.measured):
        signal = tables.signal_measured[place]
        kind = tables.signal_kind[signal]
        value, weight = state.values[kind], state.weights[kind]
        if kind == COLUMN:
            value = columns[tables.signal_column[signal] * plan.ticks + index]
            weight = 1.0 if value == value else 0.0
        elif kind == ARRIVALS:
            value *= tables.signal_period[signal]
        if weight > 0.0 and not (tables.signal_silent[signal] and state.rate == 0.0):
            if state.weight[signal] == 0.0:
                state.origin[signal] = value
                state.weight[signal] = weight
            else:
                state.deviation[signal] += weight * (value - state.origin[signal])
                state.weight[signal] += weight


@hot
def publish(plan: Plan, state: State, full: float, busy: float, waiting: float, served: float, backlog: float) -> None:
    """The values of one tick as metrics."""
    units = state.serving
    share = busy if plan.slow_start == 0 or units == 0 else busy * full / units
    values, weights, counted = state.values, state.weights, float(units)
    if not plan.warming_counts:
        counted -= state.warming
    values[CPU] = min(1.0, plan.idle_cpu + share) * 100.0 if units else 0.0
    weights[CPU] = counted
    values[MEMORY] = plan.idle_memory + plan.memory_slope * share
    weights[MEMORY] = counted
    counted_requests = state.rate if plan.requests_received else served / plan.tick
    values[REQUESTS] = counted_requests * 60.0 / units if units else 0.0
    weights[REQUESTS] = float(units)
    values[RESPONSE_TIME] = waiting
    weights[RESPONSE_TIME] = served
    values[QUEUE_DELAY] = backlog / max(1, units) * plan.time_per_message
    values[BACKLOG_SIZE] = backlog
    values[ARRIVALS] = state.rate
    values[RUNNING] = float(units)
    values[DESIRED] = float(state.desired)
    values[STARTING] = float(state.starting)
    values[DRAINING] = float(state.draining)
    values[PRESENT] = float(state.billed)
    if plan.on_instances:
        values[RESERVATION] = reservation(instances_needed(plan, state), state.instances)


@hot
def begin_stretch(
    plan: Plan,
    window: Reals,
    needed: Integers,
    state: State,
    cohorts: Integers,
    totals: Totals,
    rate: float,
    index: int,
    time: int,
) -> None:
    """Serve a tick that is unlike the one before."""
    count(plan, state, totals)
    units = state.serving
    full = float(units)
    if plan.slow_start > 0:
        full -= ramp_deficit(plan, state, cohorts, time)
    power = plan.unit_capacity * full
    carried = state.backlog
    arriving, possible = rate * plan.tick, power * plan.tick
    present = carried + arriving
    served = min(present, possible)
    backlog, lost = present - served, 0.0
    if plan.overflow == LOSS:
        lost, backlog = backlog, 0.0
    elif plan.timeout > 0 and backlog > window[index]:
        lost, backlog = backlog - window[index], window[index]
    busy = 0.0
    if power > 0.0:
        busy = 1.0 if present >= possible else rate / power if carried == 0.0 else served / possible
    waiting = latency(plan, state, full, busy, backlog, power)
    if plan.timeout > 0:
        waiting = min(waiting, float(plan.timeout))  # whoever has waited longer has left
    if index > 0:
        count_changes(needed[index], units, state, totals)
    state.backlog = backlog
    state.moved = 0
    state.repeated_ticks = 1
    state.steady = 1 if carried == 0.0 and backlog == 0.0 and plan.slow_start == 0 else 0
    state.units = units
    state.needed = needed[index]
    state.billed = units + state.starting + state.draining
    state.billed_instances = state.instances + state.instances_starting
    state.at_lowest = 1 if state.desired <= state.lowest else 0
    state.at_highest = 1 if state.desired >= state.highest else 0
    state.rate = rate
    state.power = power
    state.served = served
    state.lost = lost
    state.waiting = waiting
    watch_reaction(plan, rate, power, state, time)
    publish(plan, state, full, busy, waiting, served, backlog)


@hot
def serve(
    plan: Plan,
    rates: Reals,
    window: Reals,
    needed: Integers,
    columns: Reals,
    tables: Tables,
    state: State,
    cohorts: Integers,
    recorded: Reals,
    totals: Totals,
    index: int,
    time: int,
) -> None:
    """Serve the load of one tick with the units there are."""
    rate = rates[index]
    if rate == state.rate and state.steady and not state.moved:
        state.repeated_ticks += 1
    else:
        begin_stretch(plan, window, needed, state, cohorts, totals, rate, index, time)
    if tables.measured:
        measure(tables, plan, state, columns, index)
    if plan.record:
        record(recorded, state, index)


def record(recorded: Reals, state: State, index: int) -> None:
    """Write the tick's row of the timeline."""
    row = index * RECORD
    recorded[row] = state.power
    recorded[row + 1] = state.serving
    recorded[row + 2] = state.desired
    recorded[row + 3] = state.starting
    recorded[row + 4] = max(0, state.desired - state.serving - state.starting)
    recorded[row + 5] = state.draining
    recorded[row + 6] = state.lowest
    recorded[row + 7] = state.highest
    recorded[row + 8] = state.values[CPU]
    recorded[row + 9] = state.backlog
    recorded[row + 10] = state.waiting
    recorded[row + 11] = state.instances
