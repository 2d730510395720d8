"""What is registered is what is simulated: every rule kind, platform and bound, rule for rule and alarm for alarm. It cannot prove
that either acts as AWS does."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from components.scaling import GroupContext, ScalingResource, ServiceContext, translate
from components.scaling.plan import ALARM, GROUP_POLICY, GROUP_SCHEDULE, SERVICE_POLICY, SERVICE_SCHEDULE
from elasticity import Elasticity, simulate
from elasticity.simulator.configuration import Scenario
from elasticity.traces import steady
from tests.components.test_scaling import BALANCED

CONTEXTS: dict[str, Any] = {
    "ecs_service": ServiceContext("main", "web", (BALANCED,)),
    "ec2_group": GroupContext("fleet", (BALANCED,)),
}
DEPTH = {
    "depth": {"namespace": "AWS/SQS", "name": "ApproximateNumberOfMessagesVisible", "dimensions": {"QueueName": "jobs"}}
}
UP = [{"from": 0, "to": 20, "change": 1}, {"from": 20, "change": 3}]
TRACKED: dict[str, dict[str, Any]] = {
    "cpu": {"metric": "cpu", "target": 55},
    "requests": {"metric": "requests_per_target", "target": 900},
    "out_only": {"metric": "cpu", "target": 55, "scale_in": False},
    "delay": {"metric": "queue_delay", "target": "5m"},
    "declared": {"metric": "depth", "target": 20},
}
STEPPED: dict[str, dict[str, Any]] = {
    "hot": {"metric": "cpu", "threshold": 70, "steps": UP},
    "cold": {"metric": "cpu", "threshold": 20, "comparison": "LessThanThreshold", "steps": [{"to": 0, "change": -1}], "missing_data": "ignore"},
    "percent": {"metric": "cpu", "threshold": 70, "steps": UP, "adjustment": "percent", "minimum_adjustment": 2, "datapoints_to_alarm": 2},
    "late": {"metric": "queue_delay", "threshold": "5m", "steps": [{"from": "0s", "change": 1}], "evaluation_periods": 1, "missing_data": "notBreaching"},
    "few": {"metric": "depth", "threshold": 5, "steps": UP, "period": "5m"},
}  # fmt: skip
OTHERS: dict[str, dict[str, Any]] = {
    "none": {},
    "night": {"scheduled": {"night": {"cron": "0 22 * * *", "time_zone": "UTC", "minimum": 0}}},
    "office": {"scheduled": {"office": {"cron": "0 8 * * *", "time_zone": "UTC", "minimum": 4, "maximum": 12}}},
    "forecast": {"predictive": {"daily": {"metric": "cpu", "target": 55}}},
}
CASES = [
    (platform, kind, name, minimum, other)
    for platform, (kind, name), minimum, other in itertools.product(
        CONTEXTS,
        [("target_tracking", name) for name in TRACKED] + [("step_scaling", name) for name in STEPPED],
        (0, 1, 2),
        OTHERS,
    )
]


def declared(kind: str, name: str, minimum: int, other: str) -> Elasticity:
    rule = (TRACKED if kind == "target_tracking" else STEPPED)[name]
    return Elasticity.model_validate({
        "minimum": minimum, "maximum": 10, "unit": {"capacity": "50/s", "start_up": "60s"},
        "queue": {"name": "jobs", "time_per_message": "2s"}, "metrics": DEPTH, kind: {name: rule}, **OTHERS[other],
    })  # fmt: skip


def own_alarms(resources: list[ScalingResource], unit: float) -> list[tuple[Any, ...]]:
    """What the registered alarms say: thresholds in the rule's unit."""
    return sorted(
        (
            each.role,
            round(each.inputs["threshold"] * (1.0 if each.role == "wake" else unit), 6),
            each.inputs["comparison_operator"],
            each.inputs["evaluation_periods"],
            each.inputs["datapoints_to_alarm"],
            each.inputs["treat_missing_data"],
        )
        for each in resources
        if each.type == ALARM
    )


def simulated_alarms(scenario: Scenario) -> list[tuple[Any, ...]]:
    """The same of the alarms that the simulator runs for step rules."""
    rows = scenario.policy_rows
    return sorted(
        (
            rows[row.policy].name,
            float(row.alarm.threshold),
            row.alarm.comparison,
            row.alarm.evaluation_periods,
            row.alarm.datapoints_to_alarm,
            row.alarm.missing,
        )
        for row in scenario.alarm_rows
        if row.name.endswith("-Alarm")
    )


@pytest.mark.parametrize(("platform", "kind", "name", "minimum", "other"), CASES)
def test_every_policy_schedule_and_alarm_is_in_both(
    platform: str, kind: str, name: str, minimum: int, other: str
) -> None:
    rules = declared(kind, name, minimum, other)
    resources = translate(rules, CONTEXTS[platform]).resources
    scenario = simulate(rules, steady(1, 3600), platform=platform).scenario
    registered = sorted(each.role for each in resources if each.type in (SERVICE_POLICY, GROUP_POLICY))
    assert registered == sorted([*(row.name for row in scenario.policy_rows), *scenario.forecast_names])
    assert sorted(each.role for each in resources if each.type in (SERVICE_SCHEDULE, GROUP_SCHEDULE)) == sorted(
        scenario.schedule_names
    )
    metric = (TRACKED | STEPPED)[name]["metric"]
    assert own_alarms(resources, 2.0 if metric == "queue_delay" else 1.0) == simulated_alarms(scenario)


def test_the_cases_hold_a_woken_worker_of_each_platform() -> None:
    woken = {
        platform
        for platform, kind, name, minimum, other in CASES
        if any(
            each.role == "wake"
            for each in translate(declared(kind, name, minimum, other), CONTEXTS[platform]).resources
        )
    }
    assert woken == set(CONTEXTS)
