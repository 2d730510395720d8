"""Schedules around one moment: which bounds hold and why, what follows, how the platform writes them, when clocks
change."""

from __future__ import annotations

import dataclasses
import datetime
import re
from collections.abc import Iterator

from components.scaling.schedules import group_recurrence, service_schedule, utc_of
from elasticity import bounds_in_force
from elasticity.faults import Fault
from elasticity.platforms import platform_parameters
from elasticity.rules import Elasticity, Scheduled
from elasticity.schedules import ClockChange, clock_changes, time_zone_of
from operations.failures import CannotRun

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
USUAL_MONDAY = datetime.date(2026, 1, 12)
"""A weekday without a date is taken in the week of this Monday: no clock is read, so the answer stays the same."""
LOOK_AHEAD = datetime.timedelta(days=400)
_INSTANT = datetime.timedelta(seconds=1)
YEARS = (1972, 2198)
"""First and last year that can be asked for: cron knows 1970 to 2199, and more than a year around is looked at."""


@dataclasses.dataclass(frozen=True)
class Bound:
    """One bound in force."""

    value: int
    why: str
    rule: str
    """Name of the schedule that set it; empty where it is as declared."""
    before: int | None = None
    """What held until that schedule."""


@dataclasses.dataclass(frozen=True)
class Writing:
    """A schedule as the platform holds it."""

    rule: str
    declared: str
    written: str
    time_zone: str


def parse_time(text: str, zone: str) -> datetime.datetime:
    """`Mon 08:55` in the week of USUAL_MONDAY, or `2026-03-29T02:30`, in `zone`; raises CannotRun on another form."""
    tz = time_zone_of(zone)
    found = re.fullmatch(r"([A-Za-z]+)\s+(\d{1,2}):(\d{2})", text.strip())
    weekday = _weekday(found[1].lower()) if found else None
    if found and weekday is not None and int(found[2]) < 24 and int(found[3]) < 60:
        day = USUAL_MONDAY + datetime.timedelta(days=weekday)
        return datetime.datetime.combine(day, datetime.time(int(found[2]), int(found[3])), tz)
    try:
        moment = datetime.datetime.fromisoformat(text.strip())
    except ValueError:
        raise CannotRun(f"--at: got {text!r}, expected a time such as 'Mon 08:55' or 2026-03-29T02:30") from None
    if not YEARS[0] <= moment.year <= YEARS[1]:
        raise CannotRun(f"--at: got the year {moment.year}, allowed {YEARS[0]} to {YEARS[1]}")
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=tz)


def _weekday(name: str) -> int | None:
    """Days after Monday of `mon` or `monday`; None for another word."""
    return next((place for place, day in enumerate(WEEKDAYS) if name in (day, day[:3])), None)


def zone_of(rules: Elasticity, given: str | None) -> str:
    """The zone that times are read and shown in: the one given, else the schedules' where they agree, else UTC."""
    if given is not None:
        try:
            time_zone_of(given)
        except ValueError as error:
            raise CannotRun(f"--time-zone: {str(error).removeprefix('`time_zone`: ')}") from None
        return given
    zones = {rule.time_zone for rule in rules.scheduled.values()}
    return zones.pop() if len(zones) == 1 else "UTC"


@dataclasses.dataclass(frozen=True)
class _Firing:
    """One time at which a schedule runs."""

    time: datetime.datetime
    place: int
    name: str
    rule: Scheduled


def _firings(
    rules: Elasticity, platform: str, start: datetime.datetime, end: datetime.datetime, clock_change: str
) -> list[_Firing]:
    """The schedules of the rules in order of time; of one minute in the order of declaration."""
    found = []
    for place, (name, rule) in enumerate(rules.scheduled.items()):
        try:
            times = bounds_in_force.occurrences_of(rule, platform, start, end, clock_change)
        except ValueError as error:
            raise CannotRun(f"scheduled.{name}: {error}") from None
        found += [_Firing(time, place, name, rule) for time in times]
    return sorted(found, key=lambda firing: (firing.time, firing.place))


def _expression(rule: Scheduled) -> str:
    return rule.cron or rule.rate or rule.at or ""


def local_time(moment: datetime.datetime, zone: str) -> str:
    """A moment as a clock in `zone` and a calendar show it."""
    return moment.astimezone(time_zone_of(zone)).strftime("%a %Y-%m-%d %H:%M %Z")


