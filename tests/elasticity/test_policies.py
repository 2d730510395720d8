"""Capacity arithmetic of tracking and steps, and the choice between policies. It cannot prove how AWS limits one
scale-in step."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from elasticity.platforms import PLATFORM_NAMES
from elasticity.policies import (
    Proposal,
    StepInterval,
    StepPolicy,
    adjusted_capacity,
    combine,
    largest_growth,
    step_capacity,
    step_faults,
    target_tracking_capacity,
)
from elasticity.rounding import ceil, clamp, floor, toward_zero
from elasticity.rules import StepScaling
from tests import strategies
from tests.elasticity.oracle.policies import limit_scale_in, step_change, tracking_scenario
from tests.elasticity.refusals import refuses


@given(st.integers(0, 10_000), st.integers(0, 200_000), st.integers(1, 200_000))
def test_tracking_is_the_exact_quotient_rounded_up(current: int, metric: int, target: int) -> None:
    exact = -(-current * metric // target)
    assert target_tracking_capacity(current, metric, target) == exact


def test_the_guard_undoes_the_noise_of_floats() -> None:
    assert 7 * 18.6 / 65.1 > 2
    assert target_tracking_capacity(7, 18.6, 65.1) == 2
    assert (ceil(2.1), floor(1.9999999999), toward_zero(-2.9), toward_zero(2.9)) == (3, 2, -2, 2)


@given(strategies.counts, strategies.utilisations, strategies.targets, st.sampled_from([0.25, 0.5, 2, 8]))
def test_metric_and_target_in_another_unit_ask_for_the_same(c: int, metric: float, target: float, unit: float) -> None:
    assert target_tracking_capacity(c, metric * unit, target * unit) == target_tracking_capacity(c, metric, target)


@given(strategies.counts, strategies.utilisations, strategies.utilisations, strategies.targets)
def test_a_higher_metric_never_asks_for_less(current: int, one: float, other: float, target: float) -> None:
    low, high = sorted((one, other))
    assert target_tracking_capacity(current, low, target) <= target_tracking_capacity(current, high, target)


def test_tracking_from_zero_asks_for_zero_and_missing_data_for_nothing() -> None:
    assert target_tracking_capacity(0, 100, 50) == 0
    assert target_tracking_capacity(4, None, 50) == 4


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ((1, 50, 0), "`target`: got 0, allowed a number above 0"),
        ((-1, 50, 50), "`current`: got -1, allowed a whole number from 0 up"),
        ((1, -5, 50), "`metric`: got -5, allowed a number from 0 up; write None for a missing one"),
    ],
)
def test_a_wrong_number_is_refused_in_these_words(arguments: tuple[Any, ...], text: str) -> None:
    with refuses(text):
        target_tracking_capacity(*arguments)


def test_growth_needs_a_target_and_a_ceiling() -> None:
    with refuses("`target`: got 0, allowed a number above 0"):
        largest_growth(0)


@pytest.mark.parametrize(
    ("current", "proposal", "fraction", "expected"),
    [(10, 2, 1.0, 2), (10, 2, 0.5, 5), (9, 0, 0.5, 5), (1, 0, 0.5, 0), (3, 3, 0.5, 3), (3, 7, 0.5, 7)],
)
def test_one_scale_in_removes_at_most_its_fraction(current: int, proposal: int, fraction: float, expected: int) -> None:
    assert limit_scale_in(current, proposal, fraction) == expected


@pytest.mark.parametrize(("value", "expected"), [(0, 1), (5, 3), (2, 2)])
def test_bounds_hold(value: int, expected: int) -> None:
    assert clamp(value, 1, 3) == expected
    assert clamp(value, None, None) == value


def test_a_maximum_of_zero_holds_against_the_minimum() -> None:
    assert clamp(5, 2, 0) == 0


# Steps


@given(strategies.counts, st.integers(-300, 300))
def test_a_percentage_is_rounded_toward_zero_but_to_one(current: int, percent: int) -> None:
    raw = Fraction(current * percent, 100)
    expected = int(raw) or (raw > 0) - (raw < 0)
    assert adjusted_capacity(current, percent, "PercentChangeInCapacity") == max(0, current + expected)


def test_a_magnitude_raises_a_percentage_only() -> None:
    assert adjusted_capacity(4, 25, "PercentChangeInCapacity", 2) == 6
    assert adjusted_capacity(4, -25, "PercentChangeInCapacity", 2) == 2
    assert adjusted_capacity(4, 0, "PercentChangeInCapacity", 2) == 4
    assert adjusted_capacity(4, 1, "ChangeInCapacity", 2) == 5
    assert adjusted_capacity(4, 7, "ExactCapacity", 2) == 7


@given(strategies.step_policies(), st.floats(-200, 300))
def test_a_valid_policy_has_exactly_one_step_for_any_metric(policy: StepPolicy, metric: float) -> None:
    assert step_faults(policy) == ()
    difference = metric - policy.threshold
    assume(abs(difference) > 1e-6)
    assert sum(step.holds(difference, above=difference > 0) for step in policy.steps) == 1
    assert step_change(metric, policy) is not None


def test_a_metric_at_the_threshold_belongs_to_the_side_that_the_alarm_watches() -> None:
    steps = [{"lower": None, "upper": 0, "change": -1}, {"lower": 0, "upper": None, "change": 1}]
    both = {"threshold": 50, "adjustment_type": "ChangeInCapacity", "steps": steps}
    assert step_change(50, both) == 1
    assert step_change(50, {**both, "comparison": "LessThanOrEqualToThreshold"}) == -1
    assert step_change(50 + 1e-12, {**both, "comparison": "LessThanOrEqualToThreshold"}) == -1, "noise of floats"


def test_no_step_and_no_metric_change_nothing_but_the_bounds_hold() -> None:
    out_only = {"threshold": 50, "adjustment_type": "ChangeInCapacity", "steps": [{"lower": 0, "change": 2}]}
    assert step_capacity(4, 40, out_only) == 4
    assert step_capacity(4, None, out_only) == 4
    assert step_capacity(4, 40, out_only, minimum=5, maximum=9) == 5
    assert step_capacity(8, 60, out_only, minimum=5, maximum=9) == 9


def test_a_typed_rule_and_its_mapping_ask_for_the_same() -> None:
    steps = [{"from": 0, "to": 20, "change": 10}, {"from": 20, "change": 50}]
    rule = StepScaling.model_validate(
        {"metric": "cpu", "threshold": 60, "adjustment": "percent", "minimum_adjustment": 2, "steps": steps}
    )
    mapping = {
        "threshold": 60,
        "adjustment_type": "PercentChangeInCapacity",
        "min_adjustment_magnitude": 2,
        "out_steps": [{"lower": 0, "upper": 20, "change": 10}, {"lower": 20, "upper": None, "change": 50}],
    }
    for metric in (59, 60, 79.9, 80, 100):
        assert step_capacity(10, metric, rule) == step_capacity(10, metric, mapping)
    low = StepScaling.model_validate(
        {
            "metric": "cpu",
            "threshold": 30,
            "comparison": "LessThanThreshold",
            "steps": [{"to": 0, "change": -1}],
        }
    )
    assert step_capacity(10, 30, low) == 9


STEPS = {"threshold": 50, "adjustment_type": "ChangeInCapacity"}


@pytest.mark.parametrize(
    ("policy", "expected"),
    [
        ({"steps": []}, ["there is no step"]),
        ({"steps": [{"change": 1}]}, ["a step has both bounds open"]),
        ({"steps": [{"lower": 5, "upper": 5, "change": 1}, {"lower": 5, "change": 1}]}, ["a step's lower bound is not below its upper bound"]),
        ({"steps": [{"lower": 0, "upper": 5, "change": 1}]}, ["a positive upper bound needs a step with an open upper bound"]),
        ({"steps": [{"lower": -5, "upper": 0, "change": 1}]}, ["a negative lower bound needs a step with an open lower bound"]),
        (
            {"steps": [{"lower": 0, "change": 1}, {"lower": 5, "change": 1}]},
            ["more than one step has an open upper bound", "steps overlap"],
        ),
        (
            {"steps": [{"upper": 0, "change": 1}, {"upper": -5, "change": 1}]},
            ["more than one step has an open lower bound", "steps overlap"],
        ),
        ({"steps": [{"upper": -1, "change": 1}, {"lower": 1, "change": 1}]}, ["there is a gap between steps"]),
        ({"steps": [{"lower": 0, "change": 1}], "min_adjustment_magnitude": 2}, ["a minimum adjustment belongs to a change in percent only"]),
        ({"steps": [{"lower": 0, "change": -1}], "adjustment_type": "ExactCapacity"}, ["an exact capacity is negative"]),
        (
            {"steps": [{"lower": n, "upper": n + 1, "change": 1} for n in range(20)] + [{"lower": 20, "change": 1}]},
            ["there are more than 20 steps"],
        ),
    ],
)  # fmt: skip
def test_what_aws_refuses_in_a_step_policy(policy: dict[str, Any], expected: list[str]) -> None:
    assert list(step_faults({**STEPS, **policy})) == expected


def test_a_policy_is_kept_and_a_broken_mapping_refused() -> None:
    policy = StepPolicy(50, "ChangeInCapacity", (StepInterval(0, None, 1),))
    assert StepPolicy.of(policy) is policy
    with refuses("step policy: threshold, adjustment_type missing"):
        StepPolicy.of({})
    with refuses("`adjustment_type`: got 'add', allowed ChangeInCapacity, PercentChangeInCapacity, ExactCapacity"):
        StepPolicy.of({"threshold": 1, "adjustment_type": "add"})


# Several policies

PLATFORM = st.sampled_from(PLATFORM_NAMES)
POLICIES = st.lists(strategies.proposals(), max_size=5)


@given(PLATFORM, strategies.counts, POLICIES, st.randoms())
def test_the_order_of_policies_does_not_matter(platform: str, current: int, policies: list[Any], random: Any) -> None:
    shuffled = random.sample(policies, len(policies))
    assert combine(platform, current, shuffled) == combine(platform, current, policies)


@given(PLATFORM, strategies.counts, POLICIES)
def test_the_choice_is_a_proposal_or_no_change(platform: str, current: int, policies: list[Any]) -> None:
    chosen = combine(platform, current, policies)
    capacities = {policy["capacity"] for policy in policies if policy["capacity"] is not None}
    assert chosen in capacities | {current}
    assert chosen >= max((c for c in capacities if c > current), default=0), "the largest growth wins"


@given(PLATFORM, strategies.counts, POLICIES)
def test_one_tracking_policy_outside_its_low_alarm_holds_all_tracking(
    platform: str, current: int, policies: list[Any]
) -> None:
    tracking = [policy for policy in policies if policy["kind"] == "target_tracking"]
    undecided = {"kind": "target_tracking", "alarm": "ok", "capacity": None, "scale_in": True}
    assert combine(platform, current, [*tracking, undecided]) >= current


@given(PLATFORM, strategies.counts, POLICIES)
def test_without_scale_in_capacity_never_falls(platform: str, current: int, policies: list[Any]) -> None:
    assert combine(platform, current, [{**policy, "scale_in": False} for policy in policies]) >= current


@given(PLATFORM, strategies.counts, POLICIES, strategies.counts)
def test_a_forecast_is_a_floor(platform: str, current: int, policies: list[Any], forecast: int) -> None:
    ahead = {"kind": "predictive", "capacity": forecast}
    assert combine(platform, current, [*policies, ahead]) == max(combine(platform, current, policies), forecast)


@given(PLATFORM, strategies.counts, POLICIES, st.integers(0, 100), st.integers(100, 900))
def test_the_choice_stays_within_bounds(platform: str, current: int, policies: list[Any], low: int, high: int) -> None:
    assert low <= combine(platform, current, policies, minimum=low, maximum=high) <= high


def test_a_typed_proposal_is_one_too() -> None:
    assert combine("ecs_service", 8, [Proposal("step", "high", 9), Proposal("target_tracking", "low", 4)]) == 9


def test_tracking_shrinks_to_the_largest_capacity_that_its_policies_compute() -> None:
    def low(capacity: int) -> dict[str, Any]:
        return {"kind": "target_tracking", "alarm": "low", "capacity": capacity}

    assert combine("ecs_service", 5, [low(4), low(3)]) == 4
    assert combine("ecs_service", 5, [low(4), low(5)]) == 5, "one computes what there is: it keeps it for all"
    assert combine("ecs_service", 5, [low(5), {"kind": "step", "alarm": "low", "capacity": 3}]) == 3


def test_step_scale_in_is_not_held_back_by_tracking() -> None:
    step = {"kind": "step", "alarm": "low", "capacity": 5}
    calm = {"kind": "target_tracking", "alarm": "ok", "capacity": None}
    assert combine("ecs_service", 8, [step, calm]) == 5
    assert combine("ecs_service", 8, [step, {**calm, "alarm": "low", "capacity": 7}]) == 7


def test_simple_scaling_exists_on_groups_only() -> None:
    simple = {"kind": "simple", "alarm": "high", "capacity": 9}
    assert combine("ec2_group", 8, [simple]) == 9
    with refuses("simple scaling does not exist on ecs_service: use step scaling"):
        combine("ecs_service", 8, [simple])


def test_an_unknown_kind_is_refused() -> None:
    with refuses("`kind`: got 'magic', allowed target_tracking, step, simple, predictive"):
        combine("ecs_service", 8, [{"kind": "magic"}])


# Tracking over a series


@given(
    st.sampled_from([("ecs_service", 0.9), ("ec2_group", 0.7)]),
    st.integers(1, 100),
    st.integers(20, 100),
    st.floats(0.001, 0.999),
    st.integers(1, 40),
)
def test_a_constant_metric_between_low_threshold_and_target_changes_nothing(
    platform: tuple[str, float], current: int, target: int, place: float, length: int
) -> None:
    name, factor = platform
    metric = target * (factor + (1 - factor) * place)
    assert tracking_scenario(name, current, target, [metric] * length, 1, 1_000) == current


@given(PLATFORM, st.integers(1, 100), strategies.targets, strategies.utilisations)
def test_fourteen_low_points_remove_nothing_and_fifteen_do(
    platform: str, current: int, target: float, metric: float
) -> None:
    assume(metric < 0.69 * target)
    assert tracking_scenario(platform, current, target, [metric] * 14) == current
    assert tracking_scenario(platform, current, target, [metric] * 15) <= current


def test_a_high_alarm_scales_out_within_bounds_and_never_lowers() -> None:
    assert tracking_scenario("ecs_service", 4, 50, [80, 80, 80], 1, 10) == 7
    assert tracking_scenario("ecs_service", 4, 50, [80, 80, 80], 1, 5) == 5
    assert tracking_scenario("ecs_service", 4, 50, [90, 90, 90, None], 1, 10) == 8, "the newest real point counts"


def test_a_capacity_provider_removes_at_most_half() -> None:
    assert tracking_scenario("capacity_provider", 10, 100, [10] * 15) == 5
