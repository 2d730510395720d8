"""`accordion read --live` asks AWS, in pages and read-only, and says what it could not ask. moto and made-up answers stand
for AWS here: they cannot prove that AWS answers in no other shape."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import NoCredentialsError
from moto import mock_aws

from operations.cli import run
from operations.imports import running
from operations.live import source
from stacks.settings import load
from tests.operations.answered import World, refusal

SERVICE = {"ServiceNamespace": "ecs", "ResourceId": "service/main/web", "ScalableDimension": "ecs:service:DesiredCount"}
CPU = {
    "PredefinedMetricSpecification": {"PredefinedMetricType": "ECSServiceAverageCPUUtilization"},
    "TargetValue": 55.0,
}


@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch) -> Any:
    """An account on moto with a service, a group and their rules."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    for name in ("AWS_ENDPOINT_URL", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    with mock_aws():
        ecs, scaling, groups, watch, ec2 = (
            boto3.client(name, region_name="eu-west-1")  # type: ignore[call-overload]
            for name in ("ecs", "application-autoscaling", "autoscaling", "cloudwatch", "ec2")
        )
        ecs.create_cluster(clusterName="main")
        ecs.register_task_definition(
            family="web", cpu="512", memory="1024", requiresCompatibilities=["FARGATE"],
            containerDefinitions=[{"name": "app", "image": "web", "environment": [{"name": "PASSWORD", "value": "hunter2"}]}],
        )  # fmt: skip
        ecs.create_service(cluster="main", serviceName="web", taskDefinition="web", desiredCount=2)
        scaling.register_scalable_target(**SERVICE, MinCapacity=2, MaxCapacity=9)
        scaling.put_scaling_policy(
            PolicyName="cpu",
            **SERVICE,
            PolicyType="TargetTrackingScaling",
            TargetTrackingScalingPolicyConfiguration=CPU,
        )
        scaling.put_scheduled_action(
            ScheduledActionName="morning",
            **SERVICE,
            Schedule="cron(0 7 * * ? *)",
            Timezone="Europe/Berlin",
            ScalableTargetAction={"MinCapacity": 4},
        )
        ec2.create_launch_template(
            LaunchTemplateName="small", LaunchTemplateData={"ImageId": "ami-12c6146b", "InstanceType": "t3.small"}
        )
        for name in ("batch", "other"):
            groups.create_auto_scaling_group(
                AutoScalingGroupName=name,
                MinSize=1,
                MaxSize=5,
                AvailabilityZones=["eu-west-1a", "eu-west-1b"],
                LaunchTemplate={"LaunchTemplateName": "small", "Version": "1"},
            )
        groups.put_scaling_policy(
            AutoScalingGroupName="batch", PolicyName="more", PolicyType="StepScaling", AdjustmentType="ChangeInCapacity",
            StepAdjustments=[{"MetricIntervalLowerBound": 0.0, "ScalingAdjustment": 2}],
        )  # fmt: skip
        (policy,) = groups.describe_policies(AutoScalingGroupName="batch")["ScalingPolicies"]
        watch.put_metric_alarm(
            AlarmName="busy", Namespace="AWS/EC2", MetricName="CPUUtilization", Dimensions=[{"Name": "AutoScalingGroupName", "Value": "batch"}], Statistic="Average",
            Period=60, EvaluationPeriods=2, Threshold=75.0, ComparisonOperator="GreaterThanThreshold", AlarmActions=[policy["PolicyARN"]],
        )  # fmt: skip
        yield


def read(folder: Path, *options: str) -> Any:
    output = folder / "rules.yaml"
    assert run(["read", *options, "--capacity", "50/s", "--start-up", "60s", "--output", str(output)]) == 0
    return load(output).workloads  # type: ignore[attr-defined]


def test_what_runs_is_read_and_reads_the_same_from_what_was_kept(account: None, tmp_path: Path) -> None:
    kept = tmp_path / "kept.json"
    found = read(tmp_path, "--live", "--region", "eu-west-1", "--save", str(kept))
    web, batch = found["web"], found["batch"]
    assert (web.elasticity.minimum, web.elasticity.maximum, web.cpu, web.memory) == (2, 9, 512, 1024)
    assert web.elasticity.target_tracking["cpu"].target == 55
    assert (web.elasticity.scheduled["morning"].cron, web.elasticity.scheduled["morning"].minimum) == ("0 7 * * ? *", 4)
    assert (batch.zones, batch.elasticity.minimum, batch.elasticity.maximum) == (2, 1, 5)
    more = batch.elasticity.step_scaling["more"]
    assert (more.metric, more.threshold, more.steps[0].change) == ("cpu", 75, 2), "with the alarm that calls it"
    assert set(found) == {"web", "batch", "other"}
    assert "hunter2" not in kept.read_text(), "no variable of a container is kept"
    assert read(tmp_path, str(kept)) == found


