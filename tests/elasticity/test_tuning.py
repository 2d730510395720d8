"""Spaces of parameters and the search in them, mostly on a made-up evaluation. It cannot prove that the figures of a
simulation are right, nor that an optimiser finds more than these small spaces hide."""

from __future__ import annotations

import itertools
import math
import random
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from elasticity.expectations import FIGURES, parse_expectation
from elasticity.quantities import Duration
from elasticity.rules import Elasticity
from elasticity.traces import Reals, daily
from elasticity.tuning import (
    Goal,
    Parameter,
    Point,
    Result,
    Trial,
    TuningError,
    applied,
    chosen,
    current,
    held_out,
    search,
    space,
)

RULES = Elasticity.model_validate(
    {
        "minimum": 2,
        "maximum": 6,
        "unit": {"capacity": "50/s", "start_up": "60s"},
        "queue": {"name": "jobs", "time_per_message": "2s"},
        "metrics": {"delta": {"namespace": "Shop", "name": "Delta"}},
        "target_tracking": {
            "cpu": {"metric": "cpu", "target": 50.0, "scale_in_cooldown": "7m"},
            "requests": {"metric": "requests_per_target", "target": 4500.0, "scale_in": False},
            "wait": {"metric": "queue_delay", "target": "30s"},
        },
        "step_scaling": {
            "hot": {
                "metric": "cpu",
                "threshold": 80.0,
                "steps": [{"from": 0.0, "to": 10.0, "change": 1}, {"from": 10.0, "change": 3}],
            },
            "share": {
                "metric": "cpu",
                "threshold": 90.0,
                "adjustment": "percent",
                "steps": [{"from": 0.0, "change": 20}],
            },
            "exact": {
                "metric": "delta",
                "threshold": -8.0,
                "adjustment": "exact",
                "steps": [{"from": 0.0, "change": 4}],
            },
            "cold": {
                "metric": "cpu",
                "threshold": 20.0,
                "comparison": "LessThanThreshold",
                "steps": [{"to": 0.0, "change": -1}],
            },
        },
        "scheduled": {
            "office": {"cron": "0 8 * * MON-FRI", "time_zone": "Europe/Berlin", "minimum": 3},
            "roof": {"cron": "0 9 * * MON-FRI", "time_zone": "Europe/Berlin", "maximum": 5},
        },
        "predictive": {
            "look": {"metric": "cpu", "target": 50.0},
            "act": {"metric": "cpu", "target": 50.0, "mode": "forecast_and_scale", "forecast_reviewed": True},
        },
    }
)
SPACE = space(RULES, "ecs_service")

ROWS = (
    ("minimum", 1, 6, 6, 2),
    ("maximum", 1, 12, 12, 6),
    ("target_tracking.cpu.target", 30, 90, 61, 50),
    ("target_tracking.cpu.scale_out_cooldown", "0s", "5m", 11, "5m"),
    ("target_tracking.cpu.scale_in_cooldown", "1m", "15m", 15, "7m"),
    ("target_tracking.requests.target", 2400, 9000, 35, 4500),
    ("target_tracking.requests.scale_out_cooldown", "0s", "5m", 11, "5m"),
    ("target_tracking.wait.target", "15s", "1m", 46, "30s"),
    ("target_tracking.wait.scale_out_cooldown", "0s", "5m", 11, "5m"),
    ("target_tracking.wait.scale_in_cooldown", "1m", "15m", 15, "5m"),
    ("step_scaling.hot.threshold", 30, 90, 61, 80),
    ("step_scaling.hot.steps[0].change", 1, 5, 5, 1),
    ("step_scaling.hot.steps[1].change", 1, 7, 7, 3),
    ("step_scaling.hot.cooldown", "0s", "10m", 21, "5m"),
    ("step_scaling.share.threshold", 30, 90, 61, 90),
    ("step_scaling.share.steps[0].change", 5, 200, 40, 20),
    ("step_scaling.share.cooldown", "0s", "10m", 21, "5m"),
    ("step_scaling.exact.threshold", -16, -4, 61, -8),
    ("step_scaling.exact.steps[0].change", 1, 6, 6, 4),
    ("step_scaling.exact.cooldown", "0s", "10m", 21, "5m"),
    ("step_scaling.cold.threshold", 20, 90, 62, 20),
    ("step_scaling.cold.steps[0].change", -5, -1, 5, -1),
    ("step_scaling.cold.cooldown", "0s", "10m", 21, "5m"),
    ("scheduled.office.minimum", 1, 6, 6, 3),
    ("predictive.act.target", 30, 90, 61, 50),
    ("predictive.act.buffer", "0s", "55m", 12, "5m"),
)


