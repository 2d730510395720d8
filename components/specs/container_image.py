"""What an image that a program builds is to be."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from pydantic import Field

from elasticity.rules import Model

Argument = Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")]


class ContainerImageSpec(Model):
    """An image built from a context of the program's folder."""

    context: Annotated[str, Field(pattern=r"^[^/].*$")] = "."
    """The folder, from the program's; what `.dockerignore` names is left out."""
    dockerfile: Annotated[str, Field(pattern=r"^[^/].*$")] | None = None
    """The Dockerfile, from the program's folder; without it `Dockerfile` of the context."""
    arguments: Mapping[Argument, str] = Field(default_factory=dict)
    """Build arguments. They stand in the image's history for whoever pulls it: never a secret."""
    platform: Annotated[str, Field(pattern=r"^linux/[a-z0-9]+(/v[0-9]+)?$")] = "linux/amd64"
    """What it is built for, whatever machine builds it."""
    target: str | None = None
    """The stage of the Dockerfile; without it the last."""
    version: Annotated[str, Field(pattern=r"^[A-Za-z0-9_][A-Za-z0-9._-]{0,47}$")] | None = None
    """For people, in the tag; it is no part of the key."""
    commit: Annotated[str, Field(pattern=r"^[0-9a-f]{7,40}$")] | None = None
    """The revision, in the tag by its first 12 digits; it is no part of the key."""
    keep: Annotated[int, Field(ge=2, le=1000)] = 30
    """How many of the newest images an ECR repository of the component keeps [own]: all that a rollback may need."""
