"""Schedules: cron expressions of both dialects, rates and moments.

The same grammar as the project's own reader of schedules, which this room may not import: a test holds the two verdicts
equal over drawn expressions (tests/localcloud/test_schedules_of_both_rooms.py). Previews ask it through the tables of
limits, the stand-in for AWS through moto's gaps. Source: Amazon EventBridge User Guide, cron and rate expressions
reference; Amazon EC2 Auto Scaling User Guide, scheduled scaling.
"""

import re
import zoneinfo
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

MONTHS = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"]
DAYS = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"]


class Field(NamedTuple):
    """A field of a dialect: its numbers, and the names of those from the lowest up."""

    name: str
    low: int
    high: int
    names: Sequence[str] = ()


TIME = (Field("minutes", 0, 59), Field("hours", 0, 23), Field("day of month", 1, 31), Field("month", 1, 12, MONTHS))
UNIX = (*TIME, Field("day of week", 0, 7, DAYS))
EVENTBRIDGE = (*TIME, Field("day of week", 1, 7, DAYS), Field("year", 1970, 2199))

VALUE = r"[0-9A-Za-z]+"
SPECIAL = {
    "day of month": (r"L|LW", r"L-(?:[1-9]|0[1-9]|[12][0-9]|30)", r"(?P<value>[0-9]{1,2})W"),
    "day of week": (r"L", rf"(?P<value>{VALUE}?)L", rf"(?P<value>{VALUE})#0*[1-5]"),
}
"""What the EventBridge dialect takes in a day field beside lists, ranges and steps, alone in its field."""


def cron_fault(text: str, fields: Sequence[Field]) -> str | None:
    """What is wrong with the fields of a cron expression."""
    parts = text.split()
    if len(parts) != len(fields):
        names = ", ".join(field.name for field in fields)
        return f"{text!r} has {len(parts)} fields, wanted {len(fields)}: {names}"
    days = (parts[2], parts[4])
    if fields is EVENTBRIDGE and days.count("?") != 1:
        return f"exactly one of day of month and day of week is '?', got {days[0]!r} and {days[1]!r}"
    for part, field in zip(parts, fields, strict=True):
        special = SPECIAL.get(field.name, ()) if fields is EVENTBRIDGE else ()
        for wrong, why in _faults(part, field, special):
            return f"{wrong} in {text!r} {why}: {field.name}"
    return None


def _faults(part: str, field: Field, special: Sequence[str]) -> Iterator[tuple[str, str]]:
    """(what, why) of everything wrong with a field."""
    if special and part == "?":
        return
    for form in special:
        if found := re.fullmatch(form, part, re.IGNORECASE):
            value = found.groupdict().get("value")
            if value is not None:
                yield from _out_of(value, field)
            return
    for piece in part.split(","):
        yield from _span_faults(piece, field)


def _span_faults(piece: str, field: Field) -> Iterator[tuple[str, str]]:
    span, slash, step = piece.partition("/")
    if slash and not re.fullmatch(r"[1-9][0-9]{0,3}", step):
        yield piece, "has no step from 1 up after '/'"
    if span == "*":
        return
    first, dash, last = span.partition("-")
    wrong = [*_out_of(first, field), *(_out_of(last, field) if dash else ())]
    yield from wrong
    if dash and not wrong:
        end = field.high if field is UNIX[4] and last.upper() == "SUN" else _number(last, field)
        if end < _number(first, field):
            yield span, "runs backwards, write a list"


def _number(value: str, field: Field) -> int:
    return field.low + field.names.index(value.upper()) if value.upper() in field.names else int(value)


def _out_of(value: str, field: Field) -> Iterator[tuple[str, str]]:
    if value.upper() in field.names:
        return
    known = f" or {field.names[0]} to {field.names[-1]}" if field.names else ""
    if not re.fullmatch(r"[0-9]{1,4}", value):
        yield repr(value), f"is not within {field.low} to {field.high}{known}"
    elif not field.low <= int(value) <= field.high:
        yield value, f"is not within {field.low} to {field.high}{known}"


