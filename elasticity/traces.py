"""Loads: named shapes with numbers, and recorded traces from files.

A `Load` is a rate over time in requests (or messages) per second, one value per step. Everything that leaves this
module is finite and not negative; what was missing in a file is filled in and counted. Reading files is here and
nowhere else in `elasticity`.
"""

from __future__ import annotations

import dataclasses
import datetime
import math
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Literal, get_args

import numpy as np
import numpy.typing as npt

Reals = npt.NDArray[np.float64]
Interpolation = Literal["step", "linear"]
EPOCH = datetime.datetime(2026, 1, 5, tzinfo=datetime.UTC)
"""Where loads without a time of their own begin: a Monday, midnight UTC."""
YEARS = (1970, 2199)
"""First and last year of a load: those that schedules know (EventBridge guide, cron expressions)."""
MOST_POINTS = 50_000_000
"""Largest number of points or ticks of one load; a year in seconds is 31.5 million."""


class TraceError(ValueError):
    """A load that cannot be read or made; the message says where, what was found, what is allowed."""


def _rates(values: npt.ArrayLike, what: str) -> Reals:
    array = np.array(values, dtype=np.float64)
    if array.ndim != 1 or array.size == 0:
        raise TraceError(f"{what}: got no values, expected at least one")
    if not np.all(np.isfinite(array)) or np.any(array < 0):
        raise TraceError(f"{what}: got a value that is negative or not finite, allowed finite numbers from 0 up")
    array.flags.writeable = False
    return array