def test_one_name_is_enough_and_an_unknown_one_is_told(
    account: None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert set(read(tmp_path, "--live", "--region", "eu-west-1", "--only", "batch")) == {"batch"}
    assert set(read(tmp_path, "--live", "--region", "eu-west-1", "--only", "main/web")) == {"web"}
    assert run(["read", "--live", "--region", "eu-west-1", "--only", "wep"]) == 2
    assert "--only wep: not in this account and region, which have batch, main/web, other" in capsys.readouterr().err


class Account(World):
    """Seven services, in pages."""

    def __init__(self) -> None:
        super().__init__()
        names = [f"service/main/s{number}" for number in range(7)]
        self.answers = {
            "describe_scalable_targets": self.listed("ScalableTargets", lambda _: [{**SERVICE, "ResourceId": name, "MinCapacity": 1, "MaxCapacity": 2} for name in names], "NextToken"),
            "describe_scaling_policies": self.listed("ScalingPolicies", lambda _: [self.policy(name) for name in names], "NextToken"),
            "describe_scheduled_actions": self.refused,
            "describe_services": self.refused,
            "describe_auto_scaling_groups": lambda _: {"AutoScalingGroups": []},
        }  # fmt: skip

    @staticmethod
    def refused(_asked: Mapping[str, Any]) -> dict[str, Any]:
        raise refusal("AccessDeniedException")


def test_all_pages_are_read_and_what_may_not_be_asked_is_told_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    world = Account()
    monkeypatch.setattr(source, "clients", lambda _region: world)
    found = read(tmp_path, "--live")
    assert {name: list(one.elasticity.target_tracking) for name, one in found.items()} == {
        f"s{n}": ["cpu"] for n in range(7)
    }
    said = capsys.readouterr().err.splitlines()
    assert [line for line in said if line.startswith("not translated: AWS")] == [
        "not translated: AWS: application-autoscaling DescribeScheduledActions: the role may not read this: it lacks application-autoscaling:DescribeScheduledActions",
        "not translated: AWS: ecs DescribeServices: the role may not read this: it lacks ecs:DescribeServices",
    ]
    assert "describe_alarms" not in world.requests, "no step policy, no alarm"


def test_an_account_that_cannot_be_asked_is_told_in_a_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def nobody(_asked: Mapping[str, Any]) -> dict[str, Any]:
        raise NoCredentialsError

    world = Account()
    world.answers["describe_scalable_targets"] = nobody
    monkeypatch.setattr(source, "clients", lambda _region: world)
    assert run(["read", "--live"]) == 2
    assert capsys.readouterr().err == "error: AWS cannot be asked: there are no AWS credentials here: sign in\n"


def test_the_policy_holds_reading_calls_and_every_one_that_is_made(
    account: None, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: set[str] = set()
    answer = running.Account._ask

    def noted(self: running.Account, call: Any, **parameters: Any) -> Any:
        asked.add(call.action)
        return answer(self, call, **parameters)

    monkeypatch.setattr(running.Account, "_ask", noted)
    read(tmp_path, "--live", "--region", "eu-west-1")
    capsys.readouterr()
    assert run(["read", "--policy"]) == 0
    (statement,) = json.loads(capsys.readouterr().out)["Statement"]
    assert asked <= set(statement["Action"])
    assert all(action.partition(":")[2].startswith("Describe") for action in statement["Action"])


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "name files to read, or give --live"),
        (["--live", "rules.json"], "name files to read, or give --live"),
        (["--region", "eu-west-1", "rules.json"], "--region needs --live"),
    ],
)
def test_files_and_an_account_are_one_or_the_other(
    capsys: pytest.CaptureFixture[str], arguments: list[str], said: str
) -> None:
    assert run(["read", *arguments]) == 2
    assert said in capsys.readouterr().err


def test_what_a_running_service_has_on_spot_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    world = Account()
    strategy = [
        {"capacityProvider": name, "weight": 1, "base": base} for name, base in (("FARGATE", 2), ("FARGATE_SPOT", 0))
    ]
    world.answers["describe_services"] = lambda asked: {
        "services": [{"serviceName": asked["services"][0], "capacityProviderStrategy": strategy}]
    }
    monkeypatch.setattr(source, "clients", lambda _region: world)
    found = read(tmp_path, "--live")
    assert {(one.on_demand_base, one.spot) for one in found.values()} == {(2, 50)}
