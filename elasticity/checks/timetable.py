"""A scheduled rule as a platform reads it: whether it can, when it fires, and at which local times a clock change hits
it."""

from __future__ import annotations

import datetime
import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass

from elasticity import cron
from elasticity.checks.context import LintContext
from elasticity.cron import Cron
from elasticity.platforms import platform_parameters
from elasticity.rules import Scheduled
from elasticity.schedules import ClockChange, clock_changes, iterate_occurrences, time_zone_of

MOST_INSTANTS = 2_000
"""Times of one schedule that are compared with another's: a year of five a day; of denser ones the first days."""
YEAR = datetime.timedelta(days=366)
_RATE = re.compile(r"1 (minute|hour|day)|(?!1 )[1-9][0-9]{0,4} (minute|hour|day)s")
_UNIT = {
    "minute": datetime.timedelta(minutes=1),
    "hour": datetime.timedelta(hours=1),
    "day": datetime.timedelta(days=1),
}
_FIVE_FIELDS = "write minute hour day-of-month month day-of-week, such as `0 8 * * MON-FRI`"
_SIX = 6
_LONG = datetime.timedelta(days=30 * 366)
"""Longer than the 28 years in which weekdays come back to the same dates, leap days included."""
_MINUTE = _UNIT["minute"]


@dataclass(frozen=True, slots=True)
class Misread:
    """What a platform cannot read: field of the rule, what is wrong, what to do."""

    field: str
    message: str
    cure: str


def six_fields(rule: Scheduled) -> bool:
    """Whether the rule is written in the dialect of services."""
    return rule.cron is not None and len(_fields(rule).split()) == _SIX


def dialect(rule: Scheduled) -> str:
    """The dialect that its number of fields says."""
    return "application" if six_fields(rule) else "ec2"


def _fields(rule: Scheduled) -> str:
    return rule.cron or ""


def misread(rule: Scheduled, platform: str) -> Misread | None:
    """Why the platform cannot read the rule's time; None where it can."""
    takes_more = platform_parameters(platform).behaviour.schedule_dialect == "application"
    if rule.start is not None and rule.end is not None and rule.end <= rule.start:
        return Misread("end", "not after `start`", "move `end` behind `start`, or leave it out")
    if rule.at is not None:
        if local_time(rule.at) is None:
            return Misread("at", "not a time from 1970 to 2199", "write a local time as 2026-12-24T18:00:00")
        return None
    if rule.rate is not None:
        if not takes_more:
            return Misread("rate", "an Auto Scaling group has no rates", "write `cron`, such as `0 * * * *`")
        if not _RATE.fullmatch(rule.rate):
            return Misread("rate", "not a rate", "write a number and its unit, such as `1 hour` or `5 minutes`")
        return None
    if "(" in _fields(rule):
        return Misread("cron", "got more than the fields", "write the fields alone, without `cron( )` around them")
    if six_fields(rule) and not takes_more:
        message = "an Auto Scaling group takes five cron fields, six are for services"
        return Misread("cron", message, f"{_FIVE_FIELDS}; a year is said by `start` and `end`")
    try:
        cron.parse(_fields(rule), dialect(rule))
        if takes_more and not six_fields(rule):
            cron.to_application(_fields(rule))
    except cron.BothDayFieldsError as error:
        return Misread("cron", error.reason, error.cure)
    except cron.CronError as error:
        return Misread("cron", str(error), _FIVE_FIELDS)
    return None


def local_time(text: str) -> datetime.datetime | None:
    """The naive local time of an `at`, None where it is none or beyond the years that cron knows."""
    if not re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d", text):
        return None
    try:
        local = datetime.datetime.fromisoformat(text)
    except ValueError:
        return None
    return local if cron.FIRST_YEAR <= local.year <= cron.LAST_YEAR else None


