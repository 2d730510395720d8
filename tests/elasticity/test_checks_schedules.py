"""Findings on schedules: bounds, dialects, clock changes, coincidences, at their boundaries. It cannot prove what AWS
does at a clock change: that is not documented."""

from __future__ import annotations

import datetime
from typing import Any

import pytest

from elasticity.checks import check
from tests.elasticity.findings import CPU, cure_of, found, rules
from tests.work import calls

EVENING = {"cron": "0 20 * * *", "time_zone": "UTC", "minimum": 2}


def scheduled(**schedules: dict[str, Any]) -> Any:
    return rules(scheduled={name: {"time_zone": "UTC", **schedule} for name, schedule in schedules.items()})


def daily(cron: str = "0 8 * * *", **more: Any) -> dict[str, Any]:
    return {"cron": cron, "minimum": 4, **more}


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ({"minimum": 5, "maximum": 4}, ["scheduled.s.minimum error: minimum 5 is above maximum 4"]),
        ({"minimum": 4, "maximum": 4}, []),
        ({"minimum": 11}, ["scheduled.s.minimum error: minimum 11 is above base maximum 10"]),
        ({"minimum": 10}, []),
        ({"minimum": 11, "maximum": 11}, []),
        ({"maximum": 1}, ["scheduled.s.maximum error: base minimum 2 is above maximum 1"]),
        ({"maximum": 2}, []),
        ({"desired": 11}, ["scheduled.s.desired error: desired 11 lies outside 2 to 10"]),
        ({"desired": 1}, ["scheduled.s.desired error: desired 1 lies outside 2 to 10"]),
        ({"desired": 10}, []),
        ({"desired": 12, "maximum": 12}, []),
    ],
)
def test_a_schedule_keeps_the_bounds_in_order(rule: dict[str, Any], expected: list[str]) -> None:
    assert found(scheduled(s={"cron": "0 8 * * *", **rule}), "EL050") == expected


def test_base_bounds_out_of_order_are_not_the_fault_of_a_schedule() -> None:
    content = rules(minimum=11, scheduled={"s": {"cron": "0 8 * * *", "time_zone": "UTC", "desired": 10}})
    assert found(content, "EL050") == []


FIVE = "write minute hour day-of-month month day-of-week, such as `0 8 * * MON-FRI`"


@pytest.mark.parametrize(
    ("platform", "time", "expected"),
    [
        ("ecs_service", {"cron": "0 8 * * MON-FRI"}, []),
        ("ecs_service", {"cron": "0 8 * * 0"}, []),
        ("ecs_service", {"cron": "0 8 ? * MON *"}, []),
        ("ecs_service", {"cron": "0 8 * * MON *"}, ["cron error: day-of-month and day-of-week: neither is `?`, exactly one of them must be"]),
        ("ecs_service", {"cron": "0 8 ? * ? *"}, ["cron error: day-of-month and day-of-week: both are `?`, exactly one of them must be"]),
        ("ecs_service", {"cron": "0 8 1 * MON"}, ["cron error: day-of-month and day-of-week: days of either match, which six fields cannot hold"]),
        ("ec2_group", {"cron": "0 8 1 * MON"}, []),
        ("ec2_group", {"cron": "0 8 ? * MON *"}, ["cron error: an Auto Scaling group takes five cron fields, six are for services"]),
        ("capacity_provider", {"cron": "0 8 ? * MON *"}, ["cron error: an Auto Scaling group takes five cron fields, six are for services"]),
        ("ec2_group", {"cron": "0 24 * * *"}, ["cron error: hour: got 24, allowed 0-23"]),
        ("ecs_service", {"cron": "cron(0 8 ? * MON *)"}, ["cron error: got more than the fields"]),
        ("ecs_service", {"cron": "0 8"}, ["cron error: got 2 fields, the ec2 dialect has 5: minute hour day-of-month month day-of-week"]),
        ("ecs_service", {"rate": "1 hour"}, []),
        ("ecs_service", {"rate": "5 minutes"}, []),
        ("ecs_service", {"rate": "1 hours"}, ["rate error: not a rate"]),
        ("ecs_service", {"rate": "0 hours"}, ["rate error: not a rate"]),
        ("ec2_group", {"rate": "1 hour"}, ["rate error: an Auto Scaling group has no rates"]),
        ("ecs_service", {"at": "2026-12-24T18:00:00"}, []),
        ("ec2_group", {"at": "2026-02-30T18:00:00"}, ["at error: not a time from 1970 to 2199"]),
        ("ec2_group", {"at": "tomorrow"}, ["at error: not a time from 1970 to 2199"]),
        ("ec2_group", {"at": "2200-01-01T00:00:00"}, ["at error: not a time from 1970 to 2199"]),
        ("ec2_group", {"at": "1970-01-01T00:00:00"}, []),
        ("ec2_group", {"at": "2199-12-31T23:59:59"}, []),
    ],
)  # fmt: skip
def test_each_platform_reads_its_own_times(platform: str, time: dict[str, str], expected: list[str]) -> None:
    content = scheduled(s={"minimum": 2, **time})
    assert found(content, "EL051", platform=platform) == [f"scheduled.s.{one}" for one in expected]


