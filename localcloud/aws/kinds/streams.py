"""Event buses, streams and their consumers, state machines."""

from typing import Any

from localcloud.aws.client import Aws, Refused
from localcloud.aws.kind import Calls, Kind, Naming, OwnCalls, Properties, Props, Tags, Translation, answered
from localcloud.aws.kinds.tagging import retag, tags_of

ON_DEMAND = "ON_DEMAND"
LEAST_HOURS = 24
"""Hours that a stream keeps its records when nobody says otherwise."""


# --- buses


def bus_name(props: Props) -> list[tuple[str, str]]:
    """The default bus is there, and 'aws.' is for those of partners."""
    name, source = str(props.get("name") or ""), props.get("eventSourceName")
    if name == "default":
        return [("name", "'default' is there already")]
    if name.startswith("aws.") and name != source:
        return [("name", f"{name!r} begins with 'aws.': that is the name of a partner's bus, its 'eventSourceName'")]
    return []


def change_bus(aws: Aws, name: str, old: Props, new: Props) -> None:
    """What a bus is put with, but for its name."""
    empty: Props = {"description": "", "kmsKeyIdentifier": "", "deadLetterConfig": {}}
    changed = BUS.changed(old, new) & empty.keys()
    sent = {k: empty[k] if new.get(k) is None else new[k] for k in changed}
    if sent:
        aws("events", "update_event_bus", Name=name, **BUS.request("update_event_bus", sent))


BUS: Kind = Kind(
    "aws:cloudwatch/eventBus:EventBus",
    Calls(
        "events", "create_event_bus", "{name}", read=("describe_event_bus", {"Name": "{id}"}, "@"), update=change_bus,
        delete=("delete_event_bus", {"Name": "{id}"}),
    ),
    naming=Naming("name", longest=256),
    tags=Tags(None, update=retag("events", "arn:aws:events:{region}:{account}:event-bus/{id}")),
    translation=Translation(unserved={"logConfig": "the local cloud writes no logs of a bus"}),
    properties=Properties(force_new={"name", "eventSourceName"}, defaults={"description": ""},
                          write_only={"eventSourceName"}),
    own_calls=OwnCalls(join={"tags": tags_of("events", ResourceARN="{Arn}")}),
    validate=bus_name,
)  # fmt: skip


# --- streams


def stream(aws: Aws, arn: str, props: Props) -> Props:
    """The stream in the words of the program."""
    found = dict(aws("kinesis", "describe_stream_summary", StreamARN=arn)["StreamDescriptionSummary"])
    metrics = [m for one in found.get("EnhancedMonitoring") or () for m in one.get("ShardLevelMetrics") or ()]
    mode = (found.get("StreamModeDetails") or {}).get("StreamMode") or "PROVISIONED"
    live = {
        "name": found["StreamName"], "arn": found["StreamARN"], "retentionPeriod": found["RetentionPeriodHours"],
        "encryptionType": found.get("EncryptionType") or "NONE", "kmsKeyId": found.get("KeyId"),
        "shardLevelMetrics": metrics, "streamModeDetails": {"streamMode": mode},
        "shardCount": found["OpenShardCount"] if mode != ON_DEMAND else None,
        "maxRecordSizeInKib": found.get("MaxRecordSizeInKiB") or 1024,
    }  # fmt: skip
    return {k: v for k, v in live.items() if v is not None}


def create_stream(aws: Aws, props: Props) -> str:
    """The stream; its id is its ARN. Retention, metrics and encryption have calls of their own."""
    name, mode = str(props["name"]), (props.get("streamModeDetails") or {}).get("streamMode") or "PROVISIONED"
    shards = {"ShardCount": int(props.get("shardCount") or 1)} if mode != ON_DEMAND else {}
    aws("kinesis", "create_stream", StreamName=name, StreamModeDetails={"StreamMode": mode}, **shards)
    arn = f"arn:aws:kinesis:{aws.region}:{aws.account}:stream/{name}"
    settle(aws, arn, {}, props)
    return arn


