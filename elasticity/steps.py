"""Step policies: which step a metric chooses, what it makes of a capacity, and what AWS refuses.

Source: EC2UG as-scaling-simple-step, AASUG step-scaling.
"""

from __future__ import annotations

import dataclasses
import itertools
import math
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal, cast, get_args

from elasticity.rounding import GUARD, clamp, toward_zero

if TYPE_CHECKING:
    from elasticity.rules import StepScaling

AdjustmentType = Literal["ChangeInCapacity", "PercentChangeInCapacity", "ExactCapacity"]
ADJUSTMENTS: Mapping[str, AdjustmentType] = MappingProxyType(
    {"change": "ChangeInCapacity", "percent": "PercentChangeInCapacity", "exact": "ExactCapacity"}
)
"""By the word that rules use: AWS's adjustment type."""
MOST_STEPS = 20
"""Steps in one policy (EC2UG as-scaling-simple-step)."""


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
