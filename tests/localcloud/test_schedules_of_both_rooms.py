"""The local cloud refuses the schedules that AWS refuses: the same verdict as the project's own reader (0020).

Cannot prove that AWS reads them so.
"""

import datetime

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from elasticity.cron import CronError, parse
from elasticity.schedules import occurrences
from localcloud.aws.limits import faults
from localcloud.aws.limits.cron import APPLICATION, EVENTBRIDGE, RULES, UNIX, cron_fault

DIALECTS = {"ec2": UNIX, "application": EVENTBRIDGE}


def read(expression: str, dialect: str) -> bool:
    """Whether the project's own reader takes the expression."""
    try:
        parse(expression, dialect)
    except CronError:
        return False
    return True


NAMES = ["JAN", "dec", "MON", "Fri", "SUN", "SAT", "WED", "FOO", "MONDAY", "WEEKDAYS"]
values = st.one_of(st.integers(0, 9).map(str), st.integers(0, 70).map(str), st.sampled_from(NAMES),
                   st.sampled_from(["1969", "1970", "2199", "2200", "00", "07", "10000", ""]))  # fmt: skip
spans = st.one_of(values, st.just("*"), st.tuples(values, values).map("-".join))
pieces = st.one_of(spans, st.tuples(spans, st.one_of(values, st.just("05"))).map("/".join))
specials = st.one_of(
    st.sampled_from(["L", "LW", "WL", "l", "?", "*L", "W", "#", "L-", "??", "*-5", "-", "LL", "L/2", "1-5L"]),
    values.map("L-{}".format), values.map("{}W".format), values.map("{}L".format), values.map("{}l".format),
    st.tuples(values, values).map("#".join),
)  # fmt: skip
anything = st.one_of(pieces, specials, st.lists(st.one_of(pieces, specials), min_size=2, max_size=3).map(",".join))
usual = st.sampled_from(["*", "0", "7", "1-5", "*/2", "1,3"])


@st.composite
def expressions(draw: st.DrawFn, count: int) -> str:
    """Expressions with one or two drawn fields, the rest sound, so that both verdicts come often."""
    fields = [draw(usual) for _ in range(4)] + [draw(st.sampled_from(["?", "*", "MON-FRI"])), "*", "*"]
    fields = [field if place not in (2, 3) else field.replace("0", "1") for place, field in enumerate(fields)][:count]
    if count == len(EVENTBRIDGE) and draw(st.booleans()):
        fields[2], fields[4] = "?", draw(anything)
    elif count == len(EVENTBRIDGE) and draw(st.booleans()):
        fields[2], fields[4] = draw(anything), "?"
    if draw(st.booleans()):
        fields[draw(st.integers(0, count - 1))] = draw(anything)
    return " ".join(fields)


@given(st.integers(4, 7).flatmap(expressions) | st.sampled_from([5, 6]).flatmap(expressions))
@example("0 8 ? * 1-5L *")
@example("0 8 ? * FRIL *")
@example("0 8 ? * 2#6 *")
@example("0/0 8 * * ? *")
@example("0 8 L-31 * ? *")
@example("0 8 L-30 * ? *")
@example("0 8 * * ? 2200")
@example("0 8 15W,20 * ? *")
@example("0/0 8 * * *")
@example("0 8 * * 8")
@example("0 8 * * FRI-SUN")
@example("0 8 ? * FRI-SUN *")
@settings(max_examples=500, deadline=None)
def test_both_rooms_take_and_refuse_the_same_expressions(expression: str) -> None:
    for dialect, fields in DIALECTS.items():
        fault = cron_fault(expression, fields)
        assert (fault is None) == read(expression, dialect), f"{dialect}: {expression!r}: {fault}"


@given(st.integers(0, 9999), st.integers(0, 13), st.integers(0, 32), st.integers(0, 25), st.integers(58, 61))
@example(2026, 2, 30, 0, 0)
@example(2028, 2, 29, 0, 0)
def test_both_rooms_know_the_same_calendar(year: int, month: int, day: int, hour: int, minute: int) -> None:
    text = f"at({year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:00)"
    start = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
    try:
        occurrences(text, "UTC", start, start, "at")
    except CronError:
        sound = False
    except OverflowError:
        return
    else:
        sound = True
    found = list(faults("aws:appautoscaling/scheduledAction:ScheduledAction", {"schedule": text}))
    assert (not found) == sound, found


units = st.sampled_from(["minute", "minutes", "hour", "hours", "day", "days", "week", "Hours", "minutess", "", "s"])
numbers = st.one_of(
    st.integers(-1, 100).map(str), st.sampled_from(["00", "05", "1.5", "1e3", "", "99999999999999", "²"])
)


@given(numbers, st.sampled_from([" ", "", "  ", "\t", "_"]), units)
@example("5", " ", "minute")
@example("1", " ", "minutes")
@example("5", "", "hours")
@example("0", " ", "hours")
def test_both_rooms_take_and_refuse_the_same_rates(number: str, between: str, unit: str) -> None:
    text = f"rate({number}{between}{unit})"
    start = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
    try:
        occurrences(text, "UTC", start, start, "rate")
    except CronError:
        sound = False
    else:
        sound = True
    assert (APPLICATION.fault(text) is None) == sound


