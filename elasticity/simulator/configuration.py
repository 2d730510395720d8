"""Rules, load and conditions as the arrays of one run; every fault is told at once before anything runs."""

from __future__ import annotations

import dataclasses
import datetime
import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from elasticity.alarms import Alarm, managed_alarms
from elasticity.platforms import PlatformParameters
from elasticity.rules import Elasticity, StepScaling, TargetTracking
from elasticity.simulator.calendar import forecast_entries, scheduled_entries
from elasticity.simulator.conditions import Conditions, SimulationError
from elasticity.simulator.demand import needed_units, reaction_utilisation
from elasticity.simulator.kernel import layout
from elasticity.simulator.kernel.layout import Alarms, Calendar, Forecasts, Loads, Pauses, Plan, Policies, Signals, Steps
from elasticity.simulator.signals import Signal, signal_of
from elasticity.traces import Load

MOST_TICKS = 50_000_000
PLATFORM_CODES = {
    "ecs_service": layout.ECS_SERVICE,
    "ec2_group": layout.EC2_GROUP,
    "capacity_provider": layout.CAPACITY_PROVIDER,
}
COMPARISONS = {
    "GreaterThanOrEqualToThreshold": layout.AT_LEAST,
    "GreaterThanThreshold": layout.ABOVE,
    "LessThanOrEqualToThreshold": layout.AT_MOST,
    "LessThanThreshold": layout.BELOW,
}
MISSING = {
    "missing": layout.MISSING,
    "ignore": layout.IGNORE,
    "breaching": layout.BREACHING,
    "notBreaching": layout.NOT_BREACHING,
}
ADJUSTMENTS = {"change": layout.CHANGE, "percent": layout.PERCENT, "exact": layout.EXACT}
AGGREGATIONS = {"Average": layout.AVERAGE, "Minimum": layout.LEAST, "Maximum": layout.MOST}
Array = npt.NDArray[np.float64] | npt.NDArray[np.int64]


class AlarmRow(NamedTuple):
    """One alarm with its owner, for arrays and for words."""

    signal: int
    alarm: Alarm
    policy: int
    raises: int
    name: str


class PolicyRow(NamedTuple):
    """One policy, for arrays and for words; alarms are positions in the sorted list."""

    name: str
    rule: TargetTracking | StepScaling
    signal: int
    warm_up: int
    out_cooldown: int
    in_cooldown: int


@dataclasses.dataclass(frozen=True)
class Scenario:
    """One run, ready for the kernel: its arrays, and the names that its log needs."""

    plan: Plan
    loads: Loads
    signals: Signals
    alarms: Alarms
    policies: Policies
    steps: Steps
    calendar: Calendar
    forecasts: Forecasts
    pauses: Pauses
    alarm_rows: tuple[AlarmRow, ...]
    policy_rows: tuple[PolicyRow, ...]
    calendar_names: tuple[str, ...]
    points: int
    """Length of the ring of datapoints of all signals."""
    most_units: int
    """No more units than that can ever be wanted."""


