"""What a recording tells of how well rules did: the figures of a simulation as far as they can be measured, minute by
minute, and of each that cannot be the reason.

A figure over minutes of which some have no datapoint says by how much these could raise it, so that nobody takes a gap
for a quiet minute.
"""

from __future__ import annotations

import dataclasses
import datetime
import functools
import math
from collections.abc import Iterator, Mapping

import numpy as np
import numpy.typing as npt

from elasticity.bounds_in_force import SIDES, Side, in_force, occurrences_of
from elasticity.expectations import FIGURES, Expectation
from elasticity.measure import FLAP_WINDOW, Headroom, headroom, measures, percentile
from elasticity.pricing import MONTH_HOURS, Prices, price, rule_alarms
from elasticity.recordings.recording import STEP, Activity, Recording
from elasticity.rules import StepScaling, TargetTracking, Unit
from elasticity.simulator import SimulationError
from elasticity.simulator.conditions import Conditions
from elasticity.simulator.demand import needed_units
from elasticity.simulator.figures import Tariff
from elasticity.traces import Reals
from elasticity.waking import VISIBLE_MESSAGES

Flags = npt.NDArray[np.bool_]
_SOME = 1e-9
_MINUTE = datetime.timedelta(seconds=STEP)
_COMPARED = ("slack", "theta_u", "theta_o", "a_u", "a_o", "tau_u", "tau_o")
"""Figures of units beside needed units, as `elasticity.measure` names them."""
_REACTIONS = frozenset(f"{kind}_{end}" for kind in ("alarm", "reaction") for end in ("p50", "p95", "max"))
UNANSWERED = 10
"""Minutes above a target after which an action is missing: the 6 minutes that AWS measured until it acts, and some
[own]."""
_LONGEST_STRETCH = "longest_overload"

NO_CAPACITY = (
    "the capacity of a unit is in no recording: give a stack or rules file with `unit.capacity`, or --capacity; "
    "`accordion fit` finds it"
)
NO_UNITS = "neither running nor desired units were recorded: turn on Container Insights, or the metrics of the group"
NO_ACTIVITIES = "the scaling activities were not recorded"
NO_REACTION = "no load rose above a target and was answered by a scale-out in this time"
NO_PRICE = "the units have no price here: give the stack or rules file that says what a unit is"
NO_GOAL = "no latency goal is declared"
NO_RESPONSE_TIME = "no response time was recorded"
OF_TICKS = "is counted tick by tick: only a simulation has it"
OF_A_SIMULATION = "only a simulation has it"
_TOLD = frozenset(
    {
        "requests", "overload_requests", "overload_minutes", "overload_minutes_at_maximum", _LONGEST_STRETCH,
        "worst_latency", "latency_kept", "mean_units", "peak_units", "needed_units", "peak_needed_units", *_COMPARED,
        "actions", "scale_outs", "scale_ins", "reversals", "flaps", "minutes_at_minimum", "minutes_at_maximum",
        "unit_hours", "cost_per_month", "fixed_fleet_cost_per_month", "cost_against_fixed_fleet",
        "cost_per_million_requests", *_REACTIONS,
    }
)  # fmt: skip
NOT_TOLD: Mapping[str, str] = {
    **{name: OF_A_SIMULATION for name in FIGURES if name not in _TOLD},
    "lost_requests": "what failed is in no recorded metric",
    "retried_requests": "what was sent again is in no recorded metric",
    "highest_backlog": "what waited is in no recorded metric",
    "instance_hours": "the instances below a capacity provider are not recorded",
    **dict.fromkeys(("upsilon", "k", "k_prime", "jitter"), OF_TICKS),
}
"""Figures that no recording tells, with the reason."""


_OF_QUEUES: Mapping[tuple[str, str], str] = {
    ("AWS/SQS", VISIBLE_MESSAGES): "backlog",
    ("AWS/SQS", "ApproximateAgeOfOldestMessage"): "age",
}
"""Metrics that rules declare -> the series that they are."""


