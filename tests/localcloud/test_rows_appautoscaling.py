"""Scalable targets, their policies and schedules: it cannot prove that a rule scales, since moto evaluates no alarm."""

from typing import Any

import pytest

TARGET = "aws:appautoscaling/target:Target"
POLICY = "aws:appautoscaling/policy:Policy"
ACTION = "aws:appautoscaling/scheduledAction:ScheduledAction"
TABLE = {
    "serviceNamespace": "dynamodb",
    "resourceId": "table/orders",
    "scalableDimension": "dynamodb:table:ReadCapacityUnits",
}
PATH = "dynamodb/table/orders/dynamodb:table:ReadCapacityUnits"


@pytest.fixture
def target(provider: Any, cloud: Any) -> Any:
    made = provider.create(TARGET, TABLE | {"minCapacity": 1, "maxCapacity": 8}, "target")
    yield made
    provider.delete(made)


def test_a_target_lives_through_its_cycle(provider: Any) -> None:
    asked = TABLE | {"minCapacity": 1, "maxCapacity": 8, "tags": {"team": "shop"}}
    suspended = {
        "dynamicScalingInSuspended": True,
        "dynamicScalingOutSuspended": False,
        "scheduledScalingSuspended": True,
    }
    changed = TABLE | {"minCapacity": 2, "maxCapacity": 9, "suspendedState": suspended, "tags": {"stage": "dev"}}
    made = provider.cycle(TARGET, asked, changed, PATH)
    assert made.state["tagsAll"] == {"stage": "dev"}
    provider.delete(made)
    assert provider.refresh(made) is None


def tracking(value: float, **inner: Any) -> dict[str, Any]:
    return {
        "policyType": "TargetTrackingScaling",
        "targetTrackingScalingPolicyConfiguration": {"targetValue": value} | inner,
    }


METRIC = {"metricName": "Backlog", "namespace": "Shop", "dimensions": [{"name": "queue", "value": "orders"}]}
POLICIES = {
    "predefined": (
        tracking(55, predefinedMetricSpecification={"predefinedMetricType": "DynamoDBReadCapacityUtilization"},
        scaleInCooldown=300, scaleOutCooldown=60),
        tracking(60, predefinedMetricSpecification={"predefinedMetricType": "DynamoDBReadCapacityUtilization"},
        disableScaleIn=True),
    ),
    "customised": (
        tracking(30, customizedMetricSpecification=METRIC | {"statistic": "Average", "unit": "Count"}),
        tracking(40, customizedMetricSpecification=METRIC | {"statistic": "Average", "unit": "Count"}),
    ),
    "metric math": (
        tracking(30, customizedMetricSpecification={"metrics": [
            {"id": "load", "expression": "visible / running", "label": "per task", "returnData": True},
            {"id": "visible", "returnData": False, "metricStat": {"stat": "Sum", "metric": METRIC}},
            {"id": "running", "returnData": False,
            "metricStat": {"stat": "Average", "unit": "Count",
            "metric": {"metricName": "Running", "namespace": "Shop"}}},
        ]}),
        None,
    ),
    "step": (
        {"policyType": "StepScaling",
        "stepScalingPolicyConfiguration": {"adjustmentType": "ChangeInCapacity", "cooldown": 60,
        "metricAggregationType": "Maximum", "stepAdjustments": [
            {"scalingAdjustment": 1, "metricIntervalLowerBound": "0", "metricIntervalUpperBound": "60"},
            {"scalingAdjustment": 3, "metricIntervalLowerBound": "60"},
        ]}},
        {"stepScalingPolicyConfiguration": {"adjustmentType": "ExactCapacity", "cooldown": 120,
        "stepAdjustments": [{"scalingAdjustment": 4, "metricIntervalLowerBound": "0"}]}},
    ),
    "predictive": (
        {"policyType": "PredictiveScaling",
        "predictiveScalingPolicyConfiguration": {"mode": "ForecastOnly", "schedulingBufferTime": 300,
        "metricSpecifications": [
            {"targetValue": "55",
            "predefinedMetricPairSpecification": {"predefinedMetricType": "ECSServiceCPUUtilization"}},
        ]}},
        None,
    ),
}  # fmt: skip


SERVICE = {
    "serviceNamespace": "ecs",
    "resourceId": "service/scaled/web",
    "scalableDimension": "ecs:service:DesiredCount",
}