def in_force(
    rules: Elasticity, platform: str, at: datetime.datetime, zone: str, clock_change: str
) -> tuple[Bound, Bound]:
    """Minimum and maximum at a moment, told in `zone`; `clock_change` as among the platform's parameters."""
    try:
        held = bounds_in_force.in_force(rules, platform, at, clock_change=clock_change)
    except ValueError as error:
        raise CannotRun(str(error)) from None
    found = []
    for side, bound in held.items():
        if bound.since is None:
            found.append(Bound(bound.value, "as declared: no schedule has set it before", ""))
            continue
        rule = rules.scheduled[bound.rule]
        earlier = bounds_in_force.in_force(rules, platform, bound.since - _INSTANT, clock_change=clock_change)
        why = f"set by {bound.rule} ({_expression(rule)}, {rule.time_zone}) on {local_time(bound.since, zone)}"
        found.append(Bound(bound.value, why, bound.rule, earlier[side].value))
    return found[0], found[1]


def following(rules: Elasticity, platform: str, at: datetime.datetime, zone: str, clock_change: str) -> Iterator[str]:
    """The next time of each schedule after a moment, in order."""
    seen: set[str] = set()
    for firing in _firings(rules, platform, at + _INSTANT, at + LOOK_AHEAD, clock_change):
        if firing.name not in seen:
            seen.add(firing.name)
            sides = [f"{side} {getattr(firing.rule, side)}" for side in ("minimum", "maximum", "desired")
                     if getattr(firing.rule, side) is not None]  # fmt: skip
            yield f"{local_time(firing.time, zone)}: {firing.name} sets {' and '.join(sides)}"


def writings(rules: Elasticity, platform: str) -> list[Writing]:
    """Each schedule in the platform's own form; raises CannotRun where the platform cannot hold it."""
    dialect = platform_parameters(platform).behaviour.schedule_dialect
    written: dict[str, str | Fault] = {}
    for name, rule in rules.scheduled.items():
        path = ("scheduled", name)
        if dialect == "application":
            written[name] = service_schedule(rule, path)
        elif rule.at is not None:
            written[name] = utc_of(rule, path)
        else:
            written[name] = group_recurrence(rule, path)
    refusals = [one for one in written.values() if isinstance(one, Fault)]
    if refusals:
        raise CannotRun("\n".join(map(str, refusals)))
    start = "StartTime " if dialect == "ec2" else ""
    return [
        Writing(name, _expression(rule), f"{start if rule.at else ''}{written[name]}", rule.time_zone)
        for name, rule in rules.scheduled.items()
    ]


def clock_changes_around(rules: Elasticity, platform: str, at: datetime.datetime) -> Iterator[str]:
    """The schedules that a clock change within a day of `at` hits, and what they do then."""
    day, own = datetime.timedelta(days=1), platform_parameters(platform).behaviour.schedule_dialect
    for name, rule in rules.scheduled.items():
        if rule.cron is None:
            continue
        dialect = "ec2" if own == "ec2" or len(rule.cron.split()) == 5 else "application"
        for change in clock_changes(rule.cron, rule.time_zone, at - day, at + day, dialect):
            yield _change(name, rule.time_zone, change)
    yield from _offset_changes({rule.time_zone for rule in rules.scheduled.values()}, at)


def _change(name: str, zone: str, change: ClockChange) -> str:
    local = change.local.strftime("%Y-%m-%d %H:%M")
    does = "it does not run" if change.kind == "skipped" else "it runs at the first"
    said = "does not exist" if change.kind == "skipped" else "comes twice"
    return f"{name}: {local} {said} in {zone}; {does} (as EventBridge Scheduler does; AWS documents nothing here)"


def _offset_changes(zones: set[str], at: datetime.datetime) -> Iterator[str]:
    """A change of the clock on the local day of `at`."""
    for zone in sorted(zones):
        tz = time_zone_of(zone)
        local = at.astimezone(tz).date()
        first, last = (
            datetime.datetime.combine(day, datetime.time(), tz) for day in (local, local + datetime.timedelta(days=1))
        )
        before, after = first.utcoffset(), last.utcoffset()
        if before is not None and after is not None and before != after:
            hours = (after - before).total_seconds() / 3_600
            way = "forward" if hours > 0 else "back"
            yield f"{local}: clocks in {zone} go {way} by {abs(hours):g} h, schedules follow local time"
