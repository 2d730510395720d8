"""Files with one row for each request: access logs and results of load generators, counted into even steps."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from elasticity.trace_files.content import Content
from elasticity.trace_files.faults import MOST_ROWS, Faults
from elasticity.trace_files.recording import Asked, Recording
from elasticity.trace_files.times import UNREADABLE, parse_time, seconds_of
from elasticity.traces import Reals, TraceError

_SHORT_SECONDS = 1_200
"""Recordings up to here are counted in steps of 10 s, longer ones in minutes."""
_MOST_BUCKETS = 50_000_000
ALB_LINE = re.compile(r"(?:https?|h2|wss?|grpcs?) (\d{4}-\d\d-\d\dT[\d:.]+Z) (?:app|net)/")
_ALB_BEGUN = re.compile(r' \d+ (\d{4}-\d\d-\d\dT[\d:.]+Z) "[^"]*" "')
"""Priority of the rule, then the time at which the request came; the line's first time is that of the response."""
CLASSIC_LINE = re.compile(r"(\d{4}-\d\d-\d\dT[\d:.]+Z) \S+ \S+:\d+ \S+ -?[\d.]+ -?[\d.]+ -?[\d.]+ ")
COMMON_LINE = re.compile(r"\S+ \S+ [^\[]*\[(\d\d/[A-Z][a-z]{2}/\d{4}:\d\d:\d\d:\d\d [+-]\d{4})\] \"")
VEGETA_ROW = re.compile(r"(\d{19}),\d{1,3},\d+,\d+,\d+,")


