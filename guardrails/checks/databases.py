"""Databases: who may reach them, and how their data lies on the disk."""

from __future__ import annotations

from collections.abc import Iterator

from guardrails.checks.check import Check, Inputs
from guardrails.values import is_off, is_on, text

_INSTANCE, _CLUSTER = "aws:rds/instance:Instance", "aws:rds/cluster:Cluster"
_MEMBER = "aws:rds/clusterInstance:ClusterInstance"


def databases_are_private(database: Inputs) -> Iterator[str]:
    """No database has an address on the internet (Security Hub RDS.2)."""
    if is_on(database.get("publiclyAccessible")):
        yield "the database can be reached from the internet: leave publiclyAccessible out"


def storage_is_encrypted(database: Inputs) -> Iterator[str]:
    """What a database keeps is encrypted (Security Hub RDS.3); a replica takes after its source."""
    if database.get("replicateSourceDb") is None and is_off(database.get("storageEncrypted")):
        yield "the database's storage is not encrypted, and cannot be later: set storageEncrypted"


def streams_are_encrypted(stream: Inputs) -> Iterator[str]:
    """What a stream keeps is encrypted (Security Hub Kinesis.1)."""
    if stream.get("encryptionType") is None or text(stream.get("encryptionType")) == "NONE":
        yield "the stream's records are not encrypted: set encryptionType to KMS and kmsKeyId"


CHECKS = (
    Check(
        "private-databases",
        "Databases are not on the internet.",
        dict.fromkeys((_INSTANCE, _CLUSTER, _MEMBER), databases_are_private),
    ),
    Check(
        "encrypted-storage",
        "Databases and streams are encrypted.",
        {
            **dict.fromkeys((_INSTANCE, _CLUSTER), storage_is_encrypted),
            "aws:kinesis/stream:Stream": streams_are_encrypted,
        },
    ),
)
