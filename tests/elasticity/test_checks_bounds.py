"""Findings on bounds, targets and what stands around, at their boundaries. It cannot prove that the numbers are wise."""

from __future__ import annotations

from typing import Any

import pytest

from tests.elasticity.findings import CPU, cure_of, found, rules

NO_RULES: dict[str, Any] = {"target_tracking": {}}
BACKLOG = {"metric": "queue_delay", "target": "5m"}
QUEUE = {"name": "jobs", "time_per_message": "2s"}
JOBS = {"jobs": {"namespace": "Shop", "name": "Jobs"}}


def step(metric: str = "jobs", *changes: int, **more: Any) -> dict[str, Any]:
    return {
        "metric": metric,
        "threshold": 10,
        "steps": [{"from": 0, "change": change} for change in changes or (1,)],
        **more,
    }


def nightly(**bounds: int) -> dict[str, Any]:
    return {"cron": "0 20 * * *", "time_zone": "UTC", **bounds}


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ({"minimum": 11}, ["minimum error: minimum 11 is above maximum 10"]),
        ({"minimum": 10}, []),
        ({"initial": 1}, ["initial error: initial 1 lies outside 2 to 10"]),
        ({"initial": 11}, ["initial error: initial 11 lies outside 2 to 10"]),
        ({"initial": 2}, []),
        ({"initial": 10}, []),
    ],
)
def test_bounds_are_in_order_and_hold_the_initial_count(content: dict[str, Any], expected: list[str]) -> None:
    assert found(rules(**content), "EL001") == expected


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ({"minimum": 0}, ["minimum error: capacity may fall to 0, where cpu cannot start a unit"]),
        ({"minimum": 1}, []),
        ({"minimum": 0, "maximum": 0, **NO_RULES}, []),
        ({"scheduled": {"night": nightly(minimum=0)}}, ["scheduled.night.minimum error: capacity may fall to 0, where cpu cannot start a unit"]),
        ({"minimum": 0, "scheduled": {"night": nightly(minimum=0), "day": nightly(minimum=1)}}, []),
        ({"minimum": 0, "scheduled": {"day": nightly(desired=1)}}, []),
        ({"minimum": 0, **NO_RULES, "scheduled": {"night": nightly(maximum=3)}}, ["minimum error: capacity may fall to 0, and no rule starts a unit"]),
        ({"minimum": 0, "target_tracking": {"queue": BACKLOG}, "queue": QUEUE}, []),
        ({"minimum": 0, "step_scaling": {"out": step()}, "metrics": JOBS}, []),
        ({"minimum": 0, "step_scaling": {"out": step("cpu")}}, ["minimum error: capacity may fall to 0, where cpu cannot start a unit"]),
        ({"minimum": 0, "step_scaling": {"out": step(adjustment="percent")}, "metrics": JOBS}, ["minimum error: capacity may fall to 0, where cpu and jobs cannot start a unit"]),
        ({"minimum": 0, "step_scaling": {"out": step(adjustment="exact")}, "metrics": JOBS}, []),
        ({"minimum": 0, "target_tracking": {"jobs": {"metric": "jobs", "target": 5}}, "metrics": JOBS}, ["minimum error: capacity may fall to 0, where jobs cannot start a unit"]),
    ],
)  # fmt: skip
def test_something_wakes_what_may_fall_to_zero(content: dict[str, Any], expected: list[str]) -> None:
    assert found(rules(**content), "EL002") == expected


def test_a_group_under_a_capacity_provider_may_fall_to_zero() -> None:
    assert found(rules(minimum=0), "EL002", platform="capacity_provider") == []


@pytest.mark.parametrize(
    ("content", "context", "expected"),
    [
        ({"minimum": 1}, {}, ["minimum warning: minimum 1 is below 2, the least in production"]),
        ({"minimum": 2}, {}, []),
        ({"minimum": 2}, {"zones": 2}, []),
        ({"minimum": 2}, {"zones": 3}, ["minimum warning: minimum 2 is below 3, the least in 3 zones"]),
        ({"minimum": 3}, {"zones": 3}, []),
        ({"scheduled": {"night": nightly(minimum=1)}}, {}, ["scheduled.night.minimum warning: minimum 1 is below 2, the least in production"]),
        ({"scheduled": {"night": nightly(maximum=5)}}, {}, []),
        ({"minimum": 1}, {"environment": "staging"}, []),
        ({"minimum": 1}, {"platform": "capacity_provider"}, []),
    ],
)  # fmt: skip
def test_production_has_a_unit_to_spare(content: dict[str, Any], context: dict[str, Any], expected: list[str]) -> None:
    assert found(rules(**content), "EL003", **context) == expected


