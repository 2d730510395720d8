"""Every kind of rule, applied by the engine and read back over boto3; cannot prove that AWS's own API stores it so."""

import textwrap
from collections.abc import Iterator
from typing import Any

import pytest

from stacks.deployed import MOMENT
from tests.engine.checkout import Checkout

pytestmark = pytest.mark.engine

SERVICE = """\
cpu: { metric: cpu, target: 70, scale_in_cooldown: 5m, scale_out_cooldown: 60s }
  memory: { metric: memory, target: 75, scale_in: false }
  requests: { metric: requests_per_target, target: 1200 }
  slow: { metric: response_time, target: 400ms }
  backlog: { metric: queue_delay, target: 5m }
  lag: { metric: lag_per_task, target: 20 }
metrics:
  lag: { namespace: Shop, name: Lag, statistic: Maximum }
  running: { namespace: ECS/ContainerInsights, name: RunningTaskCount, dimensions: { ClusterName: "${cluster}", ServiceName: "${service}" } }
  lag_per_task: { expression: lag / running }
queue: { name: jobs, time_per_message: 2s }
step_scaling:
  hot: { metric: cpu, threshold: 85, steps: [{ from: 0, to: 10, change: 1 }, { from: 10, change: 2 }], cooldown: 2m }
scheduled:
  office: { cron: "0 8 * * 1-5", time_zone: Europe/Berlin, minimum: 2 }
  evening: { cron: "0 19 * * 1-5", time_zone: Europe/Berlin, minimum: 1 }
predictive:
  daily: { metric: cpu, target: 60 }"""
GROUP = """\
cpu: { metric: cpu, target: 50, warm_up: 2m }
  requests: { metric: requests_per_target, target: 3000 }
step_scaling:
  hot: { metric: cpu, threshold: 85, steps: [{ from: 0, change: 25 }], adjustment: percent, minimum_adjustment: 2 }
predictive:
  daily: { metric: cpu, target: 50 }"""


def written(rules: str, indent: int) -> str:
    """Rules as they stand in a stack file, from the first rule of target tracking on."""
    first, rest = rules.split("\n", 1)
    return first + "\n" + textwrap.indent(rest, " " * indent)


@pytest.fixture(scope="module")
def service(checkout: Checkout) -> Iterator[dict[str, Any]]:
    """What AWS answers about the service's rules, by name."""
    rules = ("cpu: { metric: cpu, target: 70, scale_in_cooldown: 5m, scale_out_cooldown: 5m }", written(SERVICE, 8))
    with checkout.edited("dev", rules, ("container_insights: false", "container_insights: true")):
        checkout.variables[MOMENT] = "2026-01-05T09:00:00Z"  # a Monday, in the hours of `office`
        checkout.up("dev")
    named = checkout.outputs("dev")["services"]["web"]
    scaling = checkout.client("application-autoscaling", "dev")
    of = {"ServiceNamespace": "ecs", "ResourceId": f"service/{named['cluster']}/{named['service']}"}
    policies = scaling.describe_scaling_policies(**of)["ScalingPolicies"]
    actions = scaling.describe_scheduled_actions(**of)["ScheduledActions"]
    yield {
        **{each["PolicyName"].removeprefix("web-").rsplit("-", 1)[0]: each for each in policies},
        **{each["ScheduledActionName"].removeprefix("web-").rsplit("-", 1)[0]: each for each in actions},
        "target": scaling.describe_scalable_targets(ServiceNamespace="ecs", ResourceIds=[of["ResourceId"]])[
            "ScalableTargets"
        ][0],
    }
    checkout.destroy("dev")


@pytest.fixture(scope="module")
def group(checkout: Checkout) -> Iterator[dict[str, Any]]:
    """What AWS answers about the group's rules, by name."""
    with checkout.edited("fleet", ("cpu: { metric: cpu, target: 50 }", written(GROUP, 8))):
        checkout.configure("fleet", "load_balancer.deletion_protection", "false")
        checkout.up("fleet")
        name = checkout.outputs("fleet")["groups"]["shop"]["group"]
        client = checkout.client("autoscaling", "fleet")
        policies = client.describe_policies(AutoScalingGroupName=name)["ScalingPolicies"]
        actions = client.describe_scheduled_actions(AutoScalingGroupName=name)["ScheduledUpdateGroupActions"]
        yield {
            **{each["PolicyName"].removeprefix("shop-").rsplit("-", 1)[0]: each for each in policies},
            **{each["ScheduledActionName"].removeprefix("shop-").rsplit("-", 1)[0]: each for each in actions},
        }
        checkout.destroy("fleet")


