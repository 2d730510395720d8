"""Gaps of moto's EC2 Auto Scaling: notifications of a group's launches and endings, which are kept and never sent."""

from typing import Any, Final

from moto.autoscaling.models import AutoScalingBackend as Backend
from moto.autoscaling.responses import AutoScalingResponse as Response
from moto.core.responses import ActionResult, EmptyResult
from moto.sns.models import sns_backends

from localcloud.aws.moto_gaps._patching import Refusal, add, replace
from localcloud.aws.moto_gaps.autoscaling import group_of

TYPES: Final = (
    "autoscaling:EC2_INSTANCE_LAUNCH",
    "autoscaling:EC2_INSTANCE_LAUNCH_ERROR",
    "autoscaling:EC2_INSTANCE_TERMINATE",
    "autoscaling:EC2_INSTANCE_TERMINATE_ERROR",
    "autoscaling:TEST_NOTIFICATION",
)
"""API DescribeAutoScalingNotificationTypes."""


def _kept(backend: Any) -> dict[tuple[str, str], list[str]]:
    found: dict[tuple[str, str], list[str]] = vars(backend).setdefault("notifications", {})
    return found


@add(Response)
def put_notification_configuration(self: Any) -> EmptyResult:
    """A group's notifications to a topic become these."""
    group, topic, types = group_of(self).name, self._get_param("TopicARN"), self._get_param("NotificationTypes", [])
    unknown = [name for name in types if name not in TYPES]
    if unknown or not types:
        raise Refusal("ValidationError", f"{', '.join(unknown) or 'null'} is not a valid Notification Type")
    backend = self.autoscaling_backend
    if topic not in sns_backends[backend.account_id][backend.region_name].topics:
        raise Refusal("ValidationError", f"Unable to publish test message to notification target {topic}.")
    _kept(backend)[group, topic] = sorted(set(types))
    return EmptyResult()


@add(Response)
def describe_notification_configurations(self: Any) -> ActionResult:
    """One element for each group, topic and type."""
    wanted = self._get_param("AutoScalingGroupNames", [])
    found = [
        {"AutoScalingGroupName": group, "TopicARN": topic, "NotificationType": name}
        for (group, topic), names in sorted(_kept(self.autoscaling_backend).items())
        for name in names
        if not wanted or group in wanted
    ]
    return ActionResult({"NotificationConfigurations": found})


@add(Response)
def delete_notification_configuration(self: Any) -> EmptyResult:
    """No notifications of the group to the topic any more."""
    group, topic = group_of(self).name, self._get_param("TopicARN")
    if _kept(self.autoscaling_backend).pop((group, topic), None) is None:
        raise Refusal("ValidationError", f"Notification Topic '{topic}' doesn't exist for {group}")
    return EmptyResult()


@replace(Backend)
def delete_auto_scaling_group(original: Any, self: Any, group_name: str) -> None:
    """A group's notifications go with it."""
    original(self, group_name)
    for key in [key for key in _kept(self) if key[0] == group_name]:
        del _kept(self)[key]