@pytest.fixture
def service(provider: Any, cloud: Any) -> Any:
    """A service as a target: tables have neither step nor predictive policies."""
    ecs = cloud("ecs")
    ecs.create_cluster(clusterName="scaled")
    container = {"name": "app", "image": "nginx", "memory": 128}
    ecs.register_task_definition(family="scaled", containerDefinitions=[container])
    ecs.create_service(cluster="scaled", serviceName="web", taskDefinition="scaled", desiredCount=1)
    made = provider.create(TARGET, SERVICE | {"minCapacity": 1, "maxCapacity": 8}, "target")
    yield made
    provider.delete(made)
    ecs.delete_service(cluster="scaled", service="web", force=True)
    ecs.delete_cluster(cluster="scaled")


@pytest.mark.parametrize("kind", POLICIES)
def test_a_policy_lives_through_its_cycle(provider: Any, target: Any, service: Any, kind: str) -> None:
    asked, change = POLICIES[kind]
    scaled = SERVICE if kind in ("step", "predictive") else TABLE
    path = "/".join((scaled["serviceNamespace"], scaled["resourceId"], scaled["scalableDimension"]))
    named = scaled | {"name": "rule"} | asked
    made = provider.cycle(POLICY, named, named | change if change else None, f"{path}/rule")
    assert made.state["arn"].endswith(":policyName/rule")
    provider.delete(made)
    assert provider.refresh(made) is None


@pytest.mark.parametrize(
    "schedule", ["cron(0 8 ? * MON-FRI *)", "rate(1 day)", "at(2030-01-01T08:00:00)"], ids=["cron", "rate", "at"]
)
def test_a_scheduled_action_lives_through_its_cycle(provider: Any, target: Any, schedule: str) -> None:
    asked = TABLE | {
        "name": "office",
        "schedule": schedule,
        "timezone": "Europe/Berlin",
        "startTime": "2029-01-01T00:00:00Z",
        "endTime": "2031-01-01T00:00:00Z",
        "scalableTargetAction": {"minCapacity": 2, "maxCapacity": 6},
    }
    made = provider.cycle(
        ACTION, asked, asked | {"scalableTargetAction": {"minCapacity": 3, "maxCapacity": 6}}, f"{PATH}/office"
    )
    provider.delete(made)
    assert provider.refresh(made) is None


@pytest.mark.parametrize(
    ("token", "inputs", "failures"),
    [
        (TARGET, TABLE | {"minCapacity": 9, "maxCapacity": 8}, [("maxCapacity", "8 is below minCapacity 9")]),
        (
            POLICY,
            TABLE | {"policyType": "TargetTrackingScaling"},
            [("targetTrackingScalingPolicyConfiguration", "missing: a policy of type TargetTrackingScaling needs it")],
        ),
        (
            ACTION,
            TABLE | {"schedule": "rate(1 day)", "scalableTargetAction": {"minCapacity": 9, "maxCapacity": 8}},
            [("scalableTargetAction.maxCapacity", "8 is below minCapacity 9")],
        ),
    ],
    ids=["bounds", "configuration", "bounds of an action"],
)
def test_what_aws_would_refuse_is_refused_by_check(provider: Any, token: str, inputs: Any, failures: Any) -> None:
    assert provider.check(token, inputs)[1] == failures


OTHERS = {
    "resourceId": {"resourceId": "table/carts"},
    "scalableDimension": {"scalableDimension": "dynamodb:table:WriteCapacityUnits"},
    "serviceNamespace": {
        "serviceNamespace": "cassandra",
        "scalableDimension": "cassandra:table:ReadCapacityUnits",
    },
}


@pytest.mark.parametrize("name", OTHERS)
def test_another_identity_is_another_target(provider: Any, target: Any, name: str) -> None:
    found = provider.diff(target, TABLE | {"minCapacity": 1, "maxCapacity": 8} | OTHERS[name])
    assert sorted(found.replaces) == sorted(OTHERS[name])


def test_a_changed_bound_is_drift(provider: Any, target: Any, cloud: Any) -> None:
    cloud("application-autoscaling").register_scalable_target(
        ServiceNamespace=TABLE["serviceNamespace"],
        ResourceId=TABLE["resourceId"],
        ScalableDimension=TABLE["scalableDimension"],
        MinCapacity=4,
        MaxCapacity=8,
    )
    assert provider.refresh(target).inputs["minCapacity"] == 4
