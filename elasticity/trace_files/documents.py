"""Answers of monitoring services as JSON, each as series by name. Sources: API references of the services, as in
docs/sources.md."""

from __future__ import annotations

import dataclasses
import datetime
import math
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from elasticity.trace_files.content import Content
from elasticity.trace_files.faults import Faults, is_plain, listed, shown
from elasticity.trace_files.meaning import AVERAGE, Meaning, Per, meaning_of
from elasticity.trace_files.recording import Asked, Recording
from elasticity.trace_files.times import parse_time, seconds_of
from elasticity.traces import TraceError

ALL = "*"
"""As value column: the sum of all series."""


@dataclasses.dataclass
class Series:
    """One series as it stands in a document."""

    name: str
    points: list[tuple[Any, Any]]
    """Time and value; None where a value is missing."""
    meaning: Meaning
    period: int | None = None


def _pick(series: Mapping[str, Series], asked: Asked, path: str) -> Series:
    """The series that is asked for, or the only one."""
    if asked.value_column == ALL:
        return _sum(list(series.values()), path)
    wanted = asked.value_column or next(iter(series))
    for name in (wanted, *asked.columns):
        if name not in series:
            raise TraceError(f"{path}:1: no result {shown(name)[1:-1]}, the file has {listed(series)}")
    if asked.value_column is None and len(series) > 1 and not asked.columns:
        raise TraceError(f"{path}:1: there are several results, name one as value column: {listed(series)}")
    return series[wanted]


def _sum(series: Sequence[Series], path: str) -> Series:
    """All series as one: times of any, values added."""
    meanings = {one.meaning for one in series}
    if len(meanings) > 1:
        raise TraceError(f"{path}:1: the results count different things and have no sum: name one as value column")
    total: dict[Any, Any] = {}
    for one in series:
        for stamp, value in one.points:
            if isinstance(value, bool) or not isinstance(value, int | float):
                total.setdefault(stamp, value)
            else:
                known = total.get(stamp)
                total[stamp] = value + (known if isinstance(known, int | float) else 0)
    return Series(ALL, list(total.items()), series[0].meaning, series[0].period)


def chosen(series: Mapping[str, Series], asked: Asked, path: str) -> Recording:
    """The series that is asked for, its points in order of time, others beside it as columns."""
    if not series:
        raise TraceError(f"{path}:1: there is no series in the file")
    one = _pick(series, asked, path)
    faults = Faults(path)
    points: list[tuple[Any, float]] = []
    spoken = one.name if is_plain(one.name) else "series"
    for place, (stamp, value) in enumerate(one.points, 1):
        time = parse_time(str(stamp))
        if time is None:
            faults.add(1, f"{spoken}, point {place}: the time is not readable")
        elif value is None or (isinstance(value, float) and math.isnan(value)):
            points.append((time, math.nan))
        elif isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < math.inf:
            faults.add(1, f"{spoken}, point {place}: expected a finite number from 0 up")
        else:
            points.append((time, float(value)))
    faults.refuse()
    seconds = seconds_of([time for time, _ in points], [1] * len(points), faults).seconds
    order = np.argsort(seconds, kind="stable")
    values = np.array([value for _, value in points])
    return Recording(
        one.name,
        seconds[order],
        values[order],
        per=one.meaning.per,
        refused=one.meaning.refused,
        columns={name: _beside(series[name], seconds[order]) for name in asked.columns},
        period=one.period if len(points) == 1 else None,
    )


def _beside(series: Series, seconds: Any) -> Any:
    """Values of another series at the same times."""
    times = [(parse_time(str(stamp)), value) for stamp, value in series.points]
    known = {
        (time if time.tzinfo else time.replace(tzinfo=datetime.UTC)).timestamp(): float(value)
        for time, value in times
        if time is not None and isinstance(value, int | float)
    }
    return np.array([known.get(float(second), math.nan) for second in seconds])


def _named(found: Sequence[Series]) -> dict[str, Series]:
    """By name; several of one name are numbered."""
    named: dict[str, Series] = {}
    for one in found:
        name, number = one.name, 2
        while name in named:
            name, number = f"{one.name} {number}", number + 1
        one.name = name
        named[name] = one
    return named


def reader(series_of: Callable[[Any, str], Sequence[Series]]) -> Callable[[Content, Asked], Recording]:
    """The reader of a kind of document."""

    def read(content: Content, asked: Asked) -> Recording:
        return chosen(_named(series_of(content.document, content.path)), asked, content.path)

    return read


def _maps(value: Any, path: str, what: str) -> list[dict[str, Any]]:
    """A list of maps; raises TraceError for anything else."""
    if not isinstance(value, list) or not all(isinstance(one, dict) for one in value):
        raise TraceError(f"{path}:1: {what}: expected a list of maps")
    return value


