"""Findings beside the rules: capacity providers, Spot, deployments, the declared count."""

from __future__ import annotations

import math
from collections.abc import Iterator

from elasticity.checks.context import LintContext
from elasticity.checks.finding import Finding, finding
from elasticity.rules import Elasticity, Metric

_RESERVATION = ("AWS/ECS/ManagedScaling", "CapacityProviderReservation")
_ALL = 100
"""Percent."""


def _is_reservation(metric: Metric | None) -> bool:
    """Whether it is the metric that managed scaling itself follows: tracking it sets the provider's target capacity."""
    return metric is not None and (metric.namespace, metric.name) == _RESERVATION


def el043(rules: Elasticity, context: LintContext) -> Iterator[Finding]:
    """Own policies on a group that a capacity provider manages. Source: ECS developer guide, managed scaling."""
    if not context.behaviour.by_reservation:
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


def el045(rules: Elasticity, context: LintContext) -> Iterator[Finding]:
    """Managed termination protection without scale-in protection. Source: API CreateCapacityProvider."""
    if context.managed_termination_protection and not context.scale_in_protection:
        message = "the capacity provider protects instances with tasks, but the group does not protect new instances"
        cure = "turn on scale-in protection of the group, or turn managed termination protection off"
        yield finding("EL045", ("context", "managed_termination_protection"), message, cure)


def el046(rules: Elasticity, context: LintContext) -> Iterator[Finding]:
    """Nothing but Spot outside development. Source: containers-roadmap #852, #773."""
    if context.environment != "development" and context.spot_share == _ALL and context.on_demand_base == 0:
        message = f"all capacity is Spot in {context.environment}"
        cure = "buy a base of at least 1 on demand, or accept the finding for work that may wait"
        yield finding("EL046", ("context", "on_demand_base"), message, cure)


def el070(rules: Elasticity, context: LintContext) -> Iterator[Finding]:
    """A desired count that is declared, and set again by each deployment. Source: pulumi-aws #6264."""
    if context.count_followed and rules.has_rules:
        message = "each deployment sets the count back to the declared one"
        yield finding("EL070", ("context", "count_followed"), message, "ignore changes of the count, or declare none")


def el071(rules: Elasticity, context: LintContext) -> Iterator[Finding]:
    """A capacity-provider strategy that changes without a new deployment. Source: ECS API UpdateService."""
    if context.strategy_given and not context.force_new_deployment:
        message = "a changed strategy reaches new tasks only"
        yield finding("EL071", ("context", "force_new_deployment"), message, "force a new deployment on each update")


def el072(rules: Elasticity, context: LintContext) -> Iterator[Finding]:
    """Zone rebalancing without room for one task more: a maximum of 100 percent, or so close above it that at counts of
    these rules no task fits. Source: ECS developer guide, zone rebalancing; the maximum is rounded down."""
    if not context.zone_rebalancing or context.maximum_percent is None:
        return
    path = ("context", "maximum_percent")
    if context.maximum_percent <= _ALL:
        message = "rebalancing moves a task by starting its successor first, which a maximum of 100 percent forbids"
        yield finding("EL072", path, message, "raise it, or turn zone rebalancing off")
        return
    counts = _counts_without_room(rules, context.maximum_percent, fewest=2)  # one task has nowhere to move
    if counts:
        message = (
            f"with {_range(counts)} tasks a maximum of {context.maximum_percent} percent leaves no room for one more"
        )
        cure = f"raise it to {_percent_for(counts[0])} or more, or turn zone rebalancing off"
        yield finding("EL072", path, message, cure, severity="warning")


def el073(rules: Elasticity, context: LintContext) -> Iterator[Finding]:
    """At a count that the rules or their schedules may hold, a rolling deployment may neither stop a task, since
    ceil(n x minimum) is n, nor start one, since floor(n x maximum) is n. Source: ECS developer guide, rolling
    update."""
    low, high = context.minimum_percent, context.maximum_percent
    if context.deployment != "rolling" or low is None or high is None:
        return
    starts = _counts_without_room(rules, high, fewest=1)
    counts = range(starts.start, min(starts.stop, _room_from(_ALL - low, otherwise=starts.stop)))
    if counts:
        message = (
            f"with {_range(counts)} no task may stop (minimum {low} percent, rounded up) and none may start "
            f"(maximum {high} percent, rounded down)"
        )
        cure = (
            f"raise `maximum_percent` to {_percent_for(counts[0])} or more, lower `minimum_percent`, or hold more tasks"
        )
        yield finding("EL073", ("context", "maximum_percent"), message, cure)


def _counts_without_room(rules: Elasticity, maximum_percent: int, *, fewest: int) -> range:
    """Counts that the rules may hold at which floor(n x maximum) is n: always the lowest ones."""
    schedules = rules.scheduled.values()
    minimum = min([rules.minimum, *(rule.minimum for rule in schedules if rule.minimum is not None)])
    maximum = max([rules.maximum, *(rule.maximum for rule in schedules if rule.maximum is not None)])
    enough = _room_from(maximum_percent - _ALL, otherwise=maximum + 1)
    return range(max(minimum, fewest), min(maximum + 1, enough))


def _room_from(percent: int, *, otherwise: int) -> int:
    """The lowest count of which `percent` is a whole task; `otherwise` where no count has one."""
    return math.ceil(_ALL / percent) if percent > 0 else otherwise


def _range(counts: range) -> str:
    return str(counts[0]) if len(counts) == 1 else f"{counts[0]} to {counts[-1]}"


def _percent_for(count: int) -> int:
    """The smallest maximum at which one task more than `count` fits."""
    return _ALL + math.ceil(_ALL / count)
