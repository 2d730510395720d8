"""Parameters with their evidence, limits and the public names. It cannot prove that a source is
right, only that each figure names one."""

from __future__ import annotations

import dataclasses
import subprocess
import sys
from typing import Any

import pytest

import elasticity
from elasticity.platforms import BEHAVIOUR, EVIDENCE, PLATFORM_NAMES, PLATFORMS, PlatformParameters, platform_parameters
from tests.elasticity.oracle.limits import LIMITS, PLACES, SHIPPED, default, is_valid, limit
from tests.elasticity.refusals import refuses

GRADES = {"doc", "emp", "pub", "ran", "own", "asm"}


def test_every_parameter_has_unit_grade_and_source() -> None:
    names = {field.name for field in dataclasses.fields(PlatformParameters)} - {"platform"}
    assert set(EVIDENCE) == names
    for platform in PLATFORM_NAMES:
        for row in platform_parameters(platform).rows():
            assert set(row.grade.replace(" (20 s: asm)", "").split(", ")) <= GRADES, row.name
            assert row.source, row.name
            assert not row.is_changed


def test_each_platform_has_its_parameters_and_its_behaviour() -> None:
    assert PLATFORM_NAMES == tuple(PLATFORMS) == tuple(BEHAVIOUR)


def test_a_changed_parameter_is_shown_as_changed() -> None:
    parameters = platform_parameters("ecs_service").with_values(publication_delay=190)
    changed = [row for row in parameters.rows() if row.is_changed]
    assert [(row.name, row.value, row.default, row.unit, row.grade) for row in changed] == [
        ("publication_delay", 190, 170, "s", "pub, asm")
    ]


def test_a_parameter_that_a_platform_does_not_have_is_not_shown() -> None:
    shown = {row.name for row in platform_parameters("ec2_group").rows()}
    assert "scale_in_cooldown" not in shown
    assert "warm_up" in shown


def test_an_unknown_parameter_or_platform_is_refused() -> None:
    with pytest.raises(ValueError, match=r"^not a platform parameter: delay, speed; allowed metric_period, "):
        platform_parameters("ecs_service").with_values(speed=1, delay=2)
    with refuses("not a platform: got 'vm', allowed ecs_service, ec2_group, capacity_provider, swarm_service"):
        platform_parameters("vm")


@pytest.mark.parametrize(
    ("name", "value", "text"),
    [
        ("publication_delay", "1m", "`publication_delay`: got text, allowed a number from 0 up"),
        ("publication_delay", -5, "`publication_delay`: got -5, allowed a number from 0 up"),
        ("publication_delay", float("nan"),
         "`publication_delay`: got NaN, which is no number, allowed a number from 0 up"),
        ("publication_delay", None, "`publication_delay`: got nothing, allowed a number from 0 up"),
        ("metric_period", 0, "`metric_period`: got 0, allowed a whole number from 1 up"),
        ("extra_range", -1, "`extra_range`: got -1, allowed a whole number from 0 up"),
        ("clock_change", 1, "`clock_change`: got 1, allowed text"),
    ],
)  # fmt: skip
def test_a_parameter_of_another_kind_is_refused(name: str, value: Any, text: str) -> None:
    with refuses(text):
        platform_parameters("ecs_service").with_values(**{name: value})


def test_a_parameter_that_may_be_unset_can_be_unset() -> None:
    unlimited = platform_parameters("ecs_service").with_values(launch_burst=None, extra_range=0, clock_change="other")
    assert (unlimited.launch_burst, unlimited.extra_range) == (None, 0)


@pytest.mark.parametrize(
    ("platform", "period", "expected"),
    [
        ("ecs_service", 60, (60, 60, 170)),
        ("ecs_service", 20, (20, 20, 21)),
        ("ec2_group", 10, (10, 10, 60)),
        ("ec2_group", 300, (300, 60, 60)),
    ],
)
def test_a_period_brings_its_delay(platform: str, period: int, expected: tuple[int, ...]) -> None:
    parameters = platform_parameters(platform).at_period(period)
    found = (parameters.metric_period, parameters.reinvocation_period, parameters.publication_delay)
    assert found == expected
    assert parameters == platform_parameters(platform).with_values(metric_period=period)


def test_a_delay_that_is_given_stays_beside_another_period() -> None:
    service = platform_parameters("ecs_service")
    given = service.with_values(metric_period=20, publication_delay=150, reinvocation_period=60)
    assert (given.publication_delay, given.reinvocation_period) == (150, 60)
    assert service.with_values(publication_delay=150).at_period(300).publication_delay == 150
    assert service.with_values(metric_period=60, publication_delay=150).publication_delay == 150


