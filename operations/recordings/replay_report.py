"""What `accordion replay` answers: as text, the answer first; as JSON."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from elasticity.recordings.replay import FirstDifference
from elasticity.rules import Model

if TYPE_CHECKING:
    from elasticity.recordings.replay import Replay


class Counts(Model):
    """Of one side."""

    actions: int
    """Changes of the desired count."""
    peak: float | None
    """Most units in a minute; null where nothing was recorded."""
    unit_minutes: float
    """Over the minutes with a recorded count."""


class Minutes(Model):
    """Units of each minute, null where there is no datapoint."""

    recorded: tuple[float | None, ...]
    simulated: tuple[float | None, ...]


class ReplayReport(Model):
    """A recording beside its simulation."""

    version: Literal[1] = 1
    workload: str
    start: datetime.datetime
    minutes: int
    counted: Literal["running", "desired"]
    """The series that is compared."""
    error_unit_minutes: float
    """By which both differ, minute by minute, too many and too few alike."""
    error_percent: float
    """The same in percent of the recorded unit-minutes."""
    too_many: float
    """Unit-minutes that were simulated above the recorded ones."""
    too_few: float
    """Unit-minutes that were simulated below the recorded ones."""
    recorded: Counts
    simulated: Counts
    first_difference: FirstDifference | None
    """null where every action is shared."""
    parameters: dict[str, float | int | str | None]
    """Of the platform, as they were in force."""
    series: Minutes
    remarks: tuple[str, ...]
    """What the recording says of itself, and what acts there that no rule stands for."""


def report_of(replay: Replay) -> ReplayReport:
    """The report of a replay."""
    with_count = np.isfinite(replay.recorded)
    return ReplayReport(
        workload=replay.recording.workload,
        start=replay.recording.start,
        minutes=replay.recording.minutes,
        counted=replay.counted,
        error_unit_minutes=round(replay.too_many + replay.too_few, 3),
        error_percent=round(100 * replay.error, 3),
        too_many=round(replay.too_many, 3),
        too_few=round(replay.too_few, 3),
        recorded=Counts(
            actions=len(replay.actions[0]),
            peak=round(float(np.nanmax(replay.recorded)), 3) if with_count.any() else None,
            unit_minutes=round(replay.unit_minutes, 3),
        ),
        simulated=Counts(
            actions=len(replay.actions[1]),
            peak=round(float(replay.simulated.max()), 3),
            unit_minutes=round(float(replay.simulated[with_count].sum()), 3),
        ),
        first_difference=replay.first_difference,
        parameters={row.name: row.value for row in replay.timeline.parameters},
        series=Minutes(recorded=_listed(replay.recorded), simulated=_listed(replay.simulated)),
        remarks=(
            *replay.recording.notes,
            *(f"not simulated: {line}" for line in replay.recording.untranslated),
        ),
    )


def _listed(values: Any) -> tuple[float | None, ...]:
    return tuple(round(float(value), 3) if np.isfinite(value) else None for value in values)


def text(replay: Replay) -> str:
    """Three lines: how far off, what both did, what differs first and why."""
    found = report_of(replay)
    first = str(replay.first_difference) if replay.first_difference else "none: every action is shared"
    return (
        f"{found.workload}: {_percent(found.error_percent)} % off: {found.error_unit_minutes:,.0f} of "
        f"{found.recorded.unit_minutes:,.0f} recorded unit-minutes differ ({found.too_many:,.0f} too many, "
        f"{found.too_few:,.0f} too few) in {_length(found.minutes)}\n"
        f"actions: {found.recorded.actions:,} recorded, {found.simulated.actions:,} simulated; {found.counted} units "
        f"at most: {found.recorded.peak:,.0f} recorded, {found.simulated.peak:,.0f} simulated\n"
        f"first difference: {first}\n"
    )


def _percent(value: float) -> str:
    """Two digits at least, and no 0 for what is not."""
    return f"{value:,.1f}" if value >= 1 else f"{value:.2g}"


def _length(minutes: int) -> str:
    for size, word in ((1440, "days"), (60, "hours")):
        if minutes >= 2 * size:
            return f"{minutes / size:,.3g} {word}"
    return f"{minutes} minutes"


def document(replay: Replay) -> str:
    """JSON; its schema is docs/schema/replay.schema.json."""
    return report_of(replay).model_dump_json(indent=1) + "\n"


FORMATS: Mapping[str, Callable[[Replay], str]] = MappingProxyType({"text": text, "json": document})


def schema() -> dict[str, Any]:
    """The JSON schema of the answer, docs/schema/replay.schema.json."""
    found = ReplayReport.model_json_schema(mode="serialization")
    return {"$schema": "https://json-schema.org/draft/2020-12/schema"} | found
