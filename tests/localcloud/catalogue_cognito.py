"""The catalogue's part for Cognito: user pools with what they hold, and identity pools."""

import uuid
from collections.abc import Callable
from typing import Any

Values = dict[str, Any]
UNASKED = "AWS has none unless the program asks for it"
FOUND_BY = "the resource is found by it: AWS cannot change it"


def pool(w: Any) -> str:
    """The pool that the parts are of."""
    return str(w.id("cognito/userPool:UserPool"))


def role(w: Any) -> str:
    """The ARN of a role that identities may take."""
    from tests.localcloud.catalogue_services import trusting  # which has this module's catalogue

    return trusting(w, "lambda")


COGNITO: dict[str, Callable[[Any], Values]] = {
    "cognito/userPool:UserPool": lambda w: {
        "name": f"people-{uuid.uuid4().hex[:12]}",
        "autoVerifiedAttributes": ["email"],
        "passwordPolicy": {"minimumLength": 12, "requireSymbols": False},
    },
    "cognito/userPoolClient:UserPoolClient": lambda w: {
        "userPoolId": pool(w),
        "callbackUrls": ["https://shop.example"],
    },
    "cognito/userPoolDomain:UserPoolDomain": lambda w: {
        "userPoolId": pool(w),
        "domain": f"people-{uuid.uuid4().hex[:12]}",
    },
    "cognito/userGroup:UserGroup": lambda w: {"userPoolId": pool(w), "name": "buyers"},
    "cognito/user:User": lambda w: {
        "userPoolId": pool(w),
        "username": "ada",
        "attributes": {"email": "ada@shop.example"},
    },
    "cognito/userInGroup:UserInGroup": lambda w: {
        "userPoolId": pool(w),
        "groupName": w.out("cognito/userGroup:UserGroup", "name"),
        "username": w.out("cognito/user:User", "username"),
    },
    "cognito/resourceServer:ResourceServer": lambda w: {
        "userPoolId": pool(w),
        "identifier": "https://orders.shop.example",
        "scopes": [{"scopeName": "read", "scopeDescription": "read orders"}],
    },
    "cognito/identityProvider:IdentityProvider": lambda w: {
        "userPoolId": pool(w),
        "providerName": "Google",
        "providerType": "Google",
        "providerDetails": {"client_id": "a", "client_secret": "b", "authorize_scopes": "email"},
    },
    "cognito/identityPool:IdentityPool": lambda w: {"identityPoolName": f"people-{uuid.uuid4().hex[:12]}"},
    "cognito/identityPoolRoleAttachment:IdentityPoolRoleAttachment": lambda w: {
        "identityPoolId": w.id("cognito/identityPool:IdentityPool"),
        "roles": {"authenticated": role(w)},
    },
}
COGNITO |= {
    "cognito/riskConfiguration:RiskConfiguration": lambda w: {
        "userPoolId": pool(w),
        "riskExceptionConfiguration": {"blockedIpRangeLists": ["10.10.10.10/32"]},
    },
    "cognito/userPoolUICustomization:UserPoolUICustomization": lambda w: {
        "userPoolId": w.out("cognito/userPoolDomain:UserPoolDomain", "userPoolId"),
        "css": ".label-customizable {font-weight: 400;}",
    },
    "cognito/logDeliveryConfiguration:LogDeliveryConfiguration": lambda w: {
        "userPoolId": pool(w),
        "logConfigurations": [
            {
                "eventSource": "userNotification",
                "logLevel": "ERROR",
                "cloudWatchLogsConfiguration": {"logGroupArn": w.out("cloudwatch/logGroup:LogGroup", "arn")},
            }
        ],
    },
    "cognito/managedUserPoolClient:ManagedUserPoolClient": lambda w: {
        "userPoolId": pool(w),
        "namePrefix": w.out("cognito/userPoolClient:UserPoolClient", "name"),
    },
}
EMPTY: dict[str, dict[str, str]] = {
    "cognito/managedUserPoolClient:ManagedUserPoolClient": dict.fromkeys(
        ("accessTokenValidity", "clientSecret", "idTokenValidity"), UNASKED
    ),
    "cognito/userPoolUICustomization:UserPoolUICustomization": {"imageUrl": UNASKED},
    "cognito/user:User": {"mfaSettingLists": UNASKED, "preferredMfaSetting": UNASKED},
    "cognito/userPool:UserPool": dict.fromkeys(
        ("customDomain", "domain", "signInPolicy", "smsConfiguration", "usernameConfiguration"), UNASKED
    ),
    "cognito/userPoolClient:UserPoolClient": dict.fromkeys(
        ("accessTokenValidity", "clientSecret", "idTokenValidity"), UNASKED
    ),
}
"""Type -> output that the SDK promises -> why it is empty right after the creation."""
BLIND: dict[str, dict[str, str]] = {}
"""Type -> property -> why a refresh does not see it otherwise, where no row lists it as `write_only`."""
UNSAID: dict[str, dict[str, str]] = {"cognito/user:User": dict.fromkeys(("userPoolId", "username"), FOUND_BY)}
"""Type -> input -> why no answer of AWS taken apart shows it changed and gone."""
