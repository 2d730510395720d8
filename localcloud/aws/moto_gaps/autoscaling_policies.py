"""Gaps of moto's EC2 Auto Scaling policies: names of a group's own, alarms of target tracking, what is executed."""

from decimal import Decimal
from typing import Any, Final

from moto.autoscaling.models import AutoScalingBackend as Backend
from moto.autoscaling.models import FakeScalingPolicy as Policy
from moto.autoscaling.responses import AutoScalingResponse as Response
from moto.cloudwatch.models import cloudwatch_backends
from moto.core.responses import ActionResult, EmptyResult

from localcloud.aws.moto_gaps import target_tracking
from localcloud.aws.moto_gaps._patching import Refusal, replace

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
    """Execute a simple policy; moto fails on the others, which need a metric's value."""
    policy = _find_policy(
        self.autoscaling_backend, self._get_param("PolicyName"), self._get_param("AutoScalingGroupName")
    )
    if not policy or policy.policy_type != "SimpleScaling":
        raise Refusal("ValidationError", "the local cloud executes simple scaling policies only")
    policy.execute()
    return EmptyResult()


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
