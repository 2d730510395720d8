"""The picture of a replay: load, the metric that rules follow, units; recorded beside simulated, light and dark."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from elasticity.recordings.recording import SERIES
from operations.charts import (
    DOTS_PER_INCH,
    THEMES,
    Theme,
    held_against,
    legend,
    minutes_from,
    style,
    time_axis,
    titled,
    written,
)
from operations.report.acting import acting

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from elasticity.recordings.replay import Replay
    from elasticity.traces import Reals

INCHES = (9.0, 6.4)


def draw(replay: Replay, theme: str, form: str) -> bytes:
    """The picture in `form` (png or svg) for the `light` or `dark` theme."""
    colours = THEMES[theme]
    recording = replay.recording
    times = minutes_from(recording.start, recording.minutes)
    with mpl.rc_context(style(colours)):
        figure = Figure(figsize=INCHES, dpi=DOTS_PER_INCH, layout="constrained")
        panels: Any = figure.subplots(3, 1, sharex=True, height_ratios=(1.4, 1.5, 2.6))
        titled(figure, f"{recording.workload}: simulated units {100 * replay.error:,.1f} % off the recorded ones")
        panels[0].step(times, replay.recording.series("requests") / 60, where="post", color=colours.load, linewidth=1.1)
        panels[0].set_ylabel("requests / s")
        panels[0].set_ylim(bottom=0)
        _metric(panels[1], replay, times, colours)
        _units(panels[2], replay, times, colours)
        for panel in panels:
            panel.margins(x=0)
            panel.grid(visible=True, axis="both")
            panel.spines[["top", "right"]].set_visible(False)
            panel.yaxis.set_major_locator(MaxNLocator(nbins=5, integer=panel is panels[2]))
        time_axis(panels[2])
        figure.align_ylabels(panels)
        return written(figure, form)


def _metric(panel: Axes, replay: Replay, times: Any, colours: Theme) -> None:
    """The metric that acted in the simulation, with what it is held against; recorded as far as it was."""
    found = acting(replay.timeline)
    each = 60 // replay.timeline.tick
    minutes = replay.recording.minutes
    simulated = np.asarray(found.values)[: minutes * each].reshape(minutes, each).mean(axis=1)
    panel.step(times, simulated, where="post", color=colours.capacity, linewidth=1.1, label="simulated")
    recorded = _recorded(replay, found.metric)
    if not np.isnan(recorded).all():
        panel.step(times, recorded, where="post", color=colours.load, linewidth=1.1, label="recorded")
    held_against(panel, found, colours)


def _recorded(replay: Replay, metric: str) -> Reals:
    """What was recorded of a metric, per minute; NaN where nothing was."""
    recording = replay.recording
    if metric == "requests_per_target":
        return recording.series("requests") / np.maximum(replay.recorded, 1.0)
    if metric in SERIES:
        return recording.series(metric)
    return np.full(recording.minutes, np.nan)


def _units(panel: Axes, replay: Replay, times: Any, colours: Theme) -> None:
    panel.fill_between(
        times, replay.recorded, replay.simulated, step="post", color=colours.overload, alpha=0.3, linewidth=0,
        label="difference",
    )  # fmt: skip
    panel.step(times, replay.simulated, where="post", color=colours.capacity, linewidth=1.3, label="simulated")
    panel.step(times, replay.recorded, where="post", color=colours.units, linewidth=1.5, label="recorded")
    first = replay.first_difference
    if first is not None:
        at: Any = minutes_from(first.time, 1)[0]
        panel.axvline(at, color=colours.text, linewidth=0.9, linestyle=(0, (3, 2)), label="first difference")
    panel.set_ylabel(f"{replay.counted} units")
    panel.set_ylim(bottom=0)
    legend(panel)
