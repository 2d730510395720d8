"""Databases: who may reach them, and how their data lies on the disk."""

from __future__ import annotations

from collections.abc import Iterator

from guardrails.checks.check import Check, Inputs
from guardrails.values import every, is_off, is_on, text

_INSTANCE, _CLUSTER = "aws:rds/instance:Instance", "aws:rds/cluster:Cluster"
_MEMBER = "aws:rds/clusterInstance:ClusterInstance"
_OTHERS = (
    "aws:redshift/cluster:Cluster",
    "aws:redshiftserverless/workgroup:Workgroup",
    "aws:neptune/clusterInstance:ClusterInstance",
    "aws:dms/replicationInstance:ReplicationInstance",
)
"""Other types with `publiclyAccessible`."""
_SNAPSHOTS = (
    "aws:rds/snapshot:Snapshot",
    "aws:rds/snapshotCopy:SnapshotCopy",
    "aws:rds/clusterSnapshotCopy:ClusterSnapshotCopy",
)


def databases_are_private(database: Inputs) -> Iterator[str]:
    """No database has an address on the internet (Security Hub RDS.2)."""
    if is_on(database.get("publiclyAccessible")):
        yield "the database can be reached from the internet: leave publiclyAccessible out"


def storage_is_encrypted(database: Inputs) -> Iterator[str]:
    """What a database keeps is encrypted (Security Hub RDS.3); a replica takes after its source."""
    if database.get("replicateSourceDb") is None and is_off(database.get("storageEncrypted")):
        yield "the database's storage is not encrypted, and cannot be later: set storageEncrypted"


def shared_with_nobody(snapshot: Inputs) -> Iterator[str]:
    """A snapshot that is shared with `all` can be restored by anyone (Security Hub RDS.1)."""
    if any(text(each).strip().lower() == "all" for each in every(snapshot, "sharedAccounts")):
        yield "the snapshot can be restored by anyone: name accounts in sharedAccounts"


def images_are_private(permission: Inputs) -> Iterator[str]:
    """An image that is shared with the group `all` can be started by anyone."""
    if text(permission.get("group")) == "all":
        yield "the image can be started by anyone: name accounts or an organization"


def snapshots_stay_blocked(block: Inputs) -> Iterator[str]:
    """The switch of a region against public snapshots of volumes (Security Hub EC2.182)."""
    if block.get("state") == "unblocked":
        yield "snapshots of volumes can become public: set state to block-all-sharing"


def files_are_encrypted(files: Inputs) -> Iterator[str]:
    """What a file system keeps is encrypted (Security Hub EFS.1)."""
    if is_off(files.get("encrypted")):
        yield "the file system is not encrypted, and cannot be later: set encrypted"


def streams_are_encrypted(stream: Inputs) -> Iterator[str]:
    """What a stream keeps is encrypted (Security Hub Kinesis.1)."""
    if stream.get("encryptionType") is None or text(stream.get("encryptionType")) == "NONE":
        yield "the stream's records are not encrypted: set encryptionType to KMS and kmsKeyId"


def topics_are_encrypted(topic: Inputs) -> Iterator[str]:
    """What a topic keeps until it is delivered (checkov CKV_AWS_26)."""
    if not topic.get("kmsMasterKeyId"):
        yield "the topic's messages are not encrypted: set kmsMasterKeyId"


def queues_are_encrypted(queue: Inputs) -> Iterator[str]:
    """SQS encrypts by itself unless it is told not to (checkov CKV_AWS_27)."""
    managed = queue.get("sqsManagedSseEnabled")
    if managed is not None and is_off(managed) and not queue.get("kmsMasterKeyId"):
        yield "the queue's messages are not encrypted: leave sqsManagedSseEnabled out, or set kmsMasterKeyId"


def caches_are_encrypted(cache: Inputs) -> Iterator[str]:
    """What a replicated cache keeps and what it sends (checkov CKV_AWS_29, CKV_AWS_30)."""
    for name, what in (("atRestEncryptionEnabled", "data is"), ("transitEncryptionEnabled", "connections are")):
        if is_off(cache.get(name)):
            yield f"the cache's {what} not encrypted: set {name}"


CHECKS = (
    Check(
        "private-databases",
        "Databases are not on the internet.",
        "A database is worth every attack, and needs no address on the internet.",
        dict.fromkeys((_INSTANCE, _CLUSTER, _MEMBER, *_OTHERS), databases_are_private),
    ),
    Check(
        "private-snapshots",
        "Snapshots and images are not shared with anyone.",
        "A copy of the data would be anyone's.",
        {
            **dict.fromkeys(_SNAPSHOTS, shared_with_nobody),
            "aws:ec2/amiLaunchPermission:AmiLaunchPermission": images_are_private,
            "aws:ebs/snapshotBlockPublicAccess:SnapshotBlockPublicAccess": snapshots_stay_blocked,
        },
    ),
    Check(
        "encrypted-storage",
        "Databases, caches, streams, files, topics and queues are encrypted.",
        "A copy of the storage is read by whoever has it, and most of it cannot be encrypted later.",
        {
            **dict.fromkeys((_INSTANCE, _CLUSTER), storage_is_encrypted),
            "aws:elasticache/replicationGroup:ReplicationGroup": caches_are_encrypted,
            "aws:kinesis/stream:Stream": streams_are_encrypted,
            "aws:efs/fileSystem:FileSystem": files_are_encrypted,
            "aws:sns/topic:Topic": topics_are_encrypted,
            "aws:sqs/queue:Queue": queues_are_encrypted,
        },
    ),
)
