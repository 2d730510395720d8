"""The guardrails: predicates over one resource, or over all of a stack. Each gives sentences: what is wrong, and what
to do.

A predicate compares what is allowed, as sets of addresses, actions and principals, and not how it is written. A value
that is not known yet is UNKNOWN; a predicate says nothing about what it cannot see.
"""

from __future__ import annotations

from guardrails.checks import (
    balancing,
    containers,
    databases,
    instances,
    network,
    production,
    rights,
    scaling,
    storage,
    tags,
)
from guardrails.checks.check import Check, Predicate, StackCheck, StackPredicate, canonical

CHECKS: tuple[Check, ...] = (
    *network.CHECKS,
    *containers.CHECKS,
    *instances.CHECKS,
    *storage.CHECKS,
    *databases.CHECKS,
    *balancing.CHECKS,
    *rights.CHECKS,
    *production.CHECKS,
    *scaling.CHECKS,
    *tags.CHECKS,
)
"""What one resource shows."""
STACK_CHECKS: tuple[StackCheck, ...] = (
    *network.STACK_CHECKS,
    *storage.STACK_CHECKS,
    *instances.STACK_CHECKS,
    *scaling.STACK_CHECKS,
    *tags.STACK_CHECKS,
)
"""What only all resources together show."""

__all__ = ["CHECKS", "STACK_CHECKS", "Check", "Predicate", "StackCheck", "StackPredicate", "canonical"]
