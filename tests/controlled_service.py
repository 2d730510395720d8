"""A service of examples/app on a real Swarm, load on it, and the controller as a process of its own."""

from __future__ import annotations

import base64
import contextlib
import io
import json
import os
import signal
import subprocess
import sys
import tarfile
import threading
import time
import urllib.request
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from http.client import HTTPException
from pathlib import Path
from typing import Any, TypeVar

from docker.errors import APIError, NotFound

from localcloud.docker.engine import Engine
from localcloud.docker.running import DOCKER
from tests import swarm

PORT = 8080
PATIENCE = 120.0
"""Seconds that anything may take on a busy machine."""
SENDERS = 2
"""Of a load: one waits for its answer while the other sends."""


def until(holds: Callable[[], Any], what: str) -> Any:
    """Wait for it; returns what it gave."""
    deadline = time.monotonic() + PATIENCE
    while not (found := holds()):
        assert time.monotonic() < deadline, what
        time.sleep(0.3)
    return found


def engine() -> Engine:
    """Plain requests."""
    return Engine(str(DOCKER.address(os.environ)))


class Service:
    """A service with a port of its node for each task."""

    def inside(self) -> contextlib.AbstractContextManager[None]:
        """Where its addresses are reached from: here."""
        return contextlib.nullcontext()

    def __init__(self, image: str, replicas: int, **update: Any) -> None:
        self.engine, self.api, self.name = swarm.client(), engine(), f"scaled-{uuid.uuid4().hex[:8]}"
        self.network = self.engine.create_network(self.name, driver="overlay")["Id"]
        spec = {
            "Name": self.name,
            "TaskTemplate": {
                "ContainerSpec": {"Image": image, "StopGracePeriod": 5 * 10**9},
                "Networks": [{"Target": self.network}],
                "RestartPolicy": {"Condition": "any", "Delay": 10**9},
                "Resources": {"Limits": {"NanoCPUs": 10**9}},
            },
            "Mode": {"Replicated": {"Replicas": replicas}},
            "UpdateConfig": {"Parallelism": 1, "FailureAction": "rollback", "Monitor": 10**9, **update},
            "EndpointSpec": {
                "Mode": "dnsrr",
                "Ports": [{"TargetPort": PORT, "PublishMode": "host", "Protocol": "tcp"}],
            },
        }
        self.id = str(self.api.ask("POST", "/services/create", spec)["ID"])  # the SDK fills in defaults of its own

    def spec(self) -> dict[str, Any]:
        found: dict[str, Any] = self.api.ask("GET", f"/services/{self.id}")
        return found

    @property
    def replicas(self) -> int:
        return int(self.spec()["Spec"]["Mode"]["Replicated"]["Replicas"])

    def tasks(self) -> list[dict[str, Any]]:
        """Those that run and are to run."""
        found = self.engine.tasks({"service": self.id, "desired-state": "running"})
        return [task for task in found if task["Status"]["State"] == "running"]

    def addresses(self) -> list[str]:
        """Of IPv4: a task's port of IPv6 may be another task's of IPv4."""
        found = []
        for task in self.tasks():
            with contextlib.suppress(NotFound):  # it has just stopped
                container = self.engine.inspect_container(task["Status"]["ContainerStatus"]["ContainerID"])
                places = container["NetworkSettings"]["Ports"].get(f"{PORT}/tcp") or []
                found += [f"127.0.0.1:{one['HostPort']}" for one in places if ":" not in one["HostIp"]]
        return found

    def write(self, change: Callable[[dict[str, Any]], None]) -> None:
        """Somebody else writes the service; again where it has moved on meanwhile, as an update does by itself."""

        def written() -> bool:
            found = self.spec()
            change(found["Spec"])
            try:
                self.api.ask("POST", f"/services/{self.id}/update", found["Spec"], version=found["Version"]["Index"])
            except APIError as error:
                if "out of sequence" not in str(error.explanation):
                    raise
                return False
            return True

        until(written, "it cannot be written")

    def remove(self) -> None:
        with contextlib.suppress(Exception):
            self.engine.remove_service(self.id)
        label = f"com.docker.swarm.service.id={self.id}"
        until(lambda: not self.engine.containers(all=True, filters={"label": label}), "its containers stay")
        self.api.remove_when_free(f"/networks/{self.network}")
        self.engine.close()
        self.api.api.close()


