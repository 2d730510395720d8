"""Planned scaling resources made real: the only module of this package that knows Pulumi."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pulumi
from pulumi_aws.appautoscaling import Policy as ServicePolicy
from pulumi_aws.appautoscaling import ScheduledAction, Target
from pulumi_aws.autoscaling import Policy as GroupPolicy
from pulumi_aws.autoscaling import Schedule
from pulumi_aws.cloudwatch import MetricAlarm
from pulumi_aws.ecs import CapacityProvider

from components._component import Component
from components.deployed import NOTHING_KNOWN, Deployed
from components.former_names import former_names
from components.scaling.plan import (
    ALARM,
    CAPACITY_PROVIDER,
    GROUP_POLICY,
    GROUP_SCHEDULE,
    SERVICE_POLICY,
    SERVICE_SCHEDULE,
    TARGET,
    Context,
    Joined,
    Reference,
    RefusedRulesError,
    ScalingPlan,
    ScalingResource,
)
from components.scaling.single import SINGLE
from components.scaling.translation import translate
from elasticity.rules import Elasticity

_CLASSES: Mapping[str, Any] = {
    TARGET: Target,
    SERVICE_POLICY: ServicePolicy,
    SERVICE_SCHEDULE: ScheduledAction,
    GROUP_POLICY: GroupPolicy,
    GROUP_SCHEDULE: Schedule,
    ALARM: MetricAlarm,
    CAPACITY_PROVIDER: CapacityProvider,
}
_TAGGED = frozenset({TARGET, ALARM, CAPACITY_PROVIDER})

Created = dict[tuple[str, str], pulumi.CustomResource]
"""Type and role to resource."""


def create(component: Component, plan: ScalingPlan, deployed: Deployed = NOTHING_KNOWN, place: str = "") -> Created:
    """Make the plan's resources children of `component`, in order.

    `place`: the deployed service's resource id or the deployed group's name, where there is one; a rule under a new
    name then takes over what it finds there.
    """
    created: Created = {}
    planned = plan.resources
    former = _former_names(component, planned, deployed, place)
    for resource in planned:
        inputs = {name: _resolved(value, created) for name, value in resource.inputs.items()}
        if resource.type in _TAGGED:
            inputs["tags"] = component.tags_of(resource.role)
        created[resource.type, resource.role] = _CLASSES[resource.type](
            component.name_of(resource.role),
            **inputs,
            opts=component.options_of(
                resource.role,
                ignore_changes=resource.ignored,
                aliases=former.get((resource.type, resource.role), ()),
                # A schedule's name is its identity at AWS, which takes no second one at the same time.
                delete_before_replace=True if resource.type == GROUP_SCHEDULE else None,
            ),
        )
    return created


def _former_names(
    component: Component, planned: Sequence[ScalingResource], deployed: Deployed, place: str
) -> dict[tuple[str, str], Sequence[pulumi.Alias]]:
    found: dict[tuple[str, str], Sequence[pulumi.Alias]] = {}
    for type_, single in SINGLE.items():
        of_type = {resource.role: resource.inputs for resource in planned if resource.type == type_}
        at = {"resourceId" if type_ == SERVICE_POLICY else "autoscalingGroupName": place or None}
        moved = former_names(component, deployed, single, at, of_type)
        found |= {(type_, role): aliases for role, aliases in moved.items()}
    return found


def plan_for(what: str, rules: Elasticity, context: Context) -> ScalingPlan:
    """`translate`, with refusals as one message for the user of a program; `what` names the component."""
    try:
        return translate(rules, context)
    except RefusedRulesError as refused:
        lines = "\n".join(f"  elasticity.{refusal}" for refusal in refused.refusals)
        raise pulumi.RunError(f"{what}: the platform cannot hold these rules\n{lines}") from None


def _resolved(value: Any, created: Created) -> Any:
    if isinstance(value, Reference):
        return getattr(created[value.type, value.role], value.output)
    if isinstance(value, Joined):
        return pulumi.Output.concat(*(_resolved(part, created) for part in value.parts))
    if isinstance(value, dict):
        return {key: _resolved(item, created) for key, item in value.items()}
    if isinstance(value, list):
        return [_resolved(item, created) for item in value]
    return value
