"""A stack file to `Settings`: one typed, frozen tree per environment; every error at once, by file, line and path.
Needs no engine.

A union that `composition` discriminates: each composition brings its model, which is imported when a file names it.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from elasticity.faults import Fault, KeyPath
from stacks import error_text
from stacks.compositions import COMPOSITIONS, RULES_ONLY, SECTIONS, Settings, settings_model
from stacks.stack_file import PROJECT, SettingsError, StackFile

SECRET_MAPS = frozenset({"service_secrets"})
"""Keys that hold secrets by name."""
SECRET_KEYS = frozenset({"oidc_client_secret", "pager_endpoint", *SECRET_MAPS})
"""Keys beside the settings that hold secrets; `stacks.secrets` reads them."""


def load(path: Path) -> Settings:
    """The settings of one stack file, with no engine and no cloud; raises SettingsError with every fault."""
    return validate(StackFile.read(path))


def parse(name: str, text: str) -> Settings:
    """The same from the text of a stack file, which errors call `name`."""
    return validate(StackFile.parse(name, text))


def validate(file: StackFile, values: Mapping[str, Any] | None = None) -> Settings:
    """`Settings` from a stack file, or from `values` (section -> value) with the file for the places of errors."""
    if file.is_rules:
        return _rules_only(file)
    given = dict(file.sections if values is None else values)
    misplaced = [path for path in sorted(file.secrets, key=str) if path[0] not in SECRET_KEYS]
    faults = [*file.unknown_keys, *(_misplaced_secret(file, path) for path in misplaced)]
    faults += [
        file.fault(path, f"is a secret: set it with `pulumi config set --secret {words}`")
        for key in sorted(SECRET_KEYS & given.keys())
        for path, words in _plain(key, given[key])
    ]
    named = given.get("composition")
    composition = named if isinstance(named, str) and named in COMPOSITIONS else _meant(named, given)
    if composition != named:
        faults.append(file.fault(("composition",), _no_composition(given)))
    model = settings_model(composition)
    faults += _unknown_sections(file, given, composition, model)
    sections = {key: value for key, value in given.items() if key in model.model_fields}
    try:
        settings = model.model_validate(sections | {"composition": composition})
    except ValidationError as error:
        # What a secret or a key of another form hides is not there to be judged.
        hidden: set[KeyPath] = {*misplaced, *(_without_project(unknown.path) for unknown in file.unknown_keys)}
        if not SECTIONS.values() & given.keys() and composition != named:
            hidden.add((SECTIONS[composition],))  # nobody said that this composition is meant
        faults += [fault for fault in error_text.faults(error, model, file) if fault.path not in hidden]
    if faults:
        raise SettingsError(sorted(faults, key=lambda fault: (fault.line or 0, fault.key)))
    return settings


def _without_project(path: KeyPath) -> KeyPath:
    return (*(str(part).rpartition(":")[2] for part in path[:1]), *path[1:])


def _rules_only(file: StackFile) -> Settings:
    """The settings of a file that holds rules and nothing else."""
    model = settings_model(RULES_ONLY)
    faults = [*file.unknown_keys, *(_misplaced_secret(file, path) for path in sorted(file.secrets, key=str))]
    try:
        settings = model.model_validate(file.sections)
    except ValidationError as error:
        faults += error_text.faults(error, model, file)
    if faults:
        raise SettingsError(sorted(faults, key=lambda fault: (fault.line or 0, fault.key)))
    return settings


def _meant(named: object, given: Mapping[str, Any]) -> str:
    """The composition whose model judges a file that names none: the nearest name, else the one whose section stands
    there."""
    near = difflib.get_close_matches(named, COMPOSITIONS, 1, cutoff=0.6) if isinstance(named, str) else []
    there = (name for name, section in SECTIONS.items() if section in given)
    return near[0] if near else next(there, next(iter(COMPOSITIONS)))


def _no_composition(given: Mapping[str, Any]) -> str:
    allowed = f"one of {', '.join(COMPOSITIONS)}"
    if "composition" not in given:
        return f"is missing; give {allowed}"
    return f"got {error_text.kind_of(given['composition'])}, allowed {allowed}"


def _plain(key: str, value: Any) -> Iterator[tuple[KeyPath, str]]:
    """Places of secrets in plain text, each with what `pulumi config set --secret` is told; of a map what is
    encrypted is left out already."""
    if key not in SECRET_MAPS:
        yield (key,), key
    elif not isinstance(value, Mapping):
        yield (key,), f"--path '{key}[\"name\"]'"
    else:
        yield from (((key, str(name)), f"--path '{key}[\"{name}\"]'") for name in value)


def _unknown_sections(
    file: StackFile, given: Mapping[str, Any], composition: str, model: type[Settings]
) -> Iterator[Fault]:
    """Sections that no composition has, and those that another one has."""
    for key in given.keys() - model.model_fields.keys() - SECRET_KEYS:
        if key not in SECTIONS.values():
            yield file.fault((key,), f"unknown section; {_hint(key, model)}")
        elif given[key]:
            text = f"{composition} has none: move them to `{SECTIONS[composition]}`, or choose another composition"
            yield file.fault((key,), text)


def _misplaced_secret(file: StackFile, path: KeyPath) -> Fault:
    near = difflib.get_close_matches(str(path[0]), SECRET_KEYS, 1, cutoff=0.7) if len(path) == 1 else []
    hint = f"did you mean `{near[0]}`" if near else "name an ARN there, or use a key of its own"
    return file.fault(path, f"a secret has no place inside the settings: {hint}")


def _hint(section: str, model: type[Settings]) -> str:
    """What an unknown section may have meant."""
    near = difflib.get_close_matches(section, [*model.model_fields, *SECRET_KEYS], 1, cutoff=0.6)
    if near:
        return f"did you mean `{near[0]}`"
    places = error_text.places_of(section, model)
    if places:
        return f"it belongs to {' or '.join(f'`{place}`' for place in places)}"
    return f"allowed {', '.join(model.model_fields)}"


def schema() -> dict[str, Any]:
    """JSON schema of a whole stack file, for editors: one branch for each composition."""
    secure = {
        "type": "object",
        "properties": {"secure": {"type": "string"}},
        "required": ["secure"],
        "additionalProperties": False,
    }
    secrets = {f"{PROJECT}:{name}": secure for name in sorted(SECRET_KEYS)}
    branches: list[dict[str, Any]] = []
    definitions: dict[str, Any] = {}
    for name in COMPOSITIONS:
        own = settings_model(name).model_json_schema(by_alias=True)
        definitions |= own["$defs"]
        branches.append(
            {
                "title": name,
                "properties": {f"{PROJECT}:{key}": value for key, value in own["properties"].items()} | secrets,
                "required": [f"{PROJECT}:{key}" for key in own.get("required", ())],
                "patternProperties": {f"^(?!{PROJECT}:)": {}},
                "additionalProperties": False,
            }
        )
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Stack file of Accordion",
        "type": "object",
        "properties": {
            "config": {"type": "object", "oneOf": branches},
            "encryptionsalt": {"type": "string"},
            "encryptedkey": {"type": "string"},
            "secretsprovider": {"type": "string"},
            "environment": {},
        },
        "required": ["config"],
        "additionalProperties": False,
        "$defs": definitions,
    }


def rules_schema() -> dict[str, Any]:
    """JSON schema of a rules file, for editors."""
    own = settings_model(RULES_ONLY).model_json_schema(by_alias=True)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **own,
        "title": "Rules file of Accordion",
    }


__all__ = ["Fault", "SettingsError", "load", "parse", "rules_schema", "schema", "validate"]
