"""What every workload on AWS tells the commands: the context of its rules, parameters of its simulation, refusals,
and the costs of what a stack shares."""

from __future__ import annotations

import dataclasses
from abc import abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

from components.addresses import slot
from components.specs import NetworkSpec, Watch
from components.specs.network import NatGateways
from elasticity.checks import LintContext
from elasticity.pricing import MONTH_HOURS, Prices
from stacks.aws.settings import AwsSettings, WorkloadSettings
from stacks.aws.watched import alarm_metrics
from stacks.workloads import Needs, SharedCosts, Workload

if TYPE_CHECKING:
    from components.scaling import BalancedTarget, Context
    from elasticity.faults import Fault

RESERVED_ADDRESSES = 5
"""In each subnet (VPC user guide, subnet sizing)."""
UNDEPLOYED = "web"
"""Stands for the names and ARNs that exist only once something is deployed: no refusal looks at them."""

_BALANCERS = {"application": "alb", "network": "nlb"}
"""Item of the price table by the kind of balancer."""
_PROMISES: tuple[tuple[str, str, str], ...] = (
    ("alarms", "cpu", "cpu"),
    ("alarms", "memory", "memory"),
    ("balancer_alarms", "latency", "response_time"),
    ("queue_alarms", "age", "queue_delay"),
)
"""Set of alarms, alarm, and the metric of rules that it promises something about."""


@dataclasses.dataclass(frozen=True)
class AwsWorkload(Workload):
    """A service or group on AWS."""

    settings: AwsSettings = dataclasses.field(kw_only=True)
    """Of the whole stack."""
    declared: WorkloadSettings = dataclasses.field(kw_only=True)
    """Its own settings."""

    @abstractmethod
    def own_context(self) -> Mapping[str, Any]:
        """Fields of `LintContext` that only its platform has."""

    @abstractmethod
    def scaling_context(self) -> Context:
        """What the translation of its rules has to know, with names that stand for deployed ones."""

    @property
    def deregistration_delay(self) -> float | None:
        """Of its target group."""
        traffic = self.declared.behind_balancer
        return None if traffic is None else float(traffic.deregistration_delay)

    @property
    def patience_in_front(self) -> float | None:
        """The idle timeout of the application balancer in front."""
        balancer = self.settings.load_balancer
        behind = self.declared.behind_balancer is not None and balancer.kind == "application"
        return float(balancer.idle_timeout) if behind else None

    @property
    def conditions(self) -> dict[str, Any]:
        """With the slow start behind a balancer."""
        traffic = self.declared.behind_balancer
        return super().conditions | ({} if traffic is None else {"slow_start": float(traffic.slow_start or 0.0)})

    def lint_context(self) -> LintContext:
        """What the stack file says beside the rules."""
        settings, declared, traffic = self.settings, self.declared, self.declared.traffic
        return LintContext(
            environment=_environment(settings),
            fine_metrics=False,  # neither a service's nor a launch template's setting is in pulumi-aws 7.51
            zones=_zones(settings.network),
            free_addresses=_free_addresses(settings, self.name),
            objectives=dict(_objectives(declared)),
            deregistration_delay=traffic.deregistration_delay if traffic else None,
            slow_start=traffic.slow_start if traffic else None,
            peak=self.simulation.peak,
            cost_cap=self.simulation.cost_cap,
            **self.own_context(),
        )

    def refusals(self) -> Sequence[Fault]:
        """Those of the translation."""
        from components.scaling.translation import refusals_of  # most commands translate nothing

        return refusals_of(self.rules, self.scaling_context()) if self.elasticity is not None else []

    def balanced_targets(self) -> tuple[BalancedTarget, ...]:
        """The target groups whose requests an application balancer counts."""
        from components.scaling.plan import BalancedTarget

        behind = self.declared.behind_balancer
        if behind is None or self.settings.load_balancer.kind != "application":
            return ()
        return (BalancedTarget(UNDEPLOYED, UNDEPLOYED, UNDEPLOYED if behind.alternate else None),)


def shared_costs(settings: AwsSettings, prices: Prices) -> SharedCosts:
    """Balancer with its addresses, NAT gateways, endpoints, dashboard, keys, alarms and Container Insights."""
    monthly: list[tuple[str, float]] = []
    items: list[str] = []
    unpriced = ["data transfer", "logs taken in and kept"]
    for part in _parts(settings):
        figures = [prices.figure(item, key) for item, key in part.figures]
        if None in figures:
            unpriced.append(part.words)
            continue
        monthly.append((part.words, part.count * sum(each or 0.0 for each in figures)))
        items += [item for item, _ in part.figures]
        unpriced += [part.by_use] if part.by_use else []
    if settings.network.existing is None and settings.network.flow_logs is not None:
        unpriced.append("flow logs taken in and kept")
    balancer = settings.balancer
    if balancer is None or balancer.existing is not None:
        return SharedCosts(tuple(monthly), tuple(items), tuple(unpriced))
    routes = sum(len(each.routes) for each in balancer.services.values())
    return SharedCosts(tuple(monthly), tuple(items), tuple(unpriced), balancer.kind, routes)


