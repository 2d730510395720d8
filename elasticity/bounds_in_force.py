"""Which bounds hold at a moment: those declared, or what the last occurrence of a schedule has made of them.

Nothing restores a bound that a schedule has set, so the last occurrence of any schedule that sets it decides.
"""

from __future__ import annotations

import dataclasses
import datetime
import functools
from collections.abc import Iterator
from typing import Literal

from elasticity.platforms import platform_parameters
from elasticity.rules import Elasticity, Scheduled
from elasticity.schedules import occurrences, to_application

Side = Literal["minimum", "maximum"]
SIDES: tuple[Side, ...] = ("minimum", "maximum")
FIVE_FIELDS = 5
_INSTANT = datetime.timedelta(seconds=1)
_LOOKS_BACK = tuple(datetime.timedelta(days=days) for days in (1, 8, 40, 400, 1_500))
"""Ever further, so that a schedule of every minute is not walked through for years; the last reaches over a leap
day."""
_FIRST = datetime.datetime(1971, 1, 1, tzinfo=datetime.UTC)


@functools.lru_cache(maxsize=4_096)
def _times(
    cron: str, time_zone: str, start: datetime.datetime, end: datetime.datetime, dialect: str, clock_change: str
) -> tuple[datetime.datetime, ...]:
    return tuple(occurrences(cron, time_zone, start, end, dialect, clock_change=clock_change))


@functools.lru_cache(maxsize=4_096)
def _six_fields(cron: str) -> str:
    """The EventBridge form of a five-field expression; any other as it is."""
    return to_application(cron) if len(cron.split()) == FIVE_FIELDS else cron


def occurrences_of(
    rule: Scheduled,
    platform: str,
    start: datetime.datetime,
    end: datetime.datetime,
    clock_change: str = "skip_gap_first_repeat",
) -> tuple[datetime.datetime, ...]:
    """When a schedule fires from `start` (inclusive) to `end` (exclusive), UTC; raises ValueError where the platform
    cannot hold it.

    A rate without a start counts from the beginning of the window: from when AWS counts, nobody knows here.
    """
    dialect = platform_parameters(platform).behaviour.schedule_dialect
    start = max(start, rule.start) if rule.start else start
    end = min(end, rule.end) if rule.end else end
    start, end = start.astimezone(datetime.UTC), end.astimezone(datetime.UTC)
    if end <= start:
        return ()
    if rule.at is not None:
        return _times(rule.at, rule.time_zone, start, end, "at", clock_change)
    if rule.rate is not None:
        if dialect == "ec2":
            raise ValueError("an EC2 group has no rate: write it as `cron`")
        first = rule.start.astimezone(datetime.UTC) if rule.start else start
        times = _times(rule.rate, rule.time_zone, first, end, "rate", clock_change)
        return tuple(time for time in times if start <= time < end)
    cron = rule.cron or ""
    if dialect == "ec2":
        return _times(cron, rule.time_zone, start, end, "ec2", clock_change)
    return _times(_six_fields(cron), rule.time_zone, start, end, "application", clock_change)


@dataclasses.dataclass(frozen=True, slots=True)
class BoundInForce:
    """One bound at a moment, and who set it."""

    value: int
    rule: str = ""
    """Name of the schedule that set it last; empty where it is as declared."""
    since: datetime.datetime | None = None
    """When that was, UTC."""


def in_force(
    rules: Elasticity,
    platform: str,
    at: datetime.datetime,
    *,
    clock_change: str = "skip_gap_first_repeat",
) -> dict[Side, BoundInForce]:
    """Minimum and maximum that the schedules have left at the aware moment `at`, its own occurrences included.

    Two schedules of one minute act in the order of declaration. Looks back over four years. Raises ValueError that
    names the schedule that the platform cannot hold. Source: AASUG scheduled scaling (an end restores nothing).
    """
    held: dict[Side, BoundInForce] = {side: BoundInForce(getattr(rules, side)) for side in SIDES}
    for name, rule in rules.scheduled.items():
        sets = [side for side in SIDES if getattr(rule, side) is not None]
        try:
            last = _last(rule, platform, at, clock_change) if sets else None
        except ValueError as error:
            raise ValueError(f"scheduled.{name}: {error}") from None
        if last is None:
            continue
        for side in sets:
            since = held[side].since
            if since is None or last >= since:
                held[side] = BoundInForce(getattr(rule, side), name, last)
    return held


def owned_by_schedules(rules: Elasticity) -> Iterator[Side]:
    """The bounds that some schedule sets."""
    for side in SIDES:
        if any(getattr(rule, side) is not None for rule in rules.scheduled.values()):
            yield side


def _last(rule: Scheduled, platform: str, at: datetime.datetime, clock_change: str) -> datetime.datetime | None:
    until = min(at, rule.end) if rule.end else at
    if rule.at is not None:
        times = occurrences_of(rule, platform, _FIRST, at + _INSTANT, clock_change)
        return times[-1] if times else None
    for back in _LOOKS_BACK:
        times = occurrences_of(rule, platform, max(until - back, _FIRST), at + _INSTANT, clock_change)
        if times:
            return times[-1]
    return None
