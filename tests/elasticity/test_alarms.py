"""Alarm states and the alarms that tracking makes. It cannot prove what CloudWatch leaves undocumented: ranges for
other N than 3."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from elasticity.alarms import Alarm, alarm_faults, alarm_state, managed_alarms
from elasticity.platforms import PLATFORM_NAMES, platform_parameters
from tests import strategies
from tests.elasticity.oracle.alarms import invocations, reaction, trigger_delay
from tests.elasticity.refusals import refuses

FRESH_BREACH: dict[str, Any] = {
    "points": [None, None, None, None, 1],
    "threshold": 0.5,
    "comparison": "GreaterThanThreshold",
    "evaluation_periods": 3,
}


def test_the_state_after_one_fresh_breach_is_an_option() -> None:
    assert alarm_state(**FRESH_BREACH, previous="OK") == "INSUFFICIENT_DATA"
    assert alarm_state(**FRESH_BREACH, previous="OK", fresh_breach="previous") == "OK"


def test_all_periods_must_breach_where_no_count_is_given() -> None:
    assert alarm_state([1, 1, 0], 0.5, "GreaterThanThreshold", 3) == "OK"
    assert alarm_state([1, 1, 1], 0.5, "GreaterThanThreshold", 3) == "ALARM"


@pytest.mark.parametrize(
    ("comparison", "breaches"),
    [
        ("GreaterThanOrEqualToThreshold", [False, True, True]),
        ("GreaterThanThreshold", [False, False, True]),
        ("LessThanOrEqualToThreshold", [True, True, False]),
        ("LessThanThreshold", [True, False, False]),
    ],
)
def test_a_comparison_is_strict_or_not(comparison: str, breaches: list[bool]) -> None:
    assert [alarm_state([value], 5, comparison, 1) == "ALARM" for value in (4, 5, 6)] == breaches


@pytest.mark.parametrize(
    ("changed", "text"),
    [
        (
            {"comparison": ">"},
            (
                "`comparison`: got '>', allowed GreaterThanOrEqualToThreshold, GreaterThanThreshold, "
                "LessThanOrEqualToThreshold, LessThanThreshold"
            ),
        ),
        ({"missing": "zero"}, "`missing`: got 'zero', allowed missing, ignore, breaching, notBreaching"),
        ({"previous": "ok"}, "`previous`: got 'ok', allowed OK, ALARM, INSUFFICIENT_DATA"),
        ({"fresh_breach": "OK"}, "`fresh_breach`: got 'OK', allowed INSUFFICIENT_DATA, previous"),
        ({"datapoints_to_alarm": 4}, "`datapoints_to_alarm`: got 4, allowed a whole number from 1 to 3"),
        ({"datapoints_to_alarm": 0}, "`datapoints_to_alarm`: got 0, allowed a whole number from 1 to 3"),
    ],
)
def test_a_wrong_argument_is_refused_in_these_words(changed: dict[str, Any], text: str) -> None:
    with refuses(text):
        alarm_state(**{**FRESH_BREACH, **changed})


@given(strategies.alarm_inputs(), st.data())
def test_one_more_breach_never_ends_an_alarm(inputs: dict[str, Any], data: st.DataObject) -> None:
    worst = inputs["threshold"] + (1 if "Greater" in inputs["comparison"] else -1)
    worse = [point if point is None or data.draw(st.booleans(), label="kept") else worst for point in inputs["points"]]
    if alarm_state(**inputs) == "ALARM":
        assert alarm_state(**{**inputs, "points": worse}) == "ALARM"


@given(strategies.alarm_inputs())
def test_the_setting_for_missing_data_does_not_matter_while_enough_points_are_real(inputs: dict[str, Any]) -> None:
    full = [*inputs["points"], *[50.0] * inputs["evaluation_periods"]]
    states = {alarm_state(**{**inputs, "points": full, "missing": missing}) for missing in strategies.MISSING}
    assert len(states) == 1
    assert states <= {"OK", "ALARM"}


@given(strategies.alarm_inputs())
def test_breaching_alarms_at_least_as_often_as_not_breaching(inputs: dict[str, Any]) -> None:
    if alarm_state(**{**inputs, "missing": "notBreaching"}) == "ALARM":
        assert alarm_state(**{**inputs, "missing": "breaching"}) == "ALARM"


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ((60, 1440), ()),
        ((60, 1441), ("evaluation periods x period is above 86,400 seconds",)),
        ((3600, 168), ()),
        ((3600, 169), ("evaluation periods x period is above 604,800 seconds",)),
        ((60, 0), ("evaluation periods: at least 1",)),
        ((60, 3, 4), ("datapoints to alarm are not between 1 and the evaluation periods",)),
        ((60, 3, 3), ()),
        ((0, 3), ("the period is not 10, 20, 30 or a multiple of 60 seconds",)),
    ],
)
def test_settings_that_cloudwatch_refuses(settings: tuple[int, ...], expected: tuple[str, ...]) -> None:
    assert alarm_faults(*settings) == expected


def test_a_short_period_needs_a_metric_of_high_resolution() -> None:
    assert alarm_faults(20, 3, high_resolution=False) == (
        "a period below 60 seconds needs a metric that is stored at high resolution",
    )


def test_an_alarm_reads_its_evaluation_range_only() -> None:
    alarm = Alarm(50, "GreaterThanThreshold", 3, 3)
    assert alarm.evaluation_range == 5
    assert alarm.state([99, None, None, None, None, None]) == "INSUFFICIENT_DATA", "the old breach is out of range"
    assert alarm.state([99, None, None, None, None]) == "ALARM", "an old breach, then silence"


def test_a_threshold_is_exact_in_decimals() -> None:
    assert 0.7 * 90 != 63
    assert managed_alarms("ec2_group", 90).side("low").threshold == 63
    assert 0.9 * 13 > 11.7
    assert managed_alarms("ecs_service", 13).side("low").threshold == 11.7


def test_tracking_without_scale_in_has_no_low_alarm() -> None:
    alarms = managed_alarms("ecs_service", 50, disable_scale_in=True)
    assert alarms.states([5] * 20) == {"high": "OK", "low": None}
    with refuses("there is no low alarm: scale-in is disabled"):
        alarms.side("low")


def test_no_point_is_insufficient_data() -> None:
    assert managed_alarms("ecs_service", 50).states([]) == {"high": "INSUFFICIENT_DATA", "low": "INSUFFICIENT_DATA"}


@pytest.mark.parametrize(
    ("target", "got"), [(0, "0"), (-5, "-5"), (float("inf"), "inf"), (float("nan"), "NaN, which is no number")]
)
def test_a_target_is_above_zero(target: float, got: str) -> None:
    with refuses(f"`target`: got {got}, allowed a number above 0"):
        managed_alarms("ecs_service", target)


def test_changed_parameters_change_the_alarms() -> None:
    eager = platform_parameters("ec2_group").with_values(low_factor=0.5, high_datapoints_to_alarm=2)
    alarms = managed_alarms(eager, 50, period=30)
    assert (alarms.side("low").threshold, alarms.high.datapoints_to_alarm, alarms.high.period) == (25, 2, 30)


@given(st.sampled_from(PLATFORM_NAMES), strategies.targets, strategies.series)
def test_both_alarms_of_a_policy_never_hold_at_once(platform: str, target: float, series: list[float | None]) -> None:
    alarms = managed_alarms(platform, target)
    for high, low in zip(alarms.high.history(series), alarms.side("low").history(series), strict=True):
        assert (high, low) != ("ALARM", "ALARM")


@given(st.lists(st.sampled_from(strategies.STATES)))
def test_an_action_runs_once_for_each_period_in_alarm(states: list[str]) -> None:
    assert len(invocations(states)) == states.count("ALARM")


@pytest.mark.parametrize(
    ("target", "before", "after", "phase", "expected"),
    [
        (50, 20, 95, 0, 180 + 170),  # a whole first period breaches: N - 1 more, closed after 60 s
        (50, 20, 95, 59.5, 0.5 + 180 + 170),  # the mixed period does not breach
        (50, 20, 95, 30, 30 + 120 + 170),  # mix of 57.5 % breaches
        (50, 20, 45, 0, float("inf")),
    ],
)
def test_the_reaction_depends_on_the_phase(
    target: float, before: float, after: float, phase: float, expected: float
) -> None:
    assert reaction("ecs_service", target, before, after, phase) == pytest.approx(expected)


@pytest.mark.parametrize("phase", [-1, 60])
def test_a_phase_lies_within_the_period(phase: float) -> None:
    with refuses("`phase`: got a time outside the period"):
        reaction("ecs_service", 50, 20, 95, phase)


@given(st.sampled_from(PLATFORM_NAMES), st.integers(5, 45), st.integers(55, 100))
def test_the_mean_reaction_is_the_closed_form(platform: str, before: int, after: int) -> None:
    """N P + P/2 - x P + d, with x the share of phases whose mixed period breaches; one phase a second is exact to a
    second."""
    parameters = platform_parameters(platform)
    n, period = parameters.high_evaluation_periods, parameters.metric_period
    share = (after - 50) / (after - before)
    expected = n * period + period / 2 - share * period + parameters.publication_delay
    assert trigger_delay(platform, 50, before, after) == pytest.approx(expected, abs=1)


@given(st.floats(0, 1_000), st.integers(0, 59))
def test_a_second_of_publication_delay_is_a_second_of_reaction(delay: float, phase: int) -> None:
    service = platform_parameters("ecs_service")
    prompt, late = (dataclasses.replace(service, publication_delay=d) for d in (0.0, delay))
    assert reaction(late, 50, 20, 95, phase) == pytest.approx(reaction(prompt, 50, 20, 95, phase) + delay)


@pytest.mark.parametrize(("period", "published", "tolerance"), [(60, 363, 30), (20, 86, 10)])
def test_the_reaction_is_that_of_the_benchmark(period: int, published: float, tolerance: float) -> None:
    assert abs(trigger_delay(platform_parameters("ecs_service").at_period(period), 50, 20, 95) - published) <= tolerance
