"""Who answers calls: the protocol, a memory that asks each thing once, and files of answers."""

from __future__ import annotations

import datetime
import json
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, Protocol

from elasticity.input_files import InputFileError, read_text
from operations.failures import CannotRun
from operations.live.calls import Call

Items = list[dict[str, Any]]
Why = Literal["denied", "throttled", "credentials", "gone", "unreachable", "refused", "not saved"]
LARGEST = 256 << 20
"""Bytes of a file of answers that are read: a thousand services take about twenty million."""


class Unanswered(Exception):  # noqa: N818 - what is missing, and no fault of the program
    """A call that got no answer; its text is a sentence without anything secret."""

    def __init__(self, call: Call, why: Why, said: str) -> None:
        self.call, self.why = call, why
        super().__init__(said)


class Answers(Protocol):
    """Whoever answers calls."""

    def ask(self, call: Call, **parameters: Any) -> Items:
        """The items of all pages, each with the members that the call keeps.

        Raises Unanswered.
        """


class Remembered:
    """Asks each thing once, whichever thread wants it, and remembers the answer."""

    def __init__(self, source: Answers) -> None:
        self.source = source
        self.calls: dict[str, int] = {}
        """Requests that were made of `source`, by operation."""
        self._known: dict[str, Items | Unanswered] = {}
        self._locks: dict[str, threading.Lock] = {}
        self._lock = threading.Lock()

    def ask(self, call: Call, **parameters: Any) -> Items:
        """As `source` answers, or as it answered."""
        key = key_of(call, parameters)
        with self._lock:
            own = self._locks.setdefault(key, threading.Lock())
        with own:
            if key not in self._known:
                with self._lock:
                    self.calls[call.title] = self.calls.get(call.title, 0) + 1
                try:
                    self._known[key] = self.source.ask(call, **parameters)
                except Unanswered as missing:
                    self._known[key] = missing
        found = self._known[key]
        if isinstance(found, Unanswered):
            raise Unanswered(found.call, found.why, str(found))
        return found

    def saved(self) -> dict[str, Any]:
        """What is known, as plain values for a file."""
        return {
            key: {"why": known.why, "said": str(known)} if isinstance(known, Unanswered) else known
            for key, known in sorted(self._known.items())
        }


class Saved:
    """Answers from a file, as `Remembered.saved` gave them."""

    def __init__(self, answers: Mapping[str, Any], file: str) -> None:
        self._answers, self._file = answers, file

    def ask(self, call: Call, **parameters: Any) -> Items:
        """As it was answered when the file was written."""
        found = self._answers.get(key_of(call, parameters))
        if found is None:
            raise Unanswered(call, "not saved", f"{self._file} has no answer to {call.service} {call.title}")
        if isinstance(found, dict):
            raise Unanswered(call, found.get("why", "not saved"), str(found.get("said", "it was not answered")))
        if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
            said = f"{self._file} has another form of answer to {call.service} {call.title}"
            raise Unanswered(call, "not saved", said)
        return found


def key_of(call: Call, parameters: Mapping[str, Any]) -> str:
    """A call with what it was asked, as one line."""
    return f"{call.service}:{call.operation} {json.dumps(parameters, sort_keys=True, default=str)}"


def moment(value: Any) -> datetime.datetime | None:
    """A time that AWS told, or that a file of answers has in its ISO form."""
    if isinstance(value, str):
        value = datetime.datetime.fromisoformat(value)
    if isinstance(value, datetime.datetime):
        return value if value.tzinfo else value.replace(tzinfo=datetime.UTC)
    return None


def read_file(path: Path, command: str = "monitor") -> dict[str, Any]:
    """A file that `--save` of a command wrote; raises CannotRun that says what is wrong with it."""
    try:
        content = json.loads(read_text(path, maximum=LARGEST))
    except FileNotFoundError:
        raise CannotRun(f"{path}: there is no such file") from None
    except InputFileError as error:
        raise CannotRun(f"{path}: {error}") from None
    except (ValueError, RecursionError) as error:
        raise CannotRun(f"{path}: not a file that `accordion {command} --save` wrote: {error}") from None
    if not isinstance(content, dict) or not isinstance(content.get("answers"), dict):
        raise CannotRun(f"{path}: not a file that `accordion {command} --save` wrote: it has no `answers`")
    return content
