"""Settings of Cognito's user pools that moto does not have: what is done at a risk, how pages look, where logs go."""

import base64
import hashlib
import json
from typing import Any

from moto.cognitoidp.exceptions import InvalidParameterException, ResourceNotFoundError
from moto.cognitoidp.responses import CognitoIdpResponse
from moto.core.responses import ActionResult
from moto.core.utils import utcnow

from localcloud.aws.moto_gaps._patching import add

ALL = "ALL"
"""Client for which settings hold where no other is named."""


def _settings(response: Any, kind: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """What is asked, and what the pool has of a kind of settings, by client."""
    asked = json.loads(response.body)
    pool = response.backend.describe_user_pool(asked["UserPoolId"])
    client = asked.get("ClientId")
    if client not in (None, ALL) and client not in pool.clients:
        raise ResourceNotFoundError(f"Client {client} does not exist.")
    everything: dict[str, dict[str, Any]] = vars(pool).setdefault("settings", {})
    return asked, everything.setdefault(kind, {})


@add(CognitoIdpResponse)
def set_risk_configuration(self: Any) -> Any:
    """What is left out is there no more."""
    asked, held = _settings(self, "risk")
    member = "RiskExceptionConfiguration", "CompromisedCredentialsRiskConfiguration", "AccountTakeoverRiskConfiguration"
    told = {name: asked[name] for name in member if asked.get(name)}
    if told:
        held[asked.get("ClientId") or ""] = told | {"LastModifiedDate": utcnow()}
    else:
        held.pop(asked.get("ClientId") or "", None)
    return self.describe_risk_configuration()


@add(CognitoIdpResponse)
def describe_risk_configuration(self: Any) -> Any:
    """Of a pool, or of one client alone."""
    asked, held = _settings(self, "risk")
    who = {name: asked[name] for name in ("UserPoolId", "ClientId") if asked.get(name)}
    return ActionResult({"RiskConfiguration": who | held.get(asked.get("ClientId") or "", {})})


@add(CognitoIdpResponse)
def set_ui_customization(self: Any) -> Any:
    """Pages look otherwise, where there are pages."""
    asked, held = _settings(self, "pages")
    pool = self.backend.describe_user_pool(asked["UserPoolId"])
    if not pool.domain:
        raise InvalidParameterException("There has to be an existing domain associated with this user pool")
    client, now = asked.get("ClientId") or ALL, utcnow()
    told = {"UserPoolId": pool.id, "ClientId": client}
    if asked.get("CSS"):
        told |= {"CSS": asked["CSS"], "CSSVersion": now.strftime("%Y%m%d%H%M%S")}
    if asked.get("ImageFile"):
        picture = hashlib.sha256(base64.b64decode(asked["ImageFile"])).hexdigest()[:16]
        told["ImageUrl"] = f"https://{pool.id}.cloudfront.net/{client}/{now:%Y%m%d%H%M%S}/assets/images/{picture}.png"
    if len(told) > 2:
        former = held.get(client, {})
        held[client] = told | {"CreationDate": former.get("CreationDate") or now, "LastModifiedDate": now}
    else:
        held.pop(client, None)
    return ActionResult({"UICustomization": held.get(client, {})})


@add(CognitoIdpResponse)
def get_ui_customization(self: Any) -> Any:
    """Nothing where the pages are Cognito's own."""
    asked, held = _settings(self, "pages")
    return ActionResult({"UICustomization": held.get(asked.get("ClientId") or ALL, {})})


@add(CognitoIdpResponse)
def set_log_delivery_configuration(self: Any) -> Any:
    """Where logs go."""
    asked, held = _settings(self, "logs")
    held["logs"] = asked["LogConfigurations"]
    return self.get_log_delivery_configuration()


@add(CognitoIdpResponse)
def get_log_delivery_configuration(self: Any) -> Any:
    """Where logs go."""
    asked, held = _settings(self, "logs")
    told = {"UserPoolId": asked["UserPoolId"], "LogConfigurations": held.get("logs") or []}
    return ActionResult({"LogDeliveryConfiguration": told})
