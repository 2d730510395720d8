"""Base and head on a cloud on this machine: `up` of the one, once per content, `preview` of the other."""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import json
import os
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import platformdirs
from filelock import FileLock

import localcloud
from localcloud.cloud import LocalCloud, LocalCloudError
from localcloud.cloud.project import Place, find_project
from operations.failures import CannotRun
from operations.files import write_atomically
from operations.review import ports, settings
from operations.review.revisions import Change
from operations.terminal import progress
from stacks.builds import CHECK_BUILD
from stacks.deployed import MOMENT
from stacks.packages import ON_SWARM, packages_of

KEPT = 5
"""Bases whose clouds are kept; the one used longest ago goes first."""
_BASE, _CLOUD, _DONE, _BEGUN = "base", "cloud", "deployed", "on-an-engine"
_QUIET = ("--suppress-progress",)
NO_ENGINE = "no Docker Engine is known here"
"""What a stack on a Swarm is refused with where there is none."""
_AROUND = ("error: update failed", "error: preview failed", "error: Program failed with an unhandled exception:")
"""Lines of the engine that say that something failed, and not what."""


@dataclasses.dataclass(frozen=True)
class Looked:
    """A stack at the base, and what the head would do to it."""

    state: Mapping[str, Any]
    """As `stack export` shows it, of the base; empty where it has no such stack."""
    preview: Mapping[str, Any]
    problem: str = ""
    """Why the head's program refused; empty where it did not."""


class BaseFailedError(Exception):
    """The base could not be deployed, so that nothing can be compared with it."""


@dataclasses.dataclass(frozen=True)
class Clouds:
    """The cloud of one base, and the two projects that use it."""

    root: Path
    base: Path
    """The base's files."""
    change: Change
    check_build: bool = False
    """Whether the head's images are built, and pushed nowhere."""
    kept: bool = False
    """Whether an earlier review has deployed something there."""

    def remake(self) -> None:
        """Begin with nothing: what an earlier review left cannot be used any more. Raises CannotRun where some of it
        stands on an Engine and cannot be removed: nobody would know of it without these files."""
        self.stop()
        if left := _left_on_an_engine(self.root):
            raise CannotRun(
                f"an earlier review has left {', '.join(left)} on a Docker Engine and cannot remove it: see that the "
                f"Engine answers, and review again; or remove its services by hand, and then {self.root}"
            )
        shutil.rmtree(self.root, ignore_errors=True)
        _made(self.root, self.change, check_build=self.check_build)

    def base_cloud(self) -> LocalCloud | None:
        """None where the base has no project there."""
        if not (self.base / "Pulumi.yaml").is_file():
            return None
        return self._cloud(self.base)

    def _cloud(self, folder: Path) -> LocalCloud:
        variables = dict(os.environ) | {MOMENT: self.change.moment}
        variables.pop("PULUMI_STACK", None)
        variables[CHECK_BUILD] = "1" if self.check_build else ""
        return LocalCloud(
            find_project(folder), Place(self.root / _CLOUD), progress, _unsaid, variables, packages_of=packages_of
        )

    def stop(self) -> None:
        """End its servers; all that they keep stays for the next review, but for what stands on a real Engine, where it
        would go on running and hold ports."""
        with contextlib.suppress(LocalCloudError):
            self._leave_the_engine()
        with contextlib.suppress(LocalCloudError):
            self._cloud(self.change.folder).stop()

    def _leave_the_engine(self) -> None:
        cloud = self.base_cloud()
        if cloud is None:
            return
        for stack in _left_on_an_engine(self.root):
            (self.root / _DONE / stack).unlink(missing_ok=True)
            with contextlib.suppress(LocalCloudError):  # the next review tries it again
                words = ["destroy", "--yes", "--skip-preview", "--stack", stack, *_QUIET]
                if cloud.captured(words, self.base).code == 0:
                    (self.root / _BEGUN / stack).unlink()

    def deploy(self, stack: str) -> None:
        """`up` of a stack at the base, unless it was done already; raises BaseFailedError."""
        done = self.root / _DONE / stack
        if done.exists():
            return
        cloud = self.base_cloud()
        if cloud is None or not cloud.project.stack_file(stack).is_file():
            return
        if packages_of(cloud.project.stack_file(stack)) == ON_SWARM:
            begun = self.root / _BEGUN / stack
            side = settings.side_of(cloud.project.stack_file(stack))
            if side is not None and not begun.exists() and (why := ports.taken(side.settings)):
                raise BaseFailedError(why)
            begun.parent.mkdir(exist_ok=True)
            begun.touch()
        answer = cloud.captured(["up", "--yes", "--skip-preview", "--stack", stack, *_QUIET], self.base)
        if answer.code:
            raise BaseFailedError(_reason(answer.output, answer.errors))
        done.parent.mkdir(exist_ok=True)
        done.touch()

    def look(self, stack: str) -> Looked:
        """What the head would do to a stack of the base, which is deployed; raises LocalCloudError."""
        head = self._cloud(self.change.folder)
        there = (self.root / _DONE / stack).exists()
        state = head.state(stack) if there else {}
        answer = head.captured(["preview", "--json", "--stack", stack], self.change.folder)
        try:
            preview = json.loads(answer.output[answer.output.index("{") :])
        except ValueError:
            preview = {}
        if answer.code or not isinstance(preview, dict) or "steps" not in preview:
            said = "\n".join(str(one.get("message", "")) for one in _diagnostics(preview) if _is_error(one))
            return Looked(state, {}, said.strip() or _reason(answer.output, answer.errors))
        return Looked(state, preview)