@contextlib.contextmanager
def service(image: str, replicas: int, **update: Any) -> Iterator[Service]:
    """It runs until the context ends."""
    with lasting(Service(image, replicas, **update)) as made:
        yield made


_Made = TypeVar("_Made", bound=Service)


@contextlib.contextmanager
def lasting(made: _Made) -> Iterator[_Made]:
    """It runs until the context ends."""
    try:
        replicas = made.replicas
        until(lambda: len(made.tasks()) == replicas, "its tasks do not run")
        yield made
    finally:
        made.remove()


@contextlib.contextmanager
def load(on: Service, rate: float) -> Iterator[None]:
    """Requests at that rate a second, to one task after the other."""
    ended = threading.Event()

    def send() -> None:
        with on.inside():
            count, places, looked = 0, on.addresses(), time.monotonic()
            began = looked
            # By the clock: where each answer takes its time, so many after each other would be fewer a second.
            while not ended.wait(max(0.0, began + count * SENDERS / rate - time.monotonic())):
                if time.monotonic() - looked > 2:
                    with contextlib.suppress(APIError):  # the service may have been deleted
                        places = on.addresses()
                    looked = time.monotonic()
                if places:
                    with contextlib.suppress(OSError, HTTPException):  # a task may stop in the middle
                        urllib.request.urlopen(f"http://{places[count % len(places)]}/work?ms=0", timeout=5).close()
                count += 1

    threads = [threading.Thread(target=send) for _ in range(SENDERS)]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        ended.set()
        for thread in threads:
            thread.join()


class Controller:
    """`accordion scale` as a process."""

    def __init__(
        self, folder: Path, settings: Mapping[str, Any], *options: str, log: str, host: str | None, begin: Sequence[str]
    ) -> None:
        self.settings, self.log, self.said = folder / "controller.json", folder / log, folder / f"{log}.said"
        self.settings.write_text(json.dumps(settings))
        command = [
            *begin,
            sys.executable,
            "-m",
            "operations.cli",
            "scale",
            "--settings",
            str(self.settings),
            "--log",
            str(self.log),
        ]
        with self.said.open("w") as said:
            self.process = subprocess.Popen(
                [*command, *options],
                env={**os.environ, "DOCKER_HOST": host or str(DOCKER.address(os.environ))},
                cwd=Path(__file__).parents[1],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=said,
            )

    def lines(self, kind: str) -> list[dict[str, Any]]:
        """Of its log, so far."""
        if not self.log.exists():
            return []
        rows = self.log.read_text().splitlines(keepends=True)
        return [line for row in rows if row.endswith("\n") and (line := json.loads(row))["kind"] == kind]

    def stop(self, number: int = signal.SIGTERM) -> int:
        self.process.send_signal(number)
        return self.process.wait(timeout=PATIENCE)


def scale(*words: str) -> tuple[int, str]:
    """`accordion scale` with other words: exit code and answer."""
    done = subprocess.run(
        [sys.executable, "-m", "operations.cli", "scale", *words],
        env={**os.environ, "DOCKER_HOST": str(DOCKER.address(os.environ))},
        cwd=Path(__file__).parents[1],
        capture_output=True,
        text=True,
    )
    return done.returncode, done.stdout + done.stderr


