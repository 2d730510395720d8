#!/usr/bin/env bash
# moto 5.2.5 (PyPI) with boto3 1.44.5.
#
# An Auto Scaling group with a mixed instances policy launches one instance less than its desired capacity where the
# share of on-demand instances above the base is no whole number: both shares are rounded down. EC2 Auto Scaling rounds
# the on-demand share up and launches what is desired. A client that waits for the capacity, as Terraform's and Pulumi's
# providers do, waits until its timeout; the same group at another size is complete at once.
#
# Seen (2026-11-30), base 3 and 50 % above it: desired 5 has 5 instances, desired 6 has 5, desired 7 has 7, desired 8 has 7.
#
# Fails when each size has as many instances as are desired. Needs python3 >= 3.10.
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT; cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet 'moto[autoscaling,ec2]==5.2.5' boto3==1.44.5
cat > ask.py <<'PY'
import boto3
from moto import mock_aws

KEYS = {"region_name": "us-east-1", "aws_access_key_id": "k", "aws_secret_access_key": "s"}
with mock_aws():
    ec2, scaling = boto3.client("ec2", **KEYS), boto3.client("autoscaling", **KEYS)
    image = ec2.describe_images(Owners=["amazon"])["Images"][0]["ImageId"]
    ec2.create_launch_template(LaunchTemplateName="web", LaunchTemplateData={"ImageId": image})
    found = {}
    for desired in (5, 6, 7, 8):
        scaling.create_auto_scaling_group(
            AutoScalingGroupName=f"web-{desired}", MinSize=0, MaxSize=10, DesiredCapacity=desired,
            AvailabilityZones=["us-east-1a"],
            MixedInstancesPolicy={
                "LaunchTemplate": {
                    "LaunchTemplateSpecification": {"LaunchTemplateName": "web", "Version": "$Latest"},
                    "Overrides": [{"InstanceType": "m7g.large"}, {"InstanceType": "m6g.large"}],
                },
                "InstancesDistribution": {"OnDemandBaseCapacity": 3, "OnDemandPercentageAboveBaseCapacity": 50},
            },
        )
        (group,) = scaling.describe_auto_scaling_groups(AutoScalingGroupNames=[f"web-{desired}"])["AutoScalingGroups"]
        found[group["DesiredCapacity"]] = len(group["Instances"])
print(f"instances by desired capacity: {found}")
assert found == {5: 5, 6: 5, 7: 7, 8: 7}
PY
venv/bin/python ask.py
