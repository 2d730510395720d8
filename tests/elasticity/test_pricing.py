"""Cost from the dated table. It cannot prove that a price is still the price: each has its date."""

from __future__ import annotations

import math
import pickle
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from elasticity.pricing import (
    MONTH_HOURS,
    FargateTask,
    Instance,
    alarm_cost,
    billed_hours,
    load_prices,
    price,
    read_prices,
    rule_alarms,
    shipped_prices,
    shipped_regions,
)
from tests.elasticity.oracle.pricing import alb_cost, fargate_cost, fleet_cost, nat_cost, spot_ratio
from tests.elasticity.refusals import refuses

LIVES = st.lists(st.floats(0, 1e6), max_size=30)


@given(LIVES, st.randoms())
def test_the_order_of_units_does_not_matter(lives: list[float], random: Any) -> None:
    assert fleet_cost(0.1, random.sample(lives, len(lives))) == fleet_cost(0.1, lives)


@given(LIVES, LIVES)
def test_two_fleets_cost_their_sum(one: list[float], other: list[float]) -> None:
    assert fleet_cost(0.1, one + other) == pytest.approx(fleet_cost(0.1, one) + fleet_cost(0.1, other))


@given(st.lists(st.integers(0, 100_000), max_size=30))
def test_each_unit_is_billed_a_minute_at_least(lives: list[int]) -> None:
    assert billed_hours(lives) == pytest.approx(sum(max(60, life) for life in lives) / 3600)


def test_seconds_are_billed_whole() -> None:
    assert billed_hours([60.2]) == pytest.approx(61 / 3600)
    assert billed_hours([61 - 1e-12]) == pytest.approx(61 / 3600)


def test_tables_come_for_the_regions_that_are_promised() -> None:
    assert set(shipped_regions()) == {"us-east-1", "us-west-2", "eu-central-1", "eu-west-1", "ap-southeast-1"}


@pytest.mark.parametrize("region", shipped_regions())
def test_every_shipped_figure_is_dated(region: str) -> None:
    table = shipped_prices(region)
    assert (table.region, table.currency) == (region, "USD")
    for item in table.items:
        assert "undated" not in table.dated(item).split(",")[0], f"{item} has no date"
        assert table.rate(item), f"{item} has no figure"


def test_an_unknown_item_is_refused_with_those_there_are() -> None:
    with pytest.raises(KeyError, match=r"no price for m6i.large in us-east-1: add it to a price file; known are farg"):
        shipped_prices().rate("m6i.large")


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ({"architecture": "arm"}, 0.03238 + 2 * 0.00356),
        ({"architecture": "windows"}, 0.09148 + 0.046 + 2 * 0.01005),
        ({"storage_gb": 30}, 0.04048 + 2 * 0.004445 + 10 * 0.000111),
        ({"spot": True}, 0.3 * (0.04048 + 2 * 0.004445)),
        ({"storage_gb": 10}, 0.04048 + 2 * 0.004445),
    ],
)
def test_a_task_hour(arguments: dict[str, Any], expected: float) -> None:
    assert fargate_cost(1, 2, 1, **arguments) == pytest.approx(expected)


def test_an_unknown_architecture_is_refused() -> None:
    with refuses("`architecture`: got 'mips', allowed x86, x86_64, arm, arm64, windows"):
        fargate_cost(1, 2, 1, "mips")


def test_parts_by_hand() -> None:
    assert alb_cost(active_connections=6_000).lcu == 2
    assert nat_cost(1, 10, 0) == pytest.approx(0.45)
    assert alarm_cost(4, 2, 1) == pytest.approx(0.4 + 0.6 + 0.5)
    assert rule_alarms(tracking_with_scale_in=2, tracking_without=1, step=3) == 8


def test_spot_pairs_up() -> None:
    for wrong in (([1], [1, 2]), ([0], [1])):
        with refuses("`on_demand` and `spot`: expected the same number of figures, and some price on demand"):
            spot_ratio(*wrong)


