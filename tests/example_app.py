"""The service of `examples/app`, built and run."""

from __future__ import annotations

import functools
import hashlib
import json
import os
import shutil
import subprocess
import tempfile
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from filelock import FileLock

SOURCE = Path(__file__).parents[1] / "examples" / "app"
_BUILT = Path(__file__).parents[1] / "build" / "example-app"


def missing() -> str | None:
    """Why it cannot be built here; None where it can."""
    return None if shutil.which("go") else "no go on PATH to build examples/app with"


@functools.cache
def binary() -> Path:
    """The binary `app`, static; built once for each state of its sources."""
    sources = [path for pattern in ("*.go", "go.*") for path in sorted(SOURCE.glob(pattern))]
    key = hashlib.sha256(b"".join(path.read_bytes() for path in sources)).hexdigest()[:16]
    built = _BUILT / key / "app"
    built.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(_BUILT / "lock"):
        if not built.exists():
            part = built.with_name("part")
            command = ["go", "build", "-trimpath", "-buildvcs=false", "-ldflags", "-s -w", "-o", part, "."]
            environment = {**os.environ, "CGO_ENABLED": "0", "GOTOOLCHAIN": "local"}
            done = subprocess.run(command, cwd=SOURCE, env=environment, capture_output=True, text=True)
            assert done.returncode == 0, done.stderr
            part.rename(built)
    return built


@contextmanager
def context() -> Iterator[Path]:
    """The context of its image: the folder with the binary beside its Dockerfile."""
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        for file in (SOURCE / "Dockerfile", SOURCE / ".dockerignore", binary()):
            shutil.copy(file, folder)
        yield folder


class App:
    """It runs, on a free port of loopback."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        assert process.stdout is not None
        self.address: str = self.logged("listening")["address"]

    def logged(self, message: str) -> dict[str, Any]:
        """Wait for this line of its log."""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            record: dict[str, Any] = json.loads(line)
            if record["msg"] == message:
                return record
        raise AssertionError(f"it ended without saying {message!r}")

    def ask(self, route: str) -> tuple[int, str]:
        """Status and body."""
        try:
            with urllib.request.urlopen(f"http://{self.address}{route}") as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()

    def json(self, route: str) -> Any:
        return json.loads(self.ask(route)[1])

    def metric(self, sample: str) -> float:
        """A sample of /metrics by its name with its labels; 0 for one that is not there yet."""
        found = [line for line in self.ask("/metrics")[1].splitlines() if line.startswith(f"{sample} ")]
        return float(found[0].split()[-1]) if found else 0.0


@contextmanager
def running(**settings: str) -> Iterator[App]:
    """It runs with these variables until the context ends."""
    environment = {"LISTEN": "127.0.0.1:0", **settings}
    process = subprocess.Popen([binary()], env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    with process:
        try:
            yield App(process)
        finally:
            process.kill()
