"""How an Auto Scaling group is connected: everything that other resources of the program provide."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pulumi

from components._access import PermissionArgs
from components._component import Extensions
from components.deployed import NOTHING_KNOWN, Deployed
from components.references import ClusterReference, Subnets, TargetGroupReference
from components.specs.autoscaling_group import AutoscalingGroupSpec


@dataclass(frozen=True)
class GroupTarget:
    """One target group that the instances register with."""

    arn: pulumi.Input[str]
    suffix: pulumi.Input[str] | None = None
    """targetgroup/<name>/<id>; needed by rules on requests and response time."""
    balancer_suffix: pulumi.Input[str] | None = None
    """app/<name>/<id> of an application balancer; none for a network balancer, which counts no requests."""

    @classmethod
    def of(cls, target: TargetGroupReference) -> GroupTarget:
        """What `LoadBalancer.targets_of` gives."""
        return cls(target.arn, target.suffix, target.balancer_suffix)


@dataclass(frozen=True)
class HookNotification:
    """Who hears of a lifecycle hook: a topic or queue, and the role that may write to it."""

    target_arn: pulumi.Input[str]
    role_arn: pulumi.Input[str]


@dataclass(frozen=True)
class AutoscalingGroupArgs:
    """What an Auto Scaling group is to be, and what it is connected to."""

    spec: AutoscalingGroupSpec
    vpc_id: pulumi.Input[str]
    subnet_ids: Subnets
    """Private subnets, one per zone: a map from zone to id, or a list."""
    target_groups: Sequence[GroupTarget] = ()
    balancer_security_group_id: pulumi.Input[str] | None = None
    """The only group that may reach the declared ports."""
    cluster: ClusterReference | None = None
    """Under a capacity provider; without one the group makes its own. The owner of a given cluster adds the provider to
    it."""
    permissions: Mapping[str, PermissionArgs] = field(default_factory=dict)
    """Further rights of the instances, by name."""
    refresh_alarm_names: Sequence[pulumi.Input[str]] = ()
    """CloudWatch alarms that fail an instance refresh."""
    hook_notifications: Mapping[str, HookNotification] = field(default_factory=dict)
    """By name of the lifecycle hook."""
    disk_key_arn: pulumi.Input[str] | None = None
    """KMS key of the disks; without one the account's default."""
    permissions_boundary: pulumi.Input[str] | None = None
    """ARN of the policy at which the rights of the roles end; none for roles without a boundary."""
    after: Sequence[pulumi.Resource] = ()
    """What must exist before instances start: routes to the internet, parameters that their scripts read."""
    tags: Mapping[str, pulumi.Input[str]] = field(default_factory=dict)
    """Laid on every child, and at launch on instances and volumes. A provider's default tags do not reach these."""
    extensions: Extensions = field(default_factory=dict)
    """Options laid over those of single children, by role."""
    deployed: Deployed = NOTHING_KNOWN
    """What the last deployment left, and when this one runs: bounds that schedules own are then left to them."""