# The bill


def test_a_bill_has_a_line_per_part_and_a_month() -> None:
    bill = price(
        lifetimes=[3_600, 7_200],
        unit=Instance("m7g.large"),
        window_hours=2,
        alarms=2,
        high_resolution_alarms=1,
        balancers=1,
        lcu_hours=3,
        nat_gateways=1,
        nat_gb=5,
        addresses=2,
    )
    amounts = {(line.item, line.unit): line.amount for line in bill.lines}
    months = 2 / MONTH_HOURS
    assert amounts == {
        ("m7g.large", "unit-hours"): pytest.approx(3 * 0.0816),
        ("alb", "balancer-hours"): pytest.approx(2 * 0.0225),
        ("alb", "LCU-hours"): pytest.approx(3 * 0.008),
        ("nat_gateway", "gateway-hours"): pytest.approx(2 * 0.045),
        ("nat_gateway", "GB"): pytest.approx(5 * 0.045),
        ("public_ipv4", "address-hours"): pytest.approx(4 * 0.005),
        ("cloudwatch_alarm", "alarm-months"): pytest.approx(0.30 * months),
    }
    alarms = [line.amount for line in bill.lines if line.item == "cloudwatch_alarm"]
    assert alarms == [pytest.approx(0.20 * months), pytest.approx(0.30 * months)]
    assert bill.total == pytest.approx(sum(line.amount for line in bill.lines))
    assert bill.per_month == pytest.approx(bill.total * 365)
    assert bill.per_million(2e6) == pytest.approx(bill.total / 2)
    assert bill.per_million(0) == math.inf
    assert bill.lines[0].dated == "2026-06-17, factualminds.com"


def test_an_unknown_price_is_listed_and_never_zero() -> None:
    bill = price(
        [3_600], Instance("m6i.large"), 1, alarms=1, unpriced=["detailed monitoring"], prices=read_prices("", "p")
    )
    assert bill.unknown == ("detailed monitoring", "m6i.large", "cloudwatch_alarm")
    assert bill.lines == ()


def test_a_task_and_a_price_given() -> None:
    assert price([3_600], FargateTask(1, 2), 1).total == pytest.approx(0.04048 + 2 * 0.004445)
    given = price([3_600], 0.5, 1)
    assert (given.total, given.lines[0].dated) == (0.5, "price given")
    assert price([3_600], FargateTask(1, 2, "mips"), 1).unknown == ("mips",)


def test_a_window_has_a_length() -> None:
    with refuses("`window_hours`: got 0, allowed a number above 0"):
        price([], 1, 0)


# A price file


def test_a_price_file_lies_over_the_shipped_table(tmp_path: Path) -> None:
    mine = tmp_path / "prices.toml"
    mine.write_text('region = "eu-central-1"\n["m6i.large"]\nhour = 0.1\n["m7g.large"]\nhour = 0.09\n')
    table = load_prices(mine)
    assert (table.region, table.currency) == ("eu-central-1", "USD")
    assert table.rate("m6i.large") == {"hour": 0.1}
    assert table.rate("m7g.large") == {"hour": 0.09}
    assert table.dated("m6i.large") == "undated, no source given"
    assert table.rate("alb") == shipped_prices("eu-central-1").rate("alb")
    assert table.figure("alb", "lcu_hour") is None, "a figure of another region stands in"
    assert load_prices() is shipped_prices()
    assert load_prices(region="eu-west-1") is shipped_prices("eu-west-1")


def test_a_price_file_of_another_region_is_refused(tmp_path: Path) -> None:
    mine = tmp_path / "prices.toml"
    mine.write_text('region = "us-west-2"\n')
    with refuses(
        f"{mine}: region: its prices are those of us-west-2, and the stack runs in eu-west-1: give a table of "
        "eu-west-1; `accordion prices update --region eu-west-1` writes one"
    ):
        load_prices(mine, "eu-west-1")
    mine.write_text('["m6i.large"]\nhour = 0.1\n')
    assert load_prices(mine, "eu-west-1").region == "eu-west-1"
    assert load_prices(mine).region == "us-east-1"


