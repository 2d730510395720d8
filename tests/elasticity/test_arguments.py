"""Mistakes of a notebook user, one clear error each. It cannot prove that the next mistake is foreseen."""

from __future__ import annotations

import datetime
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import elasticity
from elasticity import policies, pricing
from elasticity.queueing import erlang_c
from tests.elasticity.oracle import alarms as alarms_oracle
from tests.elasticity.oracle import gates, groups
from tests.elasticity.oracle import policies as policies_oracle
from tests.elasticity.oracle import predictive as predictive_oracle
from tests.elasticity.oracle import pricing as pricing_oracle
from tests.elasticity.oracle import queueing as queueing_oracle
from tests.elasticity.oracle import schedules as schedules_oracle
from tests.elasticity.refusals import refuses

DAY = datetime.timedelta(days=1)
START = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
STEPS: dict[str, Any] = {
    "threshold": 50,
    "adjustment_type": "ChangeInCapacity",
    "out_steps": [{"lower": 0, "upper": None, "change": 1}],
}
PROPOSAL: dict[str, Any] = {"kind": "step", "alarm": "high", "capacity": 5, "scale_in": True}

RIGHT: dict[str, dict[str, Any]] = {
    "alarm_state": {
        "points": [1, 2, 3],
        "threshold": 1,
        "comparison": "GreaterThanThreshold",
        "evaluation_periods": 3,
        "datapoints_to_alarm": 3,
        "missing": "missing",
        "previous": "OK",
    },
    "target_tracking_capacity": {"current": 4, "metric": 60, "target": 50},
    "step_capacity": {"current": 4, "metric": 60, "policy": STEPS},
    "combine": {"platform": "ecs_service", "current": 4, "policies": [PROPOSAL]},
    "occurrences": {"cron": "0 8 * * *", "time_zone": "UTC", "start": START, "end": START + DAY, "dialect": "ec2"},
    "capacity_provider_reservation": {"needed": 3, "running": 2},
    "capacity_provider_size": {"needed": 3, "running": 2, "target": 90},
    "erlang_c": {"servers": 3, "offered": 2},
    "sakasegawa_wait": {"servers": 3, "offered": 2, "service_time": 1},
    "measures": {"demand": [1, 2], "supply": [2, 2]},
    "price": {"lifetimes": [60], "unit": 3.6, "window_hours": 1},
    "managed_alarms": {"platform": "ecs_service", "target": 50},
    "check": {"rules": elasticity.Elasticity.model_validate({"minimum": 1, "maximum": 2})},
}
"""By public function: a call with the parameters that the contract spells."""

FINITE, UP, WHOLE = "allowed a finite number", "allowed a number from 0 up", "allowed a whole number from 0 up"
POINT = f"{FINITE}; write None for a missing one"
SERIES = "expected at least one number, all finite and not negative"
POLICY_KEYS = "threshold, adjustment_type, steps, out_steps, in_steps, min_adjustment_magnitude, comparison"
PROPOSAL_KEYS = "kind, alarm, capacity, scale_in"
UNIT = f"{UP}, a FargateTask or an Instance"
PLATFORMS = "allowed ecs_service, ec2_group, capacity_provider, swarm_service"
ZONE = "allowed an IANA name, such as Europe/Berlin"
AWARE = "allowed a datetime with a time zone"


def steps(**changed: Any) -> dict[str, Any]:
    return {"policy": {**STEPS, **changed}}


def proposed(**changed: Any) -> dict[str, Any]:
    return {"policies": [{**PROPOSAL, **changed}]}


