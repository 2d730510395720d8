"""Where alarms are told: an encrypted topic that CloudWatch and EventBridge may publish to."""

from __future__ import annotations

import json
from collections.abc import Sequence

import pulumi
from pulumi_aws.kms import Key
from pulumi_aws.sns import Topic, TopicPolicy, TopicSubscription

from components._component import Component

PUBLISHERS = ("cloudwatch.amazonaws.com", "events.amazonaws.com")


def topic_key(owner: Component, account_id: pulumi.Input[str]) -> Key:
    """A key for topics. AWS's own key of SNS lets no alarm publish, and its policy cannot be changed.

    Source: CloudWatch user guide, using alarms with encrypted topics.
    """
    return Key(
        owner.name_of("key"),
        description="topics of alarms",
        enable_key_rotation=True,
        policy=pulumi.Output.from_input(account_id).apply(_key_policy),
        tags=owner.tags_of("key"),
        opts=owner.options_of("key"),
    )


def alarm_topic(
    owner: Component,
    role: str,
    key_arn: pulumi.Input[str],
    emails: Sequence[str],
    endpoint: pulumi.Input[str] | None,
) -> Topic:
    """The topic with its policy and subscriptions; `endpoint` is an https address that may be secret."""
    topic = Topic(
        owner.name_of(role),
        kms_master_key_id=key_arn,
        tags=owner.tags_of(role),
        opts=owner.options_of(role),
    )
    TopicPolicy(
        owner.name_of(f"{role}-policy"),
        arn=topic.arn,
        policy=topic.arn.apply(_topic_policy),
        opts=owner.options_of(f"{role}-policy"),
    )
    for email in emails:
        name = f"{role}-{email.replace('@', '-at-')}"
        TopicSubscription(
            owner.name_of(name), topic=topic.arn, protocol="email", endpoint=email, opts=owner.options_of(name)
        )
    if endpoint is not None:
        TopicSubscription(
            owner.name_of(f"{role}-endpoint"),
            topic=topic.arn,
            protocol="https",
            endpoint=endpoint,
            opts=owner.options_of(f"{role}-endpoint"),
        )
    return topic


def _key_policy(account_id: str) -> str:
    administration = {
        "Sid": "Administration",
        "Effect": "Allow",
        "Principal": {"AWS": account_id},
        "Action": "kms:*",
        "Resource": "*",
    }
    publishing = {
        "Sid": "Publishing",
        "Effect": "Allow",
        "Principal": {"Service": list(PUBLISHERS)},
        "Action": ["kms:Decrypt", "kms:GenerateDataKey*"],
        "Resource": "*",
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [administration, publishing]})


def _topic_policy(topic_arn: str) -> str:
    """CloudWatch for its own account only; EventBridge without a condition, of which it supports none for topics.

    Source: EventBridge user guide, troubleshooting, rules that do not reach a topic.
    """
    alarms, events = PUBLISHERS
    may = {"Effect": "Allow", "Action": "sns:Publish", "Resource": topic_arn}
    own = {"StringEquals": {"aws:SourceAccount": topic_arn.split(":")[4]}}
    statements = [
        {"Sid": "Alarms", **may, "Principal": {"Service": alarms}, "Condition": own},
        {"Sid": "Events", **may, "Principal": {"Service": events}},
    ]
    return json.dumps({"Version": "2012-10-17", "Statement": statements})
