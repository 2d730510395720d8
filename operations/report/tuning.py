"""What a search found, as a table, as JSON, and in sentences."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Sequence
from typing import Any

import numpy as np
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from elasticity.expectations import FIGURES
from elasticity.rules import Elasticity
from elasticity.tuning import Goal, Parameter, Result, Trial, written
from operations.report.model import Judgement, Run, change, headline, shown

JSON_VERSION = 1


@dataclasses.dataclass(frozen=True)
class HeldOut:
    """How often every expectation is kept over runs of a load that the search has not seen."""

    load: str
    runs: int
    kept: int
    """By the chosen rules."""
    kept_before: int
    """By the rules in force."""

    def __str__(self) -> str:
        return (
            f"{self.load}: every expectation is kept in {self.kept} of {self.runs} runs that the search did not see, "
            f"by the rules in force in {self.kept_before}"
        )


@dataclasses.dataclass(frozen=True)
class Tuned:
    """A search with everything that a report says of it."""

    stack_file: str
    seed: int
    member: str
    goal: Goal
    parameters: tuple[Parameter, ...]
    result: Result
    fragment: str
    """The `elasticity:` of the chosen rules, or of those closest to the expectations, to paste."""
    rules: Elasticity
    """What the fragment holds."""
    seen: tuple[Run, ...]
    """On the loads of the search; the rules in force as the run before."""
    unseen: tuple[Run, ...]
    """On loads that the search has not seen."""
    currency: str
    remarks: tuple[str, ...]
    held_out: tuple[HeldOut, ...] = ()
    """Of a search over an ensemble, for each load."""

    @property
    def changes(self) -> list[tuple[Parameter, int | float | str, int | float | str]]:
        """What differs: the parameter, its value in force, its value found."""
        return [
            (item, written(item.kind, item.now), item.written(place))
            for item, place in zip(self.parameters, self.result.nearest.point, strict=True)
            if item.values[place] != item.now
        ]

    def judged(self, runs: Sequence[Run]) -> list[Judgement]:
        """Every expectation on every run."""
        return [Judgement(run, item) for run in runs for item in self.goal.expectations]

    @property
    def warnings(self) -> list[str]:
        """Where the chosen rules break on a load that the search has not seen."""
        found = []
        for item in self.judged(self.unseen):
            if not item.kept and item.run.before is not None:
                figure = item.expectation.figure
                now = shown(figure, item.measured, self.currency)
                before = shown(figure, item.run.before.figures[figure.name], self.currency)
                found.append(
                    f"on a load that the search did not see, {item.run.load}, {item.expectation.text} is broken: "
                    f"{now} (the rules in force: {before})"
                )
        return found


def found(tuned: Tuned) -> str:
    """One sentence on the outcome."""
    result, currency = tuned.result, tuned.currency
    cost = FIGURES[tuned.goal.cost]
    tried = f"{len(result.trials):,} rule sets on {len(tuned.seen)} loads"
    if result.best is None:
        return f"{tried}: none keeps every expectation"
    before, after = (shown(cost, trial.cost, currency) for trial in (result.before, result.best))
    if not tuned.changes:
        return f"{tried}: nothing cheaper than the rules in force keeps every expectation; they stay ({after})"
    kept = "" if result.before.keeps else ", which break an expectation"
    return f"{tried}: the cheapest that keeps every expectation costs {after}, the rules in force {before}{kept}"


def hardest(tuned: Tuned) -> list[str]:
    """What cannot be kept, the hardest first."""
    result = tuned.result
    ranked = sorted(
        range(len(tuned.goal.expectations)),
        key=lambda place: (result.kept_by[place], -result.closest(place).excess[place]),
    )
    lines = []
    for place in ranked:
        expectation = tuned.goal.expectations[place]
        values = [trial.measured[place] for trial in (result.closest(place), result.nearest)]
        nearest, found = (
            shown(expectation.figure, None if np.isnan(value) else value, tuned.currency) for value in values
        )
        lines.append(
            f"{expectation.text}: kept by {result.kept_by[place]:,} of {len(result.trials):,} rule sets; "
            f"nearest alone {nearest}, in the rule set closest to all {found}"
        )
    first = tuned.goal.expectations[ranked[0]]
    return [f"the hardest expectation is {first.text}", *lines]


def _changes_table(tuned: Tuned) -> Table:
    table = Table(title="What changes", title_justify="left", box=None, pad_edge=False)
    for heading in ("parameter", "in force", "found"):
        table.add_column(heading, justify="left" if heading == "parameter" else "right")
    for item, before, after in tuned.changes:
        table.add_row(escape(item.name), str(before), str(after))
    return table


_COLOURS = {"better": "green", "worse": "red", "same": "dim", "": ""}


def _figures_table(tuned: Tuned, title: str, runs: Sequence[Run], names: Sequence[str]) -> Table:
    table = Table(title=title, title_justify="left", box=None, pad_edge=False)
    for heading in ("load", "figure", "in force", "found", ""):
        table.add_column(heading, justify="right" if heading in ("in force", "found") else "left")
    for run in runs:
        for place, name in enumerate(names):
            figure, before = FIGURES[name], run.before.figures[name] if run.before else None
            verdict = change(run, name)
            table.add_row(
                escape(run.load) if not place else "",
                figure.title,
                shown(figure, before, tuned.currency),
                shown(figure, run.figures[name], tuned.currency),
                f"[{_COLOURS[verdict]}]{verdict}[/]" if verdict else "",
                end_section=place == len(names) - 1,
            )
    return table


def show(tuned: Tuned, console: Console) -> None:
    """Print the whole report."""

    def line(text: str, style: str = "") -> None:
        console.print(escape(text), style=style, highlight=False, soft_wrap=True)

    line(f"{tuned.stack_file} {tuned.member}, seed {tuned.seed}: {found(tuned)}", "bold")
    for one in tuned.held_out:
        line(str(one))
    if tuned.result.best is None:
        for text in hardest(tuned):
            line(text)
        line("the rule set closest to the expectations, not to be deployed as it stands:")
    console.print()
    line(tuned.fragment)
    if tuned.changes:
        console.print(_changes_table(tuned))
        console.print()
    expected = [item.figure.name for item in tuned.goal.expectations]
    names = list(dict.fromkeys([*(figure.name for figure in headline()), *expected]))
    console.print(_figures_table(tuned, "On the loads of the search", tuned.seen, names))
    console.print()
    names = list(dict.fromkeys([*expected, tuned.goal.cost]))
    console.print(_figures_table(tuned, "On loads that the search did not see", tuned.unseen, names))
    console.print()
    for item in tuned.judged(tuned.seen):
        line(str(item), "" if item.kept else "bold red")
    for text in tuned.remarks:
        line(text, "dim")


def as_json(tuned: Tuned) -> str:
    """The whole report as JSON; equal searches give equal text."""
    result = tuned.result

    def of(trial: Trial) -> dict[str, Any]:
        return {
            "cost": _number(trial.cost),
            "service": _number(trial.service),
            "keeps": trial.keeps,
            "measured": [_number(value) for value in trial.measured],
            "parameters": {
                item.name: item.written(place) for item, place in zip(tuned.parameters, trial.point, strict=True)
            },
        }

    def figures_of(runs: Sequence[Run]) -> list[dict[str, Any]]:
        return [
            {"load": run.load, "before": run.before.figures if run.before else None, "after": run.figures}
            for run in runs
        ]

    document = {
        "version": JSON_VERSION,
        "stack_file": tuned.stack_file,
        "service": tuned.member,
        "seed": tuned.seed,
        "rule_sets": len(result.trials),
        "found": result.best is not None,
        "cost_figure": tuned.goal.cost,
        "service_figure": tuned.goal.service,
        "currency": tuned.currency,
        "expectations": [
            {"text": item.text, "kept_by": kept}
            for item, kept in zip(tuned.goal.expectations, result.kept_by, strict=True)
        ],
        "changes": [
            {"parameter": item.name, "before": before, "after": after} for item, before, after in tuned.changes
        ],
        "elasticity": tuned.rules.model_dump(mode="json", by_alias=True, exclude_unset=True),
        "before": of(result.before),
        "after": of(result.nearest),
        "front": [of(trial) for trial in result.front],
        "loads": figures_of(tuned.seen),
        "unseen": figures_of(tuned.unseen),
        "warnings": tuned.warnings,
        "remarks": list(tuned.remarks),
    }
    if tuned.held_out:
        document["held_out"] = [dataclasses.asdict(one) for one in tuned.held_out]
    return json.dumps(document, indent=2, allow_nan=False) + "\n"


def _number(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None
