"""The configuration of one service on AWS: plain values by path in Parameter Store, secrets by the id of a version."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import pulumi
from pulumi_aws import secretsmanager, ssm

from components._component import Component, Extensions
from components.deployed import NOTHING_KNOWN, Deployed
from components.specs.configuration import ConfigurationSpec, texts

CURRENT = "AWSCURRENT"
"""The stage of the version that is current (Secrets Manager user guide, secret versions)."""

Versions = Callable[[str, pulumi.Resource], "pulumi.Input[str]"]
"""f(ARN, component) -> id of the version of a secret that is current."""


def current_version(arn: str, component: pulumi.Resource) -> pulumi.Output[str]:
    """What Secrets Manager says; no value is asked for. Raises `pulumi.RunError` where the secret has no version."""
    found = secretsmanager.get_secret_versions_output(secret_id=arn, opts=pulumi.InvokeOutputOptions(parent=component))
    return found.versions.apply(lambda versions: _current(arn, versions))


def _current(arn: str, versions: list[Any]) -> str:
    for version in versions:
        if CURRENT in version.version_stages:
            return str(version.version_id)
    raise pulumi.RunError(f"the secret {arn} has no value yet: put one in with `aws secretsmanager put-secret-value`")


@dataclass(frozen=True)
class ConfigurationArgs:
    """What a service is configured with, and where."""

    spec: ConfigurationSpec
    path: str
    """Before the keys, such as /accordion/prod/web."""
    versions: Versions = current_version
    """Who knows which version of a secret is current."""
    tags: Mapping[str, pulumi.Input[str]] = field(default_factory=dict)
    """Laid on every parameter."""
    deployed: Deployed = NOTHING_KNOWN
    """What the last deployment left: which versions its tasks got."""
    extensions: Extensions = field(default_factory=dict)
    """Options laid over those of single children, by role."""


class Configuration(Component):
    """Keys of one service, as its container gets them.

    Plain values stand in the task definition itself, so that a roll-back brings them back with the image; the
    parameters beside it are their history. A secret is named with the id of its version: a new version is another task
    definition, and nothing here ever sees a value.
    """

    environment: dict[str, str]
    """Variables with plain values."""
    secrets: dict[str, pulumi.Output[str]]
    """Variables with what the task definition names: the ARN of a secret with the id of a version."""
    versions: dict[str, pulumi.Output[str]]
    """By key of a secret, the id of the version that tasks get."""
    path: str
    """Before the keys of the parameters."""

    def __init__(self, name: str, args: ConfigurationArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, args.spec, tags=args.tags, extensions=args.extensions, opts=opts)
        self.path, self.environment = args.path, texts(args.spec.values)
        for key, value in self.environment.items():
            role = f"parameter-{key}"
            ssm.Parameter(
                self.name_of(role),
                name=f"{args.path}/{key}",
                type="String",
                insecure_value=value,  # no secret, so that a preview shows the change
                tags=self.tags_of(role),
                opts=self.options_of(role),
            )
        before = args.deployed.outputs(self.type_token, name).get("versions") or {}
        self.versions, self.secrets = {}, {}
        for key, source in args.spec.secrets.items():
            version = pulumi.Output.from_input(source.version or args.versions(source.arn, self))
            self.versions[key] = version.apply(partial(self._told, key, before.get(key)))
            self.secrets[key] = self.versions[key].apply(source.at)
        self.finish()

    def _told(self, key: str, before: str | None, now: str) -> str:
        """The version; another one than before is said, with key and service."""
        if before is not None and before != now:
            pulumi.log.info(f"{self.instance}: {key} goes from version {before} to {now}: its tasks are replaced", self)
        return now
