"""SNS: topics, subscriptions, topic policies."""

import json

from localcloud.aws.client import Aws
from localcloud.aws.kind import Calls, Kind, Naming, OwnCalls, Properties, Props, Tags, Translation
from localcloud.aws.kinds import attributes
from localcloud.aws.kinds.tagging import retag, tags_of

FEEDBACK = {
    f"{ours}{what}": f"{theirs}{what[:1].upper()}{what[1:]}"
    for ours, theirs in (
        ("application", "Application"),
        ("firehose", "Firehose"),
        ("http", "HTTP"),
        ("lambda", "Lambda"),
        ("sqs", "SQS"),
    )
    for what in ("FailureFeedbackRoleArn", "SuccessFeedbackRoleArn", "SuccessFeedbackSampleRate")
}
TOPIC = {
    "contentBasedDeduplication": "ContentBasedDeduplication", "deliveryPolicy": "DeliveryPolicy",
    "displayName": "DisplayName",
    "fifoThroughputScope": "FifoThroughputScope", "fifoTopic": "FifoTopic", "kmsMasterKeyId": "KmsMasterKeyId",
    "policy": "Policy",
    "signatureVersion": "SignatureVersion", "tracingConfig": "TracingConfig", "archivePolicy": "ArchivePolicy",
    **FEEDBACK,
}  # fmt: skip
SUBSCRIPTION = {
    name: attributes.title(name)
    for name in (
        "deliveryPolicy", "filterPolicy", "filterPolicyScope", "rawMessageDelivery", "redrivePolicy", "replayPolicy",
        "subscriptionRoleArn",
    )
}  # fmt: skip


def topic(aws: Aws, arn: str, props: Props) -> Props:
    """The topic's attributes under the names of the inputs."""
    held = aws("sns", "get_topic_attributes", TopicArn=arn)["Attributes"]
    name = arn.rpartition(":")[2]
    return attributes.unpacked(TOPIC, held) | {"arn": arn, "name": name, "owner": held.get("Owner") or aws.account}


def change_topic(aws: Aws, arn: str, old: Props, new: Props) -> None:
    """One call per attribute that changed."""
    for name, value in attributes.changed(TOPIC_ROW, TOPIC, old, new).items():
        aws("sns", "set_topic_attributes", TopicArn=arn, AttributeName=name, AttributeValue=value)


def fifo_name(props: Props) -> list[tuple[str, str]]:
    """A FIFO topic's name ends in `.fifo`, and no other topic's does."""
    name, fifo = props.get("name"), props.get("fifoTopic") in (True, "true")
    if name and str(name).endswith(".fifo") != fifo:
        why = "the name of a FIFO topic, and only that, ends in '.fifo'"
        return [("name", f"{name!r} does not fit 'fifoTopic': {str(fifo).lower()}; {why}")]
    if props.get("contentBasedDeduplication") in (True, "true") and not fifo:
        return [("contentBasedDeduplication", "only for a topic with 'fifoTopic': true")]
    return []


def subscribe(aws: Aws, props: Props) -> str:
    """Subscribe, and ask for the ARN even before the subscription is confirmed."""
    request = SUBSCRIPTION_ROW.request("subscribe", props)
    return str(aws("sns", "subscribe", **request, ReturnSubscriptionArn=True)["SubscriptionArn"])


def subscription(aws: Aws, arn: str, props: Props) -> Props:
    """The subscription's attributes under the names of the inputs."""
    held = aws("sns", "get_subscription_attributes", SubscriptionArn=arn)["Attributes"]
    same = {"TopicArn": held.get("TopicArn"), "endpoint": held.get("Endpoint"), "protocol": held.get("Protocol")}
    told = {
        "pendingConfirmation": held.get("PendingConfirmation", "false"),
        "ownerId": held.get("Owner") or aws.account,
    }
    confirmed = {"confirmationWasAuthenticated": held.get("ConfirmationWasAuthenticated", "true")}
    return attributes.unpacked(SUBSCRIPTION, held) | same | told | confirmed | {"arn": arn}


def change_subscription(aws: Aws, arn: str, old: Props, new: Props) -> None:
    """One call per attribute that changed."""
    for name, value in attributes.changed(SUBSCRIPTION_ROW, SUBSCRIPTION, old, new).items():
        aws("sns", "set_subscription_attributes", SubscriptionArn=arn, AttributeName=name, AttributeValue=value)


