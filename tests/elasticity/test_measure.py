"""Measures of a run: their laws and small cases by hand. They cannot prove the papers' own sign conventions, which
were not read."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from elasticity.measure import Headroom, headroom, measures, percentile
from tests.elasticity.oracle.measure import Activity, Overload, activity, objective_share, overload, time_at
from tests.elasticity.refusals import refuses

PAIRS = st.lists(st.tuples(st.integers(0, 50), st.integers(0, 50)), min_size=1, max_size=60)
FIGURES = ("theta_u", "theta_o", "a_u", "a_o", "tau_u", "tau_o", "upsilon", "k", "k_prime", "jitter", "slack")


@given(PAIRS)
def test_swapping_demand_and_supply_swaps_under_and_over(pairs: list[tuple[int, int]]) -> None:
    demand, supply = zip(*pairs, strict=True)
    one, other = measures(demand, supply), measures(supply, demand)
    assert (one.a_u, one.tau_u, one.k) == (other.a_o, other.tau_o, other.k_prime)
    assert (one.upsilon, one.jitter) == (other.upsilon, -other.jitter)


@given(st.lists(st.integers(0, 50), min_size=1, max_size=60))
def test_supply_that_is_demand_is_perfect(demand: list[int]) -> None:
    perfect = measures(demand, demand)
    assert [perfect[name] for name in FIGURES] == [0] * len(FIGURES)


@given(PAIRS, st.sampled_from([2, 4, 0.5]))
def test_shares_do_not_depend_on_the_size_of_a_unit(pairs: list[tuple[int, int]], factor: float) -> None:
    demand, supply = zip(*pairs, strict=True)
    one = measures(demand, supply)
    other = measures([d * factor for d in demand], [s * factor for s in supply])
    for name in ("theta_u", "theta_o", "tau_u", "tau_o", "upsilon", "k", "k_prime", "jitter", "slack"):
        assert other[name] == pytest.approx(one[name])


def test_a_small_case_by_hand() -> None:
    figures = measures(demand=[0, 2, 4], supply=[1, 1, 5])
    assert figures.steps_without_demand == 1
    assert figures.theta_u == pytest.approx(100 * (1 / 2 + 0) / 2)
    assert figures.theta_o == pytest.approx(100 * (0 + 1 / 4) / 2)
    assert (figures.a_u, figures.a_o) == (pytest.approx(1 / 3), pytest.approx(2 / 3))
    assert (figures.k, figures.k_prime) == (0.5, 0.5)
    assert figures.slack == pytest.approx(1 - 6 / 7)


def test_no_demand_and_no_supply_are_no_division_by_zero() -> None:
    assert measures([0, 0], [0, 0]).slack == measures([0], [3]).theta_o == 0


def test_a_figure_has_a_name() -> None:
    with refuses(
        "not a measure: got 'theta', allowed theta_u, theta_o, a_u, a_o, tau_u, tau_o, upsilon, k, k_prime, jitter, "
        "slack, steps_without_demand",
        KeyError,
    ):
        _ = measures([1], [1])["theta"]


@pytest.mark.parametrize("wrong", [[], [-1], [math.nan], [math.inf], [[1]]])
def test_a_series_that_is_none_is_refused(wrong: Any) -> None:
    with refuses("`demand`: expected at least one number, all finite and not negative"):
        measures(wrong, [1])


def test_series_have_one_length() -> None:
    with refuses("`demand` and `supply`: got series of different lengths"):
        measures([1, 2], [1])


def test_overload_is_counted_in_requests_and_episodes() -> None:
    assert overload([5, 15, 20, 5, 11], [10] * 5, 60) == Overload(requests=16 * 60, seconds=180, longest=120)
    assert overload([5, 10], [10, 10], 60) == Overload(0, 0, 0)


@given(PAIRS)
def test_no_episode_is_longer_than_all_of_them(pairs: list[tuple[int, int]]) -> None:
    load, capacity = zip(*pairs, strict=True)
    found = overload(load, capacity, 10)
    assert 0 <= found.longest <= found.seconds <= 10 * len(pairs)
    assert (found.requests > 0) == (found.seconds > 0)


def test_an_objective_is_kept_without_overload_only() -> None:
    assert objective_share([0.1, 0.3, 0.1, 0.2], 0.2, [False, False, True, False]) == 0.25


@pytest.mark.parametrize(
    ("times", "capacities", "expected"),
    [
        ([0], [3], Activity(0, 0, 0)),
        ([0, 60, 120, 180], [2, 4, 4, 6], Activity(2, 0, 0)),
        ([0, 60, 1_860], [2, 4, 3], Activity(2, 1, 1)),
        ([0, 60, 1_861], [2, 4, 3], Activity(2, 1, 0)),
        ([0, 60, 100, 160], [2, 4, 3, 5], Activity(3, 2, 2)),
    ],
)
def test_a_flap_is_a_reversal_within_half_an_hour(
    times: list[float], capacities: list[float], expected: Activity
) -> None:
    assert activity(times, capacities) == expected


@given(st.lists(st.floats(-1e6, 1e6), min_size=1), st.floats(0, 1))
def test_a_percentile_is_one_of_the_values(values: list[float], share: float) -> None:
    found = percentile(values, share)
    assert found in values
    assert np.mean(np.asarray(values) <= found) >= share - 1e-9


def test_a_percentile_of_nothing_is_none() -> None:
    assert math.isnan(percentile([], 0.95))
    assert percentile([10, 20, 30], 0.95) == 30
    assert percentile([10, 20, 30], 0) == 10
    with refuses("`share`: allowed 0 to 1"):
        percentile([1], 95)


def test_headroom_is_above_the_load() -> None:
    assert headroom([0, 10, 20], [10, 15, 20]) == Headroom(minimum=0, p5=0)
    assert headroom([0, 0], [1, 1]) == Headroom(math.inf, math.inf)


def test_time_at_a_bound_is_in_seconds() -> None:
    assert time_at([2, 2, 3, 4], 2, 60) == 120
    assert time_at([2, 2, 3, 4], [2, 3, 3, 4], 60) == 180
