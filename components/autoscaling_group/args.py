"""How an Auto Scaling group is connected: everything that other resources of the program provide."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pulumi

from components._access import PermissionArgs
from components._component import Extensions
from components.specs.autoscaling_group import AutoscalingGroupSpec


@dataclass(frozen=True)
class GroupTarget:
    """One target group that the instances register with."""

    arn: pulumi.Input[str]
    suffix: pulumi.Input[str] | None = None
    """targetgroup/<name>/<id>; needed by rules on requests and response time."""
    balancer_suffix: pulumi.Input[str] | None = None
    """app/<name>/<id> of an application balancer; none for a network balancer, which counts no requests."""


@dataclass(frozen=True)
class HookNotification:
    """Who hears of a lifecycle hook: a topic or queue, and the role that may write to it."""

    target_arn: pulumi.Input[str]
    role_arn: pulumi.Input[str]


@dataclass(frozen=True)
class GroupCluster:
    """An ECS cluster that exists. Its owner adds the capacity provider to it: a cluster has one list, held whole."""

    name: pulumi.Input[str]
    arn: pulumi.Input[str]


@dataclass(frozen=True)
class AutoscalingGroupArgs:
    """What an Auto Scaling group is to be, and what it is connected to."""

    spec: AutoscalingGroupSpec
    vpc_id: pulumi.Input[str]
    subnet_ids: Sequence[pulumi.Input[str]]
    """Private subnets, one per zone."""
    target_groups: Sequence[GroupTarget] = ()
    balancer_security_group_id: pulumi.Input[str] | None = None
    """The only group that may reach the declared ports."""
    cluster: GroupCluster | None = None
    """Under a capacity provider; without one the group makes its own."""
    permissions: Mapping[str, PermissionArgs] = field(default_factory=dict)
    """Further rights of the instances, by name."""
    refresh_alarm_names: Sequence[pulumi.Input[str]] = ()
    """CloudWatch alarms that fail an instance refresh."""
    hook_notifications: Mapping[str, HookNotification] = field(default_factory=dict)
    """By name of the lifecycle hook."""
    disk_key_arn: pulumi.Input[str] | None = None
    """KMS key of the disks; without one the account's default."""
    after: Sequence[pulumi.Resource] = ()
    """What must exist before instances start: routes to the internet, parameters that their scripts read."""
    tags: Mapping[str, pulumi.Input[str]] = field(default_factory=dict)
    """Laid on every child, and at launch on instances and volumes. A provider's default tags do not reach these."""
    extensions: Extensions = field(default_factory=dict)
    """Options laid over those of single children, by role."""