@dataclasses.dataclass(frozen=True, eq=False)
class Load:
    """Requests per second over time, one value per `step` seconds, from `start` on."""

    values: Reals
    """Requests per second, shape (points,), read-only."""
    step: int
    """Seconds between points, a whole number."""
    start: datetime.datetime = EPOCH
    """Time of the first point, aware."""
    interpolation: Interpolation = "step"
    """`step`: a value holds until the next; `linear`: straight lines between points, the last value holds."""
    columns: Mapping[str, Reals] = dataclasses.field(default_factory=dict)
    """Other metrics by name, in their own unit, at the same times; NaN where missing."""
    name: str = "load"
    filled: int = 0
    """Points that were missing in the file and were filled in."""
    filled_with: str = "taken as the value before them"
    """What stands for them."""
    origin: str = ""
    """What was recognised in the file that the load was read from; empty for others."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "values", _rates(self.values, self.name))
        if self.step < 1 or int(self.step) != self.step:
            raise TraceError(f"{self.name}: got a step of {self.step} s, allowed whole seconds from 1 up")
        if self.start.tzinfo is None:
            raise TraceError(f"{self.name}: got a start without a time zone, expected one such as 2026-01-05T00:00:00Z")
        if not YEARS[0] <= self.start.year <= YEARS[1]:
            raise TraceError(
                f"{self.name}: got a start in the year {self.start.year}, allowed {YEARS[0]} to {YEARS[1]}"
            )
        if self.interpolation not in get_args(Interpolation):
            raise TraceError(f"{self.name}: got interpolation {self.interpolation!r}, allowed step, linear")
        columns: dict[str, Reals] = {}
        for name, values in self.columns.items():
            array = np.array(values, dtype=np.float64)
            if array.shape != self.values.shape or np.any(np.isinf(array)):
                raise TraceError(f"{self.name}: column {name} needs one finite or missing value for each point")
            array.flags.writeable = False
            columns[name] = array
        object.__setattr__(self, "columns", MappingProxyType(columns))
        if len(self.values) > MOST_POINTS:
            raise TraceError(
                f"{self.name}: got more than {MOST_POINTS} points: take a coarser step or a shorter window"
            )

    @property
    def seconds(self) -> int:
        """Length in seconds."""
        return len(self.values) * self.step

    @property
    def end(self) -> datetime.datetime:
        """Time at which the last step ends."""
        return self.start + datetime.timedelta(seconds=self.seconds)

    def scaled(self, factor: float) -> Load:
        """The same load times `factor`; other columns stay."""
        if not (math.isfinite(factor) and factor >= 0):
            raise TraceError(f"scale: got {factor}, allowed finite numbers from 0 up")
        return dataclasses.replace(self, values=self.values * factor)

    def shifted(self, seconds: float) -> Load:
        """The same load, later by `seconds` (earlier where negative), a whole number."""
        if not math.isfinite(seconds) or int(seconds) != seconds:
            raise TraceError(f"shift: got {seconds} s, allowed whole seconds")
        try:
            start = self.start + datetime.timedelta(seconds=int(seconds))
        except OverflowError:
            raise TraceError(f"shift: got {seconds:g} s, which leads outside {YEARS[0]} to {YEARS[1]}") from None
        return dataclasses.replace(self, start=start)

    def repeated(self, times: int) -> Load:
        """The load `times` times, one after the other, its columns too."""
        if times < 1 or int(times) != times:
            raise TraceError(f"repeat: got {times}, allowed whole numbers from 1 up")
        if len(self.values) * times > MOST_POINTS:
            raise TraceError(f"repeat: got {times} times {len(self.values)} points, allowed {MOST_POINTS} in all")
        columns = {name: np.tile(values, times) for name, values in self.columns.items()}
        return dataclasses.replace(
            self, values=np.tile(self.values, times), columns=columns, filled=self.filled * int(times)
        )

    def window(self, first: int, points: int) -> Load:
        """`points` points from the point `first` (from 0) on."""
        values = self.values[first : first + points]
        if first < 0 or points < 1 or len(values) < points:
            raise TraceError(f"window: got points {first} to {first + points}, allowed 0 to {len(self.values)}")
        return dataclasses.replace(
            self,
            values=values,
            columns={name: column[first : first + points] for name, column in self.columns.items()},
            start=self.start + datetime.timedelta(seconds=first * self.step),
            filled=min(self.filled, points),
        )

    def with_noise(self, seed: int) -> Load:
        """Poisson counts per step around this load, drawn with `seed` (numpy PCG64): arrivals vary as independent
        users do."""
        if isinstance(seed, bool) or not isinstance(seed, int) or seed < 0:
            raise TraceError("noise: got no seed, expected a whole number from 0 up, so that a run can be repeated")
        generator = np.random.Generator(np.random.PCG64(seed))
        return dataclasses.replace(self, values=generator.poisson(self.values * self.step) / self.step)

    def with_columns(self, columns: Mapping[str, npt.ArrayLike]) -> Load:
        """The load with further metrics beside it, one value per point."""
        return dataclasses.replace(
            self, columns={**self.columns, **{name: np.asarray(values) for name, values in columns.items()}}
        )

    def per_tick(self, tick: int, ticks: int | None = None) -> Reals:
        """Mean requests per second in each tick of `tick` seconds, shape (ticks,): by default as many as fit whole."""
        ticks = self.seconds // tick if ticks is None else ticks
        if self.interpolation == "linear":
            middles = np.arange(ticks) * float(tick) + tick / 2
            points = np.arange(len(self.values)) * float(self.step)
            return np.asarray(np.interp(middles, points, self.values), dtype=np.float64)
        return _resampled(self.values, self.step, tick, ticks)

    def column_per_tick(self, name: str, tick: int, ticks: int) -> Reals:
        """A further metric in each tick, shape (ticks,): the value in force, or the mean of those within the tick."""
        return _resampled(self.columns[name], self.step, tick, ticks)


def _resampled(values: Reals, step: int, tick: int, ticks: int) -> Reals:
    """Step-wise `values` in ticks; the mean of equal values is exactly that value."""
    if step % tick == 0:
        return np.repeat(values, step // tick)[:ticks]
    grain = math.gcd(step, tick)
    fine = values if grain == step else np.repeat(values, step // grain)
    rows = fine[: ticks * (tick // grain)].reshape(ticks, tick // grain)
    origin = rows[:, :1]
    return np.asarray((origin + (rows - origin).mean(axis=1, keepdims=True))[:, 0], dtype=np.float64)


def _points(duration: float, resolution: int, what: str) -> int:
    if resolution < 1 or int(resolution) != resolution:
        raise TraceError(f"{what}: got a resolution of {resolution} s, allowed whole seconds from 1 up")
    points = duration / resolution
    if not math.isfinite(points) or points < 1 or int(points) != points:
        raise TraceError(
            f"{what}: got a duration of {duration:g} s, allowed whole multiples of the resolution of {resolution} s"
        )
    if points > MOST_POINTS:
        raise TraceError(f"{what}: got {points:.0f} points, allowed {MOST_POINTS}: take a coarser resolution")
    return int(points)


def _times(duration: float, resolution: int, what: str) -> Reals:
    return np.arange(_points(duration, resolution, what), dtype=np.float64) * float(resolution)


def _within(at: float, duration: float, what: str) -> None:
    """Refuse a load that would never leave its first rate."""
    if not at < duration:
        raise TraceError(f"{what}: got `at` {at:g} s, allowed below the duration of {duration:g} s")


def _share(value: float, name: str, what: str) -> float:
    if not 0 <= value <= 1:
        raise TraceError(f"{what}: got {name} {value}, allowed 0 to 1")
    return value


def _made(name: str, values: npt.ArrayLike, resolution: int, start: datetime.datetime) -> Load:
    return Load(values=np.asarray(values, dtype=np.float64), step=int(resolution), start=start, name=name)


def steady(rate: float, duration: float, *, resolution: int = 60, start: datetime.datetime = EPOCH) -> Load:
    """`rate` requests per second for `duration` seconds."""
    return _made("steady", np.full(_points(duration, resolution, "steady"), float(rate)), resolution, start)


def ramp(
    before: float,
    after: float,
    duration: float,
    *,
    lead: float = 0,
    hold: float = 0,
    resolution: int = 60,
    start: datetime.datetime = EPOCH,
) -> Load:
    """`before` for `lead` seconds, then a straight rise or fall to `after` over `duration`, then `after` for `hold`."""
    times = _times(lead + duration + hold, resolution, "ramp")
    share = np.clip((times + resolution / 2 - lead) / duration, 0.0, 1.0)
    return _made("ramp", before + (after - before) * share, resolution, start)


def step(
    before: float,
    after: float,
    *,
    at: float,
    duration: float,
    resolution: int = 60,
    start: datetime.datetime = EPOCH,
) -> Load:
    """`before`, and from `at` seconds on `after`; `duration` in all, longer than `at`."""
    _within(at, duration, "step")
    times = _times(duration, resolution, "step")
    return _made("step", np.where(times < at, float(before), float(after)), resolution, start)


def spike(
    base: float,
    peak: float,
    *,
    at: float,
    length: float,
    duration: float,
    resolution: int = 60,
    start: datetime.datetime = EPOCH,
) -> Load:
    """`base`, but `peak` for `length` seconds from `at` on; `duration` in all, longer than `at`."""
    _within(at, duration, "spike")
    times = _times(duration, resolution, "spike")
    return _made("spike", np.where((times >= at) & (times < at + length), float(peak), float(base)), resolution, start)


def square(
    low: float,
    high: float,
    *,
    period: float,
    duration: float,
    high_share: float = 0.5,
    resolution: int = 60,
    start: datetime.datetime = EPOCH,
) -> Load:
    """`low`, then `high` for the last `high_share` of each `period` seconds, again and again."""
    if not period >= resolution:
        raise TraceError(f"square: got a period of {period:g} s, allowed from the resolution of {resolution} s up")
    phase = _times(duration, resolution, "square") % period
    edge = period * (1 - _share(high_share, "high_share", "square"))
    return _made("square", np.where(phase >= edge, float(high), float(low)), resolution, start)


def daily(
    low: float,
    high: float,
    *,
    peak_hour: float = 14.0,
    days: float = 1,
    resolution: int = 60,
    start: datetime.datetime = EPOCH,
) -> Load:
    """A cosine over the day between `low` and `high` with its peak at `peak_hour` (0 to 24, UTC)."""
    times = _times(days * 86_400, resolution, "daily") + _second_of_day(start)
    wave = (1 + np.cos((times / 3_600 - peak_hour) * (2 * math.pi / 24))) / 2
    return _made("daily", low + (high - low) * wave, resolution, start)


def weekly(
    low: float,
    high: float,
    *,
    peak_hour: float = 14.0,
    weekend: float = 0.5,
    weeks: float = 1,
    resolution: int = 60,
    start: datetime.datetime = EPOCH,
) -> Load:
    """As `daily`, with the rise above `low` times `weekend` (0 to 1) on Saturday and Sunday, UTC."""
    load = daily(low, high, peak_hour=peak_hour, days=weeks * 7, resolution=resolution, start=start)
    utc = start.astimezone(datetime.UTC)
    days = (utc.weekday() * 86_400 + _second_of_day(start) + np.arange(len(load.values)) * resolution) // 86_400 % 7
    factor = np.where(days >= 5, _share(weekend, "weekend", "weekly"), 1.0)
    return _made("weekly", low + (load.values - low) * factor, resolution, start)


def _second_of_day(start: datetime.datetime) -> int:
    utc = start.astimezone(datetime.UTC)
    return utc.hour * 3_600 + utc.minute * 60 + utc.second


SHAPES: Mapping[str, Callable[..., Load]] = MappingProxyType(
    {made.__name__: made for made in (steady, ramp, step, spike, square, daily, weekly)}
)
"""The named shapes."""


def shape(name: str, **numbers: object) -> Load:
    """A named shape from its numbers by keyword; raises TraceError that lists what is allowed."""
    make = SHAPES.get(name)
    if make is None:
        raise TraceError(f"not a load shape: got {name!r}, allowed {', '.join(SHAPES)}")
    try:
        return make(**numbers)
    except TypeError as error:
        allowed = ", ".join(make.__annotations__.keys() - {"return"})
        raise TraceError(f"{name}: {str(error).split('() ')[-1]}; its numbers are {allowed}") from None


def combined(loads: Sequence[Load], name: str = "sum") -> Load:
    """The sum of loads of one start and step, as long as the shortest."""
    if not loads or len({(load.start, load.step) for load in loads}) != 1:
        raise TraceError("sum: expected loads of the same start and step")
    points = min(len(load.values) for load in loads)
    total = np.sum([load.values[:points] for load in loads], axis=0)
    return dataclasses.replace(loads[0], values=total, columns={}, name=name)
