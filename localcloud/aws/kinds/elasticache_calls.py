"""What the rows of ElastiCache share: tags by ARN, versions as the program has them, logs."""

from collections.abc import Callable
from typing import Any

from localcloud.aws.client import Aws
from localcloud.aws.kind import Kind, Props

SERVICE = "elasticache"
ARN = "arn:aws:elasticache:{region}:{account}:"
LOGS = "logDeliveryConfigurations"


def put_tags(what: str) -> Callable[..., None]:
    """The tagger of a kind of thing."""

    def put(aws: Aws, name: str, gone: list[str], tags: dict[str, str]) -> None:
        arn = (ARN + "{what}:{name}").format(region=aws.region, account=aws.account, what=what, name=name)
        if gone:
            aws(SERVICE, "remove_tags_from_resource", ResourceName=arn, TagKeys=gone)
        if tags:
            sent = [{"Key": k, "Value": str(v)} for k, v in tags.items()]
            aws(SERVICE, "add_tags_to_resource", ResourceName=arn, Tags=sent)

    return put


def tags_of(what: str) -> Callable[..., Any]:
    """Reads the tags of a kind of thing, which no description has."""

    def look(aws: Aws, name: str, live: Props, props: Props) -> dict[str, str]:
        arn = (ARN + "{what}:{name}").format(region=aws.region, account=aws.account, what=what, name=name)
        return {one["Key"]: one["Value"] for one in aws(SERVICE, "list_tags_for_resource", ResourceName=arn)["TagList"]}

    return look


def shown_version(engine: str, version: str) -> str:
    """The version as the official provider has it: two numbers from Redis 6 on."""
    major, minor = version.split(".")[:2]
    return version if engine == "memcached" or int(major) < 6 else f"{major}.{minor}"


def logs_to_request(props: Props) -> Props:
    """Where logs go, as ElastiCache takes it."""
    logs = props.get(LOGS)
    if not isinstance(logs, list | tuple):
        return props
    member = {"cloudwatch-logs": ("CloudWatchLogsDetails", "LogGroup"),
              "kinesis-firehose": ("KinesisFirehoseDetails", "DeliveryStream")}  # fmt: skip
    return props | {LOGS: [
        {
            "logType": one["logType"], "destinationType": one["destinationType"], "logFormat": one["logFormat"],
            "destinationDetails": {member[one["destinationType"]][0]: {
                member[one["destinationType"]][1]: one["destination"],
            }},
        }
        for one in logs
    ]}  # fmt: skip


def logs_of(live: Props) -> list[Props]:
    """Where logs go, as the program has it."""
    return [
        {
            "logType": one["LogType"], "destinationType": one["DestinationType"], "logFormat": one["LogFormat"],
            "destination": next(iter(next(iter(one["DestinationDetails"].values())).values())),
        }
        for one in live.get("LogDeliveryConfigurations") or ()
    ]  # fmt: skip


def changed_request(row: Kind, call: str, old: Props, new: Props, apart: set[str], empty: Props) -> Props:
    """The request of what changed, at once; `empty` says what takes a value away."""
    changed = row.changed(old, new) - {*apart, "tags", "applyImmediately", "finalSnapshotIdentifier"}
    if not changed:
        return {}
    request: Props = row.request(call, {k: v for k, v in new.items() if k in changed and v is not None})
    for name in changed & empty.keys():
        if new.get(name) in (None, ""):
            request |= empty[name]
    if LOGS in changed:
        gone = {one["logType"] for one in old.get(LOGS) or ()} - {one["logType"] for one in new.get(LOGS) or ()}
        off = [{"LogType": kind, "Enabled": False} for kind in sorted(gone)]
        request["LogDeliveryConfigurations"] = [*request.get("LogDeliveryConfigurations", []), *off]
    return request
