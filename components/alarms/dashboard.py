"""A dashboard body: per subject one row with load against capacity, latency, errors, and the state of its alarms.

Source: CloudWatch API reference, dashboard body structure and syntax. The same references give the same text, byte for
byte.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pulumi

from components.metrics import Measure, MetricReference

WIDTH, HEIGHT, ALARM_HEIGHT, HEADER_HEIGHT = 8, 6, 3, 1
"""Widths and heights in cells of a grid that is 24 wide."""


@dataclass(frozen=True)
class Panels:
    """What the dashboard shows of one subject; series by their label."""

    load: Mapping[str, Measure] = field(default_factory=dict)
    """What comes in: on the left axis of the first graph."""
    capacity: Mapping[str, Measure] = field(default_factory=dict)
    """What serves it: on the right axis of the first graph."""
    minimum: int | None = None
    """Lower bound of the capacity, a line on the right axis."""
    maximum: int | None = None
    """Upper bound of the capacity, a line on the right axis."""
    latency: Mapping[str, Measure] = field(default_factory=dict)
    """Second graph."""
    errors: Mapping[str, Measure] = field(default_factory=dict)
    """Third graph."""


def dashboard_body(
    panels: Mapping[str, Panels], alarms: Mapping[str, Sequence[pulumi.Input[str]]], region: pulumi.Input[str]
) -> pulumi.Output[str]:
    """The body as JSON; `alarms` are ARNs by subject."""
    widgets: list[dict[str, Any]] = []
    top = 0
    for subject, shown in panels.items():
        row, height = _row(subject, shown, alarms.get(subject, ()), region, top)
        widgets += row
        top += height
    return pulumi.Output.json_dumps({"widgets": widgets}, sort_keys=True)


def _row(
    subject: str, shown: Panels, alarms: Sequence[pulumi.Input[str]], region: pulumi.Input[str], top: int
) -> tuple[list[dict[str, Any]], int]:
    header = {"type": "text", "properties": {"markdown": f"## {subject}"}}
    widgets = [_placed(header, 0, top, 3 * WIDTH, HEADER_HEIGHT)]
    top += HEADER_HEIGHT
    graphs = [
        _graph("load and capacity", region, left=shown.load, right=shown.capacity, lines=_bounds(shown)),
        _graph("latency", region, left=shown.latency),
        _graph("errors", region, left=shown.errors),
    ]
    widgets += [_placed(graph, index * WIDTH, top, WIDTH, HEIGHT) for index, graph in enumerate(graphs) if graph]
    height = HEADER_HEIGHT + HEIGHT
    if alarms:
        state = {"type": "alarm", "properties": {"title": f"alarms of {subject}", "alarms": list(alarms)}}
        widgets.append(_placed(state, 0, top + HEIGHT, 3 * WIDTH, ALARM_HEIGHT))
        height += ALARM_HEIGHT
    return widgets, height


def _placed(widget: dict[str, Any], x: int, y: int, width: int, height: int) -> dict[str, Any]:
    return {**widget, "x": x, "y": y, "width": width, "height": height}


def _bounds(shown: Panels) -> list[dict[str, Any]]:
    bounds = (("minimum", shown.minimum), ("maximum", shown.maximum))
    return [{"label": label, "value": value, "yAxis": "right"} for label, value in bounds if value is not None]


def _graph(
    title: str,
    region: pulumi.Input[str],
    *,
    left: Mapping[str, Measure],
    right: Mapping[str, Measure] | None = None,
    lines: Sequence[dict[str, Any]] = (),
) -> dict[str, Any] | None:
    series = [("left", *item) for item in left.items()] + [("right", *item) for item in (right or {}).items()]
    if not series:
        return None
    rows = [
        row for index, (axis, label, measure) in enumerate(series) for row in _rows(f"s{index}", axis, label, measure)
    ]
    properties: dict[str, Any] = {
        "title": title,
        "region": region,
        "view": "timeSeries",
        "stacked": False,
        "metrics": rows,
        "yAxis": {"left": {"min": 0}, "right": {"min": 0}},
    }
    if lines:
        properties["annotations"] = {"horizontal": list(lines)}
    return {"type": "metric", "properties": properties}


def _rows(key: str, axis: str, label: str, measure: Measure) -> list[list[Any]]:
    """The series as entries of `metrics`; inner metrics of an expression are hidden, their ids made unique in the
    widget."""
    if isinstance(measure, MetricReference):
        return [_entry(measure, {"id": key, "label": label, "yAxis": axis})]
    names = {name: f"{key}_{name}" for name in (*measure.metrics, *measure.steps)}
    pattern = re.compile(rf"\b({'|'.join(map(re.escape, names))})\b")

    def renamed(expression: str) -> str:
        return pattern.sub(lambda found: names[found[0]], expression)

    hidden = [_entry(inner, {"id": names[name], "visible": False}) for name, inner in measure.metrics.items()]
    steps = [
        [{"expression": renamed(text), "id": names[name], "visible": False}] for name, text in measure.steps.items()
    ]
    return [*hidden, *steps, [{"expression": renamed(measure.expression), "id": key, "label": label, "yAxis": axis}]]


def _entry(metric: MetricReference, options: dict[str, Any]) -> list[Any]:
    dimensions = [part for item in metric.dimensions.items() for part in item]
    return [metric.namespace, metric.name, *dimensions, {**options, "stat": metric.statistic, "period": metric.period}]