def _map(value: Any) -> dict[str, Any]:
    """A map, or an empty one."""
    return value if isinstance(value, dict) else {}


def _pairs(value: Any, path: str, what: str) -> list[list[Any]]:
    if not isinstance(value, list) or not all(isinstance(one, list) and len(one) == 2 for one in value):
        raise TraceError(f"{path}:1: {what}: expected pairs of a time and a value")
    return value


_NO_PER = "says not what its values count: add --per second for rate(), --per minute for an increase over a minute"


def prometheus(document: Any, path: str) -> list[Series]:
    """Of a range query of the HTTP API, or of promtool."""
    if isinstance(document, dict):
        data = _map(document.get("data")) or document
        kind = data.get("resultType", "matrix")
        if kind != "matrix":
            raise TraceError(
                f"{path}:1: the answer of an instant query has no course of time: ask /api/v1/query_range with "
                "start, end and step"
            )
        document = data.get("result")
    found = []
    for one in _maps(document, path, "result"):
        labels = _map(one.get("metric"))
        name = str(labels.get("__name__", ""))
        others = ",".join(f"{key}={value}" for key, value in labels.items() if key != "__name__")
        meaning = meaning_of(name) if name else Meaning(refused=_NO_PER)
        if name.endswith(("_total", "_count")) and meaning.per is None:
            meaning = Meaning(
                refused="is a counter since its process began: query its rate(), such as sum(rate(...[1m]))"
            )
        elif meaning == Meaning():
            meaning = Meaning(refused=_NO_PER)
        points = [(stamp, _number(value)) for stamp, value in _pairs(one.get("values"), path, "values")]
        found.append(Series((name + (f"{{{others}}}" if others else "")) or "value", points, meaning))
    return found


def _number(value: Any) -> Any:
    """Numbers that stand as text, as Prometheus and others write them."""
    if isinstance(value, str):
        try:
            return float(value)
        except ValueError:
            return value
    return value


def datadog(document: Any, path: str) -> list[Series]:
    """Of the metrics query, first version."""
    found = []
    for one in _maps(document["series"], path, "series"):
        text = str(one.get("expression") or one.get("metric") or "")
        interval = one.get("interval")
        found.append(
            Series(
                str(one.get("scope") or one.get("display_name") or one.get("metric") or "value"),
                [(stamp, value) for stamp, value in _pairs(one.get("pointlist"), path, "pointlist")],
                _of_datadog(text, one.get("unit")),
                interval if isinstance(interval, int) and interval > 0 else None,
            )
        )
    return found


def datadog_second(document: Any, path: str) -> list[Series]:
    """Of the metrics query, second version."""
    attributes = document["data"]["attributes"]
    times, values = attributes.get("times"), attributes.get("values")
    rows = _maps(attributes.get("series"), path, "series")
    if not isinstance(times, list) or not isinstance(values, list) or len(values) != len(rows):
        raise TraceError(f"{path}:1: values: expected one list for each of the series")
    found = []
    for place, (one, row) in enumerate(zip(rows, values, strict=True), 1):
        if not isinstance(row, list) or len(row) != len(times):
            raise TraceError(f"{path}:1: values: expected one for each of the times")
        tags = one.get("group_tags")
        name = ",".join(map(str, tags)) if isinstance(tags, list) and tags else f"series {place}"
        found.append(Series(name, list(zip(times, row, strict=True)), _of_datadog("", one.get("unit"))))
    return found


def recorded(document: Any, path: str) -> list[Series]:
    """A recording of this project, docs/recordings.md: its requests, none in a minute without a datapoint."""
    start = _start(document.get("start"))
    counts = document.get("requests")
    if start is None or not isinstance(counts, list):
        raise TraceError(f"{path}:1: start, requests: expected a time with its zone, and a list of counts")
    times = [(start + datetime.timedelta(minutes=place)).isoformat() for place in range(len(counts))]
    points = [(time, 0 if value is None else value) for time, value in zip(times, counts, strict=True)]
    return [Series("requests", points, Meaning("step"), 60)]


def _start(text: Any) -> datetime.datetime | None:
    """A time with its zone; None for anything else."""
    try:
        found = datetime.datetime.fromisoformat(text)
    except (TypeError, ValueError):
        return None
    return found if found.tzinfo is not None else None


