"""What every command asks of a stack: its services or groups, whichever composition and platform they come from."""

from __future__ import annotations

import dataclasses
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar

from elasticity.faults import KeyPath
from elasticity.rules import Elasticity
from stacks import compositions
from stacks.compositions import Settings
from stacks.simulation import Simulation, parameters_of

if TYPE_CHECKING:
    from elasticity.checks import LintContext
    from elasticity.faults import Fault
    from elasticity.pricing import Prices


@dataclasses.dataclass(frozen=True)
class UnitCost:
    """What units cost per hour: the first `base` at one price, those above at another. None for an unknown price."""

    base: int
    base_hourly: float | None
    above_hourly: float | None
    items: tuple[str, ...]
    """Items of the price table that it was made of."""
    unpriced: tuple[str, ...] = ()
    """What has no price in the table; it is not included in any total."""
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
class SharedCosts:
    """What the parts of a stack cost that do not scale with its units."""

    monthly: tuple[tuple[str, float], ...] = ()
    """Each part with its price per month, in the table's currency."""
    items: tuple[str, ...] = ()
    """Items of the price table that the parts may be made of."""
    unpriced: tuple[str, ...] = ()
    """What has no price in the table; it is not included in any total."""
    balancer: str = ""
    """Kind of the balancer whose capacity units depend on the load; empty for none."""
    routes: int = 0
    """Rules of its listener beside the default."""


@dataclasses.dataclass(frozen=True)
class Needs:
    """What has to be there, and how much room, before a workload or a whole stack is deployed."""

    images: tuple[str, ...] = ()
    """Full references of container images."""
    secrets: tuple[str, ...] = ()
    """ARNs of secrets and parameters."""
    units: int = 0
    """At the maximum; each takes an address."""
    vcpus: Mapping[str, float] = dataclasses.field(default_factory=dict)
    """At the maximum, by what they count against: fargate_on_demand, fargate_spot, instances_on_demand,
    instances_spot."""
    certificates: tuple[str, ...] = ()
    """ARNs."""
    subnets: tuple[str, ...] = ()
    """Ids of existing subnets that units are placed in."""


@dataclasses.dataclass(frozen=True)
class Workload(ABC):
    """One service or group of a stack: a number of equal units, fixed or moved by rules."""

    name: str
    path: KeyPath
    """Where its settings stand in the stack file."""
    platform: str
    """Of `elasticity.platforms`: who scales it."""
    elasticity: Elasticity | None
    """The rules as they are written; None for a fixed number of units."""
    rules: Elasticity
    """The rules with what other settings of the workload say of its units; of a fixed number, both bounds and no
    rule."""
    simulation: Simulation
    """Loads that the rules are tried on, and what is expected of them."""
    changed_parameters: Mapping[str, float | str] = dataclasses.field(default_factory=dict, kw_only=True)
    """Parameters of the platform that somebody wants otherwise than the settings."""

    settings_of_context: ClassVar[Mapping[str, KeyPath]] = MappingProxyType({})
    """By field of the linter's context that a finding may name: keys below the workload."""

    @property
    def simulated_on(self) -> str:
        """The platform to simulate on: units that wait for machines are another one."""
        return self.platform

    @property
    @abstractmethod
    def deregistration_delay(self) -> float | None:
        """Seconds that a balancer leaves to requests in flight when a unit stops; None behind none."""

    @property
    def parameters(self) -> dict[str, float | str]:
        """Parameters of the platform that differ from the shipped ones: those of the file, then what the balancer or
        the queue says of stopping a unit, then what is asked for."""
        found = parameters_of(self.simulation, self.platform)[0]
        if self.deregistration_delay is not None:
            found.setdefault("drain", self.deregistration_delay)
        elif self.rules.queue is not None:
            found.setdefault("drain", float(self.rules.queue.time_per_message))
        return {**found, **self.changed_parameters}

    @property
    def patience_in_front(self) -> float | None:
        """Seconds that whatever stands in front of the units waits for an answer; None where nothing does."""
        return None

    @property
    def conditions(self) -> dict[str, Any]:
        """Fields of `elasticity.simulator.Conditions` that follow from the settings, `parameters` among them."""
        declared = self.simulation.client_timeout
        waits = self.patience_in_front if declared is None else declared
        given = {"client_timeout": waits, "latency_goal": self.simulation.latency_goal}
        seconds: dict[str, Any] = {name: float(value) for name, value in given.items() if value is not None}
        failures = {name: one.made() for name, one in self.simulation.failures.items()}
        if self.simulation.retries is not None:
            from elasticity.simulator import Retries  # numpy takes 0.1 s, and most commands need no run

            retries = self.simulation.retries
            seconds["retries"] = Retries(factor=retries.factor, limit=retries.limit)
        begins = "cold" if self.simulation.cold else "settled"
        return {"parameters": dict(self.parameters), "begins": begins, "failures": failures, **seconds}

    @property
    def log_retention(self) -> float | None:
        """Seconds that its logs are kept and paid for; None where it has no log group."""
        return None

    @property
    def remarks(self) -> tuple[str, ...]:
        """What a simulation leaves out because of these very settings."""
        return ()

    @property
    @abstractmethod
    def needs(self) -> Needs:
        """What has to be there before it is deployed."""

    @abstractmethod
    def unit_cost(self, prices: Prices) -> UnitCost:
        """What its units cost as its bill counts them."""

    def simulated_cost(self, prices: Prices) -> UnitCost:
        """What the units cost that a simulation counts."""
        return self.unit_cost(prices)

    @abstractmethod
    def lint_context(self) -> LintContext:
        """What the linter has to know beside the rules."""

    @abstractmethod
    def refusals(self) -> Sequence[Fault]:
        """What its platform cannot hold of its rules, before the program runs."""

    def written(self, path: KeyPath) -> KeyPath:
        """Where in the stack file the path of a finding, or of a refusal, is written."""
        if path[:1] == ("context",):
            return (*self.path, *self.settings_of_context.get(str(path[1]), ()))
        return (*self.path, "elasticity", *path)


def workloads_of(settings: Settings) -> dict[str, Workload]:
    """Every workload of a stack by name, in the order of the stack file."""
    found: Mapping[str, Workload] = compositions.workloads_module(settings).workloads_of(settings)
    return dict(found)


def scaled(settings: Settings) -> dict[str, Workload]:
    """Those that have rules."""
    return {name: workload for name, workload in workloads_of(settings).items() if workload.elasticity is not None}


def shared_costs(settings: Settings, prices: Prices) -> SharedCosts:
    """What the parts of a stack cost that do not scale with its units."""
    found: SharedCosts = compositions.workloads_module(settings).shared_costs(settings, prices)
    return found


def shared_needs(settings: Settings) -> Needs:
    """What has to be there for the parts of a stack that its workloads share."""
    found: Needs = compositions.workloads_module(settings).shared_needs(settings)
    return found


def fixed(count: int | None) -> Elasticity:
    """A number of units that nothing moves."""
    return Elasticity(minimum=count or 0, maximum=count or 0)
