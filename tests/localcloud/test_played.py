"""What a simulation predicts is what the local cloud does, seen through boto3 tick by tick: counts, metrics, alarms,
activities. Cannot prove that AWS does the same: both sides are the simulator's arithmetic.
"""

from __future__ import annotations

import datetime
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from elasticity.recordings.performance import performance
from elasticity.simulator import Timeline, simulate
from operations.live.aws import Aws
from operations.playing.happening import Happening
from operations.recordings import recorder
from stacks.simulation import load_of
from tests.localcloud import playable

MINUTE = datetime.timedelta(minutes=1)


def simulated(of: Any, **conditions: Any) -> Timeline:
    """What `accordion simulate` says of the same rules and load."""
    demand = load_of("day", playable.DAY, None)
    return simulate(
        of.rules, demand, platform=of.platform, start=playable.midnight(), tick=10, **{**of.conditions, **conditions}
    )


@pytest.fixture(scope="module")
def service(filled_aws: Any, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Timeline, Happening]:
    """A service after a day of load: its name, what was predicted, what was played."""
    name = "played-service"
    identity = playable.service(filled_aws, name)
    playable.alarm(filled_aws, f"{name}-told", name, 75.0, actions=[])
    of = playable.workload(tmp_path_factory.mktemp("rules"), playable.SERVICE, "ecs_service")
    return name, simulated(of), playable.played(filled_aws, identity, of)


@pytest.fixture(scope="module")
def group(filled_aws: Any, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Timeline, Happening]:
    """The same of a group."""
    name = playable.group(filled_aws, "played-group")
    of = playable.workload(tmp_path_factory.mktemp("rules"), playable.GROUP, "ec2_group")
    conditions = {"default_instance_warm_up": 120.0} if "default_instance_warm_up" in of.conditions else {}
    return name, simulated(of, **conditions), playable.played(filled_aws, name, of)


def activities(aws: Any, name: str) -> list[dict[str, Any]]:
    """All pages of a service's activities, oldest first."""
    scaling, found, token = aws.client("application-autoscaling"), [], {}
    while True:
        answer = scaling.describe_scaling_activities(**playable.target(name), MaxResults=7, **token)
        found += answer["ScalingActivities"]
        if "NextToken" not in answer:
            return found[::-1]
        token = {"NextToken": answer["NextToken"]}