def counted(name: str, seconds: Reals, weights: Reals | None, path: str) -> Recording:
    """Requests at `seconds`, each one or as many as its weight, in even steps of 60 s, or of 10 s where they last no
    longer than 20 minutes."""
    if len(seconds) == 0:
        raise TraceError(f"{path}:1: there are no requests in the file")
    first, last = float(seconds.min()), float(seconds.max())
    step = 10 if last - first <= _SHORT_SECONDS else 60
    start = first // step * step
    if (last - start) / step > _MOST_BUCKETS:
        raise TraceError(f"{path}:1: the times span too many steps of {step} s")
    values = np.bincount(((seconds - start) // step).astype(np.int64), weights=weights).astype(np.float64)
    words = f"{int(values.sum())} requests counted into steps of {step} s, of which the first and the last may be cut"
    times = start + step * np.arange(len(values), dtype=np.float64)
    return Recording(name, times, values, per="request", period=step, words=(words,))


def _of_times(name: str, cells: Sequence[str], lines: Sequence[int], path: str) -> Recording:
    """One request at each time."""
    faults = Faults(path)
    parsed: dict[str, Any] = {}
    for cell, line in zip(cells, lines, strict=True):
        if cell not in parsed:
            parsed[cell] = parse_time(cell)
        if parsed[cell] is None:
            faults.add(line, UNREADABLE)
    faults.refuse()
    times = seconds_of([parsed[cell] for cell in cells], lines, faults)
    return counted(name, times.seconds, None, path)


def _log(name: str, time_of: Callable[[str], str | None]) -> Callable[[Content, Asked], Recording]:
    """The reader of a log whose lines have a time each."""

    def read(content: Content, _asked: Asked) -> Recording:
        faults = Faults(content.path)
        cells: list[str] = []
        lines: list[int] = []
        for number, line in enumerate(content.text.splitlines(), 1):
            if not line.strip():
                continue
            found = time_of(line)
            if found is None:
                faults.add(number, f"is no line of {name}, as the lines before are")
                continue
            cells.append(found)
            lines.append(number)
            if len(lines) > MOST_ROWS:
                raise TraceError(f"{content.path}:{number}: more than {MOST_ROWS} rows: take a shorter window")
        faults.refuse()
        return _of_times("requests", cells, lines, content.path)

    return read


def _alb_time(line: str) -> str | None:
    match = ALB_LINE.match(line)
    begun = None if match is None else _ALB_BEGUN.search(line)
    return begun[1] if begun is not None else match[1] if match is not None else None


def _first_group(pattern: re.Pattern[str]) -> Callable[[str], str | None]:
    def time_of(line: str) -> str | None:
        match = pattern.match(line)
        return None if match is None else match[1]

    return time_of


alb = _log("an access log of a load balancer", _alb_time)
classic = _log("an access log of a classic load balancer", _first_group(CLASSIC_LINE))
common = _log("an access log", _first_group(COMMON_LINE))
vegeta_csv = _log("vegeta's results", _first_group(VEGETA_ROW))


def extended(content: Content, _asked: Asked) -> Recording:
    """A log in W3C's extended format, such as CloudFront's: the fields stand in a comment."""
    fields: list[str] | None = None
    cells: list[str] = []
    lines: list[int] = []
    for number, line in enumerate(content.text.splitlines(), 1):
        if line.startswith("#"):
            fields = line.split()[1:] if line.startswith("#Fields:") else fields
            continue
        if not line.strip():
            continue
        if fields is None or "date" not in fields or "time" not in fields:
            raise TraceError(f"{content.path}:{number}: the fields `date` and `time` are missing in the line #Fields")
        row = line.split("\t") if "\t" in line else line.split()
        if len(row) < len(fields):
            raise TraceError(f"{content.path}:{number}: got {len(row)} fields, the line #Fields has {len(fields)}")
        cells.append(f"{row[fields.index('date')]}T{row[fields.index('time')]}Z")
        lines.append(number)
    return _of_times("requests", cells, lines, content.path)


def k6_lines(content: Content, _asked: Asked) -> Recording:
    """k6's results as a document a line; `http_reqs` counts."""
    cells: list[str] = []
    lines: list[int] = []
    weights: list[float] = []
    for number, row in content.rows():
        point = row.get("data") if isinstance(row, dict) else None
        if not isinstance(point, dict) or row.get("type") != "Point" or row.get("metric") != "http_reqs":
            continue
        value = point.get("value")
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 1e9:
            raise TraceError(f"{content.path}:{number}: the value of http_reqs is no number from 0 up")
        cells.append(str(point.get("time")))
        lines.append(number)
        weights.append(float(value))
    return _weighted("http_reqs", cells, lines, weights, content.path)


def _weighted(name: str, cells: Sequence[str], lines: Sequence[int], weights: Sequence[float], path: str) -> Recording:
    faults = Faults(path)
    times = [parse_time(cell) for cell in cells]
    for line, time in zip(lines, times, strict=True):
        if time is None:
            faults.add(line, UNREADABLE)
    faults.refuse()
    found = seconds_of([time for time in times if time is not None], lines, faults)
    return counted(name, found.seconds, np.array(weights), path)


def k6_rows(rows: Iterator[tuple[int, list[str]]], header: list[str], path: str) -> Recording:
    """k6's results as CSV: rows of `http_reqs`."""
    at = {name: place for place, name in enumerate(header)}
    cells: list[str] = []
    lines: list[int] = []
    weights: list[float] = []
    for number, row in rows:
        if len(row) <= at["metric_value"] or row[at["metric_name"]] != "http_reqs":
            continue
        try:
            value = float(row[at["metric_value"]])
        except ValueError:
            value = -1.0
        if not 0 <= value < 1e9:
            raise TraceError(f"{path}:{number}: the value of http_reqs is no number from 0 up")
        cells.append(row[at["timestamp"]])
        lines.append(number)
        weights.append(value)
    return _weighted("http_reqs", cells, lines, weights, path)


def vegeta_lines(content: Content, _asked: Asked) -> Recording:
    """vegeta's results as a document a line."""
    cells: list[str] = []
    lines: list[int] = []
    for number, row in content.rows():
        cells.append(str(row.get("timestamp")) if isinstance(row, dict) else "")
        lines.append(number)
    return _of_times("requests", cells, lines, content.path)
