"""Secrets and configurations of a Swarm, whose content never changes: each content is a resource of its own, and the
one before stays for as long as a roll-back may need it.

The Engine looks only at the specification in force when it is asked to delete one: deleting what the one before needs
lets a roll-back end half-way (docs/decisions/0042).
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_docker as docker

from components._component import Component
from components.deployed import Deployed
from components.swarm.specification import labels

KIND = {True: "docker:index/secret:Secret", False: "docker:index/serviceConfig:ServiceConfig"}
OUTPUT = "versions"
"""Output of a component: by role, the version in force and the one before."""
_DIGITS = 8


@dataclass(frozen=True)
class Content:
    """What a secret or a configuration holds."""

    version: str
    """Stands for the content: another content has another one."""
    value: pulumi.Input[str]
    """Text; of a secret an Output that is one."""
    secret: bool = False

    @classmethod
    def of(cls, text: str) -> Content:
        """A configuration, by its own text."""
        return cls(hashlib.sha256(text.encode()).hexdigest()[:_DIGITS], text)


def create(
    component: Component, contents: Mapping[str, Content], tags: Mapping[str, pulumi.Input[str]], deployed: Deployed
) -> tuple[dict[str, Any], dict[str, list[str]]]:
    """The resources in force, by role, and `versions` as the component's output tells them to the next deployment.

    Beside each stands the one that was in force before, as it was.
    """
    before: Mapping[str, list[str]] = deployed.outputs(component.type_token, component.instance).get(OUTPUT) or {}
    made: dict[str, Any] = {}
    versions: dict[str, list[str]] = {}
    for role, content in contents.items():
        kept = [version for version in before.get(role, ()) if version != content.version][:1]
        kept = [old for old in kept if (KIND[content.secret], component.name_of(f"{role}-{old}")) in deployed.resources]
        made[role] = _resource(component, f"{role}-{content.version}", content, tags)
        for old in kept:
            _resource(component, f"{role}-{old}", Content(old, "", content.secret), tags, as_it_was=True)
        versions[role] = [content.version, *kept]
    return made, versions


def _resource(
    component: Component, role: str, content: Content, tags: Mapping[str, pulumi.Input[str]], *, as_it_was: bool = False
) -> Any:
    options = component.options_of(role, ignore_changes=["data", "labels", "name"] if as_it_was else [])
    data = pulumi.Output.from_input(content.value).apply(lambda text: base64.b64encode(text.encode()).decode())
    kind = docker.Secret if content.secret else docker.ServiceConfig
    return kind(component.name_of(role), data=data, labels=labels(tags), opts=options)
