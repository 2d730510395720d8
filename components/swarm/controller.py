"""`accordion scale` as a declared service of the Swarm, with its settings as a configuration named by content."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

import pulumi
import pulumi_docker as docker

from components._component import Component, Extensions
from components.deployed import NOTHING_KNOWN, Deployed
from components.specs.container import Container
from components.specs.scaling_controller import ScalingControllerSpec
from components.specs.swarm_service import DECLARED, Placement, RollingUpdate
from components.swarm import specification, versioned
from components.swarm.versioned import Content
from elasticity.quantities import Duration

SETTINGS = "/controller.json"
SOCKET = "/run/docker.sock"
"""Of the Engine, inside the container."""
HOSTNAME = "{{.Service.Name}}"
"""What it calls itself where it holds a lease."""
_STOP_TIMEOUT = 30
"""Seconds for the tick that goes on; then it hands its leases on."""
_UPDATE = RollingUpdate(order="stop-first", delay=Duration(0), monitor=Duration(5))
"""The next one need not wait for a lease that the one before has handed on."""


@dataclass(frozen=True)
class ScalingControllerArgs:
    """What the controller is connected to."""

    spec: ScalingControllerSpec
    settings: Content
    """What `accordion scale --settings` reads."""
    network_id: pulumi.Input[str]
    """Of the services that it scales."""
    socket: str
    """The Engine's on managers."""
    image: pulumi.Input[str] | None = None
    """In place of the spec's, for a program that builds it; by digest."""
    tags: Mapping[str, pulumi.Input[str]] = field(default_factory=dict)
    in_use: Collection[str] | None = None
    """Names of the configurations that it, or a roll-back of it, uses now; None where nobody knows."""
    deployed: Deployed = NOTHING_KNOWN
    extensions: Extensions = field(default_factory=dict)


class ScalingController(Component):
    """The one that scales services of a Swarm by their rules. Other rules are another configuration, and a new task."""

    service_name: pulumi.Output[str]
    service_id: pulumi.Output[str]
    versions: dict[str, list[str]]
    """Of the settings: in force, and kept for a roll-back."""
    service: docker.Service
    """The service itself: the escape hatch for what this component does not offer."""

    def __init__(self, name: str, args: ScalingControllerArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        spec = args.spec
        image = args.image if args.image is not None or spec.image is None else spec.image.reference
        if image is None:
            raise pulumi.RunError(
                f"ScalingController {name}: image: is missing; name one, or pass one that the program builds"
            )
        super().__init__(name, spec, tags=args.tags, extensions=args.extensions, opts=opts)
        made, self.versions = versioned.create(self, {"settings": args.settings}, args.tags, args.deployed, args.in_use)
        container = Container(
            entry_point=("accordion",),
            command=("scale", "--settings", SETTINGS),
            environment={"DOCKER_HOST": f"unix://{SOCKET}", "PYTHONUNBUFFERED": "1"},
            user=None,
        )
        told = specification.container(container, image, _STOP_TIMEOUT, {}, {SETTINGS: made["settings"]})
        task: dict[str, Any] = {
            "container_spec": {
                **told,
                "user": spec.user,
                "cap_drops": ["ALL"],
                "hostname": HOSTNAME,
                "mounts": [*told["mounts"], {"type": "bind", "source": args.socket, "target": SOCKET}],
            },
            "resources": {
                "reservation": specification.amounts(spec.cpu, spec.memory),
                "limits": specification.amounts(4 * spec.cpu, spec.memory),
            },
            "restart_policy": specification.restart_policy(1),
            "placement": specification.placement(Placement(constraints=("node.role==manager",))),
            "networks_advanceds": [{"id": args.network_id, "aliases": [name]}],
            "log_driver": {"name": "local", "options": {"max-size": "10m", "max-file": "3"}},
        }
        fingerprint = specification.fingerprint(
            spec.model_dump(mode="json", by_alias=True),
            args.image if isinstance(args.image, str) else None,
            args.socket,
            args.settings.version,
        )
        self.service = docker.Service(
            self.name_of("service"),
            task_spec=specification.task_spec(task),
            mode={"replicated": {"replicas": 1}},
            update_config=specification.update_config(_UPDATE),
            rollback_config=specification.rollback_config(_UPDATE),
            endpoint_spec=specification.endpoint([]),
            converge_config={"delay": "1s", "timeout": specification.seconds(_UPDATE.timeout)},
            labels=specification.labels({**args.tags, DECLARED: fingerprint}),
            opts=self.options_of("service"),
        )
        self.service_name, self.service_id = self.service.name, self.service.id
        self.finish()
