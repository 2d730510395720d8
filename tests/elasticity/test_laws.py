"""Laws of the simulated system on random rules and loads; they cannot prove that AWS keeps them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from elasticity.platforms import platform_parameters
from elasticity.rules import Elasticity
from elasticity.simulator import Deployment, Timeline, simulate
from elasticity.simulator.figures import quantiles
from elasticity.traces import Load, steady
from tests.elasticity.simulations import (
    any_rules,
    load_of,
    loads,
    rule_set,
    schedules,
    step_rules,
    tracking,
    tracking_rules,
)

DELAYS = st.integers(0, 40).map(lambda tens: tens * 10)


def run(rules: Elasticity, load: Load, **options: Any) -> Timeline:
    """A run that never waits for a compiler."""
    return simulate(rules, load, compiled=False, **options)


def first_action(timeline: Timeline) -> int | None:
    """Second of the first change of desired."""
    return next((item.second for item in timeline.actions()), None)


@given(any_rules(), loads())
def test_desired_stays_within_the_bounds_in_force(rules: Elasticity, load: Load) -> None:
    timeline = run(rules, load, tick=60)
    assert (timeline.desired >= timeline.minimum).all()
    assert (timeline.desired <= timeline.maximum).all()


@given(tracking_rules(cooldowns=False), step_rules(), schedules(), loads(), st.sampled_from((0, 60, 300)))
def test_desired_of_a_group_stays_within_the_bounds_in_force(
    rules: dict[str, Any], steps: dict[str, Any], calendar: dict[str, Any], load: Load, warm_up: int
) -> None:
    chosen = rule_set(1, 12, **rules, **steps, **calendar)
    timeline = run(chosen, load, tick=60, platform="ec2_group", default_instance_warm_up=float(warm_up))
    assert (timeline.desired >= timeline.minimum).all()
    assert (timeline.desired <= timeline.maximum).all()


@given(
    st.integers(1, 40),
    st.sampled_from([("ecs_service", 0.9), ("ec2_group", 0.7)]),
    st.floats(0.01, 0.99),
    st.integers(20, 90),
)
def test_constant_load_between_low_threshold_and_target_causes_no_action(
    units: int, platform: tuple[str, float], place: float, target: int
) -> None:
    share = target * (platform[1] + (1 - platform[1]) * place)
    assume(platform[1] * target + 1e-6 < share < target - 1e-6)
    load = steady(units * 50 * share / 100, 7_200)
    timeline = run(rule_set(units, units + 20, **tracking(target=float(target))), load, platform=platform[0], tick=60)
    assert timeline.actions() == ()


@given(st.floats(1, 900), st.integers(20, 90))
def test_a_constant_load_settles_where_no_rule_wants_more(rate: float, target: int) -> None:
    timeline = run(rule_set(1, 20, **tracking(target=float(target))), steady(rate, 12 * 3_600), tick=60)
    units, metric = int(timeline.desired[-1]), float(timeline.utilisation[-1])
    within = 0.9 * target - 1e-9 <= metric <= target + 1e-9
    settled = np.ceil(units * metric / target - 1e-9) == units
    assert within or settled or units in (1, 20)


@given(tracking_rules(cooldowns=False), loads(), st.sampled_from((0, 60, 600, 1_800)), st.sampled_from((0, 900)))
def test_a_scale_in_cooldown_delays_no_first_scale_out(
    rules: dict[str, Any], load: Load, short: int, longer: int
) -> None:
    def first_out(cooldown: int) -> int | None:
        changed = {
            "target_tracking": {
                name: {**rule, "scale_in_cooldown": f"{cooldown}s"} for name, rule in rules["target_tracking"].items()
            }
        }
        timeline = run(rule_set(2, 12, initial=2, **changed), load, tick=60)
        return next((item.second for item in timeline.decisions if item.kind == "scale_out"), None)

    assert first_out(short) == first_out(short + longer)


@given(tracking_rules(), loads(), schedules())
def test_no_cooldown_delays_a_scheduled_action(rules: dict[str, Any], load: Load, calendar: dict[str, Any]) -> None:
    timeline = run(rule_set(1, 12, **rules, **calendar), load, tick=60)
    alone = run(rule_set(1, 12, **calendar), load, tick=60)
    times = [(item.second, item.rule) for item in timeline.decisions if item.kind == "schedule"]
    assert times == [(item.second, item.rule) for item in alone.decisions if item.kind == "schedule"]


@given(tracking_rules(cooldowns=False), loads(), schedules(), st.sampled_from((0, 60, 1_800)))
def test_no_warm_up_delays_a_scheduled_action(
    rules: dict[str, Any], load: Load, calendar: dict[str, Any], warm_up: int
) -> None:
    options: dict[str, Any] = {"tick": 60, "platform": "ec2_group", "default_instance_warm_up": float(warm_up)}
    timeline = run(rule_set(1, 12, **rules, **calendar), load, **options)
    alone = run(rule_set(1, 12, **calendar), load, **options)
    times = [(item.second, item.rule) for item in timeline.decisions if item.kind == "schedule"]
    assert times == [(item.second, item.rule) for item in alone.decisions if item.kind == "schedule"]


@given(tracking_rules(), loads(), DELAYS, DELAYS)
def test_more_publication_delay_postpones_the_first_action_by_exactly_that(
    rules: dict[str, Any], load: Load, delay: int, more: int
) -> None:
    chosen = rule_set(2, 12, **rules)
    before = run(chosen, load, parameters={"publication_delay": float(delay)})
    after = run(chosen, load, parameters={"publication_delay": float(delay + more)})
    first, second = first_action(before), first_action(after)
    if first is not None and first + more < load.seconds:
        assert second == first + more
    reach = min(len(before.load), (first if first is not None else load.seconds) // 10)
    assert np.array_equal(before.desired[:reach], after.desired[:reach])


@given(any_rules(), loads(), DELAYS)
def test_a_datapoint_at_an_action_is_never_older_than_the_one_that_the_alarm_has_seen(
    rules: Elasticity, load: Load, more: int
) -> None:
    delay = platform_parameters("ecs_service").publication_delay
    all_of_it, beyond = (run(rules, load, parameters={"age_at_action": delay + extra}) for extra in (0.0, more))
    assert all_of_it.decisions == beyond.decisions


@given(tracking_rules(), loads(), st.sampled_from((0.0, 0.1, 0.3)))
def test_no_scale_in_of_tracking_removes_more_than_its_share_or_one_unit(
    rules: dict[str, Any], load: Load, share: float
) -> None:
    for item in run(rule_set(1, 40, **rules), load, parameters={"max_scale_in_fraction": share}).actions():
        assert item.before - item.after <= max(1, int(item.before * share + 1e-9))


@given(tracking_rules(), loads(), st.integers(0, 30), st.integers(0, 30))
def test_more_start_up_postpones_the_first_new_unit_by_exactly_that(
    rules: dict[str, Any], load: Load, start_up: int, more: int
) -> None:
    def first_new(seconds: int) -> tuple[int | None, Timeline]:
        timeline = run(rule_set(2, 12, unit={"start_up": f"{seconds}s"}, **rules), load)
        return next((item.second for item in timeline.decisions if item.kind == "units"), None), timeline

    first, before = first_new(start_up * 10)
    second, after = first_new((start_up + more) * 10)
    assume(first is not None and first + more * 10 < load.seconds)
    assume(not any(item.kind == "scale_in" and item.second < (second or 0) for item in after.decisions))
    assert second == (first or 0) + more * 10
    assert np.array_equal(before.desired[: (first or 0) // 10], after.desired[: (first or 0) // 10])


@given(tracking_rules(scale_in=True), loads(), st.sampled_from(("ecs_service", "ec2_group")))
def test_no_tracking_scale_in_before_fifteen_low_periods_have_closed_and_been_published(
    rules: dict[str, Any], load: Load, platform: str
) -> None:
    if platform == "ec2_group":
        rules = {
            "target_tracking": {
                name: {key: value for key, value in rule.items() if "cooldown" not in key}
                for name, rule in rules["target_tracking"].items()
            }
        }
    timeline = run(rule_set(1, 12, initial=8, **rules), load, platform=platform)
    earliest = 15 * 60 + platform_parameters(platform).publication_delay
    assert all(item.second >= earliest for item in timeline.decisions if item.kind == "scale_in")


@given(tracking_rules(scale_in=True), loads(), st.integers(0, 120), st.integers(1, 90))
def test_no_scale_in_during_a_deployment(rules: dict[str, Any], load: Load, first: int, minutes: int) -> None:
    span = (first * 60, (first + minutes) * 60)
    start, end = (load.shifted(second).start for second in span)
    timeline = run(rule_set(1, 12, initial=8, **rules), load, deployments=[Deployment(start=start, end=end)])
    assert not any(span[0] <= item.second < span[1] for item in timeline.decisions if item.kind == "scale_in")


@given(tracking_rules(scale_in=True), loads())
def test_no_scale_in_follows_another_action_within_its_cooldown(rules: dict[str, Any], load: Load) -> None:
    chosen = rule_set(1, 12, initial=8, **rules)
    last: tuple[int, float] | None = None
    for item in run(chosen, load).actions():
        rule = chosen.target_tracking[item.rule]
        if item.kind == "scale_in":
            assert last is None or item.second >= last[0] + last[1]
        cooldown = rule.scale_in_cooldown if item.kind == "scale_in" else rule.scale_out_cooldown
        last = (item.second, float(cooldown or 0.0))


@given(
    tracking_rules(scale_in=True, cooldowns=False), loads(), st.sampled_from((0, 60, 300, 1_200)), st.integers(0, 12)
)
def test_no_scale_in_while_an_instance_starts_or_warms(
    rules: dict[str, Any], load: Load, warm_up: int, start_up: int
) -> None:
    chosen = rule_set(1, 12, initial=4, unit={"start_up": f"{start_up * 10}s"}, **rules)
    timeline = run(chosen, load, platform="ec2_group", default_instance_warm_up=float(warm_up))
    grown: int | None = None
    for item in timeline.actions():
        if item.kind == "scale_in":
            assert grown is None or item.second >= grown + start_up * 10 + warm_up
        else:
            grown = item.second


@given(tracking_rules(scale_in=False), loads())
def test_with_scale_in_off_everywhere_desired_never_falls(rules: dict[str, Any], load: Load) -> None:
    assert (np.diff(run(rule_set(1, 12, **rules), load, tick=60).desired) >= 0).all()


@given(st.integers(20, 90), loads(), st.sampled_from((0.25, 0.5, 2.0, 8.0)))
def test_load_and_unit_capacity_times_one_factor_give_the_same_capacity_series(
    target: int, load: Load, factor: float
) -> None:
    rules = tracking(target=float(target))
    one = run(rule_set(unit={"capacity": "64/s", "service_time": None}, **rules), load)
    other = run(rule_set(unit={"capacity": f"{64 * factor}/s", "service_time": None}, **rules), load.scaled(factor))
    assert np.array_equal(one.desired, other.desired)
    assert np.array_equal(one.serving, other.serving)


@given(st.integers(600, 2_800), loads(), st.sampled_from((0.25, 0.5, 2.0, 8.0)))
def test_requests_per_target_times_one_factor_with_the_load_give_the_same_capacity_series(
    target: int, load: Load, factor: float
) -> None:
    def under(times: float) -> Timeline:
        rules = tracking("requests_per_target", float(target) * times)
        unit = {"capacity": f"{64 * times}/s", "service_time": None}
        return run(rule_set(unit=unit, **rules), load.scaled(times))

    assert np.array_equal(under(1.0).desired, under(factor).desired)


@given(any_rules(), loads(), st.integers(0, 2**32))
def test_the_same_input_and_seed_give_the_same_bytes(rules: Elasticity, load: Load, seed: int) -> None:
    once, twice = (run(rules, load, tick=60, seed=seed).to_json() for _ in range(2))
    assert once == twice


@given(any_rules(), loads())
def test_a_policy_that_never_fires_changes_nothing(rules: Elasticity, load: Load) -> None:
    assume(len(rules.step_scaling) == 0)
    silent = {
        "metric": "cpu", "threshold": 100.0, "comparison": "GreaterThanThreshold", "steps": [{"from": 0.0, "change": 9}],
    }  # fmt: skip
    extended = Elasticity.model_validate({**rules.model_dump(by_alias=True), "step_scaling": {"silent": silent}})
    assert np.array_equal(run(rules, load, tick=60).desired, run(extended, load, tick=60).desired)


@given(tracking_rules(), loads(), st.integers(0, 59))
def test_a_schedule_that_sets_the_bounds_in_force_changes_nothing(
    rules: dict[str, Any], load: Load, minute: int
) -> None:
    same = {"cron": f"{minute} * * * *", "time_zone": "UTC", "minimum": 2, "maximum": 9}
    one = run(rule_set(2, 9, **rules), load, tick=60)
    other = run(rule_set(2, 9, **rules, scheduled={"same": same}), load, tick=60)
    assert np.array_equal(one.desired, other.desired)
    assert one.figures() == other.figures()


@given(any_rules(), loads())
def test_billed_hours_are_the_sum_of_lives_of_at_least_a_minute(rules: Elasticity, load: Load) -> None:
    timeline = run(rules, load, parameters={"drain": 0.0})
    seconds = 10.0 * float((timeline.serving + timeline.starting + timeline.draining).sum())
    billed = timeline.figures()["unit_hours"]
    assert billed is not None
    assert billed * 3_600 >= seconds - 1e-6
    if float(rules.unit.start_up or 0) >= 60 and not rules.scheduled:
        launched = timeline.outcome.totals["launched"]
        assert billed * 3_600 <= seconds + 60 * launched + 1e-6


@given(st.lists(st.integers(0, 300), min_size=1, max_size=40))
def test_the_slowest_reaction_is_the_largest_of_all(ticks: list[int]) -> None:
    histogram = np.bincount(ticks, minlength=301).astype(np.int64)
    median, late, slowest = quantiles(histogram, (0.5, 0.95, 1.0), 10)
    assert slowest == max(ticks) * 10
    assert median is not None
    assert late is not None
    assert median <= late <= max(ticks) * 10


@given(step_rules(), loads())
def test_requests_are_served_lost_or_still_waiting(rules: dict[str, Any], load: Load) -> None:
    for options in ({}, {"overflow": "loss"}, {"client_timeout": 30.0}):
        totals = run(rule_set(0, 6, **rules), load, tick=60, **options).outcome.totals
        accounted = totals["served"] + totals["lost"] + totals["left"]
        assert accounted == pytest.approx(totals["arrived"], rel=1e-9, abs=1e-6)


def test_nothing_is_served_by_no_unit_and_everything_waits() -> None:
    timeline = run(rule_set(0, 0), load_of([10.0] * 5), tick=60)
    assert timeline.backlog.tolist() == [600.0, 1200.0, 1800.0, 2400.0, 3000.0]
    assert timeline.figures()["worst_latency"] is None
