"""Cognito user pools: users, groups, resource servers with their scopes, and providers that know users."""

from collections.abc import Callable

from localcloud.aws.client import Aws
from localcloud.aws.kind import Calls, Kind, Naming, OwnCalls, Properties, Props, Tags, Translation, answered, nothing
from localcloud.aws.kinds.cognito_pools import SERVICE, STANDARD, stamped
from localcloud.aws.kinds.lookups import state_of


def parts(separator: str, *names: str) -> Callable[[str], tuple[str, Props]]:
    """`pool/name` to the id and the inputs that it stands for."""
    return lambda text: (text, dict(zip(names, text.split(separator, len(names) - 1), strict=False)))


# --- groups

OF_GROUP = {"UserPoolId": "{userPoolId}", "GroupName": "{name}"}
GROUP = Kind(
    "aws:cognito/userGroup:UserGroup",
    Calls(
        SERVICE, "create_group", "{userPoolId}/{name}", read=("get_group", OF_GROUP, "Group"),
        delete=("delete_group", OF_GROUP), update=("update_group", OF_GROUP),
        import_id=parts("/", "userPoolId", "name"),
    ),
    naming=Naming("name", longest=128),
    tags=Tags(None),
    translation=Translation(rename={"name": "GroupName"}),
    properties=Properties(force_new={"userPoolId", "name"}, defaults={"description": ""}),
)  # fmt: skip

# --- users


def attribute_name(name: str) -> str:
    """An attribute of one's own has a prefix, which a program may leave out."""
    return name if name in STANDARD or ":" in name else f"custom:{name}"


def as_list(props: Props) -> Props:
    """Attributes as Cognito takes them."""
    return props | {
        name: [{"Name": attribute_name(k), "Value": v} for k, v in props[name].items()]
        for name in ("attributes", "validationData") if isinstance(props.get(name), dict)
    }  # fmt: skip


def user(aws: Aws, user_id: str, props: Props) -> Props:
    """The user, with the attributes as the program names them."""
    asked = {"UserPoolId": props["userPoolId"], "Username": props["username"]}
    found = dict(aws(SERVICE, "admin_get_user", **asked))
    told = {one["Name"]: one["Value"] for one in found.pop("UserAttributes", None) or ()}
    given = {attribute_name(name): name for name in props.get("attributes") or ()}
    own = {
        given.get(name, name.removeprefix("custom:")): value for name, value in told.items()
        if name != "sub" and (name in given or value != props["username"])
    }  # fmt: skip
    return stamped(found) | asked | {
        "attributes": own, "sub": told.get("sub"), "status": found.get("UserStatus"),
        "creationDate": stamped({"at": found.get("UserCreateDate")})["at"],
        "lastModifiedDate": stamped({"at": found.get("UserLastModifiedDate")})["at"],
        "mfaSettingLists": found.get("UserMFASettingList") or [],
        "preferredMfaSetting": found.get("PreferredMfaSetting") or "",
    }  # fmt: skip


def change_attributes(aws: Aws, user_id: str, value: Props, props: Props) -> None:
    """Set the attributes that are given and take away those that are not."""
    who = {"UserPoolId": props["userPoolId"], "Username": props["username"]}
    held = user(aws, user_id, props | {"attributes": value})["attributes"]
    wanted = {attribute_name(k): v for k, v in value.items()}
    gone = sorted({attribute_name(name) for name in held} - wanted.keys())
    if gone:
        aws(SERVICE, "admin_delete_user_attributes", **who, UserAttributeNames=gone)
    changed = {k: v for k, v in wanted.items() if held.get(k, held.get(k.removeprefix("custom:"))) != v}
    if changed:
        sent = [{"Name": k, "Value": v} for k, v in sorted(changed.items())]
        aws(SERVICE, "admin_update_user_attributes", **who, UserAttributes=sent)


def enable(aws: Aws, user_id: str, value: bool, props: Props) -> None:
    """Let the user in, or not."""
    call = "admin_enable_user" if value else "admin_disable_user"
    aws(SERVICE, call, UserPoolId=props["userPoolId"], Username=props["username"])


def set_password(aws: Aws, user_id: str, value: str, props: Props, *, permanent: bool) -> None:
    """Set a password."""
    who = {"UserPoolId": props["userPoolId"], "Username": props["username"]}
    aws(SERVICE, "admin_set_user_password", **who, Password=value, Permanent=permanent)


