"""What one component hands to another: a cluster, a target group, subnets. Plain wiring, no resource."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi

Subnets = Mapping[str, pulumi.Input[str]] | Sequence[pulumi.Input[str]]
"""Subnet ids, by zone as `Network` gives them, or in a list."""


@dataclass(frozen=True)
class ClusterReference:
    """An ECS cluster that exists. Its capacity providers must include those that its services use; whoever owns it adds
    them, since a cluster has one list, held whole."""

    name: pulumi.Input[str]
    arn: pulumi.Input[str]


@dataclass(frozen=True)
class TargetGroupReference:
    """Where one service or group registers, and by what names metrics know the place. `LoadBalancer.targets_of` gives
    it."""

    arn: pulumi.Output[str]
    """Target group."""
    suffix: pulumi.Output[str]
    """targetgroup/<name>/<id>."""
    balancer_suffix: pulumi.Output[str] | None
    """app/<name>/<id>; none for a network balancer, which counts no requests."""
    security_group_id: pulumi.Output[str]
    """Group from which traffic comes."""
    alternate_arn: pulumi.Output[str] | None = None
    """Second target group, for deployments that shift traffic."""
    alternate_suffix: pulumi.Output[str] | None = None
    rule_arn: pulumi.Output[str] | None = None
    """First listener rule that leads there."""
    test_rule_arn: pulumi.Output[str] | None = None
    """Listener rule that leads testers to the new version of a release."""


def subnet_list(what: str, subnets: Subnets) -> list[pulumi.Input[str]]:
    """The ids; those of a map in the order of its zones. Raises `pulumi.RunError` for one id in place of a list."""
    if isinstance(subnets, str):
        raise pulumi.RunError(f"{what}: subnet_ids: got one text, expected a list of ids, or a map from zone to id")
    return [subnet for _, subnet in sorted(subnets.items())] if isinstance(subnets, Mapping) else list(subnets)
