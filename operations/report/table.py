"""The report on a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from rich.console import Console
from rich.markup import escape
from rich.padding import Padding

from elasticity.expectations import FIGURES
from elasticity.platforms import Parameter
from operations.report import bands, verdict
from operations.report.drawing import drawing
from operations.report.fitted import FittedTable
from operations.report.model import (
    Judgement,
    Report,
    Run,
    change,
    clock,
    deciding,
    delay_words,
    reported,
    shown,
)

_COLOURS = {"better": "green", "worse": "red", "same": "dim", "": ""}
_BETTER = {"lower": "lower", "higher": "higher", "neither": ""}
_SOME = "Figures that people decide on; --all shows all of them"
_DECLARED = "declared by the user"
WIDE = 100
"""Characters from which the table of parameters has room for their sources."""


def show(
    report: Report, console: Console, log: int | None, *, everything: bool = False, ranked: str | None = None
) -> None:
    """Print the whole report, the answer first; `log` decisions per run, None for all of them; `everything`: every
    figure and parameter, else those that people decide on and those that the answer hangs on; `ranked`: the figure
    whose assumptions are ranked, where there is an ensemble."""
    if report.against:
        console.print("What changes in the rules" if report.changes else "No rule changes", style="italic")
        for line in report.changes:
            console.print(escape(f"  {line}"), highlight=False)
        console.print()
    for run in report.runs:
        judgements = [item for item in report.judgements if item.run is run]
        _show_verdict(run, judgements, console)
        if run.bands is not None:
            bands.show(run, judgements, console, ranked, everything=everything)
            _show_notes(run, console)
            continue
        _show_log(run, console, log)
        console.print(figures_table(run, report.against, judgements, everything=everything))
        console.print()
        _show_notes(run, console)
    if report.runs and (everything or report.runs[0].bands is None):
        show_assumptions(report.runs[0], console, everything=everything)
        console.print()
    _show_judgements(report, console)
    for remark in report.remarks:
        console.print(escape(remark), highlight=False)


def _show_verdict(run: Run, judgements: Sequence[Judgement], console: Console) -> None:
    """Title, three lines, and the drawing."""
    console.print(escape(run.title), style="bold", highlight=False)
    for line in (verdict if run.bands is None else bands).lines(run, judgements):
        style = "bold red" if line.startswith("broken") else ""
        console.print(Padding(escape(line), (0, 0, 0, 2), expand=False), style=style, highlight=False)
    console.print()
    lines = list(drawing(run, console.width, blocks="utf" in console.encoding))
    for drawn in lines:
        console.print(drawn, no_wrap=True, crop=True)
    if lines:
        console.print()


def figures_table(
    run: Run, against: str, judgements: Sequence[Judgement] = (), *, everything: bool = True
) -> FittedTable:
    """The figures that the run has; beside each the one before, and which is better."""
    figures = list(FIGURES.values()) if everything else deciding(item.expectation for item in judgements)
    table = FittedTable("Figures" if everything else _SOME)
    table.add_column("figure")
    if run.before is not None:
        table.add_column(f"before ({escape(against)})", justify="right")
        table.add_column("after", justify="right")
        table.add_column("change")
    else:
        table.add_column("value", justify="right", no_wrap=True)
    table.add_column("better when", style="dim")
    for figure in figures:
        value = run.figures[figure.name]
        old = run.before.figures[figure.name] if run.before else None
        if value is None and old is None:
            continue
        cells = [figure.title]
        if run.before is not None:
            found = change(run, figure.name)
            cells.append(shown(figure, old, run.currency))
            cells.append(shown(figure, value, run.currency))
            cells.append(f"[{_COLOURS[found]}]{found}[/]" if found else "")
        else:
            cells.append(shown(figure, value, run.currency))
        table.add_row(*cells, _BETTER[figure.better])
    return table


def _show_log(run: Run, console: Console, log: int | None) -> None:
    decisions, left = reported(run, log)
    if log == 0:
        return
    table = FittedTable("What acted and why (UTC)")
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
    lines += [f"without a price, not included in the total: {item}" for item in run.unpriced]
    for line in lines:
        if line:
            console.print(escape(line), style="dim", highlight=False)
    console.print()


def show_assumptions(run: Run, console: Console, *, everything: bool = False, all_by: str = "--all") -> None:
    """All parameters with their sources; or those alone that were set, or that no document settles. `all_by`: what
    shows all of them."""
    rows = [row for row in run.timeline.parameters if everything or row.is_changed or "between " in row.source]
    left = len(run.timeline.parameters) - len(rows)
    if everything and console.width >= WIDE:
        console.print(parameters_table(run))
        return
    title = f"Parameters of {run.title}" if everything else f"What {run.title} assumes"
    console.print(escape(title), style="italic", highlight=False)
    for name, value, default, grade, source in _parameter_rows(rows):
        declared = source == _DECLARED and not everything
        changed = f" (default {default})" if default and not declared else ""
        console.print(escape(f"{name}: {value}{changed}, {'declared' if declared else grade}"), highlight=False)
        if not declared:
            console.print(Padding(escape(source), (0, 0, 0, 2), expand=False), style="dim", highlight=False)
    if left:
        said = f"{left} more parameters are as shipped: {all_by} shows each with its source and grade"
        console.print(said, style="dim", highlight=False)


def parameters_table(run: Run) -> FittedTable:
    """Every parameter of the platform, with default, evidence grade and source."""
    table = FittedTable(escape(f"Parameters of {run.title}"))
    for heading in ("parameter", "value", "default", "grade", "source"):
        table.add_column(heading, no_wrap=heading in ("parameter", "grade"), overflow="fold")
    for cells in _parameter_rows(run.timeline.parameters):
        table.add_row(*map(escape, cells))
    return table


def _parameter_rows(rows: Iterable[Parameter]) -> Iterator[tuple[str, str, str, str, str]]:
    """Name, value, default where it is another, grade and source."""
    for row in rows:
        value = "none" if row.value is None else f"{row.value} {row.unit}".strip()
        default = "" if not row.is_changed else "none" if row.default is None else str(row.default)
        yield row.name, value, default, row.grade, row.source


def _show_judgements(report: Report, console: Console) -> None:
    for item in report.judgements:
        console.print(escape(str(item)), style="" if item.kept else "bold red", highlight=False)
