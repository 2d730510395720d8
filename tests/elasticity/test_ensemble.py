"""Ensembles: what is varied, how it is drawn, what is made of the runs. It cannot prove that the ranges are those of
AWS, nor that a load varies as another day does: both are assumptions, printed with their grade."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from elasticity import Elasticity, platforms, traces
from elasticity.ensemble import (
    QUANTILES,
    AssumptionError,
    Bands,
    LoadVariants,
    Study,
    assumptions,
    ensemble,
    tornado,
)
from elasticity.ensemble.assumptions import at, with_shares
from elasticity.ensemble.studies import draws
from elasticity.ensemble.variants import drawn_days, varied
from elasticity.expectations import parse_expectation
from elasticity.simulator import FIGURES, Conditions, Instances, SpotInterruptions, simulate
from elasticity.traces import Load

RULES = Elasticity.model_validate(
    {
        "minimum": 2,
        "maximum": 20,
        "unit": {"capacity": "50/s", "start_up": "60s", "service_time": "50ms"},
        "target_tracking": {"cpu": {"metric": "cpu", "target": 60}},
    }
)
SPIKE = traces.spike(80, 400, at=1_800, length=1_800, duration=7_200)


def study(**changed: Any) -> Study:
    given = {"rules": RULES, "load": SPIKE, "conditions": Conditions(tick=10), "unit_price": 0.02}
    return Study(**{**given, **changed})


def with_known_values(rules: Elasticity, conditions: Conditions) -> dict[str, tuple[float, float]]:
    """Each assumption held still where it is."""
    found = assumptions(rules, conditions)
    return {item.name: (float(item.default or 0),) * 2 for item in found if not item.words}


def test_each_parameter_of_the_platform_that_has_two_ends_is_varied() -> None:
    for platform in ("ecs_service", "ec2_group"):
        known = platforms.platform_parameters(platform)
        open_ended = {name for name in platforms.ENDS if known.ends(name) is not None}
        found = {item.name: item for item in assumptions(RULES, Conditions(platform=platform))}
        assert {name for name, item in found.items() if item.place == "platform"} == open_ended
        for name in open_ended:
            assert (found[name].low, found[name].high) == known.ends(name)
            assert found[name].grade
            assert found[name].source


def test_a_parameter_that_gets_two_ends_in_the_table_is_varied_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    ends = {**platforms.ENDS, "drain": lambda _: (0.0, 600.0)}
    monkeypatch.setattr(platforms, "ENDS", ends)
    found = {item.name: item for item in assumptions(RULES, Conditions())}
    assert (found["drain"].low, found["drain"].default, found["drain"].high) == (0.0, 300.0, 600.0)
    bands = ensemble(study(variants=LoadVariants.none()), runs=40)
    assert len(set(bands.figures["unit_hours"])) > 1


def test_units_are_declared_within_a_share_and_only_where_they_are_declared() -> None:
    found = {item.name: (item.low, item.high) for item in assumptions(RULES, Conditions()) if item.place == "unit"}
    assert found == {
        "unit.capacity": (45.0, 55.0),
        "unit.start_up": (48.0, 72.0),
        "unit.service_time": (0.04, 0.06),
    }
    bare = RULES.model_copy(update={"unit": RULES.unit.model_copy(update={"start_up": None, "service_time": None})})
    assert [item.name for item in assumptions(bare, Conditions()) if item.place == "unit"] == ["unit.capacity"]


def test_the_group_below_a_capacity_provider_has_assumptions_of_its_own() -> None:
    conditions = Conditions(platform="capacity_provider", instances=Instances(units_per_instance=4))
    names = [item.name for item in assumptions(RULES, conditions)]
    assert "capacity_provider.publication_delay" in names
    assert "publication_delay" in names
    bands = ensemble(study(conditions=dataclasses.replace(conditions, tick=10)), runs=20)
    assert not np.isnan(bands.figures["instance_hours"]).any()


def test_what_a_user_has_set_is_known_and_stays() -> None:
    names = {item.name for item in assumptions(RULES, Conditions(), declared=("publication_delay",))}
    assert "publication_delay" not in names
    given = assumptions(RULES, Conditions(), declared=("publication_delay",), ranges={"publication_delay": (160, 180)})
    assert [(item.low, item.high, item.grade) for item in given if item.name == "publication_delay"] == [
        (160, 180, "declared")
    ]


def test_a_range_can_be_given_to_any_number_and_two_equal_ends_hold_it_still() -> None:
    ranges = {"low_factor": (0.85, 0.95), "unit.capacity": (50.0, 50.0)}
    names = {item.name: item for item in assumptions(RULES, Conditions(), ranges=ranges)}
    assert (names["low_factor"].low, names["low_factor"].high) == (0.85, 0.95)
    assert "unit.capacity" not in names


@pytest.mark.parametrize(
    ("ranges", "message"),
    [
        (
            {"publicaton_delay": (1, 2)},
            "publicaton_delay: not a number that this run assumes; did you mean publication_delay",
        ),
        (
            {"unit.capacity": (60, 70)},
            "unit.capacity: got 60 to 70, allowed finite ends from 0 up around the 50 in force",
        ),
        ({"unit.capacity": (0, 70)}, "unit.capacity: got 0 to 70, allowed ends above 0"),
        ({"drain": (400, 200)}, "drain: got 400 to 200, allowed finite ends from 0 up around the 300 in force"),
        ({"drain": (0, float("inf"))}, "drain: got 0 to inf, allowed finite ends from 0 up around the 300 in force"),
    ],
)
def test_a_range_that_cannot_be_says_what_can(ranges: dict[str, tuple[float, float]], message: str) -> None:
    with pytest.raises(AssumptionError) as caught:
        assumptions(RULES, Conditions(), ranges=ranges)
    assert str(caught.value) == message


def test_every_wrong_range_is_told_at_once() -> None:
    with pytest.raises(AssumptionError) as caught:
        assumptions(RULES, Conditions(), ranges={"zzz": (1, 2), "drain": (9, 8)})
    assert len(str(caught.value).splitlines()) == 2


@given(share=st.floats(0, 1), now=st.floats(0, 1), low=st.floats(-1, 0), high=st.floats(1, 2))
def test_half_of_the_draws_lie_on_either_side_of_the_value_in_force(
    share: float, now: float, low: float, high: float
) -> None:
    item = next(iter(LoadVariants(level=0.5).assumptions()))
    found = at(item, share, now, (low, high))
    assert isinstance(found, float)
    assert low <= found <= high
    if low < now < high:
        assert found == pytest.approx(now) or (found < now) == (share < 0.5)


def test_a_range_ends_at_its_ends() -> None:
    for item in assumptions(RULES, Conditions()):
        ends = [at(item, share, item.default, (item.low, item.high)) for share in (0.0, 1.0)]
        assert ends == [item.low, item.high]


def test_what_hangs_on_another_value_follows_the_draw_of_that() -> None:
    item = {found.name: found for found in assumptions(RULES, Conditions())}
    drawn = {item["publication_delay"]: 1.0, item["age_at_action"]: 1.0}
    parameters = with_shares(RULES, Conditions(), drawn)[1].service_parameters()
    assert (parameters.publication_delay, parameters.age_at_action) == (190.0, 190.0)


def test_a_latin_hypercube_spreads_each_assumption_over_its_whole_range() -> None:
    found = study().assumptions()
    drawn = list(draws(found, 50, 3))
    for item in found:
        assert sorted(int(run.shares[item] * 50) for run in drawn) == list(range(50))


@settings(max_examples=8, deadline=None)
@given(runs=st.integers(1, 25), seed=st.integers(0, 2**32 - 1))
def test_quantiles_are_in_order_and_are_values_of_runs(runs: int, seed: int) -> None:
    bands = ensemble(study(), runs=runs, seed=seed)
    for name in FIGURES:
        found = [bands.quantile(name, share) for share in QUANTILES.values()]
        numbers = [value for value in found if value is not None]
        assert numbers == sorted(numbers)
        assert set(numbers) <= set(bands.figures[name])


@pytest.mark.parametrize(
    ("platform", "load"),
    [("ecs_service", SPIKE), ("ec2_group", SPIKE), ("ecs_service", traces.weekly(40, 500, weeks=1))],
)
def test_with_nothing_varied_the_bands_are_the_run_itself(platform: str, load: Load) -> None:
    conditions = Conditions(platform=platform, tick=10 if load is SPIKE else 60)
    words = {name: value[0] for name, value in platforms.CHOICES.items()}
    given = study(
        load=load,
        conditions=dataclasses.replace(conditions, parameters=words),
        variants=LoadVariants.none(),
        declared=frozenset(words),
        ranges=with_known_values(RULES, conditions),
    )
    assert given.assumptions() == ()
    run = simulate(RULES, load, platform=platform, tick=conditions.tick, unit_price=0.02).figures()
    bands = ensemble(given, runs=5)
    for name, value in run.items():
        assert {bands.quantile(name, share) for share in (0.01, 0.1, 0.5, 0.9, 0.99)} == {value}, name


def test_equal_seeds_give_equal_runs_on_any_number_of_threads() -> None:
    one, two, other = (
        ensemble(study(load=traces.daily(40, 400, days=3)), runs=30, seed=seed, workers=workers, curves=True)
        for seed, workers in ((7, 1), (7, 2), (8, 2))
    )
    for name in FIGURES:
        assert one.figures[name].tobytes() == two.figures[name].tobytes()
    assert one.curves is not None
    assert two.curves is not None
    assert one.curves.capacity.tobytes() == two.curves.capacity.tobytes()
    assert one.figures["requests"].tobytes() != other.figures["requests"].tobytes()


def test_interruptions_at_a_rate_come_at_other_times_in_each_run_and_those_at_a_time_do_not() -> None:
    steady = traces.steady(400, duration=14_400)
    rules = RULES.model_copy(update={"minimum": 9, "maximum": 9, "target_tracking": {}})
    overloads = {}
    for name, spot in (
        ("drawn", SpotInterruptions(per_hour=3.0, units=4, warning=0)),
        ("declared", SpotInterruptions(at=(3_600.0,), units=4, warning=0)),
    ):
        conditions = Conditions(tick=10, failures={"spot": spot})
        known = with_known_values(rules, conditions)
        given = study(rules=rules, load=steady, conditions=conditions, variants=LoadVariants.none(), ranges=known)
        bands, again = (ensemble(given, runs=12, seed=3, workers=workers) for workers in (1, 2))
        assert bands.figures["overload_minutes"].tobytes() == again.figures["overload_minutes"].tobytes()
        overloads[name] = set(bands.figures["overload_minutes"].tolist())
        assert bands.variants == (("spot: the times of its interruptions",) if name == "drawn" else ())
    assert len(overloads["drawn"]) > 3
    assert len(overloads["declared"]) == 1


def test_curves_hold_the_most_load_and_the_least_capacity_of_each_span() -> None:
    still = study(variants=LoadVariants.none(), ranges=with_known_values(RULES, Conditions()))
    bands = ensemble(still, runs=3, curves=True)
    run = simulate(RULES, SPIKE)
    assert bands.curves is not None
    assert bands.curves.load[0].tolist() == run.load.tolist()
    assert (bands.curves.capacity >= 0).all()
    assert bands.curves.seconds.tolist() == [10.0 * tick for tick in range(720)]


def test_the_days_of_a_load_are_drawn_from_their_own_kind() -> None:
    days = np.repeat(np.arange(14.0) + 1, 24)
    load = Load(np.append(days, [99.0, 98.0]), 3_600)
    drawn = load.values[drawn_days(load, np.random.Generator(np.random.PCG64(3)))]
    found = drawn[:-2].reshape(14, 24)
    assert (found == found[:, :1]).all()
    weekend = [place % 7 >= 5 for place in range(14)]
    assert [(int(day) - 1) % 7 >= 5 for day in found[:, 0]] == weekend
    assert drawn[-2:].tolist() == [99.0, 98.0]
    assert found[:, 0].tolist() != list(range(1, 15))


def test_a_load_of_one_day_has_no_days_to_draw() -> None:
    generator = np.random.Generator(np.random.PCG64(3))
    one = traces.daily(10, 20)
    found = varied(one, LoadVariants(noise=False), generator, level=1.0, shift=0)
    assert found.values.tolist() == one.values.tolist()
    assert LoadVariants().drawn(one) == {"load.noise": "noise: Poisson counts around each value of the load"}


def test_a_tornado_ranks_what_the_figure_hangs_on() -> None:
    load = traces.steady(100, 7_200)
    found = tornado(study(load=load))
    cost = found.swings("cost_per_month")
    assert [swing.width for swing in cost] == sorted((swing.width for swing in cost), reverse=True)
    assert cost[0].name in ("unit.capacity", "load.level")
    by_name = {swing.name: swing for swing in cost}
    assert by_name["unit.service_time"].width == 0
    assert by_name["unit.capacity"].lowest <= found.defaults["cost_per_month"] <= by_name["unit.capacity"].highest
    assert found.defaults["cost_per_month"] == simulate(RULES, load, unit_price=0.02).figures()["cost_per_month"]


def test_a_tornado_moves_one_assumption_and_nothing_else() -> None:
    found = tornado(study())
    swing = {one.name: one for one in found.swings("requests")}
    assert swing["publication_delay"].width == 0
    assert swing["load.level"].at_low == pytest.approx(0.9 * found.defaults["requests"])
    assert swing["load.level"].at_high == pytest.approx(1.1 * found.defaults["requests"])
    assert 0 < swing["load.noise"].width < swing["load.level"].width


def test_what_is_drawn_has_a_bar_for_each_kind_with_the_others_held() -> None:
    load = traces.daily(40, 400, days=3)
    rules = RULES.model_copy(update={"minimum": 9, "maximum": 9, "target_tracking": {}})
    spot = {name: SpotInterruptions(per_hour=2.0, units=4, warning=0) for name in ("one", "other")}
    known = with_known_values(rules, Conditions())
    asked = study(rules=rules, load=load, conditions=Conditions(tick=60, failures=dict(spot)), ranges=known)
    bars = {name: figures for name, item, figures in tornado(asked, seed=5).groups if item is None}
    assert list(bars) == ["load.noise", "load.days", "failures.one", "failures.other"]
    requests = {name: set(figures["requests"].tolist()) for name, figures in bars.items()}
    assert len(requests["load.noise"]) == 20
    as_it_is = simulate(rules, load, tick=60, failures=dict(spot)).figures()["requests"]
    assert sorted(requests["load.days"]) == pytest.approx([as_it_is] * len(requests["load.days"])), (
        "equal days, no counts"
    )
    assert requests["failures.one"] == requests["failures.other"] == {as_it_is}
    overload = {name: figures["overload_minutes"].tobytes() for name, figures in bars.items()}
    assert overload["failures.one"] != overload["failures.other"]
    alone = dataclasses.replace(asked, variants=LoadVariants.none())
    without_load = {name: figures for name, item, figures in tornado(alone, seed=5).groups if item is None}
    assert without_load["failures.one"]["overload_minutes"].tobytes() == overload["failures.one"], "no noise is in it"


def bands_of(values: list[float], figure: str = "overload_minutes") -> Bands:
    figures = {name: np.zeros(len(values)) for name in FIGURES}
    figures[figure] = np.array(values)
    return Bands(0, (), (), figures)


def test_a_quantile_is_the_least_value_that_so_many_runs_do_not_exceed() -> None:
    bands = bands_of([float(value) for value in range(1, 11)])
    assert [bands.quantile("overload_minutes", share) for share in (0.1, 0.5, 0.9, 0.91)] == [1.0, 5.0, 9.0, 10.0]


def test_runs_without_a_figure_are_left_out_but_a_latency_without_end_is_the_worst() -> None:
    reactions = bands_of([float("nan"), 3.0, 5.0], "reaction_p95")
    assert reactions.quantile("reaction_p95", 0.5) == 3.0
    assert bands_of([float("nan")], "reaction_p95").quantile("reaction_p95", 0.5) is None
    latency = bands_of([float("nan"), 3.0, 5.0], "worst_latency")
    assert latency.quantile("worst_latency", 0.5) == 5.0
    assert latency.quantile("worst_latency", 0.9) is None


def test_runs_that_keep_every_expectation_are_counted() -> None:
    bands = bands_of([1.0, 4.0, 6.0, 9.0])
    assert bands.kept([parse_expectation("overload_minutes < 5")]) == 2
    assert bands.kept([parse_expectation("overload_minutes < 5"), parse_expectation("overload_minutes > 2")]) == 1
    assert bands.kept([parse_expectation("reaction_p95 < 5"), parse_expectation("flaps > 0")]) == 0


def test_an_ensemble_has_a_run_at_least() -> None:
    with pytest.raises(ValueError, match="runs: got 0, allowed 1 and more"):
        ensemble(study(), runs=0)