@contextlib.contextmanager
def controller(
    folder: Path,
    settings: Mapping[str, Any],
    *options: str,
    log: str = "log.jsonl",
    host: str | None = None,
    begin: Sequence[str] = (),
) -> Iterator[Controller]:
    """It runs until the context ends. `host`: its Engine, where it is another; `begin`: the words before its own."""
    made = Controller(folder, settings, *options, log=log, host=host, begin=begin)
    try:
        yield made
    finally:
        if made.process.poll() is None:
            made.stop(signal.SIGKILL)


def _program() -> list[Path]:
    """Folders of this machine that `accordion` needs to run: where they are the same folders in a container, no image of
    some hundred megabytes is made for a test."""
    asked = [Path(__file__).parents[1], Path(sys.prefix), Path(sys.base_prefix), *map(Path, ("/usr", "/lib", "/lib64"))]
    there = [path for path in dict.fromkeys(asked) if path.exists()]
    return [path for path in there if not any(other != path and path.is_relative_to(other) for other in there)]


@contextlib.contextmanager
def controller_service(on: Service, settings: Mapping[str, Any], *constraints: str) -> Iterator[str]:
    """`accordion scale` as a service of the Swarm, as docs/guides/controller.md says; its name."""
    api, name = swarm.client(), f"controller-{uuid.uuid4().hex[:8]}"
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        archive.addfile(tarfile.TarInfo("empty"))
    api.import_image_from_data(packed.getvalue(), repository=name, tag="1")
    data = base64.b64encode(json.dumps({**settings, "reaches": "network"}).encode()).decode()
    config = on.api.ask("POST", "/configs/create", {"Name": name, "Data": data})["ID"]
    socket = swarm.address().removeprefix("unix://")
    mounts = [{"Type": "bind", "Source": str(one), "Target": str(one), "ReadOnly": True} for one in _program()]
    container = {
        "Image": f"{name}:1",
        "Command": [sys.executable, "-m", "operations.cli", "scale", "--settings", "/controller.json"],
        "Dir": str(Path(__file__).parents[1]),
        "Env": ["DOCKER_HOST=unix:///docker.sock", "PYTHONDONTWRITEBYTECODE=1"],
        "Mounts": [*mounts, {"Type": "bind", "Source": socket, "Target": "/docker.sock"},
                   {"Type": "tmpfs", "Target": "/tmp"}],
        "Configs": [{"ConfigID": config, "ConfigName": name,
                     "File": {"Name": "/controller.json", "UID": "0", "GID": "0", "Mode": 0o444}}],
        "Init": True,
    }  # fmt: skip
    spec = {
        "Name": name,
        "TaskTemplate": {
            "ContainerSpec": container,
            "Networks": [{"Target": on.network}],
            "RestartPolicy": {"Condition": "any", "Delay": 10**9},
            "Placement": {"Constraints": ["node.role==manager", *constraints]},
            "LogDriver": {"Name": "json-file"},
        },
        "Mode": {"Replicated": {"Replicas": 1}},
        "EndpointSpec": {"Mode": "dnsrr"},
    }
    made = on.api.ask("POST", "/services/create", spec)["ID"]
    try:
        yield name
    finally:
        api.remove_service(made)
        label = f"com.docker.swarm.service.id={made}"
        until(lambda: not api.containers(all=True, filters={"label": label}), "the controller's containers stay")
        on.api.remove_when_free(f"/configs/{config}")
        api.remove_image(f"{name}:1", force=True)


def said_by(service: str, *, stdout: bool = True, stderr: bool = True) -> str:
    """What the tasks of a service said so far, the oldest first."""
    api = swarm.client()
    return "".join(
        api.logs(task["Status"]["ContainerStatus"]["ContainerID"], stdout=stdout, stderr=stderr).decode()
        for task in sorted(api.tasks({"service": service}), key=lambda one: str(one["CreatedAt"]))
        if (task["Status"].get("ContainerStatus") or {}).get("ContainerID")
        and api.containers(all=True, filters={"id": task["Status"]["ContainerStatus"]["ContainerID"]})
    )
