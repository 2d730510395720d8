"""Buckets, and each part of a bucket that is a resource of its own."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any, Literal

from botocore.exceptions import ClientError

from localcloud.aws.client import Aws
from localcloud.aws.kind import (
    Calls,
    Create,
    Delete,
    Kind,
    Naming,
    OwnCalls,
    Properties,
    Props,
    Read,
    Tags,
    Translation,
    Update,
    is_gone,
    nothing,
)
from localcloud.aws.kinds import s3_inline
from localcloud.aws.kinds.policy_text import sound

HOSTED_ZONES = {
    "us-east-1": "Z3AQBSTGFJSTF",
    "us-east-2": "Z2O1EMRO9K5GLX",
    "us-west-1": "Z2F56UZL2M1ACD",
    "us-west-2": "Z3BJ6K6RIION7M",
    "eu-west-1": "Z1BKCTXD74EZPE",
    "eu-west-2": "Z3GKZC51ZF0DB4",
    "eu-west-3": "Z3R1K369G5AVDG",
    "eu-central-1": "Z21DNDUVLTQW6Q",
    "eu-north-1": "Z3BAZG2TWCNX0D",
    "ap-southeast-1": "Z3O0J2DXBE1FTB",
    "ap-southeast-2": "Z1WCIGYICN2BYD",
    "ap-northeast-1": "Z2M4EHUR26P7ZW",
    "ca-central-1": "Z1QDHH18159H29",
    "sa-east-1": "Z7KQH4QJS55SO",
}
"""Route 53 zone of the website endpoints per region (AWS General Reference, Amazon S3 endpoints)."""
UNSERVED_INLINE = ("accelerationStatus", "bucketNamespace", "grants", "objectLockConfiguration", "requestPayer")
"""Blocks of a bucket that only their own resources can have here, or nothing can."""


DASHED = {
    "us-east-1", "us-west-1", "us-west-2", "ap-southeast-1", "ap-southeast-2", "ap-northeast-1", "eu-west-1",
    "sa-east-1", "us-gov-west-1",
}  # fmt: skip
"""Regions whose website endpoints have a dash where the others have a dot (AWS General Reference, Amazon S3)."""


def site_domain(aws: Aws) -> str:
    """The domain of the region's sites."""
    return f"s3-website{'-' if aws.region in DASHED else '.'}{aws.region}.amazonaws.com"


def site(props: Props) -> bool:
    """Whether the bucket itself is asked to be a site."""
    return bool(props.get("website") or props.get("websites"))


def create_bucket(aws: Aws, props: Props) -> str:
    """The bucket, in this region."""
    request: Props = {"Bucket": props["bucket"]}
    if aws.region != "us-east-1":
        request["CreateBucketConfiguration"] = {"LocationConstraint": aws.region}
    if props.get("objectLockEnabled"):
        request["ObjectLockEnabledForBucket"] = True
    aws("s3", "create_bucket", **request)
    return str(props["bucket"])


def bucket(aws: Aws, name: str, props: Props) -> Props:
    """What is known of the bucket."""
    found = aws("s3", "head_bucket", Bucket=name)
    region = found.get("BucketRegion") or found["ResponseMetadata"]["HTTPHeaders"].get("x-amz-bucket-region")
    return {"Bucket": name, "BucketRegion": region or aws.region}


def retag(aws: Aws, name: str, gone: list[str], tags: dict[str, str]) -> None:
    """The tags of a bucket are put as a whole."""
    if tags:
        pairs = [{"Key": k, "Value": v} for k, v in tags.items()]
        aws("s3", "put_bucket_tagging", Bucket=name, Tagging={"TagSet": pairs})
    else:
        aws("s3", "delete_bucket_tagging", Bucket=name)


def tags(aws: Aws, name: str, live: Props, props: Props) -> dict[str, str]:
    """The tags; a bucket without any answers with an error."""
    try:
        found = aws("s3", "get_bucket_tagging", Bucket=name)["TagSet"]
    except ClientError as error:
        if not is_gone(error):
            raise
        return {}
    return {tag["Key"]: tag["Value"] for tag in found}


