"""Findings on what never happens: steps out of reach, schedules without a day, deployments that cannot begin. The
simulator or plain counting is the judge; it cannot prove what AWS does with such a rule."""

from __future__ import annotations

import datetime
import itertools
import math
import zoneinfo
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from elasticity import cron
from elasticity.checks import LintContext, check
from elasticity.schedules import occurrences, time_zone_of
from elasticity.steps import StepPolicy
from localcloud.aws.limits.scaling import zone
from tests.elasticity.findings import CPU, cure_of, found, rules

ON = datetime.date(2026, 3, 3)
UTC = datetime.UTC


def step(threshold: float, *steps: dict[str, Any], **more: Any) -> Any:
    declared = {"metric": "cpu", "threshold": threshold, "steps": list(steps), **more}
    return rules(target_tracking={"c": CPU}, step_scaling={"hot": declared}, metrics={"jobs": JOBS})


JOBS = {"namespace": "Shop", "name": "Jobs"}
LOW = {"comparison": "LessThanThreshold"}


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (step(70, {"from": 0, "to": 85, "change": 1}, {"from": 85, "change": 3}), ["steps.1 warning: step 2 begins at 155, and cpu never passes 100"]),
        (step(70, {"from": 0, "to": 30, "change": 1}, {"from": 30, "change": 3}), []),
        (step(70, {"from": 0, "to": 30.5, "change": 1}, {"from": 30.5, "change": 3}), ["steps.1 warning: step 2 begins at 100.5, and cpu never passes 100"]),
        (step(70, {"to": 0, "change": -1}, {"from": 0, "change": 1}), ["steps.0 warning: step 1 lies on the side of the threshold where the alarm does not fire"]),
        (step(30, {"from": -40, "to": 0, "change": -1}, {"to": -40, "change": -3}, **LOW), ["steps.1 warning: step 2 ends at -10, and cpu never passes 0"]),
        (step(30, {"from": -30, "to": 0, "change": -1}, {"to": -30, "change": -3}, **LOW), []),
        (step(500, {"from": 0, "to": 900, "change": 1}, {"from": 900, "change": 3}, metric="jobs"), []),
    ],
)  # fmt: skip
def test_a_step_that_no_value_reaches_is_found(content: Any, expected: list[str]) -> None:
    assert found(content, "EL047") == [f"step_scaling.hot.{one}" for one in expected]


def test_the_cure_of_a_step_says_the_difference() -> None:
    content = step(70, {"from": 0, "to": 85, "change": 1}, {"from": 85, "change": 3})
    assert cure_of(content, "EL047") == ["bounds are differences from the threshold, 70: write `from: 15` for 85"]


@given(
    threshold=st.integers(1, 100),
    bounds=st.lists(st.integers(-150, 150), min_size=1, max_size=4, unique=True).map(sorted),
    low=st.booleans(),
)
def test_a_step_is_found_exactly_where_no_percentage_chooses_it(threshold: int, bounds: list[int], low: bool) -> None:
    edges = [None, *bounds, None] if low or bounds[0] > 0 else [*bounds, None]
    steps = [
        {key: value for key, value in (("from", a), ("to", b)) if value is not None} | {"change": n + 1}
        for n, (a, b) in enumerate(itertools.pairwise(edges))
    ]
    content = step(threshold, *steps, **(LOW if low else {}))
    rule = content.step_scaling["hot"]
    policy = StepPolicy.of(rule)
    tried = [value / 4 for value in range(401)]
    breaching = [value for value in tried if (value < threshold if low else value >= threshold)]
    chosen = {picked.change - 1 for value in breaching if (picked := policy.step(value)) is not None}
    told = {int(one.path[3]) for one in check(content) if one.code == "EL047"}
    if not any(one.code == "EL013" and one.severity == "error" for one in check(content)):
        assert told == set(range(len(steps))) - chosen


def scheduled(**schedule: Any) -> Any:
    return rules(scheduled={"s": {"time_zone": "Europe/Berlin", "minimum": 4, **schedule}})


