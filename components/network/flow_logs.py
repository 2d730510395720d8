"""Records of accepted and refused connections."""

from __future__ import annotations

import json

import pulumi
from pulumi_aws.cloudwatch import LogGroup
from pulumi_aws.ec2 import FlowLog, Vpc
from pulumi_aws.iam import Role, RolePolicy

from components._component import Component
from components.specs import FlowLogs, days

_INTERVALS = {"1m": 60, "10m": 600}
_FLOW_LOG_ACTIONS = ["logs:CreateLogStream", "logs:PutLogEvents", "logs:DescribeLogGroups", "logs:DescribeLogStreams"]
"""What delivery needs on its one group. Source: VPC user guide, publish flow logs to CloudWatch Logs."""


def flow_logs(
    owner: Component,
    wanted: FlowLogs,
    vpc: Vpc,
    key_arn: pulumi.Input[str] | None,
    boundary: pulumi.Input[str] | None,
) -> LogGroup:
    """Records of the VPC's connections in a log group of their own, written by a role that can do nothing else."""
    group = LogGroup(
        owner.name_of("flow-logs"),
        retention_in_days=days(wanted.retention),
        kms_key_id=key_arn,
        tags=owner.tags_of("flow-logs"),
        opts=owner.options_of("flow-logs"),
    )
    writer = Role(
        owner.name_of("flow-logs-writer"),
        assume_role_policy=vpc.arn.apply(_trust_in_flow_logs),
        permissions_boundary=boundary,
        tags=owner.tags_of("flow-logs-writer"),
        opts=owner.options_of("flow-logs-writer"),
    )
    permission = RolePolicy(
        owner.name_of("flow-logs-write"),
        role=writer.id,
        policy=group.arn.apply(_may_write),
        opts=owner.options_of("flow-logs-write"),
    )
    FlowLog(
        owner.name_of("flow-log"),
        vpc_id=vpc.id,
        traffic_type=wanted.traffic,
        max_aggregation_interval=_INTERVALS[wanted.interval],
        log_destination_type="cloud-watch-logs",
        log_destination=group.arn,
        iam_role_arn=writer.arn,
        tags=owner.tags_of("flow-log"),
        opts=owner.options_of("flow-log", depends_on=[permission]),
    )
    return group


def _trust_in_flow_logs(vpc_arn: str) -> str:
    """Let flow logs of the VPC's own account take the role, and nobody else's (the confused deputy)."""
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "vpc-flow-logs.amazonaws.com"},
        "Action": "sts:AssumeRole",
        "Condition": {"StringEquals": {"aws:SourceAccount": vpc_arn.split(":")[4]}},
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def _may_write(group_arn: str) -> str:
    # The provider gives a group's ARN without the ":*" that its streams need.
    resources = [group_arn, f"{group_arn}:*"]
    statement = {"Effect": "Allow", "Action": _FLOW_LOG_ACTIONS, "Resource": resources}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})
