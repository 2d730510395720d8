"""A bill, or the change of one, for a terminal: the answer in its first lines."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.markup import escape

from operations.cost.bill import COLUMNS, Bill
from operations.cost.change import CostChange
from operations.report.fitted import FittedTable

_HEADS = ("what", "units: least / mean / most", "at the minimum", "expected", "at the maximum")
_CHANGE_HEADS = ("what", "at the minimum", "expected", "at the maximum")


def amount(value: float | None) -> str:
    """An amount to the cent."""
    return "unknown" if value is None else f"{value:,.2f}"


def in_short(answer: Bill) -> str:
    """The answer in a sentence."""
    minimum, expected, maximum = (answer.total(which) for which in COLUMNS)
    if minimum is None or maximum is None:
        where = f" in {answer.region}" if answer.region else ""
        return f"{answer.title}: the cost cannot be told: something that scales has no price{where}"
    between = f"{amount(minimum)} at least, {amount(maximum)} at most"
    if expected is None:
        return f"{answer.title}: {between} {answer.currency} a month; without loads nothing tells what to expect"
    return f"{answer.title}: {amount(expected)} {answer.currency} a month as its loads have it; {between}"


def budget_words(answer: Bill) -> str:
    """What a budget says of the answer that `Bill.exceeded` could judge; empty without one."""
    limits = [f"{limit:,.2f} {which}" for which, limit in answer.budget.model_dump().items() if limit is not None]
    if not limits:
        return ""
    return "; ".join(answer.exceeded()) or f"within the budget: {', '.join(limits)}"


def show(answer: Bill, console: Console) -> None:
    """Print the answer in a sentence, then as a table with what is not included in the total below it."""
    console.print(in_short(answer), style="bold", highlight=False, markup=False)
    if words := budget_words(answer):
        console.print(words, style="red" if answer.exceeded() else "", highlight=False, markup=False)
    console.print()
    _table(answer, console)


def show_change(found: CostChange, console: Console) -> None:
    """Print the change in a sentence, what it is made of, then the later bill."""
    console.print(found.sentence(), style="bold", highlight=False, markup=False)
    parts = _headed(_CHANGE_HEADS)
    for name, before, after in found.parts():
        cells = [_step(then, now) for then, now in zip(before, after, strict=True)]
        parts.add_row(escape(name), *cells)
    totals = [(found.before.total(which), found.after.total(which)) for which in COLUMNS]
    parts.add_row("all together", *(_step(then, now) for then, now in totals))
    console.print(parts)
    console.print()
    show(found.after, console)


def _step(before: float | None, after: float | None) -> str:
    if before == after:
        return amount(after)
    return f"{amount(before)} -> {amount(after)}"


def _headed(headings: Sequence[str], title: str = "") -> FittedTable:
    table = FittedTable(title)
    for place, heading in enumerate(headings):
        table.add_column(heading, justify="right" if place else "left")
    return table


def _table(answer: Bill, console: Console) -> None:
    title = f"{escape(answer.title)}: per month, in {answer.currency}, {answer.price_words}"
    table = _headed(_HEADS, title)
    for each in answer.envelopes:
        middle = "no load" if each.units_expected is None else f"{each.units_expected:.1f}"
        units = f"{each.units_least} / {middle} / {each.units_most}"
        table.add_row(escape(each.name), units, *(amount(getattr(each, which)) for which in COLUMNS))
    for name, month in answer.fixed:
        table.add_row(escape(name), "", *[amount(month)] * 3)
    for part in answer.used:
        table.add_row(escape(part.name), "", *(amount(getattr(part, which)) for which in COLUMNS))
    table.add_row("all together", "", *(amount(answer.total(which)) for which in COLUMNS))
    console.print(table)
    for each in answer.envelopes:
        if each.words:
            console.print(f"{escape(each.name)}: {escape(each.words)}", highlight=False)
    for line in answer.unpriced:
        console.print(f"without a price, not included in the total: {escape(line)}", highlight=False)
    for line in answer.dates:
        console.print(f"price of {escape(line)}", style="dim", highlight=False)
