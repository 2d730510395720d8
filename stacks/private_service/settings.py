"""What a stack of services on Docker Swarm is told: each service with the container and the rules of one on AWS, the
proxy in front of them, their network, what a node costs.

Needs no engine.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Literal, Self

from pydantic import ConfigDict, Field, JsonValue, model_validator

from components.specs.balanced_service import BalancedService, ServiceName
from components.specs.configuration import SwarmConfiguration, configuration_faults
from components.specs.container import Image, Name
from components.specs.naming import reserved
from components.specs.reverse_proxy import ReverseProxySpec, traffic_faults
from components.specs.scaling_controller import ScalingControllerSpec
from components.specs.swarm_network import SwarmNetworkSpec
from components.specs.swarm_service import SwarmServiceSpec, counted_requests_faults
from elasticity.faults import Fault
from elasticity.platforms import PlatformName
from elasticity.queries import PrometheusAddress
from elasticity.rules import Model, narrowed, refuse
from guardrails.stack import StackSaid, said
from stacks import deviations, guardrail_settings
from stacks.builds import Build, image_faults
from stacks.compositions import Settings
from stacks.deviations import MonitorSettings
from stacks.guardrail_settings import GuardrailSettings
from stacks.simulation import Simulation, failure_faults, parameters_of

PLATFORM: PlatformName = "swarm_service"
PROXY = "proxy"
"""Instance name of a stack's proxy, and its name on the network."""
CONTROLLER = "controller"
"""The same of its controller."""
_NOT_ON_SWARM: dict[str, JsonValue] = {
    "region": "is AWS's: the stack stands on the Swarm that DOCKER_HOST leads to",
    "account_ids": "is AWS's: the stack stands on the Swarm that DOCKER_HOST leads to",
    "expires": "is for stacks on AWS",
    "persist": "is for stacks on AWS",
}


class PrivateEnvironment(Model):
    """How much the stack matters."""

    model_config = ConfigDict(json_schema_extra={"x-refused": _NOT_ON_SWARM})

    production: bool = True
    """Whether users depend on it: findings are stricter."""
    tags: dict[Annotated[str, Field(min_length=1, max_length=128)], Annotated[str, Field(max_length=256)]] = Field(
        default={}
    )
    """Labels of every resource, beside `application`, `stack` and `managed-by`."""


class Node(Model):
    """One machine of the Swarm: what it costs and holds, for `accordion cost`. It changes nothing that is deployed."""

    hourly: Annotated[float, Field(ge=0, le=1_000_000, allow_inf_nan=False)]
    """Of one machine-hour with all that belongs to it (power, room, rent), in the currency of the price table."""
    vcpus: Annotated[float, Field(gt=0, le=10_000)]
    """Cores for tasks."""
    memory: Annotated[int, Field(gt=0, le=100_000_000)]
    """MiB for tasks."""

    def share(self, cpu: int, memory: int) -> float:
        """Of the machine, that a task of so many CPU units and MiB takes: the larger of the two."""
        return max(cpu / 1024 / self.vcpus, memory / self.memory)


class PrometheusServer(Model):
    """An existing Prometheus, which `queries` of services are asked of."""

    address: PrometheusAddress
    """As the controller reaches it: `http://prometheus:9090` where it is a service of the stack."""