def settle(aws: Aws, arn: str, old: Props, new: Props) -> None:
    """Bring retention, metrics and encryption from the old values to the new ones."""
    hours, before = int(new.get("retentionPeriod") or LEAST_HOURS), int(old.get("retentionPeriod") or LEAST_HOURS)
    if hours != before:
        way = "increase" if hours > before else "decrease"
        aws("kinesis", f"{way}_stream_retention_period", StreamARN=arn, RetentionPeriodHours=hours)
    had, wanted = set(old.get("shardLevelMetrics") or ()), set(new.get("shardLevelMetrics") or ())
    if had - wanted:
        aws("kinesis", "disable_enhanced_monitoring", StreamARN=arn, ShardLevelMetrics=sorted(had - wanted))
    if wanted - had:
        aws("kinesis", "enable_enhanced_monitoring", StreamARN=arn, ShardLevelMetrics=sorted(wanted - had))
    held, asked = ((side.get("encryptionType") or "NONE", side.get("kmsKeyId")) for side in (old, new))
    if held != asked and asked[0] == "KMS":
        aws("kinesis", "start_stream_encryption", StreamARN=arn, EncryptionType="KMS", KeyId=str(asked[1]))
    elif held != asked and held[0] == "KMS":
        aws("kinesis", "stop_stream_encryption", StreamARN=arn, EncryptionType="KMS", KeyId=str(held[1]))


def change_stream(aws: Aws, arn: str, old: Props, new: Props) -> None:
    """The mode, then the shards, then what has a call of its own."""
    before, after = ((side.get("streamModeDetails") or {}).get("streamMode") or "PROVISIONED" for side in (old, new))
    if before != after:
        aws("kinesis", "update_stream_mode", StreamARN=arn, StreamModeDetails={"StreamMode": after})
    if after != ON_DEMAND and int(new.get("shardCount") or 1) != int(old.get("shardCount") or 0):
        count = int(new.get("shardCount") or 1)
        aws("kinesis", "update_shard_count", StreamARN=arn, TargetShardCount=count, ScalingType="UNIFORM_SCALING")
    settle(aws, arn, old, new)


def stream_fits(props: Props) -> list[tuple[str, str]]:
    """Shards of a stream that counts them, hours that Kinesis keeps records, a key for what is encrypted."""
    found = []
    mode = (props.get("streamModeDetails") or {}).get("streamMode")
    hours = props.get("retentionPeriod")
    if mode == ON_DEMAND and props.get("shardCount"):
        found.append(("shardCount", "a stream of mode 'ON_DEMAND' has none"))
    if mode != ON_DEMAND and not props.get("shardCount"):
        found.append(("shardCount", "missing: a stream of mode 'PROVISIONED' needs at least 1"))
    if isinstance(hours, int | float) and not LEAST_HOURS <= hours <= 8760:
        found.append(("retentionPeriod", f"{hours:g} is not within 24 to 8760 hours"))
    if props.get("encryptionType") == "KMS" and not props.get("kmsKeyId"):
        found.append(("kmsKeyId", "missing: encryptionType 'KMS' needs it"))
    return found


def stream_tags(aws: Aws, arn: str, live: Props, props: Props) -> dict[str, str]:
    """The tags of a stream."""
    return {tag["Key"]: tag["Value"] for tag in aws("kinesis", "list_tags_for_stream", StreamARN=live["arn"])["Tags"]}


def tag_stream(aws: Aws, arn: str, gone: list[str], tags: dict[str, str]) -> None:
    """Set the tags of a stream."""
    if gone:
        aws("kinesis", "remove_tags_from_stream", StreamARN=arn, TagKeys=gone)
    if tags:
        aws("kinesis", "add_tags_to_stream", StreamARN=arn, Tags={k: str(v) for k, v in tags.items()})


def drop_stream(aws: Aws, arn: str, props: Props) -> None:
    """Delete the stream; one with consumers only when that is said."""
    force = props.get("enforceConsumerDeletion") in (True, "true")
    aws("kinesis", "delete_stream", StreamARN=arn, EnforceConsumerDeletion=force)


def stream_name(text: str) -> tuple[str, Props]:
    """A stream is imported by its name."""
    return text, {}


def stream_by_name(aws: Aws, arn: str, props: Props) -> Props:
    """The stream by its ARN, or by its name at an import."""
    known = arn if arn.startswith("arn:") else f"arn:aws:kinesis:{aws.region}:{aws.account}:stream/{arn}"
    return stream(aws, known, props)