MISTAKES: list[tuple[str, dict[str, Any], str]] = [
    ("alarm_state", {"points": "123"}, "`points`: got text, allowed a list of numbers, None for a missing one"),
    ("alarm_state", {"points": None}, "`points`: got nothing, allowed a list of numbers, None for a missing one"),
    ("alarm_state", {"points": [1, "2"]}, f"`points`: got text, {POINT}"),
    ("alarm_state", {"points": [True]}, f"`points`: got true or false, {POINT}"),
    ("alarm_state", {"points": [math.nan]}, f"`points`: got NaN, which is no number, {POINT}"),
    ("alarm_state", {"points": np.array([1, math.inf])}, f"`points`: got inf, {POINT}"),
    ("alarm_state", {"threshold": "1"}, f"`threshold`: got text, {FINITE}"),
    ("alarm_state", {"threshold": math.nan}, f"`threshold`: got NaN, which is no number, {FINITE}"),
    ("alarm_state", {"evaluation_periods": 0}, "`evaluation_periods`: got 0, allowed a whole number from 1 up"),
    ("alarm_state", {"evaluation_periods": 2.5}, "`evaluation_periods`: got 2.5, allowed a whole number from 1 up"),
    ("alarm_state", {"datapoints_to_alarm": 4}, "`datapoints_to_alarm`: got 4, allowed a whole number from 1 to 3"),
    ("alarm_state", {"missing": None}, "`missing`: got nothing, allowed missing, ignore, breaching, notBreaching"),
    ("alarm_state", {"previous": 1}, "`previous`: got 1, allowed OK, ALARM, INSUFFICIENT_DATA"),
    ("target_tracking_capacity", {"current": "4"}, f"`current`: got text, {WHOLE}"),
    ("target_tracking_capacity", {"current": 4.5}, f"`current`: got 4.5, {WHOLE}"),
    ("target_tracking_capacity", {"current": None}, f"`current`: got nothing, {WHOLE}"),
    ("target_tracking_capacity", {"current": True}, f"`current`: got true or false, {WHOLE}"),
    ("target_tracking_capacity", {"metric": math.inf}, f"`metric`: got inf, {UP}; write None for a missing one"),
    ("target_tracking_capacity", {"target": "50"}, "`target`: got text, allowed a number above 0"),
    ("target_tracking_capacity", {"target": math.nan},
     "`target`: got NaN, which is no number, allowed a number above 0"),
    ("target_tracking_capacity", {"minimum": -1}, f"`minimum`: got -1, {WHOLE}"),
    ("target_tracking_capacity", {"maximum": "9"}, f"`maximum`: got text, {WHOLE}"),
    ("step_capacity", {"current": -1}, f"`current`: got -1, {WHOLE}"),
    ("step_capacity", {"metric": "60"}, f"`metric`: got text, {POINT}"),
    ("step_capacity", {"metric": math.nan}, f"`metric`: got NaN, which is no number, {POINT}"),
    ("step_capacity", {"policy": None}, f"`policy`: got nothing, allowed a mapping of {POLICY_KEYS}"),
    ("step_capacity", {"policy": {}}, "step policy: threshold, adjustment_type missing"),
    ("step_capacity", steps(out_step=[]), f"`policy`: does not know out_step, allowed {POLICY_KEYS}"),
    ("step_capacity", steps(threshold="50"), f"`threshold`: got text, {FINITE}"),
    ("step_capacity", steps(adjustment_type="x"),
     "`adjustment_type`: got 'x', allowed ChangeInCapacity, PercentChangeInCapacity, ExactCapacity"),
    ("step_capacity", steps(comparison=">"),
     ("`comparison`: got '>', allowed GreaterThanOrEqualToThreshold, GreaterThanThreshold, "
      "LessThanOrEqualToThreshold, LessThanThreshold")),
    ("step_capacity", steps(out_steps=5), "`out_steps`: got 5, allowed a list of steps"),
    ("step_capacity", steps(out_steps=STEPS["out_steps"][0]), "`out_steps`: got a dict, allowed a list of steps"),
    ("step_capacity", steps(out_steps=[5]), "`steps`: got 5, allowed a mapping of lower, upper, change"),
    ("step_capacity", steps(out_steps=[{"lover": 0, "change": 1}]),
     "`steps`: does not know lover, allowed lower, upper, change"),
    ("step_capacity", steps(out_steps=[{"lower": 0}]), "step: change missing"),
    ("step_capacity", steps(out_steps=[{"change": 1.5}]), "`change`: got 1.5, allowed a whole number"),
    ("step_capacity", steps(out_steps=[{"lower": "0", "change": 1}]), f"`lower`: got text, {FINITE}"),
    ("step_capacity", steps(min_adjustment_magnitude=-2), f"`min_adjustment_magnitude`: got -2, {WHOLE}"),
    ("step_capacity", steps(in_steps=[{"lower": 5, "upper": None, "change": 3}]),
     "step policy: steps overlap, so that the metric chooses more than one"),
    ("combine", {"platform": "ecs"}, f"not a platform: got 'ecs', {PLATFORMS}"),
    ("combine", {"platform": None}, f"not a platform: got None, {PLATFORMS}"),
    ("combine", {"current": math.nan}, f"`current`: got NaN, which is no number, {WHOLE}"),
    ("combine", {"policies": None}, "`policies`: got nothing, allowed a list of proposals"),
    ("combine", {"policies": PROPOSAL}, "`policies`: got a dict, allowed a list of proposals"),
    ("combine", {"policies": ["step"]}, f"`policies`: got text, allowed a mapping of {PROPOSAL_KEYS}"),
    ("combine", {"policies": [{}]}, "`kind`: got nothing, allowed target_tracking, step, simple, predictive"),
    ("combine", proposed(count=5), f"`policies`: does not know count, allowed {PROPOSAL_KEYS}"),
    ("combine", proposed(capacity=-5), f"`capacity`: got -5, {WHOLE}"),
    ("combine", proposed(capacity=5.5), f"`capacity`: got 5.5, {WHOLE}"),
    ("combine", proposed(alarm="ALARM"), "`alarm`: got 'alarm', allowed high, low, ok, insufficient_data"),
    ("combine", proposed(scale_in="no"), "`scale_in`: got text, allowed True, False"),
    ("combine", {"minimum": 1.5}, f"`minimum`: got 1.5, {WHOLE}"),
    ("occurrences", {"cron": 5}, "`cron`: got 5, allowed text such as 0 8 * * MON-FRI"),
    ("occurrences", {"time_zone": None}, f"`time_zone`: got nothing, {ZONE}"),
    ("occurrences", {"start": "2026-01-01"}, f"`start`: got text, {AWARE}"),
    ("occurrences", {"end": START.date()}, f"`end`: got a date, {AWARE}"),
    ("occurrences", {"end": START - DAY}, "`end` lies before `start`"),
    ("occurrences", {"dialect": None}, "`dialect`: got nothing, allowed ec2, application, rate, at"),
    ("capacity_provider_reservation", {"needed": math.nan}, f"`needed`: got NaN, which is no number, {WHOLE}"),
    ("capacity_provider_reservation", {"running": 1.5}, f"`running`: got 1.5, {WHOLE}"),
    ("capacity_provider_reservation", {"running": "2"}, f"`running`: got text, {WHOLE}"),
    ("capacity_provider_size", {"needed": -1}, f"`needed`: got -1, {WHOLE}"),
    ("capacity_provider_size", {"target": 0}, "`target`: got 0, allowed a number above 0 and up to 100"),
    ("capacity_provider_size", {"target": "90"}, "`target`: got text, allowed a number above 0 and up to 100"),
    ("erlang_c", {"servers": "3"}, "`servers`: got text, allowed a whole number from 1 up"),
    ("erlang_c", {"servers": math.inf}, "`servers`: got inf, allowed a whole number from 1 up"),
    ("erlang_c", {"offered": None}, f"`offered`: got nothing, {UP}"),
    ("sakasegawa_wait", {"servers": math.inf}, "`servers`: got inf, allowed a number above 0"),
    ("sakasegawa_wait", {"offered": math.nan}, f"`offered`: got NaN, which is no number, {UP}"),
    ("sakasegawa_wait", {"service_time": "1"}, f"`service_time`: got text, {UP}"),
    ("sakasegawa_wait", {"arrival_variation": -1}, f"`arrival_variation`: got -1, {UP}"),
    ("sakasegawa_wait", {"service_variation": -1}, f"`service_variation`: got -1, {UP}"),
    ("measures", {"demand": ["1", "2"]}, f"`demand`: {SERIES}"),
    ("measures", {"demand": [1, None]}, f"`demand`: {SERIES}"),
    ("measures", {"demand": [True, False]}, f"`demand`: {SERIES}"),
    ("measures", {"supply": [[1], [1, 2]]}, f"`supply`: {SERIES}"),
    ("measures", {"supply": 5}, f"`supply`: {SERIES}"),
    ("price", {"lifetimes": 60}, "`lifetimes`: got 60, allowed a list of seconds"),
    ("price", {"lifetimes": [-5]}, f"`lifetimes`: got -5, {UP}"),
    ("price", {"lifetimes": [math.inf]}, f"`lifetimes`: got inf, {UP}"),
    ("price", {"unit": "m7g.large"}, f"`unit`: got text, {UNIT}"),
    ("price", {"unit": -1.0}, f"`unit`: got -1.0, {UNIT}"),
    ("price", {"window_hours": "1"}, "`window_hours`: got text, allowed a number above 0"),
    ("price", {"alarms": -1}, f"`alarms`: got -1, {UP}"),
    ("price", {"nat_gb": math.nan}, f"`nat_gb`: got NaN, which is no number, {UP}"),
    ("managed_alarms", {"platform": None}, f"not a platform: got None, {PLATFORMS}"),
    ("managed_alarms", {"target": "50"}, "`target`: got text, allowed a number above 0"),
    ("check", {"rules": {"minimum": 1}},
     "`rules`: got a dict, allowed an Elasticity: `Elasticity.model_validate` makes one of a mapping"),
    ("check", {"rules": None},
     "`rules`: got nothing, allowed an Elasticity: `Elasticity.model_validate` makes one of a mapping"),
]  # fmt: skip


