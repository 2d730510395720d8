"""Pulumi inputs -> AWS request, along the botocore request shape, and back; names match without case and plural."""

import functools
import json
import re
import threading
from dataclasses import dataclass, field
from typing import Any

import botocore.session
from botocore import xform_name

from localcloud.provider import schema
from localcloud.provider.compare import below, key
from localcloud.provider.schema import Type
from localcloud.provider.wire import number_text

_models = threading.RLock()
INLINE = "."
"""In `rename`: the members of this block lie beside it in the request, under names of their own."""


@functools.cache
def session() -> Any:
    """The botocore session of this process, without profile or configuration of the person."""
    return botocore.session.Session(session_vars={"profile": (None, None, None, None)})


@functools.cache
def service(name: str) -> Any:
    """The model of a service."""
    with _models:
        return session().get_service_model(name)


@functools.cache
def _operations(name: str) -> dict[str, str]:
    return {xform_name(operation): operation for operation in service(name).operation_names}


def operation(name: str, call: str) -> str:
    """AWS's name of a boto3 call: `create_vpc` is CreateVpc."""
    return _operations(name)[call]


@functools.cache
def input_shape(name: str, call: str) -> Any:
    """The request shape of a boto3 call such as `create_vpc`."""
    return service(name).operation_model(_operations(name)[call]).input_shape


@functools.cache
def norm(name: str) -> str:
    """A name without case, punctuation and plural."""
    n = re.sub(r"[^a-z0-9]", "", name.lower())
    for end, sub in (("ies", "y"), ("sses", "ss"), ("xes", "x"), ("s", "")):
        if n.endswith(end) and not n.endswith("ss"):
            return n[: -len(end)] + sub
    return n


@functools.cache
def _index(svc: str, shape_name: str) -> dict[str, str]:
    return {norm(m): m for m in service(svc).shape_for(shape_name).members}


@dataclass
class Walk:
    """One translation of inputs into a request: how names differ, where each member came from, what found no place."""

    service: str
    rename: Any
    trail: dict[str, str] = field(default_factory=dict)
    """Path in the request -> path of the input it came from."""
    misplaced: list[str] = field(default_factory=list)
    """Paths of inputs for which the request has no member."""

    def to_aws(self, shape: Any, value: Any, path: str = "", row_path: str = "", aws_path: str = "") -> Any:
        """The value in the form that the shape asks for."""
        self.trail.setdefault(aws_path, path)
        kind = shape.type_name
        if kind in ("structure", "list", "map") and isinstance(value, str) and value.lstrip()[:1] in ("{", "["):
            try:
                value = json.loads(value)
            except ValueError as error:
                raise ValueError(f"{path}: is no JSON ({error})") from None
        if getattr(shape, "is_document_type", False):
            return value
        if kind == "structure":
            return self._structure(shape, value, path, row_path, aws_path)
        if kind == "list":
            return self._list(shape, value, path, row_path, aws_path)
        if kind == "map" and isinstance(value, dict):
            return {k: self.to_aws(shape.value, v, key(path, k), row_path, f"{aws_path}.{k}") for k, v in value.items()}
        try:
            return _scalar(kind, value)
        except (ValueError, TypeError):
            raise ValueError(f"{path}: expected a number, got a {type(value).__name__}") from None

    def _structure(self, shape: Any, value: Any, path: str, row_path: str, aws_path: str) -> Any:
        if isinstance(value, list) and len(value) == 1:
            value = value[0]
        if not isinstance(value, dict):
            raise ValueError(f"{path}: expected a block for {shape.name}")
        out: dict[str, Any] = {}
        for name, v in value.items():
            here, row_here = key(path, name), below(row_path, name)
            wanted = self.rename.get(row_here, name)
            if v is None or wanted is None:
                continue
            if wanted == INLINE:
                out |= self._structure(shape, v, here, row_here, aws_path)
                continue
            self._place(out, shape, wanted, v, (here, row_here, aws_path))
        return out

    def _place(self, out: dict[str, Any], shape: Any, wanted: str, value: Any, where: tuple[str, str, str]) -> None:
        path, row_path, aws_path = where
        head, _, rest = wanted.partition(".")  # "a.b": one level deeper than Pulumi has it
        member = head if head in shape.members else _index(self.service, shape.name).get(norm(head))
        if member is None:
            self.misplaced.append(path)
            return
        there, inner = f"{aws_path}.{member}", shape.members[member]
        if not rest:
            out[member] = self.to_aws(inner, value, path, row_path, there)
            return
        self.trail.setdefault(there, path)
        nested = out.setdefault(member, {})
        self._place(nested, inner, rest, value, (path, row_path, there))

    def _list(self, shape: Any, value: Any, path: str, row_path: str, aws_path: str) -> list[Any]:
        if isinstance(value, dict) and row_path.split(".")[-1] == "tags" and shape.member.type_name == "structure":
            name, text = list(shape.member.members)[:2]
            return [{name: k, text: number_text(v)} for k, v in value.items()]
        several = isinstance(value, list | tuple)
        return [
            self.to_aws(shape.member, v, f"{path}[{i}]" if several else path, row_path, f"{aws_path}[{i}]")
            for i, v in enumerate(value if several else [value])
        ]


