"""Pictures of an ensemble: load and capacity over time with p10 to p90 as a ribbon, and a tornado of what a figure
hangs on; light and dark as the others, equal runs give equal bytes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.ticker import FuncFormatter, MaxNLocator

from elasticity.ensemble import QUANTILES, Swing
from elasticity.ensemble.bands import Curves
from elasticity.expectations import FIGURES
from elasticity.measure import nearest_ranks
from operations.charts import DOTS_PER_INCH, INCHES, THEMES, Theme, legend, style, time_axis, titled, written
from operations.report.model import Run, shown

if TYPE_CHECKING:
    from matplotlib.axes import Axes

HEIGHT = 4.2
"""Inches of the picture over time."""
ROW, AROUND = 0.34, 1.5
"""Inches of a bar of the tornado, and of what stands around the bars."""
MARGIN = 0.2
"""Room for the numbers on either side of the bars, as a share of the widest."""
MOST_BARS = 14
"""Bars of a tornado at most: the narrowest are left out, and said."""


def draw(run: Run, theme: str, form: str) -> bytes:
    """Load and capacity with their ribbons in `form` (png or svg) for the `light` or `dark` theme; the run's ensemble
    must have its curves."""
    colours = THEMES[theme]
    curves = None if run.bands is None else run.bands.curves
    if run.bands is None or curves is None:
        raise ValueError("the run has no curves")
    with mpl.rc_context(style(colours)):
        figure = Figure(figsize=(INCHES[0], HEIGHT), dpi=DOTS_PER_INCH, layout="constrained")
        titled(figure, _title(run))
        panel: Any = figure.subplots(1, 1)
        _ribbons(panel, run, curves, colours)
        _finish(panel)
        time_axis(panel)
        return written(figure, form)


def _title(run: Run) -> str:
    assert run.bands is not None  # noqa: S101 - draw looked
    over = FIGURES["overload_minutes"]
    said = ", ".join(
        f"{label} {shown(over, run.bands.quantile(over.name, share))}" for label, share in QUANTILES.items()
    )
    return f"{run.member} under {run.load}, {run.bands.runs:,} runs: overload {said}"


def _ribbons(panel: Axes, run: Run, curves: Curves, colours: Theme) -> None:
    begin = run.timeline.times[0]
    seconds = np.append(curves.seconds, float(run.timeline.seconds)).astype("timedelta64[s]")
    times = begin + seconds
    for name, values, colour in (
        ("capacity", curves.capacity, colours.capacity),
        ("load", curves.load, colours.load),
    ):
        low, middle, high = (_closed(row) for row in nearest_ranks(values, list(QUANTILES.values())))
        panel.fill_between(
            times, low, high, step="post", color=colour, alpha=0.25, linewidth=0, label=f"{name}, p10 to p90"
        )
        panel.step(times, middle, where="post", color=colour, linewidth=1.4, label=f"{name}, p50")
    panel.set_ylabel("requests / s")
    panel.set_ylim(bottom=0)
    panel.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}" if value >= 10 else f"{value:g}"))
    legend(panel)


def _closed(values: Any) -> Any:
    return np.append(values, values[-1])


def _finish(panel: Axes) -> None:
    panel.margins(x=0)
    panel.grid(visible=True, axis="both")
    panel.spines[["top", "right"]].set_visible(False)
    panel.yaxis.set_major_locator(MaxNLocator(nbins=5))


def draw_tornado(run: Run, name: str, theme: str, form: str) -> bytes:
    """What the figure `name` hangs on, a bar for each assumption, the widest on top."""
    colours = THEMES[theme]
    if run.tornado is None:
        raise ValueError("the run has no tornado")
    swings = [swing for swing in run.tornado.swings(name) if swing.width > 0]
    figure_of = FIGURES[name]
    with mpl.rc_context(style(colours)):
        bars = swings[:MOST_BARS]
        left = f"\n{len(swings) - len(bars)} narrower ones are left out" if len(swings) > len(bars) else ""
        figure = Figure(figsize=(INCHES[0], AROUND + ROW * max(1, len(bars))), dpi=DOTS_PER_INCH, layout="constrained")
        titled(figure, f"{run.member} under {run.load}: what {figure_of.title} hangs on, each alone{left}")
        panel: Any = figure.subplots(1, 1)
        _bars(panel, run, name, bars, colours)
        return written(figure, form)


def _bars(panel: Axes, run: Run, name: str, bars: list[Swing], colours: Theme) -> None:
    assert run.tornado is not None  # noqa: S101 - draw_tornado looked
    figure, now = FIGURES[name], run.tornado.defaults[name]
    for place, swing in enumerate(bars):
        style_of: Any = {"height": 0.62, "color": colours.capacity if _measurable(swing) else colours.bounds}
        panel.barh(place, swing.width, left=swing.lowest, **style_of)
        for value, side, shift in ((swing.lowest, "right", -4), (swing.highest, "left", 4)):
            panel.annotate(
                shown(figure, value, run.currency),
                (value, place),
                xytext=(shift, 0),
                textcoords="offset points",
                ha=side,
                va="center",
                fontsize=8.5,
            )
    if np.isfinite(now):
        panel.axvline(now, color=colours.text, linewidth=1.1, label=f"in force {shown(figure, now, run.currency)}")
    for colour, label in ((colours.capacity, "can be measured"), (colours.bounds, "of the load")):
        panel.add_patch(Rectangle((now, 0), 0, 0, color=colour, label=label))
    panel.set_yticks(range(len(bars)), [swing.name for swing in bars])
    panel.set_ylim(max(len(bars), 1) - 0.5, -0.5)
    ends = [now, *(swing.lowest for swing in bars), *(swing.highest for swing in bars)]
    low, high = (float(limit(value for value in ends if np.isfinite(value))) for limit in (min, max))
    room = MARGIN * ((high - low) or max(1.0, abs(high)))
    panel.set_xlim(low - room, high + room)
    panel.set_xlabel(f"{figure.title}, {run.currency if figure.unit == 'USD' else figure.unit}".rstrip(", "))
    panel.grid(visible=True, axis="x")
    panel.set_axisbelow(True)
    panel.spines[["top", "right", "left"]].set_visible(False)
    panel.tick_params(axis="y", length=0)
    if not bars:
        panel.text(0.5, 0.5, "nothing moves it", transform=panel.transAxes, ha="center")
    legend(panel)


def _measurable(swing: Swing) -> bool:
    return swing.assumption is not None and swing.assumption.place != "load"
