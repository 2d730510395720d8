"""Recordings from the log of a controller on Docker Swarm, where nothing else keeps metrics."""

from __future__ import annotations

import dataclasses
import datetime
import math
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from pydantic import ValidationError

from elasticity.recordings.recording import STEP, Recording
from operations.controller.documents import policy_of
from operations.failures import CannotRun
from operations.recordings.recorder import MINUTE, series_of

_MEASURED = ("cpu", "memory", "response_time")
_DONE = "done"


@dataclasses.dataclass
class _Service:
    """What a log says of one service, by minute."""

    policy: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    values: dict[str, dict[datetime.datetime, list[float]]] = dataclasses.field(default_factory=dict)
    activities: list[dict[str, Any]] = dataclasses.field(default_factory=list)
    cause: str = ""
    is_dry: bool = False

    def add(self, name: str, minutes: Iterable[datetime.datetime], value: float) -> None:
        for minute in minutes:
            self.values.setdefault(name, {}).setdefault(minute, []).append(value)


def recordings(
    lines: Iterable[Mapping[str, Any]], where: str, start: datetime.datetime, end: datetime.datetime
) -> tuple[dict[str, Recording], dict[str, str]]:
    """By name in the Swarm: a recording of each service that the log tells requests of between two whole minutes, and
    why there is none of the others. Raises CannotRun for what is no log of a controller."""
    services: dict[str, _Service] = {}
    for number, line in enumerate(lines, 1):
        try:
            _read(services.setdefault(str(line["service"]), _Service()), line, start, end)
        except (KeyError, TypeError, AttributeError, ValueError, ArithmeticError) as error:
            raise CannotRun(f"{where}, line {number}: not a line of a controller's log: {error}") from None
    found: dict[str, Recording] = {}
    without: dict[str, str] = {}
    for name, service in services.items():
        if not service.values:
            without[name] = "the log has no tick of that time"
        elif not service.policy:
            without[name] = "the log has no line of kind `begin` any more, which tells its rules: give an older one"
        elif "requests" not in service.values:
            without[name] = (
                "nothing counts its requests: `traffic` behind the proxy does, or metrics of its own (`prometheus`)"
            )
        else:
            found[name] = _recording(name, service, where)
    return found, without


def _read(service: _Service, line: Mapping[str, Any], start: datetime.datetime, end: datetime.datetime) -> None:
    kind, at = line["kind"], datetime.datetime.fromisoformat(line["at"])
    if kind == "begin":
        service.policy = line["policy"]
    elif kind == "tick":
        _read_tick(service, line, at, start, end)
    elif kind == "action":
        service.is_dry |= line["outcome"] == "dry run"
        if line["outcome"] == _DONE and start <= at < end:
            _add_activity(service, at, int(line["before"]), int(line["after"]), service.cause)


def _read_tick(
    service: _Service, line: Mapping[str, Any], at: datetime.datetime, start: datetime.datetime, end: datetime.datetime
) -> None:
    every, serving = int(line["every"]), int(line["serving"])
    service.cause = str(line["reason"]).partition(": ")[2] or str(line["reason"])
    minutes = [minute for minute in _minutes(at, every, start) if minute < end]
    service.add("running", minutes, serving)
    service.add("desired", minutes, int(line["replicas"]))
    measured = {name: float(value) for name, value in line["measured"].items() if value is not None}
    if (rate := measured.get("requests_per_target")) is not None:
        service.add("requests", minutes, rate * serving)
    for name in _MEASURED:
        if name in measured:
            service.add(name, minutes, measured[name])
    if line["adopted"] is not None and start <= at < end:
        _add_activity(service, at, None, int(line["adopted"]), "set by somebody")


def _minutes(at: datetime.datetime, every: int, start: datetime.datetime) -> Iterator[datetime.datetime]:
    """The minutes from `start` on that a tick speaks for: those in the seconds before it, or the one that most of them
    lie in."""
    middle = at - datetime.timedelta(seconds=min(every, STEP) / 2)
    last = middle.replace(second=0, microsecond=0)
    count = min(max(1, every // STEP), (last - start) // MINUTE + 1)
    return (last - place * MINUTE for place in range(count))


def _add_activity(service: _Service, at: datetime.datetime, before: int | None, after: int, cause: str) -> None:
    service.activities.append({"time": at, "before": before, "after": after, "cause": cause})


def _recording(name: str, service: _Service, where: str) -> Recording:
    minutes = sorted(service.values["running"])
    start, count = minutes[0], round((minutes[-1] - minutes[0]) / MINUTE) + 1
    series = {
        key: series_of({minute: math.fsum(found) / len(found) for minute, found in values.items()}, start, count)
        for key, values in service.values.items()
    }
    notes = []
    if missing := count - len(minutes):
        notes.append(f"{missing:,} of {count:,} minutes have no tick: nothing that writes this log scaled it then")
    if silent := sum(value is None for value in series["requests"]) - missing:
        notes.append(f"requests: {silent:,} of {count:,} minutes have no datapoint")
    if service.is_dry:
        notes.append("a dry run: what was decided was not done")
    inside = [one for one in service.activities if start <= one["time"] < start + count * MINUTE]
    try:
        policy = policy_of(service.policy)
        parameters = {key: value for key, value in service.policy["parameters"].items() if value is not None}
        return Recording.model_validate(
            {
                "version": 1,
                "workload": name,
                "platform": policy.parameters.platform,
                "start": start,
                "activities": inside,
                "rules": policy.rules.model_dump(mode="json", exclude_defaults=True),
                "parameters": parameters,
                "notes": notes,
                **series,
            }
        )
    except (ValidationError, KeyError, TypeError, ValueError, ArithmeticError) as error:
        raise CannotRun(f"{where}: what it says of {name} is no recording: {error}") from None
