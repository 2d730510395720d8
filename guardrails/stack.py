"""What a stack file says to the guardrails: whether users depend on it, and what it does otherwise on purpose."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from guardrails.checks.check import Check


@dataclass(frozen=True)
class StackSaid:
    """What a stack says of itself."""

    production: bool = False
    """Whether demands on production hold."""
    accept: Mapping[str, str] = field(default_factory=dict)
    """`<guardrail>` or `<guardrail>.<resource>` -> the reason, in words."""

    def accepts(self, guardrail: str, resource: str) -> bool:
        """Whether what a guardrail says of a resource, by its logical name, is done on purpose."""
        return guardrail in self.accept or f"{guardrail}.{resource}" in self.accept

    def asks(self, check: Check, resource: str) -> bool:
        """Whether a resource of the stack has to meet a demand."""
        return (self.production or not check.production) and not self.accepts(check.name, resource)


def said(environment: Any, guardrails: Any) -> StackSaid:
    """The settings `environment` and `guardrails` of a stack as its configuration holds them.

    A stack without `environment` is of another program, and no production; an exception without a reason is none.
    """
    production = isinstance(environment, Mapping) and environment.get("production", True) is True
    accept = guardrails.get("accept") if isinstance(guardrails, Mapping) else None
    reasons = {
        str(key): reason
        for key, reason in (accept.items() if isinstance(accept, Mapping) else ())
        if isinstance(reason, str) and reason.strip()
    }
    return StackSaid(production, reasons)
