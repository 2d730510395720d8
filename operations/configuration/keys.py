"""The keys that a stack file declares, and the versions of each that its cloud keeps. Values of secrets are asked of
nobody."""

from __future__ import annotations

import base64
import datetime
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from components.specs.configuration import SecretSource, SwarmConfiguration, texts
from operations.failures import CannotRun
from operations.live.answers import Answers, Unanswered, moment
from operations.live.day_to_day import PARAMETER_HISTORY, SECRET_VERSIONS
from operations.redaction import redacted
from stacks.compositions import Settings
from stacks.private_service.settings import PrivateServiceSettings
from stacks.stack_file import PROJECT

CURRENT = "AWSCURRENT"
SHORTEST = 6
"""Signs of a version's id that name it, where no other begins so."""
NO_HISTORY = "a Swarm keeps no versions of a variable: `accordion history` tells them, `accordion rollback` goes back"


@dataclass(frozen=True)
class Key:
    """One key of one service."""

    service: str
    name: str
    """The variable; of a file its path."""
    kind: Literal["value", "secret", "file"]
    declared: str
    """What the stack file says, as the container gets it; of a secret nothing."""
    source: SecretSource | None = None
    """Of a secret on AWS, where it is."""
    stored: str | None = None
    """Where its versions are: the path of a parameter, the ARN of a secret, the beginning of a name on a Swarm; None
    where nobody keeps any."""

    @property
    def title(self) -> str:
        """As it is named on a command line."""
        return f"{self.service}.{self.name}"


@dataclass(frozen=True)
class Version:
    """One version of a key."""

    id: str
    at: datetime.datetime | None
    by: str = ""
    value: str | None = None
    """None of a secret."""
    current: bool = False
    """Whether it is the newest, or the one that is current."""

    @property
    def row(self) -> dict[str, Any]:
        """As JSON."""
        at = self.at.isoformat(timespec="seconds") if self.at else None
        return {"id": self.id, "at": at, "by": self.by or None, "value": self.value, "current": self.current}


def keys_of(settings: Settings, stack: str) -> list[Key]:
    """Every key, in the order of the stack file."""
    return [*_of_services(settings, stack.rpartition("/")[2]), *_files(settings)]


def _of_services(settings: Settings, stack: str) -> Iterator[Key]:
    for service, configuration in settings.configured.items():
        on_swarm = isinstance(configuration, SwarmConfiguration)
        for name, text in texts(configuration.values).items():
            stored = None if on_swarm else f"/{PROJECT}/{stack}/{service}/{name}"
            yield Key(service, name, "value", text, stored=stored)
        for name, source in configuration.secrets.items():
            if isinstance(source, SecretSource):
                yield Key(service, name, "secret", "", source, source.arn)
            else:
                yield Key(service, name, "secret", "", stored=f"{service}-secret-{source}-")


def _files(settings: Settings) -> Iterator[Key]:
    """On a Swarm: secrets that are listed by name alone, and files."""
    if not isinstance(settings, PrivateServiceSettings):
        return
    for name, service in settings.services.items():
        for secret in service.secrets:
            yield Key(name, secret, "secret", "", stored=f"{name}-secret-{secret}-")
        for number, (path, text) in enumerate(service.configs.items()):
            yield Key(name, path, "file", text, stored=f"{name}-config-{number}-")


def named(keys: list[Key], title: str, stack: str) -> Key:
    """The key of that name; raises CannotRun that says which there are."""
    for key in keys:
        if key.title == title:
            return key
    there = ", ".join(key.title for key in keys) or "none"
    raise CannotRun(f"stack {stack} declares no key {title!r}: there are {there}")


def versions_of(key: Key, answers: Answers, stack: str) -> list[Version]:
    """The versions of a key, the newest first; empty where nothing was deployed. Raises Unanswered."""
    if key.stored is None:
        return []
    try:
        if key.source is not None:
            return _secret_versions(key.source, answers)
        if key.kind == "value":
            return _parameter_versions(key.stored, answers)
    except Unanswered as missing:
        if missing.why != "gone":
            raise
        return []
    return _on_swarm(key, answers, stack.rpartition("/")[2])


def _parameter_versions(path: str, answers: Answers) -> list[Version]:
    found = sorted(answers.ask(PARAMETER_HISTORY, Name=path), key=lambda one: int(one["Version"]), reverse=True)
    return [
        Version(
            str(one["Version"]),
            moment(one.get("LastModifiedDate")),
            redacted(str(one.get("LastModifiedUser") or "")).rpartition("/")[2],
            str(one["Value"]) if one.get("Type") == "String" else None,
            place == 0,
        )
        for place, one in enumerate(found)
    ]


def _secret_versions(source: SecretSource, answers: Answers) -> list[Version]:
    found = answers.ask(SECRET_VERSIONS, SecretId=source.arn, IncludeDeprecated=True)
    made = [
        Version(
            str(one["VersionId"]), moment(one.get("CreatedDate")), current=CURRENT in (one.get("VersionStages") or ())
        )
        for one in found
    ]
    return sorted(made, key=lambda one: (one.current, one.at.timestamp() if one.at else 0.0), reverse=True)


def _on_swarm(key: Key, answers: Answers, stack: str) -> list[Version]:
    """By name: `web-config-0-<version>-<what the engine adds>`."""
    from operations.live.engine import CONFIGS, SECRETS, SERVICES

    labels = [f"application={PROJECT}", f"stack={stack}"]
    form = re.compile(rf"{re.escape(key.stored or '')}([0-9a-f]+)-[0-9a-f]{{7}}")
    listed = answers.ask(SECRETS if key.kind == "secret" else CONFIGS, label=labels)
    used = json.dumps(answers.ask(SERVICES, label=labels))
    found = []
    for one in listed:
        spec: Mapping[str, Any] = one["Spec"]
        if name := form.fullmatch(spec["Name"]):
            value = None if key.kind == "secret" else base64.b64decode(spec.get("Data") or "").decode(errors="replace")
            current = f'"{spec["Name"]}"' in used
            found.append(Version(name[1], moment(one.get("CreatedAt")), value=value, current=current))
    return sorted(found, key=lambda one: (one.current, one.at.timestamp() if one.at else 0.0), reverse=True)


def version_named(key: Key, versions: list[Version], wanted: str) -> Version:
    """The version of that id, or whose id begins so; raises CannotRun that says which there are."""
    exact = [one for one in versions if one.id == wanted]
    near = [one for one in versions if len(wanted) >= SHORTEST and one.id.startswith(wanted)]
    if len(found := exact or near) == 1:
        return found[0]
    there = ", ".join(one.id for one in versions[:10]) or "none: it was not deployed"
    what = f"{len(found)} versions that begin with" if found else "no version"
    raise CannotRun(f"{key.title} has {what} {wanted!r}: there are {there}")
