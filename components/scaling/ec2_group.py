"""Rules on an Auto Scaling group, by EC2 Auto Scaling.

Sources: API PutScalingPolicy, PutScheduledUpdateGroupAction, TargetTrackingMetricStat; predefined metrics of API
PredefinedMetricSpecification and PredictiveScalingPredefinedMetricPair.
"""

from __future__ import annotations

from typing import Any, ClassVar

from components.scaling.plan import (
    GROUP_POLICY,
    GROUP_SCHEDULE,
    GroupContext,
    Refused,
    ScalingPlan,
    ScalingResource,
    Translated,
)
from components.scaling.policies import Translation
from components.scaling.predictive import BREACHES, MODES
from components.scaling.schedules import group_recurrence, utc_of, utc_text
from components.specs.access import whole_units
from elasticity.faults import Fault, KeyPath
from elasticity.platforms import PlatformName
from elasticity.rules import Elasticity, Predictive, Scheduled, StepScaling, TargetTracking

UNCHANGED = -1
"""The provider's word for a bound that a schedule leaves alone; left out it would mean 0."""


def translate_group(rules: Elasticity, context: GroupContext) -> ScalingPlan:
    """What each rule needs; the bounds are the group's own."""
    return _Group(rules, context).plan(base=None)


def group_schedule(name: str, rule: Scheduled, group: Any) -> Translated:
    """One scheduled action of a group; a capacity provider's group takes the same."""
    path = ("scheduled", name)
    refused: list[Fault] = []
    if rule.at is not None:
        reason = "`at` happens once and has neither start nor end"
        given = [field for field in ("start", "end") if getattr(rule, field) is not None]
        refused = [Fault((*path, field), reason, "remove it, or write `cron`") for field in given]
    when = utc_of(rule, path) if rule.at is not None else group_recurrence(rule, path)
    if isinstance(when, Fault):
        return Translated(refusals=(*refused, when))
    times: dict[str, Any] = {"start_time": when}
    if rule.at is None:
        times = {"recurrence": when, "time_zone": rule.time_zone}
        times |= {"start_time": utc_text(rule.start)} if rule.start is not None else {}
        times |= {"end_time": utc_text(rule.end)} if rule.end is not None else {}
    sizes = {"min_size": rule.minimum, "max_size": rule.maximum, "desired_capacity": rule.desired}
    inputs = {
        "autoscaling_group_name": group,
        "scheduled_action_name": name,
        **times,
        **{key: UNCHANGED if value is None else value for key, value in sizes.items()},
    }
    return Translated(ScalingResource(GROUP_SCHEDULE, name, inputs), refusals=tuple(refused))


class _Group(Translation[GroupContext]):
    platform: ClassVar[PlatformName] = "ec2_group"
    noun = "group"
    tracks_periods = "target tracking of a group takes periods of 10, 30 or 60 s"
    policy_type = GROUP_POLICY

    def _policy(self, role: str, kind: str, inputs: dict[str, Any], warm_up: float | None = None) -> ScalingResource:
        waits = {} if warm_up is None else {"estimated_instance_warmup": whole_units(warm_up)}
        inputs = {"autoscaling_group_name": self.context.group, "policy_type": kind, **waits, **inputs}
        return ScalingResource(GROUP_POLICY, role, inputs)

    def tracking_policy(self, name: str, rule: TargetTracking, configuration: dict[str, Any]) -> ScalingResource:
        inputs = {"target_tracking_configuration": configuration}
        return self._policy(name, "TargetTrackingScaling", inputs, rule.warm_up)

    def step_policy(self, name: str, rule: StepScaling, steps: dict[str, Any]) -> ScalingResource:
        return self._policy(name, "StepScaling", steps, rule.warm_up)

    def predictive_policy(self, name: str, rule: Predictive, metric: dict[str, Any]) -> ScalingResource:
        configuration: dict[str, Any] = {
            "mode": MODES[rule.mode],
            "scheduling_buffer_time": str(whole_units(rule.buffer)),
            "max_capacity_breach_behavior": BREACHES[rule.maximum_breach],
            "metric_specification": {
                "target_value": float(rule.target),
                "predefined_metric_pair_specification": metric,
            },
            **({} if rule.maximum_buffer is None else {"max_capacity_buffer": str(rule.maximum_buffer)}),
        }
        return self._policy(name, "PredictiveScaling", {"predictive_scaling_configuration": configuration})

    def scheduled(self, name: str, rule: Scheduled) -> Translated:
        return group_schedule(name, rule, self.context.group)

    def cooldowns(self, rule: TargetTracking) -> dict[str, int]:  # noqa: ARG002
        return {}

    def refused_waits(self, rule: TargetTracking | StepScaling, path: KeyPath) -> Refused:
        tracking = isinstance(rule, TargetTracking)
        fields = ("scale_in_cooldown", "scale_out_cooldown") if tracking else ("cooldown",)
        reason = "an Auto Scaling group waits for its instances to warm up, not for a cooldown"
        cure = "give `warm_up`, or leave both out for the group's default warm-up"
        return tuple(Fault((*path, name), reason, cure) for name in fields if getattr(rule, name) is not None)

    def refused_metric(self, metric: str, path: KeyPath) -> Refused:
        if metric == "memory":
            reason = "EC2 publishes no memory metric: only the CloudWatch agent inside the instances does"
            cure = (
                "install the agent and declare what it sends under `metrics`: namespace CWAgent, name "
                "mem_used_percent, dimensions AutoScalingGroupName: ${group}"
            )
            return (Fault(path, reason, cure),)
        return super().refused_metric(metric, path)