class _Builder:
    """Collects signals, alarms and policies, and what is wrong with them."""

    def __init__(self, rules: Elasticity, load: Load, conditions: Conditions, parameters: PlatformParameters) -> None:
        self.rules, self.conditions, self.parameters = rules, conditions, parameters
        self.columns = tuple(load.columns)
        self.faults: list[str] = []
        self.signals: list[Signal] = []
        self.alarms: list[AlarmRow] = []
        self.policies: list[PolicyRow] = []

    def up(self, seconds: float) -> int:
        """Seconds, rounded up to whole ticks."""
        return math.ceil(seconds / self.conditions.tick - 1e-9) * self.conditions.tick

    def signal(self, path: str, metric: str, period: int | None) -> int | None:
        try:
            signal = signal_of(metric, self.rules, self.columns, self.parameters, period)
        except ValueError as error:
            self.faults.append(f"{path}.metric: {metric}: {error}")
            return None
        if signal.period % self.conditions.tick or signal.again % self.conditions.tick:
            self.faults.append(
                f"{path}: a period of {signal.period} s needs a tick that divides it, got {self.conditions.tick} s: "
                f"simulate with tick={math.gcd(signal.period, 10)}"
            )
            return None
        return self.add_signal(signal)

    def add_signal(self, signal: Signal) -> int:
        if signal not in self.signals:
            self.signals.append(signal)
        return self.signals.index(signal)

    def tracking(self, name: str, rule: TargetTracking) -> None:
        path = f"target_tracking.{name}"
        self.refuse_foreign(path, rule, ("scale_in_cooldown", "scale_out_cooldown"))
        signal = self.signal(path, rule.metric, None)
        if signal is None:
            return
        pair = managed_alarms(
            self.parameters, float(rule.target), period=self.signals[signal].period, disable_scale_in=not rule.scale_in
        )
        place = len(self.policies)
        self.alarms.append(AlarmRow(signal, pair.high, place, 1, f"{name}-AlarmHigh"))
        if pair.low is not None:
            self.alarms.append(AlarmRow(signal, pair.low, place, 0, f"{name}-AlarmLow"))
        self.policies.append(
            PolicyRow(
                name=name,
                rule=rule,
                signal=signal,
                warm_up=self.warm_up(rule.warm_up),
                out_cooldown=self.cooldown(rule.scale_out_cooldown, self.parameters.scale_out_cooldown),
                in_cooldown=self.cooldown(rule.scale_in_cooldown, self.parameters.scale_in_cooldown),
            )
        )

    def step(self, name: str, rule: StepScaling) -> None:
        path = f"step_scaling.{name}"
        self.refuse_foreign(path, rule, ("cooldown",))
        signal = self.signal(path, rule.metric, int(rule.period))
        if signal is None:
            return
        alarm = Alarm(
            threshold=float(rule.threshold),
            comparison=rule.comparison,
            evaluation_periods=rule.evaluation_periods,
            datapoints_to_alarm=rule.datapoints_to_alarm or rule.evaluation_periods,
            period=int(rule.period),
            missing=rule.missing_data,
            extra_range=self.parameters.extra_range,
        )
        if alarm.datapoints_to_alarm > alarm.evaluation_periods:
            self.faults.append(f"{path}.datapoints_to_alarm: more than the evaluation periods")
        self.alarms.append(AlarmRow(signal, alarm, len(self.policies), 0, f"{name}-Alarm"))
        self.policies.append(
            PolicyRow(
                name=name,
                rule=rule,
                signal=signal,
                warm_up=self.warm_up(rule.warm_up),
                out_cooldown=self.cooldown(rule.cooldown, self.parameters.scale_out_cooldown),
                in_cooldown=self.cooldown(rule.cooldown, self.parameters.scale_in_cooldown),
            )
        )

    def refuse_foreign(self, path: str, rule: TargetTracking | StepScaling, cooldowns: tuple[str, ...]) -> None:
        """A group has warm-ups, a service cooldowns; the other is refused with the cure."""
        if self.conditions.platform == "ec2_group":
            for field in cooldowns:
                if getattr(rule, field) is not None:
                    self.faults.append(f"{path}.{field}: an EC2 group has no such cooldown: set `warm_up` instead")
        elif rule.warm_up is not None:
            self.faults.append(f"{path}.warm_up: a service has no warm-up: set a cooldown instead")

    def warm_up(self, own: float | None) -> int:
        default = self.conditions.default_instance_warm_up
        if default is None:
            default = 300.0 if self.parameters.warm_up is None else self.parameters.warm_up
        return self.up(default if own is None else own)

    def cooldown(self, own: float | None, default: float | None) -> int:
        return self.up(own if own is not None else default or 0.0)

    def managed_scaling(self, provider: PlatformParameters, target: float) -> None:
        """The alarms that size the group below a capacity provider."""
        signal = self.add_signal(Signal(layout.RESERVATION, 0, 60, provider.publication_delay, 60))
        pair = managed_alarms(provider, target)
        self.alarms.append(AlarmRow(signal, pair.high, layout.MANAGED_SCALING, 1, "capacity-provider-AlarmHigh"))
        if pair.low is not None:
            self.alarms.append(AlarmRow(signal, pair.low, layout.MANAGED_SCALING, 0, "capacity-provider-AlarmLow"))


