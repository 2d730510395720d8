"""Settle what a killed engine, provider or stand-in leaves: pending operations, orphans, unknown ends.

The state itself needs no repair: the service keeps each step, and ends the update of an engine that is gone. What the
engine had begun and not ended is pending in the state. What the provider's ledger says it made for a pending creation,
and no state knows, is an orphan of the killed command and is deleted. So is what a creation made whose end nobody
knows: it is made once more under its key, which a cloud with a record of its changes answers as it did the first time,
and then has an id (see `localcloud.ledger`). What cannot be deleted yet is tried again by the next command. Anything
else that no state knows is left, and named by `status`.
"""

import json
import time
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Protocol

from localcloud import ledger
from localcloud.cloud import files
from localcloud.cloud.errors import LocalCloudError
from localcloud.cloud.project import Place
from localcloud.clouds import Cloud
from localcloud.ledger import Creation
from localcloud.state.store import Missing, Stack, Store

_CREATING = ("creating", "importing", "reading")
_IN_WORK = 30.0  # seconds that a provider has for what it began when its engine was killed
_POLL = 0.05  # seconds

_FORGOTTEN = (
    "it told what an interrupted command left to settle; remove it, and `accordion local refresh` reads the cloud anew"
)

Quietly = Callable[[Sequence[str]], str]
"""Runs an engine command in the shadow and returns its output."""


class Settles(Protocol):
    """What settles creations: `localcloud.cloud.cleanup.Cleanup`."""

    def finish(self, begun: Sequence[Creation], /) -> None:
        """Make creations whose end nobody knows once more, under their keys."""

    def delete(self, orphans: Sequence[Creation], /) -> Sequence[tuple[Creation, str]]:
        """Delete creations; returns those that it could not, with the reason."""


@dataclass(frozen=True)
class _Unsettled:
    """What a repair of a stack has still to do: kept in a file, so that a kill in its middle forgets none."""

    file: Path
    read: Sequence[str] = ()
    """URNs whose pending operation is out of the state and that were not read from the cloud yet."""
    delete: Sequence[str] = ()
    """Keys of creations that go unless a state knows them."""

    @classmethod
    def of(cls, place: Place, project: str, stack: str) -> "_Unsettled":
        file = place.root / f"unsettled.{project}.{stack}.json"
        text = files.read(file, _FORGOTTEN)
        if text is None:
            return cls(file)
        try:
            kept = json.loads(text)
            kept = kept if isinstance(kept, dict) else {"read": kept}  # an older version kept a list of URNs
            if not all(isinstance(each, list) for each in kept.values()):
                raise ValueError
            return cls(file, **kept)
        except (ValueError, TypeError, AttributeError):
            raise files.damaged(file, "it is not whole", _FORGOTTEN) from None

    def keep(self, read: Iterable[str], delete: Iterable[str]) -> None:
        """Put this in the place of what the file says."""
        now = _Unsettled(self.file, list(read), list(delete))
        if not (now.read or now.delete):
            self.file.unlink(missing_ok=True)
            return
        files.write(self.file, json.dumps({name: value for name, value in asdict(now).items() if name != "file"}))


def known(deployments: Iterable[dict[str, Any]]) -> set[tuple[str, str]]:
    """Type and id of every custom resource in these deployments, pending deletions included."""
    return {
        (resource["type"], resource["id"])
        for deployment in deployments
        for resource in deployment.get("resources") or ()
        if resource.get("id")
    }


def strangers(place: Place, store: Store) -> list[Creation]:
    """What the provider has made and no state of any stack knows, oldest first."""
    return _by_states(place, store)[0]


def _by_states(place: Place, store: Store) -> tuple[list[Creation], list[Creation]]:
    """What the provider has made, oldest first: what no state of any stack knows, and what one does."""
    made = ledger.read(place.ledger)
    of_states = known(store.latest(stack).deployment for stack in store.stacks()) if made else set()
    parts: tuple[list[Creation], list[Creation]] = ([], [])
    for each in made:
        parts[(each.type, each.id) in of_states].append(each)
    return parts


