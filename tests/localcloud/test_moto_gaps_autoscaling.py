"""EC2 Auto Scaling on the local cloud; that AWS's alarms have these numbers was read elsewhere, not proved here."""

import datetime
import time
from collections.abc import Callable
from typing import Any

import pytest

Scenario = Callable[[Any], tuple[Any, Any]]
SCENARIOS: list[Scenario] = []


def scenario(function: Scenario) -> Scenario:
    """What was observed, and what AWS does; run against moto as it is and with its gaps filled."""
    SCENARIOS.append(function)
    return function


CPU = {"PredefinedMetricSpecification": {"PredefinedMetricType": "ASGAverageCPUUtilization"}, "TargetValue": 50.0}


def template(aws: Any) -> str:
    data = {"ImageId": "ami-12c6146b", "InstanceType": "t3.micro"}
    made = aws.ec2.create_launch_template(LaunchTemplateName=aws.name(), LaunchTemplateData=data)
    return str(made["LaunchTemplate"]["LaunchTemplateId"])


def group(aws: Any, **members: Any) -> str:
    name = members.pop("AutoScalingGroupName", aws.name())
    values = {"MinSize": 0, "MaxSize": 4, "AvailabilityZones": ["eu-west-1a"], **members}
    if "MixedInstancesPolicy" not in values:
        values["LaunchTemplate"] = {"LaunchTemplateId": template(aws)}
    aws.autoscaling.create_auto_scaling_group(AutoScalingGroupName=name, **values)
    return str(name)


def described(aws: Any, name: str) -> dict[str, Any]:
    return dict(aws.autoscaling.describe_auto_scaling_groups(AutoScalingGroupNames=[name])["AutoScalingGroups"][0])


def tracking(aws: Any, name: str, policy: str = "cpu", **configuration: Any) -> list[str]:
    made = aws.autoscaling.put_scaling_policy(
        AutoScalingGroupName=name,
        PolicyName=policy,
        PolicyType="TargetTrackingScaling",
        TargetTrackingConfiguration={**CPU, **configuration},
    )
    return [alarm["AlarmName"] for alarm in made["Alarms"]]


@scenario
def instances_tell_the_version_that_they_were_launched_from(aws: Any) -> tuple[Any, Any]:
    number = template(aws)
    data = {"ImageId": "ami-12c6146b", "InstanceType": "t3.small"}
    aws.ec2.create_launch_template_version(LaunchTemplateId=number, LaunchTemplateData=data)
    name, launch = aws.name(), {"LaunchTemplateId": number, "Version": "2"}
    zones = {"AvailabilityZones": ["eu-west-1a"], "MinSize": 1, "MaxSize": 2}
    aws.autoscaling.create_auto_scaling_group(AutoScalingGroupName=name, LaunchTemplate=launch, **zones)
    launch = {"LaunchTemplateId": number, "Version": "1"}
    aws.autoscaling.update_auto_scaling_group(AutoScalingGroupName=name, LaunchTemplate=launch, DesiredCapacity=2)
    return [one["LaunchTemplate"]["Version"] for one in described(aws, name)["Instances"]], ["2", "1"]


@scenario
def members_of_a_new_group_are_kept(aws: Any) -> tuple[Any, Any]:
    members = {
        "MaxInstanceLifetime": 604800,
        "DefaultInstanceWarmup": 120,
        "InstanceMaintenancePolicy": {"MinHealthyPercentage": 90, "MaxHealthyPercentage": 120},
        "AvailabilityZoneDistribution": {"CapacityDistributionStrategy": "balanced-best-effort"},
    }
    found = described(aws, group(aws, **members))
    return {name: found[name] for name in members}, members


@scenario
def members_of_a_changed_group_are_kept(aws: Any) -> tuple[Any, Any]:
    members = {
        "DefaultInstanceWarmup": 60,
        "DefaultCooldown": 30,
        "CapacityRebalance": True,
        "TerminationPolicies": ["OldestInstance"],
    }
    name = group(aws)
    aws.autoscaling.update_auto_scaling_group(AutoScalingGroupName=name, **members)
    found = described(aws, name)
    return {member: found[member] for member in members}, members


@scenario
def a_mixed_instances_policy_survives_another_change(aws: Any) -> tuple[Any, Any]:
    specification = {"LaunchTemplateId": template(aws), "Version": "1"}
    policy = {"LaunchTemplate": {"LaunchTemplateSpecification": specification}}
    name = group(aws, MixedInstancesPolicy=policy)
    aws.autoscaling.update_auto_scaling_group(AutoScalingGroupName=name, MaxSize=3)
    found = described(aws, name).get("MixedInstancesPolicy", {"LaunchTemplate": {}})["LaunchTemplate"]
    kept = found.get("LaunchTemplateSpecification", {})
    return kept.get("LaunchTemplateId"), specification["LaunchTemplateId"]


@scenario
def a_name_is_given_to_one_group(aws: Any) -> tuple[Any, Any]:
    name = group(aws)
    return aws.refusal(lambda: group(aws, AutoScalingGroupName=name)), (
        f"AlreadyExists: AutoScalingGroup by this name already exists - A group with the name {name} already exists"
    )


@scenario
def a_minimum_above_the_maximum_is_refused(aws: Any) -> tuple[Any, Any]:
    name = group(aws)
    update = aws.autoscaling.update_auto_scaling_group
    created = aws.refusal(lambda: group(aws, MinSize=5, MaxSize=4))
    changed = aws.refusal(lambda: update(AutoScalingGroupName=name, MinSize=6))
    text = "ValidationError: Max bound, 4, must be greater than or equal to min bound, {}"
    return (created, changed), (text.format(5), text.format(6))


