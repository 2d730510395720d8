"""Services and groups in a stand-in for AWS that a load can be played on, and the same as rules of a file."""

from __future__ import annotations

import datetime
import functools
import textwrap
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from localcloud.aws.played import send
from operations.live import calls
from operations.live.aws import Aws
from operations.playing.happening import Happening, happening
from operations.playing.scaled import Scaled, mutes_of, scaled_of
from stacks.settings import load
from stacks.simulation import LoadDescription, load_of
from stacks.workloads import Workload, workloads_of
from tests.localcloud.conftest import KEY, SECRET

REGION = "eu-west-1"
SERVICE = """\
minimum: 2
maximum: 9
unit: { capacity: 40/s, start_up: 60s, service_time: 50ms, idle_cpu: 3 }
target_tracking:
  cpu: { metric: cpu, target: 60, scale_in_cooldown: 5m, scale_out_cooldown: 1m }
step_scaling:
  hot: { metric: cpu, threshold: 65, steps: [{ from: 0, to: 10, change: 1 }, { from: 10, change: 3 }], cooldown: 2m,
         evaluation_periods: 1, comparison: GreaterThanThreshold }
scheduled:
  morning: { cron: "30 7 * * *", time_zone: UTC, minimum: 4 }
  night: { cron: "0 20 * * *", time_zone: UTC, minimum: 2 }
"""
GROUP = """\
minimum: 1
maximum: 8
unit: { capacity: 50/s, start_up: 120s, service_time: 40ms, idle_cpu: 2 }
target_tracking:
  cpu: { metric: cpu, target: 50, warm_up: 2m }
"""
WORKER = """\
minimum: 1
maximum: 12
unit: { capacity: 20/s, start_up: 60s, service_time: 50ms, idle_cpu: 3 }
metrics:
  waiting: { namespace: AWS/SQS, name: ApproximateNumberOfMessagesVisible, dimensions: { QueueName: jobs } }
  running: { namespace: ECS/ContainerInsights, name: RunningTaskCount }
  each: { expression: waiting / running }
target_tracking:
  backlog: { metric: each, target: 600, scale_in_cooldown: 5m, scale_out_cooldown: 1m }
"""
DAY = LoadDescription.model_validate({"daily": {"low": "20/s", "high": "260/s", "peak_hour": 13}, "noise": 7})


@functools.cache  # a test that runs past midnight keeps its day
def midnight() -> datetime.datetime:
    """The begin of yesterday, whose day is over."""
    now = datetime.datetime.now(datetime.UTC)
    return now.replace(hour=0, minute=0, second=0, microsecond=0) - datetime.timedelta(days=1)


def workload(folder: Path, rules: str, platform: str) -> Workload:
    """The rules as a rules file has them."""
    file = folder / "rules.yaml"
    size = "instance_type: t3.small" if platform == "ec2_group" else "cpu: 256\n    memory: 512"
    text = f"workloads:\n  web:\n    platform: {platform}\n    zones: 2\n    {size}\n    elasticity:\n"
    file.write_text(text + textwrap.indent(rules, "      "))
    (found,) = workloads_of(load(file)).values()
    return found


def balanced(aws: Any, name: str, target_type: str) -> tuple[str, list[str]]:
    """A target group behind a balancer, and subnets."""
    network, subnets = aws.network()
    balancing = aws.client("elbv2")
    (balancer,) = balancing.create_load_balancer(Name=name, Subnets=subnets)["LoadBalancers"]
    (group,) = balancing.create_target_group(
        Name=name, Protocol="HTTP", Port=80, VpcId=network, TargetType=target_type
    )["TargetGroups"]  # fmt: skip
    action = [{"Type": "forward", "TargetGroupArn": group["TargetGroupArn"]}]
    balancing.create_listener(
        LoadBalancerArn=balancer["LoadBalancerArn"], Protocol="HTTP", Port=80, DefaultActions=action
    )
    return group["TargetGroupArn"], subnets


