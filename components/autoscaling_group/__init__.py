"""An Auto Scaling group with its launch template, role, security group and scaling, and ECS capacity over it."""

from components._access import PermissionArgs
from components.autoscaling_group.args import AutoscalingGroupArgs, GroupTarget, HookNotification
from components.autoscaling_group.group import AutoscalingGroup, GroupMetrics
from components.references import ClusterReference

__all__ = [
    "AutoscalingGroup",
    "AutoscalingGroupArgs",
    "ClusterReference",
    "GroupMetrics",
    "GroupTarget",
    "HookNotification",
    "PermissionArgs",
]
