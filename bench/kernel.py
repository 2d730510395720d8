"""The compiled kernel beside that of another checkout, in one run: `python -m bench.kernel FOLDER [ROUNDS]`.

Each checkout computes in a process of its own, in turn, one run at a time on one thread, by processor time. A
case is the sum over its rule sets of each one's shortest time, so that what else the machine does counts little.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import IO, Any

from rich.console import Console

from bench.simulator import METRIC_MATH, THREE_METRICS, load, rules, table
from elasticity.simulator.conditions import Conditions
from elasticity.simulator.configuration import configure
from elasticity.simulator.engine import execute
from elasticity.simulator.prepared import Prepared

CASES: dict[str, tuple[dict[str, Any], int, bool]] = {
    "sweep: three alarms, one metric": ({}, 300, False),
    "sweep: five alarms, three metrics": (THREE_METRICS, 300, False),
    "sweep: five alarms, metric math": (METRIC_MATH, 300, False),
    "sweep: three metrics, load changing each minute": (THREE_METRICS, 60, False),
    "three metrics, with timeline and log": (THREE_METRICS, 300, True),
}
"""Changes of the rules, seconds between points of the load, whether the timeline is kept."""
TARGETS = range(40, 60, 2)
"""Each case runs 30 days of minutes for each of these cpu targets."""
STARTS = 4
"""Times that both processes are started: where their tables come to lie in memory counts too."""


def answer(lines: IO[str], out: IO[str]) -> None:
    """Time the case of each line that is read, and write its seconds of processor time, one for each rule set."""
    cases: dict[str, list[Any]] = {}
    for name, (changes, resolution, record) in CASES.items():
        prepared = Prepared(load(30, resolution), Conditions(tick=60, latency_goal=0.3))
        cases[name] = [configure(rules(target, **changes), prepared, record=record) for target in TARGETS]
    for line in lines:
        times = []
        for scenario in cases[line.rstrip("\n")]:
            begin = time.process_time()
            execute(scenario, compiled=True)
            times.append(time.process_time() - begin)
        out.write(json.dumps(times) + "\n")
        out.flush()


def worker(folder: Path) -> tuple[IO[str], IO[str]]:
    """Where cases go to and times come from: a process with a checkout's code."""
    process = subprocess.Popen(
        [sys.executable, str(Path(__file__).resolve())],
        cwd=folder, env={**os.environ, "PYTHONPATH": str(folder)}, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        text=True,
    )  # fmt: skip
    if process.stdin is None or process.stdout is None:
        raise RuntimeError("the worker has no pipes")
    return process.stdin, process.stdout


def timed(pipes: tuple[IO[str], IO[str]], name: str) -> list[float]:
    """Seconds that a worker takes for each rule set of a case."""
    cases, times = pipes
    cases.write(f"{name}\n")
    cases.flush()
    return [float(seconds) for seconds in json.loads(times.readline())]


def compare(other: Path, rounds: int) -> None:
    """Print milliseconds of both for each case, and their ratio, this over other: by shortest times, and by medians."""
    made = table(
        f"Kernel, this checkout against another: {len(TARGETS)} runs of 30 days, {STARTS} x {rounds} rounds in turn",
        "case", "other, ms", "this, ms", "ratio", "of medians",
    )  # fmt: skip
    folders = (other.resolve(), Path(__file__).resolve().parents[1])
    found: dict[str, tuple[list[list[float]], list[list[float]]]] = {name: ([], []) for name in CASES}
    for _ in range(STARTS):
        workers = [worker(folder) for folder in folders]
        for name, both in found.items():
            for _ in range(rounds):
                for times, pipes in zip(both, workers, strict=True):
                    times.append(timed(pipes, name))
        for cases, _ in workers:
            cases.close()
    for name, both in found.items():
        before, now = (sum(min(column) for column in zip(*times, strict=True)) for times in both)
        middles = [sum(statistics.median(column) for column in zip(*times, strict=True)) for times in both]
        made.add_row(
            name, f"{before * 1e3:.1f}", f"{now * 1e3:.1f}", f"{now / before:.3f}", f"{middles[1] / middles[0]:.3f}"
        )
    Console(width=150).print(made)


if __name__ == "__main__":
    if len(sys.argv) == 1:
        answer(sys.stdin, sys.stdout)
    else:
        compare(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 10)
