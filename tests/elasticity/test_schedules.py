"""Two cron dialects over clock changes, against a walk over every minute. It cannot prove what AWS does at a clock
change: no page says."""

from __future__ import annotations

import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from elasticity.cron import CronError, parse
from elasticity.schedules import (
    CLOCK_CHANGES,
    ClockChange,
    clock_changes,
    occurrences,
    time_zone_of,
    to_application,
)
from tests import strategies
from tests.elasticity.oracle.schedules import Bounds, scheduled_action, scheduled_end
from tests.elasticity.refusals import refuses
from tests.work import calls

UTC = datetime.UTC
MINUTE, DAY = datetime.timedelta(minutes=1), datetime.timedelta(days=1)


naive = datetime.datetime.fromisoformat


def utc(text: str) -> datetime.datetime:
    return datetime.datetime.fromisoformat(text).replace(tzinfo=UTC)


def fired(cron: str, zone: str, first: str, days: int, dialect: str = "ec2", **options: Any) -> list[str]:
    """Local day and time of the zone, with its offset, from local midnight on."""
    start = datetime.datetime.fromisoformat(first).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
    found = occurrences(cron, zone, start, start + days * DAY, dialect, **options)
    return [instant.astimezone(ZoneInfo(zone)).strftime("%d %H:%M %Z") for instant in found]


# Against a walk over every minute

Sets = tuple[str, frozenset[int]]


@st.composite
def fields(draw: st.DrawFn, least: int, most: int) -> Sets:
    """A field's text, and the values that it means by a reading of its own."""
    text, values = [], set()
    for _ in range(draw(st.integers(1, 2))):
        start = draw(st.integers(least, most))
        end, step = draw(st.integers(start, most)), draw(st.integers(1, 7))
        form = draw(st.sampled_from(("one", "range", "steps", "range and steps", "all", "all steps")))
        text.append(
            {
                "one": f"{start}",
                "range": f"{start}-{end}",
                "steps": f"{start}/{step}",
                "range and steps": f"{start}-{end}/{step}",
                "all": "*",
                "all steps": f"*/{step}",
            }[form]
        )
        values |= {
            value
            for value in range(least, most + 1)
            if {
                "one": value == start,
                "range": start <= value <= end,
                "steps": value >= start and (value - start) % step == 0,
                "range and steps": start <= value <= end and (value - start) % step == 0,
                "all": True,
                "all steps": (value - least) % step == 0,
            }[form]
        }
    return ",".join(text), frozenset(values)


ZONES = st.sampled_from(strategies.ZONES)
WINDOWS = st.builds(
    lambda start, minutes: (start, start + minutes * MINUTE),
    st.one_of(
        # Around the changes of all those zones, which differ by hour, half hour and hemisphere; and anywhere.
        st.sampled_from([utc(f"2026-{day}T{hour}") for day in ("03-08", "03-29", "04-04", "10-03", "10-25", "11-01", "04-23", "10-29") for hour in ("00:00", "05:30")]),
        st.datetimes(naive("2024-01-01"), naive("2028-01-01")).map(lambda t: t.replace(second=0, microsecond=0, tzinfo=UTC)),
    ),
    st.integers(0, 2_000),
)  # fmt: skip


def walked(matches: Any, zone: str, window: tuple[datetime.datetime, datetime.datetime], repeat: str) -> list[Any]:
    """Every minute of the window whose local reading matches, once where the clock shows it twice."""
    found, instant = [], window[0]
    while instant < window[1]:
        local = instant.astimezone(ZoneInfo(zone))
        twice = local.utcoffset() != local.replace(fold=1 - local.fold).utcoffset()
        shown = not twice or repeat == "both_repeats" or local.fold == (repeat == "last_repeat")
        if shown and matches(local):
            found.append(instant)
        instant += MINUTE
    return found


