"""The group below a capacity provider: managed scaling follows 100 x needed / running, tasks wait until an instance
has joined."""

from __future__ import annotations

import math

from elasticity.autoscaler.decide import GUARD
from elasticity.autoscaler.layout import (
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
from elasticity.autoscaler.observe import runs_action
from elasticity.simulator.plant.state import GROUP, GROUP_COUNT, GROUP_READY, PlantState


def instances_needed(plan: Plan, state: State, plant: PlantState) -> int:
    """Instances that hold all tasks, waiting, starting, serving and draining, packed as tightly as they go."""
    tasks = max(state.desired, state.serving + state.starting) + plant.draining
    return -(-tasks // plan.units_per_instance)


def reservation(needed: int, running: int) -> float:
    """CapacityProviderReservation: 100 x needed / running; 0/0 is 100, and 200 where something is needed and nothing
    runs."""
    if running == 0:
        return 200.0 if needed > 0 else 100.0
    return 100.0 * needed / running


def join(plan: Plan, state: State, plant: PlantState, groups: Integers, notes: Reals, time: int) -> None:
    """Instances whose start-up is over take tasks."""
    size, joined = len(groups) // GROUP, 0
    while plant.instance_head < plant.instance_tail:
        row = (plant.instance_head % size) * GROUP
        if groups[row + GROUP_READY] > time:
            break
        joined += groups[row + GROUP_COUNT]
        plant.instance_head += 1
    if joined:
        plant.instances_starting -= joined
        plant.instances += joined
        note(plan, state, notes, time, INSTANCES_JOINED, 0, 0.0, 0, plant.instances - joined, joined, plant.instances)


def add_instances(
    plan: Plan, state: State, plant: PlantState, groups: Integers, notes: Reals, time: int, needed: int
) -> None:
    """Launch what is missing, between the step sizes; not while an instance is younger than its warm-up."""
    present = plant.instances + plant.instances_starting
    wanted = math.ceil(100.0 * needed / plan.reservation_target - GUARD)
    if plant.instances == 0 and needed > 0:
        wanted = math.ceil(200.0 / plan.reservation_target - GUARD)
    if wanted <= present or present >= plan.instance_maximum:
        return
    if time < plant.young_until:
        note(
            plan,
            state,
            notes,
            time,
            INSTANCES_HELD,
            0,
            reservation(needed, plant.instances),
            needed,
            present,
            wanted,
            present,
        )
        return
    step = min(plan.instance_maximum_step, max(plan.instance_minimum_step, wanted - present))
    launched = min(step, plan.instance_maximum - present)
    place = plant.instance_tail % (len(groups) // GROUP)
    groups[place * GROUP + GROUP_READY] = time + plan.instance_start_up
    groups[place * GROUP + GROUP_COUNT] = launched
    plant.instance_tail += 1
    plant.instances_starting += launched
    plant.young_until = time + plan.instance_start_up + plan.instance_warm_up
    metric = reservation(needed, plant.instances)
    note(plan, state, notes, time, INSTANCES_OUT, 0, metric, needed, present, wanted, present + launched)


def remove_instances(plan: Plan, state: State, plant: PlantState, notes: Reals, time: int, needed: int) -> None:
    """End instances beyond the size asked for, all of them empty: at least one, at most half."""
    running = plant.instances
    wanted = max(plan.instance_minimum, math.ceil(100.0 * needed / plan.reservation_target - GUARD))
    ended = min(running - wanted, max(1, math.floor(running * plan.instance_in_fraction + GUARD)))
    if ended > 0:
        metric, left = reservation(needed, running), running - ended
        plant.instances = left
        note(plan, state, notes, time, INSTANCES_IN, 0, metric, needed, running, wanted, left)


def size_instances(
    plan: Plan, tables: Tables, state: State, plant: PlantState, groups: Integers, notes: Reals, time: int
) -> None:
    """Run managed scaling where its alarms were invoked at this instant."""
    for alarm in range(tables.alarms):
        if tables.alarm_policy[alarm] == MANAGED_SCALING and runs_action(tables, state, alarm, time):
            needed = instances_needed(plan, state, plant)
            if tables.alarm_raises[alarm]:
                add_instances(plan, state, plant, groups, notes, time, needed)
            else:
                remove_instances(plan, state, plant, notes, time, needed)
