"""Which keys the services of every environment have, and of which type: one file beside the stack files.

A stack file says what a key is in its environment; this says which there are, so that one that is missing in an
environment, or left over, is found before it is deployed. Needs no engine.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Any, Literal, Self

from pydantic import Field, ValidationError, model_validator

from components.specs.balanced_service import ServiceName
from components.specs.configuration import ConfigurationSpec, SwarmConfiguration
from components.specs.container import EnvironmentName
from elasticity.faults import Fault, Severity
from elasticity.rules import Model, refuse
from stacks import error_text
from stacks.stack_file import SettingsError, StackFile, text_of

FILE = "configuration.yaml"
_TOP = "services"
SECRETS = "service_secrets"
"""Section of a stack file with the secrets of a Swarm, each encrypted."""
CODES: Mapping[str, tuple[Severity, str, str]] = MappingProxyType(
    {
        "CF001": ("error", "a key is missing", "the service would start without it, in this environment alone"),
        "CF002": ("warning", "a key is left over", "no service asks for it, or its name is misspelt"),
        "CF003": ("error", "a value is not of its key's form", "the service would read what it does not expect"),
        "CF004": ("note", "nobody says which keys there are", "a key that an environment lacks is not found"),
        "CF005": ("warning", "a secret has no value here", "the program refuses to deploy until it has one"),
    }
)
"""Codes of findings: severity, title and reason of each."""
_TYPES: Mapping[str, tuple[Any, str]] = MappingProxyType(
    {
        "text": (str, "a text"),
        "integer": (int, "an integer"),
        "number": ((int, float), "a number"),
        "boolean": (bool, "true or false"),
    }
)


class Key(Model):
    """One key of a service."""

    type: Literal["text", "integer", "number", "boolean", "secret"]
    """Of a secret only where it stands is ever declared."""
    optional: bool = False
    """Whether an environment may do without it."""
    allowed: tuple[Annotated[str, Field(min_length=1)], ...] = ()
    """Texts that it may be; none given: any."""
    minimum: float | None = None
    """Of a number, the least."""
    maximum: float | None = None
    """Of a number, the most."""
    description: str | None = None
    """For people."""

    @model_validator(mode="after")
    def _limits_fit(self) -> Self:
        faults = [
            Fault((name,), f"is for keys of type integer or number, and this one is {self.type}: leave it out")
            for name in ("minimum", "maximum")
            if getattr(self, name) is not None and self.type not in ("integer", "number")
        ]
        if self.allowed and self.type != "text":
            faults.append(Fault(("allowed",), f"is for keys of type text, and this one is {self.type}: leave it out"))
        if self.minimum is not None and self.maximum is not None and self.minimum > self.maximum:
            faults.append(Fault(("maximum",), "is below `minimum`: no number is both"))
        refuse(type(self), faults)
        return self


class Keys(Model):
    """The keys of every service, in every environment: `configuration.yaml`."""

    services: dict[ServiceName, dict[EnvironmentName, Key]]
    """By service, which keys it has."""


def keys_beside(stack_file: Path) -> Keys | None:
    """What `configuration.yaml` in the folder of a stack file says; None without one. Raises SettingsError."""
    path = stack_file.parent / FILE
    if not path.exists():
        return None
    return keys_of(str(path), text_of(path, str(path)))


def keys_of(name: str, text: str) -> Keys:
    """The same from the text of the file, which errors call `name`."""
    file = StackFile.parse(name, text, _TOP)
    faults = [*file.unknown_keys]
    faults += [file.fault(path, "a secret has no place here: this says which keys there are") for path in file.secrets]
    try:
        keys = Keys.model_validate(file.sections)
    except ValidationError as error:
        faults += error_text.faults(error, Keys, file)
    if faults:
        raise SettingsError(faults)
    return keys


def judge(
    configured: Mapping[str, ConfigurationSpec | SwarmConfiguration], keys: Keys | None, file: StackFile
) -> list[Fault]:
    """What is missing, left over or of another form in one environment, each where it is, or would be, written."""
    if keys is None:
        first = next((name for name, one in configured.items() if one.values or one.secrets), None)
        if first is None:
            return []
        said = f"there is no {FILE} beside it, so that a key that is missing here is not found"
        return [
            _finding(
                "CF004",
                ("services", first, "configuration"),
                said,
                "write one (`accordion schema --of configuration` is its form)",
                file,
            )
        ]
    return [
        one
        for name, configuration in configured.items()
        for one in _of_service(name, configuration, keys.services.get(name, {}), file)
    ]


def judge_secrets(needed: Collection[str], file: StackFile) -> Iterator[Fault]:
    """Secrets of a stack on a Swarm that have no value in its file, and values that nothing reads."""
    if file.imports or (SECRETS,) in file.secrets:
        return  # an environment of Pulumi ESC, or one encrypted text: nobody knows their names here
    there = {str(path[1]) for path in file.secrets if path[0] == SECRETS}
    for name in sorted(set(needed) - there):
        cure = f"set it: `pulumi config set --secret --path '{SECRETS}[\"{name}\"]'`"
        yield _finding("CF005", (SECRETS, name), "a service reads it, and here it has no value", cure, file)
    for name in sorted(there - set(needed)):
        cure = f"take it out: `pulumi config rm --path '{SECRETS}[\"{name}\"]'`"
        yield _finding("CF002", (SECRETS, name), "no service and no proxy reads it", cure, file)


def _of_service(
    name: str, configuration: ConfigurationSpec | SwarmConfiguration, keys: Mapping[str, Key], file: StackFile
) -> Iterator[Fault]:
    path = ("services", name, "configuration")
    values: Mapping[str, Any] = configuration.values
    secrets: Mapping[str, Any] = configuration.secrets
    for key, about in keys.items():
        kind, other = ("secrets", values) if about.type == "secret" else ("values", secrets)
        if key in other:
            there = "values" if kind == "secrets" else "secrets"
            text = f"the key is of type {about.type}: it stands under `{kind}`"
            yield _finding("CF003", (*path, there, key), text, "move it there", file)
        elif key not in getattr(configuration, kind):
            if not about.optional:
                text = f"{name} has the key {key}, of type {about.type}, and here it is missing"
                cure = f"write it under `{kind}`, or say `optional: true` in {FILE}"
                yield _finding("CF001", (*path, kind, key), text, cure, file)
        elif kind == "values" and (wrong := _wrong(values[key], about)) is not None:
            yield _finding("CF003", (*path, kind, key), wrong, "", file)
    for kind in ("values", "secrets"):
        for key in getattr(configuration, kind):
            if key not in keys:
                text = f"{FILE} has no such key of {name}"
                yield _finding("CF002", (*path, kind, key), text, "take it out, or say there what it is", file)


def _wrong(value: Any, about: Key) -> str | None:
    """What is wrong with a value, without the value."""
    kinds, words = _TYPES[about.type]
    if not isinstance(value, kinds) or (isinstance(value, bool) and about.type != "boolean"):
        return f"got {error_text.kind_of(value)}, allowed {words}"
    if about.allowed and value not in about.allowed:
        return f"not one of {', '.join(about.allowed)}"
    if about.minimum is not None and value < about.minimum:
        return f"is less than {about.minimum:g}"
    if about.maximum is not None and value > about.maximum:
        return f"is more than {about.maximum:g}"
    return None


def _finding(code: str, path: tuple[str, ...], message: str, cure: str, file: StackFile) -> Fault:
    return Fault(path, message, cure, file.name, file.line(path), code, CODES[code][0])


def schema() -> dict[str, Any]:
    """JSON schema of the file, for editors."""
    own = Keys.model_json_schema(by_alias=True)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **own, "title": "Configuration of Accordion"}
