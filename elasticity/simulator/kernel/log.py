"""Writing the decision log: one row per event; equal refusals in a row are written once."""

from __future__ import annotations

from elasticity.simulator.kernel.layout import NOTES, Notes, Plan, Work


def note(
    plan: Plan,
    work: Work,
    notes: Notes,
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
    place = work.state[NOTES]
    work.state[NOTES] = place + 1
    if place < len(notes.time):
        notes.time[place] = time
        notes.code[place] = code
        notes.subject[place] = subject
        notes.metric[place] = metric
        notes.base[place] = base
        notes.before[place] = before
        notes.proposed[place] = proposed
        notes.after[place] = after


def refuse(
    plan: Plan,
    work: Work,
    notes: Notes,
    time: int,
    code: int,
    subject: int,
    metric: float,
    base: int,
    before: int,
    proposed: int,
) -> None:
    """Write why a policy did nothing, unless that is what was written for it last."""
    if work.noted[subject] != code:
        work.noted[subject] = code
        note(plan, work, notes, time, code, subject, metric, base, before, proposed, before)