def configure(rules: Elasticity, load: Load, conditions: Conditions, *, record: bool) -> Scenario:
    """The arrays of one run; raises SimulationError with every fault of rules, load and conditions together."""
    faults = conditions.faults()
    unit = rules.unit
    if unit.capacity is None or unit.capacity <= 0:
        faults.append("unit.capacity: missing, the simulator needs the requests that one unit serves, such as 50/s")
    if rules.minimum > rules.maximum:
        faults.append("minimum: is above the maximum")
    faults += _load_faults(load, conditions)
    try:
        parameters = conditions.service_parameters()
        provider = conditions.provider_parameters()
    except ValueError as error:
        raise SimulationError("\n".join([*faults, str(error)])) from None
    if faults:
        raise SimulationError("\n".join(faults))
    builder = _Builder(rules, load, conditions, parameters)
    for name, tracking in rules.target_tracking.items():
        builder.tracking(name, tracking)
    for name, step in rules.step_scaling.items():
        builder.step(name, step)
    if provider is not None and conditions.instances is not None:
        builder.managed_scaling(provider, conditions.instances.target_capacity)
    calendar, calendar_names = scheduled_entries(rules, load, conditions, parameters, builder.faults)
    forecasts, forecast_names = forecast_entries(rules, load, conditions, builder.faults)
    if builder.faults:
        raise SimulationError("\n".join(builder.faults))
    return _assembled(rules, load, builder, provider, calendar, forecasts, (calendar_names, forecast_names), record)


def _load_faults(load: Load, conditions: Conditions) -> list[str]:
    found = []
    if conditions.tick < 1 or load.seconds < conditions.tick:
        found.append(f"load: is {load.seconds} s long, expected at least one tick of {conditions.tick} s")
    elif load.seconds // conditions.tick > MOST_TICKS:
        found.append(f"load: {load.seconds // conditions.tick} ticks, allowed {MOST_TICKS}: take a longer tick")
    elif load.start.timestamp() % conditions.tick:
        found.append(f"load: starts at {load.start.isoformat()}, expected a multiple of the tick of {conditions.tick} s")
    return found


def _assembled(
    rules: Elasticity,
    load: Load,
    builder: _Builder,
    provider: PlatformParameters | None,
    calendar: Calendar,
    forecasts: Forecasts,
    names: tuple[tuple[str, ...], tuple[str, ...]],
    record: bool,
) -> Scenario:
    conditions, parameters = builder.conditions, builder.parameters
    order = sorted(range(len(builder.alarms)), key=lambda place: builder.alarms[place].signal)
    alarm_rows = tuple(builder.alarms[place] for place in order)
    signals, points = _signal_arrays(builder, alarm_rows, int(load.start.timestamp()))
    policies, steps = _policy_arrays(builder.policies, alarm_rows)
    plan = _plan(rules, load, builder, provider, record)
    most = max(
        [plan.initial, plan.maximum, *map(int, calendar.maximum), *map(int, calendar.desired), *map(int, forecasts.maximum)]
    )
    assert parameters is not None
    return Scenario(
        plan=plan,
        loads=_loads(rules, load, conditions, builder.columns, plan),
        signals=signals,
        alarms=_alarm_arrays(alarm_rows),
        policies=policies,
        steps=steps,
        calendar=calendar,
        forecasts=forecasts,
        pauses=_pauses(load, conditions),
        alarm_rows=alarm_rows,
        policy_rows=tuple(builder.policies),
        calendar_names=names[0] + names[1],
        points=points,
        most_units=most,
    )


def whole(values: Sequence[int]) -> npt.NDArray[np.int64]:
    """An array of whole numbers."""
    return np.array(values, dtype=np.int64)


def real(values: Sequence[float]) -> npt.NDArray[np.float64]:
    """An array of reals."""
    return np.array(values, dtype=np.float64)


