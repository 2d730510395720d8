"""The files of a build's context, by the rules of the docker command."""

from __future__ import annotations

import hashlib
import io
import os
import posixpath
import re
import shutil
import stat
import tarfile
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from e2b_dockerfile_utils import PatternMatcher

MOST_BYTES = 2**30
"""The largest context: what goes to the Engine whole, at each change."""
MOST_FILES = 100_000
_IGNORE = ".dockerignore"
_MOST_IGNORE_BYTES = 2**20
_OUTSIDE = ".dockerfile.given"
"""The name, in the archive, of a Dockerfile that lies outside of the context."""
_CHUNK = 2**20
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_ESCAPED_LETTER = re.compile(r"(?<!\\)(?:\\\\)*\\[A-Za-z0-9]")
_FOLDER = _PROGRAM = 0o755
_FILE = 0o644
_ROOM = 3  # folders that a refusal names


class ContextError(Exception):
    """A folder that no image can be built from; the message says which, what is wrong, and what to do."""


@dataclass(frozen=True)
class Entry:
    """A file, folder or link of the context."""

    path: str
    """From the context's root, with slashes."""
    source: Path
    mode: int
    """0o755 or 0o644: whether its owner may execute it."""
    size: int = 0
    folder: bool = False
    link: str | None = None
    """What a symbolic link says; None for anything else."""
    content: bytes | None = None
    """What is sent in the place of what its source holds; None for that itself."""


@dataclass(frozen=True)
class Context:
    """A folder, a Dockerfile, and which files of the folder are sent."""

    folder: Path
    dockerfile: str
    """The Dockerfile's name in the archive."""
    entries: Sequence[Entry]
    ignore: bytes | None = None
    """The ignore file that they were chosen by; None for none."""

    @classmethod
    def read(cls, folder: Path, dockerfile: Path | None = None, without: Path | None = None) -> Context:
        """The context of a folder; the Dockerfile is `Dockerfile` in it unless another file is named. What lies in the
        folder `without` is left out.

        Raises: ContextError.
        """
        file = folder / "Dockerfile" if dockerfile is None else dockerfile
        if not folder.is_dir():
            raise ContextError(f"the context {folder} is no folder")
        if not file.is_file():
            raise ContextError(f"the Dockerfile {file} is not there")
        try:
            name, inside = file.resolve().relative_to(folder.resolve()).as_posix(), True
        except ValueError:
            name, inside = _OUTSIDE, False
        ignored_by, ignore = _ignore_file(folder, file)
        matcher = _matcher(_patterns(ignored_by, ignore), folder)
        # Both are sent even where they are ignored: the builder reads them, and takes them away from COPY.
        always = [f"!{one}" for one in (_IGNORE, name) if matcher.matches(one)]
        try:
            entries = list(_walk(folder, _matcher([*matcher.patterns, *always], folder), without))
        except OSError as error:
            raise ContextError(f"{error.filename} of the context cannot be read: {error.strerror}") from error
        if not inside:
            entries = [entry for entry in entries if entry.path not in (_IGNORE, _OUTSIDE)]
            entries += _given(folder, file, ignore)
        kept = sorted(_without_empty_folders(entries), key=lambda entry: entry.path)
        _within_limits(folder, kept)
        return cls(folder, name, kept, ignore)

    @property
    def size(self) -> int:
        """Bytes of its files."""
        return sum(entry.size for entry in self.entries)

    def text_of_dockerfile(self) -> str:
        """The Dockerfile.

        Raises: ContextError where it is no text.
        """
        source = next(entry.source for entry in self.entries if entry.path == self.dockerfile)
        try:
            return source.read_text(encoding="utf-8-sig")
        except (OSError, UnicodeDecodeError) as error:
            raise ContextError(f"the Dockerfile {source} cannot be read: {error}") from error

    def digest(self) -> str:
        """SHA-256, in hex, of paths, contents, executable bits and links, and of which file is the Dockerfile.

        Raises: ContextError where a file changed meanwhile.
        """
        found = hashlib.sha256(f"{self.dockerfile}\0".encode())
        for entry in self.entries:
            kind = "folder" if entry.folder else "file" if entry.link is None else "link"
            found.update(f"{entry.path}\0{kind}\0{entry.mode:o}\0{entry.link or ''}\0{entry.size}\0".encode())
            if kind == "file":
                content = hashlib.sha256()
                with _opened(entry) as file:
                    for chunk in iter(lambda: file.read(_CHUNK), b""):
                        content.update(chunk)
                found.update(content.digest())
        return found.hexdigest()

    def write(self, target: IO[bytes]) -> None:
        """Write the archive: the same bytes for the same digest.

        Raises: ContextError where a file changed meanwhile.
        """
        with tarfile.open(fileobj=target, mode="w|", format=tarfile.GNU_FORMAT) as archive:
            for entry in self.entries:
                header = tarfile.TarInfo(entry.path)
                header.mode = entry.mode
                if entry.folder:
                    header.type = tarfile.DIRTYPE
                    archive.addfile(header)
                elif entry.link is not None:
                    header.type, header.linkname = tarfile.SYMTYPE, entry.link
                    archive.addfile(header)
                else:
                    header.size = entry.size
                    with _opened(entry) as file:
                        archive.addfile(header, file)

    def copy_to(self, folder: Path) -> None:
        """Lay it out in a folder that is empty, so that it is read again from there with another Dockerfile.

        Raises: ContextError where a file changed meanwhile; OSError where there is no room.
        """
        for entry in self.entries:
            if entry.path in (_IGNORE, _OUTSIDE):
                continue
            target = folder / entry.path
            if entry.folder:
                _make(target)
                continue
            _make(target.parent)
            if entry.link is not None:
                target.symlink_to(entry.link)
                continue
            with _opened(entry) as file, target.open("wb") as copy:
                shutil.copyfileobj(file, copy, _CHUNK)
            target.chmod(entry.mode)
        if self.ignore is not None:
            (folder / _IGNORE).write_bytes(self.ignore)
            (folder / _IGNORE).chmod(_FILE)


