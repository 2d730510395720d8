"""Writing the decision log: one row per event; equal refusals in a row are written once."""

from __future__ import annotations

from elasticity.autoscaler.layout import NOTE, Plan, Reals, State


def note(
    plan: Plan,
    state: State,
    notes: Reals,
    time: int,
    code: int,
    subject: int,
    metric: float,
    base: int,
    before: int,
    proposed: int,
    after: int,
) -> None:
    """Write a row; past the end of the arrays only count it, so that the caller can give more room."""
    if plan.record == 0:
        return
    place = state.notes
    state.notes = place + 1
    row = place * NOTE
    if row < len(notes):
        notes[row] = time
        notes[row + 1] = code
        notes[row + 2] = subject
        notes[row + 3] = metric
        notes[row + 4] = base
        notes[row + 5] = before
        notes[row + 6] = proposed
        notes[row + 7] = after


def refuse(
    plan: Plan,
    state: State,
    notes: Reals,
    time: int,
    code: int,
    subject: int,
    metric: float,
    base: int,
    before: int,
    proposed: int,
) -> None:
    """Write why a policy did nothing, unless that is what was written for it last."""
    if plan.record and state.noted[subject] != code:
        state.noted[subject] = code
        note(plan, state, notes, time, code, subject, metric, base, before, proposed, before)
