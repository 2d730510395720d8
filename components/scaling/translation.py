"""Rules and a context to a plan: the one entry, the same for every platform."""

from __future__ import annotations

from components.scaling.capacity_provider import translate_provider
from components.scaling.ec2_group import translate_group
from components.scaling.ecs_service import translate_service
from components.scaling.plan import Context, GroupContext, RefusedRulesError, ScalingPlan, ServiceContext
from elasticity.checks.bounds import el001
from elasticity.checks.context import LintContext
from elasticity.checks.schedules import el050
from elasticity.checks.steps import el013, el040
from elasticity.faults import Fault, KeyPath
from elasticity.rules import Elasticity
from elasticity.schedules import time_zone_of

_REFUSED_BY_AWS = (el001, el013, el040, el050)
"""Findings on what AWS refuses on every platform, only later: when it is deployed, or at the time of a schedule."""


def translate(rules: Elasticity, context: Context) -> ScalingPlan:
    """What holds `rules` on the context's platform, rule by rule.

    Raises `RefusedRulesError` with everything that the platform cannot hold, each with its reason and cure.
    """
    plan = _plan(rules, context)
    if refusals := _refusals(rules, plan):
        raise RefusedRulesError(refusals)
    return plan


def refusals_of(rules: Elasticity, context: Context) -> list[Fault]:
    """What the context's platform cannot hold; empty when `translate` would answer."""
    return _refusals(rules, _plan(rules, context))


def _plan(rules: Elasticity, context: Context) -> ScalingPlan:
    if isinstance(context, ServiceContext):
        return translate_service(rules, context)
    if isinstance(context, GroupContext):
        return translate_group(rules, context)
    return translate_provider(rules, context)


def _refusals(rules: Elasticity, plan: ScalingPlan) -> list[Fault]:
    of_platform = plan.refusals
    named = {_rule_of(refusal) for refusal in of_platform}  # the platform's own words are nearer to what was written
    everywhere = [refusal for refusal in _refused_everywhere(rules) if _rule_of(refusal) not in named]
    return list(dict.fromkeys([*of_platform, *everywhere]))


def _rule_of(refusal: Fault) -> KeyPath:
    return refusal.path[:2]


def _refused_everywhere(rules: Elasticity) -> list[Fault]:
    """What no platform takes: bounds out of order, steps with gaps, time zones that do not exist."""
    found = [one for check in _REFUSED_BY_AWS for one in check(rules, LintContext()) if one.severity == "error"]
    refusals = [Fault(one.path, one.message, f"{one.cure} ({one.code})") for one in found]
    for name, rule in rules.scheduled.items():
        if rule.start is not None and rule.end is not None and rule.end <= rule.start:
            cure = "move `end` behind `start`, or leave it out"
            refusals.append(Fault(("scheduled", name, "end"), "not after `start`", cure))
        try:
            time_zone_of(rule.time_zone)
        except ValueError as error:
            reason, _, cure = str(error).removeprefix("`time_zone`: ").partition(", ")
            refusals.append(Fault(("scheduled", name, "time_zone"), reason, cure))
    return refusals