def _make(folder: Path) -> None:
    """A folder with those above it, whatever the mask of this process: a builder takes their rights into the image."""
    if not folder.exists():
        _make(folder.parent)
        folder.mkdir()
        folder.chmod(_FOLDER)


def _given(folder: Path, dockerfile: Path, ignore: bytes | None) -> Iterator[Entry]:
    """A Dockerfile from elsewhere, and the ignore file by which the builder takes it away from COPY: as the docker
    command sends them."""
    yield Entry(_OUTSIDE, dockerfile, _FILE, dockerfile.stat().st_size)
    content = (_IGNORE.encode() if ignore is None else ignore) + f"\n{_OUTSIDE}\n".encode()
    yield Entry(_IGNORE, folder / _IGNORE, _FILE, len(content), content=content)


def _opened(entry: Entry) -> IO[bytes]:
    if entry.content is not None:
        return io.BytesIO(entry.content)
    try:
        file = entry.source.open("rb")
    except OSError as error:
        raise ContextError(f"{entry.path} of the context cannot be read: {error.strerror}") from error
    if os.fstat(file.fileno()).st_size != entry.size:
        file.close()
        raise ContextError(
            f"{entry.path} of the context changed while it was read; run it again when nothing writes there"
        )
    return file


def _ignore_file(folder: Path, dockerfile: Path) -> tuple[Path, bytes | None]:
    """The ignore file and what it holds: `NAME.dockerignore` beside the Dockerfile NAME, else `.dockerignore`."""
    own = dockerfile.with_name(f"{dockerfile.name}{_IGNORE}")
    file = own if own.is_file() else folder / _IGNORE
    try:
        with file.open("rb") as opened:
            raw = opened.read(_MOST_IGNORE_BYTES + 1)
    except FileNotFoundError:
        return file, None
    except OSError as error:
        raise ContextError(f"{file} cannot be read: {error.strerror}") from error
    if len(raw) > _MOST_IGNORE_BYTES:
        raise ContextError(f"{file} is larger than {_MOST_IGNORE_BYTES} bytes, which no list of patterns is")
    return file, raw


