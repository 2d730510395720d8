"""Inputs of resources as plain values: what is not known yet is UNKNOWN, and never looks like something missing."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any


class _Unknown:
    """A value that only the deployment makes: neither true nor missing."""

    def __repr__(self) -> str:
        return "UNKNOWN"


UNKNOWN = _Unknown()


@dataclass(frozen=True)
class Declared:
    """One resource of a stack, as a policy sees it."""

    type: str
    """Type token, such as aws:s3/bucket:Bucket."""
    name: str
    inputs: Mapping[str, Any]
    """Camel case keys; numbers may be floats; UNKNOWN where a value is made by the deployment."""
    refers: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """Input of the top level -> URNs of the resources that its value comes from."""
    urn: str = ""
    ignores: frozenset[str] = frozenset()
    """Inputs whose changes the engine does not heed (`ignoreChanges`)."""
    provider_tags: Any = None
    """Tags that its provider lays on everything, key to value; None for none, UNKNOWN where that is not known."""


def at(value: Any, *keys: str) -> Any:
    """What stands at `keys`; None where nothing does, UNKNOWN where a part of the way is not known."""
    for key in keys:
        if value is UNKNOWN:
            return UNKNOWN
        value = value.get(key) if isinstance(value, Mapping) else None
    return value


def every(value: Any, *keys: str) -> Iterator[Any]:
    """The members of the list at `keys` (or the one value there) that are known."""
    found = at(value, *keys)
    members = found if isinstance(found, list | tuple) else [] if found is None else [found]
    yield from (member for member in members if member is not None and member is not UNKNOWN)


def holds_unknown(value: Any) -> bool:
    """Whether a value, or a member of a list, is not known."""
    return value is UNKNOWN or (isinstance(value, list | tuple) and any(each is UNKNOWN for each in value))


def text(value: Any) -> str:
    """A text as it is; nothing for what is none."""
    return value if isinstance(value, str) else ""


def is_off(value: Any) -> bool:
    """Whether a switch is known to be off: missing, false, or the text false."""
    return value is None or str(value).lower() in ("false", "")


def is_on(value: Any) -> bool:
    """Whether a switch is known to be on."""
    return str(value).lower() == "true"


def number(value: Any) -> float | None:
    """A number, also one written as text; None for what is none or not known."""
    if isinstance(value, bool) or value is UNKNOWN or value is None:
        return None
    try:
        return float(value)
    except (TypeError, ValueError):
        return None


def document(value: Any) -> Any:
    """A document given as JSON text or as a value; UNKNOWN where it is not known, no JSON, or too deep."""
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except (ValueError, RecursionError):
        return UNKNOWN


def several(value: Any) -> tuple[Any, ...]:
    """One or many, as IAM writes them, as many."""
    return tuple(value) if isinstance(value, list | tuple) else () if value is None or value is UNKNOWN else (value,)


def maps(values: Iterable[Any]) -> Iterator[Mapping[str, Any]]:
    """Those of the values that are maps."""
    return (value for value in values if isinstance(value, Mapping))
