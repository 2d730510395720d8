"""In which target group a service's tasks are, once its deployments have shifted requests between two.

ECS leaves the tasks where its last shift has led: after each release in the other group. Where deployments shift on,
that is ECS's business. Where they are to roll from now on, the rule has to stay on the group that serves, and the
service with it: the first group may be empty.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pulumi

from components._component import Component
from components.deployed import Deployed
from components.specs import BalancedService
from components.specs.naming import LONGEST_TARGET_GROUP

TARGET_GROUP = "aws:lb/targetGroup:TargetGroup"
SERVICE = "aws:ecs/service:Service"
_SHIFTING = "advancedConfiguration"
"""What an ECS service says of a target group whose requests it shifts."""


def group_roles(owner: Component, name: str, service: BalancedService, deployed: Deployed) -> list[str]:
    """Roles of the service's target groups: the one that ECS is to know as its own, then the one beside it, if any.

    Asks AWS only where deployments have shifted and now roll. Raises `pulumi.RunError` while a release is under way
    there.
    """
    roles = [name, f"{name}-b"]
    there = _deployed_groups(owner, roles, deployed)
    own = next(iter(there)) if len(there) == 1 else name
    if len(there) == len(roles):
        registered = _registration(there, deployed)
        own = next((role for role, arn in there.items() if arn == registered.get("targetGroupArn")), name)
        if not service.alternate and registered.get(_SHIFTING):
            own = _serving(owner, name, there, registered)
    return sorted(roles, key=lambda role: role != own) if service.alternate else [own]


def begins_to_shift(owner: Component, name: str, service: BalancedService, deployed: Deployed) -> bool:
    """Whether a service whose deployments shift traffic has rolled until now."""
    there = _deployed_groups(owner, [name, f"{name}-b"], deployed)
    registered = _registration(there, deployed)
    return service.alternate and (len(there) == 1 or bool(registered and not registered.get(_SHIFTING)))


def _deployed_groups(owner: Component, roles: list[str], deployed: Deployed) -> dict[str, str]:
    """ARN by role."""
    found = {
        role: deployed.outputs(TARGET_GROUP, owner.name_of(role, longest=LONGEST_TARGET_GROUP)).get("arn")
        for role in roles
    }
    return {role: str(arn) for role, arn in found.items() if arn}


def _registration(groups: Mapping[str, str], deployed: Deployed) -> Mapping[str, Any]:
    """What the deployed ECS service says of these groups, with the service itself; empty where none registers there.

    Where two do, the second is of a service named as the group beside the first.
    """
    found = {
        one.get("targetGroupArn"): {"service": service, **one}
        for service in deployed.like(SERVICE, {}).values()
        for one in service.get("loadBalancers") or ()
    }
    return next((found[arn] for arn in groups.values() if arn in found), {})


def _serving(owner: Component, name: str, groups: Mapping[str, str], registered: Mapping[str, Any]) -> str:
    """Role of the group that gets the requests now, as the listener rule says it."""
    from pulumi_aws import ecs, lb

    options, service = pulumi.InvokeOptions(parent=owner), registered["service"]
    rule = lb.get_listener_rule(arn=registered[_SHIFTING]["productionListenerRule"], opts=options)
    live = ecs.get_service(cluster_arn=service["cluster"], service_name=service["name"], opts=options)
    forwards = [forward for action in rule.actions or () for forward in action.forwards or ()]
    shares = {one.arn: one.weight for forward in forwards for one in forward.target_groups or ()}
    leads = [role for role, arn in groups.items() if shares.get(arn)]
    if len(leads) == 1 and len(live.deployments) < 2:
        return leads[0]
    weights = ", ".join(f"{shares.get(arn, 0)} to {owner.name_of(role)}" for role, arn in groups.items())
    raise pulumi.RunError(
        f"{type(owner).__name__} {owner.instance}: services.{name}: a release of it is under way (weights of its rule: "
        f"{weights}), and tasks replaced in place would leave requests to a group that ECS empties: wait for its end, "
        "or end it by `accordion release continue` or `accordion release rollback`, then set "
        "`deployment.strategy: rolling`"
    )