@dataclass(frozen=True, slots=True)
class Timetable:
    """When a schedule that the platform can read fires, within the year that is looked at. One of `at`, `every` and
    `times` is set."""

    name: str
    rule: Scheduled
    zone: datetime.tzinfo
    first: datetime.datetime
    """Beginning of the year that is looked at."""
    start: datetime.datetime
    end: datetime.datetime
    at: datetime.datetime | None
    """The one local time."""
    every: datetime.timedelta | None
    times: Cron | None

    @classmethod
    def of(cls, name: str, rule: Scheduled, context: LintContext) -> Timetable | None:
        """The timetable; None where the platform cannot read the time, or the zone is unknown."""
        if misread(rule, context.platform) is not None:
            return None
        try:
            zone = time_zone_of(rule.time_zone)
        except ValueError:
            return None
        first = datetime.datetime.combine(context.on, datetime.time(), datetime.UTC)
        last = first + YEAR
        return cls(
            name,
            rule,
            zone,
            first=first,
            start=first if rule.start is None else max(first, rule.start),
            end=last if rule.end is None else min(last, rule.end),
            at=None if rule.at is None else local_time(rule.at),
            every=None if rule.rate is None else _every(rule.rate),
            times=None if rule.cron is None else cron.parse(rule.cron, dialect(rule)),
        )

    @property
    def per_day(self) -> float:
        """Times a day, on days with any; 0 for a single time."""
        if self.times is not None:
            return float(len(self.times.minutes) * len(self.times.hours))
        return 0.0 if self.every is None else _UNIT["day"] / self.every

    def minutes(self) -> Iterator[datetime.datetime]:
        """The minutes in which it fires, in UTC, ascending, as many as are compared."""
        instants = self._instants() if self.start < self.end else ()
        return (instant.replace(second=0, microsecond=0) for instant in itertools.islice(instants, MOST_INSTANTS))

    def _instants(self) -> Iterator[datetime.datetime]:
        if self.every is not None:
            return self._rate_instants(self.every)
        expression, form = (self.rule.cron, dialect(self.rule)) if self.rule.cron else (self.rule.at or "", "at")
        return iterate_occurrences(expression, self.rule.time_zone, self.start, self.end, form)

    def _rate_instants(self, every: datetime.timedelta) -> Iterator[datetime.datetime]:
        if self.rule.start is None:
            return  # it counts from its creation, which nobody knows here
        instant = self.start + (self.rule.start - self.start) % every
        while instant < self.end:
            yield instant
            instant += every

    def fires(self, minute: datetime.datetime) -> bool:
        """Whether it fires in that minute; an hour that comes twice counts once."""
        if self.every is not None:
            within = self.start - _MINUTE < minute < self.end
            return within and self.rule.start is not None and (self.rule.start - minute) % self.every < _MINUTE
        if self.times is None:
            return minute in list(self.minutes())
        if not self.start <= minute < self.end:
            return False
        local = minute.astimezone(self.zone)
        on_time = local.minute in self.times.minutes and local.hour in self.times.hours and not local.fold
        return on_time and self.times.on(local.date())

    def may_meet(self, other: Timetable) -> bool:
        """False where the clock alone keeps the two apart: one zone, and no minute of the day in common."""
        if self.times is None or other.times is None or self.rule.time_zone != other.rule.time_zone:
            return True
        hours = set(self.times.hours) & set(other.times.hours)
        return bool(hours and set(self.times.minutes) & set(other.times.minutes))

    @property
    def gone(self) -> str:
        """Why it happens neither on the first day that is looked at nor later; empty where it does."""
        if self.at is not None:
            moment, when = self.at.replace(tzinfo=self.zone), f"{self.at:%Y-%m-%d %H:%M}"
            if moment < self.first:
                return f"at {when} it is over"
            early = self.rule.start is not None and moment < self.rule.start
            late = self.rule.end is not None and moment >= self.rule.end
            return f"{when} is not between `start` and `end`" if early or late else ""
        if self.rule.end is not None and self.rule.end <= self.first:
            return f"it has ended on {self.rule.end:%Y-%m-%d}"
        if self.times is None:
            return ""
        start = max(self.first, self.rule.start or self.first)
        end = min(start + _LONG, self.rule.end or start + _LONG)
        form = dialect(self.rule)
        fires = iterate_occurrences(self.rule.cron or "", self.rule.time_zone, start, end, form)
        if next(fires, None) is not None:
            return ""
        return "no day matches it" if self.rule.end is None else "no day between `start` and `end` matches it"

    def clock_changes(self) -> list[ClockChange]:
        """Its local times that are skipped or come twice."""
        if self.at is not None:
            first, second = (self.at.replace(tzinfo=self.zone, fold=fold).astimezone(datetime.UTC) for fold in (0, 1))
            return [] if first == second else [ClockChange(self.at, "skipped" if first > second else "repeated")]
        if self.rule.cron is None or self.start >= self.end:
            return []
        return clock_changes(self.rule.cron, self.rule.time_zone, self.start, self.end, dialect(self.rule))


def _every(rate: str) -> datetime.timedelta:
    number, unit = rate.split()
    return int(number) * _UNIT[unit.removesuffix("s")]
