"""What a stack of container services is told: each service, how traffic comes to it, what is watched.

Needs no engine.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, model_validator

from components.specs import (
    AlarmName,
    BalancedService,
    ContainerServiceSpec,
    Deployment,
    LogAlarm,
    Rolling,
    ServiceAlarms,
    Watch,
)
from components.specs.balanced_service import ServiceName
from components.specs.configuration import ConfigurationSpec, configuration_faults
from elasticity.faults import Fault
from elasticity.rules import Model, narrowed, refuse
from stacks.aws.settings import OF_A_CLUSTER, OF_A_SERVICE, AwsSettings, WorkloadSettings, simulation_faults
from stacks.builds import Build, image_faults


class SharedCluster(Model):
    """A cluster that another stack manages, with the instances in it."""

    arn: Annotated[str, Field(pattern=r"^arn:[a-z-]+:ecs:[a-z0-9-]+:\d{12}:cluster/[A-Za-z0-9_-]{1,255}$")]
    capacity_provider: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,255}$")]
    """The provider over the Auto Scaling group whose instances run the tasks; one of the cluster's."""

    @property
    def name(self) -> str:
        """The cluster's name, the end of its ARN."""
        return self.arn.rpartition("/")[2]


class Service(WorkloadSettings, ContainerServiceSpec):
    """One container service of a stack: what it is, how traffic comes to it, what is watched."""

    build: Build | None = None
    """How its image is built, in place of `container.image`."""
    configuration: ConfigurationSpec = ConfigurationSpec()
    """What its main container is configured with here; `configuration.yaml` beside the stack file says which keys there
    are."""
    cluster: SharedCluster | None = None
    """Where its tasks run with `capacity.kind: ec2`; on Fargate a service has a cluster of its own."""
    alarms: ServiceAlarms = ServiceAlarms()
    log_alarms: dict[AlarmName, LogAlarm] = Field(default={})
    """Alarms on lines of the service's log, by name."""
    execute_command_reason: Annotated[str, Field(min_length=1, max_length=200)] | None = None
    """Why ECS Exec is on; needed in production."""

    @model_validator(mode="after")
    def _parts_fit(self) -> Self:
        faults = simulation_faults(self.simulation, self.elasticity is not None, "ecs_service", self.release_length)
        on_instances = self.capacity.kind == "ec2"
        instances = self.simulation.instances
        if instances is not None and not on_instances:
            text = "its tasks run on Fargate, which has none: set `capacity.kind: ec2`, or leave them out"
            faults.append(Fault(("simulation", "instances"), text))
        elif instances is not None and instances.size.tasks(self.cpu, self.memory) < 1:
            size = instances.size
            text = f"hold {size.vcpus:g} vCPU and {size.memory:.0f} MiB each: no task of this service fits"
            faults.append(Fault(("simulation", "instances"), text))
        if on_instances and self.cluster is None:
            text = "needs `cluster`: the ARN of one with instances, and the capacity provider over them; or say fargate"
            faults.append(Fault(("capacity", "kind"), text))
        if self.cluster is not None and not on_instances:
            text = "on Fargate the service has a cluster of its own: set `capacity.kind: ec2`, or leave it out"
            faults.append(Fault(("cluster",), text))
        ports = {port.number: name for name, port in self.container.ports.items()}
        if self.traffic is not None and self.traffic.port not in ports:
            listed = ", ".join(map(str, ports)) or "none: it has no ports"
            faults.append(Fault(("traffic", "port"), f"not a port of the main container, allowed {listed}"))
        faults += _release_faults(self.deployment, self.traffic)
        faults += image_faults(self.container, self.build, self.image_owner)
        faults += configuration_faults(self.configuration, self.container)
        refuse(type(self), faults)
        return self

    @property
    def behind_balancer(self) -> BalancedService | None:
        """How the balancer leads to it, with a second target group where deployments shift traffic."""
        if self.traffic is None or not self.deployment.gradual:
            return self.traffic
        return self.traffic.model_copy(update={"alternate": True})

    @property
    def release_length(self) -> float | None:
        """Seconds for which both versions run: start-up, steps and bake time; None where no traffic shifts."""
        deployment = self.deployment
        if isinstance(deployment, Rolling):
            return None
        waits = sum(step.wait for step in deployment.steps)
        return float(self.start_up or 0) + waits + float(deployment.bake_time)

    @property
    def maximum_units(self) -> int:
        """Tasks at the most."""
        return self.elasticity.maximum if self.elasticity is not None else (self.count or 0)

    @property
    def own_alarms(self) -> Mapping[str, Watch]:
        """Of its tasks, its queue and its log."""
        logs = {name: one.watch for name, one in self.log_alarms.items()}
        return self.made_of(self.alarms.watches, self.elasticity, counted=self.container_insights) | logs

    @property
    def insights_metrics(self) -> int:
        """Its own, and those of its cluster where that is not another stack's."""
        return self.container_insights * (OF_A_SERVICE + OF_A_CLUSTER * (self.cluster is None))

    @property
    def spec(self) -> ContainerServiceSpec:
        """What the component is told."""
        return narrowed(self, ContainerServiceSpec)


def _release_faults(deployment: Deployment, traffic: BalancedService | None) -> list[Fault]:
    """What a strategy needs of the balancer. Routes and rules are judged with all that stands behind it."""
    if isinstance(deployment, Rolling):
        return []
    if traffic is None:
        text = f"{deployment.strategy} shifts the requests of a load balancer, and this service takes none"
        return [Fault(("deployment", "strategy"), f"{text}: add `traffic` with a route, or set rolling")]
    return [
        Fault(
            ("deployment", "approvals", name, "stage"),
            "waits for tests of the new version, which nobody reaches: add `traffic.test_route`, or wait at "
            "post_scale_up",
        )
        for name, approval in deployment.approvals.items()
        if approval.stage == "post_test_traffic_shift" and traffic.test_route is None
    ]


class WebServiceSettings(AwsSettings):
    """A stack of container services. Each field is a section of the stack file, under `accordion:`."""

    section: ClassVar[str] = "services"

    composition: Literal["web_service"]
    """Container services are built."""
    services: dict[ServiceName, Service] = Field(default={})
    """Container services by name."""

    @property
    def declared(self) -> Mapping[str, Service]:
        """The services."""
        return self.services

    @property
    def configured(self) -> Mapping[str, ConfigurationSpec]:
        """What each service is configured with."""
        return {name: service.configuration for name, service in self.services.items()}

    def production_faults(self) -> list[Fault]:
        """Code that changes under a tag, a shell in containers."""
        faults: list[Fault] = []
        for name, service in self.services.items():
            if service.execute_command and service.execute_command_reason is None:
                text = "in production a shell in containers needs a reason: write `execute_command_reason`"
                faults.append(Fault(("services", name, "execute_command"), text))
            for place, container in (("container", service.container), *service.sidecars.items()):
                if container.image is not None and container.image.allow_mutable:
                    path = ("container",) if place == "container" else ("sidecars", place)
                    text = "in production an image names one content: give `digest` or an immutable version"
                    faults.append(Fault(("services", name, *path, "image", "allow_mutable"), text))
        return faults


SETTINGS = WebServiceSettings
