"""What a report holds, whatever its form: runs, figures, the runs before a change, expectations kept and broken."""

from __future__ import annotations

import dataclasses
import datetime
from collections.abc import Iterable
from typing import Literal

from elasticity.ensemble import Bands, Tornado
from elasticity.expectations import FIGURES, Expectation, Figure
from elasticity.quantities import significant, with_digits
from elasticity.simulator import Decision, Timeline

Verdict = Literal["better", "worse", "same", ""]
_SAME = 1e-9


@dataclasses.dataclass(frozen=True)
class Run:
    """One rule set on one load."""

    member: str
    """Service or group."""
    load: str
    platform: str
    timeline: Timeline
    figures: dict[str, float | None]
    """By name, as `elasticity.simulator.FIGURES`."""
    currency: str
    price_words: str
    """How the price of a unit came about."""
    unpriced: tuple[str, ...]
    """What is not included in the total."""
    before: Run | None = None
    """The same load on the rules before the change."""
    bands: Bands | None = None
    """What the ensemble around this run measured; None where none was asked for."""
    tornado: Tornado | None = None
    """What each assumption alone does; beside `bands`."""

    @property
    def title(self) -> str:
        """Member and load."""
        return f"{self.member} / {self.load}"


@dataclasses.dataclass(frozen=True)
class Judgement:
    """One expectation on one run."""

    run: Run
    expectation: Expectation

    @property
    def measured(self) -> float | None:
        """The figure, or its quantile over the runs of the ensemble; None where there is none."""
        name, share = self.expectation.figure.name, self.expectation.quantile
        if share is None:
            return self.run.figures[name]
        return None if self.run.bands is None else self.run.bands.quantile(name, share)

    @property
    def kept(self) -> bool:
        """Whether it holds."""
        return self.expectation.holds(self.measured)

    def __str__(self) -> str:
        state = "kept" if self.kept else "broken"
        return f"{state}: {self.run.title}: {self.expectation.text} (measured {self.in_words})"

    @property
    def in_words(self) -> str:
        """What was measured, and of how many runs."""
        said = shown(self.expectation.figure, self.measured, self.run.currency)
        if self.expectation.quantile is None or self.run.bands is None:
            return said
        return f"{said} over {self.run.bands.runs:,} runs"


@dataclasses.dataclass(frozen=True)
class Report:
    """All runs of one command."""

    title: str
    """Stack or file."""
    against: str
    """What the runs before are of; empty for no comparison."""
    runs: tuple[Run, ...]
    judgements: tuple[Judgement, ...]
    remarks: tuple[str, ...] = ()
    """What a reader must know beside the notes of the runs."""
    changes: tuple[str, ...] = ()
    """Of a comparison: the settings of the rules that differ, a line each."""

    @property
    def broken(self) -> tuple[Judgement, ...]:
        """Expectations that do not hold."""
        return tuple(item for item in self.judgements if not item.kept)


def compared(figure: Figure, before: float | None, after: float | None, tick: float = 0.0) -> Verdict:
    """Whether `after` is better than `before`; nothing where the figure has no direction or one side has none.

    Lengths of time that differ by no more than a `tick`, in seconds, are the same: a run tells them no finer. A latency
    is an estimate of its own and no number of ticks.
    """
    if figure.better == "neither" or before is None or after is None:
        return ""
    counted = figure.name != "worst_latency"
    within = tick * {"s": 1.0, "min": 1 / 60}.get(figure.unit, 0.0) if counted else 0.0
    if abs(after - before) <= within + _SAME * max(1.0, abs(before)):
        return "same"
    return "better" if (after < before) == (figure.better == "lower") else "worse"


def change(run: Run, name: str) -> Verdict:
    """How a figure of a run compares with that of the run before."""
    before = None if run.before is None else run.before.figures[name]
    return compared(FIGURES[name], before, run.figures[name], run.timeline.tick)


def shown(figure: Figure, value: float | None, currency: str = "USD") -> str:
    """A figure as people read it."""
    if value is None:
        return "none"
    number, unit = value, figure.unit
    if unit == "share":
        number, unit = 100 * value, "%"
    if unit == "requests" or (unit == "" and float(number).is_integer()):
        return f"{number:,.0f}" if number >= 10 else significant(number)
    if unit == "USD":
        return f"{with_digits(number, 2)} {currency}"
    digits = 0 if unit == "s" and number >= 10 else 2 if unit in ("s", "per step") else 1
    text = with_digits(number, digits)
    if figure.name.startswith("peak_"):
        text = f"{number:,.0f}"
    if unit == "units" and text == "1":
        unit = "unit"
    return f"{text} {unit}".strip()


def headline() -> list[Figure]:
    """The figures of a comment on a pull request."""
    return [figure for figure in FIGURES.values() if figure.headline]


_BESIDE = ("lost_requests", "worst_latency")
"""What a person decides on beside the figures of a comment."""


def deciding(expectations: Iterable[Expectation] = ()) -> list[Figure]:
    """The dozen figures that people decide on, and those that something is expected of."""
    names = [figure.name for figure in headline()]
    return [FIGURES[name] for name in FIGURES if name in {*names, *_BESIDE, *(one.figure.name for one in expectations)}]


_TOLD = frozenset({"scale_out", "scale_in", "schedule", "forecast"})


def is_told(item: Decision) -> bool:
    """Whether a decision changed desired, is a failure, or an alarm that fired: what a person follows first."""
    if item.kind == "alarm":
        return item.text.partition(":")[0].endswith(" to ALARM")
    return item.kind == "failure" or (item.kind in _TOLD and item.before != item.after)


def reported(run: Run, maximum: int | None) -> tuple[list[Decision], int]:
    """The decisions that a person follows first: what changed desired, what failed, and the alarms that fired; at
    most `maximum`, and how many are left out. None: everything, with what was held and why."""
    if maximum is None:
        return list(run.timeline.decisions), 0
    found = [item for item in run.timeline.decisions if is_told(item)]
    return found[:maximum], max(0, len(found) - maximum)


def clock(time: datetime.datetime) -> str:
    """A time of a run, UTC: `Mon 05 Jan 07:45:00`."""
    return time.astimezone(datetime.UTC).strftime("%a %d %b %H:%M:%S")


def delay_words(run: Run) -> str:
    """The uncertainty behind every reaction time, in one line."""
    named = {row.name: row for row in run.timeline.parameters}
    delay, minimum, maximum = (named.get(f"publication_delay{end}") for end in ("", "_least", "_most"))
    if delay is None or minimum is None or maximum is None:
        return ""
    known = "what was measured" if delay.grade == "ran" else "what is known of AWS"
    return (
        f"reaction times hold a publication delay of {delay.value} s; {known} fits "
        f"{minimum.value} to {maximum.value} s ({delay.grade})"
    )
