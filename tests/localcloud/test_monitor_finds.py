"""Deviations planted in the stand-in for AWS are found, and nothing else is. It cannot prove that AWS answers as moto
does, nor that a deviation of another kind is seen."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import Any

import pytest

from localcloud.aws.played import send
from tests.localcloud.conftest import KEY, SECRET
from tests.operations.monitored import DIMENSION, REGION, Monitored, certificate

Plant = Callable[[Monitored], float | None]
"""Makes one deviation; answers how many seconds later it is looked at."""
PLANTED: list[tuple[Plant, str, str]] = []


@pytest.fixture
def stack(endpoint: str) -> Monitored:
    return Monitored(endpoint, (KEY, SECRET))


def planted(key: str, category: str = "different") -> Callable[[Plant], Plant]:
    """A deviation, with the key and the category under which it is to be told."""

    def register(plant: Plant) -> Plant:
        PLANTED.append((plant, key, category))
        return plant

    return register


def scaling(stack: Monitored) -> Any:
    return stack.aws("application-autoscaling")


def of(stack: Monitored) -> dict[str, str]:
    return {"ServiceNamespace": "ecs", "ResourceId": stack.resource, "ScalableDimension": DIMENSION}


@planted("web.deployment")
def a_deployment_that_was_rolled_back(stack: Monitored) -> None:
    ecs = stack.aws("ecs")
    broken = stack.register("registry.example.com/broken:2.0")
    ecs.update_service(cluster=stack.name, service=stack.name, taskDefinition=broken)


@planted("web.deployment")
def a_forced_deployment_of_the_same_task_definition_that_was_rolled_back(stack: Monitored) -> None:
    ecs = stack.aws("ecs")
    before = ecs.describe_services(cluster=stack.name, services=[stack.name])["services"][0]["taskDefinition"]
    for tag in ("1.0", "broken"):
        stack.push(tag, "bad")
    ecs.update_service(cluster=stack.name, service=stack.name, forceNewDeployment=True)
    service = ecs.describe_services(cluster=stack.name, services=[stack.name])["services"][0]
    assert service["taskDefinition"] == before


@planted("web.image")
def another_digest_under_the_same_tag(stack: Monitored) -> None:
    stack.push("1.0", "second")
    ecs = stack.aws("ecs")
    first = ecs.list_tasks(cluster=stack.name)["taskArns"][0]
    ecs.stop_task(cluster=stack.name, task=first)  # the one in its place resolves the tag anew


@planted("web.bounds")
def a_raised_minimum(stack: Monitored) -> None:
    stack.bounds(3, 6)
    stack.aws("ecs").update_service(cluster=stack.name, service=stack.name, desiredCount=3)


@planted("web.policy")
def a_policy_with_another_target(stack: Monitored) -> None:
    stack.put_policy(75.0)


@planted("web.policy", "added")
def a_policy_added_by_hand(stack: Monitored) -> None:
    scaling(stack).put_scaling_policy(
        **of(stack),
        PolicyName="mine",
        PolicyType="StepScaling",
        StepScalingPolicyConfiguration={
            "AdjustmentType": "ChangeInCapacity",
            "StepAdjustments": [{"MetricIntervalLowerBound": 0.0, "ScalingAdjustment": 1}],
        },
    )


@planted("web.policy")
def a_policy_deleted(stack: Monitored) -> None:
    scaling(stack).delete_scaling_policy(PolicyName="cpu", **of(stack))


@planted("web.managed_alarm")
def a_managed_alarm_edited(stack: Monitored) -> None:
    alarm = stack.managed("AlarmHigh")
    members = (
        "AlarmName",
        "ComparisonOperator",
        "EvaluationPeriods",
        "AlarmActions",
        "MetricName",
        "Namespace",
        "Period",
        "Statistic",
        "Dimensions",
    )
    stack.aws("cloudwatch").put_metric_alarm(**{name: alarm[name] for name in members}, Threshold=95.0)


@planted("web.managed_alarm")
def a_managed_alarm_deleted(stack: Monitored) -> None:
    stack.aws("cloudwatch").delete_alarms(AlarmNames=[stack.managed("AlarmLow")["AlarmName"]])


@planted("web.managed_alarm")
def a_managed_alarm_with_its_actions_off(stack: Monitored) -> None:
    stack.aws("cloudwatch").disable_alarm_actions(AlarmNames=[stack.managed("AlarmHigh")["AlarmName"]])


@planted("web.mute_rule", "added")
def a_mute_rule_over_an_alarm_that_scales(stack: Monitored) -> None:
    stack.aws("cloudwatch").put_alarm_mute_rule(
        Name=stack.name,
        Rule={"Schedule": {"Expression": "cron(0 2 * * *)", "Duration": "PT4H", "Timezone": "UTC"}},
        MuteTargets={"AlarmNames": [stack.managed("AlarmHigh")["AlarmName"]]},
    )


@planted("web.alarm")
def a_declared_alarm_edited(stack: Monitored) -> None:
    stack.alarm(99.0)


@planted("web.alarm")
def a_declared_alarm_deleted(stack: Monitored) -> None:
    stack.aws("cloudwatch").delete_alarms(AlarmNames=[f"{stack.name}-cpu"])


@planted("web.suspended", "undeclared")
def scaling_out_suspended(stack: Monitored) -> None:
    stack.bounds(2, 6, SuspendedState={"DynamicScalingOutSuspended": True})


@planted("web.schedule", "added")
def a_schedule_added_by_hand(stack: Monitored) -> None:
    scaling(stack).put_scheduled_action(
        **of(stack), ScheduledActionName="mine", Schedule="cron(0 20 * * ? *)", ScalableTargetAction={"MinCapacity": 3}
    )


@planted("web.schedule")
def a_schedule_moved(stack: Monitored) -> None:
    scaling(stack).put_scheduled_action(
        **of(stack), ScheduledActionName="office", Schedule="cron(0 9 * * ? *)", ScalableTargetAction={"MinCapacity": 4}
    )


@planted("web.stuck")
def a_maximum_reached_while_an_alarm_is_in_alarm(stack: Monitored) -> float:
    stack.aws("ecs").update_service(cluster=stack.name, service=stack.name, desiredCount=6)
    name = stack.managed("AlarmHigh")["AlarmName"]
    stack.aws("cloudwatch").set_alarm_state(AlarmName=name, StateValue="ALARM", StateReason="load")
    return 1_200


@planted("web.stuck")
def a_minimum_held_while_an_alarm_asks_for_more(stack: Monitored) -> float:
    name = stack.managed("AlarmHigh")["AlarmName"]
    stack.aws("cloudwatch").set_alarm_state(AlarmName=name, StateValue="ALARM", StateReason="load")
    return 1_200


def written(stack: Monitored, type_token: str, *, days: int) -> float:
    """The stack was deployed so many days ago; seconds from now until noon of tomorrow, UTC."""
    now = datetime.datetime.now(datetime.UTC)
    for one in stack.resources:
        if one["type"].startswith(type_token):
            one["modified"] = (now - datetime.timedelta(days=days)).isoformat()
    noon = (now + datetime.timedelta(days=1)).replace(hour=12, minute=0, second=0, microsecond=0)
    return (noon - now).total_seconds()


@planted("web.bounds")
def a_schedule_that_moved_no_bound(stack: Monitored) -> float:
    return written(stack, "aws:appautoscaling/", days=3)


@planted("web.security_group", "added")
def a_rule_of_a_security_group_added_by_hand(stack: Monitored) -> None:
    permission = {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}
    stack.aws("ec2").authorize_security_group_ingress(GroupId=stack.security_group, IpPermissions=[permission])


@planted("web.setting")
def the_circuit_breaker_switched_off(stack: Monitored) -> None:
    breaker = {"deploymentCircuitBreaker": {"enable": False, "rollback": False}}
    stack.aws("ecs").update_service(cluster=stack.name, service=stack.name, deploymentConfiguration=breaker)


@planted("web.version")
def another_version_deployed_by_hand(stack: Monitored) -> None:
    other = stack.register(stack.image.replace("1.0", "1.1"))
    stack.aws("ecs").update_service(cluster=stack.name, service=stack.name, taskDefinition=other)


@planted("web.gone")
def the_service_deleted(stack: Monitored) -> None:
    stack.aws("ecs").delete_service(cluster=stack.name, service=stack.name, force=True)


@planted("fleet.suspended", "undeclared")
def a_process_of_the_group_suspended(stack: Monitored) -> None:
    stack.aws("autoscaling").suspend_processes(AutoScalingGroupName=stack.name, ScalingProcesses=["AlarmNotification"])


@planted("fleet.bounds")
def a_lowered_maximum(stack: Monitored) -> None:
    stack.aws("autoscaling").update_auto_scaling_group(AutoScalingGroupName=stack.name, MaxSize=3)


@planted("fleet.schedule", "added")
def a_schedule_of_the_group_added_by_hand(stack: Monitored) -> None:
    stack.aws("autoscaling").put_scheduled_update_group_action(
        AutoScalingGroupName=stack.name, ScheduledActionName="mine", Recurrence="0 20 * * *", MinSize=2
    )


@planted("fleet.policy")
def the_groups_policy_with_another_target(stack: Monitored) -> None:
    configuration = {
        "TargetValue": 80.0,
        "PredefinedMetricSpecification": {"PredefinedMetricType": "ASGAverageCPUUtilization"},
    }
    stack.aws("autoscaling").put_scaling_policy(
        AutoScalingGroupName=stack.name, PolicyName="cpu", PolicyType="TargetTrackingScaling", TargetTrackingConfiguration=configuration
    )  # fmt: skip


@planted("fleet.instances")
def instances_of_an_older_template(stack: Monitored) -> None:
    data = {"ImageId": "ami-12c6146b", "InstanceType": "m7g.xlarge"}
    stack.aws("ec2").create_launch_template_version(LaunchTemplateId=stack.template, LaunchTemplateData=data)
    launch = {"LaunchTemplateId": stack.template, "Version": "2"}
    stack.aws("autoscaling").update_auto_scaling_group(AutoScalingGroupName=stack.name, LaunchTemplate=launch)
    stack.part("aws:autoscaling/group:Group", "group")["launchTemplate"]["version"] = "2"


@planted("web.activity")
def a_scaling_activity_that_failed(stack: Monitored) -> None:
    now = datetime.datetime.now(datetime.UTC).timestamp()
    failed = {
        "ActivityId": "1", "ServiceNamespace": "ecs", "ResourceId": stack.resource, "ScalableDimension": DIMENSION,
        "Description": "Setting desired count to 5.", "Cause": "monitor alarm high in state ALARM triggered policy cpu",
        "StartTime": now - 3_600, "EndTime": now - 3_600, "StatusCode": "Failed", "StatusMessage": "Service is INACTIVE",
    }  # fmt: skip
    happened = {"ServiceNamespace": "ecs", "Resource": stack.resource, "Items": [failed]}
    nothing: dict[str, list[Any]] = {key: [] for key in ("metrics", "alarms", "targets", "services", "groups")}
    send(stack.endpoint, stack.keys, REGION, {"from": now - 7_200, "to": now, "activities": [happened], **nothing})


def refreshed_while_an_alarm_goes_off(stack: Monitored, preferences: dict[str, Any], launch: dict[str, Any]) -> None:
    """All instances are made anew, and an alarm goes off before the refresh has baked."""
    watched = {"BakeTime": 3_600, "AlarmSpecification": {"Alarms": [f"{stack.name}-cpu"]}}
    stack.aws("autoscaling").start_instance_refresh(
        AutoScalingGroupName=stack.name,
        Preferences={"MinHealthyPercentage": 0, "InstanceWarmup": 0, **watched, **preferences},
        **launch,
    )
    stack.aws("cloudwatch").set_alarm_state(AlarmName=f"{stack.name}-cpu", StateValue="ALARM", StateReason="load")


@planted("fleet.refresh")
def a_refresh_that_failed(stack: Monitored) -> None:
    refreshed_while_an_alarm_goes_off(stack, {}, {})


@planted("fleet.refresh")
def a_refresh_that_was_rolled_back(stack: Monitored) -> None:
    data = {"ImageId": "ami-12c6146b", "InstanceType": "m7g.xlarge"}
    stack.aws("ec2").create_launch_template_version(LaunchTemplateId=stack.template, LaunchTemplateData=data)
    wanted = {"LaunchTemplate": {"LaunchTemplateId": stack.template, "Version": "2"}}
    refreshed_while_an_alarm_goes_off(stack, {"AutoRollback": True}, {"DesiredConfiguration": wanted})


@planted("balancer.certificate")
def a_certificate_near_its_end(stack: Monitored) -> None:
    pem, key = certificate(10)
    stack.aws("acm").import_certificate(Certificate=pem, PrivateKey=key, CertificateArn=stack.certificate)


@planted("balancer.listener")
def a_listener_that_leads_elsewhere(stack: Monitored) -> None:
    fixed = {"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "503", "ContentType": "text/plain"}}
    stack.aws("elbv2").modify_listener(ListenerArn=stack.listener, DefaultActions=[fixed])


@planted("balancer.gone")
def a_rule_of_a_listener_deleted(stack: Monitored) -> None:
    stack.aws("elbv2").delete_rule(RuleArn=stack.rule)


@planted("balancer.listener")
def a_rule_of_a_listener_for_other_paths(stack: Monitored) -> None:
    conditions = [{"Field": "path-pattern", "PathPatternConfig": {"Values": ["/old/*"]}}]
    stack.aws("elbv2").modify_rule(RuleArn=stack.rule, Conditions=conditions)


@planted("web.alarm")
def the_alarm_that_pages_deleted(stack: Monitored) -> None:
    stack.aws("cloudwatch").delete_alarms(AlarmNames=[f"{stack.name}-page"])


@planted("web.alarm")
def the_alarm_that_pages_looks_at_another(stack: Monitored) -> None:
    other = f"ALARM({stack.managed('AlarmHigh')['AlarmName']})"
    stack.aws("cloudwatch").put_composite_alarm(AlarmName=f"{stack.name}-page", AlarmRule=other)


def test_what_was_deployed_is_what_runs(stack: Monitored) -> None:
    verdict = stack.verdict()
    assert verdict.unknown == ()
    assert verdict.differences == ()
    assert verdict.compared > 60


@pytest.mark.parametrize(("plant", "key", "category"), PLANTED, ids=lambda value: getattr(value, "__name__", ""))
def test_a_planted_deviation_is_found_and_no_other(stack: Monitored, plant: Plant, key: str, category: str) -> None:
    later = plant(stack) or 0.0
    verdict = stack.verdict(later=later)
    assert {(one.key, one.category) for one in verdict.open} == {(key, category)}
    assert verdict.exit_code == 1
    for one in verdict.open:
        assert one.cure
        assert one.declared != one.running


def test_a_refresh_that_was_rolled_back_is_told_with_its_number_and_the_reason(stack: Monitored) -> None:
    a_refresh_that_was_rolled_back(stack)
    (told,) = stack.verdict().open
    refreshes = stack.aws("autoscaling").describe_instance_refreshes(AutoScalingGroupName=stack.name)
    (number,) = (one["InstanceRefreshId"] for one in refreshes["InstanceRefreshes"])
    reason = f"CloudWatch alarm {stack.name}-cpu is in ALARM state"
    assert (told.what, told.declared) == (f"refresh {number}", "Successful")
    assert told.running == f"RollbackSuccessful: {reason}"
    assert told.cure == "see to the reason, then pulumi up --refresh --stack test"
