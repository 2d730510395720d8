"""A Docker Engine for tests, and an image with the service of examples/app."""

from __future__ import annotations

import functools
import gc
import os
import time
import uuid
import warnings
from typing import Any

from localcloud.docker.engine import NONE_HERE
from localcloud.docker.running import DOCKER, OF_CHECKOUT
from tests import example_app

TRIAL = 90.0  # seconds for the first task of an Engine


def address() -> str:
    """Where the Engine answers."""
    found = DOCKER.address(os.environ)
    assert found is not None, NONE_HERE
    return found


def client() -> Any:
    import docker

    return docker.APIClient(base_url=address(), version="1.41", timeout=60)


@functools.cache
def missing() -> str | None:
    """Why no test can use an Engine here; None where one can."""
    if DOCKER.address(os.environ) is None:
        return NONE_HERE
    if why := example_app.missing():
        return why
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)  # of a socket that does not answer, which the SDK leaves open
        try:
            swarm = client().info()["Swarm"]["LocalNodeState"]
        except Exception as error:  # noqa: BLE001 -- whatever keeps it from answering is the reason
            why = f"the Docker Engine at {DOCKER.address(os.environ)} does not answer: {error}"
        else:
            return None if swarm == "active" else "the Docker Engine is in no Swarm: docker swarm init"
        gc.collect()
    return why


def registry() -> str | None:
    """The registry of `make docker`, `127.0.0.1:port`; None beside an Engine that a person named."""
    file = OF_CHECKOUT.with_name("registry.port")
    return None if os.environ.get("DOCKER_HOST") or not file.exists() else f"127.0.0.1:{file.read_text().strip()}"


def build(repository: str, tag: str, **arguments: str) -> str:
    """Make the image of examples/app on the Engine, with its Dockerfile; the tag is its VERSION. Returns its name."""
    name, arguments = f"{repository}:{tag}", {"VERSION": tag, **arguments}
    with example_app.context() as folder:
        for line in client().build(path=str(folder), tag=name, buildargs=arguments, decode=True, rm=True):
            assert "error" not in line, line["error"]
    return name


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
