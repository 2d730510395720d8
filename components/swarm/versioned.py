"""Secrets and configurations of a Swarm, whose content never changes: each content is a resource of its own, and what
a roll-back may need stays beside it (docs/decisions/0048).

The Engine looks only at the specification in force when it is asked to delete one: deleting what the one before needs
lets a roll-back end half-way (docs/decisions/0042).
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_docker as docker

from components._component import Component
from components.deployed import Deployed
from components.swarm.specification import labels

KIND = {True: "docker:index/secret:Secret", False: "docker:index/serviceConfig:ServiceConfig"}
OUTPUT = "versions"
"""Output of a component: by role, the version in force and those that stay. A deployment that fails takes it away."""
SERVICE, ROLE = "docker:index/service:Service", "service"
"""Type and role of what uses them."""
_DIGITS = 8
_VERSION = re.compile(r"[0-9a-f]{6}|[0-9a-f]{8}")


@dataclass(frozen=True)
class Content:
    """What a secret or a configuration holds."""

    version: str
    """Stands for the content: another content has another one."""
    value: pulumi.Input[str]
    """Text; of a secret an Output that is one."""
    secret: bool = False
    title: str = ""
    """What people call it, such as `secret db-password`."""

    @classmethod
    def of(cls, text: str, title: str) -> Content:
        """A configuration, by its own text."""
        return cls(hashlib.sha256(text.encode()).hexdigest()[:_DIGITS], text, title=title)


def create(
    component: Component,
    contents: Mapping[str, Content],
    tags: Mapping[str, pulumi.Input[str]],
    deployed: Deployed,
    in_use: Collection[str] | None,
) -> tuple[dict[str, Any], dict[str, list[str]]]:
    """The resources in force, by role, and `versions` as the component's output tells them to the next deployment.

    Beside each stand, as they were, the one of the last release that was completed, and all that the service uses now:
    `in_use` are their names on the Swarm; None where nobody can tell, and then all stay.
    """
    told: Mapping[str, list[str]] = deployed.outputs(component.type_token, component.instance).get(OUTPUT) or {}
    there, last = _there(component, deployed), _of_last(component, deployed)
    made: dict[str, Any] = {}
    versions: dict[str, list[str]] = {}
    stay: list[tuple[str, str]] = []
    for role, content in contents.items():
        made[role] = _resource(component, f"{role}-{content.version}", content, tags)
        versions[role] = [content.version]
        before = [*told.get(role, ()), *(old for (of, old), (_, name) in there.items() if of == role and name in last)]
        if before and before[0] != content.version:
            said = f"{content.title} goes from version {before[0]} to {content.version}: its tasks are replaced"
            pulumi.log.info(f"{component.instance}: {said}", component)
        stay += [(role, old) for old in before if old != content.version][:1]
    if in_use is None:
        stay += [one for one, (_, name) in there.items() if one[0] in {*contents, *told} or name in last]
    else:
        stay += [one for one, (_, name) in there.items() if name in in_use]
    for role, old in dict.fromkeys(stay):
        if (role, old) in there and old not in versions.get(role, ()):
            _resource(component, f"{role}-{old}", Content(old, "", there[role, old][0]), tags, as_it_was=True)
            versions.setdefault(role, []).append(old)
    return made, {role: versions[role] for role in contents}


def _of_last(component: Component, deployed: Deployed) -> set[str]:
    """Names on the Swarm of what the last deployment of the service that went well told it to use: a later one that
    failed has left the component without outputs."""
    task = deployed.outputs(SERVICE, component.name_of(ROLE)).get("taskSpec") or {}
    container = task.get("containerSpec") or {}
    kinds = (("secrets", "secretName"), ("configs", "configName"))
    return {one[name] for kind, name in kinds for one in container.get(kind) or ()}


def _there(component: Component, deployed: Deployed) -> dict[tuple[str, str], tuple[bool, str]]:
    """By role and version what the last deployment left: whether it is a secret, and its name on the Swarm."""
    start, found = component.name_of(""), {}
    for (kind, name), outputs in deployed.resources.items():
        role, _, version = name.removeprefix(start).rpartition("-")
        if kind in KIND.values() and name.startswith(start) and _VERSION.fullmatch(version):
            found[role, version] = (kind == KIND[True], str(outputs.get("name")))
    return found


def _resource(
    component: Component, role: str, content: Content, tags: Mapping[str, pulumi.Input[str]], *, as_it_was: bool = False
) -> Any:
    options = component.options_of(role, ignore_changes=["data", "labels", "name"] if as_it_was else [])
    data = pulumi.Output.from_input(content.value).apply(lambda text: base64.b64encode(text.encode()).decode())
    kind = docker.Secret if content.secret else docker.ServiceConfig
    return kind(component.name_of(role), data=data, labels=labels(tags), opts=options)
