"""From an alarm and a metric to a capacity: target tracking, steps, and the choice between several policies."""

from __future__ import annotations

import dataclasses
import itertools
import math
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal, cast, get_args

from elasticity.alarms import managed_alarms
from elasticity.platforms import platform_parameters
from elasticity.rounding import GUARD, ceil, clamp, floor, toward_zero

if TYPE_CHECKING:
    from elasticity.rules import StepScaling

AdjustmentType = Literal["ChangeInCapacity", "PercentChangeInCapacity", "ExactCapacity"]
ADJUSTMENTS: Mapping[str, AdjustmentType] = MappingProxyType(
    {"change": "ChangeInCapacity", "percent": "PercentChangeInCapacity", "exact": "ExactCapacity"}
)
"""By the word that rules use: AWS's adjustment type."""
MOST_STEPS = 20
"""Steps in one policy (EC2UG as-scaling-simple-step)."""


def target_tracking_capacity(
    current: int, metric: float | None, target: float, *, minimum: int | None = None, maximum: int | None = None
) -> int:
    """Capacity that target tracking asks for: `ceil(current x metric / target)`, within the bounds given.

    `current` in units (tasks or instances), `metric` and `target` in the same unit; a missing metric (None) asks for
    nothing else than `current`. Rounds up in both directions: growth is rounded up, and scale-in never removes the
    last unit that is needed. From zero units it asks for zero `[asm]`. Raises ValueError unless current >= 0, metric
    >= 0, target > 0, all finite.

    Source: EC2UG as-scaling-target-tracking and as-using-sqs-queue: ten units at 150 against 100 ask for fifteen.
    """
    if not (math.isfinite(target) and target > 0):
        raise ValueError("`target`: got 0 or less, or no finite number; allowed above 0")
    if current < 0:
        raise ValueError("`current`: got a negative count")
    if metric is None:
        return current
    if not (math.isfinite(metric) and metric >= 0):
        raise ValueError("`metric`: got a negative or no finite number; write None for a missing one")
    return clamp(ceil(current * metric / target), minimum, maximum)


def limit_scale_in(current: int, proposal: int, fraction: float = 1.0) -> int:
    """`proposal`, but at most `fraction` of `current` (rounded down, at least one unit) is removed at once.

    Source: ECSDG managed-scaling-behavior (one half); other platforms: no documented cap, fraction 1 `[asm]`.
    """
    return max(proposal, current - max(1, floor(current * fraction))) if proposal < current else proposal


def round_change(change: float) -> int:
    """A computed change in whole units: 1.5 more adds 2, 2.4 fewer removes 2 (EC2UG as-scaling-target-tracking)."""
    return ceil(change)


def apply_change(current: int, change: float, minimum: int | None = None, maximum: int | None = None) -> int:
    """`current` after a change of tracking, within the bounds (EC2UG as-scale-based-on-demand)."""
    return clamp(current + round_change(change), minimum, maximum)


def largest_growth(target: float, metric_ceiling: float = 100.0) -> float:
    """Largest factor by which one step of tracking grows, before rounding up: a metric that saturates at its ceiling
    hides the rest.

    Raises ValueError unless both are above 0. Source: the formula of target tracking.
    """
    if target <= 0 or metric_ceiling <= 0:
        raise ValueError("`target` and `metric_ceiling`: allowed above 0")
    return metric_ceiling / target


@dataclasses.dataclass(frozen=True, slots=True)
class StepInterval:
    """One step: bounds are differences from the threshold, None for open; `change` as the policy's adjustment type
    says."""

    lower: float | None
    upper: float | None
    change: int

    def holds(self, difference: float, *, above: bool) -> bool:
        """Whether a metric `difference` from the threshold falls into the step: [lower, upper) above it, (lower,
        upper] below."""
        lower = -math.inf if self.lower is None else self.lower
        upper = math.inf if self.upper is None else self.upper
        return lower <= difference < upper if above else lower < difference <= upper


@dataclasses.dataclass(frozen=True, slots=True)
class StepPolicy:
    """A step policy in AWS's terms."""

    threshold: float
    adjustment_type: AdjustmentType
    steps: tuple[StepInterval, ...]
    min_adjustment_magnitude: int | None = None
    watches_low_side: bool = False
    """True where the alarm breaches below its threshold: a metric at the threshold then belongs to the side below."""

    @classmethod
    def of(cls, policy: StepPolicy | StepScaling | Mapping[str, Any]) -> StepPolicy:
        """The policy that a typed rule or a plain mapping declares.

        A mapping holds `threshold`, `adjustment_type`, `steps` or `out_steps` and `in_steps` (each with `lower`,
        `upper`, `change`), and optionally `min_adjustment_magnitude` and `comparison`. Raises ValueError on a missing
        key or an unknown adjustment type.
        """
        if isinstance(policy, cls):
            return policy
        return _from_mapping(policy) if isinstance(policy, Mapping) else _from_rule(cast("StepScaling", policy))

    def step(self, metric: float) -> StepInterval | None:
        """The step that `metric` chooses, None where no step holds it."""
        difference = metric - self.threshold
        if abs(difference) <= GUARD:
            difference = 0.0
        above = difference > 0 or (difference == 0 and not self.watches_low_side)
        return next((step for step in self.steps if step.holds(difference, above=above)), None)


