"""The cloud's own files: written whole or not at all, and read whole or told.

What other programs, or people, do to the files is told with the way out.
"""

import contextlib
import errno
import os
from collections.abc import Iterator
from pathlib import Path

from localcloud import whole_files
from localcloud.cloud.errors import LocalCloudError

FORGET = "`accordion local reset` forgets this cloud and begins an empty one"
_FULL = (errno.ENOSPC, errno.EDQUOT)
_RIGHTS = (errno.EACCES, errno.EPERM, errno.EROFS)


def write(file: Path, text: str) -> None:
    """Put a text in the place of a file, for this user alone; it is on the disk when this returns.

    Raises: LocalCloudError when that cannot be done; the file is as it was.
    """
    with as_user_error(file.parent):
        whole_files.put(file, text.encode())


def write_when_changed(file: Path, text: str) -> None:
    """As `write`, for a file that nothing is lost with: what is there already is left, what cannot be read goes."""
    if not says(file, text):
        write(file, text)


def says(file: Path, text: str) -> bool:
    """Whether a file is there, whole, and holds this text."""
    try:
        return file.read_text(encoding="utf-8") == text
    except (OSError, UnicodeDecodeError):
        return False


def read(file: Path, lost: str) -> str | None:
    """The text of a file; None when there is none.

    Raises: LocalCloudError for one that cannot be read, with `lost`, which says what went with it and the way on.
    """
    try:
        return file.read_text(encoding="utf-8")
    except FileNotFoundError:
        return None
    except UnicodeDecodeError:
        raise damaged(file, "it is not text", lost) from None
    except OSError as error:
        raise damaged(file, os.strerror(error.errno or 0).lower(), lost) from None


def damaged(file: Path, why: str, lost: str) -> LocalCloudError:
    """A file of the cloud's own that does not hold what it should."""
    return LocalCloudError(f"{file} is damaged ({why}): {lost}")


@contextlib.contextmanager
def as_user_error(folder: Path) -> Iterator[None]:
    """Tells what the system refuses of the files in the folder of a cloud; of others nothing.

    Raises: LocalCloudError.
    """
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            raise LocalCloudError(whole_files.no_room(folder)) from error
        where = _where(error, folder)
        if where is None:
            raise
        why = os.strerror(error.errno) if error.errno else str(error)
        way = "let this user write there, or set XDG_STATE_HOME" if error.errno in _RIGHTS else FORGET
        raise LocalCloudError(f"{where}: {why}; the local cloud keeps its files there: {way}") from error


def _where(error: OSError, folder: Path) -> Path | None:
    """The file of the folder, or the folder above it, that could not be used."""
    for name in (error.filename2, error.filename):
        if isinstance(name, str | bytes | os.PathLike):
            where = Path(os.fsdecode(name))
            if where.is_relative_to(folder) or folder.is_relative_to(where):
                return where
    return None