STREAM: Kind = Kind(
    "aws:kinesis/stream:Stream",
    Calls(
        "kinesis", "create_stream", "", custom_create=create_stream, read=stream_by_name, update=change_stream,
        delete=drop_stream, import_id=stream_name,
    ),
    naming=Naming("name", longest=128),
    tags=Tags(None, update=tag_stream),
    translation=Translation(
        rename={"name": "StreamName"},
        encode=lambda props: {k: v for k, v in props.items() if k in ("name", "shardCount", "streamModeDetails")},
        decode=lambda live: {("StreamName" if k == "name" else k): v for k, v in live.items()},
        served={"encryptionType", "enforceConsumerDeletion", "kmsKeyId", "retentionPeriod", "shardLevelMetrics"},
        unserved={
            "arn": "AWS makes the ARN", "warmThroughputMibPs": "the local cloud keeps no throughput in store",
            "maxRecordSizeInKib": "the local cloud keeps the largest record at 1024 KiB",
        },
    ),
    properties=Properties(
        force_new={"name"}, unordered={"shardLevelMetrics"}, write_only={"enforceConsumerDeletion"},
        defaults={"encryptionType": "NONE", "enforceConsumerDeletion": False, "retentionPeriod": LEAST_HOURS,
                  "shardLevelMetrics": []},
        computed={"streamModeDetails", "maxRecordSizeInKib"},
    ),
    own_calls=OwnCalls(read={"tags": stream_tags}),
    validate=stream_fits, outputs={"id": answered("arn")},
)  # fmt: skip
CONSUMER = Kind(
    "aws:kinesis/streamConsumer:StreamConsumer",
    Calls(
        "kinesis", "register_stream_consumer", "Consumer.ConsumerARN",
        read=("describe_stream_consumer", {"ConsumerARN": "{id}"}, "ConsumerDescription"),
        delete=("deregister_stream_consumer", {"ConsumerARN": "{id}"}), update=lambda aws, i, old, new: None,
    ),
    naming=Naming("name", longest=128),
    translation=Translation(
        rename={"name": "ConsumerName", "arn": "ConsumerARN", "creationTimestamp": "ConsumerCreationTimestamp"},
    ),
    tags=Tags(None, update=retag("kinesis")),
    properties=Properties(force_new={"name", "streamArn"}),
    own_calls=OwnCalls(join={"tags": tags_of("kinesis", ResourceARN="{ConsumerARN}")}),
)  # fmt: skip


# --- state machines


def machine(aws: Aws, arn: str, props: Props) -> Props:
    """The machine; its log group stands in a list."""
    found = dict(aws("stepfunctions", "describe_state_machine", stateMachineArn=arn))
    logging = dict(found.get("loggingConfiguration") or {})
    groups = logging.pop("destinations", None) or [{}]
    logging["logDestination"] = (groups[0].get("cloudWatchLogsLogGroup") or {}).get("logGroupArn")
    logging = {"level": "OFF", "includeExecutionData": False} | {k: v for k, v in logging.items() if v is not None}
    versions = aws("stepfunctions", "list_state_machine_versions", stateMachineArn=arn)["stateMachineVersions"]
    found["newest"] = versions[0]["stateMachineVersionArn"] if versions else ""
    return found | {"loggingConfiguration": logging, "revisionId": found.get("revisionId") or "INITIAL"}


def destined(props: Props) -> Props:
    """The log group as AWS has it: a list of one."""
    block = props.get("loggingConfiguration")
    if not isinstance(block, dict) or not block.get("logDestination"):
        return props
    rest = {k: v for k, v in block.items() if k != "logDestination"}
    group = {"cloudWatchLogsLogGroup": {"logGroupArn": block["logDestination"]}}
    return props | {"loggingConfiguration": rest | {"destinations": [group]}}


def change_machine(aws: Aws, arn: str, old: Props, new: Props) -> None:
    """Send what changed; a block that is gone as AWS's own."""
    empty: Props = {"loggingConfiguration": {"level": "OFF"}, "tracingConfiguration": {"enabled": False},
                    "encryptionConfiguration": {"type": "AWS_OWNED_KEY"}}  # fmt: skip
    changed = MACHINE.changed(old, new) - {"tags", "publish"}
    sent = {k: new[k] if new.get(k) is not None else empty.get(k) for k in changed}
    sent = {k: v for k, v in sent.items() if v is not None}
    publish = new.get("publish") in (True, "true")
    if sent:
        request = MACHINE.request("update_state_machine", sent)
        aws("stepfunctions", "update_state_machine", stateMachineArn=arn, publish=publish, **request)


