"""AWS's own rules for a request: botocore checks names, types, required members and minima; here also enums, maxima,
patterns."""

import functools
import re
from collections.abc import Iterator
from typing import Any

from localcloud.aws import shapes

_SIZED = ("list", "map", "string", "blob")
_NUMBERS = ("integer", "long", "float", "double")
_SHOWN = 12  # enum values that an error text lists


BEYOND = {"BucketCannedACL": ("aws-exec-read", "log-delivery-write")}
"""Shape -> values that AWS takes and its model leaves out (S3 user guide, access control list overview)."""


def faults(shape: Any, value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """(path in the request, reason) of everything that the model of AWS forbids."""
    kind = shape.type_name
    if kind == "structure":
        for k, v in value.items():
            if k in shape.members:
                yield from faults(shape.members[k], v, f"{path}.{k}")
    elif kind == "list":
        for i, v in enumerate(value):
            yield from faults(shape.member, v, f"{path}[{i}]")
    elif kind == "map":
        for k, v in value.items():
            yield from ((f"{path}.{k}", f"its name {why}") for _, why in faults(shape.key, k))
            yield from faults(shape.value, v, f"{path}.{k}")
    if shape.metadata:
        beyond = {"enum": [*shape.metadata["enum"], *BEYOND[shape.name]]} if shape.name in BEYOND else {}
        yield from ((path, reason) for reason in _breaches(kind, shape.metadata | beyond, value))


def _breaches(kind: str, rules: dict[str, Any], value: Any) -> Iterator[str]:
    size, unit = None, ""
    if kind in _SIZED:
        size, unit = len(value), " characters" if kind == "string" else " items"
    elif kind in _NUMBERS:
        size = value
    if size is not None and size > rules.get("max", size):
        yield f"{size}{unit} is above the allowed {rules['max']}"
    if size is not None and size < rules.get("min", size):
        yield f"{size}{unit} is below the allowed {rules['min']}"
    if "enum" in rules and value not in rules["enum"]:
        allowed = rules["enum"][:_SHOWN]
        more = f" and {len(rules['enum']) - _SHOWN} more" if len(rules["enum"]) > _SHOWN else ""
        yield f"{value!r} is not allowed; allowed are {', '.join(allowed)}{more}"
    if kind == "string" and "pattern" in rules and not _matches(rules["pattern"], value):
        yield f"{value!r} does not match the pattern {rules['pattern']}"


@functools.cache
def _compiled(pattern: str) -> re.Pattern[str] | None:
    for java, python in ((r"\p{L}", r"\w"), (r"\p{Z}", r"\s"), (r"\p{N}", r"\d"), (r"\p{M}", ""), (r"\p{S}", "")):
        pattern = pattern.replace(java, python)
    if r"\p{" in pattern or "[[:" in pattern or "\\x{" in pattern:
        return None
    try:
        return re.compile(pattern)
    except re.error:  # a pattern that Python does not know
        return None


def _matches(pattern: str, value: str) -> bool:
    compiled = _compiled(pattern)
    return compiled is None or compiled.fullmatch(value) is not None


def refuse(service: str, call: str, request: dict[str, Any]) -> None:
    """Raise ValueError when the model of AWS forbids the request."""
    shape = shapes.input_shape(service, call)
    if shape is None:
        return
    found = [f"{path.lstrip('.')}: {reason}" for path, reason in faults(shape, request)]
    if found:
        raise ValueError(f"{shapes.operation(service, call)}: {'; '.join(found)}")
