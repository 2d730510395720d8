"""Repair what a killed engine or provider leaves: a lock, pending operations in the state, orphans in the cloud.

Nobody but this user's processes uses a place, so a lock whose process is gone is nobody's. The provider's ledger says
what was made; what is in the ledger and in no state, and was made for the stack since the lock was taken, is an
orphan of the killed command and is deleted. Anything else that no state knows is left, and named by `status`.
"""

import datetime
import json
import shutil
import socket
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from localcloud import ledger
from localcloud.cloud.errors import LocalCloudError
from localcloud.cloud.processes import alive
from localcloud.cloud.project import Place
from localcloud.ledger import Creation

_CREATING = ("creating", "importing", "reading")
_IN_WORK = 30.0  # seconds that a provider has for what it began when its engine was killed
_POLL = 0.05  # seconds

Quietly = Callable[[Sequence[str]], str]
"""Runs an engine command in the shadow and returns its output."""


@dataclass(frozen=True)
class Lock:
    """A lock of the file backend."""

    file: Path
    pid: int
    taken: float
    """Seconds since the epoch."""

    @property
    def dead(self) -> bool:
        """Whether its process is gone."""
        return not alive(self.pid, self.taken)


def locks(place: Place, project: str, stack: str) -> list[Lock]:
    """The locks of a stack that were taken on this machine; one that cannot be read counts as dead."""
    folder = place.backend / ".pulumi" / "locks" / "organization" / project / stack
    found = []
    for file in sorted(folder.glob("*.json")):
        try:
            content = json.loads(file.read_text())
            taken = datetime.datetime.fromisoformat(content["timestamp"]).timestamp()
            if content["hostname"] == socket.gethostname():
                found.append(Lock(file, int(content["pid"]), taken))
        except (ValueError, KeyError):
            found.append(Lock(file, -1, file.stat().st_mtime))
        except FileNotFoundError:
            continue
    return found


def state(file: Path) -> dict[str, Any]:
    """The latest deployment in a state file; empty without one."""
    if not file.exists():
        return {}
    checkpoint = json.loads(file.read_text()).get("checkpoint") or {}
    return checkpoint.get("latest") or {}


def known(states: Iterable[dict[str, Any]]) -> set[tuple[str, str]]:
    """Type and id of every custom resource in these deployments, pending deletions included."""
    return {
        (resource["type"], resource["id"])
        for deployment in states
        for resource in deployment.get("resources") or []
        if resource.get("id")
    }


def strangers(place: Place) -> list[Creation]:
    """What the provider has made and no state of any stack knows, oldest first."""
    of_states = known(state(file) for file in place.state_files())
    return [made for made in ledger.read(place.ledger) if made.id is None or (made.type, made.id) not in of_states]


@dataclass(frozen=True)
class Damage:
    """What an interrupted command has left of a stack."""

    locks: tuple[Lock, ...]
    pending: tuple[dict[str, Any], ...]
    """Pending operations of the state: `type` and `resource`."""
    unwritten: bool
    """Whether the command ran without checkpoints, so that the state is the one before it."""

    @property
    def none(self) -> bool:
        """Whether there is nothing to repair."""
        return not self.locks and not self.pending


def without_checkpoints(place: Place, project: str, stack: str) -> Path:
    """A file that is there while a command works on the stack without checkpoints, and after it was killed."""
    return place.root / f"without-checkpoints.{project}.{stack}"


def damage(place: Place, project: str, stack: str) -> Damage | None:
    """What has to be repaired before the next command; None while another command is at work on the stack."""
    held = locks(place, project, stack)
    if any(not lock.dead for lock in held):
        return None
    marker = without_checkpoints(place, project, stack)
    if not held:
        marker.unlink(missing_ok=True)  # the engine came to its end, and wrote the state there
    pending = state(place.state_file(project, stack)).get("pending_operations") or ()
    return Damage(tuple(held), tuple(pending), marker.exists())


def orphans(place: Place, project: str, stack: str, found: Damage) -> list[Creation]:
    """What the interrupted command made and could not write down, newest first: it goes in the reverse order.

    The provider outlives a killed engine and ends what it has begun, so that is waited for.
    """
    since = min((lock.taken for lock in found.locks), default=float("inf"))
    pending = {operation["resource"]["urn"] for operation in found.pending if operation["type"] in _CREATING}
    deadline = time.monotonic() + _IN_WORK
    while True:
        mine = [made for made in strangers(place) if made.stack == (project, stack)]
        lost = [made for made in reversed(mine) if made.time >= since or made.urn in pending]
        if not any(made.in_work for made in lost) or time.monotonic() > deadline:
            return lost
        time.sleep(_POLL)


