"""The predicates as Pulumi policies."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pulumi
from pulumi_policy import (
    EnforcementLevel,
    Policy,
    PolicyResource,
    ReportViolation,
    ResourceValidationArgs,
    ResourceValidationPolicy,
    StackValidationArgs,
    StackValidationPolicy,
)
from pulumi_policy.proxy import UnknownValueError

from guardrails.checks import CHECKS, STACK_CHECKS, Check, StackCheck, canonical
from guardrails.stack import StackSaid, said
from guardrails.values import UNKNOWN, Declared, document


def plain(value: Any) -> Any:
    """The SDK's view of a value, which raises at whatever is not known yet, with UNKNOWN in those places."""
    if isinstance(value, Mapping):
        return {key: _known(value, key) for key in value}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_known(value, place) for place in range(len(value))]
    return value


def _known(holder: Any, place: Any) -> Any:
    try:
        return plain(holder[place])
    except UnknownValueError:
        return UNKNOWN


def _stack() -> StackSaid:
    config = pulumi.Config("accordion")
    return said(*(document(config.get(key)) for key in ("environment", "guardrails")))


def _policy(check: Check) -> ResourceValidationPolicy:
    def validate(args: ResourceValidationArgs, report: ReportViolation) -> None:
        predicate = check.predicates.get(canonical(args.resource_type))
        for sentence in predicate(plain(args.props)) if predicate and _stack().asks(check, args.name) else ():
            report(sentence, None)

    return ResourceValidationPolicy(check.name, check.demand, validate, EnforcementLevel.MANDATORY)


def _declared(resource: PolicyResource) -> Declared:
    refers = {name: frozenset(each.urn for each in of) for name, of in resource.property_dependencies.items()}
    return Declared(resource.resource_type, resource.name, plain(resource.props), refers, resource.urn)


def _stack_policy(check: StackCheck) -> StackValidationPolicy:
    def validate(args: StackValidationArgs, report: ReportViolation) -> None:
        stack = _stack()
        for declared, sentence in check.predicate([_declared(resource) for resource in args.resources]):
            if not stack.accepts(check.name, declared.name):
                report(sentence, declared.urn)

    return StackValidationPolicy(check.name, check.demand, validate, EnforcementLevel.MANDATORY)


POLICIES: list[Policy] = [*map(_policy, CHECKS), *map(_stack_policy, STACK_CHECKS)]
"""All mandatory: what a stack does otherwise on purpose is an exception with a reason in its file."""
