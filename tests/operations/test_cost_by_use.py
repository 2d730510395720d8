"""What is charged by use. It cannot prove what a request of somebody's weighs, nor see connections that stay open."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from elasticity.pricing import MONTH_HOURS, read_prices, shipped_prices
from operations.cost.bill import bill
from operations.cost.use import LCU, LOGS, NAT, Used, UsedCost, used_costs
from operations.simulate import Request
from stacks.settings import load
from stacks.simulation import PerRequest
from stacks.workloads import SharedCosts, shared_costs
from tests.operations.stack_files import stack_file

ROOT = Path(__file__).parents[2]
GIB = 2**30
MONTH = MONTH_HOURS * 3_600
WHOLE = PerRequest(balancer_bytes=GIB / 3_600, connections=0.5, nat_bytes=GIB / MONTH, log_bytes=GIB / MONTH)


SHARED = SharedCosts(unpriced=(LCU, NAT), balancer="application")


def only(weight: PerRequest, rate: float = 10.0) -> tuple[tuple[UsedCost, ...], frozenset[str]]:
    return used_costs([Used((rate / 2, rate, rate * 2), weight, True)], SHARED, shipped_prices())


def test_capacity_units_are_those_of_what_is_used_most() -> None:
    """A GiB an hour is a unit, and 25 new connections a second are one (Elastic Load Balancing pricing)."""
    (by_bytes, *_), _ = only(WHOLE)
    assert by_bytes.expected == pytest.approx(10 * 0.008 * MONTH_HOURS)
    (by_connections, *_), _ = only(PerRequest(balancer_bytes=0, connections=1), 50.0)
    assert by_connections.expected == pytest.approx(2 * 0.008 * MONTH_HOURS)
    assert (by_connections.minimum, by_connections.maximum) == pytest.approx(
        (0.008 * MONTH_HOURS, 4 * 0.008 * MONTH_HOURS)
    )


@pytest.mark.parametrize(
    ("balancer", "routes", "weight", "units"),
    [
        ("application", 0, {"connections": 1, "connection_time": "5m"}, 30_000 / 3_000),
        ("application", 0, {"connections": 1, "connection_time": "1m"}, 100 / 25),
        ("application", 10, {"connections": 0}, 0.0),
        ("application", 40, {"connections": 0}, 100 * 30 / 1_000),
        ("network", 40, {"connections": 1}, 100 / 800),
        ("network", 0, {"connections": 1, "connection_time": "1h"}, 360_000 / 100_000),
    ],
)
def test_open_connections_rules_and_network_balancers_by_hand(
    balancer: str, routes: int, weight: dict[str, Any], units: float
) -> None:
    """100 requests a second against the table of the pricing page; rules beyond ten are charged."""
    shared = SharedCosts(unpriced=(LCU,), balancer=balancer, routes=routes)
    used = [Used((100, 100, 100), PerRequest.model_validate({"balancer_bytes": 0} | weight), True)]
    (line, *_), counted = used_costs(used, shared, shipped_prices())
    price = 0.008 if balancer == "application" else 0.006
    assert (line.expected, counted) == (pytest.approx(units * price * MONTH_HOURS), {LCU})


def test_bytes_and_logs_by_hand() -> None:
    (_, nat, logs), counted = only(WHOLE)
    assert nat == UsedCost("bytes through NAT gateways", *(pytest.approx(gb * 0.045) for gb in (5, 10, 20)))
    assert logs == UsedCost("logs taken in", *(pytest.approx(gb * 0.50) for gb in (5, 10, 20)))
    assert counted == {LCU, NAT}


def test_logs_are_kept_as_long_as_the_file_says_and_counted_before_they_are_compressed() -> None:
    """10 GiB a month, kept for two months of 730 hours: 20 GiB lie there at any time (0.03 a GiB and month)."""
    shared = SharedCosts(unpriced=(LOGS,))
    lines, counted = used_costs([Used((5, 10, 20), WHOLE, False, 2 * MONTH)], shared, shipped_prices())
    assert lines[-1] == UsedCost("logs kept, before compression", *(pytest.approx(gb * 0.03) for gb in (10, 20, 40)))
    assert counted == {LOGS}
    silent = Used((5, 10, 20), PerRequest(), False, 2 * MONTH)
    loud = Used((5, 10, 20), WHOLE, False, 2 * MONTH)
    assert used_costs([silent, loud], shared, shipped_prices())[1] == frozenset(), "one of them does not say"
    dearer = read_prices("[logs]\ngb = 1", "no price for keeping")
    assert used_costs([loud], shared, dearer)[1] == frozenset()


def test_what_is_not_said_is_not_counted() -> None:
    assert only(PerRequest()) == ((), frozenset())
    assert only(PerRequest(balancer_bytes=1)) == ((), frozenset()), "connections are not known"
    some = [Used((1, 1, 1), WHOLE, True), Used((1, 1, 1), PerRequest(), True)]
    assert used_costs(some, SHARED, shipped_prices())[1] == frozenset()
    assert used_costs([Used((1, 1, 1), WHOLE, True)], SHARED, read_prices("", "none")) == ((), frozenset())


def test_the_bill_counts_use_and_lists_it_no_more(tmp_path: Path) -> None:
    without = bill(Request(file=stack_file(tmp_path)))
    assert {LCU, NAT} <= set(without.unpriced)
    weights = "per_request: { balancer_bytes: 20000, connections: 0.1, nat_bytes: 500, log_bytes: 300 }"
    said = bill(Request(file=stack_file(tmp_path, ("latency_goal: 1s", f"latency_goal: 1s\n        {weights}"))))
    assert not {LCU, NAT} & set(said.unpriced)
    rate = (40 * 90 + 140 * 30) / 120
    (logs,) = [line for line in said.used if line.name == "logs taken in"]
    assert logs.expected == pytest.approx(rate * 300 * MONTH / GIB * 0.50)
    more = sum(line.expected for line in said.used)
    assert (said.total("expected") or 0) - (without.total("expected") or 0) == pytest.approx(more)


@pytest.mark.parametrize("stack", ["dev", "staging", "prod", "fleet"])
def test_the_keys_on_a_bill_are_those_that_the_stack_registers(stack: str) -> None:
    settings = load(ROOT / f"Pulumi.{stack}.yaml")
    keys = [
        words for words, _ in shared_costs(settings, shipped_prices()).monthly if words.split()[-1] in ("key", "keys")
    ]
    registered = (ROOT / "tests" / "stacks" / "urns" / f"{stack}.txt").read_text().count("aws:kms/key:Key::")
    assert keys == ([f"{registered} key{'s' * (registered > 1)}"] if registered else [])


def test_a_public_balancer_has_an_address_in_each_zone_and_says_what_has_no_price() -> None:
    settings = load(ROOT / "Pulumi.prod.yaml")
    monthly = dict(shared_costs(settings, shipped_prices()).monthly)
    assert monthly["3 public addresses of the balancer"] == pytest.approx(3 * 0.005 * MONTH_HOURS)
    unpriced = shared_costs(settings, read_prices("", "none")).unpriced
    assert {"3 public addresses of the balancer", "2 keys", "dashboard"} <= set(unpriced)