def test_a_region_without_a_table_has_no_price_at_all() -> None:
    table = shipped_prices("eu-north-1")
    assert (table.region, table.currency, dict(table.items)) == ("eu-north-1", "USD", {})
    bill = price([3_600], FargateTask(1, 2), 1, alarms=1, balancers=1, prices=table)
    assert (bill.lines, bill.unknown) == ((), ("fargate_linux_x86", "alb", "cloudwatch_alarm"))


def test_a_figure_that_an_item_lacks_is_listed() -> None:
    bill = price([], 1.0, 1, balancers=1, lcu_hours=2, prices=shipped_prices("eu-central-1"))
    assert bill.unknown == ("alb",)
    assert [line.unit for line in bill.lines] == ["unit-hours", "balancer-hours"]


def test_storage_without_a_price_prices_a_task_that_needs_none() -> None:
    table = shipped_prices("eu-central-1")
    assert FargateTask(1, 2).priced_by(table)
    assert FargateTask(1, 2).hourly(table) == pytest.approx(0.04656 + 2 * 0.00511)
    assert not FargateTask(1, 2, storage_gb=30).priced_by(table)
    assert FargateTask(1, 2, storage_gb=30).priced_by(shipped_prices())


def test_a_table_can_be_sent_to_another_process() -> None:
    sent = pickle.loads(pickle.dumps(shipped_prices("eu-west-1")))
    assert (sent.region, sent.items) == ("eu-west-1", shipped_prices("eu-west-1").items)


def test_a_table_alone_has_no_region() -> None:
    assert read_prices("", "mine.toml").region == "unknown"


def test_faults_of_a_price_file_come_all_at_once() -> None:
    with refuses(
        "mine.toml: region: expected text\n"
        "mine.toml: hour: expected a table of figures, such as [hour] and hour = 0.1\n"
        "mine.toml: a.hour: expected a number from 0 up\n"
        "mine.toml: b.hour: expected a number from 0 up\n"
        "mine.toml: c.hour: expected a number from 0 up\n"
        "mine.toml: d.hour: expected a number from 0 up"
    ):
        read_prices(
            'region = 1\nhour = 2\n[a]\nhour = "x"\n[b]\nhour = -1\n[c]\nhour = nan\n[d]\nhour = true', "mine.toml"
        )


def test_a_file_that_is_none_is_refused(tmp_path: Path) -> None:
    with refuses("mine.toml: not TOML: invalid statement (at line 1, column 1)"):
        read_prices("=", "mine.toml")
    missing = tmp_path / "no.toml"
    with refuses(f"{missing}: the price file cannot be read: expected a TOML file in UTF-8"):
        load_prices(missing)
    missing.write_bytes(b"\xff\xfe\x00")
    with refuses(f"{missing}: the price file cannot be read: expected a TOML file in UTF-8"):
        load_prices(missing)


def test_a_file_of_some_figures_leaves_the_others_of_an_item_as_they_are() -> None:
    mine = read_prices("[cloudwatch_alarm]\nmonth = 0.2\n", "mine.toml", shipped_prices())
    shipped = shipped_prices().rate("cloudwatch_alarm")
    assert mine.rate("cloudwatch_alarm") == shipped | {"month": 0.2}
    assert alarm_cost(1, 1, 1, prices=mine) == alarm_cost(0, 1, 1) + 0.2


def test_an_instance_type_without_its_figure_is_told() -> None:
    with refuses("mine.toml: m7g.large.hour: missing, and an instance type has it"):
        read_prices('"m7g.large" = { month = 2 }\n', "mine.toml", shipped_prices())
