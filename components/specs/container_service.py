"""What a container service is, in plain values: its containers, its size, its capacity, how it deploys and scales."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from components.specs.access import HTTPS_ANYWHERE, Opening, Permission, PortNumber, whole_units
from components.specs.container import Container, EfsVolume, ImageOwner, Name
from components.specs.deployment import Capacity, Deployment, Rolling
from components.specs.retention import Retention
from elasticity.faults import Fault
from elasticity.quantities import Duration
from elasticity.rules import Elasticity, Model, Units, refuse

FARGATE_MEMORY: dict[int, tuple[int, ...]] = {
    256: (512, 1024, 2048),
    512: tuple(range(1024, 4096 + 1, 1024)),
    1024: tuple(range(2048, 8192 + 1, 1024)),
    2048: tuple(range(4096, 16384 + 1, 1024)),
    4096: tuple(range(8192, 30720 + 1, 1024)),
    8192: tuple(range(16384, 61440 + 1, 4096)),
    16384: tuple(range(32768, 122880 + 1, 8192)),
}
"""CPU units to the memory sizes (MiB) that Fargate offers with them (ECS: task definition parameters, task size)."""

MAIN_CONTAINER = "application"
"""Name of the main container in the task definition; sidecars have the names of their keys."""

FARGATE_STOP_TIMEOUT = 120
"""Seconds that Fargate waits at most between SIGTERM and SIGKILL (ECS: task definition parameters)."""


class ServiceConnect(Model):
    """The service mesh of ECS: other services reach this one by a short name, with metrics and retries."""

    offers: dict[Name, PortNumber] = {}
    """Port name of the main container to the port that clients use. Empty: the service is only a client."""
    dns_name: Name | None = None
    """Name that clients use; without it the port's name in the namespace."""


