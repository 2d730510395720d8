"""The only look of a program at the Engine: how many tasks a service is asked to have now, of which image, and which
secrets and configurations it needs.

An update of a Swarm sends the whole specification, the number of tasks with it, so a program that has to change
something else must know the number that the controller has set. And a release that was not completed uses what no
deployment has told of.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pulumi

from docker_client import AddressError, client, explain_tls

SOCKET = "unix:///var/run/docker.sock"
"""Where the official provider looks when nobody says otherwise."""
TIMEOUT = 20.0
_OVER = "completed"
"""State of an update that the Engine will not take back; a service that was only created has none."""


@dataclass(frozen=True)
class Live:
    """What a service is asked to be now; None for what nobody can tell."""

    count: int | None = None
    image: str | None = None
    in_use: frozenset[str] | None = None
    """Names of the secrets and configurations of its specification, of its tasks, and while an update is not over, of
    the specification before, which the Engine may go back to."""


def _address() -> str:
    """Where the provider goes: the official one takes a stack's `docker:host` before DOCKER_HOST, the local cloud's
    takes DOCKER_HOST alone."""
    return _of_the_stack("host") or os.environ.get("DOCKER_HOST") or SOCKET


def _of_the_stack(setting: str) -> str | None:
    return None if _is_attached() else pulumi.Config("docker").get(setting)


def _certificates() -> dict[str, str]:
    folder = _of_the_stack("certPath")
    return {} if folder is None else {"DOCKER_CERT_PATH": folder, "DOCKER_TLS_VERIFY": "1"}


def _is_attached() -> bool:
    """Whether another provider stands in for the official one, as the local cloud's does."""
    attached = os.environ.get("PULUMI_DEBUG_PROVIDERS", "").split(",")
    return any(entry.partition(":")[0] == "docker" for entry in attached)


def socket() -> str:
    """Path of the Engine's socket on its own machine."""
    address = _address()
    return (address if address.startswith("unix://") else SOCKET).removeprefix("unix://")


def asked_of(service: str) -> Live:
    """What the service of that name is asked to be; nothing known where there is none, or nobody can tell.

    Raises: pulumi.RunError for an Engine that is not to be asked so.
    """
    from docker.errors import DockerException, NotFound
    from requests import RequestException

    address = _address()
    try:
        engine = client(address, TIMEOUT, os.environ | _certificates())
        try:
            found = engine.inspect_service(service)
            tasks = engine.tasks({"service": found["ID"], "desired-state": "running"})
        finally:
            engine.close()
    except NotFound:
        return Live()
    except AddressError as error:
        named = "docker:host" if _of_the_stack("host") else "DOCKER_HOST"
        raise pulumi.RunError(str(error).replace("DOCKER_HOST", named)) from None
    except (DockerException, RequestException, OSError) as error:
        pulumi.log.warn(
            f"what {service} is now is not known, as the Engine at {address} does not tell "
            f"({explain_tls(error) or error}): where this deployment changes it, its number of tasks is that of its "
            "creation; no secret of it is removed"
        )
        return Live()
    spec = found["Spec"]
    count = spec["Mode"].get("Replicated", {}).get("Replicas")
    image = spec["TaskTemplate"].get("ContainerSpec", {}).get("Image")
    over = (found.get("UpdateStatus") or {}).get("State", _OVER) == _OVER
    before = [] if over or not found.get("PreviousSpec") else [found["PreviousSpec"]["TaskTemplate"]]
    templates = [spec["TaskTemplate"], *before, *(task["Spec"] for task in tasks)]
    return Live(
        None if count is None else int(count), image, frozenset(name for one in templates for name in _names(one))
    )


def _names(template: Mapping[str, Any]) -> Iterator[str]:
    """Secrets and configurations of a task's specification."""
    container = template.get("ContainerSpec") or {}
    for kind, name in (("Secrets", "SecretName"), ("Configs", "ConfigName")):
        yield from (one[name] for one in container.get(kind) or ())
