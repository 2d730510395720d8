"""Tables: CSV with a time and values in each row, as consoles, dashboards and query tools export them.

The first row that could be a header is one; what stands above it (labels of a console, a title, `sep=`) says more of
the columns. Series may stand side by side or below each other.
"""

from __future__ import annotations

import csv
import dataclasses
import re
from collections.abc import Iterator, Sequence
from itertools import islice, pairwise

import numpy as np

from elasticity.trace_files import events
from elasticity.trace_files.content import Content
from elasticity.trace_files.documents import ALL
from elasticity.trace_files.faults import MOST_ROWS, Faults, is_plain, listed
from elasticity.trace_files.meaning import AVERAGE, STATISTICS, Meaning, meaning_of
from elasticity.trace_files.numbers import MISSING, Column, is_number
from elasticity.trace_files.plain import plain_columns
from elasticity.trace_files.recording import Asked, Recording
from elasticity.trace_files.times import OFFSETS, TIME_NAMES, is_time, parse_time, times_of
from elasticity.traces import EPOCH, Reals, TraceError

VALUE_NAMES = ("value", "requests", "requestcount", "count", "sum", "load")
_TIME = re.compile(r"bin\(.+\)|_time|ts|time[ _]?stamp( ?\(.*\))?|(date ?/ ?)?time ?\(.*\)|date[ _]time|event_?time")
"""Names of time columns beside TIME_NAMES; `bin(1m)` is of Logs Insights."""
_CONSOLE_ROWS = frozenset({"full label", "label", "period", "statistic", "unit", "id", "account", "region"})
"""First cells of the rows that the CloudWatch console writes above the datapoints."""
_GOOGLE_ROW = "timeseries id"
_SEPARATORS = (";", "\t", "|")
_SEPARATOR_LINE = re.compile(r'"?sep=(.)"?')
_LOOKED_AT = 50
_WORTH_WHILE = 200
"""Rows from which on the reader without a loop is tried."""


@dataclasses.dataclass
class Table:
    """A table whose header is known, and its rows as they come."""

    path: str
    header: list[str]
    first_line: int
    """Of the header."""
    rows: Iterator[tuple[int, list[str]]]
    separator: str
    below: int | None = None
    """Where in the file the rows begin, in bytes, where nothing but them stands there."""
    console: tuple[tuple[str, str], ...] = ()
    """Statistic and period that a console wrote for each column, the time's included."""
    _ahead: list[tuple[int, list[str]]] = dataclasses.field(default_factory=list)

    def ahead(self) -> list[tuple[int, list[str]]]:
        """The first rows; they are given once more by `all_rows`."""
        if not self._ahead:
            self._ahead = list(islice(self.rows, _LOOKED_AT))
        return self._ahead

    def all_rows(self) -> Iterator[tuple[int, list[str]]]:
        """Line and cells of each row that is not empty."""
        for line, row in (*self.ahead(), *self.rows):
            if any(cell.strip() for cell in row):
                yield line, row

    def has(self, *names: str) -> bool:
        """Whether the header has these columns."""
        return {cell.lower() for cell in self.header} >= set(names)


def table_of(content: Content) -> Table:
    """The table that a file is; raises TraceError where there is no header, or nothing below it."""
    skipped, separator = _separated(content.first_lines)
    lines = _lines(content.text)
    line = 0
    while skipped and line < _LOOKED_AT:  # the line `sep=`, and empty ones above it
        line += 1
        skipped = not next(lines, "sep=").strip()
    reader = csv.reader(lines, delimiter=separator)
    numbered = ((reader.line_num + line, row) for row in reader)
    console: dict[str, list[str]] = {}
    at = max(1, line)
    for at, row in numbered:
        cells = [cell.strip() for cell in row]
        if not any(cells):
            continue
        first = cells[0].lower()
        if first in _CONSOLE_ROWS and len(cells) > 1:
            console[first] = cells
        elif first == _GOOGLE_ROW:
            return _google_table(content.path, at, cells, numbered, separator)
        elif console:
            return _console_table(content.path, at, row, console, numbered, separator)
        elif not _is_title(cells, content.first_lines[1:]):
            plain = separator == "," and at == reader.line_num + line
            return Table(content.path, cells, at, numbered, separator, below=_offset(content, at) if plain else None)
    raise TraceError(f"{content.path}:{at}: there are no rows below the header, expected a time and a value in each")


