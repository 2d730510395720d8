"""The change of a stack's cost: of its rules, over the same loads, and of what stands around them."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

from operations.cost.bill import COLUMNS, Bill, Envelope, bill_of, document
from operations.failures import as_cannot_run
from operations.files import is_file, revision
from operations.simulate import Request
from stacks.compositions import Settings
from stacks.settings import load, parse
from stacks.workloads import workloads_of


@dataclasses.dataclass(frozen=True)
class CostChange:
    """Two bills of a stack; what scales was tried on the loads of the second."""

    before: Bill
    after: Bill

    def parts(self) -> tuple[tuple[str, tuple[float | None, ...], tuple[float | None, ...]], ...]:
        """Each part with its minimum, expected and maximum before and after; 0 where it is not there, None where its
        cost is not known. What is the same in all is left out."""
        then, now = _amounts(self.before), _amounts(self.after)
        nothing: tuple[float | None, ...] = (0.0, 0.0, 0.0)
        found = [(name, then.get(name, nothing), now.get(name, nothing)) for name in dict.fromkeys([*now, *then])]
        return tuple(part for part in found if part[1] != part[2])

    def difference(self, which: str) -> float | None:
        """After less before, per month; None where one is not known."""
        before, after = self.before.total(which), self.after.total(which)
        return None if before is None or after is None else after - before

    def sentence(self) -> str:
        """The change in one line."""
        if self.before.currency != self.after.currency:
            return f"the cost is in {self.before.currency} before and in {self.after.currency} after: not compared"
        steps = {which: self.difference(which) for which in COLUMNS}
        if all(step is not None and abs(step) < _CENT for step in steps.values()):
            return "the cost does not change"
        said = [
            f"{_signed(step)} {words}" if step is not None else f"not known {words}"
            for step, words in ((steps["expected"], "expected"), (steps["minimum"], "at the minimum"))
        ]
        said.append(f"{_signed(steps['maximum'])} at the maximum" if steps["maximum"] is not None else "")
        return f"{self.after.currency} a month: " + ", ".join(text for text in said if text)


_CENT = 0.005


def between(before: Settings, after: Settings, request: Request, *, called: str = "before") -> CostChange:
    """The change of cost between two settings of a stack. `request` says where the stack file stands, which loads are
    tried and which price file lies over the shipped tables; `called` is what the earlier ones are called. Services and
    groups in both are tried on the loads of `after`. Raises CannotRun where a load cannot be run."""
    with as_cannot_run():
        loads = workloads_of(after)
    there = request if request.service is None or request.service in workloads_of(before) else None
    earlier = bill_of(before, there, title=called, loads=loads) if there else None
    later = bill_of(after, request)
    if earlier is None:
        earlier = dataclasses.replace(later, title=called, envelopes=(), fixed=later.fixed)
    return CostChange(earlier, later)


def change(request: Request) -> CostChange:
    """The change against `request.against`, a git revision or a file; raises CannotRun."""
    against = request.against or ""
    with as_cannot_run():
        after = load(request.path)
        if is_file(Path(against)):
            before = load(Path(against))
        else:
            before = parse(f"{request.path.name} at {against}", revision(against, request.path))
    return between(before, after, request, called=against)


def change_document(found: CostChange) -> dict[str, Any]:
    """The later bill as it always is, and what was before."""
    return {
        **document(found.after),
        "against": {
            "before": document(found.before),
            "difference": {which: found.difference(which) for which in COLUMNS},
            "parts": [
                {"name": name, "before": _by_column(then), "after": _by_column(now)}
                for name, then, now in found.parts()
            ],
        },
    }


def _by_column(amounts: tuple[float | None, ...]) -> dict[str, float | None]:
    return dict(zip(COLUMNS, amounts, strict=True))


def _amounts(bill: Bill) -> dict[str, tuple[float | None, ...]]:
    scaled = {each.name: _of(each) for each in bill.envelopes}
    by_use = {line.name: tuple(getattr(line, which) for which in COLUMNS) for line in bill.used}
    return {**scaled, **{name: (amount, amount, amount) for name, amount in bill.fixed}, **by_use}


def _of(each: Envelope) -> tuple[float | None, ...]:
    return tuple(getattr(each, which) for which in COLUMNS)


def _signed(amount: float | None) -> str:
    return "not known" if amount is None else f"{amount:+,.2f}"
