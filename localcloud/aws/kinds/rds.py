"""RDS: instances, clusters and their instances, subnet groups, parameter groups."""

import uuid
from collections.abc import Callable
from typing import Any

from localcloud.aws.client import Aws, Refused
from localcloud.aws.kind import Calls, Kind, Naming, OwnCalls, Properties, Props, Tags, Translation, answered
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


# --- instances


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
    return None if found is None else _as_asked(found, props)


def _as_asked(found: Props, props: Props) -> Props:
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


# --- clusters


def create_cluster(aws: Aws, props: Props) -> str:
    """The cluster; its id is its identifier."""
    name = made_up(props, "clusterIdentifier", "tf-")
    aws("rds", "create_db_cluster", **CLUSTER.request("create_db_cluster", props | {"clusterIdentifier": name}))
    return name


def cluster(aws: Aws, name: str, props: Props) -> Props:
    """The cluster in the words of the request that makes it."""
    found = dict(aws("rds", "describe_db_clusters", DBClusterIdentifier=name)["DBClusters"][0])
    live = found | {ours: found.get(theirs) for ours, theirs in ENABLED.items()}
    live["DBClusterParameterGroupName"], live["DBSubnetGroupName"] = (
        found.get("DBClusterParameterGroup"),
        found.get("DBSubnetGroup"),
    )
    live["VpcSecurityGroupIds"] = [group["VpcSecurityGroupId"] for group in found.get("VpcSecurityGroups") or ()]
    live["ScalingConfiguration"] = found.get("ScalingConfigurationInfo") or None
    live["ServerlessV2ScalingConfiguration"] = found.get("ServerlessV2ScalingConfiguration") or None
    live["EnableHttpEndpoint"] = bool(found.get("HttpEndpointEnabled"))
    live["clusterMembers"] = [member["DBInstanceIdentifier"] for member in found.get("DBClusterMembers") or ()]
    live["ManageMasterUserPassword"] = True if found.get("MasterUserSecret") else None
    live["MasterUserSecretKmsKeyId"] = (found.get("MasterUserSecret") or {}).get("KmsKeyId")
    live["EngineVersion"] = same_version(props.get("engineVersion"), found.get("EngineVersion"))
    live["actual"], live["Tags"] = found.get("EngineVersion"), found.get("TagList")
    return live


def change_cluster(aws: Aws, name: str, old: Props, new: Props) -> None:
    """All that changed in one call."""
    changed = CLUSTER.changed(old, new) - SETTINGS - {"tags"}
    wanted = {k: v for k, v in new.items() if k in changed and v is not None}
    request = CLUSTER.request("modify_db_cluster", without(wanted, "enabledCloudwatchLogsExports"))
    if "enabledCloudwatchLogsExports" in changed:
        request["CloudwatchLogsExportConfiguration"] = logs(old, new)
    if "manageMasterUserPassword" in changed:
        request["ManageMasterUserPassword"] = is_on(new, "manageMasterUserPassword")
    if not request:
        return
    at_once(aws, new, changed)
    aws("rds", "modify_db_cluster", DBClusterIdentifier=name, ApplyImmediately=is_on(new, "applyImmediately"),
        **request)  # fmt: skip


def drop_cluster(aws: Aws, name: str, props: Props) -> None:
    """Delete the cluster, with a last snapshot unless that is to be left out."""
    aws("rds", "delete_db_cluster", DBClusterIdentifier=name, **last_snapshot(props))