def _separated(first_lines: Sequence[str]) -> tuple[bool, str]:
    """Whether the first line is `sep=`, and the sign that parts the cells."""
    match = _SEPARATOR_LINE.fullmatch(first_lines[0].strip()) if first_lines else None
    if match is not None:
        return True, match[1].replace("\\t", "\t")
    return False, _separator(first_lines[:3])


def _lines(text: str) -> Iterator[str]:
    """Lines one by one: of a plain file only the first are looked at."""
    if "\r" in text:
        yield from text.splitlines(keepends=True)
        return
    place = 0
    while place < len(text):
        end = text.find("\n", place) + 1 or len(text)
        yield text[place:end]
        place = end


def _console_table(
    path: str,
    line: int,
    row: list[str],
    console: dict[str, list[str]],
    rows: Iterator[tuple[int, list[str]]],
    separator: str,
) -> Table:
    """An export of the CloudWatch console: labels, statistics and periods stand above the datapoints."""
    header = ["timestamp", *(console.get("label") or next(iter(console.values())))[1:]]
    if row[0].strip().lower() not in TIME_NAMES:
        rows = _prepended((line, row), rows)
    nothing = [""] * len(header)
    said = tuple(zip(console.get("statistic", nothing), console.get("period", nothing), strict=False))
    return Table(path, header, line, rows, separator, console=said)


def _separator(lines: Sequence[str]) -> str:
    """What parts the cells: a comma, unless another sign stands in every one of the first rows, and in the first more
    often than commas."""
    for sign in _SEPARATORS if lines else ():
        if all(sign in line for line in lines) and lines[0].count(sign) >= lines[0].count(","):
            return sign
    return ","


def _is_title(cells: list[str], below: Sequence[str]) -> bool:
    """Whether a row is one cell above a wider one that names a time."""
    if sum(map(bool, cells)) != 1:
        return False
    names = [name.strip().strip('"').lower() for name in next(iter(below), "").split(",")]
    return len(names) > 1 and any(map(_names_time, names))


def _names_time(name: str) -> bool:
    return name in TIME_NAMES or _TIME.fullmatch(name) is not None


def _offset(content: Content, line: int) -> int | None:
    """Where the line after `line` begins, in bytes."""
    if not content.utf8:
        return None
    place = 0
    for _ in range(line):
        place = content.raw.find(b"\n", place) + 1
        if place == 0:
            return None
    return place


def _prepended(first: tuple[int, list[str]], rest: Iterator[tuple[int, list[str]]]) -> Iterator[tuple[int, list[str]]]:
    yield first
    yield from rest


def _google_table(path: str, line: int, ids: list[str], rows: Iterator[tuple[int, list[str]]], separator: str) -> Table:
    """Metrics Explorer's CSV: the identity of each series, then a row for each label, then the times."""
    names = ["timestamp", *ids[1:]]
    for number, row in rows:
        if row and parse_time(row[0]) is not None:
            return Table(path, names, line, _prepended((number, row), rows), separator)
    raise TraceError(f"{path}:{line}: there are no rows below the header, expected a time and a value in each")


def read(content: Content, table: Table, asked: Asked) -> Recording:
    """The series of a table that is asked for."""
    try:
        return _read(content, table, asked)
    except csv.Error as error:
        raise TraceError(f"{content.path}:{table.first_line}: not a CSV row: {error}") from None


def _read(content: Content, table: Table, asked: Asked) -> Recording:
    if len(table.header) > 1 and all(is_number(cell) for cell in table.header[1:]):
        raise TraceError(f"{table.path}:{table.first_line}: there is no header, expected one such as timestamp,value")
    time_at = _time_place(table, asked)
    if asked.per == "request":
        return _requests(table, time_at)
    numeric = _numeric(table, time_at)
    labels = [place for place in range(len(table.header)) if place != time_at and place not in numeric]
    value_at = _value_places(table, time_at, numeric, labels, asked)
    others = [_column(table, name) for name in asked.columns]
    if value_at is None or (labels and _below_each_other(table, time_at)):
        return _long(table, time_at, value_at, numeric, labels, asked)
    found = _fast(content, table, time_at, [*value_at, *others])
    if found is None:
        found = _slow(table, time_at, value_at, others)
    seconds, columns, meaning, words, lines = found
    values = columns[: len(value_at)]
    name = ALL if asked.value_column == ALL else table.header[value_at[0]]
    meanings = {_meaning(table, place) for place in value_at} if meaning is None else {meaning}
    if len(meanings) > 1:
        raise TraceError(
            f"{table.path}:{table.first_line}: the columns count different things and have no sum: "
            f"name one as value column: {listed(table.header)}"
        )
    said = meanings.pop()
    period = table.console[value_at[0]][1] if len(table.console) > value_at[0] else ""
    return Recording(
        name,
        seconds,
        values[0] if len(values) == 1 else _summed(values),
        lines=lines,
        per=said.per,
        refused=said.refused,
        columns=dict(zip(asked.columns, columns[len(value_at) :], strict=True)),
        period=int(period) if period.isdecimal() and int(period) > 0 and len(seconds) == 1 else None,
        words=words,
    )