def test_the_cure_of_six_fields_on_a_group_says_where_a_year_goes() -> None:
    cures = cure_of(scheduled(s=daily("0 8 ? * MON *")), "EL051", platform="ec2_group")
    assert cures == [f"{FIVE}; a year is said by `start` and `end`"]


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        (daily("30 2 * * *", time_zone="Europe/Berlin"), ["cron warning: 02:30 does not exist on 2026-03-29 and 02:30 comes twice on 2026-10-25 in Europe/Berlin"]),
        (daily("59 1 * * *", time_zone="Europe/Berlin"), []),
        (daily("0 3 * * *", time_zone="Europe/Berlin"), []),
        (daily("0 2 * * *", time_zone="Europe/Berlin"), ["cron warning: 02:00 does not exist on 2026-03-29 and 02:00 comes twice on 2026-10-25 in Europe/Berlin"]),
        (daily("30 2 * * MON-FRI", time_zone="Europe/Berlin"), []),
        (daily("30 2 ? * SUN *", time_zone="America/New_York"), ["cron warning: 02:30 does not exist on 2026-03-08 in America/New_York"]),
        (daily("30 1 * * *", time_zone="America/New_York"), ["cron warning: 01:30 comes twice on 2026-11-01 in America/New_York"]),
        (daily("30 2 * * *", time_zone="Asia/Kolkata"), []),
        (daily("30 2 * * *", time_zone="Europe/Berlin", end="2026-03-01T00:00:00Z"), []),
        (daily("30 2 * * *", time_zone="Europe/Berlin", end="2025-03-01T00:00:00Z"), []),
        (daily("30 2 * * *", time_zone="Europe/Berlin", start="2026-06-01T00:00:00Z"), ["cron warning: 02:30 comes twice on 2026-10-25 in Europe/Berlin"]),
        ({"at": "2026-03-29T02:30:00", "time_zone": "Europe/Berlin", "minimum": 2}, ["at warning: 02:30 does not exist on 2026-03-29 in Europe/Berlin"]),
        ({"at": "2026-10-25T02:30:00", "time_zone": "Europe/Berlin", "minimum": 2}, ["at warning: 02:30 comes twice on 2026-10-25 in Europe/Berlin"]),
        ({"at": "2026-10-25T03:30:00", "time_zone": "Europe/Berlin", "minimum": 2}, []),
        ({"rate": "1 hour", "time_zone": "Europe/Berlin", "minimum": 2}, []),
        ({"cron": "bad", "time_zone": "Europe/Berlin", "minimum": 2}, []),
        (daily(time_zone="Europe/Berln"), ["time_zone error: not a known time zone"]),
    ],
)  # fmt: skip
def test_a_local_time_at_a_clock_change_is_named_with_its_date(rule: dict[str, Any], expected: list[str]) -> None:
    assert found(scheduled(s=rule), "EL052") == [f"scheduled.s.{one}" for one in expected]


def test_the_cure_of_an_unknown_zone_is_the_nearest() -> None:
    assert cure_of(scheduled(s=daily(time_zone="Europe/Berln")), "EL052") == ["did you mean Europe/Berlin"]


