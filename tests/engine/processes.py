"""What anybody on the machine can see of its processes."""

import threading
import time
from pathlib import Path


class Seen:
    """The command lines of all processes while it looks."""

    def __init__(self) -> None:
        self.lines: set[str] = set()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)

    def _look(self) -> None:
        while not self._over.is_set():
            for process in Path("/proc").glob("[0-9]*/cmdline"):
                try:
                    self.lines.add(process.read_bytes().replace(b"\0", b" ").decode(errors="replace"))
                except OSError:
                    continue  # it has ended
            time.sleep(0.1)

    def __enter__(self) -> "Seen":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()
