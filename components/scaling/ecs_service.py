"""Rules on an ECS service, by Application Auto Scaling.

Sources: API RegisterScalableTarget, PutScalingPolicy, PutScheduledAction; predefined metrics of API
PredefinedMetricSpecification and PredictiveScalingPredefinedMetricPairSpecification.
"""

from __future__ import annotations

from typing import Any

from components.metrics import Measure
from components.scaling import metric_math
from components.scaling.metric_math import Predefined, of_units, specification
from components.scaling.metrics import PREDEFINED
from components.scaling.plan import (
    SERVICE_POLICY,
    SERVICE_SCHEDULE,
    TARGET,
    Joined,
    Reference,
    Refusal,
    ScalingResource,
    ServiceContext,
)
from components.scaling.predictive import BREACHES, MODES, maximum_buffer
from components.scaling.queue import queue_unit, refuse_taken_wake
from components.scaling.schedules import service_schedule, utc_text
from components.scaling.steps import number_text, step_alarm, step_inputs, wake_alarm
from components.specs.access import whole_units
from components.specs.delegated import ignored_fields
from elasticity.platforms import BEHAVIOUR, PlatformName
from elasticity.rules import Elasticity, Predictive, Scheduled, StepScaling, TargetTracking
from elasticity.waking import WAKE, needs_waking, wake_step

PLATFORM: PlatformName = "ecs_service"
COOLDOWN = 300
"""Seconds between actions where the rule says nothing; what AWS takes for an ECS service, written out."""
TARGET_ROLE = "scalable-target"


def translate_service(rules: Elasticity, context: ServiceContext, refusals: list[Refusal]) -> list[ScalingResource]:
    """The scalable target, then what each rule needs."""
    plan = _Service(rules, context, refusals)
    resources = [plan.target()]
    for name, tracking in rules.target_tracking.items():
        resources += plan.target_tracking(name, tracking)
    for name, step in rules.step_scaling.items():
        resources += plan.step_scaling(name, step)
    for name, scheduled in rules.scheduled.items():
        resources += plan.scheduled(name, scheduled)
    for name, predictive in rules.predictive.items():
        resources += plan.predictive(name, predictive)
    return resources + plan.wake()


