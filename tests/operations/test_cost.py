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
from operations.cost.bill import Bill, bill, bounds, envelope
from operations.cost.change import between
from operations.simulate import Request, loads_for, simulated
from stacks.settings import load as settings_of
from stacks.simulation import LoadDescription, load_of
from stacks.workloads import UnitCost, scaled
from tests.operations.controlled import SWARM_STATE
from tests.operations.golden_files import matches
from tests.operations.stack_files import stack_file

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("stack", ["dev", "staging", "prod", "fleet", "private"])
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


def test_both_versions_of_a_release_are_paid_from_its_start_to_the_end_of_the_bake_time(tmp_path: Path) -> None:
    """A flat load for two hours on two tasks; blue/green with a start-up of 60 s, 20 minutes of answers and 30 of bake
    time: 51 minutes of a second set."""
    flat = "rush: { spike: { base: 1/s, peak: 1/s, at: 30m, length: 30m, duration: 2h } }"
    gradual = [
        ("rush: { spike: { base: 40/s, peak: 140/s, at: 30m, length: 30m, duration: 2h } }", flat),
        ("cpu: 256", "deployment: { strategy: blue_green, bake_time: 30m }\n      cpu: 256"),
        ("traffic: { port: 8080 }", "traffic: { port: 8080, routes: { all: { priority: 10, paths: ['/*'] } } }"),
    ]
    released = (
        "simulation:\n",
        "simulation:\n        failures: { friday: { release: { at: 30m, answered_within: 20m } } }\n",
    )
    found = []
    for name, changes in (("Pulumi.a.yaml", gradual), ("Pulumi.b.yaml", [*gradual, released])):
        asked = Request(file=stack_file(tmp_path, *changes, name=name))
        (web,) = bill(asked).envelopes
        (member,) = scaled(settings_of(asked.path)).values()
        (load,) = loads_for(member, asked)
        hours = float(simulated(member, load, shipped_prices(), asked).figures["unit_hours"] or 0.0)
        found.append((web.loads[0].units, web.loads[0].cost, hours))
    (before, paid_before, hours_before), (after, paid_after, hours_after) = found
    assert before == pytest.approx(2.0)
    assert hours_before == pytest.approx(4.0)
    assert hours_after - hours_before == pytest.approx(2 * 51 / 60, abs=2 / 60)
    assert after == pytest.approx(hours_after / 2)
    task = (0.25 * 0.04048 + 0.5 * 0.004445) * MONTH_HOURS
    assert paid_before is not None
    assert paid_after == pytest.approx(paid_before + (after - before) * task)


