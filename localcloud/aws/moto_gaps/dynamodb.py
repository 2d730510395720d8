"""Gaps of moto's DynamoDB: encryption that is turned on or off after the table was made, and replicas in other regions
(global tables, version 2019.11.21)."""

import copy
from typing import Any

from moto.dynamodb.models import DynamoDBBackend, dynamodb_backends
from moto.dynamodb.models.table import Table
from moto.dynamodb.responses import DynamoHandler

from localcloud.aws.moto_gaps._patching import Refusal, replace

LOCAL = (
    "Cannot add, delete, or update the local region through ReplicaUpdates. Use CreateTable, DeleteTable, or "
    "UpdateTable as required."
)
TAKEN = (
    "Failed to create a the new replica of table with name: '{}' because one or more replicas already existed as "
    "tables."
)
ALIKE = ("attr", "global_indexes", "billing_mode", "throughput", "stream_specification", "latest_stream_label")
"""What the tables of a group have in common, beside their items."""


class Group:
    """A table and its replicas, by region."""

    def __init__(self, table: Table) -> None:
        self.tables = {table.region_name: table}
        self.consistency: str | None = None
        self.witness: str | None = None


def _group(table: Any) -> Group:
    if not hasattr(table, "group"):
        table.group = Group(table)
    found: Group = table.group
    return found


@replace(DynamoHandler)
def update_table(original: Any, self: Any) -> Any:
    """Keep the encryption and the replicas that are asked for; moto leaves both out."""
    asked = self.body.get("SSESpecification")
    table = self.dynamodb_backend.get_table(self.body["TableName"])
    if asked is not None:
        key = asked.get("KMSMasterKeyId") or table._get_default_encryption_key(self.current_account, self.region)
        table.sse_specification = {**asked, "KMSMasterKeyId": key}
    for change in self.body.get("ReplicaUpdates") or ():
        for action, wanted in change.items():
            if wanted["RegionName"] == self.region:
                raise Refusal("ValidationException", LOCAL)
            ACTIONS[action](_group(table), table, wanted)
    for change in self.body.get("GlobalTableWitnessUpdates") or ():
        _group(table).witness = (change.get("Create") or {}).get("RegionName")
    if self.body.get("MultiRegionConsistency"):
        _group(table).consistency = self.body["MultiRegionConsistency"]
    answer = original(self)
    for other in _group(table).tables.values():
        vars(other).update({name: getattr(table, name) for name in ALIKE})
    return answer


def _create(group: Group, table: Any, wanted: dict[str, Any]) -> None:
    backend = _backend(table, wanted["RegionName"])
    if table.name in backend.tables:
        raise Refusal("ValidationException", TAKEN.format(table.name))
    replica = copy.copy(table)
    replica.region_name, replica.tags = wanted["RegionName"], []
    replica.table_arn = replica._generate_arn(table.name)
    replica.continuous_backups = copy.deepcopy(table.continuous_backups)
    replica.continuous_backups["PointInTimeRecoveryDescription"] = {"PointInTimeRecoveryStatus": "DISABLED"}
    replica.deletion_protection_enabled = False
    if wanted.get("KMSMasterKeyId"):
        replica.sse_specification = {"Enabled": True, "KMSMasterKeyId": wanted["KMSMasterKeyId"]}
    group.tables[replica.region_name] = backend.tables[table.name] = replica


def _update(group: Group, table: Any, wanted: dict[str, Any]) -> None:
    replica = _member(group, table, wanted)
    if wanted.get("KMSMasterKeyId"):
        replica.sse_specification = {"Enabled": True, "KMSMasterKeyId": wanted["KMSMasterKeyId"]}


def _delete(group: Group, table: Any, wanted: dict[str, Any]) -> None:
    _member(group, table, wanted)
    _backend(table, wanted["RegionName"]).delete_table(table.name)


ACTIONS = {"Create": _create, "Update": _update, "Delete": _delete}


def _backend(table: Any, region: str) -> Any:
    try:
        return dynamodb_backends[table.account_id][region]
    except KeyError:
        raise Refusal("ValidationException", f"Unsupported replica region: {region}") from None


def _member(group: Group, table: Any, wanted: dict[str, Any]) -> Any:
    if wanted["RegionName"] not in group.tables:
        where = f"{table.name} has no replica in {wanted['RegionName']}"
        raise Refusal(
            "ValidationException", f"Replica specified in the Replica Update or Delete does not exist: {where}"
        )
    return group.tables[wanted["RegionName"]]


@replace(DynamoDBBackend)
def delete_table(original: Any, self: Any, name: str) -> Any:
    """A table that goes is no replica of the others any more."""
    gone = original(self, name)
    _group(gone).tables.pop(self.region_name, None)
    return gone


@replace(Table)
def describe(original: Any, self: Any, base_key: str = "TableDescription") -> Any:
    """Tell the replicas in the other regions."""
    found, group = original(self, base_key), _group(self)
    others = {region: table for region, table in group.tables.items() if region != self.region_name}
    if not others:
        return found
    told = []
    for region, table in sorted(others.items()):
        key = (table.sse_specification or {}).get("KMSMasterKeyId")
        told.append({"RegionName": region, "ReplicaStatus": "ACTIVE"} | ({"KMSMasterKeyId": key} if key else {}))
    found[base_key] |= {"GlobalTableVersion": "2019.11.21", "Replicas": told}
    if group.consistency:
        found[base_key]["MultiRegionConsistency"] = group.consistency
    if group.witness:
        found[base_key]["GlobalTableWitnesses"] = [{"RegionName": group.witness, "WitnessStatus": "ACTIVE"}]
    return found
