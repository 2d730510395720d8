"""What a server prints, into a log that may be on a full disk: a line that finds no room is lost, nothing else is."""

import io
import sys


class _Leaky(io.FileIO):
    """A file that takes everything and keeps what it can."""

    def write(self, content: object, /) -> int:
        """The length of the content, whether it was written or not."""
        try:
            return super().write(content)  # type: ignore[arg-type] # as the base class has it
        except OSError:
            return memoryview(content).nbytes  # type: ignore[arg-type]


def lose_what_finds_no_room() -> None:
    """Let nothing that is printed end this process, or the answer to a request, from here on."""
    for name, handle in (("stdout", 1), ("stderr", 2)):
        if getattr(sys, name) is not None:
            raw = io.BufferedWriter(_Leaky(handle, "wb", closefd=False))
            setattr(sys, name, io.TextIOWrapper(raw, "utf-8", "backslashreplace", write_through=True))
