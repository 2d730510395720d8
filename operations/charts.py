"""Pictures of a run as PNG or SVG: load against capacity, the metric that acted with what it is held against, what
waited and for how long, units within their bounds with the actions; each with what it was before the change.

Two variants, light and dark, since a code host shows pictures on both grounds. Equal runs give equal bytes.
"""

from __future__ import annotations

import dataclasses
import datetime
import io
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import matplotlib as mpl
import numpy as np
from matplotlib import dates as mdates
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from operations.files import write_atomically
from operations.report.acting import Acting, acting, of_metric
from operations.report.model import Run

if TYPE_CHECKING:
    from matplotlib.axes import Axes

INCHES = (9.0, 6.4)
DOTS_PER_INCH = 100
"""900 pixels wide: the width of a comment on a pull request."""
MAXIMUM_WIDTH = 0.97
"""Share of the width that the title may take; longer ones are set smaller."""
MAXIMUM_POINTS = 900
"""Points drawn per line; more would not be seen. Each stands for the least and most of its span."""
MAXIMUM_MARKS = 60
"""Actions marked where they lead to; of more only the times are marked, in two rows above the bounds."""
MAXIMUM_TIMES = 200
"""Marks in one of those rows: of actions that would lie upon each other one is drawn."""
TALL = 6.7
"""Sum of the heights of the panels of a run in which nothing waited."""
BOUNDED = 105.0
"""Top of the axis of a metric in percent."""
EMPTY = 1.5
"""A maximum so many times above the most units is told, not drawn: else a third of the axis would be empty."""
ROWS = {True: 0.97, False: 0.93}
"""Heights of those rows, by whether capacity rises, as shares of the panel."""


@dataclasses.dataclass(frozen=True)
class Theme:
    """Colours of one ground. The five hues differ in lightness too, and are told apart without red and green."""

    ground: str
    text: str
    grid: str
    load: str
    capacity: str
    units: str
    bounds: str
    overload: str
    before: str


THEMES = {
    "light": Theme("#ffffff", "#1f2328", "#d8dee4", "#0550ae", "#bc6c00", "#1a7f6b", "#818b98", "#d1242f", "#8250df"),
    "dark": Theme("#0d1117", "#e6edf3", "#30363d", "#6cb6ff", "#e8a33d", "#4ac5ae", "#9198a1", "#ff7b72", "#c297ff"),
}


def draw(run: Run, theme: str, form: str) -> bytes:
    """The picture of a run in `form` (png or svg) for the `light` or `dark` theme."""
    colours = THEMES[theme]
    panels = _panels(run)
    tall = sum(panel.height for panel in panels)
    with mpl.rc_context(style(colours)):
        figure = Figure(figsize=(INCHES[0], INCHES[1] * tall / TALL), dpi=DOTS_PER_INCH, layout="constrained")
        drawn: Any = figure.subplots(len(panels), 1, sharex=True, height_ratios=[panel.height for panel in panels])
        times = _Spans(run)
        titled(figure, _title(run))
        for panel, axes in zip(panels, drawn, strict=True):
            panel.draw(axes, run, times, colours)
            axes.margins(x=0)
            axes.grid(visible=True, axis="both")
            axes.spines[["top", "right"]].set_visible(False)
            axes.yaxis.set_major_locator(MaxNLocator(nbins=5 if panel.height > 1 else 3, integer=panel.draw is _units))
        time_axis(drawn[-1])
        figure.align_ylabels(drawn)
        return written(figure, form)


def written(figure: Figure, form: str) -> bytes:
    """The picture in `form` (png or svg), the same bytes for the same picture."""
    content = io.BytesIO()
    metadata: dict[str, Any] = {"Software": None} if form == "png" else {"Date": None, "Creator": None}
    figure.savefig(content, format=form, metadata=metadata)
    return content.getvalue()


@dataclasses.dataclass(frozen=True)
class _Panel:
    """One panel of a picture, and its share of the height."""

    draw: Callable[[Axes, Run, _Spans, Theme], None]
    height: float


