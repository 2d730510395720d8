"""Databases of RDS: names, windows, sizes (RDS API reference, CreateDBInstance and CreateDBCluster)."""

from localcloud.aws.limits._checks import Check, form, within

NAME = r"(?!.*--)(?!.*-$)[a-z][a-z0-9-]{0,62}"
NAMED = "is no identifier: 1 to 63 lower-case letters, digits and single hyphens, beginning with a letter"
GROUP = r"(?!default$)[a-z0-9 _.-]{1,255}"
NAMED_GROUP = "is no name of a group: up to 255 lower-case letters, digits and ' _.-', not 'default'"
TIME = r"([01]\d|2[0-3]):[0-5]\d"
DAY = rf"(?i:mon|tue|wed|thu|fri|sat|sun):{TIME}"
ONCE_A_DAY = (rf"{TIME}-{TIME}", "is no window such as '04:00-04:30'")
ONCE_A_WEEK = (rf"{DAY}-{DAY}", "is no window such as 'sun:05:00-sun:05:30'")

LIMITS: dict[str, tuple[Check, ...]] = {
    "aws:rds/instance:Instance": (
        form("identifier", NAME, NAMED), form("backupWindow", *ONCE_A_DAY), form("maintenanceWindow", *ONCE_A_WEEK),
        within("backupRetentionPeriod", 0, 35, "days"), within("port", 1150, 65535),
        within("monitoringInterval", 0, 60, "seconds"),
        form("instanceClass", r"db\..+", "is no class of an instance, such as 'db.t4g.micro'"),
        form("dbName", r"[A-Za-z_][A-Za-z0-9_]{0,63}", "is no name of a database: letters, digits and '_'"),
        form("finalSnapshotIdentifier", r"(?!.*--)(?!.*-$)[A-Za-z][A-Za-z0-9-]*",
             "is no name of a snapshot: letters, digits and single hyphens, beginning with a letter"),
    ),
    "aws:rds/cluster:Cluster": (
        form("clusterIdentifier", NAME, NAMED), form("preferredBackupWindow", *ONCE_A_DAY),
        form("preferredMaintenanceWindow", *ONCE_A_WEEK), within("backupRetentionPeriod", 1, 35, "days"),
        within("port", 1150, 65535), within("backtrackWindow", 0, 259_200, "seconds"),
        within("serverlessv2ScalingConfiguration.minCapacity", 0, 256),
        within("serverlessv2ScalingConfiguration.maxCapacity", 1, 256),
    ),
    "aws:rds/clusterInstance:ClusterInstance": (
        form("identifier", NAME, NAMED), form("preferredBackupWindow", *ONCE_A_DAY),
        form("preferredMaintenanceWindow", *ONCE_A_WEEK), within("promotionTier", 0, 15),
        form("instanceClass", r"db\..+", "is no class of an instance, such as 'db.r7g.large'"),
    ),
    "aws:rds/subnetGroup:SubnetGroup": (form("name", GROUP, NAMED_GROUP),),
    "aws:rds/parameterGroup:ParameterGroup": (form("name", NAME.replace("62", "254"), NAMED.replace("63", "255")),),
    "aws:rds/clusterParameterGroup:ClusterParameterGroup": (
        form("name", NAME.replace("62", "254"), NAMED.replace("63", "255")),
    ),
}  # fmt: skip