def _diagnostics(preview: object) -> list[Mapping[str, Any]]:
    found = preview.get("diagnostics") if isinstance(preview, dict) else None
    return [one for one in found or () if isinstance(one, dict)]


def _is_error(diagnostic: Mapping[str, Any]) -> bool:
    return diagnostic.get("severity") == "error"


def _unsaid(_: str) -> None:
    """What a command on the local cloud says beside its result is no part of a review."""


def _reason(output: str, errors: str) -> str:
    """The engine's own words for a failure, each once: its errors, else its last lines. What stands before an error
    depends on how fast it was."""
    lines = [line.strip() for line in f"{errors}\n{output}".splitlines() if line.strip()]
    found = dict.fromkeys(line[line.index("error:") :] for line in lines if "error:" in line)
    told = [line for line in found if line not in _AROUND] or [*found]
    return "\n".join((told or lines)[-5:]) or "the engine says nothing"


@contextlib.contextmanager
def clouds_of(change: Change, folder: Path, *, check_build: bool = False) -> Iterator[Clouds]:
    """The cloud of a change's base, alone with it; its servers end with the context."""
    reviews = cache() / "reviews"
    reviews.mkdir(parents=True, exist_ok=True, mode=0o700)
    root = reviews / _key(change, folder)
    with FileLock(f"{root}.lock"):
        clouds = _made(root, change, check_build=check_build)
        _forget_others(reviews, root)
        try:
            yield clouds
        finally:
            clouds.stop()


def cache() -> Path:
    """The user's cache."""
    return Path(os.environ.get("ACCORDION_CACHE_DIR") or platformdirs.user_cache_dir("accordion"))


def _made(root: Path, change: Change, *, check_build: bool) -> Clouds:
    whole = root / "whole"
    if not whole.exists():
        shutil.rmtree(root, ignore_errors=True)
        root.mkdir(mode=0o700)
        change.unpack(root / _BASE)
        write_atomically(whole, f"{change.base}\n")
    clouds = Clouds(root, root / _BASE, change, check_build, kept=(root / _DONE).is_dir())
    _lend_environment(root / _BASE, change.folder)
    os.utime(root)
    return clouds


def _lend_environment(base: Path, head: Path) -> None:
    """The virtual environment of the work tree for the base's program: git has none."""
    cloud_file = base / "Pulumi.yaml"
    if not cloud_file.is_file():
        return
    try:
        runtime = find_project(base).document.get("runtime")
    except LocalCloudError:
        return  # told when it is used
    options = runtime.get("options") if isinstance(runtime, dict) else None
    named = options.get("virtualenv") if isinstance(options, dict) else None
    if not isinstance(named, str) or Path(named).is_absolute() or ".." in Path(named).parts:
        return
    link, lent = base / named, head / named
    if lent.is_dir() and not link.exists():
        link.unlink(missing_ok=True)
        link.parent.mkdir(parents=True, exist_ok=True)
        link.symlink_to(lent.resolve())


def _left_on_an_engine(root: Path) -> list[str]:
    """Stacks of a base that stand on a real Engine, or may."""
    return sorted(begun.name for begun in (root / _BEGUN).glob("*"))


def _forget_others(reviews: Path, kept: Path) -> None:
    """Keep the bases that were used last; one that another review uses, or that has something on an Engine, is left
    alone."""
    known = sorted((one for one in reviews.iterdir() if one.is_dir()), key=lambda one: one.stat().st_mtime)
    for old in known[:-KEPT]:
        if old == kept or _left_on_an_engine(old):
            continue
        lock = FileLock(f"{old}.lock", timeout=0)
        with contextlib.suppress(TimeoutError), lock:
            shutil.rmtree(old, ignore_errors=True)


def _key(change: Change, folder: Path) -> str:
    """One cloud for one content of the base, of one project, as this version of the local cloud makes it."""
    code = hashlib.sha256()
    room = Path(localcloud.__file__).parent
    for file in sorted(room.rglob("*.py")):
        code.update(f"{file.relative_to(room)}\n".encode() + file.read_bytes())
    parts = (change.tree, change.prefix, str(folder.resolve()), change.moment, code.hexdigest())
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:20]
