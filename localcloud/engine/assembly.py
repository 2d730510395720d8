"""An engine ready to run: a binary from the first source that has one, with our language host beside it.

Cached per user. `<cache>/v3.274.1/pulumi` is what was installed or built; `<cache>/assembled-<digest>/` holds a binary
(hard link, or a copy on another file system: the engine looks for hosts beside the real file, so a symbolic link will
not do) and the host's files. The digest is over binary and host, so checkouts with different hosts do not meet.
"""

import hashlib
import os
import shutil
import tempfile
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path

import platformdirs
from filelock import FileLock
from semver import VersionInfo

from localcloud.engine import sources
from localcloud.engine.sources import MODULE_FOLDER, OLDEST, PIN, EngineError, SourceUnavailable

HOST = "pulumi-language-python"
DYNAMIC_PROVIDER = "pulumi-resource-pulumi-python"
HOST_FILES = (
    MODULE_FOLDER / HOST,
    MODULE_FOLDER / DYNAMIC_PROVIDER,
    MODULE_FOLDER / "interpreters.py",
    MODULE_FOLDER / "language_host.py",
    MODULE_FOLDER / "program.py",
    MODULE_FOLDER / "refusals.py",
    MODULE_FOLDER.parent / "nearest.py",
)

Progress = Callable[[str], AbstractContextManager[object]]
"""Given the text of a long step, shows it until the context ends."""


@dataclass(frozen=True)
class Engine:
    """A Pulumi engine with our Python language host."""

    binary: Path
    """The `pulumi` to run; its folder goes first on PATH, else the engine warns of the host."""

    origin: str
    """Where the binary came from: a path, or `cache`."""


def cache_folder() -> Path:
    """The user's cache of engines."""
    return Path(platformdirs.user_cache_path("accordion")) / "engine"


def obtain(progress: Progress = lambda _: nullcontext(), cache: Path | None = None) -> Engine:
    """The engine, from the first source that has one: PATH, the cache, the official installer, a build.

    Raises: EngineError when no source can give one; it lists why each could not, and what to install.
    """
    cache = cache or cache_folder()
    cache.mkdir(parents=True, exist_ok=True)
    cached, refused = cache / f"v{PIN}" / "pulumi", []
    try:
        binary = sources.on_path(cache, lambda path: _known_version(cache, path))
        return Engine(_assembled(cache, binary), str(binary))
    except SourceUnavailable as reason:
        refused.append(str(reason))
    if not cached.exists():
        with FileLock(cache / "lock"):
            _fill(cached, progress, refused)
    return Engine(_assembled(cache, cached), "cache")


def _fill(cached: Path, progress: Progress, refused: list[str]) -> None:
    """Install or build into the cache, unless another process did so while this one waited for the lock."""
    if cached.exists():
        return
    cached.parent.mkdir(parents=True, exist_ok=True)
    try:
        with progress("downloading the Pulumi engine (about 100 MB, usually under a minute)"):
            sources.install(cached)
        return
    except SourceUnavailable as reason:
        refused.append(str(reason))
    try:
        go = sources.go_tool()
        with progress("building the Pulumi engine from Go modules, once per user (about 5 minutes on 2 cores)"):
            sources.build(cached, go)
        return
    except SourceUnavailable as reason:
        refused.append(str(reason))
    raise EngineError(
        f"no Pulumi engine: {'; '.join(refused)}; install Pulumi {OLDEST} or newer (https://www.pulumi.com/docs/install/)"
        f" or Go {sources.required_go()} or newer (https://go.dev/dl/), then try again"
    )


def _identity(binary: Path) -> str:
    about = binary.stat()
    return f"{binary} {about.st_size} {about.st_mtime_ns}"


def _known_version(cache: Path, binary: Path) -> VersionInfo | None:
    """The binary's version, asked once and remembered while the file is the same: each question costs half a second."""
    note = cache / "versions" / hashlib.sha256(_identity(binary).encode()).hexdigest()[:16]
    if note.exists():
        return VersionInfo.parse(note.read_text())
    version = sources.version_of(binary)
    if version is not None:
        note.parent.mkdir(exist_ok=True)
        note.write_text(str(version))
    return version


def _assembled(cache: Path, binary: Path) -> Path:
    """The folder with this binary and this package's host, made when it is not there; returns the binary in it."""
    digest = hashlib.sha256(_identity(binary).encode())
    for file in HOST_FILES:
        digest.update(file.read_bytes())
    folder = cache / f"assembled-{digest.hexdigest()[:16]}"
    if not (folder / "pulumi").exists():
        with FileLock(cache / "lock"):
            if not (folder / "pulumi").exists():
                _assemble(folder, binary)
    return folder / "pulumi"


def _assemble(folder: Path, binary: Path) -> None:
    staged = Path(tempfile.mkdtemp(dir=folder.parent))
    staged.chmod(0o755)
    for file in HOST_FILES:
        shutil.copyfile(file, staged / file.name)
    for name in (HOST, DYNAMIC_PROVIDER):
        (staged / name).chmod(0o755)
    # The hosts for other languages keep their place beside the engine, so that a foreign program finds them.
    for sibling in binary.parent.glob("pulumi-*"):
        if not (staged / sibling.name).exists() and not sibling.name.startswith(HOST):
            (staged / sibling.name).symlink_to(sibling)
    try:
        os.link(binary, staged / "pulumi")
    except OSError:
        shutil.copy2(binary, staged / "pulumi")
    if folder.exists():  # left half-made by a process that was killed
        shutil.rmtree(folder)
    staged.rename(folder)
    _forget_old(folder)


def _forget_old(newest: Path, keep: int = 6) -> None:
    """Each change of the host makes a folder; hard links cost nothing, copies 112 MB."""
    others = sorted(newest.parent.glob("assembled-*"), key=lambda folder: folder.stat().st_mtime, reverse=True)
    for folder in others[keep:]:
        shutil.rmtree(folder, ignore_errors=True)
