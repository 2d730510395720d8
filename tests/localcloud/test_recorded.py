"""`accordion record` reads the stand-in for AWS: the dimensions of metrics follow from what balancer, target group and
service are called there. Cannot prove that AWS publishes what is put here by hand.
"""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Any

import pytest

from elasticity.recordings.recording import read_recording
from operations.cli import run
from operations.live import source

NAME = "recorded-web"
COUNTS, CPU, RUNNING = (600.0, 660.0, 0.0, 720.0), (20.0, 22.0, 5.0, 24.0), (2.0, 2.0, 3.0, 3.0)


@pytest.fixture(scope="module")
def dimensions(filled_aws: Any) -> dict[str, dict[str, str]]:
    """A service with bounds behind a balancer, and by namespace the dimensions of its metrics."""
    balancing, ecs = filled_aws.client("elbv2"), filled_aws.client("ecs")
    network, subnets = filled_aws.network()
    (balancer,) = balancing.create_load_balancer(Name=NAME, Subnets=subnets)["LoadBalancers"]
    (group,) = balancing.create_target_group(
        Name=NAME, Protocol="HTTP", Port=80, VpcId=network, TargetType="ip"
    )["TargetGroups"]  # fmt: skip
    action = [{"Type": "forward", "TargetGroupArn": group["TargetGroupArn"]}]
    balancing.create_listener(
        LoadBalancerArn=balancer["LoadBalancerArn"], Protocol="HTTP", Port=80, DefaultActions=action
    )
    ecs.create_cluster(clusterName=NAME)
    container = {"name": "app", "image": "web", "memory": 64, "portMappings": [{"containerPort": 80}]}
    ecs.register_task_definition(family=NAME, containerDefinitions=[container], networkMode="awsvpc")
    ecs.create_service(
        cluster=NAME, serviceName=NAME, taskDefinition=NAME, desiredCount=2,
        networkConfiguration={"awsvpcConfiguration": {"subnets": subnets}},
        loadBalancers=[{"targetGroupArn": group["TargetGroupArn"], "containerName": "app", "containerPort": 80}],
    )  # fmt: skip
    filled_aws.client("application-autoscaling").register_scalable_target(
        ServiceNamespace="ecs", ResourceId=f"service/{NAME}/{NAME}", ScalableDimension="ecs:service:DesiredCount", MinCapacity=2, MaxCapacity=9,
    )  # fmt: skip
    return {
        "AWS/ApplicationELB": {
            "LoadBalancer": balancer["LoadBalancerArn"].rpartition("loadbalancer/")[2],
            "TargetGroup": group["TargetGroupArn"].rpartition(":")[2],
        },
        "AWS/ECS": {"ClusterName": NAME, "ServiceName": NAME},
        "ECS/ContainerInsights": {"ClusterName": NAME, "ServiceName": NAME},
    }


def test_metrics_that_were_put_come_back_minute_by_minute(
    filled_aws: Any, dimensions: dict[str, dict[str, str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin = datetime.datetime.now(datetime.UTC).replace(second=0, microsecond=0) - datetime.timedelta(hours=3)
    watch = filled_aws.client("cloudwatch")
    for namespace, name, values in (
        ("AWS/ApplicationELB", "RequestCount", COUNTS),
        ("AWS/ECS", "CPUUtilization", CPU),
        ("ECS/ContainerInsights", "RunningTaskCount", RUNNING),
    ):
        named = [{"Name": key, "Value": value} for key, value in dimensions[namespace].items()]
        for place, value in enumerate(values):
            stamp = begin + datetime.timedelta(minutes=place)
            point = {"MetricName": name, "Dimensions": named, "Timestamp": stamp, "Value": value}
            watch.put_metric_data(Namespace=namespace, MetricData=[point])
    monkeypatch.setattr(source, "clients", lambda _region: filled_aws.client)
    path = tmp_path / "recording.json"
    time = ("--start", begin.isoformat(), "--end", (begin + datetime.timedelta(minutes=4)).isoformat())
    assert run(["record", f"{NAME}/{NAME}", *time, "--output", str(path)]) == 0
    found = read_recording(path)
    assert (found.requests, found.cpu, found.running) == (COUNTS, CPU, RUNNING)
    assert (found.workload, found.rules.minimum, found.rules.maximum) == (NAME, 2, 9)
    assert found.activities == ()
    assert "desired: nothing was recorded" in found.notes
