"""Rules on an ECS capacity provider: ECS sizes the group by the tasks that want to run, so a provider holds little.

It holds the bounds (they are the group's), schedules of bounds, and one target: CapacityProviderReservation, the metric
that managed scaling follows. Every other policy on the group would fight it (EL043).
Source: ECS developer guide, managed-scaling-behavior; API ManagedScaling.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from components.scaling.ec2_group import group_schedule
from components.scaling.plan import (
    CAPACITY_PROVIDER,
    ProviderContext,
    Refused,
    ScalingPlan,
    ScalingResource,
    Translated,
)
from components.specs.access import whole_units
from elasticity.faults import Fault, KeyPath
from elasticity.rules import Elasticity, Metric, Scheduled, TargetTracking

PROVIDER_ROLE = "capacity-provider"
RESERVATION = ("AWS/ECS/ManagedScaling", "CapacityProviderReservation")
"""Namespace and name of the metric that managed scaling follows."""

_FIGHTS = "ECS sizes this group by the tasks that want to run, and a policy of its own would fight that (EL043)"
_MOVE = "move the rule to the services that run on it: the group follows their tasks"


def translate_provider(rules: Elasticity, context: ProviderContext) -> ScalingPlan:
    """The capacity provider with its managed scaling, and the schedules of the group's bounds."""
    chosen = next((name for name, rule in rules.target_tracking.items() if _on_reservation(rules, rule)), None)
    return ScalingPlan(
        _provider(rules.target_tracking[chosen] if chosen is not None else None, context),
        {name: Translated(refusals=_refused_tracking(rules, name, chosen)) for name in rules.target_tracking},
        {name: _fighting("step_scaling", name) for name in rules.step_scaling},
        {name: _schedule(name, rule, context) for name, rule in rules.scheduled.items()},
        {name: _fighting("predictive", name) for name in rules.predictive},
    )


def _fighting(kind: str, name: str) -> Translated:
    return Translated(refusals=(Fault((kind, name), _FIGHTS, _MOVE),))


def _schedule(name: str, rule: Scheduled, context: ProviderContext) -> Translated:
    schedule = group_schedule(name, rule, context.group)
    if rule.desired is None:
        return schedule
    fights = Fault(("scheduled", name, "desired"), _FIGHTS, "give `minimum` and `maximum` instead")
    return replace(schedule, refusals=(fights, *schedule.refusals))


def _on_reservation(rules: Elasticity, rule: TargetTracking) -> bool:
    metric = rules.metrics.get(rule.metric)
    return metric is not None and is_reservation(metric)


def is_reservation(metric: Metric) -> bool:
    """Whether a declared metric is the one that managed scaling follows."""
    return (metric.namespace, metric.name) == RESERVATION


def _refused_tracking(rules: Elasticity, name: str, chosen: str | None) -> Refused:
    """What keeps a rule from being the one that managed scaling follows."""
    rule, path = rules.target_tracking[name], ("target_tracking", name)
    if not _on_reservation(rules, rule):
        cure = f"{_MOVE}; the group itself can only track {RESERVATION[1]} of {RESERVATION[0]}"
        return (Fault(path, _FIGHTS, cure),)
    if name != chosen:
        return (Fault(path, "a capacity provider has one target capacity", "keep one rule on the reservation"),)
    return tuple(_refused_details(rule, path))


def _refused_details(rule: TargetTracking, path: KeyPath) -> Iterator[Fault]:
    for field in ("scale_in_cooldown", "scale_out_cooldown"):
        if getattr(rule, field) is not None:
            reason = "managed scaling waits for instances to warm up, not for a cooldown"
            yield Fault((*path, field), reason, "give `warm_up` instead")
    if not rule.scale_in:
        reason = "managed scaling always scales in, instances without tasks only"
        yield Fault((*path, "scale_in"), reason, "raise `minimum` to keep instances")
    if not (1 <= rule.target <= 100 and float(rule.target).is_integer()):
        yield Fault((*path, "target"), "a target capacity is whole percent", "allowed 1 to 100")


def _provider(rule: TargetTracking | None, context: ProviderContext) -> ScalingResource:
    warm_up = context.warm_up if rule is None or rule.warm_up is None else whole_units(rule.warm_up)
    return ScalingResource(
        CAPACITY_PROVIDER,
        PROVIDER_ROLE,
        {
            "auto_scaling_group_provider": {
                "auto_scaling_group_arn": context.group_arn,
                "managed_draining": _switch(context.managed_draining),
                "managed_termination_protection": _switch(context.managed_termination_protection),
                "managed_scaling": {
                    "status": "ENABLED",
                    "target_capacity": context.target_capacity if rule is None else round(rule.target),
                    "minimum_scaling_step_size": context.minimum_step,
                    "maximum_scaling_step_size": context.maximum_step,
                    "instance_warmup_period": warm_up,
                },
            }
        },
    )


def _switch(on: bool) -> str:
    return "ENABLED" if on else "DISABLED"
