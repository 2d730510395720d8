"""Findings on time: cooldowns, warm-ups and graces against what a unit really needs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from elasticity.checks.context import LintContext
from elasticity.checks.finding import Finding, finding
from elasticity.checks.metrics import underlying
from elasticity.checks.steps import grows
from elasticity.faults import KeyPath
from elasticity.platforms import platform_parameters
from elasticity.quantities import Duration
from elasticity.rules import Elasticity

_SERVICE = platform_parameters("ecs_service")
_OUT_DEFAULT = Duration(_SERVICE.scale_out_cooldown or 0)
_IN_DEFAULT = Duration(_SERVICE.scale_in_cooldown or 0)
_ZERO = Duration(0)


class _Outward(NamedTuple):
    """The cooldown after scaling out that is in force for one rule of a service."""

    path: KeyPath
    cooldown: Duration
    seen_after: Duration
    """From when new capacity serves until a datapoint shows it: the rest of a period, and the delay of publication."""
    period: Duration
    """Of a step rule's alarm; 0 for tracking."""


def _outward(rules: Elasticity, context: LintContext) -> Iterator[_Outward]:
    """One row per rule that adds tasks; groups have no cooldowns."""
    if not context.behaviour.rule_cooldowns:
        return
    for name, rule in rules.target_tracking.items():
        cooldown = _OUT_DEFAULT if rule.scale_out_cooldown is None else rule.scale_out_cooldown
        periods = [int(part.period) for part in underlying(rules, rule.metric) if part.name is not None]
        period = max([int(rule.metric_period or _SERVICE.metric_period), *periods])
        seen_after = Duration(period + _SERVICE.at_period(period).publication_delay)
        yield _Outward(("target_tracking", name, "scale_out_cooldown"), cooldown, seen_after, _ZERO)
    for name, step in rules.step_scaling.items():
        if grows(step):
            cooldown = _OUT_DEFAULT if step.cooldown is None else step.cooldown
            seen_after = Duration(step.period + _SERVICE.publication_delay)
            yield _Outward(("step_scaling", name, "cooldown"), cooldown, seen_after, step.period)


def _inward(rules: Elasticity, context: LintContext) -> Iterator[tuple[str, Duration]]:
    """Name and in-cooldown in force of each tracking rule of a service that scales in."""
    if context.behaviour.rule_cooldowns:
        for name, rule in rules.target_tracking.items():
            if rule.scale_in:
                yield name, _IN_DEFAULT if rule.scale_in_cooldown is None else rule.scale_in_cooldown


def el030(rules: Elasticity, context: LintContext) -> Iterator[Finding]:
    """Out-cooldown that ends before new capacity shows in the metric, or in-cooldown shorter than out-cooldown.

    A unit serves after its start-up, and the datapoint of its first full period is published after period and delay:
    60 s of start-up are seen 290 s after the action. AWS's default of 5m and more is found only where the start-up
    alone (of a step rule with its period) is longer.
    """
    start_up = rules.unit.start_up
    outward = {row.path[1]: row.cooldown for row in _outward(rules, context)}
    for row in _outward(rules, context):
        if start_up is None:
            continue
        started = Duration(start_up + row.period)
        seen = Duration(start_up + row.seen_after)
        if row.cooldown < max(started, min(seen, _OUT_DEFAULT)):
            message = (
                f"scale-out cooldown {row.cooldown} ends before what it adds is seen: start-up {start_up}, then "
                f"{row.seen_after} until a datapoint shows it"
            )
            yield finding("EL030", row.path, message, f"raise it to {seen}")
    for name, cooldown in _inward(rules, context):
        if cooldown < outward[name]:
            message = f"scale-in cooldown {cooldown} is shorter than the scale-out cooldown, {outward[name]}"
            path = ("target_tracking", name, "scale_in_cooldown")
            yield finding("EL030", path, message, f"raise it to {outward[name]} or more")