@scenario
def a_capacity_outside_the_bounds_is_refused(aws: Any) -> tuple[Any, Any]:
    name = group(aws)
    wanted = aws.autoscaling.set_desired_capacity
    return aws.refusal(lambda: wanted(AutoScalingGroupName=name, DesiredCapacity=9)), (
        "ValidationError: Desired capacity:9 must be between the specified min size:0 and max size:4"
    )


@scenario
def an_unknown_target_group_is_refused(aws: Any) -> tuple[Any, Any]:
    arn = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/x/0123456789abcdef"
    return aws.refusal(lambda: group(aws, TargetGroupARNs=[arn])), (
        f"ValidationError: Provided Target Groups may not be valid - {arn} not found"
    )


@scenario
def lifecycle_hooks_given_with_the_group_are_made(aws: Any) -> tuple[Any, Any]:
    hook = {"LifecycleHookName": "drain", "LifecycleTransition": "autoscaling:EC2_INSTANCE_TERMINATING"}
    name = group(aws, LifecycleHookSpecificationList=[hook])
    found = aws.autoscaling.describe_lifecycle_hooks(AutoScalingGroupName=name)["LifecycleHooks"]
    return [h["LifecycleHookName"] for h in found], ["drain"]


@scenario
def a_lifecycle_hook_keeps_what_it_was_given_and_nothing_else(aws: Any) -> tuple[Any, Any]:
    name = group(aws)
    aws.autoscaling.put_lifecycle_hook(
        AutoScalingGroupName=name,
        LifecycleHookName="drain",
        LifecycleTransition="autoscaling:EC2_INSTANCE_TERMINATING",
        HeartbeatTimeout=60,
        NotificationMetadata="why",
    )
    found = aws.autoscaling.describe_lifecycle_hooks(AutoScalingGroupName=name)["LifecycleHooks"][0]
    members = ("NotificationMetadata", "RoleARN", "NotificationTargetARN")
    return {m: found[m] for m in members if m in found}, {"NotificationMetadata": "why"}


@scenario
def a_refresh_without_instances_is_done_at_once(aws: Any) -> tuple[Any, Any]:
    name = group(aws)
    preferences = {"MinHealthyPercentage": 90, "AutoRollback": True}
    made = aws.autoscaling.start_instance_refresh(AutoScalingGroupName=name, Preferences=preferences)
    found = aws.autoscaling.describe_instance_refreshes(AutoScalingGroupName=name)["InstanceRefreshes"]
    shown = [(r["InstanceRefreshId"], r["Status"], r["Preferences"]) for r in found]
    return shown, [(made["InstanceRefreshId"], "Successful", preferences)]


@scenario
def there_is_no_refresh_to_cancel(aws: Any) -> tuple[Any, Any]:
    name = group(aws)
    calls = (aws.autoscaling.cancel_instance_refresh, aws.autoscaling.rollback_instance_refresh)
    text = "No in progress or pending Instance Refresh found for Auto Scaling group"
    return [aws.refusal(lambda call=call: call(AutoScalingGroupName=name)) for call in calls], [
        f"ActiveInstanceRefreshNotFound: {text} {name}"
    ] * 2


@scenario
def metrics_can_be_turned_off(aws: Any) -> tuple[Any, Any]:
    name = group(aws)
    metrics = ["GroupMinSize", "GroupMaxSize"]
    aws.autoscaling.enable_metrics_collection(AutoScalingGroupName=name, Granularity="1Minute", Metrics=metrics)
    aws.autoscaling.disable_metrics_collection(AutoScalingGroupName=name, Metrics=metrics[:1])
    return [m["Metric"] for m in described(aws, name)["EnabledMetrics"]], metrics[1:]


@scenario
def traffic_sources_are_target_groups(aws: Any) -> tuple[Any, Any]:
    vpc, subnets = aws.network()
    made = aws.elbv2.create_target_group(Name=aws.name(), Protocol="HTTP", Port=80, VpcId=vpc, TargetType="instance")
    arn = made["TargetGroups"][0]["TargetGroupArn"]
    name = group(aws, AvailabilityZones=[], VPCZoneIdentifier=",".join(subnets), DesiredCapacity=2)
    sources = [{"Identifier": arn, "Type": "elbv2"}]
    aws.autoscaling.attach_traffic_sources(AutoScalingGroupName=name, TrafficSources=sources)
    found = aws.autoscaling.describe_traffic_sources(AutoScalingGroupName=name)["TrafficSources"]
    targets = aws.elbv2.describe_target_health(TargetGroupArn=arn)["TargetHealthDescriptions"]
    states = [target["TargetHealth"]["State"] for target in targets]
    aws.autoscaling.detach_traffic_sources(AutoScalingGroupName=name, TrafficSources=sources)
    left = described(aws, name)["TargetGroupARNs"]
    return ([f["Identifier"] for f in found], states, left), ([arn], ["unused", "unused"], [])


@scenario
def a_tracking_policy_has_an_alarm_on_each_side(aws: Any) -> tuple[Any, Any]:
    name = group(aws)
    alarms = tracking(aws, name)
    found = aws.cloudwatch.describe_alarms(AlarmNames=alarms)["MetricAlarms"]
    shown = {
        (a["MetricName"], a["ComparisonOperator"], a["Threshold"], a["EvaluationPeriods"], a["Period"]) for a in found
    }
    high = ("CPUUtilization", "GreaterThanThreshold", 50.0, 3, 60)
    low = ("CPUUtilization", "LessThanThreshold", 35.0, 15, 60)
    return shown, {high, low}


@scenario
def a_tracking_policy_that_does_not_scale_in_has_one_alarm(aws: Any) -> tuple[Any, Any]:
    return [a.split("-")[-6] for a in tracking(aws, group(aws), DisableScaleIn=True)], ["AlarmHigh"]