@settings(max_examples=60)
@given(fields(0, 59), fields(0, 23), fields(1, 31), fields(1, 12), fields(0, 7), ZONES, WINDOWS, st.data())
def test_the_ec2_dialect_is_a_walk_over_every_minute(
    minute: Sets, hour: Sets, month_day: Sets, month: Sets, weekday: Sets, zone: str, window: Any, data: st.DataObject
) -> None:
    repeat = data.draw(st.sampled_from(("first_repeat", "last_repeat", "both_repeats")))

    def matches(local: datetime.datetime) -> bool:
        days = (local.day in month_day[1], local.isoweekday() in weekday[1] or local.isoweekday() % 7 in weekday[1])
        either = not month_day[0].startswith("*") and not weekday[0].startswith("*")
        chosen = any(days) if either else all(days)
        return local.minute in minute[1] and local.hour in hour[1] and local.month in month[1] and chosen

    cron = " ".join(field[0] for field in (minute, hour, month_day, month, weekday))
    found = occurrences(cron, zone, *window, "ec2", clock_change=f"skip_gap_{repeat}")
    assert found == walked(matches, zone, window, repeat)


@settings(max_examples=60)
@given(fields(0, 59), fields(0, 23), fields(1, 31), fields(1, 7), fields(2024, 2028), st.booleans(), ZONES, WINDOWS)
def test_the_application_dialect_is_a_walk_over_every_minute(
    minute: Sets, hour: Sets, month_day: Sets, weekday: Sets, year: Sets, by_weekday: bool, zone: str, window: Any
) -> None:
    def matches(local: datetime.datetime) -> bool:
        day = local.isoweekday() % 7 + 1 in weekday[1] if by_weekday else local.day in month_day[1]
        return local.minute in minute[1] and local.hour in hour[1] and local.year in year[1] and day

    days = f"? * {weekday[0]}" if by_weekday else f"{month_day[0]} * ?"
    cron = f"cron({minute[0]} {hour[0]} {days} {year[0].replace('*', '2024-2028')})"
    assert occurrences(cron, zone, *window, "application") == walked(matches, zone, window, "first_repeat")


@given(fields(0, 59), fields(0, 23), fields(1, 31), fields(1, 12), fields(0, 7), st.booleans(), ZONES)
def test_six_fields_mean_the_same_as_five(
    minute: Sets, hour: Sets, month_day: Sets, month: Sets, weekday: Sets, by_weekday: bool, zone: str
) -> None:
    days = ("*", weekday[0]) if by_weekday else (month_day[0], "*")
    five = f"{minute[0]} {hour[0]} {days[0]} {month[0]} {days[1]}"
    window = (utc("2026-01-25"), utc("2026-02-05"))
    assert occurrences(to_application(five), zone, *window, "application") == occurrences(five, zone, *window, "ec2")


# Translation


@pytest.mark.parametrize(
    ("five", "six"),
    [
        ("15 7 * * 2", "15 7 ? * TUE *"),
        ("0 8 * * MON-FRI", "0 8 ? * MON,TUE,WED,THU,FRI *"),
        ("0 8 * * 0,7", "0 8 ? * SUN *"),
        ("0 8 * * FRI-SUN", "0 8 ? * SUN,FRI,SAT *"),
        ("0 8 * * *", "0 8 * * ? *"),
        ("*/5 */2 */10 */3 *", "0/5 0/2 1/10 1/3 ? *"),
        ("0 8 1,15 JAN-MAR *", "0 8 1,15 JAN-MAR ? *"),
    ],
)
def test_five_fields_become_six_with_named_weekdays(five: str, six: str) -> None:
    assert to_application(five) == six


def test_either_day_cannot_be_said_in_six_fields() -> None:
    with refuses(
        "day-of-month and day-of-week: days of either match, which six fields cannot hold: "
        "write one schedule for each, `0 8 1 * *` and `0 8 * * MON`",
        CronError,
    ):
        to_application("0 8 1 * MON")


# Special days of the application dialect


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        ("L * ?", ["31/01", "28/02", "31/03"]),
        ("L-3 * ?", ["28/01", "25/02", "28/03"]),
        ("LW * ?", ["30/01", "27/02", "31/03"]),
        ("1W * ?", ["01/01", "02/02", "02/03"]),  # 1 February and 1 March 2026 are Sundays
        ("3W * ?", ["02/01", "03/02", "03/03"]),  # 3 January is a Saturday
        ("15W * ?", ["15/01", "16/02", "16/03"]),
        ("31W * ?", ["30/01", "31/03"]),  # a Saturday at the end of January; none in February
        ("? * L", ["03/01", "10/01", "17/01", "24/01", "31/01"]),
        ("? * 6L", ["30/01", "27/02", "27/03"]),
        ("? * FRIL", ["30/01", "27/02", "27/03"]),
        ("? * 3#1", ["06/01", "03/02", "03/03"]),
        ("? * tue#5", ["31/03"]),
        ("? * SUN,SAT", ["03/01", "04/01", "10/01", "11/01", "17/01"]),
    ],
)
def test_special_days(days: str, expected: list[str]) -> None:
    found = occurrences(f"0 8 {days} 2026", "UTC", utc("2026-01-01"), utc("2026-04-01"), "application")
    assert [instant.strftime("%d/%m") for instant in found][: len(expected)] == expected
    if len(expected) < 5:
        assert len(found) == len(expected)


