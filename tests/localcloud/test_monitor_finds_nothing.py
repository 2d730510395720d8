"""What scaling, schedules, deployments, shifts and refreshes do is never a difference, in any order. It cannot prove
what AWS does in between: the stand-in is asked once each change is over."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.localcloud.conftest import KEY, SECRET
from tests.operations.monitored import Monitored

CYCLES = 50
"""Changes in all, and a look after each."""


def scale_service(stack: Monitored, number: int) -> None:
    """As Application Auto Scaling does: within the live bounds."""
    low = stack.live_minimum
    stack.aws("ecs").update_service(cluster=stack.name, service=stack.name, desiredCount=low + number % (7 - low))


def scale_group(stack: Monitored, number: int) -> None:
    group = stack.aws("autoscaling").describe_auto_scaling_groups(AutoScalingGroupNames=[stack.name])
    low = group["AutoScalingGroups"][0]["MinSize"]
    stack.aws("autoscaling").set_desired_capacity(
        AutoScalingGroupName=stack.name, DesiredCapacity=low + number % (7 - low)
    )


def a_schedule_of_the_service(stack: Monitored, number: int) -> None:
    """The office hours begin, or a deployment declares the bounds of its hour anew."""
    stack.live_minimum = (2, 4)[number % 2]
    stack.bounds(stack.live_minimum, 6)
    scale_service(stack, number)


def a_schedule_of_the_group(stack: Monitored, number: int) -> None:
    low = (2, 4)[number % 2]
    stack.aws("autoscaling").update_auto_scaling_group(
        AutoScalingGroupName=stack.name, MinSize=low, DesiredCapacity=low
    )


def a_deployment(stack: Monitored, number: int) -> None:
    """A new version, as a program declares and deploys it."""
    image = f"registry.example.com/{stack.name}:2.{number}"
    definition = stack.register(image)
    stack.aws("ecs").update_service(cluster=stack.name, service=stack.name, taskDefinition=definition)
    stack.declares(definition, image)


def a_forced_deployment(stack: Monitored, _number: int) -> None:
    stack.aws("ecs").update_service(cluster=stack.name, service=stack.name, forceNewDeployment=True)


def a_refresh(stack: Monitored, number: int) -> None:
    """A new version of the template, deployed, and all instances made anew."""
    data = {"ImageId": "ami-12c6146b", "InstanceType": ("m7g.large", "m7g.xlarge")[number % 2]}
    made = stack.aws("ec2").create_launch_template_version(LaunchTemplateId=stack.template, LaunchTemplateData=data)
    version = str(made["LaunchTemplateVersion"]["VersionNumber"])
    launch = {"LaunchTemplateId": stack.template, "Version": version}
    stack.aws("autoscaling").update_auto_scaling_group(AutoScalingGroupName=stack.name, LaunchTemplate=launch)
    stack.part("aws:autoscaling/group:Group", "group")["launchTemplate"]["version"] = version
    preferences = {"MinHealthyPercentage": 0, "InstanceWarmup": 0}
    stack.aws("autoscaling").start_instance_refresh(AutoScalingGroupName=stack.name, Preferences=preferences)


def a_shift_of_traffic(stack: Monitored, number: int) -> None:
    """As ECS rewrites a listener in a deployment that shifts traffic: a weighted forward in place of the plain one."""
    weights = [number % 101, 100 - number % 101]
    groups = [stack.target_group, stack.alternate]
    forward = {
        "TargetGroups": [{"TargetGroupArn": arn, "Weight": weight} for arn, weight in zip(groups, weights, strict=True)]
    }
    actions = [{"Type": "forward", "ForwardConfig": forward}]
    stack.aws("elbv2").modify_listener(ListenerArn=stack.listener, DefaultActions=actions)
    stack.aws("elbv2").modify_rule(RuleArn=stack.rule, Actions=actions)


def an_alarm_goes_off(stack: Monitored, number: int) -> None:
    """An alarm in ALARM is what makes a rule act."""
    name = stack.managed(("AlarmHigh", "AlarmLow")[number % 2])["AlarmName"]
    state = ("ALARM", "OK", "INSUFFICIENT_DATA")[number % 3]
    stack.aws("cloudwatch").set_alarm_state(AlarmName=name, StateValue=state, StateReason="load")


CHANGES: dict[str, Callable[[Monitored, int], None]] = {
    change.__name__: change
    for change in (
        scale_service,
        scale_group,
        a_schedule_of_the_service,
        a_schedule_of_the_group,
        a_deployment,
        a_forced_deployment,
        a_refresh,
        a_shift_of_traffic,
        an_alarm_goes_off,
    )
}


@pytest.fixture(scope="module")
def stack(endpoint: str) -> Monitored:
    made = Monitored(endpoint, (KEY, SECRET))
    made.shifts_traffic()
    return made


@given(st.sampled_from(sorted(CHANGES)), st.integers(0, 1_000))
@settings(max_examples=CYCLES, suppress_health_check=[HealthCheck.function_scoped_fixture])
@example("a_refresh", 1)
@example("a_shift_of_traffic", 40)
@example("a_deployment", 1)
@example("a_schedule_of_the_group", 1)
def test_nothing_that_the_owner_of_a_field_does_is_a_difference(stack: Monitored, change: str, number: int) -> None:
    CHANGES[change](stack, number)
    verdict = stack.verdict()
    assert [(one.key, one.what, one.declared, one.running) for one in verdict.differences] == []
    assert [one for one in verdict.unknown if not one.waits] == []


def test_without_shifts_the_same_weights_are_a_difference(endpoint: str) -> None:
    made = Monitored(endpoint, (KEY, SECRET))
    made.shifts_traffic()
    spec: dict[str, Any] = made.part("accordion:index:ContainerService", "web")
    before = copy.deepcopy(spec)
    a_shift_of_traffic(made, 40)
    assert made.found() == []
    spec["spec"]["deployment"]["strategy"] = "rolling"
    assert made.found() == [("balancer.listener", "different")] * 2
    spec.update(before)
