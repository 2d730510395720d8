"""A sweep leaves out estimates of latency that nothing reads: its figures are those of runs that compute each, to the
last bit. It cannot prove that the estimate is right, nor that much is left out: that is `python -m bench.kernel`."""

from __future__ import annotations

import dataclasses
import math
from typing import Any

import numpy as np
import pytest

from elasticity.simulator import simulate, simulate_many
from elasticity.simulator.conditions import Conditions
from elasticity.simulator.configuration import configure
from elasticity.simulator.prepared import Prepared
from elasticity.traces import Load, daily
from tests.elasticity.simulations import rule_set, tracking

UNIT = {"capacity": "60/s", "start_up": "60s", "service_time": "100ms", "idle_cpu": 5}
EACH_TICK = 1
"""`Plan.latency_read` where every estimate is made."""


def step(periods: int = 1, enough: int | None = None, **rest: Any) -> dict[str, Any]:
    """A step rule on response time; its steps cover what lies below the threshold too."""
    return {
        "late": {
            "metric": "response_time", "threshold": "150ms", "evaluation_periods": periods,
            "datapoints_to_alarm": periods if enough is None else enough,
            "steps": [{"to": "0s", "change": 1}, {"from": "0s", "to": "100ms", "change": 2}, {"from": "100ms", "change": 5}],
            **rest,
        }
    }  # fmt: skip


RULES: dict[str, tuple[dict[str, Any], bool]] = {
    "one datapoint": ({"step_scaling": step()}, True),
    "three in a row": ({"step_scaling": step(3)}, True),
    "missing does not breach": ({"step_scaling": step(2, missing_data="notBreaching")}, True),
    "two of three": ({"step_scaling": step(3, 2)}, False),
    "missing keeps the alarm": ({"step_scaling": step(missing_data="ignore")}, False),
    "missing breaches": ({"step_scaling": step(missing_data="breaching")}, False),
    "when it is short": ({"step_scaling": step(comparison="LessThanThreshold")}, False),
    "a longer period": ({"step_scaling": step(period="300s")}, False),
    "target tracking": (tracking("response_time", "150ms"), False),
    "nothing reads it": ({}, True),
}
"""Rules on response time, and whether a run of minutes may leave estimates out."""


def noisy(seed: int) -> Load:
    """Two days that change each minute, with silent hours and a rise that the rules are late for."""
    made = daily(20, 900, days=2, resolution=60).with_noise(seed)
    values = made.values.copy()
    values[300:420] = 0.0
    values[1_700:1_760] *= 3.0
    values[2_000:2_200:7] = 0.0
    return dataclasses.replace(made, values=values)


def made(rules: dict[str, Any]) -> Any:
    own = {"target_tracking": {}, "step_scaling": {}, **rules}
    own["target_tracking"] = {"cpu": {"metric": "cpu", "target": 60.0}, **own["target_tracking"]}
    return rule_set(2, 40, unit=UNIT, **own)


@pytest.mark.parametrize("name", RULES)
def test_estimates_are_left_out_only_where_a_short_response_time_has_no_effect(name: str) -> None:
    rules, may = RULES[name]
    plan = configure(made(rules), Prepared(noisy(1), Conditions(tick=60)), record=False).plan
    assert (plan.latency_read != EACH_TICK) == may
    assert configure(made(rules), Prepared(noisy(1), Conditions(tick=60)), record=True).plan.latency_read == EACH_TICK


@pytest.mark.parametrize("goal", [None, 0.12, 0.2])
@pytest.mark.parametrize("age", [0.0, 30.0, 600.0])
@pytest.mark.parametrize("name", RULES)
def test_a_sweep_without_estimates_gives_the_figures_of_runs_with_each(
    name: str, age: float, goal: float | None
) -> None:
    rules = made(RULES[name][0])
    for seed in range(3):
        options: dict[str, Any] = {"latency_goal": goal, "parameters": {"age_at_action": age}}
        single = simulate(rules, noisy(seed), tick=60, **options).figures()
        swept = simulate_many([rules], [noisy(seed)], **options)
        for figure, value in single.items():
            expected = math.nan if value is None else value
            assert np.array_equal(swept[figure][0, 0], expected, equal_nan=True), figure
