"""The picture of a fit: recorded and modelled cpu over time, what is left between them, cpu over requests per unit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from elasticity.recordings.recording import Recording
from operations.charts import DOTS_PER_INCH, THEMES, Theme, legend, minutes_from, style, time_axis, titled, written

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from elasticity.recordings.fit import Fit
    from elasticity.traces import Reals

INCHES = (9.0, 6.8)


def draw(recording: Recording, fit: Fit, theme: str, form: str) -> bytes:
    """The picture in `form` (png or svg) for the `light` or `dark` theme."""
    colours = THEMES[theme]
    times = minutes_from(recording.start, recording.minutes)
    cpu = recording.series("cpu")
    with mpl.rc_context(style(colours)):
        figure = Figure(figsize=INCHES, dpi=DOTS_PER_INCH, layout="constrained")
        grid: Any = figure.add_gridspec(3, 1, height_ratios=(1.6, 1.0, 1.9))
        over_time = figure.add_subplot(grid[0])
        left = figure.add_subplot(grid[1], sharex=over_time)
        across = figure.add_subplot(grid[2])
        titled(figure, f"{recording.workload}: cpu, recorded and modelled")
        over_time.plot(times, cpu, color=colours.load, linewidth=1.2, label="recorded")
        over_time.plot(times, fit.cpu, color=colours.capacity, linewidth=1.0, label="modelled")
        over_time.set_ylabel("cpu, %")
        over_time.tick_params(labelbottom=False)
        left.plot(times, fit.residual, color=colours.units, linestyle="none", marker=".", markersize=2)
        left.axhline(0, color=colours.bounds, linewidth=0.8)
        left.set_ylabel("residual, points")
        time_axis(left)
        used = np.isfinite(fit.residual)
        across.plot(
            fit.share[~used], cpu[~used], color=colours.bounds, linestyle="none", marker=".", markersize=2, alpha=0.6,
            label="left out: units changed, or cpu was full",
        )  # fmt: skip
        across.plot(
            fit.share[used], cpu[used], color=colours.load, linestyle="none", marker=".", markersize=2, label="fitted"
        )
        order = np.argsort(fit.share)
        across.plot(fit.share[order], fit.cpu[order], color=colours.capacity, linewidth=1.4, label="model")
        _down_to_idle(across, fit.share[order], fit.cpu[order], colours)
        across.set_xlabel("requests per second and unit")
        across.set_ylabel("cpu, %")
        for panel in (over_time, across):
            panel.set_ylim(0, 105)
            legend(panel)
        across.set_xlim(left=0)
        for panel in (over_time, left, across):
            panel.grid(visible=True)
            panel.spines[["top", "right"]].set_visible(False)
            panel.yaxis.set_major_locator(MaxNLocator(nbins=5))
        for panel in (over_time, left):
            panel.margins(x=0)
        figure.align_ylabels([over_time, left, across])
        return written(figure, form)


def _down_to_idle(panel: Axes, shares: Reals, cpu: Reals, colours: Theme) -> None:
    """The model on to no requests at all, where idle cpu stands: what was recorded may begin far above."""
    known = np.isfinite(shares) & np.isfinite(cpu)
    shares, cpu = shares[known], cpu[known]
    if len(shares) and shares[-1] > shares[0] > 0:
        idle = cpu[0] - shares[0] * (cpu[-1] - cpu[0]) / (shares[-1] - shares[0])
        style: Any = {"color": colours.capacity, "linewidth": 1.2, "linestyle": (0, (4, 2))}
        panel.plot([0, shares[0]], [idle, cpu[0]], label=f"on to idle, {idle:.1f} %", **style)