def test_every_number_that_may_change_has_a_range_around_what_is_in_force() -> None:
    found = tuple(
        (item.name, item.written(0), item.written(len(item.values) - 1), len(item.values), item.written(item.place_now))
        for item in SPACE
    )
    assert found == ROWS


def test_a_group_has_warm_ups_in_place_of_cooldowns() -> None:
    rules = Elasticity.model_validate(
        {
            "minimum": 0,
            "maximum": 200,
            "target_tracking": {"cpu": {"metric": "cpu", "target": 50}},
            "step_scaling": {
                "hot": {"metric": "cpu", "threshold": 80, "warm_up": "90s", "steps": [{"from": 0, "change": 2}]}
            },
        }
    )
    found = {
        item.name: (item.values[0], item.values[-1], len(item.values), item.now) for item in space(rules, "ec2_group")
    }
    assert found == {
        "minimum": (0, 200, 51, 0),
        "maximum": (1, 400, 59, 200),
        "target_tracking.cpu.target": (30, 90, 61, 50),
        "target_tracking.cpu.warm_up": (30, 600, 20, 300),
        "step_scaling.hot.threshold": (30, 90, 61, 80),
        "step_scaling.hot.steps[0].change": (1, 6, 6, 2),
        "step_scaling.hot.warm_up": (30, 600, 20, 90),
    }


@st.composite
def points(draw: st.DrawFn) -> Point:
    return tuple(draw(st.integers(0, len(item.values) - 1)) for item in SPACE)


@given(points())
def test_a_point_changes_its_own_numbers_and_nothing_else(point: Point) -> None:
    rules = applied(RULES, SPACE, point)
    assert rules is not None
    data, before = (one.model_dump(by_alias=True) for one in (rules, RULES))
    for item, place in zip(SPACE, point, strict=True):
        one, other = data, before
        for part in item.path[:-1]:
            one, other = one[part], other[part]
        value = one.pop(item.path[-1])
        assert other.pop(item.path[-1]) == value or item.values[place] != item.now
        shown = float(Duration.parse(value)) if isinstance(value, str) else value
        assert (value is None and item.values[place] == item.now) or shown == item.values[place]
    assert data == before
    assert Elasticity.model_validate(rules.model_dump(mode="json", by_alias=True, exclude_unset=True)) == rules


def test_the_point_in_force_gives_the_rules_as_they_are() -> None:
    assert applied(RULES, SPACE, current(SPACE)) is RULES


def test_values_that_do_not_go_together_give_no_rules() -> None:
    item = Parameter(("target_tracking", "cpu", "target"), "number", (50.0, 120.0), 50.0)
    assert applied(RULES, (item,), (1,)) is None


def test_the_maximum_is_searched_only_where_it_is_asked_for() -> None:
    assert "maximum" not in {item.name for item in chosen(SPACE, {})}
    asked = {
        item.name: item
        for item in chosen(SPACE, {"maximum": ("6", "9"), "target_tracking.wait.target": ("10s", "20s")}, ["minimum"])
    }
    assert asked["maximum"].values == (6, 7, 8, 9)
    assert [asked["target_tracking.wait.target"].written(place) for place in (0, -1)] == ["10s", "20s"]
    assert "minimum" not in asked


def test_a_given_range_may_leave_out_what_is_in_force() -> None:
    item = chosen(SPACE, {"minimum": ("4", "6")})[0]
    assert (item.values, item.now, item.place_now) == ((4, 5, 6), 2, 0)


REFUSED = (
    ({"minum": ("1", "2")}, [], "not a parameter of these rules: minum; did you mean minimum"),
    (
        {},
        ["target_tracking.cpu.tarjet"],
        "not a parameter of these rules: target_tracking.cpu.tarjet; did you mean target_tracking.cpu.target",
    ),
    ({"minimum": ("1s", "2s")}, [], "minimum: got 1s..2s, expected twice a number"),
    ({"minimum": ("1.5", "2")}, [], "minimum: got 1.5..2, expected whole numbers"),
    ({"minimum": ("3", "2")}, [], "minimum: got 3..2, expected the lower first"),
    ({"minimum": ("nan", "2")}, [], "minimum: got nan..2, expected the lower first"),
    (
        {"target_tracking.wait.target": ("1", "2s")},
        [],
        "target_tracking.wait.target: got 1..2s, expected twice a duration with its unit, such as 90s, 5m or 2h",
    ),
    ({}, [row[0] for row in ROWS], "there is nothing left to search: every parameter is kept"),
)


