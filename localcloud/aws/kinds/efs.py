"""EFS: file systems, where they are mounted, access points, their policies and backups."""

import uuid
from collections.abc import Callable
from typing import Any

from botocore.exceptions import ClientError

from localcloud.aws.client import Aws
from localcloud.aws.kind import Calls, Kind, OwnCalls, Properties, Props, Tags, Translation
from localcloud.aws.kinds.invokes import single
from localcloud.aws.kinds.tagging import retag
from localcloud.aws.reading import is_gone

ARN = "arn:aws:elasticfilesystem:{region}:{account}:"
DNS = "{id}.efs.{region}.amazonaws.com"
IMMUTABLE = {"availabilityZoneName", "creationToken", "encrypted", "kmsKeyId", "performanceMode"}


def create_system(aws: Aws, props: Props) -> str:
    """The file system, under a token that the official provider makes up where the program names none."""
    token = props.get("creationToken") or f"terraform-{uuid.uuid4().hex[:26]}"
    apart = ("lifecyclePolicies", "protection")
    asked = {k: v for k, v in props.items() if k not in apart} | {"creationToken": token}
    return str(aws("efs", "create_file_system", **FILE_SYSTEM.request("create_file_system", asked))["FileSystemId"])


def file_system(aws: Aws, resource_id: str, props: Props) -> Props | None:
    """The file system with what other calls tell of it."""
    found = aws("efs", "describe_file_systems", FileSystemId=resource_id)["FileSystems"]
    return dict(found[0]) if found else None


def change_system(aws: Aws, resource_id: str, old: Props, new: Props) -> None:
    """Throughput changes by a call of its own."""
    names = ("throughputMode", "provisionedThroughputInMibps")
    if {*names} & FILE_SYSTEM.changed(old, new):
        request: Props = {"ThroughputMode": new.get("throughputMode") or "bursting"}
        if new.get(names[1]) is not None:
            request["ProvisionedThroughputInMibps"] = float(new[names[1]])
        aws("efs", "update_file_system", FileSystemId=resource_id, **request)


TRANSITIONS = {
    "transitionToArchive": "TransitionToArchive",
    "transitionToIa": "TransitionToIA",
    "transitionToPrimaryStorageClass": "TransitionToPrimaryStorageClass",
}


def put_lifecycle(aws: Aws, resource_id: str, policies: Any, props: Props) -> None:
    """The lifecycle policies become these."""
    asked = [{theirs: p[ours] for ours, theirs in TRANSITIONS.items() if p.get(ours)} for p in policies or ()]
    aws("efs", "put_lifecycle_configuration", FileSystemId=resource_id, LifecyclePolicies=asked)


def lifecycle(aws: Aws, resource_id: str, live: Props, props: Props) -> list[Props]:
    """The lifecycle policies."""
    found = aws("efs", "describe_lifecycle_configuration", FileSystemId=resource_id)["LifecyclePolicies"]
    return [{ours: p[theirs] for ours, theirs in TRANSITIONS.items() if p.get(theirs)} for p in found]


def protect(aws: Aws, resource_id: str, value: Any, props: Props) -> None:
    """Whether a replication may write over the file system."""
    wanted = (value or {}).get("replicationOverwrite") or "ENABLED"
    aws("efs", "update_file_system_protection", FileSystemId=resource_id, ReplicationOverwriteProtection=wanted)


def sizes(aws: Aws, resource_id: str, live: Props, props: Props) -> list[Props]:
    """What is stored, by class."""
    found = live.get("SizeInBytes") or {}
    names = {"value": "Value", "valueInIa": "ValueInIA", "valueInStandard": "ValueInStandard"}
    return [{ours: found.get(theirs, 0) for ours, theirs in names.items()}]


def named(live: Props) -> str:
    """The tag `Name`, as AWS answers it."""
    return str(live.get("Name") or "")


def of_system(call: str, path: str) -> Callable[[Aws, str, Props], Props | None]:
    """What a call answers of a file system that has such a thing."""

    def read(aws: Aws, resource_id: str, props: Props) -> Props | None:
        found = aws("efs", call, FileSystemId=resource_id).get(path)
        return {path: found, "FileSystemId": resource_id} if found else None

    return read


