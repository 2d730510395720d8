"""Gaps of moto's S3: bucket policies that deny under a condition, tags that outlive their bucket, access logs, and
kinds of encryption that a bucket refuses."""

import json
from typing import Any

from moto.core.responses import ActionResult
from moto.iam.access_control import IAMPolicy, PermissionResult
from moto.s3.models import FakeBucket, S3Backend
from moto.s3.responses import S3Response

from localcloud.aws.moto_gaps._patching import replace


@replace(FakeBucket)
def get_permission(original: Any, self: Any, action: str, resource: str) -> Any:
    """Leave out what a policy denies under a condition; moto denies it always, and `aws:SecureTransport` is usual.

    Nobody is asked who they are here, so that such a statement concerns nobody: this cloud has no TLS, AWS has.
    """
    if self.policy is None:
        return original(self, action, resource)
    policy = json.loads(self.policy)
    listed = policy["Statement"] if isinstance(policy["Statement"], list) else [policy["Statement"]]
    kept = [statement for statement in listed if not (statement["Effect"] == "Deny" and statement.get("Condition"))]
    if not kept:
        return PermissionResult.NEUTRAL
    return IAMPolicy(json.dumps({**policy, "Statement": kept})).is_action_permitted(action, resource)


@replace(S3Backend)
def delete_bucket(original: Any, self: Any, bucket_name: str) -> Any:
    """Tags go with their bucket; moto gives them to the next one of its name."""
    bucket = self.head_bucket(bucket_name)
    gone = original(self, bucket_name)
    if gone:
        self.tagger.delete_all_tags_for_resource(bucket.arn)
    return gone


ACL_OWNERSHIP = ("BucketOwnerPreferred", "ObjectWriter")
"""Settings of object ownership under which a bucket has access lists."""


def _owner_enforced(bucket: Any) -> bool:
    """Whether a bucket has no access lists, as every new one."""
    rule = ((bucket.ownership_rule or {}).get("OwnershipControls") or {}).get("Rule") or {}
    return rule.get("ObjectOwnership") not in ACL_OWNERSHIP


@replace(S3Backend)
def log_incoming_request(_original: Any, self: Any, request: Any, bucket_name: str) -> None:
    """Deliver no access logs: AWS does so hours later, moto at once, after which the log bucket cannot be deleted."""


_policy_permits = FakeBucket._log_permissions_enabled_policy


def _log_permissions_enabled_policy(target_bucket: Any, target_prefix: str | None) -> bool:
    """AWS looks at access lists alone; without them it takes the target, and delivers what its policy lets through."""
    return _owner_enforced(target_bucket) or _policy_permits(target_bucket, target_prefix)


FakeBucket._log_permissions_enabled_policy = staticmethod(_log_permissions_enabled_policy)  # type: ignore[method-assign]


@replace(S3Response)
def get_bucket_encryption(original: Any, self: Any) -> Any:
    """Answer the kinds of encryption that the bucket refuses, too; moto keeps and does not tell them."""
    rule = (self.backend.get_bucket_encryption(self.bucket_name) or {}).get("Rule") or {}
    blocked = (rule.get("BlockedEncryptionTypes") or {}).get("EncryptionType")
    if not blocked:
        return original(self)
    told = {
        "ApplyServerSideEncryptionByDefault": rule["ApplyServerSideEncryptionByDefault"],
        "BucketKeyEnabled": rule.get("BucketKeyEnabled") in (True, "true"),
        "BlockedEncryptionTypes": {"EncryptionType": blocked if isinstance(blocked, list) else [blocked]},
    }
    self.data["Action"] = "GetBucketEncryption"
    return self.serialized(ActionResult({"ServerSideEncryptionConfiguration": {"Rules": [told]}}))
