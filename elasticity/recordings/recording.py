"""The format of a recording, version 1: a series for each minute, scaling activities, rules.

Nothing in it names an account, an address or a person: it holds numbers, times, the name of the workload and the names
of its rules, so that it can go with a report of a fault.
"""

from __future__ import annotations

import datetime
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, Self

import numpy as np
from pydantic import AwareDatetime, Field, ValidationError, model_validator

from elasticity.faults import Fault
from elasticity.input_files import InputFileError, read_text
from elasticity.platforms import platform_parameters
from elasticity.rules import Elasticity, Model, refuse
from elasticity.traces import Load, Reals

STEP = 60
"""Seconds of one point of every series."""
LARGEST = 256 << 20
"""Bytes of a recording that are read: a month of minutes takes about two million."""
MOST_MINUTES = 1_000_000
FAULTS_SHOWN = 20
"""Of one file; the rest is counted."""

_MOST = 1e12
"""Of one value: far beyond what any service counts in a minute, and small enough for sums of squares."""
_LEAST = 1e-9
"""What is smaller is nothing: a quotient of it would be beyond all numbers."""
_Value = Annotated[float, Field(ge=0, le=_MOST, allow_inf_nan=False)] | None
Series = Annotated[tuple[_Value, ...], Field(max_length=MOST_MINUTES)]
"""One value for each minute, null where there is no datapoint."""
_Units = Annotated[int, Field(ge=0, le=100_000)]
_Text = Annotated[str, Field(max_length=1_000, pattern=r"^[^\x00-\x1f\x7f-\x9f]*$")]
"""One line: it is shown on terminals."""


class RecordingError(ValueError):
    """A recording that cannot be read or used; each line says where, what was found, what is allowed."""


class Activity(Model):
    """One change of the desired count."""

    time: AwareDatetime
    """When the scaling service acted."""
    before: _Units | None = None
    """Desired units before it; null where nothing tells."""
    after: _Units
    """Desired units that it asked for."""
    cause: _Text = ""
    """Name of the rule or schedule that asked for it, as in `rules` where it stands there; empty where nothing
    tells."""
    succeeded: bool = True
    """False where the scaling service says that it failed, or was overridden."""


class Recording(Model):
    """One service or group over some time, minute by minute. All series have one value for each minute from `start`
    on, or are empty where nothing was recorded."""

    version: Literal[1]
    """Of this format. A later one is refused, with the version that is read."""
    workload: Annotated[_Text, Field(min_length=1)]
    """Name of the service or group."""
    platform: Literal["ecs_service", "ec2_group", "swarm_service"]
    """Who scales it: Application Auto Scaling (tasks of an ECS service), an Auto Scaling group, or `accordion scale`
    (tasks of a service on Docker Swarm)."""
    start: AwareDatetime
    """Of the first minute; a whole minute."""
    requests: Series
    """Requests that the balancer received for it in each minute (RequestCount, Sum), or of workers the messages that
    were sent to their queue (NumberOfMessagesSent, Sum); null is read as none, since a balancer reports no zeros."""
    cpu: Series = ()
    """Percent, mean over the units (CPUUtilization, Average)."""
    memory: Series = ()
    """Percent, mean over the units (MemoryUtilization, Average)."""
    response_time: Series = ()
    """Seconds, mean over the responses (TargetResponseTime, Average)."""
    running: Series = ()
    """Units that run, mean over the minute (RunningTaskCount or GroupInServiceInstances, Average; or how many units
    reported cpu)."""
    desired: Series = ()
    """Units that are asked for, mean over the minute (DesiredTaskCount or GroupDesiredCapacity, Average)."""
    backlog: Series = ()
    """Of workers: messages that waited, mean over the minute (ApproximateNumberOfMessagesVisible, Average)."""
    age: Series = ()
    """Of workers: seconds since the oldest message was sent, the most of the minute (ApproximateAgeOfOldestMessage,
    Maximum)."""
    activities: tuple[Activity, ...] = ()
    """In order of time."""
    rules: Elasticity
    """Bounds, policies and schedules as they were at the end; the same keys as `elasticity` of a rules file."""
    parameters: Mapping[str, Annotated[float, Field(ge=0, le=1e7, allow_inf_nan=False)] | str] = Field(default={})
    """Parameters of the platform that are known to differ from the shipped ones, such as `drain: 60`."""
    untranslated: tuple[_Text, ...] = ()
    """What acts there and has no place in `rules`, with the reason."""
    notes: tuple[_Text, ...] = ()
    """What a reader must know of how it came about: gaps, metrics that were not there."""

    @model_validator(mode="after")
    def _parts_fit(self) -> Self:
        faults: list[Fault] = []
        if not self.requests:
            faults.append(Fault(("requests",), "has no minute, expected at least one"))
        for name in (*SERIES[1:], *OF_A_QUEUE):
            length = len(getattr(self, name))
            if length not in (0, self.minutes):
                said = f"has {length:,} minutes, allowed none or as many as `requests`, {self.minutes:,}"
                faults.append(Fault((name,), said))
        if self.start.second or self.start.microsecond:
            faults.append(Fault(("start",), f"got {self.start.isoformat()}, expected a whole minute"))
        times = [activity.time for activity in self.activities]
        for place in range(1, len(times)):
            if times[place] < times[place - 1]:
                faults.append(Fault(("activities", place), "is earlier than the one before it: expected order of time"))
                break
        outside = [place for place, time in enumerate(times) if not self.start <= time < self.end]
        if outside:
            faults.append(
                Fault(("activities", outside[0]), f"lies outside of the {self.minutes:,} minutes from `start` on")
            )
        try:
            platform_parameters(self.platform).with_values(**_whole(self.platform, self.parameters))
        except ValueError as error:
            faults.append(Fault(("parameters",), str(error)))
        refuse(type(self), faults)
        return self

    @property
    def minutes(self) -> int:
        """Length of every series."""
        return len(self.requests)

    @property
    def end(self) -> datetime.datetime:
        """Of the last minute."""
        return self.start + datetime.timedelta(minutes=self.minutes)

    @property
    def known_parameters(self) -> dict[str, float | int | str]:
        """`parameters` in the types that the platform wants."""
        return _whole(self.platform, self.parameters)

    def series(self, name: str) -> Reals:
        """One of SERIES or OF_A_QUEUE, shape (minutes,), NaN where there is no datapoint."""
        values = getattr(self, name) or (None,) * self.minutes
        found = np.array([np.nan if value is None else value for value in values], dtype=np.float64)
        found[found < _LEAST] = 0.0
        return found

    def load(self) -> Load:
        """The recorded requests per second."""
        counts = self.series("requests")
        missing = int(np.isnan(counts).sum())
        rates = np.nan_to_num(counts, nan=0.0) / STEP
        return Load(rates, STEP, self.start, name=self.workload, filled=missing, filled_with="taken as 0")

    def window(self, first: int, minutes: int) -> Recording:
        """`minutes` minutes from the minute `first` (from 0) on; raises RecordingError outside of it."""
        if first < 0 or minutes < 1 or first + minutes > self.minutes:
            raise RecordingError(
                f"{self.workload}: got the minutes {first:,} to {first + minutes:,}, allowed 0 to {self.minutes:,}"
            )
        start = self.start + datetime.timedelta(minutes=first)
        end = start + datetime.timedelta(minutes=minutes)
        cut: dict[str, Any] = {name: getattr(self, name)[first : first + minutes] for name in (*SERIES, *OF_A_QUEUE)}
        kept = tuple(activity for activity in self.activities if start <= activity.time < end)
        return self.model_copy(update={**cut, "start": start, "activities": kept})

    def to_json(self) -> str:
        """The file: one line for each series and each activity. Equal recordings give equal text."""
        absent = {name for name in OF_A_QUEUE if not getattr(self, name)}  # a service behind a balancer has none
        plain = self.model_dump(mode="json", by_alias=True, exclude={"rules", *absent})
        plain["rules"] = self.rules.model_dump(mode="json", by_alias=True, exclude_defaults=True)
        return "{\n" + ",\n".join(f" {_line(key)}: {_member(key, value)}" for key, value in plain.items()) + "\n}\n"


