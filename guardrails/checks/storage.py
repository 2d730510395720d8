"""Buckets and logs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from guardrails.checks.check import Check, Inputs, StackCheck, canonical
from guardrails.values import UNKNOWN, Declared, at, every, is_off, maps, text

_BUCKET = "aws:s3/bucket:Bucket"
_BLOCK = "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock"
_ACCOUNT_BLOCK = "aws:s3/accountPublicAccessBlock:AccountPublicAccessBlock"
_SWITCHES = ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets")
_PUBLIC_ACLS = ("public-read", "public-read-write", "authenticated-read")
_EVERYONE = ("AllUsers", "AuthenticatedUsers")
"""Last parts of the addresses of S3's groups that anyone is in."""


def buckets_are_private(block: Inputs) -> Iterator[str]:
    """All four switches of a public access block."""
    off = [name for name in _SWITCHES if is_off(block.get(name))]
    if off:
        yield f"the bucket can become public: set {', '.join(off)}"


def lists_name_no_everyone(inputs: Inputs) -> Iterator[str]:
    """Access lists, canned or written out."""
    if inputs.get("acl") in _PUBLIC_ACLS:
        yield f"the access list {inputs['acl']} is open to anyone: leave acl out"
    grants = [*every(inputs, "grants"), *every(inputs, "accessControlPolicy", "grants")]
    for grant in maps(grants):
        uri = text(grant.get("uri")) or text(at(grant, "grantee", "uri"))
        if uri.rsplit("/", 1)[-1] in _EVERYONE:
            yield f"a grant is open to {uri.rsplit('/', 1)[-1]}: name who may"


def buckets_have_a_block(resources: Sequence[Declared]) -> Iterator[tuple[Declared, str]]:
    """Every bucket has a public access block: its own, or the account's."""
    kinds = [(each, canonical(each.type)) for each in resources]
    if any(kind == _ACCOUNT_BLOCK and not any(buckets_are_private(each.inputs)) for each, kind in kinds):
        return
    blocks = [each for each, kind in kinds if kind == _BLOCK]
    for bucket, kind in kinds:
        if kind != _BUCKET:
            continue
        if not any(_blocks(block, bucket) for block in blocks):
            yield (
                bucket,
                "the bucket has no public access block: add a BucketPublicAccessBlock with all four switches on",
            )


def _blocks(block: Declared, bucket: Declared) -> bool:
    named = text(block.inputs.get("bucket"))
    return bucket.urn in block.refers.get("bucket", ()) or (
        named != "" and named in (text(bucket.inputs.get("bucket")), text(bucket.inputs.get("id")))
    )


def logs_end(group: Inputs) -> Iterator[str]:
    """A log group without retention costs for ever (Security Hub CloudWatch.16)."""
    if not group.get("retentionInDays"):
        yield "the log group keeps its events for ever: set retentionInDays"


def uploads_end(lifecycle: Inputs) -> Iterator[str]:
    """Parts of an upload that never ended are stored, and paid for, for ever (Trusted Advisor, S3 incomplete multipart
    upload abort configuration)."""
    rules = [*maps(every(lifecycle, "rules"))]
    if rules and not any(_ends_uploads(rule) for rule in rules):
        yield "parts of uploads that never end stay for ever: set abortIncompleteMultipartUpload in a rule"


def _ends_uploads(rule: Mapping[str, Any]) -> bool:
    status, ends = rule.get("status"), rule.get("abortIncompleteMultipartUpload")
    return ends is not None and (status is UNKNOWN or status == "Enabled")


CHECKS = (
    Check(
        "ended-uploads",
        "Buckets whose objects end also end their uploads.",
        "Parts of uploads that broke off are paid for, and no listing shows them.",
        {"aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": uploads_end},
    ),
    Check(
        "logs-end",
        "Logs have a retention.",
        "What has no end is stored, and paid for, for ever.",
        {"aws:cloudwatch/logGroup:LogGroup": logs_end},
    ),
    Check(
        "private-buckets",
        "Buckets are private.",
        "Its objects could be read by anyone.",
        {
            _BLOCK: buckets_are_private,
            _ACCOUNT_BLOCK: buckets_are_private,
            _BUCKET: lists_name_no_everyone,
            "aws:s3/bucketAcl:BucketAcl": lists_name_no_everyone,
            "aws:s3/bucketObject:BucketObject": lists_name_no_everyone,
            "aws:s3/bucketObjectv2:BucketObjectv2": lists_name_no_everyone,
            "aws:s3/objectCopy:ObjectCopy": lists_name_no_everyone,
        },
    ),
)
STACK_CHECKS = (
    StackCheck(
        "blocked-buckets",
        "Buckets have a public access block.",
        "One wrong line of a policy or an access list would put its objects on the internet.",
        buckets_have_a_block,
    ),
)
