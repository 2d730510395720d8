"""The controller of a Swarm stack in plain values: what it runs, and how it reaches the Engine."""

from __future__ import annotations

from typing import Annotated

from pydantic import ConfigDict, Field

from components.specs.container import AbsolutePath, Image
from elasticity.rules import Model


class ScalingControllerSpec(Model):
    """`accordion scale` as a service of the Swarm: one task on a manager, with the Engine's socket.

    Whoever has the socket is root on the node: it publishes no port, may write nothing but /tmp, and has no capability.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "x-refused": {
                "count": "one controller scales a service; a second one would wait for its lease",
                "placement": "it runs on managers, which alone answer for the Swarm",
                "secrets": "it needs none: it asks the Engine by its socket",
            }
        }
    )

    image: Image | None = None
    """With the command `accordion`, such as examples/controller builds."""
    socket: AbsolutePath | None = None
    """The Engine's on managers. None: where DOCKER_HOST leads, if that is a socket, else /var/run/docker.sock."""
    user: Annotated[str, Field(pattern=r"^\d+(:\d+)?$")] = "0:0"
    """User and group id. Others than root need the id of the group that the socket has on managers: 65532:998."""
    cpu: Annotated[int, Field(ge=2, le=49_152)] = 64
    """CPU units that it has always; 1024 are one core. It may take four times as many, which it does when it starts."""
    memory: Annotated[int, Field(ge=64)] = 128
    """MiB."""