def _scalar(kind: str, value: Any) -> Any:
    if kind in ("integer", "long"):
        return int(float(value)) if isinstance(value, str | float) else int(value)
    if kind in ("float", "double"):
        return float(value)
    if kind == "boolean":
        return value in (True, "true")
    if kind == "string" and isinstance(value, dict | list):
        return json.dumps(value)
    if kind == "string":
        return number_text(value)
    if kind == "blob" and isinstance(value, str):
        return value.encode()
    return value


def to_aws(svc: str, shape: Any, value: Any, rename: Any) -> Any:
    """The value in the form that the shape asks for; raises ValueError on an input that has no place in it."""
    walk = Walk(svc, rename)
    request = walk.to_aws(shape, value)
    if walk.misplaced:
        raise ValueError(f"{svc} {shape.name} has no member for: {', '.join(walk.misplaced)}")
    return request


def to_pulumi(types: dict[str, Type], value: dict[str, Any], rename: Any = None, row_path: str = "") -> dict[str, Any]:
    """An AWS answer -> the properties named in `types`; `rename` is read backwards."""
    rename = rename or {}
    index = {norm(k): k for k in value}
    out = {}
    for name, t in types.items():
        here = below(row_path, name)
        wanted = rename.get(here, name)
        if wanted is None:
            continue
        found = value if wanted == INLINE else _descend(value, index, wanted)
        if found is not None:
            out[name] = _one(t, found, rename, here)
    return out


def _descend(value: dict[str, Any], index: dict[str, str], wanted: str) -> Any:
    head, _, rest = wanted.partition(".")
    member = head if head in value else index.get(norm(head))
    found = value.get(member) if member is not None else None
    if not rest or found is None:
        return found
    if isinstance(found, list):
        found = found[0] if found else {}
    return _descend(found, {norm(k): k for k in found}, rest) if isinstance(found, dict) else None


def _one(t: Type, v: Any, rename: Any, here: str) -> Any:
    if t.kind == "list":
        return [_one(t.of, x, rename, here) for x in (v if isinstance(v, list) else [v])]
    if t.kind == "object":
        if isinstance(v, list):
            v = v[0] if v else None
        return to_pulumi(schema.obj(t.of).props, v, rename, here) if isinstance(v, dict) else None
    if t.kind == "map" and isinstance(v, list):
        return {next(iter(pair.values())): list(pair.values())[1] for pair in v if isinstance(pair, dict)}
    return _typed(t.kind, v)


def _typed(kind: str, v: Any) -> Any:
    if kind == "bool" and isinstance(v, str):
        return v.lower() == "true"
    if kind == "int" and isinstance(v, str) and v.lstrip("-").isdigit():
        return int(v)
    if kind in ("str", "int", "bool") and isinstance(v, list) and not any(isinstance(x, dict | list) for x in v[:1]):
        return _typed(kind, v[0]) if v else None
    if kind in ("str", "union") and isinstance(v, dict | list):
        return json.dumps(v)
    if kind == "str" and isinstance(v, bool | int | float):
        return number_text(v)
    if isinstance(v, list):
        return [_typed("any", x) for x in v]
    if isinstance(v, dict):
        return {k: _typed("any", x) for k, x in v.items()}
    if isinstance(v, bytes):
        return v.decode()
    return v.isoformat() if hasattr(v, "isoformat") else v


# Imported by rows that walk answers themselves.
__all__ = ["INLINE", "Walk", "input_shape", "norm", "operation", "service", "session", "to_aws", "to_pulumi"]
