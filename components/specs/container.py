"""One container of a task, in plain values: its image, what it sees, what it may not do."""

from __future__ import annotations

import re
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from components.specs.access import PortNumber
from elasticity.faults import Fault
from elasticity.quantities import Duration
from elasticity.rules import Model, refuse

MUTABLE_TAGS = frozenset(
    {"latest", "stable", "main", "master", "develop", "dev", "edge", "nightly", "staging", "production", "prod", "test"}
)
"""Tags that by their name point to something else tomorrow [own]."""

Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,31}$")]
"""Lower case letters, digits and hyphens, at most 32."""
AbsolutePath = Annotated[str, Field(pattern=r"^/\S*$")]
EnvironmentName = Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_.-]*$")]
SecretReference = Annotated[
    str, Field(pattern=r"^arn:[a-z-]+:(secretsmanager:[a-z0-9-]+:\d{12}:secret:|ssm:[a-z0-9-]+:\d{12}:parameter/)\S+$")
]
"""ARN of a Secrets Manager secret (a JSON key may follow, as in `…:key::`) or of an SSM parameter. Never the value."""
ImageOwner = Literal["pulumi", "pipeline"]
"""Who says which image runs once the service stands."""
FileSystemArn = Annotated[
    str, Field(pattern=r"^arn:[a-z-]+:elasticfilesystem:[a-z0-9-]+:\d{12}:file-system/fs-[0-9a-f]+$")
]


def moves(reference: str) -> bool:
    """Whether a full reference of an image names a tag that points to something else tomorrow, or none (`latest`)."""
    tag = reference.rpartition("/")[2].partition(":")[2]
    return "@" not in reference and (not tag or tag.lower() in MUTABLE_TAGS)


class Image(Model):
    """A container image by digest, or by a version that its registry keeps immutable."""

    repository: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9._:/-]*$")]
    """Registry and repository, such as public.ecr.aws/nginx/nginx; no tag, no digest."""
    digest: Annotated[str, Field(pattern=r"^sha256:[0-9a-f]{64}$")] | None = None
    """sha256:…; what runs is then exactly this."""
    version: Annotated[str, Field(pattern=r"^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$")] | None = None
    """Tag. Beside a digest it is for people only."""
    allow_mutable: bool = False
    """Accept a tag such as `latest`, whose content changes under a running service."""

    @model_validator(mode="after")
    def _names_one_content(self) -> Self:
        faults: list[Fault] = []
        if self.digest is None and self.version is None:
            faults.append(Fault(("version",), "missing: give `digest`, or `version` with a tag that never moves"))
        if re.search(r":[^/]*$", self.repository):
            faults.append(Fault(("repository",), "carries a tag: put it into `version`"))
        if self.digest is None and self.version in MUTABLE_TAGS and not self.allow_mutable:
            text = (
                f"the tag {self.version} moves, so two tasks of one service may run different code: "
                "give `digest` or an immutable version, or set `allow_mutable: true`"
            )
            faults.append(Fault(("version",), text))
        refuse(type(self), faults)
        return self

    @property
    def reference(self) -> str:
        """What the task definition names: repository@digest, else repository:version."""
        return f"{self.repository}@{self.digest}" if self.digest else f"{self.repository}:{self.version}"


class Port(Model):
    """One port that a container listens on."""

    number: PortNumber
    protocol: Literal["tcp", "udp"] = "tcp"
    application: Literal["http", "http2", "grpc"] | None = None
    """What Service Connect may assume for its metrics and retries; without it plain TCP."""


class ContainerHealthCheck(Model):
    """A command that ECS runs inside the container; exit 0 means healthy."""

    command: tuple[str, ...] = Field(min_length=1)
    """Program and arguments; a single element is run by the container's shell."""
    interval: Duration = Duration(10)
    """5 s to 300 s."""
    timeout: Duration = Duration(5)
    """2 s to 60 s."""
    retries: Annotated[int, Field(ge=1, le=10)] = 3
    start_period: Duration = Duration(0)
    """Failures before it has passed do not count; 0 s to 300 s."""

    @model_validator(mode="after")
    def _times_fit(self) -> Self:
        ranges = (("interval", 5, 300), ("timeout", 2, 60), ("start_period", 0, 300))
        refuse(
            type(self),
            [
                Fault((field,), f"allowed whole seconds from {low}s to {high}s")
                for field, low, high in ranges
                if not low <= getattr(self, field) <= high or getattr(self, field) % 1
            ],
        )
        return self


