"""Auto Scaling groups and what hangs on them: it cannot prove that a scaling rule acts, since moto evaluates no alarm."""

from typing import Any

import pytest

GROUP = "aws:autoscaling/group:Group"
POLICY = "aws:autoscaling/policy:Policy"
SCHEDULE = "aws:autoscaling/schedule:Schedule"
HOOK = "aws:autoscaling/lifecycleHook:LifecycleHook"
ATTACHMENT = "aws:autoscaling/attachment:Attachment"


@pytest.fixture
def template(cloud: Any) -> dict[str, str]:
    made = cloud("ec2").create_launch_template(
        LaunchTemplateName="fleet",
        LaunchTemplateData={"ImageId": "ami-12c6146b", "InstanceType": "m7g.large"},
    )["LaunchTemplate"]
    yield {"id": made["LaunchTemplateId"], "version": "$Latest"}
    cloud("ec2").delete_launch_template(LaunchTemplateId=made["LaunchTemplateId"])


@pytest.fixture
def inputs(template: Any, subnets: Any) -> dict[str, Any]:
    """The inputs of a small group."""
    return {
        "minSize": 1,
        "maxSize": 4,
        "launchTemplate": template,
        "vpcZoneIdentifiers": [subnet.id for subnet in subnets],
        "healthCheckType": "ELB",
        "healthCheckGracePeriod": 120,
        "tags": [{"key": "Name", "value": "fleet", "propagateAtLaunch": True}],
    }


@pytest.fixture
def group(provider: Any, inputs: Any) -> Any:
    return provider.create(GROUP, inputs | {"name": "fleet"}, "fleet")


def test_a_group_lives_through_its_cycle(provider: Any, inputs: Any) -> None:
    changed = inputs | {
        "minSize": 2,
        "maxSize": 6,
        "desiredCapacity": 3,
        "healthCheckGracePeriod": 60,
        "defaultInstanceWarmup": 90,
        "defaultCooldown": 120,
        "capacityRebalance": True,
        "protectFromScaleIn": True,
        "maxInstanceLifetime": 604800,
        "terminationPolicies": ["OldestLaunchTemplate", "ClosestToNextInstanceHour"],
        "instanceMaintenancePolicy": {"minHealthyPercentage": 100, "maxHealthyPercentage": 110},
        "suspendedProcesses": ["AZRebalance"],
        "enabledMetrics": ["GroupDesiredCapacity", "GroupInServiceInstances"],
        "warmPool": {"poolState": "Stopped", "minSize": 1, "instanceReusePolicy": {"reuseOnScaleIn": True}},
        "tags": [{"key": "team", "value": "shop", "propagateAtLaunch": False}],
    }
    made = provider.cycle(GROUP, inputs, changed)
    made = provider.update(made, inputs)
    provider._settled(made, inputs)
    provider.delete(made)
    assert provider.refresh(made) is None


MIXED = {
    "instancesDistribution": {
        "onDemandBaseCapacity": 1,
        "onDemandPercentageAboveBaseCapacity": 25,
        "spotAllocationStrategy": "price-capacity-optimized",
    },
}


def test_a_mixed_group_is_read_as_it_was_written(provider: Any, inputs: Any) -> None:
    specification = {"launchTemplateId": inputs["launchTemplate"]["id"], "version": "$Latest"}
    overrides = [{"instanceType": "m7g.large"}, {"instanceType": "m6g.large", "weightedCapacity": "2"}]
    mixed = {"launchTemplate": {"launchTemplateSpecification": specification, "overrides": overrides}} | MIXED
    asked = {name: value for name, value in inputs.items() if name != "launchTemplate"} | {"mixedInstancesPolicy": mixed}
    by_need = {"instanceRequirements": {"memoryMib": {"min": 4096, "max": 16384}, "vcpuCount": {"min": 2, "max": 4}, "cpuManufacturers": ["amazon-web-services"]}}
    changed = asked | {
        "mixedInstancesPolicy": {"launchTemplate": {"launchTemplateSpecification": specification, "overrides": [by_need]}} | MIXED
    }
    provider.delete(provider.cycle(GROUP, asked, changed))


