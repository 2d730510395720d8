"""One tick of load: what is served, what waits, how busy units are, what latency is to be expected; and the figures
of it."""

from __future__ import annotations

import math

from elasticity.simulator.kernel.instances import instances_needed, reservation
from elasticity.simulator.kernel.layout import (
    ARRIVALS,
    BACKLOG_SIZE,
    CAPACITY_PROVIDER,
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
)
from elasticity.simulator.kernel.lifecycle import ramp_deficit

BUSIEST = 0.95
"""Utilisation up to which the waiting-time formula is used; above it the backlog says how long requests wait."""


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


def count_elasticity(needed: int, units: int, first: bool, state: State, totals: Totals) -> None:
    """Sums behind theta, a, tau, upsilon, k and jitter."""
    short, spare = max(0, needed - units), max(0, units - needed)
    totals.supply += units
    totals.demand += needed
    totals.peak = max(totals.peak, units)
    totals.peak_demand = max(totals.peak_demand, needed)
    totals.under += short
    totals.over += spare
    totals.under_ticks += 1 if short else 0
    totals.over_ticks += 1 if spare else 0
    if needed:
        if short:
            totals.under_share += short / needed
        if spare:
            totals.over_share += spare / needed
    else:
        totals.idle_ticks += 1
    if not first:
        supply_change, demand_change = units - state.served_before, needed - state.needed_before
        if supply_change != 0 or demand_change != 0:
            totals.supply_changes += 1 if supply_change else 0
            totals.demand_changes += 1 if demand_change else 0
            totals.supply_first += 1 if supply_change > demand_change else 0
            totals.demand_first += 1 if demand_change > supply_change else 0
            same = (supply_change > 0) == (demand_change > 0) and (supply_change < 0) == (demand_change < 0)
            totals.unstable += 0 if same else 1
    state.served_before = units
    state.needed_before = needed


def count_overload(plan: Plan, rate: float, power: float, waiting: float, state: State, totals: Totals) -> None:
    """Overload, its longest run, and whether the latency goal is kept."""
    if rate > power:
        totals.overload += (rate - power) * plan.tick
        totals.overload_ticks += 1
        totals.pinned_ticks += 1 if state.desired >= state.highest else 0
        state.overloaded += 1
        totals.longest_ticks = max(totals.longest_ticks, state.overloaded)
    else:
        state.overloaded = 0
        if waiting < plan.latency_goal:
            totals.kept_ticks += 1
    totals.worst_latency = max(totals.worst_latency, waiting)


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


def count_units(plan: Plan, state: State, totals: Totals) -> None:
    """Bills and bounds."""
    totals.desired_sum += state.desired
    totals.unit_seconds += (state.serving + state.starting + state.draining) * plan.tick
    totals.instance_seconds += (state.instances + state.instances_starting) * plan.tick
    totals.at_lowest_ticks += 1 if state.desired <= state.lowest else 0
    totals.at_highest_ticks += 1 if state.desired >= state.highest else 0


def units_of(state: State, kind: int) -> float:
    """A count of units as a metric."""
    if kind == RUNNING:
        return float(state.serving)
    if kind == DESIRED:
        return float(state.desired)
    if kind == STARTING:
        return float(state.starting)
    if kind == DRAINING:
        return float(state.draining)
    return float(state.serving + state.starting + state.draining)


def measure(tables: Tables, plan: Plan, state: State, columns: Reals, index: int) -> None:
    """Add the tick's values to the open period of each signal; the mean of equal values is exactly that value."""
    for signal in range(tables.signals):
        kind = tables.signal_kind[signal]
        if tables.signal_period[signal] == plan.tick and kind < ARRIVALS:
            continue  # read as it is where the period closes
        value, weight = state.values[kind], state.weights[kind]
        if kind == COLUMN:
            value = columns[tables.signal_column[signal] * plan.ticks + index]
            weight = 1.0 if value == value else 0.0
        elif kind == ARRIVALS:
            value *= tables.signal_period[signal]
        elif RUNNING <= kind <= PRESENT:
            value = units_of(state, kind)
        if weight > 0.0:
            if state.weight[signal] == 0.0:
                state.origin[signal] = value
                state.weight[signal] = weight
            else:
                state.deviation[signal] += weight * (value - state.origin[signal])
                state.weight[signal] += weight


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
    rate, units = rates[index], state.serving
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
    state.backlog = backlog
    busy = 0.0
    if power > 0.0:
        busy = 1.0 if present >= possible else rate / power if carried == 0.0 else served / possible
    waiting = latency(plan, state, full, busy, backlog, power)

    totals.arrived += arriving
    totals.served += served
    totals.lost += lost
    totals.highest_backlog = max(totals.highest_backlog, backlog)
    count_overload(plan, rate, power, waiting, state, totals)
    count_elasticity(needed[index], units, index == 0, state, totals)
    count_units(plan, state, totals)
    watch_reaction(plan, rate, power, state, time)

    share = busy if plan.slow_start == 0 or units == 0 else busy * full / units
    processor = min(1.0, plan.idle_cpu + share) * 100.0 if units else 0.0
    values, weights, counted = state.values, state.weights, float(units - state.warming)
    values[CPU] = processor
    weights[CPU] = counted
    values[MEMORY] = plan.idle_memory + plan.memory_slope * share
    weights[MEMORY] = counted
    values[REQUESTS] = served / plan.tick * 60.0 / units if units else 0.0
    weights[REQUESTS] = float(units)
    values[RESPONSE_TIME] = waiting
    weights[RESPONSE_TIME] = served
    values[QUEUE_DELAY] = backlog / max(1, units) * plan.time_per_message
    values[BACKLOG_SIZE] = backlog
    values[ARRIVALS] = rate
    if plan.platform == CAPACITY_PROVIDER:
        values[RESERVATION] = reservation(instances_needed(plan, state), state.instances)
    measure(tables, plan, state, columns, index)
    if plan.record:
        record(recorded, state, index, power, processor, backlog, waiting)


def record(
    recorded: Reals, state: State, index: int, power: float, processor: float, backlog: float, waiting: float
) -> None:
    """Write the tick's row of the timeline."""
    row = index * RECORD
    recorded[row] = power
    recorded[row + 1] = state.serving
    recorded[row + 2] = state.desired
    recorded[row + 3] = state.starting
    recorded[row + 4] = max(0, state.desired - state.serving - state.starting)
    recorded[row + 5] = state.draining
    recorded[row + 6] = state.lowest
    recorded[row + 7] = state.highest
    recorded[row + 8] = processor
    recorded[row + 9] = backlog
    recorded[row + 10] = waiting
    recorded[row + 11] = state.instances
