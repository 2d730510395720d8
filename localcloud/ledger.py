"""A ledger of what the provider makes and deletes, so that orphans of a killed engine or provider can be found.

A creation is written before it begins and again when its id is known; a deletion when it is done. What was created,
not deleted, and stands in no stack's state is an orphan.

What was done is settled when its answer has gone to the engine: a provider that dies between the two has changed
something and nobody was told. An update or a deletion that is not settled is read anew; so is looked up what was made.

A creation that began and whose end nobody knows may have made one too. Each call to AWS that a creation makes carries
its key into the journal of the stand-in for AWS, which answers a call that comes again as it answered first. So the
same creation, made once more under its key, ends as it would have ended and tells the id that it had. For that its
request is kept in a file of its own, beside the ledger, until a state knows what it made: it may hold secrets. It also
has what some types need beside an id to be deleted.

Each line also names the changes that it rests on by their numbers in that journal. Where the journal has lost some, as
after a loss of power, the ledger is read as far as the journal goes: so it is known what is gone, what is there again
and what is as it was before (`losses`).

The provider writes the ledger: `localcloud.provider.ledger`, apart since every command reads and few need gRPC.
"""

import contextlib
import contextvars
import itertools
import json
import os
import re
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from localcloud import whole_files

_KEPT = "kept-"
"""Head of the keys of what a provider took over, in ledgers of an older form."""
LOST = "lost-"
"""Head of the keys of what is to be settled since the cloud has lost changes."""
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
    changes: list[int] = field(default_factory=list)
    """Numbers that the cloud's record gave to what was changed."""

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
    unheard: bool = field(default=False, compare=False)
    """Whether the answer with its id may not have reached the engine."""
    changes: tuple[int, ...] = field(default=(), compare=False)
    """Numbers of its changes in the cloud's record; none where it changed nothing or the cloud keeps none."""

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


Remembers = Callable[[int], bool]
"""f(number) -> whether the record of a cloud still has the change of this number."""


@dataclass(frozen=True)
class Change:
    """An update or a deletion of which the engine may not know how it ended."""

    urn: str
    in_work: bool
    """Whether the provider that began it may still be at it."""


