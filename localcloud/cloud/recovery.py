"""Settle what a killed engine or provider leaves: pending operations in the state, orphans in the cloud.

The state itself needs no repair: the service keeps each step, and ends the update of an engine that is gone. What the
engine had begun and not ended is pending in the state. What the provider's ledger says it made for a pending creation,
and no state knows, is an orphan of the killed command and is deleted. Anything else that no state knows is left, and
named by `status`.
"""

import json
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from localcloud import ledger
from localcloud.cloud.errors import LocalCloudError
from localcloud.cloud.project import Place
from localcloud.ledger import Creation
from localcloud.state.store import Missing, Store

_CREATING = ("creating", "importing", "reading")
_IN_WORK = 30.0  # seconds that a provider has for what it began when its engine was killed
_POLL = 0.05  # seconds

Quietly = Callable[[Sequence[str]], str]
"""Runs an engine command in the shadow and returns its output."""
Delete = Callable[[Sequence[Creation]], Sequence[tuple[Creation, str]]]
"""Deletes creations; returns those that it could not, with the reason."""


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
    made = ledger.read(place.ledger)
    of_states = known(store.latest(stack).deployment for stack in store.stacks()) if made else set()
    return [creation for creation in made if creation.id is None or (creation.type, creation.id) not in of_states]


def orphans(place: Place, store: Store, pending: Iterable[str]) -> list[Creation]:
    """What was made for pending creations (URNs) and stands in no state, newest first: it goes in the reverse order.

    The provider outlives a killed engine and ends what it has begun, so that is waited for.
    """
    wanted = set(pending)
    deadline = time.monotonic() + _IN_WORK
    while True:
        lost = [made for made in reversed(strangers(place, store)) if made.urn in wanted]
        if not any(made.in_work for made in lost) or time.monotonic() > deadline:
            return lost
        time.sleep(_POLL)


def _unsettled(place: Place, project: str, stack: str) -> Path:
    """URNs whose pending operation is out of the state and that were not read from the cloud yet."""
    return place.root / f"unsettled.{project}.{stack}.json"


def repair(place: Place, store: Store, project: str, stack: str, quietly: Quietly, delete: Delete) -> str | None:
    """Settle a stack; returns one sentence that says what was done, None when nothing was to do.

    Of pending creations nothing is kept. What was being updated or deleted is read from the cloud.

    Raises: LocalCloudError when the engine cannot read it.
    """
    try:
        kept = store.stack(project, stack)
    except Missing:
        return None
    if store.active(kept):
        return None  # another command is at work on it
    deployment = store.latest(kept).deployment
    pending = deployment.get("pending_operations") or ()
    note = _unsettled(place, project, stack)
    unsure = json.loads(note.read_text()) if note.exists() else []
    if not pending and not unsure:
        return None
    lost = orphans(place, store, (each["resource"]["urn"] for each in pending if each["type"] in _CREATING))
    failed = delete([made for made in lost if made.id is not None])
    unsure += [each["resource"]["urn"] for each in pending if each["type"] not in _CREATING]
    there = {resource["urn"] for resource in deployment.get("resources") or ()}
    targets = [urn for urn in dict.fromkeys(unsure) if urn in there]
    if targets:
        # Kept until they are read: a kill between here and there forgets none.
        staged = note.with_name(f"{note.name}.new")
        staged.write_text(json.dumps(targets))
        staged.replace(note)
    store.settle(kept)
    if targets:
        _read_anew(stack, targets, quietly)
    note.unlink(missing_ok=True)
    return _told(stack, len(pending), len(targets), lost, failed)


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


def _told(stack: str, settled: int, read: int, lost: Sequence[Creation], failed: Sequence[tuple[Creation, str]]) -> str:
    """One sentence of what was done, and of what could not be."""
    nameless = [made for made in lost if made.id is None]
    deleted = len(lost) - len(nameless) - len(failed)
    did = [
        f"{settled} pending operation{'s'[: settled != 1]} settled" if settled else "",
        f"{deleted} resource{'s'[: deleted != 1]} that no state knew deleted" if deleted else "",
        f"{read} resource{'s'[: read != 1]} read anew" if read else "",
        f"could not delete {_names([made for made, _ in failed])}: {failed[0][1]}" if failed else "",
        f"may have left {_names(nameless)} behind, which `accordion local reset` removes" if nameless else "",
    ]
    return f"an earlier command on stack {stack} was interrupted: {'; '.join(filter(None, did))}"