@pytest.mark.parametrize(("ranges", "kept", "text"), REFUSED)
def test_a_range_that_cannot_be_searched_is_refused(
    ranges: dict[str, tuple[str, str]], kept: list[str], text: str
) -> None:
    with pytest.raises(TuningError) as error:
        chosen(SPACE, ranges, kept)
    assert str(error.value) == text


# ---- the search, on two numbers and a made-up simulation

SMALL = Elasticity.model_validate(
    {
        "minimum": 5,
        "maximum": 9,
        "unit": {"capacity": "50/s"},
        "target_tracking": {"cpu": {"metric": "cpu", "target": 60}},
    }
)
NAMES = ("minimum", "target_tracking.cpu.target", "target_tracking.cpu.scale_out_cooldown")
THREE = tuple(item for item in space(SMALL, "ecs_service") if item.name in NAMES)


def made_up(rule_sets: Sequence[Elasticity]) -> dict[str, Reals]:
    """Two loads; cost falls with the minimum and the target, overload rises with them, and the cooldown does nothing."""
    found = {name: np.zeros((len(rule_sets), 2)) for name in FIGURES}
    for row, rules in enumerate(rule_sets):
        target = float(rules.target_tracking["cpu"].target)
        found["cost_per_month"][row] = 100 * rules.minimum + (100 - target), 100 * rules.minimum + 3 * (100 - target)
        found["overload_minutes"][row] = max(0.0, target - 55 + 5 * (4 - rules.minimum)), 0.0
        found["reaction_p95"][row] = math.nan if rules.minimum > 6 else 400.0 + 10 * rules.minimum
        found["latency_kept"][row] = 1 - found["overload_minutes"][row] / 100
    return found


class Anywhere:
    """Random points; no optimiser at all."""

    def __init__(self, parameters: Sequence[Parameter], seed: int = 0) -> None:
        self.parameters, self.random = parameters, random.Random(seed)
        self.told: list[Trial] = []

    def ask(self, count: int) -> list[Point]:
        return [tuple(self.random.randrange(len(item.values)) for item in self.parameters) for _ in range(count)]

    def tell(self, trials: Sequence[Trial]) -> None:
        self.told += trials


def run(
    *expectations: str, passes: Callable[[Elasticity], bool] = lambda _: True, evaluate: Any = made_up, **goal: str
) -> Result:
    return search(
        SMALL,
        THREE,
        Goal(tuple(map(parse_expectation, expectations)), **goal),
        evaluate,
        Anywhere(THREE),
        trials=60,
        batch=16,
        passes=passes,
    )


def cheapest(keeps: Callable[[Mapping[str, float]], bool], least: int = 1) -> float:
    """By trying everything."""
    costs = []
    for point in itertools.product(*(range(len(item.values)) for item in THREE)):
        rules = applied(SMALL, THREE, point)
        if rules is not None and rules.minimum >= least:
            figures = made_up([rules])
            if keeps({name: values[0, 0] for name, values in figures.items()}):
                costs.append(float(figures["cost_per_month"].mean()))
    return min(costs)


def test_the_search_finds_what_trying_everything_finds() -> None:
    result = run("overload_minutes < 7")
    assert result.best is not None
    assert result.best.cost == cheapest(lambda figures: figures["overload_minutes"] < 7)
    assert result.best.keeps
    assert result.best.measured == (result.best.service,)


def with_cooldown(cost: float, figure: str, effect: float) -> Callable[[Sequence[Elasticity]], dict[str, Reals]]:
    """The made-up evaluation, in which a second of the cooldown moves the cost and one more figure."""

    def evaluate(rule_sets: Sequence[Elasticity]) -> dict[str, Reals]:
        found = made_up(rule_sets)
        for row, rules in enumerate(rule_sets):
            cooldown = rules.target_tracking["cpu"].scale_out_cooldown
            seconds = 300.0 if cooldown is None else float(cooldown)
            found["cost_per_month"][row] += cost * seconds
            found[figure][row] += effect * seconds
        return found

    return evaluate


TAKEN_BACK = (
    (0.001, "flaps", 0.0, None),  # saves 0.3 of some 160
    (0.1, "flaps", 0.0, 0.0),  # saves 30
    (0.0, "flaps", 1.0, 0.0),  # nothing saved, better service
    (0.0, "latency_kept", -1e-4, 0.0),
)