class EfsVolume(Model):
    """An EFS file system mounted into a container, encrypted in transit, with the task role's rights."""

    file_system_arn: FileSystemArn
    path: AbsolutePath
    """Where the container sees it."""
    access_point: Annotated[str, Field(pattern=r"^fsap-[0-9a-f]+$")] | None = None
    root_directory: AbsolutePath = "/"
    """Directory of the file system; with an access point it stays `/`."""
    read_only: bool = False

    @model_validator(mode="after")
    def _one_root(self) -> Self:
        if self.access_point and self.root_directory != "/":
            refuse(type(self), [Fault(("root_directory",), "the access point has a root of its own: leave it out")])
        return self

    @property
    def file_system_id(self) -> str:
        """The id at the end of the ARN."""
        return self.file_system_arn.rsplit("/", 1)[1]


class Container(Model):
    """One container: what it runs, what it sees, and what it may not do. It is never privileged."""

    image: Image | None = None
    """None only where the program passes an image that it builds itself."""
    command: tuple[str, ...] = ()
    entry_point: tuple[str, ...] = ()
    working_directory: AbsolutePath | None = None
    ports: dict[Name, Port] = {}
    """By name; target groups and Service Connect refer to the names."""
    environment: dict[EnvironmentName, str] = {}
    """Plain values only."""
    secrets: dict[EnvironmentName, SecretReference] = {}
    """Variable to the ARN of a secret or parameter; ECS puts the value in when the container starts."""
    health_check: ContainerHealthCheck | None = None
    """Without one a container is healthy while it runs."""
    user: Annotated[str, Field(pattern=r"^[1-9]\d*(:\d+)?$")] | None = "1000:1000"
    """User and group id. None keeps the image's user: for images that must start as root."""
    read_only_root: bool = True
    scratch: dict[Name, AbsolutePath] = {"tmp": "/tmp"}  # noqa: S108 - a path inside the container
    """Empty writable directories by volume name: root's, mode 0755, unless the image declares them as VOLUME."""
    efs: dict[Name, EfsVolume] = {}
    stop_timeout: Duration | None = None
    """From SIGTERM to SIGKILL; at most 2m on Fargate. Without it 30 s, or the queue's time per message if longer."""
    essential: bool = True
    """Whether the task stops when this container stops."""
    depends_on: dict[Name, Literal["START", "COMPLETE", "SUCCESS", "HEALTHY"]] = {}
    """Other containers by name (the main one is `application`) and the state to wait for."""
    cpu: Annotated[int, Field(ge=2)] | None = None
    """Share of the task's CPU units."""
    memory: Annotated[int, Field(ge=6)] | None = None
    """Hard limit in MiB. Without it the task's size is the limit."""

    @model_validator(mode="after")
    def _its_parts_fit(self) -> Self:
        faults = [
            Fault(("secrets", variable), "the variable stands under `environment` too: keep one of them")
            for variable in sorted(self.environment.keys() & self.secrets.keys())
        ]
        faults += [
            Fault(("efs", volume), "a scratch volume has the name too: choose another")
            for volume in sorted(self.scratch.keys() & self.efs.keys())
        ]
        if self.stop_timeout is not None and (self.stop_timeout < 2 or self.stop_timeout % 1):
            faults.append(Fault(("stop_timeout",), "allowed whole seconds from 2s"))
        numbers: dict[tuple[int, str], str] = {}
        for name, port in self.ports.items():
            first = numbers.setdefault((port.number, port.protocol), name)
            if first != name:
                faults.append(Fault(("ports", name), f"the port number is that of `{first}`"))
        refuse(type(self), faults)
        return self
