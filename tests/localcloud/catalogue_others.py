"""The catalogue's part for what programs bring beside the large services: network ACLs, file systems, health checks."""

import json
import uuid
from collections.abc import Callable
from typing import Any

Values = dict[str, Any]
MOUNTED = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "elasticfilesystem:ClientMount", "Resource": "*"}
        ],
    }
)


def _entry(number: int, **more: Any) -> Values:
    return {"ruleNo": number, "action": "allow", "protocol": "tcp", "fromPort": 443, "toPort": 443} | more


OTHERS: dict[str, Callable[[Any], Values]] = {
    "ec2/networkAcl:NetworkAcl": lambda w: {
        "vpcId": w.id("ec2/vpc:Vpc"),
        "ingress": [_entry(100, cidrBlock="0.0.0.0/0")],
        "egress": [_entry(100, cidrBlock="10.0.0.0/8", protocol="-1", fromPort=0, toPort=0)],
        "subnetIds": [w.id("ec2/subnet:Subnet")],
    },
    "ec2/networkAclRule:NetworkAclRule": lambda w: {
        "networkAclId": w.id("ec2/networkAcl:NetworkAcl"),
        "ruleNumber": 200,
        "protocol": "tcp",
        "ruleAction": "deny",
        "cidrBlock": "10.9.0.0/16",
        "fromPort": 22,
        "toPort": 22,
    },
    "ec2/networkAclAssociation:NetworkAclAssociation": lambda w: {
        "networkAclId": w.id("ec2/networkAcl:NetworkAcl"),
        "subnetId": w.subnets[1],
    },
    "ec2/defaultNetworkAcl:DefaultNetworkAcl": lambda w: {
        "defaultNetworkAclId": w.out("ec2/vpc:Vpc", "defaultNetworkAclId"),
        "ingress": [_entry(100, cidrBlock="10.0.0.0/8")],
    },
    "iam/groupMembership:GroupMembership": lambda w: {
        "group": w.id("iam/group:Group"),
        "users": [w.id("iam/user:User")],
        "name": f"members-{uuid.uuid4().hex[:12]}",
    },
    "iam/policyAttachment:PolicyAttachment": lambda w: {
        "name": f"all-{uuid.uuid4().hex[:12]}",
        "policyArn": w.out("iam/policy:Policy", "arn"),
        "roles": [w.id("iam/role:Role")],
        "users": [w.id("iam/user:User")],
    },
    "efs/fileSystem:FileSystem": lambda w: {"lifecyclePolicies": [{"transitionToIa": "AFTER_30_DAYS"}]},
    "efs/mountTarget:MountTarget": lambda w: {
        "fileSystemId": w.id("efs/fileSystem:FileSystem"),
        "subnetId": w.id("ec2/subnet:Subnet"),
    },
    "efs/accessPoint:AccessPoint": lambda w: {
        "fileSystemId": w.id("efs/fileSystem:FileSystem"),
        "posixUser": {"uid": 1000, "gid": 1000},
        "rootDirectory": {
            "path": "/shop",
            "creationInfo": {"ownerUid": 1000, "ownerGid": 1000, "permissions": "755"},
        },
    },
    "efs/backupPolicy:BackupPolicy": lambda w: {
        "fileSystemId": w.id("efs/fileSystem:FileSystem"),
        "backupPolicy": {"status": "ENABLED"},
    },
    "efs/fileSystemPolicy:FileSystemPolicy": lambda w: {
        "fileSystemId": w.id("efs/fileSystem:FileSystem"),
        "policy": MOUNTED,
    },
    "route53/healthCheck:HealthCheck": lambda w: {"type": "HTTPS", "fqdn": "shop.example", "resourcePath": "/health"},
    "dynamodb/tableItem:TableItem": lambda w: {
        "tableName": w.out("dynamodb/table:Table", "name"),
        "hashKey": w.out("dynamodb/table:Table", "hashKey"),
        "item": json.dumps({w.out("dynamodb/table:Table", "hashKey"): {"S": uuid.uuid4().hex}, "n": {"N": "1"}}),
    },
    "autoscaling/notification:Notification": lambda w: {
        "groupNames": [w.out("autoscaling/group:Group", "name")],
        "notifications": ["autoscaling:EC2_INSTANCE_LAUNCH"],
        "topicArn": w.id("sns/topic:Topic"),
    },
    "cloudwatch/queryDefinition:QueryDefinition": lambda w: {
        "logGroupNames": [w.out("cloudwatch/logGroup:LogGroup", "name")],
        "queryString": "fields @timestamp, @message | sort @timestamp desc",
    },
    "cloudwatch/alarmMuteRule:AlarmMuteRule": lambda w: {
        "rule": {"schedule": {"expression": "cron(0 2 * * SUN)", "duration": "PT4H", "timezone": "Europe/Berlin"}},
        "muteTargets": {"alarmNames": [w.out("cloudwatch/metricAlarm:MetricAlarm", "name")]},
    },
}
"""Token without `aws:` -> f(world) -> inputs."""

EMPTY: dict[str, dict[str, str]] = {
    "efs/fileSystem:FileSystem": {"availabilityZoneId": "of file systems in one zone", "name": "a tag of that name"},
    "dynamodb/tableItem:TableItem": {"rangeKeyValue": "of tables with a range key"},
}
"""Type -> output that the SDK promises -> why it is empty right after the creation."""