@pytest.mark.parametrize(
    ("schedule", "expected"),
    [
        ({"cron": "0 8 30 2 *"}, ["s.cron warning: s never happens: no day matches it"]),
        ({"cron": "0 8 31 4,6 *"}, ["s.cron warning: s never happens: no day matches it"]),
        ({"cron": "0 8 29 2 *"}, []),
        ({"cron": "0 8 30 2 MON"}, []),
        ({"cron": "0 8 1 1 ? 2025"}, ["s.cron warning: s never happens: no day matches it"]),
        ({"cron": "0 8 1 1 ? 2027"}, []),
        ({"cron": "0 8 * * *", "end": "2026-03-03T00:00:00Z"}, ["s.end warning: s never happens: it has ended on 2026-03-03"]),
        ({"cron": "0 8 * * *", "end": "2026-03-03T00:00:01Z"}, ["s.cron warning: s never happens: no day between `start` and `end` matches it"]),
        ({"cron": "0 8 * * *", "end": "2026-03-03T08:00:00Z"}, []),
        ({"cron": "0 8 * * *", "start": "2040-01-01T00:00:00Z"}, []),
        ({"cron": "0 8 1 5 *", "start": "2026-06-01T00:00:00Z", "end": "2026-09-01T00:00:00Z"}, ["s.cron warning: s never happens: no day between `start` and `end` matches it"]),
        ({"at": "2026-03-02T23:59:00"}, ["s.at warning: s never happens: at 2026-03-02 23:59 it is over"]),
        ({"at": "2026-03-03T01:00:00"}, []),
        ({"at": "2026-12-24T18:00:00"}, []),
        ({"at": "2026-12-24T18:00:00", "end": "2026-12-24T17:00:00Z"}, ["s.at warning: s never happens: 2026-12-24 18:00 is not between `start` and `end`"]),
        ({"at": "2026-12-24T18:00:00", "end": "2026-12-24T17:00:01Z"}, []),
        ({"at": "2026-12-24T18:00:00", "start": "2026-12-24T17:00:01Z"}, ["s.at warning: s never happens: 2026-12-24 18:00 is not between `start` and `end`"]),
        ({"at": "2026-12-24T18:00:00", "start": "2026-12-24T17:00:00Z"}, []),
        ({"rate": "5 minutes", "end": "2026-01-01T00:00:00Z"}, ["s.end warning: s never happens: it has ended on 2026-01-01"]),
        ({"rate": "5 minutes"}, []),
    ],
)  # fmt: skip
def test_a_schedule_that_never_happens_is_found(schedule: dict[str, Any], expected: list[str]) -> None:
    assert found(scheduled(**schedule), "EL057", on=ON) == [f"scheduled.{one}" for one in expected]


@pytest.mark.parametrize("end", ["2026-05-01T00:00:00Z", "2026-04-30T23:59:59Z"])
def test_an_end_comes_after_its_start(end: str) -> None:
    window = {"start": "2026-05-01T00:00:00Z", "end": end}
    expected = ["scheduled.s.end error: not after `start`"]
    assert found(scheduled(cron="0 8 * * *", **window), "EL051", on=ON) == expected


@pytest.mark.parametrize(
    "name", ["right/Europe/Berlin", "posix/Europe/Berlin", "posixrules", "localtime", "Factory", ""]
)
def test_a_zone_that_no_platform_takes_is_found(name: str) -> None:
    (one,) = (one for one in check(scheduled(cron="0 12 * * *", time_zone=name)) if one.code == "EL052")
    assert one.severity == "error"


def test_the_local_cloud_takes_the_zones_that_the_linter_takes() -> None:
    def taken(name: str) -> bool:
        try:
            time_zone_of(name)
        except ValueError:
            return False
        return True

    known = [*sorted(zoneinfo.available_timezones()), "posixrules", "localtime", "Factory", "right/UTC", "Mars/Olympus"]
    refuse = zone("timeZone")
    assert [name for name in known if taken(name) == bool(list(refuse({"timeZone": name})))] == []


FIELD = st.sampled_from(("*", "*/10", "*/1", "1-31", "1,15", "13", "5-9/2"))
WEEK = st.sampled_from(("*", "*/2", "0-6", "0-7", "1-5", "MON", "SAT,SUN", "*/1"))


@given(month_day=FIELD, weekday=WEEK)
def test_six_fields_keep_the_meaning_of_five_or_the_cure_does(month_day: str, weekday: str) -> None:
    window = (datetime.datetime(2023, 1, 1, tzinfo=UTC), datetime.datetime(2029, 1, 1, tzinfo=UTC))
    five = f"0 14 {month_day} * {weekday}"
    meant = set(occurrences(five, "UTC", *window, "ec2"))
    cure = ""
    try:
        written = [cron.to_application(five)]
    except cron.BothDayFieldsError as error:
        cure = error.cure
        written = [cron.to_application(one) for one in cure.split("`")[1::2] if len(one.split()) == 5]
    if not written:  # days of both, which nothing but another choice of days can say
        assert cure == "restrict one of them and write `*` for the other"
        assert "*" in (month_day[0], weekday[0])
        return
    assert {time for one in written for time in occurrences(one, "UTC", *window, "application")} == meant


