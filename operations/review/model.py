"""What a review holds, whatever its form: stacks, what becomes of each, what nobody could tell."""

from __future__ import annotations

import dataclasses
from collections import Counter
from typing import Literal

from elasticity.faults import Fault
from operations.failures import BROKEN, DONE, NOT_RUN
from operations.review.plan import Plan

Standing = Literal["changed", "unchanged", "unseen", "new", "gone", "refused", "unknown"]
"""`unseen`: nothing on this machine could look at it, and its own file does not differ."""


_NO_BUILD = "cannot be built: "
"""What the local cloud says of an image whose build fails."""


@dataclasses.dataclass(frozen=True)
class Effect:
    """One figure of one load, before and after."""

    run: str
    """Service or group, and load."""
    name: str
    """Of `elasticity.expectations.FIGURES`."""
    figure: str
    """In words."""
    before: str
    after: str
    verdict: str
    """better, worse, or nothing where it has no direction."""

    def __str__(self) -> str:
        return f"{self.figure} {self.before} → {self.after}{f' ({self.verdict})' if self.verdict else ''}"


@dataclasses.dataclass(frozen=True)
class Cost:
    """What a stack costs a month; None where it cannot be told."""

    currency: str
    before: tuple[float | None, float | None, float | None]
    """Least, expected, most."""
    after: tuple[float | None, float | None, float | None]


@dataclasses.dataclass(frozen=True)
class Guardrail:
    """One sentence of a guardrail about one resource."""

    policy: str
    resource: str
    sentence: str


@dataclasses.dataclass(frozen=True)
class StackReview:
    """What the change does to one stack, or to one rules file."""

    name: str
    file: str
    """From the project's folder on."""
    standing: Standing
    plan: Plan | None = None
    """None where there is nothing to deploy, or it could not be told."""
    rules: tuple[str, ...] = ()
    """Rule changes in words."""
    settings: tuple[str, ...] = ()
    """Other settings that differ: `services.web.image: a -> b`."""
    effects: tuple[Effect, ...] = ()
    """What the rules do on the stack's loads, where a figure differs."""
    simulated: tuple[str, ...] = ()
    """Service and load of each run."""
    broken: tuple[str, ...] = ()
    """Expectations that are broken now and were kept at the base."""
    broken_before: tuple[str, ...] = ()
    """Those that were broken at the base already."""
    cost: Cost | None = None
    """Where the settings that it is made of differ."""
    images: tuple[str, ...] = ()
    """That would be built."""
    images_built: bool = False
    """Whether they were: one that does not build is why the program refuses."""
    around: tuple[float, float] | None = None
    """What a month costs of what stands around the units, before and after, where the settings do not tell it."""
    findings: tuple[Fault, ...] = ()
    """Of the linter, that the base does not have."""
    standing_findings: int = 0
    """Those that it has too."""
    guardrails: tuple[Guardrail, ...] = ()
    """That hold no more."""
    standing_guardrails: int = 0
    """Those that did not hold at the base either."""
    problem: str = ""
    """Why the program refused, or why nothing can be told."""
    unchecked: tuple[str, ...] = ()
    """What nothing could check."""
    lines: tuple[int, ...] = ()
    """Where its file differs."""

    @property
    def refusal(self) -> str:
        """What a refused stack is refused for, in short."""
        return "an image does not build" if _NO_BUILD in self.problem else "the program refuses"

    @property
    def needed(self) -> tuple[str, ...]:
        """Why a person has to look at it."""
        said = []
        if self.standing == "refused":
            said.append(self.refusal)
        if self.standing == "gone":
            said.append("its stack file is removed, which destroys nothing")
        if self.plan is not None:
            number = Counter(one.kind for one in self.plan.of("replaced", "deleted") if not one.routine)
            said += [f"{count} {kind}" for kind, count in number.items()]
        if serious := sum(one.severity != "note" for one in self.findings):
            said.append(f"{serious} new finding{'s' if serious > 1 else ''}")
        if self.guardrails:
            said.append(f"{len(self.guardrails)} guardrail{'s' if len(self.guardrails) > 1 else ''} broken")
        if self.broken:
            said.append(f"{len(self.broken)} expectation{'s' if len(self.broken) > 1 else ''} broken")
        return tuple(said)

    @property
    def is_told(self) -> bool:
        """Whether it could be told what becomes of it."""
        return self.standing != "unknown" and not (self.plan is not None and self.plan.odd)


@dataclasses.dataclass(frozen=True)
class Review:
    """The whole answer."""

    asked: str
    """The base as it was named."""
    base: str
    """Its commit."""
    files: tuple[str, ...]
    """That differ."""
    stacks: tuple[StackReview, ...]
    unchecked: tuple[str, ...] = ()
    """What nothing could check, of the change as a whole."""
    program_line: tuple[str, int] | None = None
    """File and first changed line of the program, for what no stack file asked for."""

    @property
    def exit_code(self) -> int:
        """1 where a person is needed, 2 where something could not be told and nothing else was found, 0 otherwise."""
        if any(stack.needed for stack in self.stacks):
            return BROKEN
        if not all(stack.is_told for stack in self.stacks):
            return NOT_RUN
        return DONE
