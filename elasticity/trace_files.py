"""Traces from files: CSV with a time and a value column, exports of the CloudWatch console and of Logs Insights,
answers of get-metric-data and get-metric-statistics as JSON.

Every fault of a file is told with its line, the first twenty at once; nothing is guessed and no row is dropped in
silence.
"""

from __future__ import annotations

import csv
import dataclasses
import datetime
import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

import numpy as np

from elasticity.input_files import InputFileError, read_bytes
from elasticity.trace_answers import series
from elasticity.traces import YEARS, Interpolation, Load, Reals, TraceError

Per = Literal["step", "second", "minute", "hour"]
"""What a value counts: requests within one step of the file (CloudWatch's Sum), or a rate."""
_SECONDS: Mapping[str, int] = {"second": 1, "minute": 60, "hour": 3_600}
TIME_NAMES = ("timestamp", "time", "date", "datetime", "@timestamp")
_BIN = re.compile(r"bin\(.+\)")
"""The time column of a Logs Insights query that ends in `by bin(1m)`."""
VALUE_NAMES = ("value", "requests", "requestcount", "count", "sum", "load")
_CONSOLE_ROWS = frozenset({"full label", "label", "period", "statistic", "unit", "id", "account", "region"})
"""First cells of the rows that the CloudWatch console writes above the datapoints."""
_SEPARATORS: Mapping[str, str] = {";": "semicolons", "\t": "tabs", "|": "bars"}
_FORMATS = ("%Y/%m/%d %H:%M:%S", "%Y/%m/%d %H:%M", "%m/%d/%Y %H:%M:%S")
_GZIP = b"\x1f\x8b"
_MILLISECONDS = 1e11
"""Unix times from here on are in milliseconds, as Grafana writes them; in seconds it would be the year 5138."""
_LAST_STAMP = 7_258_118_400
"""2200-01-01T00:00:00Z in Unix seconds."""
MOST_FAULTS = 20
LARGEST_FILE = 512 * 1024 * 1024
"""Bytes; MOST_ROWS rows of a time and a value have about 170 MB."""
_PLAIN_NAME = re.compile(r"[A-Za-z_@][\w .()/%@-]{0,39}")
"""A column's name as exports write it. What else stands in a first row may be anything, and is not repeated."""
MOST_ROWS = 5_000_000


@dataclasses.dataclass
class _Table:
    """Rows of one file: where each stands, its time and its values by column."""

    path: str
    names: list[str]
    lines: list[int] = dataclasses.field(default_factory=list)
    times: list[datetime.datetime] = dataclasses.field(default_factory=list)
    rows: list[list[float]] = dataclasses.field(default_factory=list)
    faults: list[str] = dataclasses.field(default_factory=list)

    def fault(self, line: int, text: str) -> None:
        self.faults.append(f"{self.path}:{line}: {text}")

    def refuse(self) -> None:
        """Raise what was found, the first faults at once."""
        if self.faults:
            more = len(self.faults) - MOST_FAULTS
            tail = [f"{self.path}: and {more} more faults"] if more > 0 else []
            raise TraceError("\n".join([*self.faults[:MOST_FAULTS], *tail]))