@scenario
def a_policy_put_again_leaves_no_old_alarm(aws: Any) -> tuple[Any, Any]:
    name = group(aws)
    tracking(aws, name)
    second = tracking(aws, name, TargetValue=60.0)
    found = aws.cloudwatch.describe_alarms(AlarmNamePrefix=f"TargetTracking-{name}-")["MetricAlarms"]
    policies = aws.autoscaling.describe_policies(AutoScalingGroupName=name)["ScalingPolicies"]
    shown = sorted(alarm["AlarmName"] for alarm in policies[0]["Alarms"])
    return (sorted(a["AlarmName"] for a in found), shown), (sorted(second), sorted(second))


@scenario
def a_deleted_policy_takes_its_alarms_with_it(aws: Any) -> tuple[Any, Any]:
    name = group(aws)
    made = tracking(aws, name)
    aws.autoscaling.delete_policy(AutoScalingGroupName=name, PolicyName="cpu")
    left = aws.cloudwatch.describe_alarms(AlarmNamePrefix=f"TargetTracking-{name}-")["MetricAlarms"]
    return (len(made), left), (2, [])


@scenario
def policies_of_two_groups_may_have_one_name(aws: Any) -> tuple[Any, Any]:
    groups = [group(aws), group(aws)]
    for name in groups:
        tracking(aws, name)
    found = [aws.autoscaling.describe_policies(AutoScalingGroupName=name)["ScalingPolicies"] for name in groups]
    return [len(policies) for policies in found], [1, 1]


@scenario
def schedules_of_two_groups_may_have_one_name(aws: Any) -> tuple[Any, Any]:
    groups = [group(aws), group(aws)]
    for name in groups:
        aws.autoscaling.put_scheduled_update_group_action(
            AutoScalingGroupName=name, ScheduledActionName="office", Recurrence="0 8 * * *", MinSize=1
        )
    listed = aws.autoscaling.describe_scheduled_actions
    aws.autoscaling.delete_scheduled_action(AutoScalingGroupName=groups[0], ScheduledActionName="office")
    left = [len(listed(AutoScalingGroupName=name)["ScheduledUpdateGroupActions"]) for name in groups]
    return left, [0, 1]


@scenario
def a_policy_of_an_unknown_group_is_refused(aws: Any) -> tuple[Any, Any]:
    return aws.refusal(lambda: tracking(aws, "nobody")), "ValidationError: Group nobody not found"


@scenario
def a_policy_says_whether_it_is_enabled(aws: Any) -> tuple[Any, Any]:
    name = group(aws)
    network = {**CPU, "PredefinedMetricSpecification": {"PredefinedMetricType": "ASGAverageNetworkIn"}}
    for policy, enabled, configuration in (("on", True, CPU), ("off", False, network)):
        aws.autoscaling.put_scaling_policy(
            AutoScalingGroupName=name,
            PolicyName=policy,
            PolicyType="TargetTrackingScaling",
            TargetTrackingConfiguration=configuration,
            Enabled=enabled,
        )
    found = aws.autoscaling.describe_policies(AutoScalingGroupName=name)["ScalingPolicies"]
    return {policy["PolicyName"]: policy["Enabled"] for policy in found}, {"on": True, "off": False}


@scenario
def a_deleted_group_takes_its_policies_hooks_and_schedules_with_it(aws: Any) -> tuple[Any, Any]:
    name = group(aws)
    aws.autoscaling.put_scaling_policy(
        AutoScalingGroupName=name, PolicyName="out", AdjustmentType="ChangeInCapacity", ScalingAdjustment=1
    )
    aws.autoscaling.put_scheduled_update_group_action(
        AutoScalingGroupName=name, ScheduledActionName="office", Recurrence="0 8 * * *", MinSize=1
    )
    aws.autoscaling.delete_auto_scaling_group(AutoScalingGroupName=name)
    policies = aws.autoscaling.describe_policies(AutoScalingGroupName=name)["ScalingPolicies"]
    schedules = aws.autoscaling.describe_scheduled_actions(AutoScalingGroupName=name)["ScheduledUpdateGroupActions"]
    return (policies, schedules), ([], [])


@scenario
def a_group_with_instances_is_deleted_by_force_only(aws: Any) -> tuple[Any, Any]:
    name = group(aws, DesiredCapacity=1)
    return aws.refusal(lambda: aws.autoscaling.delete_auto_scaling_group(AutoScalingGroupName=name)), (
        "ResourceInUse: You cannot delete an AutoScalingGroup while there are instances or pending Spot instance "
        "request(s) still in the group."
    )


@scenario
def a_forced_deletion_takes_protected_instances_along(aws: Any) -> tuple[Any, Any]:
    name = group(aws, DesiredCapacity=2, NewInstancesProtectedFromScaleIn=True)
    ids = [instance["InstanceId"] for instance in described(aws, name)["Instances"]]
    aws.autoscaling.delete_auto_scaling_group(AutoScalingGroupName=name, ForceDelete=True)
    found = aws.ec2.describe_instances(InstanceIds=ids)["Reservations"]
    return [i["State"]["Name"] for r in found for i in r["Instances"]], ["terminated", "terminated"]


@scenario
def a_step_policy_is_executed_at_a_value(aws: Any) -> tuple[Any, Any]:
    name = group(aws)
    aws.autoscaling.put_scaling_policy(
        AutoScalingGroupName=name,
        PolicyName="out",
        PolicyType="StepScaling",
        AdjustmentType="ChangeInCapacity",
        StepAdjustments=[
            {"MetricIntervalLowerBound": 0, "MetricIntervalUpperBound": 10, "ScalingAdjustment": 1},
            {"MetricIntervalLowerBound": 10, "ScalingAdjustment": 3},
        ],
    )
    execute = aws.autoscaling.execute_policy
    refused = aws.refusal(lambda: execute(AutoScalingGroupName=name, PolicyName="out"))
    execute(AutoScalingGroupName=name, PolicyName="out", MetricValue=70, BreachThreshold=60)
    needed = "ValidationError: MetricValue and BreachThreshold are required for step scaling policies"
    return (refused, described(aws, name)["DesiredCapacity"]), (needed, 3)


