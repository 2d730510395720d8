"""The stand-in for AWS is killed in the middle of an instance refresh and goes on from its journal, which holds no reads.
It cannot prove that AWS replaces instances in this order."""

import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Start = Callable[..., Any]


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    return tmp_path / "journal"


def made(aws: Any, **members: Any) -> str:
    """A group of a launch template with a second version of another type."""
    data = {"ImageId": "ami-12c6146b", "InstanceType": "t3.micro"}
    aws.ec2.create_launch_template(LaunchTemplateName="web", LaunchTemplateData=data)
    aws.ec2.create_launch_template_version(
        LaunchTemplateName="web", SourceVersion="1", LaunchTemplateData={"InstanceType": "t3.small"}
    )
    which = {"LaunchTemplateName": "web", "Version": "1"}
    aws.autoscaling.create_auto_scaling_group(
        AutoScalingGroupName="web",
        MinSize=0,
        MaxSize=9,
        AvailabilityZones=["eu-west-1a"],
        LaunchTemplate=which,
        **members,
    )
    return "web"


def instances(aws: Any) -> list[tuple[str, str]]:
    """(id, type) of the group's instances."""
    (found,) = aws.autoscaling.describe_auto_scaling_groups(AutoScalingGroupNames=["web"])["AutoScalingGroups"]
    return sorted((one["InstanceId"], one["InstanceType"]) for one in found["Instances"])


def newest(aws: Any) -> dict[str, Any]:
    return dict(aws.autoscaling.describe_instance_refreshes(AutoScalingGroupName="web")["InstanceRefreshes"][0])


def until(aws: Any, *statuses: str, percent: int = 0) -> dict[str, Any]:
    """The newest refresh once it has one of the statuses, or replaced so much."""
    while True:
        refresh = newest(aws)
        if refresh["Status"] in statuses or (percent and refresh["PercentageComplete"] >= percent):
            return refresh
        time.sleep(0.05)


def again(aws: Any, start_aws: Start, journal: Path) -> Any:
    """The same cloud after a kill."""
    aws.end(signal.SIGKILL)
    return start_aws(journal)


def private_addresses(aws: Any) -> list[tuple[str, str]]:
    found = aws.ec2.describe_instances()["Reservations"]
    return sorted((one["InstanceId"], one["PrivateIpAddress"]) for each in found for one in each["Instances"])


def test_a_refresh_goes_on_after_a_kill_and_what_was_done_to_its_instances_is_done(
    start_aws: Start, journal: Path
) -> None:
    aws = start_aws(journal)
    made(aws, DesiredCapacity=4)
    old = {name for name, _ in instances(aws)}
    preferences = {"InstanceWarmup": 2, "MinHealthyPercentage": 75}
    aws.autoscaling.start_instance_refresh(AutoScalingGroupName="web", Preferences=preferences)
    begun = until(aws, "Successful", percent=25)
    fresh = [name for name, _ in instances(aws) if name not in old]
    assert len(fresh) >= 2, "only reads have shown the second one"
    for name in fresh:
        aws.ec2.modify_instance_attribute(InstanceId=name, SourceDestCheck={"Value": False})
    aws = again(aws, start_aws, journal)
    after = newest(aws)
    assert (after["InstanceRefreshId"], after["StartTime"]) == (begun["InstanceRefreshId"], begun["StartTime"])
    assert {*fresh} <= {name for name, _ in instances(aws)}
    for name in fresh:
        found = aws.ec2.describe_instance_attribute(InstanceId=name, Attribute="sourceDestCheck")
        assert found["SourceDestCheck"]["Value"] is False, "the change came before the instance was made"
    ended = until(aws, "Successful")
    assert (ended["EndTime"] - ended["StartTime"]).total_seconds() == 8
    left = instances(aws)
    assert (len(left), old & {name for name, _ in left}) == (4, set())
    addresses = private_addresses(aws)
    aws = again(aws, start_aws, journal)
    assert (instances(aws), private_addresses(aws), newest(aws)) == (left, addresses, ended)


@pytest.mark.parametrize(("verb", "status"), [("cancel", "Cancelled"), ("rollback", "RollbackInProgress")])
def test_a_refresh_that_was_cancelled_or_turned_back_before_a_kill_is_so_after_it(
    start_aws: Start, journal: Path, verb: str, status: str
) -> None:
    aws = start_aws(journal)
    made(aws, DesiredCapacity=3)
    wanted = {"LaunchTemplate": {"LaunchTemplateName": "web", "Version": "2"}}
    aws.autoscaling.start_instance_refresh(
        AutoScalingGroupName="web", DesiredConfiguration=wanted, Preferences={"InstanceWarmup": 30}
    )
    getattr(aws.autoscaling, f"{verb}_instance_refresh")(AutoScalingGroupName="web")
    shown = instances(aws)
    aws = again(aws, start_aws, journal)
    assert instances(aws) == shown
    assert newest(aws)["Status"] == status
    if verb == "rollback":
        assert newest(aws)["RollbackDetails"]["RollbackReason"] == "Manual rollback"
        assert {kind for _, kind in shown} == {"t3.micro"}
    else:
        assert sorted(kind for _, kind in shown) == ["t3.micro", "t3.micro", "t3.small"]
