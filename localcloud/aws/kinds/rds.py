"""RDS: instances, and what those of a cluster share with them."""

import uuid
from collections.abc import Callable
from typing import Any

from localcloud.aws.client import Aws, Refused
from localcloud.aws.kind import Calls, Kind, Properties, Props, Tags, Translation, answered
from localcloud.aws.kinds.tagging import retag

ARN = "arn:aws:rds:{region}:{account}:"
AT_ONCE = 20
"""Parameters that one ModifyDBParameterGroup takes."""
SETTINGS = frozenset({
    "allowMajorVersionUpgrade", "applyImmediately", "blueGreenUpdate", "deleteAutomatedBackups",
    "finalSnapshotIdentifier", "skipFinalSnapshot", "upgradeStorageConfig",
})  # fmt: skip
"""Inputs that say how the official provider changes or deletes a database."""
RESTORED = "the local cloud restores no database; leave it out"
DIRECTORY = "the local cloud has no directories"
ENABLED = {
    "EnableCloudwatchLogsExports": "EnabledCloudwatchLogsExports",
    "EnablePerformanceInsights": "PerformanceInsightsEnabled",
    "EnableIAMDatabaseAuthentication": "IAMDatabaseAuthenticationEnabled",
    "EnableCustomerOwnedIp": "CustomerOwnedIpEnabled",
}
"""Member of a request -> the same in an answer."""


def made_up(props: Props, name: str, head: str) -> str:
    """The identifier, which the official provider makes up where the program leaves it out."""
    prefix = props.get(f"{name}Prefix") or head
    return str(props.get(name) or f"{prefix}{uuid.uuid4().hex[: min(26, 63 - len(prefix))]}")


def is_on(props: Props, name: str) -> bool:
    """Whether a switch is on."""
    return props.get(name) in (True, "true")


def without(props: Props, *names: str) -> Props:
    """The inputs that a request has."""
    return {k: v for k, v in props.items() if k not in SETTINGS | {*names}}


def create_instance(aws: Aws, props: Props) -> str:
    """The instance, or a replica of another one; its id is the one that it keeps when it is renamed."""
    name = made_up(props, "identifier", "terraform-")
    asked = without(props, "replicateSourceDb", "identifierPrefix") | {"identifier": name}
    if source := props.get("replicateSourceDb"):
        request = INSTANCE.request("create_db_instance_read_replica", asked)
        found = aws("rds", "create_db_instance_read_replica", **request, SourceDBInstanceIdentifier=str(source))
    else:
        found = aws("rds", "create_db_instance", **INSTANCE.request("create_db_instance", asked))
    return str(found["DBInstance"]["DbiResourceId"])


def described(aws: Aws, wanted: str) -> Props | None:
    """An instance by its resource id or its identifier."""
    which: Props = {"DBInstanceIdentifier": wanted}
    if wanted.startswith("db-") and wanted == wanted[:3] + wanted[3:].upper():
        which = {"Filters": [{"Name": "dbi-resource-id", "Values": [wanted]}]}
    found = aws("rds", "describe_db_instances", **which)["DBInstances"]
    return dict(found[0]) if found else None


def instance(aws: Aws, resource_id: str, props: Props) -> Props | None:
    """The instance in the words of the request that makes it."""
    found = described(aws, resource_id)
    return None if found is None else as_asked(found, props)


def as_asked(found: Props, props: Props) -> Props:
    """What RDS answers of an instance, in the words of the request that makes it."""
    live = found | {ours: found.get(theirs) for ours, theirs in ENABLED.items()}
    groups, options = found.get("DBParameterGroups") or (), found.get("OptionGroupMemberships") or ()
    live["DBParameterGroupName"] = groups[0]["DBParameterGroupName"] if groups else None
    live["OptionGroupName"] = options[0]["OptionGroupName"] if options else None
    live["DBSubnetGroupName"] = (found.get("DBSubnetGroup") or {}).get("DBSubnetGroupName")
    live["VpcSecurityGroupIds"] = [group["VpcSecurityGroupId"] for group in found.get("VpcSecurityGroups") or ()]
    live["Port"] = (found.get("Endpoint") or {}).get("Port")
    live["replicas"] = list(found.get("ReadReplicaDBInstanceIdentifiers") or ())
    live["replicateSourceDb"] = found.get("ReadReplicaSourceDBInstanceIdentifier") or None
    live["ManageMasterUserPassword"] = True if found.get("MasterUserSecret") else None
    live["MasterUserSecretKmsKeyId"] = (found.get("MasterUserSecret") or {}).get("KmsKeyId")
    live["EngineVersion"] = same_version(props.get("engineVersion"), found.get("EngineVersion"))
    live["actual"], live["Tags"] = found.get("EngineVersion"), found.get("TagList")
    return live


