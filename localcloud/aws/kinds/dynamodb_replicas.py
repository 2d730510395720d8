"""Replicas of a DynamoDB table in other regions, as blocks of the table."""

from typing import Any

from localcloud.aws.client import Aws, Refused
from localcloud.aws.kind import Props

TRUE = (True, "true")
REPLICAS, WITNESS = "replicas", "globalTableWitness"
STRONG = "STRONG"


def faults(props: Props) -> list[tuple[str, str]]:
    """What AWS takes of replicas as a whole: strong consistency is of all of them, in three regions."""
    replicas = [one for one in props.get(REPLICAS) or () if isinstance(one, dict)]
    strong = [one.get("consistencyMode") == STRONG for one in replicas]
    witness = bool(props.get(WITNESS))
    found = []
    if any(strong) and not all(strong):
        found.append((REPLICAS, "the 'consistencyMode' of all replicas is the same"))
    elif any(strong) and len(replicas) + witness != 2:
        found.append((REPLICAS, "'consistencyMode': 'STRONG' needs two replicas, or one and a 'globalTableWitness'"))
    elif witness and not any(strong):
        found.append((WITNESS, "only with a replica whose 'consistencyMode' is 'STRONG'"))
    for i, one in enumerate(replicas):
        mode = one.get("consistencyMode")
        if mode not in (None, STRONG, "EVENTUAL"):
            found.append((f"{REPLICAS}[{i}].consistencyMode", f"{mode!r} is not allowed; allowed are STRONG, EVENTUAL"))
    return found


def put(aws: Aws, name: str, values: Props, props: Props) -> None:
    """The replicas become those of the inputs: new ones are made, others go, and each is set up in its own region."""
    there = aws("dynamodb", "describe_table", TableName=name)["Table"]
    held = {one["RegionName"] for one in there.get("Replicas") or ()}
    asked = {one["regionName"]: one for one in props.get(REPLICAS) or ()}
    mode = STRONG if any(one.get("consistencyMode") == STRONG for one in asked.values()) else "EVENTUAL"
    if held and asked and mode != (there.get("MultiRegionConsistency") or "EVENTUAL"):
        raise Refused("replicas: the consistency of a table with replicas does not change; take them away first")
    drop(aws, name, held - asked.keys())
    new = [{"Create": _made(asked[region])} for region in asked if region not in held]
    if mode == STRONG and new:
        witness = (props.get(WITNESS) or {}).get("regionName")
        more = {"GlobalTableWitnessUpdates": [{"Create": {"RegionName": witness}}]} if witness else {}
        aws("dynamodb", "update_table", TableName=name, ReplicaUpdates=new, MultiRegionConsistency=STRONG, **more)
    else:
        for one in new:  # AWS takes one at a time
            aws("dynamodb", "update_table", TableName=name, ReplicaUpdates=[one])
    for region, one in asked.items():
        _set_up(aws.at(region), name, one)


def _made(one: Props) -> Props:
    return {"RegionName": one["regionName"]} | ({"KMSMasterKeyId": one["kmsKeyArn"]} if one.get("kmsKeyArn") else {})


def _set_up(there: Aws, name: str, one: Props) -> None:
    if "pointInTimeRecovery" in one:
        on = {"PointInTimeRecoveryEnabled": one["pointInTimeRecovery"] in TRUE}
        there("dynamodb", "update_continuous_backups", TableName=name, PointInTimeRecoverySpecification=on)
    if "deletionProtectionEnabled" in one:
        kept = one["deletionProtectionEnabled"] in TRUE
        there("dynamodb", "update_table", TableName=name, DeletionProtectionEnabled=kept)


def drop(aws: Aws, name: str, regions: set[str]) -> None:
    """Take the replicas of some regions away."""
    for region in sorted(regions):
        aws("dynamodb", "update_table", TableName=name, ReplicaUpdates=[{"Delete": {"RegionName": region}}])


def drop_table(aws: Aws, name: str, props: Props) -> None:
    """Delete a table after its replicas."""
    there = aws("dynamodb", "describe_table", TableName=name)["Table"]
    drop(aws, name, {one["RegionName"] for one in there.get("Replicas") or ()})
    aws("dynamodb", "delete_table", TableName=name)


def remove(aws: Aws, name: str, old: Any, props: Props) -> None:
    """The table has no replicas any more."""
    put(aws, name, {}, props)


def told(aws: Aws, table: Props) -> Props:
    """Both blocks as AWS has them; each replica is asked for in its own region."""
    replicas, witnesses = table.get("Replicas") or (), table.get("GlobalTableWitnesses") or ()
    found: Props = {REPLICAS: [_described(aws.at(one["RegionName"]), table, one) for one in replicas]}
    return found | {WITNESS: {"regionName": witnesses[0]["RegionName"]} if witnesses else None}


def _described(there: Aws, table: Props, replica: Props) -> Props:
    name = table["TableName"]
    own = there("dynamodb", "describe_table", TableName=name)["Table"]
    backups = there("dynamodb", "describe_continuous_backups", TableName=name)["ContinuousBackupsDescription"]
    recovery = backups["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"]
    return {
        "regionName": replica["RegionName"], "arn": own["TableArn"], "streamArn": own.get("LatestStreamArn"),
        "streamLabel": own.get("LatestStreamLabel"), "kmsKeyArn": replica.get("KMSMasterKeyId"),
        "pointInTimeRecovery": recovery == "ENABLED",
        "deletionProtectionEnabled": own.get("DeletionProtectionEnabled", False),
        "consistencyMode": table.get("MultiRegionConsistency") or "EVENTUAL",
    }  # fmt: skip
