"""Gaps of moto's Cognito identity pools: the classic flow, updates that change nothing, roles, tags."""

import json
from typing import Any

from moto.cognitoidentity.exceptions import ResourceNotFoundError
from moto.cognitoidentity.models import CognitoIdentityPool
from moto.cognitoidentity.responses import CognitoIdentityResponse

from localcloud.aws.moto_gaps._patching import add, replace

MEMBERS = {
    "IdentityPoolName": "identity_pool_name", "AllowUnauthenticatedIdentities": "allow_unauthenticated_identities",
    "AllowClassicFlow": "allow_classic_flow", "SupportedLoginProviders": "supported_login_providers",
    "DeveloperProviderName": "developer_provider_name", "OpenIdConnectProviderARNs": "open_id_connect_provider_arns",
    "CognitoIdentityProviders": "cognito_identity_providers", "SamlProviderARNs": "saml_provider_arns",
}  # fmt: skip
"""Member of a request -> attribute of moto's model."""


def _pool(response: Any, pool_id: str) -> Any:
    found = response.backend.identity_pools.get(pool_id)
    if found is None:
        raise ResourceNotFoundError(pool_id)
    return found


def _asked(response: Any) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(response.body)
    return found


@replace(CognitoIdentityPool)
def to_json(original: Any, self: Any) -> str:
    """Without what is not set, and with the classic flow."""
    found = json.loads(original(self)) | {"AllowClassicFlow": getattr(self, "allow_classic_flow", False)}
    return json.dumps({k: v for k, v in found.items() if v not in (None, "", [], {})})


@replace(CognitoIdentityResponse)
def create_identity_pool(original: Any, self: Any) -> str:
    """The classic flow is kept."""
    made = json.loads(original(self))
    pool = _pool(self, made["IdentityPoolId"])
    pool.allow_classic_flow = bool(_asked(self).get("AllowClassicFlow"))
    return str(pool.to_json())


@replace(CognitoIdentityResponse)
def update_identity_pool(original: Any, self: Any) -> str:
    """An update is the whole pool: what is left out is taken away."""
    asked = _asked(self)
    pool = _pool(self, asked["IdentityPoolId"])
    for member, attribute in MEMBERS.items():
        setattr(pool, attribute, asked.get(member, False if member.startswith("Allow") else None))
    if "IdentityPoolTags" in asked:
        pool.tags = asked["IdentityPoolTags"]
    return str(pool.to_json())


@add(CognitoIdentityResponse)
def set_identity_pool_roles(self: Any) -> str:
    """Which roles identities take."""
    asked = _asked(self)
    _pool(self, asked["IdentityPoolId"]).roles = (asked.get("Roles") or {}, asked.get("RoleMappings") or {})
    return "{}"


@add(CognitoIdentityResponse)
def get_identity_pool_roles(self: Any) -> str:
    """Which roles identities take."""
    pool_id = _asked(self)["IdentityPoolId"]
    roles, mappings = getattr(_pool(self, pool_id), "roles", ({}, {}))
    found = {"IdentityPoolId": pool_id, "Roles": roles, "RoleMappings": mappings}
    return json.dumps({k: v for k, v in found.items() if v})


def _tagged(response: Any) -> Any:
    return _pool(response, _asked(response)["ResourceArn"].rpartition("/")[2])


@add(CognitoIdentityResponse)
def tag_resource(self: Any) -> str:
    """Tag a pool."""
    pool = _tagged(self)
    pool.tags = {**(pool.tags or {}), **_asked(self)["Tags"]}
    return "{}"


@add(CognitoIdentityResponse)
def untag_resource(self: Any) -> str:
    """Take tags from a pool."""
    pool, gone = _tagged(self), _asked(self)["TagKeys"]
    pool.tags = {k: v for k, v in (pool.tags or {}).items() if k not in gone}
    return "{}"


@add(CognitoIdentityResponse)
def list_tags_for_resource(self: Any) -> str:
    """The tags of a pool."""
    return json.dumps({"Tags": _tagged(self).tags or {}})