EXECUTED = {
    "far up": (100, "ChangeInCapacity", None, 20),
    "far down": (-100, "ChangeInCapacity", None, 0),
    "a quarter less": (-25, "PercentChangeInCapacity", None, 8),
    "a quarter more, 5 at least": (25, "PercentChangeInCapacity", 5, 15),
    "exactly": (7, "ExactCapacity", None, 7),
    "exactly too many": (70, "ExactCapacity", None, 20),
}


@pytest.mark.parametrize("case", EXECUTED)
def test_an_executed_policy_stays_within_the_bounds_and_rounds_as_aws(filled_aws: Any, case: str) -> None:
    change, kind, least, wanted = EXECUTED[case]
    name = group(filled_aws, MaxSize=20, DesiredCapacity=10)
    more = {"MinAdjustmentMagnitude": least} if least else {}
    filled_aws.autoscaling.put_scaling_policy(
        AutoScalingGroupName=name, PolicyName="p", AdjustmentType=kind, ScalingAdjustment=change, **more
    )
    filled_aws.autoscaling.execute_policy(AutoScalingGroupName=name, PolicyName="p")
    assert described(filled_aws, name)["DesiredCapacity"] == wanted


STEPS = [
    {"MetricIntervalLowerBound": 0, "MetricIntervalUpperBound": 10, "ScalingAdjustment": 10},
    {"MetricIntervalLowerBound": 10, "ScalingAdjustment": 50},
]
STEPPED = {
    "within the first": (69, "ChangeInCapacity", None, 20),
    "at the second's bound": (70, "ChangeInCapacity", None, 20),
    "a tenth": (60, "PercentChangeInCapacity", None, 11),
    "a tenth, 4 at least": (60, "PercentChangeInCapacity", 4, 14),
    "half": (90, "PercentChangeInCapacity", None, 15),
    "exactly": (65, "ExactCapacity", None, 10),
    "exactly too many": (75, "ExactCapacity", None, 20),
}


def stepped(aws: Any, kind: str = "ChangeInCapacity", least: int | None = None) -> str:
    name = str(group(aws, MaxSize=20, DesiredCapacity=10))
    more = {"MinAdjustmentMagnitude": least} if least else {}
    aws.autoscaling.put_scaling_policy(
        AutoScalingGroupName=name,
        PolicyName="p",
        PolicyType="StepScaling",
        AdjustmentType=kind,
        StepAdjustments=STEPS,
        **more,
    )
    return name


@pytest.mark.parametrize("case", STEPPED)
def test_an_executed_step_policy_stays_within_the_bounds_and_rounds_as_aws(filled_aws: Any, case: str) -> None:
    value, kind, least, wanted = STEPPED[case]
    name = stepped(filled_aws, kind, least)
    execute = filled_aws.autoscaling.execute_policy
    execute(AutoScalingGroupName=name, PolicyName="p", MetricValue=value, BreachThreshold=60)
    assert described(filled_aws, name)["DesiredCapacity"] == wanted


def test_a_value_that_no_step_is_for_is_refused_and_changes_nothing(filled_aws: Any) -> None:
    name = stepped(filled_aws)
    execute = filled_aws.autoscaling.execute_policy
    refused = filled_aws.refusal(
        lambda: execute(AutoScalingGroupName=name, PolicyName="p", MetricValue=59, BreachThreshold=60)
    )
    assert refused == "ValidationError: No step adjustment of the policy is for a metric value of 59"
    assert described(filled_aws, name)["DesiredCapacity"] == 10


def test_a_cooldown_holds_a_simple_policy_that_honors_it_and_no_other(filled_aws: Any) -> None:
    name = str(group(filled_aws, MaxSize=20, DesiredCapacity=1))
    filled_aws.autoscaling.put_scaling_policy(
        AutoScalingGroupName=name, PolicyName="p", AdjustmentType="ChangeInCapacity", ScalingAdjustment=1, Cooldown=3600
    )

    def execute(**more: Any) -> Any:
        return filled_aws.autoscaling.execute_policy(AutoScalingGroupName=name, PolicyName="p", **more)

    execute(HonorCooldown=True)
    refused = filled_aws.refusal(lambda: execute(HonorCooldown=True))
    execute()
    assert refused == f"ScalingActivityInProgress: Group {name} is in a cooldown period"
    assert described(filled_aws, name)["DesiredCapacity"] == 3
    assert filled_aws.refusal(lambda: execute(MetricValue=1, BreachThreshold=1)).startswith("ValidationError: ")


FINE = {"predefined": ({"PredefinedMetricSpecification": {"PredefinedMetricType": "ASGAverageCPUUtilizationHighResolution"}}, 10),
        "custom": ({"CustomizedMetricSpecification": {"MetricName": "a", "Namespace": "b", "Statistic": "Sum", "Period": 10}}, 10),
        "custom of half a minute": ({"CustomizedMetricSpecification": {"MetricName": "a", "Namespace": "b", "Statistic": "Sum", "Period": 30}}, 30)}  # fmt: skip