def no_backup(aws: Aws, resource_id: str, props: Props) -> None:
    """A policy cannot be deleted: backups are turned off, as the official provider does."""
    aws("efs", "put_backup_policy", FileSystemId=resource_id, BackupPolicy={"Status": "DISABLED"})


def backups(aws: Aws, resource_id: str, props: Props) -> Props | None:
    """The policy; where the program turned backups on, one that is off is as good as gone."""
    found = of_system("describe_backup_policy", "BackupPolicy")(aws, resource_id, props)
    off = found is not None and found["BackupPolicy"]["Status"] in ("DISABLED", "DISABLING")
    wanted = (props.get("backupPolicy") or {}).get("status")
    return None if off and wanted == "ENABLED" else found


def arn_of_system(aws: Aws, resource_id: str, live: Props, props: Props) -> str:
    """The ARN of the file system that something belongs to."""
    return f"arn:aws:elasticfilesystem:{aws.region}:{aws.account}:file-system/{live['FileSystemId']}"


def name_of_system(aws: Aws, resource_id: str, live: Props, props: Props) -> str:
    """The DNS name of the file system that something belongs to."""
    return f"{live['FileSystemId']}.efs.{aws.region}.amazonaws.com"


def name_of_target(aws: Aws, resource_id: str, live: Props, props: Props) -> str:
    """The DNS name of a mount target: that of the file system in its zone."""
    return f"{live['AvailabilityZoneName']}.{name_of_system(aws, resource_id, live, props)}"


def groups(aws: Aws, resource_id: str, live: Props, props: Props) -> list[str]:
    """A mount target's security groups."""
    found: list[str] = aws("efs", "describe_mount_target_security_groups", MountTargetId=resource_id)["SecurityGroups"]
    return found


def put_groups(aws: Aws, resource_id: str, value: Any, props: Props) -> None:
    """A mount target's security groups become these."""
    aws("efs", "modify_mount_target_security_groups", MountTargetId=resource_id, SecurityGroups=value)


def by_system(given: str) -> tuple[str, Props]:
    """What is found by the file system that it belongs to."""
    return given, {"fileSystemId": given}


FILE_SYSTEM = Kind(
    "aws:efs/fileSystem:FileSystem",
    Calls("efs", "create_file_system", "", custom_create=create_system, read=file_system,
          delete=("delete_file_system", {"FileSystemId": "{id}"}), update=change_system),
    tags=Tags(update=retag("efs")),
    translation=Translation(
        rename={"lifecyclePolicies": None, "protection": "FileSystemProtection",
                "protection.replicationOverwrite": "ReplicationOverwriteProtection"},
        encode=lambda props: {k: v for k, v in props.items() if k not in ("lifecyclePolicies", "protection")},
    ),
    properties=Properties(
        force_new=IMMUTABLE, computed={"creationToken", "kmsKeyId", "performanceMode", "protection", "encrypted"},
        defaults={"throughputMode": "bursting", "lifecyclePolicies": []}, unordered={"lifecyclePolicies"},
    ),
    own_calls=OwnCalls(
        put={"lifecyclePolicies": put_lifecycle, "protection": protect},
        remove={"lifecyclePolicies": lambda aws, i, old, props: put_lifecycle(aws, i, [], props),
                "protection": lambda aws, i, old, props: protect(aws, i, None, props),
                "provisionedThroughputInMibps": lambda aws, i, old, props: None},
    ),
    outputs={
        "arn": ARN + "file-system/{id}", "dnsName": DNS, "name": lambda aws, i, live, props: named(live),
        "lifecyclePolicies": lifecycle, "sizeInBytes": sizes,
    },
)  # fmt: skip