@dataclasses.dataclass(frozen=True, slots=True)
class Measured:
    """One figure as far as it was recorded."""

    value: float | None
    """In the figure's own unit; None where it cannot be told."""
    unknown: float = 0.0
    """By how much the minutes without a datapoint could raise it at most."""
    why: str = ""
    """Why there is no value."""

    def keeps(self, expectation: Expectation) -> bool | None:
        """Whether the expectation holds; None where that cannot be told: no value, or gaps that could turn it."""
        if self.value is None:
            return None
        ends = {expectation.holds(self.value), expectation.holds(self.value + self.unknown)}
        return ends.pop() if len(ends) == 1 else None


@dataclasses.dataclass(frozen=True, slots=True)
class OverTarget:
    """How long the metric of a rule that scales out lay above what the rule holds it to."""

    rule: str
    metric: str
    level: float
    """Target, or threshold of a step rule, in the metric's unit."""
    minutes: int | None
    """None where the metric was not recorded."""
    longest: int
    at_maximum: int
    """Of these, minutes with desired at the maximum: the bound is the cause, not the rule."""
    unknown: int
    """Minutes without a datapoint."""
    why: str = ""


@dataclasses.dataclass(frozen=True, slots=True)
class Reaction:
    """One rise of the load above a target, and what followed. Metrics tell the first and the last to a minute."""

    rise: datetime.datetime
    """Begin of the first minute in which a metric lay above what a rule holds it to, with room up to the maximum."""
    action: datetime.datetime | None
    """The first scale-out after it; None where none came in all the time above it, UNANSWERED minutes at least."""
    serving: datetime.datetime | None
    """When more units ran; None where that is not in the recording."""


@dataclasses.dataclass(frozen=True, eq=False)
class Performance:
    """One recording, measured."""

    recording: Recording
    counted: str
    """The series that units are counted by: `running`, or `desired` where no running count was recorded; else empty."""
    units: Reals
    """Of each minute, NaN without a datapoint, as all series here of shape (minutes,)."""
    desired: Reals
    """As recorded, else as the activities have it; where they are known and there are none, the units that ran."""
    minimum: Reals
    maximum: Reals
    """Bounds in force."""
    capacity: Reals | None
    """Requests per second that the units could serve; None where the capacity of a unit is not known."""
    load: Reals
    """Requests per second; a balancer reports no zeros, so that a minute without a datapoint is one without load."""
    figures: Mapping[str, Measured]
    """By the names of `elasticity.expectations.FIGURES`."""
    room: Headroom | None
    """Capacity above the load, as a share of it; None where either is not known."""
    over_target: tuple[OverTarget, ...]
    reactions: tuple[Reaction, ...]

    @property
    def failed(self) -> tuple[Activity, ...]:
        """Scaling activities that failed."""
        return tuple(item for item in self.recording.activities if not item.succeeded)

    @property
    def gaps(self) -> int:
        """Minutes for which nothing says how many units there were."""
        return int(np.isnan(self.units).sum())


def performance(
    recording: Recording,
    unit: Unit | None = None,
    *,
    latency_goal: float | None = None,
    tariff: Tariff | None = None,
    prices: Prices | None = None,
) -> Performance:
    """Measure a recording.

    `unit`: what one unit can do, where the recording's rules do not say it. `latency_goal`: seconds. `tariff`: from the
    mean number of units to the mean price of a unit-hour, in the currency of `prices`. Raises ValueError for a schedule
    that the platform cannot hold.
    """
    return _Measuring(recording, unit or recording.rules.unit, latency_goal, tariff, prices).measured()


