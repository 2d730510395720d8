"""A network, a balancer, Auto Scaling groups behind it or beside it, and their alarms. Wiring only."""

from __future__ import annotations

import dataclasses

import pulumi

from components.alarms import Subject, group_alarms
from components.autoscaling_group import AutoscalingGroup, AutoscalingGroupArgs, GroupTarget
from components.deployed import NOTHING_KNOWN, Deployed
from components.metrics import Measure
from stacks.aws import watching
from stacks.aws.composing import Kind, compose
from stacks.aws.platform import Platform
from stacks.aws.provider import default_tags
from stacks.instance_fleet.settings import Group, InstanceFleetSettings
from stacks.outputs import GroupOutputs, Outputs


def _group(platform: Platform, name: str, group: Group, rollback_alarms: list[pulumi.Output[str]]) -> AutoscalingGroup:
    targets = platform.targets_of(name)
    args = AutoscalingGroupArgs(
        group.spec,
        vpc_id=platform.network.vpc_id,
        subnet_ids=platform.network.private_subnet_ids,
        target_groups=[GroupTarget.of(targets)] if targets else [],
        balancer_security_group_id=targets.security_group_id if targets else None,
        refresh_alarm_names=rollback_alarms,
        permissions_boundary=platform.settings.environment.permissions_boundary,
        after=platform.egress_dependencies,
        deployed=platform.deployed,
        tags=default_tags(platform.settings.environment),  # the provider's own do not reach what a group launches
    )
    return AutoscalingGroup(name, args, platform.options)


def _outputs(group: AutoscalingGroup) -> GroupOutputs:
    return GroupOutputs(group.group_name, group.launch_template_id, group.security_group_id)


def _subject(platform: Platform, name: str, group: Group, made: AutoscalingGroup) -> Subject:
    metrics: dict[str, Measure] = {
        "cpu": made.metrics.cpu,
        "running": made.metrics.in_service,
        "desired": made.metrics.desired,
    }
    rules = group.elasticity
    own = group_alarms(metrics, group.alarms, maximum=rules.maximum if rules else None)
    return dataclasses.replace(
        watching.subject(platform, name, group, rules, metrics, own),
        group_arn=made.group_arn,
        deployment_failed=group.alarms.deployment_failed,
    )


_GROUPS = Kind(_group, _subject, _outputs)


def build(settings: InstanceFleetSettings, deployed: Deployed = NOTHING_KNOWN) -> Outputs:
    """Compose the platform of an application on instances."""
    return compose(settings, settings.groups, deployed, _GROUPS)