SERIES = ("requests", "cpu", "memory", "response_time", "running", "desired")
"""Names of the series, the one that must be there first."""
OF_A_QUEUE = ("backlog", "age")
"""Names of those that only workers have."""


def _line(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def _member(key: str, value: Any) -> str:
    if key == "activities" and value:
        return "[\n" + ",\n".join(f"  {_line(one)}" for one in value) + "\n ]"
    return json.dumps(value, indent=1, ensure_ascii=False).replace("\n", "\n ") if key == "rules" else _line(value)


def _whole(platform: str, values: Mapping[str, float | str]) -> dict[str, float | int | str]:
    """Numbers as whole ones where the platform's own are."""
    shipped = platform_parameters(platform)
    return {
        name: int(value)
        if isinstance(value, float) and value.is_integer() and isinstance(getattr(shipped, name, None), int)
        else value
        for name, value in values.items()
    }


def read_recording(path: Path) -> Recording:
    """The recording in a file; raises RecordingError that says everything that is wrong with it."""
    try:
        text = read_text(path, maximum=LARGEST)
    except FileNotFoundError:
        raise RecordingError(f"{path}: there is no such file") from None
    except InputFileError as error:
        raise RecordingError(f"{path}: {error}") from None
    try:
        content = json.loads(text, parse_constant=_not_a_number)
    except (ValueError, RecursionError) as error:
        raise RecordingError(f"{path}: is no JSON, as `accordion record` writes it: {error}") from None
    if not isinstance(content, dict) or "requests" not in content:
        raise RecordingError(f"{path}: is no recording, as `accordion record` writes it: it has no `requests`")
    if (version := content.get("version")) != 1:
        said = f"is of version {version!r}" if isinstance(version, int) else "has no `version` that is a number"
        raise RecordingError(f"{path}: {said}; this release reads version 1")
    try:
        return Recording.model_validate_json(text)
    except ValidationError as error:
        faults = error.errors(include_url=False, include_input=False)
        lines = [f"{path}: {'.'.join(map(str, one['loc'])) or 'the file'}: {one['msg']}" for one in faults]
        more = [f"{path}: and {len(lines) - FAULTS_SHOWN:,} more"] if len(lines) > FAULTS_SHOWN else []
        raise RecordingError("\n".join([*lines[:FAULTS_SHOWN], *more])) from None


def _not_a_number(name: str) -> float:
    raise ValueError(f"{name} is no JSON: write null where there is no datapoint")


def schema() -> dict[str, Any]:
    """The JSON schema of a recording, docs/schema/recording.schema.json."""
    return {"$schema": "https://json-schema.org/draft/2020-12/schema"} | Recording.model_json_schema()
