"""Databases of RDS, caches: names, windows, sizes, and what fits together.

Sources: RDS API reference, CreateDBInstance, CreateDBCluster, CreateDBSubnetGroup; Amazon RDS User Guide, storage
types, enhanced monitoring, published logs; ElastiCache API reference, CreateCacheCluster; the official provider's
validation.
"""

import re
from collections.abc import Iterator

from localcloud.aws.limits._checks import STAND_IN, Check, Fault, Props, each, form, number, one_of, within
from localcloud.aws.limits._conditions import modelled, on, sized, told

NAME = r"(?!.*--)(?!.*-$)[a-z][a-z0-9-]{0,62}"
NAMED = "is no identifier: 1 to 63 lower-case letters, digits and single hyphens, beginning with a letter"
GROUP = r"(?!default$)[a-z0-9 _.-]{1,255}"
NAMED_GROUP = "is no name of a group: up to 255 lower-case letters, digits and ' _.-', not 'default'"
TIME = r"([01]\d|2[0-3]):[0-5]\d"
DAY = rf"(?i:mon|tue|wed|thu|fri|sat|sun):{TIME}"
ONCE_A_DAY = (rf"{TIME}-{TIME}", "is no window such as '04:00-04:30'")
ONCE_A_WEEK = (rf"{DAY}-{DAY}", "is no window such as 'sun:05:00-sun:05:30'")
ENGINES = (
    "aurora-mysql", "aurora-postgresql", "mariadb", "mysql", "postgres", "db2-ae", "db2-se", "oracle-ee",
    "oracle-ee-cdb", "oracle-se2", "oracle-se2-cdb", "sqlserver-ee", "sqlserver-ex", "sqlserver-se", "sqlserver-web",
    "sqlserver-dev-ee", "neptune", "docdb",
)  # fmt: skip
OF_CLUSTERS = ("aurora-mysql", "aurora-postgresql", "mysql", "postgres", "neptune", "docdb")
LOGS = {
    "aurora-mysql": ("audit", "error", "general", "slowquery", "iam-db-auth-error", "instance"),
    "aurora-postgresql": ("postgresql", "iam-db-auth-error", "instance"),
    "mysql": ("audit", "error", "general", "slowquery", "iam-db-auth-error"),
    "mariadb": ("audit", "error", "general", "slowquery", "iam-db-auth-error"),
    "postgres": ("postgresql", "upgrade", "iam-db-auth-error"),
}  # fmt: skip
"""Logs that an engine publishes; those of the others are of their own."""
INTERVALS = (0, 1, 5, 10, 15, 30, 60)
STORAGE = ("standard", "gp2", "gp3", "io1", "io2")
BUILT_IN = {"postgres": ("admin", "rdsadmin"), "aurora-postgresql": ("admin", "rdsadmin")}
STRIPED = {"mysql": 400, "mariadb": 400, "postgres": 400}
"""GB from which gp3 takes IOPS and a throughput of one's own."""
SHORTEST_PASSWORD, SHORTEST_WINDOW, WEEK, DAYS = 8, 30, 7 * 24 * 60, ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
CAPACITY_STEP = 0.5


def minutes(window: str) -> tuple[int, int]:
    """Minute of the week, or of the day, at which a well-formed window begins, and how long it is."""
    start, end = window.lower().split("-")

    def at(text: str) -> int:
        *day, hour, minute = text.split(":")
        return (DAYS.index(day[0]) * 24 * 60 if day else 0) + int(hour) * 60 + int(minute)

    return at(start), (at(end) - at(start)) % (WEEK if ":" in start[3:4] else 24 * 60)


def windows(daily: str, weekly: str) -> Check:
    """Windows are half an hour or more, and do not overlap."""

    def check(props: Props) -> Iterator[Fault]:
        found = {}
        for name, shape in ((daily, ONCE_A_DAY), (weekly, ONCE_A_WEEK)):
            for place, value in each(props, name):
                if isinstance(value, str) and re.fullmatch(shape[0], value):
                    found[name] = minutes(value)
                    if found[name][1] < SHORTEST_WINDOW:
                        yield place, f"{value!r} is {found[name][1]} minutes, the least is {SHORTEST_WINDOW}"
        if len(found) > 1:
            (start, lasts), (begin, long) = found[daily], found[weekly]
            if any(
                (start + 24 * 60 * day - begin) % WEEK < long or (begin - start - 24 * 60 * day) % WEEK < lasts
                for day in range(7)
            ):
                yield daily, f"overlaps {weekly!r} {props[weekly]!r}"

    return check