class _Measuring:
    def __init__(
        self,
        recording: Recording,
        unit: Unit,
        latency_goal: float | None,
        tariff: Tariff | None,
        prices: Prices | None,
    ) -> None:
        self.recording, self.unit, self.latency_goal = recording, unit, latency_goal
        self.tariff, self.prices = tariff, prices
        self.counted = next((name for name in ("running", "desired") if self._has(name)), "")
        self.units = recording.series(self.counted) if self.counted else np.full(recording.minutes, np.nan)
        self.load = recording.load().values
        self.activities_known = not any(note.startswith("activities:") for note in recording.notes)
        self.actions = [
            item for item in recording.activities if item.succeeded and item.before not in (None, item.after)
        ]
        self.desired = self._desired()
        bounds = _bounds(recording)
        self.minimum, self.maximum = bounds["minimum"], bounds["maximum"]

    def _has(self, name: str) -> bool:
        return bool(np.isfinite(self.recording.series(name)).any())

    @property
    def known(self) -> Flags:
        """Minutes with a count of units."""
        return np.isfinite(self.units)

    @functools.cached_property
    def capacity(self) -> Reals | None:
        each = self.unit.capacity
        return None if each is None or not self.counted else self.units * float(each)

    @functools.cached_property
    def over(self) -> Flags:
        """Minutes in overload, as far as known."""
        if self.capacity is None:
            return np.zeros(self.recording.minutes, dtype=bool)
        return self.known & (self.load > self.capacity + _SOME)

    def _desired(self) -> Reals:
        recorded = self.recording.series("desired")
        told = self._by_activities()
        if not self.actions and self.activities_known:
            told = np.round(self.units)  # nothing has moved it, so that what ran is what was asked for
        return np.where(np.isfinite(recorded), recorded, told)

    def _by_activities(self) -> Reals:
        """Desired units at the begin of each minute, from the activities alone; NaN where there are none."""
        found = np.full(self.recording.minutes, np.nan)
        moved = [item for item in self.recording.activities if item.succeeded and item.before != item.after]
        if not moved:
            return found
        found[:] = math.nan if moved[0].before is None else moved[0].before
        for item in moved:
            found[math.ceil((item.time - self.recording.start).total_seconds() / STEP) :] = item.after
        return found

    def measured(self) -> Performance:
        over_target = tuple(self._over_target())
        reactions = tuple(self._reactions())
        figures = {**self._of_load(), **self._of_units(), **self._of_actions(), **self._of_time()}
        acted = [(one.action - one.rise).total_seconds() for one in reactions if one.action is not None]
        figures |= _quantiles("alarm", acted)
        served = [(one.serving - one.rise).total_seconds() for one in reactions if one.serving is not None]
        figures |= _quantiles("reaction", served)
        if not self.activities_known:
            figures |= {name: Measured(None, why=NO_ACTIVITIES) for name in figures if name in _OF_ACTIVITIES}
        figures |= self._of_cost(figures) | {name: Measured(None, why=why) for name, why in NOT_TOLD.items()}
        if self._has("backlog"):  # SQS tells nothing of a queue that nobody uses, as a balancer without requests
            figures["highest_backlog"] = Measured(float(np.nanmax(self.recording.series("backlog"))))
        busy = self.known & (self.load > 0)
        room = None
        if self.capacity is not None and busy.any():
            room = headroom(self.load[busy], self.capacity[busy])
        return Performance(
            self.recording, self.counted, self.units, self.desired, self.minimum, self.maximum, self.capacity,
            self.load, {name: figures[name] for name in FIGURES}, room, over_target, reactions,
        )  # fmt: skip

    # -- figures

    def _of_load(self) -> dict[str, Measured]:
        found = {"requests": Measured(float(self.load.sum() * STEP))}
        names = ("overload_requests", "overload_minutes", "overload_minutes_at_maximum", _LONGEST_STRETCH)
        if self.capacity is None:
            return found | dict.fromkeys(names, Measured(None, why=self._without_capacity()))
        gap = ~self.known & (self.load > 0)
        gaps = float(gap.sum())
        above = np.maximum(self.load - np.nan_to_num(self.capacity), 0.0) * STEP
        at_maximum = self.over & self._at(self.maximum, upper=True)
        return found | {
            "overload_requests": Measured(float(above[self.over].sum()), float(above[gap].sum())),
            "overload_minutes": Measured(float(self.over.sum()), gaps),
            "overload_minutes_at_maximum": Measured(
                float(at_maximum.sum()), gaps + float((self.over & ~np.isfinite(self.desired)).sum())
            ),
            _LONGEST_STRETCH: Measured(
                float(_longest(self.over)), float(_longest(self.over | gap) - _longest(self.over))
            ),
        }

    def _without_capacity(self) -> str:
        return NO_CAPACITY if self.counted else NO_UNITS

    def _of_units(self) -> dict[str, Measured]:
        names = ("mean_units", "peak_units", "unit_hours")
        needed_names = ("needed_units", "peak_needed_units", *_COMPARED)
        found = dict.fromkeys((*names, *needed_names), Measured(None, why=NO_UNITS))
        if not self.counted:
            return found
        units = self.units[self.known]
        gaps = ~self.known
        found |= {
            "mean_units": Measured(float(units.mean())),
            "peak_units": Measured(
                float(units.max()), max(0.0, float(self.maximum[gaps].max(initial=0) - units.max()))
            ),
            "unit_hours": Measured(float(units.sum() / STEP), float(self.maximum[gaps].sum() / STEP)),
        }
        needed, why = self._needed()
        if needed is None:
            return found | dict.fromkeys(needed_names, Measured(None, why=why))
        found |= {
            "needed_units": Measured(float(needed.mean())),
            "peak_needed_units": Measured(float(needed.max())),
        }
        elasticity = measures(needed[self.known], units)
        return found | {name: Measured(elasticity[name]) for name in _COMPARED}

    def _needed(self) -> tuple[npt.NDArray[np.int64] | None, str]:
        if self.unit.capacity is None:
            return None, NO_CAPACITY
        try:
            conditions = Conditions(platform=self.recording.platform, tick=STEP, latency_goal=self.latency_goal)
            return needed_units(self.load, self.unit, conditions), ""
        except SimulationError as error:
            return None, str(error)

    def _of_actions(self) -> dict[str, Measured]:
        outs = [item for item in self.actions if _rises(item)]
        turns = [
            later.time - earlier.time
            for earlier, later in zip(self.actions, self.actions[1:], strict=False)
            if _rises(earlier) != _rises(later)
        ]
        return {
            "actions": Measured(float(len(self.actions))),
            "scale_outs": Measured(float(len(outs))),
            "scale_ins": Measured(float(len(self.actions) - len(outs))),
            "reversals": Measured(float(len(turns))),
            "flaps": Measured(float(sum(turn.total_seconds() <= FLAP_WINDOW for turn in turns))),
        }

    def _of_time(self) -> dict[str, Measured]:
        found = {}
        known = np.isfinite(self.desired)
        for name, bound, upper in (
            ("minutes_at_minimum", self.minimum, False),
            ("minutes_at_maximum", self.maximum, True),
        ):
            minutes, gaps = float(self._at(bound, upper=upper).sum()), float((~known).sum())
            found[name] = Measured(minutes, gaps) if known.any() else Measured(None, why=NO_UNITS)
        times = self.recording.series("response_time" if self._has("response_time") else "age")
        told = np.isfinite(times)
        worst = Measured(float(times[told].max())) if told.any() else Measured(None, why=NO_RESPONSE_TIME)
        found["worst_latency"] = worst
        if self.latency_goal is None or not told.any():
            why = NO_GOAL if self.latency_goal is None else NO_RESPONSE_TIME
            return found | {"latency_kept": Measured(None, why=why)}
        slow = told & (times >= self.latency_goal)
        silent = ~told & (self.load > 0)
        kept = float(1 - (slow | silent | self.over).mean())
        return found | {"latency_kept": Measured(kept, float((silent & ~self.over).mean()))}

    def _of_cost(self, figures: Mapping[str, Measured]) -> dict[str, Measured]:
        names = (
            "cost_per_month",
            "fixed_fleet_cost_per_month",
            "cost_against_fixed_fleet",
            "cost_per_million_requests",
        )
        mean = figures["mean_units"].value
        each = None if self.tariff is None or mean is None else self.tariff(mean)
        if each is None or mean is None:
            return dict.fromkeys(names, Measured(None, why=NO_PRICE if self.counted else NO_UNITS))
        hours = self.recording.minutes / STEP
        rules = self.recording.rules
        tracking = rules.target_tracking.values()
        with_scale_in = sum(rule.scale_in for rule in tracking)
        alarms = rule_alarms(with_scale_in, len(tracking) - with_scale_in, len(rules.step_scaling))
        bill = price([mean * hours * 3_600], each, hours, alarms=alarms, prices=self.prices)
        most = figures["unit_hours"].unknown - mean * float((~self.known).sum()) / STEP
        more = max(0.0, most) * each * MONTH_HOURS / hours
        found = {"cost_per_month": Measured(bill.per_month, more)}
        peak, why = figures["peak_needed_units"].value, figures["peak_needed_units"].why
        if peak is None:
            found |= dict.fromkeys(names[1:3], Measured(None, why=why))
        else:
            fleet = self.tariff(peak) if self.tariff is not None and peak else each
            fixed = price([hours * 3_600.0] * int(peak), each if fleet is None else fleet, hours, prices=self.prices)
            found["fixed_fleet_cost_per_month"] = Measured(fixed.per_month)
            found["cost_against_fixed_fleet"] = (
                Measured(bill.total / fixed.total) if fixed.total else Measured(None, why="no load came")
            )
        per_million = bill.per_million(figures["requests"].value or 0.0)
        found["cost_per_million_requests"] = (
            Measured(per_million) if math.isfinite(per_million) else Measured(None, why="no load came")
        )
        return found

    # -- targets and reactions

    def _at(self, bound: Reals, *, upper: bool) -> Flags:
        """Minutes with desired at a bound."""
        known = np.isfinite(self.desired)
        desired = np.nan_to_num(self.desired)
        return known & ((desired >= bound - _SOME) if upper else (desired <= bound + _SOME))

    def metric(self, name: str) -> Reals | None:
        """A metric that rules follow; None where it is not in a recording."""
        if name == "requests_per_target":
            if not self.counted:
                return None
            with np.errstate(divide="ignore", invalid="ignore"):
                found = self.load * STEP / self.units
            return np.where(np.isfinite(found), found, np.nan)
        if name in ("cpu", "memory", "response_time") and self._has(name):
            return self.recording.series(name)
        declared = self.recording.rules.metrics.get(name)
        told = _OF_QUEUES.get((declared.namespace or "", declared.name or "")) if declared is not None else None
        return self.recording.series(told) if told is not None and self._has(told) else None

    def _outward(self) -> Iterator[tuple[str, TargetTracking | StepScaling, float]]:
        rules = self.recording.rules
        for name, tracking in rules.target_tracking.items():
            yield name, tracking, float(tracking.target)
        for name, step in rules.step_scaling.items():
            if step.scales_out:
                yield name, step, float(step.threshold)

    def _over_target(self) -> Iterator[OverTarget]:
        at_maximum = self._at(self.maximum, upper=True)
        for name, rule, level in self._outward():
            values = self.metric(rule.metric)
            if values is None:
                yield OverTarget(name, rule.metric, level, None, 0, 0, 0, f"{rule.metric} was not recorded")
                continue
            told = np.isfinite(values)
            above = told & (np.nan_to_num(values) > level + _SOME)
            gap = ~told & (self.load > 0)
            yield OverTarget(
                name, rule.metric, level, int(above.sum()), _longest(above), int((above & at_maximum).sum()),
                int(gap.sum()),
            )  # fmt: skip

    def _above_any(self) -> Flags:
        found = np.zeros(self.recording.minutes, dtype=bool)
        for _, rule, level in self._outward():
            values = self.metric(rule.metric)
            if values is not None:
                found |= np.nan_to_num(values) > level + _SOME
        return found

    def _reactions(self) -> Iterator[Reaction]:
        """A rise that falls back before any action was none that had to be answered; an action within its first minute
        cannot be its answer, since that minute has no datapoint yet."""
        above, at_maximum = self._above_any(), self._at(self.maximum, upper=True)
        outs = [item.time for item in self.actions if _rises(item)]
        rise: datetime.datetime | None = None
        answered = False
        for minute in range(self.recording.minutes):
            begin = self.recording.start + datetime.timedelta(seconds=minute * STEP)
            end = begin + datetime.timedelta(seconds=STEP)
            if above[minute] and rise is None and not at_maximum[minute]:
                rise, answered = begin, False
            if rise is not None and not answered:
                first = rise + datetime.timedelta(seconds=STEP)
                action = next((time for time in outs if max(first, begin) <= time < end), None)
                if action is not None:
                    answered = True
                    yield Reaction(rise, action, self._serving(action))
            if rise is not None and not (above[minute] and minute + 1 < self.recording.minutes):
                if not answered and self.activities_known and begin - rise >= UNANSWERED * _MINUTE:
                    yield Reaction(rise, None, None)
                rise = None

    def _serving(self, action: datetime.datetime) -> datetime.datetime | None:
        """When units were added after `action`: within its minute by how far the mean of the minute has risen."""
        if self.counted != "running":
            return None
        first = int((action - self.recording.start).total_seconds() // STEP)
        before = float(self.units[max(first - 1, 0)])
        for minute in range(first, self.recording.minutes):
            risen = float(self.units[minute]) - before
            if not risen >= -_SOME:
                return None  # units went, or nothing is known: what came after is no answer to this
            if risen > _SOME:
                following = float(self.units[min(minute + 1, self.recording.minutes - 1)])
                late = 1.0 - risen / (following - before) if following - before > risen else 0.0
                found = self.recording.start + datetime.timedelta(seconds=(minute + late) * STEP)
                if found >= action:
                    return found
                before = following  # these were asked for earlier
        return None


_OF_ACTIVITIES = frozenset({"actions", "scale_outs", "scale_ins", "reversals", "flaps"}) | _REACTIONS


def _rises(item: Activity) -> bool:
    return item.before is not None and item.after > item.before


def _longest(flags: Flags) -> int:
    """Length of the longest stretch of minutes that are set."""
    best = here = 0
    for flag in flags.tolist():
        here = here + 1 if flag else 0
        best = max(best, here)
    return best


def _quantiles(name: str, seconds: list[float]) -> dict[str, Measured]:
    shares = {"p50": 0.5, "p95": 0.95, "max": 1.0}
    if not seconds:
        return {f"{name}_{end}": Measured(None, why=NO_REACTION) for end in shares}
    return {f"{name}_{end}": Measured(percentile(seconds, share)) for end, share in shares.items()}


def _bounds(recording: Recording) -> dict[Side, Reals]:
    """Minimum and maximum in force at the begin of each minute."""
    rules, platform = recording.rules, recording.platform
    first = in_force(rules, platform, recording.start)
    found = {side: np.full(recording.minutes, float(first[side].value)) for side in SIDES}
    events = [
        (time, rule)
        for rule in rules.scheduled.values()
        for time in occurrences_of(rule, platform, recording.start, recording.end)
    ]
    for time, rule in sorted(events, key=lambda one: one[0]):
        place = math.ceil((time - recording.start).total_seconds() / STEP)
        for side in SIDES:
            if (value := getattr(rule, side)) is not None:
                found[side][place:] = value
    return found