class PrivateService(SwarmServiceSpec):
    """One service of a stack: what it is, how traffic comes to it, what its rules are tried on."""

    build: Build | None = None
    """How its image is built, in place of `container.image`."""
    configuration: SwarmConfiguration = SwarmConfiguration()
    """What its container is configured with here; `configuration.yaml` beside the stack file says which keys there
    are."""
    traffic: BalancedService | None = None
    """How the proxy leads to it; none for a worker."""
    simulation: Simulation = Simulation()
    """Loads that the rules are tried on before they are deployed, and what is expected of them."""

    @model_validator(mode="after")
    def _parts_fit(self) -> Self:
        faults = [*self._simulation_faults(), *self._traffic_faults()]
        faults += image_faults(self.container, self.build, self.image_owner)
        faults += configuration_faults(self.configuration, self.container)
        if self.elasticity is not None and self.traffic is None and self.prometheus is None:
            faults += counted_requests_faults(self.elasticity, self.queries)
        refuse(type(self), faults)
        return self

    def _simulation_faults(self) -> Iterator[Fault]:
        simulation = self.simulation
        if simulation.loads and self.elasticity is None:
            text = "there is no `elasticity` beside them: a fixed number of units needs no run"
            yield Fault(("simulation", "loads"), text)
        if simulation.instances is not None:
            text = "are an Auto Scaling group's: a Swarm adds no nodes by itself"
            yield Fault(("simulation", "instances"), text)
        for fault in parameters_of(simulation, PLATFORM)[1] + failure_faults(simulation, PLATFORM):
            yield fault.below("simulation")

    def _traffic_faults(self) -> Iterator[Fault]:
        if self.traffic is None:
            return
        ports = {port.number: port.protocol for port in self.container.ports.values()}
        if ports.get(self.traffic.port) != "tcp":
            listed = ", ".join(str(number) for number, protocol in ports.items() if protocol == "tcp")
            text = f"not a TCP port of the container, allowed {listed or 'none: it has no ports'}"
            yield Fault(("traffic", "port"), text)
        for fault in traffic_faults(self.traffic):
            yield fault.below("traffic")

    @property
    def maximum_units(self) -> int:
        """Tasks at the most, whatever schedules do."""
        rules = self.elasticity
        if rules is None:
            return self.count or 0
        return max([rules.maximum, *(one.maximum for one in rules.scheduled.values() if one.maximum is not None)])

    @property
    def minimum_units(self) -> int:
        """Tasks at the least, whatever schedules do."""
        rules = self.elasticity
        if rules is None:
            return self.count or 0
        return min([rules.minimum, *(one.minimum for one in rules.scheduled.values() if one.minimum is not None)])

    @property
    def spec(self) -> SwarmServiceSpec:
        """What the component is told: the configuration is part of its container."""
        variables = {**self.container.environment, **self.configuration.variables}
        narrow = narrowed(self, SwarmServiceSpec)
        secrets = tuple(dict.fromkeys((*self.secrets, *self.configuration.secrets.values())))
        container = self.container.model_copy(update={"environment": variables})
        return narrow.model_copy(update={"container": container, "secrets": secrets})


class Controller(ScalingControllerSpec):
    """What scales the services of a stack."""

    build: Build | None = None
    """How its image is built, in place of `image`."""

    @model_validator(mode="after")
    def _one_image(self) -> Self:
        faults = []
        if self.build is None and self.image is None:
            faults.append(Fault(("image",), "is missing: name one, or say under `build` how it is built"))
        elif self.build is not None and self.image is not None:
            faults.append(Fault(("build",), "stands beside `image`: keep one of them"))
        refuse(type(self), faults)
        return self

    @property
    def spec(self) -> ScalingControllerSpec:
        """What the component is told."""
        return narrowed(self, ScalingControllerSpec)


