"""Files that are whole whatever ends their writer: put in their place by one rename, or grown by whole lines."""

import errno
import os
import shutil
import tempfile
from pathlib import Path

_ROOM = 1024 * 1024  # bytes: SQLite wants parts of files of 32 KiB beside the states


def no_room(where: Path) -> str:
    """The sentence for a disk that is full."""
    return f"no room is left on the disk of {where}; nothing is half written: make room and try again"


def is_full(folder: Path) -> bool:
    """Whether the disk of a folder has hardly any room."""
    return shutil.disk_usage(folder).free < _ROOM


def put(file: Path, content: bytes, *, flush: bool = True) -> None:
    """Put a content in the place of a file, for this user alone; with `flush` it is on the disk when this returns.

    A kill or a full disk leaves what was there before. Raises: OSError, and the file is as it was.
    """
    handle, name = tempfile.mkstemp(prefix=f"{file.name}.", suffix=".new", dir=file.parent)  # of mode 0600
    staged = Path(name)
    try:
        with os.fdopen(handle, "wb") as opened:
            opened.write(content)
            opened.flush()
            if flush:
                os.fsync(opened.fileno())
        staged.replace(file)
    except BaseException:
        staged.unlink(missing_ok=True)
        raise
    if flush:
        folder = os.open(file.parent, os.O_RDONLY)
        try:
            os.fsync(folder)  # of the rename
        finally:
            os.close(folder)


def append(handle: int, lines: bytes) -> None:
    """Add lines to an open file, all or none; they are with the operating system when this returns.

    Half a line would swallow the next one. Raises: OSError where they cannot be written, as on a full disk.
    """
    size = os.fstat(handle).st_size
    try:
        if os.write(handle, lines) < len(lines):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    except OSError:
        os.ftruncate(handle, size)
        raise