AT_CREATION = ("clientMetadata", "desiredDeliveryMediums", "forceAliasCreation", "messageAction", "validationData")
"""What only the making of a user heeds."""
OF_USER = {"UserPoolId": "{userPoolId}", "Username": "{username}"}
USER = Kind(
    "aws:cognito/user:User",
    Calls(
        SERVICE, "admin_create_user", "{userPoolId}/{username}", read=user, delete=("admin_delete_user", OF_USER),
        import_id=parts("/", "userPoolId", "username"),
    ),
    tags=Tags(None),
    translation=Translation(rename={"attributes": "UserAttributes"}, encode=as_list),
    properties=Properties(
        force_new={"userPoolId", "username"},
        write_only={*AT_CREATION, "password", "temporaryPassword"},
        defaults={"enabled": True, "attributes": {}}, computed_on_update={"lastModifiedDate", "status"},
    ),
    own_calls=OwnCalls(
        put={
            "enabled": enable,
            "password": lambda aws, i, value, props: set_password(aws, i, value, props, permanent=True),
        },
        update={
            "attributes": change_attributes,
            "temporaryPassword": lambda aws, i, value, props: set_password(aws, i, value, props, permanent=False),
            **dict.fromkeys(AT_CREATION, nothing),
        },
        remove=dict.fromkeys((*AT_CREATION, "password", "temporaryPassword"), nothing),
    ),
    validate=lambda props: [] if not (props.get("password") and props.get("temporaryPassword")) else [
        ("password", "conflicts with 'temporaryPassword': give one of them")
    ],
    outputs={
        name: answered(name) for name in (
            "attributes", "sub", "status", "creationDate", "lastModifiedDate", "mfaSettingLists", "preferredMfaSetting",
        )
    },
)  # fmt: skip

# --- users in groups

OF_MEMBER = {"UserPoolId": "{userPoolId}", "GroupName": "{groupName}", "Username": "{username}"}


def membership(aws: Aws, member_id: str, props: Props) -> Props | None:
    """The membership; None when the user is in no such group."""
    who = {"UserPoolId": props["userPoolId"], "Username": props["username"]}
    groups = aws(SERVICE, "admin_list_groups_for_user", **who)["Groups"]
    found = any(group["GroupName"] == props["groupName"] for group in groups)
    return who | {"GroupName": props["groupName"]} if found else None


MEMBER = Kind(
    "aws:cognito/userInGroup:UserInGroup",
    Calls(
        SERVICE, "admin_add_user_to_group", "{userPoolId}/{groupName}/{username}", read=membership,
        delete=("admin_remove_user_from_group", OF_MEMBER),
        import_id=parts("/", "userPoolId", "groupName", "username"),
    ),
    tags=Tags(None),
    properties=Properties(force_new={"userPoolId", "groupName", "username"}),
)  # fmt: skip

# --- resource servers

OF_SERVER = {"UserPoolId": "{userPoolId}", "Identifier": "{identifier}"}


def change_server(aws: Aws, server_id: str, old: Props, new: Props) -> None:
    """Send the name and the scopes, which is what an update is."""
    aws(SERVICE, "update_resource_server", **RESOURCE_SERVER.request("update_resource_server", new))


RESOURCE_SERVER: Kind = Kind(
    "aws:cognito/resourceServer:ResourceServer",
    Calls(
        SERVICE, "create_resource_server", "{userPoolId}|{identifier}",
        read=("describe_resource_server", OF_SERVER, "ResourceServer"), update=change_server,
        delete=("delete_resource_server", OF_SERVER), import_id=parts("|", "userPoolId", "identifier"),
    ),
    naming=Naming("name", longest=256),
    tags=Tags(None),
    properties=Properties(
        force_new={"userPoolId", "identifier"}, defaults={"scopes": []}, unordered={"scopes"},
        computed_on_update={"scopeIdentifiers"},
    ),
    outputs={"scopeIdentifiers": lambda aws, i, live, props: [
        f"{live['Identifier']}/{scope['ScopeName']}" for scope in live.get("Scopes") or ()
    ]},
)  # fmt: skip

# --- providers

OF_PROVIDER = {"UserPoolId": "{userPoolId}", "ProviderName": "{providerName}"}
PROVIDER = Kind(
    "aws:cognito/identityProvider:IdentityProvider",
    Calls(
        SERVICE, "create_identity_provider", "{userPoolId}:{providerName}",
        read=("describe_identity_provider", OF_PROVIDER, "IdentityProvider"),
        delete=("delete_identity_provider", OF_PROVIDER), update=("update_identity_provider", OF_PROVIDER),
        import_id=parts(":", "userPoolId", "providerName"),
    ),
    tags=Tags(None),
    properties=Properties(
        force_new={"userPoolId", "providerName", "providerType"}, computed={"attributeMapping"},
        defaults={"idpIdentifiers": []},
    ),
)  # fmt: skip

ROWS = (GROUP, USER, MEMBER, RESOURCE_SERVER, PROVIDER)
INVOKES = {
    "aws:cognito/getUserGroup:getUserGroup": state_of(
        "aws:cognito/userGroup:UserGroup", "Cognito User Group",
        lambda aws, arguments: f"{arguments['userPoolId']}/{arguments['name']}",
    ),
}  # fmt: skip