def by_tick(timeline: Timeline, changes: list[tuple[datetime.datetime, int]]) -> list[int]:
    """Desired units of each tick, from its changes."""
    found = np.full(len(timeline.desired), timeline.desired[0])
    for time, count in changes:
        found[int((time - timeline.start).total_seconds()) // timeline.tick :] = count
    return [int(one) for one in found]


def values(aws: Any, namespace: str, metric: str, dimensions: dict[str, str], statistic: str, period: int = 60) -> Any:
    """A metric over the day, minute by minute."""
    begin = playable.midnight()
    query = {
        "Id": "m",
        "MetricStat": {
            "Metric": {
                "Namespace": namespace,
                "MetricName": metric,
                "Dimensions": [{"Name": key, "Value": value} for key, value in dimensions.items()],
            },
            "Period": period,
            "Stat": statistic,
        },
    }
    (found,) = aws.client("cloudwatch").get_metric_data(
        MetricDataQueries=[query], StartTime=begin, EndTime=begin + 1_440 * MINUTE, ScanBy="TimestampAscending"
    )["MetricDataResults"]
    assert found["Timestamps"] == [begin + place * MINUTE for place in range(0, 1_440, period // 60)]
    return np.array(found["Values"])


def test_a_service_has_at_each_tick_the_count_that_a_simulation_predicts(
    filled_aws: Any, service: tuple[str, Timeline, Happening]
) -> None:
    name, predicted, _ = service
    told = [
        (one["StartTime"], int(found[1]))
        for one in activities(filled_aws, name)
        if (found := re.match(r"Setting desired count to (\d+)\.", one["Description"]))
    ]
    assert len(told) == len(predicted.actions()) > 10
    assert by_tick(predicted, told) == predicted.desired.tolist()
    (live,) = filled_aws.client("ecs").describe_services(cluster=name, services=[name])["services"]
    assert (live["desiredCount"], live["runningCount"]) == (predicted.desired[-1], predicted.desired[-1])


def test_each_minute_of_its_metrics_is_that_of_the_simulation(
    filled_aws: Any, service: tuple[str, Timeline, Happening]
) -> None:
    name, predicted, happened = service
    own = {"ClusterName": name, "ServiceName": name}
    minutes = predicted.serving.reshape(-1, 6)
    insights = "ECS/ContainerInsights"
    running = values(filled_aws, insights, "RunningTaskCount", own, "Average")
    assert running.tolist() == pytest.approx(minutes.mean(axis=1).tolist())
    desired = values(filled_aws, insights, "DesiredTaskCount", own, "Maximum")
    assert desired.tolist() == predicted.desired.reshape(-1, 6).max(axis=1).tolist()
    ((balancer, targets),) = happened.scaled.subject.balanced
    requests = {"LoadBalancer": balancer, "TargetGroup": targets}
    counted = values(filled_aws, "AWS/ApplicationELB", "RequestCount", requests, "Sum")
    assert counted.tolist() == pytest.approx((predicted.load.reshape(-1, 6) * 10).sum(axis=1).tolist())
    cpu = values(filled_aws, "AWS/ECS", "CPUUtilization", own, "Average")
    weighted = (predicted.utilisation.reshape(-1, 6) * minutes).sum(axis=1) / minutes.sum(axis=1)
    assert cpu.tolist() == pytest.approx(weighted.tolist())
    hours = values(filled_aws, "AWS/ECS", "CPUUtilization", own, "SampleCount", period=3_600)
    assert hours.tolist() == pytest.approx(running.reshape(-1, 60).sum(axis=1).tolist())


def test_the_history_of_its_alarms_is_that_of_the_simulation(
    filled_aws: Any, service: tuple[str, Timeline, Happening]
) -> None:
    name, predicted, _ = service
    watch = filled_aws.client("cloudwatch")
    policies = filled_aws.client("application-autoscaling").describe_scaling_policies(
        ServiceNamespace="ecs", ResourceId=f"service/{name}/{name}"
    )["ScalingPolicies"]
    alarms = {
        next(side for side in ("AlarmHigh", "AlarmLow", "Alarm") if f"-{side}-" in one["AlarmName"] or side == "Alarm"):
        one["AlarmName"] for policy in policies for one in policy["Alarms"]
    }  # fmt: skip
    alarms["Alarm"] = f"{name}-hot"
    for ending, alarm in alarms.items():
        items = watch.describe_alarm_history(
            AlarmName=alarm, HistoryItemType="StateUpdate", ScanBy="TimestampAscending", MaxRecords=100
        )["AlarmHistoryItems"]
        told = [
            (one["Timestamp"], *one["HistorySummary"].removeprefix("Alarm updated from ").split(" to "))
            for one in items
        ]
        wanted = [
            (predicted.start + datetime.timedelta(seconds=one.second), one.before, one.after)
            for one in predicted.alarm_changes
            if one.alarm.endswith(f"-{ending}")
        ]
        assert told == wanted
        assert len(wanted) > 2
        (now,) = watch.describe_alarms(AlarmNames=[alarm])["MetricAlarms"]
        assert (now["StateValue"], now["StateUpdatedTimestamp"]) == (wanted[-1][2], wanted[-1][0])


def test_an_alarm_that_only_tells_changes_its_state_by_the_same_datapoints(
    filled_aws: Any, service: tuple[str, Timeline, Happening]
) -> None:
    name, _, _ = service
    items = filled_aws.client("cloudwatch").describe_alarm_history(
        AlarmName=f"{name}-told", ScanBy="TimestampAscending", MaxRecords=100
    )["AlarmHistoryItems"]
    cpu = values(filled_aws, "AWS/ECS", "CPUUtilization", {"ClusterName": name, "ServiceName": name}, "Average")
    turns = [place for place in range(1, 1_440) if (cpu[place] > 75.0) != (cpu[place - 1] > 75.0)]
    assert len(items) == 1 + len(turns) > 3


def test_its_schedules_move_the_bounds_of_the_target(filled_aws: Any, service: tuple[str, Timeline, Happening]) -> None:
    name, predicted, _ = service
    told = [one for one in activities(filled_aws, name) if "min capacity" in one["Description"]]
    assert [(one["StartTime"] - predicted.start, one["Description"], one["Cause"]) for one in told] == [
        (
            datetime.timedelta(hours=7, minutes=30),
            "Setting min capacity to 4 and max capacity to 9",
            "scheduled action name morning was triggered",
        ),
        (
            datetime.timedelta(hours=20),
            "Setting min capacity to 2 and max capacity to 9",
            "scheduled action name night was triggered",
        ),
    ]
    (live,) = filled_aws.client("application-autoscaling").describe_scalable_targets(
        ServiceNamespace="ecs", ResourceIds=[f"service/{name}/{name}"]
    )["ScalableTargets"]
    assert (live["MinCapacity"], live["MaxCapacity"]) == (2, 9)


def test_a_group_has_at_each_tick_the_count_that_a_simulation_predicts(
    filled_aws: Any, group: tuple[str, Timeline, Happening]
) -> None:
    name, predicted, _ = group
    scaling = filled_aws.client("autoscaling")
    rows = [
        row
        for page in scaling.get_paginator("describe_scaling_activities").paginate(AutoScalingGroupName=name)
        for row in page["Activities"]
    ]
    moves = {
        (row["StartTime"], int(found[1]), int(found[2]))
        for row in rows
        if (found := re.search(r"changing the desired capacity from (\d+) to (\d+)", row["Cause"]))
    }
    assert len(moves) == len(predicted.actions()) > 10
    assert len(rows) == sum(abs(after - before) for _, before, after in moves)
    changes = sorted((time, after) for time, _, after in moves)
    assert by_tick(predicted, changes) == predicted.desired.tolist()
    (live,) = scaling.describe_auto_scaling_groups(AutoScalingGroupNames=[name])["AutoScalingGroups"]
    assert (live["DesiredCapacity"], len(live["Instances"])) == (predicted.desired[-1], predicted.desired[-1])
    of = {"AutoScalingGroupName": name}
    running = values(filled_aws, "AWS/AutoScaling", "GroupInServiceInstances", of, "Average")
    assert running.tolist() == pytest.approx(predicted.serving.reshape(-1, 6).mean(axis=1).tolist())


def test_workers_on_a_queue_scale_by_its_length_which_is_told_too(filled_aws: Any, tmp_path: Path) -> None:
    name = "played-worker"
    of = playable.workload(tmp_path, playable.WORKER, "ecs_service")
    predicted = simulated(of)
    found = playable.played(filled_aws, playable.worker(filled_aws, name), of)
    assert len(predicted.actions()) > 5
    assert found.timeline.desired.tolist() == predicted.desired.tolist()
    waiting = values(filled_aws, "AWS/SQS", "ApproximateNumberOfMessagesVisible", {"QueueName": "jobs"}, "Average")
    assert waiting.tolist() == pytest.approx(predicted.backlog.reshape(-1, 6).mean(axis=1).tolist())
    own = {"ClusterName": name, "ServiceName": name}
    running = values(filled_aws, "ECS/ContainerInsights", "RunningTaskCount", own, "Average")
    assert running.tolist() == pytest.approx(predicted.serving.reshape(-1, 6).mean(axis=1).tolist())
    begin = playable.midnight()
    recorded = recorder.record(Aws(filled_aws.client), f"{name}/{name}", begin, begin + datetime.timedelta(days=1))
    assert recorded.series("backlog").tolist() == pytest.approx(waiting.tolist())
    assert recorded.series("requests").sum() == pytest.approx(predicted.load.sum() * 10)
    assert "response_time" not in "".join(recorded.notes), "a worker answers nobody"
    told = performance(recorded, of.rules.unit)
    assert told.figures["highest_backlog"].value == pytest.approx(waiting.max(), rel=1e-6)
    oldest = recorded.series("age")
    assert told.figures["worst_latency"].value == float(np.nanmax(oldest)) > 60
    assert told.figures["overload_minutes"].value is not None
    assert len(told.recording.activities) == len(predicted.actions())