def _signal_arrays(builder: _Builder, rows: Sequence[AlarmRow], epoch: int) -> tuple[Signals, int]:
    ring, table = 0, []
    for place, signal in enumerate(builder.signals):
        own = [position for position, row in enumerate(rows) if row.signal == place]
        delay = builder.up(signal.delay)
        longest = max((rows[position].alarm.evaluation_range for position in own), default=1)
        size = longest + delay // signal.period + 3
        close = signal.period - epoch % signal.period
        first, last = (own[0], own[-1] + 1) if own else (0, 0)
        table.append(
            (signal.kind, signal.column, signal.period, delay, signal.again, close, close + delay, first, last, ring, size)
        )
        ring += size
    columns = zip(*table, strict=True) if table else [()] * len(Signals._fields)
    return Signals(*(whole(column) for column in columns)), ring  # type: ignore[arg-type]


def _alarm_arrays(rows: Sequence[AlarmRow]) -> Alarms:
    return Alarms(  # type: ignore[call-arg]
        threshold=real([row.alarm.threshold for row in rows]),  # type: ignore[arg-type]
        **{
            name: whole(values)
            for name, values in {
                "comparison": [COMPARISONS[row.alarm.comparison] for row in rows],
                "periods": [row.alarm.evaluation_periods for row in rows],
                "enough": [row.alarm.datapoints_to_alarm for row in rows],
                "range": [row.alarm.evaluation_range for row in rows],
                "missing": [MISSING[row.alarm.missing] for row in rows],
                "policy": [row.policy for row in rows],
                "raises": [row.raises for row in rows],
            }.items()
        },
    )


def _policy_arrays(rows: Sequence[PolicyRow], alarms: Sequence[AlarmRow]) -> tuple[Policies, Steps]:
    own: list[list[int]] = [[] for _ in rows]
    for position, alarm in enumerate(alarms):
        if alarm.policy >= 0:
            own[alarm.policy].append(position)
    table, steps = [], []
    targets = []
    for place, row in enumerate(rows):
        first = len(steps)
        if isinstance(row.rule, TargetTracking):
            low = own[place][1] if len(own[place]) > 1 else -1
            specific = (layout.TRACKING, row.signal, own[place][0], low)
            step_values = (layout.CHANGE, 0, layout.AVERAGE, 0)
            targets.append(float(row.rule.target))
        else:
            rule = row.rule
            specific = (layout.STEPS, row.signal, own[place][0], -1)
            low_side = 0 if rule.scales_out else 1
            step_values = (
                ADJUSTMENTS[rule.adjustment],
                rule.minimum_adjustment or 0,
                AGGREGATIONS[rule.aggregation],
                low_side,
            )
            targets.append(float(rule.threshold))
            steps += [
                (
                    -math.inf if step.from_ is None else float(step.from_),
                    math.inf if step.to is None else float(step.to),
                    step.change,
                )
                for step in rule.steps
            ]
        table.append((*specific, row.out_cooldown, row.in_cooldown, row.warm_up, *step_values, first, len(steps)))
    columns = [whole(column) for column in zip(*table, strict=True)] if table else [whole(())] * 13
    policies = Policies(columns[0], columns[1], real(targets), *columns[2:])  # type: ignore[arg-type]
    return policies, Steps(  # type: ignore[arg-type]
        real([step[0] for step in steps]), real([step[1] for step in steps]), whole([step[2] for step in steps])
    )


