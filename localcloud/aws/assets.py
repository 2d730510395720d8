"""Files and texts that a program gives as a value: `FileAsset`, `StringAsset`, as the engine sends them."""

import io
import tarfile
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from localcloud.aws.client import Refused
from localcloud.provider.wire import SIGNATURE

ASSET = "c44067f5952c0a294b673a41bacd8c17"
"""The engine's mark of an asset."""


def content(value: Any, folder: Callable[[], Path | None]) -> bytes:
    """The bytes of an asset; a relative path is meant from where the program runs.

    Raises: Refused for an archive, an address, and a file that cannot be read.
    """
    if not isinstance(value, dict) or value.get(SIGNATURE) != ASSET:
        raise Refused("source: an archive cannot be one object; give a FileAsset or a StringAsset")
    if value.get("text"):
        return str(value["text"]).encode()
    if value.get("uri"):
        raise Refused("source: the local cloud fetches nothing from an address; give a FileAsset or a StringAsset")
    path = Path(str(value.get("path") or ""))
    if not path.parts:
        return b""
    if not path.is_absolute():
        home = folder()
        if home is None:
            raise Refused(f"source: {path} is relative, and nobody knows to what; give an absolute path")
        path = home / path
    try:
        return path.read_bytes()
    except OSError as error:
        raise Refused(f"source: {path} cannot be read: {error.strerror}") from None


ARCHIVE = "0def7320c3a5731c473e5ecbe6d01bc7"
"""The engine's mark of an archive."""
_MOMENT = (1980, 1, 1, 0, 0, 0)  # of every member, so that the same files make the same archive


def archive(value: Any, folder: Callable[[], Path | None]) -> bytes:
    """The bytes of a ZIP with what an archive holds: a folder, members one by one, or a file that is one already.

    The same files make the same bytes. Raises: Refused for what is no archive, an address, and what cannot be read.
    """
    if not isinstance(value, dict) or value.get(SIGNATURE) not in (ARCHIVE, ASSET):
        raise Refused("code: expected an archive, such as FileArchive('./app') or AssetArchive({...})")
    path = _path(value, folder)
    if value[SIGNATURE] == ASSET or (path is not None and path.is_file() and zipfile.is_zipfile(path)):
        return content(value | {SIGNATURE: ASSET}, folder)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as package:
        for name, data in sorted(_members(value, folder)):
            entry = zipfile.ZipInfo(name, _MOMENT)
            entry.external_attr, entry.compress_type = 0o644 << 16, zipfile.ZIP_DEFLATED
            package.writestr(entry, data)
    return packed.getvalue()


def _path(value: dict[str, Any], folder: Callable[[], Path | None]) -> Path | None:
    if value.get("uri"):
        raise Refused("code: the local cloud fetches nothing from an address; give a FileArchive or an AssetArchive")
    if not value.get("path"):
        return None
    path, home = Path(str(value["path"])), folder()
    if not path.is_absolute() and home is None:
        raise Refused(f"code: {path} is relative, and nobody knows to what; give an absolute path")
    return path if path.is_absolute() or home is None else home / path


def _members(value: dict[str, Any], folder: Callable[[], Path | None], above: str = "") -> Iterator[tuple[str, bytes]]:
    """(name, bytes) of each file in an archive."""
    path = _path(value, folder)
    try:
        if path is not None and path.is_dir():
            for file in sorted(path.rglob("*")):
                if file.is_file():
                    yield above + file.relative_to(path).as_posix(), file.read_bytes()
        elif path is not None and zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as package:
                yield from ((above + n, package.read(n)) for n in package.namelist() if not n.endswith("/"))
        elif path is not None:
            with tarfile.open(path) as package:
                files = [(member, package.extractfile(member)) for member in package.getmembers() if member.isfile()]
                yield from (
                    (above + member.name.removeprefix("./"), opened.read()) for member, opened in files if opened
                )
    except (OSError, tarfile.TarError, zipfile.BadZipFile) as error:
        why = getattr(error, "strerror", None) or "it is no folder and no archive"
        raise Refused(f"code: {path} cannot be read: {why}") from None
    for name, inner in (value.get("assets") or {}).items():
        if inner.get(SIGNATURE) == ARCHIVE:
            yield from _members(inner, folder, f"{above}{name}/")
        else:
            yield above + name, content(inner, folder)
