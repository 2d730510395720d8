"""Gaps of moto's EC2 Auto Scaling policies: names of a group's own, alarms of target tracking, what is executed.

The arithmetic of an adjustment and the choice of a step are the project's own rules a second time, since this room
imports none of the others; tests/localcloud/test_refusals.py holds the two equal over generated policies. Source:
Amazon EC2 Auto Scaling User Guide, step and simple scaling policies.
"""

import math
from decimal import Decimal
from typing import Any, Final

from moto.autoscaling.models import AutoScalingBackend as Backend
from moto.autoscaling.models import FakeScalingPolicy as Policy
from moto.autoscaling.responses import AutoScalingResponse as Response
from moto.cloudwatch.models import cloudwatch_backends
from moto.core.responses import ActionResult, EmptyResult

from localcloud.aws.moto_gaps import target_tracking
from localcloud.aws.moto_gaps._patching import Refusal, replace
from localcloud.aws.moto_gaps.clock import seconds

LOW_FACTOR: Final = Decimal("0.7")
"""The low alarm's share of the target, for EC2 groups."""


@replace(Policy)
def __init__(original: Any, self: Any, *arguments: Any, **keywords: Any) -> None:  # noqa: N807 - the method's name
    """A policy is enabled and has a list of alarms, members that moto lacks."""
    original(self, *arguments, **keywords)
    self.enabled, self.alarms = True, []


@replace(Backend)
def put_scaling_policy(original: Any, self: Any, *arguments: Any, **keywords: Any) -> Any:
    """Refuse an unknown group; a name is the group's own; target tracking has alarms, replaced when put again."""
    name, group = keywords["name"], keywords["as_name"]
    if group not in self.autoscaling_groups:
        raise Refusal("ValidationError", f"Group {group} not found")
    tracking = [
        policy
        for policy in self.policies.values()
        if policy.auto_scaling_group_name == group and policy.policy_type == "TargetTrackingScaling"
    ]
    if keywords["policy_type"] == "TargetTrackingScaling":
        wanted = target_tracking.specification(keywords["target_tracking_config"])
        followed = {p.name: target_tracking.specification(vars(p.target_tracking_configuration)) for p in tracking}
        if wanted in {what for other, what in followed.items() if other != name}:
            raise Refusal("ValidationError", target_tracking.ONE_PER_METRIC)
    if old := _find_policy(self, name, group):
        delete_with_alarms(self, old)
    others = self.policies.pop(name, None)
    policy = original(self, *arguments, **keywords)
    del self.policies[name]
    if others:
        self.policies[name] = others
    self.policies[f"{group}/{name}"] = policy
    if policy.policy_type == "TargetTrackingScaling":
        policy.alarms = target_tracking.make_alarms(
            cloudwatch_backends[self.account_id][self.region_name],
            policy.arn,
            group,
            vars(policy.target_tracking_configuration),
            {"AutoScalingGroupName": group},
            LOW_FACTOR,
        )
    return policy


@replace(Response, "put_scaling_policy")
def answer_put_scaling_policy(original: Any, self: Any) -> ActionResult:
    """Keep `Enabled`, and answer the alarms."""
    answer = original(self).result
    policy = _find_policy(
        self.autoscaling_backend, self._get_param("PolicyName"), self._get_param("AutoScalingGroupName")
    )
    policy.enabled = self._get_bool_param("Enabled", True)
    return ActionResult({**answer, "Alarms": policy.alarms})


@replace(Response)
def delete_policy(_original: Any, self: Any) -> EmptyResult:
    """Delete by name and group, or by ARN; alarms go too."""
    policy = _find_policy(
        self.autoscaling_backend, self._get_param("PolicyName"), self._get_param("AutoScalingGroupName")
    )
    if policy:
        delete_with_alarms(self.autoscaling_backend, policy)
    return EmptyResult()


