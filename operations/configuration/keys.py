"""The keys that a stack file declares, and the versions of each that its cloud keeps. Values of secrets are asked of
nobody."""

from __future__ import annotations

import base64
import dataclasses
import datetime
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from components.specs.configuration import SecretSource, SwarmConfiguration, texts
from operations.configuration.committed import committed
from operations.failures import CannotRun
from operations.going_back.versions import Update
from operations.live.answers import Answers, Unanswered, moment
from operations.live.day_to_day import PARAMETER_HISTORY, SECRET_VERSIONS
from operations.redaction import redacted
from stacks.compositions import Settings
from stacks.private_service.settings import PrivateServiceSettings
from stacks.stack_file import PROJECT

CURRENT = "AWSCURRENT"
SHORTEST = 6
"""Signs of a version's id that name it, where no other begins so."""


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
    of a value there, which only the backend's history of the stack has."""
    secret: str | None = None
    """Of a secret on a Swarm, its name under `service_secrets`."""

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
    encrypted: str | None = None
    """Of a secret on a Swarm, as a commit of the stack file has it."""

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
                yield Key(service, name, "secret", "", stored=f"{service}-secret-{source}-", secret=source)


def _files(settings: Settings) -> Iterator[Key]:
    """On a Swarm: secrets that are listed by name alone, and files."""
    if not isinstance(settings, PrivateServiceSettings):
        return
    for name, service in settings.services.items():
        for secret in service.secrets:
            yield Key(name, secret, "secret", "", stored=f"{name}-secret-{secret}-", secret=secret)
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


def versions_declared(key: Key, found: Sequence[Update]) -> list[Version]:
    """The versions of a value as deployments that succeeded declared it, the newest first: each by the number of the
    update that began with it."""
    versions: list[Version] = []
    for update in reversed(found):
        if update.kind == "destroy" and update.result == "succeeded":
            versions = [dataclasses.replace(one, current=False) for one in versions]
        elif update.is_version and update.result == "succeeded":
            value = _declared(update, key)
            if versions and versions[-1].current and versions[-1].value == value:
                continue
            versions = [dataclasses.replace(one, current=False) for one in versions]
            if value is not None:
                by = redacted(update.author)
                versions.append(Version(str(update.version), update.ended or update.began, by, value, current=True))
    return versions[::-1]


def _declared(update: Update, key: Key) -> str | None:
    """What an update's settings say of a value; None for nothing."""
    found: Any = update.sections
    for part in ("services", key.service, "configuration", "values", key.name):
        found = found.get(part) if isinstance(found, Mapping) else None
    return None if found is None else texts({key.name: found})[key.name]


def on_swarm_now(key: Key, answers: Answers, stack: str) -> str | None:
    """A value as the Engine has it for the service's tasks; None where there is no such service or variable."""
    from operations.live.engine import SERVICES, VARIABLES

    labels = [f"application={PROJECT}", f"stack={stack.rpartition('/')[2]}"]
    name = re.compile(rf"{re.escape(key.service)}-service-[0-9a-f]{{7}}")
    for one in answers.ask(SERVICES, label=labels):
        if name.fullmatch(one["Spec"]["Name"]):
            found = answers.ask(VARIABLES, service=one["ID"], name=key.name)
            return str(found[0]["Value"]) if found else None
    return None


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


def committed_versions(key: Key, file: Path) -> list[Version]:
    """What commits of the stack file have of a Swarm's secret, the newest first."""
    if key.secret is None:
        return []
    return [
        Version(f"git:{one.commit[:10]}", one.at, redacted(one.by), current=one.current, encrypted=one.encrypted)
        for one in committed(file, key.secret)
    ]


def version_named(key: Key, versions: list[Version], wanted: str) -> Version:
    """The version of that id, or whose id begins so; raises CannotRun that says which there are."""
    exact = [one for one in versions if one.id == wanted]
    near = [one for one in versions if len(wanted) >= SHORTEST and one.id.startswith(wanted)]
    if len(found := exact or near) == 1:
        return found[0]
    there = ", ".join(one.id for one in versions[:10]) or "none: it was not deployed"
    what = f"{len(found)} versions that begin with" if found else "no version"
    raise CannotRun(f"{key.title} has {what} {wanted!r}: there are {there}")