@pytest.mark.parametrize("text", ["rate(5 minute)", "rate(1 minutes)", "rate(5minutes)", "rate(05 minutes)"])
def test_rules_of_eventbridge_want_a_unit_that_agrees_and_scheduled_actions_do_not(text: str) -> None:
    reason = "wanted rate(1 minute), rate(5 minutes), ...: minute, hour or day, plural above 1"
    assert list(faults("aws:cloudwatch/eventRule:EventRule", {"scheduleExpression": text})) == [
        ("scheduleExpression", reason)
    ]
    assert list(faults("aws:appautoscaling/scheduledAction:ScheduledAction", {"schedule": text})) == []


@pytest.mark.parametrize("text", ["rate(1 minute)", "rate(5 minutes)", "rate(10 days)", "rate(100 hours)"])
def test_both_services_take_the_usual_rates(text: str) -> None:
    assert APPLICATION.fault(text) is None
    assert RULES.fault(text) is None


REFUSED = [
    ("cron(0 8 ? * MONDAY-FRIDAY *)", "'MONDAY' in '0 8 ? * MONDAY-FRIDAY *' is not within 1 to 7 or SUN to SAT: day of week"),
    ("cron(0 8 ? * WEEKDAYS *)", "'WEEKDAYS' in '0 8 ? * WEEKDAYS *' is not within 1 to 7 or SUN to SAT: day of week"),
    ("cron(0 8 1 FOO ? *)", "'FOO' in '0 8 1 FOO ? *' is not within 1 to 12 or JAN to DEC: month"),
    ("cron(0/0 8 * * ? *)", "0/0 in '0/0 8 * * ? *' has no step from 1 up after '/': minutes"),
    ("cron(0 8 L-31 * ? *)", "'L' in '0 8 L-31 * ? *' is not within 1 to 31: day of month"),
    ("cron(0 8 15W,20 * ? *)", "'15W' in '0 8 15W,20 * ? *' is not within 1 to 31: day of month"),
    ("cron(0 8 ? * 2#6 *)", "'2#6' in '0 8 ? * 2#6 *' is not within 1 to 7 or SUN to SAT: day of week"),
    ("cron(0 8 32W * ? *)", "32 in '0 8 32W * ? *' is not within 1 to 31: day of month"),
    ("cron(0 8 ? * 0 *)", "0 in '0 8 ? * 0 *' is not within 1 to 7 or SUN to SAT: day of week"),
    ("cron(0 8-24 * * ? *)", "24 in '0 8-24 * * ? *' is not within 0 to 23: hours"),
    ("cron(0 18-8 * * ? *)", "18-8 in '0 18-8 * * ? *' runs backwards, write a list: hours"),
    ("cron(0 8 * * ? 2200)", "2200 in '0 8 * * ? 2200' is not within 1970 to 2199: year"),
    ("cron(0 8 1 * MON *)", "exactly one of day of month and day of week is '?', got '1' and 'MON'"),
    ("cron(0 8 ? * ? *)", "exactly one of day of month and day of week is '?', got '?' and '?'"),
    ("at(2026-02-30T00:00:00)", "at(2026-02-30T00:00:00) is no time of the calendar: day is out of range for month"),
]  # fmt: skip
TAKEN = [
    "cron(0 8 ? * MON-FRI *)", "cron(0 8 1 feb ? *)", "cron(0/1 8 * * ? *)", "cron(0 8 L-30 * ? *)",
    "cron(0 8 15W * ? *)", "cron(0 8 15,20 * ? *)", "cron(0 8 ? * 2#5 *)", "cron(0 8 ? * FRIL *)",
    "cron(0 8 LW * ? *)", "cron(0 8-23 * * ? *)", "cron(0 8 * * ? 1970-2199)", "cron(0 8 ? * 1,7 *)",
]  # fmt: skip
TYPES = {
    "aws:appautoscaling/scheduledAction:ScheduledAction": "schedule",
    "aws:cloudwatch/eventRule:EventRule": "scheduleExpression",
}


@pytest.mark.parametrize("token", TYPES)
@pytest.mark.parametrize(("text", "reason"), REFUSED)
def test_what_aws_refuses_of_a_schedule_is_refused_with_its_field(token: str, text: str, reason: str) -> None:
    if text.startswith("at(") and TYPES[token] == "scheduleExpression":
        reason = f"{text!r} is not of the form cron(...) or rate(...)"
    assert (TYPES[token], reason) in list(faults(token, {TYPES[token]: text}))


@pytest.mark.parametrize("token", TYPES)
@pytest.mark.parametrize("text", TAKEN)
def test_the_sound_neighbours_are_taken(token: str, text: str) -> None:
    assert list(faults(token, {TYPES[token]: text})) == []


@pytest.mark.parametrize(
    ("text", "sound"),
    [("0 8 * * MON-FRI", True), ("0 8 * * MONDAY-FRIDAY", False), ("0 8 1 * MON", True), ("0 8 * * FRI-SUN", True),
     ("0 8 * * 7", True), ("0 8 * * 8", False), ("0/0 8 * * *", False), ("*/5 8 * * *", True), ("0 8 L * *", False),
     ("0 8 ? * 1", False), ("0 8 * * WEEKDAYS", False), ("0 8 * * 2#1", False), ("0 8 15W * *", False)],
)  # fmt: skip
def test_a_groups_schedule_has_five_fields_without_marks_of_the_other_dialect(text: str, sound: bool) -> None:
    found = list(faults("aws:autoscaling/schedule:Schedule", {"recurrence": text}))
    assert ([place for place, _ in found] == []) == sound, found
