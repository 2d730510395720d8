"""What goes wrong in a run because it is declared: a zone that is lost, Spot interruptions, a deployment, a limit
downstream."""

from __future__ import annotations

import dataclasses
import itertools
import math
from collections.abc import Collection, Iterator, Mapping

import numpy as np
import numpy.typing as npt

from elasticity.simulator.plant.state import DEPLOY, DEPLOYED, LOSE_SHARE, LOSE_TOLD, MILLION, TELL

WARNING = 120.0
"""Seconds from a Spot interruption's notice to its end. Source: EC2 user guide, Spot instance interruption notices."""
MOST_INTERRUPTIONS = 100_000
HOUR = 3_600.0
Row = tuple[int, int, int, int]
"""Second, kind, amount and other number of an event of the kernel."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class ZoneLoss:
    """A share of the units, those that start included, is gone at once `at` seconds from the start; what is desired is
    launched again, elsewhere."""

    at: float
    share: float
    """0 to 1, rounded up to whole units: of units spread evenly, those of the fullest zone."""

    def faults(self) -> Iterator[str]:
        """What is wrong with it."""
        if not 0 < self.share <= 1:
            yield f"share: got {self.share:g}, allowed above 0 up to 1"
        yield from _time_faults(self.at)

    def rows(self, _seconds: int) -> Iterator[Row]:
        """Its events."""
        yield (_whole(self.at), LOSE_SHARE, round(self.share * MILLION), 0)

    def __str__(self) -> str:
        return f"{100 * self.share:g} % of the units are gone at once {_clock(self.at)} after the start"


@dataclasses.dataclass(frozen=True, kw_only=True)
class SpotInterruptions:
    """Units are told to go, `units` at a time, serve on for `warning` seconds and are gone; others are launched as they
    are told."""

    at: tuple[float, ...] = ()
    """Seconds from the start."""
    per_hour: float = 0.0
    """So many an hour beside those, as a Poisson process drawn with `seed`."""
    seed: int = 0
    units: int = 1
    warning: float = WARNING

    def faults(self) -> Iterator[str]:
        """What is wrong with it."""
        if not (self.at or self.per_hour):
            yield "give `at` or `per_hour`"
        if not 0 <= self.per_hour <= HOUR:
            yield f"per_hour: got {self.per_hour:g}, allowed 0 to {HOUR:g}"
        if self.units < 1:
            yield f"units: got {self.units}, allowed 1 and more"
        yield from _time_faults(*self.at, self.warning)

    def times(self, seconds: int) -> list[float]:
        """When they are told, within so many seconds."""
        drawn: list[float] = []
        if self.per_hour:
            chance, time = np.random.default_rng(self.seed), 0.0
            while len(drawn) < MOST_INTERRUPTIONS:
                time += float(chance.exponential(HOUR / self.per_hour))
                if time >= seconds:
                    break
                drawn.append(time)
        return sorted([*self.at, *drawn])

    def rows(self, seconds: int) -> Iterator[Row]:
        """Their events."""
        for time in self.times(seconds):
            yield (_whole(time), TELL, self.units, 0)
            yield (_whole(time + self.warning), LOSE_TOLD, self.units, 0)

    def __str__(self) -> str:
        often = [f"{_clock(time)} after the start" for time in self.at]
        often += [f"{self.per_hour:g} times an hour (seed {self.seed})"] if self.per_hour else []
        counted = f"{self.units} unit{'' if self.units == 1 else 's'}"
        return f"Spot takes {counted} {', '.join(often)}, with a warning of {self.warning:g} s"


@dataclasses.dataclass(frozen=True, kw_only=True)
class RollingDeployment:
    """A rolling deployment of a service for `length` seconds: scale-in is suspended; where `maximum_percent` leaves
    room for another task, such tasks are paid beside the others, else only `minimum_percent` of those desired serve."""

    at: float
    length: float
    minimum_percent: int = 100
    maximum_percent: int = 200

    def faults(self) -> Iterator[str]:
        """What is wrong with it."""
        if not (math.isfinite(self.length) and self.length > 0):
            yield f"length: got {self.length:g}, allowed finite seconds above 0"
        if not 0 <= self.minimum_percent <= 100:
            yield f"minimum_percent: got {self.minimum_percent}, allowed 0 to 100"
        if not 100 <= self.maximum_percent <= 200:
            yield f"maximum_percent: got {self.maximum_percent}, allowed 100 to 200"
        if self.minimum_percent == self.maximum_percent:
            yield "minimum_percent: is that of the maximum: ECS could neither stop nor start a task"
        yield from _time_faults(self.at)

    @property
    def end(self) -> float:
        """Seconds from the start."""
        return self.at + self.length

    def rows(self, _seconds: int) -> Iterator[Row]:
        """Its events."""
        yield (_whole(self.at), DEPLOY, self.minimum_percent, self.maximum_percent)
        yield (_whole(self.end), DEPLOYED, 0, 0)

    def __str__(self) -> str:
        return (
            f"a deployment {_clock(self.at)} after the start takes {_clock(self.length)}, between "
            f"{self.minimum_percent} and {self.maximum_percent} % of the units"
        )


@dataclasses.dataclass(frozen=True, kw_only=True)
class DownstreamLimit:
    """What lies behind all units takes no more than `rate` requests per second, or has `connections` of which each unit
    holds `per_unit`: further units are of no use."""

    rate: float | None = None
    connections: int | None = None
    per_unit: int | None = None

    def faults(self) -> Iterator[str]:
        """What is wrong with it."""
        if (self.rate is None) == (self.connections is None):
            yield "give either `rate`, or `connections` with `per_unit`"
        if (self.connections is None) != (self.per_unit is None):
            yield "give `connections` and `per_unit` together"
        if self.rate is not None and not self.rate > 0:
            yield f"rate: got {self.rate:g}, allowed above 0"
        for name in ("connections", "per_unit"):
            value = getattr(self, name)
            if value is not None and value < 1:
                yield f"{name}: got {value}, allowed 1 and more"

    def rows(self, _seconds: int) -> Iterator[Row]:
        """It is there all the time."""
        yield from ()

    def most(self, capacity: float) -> float:
        """Requests per second of all units, of which one serves `capacity`."""
        if self.rate is not None:
            return self.rate
        return (self.connections or 0) // (self.per_unit or 1) * capacity

    def __str__(self) -> str:
        if self.rate is not None:
            return f"what lies behind the units takes {self.rate:g} requests/s"
        return (
            f"what lies behind the units has {self.connections} connections, {self.per_unit} for each: more than "
            f"{(self.connections or 0) // (self.per_unit or 1)} units are of no use"
        )


Failure = ZoneLoss | SpotInterruptions | RollingDeployment | DownstreamLimit
Failures = Mapping[str, Failure]


def faults_of(failures: Failures, *, deploys: bool) -> Iterator[str]:
    """What is wrong with them, each by its name; `deploys`: whether the platform has rolling deployments."""
    for name, one in failures.items():
        yield from (f"failures.{name}.{fault}" for fault in one.faults())
        if isinstance(one, RollingDeployment) and not deploys:
            yield f"failures.{name}: deployments are of services: a group refreshes its instances"
    rolling = sorted((one.at, one.end, name) for name, one in failures.items() if isinstance(one, RollingDeployment))
    for (_, end, first), (begin, _, second) in itertools.pairwise(rolling):
        if begin < end:
            yield f"failures.{second}: begins while {first} runs: a service has one deployment at a time"


def drawn_at_a_rate(failure: Failure) -> bool:
    """Whether its times are drawn with a seed."""
    return isinstance(failure, SpotInterruptions) and failure.per_hour > 0


def redrawn(failures: Failures, seed: tuple[int, ...], names: Collection[str] | None = None) -> Failures:
    """The same with the times that are drawn at a rate drawn anew, of all or of those named: one run of an ensemble."""
    found: dict[str, Failure] = {}
    for place, (name, one) in enumerate(failures.items()):
        if isinstance(one, SpotInterruptions) and drawn_at_a_rate(one) and (names is None or name in names):
            drawn = np.random.SeedSequence((*seed, place, one.seed)).generate_state(1, np.uint64)
            found[name] = dataclasses.replace(one, seed=int(drawn[0]))
        else:
            found[name] = one
    return found


def events_of(failures: Failures, seconds: int, tick: int) -> npt.NDArray[np.int64]:
    """Their events in order of time, at whole ticks, as flat rows of `plant.state.EVENT`."""
    rows = [
        (math.ceil(second / tick) * tick, *rest, place)
        for place, one in enumerate(failures.values())
        for second, *rest in one.rows(seconds)
    ]
    rows.sort(key=lambda row: row[0])
    return np.array([row for row in rows if row[0] < seconds], dtype=np.int64).reshape(-1)


def power_limit(failures: Failures, capacity: float) -> float:
    """Requests per second that all units can serve together, whatever their number."""
    return min((one.most(capacity) for one in failures.values() if isinstance(one, DownstreamLimit)), default=math.inf)


def _time_faults(*times: float) -> Iterator[str]:
    for time in times:
        if not (math.isfinite(time) and time >= 0):
            yield f"got {time:g} as a time, allowed finite seconds from 0 up"


def _whole(seconds: float) -> int:
    return math.ceil(seconds - 1e-9)


def _clock(seconds: float) -> str:
    hours, rest = divmod(round(seconds), 3_600)
    return f"{hours}:{rest // 60:02}:{rest % 60:02}"
