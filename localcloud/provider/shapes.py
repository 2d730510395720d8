"""Pulumi inputs -> AWS request, walked along the botocore request shape; names match without case and plural."""

import functools
import json
import re

import botocore.session
from localcloud.provider import schema
from botocore import xform_name

_session = botocore.session.get_session()


@functools.cache
def service(name):
    return _session.get_service_model(name)


@functools.cache
def _operations(name):
    return {xform_name(operation): operation for operation in service(name).operation_names}


def input_shape(name, call):
    """The request shape of a boto3 call such as `create_vpc`."""
    return service(name).operation_model(_operations(name)[call]).input_shape


@functools.cache
def norm(name: str) -> str:
    n = re.sub(r"[^a-z0-9]", "", name.lower())
    for end, sub in (("ies", "y"), ("sses", "ss"), ("xes", "x"), ("s", "")):
        if n.endswith(end) and not n.endswith("ss"):
            return n[: -len(end)] + sub
    return n


@functools.lru_cache(None)
def _index(svc, shape_name):
    shape = service(svc).shape_for(shape_name)
    return {norm(m): m for m in shape.members}


def to_aws(svc, shape, value, rename, path=""):
    """The value in the form that the shape asks for; raises on an input that has no place in it."""
    kind = shape.type_name
    if kind in ("structure", "list") and isinstance(value, str):
        value = json.loads(value)
    if kind == "structure":
        if isinstance(value, list) and len(value) == 1:
            value = value[0]
        out, index = {}, _index(svc, shape.name)
        for k, v in value.items():
            here = f"{path}.{k}" if path else k
            wanted = rename.get(here, k)
            if v is None or wanted is None:
                continue
            head, _, rest = wanted.partition(".")  # "a.b": one level deeper than Pulumi has it
            member = head if head in shape.members else index.get(norm(head))
            if member is None:
                raise KeyError(f"{here}: {svc} {shape.name} has no member for it")
            inner = to_aws(svc, shape.members[member], {rest: v} if rest else v, rename, here)
            out[member] = out.get(member, {}) | inner if rest else inner
        return out
    if kind == "list":
        if isinstance(value, dict) and path.split(".")[-1] == "tags" and shape.member.type_name == "structure":
            key, val = list(shape.member.members)[:2]
            return [{key: k, val: v} for k, v in value.items()]
        return [to_aws(svc, shape.member, v, rename, path) for v in (value if isinstance(value, list | tuple) else [value])]
    if kind == "map":
        return {k: to_aws(svc, shape.value, v, rename, path) for k, v in value.items()}
    if kind in ("integer", "long"):
        return int(value)
    if kind in ("float", "double"):
        return float(value)
    if kind == "boolean":
        return value in (True, "true")
    if kind == "string" and isinstance(value, bool):
        return str(value).lower()
    if kind == "string" and isinstance(value, float) and value == int(value):
        return str(int(value))
    if kind == "string" and isinstance(value, dict | list):
        return json.dumps(value)
    return value


def to_pulumi(types, value):
    """An AWS answer -> the properties named in `types` (name -> type of the schema)."""
    index = {norm(k): k for k in value}
    out = {}
    for name, t in types.items():
        m = index.get(norm(name))
        if m is not None:
            out[name] = _one(t, value[m])
    return out


def _one(t, v):
    kind, arg = t
    if kind == "list":
        if not isinstance(v, list):
            v = [v]
        return [_one(arg, x) for x in v]
    if kind == "object":
        if isinstance(v, list):
            v = v[0] if v else None
        return None if v is None else to_pulumi(schema.obj(arg).props, v)
    if kind == "map" and isinstance(v, list):
        return {list(x.values())[0]: list(x.values())[1] for x in v}
    return v
