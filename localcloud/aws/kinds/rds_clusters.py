"""RDS: clusters and their instances."""

from localcloud.aws.client import Aws, Refused
from localcloud.aws.kind import Calls, Kind, Properties, Props, Tags, Translation, answered
from localcloud.aws.kinds.rds import (
    DIRECTORY,
    ENABLED,
    RESTORED,
    SAME_KEYS,
    SETTINGS,
    as_asked,
    at_once,
    credentials,
    described,
    is_on,
    last_snapshot,
    logs,
    made_up,
    put_tags,
    same_version,
    secrets,
    without,
)


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
    live = as_asked(found, props)
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


ROWS = (CLUSTER, MEMBER)


def get_cluster(aws: Aws, arguments: Props) -> Props:
    """A cluster that is there."""
    name = str(arguments["clusterIdentifier"])
    state = CLUSTER.state(aws.at(thorough=True), name, {})
    if state is None:
        raise Refused(f"no matching RDS Cluster found: {name}")
    return {**arguments, **state, "id": name}


INVOKES = {"aws:rds/getCluster:getCluster": get_cluster}