@pytest.mark.parametrize(
    ("target", "saturation", "expected"),
    [
        (80, None, []),
        (80.1, None, ["target_tracking.cpu.target warning: target 80.1: one step grows by at most 24.8 %"]),
        (69, 70, []),
        (70, 70, ["target_tracking.cpu.target warning: target 70 is not below the declared saturation, 70"]),
        (90, 95, ["target_tracking.cpu.target warning: target 90: one step grows by at most 11.1 %"]),
    ],
)
def test_a_cpu_target_leaves_room_to_grow(target: float, saturation: float | None, expected: list[str]) -> None:
    content = rules(target_tracking={"cpu": {**CPU, "target": target}}, unit={"saturation": saturation})
    assert found(content, "EL010") == expected


def test_a_memory_target_may_be_high_and_a_forecast_on_cpu_may_not() -> None:
    content = rules(
        target_tracking={"memory": {"metric": "memory", "target": 90}},
        predictive={
            "daily": {"metric": "cpu", "target": 85},
            "requests": {"metric": "requests_per_target", "target": 85},
        },
    )
    assert found(content, "EL010") == ["predictive.daily.target warning: target 85: one step grows by at most 17.6 %"]


@pytest.mark.parametrize(
    ("rule", "objectives", "expected"),
    [
        (CPU, {"cpu": 75}, []),
        (CPU, {"cpu": 74.9}, ["target_tracking.cpu.target note: target 60, and an alarm at 74.9 on the same metric"]),
        (CPU, {"cpu": 60.1}, ["target_tracking.cpu.target note: target 60, and an alarm at 60.1 on the same metric"]),
        (CPU, {"cpu": 60}, ["target_tracking.cpu.target warning: target 60, and an alarm at 60 on the same metric"]),
        (CPU, {"memory": 10}, []),
        ({"metric": "response_time", "target": "1s"}, {"response_time": "1s"}, ["target_tracking.cpu.target warning: target 1s, and an alarm at 1s on the same metric"]),
        ({"metric": "response_time", "target": "1s"}, {"response_time": "1001ms"}, []),
    ],
)  # fmt: skip
def test_an_alarm_on_the_promise_stands_above_the_target(
    rule: dict[str, Any], objectives: dict[str, Any], expected: list[str]
) -> None:
    assert found(rules(target_tracking={"cpu": rule}), "EL011", objectives=objectives) == expected


def test_the_cure_of_a_close_alarm_depends_on_the_metric() -> None:
    assert cure_of(rules(), "EL011", objectives={"cpu": 60}) == ["keep the alarm 15 points above the target"]
    slow = rules(target_tracking={"slow": {"metric": "response_time", "target": "1s"}})
    assert cure_of(slow, "EL011", objectives={"response_time": "1s"}) == ["raise it above the target"]


@pytest.mark.parametrize(
    ("content", "context", "expected"),
    [
        # at 50 % one step doubles: three steps from 2 to 16, a fourth to 17
        ({}, {"peak": 80}, []),
        ({}, {"peak": 81}, ["target_tracking.cpu.target note: 4 steps from 2 to 17 units, about 9 minutes"]),
        ({}, {}, []),
        ({"unit": {}}, {"peak": 81}, []),
        ({"unit": {"capacity": "0/s"}}, {"peak": 81}, []),
        ({"maximum": 16}, {"peak": 1e300}, []),
        ({"minimum": 0}, {"peak": 81}, []),
        ({"minimum": 17}, {"peak": 81}, []),
        ({"target_tracking": {"cpu": {"metric": "cpu", "target": 100}}}, {"peak": 1000}, []),
        ({"target_tracking": {"cpu": {"metric": "requests_per_target", "target": 50}}}, {"peak": 81}, []),
        ({"target_tracking": {"cpu": {"metric": "cpu", "target": 50}}}, {"peak": 81}, ["target_tracking.cpu.target note: 4 steps from 2 to 17 units, about 21 minutes"]),
        ({"target_tracking": {"cpu": {"metric": "cpu", "target": 50, "warm_up": "2m"}}}, {"peak": 81, "platform": "ec2_group"}, ["target_tracking.cpu.target note: 4 steps from 2 to 17 units, about 10 minutes"]),
        ({"target_tracking": {"cpu": {"metric": "cpu", "target": 50}}}, {"peak": 81, "platform": "ec2_group"}, ["target_tracking.cpu.target note: 4 steps from 2 to 17 units, about 19 minutes"]),
        ({"target_tracking": {"cpu": {"metric": "full", "target": 50}}, "metrics": {"full": {"namespace": "Shop", "name": "Full", "bounded": True}}}, {"peak": 81}, ["target_tracking.cpu.target note: 4 steps from 2 to 17 units, about 21 minutes"]),
        ({"target_tracking": {"cpu": {"metric": "jobs", "target": 50}}, "metrics": JOBS}, {"peak": 81}, []),
    ],
)  # fmt: skip
def test_the_steps_to_the_peak_are_counted(
    content: dict[str, Any], context: dict[str, Any], expected: list[str]
) -> None:
    given = {"maximum": 40, "unit": {"capacity": "10/s"}, "target_tracking": {"cpu": {**CPU, "target": 50}}, **content}
    assert found(rules(**given), "EL014", **context) == expected


