"""Where a run starts: settled, with what its rules hold at the load of the first minute, or cold, as at creation.

It cannot prove that a service on AWS had settled before a recorded load begins.
"""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from elasticity.rules import Elasticity
from elasticity.simulator import SimulationError, Timeline, simulate
from elasticity.traces import spike, steady
from tests.elasticity.simulations import load_of, rule_set, tracking


def begun(rules: Elasticity, rate: float, **rest: Any) -> int:
    return int(simulate(rules, steady(rate, 3_600), begins="settled", **rest).serving[0])


REQUESTS = tracking("requests_per_target", 1_500)
MEMORY = {"idle_memory": 20, "full_memory": 80}
OUT = {"hot": {"metric": "cpu", "threshold": 70, "steps": [{"from": 0, "change": 1}]}}
QUEUE = {**tracking("queue_delay", "30s"), "queue": {"name": "q", "time_per_message": "20ms"}}


@pytest.mark.parametrize(
    ("rules", "unit", "rate", "expected"),
    [
        (tracking(target=60.0), {}, 100, 4),  # 30/s each
        (tracking(target=60.0), {}, 90, 3),  # at the target, not above it
        (tracking(target=60.0), {"idle_cpu": 10}, 100, 4),  # 25/s each
        (tracking(target=60.0), {}, 0, 2),
        (tracking(target=60.0), {}, 5_000, 20),
        (tracking(target=5.0), {"idle_cpu": 10}, 1, 20),  # above the target with any number of units
        (REQUESTS, {}, 100, 4),  # 25/s each
        (tracking("memory", 50), MEMORY, 200, 8),  # half of a unit each
        (tracking("response_time", "150ms"), {}, 100, 3),
        (tracking("response_time", "90ms"), {}, 100, 20),  # below the service time of 100 ms
        ({"step_scaling": OUT}, {}, 100, 3),  # 35/s each
        (QUEUE, {}, 130, 3),  # a queue that does not grow
        ({"target_tracking": {**tracking(target=60.0)["target_tracking"], **REQUESTS["target_tracking"]}}, {}, 100, 4),
        ({}, {}, 400, 2),
        ({"initial": 5}, {}, 400, 5),
        ({"initial": 5, **tracking(target=60.0)}, {}, 400, 14),
    ],
)
def test_a_settled_start_is_the_capacity_that_no_rule_wants_to_raise(
    rules: dict[str, Any], unit: dict[str, Any], rate: float, expected: int
) -> None:
    assert begun(rule_set(2, 20, unit=unit, **rules), rate) == expected


@pytest.mark.parametrize(("begins", "expected"), [("cold", 5), ("settled", 4)])
def test_a_cold_start_is_that_of_a_creation(begins: str, expected: int) -> None:
    rules = rule_set(2, 20, initial=5, **tracking(target=60.0))
    assert simulate(rules, steady(100.0, 3_600), begins=begins).serving[0] == expected


def test_another_start_is_refused_by_name() -> None:
    with pytest.raises(SimulationError, match=r"^begins: got 'warm', allowed settled, cold$"):
        simulate(rule_set(2, 20), steady(1.0, 600), begins="warm")


@settings(max_examples=60, deadline=None)
@given(st.integers(20, 80), st.integers(0, 15), st.floats(0, 700), st.integers(1, 4), st.sampled_from([100.0, 3_000.0]))
def test_a_constant_load_never_scales_out_what_has_settled(
    target: int, idle: int, rate: float, minimum: int, requests: float
) -> None:
    both = {**tracking(target=float(target))["target_tracking"]}
    both |= tracking("requests_per_target", requests)["target_tracking"]
    rules = rule_set(minimum, 40, unit={"idle_cpu": idle}, target_tracking=both)
    timeline = simulate(rules, load_of([rate] * 120), tick=60, begins="settled")
    assert timeline.figures()["scale_outs"] == 0


def first_minutes(timeline: Timeline) -> float:
    return float((timeline.load[:60] > timeline.capacity[:60]).sum() * timeline.tick / 60)


def test_a_settled_start_lacks_nothing_in_the_first_minutes_of_a_load_that_a_cold_one_lacks() -> None:
    rules = rule_set(1, 30, **tracking(target=60.0))
    news = spike(60.0, 700.0, at=7_200, length=1_800, duration=4 * 3_600)
    cold, settled = (simulate(rules, news, begins=begins) for begins in ("cold", "settled"))
    assert first_minutes(cold) == pytest.approx(6.83, abs=0.01)  # 350 s to the first action, 60 s of start-up
    assert first_minutes(settled) == 0
    assert "the run starts settled, with 2 units, which the rules hold at the 60/s of its first minute" in settled.notes
    said = "the run starts cold, with the 1 unit of a creation: what its first minutes lack is counted"
    assert said in cold.notes
