"""What is charged by use, as far as loads and the weight of a request tell it: capacity units of an application
balancer, bytes through NAT gateways, logs taken in."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Sequence

from elasticity.pricing import MONTH_HOURS, Prices
from stacks.simulation import PerRequest

GB = float(1 << 30)
"""Bytes of what AWS charges as a GB."""
CONNECTIONS_OF_A_UNIT = 25.0
"""New connections a second that a capacity unit of an application balancer covers (Elastic Load Balancing pricing)."""
GB_OF_A_UNIT = 1.0
"""GB an hour that one covers."""
LCU, NAT = "capacity units of the balancer (LCU)", "bytes through NAT gateways"
"""As the parts that a stack shares list them."""
Rates = tuple[float, float, float]
"""Requests a second: of the load with the fewest, of all loads, of the load with the most."""


@dataclasses.dataclass(frozen=True)
class Used:
    """Use of one service or group."""

    rates: Rates
    weight: PerRequest
    balanced: bool
    """Whether its requests come through the balancer."""


@dataclasses.dataclass(frozen=True)
class UsedCost:
    """A month of one kind of use: on the load with the fewest requests, over all loads, on that with the most."""

    name: str
    minimum: float
    expected: float
    maximum: float


def used_costs(
    used: Sequence[Used], shared: Iterable[str], prices: Prices
) -> tuple[tuple[UsedCost, ...], frozenset[str]]:
    """What use costs, and which lines of `shared`, the items of a stack that are charged by use, are counted so.

    Balancers are charged by what is used most: connections or bytes. Connections that stay open and rules beyond ten
    are left out. A line is counted only where every service that it is about says its weight.
    """
    lines, there = [], frozenset(shared)
    balanced = [one for one in used if one.balanced]
    lcu, nat, logs = prices.figure("alb", "lcu_hour"), prices.figure("nat_gateway", "gb"), prices.figure("logs", "gb")
    counted: set[str] = set()
    whole = all(one.weight.balancer_bytes is not None and one.weight.connections is not None for one in balanced)
    if LCU in there and balanced and whole and lcu is not None:
        lines.append(_line("capacity units of the balancer", lambda place: _units(balanced, place) * lcu * MONTH_HOURS))
        counted.add(LCU)
    if NAT in there and nat is not None and used and all(one.weight.nat_bytes is not None for one in used):
        lines.append(_line("bytes through NAT gateways", lambda place: nat * _month_gb(used, place, "nat_bytes")))
        counted.add(NAT)
    if logs is not None and any(one.weight.log_bytes for one in used):
        lines.append(_line("logs taken in", lambda place: logs * _month_gb(used, place, "log_bytes")))
    return tuple(lines), frozenset(counted)


def _line(name: str, amount: Callable[[int], float]) -> UsedCost:
    return UsedCost(name, amount(0), amount(1), amount(2))


def _units(balanced: Sequence[Used], place: int) -> float:
    """Capacity units, mean over the time."""
    connections = sum(one.rates[place] * (one.weight.connections or 0.0) for one in balanced)
    hourly = sum(one.rates[place] * (one.weight.balancer_bytes or 0.0) for one in balanced) * 3_600 / GB
    return max(connections / CONNECTIONS_OF_A_UNIT, hourly / GB_OF_A_UNIT)


def _month_gb(used: Sequence[Used], place: int, weight: str) -> float:
    return sum(one.rates[place] * (getattr(one.weight, weight) or 0.0) for one in used) * 3_600 * MONTH_HOURS / GB
