"""The action that lets nobody pass whom the provider does not know.

Source: Application Load Balancer guide, authenticate users; API AuthenticateCognitoActionConfig,
AuthenticateOidcActionConfig.
"""

from __future__ import annotations

from typing import cast

import pulumi
from pulumi_aws.lb import (
    ListenerRuleActionArgs,
    ListenerRuleActionAuthenticateCognitoArgs,
    ListenerRuleActionAuthenticateOidcArgs,
)

from components.specs import Cognito, OpenIdConnect, SignIn


def sign_in_action(wanted: SignIn, client_secret: pulumi.Input[str] | None) -> ListenerRuleActionArgs:
    """The first action of a rule. `client_secret` is that of an OpenID Connect client; it stays a secret in state."""
    if wanted.cognito is not None:
        return _by_cognito(wanted, wanted.cognito)
    return _by_oidc(wanted, cast("OpenIdConnect", wanted.oidc), client_secret)


def _by_cognito(wanted: SignIn, pool: Cognito) -> ListenerRuleActionArgs:
    asked = ListenerRuleActionAuthenticateCognitoArgs(
        user_pool_arn=pool.user_pool_arn,
        user_pool_client_id=pool.client_id,
        user_pool_domain=pool.domain,
        scope=wanted.scope,
        session_timeout=round(wanted.session),
        on_unauthenticated_request=wanted.unauthenticated,
    )
    return ListenerRuleActionArgs(type="authenticate-cognito", order=1, authenticate_cognito=asked)


def _by_oidc(
    wanted: SignIn, provider: OpenIdConnect, client_secret: pulumi.Input[str] | None
) -> ListenerRuleActionArgs:
    asked = ListenerRuleActionAuthenticateOidcArgs(
        issuer=provider.issuer,
        authorization_endpoint=provider.authorization_endpoint,
        token_endpoint=provider.token_endpoint,
        user_info_endpoint=provider.user_info_endpoint,
        client_id=provider.client_id,
        client_secret=pulumi.Output.secret(client_secret or ""),
        scope=wanted.scope,
        session_timeout=round(wanted.session),
        on_unauthenticated_request=wanted.unauthenticated,
    )
    return ListenerRuleActionArgs(type="authenticate-oidc", order=1, authenticate_oidc=asked)
