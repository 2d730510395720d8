"""When a schedule fires, over time zones and clock changes, and what a scheduled action does to the bounds."""

from __future__ import annotations

import bisect
import dataclasses
import datetime
import difflib
import functools
import re
import zoneinfo
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Literal

from elasticity import arguments
from elasticity.cron import Cron, CronError, parse, to_application

__all__ = [
    "CLOCK_CHANGES",
    "DIALECTS",
    "ClockChange",
    "CronError",
    "clock_changes",
    "occurrences",
    "time_zone_of",
    "to_application",
]

DIALECTS = ("ec2", "application", "rate", "at")
CLOCK_CHANGES: Mapping[str, tuple[bool, str]] = MappingProxyType(
    {
        f"{gap}_{repeat}": (gap == "shift_gap", repeat)
        for gap in ("skip_gap", "shift_gap")
        for repeat in ("first_repeat", "last_repeat", "both_repeats")
    }
)
"""What happens at a clock change, by name. A local time that does not exist is skipped, or shifted later by the size
of the gap; one that comes twice runs at the first, the last, or both. Neither service documents it `[asm]`;
EventBridge Scheduler does `skip_gap_first_repeat` `[pub]`, the default."""

_RATE = re.compile(r"([0-9]+)\s?(minute|hour|day)s?")
_AT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}")
"""As Application Auto Scaling refuses anything else: `Schedule expressions must have the following syntax:
rate(<number>\\s?(minutes?|hours?|days?)), cron(<cron_expression>) or at(yyyy-MM-dd'T'HH:mm:ss)` `[pub]`."""
_SECONDS = {"minute": 60, "hour": 3_600, "day": 86_400}
_DAY = datetime.timedelta(days=1)
_UTC = datetime.UTC


_NO_PLACE = {
    "localtime": "it means the zone of whatever machine reads it",
    "Factory": "it means that nobody has set a zone",
}


@functools.cache
def time_zones() -> frozenset[str]:
    """The IANA names that the platforms take: none of `right/` and `posix/`, no `posixrules`, none of a machine."""
    return frozenset(zoneinfo.available_timezones() - _NO_PLACE.keys())


def time_zone_of(name: str) -> datetime.tzinfo:
    """The zone of an IANA name, `Etc/GMT+5` (which is UTC-5, the POSIX sign) included; raises ValueError that names
    the nearest."""
    if not isinstance(name, str):
        raise ValueError(f"`time_zone`: got {arguments.kind(name)}, allowed an IANA name, such as Europe/Berlin")
    if name in _NO_PLACE:
        raise ValueError(f"`time_zone`: {_NO_PLACE[name]}, allowed an IANA name, such as Europe/Berlin")
    try:
        if name not in time_zones():
            raise zoneinfo.ZoneInfoNotFoundError
        return zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        near = difflib.get_close_matches(name, sorted(time_zones()), n=1)
        cure = f"did you mean {near[0]}" if near else "allowed an IANA name, such as Europe/Berlin"
        raise ValueError(f"`time_zone`: not a known time zone, {cure}") from None


def _instants(local: datetime.datetime, zone: datetime.tzinfo, option: str) -> list[datetime.datetime]:
    """The UTC times, at most two, at which the naive `local` time of `zone` comes under an option of CLOCK_CHANGES."""
    shift, repeat = CLOCK_CHANGES[option]
    first, second = (local.replace(tzinfo=zone, fold=fold).astimezone(_UTC) for fold in (0, 1))
    if first == second:
        return [first]
    if first > second:  # in a gap the earlier fold carries the offset before it, hence the later instant
        return [first] if shift else []
    return {"first_repeat": [first], "last_repeat": [second], "both_repeats": [first, second]}[repeat]


def _cron_days(cron: Cron, first: datetime.date, last: datetime.date) -> Iterator[datetime.date]:
    """The local dates from `first` to `last` on which `cron` names a time; months and years it does not name are
    jumped over."""
    day = first
    while day <= last:
        if day.year not in cron.years:
            day = datetime.date(day.year + 1, 1, 1)
        elif day.month not in cron.months:
            day = (day.replace(day=28) + 4 * _DAY).replace(day=1)
        else:
            if cron.on(day):
                yield day
            day += _DAY


def _cron_occurrences(
    cron: Cron, zone: datetime.tzinfo, start: datetime.datetime, end: datetime.datetime, option: str
) -> Iterator[datetime.datetime]:
    first, last = ((edge.astimezone(zone) + side * _DAY).date() for edge, side in ((start, -1), (end, 1)))
    for day in _cron_days(cron, first, last):
        midnight = datetime.datetime.combine(day, datetime.time())
        locals_ = [midnight + datetime.timedelta(hours=h, minutes=m) for h in cron.hours for m in cron.minutes]
        opening = midnight.replace(tzinfo=zone).astimezone(_UTC)
        if (midnight + _DAY).replace(tzinfo=zone).astimezone(_UTC) - opening == _DAY:
            found = [
                opening + (local - midnight) for local in locals_
            ]  # no clock change on this day: no need to ask for each
        else:
            found = sorted({instant for local in locals_ for instant in _instants(local, zone, option)})
        yield from found[bisect.bisect_left(found, start) : bisect.bisect_left(found, end)]


def _inside(kind: str, expression: str) -> str:
    """What stands between the brackets of `rate(...)` or `at(...)`, with or without them."""
    text = expression.strip()
    return text[len(kind) + 1 : -1] if text.startswith(f"{kind}(") and text.endswith(")") else text


