"""What fails is sent again: a storm by hand, an independent count of attempts, and what holds for every load.

It cannot prove how clients behave: those of a browser wait, and people give up.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from elasticity.simulator import Retries, SimulationError, engine, simulate
from elasticity.traces import spike, steady
from tests.elasticity.simulations import any_rules, load_of, loads, rule_set, tracking

TWO = rule_set(2, 2)
"""Two units of 50/s that nothing moves: 1,000 requests in a tick of 10 s."""


def test_a_storm_that_is_lost_at_once_comes_back_by_hand() -> None:
    """150/s on 100/s, each failed request sent again once: of 1,500 in a tick 500 fail and come again; then 1,000 of
    2,000 fail, three quarters of them for the first time, and 750 come again; then of 2,250 in 1,250 two thirds."""
    timeline = simulate(TWO, load_of([150.0] * 3, step=10), overflow="loss", retries=Retries(factor=1.0, limit=1))
    figures = timeline.figures()
    third = 1_250 * (1_500 / 2_250)
    assert figures["retried_requests"] == pytest.approx(500 + 750 + third)
    assert figures["lost_requests"] == pytest.approx(250 + (1_250 - third))
    assert figures["requests"] == 4_500
    assert figures["overload_requests"] == pytest.approx(500 + 1_000 + 1_250)  # what the balancer receives


def counted(rates: list[float], power: float, patience: int, factor: float, limit: int) -> tuple[float, float, float]:
    """Served, given up and sent again, with lists of every attempt's share; an independent count, tick by tick."""
    waiting, again = np.zeros(limit + 1), np.zeros(limit + 1)
    arrived: list[float] = []
    served_in_all = given_up = sent_in_all = 0.0
    for rate in rates:
        new = again.copy()
        new[0] = 10 * rate
        arrived.append(new.sum())
        present = waiting + new
        served = min(present.sum(), 10 * power)
        backlog = present.sum() - served
        kept = min(backlog, sum(arrived[-patience:])) if patience else 0.0
        mix = present / present.sum() if present.sum() else np.zeros(limit + 1)
        failed = (backlog - kept) * mix
        waiting = kept * mix
        again = np.concatenate(([0.0], factor * failed[:-1]))
        served_in_all += served
        given_up += failed.sum() - again.sum()
        sent_in_all += again.sum()
    return served_in_all, given_up, sent_in_all


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.floats(0, 600, width=32), min_size=30, max_size=120),
    st.sampled_from([0, 10, 30, 60]),
    st.floats(0.1, 1.0),
    st.integers(1, 10),
)
def test_attempts_are_those_of_an_independent_count(
    rates: list[float], patience: int, factor: float, limit: int
) -> None:
    conditions: dict[str, Any] = {"client_timeout": float(patience)} if patience else {"overflow": "loss"}
    timeline = simulate(TWO, load_of(rates, step=10), retries=Retries(factor=factor, limit=limit), **conditions)
    figures = timeline.figures()
    _, given_up, sent = counted([float(rate) for rate in timeline.load], 100.0, patience // 10, factor, limit)
    assert figures["lost_requests"] == pytest.approx(given_up, rel=1e-9, abs=1e-6)
    assert figures["retried_requests"] == pytest.approx(sent, rel=1e-9, abs=1e-6)


@settings(max_examples=40, deadline=None)
@given(any_rules(), loads(), st.floats(0.1, 1.0), st.integers(1, 10))
def test_no_request_is_sent_more_often_than_it_may_be(rules: Any, load: Any, factor: float, limit: int) -> None:
    retries = Retries(factor=factor, limit=limit)
    figures = simulate(rules, load, tick=60, client_timeout=60.0, retries=retries).figures()
    requests, again = figures["requests"] or 0.0, figures["retried_requests"] or 0.0
    assert requests + again <= requests * (1 + limit) * (1 + 1e-9) + 1e-6
    assert (figures["lost_requests"] or 0.0) <= requests * (1 + 1e-9) + 1e-6


@settings(max_examples=30, deadline=None)
@given(any_rules(), loads())
def test_nothing_is_sent_again_where_nothing_fails(rules: Any, load: Any) -> None:
    calm = load.scaled(0.0) if load.values.max() == 0 else load.scaled(1.0 / load.values.max())
    plain = simulate(rules, calm, tick=60, client_timeout=60.0, begins="settled")
    with_retries = simulate(rules, calm, tick=60, client_timeout=60.0, begins="settled", retries=Retries())
    if not plain.figures()["lost_requests"]:
        assert with_retries.figures() == pytest.approx(plain.figures(), nan_ok=True)
        assert (with_retries.desired == plain.desired).all()


def test_retries_raise_what_a_rule_on_requests_sees() -> None:
    rules = rule_set(2, 40, **tracking("requests_per_target", 1_500))
    news = spike(60.0, 600.0, at=3_600, length=1_200, duration=3 * 3_600)
    plain, storm = (
        simulate(rules, news, client_timeout=10.0, retries=retries) for retries in (None, Retries(factor=1.0, limit=3))
    )
    assert storm.serving.max() > plain.serving.max()
    assert (plain.figures()["retried_requests"], storm.figures()["retried_requests"] > 0) == (0, True)
    assert "of what fails 100 % is sent again, at once and up to 3 times; only what is given up counts as failed" in (
        storm.notes
    )


@pytest.mark.parametrize(
    ("retries", "rest", "fault"),
    [
        (Retries(factor=0.0), {"client_timeout": 5.0}, "retries.factor: got 0, allowed above 0 up to 1"),
        (Retries(factor=1.5), {"client_timeout": 5.0}, "retries.factor: got 1.5, allowed above 0 up to 1"),
        (Retries(limit=0), {"client_timeout": 5.0}, "retries.limit: got 0, allowed 1 to 10"),
        (Retries(limit=11), {"overflow": "loss"}, "retries.limit: got 11, allowed 1 to 10"),
        (Retries(), {}, "retries: nothing ever fails without `client_timeout`: give it, such as 60s"),
        ("often", {}, "retries: got text, allowed Retries(factor=..., limit=...)"),
    ],
)
def test_retries_that_cannot_be_are_refused(retries: Any, rest: dict[str, Any], fault: str) -> None:
    with pytest.raises(SimulationError) as refused:
        simulate(TWO, steady(1.0, 600), retries=retries, **rest)
    assert str(refused.value).splitlines() == [fault]


@pytest.mark.skipif(not engine.can_compile(), reason="numba is not installed")
@pytest.mark.parametrize("rest", [{"client_timeout": 30.0}, {"overflow": "loss"}])
def test_plain_and_compiled_runs_of_retries_are_the_same_bits(rest: dict[str, Any]) -> None:
    rules = rule_set(2, 20, **tracking(target=60.0))
    load = load_of([50.0, 400.0, 300.0, 20.0] * 200)
    plain, fast, twice = (
        simulate(rules, load, retries=Retries(), compiled=compiled, **rest).to_json()
        for compiled in (False, True, True)
    )
    assert plain == fast == twice