def drop_bucket(aws: Aws, name: str, props: Props) -> None:
    """The bucket, after its objects where the program asks for that."""
    while props.get("forceDestroy"):
        found = aws("s3", "list_object_versions", Bucket=name)
        doomed = [*found.get("Versions", ()), *found.get("DeleteMarkers", ())]
        if not doomed:
            break
        objects = [{"Key": one["Key"], "VersionId": one["VersionId"]} for one in doomed]
        aws("s3", "delete_objects", Bucket=name, Delete={"Objects": objects, "Quiet": True})
    aws("s3", "delete_bucket", Bucket=name)


def configuration(call: str, member: str, inner: str | None = None) -> Callable[..., Props | None]:
    """What one call answers about a bucket, under the name that the putting call has for it."""

    def look(aws: Aws, name: str, props: Props) -> Props | None:
        found = aws("s3", call, Bucket=name)
        found = {k: v for k, v in found.items() if k != "ResponseMetadata"}
        if not found:
            return None
        return {"Bucket": name, member: found[inner] if inner else found}

    return look


def of_bucket(given: str) -> tuple[str, Props]:
    """The bucket is the id."""
    return given, {"bucket": given}


def filtered(props: Props) -> Props:
    """A rule without a filter holds for all objects."""
    rules = props.get("rules") or ()
    return {**props, "rules": [{"filter": {"prefix": ""}, **r} if "prefix" not in r else r for r in rules]}


def rule_faults(props: Props) -> list[tuple[str, str]]:
    """A rule does something, and its filter is one thing."""
    found = []
    for i, rule in enumerate(props.get("rules") or ()):
        if not any(rule.get(action) for action in ACTIONS):
            names = ", ".join(repr(a) for a in ACTIONS)
            found.append((f"rules[{i}]", f"a rule needs at least one of {names}"))
        if len(rule.get("filter") or {}) > 1:
            found.append((f"rules[{i}].filter", "a filter has one member; several go into 'and'"))
    return found


def blocking(props: Props) -> Props:
    """The kinds of encryption that a rule refuses are a list within a structure."""
    name = "blockedEncryptionTypes"
    rules = [{**rule, name: {"encryptionType": rule[name]}} if name in rule else rule for rule in props["rules"]]
    return {**props, "rules": rules}


def blocked(live: Props) -> Props:
    """The same on the way back."""
    body = live.get("ServerSideEncryptionConfiguration") or {}
    rules = [
        {k: v["EncryptionType"] if k == "BlockedEncryptionTypes" else v for k, v in rule.items()}
        for rule in body.get("Rules") or ()
    ]
    return {**live, "ServerSideEncryptionConfiguration": {**body, "Rules": rules}}


def suspend(aws: Aws, name: str, props: Props) -> None:
    """Versioning that was on cannot be taken back, only suspended."""
    if (props.get("versioningConfiguration") or {}).get("status") == "Enabled":
        aws("s3", "put_bucket_versioning", Bucket=name, VersioningConfiguration={"Status": "Suspended"})


def versioning(aws: Aws, name: str, props: Props) -> Props | None:
    """The state of versioning; a bucket that never had it says nothing."""
    found = aws("s3", "get_bucket_versioning", Bucket=name)
    status = found.get("Status") or ("Disabled" if props else None)
    return {"Bucket": name, "VersioningConfiguration": {"Status": status}} if status else None


def put_versioning(aws: Aws, name: str, old: Props, new: Props) -> None:
    """Versioning as asked; what is disabled has never been on."""
    wanted = new["versioningConfiguration"]
    if wanted["status"] != "Disabled":
        body = {"Status": wanted["status"]} | ({"MFADelete": wanted["mfaDelete"]} if wanted.get("mfaDelete") else {})
        more = {"MFA": new["mfa"]} if new.get("mfa") else {}
        aws("s3", "put_bucket_versioning", Bucket=name, VersioningConfiguration=body, **more)


