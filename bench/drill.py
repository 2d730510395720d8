"""The drill, timed: deploy, deploy a version that never starts, see it, go back, see that nothing differs."""

from __future__ import annotations

import resource
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import psutil

from tests.engine.checkout import make_checkout

GOAL = 90.0
"""Seconds of the whole drill."""


def tables() -> list[tuple[str, list[list[str]]]]:
    """Seconds by the clock and of the processors, of commands alone: servers of the cloud are not their children."""
    load = " ".join(f"{each:.1f}" for each in psutil.getloadavg())
    rows = [["step", "seconds", "processor seconds of the command"]]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for each in ("project", "state"):
            (folder / each).mkdir()
        run = make_checkout(folder / "project", folder / "state", ACCORDION_BROKEN_IMAGES="*:1.30.0-torn")
        whole, used = time.monotonic(), _used()

        def timed(step: str, command: Callable[[], object]) -> None:
            begun, before = time.monotonic(), _used()
            command()
            rows.append([step, f"{time.monotonic() - begun:.1f}", f"{_used() - before:.1f}"])

        try:
            timed("up of dev, the cloud started with it", lambda: run.up("dev"))
            with run.edited("dev", ("version: 1.29.1", "version: 1.30.0-torn"), ("maximum: 2", "maximum: 4")):
                timed("up of a version that never starts", lambda: run.up("dev"))
                timed("monitor sees it", lambda: run("monitor", "--local", "--stack", "dev", code=1))
                timed("rollback", lambda: run("rollback", "--local", "--stack", "dev", "--yes"))
            timed("monitor sees no difference", lambda: run("monitor", "--local", "--stack", "dev"))
            rows.append(["the whole drill", f"{time.monotonic() - whole:.1f}", f"{_used() - used:.1f}"])
        finally:
            run("local", "stop")
    return [(f"Goal: {GOAL:.0f} s. Load of the machine at the begin (1, 5 and 15 minutes): {load}", rows)]


def _used() -> float:
    spent = resource.getrusage(resource.RUSAGE_CHILDREN)
    return spent.ru_utime + spent.ru_stime
