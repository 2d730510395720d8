"""Loads from files, in the formats in which people have them: exports and answers of monitoring services, results of
load generators, access logs, CSV.

A file is read rightly or refused with the cure: every fault of it is told with its line, the first twenty at once;
nothing is guessed and no row is dropped in silence.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from typing import get_args

from elasticity.input_files import InputFileError, read_bytes
from elasticity.trace_files import kept
from elasticity.trace_files.content import GZIP, Content, unpacked
from elasticity.trace_files.faults import MOST_ROWS
from elasticity.trace_files.formats import format_of
from elasticity.trace_files.grid import load_from
from elasticity.trace_files.meaning import Per
from elasticity.trace_files.recording import Asked
from elasticity.trace_files.times import parse_time
from elasticity.traces import Interpolation, Load, TraceError

__all__ = ["MOST_ROWS", "Per", "content_of", "parse_time", "read_trace"]

LARGEST_FILE = 512 * 1024 * 1024
"""Bytes, unpacked; MOST_ROWS rows of a time and a value have about 170 MB."""
_KEPT_POINTS = 20_000_000
"""Points of the loads that are kept for a second reading: 160 MB."""
_kept: OrderedDict[bytes, Load] = OrderedDict()
_lock = threading.Lock()
"""Several workers read at once."""


def read_trace(
    path: str | Path,
    *,
    per: Per | None = None,
    time_column: str | None = None,
    value_column: str | None = None,
    columns: Sequence[str] | None = None,
    interpolation: Interpolation = "step",
    encoding: str = "utf-8-sig",
    content: bytes | None = None,
) -> Load:
    """The load that a file holds: a CSV or JSON of a time and a value, results of a load generator, or an access log,
    also as gzip; `elasticity.trace_files.formats` has the list. `Load.origin` says what was recognised.

    `time_column` and `value_column` name columns, or series, where the file has several (`*`: the sum of all);
    `columns` further metrics to keep. `per` says what a value counts, where the file does not: requests within one
    `step`, or a rate per `second`, `minute` or `hour`; with `request` each row is one request. Times are ISO 8601 or as
    the tools write them; without a zone they are UTC. The step is the smallest distance of two times; missing values
    count as 0 in a sum, and as the value before in a rate (or linear, on the line between their neighbours).
    `content`: what the file holds, from `content_of`, where it is not at hand; its name is that of `path`.

    Raises TraceError with file and line: unreadable or empty file, missing column, text for a number, negative or
    infinite values, times that repeat, decrease, lie outside 1970 to 2199 or not on one step, dates of which nothing
    tells the day from the month; metrics that are no load, such as a cpu or an average; an answer that is not whole.
    """
    file = Path(path)
    allowed = ("step", "second", "minute", "hour", "request")
    if per is not None and per not in get_args(Per):
        raise TraceError(f"{path}: got values per {per!r}, allowed {', '.join(allowed)}")
    raw = content_of(path) if content is None else content
    asked = Asked(per, time_column, value_column, tuple(columns or ()), interpolation)
    digest = sha256(repr((file.stem, file.suffix, asked, encoding)).encode())
    digest.update(raw)
    key = digest.digest()
    if (known := _known(key)) is not None:
        return known
    if len(raw) >= kept.SMALLEST and (load := kept.taken(key)) is not None:
        _keep(key, load)
        return load
    size = len(raw)
    if raw.startswith(GZIP):
        raw = unpacked(str(path), raw, LARGEST_FILE)
    looked_at = Content(str(path), raw, encoding)
    if not looked_at.head.strip() and not looked_at.text.strip():
        raise TraceError(f"{path}:1: the file is empty, expected a header and rows with a time and a value")
    if not looked_at.utf8 or not raw.isascii():
        looked_at.text  # noqa: B018 - refuses what is no such text before a format looks at it
    form = format_of(looked_at)
    load = load_from(form.read(looked_at, asked), asked, str(path), form.name, file.stem)
    _keep(key, load)
    if size >= kept.SMALLEST:
        kept.keep(key, load)
    return load


def content_of(path: str | Path) -> bytes:
    """What a file with a load holds, as it is; raises TraceError for what is none, or is too large."""
    try:
        return read_bytes(Path(path), maximum=LARGEST_FILE)
    except FileNotFoundError:
        raise TraceError(f"{path}: cannot be read: No such file or directory") from None
    except InputFileError as error:
        raise TraceError(f"{path}: {error}") from None


def _known(key: bytes) -> Load | None:
    with _lock:
        load = _kept.get(key)
        if load is not None:
            _kept.move_to_end(key)
        return load


def _keep(key: bytes, load: Load) -> None:
    """For a second reading of the same content: loads are immutable."""
    with _lock:
        _kept[key] = load
        points = sum(len(other.values) * (1 + len(other.columns)) for other in _kept.values())
        while points > _KEPT_POINTS:
            _, oldest = _kept.popitem(last=False)
            points -= len(oldest.values) * (1 + len(oldest.columns))
