"""What scales in a stack: each service or group with its rules, platform, conditions, price of a unit, and loads."""

from __future__ import annotations

import dataclasses
import difflib
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from elasticity.pricing import FargateTask, Instance, Prices
from elasticity.rules import Elasticity
from operations.failures import CannotRun
from stacks.settings import Group, Service, Settings, load, validate
from stacks.simulation import InstanceGroup, Simulation, parameters_of
from stacks.stack_file import StackFile

if TYPE_CHECKING:
    from elasticity import simulator

SPOT = "ec2_spot"
"""Item of a user's price file: what a Spot instance costs of an on-demand one, `of_on_demand`."""


@dataclasses.dataclass(frozen=True)
class UnitCost:
    """What units cost per hour: the first `base` at one price, those above at another. None for an unknown price."""

    base: int
    base_hourly: float | None
    above_hourly: float | None
    items: tuple[str, ...]
    """Items of the price table that it was made of."""
    unpriced: tuple[str, ...] = ()
    """What has no price in the table; it is in no sum."""
    words: str = ""
    """How the price of one unit came about."""

    @property
    def known(self) -> bool:
        """Whether units have a price at all."""
        return self.base_hourly is not None and self.above_hourly is not None

    def hourly(self, units: float) -> float:
        """Cost of `units` for one hour, in the table's currency; raises ValueError without a price."""
        if self.base_hourly is None or self.above_hourly is None:
            raise ValueError("the units have no price")
        low = min(units, self.base)
        return low * self.base_hourly + (units - low) * self.above_hourly

    def each(self, units: float) -> float | None:
        """Mean price of one unit-hour of a fleet of `units`; None without a price."""
        if not self.known:
            return None
        return self.hourly(units) / units if units > 0 else self.base_hourly


@dataclasses.dataclass(frozen=True)
class Member:
    """One service or group that scales."""

    name: str
    platform: str
    rules: Elasticity
    simulation: Simulation
    options: Mapping[str, Any]
    """Fields of `elasticity.simulator.Conditions` that follow from the settings."""
    declared: Service | Group

    @property
    def ground(self) -> str:
        """The platform to simulate on: a service whose instances are described waits for them."""
        return "capacity_provider" if "instances" in self.options else self.platform

    @property
    def remarks(self) -> tuple[str, ...]:
        """What the simulation leaves out because of these very settings."""
        if isinstance(self.declared, Service):
            return _on_instances(self.name, self.declared) if self.declared.capacity.kind == "ec2" else ()
        found = []
        if self.declared.warm_pool is not None:
            found.append(f"{self.name}: its warm pool is left out: instances start cold")
        if self.declared.hooks:
            found.append(f"{self.name}: its lifecycle hooks are left out: `start_up` holds what they take")
        if self.declared.capacity_provider is not None:
            found.append(f"{self.name}: ECS sizes it by its tasks: only the rules declared here are simulated")
        return tuple(found)

    def cost(self, prices: Prices) -> UnitCost:
        """What its units cost, or the instances below them."""
        below = self.simulation.instances
        if below is not None:
            return _one_type(below.type, prices)
        return unit_cost(self.declared, prices)


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


def unit_cost(declared: Service | Group, prices: Prices) -> UnitCost:
    """What units of a service or group cost."""
    return _tasks(declared, prices) if isinstance(declared, Service) else _instances(declared, prices)


def read(path: Path) -> Settings:
    """The settings of a stack file."""
    return load(path)


def parse(name: str, text: str) -> Settings:
    """The settings that the text of a stack file gives."""
    return validate(StackFile.parse(name, text))


def members(settings: Settings) -> dict[str, Member]:
    """Everything of the stack that has rules, by name."""
    found = {}
    for name, declared in settings.members.items():
        if declared.elasticity is not None:
            found[name] = _service(name, declared) if isinstance(declared, Service) else _group(name, declared)
    return found


def chosen(settings: Settings, name: str | None, where: str) -> list[Member]:
    """The member of that name, or all; raises CannotRun that names the nearest."""
    found = members(settings)
    if not found:
        raise CannotRun(f"{where}: nothing scales here: no service or group has `elasticity`")
    if name is None:
        return list(found.values())
    if name not in found:
        near = difflib.get_close_matches(name, found, 1)
        hint = f"did you mean {near[0]}" if near else f"allowed {', '.join(found)}"
        raise CannotRun(f"{where}: no service or group with rules is called {name}; {hint}")
    return [found[name]]


