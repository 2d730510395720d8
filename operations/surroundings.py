"""What the linter reads of a stack file beside the rules, and where each of these settings is written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from components.addresses import slot
from components.specs import NetworkSpec, Watch
from elasticity.checks import Surroundings
from elasticity.expectations import parse_expectation
from elasticity.quantities import Duration, Rate
from elasticity.rules import Elasticity
from stacks.settings import Group, Service, Settings
from stacks.simulation import LoadDescription, Simulation
from stacks.stack_file import KeyPath

RESERVED_ADDRESSES = 5
"""In each subnet (VPC user guide, subnet sizing)."""

WRITTEN: Mapping[str, Mapping[str, KeyPath]] = MappingProxyType(
    {
        "services": {
            "count_followed": ("count",),
            "deregistration_delay": ("traffic", "deregistration_delay"),
            "force_new_deployment": ("deployment",),
            "health_check_grace": ("health_check_grace",),
            "maximum_percent": ("deployment", "maximum_percent"),
            "minimum_percent": ("deployment", "minimum_percent"),
            "on_demand_base": ("capacity", "base"),
            "stop_timeout": ("container", "stop_timeout"),
        },
        "groups": {
            "count_followed": ("count",),
            "default_warm_up": ("start_up",),
            "deregistration_delay": ("traffic", "deregistration_delay"),
            "detailed_monitoring": ("detailed_monitoring",),
            "health_check_grace": ("health_check",),
            "managed_termination_protection": ("capacity_provider", "managed_termination_protection"),
            "on_demand_base": ("purchase", "on_demand_base"),
        },
    }
)
"""By section, then by field of `Surroundings` that a finding may name: keys below the service or group."""

_PROMISES: tuple[tuple[str, str, str], ...] = (
    ("alarms", "cpu", "cpu"),
    ("alarms", "memory", "memory"),
    ("balancer_alarms", "latency", "response_time"),
    ("queue_alarms", "age", "queue_delay"),
)
"""Set of alarms, alarm, and the metric of rules that it promises something about."""


@dataclass(frozen=True, slots=True)
class Scaled:
    """One service or group that scales, as the linter takes it."""

    section: str
    name: str
    rules: Elasticity
    around: Surroundings

    def written(self, path: KeyPath) -> KeyPath:
        """Where in the stack file the path of a finding is written."""
        if path[:1] == ("around",):
            return (self.section, self.name, *WRITTEN[self.section].get(str(path[1]), ()))
        return (self.section, self.name, "elasticity", *path)


def scaled(settings: Settings) -> Iterator[Scaled]:
    """Every service and group with rules, in the order of the stack file."""
    for name, service in settings.services.items():
        if service.elasticity is not None:
            around = Surroundings(**_of_all(settings, name, service), **_of_service(service))
            yield Scaled("services", name, service.elasticity, around)
    for name, group in settings.groups.items():
        if group.elasticity is not None:
            yield Scaled(
                "groups", name, group.elasticity, Surroundings(**_of_all(settings, name, group), **_of_group(group))
            )


def _of_all(settings: Settings, name: str, member: Service | Group) -> dict[str, Any]:
    """What services and groups have in common."""
    traffic = member.traffic
    return {
        "environment": _environment(settings),
        "zones": _zones(settings.network),
        "free_addresses": _free_addresses(settings, name),
        "objectives": dict(_objectives(member)),
        "deregistration_delay": traffic.deregistration_delay if traffic else None,
        "slow_start": traffic.slow_start if traffic else None,
        "peak": _peak(member.simulation),
        "cost_cap": _cost_cap(member.simulation),
    }


def _of_service(service: Service) -> dict[str, Any]:
    capacity, deployment, below = service.capacity, service.deployment, service.simulation.instances
    weights = capacity.on_demand_weight + capacity.spot_weight
    return {
        "platform": "ecs_service",
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


def _of_group(group: Group) -> dict[str, Any]:
    provider = group.capacity_provider
    protected = provider is not None and provider.managed_termination_protection
    return {
        "platform": "ec2_group" if provider is None else "capacity_provider",
        "on_demand_base": group.purchase.on_demand_base,
        "spot_share": group.purchase.spot,
        "health_check": group.health_check or ("ELB" if group.traffic else "EC2"),
        "health_check_grace": Duration(group.warm_up),
        "default_warm_up": Duration(group.warm_up),
        "detailed_monitoring": group.detailed_monitoring,
        "managed_termination_protection": protected,
        "scale_in_protection": protected,  # the component sets the two together
    }


def _environment(settings: Settings) -> str:
    """Production says so; of the others, development is where alarms only record."""
    if settings.environment.production:
        return "production"
    return "development" if settings.alarms.tell == "record" else "staging"


def _zones(network: NetworkSpec) -> int:
    existing = network.existing
    return len(network.zones) if existing is None else len(existing.private_subnets or existing.public_subnets)


def _free_addresses(settings: Settings, name: str) -> int | None:
    """Addresses of the private subnets that this stack makes, less what its other services or groups may take."""
    network = settings.network
    if network.existing is not None or "private" not in network.tiers:
        return None
    prefixes = [int(slot(network.cidr, "private", zone).partition("/")[2]) for zone in network.zones]
    room = sum((1 << (32 - prefix)) - RESERVED_ADDRESSES for prefix in prefixes)
    others = (member for other, member in settings.members.items() if other != name)
    return max(0, room - sum(_most(member) for member in others))


def _peak(simulation: Simulation) -> float | None:
    """The highest rate of the loads that are drawn by numbers; a recorded one is left to `accordion simulate`."""
    peaks = [_highest(load) for load in simulation.loads.values() if load.trace is None]
    return max((peak for peak in peaks if peak > 0), default=None)


def _highest(load: LoadDescription) -> float:
    rates = (value for _, value in getattr(load, load.form) if isinstance(value, Rate))
    return load.scale * max(rates)


def _cost_cap(simulation: Simulation) -> float | None:
    """What an expectation allows a month to cost."""
    expected = (parse_expectation(text) for text in simulation.expectations)
    caps = (one.value for one in expected if one.figure.name == "cost_per_month" and one.comparison.startswith("<"))
    return min((cap for cap in caps if cap > 0), default=None)


def _most(member: Service | Group) -> int:
    """Units at the most."""
    return member.elasticity.maximum if member.elasticity is not None else (member.count or 0)


def _objectives(member: Service | Group) -> Iterator[tuple[str, float]]:
    for alarms, alarm, metric in _PROMISES:
        watch = getattr(getattr(member, alarms, None), alarm, None)
        if isinstance(watch, Watch) and watch.comparison.startswith("Greater"):
            yield metric, watch.threshold
