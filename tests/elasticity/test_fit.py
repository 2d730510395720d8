"""What a recording tells is near what was hidden in it; what it cannot tell is refused with the reason.

Cannot prove that AWS acts as the simulator does: the recordings are made by it, and fitted by other arithmetic.
"""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Mapping
from typing import Any

import pytest

from bench.fit import FIRST_SEED, NEAR, RECORDINGS, figures, hidden, recording_of, trial
from elasticity.recordings.fit import Fit, Number, fit
from elasticity.recordings.recording import Activity, Recording

GOALS = ("unit.capacity", "unit.start_up", "parameters.publication_delay", "parameters.low_factor")


@pytest.mark.parametrize("seed", [1, 3, 4])
def test_hidden_parameters_are_found_and_the_day_after_is_foretold(seed: int) -> None:
    found = trial(seed)
    assert {name: found.near(name) for name in GOALS} == dict.fromkeys(GOALS, True)
    assert found.replay_error is not None
    assert found.replay_error < 0.1


@pytest.mark.long
def test_of_thirty_recordings_twenty_seven_tell_what_was_hidden() -> None:
    trials = [trial(FIRST_SEED + place) for place in range(RECORDINGS)]
    counted = figures(trials)
    assert {name: counted[name][1] >= 27 for name in GOALS} == dict.fromkeys(GOALS, True), counted
    assert {name: within >= 27 for name, (_, _, within) in counted.items()} == dict.fromkeys(NEAR, True), counted
    assert [one.seed for one in trials if one.replay_error is None or one.replay_error >= 0.1] == []


@functools.cache
def whole() -> Recording:
    return recording_of(hidden(1), 1, days=1)


def by_name(found: Fit) -> Mapping[str, Number]:
    return {one.name: one for one in found.estimates}


def without(*names: str) -> Recording:
    return whole().model_copy(update=dict.fromkeys(names, ()))


def with_rules(**changes: Any) -> Recording:
    rules = type(whole().rules).model_validate({**whole().rules.model_dump(), **changes})
    return whole().model_copy(update={"rules": rules})


def steady() -> Recording:
    return whole().model_copy(update={"cpu": (40.0, 41.0) * 720, "running": (3.0,) * 1440, "activities": ()})


def unrelated() -> Recording:
    """CPU that follows something else than requests."""
    cpu = tuple(float(30 + 40 * (minute % 7) / 7) for minute in range(1440))
    return whole().model_copy(update={"cpu": cpu, "running": (3.0,) * 1440})


def two_rules() -> Recording:
    tracking = whole().rules.model_dump()["target_tracking"]
    return with_rules(target_tracking={**tracking, "memory": {"metric": "memory", "target": 70}})


TRACKED = ("publication_delay", "low_factor", "age_at_action", "max_scale_in_fraction")
REFUSED: dict[str, tuple[Recording, dict[str, str]]] = {
    "no cpu": (
        without("cpu"),
        {
            "unit.capacity": "no cpu was recorded",
            "unit.service_time": "the capacity of a unit is not known, and so neither is how busy units were",
            **{f"parameters.{name}": "the metric of the rule cpu, cpu, was not recorded" for name in TRACKED},
        },
    ),
    "no count": (
        without("running"),
        dict.fromkeys(("unit.capacity", "unit.start_up"), "no running count was recorded: turn on Container Insights, or the group's metrics")
        | {"unit.service_time": "the capacity of a unit is not known, and so neither is how busy units were"},
    ),
    "no response time": (without("response_time"), {"unit.service_time": "no response time was recorded"}),
    "no activity": (
        without("activities"),
        {
            "unit.start_up": "no scale-out that ran to its end without another beside it: how long units start is unseen",
            **{
                f"parameters.{name}": "no activity of a tracking rule on cpu, memory or requests_per_target: which "
                "datapoints lead to an action is told by such alone"
                for name in TRACKED
            },
        },
    ),
    "a load that hardly varies": (
        steady(),
        {
            "unit.capacity": "cpu never went above 41 %, and varied by 1.0 points only: record a time with more and with less load",
        },
    ),
    "cpu that follows something else": (
        unrelated(),
        {"unit.capacity": "cpu does not rise with the requests that a unit serves: something else keeps it busy"},
    ),
    "a second rule that holds a scale-in back": (
        two_rules(),
        {
            f"parameters.{name}": "memory may hold a scale-in of cpu back: one rule alone tells it"
            for name in ("low_factor", "max_scale_in_fraction")
        },
    ),
    "a few minutes": (
        whole().window(0, 20),
        {"unit.capacity": "18 minutes with a steady count and cpu below 95 %, 30 are needed"},
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_what_a_recording_cannot_tell_is_refused_with_the_reason(case: str) -> None:
    recording, wanted = REFUSED[case]
    found = dict(fit(recording).refusals)
    assert {name: found.get(name) for name in wanted} == wanted
    assert not wanted.keys() & by_name(fit(recording)).keys()


def test_a_rule_beside_that_never_scales_in_leaves_everything_told() -> None:
    tracking = whole().rules.model_dump()["target_tracking"]
    beside = {"metric": "requests_per_target", "target": 1e6, "scale_in": False}
    found = fit(with_rules(target_tracking={**tracking, "requests": beside}))
    assert found.estimates == fit(whole()).estimates
    assert found.refusals == ()


def test_minutes_without_a_datapoint_of_requests_do_not_count_as_idle_ones() -> None:
    every_third = tuple(None if place % 3 == 0 else value for place, value in enumerate(whole().requests))
    found = by_name(fit(whole().model_copy(update={"requests": every_third})))
    assert found["unit.capacity"].value == pytest.approx(hidden(1).truth["unit.capacity"], rel=0.02)


def test_an_activity_that_failed_says_nothing() -> None:
    failed = Activity(time=whole().start, before=2, after=50, cause="cpu", succeeded=False)
    found = fit(whole().model_copy(update={"activities": (failed, *whole().activities)}))
    assert found.estimates == fit(whole()).estimates


def test_an_interval_holds_its_value_and_is_narrower_with_more_minutes() -> None:
    recording = recording_of(hidden(2), 2, days=2)
    one, two = (by_name(fit(recording.window(0, minutes))) for minutes in (1440, 2880))
    assert [name for name, each in two.items() if not each.low <= each.value <= each.high] == []
    width = {name: each.high - each.low for name, each in two.items()}
    assert width["unit.capacity"] < one["unit.capacity"].high - one["unit.capacity"].low


def test_every_estimate_is_a_parameter_or_a_key_of_a_unit() -> None:
    from elasticity.platforms import PlatformParameters
    from elasticity.rules import Unit

    keys = {f"unit.{name}" for name in Unit.model_fields}
    keys |= {f"parameters.{field.name}" for field in dataclasses.fields(PlatformParameters)}
    assert {one.name for one in fit(whole()).estimates} <= keys
    assert set(NEAR) == {one.name for one in fit(whole()).estimates}
