"""A task runs, and is counted, before it serves: known answers by hand, and today's bits where both come together.

It cannot prove how much cpu a task takes as it starts, nor what ECS publishes of it.
"""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from elasticity.simulator import Timeline, engine, simulate
from elasticity.traces import step
from tests.elasticity.simulations import any_rules, load_of, loads, rule_set, tracking

EDGE = 3_600
RISE = step(50.0, 120.0, at=EDGE, duration=EDGE + 900, resolution=10)
"""Two units of 50/s are full from the edge on; the first action comes 350 s later."""
CPU = tracking(target=60.0, scale_out_cooldown="60s")


def run(platform: str = "ecs_service", **unit: Any) -> Timeline:
    rules = CPU if platform == "ecs_service" else tracking(target=60.0)
    return simulate(rule_set(2, 40, unit={"start_up": "600s", **unit}, **rules), RISE, platform=platform)


def grown(timeline: Timeline) -> list[tuple[int, int]]:
    return [(one.second - EDGE, one.after) for one in timeline.actions() if one.after > one.before]


@pytest.mark.parametrize(
    ("unit", "expected"),
    [
        ({}, [(350, 4)]),  # 2 running x 100 / 60 asks for 4, again and again, until they serve
        ({"running_after": "600s", "start_up_cpu": 100}, [(350, 4)]),
        # At 410 s the newest minute, of two tasks at 100, is applied to the four that run by then: 7. The next one holds
        # 20 s of two at 100 and 40 s of four at 50 (at 60): 60 in the mean (68), applied to seven that run.
        ({"running_after": "30s", "start_up_cpu": 0}, [(350, 4), (410, 7)]),
        ({"running_after": "30s", "start_up_cpu": 20}, [(350, 4), (410, 7), (470, 8)]),
        ({"running_after": "30s", "start_up_cpu": 100}, [(350, 4), (410, 7), (470, 12), (530, 20), (590, 34), (650, 40)]),
    ],
)  # fmt: skip
def test_tasks_that_run_hot_before_they_serve_scale_a_service_further(
    unit: dict[str, Any], expected: list[tuple[int, int]]
) -> None:
    assert grown(run(**unit)) == expected


def test_cpu_is_the_mean_over_all_that_run_and_capacity_that_of_those_that_serve() -> None:
    timeline = run(running_after="30s", start_up_cpu=20)
    before, booting = (EDGE + 370) // 10, (EDGE + 390) // 10
    assert timeline.utilisation[before] == 100
    assert timeline.utilisation[booting] == pytest.approx((2 * 100 + 2 * 20) / 4)
    assert (timeline.capacity[booting], timeline.serving[booting], timeline.starting[booting]) == (100, 2, 2)


def test_an_instance_of_a_group_counts_once_it_serves() -> None:
    plain, declared = run("ec2_group"), run("ec2_group", running_after="30s", start_up_cpu=100)
    assert grown(plain) == grown(declared)
    assert (plain.utilisation == declared.utilisation).all()


@settings(max_examples=40, deadline=None)
@given(any_rules(), loads(), st.integers(0, 100))
def test_a_task_that_runs_as_soon_as_it_serves_changes_no_bit(rules: Any, load: Any, hot: int) -> None:
    changed = {"running_after": rules.unit.start_up, "start_up_cpu": hot}
    same = rules.model_copy(update={"unit": rules.unit.model_copy(update=changed)})
    one, other = simulate(rules, load, tick=60), simulate(same, load, tick=60)
    assert one.figures() == other.figures()
    assert (one.desired == other.desired).all()
    assert (one.utilisation == other.utilisation).all()


@pytest.mark.skipif(not engine.can_compile(), reason="numba is not installed")
def test_plain_and_compiled_runs_of_two_starts_are_the_same_bits() -> None:
    rules = rule_set(2, 20, unit={"start_up": "200s", "running_after": "30s", "start_up_cpu": 80}, **CPU)
    load = load_of([50.0, 400.0, 300.0, 20.0] * 100)
    plain, fast = (simulate(rules, load, compiled=compiled).to_json() for compiled in (False, True))
    assert plain == fast
