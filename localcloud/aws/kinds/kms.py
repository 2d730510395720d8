"""Keys and their aliases."""

import json
from typing import Any

from localcloud.aws.client import Aws
from localcloud.aws.kind import Calls, Kind, Naming, OwnCalls, Properties, Props, Tags, Translation, ask
from localcloud.aws.kinds.policy_text import sound, text


def retag(aws: Aws, key: str, gone: list[str], tags: dict[str, str]) -> None:
    """Set the tags of a key."""
    if gone:
        aws("kms", "untag_resource", KeyId=key, TagKeys=gone)
    if tags:
        aws("kms", "tag_resource", KeyId=key, Tags=[{"TagKey": k, "TagValue": v} for k, v in tags.items()])


def tags(aws: Aws, key: str, live: Props, props: Props) -> dict[str, str]:
    """The tags of a key."""
    return {tag["TagKey"]: tag["TagValue"] for tag in aws("kms", "list_resource_tags", KeyId=key)["Tags"]}


def rotate(aws: Aws, key: str, values: Any, props: Props) -> None:
    """Rotation and its period."""
    if props.get("enableKeyRotation") in (True, "true"):
        period = props.get("rotationPeriodInDays")
        more = {"RotationPeriodInDays": int(period)} if period else {}
        aws("kms", "enable_key_rotation", KeyId=key, **more)
    elif "enableKeyRotation" in values:
        aws("kms", "disable_key_rotation", KeyId=key)


def rotation(aws: Aws, key: str, live: Props, props: Props) -> Props:
    """Whether the key is rotated, and how often."""
    found = aws("kms", "get_key_rotation_status", KeyId=key)
    period = found.get("RotationPeriodInDays")
    return {"enableKeyRotation": found["KeyRotationEnabled"]} | ({"rotationPeriodInDays": period} if period else {})


def enable(aws: Aws, key: str, value: Any, props: Props) -> None:
    """The key can be used, or not."""
    aws("kms", "enable_key" if value in (True, "true") else "disable_key", KeyId=key)


def put_policy(aws: Aws, key: str, value: Any, props: Props) -> None:
    """The key's policy."""
    aws("kms", "put_key_policy", KeyId=key, PolicyName="default", Policy=text(value))


def read_policy(aws: Aws, key: str, live: Props, props: Props) -> str:
    """The key's policy."""
    found: str = aws("kms", "get_key_policy", KeyId=key, PolicyName="default")["Policy"]
    return json.dumps(json.loads(found))


def create_policy(aws: Aws, props: Props) -> str:
    """The key has the policy; there is one in each key."""
    put_policy(aws, str(props["keyId"]), props["policy"], props)
    return str(props["keyId"])


def default_policy(aws: Aws, key: str, props: Props) -> None:
    """The policy that KMS gives a key: the account may do all."""
    whole = {"AWS": f"arn:aws:iam::{aws.account}:root"}
    everybody = {"Sid": "Enable IAM User Permissions", "Effect": "Allow", "Principal": whole, "Action": "kms:*"}
    everybody["Resource"] = "*"
    document = {"Version": "2012-10-17", "Id": "key-default-1", "Statement": [everybody]}
    aws("kms", "put_key_policy", KeyId=key, PolicyName="default", Policy=json.dumps(document))


def drop_key(aws: Aws, key: str, props: Props) -> None:
    """A key is scheduled for deletion; until then it is pending, which is gone for Pulumi."""
    aws("kms", "schedule_key_deletion", KeyId=key, PendingWindowInDays=int(props.get("deletionWindowInDays") or 30))


def window(props: Props) -> list[tuple[str, str]]:
    """Days of ScheduleKeyDeletion and of EnableKeyRotation, as the KMS API reference has them."""
    found = sound("policy")(props)
    for name, low, high in (("deletionWindowInDays", 7, 30), ("rotationPeriodInDays", 90, 2560)):
        if isinstance(props.get(name), int | float) and not low <= props[name] <= high:
            found.append((name, f"{props[name]:g} is not within {low} to {high} days"))
    if props.get("rotationPeriodInDays") and not props.get("enableKeyRotation"):
        found.append(("rotationPeriodInDays", "needs 'enableKeyRotation'"))
    return found


