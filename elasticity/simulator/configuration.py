"""Rules, load and conditions as the arrays of one run; every fault is told at once before anything runs."""

from __future__ import annotations

import dataclasses
import functools
import math
import operator
from collections.abc import Callable, Mapping
from types import MappingProxyType

import numpy as np
import numpy.typing as npt

from elasticity.alarms import Alarm
from elasticity.autoscaler import layout
from elasticity.autoscaler.layout import Plan
from elasticity.autoscaler.rule_rows import RuleRows
from elasticity.autoscaler.tables import AlarmRow, PolicyRow, rule_tables
from elasticity.platforms import PlatformParameters
from elasticity.rules import Elasticity
from elasticity.simulator.calendar import forecast_entries, scheduled_entries
from elasticity.simulator.conditions import TICKS, Conditions, SimulationError
from elasticity.simulator.demand import reaction_utilisation
from elasticity.simulator.failures import RollingDeployment, power_limit
from elasticity.simulator.prepared import Prepared
from elasticity.simulator.response_time import longest_reach, lowest_breach, only_breaches_are_read
from elasticity.simulator.settled import settled_units
from elasticity.traces import Load
from elasticity.waking import NAME_TAKEN, taken_names, with_wake

ALL_KINDS = (1 << layout.CALCULATED + 1) - 1
"""Every kind of signal, each as the bit of its number."""
MAXIMUM_TICKS = 50_000_000
Reals = npt.NDArray[np.float64]
Counts = npt.NDArray[np.int64]


@dataclasses.dataclass(frozen=True)
class Scenario:
    """One run, ready for the kernel: its arrays, and the names that its log needs."""

    plan: Plan
    tables: Mapping[str, int | list[int] | list[float]]
    """Fields of `layout.Tables`, each as long as there are rows."""
    rates: Reals
    window: Reals
    needed: Counts
    demand: Mapping[str, float]
    """Sums over the load alone, as `elasticity.simulator.prepared.Prepared.demand`."""
    columns: Reals
    calendar: Counts
    forecasts: Counts
    pauses: Counts
    events: Counts
    """What fails: rows of `plant.state.EVENT`."""
    failure_names: tuple[str, ...]
    alarm_rows: tuple[AlarmRow, ...]
    policy_rows: tuple[PolicyRow, ...]
    schedule_names: tuple[str, ...]
    forecast_names: tuple[str, ...]
    points: int
    """Length of the ring of datapoints of all signals."""
    maximum_units: int
    """No more units than that can ever be wanted."""


def configure(
    rules: Elasticity, prepared: Prepared, *, record: bool, edited: Mapping[str, Alarm] = MappingProxyType({})
) -> Scenario:
    """The arrays of one run; `edited` as in `Held`.

    Raises SimulationError with every fault of rules, load and conditions together.
    """
    load, conditions = prepared.load, prepared.conditions
    faults = conditions.faults()
    faults += [f"{kind}.{name}: {NAME_TAKEN}; choose another name" for kind, name in taken_names(rules)]
    rules, unit = with_wake(rules, conditions.platform), rules.unit
    if unit.capacity is None or unit.capacity <= 0:
        faults.append("unit.capacity: missing, the simulator needs the requests that one unit serves, such as 50/s")
    if rules.minimum > rules.maximum:
        faults.append("minimum: is above the maximum")
    faults += _load_faults(load, conditions)
    try:
        parameters, provider = prepared.service_parameters, prepared.provider_parameters
    except ValueError as error:
        raise SimulationError("\n".join([*faults, str(error)])) from None
    if faults:
        raise SimulationError("\n".join(faults))
    rows = RuleRows(
        rules, tuple(load.columns), parameters, conditions.tick, conditions.default_instance_warm_up, edited
    )
    for name, tracking in rules.target_tracking.items():
        rows.tracking(name, tracking)
    for name, step in rules.step_scaling.items():
        rows.step(name, step)
    if provider is not None and conditions.instances is not None:
        rows.managed_scaling(provider, conditions.instances.target_capacity)
    calendar = prepared.rows(
        tuple(rules.scheduled.items()),
        lambda faults: scheduled_entries(rules, load, conditions, parameters, faults),
        rows.faults,
    )
    forecasts = prepared.rows(
        (rules.unit, *rules.predictive.items()),
        lambda faults: forecast_entries(rules, prepared, faults),
        rows.faults,
    )
    rows.refuse_too_many()
    if rows.faults:
        raise SimulationError("\n".join(rows.faults))
    return _assembled(rules, prepared, rows, provider, calendar, forecasts, record)


