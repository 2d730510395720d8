"""Cognito identity pools, and the roles that their identities take."""

from localcloud.aws.client import Aws, Refused
from localcloud.aws.kind import Calls, Kind, Properties, Props, Tags, Translation
from localcloud.aws.kinds.tagging import retag

SERVICE = "cognito-identity"
ARN = "arn:aws:cognito-identity:{region}:{account}:identitypool/{id}"


def whole(props: Props) -> Props:
    """A pool says whether it takes in who has not signed in."""
    return {"allowUnauthenticatedIdentities": False} | props


def change_pool(aws: Aws, pool_id: str, old: Props, new: Props) -> None:
    """Send the whole pool, which is what an update is; tags have calls of their own."""
    given = {k: v for k, v in new.items() if v is not None and k != "tags"}
    aws(SERVICE, "update_identity_pool", IdentityPoolId=pool_id, **IDENTITY_POOL.request("update_identity_pool", given))


IDENTITY_POOL: Kind = Kind(
    "aws:cognito/identityPool:IdentityPool",
    Calls(
        SERVICE, "create_identity_pool", "IdentityPoolId",
        read=("describe_identity_pool", {"IdentityPoolId": "{id}"}, "@"), update=change_pool,
        delete=("delete_identity_pool", {"IdentityPoolId": "{id}"}),
    ),
    tags=Tags(update=retag(SERVICE, ARN)),
    translation=Translation(rename={"tags": "IdentityPoolTags"}, encode=whole),
    properties=Properties(
        force_new={"developerProviderName"},
        defaults={
            "allowClassicFlow": False, "allowUnauthenticatedIdentities": False, "cognitoIdentityProviders": [],
            "openidConnectProviderArns": [], "samlProviderArns": [], "supportedLoginProviders": {},
            "cognitoIdentityProviders.serverSideTokenCheck": False,
        },
        unordered={"cognitoIdentityProviders", "openidConnectProviderArns"},
    ),
    outputs={"arn": ARN},
)  # fmt: skip

# --- roles


def by_provider(props: Props) -> Props:
    """How users become roles, as a map by who knows them."""
    mappings = props.get("roleMappings")
    if not isinstance(mappings, list | tuple):
        return props
    return props | {"roleMappings": {
        str(one["identityProvider"]): {
            {"mappingRules": "rulesConfiguration"}.get(k, k): {"Rules": v} if k == "mappingRules" else v
            for k, v in one.items() if k != "identityProvider" and v is not None
        }
        for one in mappings
    }}  # fmt: skip


NAMES = {"type": "Type", "ambiguousRoleResolution": "AmbiguousRoleResolution"}


def to_request(props: Props) -> Props:
    """The same with the names that AWS has."""
    encoded = by_provider(props)
    mappings = encoded.get("roleMappings")
    if not isinstance(mappings, dict):
        return encoded
    return encoded | {"roleMappings": {
        provider: {NAMES.get(k, "RulesConfiguration"): v if k in NAMES else {"Rules": [
            {f"{name[0].upper()}{name[1:].replace('Arn', 'ARN')}": value for name, value in rule.items()}
            for rule in v["Rules"]
        ]} for k, v in one.items()}
        for provider, one in mappings.items()
    }}  # fmt: skip


def roles(aws: Aws, pool_id: str, props: Props) -> Props | None:
    """The roles, and how users become them; None when there are none."""
    found = dict(aws(SERVICE, "get_identity_pool_roles", IdentityPoolId=pool_id))
    if not found.get("Roles") and not found.get("RoleMappings"):
        return None
    found["RoleMappings"] = [
        {
            "identityProvider": provider, "type": one["Type"],
            "ambiguousRoleResolution": one.get("AmbiguousRoleResolution"),
            "mappingRules": (one.get("RulesConfiguration") or {}).get("Rules") or [],
        }
        for provider, one in sorted((found.get("RoleMappings") or {}).items())
    ]  # fmt: skip
    return found


def set_roles(aws: Aws, pool_id: str, old: Props, new: Props) -> None:
    """Set all roles."""
    given = {k: v for k, v in new.items() if v is not None}
    aws(SERVICE, "set_identity_pool_roles", **ROLES.request("set_identity_pool_roles", given))


def roles_fit(props: Props) -> list[tuple[str, str]]:
    """Roles are of those who have signed in and of those who have not; rules stand where they are asked for."""
    known, given = ("authenticated", "unauthenticated"), props.get("roles")
    found = [
        (f"roles.{name}", f"is not allowed; allowed are {', '.join(known)}")
        for name in (given if isinstance(given, dict) else ()) if name not in known
    ]  # fmt: skip
    for i, one in enumerate(props.get("roleMappings") or ()):
        if not isinstance(one, dict):
            continue
        if one.get("type") == "Rules" and not one.get("mappingRules"):
            found.append((f"roleMappings[{i}].mappingRules", "missing: type 'Rules' needs it"))
        if one.get("type") == "Token" and one.get("mappingRules"):
            found.append((f"roleMappings[{i}].mappingRules", "is for type 'Rules' only"))
        if one.get("type") and not one.get("ambiguousRoleResolution"):
            why = f"missing: type {one['type']!r} needs it"
            found.append((f"roleMappings[{i}].ambiguousRoleResolution", why))
    return found


ROLES: Kind = Kind(
    "aws:cognito/identityPoolRoleAttachment:IdentityPoolRoleAttachment",
    Calls(
        SERVICE, "set_identity_pool_roles", "{identityPoolId}", read=roles, update=set_roles,
        delete=lambda aws, pool_id, props: aws(SERVICE, "set_identity_pool_roles", IdentityPoolId=pool_id, Roles={}),
        import_id=lambda text: (text, {"identityPoolId": text}),
    ),
    tags=Tags(None),
    translation=Translation(encode=to_request),
    properties=Properties(
        force_new={"identityPoolId"}, defaults={"roleMappings": []},
        unordered={"roleMappings"},
    ),
    validate=roles_fit,
)  # fmt: skip

ROWS = (IDENTITY_POOL, ROLES)


def pool_of_name(aws: Aws, arguments: Props) -> Props:
    """The identity pool of a name."""
    found = [
        one["IdentityPoolId"] for one in aws(SERVICE, "list_identity_pools", MaxResults=60)["IdentityPools"]
        if one["IdentityPoolName"] == arguments["identityPoolName"]
    ]  # fmt: skip
    if len(found) != 1:
        many = "multiple" if found else "no"
        raise Refused(f"{many} Cognito Identity Pools with the name {arguments['identityPoolName']!r} found")
    state = IDENTITY_POOL.state(aws.at(thorough=True), found[0], {}) or {}
    return {**state, **arguments}


INVOKES = {"aws:cognito/getIdentityPool:getIdentityPool": pool_of_name}