def same_version(asked: Any, found: Any) -> Any:
    """A version that was asked for in part, such as 16, is the one that AWS made of it, such as 16.4."""
    return asked if asked and str(found or "").startswith(f"{asked}.") else found


def key_id(text: str) -> str:
    """A key by its id or its ARN is the same key."""
    return text.rpartition(":key/")[2]


SAME_KEYS: dict[str, Callable[[str], Any]] = dict.fromkeys(
    ("kmsKeyId", "masterUserSecretKmsKeyId", "performanceInsightsKmsKeyId"), key_id
)


def logs(old: Props, new: Props) -> Props:
    """Which logs are exported from now on, and which no longer."""
    before, after = (set(side.get("enabledCloudwatchLogsExports") or ()) for side in (old, new))
    on, off = sorted(after - before), sorted(before - after)
    return {name: types for name, types in (("EnableLogTypes", on), ("DisableLogTypes", off)) if types}


def change_instance(aws: Aws, resource_id: str, old: Props, new: Props) -> None:
    """All that changed in one call, at once or in the next maintenance window."""
    found = described(aws, resource_id)
    if found is None:
        raise Refused(f"there is no instance {resource_id}")
    changed = INSTANCE.changed(old, new) - SETTINGS - {"tags"}
    wanted = {k: v for k, v in new.items() if k in changed and v is not None}
    request = INSTANCE.request("modify_db_instance", without(wanted, "enabledCloudwatchLogsExports", "port"))
    if "port" in wanted:
        request["DBPortNumber"] = int(wanted["port"])
    if "enabledCloudwatchLogsExports" in changed:
        request["CloudwatchLogsExportConfiguration"] = logs(old, new)
    if "manageMasterUserPassword" in changed:
        request["ManageMasterUserPassword"] = is_on(new, "manageMasterUserPassword")
    if not request:
        return
    if is_on(new, "allowMajorVersionUpgrade"):
        request["AllowMajorVersionUpgrade"] = True
    at_once(aws, new, changed)
    aws("rds", "modify_db_instance", DBInstanceIdentifier=found["DBInstanceIdentifier"],
        ApplyImmediately=is_on(new, "applyImmediately"), **request)  # fmt: skip


def at_once(aws: Aws, new: Props, changed: set[str]) -> None:
    """Say what AWS would do later."""
    if not is_on(new, "applyImmediately"):
        aws.caller.warn(
            f"{', '.join(sorted(changed))}: AWS may wait for the next maintenance window, since applyImmediately "
            "is not set; the local cloud changes it at once"
        )


def drop_instance(aws: Aws, resource_id: str, props: Props) -> None:
    """Delete the instance, with a last snapshot unless that is to be left out."""
    found = described(aws, resource_id)
    if found is not None:
        aws("rds", "delete_db_instance", DBInstanceIdentifier=found["DBInstanceIdentifier"], **last_snapshot(props),
            DeleteAutomatedBackups=props.get("deleteAutomatedBackups") not in (False, "false"))  # fmt: skip


def last_snapshot(props: Props, member: str = "FinalDBSnapshotIdentifier") -> Props:
    """How a deletion treats the data; the official provider refuses one without a word on it."""
    if is_on(props, "skipFinalSnapshot"):
        return {"SkipFinalSnapshot": True}
    if not props.get("finalSnapshotIdentifier"):
        raise Refused(
            "finalSnapshotIdentifier: missing: it is required when skipFinalSnapshot is false; set one of the two, run "
            "`up`, then delete"
        )
    return {"SkipFinalSnapshot": False, member: props["finalSnapshotIdentifier"]}


