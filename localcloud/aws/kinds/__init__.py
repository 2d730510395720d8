"""The rows: every aws:* type that is served, gathered from the modules of this package, and the functions that are
answered."""

import importlib
import pkgutil
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from localcloud.aws.kind import Kind
from localcloud.aws.second_names import SECOND_FUNCTIONS, SECOND_NAMES

Answer = Callable[..., dict[str, Any]]


def _gather() -> tuple[dict[str, Kind], dict[str, Answer]]:
    kinds: dict[str, Kind] = {}
    invokes: dict[str, Answer] = {}
    for found in sorted(pkgutil.iter_modules(__path__), key=lambda module: module.name):
        module = importlib.import_module(f"{__name__}.{found.name}")
        for kind in getattr(module, "ROWS", ()):
            if kind.token in kinds:
                raise ValueError(f"two rows serve {kind.token}")
            kinds[kind.token] = kind
        invokes |= getattr(module, "INVOKES", {})
    kinds |= {second: replace(kinds[first], token=second) for second, first in SECOND_NAMES.items()}
    invokes |= {second: invokes[first] for second, first in SECOND_FUNCTIONS.items() if first in invokes}
    return kinds, invokes


KINDS, INVOKES = _gather()
