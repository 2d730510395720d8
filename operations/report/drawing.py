"""Load against capacity, drawn with characters: columns of load below a line of capacity."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from rich.text import Text

from operations.report.model import Run, clock

ROWS = 6
WIDEST = 72
"""Columns of the drawing, the scale on its left not counted."""
_EIGHTHS = " ▁▂▃▄▅▆▇█"
_PLAIN = " ......##"
"""Without block characters: less than half a row, and the rest."""


def drawing(run: Run, width: int, *, blocks: bool = True) -> Iterator[Text]:
    """The drawing in `width` columns, a line each; `blocks` where the terminal has block characters.

    A column is a span of time: its most load, its least capacity. Load above capacity is red.
    """
    load, capacity = run.timeline.load, run.timeline.capacity
    highest = float(max(load.max(), np.median(capacity), 1e-9))
    ceiling = highest * 1.02  # the line of capacity may stand above: it is then drawn on the top row
    scale = [_short(ceiling * (ROWS - row) / ROWS) for row in range(ROWS)]
    left = max(map(len, scale))
    columns = min(WIDEST, width - left - 2, len(load))
    if columns < 20:
        return
    starts = np.linspace(0, len(load), columns, endpoint=False).astype(int)
    loads = np.maximum.reduceat(load, starts) / ceiling * ROWS
    lines = np.minimum.reduceat(capacity, starts) / ceiling * ROWS
    for row in range(ROWS - 1, -1, -1):
        text = Text(f"{scale[ROWS - 1 - row]:>{left}} ", style="dim")
        for height, line in zip(loads, lines, strict=True):
            text.append(*_cell(float(height) - row, float(line), row, blocks=blocks))
        yield text
    begin, end = clock(run.timeline.times[0].astype("datetime64[s]").item()), clock_of_end(run)
    gap = max(2, columns - len(begin) - len(end))
    yield Text(f"{'':>{left}} {begin}{'':{gap}}{end}", style="dim")
    mark = "█" if blocks else "#"
    key = Text(f"{'':>{left}} requests/s: ", style="dim")
    key.append(f"{mark} load", style="blue")
    key.append("  ")
    key.append(f"{'─' if blocks else '-'} capacity", style="yellow")
    if (load > capacity).any():
        key.append("  ")
        key.append(f"{mark if blocks else '!'} load above capacity", style="red")
    yield key


def clock_of_end(run: Run) -> str:
    """The time at which a run ends."""
    end = run.timeline.times[-1] + np.timedelta64(run.timeline.tick, "s")
    return clock(end.astype("datetime64[s]").item())


def _cell(height: float, line: float, row: int, *, blocks: bool) -> tuple[str, str]:
    """Character and style of one cell; `height`: rows of load above its floor."""
    at = min(ROWS - 1, int(line))
    above = height + row > line + 1e-9
    if height > 0 and above and row >= at:
        return ("!" if not blocks else _part(height, blocks=True)), "red"
    if row == at and height < 1:
        return ("─" if blocks else "-"), "yellow"
    return (_part(height, blocks=blocks), "blue") if height > 0 else (" ", "")


def _part(height: float, *, blocks: bool) -> str:
    place = min(8, max(1, round(height * 8)))
    return (_EIGHTHS if blocks else _PLAIN)[place]


def _short(value: float) -> str:
    return f"{value:,.0f}" if value >= 10 else f"{value:.2g}"
