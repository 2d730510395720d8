"""Application Auto Scaling on the local cloud; that AWS's alarms have these numbers was read elsewhere, not proved here."""

from collections.abc import Callable
from typing import Any

import pytest

Scenario = Callable[[Any], tuple[Any, Any]]
SCENARIOS: list[Scenario] = []


def scenario(function: Scenario) -> Scenario:
    """What was observed, and what AWS does; run against moto as it is and with its gaps filled."""
    SCENARIOS.append(function)
    return function


DIMENSION = "ecs:service:DesiredCount"


def target(aws: Any, **members: Any) -> dict[str, str]:
    """A service that is registered with bounds of 1 and 4; what names it in every call."""
    name = aws.name()
    aws.ecs.create_cluster(clusterName=name)
    container = {"name": "app", "image": "nginx", "memory": 64}
    made = aws.ecs.register_task_definition(family=name, containerDefinitions=[container])["taskDefinition"]
    aws.ecs.create_service(
        cluster=name, serviceName=name, taskDefinition=made["taskDefinitionArn"], desiredCount=1, launchType="EC2"
    )
    named = {"ServiceNamespace": "ecs", "ResourceId": f"service/{name}/{name}", "ScalableDimension": DIMENSION}
    aws.scaling.register_scalable_target(**named, **{"MinCapacity": 1, "MaxCapacity": 4, **members})
    return named


@pytest.mark.parametrize(("bounds", "count"), [((3, 4), 3), ((1, 4), 1), ((0, 0), 0)])
def test_a_service_is_brought_within_the_bounds_that_are_registered(
    filled_aws: Any, bounds: tuple[int, int], count: int
) -> None:
    low, high = bounds
    named = target(filled_aws, MinCapacity=low, MaxCapacity=high)
    _, cluster, name = named["ResourceId"].split("/")
    (service,) = filled_aws.ecs.describe_services(cluster=cluster, services=[name])["services"]
    assert service["desiredCount"] == count


def tracking(aws: Any, named: dict[str, str], metric: str = "ECSServiceAverageCPUUtilization", **more: Any) -> Any:
    label = more.pop("ResourceLabel", None)
    specification = {"PredefinedMetricType": metric, **({"ResourceLabel": label} if label else {})}
    return aws.scaling.put_scaling_policy(
        **named,
        PolicyName="cpu",
        PolicyType="TargetTrackingScaling",
        TargetTrackingScalingPolicyConfiguration={
            "TargetValue": 55.0,
            "PredefinedMetricSpecification": specification,
            **more,
        },
    )


def alarms(aws: Any, named: dict[str, str]) -> list[dict[str, Any]]:
    prefix = f"TargetTracking-{named['ResourceId']}-"
    return list(aws.cloudwatch.describe_alarms(AlarmNamePrefix=prefix)["MetricAlarms"])


@scenario
def a_target_that_nothing_has_moved_has_no_activities(aws: Any) -> tuple[Any, Any]:
    named = target(aws)
    return aws.scaling.describe_scaling_activities(**named)["ScalingActivities"], []


@scenario
def one_tracking_policy_for_a_metric_of_a_service(aws: Any) -> tuple[Any, Any]:
    named, other = target(aws), target(aws)
    tracking(aws, named), tracking(aws, other)
    tracking(aws, named, TargetValue=60.0)
    put = {**named, "PolicyType": "TargetTrackingScaling"}
    load, memory = (
        {
            "TargetValue": 40.0,
            "PredefinedMetricSpecification": {"PredefinedMetricType": f"ECSServiceAverage{of}Utilization"},
        }
        for of in ("CPU", "Memory")
    )
    scaling = aws.scaling.put_scaling_policy
    scaling(PolicyName="memory", TargetTrackingScalingPolicyConfiguration=memory, **put)
    refused = aws.refusal(lambda: scaling(PolicyName="load", TargetTrackingScalingPolicyConfiguration=load, **put))
    text = "Only one TargetTrackingScaling policy for a given metric specification is allowed."
    return refused, f"ValidationException: {text}"


