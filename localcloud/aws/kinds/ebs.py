"""Block storage: volumes."""

from localcloud.aws.client import Aws
from localcloud.aws.kind import Calls, Kind, Properties, Props, Tags, Translation
from localcloud.aws.kinds.ec2_calls import ARN, retag
from localcloud.provider.wire import is_unknown

HOLDS = {"size", "type", "iops", "throughput"}


def change(aws: Aws, volume: str, old: Props, new: Props) -> None:
    """Send what changed of its size and speed."""
    changed = VOLUME.changed(old, new) & HOLDS
    sent = {name: new[name] for name in changed if new.get(name) is not None}
    if sent:
        aws("ec2", "modify_volume", VolumeId=volume, **VOLUME.request("modify_volume", sent))


def drop(aws: Aws, volume: str, props: Props) -> None:
    """Delete it, after a last snapshot where the program asks for one."""
    if props.get("finalSnapshot") in (True, "true"):
        aws("ec2", "create_snapshot", VolumeId=volume)
    aws("ec2", "delete_volume", VolumeId=volume)


def fits(props: Props) -> list[tuple[str, str]]:
    """What it is made of, and what goes with its type."""
    found = []
    if props.get("size") is None and props.get("snapshotId") is None:
        found.append(("size", "missing: give 'size' or 'snapshotId'"))
    if is_unknown(props.get("type")):
        return found
    if props.get("throughput") is not None and props.get("type") != "gp3":
        found.append(("throughput", "is for type 'gp3' only"))
    if props.get("iops") is not None and props.get("type") not in ("io1", "io2", "gp3"):
        found.append(("iops", "is for the types io1, io2, gp3 only"))
    if props.get("type") in ("io1", "io2") and props.get("iops") is None:
        found.append(("iops", f"missing: type {props['type']!r} needs it"))
    return found


VOLUME: Kind = Kind(
    "aws:ebs/volume:Volume",
    Calls(
        "ec2", "create_volume", "VolumeId", update=change, delete=drop,
        read=("describe_volumes", {"VolumeIds": ["{id}"]}, "Volumes[0]"),
    ),
    tags=Tags("volume", update=retag),
    translation=Translation(
        rename={"type": "VolumeType", "finalSnapshot": None},
        served={"finalSnapshot"}, unserved={"outpostArn": "the local cloud has no Outposts"},
    ),
    properties=Properties(
        force_new={"availabilityZone", "encrypted", "kmsKeyId", "multiAttachEnabled", "snapshotId",
                   "volumeInitializationRate"},
        computed={*HOLDS, "encrypted", "kmsKeyId", "snapshotId"}, defaults={"finalSnapshot": False},
        write_only={"finalSnapshot", "multiAttachEnabled", "volumeInitializationRate"},
    ),
    validate=fits,
    outputs={
        "arn": ARN + "volume/{id}",
        "createTime": lambda aws, i, live, props: live["CreateTime"].strftime("%Y-%m-%dT%H:%M:%SZ"),
    },
)  # fmt: skip

ROWS = (VOLUME,)
