"""What is charged by use, as far as loads and the weight of a request tell it: capacity units of a balancer, bytes
through NAT gateways, logs taken in and kept."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

from elasticity.pricing import MONTH_HOURS, Prices
from stacks.simulation import PerRequest
from stacks.workloads import SharedCosts

GB = float(1 << 30)
"""Bytes of what AWS charges as a GB."""


@dataclasses.dataclass(frozen=True)
class CapacityUnit:
    """What one capacity unit of a balancer covers; a balancer is charged by what needs the most of them."""

    item: str
    """Of the price table."""
    new: float
    """New connections a second."""
    opened: float
    """Connections that are open at once."""
    gb: float = 1.0
    """GB an hour."""
    evaluations: float | None = None
    """Rules a second that requests are held against, beyond those that are free; None where nothing is."""


CAPACITY: Mapping[str, CapacityUnit] = MappingProxyType(
    {
        "application": CapacityUnit("alb", 25.0, 3_000.0, evaluations=1_000.0),
        "network": CapacityUnit("nlb", 800.0, 100_000.0),
    }
)
"""By kind of balancer; that of a network balancer for TCP. Source: Elastic Load Balancing pricing."""
FREE_RULES = 10
"""Rules that a request is held against without a charge (there)."""
LCU, NAT = "capacity units of the balancer", "bytes through NAT gateways"
LOGS = "logs taken in and kept"
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
    log_retention: float | None = None
    """Seconds that its logs are kept; None where it has no log group."""


@dataclasses.dataclass(frozen=True)
class UsedCost:
    """A month of one kind of use: on the load with the fewest requests, over all loads, on that with the most."""

    name: str
    minimum: float
    expected: float
    maximum: float


def used_costs(
    used: Sequence[Used], shared: SharedCosts, prices: Prices
) -> tuple[tuple[UsedCost, ...], frozenset[str]]:
    """What use costs, and which lines of the parts that a stack shares, those that are charged by use, are counted so.

    Balancers are charged by what needs the most units: new connections, those that are open, bytes, or rules beyond
    ten. Every request is held against every rule, which is the most that it can be. Connections that are open are
    counted where `connection_time` says how long. Logs are kept compressed, and by how much nothing tells: they are
    counted as they came, which is the most. A line is counted only where every service that it is about says its
    weight.
    """
    lines, there = [], frozenset(shared.unpriced)
    balanced, unit = [one for one in used if one.balanced], CAPACITY.get(shared.balancer)
    price = None if unit is None else prices.figure(unit.item, "lcu_hour")
    nat, logs = prices.figure("nat_gateway", "gb"), prices.figure("logs", "gb")
    kept = prices.figure("logs", "gb_month")
    counted: set[str] = set()
    whole = all(one.weight.balancer_bytes is not None and one.weight.connections is not None for one in balanced)
    if LCU in there and balanced and whole and unit is not None and price is not None:
        lines.append(_line(LCU, lambda place: _units(balanced, place, unit, shared.routes) * price * MONTH_HOURS))
        counted.add(LCU)
    if NAT in there and nat is not None and used and all(one.weight.nat_bytes is not None for one in used):
        lines.append(_line(NAT, lambda place: nat * _month_gb(used, place, "nat_bytes")))
        counted.add(NAT)
    if logs is not None and any(one.weight.log_bytes for one in used):
        lines.append(_line("logs taken in", lambda place: logs * _month_gb(used, place, "log_bytes")))
        if kept is not None and all(one.log_retention for one in used if one.weight.log_bytes):
            lines.append(_line("logs kept, before compression", lambda place: kept * _kept_gb(used, place)))
            counted |= {LOGS} if all(one.weight.log_bytes is not None for one in used) else set()
    return tuple(lines), frozenset(counted)


def _line(name: str, amount: Callable[[int], float]) -> UsedCost:
    return UsedCost(name, amount(0), amount(1), amount(2))


def _units(balanced: Sequence[Used], place: int, unit: CapacityUnit, routes: int) -> float:
    """Capacity units, mean over the time."""
    new = [(one.rates[place] * (one.weight.connections or 0.0), one.weight.connection_time or 0.0) for one in balanced]
    hourly = sum(one.rates[place] * (one.weight.balancer_bytes or 0.0) for one in balanced) * 3_600 / GB
    rules = sum(one.rates[place] for one in balanced) * max(0, routes - FREE_RULES)
    return max(
        sum(rate for rate, _ in new) / unit.new,
        sum(rate * seconds for rate, seconds in new) / unit.opened,
        hourly / unit.gb,
        rules / unit.evaluations if unit.evaluations else 0.0,
    )


def _month_gb(used: Sequence[Used], place: int, weight: str) -> float:
    return sum(one.rates[place] * (getattr(one.weight, weight) or 0.0) for one in used) * 3_600 * MONTH_HOURS / GB


def _kept_gb(used: Sequence[Used], place: int) -> float:
    """GB that lie there once the oldest are as old as they become."""
    months = [(one, (one.log_retention or 0.0) / (MONTH_HOURS * 3_600)) for one in used]
    return sum(_month_gb([one], place, "log_bytes") * kept for one, kept in months)
