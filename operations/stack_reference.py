"""The reference of the stack file as Markdown, from its JSON schema: a table for each object, in the order in which a
reader meets them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from stacks import formats

Schema = Mapping[str, Any]

_RULES_INTRODUCTION = """\
# Reference of the rules file

Written by `accordion schema --of rules --format markdown`; do not edit. A rules file holds what scales and nothing
else: no stack, no Pulumi. `accordion check`, `simulate`, `explain`, `cost`, `tune` and `sweep` take it wherever they
take a stack file; [the guide](guides/rules-without-a-stack.md) begins with one. What has no default must be given.
Editors complete and check the same keys with [the JSON schema](schema/rules.schema.json).
"""
_INTRODUCTION = """\
# Reference of the stack file

Written by `accordion schema --format markdown`; do not edit. Every key that a `Pulumi.<stack>.yaml` may have, below
`config:`. What has no default must be given. Editors complete and check the same keys with
[the JSON schema](schema/stack.schema.json).
"""


def reference(schema: Schema) -> str:
    """The whole page.

    Raises: KeyError for a part of JSON Schema that has no words here yet.
    """
    config = schema["properties"]["config"]
    lines = [_INTRODUCTION.rstrip("\n")]
    for branch in config["oneOf"]:
        lines += ["", f"## config of `{branch['title']}`", "", *_table(branch)]
    return "\n".join([*lines, *_definitions(config, schema["$defs"])]) + "\n"


def rules_reference(schema: Schema) -> str:
    """The whole page of a rules file.

    Raises: KeyError for a part of JSON Schema that has no words here yet.
    """
    lines = [_RULES_INTRODUCTION.rstrip("\n"), "", "## The file", "", *_table(schema)]
    return "\n".join([*lines, *_definitions(schema["properties"], schema["$defs"])]) + "\n"


def _definitions(start: Schema, definitions: Mapping[str, Schema]) -> list[str]:
    """A table for each object below `start`."""
    lines: list[str] = []
    for name in _in_order(start, definitions):
        body = definitions[name]
        lines += ["", f"## {name}", ""]
        if said := body.get("description"):
            lines += [" ".join(said.split()), ""]
        lines += _table(body) if "properties" in body else [f"{_allowed(body)}."]
    return lines


def _in_order(start: Schema, definitions: Mapping[str, Schema]) -> list[str]:
    found: list[str] = []
    waiting = list(_mentions(start))
    while waiting:
        name = waiting.pop(0)
        if name not in found:
            found.append(name)
            waiting = [*_mentions(definitions[name]), *waiting]
    return found


def _mentions(schema: Any) -> Iterator[str]:
    if isinstance(schema, Mapping):
        if "$ref" in schema:
            yield _referred(schema)
        for key, value in schema.items():
            if key != "discriminator":
                yield from _mentions(value)
    elif isinstance(schema, list):
        for item in schema:
            yield from _mentions(item)


def _referred(schema: Schema) -> str:
    return str(schema["$ref"]).removeprefix("#/$defs/")


def _table(schema: Schema) -> list[str]:
    lines = ["| key | allowed | default | |", "| --- | --- | --- | --- |"]
    needed = schema.get("required", [])
    for key, value in schema["properties"].items():
        default = "" if key in needed or "default" not in value else _default(value["default"])
        said, allowed = " ".join(str(value.get("description", "")).split()), _allowed(value)
        what = "" if said == allowed else said  # a form's own words
        lines.append(f"| `{key}` | {_cell(allowed)} | {_cell(default)} | {_cell(what)} |")
    return lines


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def _default(value: Any) -> str:
    if value is None:
        return "none"
    if isinstance(value, Mapping):
        return "that of each key" if value else "none"
    if value in ([], ""):
        return "none"
    return f"`{value}`" if isinstance(value, str) else f"`{json.dumps(value)}`"


def _allowed(schema: Schema) -> str:
    if "$ref" in schema:
        name = _referred(schema)
        return f"[{name}](#{name.lower()})"
    if alternatives := schema.get("anyOf") or schema.get("oneOf"):
        words = [_allowed(each) for each in alternatives if each.get("type") != "null"]
        return " or ".join(dict.fromkeys(words))
    if "const" in schema:
        return f"`{_plain(schema['const'])}`"
    if "enum" in schema:
        return ", ".join(f"`{_plain(value)}`" for value in schema["enum"])
    return _KINDS[schema["type"]](schema)


def _plain(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _text(schema: Schema) -> str:
    if "pattern" not in schema:
        return "text"
    return formats.described(schema["pattern"]) or f"text that matches `{schema['pattern']}`"


def _number(kind: str) -> Callable[[Schema], str]:
    def words(schema: Schema) -> str:
        bounds = [
            f"{word} {schema[key]:,}"
            for key, word in (
                ("minimum", "from"),
                ("exclusiveMinimum", "above"),
                ("maximum", "to"),
                ("exclusiveMaximum", "below"),
            )
            if key in schema
        ]
        return " ".join([kind, *bounds])

    return words


def _list(schema: Schema) -> str:
    many = "list of "
    if "minItems" in schema or "maxItems" in schema:
        minimum, maximum = schema.get("minItems", 0), schema.get("maxItems")
        many = f"list of {minimum} or more: " if maximum is None else f"list of {minimum} to {maximum}: "
    return many + (
        _allowed(schema["items"]) if "items" in schema else " and ".join(map(_allowed, schema["prefixItems"]))
    )


def _map(schema: Schema) -> str:
    values = [*schema.get("patternProperties", {}).values()]
    if isinstance(schema.get("additionalProperties"), Mapping):
        values.append(schema["additionalProperties"])
    return "map of names to " + " or ".join(map(_allowed, values)) if values else "map"


_KINDS: Mapping[str, Callable[[Schema], str]] = {
    "string": _text,
    "integer": _number("whole number"),
    "number": _number("number"),
    "boolean": lambda _: "`true`, `false`",
    "array": _list,
    "object": _map,
}