def tracking(policy: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = policy["TargetTrackingScalingPolicyConfiguration"]
    return found


def test_target_tracking_of_a_service_has_its_cooldowns(service: dict[str, Any]) -> None:
    found = tracking(service["cpu"])
    assert (found["TargetValue"], found["ScaleInCooldown"], found["ScaleOutCooldown"]) == (70.0, 300, 60)
    assert found["PredefinedMetricSpecification"] == {"PredefinedMetricType": "ECSServiceAverageCPUUtilization"}


def test_a_rule_that_never_shrinks_says_so(service: dict[str, Any]) -> None:
    assert tracking(service["memory"])["DisableScaleIn"] is True


def test_requests_per_target_have_the_label_of_balancer_and_target_group(service: dict[str, Any]) -> None:
    label = tracking(service["requests"])["PredefinedMetricSpecification"]["ResourceLabel"]
    assert [part for part in label.split("/") if part in ("app", "targetgroup")] == ["app", "targetgroup"]


def test_a_queue_rule_is_metric_math_without_a_function(service: dict[str, Any]) -> None:
    found = tracking(service["backlog"])
    metrics = {each["Id"]: each for each in found["CustomizedMetricSpecification"]["Metrics"]}
    assert found["TargetValue"] == 150.0, "an acceptable delay of 300 s at 2 s a message"
    (returned,) = [each for each in metrics.values() if each.get("ReturnData", True)]
    assert "IF(" in returned["Expression"]


def test_a_declared_expression_keeps_its_parts(service: dict[str, Any]) -> None:
    metrics = tracking(service["lag"])["CustomizedMetricSpecification"]["Metrics"]
    assert sorted(each["Id"] for each in metrics if "MetricStat" in each) == ["lag", "running"]


def test_steps_keep_their_bounds_and_cooldown(service: dict[str, Any]) -> None:
    found = service["hot"]["StepScalingPolicyConfiguration"]
    assert found["StepAdjustments"] == [
        {"MetricIntervalLowerBound": 0.0, "MetricIntervalUpperBound": 10.0, "ScalingAdjustment": 1},
        {"MetricIntervalLowerBound": 10.0, "ScalingAdjustment": 2},
    ]
    assert found["Cooldown"] == 120


def test_a_schedule_of_a_service_is_written_in_six_fields_with_names(service: dict[str, Any]) -> None:
    found = service["office"]
    assert (found["Schedule"], found["Timezone"]) == ("cron(0 8 ? * MON,TUE,WED,THU,FRI *)", "Europe/Berlin")
    assert found["ScalableTargetAction"] == {"MinCapacity": 2}


def test_a_forecast_only_predicts(service: dict[str, Any]) -> None:
    assert service["daily"]["PredictiveScalingPolicyConfiguration"]["Mode"] == "ForecastOnly"


def test_the_bounds_are_those_that_the_schedules_say_for_the_moment(service: dict[str, Any]) -> None:
    assert (service["target"]["MinCapacity"], service["target"]["MaxCapacity"]) == (2, 2)


def test_target_tracking_of_a_group_has_its_warm_up(group: dict[str, Any]) -> None:
    assert group["cpu"]["EstimatedInstanceWarmup"] == 120
    assert group["cpu"]["TargetTrackingConfiguration"]["TargetValue"] == 50.0


def test_steps_of_a_group_are_percent_with_a_least_size(group: dict[str, Any]) -> None:
    found = group["hot"]
    assert (found["AdjustmentType"], found["MinAdjustmentMagnitude"]) == ("PercentChangeInCapacity", 2)


def test_a_schedule_of_a_group_keeps_five_fields(group: dict[str, Any]) -> None:
    assert (group["office"]["Recurrence"], group["office"]["TimeZone"]) == ("45 7 * * 1-5", "Europe/Dublin")


def test_a_forecast_of_a_group_only_predicts(group: dict[str, Any]) -> None:
    assert group["daily"]["PredictiveScalingConfiguration"]["Mode"] == "ForecastOnly"