def el032(rules: Elasticity, context: LintContext) -> Iterator[Finding]:
    """Grace or warm-up shorter than the declared start-up."""
    start_up = rules.unit.start_up
    if start_up is None:
        return
    for field, what in (("health_check_grace", "health-check grace"), ("default_warm_up", "default warm-up")):
        value = getattr(context, field)
        if value is not None and value < start_up:
            message = f"{what} {value} is shorter than the start-up, {start_up}"
            yield finding("EL032", ("context", field), message, f"raise it to {start_up}, or leave it out")
    for kind in ("target_tracking", "step_scaling"):
        for name, rule in getattr(rules, kind).items():
            if rule.warm_up is not None and rule.warm_up < start_up:
                message = f"warm-up {rule.warm_up} is shorter than the start-up, {start_up}"
                yield finding("EL032", (kind, name, "warm_up"), message, f"raise it to {start_up}")


def el033(rules: Elasticity, context: LintContext) -> Iterator[Finding]:
    """Balancer health checks with grace 0 or unset. Source: API CreateAutoScalingGroup, default 0."""
    if context.behaviour.units == "instances" and context.health_check == "ELB" and not context.health_check_grace:
        message = "the balancer judges instances from their first second"
        yield finding("EL033", ("context", "health_check_grace"), message, "set it to the start-up time")


def el034(rules: Elasticity, context: LintContext) -> Iterator[Finding]:
    """Policies on a group without a default instance warm-up. Source: EC2 Auto Scaling guide, strongly recommended."""
    policies = rules.target_tracking or rules.step_scaling
    if context.behaviour.rule_warm_ups and policies and context.default_warm_up is None:
        message = "the group's default instance warm-up is not set"
        yield finding("EL034", ("context", "default_warm_up"), message, "set it to the start-up time")


def el035(rules: Elasticity, context: LintContext) -> Iterator[Finding]:
    """In-cooldown shorter than start-up and warm-up together; simple scaling where step or tracking would do."""
    start_up = rules.unit.start_up
    for name, cooldown in _inward(rules, context):
        needed = Duration((start_up or 0) + (context.slow_start or 0))
        if start_up is not None and cooldown < needed:
            what = f"start-up and slow start together, {needed}" if context.slow_start else f"the start-up, {needed}"
            message = f"scale-in cooldown {cooldown} is shorter than {what}: what leaves cannot be back in time"
            path = ("target_tracking", name, "scale_in_cooldown")
            yield finding("EL035", path, message, f"raise it to {needed}")
    if context.simple_scaling:
        message = "a simple-scaling policy waits for each activity and its cooldown before it looks again"
        yield finding("EL035", ("context", "simple_scaling"), message, "replace it by target tracking or a step rule")


def el081(rules: Elasticity, context: LintContext) -> Iterator[Finding]:
    """Deregistration delay below the longest request; stop timeout below the longest message.

    Behind a balancer ECS waits for the deregistration delay before it stops a task, so requests are covered by that
    alone; a worker has only the stop timeout. Source: ECS developer guide, task life cycle.
    """
    longest, delay = rules.unit.longest_request, context.deregistration_delay
    if longest is not None and delay is not None and delay < longest:
        message = f"deregistration delay {delay} is shorter than the longest request, {longest}"
        yield finding("EL081", ("context", "deregistration_delay"), message, f"raise it to {longest}")
    message_time = rules.queue.time_per_message if rules.queue else None
    needed = max(
        (time for time in (message_time, longest if delay is None else None) if time is not None), default=None
    )
    if needed is not None and context.stop_timeout is not None and context.stop_timeout < needed:
        message = f"stop timeout {context.stop_timeout} is shorter than the longest message, {needed}"
        cure = f"raise it to {needed}; Fargate waits at most 2m, so split longer work"
        yield finding("EL081", ("context", "stop_timeout"), message, cure)