def _summed(values: Sequence[Reals]) -> Reals:
    """The sum of columns; missing where all are."""
    stacked = np.array(values)
    return np.asarray(np.where(np.isnan(stacked).all(axis=0), np.nan, np.nansum(stacked, axis=0)))


def _meaning(table: Table, place: int) -> Meaning:
    """What the name and a console's rows above it say of a column."""
    meaning = meaning_of(table.header[place])
    statistic = table.console[place][0].lower() if len(table.console) > place else ""
    if statistic in ("samplecount", "sample count"):
        return Meaning("step")
    if not meaning.refused and meaning.per is None and (statistic in STATISTICS or re.fullmatch(r"p\d.*", statistic)):
        return Meaning(refused=AVERAGE if statistic in ("average", "avg") else "is no sum: export the statistic Sum")
    return meaning


def _time_place(table: Table, asked: Asked) -> int:
    """The column of the times: named, known by its name, or the only one whose cells are times."""
    if asked.time_column is not None:
        return _column(table, asked.time_column)
    lower = [cell.lower() for cell in table.header]
    for name in TIME_NAMES:
        if name in lower:
            return _column(table, name)
    named = [place for place, name in enumerate(lower) if _TIME.fullmatch(name)]
    if named:
        return named[0]
    rows = [row for _, row in table.ahead() if len(row) == len(table.header)]
    by_cells = [
        place
        for place, name in enumerate(lower)
        if rows
        and all(
            is_time(row[place]) if not is_number(row[place]) else _numeric_time(name, row[place]) for row in rows[:5]
        )
    ]
    if len(by_cells) == 1:
        return by_cells[0]
    raise TraceError(
        f"{table.path}:{table.first_line}: no time column: expected one of {', '.join(TIME_NAMES)}, or one named by "
        f"the caller as time column; the header has {listed(table.header)}"
    )


def _numeric_time(name: str, cell: str) -> bool:
    return name in OFFSETS or float(cell) >= 1e9


def _column(table: Table, name: str) -> int:
    matching = [place for place, cell in enumerate(table.header) if cell.lower() == name.lower()]
    if len(matching) != 1:
        found = "is missing" if not matching else "is there more than once"
        raise TraceError(
            f"{table.path}:{table.first_line}: the column {name} {found}, the header has {listed(table.header)}"
        )
    return matching[0]


def _numeric(table: Table, time_at: int) -> list[int]:
    """Columns whose first cells are numbers, however they are written, or missing."""
    found = []
    rows = [row for _, row in table.ahead() if len(row) == len(table.header)]
    for place in range(len(table.header)):
        cells = [row[place].strip() for row in rows]
        known = [cell for cell in cells if cell.lower() not in MISSING]
        if place != time_at and all(cell[:1].isdigit() or is_number(cell) for cell in known):
            found.append(place)
    return found


def _value_places(table: Table, time_at: int, numeric: list[int], labels: list[int], asked: Asked) -> list[int] | None:
    """The column of the load, or those that are summed; None where the name is that of a series below others."""
    lower = [cell.lower() for cell in table.header]
    if asked.value_column == ALL:
        return None if labels and _below_each_other(table, time_at) else numeric
    if asked.value_column is not None:
        if asked.value_column.lower() in lower or not labels:
            return [_column(table, asked.value_column)]
        return None
    named = next((name for name in VALUE_NAMES if name in lower), None)
    if named is not None:
        return [_column(table, named)]
    others = [place for place in range(len(lower)) if place != time_at and table.header[place] not in asked.columns]
    if len(others) == 1:
        return others
    candidates = [place for place in numeric if place in others and not meaning_of(table.header[place]).refused]
    if len(candidates) == 1:
        return candidates
    if len(numeric) == 1:
        return numeric
    raise TraceError(
        f"{table.path}:{table.first_line}: no value column: expected {', '.join(VALUE_NAMES[:3])} or one named by the "
        f"caller (`{ALL}`: the sum of all), the header has {listed(table.header)}"
    )


