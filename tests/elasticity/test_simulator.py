"""Known answers and documented behaviour, one scenario each; they cannot prove how AWS behaves where nothing is published."""

from __future__ import annotations

import datetime
import json
import statistics
from typing import Any

import jsonschema  # type: ignore[import-untyped]
import numpy as np
import pytest

from elasticity.platforms import platform_parameters
from elasticity.pricing import FargateTask
from elasticity.simulator import (
    FIGURES,
    NOT_MODELLED,
    Conditions,
    Deployment,
    Instances,
    SimulationError,
    Timeline,
    schema,
    simulate,
    simulate_many,
)
from elasticity.traces import Load, daily, ramp, spike, square, steady, step
from tests.elasticity.oracle.alarms import trigger_delay
from tests.elasticity.simulations import load_of, rule_set, tracking

UTC = datetime.UTC
EDGE = 3_600


def run(rules: Any, load: Load, **options: Any) -> Timeline:
    return simulate(rules, load, compiled=False, **options)


def edge(before: float, after: float, phase: int, *, seconds: int = EDGE + 900) -> Load:
    """A step `phase` seconds into a period, after an hour at rest."""
    return step(before, after, at=EDGE + phase, duration=seconds, resolution=1)


def first(timeline: Timeline, kind: str, after: int = 0) -> int:
    return next(item.second for item in timeline.decisions if item.kind == kind and item.second >= after)


def texts(timeline: Timeline, kind: str) -> list[tuple[int, str]]:
    return [(item.second, item.text) for item in timeline.decisions if item.kind == kind]


# Reaction times.


def test_the_first_new_unit_serves_207_to_267_seconds_after_a_step_without_delay() -> None:
    rules = rule_set(2, 20, unit={"start_up": "60s"}, **tracking(target=50.0))
    reactions = []
    for phase in range(60):
        timeline = run(rules, edge(10, 100, phase), tick=1, parameters={"publication_delay": 0.0})
        reactions.append(first(timeline, "units") - EDGE - phase)
        expected = 240 - phase if phase * 10 + (60 - phase) * 100 > 60 * 50 else 300 - phase
        assert reactions[-1] == expected
    assert (min(reactions), max(reactions)) == (207, 266)


@pytest.mark.parametrize("delay", [1, 30, 170])
def test_every_second_of_delay_adds_a_second(delay: int) -> None:
    rules = rule_set(2, 20, **tracking(target=50.0))
    without, with_delay = (
        first(run(rules, edge(10, 100, 10), tick=1, parameters={"publication_delay": float(value)}), "units")
        for value in (0, delay)
    )
    assert with_delay == without + delay


@pytest.mark.parametrize(("period", "published", "tolerance"), [(60, 363, 30), (20, 86, 10)])
@pytest.mark.parametrize("levels", [(20.0, 95.0), (45.0, 51.0)])
def test_the_mean_trigger_delay_is_that_of_the_published_benchmark(
    period: int, published: int, tolerance: int, levels: tuple[float, float]
) -> None:
    parameters = platform_parameters("ecs_service").at_period(period)
    rules = rule_set(2, 20, **tracking(target=50.0))
    phases = range(0, period, 2)
    delays = [
        first(run(rules, edge(*levels, phase), tick=1, parameters=parameters), "scale_out") - EDGE - phase
        for phase in phases
    ]
    assert statistics.mean(delays) == pytest.approx(published, abs=tolerance)
    assert statistics.mean(delays) == pytest.approx(trigger_delay(parameters, 50.0, *levels), abs=1.5)


def test_the_first_scale_in_comes_fifteen_minutes_and_the_delay_after_the_fall() -> None:
    timeline = run(rule_set(2, 20, initial=8, **tracking(target=50.0)), step(190, 50, at=EDGE, duration=3 * EDGE))
    assert first(timeline, "scale_in") == EDGE + 15 * 60 + 170


def test_reaction_figures_count_from_the_edge_to_serving_capacity() -> None:
    figures = run(rule_set(2, 20, **tracking(target=50.0)), edge(10, 80, 0), tick=10).figures()
    assert (figures["alarm_p50"], figures["reaction_p50"], figures["reaction_max"]) == (350.0, 410.0, 410.0)


# Decisions.


def test_the_log_tells_alarms_proposals_and_what_held_them() -> None:
    timeline = run(rule_set(2, 4, **tracking(target=50.0)), step(30, 95, at=EDGE, duration=2 * EDGE))
    assert [(item.second, item.kind, item.rule, item.text) for item in timeline.decisions] == [
        (230, "alarm", "cpu-AlarmHigh", "INSUFFICIENT_DATA to OK"),
        (1070, "alarm", "cpu-AlarmLow", "INSUFFICIENT_DATA to ALARM: cpu < 45 in 15 of 15 periods of 60 s, newest 30"),
        (1070, "held", "cpu", "2 running x cpu 30 % / target 50 asks for 2: no change"),
        (3830, "alarm", "cpu-AlarmLow", "ALARM to OK"),
        (3950, "alarm", "cpu-AlarmHigh", "OK to ALARM: cpu > 50 in 3 of 3 periods of 60 s, newest 95"),
        (3950, "scale_out", "cpu", "2 running x cpu 95 % / target 50 asks for 4: desired 2 to 4"),
        (4010, "units", "", "2 more now serving, 4 in all"),
        (4010, "held", "cpu", "2 running x cpu 95 % / target 50 asks for 4: held: 4 is the maximum"),
        (4130, "held", "cpu", "2 running x cpu 47.5 % / target 50 asks for 2: no change"),
        (4250, "alarm", "cpu-AlarmHigh", "ALARM to OK"),
    ]  # fmt: skip


