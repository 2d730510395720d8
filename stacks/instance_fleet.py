"""A network, a balancer, Auto Scaling groups behind it or beside it, and their alarms. Wiring only."""

from __future__ import annotations

import pulumi

from components.autoscaling_group import AutoscalingGroup, AutoscalingGroupArgs, GroupTarget
from components.deployed import NOTHING_KNOWN, Deployed
from stacks.outputs import GroupOutputs, Outputs
from stacks.platform import Platform, create_platform
from stacks.provider import default_tags
from stacks.settings import Group, Settings
from stacks.watching import rollback, watch_groups


def build(settings: Settings, deployed: Deployed = NOTHING_KNOWN) -> Outputs:
    """Compose the platform of an application on instances."""
    platform = create_platform(settings, deployed)
    rollback_alarms_of = rollback(platform, {name: group for name, group in settings.groups.items() if group.refresh})
    groups = {
        name: _group(platform, name, group, rollback_alarms_of.get(name, [])) for name, group in settings.groups.items()
    }
    alarms = watch_groups(platform, {name: (settings.groups[name], made) for name, made in groups.items()})
    return Outputs(
        composition=settings.composition,
        region=settings.environment.region,
        network=platform.network_outputs,
        url=platform.url,
        groups={name: _outputs(group) for name, group in groups.items()},
        topic=alarms.topic_arn,
        dashboard=alarms.dashboard_name,
    )


def _group(platform: Platform, name: str, group: Group, rollback_alarms: list[pulumi.Output[str]]) -> AutoscalingGroup:
    targets = platform.targets_of(name)
    args = AutoscalingGroupArgs(
        group.spec,
        vpc_id=platform.network.vpc_id,
        subnet_ids=platform.network.private_subnet_ids,
        target_groups=[GroupTarget.of(targets)] if targets else [],
        balancer_security_group_id=targets.security_group_id if targets else None,
        refresh_alarm_names=rollback_alarms,
        after=platform.egress_dependencies,
        deployed=platform.deployed,
        tags=default_tags(platform.settings.environment),  # the provider's own do not reach what a group launches
    )
    return AutoscalingGroup(name, args, platform.options)


def _outputs(group: AutoscalingGroup) -> GroupOutputs:
    return GroupOutputs(group.group_name, group.launch_template_id, group.security_group_id)
