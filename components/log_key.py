"""The key under which a stack's log groups lie."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

import pulumi
from pulumi_aws.kms import Key, KeyPolicy

from components._component import Component, Extensions
from components.specs import LogKeySpec, days


@dataclass(frozen=True)
class LogKeyArgs:
    """What the key is to be, and what its children carry."""

    spec: LogKeySpec = field(default_factory=LogKeySpec)
    """How long it outlives its stack."""
    tags: Mapping[str, pulumi.Input[str]] = field(default_factory=dict)
    """Laid on every child."""
    extensions: Extensions = field(default_factory=dict)
    """Options laid over those of single children, by role."""


class LogKey(Component):
    """A KMS key, turned each year, that the account administers and CloudWatch Logs uses for its log groups.

    Makes a key and its policy, which is apart since it names the key's own account and region.
    """

    arn: pulumi.Output[str]
    """ARN of the key, known once CloudWatch Logs may use it."""

    def __init__(self, name: str, args: LogKeyArgs | None = None, opts: pulumi.ResourceOptions | None = None) -> None:
        args = args or LogKeyArgs()
        super().__init__(name, args.spec, tags=args.tags, extensions=args.extensions, opts=opts)
        key = Key(
            self.name_of("key"),
            description="log groups",
            enable_key_rotation=True,
            deletion_window_in_days=days(args.spec.deletion_window),
            tags=self.tags_of("key"),
            opts=self.options_of("key"),
        )
        policy = KeyPolicy(
            self.name_of("policy"), key_id=key.id, policy=key.arn.apply(_policy), opts=self.options_of("policy")
        )
        self.arn = pulumi.Output.all(key.arn, policy.id).apply(lambda known: str(known[0]))
        self.finish()


def _policy(key_arn: str) -> str:
    """Source: CloudWatch Logs user guide, encrypt log data: the service of the region, for groups of the account."""
    _, partition, _, region, account, _ = key_arn.split(":", 5)
    administration = {
        "Sid": "Administration",
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:{partition}:iam::{account}:root"},
        "Action": "kms:*",
        "Resource": "*",
    }
    logs = {
        "Sid": "Logs",
        "Effect": "Allow",
        "Principal": {"Service": f"logs.{region}.amazonaws.com"},
        "Action": ["kms:Encrypt*", "kms:Decrypt*", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:Describe*"],
        "Resource": "*",
        "Condition": {
            "ArnLike": {"kms:EncryptionContext:aws:logs:arn": f"arn:{partition}:logs:{region}:{account}:log-group:*"}
        },
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [administration, logs]})
