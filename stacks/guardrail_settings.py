"""What a stack file says to the guardrails: demands beyond theirs, ceilings, and exceptions, each with its reason."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator
from typing import Annotated, Literal

from pydantic import Field

from elasticity.faults import Fault
from elasticity.rules import Model
from stacks.deviations import Reason

TagKey = Annotated[str, Field(min_length=1, max_length=128)]


class Ceilings(Model):
    """The most that the environment allows; what is left out may be anything."""

    units: int | None = Field(default=None, ge=1)
    """Tasks of one service or instances of one group, in bounds, schedules and fixed counts."""
    task_cpu: int | None = Field(default=None, ge=1)
    """CPU units of one task: 1024 are one vCPU."""
    task_memory: int | None = Field(default=None, ge=1)
    """MiB of one task."""
    instance_types: tuple[Annotated[str, Field(pattern=r"^[a-z0-9.*?\[\]-]+$")], ...] = Field(default=())
    """Patterns of the types that instances may have, such as `m7g.*`."""


class GuardrailSettings(Model):
    """What the policy pack in `guardrails/` is told of a stack; it changes nothing that is deployed."""

    accept: dict[str, Reason] = Field(default={})
    """Guardrails that the stack does not meet on purpose, `<guardrail>` or `<guardrail>.<resource>` of one resource
    alone, to the reason in words, as `kept-data.balancer-lb: torn down each Friday`."""
    severity: dict[str, Literal["advisory", "mandatory"]] = Field(default={})
    """Guardrails that are asked for more than they ask by themselves where no users depend on the stack, as
    `fixed-images: advisory`. Less is an exception and needs a reason, under `accept`."""
    required_tags: tuple[TagKey, ...] = Field(default=())
    """Keys of tags that everything carries, beside `application`, `stack`, `managed-by` and those of
    `environment.tags`."""
    ceilings: Ceilings = Ceilings()
    """How far bounds, counts and sizes may go."""


def faults(settings: GuardrailSettings) -> list[Fault]:
    """Keys that name no guardrail."""
    return [*_accepted_faults(settings.accept), *_unknown(settings.severity, "severity")]


def _guardrails() -> tuple[str, ...]:
    """Every guardrail of the pack, which is imported once a stack file names one."""
    from guardrails.checks import CHECKS, STACK_CHECKS

    return tuple(sorted([check.name for check in CHECKS] + [check.name for check in STACK_CHECKS]))


def _unknown(names: Iterable[str], setting: str) -> Iterator[Fault]:
    for key in names:
        guardrail = key.partition(".")[0] if setting == "accept" else key
        if guardrail not in (known := _guardrails()):
            near = difflib.get_close_matches(guardrail, known, 1)
            hint = f"did you mean {near[0]}" if near else f"allowed {', '.join(known)}"
            yield Fault(("guardrails", setting, key), f"{guardrail or 'nothing'} is no guardrail; {hint}")


def _accepted_faults(accept: Iterable[str]) -> Iterator[Fault]:
    for key in accept:
        yield from _unknown([key], "accept")
        guardrail, dot, resource = key.partition(".")
        if guardrail in _guardrails() and dot and not resource:
            text = "names no resource behind the dot: add one, or leave the dot out"
            yield Fault(("guardrails", "accept", key), text)
