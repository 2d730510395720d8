"""EFS. Sources: its API reference; EFS User Guide, access points, lifecycle management, throughput modes."""

from collections.abc import Iterator

from localcloud.aws.limits._checks import Check, Fault, Props, form, one_of, only_one

COLD = ("AFTER_1_DAY", "AFTER_7_DAYS", "AFTER_14_DAYS", "AFTER_30_DAYS", "AFTER_60_DAYS", "AFTER_90_DAYS",
        "AFTER_180_DAYS", "AFTER_270_DAYS", "AFTER_365_DAYS")  # fmt: skip
TRANSITIONS = ("transitionToArchive", "transitionToIa", "transitionToPrimaryStorageClass")
MOST_GROUPS = 5


def throughput(props: Props) -> Iterator[Fault]:
    """Provisioned throughput has its size, the other modes have none."""
    mode, size = props.get("throughputMode"), props.get("provisionedThroughputInMibps")
    if mode == "provisioned" and size is None:
        yield "provisionedThroughputInMibps", "missing required property of throughputMode 'provisioned'"
    if mode in (None, "bursting", "elastic") and isinstance(size, int | float) and size:
        yield "provisionedThroughputInMibps", "only throughputMode 'provisioned' takes it"


def key(props: Props) -> Iterator[Fault]:
    """A key is for an encrypted file system."""
    if props.get("kmsKeyId") is not None and props.get("encrypted") in (None, False, "false"):
        yield "kmsKeyId", "needs 'encrypted': true"


def each_once(props: Props) -> Iterator[Fault]:
    """A transition is told once."""
    policies = [p for p in props.get("lifecyclePolicies") or () if isinstance(p, dict)]
    for name in TRANSITIONS:
        told = [place for place, policy in enumerate(policies) if policy.get(name)]
        for place in told[1:]:
            yield f"lifecyclePolicies[{place}].{name}", "is there already: a file system has one of each transition"


def groups(props: Props) -> Iterator[Fault]:
    """A mount target has few security groups."""
    given = props.get("securityGroups")
    if isinstance(given, list) and len(given) > MOST_GROUPS:
        yield "securityGroups", f"{len(given)} groups are more than {MOST_GROUPS}, the most that a mount target has"


LIMITS: dict[str, tuple[Check, ...]] = {
    "aws:efs/fileSystem:FileSystem": (
        throughput, key, only_one(*TRANSITIONS, among="lifecyclePolicies[]"), each_once,
        one_of("lifecyclePolicies[].transitionToIa", *COLD), one_of("lifecyclePolicies[].transitionToArchive", *COLD),
        one_of("lifecyclePolicies[].transitionToPrimaryStorageClass", "AFTER_1_ACCESS"),
        one_of("protection.replicationOverwrite", "ENABLED", "DISABLED", "REPLICATING"),
    ),
    "aws:efs/mountTarget:MountTarget": (groups,),
    "aws:efs/accessPoint:AccessPoint": (
        form("rootDirectory.path", r"/|(/(?!\.)[^$#<>;`|&?{}^*/\n]+){1,4}",
             "is no path of at most four folders that begins with '/'"),
        form("rootDirectory.creationInfo.permissions", "[0-7]{3,4}", "is no mode of three or four octal digits"),
    ),
    "aws:efs/backupPolicy:BackupPolicy": (one_of("backupPolicy.status", "ENABLED", "DISABLED"),),
}  # fmt: skip
