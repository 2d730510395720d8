"""pydantic's errors in words: the kind of value that was got, what is allowed, the nearest key; never the value."""

from __future__ import annotations

import difflib
import functools
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from elasticity.faults import Fault, KeyPath, dotted
from stacks.formats import described
from stacks.stack_file import StackFile

_KINDS: tuple[tuple[type | tuple[type, ...], str], ...] = (
    (bool, "true or false"),
    (int, "an integer"),
    (float, "a number"),
    (str, "a text"),
    (Mapping, "a map"),
    ((list, tuple), "a list"),
    (type(None), "nothing"),
)
_TYPES = {
    "integer": "an integer",
    "number": "a number",
    "string": "a text",
    "boolean": "true or false",
    "array": "a list",
    "object": "a map",
    "null": "nothing",
}


def faults(error: ValidationError, model: type[BaseModel], file: StackFile) -> list[Fault]:
    """Every error of a validation of `model`, in the file's order, one per place."""
    schema = _schema(model)
    details = [(_keys(detail, schema), detail) for detail in error.errors(include_url=False)]
    found: dict[KeyPath, Fault] = {}
    meant = {
        (*path[:-1], near)
        for path, detail in details
        if detail["type"] == "extra_forbidden" and (near := _near(path, schema)) is not None
    }
    for path, detail in details:
        if detail["type"] == "missing" and path in meant:
            continue  # it is there, with a typo
        if detail["type"] == "too_short" and any(path == other[: len(path)] != other for other, _ in details):
            continue  # entries that are wrong are counted as missing
        sentence = _sentence(detail, path, schema)
        # A union reports each branch that failed: the first already names all that is allowed.
        found.setdefault(path, file.fault(path, sentence))
    return sorted(found.values(), key=lambda fault: (fault.line or 0, fault.key))


def places_of(key: str, model: type[BaseModel], near: KeyPath = ()) -> list[str]:
    """Where else in the model a key stands, nearest to `near` first; names that a user gives are `<name>`.

    Empty where it stands in more than two places that are equally near: then it says nothing.
    """
    return _places(key, _schema(model), near)


@functools.cache
def _schema(model: type[BaseModel]) -> dict[str, Any]:
    return model.model_json_schema(by_alias=True)


def kind_of(value: object) -> str:
    """The kind of a value in words, so that an error need not repeat it."""
    return next((words for kind, words in _KINDS if isinstance(value, kind)), "a value of another kind")


def _keys(detail: ErrorDetails, schema: dict[str, Any]) -> KeyPath:
    """The location without pydantic's own marks: names of union branches and of validators."""
    path: list[str | int] = []
    node: dict[str, Any] | None = schema
    for part in detail["loc"]:
        following = _below(node, part, schema)
        if following is None and node is not None and _branches(node, part, schema):
            continue  # the branch of a union that a key chooses
        if following is None and node is not None and not _open(node, schema) and detail["type"] != "extra_forbidden":
            continue  # the branch of a union, or the mark of a map's key
        if part == "[key]":
            continue
        path.append(part)
        node = following
    return tuple(path)


def _resolved(node: dict[str, Any] | None, schema: dict[str, Any]) -> list[dict[str, Any]]:
    """The node and every alternative of it, references followed."""
    if node is None:
        return []
    if "$ref" in node:
        target = schema["$defs"][node["$ref"].rsplit("/", 1)[1]]
        return _resolved(target, schema)
    alternatives = [inner for key in ("anyOf", "oneOf", "allOf") for inner in node.get(key, ())]
    return [found for inner in alternatives for found in _resolved(inner, schema)] if alternatives else [node]


def _branches(node: dict[str, Any] | None, tag: object, schema: dict[str, Any]) -> list[dict[str, Any]]:
    """The alternatives of a node that one of their keys chooses by holding `tag`."""
    found = _resolved(node, schema)
    chosen = [c for c in found if any(inner.get("const") == tag for inner in c.get("properties", {}).values())]
    return chosen if len(found) > 1 else []


def _tag(branch: dict[str, Any]) -> str:
    """What chooses one alternative, as a user writes it: `strategy: canary`."""
    return next(f"{key}: {inner['const']}" for key, inner in branch["properties"].items() if "const" in inner)


