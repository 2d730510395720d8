"""Gaps of moto's Cognito user pools: updates that lose settings, tags, resource servers that stay, what AWS refuses."""

import json
from typing import Any

from moto.cognitoidp.exceptions import InvalidParameterException, ResourceNotFoundError
from moto.cognitoidp.models import (
    DEFAULT_USER_POOL_CONFIG,
    CognitoIdpBackend,
    CognitoIdpUserPool,
    CognitoIdpUserPoolAttribute,
    CognitoIdpUserPoolClient,
    CognitoIdpUserPoolDomain,
)
from moto.cognitoidp.responses import CognitoIdpResponse
from moto.core.responses import ActionResult, EmptyResult
from moto.core.utils import utcnow

from localcloud.aws.moto_gaps._patching import Refusal, add, replace

DEFAULT_USER_POOL_CONFIG |= {"DeletionProtection": "INACTIVE", "UserPoolTier": "ESSENTIALS"}
FOR_EVER = ("UsernameAttributes", "AliasAttributes", "UsernameConfiguration", "UserPoolTags")
"""What no update of a pool changes: the first three cannot, tags have calls of their own."""
STANDARD_SCOPES = {"phone", "email", "openid", "profile", "aws.cognito.signin.user.admin"}
OWN_PROVIDER = "COGNITO"

# --- pools


@replace(CognitoIdpUserPool, "__init__")
def make_pool(original: Any, self: Any, account: str, region: str, name: str, config: dict[str, Any]) -> None:
    """A pool has every standard attribute, whatever else it is made with."""
    original(self, account, region, name, config)
    held = self.schema_attributes
    self.schema_attributes = {
        standard: held.get(standard) or CognitoIdpUserPoolAttribute(standard, False, shape)
        for standard, shape in CognitoIdpUserPoolAttribute.STANDARD_SCHEMA.items()
    } | held
    self.extended_config.pop("MfaConfiguration", None)


@replace(CognitoIdpBackend)
def update_user_pool(original: Any, self: Any, user_pool_id: str, config: dict[str, Any]) -> None:
    """What is left out goes to its default, but for what no update changes."""
    pool = self.describe_user_pool(user_pool_id)
    kept = {name: pool.extended_config[name] for name in FOR_EVER if name in pool.extended_config}
    pool.mfa_config = config.pop("MfaConfiguration", None) or "OFF"
    pool.name = config.pop("PoolName", None) or pool.name
    config.pop("UserPoolId", None)
    original(self, user_pool_id, config | kept)
    pool.last_modified_date = utcnow()


@replace(CognitoIdpBackend)
def delete_user_pool(original: Any, self: Any, user_pool_id: str) -> None:
    """A protected pool stays, and one with a domain."""
    pool = self.describe_user_pool(user_pool_id)
    if pool.extended_config.get("DeletionProtection") == "ACTIVE":
        raise InvalidParameterException(
            "The user pool cannot be deleted because deletion protection is activated. "
            "Deletion protection must be inactivated first."
        )
    if pool.domain:
        raise InvalidParameterException(
            "User pool cannot be deleted. It has a domain configured that should be deleted first."
        )
    original(self, user_pool_id)


@replace(CognitoIdpUserPool)
def to_json(original: Any, self: Any, extended: bool = False) -> dict[str, Any]:
    """A domain of one's own is told apart from one of Cognito."""
    found: dict[str, Any] = original(self, extended)
    if self.domain and self.domain.custom_domain_config:
        found["CustomDomain"] = found.pop("Domain")
    return found


MFA = ("EmailMfaConfiguration", "WebAuthnConfiguration")


@replace(CognitoIdpResponse)
def set_user_pool_mfa_config(original: Any, self: Any) -> Any:
    """Second factors by e-mail and passkeys are kept."""
    asked = json.loads(self.body)
    pool = self.backend.describe_user_pool(asked["UserPoolId"])
    by_mail = asked.get("EmailMfaConfiguration")
    if by_mail and asked["MfaConfiguration"] != "OFF" and not asked.get("SoftwareTokenMfaConfiguration"):
        self.backend.set_user_pool_mfa_config(
            asked["UserPoolId"], asked.get("SmsMfaConfiguration"), None, asked["MfaConfiguration"]
        )
    else:
        original(self)
    pool.more_mfa = {name: asked.get(name) for name in MFA}
    return self.get_user_pool_mfa_config()