def test_the_nearest_weekday_stays_within_its_month() -> None:
    sunday_last = occurrences("0 8 31W * ? *", "UTC", utc("2026-05-01"), utc("2026-06-30"), "application")
    assert [instant.strftime("%d/%m") for instant in sunday_last] == ["29/05"]
    saturday_first = occurrences("0 8 1W * ? *", "UTC", utc("2026-08-01"), utc("2026-08-31"), "application")
    assert [instant.strftime("%d/%m") for instant in saturday_first] == ["03/08"]


# Clock changes

GAP = {"skip_gap": [], "shift_gap": ["29 03:30 CEST"]}
REPEAT = {
    "first_repeat": ["25 02:30 CEST"],
    "last_repeat": ["25 02:30 CET"],
    "both_repeats": ["25 02:30 CEST", "25 02:30 CET"],
}


@pytest.mark.parametrize("option", CLOCK_CHANGES)
def test_each_option_at_both_clock_changes(option: str) -> None:
    gap, repeat = option.split("_", 2)[:2], option.split("_", 2)[2]
    assert fired("30 2 * * *", "Europe/Berlin", "2026-03-29", 1, clock_change=option) == GAP["_".join(gap)]
    assert fired("30 2 * * *", "Europe/Berlin", "2026-10-25", 1, clock_change=option) == REPEAT[repeat]


def test_a_shifted_time_runs_once_with_its_neighbour() -> None:
    both = fired("30 2,3 * * *", "Europe/Berlin", "2026-03-29", 1, clock_change="shift_gap_first_repeat")
    assert both == ["29 03:30 CEST"]


def test_the_hits_of_a_clock_change_are_named() -> None:
    year = (utc("2026-01-01"), utc("2026-12-31"))
    hits = clock_changes("30 2 * * *", "Europe/Berlin", *year, "ec2")
    assert hits == [
        ClockChange(naive("2026-03-29T02:30"), "skipped"),
        ClockChange(naive("2026-10-25T02:30"), "repeated"),
    ]
    assert clock_changes("0 8 * * *", "Europe/Berlin", *year, "ec2") == []
    assert clock_changes("30 2 * * *", "UTC", *year, "ec2") == []


# Rates and single times

WINDOW = (utc("2026-03-01"), utc("2026-03-02"))


def test_a_rate_counts_from_its_start_to_its_end_inclusive() -> None:
    found = occurrences("rate(12 hours)", "UTC", *WINDOW, "rate")
    assert [instant.isoformat() for instant in found] == [
        "2026-03-01T00:00:00+00:00",
        "2026-03-01T12:00:00+00:00",
        "2026-03-02T00:00:00+00:00",
    ]
    assert len(occurrences("1 minute", "UTC", *WINDOW, "rate")) == 1_441
    assert len(occurrences("2 days", "UTC", *WINDOW, "rate")) == 1


@pytest.mark.parametrize("text", ["rate(12 hour)", "12 hours", "rate(12hours)", "rate(720 minute)", " 012 hours "])
def test_application_auto_scaling_reads_both_numbers_of_a_unit(text: str) -> None:
    assert occurrences(text, "UTC", *WINDOW, "rate") == occurrences("rate(12 hours)", "UTC", *WINDOW, "rate")


@pytest.mark.parametrize("zeros", [9, 12, 18, 30, 5_000])
@pytest.mark.parametrize("unit", ["minutes", "hours", "days"])
def test_a_rate_beyond_the_window_or_the_calendar_fires_once(zeros: int, unit: str) -> None:
    assert occurrences(f"rate(1{'0' * zeros} {unit})", "UTC", *WINDOW, "rate") == [WINDOW[0]]


