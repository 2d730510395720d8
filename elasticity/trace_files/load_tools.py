"""Tables that load generators write: k6, Locust, hey, JMeter."""

from __future__ import annotations

import dataclasses

import numpy as np

from elasticity.trace_files import events
from elasticity.trace_files.columns import each_a_request, row_by_row
from elasticity.trace_files.content import Content
from elasticity.trace_files.numbers import is_number
from elasticity.trace_files.recording import Asked, Recording
from elasticity.trace_files.tables import Table
from elasticity.traces import EPOCH, TraceError


def locust(_content: Content, table: Table, _asked: Asked) -> Recording:
    """Locust's history of statistics: the rows of all requests together."""
    at = {cell.lower(): place for place, cell in enumerate(table.header)}
    kept = ((line, row) for line, row in table.all_rows() if len(row) > at["name"] and row[at["name"]] == "Aggregated")
    own = dataclasses.replace(table, rows=kept, _ahead=[], below=None)
    seconds, (values,), _, words, lines = row_by_row(own, at["timestamp"], [at["requests/s"]], [])
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
    return each_a_request(table, [cell.lower() for cell in table.header].index("timestamp"))
