"""What a new account needs: a bucket for states, their key, and a role for each environment of the code host."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pulumi
import pulumi_aws as aws

ISSUER = "token.actions.githubusercontent.com"
"""Who signs the tokens of GitHub's jobs (GitHub, OpenID Connect in Amazon Web Services)."""
AUDIENCE = "sts.amazonaws.com"
READS = "arn:aws:iam::aws:policy/ReadOnlyAccess"
"""AWS's own policy: what the official provider reads after each change is known by nobody but the provider."""
DEPLOY_ACTIONS = Path(__file__).with_name("deploy-actions.json")
"""What `up` and `destroy` of the shipped stacks write, as the local cloud's journal has it."""
BOUNDARY = "accordion-boundary"
"""The name of the policy at which the rights of every role end that a deploy role writes."""
BOUNDED = frozenset(
    {
        "iam:AttachRolePolicy",
        "iam:CreateRole",
        "iam:DeleteRolePolicy",
        "iam:DetachRolePolicy",
        "iam:PutRolePermissionsBoundary",
        "iam:PutRolePolicy",
    }
)
"""What gives a role rights or takes them: allowed on roles with the boundary alone. These are the actions on roles that
know the condition key `iam:PermissionsBoundary` (Service Authorization Reference, IAM), but for the one that takes a
boundary away, which nobody may."""
PASSED = "iam:PassRole"
PASSED_TO = (
    "autoscaling.amazonaws.com",
    "ec2.amazonaws.com",
    "ecs-tasks.amazonaws.com",
    "ecs.amazonaws.com",
    "vpc-flow-logs.amazonaws.com",
)
"""The services to which a stack hands a role over."""
LONGEST_SESSION = 7_200
"""Seconds: as long as a deployment may take."""


@dataclass(frozen=True)
class Account:
    """What the account is for."""

    region: str
    account_id: str
    repository: str
    """Owner and name on the code host."""
    environments: Sequence[str]
    """Of the code host; each gets a role."""


def build(account: Account) -> Mapping[str, pulumi.Input[Any]]:
    """Register all of it; returns the stack's outputs: what the code host's variables are set to."""
    provider = aws.Provider(
        "aws",
        region=account.region,
        allowed_account_ids=[account.account_id],
        default_tags={"tags": {"application": "accordion", "stack": pulumi.get_stack(), "managed-by": "pulumi"}},
    )
    options = pulumi.ResourceOptions(provider=provider)
    key = aws.kms.Key("states", description="States of stacks", enable_key_rotation=True, opts=options)
    alias = aws.kms.Alias("states", name="alias/pulumi-states", target_key_id=key.key_id, opts=options)
    bucket = _states(key, options)
    issuer = aws.iam.OpenIdConnectProvider(
        "code-host", url=f"https://{ISSUER}", client_id_lists=[AUDIENCE], opts=options
    )
    boundary = aws.iam.Policy(
        "boundary",
        name=BOUNDARY,
        description="Where the rights of roles end that deploy roles write",
        policy=pulumi.Output.all(bucket.arn, key.arn).apply(
            lambda arns: json.dumps(_document(boundary_statements(account.account_id, *map(str, arns))))
        ),
        opts=options,
    )
    roles = {name: _role(name, account, issuer, bucket, key, boundary, options) for name in account.environments}
    return {
        "PULUMI_STATE": bucket.bucket.apply(lambda name: f"s3://{name}?region={account.region}&awssdk=v2"),
        "PULUMI_SECRETS_PROVIDER": alias.name.apply(lambda name: f"awskms://{name}?region={account.region}"),
        "AWS_REGION": account.region,
        "AWS_DEPLOY_ROLE": {name: role.arn for name, role in roles.items()},
        "permissions_boundary": boundary.arn,
    }


def _states(key: aws.kms.Key, options: pulumi.ResourceOptions) -> aws.s3.Bucket:
    """The bucket: every version of a state is kept for 90 days, and locks are files in it."""
    bucket = aws.s3.Bucket("states", opts=options)
    name = bucket.id
    versions = aws.s3.BucketVersioning(
        "states", bucket=name, versioning_configuration={"status": "Enabled"}, opts=options
    )
    aws.s3.BucketServerSideEncryptionConfiguration(
        "states",
        bucket=name,
        rules=[
            {
                "apply_server_side_encryption_by_default": {"sse_algorithm": "aws:kms", "kms_master_key_id": key.arn},
                "bucket_key_enabled": True,
            }
        ],
        opts=options,
    )
    closed = aws.s3.BucketPublicAccessBlock(
        "states",
        bucket=name,
        block_public_acls=True,
        block_public_policy=True,
        ignore_public_acls=True,
        restrict_public_buckets=True,
        opts=options,
    )
    aws.s3.BucketLifecycleConfiguration(
        "states",
        bucket=name,
        rules=[
            {
                "id": "old-versions",
                "status": "Enabled",
                "filter": {"prefix": ""},
                "noncurrent_version_expiration": {"noncurrent_days": 90},
                "abort_incomplete_multipart_upload": {"days_after_initiation": 7},
            }
        ],
        opts=pulumi.ResourceOptions.merge(options, pulumi.ResourceOptions(depends_on=[versions])),
    )
    aws.s3.BucketPolicy(
        "states",
        bucket=name,
        policy=bucket.arn.apply(lambda arn: json.dumps(_document([_encrypted_only(arn)]))),
        opts=pulumi.ResourceOptions.merge(options, pulumi.ResourceOptions(depends_on=[closed])),
    )
    return bucket


