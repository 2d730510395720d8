"""The bucket that a balancer's logs go to: private, encrypted, emptied by age, writable by log delivery alone."""

from __future__ import annotations

import json

import pulumi
from pulumi_aws.ec2 import SecurityGroup
from pulumi_aws.s3 import (
    Bucket,
    BucketLifecycleConfiguration,
    BucketLifecycleConfigurationRuleAbortIncompleteMultipartUploadArgs,
    BucketLifecycleConfigurationRuleArgs,
    BucketLifecycleConfigurationRuleExpirationArgs,
    BucketLifecycleConfigurationRuleFilterArgs,
    BucketLifecycleConfigurationRuleNoncurrentVersionExpirationArgs,
    BucketOwnershipControls,
    BucketOwnershipControlsRuleArgs,
    BucketPolicy,
    BucketPublicAccessBlock,
    BucketServerSideEncryptionConfiguration,
    BucketServerSideEncryptionConfigurationRuleApplyServerSideEncryptionByDefaultArgs,
    BucketServerSideEncryptionConfigurationRuleArgs,
    BucketVersioning,
    BucketVersioningVersioningConfigurationArgs,
)

from components._component import Component
from components.specs import AccessLogs, days

_UNFINISHED = 7
"""Days after which an upload that never ended goes."""
_KEPT_DELETED = 30
"""Days in which a log that somebody deleted or wrote over can be had back [own]."""


def log_bucket(owner: Component, kind: str, logs: AccessLogs, group: SecurityGroup) -> tuple[Bucket, BucketPolicy]:
    """Make the bucket; the balancer must wait for its policy. The account is read from the balancer's group."""
    bucket = Bucket(
        owner.name_of("logs"),
        force_destroy=logs.delete_with_contents,
        tags=owner.tags_of("logs"),
        opts=owner.options_of("logs"),
    )
    private = BucketPublicAccessBlock(
        owner.name_of("logs-private"),
        bucket=bucket.id,
        block_public_acls=True,
        block_public_policy=True,
        ignore_public_acls=True,
        restrict_public_buckets=True,
        opts=owner.options_of("logs-private"),
    )
    BucketOwnershipControls(
        owner.name_of("logs-owner"),
        bucket=bucket.id,
        rule=BucketOwnershipControlsRuleArgs(object_ownership="BucketOwnerEnforced"),
        opts=owner.options_of("logs-owner"),
    )
    _encrypt(owner, bucket)
    versioning = BucketVersioning(
        owner.name_of("logs-versions"),
        bucket=bucket.id,
        versioning_configuration=BucketVersioningVersioningConfigurationArgs(status="Enabled"),
        opts=owner.options_of("logs-versions"),
    )
    _expire(owner, bucket, days(logs.retention), versioning)
    policy = BucketPolicy(
        owner.name_of("logs-policy"),
        bucket=bucket.id,
        policy=pulumi.Output.all(bucket.arn, group.arn).apply(
            lambda arns: _POLICIES[kind](arns[0], logs.prefix, arns[1])
        ),
        opts=owner.options_of("logs-policy", depends_on=[private]),  # both change the bucket's policy status
    )
    return bucket, policy


def _encrypt(owner: Component, bucket: Bucket) -> None:
    """With S3's own keys: log delivery of application balancers supports no other (user guide, enable access logs)."""
    by_default = BucketServerSideEncryptionConfigurationRuleApplyServerSideEncryptionByDefaultArgs(
        sse_algorithm="AES256"
    )
    BucketServerSideEncryptionConfiguration(
        owner.name_of("logs-encryption"),
        bucket=bucket.id,
        rules=[BucketServerSideEncryptionConfigurationRuleArgs(apply_server_side_encryption_by_default=by_default)],
        opts=owner.options_of("logs-encryption"),
    )


def _expire(owner: Component, bucket: Bucket, after: int, versioning: BucketVersioning) -> None:
    """Logs end by age, and what was deleted or written over a month later; an upload without end within a week.

    Source of the week: Trusted Advisor, S3 incomplete multipart upload abort configuration.
    """
    rule = BucketLifecycleConfigurationRuleArgs(
        id="expire",
        status="Enabled",
        filter=BucketLifecycleConfigurationRuleFilterArgs(prefix=""),
        expiration=BucketLifecycleConfigurationRuleExpirationArgs(days=after),
        noncurrent_version_expiration=BucketLifecycleConfigurationRuleNoncurrentVersionExpirationArgs(
            noncurrent_days=_KEPT_DELETED
        ),
        abort_incomplete_multipart_upload=BucketLifecycleConfigurationRuleAbortIncompleteMultipartUploadArgs(
            days_after_initiation=_UNFINISHED
        ),
    )
    BucketLifecycleConfiguration(
        owner.name_of("logs-lifecycle"),
        bucket=bucket.id,
        rules=[rule],
        opts=owner.options_of("logs-lifecycle", depends_on=[versioning]),  # it says what becomes of older versions
    )


def _from_application_balancers(bucket_arn: str, prefix: str, group_arn: str) -> str:
    """Source: Application Load Balancer user guide, enable access logs: the log delivery service's principal, every
    region."""
    _, partition, _, region, account, _ = group_arn.split(":", 5)
    return _policy(
        bucket_arn,
        {
            "Sid": "LogDelivery",
            "Effect": "Allow",
            "Principal": {"Service": "logdelivery.elasticloadbalancing.amazonaws.com"},
            "Action": "s3:PutObject",
            "Resource": _objects(bucket_arn, prefix, account),
            "Condition": {
                "ArnLike": {"aws:SourceArn": f"arn:{partition}:elasticloadbalancing:{region}:{account}:loadbalancer/*"}
            },
        },
    )


def _from_network_balancers(bucket_arn: str, prefix: str, group_arn: str) -> str:
    """Source: Network Load Balancer user guide, access logs: delivery.logs, with the account as its condition."""
    account = group_arn.split(":")[4]
    delivery = {"Effect": "Allow", "Principal": {"Service": "delivery.logs.amazonaws.com"}}
    own = {"aws:SourceAccount": [account]}
    return _policy(
        bucket_arn,
        {
            "Sid": "LogDeliveryLooks",
            **delivery,
            "Action": "s3:GetBucketAcl",
            "Resource": bucket_arn,
            "Condition": {"StringEquals": own},
        },
        {
            "Sid": "LogDelivery",
            **delivery,
            "Action": "s3:PutObject",
            "Resource": _objects(bucket_arn, prefix, account),
            "Condition": {"StringEquals": {"s3:x-amz-acl": "bucket-owner-full-control", **own}},
        },
    )


def _objects(bucket_arn: str, prefix: str, account: str) -> str:
    return "/".join(part for part in (bucket_arn, prefix, "AWSLogs", account, "*") if part)


def _policy(bucket_arn: str, *statements: dict[str, object]) -> str:
    """The statements, and nobody without TLS (Security Hub S3.5)."""
    without_tls = {
        "Sid": "TlsOnly",
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": [bucket_arn, f"{bucket_arn}/*"],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [*statements, without_tls]})


_POLICIES = {"application": _from_application_balancers, "network": _from_network_balancers}
