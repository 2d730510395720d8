"""Rules on an ECS service, by Application Auto Scaling.

Sources: API RegisterScalableTarget, PutScalingPolicy, PutScheduledAction; predefined metrics of API
PredefinedMetricSpecification and PredictiveScalingPredefinedMetricPairSpecification.
"""

from __future__ import annotations

from typing import Any, ClassVar

from components.scaling.plan import (
    SERVICE_POLICY,
    SERVICE_SCHEDULE,
    TARGET,
    Joined,
    Reference,
    Refused,
    ScalingPlan,
    ScalingResource,
    ServiceContext,
    Translated,
)
from components.scaling.policies import Translation
from components.scaling.predictive import BREACHES, MODES
from components.scaling.schedules import service_schedule, utc_text
from components.scaling.steps import number_text
from components.specs.access import whole_units
from components.specs.delegated import ignored_fields
from elasticity.faults import Fault, KeyPath
from elasticity.platforms import PlatformName
from elasticity.rules import Elasticity, Predictive, Scheduled, StepScaling, TargetTracking

COOLDOWN = 300
"""Seconds between actions where the rule says nothing; what AWS takes for an ECS service, written out."""
TARGET_ROLE = "scalable-target"


def translate_service(rules: Elasticity, context: ServiceContext) -> ScalingPlan:
    """The scalable target, and what each rule needs."""
    return _Service(rules, context).plan(_target(rules, context))


def _target(rules: Elasticity, context: ServiceContext) -> ScalingResource:
    minimum, maximum = context.bounds or (rules.minimum, rules.maximum)
    return ScalingResource(
        TARGET,
        TARGET_ROLE,
        {
            "service_namespace": "ecs",
            "scalable_dimension": "ecs:service:DesiredCount",
            "resource_id": Joined(("service/", context.cluster, "/", context.service)),
            "min_capacity": minimum,
            "max_capacity": maximum,
        },
        tuple(ignored_fields(TARGET, held=context.held)),
    )


def _on_target(type_: str, role: str, inputs: dict[str, Any]) -> ScalingResource:
    of_target = ("service_namespace", "scalable_dimension", "resource_id")
    return ScalingResource(
        type_, role, {**{name: Reference(TARGET, TARGET_ROLE, name) for name in of_target}, **inputs}
    )


def _policy(role: str, kind: str, key: str, configuration: dict[str, Any]) -> ScalingResource:
    return _on_target(SERVICE_POLICY, role, {"policy_type": kind, key: configuration})


class _Service(Translation[ServiceContext]):
    platform: ClassVar[PlatformName] = "ecs_service"
    noun = "service"
    tracks_periods = "target tracking of a service looks at its metrics each 60 s"
    policy_type = SERVICE_POLICY

    def tracking_policy(self, name: str, rule: TargetTracking, configuration: dict[str, Any]) -> ScalingResource:  # noqa: ARG002
        return _policy(name, "TargetTrackingScaling", "target_tracking_scaling_policy_configuration", configuration)

    def cooldowns(self, rule: TargetTracking) -> dict[str, int]:
        return {
            "scale_in_cooldown": _seconds(rule.scale_in_cooldown),
            "scale_out_cooldown": _seconds(rule.scale_out_cooldown),
        }

    def step_policy(self, name: str, rule: StepScaling, steps: dict[str, Any]) -> ScalingResource:
        configuration = {"cooldown": _seconds(rule.cooldown), **steps}
        return _policy(name, "StepScaling", "step_scaling_policy_configuration", configuration)

    def predictive_policy(self, name: str, rule: Predictive, metric: dict[str, Any]) -> ScalingResource:
        specified = {"target_value": number_text(rule.target), "predefined_metric_pair_specification": metric}
        configuration: dict[str, Any] = {
            "mode": MODES[rule.mode],
            "scheduling_buffer_time": whole_units(rule.buffer),
            "max_capacity_breach_behavior": BREACHES[rule.maximum_breach],
            "metric_specifications": [specified],
            **({} if rule.maximum_buffer is None else {"max_capacity_buffer": rule.maximum_buffer}),
        }
        return _policy(name, "PredictiveScaling", "predictive_scaling_policy_configuration", configuration)

    def scheduled(self, name: str, rule: Scheduled) -> Translated:
        path = ("scheduled", name)
        refused: Refused = ()
        if rule.desired is not None:
            cure = "give `minimum` and `maximum`, the rules move the count between them"
            refused = (Fault((*path, "desired"), "a service's schedule sets bounds, not a count", cure),)
        schedule = service_schedule(rule, path)
        if isinstance(schedule, Fault):
            return Translated(refusals=(*refused, schedule))
        bounds = {"min_capacity": rule.minimum, "max_capacity": rule.maximum}
        inputs = {
            "schedule": schedule,
            "timezone": rule.time_zone,
            "scalable_target_action": {key: value for key, value in bounds.items() if value is not None},
            **({"start_time": utc_text(rule.start)} if rule.start is not None else {}),
            **({"end_time": utc_text(rule.end)} if rule.end is not None else {}),
        }
        return Translated(_on_target(SERVICE_SCHEDULE, name, inputs), refusals=refused)

    def refused_waits(self, rule: TargetTracking | StepScaling, path: KeyPath) -> Refused:
        if rule.warm_up is None:
            return ()
        instead = "`scale_out_cooldown`" if isinstance(rule, TargetTracking) else "`cooldown`"
        reason = "an ECS service has cooldowns, no warm-up: a task counts as soon as it runs"
        return (Fault((*path, "warm_up"), reason, f"give {instead} instead"),)

    def refused_metric(self, metric: str, path: KeyPath) -> Refused:
        if metric == "queue_delay" and not self.context.container_insights:
            reason = "the backlog per task needs RunningTaskCount, which only Container Insights publishes"
            return (Fault(path, reason, "set `container_insights: true`"),)
        return super().refused_metric(metric, path)


def _seconds(cooldown: float | None) -> int:
    return COOLDOWN if cooldown is None else whole_units(cooldown)