def _panels(run: Run) -> list[_Panel]:
    """What a run is drawn by: what waited and for how long only where something did."""
    waits = [_Panel(_backlog, 1.0), _Panel(_latency, 1.0)] if _waited(run) else []
    return [_Panel(_requests, 3.0), _Panel(_metric, 1.7), *waits, _Panel(_units, 2.0)]


def _waited(run: Run) -> bool:
    """Whether requests waited, in this run or in the one before."""
    return any(bool(one.figures["highest_backlog"]) for one in (run, run.before) if one is not None)


def write_in_themes(path: Path, drawn: Callable[[str, str], bytes]) -> list[Path]:
    """Write `path` in the light theme and, beside it, in the dark one; `drawn` gets theme and form. Returns both."""
    written = []
    for theme in THEMES:
        place = path.with_name(f"{path.stem}{'' if theme == 'light' else '-' + theme}{path.suffix.lower()}")
        write_atomically(place, drawn(theme, path.suffix.lower().removeprefix(".")))
        written.append(place)
    return written


def minutes_from(start: datetime.datetime, minutes: int) -> Any:
    """The start of each minute, UTC, shape (minutes,)."""
    begin = np.datetime64(start.astimezone(datetime.UTC).replace(tzinfo=None), "s")
    return begin + np.arange(minutes) * np.timedelta64(60, "s")


def style(colours: Theme) -> Any:
    """Settings of matplotlib for a theme: fonts, colours, fixed ids."""
    return {
        "svg.hashsalt": "accordion",
        "svg.fonttype": "path",
        "font.family": "DejaVu Sans",
        "font.size": 9.5,
        "figure.facecolor": colours.ground,
        "savefig.facecolor": colours.ground,
        "axes.facecolor": colours.ground,
        "axes.edgecolor": colours.grid,
        "axes.labelcolor": colours.text,
        "axes.titlecolor": colours.text,
        "text.color": colours.text,
        "xtick.color": colours.text,
        "ytick.color": colours.text,
        "grid.color": colours.grid,
        "grid.linewidth": 0.6,
        "legend.frameon": False,
        "legend.fontsize": 8.5,
        "path.simplify": True,
    }


def titled(figure: Figure, text: str) -> None:
    """A title that fits the width."""
    title = figure.suptitle(text, x=0.012, ha="left", fontsize=12, fontweight="bold")
    renderer: Any = FigureCanvasAgg(figure).get_renderer()  # type: ignore[no-untyped-call]
    width, room = title.get_window_extent(renderer).width, MAXIMUM_WIDTH * INCHES[0] * DOTS_PER_INCH
    title.set_fontsize(min(12.0, 12.0 * room / width))


def _title(run: Run) -> str:
    before = "" if run.before is None else f"\nbefore: {_in_short(run.before)}"
    return f"{run.member} under {run.load}: {_in_short(run)}{before}"


def _in_short(run: Run) -> str:
    over, actions = run.figures["overload_minutes"] or 0.0, run.figures["actions"] or 0.0
    said = f"{over:,.1f} min in overload" if over else "no overload"
    return f"{said}, {actions:,.0f} scaling action{'' if actions == 1 else 's'}"


