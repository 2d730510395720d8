"""Secrets Manager: secrets, their versions and policies."""

import base64
import json
from typing import Any

from localcloud.aws.client import Aws
from localcloud.aws.kind import Calls, Kind, Naming, OwnCalls, Properties, Props, Tags, Translation, answered
from localcloud.aws.kinds.tagging import retag

RECOVERY = (7, 30)
"""Days; 0 deletes at once (Secrets Manager API, DeleteSecret)."""


def secret(aws: Aws, resource_id: str, props: Props) -> Props | None:
    """The secret, unless it is scheduled for deletion."""
    found: Props = aws("secretsmanager", "describe_secret", SecretId=resource_id)
    return None if found.get("DeletedDate") else found


def drop_secret(aws: Aws, resource_id: str, props: Props) -> None:
    """Schedule the deletion, or delete at once when no days of recovery are wanted."""
    days = props.get("recoveryWindowInDays")
    how = (
        {"ForceDeleteWithoutRecovery": True}
        if days == 0
        else {"RecoveryWindowInDays": int(30 if days is None else days)}
    )
    if secret(aws, resource_id, props):
        aws("secretsmanager", "delete_secret", SecretId=resource_id, **how)


def put_policy(aws: Aws, resource_id: str, policy: Any, props: Props) -> None:
    """The secret's policy becomes this one."""
    text = policy if isinstance(policy, str) else json.dumps(policy)
    aws("secretsmanager", "put_resource_policy", SecretId=resource_id, ResourcePolicy=text)


def drop_policy(aws: Aws, resource_id: str, policy: Any, props: Props) -> None:
    """The secret has no policy any more."""
    aws("secretsmanager", "delete_resource_policy", SecretId=resource_id)


def policy_of(aws: Aws, resource_id: str, live: Props, props: Props) -> str | None:
    """The secret's policy, if it has one."""
    found: str | None = aws("secretsmanager", "get_resource_policy", SecretId=resource_id).get("ResourcePolicy")
    return found


def recovery_days(props: Props) -> list[tuple[str, str]]:
    """The days of recovery that Secrets Manager takes."""
    days, (low, high) = props.get("recoveryWindowInDays"), RECOVERY
    if isinstance(days, int | float) and days != 0 and not low <= days <= high:
        return [("recoveryWindowInDays", f"{days:g} is not allowed; allowed are 0 and {low} to {high}")]
    return []


def put_version(aws: Aws, props: Props) -> str:
    """A new version of the secret's value."""
    answer = aws("secretsmanager", "put_secret_value", **VERSION.request("put_secret_value", props))
    return f"{answer['ARN']}|{answer['VersionId']}"


def version(aws: Aws, resource_id: str, props: Props) -> Props | None:
    """The version's value and stages."""
    arn, _, version_id = resource_id.partition("|")
    found: Props = aws("secretsmanager", "get_secret_value", SecretId=arn, VersionId=version_id)
    binary = found.pop("SecretBinary", None)
    held = {"secretBinary": base64.b64encode(binary).decode()} if binary else {}
    return found | held | {"arn": found["ARN"], "secretId": arn, "secretArn": arn}


def same_secret(aws: Aws, resource_id: str, live: Props, props: Props) -> str:
    """The secret in the words of the program: its name or its ARN."""
    asked = str(props.get("secretId") or "")
    return asked if asked in (live["ARN"], live["Name"]) else str(live["secretId"])


def drop_version(aws: Aws, resource_id: str, props: Props) -> None:
    """Take the version's stages away but the current one: AWS deletes a version without a stage in time."""
    arn, _, version_id = resource_id.partition("|")
    there = aws("secretsmanager", "describe_secret", SecretId=arn).get("VersionIdsToStages", {})
    for stage in there.get(version_id, []):
        if stage != "AWSCURRENT":
            aws(
                "secretsmanager",
                "update_secret_version_stage",
                SecretId=arn,
                VersionStage=stage,
                RemoveFromVersionId=version_id,
            )


def one_value(props: Props) -> list[tuple[str, str]]:
    """A version has one value; a binary one is Base64."""
    given = [name for name in ("secretString", "secretBinary") if props.get(name) is not None]
    return [] if len(given) <= 1 else [("secretBinary", "conflicts with 'secretString': give one of them")]


def decoded(props: Props) -> Props:
    """A binary value is Base64 in Pulumi; boto3 takes bytes."""
    binary = props.get("secretBinary")
    return props | ({"secretBinary": base64.b64decode(binary)} if isinstance(binary, str) else {})


def make_policy(aws: Aws, props: Props) -> str:
    """Put the policy of a secret."""
    aws("secretsmanager", "put_resource_policy", **POLICY.request("put_resource_policy", props))
    return str(props["secretArn"])


def change_policy(aws: Aws, resource_id: str, old: Props, new: Props) -> None:
    """The same call as at creation."""
    make_policy(aws, new)


def policy(aws: Aws, resource_id: str, props: Props) -> Props | None:
    """The policy of a secret, if it has one."""
    text = policy_of(aws, resource_id, {}, props)
    return {"ResourcePolicy": text, "SecretId": resource_id} if text else None


POLICY = Kind(
    "aws:secretsmanager/secretPolicy:SecretPolicy",
    Calls(
        "secretsmanager", "put_resource_policy", "{secretArn}", custom_create=make_policy, read=policy,
        delete=("delete_resource_policy", {"SecretId": "{id}"}), update=change_policy,
        import_id=lambda arn: (arn, {"secretArn": arn}),
    ),
    tags=Tags(None), translation=Translation(rename={"secretArn": "SecretId", "policy": "ResourcePolicy"}),
    properties=Properties(force_new={"secretArn"}, write_only={"blockPublicPolicy"}),
)  # fmt: skip

VERSION = Kind(
    "aws:secretsmanager/secretVersion:SecretVersion",
    Calls("secretsmanager", "put_secret_value", "", custom_create=put_version, read=version, delete=drop_version),
    tags=Tags(None), translation=Translation(encode=decoded, unserved={"secretStringWo", "secretStringWoVersion"}),
    properties=Properties(
        force_new={"secretId", "secretString", "secretBinary", "versionStages"}, computed={"versionStages"},
        unordered={"versionStages"},
    ),
    validate=one_value,
    outputs={
        "versionId": answered("VersionId"), "hasSecretStringWo": lambda aws, i, live, props: False,
        "secretId": same_secret,
    },
)  # fmt: skip

ROWS = (
    Kind(
        "aws:secretsmanager/secret:Secret",
        Calls(
            "secretsmanager", "create_secret", "ARN", read=secret, delete=drop_secret,
            update=("update_secret", {"SecretId": "{id}"}),
        ),
        naming=Naming("name"), tags=Tags(update=retag("secretsmanager")),
        translation=Translation(
            rename={"replicas": "AddReplicaRegions", "recoveryWindowInDays": None},
            unserved={"replicas", "forceOverwriteReplicaSecret"},
        ),
        properties=Properties(
            force_new={"name", "namePrefix", "type"}, defaults={"recoveryWindowInDays": 30, "description": ""},
            computed={"policy", "kmsKeyId", "type"}, write_only={"recoveryWindowInDays"},
        ),
        own_calls=OwnCalls(put={"policy": put_policy}, remove={"policy": drop_policy}, read={"policy": policy_of}),
        validate=recovery_days, outputs={"arn": answered("ARN"), "id": answered("ARN")},
    ),
    VERSION,
    POLICY,
)  # fmt: skip