def credentials(password: str, username: str) -> Callable[[Props], list[tuple[str, str]]]:
    """A database has a user and one way to its password."""

    def check(props: Props) -> list[tuple[str, str]]:
        found = []
        if props.get(password) is not None and is_on(props, "manageMasterUserPassword"):
            found.append(("manageMasterUserPassword", f"conflicts with {password!r}: give one of them"))
        if props.get("replicateSourceDb") or props.get("globalClusterIdentifier") or props.get("engine") == "neptune":
            return found
        if props.get(username) is None:
            found.append((username, "missing: a new database needs it"))
        if props.get(password) is None and not is_on(props, "manageMasterUserPassword"):
            found.append((password, "missing: give it, or 'manageMasterUserPassword': true"))
        return found

    return check


def instance_fits(props: Props) -> list[tuple[str, str]]:
    """What a new instance needs."""
    found = credentials("password", "username")(props)
    if not props.get("replicateSourceDb"):
        if not props.get("engine"):
            found.append(("engine", "missing: a new database needs it"))
        if props.get("allocatedStorage") is None and not str(props.get("engine") or "").startswith("aurora"):
            found.append(("allocatedStorage", "missing: a new database needs it"))
    return found


INSTANCE = Kind(
    "aws:rds/instance:Instance",
    Calls(
        "rds", "create_db_instance", "", custom_create=create_instance, read=instance, update=change_instance,
        delete=drop_instance,
    ),
    tags=Tags(update=lambda aws, i, gone, tags: tag_instance(aws, i, gone, tags)),
    translation=Translation(
        rename={
            "identifier": "DBInstanceIdentifier", "instanceClass": "DBInstanceClass", "username": "MasterUsername",
            "backupWindow": "PreferredBackupWindow", "maintenanceWindow": "PreferredMaintenanceWindow",
            "caCertIdentifier": "CACertificateIdentifier", "parameterGroupName": "DBParameterGroupName",
            "password": "MasterUserPassword", "iamDatabaseAuthenticationEnabled": "EnableIAMDatabaseAuthentication",
            "performanceInsightsEnabled": "EnablePerformanceInsights",
            "customerOwnedIpEnabled": "EnableCustomerOwnedIp",
            "enabledCloudwatchLogsExports": "EnableCloudwatchLogsExports", "arn": "DBInstanceArn",
            "status": "DBInstanceStatus", "resourceId": "DbiResourceId",
        },
        encode=lambda props: without(props, "replicateSourceDb", "identifierPrefix"),
        served={*SETTINGS, "replicateSourceDb", "identifierPrefix"},
        unserved={
            **dict.fromkeys(("restoreToPointInTime", "s3Import", "snapshotIdentifier"), RESTORED),
            **dict.fromkeys(
                ("domain", "domainAuthSecretArn", "domainDnsIps", "domainFqdn", "domainIamRoleName", "domainOu"),
                DIRECTORY,
            ),
            **dict.fromkeys(("passwordWo", "passwordWoVersion"), "give 'password' or 'manageMasterUserPassword'"),
            "customIamInstanceProfile": "the local cloud has no RDS Custom",
            "replicaMode": "the local cloud has no replicas of Oracle or Db2",
        },
    ),
    properties=Properties(
        force_new={
            "availabilityZone", "backupTarget", "characterSetName", "dbName", "engine",
            "identifier", "identifierPrefix", "kmsKeyId", "ncharCharacterSetName", "storageEncrypted", "timezone",
            "username",
        },
        defaults={
            "autoMinorVersionUpgrade": True, "copyTagsToSnapshot": False, "deleteAutomatedBackups": True,
            "deletionProtection": False, "monitoringInterval": 0, "performanceInsightsEnabled": False,
            "publiclyAccessible": False, "skipFinalSnapshot": False, "storageEncrypted": False,
            "iamDatabaseAuthenticationEnabled": False, "enabledCloudwatchLogsExports": [], "applyImmediately": False,
            "dedicatedLogVolume": False, "customerOwnedIpEnabled": False,
        },
        computed={
            "allocatedStorage", "availabilityZone", "backupRetentionPeriod", "backupTarget", "backupWindow",
            "caCertIdentifier", "characterSetName", "databaseInsightsMode", "dbName", "dbSubnetGroupName", "engine",
            "engineLifecycleSupport", "engineVersion", "identifier", "identifierPrefix", "iops", "kmsKeyId",
            "licenseModel", "maintenanceWindow", "masterUserSecretKmsKeyId", "monitoringRoleArn", "multiAz",
            "ncharCharacterSetName", "networkType", "optionGroupName", "parameterGroupName",
            "performanceInsightsKmsKeyId", "performanceInsightsRetentionPeriod", "port", "storageThroughput",
            "storageType", "timezone", "username", "vpcSecurityGroupIds", "maxAllocatedStorage",
        },
        unordered={"vpcSecurityGroupIds", "enabledCloudwatchLogsExports"}, normalize=SAME_KEYS,
        write_only={*SETTINGS, "password", "identifierPrefix"},
        computed_on_update={"address", "endpoint", "engineVersionActual", "masterUserSecrets", "status"},
    ),
    validate=instance_fits,
    outputs={
        "address": answered("Endpoint.Address"), "hostedZoneId": answered("Endpoint.HostedZoneId"),
        "endpoint": lambda aws, i, live, props: f"{live['Endpoint']['Address']}:{live['Endpoint']['Port']}",
        "engineVersionActual": answered("actual"), "replicateSourceDb": answered("replicateSourceDb"),
        "masterUserSecrets": lambda aws, i, live, props: secrets(live),
        "id": answered("DbiResourceId"), "password": lambda aws, i, live, props: props.get("password"),
        "listenerEndpoints": lambda aws, i, live, props: [],
    },
)  # fmt: skip