class _Spans:
    """The run's ticks in so many spans as a picture can show."""

    def __init__(self, run: Run) -> None:
        stamps = run.timeline.times
        self.size = max(1, -(-len(stamps) // MAXIMUM_POINTS))
        self.starts = np.arange(0, len(stamps), self.size)
        end = stamps[-1] + np.timedelta64(run.timeline.tick, "s")
        self.times = np.append(stamps[self.starts], end)

    def mean(self, values: Any) -> Any:
        counts = np.diff(np.append(self.starts, len(values)))
        return _closed(np.add.reduceat(np.asarray(values, dtype=float), self.starts) / counts)

    def maximum(self, values: Any) -> Any:
        return _closed(np.maximum.reduceat(np.asarray(values, dtype=float), self.starts))

    def minimum(self, values: Any) -> Any:
        return _closed(np.minimum.reduceat(np.asarray(values, dtype=float), self.starts))


def _closed(values: Any) -> Any:
    """With the last value once more, so that steps reach the end of the run."""
    return np.append(values, values[-1])


def _requests(panel: Axes, run: Run, spans: _Spans, colours: Theme) -> None:
    timeline = run.timeline
    load, capacity = spans.maximum(timeline.load), spans.minimum(timeline.capacity)
    if (load > capacity).any():
        panel.fill_between(
            spans.times,
            load,
            capacity,
            where=(load > capacity).tolist(),
            step="post",
            color=colours.overload,
            alpha=0.35,
            linewidth=0,
            label="overload",
        )
    if run.before is not None:
        panel.step(
            spans.times,
            _Spans(run.before).minimum(run.before.timeline.capacity),
            where="post",
            color=colours.before,
            linewidth=1.2,
            linestyle=(0, (4, 2)),
            label="capacity before",
        )
    panel.step(spans.times, capacity, where="post", color=colours.capacity, linewidth=1.6, label="capacity")
    panel.step(spans.times, load, where="post", color=colours.load, linewidth=1.4, label="load")
    panel.set_ylabel("requests / s")
    panel.set_ylim(bottom=0)
    panel.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}" if value >= 10 else f"{value:g}"))
    legend(panel)


def _metric(panel: Axes, run: Run, spans: _Spans, colours: Theme) -> None:
    """The metric that acted, with what it is held against."""
    found = acting(run.timeline)
    _before(
        panel,
        run,
        lambda one, its: its.mean(of_metric(one.timeline, found.metric).values),
        spans,
        colours,
        found.metric,
    )
    label, values = found.metric.replace("_", " "), spans.mean(found.values)
    panel.step(spans.times, values, where="post", color=colours.load, linewidth=1.2, label=label)
    held_against(panel, found, colours)


def held_against(panel: Axes, found: Acting, colours: Theme) -> None:
    """The levels of a metric over what is drawn of it, and the axis from zero to a little above the highest."""
    for (level, name), form in zip(found.levels, ("-", ":"), strict=False):
        style: Any = {"color": colours.overload if name != "scales in below" else colours.units, "linestyle": form}
        panel.axhline(level, linewidth=1.1, label=f"{name} {_level(level)}", **style)
    panel.set_ylabel(found.label)
    _from_zero(panel, [level for level, _ in found.levels])
    if found.bounded and panel.get_ylim()[1] > BOUNDED:
        panel.set_ylim(0, BOUNDED)
    legend(panel)


def _level(value: float) -> str:
    """A level with a decimal place where it has one, and more only below 1."""
    return f"{value:,.1f}".removesuffix(".0") if abs(value) >= 1 else f"{value:g}"


def _backlog(panel: Axes, run: Run, spans: _Spans, colours: Theme) -> None:
    _simple(panel, run, spans, colours, "backlog", "waiting")


def _latency(panel: Axes, run: Run, spans: _Spans, colours: Theme) -> None:
    _simple(panel, run, spans, colours, "latency", "latency, s")


def _simple(panel: Axes, run: Run, spans: _Spans, colours: Theme, series: str, label: str) -> None:
    """The highest value of a series in each span."""

    def highest(one: Run, its: _Spans) -> Any:
        values = np.asarray(getattr(one.timeline, series), dtype=float)
        return its.maximum(np.where(np.isfinite(values), values, 0.0))

    values = highest(run, spans)
    _before(panel, run, highest, spans, colours, series)
    panel.step(spans.times, values, where="post", color=colours.overload, linewidth=1.2, label=series)
    panel.set_ylabel(label)
    panel.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}" if value >= 10 else f"{value:g}"))
    _from_zero(panel, [float(values.max())])
    legend(panel)


def _before(panel: Axes, run: Run, of: Callable[[Run, _Spans], Any], spans: _Spans, colours: Theme, name: str) -> None:
    """The same of the run before, dashed."""
    if run.before is not None:
        style: Any = {"color": colours.before, "linewidth": 1.2, "linestyle": (0, (4, 2))}
        values = of(run.before, _Spans(run.before))
        panel.step(spans.times, values, where="post", label=f"{name.replace('_', ' ')} before", **style)