def put_policy(aws: Aws, props: Props) -> str:
    """A topic has one policy: this one."""
    document = props["policy"] if isinstance(props["policy"], str) else json.dumps(props["policy"])
    aws("sns", "set_topic_attributes", TopicArn=props["arn"], AttributeName="Policy", AttributeValue=document)
    return str(props["arn"])


def change_policy(aws: Aws, arn: str, old: Props, new: Props) -> None:
    """The same call as at creation."""
    put_policy(aws, new)


def policy(aws: Aws, arn: str, props: Props) -> Props:
    """The topic's policy."""
    held = aws("sns", "get_topic_attributes", TopicArn=arn)["Attributes"]
    return {"TopicArn": arn, "AttributeValue": held.get("Policy"), "owner": held.get("Owner") or aws.account}


def default_policy(aws: Aws, arn: str, props: Props) -> None:
    """A topic never is without a policy: the one that it was made with comes back, which lets its owner do all."""
    actions = [
        "GetTopicAttributes",
        "SetTopicAttributes",
        "AddPermission",
        "RemovePermission",
        "DeleteTopic",
        "Subscribe",
    ]
    statement = {
        "Sid": "__default_statement_ID", "Effect": "Allow", "Principal": {"AWS": "*"}, "Resource": arn,
        "Action": [f"SNS:{action}" for action in (*actions, "ListSubscriptionsByTopic", "Publish")],
        "Condition": {"StringEquals": {"AWS:SourceOwner": aws.account}},
    }  # fmt: skip
    document = json.dumps({"Version": "2008-10-17", "Id": "__default_policy_ID", "Statement": [statement]})
    aws("sns", "set_topic_attributes", TopicArn=arn, AttributeName="Policy", AttributeValue=document)


TOPIC_ROW = Kind(
    "aws:sns/topic:Topic",
    Calls(
        "sns", "create_topic", "TopicArn", read=topic, delete=("delete_topic", {"TopicArn": "{id}"}),
        update=change_topic,
    ),
    naming=Naming("name", longest=80, suffix=attributes.fifo("fifoTopic")), tags=Tags(update=retag("sns")),
    translation=Translation(encode=attributes.packed(TOPIC), together=TOPIC.keys(), unserved={"maximumMessageSize"}),
    properties=Properties(
        force_new={"name", "namePrefix", "fifoTopic"},
        computed={"policy", "displayName", "signatureVersion", "tracingConfig", "fifoThroughputScope"},
        defaults={
            "fifoTopic": False, "contentBasedDeduplication": False, "displayName": "",
            **{name: 0 for name in FEEDBACK if name.endswith("SampleRate")},
        },
    ),
    own_calls=OwnCalls(join={"tags": tags_of("sns", ResourceArn="{id}")}), validate=fifo_name,
)  # fmt: skip

SUBSCRIPTION_ROW = Kind(
    "aws:sns/topicSubscription:TopicSubscription",
    Calls(
        "sns", "subscribe", "SubscriptionArn", custom_create=subscribe, read=subscription,
        delete=("unsubscribe", {"SubscriptionArn": "{id}"}), update=change_subscription,
    ),
    tags=Tags(None),
    translation=Translation(
        rename={"topic": "TopicArn", "confirmationTimeoutInMinutes": None, "endpointAutoConfirms": None},
        encode=attributes.packed(SUBSCRIPTION), together=SUBSCRIPTION.keys(),
    ),
    properties=Properties(
        force_new={"topic", "endpoint", "protocol"},
        defaults={"rawMessageDelivery": False, "confirmationTimeoutInMinutes": 1, "endpointAutoConfirms": False},
        computed={"filterPolicyScope"}, write_only={"confirmationTimeoutInMinutes", "endpointAutoConfirms"},
    ),
)  # fmt: skip

ROWS = (
    TOPIC_ROW,
    SUBSCRIPTION_ROW,
    Kind(
        "aws:sns/topicPolicy:TopicPolicy",
        Calls(
            "sns", "set_topic_attributes", "{arn}", custom_create=put_policy, read=policy, delete=default_policy,
            update=change_policy, import_id=lambda text: (text, {"arn": text}),
        ),
        tags=Tags(None), translation=Translation(rename={"arn": "TopicArn", "policy": "AttributeValue"}),
        properties=Properties(force_new={"arn"}),
    ),
)  # fmt: skip
