"""What a recording tells of how well rules did, on recordings whose figures can be worked out by hand, and beside the
simulation that a recording was made of.

Cannot prove that CloudWatch's minutes say what happened on AWS: the recordings are written here or by the simulator.
"""

from __future__ import annotations

import dataclasses
import datetime
from typing import Any

import pytest

from bench.recordings import recorded
from elasticity.expectations import FIGURES, parse_expectation
from elasticity.pricing import MONTH_HOURS
from elasticity.recordings import performance as module
from elasticity.recordings.performance import Measured, performance
from elasticity.recordings.recording import Recording
from elasticity.rules import Elasticity, Unit
from elasticity.simulator import simulate
from elasticity.traces import shape

START = datetime.datetime(2026, 1, 5, tzinfo=datetime.UTC)
UNIT = Unit.model_validate({"capacity": "10/s"})


def at(seconds: float) -> datetime.datetime:
    return START + datetime.timedelta(seconds=seconds)


def made(**changes: Any) -> Recording:
    """Ten minutes: 8/s, from the third minute on 15/s; one unit of 10/s, from 4:20 on two."""
    activity = {"time": at(200), "before": 1, "after": 2, "cause": "cpu"}
    given: dict[str, Any] = {
        "version": 1,
        "workload": "web",
        "platform": "ecs_service",
        "start": START,
        "requests": [480, 480, *[900] * 8],
        "cpu": [80, 80, 100, 100, 100, 75, 75, 75, 75, 75],
        "running": [1, 1, 1, 1, 1 + 2 / 3, 2, 2, 2, 2, 2],
        "activities": [activity],
        "rules": {"minimum": 1, "maximum": 2, "target_tracking": {"cpu": {"metric": "cpu", "target": 90}}},
    }
    return Recording.model_validate(given | changes)


def test_figures_are_what_a_person_counts_in_the_minutes() -> None:
    found = performance(made(), UNIT, tariff=lambda _: 0.5)
    values = {name: one.value for name, one in found.figures.items()}
    assert values["requests"] == 2 * 480 + 8 * 900
    assert values["overload_minutes"] == 2
    assert values["overload_requests"] == 2 * 5 * 60
    assert values["longest_overload"] == 2
    assert values["overload_minutes_at_maximum"] == 0
    assert values["minutes_at_minimum"] == 4
    assert values["minutes_at_maximum"] == 6
    assert values["mean_units"] == pytest.approx((4 + 5 / 3 + 10) / 10)
    assert values["peak_units"] == 2
    assert values["unit_hours"] == pytest.approx((4 + 5 / 3 + 10) / 60)
    assert values["needed_units"] == pytest.approx((2 + 16) / 10)
    assert (values["actions"], values["scale_outs"], values["scale_ins"], values["flaps"]) == (1, 1, 0, 0)
    assert values["alarm_max"] == 200 - 120
    assert values["reaction_max"] == pytest.approx(260 - 120)
    assert values["cost_per_month"] is not None
    assert values["cost_per_month"] - 2 * 0.10 == pytest.approx(values["mean_units"] * 0.5 * MONTH_HOURS)
    assert values["fixed_fleet_cost_per_month"] == pytest.approx(2 * 0.5 * MONTH_HOURS)
    assert found.room is not None
    assert found.room.minimum == pytest.approx(10 / 15 - 1)
    (over,) = found.over_target
    assert (over.rule, over.level, over.minutes, over.longest, over.at_maximum, over.unknown) == ("cpu", 90, 3, 3, 1, 0)


def test_a_gap_is_no_quiet_minute() -> None:
    """Two minutes without a count of units: either they were in overload, or not."""
    running = [1, 1, 1, 1, 5 / 3, None, None, 2, 2, 2]
    found = performance(made(running=running), UNIT)
    assert found.figures["overload_minutes"] == Measured(2.0, 2.0)
    assert found.figures["unit_hours"].unknown == pytest.approx(2 * 2 / 60)
    assert found.gaps == 2
    answers = {
        text: found.figures["overload_minutes"].keeps(parse_expectation(f"overload_minutes {text}"))
        for text in ("< 5", "< 3", "< 2")
    }
    assert answers == {"< 5": True, "< 3": None, "< 2": False}


