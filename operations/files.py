"""Files of commands: written whole or not at all, and read from git's history."""

from __future__ import annotations

import os
import subprocess
import tempfile
from pathlib import Path

from operations.failures import CannotRun


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