def test_the_year_of_clock_changes_begins_on_the_day_that_is_given() -> None:
    content = scheduled(s=daily("30 2 * * *", time_zone="Europe/Berlin"))
    dates = [
        [one.message for one in check(content, on=on) if one.code == "EL052"]
        for on in (datetime.date(2026, 6, 1), datetime.date(2030, 1, 1))
    ]
    assert dates == [
        ["02:30 does not exist on 2027-03-28 and 02:30 comes twice on 2026-10-25 in Europe/Berlin"],
        ["02:30 does not exist on 2030-03-31 and 02:30 comes twice on 2030-10-27 in Europe/Berlin"],
    ]


def coincidence(first: dict[str, Any], second: dict[str, Any]) -> list[str]:
    return found(scheduled(a={"minimum": 4, **first}, b={"minimum": 2, **second}), "EL053")


def at_one_minute(when: str) -> list[str]:
    return [f"scheduled.b warning: a and b set minimum to 4 and 2 at one minute, such as {when}"]


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ({"cron": "0 8 * * *"}, {"cron": "0 8 * * *"}, at_one_minute("2026-01-01 08:00 UTC")),
        ({"cron": "0 8 * * *"}, {"cron": "1 8 * * *"}, []),
        ({"cron": "0 8 * * MON-FRI"}, {"cron": "0 8 * * SAT,SUN"}, []),
        ({"cron": "0 8 29 2 *"}, {"cron": "0 8 * * *"}, []),  # 2026 is no leap year
        ({"cron": "0 8 24 12 *"}, {"cron": "* * * * *"}, at_one_minute("2026-12-24 08:00 UTC")),
        ({"cron": "* * * * *"}, {"cron": "0 8 24 12 *"}, at_one_minute("2026-12-24 08:00 UTC")),
        ({"cron": "0 8 * * *", "time_zone": "Europe/Berlin"}, {"cron": "0 7 * * *"}, at_one_minute("2026-01-01 07:00 UTC")),
        ({"cron": "0 8 * * *", "time_zone": "Europe/Berlin"}, {"cron": "0 6 * * *"}, at_one_minute("2026-03-29 06:00 UTC")),
        ({"cron": "0 8 ? * MON *"}, {"cron": "0 8 * * 1"}, at_one_minute("2026-01-05 08:00 UTC")),
        ({"at": "2026-05-01T08:00:30"}, {"cron": "0 8 * * *"}, at_one_minute("2026-05-01 08:00 UTC")),
        ({"at": "2026-05-01T08:00:30"}, {"at": "2026-05-01T08:00:00"}, at_one_minute("2026-05-01 08:00 UTC")),
        ({"at": "2026-05-01T08:01:00"}, {"at": "2026-05-01T08:00:00"}, []),
        ({"at": "2025-05-01T08:00:00"}, {"cron": "0 8 * * *"}, []),
        ({"rate": "1 hour"}, {"cron": "0 8 * * *"}, []),
        ({"rate": "7 days", "start": "2026-01-02T08:00:59Z"}, {"cron": "0 8 * * *"}, at_one_minute("2026-01-02 08:00 UTC")),
        ({"rate": "7 days", "start": "2026-01-02T08:01:00Z"}, {"cron": "0 8 * * *"}, []),
        ({"rate": "1 hour", "start": "2026-12-24T08:00:59Z"}, {"cron": "0 8 24 12 *"}, at_one_minute("2026-12-24 08:00 UTC")),
        ({"rate": "1 hour", "start": "2026-12-24T08:01:00Z"}, {"cron": "0 8 24 12 *"}, []),
        ({"rate": "1 hour", "start": "2026-01-01T00:00:00Z", "end": "2026-12-24T08:00:00Z"}, {"cron": "0 8 24 12 *"}, []),
        ({"cron": "0 8 * * *", "start": "2026-12-24T08:00:00Z"}, {"at": "2026-12-24T08:00:00"}, at_one_minute("2026-12-24 08:00 UTC")),
        ({"cron": "0 8 * * *", "start": "2026-12-24T08:00:01Z"}, {"at": "2026-12-24T08:00:00"}, []),
        ({"cron": "0 8 * * *", "end": "2026-12-24T08:00:00Z"}, {"at": "2026-12-24T08:00:00"}, []),
        ({"rate": "7 days"}, {"cron": "0 8 * * *"}, []),
        ({"rate": "1 hour", "start": "2025-12-31T00:00:10Z"}, {"cron": "0 8 * * *"}, at_one_minute("2026-01-01 08:00 UTC")),
        ({"rate": "1 hour", "start": "2025-12-31T00:30:00Z"}, {"cron": "0 8 * * *"}, []),
        ({"rate": "7 days", "start": "2026-01-02T08:00:00Z"}, {"cron": "0 8 * * *"}, at_one_minute("2026-01-02 08:00 UTC")),
        ({"rate": "7 days", "start": "2026-01-02T08:00:00Z"}, {"cron": "0 9 * * *"}, []),
        ({"rate": "7 days", "start": "2026-01-02T08:00:00Z"}, {"rate": "1 day", "start": "2026-01-05T08:00:00Z"}, at_one_minute("2026-01-09 08:00 UTC")),
        ({"cron": "0 8 * * *", "end": "2026-06-01T00:00:00Z"}, {"cron": "0 8 * * *", "start": "2026-06-01T00:00:00Z"}, []),
        ({"cron": "0 8 * * *", "end": "2025-06-01T00:00:00Z"}, {"cron": "0 8 * * *"}, []),
        ({"cron": "30 2 * 10 *", "time_zone": "Europe/Berlin"}, {"cron": "30 1 25 10 *"}, []),  # the second 02:30 counts no more
        ({"cron": "30 2 * 10 *", "time_zone": "Europe/Berlin"}, {"cron": "30 0 25 10 *"}, at_one_minute("2026-10-25 00:30 UTC")),
        ({"cron": "30 1 25 10 *"}, {"cron": "*/30 2 * 10 *", "time_zone": "Europe/Berlin"}, []),
        ({"cron": "bad"}, {"cron": "0 8 * * *"}, []),
        ({"cron": "0 8 * * *", "time_zone": "Nowhere"}, {"cron": "0 8 * * *"}, []),
    ],
)  # fmt: skip
def test_two_schedules_at_one_minute_are_found(
    first: dict[str, Any], second: dict[str, Any], expected: list[str]
) -> None:
    assert coincidence(first, second) == expected


