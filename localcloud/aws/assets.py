"""Files and texts that a program gives as a value: `FileAsset`, `StringAsset`, as the engine sends them."""

from collections.abc import Callable
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