class ContainerServiceSpec(Model):
    """One ECS service. Defaults are those for production, but for what only a stack can give."""

    container: Container
    """The main container, `application` in the task definition."""
    sidecars: dict[Name, Container] = {}
    """Further containers of the same task, by name."""
    cpu: Annotated[int, Field(ge=128, le=196_608)] = 512
    """CPU units of the task; 1024 are one vCPU."""
    memory: Annotated[int, Field(ge=128)] = 1024
    """MiB of the task."""
    ephemeral_storage: Annotated[int, Field(ge=21, le=200)] | None = None
    """GiB on Fargate; without it the 20 that are free."""
    architecture: Literal["X86_64", "ARM64"] = "X86_64"
    capacity: Capacity = Capacity()
    elasticity: Elasticity | None = None
    """Bounds and rules: then they own the live count."""
    count: Units | None = None
    """A fixed number of tasks, instead of rules. Removing the rules means stating it."""
    image_owner: ImageOwner = "pulumi"
    """With `pipeline` the declared image is that of the first deployment, and the service's task definition is left to
    the pipeline, which registers one with its image after each of ours: no `up` takes an image back, and `monitor`
    calls another one no difference."""
    deployment: Deployment = Rolling()
    """How a new version takes over; `strategy` says by which keys."""
    health_check_grace: Duration | None = None
    """Target checks are ignored for so long after a start; without it the unit's start-up time, at least 60 s."""
    log_retention: Retention = Duration(365 * 86_400)
    container_insights: bool = True
    """On the cluster that the component makes; queue rules need its RunningTaskCount."""
    execute_command: bool = False
    """ECS Exec: a shell in running containers. Needs a writable root."""
    task_protection: bool = False
    """Let tasks protect themselves from scale-in and deployments while they work on a message (ECS task protection)."""
    service_connect: ServiceConnect | None = None
    permissions: dict[Name, Permission] = {}
    """What the application itself may do in AWS; nothing without it."""
    ingress: dict[Name, Opening] = {}
    """Beside the balancer's security group, for clients without one (a network balancer, a peer network)."""
    egress: dict[Name, Opening] = {"https": HTTPS_ANYWHERE}
    """HTTPS to anywhere: image pulls, logs and AWS's APIs need it, and unlike all ports it gives an intruder no
    plain-text or database protocol. The VPC's name server is always reachable."""

    @model_validator(mode="after")
    def _it_can_run(self) -> Self:
        refuse(
            type(self),
            [
                *self._size_faults(),
                *self._count_faults(),
                *self._container_faults(),
                *self._dependency_faults(),
                *self._connection_faults(),
            ],
        )
        return self

    @property
    def containers(self) -> dict[str, Container]:
        """All containers by their name in the task definition, the main one first."""
        return {MAIN_CONTAINER: self.container, **self.sidecars}

    @property
    def has_rules(self) -> bool:
        """Whether the autoscaler owns the live count."""
        return self.elasticity is not None and self.elasticity.has_rules

    @property
    def count_at_creation(self) -> int:
        """Tasks at creation: the rules' initial count or minimum, else the fixed count."""
        return self.elasticity.at_creation if self.elasticity is not None else (self.count or 0)

    @property
    def start_up(self) -> Duration | None:
        """From the decision to launch until a task serves, where the rules declare it."""
        return self.elasticity.unit.start_up if self.elasticity is not None else None

    @property
    def grace(self) -> int:
        """Health-check grace period in whole seconds."""
        if self.health_check_grace is not None:
            return round(self.health_check_grace)
        return max(60, whole_units(self.start_up or 0))

    def stop_timeout(self, container: Container) -> int:
        """Whole seconds between SIGTERM and SIGKILL for one of the containers."""
        if container.stop_timeout is not None:
            return round(container.stop_timeout)
        queue = self.elasticity.queue if self.elasticity is not None else None
        needed = max(30, whole_units(queue.time_per_message)) if queue is not None else 30
        return min(needed, FARGATE_STOP_TIMEOUT) if self.capacity.kind == "fargate" else needed

    def _size_faults(self) -> list[Fault]:
        if self.capacity.kind != "fargate":
            text = "belongs to Fargate: on EC2 the instance's disk is shared"
            return [Fault(("ephemeral_storage",), text)] if self.ephemeral_storage else []
        faults: list[Fault] = []
        sizes = FARGATE_MEMORY.get(self.cpu)
        if sizes is None:
            allowed = ", ".join(map(str, FARGATE_MEMORY))
            faults.append(Fault(("cpu",), f"Fargate has no such size, allowed {allowed} CPU units"))
        elif self.memory not in sizes:
            steps = f"{sizes[0]} to {sizes[-1]} in steps of {sizes[1] - sizes[0]}"
            allowed = ", ".join(map(str, sizes)) if len(sizes) == 3 else steps
            faults.append(Fault(("memory",), f"Fargate has no such size with cpu {self.cpu}, allowed {allowed} MiB"))
        faults += [
            Fault((*_path_of(name), "stop_timeout"), "Fargate waits at most 2m before it kills a container")
            for name, container in self.containers.items()
            if (container.stop_timeout or 0) > FARGATE_STOP_TIMEOUT
        ]
        return faults

    def _count_faults(self) -> list[Fault]:
        if self.elasticity is None and self.count is None:
            text = (
                "missing: without `elasticity` nothing sets the number of tasks; "
                "after removing rules state the count to settle on"
            )
            return [Fault(("count",), text)]
        if self.elasticity is not None and self.count is not None:
            return [Fault(("count",), "the rules under `elasticity` own the count: remove one of the two")]
        if self.elasticity is not None and not self.elasticity.has_rules:
            text = "bounds without a rule move nothing: add a rule, or give `count` for a service of fixed size"
            return [Fault(("elasticity",), text)]
        return []

    def _container_faults(self) -> list[Fault]:
        faults: list[Fault] = []
        if MAIN_CONTAINER in self.sidecars:
            faults.append(Fault(("sidecars", MAIN_CONTAINER), "is the name of the main container: choose another"))
        if not self.container.essential:
            text = "the main container is what the task is for: it stays essential"
            faults.append(Fault(("container", "essential"), text))
        faults += _port_faults(self.containers)
        faults += _volume_faults(self.containers)
        for name, container in self.containers.items():
            if self.execute_command and container.read_only_root:
                text = "ECS Exec's agent writes to the root: set `read_only_root: false` while `execute_command` is on"
                faults.append(Fault((*_path_of(name), "read_only_root"), text))
        for field, whole in (("cpu", self.cpu), ("memory", self.memory)):
            shares = sum(getattr(container, field) or 0 for container in self.containers.values())
            if shares > whole:
                faults.append(Fault((field,), f"the containers ask for {shares}, more than the task has"))
        return faults

    def _dependency_faults(self) -> list[Fault]:
        faults = [
            Fault((*_path_of(name), "depends_on", other), problem)
            for name, container in self.containers.items()
            for other, condition in container.depends_on.items()
            if (problem := _waiting_problem(self.containers, name, other, condition)) is not None
        ]
        return faults or _circle_faults(self.containers)

    def _connection_faults(self) -> list[Fault]:
        allowed = ", ".join(self.container.ports) or "none: it has no ports"
        faults = [
            Fault(("service_connect", "offers", port), f"not a port of the main container, allowed {allowed}")
            for port in (self.service_connect.offers if self.service_connect else ())
            if port not in self.container.ports
        ]
        if self.health_check_grace is not None and self.health_check_grace % 1:
            faults.append(Fault(("health_check_grace",), "allowed whole seconds"))
        if self.health_check_grace is not None and self.health_check_grace < (self.start_up or 0):
            text = (
                "shorter than the unit's start-up, so tasks would be killed before they can serve (EL032): "
                "raise it or leave it out"
            )
            faults.append(Fault(("health_check_grace",), text))
        return faults


