"""What a recording tells of a service and of the scaling service behind it, each number with an interval.

Capacity, idle cpu and service time are regressions (scipy); the times and shares of the scaling service are read from
each activity and the datapoints before it, and their interval from how the readings differ. Nothing is simulated, so
that a replay afterwards is a test of what was found and no repetition of it.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from elasticity.platforms import PlatformParameters, platform_parameters
from elasticity.recordings.recording import Recording
from elasticity.rounding import ceil
from elasticity.rules import Model
from elasticity.traces import Reals

CONFIDENCE = 0.95
LEAST_MINUTES = 30
"""Minutes that a regression needs [own]."""
SATURATED = 95.0
"""CPU in percent above which it no longer follows the load."""
LEAST_SPREAD = 5.0
"""Percent of cpu between its 5th and 95th percentile, below which a slope cannot be told from noise [own]."""
CALM = 0.6
"""Share of capacity below which a response is mostly service and little wait [own]."""
WAIT_OFF = (0.012, 0.034)
"""Service times by which the formula of the wait lies below and above Erlang's at most (elasticity.queueing)."""
FRESH = 1_200.0
"""Seconds without an action after which the next one begins a new alarm, past any cooldown [own]."""
LONGEST_START_UP = 600.0
"""Seconds: what takes longer is not told from units that never came [own]."""
LONGEST_AGE = 300.0
"""Seconds up to which the age of a datapoint is looked for: the longest delay that fits any evidence, and more."""
TICK = 10.0
"""Seconds: the resolution of what is read from an activity's time [own]."""


class Number(Model):
    """One number that the recording tells."""

    name: str
    """As in settings: `unit.capacity` of `elasticity`, `parameters.low_factor` of `simulation`."""
    value: float
    low: float
    """Lower end of its 95 percent interval."""
    high: float
    unit: str
    """Empty for a share."""
    evidence: str
    """What it was read from."""


@dataclasses.dataclass(frozen=True, eq=False)
class Fit:
    """What was found, what could not be told and why, and the residuals of cpu."""

    estimates: tuple[Number, ...]
    refusals: tuple[tuple[str, str], ...]
    """Name and reason of each number that the recording cannot tell."""
    cpu: Reals
    """Modelled cpu of each minute in percent, shape (minutes,), NaN where there is no model."""
    residual: Reals
    """Recorded less modelled cpu, NaN in minutes that were not used."""

    share: Reals
    """Requests per second and running unit of each minute, NaN where no unit is known to have run."""

    @property
    def off(self) -> float:
        """Root mean square of the residuals in points of cpu; NaN where there is no model."""
        known = self.residual[np.isfinite(self.residual)]
        return float(np.sqrt(np.mean(known**2))) if len(known) else math.nan


class _UntoldError(Exception):
    """The reason why a number cannot be told."""


def fit(recording: Recording) -> Fit:
    """Everything that this recording tells; needs scipy, of the extra `fit`."""
    found = _Readings(recording)
    estimates: list[Number] = []
    refusals: list[tuple[str, str]] = []
    reads: tuple[tuple[str, Callable[[], Sequence[Number]]], ...] = (
        ("unit.capacity", found.capacity),
        ("unit.service_time", found.service_time),
        ("unit.start_up", found.start_up),
        ("parameters.publication_delay", found.delay),
        ("parameters.low_factor", found.low_factor),
        ("parameters.age_at_action", found.age),
        ("parameters.max_scale_in_fraction", found.scale_in),
    )
    for name, read in reads:
        try:
            estimates += read()
        except _UntoldError as reason:
            refusals.append((name, str(reason)))
    return Fit(tuple(estimates), tuple(refusals), found.modelled, found.residual, found.share)


@dataclasses.dataclass(frozen=True)
class _Action:
    second: float
    """From the start of the recording."""
    before: int
    after: int
    rule: str
    quiet: float
    """Seconds since the action before it, or since the start."""
    changed: float
    """Seconds until the action after it, or until the end."""


