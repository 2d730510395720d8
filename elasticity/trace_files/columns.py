"""Which columns of a table are its times and its load, and what they hold. Series may stand side by side or below each
other."""

from __future__ import annotations

import csv
import dataclasses
import re
from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from elasticity.trace_files import events
from elasticity.trace_files.content import Content
from elasticity.trace_files.documents import ALL
from elasticity.trace_files.faults import MOST_ROWS, Faults, is_plain, listed
from elasticity.trace_files.meaning import AVERAGE, STATISTICS, Meaning, meaning_of
from elasticity.trace_files.numbers import MISSING, Column, is_number
from elasticity.trace_files.plain import plain_columns
from elasticity.trace_files.recording import Asked, Recording
from elasticity.trace_files.tables import LOOKED_AT, TIME_NAME, Table
from elasticity.trace_files.times import OFFSETS, TIME_NAMES, is_time, parse_time, times_of
from elasticity.traces import Reals, TraceError

VALUE_NAMES = ("value", "requests", "requestcount", "count", "sum", "load")
_WORTH_WHILE = 200
"""Rows from which on the reader without a loop is tried."""


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
        return each_a_request(table, time_at)
    numeric = _numeric(table, time_at)
    labels = [place for place in range(len(table.header)) if place != time_at and place not in numeric]
    value_at = _value_places(table, time_at, numeric, labels, asked)
    others = [_column(table, name) for name in asked.columns]
    if value_at is None or (labels and _below_each_other(table, time_at)):
        return _long(table, time_at, value_at, numeric, labels, asked)
    found = _fast(content, table, time_at, [*value_at, *others])
    if found is None:
        found = row_by_row(table, time_at, value_at, others)
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
    named = [place for place, name in enumerate(lower) if TIME_NAME.fullmatch(name)]
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
    if table.below is None or len(table.ahead()) < LOOKED_AT or len(content.raw) - table.below < _WORTH_WHILE * 10:
        return None
    found = plain_columns(content.raw[table.below :], len(table.header), time_at, places)
    if found is None or len(found[0]) > MOST_ROWS:
        return None
    seconds, columns, zoned = found
    words = () if zoned else ("times without a zone were read as UTC",)
    return seconds, columns, None, words, range(table.first_line + 1, table.first_line + 1 + len(seconds))


def row_by_row(table: Table, time_at: int, value_at: Sequence[int], others: Sequence[int]) -> _Found:
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


def each_a_request(table: Table, time_at: int) -> Recording:
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
        row_by_row(dataclasses.replace(table, rows=iter(rows), _ahead=[]), time_at, places, [])
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