def note_losses(place: Place, cloud: Cloud) -> str | None:
    """Hold what the provider has made against what a cloud's record still has, and note what there is to settle.

    To be done before the cloud starts from that record. Returns what is lost as a sentence, None for nothing.
    """
    remembers = cloud.remembers(place)
    lost = remembers and ledger.losses(place.ledger, cloud.package, remembers)
    if not lost or not lost.changes:
        return None
    ledger.note(place.ledger, cloud.package, lost)
    said = [
        f"{_names(lost.gone)} {_is(lost.gone)} gone" if lost.gone else "",
        f"{_names(lost.back)} {_is(lost.back)} there again although deleted" if lost.back else "",
        f"{_named(lost.changed)} {_is(lost.changed)} as before a change" if lost.changed else "",
    ]
    what = "; ".join(filter(None, said)) or "nothing that a stack has is concerned"
    way = f"; the next `accordion local up` settles that of {_and('stack', lost.stacks)}" if lost.stacks else ""
    return f"{cloud.title} on this machine has lost {_counted(len(lost.changes), 'change')} of its record: {what}{way}"


def _is(things: Collection[object]) -> str:
    return "is" if len(things) == 1 else "are"


def _and(noun: str, names: Sequence[str]) -> str:
    return f"{noun}{'s'[: len(names) != 1]} {', '.join(names)}"


def _named(urns: Collection[str]) -> str:
    return _names([Creation(urn, None, (), 0) for urn in urns])


def _drop_requests(place: Place, store: Store) -> None:
    """Remove what is kept of creations that a state knows by now: it may hold secrets."""
    folder = ledger.requests(place.ledger)
    if folder.exists() and any(folder.iterdir()):
        for made in _by_states(place, store)[1]:
            if ledger.request(place.ledger, made.key) is not None:
                ledger.request_file(place.ledger, made.key).unlink(missing_ok=True)


def _at_rest(place: Place, keys: Collection[str], changed: Collection[str]) -> list[Creation]:
    """Creations by their keys, once the provider has ended them and these changes: it outlives a killed engine."""
    deadline = time.monotonic() + _IN_WORK
    while True:
        found = [made for made in ledger.read(place.ledger) if made.key in keys]
        in_work = any(made.in_work for made in found) or any(
            change.in_work for key, change in ledger.unsettled(place.ledger).items() if key in changed
        )
        if not in_work or time.monotonic() > deadline:
            return found
        time.sleep(_POLL)


def _finish(
    place: Place, creations: Sequence[Creation], clouds: Sequence[Cloud], settle: Callable[[], Settles]
) -> list[Creation]:
    """Learn how these creations ended whose end nobody knows; returns those of which it could be learnt, oldest first.

    One with which its cloud was asked for nothing has made nothing. Of a cloud that keeps no record nobody can know:
    what was asked is kept no longer, and what may be left is named.
    """
    begun = [made for made in creations if made.id is None and not made.in_work and _asked(place, made)]
    packages = {made.cloud for made in begun}
    asked = {cloud.package: cloud.asked(place) for cloud in clouds if cloud.package in packages}
    again = []
    for made in begun:
        keys = asked.get(made.cloud)
        if keys is not None and made.key in keys:
            again.append(made)
            continue
        if keys is not None:
            ledger.append(place.ledger, "failed", made.key)
        ledger.request_file(place.ledger, made.key).unlink(missing_ok=True)
    if again:
        settle().finish(again)
    return [made for made in begun if asked.get(made.cloud) is not None]


def _asked(place: Place, made: Creation) -> bool:
    return ledger.request(place.ledger, made.key) is not None


def repair(
    place: Place,
    store: Store,
    project: str,
    stack: str,
    quietly: Quietly,
    clouds: Sequence[Cloud],
    settle: Callable[[], Settles],
) -> str | None:
    """Settle a stack; returns one sentence that says what was done, None when nothing was to do.

    Of pending creations nothing is kept. What was being updated or deleted is read from the cloud.

    Raises: LocalCloudError when the engine cannot read it.
    """
    try:
        kept = store.stack(project, stack)
    except Missing:
        return None
    unsettled = _Unsettled.of(place, project, stack)
    found = _found(place, store, kept, unsettled)
    if found is None:
        return None
    unsettled.keep(found.targets, found.suspects)
    at_rest = _at_rest(place, found.suspects, found.changed)
    for key in (*found.changed, *found.unheard):
        ledger.append(place.ledger, "settled", key)  # the file above has it by now
    looked_up = _finish(place, at_rest, clouds, settle)
    lost = [made for made in reversed(strangers(place, store)) if made.key in found.suspects]
    orphans = [made for made in lost if made.id is not None]
    failed = settle().delete(orphans) if orphans else ()
    store.settle(kept)
    unknown = [made for made in lost if made.id is None and (made.in_work or _asked(place, made))]
    left = [made.key for made in [*(made for made, _ in failed), *unknown]]
    unsettled.keep(found.targets, left)
    if found.targets:
        _read_anew(stack, found.targets, quietly)
        unsettled.keep((), left)
    said = _report(found.pending, len(found.targets), len(looked_up), lost, failed, unknown)
    return f"{found.why}: {said}" if said else None