@pytest.mark.parametrize(
    ("low", "high", "bounds", "expected"),
    [
        (50, 150, {"minimum": 1, "maximum": 10}, ["with 1 no task may stop (minimum 50 percent, rounded up) and none may start (maximum 150 percent, rounded down)"]),
        (50, 150, {"minimum": 2, "maximum": 10}, []),
        (50, 150, {"minimum": 0, "maximum": 1}, ["with 1 no task may stop (minimum 50 percent, rounded up) and none may start (maximum 150 percent, rounded down)"]),
        (90, 120, {"minimum": 2, "maximum": 10}, ["with 2 to 4 no task may stop (minimum 90 percent, rounded up) and none may start (maximum 120 percent, rounded down)"]),
        (90, 120, {"minimum": 5, "maximum": 10}, []),
        (100, 200, {"minimum": 1, "maximum": 10}, []),
        (0, 100, {"minimum": 1, "maximum": 10}, []),
    ],
)  # fmt: skip
def test_a_deployment_that_can_never_begin_is_found(
    low: int, high: int, bounds: dict[str, int], expected: list[str]
) -> None:
    context = {"minimum_percent": low, "maximum_percent": high}
    assert found(rules(**bounds), "EL073", **context) == [f"context.maximum_percent error: {one}" for one in expected]


def test_a_schedule_may_bring_the_count_at_which_none_can_begin() -> None:
    night = {"cron": "0 20 * * *", "time_zone": "UTC", "minimum": 1}
    content = rules(minimum=3, maximum=10, scheduled={"night": night})
    assert found(content, "EL073", minimum_percent=60, maximum_percent=140) == [
        (
            "context.maximum_percent error: with 1 to 2 no task may stop (minimum 60 percent, rounded up) and none may "
            "start (maximum 140 percent, rounded down)"
        )
    ]


@pytest.mark.parametrize("high", range(100, 112))
def test_percents_close_to_a_hundred_leave_many_counts_without_room(high: int) -> None:
    for low in (1, 50, 89, *range(90, 101)):
        stuck = [n for n in range(1, 131) if math.ceil(n * low / 100) >= n and math.floor(n * high / 100) <= n]
        context = LintContext(minimum_percent=low, maximum_percent=high)
        (told,) = (one for one in check(rules(minimum=1, maximum=130), context) if one.code == "EL073")
        counts = "with 1" if stuck == [1] else f"with 1 to {stuck[-1]}"
        assert (told.message.split(" no task")[0], len(stuck)) == (counts, stuck[-1]), (low, high)


@given(low=st.integers(0, 100), high=st.integers(100, 400), least=st.integers(0, 8), more=st.integers(0, 12))
def test_counts_at_which_nothing_may_move_are_counted_right(low: int, high: int, least: int, more: int) -> None:
    held = range(max(least, 1), least + more + 1)
    stuck = [n for n in held if math.ceil(n * low / 100) >= n and math.floor(n * high / 100) <= n]
    content = rules(minimum=least, maximum=max(least + more, 0))
    told = [
        one for one in check(content, LintContext(minimum_percent=low, maximum_percent=high)) if one.code == "EL073"
    ]
    assert bool(told) == bool(stuck)
    if told:
        assert told[0].message.split(" no task")[0] == (
            f"with {stuck[0]}" if len(stuck) == 1 else f"with {stuck[0]} to {stuck[-1]}"
        )


@pytest.mark.parametrize("strategy", ["blue_green", "linear", "canary"])
def test_a_deployment_beside_the_old_one_always_begins(strategy: str) -> None:
    assert found(rules(minimum=1), "EL073", minimum_percent=50, maximum_percent=150, deployment=strategy) == []


def test_rebalancing_needs_room_for_one_task_more() -> None:
    assert found(rules(minimum=1, maximum=10), "EL072", zone_rebalancing=True, maximum_percent=120) == [
        "context.maximum_percent warning: with 2 to 4 tasks a maximum of 120 percent leaves no room for one more"
    ]
    assert found(rules(minimum=5, maximum=10), "EL072", zone_rebalancing=True, maximum_percent=120) == []
