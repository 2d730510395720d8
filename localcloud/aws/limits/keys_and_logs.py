"""Keys, logs, streams, schedules of EventBridge Scheduler, and what IAM has beside policies.

Sources: the API references of KMS (CreateKey, EnableKeyRotation), CloudWatch Logs (CreateLogGroup,
PutSubscriptionFilter), Kinesis (StartStreamEncryption, EnableEnhancedMonitoring), EventBridge (CreateEventBus),
EventBridge Scheduler (CreateSchedule), IAM; the official provider's validation.
"""

import datetime
from collections.abc import Iterator

from localcloud.aws.limits._checks import Check, Fault, Props, form, one_of
from localcloud.aws.limits._conditions import arn_of, modelled, on, told
from localcloud.aws.limits.cron import APPLICATION
from localcloud.aws.limits.log_filters import closed
from localcloud.aws.limits.scaling import scheduled, zone

USES = {
    "SYMMETRIC_": ("ENCRYPT_DECRYPT",), "RSA_": ("ENCRYPT_DECRYPT", "SIGN_VERIFY"), "HMAC_": ("GENERATE_VERIFY_MAC",),
    "ECC_NIST_P": ("SIGN_VERIFY", "KEY_AGREEMENT"), "ECC_": ("SIGN_VERIFY",), "ML_DSA_": ("SIGN_VERIFY",),
}  # fmt: skip
"""How keys of a specification may be used; the first beginning that fits tells (KMS Developer Guide, key spec)."""


def used(props: Props) -> Iterator[Fault]:
    """A key's use is one of its specification; a symmetric one alone is rotated."""
    spec, use = props.get("customerMasterKeySpec") or "SYMMETRIC_DEFAULT", props.get("keyUsage") or "ENCRYPT_DECRYPT"
    if not told(props, "customerMasterKeySpec", "keyUsage"):
        return
    allowed = next((uses for beginning, uses in USES.items() if str(spec).startswith(beginning)), None)
    if allowed and use not in allowed:
        yield "keyUsage", f"{use!r} is not for a key of {spec}; allowed are {', '.join(allowed)}"
    if on(props.get("enableKeyRotation")) and spec != "SYMMETRIC_DEFAULT":
        yield "enableKeyRotation", f"is not for a key of {spec}"


def subscribed(props: Props) -> Iterator[Fault]:
    """A stream is written to by a role; a function by its permission."""
    arn = props.get("destinationArn")
    written = isinstance(arn, str) and arn.split(":")[2:3] in (["kinesis"], ["firehose"])
    if written and props.get("roleArn") is None:
        yield "roleArn", "missing required property: CloudWatch Logs needs a role to write to a stream"


def in_order(props: Props) -> Iterator[Fault]:
    """A schedule ends after it begins."""
    try:
        start, end = (datetime.datetime.fromisoformat(props[name]) for name in ("startDate", "endDate"))
    except (KeyError, ValueError, TypeError):
        return
    if told(props, "startDate", "endDate") and start >= end:
        yield "endDate", f"{props['endDate']} is not after the start {props['startDate']}"


def own(props: Props) -> Iterator[Fault]:
    """A slash is in the name of a partner's bus alone."""
    name = props.get("name")
    if isinstance(name, str) and told(props, "name") and "/" in name and props.get("eventSourceName") is None:
        yield "name", f"{name!r} has a slash, which only the bus of a partner's 'eventSourceName' has"


LIMITS: dict[str, tuple[Check, ...]] = {
    "aws:kms/key:Key": (used,),
    "aws:kms/alias:Alias": (
        form("name", r"alias/[^\s]+", "is no name such as alias/key"),
        form("targetKeyId", r"(?!alias/).*", "is an alias, which stands for a key and not for another alias"),
    ),
    "aws:cloudwatch/logGroup:LogGroup": (
        arn_of("kmsKeyId", "kms"), form("name", r"(?!aws/).*", "begins with aws/, which AWS keeps for itself"),
    ),
    "aws:cloudwatch/logSubscriptionFilter:LogSubscriptionFilter": (
        arn_of("destinationArn", "lambda", "kinesis", "firehose", "logs"), subscribed, closed("filterPattern"),
    ),
    "aws:kinesis/stream:Stream": (
        one_of("encryptionType", "NONE", "KMS"), modelled("shardLevelMetrics[]", "kinesis", "MetricsName"),
    ),
    "aws:cloudwatch/eventBus:EventBus": (own,),
    "aws:scheduler/schedule:Schedule": (
        scheduled("scheduleExpression", APPLICATION), zone("scheduleExpressionTimezone"), in_order,
        arn_of("target.arn"),
    ),
    "aws:iam/role:Role": (arn_of("managedPolicyArns[]", "iam"),),
    **{f"aws:iam/{name}": (arn_of("policyArn", "iam"),) for name in (
        "rolePolicyAttachment:RolePolicyAttachment", "userPolicyAttachment:UserPolicyAttachment",
        "groupPolicyAttachment:GroupPolicyAttachment", "policyAttachment:PolicyAttachment",
    )},
    "aws:iam/accessKey:AccessKey": (one_of("status", "Active", "Inactive", "Expired"),),
    "aws:iam/serviceLinkedRole:ServiceLinkedRole": (
        form("awsServiceName", r".*\..*", "is no whole name of a service such as ecs.amazonaws.com"),
    ),
    "aws:iam/openIdConnectProvider:OpenIdConnectProvider": (
        form("thumbprintLists[]", "[0-9a-fA-F]{40}", "is no fingerprint of 40 hexadecimal digits"),
    ),
}  # fmt: skip