def _patterns(file: Path, raw: bytes | None) -> list[str]:
    """Lines of an ignore file."""
    try:
        return [] if raw is None else raw.removeprefix(_BYTE_ORDER_MARK).decode().split("\n")
    except UnicodeDecodeError as error:
        raise ContextError(f"{file} is no UTF-8: {error}") from error


def _matcher(patterns: Sequence[str], folder: Path) -> PatternMatcher:
    for pattern in patterns:
        if not pattern.startswith("#") and (found := _ESCAPED_LETTER.search(pattern)):
            raise ContextError(
                f"{folder / _IGNORE}: {pattern!r}: the docker command reads {found[0]} as a class of letters "
                "of a regular expression; write the letter without the backslash"
            )
    from e2b_dockerfile_utils import PatternMatcher  # comes with the extra `docker`

    try:
        matcher = PatternMatcher(list(patterns))
    except ValueError as error:
        raise ContextError(f"{folder / _IGNORE}: {error}") from error
    # The docker command refuses it; the library takes it for the whole context.
    if "!/" in matcher.patterns:
        raise ContextError(f"{folder / _IGNORE}: an exclusion of '/' is none; name what shall be sent all the same")
    return matcher


def _walk(folder: Path, matcher: PatternMatcher, without: Path | None = None) -> Iterator[Entry]:
    """What is not ignored; an ignored folder is looked into where a `!` pattern names something below it."""
    back = [pattern[1:] for pattern in matcher.patterns if pattern.startswith("!")]
    waiting = [""]
    while waiting:
        above = waiting.pop()
        with os.scandir(folder / above) as found:
            for each in found:
                path = posixpath.join(above, each.name)
                _encodable(path)
                ignored = matcher.matches(path)
                about = each.stat(follow_symlinks=False)
                is_folder = stat.S_ISDIR(about.st_mode)
                if is_folder and without is not None and Path(each.path).resolve() == without.resolve():
                    continue
                if is_folder and (not ignored or any(f"{one}/".startswith(f"{path}/") for one in back)):
                    waiting.append(path)
                if not ignored:
                    entry = _entry(path, Path(each.path), about)
                    if entry is not None:
                        yield entry


def _entry(path: str, source: Path, about: os.stat_result) -> Entry | None:
    if stat.S_ISDIR(about.st_mode):
        return Entry(path, source, _FOLDER, folder=True)
    if stat.S_ISLNK(about.st_mode):
        return Entry(path, source, 0o777, link=str(source.readlink()))
    if stat.S_ISREG(about.st_mode):
        return Entry(path, source, _PROGRAM if about.st_mode & stat.S_IXUSR else _FILE, about.st_size)
    if stat.S_ISSOCK(about.st_mode):
        return None  # as the docker command
    raise ContextError(f"{path} of the context is no file, folder or link; name it in {_IGNORE}, or remove it")


def _encodable(path: str) -> None:
    try:
        path.encode()
    except UnicodeEncodeError as error:
        raise ContextError(f"{path!a} of the context is no UTF-8; name it in {_IGNORE}, or rename it") from error


def _without_empty_folders(entries: Sequence[Entry]) -> Iterator[Entry]:
    used: set[str] = set()
    for entry in entries:
        if not entry.folder:
            above = posixpath.dirname(entry.path)
            while above and above not in used:
                used.add(above)
                above = posixpath.dirname(above)
    return (entry for entry in entries if not entry.folder or entry.path in used)


def _within_limits(folder: Path, entries: Sequence[Entry]) -> None:
    files, size = len(entries), sum(entry.size for entry in entries)
    if files <= MOST_FILES and size <= MOST_BYTES:
        return
    by_top: Counter[str] = Counter()
    for entry in entries:
        by_top[entry.path.partition("/")[0]] += entry.size if size > MOST_BYTES else 1
    largest = ", ".join(name for name, _ in by_top.most_common(_ROOM))
    raise ContextError(
        f"the context {folder} has {files} files of {size / 2**20:.0f} MiB, "
        f"allowed: {MOST_FILES} of {MOST_BYTES / 2**20:.0f} MiB; "
        f"most of it is in {largest}: name in {_IGNORE} what the image does not need"
    )