def _rate_occurrences(expression: str, start: datetime.datetime, end: datetime.datetime) -> Iterator[datetime.datetime]:
    found = _RATE.fullmatch(_inside("rate", expression))
    if not found or not found[1].strip("0"):
        raise CronError("rate: expected a number from 1 up and minutes, hours or days, such as 5 hours")
    longest = datetime.timedelta.max // datetime.timedelta(seconds=_SECONDS[found[2]])
    count = int(found[1]) if len(found[1]) < 20 else longest  # beyond the calendar it fires once
    every = datetime.timedelta(seconds=min(count, longest) * _SECONDS[found[2]])
    for count in range((end - start) // every + 1):
        yield start + count * every


def _at_occurrences(
    expression: str, zone: datetime.tzinfo, start: datetime.datetime, end: datetime.datetime, option: str
) -> list[datetime.datetime]:
    found = _AT.fullmatch(_inside("at", expression))
    try:
        local = datetime.datetime.fromisoformat(found[0]) if found else None
    except ValueError:
        local = None
    if local is None:
        raise CronError("at: expected a local time, such as 2026-03-31T22:00:00")
    return [instant for instant in _instants(local, zone, option) if start <= instant < end]


def _checked_window(start: datetime.datetime, end: datetime.datetime) -> tuple[datetime.datetime, datetime.datetime]:
    for name, edge in (("start", start), ("end", end)):
        if not isinstance(edge, datetime.datetime):
            raise ValueError(f"`{name}`: got {arguments.kind(edge)}, allowed a datetime with a time zone")
    if start.tzinfo is None or end.tzinfo is None:
        raise ValueError(
            "`start` and `end`: got a time without a zone, expected aware times such as 2026-03-01T00:00:00Z"
        )
    if end < start:
        raise ValueError("`end` lies before `start`")
    return start.astimezone(_UTC), end.astimezone(_UTC)


def iterate_occurrences(
    cron: str,
    time_zone: str,
    start: datetime.datetime,
    end: datetime.datetime,
    dialect: str,
    *,
    clock_change: str = "skip_gap_first_repeat",
) -> Iterator[datetime.datetime]:
    """As `occurrences`, one at a time; the arguments are checked at once, not at the first one."""
    arguments.one_of("dialect", dialect, DIALECTS)
    arguments.one_of("clock_change", clock_change, CLOCK_CHANGES)
    if not isinstance(cron, str):
        raise CronError(f"`cron`: got {arguments.kind(cron)}, allowed text such as 0 8 * * MON-FRI")
    start, end = _checked_window(start, end)
    zone = time_zone_of(time_zone)
    if dialect == "rate":
        return _rate_occurrences(cron, start, end)
    if dialect == "at":
        return iter(_at_occurrences(cron, zone, start, end, clock_change))
    return _cron_occurrences(parse(cron, dialect), zone, start, end, clock_change)


def occurrences(
    cron: str,
    time_zone: str,
    start: datetime.datetime,
    end: datetime.datetime,
    dialect: str,
    *,
    clock_change: str = "skip_gap_first_repeat",
) -> list[datetime.datetime]:
    """The times at which a schedule fires, ascending, aware, in UTC, from `start` (inclusive) to `end` (exclusive).

    `cron` in its `dialect`: `ec2` (5 fields), `application` (6 fields), `rate` (`5 hours`: from `start` on, `end`
    included) or `at` (one local time). `time_zone` an IANA name; `start` and `end` aware; `clock_change` one of
    CLOCK_CHANGES. Raises CronError (a ValueError) on an expression that the dialect does not allow, ValueError on the
    rest.

    Source: EC2UG ec2-auto-scaling-scheduled-scaling, AASUG scheduled scaling, EventBridge eb-cron-expressions.
    """
    return list(iterate_occurrences(cron, time_zone, start, end, dialect, clock_change=clock_change))


@dataclasses.dataclass(frozen=True, slots=True)
class ClockChange:
    """A local time of a schedule that a clock change hits."""

    local: datetime.datetime
    kind: Literal["skipped", "repeated"]


def clock_changes(
    cron: str, time_zone: str, start: datetime.datetime, end: datetime.datetime, dialect: str
) -> list[ClockChange]:
    """The local times of a cron schedule between two aware times that do not exist or come twice; empty for most
    schedules."""
    zone = time_zone_of(time_zone)
    start, end = _checked_window(start, end)
    return list(_clock_changes(parse(cron, dialect), zone, start, end))


@functools.lru_cache(256)  # a search judges thousands of rule sets that have the same few schedules
def _clock_changes(
    parsed: Cron, zone: datetime.tzinfo, start: datetime.datetime, end: datetime.datetime
) -> tuple[ClockChange, ...]:
    found = []
    for day in _cron_days(parsed, start.astimezone(zone).date(), end.astimezone(zone).date()):
        midnight = datetime.datetime.combine(day, datetime.time())
        if ((midnight + _DAY).replace(tzinfo=zone).astimezone(_UTC)) - midnight.replace(tzinfo=zone).astimezone(
            _UTC
        ) == _DAY:
            continue
        for local in (midnight + datetime.timedelta(hours=h, minutes=m) for h in parsed.hours for m in parsed.minutes):
            instants = _instants(local, zone, "skip_gap_both_repeats")
            if len(instants) != 1:
                found.append(ClockChange(local, "repeated" if instants else "skipped"))
    return tuple(found)