def _path_of(container: str) -> tuple[str, ...]:
    return ("container",) if container == MAIN_CONTAINER else ("sidecars", container)


def _waiting_problem(containers: dict[str, Container], name: str, other: str, condition: str) -> str | None:
    """What keeps a container from ever starting because of one thing it waits for."""
    if other not in containers or other == name:
        allowed = ", ".join(sorted(containers.keys() - {name})) or "none: there is no other"
        return f"not another container of the task, allowed {allowed}"
    if condition == "HEALTHY" and containers[other].health_check is None:
        return "waits for a health check that the container does not have: declare its `health_check`"
    if condition in ("COMPLETE", "SUCCESS") and containers[other].essential:
        return f"waits for its end, but the task stops with an essential container: set `essential: false` on {other}"
    return None


def _circle_faults(containers: dict[str, Container]) -> list[Fault]:
    """A container that waits, over others, for itself would never start; each circle is named once."""
    for start in containers:
        reached: set[str] = set()
        open_ends = [start]
        while open_ends:
            found = containers[open_ends.pop()].depends_on.keys() - reached
            reached |= found
            open_ends += found
        if start in reached:
            others = ", ".join(sorted(reached - {start}))
            return [Fault((*_path_of(start), "depends_on"), f"waits for itself over {others}: break the circle")]
    return []


def _port_faults(containers: dict[str, Container]) -> list[Fault]:
    faults: list[Fault] = []
    taken: dict[tuple[str, object], str] = {}
    for name, container in containers.items():
        for port_name, port in container.ports.items():
            for what, value in (("name", port_name), ("number", (port.number, port.protocol))):
                first = taken.setdefault((what, value), name)
                if first != name:
                    text = f"the {what} is taken by {first}: containers of a task share one address"
                    faults.append(Fault((*_path_of(name), "ports", port_name), text))
    return faults


def _volume_faults(containers: dict[str, Container]) -> list[Fault]:
    faults: list[Fault] = []
    taken: dict[str, EfsVolume] = {}
    for name, container in containers.items():
        for volume, efs in container.efs.items():
            same = {"path": efs.path, "read_only": efs.read_only}
            if taken.setdefault(volume, efs).model_copy(update=same) != efs:
                text = "another container mounts something else by this name: choose another"
                faults.append(Fault((*_path_of(name), "efs", volume), text))
    return faults