@pytest.mark.parametrize(
    ("first", "second", "count"),
    [
        ({"minimum": 2, "maximum": 8}, {"minimum": 2, "maximum": 9}, 1),
        ({"minimum": 2}, {"minimum": 2}, 0),
        ({"minimum": 2}, {"maximum": 9}, 0),
        ({"desired": 2}, {"desired": 3}, 1),
    ],
)
def test_only_contradicting_schedules_matter(first: dict[str, int], second: dict[str, int], count: int) -> None:
    content = scheduled(a={"cron": "0 8 * * *", **first}, b={"cron": "0 8 * * *", **second})
    assert len(found(content, "EL053")) == count


def test_twenty_dense_schedules_are_not_compared_minute_by_minute() -> None:
    dense = {f"s{n}": {"cron": "* * * * *", "time_zone": "UTC", "minimum": 2, "maximum": 3 + n} for n in range(20)}
    for n, schedule in enumerate(dense.values()):
        schedule["cron"] = f"{2 * n}-{2 * n + 1} * * * *"
    written = rules(scheduled=dense)

    def compare() -> None:
        assert found(written, "EL053") == []

    assert calls(compare) < 527_040, "the minutes of a year"


@pytest.mark.parametrize(
    ("cron", "count"),
    [
        ("0 8 ? * 2 *", 1),
        ("0 8 ? * 2-6 *", 1),
        ("0 8 ? * 6L *", 1),
        ("0 8 ? * 2#1 *", 1),
        ("0 8 ? * MON#1 *", 0),
        ("0 8 ? * MON/2 *", 0),
        ("0 8 ? * MON-FRI *", 0),
        ("0 8 1 * ? *", 0),
        ("0 8 * * 1", 0),
    ],
)
def test_a_weekday_in_six_fields_has_a_name(cron: str, count: int) -> None:
    expected = "scheduled.s.cron warning: in six fields the weekday 1 is Sunday, in five fields it is Monday"
    assert found(scheduled(s=daily(cron)), "EL054") == [expected] * count


@pytest.mark.parametrize(
    ("zone", "expected"),
    [
        ("Etc/GMT+5", ["scheduled.s.time_zone warning: Etc/GMT+5 is UTC-5"]),
        ("Etc/GMT-14", ["scheduled.s.time_zone warning: Etc/GMT-14 is UTC+14"]),
        ("Etc/GMT+0", []),
        ("Etc/GMT", []),
        ("UTC", []),
    ],
)
def test_a_zone_with_a_reversed_sign_is_named_by_what_it_is(zone: str, expected: list[str]) -> None:
    assert found(scheduled(s=daily(time_zone=zone)), "EL055") == expected


