"""Pictures: their bytes, their size, and that no text lies over another. It cannot prove that a picture pleases."""

import dataclasses
import functools
import re
import struct
import tempfile
from collections.abc import Callable
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from operations import charts
from operations.report.model import Run
from operations.simulate import Request, run
from tests.operations.stack_files import stack_file
from tests.operations.test_report import a_long_run, a_run


@functools.cache
def a_calm_run() -> Run:
    """In which nothing waits, and whose maximum lies far above what it needs."""
    with tempfile.TemporaryDirectory() as folder:
        return run(Request(file=stack_file(Path(folder)), shape="steady rate=60/s duration=6h")).runs[0]


RUNS: dict[str, Callable[[], Run]] = {
    "calm": a_calm_run,
    "short": a_run,
    "long": a_long_run,
    "compared": lambda: dataclasses.replace(a_run(), before=a_run()),
    "named at length": lambda: dataclasses.replace(a_run(), member="w" * 20, load="m" * 20),
}


@pytest.mark.parametrize("theme", charts.THEMES)
@pytest.mark.parametrize("form", ["png", "svg"])
def test_equal_runs_give_equal_bytes(form: str, theme: str) -> None:
    assert charts.draw(a_run(), theme, form) == charts.draw(a_run(), theme, form)


def test_a_picture_is_as_wide_as_a_comment() -> None:
    drawn = charts.draw(a_calm_run(), "light", "png")
    assert struct.unpack(">II", drawn[16:24]) == (900, 640)
    assert struct.unpack(">II", charts.draw(a_run(), "light", "png")[16:24]) == (900, 831), "with what waited"


def test_an_svg_holds_no_date_and_no_text_that_needs_a_font() -> None:
    drawn = charts.draw(a_run(), "light", "svg").decode()
    assert "<dc:date>" not in drawn
    assert "<text" not in drawn


@pytest.mark.parametrize("theme", charts.THEMES)
def test_each_theme_stands_on_its_own_ground(theme: str) -> None:
    drawn = charts.draw(a_run(), theme, "svg").decode()
    assert f"fill: {charts.THEMES[theme].ground}" in drawn


def _luminance(colour: str) -> float:
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("theme", charts.THEMES.values(), ids=charts.THEMES)
def test_every_line_stands_out_from_its_ground(theme: charts.Theme) -> None:
    """3:1 for lines, 4.5:1 for text (WCAG 2.1, 1.4.3 and 1.4.11)."""
    for name in ("text", "load", "capacity", "units", "bounds", "overload", "before"):
        pair = sorted((_luminance(theme.ground), _luminance(getattr(theme, name))))
        assert (pair[1] + 0.05) / (pair[0] + 0.05) >= (4.5 if name == "text" else 3), name


@pytest.mark.parametrize("kind", RUNS)
def test_axes_have_units_and_no_text_lies_over_another(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    figures: list[Figure] = []

    class Kept(Figure):
        def __init__(self, *arguments: object, **options: object) -> None:
            super().__init__(*arguments, **options)  # type: ignore[arg-type]
            figures.append(self)

    monkeypatch.setattr(charts, "Figure", Kept)
    charts.draw(RUNS[kind](), "light", "png")
    (figure,) = figures
    waited = [] if kind == "calm" else ["waiting", "latency, s"]
    assert [panel.get_ylabel() for panel in figure.axes] == ["requests / s", "cpu, %", *waited, "units"]
    levels = [text.get_text() for text in figure.axes[1].get_legend().get_texts()]  # type: ignore[union-attr]
    assert levels[-2:] == ["target 50", "scales in below 45"]
    for panel in figure.axes:
        assert panel.dataLim.y1 >= panel.get_ylim()[1] / 1.5, f"a third of {panel.get_ylabel()} is empty"
        before = [text for text in panel.get_legend().get_texts() if text.get_text().endswith(" before")]  # type: ignore[union-attr]
        assert len(before) == (kind == "compared")
    assert figure.axes[-1].get_xlabel() == "time, UTC"
    renderer: Any = FigureCanvasAgg(figure).get_renderer()  # type: ignore[no-untyped-call]
    boxes = [("title", figure.texts[0].get_window_extent(renderer))] if figure.texts else []
    for place, panel in enumerate(figure.axes):
        legend = panel.get_legend()
        assert legend is not None
        boxes.append((f"legend {place}", legend.get_window_extent(renderer)))
        boxes.append((f"panel {place}", panel.get_window_extent(renderer)))
    assert next(name for name, _ in boxes) == "title"
    labels = [label for label in figure.axes[-1].get_xticklabels() if label.get_text()]
    boxes += [(label.get_text(), label.get_window_extent(renderer)) for label in labels]
    over = [(a, b) for (a, one), (b, other) in combinations(boxes, 2) if one.shrunk(0.98, 0.98).overlaps(other)]
    assert over == []
    assert [
        name for name, box in boxes if box.x0 < 0 or box.x1 > 900.5 or box.y0 < 0 or box.y1 > figure.bbox.height + 0.5
    ] == []


def test_the_title_says_what_came_of_it() -> None:
    assert re.fullmatch(r"web under rush: 6\.8 min in overload, 7 scaling actions", charts._title(a_run()))


@pytest.mark.parametrize(("kind", "markers"), [("short", {"^", "v"}), ("long", {"|"})])
def test_every_action_is_marked_however_many_there_are(
    kind: str, markers: set[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn: list[tuple[object, int]] = []
    plot = Axes.plot

    def kept(panel: Axes, times: Any, *more: Any, **style: Any) -> Any:
        if "marker" in style:
            drawn.append((style["marker"], len(times)))
        return plot(panel, times, *more, **style)

    monkeypatch.setattr(Axes, "plot", kept)
    found = RUNS[kind]()
    assert len(charts.draw(found, "light", "svg")) < 600_000
    assert {marker for marker, _ in drawn} == markers
    number = sum(marks for _, marks in drawn)
    assert number == len(found.timeline.actions()) if kind == "short" else number > charts.MAXIMUM_MARKS


def test_the_title_of_a_comparison_tells_both() -> None:
    before = a_run()
    figures = {**before.figures, "overload_minutes": 0.0, "actions": 1.0}
    after = dataclasses.replace(before, figures=figures, before=before)
    assert charts._title(after) == (
        "web under rush: no overload, 1 scaling action\nbefore: 6.8 min in overload, 7 scaling actions"
    )
