"""AWS's own rules for a request: botocore checks names, types, required members and minima; here also enums, maxima, patterns."""

import re

from localcloud.provider import shapes

SIZED = ("list", "map", "string", "blob")
NUMBERS = ("integer", "long", "float", "double")


def faults(shape, value, path=""):
    kind, rules = shape.type_name, shape.metadata
    if kind == "structure":
        for k, v in value.items():
            if k in shape.members:
                yield from faults(shape.members[k], v, f"{path}.{k}")
    elif kind == "list":
        for i, v in enumerate(value):
            yield from faults(shape.member, v, f"{path}[{i}]")
    elif kind == "map":
        for k, v in value.items():
            yield from faults(shape.value, v, f"{path}.{k}")
    size = len(value) if kind in SIZED else value if kind in NUMBERS else None
    if size is not None and size > rules.get("max", size):
        yield f"{path[1:]}: {value!r} is above {rules['max']}"
    if size is not None and size < rules.get("min", size):
        yield f"{path[1:]}: {value!r} is below {rules['min']}"
    if "enum" in rules and value not in rules["enum"]:
        yield f"{path[1:]}: {value!r} is none of {', '.join(rules['enum'][:8])}"
    if kind == "string" and "pattern" in rules and not _matches(rules["pattern"], value):
        yield f"{path[1:]}: {value!r} does not match {rules['pattern']}"


def _matches(pattern, value):
    for java, python in ((r"\p{L}", r"\w"), (r"\p{Z}", r"\s"), (r"\p{N}", r"\d")):
        pattern = pattern.replace(java, python)
    try:
        return re.search(pattern, value)
    except re.error:  # a pattern that Python does not know
        return True


def refuse(service, call, request):
    found = list(faults(shapes.input_shape(service, call), request))
    if found:
        raise ValueError(f"{call}: " + "; ".join(found))
