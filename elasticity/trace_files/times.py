"""Times as exports write them, as Unix seconds: ISO 8601, the forms of consoles and logs, Unix times in four units,
offsets from the start. A date that could be of two days is refused."""

from __future__ import annotations

import dataclasses
import datetime
import math
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from email.utils import parsedate_to_datetime

import numpy as np

from elasticity.trace_files.faults import Faults
from elasticity.trace_files.numbers import is_number
from elasticity.traces import EPOCH, YEARS, Reals

TIME_NAMES = ("timestamp", "time", "date", "datetime", "@timestamp")
_UNIX_UNITS = (1e11, 1e14, 1e17)
"""From each of these on a Unix time is in thousandths of the unit before: milliseconds, microseconds, nanoseconds. In
seconds 1e11 would be the year 5138."""
_LEAST_UNIX = 1e8
"""Seconds; below it (1973) a number is an offset from the start."""
OFFSETS: Mapping[str, float] = {
    name: seconds
    for seconds, names in (
        (
            1.0,
            "time|timestamp|t|s|sec|secs|second|seconds|offset|elapsed|elapsed_seconds|time_s|time (s)|relative_time",
        ),
        (0.001, "ms|millisecond|milliseconds|time_ms|offset_ms"),
        (60.0, "min|minute|minutes"),
        (3_600.0, "h|hour|hours"),
    )
    for name in names.split("|")
}
"""Names of time columns that hold numbers from 0 up -> seconds of one."""
_LAST_STAMP = 7_258_118_400
"""2200-01-01T00:00:00Z in Unix seconds."""
_SLASHED = ("%Y/%m/%d %H:%M:%S", "%Y/%m/%d %H:%M", "%Y/%m/%d %H:%M:%S.%f", "%Y/%m/%dT%H:%M:%S")
_LOCAL = re.compile(
    r"(\d{1,2})([./-])(\d{1,2})\2(\d{4})(?:,? +|T)"
    r"(\d{1,2})[:.](\d{2})(?:[:.](\d{2})(\.\d+)?)?(?:[ \u202f]?([AaPp])\.?[Mm]\.?)?"
)
"""Day and month in an order that the text does not tell, a time behind."""
_NAMED_ZONE = re.compile(r"(.+?\d)(?: ?(?:UTC|GMT)| \+0000 UTC)")
_SCRIPT = re.compile(r"[A-Z][a-z]{2} ([A-Z][a-z]{2} \d{1,2} \d{4} \d\d:\d\d:\d\d) GMT([+-]\d{4})(?: \([^()]*\))?")
"""As JavaScript writes a date; Metrics Explorer's CSV."""
_LOGGED = re.compile(r"\d{1,2}/[A-Z][a-z]{2}/\d{4}:\d\d:\d\d:\d\d [+-]\d{4}")
UNREADABLE = "the time is not readable, expected one such as 2026-01-05T00:00:00Z"
AMBIGUOUS = "the date can be read day first or month first, and no row tells which: write times as 2026-01-05T00:00:00Z"


@dataclasses.dataclass(frozen=True)
class Times:
    """The times of a column, one for each row."""

    seconds: Reals
    words: str = ""
    """What a reader must know of how they were read."""


def parse_time(text: str) -> datetime.datetime | None:
    """A time as ISO 8601, as consoles and logs write it, or in Unix seconds to nanoseconds; naive where no zone is
    written, None where unreadable or where day and month cannot be told apart."""
    cell = text.strip()
    try:
        return datetime.datetime.fromisoformat(cell)
    except ValueError:
        pass
    for read in _READERS:
        try:
            found = read(cell)
        except (ValueError, OverflowError, TypeError, IndexError):
            continue
        if found is not None:
            return found
    return None


def is_time(cell: str) -> bool:
    """Whether a cell is a time, be it one whose day and month only other rows tell."""
    return parse_time(cell) is not None or _LOCAL.fullmatch(cell.strip()) is not None


def _slashed(cell: str) -> datetime.datetime | None:
    for pattern in _SLASHED if cell[4:5] == "/" else ():
        try:
            return datetime.datetime.strptime(cell, pattern)  # noqa: DTZ007 # the zone is decided for the whole file
        except ValueError:
            continue
    return None


def _named_zone(cell: str) -> datetime.datetime | None:
    match = _NAMED_ZONE.fullmatch(cell)
    found = None if match is None else datetime.datetime.fromisoformat(match[1].removesuffix(" +0000"))
    return None if found is None else found.replace(tzinfo=datetime.UTC)


def _script(cell: str) -> datetime.datetime | None:
    match = _SCRIPT.fullmatch(cell)
    return None if match is None else datetime.datetime.strptime(f"{match[1]} {match[2]}", "%b %d %Y %H:%M:%S %z")


def _logged(cell: str) -> datetime.datetime | None:
    return datetime.datetime.strptime(cell, "%d/%b/%Y:%H:%M:%S %z") if _LOGGED.fullmatch(cell) else None


