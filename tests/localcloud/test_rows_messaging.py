"""Topics and queues: it cannot prove that a message arrives."""

import json
from typing import Any

import pytest

TOPIC = "aws:sns/topic:Topic"
SUBSCRIPTION = "aws:sns/topicSubscription:TopicSubscription"
TOPIC_POLICY = "aws:sns/topicPolicy:TopicPolicy"
QUEUE = "aws:sqs/queue:Queue"
QUEUE_POLICY = "aws:sqs/queuePolicy:QueuePolicy"
REDRIVE = "aws:sqs/redrivePolicy:RedrivePolicy"


def policy(action: str) -> str:
    return json.dumps(
        {
            "Version": "2012-10-17",
            "Statement": [{"Effect": "Allow", "Principal": "*", "Action": action, "Resource": "*"}],
        }
    )


CASES = [
    pytest.param(TOPIC, {"displayName": "pages", "tags": {"a": "1"}}, {"displayName": "calls", "tags": {"b": "2"}},
    id="topic"),
    pytest.param(TOPIC, {"name": "p", "kmsMasterKeyId": "alias/aws/sns"}, {"name": "p"}, id="topic loses its key"),
    pytest.param(TOPIC, {"name": "orders.fifo", "fifoTopic": True, "contentBasedDeduplication": True}, None,
    id="fifo topic"),
    pytest.param(TOPIC, {}, {"lambdaSuccessFeedbackSampleRate": 50, "signatureVersion": 2, "tracingConfig": "Active"},
    id="feedback"),
    pytest.param(
        QUEUE,
        {"visibilityTimeoutSeconds": 60, "tags": {"a": "1"}},
        {"visibilityTimeoutSeconds": 90, "delaySeconds": 5, "messageRetentionSeconds": 86400,
        "receiveWaitTimeSeconds": 20, "maxMessageSize": 2048},
        id="queue",
    ),
    pytest.param(QUEUE, {"name": "orders.fifo", "fifoQueue": True, "contentBasedDeduplication": True}, None,
    id="fifo queue"),
    pytest.param(QUEUE, {"kmsMasterKeyId": "alias/aws/sqs"},
    {"kmsMasterKeyId": "alias/mine", "kmsDataKeyReusePeriodSeconds": 600}, id="encrypted queue"),
]  # fmt: skip


@pytest.mark.parametrize(("token", "inputs", "changed"), CASES)
def test_it_lives_through_its_cycle(provider: Any, token: str, inputs: Any, changed: Any) -> None:
    made = provider.cycle(token, inputs, changed)
    provider.delete(made)
    assert provider.refresh(made) is None


def test_a_queue_has_an_address_of_aws(provider: Any) -> None:
    made = provider.create(QUEUE, {"name": "orders"})
    assert made.id == made.state["url"] == "https://sqs.eu-west-1.amazonaws.com/123456789012/orders"
    assert made.state["arn"] == "arn:aws:sqs:eu-west-1:123456789012:orders"
    provider.delete(made)


def test_a_queue_has_one_policy_and_one_redrive_policy(provider: Any) -> None:
    queue, dead = provider.create(QUEUE, {"name": "orders"}), provider.create(QUEUE, {"name": "dead"})
    asked = {"queueUrl": queue.id, "policy": policy("sqs:SendMessage")}
    held = provider.cycle(QUEUE_POLICY, asked, asked | {"policy": policy("sqs:ReceiveMessage")})
    redrive = {
        "queueUrl": queue.id,
        "redrivePolicy": json.dumps({"deadLetterTargetArn": dead.state["arn"], "maxReceiveCount": 4}),
    }
    other = {
        "queueUrl": queue.id,
        "redrivePolicy": json.dumps({"deadLetterTargetArn": dead.state["arn"], "maxReceiveCount": 5}),
    }
    redriven = provider.cycle(REDRIVE, redrive, other)
    for made in (held, redriven):
        provider.delete(made)
        assert provider.refresh(made) is None
    provider.delete(queue)
    provider.delete(dead)


def test_a_topic_has_subscribers_and_a_policy(provider: Any) -> None:
    topic, queue = provider.create(TOPIC, {"name": "pages"}), provider.create(QUEUE, {"name": "inbox"})
    asked = {"topic": topic.id, "protocol": "sqs", "endpoint": queue.state["arn"], "rawMessageDelivery": True}
    changed = asked | {"filterPolicy": json.dumps({"kind": ["alarm"]}), "rawMessageDelivery": False}
    subscribed = provider.cycle(SUBSCRIPTION, asked, changed)
    held = provider.cycle(
        TOPIC_POLICY,
        {"arn": topic.id, "policy": policy("SNS:Publish")},
        {"arn": topic.id, "policy": policy("SNS:Subscribe")},
    )
    provider.delete(subscribed)
    assert provider.refresh(subscribed) is None
    provider.delete(held)
    provider.delete(topic)
    provider.delete(queue)


@pytest.mark.parametrize(
    ("token", "inputs", "failures"),
    [
        (QUEUE, {"name": "a.fifo"},
        [("name",
        "'a.fifo' does not fit 'fifoQueue': false; the name of a FIFO queue, and only that, ends in '.fifo'")]),
        (TOPIC, {"name": "a", "fifoTopic": True},
        [("name", "'a' does not fit 'fifoTopic': true; the name of a FIFO topic, and only that, ends in '.fifo'")]),
        (QUEUE, {"visibilityTimeoutSeconds": 43201},
        [("visibilityTimeoutSeconds", "43201 is not between 0 and 43200")]),
        (QUEUE, {"contentBasedDeduplication": True},
        [("contentBasedDeduplication", "only for a queue with 'fifoQueue': true")]),
        (TOPIC, {"contentBasedDeduplication": True},
        [("contentBasedDeduplication", "only for a topic with 'fifoTopic': true")]),
    ],
    ids=["queue name", "topic name", "range", "queue deduplication", "topic deduplication"],
)  # fmt: skip
def test_what_aws_would_refuse_is_refused_by_check(provider: Any, token: str, inputs: Any, failures: Any) -> None:
    assert provider.check(token, inputs)[1] == failures
