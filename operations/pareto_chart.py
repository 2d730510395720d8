"""The picture of a search: what each rule set costs against how it serves, the Pareto front, the rules in force and the
chosen ones. Light and dark, PNG or SVG, equal bytes for equal searches."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import matplotlib as mpl
from matplotlib.figure import Figure as Picture

from elasticity.expectations import FIGURES, Figure
from elasticity.tuning import Goal, Result, Trial
from operations.charts import DOTS_PER_INCH, THEMES, Theme, style, written

if TYPE_CHECKING:
    from matplotlib.axes import Axes

INCHES = (9.0, 5.4)
ROOM = 1.12
"""How far the axes reach beyond what is marked."""
HEADROOM = 1.25
"""How far the axis of service reaches above the highest that is marked."""
FAR = 1.5
"""A limit so many times above all that keeps it is told, not drawn: else a third of the axis would be empty."""


@dataclass(frozen=True)
class Words:
    """What the picture says of itself."""

    title: str
    currency: str


def draw(result: Result, goal: Goal, words: Words, theme: str, form: str) -> bytes:
    """The picture of a search in `form` (png or svg) for the `light` or `dark` theme."""
    colours = THEMES[theme]
    with mpl.rc_context(style(colours)):
        figure = Picture(figsize=INCHES, dpi=DOTS_PER_INCH, layout="constrained")
        panel: Axes = figure.subplots()
        figure.suptitle(words.title, x=0.012, ha="left", fontsize=12, fontweight="bold")
        shown, hidden = _limits(panel, result, goal)
        _tried(panel, shown, colours)
        _expected(panel, goal, colours)
        _front(panel, result, colours)
        _marks(panel, result, goal, words.currency, colours)
        service, cost = FIGURES[goal.service], FIGURES[goal.cost]
        panel.set_xlabel(f"{_axis(cost, words.currency)}, mean of the loads")
        panel.set_ylabel(f"{_axis(service, words.currency)}, worst load")
        panel.grid(visible=True)
        panel.set_axisbelow(True)
        panel.spines[["top", "right"]].set_visible(False)
        if hidden:
            panel.set_title(f"{hidden} rule sets lie outside the picture", loc="left", fontsize=8.5)
        figure.legend(loc="outside lower center", ncols=3)
        return written(figure, form)


def _axis(figure: Figure, currency: str) -> str:
    unit = currency if figure.unit == "USD" else figure.unit
    return f"{figure.title}, {unit}" if unit else figure.title


def _marked(result: Result) -> list[Trial]:
    return [result.before, result.nearest, *result.front]


def _limits(panel: Axes, result: Result, goal: Goal) -> tuple[Sequence[Trial], int]:
    """Set the axes around what is marked; the rule sets within them, and how many lie outside."""
    expected = [item.value for item in goal.expectations if item.figure.name == goal.service]
    important = [result.before, result.nearest]
    costs = [trial.cost for trial in _marked(result)]
    heights = [trial.service for trial in important if math.isfinite(trial.service)]
    front = sorted(trial.service for trial in result.front)
    heights.append(front[len(front) // 2] if front else 1.0)
    heights += [trial.service for trial in result.trials if trial.service <= max(expected, default=0.0)]
    heights += [value for value in expected if value <= FAR * max(heights) or not max(heights)]
    right = min(max(costs), 2 * max(trial.cost for trial in important)) * ROOM
    left, top = min(costs) / ROOM, max(*heights, 1e-9) * HEADROOM
    panel.set_xlim(left, right)
    panel.set_ylim(-0.03 * top, top)
    inside = [trial for trial in result.trials if left <= trial.cost <= right and trial.service <= top]
    return inside, len(result.trials) - len(inside)


def _tried(panel: Axes, trials: Sequence[Trial], colours: Theme) -> None:
    kept = [trial for trial in trials if not any(trial.excess)]
    for some, marker, colour, label in (
        ([trial for trial in trials if any(trial.excess)], "o", colours.bounds, "breaks an expectation"),
        ([trial for trial in kept if not trial.refused], "o", colours.units, "keeps every expectation"),
        ([trial for trial in kept if trial.refused], "x", colours.bounds, "refused by the linter"),
    ):
        if some:
            panel.scatter(
                [trial.cost for trial in some],
                [trial.service for trial in some],
                s=14,
                marker=marker,
                color=colour,
                alpha=0.45,
                linewidths=0 if marker == "o" else 1,
                label=label,
            )


def _expected(panel: Axes, goal: Goal, colours: Theme) -> None:
    for item in goal.expectations:
        if item.figure.name == goal.service:
            far = ", above the picture" if item.value > panel.get_ylim()[1] else ""
            style: Any = {"color": colours.overload, "linewidth": 1.2, "linestyle": (0, (5, 3))}
            panel.axhline(item.value, label=f"{item.text}{far}", **style)


def _front(panel: Axes, result: Result, colours: Theme) -> None:
    costs, services = [trial.cost for trial in result.front], [trial.service for trial in result.front]
    panel.step(costs, services, where="post", color=colours.load, linewidth=1.6, label="Pareto front")
    panel.plot(costs, services, linestyle="none", marker="o", markersize=4, color=colours.load)


def _marks(panel: Axes, result: Result, goal: Goal, currency: str, colours: Theme) -> None:
    named = [(result.before, "D", colours.before, "rules in force")]
    if result.best is None:
        named.append((result.nearest, "X", colours.overload, "closest to the expectations"))
    else:
        named.append((result.best, "*", colours.capacity, "chosen"))
    for trial, marker, colour, label in named:
        if math.isfinite(trial.service):
            text = f"{label}: {_pair(trial, goal, currency)}"
            size = 170 if marker == "*" else 70
            panel.scatter(
                [trial.cost],
                [trial.service],
                s=size,
                marker=marker,
                color=colour,
                edgecolors=colours.ground,
                linewidths=0.8,
                zorder=5,
                label=text,
            )


def _pair(trial: Trial, goal: Goal, currency: str) -> str:
    from operations.report.model import shown

    return ", ".join(
        shown(FIGURES[name], value, currency)
        for name, value in ((goal.cost, trial.cost), (goal.service, trial.service))
    )