class _Service:
    def __init__(self, rules: Elasticity, context: ServiceContext, refusals: list[Refusal]) -> None:
        self.rules, self.context, self.refusals = rules, context, refusals

    def refuse(self, path: str, reason: str, cure: str) -> None:
        self.refusals.append(Refusal(path, reason, cure))

    def target(self) -> ScalingResource:
        minimum, maximum = self.context.bounds or (self.rules.minimum, self.rules.maximum)
        return ScalingResource(
            TARGET,
            TARGET_ROLE,
            {
                "service_namespace": "ecs",
                "scalable_dimension": "ecs:service:DesiredCount",
                "resource_id": Joined(("service/", self.context.cluster, "/", self.context.service)),
                "min_capacity": minimum,
                "max_capacity": maximum,
            },
            tuple(ignored_fields(TARGET, held=self.context.held)),
        )

    def on_target(self, type_: str, role: str, inputs: dict[str, Any]) -> ScalingResource:
        of_target = ("service_namespace", "scalable_dimension", "resource_id")
        return ScalingResource(
            type_, role, {**{name: Reference(TARGET, TARGET_ROLE, name) for name in of_target}, **inputs}
        )

    def target_tracking(self, name: str, rule: TargetTracking) -> list[ScalingResource]:
        path = f"target_tracking.{name}"
        if rule.warm_up is not None:
            self._refuse_warm_up(path, "`scale_out_cooldown`")
        metric = self._tracked(rule.metric, path)
        if metric is None:
            return []
        configuration: dict[str, Any] = {
            "target_value": float(f"{rule.target / self._unit(rule.metric):.12g}"),
            "scale_in_cooldown": _seconds(rule.scale_in_cooldown),
            "scale_out_cooldown": _seconds(rule.scale_out_cooldown),
            "disable_scale_in": not rule.scale_in,
        }
        if isinstance(metric, Predefined):
            label = {} if metric.label is None else {"resource_label": metric.label}
            configuration["predefined_metric_specification"] = {"predefined_metric_type": metric.type, **label}
        else:
            configuration["customized_metric_specification"] = specification(metric, rule.metric, of_group=False)
        inputs = {"policy_type": "TargetTrackingScaling", "target_tracking_scaling_policy_configuration": configuration}
        return [self.on_target(SERVICE_POLICY, name, inputs)]

    def step_scaling(self, name: str, rule: StepScaling) -> list[ScalingResource]:
        path = f"step_scaling.{name}"
        if rule.warm_up is not None:
            self._refuse_warm_up(path, "`cooldown`")
        unit = self._unit(rule.metric)
        steps = step_inputs(rule, unit, path, self.refusals)
        measure = self._queried(rule.metric, path)
        if measure is None:
            return []
        inputs = {
            "policy_type": "StepScaling",
            "step_scaling_policy_configuration": {"cooldown": _seconds(rule.cooldown), **steps},
        }
        return [
            self.on_target(SERVICE_POLICY, name, inputs),
            step_alarm(name, rule, measure, unit, SERVICE_POLICY),
        ]

    def scheduled(self, name: str, rule: Scheduled) -> list[ScalingResource]:
        path = f"scheduled.{name}"
        if rule.desired is not None:
            cure = "give `minimum` and `maximum`, the rules move the count between them"
            self.refuse(f"{path}.desired", "a service's schedule sets bounds, not a count", cure)
        schedule = service_schedule(rule, path, self.refusals)
        if schedule is None:
            return []
        bounds = {"min_capacity": rule.minimum, "max_capacity": rule.maximum}
        inputs = {
            "schedule": schedule,
            "timezone": rule.time_zone,
            "scalable_target_action": {key: value for key, value in bounds.items() if value is not None},
            **({"start_time": utc_text(rule.start)} if rule.start is not None else {}),
            **({"end_time": utc_text(rule.end)} if rule.end is not None else {}),
        }
        return [self.on_target(SERVICE_SCHEDULE, name, inputs)]

    def predictive(self, name: str, rule: Predictive) -> list[ScalingResource]:
        path = f"predictive.{name}"
        label: dict[str, Any] = {}
        if rule.metric == "requests_per_target":
            if not self._one_target_group(path):
                return []
            label = {"resource_label": self.context.targets[0].label}
        configuration: dict[str, Any] = {
            "mode": MODES[rule.mode],
            "scheduling_buffer_time": whole_units(rule.buffer),
            "max_capacity_breach_behavior": BREACHES[rule.maximum_breach],
            "metric_specifications": [
                {
                    "target_value": number_text(rule.target),
                    "predefined_metric_pair_specification": {
                        "predefined_metric_type": PREDEFINED[rule.metric, PLATFORM].predicted,
                        **label,
                    },
                }
            ],
        }
        if (buffer := maximum_buffer(rule, path, self.refusals)) is not None:
            configuration["max_capacity_buffer"] = buffer
        inputs = {"policy_type": "PredictiveScaling", "predictive_scaling_policy_configuration": configuration}
        return [self.on_target(SERVICE_POLICY, name, inputs)]

    def wake(self) -> list[ScalingResource]:
        if not needs_waking(self.rules) or self.rules.queue is None:
            return []
        refuse_taken_wake(self.rules, self.refusals)
        rule = wake_step(self.rules, cooldown=True)
        steps = step_inputs(rule, 1.0, f"step_scaling.{WAKE}", self.refusals)
        configuration = {"cooldown": whole_units(rule.cooldown or 0), **steps}
        inputs = {"policy_type": "StepScaling", "step_scaling_policy_configuration": configuration}
        measure = metric_math.waiting_with_none_running(self.rules.queue.name, self.context)
        return [self.on_target(SERVICE_POLICY, WAKE, inputs), wake_alarm(rule, measure, SERVICE_POLICY)]

    def _unit(self, metric: str) -> float:
        return queue_unit(self.rules) if metric == "queue_delay" else 1.0

    def _refuse_warm_up(self, path: str, instead: str) -> None:
        reason = "an ECS service has cooldowns, no warm-up: a task counts as soon as it runs"
        self.refuse(f"{path}.warm_up", reason, f"give {instead} instead")

    def _tracked(self, metric: str, path: str) -> Predefined | Measure | None:
        """The metric as a target tracking policy takes it."""
        targets = self.context.targets
        names = PREDEFINED.get((metric, PLATFORM))
        if names is not None:
            if names.of_units:
                return Predefined(names.tracked)
            if len(targets) == 1 and targets[0].alternate is None:
                return Predefined(names.tracked, targets[0].label)
        measure = self._queried(metric, path)
        if measure is not None and any(
            one.period not in BEHAVIOUR[PLATFORM].tracked_periods for one in measure.references
        ):
            reason = "target tracking of a service looks at its metrics each 60 s"
            self.refuse(f"{path}.metric", reason, f"set `period: 60s` in metrics.{metric}, or write a step rule")
            return None
        return measure

    def _queried(self, metric: str, path: str) -> Measure | None:
        """The metric as an alarm takes it."""
        if (names := PREDEFINED.get((metric, PLATFORM))) is not None and names.of_units:
            return of_units(metric, self.context)
        if metric in ("requests_per_target", "response_time"):
            if not self.context.targets:
                reason = f"{metric} is measured by a balancer, and none is in front of this service"
                self.refuse(f"{path}.metric", reason, "attach a target group, or scale on cpu or queue_delay")
                return None
            of = metric_math.requests_per_target if metric == "requests_per_target" else metric_math.response_time
            return of(self.context.targets)
        if metric == "queue_delay":
            if not self.context.container_insights:
                reason = "the backlog per task needs RunningTaskCount, which only Container Insights publishes"
                self.refuse(f"{path}.metric", reason, "set `container_insights: true`")
            return metric_math.backlog_per_unit(self.rules.queue.name if self.rules.queue else "", self.context)
        return metric_math.declared(metric, self.rules, self.context.placeholders, f"{path}.metric", self.refusals)

    def _one_target_group(self, path: str) -> bool:
        targets = self.context.targets
        if len(targets) == 1 and targets[0].alternate is None:
            return True
        if not targets:
            reason = "requests_per_target is measured by a balancer, and none is in front of this service"
        else:
            reason = "AWS forecasts the requests of one target group, and this service has several"
        self.refuse(f"{path}.metric", reason, "forecast on cpu")
        return False


def _seconds(cooldown: float | None) -> int:
    return COOLDOWN if cooldown is None else whole_units(cooldown)
