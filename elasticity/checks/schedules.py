"""Findings on schedules: bounds that contradict each other, times that do not exist, floors that stay.

The language takes five cron fields on every platform and translates them; six only on services (docs/decisions/0004).
"""

from __future__ import annotations

import datetime
import heapq
import itertools
import math
import re
from collections.abc import Iterator

from elasticity.checks.context import LintContext
from elasticity.checks.finding import Finding, finding
from elasticity.checks.steps import shrinks
from elasticity.checks.timetable import Timetable, misread, six_fields
from elasticity.checks.words import listed
from elasticity.rules import Elasticity, Scheduled
from elasticity.schedules import ClockChange, time_zone_of

_SETS = ("minimum", "maximum", "desired")
_NUMBERED_WEEKDAY = re.compile(r"(?<![#/\d])\d")
_REVERSED_ZONE = re.compile(r"Etc/GMT[+-](?!0+$)\d+")


def el050(rules: Elasticity, context: LintContext) -> Iterator[Finding]:
    """Bounds of a schedule that contradict each other, or the base bounds that it leaves. Source: AASUG scheduled
    scaling."""
    for name, rule in rules.scheduled.items():
        low = rules.minimum if rule.minimum is None else rule.minimum
        high = rules.maximum if rule.maximum is None else rule.maximum
        if rule.minimum is None and rule.maximum is None:
            low, high = min(low, high), max(low, high)  # the base bounds have a code of their own
        path = ("scheduled", name)
        if low > high:
            field = "maximum" if rule.minimum is None else "minimum"
            whose = ["" if given is not None else "base " for given in (rule.minimum, rule.maximum)]
            message = f"{whose[0]}minimum {low} is above {whose[1]}maximum {high}"
            yield finding(
                "EL050", (*path, field), message, "set both bounds in this schedule, the minimum the lower one"
            )
        elif rule.desired is not None and not low <= rule.desired <= high:
            message = f"desired {rule.desired} lies outside {low} to {high}"
            yield finding(
                "EL050", (*path, "desired"), message, "set the bounds in the same schedule, or move it inside"
            )
    yield from _crossed(rules, context)


def _crossed(rules: Elasticity, context: LintContext) -> Iterator[Finding]:
    """Where, within the year that is looked at, a schedule sets one bound beyond the other that a schedule has set."""
    lowest = min((rule.maximum for rule in rules.scheduled.values() if rule.maximum is not None), default=math.inf)
    if all((rule.minimum or 0) <= lowest for rule in rules.scheduled.values()):
        return
    tables = [table for name, rule in rules.scheduled.items() if (table := Timetable.of(name, rule, context))]
    low, high, told = (rules.minimum, ""), (rules.maximum, ""), set()
    for minute, place in heapq.merge(*(_placed(table, place) for place, table in enumerate(tables))):
        name, rule = tables[place].name, tables[place].rule
        low = low if rule.minimum is None else (rule.minimum, name)
        high = high if rule.maximum is None else (rule.maximum, name)
        if low[0] > high[0] and "" not in (low[1], high[1]) and low[1] != high[1] and name not in told:
            told.add(name)
            local = minute.astimezone(tables[place].zone)
            message = (
                f"minimum {low[0]} of {low[1]} is above maximum {high[0]} of {high[1]}, "
                f"such as from {local:%Y-%m-%d %H:%M} {rule.time_zone}"
            )
            path = ("scheduled", name, "minimum" if rule.maximum is None else "maximum")
            yield finding("EL050", path, message, "set both bounds in this schedule, the minimum the lower one")


def _placed(table: Timetable, place: int) -> Iterator[tuple[datetime.datetime, int]]:
    return ((minute, place) for minute in table.minutes())


def el051(rules: Elasticity, context: LintContext) -> Iterator[Finding]:
    """A cron expression, rate or time that the platform cannot read."""
    for name, rule in rules.scheduled.items():
        fault = misread(rule, context.platform)
        if fault is not None:
            yield finding("EL051", ("scheduled", name, fault.field), fault.message, fault.cure)


def el052(rules: Elasticity, context: LintContext) -> Iterator[Finding]:
    """An unknown zone, or a local time that a clock change skips or repeats within the year that is looked at."""
    for name, rule in rules.scheduled.items():
        path = ("scheduled", name)
        try:
            time_zone_of(rule.time_zone)
        except ValueError as error:
            reason, _, cure = str(error).removeprefix("`time_zone`: ").partition(", ")
            yield finding("EL052", (*path, "time_zone"), reason, cure, severity="error")
            continue
        timetable = Timetable.of(name, rule, context)
        changes = timetable.clock_changes() if timetable else []
        if changes:
            message = f"{listed(_first_of_each_kind(changes))} in {rule.time_zone}"
            cure = "choose a time outside 00:00 to 03:00, or UTC"
            yield finding("EL052", (*path, "at" if rule.at else "cron"), message, cure)