@pytest.mark.parametrize("case", FINE)
def test_alarms_of_a_fine_metric_have_its_period_and_last_as_long_as_others(filled_aws: Any, case: str) -> None:
    metric, period = FINE[case]
    made = filled_aws.autoscaling.put_scaling_policy(
        AutoScalingGroupName=group(filled_aws),
        PolicyName="cpu",
        PolicyType="TargetTrackingScaling",
        TargetTrackingConfiguration={"TargetValue": 50, **metric},
    )
    names = [alarm["AlarmName"] for alarm in made["Alarms"]]
    alarms = filled_aws.cloudwatch.describe_alarms(AlarmNames=names)["MetricAlarms"]
    assert sorted((a["Period"], a["Period"] * a["EvaluationPeriods"]) for a in alarms) == [(period, 180), (period, 900)]


@scenario
def a_group_takes_target_groups_of_instances_only(aws: Any) -> tuple[Any, Any]:
    vpc, _ = aws.network()
    made = aws.elbv2.create_target_group(Name=aws.name(), Protocol="HTTP", Port=80, VpcId=vpc, TargetType="ip")
    arn, name = made["TargetGroups"][0]["TargetGroupArn"], group(aws)
    attach = aws.autoscaling.attach_load_balancer_target_groups
    refused = (
        f"ValidationError: Provided Target Group '{arn}' has invalid target type. Please ensure all provided Target "
        "Groups have target type of instance."
    )
    return (
        aws.refusal(lambda: attach(AutoScalingGroupName=name, TargetGroupARNs=[arn])),
        aws.refusal(lambda: group(aws, TargetGroupARNs=[arn])),
    ), (refused, refused)


def refused_template(aws: Any, data: dict[str, Any], *, mixed: bool) -> str:
    made = aws.ec2.create_launch_template(LaunchTemplateName=aws.name(), LaunchTemplateData=data)
    own = {"LaunchTemplateId": made["LaunchTemplate"]["LaunchTemplateId"]}
    policy = {"LaunchTemplate": {"LaunchTemplateSpecification": own, "Overrides": [{"InstanceType": "m7g.large"}]}}
    launch = {"MixedInstancesPolicy": policy} if mixed else {"LaunchTemplate": own}
    values = {"MinSize": 0, "MaxSize": 1, "AvailabilityZones": ["eu-west-1a"], **launch}
    return str(
        aws.refusal(lambda: aws.autoscaling.create_auto_scaling_group(AutoScalingGroupName=aws.name(), **values))
    )


@scenario
def a_mixed_policy_takes_no_template_that_asks_for_spot(aws: Any) -> tuple[Any, Any]:
    data = {"ImageId": "ami-12c6146b", "InstanceType": "m7g.large", "InstanceMarketOptions": {"MarketType": "spot"}}
    told = (
        "ValidationError: Incompatible launch template: You cannot use a launch template that is set to request Spot "
        "Instances (InstanceMarketOptions) when you configure an Auto Scaling group with a mixed instances policy. Add a "
        "different launch template to the group and try again."
    )
    return [refused_template(aws, data, mixed=mixed) for mixed in (True, False)], [told, "accepted"]


@scenario
def a_group_takes_no_template_without_an_image(aws: Any) -> tuple[Any, Any]:
    told = (
        "ValidationError: You must use a valid fully-formed launch template. The request must contain the parameter "
        "ImageId"
    )
    return [refused_template(aws, {"InstanceType": "m7g.large"}, mixed=mixed) for mixed in (True, False)], [told] * 2


SCHEDULES: dict[str, tuple[dict[str, Any], str]] = {
    "sizes": ({"MinSize": 6, "MaxSize": 5}, "Max bound, 5, must be greater than or equal to min bound, 6"),
    "capacity below": (
        {"MinSize": 6, "DesiredCapacity": 0},
        "Desired capacity:0 must be between the specified min size:6 and max size:None",
    ),
    "capacity above": (
        {"MaxSize": 2, "DesiredCapacity": 3},
        "Desired capacity:3 must be between the specified min size:None and max size:2",
    ),
    "nothing": ({}, "At least one of DesiredCapacity, MinSize and MaxSize must be specified"),
    "a start that has passed": ({"MinSize": 1, "StartTime": "2020-01-01T00:00:00Z"}, "Given start time is in the past"),
    "an end that has passed": ({"MinSize": 1, "EndTime": "2020-01-01T00:00:00Z"}, "Given end time is in the past"),
    "an end before the start": (
        {"MinSize": 1, "StartTime": "2090-01-02T00:00:00Z", "EndTime": "2090-01-01T00:00:00Z"},
        "End time must be after start time",
    ),
}


@pytest.mark.parametrize("case", SCHEDULES)
def test_a_schedule_that_cannot_be_is_refused(filled_aws: Any, case: str) -> None:
    members, told = SCHEDULES[case]
    put = filled_aws.autoscaling.put_scheduled_update_group_action
    name = group(filled_aws)
    call = {"AutoScalingGroupName": name, "ScheduledActionName": "s", "Recurrence": "0 8 * * *", **members}
    assert filled_aws.refusal(lambda: put(**call)) == f"ValidationError: {told}"


def test_a_schedule_that_sets_one_size_is_taken(filled_aws: Any) -> None:
    put = filled_aws.autoscaling.put_scheduled_update_group_action
    name = group(filled_aws)
    for hour, size in enumerate(("MinSize", "MaxSize", "DesiredCapacity")):
        put(AutoScalingGroupName=name, ScheduledActionName=size, Recurrence=f"0 {hour} * * *", **{size: 3})


REQUESTS = {
    "PredefinedMetricType": "ALBRequestCountPerTarget",
    "ResourceLabel": "app/shop/50dc6c495c0c9188/targetgroup/shop/943f017f100becff",
}
LAG = {"Namespace": "Shop", "MetricName": "Lag", "Statistic": "Average"}


