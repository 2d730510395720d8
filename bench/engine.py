"""Figures of the local cloud: set-up, `up`, no-op, preview, ways to keep states, milliseconds per resource.

Each figure is a whole process, timed from outside, in a home and a state of its own. Memory is the peak of each process
of the run, sampled twice a second.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil

ROOT = Path(__file__).parents[1]
THOUSAND = ROOT / "bench" / "thousand"
_SAMPLE = 0.5  # seconds: looking more often slows what is measured on two cores
GOALS = {
    "cold make up with the engine to build, s": "480",
    "cold make up with a pulumi on PATH, s": "90",
    "make up again, nothing to do, s": "10",
    "until the first line, s": "2",
    "up, s": "30",
    "no-op up, s": "10",
    "up, service to file backend": "0.33",
    "destroy, service to file backend": "0.33",
    "up, service to no step kept": "1.5",
    "destroy, service to no step kept": "1.5",
    "up, 5,001 to 1,001": "6",
    "destroy, 5,001 to 1,001": "6",
    "preview, s": "10",
    "preview of nothing, s": "10",
    "memory, MB by process": "600",
    "ratio": "3",
}


@dataclass
class Run:
    """One timed command."""

    seconds: float
    output: str
    megabytes: dict[str, float] = field(default_factory=dict)
    """Peak resident memory by what the process is."""


def _kind(process: psutil.Process) -> str:
    line = " ".join(process.cmdline())
    for mark, kind in (
        ("localcloud.aws.moto", "moto"),
        ("localcloud.provider", "provider"),
        ("localcloud.state", "state service"),
        ("pulumi-language-python", "language host"),
        ("language_host", "language host"),
        ("localcloud.engine.program", "program"),
        ("localcloud/engine/program", "program"),
    ):
        if mark in line:
            return kind
    return "engine" if Path(process.name()).name == "pulumi" else "command"


@contextlib.contextmanager
def _watched(marker: str) -> Iterator[dict[str, float]]:
    """Peak memory by kind of every process whose environment names `marker`."""
    peaks: dict[str, float] = defaultdict(float)
    stop = threading.Event()

    def sample() -> None:
        while not stop.wait(_SAMPLE):
            for process in psutil.process_iter():
                with contextlib.suppress(psutil.Error):
                    if process.environ().get("ACCORDION_BENCH") == marker:
                        kind = _kind(process)
                        peaks[kind] = max(peaks[kind], process.memory_info().rss / 1e6)

    thread = threading.Thread(target=sample, daemon=True)
    thread.start()
    try:
        yield peaks
    finally:
        stop.set()
        thread.join()


def run(command: list[str], folder: Path, environment: Mapping[str, str]) -> Run:
    """Time one command; raises RuntimeError with its output when it fails."""
    marker = str(time.time_ns())
    with _watched(marker) as peaks:
        begin = time.monotonic()
        done = subprocess.run(
            command,
            cwd=folder,
            env={**environment, "ACCORDION_BENCH": environment.get("ACCORDION_BENCH", marker)},
            capture_output=True,
            text=True,
            check=False,
        )
        seconds = time.monotonic() - begin
    if done.returncode:
        raise RuntimeError(
            f"{' '.join(command)} ended with {done.returncode}:\n{done.stdout[-3000:]}{done.stderr[-3000:]}"
        )
    return Run(seconds, done.stdout + done.stderr, dict(peaks))


def own_home(folder: Path) -> dict[str, str]:
    """An environment whose home is `folder`, so that nothing of the user's is read or warm."""
    kept = (
        "PATH",
        "LANG",
        "TERM",
        "SSL_CERT_FILE",
        "SSL_CERT_DIR",
        "PIP_CERT",
        "REQUESTS_CA_BUNDLE",
        "PIP_DEFAULT_TIMEOUT",
        "GOPROXY",
        "GOFLAGS",
    )
    environment = {name: os.environ[name] for name in kept if name in os.environ}
    return environment | {"HOME": str(folder)}


def _accordion() -> str:
    return str(Path(sys.executable).parent / "accordion")


@contextlib.contextmanager
def _project(marker: str) -> Iterator[tuple[Path, dict[str, str]]]:
    """A copy of the program with a cloud of its own, started; stopped at the end."""
    with tempfile.TemporaryDirectory() as home:
        environment = {**os.environ, "XDG_STATE_HOME": home, "ACCORDION_BENCH": marker}
        project = Path(home) / "thousand"
        shutil.copytree(THOUSAND, project)
        run([_accordion(), "local", "start"], project, environment)
        try:
            yield project, environment
        finally:
            run([_accordion(), "local", "stop"], project, environment)


def thousand(figures: dict[str, Any]) -> None:
    """`up`, no-op, preview, `destroy` and the memory of a program of a thousand resources, as a user runs them."""
    with _project("thousand") as (project, environment), _watched("thousand") as peaks:
        for what, command in (
            ("preview of nothing", ["preview"]),
            ("up", ["up", "--yes", "--skip-preview"]),
            ("no-op up", ["up", "--yes", "--skip-preview"]),
            ("preview", ["preview"]),
            ("destroy", ["destroy", "--yes", "--skip-preview"]),
        ):
            line = [_accordion(), "local", *command, "--stack", "bench", "--suppress-progress"]
            figures[f"{what}, s"] = round(run(line, project, environment).seconds, 1)
    figures["memory, MB by process"] = {kind: round(peak) for kind, peak in sorted(peaks.items())}