def test_a_cooldown_lets_only_what_is_larger_act() -> None:
    rules = rule_set(2, 40, **tracking(target=50.0, scale_out_cooldown="300s"))
    timeline = run(rules, load_of([40.0] * 60 + [90.0] * 4 + [600.0] * 30))
    assert texts(timeline, "scale_out") == [
        (3950, "2 running x cpu 90 % / target 50 asks for 4: desired 2 to 4"),
        (4250, "4 running x cpu 100 % / target 50 asks for 8: desired 4 to 8"),
        (4550, "8 running x cpu 100 % / target 50 asks for 16: desired 8 to 16"),
        (4850, "16 running x cpu 100 % / target 50 asks for 32: desired 16 to 32"),
        (
            5150,
            "32 running x cpu 100 % / target 50 asks for 64: desired 32 to 40, as bounds, limits and what is under way allow",
        ),
    ]
    assert any("held: a scale-out cooldown runs" in text for _, text in texts(timeline, "held"))


def test_a_scale_out_cancels_a_running_scale_in_cooldown() -> None:
    rules = rule_set(1, 40, initial=20, **tracking(target=50.0, scale_in_cooldown="3000s", scale_out_cooldown="0s"))
    timeline = run(rules, load_of([200.0] * 20 + [1_500.0] * 12 + [200.0] * 40))
    first_in = first(timeline, "scale_in")
    out = first(timeline, "scale_out", first_in)
    second_in = first(timeline, "scale_in", out)
    assert out < first_in + 3_000
    assert second_in < first_in + 3_000, "the cooldown that was cancelled would have held it"


def measured(values: list[float], **rules: Any) -> dict[str, Any]:
    """Rules and load of a metric of one's own, one value a minute, which no capacity changes."""
    metrics = {"custom": {"namespace": "own", "name": "custom"}}
    load = load_of([1.0] * len(values)).with_columns({"custom": values})
    return {"rules": rule_set(1, 40, initial=10, metrics=metrics, **rules), "load": load}


def on_custom(threshold: float, steps: list[dict[str, float]], **rest: Any) -> dict[str, Any]:
    return {"metric": "custom", "threshold": threshold, "evaluation_periods": 1, "steps": steps, **rest}


NO_DELAY: dict[str, Any] = {"tick": 60, "parameters": {"publication_delay": 0.0}}


def test_each_larger_step_within_a_cooldown_counts_from_what_was_there_before_the_first() -> None:
    steps = [
        {"from": 0.0, "to": 10.0, "change": 2},
        {"from": 10.0, "to": 20.0, "change": 5},
        {"from": 20.0, "change": 6},
    ]
    hot = {"hot": on_custom(50.0, steps, cooldown="3000s")}
    values = [40.0] * 5 + [55.0] * 5 + [65.0] * 5 + [75.0] * 5
    timeline = run(**measured(values, unit={"start_up": "0s"}, step_scaling=hot), **NO_DELAY)
    assert texts(timeline, "scale_out") == [
        (360, "custom 55 against threshold 50: a step from 10 running to 12: desired 10 to 12"),
        (660, "custom 65 against threshold 50: a step from 10 running to 15: desired 12 to 15"),
        (960, "custom 75 against threshold 50: a step from 10 running to 16: desired 15 to 16"),
    ]


@pytest.mark.parametrize(("minutes", "flaps"), [(29, 1), (30, 1), (31, 0)])
def test_a_reversal_at_the_end_of_its_window_is_still_a_flap(minutes: int, flaps: int) -> None:
    both = {
        "hot": on_custom(50.0, [{"from": 0.0, "change": 2}], cooldown="0s"),
        "cold": on_custom(30.0, [{"to": 0.0, "change": -1}], comparison="LessThanThreshold", cooldown="0s"),
    }
    values = [60.0, *[40.0] * (minutes - 1), 10.0, *[40.0] * 5]
    figures = run(**measured(values, unit={"start_up": "0s"}, step_scaling=both), **NO_DELAY).figures()
    assert (figures["actions"], figures["reversals"], figures["flaps"]) == (2, 1, flaps)


