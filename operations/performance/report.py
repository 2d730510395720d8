"""The answer of `accordion performance`: promises kept, broken, or not to be told, and the figures behind them. JSON is
derived from it."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from typing import Any, Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, computed_field

from elasticity.expectations import FIGURES, Expectation
from elasticity.recordings.performance import NOT_TOLD, Measured, Performance
from elasticity.recordings.recording import Activity
from operations.failures import BROKEN, DONE, NOT_RUN
from operations.report.model import shown

Kept = Literal["kept", "broken", "unknown"]
Answer = Literal["keeps", "breaks", "unknown"]
EXIT_CODE: Mapping[str, int] = {"keeps": DONE, "breaks": BROKEN, "unknown": NOT_RUN}


class _Plain(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class FigureValue(_Plain):
    """One figure."""

    value: float | None = Field(description="In the figure's own unit; null where it cannot be told.")
    unit: str
    unknown: float = Field(default=0.0, description="By how much minutes without a datapoint could raise it at most.")
    why: str = Field(default="", description="Why there is no value.")


class Promise(_Plain):
    """One expectation, held against what was recorded."""

    expectation: str = Field(description="As it was declared, such as `overload_minutes < 10`.")
    answer: Kept
    measured: str = Field(description="As people read it.")
    why: str = Field(default="", description="Why it could not be told.")


class Target(_Plain):
    """How long the metric of a rule that scales out lay above what the rule holds it to."""

    rule: str
    metric: str
    level: float = Field(description="Target or threshold, in the metric's unit.")
    minutes: int | None = Field(description="null where the metric was not recorded.")
    longest: int = Field(description="Minutes of the longest stretch.")
    at_maximum: int = Field(description="Minutes of these with desired at the maximum: the bound is the cause.")
    unknown: int = Field(description="Minutes without a datapoint.")
    why: str = ""


class Answered(_Plain):
    """One rise of the load above a target, and what followed."""

    rise: datetime.datetime
    action: datetime.datetime | None = Field(description="null where none came while the load was above the target.")
    serving: datetime.datetime | None = Field(description="null where that is not in the recording.")


class Room(_Plain):
    """Capacity above the load, as a share of the load."""

    minimum: float
    p5: float


class Minutes(_Plain):
    """One value for each minute; null without a datapoint."""

    load: tuple[float | None, ...] = Field(description="Requests per second.")
    capacity: tuple[float | None, ...] = Field(description="Requests per second; empty where it is not known.")
    units: tuple[float | None, ...]
    desired: tuple[float | None, ...]
    minimum: tuple[float | None, ...]
    maximum: tuple[float | None, ...]


class ServicePerformance(_Plain):
    """One service or group."""

    workload: str
    platform: str
    start: datetime.datetime
    minutes: int
    counted: str = Field(description="The series that units are counted by: running or desired; empty without both.")
    queued: bool = Field(default=False, description="Whether its load are the messages of a queue, and no requests.")
    gaps: int = Field(description="Minutes for which nothing says how many units there were.")
    promises: tuple[Promise, ...] = ()
    figures: dict[str, FigureValue]
    headroom: Room | None
    over_target: tuple[Target, ...]
    reactions: tuple[Answered, ...]
    activities: tuple[Activity, ...]
    failed: int = Field(description="Scaling activities that failed.")
    currency: str
    cost: float | None = Field(description="Of the period, in the currency; null where the units have no price.")
    price: str = Field(description="How the price of a unit came about.")
    series: Minutes
    remarks: tuple[str, ...] = ()


class Unread(_Plain):
    """A service or group that could not be read."""

    workload: str
    why: str
    promised: bool = Field(description="Whether something is expected of it, which is then not known.")

    def __str__(self) -> str:
        """One line."""
        return f"{self.workload}: {self.why}"


class PerformanceReport(_Plain):
    """The whole answer."""

    version: Literal[1] = 1
    title: str = Field(description="The stack and its region, or the files.")
    services: tuple[ServicePerformance, ...]
    unread: tuple[Unread, ...] = ()
    remarks: tuple[str, ...] = ()
    requests: int = Field(default=0, description="Questions that were asked of AWS.")

    @computed_field(  # type: ignore[prop-decorator]
        description="breaks, where any promise is broken; else unknown, where any could not be told, where a service "
        "of which something is expected could not be read, or where none could; else keeps."
    )
    @property
    def answer(self) -> Answer:
        """The one word."""
        answers = {promise.answer for service in self.services for promise in service.promises}
        if "broken" in answers:
            return "breaks"
        blind = any(one.promised for one in self.unread) or not self.services
        return "unknown" if blind or "unknown" in answers else "keeps"

    @property
    def exit_code(self) -> int:
        """Of the command."""
        return EXIT_CODE[self.answer]


def service_report(
    found: Performance,
    expectations: Sequence[Expectation],
    *,
    currency: str = "USD",
    price_words: str = "",
    remarks: Sequence[str] = (),
) -> ServicePerformance:
    """One measured recording with what is expected of it."""
    recording = found.recording
    monthly = found.figures["cost_per_month"].value
    return ServicePerformance(
        workload=recording.workload,
        platform=recording.platform,
        start=recording.start,
        minutes=recording.minutes,
        counted=found.counted,
        queued=bool(recording.backlog or recording.age),
        gaps=found.gaps,
        promises=tuple(promise(one, found.figures[one.figure.name], currency) for one in expectations),
        figures={
            name: FigureValue(
                value=None if one.value is None else round(one.value, 6),
                unit=FIGURES[name].unit,
                unknown=round(one.unknown, 6),
                why=one.why,
            )
            for name, one in found.figures.items()
        },
        headroom=Room(minimum=round(found.room.minimum, 6), p5=round(found.room.p5, 6)) if found.room else None,
        over_target=tuple(
            Target(
                rule=one.rule, metric=one.metric, level=one.level, minutes=one.minutes, longest=one.longest,
                at_maximum=one.at_maximum, unknown=one.unknown, why=one.why,
            )
            for one in found.over_target
        ),
        reactions=tuple(Answered(rise=one.rise, action=one.action, serving=one.serving) for one in found.reactions),
        activities=recording.activities,
        failed=len(found.failed),
        currency=currency,
        cost=None if monthly is None else round(monthly * recording.minutes / 60 / 730, 6),
        price=price_words,
        series=Minutes(
            load=_listed(found.load),
            capacity=() if found.capacity is None else _listed(found.capacity),
            units=_listed(found.units),
            desired=_listed(found.desired),
            minimum=_listed(found.minimum),
            maximum=_listed(found.maximum),
        ),
        remarks=(*remarks, *recording.notes, *(f"not in its rules: {line}" for line in recording.untranslated)),
    )  # fmt: skip


def promise(expectation: Expectation, measured: Measured, currency: str) -> Promise:
    """One expectation held against its figure."""
    kept = measured.keeps(expectation)
    said = shown(expectation.figure, measured.value, currency)
    why = ""
    if kept is None:
        why = (
            measured.why
            or f"minutes without a datapoint could add {shown(expectation.figure, measured.unknown, currency)}"
        )
    answer: Kept = "unknown" if kept is None else "kept" if kept else "broken"
    return Promise(expectation=expectation.text, answer=answer, measured=said, why=why)


def not_told(service: ServicePerformance) -> dict[str, list[str]]:
    """The figures that could have been told and were not, by the reason."""
    found: dict[str, list[str]] = {}
    for name, one in service.figures.items():
        if one.value is None and name not in NOT_TOLD:
            found.setdefault(one.why, []).append(name)
    return found


def _listed(values: Any) -> tuple[float | None, ...]:
    return tuple(round(float(value), 3) if np.isfinite(value) else None for value in values)


def schema() -> dict[str, Any]:
    """The JSON schema of the answer, docs/schema/performance.schema.json."""
    found = PerformanceReport.model_json_schema(mode="serialization")
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Answer of accordion performance",
    } | found