def _below(node: dict[str, Any] | None, part: str | int, schema: dict[str, Any]) -> dict[str, Any] | None:
    candidates = _resolved(node, schema)
    consts = [c["properties"][part] for c in candidates if "const" in c.get("properties", {}).get(part, ())]
    if len(consts) > 1:
        return {"anyOf": consts}  # the key that chooses
    for candidate in candidates:
        if isinstance(part, int):
            if "items" in candidate:
                return dict(candidate["items"])
            if part < len(candidate.get("prefixItems", ())):
                return dict(candidate["prefixItems"][part])
        elif part in candidate.get("properties", {}):
            return dict(candidate["properties"][part])
        elif isinstance(candidate.get("additionalProperties"), dict):
            return dict(candidate["additionalProperties"])
        elif candidate.get("patternProperties"):
            return dict(next(iter(candidate["patternProperties"].values())))
    return None


def _open(node: dict[str, Any], schema: dict[str, Any]) -> bool:
    return any(
        "additionalProperties" in c or "patternProperties" in c or c.get("type") == "object"
        for c in _resolved(node, schema)
    )


def _at(path: KeyPath, schema: dict[str, Any]) -> dict[str, Any] | None:
    node: dict[str, Any] | None = schema
    for part in path:
        node = _below(node, part, schema)
    return node


def _chosen(location: tuple[str | int, ...], schema: dict[str, Any]) -> dict[str, Any] | None:
    """The node of a key whose map is the branch of a union that another key chose; None elsewhere: the branches have
    keys of one name with limits of their own."""
    if len(location) < 2:
        return None
    node: dict[str, Any] | None = schema
    for part in location[:-2]:
        node = _below(node, part, schema)
    for branch in _branches(node, location[-2], schema):
        found = branch["properties"].get(location[-1])
        if found is not None and "const" not in found:
            return dict(found)
    return None


def _allowed(node: dict[str, Any] | None, schema: dict[str, Any]) -> str:
    """What the schema allows at a place, in words."""
    words: list[str] = []
    for candidate in _resolved(node, schema):
        if "const" in candidate:
            words.append(str(candidate["const"]))
        elif "enum" in candidate:
            words.append("one of " + ", ".join(map(str, candidate["enum"])))
        elif candidate.get("type") in ("integer", "number") and (bounds := _bounds(candidate)):
            words.append(bounds)
        elif candidate.get("type") == "string" and "pattern" in candidate:
            words.append(described(candidate["pattern"]) or f"a text like {candidate['pattern']}")
        elif candidate.get("type") == "string" and "maxLength" in candidate:
            words.append(f"a text of {candidate.get('minLength', 0)} to {candidate['maxLength']} characters")
        elif candidate.get("type") in _TYPES and candidate["type"] != "null":
            words.append(_TYPES[candidate["type"]])
    return " or ".join(dict.fromkeys(words)) or "another kind of value"


def _bounds(node: dict[str, Any]) -> str:
    low, high, above = node.get("minimum"), node.get("maximum"), node.get("exclusiveMinimum")
    if above is not None and high is not None:
        return f"above {above:g}, up to {high:.10g}"
    if low is not None and high is not None:
        return f"{low:g} to {high:g}"
    if low is not None:
        return f"{low:g} or more"
    if high is not None:
        return f"{high:g} or less"
    if above is not None:
        return f"above {above:g}"
    return ""


def _sentence(detail: ErrorDetails, path: KeyPath, schema: dict[str, Any]) -> str:
    kind, got, limits = detail["type"], kind_of(detail["input"]), detail.get("ctx", {})
    if detail["loc"][-1:] == ("[key]",):
        return f"got a name of another form, allowed {_name_form(limits)}"
    allowed = _allowed(_chosen(detail["loc"], schema) or _at(path, schema), schema)
    if kind == "missing":
        return f"is missing; give {allowed}"
    if kind == "extra_forbidden":
        return _unknown_key(path, schema, detail["loc"][-2:-1])
    if (outside := _outside(kind, limits)) is not None:
        return f"got {got}{outside[0]}, allowed {allowed}{outside[1]}"
    if kind in ("too_short", "too_long", "string_too_short", "string_too_long"):
        return f"got {got} of the wrong length, allowed {allowed}" if "string" in kind else _length(kind, limits)
    if kind == "string_pattern_mismatch":
        return f"got {got} of another form, allowed {allowed}"
    if kind == "quantity":
        return f"got {got}, allowed {allowed}"
    if detail["msg"].startswith("Value error, "):
        return detail["msg"].removeprefix("Value error, ")
    if "expected" not in limits and kind not in _PYDANTIC_TYPE_ERRORS and not kind.endswith(("_type", "_parsing")):
        return detail["msg"]
    quoted = kind == "string_type" and isinstance(detail["input"], int | float)
    return f"got {got}, allowed {allowed}{': quote it' if quoted else ''}"


