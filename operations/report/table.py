"""The report on a terminal."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Console
from rich.markup import escape
from rich.padding import Padding
from rich.table import Table

from elasticity.expectations import FIGURES
from operations.report.model import Report, Run, clock, compared, delay_words, reported, shown

_COLOURS = {"better": "green", "worse": "red", "same": "dim", "": ""}
_BETTER = {"lower": "lower", "higher": "higher", "neither": ""}


WIDE = 100
"""Characters from which the table of parameters has room for their sources."""


def show(report: Report, console: Console, log: int | None) -> None:
    """Print the whole report; `log` decisions per run, None for all of them."""
    if report.against:
        console.print("What changes in the rules" if report.changes else "No rule changes", style="italic")
        for line in report.changes:
            console.print(escape(f"  {line}"), highlight=False)
        console.print()
    for run in report.runs:
        console.print(figures_table(run, report.against))
        console.print()
        _show_log(run, console, log)
        _show_notes(run, console)
    if report.runs:
        _show_parameters(report.runs[0], console)
        console.print()
    _show_judgements(report, console)
    for remark in report.remarks:
        console.print(escape(remark), highlight=False)


def figures_table(run: Run, against: str) -> Table:
    """Every figure that the run has; beside it the one before, and which is better."""
    table = Table(title=escape(run.title), title_justify="left", box=None, pad_edge=False)
    table.add_column("figure")
    if run.before is not None:
        table.add_column(f"before ({escape(against)})", justify="right")
        table.add_column("after", justify="right")
        table.add_column("")
    else:
        table.add_column("value", justify="right")
    table.add_column("better", style="dim")
    for name, figure in FIGURES.items():
        value = run.figures[name]
        old = run.before.figures[name] if run.before else None
        if value is None and old is None:
            continue
        cells = [figure.title]
        if run.before is not None:
            verdict = compared(figure, old, value)
            cells.append(shown(figure, old, run.currency))
            cells.append(shown(figure, value, run.currency))
            cells.append(f"[{_COLOURS[verdict]}]{verdict}[/]" if verdict else "")
        else:
            cells.append(shown(figure, value, run.currency))
        table.add_row(*cells, _BETTER[figure.better])
    return table


def _show_log(run: Run, console: Console, log: int | None) -> None:
    decisions, left = reported(run, log)
    if log == 0:
        return
    table = Table(title="Decisions (UTC)", title_justify="left", box=None, pad_edge=False)
    for heading in ("time", "rule", "what and why"):
        table.add_column(heading, no_wrap=heading != "what and why")
    for item in decisions:
        table.add_row(clock(item.time), escape(item.rule or item.kind), escape(item.text))
    console.print(table if decisions else "no rule acted")
    if left:
        console.print(f"... and {left} more: --log all shows them, and what was held back and why", highlight=False)
    console.print()


def _show_notes(run: Run, console: Console) -> None:
    lines = [delay_words(run), *run.timeline.notes]
    if run.price_words:
        lines.append(f"price: {run.price_words}")
    lines += [f"without a price, in no sum: {item}" for item in run.unpriced]
    for line in lines:
        if line:
            console.print(escape(line), style="dim", highlight=False)
    console.print()


def _show_parameters(run: Run, console: Console) -> None:
    """A table where its sources have room, else two lines for each parameter."""
    if console.width >= WIDE:
        console.print(parameters_table(run))
        return
    console.print(escape(f"Parameters of {run.title}"), style="italic", highlight=False)
    for name, value, default, grade, source in _parameter_rows(run):
        changed = f" (default {default})" if default else ""
        console.print(escape(f"{name}: {value}{changed}, {grade}"), highlight=False)
        console.print(Padding(escape(source), (0, 0, 0, 2)), style="dim", highlight=False)


def parameters_table(run: Run) -> Table:
    """Every parameter of the platform, with default, evidence grade and source."""
    table = Table(title=escape(f"Parameters of {run.title}"), title_justify="left", box=None, pad_edge=False)
    for heading in ("parameter", "value", "default", "grade", "source"):
        table.add_column(heading, no_wrap=heading in ("parameter", "grade"), overflow="fold")
    for cells in _parameter_rows(run):
        table.add_row(*map(escape, cells))
    return table


def _parameter_rows(run: Run) -> Iterator[tuple[str, str, str, str, str]]:
    """Name, value, default where it is another, grade and source."""
    for row in run.timeline.parameters:
        value = "none" if row.value is None else f"{row.value} {row.unit}".strip()
        default = "" if not row.is_changed else "none" if row.default is None else str(row.default)
        yield row.name, value, default, row.grade, row.source


def _show_judgements(report: Report, console: Console) -> None:
    for item in report.judgements:
        console.print(escape(str(item)), style="" if item.kept else "bold red", highlight=False)
