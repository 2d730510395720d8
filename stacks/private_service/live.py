"""The only look of a program at the Engine: how many tasks a service is asked to have now, and of which image.

An update of a Swarm sends the whole specification, the number of tasks with it, so a program that has to change
something else must know the number that the controller has set.
"""

from __future__ import annotations

import os
from dataclasses import dataclass

import pulumi

SOCKET = "unix:///var/run/docker.sock"
"""Where the official provider looks when nobody says otherwise."""
API_VERSION = "1.41"
TIMEOUT = 20.0


@dataclass(frozen=True)
class Live:
    """What a service is asked to be now; None for what nobody can tell."""

    count: int | None = None
    image: str | None = None


def _address() -> str:
    return os.environ.get("DOCKER_HOST") or pulumi.Config("docker").get("host") or SOCKET


def socket() -> str:
    """Path of the Engine's socket on its own machine."""
    address = _address()
    return (address if address.startswith("unix://") else SOCKET).removeprefix("unix://")


def asked_of(service: str) -> Live:
    """What the service of that name is asked to be; nothing known where there is none, or nobody can tell."""
    import docker
    from docker.errors import DockerException, NotFound
    from requests import RequestException

    address = _address()
    try:
        engine = docker.APIClient(base_url=address, version=API_VERSION, timeout=TIMEOUT)
        try:
            found = engine.inspect_service(service)
        finally:
            engine.close()
    except NotFound:
        return Live()
    except (DockerException, RequestException, OSError) as error:
        pulumi.log.warn(
            f"how many tasks {service} has now is not known, as the Engine at {address} does not tell ({error}): "
            "where this deployment changes it, it is set to the number of its creation"
        )
        return Live()
    spec = found["Spec"]
    count = spec["Mode"].get("Replicated", {}).get("Replicas")
    image = spec["TaskTemplate"].get("ContainerSpec", {}).get("Image")
    return Live(None if count is None else int(count), image)
