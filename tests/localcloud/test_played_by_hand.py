"""What was put into the stand-in by hand is told by every call that tells of it, replaces what was there of the same
time, and is there after a restart. Cannot prove what AWS answers to the same calls.
"""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Any

import pytest

from localcloud.aws.played import NotPlayed, send
from tests.localcloud import playable
from tests.localcloud.conftest import KEY, SECRET

BEGIN = datetime.datetime.now(datetime.UTC).replace(second=0, microsecond=0) - datetime.timedelta(hours=2)
MINUTE = datetime.timedelta(minutes=1)
NOTHING: dict[str, list[Any]] = {
    key: [] for key in ("metrics", "alarms", "activities", "targets", "services", "groups")
}


def put(aws: Any, minutes: int, first: int = 0, **played: Any) -> None:
    """Put a stretch of minutes into the stand-in."""
    begin = (BEGIN + first * MINUTE).timestamp()
    document = {**NOTHING, "from": begin, "to": begin + 60 * minutes, **played}
    send(f"http://127.0.0.1:{aws.port}", (KEY, SECRET), playable.REGION, document)


def cpu(name: str, samples: list[Any]) -> dict[str, Any]:
    return {
        "Namespace": "AWS/ECS", "MetricName": "CPUUtilization", "Dimensions": {"ServiceName": name},
        "Unit": "Percent", "Period": 60, "Samples": samples,
    }  # fmt: skip


def told(aws: Any, name: str, *queries: dict[str, Any], **asked: Any) -> dict[str, list[float]]:
    """Values by id, oldest first; `cpu` is the metric's query."""
    metric = {
        "Namespace": "AWS/ECS",
        "MetricName": "CPUUtilization",
        "Dimensions": [{"Name": "ServiceName", "Value": name}],
    }
    stat = {"Metric": metric, "Period": 60, "Stat": "Average", **asked}
    found = aws.client("cloudwatch").get_metric_data(
        MetricDataQueries=[{"Id": "cpu", "MetricStat": stat}, *queries],
        StartTime=BEGIN,
        EndTime=BEGIN + 60 * MINUTE,
        ScanBy="TimestampAscending",
    )["MetricDataResults"]
    return {one["Id"]: one["Values"] for one in found}