def _outside(kind: str, limits: Mapping[str, Any]) -> tuple[str, str] | None:
    """Of a number that is outside its limits: what is said after what was got, and after what is allowed."""
    if kind in ("less_than_equal", "less_than"):
        return f" above {limits.get('le', limits.get('lt')):.10g}", ""
    if kind == "greater_than_equal":
        return f" below {limits['ge']:g}", ""
    if kind == "greater_than":
        return f" that is not above {limits['gt']:g}", ""
    return ("", f" in steps of {limits['multiple_of']:g}") if kind == "multiple_of" else None


def _name_form(limits: Mapping[str, Any]) -> str:
    """What the key of a map may look like."""
    if "pattern" in limits:
        return described(limits["pattern"]) or f"a text like {limits['pattern']}"
    if "max_length" in limits:
        return f"at most {limits['max_length']} characters"
    return f"at least {limits['min_length']} characters" if "min_length" in limits else "a text"


_PYDANTIC_TYPE_ERRORS = frozenset(
    {"literal_error", "enum", "int_from_float", "finite_number", "timezone_aware", "datetime_from_date_parsing"}
)


def _length(kind: str, limits: dict[str, Any]) -> str:
    if kind == "too_short":
        return f"got too few entries, allowed {limits['min_length']} or more"
    return f"got too many entries, allowed {limits['max_length']} or fewer"


REFUSED = "x-refused"
"""Keyword of a model's schema: keys that other compositions have there, each with why this one has not."""


def _unknown_key(path: KeyPath, schema: dict[str, Any], tag: tuple[str | int, ...]) -> str:
    parent = _at(path[:-1], schema)
    for candidate in _resolved(parent, schema):
        if (why := candidate.get(REFUSED, {}).get(path[-1])) is not None:
            return str(why)
    for branch in _branches(parent, tag[0] if tag else None, schema):
        others = [c for c in _resolved(parent, schema) if path[-1] in c["properties"]]
        if others:
            return f"unknown key with `{_tag(branch)}`; it belongs to {' or '.join(f'`{_tag(c)}`' for c in others)}"
    elsewhere = _places(str(path[-1]), schema, path[:-1])
    if elsewhere:
        return f"unknown key here; it belongs to {' or '.join(f'`{place}`' for place in elsewhere)}"
    near = _near(path, schema)
    return f"unknown key; did you mean `{near}`" if near else f"unknown key; allowed {', '.join(_known(path, schema))}"


def _known(path: KeyPath, schema: dict[str, Any]) -> list[str]:
    """Keys that may stand beside the last one of a path."""
    parent = _at(path[:-1], schema)
    return sorted({name for candidate in _resolved(parent, schema) for name in candidate.get("properties", ())})


def _near(path: KeyPath, schema: dict[str, Any]) -> str | None:
    """The key that the last one of a path was meant to be."""
    return next(iter(difflib.get_close_matches(str(path[-1]), _known(path, schema), 1, cutoff=0.5)), None)


_ANY = "<name>"
_MAXIMUM_PLACES, _DEEPEST = 2, 5


def _places(key: str, schema: dict[str, Any], near: KeyPath) -> list[str]:
    """The maps in which `key` is known, nearest to the path `near` first, as a user would write them."""
    shared = {
        place: next((n for n, (a, b) in enumerate(zip(place, near, strict=False)) if a not in (_ANY, b)), None)
        for place in _parents(key, schema, (), schema)
    }
    depth = {place: min(len(place), len(near)) if n is None else n for place, n in shared.items()}
    best = [place for place, n in depth.items() if n == max(depth.values())]
    if len(best) > _MAXIMUM_PLACES:
        return []
    return [dotted((*near[: depth[place]], *place[depth[place] :])) for place in best]


def _parents(key: str, node: dict[str, Any], path: KeyPath, schema: dict[str, Any]) -> list[KeyPath]:
    """Paths of the maps that have `key` as one of their fields."""
    found: list[KeyPath] = []
    for candidate in _resolved(node, schema) if len(path) <= _DEEPEST else ():
        properties = candidate.get("properties", {})
        if key in properties and path:
            found.append(path)
        for name, below in properties.items():
            found += _parents(key, below, (*path, name), schema)
        inner = candidate.get("additionalProperties")
        values = [inner] if isinstance(inner, dict) else list(candidate.get("patternProperties", {}).values())
        for below in values:
            found += _parents(key, below, (*path, _ANY), schema)
    return list(dict.fromkeys(found))
