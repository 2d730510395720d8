"""What the rows of API Gateway for REST share: things found by several ids, and changes as operations on paths."""

import datetime
from collections.abc import Callable, Iterator
from typing import Any

from localcloud.aws import shapes
from localcloud.aws.client import Aws
from localcloud.aws.kind import Kind, Props, fill
from localcloud.provider.wire import number_text

SERVICE = "apigateway"
ARN = "arn:aws:apigateway:{region}::"
BY_ENTRY = {"binaryMediaTypes", "cacheKeyParameters"}
"""Lists whose entries are named by the path of an operation; those of others are its value."""
REST = {"restApi": "restApiId"}


def reads(call: str, **arguments: str) -> Callable[[Aws, str, Props], Props]:
    """Reads a thing; what the call asks for, templates over the id and the inputs, is part of what is read."""

    def read(aws: Aws, resource_id: str, props: Props) -> Props:
        asked: Props = fill(arguments, resource_id, props)
        return stamped(dict(aws(SERVICE, call, **asked))) | asked

    return read


def stamped(live: Props) -> Props:
    """The answer with moments as the official provider writes them."""
    return {
        k: v.astimezone(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if isinstance(v, datetime.datetime) else v
        for k, v in live.items()
    }


def by_path(resource_id: str, *names: str) -> Callable[[str], tuple[str, Props]]:
    """`api/resource/GET`, as it is given to an import, to the id and the inputs that it stands for."""

    def parts(text: str) -> tuple[str, Props]:
        found = dict(zip(names, text.split("/", len(names) - 1), strict=False))
        return resource_id.format(**found), {k: v for k, v in found.items() if k != "id"}

    return parts


def patches(kind: Callable[[], Kind], call: str, **arguments: str) -> Callable[..., None]:
    """Sends what changed of a thing as operations on paths; the arguments name the thing."""

    def update(aws: Aws, resource_id: str, old: Props, new: Props) -> None:
        found = list(operations(kind(), old, new))
        if found:
            aws(SERVICE, call, **fill(arguments, resource_id, new), patchOperations=found)

    return update


def operations(row: Kind, old: Props, new: Props) -> Iterator[Props]:
    """The operations that bring a thing from the old inputs to the new ones."""
    changed = row.changed(old, new) - {"tags", "region", *row.properties.write_only, *row.own_calls.put}
    shape = shapes.input_shape(SERVICE, row.calls.create)
    before, after = (
        row.request(row.calls.create, {k: v for k, v in inputs.items() if k in changed}) for inputs in (old, new)
    )
    for member in sorted(before.keys() | after.keys()):
        sent = shape.members[member].serialization
        if sent.get("location") != "uri":
            yield from between(f"/{sent.get('name', member)}", before.get(member), after.get(member))


def between(path: str, before: Any, after: Any) -> Iterator[Props]:
    """The operations at a path and below that bring one value to another."""
    if before == after:
        return
    if isinstance(before, dict) or isinstance(after, dict):
        held, wanted = before or {}, after or {}
        for name in sorted(held.keys() | wanted.keys()):
            step = name.replace("~", "~0").replace("/", "~1")
            if name in wanted:
                yield from between(f"{path}/{step}", held.get(name), wanted[name])
            else:
                yield {"op": "remove", "path": f"{path}/{step}"}
    elif isinstance(before, list) or isinstance(after, list):
        yield from _entries(path, before or [], after or [])
    elif after is None:
        yield {"op": "replace", "path": path, "value": ""}
    else:
        yield {"op": "replace" if before is not None else "add", "path": path, "value": _text(after)}


def _entries(path: str, before: list[str], after: list[str]) -> Iterator[Props]:
    if path.endswith("/types"):
        yield {"op": "replace", "path": f"{path}/{before[0] if before else 0}", "value": after[0]}
        return
    named = path.lstrip("/") in BY_ENTRY
    for op, entries in (("remove", before), ("add", after)):
        for entry in entries:
            if entry in before and entry in after:
                continue
            step = entry.replace("~", "~0").replace("/", "~1")
            yield {"op": op, "path": f"{path}/{step}"} if named else {"op": op, "path": path, "value": entry}


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else number_text(value)
