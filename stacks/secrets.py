"""The only place that reads a secret. It stays an Output: no other code of ours sees its value."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass

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


@dataclass(frozen=True)
class ServiceSecret:
    """One secret that services read as a file."""

    value: pulumi.Output[str]
    version: str
    """Six digits that tell its content from the one before, in the names of resources."""


def service_secrets() -> dict[str, ServiceSecret]:
    """The secrets of a stack's services, by name; empty where the stack has none.

    Set one with `pulumi config set --secret --path 'service_secrets["name"]'`. Raises `pulumi.RunError` where they are
    no map of texts.
    """
    config = pulumi.Config(PROJECT)
    text = config.get("service_secrets")
    if text is None:
        return {}
    try:
        found = json.loads(text)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise pulumi.RunError(f"service_secrets: expected a map of names to texts: {_cure('name')}")
    if wrong := [
        f'service_secrets["{name}"]: {"is empty" if value == "" else "is no text"}; give one: {_cure(name)}'
        for name, value in found.items()
        if not isinstance(value, str) or not value
    ]:
        raise pulumi.RunError("\n".join(wrong))
    salt = f"{pulumi.get_project()}/{pulumi.get_stack()}"
    return {
        name: ServiceSecret(pulumi.Output.secret(value), _version(value, f"{salt}/{name}"))
        for name, value in found.items()
    }


def _cure(name: str) -> str:
    return f"pulumi config set --secret --path 'service_secrets[\"{name}\"]'"


def _version(value: str, salt: str) -> str:
    """Slow to compute, its own for each name and stack, and too short to confirm a guess: a name is no secret."""
    return hashlib.scrypt(value.encode(), salt=salt.encode(), n=2**14, r=8, p=1, dklen=3).hex()
