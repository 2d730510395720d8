"""What AWS or the official provider refuses beyond a request's own model, as tables of checks per type.

botocore's model knows names, types, enums and some ranges. What it does not know stands here: conditions between
inputs, forms of texts, ranges that only the documents state. All of it is shown in the preview. Sources, unless a table
names its own: the API reference of the call that the row makes, and the validation of the Terraform provider that
pulumi-aws is built on.
"""

import functools
import importlib
import pkgutil
from collections.abc import Iterator, Mapping

from localcloud.aws.limits._checks import Check, Fault, Props
from localcloud.aws.limits.instances import of_tag
from localcloud.aws.second_names import SECOND_NAMES
from localcloud.provider.compare import key

MOST_TAGS = 50


@functools.cache
def _tables() -> Mapping[str, tuple[Check, ...]]:
    found: dict[str, tuple[Check, ...]] = {}
    for each in sorted(pkgutil.iter_modules(__path__), key=lambda module: module.name):
        module = importlib.import_module(f"{__name__}.{each.name}")
        for token, checks in getattr(module, "LIMITS", {}).items():
            found[token] = (*found.get(token, ()), *checks)
    return found


def faults(token: str, props: Props) -> Iterator[Fault]:
    """(path, reason) of everything that the tables refuse; what is not known yet is in the inputs as the engine's mark
    of an unknown, and refused for nothing."""
    yield from _tags(props)
    for check in _tables().get(SECOND_NAMES.get(token, token), ()):
        yield from check(props)


def _tags(props: Props) -> Iterator[Fault]:
    """Tags of any type: few, with names and values of a length, none of AWS's own."""
    tags = props.get("tags")
    if not isinstance(tags, dict):
        return
    if len(tags) > MOST_TAGS:
        yield "tags", f"{len(tags)} are given, allowed are {MOST_TAGS}"
    for name, value in tags.items():
        yield from ((key("tags", name), why) for why in of_tag(name, value))


def tokens() -> frozenset[str]:
    """The types that have a table."""
    return frozenset(_tables())
