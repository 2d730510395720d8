"""The report as one page: a zoomable timeline, decisions, figures. It loads nothing; equal runs give equal bytes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import jinja2
import numpy as np

from elasticity.ensemble import QUANTILES, Bands
from elasticity.expectations import FIGURES
from elasticity.measure import nearest_ranks
from elasticity.simulator import Decision
from operations.report import bands, verdict
from operations.report.acting import acting, of_metric
from operations.report.bands import measure_first, quantiles, ranked_figures, varied_in_words
from operations.report.model import Judgement, Report, Run, change, deciding, delay_words, is_told, shown

MAXIMUM_POINTS = 20_000
"""Points per series in the page; of a longer run each point stands for a span: least capacity, most load."""
_LEAST = frozenset({"capacity", "minimum"})
_MEAN = frozenset({"utilisation", "serving", "metric"})
_COMPARED = ("capacity", "serving", "backlog", "latency")
"""Drawn of the run before too, beside the metric that acted."""
_SERIES = ("load", "capacity", "utilisation", "serving", "desired", "minimum", "maximum", "backlog", "latency")


def write(report: Report, ranked: str | None = None) -> str:
    """The whole page; `ranked`: the figure whose assumptions are ranked, where there is an ensemble."""
    data = {
        "title": f"Scaling of {report.title}, simulated",
        "against": report.against,
        "changes": list(report.changes),
        "remarks": list(report.remarks),
        "judgements": [[item.kept, str(item)] for item in report.judgements],
        "runs": [_run(run, [item for item in report.judgements if item.run is run], ranked) for run in report.runs],
    }
    return _templates().get_template("page.html").render(title=data["title"], data=data)


def _templates() -> jinja2.Environment:
    """The page's template, in which whatever is filled in is escaped for its place, and nothing may be missing."""
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("operations.report", ""),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        keep_trailing_newline=True,
    )
    environment.policies["json.dumps_kwargs"] = {"separators": (",", ":"), "allow_nan": False}
    return environment


def _run(run: Run, judgements: Sequence[Judgement], ranked: str | None) -> dict[str, Any]:
    timeline = run.timeline
    size = max(1, -(-len(timeline.load) // MAXIMUM_POINTS))
    found = acting(run.timeline)
    series = {name: _thinned(getattr(timeline, name), size, name) for name in _SERIES}
    series["metric"] = _thinned(found.values, size, "metric")
    if run.before is not None:
        before = run.before.timeline
        series |= {f"before_{name}": _thinned(getattr(before, name), size, name) for name in _COMPARED}
        series["before_metric"] = _thinned(of_metric(run.before.timeline, found.metric).values, size, "metric")
    price = [f"price: {run.price_words}"] if run.price_words else []
    return {
        "title": run.title,
        "start": int(timeline.start.timestamp()),
        "step": timeline.tick * size,
        "series": series,
        "metric": {
            "name": found.metric.replace("_", " "),
            "label": found.label,
            "levels": [[level, name] for level, name in found.levels],
            "most": 105 if found.bounded else None,
        },
        "waited": any(bool(one.figures["highest_backlog"]) for one in (run, run.before) if one is not None),
        "compared": run.before is not None,
        "decisions": [
            [item.second, item.rule or item.kind, item.text, int(is_told(item)), _way(item)]
            for item in timeline.decisions
        ],
        "verdict": (verdict if run.bands is None else bands).lines(run, judgements),
        "figures": _figures(run, judgements),
        "bands": None if run.bands is None else _bands(run, run.bands, judgements, ranked),
        "parameters": [
            [
                row.name,
                _cell(row.value, row.unit),
                _cell(row.default, "") if row.is_changed else "",
                row.grade,
                row.source,
            ]
            for row in timeline.parameters
        ],
        "notes": [
            *(line for line in (delay_words(run), *timeline.notes) if line),
            *price,
            *(f"without a price, not included in the total: {item}" for item in run.unpriced),
        ],
    }


def _bands(run: Run, found: Bands, judgements: Sequence[Judgement], ranked: str | None) -> dict[str, Any]:
    """Every figure's quantiles, load and capacity over time as ribbons, what the figures hang on, what was varied."""
    ribbons: dict[str, list[list[float | int | None]]] = {}
    if found.curves is not None:
        shares = list(QUANTILES.values())
        for name, values in (("load", found.curves.load), ("capacity", found.curves.capacity)):
            ribbons[name] = [[_short(value) for value in row] for row in nearest_ranks(values, shares)]
    hangs = []
    for name in ranked_figures(run, judgements, ranked) if run.tornado is not None else ():
        swings = run.tornado.swings(name) if run.tornado is not None else []
        wide = [swing for swing in swings if swing.width > 0]
        most = max((swing.width for swing in wide), default=0.0)
        rows = [
            [
                swing.name,
                shown(FIGURES[name], swing.lowest, run.currency),
                shown(FIGURES[name], swing.highest, run.currency),
                round(100 * swing.width / most, 1),
            ]
            for swing in wide
        ]
        hangs.append({"figure": FIGURES[name].title, "rows": rows, "first": list(measure_first(run, name, swings))})
    return {
        "runs": found.runs,
        "labels": list(QUANTILES),
        "figures": {figure.title: [text for _, text in quantiles(run, figure)] for figure in FIGURES.values()},
        "starts": [] if found.curves is None else [int(second) for second in found.curves.seconds],
        "ribbons": ribbons,
        "hangs": hangs,
        "varied": [*([varied_in_words(item), item.source] for item in found.assumptions)],
        "drawn": list(found.variants),
    }


def _way(item: Decision) -> int:
    """1 for a decision that raised desired, -1 for one that lowered it, 0 for others."""
    if item.kind in ("alarm", "failure") or not is_told(item):
        return 0
    return 1 if item.after > item.before else -1


def _cell(value: object, unit: str) -> str:
    return "none" if value is None else f"{value} {unit}".strip()


def _figures(run: Run, judgements: Sequence[Judgement]) -> list[list[str]]:
    """Title, before, now, change, and whether people decide on it."""
    rows = []
    first = {figure.name for figure in deciding(item.expectation for item in judgements)}
    for name, figure in FIGURES.items():
        value, old = run.figures[name], run.before.figures[name] if run.before else None
        if value is not None or old is not None:
            before = shown(figure, old, run.currency) if run.before else ""
            rows.append(
                [
                    figure.title,
                    before,
                    shown(figure, value, run.currency),
                    change(run, name),
                    "1" if name in first else "",
                ]
            )
    return rows


def _thinned(values: Any, size: int, name: str) -> list[float | int | None]:
    numbers = np.asarray(values, dtype=float)
    if size > 1:
        starts = np.arange(0, len(numbers), size)
        if name in _MEAN:
            numbers = np.add.reduceat(numbers, starts) / np.diff(np.append(starts, len(numbers)))
        else:
            numbers = (np.minimum if name in _LEAST else np.maximum).reduceat(numbers, starts)
    return [_short(value) for value in numbers.tolist()]


def _short(value: float) -> float | int | None:
    if not math.isfinite(value):
        return None
    rounded = round(value, 3) if abs(value) >= 1 else float(f"{value:.3g}")  # a rate far below 1/s is not 0
    return int(rounded) if rounded.is_integer() else rounded
