"""Cron expressions in two dialects: `ec2` (5 fields, Sunday 0 or 7) and `application` (6 fields, Sunday 1;
EventBridge).

An expression is parsed into sets of minutes, hours, months and years and a test for days, so that a caller walks days,
not minutes. Source: EC2UG scheduled scaling with usual cron semantics `[asm]`; EventBridge user guide,
eb-cron-expressions.
"""

from __future__ import annotations

import calendar
import dataclasses
import datetime
import functools
import re
from collections.abc import Callable, Mapping
from types import MappingProxyType

_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_DAYS = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
FIRST_YEAR, LAST_YEAR = 1970, 2199


class CronError(ValueError):
    """An expression that its dialect does not allow; the text names the field and what is allowed."""


class BothDayFieldsError(CronError):
    """Five fields that restrict both day fields; six fields cannot hold that, and `cure` says what keeps the
    meaning."""

    def __init__(self, reason: str, cure: str) -> None:
        super().__init__(f"{reason}: {cure}")
        self.reason, self.cure = reason, cure


@dataclasses.dataclass(frozen=True, slots=True)
class Field:
    """One field of a dialect: name, range, the names it knows (the first is `minimum`), how errors describe it."""

    name: str
    minimum: int
    maximum: int
    names: tuple[str, ...] = ()
    allowed: str = ""

    @property
    def described(self) -> str:
        """What a value may be."""
        return self.allowed or f"{self.minimum}-{self.maximum}"

    def fault(self, what: str) -> CronError:
        """The error for this field."""
        return CronError(f"{self.name}: {what}, allowed {self.described}")

    def number(self, text: str) -> int:
        """The value that `text` writes, by number or by name."""
        if text.upper() in self.names:
            return self.minimum + self.names.index(text.upper())
        if not re.fullmatch(r"[0-9]{1,4}", text):
            raise self.fault(f"got `{text}`")
        value = int(text)
        if not self.minimum <= value <= self.maximum:
            raise self.fault(f"got {value}")
        return value

    def values(self, text: str) -> frozenset[int]:
        """All values of a field of lists, ranges and steps: `*`, `1,3`, `MON-FRI`, `0/10`, `10-50/20`."""
        return frozenset(value for part in text.split(",") for value in self._part(part))

    def _part(self, part: str) -> range:
        span, slash, step = part.partition("/")
        if slash and not re.fullmatch(r"[1-9][0-9]{0,3}", step):
            raise self.fault(f"got `{part}`, the step after `/` is a number from 1 up")
        first, dash, last = span.partition("-")
        start = self.minimum if span == "*" else self.number(first)
        if dash:
            end = self.number(last)
            if last.upper() == "SUN" and self.minimum == 0 and end < start:
                end = self.maximum  # the dialect whose week starts with 0 ends with 7: the same Sunday
        else:
            end = self.maximum if slash or span == "*" else start
        if end < start:
            raise self.fault(f"got `{part}`, a range that runs backwards: write a list")
        return range(start, end + 1, int(step) if slash else 1)


_TIME_FIELDS = (Field("minute", 0, 59), Field("hour", 0, 23))
_DAY_OF_MONTH = Field("day-of-month", 1, 31)
_MONTH = Field("month", 1, 12, _MONTHS, "1-12 or JAN-DEC")
_EC2_WEEKDAY = Field("day-of-week", 0, 7, _DAYS, "0-7 or SUN-SAT")
_APPLICATION_WEEKDAY = Field("day-of-week", 1, 7, _DAYS, "1-7 or SUN-SAT")
_YEAR = Field("year", FIRST_YEAR, LAST_YEAR)

_REMEMBERED = 256
"""Expressions: a search judges thousands of rule sets that have the same few schedules."""

DayTest = Callable[[datetime.date], bool]


@dataclasses.dataclass(frozen=True, slots=True)
class Cron:
    """A parsed expression; `minutes` and `hours` ascending."""

    minutes: tuple[int, ...]
    hours: tuple[int, ...]
    months: frozenset[int]
    years: frozenset[int]
    day_test: DayTest

    def on(self, day: datetime.date) -> bool:
        """Whether the expression names any time of the local date `day`."""
        return day.year in self.years and day.month in self.months and self.day_test(day)


