"""CloudFront: policies of caches, requests and answers; identities that let it into a bucket; functions at the edge."""

import uuid
from typing import Any

from botocore.exceptions import ClientError

from localcloud.aws.client import Aws
from localcloud.aws.kind import Calls, Kind, Naming, OwnCalls, Properties, Props, Tags, Translation, answered
from localcloud.aws.kinds.tagging import tags_of

SERVICE = "cloudfront"


def counted(value: Any) -> Any:
    """Each list with its length, as CloudFront has it."""
    if isinstance(value, dict):
        found = {k: counted(v) for k, v in value.items()}
        return found | {"quantity": len(found["items"])} if isinstance(found.get("items"), list | tuple) else found
    return [counted(one) for one in value] if isinstance(value, list | tuple) else value


def version(aws: Aws, call: str, name: str) -> str:
    """The version that is there."""
    return str(aws(SERVICE, call, Id=name)["ETag"])


def policy(noun: str, rename: dict[str, str] | None = None, **properties: Any) -> Kind:
    """The row of a policy: `aws:cloudfront/cachePolicy:CachePolicy`."""
    call = "".join(f"_{c.lower()}" if c.isupper() else c for c in noun).lstrip("_")
    config = f"{noun[0].lower()}{noun[1:]}Config"
    unsaid: Props = properties.pop("defaults", {})

    def read(aws: Aws, name: str, props: Props) -> Props:
        answer = aws(SERVICE, f"get_{call}", Id=name)
        return {**answer[noun][f"{noun}Config"], "etag": answer["ETag"]}

    def update(aws: Aws, name: str, old: Props, new: Props) -> None:
        request = row.request(f"update_{call}", {k: v for k, v in new.items() if v is not None})
        aws(SERVICE, f"update_{call}", Id=name, IfMatch=version(aws, f"get_{call}", name), **request)

    def delete(aws: Aws, name: str, props: Props) -> None:
        aws(SERVICE, f"delete_{call}", Id=name, IfMatch=version(aws, f"get_{call}", name))

    def whole(props: Props) -> Props:
        found = {k: v for k, v in props.items() if v is not None}
        for path, value in unsaid.items():
            block, _, member = path.partition(".")
            if member and isinstance(found.get(block), dict) and found[block].get(member) is None:
                found[block] = found[block] | {member: value}
        return {config: counted(found)}

    token = f"aws:cloudfront/{noun[0].lower()}{noun[1:]}:{noun}"
    row = Kind(
        token,
        Calls(SERVICE, f"create_{call}", f"{noun}.Id", read=read, update=update, delete=delete),
        naming=Naming("name", longest=128), tags=Tags(None),
        translation=Translation(
            encode=whole,
            rename={f"{config}.{k}": v for k, v in (rename or {}).items()} | (rename or {}),
            served=properties.pop("served"),
        ),
        properties=Properties(
            force_new={"name"}, defaults={"comment": ""} | unsaid,
            computed_on_update={"etag"}, **properties,
        ),
        outputs={"arn": f"arn:aws:cloudfront::{{account}}:{call.replace('_', '-')}/{{id}}", "etag": answered("etag")},
    )  # fmt: skip
    return row


KEY = "parametersInCacheKeyAndForwardedToOrigin"
LISTS = ("headersConfig.headers", "cookiesConfig.cookies", "queryStringsConfig.queryStrings")
ITEMS = {f"{path}.items" for path in LISTS}
CACHE = policy(
    "CachePolicy",
    served={"comment", "name", "defaultTtl", "maxTtl", "minTtl", KEY},
    defaults={
        "defaultTtl": 86_400, "maxTtl": 31_536_000, "minTtl": 0, f"{KEY}.enableAcceptEncodingBrotli": False,
        f"{KEY}.enableAcceptEncodingGzip": False,
    },
    unordered={f"{KEY}.{path}" for path in ITEMS},
)  # fmt: skip
REQUEST = policy(
    "OriginRequestPolicy",
    served={"comment", "name", "cookiesConfig", "headersConfig", "queryStringsConfig"}, unordered=ITEMS,
)  # fmt: skip
CORS = ("Origins", "Headers", "Methods")
HEADERS = policy(
    "ResponseHeadersPolicy",
    served={
        "comment", "name", "corsConfig", "customHeadersConfig", "removeHeadersConfig", "securityHeadersConfig",
        "serverTimingHeadersConfig",
    },
    unordered={
        *(f"corsConfig.accessControlAllow{name}.items" for name in CORS), "corsConfig.accessControlExposeHeaders.items",
        "customHeadersConfig.items", "removeHeadersConfig.items",
    },
)  # fmt: skip

