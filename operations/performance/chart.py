"""The picture of a measured recording: load and capacity, the metrics that rules follow, units within their bounds with
the actions; light and dark."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, Any

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from operations.charts import (
    DOTS_PER_INCH,
    INCHES,
    THEMES,
    Theme,
    legend,
    minutes_from,
    style,
    time_axis,
    titled,
    written,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from elasticity.recordings.performance import Performance


def draw(found: Performance, theme: str, form: str) -> bytes:
    """The picture in `form` (png or svg) for the `light` or `dark` theme. Where nothing was recorded, nothing is
    drawn."""
    colours = THEMES[theme]
    recording = found.recording
    times = minutes_from(recording.start, recording.minutes + 1)
    with mpl.rc_context(style(colours)):
        figure = Figure(figsize=INCHES, dpi=DOTS_PER_INCH, layout="constrained")
        panels: Any = figure.subplots(3, 1, sharex=True, height_ratios=(2.4, 1.5, 2.2))
        titled(figure, _title(found))
        _requests(panels[0], found, times, colours)
        _metric(panels[1], found, times, colours)
        _units(panels[2], found, times, colours)
        for panel in panels:
            panel.margins(x=0)
            panel.grid(visible=True, axis="both")
            panel.spines[["top", "right"]].set_visible(False)
            panel.yaxis.set_major_locator(MaxNLocator(nbins=5, integer=panel is panels[2]))
        time_axis(panels[2])
        figure.align_ylabels(panels)
        return written(figure, form)


def _closed(values: Any) -> Any:
    """With the last value once more, so that steps reach the end of the last minute."""
    return np.append(values, values[-1])


def _title(found: Performance) -> str:
    overload = found.figures["overload_minutes"].value
    parts = [] if overload is None else [f"{overload:,.0f} min in overload" if overload else "no overload"]
    parts += [f"{len(found.recording.activities):,} scaling activities"]
    parts += [f"{found.gaps:,} minutes without a count of units"] if found.gaps else []
    return f"{found.recording.workload}: {', '.join(parts)}"


def _requests(panel: Axes, found: Performance, times: Any, colours: Theme) -> None:
    load = _closed(found.load)
    if found.capacity is not None:
        capacity = _closed(found.capacity)
        panel.fill_between(
            times, np.maximum(load, capacity), capacity, step="post", color=colours.overload, alpha=0.35, linewidth=0,
            label="overload",
        )  # fmt: skip
        panel.step(times, capacity, where="post", color=colours.capacity, linewidth=1.6, label="capacity")
    panel.step(times, load, where="post", color=colours.load, linewidth=1.4, label="load")
    panel.set_ylabel("requests / s")
    panel.set_ylim(bottom=0)
    legend(panel)


def _metric(panel: Axes, found: Performance, times: Any, colours: Theme) -> None:
    """The metric of the first rule that has a recorded one, with what the rule holds it to."""
    chosen = next((one for one in found.over_target if one.minutes is not None), None)
    name = "cpu" if chosen is None else chosen.metric
    if name == "requests_per_target":
        with np.errstate(divide="ignore", invalid="ignore"):
            values = np.where(found.units > 0, found.load * 60 / found.units, np.nan)
    else:
        values = found.recording.series(name)
    panel.step(times, _closed(values), where="post", color=colours.load, linewidth=1.2, label=name.replace("_", " "))
    for one in found.over_target:
        if one.metric == name:
            panel.axhline(one.level, color=colours.overload, linewidth=1.1, label=f"{one.rule} {one.level:g}")
    panel.set_ylabel(name.replace("_", " "))
    panel.set_ylim(bottom=0)
    legend(panel)


def _units(panel: Axes, found: Performance, times: Any, colours: Theme) -> None:
    low, high = _closed(found.minimum), _closed(found.maximum)
    panel.fill_between(times, low, high, step="post", color=colours.bounds, alpha=0.13, linewidth=0, label="bounds")
    panel.step(times, _closed(found.desired), where="post", color=colours.capacity, linewidth=1, label="desired")
    panel.step(
        times, _closed(found.units), where="post", color=colours.units, linewidth=1.7, label=found.counted or "units"
    )
    for rising, marker, colour, label in ((True, "^", colours.overload, "out"), (False, "v", colours.load, "in")):
        chosen = [
            item
            for item in found.recording.activities
            if item.before is not None and item.before != item.after and (item.after > item.before) == rising
        ]
        if chosen:
            at: Any = np.array(
                [item.time.astimezone(datetime.UTC).replace(tzinfo=None) for item in chosen], dtype="datetime64[s]"
            )
            panel.plot(
                at, [item.after for item in chosen], marker=marker, markersize=5, linestyle="none", color=colour,
                label=label,
            )  # fmt: skip
    panel.set_ylabel("units")
    panel.set_ylim(bottom=0)
    legend(panel)