def _first_of_each_kind(changes: list[ClockChange]) -> Iterator[str]:
    for kind, what in (("skipped", "does not exist on"), ("repeated", "comes twice on")):
        first = next((change.local for change in changes if change.kind == kind), None)
        if first is not None:
            yield f"{first:%H:%M} {what} {first:%Y-%m-%d}"


def el053(rules: Elasticity, context: LintContext) -> Iterator[Finding]:
    """Two schedules that set one bound to different values at one minute of the year that is looked at."""
    tables = [table for name, rule in rules.scheduled.items() if (table := Timetable.of(name, rule, context))]
    for first, second in itertools.combinations(tables, 2):
        contradicted = _contradicted(first.rule, second.rule)
        if contradicted is None or not first.may_meet(second):
            continue
        rare, frequent = sorted((first, second), key=lambda table: table.per_day)
        minute = next((minute for minute in rare.minutes() if frequent.fires(minute)), None)
        if minute is not None:
            local = minute.astimezone(second.zone)
            values = " and ".join(str(getattr(table.rule, contradicted)) for table in (first, second))
            message = (
                f"{first.name} and {second.name} set {contradicted} to {values} at one minute, "
                f"such as {local:%Y-%m-%d %H:%M} {second.rule.time_zone}"
            )
            cure = "move one of them by a few minutes, or exclude its days from the other"
            yield finding("EL053", ("scheduled", second.name), message, cure)


def _contradicted(first: Scheduled, second: Scheduled) -> str | None:
    """The first bound that both set, to different values."""
    for field in _SETS:
        values = getattr(first, field), getattr(second, field)
        if None not in values and values[0] != values[1]:
            return field
    return None


def el054(rules: Elasticity, context: LintContext) -> Iterator[Finding]:
    """A weekday by number in six fields, where 1 is Sunday. Source: EventBridge guide, cron expressions."""
    for name, rule in rules.scheduled.items():
        if six_fields(rule) and _NUMBERED_WEEKDAY.search((rule.cron or "").split()[4]):
            message = "in six fields the weekday 1 is Sunday, in five fields it is Monday"
            yield finding("EL054", ("scheduled", name, "cron"), message, "write weekdays by name, such as MON-FRI")


def el055(rules: Elasticity, context: LintContext) -> Iterator[Finding]:
    """A zone whose sign is the reverse of what most readers expect. Source: IANA, theory of the tz database."""
    for name, rule in rules.scheduled.items():
        if _REVERSED_ZONE.fullmatch(rule.time_zone):
            hours = rule.time_zone.removeprefix("Etc/GMT")
            meant = f"UTC{'-' if hours[0] == '+' else '+'}{hours[1:]}"
            message = f"{rule.time_zone} is {meant}"
            cure = "name a city's zone, such as Europe/Berlin, or accept the finding if that offset is meant"
            yield finding("EL055", ("scheduled", name, "time_zone"), message, cure)


def el056(rules: Elasticity, context: LintContext) -> Iterator[Finding]:
    """A schedule raises the minimum and none lowers it again, or nothing removes what it brought. Source:
    containers-roadmap #2271; AASUG scheduled scaling: a lower minimum removes nothing."""
    raising = {
        name: rule.minimum
        for name, rule in rules.scheduled.items()
        if rule.minimum is not None and rule.minimum > rules.minimum
    }
    for name, raised in raising.items():
        path = ("scheduled", name, "minimum")
        what = f"{name} raises the minimum from {rules.minimum} to {raised}"
        once = rules.scheduled[name].at is not None
        lowers = (
            other.minimum < raised and (once or other.at is None)
            for other in rules.scheduled.values()
            if other.minimum is not None
        )
        if not any(lowers):
            cure = f"add a schedule that sets `minimum: {rules.minimum}` when the time is over; an end restores nothing"
            yield finding("EL056", path, f"{what}, and no schedule lowers it again", cure)
        elif not _removes(rules, raised) and not context.behaviour.by_reservation:  # ECS removes idle instances
            cure = "let a rule scale in, or lower the `maximum` for a while too"
            message = f"{what}; a lower minimum removes nothing by itself, and no rule scales in"
            yield finding("EL056", path, message, cure)


def el057(rules: Elasticity, context: LintContext) -> Iterator[Finding]:
    """A schedule that never happens, on the first day that is looked at or later: a date that no year has, a time or an
    end that has gone by."""
    for name, rule in rules.scheduled.items():
        timetable = Timetable.of(name, rule, context)
        if timetable is not None and timetable.gone:
            field = "at" if rule.at is not None else "end" if "ended" in timetable.gone else "cron"
            message = f"{name} never happens: {timetable.gone}"
            yield finding("EL057", ("scheduled", name, field), message, "correct the time, or remove the schedule")


def _removes(rules: Elasticity, raised: int) -> bool:
    """Whether anything takes capacity away again that a minimum of `raised` has brought."""
    return (
        any(rule.scale_in for rule in rules.target_tracking.values())
        or any(shrinks(rule) for rule in rules.step_scaling.values())
        or any(
            bound is not None and bound < raised
            for rule in rules.scheduled.values()
            for bound in (rule.maximum, rule.desired)
        )
    )
