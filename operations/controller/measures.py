"""From what tasks say of themselves to datapoints: counters that grow become rates over a period, of each task by its
own earlier reading. Pure; who reads tasks stands in `operations.live.swarm`."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Protocol

from operations.controller.decisions import Key
from operations.controller.loop import View

ENOUGH = 0.5
"""Share of the running tasks that must have been read: fewer do not speak for all [own]."""
NEAR = 0.5
"""Share of a period that two readings must be apart [own]."""
MINUTE, PERCENT = 60.0, 100.0


@dataclasses.dataclass(frozen=True)
class Reading:
    """What one task said. Counters grow from the task's start; None for what was not read."""

    time: float
    """Seconds; only differences count."""
    cpu: float | None = None
    """Core-seconds used, a counter."""
    cores: float = 1.0
    """Of the task's limit, or of its node."""
    memory: float | None = None
    """Percent of its limit, or of its node."""
    requests: float | None = None
    """Answered, a counter."""
    seconds: float | None = None
    """That answers took, all together, a counter."""
    answers: float | None = None
    """Those whose time is in `seconds`, a counter."""
    average: float | None = None
    """Mean seconds of late answers, a gauge."""
    shared: bool = False
    """Whether it counts for all tasks, as a proxy does, and is no task itself."""


class Readers(Protocol):
    """Whoever reads tasks."""

    unread: str
    """Which tasks the last look did not read, why, and what to do; empty where all were."""

    def read(self, view: View) -> Mapping[str, Reading]:
        """By task, of those that answered."""

    def query(self, metric: str, period: int, view: View) -> float | None:
        """A metric's value from elsewhere, NaN where there is none; None where it is not read from elsewhere."""


class TaskMeasures:
    """Datapoints of one service from readings of its tasks."""

    def __init__(self, readers: Readers, longest: int) -> None:
        self._readers, self._longest = readers, longest
        self._read: dict[int, Mapping[str, Reading]] = {}

    @property
    def unread(self) -> str:
        """Which tasks the last sample did not read, and why."""
        return self._readers.unread

    def sample(self, view: View, second: int) -> None:
        """Read all tasks, and forget what is older than the longest period."""
        self._read[second] = self._readers.read(view)
        for old in [known for known in self._read if known < second - self._longest]:
            del self._read[old]

    def datapoint(self, key: Key, view: View, second: int) -> float:
        """The datapoint of the period that ends now."""
        asked = self._readers.query(*key, view)
        return self._formula(key, view, second) if asked is None else asked

    def _formula(self, key: Key, view: View, second: int) -> float:
        metric, period = key
        times = sorted(known for known in self._read if second - period <= known <= second)
        if not times or metric not in _FORMULAS:
            return math.nan
        now, before = self._read[times[-1]], self._read[times[0]]
        if metric == "memory":
            return _memory([self._read[time] for time in times if time > second - period], view.counts.serving)
        if len(times) == 1 or times[-1] - times[0] < NEAR * period:
            return math.nan
        return _FORMULAS[metric](before, now, view.counts.serving)

    def measured(self, view: View, every: int, second: int) -> Mapping[str, float]:
        """What tasks have said of the seconds since the tick before, by metric."""
        found = {metric: self._formula((metric, every), view, second) for metric in _FORMULAS}
        return {metric: value for metric, value in found.items() if not math.isnan(value)}


def _mean(values: Iterable[float], running: int) -> float:
    """Mean over the tasks that say something; missing where these are too few."""
    found = list(values)
    return math.fsum(found) / len(found) if found and len(found) >= ENOUGH * running else math.nan


def _memory(readings: Iterable[Mapping[str, Reading]], running: int) -> float:
    means = [_mean((one.memory for one in read.values() if one.memory is not None), running) for read in readings]
    known = [mean for mean in means if not math.isnan(mean)]
    return math.fsum(known) / len(known) if known else math.nan


def _cpu(before: Mapping[str, Reading], now: Mapping[str, Reading], running: int) -> float:
    """Percent of the limit, mean over the tasks that were there at both ends."""

    def shares() -> Iterable[float]:
        for task, one in now.items():
            earlier = before.get(task)
            if earlier is None or one.cpu is None or earlier.cpu is None or one.time <= earlier.time:
                continue
            if one.cpu >= earlier.cpu:
                yield PERCENT * (one.cpu - earlier.cpu) / (one.time - earlier.time) / one.cores

    return _mean(shares(), running)


def _growth(name: str, before: Mapping[str, Reading], now: Mapping[str, Reading]) -> list[float]:
    """Growth of a counter by task: of one that came meanwhile, or began anew, all that it has counted."""
    found = []
    for task, one in now.items():
        value = getattr(one, name)
        if value is None:
            continue
        earlier = getattr(before[task], name) if task in before else 0.0
        if earlier is not None:
            found.append(value - earlier if value >= earlier else value)
    return found


def _requests(before: Mapping[str, Reading], now: Mapping[str, Reading], running: int) -> float:
    """Requests per minute, mean over the tasks."""
    if not before:
        return math.nan
    if any(one.shared for one in now.values()):
        return _shared(before, now, running)
    apart = max(one.time for one in now.values()) - min(one.time for one in before.values()) if now else 0.0
    if apart <= 0:  # a clock was set back
        return math.nan
    return _mean((MINUTE * growth / apart for growth in _growth("requests", before, now)), running)


def _shared(before: Mapping[str, Reading], now: Mapping[str, Reading], running: int) -> float:
    """Requests per minute and running task, counted by what stands in front of them."""
    ends = [
        {name: one for name, one in readings.items() if one.shared and one.requests is not None}
        for readings in (before, now)
    ]
    if not all(ends) or not running:
        return math.nan
    apart = max(one.time for one in ends[1].values()) - min(one.time for one in ends[0].values())
    return MINUTE * math.fsum(_growth("requests", *ends)) / apart / running if apart > 0 else math.nan


def _response_time(before: Mapping[str, Reading], now: Mapping[str, Reading], _running: int) -> float:
    """Mean seconds of an answer; missing where there was none."""
    averages = [one.average for one in now.values() if one.average is not None]
    if averages:
        return math.fsum(averages) / len(averages)
    answers = math.fsum(_growth("answers", before, now))
    return math.fsum(_growth("seconds", before, now)) / answers if answers else math.nan


_FORMULAS = MappingProxyType(
    {"cpu": _cpu, "requests_per_target": _requests, "response_time": _response_time, "memory": _cpu}
)
"""By metric, its datapoint of the readings at both ends of a period; memory is no difference, see `_memory`."""