def test_scale_in_of_a_group_waits_for_instances_that_start_and_then_for_their_warm_up() -> None:
    both = {
        "hot": on_custom(50.0, [{"from": 0.0, "change": 2}]),
        "cold": on_custom(30.0, [{"to": 0.0, "change": -1}], comparison="LessThanThreshold"),
    }
    for start_up, warm_up in ((1_200, 0), (0, 1_200), (600, 600)):
        told = measured([60.0] * 2 + [10.0] * 30, unit={"start_up": f"{start_up}s"}, step_scaling=both)
        timeline = run(**told, **NO_DELAY, platform="ec2_group", default_instance_warm_up=float(warm_up))
        assert first(timeline, "scale_out") == 60
        assert first(timeline, "scale_in") == 60 + 1_200


def test_all_tracking_must_agree_before_capacity_falls() -> None:
    both = {
        "cpu": {"metric": "cpu", "target": 50.0},
        "requests_per_target": {"metric": "requests_per_target", "target": 500.0},
    }
    load = steady(40, 2 * EDGE)
    timeline = run(rule_set(2, 10, initial=5, target_tracking=both), load)
    assert timeline.actions() == ()
    held = "held: requests_per_target does not ask for less, and all target tracking must agree to scale in"
    assert (1070, held) in texts(timeline, "held")
    silent = {**both, "requests_per_target": {**both["requests_per_target"], "scale_in": False}}
    assert texts(run(rule_set(2, 10, initial=5, target_tracking=silent), load), "scale_in") != []


def test_a_rule_that_needs_what_there_is_keeps_it_for_all() -> None:
    """Both are in their low alarm; cpu computes no change, so the largest capacity is what there is: no flapping."""
    both = {
        "cpu": {"metric": "cpu", "target": 50.0},
        "requests": {"metric": "requests_per_target", "target": 4_500.0},
    }
    unit = {"capacity": "150/s", "start_up": "60s", "idle_cpu": 3}
    timeline = run(rule_set(3, 24, initial=5, target_tracking=both, unit=unit), steady(300, 4 * EDGE))
    assert timeline.actions() == ()
    held = "held: cpu does not ask for less, and all target tracking must agree to scale in"
    assert any(text == held for _, text in texts(timeline, "held"))


def test_a_deployment_suspends_scale_in_and_says_so() -> None:
    load = step(190, 50, at=600, duration=2 * EDGE)
    window = Deployment(start=load.start, end=load.start + datetime.timedelta(seconds=5_000))
    timeline = run(rule_set(2, 20, initial=8, **tracking(target=50.0)), load, deployments=[window])
    assert first(timeline, "scale_in") == 5_030
    assert texts(timeline, "held")[0] == (
        1_670, "8 running x cpu 12.5 % / target 50 asks for 2: held: a deployment suspends scale-in",
    )  # fmt: skip


def test_a_group_counts_warm_instances_and_waits_with_scale_in() -> None:
    rules = rule_set(2, 30, unit={"start_up": "30s"}, **tracking(target=50.0, warm_up="600s"))
    timeline = run(rules, load_of([40.0] * 60 + [100.0] * 60), platform="ec2_group")
    outs = texts(timeline, "scale_out")
    assert outs[0] == (3840, "2 warm x cpu 100 % / target 50 asks for 4: desired 2 to 4")
    assert len(outs) == 1
    assert "held" in {item.kind for item in timeline.decisions}


def test_a_group_is_low_below_seven_tenths_of_the_target() -> None:
    load = step(430, 360, at=600, duration=3 * EDGE)
    rules = rule_set(1, 20, initial=20, **tracking(target=50.0))
    assert texts(run(rules, load, platform="ec2_group"), "scale_in") == []
    assert texts(run(rules, load, platform="ecs_service"), "scale_in") != []


def test_percent_steps_and_step_intervals_follow_the_metric() -> None:
    steps = [{"from": 0.0, "to": 20.0, "change": 10}, {"from": 20.0, "change": 30}]
    hot = {"metric": "cpu", "threshold": 60.0, "adjustment": "percent", "minimum_adjustment": 2, "steps": steps}
    rules = rule_set(10, 60, step_scaling={"hot": {**hot, "cooldown": "300s"}})
    timeline = run(rules, step(100, 350, at=EDGE, duration=EDGE + 420))
    assert texts(timeline, "scale_out") == [
        (3950, "cpu 70 % against threshold 60: a step from 10 running to 12: desired 10 to 12")
    ]


def test_a_queue_worker_wakes_from_zero_where_a_rule_on_cpu_sleeps_on() -> None:
    queue = {"name": "jobs", "time_per_message": "2s"}
    unit = {"capacity": "0.5/s", "start_up": "60s", "service_time": None}
    own = {"first": {"metric": "queue_delay", "threshold": "1s", "evaluation_periods": 1, "adjustment": "exact",
                     "steps": [{"from": "0s", "change": 1}]}}  # fmt: skip
    one_message = spike(0.0, 1 / 60, at=600, length=60, duration=EDGE)
    asleep = run(rule_set(0, 5, unit=unit, queue=queue, **tracking(target=50.0)), one_message)
    assert asleep.desired.max() == 0
    for rules in (tracking("queue_delay", "300s"), {"step_scaling": own}):
        awake = run(rule_set(0, 5, unit=unit, queue=queue, **rules), one_message)
        assert awake.serving.max() >= 1
        assert awake.backlog[-1] == 0.0


