"""What the program would refuse to build of the rules of a stack: the refusals of the translation, before it runs."""

from __future__ import annotations

from components.scaling.plan import BalancedTarget, Context, GroupContext, ProviderContext, Refusal, ServiceContext
from components.scaling.translation import refusals_of
from operations.surroundings import Scaled
from stacks.settings import Group, Service, Settings

_NAME = "web"
"""Stands for the names and ARNs that exist only once something is deployed: no refusal looks at them."""


def refused(settings: Settings, one: Scaled) -> list[Refusal]:
    """What the platform of a service or group cannot hold of its rules, each with its reason and cure."""
    return refusals_of(one.rules, _context(settings, settings.members[one.name]))


def _context(settings: Settings, member: Service | Group) -> Context:
    targets = _targets(settings, member)
    if isinstance(member, Service):
        return ServiceContext(_NAME, _NAME, targets, member.container_insights)
    return GroupContext(_NAME, targets) if member.capacity_provider is None else ProviderContext(_NAME, _NAME)


def _targets(settings: Settings, member: Service | Group) -> tuple[BalancedTarget, ...]:
    """The target groups whose requests an application balancer counts."""
    behind = member.behind_balancer
    if behind is None or settings.load_balancer.kind != "application":
        return ()
    return (BalancedTarget(_NAME, _NAME, _NAME if behind.alternate else None),)
