"""Security groups and roles of units: what may reach them, what they may reach, what they may do."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pulumi
from pulumi_aws.ec2 import SecurityGroup
from pulumi_aws.iam import Role, RolePolicy, RolePolicyAttachment
from pulumi_aws.vpc import SecurityGroupEgressRule, SecurityGroupIngressRule

from components._component import Component
from components.deployed import Deployed
from components.former_names import Single, Values, former_names, plain
from components.specs.access import Opening, Permission, whole_service

Statement = Mapping[str, Any]
"""One IAM statement; values may be Outputs."""


@dataclass(frozen=True)
class PermissionArgs:
    """One allow statement whose resources the program makes."""

    actions: Sequence[str]
    resources: Sequence[pulumi.Input[str]]
    """ARNs."""
    conditions: Mapping[str, Mapping[str, pulumi.Input[str]]] = field(default_factory=dict)

    @property
    def statement(self) -> Statement:
        """The statement as IAM writes it."""
        condition = {"Condition": dict(self.conditions)} if self.conditions else {}
        return {"Effect": "Allow", "Action": list(self.actions), "Resource": list(self.resources), **condition}


@dataclass(frozen=True)
class Admission:
    """Members of another security group that may reach one port."""

    source: pulumi.Input[str]
    port: int
    protocol: str = "tcp"

    @property
    def peer(self) -> dict[str, Any]:
        """Inputs of the rule."""
        return {
            "referenced_security_group_id": self.source,
            "ip_protocol": self.protocol,
            "from_port": self.port,
            "to_port": self.port,
        }


def _content(values: Values) -> Hashable | None:
    """What a rule opens: AWS refuses a second rule of a group with the same content (InvalidPermission.Duplicate)."""
    found = plain(values)
    names = ("ipprotocol", "fromport", "toport", "cidripv4", "cidripv6", "prefixlistid")
    other = any(key.replace("_", "").lower() == "referencedsecuritygroupid" and value for key, value in values.items())
    return (*(found.get(name) for name in names), other)


def _names_a_group(content: Hashable) -> bool:
    return isinstance(content, tuple) and content[-1] is True


_DIRECTIONS = {"ingress": SecurityGroupIngressRule, "egress": SecurityGroupEgressRule}
_SINGLE = {
    direction: Single(f"aws:vpc/securityGroup{direction.capitalize()}Rule:SecurityGroup{direction.capitalize()}Rule",
                      "opening", _content, _names_a_group)
    for direction in _DIRECTIONS
}  # fmt: skip


def own_security_group(
    component: Component,
    vpc_id: pulumi.Input[str],
    *,
    description: str,
    ingress: Mapping[str, Opening],
    egress: Mapping[str, Opening],
    admitted: Mapping[str, Admission],
    deployed: Deployed,
) -> SecurityGroup:
    """A security group with the declared openings, each a rule of its own, keyed by name; nothing else is open."""
    role = "security-group"
    group = SecurityGroup(
        component.name_of(role),
        description=description,
        vpc_id=vpc_id,
        tags=component.tags_of(role),
        opts=component.options_of(role),
    )
    openings = {
        "ingress": {name: _peer(opening) for name, opening in ingress.items()}
        | {name: admission.peer for name, admission in admitted.items()},
        "egress": {name: _peer(opening) for name, opening in egress.items()},
    }
    before = deployed.outputs("aws:ec2/securityGroup:SecurityGroup", component.name_of(role))
    place = {"securityGroupId": before.get("id")}
    for direction, rule in _DIRECTIONS.items():
        peers = {f"{direction}-{name}": peer for name, peer in openings[direction].items()}
        former = former_names(component, deployed, _SINGLE[direction], place, peers)
        for child, peer in peers.items():
            rule(
                component.name_of(child),
                security_group_id=group.id,
                **peer,
                description=child.replace("-", " ", 1),
                tags=component.tags_of(child),
                opts=component.options_of(child, aliases=former.get(child, ())),
            )
    return group


def _peer(opening: Opening) -> dict[str, Any]:
    ports = {"from_port": opening.port, "to_port": opening.to_port or opening.port} if opening.port else {}
    peers = {
        "cidr_ipv4": opening.cidr,
        "referenced_security_group_id": opening.security_group,
        "prefix_list_id": opening.prefix_list,
    }
    protocol = "-1" if opening.protocol == "all" else opening.protocol
    return {"ip_protocol": protocol, **ports, **{key: value for key, value in peers.items() if value is not None}}


def service_role(
    component: Component,
    role: str,
    principal: str,
    description: str,
    condition: pulumi.Input[Mapping[str, Any]] | None = None,
    *,
    boundary: pulumi.Input[str] | None,
) -> Role:
    """A role that one AWS service may take, under a condition if one is given; its rights end at the boundary."""
    trust: dict[str, Any] = {"Effect": "Allow", "Principal": {"Service": principal}, "Action": "sts:AssumeRole"}
    if condition is not None:
        trust["Condition"] = condition
    return Role(
        component.name_of(role),
        description=description,
        assume_role_policy=pulumi.Output.json_dumps({"Version": "2012-10-17", "Statement": [trust]}),
        permissions_boundary=boundary,
        tags=component.tags_of(role),
        opts=component.options_of(role),
    )


def allow(component: Component, role: str, holder: Role, statements: pulumi.Input[Sequence[Statement]]) -> RolePolicy:
    """Give a role statements of its own."""
    document = {"Version": "2012-10-17", "Statement": statements}
    return RolePolicy(
        component.name_of(role),
        role=holder.name,
        policy=pulumi.Output.json_dumps(document),
        opts=component.options_of(role),
    )


def attach(component: Component, role: str, holder: Role, policy: str) -> RolePolicyAttachment:
    """Give a role one of AWS's own policies, in the partition that the role lives in."""
    return RolePolicyAttachment(
        component.name_of(role),
        role=holder.name,
        policy_arn=holder.arn.apply(lambda arn: f"arn:{arn.split(':')[1]}:iam::aws:policy/{policy}"),
        opts=component.options_of(role),
    )


def permission_faults(wired: Mapping[str, PermissionArgs]) -> list[str]:
    """What is more than an application needs; one line each. The spec's own permissions are checked by the spec."""
    return [
        f"permissions.{name}.actions: `{action}` is a whole service or more: name the actions"
        for name, permission in wired.items()
        for action in permission.actions
        if whole_service(action)
    ]


def statements_of(declared: Mapping[str, Permission], wired: Mapping[str, PermissionArgs]) -> list[Statement]:
    """Statements of the spec, then those of the program."""
    return [*(each.statement for each in declared.values()), *(each.statement for each in wired.values())]
