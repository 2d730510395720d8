"""A Docker Engine for tests, and the smallest image: one static binary that ends at SIGTERM."""

from __future__ import annotations

import functools
import io
import os
import shutil
import subprocess
import tarfile
import time
import uuid
from pathlib import Path
from typing import Any

from localcloud.docker.engine import NONE_HERE
from localcloud.docker.running import DOCKER, OF_CHECKOUT

PROGRAM = """\
package main

import (
	"os"
	"os/signal"
	"syscall"
)

func main() {
	asked := make(chan os.Signal, 1)
	signal.Notify(asked, syscall.SIGTERM)
	<-asked
}
"""
TRIAL = 30.0  # seconds for the first task of an Engine


def client() -> Any:
    import docker

    return docker.APIClient(base_url=DOCKER.address(os.environ), version="1.41", timeout=60)


@functools.cache
def missing() -> str | None:
    """Why no test can use an Engine here; None where one can."""
    if DOCKER.address(os.environ) is None:
        return NONE_HERE
    if shutil.which("go") is None:
        return "no go to build the test's image with"
    try:
        swarm = client().info()["Swarm"]["LocalNodeState"]
    except Exception as error:  # noqa: BLE001 -- whatever keeps it from answering is the reason
        return f"the Docker Engine at {DOCKER.address(os.environ)} does not answer: {error}"
    return None if swarm == "active" else "the Docker Engine is in no Swarm: docker swarm init"


def registry() -> str | None:
    """The registry of `make docker`, `127.0.0.1:port`; None beside an Engine that a person named."""
    file = OF_CHECKOUT.with_name("registry.port")
    return None if os.environ.get("DOCKER_HOST") or not file.exists() else f"127.0.0.1:{file.read_text().strip()}"


def build(folder: Path, repository: str, tag: str) -> None:
    """Make the image on the Engine; the tag stands in it, so that two tags are two images."""
    (folder / "main.go").write_text(PROGRAM)
    command = ["go", "build", "-trimpath", "-ldflags", "-s -w", "-o", folder / "waits", folder / "main.go"]
    subprocess.run(command, check=True, env={**os.environ, "CGO_ENABLED": "0"}, cwd=folder)
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        archive.add(folder / "waits", "waits")
    changes = ['CMD ["/waits"]', f"LABEL tag={tag}"]
    client().import_image_from_data(packed.getvalue(), repository=repository, tag=tag, changes=changes)


def trial(image: str) -> str | None:
    """Why no task of a Swarm runs on this machine: what the Engine says; None where one runs."""
    engine, name = client(), f"trial-{uuid.uuid4().hex[:8]}"
    network = engine.create_network(name, driver="overlay")["Id"]
    template = {"ContainerSpec": {"Image": image}, "Networks": [{"Target": network}]}
    service = engine.create_service(template, name=name)["ID"]
    try:
        deadline = time.monotonic() + TRIAL
        while True:
            states = [task["Status"] for task in engine.tasks({"service": service})]
            if any(state["State"] == "running" for state in states):
                return None
            if time.monotonic() > deadline:
                return f"this machine's Engine runs no task of a Swarm: {states}"
            time.sleep(0.2)
    finally:
        engine.remove_service(service)
        while engine.containers(all=True, filters={"label": f"com.docker.swarm.service.id={service}"}):
            time.sleep(0.2)
        engine.remove_network(network)