STATES = {
    "state service": {"PULUMI_SKIP_CHECKPOINTS": "true"},
    "file backend": {"PULUMI_BACKEND_URL": "file://{0}"},
    "file backend without checkpoints": {
        "PULUMI_BACKEND_URL": "file://{0}",
        "PULUMI_EXPERIMENTAL": "true",
        "PULUMI_SKIP_CHECKPOINTS": "true",
    },
}
"""Ways to keep states, as variables of the engine. The first is what `accordion local` sets: the service keeps each
step in a journal, no state is serialised beside it (localcloud/cloud/environment.py). The last one keeps no step."""


def _up_and_destroy(states: Mapping[str, str], services: int) -> tuple[float, float]:
    """Seconds of `up` and `destroy` by the engine alone, on a cloud of its own."""
    with _project("states") as (project, environment), tempfile.TemporaryDirectory() as kept:
        exported = run(["/bin/sh", "-c", f'eval "$({_accordion()} local env)"; env -0'], project, environment)
        variables = dict(entry.split("=", 1) for entry in exported.output.split("\0") if "=" in entry)
        variables |= {name: value.format(kept) for name, value in states.items()}
        shadow = Path(variables["PULUMI_HOME"]).parent / "shadow"
        for arguments in (["stack", "init", "bench", "--secrets-provider=passphrase"], ["stack", "select", "bench"]):
            run(["pulumi", *arguments], shadow, variables)
        run(["pulumi", "config", "set", "services", str(services)], shadow, variables)
        common = ["--yes", "--skip-preview", "--suppress-progress", "--non-interactive"]
        up, destroy = (run(["pulumi", command, *common], shadow, variables).seconds for command in ("up", "destroy"))
        return up, destroy


def kept_steps(figures: dict[str, Any]) -> None:
    """The engine with each way to keep states, in one run; and how the cost grows with the size."""
    found = {name: _up_and_destroy(states, 100) for name, states in STATES.items()}
    large = _up_and_destroy(STATES["state service"], 500)
    for index, command in enumerate(("up", "destroy")):
        seconds = {name: pair[index] for name, pair in found.items()}
        for name, value in seconds.items():
            figures[f"{command} of 1,001, {name}, s"] = round(value, 1)
        service = seconds["state service"]
        figures[f"{command}, service to file backend"] = round(service / seconds["file backend"], 2)
        bare = seconds["file backend without checkpoints"]
        figures[f"{command}, service to no step kept"] = round(service / bare, 2)
        figures[f"{command} of 5,001, state service, s"] = round(large[index], 1)
        figures[f"{command}, 5,001 to 1,001"] = round(large[index] / service, 2)


def per_resource(figures: dict[str, Any], count: int = 200) -> None:
    """Milliseconds per creation through the provider and over a bare boto3 client, in turn on one moto."""
    from bench.provider import Bench

    with Bench() as bench:
        through, bare = bench.alternate(count)
    figures["provider, ms per resource (median)"] = round(statistics.median(through) * 1000, 2)
    figures["bare boto3 create, ms (median)"] = round(statistics.median(bare) * 1000, 2)
    figures["ratio"] = round(statistics.median(t / b for t, b in zip(through, bare, strict=True)), 2)


def again(figures: dict[str, Any]) -> None:
    """`make up` in this checkout, the second time."""
    run(["make", "up"], ROOT, os.environ)
    figures["make up again, nothing to do, s"] = round(
        min(run(["make", "up"], ROOT, os.environ).seconds for _ in range(3)), 1
    )


def cold(figures: dict[str, Any]) -> None:
    """Set-up in a fresh clone with an empty home: with the engine to build, and with a pulumi on PATH."""
    for name in ("the engine to build", "a pulumi on PATH"):
        with tempfile.TemporaryDirectory() as folder:
            home, clone = Path(folder) / "home", Path(folder) / "clone"
            home.mkdir()
            subprocess.run(["git", "clone", "--quiet", str(ROOT), str(clone)], check=True)
            environment = own_home(home)
            if name == "a pulumi on PATH":
                from localcloud import engine

                environment["PATH"] = f"{engine.obtain().binary.parent}:{environment['PATH']}"
            figures[f"cold make up with {name}, s"] = round(run(["make", "up"], clone, environment).seconds)
            accordion = str(clone / ".venv" / "bin" / "accordion")
            run([accordion, "local", "stop"], clone, environment)
            subprocess.run(["chmod", "-R", "u+w", folder], check=True)  # Go keeps its modules read-only


def monitor(figures: dict[str, Any], looks: int = 10) -> None:
    """`accordion monitor` on `dev` on the local cloud: seconds to its first line, and to its answer; medians."""
    run([_accordion(), "local", "up", "--stack", "dev", "--yes", "--skip-preview"], ROOT, os.environ)
    first, whole, processor = zip(*(_look() for _ in range(looks)), strict=True)
    figures["until the first line, s"] = round(statistics.median(first), 2)
    figures["until the answer, s"] = round(statistics.median(whole), 2)
    figures["processor time of the command, s"] = round(statistics.median(processor), 2)
    figures["load of the machine in the last minute"] = round(os.getloadavg()[0], 1)


def _look() -> tuple[float, float, float]:
    before, begin = os.times(), time.monotonic()
    with subprocess.Popen(
        [_accordion(), "monitor", "--local", "--stack", "dev"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        said = iter(process.stdout or ())
        line = next(said, "")
        first = time.monotonic() - begin
        rest = "".join(said)
    whole, after = time.monotonic() - begin, os.times()
    if process.returncode:
        raise RuntimeError(f"monitor ended with {process.returncode}:\n{line}{rest}")
    used = after.children_user + after.children_system - before.children_user - before.children_system
    return first, whole, used