def password(name: str) -> Check:
    """Eight characters or more, of those that RDS takes; the sentence does not show it."""

    def check(props: Props) -> Iterator[Fault]:
        for place, value in each(props, name):
            if not isinstance(value, str) or STAND_IN.fullmatch(value):
                continue
            if len(value) < SHORTEST_PASSWORD:
                yield place, f"is shorter than {SHORTEST_PASSWORD} characters"
            elif any(not 32 < ord(letter) < 127 or letter in "/'\"@" for letter in value):
                yield place, "has a character that RDS does not take: a space, a quote, '/', '@' or one beyond ASCII"

    return check


def user(name: str) -> Check:
    """A name that begins with a letter and is none of the engine's own."""

    def check(props: Props) -> Iterator[Fault]:
        for place, value in each(props, name):
            engine = props.get("engine")
            if not isinstance(value, str) or STAND_IN.fullmatch(value):
                continue
            if not value[:1].isalpha():
                yield place, f"{value!r} does not begin with a letter"
            elif value.lower() == "rdsadmin" or (
                told(props, "engine") and value.lower() in BUILT_IN.get(str(engine), ())
            ):
                yield place, f"{value!r} is a name that the engine keeps for itself"

    return check


def logs(props: Props) -> Iterator[Fault]:
    """Logs that the engine publishes."""
    allowed = LOGS.get(str(props.get("engine")))
    if allowed:
        yield from one_of("enabledCloudwatchLogsExports[]", *allowed)(props)


def storage(props: Props) -> Iterator[Fault]:
    """IOPS are for the kinds of storage that have them, and grow with the size."""
    kind, size, most = (
        props.get("storageType"),
        number(props.get("allocatedStorage")),
        number(props.get("maxAllocatedStorage")),
    )
    if not told(props, "storageType"):
        return
    own = [name for name in ("iops", "storageThroughput") if number(props.get(name))]
    if kind in ("io1", "io2") and props.get("iops") is None:
        yield "iops", f"missing required property of 'storageType': {kind!r}"
    if kind in ("gp2", "standard"):
        yield from ((name, f"is not for 'storageType': {kind!r}") for name in own)
    least = STRIPED.get(str(props.get("engine"))) if kind == "gp3" and told(props, "engine") else None
    if least and size is not None and size < least:
        yield from ((name, f"is for {least} GB of gp3 and more, not for {size:g}") for name in own)
    if size is not None and most and most < size:
        yield "maxAllocatedStorage", f"{most:g} is below allocatedStorage {size:g}"


def watched(props: Props) -> Iterator[Fault]:
    """Seconds that monitoring knows, and the role that it writes by."""
    seconds = number(props.get("monitoringInterval"))
    if seconds is None:
        return
    if seconds not in INTERVALS:
        yield "monitoringInterval", f"{seconds:g} is not allowed; allowed are {', '.join(map(str, INTERVALS))}"
    elif seconds and props.get("monitoringRoleArn") is None:
        yield "monitoringRoleArn", "missing required property: monitoring writes by a role"


def kept(props: Props) -> Iterator[Fault]:
    """Days that Performance Insights keeps: a week, months, two years."""
    for place, value in each(props, "performanceInsightsRetentionPeriod"):
        days = number(value)
        if days and days not in (7, 731) and (days % 31 or not 31 <= days <= 23 * 31):
            yield place, f"{days:g} is not allowed; allowed are 7, 731 and multiples of 31"


def spread(props: Props) -> Iterator[Fault]:
    """A database in two zones is in none that one names."""
    if on(props.get("multiAz")) and props.get("availabilityZone") is not None:
        yield "availabilityZone", "is not for 'multiAz': true"


def serverless(props: Props) -> Iterator[Fault]:
    """Capacities in halves, the least below the most."""
    for _, found in each(props, "serverlessv2ScalingConfiguration"):
        low, high = (
            number(found.get(name)) if isinstance(found, dict) else None for name in ("minCapacity", "maxCapacity")
        )
        for name, value in (("minCapacity", low), ("maxCapacity", high)):
            if value is not None and value % CAPACITY_STEP:
                yield f"serverlessv2ScalingConfiguration.{name}", f"{value:g} is no multiple of 0.5"
        if low is not None and high is not None and low > high:
            yield "serverlessv2ScalingConfiguration.minCapacity", f"{low:g} is above maxCapacity {high:g}"


def clustered(props: Props) -> Iterator[Fault]:
    """What Aurora has and others have not, and the other way."""
    engine = props.get("engine")
    if not isinstance(engine, str) or not told(props, "engine"):
        return
    if number(props.get("backtrackWindow")) and engine != "aurora-mysql":
        yield "backtrackWindow", f"is not for engine {engine!r}: aurora-mysql has it"
    if engine in ("mysql", "postgres") and props.get("dbClusterInstanceClass") is None:
        yield "dbClusterInstanceClass", f"missing required property of a cluster of {engine}"


