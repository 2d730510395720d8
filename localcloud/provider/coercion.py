"""Values in the form of their schema type, as the providers that Pulumi bridges from Terraform take them.

A program may give a number or a truth value where a text is asked for, and a text that reads as one where a number or
a truth value is; and an object for a document, which is a text of JSON. What cannot be read in the form asked for stays
as it is: the check of its type refuses it, by its own path.
"""

import decimal
import json
import re
from collections.abc import Mapping
from typing import Any

from localcloud.provider import schema, wire
from localcloud.provider.schema import Type

_TRUTH = {
    **dict.fromkeys(("1", "t", "T", "true", "TRUE", "True"), True),
    **dict.fromkeys(("0", "f", "F", "false", "FALSE", "False"), False),
}
"""The texts of truth values (Go's strconv.ParseBool, which the bridge uses)."""
_WHOLE = re.compile(r"[+-]?\d+")
_DECIMAL = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")


def coerced(t: Type, value: Any) -> Any:
    """The value in the form of the type; as it is where it has none."""
    if value is None or wire.is_unknown(value):
        return value
    if t.kind == "list" and isinstance(value, list | tuple):
        return [coerced(t.of, item) for item in value]
    if t.kind == "map" and isinstance(value, dict):
        return {name: coerced(t.of, item) for name, item in value.items()}
    if t.kind == "object" and isinstance(value, dict):
        return block(schema.obj(t.of).props, value)
    if t.kind == "union":
        return _one_of(t.of, value)
    return _scalar(t.kind, value)


def block(props: Mapping[str, Type], values: Mapping[str, Any]) -> dict[str, Any]:
    """Each property in the form of its type; what is no property stays."""
    return {name: coerced(props[name], value) if name in props else value for name, value in values.items()}


def _one_of(types: tuple[Type, ...], value: Any) -> Any:
    """A text or an object is a document: as a text. Of other unions each member may stand as it is."""
    kinds = {t.kind for t in types}
    if "str" not in kinds:
        return value
    if isinstance(value, dict) and "object" in kinds:
        if wire.unknowns(value):
            return wire.UNKNOWN
        return json.dumps(value, separators=(",", ":"), sort_keys=True, ensure_ascii=False)
    return _scalar("str", value) if kinds <= {"str", "object"} else value


def _scalar(kind: str, value: Any) -> Any:
    if kind == "str" and isinstance(value, bool | int | float):
        return text(value)
    if not isinstance(value, str):
        return value
    if kind == "bool":
        return _TRUTH.get(value, value)
    if kind == "int" and _WHOLE.fullmatch(value):
        return int(value)
    if kind == "number" and _DECIMAL.fullmatch(value):
        number = float(value)
        return int(number) if number.is_integer() else number
    return value


def text(value: bool | int | float) -> str:
    """A scalar as text: digits without an exponent, truth values in lower case."""
    if isinstance(value, float) and not value.is_integer():
        return format(decimal.Decimal(repr(value)), "f")
    return wire.number_text(value)
