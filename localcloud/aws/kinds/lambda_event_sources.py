"""Lambda: the queues and streams that a function reads."""

from localcloud.aws.client import Aws
from localcloud.aws.kind import (
    Calls,
    Kind,
    OwnCalls,
    Properties,
    Props,
    Tags,
    Translation,
)
from localcloud.aws.kinds.lambda_functions import name_of
from localcloud.aws.kinds.tagging import retag, tags_of

OTHER_SOURCES = (
    "amazonManagedKafkaEventSourceConfig",
    "documentDbEventSourceConfig",
    "queues",
    "selfManagedEventSource",
    "selfManagedKafkaEventSourceConfig",
    "sourceAccessConfigurations",
    "topics",
)
"""Inputs of a mapping whose source is neither a queue nor a stream of AWS."""


def mapping_source(props: Props) -> list[tuple[str, str]]:
    """A stream is read from somewhere; a queue is not."""
    source, found = str(props.get("eventSourceArn") or ""), []
    if not source:
        return [("eventSourceArn", "missing: the local cloud maps queues, streams of Kinesis and of DynamoDB")]
    service = source.split(":")[2] if source.count(":") >= 2 else ""
    streams = (
        "bisectBatchOnFunctionError", "maximumRecordAgeInSeconds", "maximumRetryAttempts", "parallelizationFactor",
        "startingPosition", "startingPositionTimestamp", "tumblingWindowInSeconds",
    )  # fmt: skip
    if service in ("kinesis", "dynamodb") and not props.get("startingPosition"):
        found.append(("startingPosition", "missing: a stream needs it; allowed are LATEST, TRIM_HORIZON, AT_TIMESTAMP"))
    if service == "dynamodb" and props.get("startingPosition") == "AT_TIMESTAMP":
        found.append(("startingPosition", "'AT_TIMESTAMP' is for streams of Kinesis only"))
    if service == "sqs":
        found += [(n, "is for streams, not for queues") for n in streams if props.get(n) is not None]
        size, window = props.get("batchSize"), props.get("maximumBatchingWindowInSeconds")
        most = 10 if source.endswith(".fifo") else 10_000
        if isinstance(size, int | float) and size > most:
            found.append(("batchSize", f"{size:g} is above {most}, the most for this queue"))
        elif isinstance(size, int | float) and size > 10 and not window:
            found.append(("maximumBatchingWindowInSeconds", f"a batchSize of {size:g}, above 10, needs at least 1"))
        if source.endswith(".fifo") and window:
            found.append(("maximumBatchingWindowInSeconds", "a FIFO queue has none"))
    elif props.get("scalingConfig"):
        found.append(("scalingConfig", "is for queues only"))
    return found


def mapping(aws: Aws, uuid: str, props: Props) -> Props:
    """The mapping, and whether it is on."""
    found = dict(aws("lambda", "get_event_source_mapping", UUID=uuid))
    found["Enabled"] = found["State"] in ("Enabled", "Enabling", "Creating")
    asked = str(props.get("functionName") or "")
    found["FunctionName"] = asked if name_of(asked) == name_of(found["FunctionArn"]) else found["FunctionArn"]
    if not (found.get("FilterCriteria") or {}).get("Filters"):
        found.pop("FilterCriteria", None)
    return found


MAPPING_EMPTY: Props = {
    "DestinationConfig": {"OnFailure": {}}, "FilterCriteria": {"Filters": []}, "FunctionResponseTypes": [],
    "KMSKeyArn": "", "MetricsConfig": {"Metrics": []}, "ProvisionedPollerConfig": {}, "ScalingConfig": {},
}  # fmt: skip


def change_mapping(aws: Aws, uuid: str, old: Props, new: Props) -> None:
    """Send what changed; an empty member takes a setting away."""
    changed = MAPPING.changed(old, new) - {"tags", "useResourceTimeoutForPropagation"}
    request = MAPPING.request("update_event_source_mapping", {k: v for k, v in new.items() if k in changed}, UUID=uuid)
    for gone in (k for k in changed if new.get(k) is None):
        member = next((m for m in MAPPING_EMPTY if m.lower() == gone.lower()), None)
        if member:
            request[member] = MAPPING_EMPTY[member]
    if len(request) > 1:
        aws("lambda", "update_event_source_mapping", **request)


MAPPING = Kind(
    "aws:lambda/eventSourceMapping:EventSourceMapping",
    Calls(
        "lambda",
        "create_event_source_mapping",
        "UUID",
        read=mapping,
        delete=("delete_event_source_mapping", {"UUID": "{id}"}),
        update=change_mapping,
    ),
    tags=Tags(on_create="field", update=retag("lambda", "arn:aws:lambda:{region}:{account}:event-source-mapping:{id}")),
    translation=Translation(
        rename={
            "destinationConfig.onFailure.destinationArn": "Destination",
            "useResourceTimeoutForPropagation": None,
            "arn": "EventSourceMappingArn",
        },
        unserved=dict.fromkeys(OTHER_SOURCES, "the local cloud maps queues, streams of Kinesis and of DynamoDB"),
        served={"useResourceTimeoutForPropagation"},
    ),
    properties=Properties(
        force_new={"eventSourceArn", "startingPosition", "startingPositionTimestamp"},
        write_only={"useResourceTimeoutForPropagation"},
        unordered={"filterCriteria.filters", "functionResponseTypes"},
        defaults={
            "enabled": True,
            "maximumBatchingWindowInSeconds": 0,
            "bisectBatchOnFunctionError": False,
            "tumblingWindowInSeconds": 0,
        },
        computed={"batchSize", "maximumRecordAgeInSeconds", "maximumRetryAttempts", "parallelizationFactor"},
        computed_on_update={"lastModified"},
    ),
    own_calls=OwnCalls(join={"tags": tags_of("lambda", call="list_tags", Resource="{EventSourceMappingArn}")}),
    validate=mapping_source,
)
ROWS = (MAPPING,)
