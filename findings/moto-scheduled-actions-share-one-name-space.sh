#!/usr/bin/env bash
# moto 5.2.5 (PyPI) with boto3 1.44.5, EC2 Auto Scaling.
#
# The name of a scheduled action is its group's own on AWS. moto keeps one action of a name for the account: when a
# second group puts an action `morning`, the first group's `morning` is gone, without an error. A program that gives
# each group of a fleet the same timetable is left with the last group's.
#
# Seen (2026-11-30): two groups, each given `morning`; the first has no action, the second has one.
#
# Fails when both groups have theirs. Needs python3 >= 3.10.
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT; cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet 'moto[autoscaling,ec2]==5.2.5' boto3==1.44.5
cat > ask.py <<'PY'
import boto3
from moto import mock_aws

KEYS = {"region_name": "eu-west-1", "aws_access_key_id": "k", "aws_secret_access_key": "s"}
with mock_aws():
    scaling = boto3.client("autoscaling", **KEYS)
    image = boto3.client("ec2", **KEYS).describe_images()["Images"][0]["ImageId"]
    scaling.create_launch_configuration(LaunchConfigurationName="c", ImageId=image, InstanceType="t3.micro")
    for group in ("orders", "stock"):
        scaling.create_auto_scaling_group(
            AutoScalingGroupName=group, LaunchConfigurationName="c", MinSize=0, MaxSize=2,
            AvailabilityZones=["eu-west-1a"],
        )
        scaling.put_scheduled_update_group_action(
            AutoScalingGroupName=group, ScheduledActionName="morning", Recurrence="0 7 * * *", MinSize=1
        )
    found = {
        group: [
            action["ScheduledActionName"]
            for action in scaling.describe_scheduled_actions(AutoScalingGroupName=group)["ScheduledUpdateGroupActions"]
        ]
        for group in ("orders", "stock")
    }
print(found)
assert found == {"orders": [], "stock": ["morning"]}
PY
venv/bin/python ask.py