def _load_faults(load: Load, conditions: Conditions) -> list[str]:
    found: list[str] = []
    if conditions.tick not in TICKS:
        return found
    if load.seconds < conditions.tick:
        found.append(f"load: is {load.seconds} s long, expected at least one tick of {conditions.tick} s")
    elif load.seconds // conditions.tick > MAXIMUM_TICKS:
        found.append(f"load: {load.seconds // conditions.tick} ticks, allowed {MAXIMUM_TICKS}: take a longer tick")
    elif load.start.timestamp() % conditions.tick:
        found.append(
            f"load: starts at {load.start.isoformat()}, expected a multiple of the tick of {conditions.tick} s"
        )
    return found


def _assembled(
    rules: Elasticity,
    prepared: Prepared,
    rows: RuleRows,
    provider: PlatformParameters | None,
    calendar: Counts,
    forecasts: Counts,
    record: bool,
) -> Scenario:
    load, conditions = prepared.load, prepared.conditions
    tables, alarm_rows, points = rule_tables(rows, int(load.start.timestamp()), conditions.tick)
    plan = _plan(rules, prepared, rows, provider, record)
    schedules, raised = calendar.reshape(-1, layout.SCHEDULE), forecasts.reshape(-1, layout.FORECAST)
    maximum_units = max(
        plan.initial,
        plan.maximum,
        schedules[:, layout.SCHEDULE_MAXIMUM : layout.SCHEDULE_DESIRED + 1].max(initial=0),
        raised[:, layout.FORECAST_MAXIMUM].max(initial=0),
    )
    return Scenario(
        plan=plan,
        tables=tables,
        rates=prepared.rates,
        window=prepared.window(plan.timeout) if not plan.retry_limit else np.zeros(plan.timeout // plan.tick),
        needed=prepared.needed(rules.unit),
        demand=prepared.demand(rules.unit),
        columns=prepared.columns,
        calendar=calendar,
        forecasts=forecasts,
        pauses=_pauses(load, conditions),
        events=prepared.events,
        failure_names=tuple(conditions.failures),
        alarm_rows=alarm_rows,
        policy_rows=tuple(rows.policies),
        schedule_names=tuple(rules.scheduled),
        forecast_names=tuple(rules.predictive),
        points=points,
        maximum_units=int(maximum_units),
    )


def _pauses(load: Load, conditions: Conditions) -> Counts:
    """Deployments in seconds of the run, in order; those that touch are one."""
    spans = [
        (math.floor(one.at), math.ceil(one.end))
        for one in conditions.failures.values()
        if isinstance(one, RollingDeployment)
    ]
    spans += (
        (math.floor((item.start - load.start).total_seconds()), math.ceil((item.end - load.start).total_seconds()))
        for item in conditions.deployments
    )
    merged: list[list[int]] = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1]:
            merged[-1][1] = max(merged[-1][1], end)
        else:
            merged.append([start, end])
    return np.array(merged, dtype=np.int64).reshape(-1)


