"""Objects in buckets, and what makes a bucket a web site."""

import base64

from botocore.exceptions import ClientError

from localcloud.aws import assets, request_validation, shapes
from localcloud.aws.client import Aws, Refused
from localcloud.aws.kind import Calls, Kind, Naming, Properties, Props, Tags, Translation, is_gone
from localcloud.aws.kinds.s3 import part, site_domain

CONTENT = ("content", "contentBase64", "source")
HEADERS = {
    "cacheControl": "CacheControl", "contentDisposition": "ContentDisposition", "contentEncoding": "ContentEncoding",
    "contentLanguage": "ContentLanguage", "contentType": "ContentType", "storageClass": "StorageClass",
    "websiteRedirect": "WebsiteRedirectLocation", "metadata": "Metadata",
    "serverSideEncryption": "ServerSideEncryption", "kmsKeyId": "SSEKMSKeyId", "bucketKeyEnabled": "BucketKeyEnabled",
    "objectLockMode": "ObjectLockMode", "objectLockRetainUntilDate": "ObjectLockRetainUntilDate",
    "objectLockLegalHoldStatus": "ObjectLockLegalHoldStatus",
}  # fmt: skip


def body(aws: Aws, props: Props) -> bytes:
    """What the object holds."""
    if props.get("content") is not None:
        return str(props["content"]).encode()
    if props.get("contentBase64") is not None:
        return base64.b64decode(props["contentBase64"])
    return assets.content(props["source"], aws.caller.folder) if props.get("source") is not None else b""


def put(aws: Aws, props: Props) -> str:
    """Put the object; its id is its key."""
    sent = {member: props[name] for name, member in HEADERS.items() if props.get(name) is not None}
    sent |= {"ACL": props["acl"]} if props.get("acl") else {}
    if "BucketKeyEnabled" in sent:
        sent["BucketKeyEnabled"] = sent["BucketKeyEnabled"] in (True, "true")
    if sent.get("SSEKMSKeyId"):
        sent.setdefault("ServerSideEncryption", "aws:kms")
    aws("s3", "put_object", Bucket=props["bucket"], Key=props["key"], Body=body(aws, props), **sent)
    if props.get("tags"):
        tag(aws, props, props["tags"])
    return str(props["key"])


def tag(aws: Aws, props: Props, tags: dict[str, str]) -> None:
    """The tags of an object are put as a whole."""
    pairs = [{"Key": k, "Value": v} for k, v in tags.items()]
    aws("s3", "put_object_tagging", Bucket=props["bucket"], Key=props["key"], Tagging={"TagSet": pairs})


def update(aws: Aws, key: str, old: Props, new: Props) -> None:
    """An object is put again, whole."""
    put(aws, new)


def look(aws: Aws, key: str, props: Props) -> Props | None:
    """The object's headers; None when it is gone."""
    where = {"Bucket": props["bucket"], "Key": props["key"]}
    try:
        found = aws("s3", "head_object", **where)
    except ClientError as error:
        if not is_gone(error):
            raise
        return None
    tags = aws("s3", "get_object_tagging", **where)["TagSet"]
    headers: Props = {member: found.get(member) for member in HEADERS.values()}
    etag = str(found["ETag"]).strip('"')
    headers["StorageClass"] = headers["StorageClass"] or "STANDARD"
    headers["ServerSideEncryption"] = headers["ServerSideEncryption"] or "AES256"  # of every object since 2023
    headers["BucketKeyEnabled"] = bool(headers["BucketKeyEnabled"])
    return headers | where | {"etag": etag, "versionId": found.get("VersionId"), "tags": tags}


def drop(aws: Aws, key: str, props: Props) -> None:
    """The object with all its versions, as the official provider deletes it."""
    where = {"Bucket": props["bucket"], "Prefix": props["key"]}
    found = aws("s3", "list_object_versions", **where)
    for one in [*found.get("Versions", ()), *found.get("DeleteMarkers", ())]:
        if one["Key"] == props["key"]:
            aws("s3", "delete_object", Bucket=props["bucket"], Key=one["Key"], VersionId=one["VersionId"])
    aws("s3", "delete_object", Bucket=props["bucket"], Key=props["key"])


def one_content(props: Props) -> list[tuple[str, str]]:
    """An object has one content."""
    given = [name for name in CONTENT if props.get(name) is not None]
    return [(given[1], f"conflicts with {given[0]!r}: give one of them")] if len(given) > 1 else []


def imported(text: str) -> tuple[str, Props]:
    """`bucket/key`, or `s3://bucket/key`."""
    bucket, _, key = text.removeprefix("s3://").partition("/")
    return key, {"bucket": bucket, "key": key}


def endpoint(aws: Aws, bucket: str, live: Props, props: Props) -> str:
    """Where the site would answer."""
    return f"{bucket}.{domain(aws, bucket, live, props)}"


def domain(aws: Aws, bucket: str, live: Props, props: Props) -> str:
    """The domain of the region's sites."""
    return site_domain(aws)


def site_faults(props: Props) -> list[tuple[str, str]]:
    """A site answers or redirects."""
    if props.get("redirectAllRequestsTo") and props.get("indexDocument"):
        return [("indexDocument", "conflicts with 'redirectAllRequestsTo': give one of them")]
    if not props.get("redirectAllRequestsTo") and not props.get("indexDocument"):
        return [("indexDocument", "missing: give 'indexDocument' or 'redirectAllRequestsTo'")]
    return []


POLICY = "accessControlPolicy"


