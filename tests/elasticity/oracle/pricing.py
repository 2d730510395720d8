"""Costs of the parts one by one, from the shipped table: `elasticity.pricing.price` makes the whole bill."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Sequence

from elasticity import arguments
from elasticity.pricing import FargateTask, Prices, billed_hours, from_zero, shipped_prices


def fleet_cost(hourly: float, lifetimes: Iterable[float]) -> float:
    """Cost of units at one hourly price: sum over units of max(60 s, life) x price / 3600; the order of units does not
    matter.

    `lifetimes` in seconds, from launch to the end of draining. Source: AWS per-second billing, one minute at least.
    """
    return billed_hours(lifetimes) * arguments.number("hourly", hourly, 0)


def fargate_cost(
    vcpu: float,
    gb: float,
    hours: float,
    architecture: str = "x86",
    *,
    storage_gb: float = 20.0,
    spot: bool = False,
    prices: Prices | None = None,
) -> float:
    """Cost of `hours` of one Fargate task; size as `FargateTask`. Raises ValueError on a negative or no finite
    number."""
    from_zero(vcpu=vcpu, gb=gb, hours=hours, storage_gb=storage_gb)
    return FargateTask(vcpu, gb, architecture, storage_gb, spot).hourly(prices or shipped_prices()) * hours


@dataclasses.dataclass(frozen=True, slots=True)
class BalancerCost:
    """Capacity units of an application load balancer and its price per hour."""

    lcu: float
    per_hour: float


def alb_cost(
    new_connections_s: float = 0.0,
    active_connections: float = 0.0,
    gb_hour: float = 0.0,
    rule_evaluations_s: float = 0.0,
    *,
    prices: Prices | None = None,
) -> BalancerCost:
    """LCU and hourly price: the largest of new connections/s over 25, active over 3000, GB/h over 1, rule
    evaluations/s over 1000."""
    from_zero(
        new_connections_s=new_connections_s,
        active_connections=active_connections,
        gb_hour=gb_hour,
        rule_evaluations_s=rule_evaluations_s,
    )
    rate = (prices or shipped_prices()).rate("alb")
    lcu = max(new_connections_s / 25, active_connections / 3000, gb_hour, rule_evaluations_s / 1000)
    return BalancerCost(lcu, rate["hour"] + lcu * rate["lcu_hour"])


def nat_cost(gateways: int, hours: float, gb: float, addresses: int = 0, *, prices: Prices | None = None) -> float:
    """Cost of NAT gateways for `hours` each and `gb` processed in all, and of as many public `addresses`."""
    from_zero(gateways=gateways, hours=hours, gb=gb, addresses=addresses)
    table = prices or shipped_prices()
    rate = table.rate("nat_gateway")
    leased = addresses * hours * table.rate("public_ipv4")["hour"] if addresses else 0.0
    return gateways * hours * rate["hour"] + gb * rate["gb"] + leased


def spot_ratio(on_demand: Sequence[float], spot: Sequence[float]) -> float:
    """What spot costs of on-demand, over figures of the same items in the same order; raises ValueError unless they
    pair up."""
    if len(on_demand) != len(spot) or not sum(on_demand) > 0:
        raise ValueError("`on_demand` and `spot`: expected the same number of figures, and some price on demand")
    return sum(spot) / sum(on_demand)
