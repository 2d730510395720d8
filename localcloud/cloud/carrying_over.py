"""States of a place that was made before the state service: taken over from the engine's file backend, once."""

import contextlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from localcloud.cloud.errors import LocalCloudError
from localcloud.cloud.project import Place
from localcloud.state.replay import Typed
from localcloud.state.store import Conflict, Store

_DONE = "backend.carried-over"
_FROM_BACKUP = (
    " (from its backup, since its state is damaged: the last step may be missing; `accordion local refresh` reads the "
    "cloud anew)"
)


def carry_over(place: Place, store: Store) -> list[str]:
    """Take over the states of the file backend; returns the names of the stacks, `project/stack`, with what was lost.

    The folder is kept under another name. What was done before that is not in the history. A stack that is there
    already is left: an earlier attempt was killed after it.

    Raises: LocalCloudError for a state that is damaged, and whose backup is.
    """
    if not place.backend.is_dir():
        return []
    taken = []
    for file in _files(place):
        try:
            state, note = _state(file)
            store.create(file.parent.name, file.stem, {}, None, state)
        except Conflict:
            continue
        taken.append(f"{file.parent.name}/{file.stem}{note}")
    place.backend.rename(_free_name(place))
    return taken


def _files(place: Place) -> list[Path]:
    return sorted((place.backend / ".pulumi" / "stacks").glob("*/*.json"))


def _free_name(place: Place) -> Path:
    names: Iterator[Path] = (place.root / f"{_DONE}{number or ''}" for number in range(1_000_000))
    return next(name for name in names if not name.exists())


def _state(file: Path) -> tuple[Typed | None, str]:
    """The state in a file, or in its backup when a kill has torn the file, which is noted; None for a stack without."""
    for each, note in ((file, ""), (file.with_name(f"{file.name}.bak"), _FROM_BACKUP)):
        with contextlib.suppress(OSError, ValueError, TypeError, AttributeError, RecursionError):
            return _read(json.loads(each.read_text())), note
    raise LocalCloudError(
        f"the state of stack {file.stem} and its backup are damaged: {file}; `accordion local reset` forgets both"
    )


def _read(document: dict[str, Any]) -> Typed | None:
    """What a checkpoint holds; raises ValueError, TypeError or AttributeError for what is none."""
    if "checkpoint" not in document:
        raise ValueError
    checkpoint = document["checkpoint"]
    latest = None if checkpoint is None else checkpoint.get("latest")
    if not latest:
        return None
    if not all(isinstance(each, dict) for each in latest.get("resources") or ()):
        raise ValueError
    return Typed(latest, int(document.get("version") or 3), [str(name) for name in document.get("features") or []])