@pytest.mark.parametrize("way", [(20,), (20, 60), (60, 20), (20, 300, 60), (300, 20)])
def test_the_delay_is_that_of_the_last_period_whatever_came_before(way: tuple[int, ...]) -> None:
    parameters = platform_parameters("ecs_service")
    for period in way:
        parameters = parameters.at_period(period)
    assert parameters == platform_parameters("ecs_service").at_period(way[-1])


# Constants and limits


@pytest.mark.parametrize(
    ("platform", "setting", "value"),
    [
        ("ecs_service", "scale_in_cooldown", 300),
        ("ec2_group", "LifecycleHeartbeat", 3_600),
        ("ec2_group", "scheduling-buffer-time", 300),
        ("any", "predictive_mode", "ForecastOnly"),
        ("alb", "deregistration_delay", 300),
        ("alb", "deregistration_delay.timeout_seconds", 300),
        ("capacity_provider", "targetCapacity", 100),
    ],
)
def test_a_default_is_found_by_our_name_or_awss(platform: str, setting: str, value: Any) -> None:
    assert default(platform, setting) == value


def test_an_unknown_default_names_those_there_are() -> None:
    with pytest.raises(
        KeyError, match=r"no default of colour on alb: known are age_at_action, balancer_period, capacity_base, "
    ):
        default("alb", "colour")
    with refuses(
        "not a platform: got 'vm', allowed ecs_service, ec2_group, capacity_provider, swarm_service, alb, cloudwatch, any"
    ):
        default("vm", "warm_up")


def test_every_shipped_constant_and_limit_has_a_place_and_a_source() -> None:
    for place, _ in (*SHIPPED, *LIMITS):
        assert place in PLACES
    assert all(entry.source and entry.grade in GRADES for entry in SHIPPED.values())
    assert all(entry.source for entry in LIMITS.values())


def test_every_shipped_default_is_within_its_limit() -> None:
    both = [key for key in SHIPPED if key in LIMITS and SHIPPED[key].value is not None]
    assert len(both) > 8
    for place, setting in both:
        assert is_valid(place, setting, default(place, setting)), setting


@pytest.mark.parametrize(
    ("setting", "allowed", "refused"),
    [
        ("slow_start", [0, 30, 900.0], [1, 29, 901, -1, 30.5, "30", None, True, float("nan")]),
        ("deregistration_delay", [0, 3_600], [-1, 3_601]),
    ],
)
def test_a_limit_allows_its_range(setting: str, allowed: list[Any], refused: list[Any]) -> None:
    assert all(is_valid("alb", setting, value) for value in allowed)
    assert not any(is_valid("alb", setting, value) for value in refused)


def test_a_limit_reads_as_text() -> None:
    assert str(limit("alb", "slow_start")) == "0 or 30 to 900"
    assert str(limit("ec2_group", "default_cooldown")) == "0 and more"
    assert str(limit("ec2_group", "customised_metric_period")) == "10 or 30 or 60"
    with pytest.raises(KeyError, match=r"no limit of colour on alb: known are deregistration_delay, "):
        limit("alb", "colour")


# Public names

PROMISED = {
    "Elasticity", "StepScaling", "TargetTracking", "Scheduled", "Predictive", "alarm_state", "target_tracking_capacity",
    "step_capacity", "combine", "occurrences", "capacity_provider_reservation", "capacity_provider_size", "erlang_c",
    "sakasegawa_wait", "measures", "simulate", "Timeline", "check", "Finding", "price",
}  # fmt: skip


def test_the_promised_names_are_exported() -> None:
    assert set(elasticity.__all__) >= PROMISED
    assert set(dir(elasticity)) >= PROMISED


@pytest.mark.parametrize("name", sorted(PROMISED))
def test_a_public_name_loads(name: str) -> None:
    assert callable(getattr(elasticity, name))
    assert not hasattr(elasticity, name + "_")


def test_importing_the_package_loads_neither_arrays_nor_models() -> None:
    script = "import sys, elasticity; print([m for m in ('numpy', 'numba', 'pydantic') if m in sys.modules])"
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"


def test_the_rules_load_without_arrays() -> None:
    script = (
        "import sys; from elasticity import Elasticity, alarm_state, occurrences, step_capacity;"
        "print([m for m in ('numpy', 'numba') if m in sys.modules])"
    )
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"


def test_a_parameter_of_words_takes_its_words_only() -> None:
    service = platform_parameters("ecs_service")
    assert service.requests_counted == "received"
    assert service.with_values(requests_counted="completed").requests_counted == "completed"
    with refuses("`requests_counted`: got 'served', allowed received, completed"):
        service.with_values(requests_counted="served")
