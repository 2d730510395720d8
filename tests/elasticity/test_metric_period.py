"""A rule that looks at its metric each 20 s: sooner in simulation by what AWS has published, said and refused alike.

It cannot prove that AWS's own alarms on metrics of 20 s have as many periods as those of a minute.
"""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from elasticity.rules import Elasticity
from elasticity.simulator import SimulationError, Timeline, simulate
from elasticity.traces import step
from tests.elasticity.findings import found, rules
from tests.elasticity.simulations import rule_set, tracking

EDGE = 3_600
RISE = step(50.0, 120.0, at=EDGE, duration=2 * EDGE, resolution=10)


def first_scale_out(timeline: Timeline) -> int:
    return min(one.second for one in timeline.actions() if one.second >= EDGE) - EDGE


@pytest.mark.parametrize(
    ("platform", "period", "expected"),
    [
        ("ecs_service", None, 350),
        ("ecs_service", "60s", 350),
        ("ecs_service", "20s", 90),
        ("ec2_group", "60s", 240),
        ("ec2_group", "20s", 120),
    ],
)
def test_the_first_action_comes_with_the_period_and_its_delay(platform: str, period: str, expected: int) -> None:
    rest = {} if period is None else {"metric_period": period}
    timeline = simulate(rule_set(2, 20, **tracking(target=60.0, **rest)), RISE, platform=platform)
    assert first_scale_out(timeline) == expected  # of a service AWS has published 363 s and 86 s


def test_a_rules_period_is_the_platforms_parameter_for_one_rule_alone() -> None:
    own = simulate(rule_set(2, 20, **tracking(target=60.0, metric_period="20s")), RISE)
    given = simulate(rule_set(2, 20, **tracking(target=60.0)), RISE, parameters={"metric_period": 20})
    assert [(one.second, one.after) for one in own.actions()] == [(one.second, one.after) for one in given.actions()]
    both = {
        "target_tracking": {
            "cpu": {"metric": "cpu", "target": 60.0, "metric_period": "20s"},
            "slow": {"metric": "memory", "target": 60.0},
        }
    }
    alarms = {
        (one.rule, one.text.split(" periods of ")[1].split(",")[0])
        for one in simulate(rule_set(2, 20, unit={"full_memory": 90}, **both), RISE).decisions
        if one.kind == "alarm" and " periods of " in one.text
    }
    assert alarms == {
        ("cpu-AlarmHigh", "20 s"), ("cpu-AlarmLow", "20 s"), ("slow-AlarmHigh", "60 s"), ("slow-AlarmLow", "60 s"),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ({"metric": "cpu", "target": 60, "metric_period": "30s"}, "got 30s, allowed 20s or 60s"),
        (
            {"metric": "requests_per_target", "target": 600, "metric_period": "20s"},
            "requests_per_target comes each minute, only cpu, memory may come more often: leave it out",
        ),
        (
            {"metric": "response_time", "target": "1s", "metric_period": "20s"},
            "response_time comes each minute, only cpu, memory may come more often: leave it out",
        ),
        (
            {"metric": "queue_delay", "target": "1m", "metric_period": "20s"},
            "queue_delay comes each minute, only cpu, memory may come more often: leave it out",
        ),
        (
            {"metric": "jobs", "target": 5, "metric_period": "20s"},
            "the period of jobs is `metrics.jobs.period`: set it there",
        ),
    ],
)
def test_what_no_platform_publishes_so_often_is_refused_by_name(rule: dict[str, Any], expected: str) -> None:
    jobs = {"metrics": {"jobs": {"namespace": "Own", "name": "Jobs"}}, "queue": {"name": "q", "time_per_message": "1s"}}
    with pytest.raises(ValidationError) as refused:
        Elasticity.model_validate({"minimum": 1, "maximum": 4, "target_tracking": {"rule": rule}, **jobs})
    (fault,) = refused.value.errors()
    assert (fault["loc"], fault["msg"]) == (("target_tracking", "rule", "metric_period"), expected)


def test_memory_of_a_group_is_refused_by_check_and_simulate_alike() -> None:
    content = rules(target_tracking={"m": {"metric": "memory", "target": 60, "metric_period": "20s"}})
    text = "instances publish no memory each 20s, allowed 60s or 20s for cpu"
    assert found(content, "EL022", platform="ec2_group") == [f"target_tracking.m.metric_period error: {text}"]
    assert found(content, "EL022", platform="ecs_service") == []
    simulated = rule_set(2, 10, **tracking("memory", 60.0, metric_period="20s"))
    with pytest.raises(SimulationError, match=rf"^target_tracking\.memory\.metric_period: {text}$"):
        simulate(simulated, RISE, platform="ec2_group")


@pytest.mark.parametrize(
    ("platform", "metric", "period", "published", "expected"),
    [
        ("ecs_service", "cpu", "20s", False, ["target_tracking.r.metric_period error: tasks publish cpu each minute until the service's `monitoring` says a `resolutionSeconds` of 20, which the provider has not"]),
        ("ecs_service", "memory", "20s", True, []),
        ("ecs_service", "cpu", "20s", None, []),
        ("ecs_service", "cpu", "60s", False, []),
        ("ec2_group", "cpu", "20s", False, ["target_tracking.r.metric_period error: instances publish cpu each minute until the launch template turns high-resolution monitoring on, which the provider has not"]),
    ],
)  # fmt: skip
def test_a_metric_that_nobody_publishes_so_often_is_an_error(
    platform: str, metric: str, period: str, published: bool | None, expected: list[str]
) -> None:
    content = rules(target_tracking={"r": {"metric": metric, "target": 60, "metric_period": period}})
    assert found(content, "EL025", platform=platform, fine_metrics=published) == expected


def test_a_cooldown_is_judged_by_the_period_of_its_own_rule() -> None:
    def judged(**rest: Any) -> list[str]:
        rule = {"metric": "cpu", "target": 60, "scale_out_cooldown": "90s", **rest}
        return found(rules(target_tracking={"r": rule}, unit={"start_up": "60s"}), "EL030")

    assert len(judged()) == 1
    assert "until a datapoint shows it" in judged()[0]
    assert judged(metric_period="20s", scale_out_cooldown="101s") == []
    assert "then 41s until a datapoint" in judged(metric_period="20s")[0]