def create_versioning(aws: Aws, props: Props) -> str:
    """The first state of versioning."""
    put_versioning(aws, props["bucket"], {}, props)
    return str(props["bucket"])


def drop_public_access_block(aws: Aws, name: str, props: Props) -> None:
    """The block goes, unless it shall outlive the resource."""
    if not props.get("skipDestroy"):
        aws("s3", "delete_public_access_block", Bucket=name)


def stop_acceleration(aws: Aws, name: str, props: Props) -> None:
    """Acceleration that was on can only be suspended."""
    aws("s3", "put_bucket_accelerate_configuration", Bucket=name, AccelerateConfiguration={"Status": "Suspended"})


def clear_notifications(aws: Aws, name: str, props: Props) -> None:
    """Nobody is told of events any more."""
    aws("s3", "put_bucket_notification_configuration", Bucket=name, NotificationConfiguration={})


NOTIFIED = {
    "lambdaFunctions": ("LambdaFunctionConfigurations", "lambdaFunctionArn", "LambdaFunctionArn"),
    "queues": ("QueueConfigurations", "queueArn", "QueueArn"),
    "topics": ("TopicConfigurations", "topicArn", "TopicArn"),
}
"""Input -> the list of the request, and the name of what is told."""


def notified(props: Props) -> Props:
    """Prefix and suffix are rules of a filter."""
    found = {k: v for k, v in props.items() if k != "eventbridge" or v in (True, "true")}
    if "eventbridge" in found:
        found["eventbridge"] = {}
    for name in NOTIFIED.keys() & props.keys():
        found[name] = [_filtered(one) for one in props[name] or ()]
    return found


def _filtered(one: Props) -> Props:
    kept = {k: v for k, v in one.items() if k not in ("filterPrefix", "filterSuffix")}
    rules = [{"name": k[6:].lower(), "value": one[k]} for k in ("filterPrefix", "filterSuffix") if one.get(k)]
    return kept | ({"filter": {"key": {"filterRules": rules}}} if rules else {})


def notifying(live: Props) -> Props:
    """The rules of a filter as prefix and suffix."""
    body: Props = dict(live.get("NotificationConfiguration") or {})
    for listed, _, _ in NOTIFIED.values():
        for one in body.get(listed) or ():
            for rule in ((one.pop("Filter", None) or {}).get("Key") or {}).get("FilterRules") or ():
                one[f"filter{rule['Name'].capitalize()}"] = rule["Value"]
    body["EventBridgeConfiguration"] = "EventBridgeConfiguration" in body
    return {**live, "NotificationConfiguration": body}


ACTIONS = (
    "expiration",
    "transitions",
    "noncurrentVersionExpiration",
    "noncurrentVersionTransitions",
    "abortIncompleteMultipartUpload",
)
BLOCKS = ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets")


def part(
    token: str,
    put: str,
    get: str,
    delete: str | Delete,
    member: str,
    inner: str | None = None,
    *,
    read: Read | None = None,
    custom_create: Create | None = None,
    update: Update | Literal["upsert"] = "upsert",
    properties: Properties | None = None,
    **more: Any,
) -> Kind:
    """The row of a part of a bucket: put as a whole, its id is the bucket."""
    properties = properties or Properties()
    calls = Calls(
        "s3",
        put,
        "{bucket}",
        read=read or configuration(get, member, inner),
        delete=(delete, {"Bucket": "{id}"}) if isinstance(delete, str) else delete,
        update=update,
        custom_create=custom_create,
        import_id=of_bucket,
    )
    identity = {"bucket", *({"expectedBucketOwner"} & set(properties.write_only))}
    properties = replace(properties, force_new=identity, delete_before_replace=True)
    return Kind(f"aws:s3/{token}", calls, properties=properties, tags=Tags(None), **more)