def test_without_the_capacity_of_a_unit_what_needs_it_is_not_told_and_the_rest_is() -> None:
    found = performance(made())
    silent = {name for name, one in found.figures.items() if one.why == module.NO_CAPACITY}
    assert silent == {
        "overload_requests", "overload_minutes", "overload_minutes_at_maximum", "longest_overload", "needed_units",
        "peak_needed_units", "slack", "theta_u", "theta_o", "a_u", "a_o", "tau_u", "tau_o",
    }  # fmt: skip
    assert found.figures["minutes_at_maximum"].value == 6
    assert found.figures["reaction_max"].value == pytest.approx(140)
    assert found.room is None


def test_without_any_count_of_units_only_what_needs_none_is_told() -> None:
    found = performance(made(running=()), UNIT)
    assert found.counted == ""
    assert found.figures["mean_units"] == Measured(None, why=module.NO_UNITS)
    assert found.figures["overload_minutes"] == Measured(None, why=module.NO_UNITS)
    assert found.figures["minutes_at_maximum"].value == 6, "the activities say what was desired"
    assert found.figures["alarm_max"].value == 80
    assert found.figures["reaction_max"] == Measured(None, why=module.NO_REACTION)


def test_activities_that_could_not_be_read_are_no_calm_day() -> None:
    notes = ["activities: not recorded: the role may not read this"]
    found = performance(made(activities=[], notes=notes), UNIT)
    for name in ("actions", "flaps", "alarm_p95", "reaction_max"):
        assert found.figures[name] == Measured(None, why=module.NO_ACTIVITIES)
    assert performance(made(activities=[]), UNIT).figures["actions"] == Measured(0.0)


def test_what_was_desired_is_what_ran_where_nothing_moved_it_and_unknown_where_nobody_knows() -> None:
    pinned = {"minimum": 1, "maximum": 1, "target_tracking": {"cpu": {"metric": "cpu", "target": 90}}}
    calm = performance(made(activities=[], running=[1] * 10, rules=pinned), UNIT).figures
    assert calm["minutes_at_maximum"] == Measured(10.0)
    assert calm["overload_minutes_at_maximum"] == Measured(8.0)
    notes = ["activities: not recorded: the role may not read this"]
    unread = performance(made(activities=[], running=[1] * 10, rules=pinned, notes=notes), UNIT).figures
    assert unread["minutes_at_maximum"] == Measured(None, why=module.NO_UNITS)
    assert unread["overload_minutes_at_maximum"] == Measured(0.0, 8.0), "none of them is known to be at the maximum"


def test_a_failed_activity_changes_nothing_and_is_told() -> None:
    failed = {"time": at(200), "before": 1, "after": 2, "cause": "cpu", "succeeded": False}
    found = performance(made(activities=[failed]), UNIT)
    assert len(found.failed) == 1
    assert found.figures["scale_outs"].value == 0
    assert found.reactions == ()


def test_the_bounds_of_each_minute_are_those_that_schedules_left() -> None:
    up = {"at": "2026-01-05T00:05:00", "time_zone": "UTC", "maximum": 4}
    down = {"at": "2026-01-05T00:08:00", "time_zone": "UTC", "maximum": 2}
    rules = {"minimum": 1, "maximum": 2, "scheduled": {"up": up, "down": down}}
    found = performance(made(rules=rules), UNIT)
    assert found.maximum.tolist() == [2] * 5 + [4] * 3 + [2] * 2
    assert found.figures["minutes_at_maximum"].value == 3


def test_a_rise_that_falls_back_before_any_action_is_not_answered_by_a_later_one() -> None:
    cpu = [95, 80, 80, 80, 95, 95, 95, 95, 95, 95]
    late = {"time": at(500), "before": 1, "after": 2, "cause": "cpu"}
    found = performance(made(cpu=cpu, activities=[late], running=[1] * 8 + [1.5, 2]), UNIT)
    (only,) = found.reactions
    assert (only.rise, only.action, only.serving) == (at(240), at(500), at(510))


