"""Findings on what stands around the rules: capacity providers, Spot, deployments, the declared count."""

from __future__ import annotations

from collections.abc import Iterator

from elasticity.checks.finding import Finding, finding
from elasticity.checks.surroundings import Surroundings
from elasticity.rules import Elasticity, Metric

_RESERVATION = ("AWS/ECS/ManagedScaling", "CapacityProviderReservation")
_ALL = 100
"""Percent."""


def _is_reservation(metric: Metric | None) -> bool:
    """Whether it is the metric that managed scaling itself follows: tracking it sets the provider's target capacity."""
    return metric is not None and (metric.namespace, metric.name) == _RESERVATION


def el043(rules: Elasticity, around: Surroundings) -> Iterator[Finding]:
    """Own policies on a group that a capacity provider manages. Source: ECS developer guide, managed scaling."""
    if not around.behaviour.by_reservation:
        return
    cure = "move the rule to the services that run on it: the group follows their tasks"
    for kind in ("target_tracking", "step_scaling", "predictive"):
        for name, rule in getattr(rules, kind).items():
            if kind != "target_tracking" or not _is_reservation(rules.metrics.get(rule.metric)):
                message = f"ECS sizes this group by the tasks that want to run, and {name} would move it too"
                yield finding("EL043", (kind, name), message, cure)
    for name, schedule in rules.scheduled.items():
        if schedule.desired is not None:
            message = f"ECS sizes this group by the tasks that want to run, and {name} would set its size"
            yield finding("EL043", ("scheduled", name, "desired"), message, "give `minimum` and `maximum` instead")


def el045(rules: Elasticity, around: Surroundings) -> Iterator[Finding]:
    """Managed termination protection without scale-in protection. Source: API CreateCapacityProvider."""
    if around.managed_termination_protection and not around.scale_in_protection:
        message = "the capacity provider protects instances with tasks, but the group does not protect new instances"
        cure = "turn on scale-in protection of the group, or turn managed termination protection off"
        yield finding("EL045", ("around", "managed_termination_protection"), message, cure)


def el046(rules: Elasticity, around: Surroundings) -> Iterator[Finding]:
    """Nothing but Spot outside development. Source: containers-roadmap #852, #773."""
    if around.environment != "development" and around.spot_share == _ALL and around.on_demand_base == 0:
        message = f"all capacity is Spot in {around.environment}"
        cure = "buy a base of at least 1 on demand, or accept the finding for work that may wait"
        yield finding("EL046", ("around", "on_demand_base"), message, cure)


def el070(rules: Elasticity, around: Surroundings) -> Iterator[Finding]:
    """A desired count that is declared, and set again by each deployment. Source: pulumi-aws #6264."""
    if around.count_followed and rules.has_rules:
        message = "each deployment sets the count back to the declared one"
        yield finding("EL070", ("around", "count_followed"), message, "ignore changes of the count, or declare none")


def el071(rules: Elasticity, around: Surroundings) -> Iterator[Finding]:
    """A capacity-provider strategy that changes without a new deployment. Source: ECS API UpdateService."""
    if around.strategy_given and not around.force_new_deployment:
        message = "a changed strategy reaches new tasks only"
        yield finding("EL071", ("around", "force_new_deployment"), message, "force a new deployment on each update")


def el072(rules: Elasticity, around: Surroundings) -> Iterator[Finding]:
    """Zone rebalancing with a maximum of 100 percent. Source: ECS developer guide, zone rebalancing."""
    if around.zone_rebalancing and around.maximum_percent == _ALL:
        message = "rebalancing moves a task by starting its successor first, which a maximum of 100 percent forbids"
        yield finding("EL072", ("around", "maximum_percent"), message, "raise it, or turn zone rebalancing off")
