"""Rules on an Auto Scaling group, by EC2 Auto Scaling.

Sources: API PutScalingPolicy, PutScheduledUpdateGroupAction, TargetTrackingMetricStat; predefined metrics of API
PredefinedMetricSpecification and PredictiveScalingPredefinedMetricPair.
"""

from __future__ import annotations

from typing import Any

from components.metrics import Measure
from components.scaling import metric_math
from components.scaling.metric_math import Predefined, of_units, specification
from components.scaling.metrics import PREDEFINED
from components.scaling.plan import (
    GROUP_POLICY,
    GROUP_SCHEDULE,
    GroupContext,
    Refusal,
    ScalingResource,
)
from components.scaling.predictive import BREACHES, MODES, maximum_buffer
from components.scaling.queue import queue_unit, refuse_taken_wake
from components.scaling.schedules import group_recurrence, utc_of, utc_text
from components.scaling.steps import step_alarm, step_inputs, wake_alarm
from components.specs.access import whole_units
from elasticity.platforms import BEHAVIOUR, PlatformName
from elasticity.rules import Elasticity, Predictive, Scheduled, StepScaling, TargetTracking
from elasticity.waking import WAKE, needs_waking, wake_step

PLATFORM: PlatformName = "ec2_group"
UNCHANGED = -1
"""The provider's word for a bound that a schedule leaves alone; left out it would mean 0."""


def translate_group(rules: Elasticity, context: GroupContext, refusals: list[Refusal]) -> list[ScalingResource]:
    """What each rule needs; the bounds are the group's own."""
    plan = _Group(rules, context, refusals)
    resources: list[ScalingResource] = []
    for name, tracking in rules.target_tracking.items():
        resources += plan.target_tracking(name, tracking)
    for name, step in rules.step_scaling.items():
        resources += plan.step_scaling(name, step)
    for name, scheduled in rules.scheduled.items():
        resources += group_schedule(name, scheduled, context.group, refusals)
    for name, predictive in rules.predictive.items():
        resources += plan.predictive(name, predictive)
    return resources + plan.wake()


def group_schedule(name: str, rule: Scheduled, group: Any, refusals: list[Refusal]) -> list[ScalingResource]:
    """One scheduled action of a group; a capacity provider's group takes the same."""
    path = f"scheduled.{name}"
    before = len(refusals)
    times: dict[str, Any] = {}
    if rule.at is not None:
        for field in ("start", "end"):
            if getattr(rule, field) is not None:
                reason = "`at` happens once and has neither start nor end"
                refusals.append(Refusal(f"{path}.{field}", reason, "remove it, or write `cron`"))
        times["start_time"] = utc_of(rule, path, refusals)
    else:
        times["recurrence"] = group_recurrence(rule, path, refusals)
        times["time_zone"] = rule.time_zone
        times |= {"start_time": utc_text(rule.start)} if rule.start is not None else {}
        times |= {"end_time": utc_text(rule.end)} if rule.end is not None else {}
    if len(refusals) > before:
        return []
    sizes = {"min_size": rule.minimum, "max_size": rule.maximum, "desired_capacity": rule.desired}
    inputs = {
        "autoscaling_group_name": group,
        "scheduled_action_name": name,
        **times,
        **{key: UNCHANGED if value is None else value for key, value in sizes.items()},
    }
    return [ScalingResource(GROUP_SCHEDULE, name, inputs)]