TRACKED = {"policyType": "TargetTrackingScaling", "estimatedInstanceWarmup": 120}
POLICIES = {
    "simple": ({"adjustmentType": "ChangeInCapacity", "scalingAdjustment": 1, "cooldown": 300}, {"scalingAdjustment": 2}),
    "step": (
        {
            "policyType": "StepScaling",
            "adjustmentType": "PercentChangeInCapacity",
            "minAdjustmentMagnitude": 1,
            "metricAggregationType": "Average",
            "stepAdjustments": [
                {"scalingAdjustment": 10, "metricIntervalLowerBound": "0", "metricIntervalUpperBound": "20"},
                {"scalingAdjustment": 30, "metricIntervalLowerBound": "20"},
            ],
        },
        {"estimatedInstanceWarmup": 60},
    ),
    "predefined": (
        TRACKED | {"targetTrackingConfiguration": {"targetValue": 55, "predefinedMetricSpecification": {"predefinedMetricType": "ASGAverageCPUUtilization"}}},
        {"targetTrackingConfiguration": {"targetValue": 60, "disableScaleIn": True, "predefinedMetricSpecification": {"predefinedMetricType": "ASGAverageCPUUtilization"}}},
    ),
    "requests": (
        TRACKED | {"targetTrackingConfiguration": {"targetValue": 800, "predefinedMetricSpecification": {"predefinedMetricType": "ALBRequestCountPerTarget", "resourceLabel": "app/web/50dc6c495c0c9188/targetgroup/web/943f017f100becff"}}},
        None,
    ),
    "customised": (
        TRACKED | {"targetTrackingConfiguration": {"targetValue": 30, "customizedMetricSpecification": {"metricName": "Backlog", "namespace": "Shop", "statistic": "Average", "metricDimensions": [{"name": "queue", "value": "orders"}]}}},
        None,
    ),
    "metric math": (
        TRACKED | {"targetTrackingConfiguration": {"targetValue": 30, "customizedMetricSpecification": {"metrics": [
            {"id": "load", "expression": "visible / running", "returnData": True},
            {"id": "visible", "returnData": False, "metricStat": {"stat": "Sum", "metric": {"metricName": "ApproximateNumberOfMessagesVisible", "namespace": "AWS/SQS", "dimensions": [{"name": "QueueName", "value": "orders"}]}}},
            {"id": "running", "returnData": False, "metricStat": {"stat": "Average", "metric": {"metricName": "GroupInServiceInstances", "namespace": "AWS/AutoScaling"}}},
        ]}}},
        None,
    ),
    "predictive": (
        {"policyType": "PredictiveScaling", "predictiveScalingConfiguration": {"mode": "ForecastOnly", "schedulingBufferTime": "300", "metricSpecification": {"targetValue": 55, "predefinedMetricPairSpecification": {"predefinedMetricType": "ASGCPUUtilization"}}}},
        None,
    ),
}  # fmt: skip


@pytest.mark.parametrize("kind", POLICIES)
def test_a_policy_lives_through_its_cycle(provider: Any, group: Any, kind: str) -> None:
    asked, change = POLICIES[kind]
    asked = asked | {"autoscalingGroupName": group.id, "name": "rule"}
    made = provider.cycle(POLICY, asked, asked | change if change else None, "fleet/rule")
    provider.delete(made)
    assert provider.refresh(made) is None
    provider.delete(group)


def test_a_schedule_lives_through_its_cycle(provider: Any, group: Any) -> None:
    asked = {"autoscalingGroupName": group.id, "scheduledActionName": "office", "recurrence": "0 8 * * MON-FRI", "minSize": 2, "timeZone": "Europe/Berlin", "startTime": "2030-01-01T00:00:00Z"}
    made = provider.cycle(SCHEDULE, asked, asked | {"minSize": 3, "maxSize": 8}, "fleet/office")
    provider.delete(made)
    assert provider.refresh(made) is None
    provider.delete(group)


def test_a_hook_lives_through_its_cycle(provider: Any, group: Any) -> None:
    asked = {"autoscalingGroupName": group.id, "name": "drain", "lifecycleTransition": "autoscaling:EC2_INSTANCE_TERMINATING", "heartbeatTimeout": 300, "defaultResult": "CONTINUE", "notificationMetadata": "{}"}
    made = provider.cycle(HOOK, asked, asked | {"heartbeatTimeout": 600}, "fleet/drain")
    provider.delete(made)
    assert provider.refresh(made) is None
    provider.delete(group)
