"""API Gateway's way of changing things: operations on paths, carried out along the model of the answer."""

from collections.abc import Iterable
from typing import Any

from localcloud.aws import shapes

SERVICE = "apigateway"
_ALIASES = {"restapiId": "restApiId"}
"""Members of paths that API Gateway writes otherwise than its answers."""


class Impossible(Exception):  # noqa: N818 -- what happened
    """An operation that has no place in the thing; the text is API Gateway's."""


def shape_of(operation: str) -> Any:
    """What an operation such as `UpdateStage` answers."""
    return shapes.service(SERVICE).operation_model(operation).output_shape


def wire_name(shape: Any, member: str) -> str:
    """A member's name as it is sent."""
    return str(shape.members[member].serialization.get("name", member))


def members(shape: Any) -> dict[str, Any]:
    """The members of a structure under the names that are sent."""
    return {wire_name(shape, name): inner for name, inner in shape.members.items()}


def apply(shape: Any, thing: dict[str, Any], operations: Iterable[dict[str, Any]]) -> set[str]:
    """Carry the operations out on a thing in its JSON form; returns the members that they touched."""
    touched = set()
    for each in operations:
        head, *rest = (step.replace("~1", "/").replace("~0", "~") for step in each["path"].lstrip("/").split("/"))
        head = _ALIASES.get(head, head)
        inner = members(shape).get(head)
        if inner is None:
            raise Impossible(
                f"Invalid patch path '{each['path']}' specified for op '{each['op']}'. Must be one of: "
                f"[{', '.join(f'/{name}' for name in sorted(members(shape)))}]"
            )
        thing[head] = _changed(inner, thing.get(head), rest, each["op"], each.get("value"))
        touched.add(head)
    return touched


def _changed(shape: Any, held: Any, steps: list[str], op: str, value: str | None) -> Any:
    kind = shape.type_name
    if kind == "structure" and steps:
        head, *rest = steps
        if head not in members(shape):
            raise Impossible(f"Invalid patch path: {head}")
        block = dict(held or {})
        block[head] = _changed(members(shape)[head], block.get(head), rest, op, value)
        return {k: v for k, v in block.items() if v is not None}
    if kind == "map" and steps:
        return _in_map(shape, dict(held or {}), steps, op, value)
    if kind == "list":
        return _in_list(list(held or []), steps, op, value)
    return None if op == "remove" else typed(kind, value)


def _in_map(shape: Any, block: dict[str, Any], steps: list[str], op: str, value: str | None) -> Any:
    head, *rest = steps
    if op == "remove" and not rest:
        block.pop(head, None)
    else:
        block[head] = _changed(shape.value, block.get(head), rest, op, value)
    return block


def _in_list(held: list[Any], steps: list[str], op: str, value: str | None) -> list[Any]:
    """`/types/EDGE` names an entry, `/scopes` the list; a replacement has the new entry as its value."""
    if op == "replace":
        named = steps[0] if steps else None
        at = int(named) if named and named.isdigit() and int(named) < len(held) else None
        if at is None and named in held:
            at = held.index(named)
        return [*held[:at], value, *held[at + 1 :]] if at is not None else [value] if value else []
    entry = steps[0] if steps else value
    rest = [one for one in held if one != entry]
    return rest if op == "remove" else [*rest, entry]


def typed(kind: str, value: str | None) -> Any:
    """The value that a text stands for; None takes it away."""
    if value is None or (value == "" and kind != "string"):
        return None
    if kind == "boolean":
        return value.lower() == "true"
    if kind in ("integer", "long"):
        return int(float(value))
    if kind in ("float", "double"):
        return float(value)
    return value or None