def read_trace(
    path: str | Path,
    *,
    per: Per = "step",
    time_column: str | None = None,
    value_column: str | None = None,
    columns: Sequence[str] | None = None,
    interpolation: Interpolation = "step",
    encoding: str = "utf-8-sig",
) -> Load:
    """The load that a CSV or JSON file holds.

    CSV: a header, a time column (`timestamp`, `time`, `date`, `bin(1m)` or named) and a value column (`value`,
    `requests`, ... or named; the only other column where there is one). `columns` names further metrics to keep. Times
    are ISO 8601, the console's, or Unix seconds or milliseconds; without a zone they are UTC. `per` says what a value
    counts. The step is the smallest distance of two times; gaps are filled and counted. JSON: the answer of `aws
    cloudwatch get-metric-data` or `get-metric-statistics`; the value column is then a result's id or label.

    Raises TraceError with file and line: unreadable or empty file, missing column, text for a number, negative or
    infinite values, times that repeat, decrease, have different zones, lie outside 1970 to 2199 or not on one step; and
    on an answer of CloudWatch that is not whole.
    """
    file = Path(path)
    if per != "step" and per not in _SECONDS:
        raise TraceError(f"{path}: got values per {per!r}, allowed step, second, minute, hour")
    try:
        content = read_bytes(file, most=LARGEST_FILE)
    except FileNotFoundError:
        raise TraceError(f"{path}: cannot be read: No such file or directory") from None
    except InputFileError as error:
        raise TraceError(f"{path}: {error}") from None
    if content.startswith(_GZIP):
        raise TraceError(f"{path}: is compressed: unpack it first, such as by gunzip")
    try:
        text = content.decode(encoding)
    except (UnicodeDecodeError, LookupError):
        raise TraceError(f"{path}: is not {encoding.removesuffix('-sig')} text") from None
    if not text.strip():
        raise TraceError(f"{path}:1: the file is empty, expected a header and rows with a time and a value")
    if file.suffix.lower() == ".json" or text.lstrip()[:1] in "{[":
        table = _json_table(str(path), text, value_column, columns)
    else:
        table = _csv_table(str(path), text, time_column, value_column, columns)
    return _load(table, per, interpolation, file.stem)


def _csv_table(
    path: str, text: str, time_column: str | None, value_column: str | None, columns: Sequence[str] | None
) -> _Table:
    reader = csv.reader(text.splitlines())
    try:
        header, first_line, rows = _header(path, reader)
        time_at, value_at = _places(path, first_line, header, time_column, value_column)
        others = _others(path, first_line, header, columns or ())
        table = _Table(path, ["value", *(columns or ())])
        for line, row in rows:
            _read_row(table, line, row, len(header), time_at, [value_at, *others])
            if len(table.lines) > MOST_ROWS:
                raise TraceError(f"{path}:{line}: more than {MOST_ROWS} rows: take a coarser step or a shorter window")
    except csv.Error as error:
        raise TraceError(f"{path}:{reader.line_num}: not a CSV row: {error}") from None
    return table


def _header(path: str, reader: Any) -> tuple[list[str], int, Iterable[tuple[int, list[str]]]]:
    """The header, its line, and the rows below it; of a console export the labels serve as header."""
    labels: list[str] | None = None
    line = 1
    for row in reader:
        line = reader.line_num
        cells = [cell.strip() for cell in row]
        if not any(cells):
            continue
        first = cells[0].lower()
        if first in _CONSOLE_ROWS:
            if first == "label" or labels is None:
                labels = ["timestamp", *cells[1:]]
            continue
        below = ((reader.line_num, other) for other in reader)
        if labels is None:
            return cells, line, below
        return labels, line, _prepended((line, row), below)
    raise TraceError(f"{path}:{line}: there are no rows below the header, expected a time and a value in each")


def _prepended(first: tuple[int, list[str]], rest: Iterable[tuple[int, list[str]]]) -> Iterable[tuple[int, list[str]]]:
    if not _is_number(first[1][0]) and first[1][0].strip().lower() in TIME_NAMES:
        yield from rest
        return
    yield first
    yield from rest


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return "_" not in cell  # Python's own way to group digits


def _column(path: str, line: int, header: list[str], name: str) -> int:
    matching = [place for place, cell in enumerate(header) if cell.lower() == name.lower()]
    if len(matching) != 1:
        found = "is missing" if not matching else "is there more than once"
        raise TraceError(f"{path}:{line}: the column {name} {found}, the header has {listed(header)}")
    return matching[0]


def listed(columns: Iterable[str]) -> str:
    """Columns or results as errors name them: those with plain names, and how many others there are."""
    given = list(columns)
    plain = [name for name in given if _PLAIN_NAME.fullmatch(name)][:MOST_FAULTS]
    more = len(given) - len(plain)
    return ", ".join([*plain, *([f"{more} more"] if more and plain else ["no plain name"] if more else [])])