@pytest.mark.parametrize(
    ("schedules", "expected"),
    [
        ({"a": daily()}, ["scheduled.a.minimum warning: a raises the minimum from 2 to 4, and no schedule lowers it again"]),
        ({"a": daily(), "b": EVENING}, []),
        ({"a": daily(), "b": {**EVENING, "minimum": 3}}, ["scheduled.b.minimum warning: b raises the minimum from 2 to 3, and no schedule lowers it again"]),
        ({"a": daily(minimum=2)}, []),
        ({"a": {"cron": "0 8 * * *", "maximum": 20}}, []),
        ({"a": daily(end="2026-06-01T00:00:00Z")}, ["scheduled.a.minimum warning: a raises the minimum from 2 to 4, and no schedule lowers it again"]),
        ({"a": daily(), "b": {"at": "2026-12-24T20:00:00", "minimum": 2}}, ["scheduled.a.minimum warning: a raises the minimum from 2 to 4, and no schedule lowers it again"]),
        ({"a": {"at": "2026-12-24T08:00:00", "minimum": 4}, "b": {"at": "2026-12-24T20:00:00", "minimum": 2}}, []),
        ({"a": daily(), "b": {"cron": "0 20 * * *", "maximum": 9}}, ["scheduled.a.minimum warning: a raises the minimum from 2 to 4, and no schedule lowers it again"]),
    ],
)  # fmt: skip
def test_what_a_schedule_raises_another_lowers(schedules: dict[str, Any], expected: list[str]) -> None:
    assert found(scheduled(**schedules), "EL056") == expected


NOTHING_REMOVES = (
    "scheduled.a.minimum warning: a raises the minimum from 2 to 4; a lower minimum removes nothing by itself, "
    "and no rule scales in"
)


@pytest.mark.parametrize(
    ("changed", "more", "platform", "count"),
    [
        ({"target_tracking": {}}, {}, "ecs_service", 1),
        ({"target_tracking": {"cpu": {**CPU, "scale_in": False}}}, {}, "ecs_service", 1),
        ({"target_tracking": {}}, {}, "ec2_group", 1),
        ({"target_tracking": {}}, {}, "capacity_provider", 0),
        ({"target_tracking": {"cpu": CPU}}, {}, "ecs_service", 0),
        ({"target_tracking": {}, "step_scaling": {"in": {"metric": "cpu", "threshold": 20, "comparison": "LessThanThreshold", "steps": [{"to": 0, "change": -1}]}}}, {}, "ecs_service", 0),
        ({"target_tracking": {}}, {"maximum": 2}, "ecs_service", 0),
        ({"target_tracking": {}}, {"desired": 2}, "ec2_group", 0),
    ],
)  # fmt: skip
def test_what_a_schedule_brought_something_takes_away(
    changed: dict[str, Any], more: dict[str, int], platform: str, count: int
) -> None:
    schedules = {"a": {"time_zone": "UTC", **daily()}, "b": {"time_zone": "UTC", **EVENING, **more}}
    assert found(rules(scheduled=schedules, **changed), "EL056", platform=platform) == [NOTHING_REMOVES] * count


def test_a_bound_in_force_is_not_crossed_by_the_schedule_of_another() -> None:
    content = scheduled(
        morning={"cron": "0 8 * * *", "minimum": 8},
        noon={"cron": "0 12 * * *", "maximum": 5},
        evening={"cron": "0 18 * * *", "minimum": 2, "maximum": 10},
    )
    assert found(content, "EL050") == [
        "scheduled.noon.maximum error: minimum 8 of morning is above maximum 5 of noon, such as from 2026-01-01 12:00 UTC"
    ]


def test_bounds_that_are_never_in_force_together_do_not_cross() -> None:
    content = scheduled(
        morning={"cron": "0 8 * * *", "minimum": 8, "maximum": 10},
        noon={"cron": "0 12 * * *", "minimum": 2},
        night={"cron": "0 22 * * *", "maximum": 5},
    )
    assert found(content, "EL050") == []
