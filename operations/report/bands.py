"""An ensemble in a report: the answer in three lines, figures as p10, p50 and p90, what they hang on, what was
varied."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.console import Console
from rich.markup import escape
from rich.padding import Padding

from elasticity.ensemble import QUANTILES, Assumption, Bands, Swing
from elasticity.expectations import FIGURES, Expectation, Figure
from elasticity.quantities import significant
from operations.report.fitted import FittedTable
from operations.report.model import Judgement, Run, deciding, shown
from operations.report.verdict import window

MOST_SWINGS = 8
"""Assumptions that a table ranks at most; --all shows the others."""
FITTED = frozenset(
    {
        "unit.capacity",
        "unit.service_time",
        "unit.start_up",
        "start_up",
        "publication_delay",
        "age_at_action",
        "max_scale_in_fraction",
        "low_factor",
    }
)
"""What `accordion fit` reads from a recording."""


def lines(run: Run, judgements: Sequence[Judgement]) -> list[str]:
    """The answer in three lines: in how many runs the promises are kept, overload, cost."""
    bands = run.bands
    assert bands is not None  # noqa: S101 - asked for by whoever has them
    return [
        _kept(bands, judgements),
        f"overload: {_listed(quantiles(run, FIGURES['overload_minutes']))}",
        _cost(run),
    ]


def _kept(bands: Bands, judgements: Sequence[Judgement]) -> str:
    if not judgements:
        return f"{bands.runs:,} runs; no expectation is declared: --assert 'p90 overload_minutes < 5' makes this a gate"
    expected = [item.expectation for item in judgements]
    count = bands.kept(expected)
    every = "the expectation" if len(expected) == 1 else f"all {len(expected)} expectations"
    said = f"{every} kept in {count:,} of {bands.runs:,} runs ({100 * count / bands.runs:.0f} %)"
    broken = [item for item in judgements if not item.kept]
    if not broken:
        return f"kept: {said}"
    first = broken[0]
    more = f", and {len(broken) - 1} more" if len(broken) > 1 else ""
    return f"broken: {first.expectation.text}, measured {first.in_words}{more}; {said}"


def _cost(run: Run) -> str:
    if run.figures["cost_per_month"] is None:
        return f"cost: not known: no price of {', '.join(run.unpriced) or 'a unit'}"
    share, words = window(run)
    return f"cost: {_listed(quantiles(run, FIGURES['cost_per_month'], share))} {words}"


def _listed(values: Sequence[tuple[str, str]]) -> str:
    return ", ".join(f"{label} {text}" for label, text in values)


def quantiles(run: Run, figure: Figure, share: float = 1.0) -> list[tuple[str, str]]:
    """p10, p50 and p90 of a figure, or of a share of it, as people read them."""
    assert run.bands is not None  # noqa: S101
    found = {label: run.bands.quantile(figure.name, part) for label, part in QUANTILES.items()}
    return [
        (label, shown(figure, None if value is None else share * value, run.currency)) for label, value in found.items()
    ]


def ranked_figures(run: Run, judgements: Sequence[Judgement], asked: str | None) -> list[str]:
    """Whose assumptions are ranked: the figure asked for; else the first that something is expected of, and cost."""
    if asked:
        return [asked]
    first = judgements[0].expectation.figure.name if judgements else "overload_minutes"
    named = dict.fromkeys((first, "cost_per_month"))
    return [name for name in named if run.figures[name] is not None]


def show(run: Run, judgements: Sequence[Judgement], console: Console, asked: str | None, *, everything: bool) -> None:
    """Print the tables of the ensemble."""
    bands, tornado = run.bands, run.tornado
    if bands is None or tornado is None:
        return
    console.print(_figures_table(run, [item.expectation for item in judgements], everything=everything))
    console.print()
    for name in ranked_figures(run, judgements, asked):
        swings = tornado.swings(name)
        wide = [swing for swing in swings if swing.width > 0]
        if wide:
            console.print(_swings_table(run, FIGURES[name], wide if everything else wide[:MOST_SWINGS]))
        for line in measure_first(run, name, swings):
            console.print(escape(line), highlight=False)
        console.print()
    console.print(f"What was varied over {bands.runs:,} runs (seed {bands.seed})", style="italic", highlight=False)
    for item in bands.assumptions:
        console.print(escape(varied_in_words(item)), highlight=False)
        console.print(Padding(escape(item.source), (0, 0, 0, 2), expand=False), style="dim", highlight=False)
    for text in bands.variants:
        console.print(escape(text), highlight=False)
    console.print()


def _figures_table(run: Run, expected: Sequence[Expectation], *, everything: bool) -> FittedTable:
    assert run.bands is not None  # noqa: S101
    table = FittedTable(f"Figures of {run.bands.runs:,} runs")
    table.add_column("figure")
    for label in QUANTILES:
        table.add_column(label, justify="right", no_wrap=True)
    table.add_column("in force", justify="right", no_wrap=True, style="dim")
    for figure in FIGURES.values() if everything else deciding(expected):
        if run.figures[figure.name] is None and not len(run.bands.measured(figure.name)):
            continue
        table.add_row(
            figure.title,
            *(text for _, text in quantiles(run, figure)),
            shown(figure, run.figures[figure.name], run.currency),
        )
    return table


def _swings_table(run: Run, figure: Figure, swings: Sequence[Swing]) -> FittedTable:
    title = f"What {figure.title} hangs on, each alone over its range"
    table = FittedTable(escape(title))
    table.add_column("assumption")
    for heading in ("from", "to"):
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_column("")
    most = max(swing.width for swing in swings)
    for swing in swings:
        low, high = (shown(figure, value, run.currency) for value in (swing.lowest, swing.highest))
        table.add_row(escape(swing.name), low, high, "#" * max(1, round(20 * swing.width / most)))
    return table


def measure_first(run: Run, name: str, swings: Sequence[Swing]) -> Iterator[str]:
    """Which assumption to measure first, and with what."""
    figure = FIGURES[name]
    first = next((swing for swing in swings if swing.width > 0 and _can_be_measured(swing)), None)
    if first is None:
        yield f"{figure.title} hangs on none of the assumptions alone"
        return
    low, high = (shown(figure, value, run.currency) for value in (first.lowest, first.highest))
    how = "accordion fit reads it from a recording" if first.name in FITTED else "a recording, or a test, settles it"
    yield f"measure {first.name} first: alone it moves {figure.title} from {low} to {high}; {how}"


def _can_be_measured(swing: Swing) -> bool:
    """The load of another day is nothing that can be measured beforehand."""
    return swing.assumption is not None and swing.assumption.place != "load"


def varied_in_words(item: Assumption) -> str:
    """An assumption with what is in force, its range and its grade."""
    if item.words:
        others = " or ".join(word for word in item.words if word != item.default)
        return f"{item.name}: {item.default}, or {others}, {item.grade}"
    low, now, high = (significant(float(value or 0.0)) for value in (item.low, item.default, item.high))
    with_unit = f"{now} {item.unit}".rstrip()
    return f"{item.name}: {with_unit}, from {low} to {high}, {item.grade}"
