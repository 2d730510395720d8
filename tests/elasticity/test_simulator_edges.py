"""The simulator's rarer paths and refusals, one case each; they cannot prove that the list of cases is complete."""

from __future__ import annotations

import dataclasses
import datetime
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given

from elasticity.platforms import platform_parameters
from elasticity.rules import Elasticity
from elasticity.simulator import Deployment, Instances, SimulationError, engine, simulate, simulate_many
from elasticity.simulator.conditions import Conditions
from elasticity.simulator.configuration import configure
from elasticity.simulator.prepared import Prepared
from elasticity.traces import EPOCH, Load, steady, step
from tests.elasticity.simulations import any_rules, load_of, loads, rule_set, tracking

HOUR = 3_600


def run(rules: Any, load: Load, **options: Any) -> Any:
    return simulate(rules, load, compiled=False, **options)


def refused(rules: Any, load: Load, **options: Any) -> str:
    with pytest.raises(SimulationError) as error:
        run(rules, load, **options)
    return str(error.value)


@given(any_rules(), loads())
def test_recording_a_timeline_changes_no_figure(rules: Elasticity, load: Load) -> None:
    prepared = Prepared(load, Conditions(tick=60))
    shown, hidden = (engine.execute(configure(rules, prepared, record=way), compiled=False) for way in (True, False))
    assert shown.totals == hidden.totals
    assert np.array_equal(shown.to_service, hidden.to_service)


# Schedules.


@pytest.mark.parametrize(
    ("rule", "platform", "expected"),
    [
        ({"rate": "2 hours", "minimum": 3}, "ecs_service", [0, 7_200]),
        ({"at": "2026-01-05T01:00:00", "minimum": 3}, "ec2_group", [3_600]),
        ({"cron": "0 * * * *", "desired": 4}, "ec2_group", [0, 3_600, 7_200]),
        (
            {"cron": "0 * * * *", "minimum": 3, "start": EPOCH + datetime.timedelta(hours=1),
             "end": EPOCH + datetime.timedelta(hours=2)}, "ecs_service", [3_600],
        ),
        ({"rate": "1 hour", "minimum": 3, "start": EPOCH + datetime.timedelta(minutes=30)}, "ecs_service", [1_800, 5_400, 9_000]),
        ({"rate": "2 hours", "minimum": 3, "start": EPOCH - datetime.timedelta(hours=3)}, "ecs_service", [3_600]),
        ({"cron": "0 * * * *", "minimum": 3, "end": EPOCH}, "ecs_service", []),
    ],
)  # fmt: skip
def test_schedules_of_every_form_fire_when_they_say(rule: dict[str, Any], platform: str, expected: list[int]) -> None:
    rules = rule_set(2, 9, scheduled={"timed": {"time_zone": "UTC", **rule}})
    timeline = run(rules, steady(1, 3 * HOUR), platform=platform)
    assert [item.second for item in timeline.decisions if item.kind == "schedule"] == expected


def test_a_late_schedule_comes_late() -> None:
    rules = rule_set(2, 9, scheduled={"timed": {"cron": "0 * * * *", "time_zone": "UTC", "minimum": 3}})
    timeline = run(rules, steady(1, HOUR), parameters={"schedule_lateness": 120.0})
    assert [item.second for item in timeline.actions()] == [120]


def test_a_group_is_set_to_a_desired_count_and_units_that_still_start_are_ended_first() -> None:
    calendar = {
        "up": {"at": "2026-01-05T00:10:00", "time_zone": "UTC", "desired": 6},
        "down": {"at": "2026-01-05T00:11:00", "time_zone": "UTC", "desired": 3},
    }
    rules = rule_set(2, 9, unit={"start_up": "300s"}, scheduled=calendar)
    timeline = run(rules, steady(1, HOUR), platform="ec2_group")
    assert [int(timeline.starting[place]) for place in (60, 66)] == [4, 1]
    assert int(timeline.draining.max()) == 0
    assert timeline.figures()["unit_hours"] == pytest.approx((2 * HOUR + 4 * 60 + HOUR - 660) / HOUR)


# Refusals.


