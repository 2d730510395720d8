"""Dashboards: what PutDashboard refuses in a body, widget by widget.

Source: CloudWatch API, Dashboard Body Structure and Syntax. What AWS only warns about (an unknown member, a metric that
does not exist) is taken.
"""

import json
from collections.abc import Iterator
from typing import Any

from localcloud.aws.limits._checks import Check, Fault, Props, form, number
from localcloud.provider.wire import is_unknown

NAME = r"[A-Za-z0-9_-]{1,255}"
KINDS = ("metric", "text", "log", "alarm", "explorer", "custom")
COLUMNS, TALLEST = 24, 1_000
MOST_WIDGETS = 500
NEEDED = {"text": ("markdown",), "log": ("region", "query"), "alarm": ("alarms",), "metric": ("region",),
          "custom": ("endpoint",), "explorer": ("metrics",)}  # fmt: skip
"""Properties that a widget of a kind has."""
OTHERWISE = {"query": ("queryLanguage", "logGroups"), "region": ("annotations",)}
"""A property -> what may stand in its place: another language's query, an alarm that brings its region."""
VIEWS = ("timeSeries", "singleValue", "gauge", "bar", "pie", "table")


def body(props: Props) -> Iterator[Fault]:
    """The body is an object with a list of widgets, each of which is whole."""
    text = props.get("dashboardBody")
    if not isinstance(text, str) or is_unknown(text):
        return
    at = "dashboardBody"
    try:
        found = json.loads(text)
    except ValueError as error:
        yield at, f"is no JSON: {error}"
        return
    if not isinstance(found, dict):
        yield at, "expected an object in JSON"
        return
    widgets = found.get("widgets")
    if not isinstance(widgets, list):
        yield at, "expected 'widgets', a list" if "widgets" in found else "missing required member 'widgets'"
        return
    if len(widgets) > MOST_WIDGETS:
        yield at, f"{len(widgets)} widgets, allowed are {MOST_WIDGETS}"
    for i, widget in enumerate(widgets):
        for path, why in _widget(widget):
            yield at, f"widgets[{i}]{path}: {why}"


def _widget(widget: Any) -> Iterator[Fault]:
    if not isinstance(widget, dict):
        yield "", "expected an object"
        return
    kind, inner = widget.get("type"), widget.get("properties")
    if kind is None:
        yield ".type", "missing required member"
    elif kind not in KINDS:
        yield ".type", f"{kind!r} is not allowed; allowed are {', '.join(KINDS)}"
    yield from _place(widget)
    if not isinstance(inner, dict):
        yield ".properties", "missing required member" if inner is None else "expected an object"
        return
    for name in NEEDED.get(str(kind), ()):
        if inner.get(name) in (None, "") and not any(inner.get(other) for other in OTHERWISE.get(name, ())):
            yield f".properties.{name}", f"missing required member of a widget of type {kind}"
    if kind == "metric":
        yield from _metric(inner)
    if kind == "alarm" and not isinstance(inner.get("alarms", []), list):
        yield ".properties.alarms", "expected a list"


def _place(widget: dict[str, Any]) -> Iterator[Fault]:
    for name, low, high in (("x", 0, COLUMNS - 1), ("y", 0, None), ("width", 1, COLUMNS), ("height", 1, TALLEST)):
        if name not in widget:
            continue
        value = widget[name]
        found = None if isinstance(value, str) else number(value)
        if found is None or found != int(found) or found < low or (high is not None and found > high):
            yield f".{name}", f"{value!r} is no whole number {f'within {low} to {high}' if high else f'from {low} up'}"


def _metric(inner: dict[str, Any]) -> Iterator[Fault]:
    metrics = inner.get("metrics")
    if metrics is None and not inner.get("annotations") and not inner.get("insightRule"):
        yield ".properties.metrics", "missing: give 'metrics', or 'annotations' with an alarm"
    elif metrics is not None and not isinstance(metrics, list):
        yield ".properties.metrics", "expected a list"
    for i, line in enumerate(metrics if isinstance(metrics, list) else ()):
        if not isinstance(line, list) or not line:
            yield f".properties.metrics[{i}]", "expected a list: namespace, name, dimensions, or an expression"
            continue
        options = line[-1] if isinstance(line[-1], dict) else {}
        names = line[:-1] if isinstance(line[-1], dict) else line
        if not options.get("expression") and "..." not in names and (len(names) < 2 or len(names) % 2):
            yield (
                f".properties.metrics[{i}]",
                "expected a namespace, a name, and each dimension with its value, or an expression",
            )
    if inner.get("view") is not None and inner["view"] not in VIEWS:
        yield ".properties.view", f"{inner['view']!r} is not allowed; allowed are {', '.join(VIEWS)}"


LIMITS: dict[str, tuple[Check, ...]] = {
    "aws:cloudwatch/dashboard:Dashboard": (
        form("dashboardName", NAME, "is not a name of at most 255 letters, digits, hyphens and underscores"), body,
    ),
}  # fmt: skip