@dataclasses.dataclass(frozen=True)
class _Part:
    """One line of a bill: so many of what the figures price together."""

    words: str
    count: float
    """With the hours of a month where the figures are per hour."""
    figures: tuple[tuple[str, str], ...]
    by_use: str = ""
    """What is charged beside it, by use."""


def _parts(settings: AwsSettings) -> Iterator[_Part]:
    balancer, network = settings.balancer, settings.network
    if balancer is not None and balancer.existing is None:
        words = "load balancer, without capacity units"
        yield _Part(words, MONTH_HOURS, ((_BALANCERS[balancer.kind], "hour"),), "capacity units of the balancer")
        zones = len(network.zones) or len(network.existing.public_subnets if network.existing else ())
        if balancer.scheme == "public":
            words = f"{zones} public addresses of the balancer"
            yield _Part(words, zones * MONTH_HOURS, (("public_ipv4", "hour"),))
    if nat := len(network.nat_gateways.zones):
        figures = (("nat_gateway", "hour"), ("public_ipv4", "hour"))
        yield _Part(_nat_words(network.nat_gateways), nat * MONTH_HOURS, figures, "bytes through NAT gateways")
    if endpoints := len(network.endpoints.interface):
        words = f"{endpoints} interface endpoint{'s' * (endpoints > 1)} in {len(network.zones)} zones"
        count = endpoints * len(network.zones) * MONTH_HOURS
        yield _Part(words, count, (("vpc_endpoint", "hour"),), "bytes through interface endpoints")
    if settings.alarms.dashboard:
        yield _Part("dashboard", 1, (("dashboard", "month"),))
    if keys := _keys(settings):
        yield _Part(f"{keys} key{'s' * (keys > 1)}", keys, (("kms_key", "month"),))
    yield from _watching(settings)


def _watching(settings: AwsSettings) -> Iterator[_Part]:
    """What CloudWatch charges for."""
    watching = alarm_metrics(settings)
    for words, count, figure in (
        ("alarms of the stack", watching.standard, "month"),
        ("alarms of high resolution", watching.high_resolution, "high_resolution_month"),
        ("alarms that page", watching.composite, "composite_month"),
    ):
        if count:
            yield _Part(words, count, (("cloudwatch_alarm", figure),))
    if metrics := sum(declared.insights_metrics for declared in settings.declared.values()):
        figures = (("detailed_monitoring", "metric_month"),)
        yield _Part("Container Insights", metrics, figures, "log events of Container Insights")


def _keys(settings: AwsSettings) -> int:
    """KMS keys of the stack: one of its log groups in production, one of the topics that it makes."""
    alarms = settings.alarms
    topics = [alarms.topic, *([alarms.pager] if alarms.pager is not None else [])] if alarms.tell != "record" else []
    return settings.environment.production + any(not topic.arn for topic in topics)


def shared_needs(settings: AwsSettings) -> Needs:
    """Certificates of the balancer, existing subnets of the units."""
    balancer, existing = settings.balancer, settings.network.existing
    made = balancer is not None and balancer.existing is None
    return Needs(
        certificates=tuple(settings.load_balancer.listener.certificate_arns) if made else (),
        subnets=tuple(existing.private_subnets.values()) if existing is not None else (),
    )


def by_purchase(units: int, base: int, on_demand_share: float, vcpus: float, kind: str) -> dict[str, float]:
    """vCPUs of units of so many each, by what they count against: the base and its share of the rest on demand."""
    above = max(0, units - base)
    spot = above * (1.0 - on_demand_share)
    counted = {f"{kind}_on_demand": (units - spot) * vcpus, f"{kind}_spot": spot * vcpus}
    return {name: count for name, count in counted.items() if count}


def _nat_words(nat: NatGateways) -> str:
    count = len(nat.zones)
    if nat.regional:
        return f"a regional NAT gateway, counted for each of {count} zone{'s' * (count > 1)}, with addresses"
    return f"{count} NAT gateway{'s' * (count > 1)} with address"


def _environment(settings: AwsSettings) -> Literal["production", "development", "staging"]:
    """Production says so; of the others, development is where alarms only record."""
    if settings.environment.production:
        return "production"
    return "development" if settings.alarms.tell == "record" else "staging"


def _zones(network: NetworkSpec) -> int:
    existing = network.existing
    return len(network.zones) if existing is None else len(existing.private_subnets or existing.public_subnets)


def _free_addresses(settings: AwsSettings, name: str) -> int | None:
    """Addresses of the private subnets that this stack makes, less what its other services or groups may take."""
    network = settings.network
    if network.existing is not None or "private" not in network.tiers:
        return None
    prefixes = [int(slot(network.cidr, "private", zone).partition("/")[2]) for zone in network.zones]
    room = sum((1 << (32 - prefix)) - RESERVED_ADDRESSES for prefix in prefixes)
    others = sum(declared.maximum_units for other, declared in settings.declared.items() if other != name)
    return max(0, room - others)


def _objectives(declared: WorkloadSettings) -> Iterator[tuple[str, float]]:
    for alarms, alarm, metric in _PROMISES:
        watch = getattr(getattr(declared, alarms, None), alarm, None)
        if isinstance(watch, Watch) and watch.comparison.startswith("Greater"):
            yield metric, watch.threshold
