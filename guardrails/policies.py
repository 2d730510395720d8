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
from guardrails.stack import Level, StackSaid, said
from guardrails.values import UNKNOWN, Declared, at, document


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


def stack_said(configuration: Mapping[str, str] | None = None) -> StackSaid:
    """What the configuration of the stack says, by full keys; without one that of the pack's environment."""
    if configuration is None:
        held = pulumi.Config("accordion")
        return said(*(document(held.get(key)) for key in _KEYS))
    return said(*(document(configuration.get(f"accordion:{key}")) for key in _KEYS))


_KEYS = ("environment", "guardrails")


def _declared(resource: ResourceValidationArgs | PolicyResource) -> Declared:
    refers = {
        name: frozenset(each.urn for each in of) for name, of in getattr(resource, "property_dependencies", {}).items()
    }
    tags = plain(resource.provider.props).get("defaultTags") if resource.provider is not None else None
    return Declared(
        resource.resource_type,
        resource.name,
        plain(resource.props),
        refers,
        resource.urn,
        frozenset(resource.opts.ignore_changes if resource.opts is not None else ()),
        at(document(tags), "tags"),
    )


def _policy(check: Check, stack: StackSaid) -> ResourceValidationPolicy:
    def validate(args: ResourceValidationArgs, report: ReportViolation) -> None:
        if check.asked is None and canonical(args.resource_type) not in check.predicates:
            return
        for sentence in check.sentences(_declared(args), stack):
            report(sentence, None)

    return ResourceValidationPolicy(check.name, f"{check.demand} {check.reason}", validate, _LEVELS[check.level(stack)])


def _stack_policy(check: StackCheck, stack: StackSaid) -> StackValidationPolicy:
    def validate(args: StackValidationArgs, report: ReportViolation) -> None:
        declared = [_declared(resource) for resource in args.resources]
        for each, sentence in check.sentences(declared, stack):
            report(sentence, each.urn)

    return StackValidationPolicy(check.name, f"{check.demand} {check.reason}", validate, _LEVELS[check.level(stack)])


_LEVELS: Mapping[Level, EnforcementLevel] = {
    "off": EnforcementLevel.DISABLED,
    "advisory": EnforcementLevel.ADVISORY,
    "mandatory": EnforcementLevel.MANDATORY,
}


def policies(stack: StackSaid) -> list[Policy]:
    """The pack for a stack: each guardrail at the level that the stack asks for."""
    return [
        *(_policy(check, stack) for check in CHECKS),
        *(_stack_policy(check, stack) for check in STACK_CHECKS),
    ]