@pytest.mark.parametrize(
    ("context", "expected"),
    [
        ({"group_maximum": 5, "unit_cpu": 1, "instance_cpu": 2}, []),
        ({"group_maximum": 4, "unit_cpu": 1, "instance_cpu": 2}, ["maximum warning: maximum 10 tasks of 1 vCPU, but 4 instances hold 8"]),
        ({"group_maximum": 5, "unit_cpu": 1, "instance_cpu": 2, "unit_memory": 3000, "instance_memory": 4096}, ["maximum warning: maximum 10 tasks of 3000 MiB, but 5 instances hold 5"]),
        ({"group_maximum": 1}, []),
        ({"unit_cpu": 1, "instance_cpu": 2}, []),
    ],
)  # fmt: skip
def test_the_tasks_of_a_service_fit_on_its_group(context: dict[str, Any], expected: list[str]) -> None:
    assert found(rules(), "EL044", **context) == expected


@pytest.mark.parametrize(
    ("context", "expected"),
    [
        ({"free_addresses": 10}, []),
        ({"free_addresses": 9}, ["maximum error: maximum 10 needs 10 addresses, the subnets have 9"]),
        ({"free_addresses": 19, "addresses_per_unit": 2}, ["maximum error: maximum 10 needs 20 addresses, the subnets have 19"]),
        ({"vcpu_quota": 5, "unit_cpu": 0.5}, []),
        ({"vcpu_quota": 4, "unit_cpu": 0.5}, ["maximum error: maximum 10 needs 5 vCPU, the quota is 4"]),
        ({"vcpu_quota": 0}, []),
    ],
)  # fmt: skip
def test_the_maximum_fits_into_addresses_and_quota(context: dict[str, Any], expected: list[str]) -> None:
    assert found(rules(), "EL080", **context) == expected


RESERVED = {"reserved": {"namespace": "AWS/ECS/ManagedScaling", "name": "CapacityProviderReservation"}}


def test_a_group_that_ecs_sizes_has_no_rule_of_its_own() -> None:
    content = rules(
        target_tracking={"cpu": {"metric": "cpu", "target": 60}, "own": {"metric": "reserved", "target": 90}},
        step_scaling={"more": step("reserved")},
        predictive={"daily": {"metric": "cpu", "target": 60}},
        scheduled={"day": nightly(desired=3), "night": nightly(minimum=1)},
        metrics=RESERVED,
    )
    moves = "ECS sizes this group by the tasks that want to run, and"
    assert found(content, "EL043", platform="capacity_provider") == [
        f"predictive.daily error: {moves} daily would move it too",
        f"scheduled.day.desired error: {moves} day would set its size",
        f"step_scaling.more error: {moves} more would move it too",
        f"target_tracking.cpu error: {moves} cpu would move it too",
    ]
    assert found(content, "EL043", platform="ec2_group") == []