def _from_zero(panel: Axes, values: Sequence[float]) -> None:
    """From zero to a little above the highest: no third of the axis stays empty."""
    top = max([panel.dataLim.y1 if np.isfinite(panel.dataLim.y1) else 0.0, *values])
    panel.set_ylim(0, top * 1.12 if top > 0 else 1.0)


def _units(panel: Axes, run: Run, spans: _Spans, colours: Theme) -> None:
    timeline = run.timeline
    low, high = spans.minimum(timeline.minimum), spans.maximum(timeline.maximum)
    peak = max(float(timeline.desired.max()), float(timeline.serving.max()), float(low.max()), 1.0)
    cut = float(high.max()) > peak * EMPTY
    bounds = "minimum" if cut else "minimum, maximum"
    panel.fill_between(spans.times, low, high, step="post", color=colours.bounds, alpha=0.13, linewidth=0)
    panel.step(spans.times, low, where="post", color=colours.bounds, linewidth=1, linestyle=":", label=bounds)
    panel.step(spans.times, high, where="post", color=colours.bounds, linewidth=1, linestyle=":")
    panel.step(
        spans.times, spans.maximum(timeline.desired), where="post", color=colours.capacity, linewidth=1, label="desired"
    )
    panel.step(
        spans.times, spans.minimum(timeline.serving), where="post", color=colours.units, linewidth=1.7, label="serving"
    )
    _before(panel, run, lambda one, its: its.minimum(one.timeline.serving), spans, colours, "serving")
    _actions(panel, run, colours)
    panel.set_ylabel("units")
    if cut:
        panel.plot([], [], linestyle="none", label=f"maximum {high.max():,.0f} lies above")
        peak = max(peak, 1.0 if run.before is None else float(run.before.timeline.serving.max()))
    panel.set_ylim(bottom=0, top=(peak if cut else float(max(high.max(), 1))) * 1.15)
    legend(panel)


def _actions(panel: Axes, run: Run, colours: Theme) -> None:
    actions = run.timeline.actions()
    many = len(actions) > MAXIMUM_MARKS
    for rising, marker, colour, label in (
        (True, "^", colours.overload, "out"),
        (False, "v", colours.load, "in"),
    ):
        chosen = [item for item in actions if (item.after > item.before) == rising]
        if not chosen:
            continue
        times = np.array([item.time.replace(tzinfo=None) for item in chosen], dtype="datetime64[s]")
        style: dict[str, Any] = {"linestyle": "none", "color": colour, "label": label}
        if many:
            each = -(-run.timeline.seconds // MAXIMUM_TIMES)
            _, first = np.unique([item.second // each for item in chosen], return_index=True)
            heights = np.full(len(first), ROWS[rising])
            panel.plot(times[first], heights, marker="|", markersize=5, transform=panel.get_xaxis_transform(), **style)
        else:
            panel.plot(times, [item.after for item in chosen], marker=marker, markersize=5, **style)


def legend(panel: Axes) -> None:
    """The legend above a panel."""
    panel.legend(
        loc="lower right", bbox_to_anchor=(1.0, 1.03), ncols=6, borderaxespad=0, handlelength=1.6, columnspacing=1.2
    )


def time_axis(panel: Axes) -> None:
    """Times below the last panel."""
    locator = mdates.AutoDateLocator(minticks=4, maxticks=9)  # type: ignore[no-untyped-call]
    panel.xaxis.set_major_locator(locator)
    formatter = mdates.ConciseDateFormatter(locator, show_offset=False)  # type: ignore[no-untyped-call]
    formatter.formats = ["%Y", "%b", "%a %d %b", "%H:%M", "%H:%M", "%H:%M:%S"]
    formatter.zero_formats = ["", "%Y", "%b", "%a %d %b", "%H:%M", "%H:%M"]
    panel.xaxis.set_major_formatter(formatter)
    panel.set_xlabel("time, UTC")