def _encrypted_only(arn: str) -> dict[str, Any]:
    return {
        "Sid": "EncryptedTransportOnly",
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": [arn, f"{arn}/*"],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }


def _role(
    name: str,
    account: Account,
    issuer: aws.iam.OpenIdConnectProvider,
    bucket: aws.s3.Bucket,
    key: aws.kms.Key,
    boundary: aws.iam.Policy,
    options: pulumi.ResourceOptions,
) -> aws.iam.Role:
    """The role that only jobs of this environment of this repository may take."""
    subject = f"repo:{account.repository}:environment:{name}"
    role = aws.iam.Role(
        f"deploy-{name}",
        name=f"accordion-deploy-{name}",
        assume_role_policy=issuer.arn.apply(lambda arn: json.dumps(_document([_may_be_taken(arn, subject)]))),
        max_session_duration=LONGEST_SESSION,
        opts=options,
    )
    aws.iam.RolePolicyAttachment(f"deploy-{name}-reads", role=role.name, policy_arn=READS, opts=options)
    policy = pulumi.Output.all(bucket.arn, key.arn, issuer.arn, boundary.arn).apply(
        lambda arns: json.dumps(_document(deploy_statements(account.account_id, *map(str, arns))))
    )
    aws.iam.RolePolicy(f"deploy-{name}", role=role.name, policy=policy, opts=options)
    return role


def _may_be_taken(issuer: str, subject: str) -> dict[str, Any]:
    return {
        "Effect": "Allow",
        "Action": "sts:AssumeRoleWithWebIdentity",
        "Principal": {"Federated": issuer},
        "Condition": {"StringEquals": {f"{ISSUER}:aud": AUDIENCE, f"{ISSUER}:sub": subject}},
    }


def boundary_statements(account_id: str, bucket: str, key: str) -> list[dict[str, Any]]:
    """Where the rights of a stack's roles end, whatever is written into them: they administer no identities, take no
    deploy role, and reach no states."""
    return [
        {
            "Sid": "AllButIdentities",
            "Effect": "Allow",
            "NotAction": ["iam:*", "organizations:*", "account:*"],
            "Resource": "*",
        },
        {"Sid": "NoDeployRole", "Effect": "Deny", "Action": "sts:AssumeRole", "Resource": _deploy_roles(account_id)},
        {"Sid": "NoStates", "Effect": "Deny", "Action": "*", "Resource": [bucket, f"{bucket}/*", key]},
    ]


def _deploy_roles(account_id: str) -> str:
    return f"arn:aws:iam::{account_id}:role/accordion-deploy-*"


def deploy_statements(account_id: str, bucket: str, key: str, issuer: str, boundary: str) -> list[dict[str, Any]]:
    """What a deployment may do: write what stacks are made of, roles within the boundary among it, read and write
    states; never change this program's own roles, issuer, bucket, key and boundary, else it could give itself the
    rest."""
    listed = json.loads(DEPLOY_ACTIONS.read_text(encoding="utf-8"))["Statement"]
    apart = BOUNDED | {PASSED}
    plain = [{**one, "Action": [each for each in one["Action"] if each not in apart]} for one in listed]
    bounded = sorted(BOUNDED & {action for one in listed for action in one["Action"]})
    return [
        *plain,
        _only("RolesWithinTheBoundary", bounded, {"StringEquals": {"iam:PermissionsBoundary": boundary}}),
        _only("RolesForStacks", [PASSED], {"StringEquals": {"iam:PassedToService": list(PASSED_TO)}}),
        {
            "Sid": "States",
            "Effect": "Allow",
            "Action": ["s3:ListBucket", "s3:GetObject", "s3:PutObject", "s3:DeleteObject"],
            "Resource": [bucket, f"{bucket}/*"],
        },
        {
            "Sid": "KeyOfStates",
            "Effect": "Allow",
            "Action": ["kms:Encrypt", "kms:Decrypt", "kms:GenerateDataKey", "kms:DescribeKey"],
            "Resource": key,
        },
        {
            "Sid": "NotItself",
            "Effect": "Deny",
            "Action": "iam:*",
            "Resource": [_deploy_roles(account_id), issuer, boundary],
        },
        {
            "Sid": "NotTheStates",
            "Effect": "Deny",
            "Action": [
                "s3:DeleteBucket*",
                "s3:PutBucket*",
                "s3:PutLifecycle*",
                "s3:PutEncryption*",
                "kms:ScheduleKeyDeletion",
            ],
            "Resource": [bucket, key],
        },
    ]


def _only(name: str, actions: list[str], condition: dict[str, Any]) -> dict[str, Any]:
    return {"Sid": name, "Effect": "Allow", "Action": actions, "Resource": "*", "Condition": condition}


def _document(statements: list[dict[str, Any]]) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": statements}
