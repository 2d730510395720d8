"""What published logs say, in the terms of the simulation: the figures that a calibration table sets beside simulated
ones."""

from __future__ import annotations

import datetime
from collections.abc import Sequence

_DAY = 86_400


def _seconds(clock: str) -> float:
    time = datetime.time.fromisoformat(clock)
    return time.hour * 3_600 + time.minute * 60 + time.second + time.microsecond / 1e6


def _duration(start: str, end: str) -> float:
    """Seconds between two clock times, the later one perhaps on the next day, or between two full times."""
    if "-" in start:  # a date, which no clock time holds
        return (datetime.datetime.fromisoformat(end) - datetime.datetime.fromisoformat(start)).total_seconds()
    return (_seconds(end) - _seconds(start)) % _DAY


def activity_durations(activities: Sequence[tuple[str, str]], warm_up: float = 0.0) -> tuple[list[float], list[float]]:
    """Seconds that scaling activities lasted, and the launch time within: the duration less the warm-up that the log
    includes.

    `activities` are (start, end) clock times, hh:mm:ss, where an end before its start lies on the next day, or full
    times. Raises ValueError on text that is no time, or where the warm-up is longer than an activity.
    """
    durations = [_duration(start, end) for start, end in activities]
    if any(duration < warm_up for duration in durations):
        raise ValueError("`warm_up`: longer than an activity")
    return durations, [duration - warm_up for duration in durations]


def effect_delays(
    state_changes: Sequence[datetime.datetime], capacity_changes: Sequence[datetime.datetime]
) -> list[float]:
    """Seconds from each alarm state change to the capacity change that belongs to it, pair by pair.

    Raises ValueError where the two series differ in length, or an effect lies before its cause.
    """
    if len(state_changes) != len(capacity_changes):
        raise ValueError("`state_changes` and `capacity_changes`: expected one capacity change per state change")
    delays = [(effect - cause).total_seconds() for cause, effect in zip(state_changes, capacity_changes, strict=True)]
    if any(delay < 0 for delay in delays):
        raise ValueError("`capacity_changes`: one lies before its state change")
    return delays