class PrivateServiceSettings(Settings):
    """A stack of services on Docker Swarm. Each field is a section of the stack file, under `accordion:`."""

    composition: Literal["private_service"]
    """Services on Docker Swarm are built."""
    environment: PrivateEnvironment = PrivateEnvironment()
    node: Node | None = None
    """None: what the tasks cost is not known."""
    network: SwarmNetworkSpec = SwarmNetworkSpec()
    proxy: ReverseProxySpec | None = None
    """What stands in front of services with `traffic`."""
    controller: Controller | None = None
    """`accordion scale` as a service of the stack; None: somebody runs it elsewhere."""
    prometheus_server: PrometheusServer | None = None
    """What `queries` of services are asked of."""
    services: dict[ServiceName, PrivateService] = Field(default={})
    """Services by name, which is also their name on the network."""
    monitor: MonitorSettings = MonitorSettings()
    """What `accordion monitor` is told; it changes nothing that is deployed."""
    guardrails: GuardrailSettings = GuardrailSettings()
    """What the guardrails are told; it changes nothing that is deployed."""

    @property
    def region(self) -> None:
        """Nobody has a price list of one's own machines."""
        return

    @property
    def judged(self) -> StackSaid:
        """What the guardrails go by."""
        return said(self.environment.model_dump(), self.guardrails.model_dump())

    @property
    def accepted_deviations(self) -> Mapping[str, str]:
        """What may run otherwise than declared."""
        return self.monitor.accept

    @property
    def secret_names(self) -> tuple[Name, ...]:
        """Names of all secrets that services and the proxy read."""
        named = [name for service in self.services.values() for name in service.spec.secrets]
        if self.proxy is not None and self.proxy.certificate is not None:
            named.append(self.proxy.certificate)
        return tuple(dict.fromkeys(named))

    @property
    def configured(self) -> Mapping[str, SwarmConfiguration]:
        """What each service is configured with."""
        return {name: service.configuration for name, service in self.services.items()}

    @property
    def scaled(self) -> tuple[str, ...]:
        """Names of services that have rules."""
        return tuple(name for name, service in self.services.items() if service.has_rules)

    @property
    def behind_proxy(self) -> dict[str, PrivateService]:
        """Services that take traffic."""
        return {name: service for name, service in self.services.items() if service.traffic is not None}

    @model_validator(mode="after")
    def _sections_fit(self) -> Self:
        faults: list[Fault] = []
        if not self.services:
            faults.append(Fault(("services",), f"is missing; {self.composition} is built of at least one"))
        for name in self.services:
            if name == PROXY:
                faults.append(Fault(("services", name), "is the name of the proxy on the network: choose another"))
            elif name == CONTROLLER and self.controller is not None:
                faults.append(Fault(("services", name), "is the name of the controller: choose another"))
            elif (why := reserved(name)) is not None:
                faults.append(Fault(("services", name), f"the name {why}"))
        if self.behind_proxy and self.proxy is None:
            first = next(iter(self.behind_proxy))
            text = f"is missing: services.{first}.traffic needs the proxy; name at least its `image`"
            faults.append(Fault(("proxy",), text))
        if self.proxy is not None and not self.behind_proxy:
            faults.append(Fault(("proxy",), "no service has `traffic`, so it would lead nowhere: leave it out"))
        if self.controller is not None and not self.scaled:
            faults.append(Fault(("controller",), "no service has `elasticity` with rules to scale by: leave it out"))
        asking = [name for name, service in self.services.items() if service.queries]
        if asking and self.prometheus_server is None:
            text = f"is missing: services.{asking[0]}.queries are asked of it; name its `address`"
            faults.append(Fault(("prometheus_server",), text))
        if self.prometheus_server is not None and not asking:
            faults.append(
                Fault(("prometheus_server",), "no service has `queries`: nothing is asked of it, leave it out")
            )
        faults += self._route_faults()
        faults += self._port_faults()
        faults += self._production_faults() if self.environment.production else []
        faults += deviations.faults(self.monitor.accept, {**self.services, PROXY: None, CONTROLLER: None})
        faults += guardrail_settings.faults(self.guardrails)
        refuse(type(self), faults)
        return self

    @property
    def node_ports(self) -> frozenset[int]:
        """Ports of a node that no two stacks can share."""
        own = (port for service in self.services.values() for port in service.fixed_ports.values())
        return frozenset((*own, *(() if self.proxy is None else (self.proxy.port,))))

    def _route_faults(self) -> Iterator[Fault]:
        """What the proxy could not decide between."""
        without = [name for name, service in self.behind_proxy.items() if not service.traffic.routes]  # type: ignore[union-attr]
        for name in without[1:]:
            text = f"takes what no route takes, and so does `{without[0]}`: give one of them routes"
            yield Fault(("services", name, "traffic", "routes"), text)
        taken: dict[int, str] = {}
        for name, service in self.behind_proxy.items():
            for route_name, route in service.traffic.routes.items() if service.traffic else ():
                if (first := taken.setdefault(route.priority, name)) != name:
                    path = ("services", name, "traffic", "routes", route_name, "priority")
                    yield Fault(path, f"is that of a route of `{first}`: each has its own")

    def _port_faults(self) -> Iterator[Fault]:
        """Ports of a node that two services want."""
        taken = {} if self.proxy is None else {self.proxy.port: "the proxy"}
        for name, service in self.services.items():
            for port_name, port in service.fixed_ports.items():
                if (first := taken.setdefault(port, f"`{name}`")) != f"`{name}`":
                    yield Fault(("services", name, "published_ports", port_name), f"the node's port is that of {first}")

    def _production_faults(self) -> Iterator[Fault]:
        """Code that changes under a tag."""
        images: list[tuple[tuple[str, ...], Image | None]] = [
            (("services", name, "container"), service.container.image) for name, service in self.services.items()
        ]
        if self.proxy is not None:
            images.append((("proxy",), self.proxy.image))
        if self.controller is not None:
            images.append((("controller",), self.controller.image))
        for place, image in images:
            if image is not None and image.allow_mutable:
                text = "in production an image names one content: give `digest` or an immutable version"
                yield Fault((*place, "image", "allow_mutable"), text)


SETTINGS = PrivateServiceSettings
