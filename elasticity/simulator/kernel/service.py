"""One tick of load: what is served, what waits, how busy units are, what latency is to be expected; and the figures of it."""

from __future__ import annotations

import math

from elasticity.simulator.kernel.instances import instances_needed, reservation
from elasticity.simulator.kernel.layout import (
    ABOVE_TARGET,
    ANSWERED,
    ARRIVALS,
    ARRIVED,
    AT_HIGHEST_TICKS,
    AT_LOWEST_TICKS,
    BACKLOG,
    BACKLOG_SIZE,
    CAPACITY_PROVIDER,
    COLUMN,
    CPU,
    DEMAND,
    DEMAND_CHANGES,
    DEMAND_FIRST,
    DESIRED,
    DESIRED_SUM,
    DRAINING,
    EPISODE,
    HIGHEST,
    HIGHEST_BACKLOG,
    IDLE_TICKS,
    INSTANCE_SECONDS,
    INSTANCES,
    INSTANCES_STARTING,
    KEPT_TICKS,
    LONGEST_TICKS,
    LOSS,
    LOST,
    LOWEST,
    MEMORY,
    NEEDED_BEFORE,
    OVER,
    OVER_SHARE,
    OVER_TICKS,
    OVERLOAD,
    OVERLOAD_TICKS,
    OVERLOADED,
    PEAK,
    PEAK_DEMAND,
    QUEUE_DELAY,
    REQUESTS,
    RESERVATION,
    RESPONSE_TIME,
    SERVED,
    SERVED_BEFORE,
    SERVING,
    STARTING,
    SUPPLY,
    SUPPLY_CHANGES,
    SUPPLY_FIRST,
    UNDER,
    UNDER_SHARE,
    UNDER_TICKS,
    UNIT_SECONDS,
    UNSTABLE,
    WARMING,
    WORST_LATENCY,
    Loads,
    Plan,
    Reals,
    Recorded,
    Signals,
    Work,
)
from elasticity.simulator.kernel.lifecycle import ramp_deficit

BUSIEST = 0.95
"""Utilisation up to which the waiting-time formula is used; above it the backlog says how long requests wait."""


def latency(plan: Plan, units: float, busy: float, backlog: float, power: float) -> float:
    """Estimated seconds of one request: service, and the longer of Sakasegawa's wait and the fluid delay of the backlog."""
    delay = 0.0
    if backlog > 0.0:
        delay = backlog / power if power > 0.0 else math.inf
    if plan.service_time <= 0.0 or units <= 0.0:
        return delay
    servers, load = units * plan.servers_per_unit, min(busy, BUSIEST)
    wait = plan.service_time * load ** (math.sqrt(2.0 * (servers + 1.0)) - 1.0) / (servers * (1.0 - load))
    return plan.service_time + max(wait * plan.variability, delay)


def count_elasticity(needed: int, units: int, first: bool, work: Work, totals: Reals) -> None:
    """Sums behind theta, a, tau, upsilon, k and jitter."""
    state = work.state
    short, spare = max(0, needed - units), max(0, units - needed)
    totals[SUPPLY] += units
    totals[DEMAND] += needed
    totals[PEAK] = max(totals[PEAK], units)
    totals[PEAK_DEMAND] = max(totals[PEAK_DEMAND], needed)
    totals[UNDER] += short
    totals[OVER] += spare
    totals[UNDER_TICKS] += 1 if short else 0
    totals[OVER_TICKS] += 1 if spare else 0
    if needed:
        totals[UNDER_SHARE] += short / needed
        totals[OVER_SHARE] += spare / needed
    else:
        totals[IDLE_TICKS] += 1
    if not first:
        supply_change, demand_change = units - state[SERVED_BEFORE], needed - state[NEEDED_BEFORE]
        if supply_change != 0 or demand_change != 0:
            totals[SUPPLY_CHANGES] += 1 if supply_change else 0
            totals[DEMAND_CHANGES] += 1 if demand_change else 0
            totals[SUPPLY_FIRST] += 1 if supply_change > demand_change else 0
            totals[DEMAND_FIRST] += 1 if demand_change > supply_change else 0
            same = (supply_change > 0) == (demand_change > 0) and (supply_change < 0) == (demand_change < 0)
            totals[UNSTABLE] += 0 if same else 1
    state[SERVED_BEFORE] = units
    state[NEEDED_BEFORE] = needed


def count_overload(plan: Plan, rate: float, power: float, waiting: float, work: Work, totals: Reals) -> None:
    """Overload, its longest run, and whether the latency goal is kept."""
    state = work.state
    if rate > power:
        totals[OVERLOAD] += (rate - power) * plan.tick
        totals[OVERLOAD_TICKS] += 1
        state[OVERLOADED] += 1
        totals[LONGEST_TICKS] = max(totals[LONGEST_TICKS], state[OVERLOADED])
    else:
        state[OVERLOADED] = 0
        if waiting <= plan.latency_goal:
            totals[KEPT_TICKS] += 1
    totals[WORST_LATENCY] = max(totals[WORST_LATENCY], waiting)


