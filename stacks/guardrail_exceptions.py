"""What a stack does on purpose that the guardrails would refuse, each with its reason."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

from pydantic import Field

from elasticity.faults import Fault
from elasticity.rules import Model
from guardrails.checks import CHECKS, STACK_CHECKS
from stacks.deviations import Reason

NAMES = tuple(sorted([check.name for check in CHECKS] + [check.name for check in STACK_CHECKS]))
"""Every guardrail of the pack."""


class GuardrailSettings(Model):
    """What the policy pack in `guardrails/` is told of a stack; it changes nothing that is deployed."""

    accept: dict[str, Reason] = Field(default={})
    """Guardrails that the stack does not meet on purpose, `<guardrail>` or `<guardrail>.<resource>` of one resource
    alone, to the reason in words, as `kept-data.balancer-lb: torn down each Friday`."""


def faults(accept: Iterable[str]) -> list[Fault]:
    """Keys that name no guardrail."""
    found: list[Fault] = []
    for key in accept:
        guardrail, dot, resource = key.partition(".")
        if guardrail not in NAMES:
            near = difflib.get_close_matches(guardrail, NAMES, 1)
            hint = f"did you mean {near[0]}" if near else f"allowed {', '.join(NAMES)}"
            found.append(Fault(("guardrails", "accept", key), f"{guardrail or 'nothing'} is no guardrail; {hint}"))
        elif dot and not resource:
            found.append(
                Fault(("guardrails", "accept", key), "names no resource behind the dot: add one, or leave the dot out")
            )
    return found