class Service(NamedTuple):
    """What a service takes as a schedule: its kinds, and how a rate is written."""

    kinds: Sequence[str]
    rate: str = ""
    """How a rate is written."""
    rates: str = ""
    """What is wanted in a rate's place."""
    fields: Sequence[Field] = EVENTBRIDGE
    moment: str = "yyyy-mm-ddThh:mm:ss"
    stepless: bool = False
    """Whether cron takes no steps."""

    def fault(self, text: str) -> str | None:
        """What is wrong with a schedule."""
        found = re.fullmatch(rf"({'|'.join(self.kinds)})\((.*)\)", text)
        if not found:
            *others, last = (f"{kind}(...)" for kind in self.kinds)
            return f"{text!r} is not of the form {', '.join(others)} or {last}"
        kind, inner = found.groups()
        if kind == "cron" and self.stepless and "/" in inner:
            return f"{inner!r} has steps: only '*', '-' and ',' are taken"
        if kind == "cron":
            return cron_fault(inner, self.fields)
        if kind == "at":
            return _moment_fault(inner, self.moment)
        return None if re.fullmatch(self.rate, inner) else self.rates


APPLICATION = Service(
    ("cron", "rate", "at"),
    r"0*[1-9][0-9]*\s?(?:minutes?|hours?|days?)",
    "wanted rate(1 minute), rate(5 minutes), ...: a number from 1 up and minutes, hours or days",
)
"""Application Auto Scaling, by its own refusal: `Schedule expressions must have the following syntax:
rate(<number>\\s?(minutes?|hours?|days?)), cron(<cron_expression>) or at(yyyy-MM-dd'T'HH:mm:ss)`. EventBridge Scheduler
names both units without a condition too."""

RULES = Service(
    ("cron", "rate"),
    r"1 (?:minute|hour|day)|(?!1 )[1-9][0-9]* (?:minutes|hours|days)",
    "wanted rate(1 minute), rate(5 minutes), ...: minute, hour or day, plural above 1",
)
"""Rules of EventBridge, whose units agree with the number."""


MUTES = Service(("cron", "at"), fields=UNIX, moment="yyyy-mm-ddThh:mm", stepless=True)
"""Mute rules of CloudWatch's alarms (API Schedule): five fields, and moments without seconds."""


def _moment_fault(text: str, form: str) -> str | None:
    if not re.fullmatch(re.sub("[a-z]", "[0-9]", form), text):
        return f"wanted at({form})"
    try:
        datetime.fromisoformat(text)
    except ValueError as error:
        return f"at({text}) is no time of the calendar: {error}"
    return None


def zone_fault(name: str) -> str | None:
    """What is wrong with the name of a time zone."""
    if name in zoneinfo.available_timezones() - {"Factory", "localtime"}:
        return None
    return f"{name!r} is no time zone of the IANA database, such as Europe/Berlin"


def last_before(expression: str, zone: str, now: datetime, within: timedelta) -> datetime | None:
    """When a sound `cron(...)` of five fields or `at(...)` last came, up to `now` and no longer ago than `within`."""
    kind, inner = expression.rstrip(")").split("(", 1)
    place = zoneinfo.ZoneInfo(zone)
    if kind == "at":
        came = datetime.fromisoformat(inner).replace(tzinfo=place).astimezone(UTC)
        return came if now - within <= came <= now else None
    minutes, hours, days, months, weekdays = (
        _values(part, field) for part, field in zip(inner.split(), UNIX, strict=True)
    )
    either = not inner.split()[2].startswith("*") and not inner.split()[4].startswith("*")
    day = now.astimezone(place).date()
    while datetime(day.year, day.month, day.day, tzinfo=place) > now - within - timedelta(days=1):
        named = (day.day in days, bool({day.isoweekday() % 7, 7 if day.isoweekday() == 7 else -1} & weekdays))
        if day.month in months and (any(named) if either else all(named)):
            times = [(hour, minute) for hour in sorted(hours, reverse=True) for minute in sorted(minutes, reverse=True)]
            for hour, minute in times:
                came = datetime(day.year, day.month, day.day, hour, minute, tzinfo=place).astimezone(UTC)
                if came <= now:
                    return came if came >= now - within else None
        day -= timedelta(days=1)
    return None


def _values(part: str, field: Field) -> set[int]:
    found: set[int] = set()
    for piece in part.split(","):
        span, slash, step = piece.partition("/")
        first, dash, last = span.partition("-")
        low = field.low if span == "*" else _number(first, field)
        high = field.high if span == "*" or (slash and not dash) else low
        if dash:
            high = field.high if field is UNIX[4] and last.upper() == "SUN" else _number(last, field)
        found |= set(range(low, high + 1, int(step) if slash else 1))
    return found
