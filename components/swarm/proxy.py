"""HAProxy as a declared service of the Swarm, on the ports of the nodes that run it."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

import pulumi
import pulumi_docker as docker

from components._component import Component, Extensions
from components.deployed import NOTHING_KNOWN, Deployed
from components.specs.container import Container
from components.specs.reverse_proxy import ReverseProxySpec
from components.specs.swarm_service import DECLARED, RollingUpdate
from components.swarm import haproxy, specification, versioned
from components.swarm.haproxy import Route
from components.swarm.versioned import Content
from elasticity.quantities import Duration

CONFIGURATION = "/etc/haproxy/haproxy.cfg"
_STOP_TIMEOUT = 30
_UPDATE = RollingUpdate(order="stop-first", delay=Duration(0), monitor=Duration(5))
"""A node's port is taken until the old task has stopped."""


@dataclass(frozen=True)
class ReverseProxyArgs:
    """What the proxy is connected to."""

    spec: ReverseProxySpec
    routes: Mapping[str, Route]
    """Services behind it, by their name on the network."""
    network_id: pulumi.Input[str]
    secrets: Mapping[str, Content] = field(default_factory=dict)
    """By name, at least that of the certificate."""
    tags: Mapping[str, pulumi.Input[str]] = field(default_factory=dict)
    in_use: Collection[str] | None = None
    """Names of secrets and configurations that it, or a roll-back of it, uses now; None where nobody knows."""
    deployed: Deployed = NOTHING_KNOWN
    extensions: Extensions = field(default_factory=dict)


class ReverseProxy(Component):
    """A reverse proxy that finds tasks by name resolution and counts their requests for Prometheus."""

    service_name: pulumi.Output[str]
    service_id: pulumi.Output[str]
    url: str
    """Where clients reach it."""
    versions: dict[str, list[str]]
    """Of the configuration and the certificate: in force, and those that stay for a roll-back."""
    service: docker.Service
    """The service itself: the escape hatch for what this component does not offer."""

    def __init__(self, name: str, args: ReverseProxyArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        spec = args.spec
        if spec.certificate is not None and spec.certificate not in args.secrets:
            raise pulumi.RunError(f"ReverseProxy {name}: secrets.{spec.certificate}: no value was given")
        super().__init__(name, spec, tags=args.tags, extensions=args.extensions, opts=opts)
        contents = {"config": Content.of(haproxy.configuration(spec, args.routes), "its configuration")}
        if spec.certificate is not None:
            title = f"secret {spec.certificate}, its certificate,"
            contents["certificate"] = dataclasses.replace(args.secrets[spec.certificate], title=title)
        made, self.versions = versioned.create(self, contents, args.tags, args.deployed, args.in_use)
        container = Container(
            image=spec.image,
            entry_point=("haproxy",),
            command=("-db", "-f", CONFIGURATION),
        )
        secrets = {spec.certificate: made["certificate"]} if spec.certificate is not None else {}
        task: dict[str, Any] = {
            "container_spec": {
                **specification.container(
                    container, spec.image.reference, _STOP_TIMEOUT, secrets, {CONFIGURATION: made["config"]}
                ),
                "stop_signal": "SIGUSR1",  # what has begun is finished
            },
            "resources": specification.resources(spec.cpu, spec.memory),
            "restart_policy": specification.restart_policy(1),
            "placement": specification.placement(spec.placement),
            "networks_advanceds": [{"id": args.network_id, "aliases": [name]}],
            "log_driver": {"name": "local", "options": {"max-size": "10m", "max-file": "3"}},
        }
        port: dict[str, Any] = {
            "name": "clients",
            "target_port": haproxy.LISTENS,
            "published_port": spec.port,
            "protocol": "tcp",
            "publish_mode": "host",
        }
        fingerprint = specification.fingerprint(
            spec.model_dump(mode="json", by_alias=True), {role: content.version for role, content in contents.items()}
        )
        self.service = docker.Service(
            self.name_of("service"),
            task_spec=specification.task_spec(task),
            mode={"replicated": {"replicas": spec.count}},
            update_config=specification.update_config(_UPDATE),
            rollback_config=specification.rollback_config(_UPDATE),
            endpoint_spec=specification.endpoint([port]),
            converge_config={"delay": "1s", "timeout": specification.seconds(_UPDATE.timeout)},
            labels=specification.labels({**args.tags, DECLARED: fingerprint}),
            opts=self.options_of("service"),
        )
        self.service_name, self.service_id = self.service.name, self.service.id
        standard = {"http": 80, "https": 443}[spec.protocol]
        self.url = f"{spec.protocol}://{spec.address}" + ("" if spec.port == standard else f":{spec.port}")
        self.finish()
