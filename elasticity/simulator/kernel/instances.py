"""The group below a capacity provider: managed scaling follows 100 x needed / running, tasks wait until an instance has joined."""

from __future__ import annotations

import math

from elasticity.simulator.kernel.decide import GUARD
from elasticity.simulator.kernel.layout import (
    DESIRED,
    DRAINING,
    INSTANCE_HEAD,
    INSTANCE_TAIL,
    INSTANCES,
    INSTANCES_HELD,
    INSTANCES_IN,
    INSTANCES_JOINED,
    INSTANCES_NOT_EMPTY,
    INSTANCES_OUT,
    INSTANCES_STARTING,
    MANAGED_SCALING,
    SERVING,
    STARTING,
    YOUNG_UNTIL,
    Alarms,
    Notes,
    Plan,
    Work,
)
from elasticity.simulator.kernel.log import note


def instances_needed(plan: Plan, work: Work) -> int:
    """Instances that hold all tasks, waiting, starting, serving and draining, packed as tightly as they go."""
    state = work.state
    tasks = max(state[DESIRED], state[SERVING] + state[STARTING]) + state[DRAINING]
    return -(-tasks // plan.units_per_instance)


def reservation(needed: int, running: int) -> float:
    """CapacityProviderReservation: 100 x needed / running; 0/0 is 100, and 200 where something is needed and nothing runs."""
    if running == 0:
        return 200.0 if needed > 0 else 100.0
    return 100.0 * needed / running


def join(plan: Plan, work: Work, notes: Notes, time: int) -> None:
    """Instances whose start-up is over take tasks."""
    state, size, joined = work.state, len(work.instance_ready), 0
    while state[INSTANCE_HEAD] < state[INSTANCE_TAIL] and work.instance_ready[state[INSTANCE_HEAD] % size] <= time:
        joined += work.instance_count[state[INSTANCE_HEAD] % size]
        state[INSTANCE_HEAD] += 1
    if joined:
        state[INSTANCES_STARTING] -= joined
        state[INSTANCES] += joined
        note(plan, work, notes, time, INSTANCES_JOINED, 0, 0.0, 0, state[INSTANCES] - joined, joined, state[INSTANCES])


def add_instances(plan: Plan, work: Work, notes: Notes, time: int, needed: int) -> None:
    """Launch what is missing, between the step sizes; not while an instance is younger than its warm-up."""
    state = work.state
    present = state[INSTANCES] + state[INSTANCES_STARTING]
    wanted = math.ceil(100.0 * needed / plan.reservation_target - GUARD)
    if state[INSTANCES] == 0 and needed > 0:
        wanted = math.ceil(200.0 / plan.reservation_target - GUARD)
    if wanted <= present or present >= plan.instance_maximum:
        return
    if time < state[YOUNG_UNTIL]:
        note(
            plan,
            work,
            notes,
            time,
            INSTANCES_HELD,
            0,
            reservation(needed, state[INSTANCES]),
            needed,
            present,
            wanted,
            present,
        )
        return
    step = min(plan.instance_most_step, max(plan.instance_least_step, wanted - present))
    launched = min(step, plan.instance_maximum - present)
    place = state[INSTANCE_TAIL] % len(work.instance_ready)
    work.instance_ready[place] = time + plan.instance_start_up
    work.instance_count[place] = launched
    state[INSTANCE_TAIL] += 1
    state[INSTANCES_STARTING] += launched
    state[YOUNG_UNTIL] = time + plan.instance_start_up + plan.instance_warm_up
    metric = reservation(needed, state[INSTANCES])
    note(plan, work, notes, time, INSTANCES_OUT, 0, metric, needed, present, wanted, present + launched)


def remove_instances(plan: Plan, work: Work, notes: Notes, time: int, needed: int) -> None:
    """End empty instances: at least one, at most half, never more than are empty."""
    state = work.state
    running = state[INSTANCES]
    wanted = max(plan.instance_minimum, math.ceil(100.0 * needed / plan.reservation_target - GUARD))
    ended = min(running - wanted, running - needed, max(1, math.floor(running * plan.instance_in_fraction + GUARD)))
    if ended <= 0:
        if running > plan.instance_minimum and wanted < running:
            note(
                plan,
                work,
                notes,
                time,
                INSTANCES_NOT_EMPTY,
                0,
                reservation(needed, running),
                needed,
                running,
                wanted,
                running,
            )
        return
    state[INSTANCES] -= ended
    note(
        plan, work, notes, time, INSTANCES_IN, 0, reservation(needed, running), needed, running, wanted, running - ended
    )


def size_instances(plan: Plan, alarms: Alarms, work: Work, notes: Notes, time: int) -> None:
    """Run managed scaling where its alarms were invoked at this instant."""
    for alarm in range(len(alarms.policy)):
        if alarms.policy[alarm] == MANAGED_SCALING and work.invoked[alarm] == time:
            needed = instances_needed(plan, work)
            if alarms.raises[alarm]:
                add_instances(plan, work, notes, time, needed)
            else:
                remove_instances(plan, work, notes, time, needed)