def _plan(
    rules: Elasticity, prepared: Prepared, rows: RuleRows, provider: PlatformParameters | None, record: bool
) -> Plan:
    load, conditions = prepared.load, prepared.conditions
    parameters, unit, up = rows.parameters, rules.unit, rows.up
    instances, initial = conditions.instances, rules.at_creation
    if conditions.begins == "settled":
        initial = settled_units(rules, prepared.rate_at_start, conditions)
    capacity = float(unit.capacity or 0.0)
    service_time = float(unit.service_time or 0.0)
    burst, rate = parameters.launch_burst, parameters.launch_rate
    if conditions.waits_for_instances:
        burst = None
    full_memory = unit.idle_memory if unit.full_memory is None else unit.full_memory
    per_instance = instances.units_per_instance if instances else 1
    present = -(-initial // per_instance)
    group_start_up = provider.start_up if provider else 0.0
    if instances is not None and instances.start_up is not None:
        group_start_up = instances.start_up
    return plan_of(
        ticks=load.seconds // conditions.tick,
        tick=conditions.tick,
        warms_up=int(parameters.behaviour.rule_warm_ups),
        on_instances=int(conditions.waits_for_instances),
        record=int(record),
        minimum=rules.minimum,
        maximum=rules.maximum,
        initial=initial,
        failing=int(bool(conditions.failures)),
        unit_capacity=capacity,
        power_limit=power_limit(conditions.failures, capacity),
        idle_cpu=float(unit.idle_cpu) / 100.0,
        idle_memory=float(unit.idle_memory),
        memory_slope=float(full_memory - unit.idle_memory),
        service_time=service_time,
        servers_per_unit=max(1.0, capacity * service_time),
        variability=(conditions.arrival_variation + conditions.service_variation) / 2.0,
        latency_goal=math.inf if conditions.latency_goal is None else float(conditions.latency_goal),
        latency_read=int(record or not only_breaches_are_read(rows.signals, rows.alarms, conditions.tick)),
        latency_limit=lowest_breach(rows.signals, rows.alarms),
        read=ALL_KINDS if record else functools.reduce(operator.or_, (1 << one.kind for one in rows.signals), 0),
        uneven=int(up(conditions.slow_start) > 0 or math.isfinite(power_limit(conditions.failures, capacity))),
        latency_hold=longest_reach(rows.signals, rows.alarms, conditions.tick),
        reaction_utilisation=reaction_utilisation(rules),
        time_per_message=float(rules.queue.time_per_message) if rules.queue else 0.0,
        start_up=up(parameters.start_up if unit.start_up is None else unit.start_up),
        running_after=_running_after(rules, parameters, up),
        start_up_cpu=float(unit.idle_cpu if unit.start_up_cpu is None else unit.start_up_cpu),
        drain=up(parameters.drain),
        slow_start=up(conditions.slow_start),
        warm_up=rows.warm_up(None),
        burst=layout.UNLIMITED if burst is None else burst,
        launch_rate=round((rate or 0.0) * 1_000),
        requests_received=int(parameters.requests_counted == "received"),
        overflow=layout.LOSS if conditions.overflow == "loss" else layout.QUEUE,
        timeout=up(conditions.client_timeout or 0.0),
        longest_wait=float(conditions.client_timeout or math.inf),
        impatient=int(conditions.overflow == "loss" or bool(conditions.client_timeout or conditions.retries)),
        retry_limit=conditions.retries.limit if conditions.retries else 0,
        retry_factor=conditions.retries.factor if conditions.retries else 0.0,
        scale_in_fraction=float(parameters.max_scale_in_fraction),
        reversal_window=int(conditions.reversal_window),
        warming_counts=int(not conditions.default_instance_warm_up),
        fresh_keeps=int(conditions.fresh_breach == "previous"),
        units_per_instance=per_instance,
        instance_minimum=instances.minimum if instances else 0,
        instance_maximum=instances.maximum if instances else 0,
        instance_initial=_initial_instances(conditions, present),
        instance_start_up=up(group_start_up),
        instance_warm_up=up((provider.warm_up if provider else None) or 0.0),
        reservation_target=float(instances.target_capacity) if instances else 100.0,
        instance_minimum_step=(provider.minimum_step if provider else None) or 1,
        instance_maximum_step=(provider.maximum_step if provider else None) or 1,
        instance_in_fraction=float(provider.max_scale_in_fraction) if provider else 1.0,
    )


def _running_after(rules: Elasticity, parameters: PlatformParameters, up: Callable[[float], int]) -> int:
    """Seconds until a starting unit counts as running: on a group it counts once it serves and is warm."""
    start_up = up(parameters.start_up if rules.unit.start_up is None else rules.unit.start_up)
    if rules.unit.running_after is None or parameters.behaviour.rule_warm_ups:
        return start_up
    return min(start_up, up(rules.unit.running_after))


def plan_of(**numbers: float) -> Plan:
    """A plan with every field given, each in its own type."""
    plan = Plan()
    for name, annotation in Plan.__annotations__.items():
        setattr(plan, name, int(numbers[name]) if annotation == "int" else float(numbers[name]))
    return plan


def _initial_instances(conditions: Conditions, present: int) -> int:
    if conditions.instances is None:
        return 0
    if conditions.instances.initial is None:
        return min(conditions.instances.maximum, max(conditions.instances.minimum, present))
    return conditions.instances.initial