@replace(CognitoIdpBackend)
def get_user_pool_mfa_config(original: Any, self: Any, user_pool_id: str) -> dict[str, Any]:
    """Second factors by e-mail and passkeys are told."""
    found: dict[str, Any] = original(self, user_pool_id) | getattr(
        self.describe_user_pool(user_pool_id), "more_mfa", {}
    )
    return {name: value for name, value in found.items() if value is not None}


def _tagged(response: Any) -> dict[str, str]:
    pool = response.backend.describe_user_pool(json.loads(response.body)["ResourceArn"].rpartition("/")[2])
    found: dict[str, str] = pool.extended_config.setdefault("UserPoolTags", {})
    return found


@add(CognitoIdpResponse)
def tag_resource(self: Any) -> Any:
    """Tag a pool."""
    _tagged(self).update(json.loads(self.body)["Tags"])
    return EmptyResult()


@add(CognitoIdpResponse)
def untag_resource(self: Any) -> Any:
    """Take tags from a pool."""
    tags = _tagged(self)
    for name in json.loads(self.body)["TagKeys"]:
        tags.pop(name, None)
    return EmptyResult()


@add(CognitoIdpResponse)
def list_tags_for_resource(self: Any) -> Any:
    """The tags of a pool."""
    return ActionResult({"Tags": _tagged(self)})


# --- clients

CLIENT = {
    "AllowedOAuthFlowsUserPoolClient": False, "AuthSessionValidity": 3, "EnableTokenRevocation": True,
    "EnablePropagateAdditionalUserContextData": False, "RefreshTokenValidity": 30,
}  # fmt: skip
"""What a client has when it is not told otherwise."""


def _client_fits(backend: Any, pool_id: str, config: dict[str, Any], *, secret: bool) -> None:
    """Scopes and providers of a client are there, and its flows go together."""
    pool = backend.describe_user_pool(pool_id)
    flows = config.get("AllowedOAuthFlows") or []
    if "client_credentials" in flows and len(flows) > 1:
        raise Refusal(
            "InvalidOAuthFlowException",
            "client_credentials flow can not be selected along with code flow or implicit flow.",
        )
    if "client_credentials" in flows and not secret:
        raise Refusal(
            "InvalidOAuthFlowException",
            "client_credentials flow can not be selected if client does not have a client secret.",
        )
    known = STANDARD_SCOPES | {
        f"{server.identifier}/{scope['ScopeName']}"
        for server in pool.resource_servers.values()
        for scope in server.scopes or []
    }
    for scope in config.get("AllowedOAuthScopes") or []:
        if scope not in known:
            raise Refusal("ScopeDoesNotExistException", f"Invalid scope requested: {scope}")
    for provider in config.get("SupportedIdentityProviders") or []:
        if provider != OWN_PROVIDER and provider not in pool.identity_providers:
            raise InvalidParameterException(f"The provider {provider} does not exist for User Pool {pool_id}")


@replace(CognitoIdpBackend)
def create_user_pool_client(
    original: Any, self: Any, user_pool_id: str, generate_secret: bool, config: dict[str, Any]
) -> Any:
    """Its scopes and providers have to be there."""
    _client_fits(self, user_pool_id, config, secret=generate_secret)
    made = original(self, user_pool_id, generate_secret, config)
    made.creation_date = made.last_modified_date = utcnow()
    return made


@replace(CognitoIdpBackend)
def update_user_pool_client(original: Any, self: Any, user_pool_id: str, client_id: str, config: dict[str, Any]) -> Any:
    """What is left out goes to its default."""
    client = self.describe_user_pool_client(user_pool_id, client_id)
    _client_fits(self, user_pool_id, config, secret=client.generate_secret)
    name = client.extended_config.get("ClientName")
    client.extended_config = {**CLIENT, "ClientName": name}
    client.last_modified_date = utcnow()
    return original(self, user_pool_id, client_id, config)


@replace(CognitoIdpUserPoolClient, "to_json")
def client_to_json(original: Any, self: Any, extended: bool = False) -> dict[str, Any]:
    """When it was made, and changed."""
    found: dict[str, Any] = original(self, extended)
    if extended:
        found |= {"CreationDate": self.creation_date, "LastModifiedDate": self.last_modified_date}
    return found


# --- domains