def test_machines_whose_hour_nobody_has_named_cost_nothing_that_is_known(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    lines = (ROOT / "Pulumi.private.yaml").read_text().splitlines(keepends=True)
    file = tmp_path / "Pulumi.private.yaml"
    file.write_text("".join(line for line in lines if "accordion:node" not in line))
    assert run(["cost", str(file)]) == 0
    first, _, second, *_ = capsys.readouterr().out.splitlines()
    assert first == f"{file.name}: the cost cannot be told: something that scales has no price"
    assert second == f"{file.name}: per month, in USD, no machine-hour has a price"
    (tmp_path / "state.json").write_text(json.dumps(SWARM_STATE))
    assert run(["cost", str(file), "--state", str(tmp_path / "state.json")]) == 2
    assert capsys.readouterr().err == (
        "error: --state prices what AWS charges beside units; of a stack on Docker Swarm nothing is charged so\n"
    )


def test_machines_of_ones_own_cost_their_hour_and_nothing_of_aws(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """0.25 of 2 vCPU at 0.05 an hour, over 730 hours, the proxy the same, and the controller a sixteenth of
    a core; its alarms cost nothing."""
    monkeypatch.chdir(ROOT)
    (tmp_path / "prices.toml").write_text('currency = "EUR"\n[cloudwatch_alarm]\nmonth = 100.0\n')
    asked = Request(stack="private", prices=tmp_path / "prices.toml")
    answer = bill(asked)
    (web,) = answer.envelopes
    task = 0.05 * 0.25 / 2 * MONTH_HOURS
    assert web.minimum == pytest.approx(2 * task)
    assert web.maximum == pytest.approx(4 * task)
    assert answer.total("minimum") == pytest.approx(3.25 * task)
    assert (answer.currency, answer.region, answer.dates) == ("EUR", "", ())
    assert run(["cost", "--stack", "private", "--html", str(tmp_path / "page.html")]) == 0
    assert run(["simulate", "--stack", "private"]) == 0
    said = capsys.readouterr().out + (tmp_path / "page.html").read_text()
    assert "cost per month at this rate 11.30 USD" in " ".join(said.split()), "of the run, by the machine-hour alone"
    for word in ("cloudwatch", "us-east-1", "list price"):
        assert word not in said.lower(), word


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
    text = text.replace("[m7g.large, m6g.large, c7g.large]", "[m6g.large, x2gd.large]")
    shutil.copytree(ROOT / "examples" / "traces", tmp_path / "examples" / "traces")
    path = tmp_path / "Pulumi.other.yaml"
    path.write_text(text)
    answer = bill(Request(file=path))
    (found,) = answer.envelopes
    assert (found.minimum, found.expected, found.maximum) == (None, None, None)
    assert found.unpriced[:2] == ("m6g.large", "x2gd.large")
    assert [answer.total(which) for which in ("minimum", "expected", "maximum")] == [None, None, None]


def test_a_user_s_price_file_prices_what_the_table_lacks(tmp_path: Path) -> None:
    prices = tmp_path / "prices.toml"
    prices.write_text('["ec2_spot"]\nof_on_demand = 0.5\ndate = "2026-01"\nsource = "a contract"\n')
    (member,) = scaled(settings_of(ROOT / "Pulumi.fleet.yaml")).values()
    table = read_prices(prices.read_text(), "prices.toml", shipped_prices("eu-west-1"))
    cost = member.simulated_cost(table)
    beside = (30 * 0.088 + 7 * 0.30) / MONTH_HOURS  # its disk, and seven metrics of detailed monitoring
    assert cost.base_hourly == pytest.approx(0.091 + beside)
    assert cost.above_hourly == pytest.approx(0.091 * 0.75 + beside)
    assert cost.hourly(5) == pytest.approx(3 * 0.091 + 2 * 0.091 * 0.75 + 5 * beside)
    assert cost.unpriced == ("m6g.large",)


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


# The change


def changed(tmp_path: Path, *edits: tuple[str, str]) -> tuple[Path, Path]:
    """Two stack files, the later one with edits."""
    before = stack_file(tmp_path)
    text = before.read_text(encoding="utf-8")
    for old, new in edits:
        assert old in text
        text = text.replace(old, new)
    after = tmp_path / "Pulumi.after.yaml"
    after.write_text(text, encoding="utf-8")
    return before, after


def test_the_change_of_a_minimum_is_priced_to_the_cent(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before, after = changed(
        tmp_path, ("minimum: 2\n        maximum: 8\n        unit", "minimum: 3\n        maximum: 8\n        unit")
    )
    found = between(settings_of(before), settings_of(after), Request(file=after))
    task = shipped_task()
    night = bounds(scaled(settings_of(after))["web"].rules)[0] - bounds(scaled(settings_of(before))["web"].rules)[0]
    assert found.difference("minimum") == pytest.approx(night * task)
    assert found.difference("maximum") == 0
    assert run(["cost", str(after), "--against", str(before)]) == 0
    assert capsys.readouterr().out.splitlines()[0] == found.sentence()


def shipped_task() -> float:
    """0.25 vCPU and 0.5 GB in us-east-1, a month."""
    return (0.25 * 0.04048 + 0.5 * 0.004445) * MONTH_HOURS


def test_the_change_of_a_rule_is_priced_over_the_same_load(tmp_path: Path) -> None:
    before, after = changed(tmp_path, ("target: 50", "target: 30"))
    found = between(settings_of(before), settings_of(after), Request(file=after))
    assert (found.difference("minimum"), found.difference("maximum")) == (0, 0)
    expected = found.difference("expected")
    assert expected is not None
    assert expected > 0, "a lower target needs more units"
    ((name, then, now),) = found.parts()
    assert (name, then[0], then[2]) == ("web", now[0], now[2])
    assert [each.load for each in found.before.envelopes[0].loads] == [
        each.load for each in found.after.envelopes[0].loads
    ]


def test_nothing_changed_costs_nothing(tmp_path: Path) -> None:
    before, after = changed(tmp_path)
    found = between(settings_of(before), settings_of(after), Request(file=after))
    assert (found.sentence(), found.parts()) == ("the cost does not change", ())


def test_a_new_service_counts_from_nothing_and_a_removed_one_to_nothing(tmp_path: Path) -> None:
    before, after = ROOT / "Pulumi.prod.yaml", tmp_path / "Pulumi.prod.yaml"
    text = before.read_text(encoding="utf-8")
    shutil.copytree(ROOT / "examples" / "traces", tmp_path / "examples" / "traces")
    after.write_text(text[: text.index("    api:\n")] + text[text.index("  accordion:alarms:") :], encoding="utf-8")
    gone = between(settings_of(before), settings_of(after), Request(file=after))
    (alarms, with_it, without), (name, then, now) = gone.parts()
    assert (alarms, name, now) == ("alarms of the stack", "api", (0.0, 0.0, 0.0))
    watched = (with_it[2] or 0) - (without[2] or 0)
    assert watched == pytest.approx(2.30), "its alarms watch 23 metrics"
    assert gone.difference("maximum") == pytest.approx(-(then[2] or 0) - watched)
    come = between(settings_of(after), settings_of(before), Request(file=before))
    assert come.difference("maximum") == pytest.approx((then[2] or 0) + watched)
    part = between(settings_of(after), settings_of(before), Request(file=before, service="api"))
    assert part.parts() == come.parts()[:1]


def test_the_change_is_there_as_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before, after = changed(tmp_path, ("maximum: 8", "maximum: 10"))
    assert run(["cost", str(after), "--against", str(before), "--format", "json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    against = answer["against"]
    assert against["difference"]["maximum"] == pytest.approx(2 * shipped_task())
    assert answer["total"]["maximum"] - against["before"]["total"]["maximum"] == pytest.approx(2 * shipped_task())
    assert [part["name"] for part in against["parts"]] == ["web"]


def test_what_is_no_revision_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["cost", str(stack_file(tmp_path)), "--against", "nowhere"]) == 2
    assert "--against: neither a file nor a git revision with" in capsys.readouterr().err


# The budget


def with_budget(tmp_path: Path, budget: str) -> Path:
    path = stack_file(tmp_path)
    path.write_text(f"{path.read_text(encoding='utf-8')}\n  accordion:budget: {budget}\n", encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("budget", "code", "said"),
    [
        ("{ maximum: 100000, expected: 100000 }", 0, "within the budget: 100,000.00 expected, 100,000.00 maximum"),
        ("{ maximum: 1 }", 1, "a month exceed the budget of 1.00 by"),
        ("{ expected: 1 }", 1, "expected: "),
    ],
)
def test_a_budget_is_a_gate(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], budget: str, code: int, said: str
) -> None:
    assert run(["cost", str(with_budget(tmp_path, budget))]) == code
    assert said in capsys.readouterr().out.splitlines()[1]


def test_a_budget_in_json_is_told_beside_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["cost", str(with_budget(tmp_path, "{ maximum: 1 }")), "--format", "json"]) == 1
    out, err = capsys.readouterr()
    assert json.loads(out)["budget"] == {"expected": None, "maximum": 1}
    assert "exceed the budget of 1.00" in err


def test_a_budget_that_cannot_be_judged_is_told_and_not_passed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = with_budget(tmp_path, "{ expected: 100000 }")
    text = path.read_text(encoding="utf-8")
    path.write_text(
        text[: text.index("      simulation:")] + text[text.index("\n  accordion:budget") :], encoding="utf-8"
    )
    assert run(["cost", str(path)]) == 2
    assert "budget.expected: cannot be judged: what web costs is not known" in capsys.readouterr().err


def test_the_budget_is_of_the_whole_stack(tmp_path: Path) -> None:
    assert run(["cost", str(with_budget(tmp_path, "{ maximum: 1 }")), "--service", "web"]) == 0


@pytest.mark.parametrize(
    ("budget", "said"),
    [
        ("{ expected: 0 }", "Pulumi.test.yaml:32 budget.expected: got an integer that is not above 0, allowed above 0"),
        ("{ most: 5 }", "budget.most: unknown key"),
        ("{ maximum: much }", "budget.maximum: "),
    ],
)
def test_a_wrong_budget_is_told_at_its_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], budget: str, said: str
) -> None:
    assert run(["cost", str(with_budget(tmp_path, budget))]) == 2
    assert said in capsys.readouterr().err


