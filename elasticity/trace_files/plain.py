"""Plain CSV without a loop over rows: a time of one form in each row, and plain numbers.

What is not of this form is left to the reader that knows every form and tells faults with their lines; both read what
they both read to the same bits.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from elasticity.traces import Reals

_STAMP = re.compile(rb"(\d{4})[-/](\d\d)[-/](\d\d)[T ](\d\d):(\d\d):(\d\d)(\.0+)?(Z|[+-]\d\d:\d\d)?")
_UNIX = re.compile(rb"\d{10}(\d{3})?")
_TEXT = 19
"""Characters of a time up to its seconds."""
_LONGEST = 32
_EXACT_DIGITS = 15
"""Decimal digits that a double holds, and so a quotient of two such numbers is the nearest double."""
_POWERS = np.array([float(f"1e{power}") for power in range(_LONGEST)])
_ZEROS = np.uint64(int.from_bytes(b"0" * 8, "little"))
_CLOCK = np.uint64(int.from_bytes(b"00:00:00", "little"))
_COLONS = np.uint64(int.from_bytes(b"\0\0\xff\0\0\xff\0\0", "little"))
_PAIRS = np.uint64(int.from_bytes(b"\xff\0\0\xff\0\0\xff\0", "little"))
_SIXES, _HIGH = (np.uint64(int.from_bytes(bytes([byte]) * 8, "little")) for byte in (0x06, 0xF0))
_EPOCH = datetime.date(1970, 1, 1)
_LAST = 7_258_118_400
"""2200-01-01T00:00:00Z in Unix seconds."""
_COMMA, _NEWLINE, _POINT, _ZERO = ord(","), ord("\n"), ord("."), ord("0")
_Places = npt.NDArray[np.int64]
_Bytes = npt.NDArray[np.uint8]
_Word = npt.NDArray[np.uint64]


def plain_columns(
    rows: bytes, width: int, time_at: int, places: Sequence[int]
) -> tuple[Reals, list[Reals], bool] | None:
    """Unix seconds, the columns at `places` (NaN where a cell is empty), and whether the times have a zone, of `rows`
    with `width` cells each; None where any row is not plain."""
    if b'"' in rows or b"\r" in rows or width < 2:
        return None
    end = len(rows)
    while end > 1 and rows[end - 1] == rows[end - 2] == _NEWLINE:
        end -= 1
    raw = np.full(end + 1 + _LONGEST, _NEWLINE, dtype=np.uint8)
    raw[:end] = np.frombuffer(rows, dtype=np.uint8, count=end)
    body = raw[: end + (rows[end - 1] != _NEWLINE)]
    ends = np.flatnonzero(body == _NEWLINE)
    is_comma = body == _COMMA
    if np.count_nonzero(is_comma) != len(ends) * (width - 1):
        return None
    bounds = np.empty((width + 1, len(ends)), dtype=np.int64)
    bounds[0, 0], bounds[0, 1:], bounds[width] = -1, ends[:-1], ends
    bounds[1:width] = np.flatnonzero(is_comma).reshape(len(ends), width - 1).T
    if np.any(bounds[1] <= bounds[0]) or np.any(bounds[width - 1] >= bounds[width]):
        return None  # a row with more cells than another has fewer
    times = _times(raw, bounds[time_at] + 1, bounds[time_at + 1])
    if times is None:
        return None
    columns = [_numbers(raw, bounds[place] + 1, bounds[place + 1]) for place in places]
    found = [column for column in columns if column is not None]
    return (times[0], found, times[1]) if len(found) == len(columns) else None


def _words(raw: _Bytes, starts: _Places) -> _Word:
    """The eight characters from each place on as one number, the first in its lowest byte."""
    return np.ndarray((len(raw) - 7,), dtype="<u8", buffer=raw, strides=(1,))[starts]


def _is_digits(word: _Word) -> bool:
    """Whether each byte is 0 to 9, where characters were taken as their distance from `0`."""
    return not np.any(((word + _SIXES) | word) & _HIGH)


def _times(raw: _Bytes, starts: _Places, ends: _Places) -> tuple[Reals, bool] | None:
    length = int(ends[0] - starts[0])
    if not 0 < length <= _LONGEST or np.any(ends - starts != length):
        return None
    first = raw[starts[0] : ends[0]].tobytes()
    if _UNIX.fullmatch(first):
        seconds = _unsigned(raw, starts, ends - starts, length)
        if seconds is None or not (seconds.min() > 0 and seconds.max() < (_LAST if length == 10 else _LAST * 1_000)):
            return None
        return (seconds if length == 10 else seconds / 1_000), True
    match = _STAMP.fullmatch(first)
    if match is None or any(np.any(raw[starts + place] != first[place]) for place in range(_TEXT, length)):
        return None  # another zone, fractions of a second
    days = _days(_words(raw, starts), _words(raw, starts + 8))
    clock = _words(raw, starts + 11) ^ _CLOCK
    if days is None or np.any(clock & _COLONS) or not _is_digits(clock):
        return None
    pairs = (clock * np.uint64(10) + (clock >> np.uint64(8))) & _PAIRS  # hour, minute and second, three bytes apart
    hours, minutes, parts = (
        ((pairs >> np.uint64(24 * place)) & np.uint64(0xFF)).astype(np.int64) for place in range(3)
    )
    if hours.max() > 23 or minutes.max() > 59 or parts.max() > 59:
        return None
    zone = (match[8] or b"").decode()
    offset = 0
    if zone not in ("", "Z"):
        offset = (1 if zone[0] == "+" else -1) * (int(zone[1:3]) * 3_600 + int(zone[4:6]) * 60)
    seconds = (days + hours * 3_600 + minutes * 60 + parts - offset).astype(np.float64)
    return (seconds, zone != "") if seconds.min() > 0 and seconds.max() < _LAST - 86_400 else None


def _days(year_month: _Word, day_clock: _Word) -> _Places | None:
    """Unix seconds at which each day begins; days follow each other, so that few rows begin one."""
    new = (year_month[1:] != year_month[:-1]) | ((day_clock[1:] ^ day_clock[:-1]) & np.uint64(0xFFFFFF) != 0)
    begins = np.concatenate(([0], np.flatnonzero(new) + 1))
    seconds = []
    for place in begins.tolist():
        text = year_month[place].tobytes() + day_clock[place].tobytes()[:3]
        try:
            day = datetime.date.fromisoformat(text[:10].decode().replace("/", "-"))
        except (ValueError, UnicodeDecodeError):
            return None
        if text[10:] not in (b"T", b" "):
            return None
        seconds.append((day - _EPOCH).days * 86_400)
    return np.repeat(np.array(seconds, dtype=np.int64), np.diff([*begins, len(year_month)]))


def _numbers(raw: _Bytes, starts: _Places, ends: _Places) -> Reals | None:
    """Unsigned numbers of digits and at most one point, as Python reads them."""
    lengths = ends - starts
    longest = int(lengths.max())
    if longest > _LONGEST or longest == 0:
        return None
    whole = _unsigned(raw, starts, lengths, longest)
    values = _pointed(raw, starts, lengths, longest) if whole is None else whole
    if values is not None:
        values[lengths == 0] = np.nan
    return values


def _unsigned(raw: _Bytes, starts: _Places, lengths: _Places, longest: int) -> Reals | None:
    """Numbers of digits alone, eight at a time from their end."""
    if longest > _EXACT_DIGITS:
        return None
    total = np.zeros(len(starts), dtype=np.float64)
    for skipped in range(0, longest, 8):
        left = np.clip(lengths - skipped, 0, 8)
        word = _words(raw, starts + np.maximum(lengths - skipped - 8, 0)) ^ _ZEROS
        word <<= (8 * (8 - left)).astype(np.uint64)  # what follows the number leaves, zeros come before it
        if not _is_digits(word):
            return None
        word = (word * np.uint64(10) + (word >> np.uint64(8))) & np.uint64(0x00FF00FF00FF00FF)
        word = (word * np.uint64(100) + (word >> np.uint64(16))) & np.uint64(0x0000FFFF0000FFFF)
        word = (word * np.uint64(10_000) + (word >> np.uint64(32))) & np.uint64(0xFFFFFFFF)
        total += word * _POWERS[skipped]
    return total


def _pointed(raw: _Bytes, starts: _Places, lengths: _Places, longest: int) -> Reals | None:
    """Numbers with a point, or of many digits."""
    cells = np.lib.stride_tricks.sliding_window_view(raw, longest)[starts]
    inside = np.arange(longest) < lengths[:, None]
    points = (cells == _POINT) & inside
    digits = cells - _ZERO
    counts = lengths - points.sum(axis=1)
    if np.any((digits > 9) & inside & ~points) or np.any(lengths - counts > 1):
        return None
    if np.any((counts == 0) & (lengths > 0)):
        return None
    if int(counts.max()) > _EXACT_DIGITS:
        text = np.where(inside, cells, 0).astype(np.uint8)
        text[lengths == 0, 0] = _ZERO
        return np.asarray(text.view(f"S{longest}")[:, 0].astype(np.float64))
    total = np.zeros(len(starts), dtype=np.int64)
    used = inside & ~points
    for place in range(longest):
        total = np.where(used[:, place], total * 10 + digits[:, place], total)
    behind = np.where(points.any(axis=1), lengths - 1 - points.argmax(axis=1), 0)
    return np.asarray(total / _POWERS[behind])
