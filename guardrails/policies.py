"""The predicates as Pulumi policies."""

from __future__ import annotations

from pulumi_policy import EnforcementLevel, Policy, ReportViolation, ResourceValidationArgs, ResourceValidationPolicy

from guardrails.checks import CHECKS, Predicate


def _policy(name: str, resource_type: str, demand: str, predicate: Predicate) -> ResourceValidationPolicy:
    def validate(args: ResourceValidationArgs, report: ReportViolation) -> None:
        if args.resource_type == resource_type:
            for sentence in predicate(args.props):
                report(sentence, None)

    return ResourceValidationPolicy(name, demand, validate, EnforcementLevel.MANDATORY)


POLICIES: list[Policy] = [_policy(name, *check) for name, check in CHECKS.items()]
"""All mandatory: what may be argued about is a finding of `accordion check`, not a guardrail."""
