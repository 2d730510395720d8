"""Tables: CSV with a time and values in each row, as consoles, dashboards and query tools export them.

The first row that could be a header is one; what stands above it (labels of a console, a title, `sep=`) says more of
the columns.
"""

from __future__ import annotations

import csv
import dataclasses
import re
from collections.abc import Iterator, Sequence
from itertools import islice

from elasticity.trace_files.content import Content
from elasticity.trace_files.times import TIME_NAMES, parse_time
from elasticity.traces import TraceError

TIME_NAME = re.compile(
    r"bin\(.+\)|_time|ts|time[ _]?stamp( ?\(.*\))?|(date ?/ ?)?time ?\(.*\)|date[ _]time|event_?time"
)
"""Names of time columns beside TIME_NAMES; `bin(1m)` is of Logs Insights."""
_CONSOLE_ROWS = frozenset({"full label", "label", "period", "statistic", "unit", "id", "account", "region"})
"""First cells of the rows that the CloudWatch console writes above the datapoints."""
_GOOGLE_ROW = "timeseries id"
_SEPARATORS = (";", "\t", "|")
_SEPARATOR_LINE = re.compile(r'"?sep=(.)"?')
LOOKED_AT = 50


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
            self._ahead = list(islice(self.rows, LOOKED_AT))
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
    while skipped and line < LOOKED_AT:  # the line `sep=`, and empty ones above it
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
    return name in TIME_NAMES or TIME_NAME.fullmatch(name) is not None


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
