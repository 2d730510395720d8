"""Rules on an ECS capacity provider: ECS sizes the group by the tasks that want to run, so a provider holds little.

It holds the bounds (they are the group's), schedules of bounds, and one target: CapacityProviderReservation, the metric
that managed scaling follows. Every other policy on the group would fight it (EL043).
Source: ECS developer guide, managed-scaling-behavior; API ManagedScaling.
"""

from __future__ import annotations

from components.scaling.ec2_group import group_schedule
from components.scaling.plan import CAPACITY_PROVIDER, ProviderContext, Refusal, ScalingResource
from components.specs.access import whole_units
from elasticity.rules import Elasticity, Metric, TargetTracking

PROVIDER_ROLE = "capacity-provider"
RESERVATION = ("AWS/ECS/ManagedScaling", "CapacityProviderReservation")
"""Namespace and name of the metric that managed scaling follows."""

_FIGHTS = "ECS sizes this group by the tasks that want to run, and a policy of its own would fight that (EL043)"
_MOVE = "move the rule to the services that run on it: the group follows their tasks"


def translate_provider(rules: Elasticity, context: ProviderContext, refusals: list[Refusal]) -> list[ScalingResource]:
    """The capacity provider with its managed scaling, then the schedules of the group's bounds."""
    for kind in ("step_scaling", "predictive"):
        refusals.extend(Refusal(f"{kind}.{name}", _FIGHTS, _MOVE) for name in getattr(rules, kind))
    schedules: list[ScalingResource] = []
    for name, rule in rules.scheduled.items():
        if rule.desired is not None:
            refusals.append(Refusal(f"scheduled.{name}.desired", _FIGHTS, "give `minimum` and `maximum` instead"))
        schedules += group_schedule(name, rule, context.group, refusals)
    return [_provider(_tracking(rules, refusals), context), *schedules]


def _tracking(rules: Elasticity, refusals: list[Refusal]) -> TargetTracking | None:
    """The one rule that managed scaling can follow; all others are refused."""
    chosen: TargetTracking | None = None
    for name, rule in rules.target_tracking.items():
        path = f"target_tracking.{name}"
        metric = rules.metrics.get(rule.metric)
        if metric is None or not is_reservation(metric):
            cure = f"{_MOVE}; the group itself can only track {RESERVATION[1]} of {RESERVATION[0]}"
            refusals.append(Refusal(path, _FIGHTS, cure))
            continue
        if chosen is not None:
            reason = "a capacity provider has one target capacity"
            refusals.append(Refusal(path, reason, "keep one rule on the reservation"))
            continue
        _refuse_details(path, rule, refusals)
        chosen = rule
    return chosen


def is_reservation(metric: Metric) -> bool:
    """Whether a declared metric is the one that managed scaling follows."""
    return (metric.namespace, metric.name) == RESERVATION


def _refuse_details(path: str, rule: TargetTracking, refusals: list[Refusal]) -> None:
    for field in ("scale_in_cooldown", "scale_out_cooldown"):
        if getattr(rule, field) is not None:
            reason = "managed scaling waits for instances to warm up, not for a cooldown"
            refusals.append(Refusal(f"{path}.{field}", reason, "give `warm_up` instead"))
    if not rule.scale_in:
        reason = "managed scaling always scales in, instances without tasks only"
        refusals.append(Refusal(f"{path}.scale_in", reason, "raise `minimum` to keep instances"))
    if not (1 <= rule.target <= 100 and float(rule.target).is_integer()):
        refusals.append(Refusal(f"{path}.target", "a target capacity is whole percent", "allowed 1 to 100"))


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
