"""The blocks of a bucket that have resources of their own since pulumi-aws 5, and that the bucket itself still takes.

Each block is put by one call and read back by another. Where AWS has what the block asks for, the block is read as it
was written; else in the form of the block.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from localcloud.aws.client import Aws
from localcloud.aws.kind import Part, Props, is_gone
from localcloud.aws.kinds.policy_text import text

TRUE = (True, "true")


@dataclass(frozen=True)
class Block:
    """One block: its calls and its two forms."""

    subject: str
    """What the calls name: put_bucket_SUBJECT, get_bucket_SUBJECT, delete_bucket_SUBJECT."""
    member: str
    """The member of the putting call that holds the configuration."""
    ask: Callable[[Any], Any]
    """Block -> configuration."""
    tell: Callable[[Any], Any]
    """Configuration -> block, None where it says nothing."""
    none: Any = None
    """The configuration of a bucket without the block; None where a call deletes it."""
    answer: Callable[[Props], Any] = lambda found: found
    """Answer of the reading call -> configuration."""

    def put(self, aws: Aws, bucket: str, value: Any, props: Props) -> None:
        """The bucket has the block as asked."""
        aws("s3", f"put_bucket_{self.subject}", Bucket=bucket, **{self.member: self.ask(value)})

    def drop(self, aws: Aws, bucket: str, old: Any, props: Props) -> None:
        """The bucket has the block no more."""
        if self.none is not None:
            aws("s3", f"put_bucket_{self.subject}", Bucket=bucket, **{self.member: self.none})
        else:
            aws("s3", f"delete_bucket_{self.subject}", Bucket=bucket)

    def read(self, name: str) -> Callable[..., Any]:
        """How a refresh finds the block `name`."""

        def look(aws: Aws, bucket: str, live: Props, props: Props) -> Any:
            try:
                found = aws("s3", f"get_bucket_{self.subject}", Bucket=bucket)
            except ClientError as error:
                if not is_gone(error):
                    raise
                return None
            plain = self.answer({k: v for k, v in found.items() if k != "ResponseMetadata"})
            asked = props.get(name)
            return asked if asked is not None and _same(self.ask(asked), plain) else self.tell(plain)

        return look


def one(block: Mapping[str, Any], name: str) -> Any:
    """A member that is an object under one name and a list of one under its plural, as in BucketV2."""
    found = block.get(name)
    if found is None:
        found = block.get(f"{name}s")
    return found[0] if isinstance(found, list) and found else found or None


def _same(asked: Any, found: Any) -> bool:
    return json.dumps(_plain(asked), sort_keys=True) == json.dumps(_plain(found), sort_keys=True)


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: _plain(v) for k, v in value.items() if v not in (None, "", [], {}, False)}
    if isinstance(value, list):
        return [_plain(v) for v in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _given(**members: Any) -> Props:
    return {k: v for k, v in members.items() if v is not None}


def _number(value: Any) -> int | None:
    return None if value is None else int(value)


def _cors(rules: list[Props]) -> Props:
    return {
        "CORSRules": [
            _given(
                AllowedMethods=r["allowedMethods"],
                AllowedOrigins=r["allowedOrigins"],
                AllowedHeaders=r.get("allowedHeaders"),
                ExposeHeaders=r.get("exposeHeaders"),
                MaxAgeSeconds=_number(r.get("maxAgeSeconds")),
            )
            for r in rules
        ]
    }


def _cors_back(found: Props) -> list[Props]:
    return [{k[0].lower() + k[1:]: v for k, v in rule.items()} for rule in found.get("CORSRules", ())]


def _expiry(value: Props | None) -> Props | None:
    if not value:
        return None
    return _given(
        Days=_number(value.get("days")),
        Date=value.get("date"),
        ExpiredObjectDeleteMarker=value.get("expiredObjectDeleteMarker"),
    )


def _rule(rule: Props) -> Props:
    tags = [{"Key": k, "Value": v} for k, v in (rule.get("tags") or {}).items()]
    prefix = rule.get("prefix") or ""
    chosen: Props = {"And": {"Prefix": prefix, "Tags": tags}} if tags else {"Prefix": prefix}
    gone = one(rule, "noncurrentVersionExpiration")
    days = _number(rule.get("abortIncompleteMultipartUploadDays"))
    return _given(
        ID=rule.get("id"),
        Status="Enabled" if rule["enabled"] in TRUE else "Disabled",
        Filter=chosen,
        Expiration=_expiry(one(rule, "expiration")),
        Transitions=[
            _given(Days=_number(t.get("days")), Date=t.get("date"), StorageClass=t["storageClass"])
            for t in rule.get("transitions") or ()
        ]
        or None,
        NoncurrentVersionExpiration={"NoncurrentDays": _number(gone.get("days"))} if gone else None,
        NoncurrentVersionTransitions=[
            _given(NoncurrentDays=_number(t.get("days")), StorageClass=t["storageClass"])
            for t in rule.get("noncurrentVersionTransitions") or ()
        ]
        or None,
        AbortIncompleteMultipartUpload={"DaysAfterInitiation": days} if days else None,
    )


def _rule_back(rule: Props) -> Props:
    chosen = rule.get("Filter") or {}
    both = chosen.get("And") or {}
    tags = {t["Key"]: t["Value"] for t in both.get("Tags") or ()}
    expiry = {k[0].lower() + k[1:]: v for k, v in (rule.get("Expiration") or {}).items()}
    found = _given(
        id=rule.get("ID"),
        enabled=rule.get("Status") == "Enabled",
        prefix=chosen.get("Prefix") or both.get("Prefix") or rule.get("Prefix") or None,
        tags=tags or None,
        expiration=expiry or None,
        abortIncompleteMultipartUploadDays=(rule.get("AbortIncompleteMultipartUpload") or {}).get(
            "DaysAfterInitiation"
        ),
    )
    moves = [{k[0].lower() + k[1:]: v for k, v in t.items()} for t in rule.get("Transitions") or ()]
    gone = (rule.get("NoncurrentVersionExpiration") or {}).get("NoncurrentDays")
    found |= {"transitions": moves} if moves else {}
    return found | ({"noncurrentVersionExpiration": {"days": gone}} if gone else {})


def _encryption(value: Any) -> Props:
    rule = one(_whole(value), "rule") or {}
    by = one(rule, "applyServerSideEncryptionByDefault") or {}
    default = _given(SSEAlgorithm=by.get("sseAlgorithm"), KMSMasterKeyID=by.get("kmsMasterKeyId"))
    key = {"BucketKeyEnabled": True} if rule.get("bucketKeyEnabled") in TRUE else {}
    return {"Rules": [_given(ApplyServerSideEncryptionByDefault=default or None) | key]}


def _encryption_back(found: Props) -> Props | None:
    for rule in found.get("Rules", ()):
        by = rule.get("ApplyServerSideEncryptionByDefault") or {}
        default = _given(sseAlgorithm=by.get("SSEAlgorithm"), kmsMasterKeyId=by.get("KMSMasterKeyID"))
        key = {"bucketKeyEnabled": True} if rule.get("BucketKeyEnabled") else {}
        return {"rule": {"applyServerSideEncryptionByDefault": default} | key}
    return None


def _whole(value: Any) -> Props:
    found: Props = value[0] if isinstance(value, list) and value else value or {}
    return found


def _site(value: Any) -> Props:
    block = _whole(value)
    goes = block.get("redirectAllRequestsTo")
    scheme, _, host = str(goes or "").rpartition("://")
    rules = block.get("routingRules")
    listed = json.loads(rules) if isinstance(rules, str) and rules.strip().startswith("[") else rules
    return _given(
        IndexDocument={"Suffix": block["indexDocument"]} if block.get("indexDocument") else None,
        ErrorDocument={"Key": block["errorDocument"]} if block.get("errorDocument") else None,
        RedirectAllRequestsTo=({"HostName": host} | ({"Protocol": scheme} if scheme else {})) if goes else None,
        RoutingRules=listed or None,
    )


def _site_back(found: Props) -> Props | None:
    goes = found.get("RedirectAllRequestsTo") or {}
    scheme = f"{goes['Protocol']}://" if goes.get("Protocol") else ""
    return (
        _given(
            indexDocument=(found.get("IndexDocument") or {}).get("Suffix"),
            errorDocument=(found.get("ErrorDocument") or {}).get("Key"),
            redirectAllRequestsTo=f"{scheme}{goes['HostName']}" if goes else None,
            routingRules=json.dumps(found["RoutingRules"]) if found.get("RoutingRules") else None,
        )
        or None
    )


def _logging(value: Any) -> Props:
    block = _whole(value)
    return {"LoggingEnabled": {"TargetBucket": block["targetBucket"], "TargetPrefix": block.get("targetPrefix") or ""}}


def _logging_back(found: Props) -> Props | None:
    on = found.get("LoggingEnabled")
    return _given(targetBucket=on["TargetBucket"], targetPrefix=on.get("TargetPrefix") or None) if on else None


def _versions(value: Any) -> Props:
    return {"Status": "Enabled" if _whole(value).get("enabled") in TRUE else "Suspended"}


def _versions_read(found: Props) -> Props:
    return {"Status": found.get("Status") or "Suspended"}


def _versions_back(found: Props) -> Props | None:
    return {"enabled": True} if found.get("Status") == "Enabled" else None


BLOCKS: dict[str, Block] = {
    "corsRules": Block("cors", "CORSConfiguration", _cors, _cors_back),
    "lifecycleRules": Block(
        "lifecycle_configuration",
        "LifecycleConfiguration",
        lambda rules: {"Rules": [_rule(r) for r in rules]},
        lambda found: [_rule_back(r) for r in found.get("Rules", ())] or None,
        answer=lambda found: {"Rules": found.get("Rules", [])},
    ),
    "logging": Block("logging", "BucketLoggingStatus", _logging, _logging_back, none={}),
    "policy": Block("policy", "Policy", text, lambda found: found, answer=lambda found: found.get("Policy")),
    "serverSideEncryptionConfiguration": Block(
        "encryption",
        "ServerSideEncryptionConfiguration",
        _encryption,
        _encryption_back,
        answer=lambda found: found.get("ServerSideEncryptionConfiguration") or {},
    ),
    "versioning": Block(
        "versioning",
        "VersioningConfiguration",
        _versions,
        _versions_back,
        none={"Status": "Suspended"},
        answer=_versions_read,
    ),
    "website": Block("website", "WebsiteConfiguration", _site, _site_back),
}
PLURALS = {
    "logging": "loggings",
    "serverSideEncryptionConfiguration": "serverSideEncryptionConfigurations",
    "versioning": "versionings",
    "website": "websites",
}
"""The name of a block in BucketV2, where it is a list of one."""


def drop_lifecycle(aws: Aws, bucket: str, old: Any, props: Props) -> None:
    """The bucket has no rules any more."""
    aws("s3", "delete_bucket_lifecycle", Bucket=bucket)


def parts(names: Mapping[str, str]) -> dict[str, Part]:
    """Input -> how its block is put; `names` has those that are called otherwise."""
    return {names.get(name, name): block.put for name, block in BLOCKS.items()}


def removals(names: Mapping[str, str]) -> dict[str, Part]:
    """Input -> how its block goes."""
    return {
        names.get(name, name): drop_lifecycle if name == "lifecycleRules" else block.drop
        for name, block in BLOCKS.items()
    }


def drifts(names: Mapping[str, str]) -> dict[str, Callable[..., Any]]:
    """Input -> how its block is read, where the program has it: else a resource of its own may."""

    def asked(name: str, block: Block) -> Callable[..., Any]:
        look = block.read(name)
        listed = name in names.values()

        def read(aws: Aws, bucket: str, live: Props, props: Props) -> Any:
            if props.get(name) is None:
                return None
            found = look(aws, bucket, live, props)
            return [found] if listed and found is not None and not isinstance(found, list) else found

        return read

    return {names.get(name, name): asked(names.get(name, name), block) for name, block in BLOCKS.items()}


def canned(props: Props) -> list[tuple[str, str]]:
    """New buckets allow no access lists but their own."""
    acl = props.get("acl")
    instead = "a new bucket allows no access lists; use aws.s3.BucketOwnershipControls and aws.s3.BucketAcl"
    return [("acl", f"{acl!r} is refused: {instead}")] if isinstance(acl, str) and acl != "private" else []
