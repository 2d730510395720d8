"""Recordings: the format refuses what it cannot hold, and a replay tells what differs first and why.

Cannot prove that a recording of AWS looks like these: all of them are made by the simulator or by hand.
"""

from __future__ import annotations

import datetime
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.recordings import recorded
from elasticity.recordings.recording import SERIES, Activity, Recording, RecordingError, read_recording
from elasticity.recordings.replay import replay
from elasticity.rules import Elasticity, Unit
from elasticity.simulator import simulate
from elasticity.traces import Load, shape

START = datetime.datetime(2026, 1, 5, tzinfo=datetime.UTC)
UNIT = {"capacity": "50/s", "start_up": "60s", "idle_cpu": 4.0}


def rules(**changes: Any) -> Elasticity:
    tracking = {"metric": "cpu", "target": 50, "scale_in_cooldown": "5m", "scale_out_cooldown": "5m"}
    return Elasticity.model_validate(
        {"minimum": 2, "maximum": 40, "initial": 2, "unit": UNIT, "target_tracking": {"cpu": tracking}} | changes
    )


def fixed(units: int) -> dict[str, Any]:
    return {"minimum": units, "maximum": units}


def document(**changes: Any) -> dict[str, Any]:
    return {
        "version": 1,
        "workload": "web",
        "platform": "ecs_service",
        "start": "2026-01-05T00:00:00Z",
        "requests": [600.0] * 60,
        "running": [2.0] * 60,
        "rules": fixed(2),
    } | changes


def at(minute: float) -> str:
    return (START + datetime.timedelta(minutes=minute)).isoformat()


def read(tmp_path: Path, content: str) -> Recording:
    path = tmp_path / "recording.json"
    path.write_text(content, encoding="utf-8")
    return read_recording(path)


def run_of(load: Load, of: Elasticity, **parameters: Any) -> Recording:
    return recorded(simulate(of, load, tick=10, parameters=parameters), of, noise=0.0)


def spiky() -> Load:
    return shape("spike", base=80.0, peak=400.0, at=3_600.0, length=3_600.0, duration=4 * 3_600.0)


def test_a_recording_is_read_as_it_was_written(tmp_path: Path) -> None:
    made = run_of(spiky(), rules())
    assert read(tmp_path, made.to_json()) == made
    assert made.to_json() == read(tmp_path, made.to_json()).to_json()
    assert [len(getattr(made, name)) for name in SERIES] == [240, 240, 0, 240, 240, 240]
    assert json.loads(made.to_json())["rules"]["target_tracking"]["cpu"]["target"] == 50


values = st.one_of(st.none(), st.floats(min_value=0, max_value=1e12))


@given(
    requests=st.lists(values, min_size=1, max_size=5),
    minutes=st.lists(st.floats(min_value=0, max_value=0.99), max_size=3),
    name=st.text(st.characters(exclude_categories=("Cc", "Cs")), min_size=1, max_size=20),
)
def test_any_recording_survives_its_file(requests: list[float | None], minutes: list[float], name: str) -> None:
    activities = [{"time": at(minute), "after": 2} for minute in sorted(minutes)]
    made = Recording.model_validate(document(requests=requests, running=(), workload=name, activities=activities))
    again = Recording.model_validate_json(made.to_json())
    assert again == made
    assert again.to_json() == made.to_json()


def test_a_minute_without_a_datapoint_had_no_requests() -> None:
    made = Recording.model_validate(document(requests=[60, None, 120], running=[1, None, 2]))
    assert made.load().values.tolist() == [1.0, 0.0, 2.0]
    assert made.load().filled == 1
    assert np.array_equal(made.series("running"), [1.0, np.nan, 2.0], equal_nan=True)
    assert np.isnan(made.series("cpu")).all()


def test_a_window_keeps_its_minutes_and_the_activities_within() -> None:
    activities = [{"time": at(minute), "after": 2} for minute in (0, 9.99, 10, 19.99, 20)]
    cut = Recording.model_validate(document(activities=activities)).window(10, 10)
    assert (cut.start.isoformat(), cut.minutes) == ("2026-01-05T00:10:00+00:00", 10)
    assert [one.time.isoformat() for one in cut.activities] == [at(10), at(19.99)]
    with pytest.raises(RecordingError, match=r"^web: got the minutes 5 to 15, allowed 0 to 10$"):
        cut.window(5, 10)


