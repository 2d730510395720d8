"""Faults of one file of a load: each with its line, the first twenty at once, nothing quoted but plain names."""

from __future__ import annotations

import re
from collections.abc import Iterable

from elasticity.traces import TraceError

MOST_FAULTS = 20
MOST_ROWS = 5_000_000
_PLAIN_NAME = re.compile(r"[A-Za-z_@][\w .()/%@:{}=*-]{0,79}")
"""A column's name as exports write it. What else stands in a first row may be anything, and is not repeated."""
_ACCOUNT_LINE = re.compile(r":[^:]*:\d+:\d+")
"""As the lines of a file of accounts are written: whatever it names, it is no metric."""


class Faults:
    """What is wrong in one file."""

    def __init__(self, path: str) -> None:
        self.path = path
        self._found: list[tuple[int, str]] = []

    def add(self, line: int, text: str) -> None:
        """Note a fault; the file is refused by `refuse`."""
        self._found.append((line, text))

    def refuse(self) -> None:
        """Raise what was found, the first faults at once."""
        if self._found:
            more = len(self._found) - MOST_FAULTS
            tail = [f"{self.path}: and {more} more faults"] if more > 0 else []
            first = sorted(self._found, key=lambda fault: fault[0])[:MOST_FAULTS]
            raise TraceError("\n".join([*(f"{self.path}:{line}: {text}" for line, text in first), *tail]))


def is_plain(name: str) -> bool:
    """Whether a name of the file may be repeated to its reader."""
    return _PLAIN_NAME.fullmatch(name) is not None and _ACCOUNT_LINE.search(name) is None


def shown(name: str) -> str:
    """A name of the file as a report repeats it: none that may be anything."""
    return f"`{name}`" if is_plain(name) else "one without a plain name"


def listed(columns: Iterable[str]) -> str:
    """Columns or results as errors name them: those with plain names, and how many others there are."""
    given = list(columns)
    plain = [name for name in given if is_plain(name)][:MOST_FAULTS]
    more = len(given) - len(plain)
    return ", ".join([*plain, *([f"{more} more"] if more and plain else ["no plain name"] if more else [])])
