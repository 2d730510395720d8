"""Identity of people and of other systems: users, groups, their policies, OIDC providers."""

import base64
import hashlib
import hmac
from typing import Any

from localcloud.aws.client import Aws
from localcloud.aws.kind import Calls, Kind, Naming, OwnCalls, Properties, Props, Tags, Translation, answered
from localcloud.aws.kinds.iam import retag
from localcloud.aws.kinds.policy_text import sound


def drop_user(aws: Aws, user: str, props: Props) -> None:
    """Delete the user; with `forceDestroy` after the access keys that it has."""
    if props.get("forceDestroy") in (True, "true"):
        for key in aws("iam", "list_access_keys", UserName=user)["AccessKeyMetadata"]:
            aws("iam", "delete_access_key", UserName=user, AccessKeyId=key["AccessKeyId"])
    aws("iam", "delete_user", UserName=user)


def move(aws: Aws, user: str, path: Any, props: Props) -> None:
    """The user gets another path; its ARN follows."""
    aws("iam", "update_user", UserName=user, NewPath=path)


def boundary(aws: Aws, user: str, value: Any, props: Props) -> None:
    """What the user may have at most."""
    aws("iam", "put_user_permissions_boundary", UserName=user, PermissionsBoundary=value)


def no_boundary(aws: Aws, user: str, old: Any, props: Props) -> None:
    """The user is bounded no more."""
    aws("iam", "delete_user_permissions_boundary", UserName=user)


def inline_policy(noun: str) -> Kind:
    """The row of a policy of one user or group: `aws:iam/userPolicy:UserPolicy`."""
    member = f"{noun}Name"
    own = {member: f"{{{noun.lower()}}}", "PolicyName": "{name}"}
    return Kind(
        f"aws:iam/{noun.lower()}Policy:{noun}Policy",
        Calls(
            "iam", f"put_{noun.lower()}_policy", f"{{{noun.lower()}}}:{{name}}",
            read=(f"get_{noun.lower()}_policy", own, "@"), update="upsert",
            delete=(f"delete_{noun.lower()}_policy", own),
            import_id=lambda given: (given, dict(zip((noun.lower(), "name"), given.split(":", 1), strict=False))),
        ),
        naming=Naming("name", longest=128), tags=Tags(None),
        translation=Translation(rename={noun.lower(): member, "name": "PolicyName", "policy": "PolicyDocument"}),
        properties=Properties(force_new={"name", "namePrefix", noun.lower()}), validate=sound("policy"),
    )  # fmt: skip


def attachment(noun: str) -> Kind:
    """The row of a managed policy for one user or group."""
    name, member = noun.lower(), f"{noun}Name"

    def make(aws: Aws, props: Props) -> str:
        aws("iam", f"attach_{name}_policy", **{member: props[name], "PolicyArn": props["policyArn"]})
        return f"{props[name]}/{props['policyArn']}"

    def look(aws: Aws, resource_id: str, props: Props) -> Props | None:
        found = aws("iam", f"list_attached_{name}_policies", **{member: props[name]})["AttachedPolicies"]
        there = props["policyArn"] in [policy["PolicyArn"] for policy in found]
        return {member: props[name], "PolicyArn": props["policyArn"]} if there else None

    return Kind(
        f"aws:iam/{name}PolicyAttachment:{noun}PolicyAttachment",
        Calls(
            "iam", f"attach_{name}_policy", "", custom_create=make, read=look,
            delete=(f"detach_{name}_policy", {member: f"{{{name}}}", "PolicyArn": "{policyArn}"}),
            import_id=lambda given: (given, dict(zip((name, "policyArn"), given.split("/", 1), strict=False))),
        ),
        tags=Tags(None), translation=Translation(rename={name: member}),
        properties=Properties(delete_before_replace=True, force_new={name, "policyArn"}),
    )  # fmt: skip


def make_key(aws: Aws, props: Props) -> str:
    """A key of the user; its secret is told this once."""
    made = aws("iam", "create_access_key", UserName=props["user"])["AccessKey"]
    aws.at_hand[made["AccessKeyId"]] = (
        made
        | {"Secret": made["SecretAccessKey"]}
        | {"SesSmtpPasswordV4": smtp_password(made["SecretAccessKey"], aws.region)}
    )
    return str(made["AccessKeyId"])


def access_key(aws: Aws, key: str, props: Props) -> Props | None:
    """The key among those of its user."""
    there = aws("iam", "list_access_keys", UserName=props["user"])["AccessKeyMetadata"]
    return next((one for one in there if one["AccessKeyId"] == key), None)


def activate(aws: Aws, key: str, status: Any, props: Props) -> None:
    """Whether the key is of use."""
    aws("iam", "update_access_key", UserName=props["user"], AccessKeyId=key, Status=status)


def smtp_password(secret: str, region: str) -> str:
    """The password for SES's SMTP door that belongs to a secret key (SES developer guide, SMTP credentials)."""
    signed = f"AWS4{secret}".encode()
    for part in ("11111111", region, "ses", "aws4_request", "SendRawEmail"):
        signed = hmac.new(signed, part.encode(), hashlib.sha256).digest()
    return base64.b64encode(b"\x04" + signed).decode()