def whole(token: str, names: Props, unserved: tuple[str, ...]) -> Kind:
    """The row of a bucket under one of its two names; `names` has the blocks that are called otherwise."""
    return Kind(
        token,
        Calls(
            "s3",
            "create_bucket",
            "{bucket}",
            custom_create=create_bucket,
            read=bucket,
            delete=drop_bucket,
            update=lambda aws, i, old, new: None,
            import_id=of_bucket,
        ),
        naming=Naming("bucket", longest=63, lower=True),
        tags=Tags(None, update=retag),
        translation=Translation(
            unserved={*UNSERVED_INLINE, *unserved},
            rename={"forceDestroy": None, "objectLockEnabled": "ObjectLockEnabledForBucket", "bucketPrefix": None}
            | dict.fromkeys(s3_inline.drifts(names)),
            served={"forceDestroy"},
        ),
        properties=Properties(
            force_new={"bucket", "bucketPrefix", "objectLockEnabled"},
            defaults={"forceDestroy": False, "objectLockEnabled": False},
            write_only={"forceDestroy", "objectLockEnabled", "acl"},
        ),
        own_calls=OwnCalls(
            put=s3_inline.parts(names) | {"acl": nothing},
            remove=s3_inline.removals(names) | {"acl": nothing},
            read={"tags": tags} | s3_inline.drifts(names),
        ),
        validate=lambda props: [*sound("policy")(props), *s3_inline.canned(props)],
        outputs={
            "arn": "arn:aws:s3:::{id}",
            "bucketDomainName": "{id}.s3.amazonaws.com",
            "bucketRegionalDomainName": "{id}.s3.{region}.amazonaws.com",
            "hostedZoneId": lambda aws, i, live, props: HOSTED_ZONES.get(aws.region),
            "requestPayer": lambda aws, i, live, props: "BucketOwner",
            "websiteDomain": lambda aws, i, live, props: site_domain(aws) if site(props) else "",
            "websiteEndpoint": lambda aws, i, live, props: f"{i}.{site_domain(aws)}" if site(props) else "",
        },
    )


UNKEPT_OF_RULES = (
    *(f"rules.filter.{where}objectSize{which}Than" for where in ("", "and.") for which in ("Greater", "Less")),
    "rules.noncurrentVersionExpiration.newerNoncurrentVersions",
    "rules.noncurrentVersionTransitions.newerNoncurrentVersions",
)


def day(moment: str) -> str:
    """The day of a moment: S3 works by days, and answers midnight in another form."""
    return moment[:10]


