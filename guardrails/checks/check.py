"""What a guardrail is, and the one name of a resource type that has several."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from guardrails.stack import Level, StackSaid
from guardrails.values import Declared

Inputs = Mapping[str, Any]
Predicate = Callable[[Inputs], Iterator[str]]
AskedPredicate = Callable[[Declared, StackSaid], Iterator[str]]
StackPredicate = Callable[[Sequence[Declared]], Iterator[tuple[Declared, str]]]
AskedStackPredicate = Callable[[Sequence[Declared], StackSaid], Iterator[tuple[Declared, str]]]

ELSEWHERE: Mapping[str, Level] = {
    "alarm-at-maximum": "off",
    "fixed-images": "off",
    "kept-data": "off",
    "own-keys": "off",
}
"""Level of a guardrail where no users depend on the stack, if it is not mandatory there too."""

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
class _Guardrail:
    name: str
    demand: str
    reason: str
    """What happens where it is not met."""

    def level(self, stack: StackSaid) -> Level:
        """How much the stack is asked for it."""
        return stack.level(self.name, self.elsewhere)

    @property
    def elsewhere(self) -> Level:
        """Its level in a stack that no users depend on; in production every guardrail is mandatory."""
        return ELSEWHERE.get(self.name, "mandatory")


@dataclass(frozen=True)
class Check(_Guardrail):
    """One demand on single resources."""

    predicates: Mapping[str, Predicate] = field(default_factory=dict)
    """Canonical type token -> the predicate over its inputs."""
    asked: AskedPredicate | None = None
    """The predicate over a resource of any type, where the stack file says what is demanded."""

    def sentences(self, declared: Declared, stack: StackSaid) -> Iterator[str]:
        """What is wrong with a resource, and what to do."""
        if self.level(stack) == "off" or stack.accepts(self.name, declared.name):
            return
        if (predicate := self.predicates.get(canonical(declared.type))) is not None:
            yield from predicate(declared.inputs)
        if self.asked is not None:
            yield from self.asked(declared, stack)


@dataclass(frozen=True)
class StackCheck(_Guardrail):
    """One demand on all resources of a stack together."""

    predicate: StackPredicate | None = None
    asked: AskedStackPredicate | None = None
    """The predicate where the stack file says what is demanded."""

    def sentences(self, resources: Sequence[Declared], stack: StackSaid) -> Iterator[tuple[Declared, str]]:
        """The resources with which something is wrong: what, and what to do."""
        if self.level(stack) == "off":
            return
        found = [*(self.predicate(resources) if self.predicate else ())]
        found += self.asked(resources, stack) if self.asked else ()
        yield from (each for each in found if not stack.accepts(self.name, each[0].name))