def machine_fits(props: Props) -> list[tuple[str, str]]:
    """A group that is logged to, by its ARN with `:*`."""
    block = props.get("loggingConfiguration") or {}
    level, group = str(block.get("level") or "OFF"), block.get("logDestination")
    if level != "OFF" and not group:
        return [("loggingConfiguration.logDestination", f"missing: level {level!r} needs it")]
    if isinstance(group, str) and group.startswith("arn:") and not group.endswith(":*"):
        return [("loggingConfiguration.logDestination", f"{group!r} does not end in ':*'")]
    return []


MACHINE: Kind = Kind(
    "aws:sfn/stateMachine:StateMachine",
    Calls(
        "stepfunctions", "create_state_machine", "stateMachineArn", read=machine, update=change_machine,
        delete=("delete_state_machine", {"stateMachineArn": "{id}"}),
    ),
    naming=Naming("name", longest=80),
    tags=Tags(update=retag("stepfunctions")),
    translation=Translation(encode=destined, served={"loggingConfiguration"}),
    properties=Properties(
        force_new={"name", "namePrefix", "type"}, write_only={"publish"},
        defaults={
            "publish": False, "type": "STANDARD", "tracingConfiguration": {"enabled": False},
            "loggingConfiguration": {"level": "OFF", "includeExecutionData": False},
            "encryptionConfiguration": {"type": "AWS_OWNED_KEY"},
        },
        computed={"encryptionConfiguration.kmsDataKeyReusePeriodSeconds"},
        computed_on_update={"revisionId", "stateMachineVersionArn"},
    ),
    own_calls=OwnCalls(join={"tags": tags_of("stepfunctions", path="tags", resourceArn="{stateMachineArn}")}),
    validate=machine_fits,
    outputs={
        "arn": "{id}", "stateMachineVersionArn": answered("newest"),
        "creationDate": lambda aws, i, live, props: live["creationDate"].strftime("%Y-%m-%dT%H:%M:%SZ"),
    },
)  # fmt: skip

ROWS = (BUS, STREAM, CONSUMER, MACHINE)


def get_bus(aws: Aws, arguments: Props) -> Props:
    """A bus that is there."""
    found = aws("events", "describe_event_bus", Name=arguments["name"])
    return {
        **arguments, "id": found["Name"], "arn": found["Arn"], "description": found.get("Description") or "",
        "kmsKeyIdentifier": found.get("KmsKeyIdentifier") or "", "deadLetterConfigs": [], "logConfigs": [],
    }  # fmt: skip


def get_stream(aws: Aws, arguments: Props) -> Props:
    """A stream that is there."""
    arn = f"arn:aws:kinesis:{aws.region}:{aws.account}:stream/{arguments['name']}"
    found = dict(aws("kinesis", "describe_stream_summary", StreamARN=arn)["StreamDescriptionSummary"])
    live = stream(aws, arn, {})
    shards = aws("kinesis", "list_shards", StreamARN=arn)["Shards"]
    ended = [s["ShardId"] for s in shards if s["SequenceNumberRange"].get("EndingSequenceNumber")]
    return {
        **arguments, **live, "id": arn, "status": found["StreamStatus"], "closedShards": ended,
        "openShards": [s["ShardId"] for s in shards if s["ShardId"] not in ended],
        "creationTimestamp": int(found["StreamCreationTimestamp"].timestamp()), "tags": stream_tags(aws, arn, live, {}),
        "streamModeDetails": [live["streamModeDetails"]],
    }  # fmt: skip


def get_machine(aws: Aws, arguments: Props) -> Props:
    """A machine that is there, by its name."""
    found: list[Any] = aws("stepfunctions", "list_state_machines")["stateMachines"]
    arns = [one["stateMachineArn"] for one in found if one["name"] == arguments["name"]]
    if len(arns) != 1:
        raise Refused(f"no matching Step Functions State Machine found: {arguments['name']}")
    state = MACHINE.state(aws, arns[0], {})
    return {**(state or {}), **arguments}


INVOKES = {
    "aws:cloudwatch/getEventBus:getEventBus": get_bus,
    "aws:kinesis/getStream:getStream": get_stream,
    "aws:sfn/getStateMachine:getStateMachine": get_machine,
}