def _of_datadog(expression: str, unit: Any) -> Meaning:
    """What a query's text and unit say; a count without `as_count()` is normalised to a second by some metrics only."""
    of, per = (_map(part) for part in unit) if isinstance(unit, list) and len(unit) == 2 else ({}, {})
    family = of.get("family")
    if family in ("time", "percentage", "bytes", "cpu", "temperature", "memory"):
        return Meaning(refused=f"is measured in units of {family}, not in requests")
    if expression.startswith(("avg:", "max:", "min:")):
        return Meaning(refused=AVERAGE if expression.startswith("avg") else "is no sum: ask for sum:")
    if "as_count()" in expression:
        return Meaning("step")
    meaning = meaning_of(expression)
    if meaning != Meaning():
        return meaning
    if per.get("name") in ("second", "minute", "hour"):
        return Meaning(per["name"])
    return Meaning(refused="says not what its values count: query it with .as_count(), or add --per second")


_ISO_PERIOD = re.compile(r"PT(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?|P(\d+)D")


def google(document: Any, path: str) -> list[Series]:
    """Of timeSeries.list of Cloud Monitoring."""
    rows = document.get("timeSeries") if isinstance(document, dict) else document
    if isinstance(document, dict) and document.get("nextPageToken"):
        raise TraceError(f"{path}:1: the answer is not whole, it has a nextPageToken: ask for the other pages too")
    found = []
    for one in _maps(rows, path, "timeSeries"):
        metric = _map(one.get("metric"))
        kind, unit = one.get("metricKind"), one.get("unit")
        points: list[tuple[Any, Any]] = []
        for point in _maps(one.get("points"), path, "points"):
            interval, value = point.get("interval"), point.get("value")
            if not isinstance(interval, dict) or not isinstance(value, dict) or len(value) != 1:
                raise TraceError(f"{path}:1: points: expected an interval and one value in each")
            begin = interval.get("startTime") if kind == "DELTA" else None
            points.append((begin or interval.get("endTime"), _number(next(iter(value.values())))))
        labels = {**_map(_map(one.get("resource")).get("labels")), **_map(metric.get("labels"))}
        name = str(metric.get("type", "value")).rpartition("/")[2]
        found.append(Series(_with_labels(name, labels, rows), points, _of_google(name, kind, unit)))
    return found


def _with_labels(name: str, labels: Mapping[str, Any], rows: Any) -> str:
    return name if len(rows) == 1 else f"{name}{{{','.join(f'{key}={value}' for key, value in labels.items())}}}"


def _of_google(name: str, kind: Any, unit: Any) -> Meaning:
    named = meaning_of(name)
    if named.refused and "rate" not in named.refused:
        return named
    if kind == "CUMULATIVE":
        return Meaning(refused="is a counter since its start: ask with perSeriesAligner ALIGN_DELTA or ALIGN_RATE")
    if kind == "DELTA":
        return Meaning("step")
    if unit in ("1/s", "{request}/s", "{requests}/s"):
        return Meaning("second")
    return Meaning(
        refused="is a level at an instant: ask with perSeriesAligner ALIGN_DELTA, or add --per second for ALIGN_RATE"
    )


_AZURE_UNITS: Mapping[str, Per] = {"Count": "step", "CountPerSecond": "second"}


def azure(document: Any, path: str) -> list[Series]:
    """Of `az monitor metrics list`, which is the service's own answer."""
    found = []
    for metric in _maps(document["value"], path, "value"):
        named = metric.get("name")
        name = str(named.get("value") if isinstance(named, dict) else named)
        unit = str(metric.get("unit", "Count"))
        for one in _maps(metric.get("timeseries"), path, "timeseries"):
            data = _maps(one.get("data"), path, "data")
            meta = one.get("metadatavalues")
            values = (
                [str(entry.get("value")) for entry in meta if isinstance(entry, dict)] if isinstance(meta, list) else []
            )
            kinds = [
                kind for kind in ("total", "average", "maximum", "minimum", "count") if any(kind in d for d in data)
            ]
            kind = kinds[0] if kinds else "total"
            meaning = meaning_of(name)
            per = _AZURE_UNITS.get(unit)
            if per is None:
                meaning = Meaning(
                    refused=f"is measured in {unit if is_plain(unit) else 'another unit'}, not in requests"
                )
            elif kind != "total" and per == "step" and not meaning.refused:
                meaning = Meaning(refused="has no total: ask with --aggregation Total")
            elif not meaning.refused:
                meaning = Meaning(per)
            label = f"{name}{{{','.join(values)}}}" if values else name
            found.append(Series(label, [(d.get("timeStamp"), d.get(kind)) for d in data], meaning, _period(document)))
    return found


def _period(document: Mapping[str, Any]) -> int | None:
    match = _ISO_PERIOD.fullmatch(str(document.get("interval", "")))
    hours, minutes, seconds, days = (int(part or 0) for part in match.groups()) if match else (0, 0, 0, 0)
    return (days * 86_400 + hours * 3_600 + minutes * 60 + seconds) or None
