"""What is muted, suspended or gone in the stand-in keeps its policies from acting, and nothing else does. Cannot prove
at which instant AWS begins to heed a mute rule.
"""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Any

import pytest

from operations.failures import CannotRun
from operations.playing import history
from operations.playing.happening import Happening
from operations.playing.scaled import mutes_of
from tests.localcloud import playable

HOUR = 3_600


@pytest.fixture
def name(filled_aws: Any) -> str:
    """A service of its own for each test."""
    found = f"held-{filled_aws.name()}"
    playable.service(filled_aws, found)
    return found


def moves(found: Happening) -> list[tuple[int, str]]:
    """Hours and directions in which policies acted."""
    acted = [one for one in found.timeline.actions() if one.kind in ("scale_out", "scale_in")]
    return [(one.second // HOUR, "out" if one.after > one.before else "in") for one in acted]


def rule(tmp_path: Path) -> Any:
    return playable.workload(tmp_path, playable.SERVICE, "ecs_service")


def mute(aws: Any, name: str, expression: str, lasts: str, alarms: list[str], zone: str = "UTC") -> None:
    schedule = {"Expression": expression, "Duration": lasts, "Timezone": zone}
    aws.client("cloudwatch").put_alarm_mute_rule(
        Name=name, Rule={"Schedule": schedule}, MuteTargets={"AlarmNames": alarms}
    )


def alarms_of(aws: Any, name: str) -> list[str]:
    found = aws.client("cloudwatch").describe_alarms()["MetricAlarms"]
    return [one["AlarmName"] for one in found if name in one["AlarmName"]]


@pytest.mark.parametrize(
    ("state", "left"),
    [
        ({}, {"out", "in"}),
        ({"DynamicScalingOutSuspended": True}, {"in"}),
        ({"DynamicScalingInSuspended": True}, {"out"}),
        ({"DynamicScalingInSuspended": True, "DynamicScalingOutSuspended": True}, set()),
    ],
    ids=["none", "out", "in", "both"],
)
def test_a_suspended_direction_is_one_in_which_no_policy_acts(
    filled_aws: Any, name: str, tmp_path: Path, state: dict[str, bool], left: set[str]
) -> None:
    filled_aws.client("application-autoscaling").register_scalable_target(**playable.target(name), SuspendedState=state)
    found = playable.played(filled_aws, f"{name}/{name}", rule(tmp_path))
    assert {way for _, way in moves(found)} == left
    assert {f"suspended: {one}" for one in state} <= set(found.scaled.notes)
    assert {one.rule for one in found.timeline.decisions if one.kind == "schedule"} == {"morning", "night"}


def test_suspended_schedules_leave_the_bounds_as_they_are(filled_aws: Any, name: str, tmp_path: Path) -> None:
    state = {"ScheduledScalingSuspended": True}
    filled_aws.client("application-autoscaling").register_scalable_target(**playable.target(name), SuspendedState=state)
    found = playable.played(filled_aws, f"{name}/{name}", rule(tmp_path))
    assert set(found.timeline.minimum.tolist()) == {2}
    assert "schedule" not in {one.kind for one in found.timeline.decisions}


def test_a_mute_rule_silences_within_its_windows_alone_and_the_state_changes_as_ever(
    filled_aws: Any, name: str, tmp_path: Path
) -> None:
    free = playable.played(filled_aws, f"{name}/{name}", rule(tmp_path))
    assert [way for hour, way in moves(free) if hour < 12].count("out") > 2
    mute(filled_aws, f"{name}-morning", "cron(0 0 * * *)", "PT12H", alarms_of(filled_aws, name))
    held = playable.played(filled_aws, f"{name}/{name}", rule(tmp_path))
    assert {hour for hour, _ in moves(held) if hour < 12} == set()
    assert moves(held)[0] == (12, "out")
    history = filled_aws.client("cloudwatch").describe_alarm_history(AlarmName=f"{name}-hot", MaxRecords=100)
    items = history["AlarmHistoryItems"]
    fired = [one["Timestamp"] for one in items if one["HistorySummary"] == "Alarm updated from OK to ALARM"]
    acted = [one["Timestamp"] for one in items if one["HistoryItemType"] == "Action"]
    noon = playable.midnight() + datetime.timedelta(hours=12)
    assert any(one < noon for one in fired)
    assert acted == [one for one in fired if one >= noon]


@pytest.mark.parametrize(
    ("expression", "lasts", "zone", "spans"),
    [
        ("cron(0 8 * * *)", "PT2H", "UTC", [(8, 10)]),
        ("cron(0 22 * * *)", "PT4H", "UTC", [(-2, 2), (22, 26)]),
        ("cron(0 8 * * *)", "PT1H", "Asia/Tokyo", [(23, 24)]),
        ("cron(0 */12 * * *)", "PT1H", "UTC", None),
        ("at({yesterday}T06:30)", "PT30M", "UTC", [(6.5, 7)]),
        ("at({before}T06:30)", "P2D", "UTC", [(-17.5, 30.5)]),
        ("at({before}T06:30)", "PT1H", "UTC", []),
    ],
)
def test_windows_of_a_mute_rule_over_a_day(
    filled_aws: Any, name: str, expression: str, lasts: str, zone: str, spans: list[tuple[float, float]] | None
) -> None:
    begin = playable.midnight()
    days = {"yesterday": begin.date(), "before": begin.date() - datetime.timedelta(days=1)}
    written = expression.format(**days)
    if spans is None:  # AWS takes no steps there
        with pytest.raises(Exception, match="steps"):
            mute(filled_aws, name, written, lasts, [f"{name}-hot"], zone)
        return
    mute(filled_aws, name, written, lasts, [f"{name}-hot"], zone)
    (found,) = [one for one in mutes_of(_source(filled_aws)) if one.name == name]
    assert found.alarms == {f"{name}-hot"}
    assert found.within(begin, 86_400) == [(first * HOUR, last * HOUR) for first, last in spans]


def _source(aws: Any) -> Any:
    from operations.live.aws import Aws

    return Aws(aws.client)


def test_an_alarm_that_is_gone_or_switched_off_calls_nobody_and_it_is_said(
    filled_aws: Any, name: str, tmp_path: Path
) -> None:
    watch = filled_aws.client("cloudwatch")
    (high,) = [one for one in alarms_of(filled_aws, name) if "-AlarmHigh-" in one]
    watch.disable_alarm_actions(AlarmNames=[high, f"{name}-hot"])
    found = playable.played(filled_aws, f"{name}/{name}", rule(tmp_path))
    assert {way for _, way in moves(found)} == {"in"}
    assert f"{high}: its actions are switched off: its policy is not called" in found.scaled.notes
    watch.delete_alarms(AlarmNames=[high])
    gone = playable.played(filled_aws, f"{name}/{name}", rule(tmp_path))
    assert {way for _, way in moves(gone)} == {"in"}
    assert gone.scaled.muted[high] == "the alarm was deleted: its policy is not called"


MEMBERS = (
    "AlarmName", "ComparisonOperator", "EvaluationPeriods", "Threshold", "AlarmActions", "MetricName", "Namespace", "Period",
    "Statistic", "Dimensions", "TreatMissingData",
)  # fmt: skip


def edit(aws: Any, name: str, side: str, **members: Any) -> str:
    """A managed alarm of the service, written anew with other members; its name."""
    watch = aws.client("cloudwatch")
    (there,) = [one for one in alarms_of(aws, name) if f"-{side}-" in one]
    (alarm,) = watch.describe_alarms(AlarmNames=[there])["MetricAlarms"]
    watch.put_metric_alarm(**{key: alarm[key] for key in MEMBERS if key in alarm} | members)
    return there


def only_tracking(aws: Any, name: str) -> None:
    """Without the step policy, so that all that moves comes of target tracking."""
    aws.client("application-autoscaling").delete_scaling_policy(**playable.target(name), PolicyName="hot")


def test_alarms_of_target_tracking_that_nobody_edited_are_those_of_the_simulation(
    filled_aws: Any, name: str, tmp_path: Path
) -> None:
    found = playable.played(filled_aws, f"{name}/{name}", rule(tmp_path))
    assert found.scaled.edited == {}


@pytest.mark.parametrize(
    ("side", "members", "words", "left"),
    [
        ("AlarmHigh", {"Threshold": 101.0}, "GreaterThanThreshold 101, 3 of 3 periods of 60 s", {"in"}),
        ("AlarmLow", {"Threshold": 0.0}, "LessThanThreshold 0, 15 of 15 periods of 60 s", {"out"}),
    ],
)
def test_an_edited_alarm_of_target_tracking_acts_as_it_stands(
    filled_aws: Any, name: str, tmp_path: Path, side: str, members: dict[str, float], words: str, left: set[str]
) -> None:
    only_tracking(filled_aws, name)
    there = edit(filled_aws, name, side, **members)
    found = playable.played(filled_aws, f"{name}/{name}", rule(tmp_path))
    assert {way for _, way in moves(found)} == left
    (said,) = [note for note in found.scaled.notes if note.startswith(there)]
    assert said.startswith(f"{there}: edited: {words}; made as ")
    assert said.endswith("; played as it stands")
    (alarm,) = filled_aws.client("cloudwatch").describe_alarms(AlarmNames=[there])["MetricAlarms"]
    assert alarm["StateValue"] in ("OK", "INSUFFICIENT_DATA"), "its threshold is never crossed"


def test_an_edited_number_and_length_of_periods_are_when_it_fires(filled_aws: Any, name: str, tmp_path: Path) -> None:
    """Its history is that of the alarm as it stands, worked out from the datapoints that were played."""
    only_tracking(filled_aws, name)
    there = edit(filled_aws, name, "AlarmHigh", EvaluationPeriods=1, Period=300)
    found = playable.played(filled_aws, f"{name}/{name}", rule(tmp_path))
    assert found.scaled.edited["cpu-AlarmHigh"].period == 300
    (alarm,) = filled_aws.client("cloudwatch").describe_alarms(AlarmNames=[there])["MetricAlarms"]
    (delay,) = (int(row.value or 0) for row in found.timeline.parameters if row.name == "publication_delay")
    worked_out = history.other_alarms([alarm], found.series, found.timeline.seconds, delay)[there]
    said = [(one.before, one.after) for one in found.changes[there]]
    assert len(said) >= 3
    assert said == [(one.before, one.after) for one in worked_out]
    assert [one.second for one in found.changes[there]] == [one.second for one in worked_out]


@pytest.mark.parametrize(
    ("processes", "left"),
    [(["AlarmNotification"], set()), (["AZRebalance"], {"out", "in"}), (["ScheduledActions"], {"out", "in"})],
)
def test_processes_of_a_group_that_are_suspended(
    filled_aws: Any, tmp_path: Path, processes: list[str], left: set[str]
) -> None:
    name = playable.group(filled_aws, f"held-{filled_aws.name()}")
    filled_aws.client("autoscaling").suspend_processes(AutoScalingGroupName=name, ScalingProcesses=processes)
    found = playable.played(filled_aws, name, playable.workload(tmp_path, playable.GROUP, "ec2_group"))
    assert {way for _, way in moves(found)} == left


def test_a_group_whose_instances_cannot_come_is_refused_with_the_cure(filled_aws: Any, tmp_path: Path) -> None:
    name = playable.group(filled_aws, f"held-{filled_aws.name()}")
    filled_aws.client("autoscaling").suspend_processes(AutoScalingGroupName=name, ScalingProcesses=["Launch"])
    with pytest.raises(CannotRun) as refused:
        playable.scaled(filled_aws, name, playable.workload(tmp_path, playable.GROUP, "ec2_group"))
    assert str(refused.value) == (
        f"web: Launch is suspended on {name}, and without it no instance comes or goes: `aws autoscaling "
        f"resume-processes --auto-scaling-group-name {name} --scaling-processes Launch`, then play again"
    )
