"""Who a client must be before a target sees its request: the balancer asks Cognito or an OpenID Connect provider."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from components.specs.ranges import between
from elasticity.quantities import Duration
from elasticity.rules import Model

Address = Annotated[str, Field(pattern=r"^https://\S+$")]


class Cognito(Model):
    """A user pool of Amazon Cognito."""

    user_pool_arn: str = Field(pattern=r"^arn:[a-z-]+:cognito-idp:[a-z0-9-]+:\d{12}:userpool/\S+$")
    client_id: str = Field(min_length=1)
    """Of an app client with a secret, which Cognito itself tells the balancer."""
    domain: str = Field(min_length=1)
    """Prefix of the pool's domain, or a whole domain of one's own."""


class OpenIdConnect(Model):
    """Any provider that speaks OpenID Connect. The client's secret is no setting: the program passes it."""

    issuer: Address
    authorization_endpoint: Address
    token_endpoint: Address
    user_info_endpoint: Address
    client_id: str = Field(min_length=1)


class SignIn(Model):
    """The action before the one that forwards. Source: Application Load Balancer guide, authenticate users."""

    cognito: Cognito | None = None
    oidc: OpenIdConnect | None = None
    scope: str = Field(default="openid", pattern=r"^\S+( \S+)*$")
    """What is asked about the user, `openid` among it."""
    session: Annotated[Duration, between("1s", "7d")] = Duration(604_800)
    """How long a sign-in lasts; AWS's default is 7 days."""
    unauthenticated: Literal["authenticate", "deny", "allow"] = "authenticate"
    """What happens without a session: a sign-in, an answer 401, or the request as it is."""

    @model_validator(mode="after")
    def _one_provider(self) -> Self:
        if (self.cognito is None) == (self.oidc is None):
            raise PydanticCustomError("sign_in", "give exactly one of `cognito` and `oidc`")
        return self