@scenario
def one_tracking_policy_for_a_metric_of_a_group(aws: Any) -> tuple[Any, Any]:
    name, other = group(aws), group(aws)
    tracking(aws, name), tracking(aws, other)
    tracking(aws, name, "requests", PredefinedMetricSpecification=REQUESTS)
    custom = {"TargetValue": 3.0, "CustomizedMetricSpecification": LAG}
    put = {"AutoScalingGroupName": name, "PolicyType": "TargetTrackingScaling", "TargetTrackingConfiguration": custom}
    aws.autoscaling.put_scaling_policy(PolicyName="lag", **put)
    again = tracking(aws, name, TargetValue=60.0)
    refused = [
        aws.refusal(lambda: aws.autoscaling.put_scaling_policy(PolicyName="late", **put)),
        aws.refusal(lambda: tracking(aws, name, "load", TargetValue=70.0)),
    ]
    text = "ValidationError: Only one TargetTrackingScaling policy for a given metric specification is allowed."
    return (len(again), refused), (2, [text, text])


@scenario
def two_schedules_of_a_group_at_one_time(aws: Any) -> tuple[Any, Any]:
    name, other = group(aws), group(aws)
    daily = {"Recurrence": "0 8 * * *", "TimeZone": "Europe/Berlin", "MinSize": 1}
    put = aws.autoscaling.put_scheduled_update_group_action
    for at, action in ((name, "office"), (name, "office"), (other, "work")):
        put(AutoScalingGroupName=at, ScheduledActionName=action, **daily)
    put(AutoScalingGroupName=name, ScheduledActionName="evening", **{**daily, "Recurrence": "0 20 * * *"})
    refused = aws.refusal(lambda: put(AutoScalingGroupName=name, ScheduledActionName="work", **daily))
    return refused, "AlreadyExists: A scheduled action with this scheduled start time already exists."


def test_a_group_has_its_desired_number_of_instances_in_service(filled_aws: Any) -> None:
    name = group(filled_aws, DesiredCapacity=3)
    first = [i["InstanceId"] for i in described(filled_aws, name)["Instances"]]
    filled_aws.autoscaling.set_desired_capacity(AutoScalingGroupName=name, DesiredCapacity=2)
    left = described(filled_aws, name)["Instances"]
    assert [i["InstanceId"] for i in left] == first[1:]
    assert {i["LifecycleState"] for i in left} == {"InService"}


def mixed(aws: Any, desired: int, base: int, share: int, *weights: int) -> str:
    """A group of on-demand instances, `base` and `share` % of what is above it, and of Spot instances."""
    kinds = ("m7g.large", "m6g.large")
    weighed = [{"WeightedCapacity": str(weight)} for weight in weights] or [{}, {}]
    overrides = [{"InstanceType": kind, **weight} for kind, weight in zip(kinds, weighed, strict=True)]
    named = {"LaunchTemplateId": template(aws), "Version": "$Latest"}
    policy = {
        "LaunchTemplate": {"LaunchTemplateSpecification": named, "Overrides": overrides},
        "InstancesDistribution": {"OnDemandBaseCapacity": base, "OnDemandPercentageAboveBaseCapacity": share},
    }
    return group(aws, MaxSize=20, DesiredCapacity=desired, MixedInstancesPolicy=policy)


@scenario
def half_of_an_odd_number_above_the_base_rounds_to_the_desired_capacity(aws: Any) -> tuple[Any, Any]:
    name = mixed(aws, 6, 3, 50)
    made = len(described(aws, name)["Instances"])
    aws.autoscaling.set_desired_capacity(AutoScalingGroupName=name, DesiredCapacity=4)
    return (made, len(described(aws, name)["Instances"])), (6, 4)


@scenario
def instances_of_a_weighted_group_tell_their_weight(aws: Any) -> tuple[Any, Any]:
    shown = described(aws, mixed(aws, 6, 0, 50, 2, 1))["Instances"]
    return [one.get("WeightedCapacity") for one in shown], ["2", "2", "2", "2"]


@pytest.mark.parametrize("share", [0, 1, 33, 50, 99, 100])
@pytest.mark.parametrize("base", [0, 1, 3, 20])
def test_a_mixed_group_has_its_desired_capacity_whatever_is_bought_how(filled_aws: Any, base: int, share: int) -> None:
    name, desired = mixed(filled_aws, 0, base, share), [1, 2, 3, 6, 7, 20, 13, 0]
    found = []
    for count in desired:
        filled_aws.autoscaling.set_desired_capacity(AutoScalingGroupName=name, DesiredCapacity=count)
        found.append(len(described(filled_aws, name)["Instances"]))
    assert found == desired


def instances(aws: Any, name: str) -> list[str]:
    return sorted(each["InstanceId"] for each in described(aws, name)["Instances"])


def test_a_refresh_replaces_every_instance_or_those_that_differ(filled_aws: Any) -> None:
    aws, launched = filled_aws, template(filled_aws)
    which = {"LaunchTemplateId": launched, "Version": "$Latest"}
    name = group(aws, DesiredCapacity=3)
    aws.autoscaling.update_auto_scaling_group(AutoScalingGroupName=name, LaunchTemplate=which)
    at_once = {"InstanceWarmup": 0}
    skipping = {"SkipMatching": True, **at_once}
    aws.autoscaling.start_instance_refresh(AutoScalingGroupName=name, Preferences=skipping)
    first = instances(aws, name)
    aws.autoscaling.start_instance_refresh(AutoScalingGroupName=name, Preferences=skipping)
    assert instances(aws, name) == first
    aws.autoscaling.start_instance_refresh(AutoScalingGroupName=name, Preferences=at_once)
    second = instances(aws, name)
    assert (len(second), set(first) & set(second)) == (3, set())
    gone = aws.ec2.describe_instances(InstanceIds=first)["Reservations"]
    assert {each["State"]["Name"] for one in gone for each in one["Instances"]} == {"terminated"}
    aws.ec2.create_launch_template_version(
        LaunchTemplateId=launched, SourceVersion="1", LaunchTemplateData={"InstanceType": "t3.small"}
    )
    aws.autoscaling.start_instance_refresh(AutoScalingGroupName=name, Preferences=skipping)
    third = described(aws, name)["Instances"]
    assert not {each["InstanceId"] for each in third} & set(second)
    assert {each["InstanceType"] for each in third} == {"t3.small"}
    (last, *_) = aws.autoscaling.describe_instance_refreshes(AutoScalingGroupName=name)["InstanceRefreshes"]
    assert (last["Status"], last["PercentageComplete"], last["InstancesToUpdate"]) == ("Successful", 100, 0)