def test_missing_data_moves_nothing_either_way() -> None:
    metrics = {"custom": {"namespace": "own", "name": "custom"}}
    load = steady(80, 2 * EDGE).with_columns({"custom": [np.nan] * 120})
    timeline = run(rule_set(4, 10, metrics=metrics, **tracking("custom", 50.0)), load)
    assert timeline.decisions == ()


# Calendar and forecast.


def test_schedules_follow_local_time_over_a_clock_change_in_both_dialects() -> None:
    start = datetime.datetime(2026, 3, 28, tzinfo=UTC)
    load = steady(1, 2 * 86_400, start=start)
    for platform, cron in (("ec2_group", "0 8 * * *"), ("ecs_service", "0 8 * * *"), ("ecs_service", "0 8 * * ? *")):
        rules = rule_set(1, 9, scheduled={"day": {"cron": cron, "time_zone": "Europe/Berlin", "minimum": 3}})
        timeline = run(rules, load, platform=platform, tick=60)
        times = [item.time.isoformat() for item in timeline.decisions if item.kind == "schedule"]
        assert times == ["2026-03-28T07:00:00+00:00", "2026-03-29T06:00:00+00:00"]


def test_a_schedule_moves_bounds_and_capacity_and_its_end_leaves_capacity() -> None:
    calendar = {
        "up": {"at": "2026-01-05T01:00:00", "time_zone": "UTC", "minimum": 5},
        "down": {"at": "2026-01-05T02:00:00", "time_zone": "UTC", "minimum": 2},
        "cap": {"at": "2026-01-05T03:00:00", "time_zone": "UTC", "maximum": 0, "minimum": 0},
    }
    timeline = run(rule_set(2, 9, scheduled=calendar), steady(1, 4 * EDGE))
    assert texts(timeline, "schedule") == [
        (3600, "bounds 5 to 9: desired 2 to 5"),
        (7200, "bounds 2 to 9: desired stays 5"),
        (10800, "bounds 0 to 0: desired 5 to 0"),
    ]


def test_a_minimum_above_the_maximum_is_refused_by_the_schedule() -> None:
    calendar = {"up": {"at": "2026-01-05T01:00:00", "time_zone": "UTC", "minimum": 20}}
    timeline = run(rule_set(2, 9, scheduled=calendar), steady(1, 2 * EDGE))
    assert texts(timeline, "held") == [(3600, "refused: a minimum of 20 above the maximum of 9")]
    assert timeline.desired.max() == 2


def test_a_forecast_raises_capacity_before_the_hour_and_never_lowers_it() -> None:
    rules = rule_set(
        1, 10, predictive={"p": {"metric": "cpu", "target": 50.0, "mode": "forecast_and_scale", "buffer": "5m"}}
    )
    day = [25.0] * 8 + [150.0] * 4 + [25.0] * 12
    load = load_of([rate for hour in day * 2 for rate in [hour] * 60])
    timeline = run(rules, load, tick=60)
    raised = [(item.second, item.before, item.after) for item in timeline.actions()]
    assert raised == [((24 + 8) * 3_600 - 300, 1, 6)]
    assert timeline.desired[-1] == 6


def test_no_policy_shrinks_below_a_forecast_in_force() -> None:
    day = [25.0] * 8 + [150.0] * 4 + [25.0] * 12
    told = measured(
        [10.0],
        unit={"start_up": "0s"},
        predictive={"p": {"metric": "cpu", "target": 50.0, "mode": "forecast_and_scale", "buffer": "5m"}},
        step_scaling={
            "cold": on_custom(30.0, [{"to": 0.0, "change": -1}], comparison="LessThanThreshold", cooldown="0s")
        },
    )
    told["load"] = load_of([rate for hour in day * 2 for rate in [hour] * 60]).with_columns({"custom": [10.0] * 2_880})
    timeline = run(**told, **NO_DELAY)
    desired = {hour: int(timeline.desired[hour * 60]) for hour in (24 + 7, 24 + 8, 24 + 11, 24 + 13)}
    assert desired == {24 + 7: 1, 24 + 8: 6, 24 + 11: 6, 24 + 13: 1}
    assert any("held: the forecast keeps at least 6" in text for _, text in texts(timeline, "held"))


def test_forecast_only_does_nothing_and_is_recorded() -> None:
    rules = rule_set(1, 10, predictive={"p": {"metric": "requests_per_target", "target": 600.0}})
    timeline = run(rules, daily(20, 200, days=2), tick=60)
    assert timeline.actions() == ()
    assert {item.kind for item in timeline.decisions} == {"forecast"}
    assert timeline.decisions[0].text.endswith("forecast only, nothing is done")


