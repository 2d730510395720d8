"""Notifications of Auto Scaling groups: several groups and types to one topic."""

from localcloud.aws.client import Aws
from localcloud.aws.kind import Calls, Kind, Properties, Props, Tags, Translation


def put(aws: Aws, props: Props) -> str:
    """Each group tells the topic of these."""
    for group in props["groupNames"]:
        aws("autoscaling", "put_notification_configuration", AutoScalingGroupName=group, TopicARN=props["topicArn"],
            NotificationTypes=props["notifications"])  # fmt: skip
    return str(props["topicArn"])


def change(aws: Aws, topic: str, old: Props, new: Props) -> None:
    """Groups that are no longer named tell nothing; the others tell of these."""
    drop(aws, topic, {"groupNames": [name for name in old["groupNames"] if name not in new["groupNames"]]})
    put(aws, new)


def drop(aws: Aws, topic: str, props: Props) -> None:
    """The groups tell the topic nothing any more; one that is gone has taken its notifications with it."""
    for group in [name for name in _groups(aws, topic) if name in props["groupNames"]]:
        aws("autoscaling", "delete_notification_configuration", AutoScalingGroupName=group, TopicARN=topic)


def _all(aws: Aws, topic: str) -> list[Props]:
    found = aws("autoscaling", "describe_notification_configurations")["NotificationConfigurations"]
    return [one for one in found if one["TopicARN"] == topic]


def _groups(aws: Aws, topic: str) -> list[str]:
    return sorted({one["AutoScalingGroupName"] for one in _all(aws, topic)})


def described(aws: Aws, topic: str, props: Props) -> Props | None:
    """What the topic is told, of the groups that the program names."""
    named = props.get("groupNames")
    found = [one for one in _all(aws, topic) if named is None or one["AutoScalingGroupName"] in named]
    if not found:
        return None
    return {
        "topicArn": topic, "groupNames": sorted({one["AutoScalingGroupName"] for one in found}),
        "notifications": sorted({one["NotificationType"] for one in found}),
    }  # fmt: skip


ROWS = (
    Kind(
        "aws:autoscaling/notification:Notification",
        Calls("autoscaling", "put_notification_configuration", "", custom_create=put, read=described, delete=drop,
              update=change),
        tags=Tags(None),
        translation=Translation(served={"groupNames", "notifications", "topicArn"}, encode=lambda props: {
            "AutoScalingGroupName": (props.get("groupNames") or [""])[0], "TopicARN": props.get("topicArn"),
            "NotificationTypes": props.get("notifications")}),
        properties=Properties(force_new={"topicArn"}, unordered={"groupNames", "notifications"}),
    ),
)  # fmt: skip