def test_a_rise_that_nothing_answered_is_told_and_is_in_no_reaction_time() -> None:
    hours = {"requests": [900] * 30, "running": [1] * 30, "activities": []}
    found = performance(made(**hours, cpu=[*[80] * 5, *[100] * 20, *[80] * 5]), UNIT)
    (only,) = found.reactions
    assert (only.rise, only.action, only.serving) == (at(300), None, None)
    assert found.figures["alarm_max"] == Measured(None, why=module.NO_REACTION)
    short = performance(made(**hours, cpu=[*[80] * 5, *[100] * 9, *[80] * 16]), UNIT)
    assert short.reactions == ()
    at_the_end = performance(made(**hours, cpu=[*[80] * 5, *[100] * 25]), UNIT)
    assert len(at_the_end.reactions) == 1


@pytest.mark.parametrize("goal", [None, 1.0])
def test_every_figure_has_a_value_or_a_reason(goal: float | None) -> None:
    response_time = [0.2] * 9 + [2.0]
    for recording in (made(), made(running=()), made(response_time=response_time)):
        for unit in (UNIT, Unit()):
            found = performance(recording, unit, latency_goal=goal)
            assert list(found.figures) == list(FIGURES)
            assert [name for name, one in found.figures.items() if (one.value is None) != bool(one.why)] == []


def test_the_share_of_minutes_within_the_latency_goal_counts_minutes_without_an_answer_as_open() -> None:
    response_time = [0.2] * 8 + [None, 2.0]
    found = performance(made(response_time=response_time, cpu=[50] * 10, running=[2] * 10), UNIT, latency_goal=1.0)
    assert found.figures["latency_kept"] == Measured(pytest.approx(0.8), pytest.approx(0.1))
    assert found.figures["worst_latency"].value == 2.0


def rules() -> Elasticity:
    tracking = {"metric": "cpu", "target": 50, "scale_in_cooldown": "5m", "scale_out_cooldown": "5m"}
    unit = {"capacity": "50/s", "start_up": "60s", "idle_cpu": 4.0}
    return Elasticity.model_validate(
        {"minimum": 2, "maximum": 40, "unit": unit, "target_tracking": {"cpu": tracking}, "initial": 2}
    )


def test_a_recording_of_a_simulation_measures_what_the_simulation_counted() -> None:
    """Within what minutes can tell: a minute at each edge of an overload, a minute of each reaction."""
    load = shape("spike", base=80.0, peak=900.0, at=3_600.0, length=3_600.0, duration=4 * 3_600.0)
    timeline = simulate(rules(), load, tick=10)
    wanted = timeline.figures()
    found = performance(recorded(timeline, rules(), noise=0.0), rules().unit).figures
    for name in ("actions", "scale_outs", "scale_ins", "reversals", "flaps", "peak_units", "peak_needed_units"):
        assert found[name].value == wanted[name], name
    for name, within in (
        ("overload_minutes", 2.0), ("longest_overload", 2.0), ("minutes_at_minimum", 8.0), ("minutes_at_maximum", 4.0),
        ("reaction_max", 60.0), ("alarm_max", 60.0), ("mean_units", 1e-3), ("slack", 1e-3),
    ):  # fmt: skip
        assert found[name].value == pytest.approx(wanted[name], abs=within), name
    assert found["overload_minutes"].value


def test_figures_are_not_changed_by_the_order_of_rules() -> None:
    both = {
        "cpu": {"metric": "cpu", "target": 90},
        "requests": {"metric": "requests_per_target", "target": 600},
    }
    turned = dict(reversed(both.items()))
    one, other = (
        performance(made(rules={"minimum": 1, "maximum": 2, "target_tracking": tracking}), UNIT)
        for tracking in (both, turned)
    )
    assert dict(one.figures) == dict(other.figures)
    assert {dataclasses.astuple(item) for item in one.over_target} == {
        dataclasses.astuple(item) for item in other.over_target
    }