def tag_instance(aws: Aws, resource_id: str, gone: list[str], tags: dict[str, str]) -> None:
    """Set the tags by the ARN, which has the identifier."""
    found = described(aws, resource_id)
    if found is not None:
        put_tags(aws, f"db:{found['DBInstanceIdentifier']}", gone, tags)


def put_tags(aws: Aws, what: str, gone: list[str], tags: dict[str, str]) -> None:
    """Set the tags of a thing of RDS."""
    retag("rds", ARN + what, tag="add_tags_to_resource", untag="remove_tags_from_resource")(aws, what, gone, tags)


def secrets(live: Props) -> list[Props]:
    """The secret that RDS keeps the password in."""
    found = live.get("MasterUserSecret")
    if not found:
        return []
    names = {"kmsKeyId": "KmsKeyId", "secretArn": "SecretArn", "secretStatus": "SecretStatus"}
    return [{ours: found.get(theirs) for ours, theirs in names.items()}]


ROWS = (INSTANCE,)


def get_instance(aws: Aws, arguments: Props) -> Props:
    """An instance that is there."""
    name = arguments.get("dbInstanceIdentifier")
    if not name:
        raise Refused("dbInstanceIdentifier: missing: the local cloud finds an instance by it")
    state = INSTANCE.state(aws.at(thorough=True), str(name), {})
    if state is None:
        raise Refused(f"no matching RDS DB Instance found: {name}")
    more = {
        "dbInstanceArn": state["arn"], "dbInstanceClass": state["instanceClass"], "masterUsername": state["username"],
        "dbInstancePort": state["port"], "preferredBackupWindow": state["backupWindow"], "dbInstanceIdentifier": name,
        "preferredMaintenanceWindow": state["maintenanceWindow"], "dbSubnetGroup": state.get("dbSubnetGroupName") or "",
        "vpcSecurityGroups": state["vpcSecurityGroupIds"], "dbParameterGroups": [state["parameterGroupName"]],
        "optionGroupMemberships": [state["optionGroupName"]],
        "enabledCloudwatchLogsExports": state.get("enabledCloudwatchLogsExports") or [],
        "dbClusterIdentifier": "", "replicateSourceDb": state.get("replicateSourceDb") or "",
    }  # fmt: skip
    return {**arguments, **state, **more, "id": name}


INVOKES = {"aws:rds/getInstance:getInstance": get_instance}
