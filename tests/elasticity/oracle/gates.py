"""Cooldown and warm-up: what waits for what, and what counts while it waits.

Source: AASUG step-scaling-cooldown and target tracking; EC2UG ec2-auto-scaling-default-instance-warmup,
ec2-auto-scaling-scaling-cooldowns, as-scaling-simple-step; ECSDG managed-scaling-behavior.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from elasticity import arguments
from elasticity.platforms import platform_parameters
from elasticity.policies import StepPolicy, step_capacity
from elasticity.rounding import clamp

DEFAULT_COOLDOWN = 300.0
"""Seconds; the default cooldown of an Auto Scaling group, in force where no warm-up is set."""


def cooldown_capacity(desired: int, baseline: int, adjustment: int) -> int:
    """New desired units when a policy changes `baseline` by `adjustment` while `desired` holds units that do not count
    yet.

    One arithmetic for service cooldowns (baseline = desired less what the opening activity added) and EC2 warm-ups
    (baseline = units past their warm-up): `max(desired, baseline + adjustment)`. Shrinking waits while the two differ.
    Never below 0. Raises ValueError unless all are whole and the counts not negative.
    """
    desired, baseline = arguments.count("desired", desired), arguments.count("baseline", baseline)
    adjustment = arguments.count("adjustment", adjustment, -math.inf)
    if adjustment >= 0:
        return max(desired, baseline + adjustment)
    return max(0, desired + adjustment) if baseline == desired else desired


def warming_step(
    baseline: int,
    desired: int,
    metric: float,
    policy: StepPolicy | Mapping[str, Any],
    *,
    minimum: int | None = None,
    maximum: int | None = None,
) -> int:
    """New desired units when a step policy acts at `metric` while some units warm; percentages are taken of
    `baseline`; then within the bounds given."""
    adjustment = step_capacity(baseline, metric, policy) - baseline
    return clamp(cooldown_capacity(desired, baseline, adjustment), minimum, maximum)


def warm_up_time(
    policy_warm_up: float | None = None, group_warm_up: float | None = None, default_cooldown: float | None = None
) -> float:
    """Seconds of warm-up in force: the first that is set of policy, group, default cooldown (300 where unset).

    A group's 0 is set and means no wait; its -1 removes the setting (EC2UG ec2-auto-scaling-default-instance-warmup).
    Raises ValueError on a time that is negative, but for that -1, or no finite number.
    """
    least = {"policy_warm_up": 0, "group_warm_up": -1, "default_cooldown": 0}
    for name, value in zip(least, (policy_warm_up, group_warm_up, default_cooldown), strict=True):
        if value is not None:
            arguments.number(name, value, least[name])
    if policy_warm_up is not None:
        return policy_warm_up
    if group_warm_up is not None and group_warm_up != -1:
        return group_warm_up
    return DEFAULT_COOLDOWN if default_cooldown is None else default_cooldown


@dataclasses.dataclass(frozen=True, slots=True)
class Gate:
    """Whether an event may act while something runs, and what it cancels."""

    allowed: bool
    cancels: str | None = None


EVENTS = ("scale_out_alarm", "scale_in_alarm", "scheduled_action", "predictive", "unhealthy_replacement")
_OPEN, _SHUT = Gate(allowed=True), Gate(allowed=False)
_HOLDS_SCALE_IN: Mapping[str, Gate] = MappingProxyType({"scale_in_alarm": _SHUT})
_HOLDS_BOTH: Mapping[str, Gate] = MappingProxyType({"scale_in_alarm": _SHUT, "scale_out_alarm": _SHUT})
_HOLDS_NOTHING: Mapping[str, Gate] = MappingProxyType({})

GATES: Mapping[str, Mapping[str, Mapping[str, Gate]]] = MappingProxyType(
    {
        "ecs_service": MappingProxyType(
            {
                # A scale-out within it acts by what it adds beyond the running one: `cooldown_capacity`.
                "scale_out_cooldown": _HOLDS_SCALE_IN,
                "scale_in_cooldown": MappingProxyType(
                    {"scale_in_alarm": _SHUT, "scale_out_alarm": Gate(allowed=True, cancels="scale_in_cooldown")}
                ),
                "deployment": _HOLDS_SCALE_IN,
                "activity": _HOLDS_NOTHING,
            }
        ),
        "ec2_group": MappingProxyType(
            {
                "warm_up": _HOLDS_SCALE_IN,
                "default_cooldown": _HOLDS_SCALE_IN,  # after a launch, where the default instance warm-up is unset
                "simple_cooldown": _HOLDS_NOTHING,
                "activity": _HOLDS_NOTHING,
            }
        ),
        "capacity_provider": MappingProxyType({"instance_warmup": _HOLDS_BOTH, "activity": _HOLDS_NOTHING}),
    }
)
"""By platform and what runs: the events it touches; the others pass."""


def gate(platform: str, event: str, running: str | None) -> Gate:
    """Whether `event` may act on `platform` while `running` (None for nothing) is under way, and what it cancels.

    Only alarms of step and tracking policies are held; for simple scaling see `simple_gate`. Raises ValueError on an
    unknown name.
    """
    platform_parameters(platform)
    known = GATES[platform]
    if event not in EVENTS:
        raise ValueError(f"`event`: got {event!r}, allowed {', '.join(EVENTS)}")
    if running is None:
        return _OPEN
    if running not in known:
        raise ValueError(f"`running`: got {running!r}, allowed on {platform} {', '.join(known)}")
    return known[running].get(event, _OPEN)


POLICY_KINDS = ("simple", "step", "target_tracking", "scheduled", "predictive", "unhealthy_replacement")


WAITED_FOR = ("activity", "health_check_replacement", "simple_cooldown")
"""What simple scaling waits for."""


def simple_gate(policy_kind: str, running: str | None) -> bool:
    """Whether a policy of a group may act while one of WAITED_FOR runs: only simple scaling waits.

    Raises ValueError on an unknown name. Source: EC2UG ec2-auto-scaling-scaling-cooldowns, as-scaling-simple-step.
    """
    if policy_kind not in POLICY_KINDS:
        raise ValueError(f"`policy_kind`: got {policy_kind!r}, allowed {', '.join(POLICY_KINDS)}")
    if running not in (None, *WAITED_FOR):
        raise ValueError(f"`running`: got {running!r}, allowed {', '.join(WAITED_FOR)} or None")
    return policy_kind != "simple" or running is None


def cooldown_start(
    direction: str,
    finished_at: Sequence[float],
    hooks_done_at: Sequence[float] = (),
    deregistered_at: Sequence[float] = (),
) -> float:
    """When the cooldown of a simple-scaling activity starts, in the times' own unit: once its last instance is
    finished.

    Out: in service, after launch hooks. In: after deregistration from the balancer where there is one, not after the
    terminate hook. Raises ValueError on an unknown direction or without an instance. Source: EC2UG
    ec2-auto-scaling-scaling-cooldowns.
    """
    if direction not in ("out", "in"):
        raise ValueError(f"`direction`: got {direction!r}, allowed out, in")
    if not finished_at:
        raise ValueError("`finished_at`: an activity has at least one instance")
    if direction == "out":
        return max(*finished_at, *hooks_done_at) if hooks_done_at else max(finished_at)
    return max(deregistered_at or finished_at)


_COUNTED: Mapping[str, Mapping[str, bool]] = MappingProxyType(
    {
        "ecs_service": MappingProxyType({"provisioning": False, "pending": False, "running": True, "stopping": False}),
        "ec2_group": MappingProxyType({"pending": False, "in_service": True, "terminating": False, "standby": False}),
        "capacity_provider": MappingProxyType(
            {"pending": False, "warming": True, "in_service": True, "terminating": False}
        ),
    }
)


def counts_in_metric(platform: str, state: str, default_instance_warmup: float | None = None) -> bool:
    """Whether a unit in `state` counts in the metric that policies see.

    A group leaves out an instance that is `warming`, unless the warm-up is 0 or unset (None, -1): then it counts once
    in service. Raises ValueError on an unknown state. Source: EC2UG ec2-auto-scaling-default-instance-warmup.
    """
    platform_parameters(platform)
    if platform_parameters(platform).behaviour.rule_warm_ups and state == "warming":
        return default_instance_warmup in (None, 0, -1)
    states = _COUNTED[platform]
    if state not in states:
        raise ValueError(f"`state`: got {state!r}, allowed on {platform} {', '.join(states)}")
    return states[state]


def bounded_first(desired: int, minimum: int, maximum: int, alarm: str) -> int:
    """Desired of an ECS service before a policy goes on, where it lies outside the bounds.

    A scale-out alarm (`high`) first raises it to the minimum, a scale-in alarm (`low`) first lowers it to the maximum;
    the other side stays as it is. Raises ValueError on another alarm. Source: ECS service-auto-scaling page.
    """
    if alarm not in ("high", "low"):
        raise ValueError(f"`alarm`: got {alarm!r}, allowed high, low")
    return max(desired, minimum) if alarm == "high" else min(desired, maximum)


def ecs_step(desired: int, running: int, minimum: int, maximum: int, alarm: str, change: int) -> int:
    """Desired tasks of a service after a policy changes its *running* tasks by `change`.

    Outside the bounds see `bounded_first`; above the maximum nothing is added, below the minimum nothing removed. A
    scale-out never lowers desired, a scale-in never raises it `[asm]`. Raises ValueError unless all are whole and the
    counts not negative.
    """
    desired, running = arguments.count("desired", desired), arguments.count("running", running)
    minimum, maximum = arguments.count("minimum", minimum), arguments.count("maximum", maximum)
    change = arguments.count("change", change, -math.inf)
    first = bounded_first(desired, minimum, maximum, alarm)
    if alarm == "high":
        return max(first, min(running + change, maximum))
    return min(first, max(running + change, minimum))
