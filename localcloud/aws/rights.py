"""Which IAM actions the changes of a journal need: what a role must be allowed that makes, changes, deletes the same.

    python -m localcloud.aws.rights JOURNAL... > deploy-actions.json

The journal holds changes alone, so these are the actions that write. An action is the operation's own name under the
service's prefix, which is AWS's rule; where the Service Authorization Reference names another one, it stands in
OTHER_ACTIONS. Rights that AWS asks for beside an operation's own (to hand over a role, to make a service-linked role)
are in BESIDE.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final
from urllib.parse import parse_qsl, urlsplit

from botocore.loaders import Loader
from botocore.model import OperationModel, ServiceModel

from localcloud.aws import signatures
from localcloud.aws.journal import action
from localcloud.aws.journal_file import Entry

SERVICES: Final[Mapping[str, str]] = MappingProxyType(
    {"monitoring": "cloudwatch", "elasticloadbalancing": "elbv2", "email": "ses", "elasticfilesystem": "efs"}
)
"""boto3's name of a service where the name that requests are signed with is another one."""
PREFIXES: Final[Mapping[str, str]] = MappingProxyType(
    {"elbv2": "elasticloadbalancing", "efs": "elasticfilesystem", "ses": "ses"}
)
"""The prefix of a service's actions where it is not boto3's name (Service Authorization Reference)."""
OTHER_ACTIONS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "s3:PutPublicAccessBlock": "s3:PutBucketPublicAccessBlock",
        "s3:DeletePublicAccessBlock": "s3:PutBucketPublicAccessBlock",
        "s3:PutBucketEncryption": "s3:PutEncryptionConfiguration",
        "s3:DeleteBucketEncryption": "s3:PutEncryptionConfiguration",
        "s3:PutBucketLifecycleConfiguration": "s3:PutLifecycleConfiguration",
        "s3:DeleteBucketLifecycle": "s3:PutLifecycleConfiguration",
        "s3:DeleteBucketOwnershipControls": "s3:PutBucketOwnershipControls",
        "s3:DeleteBucketTagging": "s3:PutBucketTagging",
        "s3:DeleteObjects": "s3:DeleteObject",
        "s3:GetBucketAccelerateConfiguration": "s3:GetAccelerateConfiguration",
        "s3:GetBucketCors": "s3:GetBucketCORS",
        "s3:GetBucketEncryption": "s3:GetEncryptionConfiguration",
        "s3:GetBucketLifecycleConfiguration": "s3:GetLifecycleConfiguration",
        "s3:GetBucketNotificationConfiguration": "s3:GetBucketNotification",
        "s3:GetBucketReplication": "s3:GetReplicationConfiguration",
        "s3:GetPublicAccessBlock": "s3:GetBucketPublicAccessBlock",
        "s3:HeadBucket": "s3:ListBucket",
        "s3:HeadObject": "s3:GetObject",
        "s3:ListBuckets": "s3:ListAllMyBuckets",
        "s3:ListObjects": "s3:ListBucket",
        "s3:ListObjectsV2": "s3:ListBucket",
        "s3:ListObjectVersions": "s3:ListBucketVersions",
    }
)
"""Source: Service Authorization Reference, actions of Amazon S3; Amazon S3 API reference, the permissions that each
operation names."""
_TAGGED_BY: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "application-autoscaling:TagResource": ("application-autoscaling:RegisterScalableTarget",),
        "cloudwatch:TagResource": ("cloudwatch:PutMetricAlarm", "cloudwatch:PutCompositeAlarm"),
        "ecs:TagResource": ("ecs:CreateCluster", "ecs:CreateService", "ecs:RegisterTaskDefinition"),
        "elasticloadbalancing:AddTags": (
            "elasticloadbalancing:CreateListener",
            "elasticloadbalancing:CreateLoadBalancer",
            "elasticloadbalancing:CreateRule",
            "elasticloadbalancing:CreateTargetGroup",
        ),
        "events:TagResource": ("events:PutRule",),
        "iam:TagInstanceProfile": ("iam:CreateInstanceProfile",),
        "iam:TagRole": ("iam:CreateRole",),
        "kms:TagResource": ("kms:CreateKey",),
        "logs:TagResource": ("logs:CreateLogGroup",),
        "sns:TagResource": ("sns:CreateTopic",),
        "ssm:AddTagsToResource": ("ssm:PutParameter",),
    }
)
"""What AWS asks for where a creating call has tags (Service Authorization Reference, dependent actions)."""
PASSED_TO: Final[Mapping[str, str]] = MappingProxyType(
    {
        "autoscaling:CreateAutoScalingGroup": "ec2.amazonaws.com",
        "ec2:CreateFlowLogs": "vpc-flow-logs.amazonaws.com",
        "ecs:CreateService": "ecs.amazonaws.com",
        "ecs:RegisterTaskDefinition": "ecs-tasks.amazonaws.com",
        "ecs:UpdateService": "ecs.amazonaws.com",
        "iam:AddRoleToInstanceProfile": "ec2.amazonaws.com",
    }
)
"""By operation that hands a role over, the service that gets it: the value of `iam:PassedToService`. Source: IAM user
guide, granting a user permissions to pass a role; the guides of these services."""
_HAND_OVER: Final = "iam:PassRole"
_SERVICE_LINKED: Final = "iam:CreateServiceLinkedRole"
BESIDE: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        _HAND_OVER: tuple(PASSED_TO),
        "ec2:RunInstances": ("autoscaling:CreateAutoScalingGroup",),
        _SERVICE_LINKED: (
            "application-autoscaling:RegisterScalableTarget",
            "autoscaling:CreateAutoScalingGroup",
            "ecs:CreateCluster",
            "elasticloadbalancing:CreateLoadBalancer",
        ),
        **_TAGGED_BY,
    }
)
"""By right, the operations for which AWS asks for it beside their own, and no stand-in does (Service Authorization
Reference, dependent actions; the services' guides to service-linked roles)."""
IN_PLACE: Final = frozenset(
    {
        "application-autoscaling:DeleteScheduledAction",
        "application-autoscaling:UntagResource",
        "autoscaling:DeleteTags",
        "autoscaling:DisableMetricsCollection",
        "autoscaling:ResumeProcesses",
        "autoscaling:StartInstanceRefresh",
        "autoscaling:SuspendProcesses",
        "cloudwatch:UntagResource",
        "ec2:CreateLaunchTemplateVersion",
        "ec2:DeleteTags",
        "ec2:ModifyLaunchTemplate",
        "ec2:ModifySecurityGroupRules",
        "ec2:ModifyVpcEndpoint",
        "ec2:ReplaceRoute",
        "ecs:DeregisterTaskDefinition",
        "ecs:UntagResource",
        "ecs:UpdateCluster",
        "elasticloadbalancing:AddListenerCertificates",
        "elasticloadbalancing:DeleteRule",
        "elasticloadbalancing:ModifyListener",
        "elasticloadbalancing:ModifyRule",
        "elasticloadbalancing:ModifyTargetGroup",
        "elasticloadbalancing:RemoveListenerCertificates",
        "elasticloadbalancing:RemoveTags",
        "elasticloadbalancing:SetRulePriorities",
        "elasticloadbalancing:SetSecurityGroups",
        "elasticloadbalancing:SetSubnets",
        "events:UntagResource",
        "iam:PutRolePermissionsBoundary",
        "iam:UntagRole",
        "iam:UpdateRole",
        "logs:DeleteRetentionPolicy",
        "logs:UntagResource",
        "sns:SetSubscriptionAttributes",
        "sns:UntagResource",
        "ssm:RemoveTagsFromResource",
    }
)
"""What an `up` needs that changes in place what a first `up` has made. No journal proves it: which of them a change
needs hangs on the change [own, from the operations of each service]."""