def function(name: str) -> Callable[..., Any]:
    found: Callable[..., Any] = getattr(elasticity, name)
    return found


@pytest.mark.parametrize(
    ("name", "changed", "text"), [pytest.param(*row, id=f"{row[0]}-{number}") for number, row in enumerate(MISTAKES)]
)
def test_a_mistake_is_one_clear_error(name: str, changed: dict[str, Any], text: str) -> None:
    with refuses(text):
        function(name)(**{**RIGHT[name], **changed})


@pytest.mark.parametrize("name", RIGHT)
def test_a_public_function_takes_the_parameters_that_the_contract_spells(name: str) -> None:
    assert function(name)(**RIGHT[name]) is not None
    with pytest.raises(TypeError, match="zebra"):
        function(name)(**RIGHT[name], zebra=1)


WHOLE_NUMBER, ABOVE = "allowed a whole number", "allowed a number above 0"

BENEATH: list[tuple[Callable[..., Any], dict[str, Any], str]] = [
    (alarms_oracle.evaluation_interval, {"evaluation_periods": 0, "period": 60},
     "`evaluation_periods`: got 0, allowed a whole number from 1 up"),
    (alarms_oracle.evaluation_interval, {"evaluation_periods": 3, "period": -60}, f"`period`: got -60, {ABOVE}"),
    (gates.cooldown_capacity, {"desired": 5.5, "baseline": 5, "adjustment": 1}, f"`desired`: got 5.5, {WHOLE}"),
    (gates.cooldown_capacity, {"desired": 5, "baseline": 5, "adjustment": "x"},
     f"`adjustment`: got text, {WHOLE_NUMBER}"),
    (gates.warm_up_time, {"policy_warm_up": -1}, f"`policy_warm_up`: got -1, {UP}"),
    (gates.warm_up_time, {"group_warm_up": -2}, "`group_warm_up`: got -2, allowed a number from -1 up"),
    (gates.ecs_step, {"desired": 1, "running": -1, "minimum": 1, "maximum": 2, "alarm": "high", "change": 1},
     f"`running`: got -1, {WHOLE}"),
    (groups.warm_pool_size, {"desired": "6", "maximum": 10}, f"`desired`: got text, {WHOLE}"),
    (groups.rebalancing_ceiling, {"maximum": -3}, f"`maximum`: got -3, {WHOLE}"),
    (groups.weighted_scale_in, {"desired": 1.5, "current": 2, "change": -1}, f"`desired`: got 1.5, {WHOLE}"),
    (groups.slow_start_split, {"load": -5, "shares": [1]}, f"`load`: got -5, {UP}"),
    (groups.deregistration_time, {"delay": -5, "in_flight": 1}, f"`delay`: got -5, {UP}"),
    (groups.launch_start, {"task_number": 5, "per_second": 0}, f"`per_second`: got 0, {ABOVE}"),
    (groups.launch_parts, {"total": -1, "shares": {"boot": 1}}, f"`total`: got -1, {UP}"),
    (groups.fleet_start, {"tasks": 1, "host": "eks"}, "`host`: got 'eks', allowed ecs_on_ec2, ecs_on_fargate"),
    (policies_oracle.round_change, {"change": None}, f"`change`: got nothing, {FINITE}"),
    (policies_oracle.apply_change, {"current": "3", "change": 1}, f"`current`: got text, {WHOLE}"),
    (policies.largest_growth, {"target": 50, "metric_ceiling": 0}, f"`metric_ceiling`: got 0, {ABOVE}"),
    (predictive_oracle.predictive_maximum, {"forecast": -3, "maximum": 1}, f"`forecast`: got -3, {WHOLE}"),
    (predictive_oracle.predictive_capacity, {"actual": 3, "forecast": 2.5}, f"`forecast`: got 2.5, {WHOLE}"),
    (queueing_oracle.fluid, {"capacity": math.nan, "load": []}, f"`capacity`: got NaN, which is no number, {UP}"),
    (queueing_oracle.fluid, {"capacity": 1, "load": [(1, "60")]}, f"`load`: got text, {UP}"),
    (queueing_oracle.mm1_mean, {"arrival_rate": -2, "service_rate": 1}, f"`arrival_rate`: got -2, {UP}"),
    (pricing_oracle.alb_cost, {"gb_hour": -5}, f"`gb_hour`: got -5, {UP}"),
    (pricing_oracle.nat_cost, {"gateways": 1, "hours": "1", "gb": 1}, f"`hours`: got text, {UP}"),
    (pricing.alarm_cost, {"alarms": -1}, f"`alarms`: got -1, {UP}"),
    (pricing_oracle.fleet_cost, {"hourly": -1, "lifetimes": [60]}, f"`hourly`: got -1, {UP}"),
    (pricing_oracle.fargate_cost, {"vcpu": "1", "gb": 2, "hours": 1}, f"`vcpu`: got text, {UP}"),
    (schedules_oracle.scheduled_action,
     {"platform": "ecs_service", "minimum": 1, "maximum": 2, "desired": 1, "action": {"maximum": 2.5}},
     f"`maximum`: got 2.5, {WHOLE}"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("called", "given", "text"),
    [pytest.param(*row, id=f"{row[0].__name__}-{number}") for number, row in enumerate(BENEATH)],
)
def test_a_mistake_beneath_the_public_functions_is_one_too(
    called: Callable[..., Any], given: dict[str, Any], text: str
) -> None:
    with refuses(text):
        called(**given)


@pytest.mark.parametrize("kind", [np.int64, np.float64, np.float32, float])
def test_numbers_of_numpy_are_numbers(kind: Callable[[int], Any]) -> None:
    assert elasticity.target_tracking_capacity(current=kind(10), metric=kind(150), target=kind(100)) == 15
    assert elasticity.alarm_state(**{**RIGHT["alarm_state"], "points": np.array([kind(2)] * 3)}) == "ALARM"
    assert elasticity.capacity_provider_size(needed=kind(9), running=kind(9), target=kind(90)) == 10
    assert erlang_c(servers=kind(3), offered=kind(2)) == pytest.approx(4 / 9)


def test_the_generator_of_lives_is_read_once() -> None:
    bill = elasticity.price(lifetimes=(60 for _ in range(3)), unit=3.6, window_hours=1)
    assert bill.total == pytest.approx(0.18)


def test_a_rule_of_the_model_is_a_step_policy_too() -> None:
    rule = elasticity.StepScaling.model_validate(
        {"metric": "cpu", "threshold": 50, "comparison": "GreaterThanThreshold", "steps": [{"from": 0, "change": 3}]}
    )
    assert elasticity.step_capacity(current=4, metric=60, policy=rule) == 7