@pytest.mark.parametrize(
    "text", ["0 hours", "00 days", "hours", "5 weeks", "-1 hour", "5  hours", "5 hour s", "rate(5 hours", "²1 hours"]
)
def test_a_rate_in_another_form_is_refused(text: str) -> None:
    with refuses("rate: expected a number from 1 up and minutes, hours or days, such as 5 hours", CronError):
        occurrences(text, "UTC", *WINDOW, "rate")


def test_a_single_time_is_local() -> None:
    at = occurrences("at(2026-03-01T22:00:00)", "Europe/Berlin", *WINDOW, "at")
    assert at == [utc("2026-03-01T21:00")]
    assert occurrences("2026-03-05T22:00:00", "UTC", *WINDOW, "at") == []


@pytest.mark.parametrize(
    "text", ["2026-03-01", "2026-03-01T22:00", "at(2026-03-01T22:00:00", "2026-13-01T00:00:00", "at(tomorrow)"]
)
def test_a_single_time_in_another_form_is_refused(text: str) -> None:
    with refuses("at: expected a local time, such as 2026-03-31T22:00:00", CronError):
        occurrences(text, "UTC", *WINDOW, "at")


# Zones and windows


def test_the_sign_of_an_etc_zone_is_reversed() -> None:
    assert occurrences("0 8 * * *", "Etc/GMT+5", *WINDOW, "ec2") == [utc("2026-03-01T13:00")]


def test_an_unknown_zone_is_refused_with_the_nearest() -> None:
    with refuses("`time_zone`: not a known time zone, did you mean Europe/Berlin"):
        time_zone_of("Europe/Berln")
    for name in ("", "../etc/passwd", "xyzzy123", "Europe"):
        with pytest.raises(ValueError, match=r"^`time_zone`: not a known time zone, "):
            time_zone_of(name)
    with refuses("`time_zone`: not a known time zone, allowed an IANA name, such as Europe/Berlin"):
        time_zone_of("")


def test_a_window_is_aware() -> None:
    with refuses("`start` and `end`: got a time without a zone, expected aware times such as 2026-03-01T00:00:00Z"):
        occurrences("0 8 * * *", "UTC", naive("2026-03-01"), WINDOW[1], "ec2")


def test_unknown_names_are_refused() -> None:
    with refuses("`dialect`: got 'quartz', allowed ec2, application, rate, at"):
        occurrences("0 8 * * *", "UTC", *WINDOW, "quartz")
    with refuses("`dialect`: got 'quartz', allowed ec2, application"):
        parse("0 8 * * *", "quartz")
    with pytest.raises(ValueError, match=r"^`clock_change`: got 'skip', allowed skip_gap_first_repeat, "):
        occurrences("0 8 * * *", "UTC", *WINDOW, "ec2", clock_change="skip")


def test_an_expression_is_read_once_however_many_rule_sets_have_it() -> None:
    assert parse("0 8 * * MON", "ec2") is parse("cron(0 8 * * MON)", "ec2")


def test_years_are_walked_by_the_day() -> None:
    def walk() -> None:
        found = occurrences("0 8 29 2 ? *", "Europe/Berlin", utc("1970-01-01"), utc("2199-12-31"), "application")
        assert len(found) == 56

    assert calls(walk) < 84_006, "one for each day of the 230 years"


# Errors


