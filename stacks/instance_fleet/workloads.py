"""The Auto Scaling groups of a stack as commands ask for them."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar

from elasticity.faults import KeyPath
from elasticity.instance_sizes import size_of
from elasticity.pricing import METRICS_OF_AN_INSTANCE, MONTH_HOURS, Instance, Prices
from elasticity.quantities import Duration
from elasticity.rules import Elasticity
from stacks.aws.workloads import UNDEPLOYED, AwsWorkload, by_purchase, shared_costs, shared_needs
from stacks.instance_fleet.settings import Group, InstanceFleetSettings
from stacks.workloads import Needs, UnitCost, fixed

if TYPE_CHECKING:
    from components.scaling import GroupContext, ProviderContext

__all__ = ["GroupWorkload", "shared_costs", "shared_needs", "workloads_of"]

SPOT = "ec2_spot"
"""Item of a user's price file: what a Spot instance costs of an on-demand one, `of_on_demand`."""
_PLATFORM = "ec2_group"


def workloads_of(settings: InstanceFleetSettings) -> dict[str, GroupWorkload]:
    """Every group by name."""
    return {
        name: GroupWorkload(
            name,
            (settings.section, name),
            _PLATFORM,
            group.elasticity,
            _rules(group, group.elasticity) if group.elasticity is not None else fixed(group.count),
            group.simulation,
            settings=settings,
            declared=group,
        )
        for name, group in settings.groups.items()
    }


def _rules(group: Group, rules: Elasticity) -> Elasticity:
    """The rules, units of which start up as the group's instances do where they do not say it themselves."""
    if rules.unit.start_up is not None or group.start_up is None:
        return rules
    return rules.model_copy(update={"unit": rules.unit.model_copy(update={"start_up": group.start_up})})


@dataclasses.dataclass(frozen=True)
class GroupWorkload(AwsWorkload):
    """One Auto Scaling group."""

    declared: Group = dataclasses.field(kw_only=True)

    settings_of_context: ClassVar[Mapping[str, KeyPath]] = MappingProxyType(
        {
            "count_followed": ("count",),
            "default_warm_up": ("start_up",),
            "deregistration_delay": ("traffic", "deregistration_delay"),
            "detailed_monitoring": ("detailed_monitoring",),
            "health_check_grace": ("health_check",),
            "managed_termination_protection": ("capacity_provider", "managed_termination_protection"),
            "on_demand_base": ("purchase", "on_demand_base"),
        }
    )

    @property
    def parameters(self) -> dict[str, float | str]:
        """With the period of the group's metrics."""
        found = super().parameters
        return found if self.declared.detailed_monitoring else {"metric_period": 300, **found}

    @property
    def conditions(self) -> dict[str, Any]:
        """With the group's warm-up."""
        return {**super().conditions, "default_instance_warm_up": float(self.declared.warm_up)}

    @property
    def remarks(self) -> tuple[str, ...]:
        """What of a group is not modelled."""
        found = []
        if self.declared.warm_pool is not None:
            found.append(f"{self.name}: its warm pool is left out: instances start cold")
        if self.declared.hooks:
            found.append(f"{self.name}: its lifecycle hooks are left out: `start_up` holds what they take")
        if self.declared.capacity_provider is not None:
            found.append(f"{self.name}: ECS sizes it by its tasks: only the rules declared here are simulated")
        return tuple(found)

    @property
    def needs(self) -> Needs:
        """The vCPUs of its instances, as the largest of its types has them."""
        sizes = [size for kind in self.declared.instance_types if (size := size_of(kind)) is not None]
        purchase, units = self.declared.purchase, self.rules.maximum
        largest = max((vcpus for vcpus, _ in sizes), default=0)
        share = 1.0 - float(purchase.spot) / 100
        return Needs(units=units, vcpus=by_purchase(units, purchase.on_demand_base, share, largest, "instances"))

    def unit_cost(self, prices: Prices) -> UnitCost:
        """What its instances cost."""
        return _instances(self.declared, prices)

    def own_context(self) -> Mapping[str, Any]:
        """Purchase, health checks and warm-up of its instances."""
        group = self.declared
        provider = group.capacity_provider
        protected = provider is not None and provider.managed_termination_protection
        return {
            "platform": self.platform if provider is None else "capacity_provider",
            "on_demand_base": group.purchase.on_demand_base,
            "spot_share": group.purchase.spot,
            "health_check": group.health_check or ("ELB" if group.traffic else "EC2"),
            "health_check_grace": Duration(group.warm_up),
            "default_warm_up": Duration(group.warm_up),
            "detailed_monitoring": group.detailed_monitoring,
            "managed_termination_protection": protected,
            "scale_in_protection": protected,  # the component sets the two together
        }

    def scaling_context(self) -> GroupContext | ProviderContext:
        """Of a group, or of one that ECS sizes."""
        from components.scaling.plan import GroupContext, ProviderContext

        if self.declared.capacity_provider is not None:
            return ProviderContext(UNDEPLOYED, UNDEPLOYED)
        return GroupContext(UNDEPLOYED, self.balanced_targets())


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
    beside, items = 0.0, [known[0], *([SPOT] if share and SPOT in prices else [])]
    for item, figure, count, said in (
        ("gp3", "gb_month", float(group.disk.size), f"{group.disk.size} GiB of gp3"),
        (
            "detailed_monitoring",
            "metric_month",
            METRICS_OF_AN_INSTANCE * group.detailed_monitoring,
            "detailed monitoring",
        ),
    ):
        each = prices.figure(item, figure)
        if count and each is None:
            unpriced.append(f"{said} of each instance")
        elif count and each is not None:
            beside += count * each / MONTH_HOURS
            items.append(item)
            words += f", with {said}"
    base = group.purchase.on_demand_base
    return UnitCost(base, on_demand + beside, above + beside, tuple(items), tuple(unpriced), words)