def service(aws: Any, name: str, *, insights: bool = True) -> str:
    """An ECS service with the rules of SERVICE; returns `cluster/service`."""
    target_group, subnets = balanced(aws, name, "ip")
    ecs = aws.client("ecs")
    ecs.create_cluster(
        clusterName=name, settings=[{"name": "containerInsights", "value": "enabled" if insights else "disabled"}]
    )
    container = {"name": "app", "image": "web", "memory": 64, "portMappings": [{"containerPort": 80}]}
    ecs.register_task_definition(family=name, containerDefinitions=[container], networkMode="awsvpc")
    ecs.create_service(
        cluster=name, serviceName=name, taskDefinition=name, desiredCount=2,
        networkConfiguration={"awsvpcConfiguration": {"subnets": subnets}},
        loadBalancers=[{"targetGroupArn": target_group, "containerName": "app", "containerPort": 80}],
    )  # fmt: skip
    of = target(name)
    scaling = aws.client("application-autoscaling")
    scaling.register_scalable_target(**of, MinCapacity=2, MaxCapacity=9)
    scaling.put_scaling_policy(
        **of,
        PolicyName=f"{name}-cpu-0123456789abcdef",
        PolicyType="TargetTrackingScaling",
        TargetTrackingScalingPolicyConfiguration={
            "TargetValue": 60.0,
            "PredefinedMetricSpecification": {"PredefinedMetricType": "ECSServiceAverageCPUUtilization"},
            "ScaleInCooldown": 300,
            "ScaleOutCooldown": 60,
        },
    )
    hot = scaling.put_scaling_policy(
        **of,
        PolicyName="hot",
        PolicyType="StepScaling",
        StepScalingPolicyConfiguration={
            "AdjustmentType": "ChangeInCapacity",
            "Cooldown": 120,
            "MetricAggregationType": "Average",
            "StepAdjustments": [
                {"MetricIntervalLowerBound": 0.0, "MetricIntervalUpperBound": 10.0, "ScalingAdjustment": 1},
                {"MetricIntervalLowerBound": 10.0, "ScalingAdjustment": 3},
            ],
        },
    )["PolicyARN"]
    alarm(aws, f"{name}-hot", name, 65.0, actions=[hot])
    for schedule, when, least in (("morning", "cron(30 7 * * ? *)", 4), ("night", "cron(0 20 * * ? *)", 2)):
        scaling.put_scheduled_action(
            **of, ScheduledActionName=schedule, Schedule=when, ScalableTargetAction={"MinCapacity": least}
        )
    return f"{name}/{name}"


def worker(aws: Any, name: str) -> str:
    """A service behind no balancer with the rules of WORKER; returns `cluster/service`."""
    ecs, own = aws.client("ecs"), {"ClusterName": name, "ServiceName": name}
    ecs.create_cluster(clusterName=name, settings=[{"name": "containerInsights", "value": "enabled"}])
    ecs.register_task_definition(family=name, containerDefinitions=[{"name": "app", "image": "web", "memory": 64}])
    ecs.create_service(cluster=name, serviceName=name, taskDefinition=name, desiredCount=1)
    scaling = aws.client("application-autoscaling")
    scaling.register_scalable_target(**target(name), MinCapacity=1, MaxCapacity=12)

    def query(key: str, space: str, metric: str, dimensions: Mapping[str, str]) -> dict[str, Any]:
        named = [{"Name": one, "Value": value} for one, value in dimensions.items()]
        stat = {"Metric": {"Namespace": space, "MetricName": metric, "Dimensions": named}, "Stat": "Average"}
        return {"Id": key, "MetricStat": stat, "ReturnData": False}

    waiting = query("waiting", "AWS/SQS", "ApproximateNumberOfMessagesVisible", {"QueueName": "jobs"})
    running = query("running", "ECS/ContainerInsights", "RunningTaskCount", own)
    each = {"Id": "each", "Expression": "waiting / running", "ReturnData": True}
    scaling.put_scaling_policy(
        **target(name), PolicyName="backlog", PolicyType="TargetTrackingScaling",
        TargetTrackingScalingPolicyConfiguration={
            "TargetValue": 600.0, "CustomizedMetricSpecification": {"Metrics": [waiting, running, each]},
            "ScaleInCooldown": 300, "ScaleOutCooldown": 60,
        },
    )  # fmt: skip
    return f"{name}/{name}"