@pytest.mark.parametrize(
    ("rules", "options", "message"),
    [
        (
            {"scheduled": {"timed": {"rate": "1 hour", "time_zone": "UTC", "minimum": 1}}}, {"platform": "ec2_group"},
            "scheduled.timed: an EC2 group has no rate: write it as `cron`",
        ),
        (
            {"predictive": {"p": {"metric": "cpu", "target": 5.0}}, "unit": {"idle_cpu": 10}}, {},
            "predictive.p.target: is not above unit.idle_cpu, no number of units can keep it",
        ),
        (
            {"predictive": {"p": {"metric": "cpu", "target": 50.0}}}, {"forecast": lambda *_: [1.0], "history": [1.0] * 24},
            "predictive.p: the forecast failed: expected 48 finite values from 0 up",
        ),
        ({"unit": {"saturation": 10, "idle_cpu": 20}}, {}, "unit.saturation: is not above unit.idle_cpu"),
        ({}, {"latency_goal": -1.0}, "latency_goal: got -1.0, allowed finite seconds from 0 up"),
        ({}, {"arrival_variation": float("nan")}, "arrival_variation: got nan, allowed finite numbers from 0 up"),
        (
            {}, {"instances": Instances(units_per_instance=1)},
            "instances: got some on ecs_service, allowed on a capacity provider only",
        ),
        (
            {}, {"platform": "capacity_provider",
                 "instances": Instances(units_per_instance=0, minimum=3, maximum=1, target_capacity=0)},
            ("instances.units_per_instance: got 0, allowed 1 and more\ninstances: the minimum is below 0 or above the maximum\n"
            "instances.target_capacity: got 0, allowed 1 to 100"),
        ),
        (
            {}, {"deployments": [Deployment(start=datetime.datetime(2026, 1, 1), end=EPOCH)]},  # noqa: DTZ001
            "deployments.0: got a time without a zone, expected aware times",
        ),
        (
            {}, {"parameters": platform_parameters("ec2_group")},
            "parameters: got those of ec2_group, expected ecs_service",
        ),
        (
            {"step_scaling": {"hot": {"metric": "cpu", "threshold": 80.0, "steps": [{"from": 0.0, "change": 1}],
                                      "datapoints_to_alarm": 9}}}, {},
            "step_scaling.hot.datapoints_to_alarm: more than the evaluation periods",
        ),
        (
            {"step_scaling": {"hot": {"metric": "cpu", "threshold": 80.0, "steps": [{"from": 0.0, "change": 1}],
                                      "period": "30s"}}}, {},
            "step_scaling.hot.metric: cpu: the alarm's period of 30 s is not a multiple of the metric's period of 60 s",
        ),
        (
            {"metrics": {"sum": {"expression": "a + b"}}, **tracking("sum", 1.0)}, {},
            "target_tracking.sum.metric: sum: the expression of sum names a, b, allowed are those of `metrics`: sum",
        ),
        (
            {"target_tracking": {f"r{place}": {"metric": "cpu", "target": 50.0} for place in range(60)}}, {},
            "rules: 60 policies, allowed 53",
        ),
    ],
)  # fmt: skip
def test_what_does_not_go_together_is_refused(rules: dict[str, Any], options: dict[str, Any], message: str) -> None:
    assert refused(rule_set(**rules), steady(10, HOUR), **options).endswith(message)


def test_a_load_shorter_than_a_tick_or_too_long_is_refused() -> None:
    assert refused(rule_set(), steady(10, 5, resolution=5)) == "load: is 5 s long, expected at least one tick of 10 s"
    endless = Load(values=np.ones(50_000_000), step=60)
    assert refused(rule_set(), endless) == "load: 300000000 ticks, allowed 50000000: take a longer tick"


# Metrics, objectives, platforms.


def test_need_follows_the_saturation_or_the_latency_goal() -> None:
    load = load_of([100.0, 0.0])
    plain, saturated, quick = (
        run(rule_set(2, 2, unit=unit), load, tick=60, **options).needed.tolist()
        for unit, options in (({}, {}), ({"saturation": 80}, {}), ({}, {"latency_goal": 0.11}))
    )
    assert (plain, saturated) == ([2, 0], [3, 0])
    assert quick[0] > 2
    assert quick[1] == 0


def test_memory_follows_the_load_between_its_two_levels() -> None:
    unit = {"idle_memory": 20, "full_memory": 80}
    timeline = run(rule_set(2, 9, unit=unit, **tracking("memory", 50.0)), step(30, 95, at=HOUR, duration=2 * HOUR))
    first = next(item for item in timeline.decisions if item.kind == "scale_out")
    assert first.text == "2 running x memory 77 % / target 50 asks for 4: desired 2 to 4"


def test_five_minute_metrics_invoke_each_minute_and_alarm_late() -> None:
    basic = platform_parameters("ec2_group").at_period(300)
    rules = rule_set(2, 9, **tracking(target=50.0, warm_up="0s"))
    timeline = run(rules, step(30, 95, at=HOUR, duration=2 * HOUR), platform="ec2_group", parameters=basic)
    assert next(item.second for item in timeline.decisions if item.kind == "scale_out") == HOUR + 900 + 60