def _sunday_based(day: datetime.date) -> int:
    """0 for Sunday to 6 for Saturday."""
    return day.isoweekday() % 7


def _fields(expression: str, names: tuple[str, ...], dialect: str, cure: str) -> list[str]:
    fields = expression.split()
    if len(fields) != len(names):
        raise CronError(
            f"got {len(fields)} fields, the {dialect} dialect has {len(names)}: {' '.join(names)}"
            + (f"; {cure}" if len(fields) in (5, 6) else "")
        )
    return fields


@functools.lru_cache(_REMEMBERED)
def _parse_ec2(expression: str) -> Cron:
    names = ("minute", "hour", "day-of-month", "month", "day-of-week")
    cure = "a year cannot be given: use `start` and `end`"
    minute, hour, month_day, month, weekday = _fields(expression, names, "ec2", cure)
    month_days = _DAY_OF_MONTH.values(month_day)
    weekdays = frozenset(value % 7 for value in _EC2_WEEKDAY.values(weekday))

    def either(day: datetime.date) -> bool:
        return day.day in month_days or _sunday_based(day) in weekdays

    def both(day: datetime.date) -> bool:
        return day.day in month_days and _sunday_based(day) in weekdays

    restricted = not month_day.startswith("*") and not weekday.startswith("*")
    return Cron(
        minutes=tuple(sorted(_TIME_FIELDS[0].values(minute))),
        hours=tuple(sorted(_TIME_FIELDS[1].values(hour))),
        months=_MONTH.values(month),
        years=frozenset(range(1, 10_000)),
        day_test=either if restricted else both,
    )


def _last_day(day: datetime.date) -> int:
    return calendar.monthrange(day.year, day.month)[1]


def _nearest_weekday(day: datetime.date, wanted: int) -> int:
    """The weekday nearest to the `wanted` day of the month, within the month; 0 where the month has no such day."""
    if wanted > _last_day(day):
        return 0
    weekday = day.replace(day=wanted).isoweekday()
    if weekday == 6:
        return wanted - 1 if wanted > 1 else 3
    if weekday == 7:
        return wanted + 1 if wanted < _last_day(day) else wanted - 2
    return wanted


def _month_day_test(text: str) -> DayTest:
    upper = text.upper()
    if upper == "L":
        return lambda day: day.day == _last_day(day)
    if upper == "LW":
        return lambda day: day.day == _nearest_weekday(day, _last_day(day))
    if found := re.fullmatch(r"L-(\d{1,2})", upper):
        back = int(found[1])
        if not 1 <= back <= 30:
            raise _DAY_OF_MONTH.fault(f"got `{text}`, days before the last are 1 to 30")
        return lambda day: day.day == _last_day(day) - back
    if found := re.fullmatch(r"(\d{1,2})W", upper):
        wanted = _DAY_OF_MONTH.number(found[1])
        return lambda day: day.day == _nearest_weekday(day, wanted)
    values = _application_values(_DAY_OF_MONTH, text)
    return lambda day: day.day in values


def _weekday_test(text: str) -> DayTest:
    upper = text.upper()
    if upper == "L":
        return lambda day: _sunday_based(day) == 6
    if found := re.fullmatch(r"(\w+?)L", upper):
        weekday = _APPLICATION_WEEKDAY.number(found[1]) - 1
        return lambda day: _sunday_based(day) == weekday and day.day + 7 > _last_day(day)
    if found := re.fullmatch(r"(\w+)#(\d+)", upper):
        weekday, nth = _APPLICATION_WEEKDAY.number(found[1]) - 1, int(found[2])
        if not 1 <= nth <= 5:
            raise _APPLICATION_WEEKDAY.fault(f"got `{text}`, after `#` stands 1 to 5")
        return lambda day: _sunday_based(day) == weekday and (day.day + 6) // 7 == nth
    values = frozenset(value - 1 for value in _application_values(_APPLICATION_WEEKDAY, text))
    return lambda day: _sunday_based(day) in values


