"""The guardrails over what a deployment would leave: which hold no more, and which did not hold before either."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from guardrails.checks import CHECKS, STACK_CHECKS, canonical
from guardrails.stack import StackSaid
from guardrails.values import UNKNOWN, Declared
from operations.review.model import Guardrail
from operations.review.plan import MARKED, UNKNOWN_TEXT


def guardrails_over(resources: Iterable[Mapping[str, Any]], stack: StackSaid) -> tuple[Guardrail, ...]:
    """Every sentence that the guardrails have for the resources of a state, sorted, but what the stack accepts."""
    declared = [_declared(one) for one in resources if one.get("custom") and not one.get("delete")]
    return tuple(sorted(set(_sentences(declared, stack)), key=lambda one: (one.policy, one.resource, one.sentence)))


def _sentences(declared: list[Declared], stack: StackSaid) -> Iterator[Guardrail]:
    for one in declared:
        for check in CHECKS:
            if not stack.asks(check, one.name):
                continue
            predicate = check.predicates.get(canonical(one.type))
            for sentence in predicate(one.inputs) if predicate else ():
                yield Guardrail(check.name, one.name, sentence)
    for whole in STACK_CHECKS:
        for one, sentence in whole.predicate(declared):
            if stack.accepts(whole.name, one.name):
                continue
            yield Guardrail(whole.name, one.name, sentence)


def _declared(resource: Mapping[str, Any]) -> Declared:
    refers = {
        str(name): frozenset(map(str, of or ())) for name, of in (resource.get("propertyDependencies") or {}).items()
    }
    urn = str(resource.get("urn", ""))
    inputs = {key: _known(value) for key, value in (resource.get("inputs") or {}).items() if key != "__defaults"}
    return Declared(str(resource.get("type", "")), urn.rpartition("::")[2], inputs, refers, urn)


def _known(value: Any) -> Any:
    """A value with UNKNOWN for what only the deployment makes, and for what is secret."""
    if isinstance(value, Mapping):
        return UNKNOWN if MARKED in value else {key: _known(part) for key, part in value.items()}
    if isinstance(value, list):
        return [_known(part) for part in value]
    return UNKNOWN if value == UNKNOWN_TEXT else value
