"""Queueing formulas: against each other, a textbook and their laws. They cannot prove that a real service queues as
they assume."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from elasticity.queueing import erlang_b, erlang_c, sakasegawa_wait
from tests.elasticity.oracle.queueing import (
    STEADY_UTILISATION,
    Flow,
    erlang,
    fluid,
    latency,
    mm1_mean,
    mm1_percentile,
    mmc,
    next_backlog,
)
from tests.elasticity.refusals import refuses

SERVERS = st.integers(1, 200)
UTILISATION = st.floats(0, 0.999)
RATES = st.floats(0, 1_000)


@given(SERVERS, UTILISATION, UTILISATION)
def test_waits_grow_with_the_load_and_are_never_negative(servers: int, one: float, other: float) -> None:
    less, more = sorted((one * servers, other * servers))
    assert 0 <= erlang_b(servers, less) <= erlang_b(servers, more) + 1e-12 <= 1 + 1e-12
    assert 0 <= erlang_c(servers, less) <= erlang_c(servers, more) + 1e-12 <= 1 + 1e-9
    assert 0 <= sakasegawa_wait(servers, less, 1) <= sakasegawa_wait(servers, more, 1) * (1 + 1e-12)


@given(SERVERS, UTILISATION)
def test_one_more_server_never_waits_longer(servers: int, utilisation: float) -> None:
    offered = servers * utilisation
    assert erlang(servers + 1, offered).wait_per_service <= erlang(servers, offered).wait_per_service + 1e-12
    assert sakasegawa_wait(servers + 1, offered, 1) <= sakasegawa_wait(servers, offered, 1) + 1e-12


@given(SERVERS, st.floats(1, 3))
def test_without_a_steady_state_waits_are_infinite(servers: int, factor: float) -> None:
    figures = erlang(servers, servers * factor)
    assert not figures.has_steady_state
    assert figures.erlang_c == 1
    assert figures.queue_length == figures.wait_per_service == sakasegawa_wait(servers, servers * factor, 1) == math.inf


@given(st.integers(1, 1_000), st.floats(0, 0.9999))
def test_sakasegawa_is_within_four_per_cent_of_a_service_time_of_erlang_c(servers: int, utilisation: float) -> None:
    exact = erlang(servers, servers * utilisation).wait_per_service
    assert sakasegawa_wait(servers, servers * utilisation, 1) == pytest.approx(exact, abs=0.034)


@given(st.floats(0, 0.99))
def test_sakasegawa_is_exact_for_one_server(utilisation: float) -> None:
    assert sakasegawa_wait(1, utilisation, 3) == pytest.approx(3 * utilisation / (1 - utilisation))
    assert sakasegawa_wait(1, utilisation, 3, arrival_variation=0, service_variation=0) == 0


@given(st.integers(1, 50), st.floats(0.1, 10), st.floats(0.01, 0.98))
def test_the_figures_of_one_queue_agree(servers: int, service_rate: float, utilisation: float) -> None:
    arrival_rate = servers * service_rate * utilisation
    queue = mmc(servers, arrival_rate, service_rate)
    assert queue.in_system == pytest.approx(arrival_rate * queue.sojourn), "Little's law"
    assert queue.in_queue == pytest.approx(arrival_rate * queue.wait)
    assert 0 < queue.empty <= 1
    if servers == 1:
        assert queue.empty == pytest.approx(1 - utilisation)
        assert queue.sojourn == pytest.approx(mm1_mean(arrival_rate, service_rate))


def test_an_overloaded_queue_is_never_empty() -> None:
    queue = mmc(2, 6, 3)
    assert (queue.empty, queue.waits, queue.wait, queue.in_system) == (0, 1, math.inf, math.inf)


def test_the_median_of_an_exponential_time_is_ln_2_of_its_mean() -> None:
    assert mm1_percentile(8, 10, 0.5) == pytest.approx(math.log(2) * mm1_mean(8, 10))
    assert mm1_percentile(10, 10, 0.5) == mm1_mean(10, 10) == math.inf


@given(st.lists(st.tuples(RATES, st.floats(0, 1_000)), max_size=8), RATES)
def test_a_fluid_run_keeps_its_books(load: list[tuple[float, float]], capacity: float) -> None:
    queued, lossy = fluid(capacity, load), fluid(capacity, load, queue=False)
    assert queued.lost == lossy.backlog == 0
    assert 0 <= queued.backlog <= queued.peak_backlog <= queued.arrivals * (1 + 1e-9)
    assert 0 <= lossy.lost_share <= 1 + 1e-9
    assert queued.peak_backlog <= lossy.lost * (1 + 1e-9), "what was not lost can only drain"


def test_a_backlog_drains_at_the_rate_that_is_left() -> None:
    flow = fluid(100, [(120, 60), (80, 30)])
    assert flow == Flow(
        arrivals=9_600, lost=0, backlog=600, peak_backlog=1_200, delay=6, peak_delay=12, drain_time=36, empty_at=96
    )
    within = fluid(100, [(120, 60), (80, 90), (50, 60)])
    assert (within.drain_time, within.empty_at, within.delay) == (60, 120, 0)
    assert (fluid(100, [(80, 60)]).drain_time, fluid(100, [(80, 60)]).empty_at) == (0, 0)
    assert fluid(0, [(1, 1)]).drain_time == fluid(0, [(1, 1)]).empty_at == math.inf
    assert fluid(0, [(1, 1)]).peak_delay == math.inf
    assert next_backlog(5, 10, 20, 1) == 0


LOADS = st.floats(0, 5_000)


@given(st.integers(1, 50), LOADS, LOADS, st.floats(0.001, 2))
def test_latency_never_jumps_down_as_load_grows(servers: int, one: float, other: float, service_time: float) -> None:
    less, more = sorted((one, other))
    assert latency(servers, less, 50, service_time) <= latency(servers, more, 50, service_time) * (1 + 1e-12)


@given(st.integers(1, 50), LOADS, st.floats(0, 1e6), st.floats(0, 1e6))
def test_latency_never_jumps_down_as_the_backlog_grows(servers: int, load: float, one: float, other: float) -> None:
    less, more = sorted((one, other))
    assert latency(servers, load, 50, 0.02, less) <= latency(servers, load, 50, 0.02, more) * (1 + 1e-12)


@given(st.integers(1, 50), st.floats(1e5, 1e7))
def test_a_large_backlog_hands_over_to_the_fluid_delay(servers: int, backlog: float) -> None:
    assert latency(servers, 10_000, 50, 0.02, backlog) == pytest.approx(0.02 + backlog / (servers * 50))


def test_latency_of_a_resting_unit_is_its_service_time() -> None:
    assert latency(3, 0, 50, 0.02) == 0.02
    assert latency(0, 10, 50, 0.02) == math.inf
    full = latency(1, 50, 50, 0.02)
    assert full == pytest.approx(0.02 + 0.02 * STEADY_UTILISATION / (1 - STEADY_UTILISATION))


def test_wrong_numbers_are_refused() -> None:
    for servers in (0, 1.5):
        with refuses(f"`servers`: got {servers}, allowed a whole number from 1 up"):
            erlang_c(servers, 1)  # type: ignore[arg-type]
    for offered in (-1, math.inf):
        with refuses(f"`offered`: got {offered}, allowed a number from 0 up"):
            erlang_c(1, offered)
    with refuses("`service_rate`: got 0, allowed a number above 0"):
        mmc(1, 1, 0)
    with refuses("`share`: allowed 0 to below 1"):
        mm1_percentile(1, 2, 1)
    with refuses("`servers`: got 0, allowed a number above 0"):
        sakasegawa_wait(0, 1, 1)
    with refuses("`offered`: got -1, allowed a number from 0 up"):
        sakasegawa_wait(1, -1, 1)
    with refuses("`load`: got -1, allowed a number from 0 up"):
        fluid(1, [(-1, 1)])