def followed(aws: Any, name: str, *statuses: str) -> tuple[dict[str, Any], list[tuple[int, int, int]]]:
    """The newest refresh once it has one of the statuses; on the way percentage, instances left, and in service."""
    seen: list[tuple[int, int, int]] = []
    while True:
        refresh = aws.autoscaling.describe_instance_refreshes(AutoScalingGroupName=name)["InstanceRefreshes"][0]
        in_service = [one["LifecycleState"] for one in described(aws, name)["Instances"]].count("InService")
        seen.append((refresh["PercentageComplete"], refresh["InstancesToUpdate"], in_service))
        if refresh["Status"] in statuses:
            return refresh, list(dict.fromkeys(seen))
        time.sleep(0.05)


@pytest.mark.parametrize(
    ("preferences", "steps"),
    [
        ({"MinHealthyPercentage": 50}, [(0, 4), (50, 2), (100, 0)]),
        ({"MinHealthyPercentage": 75}, [(0, 4), (25, 3), (50, 2), (75, 1), (100, 0)]),
        ({"MinHealthyPercentage": 100, "MaxHealthyPercentage": 150}, [(0, 4), (50, 2), (100, 0)]),
        ({"MinHealthyPercentage": 0}, [(0, 4), (100, 0)]),
    ],
)
def test_a_refresh_goes_on_by_the_clock_with_no_more_out_of_service_than_asked(
    filled_aws: Any, preferences: dict[str, int], steps: list[tuple[int, int]]
) -> None:
    name = group(filled_aws, DesiredCapacity=4, MaxSize=6)
    first = set(instances(filled_aws, name))
    start = filled_aws.autoscaling.start_instance_refresh
    start(AutoScalingGroupName=name, Preferences={"InstanceWarmup": 1, **preferences})
    assert filled_aws.refusal(lambda: start(AutoScalingGroupName=name)) == (
        "InstanceRefreshInProgress: An Instance Refresh is already in progress and blocks the execution of this "
        "Instance Refresh."
    )
    left = len(first & set(instances(filled_aws, name)))
    refresh, seen = followed(filled_aws, name, "Successful")
    assert left >= 4 - (steps[0][1] - steps[1][1]), "the next batch waits for the first one's warm-up"
    assert [(percent, remaining) for percent, remaining, _ in seen] == [
        one for one in steps if one in {s[:2] for s in seen}
    ]
    assert {in_service for *_, in_service in seen} == {4}
    assert first & set(instances(filled_aws, name)) == set()
    assert refresh["EndTime"] - refresh["StartTime"] == datetime.timedelta(seconds=len(steps) - 1)


def test_a_refresh_that_is_cancelled_leaves_what_it_has_replaced(filled_aws: Any) -> None:
    name = group(filled_aws, DesiredCapacity=2)
    first = set(instances(filled_aws, name))
    started = filled_aws.autoscaling.start_instance_refresh(AutoScalingGroupName=name)
    ended = filled_aws.autoscaling.cancel_instance_refresh(AutoScalingGroupName=name)
    assert ended["InstanceRefreshId"] == started["InstanceRefreshId"]
    refresh, _ = followed(filled_aws, name, "Cancelled")
    assert (refresh["PercentageComplete"], refresh["InstancesToUpdate"]) == (0, 2)
    assert len(first & set(instances(filled_aws, name))) == 1, "the first batch, of one, was replaced"
    again = filled_aws.autoscaling.start_instance_refresh(AutoScalingGroupName=name)
    assert again["InstanceRefreshId"] != started["InstanceRefreshId"]


def test_a_refresh_that_is_rolled_back_ends_with_what_the_group_launched_before(filled_aws: Any) -> None:
    aws, launched = filled_aws, template(filled_aws)
    aws.ec2.create_launch_template_version(
        LaunchTemplateId=launched, SourceVersion="1", LaunchTemplateData={"InstanceType": "t3.small"}
    )
    name = group(aws, DesiredCapacity=2)
    versions = [{"LaunchTemplateId": launched, "Version": version} for version in ("1", "2")]
    aws.autoscaling.update_auto_scaling_group(AutoScalingGroupName=name, LaunchTemplate=versions[0])
    wanted = {"Preferences": {"InstanceWarmup": 1}, "DesiredConfiguration": {"LaunchTemplate": versions[1]}}
    aws.autoscaling.start_instance_refresh(AutoScalingGroupName=name, **wanted)
    assert sorted(one["InstanceType"] for one in described(aws, name)["Instances"]) == ["t3.micro", "t3.small"]
    aws.autoscaling.rollback_instance_refresh(AutoScalingGroupName=name)
    refresh, _ = followed(aws, name, "RollbackSuccessful")
    assert refresh["PercentageComplete"] == 0
    assert refresh["RollbackDetails"]["RollbackReason"] == "Manual rollback"
    assert {one["InstanceType"] for one in described(aws, name)["Instances"]} == {"t3.micro"}
    assert described(aws, name)["LaunchTemplate"]["Version"] == "1"
    aws.autoscaling.start_instance_refresh(AutoScalingGroupName=name, **wanted)
    followed(aws, name, "Successful")
    assert {one["InstanceType"] for one in described(aws, name)["Instances"]} == {"t3.small"}
    assert described(aws, name)["LaunchTemplate"]["Version"] == "2", "the desired configuration is the group's then"