def set_clients(aws: Aws, arn: str, value: Any, props: Props) -> None:
    """The provider's audiences, one call each."""
    there = aws("iam", "get_open_id_connect_provider", OpenIDConnectProviderArn=arn)["ClientIDList"]
    for client in sorted(set(value) - set(there)):
        aws("iam", "add_client_id_to_open_id_connect_provider", OpenIDConnectProviderArn=arn, ClientID=client)
    for client in sorted(set(there) - set(value)):
        aws("iam", "remove_client_id_from_open_id_connect_provider", OpenIDConnectProviderArn=arn, ClientID=client)


def set_thumbprints(aws: Aws, arn: str, value: Any, props: Props) -> None:
    """The certificates that the provider's answers may be signed with."""
    request = {"OpenIDConnectProviderArn": arn, "ThumbprintList": list(value)}
    aws("iam", "update_open_id_connect_provider_thumbprint", **request)


def issuer(props: Props) -> list[tuple[str, str]]:
    """An issuer is an address that begins with https."""
    url = props.get("url")
    wrong = isinstance(url, str) and not url.startswith("https://")
    return [("url", f"{url!r} does not begin with 'https://'")] if wrong else []


def with_scheme(aws: Aws, arn: str, live: Props, props: Props) -> str:
    """The issuer in the words of the program; IAM keeps it without its scheme."""
    asked, found = str(props.get("url") or ""), str(live["Url"])
    return asked if asked.removeprefix("https://") == found else f"https://{found.removeprefix('https://')}"


NO_PGP = "nothing is encrypted for a PGP key here: leave it out and take 'secret', which is a secret of the stack"

ROWS = (
    Kind(
        "aws:iam/user:User",
        Calls(
            "iam", "create_user", "{name}", created="User", read=("get_user", {"UserName": "{id}"}, "User"),
            delete=drop_user, update=lambda aws, i, old, new: None,
        ),
        naming=Naming("name", longest=64), tags=Tags(update=retag("user", "UserName")),
        translation=Translation(
            rename={"name": "UserName", "forceDestroy": None, "uniqueId": "UserId",
                    "permissionsBoundary": "PermissionsBoundary"},
        ),
        properties=Properties(
            force_new={"name"}, computed_on_update={"arn"}, defaults={"path": "/", "forceDestroy": False},
            write_only={"forceDestroy", "permissionsBoundary"},
        ),
        own_calls=OwnCalls(
            update={"permissionsBoundary": boundary, "path": move}, remove={"permissionsBoundary": no_boundary},
        ),
        outputs={"permissionsBoundary": answered("PermissionsBoundary.PermissionsBoundaryArn")},
    ),
    Kind(
        "aws:iam/group:Group",
        Calls(
            "iam", "create_group", "{name}", created="Group", read=("get_group", {"GroupName": "{id}"}, "Group"),
            delete=("delete_group", {"GroupName": "{id}"}),
        ),
        naming=Naming("name", longest=128), tags=Tags(None),
        translation=Translation(rename={"name": "GroupName", "uniqueId": "GroupId"}),
        properties=Properties(force_new={"name", "path"}, defaults={"path": "/"}),
    ),
    inline_policy("User"), inline_policy("Group"), attachment("User"), attachment("Group"),
    Kind(
        "aws:iam/openIdConnectProvider:OpenIdConnectProvider",
        Calls(
            "iam", "create_open_id_connect_provider", "OpenIDConnectProviderArn",
            read=("get_open_id_connect_provider", {"OpenIDConnectProviderArn": "{id}"}, "@"),
            delete=("delete_open_id_connect_provider", {"OpenIDConnectProviderArn": "{id}"}),
        ),
        tags=Tags(update=retag("open_id_connect_provider", "OpenIDConnectProviderArn")),
        translation=Translation(rename={"clientIdLists": "ClientIDList", "thumbprintLists": "ThumbprintList"}),
        properties=Properties(
            force_new={"url"}, computed={"thumbprintLists"}, unordered={"clientIdLists", "thumbprintLists"},
        ),
        own_calls=OwnCalls(update={"clientIdLists": set_clients, "thumbprintLists": set_thumbprints}), validate=issuer,
        outputs={"arn": "{id}", "url": with_scheme},
    ),
    Kind(
        "aws:iam/accessKey:AccessKey",
        Calls(
            "iam", "create_access_key", "", custom_create=make_key, read=access_key,
            delete=("delete_access_key", {"UserName": "{user}", "AccessKeyId": "{id}"}),
            update=lambda aws, i, old, new: None,
        ),
        tags=Tags(None),
        translation=Translation(rename={"user": "UserName", "status": None}, unserved={"pgpKey": NO_PGP}),
        properties=Properties(
            force_new={"user"}, defaults={"status": "Active"}, computed_once={"secret", "sesSmtpPasswordV4"},
        ),
        own_calls=OwnCalls(
            put={"status": activate}, remove={"status": lambda aws, i, old, props: activate(aws, i, "Active", props)},
        ),
        outputs={
            "createDate": lambda aws, i, live, props: live["CreateDate"].strftime("%Y-%m-%dT%H:%M:%SZ"),
            "status": answered("Status"),
        },
    ),
)  # fmt: skip
