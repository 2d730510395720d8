"""EventBridge Scheduler: groups of schedules, and schedules."""

import datetime

from localcloud.aws.client import Aws
from localcloud.aws.kind import Calls, Kind, Naming, OwnCalls, Properties, Props, Tags, answered
from localcloud.aws.kinds.cognito_people import parts
from localcloud.aws.kinds.tagging import retag, tags_of

SERVICE = "scheduler"
ARN = "arn:aws:scheduler:{region}:{account}:"


def stamped(moment: datetime.datetime | None) -> str | None:
    """A moment as the official provider writes it."""
    return moment.astimezone(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if moment else None


def group(aws: Aws, name: str, props: Props) -> Props:
    """The group."""
    found = dict(aws(SERVICE, "get_schedule_group", Name=name))
    return found | {
        "CreationDate": stamped(found["CreationDate"]), "LastModificationDate": stamped(found["LastModificationDate"]),
    }  # fmt: skip


GROUP = Kind(
    "aws:scheduler/scheduleGroup:ScheduleGroup",
    Calls(SERVICE, "create_schedule_group", "{name}", read=group, delete=("delete_schedule_group", {"Name": "{id}"})),
    naming=Naming("name", longest=64),
    tags=Tags(update=retag(SERVICE, ARN + "schedule-group/{id}")),
    properties=Properties(force_new={"name", "namePrefix"}),
    own_calls=OwnCalls(join={"tags": tags_of(SERVICE, ResourceArn="{Arn}")}),
)  # fmt: skip


def schedule(aws: Aws, schedule_id: str, props: Props) -> Props:
    """The schedule."""
    group_name, _, name = schedule_id.partition("/")
    found = dict(aws(SERVICE, "get_schedule", GroupName=group_name, Name=name))
    return found | {member: stamped(found.get(member)) for member in ("StartDate", "EndDate")}


def make(aws: Aws, props: Props) -> str:
    """Make it in its group."""
    aws(SERVICE, "create_schedule", **SCHEDULE.request("create_schedule", props))
    return f"{props.get('groupName') or 'default'}/{props['name']}"


def change(aws: Aws, schedule_id: str, old: Props, new: Props) -> None:
    """Send the whole schedule, which is what an update is."""
    aws(
        SERVICE,
        "update_schedule",
        **SCHEDULE.request("update_schedule", {k: v for k, v in new.items() if v is not None}),
    )


def drop(aws: Aws, schedule_id: str, props: Props) -> None:
    """Delete it in its group."""
    group_name, _, name = schedule_id.partition("/")
    aws(SERVICE, "delete_schedule", GroupName=group_name, Name=name)


def fits(props: Props) -> list[tuple[str, str]]:
    """A flexible window has a length, another has none."""
    window = props.get("flexibleTimeWindow") or {}
    length, mode = window.get("maximumWindowInMinutes"), window.get("mode")
    if mode == "FLEXIBLE" and length is None:
        return [("flexibleTimeWindow.maximumWindowInMinutes", "missing: mode 'FLEXIBLE' needs it")]
    if mode == "OFF" and length is not None:
        return [("flexibleTimeWindow.maximumWindowInMinutes", "is for mode 'FLEXIBLE' only")]
    return []


SCHEDULE: Kind = Kind(
    "aws:scheduler/schedule:Schedule",
    Calls(
        SERVICE, "create_schedule", "{groupName}/{name}", read=schedule, custom_create=make, update=change, delete=drop,
        import_id=parts("/", "groupName", "name"),
    ),
    naming=Naming("name", longest=64),
    tags=Tags(None),
    properties=Properties(
        force_new={"groupName", "name"},
        defaults={
            "groupName": "default", "state": "ENABLED", "scheduleExpressionTimezone": "UTC", "description": "",
            "actionAfterCompletion": "NONE",
        },
        computed={"target.retryPolicy", "target.retryPolicy.maximumEventAgeInSeconds",
                  "target.retryPolicy.maximumRetryAttempts"},
    ),
    validate=fits, outputs={"arn": ARN + "schedule/{id}", "name": answered("Name")},
)  # fmt: skip

ROWS = (GROUP, SCHEDULE)