# Regions


def test_a_region_without_a_table_has_no_price_and_takes_none_from_another(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = stack_file(tmp_path)
    path.write_text(path.read_text(encoding="utf-8").replace("us-east-1", "eu-north-1"), encoding="utf-8")
    answer = bill(Request(file=path))
    assert answer.fixed == ()
    assert [answer.total(which) for which in ("minimum", "expected", "maximum")] == [None, None, None]
    assert "fargate_linux_x86 in eu-north-1" in answer.unpriced
    assert run(["simulate", str(path)]) in (0, 1)
    assert "no price table of eu-north-1 is shipped, so nothing has a price" in " ".join(
        capsys.readouterr().out.split()
    )


def test_the_page_says_what_loads_and_a_fixed_fleet_cost_and_what_is_not_counted(tmp_path: Path) -> None:
    page = tmp_path / "cost.html"
    path = stack_file(tmp_path)
    assert run(["cost", str(path), "--html", str(page)]) == 0
    text, answer = page.read_text(encoding="utf-8"), bill(Request(file=path))
    (one,) = answer.envelopes[0].loads
    assert one.cost is not None
    assert one.fixed_fleet is not None
    worth = (one.fixed_fleet - one.cost) / one.overload_minutes if one.overload_minutes else None
    for shown in (f"{one.cost:,.2f}", f"{one.fixed_fleet:,.2f}", f"{one.overload_minutes:,.1f}", *answer.unpriced):
        assert f">{shown}<" in text
    assert worth is None or worth < 0 or f">{worth:,.2f}<" in text
    assert "http" not in text.replace("https://", ""), "the page loads nothing"


def test_the_page_escapes_what_a_file_is_called(tmp_path: Path) -> None:
    page = tmp_path / "cost.html"
    assert run(["cost", str(stack_file(tmp_path, name="Pulumi.<b>.yaml")), "--html", str(page)]) == 0
    assert "Pulumi.&lt;b&gt;.yaml" in page.read_text(encoding="utf-8")
