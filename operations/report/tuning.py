"""What a search found, as a table, as JSON, and in sentences."""

from __future__ import annotations

import dataclasses
import io
import json
from collections.abc import Sequence
from typing import Any

import numpy as np
from rich.console import Console
from rich.markup import escape
from rich.padding import Padding
from ruamel.yaml import YAML

from elasticity.expectations import FIGURES, Expectation
from elasticity.rules import Elasticity
from elasticity.tuning import Goal, Parameter, Result, Trial, written
from operations.report.fitted import FittedTable
from operations.report.model import Judgement, Run, change, delay_words, headline, shown
from operations.report.table import show_assumptions

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


def verdict(tuned: Tuned) -> list[str]:
    """The answer in three lines: what was found, the time in overload at worst, the cost."""
    return [_found(tuned), _overload(tuned), _cost(tuned)]


def _found(tuned: Tuned) -> str:
    every = "the expectation" if len(tuned.goal.expectations) == 1 else "every expectation"
    if tuned.result.best is None:
        if refused := sum(trial.refused and not any(trial.excess) for trial in tuned.result.trials):
            return f"broken: the linter refuses each of the {refused:,} rule sets that keep {every}"
        return f"broken: no rule set keeps {every}; the hardest is {_hardest_first(tuned)[0].text}"
    kept = "" if tuned.result.before.keeps else "; those in force do not"
    count = len(tuned.changes)
    changed = f"{count} change{'' if count == 1 else 's'}" if count else "nothing changes, the rules in force stay"
    broken = {item.run.load for item in tuned.judged(tuned.unseen) if not item.kept}
    unseen = f", broken on {len(broken)} of {len(tuned.unseen)} that it did not see" if broken else ""
    return f"kept: {every} on the loads of the search{unseen}: {changed}{kept}"


def _overload(tuned: Tuned) -> str:
    """On the load of the search where it lasts longest."""
    figure = FIGURES["overload_minutes"]
    worst = max(tuned.seen, key=lambda run: run.figures[figure.name] or 0.0)
    now = max(run.before.figures[figure.name] or 0.0 for run in tuned.seen if run.before)
    minutes = worst.figures[figure.name]
    if not minutes:
        return f"no overload; in force {shown(figure, now)}" if now else "no overload, nor by the rules in force"
    return f"overload: {shown(figure, minutes)} at most, on {worst.load}; in force {shown(figure, now)}"


def _cost(tuned: Tuned) -> str:
    """Of the goal, the mean of the loads of the search."""
    figure, result = FIGURES[tuned.goal.cost], tuned.result
    after, before = (shown(figure, trial.cost, tuned.currency) for trial in (result.nearest, result.before))
    what = "cost" if figure.name == "cost_per_month" else figure.title
    month = " a month" if figure.name == "cost_per_month" else ""
    return f"{what}: {after}{month}, mean of the loads of the search; in force {before}"


def _ranked(tuned: Tuned) -> list[int]:
    result = tuned.result
    return sorted(
        range(len(tuned.goal.expectations)),
        key=lambda place: (result.kept_by[place], -result.closest(place).excess[place]),
    )


def _hardest_first(tuned: Tuned) -> list[Expectation]:
    return [tuned.goal.expectations[place] for place in _ranked(tuned)]


def hardest(tuned: Tuned) -> list[str]:
    """What cannot be kept, the hardest first."""
    result = tuned.result
    lines = []
    for place in _ranked(tuned):
        expectation = tuned.goal.expectations[place]
        values = [trial.measured[place] for trial in (result.closest(place), result.nearest)]
        nearest, found = (
            shown(expectation.figure, None if np.isnan(value) else value, tuned.currency) for value in values
        )
        lines.append(
            f"{expectation.text}: kept by {result.kept_by[place]:,} of {len(result.trials):,} rule sets; "
            f"nearest alone {nearest}, in the rule set closest to all {found}"
        )
    return [f"the hardest expectation is {_hardest_first(tuned)[0].text}", *lines]


def _changes_table(tuned: Tuned) -> FittedTable:
    table = FittedTable("What changes")
    for heading in ("parameter", "in force", "found"):
        table.add_column(heading, justify="left" if heading == "parameter" else "right")
    for item, before, after in tuned.changes:
        table.add_row(escape(item.name), str(before), str(after))
    return table


_COLOURS = {"better": "green", "worse": "red", "same": "dim", "": ""}


def _figures_table(tuned: Tuned, title: str, runs: Sequence[Run], names: Sequence[str]) -> FittedTable:
    table = FittedTable(title)
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
    """Print the whole report, the answer first."""

    def line(text: str, style: str = "", indent: int = 0) -> None:
        console.print(Padding(escape(text), (0, 0, 0, indent), expand=False), style=style, highlight=False)

    tried = f"{len(tuned.result.trials):,} rule sets on {_counted(len(tuned.seen), 'load')}, seed {tuned.seed}"
    line(f"{tuned.member} of {tuned.stack_file}: {tried}", "bold")
    for text in verdict(tuned):
        line(text, "bold red" if text.startswith("broken") else "", 2)
    console.print()
    for one in tuned.held_out:
        line(str(one))
    if tuned.result.best is None:
        for text in hardest(tuned):
            line(text)
        line("the rule set closest to the expectations, not to be deployed as it stands:")
        console.print()
    if tuned.changes:
        console.print(_changes_table(tuned))
        console.print()
    console.print(escape(_narrowed(tuned.fragment, console.width)), highlight=False, soft_wrap=True)
    expected = [item.figure.name for item in tuned.goal.expectations]
    names = list(dict.fromkeys([*(figure.name for figure in headline()), *expected]))
    console.print(_figures_table(tuned, "On the loads of the search", tuned.seen, names))
    console.print()
    names = list(dict.fromkeys([*expected, tuned.goal.cost]))
    console.print(_figures_table(tuned, "On loads that the search did not see", tuned.unseen, names))
    console.print()
    for item in tuned.judged(tuned.seen):
        line(str(item), "" if item.kept else "bold red")
    console.print()
    show_assumptions(tuned.seen[0], console, all_by="accordion simulate --all")
    for text in (delay_words(tuned.seen[0]), *tuned.remarks):
        line(text, "dim")


def _counted(count: int, what: str) -> str:
    return f"{count:,} {what}{'' if count == 1 else 's'}"


def _narrowed(fragment: str, width: int) -> str:
    """The same YAML with lines of at most `width` characters, where its words allow it."""
    if max(map(len, fragment.splitlines())) <= width:
        return fragment
    yaml, text = YAML(), io.StringIO()
    yaml.preserve_quotes = True
    yaml.width = width - 2  # it does not count what closes a map
    yaml.indent(mapping=2, sequence=4, offset=2)
    yaml.dump(yaml.load(fragment), text)
    return text.getvalue()


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
