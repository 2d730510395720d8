"""SQS: queues, queue policies, redrive policies.

moto's queue URLs are loopback addresses; programs see `https://sqs.<region>.amazonaws.com/<account>/<name>`, as on AWS.
"""

import json

from localcloud.aws.client import Aws
from localcloud.aws.kind import Calls, Kind, Naming, OwnCalls, Properties, Props, Tags, Translation
from localcloud.aws.kinds import attributes
from localcloud.aws.kinds.tagging import retag, tags_of

QUEUE = {
    "contentBasedDeduplication": "ContentBasedDeduplication", "deduplicationScope": "DeduplicationScope",
    "delaySeconds": "DelaySeconds",
    "fifoQueue": "FifoQueue", "fifoThroughputLimit": "FifoThroughputLimit",
    "kmsDataKeyReusePeriodSeconds": "KmsDataKeyReusePeriodSeconds", "kmsMasterKeyId": "KmsMasterKeyId",
    "maxMessageSize": "MaximumMessageSize", "messageRetentionSeconds": "MessageRetentionPeriod", "policy": "Policy",
    "receiveWaitTimeSeconds": "ReceiveMessageWaitTimeSeconds", "redriveAllowPolicy": "RedriveAllowPolicy",
    "redrivePolicy": "RedrivePolicy", "sqsManagedSseEnabled": "SqsManagedSseEnabled",
    "visibilityTimeoutSeconds": "VisibilityTimeout",
}  # fmt: skip
RANGES = {
    "delaySeconds": (0, 900), "kmsDataKeyReusePeriodSeconds": (60, 86_400), "maxMessageSize": (1024, 1_048_576),
    "messageRetentionSeconds": (60, 1_209_600), "receiveWaitTimeSeconds": (0, 20),
    "visibilityTimeoutSeconds": (0, 43_200),
}  # fmt: skip
"""Inclusive bounds of attributes, which the service model has as texts (SQS API, SetQueueAttributes)."""


LARGEST_MESSAGE = 262_144
"""Bytes: the default of the official provider, which it sends."""


def name_of(url: str) -> str:
    """A queue's name: the last part of its URL or ARN."""
    return url.rpartition("/")[2].rpartition(":")[2]


def url_of(aws: Aws, name: str) -> str:
    """A queue's URL as AWS writes it."""
    return f"https://sqs.{aws.region}.amazonaws.com/{aws.account}/{name}"


def held(aws: Aws, url: str) -> dict[str, str]:
    """All attributes of a queue."""
    found: dict[str, str] = aws("sqs", "get_queue_attributes", QueueUrl=url, AttributeNames=["All"])["Attributes"]
    return found


def create(aws: Aws, props: Props) -> str:
    """Create the queue; its id is its URL."""
    aws("sqs", "create_queue", **QUEUE_ROW.request("create_queue", {"maxMessageSize": LARGEST_MESSAGE} | props))
    return url_of(aws, str(props["name"]))


def queue(aws: Aws, url: str, props: Props) -> Props:
    """The queue's attributes under the names of the inputs."""
    found = held(aws, url)
    name = name_of(found["QueueArn"])
    return attributes.unpacked(QUEUE, found) | {"arn": found["QueueArn"], "QueueName": name, "url": url_of(aws, name)}


def change(aws: Aws, url: str, old: Props, new: Props) -> None:
    """All changed attributes in one call."""
    if found := attributes.changed(QUEUE_ROW, QUEUE, old, new):
        aws("sqs", "set_queue_attributes", QueueUrl=url, Attributes=found)


def fits(props: Props) -> list[tuple[str, str]]:
    """Names and numbers that SQS refuses for reasons that its request model does not state."""
    found, name, fifo = [], props.get("name"), props.get("fifoQueue") in (True, "true")
    if name and str(name).endswith(".fifo") != fifo:
        why = "the name of a FIFO queue, and only that, ends in '.fifo'"
        found.append(("name", f"{name!r} does not fit 'fifoQueue': {str(fifo).lower()}; {why}"))
    for path, (low, high) in RANGES.items():
        value = props.get(path)
        if isinstance(value, int | float) and not low <= value <= high:
            found.append((path, f"{value:g} is not between {low} and {high}"))
    if props.get("contentBasedDeduplication") in (True, "true") and not fifo:
        found.append(("contentBasedDeduplication", "only for a queue with 'fifoQueue': true"))
    return found


def attribute(token: str, name: str, member: str) -> Kind:
    """The row of a resource that is one attribute of a queue."""

    def put(aws: Aws, props: Props) -> str:
        value = props[name] if isinstance(props[name], str) else json.dumps(props[name])
        aws("sqs", "set_queue_attributes", QueueUrl=props["queueUrl"], Attributes={member: value})
        return str(props["queueUrl"])

    def look(aws: Aws, url: str, props: Props) -> Props | None:
        value = held(aws, url).get(member)
        return {name: value, "queueUrl": url} if value else None

    def clear(aws: Aws, url: str, props: Props) -> None:
        aws("sqs", "set_queue_attributes", QueueUrl=url, Attributes={member: ""})

    def change_it(aws: Aws, url: str, old: Props, new: Props) -> None:
        put(aws, new)

    return Kind(
        token,
        Calls(
            "sqs", "set_queue_attributes", "", custom_create=put, read=look, delete=clear, update=change_it,
            import_id=lambda url: (url, {"queueUrl": url}),
        ),
        tags=Tags(None),
        translation=Translation(encode=lambda props: {"queueUrl": props.get("queueUrl")}, served={name}),
        properties=Properties(force_new={"queueUrl"}),
    )  # fmt: skip


QUEUE_ROW = Kind(
    "aws:sqs/queue:Queue",
    Calls(
        "sqs", "create_queue", "", custom_create=create, read=queue, delete=("delete_queue", {"QueueUrl": "{id}"}),
        update=change,
    ),
    naming=Naming("name", longest=80, suffix=attributes.fifo("fifoQueue")),
    tags=Tags(update=retag("sqs", tag="tag_queue", untag="untag_queue")),
    translation=Translation(rename={"name": "QueueName"}, encode=attributes.packed(QUEUE), together=QUEUE.keys()),
    properties=Properties(
        force_new={"name", "namePrefix", "fifoQueue"},
        defaults={
            "contentBasedDeduplication": False, "delaySeconds": 0, "fifoQueue": False,
            "maxMessageSize": LARGEST_MESSAGE,
            "messageRetentionSeconds": 345_600, "receiveWaitTimeSeconds": 0, "visibilityTimeoutSeconds": 30,
        },
        computed={
            "policy", "redrivePolicy", "redriveAllowPolicy", "deduplicationScope", "fifoThroughputLimit",
            "sqsManagedSseEnabled",
            "kmsDataKeyReusePeriodSeconds",
        },
    ),
    own_calls=OwnCalls(join={"tags": tags_of("sqs", call="list_queue_tags", QueueUrl="{id}")}), validate=fits,
)  # fmt: skip

ROWS = (
    QUEUE_ROW,
    attribute("aws:sqs/queuePolicy:QueuePolicy", "policy", "Policy"),
    attribute("aws:sqs/redrivePolicy:RedrivePolicy", "redrivePolicy", "RedrivePolicy"),
    attribute("aws:sqs/redriveAllowPolicy:RedriveAllowPolicy", "redriveAllowPolicy", "RedriveAllowPolicy"),
)