WRONG: dict[str, tuple[dict[str, Any], list[str]]] = {
    "a series of another length": (
        {"cpu": [1.0] * 59, "desired": [1.0]},
        [
            "cpu: has 59 minutes, allowed none or as many as `requests`, 60",
            "desired: has 1 minutes, allowed none or as many as `requests`, 60",
        ],
    ),
    "no minute": ({"requests": [], "running": []}, ["requests: has no minute, expected at least one"]),
    "a negative count": ({"running": [-1.0] * 60}, ["running.0: Input should be greater than or equal to 0"]),
    "text for a number": ({"requests": ["many"], "running": []}, ["requests.0: Input should be a valid number"]),
    "half a minute": ({"start": at(0.5)}, ["start: got 2026-01-05T00:00:30+00:00, expected a whole minute"]),
    "a time without a zone": ({"start": "2026-01-05T00:00:00"}, ["start: Input should have timezone info"]),
    "disorder": (
        {"activities": [{"time": at(5), "after": 1}, {"time": at(4), "after": 1}]},
        ["activities.1: is earlier than the one before it: expected order of time"],
    ),
    "an activity of another day": (
        {"activities": [{"time": at(60), "after": 1}]},
        ["activities.0: lies outside of the 60 minutes from `start` on"],
    ),
    "an unknown key": ({"account": "123456789012"}, ["account: Extra inputs are not permitted"]),
    "an unknown parameter": (
        {"parameters": {"patience": 1}},
        ["parameters: not a platform parameter: patience; allowed metric_period"],
    ),
    "another platform": ({"platform": "capacity_provider"}, ["platform: Input should be 'ecs_service', 'ec2_group' or 'swarm_service'"]),
    "a terminal's escape": ({"workload": "web\u001b[2J"}, ["workload: String should match pattern"]),
    "wrong rules": ({"rules": {"minimum": -1, "maximum": 2}}, ["rules.minimum: Input should be greater than or equal to 0"]),
    "no rules": ({"rules": None}, ["rules: "]),
}  # fmt: skip


@pytest.mark.parametrize("case", WRONG)
def test_what_is_wrong_is_said_at_its_place_all_at_once(case: str, tmp_path: Path) -> None:
    changes, wanted = WRONG[case]
    with pytest.raises(RecordingError) as found:
        read(tmp_path, json.dumps(document(**changes)))
    lines = [line.removeprefix(f"{tmp_path / 'recording.json'}: ") for line in str(found.value).splitlines()]
    assert len(lines) == (60 if case == "a negative count" else len(wanted)) or lines[20:] == ["and 40 more"]
    assert [line.startswith(start) for line, start in zip(lines, wanted, strict=False)] == [True] * len(wanted), lines


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "is no JSON, as `accordion record` writes it: Expecting value"),
        ("[" * 100_000, "is no JSON, as `accordion record` writes it: "),
        ('{"requests": [NaN]}', "is no JSON, as `accordion record` writes it: NaN is no JSON: write null"),
        ("[]", "is no recording, as `accordion record` writes it: it has no `requests`"),
        ('{"version": 1}', "is no recording, as `accordion record` writes it: it has no `requests`"),
        ('{"requests": [1]}', "has no `version` that is a number; this release reads version 1"),
        ('{"requests": [1], "version": 2}', "is of version 2; this release reads version 1"),
    ],
)
def test_another_file_is_told_from_a_recording(content: str, said: str, tmp_path: Path) -> None:
    with pytest.raises(RecordingError) as found:
        read(tmp_path, content)
    assert str(found.value).startswith(f"{tmp_path / 'recording.json'}: {said}")


def test_a_folder_and_a_missing_file_are_said(tmp_path: Path) -> None:
    with pytest.raises(RecordingError, match="is a folder, expected a regular file"):
        read_recording(tmp_path)
    with pytest.raises(RecordingError, match="there is no such file"):
        read_recording(tmp_path / "none")


def test_a_run_replayed_with_its_own_numbers_is_the_same_run() -> None:
    made = run_of(spiky(), rules(), publication_delay=110, low_factor=0.8)
    found = replay(made, Unit.model_validate(UNIT), {"publication_delay": 110, "low_factor": 0.8})
    assert len(made.activities) > 5
    assert found.error == pytest.approx(0.0, abs=1e-5)  # a recording has three digits of a count
    assert (found.first_difference, found.counted) == (None, "running")
    assert found.actions[0] == found.actions[1]