def alarm(aws: Any, name: str, of: str, threshold: float, actions: list[str]) -> None:
    """An alarm on the cpu of a service."""
    aws.client("cloudwatch").put_metric_alarm(
        AlarmName=name, Namespace="AWS/ECS", MetricName="CPUUtilization", Statistic="Average", Period=60,
        Dimensions=[{"Name": "ClusterName", "Value": of}, {"Name": "ServiceName", "Value": of}],
        EvaluationPeriods=1, Threshold=threshold, ComparisonOperator="GreaterThanThreshold", AlarmActions=actions,
    )  # fmt: skip


def target(name: str) -> Mapping[str, str]:
    """How Application Auto Scaling names a service."""
    return {
        "ServiceNamespace": "ecs",
        "ResourceId": f"service/{name}/{name}",
        "ScalableDimension": "ecs:service:DesiredCount",
    }


def group(aws: Any, name: str) -> str:
    """An Auto Scaling group with the rules of GROUP; returns its name."""
    target_group, subnets = balanced(aws, name, "instance")
    template = aws.client("ec2").create_launch_template(
        LaunchTemplateName=name, LaunchTemplateData={"ImageId": "ami-12c6146b", "InstanceType": "t3.small"}
    )["LaunchTemplate"]["LaunchTemplateId"]
    scaling = aws.client("autoscaling")
    scaling.create_auto_scaling_group(
        AutoScalingGroupName=name, MinSize=1, MaxSize=8, DesiredCapacity=1, DefaultInstanceWarmup=120,
        LaunchTemplate={"LaunchTemplateId": template}, VPCZoneIdentifier=",".join(subnets),
        TargetGroupARNs=[target_group],
    )  # fmt: skip
    scaling.put_scaling_policy(
        AutoScalingGroupName=name, PolicyName="cpu", PolicyType="TargetTrackingScaling", EstimatedInstanceWarmup=120,
        TargetTrackingConfiguration={
            "TargetValue": 50.0,
            "PredefinedMetricSpecification": {"PredefinedMetricType": "ASGAverageCPUUtilization"},
        },
    )  # fmt: skip
    return name


def scaled(aws: Any, identity: str, of: Workload) -> Scaled:
    """What stands in the cloud, read as the command reads it."""
    return scaled_of(Aws(aws.client), "web", identity, of)


def played(
    aws: Any,
    identity: str,
    of: Workload,
    description: LoadDescription = DAY,
    start: datetime.datetime | None = None,
    stretch: int = 21_600,
) -> Happening:
    """Play a load as the command plays it."""
    source = Aws(aws.client)
    begin = start or midnight()
    demand = load_of("day", description, None)
    found = happening(scaled(aws, identity, of), demand, begin, mutes_of(source), source.ask(calls.ALARMS))
    put(aws, found, stretch)
    return found


def put(aws: Any, found: Happening, stretch: int = 21_600) -> None:
    """Put what happened into the cloud, stretch after stretch."""
    first = found.timeline.start.timestamp()
    for begin in range(0, found.timeline.seconds, stretch):
        end = min(found.timeline.seconds, begin + stretch)
        document = {"from": first + begin, "to": first + end, **found.between(begin, end)}
        send(f"http://127.0.0.1:{aws.port}", (KEY, SECRET), REGION, document)