def _application_values(field: Field, text: str) -> frozenset[int]:
    if "," in text and re.search(r"#|\dW|(^|,)L|L(,|$)", text.upper()):
        raise field.fault(f"got `{text}`, `L`, `W` and `#` stand alone, not in a list")
    return field.values(text)


@functools.lru_cache(_REMEMBERED)
def _parse_application(expression: str) -> Cron:
    names = ("minute", "hour", "day-of-month", "month", "day-of-week", "year")
    cure = "write `?` for the day field that does not matter and `*` for the year"
    minute, hour, month_day, month, weekday, year = _fields(expression, names, "application", cure)
    if (month_day == "?") == (weekday == "?"):
        what = "both are" if month_day == "?" else "neither is"
        raise CronError(f"day-of-month and day-of-week: {what} `?`, exactly one of them must be")
    return Cron(
        minutes=tuple(sorted(_TIME_FIELDS[0].values(minute))),
        hours=tuple(sorted(_TIME_FIELDS[1].values(hour))),
        months=_MONTH.values(month),
        years=_YEAR.values(year),
        day_test=_weekday_test(weekday) if month_day == "?" else _month_day_test(month_day),
    )


_DIALECTS: Mapping[str, Callable[[str], Cron]] = MappingProxyType(
    {"ec2": _parse_ec2, "application": _parse_application}
)


def parse(expression: str, dialect: str) -> Cron:
    """The parsed `expression`, with or without `cron(...)` around it, in the dialect `ec2` or `application`.

    Raises CronError that names the field, what was got and what is allowed; ValueError on an unknown dialect.
    """
    if dialect not in _DIALECTS:
        raise ValueError(f"`dialect`: got {dialect!r}, allowed {', '.join(_DIALECTS)}")
    found = re.fullmatch(r"\s*cron\((.*)\)\s*", expression)
    return _DIALECTS[dialect](found[1] if found else expression)


@functools.lru_cache(_REMEMBERED)
def to_application(cron: str) -> str:
    """The six fields (EventBridge) for five usual ones: `15 7 * * 2` becomes `15 7 ? * TUE *`.

    Weekdays become names, since the dialects number them differently; a step `*/n` becomes `0/n` or `1/n`. Raises
    CronError on a fault, and BothDayFieldsError where both day fields leave days out: five fields then mean days of
    either, or days of both where one of them begins with `*`, and six fields can say neither.
    """
    _parse_ec2(cron)
    minute, hour, month_day, month, weekday = cron.split()
    every_date = len(_DAY_OF_MONTH.values(month_day)) == _DAY_OF_MONTH.maximum
    every_weekday = len({day % 7 for day in _EC2_WEEKDAY.values(weekday)}) == len(_DAYS)
    if "*" in (month_day[0], weekday[0]):  # days of both
        if not every_date and not every_weekday:
            reason = "day-of-month and day-of-week: only days of both match, which six fields cannot hold"
            raise BothDayFieldsError(reason, "restrict one of them and write `*` for the other")
    elif every_date or every_weekday:  # days of either: all of them
        every_date = every_weekday = True
    else:
        reason = "day-of-month and day-of-week: days of either match, which six fields cannot hold"
        each = f"`{minute} {hour} {month_day} {month} *` and `{minute} {hour} * {month} {weekday}`"
        raise BothDayFieldsError(reason, f"write one schedule for each, {each}")
    if every_date and every_weekday:
        month_day, weekday = "*", "?"
    elif not every_weekday:
        month_day, weekday = "?", ",".join(_DAYS[day] for day in sorted({d % 7 for d in _EC2_WEEKDAY.values(weekday)}))
    else:
        weekday = "?"
    fields = zip((minute, hour, month_day, month), (0, 0, 1, 1), strict=True)
    return " ".join([*(re.sub(r"\*/", f"{minimum}/", text) for text, minimum in fields), weekday, "*"])