class _Readings:
    def __init__(self, recording: Recording) -> None:
        self.recording = recording
        self.rate = np.nan_to_num(recording.series("requests"), nan=0.0) / 60.0
        self.cpu_series = recording.series("cpu")
        self.running = recording.series("running")
        self.platform: PlatformParameters = platform_parameters(recording.platform)
        self.modelled: Reals = np.full(recording.minutes, np.nan)
        self.residual: Reals = np.full(recording.minutes, np.nan)
        with np.errstate(divide="ignore", invalid="ignore"):
            self.share: Reals = np.where(self.running > 0, self.rate / self.running, np.nan)
        self.actions = self._actions()
        self._capacity: Number | None = None
        self._delay = math.nan
        self._age = 0.0

    def _actions(self) -> list[_Action]:
        start, last = self.recording.start, self.recording.minutes * 60.0
        times = [(one.time - start).total_seconds() for one in self.recording.activities]
        earlier, later = [-math.inf, *times][: len(times)], [*times[1:], last][: len(times)]
        return [
            _Action(time, one.before, one.after, one.cause, time - before, after - time)
            for one, time, before, after in zip(self.recording.activities, times, earlier, later, strict=True)
            if one.before is not None and one.succeeded
        ]

    def _steady(self) -> npt.NDArray[np.bool_]:
        """Minutes in which the count stood still, and the one before them."""
        if np.isnan(self.running).all():
            raise _UntoldError("no running count was recorded: turn on Container Insights, or the group's metrics")
        before = np.concatenate([self.running[:1], self.running[:-1]])
        whole = np.abs(self.running - np.round(self.running)) < 1e-6
        steady: npt.NDArray[np.bool_] = whole & (self.running == before) & (self.running > 0)
        return steady

    def capacity(self) -> list[Number]:
        from scipy.optimize import least_squares

        cpu = self.cpu_series
        if np.isnan(cpu).all():
            raise _UntoldError("no cpu was recorded")
        before = np.concatenate([cpu[:1], cpu[:-1]])
        counted = np.isfinite(self.recording.series("requests"))
        used = self._steady() & counted & (cpu < SATURATED) & ~(before >= SATURATED)
        if used.sum() < LEAST_MINUTES:
            raise _UntoldError(
                f"{int(used.sum())} minutes with a steady count and cpu below {SATURATED:g} %, "
                f"{LEAST_MINUTES} are needed"
            )
        spread = float(np.subtract(*np.percentile(cpu[used], [95, 5])))
        if spread < LEAST_SPREAD:
            raise _UntoldError(
                f"cpu never went above {np.max(cpu[used]):.0f} %, and varied by {spread:.1f} points only: record a "
                "time with more and with less load"
            )
        share = self.share[used]
        slope, idle = (float(one) for one in np.polyfit(share, cpu[used], 1))
        weight = 1.0 / np.maximum(idle + slope * share, 1.0)  # noise grows with what is measured

        def residuals(found: Reals) -> Reals:
            left: Reals = (found[0] + found[1] * share - cpu[used]) * weight
            return left

        scale = float(np.std(residuals(np.array([idle, slope])))) or 1e-6
        solved = least_squares(
            residuals, [1.0, max(slope, 1e-6)], loss="soft_l1", f_scale=2 * scale, bounds=(0, np.inf)
        )
        idle, slope = float(solved.x[0]), float(solved.x[1])
        left = residuals(solved.x)
        bound = _student(len(left) - 2) * _widened(left)
        spread_of = bound * np.sqrt(np.diag(np.linalg.pinv(solved.jac.T @ solved.jac)) * float(np.mean(left**2)))
        if slope <= spread_of[1]:
            raise _UntoldError("cpu does not rise with the requests that a unit serves: something else keeps it busy")
        self.modelled = np.where(self.running > 0, np.minimum(100.0, idle + slope * self.share), np.nan)
        self.residual = np.where(used, cpu - self.modelled, np.nan)
        evidence = f"{int(used.sum()):,} minutes"
        low, high = 100.0 / (slope + spread_of[1]), 100.0 / (slope - spread_of[1])
        self._capacity = Number(
            name="unit.capacity", value=100.0 / slope, low=low, high=high, unit="requests/s", evidence=evidence
        )
        return [
            self._capacity,
            Number(
                name="unit.idle_cpu",
                value=idle,
                low=max(0.0, idle - spread_of[0]),
                high=idle + spread_of[0],
                unit="%",
                evidence=evidence,
            ),
        ]

    def service_time(self) -> list[Number]:
        from scipy.optimize import least_squares

        taken = self.recording.series("response_time")
        if np.isnan(taken).all():
            raise _UntoldError("no response time was recorded")
        if self._capacity is None:
            raise _UntoldError("the capacity of a unit is not known, and so neither is how busy units were")
        known = self._capacity
        busy = self.share / known.value
        used = self._steady() & np.isfinite(taken) & (taken > 0) & (busy > 0) & (busy < CALM)
        if used.sum() < LEAST_MINUTES:
            raise _UntoldError(
                f"{int(used.sum())} minutes with units below {CALM:.0%} busy, {LEAST_MINUTES} are needed"
            )
        units, share, whole = self.running[used], busy[used], taken[used]

        def waits(service_time: float, capacity: float) -> Reals:
            # A unit of capacity c and service time s serves c x s requests at once: Sakasegawa's wait, in services.
            servers = np.maximum(units * capacity * service_time, 1e-9)
            load = np.minimum(share * known.value / capacity, 0.99)
            found: Reals = load ** (np.sqrt(2 * (servers + 1)) - 1) / (servers * (1 - load))
            return found

        def residuals(found: Reals, capacity: float) -> Reals:
            # Of logarithms: noise grows with what is measured, and a quotient of it would lean to one side.
            left: Reals = np.log(found[0] * (1 + waits(found[0], capacity)) / whole)
            return left

        def solved(capacity: float) -> Any:
            given = {"args": (capacity,), "loss": "soft_l1", "f_scale": 0.05, "bounds": (1e-6, np.inf)}
            return least_squares(residuals, [max(float(np.min(whole)), 2e-6)], **given)

        best = solved(known.value)
        value, left = float(best.x[0]), residuals(best.x, known.value)
        error = math.sqrt(float(np.mean(left**2)) / max(float((best.jac.T @ best.jac)[0, 0]), 1e-12))
        half = _student(len(left) - 1) * _widened(left) * error
        # What is not known of the capacity is not known of the wait, nor what the formula of the wait may be off.
        half += max(abs(float(solved(end).x[0]) - value) for end in (known.low, known.high))
        wait = float(np.mean(waits(value, known.value)))
        low, high = (half + value * min(wait, off) for off in WAIT_OFF)
        evidence = f"{len(whole):,} minutes below {CALM:.0%} busy"
        return [
            Number(
                name="unit.service_time",
                value=value,
                low=max(0.0, value - low),
                high=value + high,
                unit="s",
                evidence=evidence,
            )
        ]

    def start_up(self) -> list[Number]:
        """The area between desired and running after a scale-out: units x seconds that were missing, over the units."""
        self._steady()
        readings = []
        for one in self.actions:
            first = int(one.second // 60)
            if one.after <= one.before or one.changed < LONGEST_START_UP / 2 or first == 0:
                continue
            last = min(first + int(min(one.changed, LONGEST_START_UP) // 60), self.recording.minutes)
            seen = self.running[first:last]
            if np.isnan(seen).any() or self.running[first - 1] != one.before or not (seen == one.after).any():
                continue
            reached = int(np.argmax(seen == one.after))
            missing = float((one.after - seen[: reached + 1]).sum()) * 60.0 / (one.after - one.before)
            readings.append(missing - (one.second - first * 60.0))
        if not readings:
            raise _UntoldError(
                "no scale-out that ran to its end without another beside it: how long units start is unseen"
            )
        return [_mean("unit.start_up", readings, "s", "scale-outs", TICK)]

    def _tracking(self) -> tuple[str, Reals]:
        """The tracking rule that acted most: its name, and its metric of each minute as a share of its target."""
        with np.errstate(divide="ignore", invalid="ignore"):
            metrics = {
                "cpu": self.cpu_series,
                "memory": self.recording.series("memory"),
                "requests_per_target": self.recording.series("requests") / self.running,
            }
        rules = {name: rule for name, rule in self.recording.rules.target_tracking.items() if rule.metric in metrics}
        acted = {name: sum(one.rule == name for one in self.actions) for name in rules}
        name = max(acted, key=lambda one: acted[one], default="")
        if not name or not acted[name]:
            raise _UntoldError(
                "no activity of a tracking rule on cpu, memory or requests_per_target: "
                "which datapoints lead to an action is told by such alone"
            )
        values = metrics[rules[name].metric] / float(rules[name].target)
        if np.isnan(values).all():
            raise _UntoldError(f"the metric of the rule {name}, {rules[name].metric}, was not recorded")
        return name, values

    def _alone(self, name: str) -> None:
        """Refuse what only one rule by itself tells: all that may scale in must agree to."""
        rules = self.recording.rules
        others = [*rules.step_scaling, *rules.predictive]
        others += [one for one, rule in rules.target_tracking.items() if one != name and rule.scale_in]
        if others:
            raise _UntoldError(f"{', '.join(others)} may hold a scale-in of {name} back: one rule alone tells it")

    def delay(self) -> list[Number]:
        name, values = self._tracking()
        periods = self.platform.high_evaluation_periods
        breaches = values > 1.0
        readings = []
        for one in self.actions:
            if one.rule != name or one.after <= one.before or one.quiet < FRESH:
                continue
            last = int(one.second // 60)
            run = [end for end in range(max(periods, last - 15), last + 1) if breaches[end - periods : end].all()]
            fresh = [end for end in run if not breaches[end - periods - 1]]
            if fresh:  # end of the third breaching minute
                readings.append(one.second - fresh[-1] * 60.0)
        if not readings:
            raise _UntoldError("no scale-out that began a new alarm: when the alarm saw its datapoints is unseen")
        found = _median("parameters.publication_delay", readings, "s", "first scale-outs", TICK)
        self._delay = found.value
        return [found]

    def low_factor(self) -> list[Number]:
        name, values = self._tracking()
        self._alone(name)
        if math.isnan(self._delay):
            raise _UntoldError("the delay is not known, and so neither is which datapoint began the low alarm")
        periods = self.platform.low_evaluation_periods
        readings = []
        for one in self.actions:
            if one.rule != name or one.after >= one.before or one.quiet < FRESH:
                continue
            end = round((one.second - self._delay) / 60.0)
            if end <= periods + 1 or end > self.recording.minutes:
                continue
            now, before = values[end - periods : end], values[end - periods - 1]
            # Where a minute earlier the formula asked for no fewer units, the alarm may have been there for long.
            ready = values[end - 2 : max(end - 1, int(one.second // 60) - 1)]
            if not (one.before * ready <= one.before - 1).all():
                continue
            if np.isfinite(now).all() and now.max() < before < 1.05:
                readings.append((float(now.max()), float(before)))
        if not readings:
            raise _UntoldError(
                "no scale-in that its alarm alone began: with few units the formula asks for none less until the "
                "metric has fallen further, or the metric fell at once"
            )
        shares = np.arange(0.4, 1.0, 0.001)
        agreed = np.zeros(len(shares))
        for low, high in readings:  # a narrow bracket says more; noise of a percent may put the edge beside it
            agreed += ((shares >= low - 0.003) & (shares <= high + 0.003)) / (high - low + 0.01)
        best = shares[agreed >= agreed.max() * (1 - 1e-9)]
        value = float(best.mean())
        half = max(0.01, float(best[-1] - best[0]) / 2 + 0.003)
        evidence = f"{len(readings)} first scale-ins"
        return [
            Number(
                name="parameters.low_factor",
                value=value,
                low=value - half,
                high=value + half,
                unit="x target",
                evidence=evidence,
            )
        ]

    def _by(self, rule: str, *, rising: bool) -> list[_Action]:
        return [one for one in self.actions if one.rule == rule and (one.after > one.before) == rising]

    def _at(self, values: Reals, second: float) -> float:
        """The newest datapoint of a period that has ended by `second`; NaN where there is none."""
        minute = int(second // 60) - 1
        return float(values[minute]) if 0 <= minute < len(values) else math.nan

    def age(self) -> list[Number]:
        name, values = self._tracking()
        out = [one for one in self._by(name, rising=True) if one.quiet < FRESH]
        if not out:
            raise _UntoldError("no alarm acted twice in a row: the age of the datapoint that it then uses is unseen")
        maximum = self.recording.rules.maximum
        ages = np.arange(0.0, LONGEST_AGE, TICK)
        right = np.zeros(len(ages))
        for place, age in enumerate(ages):
            for one in out:
                value = self._at(values, one.second - age)
                right[place] += np.isfinite(value) and min(maximum, ceil(one.before * value)) == one.after
        if not right.max():
            raise _UntoldError("no age of the datapoint explains the repeated actions")
        best = ages[right >= right.max() - 1]  # noise of the metric may have moved one of them
        low, high = max(0.0, float(best[0]) - TICK), float(best[-1]) + TICK
        self._age = _nearest(self.platform.age_at_action or 0.0, low, high)
        evidence = f"{int(right.max())} of {len(out)} repeated scale-outs explained"
        return [
            Number(name="parameters.age_at_action", value=self._age, low=low, high=high, unit="s", evidence=evidence)
        ]

    def scale_in(self) -> list[Number]:
        """What share may go at once: a scale-in below the formula's by more than a unit was cut, and brackets it."""
        name, values = self._tracking()
        self._alone(name)
        minimum = self.recording.rules.minimum
        brackets = []
        cut = 0
        for one in self._by(name, rising=False):
            delayed = self._delay if one.quiet >= FRESH and math.isfinite(self._delay) else self._age
            value = self._at(values, one.second - delayed)
            if not np.isfinite(value) or one.before < 1:
                continue
            gone = one.before - one.after
            asked = one.before - max(minimum, ceil(one.before * value))
            if asked > gone + 1:  # of two neighbours the noise of the metric may be the reason
                cut += 1
                brackets.append((0.0 if gone == 1 else gone / one.before, (gone + 1) / one.before))
            elif gone > 1:
                brackets.append((gone / one.before, math.inf))
        if not brackets:
            raise _UntoldError("no scale-in of more than a unit was asked for: how many units go at once is unseen")
        shares = np.arange(0.01, 1.0001, 0.005)
        agreed = sum((shares >= low - 1e-9) & (shares < high) for low, high in brackets)
        best = shares[agreed == np.max(agreed)]
        low, high = float(best[0]), min(1.0, float(best[-1]) + 0.005)
        value = high  # the gentlest limit that agrees: none, where nothing was ever cut
        evidence = f"{len(brackets)} scale-ins, {cut} of them cut"
        return [
            Number(name="parameters.max_scale_in_fraction", value=value, low=low, high=high, unit="", evidence=evidence)
        ]


def _nearest(shipped: float, low: float, high: float) -> float:
    """Of values that the recording cannot tell apart the nearest to the shipped one."""
    return min(max(shipped, low), high)


def _student(freedom: int) -> float:
    from scipy.stats import t

    return float(t.ppf(0.5 + CONFIDENCE / 2, max(1, freedom)))


def _widened(left: Reals) -> float:
    """How much wider an interval is where residuals of neighbouring minutes are alike (first-order correlation)."""
    centred = left - left.mean()
    total = float((centred**2).sum())
    alike = float((centred[1:] * centred[:-1]).sum()) / total if total > 0 else 0.0
    alike = min(max(alike, 0.0), 0.95)
    return math.sqrt((1 + alike) / (1 - alike))


def _mean(name: str, readings: Sequence[float], unit: str, what: str, resolution: float) -> Number:
    value, count = float(np.mean(readings)), len(readings)
    half = _student(count - 1) * float(np.std(readings, ddof=1)) / math.sqrt(count) if count > 1 else 60.0
    half = max(half, resolution)
    return Number(
        name=name, value=value, low=max(0.0, value - half), high=value + half, unit=unit, evidence=f"{count} {what}"
    )


def _median(name: str, readings: Sequence[float], unit: str, what: str, resolution: float) -> Number:
    """The middle reading: a wrong minute in one of them moves it little."""
    value, count = float(np.median(readings)), len(readings)
    spread = 1.4826 * float(np.median(np.abs(np.array(readings) - value)))
    half = max(resolution, _student(count - 1) * 1.2533 * spread / math.sqrt(count)) if count > 1 else 6 * resolution
    return Number(
        name=name, value=value, low=max(0.0, value - half), high=value + half, unit=unit, evidence=f"{count} {what}"
    )
