"""Servers of the local cloud end by themselves when nobody has asked them anything for long, or when their project or
their own folder is gone.

What they keep is on the disk at any time, so nothing is lost, and the next command starts them again, on their ports
where these are free.
"""

import json
import os
import re
import signal
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

VARIABLE: Final = "ACCORDION_LOCAL_IDLE"
"""The variable that says how long: `30m`, `12h`, `2d`, or `never`."""
FOLDERS: Final = "ACCORDION_LOCAL_FOLDERS"
"""The variable that names, as a JSON list, the folders that a server ends without."""
_LOOK = 10.0  # seconds between looks at the folders
_DEFAULT = "4h"
_NEVER = "never"
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}
_NAMES = {"s": "second", "m": "minute", "h": "hour", "d": "day"}
_FORM = re.compile(r"([1-9][0-9]{0,5})([smhd])")


class BadLimit(ValueError):  # noqa: N818 - what is wrong with it
    """A limit that is none; the message says what is allowed."""


def _parts(environment: Mapping[str, str]) -> tuple[int, str] | None:
    text = environment.get(VARIABLE) or _DEFAULT
    found = _FORM.fullmatch(text)
    if found:
        return int(found[1]), found[2]
    if text == _NEVER:
        return None
    raise BadLimit(f"{VARIABLE}: got {text!r}, allowed a time such as 30m, 12h or 2d, or {_NEVER}")


def limit(environment: Mapping[str, str]) -> float | None:
    """Seconds without a request after which a server ends; None for never.

    Raises: BadLimit.
    """
    parts = _parts(environment)
    return None if parts is None else float(parts[0] * _SECONDS[parts[1]])


def in_words(environment: Mapping[str, str]) -> str:
    """The limit in a sentence for people.

    Raises: BadLimit.
    """
    parts = _parts(environment)
    if parts is None:
        return f"it runs until `accordion local stop` ({VARIABLE}={_NEVER})"
    count, unit = parts
    span = f"{count} {_NAMES[unit]}{'s'[: count != 1]}"
    return f"it ends after {span} without a request and keeps everything; the next command starts it again ({VARIABLE})"


def folders(environment: Mapping[str, str]) -> Sequence[Path]:
    """The folders that a server ends without; none where it was not told any."""
    return [Path(each) for each in json.loads(environment.get(FOLDERS) or "[]")]


def _end_this_process() -> None:
    os.kill(os.getpid(), signal.SIGTERM)


class Idle:
    """Ends a server, as SIGTERM would, when it has had no request for so many seconds.

    Without one of its folders a few seconds are enough: nobody can ask for what is kept in a place that is gone, or for
    the cloud of a checkout that is.
    """

    def __init__(
        self,
        seconds: float | None,
        end: Callable[[], None] = _end_this_process,
        folders: Sequence[Path] = (),
        look: float = _LOOK,
    ) -> None:
        self._seconds, self._end = seconds, end
        self._folders, self._look = folders, look
        self._lock = threading.Lock()
        self._at_work = 0
        self._last = time.monotonic()

    @classmethod
    def of(cls, environment: Mapping[str, str]) -> "Idle":
        """As the environment says.

        Raises: BadLimit.
        """
        return cls(limit(environment), folders=folders(environment))

    @contextmanager
    def busy(self) -> Iterator[None]:
        """A request, as long as it lasts."""
        with self._lock:
            self._at_work += 1
        try:
            yield
        finally:
            with self._lock:
                self._at_work -= 1
                self._last = time.monotonic()

    def left(self) -> float | None:
        """Seconds until the end, should no request come; None for never."""
        limits = [each for each in (self._seconds, self._look if self._alone() else None) if each is not None]
        if not limits:
            return None
        with self._lock:
            return min(limits) if self._at_work else self._last + min(limits) - time.monotonic()

    def _alone(self) -> bool:
        """Whether one of the folders is gone; one that cannot be looked at is not."""
        for folder in self._folders:
            try:
                folder.stat()
            except (FileNotFoundError, NotADirectoryError):
                return True
            except OSError:
                continue
        return False

    def watch(self) -> None:
        """Begin to count, in a thread of its own."""
        with self._lock:
            self._last = time.monotonic()
        if self._seconds is not None or self._folders:
            threading.Thread(target=self._wait, name="idle", daemon=True).start()

    def _wait(self) -> None:
        while (left := self.left()) is None or left > 0:
            looks = [self._look] if self._folders else []
            time.sleep(min([left, *looks] if left is not None else looks))
        self._end()