@replace(CognitoIdpBackend)
def create_user_pool_domain(
    original: Any, self: Any, user_pool_id: str, domain: str, custom: dict[str, Any] | None = None
) -> Any:
    """A domain is taken once, and a pool has one of each kind."""
    pool = self.describe_user_pool(user_pool_id)
    if domain in self.user_pool_domains:
        raise InvalidParameterException("Domain already associated with another user pool.")
    if pool.domain and bool(pool.domain.custom_domain_config) == bool(custom):
        raise InvalidParameterException("User pool already has a domain configured.")
    return original(self, user_pool_id, domain, custom)


@replace(CognitoIdpResponse, "create_user_pool_domain")
def create_branded_domain(original: Any, self: Any) -> Any:
    """Which pages of Cognito it shows."""
    answer, asked = original(self), json.loads(self.body)
    self.backend.user_pool_domains[asked["Domain"]].login_version = asked.get("ManagedLoginVersion") or 1
    return answer


@replace(CognitoIdpResponse)
def update_user_pool_domain(original: Any, self: Any) -> Any:
    """Which pages of Cognito it shows."""
    asked = json.loads(self.body)
    if "CustomDomainConfig" not in asked and asked["Domain"] in self.backend.user_pool_domains:
        asked["CustomDomainConfig"] = self.backend.user_pool_domains[asked["Domain"]].custom_domain_config or None
    found = self.backend.update_user_pool_domain(asked["Domain"], asked["CustomDomainConfig"])
    found.custom_domain_config = found.custom_domain_config or {}
    found.login_version = asked.get("ManagedLoginVersion") or getattr(found, "login_version", 1)
    return ActionResult(found.to_json(extended=False))


@replace(CognitoIdpUserPoolDomain, "to_json")
def domain_to_json(original: Any, self: Any, extended: bool = True) -> dict[str, Any]:
    """The account that it is of, and what serves it."""
    found: dict[str, Any] = original(self, extended)
    if extended:
        region = self.user_pool_id.partition("_")[0]
        found |= {
            "AWSAccountId": getattr(self, "account_id", ""), "S3Bucket": f"aws-cognito-prod-{region}-assets",
            "Version": "20260101000000", "ManagedLoginVersion": getattr(self, "login_version", 1),
            "CloudFrontDistribution": f"d{self._distribution_name().partition('.')[0]}.cloudfront.net",
        }  # fmt: skip
        if self.custom_domain_config:
            found["CustomDomainConfig"] = self.custom_domain_config
    return found


@replace(CognitoIdpBackend)
def describe_user_pool_domain(original: Any, self: Any, domain: str) -> Any:
    """The account that it is of."""
    found = original(self, domain)
    if found:
        found.account_id = self.account_id
    return found


# --- resource servers


@add(CognitoIdpResponse)
def update_resource_server(self: Any) -> Any:
    """The name and the scopes change."""
    asked = json.loads(self.body)
    server = self.backend.describe_resource_server(asked["UserPoolId"], asked["Identifier"])
    server.name, server.scopes = asked["Name"], asked.get("Scopes") or []
    return ActionResult({"ResourceServer": server.to_json()})


@add(CognitoIdpResponse)
def delete_resource_server(self: Any) -> Any:
    """It goes with its scopes."""
    asked = json.loads(self.body)
    self.backend.describe_resource_server(asked["UserPoolId"], asked["Identifier"])
    del self.backend.user_pools[asked["UserPoolId"]].resource_servers[asked["Identifier"]]
    return EmptyResult()


@replace(CognitoIdpBackend)
def create_identity_provider(original: Any, self: Any, user_pool_id: str, name: str, config: dict[str, Any]) -> Any:
    """A name is taken once."""
    if name in self.describe_user_pool(user_pool_id).identity_providers:
        raise Refusal("DuplicateProviderException", f"A provider with the name {name} already exists.")
    return original(self, user_pool_id, name, config)


@replace(CognitoIdpBackend)
def admin_remove_user_from_group(original: Any, self: Any, user_pool_id: str, group: str, username: str) -> None:
    """Who is in no such group cannot leave it."""
    if self.admin_get_user(user_pool_id, username) not in self.get_group(user_pool_id, group).users:
        raise ResourceNotFoundError(f"User {username} is not a member of the group {group}.")
    original(self, user_pool_id, group, username)
