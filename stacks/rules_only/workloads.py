"""The services and groups of a rules file as commands ask for them."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar

from elasticity.checks import LintContext
from elasticity.faults import KeyPath
from elasticity.metrics import METRICS
from elasticity.pricing import FargateTask, Instance, Prices
from stacks.rules_only.settings import RulesOnly, Scaled
from stacks.workloads import Needs, SharedCosts, UnitCost, Workload

if TYPE_CHECKING:
    from elasticity.faults import Fault
    from elasticity.rules import Elasticity

SECTION = "workloads"
_SPOT = MappingProxyType({"ecs_service": "fargate_spot", "ec2_group": "ec2_spot"})

_SIZE_KEYS = MappingProxyType({"ecs_service": "`cpu` and `memory`", "ec2_group": "`instance_type`"})
"""What the price of a unit is looked up by."""
IDLE_TIMEOUT = 60.0
"""Seconds that an application balancer waits unless it is told otherwise (ELB guide, connection idle timeout)."""


def _on_a_balancer(rules: Elasticity) -> bool:
    """Whether a rule acts on what an application balancer publishes: requests then come through one."""
    acting = (*rules.target_tracking.values(), *rules.step_scaling.values(), *rules.predictive.values())
    return any(rule.metric in METRICS and METRICS[rule.metric].by_balancer for rule in acting)


def _on_a_queue(rules: Elasticity) -> bool:
    """Whether the units take their work from a queue, where it waits as long as it must."""
    return rules.queue is not None or any(metric.namespace == "AWS/SQS" for metric in rules.metrics.values())


def workloads_of(settings: RulesOnly) -> dict[str, RulesWorkload]:
    """Every service and group by name."""
    return {
        name: RulesWorkload(
            name, (SECTION, name), one.platform, one.elasticity, one.elasticity, one.simulation, declared=one
        )
        for name, one in settings.workloads.items()
    }


def shared_costs(_settings: RulesOnly, _prices: Prices) -> SharedCosts:
    """A rules file says nothing of what its workloads share."""
    return SharedCosts(unpriced=("balancers, gateways and what else is not in a rules file",))


def shared_needs(_settings: RulesOnly) -> Needs:
    """Nothing is deployed from a rules file."""
    return Needs()


@dataclasses.dataclass(frozen=True)
class RulesWorkload(Workload):
    """One service or group."""

    declared: Scaled = dataclasses.field(kw_only=True)

    settings_of_context: ClassVar[Mapping[str, KeyPath]] = MappingProxyType(
        {
            "default_warm_up": ("default_warm_up",),
            "deregistration_delay": ("deregistration_delay",),
            "on_demand_base": ("on_demand_base",),
        }
    )

    @property
    def deregistration_delay(self) -> float | None:
        """As the file says."""
        delay = self.declared.deregistration_delay
        return None if delay is None else float(delay)

    @property
    def patience_in_front(self) -> float | None:
        """Of a balancer that nobody has set otherwise: where something speaks of one, and where nothing speaks of a
        queue."""
        return IDLE_TIMEOUT if self._names_a_balancer or not _on_a_queue(self.rules) else None

    @property
    def _names_a_balancer(self) -> bool:
        return self.declared.deregistration_delay is not None or _on_a_balancer(self.rules)

    @property
    def remarks(self) -> tuple[str, ...]:
        """The balancer that is assumed."""
        if self._names_a_balancer or _on_a_queue(self.rules) or self.simulation.client_timeout is not None:
            return ()
        assumed = (
            f"{self.name}: neither a balancer nor a queue is named: requests are taken to wait {IDLE_TIMEOUT:g} s, "
            "the idle timeout of an application balancer, and then to have failed; `client_timeout: 1d` lets them wait"
        )
        return (assumed,)

    @property
    def conditions(self) -> dict[str, Any]:
        """With the warm-up of a group."""
        warm_up = self.declared.default_warm_up
        return super().conditions | ({} if warm_up is None else {"default_instance_warm_up": float(warm_up)})

    @property
    def needs(self) -> Needs:
        """Nothing is deployed from a rules file."""
        return Needs()

    def unit_cost(self, prices: Prices) -> UnitCost:
        """What its tasks or instances cost."""
        one = self.declared
        if one.unit_price is not None:
            return UnitCost(0, one.unit_price, one.unit_price, (), (), f"{one.unit_price:g} an hour, as the file says")
        try:
            on_demand, items, words = self._on_demand(prices)
        except KeyError as error:
            return UnitCost(0, None, None, (), (f"{error.args[0] if error.args else 'a unit'}",))
        if on_demand is None:
            return UnitCost(0, None, None, (), (words,))
        if not one.spot:
            return UnitCost(0, on_demand, on_demand, items, (), words)
        spot = _SPOT[self.platform]
        if spot not in prices:
            return UnitCost(0, None, None, items, (spot,), words)
        share = one.spot / 100
        above = on_demand * (1 - share + share * prices.rate(spot)["of_on_demand"])
        words += f"; {one.on_demand_base} on demand, above {one.spot:g} % Spot"
        return UnitCost(one.on_demand_base, on_demand, above, (*items, spot), (), words)

    def _on_demand(self, prices: Prices) -> tuple[float | None, tuple[str, ...], str]:
        """Price of a unit-hour, items of the table, and how it came about or what is missing."""
        one = self.declared
        if one.cpu is not None and one.memory is not None:
            task = FargateTask(one.cpu / 1024, one.memory / 1024, one.architecture)
            if not task.priced_by(prices):
                return None, (), f"{task.item} in {prices.region}"
            return task.hourly(prices), (task.item,), f"a task of {task.vcpu:g} vCPU and {task.gb:g} GB on Fargate"
        if one.instance_type is not None:
            if one.instance_type not in prices:
                return None, (), f"{one.instance_type} in {prices.region}"
            return Instance(one.instance_type).hourly(prices), (one.instance_type,), one.instance_type
        return None, (), f"the units: give {_SIZE_KEYS[self.platform]}, or `unit_price`"

    def lint_context(self) -> LintContext:
        """What the file says beside the rules."""
        one = self.declared
        given: dict[str, Any] = {} if one.cpu is None else {"unit_cpu": one.cpu / 1024, "unit_memory": one.memory}
        return LintContext(
            platform=one.platform,
            environment=one.environment,
            zones=one.zones,
            deregistration_delay=one.deregistration_delay,
            default_warm_up=one.default_warm_up,
            on_demand_base=one.on_demand_base,
            spot_share=one.spot,
            strategy_given=True,
            peak=self.simulation.peak,
            cost_cap=self.simulation.cost_cap,
            **given,
        )

    def refusals(self) -> Sequence[Fault]:
        """A rules file is not translated."""
        return ()