def put_acl(aws: Aws, props: Props) -> str:
    """A canned access list, where the bucket's ownership lets it have one."""
    try:
        controls = aws("s3", "get_bucket_ownership_controls", Bucket=props["bucket"])["OwnershipControls"]["Rules"]
    except ClientError as error:
        if not is_gone(error):
            raise
        controls = []
    if not any(rule["ObjectOwnership"] in ("BucketOwnerPreferred", "ObjectWriter") for rule in controls):
        raise Refused(
            "PutBucketAcl was refused: AccessControlListNotSupported: The bucket does not allow ACLs; an "
            "aws.s3.BucketOwnershipControls with BucketOwnerPreferred or ObjectWriter, made before, allows them"
        )
    lists = {"ACL": props["acl"]} if props.get("acl") else ACL.request("put_bucket_acl", {POLICY: props[POLICY]})
    aws("s3", "put_bucket_acl", **{"Bucket": props["bucket"], **lists})
    return str(props["bucket"])


def acl_faults(props: Props) -> list[tuple[str, str]]:
    """A bucket has a canned list, or one of grants."""
    if props.get("acl") is not None and props.get(POLICY) is not None:
        return [(POLICY, "conflicts with 'acl': give one of them")]
    if props.get("acl") is None and props.get(POLICY) is None:
        return [("acl", f"missing required property: give 'acl' or {POLICY!r}")]
    if props.get("acl") is not None:
        return [
            ("acl", why)
            for _, why in request_validation.faults(shapes.service("s3").shape_for("BucketCannedACL"), props["acl"])
        ]
    return []


def acl(aws: Aws, bucket: str, props: Props) -> Props | None:
    """The list as it was asked for, while there is the bucket: grants do not tell a canned list."""
    found = aws("s3", "get_bucket_acl", Bucket=bucket)
    grants = [
        {"Grantee": {k: v for k, v in one["Grantee"].items() if k != "DisplayName"}, "Permission": one["Permission"]}
        for one in found["Grants"]
    ]
    policy = {"Owner": {"ID": found["Owner"]["ID"]}, "Grants": grants}
    return {"Bucket": bucket, "ACL": props.get("acl"), "AccessControlPolicy": policy}


def thing(token: str) -> Kind:
    """The row of an object, under one of its two names."""
    return Kind(
        token,
        Calls(
            "s3", "put_object", "{key}", custom_create=put, update=update, read=look, delete=drop, import_id=imported,
        ),
        naming=Naming("key", random=False), tags=Tags(None),
        translation=Translation(
            encode=lambda props: {k: v for k, v in props.items() if k in ("bucket", "key", *HEADERS)}, rename=HEADERS,
            served={*CONTENT, "forceDestroy", "sourceHash", "tags", "acl", "overrideProvider"},
            unserved={"checksumAlgorithm", "etag"},
        ),
        properties=Properties(
            force_new={"bucket", "key"},
            write_only={*CONTENT, "forceDestroy", "sourceHash", "acl", "overrideProvider", "objectLockRetainUntilDate",
                        "bucketKeyEnabled"},
            computed={"contentType", "storageClass", "serverSideEncryption", "kmsKeyId", "bucketKeyEnabled", "acl"},
            defaults={"forceDestroy": False, "storageClass": "STANDARD"}, computed_on_update={"etag", "versionId"},
        ),
        validate=one_content, outputs={"arn": "arn:aws:s3:::{bucket}/{key}"},
    )  # fmt: skip


ACL = part(
    "bucketAcl:BucketAcl", "put_bucket_acl", "get_bucket_acl", lambda aws, name, props: None, "ACL",
    custom_create=put_acl, update=lambda aws, i, old, new: put_acl(aws, new) and None, read=acl,
    translation=Translation(
        rename={
            "acl": None, f"{POLICY}.owner.id": "ID", f"{POLICY}.grants.grantee.id": "ID",
            f"{POLICY}.grants.grantee.uri": "URI",
        },
    ),
    properties=Properties(
        write_only={"acl", "expectedBucketOwner"}, unordered={f"{POLICY}.grants"},
        computed={POLICY, f"{POLICY}.owner.displayName", f"{POLICY}.grants.grantee.displayName"},
    ),
    validate=acl_faults,
)  # fmt: skip

ROWS = (
    thing("aws:s3/bucketObject:BucketObject"),
    thing("aws:s3/bucketObjectv2:BucketObjectv2"),
    part(
        "bucketWebsiteConfiguration:BucketWebsiteConfiguration", "put_bucket_website", "get_bucket_website",
        "delete_bucket_website", "WebsiteConfiguration",
        translation=Translation(
            rename={
                "indexDocument": "WebsiteConfiguration.IndexDocument",
                "errorDocument": "WebsiteConfiguration.ErrorDocument",
                "redirectAllRequestsTo": "WebsiteConfiguration.RedirectAllRequestsTo",
            },
            unserved={"routingRules", "routingRuleDetails"},
        ),
        properties=Properties(write_only={"expectedBucketOwner"}), validate=site_faults,
        outputs={"websiteEndpoint": endpoint, "websiteDomain": domain},
    ),
    part(
        "bucketCorsConfiguration:BucketCorsConfiguration", "put_bucket_cors", "get_bucket_cors", "delete_bucket_cors",
        "CORSConfiguration",
        translation=Translation(rename={"corsRules": "CORSConfiguration.CORSRules", "corsRules.id": "ID"}),
        properties=Properties(write_only={"expectedBucketOwner"}),
    ),
    ACL,
)  # fmt: skip
