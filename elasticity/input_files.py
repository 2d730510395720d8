"""Files that a person names: regular ones, of a size that fits in memory, in the encoding that is expected.

What opens a file on somebody's word opens no device and no pipe, which give without end or never, and quotes nothing of
what it finds.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path

_KINDS = (
    (stat.S_ISDIR, "is a folder"),
    (stat.S_ISFIFO, "is a pipe"),
    (stat.S_ISCHR, "is a device"),
    (stat.S_ISBLK, "is a device"),
    (stat.S_ISSOCK, "is a socket"),
)
_MIB = 1024 * 1024


class InputFileError(ValueError):
    """A file that is not read, in words that follow its name: `is a pipe, expected a regular file`."""


def reason_of(error: OSError | ValueError) -> str:
    """Why the system does not take a path, in words that no release of Python changes."""
    if isinstance(error, UnicodeError):
        return "its name cannot be written in the encoding of this system's names"
    return getattr(error, "strerror", None) or "its name has a null character"


def read_bytes(path: Path, *, maximum: int) -> bytes:
    """The content of a regular file of at most `maximum` bytes.

    Raises FileNotFoundError, and InputFileError for what is no regular file, is larger, or cannot be read.
    """
    try:
        # Without O_NONBLOCK opening a pipe waits for its writer.
        handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0))
    except FileNotFoundError:
        raise
    except (OSError, ValueError) as error:
        raise InputFileError(f"cannot be read: {reason_of(error)}") from None
    mode = os.fstat(handle).st_mode
    if not stat.S_ISREG(mode):
        os.close(handle)
        kind = next((words for matches, words in _KINDS if matches(mode)), "is no file")
        raise InputFileError(f"{kind}, expected a regular file")
    with open(handle, "rb") as file:  # noqa: PTH123 - a descriptor, no path
        try:
            content = file.read(maximum + 1)
        except OSError as error:
            raise InputFileError(f"cannot be read: {error.strerror}") from None
    if len(content) > maximum:
        raise InputFileError(f"is larger than {maximum // _MIB} MiB, the most that is read")
    return content


def read_text(path: Path, *, maximum: int, encoding: str = "utf-8") -> str:
    """The text of a regular file of at most `maximum` bytes; raises as `read_bytes`, and where it is no such text."""
    content = read_bytes(path, maximum=maximum)
    try:
        return content.decode(encoding)
    except (UnicodeDecodeError, LookupError):
        raise InputFileError(f"is not {encoding.removesuffix('-sig').upper()} text") from None
