"""The reverse proxy of a Swarm stack in plain values: where it listens, what it runs, how it leads to services."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Annotated, Self

from pydantic import ConfigDict, Field, model_validator

from components.specs.access import PortNumber
from components.specs.balanced_service import BalancedService
from components.specs.container import Image, Name
from components.specs.swarm_service import Placement
from elasticity.faults import Fault
from elasticity.quantities import Duration
from elasticity.rules import Model, refuse

METRICS_PORT, METRICS_PATH = 8404, "/metrics"
"""Where the proxy publishes its counters for Prometheus, inside the network."""
NOT_IN_THE_PROXY = {
    "protocol_version": "the proxy speaks HTTP/1.1 to tasks",
    "target_type": "a Swarm has tasks only",
    "slow_start": "tasks of a Swarm come and go by name resolution, which knows no weights",
    "stickiness": "a task's place in the proxy changes with its address: keep sessions outside the tasks",
    "test_route": "updates of a Swarm are rolling: testers reach no version of its own",
    "alternate": "updates of a Swarm are rolling",
    "listener_port": "is for network balancers; `proxy.port` is where clients come in",
    "listener_protocol": "is for network balancers",
}
"""Settings of a service behind a balancer on AWS that the proxy has nothing for."""


class ReverseProxySpec(Model):
    """HAProxy as a service of the Swarm, published on the nodes that run it."""

    model_config = ConfigDict(
        json_schema_extra={
            "x-refused": {
                "listener": "is a balancer's of AWS: give `port`, and `certificate` for https",
                "scheme": "is a balancer's of AWS: the nodes' firewall says who reaches `port`",
                "access_logs": "go to the log of the service: `accordion logs`",
                "waf": "there is none",
            }
        }
    )

    image: Image
    """HAProxy 2.4 or newer with its Prometheus exporter, as the official image and Debian's package have it."""
    port: PortNumber = 80
    """Of each node that runs it, for clients."""
    certificate: Name | None = None
    """One of the stack's secrets: certificate chain and key in PEM, as HAProxy reads them. Then `port` speaks https."""
    address: Annotated[str, Field(pattern=r"^[A-Za-z0-9.-]{1,253}$")] = "localhost"
    """Name by which clients reach the nodes that run it; it stands in the stack's URL and nowhere else."""
    count: Annotated[int, Field(ge=1, le=100)] = 1
    """Nodes that run it: a node's port can be published once."""
    cpu: Annotated[int, Field(ge=2, le=196_608)] = 256
    """CPU units; 1024 are one core."""
    memory: Annotated[int, Field(ge=16)] = 128
    """MiB."""
    placement: Placement = Placement()
    connect_timeout: Duration = Duration(2)
    """Until a task has accepted a connection; then another one is tried."""
    idle_timeout: Duration = Duration(60)
    """Without a byte, after which a request has failed (504)."""
    resolve_each: Duration = Duration(1)
    """How often the names of tasks are looked up: how late a new task gets traffic, and a stopped one gets none."""

    @model_validator(mode="after")
    def _times_fit(self) -> Self:
        names = ("connect_timeout", "idle_timeout", "resolve_each")
        refuse(
            type(self),
            [
                Fault((name,), "allowed whole seconds from 1s")
                for name in names
                if getattr(self, name) < 1 or getattr(self, name) % 1
            ],
        )
        return self

    @property
    def protocol(self) -> str:
        """What clients speak on `port`."""
        return "https" if self.certificate else "http"


def traffic_faults(traffic: BalancedService) -> Iterator[Fault]:
    """What of the way from a balancer to a service the proxy cannot hold."""
    for name, why in NOT_IN_THE_PROXY.items():
        if name in traffic.model_fields_set:
            yield Fault((name,), why)
    if traffic.protocol != "HTTP":
        yield Fault(("protocol",), "the proxy speaks HTTP to tasks; encrypt the stack's network by `network.encrypted`")
    if traffic.health_check.protocol not in (None, "HTTP"):
        yield Fault(("health_check", "protocol"), "the proxy asks by HTTP")
    if traffic.health_check.port not in (None, traffic.port):
        yield Fault(("health_check", "port"), "the proxy asks on the port that gets the traffic")
    if not re.fullmatch(r"\d{3}|200-299", traffic.health_check.matcher):
        yield Fault(("health_check", "matcher"), "got another form, allowed one status such as 200, or 200-299")
    yield from _route_faults(traffic)


def _route_faults(traffic: BalancedService) -> Iterator[Fault]:
    for name, route in traffic.routes.items():
        for kind in ("hosts", "paths"):
            for place, pattern in enumerate(getattr(route, kind)):
                if not pattern.isascii() or not pattern.isprintable() or " " in pattern:
                    yield Fault(("routes", name, kind, place), "allowed printable ASCII without spaces")
        if route.sign_in is not None:
            yield Fault(("routes", name, "sign_in"), "the proxy signs nobody in: the service has to")
        if route.weights:
            yield Fault(("routes", name, "weights"), "the proxy leads a route to one service")