def _places(path: str, line: int, header: list[str], time: str | None, value: str | None) -> tuple[int, int]:
    lower = [cell.lower() for cell in header]
    if all(_is_number(cell) for cell in header[1:]) and len(header) > 1:
        raise TraceError(f"{path}:{line}: there is no header, expected one such as timestamp,value")
    separator = next((name for sign, name in _SEPARATORS.items() if len(header) == 1 and sign in header[0]), None)
    if separator is not None:
        raise TraceError(f"{path}:{line}: the cells are separated by {separator}, expected commas")
    if time is None:
        named = (name for name in TIME_NAMES if name in lower)
        time = next(named, None) or next((cell for cell in header if _BIN.fullmatch(cell.lower())), None)
        if time is None:
            raise TraceError(
                f"{path}:{line}: no time column: expected one of {', '.join(TIME_NAMES)}, "
                f"the header has {listed(header)}"
            )
    time_at = _column(path, line, header, time)
    if value is None:
        value = next((name for name in VALUE_NAMES if name in lower), None)
        others = [cell for place, cell in enumerate(header) if place != time_at]
        if value is None and len(others) == 1:
            value = others[0]
        if value is None:
            raise TraceError(
                f"{path}:{line}: no value column: expected {', '.join(VALUE_NAMES[:3])} or one named by the caller, "
                f"the header has {listed(header)}"
            )
    return time_at, _column(path, line, header, value)


def _others(path: str, line: int, header: list[str], columns: Sequence[str]) -> list[int]:
    return [_column(path, line, header, name) for name in columns]


def _read_row(table: _Table, line: int, row: list[str], width: int, time_at: int, places: list[int]) -> None:
    if not any(cell.strip() for cell in row):
        return
    if len(row) != width:
        table.fault(line, f"got {len(row)} cells, the header has {width}")
        return
    time = parse_time(row[time_at])
    if time is None:
        table.fault(line, "the time is not readable, expected one such as 2026-01-05T00:00:00Z")
        return
    values: list[float] = []
    for position, place in enumerate(places):
        cell = row[place].strip()
        if not cell:
            values.append(math.nan)
            continue
        value = float(cell) if _is_number(cell) else math.inf
        if math.isinf(value) or (position == 0 and not value >= 0):
            table.fault(line, _value_fault(cell, table.names[position]))
            return
        values.append(value)
    table.lines.append(line)
    table.times.append(time)
    table.rows.append(values)


def _value_fault(cell: str, name: str) -> str:
    kind = "text" if not _is_number(cell) else "a negative number" if float(cell) < 0 else "no finite number"
    return f"{name}: got {kind}, expected a number from 0 up, or nothing where it is missing"


def parse_time(text: str) -> datetime.datetime | None:
    """A time as ISO 8601, as the console writes it, or in Unix seconds or milliseconds; naive where no zone is written,
    None where unreadable."""
    cell = text.strip()
    try:
        return datetime.datetime.fromisoformat(cell)
    except ValueError:
        pass
    for pattern in _FORMATS:
        try:
            return datetime.datetime.strptime(cell, pattern)  # noqa: DTZ007 # the zone is decided for the whole file
        except ValueError:
            continue
    stamp = float(cell) if _is_number(cell) else math.nan
    stamp = stamp / 1_000 if stamp >= _MILLISECONDS else stamp
    return datetime.datetime.fromtimestamp(stamp, datetime.UTC) if 0 < stamp < _LAST_STAMP else None


def _json_table(path: str, text: str, value_column: str | None, columns: Sequence[str] | None) -> _Table:
    results = series(path, text)
    wanted = [value_column or next(iter(results)), *(columns or ())]
    for name in wanted:
        if name not in results:
            raise TraceError(f"{path}:1: no result {name}, the file has {listed(results)}")
    if value_column is None and len(results) > 1 and not columns:
        raise TraceError(f"{path}:1: there are several results, name one as value column: {listed(results)}")
    table = _Table(path, ["value", *(columns or ())])
    for place, (stamp, value) in enumerate(results[wanted[0]]):
        time = parse_time(str(stamp))
        if time is None:
            table.fault(1, f"{wanted[0]}, point {place + 1}: the time is not readable")
        elif isinstance(value, bool) or not isinstance(value, int | float) or not (value >= 0 and math.isfinite(value)):
            table.fault(1, f"{wanted[0]}, point {place + 1}: expected a finite number from 0 up")
        else:
            table.lines.append(1)
            table.times.append(time)
            table.rows.append([float(value)])
    order = sorted(range(len(table.times)), key=lambda place: table.times[place].isoformat())
    table.times = [table.times[place] for place in order]
    table.rows = [table.rows[place] for place in order]
    further = [{str(parse_time(str(stamp))): value for stamp, value in results[name]} for name in wanted[1:]]
    for time, row in zip(table.times, table.rows, strict=True):
        row.extend(float(values.get(str(time), math.nan)) for values in further)
    return table


