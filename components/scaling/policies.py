"""Rules as policies: what both Auto Scalings share; how each writes them stands in `ecs_service` and `ec2_group`."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any, ClassVar, Generic, TypeVar

from components.metrics import Measure
from components.scaling import metric_math
from components.scaling.metric_math import Predefined, of_units, specification
from components.scaling.metrics import PREDEFINED
from components.scaling.plan import (
    GroupContext,
    Refused,
    ScalingPlan,
    ScalingResource,
    ServiceContext,
    Translated,
)
from components.scaling.predictive import refused_buffer
from components.scaling.queue import queue_unit, taken_wake
from components.scaling.steps import refused_adjustment, step_alarm, step_inputs, wake_alarm
from elasticity.faults import Fault, KeyPath
from elasticity.platforms import BEHAVIOUR, MINUTE, PlatformName
from elasticity.rules import Elasticity, Predictive, Scheduled, StepScaling, TargetTracking
from elasticity.waking import WAKE, needs_waking, wake_step

ContextT = TypeVar("ContextT", bound=ServiceContext | GroupContext)


class Translation(ABC, Generic[ContextT]):
    """The rules of one service or group on its way to a plan."""

    platform: ClassVar[PlatformName]
    noun: ClassVar[str]
    """What the refusals call it."""
    tracks_periods: ClassVar[str]
    """Why target tracking takes no other period."""
    policy_type: ClassVar[str]
    """Type token of its policies."""

    def __init__(self, rules: Elasticity, context: ContextT) -> None:
        self.rules = rules
        self.context: ContextT = context

    @abstractmethod
    def tracking_policy(self, name: str, rule: TargetTracking, configuration: dict[str, Any]) -> ScalingResource:
        """A policy that holds a target."""

    @abstractmethod
    def step_policy(self, name: str, rule: StepScaling, steps: dict[str, Any]) -> ScalingResource:
        """A policy of steps."""

    @abstractmethod
    def predictive_policy(self, name: str, rule: Predictive, metric: dict[str, Any]) -> ScalingResource:
        """A policy that follows a forecast of `metric`, a predefined pair."""

    @abstractmethod
    def scheduled(self, name: str, rule: Scheduled) -> Translated:
        """A scheduled action."""

    @abstractmethod
    def cooldowns(self, rule: TargetTracking) -> dict[str, int]:
        """The seconds that a tracking policy waits between its actions, where the platform has any."""

    @abstractmethod
    def refused_waits(self, rule: TargetTracking | StepScaling, path: KeyPath) -> Refused:
        """Cooldowns or warm-ups that the platform does not know."""

    def refused_metric(self, metric: str, path: KeyPath) -> Refused:
        """A metric that the platform does not publish here."""
        if metric in metric_math.BALANCED and not self.context.targets:
            return (Fault(path, self._no_balancer(metric), "attach a target group, or scale on cpu or queue_delay"),)
        return ()

    def plan(self, base: ScalingResource | None) -> ScalingPlan:
        """Every rule translated, over `base`."""
        rules = self.rules
        return ScalingPlan(
            base,
            {name: self._target_tracking(name, rule) for name, rule in rules.target_tracking.items()},
            {name: self._step_scaling(name, rule) for name, rule in rules.step_scaling.items()},
            {name: self.scheduled(name, rule) for name, rule in rules.scheduled.items()},
            {name: self._predictive(name, rule) for name, rule in rules.predictive.items()},
            self._wake(),
        )

    def _target_tracking(self, name: str, rule: TargetTracking) -> Translated:
        path = ("target_tracking", name)
        waits = (*self.refused_waits(rule, path), *self._refused_period(rule, path))
        metric = self._tracked(rule, (*path, "metric"))
        if isinstance(metric, tuple):
            return Translated(refusals=(*waits, *metric))
        followed: dict[str, Any]
        if isinstance(metric, Predefined):
            label = {} if metric.label is None else {"resource_label": metric.label}
            followed = {"predefined_metric_specification": {"predefined_metric_type": metric.type, **label}}
        else:
            customized = specification(metric, rule.metric, with_period=len(self._tracked_periods) > 1)
            followed = {"customized_metric_specification": customized}
        configuration = {
            "target_value": float(f"{rule.target / self._unit(rule.metric):.12g}"),
            **self.cooldowns(rule),
            "disable_scale_in": not rule.scale_in,
            **followed,
        }
        return Translated(self.tracking_policy(name, rule, configuration), refusals=waits)

    def _step_scaling(self, name: str, rule: StepScaling) -> Translated:
        path = ("step_scaling", name)
        refused = (*self.refused_waits(rule, path), *refused_adjustment(rule, path))
        measure = self._measure(rule.metric, (*path, "metric"))
        if isinstance(measure, tuple):
            return Translated(refusals=(*refused, *measure))
        unit = self._unit(rule.metric)
        policy = self.step_policy(name, rule, step_inputs(rule, unit))
        return Translated(policy, step_alarm(name, rule, measure, unit, self.policy_type), refused)

    def _predictive(self, name: str, rule: Predictive) -> Translated:
        path = ("predictive", name)
        label: dict[str, Any] = {}
        if rule.metric in metric_math.BALANCED:
            if not self._one_target_group:
                several = f"AWS forecasts the requests of one target group, and this {self.noun} has several"
                reason = several if self.context.targets else self._no_balancer(rule.metric)
                return Translated(refusals=(Fault((*path, "metric"), reason, "forecast on cpu"),))
            label = {"resource_label": self.context.targets[0].label}
        pair = {"predefined_metric_type": PREDEFINED[rule.metric, self.platform].predicted, **label}
        return Translated(self.predictive_policy(name, rule, pair), refusals=refused_buffer(rule, path))

    def _wake(self) -> Translated:
        if not needs_waking(self.rules) or self.rules.queue is None:
            return Translated()
        rule = wake_step(self.rules, cooldown=BEHAVIOUR[self.platform].rule_cooldowns)
        measure = metric_math.waiting_with_none_running(self.rules.queue.name, self.context)
        policy = self.step_policy(WAKE, rule, step_inputs(rule, 1.0))
        return Translated(policy, wake_alarm(rule, measure, self.policy_type), taken_wake(self.rules))

    def _tracked(self, rule: TargetTracking, path: KeyPath) -> Predefined | Measure | Refused:
        """The metric of a rule as a target tracking policy takes it."""
        metric = rule.metric
        names = PREDEFINED.get((metric, self.platform))
        if names is not None and names.of_units:
            is_fine = rule.metric_period is not None and rule.metric_period < MINUTE
            return Predefined((names.fine if is_fine else None) or names.tracked)
        if names is not None and self._one_target_group:
            return Predefined(names.tracked, self.context.targets[0].label)
        measure = self._measure(metric, path)
        if isinstance(measure, tuple):
            return measure
        if any(one.period not in self._tracked_periods for one in measure.references):
            cure = f"set `period: 60s` in metrics.{metric}, or write a step rule"
            return (Fault(path, self.tracks_periods, cure),)
        return measure

    def _refused_period(self, rule: TargetTracking, path: KeyPath) -> Refused:
        reason = BEHAVIOUR[self.platform].refused_period(rule.metric, rule.metric_period)
        return (Fault((*path, "metric_period"), reason, "leave it out"),) if reason else ()

    def _measure(self, metric: str, path: KeyPath) -> Measure | Refused:
        """The metric as an alarm takes it."""
        if refused := self.refused_metric(metric, path):
            return refused
        if (names := PREDEFINED.get((metric, self.platform))) is not None and names.of_units:
            return of_units(metric, self.context)
        if metric in metric_math.BALANCED:
            return metric_math.balanced(metric, self.context.targets)
        if metric == "queue_delay":
            return metric_math.backlog_per_unit(self.rules.queue.name if self.rules.queue else "", self.context)
        return metric_math.declared(metric, self.rules, self.context.placeholders, path)

    @property
    def _one_target_group(self) -> bool:
        return len(self.context.targets) == 1 and self.context.targets[0].alternate is None

    @property
    def _tracked_periods(self) -> tuple[int, ...]:
        return BEHAVIOUR[self.platform].tracked_periods

    def _unit(self, metric: str) -> float:
        return queue_unit(self.rules) if metric == "queue_delay" else 1.0

    def _no_balancer(self, metric: str) -> str:
        return f"{metric} is measured by a balancer, and none is in front of this {self.noun}"