def _options(member: Service | Group, rules: Elasticity, platform: str) -> dict[str, Any]:
    parameters: dict[str, Any] = dict(parameters_of(member.simulation, platform)[0])
    options: dict[str, Any] = {"parameters": parameters}
    traffic = member.behind_balancer
    if traffic is not None:
        parameters.setdefault("drain", float(traffic.deregistration_delay))
        options["slow_start"] = float(traffic.slow_start or 0.0)
    elif rules.queue is not None:
        parameters.setdefault("drain", float(rules.queue.time_per_message))
    if member.simulation.client_timeout is not None:
        options["client_timeout"] = float(member.simulation.client_timeout)
    if member.simulation.latency_goal is not None:
        options["latency_goal"] = float(member.simulation.latency_goal)
    return options


def _service(name: str, service: Service) -> Member:
    rules = service.elasticity
    assert rules is not None  # noqa: S101 # the caller asked
    options = _options(service, rules, "ecs_service")
    below = service.simulation.instances
    if below is not None:
        options["instances"] = _instances_below(below, service)
    return Member(name, "ecs_service", rules, service.simulation, options, service)


def _instances_below(below: InstanceGroup, service: Service) -> simulator.Instances:
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


def _group(name: str, group: Group) -> Member:
    rules = group.elasticity
    assert rules is not None  # noqa: S101 # the caller asked
    options = _options(group, rules, "ec2_group")
    options["default_instance_warm_up"] = float(group.warm_up)
    if not group.detailed_monitoring:
        options["parameters"] = {"metric_period": 300, **options["parameters"]}
    if rules.unit.start_up is None and group.start_up is not None:
        rules = rules.model_copy(update={"unit": rules.unit.model_copy(update={"start_up": group.start_up})})
    return Member(name, "ec2_group", rules, group.simulation, options, group)


_FARGATE = {"X86_64": "fargate_linux_x86", "ARM64": "fargate_linux_arm"}


def _tasks(service: Service, prices: Prices) -> UnitCost:
    capacity = service.capacity
    if capacity.kind == "ec2":
        return UnitCost(0, None, None, (), ("the instances below the tasks: they belong to another stack's group",))
    item, vcpu, gb = _FARGATE[service.architecture], service.cpu / 1024, service.memory / 1024
    if item not in prices or "fargate_storage" not in prices:
        return UnitCost(0, None, None, (), (f"{item} in {prices.region}",))

    def hourly(spot: bool) -> float:
        return FargateTask(vcpu, gb, service.architecture.lower(), service.ephemeral_storage or 20, spot).hourly(prices)

    words = f"a task of {vcpu:g} vCPU and {gb:g} GB, {service.architecture}"
    if not capacity.spot_weight:
        return UnitCost(0, hourly(False), hourly(False), (item,), (), words)
    if "fargate_spot" not in prices:
        return UnitCost(0, None, None, (item,), ("fargate_spot",), words)
    weights = capacity.on_demand_weight + capacity.spot_weight
    above = (capacity.on_demand_weight * hourly(False) + capacity.spot_weight * hourly(True)) / weights
    words += f"; {capacity.base} on demand, above {capacity.on_demand_weight}:{capacity.spot_weight} on demand to Spot"
    return UnitCost(capacity.base, hourly(False), above, (item, "fargate_spot"), (), words)


def _instances(group: Group, prices: Prices) -> UnitCost:
    known = [kind for kind in group.instance_types if kind in prices]
    unpriced = [kind for kind in group.instance_types if kind not in prices]
    if group.attributes is not None:
        unpriced.append("instances chosen by attributes")
    if not known:
        return UnitCost(0, None, None, (), tuple(unpriced))
    on_demand = Instance(known[0]).hourly(prices)
    words = f"{known[0]}, the first type with a price"
    share = float(group.purchase.spot) / 100
    if share and SPOT not in prices:
        unpriced.append("Spot instances: counted at the on-demand price, an upper bound")
    ratio = prices.rate(SPOT)["of_on_demand"] if SPOT in prices else 1.0
    above = on_demand * (1 - share + share * ratio)
    items = (known[0], SPOT) if share and SPOT in prices else (known[0],)
    return UnitCost(group.purchase.on_demand_base, on_demand, above, items, tuple(unpriced), words)