@pytest.mark.parametrize(
    ("code", "context", "expected"),
    [
        ("EL045", {"managed_termination_protection": True}, ["context.managed_termination_protection error: the capacity provider protects instances with tasks, but the group does not protect new instances"]),
        ("EL045", {"managed_termination_protection": True, "scale_in_protection": True}, []),
        ("EL046", {"on_demand_base": 0, "spot_share": 100}, ["context.on_demand_base warning: all capacity is Spot in production"]),
        ("EL046", {"on_demand_base": 0, "spot_share": 99}, []),
        ("EL046", {"on_demand_base": 1, "spot_share": 100}, []),
        ("EL046", {"spot_share": 100}, []),
        ("EL046", {"on_demand_base": 0, "spot_share": 100, "environment": "development"}, []),
        ("EL070", {"count_followed": True}, ["context.count_followed error: each deployment sets the count back to the declared one"]),
        ("EL070", {}, []),
        ("EL071", {"strategy_given": True, "force_new_deployment": False}, ["context.force_new_deployment warning: a changed strategy reaches new tasks only"]),
        ("EL071", {"force_new_deployment": False}, []),
        ("EL071", {"strategy_given": True}, []),
        ("EL072", {"zone_rebalancing": True, "maximum_percent": 100}, ["context.maximum_percent error: rebalancing moves a task by starting its successor first, which a maximum of 100 percent forbids"]),
        ("EL072", {"zone_rebalancing": True, "maximum_percent": 101}, ["context.maximum_percent warning: with 2 to 10 tasks a maximum of 101 percent leaves no room for one more"]),
        ("EL072", {"zone_rebalancing": True, "maximum_percent": 150}, []),
        ("EL072", {"zone_rebalancing": False, "maximum_percent": 100}, []),
        ("EL072", {"maximum_percent": 100}, []),
    ],
)  # fmt: skip
def test_what_stands_around_the_rules_is_judged_where_it_is_known(
    code: str, context: dict[str, Any], expected: list[str]
) -> None:
    assert found(rules(), code, **context) == expected


def test_a_declared_count_without_rules_fights_nothing() -> None:
    assert found(rules(**NO_RULES), "EL070", count_followed=True) == []


@pytest.mark.parametrize(
    ("rule", "content", "context", "expected"),
    [
        ({"mode": "forecast_and_scale", "forecast_reviewed": True}, {}, {}, []),
        ({"mode": "forecast_and_scale"}, {}, {}, ["EL060 predictive.daily.mode warning: the forecast acts, and nobody has said that it was compared with the load"]),
        ({"mode": "forecast_and_scale", "forecast_reviewed": True}, NO_RULES, {}, ["EL060 predictive.daily.mode warning: a forecast never lowers capacity, and no tracking rule does"]),
        ({"mode": "forecast_and_scale", "forecast_reviewed": True}, {"target_tracking": {"cpu": {**CPU, "scale_in": False}}}, {}, ["EL060 predictive.daily.mode warning: a forecast never lowers capacity, and no tracking rule does"]),
        ({}, {}, {}, ["EL062 predictive.daily.mode note: daily predicts and changes nothing"]),
        ({"maximum_breach": "increase"}, {}, {"cost_cap": 1}, ["EL062 predictive.daily.mode note: daily predicts and changes nothing"]),
        ({"mode": "forecast_and_scale", "forecast_reviewed": True, "maximum_breach": "increase"}, {}, {}, ["EL061 predictive.daily.maximum_breach warning: a forecast may raise the maximum, and nothing caps the cost of that"]),
        ({"mode": "forecast_and_scale", "forecast_reviewed": True, "buffer": "3599s"}, {}, {}, []),
        ({"mode": "forecast_and_scale", "forecast_reviewed": True, "buffer": "1h"}, {}, {}, ["EL063 predictive.daily.buffer error: buffer 1h is not below 1h"]),
        ({"mode": "forecast_and_scale", "forecast_reviewed": True, "buffer": "59s"}, {"unit": {"start_up": "60s"}}, {}, ["EL063 predictive.daily.buffer warning: buffer 59s is shorter than the start-up, 1m: the hour begins without the units"]),
        ({"mode": "forecast_and_scale", "forecast_reviewed": True, "buffer": "60s"}, {"unit": {"start_up": "60s"}}, {}, []),
    ],
)  # fmt: skip
def test_a_forecast_has_a_partner_a_reader_a_cap_and_time(
    rule: dict[str, Any], content: dict[str, Any], context: dict[str, Any], expected: list[str]
) -> None:
    given = rules(predictive={"daily": {"metric": "cpu", "target": 60, **rule}}, **content)
    assert [
        f"{code} {one}" for code in ("EL060", "EL061", "EL062", "EL063") for one in found(given, code, **context)
    ] == expected
