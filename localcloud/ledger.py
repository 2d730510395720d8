"""A ledger of what the provider makes and deletes, so that orphans of a killed engine or provider can be found.

A creation is written before it begins and again when its id is known; a deletion when it is done. What was created,
not deleted, and stands in no stack's state is an orphan.

A creation that began and whose end nobody knows may have made one too. Each call to AWS that a creation makes carries
its key into the journal of the stand-in for AWS, which answers a call that comes again as it answered first. So the
same creation, made once more under its key, ends as it would have ended and tells the id that it had. For that its
request is kept in a file of its own, beside the ledger, until a state knows what it made: it may hold secrets. It also
has what some types need beside an id to be deleted.

The provider writes the ledger: `localcloud.provider.ledger`, apart since every command reads and few need gRPC.
"""

import contextlib
import contextvars
import errno
import json
import os
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

_KEPT = "kept-"
"""Head of the keys of what a provider took over, in ledgers of an older form."""
_KEY = re.compile(r"[0-9]+-[0-9]+")


@dataclass
class Work:
    """A creation that is being made."""

    key: str
    """Its key in the ledger."""
    again: bool = False
    """Whether it was begun before."""
    unanswered: bool = False
    """Whether a call got no answer, so that nobody knows what it did."""
    left: str | None = None
    """The id of what could be neither finished nor deleted."""
    calls: Counter[str] = field(default_factory=Counter)
    """How often each call was made, by what was asked."""

    def name(self, asked: str) -> str:
        """The name of the next call that asks this: the same when the creation is made again."""
        self.calls[asked] += 1
        return f"{self.key}/{asked}/{self.calls[asked]}"


WORK: contextvars.ContextVar[Work | None] = contextvars.ContextVar("work", default=None)
"""The creation that is being made here; None outside one."""


Configuration = tuple[tuple[str, str], ...]
"""Variables and values of a provider instance: those that say where its resources stand, see `Cloud.identity`."""


def type_of(urn: str) -> str:
    """A resource's type token: the last of the types in `urn:pulumi:stack::project::types::name`."""
    return urn.split("::")[2].rpartition("$")[2]


@dataclass(frozen=True)
class Creation:
    """Something that the provider made, or began to make."""

    urn: str
    id: str | None
    """None when the provider died before it knew."""
    configuration: Configuration
    """Of the provider instance that made it."""
    time: float
    """When it began, in seconds since the epoch."""
    cloud: str = "aws"
    """The package of the cloud that it stands in; a ledger of before there were several names none."""
    key: str = field(default="", compare=False)
    """What its calls are known by in the journal."""
    in_work: bool = field(default=False, compare=False)
    """Whether the provider that began it may still end it; one that was started since cannot."""

    @property
    def type(self) -> str:
        """The resource's type token."""
        return type_of(self.urn)

    @property
    def region(self) -> str:
        """Region of that instance; empty when it was not configured with one."""
        return dict(self.configuration).get("region", "")

    @property
    def name(self) -> str:
        """The resource's name in the program."""
        return self.urn.rpartition("::")[2]

    @property
    def stack(self) -> tuple[str, str]:
        """The project and the stack that it was made for."""
        head, project, *_ = self.urn.split("::")
        return project, head.rpartition(":")[2]


def requests(ledger: Path) -> Path:
    """The folder of the requests of creations: each is kept until a state knows what it made."""
    return ledger.with_name(f"{ledger.name}.begun")


def request_file(ledger: Path, key: str) -> Path:
    """The file of the request of one creation.

    Raises: ValueError for what is no key, since it becomes the name of a file.
    """
    if not _KEY.fullmatch(key):
        raise ValueError(f"no key of a creation: {key!r}")
    return requests(ledger) / key


def request(ledger: Path, key: str) -> bytes | None:
    """What a creation asked, as the message of the protocol; None when that is not kept, or not any more."""
    try:
        return request_file(ledger, key).read_bytes()
    except (ValueError, FileNotFoundError):
        return None


def outstanding(lines: Iterable[str]) -> list[Creation]:
    """Creations of a ledger that were not deleted, oldest first; a torn line hides none of the others.

    A creation that failed is none. Without the line that tells the end of one, it counts as begun.
    """
    begun: dict[str, Creation] = {}
    made: dict[tuple[str, str], Creation] = {}
    for line in lines:
        with contextlib.suppress(ValueError, KeyError, TypeError):
            _tell(json.loads(line), begun, made)
    return sorted([*made.values(), *begun.values()], key=lambda creation: creation.time)


def _tell(entry: Any, begun: dict[str, Creation], made: dict[tuple[str, str], Creation]) -> None:
    event, key = entry["event"], entry["key"]
    if event == "begin":
        alive = not (key.startswith(_KEPT) or entry.get("kept"))
        cloud = entry.get("cloud", "aws")
        begun[key] = Creation(entry["urn"], None, _configuration(entry), entry["time"], cloud, key, alive)
    elif event in ("again", "unknown") and key in begun:
        begun[key] = replace(begun[key], in_work=event == "again")
    elif event == "failed":
        begun.pop(key, None)
    elif event == "created" and key in begun:
        creation = replace(begun[key], id=entry["id"], in_work=False)
        made[creation.type, entry["id"]] = creation
        del begun[key]
    elif event == "deleted":
        made.pop((type_of(entry["urn"]), entry["id"]), None)


def _configuration(entry: Any) -> Configuration:
    former = {"region": entry.get("region"), "allowedAccountIds": entry.get("accounts")}
    return tuple((name, value) for name, value in entry.get("configuration", former).items() if value)


def read(path: Path) -> list[Creation]:
    """The outstanding creations of a ledger file; none when there is no file."""
    return outstanding(path.read_bytes().decode(errors="replace").split("\n")) if path.exists() else []


def unsettled(path: Path) -> dict[str, str]:
    """URNs of updates and deletions whose end nobody knows, by key."""
    found: dict[str, str] = {}
    for line in path.read_bytes().decode(errors="replace").split("\n") if path.exists() else ():
        with contextlib.suppress(ValueError, KeyError, TypeError):
            entry = json.loads(line)
            if entry["event"] == "changing":
                found[entry["key"]] = entry["urn"]
            elif entry["event"] == "settled":
                found.pop(entry["key"], None)
    return found


def append(path: Path, event: str, key: str, **values: object) -> None:
    """Add a line to a ledger, whole or not at all.

    Raises: OSError.
    """
    file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        size = os.fstat(file).st_size
        torn = size > 0 and os.pread(file, 1, size - 1) != b"\n"
        line = b"\n" * torn + json.dumps({"event": event, "key": key, **values}).encode() + b"\n"
        try:
            if os.write(file, line) < len(line):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        except OSError:
            os.ftruncate(file, size)
            raise
    finally:
        os.close(file)


def entries(creations: Iterable[Creation]) -> Iterable[dict[str, Any]]:
    """The lines of a new ledger that tells the same; what was begun is in nobody's work any more."""
    for number, creation in enumerate(creations):
        key = creation.key or f"{_KEPT}{number}"
        known = {name: getattr(creation, name) for name in ("urn", "time", "cloud")}
        yield {"event": "begin", "key": key, "kept": True, **known, "configuration": dict(creation.configuration)}
        if creation.id is not None:
            yield {"event": "created", "key": key, "id": creation.id}
