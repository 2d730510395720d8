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
    overrides = [
        {"instanceType": "m7g.large", "weightedCapacity": "1"},
        {"instanceType": "m6g.large", "weightedCapacity": "2"},
    ]
    mixed = {"launchTemplate": {"launchTemplateSpecification": specification, "overrides": overrides}} | MIXED
    asked = {name: value for name, value in inputs.items() if name != "launchTemplate"} | {
        "mixedInstancesPolicy": mixed
    }
    by_need = {
        "instanceRequirements": {
            "memoryMib": {"min": 4096, "max": 16384},
            "vcpuCount": {"min": 2, "max": 4},
            "cpuManufacturers": ["amazon-web-services"],
        }
    }
    changed = asked | {
        "mixedInstancesPolicy": {
            "launchTemplate": {"launchTemplateSpecification": specification, "overrides": [by_need]}
        }
        | MIXED
    }
    provider.delete(provider.cycle(GROUP, asked, changed))


@pytest.mark.parametrize("weight", ["1", "2", "7"])
def test_a_group_of_weighted_instances_is_complete_when_their_weights_reach_its_capacity(
    provider: Any, inputs: Any, weight: str
) -> None:
    specification = {"launchTemplateId": inputs["launchTemplate"]["id"], "version": "$Latest"}
    overrides = [{"instanceType": kind, "weightedCapacity": weight} for kind in ("m7g.large", "m6g.large")]
    mixed = {"launchTemplate": {"launchTemplateSpecification": specification, "overrides": overrides}} | MIXED
    asked = {name: value for name, value in inputs.items() if name != "launchTemplate"} | {
        "mixedInstancesPolicy": mixed, "minSize": 0, "maxSize": 9, "desiredCapacity": 6, "waitForCapacityTimeout": "1s"
    }  # fmt: skip
    provider.delete(provider.create(GROUP, asked))


