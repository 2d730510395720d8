"""Gaps of moto's S3: bucket policies that deny under a condition, and tags that outlive their bucket."""

import json
from typing import Any

from moto.iam.access_control import IAMPolicy, PermissionResult
from moto.s3.models import FakeBucket, S3Backend

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
