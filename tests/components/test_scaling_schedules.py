"""Cron in two dialects: what a rule says in five fields happens at the same times on a service and on a group.

It cannot prove that AWS reads either dialect as the parser here does.
"""

from __future__ import annotations

import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.scaling.schedules import group_recurrence, service_schedule, utc_of
from elasticity.rules import Scheduled
from elasticity.schedules import occurrences

START = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
END = datetime.datetime(2026, 3, 1, tzinfo=datetime.UTC)


def rule(cron: str) -> Scheduled:
    return Scheduled(cron=cron, time_zone="UTC", minimum=1)


DIALECTS = {
    "15 7 * * 2": ("15 7 ? * TUE *", "15 7 * * 2"),
    "0 8 * * MON-FRI": ("0 8 ? * MON,TUE,WED,THU,FRI *", "0 8 * * 1-5"),
    "0 8 * * fri-sun": ("0 8 ? * SUN,FRI,SAT *", "0 8 * * 5-7"),
    "0 8 * * 0": ("0 8 ? * SUN *", "0 8 * * 0"),
    "0 8 * * 7": ("0 8 ? * SUN *", "0 8 * * 7"),
    "*/15 * * * *": ("0/15 * * * ? *", "*/15 * * * *"),
    "0 0 1 JAN,JUL *": ("0 0 1 JAN,JUL ? *", "0 0 1 1,7 *"),
}


@pytest.mark.parametrize(("written", "dialects"), DIALECTS.items())
def test_five_fields_are_written_in_the_platforms_dialect(written, dialects):
    for_service, for_group = dialects
    assert service_schedule(rule(written), "scheduled.x") == f"cron({for_service})"
    assert group_recurrence(rule(written), "scheduled.x") == for_group


numbers = {
    "minute": st.integers(0, 59),
    "hour": st.integers(0, 23),
    "day": st.integers(1, 31),
    "month": st.integers(1, 12),
    "weekday": st.integers(0, 7),
}


def field(name: str) -> st.SearchStrategy[str]:
    number = numbers[name]
    lists = st.lists(number, min_size=1, max_size=4, unique=True).map(lambda found: ",".join(map(str, sorted(found))))
    ranges = st.tuples(number, number).map(lambda ends: f"{min(ends)}-{max(ends)}")
    steps = st.integers(1, 9).map(lambda step: f"*/{step}")
    return st.one_of(st.just("*"), lists, ranges, *([steps] if name in ("minute", "hour", "month") else []))


@st.composite
def crons(draw: st.DrawFn) -> str:
    by_day = draw(st.booleans())
    day, weekday = (draw(field("day")), "*") if by_day else ("*", draw(field("weekday")))
    minute = str(draw(numbers["minute"]))
    return f"{minute} {draw(field('hour'))} {day} {draw(field('month'))} {weekday}"


@given(crons())
def test_a_rule_happens_at_the_same_times_on_both_platforms(cron):
    service = service_schedule(rule(cron), "scheduled.x")
    group = group_recurrence(rule(cron), "scheduled.x")
    assert isinstance(service, str)
    assert isinstance(group, str)
    on_service = occurrences(service, "Europe/Berlin", START, END, "application")
    assert on_service == occurrences(group, "Europe/Berlin", START, END, "ec2")


@pytest.mark.parametrize(
    ("at", "utc"),
    [
        ("2026-01-24T18:00:00", "2026-01-24T17:00:00Z"),
        ("2026-07-24T18:00:00", "2026-07-24T16:00:00Z"),
        ("2026-10-25T02:30:00", "2026-10-25T00:30:00Z"),
    ],
)
def test_one_local_time_reaches_a_group_in_utc(at, utc):
    once = Scheduled(at=at, time_zone="Europe/Berlin", minimum=1)
    assert utc_of(once, "scheduled.x") == utc
