"""The only place that reads a secret. It stays an Output: no code of ours sees its value."""

from __future__ import annotations

import pulumi

from stacks.stack_file import PROJECT


def pager_endpoint() -> pulumi.Output[str] | None:
    """Address of the paging service, with its key inside, that the alarms' topic calls; None when the stack has none.

    Set it with `pulumi config set --secret pager_endpoint`.
    """
    return pulumi.Config(PROJECT).get_secret("pager_endpoint")


def oidc_client_secret() -> pulumi.Output[str] | None:
    """Secret of the OpenID Connect client that signs users in; None when the stack has none.

    Set it with `pulumi config set --secret oidc_client_secret`.
    """
    return pulumi.Config(PROJECT).get_secret("oidc_client_secret")