ROWS = (
    FILE_SYSTEM,
    Kind(
        "aws:efs/mountTarget:MountTarget",
        Calls(
            "efs", "create_mount_target", "MountTargetId",
            read=("describe_mount_targets", {"MountTargetId": "{id}"}, "MountTargets[0]"),
            delete=("delete_mount_target", {"MountTargetId": "{id}"}),
        ),
        tags=Tags(None), translation=Translation(unserved={"ipv6Address", "ipAddressType"}),
        properties=Properties(
            force_new={"fileSystemId", "subnetId", "ipAddress"}, computed={"ipAddress", "securityGroups"},
            unordered={"securityGroups"}, delete_before_replace=True,
        ),
        own_calls=OwnCalls(update={"securityGroups": put_groups}),
        outputs={
            "securityGroups": groups, "fileSystemArn": arn_of_system, "dnsName": name_of_system,
            "mountTargetDnsName": name_of_target, "ipAddressType": lambda aws, i, live, props: "IPV4_ONLY",
        },
    ),
    Kind(
        "aws:efs/accessPoint:AccessPoint",
        Calls(
            "efs", "create_access_point", "AccessPointId",
            read=("describe_access_points", {"AccessPointId": "{id}"}, "AccessPoints[0]"),
            delete=("delete_access_point", {"AccessPointId": "{id}"}),
        ),
        tags=Tags(update=retag("efs")),
        properties=Properties(
            force_new={"fileSystemId", "posixUser", "rootDirectory"}, computed={"rootDirectory", "rootDirectory.path"},
            unordered={"posixUser.secondaryGids"},
        ),
        outputs={"arn": ARN + "access-point/{id}", "fileSystemArn": arn_of_system},
    ),
    Kind(
        "aws:efs/backupPolicy:BackupPolicy",
        Calls(
            "efs", "put_backup_policy", "{fileSystemId}", read=backups, delete=no_backup, update="upsert",
            import_id=by_system,
        ),
        tags=Tags(None), properties=Properties(force_new={"fileSystemId"}),
    ),
    Kind(
        "aws:efs/fileSystemPolicy:FileSystemPolicy",
        Calls(
            "efs", "put_file_system_policy", "{fileSystemId}",
            read=of_system("describe_file_system_policy", "Policy"),
            delete=("delete_file_system_policy", {"FileSystemId": "{id}"}), update="upsert", import_id=by_system,
        ),
        tags=Tags(None),
        properties=Properties(
            force_new={"fileSystemId"}, defaults={"bypassPolicyLockoutSafetyCheck": False},
            write_only={"bypassPolicyLockoutSafetyCheck"},
        ),
    ),
)  # fmt: skip


def get_system(aws: Aws, arguments: Props) -> Props:
    """A file system by its id, its creation token or its tags."""
    by = {"CreationToken": arguments["creationToken"]} if arguments.get("creationToken") else {}
    by = {"FileSystemId": arguments["fileSystemId"]} if arguments.get("fileSystemId") else by
    try:
        found = aws("efs", "describe_file_systems", **by, **({} if by else {"MaxItems": 1000}))["FileSystems"]
    except ClientError as error:
        if not is_gone(error):
            raise
        found = []
    wanted = (arguments.get("tags") or {}).items()
    fitting = [one for one in found if wanted <= {t["Key"]: t["Value"] for t in one["Tags"]}.items()]
    return _shown(aws, single(fitting, "EFS file systems"))


def _shown(aws: Aws, found: Props) -> Props:
    system = str(found["FileSystemId"])
    return {
        "id": system, "fileSystemId": system, "arn": found["FileSystemArn"], "name": named(found),
        "availabilityZoneId": found.get("AvailabilityZoneId") or "",
        "availabilityZoneName": found.get("AvailabilityZoneName") or "", "creationToken": found["CreationToken"],
        "dnsName": DNS.format(id=system, region=aws.region), "encrypted": found["Encrypted"],
        "kmsKeyId": found.get("KmsKeyId") or "", "performanceMode": found["PerformanceMode"],
        "throughputMode": found["ThroughputMode"], "sizeInBytes": found["SizeInBytes"]["Value"],
        "provisionedThroughputInMibps": found.get("ProvisionedThroughputInMibps") or 0,
        "lifecyclePolicies": lifecycle(aws, system, found, {}),
        "protections": [{"replicationOverwrite": found["FileSystemProtection"]["ReplicationOverwriteProtection"]}],
        "tags": {t["Key"]: t["Value"] for t in found["Tags"]},
    }  # fmt: skip


INVOKES = {"aws:efs/getFileSystem:getFileSystem": get_system}
