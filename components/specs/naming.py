"""How long names may be and how they may begin: limits of AWS that physical names made of ours would reach."""

from __future__ import annotations

LONGEST_NAME = 20
"""Characters of an instance name: target groups and balancers stop at 32, and roles and the engine's suffix come behind
it."""
SUFFIX = 8
"""Characters that auto-naming adds: a hyphen and seven of its own (pulumi/docs, concepts/resources/names)."""
LONGEST_TARGET_GROUP, LONGEST_BALANCER = 32, 32
"""Source: Elastic Load Balancing API reference, CreateTargetGroup and CreateLoadBalancer."""
LONGEST_EVENT_RULE = 64
"""Source: EventBridge API reference, PutRule."""

RESERVED_BEGINNINGS = {
    "sg-": "EC2 refuses security groups whose names begin so",
    "internal-": "Elastic Load Balancing refuses balancers whose names begin so",
}
"""Beginnings of names that AWS keeps for itself. Source: EC2 API reference, CreateSecurityGroup; Elastic Load Balancing
API reference, CreateLoadBalancer."""
RESERVED_FOR_PROVIDERS = ("aws", "ecs", "fargate")
"""Beginnings that ECS refuses for capacity providers. Source: ECS API reference, CreateCapacityProvider."""


def reserved(name: str) -> str | None:
    """Why an instance may not have that name, if AWS keeps its beginning for itself."""
    found = next(((start, why) for start, why in RESERVED_BEGINNINGS.items() if name.startswith(start)), None)
    return f"begins with `{found[0]}`: {found[1]}" if found else None


def longest_role(instance: str, longest: int) -> int:
    """Characters that a role may have, so that `<instance>-<role>` and the suffix stay within AWS's `longest`."""
    return longest - SUFFIX - len(instance) - 1
