"""What users depend on: no slip deletes it, and what runs is what was tried."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from guardrails.checks.check import Check, Inputs, Predicate
from guardrails.checks.containers import containers
from guardrails.values import UNKNOWN, at, is_off, is_on, text


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

CHECKS = (
    Check("kept-data", "In production no slip deletes what holds data or takes traffic.", _DELETABLE, production=True),
    Check(
        "fixed-images",
        "In production containers run images by their digests.",
        {"aws:ecs/taskDefinition:TaskDefinition": images_are_fixed},
        production=True,
    ),
)
