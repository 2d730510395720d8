"""Step and simple scaling policies: what PutScalingPolicy of both services refuses in adjustments and their steps.

The same rules as the project's own model of step policies, which this room may not import: a test holds the two
verdicts equal over generated policies (tests/localcloud/test_refusals.py). Source: Amazon EC2 Auto Scaling
User Guide, step and simple scaling policies; Application Auto Scaling User Guide, step scaling policies.
"""

import itertools
import math
from collections.abc import Iterator, Mapping

from localcloud.aws.limits._checks import Check, Fault, Props, at_least, each, number, one_of
from localcloud.provider.wire import is_unknown, unknowns

MOST_STEPS = 20
NEARLY = 1e-9
"""Bounds closer than this are one bound: they are texts, and 0.1 + 0.2 is none."""
ADJUSTMENTS = ("ChangeInCapacity", "ExactCapacity", "PercentChangeInCapacity")
AGGREGATIONS = ("Minimum", "Maximum", "Average")
ONLY_WITH = {
    "cooldown": ("SimpleScaling",),
    "estimatedInstanceWarmup": ("StepScaling", "TargetTrackingScaling"),
}  # fmt: skip
"""Inputs of a group's policy that the official provider refuses with another type of policy, unless they are 0."""


def steps(path: str) -> Check:
    """Steps lie side by side: no overlap, no gap, open where they reach away from the threshold."""

    def check(props: Props) -> Iterator[Fault]:
        for place, found in each(props, path):
            if unknowns(found) or not isinstance(found, list) or not all(isinstance(step, dict) for step in found):
                continue
            if not found:
                yield place, "a step policy has at least one step"
            elif len(found) > MOST_STEPS:
                yield place, f"{len(found)} steps, allowed are {MOST_STEPS}"
            yield from _side_by_side(place, found)

    return check


def _side_by_side(place: str, found: list[Props]) -> Iterator[Fault]:
    ends = []
    for i, step in enumerate(found):
        low, high = (number(step.get(f"metricInterval{end}Bound")) for end in ("Lower", "Upper"))
        if low is None and high is None:
            yield f"{place}[{i}]", "has neither bound: give metricIntervalLowerBound, metricIntervalUpperBound or both"
            return
        low, high = -math.inf if low is None else low, math.inf if high is None else high
        if low >= high:
            yield f"{place}[{i}]", f"its lower bound {low:g} is not below its upper bound {high:g}"
            return
        ends.append((low, high, i))
    ends.sort()
    for (_, before, i), (after, _, j) in itertools.pairwise(ends):
        if abs(after - before) > NEARLY if math.isfinite(after - before) else after != before:
            how = "overlaps" if after < before else "leaves a gap to"
            yield f"{place}[{j}]", f"{how} step {i}: it begins at {_bound(after)}, that one ends at {_bound(before)}"
    if ends and 0 > ends[0][0] > -math.inf:
        yield (
            f"{place}[{ends[0][2]}].metricIntervalLowerBound",
            f"{ends[0][0]:g} is negative, and no step below it is without a lower bound",
        )
    highest = max(ends, key=lambda end: end[1], default=None)
    if highest and 0 < highest[1] < math.inf:
        yield (
            f"{place}[{highest[2]}].metricIntervalUpperBound",
            f"{highest[1]:g} is positive, and no step above it is without an upper bound",
        )


def _bound(value: float) -> str:
    return f"{value:g}" if math.isfinite(value) else "no bound"


def adjustments(block: str = "") -> Check:
    """An exact capacity is not negative; a minimum magnitude belongs to a change in percent."""
    prefix = f"{block}." if block else ""

    def check(props: Props) -> Iterator[Fault]:
        holder = props.get(block) if block else props
        if not isinstance(holder, dict):
            return
        kind = holder.get("adjustmentType")
        if kind == "ExactCapacity":
            for path in ("stepAdjustments[].scalingAdjustment", "scalingAdjustment"):
                for place, value in each(holder, path, block):
                    found = number(value)
                    if found is not None and found < 0:
                        yield place, f"{found:g} is negative, an exact capacity is not"
        least = number(holder.get("minAdjustmentMagnitude"))
        if least is not None and kind is not None and not is_unknown(kind):
            if kind != "PercentChangeInCapacity" and least:
                yield f"{prefix}minAdjustmentMagnitude", f"is only for PercentChangeInCapacity, not for {kind}"
            elif least < 1 and (block or least < 0):
                yield f"{prefix}minAdjustmentMagnitude", f"{least:g} is below 1, the least that is allowed"

    return check


def of_its_type(props: Props) -> Iterator[Fault]:
    """Inputs that only some types of a group's policy have; what a step or simple policy cannot be without."""
    kind = str(props.get("policyType", "SimpleScaling"))
    for name, kinds in ONLY_WITH.items():
        found = number(props.get(name))
        if found and kind not in kinds and not is_unknown(props.get("policyType")):
            yield name, f"is only for policies of type {' and '.join(kinds)}, not {kind}"
    known = not is_unknown(props.get("policyType"))
    if known and kind in ("SimpleScaling", "StepScaling") and props.get("adjustmentType") is None:
        yield "adjustmentType", f"missing required property of a policy of type {kind}"


def configured(default: str, wanted: Mapping[str, str]) -> Check:
    """Each type of policy has what it needs, and nothing of another type's."""

    def check(props: Props) -> Iterator[Fault]:
        kind = props.get("policyType", default)
        if is_unknown(kind) or kind not in wanted:
            return
        if props.get(wanted[kind]) in (None, [], {}):
            yield wanted[kind], f"missing: a policy of type {kind} needs it"
        for other, name in wanted.items():
            if other != kind and props.get(name):
                yield name, f"not with a policy of type {kind}"

    return check


OF_A_GROUP = {
    "SimpleScaling": "scalingAdjustment", "StepScaling": "stepAdjustments",
    "TargetTrackingScaling": "targetTrackingConfiguration", "PredictiveScaling": "predictiveScalingConfiguration",
}  # fmt: skip
OF_A_SERVICE = {
    "StepScaling": "stepScalingPolicyConfiguration",
    "TargetTrackingScaling": "targetTrackingScalingPolicyConfiguration",
    "PredictiveScaling": "predictiveScalingPolicyConfiguration",
}
STEP = "stepScalingPolicyConfiguration"


def with_steps(props: Props) -> Iterator[Fault]:
    """A step policy of a service has steps and says what they mean."""
    config = props.get(STEP)
    if isinstance(config, dict):
        for name in ("adjustmentType", "stepAdjustments"):
            if config.get(name) is None:
                yield f"{STEP}.{name}", "missing required property of a step policy"


LIMITS: dict[str, tuple[Check, ...]] = {
    "aws:appautoscaling/policy:Policy": (
        configured("StepScaling", OF_A_SERVICE),
        steps(f"{STEP}.stepAdjustments"), adjustments(STEP), with_steps, at_least(f"{STEP}.cooldown", 0),
    ),
    "aws:autoscaling/policy:Policy": (
        configured("SimpleScaling", OF_A_GROUP),
        steps("stepAdjustments"), adjustments(), of_its_type, at_least("cooldown", 0),
        at_least("estimatedInstanceWarmup", 0),
        one_of("policyType", "SimpleScaling", "StepScaling", "TargetTrackingScaling", "PredictiveScaling"),
        one_of("adjustmentType", *ADJUSTMENTS), one_of("metricAggregationType", *AGGREGATIONS),
    ),
}  # fmt: skip