@dataclass(frozen=True)
class _Found:
    """What there is to settle of a stack."""

    why: str
    pending: int
    """How many operations the state has begun."""
    changed: Collection[str]
    """Keys of updates and deletions of which the engine may not know how they ended."""
    unheard: Collection[str]
    """Keys of creations that the engine may not know of."""
    targets: Sequence[str]
    """URNs to be read from the cloud."""
    suspects: Sequence[str]
    """Keys of creations that go unless a state knows them."""


def _found(place: Place, store: Store, kept: Stack, unsettled: _Unsettled) -> _Found | None:
    """None when nothing is to do, or another command is at work on the stack."""
    # Listed before the look at who is at work: what begins after it is another command's.
    stack = kept.project, kept.name
    listed = [made for made in ledger.read(place.ledger) if made.stack == stack]
    changed = {
        key: change.urn
        for key, change in ledger.unsettled(place.ledger).items()
        if Creation(change.urn, None, (), 0).stack == stack
    }
    deployment = store.latest(kept).deployment
    if store.active(kept):
        return None
    _drop_requests(place, store)
    pending = deployment.get("pending_operations") or ()
    creating = {each["resource"]["urn"] for each in pending if each["type"] in _CREATING}
    begun = [made.key for made in listed if made.id is None and (made.in_work or _asked(place, made))]
    begun += [made.key for made in listed if made.key.startswith(ledger.LOST)]
    unheard = [made.key for made in listed if made.unheard]
    suspects = list(
        dict.fromkeys([*unsettled.delete, *begun, *unheard, *(made.key for made in listed if made.urn in creating)])
    )
    if not (pending or unsettled.read or suspects or changed):
        return None
    there = {resource["urn"] for resource in deployment.get("resources") or ()}
    unsure = [
        *unsettled.read,
        *changed.values(),
        *(each["resource"]["urn"] for each in pending if each["type"] not in _CREATING),
    ]
    lost = any(key.startswith(ledger.LOST) for key in (*changed, *begun))
    why = (
        f"changes of stack {kept.name} were lost"
        if lost
        else f"an earlier command on stack {kept.name} was interrupted"
    )
    return _Found(why, len(pending), changed, unheard, [urn for urn in dict.fromkeys(unsure) if urn in there], suspects)


def _read_anew(stack: str, targets: Sequence[str], quietly: Quietly) -> None:
    flags = [item for urn in targets for item in ("--target", urn)]
    try:
        quietly(["refresh", "--stack", stack, "--yes", "--skip-preview", *flags])
    except LocalCloudError as error:
        raise LocalCloudError(
            f"an interrupted command left stack {stack} unfinished, and it could not be repaired; try again, or forget "
            f"everything with `accordion local reset`: {error}"
        ) from None


def _names(creations: Sequence[Creation]) -> str:
    shown = [f"{made.type} {made.id or made.urn.rpartition('::')[2]}" for made in creations]
    return ", ".join(shown[:5]) + (f" and {len(shown) - 5} more" if len(shown) > 5 else "")


def _report(
    settled: int,
    read: int,
    looked_up: int,
    lost: Sequence[Creation],
    failed: Sequence[tuple[Creation, str]],
    unknown: Sequence[Creation],
) -> str:
    """What was done, and what could not be."""
    nameless = [made for made in lost if made.id is None and made not in unknown]
    deleted = sum(made.id is not None for made in lost) - len(failed)
    did = [
        f"{_counted(settled, 'pending operation')} settled" if settled else "",
        f"{_counted(looked_up, 'creation')} without a known end looked up" if looked_up else "",
        f"{_counted(deleted, 'resource')} that no state knew deleted" if deleted else "",
        f"{_counted(read, 'resource')} read anew" if read else "",
        f"could not delete {_names([made for made, _ in failed])}, which the next command tries again: {failed[0][1]}"
        if failed
        else "",
        f"how the creation of {_names(unknown)} ended is not known yet, and the next command looks it up"
        if unknown
        else "",
        f"may have left {_names(nameless)} behind, which `accordion local reset` removes" if nameless else "",
    ]
    return "; ".join(filter(None, did))


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}{'s'[: count != 1]}"
