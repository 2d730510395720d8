"""What a deployment registers is what the simulation runs, for every kind of rule, platform and bound.

It compares policies, alarms and schedules by what both sides say of them; it cannot show that AWS reads them so.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

import pytest

from components.scaling import (
    BalancedTarget,
    GroupContext,
    RefusedRulesError,
    ScalingResource,
    ServiceContext,
    translate,
)
from elasticity.rules import Elasticity, StepScaling, TargetTracking
from elasticity.simulator import Conditions, SimulationError, simulate
from elasticity.simulator.configuration import Scenario, configure
from elasticity.simulator.prepared import Prepared
from elasticity.traces import combined, spike, steady

BALANCED = (BalancedTarget("app/web/1", "targetgroup/web/1"),)
CONTEXTS: dict[str, Any] = {
    "ecs_service": ServiceContext("main", "web", BALANCED),
    "ec2_group": GroupContext("fleet", BALANCED),
}
METRICS = {
    "depth": {"namespace": "AWS/SQS", "name": "ApproximateNumberOfMessagesVisible", "dimensions": {"QueueName": "a"}},
    "twice": {"expression": "depth * 2"},
}
OUT = [{"from": 0, "to": 20, "change": 1}, {"from": 20, "change": 3}]
RULES: dict[str, dict[str, Any]] = {
    "tracking": {"target_tracking": {"load": {"metric": "cpu", "target": 50}}},
    "tracking out only": {"target_tracking": {"rate": {"metric": "requests_per_target", "target": 800, "scale_in": False}}},
    "tracking time": {"target_tracking": {"slow": {"metric": "response_time", "target": "250ms"}}},
    "tracking a queue": {"target_tracking": {"delay": {"metric": "queue_delay", "target": "60s"}}},
    "tracking declared": {"target_tracking": {"depth": {"metric": "twice", "target": 40}}},
    "steps": {"step_scaling": {"hot": {"metric": "cpu", "threshold": 60, "steps": OUT, "datapoints_to_alarm": 2}}},
    "steps down": {
        "step_scaling": {
            "cold": {"metric": "cpu", "threshold": 30, "comparison": "LessThanThreshold", "adjustment": "percent",
                     "minimum_adjustment": 2, "steps": [{"to": 0, "change": -25}], "evaluation_periods": 15,
                     "period": "5m", "aggregation": "Maximum", "missing_data": "notBreaching"},
        }
    },
    "steps on a queue": {
        "step_scaling": {
            "late": {"metric": "queue_delay", "threshold": "120s", "adjustment": "exact",
                     "steps": [{"from": "0s", "change": 4}]},
        }
    },
    "calendar": {"scheduled": {"up": {"cron": "0 8 * * *", "time_zone": "Europe/Berlin", "minimum": 6, "maximum": 20}}},
    "calendar to zero": {
        "scheduled": {"off": {"cron": "0 22 * * *", "time_zone": "UTC", "minimum": 0}},
        "target_tracking": {"delay": {"metric": "queue_delay", "target": "60s"}},
    },
    "forecast": {"predictive": {"ahead": {"metric": "cpu", "target": 40}}},
}  # fmt: skip
BOUNDS = ((0, 10), (1, 10), (0, 0), (3, 3))
QUEUE = {"name": "jobs", "time_per_message": "20s"}


def cases() -> Iterator[Any]:
    """Every kind of rule on each platform with each bounds, and with every unit that starts up or says nothing."""
    for platform, kind, bounds, start_up in itertools.product(CONTEXTS, RULES, BOUNDS, (None, "90s")):
        yield pytest.param(platform, kind, bounds, start_up, id=f"{platform}, {kind}, {bounds}, {start_up}")


def rules_of(kind: str, bounds: tuple[int, int], start_up: str | None = None) -> Elasticity:
    unit = {"capacity": "3/min", "service_time": "1s"} | ({} if start_up is None else {"start_up": start_up})
    content = {"minimum": bounds[0], "maximum": bounds[1], "unit": unit, "queue": QUEUE, "metrics": METRICS}
    return Elasticity.model_validate({**content, **RULES[kind]})


def simulated(rules: Elasticity, platform: str) -> Scenario:
    return configure(rules, Prepared(steady(1.0, 86_400), Conditions(platform=platform)), record=True)


def registered(found: list[ScalingResource], kind: str) -> dict[str, Any]:
    return {one.role: one.inputs for one in found if one.type.endswith(kind)}


def _policy(inputs: Any) -> Any:
    for key in ("target_tracking_scaling_policy_configuration", "step_scaling_policy_configuration"):
        if key in inputs:
            return inputs[key]
    return inputs.get("target_tracking_configuration", inputs)


@pytest.mark.parametrize(("platform", "kind", "bounds", "start_up"), list(cases()))
def test_each_registered_policy_alarm_and_schedule_is_simulated_and_no_other(
    platform: str, kind: str, bounds: tuple[int, int], start_up: str | None
) -> None:
    rules = rules_of(kind, bounds, start_up)
    found, scenario = translate(rules, CONTEXTS[platform]).resources, simulated(rules, platform)
    policies, rows = registered(found, "policy:Policy"), {row.name: row for row in scenario.policy_rows}
    forecasts = {name for name, inputs in policies.items() if inputs["policy_type"] == "PredictiveScaling"}
    assert set(scenario.forecast_names) == forecasts
    assert set(rows) == set(policies) - forecasts
    assert set(scenario.schedule_names) == set(
        registered(found, "scheduledAction:ScheduledAction") | registered(found, "schedule:Schedule")
    )
    alarms = registered(found, "metricAlarm:MetricAlarm")
    simulated_alarms = {scenario.policy_rows[row.policy].name: row.alarm for row in scenario.alarm_rows}
    assert set(alarms) == {name for name, row in rows.items() if isinstance(row.rule, StepScaling)}
    for name, row in rows.items():
        unit = 20.0 if row.rule.metric == "queue_delay" else 1.0
        policy = _policy(policies[name])
        if platform == "ecs_service":
            cooldowns = policy.get("cooldown"), policy.get("cooldown")
            if isinstance(row.rule, TargetTracking):
                cooldowns = policy["scale_out_cooldown"], policy["scale_in_cooldown"]
            assert (row.out_cooldown, row.in_cooldown) == cooldowns
        if isinstance(row.rule, TargetTracking):
            assert policy["target_value"] == row.rule.target / unit
            assert policy["disable_scale_in"] is not row.rule.scale_in
            continue
        alarm, inputs = simulated_alarms[name], alarms[name]
        series = [query["metric"]["period"] for query in inputs.get("metric_queries", []) if "metric" in query]
        assert {alarm.period} == set(series or [inputs["period"]])
        assert (alarm.threshold / unit, alarm.comparison) == (inputs["threshold"], inputs["comparison_operator"])
        assert (alarm.evaluation_periods, alarm.datapoints_to_alarm, alarm.missing) == (
            inputs["evaluation_periods"],
            inputs["datapoints_to_alarm"],
            inputs["treat_missing_data"],
        )
        assert [step["scaling_adjustment"] for step in policy["step_adjustments"]] == [
            step.change for step in row.rule.steps
        ]
        assert policy["metric_aggregation_type"] == row.rule.aggregation


def test_a_metric_that_comes_along_is_registered_as_it_is_simulated() -> None:
    rules = rules_of("tracking a queue", (0, 10))
    for platform, context in CONTEXTS.items():
        queries = registered(translate(rules, context).resources, "metricAlarm:MetricAlarm")["wake"]["metric_queries"]
        assert [query["id"] for query in queries] == ["visible", "running", "known", "units", "waiting"]
        result = simulated(rules, platform)
        (wake,) = (row for row in result.policy_rows if row.name == "wake")
        read = [int(code) for code in result.tables["signal_code_to"]]  # type: ignore[union-attr]
        assert read[wake.signal] > 0, "a calculated signal, as the alarm's"


@pytest.mark.parametrize("platform", CONTEXTS)
@pytest.mark.parametrize("kind", ["target_tracking", "step_scaling", "scheduled"])
def test_the_name_of_a_rule_that_comes_along_is_refused_by_both_in_the_same_words(platform: str, kind: str) -> None:
    rule = {
        "target_tracking": {"metric": "cpu", "target": 50},
        "step_scaling": {"metric": "cpu", "threshold": 60, "steps": [{"from": 0, "change": 1}]},
        "scheduled": {"cron": "0 8 * * *", "time_zone": "UTC", "minimum": 2},
    }[kind]
    content = rules_of("tracking a queue", (0, 10)).model_dump(mode="json", by_alias=True, exclude_unset=True)
    content[kind] = {**content.get(kind, {}), "wake": rule}
    rules = Elasticity.model_validate(content)
    words = f"{kind}.wake: the name `wake` belongs to the step from zero to one that queue rules bring along; "
    with pytest.raises(RefusedRulesError) as refused:
        translate(rules, CONTEXTS[platform])
    assert words + "choose another name" in str(refused.value).splitlines()
    with pytest.raises(SimulationError) as fault:
        simulated(rules, platform)
    assert words + "choose another name" in str(fault.value).splitlines()


@pytest.mark.parametrize("platform", CONTEXTS)
def test_a_worker_at_zero_wakes_after_a_minute_and_the_delay_of_its_alarm_and_does_all_messages(platform: str) -> None:
    cooldown = {"scale_out_cooldown": "2m"} if platform == "ecs_service" else {}
    content: dict[str, Any] = {
        "maximum": 10,
        "unit": {"capacity": "3/min", "start_up": "60s"},
        "queue": QUEUE,
        "target_tracking": {"delay": {"metric": "queue_delay", "target": "60s", **cooldown}},
    }
    load = spike(0.0, 1_000 / 600, at=600, length=600, duration=4 * 3_600)
    runs = {
        minimum: simulate(Elasticity.model_validate({**content, "minimum": minimum}), load, platform=platform)
        for minimum in (0, 1)
    }
    first = runs[0].actions()[0]
    delay = {"ecs_service": 170, "ec2_group": 60}[platform]
    assert (first.rule, first.before, first.after, first.second) == ("wake", 0, 1, 600 + 60 + delay)
    assert [run.figures()["peak_units"] for run in runs.values()] == [10, 10]
    assert [float(run.backlog[-1]) for run in runs.values()] == [0.0, 0.0]
    assert [(item.before, item.after) for item in runs[1].actions()] == [
        (1, 10),
        *((n, n - 1) for n in range(10, 1, -1)),
    ]
    assert runs[0].desired[-1] == 0
    rules = Elasticity.model_validate({**content, "minimum": 1})
    one_stroke = simulate(rules, load, platform=platform, parameters={"max_scale_in_fraction": 1})
    assert [(item.before, item.after) for item in one_stroke.actions()] == [(1, 10), (10, 1)]


def test_a_worker_without_messages_stays_at_zero() -> None:
    rules = rules_of("tracking a queue", (0, 10))
    assert simulate(rules, combined([steady(0.0, 7_200)])).actions() == ()