@scenario
def predictive_policies_are_kept(aws: Any) -> tuple[Any, Any]:
    named = target(aws)
    metric = {"PredefinedMetricType": "ECSServiceCPUUtilization"}
    specification = {"TargetValue": 55.0, "PredefinedMetricPairSpecification": metric}
    configuration = {"MetricSpecifications": [specification], "Mode": "ForecastOnly"}
    aws.scaling.put_scaling_policy(
        **named,
        PolicyName="daily",
        PolicyType="PredictiveScaling",
        PredictiveScalingPolicyConfiguration=configuration,
    )
    found = aws.scaling.describe_scaling_policies(ServiceNamespace="ecs", ResourceId=named["ResourceId"])
    shown = [(p["PolicyType"], p["PredictiveScalingPolicyConfiguration"]) for p in found["ScalingPolicies"]]
    return shown, [("PredictiveScaling", configuration)]


@scenario
def policies_are_found_by_name(aws: Any) -> tuple[Any, Any]:
    named = target(aws)
    tracking(aws, named)
    found = aws.scaling.describe_scaling_policies(
        ServiceNamespace="ecs", ResourceId=named["ResourceId"], PolicyNames=["other"]
    )
    return found["ScalingPolicies"], []


@scenario
def a_policy_needs_a_target(aws: Any) -> tuple[Any, Any]:
    named = target(aws)
    aws.scaling.deregister_scalable_target(**named)
    return aws.refusal(lambda: tracking(aws, named)), (
        "ValidationException: No scalable target registered for namespace: ecs, "
        f"resource ID: {named['ResourceId']}, scalable dimension: {DIMENSION}"
    )


@scenario
def a_minimum_above_the_maximum_is_refused(aws: Any) -> tuple[Any, Any]:
    text = "ValidationException: Minimum capacity must be less than or equal to maximum capacity"
    named = target(aws)
    register = aws.scaling.register_scalable_target
    refused = (
        aws.refusal(lambda: register(**named, MinCapacity=5, MaxCapacity=4)),
        aws.refusal(lambda: register(**named, MinCapacity=9)),
    )
    return refused, (text, text)


@scenario
def a_new_target_needs_both_bounds(aws: Any) -> tuple[Any, Any]:
    named = target(aws)
    aws.scaling.deregister_scalable_target(**named)
    return aws.refusal(lambda: aws.scaling.register_scalable_target(**named, MinCapacity=1)), (
        "ValidationException: Both minimum capacity and maximum capacity are required for a new target"
    )


@scenario
def tags_of_a_target_are_kept(aws: Any) -> tuple[Any, Any]:
    named = target(aws, Tags={"team": "shop", "gone": "soon"})
    found = aws.scaling.describe_scalable_targets(ServiceNamespace="ecs", ResourceIds=[named["ResourceId"]])
    arn = found["ScalableTargets"][0]["ScalableTargetARN"]
    aws.scaling.tag_resource(ResourceARN=arn, Tags={"stage": "dev"})
    aws.scaling.untag_resource(ResourceARN=arn, TagKeys=["gone"])
    return aws.scaling.list_tags_for_resource(ResourceARN=arn)["Tags"], {"team": "shop", "stage": "dev"}


@scenario
def a_tracking_policy_has_an_alarm_on_each_side(aws: Any) -> tuple[Any, Any]:
    named = target(aws)
    tracking(aws, named, "ECSServiceAverageMemoryUtilization")
    shown = {
        (a["MetricName"], a["ComparisonOperator"], a["Threshold"], a["EvaluationPeriods"]) for a in alarms(aws, named)
    }
    high = ("MemoryUtilization", "GreaterThanThreshold", 55.0, 3)
    low = ("MemoryUtilization", "LessThanThreshold", 49.5, 15)
    return shown, {high, low}


@scenario
def requests_per_target_are_watched_at_the_balancer(aws: Any) -> tuple[Any, Any]:
    named = target(aws)
    label = "app/web/0123456789abcdef/targetgroup/web/fedcba9876543210"
    tracking(aws, named, "ALBRequestCountPerTarget", ResourceLabel=label)
    found = alarms(aws, named)[0]
    dimensions = {d["Name"]: d["Value"] for d in found["Dimensions"]}
    return (found["MetricName"], found["Statistic"], dimensions), (
        "RequestCountPerTarget",
        "Sum",
        {"LoadBalancer": "app/web/0123456789abcdef", "TargetGroup": "targetgroup/web/fedcba9876543210"},
    )