@pytest.mark.parametrize(
    ("period", "statistic", "wanted"),
    [
        (60, "Average", [50.0, 20.0]),
        (60, "SampleCount", [2.0, 1.0]),
        (180, "Sum", [120.0]),
        (180, "Minimum", [20.0]),
        (180, "Maximum", [70.0]),
        (180, "Average", [40.0]),
    ],
)
def test_a_statistic_over_a_longer_period_is_of_all_values_in_it(
    filled_aws: Any, period: int, statistic: str, wanted: list[float]
) -> None:
    name = filled_aws.name()
    first = (-int(BEGIN.timestamp()) // 60) % 3  # so that all three minutes lie in one period of 180 s
    put(filled_aws, 3, first, metrics=[cpu(name, [[100.0, 30.0, 70.0, 2.0], None, [20.0, 20.0, 20.0, 1.0]])])
    assert told(filled_aws, name, Period=period, Stat=statistic)["cpu"] == wanted


def test_what_is_played_again_takes_the_place_of_its_time_alone(filled_aws: Any) -> None:
    name = filled_aws.name()
    put(filled_aws, 4, metrics=[cpu(name, [[one, one, one, 1.0] for one in (1.0, 2.0, 3.0, 4.0)])])
    put(filled_aws, 2, 1, metrics=[cpu(name, [[9.0, 9.0, 9.0, 1.0], None])])
    assert told(filled_aws, name)["cpu"] == [1.0, 9.0, 4.0]


def test_what_a_client_put_is_told_beside_what_was_played_and_both_are_listed(filled_aws: Any) -> None:
    name, watch = filled_aws.name(), filled_aws.client("cloudwatch")
    put(filled_aws, 1, metrics=[cpu(name, [[10.0, 10.0, 10.0, 1.0]])])
    named = [{"Name": "ServiceName", "Value": name}]
    for minute, value in ((0, 30.0), (5, 50.0)):
        point = {
            "MetricName": "CPUUtilization",
            "Dimensions": named,
            "Value": value,
            "Timestamp": BEGIN + minute * MINUTE,
        }
        watch.put_metric_data(Namespace="AWS/ECS", MetricData=[point])
    assert told(filled_aws, name)["cpu"] == [20.0, 50.0]
    listed = watch.list_metrics(Namespace="AWS/ECS", Dimensions=named)["Metrics"]
    assert listed == [{"Namespace": "AWS/ECS", "MetricName": "CPUUtilization", "Dimensions": named}]
    points = watch.get_metric_statistics(
        Namespace="AWS/ECS", MetricName="CPUUtilization", Dimensions=named, StartTime=BEGIN,
        EndTime=BEGIN + 10 * MINUTE, Period=60, Statistics=["Average", "Maximum"],
    )["Datapoints"]  # fmt: skip
    assert [(one["Timestamp"], one["Average"], one["Maximum"], one["Unit"]) for one in points] == [
        (BEGIN, 20.0, 30.0, "Percent"),
        (BEGIN + 5 * MINUTE, 50.0, 50.0, "Percent"),
    ]


def test_metric_math_is_calculated_of_what_was_played(filled_aws: Any) -> None:
    name = filled_aws.name()
    put(filled_aws, 2, metrics=[cpu(name, [[10.0, 10.0, 10.0, 1.0], [30.0, 30.0, 30.0, 1.0]])])
    assert told(filled_aws, name, {"Id": "same", "Expression": "cpu"})["same"] == [10.0, 30.0]


def test_what_is_not_there_is_refused_and_nothing_of_the_stretch_is_kept(filled_aws: Any) -> None:
    name = filled_aws.name()
    metrics = [cpu(name, [[1.0, 1.0, 1.0, 1.0]])]
    with pytest.raises(NotPlayed, match=r"did not take it \(400\): KeyError: 'no-such-alarm'"):
        put(filled_aws, 1, metrics=metrics, alarms=[{"AlarmName": "no-such-alarm", "Changes": []}])
    assert told(filled_aws, name)["cpu"] == []


def test_states_that_somebody_set_stand_in_the_history_too(filled_aws: Any) -> None:
    name, watch = filled_aws.name(), filled_aws.client("cloudwatch")
    playable.alarm(filled_aws, name, name, 50.0, actions=[])
    for state in ("OK", "ALARM"):
        watch.set_alarm_state(AlarmName=name, StateValue=state, StateReason="by hand")
    items = watch.describe_alarm_history(AlarmName=name, ScanBy="TimestampAscending")["AlarmHistoryItems"]
    assert [one["HistorySummary"] for one in items] == [
        "Alarm updated from INSUFFICIENT_DATA to OK",
        "Alarm updated from OK to ALARM",
    ]


def test_all_of_it_is_there_after_a_restart(start_aws: Any, tmp_path: Path) -> None:
    journal = tmp_path / "journal"
    aws = start_aws(journal)
    name = "restarted"
    playable.service(aws, name)
    of = playable.workload(tmp_path, playable.SERVICE, "ecs_service")
    playable.played(aws, f"{name}/{name}", of)

    def seen(aws: Any) -> list[Any]:
        watch = aws.client("cloudwatch")
        alarms = watch.describe_alarms()["MetricAlarms"]
        services = aws.client("ecs").describe_services(cluster=name, services=[name])["services"]
        tasks = aws.client("ecs").list_tasks(cluster=name)["taskArns"]
        activities = aws.client("application-autoscaling").describe_scaling_activities(ServiceNamespace="ecs")
        history = watch.describe_alarm_history(MaxRecords=100)["AlarmHistoryItems"]
        metrics = watch.list_metrics()["Metrics"]
        return [alarms, services, tasks, activities["ScalingActivities"], history, metrics]

    before = seen(aws)
    assert all(before)
    aws.end()
    assert seen(start_aws(journal)) == before