PARAMETERS = (
    modelled("parameters[].applyMethod", "rds", "ApplyMethod"),
    form("family", r"(aurora|mysql|mariadb|postgres|oracle|sqlserver|db2|custom|docdb|neptune).*\d.*",
         "is no family of parameters, such as postgres16"),
)  # fmt: skip

LIMITS: dict[str, tuple[Check, ...]] = {
    "aws:rds/instance:Instance": (
        form("identifier", NAME, NAMED), form("backupWindow", *ONCE_A_DAY), form("maintenanceWindow", *ONCE_A_WEEK),
        within("backupRetentionPeriod", 0, 35, "days"), within("port", 1150, 65535),
        watched, storage, kept, spread, logs, windows("backupWindow", "maintenanceWindow"), password("password"),
        user("username"), within("allocatedStorage", 5, 65_536, "GB"),
        one_of("engine", *ENGINES, also="custom-.*"), one_of("storageType", *STORAGE),
        one_of("networkType", "IPV4", "DUAL"),
        one_of("licenseModel", "license-included", "bring-your-own-license", "general-public-license",
               "postgresql-license", "marketplace-license"),
        form("instanceClass", r"db\..+", "is no class of an instance, such as 'db.t4g.micro'"),
        form("dbName", r"[A-Za-z_][A-Za-z0-9_]{0,63}", "is no name of a database: letters, digits and '_'"),
        form("finalSnapshotIdentifier", r"(?!.*--)(?!.*-$)[A-Za-z][A-Za-z0-9-]*",
             "is no name of a snapshot: letters, digits and single hyphens, beginning with a letter"),
    ),
    "aws:rds/cluster:Cluster": (
        form("clusterIdentifier", NAME, NAMED), form("preferredBackupWindow", *ONCE_A_DAY),
        form("preferredMaintenanceWindow", *ONCE_A_WEEK), within("backupRetentionPeriod", 1, 35, "days"),
        within("port", 1150, 65535), within("backtrackWindow", 0, 259_200, "seconds"),
        serverless, clustered, logs, windows("preferredBackupWindow", "preferredMaintenanceWindow"),
        password("masterPassword"), user("masterUsername"), one_of("engine", *OF_CLUSTERS),
        one_of("engineMode", "global", "multimaster", "parallelquery", "provisioned", "serverless", also="$"),
        one_of("storageType", "aurora", "aurora-iopt1", "gp3", "io1", "io2", also="$"),
        form("databaseName", r"[A-Za-z_][A-Za-z0-9_]{0,63}", "is no name of a database: letters, digits and '_'"),
        within("serverlessv2ScalingConfiguration.minCapacity", 0, 256),
        within("serverlessv2ScalingConfiguration.maxCapacity", 1, 256),
    ),
    "aws:rds/clusterInstance:ClusterInstance": (
        form("identifier", NAME, NAMED), form("preferredBackupWindow", *ONCE_A_DAY),
        form("preferredMaintenanceWindow", *ONCE_A_WEEK), within("promotionTier", 0, 15),
        watched, one_of("engine", *OF_CLUSTERS),
        form("instanceClass", r"db\..+", "is no class of an instance, such as 'db.r7g.large'"),
    ),
    "aws:rds/subnetGroup:SubnetGroup": (form("name", GROUP, NAMED_GROUP), sized("subnetIds", 2, 20, "subnets")),
    "aws:rds/parameterGroup:ParameterGroup": (
        form("name", NAME.replace("62", "254"), NAMED.replace("63", "255")), *PARAMETERS,
    ),
    "aws:rds/clusterParameterGroup:ClusterParameterGroup": (
        form("name", NAME.replace("62", "254"), NAMED.replace("63", "255")), *PARAMETERS,
    ),
    **dict.fromkeys(("aws:elasticache/cluster:Cluster", "aws:elasticache/replicationGroup:ReplicationGroup"), (
        form("nodeType", r"cache\..+", "is no class of a node, such as 'cache.t4g.micro'"), within("port", 1, 65_535),
        form("maintenanceWindow", *ONCE_A_WEEK), form("snapshotWindow", *ONCE_A_DAY),
        within("numNodeGroups", 1, 500), sized("clusterId", 1, 50),
    )),
    "aws:elasticache/subnetGroup:SubnetGroup": (
        form("name", GROUP.replace(" ", ""), NAMED_GROUP.replace(" _", "_")),
        sized("subnetIds", 1, 20, "subnets"),
    ),
}  # fmt: skip