def _below_each_other(table: Table, time_at: int) -> bool:
    """Whether one time stands in several of the first rows."""
    times = [row[time_at] for _, row in table.ahead() if len(row) == len(table.header)]
    return len(set(times)) < len(times) or _turns_back(times)


def _turns_back(times: Sequence[str]) -> bool:
    found = [parse_time(time) for time in times]
    known = [time.replace(tzinfo=None) for time in found if time is not None]
    return len(known) > 2 and len({later > earlier for earlier, later in pairwise(known)}) > 1


_Found = tuple[Reals, list[Reals], Meaning | None, tuple[str, ...], Sequence[int]]


def _fast(content: Content, table: Table, time_at: int, places: Sequence[int]) -> _Found | None:
    """Columns of a plain file without a loop; None where it is not plain."""
    if table.below is None or len(table.ahead()) < _LOOKED_AT or len(content.raw) - table.below < _WORTH_WHILE * 10:
        return None
    found = plain_columns(content.raw[table.below :], len(table.header), time_at, places)
    if found is None or len(found[0]) > MOST_ROWS:
        return None
    seconds, columns, zoned = found
    words = () if zoned else ("times without a zone were read as UTC",)
    return seconds, columns, None, words, range(table.first_line + 1, table.first_line + 1 + len(seconds))


def _slow(table: Table, time_at: int, value_at: Sequence[int], others: Sequence[int]) -> _Found:
    """Columns row by row, every fault with its line."""
    faults = Faults(table.path)
    lines: list[int] = []
    times: list[str] = []
    texts: list[list[str]] = [[] for _ in (*value_at, *others)]
    for line, row in table.all_rows():
        if len(row) != len(table.header):
            faults.add(line, f"got {len(row)} cells, the header has {len(table.header)}")
            continue
        lines.append(line)
        times.append(row[time_at].strip())
        for cells, place in zip(texts, (*value_at, *others), strict=True):
            cells.append(row[place].strip())
        if len(lines) > MOST_ROWS:
            raise TraceError(
                f"{table.path}:{line}: more than {MOST_ROWS} rows: take a coarser step or a shorter window"
            )
    if not lines:
        faults.refuse()
        raise TraceError(
            f"{table.path}:{table.first_line}: there are no rows below the header, expected a time and a value in each"
        )
    stamps = times_of(table.header[time_at], times, lines, faults)
    columns: list[Reals] = []
    meanings: list[Meaning] = []
    words = [stamps.words] if stamps.words else []
    for position, place in enumerate((*value_at, *others)):
        load = position < len(value_at)
        spoken = "value" if load else table.header[place] if is_plain(table.header[place]) else "a column"
        column = Column(spoken, texts[position], lines, load=load, semicolons=table.separator == ";")
        columns.append(np.array(column.read(faults)))
        if load:
            meanings.append(_of_column(_meaning(table, place), column))
            if column.rounded:
                words.append("numbers were rounded where they were written, as 1.2 K")
    faults.refuse()
    meaning = meanings[0] if len(set(meanings)) == 1 else None
    return stamps.seconds, columns, meaning, tuple(dict.fromkeys(words)), lines


def _of_column(named: Meaning, column: Column) -> Meaning:
    """What the name says, and the unit behind the numbers."""
    if column.no_load:
        return Meaning(refused=f"is measured in {column.no_load}, not in requests")
    return Meaning(column.per) if column.per is not None and not named.refused else named


def _requests(table: Table, time_at: int) -> Recording:
    """Each row is one request."""
    faults = Faults(table.path)
    lines: list[int] = []
    times: list[str] = []
    for line, row in table.all_rows():
        if len(row) <= time_at:
            faults.add(line, f"got {len(row)} cells, the header has {len(table.header)}")
            continue
        lines.append(line)
        times.append(row[time_at].strip())
    stamps = times_of(table.header[time_at], times, lines, faults)
    faults.refuse()
    return events.counted("requests", stamps.seconds, None, table.path)