CLUSTER = Kind(
    "aws:rds/cluster:Cluster",
    Calls(
        "rds", "create_db_cluster", "", custom_create=create_cluster, read=cluster, update=change_cluster,
        delete=drop_cluster,
    ),
    tags=Tags(update=lambda aws, i, gone, tags: put_tags(aws, f"cluster:{i}", gone, tags)),
    translation=Translation(
        rename={
            "clusterIdentifier": "DBClusterIdentifier", "masterPassword": "MasterUserPassword",
            "iamDatabaseAuthenticationEnabled": "EnableIAMDatabaseAuthentication",
            "performanceInsightsEnabled": "EnablePerformanceInsights",
            "enabledCloudwatchLogsExports": "EnableCloudwatchLogsExports", "arn": "DBClusterArn",
            "clusterResourceId": "DbClusterResourceId",
        },
        encode=lambda props: without(props, "clusterIdentifierPrefix"),
        served={*SETTINGS - {"blueGreenUpdate", "upgradeStorageConfig"}, "clusterIdentifierPrefix"},
        unserved={
            **dict.fromkeys(("restoreToPointInTime", "s3Import", "snapshotIdentifier", "sourceRegion"), RESTORED),
            **dict.fromkeys(("domain", "domainIamRoleName"), DIRECTORY),
            **dict.fromkeys(
                ("masterPasswordWo", "masterPasswordWoVersion"), "give 'masterPassword' or 'manageMasterUserPassword'"
            ),
            "iamRoles": "the local cloud keeps no roles of a cluster",
            "dbInstanceParameterGroupName": "the local cloud upgrades no major version",
            "dbSystemId": "the local cloud has no RDS Custom",
            "clusterScalabilityType": "the local cloud has no limitless clusters",
        },
    ),
    properties=Properties(
        force_new={
            "availabilityZones", "clusterIdentifier", "clusterIdentifierPrefix", "databaseName", "dbSubnetGroupName",
            "engine", "engineMode", "kmsKeyId", "masterUsername", "publiclyAccessible", "storageEncrypted",
        },
        defaults={
            "backtrackWindow": 0, "copyTagsToSnapshot": False, "deleteAutomatedBackups": True,
            "deletionProtection": False, "enableGlobalWriteForwarding": False, "enableHttpEndpoint": False,
            "enableLocalWriteForwarding": False, "engineMode": "provisioned", "skipFinalSnapshot": False,
            "iamDatabaseAuthenticationEnabled": False, "performanceInsightsEnabled": False,
            "enabledCloudwatchLogsExports": [], "applyImmediately": False,
        },
        computed={
            "allocatedStorage", "autoMinorVersionUpgrade", "availabilityZones", "backupRetentionPeriod",
            "caCertificateIdentifier", "clusterIdentifier", "clusterIdentifierPrefix", "clusterMembers",
            "databaseInsightsMode", "databaseName", "dbClusterParameterGroupName", "dbSubnetGroupName",
            "engineLifecycleSupport", "engineVersion", "kmsKeyId", "masterUserSecretKmsKeyId", "masterUsername",
            "monitoringInterval", "monitoringRoleArn", "networkType", "performanceInsightsKmsKeyId",
            "performanceInsightsRetentionPeriod", "port", "preferredBackupWindow", "preferredMaintenanceWindow",
            "publiclyAccessible", "storageEncrypted", "storageType", "vpcSecurityGroupIds", "scalingConfiguration",
            "serverlessv2ScalingConfiguration.secondsUntilAutoPause",
        },
        unordered={"vpcSecurityGroupIds", "enabledCloudwatchLogsExports", "availabilityZones", "clusterMembers"},
        normalize=SAME_KEYS,
        write_only={
            *SETTINGS - {"blueGreenUpdate", "upgradeStorageConfig"}, "masterPassword", "clusterIdentifierPrefix",
            "globalClusterIdentifier", "enableGlobalWriteForwarding", "enableLocalWriteForwarding",
        },
        computed_on_update={"engineVersionActual", "masterUserSecrets"},
    ),
    validate=credentials("masterPassword", "masterUsername"),
    outputs={
        "engineVersionActual": answered("actual"), "masterUserSecrets": lambda aws, i, live, props: secrets(live),
        "caCertificateIdentifier": answered("CertificateDetails.CAIdentifier"),
        "caCertificateValidTill": answered("CertificateDetails.ValidTill"),
    },
)  # fmt: skip


# --- instances of a cluster


def create_member(aws: Aws, props: Props) -> str:
    """An instance of the cluster; its id is its identifier."""
    name = made_up(props, "identifier", "tf-")
    aws(
        "rds",
        "create_db_instance",
        **MEMBER.request("create_db_instance", {"promotionTier": 0} | props | {"identifier": name}),
    )
    return name


def member(aws: Aws, name: str, props: Props) -> Props | None:
    """The instance, and whether it is the one that writes."""
    found = described(aws, name)
    if found is None:
        return None
    live = _as_asked(found, props)
    owner = aws("rds", "describe_db_clusters", DBClusterIdentifier=found["DBClusterIdentifier"])["DBClusters"][0]
    members = owner.get("DBClusterMembers") or ()
    live["writer"] = any(m["DBInstanceIdentifier"] == name and m["IsClusterWriter"] for m in members)
    if live["DBSubnetGroupName"] is None:
        live["DBSubnetGroupName"] = owner.get("DBSubnetGroup")
    return live


def change_member(aws: Aws, name: str, old: Props, new: Props) -> None:
    """All that changed in one call."""
    changed = MEMBER.changed(old, new) - SETTINGS - {"tags", "forceDestroy"}
    request = MEMBER.request("modify_db_instance", {k: v for k, v in new.items() if k in changed and v is not None})
    if request:
        at_once(aws, new, changed)
        aws("rds", "modify_db_instance", DBInstanceIdentifier=name, ApplyImmediately=is_on(new, "applyImmediately"),
            **request)  # fmt: skip