@pytest.mark.parametrize(("period", "first"), [(20, 90), (60, 350)])
def test_the_period_alone_decides_when_the_first_action_comes(period: int, first: int) -> None:
    """AWS's figures from a step of load to the trigger are 86 s and 363 s; ticks are of 10 s here."""
    load = step(45, 95, at=HOUR, duration=2 * HOUR)
    timeline = run(rule_set(2, 20, **tracking(target=50.0)), load, parameters={"metric_period": period})
    assert next(item.second for item in timeline.decisions if item.kind == "scale_out") == HOUR + first


def test_minute_metrics_beside_fast_ones_keep_the_delay_of_a_minute() -> None:
    fast = platform_parameters("ecs_service").at_period(20)
    load = step(30, 95, at=HOUR, duration=2 * HOUR)
    timeline = run(rule_set(2, 9, **tracking("requests_per_target", 1_500.0)), load, parameters=fast)
    assert next(item.second for item in timeline.decisions if item.kind == "scale_out") == HOUR + 180 + 170


def test_a_custom_metric_of_requests_sums_over_its_period() -> None:
    metrics = {"all": {"namespace": "AWS/ApplicationELB", "name": "RequestCount", "statistic": "Sum"}}
    hot = {"metric": "all", "threshold": 5_000.0, "steps": [{"from": 0.0, "change": 3}], "cooldown": "3600s"}
    rules = rule_set(2, 9, metrics=metrics, step_scaling={"busy": hot})
    timeline = run(rules, step(30, 95, at=HOUR, duration=2 * HOUR))
    assert [item.text for item in timeline.decisions if item.kind == "scale_out"] == [
        "all 5700 against threshold 5000: a step from 2 running to 5: desired 2 to 5"
    ]


def test_instances_are_held_while_one_is_young_and_reports_name_their_parameters() -> None:
    group = Instances(units_per_instance=1, maximum=50, start_up=30.0, parameters={"warm_up": 600.0})
    rules = rule_set(2, 40, **tracking(target=50.0, scale_out_cooldown="60s"))
    timeline = run(rules, load_of([40.0] * 60 + [2_000.0] * 60), platform="capacity_provider", instances=group)
    assert any("held, an instance is younger than its warm-up" in item.text for item in timeline.decisions)
    names = {parameter.name: parameter.value for parameter in timeline.parameters}
    assert names["capacity_provider.warm_up"] == 600.0
    assert names["instances.units_per_instance"] == 1
    figures = simulate(
        rules, load_of([40.0] * 60), platform="capacity_provider", instances=group, unit_price=0.1
    ).figures()
    assert figures["instance_hours"] == pytest.approx(2.0)
    assert figures["fixed_fleet_cost_per_month"] == pytest.approx(73.0)


def test_notes_name_what_was_filled_in_and_what_is_approximate() -> None:
    load = dataclasses.replace(load_of([10.0] * 30, step=300), filled=3)
    rules = rule_set(unit={"service_time": None}, predictive={"p": {"metric": "cpu", "target": 50.0}})
    assert run(rules, load).notes[2:] == (
        "3 missing points of the load were filled in: taken as the value before them",
        "the load has one point each 300 s: alarms see nothing below that",
        "unit.service_time is not declared: latency is the wait in the backlog alone",
        "AWS's forecasting model is not public: the forecast is an approximation",
    )


def test_a_timeline_has_times_bill_room_and_json_without_series() -> None:
    timeline = run(rule_set(2, 2), steady(50, HOUR), unit_price=0.5, start=EPOCH + datetime.timedelta(days=1))
    assert str(timeline.times[1]) == "2026-01-06T00:00:10"
    assert timeline.seconds == HOUR
    assert timeline.bill().total == pytest.approx(1.0)
    assert timeline.headroom().minimum == pytest.approx(1.0)
    assert np.array_equal(timeline.running, timeline.serving)
    assert '"series"' not in timeline.to_json(series=False)
    assert run(rule_set(0, 0), load_of([0.0] * 3), tick=60).bill() is None
    assert "null" in run(rule_set(0, 0), load_of([9.0] * 3), tick=60).to_json()


def test_a_sweep_reports_its_progress_and_names_its_figures() -> None:
    done: list[int] = []
    sweep = simulate_many([rule_set()], [steady(10, HOUR)] * 2, workers=1, progress=done.append)
    assert done == [1, 2]
    with pytest.raises(KeyError, match="not a figure: got 'speed', allowed requests, "):
        sweep["speed"]
    assert sweep["mean_units"].shape == (1, 2)


