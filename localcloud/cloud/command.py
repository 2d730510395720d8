"""Run the engine on the shadow project: with the terminal as it is, or quietly for the wrapper's own steps."""

import errno
import os
import select
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, TextIO

from localcloud.cloud.errors import LocalCloudError

_CHUNK = 65536


@dataclass(frozen=True)
class Answer:
    """What an engine command ended with and printed."""

    code: int
    output: str
    errors: str


@dataclass(frozen=True)
class Command:
    """An engine, the shadow folder it runs in, and its environment."""

    engine: Path
    shadow: Path
    environment: Mapping[str, str]

    def _line(self, arguments: Sequence[str]) -> list[str]:
        return [str(self.engine), "-C", str(self.shadow), *arguments]

    def quietly(self, arguments: Sequence[str]) -> str:
        """Run to the end and return what was printed.

        Raises: LocalCloudError with the engine's own words when it fails.
        """
        answer = self._quietly(arguments)
        if answer.returncode:
            said = (answer.stderr.strip() or answer.stdout.strip()).removeprefix("error: ")
            raise LocalCloudError(f"the engine could not do `pulumi {' '.join(arguments[:2])}`: {said}")
        return answer.stdout

    def captured(self, arguments: Sequence[str]) -> "Answer":
        """Run to the end and return all of it, whether it succeeded or not."""
        done = self._quietly(arguments)
        return Answer(done.returncode, done.stdout, done.stderr)

    def _quietly(self, arguments: Sequence[str]) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            self._line([*arguments, "--non-interactive", "--color=never"]),
            env=dict(self.environment),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )

    def streamed(self, arguments: Sequence[str]) -> int:
        """Run with this process's input and output; returns the exit code.

        A terminal is handed through, so that prompts and colours work. Other output is passed on from a pipe: when its
        reader goes away (`| head`), or what it is written to takes no more, the engine still runs to its end.

        Raises: LocalCloudError when the engine succeeded and its output could not be written.
        """
        out, err = _way(sys.stdout), _way(sys.stderr)
        # Ctrl-C reaches the engine, which is in the same group of the terminal, and the engine decides what it means. A
        # handler, since the engine would inherit that the signal is ignored; and nothing of ours between fork and exec,
        # where what gRPC does at a fork ended the process now and then (run).
        before = signal.signal(signal.SIGINT, lambda *_: None)
        try:
            process = subprocess.Popen(
                self._line(arguments),
                env=dict(self.environment),
                stdout=out,
                stderr=err,
            )
            previous = signal.signal(signal.SIGTERM, lambda *_: process.terminate())
            try:
                pairs = [(process.stdout, sys.stdout), (process.stderr, sys.stderr)]
                failed: list[OSError] = []
                pumps = [
                    threading.Thread(target=_pass_on, args=[source, to.fileno(), failed])
                    for source, to in pairs
                    if source
                ]
                for pump in pumps:
                    pump.start()
                code = process.wait()
                for pump in pumps:
                    pump.join()
                for source, _ in pairs:
                    if source:
                        source.close()
            finally:
                signal.signal(signal.SIGTERM, previous)
        finally:
            signal.signal(signal.SIGINT, before)
        if failed and code == 0:
            raise LocalCloudError(f"the command succeeded, but its output could not be written: {failed[0].strerror}")
        return code if code >= 0 else 128 - code


def _way(stream: TextIO | None) -> int | None:
    """What the engine gets for one of this process's outputs: the terminal itself, a pipe, nothing if it is closed."""
    if stream is None:
        return subprocess.DEVNULL
    return None if stream.isatty() else subprocess.PIPE


def _pass_on(source: BinaryIO, to: int, failed: list[OSError]) -> None:
    """Copy until the source ends; when it can be written no more, go on emptying it: a full pipe would stop the engine.

    An error of writing is put into `failed`. A reader that went away is none: it has what it wanted.
    """
    gone = False
    while chunk := os.read(source.fileno(), _CHUNK):
        while chunk and not gone:
            try:
                chunk = chunk[os.write(to, chunk) :]
            except BlockingIOError:  # somebody else, who has the same file open, made it so
                select.select([], [to], [])
            except OSError as error:
                gone = True
                if error.errno != errno.EPIPE:
                    failed.append(error)