MEMBER = Kind(
    "aws:rds/clusterInstance:ClusterInstance",
    Calls(
        "rds", "create_db_instance", "", custom_create=create_member, read=member, update=change_member,
        delete=("delete_db_instance", {"DBInstanceIdentifier": "{id}"}),
    ),
    tags=Tags(update=lambda aws, i, gone, tags: put_tags(aws, f"db:{i}", gone, tags)),
    translation=Translation(
        rename={
            "identifier": "DBInstanceIdentifier", "clusterIdentifier": "DBClusterIdentifier",
            "instanceClass": "DBInstanceClass", "caCertIdentifier": "CACertificateIdentifier",
            "performanceInsightsEnabled": "EnablePerformanceInsights", "arn": "DBInstanceArn",
        },
        encode=lambda props: without(props, "identifierPrefix", "forceDestroy"),
        served={"applyImmediately", "identifierPrefix", "forceDestroy"},
        unserved={"customIamInstanceProfile": "the local cloud has no RDS Custom"},
    ),
    properties=Properties(
        force_new={
            "availabilityZone", "clusterIdentifier", "dbSubnetGroupName", "engine", "engineVersion", "identifier",
            "identifierPrefix",
        },
        defaults={
            "autoMinorVersionUpgrade": True, "copyTagsToSnapshot": False, "forceDestroy": False,
            "monitoringInterval": 0, "promotionTier": 0, "applyImmediately": False,
        },
        computed={
            "availabilityZone", "caCertIdentifier", "dbParameterGroupName", "dbSubnetGroupName", "engineVersion",
            "identifier", "identifierPrefix", "monitoringRoleArn", "performanceInsightsEnabled",
            "performanceInsightsKmsKeyId", "performanceInsightsRetentionPeriod", "preferredBackupWindow",
            "preferredMaintenanceWindow", "publiclyAccessible",
        },
        write_only={"applyImmediately", "identifierPrefix", "forceDestroy"},
        computed_on_update={"engineVersionActual"},
    ),
    outputs={"endpoint": answered("Endpoint.Address"), "engineVersionActual": answered("actual")},
)  # fmt: skip


# --- groups


def subnet_group(aws: Aws, name: str, props: Props) -> Props:
    """The group with the ids of its subnets."""
    found = dict(aws("rds", "describe_db_subnet_groups", DBSubnetGroupName=name)["DBSubnetGroups"][0])
    return found | {"SubnetIds": [subnet["SubnetIdentifier"] for subnet in found["Subnets"]]}


def change_subnets(aws: Aws, name: str, old: Props, new: Props) -> None:
    """A group is given all its subnets."""
    about = str(new.get("description") or "")
    aws("rds", "modify_db_subnet_group", DBSubnetGroupName=name, SubnetIds=list(new["subnetIds"]),
        **({"DBSubnetGroupDescription": about} if about else {}))  # fmt: skip


def parameters(aws: Aws, kind: str, name: str) -> dict[str, Props]:
    """The parameters that somebody set, by name."""
    found = aws("rds", f"describe_{kind}_parameters", Source="user", **{_group(kind): name})["Parameters"]
    return {one["ParameterName"]: one for one in found}


def _group(kind: str) -> str:
    return "DBParameterGroupName" if kind == "db" else "DBClusterParameterGroupName"


def put_parameters(kind: str) -> Callable[..., None]:
    """Sets the parameters of a group, and gives those that are no longer named their own value again."""

    def put(aws: Aws, name: str, value: Any, props: Props) -> None:
        wanted = [
            {
                "ParameterName": p["name"],
                "ParameterValue": str(p["value"]),
                "ApplyMethod": p.get("applyMethod") or "immediate",
            }
            for p in value or ()
        ]
        held = parameters(aws, kind, name)
        gone = [n for n in held if n not in {p["ParameterName"] for p in wanted}]
        new = [p for p in wanted if any(held.get(p["ParameterName"], {}).get(k) != v for k, v in p.items())]
        for start in range(0, len(new), AT_ONCE):
            aws(
                "rds", f"modify_{kind}_parameter_group", Parameters=new[start : start + AT_ONCE], **{_group(kind): name}
            )
        for start in range(0, len(gone), AT_ONCE):
            some = [{"ParameterName": n, "ApplyMethod": "pending-reboot"} for n in gone[start : start + AT_ONCE]]
            aws("rds", f"reset_{kind}_parameter_group", Parameters=some, **{_group(kind): name})

    return put


def read_parameters(kind: str) -> Callable[..., Any]:
    """Reads them back."""
    return lambda aws, name, live, props: [
        {
            "name": p["ParameterName"],
            "value": p.get("ParameterValue"),
            "applyMethod": p.get("ApplyMethod") or "immediate",
        }
        for p in parameters(aws, kind, name).values()
    ]


