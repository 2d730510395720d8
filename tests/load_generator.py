"""vegeta, a load generator that sends at a rate whatever comes back; built once from the Go module proxy."""

from __future__ import annotations

import csv
import functools
import io
import json
import os
import shutil
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from filelock import FileLock

VERSION = "v12.13.0"
_BUILT = Path(__file__).parents[1] / "build" / "vegeta"
_AHEAD = 0.5
"""Seconds of requests that are written before they are sent: as late a new task gets any."""


@functools.cache
def binary() -> Path | str:
    """The binary, or why there is none."""
    built = _BUILT / VERSION / "vegeta"
    built.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(_BUILT / "lock"):
        if not built.exists():
            if shutil.which("go") is None:
                return "no go to build the load generator with"
            command = ["go", "install", f"github.com/tsenart/vegeta/v12@{VERSION}"]
            environment = {**os.environ, "GOBIN": str(built.parent), "CGO_ENABLED": "0"}
            done = subprocess.run(command, env=environment, capture_output=True, text=True)
            if done.returncode:
                return f"the load generator cannot be built: {done.stderr.strip()[-200:]}"
    return built


@dataclass
class Sent:
    """What was sent; complete when the context has ended."""

    times: list[float] = field(default_factory=list)
    """Unix seconds of each request."""
    latencies: list[float] = field(default_factory=list)
    """Seconds, of those that were answered with 200."""


@contextmanager
def sending(rate: int, seconds: float, addresses: Callable[[], list[str]], path: str, folder: Path) -> Iterator[Sent]:
    """So many requests a second for so long, to one address after the other, as they are at that moment."""
    sent, results = Sent(), folder / f"sent-{time.monotonic_ns()}.bin"
    vegeta = str(binary())
    command = [vegeta, "attack", "-lazy", "-format=json", f"-rate={rate}/1s", f"-duration={seconds}s", "-timeout=10s"]
    with subprocess.Popen([*command, f"-output={results}"], stdin=subprocess.PIPE, text=True) as process:

        def write() -> None:
            assert process.stdin is not None
            began, count, places = time.monotonic(), 0, addresses()
            looked = began
            try:
                while count < rate * seconds:
                    if time.monotonic() - looked > 1.0:
                        places, looked = addresses() or places, time.monotonic()
                    while places and count < min(rate * seconds, rate * (time.monotonic() - began + _AHEAD)):
                        url = f"http://{places[count % len(places)]}{path}"
                        process.stdin.write(json.dumps({"method": "GET", "url": url}) + "\n")
                        count += 1
                    process.stdin.flush()
                    time.sleep(0.05)
                process.stdin.close()
            except (BrokenPipeError, ValueError):
                return  # it has sent all that it was to send

        writer = threading.Thread(target=write)
        writer.start()
        yield sent
        process.wait()
        writer.join()
    encoded = subprocess.run([vegeta, "encode", "-to=csv", results], capture_output=True, text=True, check=True).stdout
    for row in csv.reader(io.StringIO(encoded)):
        sent.times.append(int(row[0]) / 1e9)
        if row[1] == "200":
            sent.latencies.append(int(row[2]) / 1e9)