def _long(
    table: Table, time_at: int, value_at: list[int] | None, numeric: list[int], labels: list[int], asked: Asked
) -> Recording:
    """Series below each other, told apart by the text of other columns."""
    if value_at is None or asked.value_column == ALL:
        value_at = _value_places(table, time_at, numeric, labels, dataclasses.replace(asked, value_column=None))
    places = value_at or numeric[:1]
    if asked.columns:
        raise TraceError(
            f"{table.path}:{table.first_line}: series stand below each other, and have no further columns: export them "
            "side by side"
        )
    by_name: dict[str, list[tuple[int, list[str]]]] = {}
    for line, row in table.all_rows():
        if len(row) == len(table.header):
            by_name.setdefault(" ".join(row[place].strip() for place in labels), []).append((line, row))
        else:
            raise TraceError(f"{table.path}:{line}: got {len(row)} cells, the header has {len(table.header)}")
    single = asked.value_column if asked.value_column in by_name else next(iter(by_name)) if len(by_name) == 1 else None
    if single is None and asked.value_column != ALL:
        raise TraceError(
            f"{table.path}:{table.first_line}: {len(by_name)} series stand below each other, name one as value column, "
            f"or `{ALL}` for their sum: {listed(by_name)}"
        )
    found = [
        _slow(dataclasses.replace(table, rows=iter(rows), _ahead=[]), time_at, places, [])
        for name, rows in by_name.items()
        if single in (None, name)
    ]
    title = "" if single is None else single
    named = meaning_of(title)
    meanings = {one[2] if one[2] is not None and one[2] != Meaning() else named for one in found}
    if len(meanings) > 1:
        raise TraceError(
            f"{table.path}:{table.first_line}: the series count different things: name one as value column"
        )
    seconds, where = np.unique(np.concatenate([one[0] for one in found]), return_inverse=True)
    values = np.concatenate([one[1][0] for one in found])
    lines = [line for one in found for line in one[4]]
    if single is not None and len(seconds) < len(values):
        return Recording(title, found[0][0], found[0][1][0], lines=lines)  # repeats, which are told with their lines
    total = np.bincount(where, weights=np.nan_to_num(values)).astype(np.float64)
    known = np.bincount(where, weights=~np.isnan(values))
    first_lines = [0] * len(seconds)
    for place, line in zip(where.tolist(), lines, strict=True):
        first_lines[place] = first_lines[place] or line
    said = meanings.pop()
    total[known == 0] = np.nan
    return Recording(
        title or ALL, seconds, total, lines=first_lines, per=said.per, refused=said.refused, words=found[0][3]
    )


def locust(_content: Content, table: Table, _asked: Asked) -> Recording:
    """Locust's history of statistics: the rows of all requests together."""
    at = {cell.lower(): place for place, cell in enumerate(table.header)}
    kept = ((line, row) for line, row in table.all_rows() if len(row) > at["name"] and row[at["name"]] == "Aggregated")
    own = dataclasses.replace(table, rows=kept, _ahead=[], below=None)
    seconds, (values,), _, words, lines = _slow(own, at["timestamp"], [at["requests/s"]], [])
    return Recording(table.header[at["requests/s"]], seconds, values, lines=lines, per="second", words=words)


def hey(_content: Content, table: Table, _asked: Asked) -> Recording:
    """hey's results: an offset in seconds for each request."""
    place = [cell.lower() for cell in table.header].index("offset")
    offsets = []
    for line, row in table.all_rows():
        if len(row) != len(table.header) or not is_number(row[place]) or not 0 <= float(row[place]) < 1e8:
            raise TraceError(f"{table.path}:{line}: the offset is not a number of seconds from 0 up")
        offsets.append(float(row[place]))
    words = f"times are offsets; the start was set to {EPOCH:%Y-%m-%dT%H:%M:%SZ}"
    found = events.counted("offset", np.array(offsets) + EPOCH.timestamp(), None, table.path)
    return dataclasses.replace(found, words=(*found.words, words))


def k6(_content: Content, table: Table, _asked: Asked) -> Recording:
    """k6's results as CSV."""
    return events.k6_rows(table.all_rows(), [cell.lower() for cell in table.header], table.path)


def jmeter(_content: Content, table: Table, _asked: Asked) -> Recording:
    """JMeter's results: a row for each sample, with its begin."""
    return _requests(table, [cell.lower() for cell in table.header].index("timestamp"))
