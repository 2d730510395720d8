"""Single tags of what is there: of anything in EC2, and of groups of instances."""

from localcloud.aws.client import Aws
from localcloud.aws.kind import Calls, Kind, Properties, Props, Tags, Translation, answered
from localcloud.aws.kinds.cognito_people import parts
from localcloud.aws.kinds.ec2_calls import retag, where

# --- of EC2


def tag(aws: Aws, tag_id: str, props: Props) -> Props | None:
    """The tag; None when the resource has none of that key."""
    asked = where(resource_id=props["resourceId"], key=props["key"])
    found = aws("ec2", "describe_tags", Filters=asked)["Tags"]
    return {"resourceId": props["resourceId"], "key": props["key"], "value": found[0]["Value"]} if found else None


def put_tag(aws: Aws, props: Props) -> str:
    """Set it, which is what a change is too."""
    retag(aws, props["resourceId"], [], {props["key"]: props["value"]})
    return f"{props['resourceId']},{props['key']}"


NAMES = ("resourceId", "key", "value")
TAG = Kind(
    "aws:ec2/tag:Tag",
    Calls(
        "ec2", "create_tags", "{resourceId},{key}", custom_create=put_tag, read=tag,
        update=lambda aws, i, old, new: put_tag(aws, new),
        delete=lambda aws, i, props: retag(aws, props["resourceId"], [props["key"]], {}),
        import_id=parts(",", "resourceId", "key"),
    ),
    tags=Tags(None),
    translation=Translation(rename=dict.fromkeys(NAMES), served=NAMES),
    properties=Properties(force_new={"resourceId", "key"}), outputs={name: answered(name) for name in NAMES},
)  # fmt: skip

# --- of groups of instances

GROUP = {"ResourceType": "auto-scaling-group"}


def group_tag(aws: Aws, tag_id: str, props: Props) -> Props | None:
    """The tag; None when the group has none of that key."""
    name, key = props["autoscalingGroupName"], props["tag"]["key"]
    asked = [{"Name": "auto-scaling-group", "Values": [name]}, {"Name": "key", "Values": [key]}]
    for one in aws("autoscaling", "describe_tags", Filters=asked)["Tags"]:
        if (one["ResourceId"], one["Key"]) == (name, key):
            block = {"key": key, "value": one["Value"], "propagateAtLaunch": one["PropagateAtLaunch"]}
            return {"autoscalingGroupName": name, "tag": block}
    return None


def put_group_tag(aws: Aws, props: Props) -> str:
    """Set it, which is what a change is too."""
    name, block = props["autoscalingGroupName"], props["tag"]
    told = {"Key": block["key"], "Value": block["value"], "PropagateAtLaunch": block["propagateAtLaunch"]}
    aws("autoscaling", "create_or_update_tags", Tags=[GROUP | {"ResourceId": name} | told])
    return f"{name},{block['key']}"


def drop_group_tag(aws: Aws, tag_id: str, props: Props) -> None:
    """Take it away."""
    told = {"ResourceId": props["autoscalingGroupName"], "Key": props["tag"]["key"]}
    aws("autoscaling", "delete_tags", Tags=[GROUP | told])


def of_group(text: str) -> tuple[str, Props]:
    """`group,key`."""
    name, _, key = text.partition(",")
    return text, {"autoscalingGroupName": name, "tag": {"key": key}}


OF_GROUP = ("autoscalingGroupName", "tag")
GROUP_TAG = Kind(
    "aws:autoscaling/tag:Tag",
    Calls(
        "autoscaling", "create_or_update_tags", "{autoscalingGroupName}", custom_create=put_group_tag, read=group_tag,
        update=lambda aws, i, old, new: put_group_tag(aws, new), delete=drop_group_tag, import_id=of_group,
    ),
    tags=Tags(None),
    translation=Translation(rename=dict.fromkeys(OF_GROUP), served=OF_GROUP),
    properties=Properties(force_new={"autoscalingGroupName", "tag.key"}),
    outputs={name: answered(name) for name in OF_GROUP},
)  # fmt: skip

ROWS = (TAG, GROUP_TAG)
