"""`accordion cost`. It cannot prove that AWS still charges what the dated table says."""

import dataclasses
import json
import shutil
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from elasticity.pricing import MONTH_HOURS, read_prices, shipped_prices
from operations.cli import run
from operations.cost import Bill, bill, bounds, envelope
from operations.simulate import Request, simulated
from stacks.settings import load as settings_of
from stacks.simulation import LoadDescription, load_of
from stacks.workloads import UnitCost, scaled
from tests.operations.golden_files import matches
from tests.operations.stack_files import stack_file

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("stack", ["dev", "staging", "prod", "fleet"])
def test_the_cost_of_a_shipped_stack_is_that_of_its_golden_file(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, stack: str
) -> None:
    monkeypatch.chdir(ROOT)
    assert run(["cost", "--stack", stack]) == 0
    matches(f"cost.{stack}.txt", capsys.readouterr().out)


def test_a_known_answer(tmp_path: Path) -> None:
    """Fargate x86, 0.25 vCPU and 0.5 GB: (0.25 x 0.04048 + 0.5 x 0.004445) x 730 h a task, and two alarms at 0.10."""
    (found,) = bill(Request(file=stack_file(tmp_path))).envelopes
    task = (0.25 * 0.04048 + 0.5 * 0.004445) * MONTH_HOURS
    assert found.minimum == pytest.approx(2 * task + 0.2)
    assert found.maximum == pytest.approx(8 * task + 0.2)


@settings(max_examples=40, deadline=None)
@given(
    low=st.integers(0, 5),
    more=st.integers(0, 20),
    base=st.integers(0, 1_000),
    factor=st.floats(0.1, 20),
    spot=st.integers(0, 3),
    on_demand=st.integers(1, 3),
    night=st.one_of(st.none(), st.integers(0, 5)),
)
def test_minimum_is_at_most_expected_and_expected_at_most_maximum(
    tmp_path_factory: pytest.TempPathFactory,
    low: int,
    more: int,
    base: int,
    factor: float,
    spot: int,
    on_demand: int,
    night: int | None,
) -> None:
    high = max(low + more, 1, 3)
    capacity = f"memory: 512\n      capacity: {{ base: 1, on_demand_weight: {on_demand}, spot_weight: {spot} }}"
    path = stack_file(
        tmp_path_factory.mktemp("cost"),
        ("minimum: 2\n        maximum: 8\n        unit", f"minimum: {low}\n        maximum: {high}\n        unit"),
        (", maximum: 8 }", f", maximum: {high} }}"),
        ("Berlin, minimum: 2", f"Berlin, minimum: {low if night is None else min(night, high)}"),
        ("memory: 512", capacity),
    )
    (member,) = scaled(settings_of(path)).values()
    prices = shipped_prices()
    square = {"square": {"low": f"{base}/s", "high": f"{base * factor + 1:.3f}/s", "duration": "2h"}, "repeat": 2}
    load = load_of("some", LoadDescription.model_validate(square), Path())
    found = envelope(member, member.simulated_cost(prices), [simulated(member, load, prices, Request())], prices)
    assert found.minimum is not None
    assert found.expected is not None
    assert found.maximum is not None
    assert found.minimum <= found.expected <= found.maximum


def test_an_expected_cost_needs_a_load(tmp_path: Path) -> None:
    text = stack_file(tmp_path).read_text()
    path = tmp_path / "Pulumi.bare.yaml"
    path.write_text(text[: text.index("      simulation:")])
    answer = bill(Request(file=path))
    assert answer.envelopes[0].expected is None
    assert answer.total("expected") is None
    assert answer.total("minimum") is not None


def test_what_has_no_price_is_listed_and_makes_the_total_unknown() -> None:
    cost = UnitCost(0, None, None, (), ("z9.huge",))
    with pytest.raises(ValueError, match=r"^the units have no price$"):
        cost.hourly(3)
    assert cost.each(3) is None


def test_a_group_of_a_type_without_a_price_costs_no_zero(tmp_path: Path) -> None:
    text = (ROOT / "Pulumi.fleet.yaml").read_text(encoding="utf-8")
    text = text.replace("[m7g.large, m6g.large, c7g.large]", "[m6g.large, c7g.large]")
    shutil.copytree(ROOT / "examples" / "traces", tmp_path / "examples" / "traces")
    path = tmp_path / "Pulumi.other.yaml"
    path.write_text(text)
    answer = bill(Request(file=path))
    (found,) = answer.envelopes
    assert (found.minimum, found.expected, found.maximum) == (None, None, None)
    assert found.unpriced == ("m6g.large", "c7g.large")
    assert [answer.total(which) for which in ("minimum", "expected", "maximum")] == [None, None, None]


def test_a_user_s_price_file_prices_what_the_table_lacks(tmp_path: Path) -> None:
    prices = tmp_path / "prices.toml"
    prices.write_text('["ec2_spot"]\nof_on_demand = 0.5\ndate = "2026-01"\nsource = "a contract"\n')
    (member,) = scaled(settings_of(ROOT / "Pulumi.fleet.yaml")).values()
    table = read_prices(prices.read_text(), "prices.toml", shipped_prices())
    cost = member.simulated_cost(table)
    assert cost.base_hourly == pytest.approx(0.0816)
    assert cost.above_hourly == pytest.approx(0.0816 * 0.75)
    assert cost.hourly(5) == pytest.approx(3 * 0.0816 + 2 * 0.0816 * 0.75)
    assert cost.unpriced == ("m6g.large", "c7g.large")


def test_a_service_of_a_fixed_size_costs_the_same_in_all_three(tmp_path: Path) -> None:
    text = stack_file(tmp_path).read_text()
    path = tmp_path / "Pulumi.fixed.yaml"
    path.write_text(text[: text.index("      elasticity:")] + "      count: 3\n")
    (found,) = bill(Request(file=path)).envelopes
    assert found.minimum == found.expected == found.maximum
    assert found.units_least == found.units_most == 3


def test_bounds_are_the_widest_that_ever_hold(tmp_path: Path) -> None:
    path = stack_file(tmp_path, ("Berlin, maximum: 8", "Berlin, maximum: 1, minimum: 0"))
    (member,) = scaled(settings_of(path)).values()
    assert bounds(member.rules) == (0, 8)


def test_the_answer_is_there_as_json(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert run(["cost", str(stack_file(tmp_path)), "--format", "json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["total"]["minimum"] < answer["total"]["expected"] < answer["total"]["maximum"]
    assert answer["currency"] == "USD"


def test_totals_add_what_does_not_scale() -> None:
    assert Bill("x", "USD", "us-east-1", (), (("a", 1.0), ("b", 2.5)), (), ()).total("minimum") == 3.5


@pytest.mark.parametrize(("billed", "units"), [(0.5, 2.0), (3.0, 3.0), (50.0, 8.0)])
def test_expected_stays_within_the_bounds_even_where_draining_units_are_billed(
    tmp_path: Path, billed: float, units: float
) -> None:
    (member,) = scaled(settings_of(stack_file(tmp_path))).values()
    prices = shipped_prices()
    done = simulated(member, load_of("x", member.simulation.loads["rush"], tmp_path), prices, Request())
    hours = done.timeline.seconds / 3_600
    done = dataclasses.replace(done, figures={**done.figures, "unit_hours": billed * hours})
    assert envelope(member, member.simulated_cost(prices), [done], prices).units_expected == units
