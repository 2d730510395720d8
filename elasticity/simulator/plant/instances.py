"""The group below a capacity provider: managed scaling follows 100 x needed / running, tasks wait until an instance
has joined."""

from __future__ import annotations

import math

from elasticity.autoscaler.decide import GUARD
from elasticity.autoscaler.layout import (
    ALARM,
    GROUP,
    GROUP_COUNT,
    GROUP_READY,
    INSTANCES_HELD,
    INSTANCES_IN,
    INSTANCES_JOINED,
    INSTANCES_OUT,
    MANAGED_SCALING,
    Integers,
    Plan,
    Reals,
    State,
    Tables,
)
from elasticity.autoscaler.log import note


def instances_needed(plan: Plan, state: State) -> int:
    """Instances that hold all tasks, waiting, starting, serving and draining, packed as tightly as they go."""
    tasks = max(state.desired, state.serving + state.starting) + state.draining
    return -(-tasks // plan.units_per_instance)


def reservation(needed: int, running: int) -> float:
    """CapacityProviderReservation: 100 x needed / running; 0/0 is 100, and 200 where something is needed and nothing
    runs."""
    if running == 0:
        return 200.0 if needed > 0 else 100.0
    return 100.0 * needed / running


def join(plan: Plan, state: State, groups: Integers, notes: Reals, time: int) -> None:
    """Instances whose start-up is over take tasks."""
    size, joined = len(groups) // GROUP, 0
    while state.instance_head < state.instance_tail:
        row = (state.instance_head % size) * GROUP
        if groups[row + GROUP_READY] > time:
            break
        joined += groups[row + GROUP_COUNT]
        state.instance_head += 1
    if joined:
        state.instances_starting -= joined
        state.instances += joined
        note(plan, state, notes, time, INSTANCES_JOINED, 0, 0.0, 0, state.instances - joined, joined, state.instances)


def add_instances(plan: Plan, state: State, groups: Integers, notes: Reals, time: int, needed: int) -> None:
    """Launch what is missing, between the step sizes; not while an instance is younger than its warm-up."""
    present = state.instances + state.instances_starting
    wanted = math.ceil(100.0 * needed / plan.reservation_target - GUARD)
    if state.instances == 0 and needed > 0:
        wanted = math.ceil(200.0 / plan.reservation_target - GUARD)
    if wanted <= present or present >= plan.instance_maximum:
        return
    if time < state.young_until:
        note(
            plan,
            state,
            notes,
            time,
            INSTANCES_HELD,
            0,
            reservation(needed, state.instances),
            needed,
            present,
            wanted,
            present,
        )
        return
    step = min(plan.instance_most_step, max(plan.instance_least_step, wanted - present))
    launched = min(step, plan.instance_maximum - present)
    place = state.instance_tail % (len(groups) // GROUP)
    groups[place * GROUP + GROUP_READY] = time + plan.instance_start_up
    groups[place * GROUP + GROUP_COUNT] = launched
    state.instance_tail += 1
    state.instances_starting += launched
    state.young_until = time + plan.instance_start_up + plan.instance_warm_up
    metric = reservation(needed, state.instances)
    note(plan, state, notes, time, INSTANCES_OUT, 0, metric, needed, present, wanted, present + launched)


def remove_instances(plan: Plan, state: State, notes: Reals, time: int, needed: int) -> None:
    """End instances beyond the size asked for, all of them empty: at least one, at most half."""
    running = state.instances
    wanted = max(plan.instance_minimum, math.ceil(100.0 * needed / plan.reservation_target - GUARD))
    ended = min(running - wanted, max(1, math.floor(running * plan.instance_in_fraction + GUARD)))
    if ended > 0:
        metric, left = reservation(needed, running), running - ended
        state.instances = left
        note(plan, state, notes, time, INSTANCES_IN, 0, metric, needed, running, wanted, left)


def size_instances(plan: Plan, tables: Tables, state: State, groups: Integers, notes: Reals, time: int) -> None:
    """Run managed scaling where its alarms were invoked at this instant."""
    for alarm in range(tables.alarms):
        is_invoked = state.alarm[alarm] == ALARM and state.evaluated_at[tables.alarm_signal[alarm]] == time
        if is_invoked and tables.alarm_policy[alarm] == MANAGED_SCALING:
            needed = instances_needed(plan, state)
            if tables.alarm_raises[alarm]:
                add_instances(plan, state, groups, notes, time, needed)
            else:
                remove_instances(plan, state, notes, time, needed)
