"""Which bounds hold at a moment: against a walk over every occurrence; cannot prove what AWS does at a clock change."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from elasticity.bounds_in_force import BoundInForce, in_force, occurrences_of, owned_by_schedules
from elasticity.rules import Elasticity
from operations import timetable
from tests.elasticity.refusals import refuses

ZONES = ("Etc/UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata")
FIRST = datetime.datetime(2024, 1, 1, tzinfo=datetime.UTC)
schedules = st.fixed_dictionaries(
    {
        "cron": st.builds(
            "{} {} {} * {}".format,
            st.sampled_from(("0", "30", "*/15")),
            st.sampled_from(("8", "20", "*/6", "0-4")),
            st.just("*"),
            st.sampled_from(("*", "MON-FRI", "SUN")),
        ),
        "time_zone": st.sampled_from(ZONES),
        "minimum": st.none() | st.integers(0, 5),
        "maximum": st.integers(5, 9),
    }
)


def ruled(**scheduled: Any) -> Elasticity:
    return Elasticity.model_validate({"minimum": 1, "maximum": 10, "scheduled": scheduled})


@pytest.mark.parametrize("platform", ["ecs_service", "ec2_group"])
@given(
    scheduled=st.lists(schedules, min_size=1, max_size=3),
    minutes=st.integers(60 * 24 * 30, 60 * 24 * 500),
)
def test_the_last_occurrence_of_whoever_sets_a_bound_decides(
    platform: str, scheduled: list[dict[str, Any]], minutes: int
) -> None:
    rules = ruled(**{f"s{place}": rule for place, rule in enumerate(scheduled)})
    at = FIRST + datetime.timedelta(minutes=minutes)
    walked = [
        (time, place, rule)
        for place, rule in enumerate(rules.scheduled.values())
        for time in occurrences_of(rule, platform, at - datetime.timedelta(days=20), at + datetime.timedelta(seconds=1))
    ]
    expected = {"minimum": rules.minimum, "maximum": rules.maximum}
    for _, _, rule in sorted(walked, key=lambda each: each[:2]):
        expected |= {side: value for side in expected if (value := getattr(rule, side)) is not None}
    assert {side: held.value for side, held in in_force(rules, platform, at).items()} == expected


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        ("2028-02-29T07:59:00+00:00", BoundInForce(2, "leap", datetime.datetime(2024, 2, 29, 8, tzinfo=datetime.UTC))),
        ("2028-02-29T08:00:00+00:00", BoundInForce(2, "leap", datetime.datetime(2028, 2, 29, 8, tzinfo=datetime.UTC))),
        ("2024-02-29T07:59:59+00:00", BoundInForce(2, "leap", datetime.datetime(2020, 2, 29, 8, tzinfo=datetime.UTC))),
    ],
)
def test_a_schedule_of_a_leap_day_holds_for_years(at: str, expected: BoundInForce) -> None:
    rules = ruled(leap={"cron": "0 8 29 2 *", "time_zone": "Etc/UTC", "minimum": 2})
    assert in_force(rules, "ecs_service", datetime.datetime.fromisoformat(at))["minimum"] == expected


def test_an_end_keeps_what_was_set_and_a_start_waits() -> None:
    window = {"start": "2026-03-01T00:00:00Z", "end": "2026-03-10T00:00:00Z"}
    rules = ruled(week={"cron": "0 8 * * *", "time_zone": "Etc/UTC", "minimum": 4, **window})
    held = [
        in_force(rules, "ec2_group", datetime.datetime(2026, month, 5, tzinfo=datetime.UTC))["minimum"].value
        for month in (2, 3, 8)
    ]
    assert held == [1, 4, 4]


def test_schedules_own_the_bounds_that_they_set() -> None:
    rule = {"cron": "0 8 * * *", "time_zone": "Etc/UTC"}
    assert list(owned_by_schedules(ruled())) == []
    assert list(owned_by_schedules(ruled(a={**rule, "minimum": 2}))) == ["minimum"]
    assert list(owned_by_schedules(ruled(a={**rule, "minimum": 2}, b={**rule, "maximum": 8}))) == ["minimum", "maximum"]


@pytest.mark.parametrize("platform", ["ecs_service", "ec2_group"])
@given(
    scheduled=st.lists(schedules, min_size=1, max_size=3),
    leap=st.booleans(),
    minutes=st.integers(60 * 24 * 30, 60 * 24 * 1_200),
)
def test_what_explain_tells_of_an_hour_is_what_a_deployment_leaves_in_it(
    platform: str, scheduled: list[dict[str, Any]], leap: bool, minutes: int
) -> None:
    rare = {"leap": {"cron": "0 8 29 2 *", "time_zone": "Etc/UTC", "minimum": 3}} if leap else {}
    rules = ruled(**rare, **{f"s{place}": rule for place, rule in enumerate(scheduled)})
    at = FIRST + datetime.timedelta(minutes=minutes)
    told = timetable.in_force(rules, platform, at, "Etc/UTC", "skip_gap_first_repeat")
    held = in_force(rules, platform, at)
    assert [(bound.value, bound.rule) for bound in told] == [
        (held[side].value, held[side].rule) for side in ("minimum", "maximum")
    ]


def test_explain_tells_of_a_leap_day_years_later_and_of_what_held_before() -> None:
    rules = ruled(leap={"cron": "0 8 29 2 *", "time_zone": "Etc/UTC", "minimum": 2})
    at = datetime.datetime(2027, 6, 1, tzinfo=datetime.UTC)
    minimum, maximum = timetable.in_force(rules, "ecs_service", at, "Etc/UTC", "skip_gap_first_repeat")
    assert (minimum.value, minimum.rule, minimum.before) == (2, "leap", 2)
    assert minimum.why == "set by leap (0 8 29 2 *, Etc/UTC) on Thu 2024-02-29 08:00 UTC"
    assert (maximum.value, maximum.rule) == (10, "")


def test_a_schedule_that_no_group_can_hold_is_named() -> None:
    rules = ruled(hourly={"rate": "1 hour", "time_zone": "Etc/UTC", "minimum": 2})
    with refuses("scheduled.hourly: an EC2 group has no rate: write it as `cron`"):
        in_force(rules, "ec2_group", FIRST)