def _from_mapping(policy: Mapping[str, Any]) -> StepPolicy:
    absent = [key for key in ("threshold", "adjustment_type") if key not in policy]
    if absent:
        raise ValueError(f"step policy: {', '.join(absent)} missing")
    kind = policy["adjustment_type"]
    if kind not in get_args(AdjustmentType):
        raise ValueError(f"`adjustment_type`: got {kind!r}, allowed {', '.join(get_args(AdjustmentType))}")
    steps = [step for key in ("steps", "out_steps", "in_steps") for step in policy.get(key) or ()]
    return StepPolicy(
        threshold=policy["threshold"],
        adjustment_type=kind,
        steps=tuple(StepInterval(step.get("lower"), step.get("upper"), step["change"]) for step in steps),
        min_adjustment_magnitude=policy.get("min_adjustment_magnitude"),
        watches_low_side=str(policy.get("comparison") or "").startswith("Less"),
    )


def _from_rule(rule: StepScaling) -> StepPolicy:
    return StepPolicy(
        threshold=float(rule.threshold),
        adjustment_type=ADJUSTMENTS[rule.adjustment],
        steps=tuple(
            StepInterval(
                None if step.from_ is None else float(step.from_),
                None if step.to is None else float(step.to),
                step.change,
            )
            for step in rule.steps
        ),
        min_adjustment_magnitude=rule.minimum_adjustment,
        watches_low_side=not rule.scales_out,
    )


def adjusted_capacity(
    current: int, change: int, adjustment_type: str, min_adjustment_magnitude: int | None = None
) -> int:
    """`current` after one adjustment, not below 0.

    A percentage is taken of `current` and rounded toward zero, but to one unit where it is less than one; the
    magnitude raises the size of a percentage, and of nothing else. Source: EC2UG as-scaling-simple-step (17.9 -> 17,
    0.2 -> 1, -0.9 -> -1, -4.4 -> -4).
    """
    if adjustment_type == "ExactCapacity":
        return max(0, change)
    if adjustment_type == "PercentChangeInCapacity":
        sign = (change > 0) - (change < 0)
        raw = current * change / 100
        size = abs(toward_zero(raw)) or (1 if raw else 0)
        change = sign * max(size, min_adjustment_magnitude or 0)
    return max(0, current + change)


def step_change(metric: float, policy: StepPolicy | StepScaling | Mapping[str, Any]) -> int | None:
    """The `change` of the step that `metric` chooses, as declared; None where no step holds it."""
    step = StepPolicy.of(policy).step(metric)
    return None if step is None else step.change


def step_capacity(
    current: int,
    metric: float | None,
    policy: StepPolicy | StepScaling | Mapping[str, Any],
    *,
    minimum: int | None = None,
    maximum: int | None = None,
) -> int:
    """Capacity that a step policy asks for at `metric`, within the bounds given; `current` where no step holds it or
    it is missing.

    `metric` in the unit of the policy's threshold, aggregated over the newest points as the policy says; `policy` a
    `StepPolicy`, a `rules.StepScaling` or a mapping (`StepPolicy.of`). Source: EC2UG as-scaling-simple-step, AASUG
    step-scaling.
    """
    chosen = StepPolicy.of(policy)
    step = None if metric is None else chosen.step(metric)
    if step is None:
        return clamp(current, minimum, maximum)
    proposal = adjusted_capacity(current, step.change, chosen.adjustment_type, chosen.min_adjustment_magnitude)
    return clamp(proposal, minimum, maximum)


def step_faults(policy: StepPolicy | StepScaling | Mapping[str, Any]) -> tuple[str, ...]:
    """What AWS refuses in a step policy, in words; empty when nothing (EC2UG as-scaling-simple-step)."""
    policy = StepPolicy.of(policy)
    steps, faults = policy.steps, []
    if not steps:
        faults.append("there is no step")
    if len(steps) > MOST_STEPS:
        faults.append(f"there are more than {MOST_STEPS} steps")
    if any(step.lower is None and step.upper is None for step in steps):
        faults.append("a step has both bounds open")
    faults += [
        f"more than one step has an open {bound} bound"
        for bound in ("lower", "upper")
        if sum(getattr(step, bound) is None for step in steps) > 1
    ]
    if any(step.lower is not None and step.upper is not None and step.lower >= step.upper for step in steps):
        faults.append("a step's lower bound is not below its upper bound")
    faults += _joint_faults(steps) + _open_end_faults(steps)
    if policy.adjustment_type == "ExactCapacity" and any(step.change < 0 for step in steps):
        faults.append("an exact capacity is negative")
    if policy.min_adjustment_magnitude is not None and policy.adjustment_type != "PercentChangeInCapacity":
        faults.append("a minimum adjustment belongs to a change in percent only")
    return tuple(faults)