def test_the_error_counts_unit_minutes_minute_by_minute() -> None:
    made = Recording.model_validate(document(running=[2.0] * 30 + [3.0] * 10 + [1.0] * 5 + [None] * 15))
    found = replay(made, Unit.model_validate(UNIT))
    assert (found.too_few, found.too_many, found.unit_minutes) == (10.0, 5.0, 95.0)
    assert found.error == 15 / 95


def test_desired_units_stand_in_for_running_ones_that_were_not_recorded() -> None:
    found = replay(Recording.model_validate(document(running=[], desired=[2.0] * 60)), Unit.model_validate(UNIT))
    assert (found.counted, found.error) == ("desired", 0.0)


def test_without_a_count_or_a_capacity_there_is_no_replay() -> None:
    with pytest.raises(RecordingError, match=r"^web: neither running nor desired units were recorded"):
        replay(Recording.model_validate(document(running=[None] * 60)), Unit.model_validate(UNIT))
    with pytest.raises(RecordingError, match=r"^web: the capacity of a unit is not known: let `accordion fit` find it"):
        replay(Recording.model_validate(document()))


PLANTED: dict[str, tuple[dict[str, Any], dict[str, Any], str]] = {
    "capacity": ({"capacity": "70/s"}, {}, "cpu is another: the unit differs (unit.capacity"),
    "delay": ({}, {"publication_delay": 300}, "when it leads to an action differs (publication_delay"),
    "scale-in step": ({}, {"max_scale_in_fraction": 0.2}, "goes at once (max_scale_in_fraction, 0.2 here"),
}


@pytest.mark.parametrize("case", PLANTED)
def test_a_planted_difference_is_named(case: str) -> None:
    unit, parameters, said = PLANTED[case]
    found = replay(run_of(spiky(), rules()), Unit.model_validate(UNIT | unit), parameters)
    assert found.error > 0
    assert found.first_difference is not None
    assert said in str(found.first_difference)
    assert found.first_difference.metric == "cpu"
    assert found.first_difference.recorded_value is not None


def test_a_change_that_no_rule_explains_is_told_as_such() -> None:
    made = run_of(spiky(), rules())
    by_hand = Activity(time=made.start + datetime.timedelta(minutes=3), before=2, after=9, cause="console")
    found = replay(made.model_copy(update={"activities": (by_hand, *made.activities)}), Unit.model_validate(UNIT))
    first = found.first_difference
    assert first is not None
    assert (first.time, first.recorded, first.metric) == (by_hand.time, by_hand, "")
    assert first.why.startswith("console is no rule of the recording; a deployment, a change by hand")
    assert str(first).startswith("2026-01-05 00:03:00 UTC: recorded 2 -> 9 by console, simulated 2 -> ")


def test_an_action_that_the_other_side_never_takes_is_told() -> None:
    made = run_of(spiky(), rules())
    last = made.activities[-1]
    found = replay(made.model_copy(update={"activities": made.activities[:-1]}), Unit.model_validate(UNIT))
    first = found.first_difference
    assert first is not None
    assert (first.recorded, first.simulated) == (None, last)
    assert ", recorded nothing more; cpu in the minute before: recorded " in str(first)


def test_an_activity_that_failed_or_changed_nothing_is_none() -> None:
    made = run_of(spiky(), rules())
    beside = [
        Activity(time=made.start, before=2, after=9, cause="cpu", succeeded=False),
        Activity(time=made.start, before=2, after=2, cause="cpu"),
    ]
    found = replay(made.model_copy(update={"activities": (*beside, *made.activities)}), Unit.model_validate(UNIT))
    assert found.first_difference is None


def test_a_recording_of_a_run_leaves_out_what_a_fit_has_to_find() -> None:
    made = recorded(simulate(rules(), spiky(), tick=10), rules(), seed=3, noise=0.02)
    assert (made.rules.unit, made.rules.initial) == (Unit(), None)
    assert made == recorded(simulate(rules(), spiky(), tick=10), rules(), seed=3, noise=0.02)
    assert made != recorded(simulate(rules(), spiky(), tick=10), rules(), seed=4, noise=0.02)