def watch_reaction(plan: Plan, rate: float, power: float, work: Work, time: int) -> None:
    """Begin an episode where the load rises above target x capacity, drop it where the load falls back before any new unit."""
    state = work.state
    if rate > power * plan.reaction_utilisation:
        if not state[ABOVE_TARGET] and state[DESIRED] < state[HIGHEST]:
            state[EPISODE] = time
            state[ANSWERED] = 0
        state[ABOVE_TARGET] = 1
    else:
        state[ABOVE_TARGET] = 0
        if not state[ANSWERED]:
            state[EPISODE] = -1


def count_units(plan: Plan, work: Work, totals: Reals) -> None:
    """Bills and bounds."""
    state = work.state
    totals[DESIRED_SUM] += state[DESIRED]
    totals[UNIT_SECONDS] += (state[SERVING] + state[STARTING] + state[DRAINING]) * plan.tick
    totals[INSTANCE_SECONDS] += (state[INSTANCES] + state[INSTANCES_STARTING]) * plan.tick
    totals[AT_LOWEST_TICKS] += 1 if state[DESIRED] <= state[LOWEST] else 0
    totals[AT_HIGHEST_TICKS] += 1 if state[DESIRED] >= state[HIGHEST] else 0


def measure(signals: Signals, loads: Loads, plan: Plan, work: Work, index: int) -> None:
    """Add the tick's values to the open period of each signal; the mean of equal values is exactly that value."""
    for signal in range(len(signals.kind)):
        kind = signals.kind[signal]
        value, weight = work.values[kind], work.weights[kind]
        if kind == COLUMN:
            value = loads.columns[signals.column[signal] * plan.ticks + index]
            weight = 1.0 if value == value else 0.0
        elif kind == ARRIVALS:
            value *= signals.period[signal]
        if weight > 0.0:
            if work.weight[signal] == 0.0:
                work.origin[signal] = value
            work.deviation[signal] += weight * (value - work.origin[signal])
            work.weight[signal] += weight


def serve(
    plan: Plan, loads: Loads, signals: Signals, work: Work, recorded: Recorded, totals: Reals, index: int, time: int
) -> None:
    """Serve the load of one tick with the units there are."""
    state, rate, units = work.state, loads.rate[index], work.state[SERVING]
    full = float(units)
    if plan.slow_start > 0:
        full -= ramp_deficit(plan, work, time)
    power = plan.unit_capacity * full
    carried = work.flow[BACKLOG]
    arriving, possible = rate * plan.tick, power * plan.tick
    present = carried + arriving
    served = min(present, possible)
    backlog, lost = present - served, 0.0
    if plan.overflow == LOSS:
        lost, backlog = backlog, 0.0
    elif plan.timeout > 0 and backlog > loads.window[index]:
        lost, backlog = backlog - loads.window[index], loads.window[index]
    work.flow[BACKLOG] = backlog
    busy = 0.0
    if power > 0.0:
        busy = 1.0 if present >= possible else rate / power if carried == 0.0 else served / possible
    waiting = latency(plan, full, busy, backlog, power)

    totals[ARRIVED] += arriving
    totals[SERVED] += served
    totals[LOST] += lost
    totals[HIGHEST_BACKLOG] = max(totals[HIGHEST_BACKLOG], backlog)
    count_overload(plan, rate, power, waiting, work, totals)
    count_elasticity(loads.needed[index], units, index == 0, work, totals)
    count_units(plan, work, totals)
    watch_reaction(plan, rate, power, work, time)

    share = busy if plan.slow_start == 0 or units == 0 else busy * full / units
    processor = min(1.0, plan.idle_cpu + share) * 100.0 if units else 0.0
    values, weights, counted = work.values, work.weights, float(units - state[WARMING])
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
        values[RESERVATION] = reservation(instances_needed(plan, work), state[INSTANCES])
    measure(signals, loads, plan, work, index)
    if plan.record:
        record(recorded, work, index, power, processor, backlog, waiting)


def record(
    recorded: Recorded, work: Work, index: int, power: float, processor: float, backlog: float, waiting: float
) -> None:
    """Write the tick's row of the timeline."""
    state = work.state
    recorded.capacity[index] = power
    recorded.serving[index] = state[SERVING]
    recorded.desired[index] = state[DESIRED]
    recorded.starting[index] = state[STARTING]
    recorded.waiting[index] = max(0, state[DESIRED] - state[SERVING] - state[STARTING])
    recorded.draining[index] = state[DRAINING]
    recorded.minimum[index] = state[LOWEST]
    recorded.maximum[index] = state[HIGHEST]
    recorded.utilisation[index] = processor
    recorded.backlog[index] = backlog
    recorded.latency[index] = waiting
    recorded.instances[index] = state[INSTANCES]