def test_a_refresh_waits_at_its_checkpoints_and_bakes(filled_aws: Any) -> None:
    aws = filled_aws
    name = group(aws, DesiredCapacity=4, MaxSize=6)
    first, start = set(instances(aws, name)), aws.autoscaling.start_instance_refresh
    waiting = {"InstanceWarmup": 1, "MinHealthyPercentage": 0, "CheckpointPercentages": [25, 100], "CheckpointDelay": 2,
               "BakeTime": 2}  # fmt: skip
    start(AutoScalingGroupName=name, Preferences=waiting)
    assert len(first & set(instances(aws, name))) == 3, "a checkpoint ends a batch"
    refresh, seen = followed(aws, name, "Baking", "Successful")
    assert {(percent, left) for percent, left, _ in seen} <= {(0, 4), (25, 3), (100, 0)}
    refresh, _ = followed(aws, name, "Successful")
    assert refresh["EndTime"] - refresh["StartTime"] == datetime.timedelta(seconds=1 + 2 + 1 + 2)
    assert first & set(instances(aws, name)) == set()
    half = {"InstanceWarmup": 0, "MinHealthyPercentage": 0, "CheckpointPercentages": [50]}
    before = set(instances(aws, name))
    start(AutoScalingGroupName=name, Preferences=half)
    refresh, _ = followed(aws, name, "Successful")
    assert (refresh["PercentageComplete"], refresh["InstancesToUpdate"]) == (50, 2)
    assert len(before & set(instances(aws, name))) == 2
    for wrong in ({"CheckpointDelay": 5}, {"CheckpointPercentages": [50, 20]}, {"CheckpointPercentages": [50, 50]}):
        asked = lambda wrong=wrong: start(AutoScalingGroupName=name, Preferences=wrong)  # noqa: E731
        assert aws.refusal(asked).startswith("ValidationError: Checkpoint")


@pytest.mark.parametrize("back", [True, False])
def test_an_alarm_ends_a_refresh_or_turns_it_back(filled_aws: Any, back: bool) -> None:
    aws, launched, alarm = filled_aws, template(filled_aws), filled_aws.name()
    aws.ec2.create_launch_template_version(
        LaunchTemplateId=launched, SourceVersion="1", LaunchTemplateData={"InstanceType": "t3.small"}
    )
    name = group(aws, DesiredCapacity=2)
    versions = [{"LaunchTemplateId": launched, "Version": version} for version in ("1", "2")]
    aws.autoscaling.update_auto_scaling_group(AutoScalingGroupName=name, LaunchTemplate=versions[0])
    aws.cloudwatch.put_metric_alarm(
        AlarmName=alarm, ComparisonOperator="GreaterThanThreshold", EvaluationPeriods=1, MetricName="m", Namespace="n",
        Period=60, Statistic="Sum", Threshold=1)  # fmt: skip
    preferences = {
        "InstanceWarmup": 3_600 if not back else 1,
        "AlarmSpecification": {"Alarms": [alarm]},
        "AutoRollback": back,
    }
    preferences |= {"CheckpointPercentages": [50, 100], "CheckpointDelay": 3_600}
    wanted = {"Preferences": preferences, "DesiredConfiguration": {"LaunchTemplate": versions[1]}}
    aws.autoscaling.start_instance_refresh(AutoScalingGroupName=name, **wanted)
    aws.cloudwatch.set_alarm_state(AlarmName=alarm, StateValue="ALARM", StateReason="errors")
    refresh, _ = followed(aws, name, "RollbackSuccessful", "Failed")
    why = f"CloudWatch alarm {alarm} is in ALARM state"
    kinds = sorted(one["InstanceType"] for one in described(aws, name)["Instances"])
    if back:
        assert (refresh["Status"], refresh["RollbackDetails"]["RollbackReason"]) == ("RollbackSuccessful", why)
        assert kinds == ["t3.micro", "t3.micro"]
    else:
        assert (refresh["Status"], refresh["StatusReason"]) == ("Failed", why)
        assert kinds == ["t3.micro", "t3.small"]


def test_a_refresh_without_a_desired_configuration_cannot_be_rolled_back(filled_aws: Any) -> None:
    name = group(filled_aws, DesiredCapacity=2)
    filled_aws.autoscaling.start_instance_refresh(AutoScalingGroupName=name)
    refused = filled_aws.refusal(lambda: filled_aws.autoscaling.rollback_instance_refresh(AutoScalingGroupName=name))
    assert refused.startswith("IrreversibleInstanceRefresh: ")


def test_a_simple_policy_is_executed(filled_aws: Any) -> None:
    name = group(filled_aws, DesiredCapacity=1)
    filled_aws.autoscaling.put_scaling_policy(
        AutoScalingGroupName=name, PolicyName="out", AdjustmentType="ChangeInCapacity", ScalingAdjustment=2
    )
    filled_aws.autoscaling.execute_policy(AutoScalingGroupName=name, PolicyName="out")
    assert described(filled_aws, name)["DesiredCapacity"] == 3


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.__name__)
def test_the_local_cloud_does_as_aws(scenario: Scenario, filled_aws: Any) -> None:
    observed, expected = scenario(filled_aws)
    assert observed == expected


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.__name__)
def test_moto_still_needs_the_patch(scenario: Scenario, plain_aws: Any) -> None:
    assert plain_aws.lacks(scenario), "moto does this by itself now: remove the patch"