def alias(aws: Aws, name: str, props: Props) -> Props | None:
    """The alias, of which KMS only has lists."""
    further: Props = {}
    while True:
        page = aws("kms", "list_aliases", **further)
        found: Props | None = next((one for one in page["Aliases"] if one["AliasName"] == name), None)
        if found or not page.get("Truncated"):
            return found
        further = {"Marker": page["NextMarker"]}


def same_key(aws: Aws, alias: str, live: Props, props: Props) -> str:
    """The key in the words of the program: its id or its ARN."""
    asked, found = str(props.get("targetKeyId") or ""), str(live["TargetKeyId"])
    return asked if asked.split("/")[-1] == found.split("/")[-1] else found


def named(props: Props) -> list[tuple[str, str]]:
    """An alias has a prefix of its own."""
    name = props.get("name")
    wrong = isinstance(name, str) and (not name.startswith("alias/") or name.startswith("alias/aws/"))
    return [("name", "must begin with 'alias/', and not with 'alias/aws/'")] if wrong else []


ROWS = (
    Kind(
        "aws:kms/key:Key",
        Calls(
            "kms",
            "create_key",
            "KeyMetadata.KeyId",
            read=("describe_key", {"KeyId": "{id}"}, "[KeyMetadata][?KeyState!='PendingDeletion'] | [0]"),
            delete=drop_key,
            update=("update_key_description", {"KeyId": "{id}"}),
            created="KeyMetadata",
        ),
        tags=Tags(update=retag),
        translation=Translation(
            rename={"customerMasterKeySpec": "KeySpec", "isEnabled": None, "deletionWindowInDays": None},
            unserved={"customKeyStoreId", "xksKeyId"},
            served={"deletionWindowInDays"},
        ),
        properties=Properties(
            force_new={"customerMasterKeySpec", "keyUsage", "multiRegion"},
            defaults={
                "description": "",
                "isEnabled": True,
                "enableKeyRotation": False,
                "multiRegion": False,
                "keyUsage": "ENCRYPT_DECRYPT",
                "customerMasterKeySpec": "SYMMETRIC_DEFAULT",
                "bypassPolicyLockoutSafetyCheck": False,
            },
            computed={"policy", "rotationPeriodInDays", "deletionWindowInDays"},
            write_only={"deletionWindowInDays", "bypassPolicyLockoutSafetyCheck", "rotationPeriodInDays"},
        ),
        own_calls=OwnCalls(
            put={"isEnabled": enable},
            put_many=(("enableKeyRotation", "rotationPeriodInDays"), rotate),
            read_many=rotation,
            update={"policy": put_policy, "bypassPolicyLockoutSafetyCheck": lambda aws, i, v, props: None},
            read={"tags": tags},
        ),
        validate=window,
        outputs={
            "policy": read_policy,
            "isEnabled": lambda aws, i, live, props: live.get("Enabled", True),
        },
    ),
    Kind(
        "aws:kms/alias:Alias",
        Calls(
            "kms",
            "create_alias",
            "{name}",
            read=alias,
            delete=("delete_alias", {"AliasName": "{id}"}),
            update=("update_alias", {"AliasName": "{id}"}),
        ),
        naming=Naming("name", prefix="alias/", longest=238),
        tags=Tags(None),
        translation=Translation(rename={"name": "AliasName"}),
        properties=Properties(force_new={"name", "namePrefix"}),
        validate=named,
        outputs={
            "targetKeyId": same_key,
            "arn": "arn:aws:kms:{region}:{account}:{id}",
            "targetKeyArn": ask("kms", "describe_key", "KeyMetadata.Arn", KeyId="{id}"),
        },
    ),
    Kind(
        "aws:kms/keyPolicy:KeyPolicy",
        Calls(
            "kms",
            "put_key_policy",
            "{keyId}",
            custom_create=create_policy,
            update=lambda aws, i, old, new: put_policy(aws, i, new["policy"], new),
            read=lambda aws, i, props: {"KeyId": i, "Policy": read_policy(aws, i, {}, props)},
            delete=default_policy,
            import_id=lambda given: (given, {"keyId": given}),
        ),
        tags=Tags(None),
        properties=Properties(
            force_new={"keyId"},
            write_only={"bypassPolicyLockoutSafetyCheck"},
            defaults={"bypassPolicyLockoutSafetyCheck": False},
            delete_before_replace=True,
        ),
        validate=sound("policy"),
    ),
)
