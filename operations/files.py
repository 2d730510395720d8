"""Files of commands: written whole or not at all, and read from git's history."""

from __future__ import annotations

import os
import subprocess
import tempfile
from pathlib import Path

from operations.elastic import CannotRun


def write_atomically(path: Path, content: bytes) -> None:
    """Write `content` to `path`, whole or not at all; raises CannotRun where the folder cannot be written to."""
    try:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
            Path(name).chmod(0o666 & ~_umask())
            Path(name).replace(path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise CannotRun(f"{path}: cannot be written: {(error.strerror or 'unknown').lower()}") from None


def _umask() -> int:
    current = os.umask(0)
    os.umask(current)
    return current


def revision(name: str, path: Path) -> str:
    """The text of `path` at the git revision `name`; raises CannotRun where there is no such revision or file."""
    if name.startswith("-"):
        raise CannotRun(f"--against: neither a file nor a git revision: {name!r}")
    shown = subprocess.run(
        ["git", "show", f"{name}:./{path.name}"], cwd=path.parent, capture_output=True, text=True, check=False
    )
    if shown.returncode:
        reason = (shown.stderr.strip().splitlines() or ["git failed"])[0].removeprefix("fatal: ")
        raise CannotRun(f"--against: neither a file nor a git revision with {path.name}: {name!r} ({reason})")
    return shown.stdout
