"""Files of commands: written whole or not at all, and read from git's history."""

from __future__ import annotations

import errno
import os
import stat
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path

from elasticity.input_files import reason_of
from operations.failures import CannotRun


def is_file(path: Path) -> bool:
    """Whether a regular file of this name can be looked at; a name too long or with a null character is none."""
    return _is(stat.S_ISREG, path)


def is_folder(path: Path) -> bool:
    """The same of a folder."""
    return _is(stat.S_ISDIR, path)


def _is(kind: Callable[[int], bool], path: Path) -> bool:
    try:
        return kind(path.stat().st_mode)
    except (OSError, ValueError):
        return False


def write_atomically(path: Path, content: bytes | str) -> None:
    """Write `content` to `path`, whole or not at all; raises CannotRun where it cannot be written.

    A link is followed and stays, a file keeps its permissions, and a pipe or a device is written into rather than
    replaced: `--output /dev/null` must leave the device where it is. Text is UTF-8; what cannot be so written, such as
    a file's name in another encoding, stands as its escape.
    """
    if isinstance(content, str):
        content = content.encode("utf-8", "backslashreplace")
    try:
        there = _existing(path)
        if there is not None and (not stat.S_ISREG(there.st_mode) or _PROCESS_FILES & {str(up) for up in path.parents}):
            _write_into(path, there, content)
        else:
            _replace(Path(os.path.realpath(path)), there, content)
    except (OSError, ValueError) as error:
        raise CannotRun(f"{path}: cannot be written: {reason_of(error).lower()}") from None


_PROCESS_FILES = frozenset(("/dev", "/proc"))
"""Names below these stand for what is open already, as /dev/stdout does: another file in its place would be lost."""


def _existing(path: Path) -> os.stat_result | None:
    try:
        return path.stat()
    except FileNotFoundError:
        return None


def _write_into(path: Path, there: os.stat_result, content: bytes) -> None:
    if stat.S_ISDIR(there.st_mode):
        raise IsADirectoryError(errno.EISDIR, "it is a folder")
    if stat.S_ISBLK(there.st_mode):
        raise OSError(errno.EINVAL, "it is a device that holds a file system")
    try:
        handle = os.open(path, os.O_WRONLY | os.O_NONBLOCK | os.O_CLOEXEC)  # else a pipe that nobody reads waits
    except OSError as error:
        if error.errno == errno.ENXIO:
            raise OSError(errno.ENXIO, "nobody reads from it") from None
        raise
    os.set_blocking(handle, True)
    with os.fdopen(handle, "wb") as file:
        file.write(content)


def _replace(path: Path, there: os.stat_result | None, content: bytes) -> None:
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name[:100]}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        Path(name).chmod(0o666 & ~_umask() if there is None else stat.S_IMODE(there.st_mode))
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _umask() -> int:
    current = os.umask(0)
    os.umask(current)
    return current


def revision(name: str, path: Path) -> str:
    """The text of `path` at the git revision `name`; raises CannotRun where there is no such revision or file."""
    if name.startswith("-") or not name.strip():
        raise CannotRun(f"--against: neither a file nor a git revision: {name!r}")
    try:
        shown = subprocess.run(
            ["git", "show", f"{name}:./{path.name}"],
            cwd=path.parent,
            capture_output=True,
            check=False,
            env=os.environ | {"LC_ALL": "C"},  # its answer is told in the language of the rest
        )
    except FileNotFoundError:
        raise CannotRun(f"--against: not a file, and there is no git here to know a revision: {name!r}") from None
    if shown.returncode:
        said = shown.stderr.decode(errors="replace").strip().splitlines() or ["git failed"]
        reason = said[0].removeprefix("fatal: ")
        raise CannotRun(f"--against: neither a file nor a git revision with {path.name}: {name!r} ({reason})")
    try:
        return shown.stdout.decode()
    except UnicodeDecodeError:
        raise CannotRun(f"--against: {path.name} at {name} is not UTF-8 text") from None
