"""What needs a person, each on a line that the change touches: a code host shows findings on changed lines only."""

from __future__ import annotations

from collections.abc import Iterator

from elasticity.faults import Fault
from operations.review.model import Review, StackReview
from operations.review.plan import Resource


def placed(review: Review) -> list[Fault]:
    """Findings as they are; what is replaced, deleted, broken or refused on the first line that may have asked for
    it."""
    return [fault for stack in review.stacks for fault in _of(stack, review)]


def _of(stack: StackReview, review: Review) -> Iterator[Fault]:
    yield from stack.findings
    file, line = _place(stack, review)
    for one in stack.plan.of("replaced", "deleted") if stack.plan is not None else ():
        if not one.routine and not one.follows:
            code = "RV001" if one.kind == "replaced" else "RV002"
            yield Fault((one.name,), _loss(stack, one), file=file, line=line, code=code, severity="warning")
    for broken in stack.guardrails:
        message = f"{stack.name}: guardrail {broken.policy}: {broken.resource}: {broken.sentence}"
        yield Fault((broken.resource,), message, file=file, line=line, code="RV003", severity="error")
    for text in stack.broken:
        message = f"{stack.name}: expectation broken: {text}"
        yield Fault(("simulation",), message, file=file, line=line, code="RV004", severity="error")
    if stack.standing == "refused":
        message = f"{stack.name}: the program refuses: {stack.problem}"
        yield Fault((), message, file=file, line=line, code="RV005", severity="error")


def _loss(stack: StackReview, one: Resource) -> str:
    forced = "; ".join(map(str, one.forced))
    why = f", forced by {forced}" if forced else ""
    return f"{stack.name}: {one.kind} {one.short_type} {one.name}{why}{f': {one.loses}' if one.loses else ''}"


def _place(stack: StackReview, review: Review) -> tuple[str, int]:
    """The stack file where it differs, else the program where that does."""
    if stack.lines or review.program_line is None:
        return stack.file, next(iter(stack.lines), 1)
    return review.program_line