def _mail(cell: str) -> datetime.datetime | None:
    return parsedate_to_datetime(cell) if "," in cell[:5] else None


def _unix(cell: str) -> datetime.datetime | None:
    stamp = _unix_seconds(float(cell)) if is_number(cell) else math.nan
    return datetime.datetime.fromtimestamp(stamp, datetime.UTC) if 0 < stamp < _LAST_STAMP else None


def _unix_seconds(stamp: float) -> float:
    for bound in reversed(_UNIX_UNITS):
        if stamp >= bound:
            return stamp / (bound / 1e8)
    return stamp


_READERS: tuple[Callable[[str], datetime.datetime | None], ...] = (
    _unix, _slashed, _named_zone, _script, _logged, _mail,
)  # fmt: skip


def times_of(name: str, cells: Sequence[str], lines: Sequence[int], faults: Faults) -> Times:
    """The times of a column; what cannot be read is noted in `faults`, and refused."""
    offsets = _offsets(name, cells)
    if offsets is not None:
        return offsets
    local = [_LOCAL.fullmatch(cell.strip()) for cell in cells[:1]]
    if local and local[0] is not None:
        return _local_times(cells, lines, faults)
    found = [parse_time(cell) for cell in cells]
    for place, time in enumerate(found):
        if time is None:
            faults.add(lines[place], UNREADABLE)
    return Times(np.array([]), "") if None in found else seconds_of([t for t in found if t], lines, faults)


def _offsets(name: str, cells: Sequence[str]) -> Times | None:
    """Numbers from the start on, where the column holds such; None where it holds points in time."""
    unit = OFFSETS.get(name.strip().lower())
    if unit is None or not cells or not all(map(is_number, cells[:3])):
        return None
    try:
        numbers = np.array([float(cell) for cell in cells])
    except ValueError:
        return None
    if not np.all(np.isfinite(numbers)) or numbers.min() < 0 or numbers.max() * unit >= _LEAST_UNIX:
        return None
    if len(numbers) > 1 and unit == 1 and numbers.min() > 1:
        return None  # neither a time nor the start of one
    return Times(
        numbers * unit + EPOCH.timestamp(), f"times are offsets; the start was set to {EPOCH:%Y-%m-%dT%H:%M:%SZ}"
    )


def _local_times(cells: Sequence[str], lines: Sequence[int], faults: Faults) -> Times:
    """Dates whose order of day and month only the rows together tell."""
    matches = [_LOCAL.fullmatch(cell.strip()) for cell in cells]
    for place, match in enumerate(matches):
        if match is None:
            faults.add(lines[place], UNREADABLE)
    known = [match for match in matches if match is not None]
    dotted = all(match[2] == "." for match in known)  # nobody writes the month first with points
    firsts, seconds = ({int(match[place]) for match in known} for place in (1, 3))
    day_first = dotted or max(firsts) > 12
    month_first = not dotted and max(seconds) > 12
    if day_first == month_first:
        faults.add(lines[0], AMBIGUOUS if not day_first else UNREADABLE)
        return Times(np.array([]))
    found: list[datetime.datetime] = []
    for place, match in enumerate(matches):
        if match is None:
            continue
        day, month = (match[1], match[3]) if day_first else (match[3], match[1])
        hour = int(match[5])
        if match[9] and 1 <= hour <= 12:
            hour = hour % 12 + 12 * (match[9].lower() == "p")
        try:
            found.append(
                datetime.datetime(int(match[4]), int(month), int(day), hour, int(match[6]), int(match[7] or 0))  # noqa: DTZ001
            )
        except ValueError:
            faults.add(lines[place], UNREADABLE)
    order = "day" if day_first else "month"
    times = seconds_of(found, lines, faults) if len(found) == len(cells) else Times(np.array([]))
    return dataclasses.replace(times, words=f"dates are {order} first, times without a zone were read as UTC")


def seconds_of(times: Sequence[datetime.datetime], lines: Sequence[int], faults: Faults) -> Times:
    """Times as Unix seconds; those without a zone are UTC, and a file has either a zone in every row or in none."""
    first, last = YEARS
    for place, time in enumerate(times):
        if not first <= time.year <= last:
            faults.add(lines[place], f"the time lies outside {first} to {last}")
    faults.refuse()
    naive = [time.tzinfo is None for time in times]
    if len(set(naive)) > 1:
        usual = Counter(naive).most_common(1)[0][0]
        place = next(place for place, one in enumerate(naive) if one != usual)
        faults.add(lines[place], "the time has another zone than the others: write all times in UTC")
        faults.refuse()
    if naive and naive[0]:
        seconds = np.array([time.replace(tzinfo=datetime.UTC).timestamp() for time in times])
        return Times(seconds, "times without a zone were read as UTC")
    return Times(np.array([time.timestamp() for time in times]))
