"""What each rule of a set becomes: signals, alarms and policies as rows, and what is wrong with them."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from types import MappingProxyType

from elasticity.alarms import Alarm, Missing, managed_alarms
from elasticity.autoscaler import layout
from elasticity.autoscaler.signals import Signal, Signals
from elasticity.autoscaler.tables import AlarmRow, PolicyRow
from elasticity.platforms import MINUTE, PlatformParameters
from elasticity.rules import Elasticity, StepScaling, TargetTracking


class RuleRows:
    """Collects signals, alarms and policies, and what is wrong with them."""

    def __init__(
        self,
        rules: Elasticity,
        columns: tuple[str, ...],
        parameters: PlatformParameters,
        tick: int,
        default_warm_up: float | None,
        edited: Mapping[str, Alarm] = MappingProxyType({}),
    ) -> None:
        """`columns`: metrics that are given, not derived; `tick` in seconds; `default_warm_up`: the group's own;
        `edited`: alarms of target tracking by name, as they stand where somebody has edited them."""
        self.rules, self.parameters = rules, parameters
        self.tick, self.default_warm_up = tick, default_warm_up
        self.edited = edited
        self.faults: list[str] = []
        self.behind = Signals(rules, columns, parameters)
        self.alarms: list[AlarmRow] = []
        self.policies: list[PolicyRow] = []

    def up(self, seconds: float) -> int:
        """Seconds, rounded up to whole ticks."""
        return math.ceil(seconds / self.tick - 1e-9) * self.tick

    def signal(self, path: str, metric: str, period: int | None, published: int | None = None) -> int | None:
        """Position of the signal behind a metric; None where it cannot be had, which is then a fault at `path`."""
        try:
            place = self.behind.of(metric, period, published)
        except ValueError as error:
            self.faults.append(f"{path}.metric: {metric}: {error}")
            return None
        signal = self.signals[place]
        if signal.period % self.tick or signal.again % self.tick:
            self.faults.append(
                f"{path}: a period of {signal.period} s needs a tick that divides it, got {self.tick} s: "
                f"simulate with tick={math.gcd(signal.period, 10)}"
            )
            return None
        return place

    @property
    def signals(self) -> list[Signal]:
        """All signals so far."""
        return self.behind.made

    def tracking(self, name: str, rule: TargetTracking) -> None:
        """The policy of a tracking rule, with its one or two alarms."""
        path = f"target_tracking.{name}"
        self.refuse_foreign(path, rule, ("scale_in_cooldown", "scale_out_cooldown"))
        refused = self.parameters.behaviour.refused_period(rule.metric, rule.metric_period)
        if refused:
            self.faults.append(f"{path}.metric_period: {refused}")
        is_fine = rule.metric_period is not None and rule.metric_period < MINUTE
        signal = self.signal(path, rule.metric, None, int(rule.metric_period or 0) if is_fine else None)
        if signal is None:
            return
        pair = managed_alarms(
            self.parameters, float(rule.target), period=self.signals[signal].period, disable_scale_in=not rule.scale_in
        )
        place = len(self.policies)
        missing = self.missing(rule.metric, "missing")
        for side, alarm in (("AlarmHigh", pair.high), ("AlarmLow", pair.low)):
            if alarm is not None:
                own = dataclasses.replace(alarm, missing=missing)
                self.managed(path, rule, signal, own, place, f"{name}-{side}", lowers=side == "AlarmLow")
        self.policy(name, rule, signal, rule.scale_out_cooldown, rule.scale_in_cooldown)

    def managed(
        self, path: str, rule: TargetTracking, signal: int, alarm: Alarm, policy: int, name: str, *, lowers: bool
    ) -> None:
        """One alarm of a tracking rule: as AWS makes it, or as it stands where somebody has edited it."""
        own: int | None = signal
        if (edited := self.edited.get(name)) is not None:
            alarm = edited
            if edited.period != self.signals[signal].period:
                own = self.signal(path, rule.metric, edited.period)
        if own is not None:
            self.alarms.append(AlarmRow(own, alarm, policy, 0 if lowers else 1, name, lowers=lowers))

    def step(self, name: str, rule: StepScaling) -> None:
        """The policy of a step rule, with its alarm."""
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
            missing=self.missing(rule.metric, rule.missing_data),
            extra_range=self.parameters.extra_range,
        )
        if alarm.datapoints_to_alarm > alarm.evaluation_periods:
            self.faults.append(f"{path}.datapoints_to_alarm: more than the evaluation periods")
        self.alarms.append(AlarmRow(signal, alarm, len(self.policies), 0, f"{name}-Alarm"))
        self.policy(name, rule, signal, rule.cooldown, rule.cooldown)

    def policy(
        self, name: str, rule: TargetTracking | StepScaling, signal: int, outward: float | None, inward: float | None
    ) -> None:
        """The row of a rule's policy, with its own cooldowns or the platform's."""
        self.policies.append(
            PolicyRow(
                name=name,
                rule=rule,
                signal=signal,
                warm_up=self.warm_up(rule.warm_up),
                out_cooldown=self.cooldown(outward, self.parameters.scale_out_cooldown),
                in_cooldown=self.cooldown(inward, self.parameters.scale_in_cooldown),
            )
        )

    def missing(self, metric: str, setting: Missing) -> Missing:
        """What missing data means: an alarm on a metric of DynamoDB keeps its state whatever the setting."""
        declared = self.rules.metrics.get(metric)
        return "ignore" if declared is not None and declared.namespace == "AWS/DynamoDB" else setting

    def refuse_foreign(self, path: str, rule: TargetTracking | StepScaling, cooldowns: tuple[str, ...]) -> None:
        """A group has warm-ups, a service cooldowns; the other is refused with the cure."""
        if self.parameters.behaviour.rule_warm_ups:
            for field in cooldowns:
                if getattr(rule, field) is not None:
                    self.faults.append(f"{path}.{field}: an EC2 group has no such cooldown: set `warm_up` instead")
        elif rule.warm_up is not None:
            self.faults.append(f"{path}.warm_up: a service has no warm-up: set a cooldown instead")

    def warm_up(self, own: float | None) -> int:
        """Seconds that new units of a policy warm up: its own, else the group's, else the platform's."""
        default = self.default_warm_up
        if default is None:
            default = 300.0 if self.parameters.warm_up is None else self.parameters.warm_up
        return self.up(default if own is None else own)

    def cooldown(self, own: float | None, default: float | None) -> int:
        """Seconds of a cooldown."""
        return self.up(own if own is not None else default or 0.0)

    def refuse_too_many(self) -> None:
        """More rows than the tables have room for."""
        steps = sum(len(rule.steps) for rule in self.rules.step_scaling.values())
        for what, count, allowed in (
            ("policies", len(self.policies), layout.LARGE["policy"]),
            ("metrics", len(self.signals), layout.LARGE["signal"]),
            ("steps", steps, layout.LARGE["step"]),
            ("operations of metric math", sum(len(one.program) for one in self.signals), layout.LARGE["code"]),
        ):
            if count > allowed:
                self.faults.append(f"rules: {count} {what}, allowed {allowed}")

    def managed_scaling(self, provider: PlatformParameters, target: float) -> None:
        """The alarms that size the group below a capacity provider."""
        delay = provider.publication_delay
        signal = self.behind.add(Signal(layout.RESERVATION, 0, 60, delay, again=60, age=delay))
        pair = managed_alarms(provider, target)
        self.alarms.append(AlarmRow(signal, pair.high, layout.MANAGED_SCALING, 1, "capacity-provider-AlarmHigh"))
        if pair.low is not None:
            self.alarms.append(AlarmRow(signal, pair.low, layout.MANAGED_SCALING, 0, "capacity-provider-AlarmLow"))
