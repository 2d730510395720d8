"""The services of a Swarm stack as commands ask for them."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, ClassVar

from elasticity.checks import LintContext
from elasticity.faults import KeyPath
from elasticity.quantities import Duration
from stacks.private_service.settings import CONTROLLER, PLATFORM, PROXY, PrivateService, PrivateServiceSettings
from stacks.workloads import Needs, SharedCosts, UnitCost, Workload, fixed

if TYPE_CHECKING:
    from elasticity.faults import Fault
    from elasticity.pricing import Prices

_SECTION = "services"


def workloads_of(settings: PrivateServiceSettings) -> dict[str, SwarmWorkload]:
    """Every service by name."""
    return {
        name: SwarmWorkload(
            name,
            (_SECTION, name),
            PLATFORM,
            service.elasticity,
            service.elasticity or fixed(service.count),
            service.simulation,
            settings=settings,
            declared=service,
        )
        for name, service in settings.services.items()
    }


def shared_costs(settings: PrivateServiceSettings, _prices: Prices) -> SharedCosts:
    """The proxy and the controller, by their shares of a node."""
    from elasticity.pricing import MONTH_HOURS

    proxy, controller, node = settings.proxy, settings.controller, settings.node
    shares = [] if proxy is None else [(PROXY, proxy.count, proxy.cpu, proxy.memory)]
    shares += [] if controller is None else [(CONTROLLER, 1, controller.cpu, controller.memory)]
    rest = ("what of the nodes no task takes", *(() if controller else ("the controller",)))
    if node is None:
        return SharedCosts(unpriced=(*(name for name, *_ in shares), *rest))
    return SharedCosts(
        monthly=tuple(
            (
                f"{name}, its share of {count} node{'s' * (count > 1)}",
                count * node.share(cpu, memory) * node.hourly * MONTH_HOURS,
            )
            for name, count, cpu, memory in shares
        ),
        unpriced=rest,
    )


def shared_needs(settings: PrivateServiceSettings) -> Needs:
    """The images of the proxy and of the controller."""
    images = [one.image for one in (settings.proxy, settings.controller) if one is not None]
    return Needs(images=tuple(image.reference for image in images if image is not None))


@dataclasses.dataclass(frozen=True)
class SwarmWorkload(Workload):
    """One service of a Swarm."""

    settings: PrivateServiceSettings = dataclasses.field(kw_only=True)
    """Of the whole stack."""
    declared: PrivateService = dataclasses.field(kw_only=True)
    """Its own settings."""

    settings_of_context: ClassVar[Mapping[str, KeyPath]] = MappingProxyType(
        {
            "count_followed": ("count",),
            "deregistration_delay": ("traffic", "deregistration_delay"),
            "stop_timeout": ("container", "stop_timeout"),
        }
    )

    @property
    def deregistration_delay(self) -> float | None:
        """None: name resolution forgets a task as soon as it stops; what it has begun, it finishes before it ends."""
        return None

    @property
    def parameters(self) -> dict[str, float | str]:
        """With the time that a stopping task has."""
        return {"drain": float(self.declared.stop_timeout), **super().parameters}

    @property
    def patience_in_front(self) -> float | None:
        """Of the proxy, where it stands in front."""
        proxy = self.settings.proxy
        return None if self.declared.traffic is None or proxy is None else float(proxy.idle_timeout)

    @property
    def needs(self) -> Needs:
        """Its image."""
        image = self.declared.container.image
        images = () if image is None else (image.reference,)
        return Needs(images=images, units=self.declared.maximum_units)

    def unit_cost(self, _prices: Prices) -> UnitCost:
        """A task's share of a node, at what the stack file says of a node-hour."""
        one, node = self.declared, self.settings.node
        if node is None:
            return UnitCost(0, None, None, (), ("nodes: say `node` with `hourly`, `vcpus` and `memory`",))
        share = node.share(one.cpu, one.memory)
        words = (
            f"a task of {one.cpu / 1024:g} vCPU and {one.memory:g} MiB is {100 * share:.3g} % of a node of "
            f"{node.vcpus:g} vCPU and {node.memory} MiB at {node.hourly:g} an hour, as the file says"
        )
        hourly = share * node.hourly
        return UnitCost(0, hourly, hourly, (), (), words)

    def lint_context(self) -> LintContext:
        """What the stack file says beside the rules."""
        one = self.declared
        update = one.deployment
        return LintContext(
            platform=PLATFORM,
            environment="production" if self.settings.environment.production else "development",
            fine_metrics=True,
            peak=self.simulation.peak,
            cost_cap=self.simulation.cost_cap,
            count_followed=one.elasticity is None,
            strategy_given=True,
            minimum_percent=100 if update.order == "start-first" else None,
            stop_timeout=Duration(one.stop_timeout),
            unit_cpu=one.cpu / 1024,
            unit_memory=one.memory,
        )

    def refusals(self) -> Sequence[Fault]:
        """None: what a Swarm cannot hold is refused in the settings."""
        return ()