TRACKED = {"policyType": "TargetTrackingScaling", "estimatedInstanceWarmup": 120}
POLICIES = {
    "simple": ({"adjustmentType": "ChangeInCapacity", "scalingAdjustment": 1, "cooldown": 300},
    {"scalingAdjustment": 2}),
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
        TRACKED | {"targetTrackingConfiguration": {"targetValue": 55,
        "predefinedMetricSpecification": {"predefinedMetricType": "ASGAverageCPUUtilization"}}},
        {"targetTrackingConfiguration": {"targetValue": 60, "disableScaleIn": True,
        "predefinedMetricSpecification": {"predefinedMetricType": "ASGAverageCPUUtilization"}}},
    ),
    "requests": (
        TRACKED | {"targetTrackingConfiguration": {"targetValue": 800,
        "predefinedMetricSpecification": {"predefinedMetricType": "ALBRequestCountPerTarget",
        "resourceLabel": "app/web/50dc6c495c0c9188/targetgroup/web/943f017f100becff"}}},
        None,
    ),
    "customised": (
        TRACKED | {"targetTrackingConfiguration": {"targetValue": 30,
        "customizedMetricSpecification": {"metricName": "Backlog", "namespace": "Shop", "statistic": "Average",
        "metricDimensions": [{"name": "queue", "value": "orders"}]}}},
        None,
    ),
    "metric math": (
        TRACKED | {"targetTrackingConfiguration": {"targetValue": 30, "customizedMetricSpecification": {"metrics": [
            {"id": "load", "expression": "visible / running", "returnData": True},
            {"id": "visible", "returnData": False,
            "metricStat": {"stat": "Sum",
            "metric": {"metricName": "ApproximateNumberOfMessagesVisible", "namespace": "AWS/SQS",
            "dimensions": [{"name": "QueueName", "value": "orders"}]}}},
            {"id": "running", "returnData": False,
            "metricStat": {"stat": "Average",
            "metric": {"metricName": "GroupInServiceInstances", "namespace": "AWS/AutoScaling"}}},
        ]}}},
        None,
    ),
    "predictive": (
        {"policyType": "PredictiveScaling",
        "predictiveScalingConfiguration": {"mode": "ForecastOnly", "schedulingBufferTime": "300",
        "metricSpecification": {"targetValue": 55,
        "predefinedMetricPairSpecification": {"predefinedMetricType": "ASGCPUUtilization"}}}},
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
    asked = {
        "autoscalingGroupName": group.id,
        "scheduledActionName": "office",
        "recurrence": "0 8 * * MON-FRI",
        "minSize": 2,
        "maxSize": -1,
        "desiredCapacity": -1,
        "timeZone": "Europe/Berlin",
        "startTime": "2030-01-01T00:00:00Z",
    }
    made = provider.cycle(SCHEDULE, asked, asked | {"minSize": 3, "maxSize": 8}, "fleet/office")
    provider.delete(made)
    assert provider.refresh(made) is None
    provider.delete(group)


OFFICE = {"scheduledActionName": "office", "recurrence": "0 8 * * MON-FRI"}


def live_sizes(cloud: Any) -> dict[str, Any]:
    (found,) = cloud("autoscaling").describe_scheduled_actions(AutoScalingGroupName="fleet")[
        "ScheduledUpdateGroupActions"
    ]
    return {name: found[name] for name in ("MinSize", "MaxSize", "DesiredCapacity") if name in found}


def test_a_size_that_a_new_schedule_does_not_set_is_sent_as_0(provider: Any, group: Any, cloud: Any) -> None:
    made = provider.create(SCHEDULE, OFFICE | {"autoscalingGroupName": group.id, "maxSize": 20})
    assert live_sizes(cloud) == {"MinSize": 0, "MaxSize": 20, "DesiredCapacity": 0}
    assert [made.state[name] for name in ("minSize", "maxSize", "desiredCapacity")] == [0, 20, 0]
    provider.delete(made)


def test_a_size_that_is_taken_away_stays_as_it_was(provider: Any, group: Any, cloud: Any) -> None:
    asked = OFFICE | {"autoscalingGroupName": group.id, "minSize": 1, "maxSize": 5, "desiredCapacity": 2}
    made = provider.create(SCHEDULE, asked)
    left = {name: value for name, value in asked.items() if name != "desiredCapacity"} | {"maxSize": 6}
    made = provider.update(made, left)
    assert live_sizes(cloud) == {"MinSize": 1, "MaxSize": 6, "DesiredCapacity": 2}
    provider.delete(made)


def test_sizes_of_minus_one_are_left_alone(provider: Any, group: Any, cloud: Any) -> None:
    asked = OFFICE | {"autoscalingGroupName": group.id, "minSize": 6, "maxSize": -1, "desiredCapacity": -1}
    made = provider.create(SCHEDULE, asked)
    assert live_sizes(cloud) == {"MinSize": 6}
    assert provider.refresh(made).inputs == made.inputs
    provider.delete(made)


TOLD = "the official provider sends 0 for what is not set; set it, or -1 to leave it alone"
NEW = {
    "a minimum alone": ({"minSize": 6}, ("maxSize", f"missing: 0 is below minSize 6; {TOLD}")),
    "a minimum and a maximum": (
        {"minSize": 6, "maxSize": 9},
        ("desiredCapacity", f"missing: 0 is below minSize 6; {TOLD}"),
    ),
    "a capacity alone": ({"desiredCapacity": 4}, ("maxSize", f"missing: 0 is below desiredCapacity 4; {TOLD}")),
    "a start that has passed": (
        {"minSize": -1, "maxSize": 5, "desiredCapacity": -1, "startTime": "2020-01-01T00:00:00Z"},
        ("startTime", "2020-01-01T00:00:00Z is in the past"),
    ),
}


@pytest.mark.parametrize("case", NEW)
def test_a_new_schedule_is_held_against_what_is_sent(provider: Any, case: str) -> None:
    inputs, fault = NEW[case]
    asked = OFFICE | {"autoscalingGroupName": "fleet"} | inputs
    assert provider.check(SCHEDULE, asked)[1] == [fault]
    assert provider.check(SCHEDULE, asked, olds=asked)[1] == [], "one that is there has sizes of its own"


def test_a_hook_lives_through_its_cycle(provider: Any, group: Any) -> None:
    asked = {
        "autoscalingGroupName": group.id,
        "name": "drain",
        "lifecycleTransition": "autoscaling:EC2_INSTANCE_TERMINATING",
        "heartbeatTimeout": 300,
        "defaultResult": "CONTINUE",
        "notificationMetadata": "{}",
    }
    made = provider.cycle(HOOK, asked, asked | {"heartbeatTimeout": 600}, "fleet/drain")
    provider.delete(made)
    assert provider.refresh(made) is None
    provider.delete(group)


def test_a_changed_launch_template_starts_the_refresh_with_its_preferences(
    provider: Any, inputs: Any, cloud: Any
) -> None:
    preferences = {
        "minHealthyPercentage": 90,
        "instanceWarmup": "60",
        "checkpointPercentages": [50, 100],
        "autoRollback": True,
        "skipMatching": True,
    }
    refreshing = inputs | {"name": "fleet", "instanceRefresh": {"strategy": "Rolling", "preferences": preferences}}
    made = provider.create(GROUP, refreshing)
    made = provider.update(made, refreshing | {"launchTemplate": inputs["launchTemplate"] | {"version": "1"}})
    (found,) = cloud("autoscaling").describe_instance_refreshes(AutoScalingGroupName="fleet")["InstanceRefreshes"]
    asked = {
        "MinHealthyPercentage": 90,
        "InstanceWarmup": 60,
        "CheckpointPercentages": [50, 100],
        "AutoRollback": True,
        "SkipMatching": True,
    }
    assert {name: found["Preferences"].get(name) for name in asked} == asked
    assert found["DesiredConfiguration"]["LaunchTemplate"] == {
        "LaunchTemplateId": inputs["launchTemplate"]["id"],
        "Version": "1",
    }
    provider.delete(made)


@pytest.mark.parametrize(
    ("triggers", "change", "refreshes"),
    [
        ([], {"healthCheckGracePeriod": 30}, 0),
        (["tag"], {"tags": [{"key": "Name", "value": "other", "propagateAtLaunch": True}]}, 1),
        (["tag"], {"healthCheckGracePeriod": 30}, 0),
    ],
    ids=["no trigger", "a listed trigger", "another change"],
)
def test_only_a_listed_trigger_starts_a_refresh(
    provider: Any, inputs: Any, cloud: Any, triggers: list[str], change: Any, refreshes: int
) -> None:
    asked = inputs | {"name": "fleet", "instanceRefresh": {"strategy": "Rolling", "triggers": triggers}}
    made = provider.update(provider.create(GROUP, asked), asked | change)
    found = cloud("autoscaling").describe_instance_refreshes(AutoScalingGroupName="fleet")["InstanceRefreshes"]
    assert len(found) == refreshes
    provider.delete(made)


def test_a_capacity_that_the_program_leaves_out_stays_as_it_is(provider: Any, inputs: Any, cloud: Any) -> None:
    made = provider.create(GROUP, inputs | {"name": "fleet"})
    cloud("autoscaling").set_desired_capacity(AutoScalingGroupName="fleet", DesiredCapacity=3)
    again = provider.refresh(made)
    assert again.inputs == made.inputs
    made = provider.update(made, inputs | {"name": "fleet", "maxSize": 5})
    (there,) = cloud("autoscaling").describe_auto_scaling_groups(AutoScalingGroupNames=["fleet"])["AutoScalingGroups"]
    assert there["DesiredCapacity"] == 3
    provider.delete(made)


def test_a_bound_that_somebody_changed_is_drift(provider: Any, group: Any, cloud: Any) -> None:
    cloud("autoscaling").update_auto_scaling_group(AutoScalingGroupName="fleet", MaxSize=9)
    assert provider.refresh(group).inputs["maxSize"] == 9
    provider.delete(group)


def test_another_name_is_another_group(provider: Any, group: Any, inputs: Any) -> None:
    assert provider.diff(group, inputs | {"name": "other"}).replaces == ["name"]
    provider.delete(group)


def test_initial_hooks_are_there_with_the_group(provider: Any, inputs: Any, cloud: Any) -> None:
    hook = {"name": "warm", "lifecycleTransition": "autoscaling:EC2_INSTANCE_LAUNCHING", "heartbeatTimeout": 60}
    made = provider.create(GROUP, inputs | {"name": "fleet", "initialLifecycleHooks": [hook]})
    (found,) = cloud("autoscaling").describe_lifecycle_hooks(AutoScalingGroupName="fleet")["LifecycleHooks"]
    assert (found["LifecycleHookName"], found["HeartbeatTimeout"]) == ("warm", 60)
    provider.delete(made)


def test_a_target_group_is_attached_and_detached(provider: Any, group: Any, cloud: Any, vpc: Any) -> None:
    balancing = cloud("elbv2")
    made = balancing.create_target_group(Name="web", Protocol="HTTP", Port=80, VpcId=vpc.id)["TargetGroups"][0]
    tied = provider.create(ATTACHMENT, {"autoscalingGroupName": group.id, "lbTargetGroupArn": made["TargetGroupArn"]})
    groups = cloud("autoscaling").describe_auto_scaling_groups(AutoScalingGroupNames=["fleet"])["AutoScalingGroups"]
    assert groups[0]["TargetGroupARNs"] == [made["TargetGroupArn"]]
    provider.delete(tied)
    assert provider.refresh(tied) is None
    provider.delete(group)
    balancing.delete_target_group(TargetGroupArn=made["TargetGroupArn"])


NO_SIZE = {"minSize": -1, "maxSize": -1, "desiredCapacity": -1}


@pytest.mark.parametrize(
    ("token", "inputs", "failures"),
    [
        (GROUP, {"minSize": 3, "maxSize": 2, "launchTemplate": {"id": "lt-0123456789abcdef0"}},
        [("maxSize", "2 is below minSize 3")]),
        (GROUP, {"minSize": 1, "maxSize": 2, "desiredCapacity": 5, "launchTemplate": {"id": "lt-0123456789abcdef0"}},
        [("desiredCapacity", "5 is not between minSize 1 and maxSize 2")]),
        (GROUP, {"minSize": 1, "maxSize": 2},
        [("launchTemplate", "give exactly one of 'launchConfiguration', 'launchTemplate' and 'mixedInstancesPolicy'")]),
        (POLICY, {"autoscalingGroupName": "g", "policyType": "StepScaling", "adjustmentType": "ExactCapacity"},
        [("stepAdjustments", "missing: a policy of type StepScaling needs it")]),
        (SCHEDULE, {"autoscalingGroupName": "g", "scheduledActionName": "s", **NO_SIZE},
        [("minSize", "give minSize, maxSize or desiredCapacity: all of them are -1, which leaves them alone")]),
        (ATTACHMENT, {"autoscalingGroupName": "g"},
        [("lbTargetGroupArn", "give exactly one of 'lbTargetGroupArn' and 'elb'")]),
    ],
    ids=["bounds", "capacity", "template", "steps", "schedule", "attachment"],
)  # fmt: skip
def test_what_aws_would_refuse_is_refused_by_check(provider: Any, token: str, inputs: Any, failures: Any) -> None:
    assert provider.check(token, inputs)[1] == failures
