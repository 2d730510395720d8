"""Topics and queues. Sources: SQS and SNS API references, SetQueueAttributes, CreateTopic, Subscribe,
SetSubscriptionAttributes; their quotas; the official provider's validation."""

from collections.abc import Iterator

from localcloud.aws.limits._checks import Check, Fault, Props, form, number, one_of, within
from localcloud.aws.limits._conditions import (
    arn_of,
    inside,
    needs,
    on,
    only_with,
    parsed,
    present,
    required,
    sized,
    told,
)
from localcloud.aws.limits.event_patterns import in_pattern

MOST_SOURCES, MOST_NAMES = 10, 5
SAMPLED = tuple(f"{kind}SuccessFeedbackSampleRate" for kind in ("application", "firehose", "http", "lambda", "sqs"))
RAW = ("sqs", "http", "https", "firehose")


def sources(props: Props) -> Iterator[Fault]:
    """Queues are named where they alone may send here."""
    kind, named = props.get("redrivePermission"), props.get("sourceQueueArns")
    if kind == "byQueue" and not named:
        yield "sourceQueueArns", "is missing, which 'byQueue' needs"
    if kind in ("allowAll", "denyAll") and named:
        yield "sourceQueueArns", f"is not for {kind!r}"
    if isinstance(named, list) and len(named) > MOST_SOURCES:
        yield "sourceQueueArns", f"has {len(named)} queues, allowed are {MOST_SOURCES}"


def same_kind(props: Props) -> Iterator[Fault]:
    """The dead-letter queue of a FIFO queue is one too."""
    fifo = on(props.get("fifoQueue"))
    for place, found, wrong in parsed(props, "redrivePolicy"):
        target = None if wrong else found.get("deadLetterTargetArn")
        if isinstance(target, str) and told(props, "fifoQueue") and target.endswith(".fifo") != fifo:
            yield place, f"its 'deadLetterTargetArn' {target!r} is {'no' if fifo else 'a'} FIFO queue, unlike this one"


def by_group(props: Props) -> Iterator[Fault]:
    """High throughput is counted by group where duplicates are looked for in the group."""
    scope = props.get("deduplicationScope", "queue")
    if props.get("fifoThroughputLimit") == "perMessageGroupId" and scope == "queue":
        yield "fifoThroughputLimit", "'perMessageGroupId' needs 'deduplicationScope': 'messageGroup'"


def encrypted_once(props: Props) -> Iterator[Fault]:
    """SQS's own encryption, or a key."""
    if on(props.get("sqsManagedSseEnabled")) and props.get("kmsMasterKeyId") not in (None, ""):
        yield "kmsMasterKeyId", "conflicts with 'sqsManagedSseEnabled': give one of them"


REDRIVE = inside(
    "redrivePolicy", present("deadLetterTargetArn", "maxReceiveCount"), within("maxReceiveCount", 1, 1000),
    arn_of("deadLetterTargetArn", "sqs"),
)  # fmt: skip
ALLOW = inside(
    "redriveAllowPolicy", present("redrivePermission"), one_of("redrivePermission", "allowAll", "denyAll", "byQueue"),
    sources, arn_of("sourceQueueArns[]", "sqs"),
)  # fmt: skip


def filtered(props: Props) -> Iterator[Fault]:
    """A filter is a pattern; one of attributes has few names."""
    for place, found, wrong in parsed(props, "filterPolicy"):
        yield from ((place, why) for why in ([wrong] if wrong else in_pattern(found)))
        by_attributes = props.get("filterPolicyScope") in (None, "MessageAttributes")
        if not wrong and by_attributes and told(props, "filterPolicyScope") and len(found) > MOST_NAMES:
            yield place, f"has {len(found)} attributes, allowed are {MOST_NAMES}"


def phone(props: Props) -> Iterator[Fault]:
    """A text message goes to a number; a stream of Firehose is written to by a role."""
    if props.get("protocol") == "sms":
        yield from form("endpoint", r"\+?[0-9][0-9 ()-]{3,18}", "is no phone number such as +15551234567")(props)
    if props.get("protocol") == "firehose":
        yield from arn_of("endpoint", "firehose")(props)
        yield from required("subscriptionRoleArn", because="protocol 'firehose' needs it")(props)


def kept(props: Props) -> Iterator[Fault]:
    """Messages are kept by FIFO topics for at most a year."""
    for place, found, wrong in parsed(props, "archivePolicy"):
        days = None if wrong else number(found.get("MessageRetentionPeriod"))
        if wrong:
            yield place, wrong
        elif days is None or not 1 <= days <= 365:
            yield place, "its 'MessageRetentionPeriod' is not within 1 to 365 days"


def _name(longest: int) -> Check:
    return form(
        "name", rf"(?=.{{1,{longest}}}$)[A-Za-z0-9_-]+(\.fifo)?",
        f"is not a name of at most {longest} letters, digits, hyphens and underscores",
    )  # fmt: skip


LIMITS: dict[str, tuple[Check, ...]] = {
    "aws:sqs/queue:Queue": (
        _name(80), REDRIVE, ALLOW, same_kind, by_group, encrypted_once,
        one_of("deduplicationScope", "messageGroup", "queue"),
        one_of("fifoThroughputLimit", "perQueue", "perMessageGroupId"),
        only_with("deduplicationScope", "fifoQueue", True), only_with("fifoThroughputLimit", "fifoQueue", True),
    ),
    "aws:sqs/redrivePolicy:RedrivePolicy": (REDRIVE,),
    "aws:sqs/redriveAllowPolicy:RedriveAllowPolicy": (ALLOW,),
    "aws:sns/topic:Topic": (
        _name(256), one_of("tracingConfig", "Active", "PassThrough"), within("signatureVersion", 1, 2),
        *(within(name, 0, 100, "percent") for name in SAMPLED), inside("deliveryPolicy"), sized("displayName", 0, 100),
        only_with("archivePolicy", "fifoTopic", True), kept,
        only_with("fifoThroughputScope", "fifoTopic", True), one_of("fifoThroughputScope", "Topic", "MessageGroup"),
    ),
    "aws:sns/topicSubscription:TopicSubscription": (
        one_of("protocol", "application", "email", "email-json", "firehose", "http", "https", "lambda", "sms", "sqs"),
        arn_of("topic", "sns"), filtered, one_of("filterPolicyScope", "MessageAttributes", "MessageBody"),
        needs("filterPolicyScope", "filterPolicy"), only_with("rawMessageDelivery", "protocol", *RAW), phone,
        inside("redrivePolicy", present("deadLetterTargetArn"), arn_of("deadLetterTargetArn", "sqs")),
        inside("deliveryPolicy"), only_with("deliveryPolicy", "protocol", "http", "https"),
    ),
}  # fmt: skip