@dataclass
class _Tally:
    """What the lines of a ledger come to, where a cloud's record has these of its changes."""

    cloud: str = ""
    remembers: Remembers = lambda _: True
    begun: dict[str, Creation] = field(default_factory=dict)
    made: dict[tuple[str, str], Creation] = field(default_factory=dict)
    """By type and id."""
    unheard: dict[str, tuple[str, str]] = field(default_factory=dict)
    """Type and id of what was made and the engine may not know of, by key."""
    changing: dict[str, Change] = field(default_factory=dict)
    """Updates and deletions of which the engine may not know how they ended, by key."""
    touched: set[str] = field(default_factory=set)
    """URNs of which a change is lost, but not all."""
    known: set[int] = field(default_factory=set)
    """Numbers of the cloud's changes."""

    @property
    def creations(self) -> list[Creation]:
        """What was made, or began to be, and was not deleted: oldest first."""
        return sorted([*self.made.values(), *self.begun.values()], key=lambda creation: creation.time)

    def add(self, lines: Iterable[str]) -> "_Tally":
        """Take the lines in their order; a torn one hides none of the others."""
        for line in lines:
            with contextlib.suppress(ValueError, KeyError, TypeError, AttributeError):
                entry = json.loads(line)
                self._take(entry["event"], entry["key"], entry)
        return self

    def _lost(self, entry: Any) -> list[int]:
        """The changes of a line that the record has no more."""
        if entry.get("cloud") != self.cloud or not (numbers := entry.get("changes", [])):
            return []
        self.known.update(numbers)
        return [number for number in numbers if not self.remembers(number)]

    def _take(self, event: str, key: str, entry: Any) -> None:
        match event:
            case "begin":
                self._begin(key, entry)
            case "again" | "unknown" if key in self.begun:
                self.begun[key] = replace(self.begun[key], in_work=event == "again")
            case "failed":
                self.begun.pop(key, None)
            case "created" if key in self.begun:
                changes, unheard = tuple(entry.get("changes", ())), entry.get("unheard") is True
                self._created(self.begun.pop(key), entry["id"], changes, self._lost(entry), unheard=unheard)
            case "deleted":
                if not self._lost(entry):
                    self._gone(type_of(entry["urn"]), entry["id"])
            case "changing":
                self.changing[key] = Change(entry["urn"], not entry.get("kept"))
            case "ended" | "settled":
                self._changed(event, key, entry)
            case "noted":
                self._noted(entry["cloud"], set(entry["changes"]))

    def _begin(self, key: str, entry: Any) -> None:
        alive = not (key.startswith(_KEPT) or entry.get("kept"))
        cloud = entry.get("cloud", "aws")
        self.begun[key] = Creation(entry["urn"], None, _configuration(entry), entry["time"], cloud, key, alive)

    def _gone(self, type_: str, resource_id: str) -> None:
        if made := self.made.pop((type_, resource_id), None):
            self.unheard.pop(made.key, None)

    def _changed(self, event: str, key: str, entry: Any) -> None:
        change = self.changing.pop(key, None)
        if self._lost(entry) and change:
            self.touched.add(change.urn)
        if change and event == "ended":
            self.changing[key] = replace(change, in_work=False)
        elif of := self.unheard.pop(key, None):
            self.made[of] = replace(self.made[of], unheard=False)

    def _noted(self, cloud: str, noted: Collection[int]) -> None:
        for of, each in self.made.items():
            if each.cloud == cloud:
                self.made[of] = replace(each, changes=tuple(n for n in each.changes if n not in noted))

    def _created(self, begun: Creation, made: str, changes: tuple[int, ...], lost: list[int], *, unheard: bool) -> None:
        if lost and len(lost) == len(changes):
            return
        if lost:
            self.touched.add(begun.urn)
        creation = replace(begun, id=made, in_work=False, unheard=unheard, changes=changes)
        self.made[creation.type, made] = creation
        if unheard:
            self.unheard[begun.key] = creation.type, made


def outstanding(lines: Iterable[str]) -> list[Creation]:
    """Creations of a ledger that were not deleted, oldest first; a torn line hides none of the others.

    A creation that failed is none. Without the line that tells the end of one, it counts as begun.
    """
    return _Tally().add(lines).creations


def _configuration(entry: Any) -> Configuration:
    former = {"region": entry.get("region"), "allowedAccountIds": entry.get("accounts")}
    return tuple((name, value) for name, value in entry.get("configuration", former).items() if value)


def _lines(path: Path) -> list[str]:
    return path.read_bytes().decode(errors="replace").split("\n") if path.exists() else []


def read(path: Path) -> list[Creation]:
    """The outstanding creations of a ledger file; none when there is no file."""
    return outstanding(_lines(path))


def unsettled(path: Path) -> dict[str, Change]:
    """Updates and deletions of which the engine may not know how they ended, by key."""
    return _Tally().add(_lines(path)).changing


def last_change(path: Path, cloud: str) -> int:
    """The highest number of a change of this cloud that the ledger knows; 0 for none."""
    return max(_Tally(cloud).add(_lines(path)).known, default=0)


@dataclass(frozen=True)
class Losses:
    """What a cloud is not any more as the ledger has it, since its record has lost changes."""

    changes: Collection[int]
    """Numbers of those changes."""
    gone: Sequence[Creation]
    """Made, and not there."""
    back: Sequence[Creation]
    """Deleted, and there again."""
    changed: Collection[str]
    """URNs of what is there, but as before a change of it."""

    @property
    def stacks(self) -> list[str]:
        """The stacks that are concerned."""
        urns = [*(made.urn for made in (*self.gone, *self.back)), *self.changed]
        return sorted({Creation(urn, None, (), 0).stack[1] for urn in urns})