@scenario
def a_policy_that_does_not_scale_in_has_one_alarm(aws: Any) -> tuple[Any, Any]:
    named = target(aws)
    tracking(aws, named, DisableScaleIn=True)
    return [a["ComparisonOperator"] for a in alarms(aws, named)], ["GreaterThanThreshold"]


@scenario
def a_policy_on_metric_math_has_alarms_on_metric_math(aws: Any) -> tuple[Any, Any]:
    named = target(aws)
    metric = {"Namespace": "shop", "MetricName": "backlog", "Dimensions": [{"Name": "queue", "Value": "a"}]}
    queries = [
        {"Id": "m", "MetricStat": {"Metric": metric, "Stat": "Sum"}, "ReturnData": False},
        {"Id": "e", "Expression": "m / 2", "ReturnData": True},
    ]
    aws.scaling.put_scaling_policy(
        **named,
        PolicyName="backlog",
        PolicyType="TargetTrackingScaling",
        TargetTrackingScalingPolicyConfiguration={
            "TargetValue": 10.0,
            "CustomizedMetricSpecification": {"Metrics": queries},
        },
    )
    found = [[q.get("Expression") for q in a["Metrics"]] for a in alarms(aws, named)]
    return found, [[None, "m / 2"]] * 2


@scenario
def a_policy_put_again_keeps_its_arn_and_leaves_no_old_alarm(aws: Any) -> tuple[Any, Any]:
    named = target(aws)
    first, second = tracking(aws, named), tracking(aws, named, TargetValue=60.0)
    found = alarms(aws, named)
    names = sorted(a["AlarmName"] for a in second["Alarms"])
    actions = {action.partition(":createdBy")[0] for a in found for action in a["AlarmActions"]}
    return (second["PolicyARN"], sorted(a["AlarmName"] for a in found), actions), (
        first["PolicyARN"],
        names,
        {first["PolicyARN"]},
    )


@scenario
def a_deregistered_target_takes_its_policies_and_schedules_with_it(aws: Any) -> tuple[Any, Any]:
    named = target(aws)
    tracking(aws, named)
    aws.scaling.put_scheduled_action(
        **named,
        ScheduledActionName="office",
        Schedule="cron(0 8 * * ? *)",
        ScalableTargetAction={"MinCapacity": 2},
    )
    aws.scaling.deregister_scalable_target(**named)
    wanted = {"ServiceNamespace": "ecs", "ResourceId": named["ResourceId"]}
    policies = aws.scaling.describe_scaling_policies(**wanted)["ScalingPolicies"]
    schedules = aws.scaling.describe_scheduled_actions(**wanted)["ScheduledActions"]
    return (policies, schedules, alarms(aws, named)), ([], [], [])


@scenario
def a_fine_metric_has_alarms_of_its_period(aws: Any) -> tuple[Any, Any]:
    found = []
    for metric in ("ECSServiceAverageCPUUtilization", "ECSServiceAverageMemoryUtilization"):
        named = target(aws)
        tracking(aws, named, f"{metric}HighResolution")
        lasting = [(a["MetricName"], a["Period"], a["Period"] * a["EvaluationPeriods"]) for a in alarms(aws, named)]
        found.append(sorted(lasting))
    return found, [[(name, 20, 180), (name, 20, 900)] for name in ("CPUUtilization", "MemoryUtilization")]


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.__name__)
def test_the_local_cloud_does_as_aws(scenario: Scenario, filled_aws: Any) -> None:
    observed, expected = scenario(filled_aws)
    assert observed == expected


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.__name__)
def test_moto_still_needs_the_patch(scenario: Scenario, plain_aws: Any) -> None:
    assert plain_aws.lacks(scenario), "moto does this by itself now: remove the patch"


@pytest.mark.parametrize("resource", ["service/web", "service/shop/web/more", "service//web"])
def test_what_is_no_service_is_no_scalable_target(filled_aws: Any, resource: str) -> None:
    asked = {"ServiceNamespace": "ecs", "ResourceId": resource, "ScalableDimension": DIMENSION}
    said = filled_aws.refusal(
        lambda: filled_aws.scaling.register_scalable_target(**asked, MinCapacity=1, MaxCapacity=2)
    )
    assert said == "ValidationException: Unsupported service namespace, resource type or scalable dimension"
