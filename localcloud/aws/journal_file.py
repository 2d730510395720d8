"""The file of the journal: a header line with versions, then one line per change, and which numbers it holds.

What survives: every change that was accepted, when this process dies in any way, since each entry is handed to the
operating system before it is handled. Loss of power may cost the last seconds: a flush of the disk per change would
cost more than the change itself, and the state of the stack, which the engine does not flush either, is repaired by
`pulumi refresh`. A stop flushes to the disk.

The file holds the requests as they came, secrets in them too, and is readable by its owner alone.
"""

import base64
import contextlib
import dataclasses
import json
import os
import platform
import re
from pathlib import Path
from typing import Any, Final

import filelock

from localcloud import whole_files

Environment = dict[str, Any]
"""A WSGI environment."""
FORMAT: Final = 1
"""The format of the file: raised when entries are written in another way."""
LOCK_PATIENCE: Final = 5.0
"""Seconds to wait for a file that a server which was told to stop may still hold [own]."""
_RESET = "run `accordion local reset` to begin with an empty cloud"


class JournalError(Exception):
    """The journal cannot be used; the message says what to do."""


@dataclasses.dataclass(frozen=True)
class Entry:
    """One changing request and the moment it came at."""

    time: float
    """Seconds since 1970, the moment that moto's clock shows while the request is handled."""
    invocation: str
    """The client's id of the call, the same in each of its tries."""
    environment: Environment
    """The part of the WSGI environment that the answer depends on."""
    body: bytes
    """The request's body."""
    number: int = 0
    """Its place among all changes, from 1; 0 in files of before it was written, where the place is that of the line."""

    def line(self) -> bytes:
        """The entry as one line of the file."""
        try:
            body = {"body": self.body.decode()}
        except UnicodeDecodeError:
            body = {"base64": base64.b64encode(self.body).decode()}
        numbered = {"number": self.number} if self.number else {}
        known = {"time": self.time, "invocation": self.invocation, "environment": self.environment}
        fields = {**known, **body, **numbered}
        return json.dumps(fields, separators=(",", ":")).encode() + b"\n"

    @classmethod
    def parse(cls, line: bytes) -> "Entry":
        """The entry that a line holds. Raises ValueError or KeyError for anything else."""
        fields = json.loads(line)
        body = fields["body"].encode() if "body" in fields else base64.b64decode(fields["base64"])
        return cls(fields["time"], fields["invocation"], fields["environment"], body, fields.get("number", 0))


class JournalFile:
    """The file: a header line with versions, then one line per change.

    A last line without an end was being written when the process died: it was never handled, and is cut off. A damaged
    line costs what that change made, and no other: each has its number, from which its ids follow. `warnings` tells of
    both. Raises JournalError when another process has the file, or when it was written by other versions.
    """

    def __init__(self, path: Path, versions: dict[str, str | int]) -> None:
        self.path = path
        self._header = {"format": FORMAT, "python": ".".join(platform.python_version_tuple()[:2]), **versions}
        path.parent.mkdir(parents=True, exist_ok=True)
        self._lock = filelock.FileLock(f"{path}.lock")
        try:
            self._lock.acquire(timeout=LOCK_PATIENCE)
        except filelock.Timeout:
            raise JournalError(f"{path} is in use by another local cloud; stop that one first") from None
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        self.warnings: list[str] = []
        self.emptied = 0
        """The number of the last change when the file was emptied with the cloud."""
        self.entries: list[Entry | None] = self._read()
        """The changes in their order; None for one that cannot be read."""

    def _read(self) -> list[Entry | None]:
        content = self.path.read_bytes()
        whole = content.rfind(b"\n") + 1
        header, *lines = content[:whole].split(b"\n")[:-1] or [b""]
        if not header:
            if not self._head().startswith(content):
                raise JournalError(f"{self.path} is not a journal of the local cloud; {_RESET}")
            self.clear()
            return []
        self._check(header)
        self.emptied = _emptied(header)
        if whole < len(content):
            os.ftruncate(self._file, whole)
            self.warnings.append(
                f"{self.path}: half a line at the end was dropped, {_of(content[whole:])} that was never handled"
            )
        entries = [_entry(line) for line in lines]
        lost = [at for at, entry in enumerate(entries) if entry is None]
        if lost:
            places = ", ".join(f"{at + 2} ({_of(lines[at])})" for at in lost[:5])
            more = f" and {len(lost) - 5} more" if len(lost) > 5 else ""
            self.warnings.append(
                f"{self.path} is damaged at line {places}{more}: what was made there is lost, and what was made of it; "
                f"the other {len(entries) - len(lost)} changes are kept. `accordion local refresh` tells a stack what "
                "is gone, and `up` makes it again"
            )
        return entries

    def _head(self) -> bytes:
        return json.dumps(self._header | ({_EMPTIED: self.emptied} if self.emptied else {})).encode() + b"\n"

    def _check(self, line: bytes) -> None:
        try:
            found = dict(json.loads(line))
        except (ValueError, TypeError):
            raise JournalError(f"{self.path} is not a journal of the local cloud; {_RESET}") from None
        for name, version in self._header.items():
            if found.get(name) != version:
                raise JournalError(
                    f"{self.path} was written with {name} {found.get(name)} and this is {name} {version}, "
                    f"which would give other ids; go back to that version, or {_RESET}"
                )

    def append(self, entry: Entry) -> None:
        """Write an entry, whole or not at all; it is with the operating system when this returns. Raises OSError."""
        whole_files.append(self._file, entry.line())

    def clear(self, last: int = 0) -> None:
        """Begin the file anew; the next change is the one after `last`."""
        self.emptied = last
        os.ftruncate(self._file, 0)
        whole_files.append(self._file, self._head())

    def close(self) -> None:
        """Flush to the disk and let the file go."""
        os.fsync(self._file)
        os.close(self._file)
        self._lock.release()


_EMPTIED = "emptied"


def _emptied(header: bytes) -> int:
    found = json.loads(header).get(_EMPTIED, 0)
    return found if isinstance(found, int) else 0


def numbers(path: Path) -> tuple[int, set[int]] | None:
    """The changes of a journal: the last one before it was emptied with the cloud, and those that can be read.

    None without a journal.
    """
    try:
        header, *lines = path.read_bytes().split(b"\n")[:-1] or [b""]
        last = begin = _emptied(header)
    except (OSError, ValueError, AttributeError):
        return None
    found = set()
    for line in lines:
        entry = _entry(line)
        last = (entry and entry.number) or last + 1
        if entry:
            found.add(last)
    return begin, found


def _entry(line: bytes) -> Entry | None:
    """The entry of a line; of one that was joined to half an entry, which was never handled, the second."""
    for begin in (0, line.rfind(b'{"time":')):
        if begin >= 0:
            with contextlib.suppress(ValueError, KeyError, TypeError):
                return Entry.parse(line[begin:])
    return None


def _of(line: bytes) -> str:
    """What a line that cannot be read was about, as far as it says."""
    named = re.search(rb"Action=(\w+)|X_AMZ_TARGET\W+(?:\w+\.)?(\w+)", line)
    return (named[1] or named[2]).decode() if named else "a change"