def settle(place: Place, stack: str, found: Damage, quietly: Quietly) -> None:
    """Take pending operations out of the state, and read anew what nobody knows the end of.

    Of creations nothing is to be kept. What was being updated or deleted is read from the cloud; after a command
    without checkpoints that may be any resource.
    """
    unsure: list[str] = []
    if found.pending:
        present = _without_pending(place, stack, quietly)
        targets = [op["resource"]["urn"] for op in found.pending if op["type"] not in _CREATING]
        unsure = [item for urn in dict.fromkeys(targets) if urn in present for item in ("--target", urn)]
    if unsure or found.unwritten:
        quietly(["refresh", "--stack", stack, "--yes", "--skip-preview", *([] if found.unwritten else unsure)])


def _without_pending(place: Place, stack: str, quietly: Quietly) -> set[str]:
    """Take the pending operations out of the state; returns the URNs of the resources that stay."""
    file = place.root / "recovery.json"
    quietly(["stack", "export", "--stack", stack, "--file", str(file)])
    try:
        export = json.loads(file.read_text())
        export["deployment"].pop("pending_operations", None)
        file.write_text(json.dumps(export))
        quietly(["stack", "import", "--stack", stack, "--file", str(file)])
    finally:
        file.unlink(missing_ok=True)
    return {resource["urn"] for resource in export["deployment"].get("resources") or []}


def _names(creations: Sequence[Creation]) -> str:
    shown = [f"{made.type} {made.id or made.urn.rpartition('::')[2]}" for made in creations]
    return ", ".join(shown[:5]) + (f" and {len(shown) - 5} more" if len(shown) > 5 else "")


def mend_files(place: Place, project: str, stack: str) -> None:
    """Make the stack's state readable after a kill in the middle of a write.

    Raises: LocalCloudError when the state and its backup are both damaged.
    """
    file = place.state_file(project, stack)
    backup = file.with_name(f"{file.name}.bak")
    if file.exists() and not _is_json(file):
        if not _is_json(backup):
            raise LocalCloudError(
                f"the state of stack {stack} and its backup are damaged: {file}; `accordion local reset` forgets both"
            )
        shutil.copyfile(backup, file)


def _is_json(file: Path) -> bool:
    try:
        json.loads(file.read_text())
    except (OSError, ValueError):
        return False
    return True


def repair(
    place: Place,
    project: str,
    stack: str,
    quietly: Quietly,
    delete: Callable[[Sequence[Creation]], Sequence[tuple[Creation, str]]],
) -> str | None:
    """Repair a stack; returns one sentence that says what was done, None when nothing was to do.

    `delete` deletes creations and returns those it could not, with the reason.
    """
    held = locks(place, project, stack)
    if held and all(lock.dead for lock in held):
        mend_files(place, project, stack)
    found = damage(place, project, stack)
    if found is None or found.none:
        return None
    lost = orphans(place, project, stack, found)
    for lock in found.locks:
        lock.file.unlink(missing_ok=True)
    failed = delete([made for made in lost if made.id is not None])
    try:
        settle(place, stack, found, quietly)
    except LocalCloudError as error:
        raise LocalCloudError(
            f"an interrupted command left stack {stack} unfinished, and it could not be repaired; try again, or forget "
            f"everything with `accordion local reset`: {error}"
        ) from None
    without_checkpoints(place, project, stack).unlink(missing_ok=True)
    return _told(stack, found, lost, failed)


def _told(stack: str, found: Damage, lost: Sequence[Creation], failed: Sequence[tuple[Creation, str]]) -> str:
    """One sentence of what a repair did, and of what it could not."""
    nameless = [made for made in lost if made.id is None]
    deleted, settled = len(lost) - len(nameless) - len(failed), len(found.pending)
    did = [
        "its lock is removed" if found.locks else "",
        f"{settled} pending operation{'s'[: settled != 1]} settled" if settled else "",
        f"{deleted} resource{'s'[: deleted != 1]} that no state knew deleted" if deleted else "",
        "the state read anew, since it ran without checkpoints" if found.unwritten else "",
        f"could not delete {_names([made for made, _ in failed])}: {failed[0][1]}" if failed else "",
        f"may have left {_names(nameless)} behind, which `accordion local reset` removes" if nameless else "",
    ]
    return f"an earlier command on stack {stack} was interrupted: {'; '.join(filter(None, did))}"
