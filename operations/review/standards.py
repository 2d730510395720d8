"""The guardrails over what a deployment would leave: which hold no more, and which did not hold before either."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from guardrails.checks import CHECKS, STACK_CHECKS
from guardrails.stack import StackSaid
from guardrails.values import UNKNOWN, Declared, at, document
from operations.review.model import Guardrail
from operations.review.plan import MARKED, UNKNOWN_TEXT


def guardrails_over(resources: Iterable[Mapping[str, Any]], stack: StackSaid) -> tuple[Guardrail, ...]:
    """Every sentence that a mandatory guardrail has for the resources of a state, sorted, but what the stack accepts.

    What is only advised is told by a preview.
    """
    resources = list(resources)
    tags = {str(one.get("urn")): _tags_of(one) for one in resources if _is_provider(one)}
    declared = [_declared(one, tags) for one in resources if one.get("custom") and not one.get("delete")]
    return tuple(sorted(set(_sentences(declared, stack)), key=lambda one: (one.policy, one.resource, one.sentence)))


def _sentences(declared: list[Declared], stack: StackSaid) -> Iterator[Guardrail]:
    for check in CHECKS:
        if check.level(stack) == "mandatory":
            for one in declared:
                yield from (Guardrail(check.name, one.name, sentence) for sentence in check.sentences(one, stack))
    for whole in STACK_CHECKS:
        if whole.level(stack) == "mandatory":
            yield from (Guardrail(whole.name, one.name, text) for one, text in whole.sentences(declared, stack))


def _is_provider(resource: Mapping[str, Any]) -> bool:
    return str(resource.get("type", "")).startswith("pulumi:providers:")


def _tags_of(provider: Mapping[str, Any]) -> Any:
    given = _known(provider.get("inputs") or {})
    return UNKNOWN if given is UNKNOWN else at(document(given.get("defaultTags")), "tags")


def _declared(resource: Mapping[str, Any], provider_tags: Mapping[str, Any]) -> Declared:
    refers = {
        str(name): frozenset(map(str, of or ())) for name, of in (resource.get("propertyDependencies") or {}).items()
    }
    urn = str(resource.get("urn", ""))
    inputs = {key: _known(value) for key, value in (resource.get("inputs") or {}).items() if key != "__defaults"}
    ignores = frozenset(map(str, resource.get("ignoreChanges") or ()))
    tags = provider_tags.get(str(resource.get("provider", "")).rpartition("::")[0])
    return Declared(str(resource.get("type", "")), urn.rpartition("::")[2], inputs, refers, urn, ignores, tags)


def _known(value: Any) -> Any:
    """A value with UNKNOWN for what only the deployment makes, and for what is secret."""
    if isinstance(value, Mapping):
        return UNKNOWN if MARKED in value else {key: _known(part) for key, part in value.items()}
    if isinstance(value, list):
        return [_known(part) for part in value]
    return UNKNOWN if value == UNKNOWN_TEXT else value