@pytest.mark.parametrize(("breach", "most"), [({}, 4), ({"maximum_breach": "increase", "maximum_buffer": 10}, 12)])
def test_the_maximum_is_honoured_or_raised_for_good(breach: dict[str, Any], most: int) -> None:
    rule = {"metric": "cpu", "target": 50.0, "mode": "forecast_and_scale", **breach}
    timeline = run(rule_set(1, 4, predictive={"p": rule}), steady(250, 30 * EDGE), tick=60)
    assert int(timeline.maximum[-1]) == most - (1 if breach else 0)
    assert int(timeline.desired[-1]) == min(10, most)


# Capacity.


def test_launches_keep_to_the_burst_and_rate_of_the_platform() -> None:
    calendar = {"up": {"at": "2026-01-05T00:10:00", "time_zone": "UTC", "minimum": 501}}
    rules = rule_set(1, 600, unit={"start_up": "10s"}, scheduled=calendar)
    timeline = run(rules, steady(1, 1_200, resolution=10), tick=1)
    started = timeline.starting + timeline.serving - 1
    assert [int(started[600 + second]) for second in (0, 1, 10, 20)] == [100, 120, 300, 500]


def test_tasks_on_a_capacity_provider_wait_for_instances() -> None:
    group = Instances(units_per_instance=4, maximum=50, start_up=120.0)
    rules = rule_set(4, 40, **tracking(target=50.0))
    timeline = run(rules, step(80, 400, at=EDGE, duration=2 * EDGE), platform="capacity_provider", instances=group)
    out = first(timeline, "scale_out")
    launch = first(timeline, "instances", out)
    assert [item.text for item in timeline.decisions if item.second == launch and item.kind == "instances"] == [
        "2 of 1 instances are needed, reservation 200, size asked for 2: 1 launch"
    ]
    assert int(timeline.waiting[out // 10]) == 4
    assert first(timeline, "units", out) == launch + 120 + 60
    assert int(timeline.instances[-1]) >= 4


def test_only_empty_instances_go_at_most_half_at_once() -> None:
    group = Instances(units_per_instance=1, maximum=50, initial=16)
    timeline = run(rule_set(2, 4), steady(10, 2 * EDGE), platform="capacity_provider", instances=group, tick=60)
    removed = [item.text.split(": ")[-1] for item in timeline.decisions if item.kind == "instances"]
    assert removed == ["8 empty ones go", "4 empty ones go", "2 empty ones go"]


def test_draining_units_cost_but_do_not_serve() -> None:
    calendar = {"down": {"at": "2026-01-05T00:10:00", "time_zone": "UTC", "minimum": 2, "maximum": 2}}
    timeline = run(rule_set(4, 4, scheduled=calendar), steady(1, 1_800), tick=10)
    assert [int(timeline.draining[place]) for place in (59, 60, 89, 90)] == [0, 2, 2, 0]
    assert [int(timeline.serving[place]) for place in (59, 60)] == [4, 2]
    assert timeline.figures()["unit_hours"] == pytest.approx((4 * 600 + 2 * 1_200 + 2 * 300) / 3_600)


def test_slow_start_ramps_a_units_share() -> None:
    calendar = {"up": {"at": "2026-01-05T00:10:00", "time_zone": "UTC", "minimum": 2}}
    rules = rule_set(1, 4, unit={"start_up": "0s"}, scheduled=calendar)
    timeline = run(rules, steady(1, 1_200), tick=10, slow_start=100.0)
    assert timeline.capacity[59:71].tolist() == pytest.approx(
        [50.0, 52.5, 57.5, 62.5, 67.5, 72.5, 77.5, 82.5, 87.5, 92.5, 97.5, 100.0]
    )


def test_a_backlog_builds_and_drains_as_a_fluid() -> None:
    timeline = run(rule_set(1, 1), load_of([80.0, 80.0, 20.0, 20.0, 20.0]), tick=60)
    assert timeline.backlog.tolist() == [1800.0, 3600.0, 1800.0, 0.0, 0.0]
    assert timeline.utilisation.tolist() == [100.0, 100.0, 100.0, 100.0, 40.0]
    assert timeline.latency[1] == pytest.approx(0.1 + 3600 / 50)


def test_loss_and_impatient_clients_shorten_the_queue() -> None:
    load = load_of([80.0] * 10)
    assert run(rule_set(1, 1), load, tick=60, overflow="loss").backlog.max() == 0
    impatient = run(rule_set(1, 1), load, tick=60, client_timeout=60.0)
    assert impatient.backlog.max() == 4_800.0
    assert impatient.figures()["lost_requests"] == 30 * 600 - 4_800


def test_a_bounded_cpu_has_its_idle_floor() -> None:
    timeline = run(rule_set(2, 2, unit={"idle_cpu": 10}), load_of([0.0, 50.0, 90.0, 300.0]), tick=60)
    assert timeline.utilisation.tolist() == pytest.approx([10.0, 60.0, 100.0, 100.0])


# Figures and the report.


def test_cost_is_billed_units_and_alarms_against_a_fixed_fleet_at_peak() -> None:
    figures = run(rule_set(2, 2, **tracking()), steady(60, 86_400), tick=60, unit_price=FargateTask(1, 2)).figures()
    hourly = 0.04048 + 2 * 0.004445
    assert figures["cost_per_month"] == pytest.approx(2 * 730 * hourly + 2 * 0.10)
    assert figures["fixed_fleet_cost_per_month"] == pytest.approx(2 * 730 * hourly)


def test_the_report_has_every_figure_parameter_grade_and_limit() -> None:
    timeline = run(rule_set(**tracking()), steady(10, EDGE), tick=60)
    assert tuple(timeline.figures()) == tuple(FIGURES)
    assert timeline.notes == (
        NOT_MODELLED,
        "the run starts cold, with the 2 units of a creation: what its first minutes lack is counted",
        "the publication delay of 170 s counts as 180 s at ticks of 60 s",
    )
    names = {parameter.name for parameter in timeline.parameters}
    assert {"low_factor", "publication_delay", "tick", "unit.capacity"} <= names
    assert all(parameter.grade and parameter.source for parameter in timeline.parameters)


def test_the_schema_has_every_figure_in_the_words_of_its_table() -> None:
    properties = schema()["$defs"]["Figures"]["properties"]
    assert {name: of["description"] for name, of in properties.items()} == FIGURES


@pytest.mark.parametrize("platform", ["ecs_service", "ec2_group"])
def test_the_json_keeps_its_schema(platform: str) -> None:
    text = run(rule_set(0, 5, **tracking()), square(0, 400, period=600, duration=EDGE), platform=platform).to_json()
    jsonschema.Draft202012Validator.check_schema(schema())
    jsonschema.validate(json.loads(text), schema())


def test_noise_is_reproducible_by_its_seed() -> None:
    rules, load = rule_set(**tracking()), steady(80, EDGE)
    one, same, other = (run(rules, load, seed=seed).to_json() for seed in (1, 1, 2))
    assert one == same
    assert one != other


def test_costs_grow_linearly_with_the_minutes() -> None:
    counts = []
    for days in (1, 10):
        timeline = run(rule_set(**tracking()), daily(20, 300, days=days), tick=60)
        counts.append((len(timeline.load), len(timeline.decisions)))
    assert counts[1][0] == 10 * counts[0][0]
    assert counts[1][1] <= 11 * counts[0][1]


def test_a_long_run_finds_room_for_its_log() -> None:
    rules = rule_set(1, 40, unit={"start_up": "0s"}, **tracking(scale_out_cooldown="0s", scale_in_cooldown="0s"))
    timeline = run(rules, square(20, 1_500, period=7_200, duration=40 * 86_400), tick=60)
    assert len(timeline.decisions) > 4_096


# What cannot be simulated.


@pytest.mark.parametrize(
    ("rules", "options", "message"),
    [
        (
            {"unit": {"capacity": None}}, {},
            "unit.capacity: missing, the simulator needs the requests that one unit serves, such as 50/s",
        ),
        (
            {"metrics": {"jobs": {"namespace": "own", "name": "Jobs"}}, **tracking("jobs", 5.0)}, {},
            ("target_tracking.jobs.metric: jobs: own Jobs Average does not follow from load and capacity: give it as a further "
            "column jobs of the trace, or with load.with_columns({'jobs': values})"),
        ),
        (
            tracking(warm_up="60s"), {},
            "target_tracking.cpu.warm_up: a service has no warm-up: set a cooldown instead",
        ),
        (
            tracking(scale_in_cooldown="60s"), {"platform": "ec2_group"},
            "target_tracking.cpu.scale_in_cooldown: an EC2 group has no such cooldown: set `warm_up` instead",
        ),
        (
            {"scheduled": {"up": {"cron": "0 8 * * *", "time_zone": "UTC", "desired": 3}}}, {},
            "scheduled.up.desired: a service has none: set `minimum` and `maximum`",
        ),
        ({}, {"platform": "lambda"}, "not a platform: got 'lambda', allowed ecs_service, ec2_group, capacity_provider, swarm_service"),
        (
            {}, {"platform": "capacity_provider"},
            "instances: missing, a capacity provider needs `Instances(units_per_instance=...)`",
        ),
        (
            {}, {"tick": 7, "slow_start": 10.0},
            "tick: got 7, allowed 1, 2, 5, 10, 15, 20, 30, 60 seconds\nslow_start: got 10.0, allowed 0 (off) or 30 to 900 seconds",
        ),
        (
            tracking(), {"tick": 60, "parameters": platform_parameters("ecs_service").at_period(20)},
            "target_tracking.cpu: a period of 20 s needs a tick that divides it, got 60 s: simulate with tick=10",
        ),
        ({"minimum": 5, "maximum": 2}, {}, "minimum: is above the maximum"),
        ({}, {"latency_goal": 0.05}, "latency_goal: 0.05 s is not above unit.service_time of 0.1 s, no number of units can keep it"),
        ({}, {"start": datetime.datetime(2026, 1, 1)}, "start: got a time without a zone, expected one such as 2026-01-05T00:00:00Z"),  # noqa: DTZ001
        ({}, {"start": datetime.datetime(2026, 1, 1, second=7, tzinfo=UTC)},
         "load: starts at 2026-01-01T00:00:07+00:00, expected a multiple of the tick of 10 s"),
    ],
)  # fmt: skip
def test_what_cannot_be_simulated_is_refused_with_its_cure(
    rules: dict[str, Any], options: dict[str, Any], message: str
) -> None:
    with pytest.raises(SimulationError) as refused:
        run(rule_set(**rules), steady(10, 600), **options)
    assert str(refused.value) == message


def test_an_unknown_option_is_refused_with_those_there_are() -> None:
    with pytest.raises(SimulationError, match=r"^not an option: speed; allowed platform, tick, parameters, "):
        run(rule_set(), steady(10, 600), speed=2)


def test_a_faulty_rule_set_of_a_sweep_is_named() -> None:
    with pytest.raises(SimulationError) as refused:
        simulate_many([rule_set(), rule_set(unit={"capacity": None})], [steady(10, 600)])
    assert str(refused.value).startswith("rule set 1, load 0: unit.capacity: missing")


def test_known_metrics_follow_from_the_load_by_their_cloudwatch_names() -> None:
    metrics = {"own_cpu": {"namespace": "AWS/ECS", "name": "CPUUtilization"}}
    load = step(30, 95, at=EDGE, duration=2 * EDGE)
    named = run(rule_set(metrics=metrics, **tracking("own_cpu", 50.0)), load)
    plain = run(rule_set(**tracking()), load)
    assert np.array_equal(named.desired, plain.desired)


@pytest.mark.parametrize(("maximum", "pinned"), [(4, 60.0), (40, 0.0)])
def test_overload_at_the_maximum_is_told_from_overload_by_the_rule(maximum: int, pinned: float) -> None:
    rules = rule_set(2, maximum, **tracking(scale_out_cooldown="60s"))
    figures = run(rules, step(40, 600, at=EDGE, duration=2 * EDGE), tick=60).figures()
    by_rule = (figures["overload_minutes"] or 0.0) - (figures["overload_minutes_at_maximum"] or 0.0)
    assert by_rule > 0
    assert (figures["overload_minutes_at_maximum"] or 0.0) + (by_rule if pinned else 0.0) == pinned


def test_a_ramp_is_followed_upwards() -> None:
    timeline = run(rule_set(2, 30, **tracking(target=60.0)), ramp(50, 800, 4 * EDGE, lead=EDGE, hold=EDGE))
    assert (np.diff(timeline.desired) >= 0).all()
    assert int(timeline.desired[-1]) >= 800 / 50 / 0.6


def test_conditions_list_their_faults_together() -> None:
    window = Deployment(start=datetime.datetime(2026, 1, 2, tzinfo=UTC), end=datetime.datetime(2026, 1, 1, tzinfo=UTC))
    conditions = Conditions(platform="ec2_group", overflow="drop", deployments=[window])  # type: ignore[arg-type]
    assert conditions.faults() == [
        "overflow: got 'drop', allowed queue, loss",
        "deployments: got some on ec2_group, allowed on services only",
        "deployments.0: ends before it starts",
    ]


SPIKE = load_of([100.0] * 60 + [2_000.0] * 180)


@pytest.mark.parametrize(("counted", "actions", "overloaded"), [("received", 2, 6.8), ("completed", 6, 21.8)])
def test_requests_per_target_counts_what_is_received_or_what_is_completed(
    counted: str, actions: int, overloaded: float
) -> None:
    rules = rule_set(2, 80, **tracking("requests_per_target", 1_500))
    timeline = simulate(rules, SPIKE, parameters={"requests_counted": counted}, compiled=False)
    assert len(timeline.actions()) == actions
    assert timeline.figures()["overload_minutes"] == pytest.approx(overloaded, abs=0.05)


def test_a_target_above_what_a_unit_serves_acts_on_what_is_received_only() -> None:
    rules = rule_set(2, 20, **tracking("requests_per_target", 6_000))
    load = steady(400.0, 7_200)
    ends = {
        counted: simulate(rules, load, parameters={"requests_counted": counted}, compiled=False).desired[-1]
        for counted in ("received", "completed")
    }
    assert ends == {"received": 4, "completed": 2}


def test_a_service_of_a_published_log_loses_one_task_at_a_time_until_its_cooldown_is_over_again() -> None:
    """ECS, 2 to 4 tasks, cpu target 60: the log has 4 to 3 at 13:50:37 and 3 to 2 at 13:56:37."""
    rules = rule_set(2, 4, initial=4, **tracking(target=60.0, scale_in_cooldown="300s"))
    downs = {
        share: [(item.second, item.before, item.after) for item in timeline.actions()]
        for share in (0.0, 0.1, 1.0)
        for timeline in (run(rules, steady(5.0, 3_600), parameters={"max_scale_in_fraction": share}),)
    }
    first, second = downs[0.1]
    assert [(before, after) for _, before, after in (first, second)] == [(4, 3), (3, 2)]
    assert 300 <= second[0] - first[0] <= 420
    assert downs[0.0] == downs[0.1]
    assert [change[1:] for change in downs[1.0]] == [(4, 2)]


def test_a_large_fleet_loses_a_tenth_at_a_time_and_a_step_as_many_as_it_says() -> None:
    idle = steady(5.0, 2_400)
    tracked = run(rule_set(2, 60, initial=50, **tracking(target=50.0)), idle)
    assert [(item.before, item.after) for item in tracked.actions()][:3] == [(50, 45), (45, 41), (41, 37)]
    cold = {"metric": "cpu", "threshold": 30, "comparison": "LessThanThreshold", "steps": [{"to": 0, "change": -20}]}
    stepped = run(rule_set(2, 60, initial=50, step_scaling={"cold": cold}), idle)
    assert [(item.before, item.after) for item in stepped.actions()][:1] == [(50, 30)]


def staircases(timeline: Timeline) -> list[list[int]]:
    """Desired counts of each way up, from where it begins to where it ends."""
    found: list[list[int]] = []
    for item in timeline.actions():
        if item.after > item.before:
            if not found or found[-1][-1] != item.before:
                found.append([item.before])
            found[-1].append(item.after)
    return found


@pytest.mark.parametrize(
    ("age", "highest", "longest"), [(170, 7, [3, 4, 5, 6, 7]), (60, 6, [3, 4, 5, 6]), (0, 5, [3, 4, 5])]
)
def test_a_constant_load_climbs_as_far_beyond_its_need_as_the_datapoints_of_repeated_actions_are_old(
    age: int, highest: int, longest: list[int]
) -> None:
    """Four units are needed at 75 %; the load varies by 2 % from minute to minute."""
    rule = {"target": 75.0, "scale_in_cooldown": "300s", "scale_out_cooldown": "60s"}
    rules = rule_set(
        3,
        10,
        unit={"full_memory": 60, "idle_memory": 20, "start_up": "25s"},
        target_tracking={"cpu": {"metric": "cpu", **rule}, "memory": {"metric": "memory", **rule}},
    )
    noise = np.random.default_rng(1).standard_normal(2 * 1_440)
    load = load_of(list(115.0 * (1.0 + 0.02 * noise)))
    timeline = simulate(rules, load, parameters={"age_at_action": age}, compiled=False)
    assert (timeline.desired.max(), max(staircases(timeline), key=len)) == (highest, longest)
    half_a_day = 43_200 // timeline.tick
    assert timeline.desired[-half_a_day:].max() == highest, "it climbs as far again and again"
    still = simulate(rules, steady(115.0, 86_400), parameters={"age_at_action": age}, compiled=False)
    assert [staircase[-1] for staircase in staircases(still)] == [highest], "without any noise it climbs once"


def test_the_fixed_fleet_is_the_one_that_the_peak_needs_however_far_the_rules_went() -> None:
    load = load_of([50.0] * 60 + [310.0] * 30 + [50.0] * 120)
    found = [
        simulate(rule_set(2, most, **tracking(scale_out_cooldown="0s")), load, unit_price=0.1, compiled=False).figures()
        for most in (10, 20, 40)
    ]
    assert [figures["fixed_fleet_cost_per_month"] for figures in found] == [pytest.approx(7 * 73.0)] * 3
    peaks = [figures["peak_units"] or 0 for figures in found]
    shares = [figures["cost_against_fixed_fleet"] or 0 for figures in found]
    assert peaks == sorted(set(peaks))
    assert shares == sorted(set(shares)), "a fleet that overshoots is not the cheaper one"


HERD = load_of(([40.0] * 59 + [800.0]) * 12)


@pytest.mark.parametrize(("patience", "units", "cost"), [(None, 4.93, 59.0), (60.0, 2.31, 25.3)])
def test_a_herd_that_loses_its_patience_costs_less_than_one_that_queues_for_ever(
    patience: float | None, units: float, cost: float
) -> None:
    rule = {"target": 75.0, "scale_in_cooldown": "300s", "scale_out_cooldown": "60s"}
    rules = rule_set(
        1,
        10,
        unit={"full_memory": 70, "idle_memory": 40},
        target_tracking={"cpu": {"metric": "cpu", **rule}, "memory": {"metric": "memory", **rule}},
    )
    given: dict[str, Any] = {
        "client_timeout": patience,
        "parameters": {"age_at_action": 170, "max_scale_in_fraction": 1},
    }
    timeline = simulate(rules, HERD, unit_price=0.014, compiled=False, **given)
    figures = timeline.figures()
    assert figures["mean_units"] == pytest.approx(units, abs=0.2)
    assert figures["cost_per_month"] == pytest.approx(cost, rel=0.05)
    if patience is not None:
        assert (figures["worst_latency"] or 0) <= patience
        assert (figures["lost_requests"] or 0) > 0
