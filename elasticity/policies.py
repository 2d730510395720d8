"""From an alarm and a metric to a capacity: target tracking, steps, and the choice between several policies."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal, cast, get_args

from elasticity import arguments
from elasticity.platforms import platform_parameters
from elasticity.rounding import ceil, clamp
from elasticity.steps import (
    ADJUSTMENTS,
    MOST_STEPS,
    AdjustmentType,
    StepInterval,
    StepPolicy,
    adjusted_capacity,
    step_capacity,
    step_faults,
)

__all__ = [
    "ADJUSTMENTS",
    "MOST_STEPS",
    "AdjustmentType",
    "PolicyKind",
    "Proposal",
    "StepInterval",
    "StepPolicy",
    "adjusted_capacity",
    "combine",
    "largest_growth",
    "step_capacity",
    "step_faults",
    "target_tracking_capacity",
]


def target_tracking_capacity(
    current: int, metric: float | None, target: float, *, minimum: int | None = None, maximum: int | None = None
) -> int:
    """Capacity that target tracking asks for: `ceil(current x metric / target)`, within the bounds given.

    `current` in units (tasks or instances), `metric` and `target` in the same unit; a missing metric (None) asks for
    nothing else than `current`. Rounds up in both directions: growth is rounded up, and scale-in never removes the
    last unit that is needed. From zero units it asks for zero `[asm]`. Raises ValueError unless current is a whole
    number >= 0, metric >= 0, target > 0, all finite.

    Source: EC2UG as-scaling-target-tracking and as-using-sqs-queue: ten units at 150 against 100 ask for fifteen.
    """
    arguments.number("target", target, above=0)
    current = arguments.count("current", current)
    minimum, maximum = _bounds(minimum, maximum)
    if metric is None:
        return current
    arguments.number("metric", metric, 0, instead="; write None for a missing one")
    return clamp(ceil(current * metric / target), minimum, maximum)


def _bounds(minimum: int | None, maximum: int | None) -> tuple[int | None, int | None]:
    return arguments.optional_count("minimum", minimum), arguments.optional_count("maximum", maximum)


def largest_growth(target: float, metric_ceiling: float = 100.0) -> float:
    """Largest factor by which one step of tracking grows, before rounding up: a metric that saturates at its ceiling
    hides the rest.

    Raises ValueError unless both are above 0. Source: the formula of target tracking.
    """
    return arguments.number("metric_ceiling", metric_ceiling, above=0) / arguments.number("target", target, above=0)


PolicyKind = Literal["target_tracking", "step", "simple", "predictive"]
ALARMS = ("high", "low", "ok", "insufficient_data")
"""What the alarms of one policy say: one side is in ALARM, or neither is."""


@dataclasses.dataclass(frozen=True, slots=True)
class Proposal:
    """What one policy asks for at one instant."""

    kind: PolicyKind
    alarm: str
    """One of ALARMS; without meaning for a predictive policy."""
    capacity: int | None
    """Units proposed, None for none."""
    scale_in: bool = True
    """False where the policy's scale-in is disabled: it never shrinks and has no say in others' shrinking."""

    @classmethod
    def of(cls, policy: Proposal | Mapping[str, Any]) -> Proposal:
        """The proposal itself, or read from a mapping of its fields (kind; alarm, capacity, scale_in, None where
        unset).

        `alarm` in any case, so that AWS's OK and INSUFFICIENT_DATA are understood. Raises ValueError on an unknown
        field, kind or alarm, and on a capacity that is no whole number from 0 up.
        """
        if isinstance(policy, cls):
            return policy
        fields = arguments.mapping("policies", policy, ("kind", "alarm", "capacity", "scale_in"))
        alarm, scale_in = fields.get("alarm"), fields.get("scale_in")
        if not (scale_in is None or isinstance(scale_in, bool)):
            raise ValueError(f"`scale_in`: got {arguments.kind(scale_in)}, allowed True, False")
        return cls(
            kind=cast("PolicyKind", arguments.one_of("kind", fields.get("kind"), get_args(PolicyKind))),
            alarm=arguments.one_of("alarm", alarm.lower() if isinstance(alarm, str) else alarm or "ok", ALARMS),
            capacity=arguments.optional_count("capacity", fields.get("capacity")),
            scale_in=scale_in is not False,
        )


def combine(
    platform: str,
    current: int,
    policies: Iterable[Proposal | Mapping[str, Any]],
    *,
    minimum: int | None = None,
    maximum: int | None = None,
) -> int:
    """The capacity chosen from the proposals of several policies, within the bounds given.

    The largest growth wins, also against another policy's low alarm. Otherwise the mildest shrinking of those
    permitted: tracking policies with scale-in enabled only when all of them are in their low alarm, and then by the
    largest of their capacities (one that computes what there is keeps it for all); step and simple ones always. A
    predictive proposal is then a floor. `platform` is one of the three; simple scaling exists on EC2 groups only.
    Raises ValueError on unknown names, and on counts that are no whole numbers from 0 up.

    Source: EC2UG as-scale-based-on-demand, AASUG and ECSDG target tracking, EC2UG predictive scaling.
    """
    behaviour = platform_parameters(platform).behaviour
    current = arguments.count("current", current)
    minimum, maximum = _bounds(minimum, maximum)
    proposals = [Proposal.of(policy) for policy in arguments.sequence("policies", policies, "proposals")]
    if not behaviour.simple_policies and any(proposal.kind == "simple" for proposal in proposals):
        raise ValueError(f"simple scaling does not exist on {platform}: use step scaling")
    dynamic = [item for item in proposals if item.kind != "predictive" and item.alarm in ("high", "low")]
    growth = [item.capacity for item in dynamic if item.capacity is not None and item.capacity > current]
    chosen = max(growth) if growth else _mildest_shrinking(current, proposals, dynamic)
    forecasts = [item.capacity for item in proposals if item.kind == "predictive" and item.capacity is not None]
    return clamp(max(chosen, *forecasts) if forecasts else chosen, minimum, maximum)


def _mildest_shrinking(current: int, proposals: Sequence[Proposal], dynamic: Sequence[Proposal]) -> int:
    trackers = [item for item in proposals if item.kind == "target_tracking" and item.scale_in]
    asked = [item.capacity for item in trackers if item.capacity is not None]
    permitted = [
        item.capacity
        for item in dynamic
        if item.kind != "target_tracking" and item.capacity is not None and item.capacity < current and item.scale_in
    ]
    if asked and all(item.alarm == "low" for item in trackers) and max(asked) < current:
        permitted.append(max(asked))
    return max(permitted, default=current)
