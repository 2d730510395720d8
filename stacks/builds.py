"""An image that a stack file says how to build, in place of naming one. Needs no engine."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Annotated

from pydantic import Field

from components.specs.container import Container, ImageOwner
from components.specs.container_image import ContainerImageSpec
from elasticity.faults import Fault
from elasticity.rules import narrowed

CHECK_BUILD = "ACCORDION_CHECK_BUILD"
"""A variable with 1, with which a preview builds, without pushing, what the deployment would build. No key of Pulumi's
config: the engine writes what `--config` says into the stack file."""


class Build(ContainerImageSpec):
    """How the image of a service is built, and where it is pushed."""

    repository: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9._:/-]*$")] | None = None
    """Registry and repository that stand already, such as ghcr.io/shop/web; no tag. None: on AWS an ECR repository of
    the stack, which scans what is pushed, moves no tag and keeps the newest images; on a Swarm one of the registry that
    ACCORDION_REGISTRY names, as the local cloud does."""

    @property
    def spec(self) -> ContainerImageSpec:
        """What the component is told."""
        return narrowed(self, ContainerImageSpec)


def image_faults(container: Container, build: Build | None, owner: ImageOwner) -> Iterator[Fault]:
    """A service has one image, and one who says which."""
    if build is None and container.image is None:
        text = "is missing: name one, or say under the service's `build` how it is built"
        yield Fault(("container", "image"), text)
    if build is not None and container.image is not None:
        yield Fault(("build",), "stands beside `container.image`: keep one of them")
    if build is not None and owner == "pipeline":
        text = "a pipeline builds what it releases: name the first image under `container.image` and leave `build` out"
        yield Fault(("image_owner",), text)


def check_build() -> bool:
    """Whether a preview is asked to build."""
    return os.environ.get(CHECK_BUILD) == "1"