_ELSEWHERE: Final = frozenset({"ListDirectoryBuckets"})
"""Operations that look like another one of their service, and go to a host of their own (S3 Express)."""


@cache
def _service(name: str) -> ServiceModel:
    return ServiceModel(Loader().load_service_model(name, "service-2"), service_name=name)


def actions_of(journal: Path) -> set[str]:
    """The IAM actions of a journal's changes, without those of BESIDE; raises ValueError for a request of no operation
    that botocore knows."""
    _, *lines = journal.read_bytes().splitlines()
    entries = map(Entry.parse, lines)
    return {action_of(entry.environment, entry.body) for entry in entries}


def action_of(environment: Mapping[str, Any], body: bytes) -> str:
    """The IAM action of a request's operation; raises ValueError for one that botocore does not know."""
    signed = signatures.read(dict(environment)).service
    service = SERVICES.get(signed, signed)
    operation = action(dict(environment), body) or _of_path(_service(service), environment)
    named = f"{PREFIXES.get(service, service)}:{operation}"
    return OTHER_ACTIONS.get(named, named)


def _of_path(service: ServiceModel, environment: Mapping[str, Any]) -> str:
    """The operation of a REST request: its method, path and the words of its query decide."""
    method, path = environment["REQUEST_METHOD"], environment["PATH_INFO"]
    words = {name for name, _ in parse_qsl(environment.get("QUERY_STRING", ""), keep_blank_values=True)}
    headers = {name.removeprefix("HTTP_") for name in environment}
    fitting = []
    for operation in map(service.operation_model, set(service.operation_names) - _ELSEWHERE):
        pattern, wanted, sent = _form(operation)
        if operation.http["method"] == method and wanted <= words and sent <= headers and re.fullmatch(pattern, path):
            fitting.append((len(wanted), len(pattern), operation.name))
    if not fitting:
        raise ValueError(f"{service.service_name} has no operation {method} {path}")
    return max(fitting)[-1]


