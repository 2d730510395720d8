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

from elasticity import arguments
from elasticity.alarms import BREACHES
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
        upper] below.

        A difference that lies within GUARD of a bound lies at it: 0.3 - 0.1 is 0.2, though floats say less.
        """
        lower = -math.inf if self.lower is None else self.lower
        upper = math.inf if self.upper is None else self.upper
        if above:
            return lower - GUARD <= difference < upper - GUARD
        return lower + GUARD < difference <= upper + GUARD


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
        `upper`, `change`), and optionally `min_adjustment_magnitude` and `comparison` (else the low side is watched
        where all steps lie below the threshold). Raises ValueError on a missing
        or unknown key, an unknown adjustment type, and a value of another kind.
        """
        if isinstance(policy, cls):
            return policy
        if isinstance(policy, Mapping) or not hasattr(policy, "adjustment"):
            return _from_mapping(arguments.mapping("policy", policy, _POLICY_KEYS))
        return _from_rule(cast("StepScaling", policy))

    def step(self, metric: float) -> StepInterval | None:
        """The step that `metric` chooses, None where no step holds it; raises ValueError where more than one does."""
        difference = metric - self.threshold
        if abs(difference) <= GUARD:
            difference = 0.0
        above = difference > 0 or (difference == 0 and not self.watches_low_side)
        holding = [step for step in self.steps if step.holds(difference, above=above)]
        if len(holding) > 1:
            raise ValueError("step policy: steps overlap, so that the metric chooses more than one")
        return holding[0] if holding else None


_STEP_KEYS = ("lower", "upper", "change")
_STEP_LISTS = ("steps", "out_steps", "in_steps")
_POLICY_KEYS = ("threshold", "adjustment_type", *_STEP_LISTS, "min_adjustment_magnitude", "comparison")


def _absent(what: str, keys: Sequence[str], given: Mapping[str, Any]) -> None:
    absent = [key for key in keys if given.get(key) is None]
    if absent:
        raise ValueError(f"{what}: {', '.join(absent)} missing")


def _interval(step: Any) -> StepInterval:
    fields = arguments.mapping("steps", step, _STEP_KEYS)
    _absent("step", ("change",), fields)
    lower, upper = (
        None if fields.get(bound) is None else arguments.number(bound, fields[bound]) for bound in ("lower", "upper")
    )
    return StepInterval(lower, upper, arguments.count("change", fields["change"], -math.inf))


def _from_mapping(policy: Mapping[str, Any]) -> StepPolicy:
    _absent("step policy", ("threshold", "adjustment_type"), policy)
    comparison = policy.get("comparison")
    if comparison is not None:
        arguments.one_of("comparison", comparison, BREACHES)
    lists = [arguments.sequence(key, policy[key], "steps") for key in _STEP_LISTS if policy.get(key) is not None]
    kind = arguments.one_of("adjustment_type", policy["adjustment_type"], get_args(AdjustmentType))
    steps = tuple(_interval(step) for listed in lists for step in listed)
    low_side_only = bool(steps) and all(step.upper is not None and step.upper <= 0 for step in steps)
    return StepPolicy(
        threshold=arguments.number("threshold", policy["threshold"]),
        adjustment_type=cast("AdjustmentType", kind),
        steps=steps,
        min_adjustment_magnitude=arguments.optional_count(
            "min_adjustment_magnitude", policy.get("min_adjustment_magnitude")
        ),
        watches_low_side=low_side_only if comparison is None else str(comparison).startswith("Less"),
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
    `StepPolicy`, a `rules.StepScaling` or a mapping (`StepPolicy.of`). Raises ValueError as that does, and unless
    `current` is a whole number from 0 up and `metric` finite. Source: EC2UG as-scaling-simple-step, AASUG step-scaling.
    """
    chosen, current = StepPolicy.of(policy), arguments.count("current", current)
    minimum, maximum = arguments.optional_count("minimum", minimum), arguments.optional_count("maximum", maximum)
    if metric is not None:
        arguments.number("metric", metric, instead="; write None for a missing one")
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