ROWS = (
    whole("aws:s3/bucket:Bucket", {}, ("replicationConfiguration",)),
    whole("aws:s3/bucketV2:BucketV2", s3_inline.PLURALS, ("replicationConfigurations", "tagsAll")),
    part(
        "bucketPolicy:BucketPolicy",
        "put_bucket_policy",
        "get_bucket_policy",
        "delete_bucket_policy",
        "Policy",
        "Policy",
        validate=sound("policy"),
    ),
    part(
        "bucketPublicAccessBlock:BucketPublicAccessBlock",
        "put_public_access_block",
        "get_public_access_block",
        drop_public_access_block,
        "PublicAccessBlockConfiguration",
        "PublicAccessBlockConfiguration",
        translation=Translation(
            rename={"skipDestroy": None}
            | {name: f"PublicAccessBlockConfiguration.{name[0].upper()}{name[1:]}" for name in BLOCKS},
        ),
        properties=Properties(
            defaults={**dict.fromkeys(BLOCKS, False), "skipDestroy": False},
            write_only={"skipDestroy"},
        ),
    ),
    part(
        "bucketLifecycleConfiguration:BucketLifecycleConfiguration",
        "put_bucket_lifecycle_configuration",
        "get_bucket_lifecycle_configuration",
        "delete_bucket_lifecycle",
        "LifecycleConfiguration",
        translation=Translation(
            encode=filtered,
            rename={
                "rules": "LifecycleConfiguration.Rules",
                "rules.id": "ID",
                "timeouts": None,
                "transitionDefaultMinimumObjectSize": "TransitionDefaultMinimumObjectSize",
            },
        ),
        properties=Properties(
            defaults={
                "rules.filter": {"prefix": ""},
                "rules.filter.prefix": "",
                "rules.expiration.expiredObjectDeleteMarker": False,
                "rules.filter.objectSizeGreaterThan": 0,
            },
            write_only={"timeouts", "transitionDefaultMinimumObjectSize", "expectedBucketOwner", *UNKEPT_OF_RULES},
            normalize=dict.fromkeys(("rules.expiration.date", "rules.transitions.date"), day),
            unordered={"rules", "rules.transitions"},
            computed={"rules.prefix", "transitionDefaultMinimumObjectSize"},
        ),
        validate=rule_faults,
    ),
    part(
        "bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
        "put_bucket_encryption",
        "get_bucket_encryption",
        "delete_bucket_encryption",
        "ServerSideEncryptionConfiguration",
        "ServerSideEncryptionConfiguration",
        translation=Translation(
            rename={
                "rules": "ServerSideEncryptionConfiguration.Rules",
                "rules.applyServerSideEncryptionByDefault.kmsMasterKeyId": "KMSMasterKeyID",
            },
            encode=blocking,
            decode=blocked,
        ),
        properties=Properties(
            defaults={"rules.bucketKeyEnabled": False},
            write_only={"expectedBucketOwner"},
            computed={"rules.blockedEncryptionTypes"},
            unordered={"rules.blockedEncryptionTypes"},
        ),
    ),
    part(
        "bucketVersioning:BucketVersioning",
        "put_bucket_versioning",
        "get_bucket_versioning",
        suspend,
        "VersioningConfiguration",
        read=versioning,
        custom_create=create_versioning,
        update=put_versioning,
        translation=Translation(
            rename={"versioningConfiguration.mfaDelete": "MFADelete"},
            encode=lambda props: {
                k: v
                for k, v in props.items()
                if k != "versioningConfiguration" or (v or {}).get("status") != "Disabled"
            },
        ),
        properties=Properties(write_only={"mfa", "expectedBucketOwner", "versioningConfiguration.mfaDelete"}),
    ),
    part(
        "bucketOwnershipControls:BucketOwnershipControls",
        "put_bucket_ownership_controls",
        "get_bucket_ownership_controls",
        "delete_bucket_ownership_controls",
        "OwnershipControls",
        "OwnershipControls",
        translation=Translation(rename={"rule": "OwnershipControls.Rules"}),
    ),
    part(
        "bucketLogging:BucketLogging",
        "put_bucket_logging",
        "get_bucket_logging",
        lambda aws, name, props: aws("s3", "put_bucket_logging", Bucket=name, BucketLoggingStatus={}),
        "BucketLoggingStatus",
        translation=Translation(
            rename={
                name: f"BucketLoggingStatus.LoggingEnabled.{name[0].upper()}{name[1:]}"
                for name in ("targetBucket", "targetPrefix", "targetGrants", "targetObjectKeyFormat")
            },
        ),
        properties=Properties(write_only={"expectedBucketOwner", "targetObjectKeyFormat"}),
    ),
    part(
        "bucketAccelerateConfiguration:BucketAccelerateConfiguration",
        "put_bucket_accelerate_configuration",
        "get_bucket_accelerate_configuration",
        stop_acceleration,
        "AccelerateConfiguration",
        translation=Translation(rename={"status": "AccelerateConfiguration.Status"}),
        properties=Properties(write_only={"expectedBucketOwner"}),
    ),
    part(
        "bucketNotification:BucketNotification",
        "put_bucket_notification_configuration",
        "get_bucket_notification_configuration",
        clear_notifications,
        "NotificationConfiguration",
        translation=Translation(
            encode=notified,
            decode=notifying,
            rename={"eventbridge": "NotificationConfiguration.EventBridgeConfiguration"}
            | {
                path: where
                for ours, theirs in NOTIFIED.items()
                for path, where in (
                    (ours, f"NotificationConfiguration.{theirs[0]}"),
                    (f"{ours}.{theirs[1]}", theirs[2]),
                )
            },
        ),
        properties=Properties(
            defaults={"eventbridge": False}, computed={f"{name}.id" for name in NOTIFIED}, write_only={"eventbridge"}
        ),
    ),
)
