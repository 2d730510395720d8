"""The step that wakes a worker from zero: simulated as it is deployed. It cannot prove when AWS's alarm sees the first message."""

from __future__ import annotations

from typing import Any

import pytest

from elasticity import Elasticity, check, simulate
from elasticity.checks.context import LintContext
from elasticity.simulator import Instances, Timeline
from elasticity.traces import Load, spike
from elasticity.waking import WAKE, needs_waking, with_wake

PLATFORMS = ("ecs_service", "ec2_group")
WORKER: dict[str, Any] = {
    "minimum": 0,
    "maximum": 10,
    "queue": {"name": "jobs", "time_per_message": "20s"},
    "unit": {"capacity": "3/min", "start_up": "60s"},
    "target_tracking": {"delay": {"metric": "queue_delay", "target": "60s", "scale_out_cooldown": "2m"}},
}


def rules(platform: str = "ecs_service", **changes: object) -> Elasticity:
    worker = WORKER | changes
    if platform == "ec2_group" and "target_tracking" in worker:
        worker["target_tracking"] = {"delay": {"metric": "queue_delay", "target": "60s"}}
    return Elasticity.model_validate(worker)


def thousand_messages() -> Load:
    """1,000 messages in ten minutes, an hour after the start."""
    return spike(base=0, peak=1000 / 600, at=3600, length=600, duration=6 * 3600)


def told(timeline: Timeline) -> list[tuple[str, str, str]]:
    return [
        (f"{decision.time:%H:%M:%S}", decision.rule, decision.text.rpartition("desired ")[2].split(",")[0])
        for decision in timeline.actions()
    ]


AT_ONCE = {"max_scale_in_fraction": 1.0}


def test_a_service_at_zero_wakes_grows_by_tracking_and_does_all_messages() -> None:
    timeline = simulate(rules(), thousand_messages(), parameters=AT_ONCE)
    # An hour, the minute of the first messages, and the 170 s until an alarm has seen it.
    assert told(timeline) == [
        ("01:03:50", WAKE, "0 to 1"),
        ("01:04:50", WAKE, "1 to 2"),
        ("01:05:50", "delay", "2 to 10"),
        ("01:56:50", "delay", "10 to 0"),
    ]
    assert timeline.backlog[-1] == 0


def test_a_group_at_zero_wakes_too() -> None:
    timeline = simulate(rules("ec2_group"), thousand_messages(), platform="ec2_group")
    assert told(timeline)[:2] == [("01:02:00", WAKE, "0 to 1"), ("01:08:00", "delay", "1 to 10")]
    assert timeline.backlog[-1] == 0


def test_with_one_unit_always_there_nothing_is_woken() -> None:
    timeline = simulate(rules(minimum=1), thousand_messages(), parameters=AT_ONCE)
    assert [(rule, change) for _, rule, change in told(timeline)] == [("delay", "1 to 10"), ("delay", "10 to 1")]


@pytest.mark.parametrize("platform", PLATFORMS)
def test_the_step_stands_beside_the_declared_rules_where_a_queue_may_find_no_unit(platform: str) -> None:
    night = {"cron": "0 22 * * *", "time_zone": "UTC", "minimum": 0}
    step = {"metric": "queue_delay", "threshold": "60s", "steps": [{"from": "0s", "change": 1}]}
    assert needs_waking(rules(platform))
    assert needs_waking(rules(platform, minimum=2, scheduled={"night": night}))
    assert needs_waking(rules(platform, target_tracking={}, step_scaling={"more": step}))
    assert not needs_waking(rules(platform, minimum=1))
    assert not needs_waking(
        Elasticity.model_validate(
            {"minimum": 0, "maximum": 4, "target_tracking": {"cpu": {"metric": "cpu", "target": 50}}}
        )
    )
    declared = rules(platform)
    assert list(with_wake(declared, platform).step_scaling) == [WAKE]
    assert with_wake(rules(platform, minimum=1), platform).step_scaling == {}


def test_the_linter_counts_on_the_step_for_step_rules_too() -> None:
    step = {"metric": "queue_delay", "threshold": "60s", "steps": [{"from": "0s", "change": 1}]}
    for declared in (rules(), rules(target_tracking={}, step_scaling={"more": step})):
        assert "EL002" not in {found.code for found in check(declared, LintContext())}


def test_a_service_that_waits_for_instances_wakes_as_it_is_deployed() -> None:
    below = Instances(units_per_instance=2, minimum=0, maximum=6, start_up=60.0)
    timeline = simulate(rules(), thousand_messages(), platform="capacity_provider", instances=below)
    assert told(timeline)[0] == ("01:03:50", WAKE, "0 to 1")
    assert timeline.backlog[-1] == 0
    assert with_wake(rules(), "capacity_provider") == with_wake(rules(), "ecs_service")


def test_no_declared_metric_can_have_the_name_of_one_of_the_step() -> None:
    added = with_wake(rules(), "ecs_service").metrics.keys()
    assert len(added) == 5
    for key in added:
        with pytest.raises(ValueError, match="metrics"):
            rules(metrics={key: {"namespace": "own", "name": "own"}})