def losses(path: Path, cloud: str, remembers: Remembers) -> Losses:
    """What a cloud has lost of what the ledger says, where its record has these of its changes.

    The ledger is read as far as the record goes: what it tells of a change that is lost has not happened.
    """
    lines = _lines(path)
    noted = _noted(lines, cloud)
    now = _Tally(cloud).add(lines)
    there = _Tally(cloud, lambda number: number in noted or remembers(number)).add(lines)
    gone = [each for of, each in now.made.items() if of not in there.made]
    back = [each for of, each in there.made.items() if of not in now.made]
    other = {each.urn for of, each in now.made.items() if of in there.made and there.made[of].key != each.key}
    changed = (there.touched | other) - {each.urn for each in (*gone, *back)}
    return Losses(sorted(number for number in now.known - noted if not remembers(number)), gone, back, sorted(changed))


def _noted(lines: Iterable[str], cloud: str) -> set[int]:
    """Changes that are known to be lost: what had to be settled of them stands in the ledger."""
    found: set[int] = set()
    for line in lines:
        with contextlib.suppress(ValueError, KeyError, TypeError, AttributeError):
            entry = json.loads(line)
            if entry["event"] == "noted" and entry["cloud"] == cloud:
                found.update(entry["changes"])
    return found


def note(path: Path, cloud: str, lost: Losses) -> None:
    """Write down what there is to settle of losses: a repair reads anew and deletes what is said here.

    Raises: OSError, and nothing is written then.
    """
    keys = (f"{LOST}{time.time_ns()}-{number}" for number in itertools.count())
    urns = dict.fromkeys([*(made.urn for made in lost.gone), *lost.changed])
    lines = list(changes({next(keys): Change(urn, in_work=False) for urn in urns}))
    for made in lost.back:
        lines += _entries(replace(made, changes=()), next(keys))
    lines += [{"event": "deleted", "key": "", "urn": made.urn, "id": made.id} for made in lost.gone]
    _append(path, [*lines, {"event": "noted", "key": "", "cloud": cloud, "changes": list(lost.changes)}])


def append(path: Path, event: str, key: str, **values: object) -> None:
    """Add a line to a ledger, whole or not at all.

    Raises: OSError.
    """
    _append(path, [{"event": event, "key": key, **values}])


def _append(path: Path, entries: Iterable[dict[str, Any]]) -> None:
    file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        size = os.fstat(file).st_size
        torn = size > 0 and os.pread(file, 1, size - 1) != b"\n"
        lines = b"".join(json.dumps(entry).encode() + b"\n" for entry in entries)
        whole_files.append(file, b"\n" * torn + lines)
    finally:
        os.close(file)


def entries(creations: Iterable[Creation]) -> Iterable[dict[str, Any]]:
    """The lines of a new ledger that tells the same; what was begun is in nobody's work any more."""
    for number, creation in enumerate(creations):
        yield from _entries(creation, creation.key or f"{_KEPT}{number}")


def changes(unsettled: Mapping[str, Change]) -> Iterable[dict[str, Any]]:
    """The lines of a new ledger that tells these changes; they are in nobody's work any more."""
    for key, change in unsettled.items():
        yield {"event": "changing", "key": key, "urn": change.urn, "kept": True}


def _entries(creation: Creation, key: str) -> Iterable[dict[str, Any]]:
    known = {name: getattr(creation, name) for name in ("urn", "time", "cloud")}
    yield {"event": "begin", "key": key, "kept": True, **known, "configuration": dict(creation.configuration)}
    if creation.id is not None:
        changes = {"cloud": creation.cloud, "changes": list(creation.changes)} if creation.changes else {}
        unheard = {"unheard": True} if creation.unheard else {}
        yield {"event": "created", "key": key, "id": creation.id, **unheard, **changes}