def parameter_group(token: str, kind: str, what: str, answer: str) -> Kind:
    """The row of a group of parameters, of instances or of clusters."""
    member, put = _group(kind), put_parameters(kind)
    settings = {"skipDestroy"} if kind == "db" else set()

    def drop(aws: Aws, name: str, props: Props) -> None:
        if not is_on(props, "skipDestroy"):
            aws("rds", f"delete_{kind}_parameter_group", **{member: name})

    return Kind(
        token,
        Calls(
            "rds", f"create_{kind}_parameter_group", "{name}", delete=drop,
            read=(f"describe_{kind}_parameter_groups", {member: "{id}"}, f"{answer}[0]"),
            update=lambda aws, i, old, new: None,
        ),
        naming=Naming("name", lower=True),
        tags=Tags(update=lambda aws, i, gone, tags: put_tags(aws, f"{what}:{i}", gone, tags)),
        translation=Translation(
            rename={
                "name": member, "family": "DBParameterGroupFamily", "arn": f"{member.removesuffix('Name')}Arn",
                "parameters": None,
            },
            encode=lambda props: {"description": "Managed by Pulumi"} | {
                k: v for k, v in props.items() if k not in settings | {"parameters"}
            },
            served=settings,
        ),
        properties=Properties(
            force_new={"name", "namePrefix", "family", "description"},
            defaults={"description": "Managed by Pulumi", "parameters.applyMethod": "immediate", "parameters": []}
            | dict.fromkeys(settings, False),
            unordered={"parameters"}, write_only=settings,
        ),
        own_calls=OwnCalls(
            put={"parameters": put}, read={"tags": tags_of_group(what)},
            remove={"parameters": lambda aws, i, old, props: put(aws, i, [], props)},
        ),
        outputs={"parameters": read_parameters(kind)},
    )  # fmt: skip


def tags_of_group(what: str) -> Callable[..., Any]:
    """The tags of a group, which no description has."""

    def look(aws: Aws, name: str, live: Props, props: Props) -> dict[str, str]:
        arn = (ARN + what + ":{id}").format(region=aws.region, account=aws.account, id=name)
        found = aws("rds", "list_tags_for_resource", ResourceName=arn)["TagList"]
        return {tag["Key"]: tag["Value"] for tag in found}

    return look


ROWS = (
    INSTANCE,
    CLUSTER,
    MEMBER,
    Kind(
        "aws:rds/subnetGroup:SubnetGroup",
        Calls(
            "rds", "create_db_subnet_group", "{name}", read=subnet_group, update=change_subnets,
            delete=("delete_db_subnet_group", {"DBSubnetGroupName": "{id}"}),
        ),
        naming=Naming("name", lower=True),
        tags=Tags(update=lambda aws, i, gone, tags: put_tags(aws, f"subgrp:{i}", gone, tags)),
        translation=Translation(
            rename={"name": "DBSubnetGroupName", "description": "DBSubnetGroupDescription", "arn": "DBSubnetGroupArn"},
            encode=lambda props: {"description": "Managed by Pulumi"} | props,
        ),
        properties=Properties(
            force_new={"name", "namePrefix"}, defaults={"description": "Managed by Pulumi"}, unordered={"subnetIds"},
        ),
        own_calls=OwnCalls(read={"tags": tags_of_group("subgrp")}),
        outputs={"supportedNetworkTypes": lambda aws, i, live, props: live.get("SupportedNetworkTypes") or ["IPV4"]},
    ),
    parameter_group("aws:rds/parameterGroup:ParameterGroup", "db", "pg", "DBParameterGroups"),
    parameter_group(
        "aws:rds/clusterParameterGroup:ClusterParameterGroup", "db_cluster", "cluster-pg", "DBClusterParameterGroups"
    ),
)  # fmt: skip


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


def get_cluster(aws: Aws, arguments: Props) -> Props:
    """A cluster that is there."""
    name = str(arguments["clusterIdentifier"])
    state = CLUSTER.state(aws.at(thorough=True), name, {})
    if state is None:
        raise Refused(f"no matching RDS Cluster found: {name}")
    return {**arguments, **state, "id": name}


def get_subnet_group(aws: Aws, arguments: Props) -> Props:
    """A subnet group that is there."""
    found = subnet_group(aws, str(arguments["name"]), {})
    return {
        **arguments, "id": found["DBSubnetGroupName"], "arn": found["DBSubnetGroupArn"], "vpcId": found["VpcId"],
        "description": found["DBSubnetGroupDescription"], "status": found["SubnetGroupStatus"],
        "subnetIds": found["SubnetIds"], "supportedNetworkTypes": found.get("SupportedNetworkTypes") or ["IPV4"],
    }  # fmt: skip


INVOKES = {
    "aws:rds/getInstance:getInstance": get_instance,
    "aws:rds/getCluster:getCluster": get_cluster,
    "aws:rds/getSubnetGroup:getSubnetGroup": get_subnet_group,
}
