"""Rules and a context to planned resources: the one entry, the same for every platform."""

from __future__ import annotations

from components.scaling.capacity_provider import translate_provider
from components.scaling.ec2_group import translate_group
from components.scaling.ecs_service import translate_service
from components.scaling.plan import Context, GroupContext, Refusal, RefusedRulesError, ScalingResource, ServiceContext
from elasticity.rules import Elasticity


def translate(rules: Elasticity, context: Context) -> list[ScalingResource]:
    """The resources that hold `rules` on the context's platform, in the order of their dependencies.

    Raises `RefusedRulesError` with everything that the platform cannot hold, each with its reason and cure.
    """
    resources, refusals = _attempt(rules, context)
    if refusals:
        raise RefusedRulesError(refusals)
    return resources


def refusals_of(rules: Elasticity, context: Context) -> list[Refusal]:
    """What the context's platform cannot hold; empty when `translate` would answer."""
    return _attempt(rules, context)[1]


def _attempt(rules: Elasticity, context: Context) -> tuple[list[ScalingResource], list[Refusal]]:
    refusals: list[Refusal] = []
    if isinstance(context, ServiceContext):
        resources = translate_service(rules, context, refusals)
    elif isinstance(context, GroupContext):
        resources = translate_group(rules, context, refusals)
    else:
        resources = translate_provider(rules, context, refusals)
    return resources, list(dict.fromkeys(refusals))