def _load(table: _Table, per: Per, interpolation: Interpolation, name: str) -> Load:
    table.refuse()
    if not table.times:
        raise TraceError(f"{table.path}:1: there are no rows below the header, expected a time and a value in each")
    seconds = _seconds(table)
    step = _step(table, seconds)
    table.refuse()
    places = ((seconds - seconds[0]) // step).astype(np.int64)
    grid = np.full((len(table.names), int(places[-1]) + 1), math.nan)
    grid[:, places] = np.array(table.rows, dtype=np.float64).T
    values, filled = _filled(table, grid[0], interpolation)
    divisor = step if per == "step" else _SECONDS[per]
    return Load(
        values=values / divisor,
        step=step,
        start=datetime.datetime.fromtimestamp(int(seconds[0]), datetime.UTC),
        interpolation=interpolation,
        columns=dict(zip(table.names[1:], grid[1:], strict=True)),
        name=name,
        filled=filled,
    )


def _seconds(table: _Table) -> Reals:
    """Times as Unix seconds, all of one zone, in order; faults are noted."""
    first, last = YEARS
    for place, time in enumerate(table.times):
        if not first <= time.year <= last:
            table.fault(table.lines[place], f"the time lies outside {first} to {last}")
    table.refuse()
    zones = Counter(time.utcoffset() for time in table.times)
    if len(zones) > 1:
        usual = zones.most_common(1)[0][0]
        place = next(place for place, time in enumerate(table.times) if time.utcoffset() != usual)
        table.fault(table.lines[place], "the time has another zone than the others: write all times in UTC")
        table.refuse()
    if next(iter(zones)) is None:
        stamps = [time.replace(tzinfo=datetime.UTC).timestamp() for time in table.times]
    else:
        stamps = [time.timestamp() for time in table.times]
    seconds = np.array(stamps)
    for place in np.flatnonzero(np.diff(seconds) <= 0).tolist():
        kind = "repeats" if seconds[place + 1] == seconds[place] else "lies before"
        table.fault(table.lines[place + 1], f"the time {kind} that of the row above, expected increasing times")
    for place in np.flatnonzero(seconds != np.floor(seconds)).tolist():
        table.fault(table.lines[place], "the time has fractions of a second, expected whole seconds")
    table.refuse()
    return seconds


def _step(table: _Table, seconds: Reals) -> int:
    """The smallest distance; every other must be a multiple of it."""
    if len(seconds) < 2:
        table.fault(table.lines[0], "there is only one row: the step between rows is unknown")
        table.refuse()
    distances = np.diff(seconds)
    step = int(distances.min())
    for place in np.flatnonzero(distances % step != 0).tolist():
        table.fault(
            table.lines[place + 1],
            f"the time is {distances[place]:.0f} s after the row above, expected a multiple of the step of {step} s",
        )
    if (seconds[-1] - seconds[0]) / step > 10 * MOST_ROWS:
        table.fault(table.lines[-1], f"the times span too many steps of {step} s")
    return step


def _filled(table: _Table, values: Reals, interpolation: Interpolation) -> tuple[Reals, int]:
    """Values without gaps, and how many were missing."""
    missing = np.isnan(values)
    if missing.all():
        raise TraceError(f"{table.path}:{table.lines[0]}: no row has a value")
    known = np.flatnonzero(~missing)
    if interpolation == "linear":
        return np.interp(np.arange(len(values)), known, values[known]), int(missing.sum())
    before = np.maximum(np.searchsorted(known, np.arange(len(values)), side="right") - 1, 0)
    return values[known[before]], int(missing.sum())