@pytest.mark.parametrize(("cost", "figure", "effect", "cooldown"), TAKEN_BACK)
def test_a_change_that_saves_next_to_nothing_and_serves_no_better_is_taken_back(
    cost: float, figure: str, effect: float, cooldown: float | None
) -> None:
    best = run("overload_minutes < 7", evaluate=with_cooldown(cost, figure, effect), service=figure).best
    assert best is not None
    assert best.rules is not None
    assert best.rules.target_tracking["cpu"].scale_out_cooldown == cooldown


def test_rules_that_the_linter_refuses_are_not_proposed() -> None:
    result = run("overload_minutes < 7", passes=lambda rules: rules.minimum >= 3)
    assert result.best is not None
    assert result.best.cost == cheapest(lambda figures: figures["overload_minutes"] < 7, least=3)
    assert all(trial.rules is not None and (trial.rules is SMALL or trial.rules.minimum >= 3) for trial in result.front)


def test_where_nothing_keeps_the_expectations_the_nearest_and_the_hardest_are_known() -> None:
    result = run("overload_minutes < 7", "reaction_p95 < 400")
    assert result.best is None
    assert result.kept_by[1] == 0
    assert result.kept_by[0] > 0
    assert result.nearest.measured == (result.nearest.service, 410.0)
    assert result.closest(1).measured[1] == 410.0


def test_a_figure_that_was_not_measured_keeps_nothing() -> None:
    result = run("reaction_p95 > 450", "overload_minutes < 100")
    assert result.best is not None
    assert result.best.rules is not None
    assert result.best.rules.minimum == 6
    assert all(trial.excess[0] >= 1e6 for trial in result.trials if trial.rules and trial.rules.minimum > 6)


def test_a_service_that_should_be_high_is_searched_upwards() -> None:
    result = run("overload_minutes < 50", service="latency_kept")
    services = [trial.service for trial in result.front]
    assert services == sorted(services)
    assert services[0] < services[-1] == 1.0


def test_on_the_front_more_cost_buys_better_service_and_nothing_tried_beats_it() -> None:
    result = run("overload_minutes < 7")
    pairs = [(trial.cost, trial.service) for trial in result.front]
    assert pairs == sorted(pairs)
    assert all(later[1] < earlier[1] for earlier, later in itertools.pairwise(pairs))
    for trial in result.trials:
        assert any(cost <= trial.cost and service <= trial.service for cost, service in pairs)


def test_no_rule_set_is_simulated_twice() -> None:
    seen: list[Elasticity] = []

    def counting(rule_sets: Sequence[Elasticity]) -> dict[str, Reals]:
        seen.extend(rule_sets)
        return made_up(rule_sets)

    result = run("overload_minutes < 7", evaluate=counting)
    assert len(seen) == len(result.trials)


def test_the_rules_in_force_stay_where_nothing_is_cheaper() -> None:
    result = run(
        "minutes_at_maximum < 1",
        "cost_per_month < 10000",
        evaluate=lambda sets: {name: np.ones((len(sets), 1)) * 0.5 for name in FIGURES},
    )
    assert result.best is not None
    assert result.best.rules is SMALL


def test_rules_in_force_outside_a_given_range_are_compared_with_and_not_chosen() -> None:
    parameters = chosen(THREE, {"minimum": ("6", "8")})
    goal = Goal((parse_expectation("overload_minutes < 7"),))
    result = search(SMALL, parameters, goal, made_up, Anywhere(parameters), trials=20, batch=10)
    assert result.before.rules is SMALL
    assert all(trial.rules is not None and trial.rules.minimum >= 6 for trial in result.trials)
    assert result.best is not None
    assert result.best.rules == applied(SMALL, parameters, result.best.point)
    assert result.best.cost > result.before.cost


def test_loads_that_the_search_has_not_seen_are_made_of_those_that_it_has() -> None:
    seen = daily(10, 100, days=1)
    found = list(held_out([seen]))
    assert [load.name for load in found] == ["daily + 10 % + 1 h + noise", "daily, peak at 20:00 UTC", "ramp over 3 h"]
    assert found[0].values.sum() == pytest.approx(1.1 * seen.values.sum(), rel=0.01)
    assert (found[0].start - seen.start).total_seconds() == 3_600
    assert [round(float(load.values.max())) for load in found[1:]] == [100, 100]
    assert all((one.values == other.values).all() for one, other in zip(found, held_out([seen]), strict=True))