@replace(Response)
def execute_policy(_original: Any, self: Any) -> EmptyResult:
    """Execute a simple policy, or a step policy at a metric's value that one of its steps is for; the capacity stays
    within the group's bounds. A cooldown holds where the request honors it (API ExecutePolicy)."""
    backend = self.autoscaling_backend
    policy = _find_policy(backend, self._get_param("PolicyName"), self._get_param("AutoScalingGroupName"))
    if not policy:
        raise Refusal("ValidationError", f"Policy {self._get_param('PolicyName')} not found")
    if policy.policy_type not in ("SimpleScaling", "StepScaling"):
        raise Refusal("ValidationError", f"Policies of type {policy.policy_type} cannot be executed")
    group = backend.autoscaling_groups[policy.auto_scaling_group_name]
    change = policy.scaling_adjustment
    value, threshold = (self._get_param(name) for name in ("MetricValue", "BreachThreshold"))
    honors = self._get_bool_param("HonorCooldown", False)
    if policy.policy_type == "SimpleScaling":
        if value is not None or threshold is not None:
            raise Refusal("ValidationError", "MetricValue and BreachThreshold are supported for step policies only")
        if honors and seconds() < getattr(group, "cools_down_until", 0.0):
            raise Refusal("ScalingActivityInProgress", f"Group {group.name} is in a cooldown period")
        group.cools_down_until = seconds() + int(policy.cooldown or group.default_cooldown or 0)
    else:
        if honors:
            raise Refusal("ValidationError", "HonorCooldown is supported for simple scaling policies only")
        if value is None or threshold is None:
            raise Refusal("ValidationError", "MetricValue and BreachThreshold are required for step scaling policies")
        change = chosen(policy.step_adjustments, float(value) - float(threshold))
        if change is None:
            raise Refusal(
                "ValidationError", f"No step adjustment of the policy is for a metric value of {float(value):g}"
            )
    least = policy.min_adjustment_magnitude
    wanted = adjusted(group.desired_capacity, int(change), policy.adjustment_type, int(least) if least else 0)
    backend.set_desired_capacity(group.name, within(wanted, int(group.min_size), int(group.max_size)))
    return EmptyResult()


def within(wanted: int, least: int, most: int) -> int:
    """A capacity within a group's bounds."""
    return min(max(wanted, least), most)


def adjusted(current: int, change: int, kind: str, least: int = 0) -> int:
    """The capacity after one adjustment, not below 0: a percentage is rounded toward zero, but to one unit where it is
    less than one; the least raises the size of a percentage only."""
    if kind == "ExactCapacity":
        return max(0, change)
    if kind == "PercentChangeInCapacity":
        whole = abs(current * change) // 100
        size = whole or (1 if current and change else 0)
        change = max(size, least) * (1 if change > 0 else -1 if change < 0 else 0)
    return max(0, current + change)


def chosen(steps: list[dict[str, Any]], difference: float) -> int | None:
    """The change of the step that holds a difference from the threshold: [lower, upper) above it, (lower, upper]
    below. At the threshold itself it is the side that the policy has steps on, the one above first."""
    sides = [True, False] if abs(difference) <= NEARLY else [difference > 0]
    for above in sides:
        for step in steps:
            low = float(step.get("MetricIntervalLowerBound", -math.inf))
            high = float(step.get("MetricIntervalUpperBound", math.inf))
            reached = low - NEARLY <= difference if above else low + NEARLY < difference
            ends = difference < high - NEARLY if above else difference <= high + NEARLY
            if reached and ends:
                return int(step["ScalingAdjustment"])
    return None


NEARLY: Final = 1e-9
"""Bounds are texts: a difference that lies this near to one lies at it."""


def _find_policy(backend: Backend, name: str, group: str | None) -> Any:
    return next(
        (
            policy
            for policy in backend.policies.values()
            if name in (policy.name, policy.arn) and group in (None, policy.auto_scaling_group_name)
        ),
        None,
    )


def delete_with_alarms(backend: Backend, policy: Any) -> None:
    """Delete a policy and the alarms that it made."""
    cloudwatch_backends[backend.account_id][backend.region_name].delete_alarms([alarm.name for alarm in policy.alarms])
    del backend.policies[f"{policy.auto_scaling_group_name}/{policy.name}"]
