"""Loads that were read before, kept on disk by the content of their file, so that a second command need not read it
anew.

An entry is found by what was read: the bytes of the file, how it was asked for, and the source of the reader. It holds
numbers and words and nothing that could run. What cannot be read, is of somebody else, or is damaged is no entry: the
file is then read as if there were none. Nothing here fails a command.
"""

from __future__ import annotations

import contextlib
import datetime
import functools
import hashlib
import io
import json
import os
import stat
import sys
import tempfile
import zipfile
from pathlib import Path
from typing import Any

import numpy as np

from elasticity.traces import Load, TraceError

SWITCH_OFF = "ACCORDION_NO_CACHE"
"""Set to anything, nothing is kept and nothing kept is taken."""
SMALLEST = 256 * 1024
"""Bytes of a file; smaller ones are read as fast as an entry."""
MOST = 512 * 1024 * 1024
"""Bytes that all entries may take; the oldest go."""
_WORDS = ("name", "interpolation", "filled", "filled_with", "origin", "step")
_VALUES, _ABOUT = "values", "about"
_DAMAGED = (OSError, ValueError, KeyError, TypeError, TraceError, zipfile.BadZipFile, EOFError)


def taken(key: bytes) -> Load | None:
    """The load of an entry; None where there is none that can be trusted."""
    folder = _folder()
    if folder is None:
        return None
    path = folder / _name(key)
    try:
        if path.is_symlink() or path.stat().st_size > MOST:
            return None
        load = _read(path.read_bytes(), key)
        os.utime(path)
    except _DAMAGED:
        return None
    return load


def keep(key: bytes, load: Load) -> None:
    """Keep a load; a full or read-only disk keeps none."""
    folder = _folder(make=True)
    if folder is None:
        return
    content = _written(load, key)
    if len(content) > MOST // 4:
        return
    with contextlib.suppress(OSError):
        _make_room(folder, len(content))
        handle, name = tempfile.mkstemp(dir=folder, suffix=".new")  # of mode 0600
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
            Path(name).replace(folder / _name(key))
        except OSError:
            Path(name).unlink(missing_ok=True)
            raise


def _name(key: bytes) -> str:
    return f"{hashlib.sha256(_version() + key).hexdigest()}.npz"


@functools.cache
def _version() -> bytes:
    """The source of the reader and what its numbers depend on: another version takes no entry of this one."""
    digest = hashlib.sha256(f"{sys.version} {np.__version__}".encode())
    here = Path(__file__).parent
    for source in sorted([*here.glob("*.py"), here.parent / "traces.py", here.parent / "measure.py"]):
        digest.update(source.read_bytes())
    return digest.digest()


def _folder(*, make: bool = False) -> Path | None:
    """The user's own folder; None where it is switched off, cannot be made, or others may write to it."""
    if os.environ.get(SWITCH_OFF):
        return None
    import platformdirs  # here: most commands read no trace

    root = os.environ.get("ACCORDION_CACHE_DIR") or platformdirs.user_cache_dir("accordion")
    folder = Path(root) / "loads"
    try:
        if make:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        about = folder.lstat()
    except (OSError, ValueError):
        return None
    own = not hasattr(os, "getuid") or about.st_uid == os.getuid()
    open_to_others = stat.S_IMODE(about.st_mode) & 0o022
    return folder if stat.S_ISDIR(about.st_mode) and own and not open_to_others else None


def _written(load: Load, key: bytes) -> bytes:
    about: dict[str, Any] = {name: getattr(load, name) for name in _WORDS}
    about |= {"start": load.start.isoformat(), "columns": list(load.columns), "key": key.hex()}
    arrays: dict[str, Any] = {f"column{place}": values for place, values in enumerate(load.columns.values())}
    text = np.frombuffer(json.dumps(about).encode(), dtype=np.uint8)
    written = io.BytesIO()
    arrays |= {_VALUES: load.values, _ABOUT: text}
    np.savez(written, allow_pickle=False, **arrays)
    return written.getvalue()


def _read(content: bytes, key: bytes) -> Load | None:
    with np.load(io.BytesIO(content), allow_pickle=False) as entry:  # a zip, whose parts have check sums
        about = json.loads(entry[_ABOUT].tobytes())
        if about["key"] != key.hex():
            return None
        return Load(
            values=entry[_VALUES],
            start=datetime.datetime.fromisoformat(about["start"]),
            columns={name: entry[f"column{place}"] for place, name in enumerate(about["columns"])},
            **{name: about[name] for name in _WORDS},
        )


def _make_room(folder: Path, wanted: int) -> None:
    """Let the entries that were not asked for the longest go, until there is room."""
    entries = []
    for path in folder.iterdir():
        with contextlib.suppress(OSError):  # another process was first
            about = path.lstat()
            entries.append((about.st_mtime, about.st_size, path))
    size = sum(each for _, each, _ in entries) + wanted
    for _, each, path in sorted(entries):
        if size <= MOST:
            return
        path.unlink(missing_ok=True)
        size -= each