def _joint_faults(steps: Sequence[StepInterval]) -> list[str]:
    """Gaps and overlaps between neighbours."""
    ends = sorted(
        (-math.inf if step.lower is None else step.lower, math.inf if step.upper is None else step.upper)
        for step in steps
    )
    joints = [(left[1], right[0]) for left, right in itertools.pairwise(ends)]
    faults = []
    if any(right > left + GUARD for left, right in joints):
        faults.append("there is a gap between steps")
    if any(right < left - GUARD for left, right in joints):
        faults.append("steps overlap")
    return faults


def _open_end_faults(steps: Sequence[StepInterval]) -> list[str]:
    faults = []
    if any(step.lower is not None and step.lower < 0 for step in steps) and all(
        step.lower is not None for step in steps
    ):
        faults.append("a negative lower bound needs a step with an open lower bound")
    if any(step.upper is not None and step.upper > 0 for step in steps) and all(
        step.upper is not None for step in steps
    ):
        faults.append("a positive upper bound needs a step with an open upper bound")
    return faults


PolicyKind = Literal["target_tracking", "step", "simple", "predictive"]


@dataclasses.dataclass(frozen=True, slots=True)
class Proposal:
    """What one policy asks for at one instant."""

    kind: PolicyKind
    alarm: str
    """`high`, `low`, or anything else (`ok`, `insufficient_data`) for no alarm; without meaning for a predictive
    policy."""
    capacity: int | None
    """Units proposed, None for none."""
    scale_in: bool = True
    """False where the policy's scale-in is disabled: it never shrinks and has no say in others' shrinking."""

    @classmethod
    def of(cls, policy: Proposal | Mapping[str, Any]) -> Proposal:
        """The proposal itself, or read from a mapping of its fields; raises ValueError on an unknown kind."""
        if isinstance(policy, cls):
            return policy
        fields = cast("Mapping[str, Any]", policy)
        if fields.get("kind") not in get_args(PolicyKind):
            raise ValueError(f"`kind`: got {fields.get('kind')!r}, allowed {', '.join(get_args(PolicyKind))}")
        return cls(fields["kind"], fields.get("alarm") or "ok", fields.get("capacity"), fields.get("scale_in", True))


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
    permitted: tracking policies with scale-in enabled only when all of them are in their low alarm, step and simple
    ones always. A predictive proposal is then a floor. `platform` is one of the three; simple scaling exists on EC2
    groups only. Raises ValueError on unknown names.

    Source: EC2UG as-scale-based-on-demand, AASUG and ECSDG target tracking, EC2UG predictive scaling.
    """
    platform_parameters(platform)
    proposals = [Proposal.of(policy) for policy in policies]
    if platform != "ec2_group" and any(proposal.kind == "simple" for proposal in proposals):
        raise ValueError(f"simple scaling does not exist on {platform}: use step scaling")
    dynamic = [item for item in proposals if item.kind != "predictive" and item.alarm in ("high", "low")]
    growth = [item.capacity for item in dynamic if item.capacity is not None and item.capacity > current]
    chosen = max(growth) if growth else _mildest_shrinking(current, proposals, dynamic)
    forecasts = [item.capacity for item in proposals if item.kind == "predictive" and item.capacity is not None]
    return clamp(max(chosen, *forecasts) if forecasts else chosen, minimum, maximum)


def _mildest_shrinking(current: int, proposals: Sequence[Proposal], dynamic: Sequence[Proposal]) -> int:
    trackers = [item for item in proposals if item.kind == "target_tracking" and item.scale_in]
    tracking_agrees = all(item.alarm == "low" for item in trackers)
    permitted = [
        item.capacity
        for item in dynamic
        if item.capacity is not None
        and item.capacity < current
        and item.scale_in
        and (item.kind != "target_tracking" or (item.alarm == "low" and tracking_agrees))
    ]
    return max(permitted, default=current)


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
    parameters = platform_parameters(platform)
    states = managed_alarms(platform, target, disable_scale_in=disable_scale_in).states(series)
    newest = next((point for point in reversed(series) if point is not None), None)
    proposal = target_tracking_capacity(current=current, metric=newest, target=target)
    if states["high"] == "ALARM":
        return clamp(max(current, proposal), minimum, maximum)
    if states["low"] == "ALARM":
        return clamp(
            limit_scale_in(current, min(current, proposal), parameters.max_scale_in_fraction), minimum, maximum
        )
    return current
