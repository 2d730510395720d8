"""What a guardrail is, and the one name of a resource type that has several."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from guardrails.values import Declared

Inputs = Mapping[str, Any]
Predicate = Callable[[Inputs], Iterator[str]]
StackPredicate = Callable[[Sequence[Declared]], Iterator[tuple[Declared, str]]]

_MODULES = {
    "alb": "lb",
    "applicationloadbalancing": "lb",
    "elasticloadbalancingv2": "lb",
    "elasticloadbalancing": "elb",
}
"""Modules under which pulumi-aws repeats types of another (its resources.go, aliases of tokens)."""


def canonical(token: str) -> str:
    """`aws:lb/listener:Listener` for each token of the same resource: other modules, and second versions such as
    BucketV2."""
    found = re.fullmatch(r"aws:([^/:]+)/([^:]+):(\w+)", token)
    if found is None:
        return token
    module, _, name = found.groups()
    name = name.removesuffix("V2")
    return f"aws:{_MODULES.get(module, module)}/{name[0].lower()}{name[1:]}:{name}"


@dataclass(frozen=True)
class Check:
    """One demand on resources of some types."""

    name: str
    demand: str
    predicates: Mapping[str, Predicate]
    """Canonical type token -> the predicate over its inputs."""
    production: bool = False
    """Whether only a stack that users depend on has to meet it."""


@dataclass(frozen=True)
class StackCheck:
    """One demand on all resources of a stack together."""

    name: str
    demand: str
    predicate: StackPredicate