class _Group:
    def __init__(self, rules: Elasticity, context: GroupContext, refusals: list[Refusal]) -> None:
        self.rules, self.context, self.refusals = rules, context, refusals

    def refuse(self, path: str, reason: str, cure: str) -> None:
        self.refusals.append(Refusal(path, reason, cure))

    def policy(self, role: str, kind: str, inputs: dict[str, Any], warm_up: float | None = None) -> ScalingResource:
        waits = {} if warm_up is None else {"estimated_instance_warmup": whole_units(warm_up)}
        inputs = {"autoscaling_group_name": self.context.group, "policy_type": kind, **waits, **inputs}
        return ScalingResource(GROUP_POLICY, role, inputs)

    def target_tracking(self, name: str, rule: TargetTracking) -> list[ScalingResource]:
        path = f"target_tracking.{name}"
        for field in ("scale_in_cooldown", "scale_out_cooldown"):
            if getattr(rule, field) is not None:
                self._refuse_cooldown(f"{path}.{field}")
        metric = self._tracked(rule.metric, path)
        if metric is None:
            return []
        configuration: dict[str, Any] = {
            "target_value": float(f"{rule.target / self._unit(rule.metric):.12g}"),
            "disable_scale_in": not rule.scale_in,
        }
        if isinstance(metric, Predefined):
            label = {} if metric.label is None else {"resource_label": metric.label}
            configuration["predefined_metric_specification"] = {"predefined_metric_type": metric.type, **label}
        else:
            configuration["customized_metric_specification"] = specification(metric, rule.metric, of_group=True)
        inputs = {"target_tracking_configuration": configuration}
        return [self.policy(name, "TargetTrackingScaling", inputs, rule.warm_up)]

    def step_scaling(self, name: str, rule: StepScaling) -> list[ScalingResource]:
        path = f"step_scaling.{name}"
        if rule.cooldown is not None:
            self._refuse_cooldown(f"{path}.cooldown")
        unit = self._unit(rule.metric)
        steps = step_inputs(rule, unit, path, self.refusals)
        measure = self._queried(rule.metric, path)
        if measure is None:
            return []
        return [
            self.policy(name, "StepScaling", steps, rule.warm_up),
            step_alarm(name, rule, measure, unit, GROUP_POLICY),
        ]

    def predictive(self, name: str, rule: Predictive) -> list[ScalingResource]:
        path = f"predictive.{name}"
        label: dict[str, Any] = {}
        if rule.metric == "requests_per_target":
            if len(self.context.targets) != 1:
                many = "AWS forecasts the requests of one target group, and this group has several"
                none = "requests_per_target is measured by a balancer, and none is in front of this group"
                self.refuse(f"{path}.metric", many if self.context.targets else none, "forecast on cpu")
                return []
            label = {"resource_label": self.context.targets[0].label}
        configuration: dict[str, Any] = {
            "mode": MODES[rule.mode],
            "scheduling_buffer_time": str(whole_units(rule.buffer)),
            "max_capacity_breach_behavior": BREACHES[rule.maximum_breach],
            "metric_specification": {
                "target_value": float(rule.target),
                "predefined_metric_pair_specification": {
                    "predefined_metric_type": PREDEFINED[rule.metric, PLATFORM].predicted,
                    **label,
                },
            },
        }
        if (buffer := maximum_buffer(rule, path, self.refusals)) is not None:
            configuration["max_capacity_buffer"] = str(buffer)
        return [self.policy(name, "PredictiveScaling", {"predictive_scaling_configuration": configuration})]

    def wake(self) -> list[ScalingResource]:
        if not needs_waking(self.rules) or self.rules.queue is None:
            return []
        refuse_taken_wake(self.rules, self.refusals)
        rule = wake_step(self.rules, cooldown=False)
        steps = step_inputs(rule, 1.0, f"step_scaling.{WAKE}", self.refusals)
        measure = metric_math.waiting_with_none_running(self.rules.queue.name, self.context)
        return [self.policy(WAKE, "StepScaling", steps), wake_alarm(rule, measure, GROUP_POLICY)]

    def _unit(self, metric: str) -> float:
        return queue_unit(self.rules) if metric == "queue_delay" else 1.0

    def _refuse_cooldown(self, path: str) -> None:
        reason = "an Auto Scaling group waits for its instances to warm up, not for a cooldown"
        self.refuse(path, reason, "give `warm_up`, or leave both out for the group's default warm-up")

    def _tracked(self, metric: str, path: str) -> Predefined | Measure | None:
        targets = self.context.targets
        names = PREDEFINED.get((metric, PLATFORM))
        if names is not None:
            if names.of_units:
                return Predefined(names.tracked)
            if len(targets) == 1:
                return Predefined(names.tracked, targets[0].label)
        measure = self._queried(metric, path)
        if measure is not None and any(
            one.period not in BEHAVIOUR[PLATFORM].tracked_periods for one in measure.references
        ):
            reason = "target tracking of a group takes periods of 10, 30 or 60 s"
            self.refuse(f"{path}.metric", reason, f"set `period: 60s` in metrics.{metric}, or write a step rule")
            return None
        return measure

    def _queried(self, metric: str, path: str) -> Measure | None:
        if (names := PREDEFINED.get((metric, PLATFORM))) is not None and names.of_units:
            return of_units(metric, self.context)
        if metric == "memory":
            reason = "EC2 publishes no memory metric: only the CloudWatch agent inside the instances does"
            cure = (
                "install the agent and declare what it sends under `metrics`: namespace CWAgent, name "
                "mem_used_percent, dimensions AutoScalingGroupName: ${group}"
            )
            self.refuse(f"{path}.metric", reason, cure)
            return None
        if metric in ("requests_per_target", "response_time"):
            if not self.context.targets:
                reason = f"{metric} is measured by a balancer, and none is in front of this group"
                self.refuse(f"{path}.metric", reason, "attach a target group, or scale on cpu or queue_delay")
                return None
            of = metric_math.requests_per_target if metric == "requests_per_target" else metric_math.response_time
            return of(self.context.targets)
        if metric == "queue_delay":
            return metric_math.backlog_per_unit(self.rules.queue.name if self.rules.queue else "", self.context)
        return metric_math.declared(metric, self.rules, self.context.placeholders, f"{path}.metric", self.refusals)
