"""What can be seen of a machine's processes: by everybody their command lines, by their user what they were given."""

import threading
import time
from pathlib import Path


class Seen:
    """The command lines and variables of all processes while it looks."""

    def __init__(self) -> None:
        self.lines: set[str] = set()
        self.variables: set[str] = set()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)

    def _look(self) -> None:
        while not self._over.is_set():
            for process in Path("/proc").glob("[0-9]*"):
                try:
                    self.lines.add(_words(process / "cmdline"))
                    self.variables.add(_words(process / "environ"))
                except OSError:
                    continue  # it has ended, or is another user's
            time.sleep(0.1)

    def __enter__(self) -> "Seen":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()


def _words(file: Path) -> str:
    return file.read_bytes().replace(b"\0", b" ").decode(errors="replace")
