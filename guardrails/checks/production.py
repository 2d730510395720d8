"""What users depend on: no slip deletes it, and what runs is what was tried."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from guardrails.checks.check import Check, Inputs, Predicate
from guardrails.checks.containers import containers
from guardrails.values import UNKNOWN, at, every, holds_unknown, is_off, is_on, maps, text


def _protected(what: str, *keys: str, on: Callable[[object], bool] = lambda value: not is_off(value)) -> Predicate:
    def predicate(inputs: Inputs) -> Iterator[str]:
        value = at(inputs, *keys)
        if value is not UNKNOWN and not on(value):
            yield f"a slip can delete {what}: set {'.'.join(keys)}"

    return predicate


def buckets_keep_what_they_hold(bucket: Inputs) -> Iterator[str]:
    """A bucket that may be deleted with its objects is."""
    if is_on(bucket.get("forceDestroy")):
        yield "destroying the stack deletes what the bucket holds: leave forceDestroy out"


def images_are_fixed(task: Inputs) -> Iterator[str]:
    """A tag, also one that nobody should move, can be pushed again; a digest cannot."""
    for container in containers(task):
        image = container.get("image")
        if isinstance(image, str) and "@sha256:" not in image:
            name = text(container.get("name")) or "?"
            yield f"container {name} runs {image} by its tag: name the image by its digest"


def _own_key(what: str, *keys: str) -> Predicate:
    def predicate(inputs: Inputs) -> Iterator[str]:
        key = at(inputs, *keys)
        if key is not UNKNOWN and (not text(key) or text(key).startswith("alias/aws/")):
            yield f"{what} has no key of the environment's own: set {'.'.join(keys)}"

    return predicate


def images_have_a_key(repository: Inputs) -> Iterator[str]:
    """A repository of images."""
    given = repository.get("encryptionConfigurations")
    kinds = [each.get("encryptionType") for each in maps(every(repository, "encryptionConfigurations"))]
    if (
        not holds_unknown(given)
        and not holds_unknown(kinds)
        and not {"KMS", "KMS_DSSE"} & {text(each) for each in kinds}
    ):
        yield "the repository has no key of the environment's own: set encryptionConfigurations with encryptionType KMS"


_ACTIVE = {"on": lambda value: value == "ACTIVE"}
_DELETABLE: Mapping[str, Predicate] = {
    "aws:lb/loadBalancer:LoadBalancer": _protected("the balancer", "enableDeletionProtection"),
    "aws:rds/instance:Instance": _protected("the database", "deletionProtection"),
    "aws:rds/cluster:Cluster": _protected("the database", "deletionProtection"),
    "aws:dynamodb/table:Table": _protected("the table", "deletionProtectionEnabled"),
    "aws:cognito/userPool:UserPool": _protected("the pool of users", "deletionProtection", **_ACTIVE),
    "aws:s3/bucket:Bucket": buckets_keep_what_they_hold,
}
"""Sources: Security Hub ELB.6, RDS.7, RDS.8, DynamoDB.6, Cognito.6."""

_OWN_KEYS: Mapping[str, Predicate] = {
    "aws:cloudwatch/logGroup:LogGroup": _own_key("the log group", "kmsKeyId"),
    "aws:sns/topic:Topic": _own_key("the topic", "kmsMasterKeyId"),
    "aws:kinesis/stream:Stream": _own_key("the stream", "kmsKeyId"),
    "aws:dynamodb/table:Table": _own_key("the table", "serverSideEncryption", "kmsKeyArn"),
    "aws:secretsmanager/secret:Secret": _own_key("the secret", "kmsKeyId"),
    "aws:efs/fileSystem:FileSystem": _own_key("the file system", "kmsKeyId"),
    "aws:ecr/repository:Repository": images_have_a_key,
}
"""Sources: checkov CKV_AWS_158, 26, 43, 119, 149, 184, 136."""

CHECKS = (
    Check(
        "kept-data",
        "In production no slip deletes what holds data or takes traffic.",
        "A deletion cannot be taken back, and a wrong replacement is one.",
        _DELETABLE,
    ),
    Check(
        "fixed-images",
        "In production containers run images by their digests.",
        "A tag can be pushed again: what starts in the next peak is then not what was tried.",
        {"aws:ecs/taskDefinition:TaskDefinition": images_are_fixed},
    ),
    Check(
        "own-keys",
        "In production what holds data is encrypted with a key of the environment's own.",
        "Only the policy of such a key says who reads the data, and only its use is in the account's log.",
        _OWN_KEYS,
    ),
)
