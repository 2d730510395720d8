"""Mechanics of groups, capacity providers, forecasts and published logs. It cannot prove what one real start takes:
that is data."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from elasticity.calibration import activity_durations, effect_delays
from elasticity.capacity_providers import capacity_provider_reservation, capacity_provider_size
from elasticity.predictive import seasonal_naive
from tests.elasticity.oracle.capacity_providers import capacity_provider_launch, capacity_provider_scale_in_counter
from tests.elasticity.oracle.groups import (
    deregistration_time,
    fleet_start,
    launch_parts,
    launch_start,
    launch_time,
    provisioning_time,
    rebalancing_ceiling,
    slow_start_share,
    slow_start_split,
    warm_pool_size,
    weighted_scale_in,
)
from tests.elasticity.oracle.predictive import (
    predictive_capacity,
    predictive_launch,
    predictive_maximum,
    predictive_timeline,
)
from tests.elasticity.refusals import refuses

# Groups


def test_a_warm_pool_is_never_negative() -> None:
    assert warm_pool_size(10, 8) == 0
    assert warm_pool_size(6, 10, 8) == 2


@pytest.mark.parametrize(("maximum", "ceiling"), [(0, 1), (5, 6), (15, 16), (19, 20), (20, 22)])
def test_rebalancing_rounds_its_ten_per_cent_down(maximum: int, ceiling: int) -> None:
    assert rebalancing_ceiling(maximum) == ceiling


@pytest.mark.parametrize(
    ("arguments", "goes"),
    [
        ((30, 32, -1, 4), False),
        ((30, 32, -1, 3), True),
        ((30, 32, -2, 4), True),
        ((30, 32, 0, 1), False),
        ((30, 32, -3), True),
        ((30, 30, -1), True),
    ],
)
def test_a_weighted_instance_goes_when_what_is_left_suffices(arguments: tuple[Any, ...], goes: bool) -> None:
    assert weighted_scale_in(*arguments) is goes


@given(st.floats(0, 10_000), st.lists(st.floats(0, 1), min_size=1, max_size=20))
def test_slow_start_loses_no_request(load: float, shares: list[float]) -> None:
    split = slow_start_split(load, shares)
    assert sum(split) == pytest.approx(load)
    assert min(split) >= 0


def test_slow_start_is_linear() -> None:
    assert [slow_start_share(age, 30) for age in (-1, 0, 15, 30, 60)] == [0, 0, 0.5, 1, 1]
    assert slow_start_share(0, 0) == 1
    assert slow_start_split(10, [0, 0]) == [5, 5]
    for wrong in ([], [1.5]):
        with refuses("`shares`: expected one ramp from 0 to 1 per target, at least one"):
            slow_start_split(10, wrong)


def test_deregistration_ends_with_the_longest_request() -> None:
    assert deregistration_time(300, 1) == 300
    assert deregistration_time(300, 1, longest=20) == 20
    assert deregistration_time(300, 1, longest=900) == 300


@given(st.integers(1, 10_000))
def test_a_later_task_never_starts_earlier(number: int) -> None:
    assert 0 <= launch_start(number) <= launch_start(number + 1) <= launch_start(number) + 0.05 + 1e-9


def test_launches_refuse_what_cannot_be() -> None:
    with refuses("`task_number`: got 0, allowed a whole number from 1 up"):
        launch_start(0)
    with refuses("`provisioned_after` lies before `triggered_after`"):
        provisioning_time(1, 2)
    with refuses("`shares`: do not add up to 1"):
        launch_parts(10, {"api": 0.5})
    assert launch_parts(10, {"api": 0.25, "boot": 0.75}) == {"api": 2.5, "boot": 7.5}
    assert launch_time("ecs_service") == 25


def test_a_larger_fleet_starts_later_but_its_first_task_does_not() -> None:
    (first, last), (same, later) = fleet_start(100), fleet_start(3_500)
    assert first == same
    assert later - last == pytest.approx(170)


# Capacity providers


@given(st.integers(1, 1_000), st.integers(1, 100), st.integers(1, 1_000))
def test_at_its_size_the_reservation_is_at_most_the_target(needed: int, target: int, running: int) -> None:
    size = capacity_provider_size(needed, running, target)
    assert capacity_provider_reservation(needed, size) <= target + 1e-6
    if size > 1:
        assert capacity_provider_reservation(needed, size - 1) > target


def test_from_zero_the_reservation_is_200_and_the_first_launch_two() -> None:
    assert capacity_provider_reservation(7, 0) == 200
    assert capacity_provider_size(7, 0, 100) == 2
    assert capacity_provider_size(0, 0, 100) == capacity_provider_size(0, 5, 100) == 0


@pytest.mark.parametrize(
    ("arguments", "launched"),
    [((0,), 0), ((-3,), 0), ((5,), 5), ((2, 4, 8), 4), ((20_000,), 10_000), ((3, None, 2), 2)],
)
def test_a_launch_lies_between_its_steps(arguments: tuple[Any, ...], launched: int) -> None:
    assert capacity_provider_launch(*arguments) == launched


@given(st.integers(0, 14), st.integers(0, 14), st.floats(100, 200))
def test_fifteen_low_points_must_follow_each_other(before: int, after: int, between: float) -> None:
    series = [80.0] * before + [between] + [80.0] * after
    assert not capacity_provider_scale_in_counter(100, series)
    assert capacity_provider_scale_in_counter(100, [*series, *[80.0] * (15 - after)])


def test_capacity_providers_refuse_what_cannot_be() -> None:
    with refuses("`needed`: got -1, allowed a whole number from 0 up"):
        capacity_provider_reservation(-1, 1)
    with refuses("`target`: got 110, allowed a number above 0 and up to 100"):
        capacity_provider_size(1, 1, 110)
    with refuses("`minimum_step` is above `maximum_step`"):
        capacity_provider_launch(5, 8, 4)


# Predictive scaling


@given(st.integers(0, 1_000), st.integers(0, 1_000), st.integers(0, 100))
def test_a_raised_maximum_is_never_below_the_maximum_or_the_forecast(forecast: int, maximum: int, buffer: int) -> None:
    raised = predictive_maximum(forecast, maximum, "IncreaseMaxCapacity", buffer)
    assert raised >= max(forecast, maximum)
    assert predictive_maximum(forecast, maximum, "IncreaseMaxCapacity") == max(forecast, maximum)


@given(st.lists(st.integers(0, 100), max_size=48), st.integers(0, 100), st.integers(0, 20), st.integers(20, 80))
def test_a_forecast_never_lowers(forecast: list[int], current: int, low: int, high: int) -> None:
    timeline = predictive_timeline(forecast, current, low, high, "ForecastAndScale")
    assert timeline == sorted(timeline)
    assert all(current <= desired <= max(high, current) for desired in timeline)
    assert predictive_timeline(forecast, current, low, high) == [current] * len(forecast)


def test_a_raised_maximum_lets_the_forecast_through() -> None:
    assert predictive_timeline([5, 50], 1, 1, 40, "ForecastAndScale", "IncreaseMaxCapacity", 10) == [5, 50]
    assert predictive_capacity(3, None, 5) == 5


def test_capacity_is_raised_before_the_hour() -> None:
    ten = datetime.datetime(2026, 1, 1, 10, tzinfo=datetime.UTC)
    assert predictive_launch(ten, 90) == ten - datetime.timedelta(seconds=90)
    with refuses("`buffer`: got a time outside 0 to below 3600 seconds"):
        predictive_launch(ten, 3_600)


def test_predictive_scaling_refuses_what_cannot_be() -> None:
    with refuses("`behaviour`: got 'grow', allowed HonorMaxCapacity, IncreaseMaxCapacity"):
        predictive_maximum(1, 1, "grow")
    with refuses("`buffer` belongs to IncreaseMaxCapacity only"):
        predictive_maximum(1, 1, buffer=5)
    with refuses("`buffer`: got a percentage outside 0 to 100"):
        predictive_maximum(1, 1, "IncreaseMaxCapacity", 101)
    with refuses("`mode`: got 'on', allowed ForecastOnly, ForecastAndScale"):
        predictive_timeline([], 1, 1, 1, "on")
    with refuses("`history`: got less than 24 hourly values, predictive scaling needs 24"):
        seasonal_naive([1.0] * 23)


@given(st.lists(st.floats(0, 100), min_size=24, max_size=24), st.integers(1, 13))
def test_a_daily_load_is_forecast_as_itself(day: list[float], days: int) -> None:
    assert seasonal_naive(day * days) == day * 2


def test_a_week_is_looked_back_from_eight_days_on() -> None:
    history = [float(hour) for hour in range(8 * 24)]
    assert seasonal_naive(history, 2) == [24, 25]
    assert seasonal_naive(history[1:], 2) == [168, 169]


# Published logs


def test_an_activity_may_pass_midnight() -> None:
    assert activity_durations([("23:59:50", "00:00:23")]) == ([33], [33])
    assert activity_durations([("10:00:00", "10:05:33")], warm_up=300) == ([333], [33])
    with refuses("`warm_up`: longer than an activity"):
        activity_durations([("10:00:00", "10:00:33")], warm_up=60)


def test_an_effect_follows_its_cause() -> None:
    cause, effect = (datetime.datetime(2026, 1, 1, 10, minute, tzinfo=datetime.UTC) for minute in (0, 5))
    assert effect_delays([cause], [effect]) == [300]
    with refuses("`capacity_changes`: one lies before its state change"):
        effect_delays([effect], [cause])
    with refuses("`state_changes` and `capacity_changes`: expected one capacity change per state change"):
        effect_delays([cause], [])
