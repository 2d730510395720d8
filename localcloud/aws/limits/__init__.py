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
from localcloud.aws.second_names import SECOND_NAMES


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
    for check in _tables().get(SECOND_NAMES.get(token, token), ()):
        yield from check(props)


def tokens() -> frozenset[str]:
    """The types that have a table."""
    return frozenset(_tables())
