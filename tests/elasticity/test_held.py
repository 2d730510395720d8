"""Alarms that are muted and directions that are suspended, against the run in which nothing is held. Cannot prove that
AWS asks no muted alarm for the agreement of several policies.
"""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from elasticity import Elasticity
from elasticity.autoscaler import layout
from elasticity.simulator import Held, Timeline, simulate
from elasticity.traces import Load, spike

RULES = Elasticity.model_validate(
    {
        "minimum": 2,
        "maximum": 20,
        "unit": {"capacity": "50/s", "start_up": "60s", "service_time": "100ms", "idle_cpu": 4},
        "target_tracking": {"cpu": {"metric": "cpu", "target": 55}},
        "step_scaling": {
            "hot": {"metric": "cpu", "threshold": 85, "steps": [{"from": 0, "change": 2}], "evaluation_periods": 1}
        },
        "scheduled": {"early": {"at": "2026-01-05T00:30:00", "time_zone": "UTC", "minimum": 3}},
    }
)
LOAD = spike(base=60, peak=400, at=3_600, length=2_400, duration=18_000).with_noise(3)


def played(held: Held | None, load: Load = LOAD, rules: Elasticity = RULES, platform: str = "ecs_service") -> Timeline:
    return simulate(rules, load, platform=platform, held=held, compiled=False)


def by_policies(timeline: Timeline) -> list[tuple[int, str, int, int]]:
    return [
        (one.second, one.rule, one.before, one.after)
        for one in timeline.actions()
        if one.kind in ("scale_out", "scale_in")
    ]


def test_a_run_in_which_nothing_is_held_is_the_run_without() -> None:
    free, held = played(None), played(Held())
    assert held.to_json() == free.to_json()


def test_what_the_units_publish_is_what_the_timeline_has() -> None:
    timeline = played(Held())
    cpu, weight = timeline.published(layout.CPU)
    assert cpu.tolist() == timeline.utilisation.tolist()
    assert weight.tolist() == timeline.serving.tolist()
    desired, _ = timeline.published(layout.DESIRED)
    assert desired.tolist() == timeline.desired.tolist()


@pytest.mark.parametrize("platform", ["ecs_service", "ec2_group"])
@pytest.mark.parametrize(
    "suspended", [set(one) for size in (1, 2) for one in itertools.combinations(("out", "in"), size)]
)
def test_no_policy_moves_the_count_in_a_suspended_direction(platform: str, suspended: set[str]) -> None:
    free = by_policies(played(None, platform=platform))
    assert {after > before for _, _, before, after in free} == {True, False}
    held = played(Held(suspended=frozenset(suspended)), platform=platform)  # type: ignore[arg-type]
    moves = by_policies(held)
    assert not [one for one in moves if ("out" if one[3] > one[2] else "in") in suspended]
    assert bool(moves) == (len(suspended) == 1 and suspended != {"out"})
    figures = held.figures()
    assert figures["actions"] == len(held.actions()), "what was taken back is not counted"


def test_a_schedule_acts_whatever_direction_is_suspended() -> None:
    held = played(Held(suspended=frozenset({"out", "in"})))
    assert [(one.kind, one.second, one.after) for one in held.actions()] == [("schedule", 1_800, 3)]
    assert held.desired[-1] == 3


def test_an_alarm_that_is_muted_all_the_time_changes_its_state_and_calls_nobody() -> None:
    seconds = float(LOAD.seconds)
    muted = {key: [(0.0, seconds)] for key in ("cpu-AlarmHigh", "hot-Alarm")}
    held = played(Held(muted=muted))
    assert not [one for one in by_policies(held) if one[3] > one[2]]
    assert {one.after for one in held.alarm_changes if one.alarm == "cpu-AlarmHigh"} >= {"ALARM"}


def test_a_policy_acts_again_with_the_first_evaluation_after_its_alarm_is_muted_no_more() -> None:
    free = played(None)
    first = next(one for one in by_policies(free) if one[3] > one[2])
    until = first[0] + 600
    muted = {key: [(0.0, 1.0), (60.0, float(until))] for key in ("cpu-AlarmHigh", "hot-Alarm")}
    held = by_policies(played(Held(muted=muted)))
    second = next(one[0] for one in held if one[3] > one[2])
    assert until <= second < until + 60
    assert [one for one in held if one[0] < first[0]] == [one for one in by_policies(free) if one[0] < first[0]]


def test_one_muted_alarm_leaves_the_others_as_they_are() -> None:
    muted = {"hot-Alarm": [(0.0, float(LOAD.seconds))]}
    held = by_policies(played(Held(muted=muted)))
    assert {rule for _, rule, _, _ in held} == {"cpu"}
    without = RULES.model_copy(update={"step_scaling": {}})
    assert held == by_policies(played(None, rules=without))


def test_a_held_run_is_longer_than_its_first_room_for_notes() -> None:
    restless = Load(name="restless", start=LOAD.start, step=60, values=np.tile([40.0, 380.0], 2_000))
    timeline = played(Held(), load=restless)
    assert len(timeline.outcome.published) == len(timeline.load)
