"""Cognito user pools: the pool, its clients and its domain."""

import datetime
from typing import Any

from localcloud.aws.client import Aws, Refused
from localcloud.aws.kind import Calls, Kind, Naming, OwnCalls, Properties, Props, Tags, Translation
from localcloud.aws.kinds.lookups import named, state_of
from localcloud.aws.kinds.tagging import retag

SERVICE = "cognito-idp"
ARN = "arn:aws:cognito-idp:{region}:{account}:userpool/{id}"
STANDARD = frozenset((
    "sub", "name", "given_name", "family_name", "middle_name", "nickname", "preferred_username", "profile", "picture",
    "website", "email", "email_verified", "gender", "birthdate", "zoneinfo", "locale", "phone_number",
    "phone_number_verified", "address", "updated_at", "identities",
))  # fmt: skip
"""Attributes that every user has."""
MFA = ("mfaConfiguration", "softwareTokenMfaConfiguration", "emailMfaConfiguration", "webAuthnConfiguration")


def stamped(live: Props) -> Props:
    """The answer with moments as the official provider writes them."""
    return {
        k: v.astimezone(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if isinstance(v, datetime.datetime) else v
        for k, v in live.items()
    }


def own_name(attribute: Props) -> str:
    """The name that the program gives an attribute."""
    return str(attribute["Name"]).removeprefix("dev:").removeprefix("custom:")


def pool(aws: Aws, pool_id: str, props: Props) -> Props:
    """The pool with its second factors; of the standard attributes those that were asked for, or are required."""
    found = dict(aws(SERVICE, "describe_user_pool", UserPoolId=pool_id)["UserPool"])
    factors = aws(SERVICE, "get_user_pool_mfa_config", UserPoolId=pool_id)
    asked = {one["name"] for one in props.get("schemas") or ()}
    found["Schema"] = [
        one | {"Name": own_name(one)}
        for one in found.pop("SchemaAttributes", None) or ()
        if own_name(one) in asked or one["Name"] not in STANDARD or (one.get("Required") and one["Name"] != "sub")
    ]
    names = ("SoftwareTokenMfaConfiguration", "EmailMfaConfiguration", "WebAuthnConfiguration", "MfaConfiguration")
    return stamped(found) | {name: factors[name] for name in names if name in factors}


def set_factors(aws: Aws, pool_id: str, values: Any, props: Props) -> None:
    """Set the second factors, which are one thing to AWS."""
    request: Props = {"MfaConfiguration": props.get("mfaConfiguration") or "OFF"}
    for name in MFA[1:]:
        if props.get(name):
            member = f"{name[0].upper()}{name[1:]}"
            request[member] = {f"{k[0].upper()}{k[1:]}": v for k, v in props[name].items() if v is not None}
    if props.get("smsConfiguration") and request["MfaConfiguration"] != "OFF":
        sent = USER_POOL.request("create_user_pool", {"smsConfiguration": props["smsConfiguration"]})
        told = props.get("smsAuthenticationMessage")
        request["SmsMfaConfiguration"] = sent | ({"SmsAuthenticationMessage": told} if told else {})
    aws(SERVICE, "set_user_pool_mfa_config", UserPoolId=pool_id, **request)


ONCE = {"name", "aliasAttributes", "usernameAttributes", "usernameConfiguration"}


def change_pool(aws: Aws, pool_id: str, old: Props, new: Props) -> None:
    """Send the whole pool, which is what an update is; attributes come by a call of their own and never change."""
    changed = USER_POOL.changed(old, new) - {"tags"}
    if "schemas" in changed:
        had = {one["name"]: one for one in old.get("schemas") or ()}
        wanted = {one["name"]: one for one in new.get("schemas") or ()}
        if any(wanted.get(name) != one for name, one in had.items()):
            raise Refused("schemas: attributes of a user pool can be added, but not changed or removed")
        added = [one for name, one in wanted.items() if name not in had]
        request = USER_POOL.request("create_user_pool", {"schemas": added})
        aws(SERVICE, "add_custom_attributes", UserPoolId=pool_id, CustomAttributes=request["Schema"])
    if changed - {"schemas", *MFA}:
        whole = {k: v for k, v in new.items() if v is not None and k not in {*ONCE, *MFA, "schemas", "tags"}}
        request = USER_POOL.request("update_user_pool", whole)
        factors = {"MfaConfiguration": new.get("mfaConfiguration") or "OFF"}
        aws(SERVICE, "update_user_pool", UserPoolId=pool_id, **request, **factors)


def pool_fits(props: Props) -> list[tuple[str, str]]:
    """What does not go together, and second factors that need a way."""
    found = []
    if props.get("aliasAttributes") and props.get("usernameAttributes"):
        found.append(("aliasAttributes", "conflicts with 'usernameAttributes': give one of them"))
    template = props.get("verificationMessageTemplate") or {}
    for name, member in (("emailVerificationMessage", "emailMessage"), ("emailVerificationSubject", "emailSubject"),
                         ("smsVerificationMessage", "smsMessage")):  # fmt: skip
        if props.get(name) and isinstance(template, dict) and template.get(member):
            found.append((name, f"conflicts with 'verificationMessageTemplate.{member}': give one of them"))
    ways = ("smsConfiguration", "softwareTokenMfaConfiguration", "emailMfaConfiguration")
    if props.get("mfaConfiguration") in ("ON", "OPTIONAL") and not any(props.get(name) for name in ways):
        why = f"{props['mfaConfiguration']!r} needs one of {', '.join(repr(name) for name in ways)}"
        found.append(("mfaConfiguration", why))
    for i, one in enumerate(props.get("schemas") or ()):
        if isinstance(one, dict) and one.get("required") and one.get("name") not in STANDARD:
            found.append((f"schemas[{i}].required", "attributes of one's own cannot be required"))
    return found


USER_POOL: Kind = Kind(
    "aws:cognito/userPool:UserPool",
    Calls(
        SERVICE, "create_user_pool", "UserPool.Id", read=pool, update=change_pool,
        delete=("delete_user_pool", {"UserPoolId": "{id}"}),
    ),
    naming=Naming("name", longest=128),
    tags=Tags(update=retag(SERVICE, ARN)),
    translation=Translation(
        rename={
            "name": "PoolName", "tags": "UserPoolTags", "passwordPolicy": "Policies.PasswordPolicy",
            "signInPolicy": "Policies.SignInPolicy",
        },
        decode=lambda live: live | ({"PoolName": live["Name"]} if "Name" in live else {}),
    ),
    properties=Properties(
        force_new=ONCE,
        defaults={
            "deletionProtection": "INACTIVE", "mfaConfiguration": "OFF",
            "emailConfiguration.emailSendingAccount": "COGNITO_DEFAULT",
            "schemas.developerOnlyAttribute": False, "schemas.required": False,
        },
        computed={
            "accountRecoverySetting", "adminCreateUserConfig", "adminCreateUserConfig.inviteMessageTemplate",
            "adminCreateUserConfig.inviteMessageTemplate.emailMessage",
            "adminCreateUserConfig.inviteMessageTemplate.emailSubject",
            "adminCreateUserConfig.inviteMessageTemplate.smsMessage",
            "adminCreateUserConfig.allowAdminCreateUserOnly", "emailConfiguration", "emailVerificationMessage",
            "emailVerificationSubject", "lambdaConfig.preTokenGeneration", "lambdaConfig.preTokenGenerationConfig",
            "passwordPolicy", "passwordPolicy.temporaryPasswordValidityDays", "schemas.mutable",
            "schemas.numberAttributeConstraints", "schemas.stringAttributeConstraints", "signInPolicy",
            "smsConfiguration", "smsConfiguration.snsRegion", "smsVerificationMessage", "userPoolTier",
            "verificationMessageTemplate", "verificationMessageTemplate.defaultEmailOption",
            "verificationMessageTemplate.emailMessage", "verificationMessageTemplate.emailSubject",
            "verificationMessageTemplate.smsMessage", "verificationMessageTemplate.emailMessageByLink",
            "verificationMessageTemplate.emailSubjectByLink", "webAuthnConfiguration",
        },
        computed_on_update={"lastModifiedDate"},
        unordered={
            "aliasAttributes", "autoVerifiedAttributes", "usernameAttributes", "schemas",
            "accountRecoverySetting.recoveryMechanisms", "signInPolicy.allowedFirstAuthFactors",
            "userAttributeUpdateSettings.attributesRequireVerificationBeforeUpdates",
        },
    ),
    own_calls=OwnCalls(
        put_many=(MFA, set_factors),
        remove={name: (lambda aws, i, old, props: set_factors(aws, i, {}, props)) for name in MFA[1:]},
    ),
    validate=pool_fits,
    outputs={"endpoint": "cognito-idp.{region}.amazonaws.com/{id}"},
)  # fmt: skip

# --- clients


def client(aws: Aws, client_id: str, props: Props) -> Props:
    """The client."""
    asked = {"UserPoolId": props["userPoolId"], "ClientId": client_id}
    found = dict(aws(SERVICE, "describe_user_pool_client", **asked)["UserPoolClient"])
    return found | {"GenerateSecret": "ClientSecret" in found}


def change_client(aws: Aws, client_id: str, old: Props, new: Props) -> None:
    """Send the whole client, which is what an update is; what AWS chose is kept where the program says nothing."""
    held = CLIENT.state(aws.at(thorough=True), client_id, new) or {}
    kept = {name: held[name] for name in CLIENT.properties.computed if held.get(name) not in (None, "", [], {})}
    whole = kept | {k: v for k, v in new.items() if v is not None and k not in ("generateSecret", "region")}
    aws(SERVICE, "update_user_pool_client", ClientId=client_id, **CLIENT.request("update_user_pool_client", whole))


def client_fits(props: Props) -> list[tuple[str, str]]:
    """Flows go together, and have what they need."""
    flows, found = props.get("allowedOauthFlows") or [], []
    if "client_credentials" in flows and len(flows) > 1:
        found.append(("allowedOauthFlows", "'client_credentials' cannot stand beside 'code' or 'implicit'"))
    if "client_credentials" in flows and not props.get("generateSecret"):
        found.append(("generateSecret", "missing: the flow 'client_credentials' needs a client with a secret"))
    if props.get("allowedOauthFlowsUserPoolClient"):
        needed = (name for name in ("allowedOauthFlows", "allowedOauthScopes") if not props.get(name))
        found += [(name, "missing: 'allowedOauthFlowsUserPoolClient' needs it") for name in needed]
    redirect, known = props.get("defaultRedirectUri"), props.get("callbackUrls")
    if redirect and redirect not in (known or []):
        found.append(("defaultRedirectUri", f"{redirect!r} is none of 'callbackUrls'"))
    return found


def in_pool(text: str) -> tuple[str, Props]:
    """`pool/client`."""
    user_pool, _, name = text.partition("/")
    return name, {"userPoolId": user_pool}


CLIENT: Kind = Kind(
    "aws:cognito/userPoolClient:UserPoolClient",
    Calls(
        SERVICE, "create_user_pool_client", "UserPoolClient.ClientId", read=client, update=change_client,
        delete=("delete_user_pool_client", {"UserPoolId": "{userPoolId}", "ClientId": "{id}"}), import_id=in_pool,
    ),
    naming=Naming("name", longest=128),
    tags=Tags(None),
    translation=Translation(rename={"name": "ClientName"}),
    properties=Properties(
        force_new={"userPoolId", "generateSecret"}, defaults={"generateSecret": False},
        computed={
            "accessTokenValidity", "allowedOauthFlows", "allowedOauthFlowsUserPoolClient", "allowedOauthScopes",
            "authSessionValidity", "callbackUrls", "defaultRedirectUri", "enablePropagateAdditionalUserContextData",
            "enableTokenRevocation", "explicitAuthFlows", "idTokenValidity", "logoutUrls", "preventUserExistenceErrors",
            "readAttributes", "refreshTokenValidity", "supportedIdentityProviders", "writeAttributes",
        },
        unordered={
            "allowedOauthFlows", "allowedOauthScopes", "callbackUrls", "explicitAuthFlows", "logoutUrls",
            "readAttributes", "supportedIdentityProviders", "writeAttributes",
        },
    ),
    validate=client_fits,
)  # fmt: skip

# --- domains


def domain(aws: Aws, name: str, props: Props) -> Props | None:
    """The domain; Cognito answers nothing for one that is not there."""
    found = dict(aws(SERVICE, "describe_user_pool_domain", Domain=name)["DomainDescription"])
    return found if found.get("Domain") else None


def change_domain(aws: Aws, name: str, old: Props, new: Props) -> None:
    """Another certificate, or other pages."""
    request = DOMAIN.request("update_user_pool_domain", {k: v for k, v in new.items() if v is not None})
    aws(SERVICE, "update_user_pool_domain", **request)


DOMAIN: Kind = Kind(
    "aws:cognito/userPoolDomain:UserPoolDomain",
    Calls(
        SERVICE, "create_user_pool_domain", "{domain}", read=domain, update=change_domain,
        delete=("delete_user_pool_domain", {"UserPoolId": "{userPoolId}", "Domain": "{domain}"}),
    ),
    tags=Tags(None),
    translation=Translation(rename={"certificateArn": "CustomDomainConfig.CertificateArn"}),
    properties=Properties(
        force_new={"domain", "userPoolId"},
        force_new_if=lambda new: () if new.get("certificateArn") else {"certificateArn"},
        computed={"managedLoginVersion"},
    ),
    validate=lambda props: [] if "." not in str(props.get("domain")) or props.get("certificateArn") else [
        ("certificateArn", "missing: a domain of one's own needs it; one of Cognito is a word without dots")
    ],
    outputs={
        "cloudfrontDistributionArn": lambda aws, i, live, props: live["CloudFrontDistribution"],
        "cloudfrontDistributionZoneId": "Z2FDTNDATAQYW2",
    },
)  # fmt: skip

ROWS = (USER_POOL, CLIENT, DOMAIN)


def pools(aws: Aws, arguments: Props) -> Props:
    """The ids and ARNs of the pools of a name."""
    found = aws(SERVICE, "list_user_pools", MaxResults=60)["UserPools"]
    ids = [one["Id"] for one in found if one["Name"] == arguments["name"]]
    arns = [ARN.format(region=aws.region, account=aws.account, id=one) for one in ids]
    return {**arguments, "id": arguments["name"], "ids": ids, "arns": arns, "region": aws.region}


def clients(aws: Aws, arguments: Props) -> Props:
    """The ids and names of the clients of a pool."""
    asked = {"UserPoolId": arguments["userPoolId"], "MaxResults": 60}
    found = aws(SERVICE, "list_user_pool_clients", **asked)["UserPoolClients"]
    names = {"clientIds": [one["ClientId"] for one in found], "clientNames": [one["ClientName"] for one in found]}
    return {**arguments, **names, "id": arguments["userPoolId"], "region": aws.region}


def pool_of_id(aws: Aws, arguments: Props) -> Props:
    """A pool, its blocks as lists."""
    found = state_of("aws:cognito/userPool:UserPool", "Cognito User Pool", named("userPoolId"))(aws, arguments)
    blocks = (
        "accountRecoverySetting",
        "adminCreateUserConfig",
        "deviceConfiguration",
        "emailConfiguration",
        "lambdaConfig",
    )
    live = aws(SERVICE, "describe_user_pool", UserPoolId=arguments["userPoolId"])["UserPool"]
    return {
        **found, **{f"{name}s": [found[name]] if found.get(name) else [] for name in blocks},
        "schemaAttributes": [
            {f"{k[0].lower()}{k[1:]}": v for k, v in one.items() if not isinstance(v, dict)}
            | {"numberAttributeConstraints": [], "stringAttributeConstraints": []}
            for one in live.get("SchemaAttributes") or ()
        ],
        "smsConfigurationFailure": "", "userPoolTags": found.get("tags") or {},
    }  # fmt: skip


INVOKES = {
    "aws:cognito/getUserPool:getUserPool": pool_of_id,
    "aws:cognito/getUserPools:getUserPools": pools,
    "aws:cognito/getUserPoolClients:getUserPoolClients": clients,
    "aws:cognito/getUserPoolClient:getUserPoolClient": state_of(
        "aws:cognito/userPoolClient:UserPoolClient", "Cognito User Pool Client",
        lambda aws, arguments: f"{arguments['userPoolId']}/{arguments['clientId']}",
    ),
}  # fmt: skip