# --- identities

IDENTITY_CONFIG = "cloudFrontOriginAccessIdentityConfig"
GET = "get_cloud_front_origin_access_identity"


def identity(aws: Aws, name: str, props: Props) -> Props:
    """The identity, with the names by which a bucket knows it."""
    answer = aws(SERVICE, GET, Id=name)
    found = answer["CloudFrontOriginAccessIdentity"]
    return {
        **found["CloudFrontOriginAccessIdentityConfig"], "etag": answer["ETag"],
        "s3CanonicalUserId": found["S3CanonicalUserId"],
    }  # fmt: skip


def named(props: Props) -> Props:
    """An identity has a reference of its own."""
    return {IDENTITY_CONFIG: {"comment": "", "callerReference": f"pulumi-{uuid.uuid4()}"} | props}


def change_identity(aws: Aws, name: str, old: Props, new: Props) -> None:
    """What is said of it changes."""
    answer = aws(SERVICE, GET, Id=name)
    config = dict(answer["CloudFrontOriginAccessIdentity"]["CloudFrontOriginAccessIdentityConfig"])
    aws(
        SERVICE, "update_cloud_front_origin_access_identity", Id=name, IfMatch=answer["ETag"],
        CloudFrontOriginAccessIdentityConfig=config | {"Comment": new.get("comment") or ""},
    )  # fmt: skip


IDENTITY = Kind(
    "aws:cloudfront/originAccessIdentity:OriginAccessIdentity",
    Calls(
        SERVICE, "create_cloud_front_origin_access_identity", "CloudFrontOriginAccessIdentity.Id", read=identity,
        update=change_identity,
        delete=lambda aws, i, props: aws(
            SERVICE, "delete_cloud_front_origin_access_identity", Id=i, IfMatch=version(aws, GET, i)
        ),
    ),
    tags=Tags(None), translation=Translation(encode=named, served={"comment"}),
    properties=Properties(defaults={"comment": ""}, computed_on_update={"etag"}),
    outputs={
        "arn": "arn:aws:cloudfront::{account}:origin-access-identity/{id}", "etag": answered("etag"),
        "iamArn": "arn:aws:iam::cloudfront:user/CloudFront Origin Access Identity {id}",
        "cloudfrontAccessIdentityPath": "origin-access-identity/cloudfront/{id}",
        "s3CanonicalUserId": answered("s3CanonicalUserId"),
    },
)  # fmt: skip

# --- functions


def function(aws: Aws, name: str, props: Props) -> Props:
    """The function with its code."""
    answer = aws(SERVICE, "describe_function", Name=name, Stage="DEVELOPMENT")
    found = dict(answer["FunctionSummary"])
    code = aws(SERVICE, "get_function", Name=name, Stage="DEVELOPMENT")["FunctionCode"]
    text = code.read() if hasattr(code, "read") else code
    stores = (found["FunctionConfig"].get("KeyValueStoreAssociations") or {}).get("Items") or ()
    return {
        "name": name, "comment": found["FunctionConfig"].get("Comment") or "", "status": found["Status"],
        "runtime": found["FunctionConfig"]["Runtime"], "arn": found["FunctionMetadata"]["FunctionARN"],
        "etag": answer["ETag"], "liveStageEtag": live(aws, name), "code": text.decode(),
        "keyValueStoreAssociations": [one["KeyValueStoreARN"] for one in stores],
    }  # fmt: skip


