"""What one environment is, and one service or group of it: what it is, how traffic comes to it, what is watched.

Needs no engine.
"""

from __future__ import annotations

from typing import Annotated, Self, TypeVar, cast

from pydantic import Field, model_validator

from components.specs import (
    AlarmName,
    AutoscalingGroupSpec,
    BalancedService,
    BalancerAlarms,
    ContainerServiceSpec,
    GroupAlarms,
    LogAlarm,
    QueueAlarms,
    RollbackAlarms,
    ServiceAlarms,
)
from elasticity.rules import Fault, Model, refuse
from stacks.simulation import Simulation, parameters_of

_Spec = TypeVar("_Spec", bound=Model)


class Environment(Model):
    """Where a stack lives, and how much it matters."""

    region: Annotated[str, Field(pattern=r"^[a-z]{2,}(-[a-z]+)+-\d$")]
    """AWS region, such as eu-central-1."""
    account_ids: tuple[Annotated[str, Field(pattern=r"^\d{12}$")], ...] = Field(min_length=1)
    """Accounts that this stack may be deployed to; elsewhere the provider refuses. Quote them: an id is a text."""
    production: bool = True
    """Whether users depend on it: findings are stricter."""
    tags: dict[Annotated[str, Field(min_length=1, max_length=128)], Annotated[str, Field(max_length=256)]] = Field(
        default={}
    )
    """On every resource, beside `application`, `stack` and `managed-by`."""


class SharedCluster(Model):
    """A cluster that another stack looks after, with the instances in it."""

    arn: Annotated[str, Field(pattern=r"^arn:[a-z-]+:ecs:[a-z0-9-]+:\d{12}:cluster/[A-Za-z0-9_-]{1,255}$")]
    capacity_provider: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,255}$")]
    """The provider over the Auto Scaling group whose instances run the tasks; one of the cluster's."""

    @property
    def name(self) -> str:
        """The cluster's name, the end of its ARN."""
        return self.arn.rpartition("/")[2]


class Service(ContainerServiceSpec):
    """One container service of a stack: what it is, how traffic comes to it, what is watched."""

    traffic: BalancedService | None = None
    """How the balancer leads to it; none for a worker."""
    cluster: SharedCluster | None = None
    """Where its tasks run with `capacity.kind: ec2`; on Fargate a service has a cluster of its own."""
    alarms: ServiceAlarms = ServiceAlarms()
    balancer_alarms: BalancerAlarms = BalancerAlarms()
    rollback_alarms: RollbackAlarms | None = RollbackAlarms()
    """Alarms that turn a deployment back; null for none."""
    queue_alarms: QueueAlarms = QueueAlarms()
    """Only where the rules look at a queue."""
    log_alarms: dict[AlarmName, LogAlarm] = Field(default={})
    """Alarms on lines of the service's log, by name."""
    execute_command_reason: Annotated[str, Field(min_length=1, max_length=200)] | None = None
    """Why ECS Exec is on; needed in production."""
    simulation: Simulation = Simulation()
    """Loads that the rules are tried on before they are deployed, and what is expected of them."""

    @model_validator(mode="after")
    def _simulation_fits(self) -> Self:
        faults = _simulation_faults(self.simulation, self.elasticity is not None, "ecs_service")
        instances = self.simulation.instances
        if instances is not None and self.capacity.kind != "ec2":
            text = "its tasks run on Fargate, which has none: set `capacity.kind: ec2`, or leave them out"
            faults.append((("simulation", "instances"), text))
        elif instances is not None and instances.size.tasks(self.cpu, self.memory) < 1:
            size = instances.size
            text = f"hold {size.vcpus:g} vCPU and {size.memory:.0f} MiB each: no task of this service fits"
            faults.append((("simulation", "instances"), text))
        refuse(type(self), faults)
        return self

    @model_validator(mode="after")
    def _instances_are_somewhere(self) -> Self:
        on_instances = self.capacity.kind == "ec2"
        if on_instances and self.cluster is None:
            text = "needs `cluster`: the ARN of one with instances, and the capacity provider over them; or say fargate"
            refuse(type(self), [(("capacity", "kind"), text)])
        if self.cluster is not None and not on_instances:
            text = "on Fargate the service has a cluster of its own: set `capacity.kind: ec2`, or leave it out"
            refuse(type(self), [(("cluster",), text)])
        return self

    @model_validator(mode="after")
    def _traffic_has_a_port(self) -> Self:
        ports = {port.number: name for name, port in self.container.ports.items()}
        if self.traffic is not None and self.traffic.port not in ports:
            listed = ", ".join(map(str, ports)) or "none: it has no ports"
            refuse(type(self), [(("traffic", "port"), f"not a port of the main container, allowed {listed}")])
        return self

    @property
    def behind_balancer(self) -> BalancedService | None:
        """How the balancer leads to it, with a second target group where deployments shift traffic."""
        if self.traffic is None or not self.deployment.gradual:
            return self.traffic
        return self.traffic.model_copy(update={"alternate": True})

    @property
    def spec(self) -> ContainerServiceSpec:
        """What the component is told."""
        return _narrowed(self, ContainerServiceSpec)


class Group(AutoscalingGroupSpec):
    """One Auto Scaling group of a stack: what it is, how traffic comes to it, what is watched."""

    traffic: BalancedService | None = None
    """How the balancer leads to it; none for a worker."""
    alarms: GroupAlarms = GroupAlarms()
    balancer_alarms: BalancerAlarms = BalancerAlarms()
    rollback_alarms: RollbackAlarms | None = RollbackAlarms()
    """Alarms that stop an instance refresh, and turn it back where AWS can; null for none."""
    queue_alarms: QueueAlarms = QueueAlarms()
    """Only where the rules look at a queue."""
    simulation: Simulation = Simulation()
    """Loads that the rules are tried on before they are deployed, and what is expected of them."""

    @model_validator(mode="after")
    def _simulation_fits(self) -> Self:
        faults = _simulation_faults(self.simulation, self.elasticity is not None, "ec2_group")
        if self.simulation.instances is not None:
            faults.append((("simulation", "instances"), "belong to a service: a group is of instances itself"))
        refuse(type(self), faults)
        return self

    @property
    def behind_balancer(self) -> BalancedService | None:
        """How the balancer leads to it: by instance."""
        return self.traffic.model_copy(update={"target_type": "instance"}) if self.traffic else None

    @property
    def spec(self) -> AutoscalingGroupSpec:
        """What the component is told."""
        return _narrowed(self, AutoscalingGroupSpec)


def _simulation_faults(simulation: Simulation, elastic: bool, platform: str) -> list[Fault]:
    if simulation.loads and not elastic:
        return [(("simulation", "loads"), "there is no `elasticity` beside them: a fixed number of units needs no run")]
    return [(("simulation", *path), text) for path, text in parameters_of(simulation, platform)[1]]


def _narrowed(wide: Model, kind: type[_Spec]) -> _Spec:
    fields = {name: getattr(wide, name) for name in kind.model_fields}
    return cast("_Spec", kind.model_construct(wide.model_fields_set & kind.model_fields.keys(), **fields))
