"""Changes in whole units, and one invocation of a tracking policy over a series."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from elasticity import arguments
from elasticity.alarms import managed_alarms
from elasticity.platforms import platform_parameters
from elasticity.policies import StepPolicy, target_tracking_capacity
from elasticity.rounding import ceil, clamp, floor
from elasticity.rules import StepScaling


def step_change(metric: float, policy: StepPolicy | StepScaling | Mapping[str, Any]) -> int | None:
    """The `change` of the step that `metric` chooses, as declared; None where no step holds it."""
    step = StepPolicy.of(policy).step(metric)
    return None if step is None else step.change


def limit_scale_in(current: int, proposal: int, fraction: float = 1.0) -> int:
    """`proposal`, but at most `fraction` of `current` (rounded down, at least one unit) is removed at once.

    Source: ECSDG managed-scaling-behavior (one half); other platforms: no documented cap, fraction 1 `[asm]`.
    """
    return max(proposal, current - max(1, floor(current * fraction))) if proposal < current else proposal


def round_change(change: float) -> int:
    """A computed change in whole units: 1.5 more adds 2, 2.4 fewer removes 2 (EC2UG as-scaling-target-tracking)."""
    return ceil(arguments.number("change", change))


def apply_change(current: int, change: float, minimum: int | None = None, maximum: int | None = None) -> int:
    """`current` after a change of tracking, within the bounds (EC2UG as-scale-based-on-demand)."""
    return clamp(arguments.count("current", current) + round_change(change), minimum, maximum)


def tracking_scenario(
    platform: str,
    current: int,
    target: float,
    series: Sequence[float | None],
    minimum: int | None = None,
    maximum: int | None = None,
    *,
    disable_scale_in: bool = False,
) -> int:
    """Capacity after one invocation of a tracking policy at the end of `series` (one point a period, None missing, no
    delay).

    The newest real point is the metric; without an alarm, or on insufficient data, nothing changes; a scale-out alarm
    never lowers.
    """
    parameters, current = platform_parameters(platform), arguments.count("current", current)
    fraction = parameters.max_scale_in_fraction if parameters.behaviour.by_reservation else 1.0  # the formula's own end
    states = managed_alarms(platform, target, disable_scale_in=disable_scale_in).states(series)
    newest = next((point for point in reversed(series) if point is not None), None)
    proposal = target_tracking_capacity(current=current, metric=newest, target=target)
    if states["high"] == "ALARM":
        return clamp(max(current, proposal), minimum, maximum)
    if states["low"] == "ALARM":
        return clamp(limit_scale_in(current, min(current, proposal), fraction), minimum, maximum)
    return current