def live(aws: Aws, name: str) -> str:
    """The version of the live stage; nothing before it was published."""
    try:
        return str(aws(SERVICE, "describe_function", Name=name, Stage="LIVE")["ETag"])
    except ClientError as error:
        if error.response["Error"]["Code"] != "NoSuchFunctionExists":
            raise
        return ""


def sent(props: Props) -> Props:
    """The function in the form of its call."""
    stores = [{"KeyValueStoreARN": one} for one in props.get("keyValueStoreAssociations") or ()]
    more = {"KeyValueStoreAssociations": {"Quantity": len(stores), "Items": stores}} if stores else {}
    config = {"Comment": props.get("comment") or "", "Runtime": props["runtime"]} | more
    return {"Name": props["name"], "FunctionConfig": config, "FunctionCode": str(props["code"]).encode()}


def published(props: Props) -> bool:
    """Whether what is made goes live, which the official provider does unless it is told otherwise."""
    return props.get("publish") not in (False, "false")


def make_function(aws: Aws, props: Props) -> str:
    """Make it, and publish it."""
    tags = [{"Key": k, "Value": str(v)} for k, v in (props.get("tags") or {}).items()]
    made = aws(SERVICE, "create_function", **sent(props), **({"Tags": {"Items": tags}} if tags else {}))
    if published(props):
        aws(SERVICE, "publish_function", Name=props["name"], IfMatch=made["ETag"])
    return str(props["name"])


def change_function(aws: Aws, name: str, old: Props, new: Props) -> None:
    """Send the whole function, which is what an update is, and publish it."""
    tag = aws(SERVICE, "describe_function", Name=name)["ETag"]
    if FUNCTION.changed(old, new) - {"tags", "publish"}:
        tag = aws(SERVICE, "update_function", IfMatch=tag, **sent(new))["ETag"]
    if published(new):
        aws(SERVICE, "publish_function", Name=name, IfMatch=tag)


def retag_function(aws: Aws, name: str, gone: list[str], tags: dict[str, str]) -> None:
    """By the ARN."""
    arn = f"arn:aws:cloudfront::{aws.account}:function/{name}"
    if gone:
        aws(SERVICE, "untag_resource", Resource=arn, TagKeys={"Items": gone})
    if tags:
        aws(SERVICE, "tag_resource", Resource=arn, Tags={"Items": [{"Key": k, "Value": v} for k, v in tags.items()]})


SENT = {"code", "comment", "keyValueStoreAssociations", "name", "runtime"}
FUNCTION: Kind = Kind(
    "aws:cloudfront/function:Function",
    Calls(
        SERVICE, "create_function", "{name}", read=function, custom_create=make_function, update=change_function,
        delete=lambda aws, i, props: aws(
            SERVICE, "delete_function", Name=i, IfMatch=aws(SERVICE, "describe_function", Name=i)["ETag"]
        ),
    ),
    naming=Naming("name", longest=64), tags=Tags(update=retag_function),
    translation=Translation(encode=lambda props: {}, served=SENT | {"publish", "tags"}),
    properties=Properties(
        force_new={"name"}, write_only={"publish"}, unordered={"keyValueStoreAssociations"},
        defaults={"comment": "", "publish": True, "keyValueStoreAssociations": []},
        computed_on_update={"etag", "liveStageEtag", "status"},
    ),
    own_calls=OwnCalls(join={"tags": tags_of(SERVICE, path="Tags.Items", Resource="{arn}")}),
    validate=lambda props: [] if props.get("runtime") in (None, "cloudfront-js-1.0", "cloudfront-js-2.0") else [
        ("runtime", f"{props['runtime']!r} is not allowed; allowed are cloudfront-js-1.0, cloudfront-js-2.0")
    ],
)  # fmt: skip

ROWS = (CACHE, REQUEST, HEADERS, IDENTITY, FUNCTION)