def _loads(rules: Elasticity, load: Load, conditions: Conditions, columns: tuple[str, ...], plan: Plan) -> Loads:
    rate = load.per_tick(plan.tick, plan.ticks)
    window: npt.NDArray[np.float64] = real(())
    if plan.timeout > 0:
        arrived = np.concatenate(([0.0], np.cumsum(rate * plan.tick)))
        ends = np.arange(1, plan.ticks + 1)
        window = arrived[ends] - arrived[np.maximum(0, ends - plan.timeout // plan.tick)]
    series = [load.column_per_tick(name, plan.tick, plan.ticks) for name in columns]
    return Loads(  # type: ignore[arg-type]
        rate=rate,
        window=window,
        needed=needed_units(rate, rules.unit, conditions),
        columns=np.concatenate(series) if series else real(()),
    )


def _pauses(load: Load, conditions: Conditions) -> Pauses:
    """Deployments in seconds of the run, in order; those that touch are one."""
    spans = sorted(
        (math.floor((item.start - load.start).total_seconds()), math.ceil((item.end - load.start).total_seconds()))
        for item in conditions.deployments
    )
    merged: list[list[int]] = []
    for start, end in spans:
        if merged and start <= merged[-1][1]:
            merged[-1][1] = max(merged[-1][1], end)
        else:
            merged.append([start, end])
    return Pauses(whole([span[0] for span in merged]), whole([span[1] for span in merged]))  # type: ignore[arg-type]


def _plan(
    rules: Elasticity, load: Load, builder: _Builder, provider: PlatformParameters | None, record: bool
) -> Plan:
    conditions, parameters, unit, up = builder.conditions, builder.parameters, rules.unit, builder.up
    instances, initial = conditions.instances, rules.at_creation
    capacity = float(unit.capacity or 0.0)
    service_time = float(unit.service_time or 0.0)
    burst, rate = parameters.launch_burst, parameters.launch_rate
    if conditions.platform == "capacity_provider":
        burst = None
    full_memory = unit.idle_memory if unit.full_memory is None else unit.full_memory
    per_instance = instances.units_per_instance if instances else 1
    present = -(-initial // per_instance)
    group_start_up = provider.start_up if provider else 0.0
    if instances is not None and instances.start_up is not None:
        group_start_up = instances.start_up
    return Plan(
        ticks=load.seconds // conditions.tick,
        tick=conditions.tick,
        platform=PLATFORM_CODES[conditions.platform],
        record=int(record),
        minimum=rules.minimum,
        maximum=rules.maximum,
        initial=initial,
        unit_capacity=capacity,
        idle_cpu=float(unit.idle_cpu) / 100.0,
        idle_memory=float(unit.idle_memory),
        memory_slope=float(full_memory - unit.idle_memory),
        service_time=service_time,
        servers_per_unit=max(1.0, capacity * service_time),
        variability=(conditions.arrival_variation + conditions.service_variation) / 2.0,
        latency_goal=math.inf if conditions.latency_goal is None else float(conditions.latency_goal),
        reaction_utilisation=reaction_utilisation(rules),
        time_per_message=float(rules.queue.time_per_message) if rules.queue else 0.0,
        start_up=up(parameters.start_up if unit.start_up is None else unit.start_up),
        drain=up(parameters.drain),
        slow_start=up(conditions.slow_start),
        warm_up=builder.warm_up(None),
        burst=layout.UNLIMITED if burst is None else burst,
        launch_rate=round((rate or 0.0) * 1_000),
        overflow=layout.LOSS if conditions.overflow == "loss" else layout.QUEUE,
        timeout=up(conditions.client_timeout or 0.0),
        scale_in_fraction=float(parameters.max_scale_in_fraction),
        reversal_window=int(conditions.reversal_window),
        units_per_instance=per_instance,
        instance_minimum=instances.minimum if instances else 0,
        instance_maximum=instances.maximum if instances else 0,
        instance_initial=_initial_instances(conditions, present),
        instance_start_up=up(group_start_up),
        instance_warm_up=up((provider.warm_up if provider else None) or 0.0),
        reservation_target=float(instances.target_capacity) if instances else 100.0,
        instance_least_step=(provider.minimum_step if provider else None) or 1,
        instance_most_step=(provider.maximum_step if provider else None) or 1,
        instance_in_fraction=float(provider.max_scale_in_fraction) if provider else 1.0,
    )


def _initial_instances(conditions: Conditions, present: int) -> int:
    if conditions.instances is None:
        return 0
    return present if conditions.instances.initial is None else conditions.instances.initial


def utc(load: Load, second: float) -> datetime.datetime:
    """The time `second` seconds into the run."""
    return load.start.astimezone(datetime.UTC) + datetime.timedelta(seconds=second)