def _form(operation: OperationModel) -> tuple[str, set[str], set[str]]:
    """The pattern of an operation's path, the words that its query always has, and the headers, as WSGI names them."""
    uri = urlsplit(operation.http["requestUri"])
    parts = re.split(r"(\{[^}]+\})", uri.path)
    pattern = "".join(
        "(.+)" if part.endswith("+}") else "([^/]+)" if part[:1] == "{" else re.escape(part) for part in parts
    )
    shape = operation.input_shape
    always = [shape.members[name].serialization for name in shape.required_members] if shape else []
    wanted = {one["name"] for one in always if one.get("location") == "querystring"}
    sent = {one["name"].upper().replace("-", "_") for one in always if one.get("location") == "header"}
    return pattern + "/?", wanted | {name for name, _ in parse_qsl(uri.query, keep_blank_values=True)}, sent


def beside(action: str) -> Iterator[tuple[str, Mapping[str, str]]]:
    """The rights that AWS asks for beside an action, each with what it says of conditions, by key in small letters."""
    for right, operations in BESIDE.items():
        if action in operations:
            yield right, {"iam:passedtoservice": PASSED_TO[action]} if right == _HAND_OVER else {}


def policy(actions: Iterable[str]) -> dict[str, Any]:
    """The IAM policy of a role that writes so, changes it in place, and has what AWS asks for beside it.

    The statements' names say how each action is known: written by the stacks' lives, asked for beside those, or put on
    the list by hand.
    """
    written = set(actions)
    asked = {right for action in written for right, _ in beside(action)} - written
    by_hand = IN_PLACE - written - asked
    named = {"Written": written, "AskedForBeside": asked, "ChangesInPlace": by_hand}
    statements = [
        {"Sid": name, "Effect": "Allow", "Action": sorted(allowed), "Resource": "*"}
        for name, allowed in named.items()
        if allowed
    ]
    return {"Version": "2012-10-17", "Statement": statements}


if __name__ == "__main__":
    found = set().union(*(actions_of(Path(name)) for name in sys.argv[1:]))
    print(json.dumps(policy(found), indent=2))  # noqa: T201 - the output of a command
