"""The container services of a stack as commands ask for them."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar

from elasticity.faults import KeyPath
from elasticity.pricing import INCLUDED_STORAGE_GB, FargateTask, Instance, Prices
from elasticity.quantities import Duration
from stacks.aws.workloads import UNDEPLOYED, AwsWorkload, by_purchase, shared_costs, shared_needs
from stacks.simulation import InstanceGroup
from stacks.web_service.settings import Service, WebServiceSettings
from stacks.workloads import Needs, UnitCost, fixed

if TYPE_CHECKING:
    from components.scaling import ServiceContext
    from elasticity.simulator import Instances

__all__ = ["ServiceWorkload", "shared_costs", "shared_needs", "workloads_of"]

_PLATFORM = "ecs_service"


def workloads_of(settings: WebServiceSettings) -> dict[str, ServiceWorkload]:
    """Every service by name."""
    return {
        name: ServiceWorkload(
            name,
            (settings.section, name),
            _PLATFORM,
            service.elasticity,
            service.elasticity or fixed(service.count),
            service.simulation,
            settings=settings,
            declared=service,
        )
        for name, service in settings.services.items()
    }


@dataclasses.dataclass(frozen=True)
class ServiceWorkload(AwsWorkload):
    """One container service."""

    declared: Service = dataclasses.field(kw_only=True)

    settings_of_context: ClassVar[Mapping[str, KeyPath]] = MappingProxyType(
        {
            "count_followed": ("count",),
            "deregistration_delay": ("traffic", "deregistration_delay"),
            "force_new_deployment": ("deployment",),
            "health_check_grace": ("health_check_grace",),
            "maximum_percent": ("deployment", "maximum_percent"),
            "minimum_percent": ("deployment", "minimum_percent"),
            "on_demand_base": ("capacity", "base"),
            "stop_timeout": ("container", "stop_timeout"),
        }
    )

    @property
    def simulated_on(self) -> str:
        """A service whose instances are described waits for them."""
        return self.platform if self.simulation.instances is None else "capacity_provider"

    @property
    def conditions(self) -> dict[str, Any]:
        """With the instances below the tasks, where they are described, and releases as long as they take."""
        below, length = self.simulation.instances, self.declared.release_length
        conditions = super().conditions
        releases = {name: one.made(length) for name, one in self.simulation.failures.items() if one.release}
        conditions["failures"] = {**conditions["failures"], **releases}
        return conditions if below is None else {**conditions, "instances": _instances_below(below, self.declared)}

    @property
    def log_retention(self) -> float:
        """Of its log group."""
        return float(self.declared.log_retention)

    @property
    def remarks(self) -> tuple[str, ...]:
        """How the wait for instances is simulated."""
        return _on_instances(self.name, self.declared) if self.declared.capacity.kind == "ec2" else ()

    @property
    def needs(self) -> Needs:
        """Images and secrets of its containers, and the vCPUs of its tasks on Fargate."""
        service, capacity = self.declared, self.declared.capacity
        containers = [service.container, *service.sidecars.values()]
        weights = capacity.on_demand_weight + capacity.spot_weight
        vcpus: dict[str, float] = {}
        if capacity.kind == "fargate":
            share, each = capacity.on_demand_weight / weights, service.cpu / 1024
            vcpus = by_purchase(self.rules.maximum, capacity.base, share, each, "fargate")
        return Needs(
            images=tuple(one.image.reference for one in containers if one.image is not None),
            secrets=(
                *(arn for one in containers for arn in one.secrets.values()),
                *(source.arn for source in service.configuration.secrets.values()),
            ),
            units=self.rules.maximum,
            vcpus=vcpus,
        )

    def unit_cost(self, prices: Prices) -> UnitCost:
        """What its tasks cost."""
        return _tasks(self.declared, prices)

    def simulated_cost(self, prices: Prices) -> UnitCost:
        """What its tasks cost, or the instances below them where a simulation counts these."""
        below = self.simulation.instances
        return self.unit_cost(prices) if below is None else _one_type(below.type, prices)

    def own_context(self) -> Mapping[str, Any]:
        """Deployment, capacity and size of its tasks."""
        service = self.declared
        capacity, deployment, below = service.capacity, service.deployment, service.simulation.instances
        weights = capacity.on_demand_weight + capacity.spot_weight
        return {
            "platform": self.platform,
            "deployment": deployment.strategy,
            "minimum_percent": deployment.minimum_percent,
            "maximum_percent": deployment.maximum_percent,
            "zone_rebalancing": deployment.zone_rebalancing,
            "strategy_given": True,  # the component gives one always, and forces a deployment with each update
            "on_demand_base": capacity.base,
            "spot_share": 100 * capacity.spot_weight / weights,
            "health_check_grace": Duration(service.grace) if service.traffic else None,
            "stop_timeout": Duration(service.stop_timeout(service.container)),
            "unit_cpu": service.cpu / 1024,
            "unit_memory": service.memory,
            "group_maximum": None if below is None else below.maximum,
            "instance_cpu": None if below is None else below.size.vcpus,
            "instance_memory": None if below is None else below.size.memory,
        }

    def scaling_context(self) -> ServiceContext:
        """Of an ECS service."""
        from components.scaling.plan import ServiceContext

        return ServiceContext(UNDEPLOYED, UNDEPLOYED, self.balanced_targets(), self.declared.container_insights)


def _on_instances(name: str, service: Service) -> tuple[str, ...]:
    """How the wait for instances is simulated."""
    below = service.simulation.instances
    if below is None:
        said = f"{name}: its tasks run on instances of another group: waiting for one to join is left out; "
        return (said + "describe the group under `simulation.instances`",)
    size = below.size
    tasks = size.tasks(service.cpu, service.memory)
    limit = "" if size.interfaces is None else f", {size.interfaces} network interfaces"
    assumed = "" if below.memory is not None else ", 93 % of its memory (asm)"
    said = (
        f"{name}: its tasks wait for instances: {tasks} of {service.cpu} CPU units and {service.memory} MiB fit on one "
        f"{below.type or 'instance'} ({size.vcpus:g} vCPU, {size.memory:.0f} MiB for tasks{assumed}{limit}), packed as "
        f"tightly as they go; nothing else runs there"
    )
    return (said,)


def _one_type(kind: str | None, prices: Prices) -> UnitCost:
    """What instances of one type cost on demand."""
    if kind is None or kind not in prices:
        return UnitCost(0, None, None, (), (kind or "the instances below the tasks: they have no type",))
    hourly = Instance(kind).hourly(prices)
    return UnitCost(0, hourly, hourly, (kind,), ("volumes of the instances",), f"an instance {kind} below the tasks")


def _instances_below(below: InstanceGroup, service: Service) -> Instances:
    from elasticity.simulator import Instances  # numpy takes 0.1 s, and most commands need no simulator

    given = {"minimum_step": below.minimum_step, "maximum_step": below.maximum_step, "warm_up": below.warm_up}
    return Instances(
        units_per_instance=below.size.tasks(service.cpu, service.memory),
        minimum=below.minimum,
        maximum=below.maximum,
        initial=below.initial,
        target_capacity=float(below.target_capacity),
        start_up=None if below.start_up is None else float(below.start_up),
        parameters={
            name: value if name != "warm_up" else float(value) for name, value in given.items() if value is not None
        },
    )


_FARGATE = {"X86_64": "fargate_linux_x86", "ARM64": "fargate_linux_arm"}


def _tasks(service: Service, prices: Prices) -> UnitCost:
    capacity = service.capacity
    if capacity.kind == "ec2":
        return UnitCost(0, None, None, (), ("the instances below the tasks: they belong to another stack's group",))
    item, vcpu, gb = _FARGATE[service.architecture], service.cpu / 1024, service.memory / 1024
    storage = float(service.ephemeral_storage or INCLUDED_STORAGE_GB)
    if not FargateTask(vcpu, gb, service.architecture.lower(), storage).priced_by(prices):
        missing = "fargate_storage" if item in prices else item
        return UnitCost(0, None, None, (), (f"{missing} in {prices.region}",))

    def hourly(spot: bool) -> float:
        return FargateTask(vcpu, gb, service.architecture.lower(), storage, spot).hourly(prices)

    words = f"a task of {vcpu:g} vCPU and {gb:g} GB, {service.architecture}"
    if not capacity.spot_weight:
        return UnitCost(0, hourly(False), hourly(False), (item,), (), words)
    if "fargate_spot" not in prices:
        return UnitCost(0, None, None, (item,), ("fargate_spot",), words)
    weights = capacity.on_demand_weight + capacity.spot_weight
    above = (capacity.on_demand_weight * hourly(False) + capacity.spot_weight * hourly(True)) / weights
    words += f"; {capacity.base} on demand, above {capacity.on_demand_weight}:{capacity.spot_weight} on demand to Spot"
    return UnitCost(capacity.base, hourly(False), above, (item, "fargate_spot"), (), words)
