"""What git says of a change: the base's files in a folder of their own, and which lines of which files differ.

The user's tree is only read: the base is unpacked in the user's cache, and git's own list of work trees does not grow.
"""

from __future__ import annotations

import dataclasses
import io
import os
import re
import subprocess
import tarfile
from collections.abc import Sequence
from pathlib import Path

from operations.failures import CannotRun

_HUNK = re.compile(rb"^@@ -\S+ \+(\d+)(?:,(\d+))? @@")
_PLAIN = ("-c", "core.quotePath=false", "-c", "core.fsmonitor=false", "-c", "diff.external=")


@dataclasses.dataclass(frozen=True)
class Change:
    """The change under review: a commit that it begins from, and the work tree as it stands."""

    folder: Path
    """Of the project, in the work tree."""
    prefix: str
    """Way from the repository's top to it; empty, or ending in a slash."""
    asked: str
    """The revision as it was named."""
    base: str
    """The commit that is compared with: where the two histories part."""
    tree: str
    """Of the base: two commits of one content are one base."""
    moment: str
    """When the base was committed, with its zone: the hour that both sides are looked at."""
    files: tuple[str, ...]
    """That differ, from the project's folder on, sorted; those outside of it are left out."""

    def lines(self, file: str) -> tuple[int, ...]:
        """First lines of the changed parts of a file as it now is; empty for one that is gone."""
        shown = _git(self.folder, "diff", "--no-ext-diff", "--no-textconv", "--unified=0", self.base, "--", file)
        found = (_HUNK.match(line) for line in shown.splitlines())
        return tuple(max(int(hunk[1]), 1) for hunk in found if hunk)

    def unpack(self, into: Path) -> None:
        """The base's files in a folder; raises CannotRun for an archive with ways out of it."""
        into.mkdir(parents=True)
        content = _git(self.folder, "archive", "--format=tar", f"{self.base}:{self.prefix}")
        try:
            with tarfile.open(fileobj=io.BytesIO(content)) as archive:
                archive.extractall(into, filter="data")
        except tarfile.TarError as error:
            raise CannotRun(f"--base: the files of {self.asked} cannot be unpacked: {error}") from None

    def had(self, file: str) -> str | None:
        """The text of a file at the base; None where it was not there or is no text."""
        try:
            return _git(self.folder, "show", f"{self.base}:{self.prefix}{file}").decode()
        except (CannotRun, UnicodeDecodeError):
            return None


def change_since(revision: str, folder: Path) -> Change:
    """The change from a revision to the work tree of a folder; raises CannotRun where there is none such."""
    if revision.startswith("-") or not revision.strip() or "\0" in revision:
        raise CannotRun(f"--base: not a git revision: {revision!r}")
    named = _commit(folder, revision)
    parted = _try(folder, "merge-base", named, "HEAD")
    base = parted.decode().strip() if parted else named
    prefix = _git(folder, "rev-parse", "--show-prefix").decode().removesuffix("\n")
    tree = _git(folder, "rev-parse", f"{base}^{{tree}}").decode().strip()
    moment = _git(folder, "show", "--no-patch", "--format=%cI", base).decode().strip()
    differing = _git(
        folder, "diff", "--no-ext-diff", "--no-textconv", "--no-renames", "--relative", "--name-only", "-z", base
    )
    untracked = _git(folder, "ls-files", "--others", "--exclude-standard", "-z")
    names = {os.fsdecode(name) for name in (differing + untracked).split(b"\0") if name}
    return Change(folder, prefix, revision, base, tree, moment, tuple(sorted(names)))


def _commit(folder: Path, revision: str) -> str:
    found = _try(folder, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
    if found is None:
        _git(folder, "rev-parse", "--git-dir")  # tells where there is no repository at all
        raise CannotRun(
            f"--base: no git revision is called {revision!r} here; in a shallow clone, fetch it first: "
            "git fetch origin REV, or actions/checkout with fetch-depth: 0"
        )
    return found.decode().strip()


def _try(folder: Path, *arguments: str) -> bytes | None:
    try:
        return _git(folder, *arguments)
    except CannotRun:
        return None


def _git(folder: Path, *arguments: str) -> bytes:
    """What git answers; raises CannotRun with its own words."""
    command: Sequence[str] = ("git", *_PLAIN, *arguments)
    try:
        answer = subprocess.run(command, cwd=folder, capture_output=True, check=False, env=os.environ | {"LC_ALL": "C"})
    except FileNotFoundError:
        raise CannotRun("--base: there is no git here to know a revision") from None
    if answer.returncode:
        said = answer.stderr.decode(errors="replace").strip().splitlines() or ["git failed"]
        raise CannotRun(f"--base: {said[0].removeprefix('fatal: ')}")
    return answer.stdout