@pytest.mark.parametrize(
    ("dialect", "cron", "text"),
    [
        ("ec2", "60 * * * *", "minute: got 60, allowed 0-59"),
        ("ec2", "* 24 * * *", "hour: got 24, allowed 0-23"),
        ("ec2", "* * 0 * *", "day-of-month: got 0, allowed 1-31"),
        ("ec2", "* * * 13 *", "month: got 13, allowed 1-12 or JAN-DEC"),
        ("ec2", "* * * * 8", "day-of-week: got 8, allowed 0-7 or SUN-SAT"),
        ("ec2", "* * * * ?", "day-of-week: got `?`, allowed 0-7 or SUN-SAT"),
        ("ec2", "* * * * MON#1", "day-of-week: got `MON#1`, allowed 0-7 or SUN-SAT"),
        ("ec2", "x * * * *", "minute: got `x`, allowed 0-59"),
        ("ec2", "1, * * * *", "minute: got ``, allowed 0-59"),
        ("ec2", "*/0 * * * *", "minute: got `*/0`, the step after `/` is a number from 1 up, allowed 0-59"),
        ("ec2", "1/ * * * *", "minute: got `1/`, the step after `/` is a number from 1 up, allowed 0-59"),
        ("ec2", "50-10 * * * *", "minute: got `50-10`, a range that runs backwards: write a list, allowed 0-59"),
        (
            "ec2",
            "0 8 * * MON *",
            ("got 6 fields, the ec2 dialect has 5: minute hour day-of-month month day-of-week; "
            "a year cannot be given: use `start` and `end`"),
        ),
        ("ec2", "", "got 0 fields, the ec2 dialect has 5: minute hour day-of-month month day-of-week"),
        (
            "application",
            "0 8 * * MON",
            ("got 5 fields, the application dialect has 6: minute hour day-of-month month day-of-week year; "
            "write `?` for the day field that does not matter and `*` for the year"),
        ),
        (
            "application",
            "0 8 * * * *",
            "day-of-month and day-of-week: neither is `?`, exactly one of them must be",
        ),
        ("application", "0 8 ? * ? *", "day-of-month and day-of-week: both are `?`, exactly one of them must be"),
        ("application", "0 8 ? * 0 *", "day-of-week: got 0, allowed 1-7 or SUN-SAT"),
        ("application", "0 8 ? * 8L *", "day-of-week: got 8, allowed 1-7 or SUN-SAT"),
        ("application", "0 8 ? * 3#6 *", "day-of-week: got `3#6`, after `#` stands 1 to 5, allowed 1-7 or SUN-SAT"),
        ("application", "0 8 L-31 * ? *", "day-of-month: got `L-31`, days before the last are 1 to 30, allowed 1-31"),
        ("application", "0 8 32W * ? *", "day-of-month: got 32, allowed 1-31"),
        ("application", "0 8 1 * ? 1969", "year: got 1969, allowed 1970-2199"),
        (
            "application",
            "0 8 1,L * ? *",
            "day-of-month: got `1,L`, `L`, `W` and `#` stand alone, not in a list, allowed 1-31",
        ),
        (
            "application",
            "0 8 ? * 3#1,6#3 *",
            "day-of-week: got `3#1,6#3`, `L`, `W` and `#` stand alone, not in a list, allowed 1-7 or SUN-SAT",
        ),
        (
            "application",
            "0 8 ? * FRI-SUN *",
            "day-of-week: got `FRI-SUN`, a range that runs backwards: write a list, allowed 1-7 or SUN-SAT",
        ),
    ],
)  # fmt: skip
def test_an_expression_is_refused_by_field(dialect: str, cron: str, text: str) -> None:
    with refuses(text, CronError):
        parse(cron, dialect)


@given(st.text(alphabet="0123456789*/,-?LW#MONFRI ", max_size=30), st.sampled_from(("ec2", "application")))
def test_nonsense_is_refused_without_a_traceback(cron: str, dialect: str) -> None:
    try:
        parse(cron, dialect)
    except CronError as refused:
        assert "allowed" in str(refused) or "dialect has" in str(refused) or "must be" in str(refused)  # noqa: PT017


# Scheduled actions


def test_a_group_sets_desired_and_the_bounds_hold() -> None:
    assert scheduled_action("ec2_group", 1, 10, 4, {"desired": 30, "maximum": 20}) == Bounds(1, 20, 20)
    assert scheduled_action("ec2_group", 1, 10, 4, {"minimum": None, "desired": 0}) == Bounds(1, 10, 1)


def test_a_lower_minimum_moves_nothing() -> None:
    assert scheduled_action("ecs_service", 5, 10, 6, {"minimum": 1}) == Bounds(1, 10, 6)


def test_a_service_does_not_know_desired() -> None:
    with refuses("a scheduled action on ecs_service does not set desired, allowed minimum, maximum"):
        scheduled_action("ecs_service", 1, 10, 4, {"desired": 3})


def test_bounds_that_contradict_each_other_are_refused() -> None:
    with refuses("a scheduled action leaves the minimum above the maximum: set both"):
        scheduled_action("ecs_service", 1, 10, 4, {"minimum": 11})


@given(st.integers(0, 10), st.integers(10, 50), st.integers(0, 60))
def test_a_schedule_that_sets_the_bounds_in_force_changes_nothing(low: int, high: int, desired: int) -> None:
    inside = min(max(desired, low), high)
    same = {"minimum": low, "maximum": high}
    assert scheduled_action("ecs_service", low, high, inside, same) == Bounds(low, high, inside)
    assert scheduled_end("ecs_service", same, {}, end_reached=True) == same