def column_rule(namespace: str, **rest: Any) -> dict[str, Any]:
    """A step rule on a metric that is given with the load, and is missing from some minute on."""
    metrics = {"own": {"namespace": namespace, "name": "Level"}}
    steps = [{"from": 0.0, "change": 0}]
    rule = {"metric": "own", "threshold": 50.0, "evaluation_periods": 3, "steps": steps, **rest}
    return {"metrics": metrics, "step_scaling": {"own": rule}}


def states(rules: dict[str, Any], values: list[float], **options: Any) -> list[str]:
    load = load_of([1.0] * len(values)).with_columns({"own": values})
    timeline = simulate(rule_set(**rules), load, tick=60, parameters={"publication_delay": 0.0}, **options)
    return [item.text.split(":")[0] for item in timeline.decisions if item.kind == "alarm"]


@pytest.mark.parametrize(
    ("namespace", "expected"),
    [
        ("Shop", ["INSUFFICIENT_DATA to ALARM", "ALARM to INSUFFICIENT_DATA"]),
        ("AWS/DynamoDB", ["INSUFFICIENT_DATA to ALARM"]),
    ],
)
def test_an_alarm_on_a_metric_of_dynamodb_keeps_its_state_on_silence(namespace: str, expected: list[str]) -> None:
    assert states(column_rule(namespace), [80.0] * 5 + [math.nan] * 10) == expected


@pytest.mark.parametrize(
    ("fresh_breach", "expected"),
    [
        ("INSUFFICIENT_DATA", ["INSUFFICIENT_DATA to OK", "OK to INSUFFICIENT_DATA", "INSUFFICIENT_DATA to ALARM"]),
        ("previous", ["INSUFFICIENT_DATA to OK", "OK to ALARM"]),
    ],
)
def test_one_fresh_breach_alone_follows_the_edition_of_the_guide(fresh_breach: str, expected: list[str]) -> None:
    values = [10.0, *[math.nan] * 4, *[80.0] * 4]
    assert states(column_rule("Shop"), values, fresh_breach=fresh_breach) == expected


@pytest.mark.parametrize(("silent", "expected"), [(False, 2), (True, 8)])
def test_a_metric_that_is_silent_when_idle_moves_nothing_without_load(silent: bool, expected: int) -> None:
    metrics = {"all": {"namespace": "AWS/ApplicationELB", "name": "RequestCount", "statistic": "Sum",
                       "silent_when_idle": silent}}  # fmt: skip
    rules = rule_set(2, 20, initial=8, metrics=metrics, **tracking("all", 3_000.0))
    timeline = simulate(rules, load_of([0.0] * 120), tick=60)
    assert int(timeline.desired[-1]) == expected


@pytest.mark.parametrize(("warm_up", "missing"), [(None, False), (0.0, False), (600.0, True)])
def test_a_warming_instance_counts_in_the_metric_where_the_group_sets_no_warm_up(
    warm_up: float | None, missing: bool
) -> None:
    schedule = {"scheduled": {"first": {"cron": "20 0 * * *", "time_zone": "UTC", "desired": 4}}}
    rules = rule_set(0, 4, **tracking(), **schedule)
    timeline = simulate(rules, load_of([100.0] * 60), tick=60, platform="ec2_group", default_instance_warm_up=warm_up)
    seen = [item.second for item in timeline.decisions if item.kind == "alarm"]
    serving = next(item.second for item in timeline.decisions if item.kind == "units")
    assert (seen[0] >= serving + 600) is missing


@pytest.mark.parametrize(("minimum", "initial", "expected"), [(3, None, 3), (0, None, 1), (3, 2, 2)])
def test_a_group_below_a_provider_starts_within_its_bounds(minimum: int, initial: int | None, expected: int) -> None:
    group = Instances(units_per_instance=4, minimum=minimum, maximum=9, initial=initial)
    timeline = simulate(rule_set(), load_of([10.0] * 5), tick=60, platform="capacity_provider", instances=group)
    assert int(timeline.instances[0]) == expected


def test_a_datapoint_at_the_threshold_does_not_hide_the_breach_after_it() -> None:
    comparison = {"comparison": "LessThanThreshold", "evaluation_periods": 1, "steps": [{"to": 0.0, "change": 0}]}
    said = ["INSUFFICIENT_DATA to OK", "OK to ALARM", "ALARM to OK"]
    assert states(column_rule("Shop", **comparison), [50.0, 50.0, 49.0, 50.0, 50.0]) == said
