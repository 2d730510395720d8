"""Pictures of a fit, a replay and a search: no third of an axis is empty, no legend lies over the title, the metric that
acted stands with its levels. Cannot prove that they please: they were looked at in both themes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from elasticity.recordings.recording import Recording, read_recording
from operations import pareto_chart
from operations.cli import run
from operations.recordings import fit_chart, replay_chart

ROOT = Path(__file__).parents[2]
MONDAY = str(ROOT / "examples" / "recorded" / "monday.json")
KNOWN = ("--capacity", "42/s", "--start-up", "60s", "--idle-cpu", "6")


@pytest.fixture
def figures(monkeypatch: pytest.MonkeyPatch) -> list[Figure]:
    """Every picture that is drawn, the light one first."""
    found: list[Figure] = []

    class Kept(Figure):
        def __init__(self, *arguments: Any, **options: Any) -> None:
            super().__init__(*arguments, **options)
            found.append(self)

    monkeypatch.setattr(fit_chart, "Figure", Kept)
    monkeypatch.setattr(replay_chart, "Figure", Kept)
    monkeypatch.setattr(pareto_chart, "Picture", Kept)
    return found


def legend_of(panel: Axes) -> list[str]:
    legend = panel.get_legend()
    return [] if legend is None else [text.get_text() for text in legend.get_texts()]


def test_a_fit_goes_on_to_idle_where_no_minute_was_so_quiet(figures: list[Figure], tmp_path: Path) -> None:
    assert run(["fit", MONDAY, "--picture", str(tmp_path / "fit.png")]) == 0
    across = figures[0].axes[2]
    quietest = min(
        float(np.nanmin(np.asarray(line.get_xdata(), dtype=float)))
        for line in across.lines
        if len(np.asarray(line.get_xdata()))
    )
    assert quietest == 0
    recorded = [line for line in across.lines if line.get_label() == "fitted"]
    assert float(np.nanmin(np.asarray(recorded[0].get_xdata(), dtype=float))) > across.get_xlim()[1] / 4
    assert legend_of(across)[-2:] == ["model", "on to idle, 5.9 %"]


def rules_on(metric: str, target: float) -> Recording:
    recorded = read_recording(Path(MONDAY))
    rule = {"metric": metric, "target": target, "scale_out_cooldown": "60s"}
    rules = type(recorded.rules).model_validate(
        {**recorded.rules.model_dump(exclude={"target_tracking"}), "target_tracking": {"it": rule}}
    )
    return recorded.model_copy(update={"rules": rules})


@pytest.mark.parametrize(
    ("metric", "target", "label", "levels"),
    [
        ("cpu", 55, "cpu, %", ["simulated", "recorded", "target 55", "scales in below 49.5"]),
        (
            "requests_per_target",
            1_300,
            "requests per target, requests/min",
            ["simulated", "recorded", "target 1,300", "scales in below 1,170"],
        ),
    ],
)
def test_a_replay_shows_the_metric_that_acted_with_what_it_is_held_against(
    figures: list[Figure], tmp_path: Path, metric: str, target: float, label: str, levels: list[str]
) -> None:
    path = tmp_path / "recording.json"
    path.write_text(rules_on(metric, target).to_json())
    assert run(["replay", str(path), *KNOWN, "--picture", str(tmp_path / "replay.png")]) == 0
    panel = figures[0].axes[1]
    assert (panel.get_ylabel(), legend_of(panel)) == (label, levels)
    assert panel.dataLim.y1 >= panel.get_ylim()[1] / 1.5, "a third is empty"


@pytest.mark.parametrize(
    ("limit", "shown_as"),
    [(8, "overload_minutes < 8"), (300, "overload_minutes < 300, above the picture")],
)
def test_a_limit_far_above_all_rule_sets_is_told_and_leaves_no_third_of_the_axis_empty(
    figures: list[Figure], tmp_path: Path, limit: int, shown_as: str
) -> None:
    command = ["tune", str(ROOT / "examples" / "rules.yaml"), "--load", "campaign", "--trials", "30"]
    rules = (
        (ROOT / "examples" / "rules.yaml").read_text().replace("overload_minutes < 30", f"overload_minutes < {limit}")
    )
    (tmp_path / "rules.yaml").write_text(rules)
    (tmp_path / "traces").symlink_to(ROOT / "examples" / "traces")
    command[1] = str(tmp_path / "rules.yaml")
    assert run([*command, "--picture", str(tmp_path / "tune.png")]) == 0
    figure = figures[0]
    (panel,) = figure.axes
    top = panel.get_ylim()[1]
    points = np.concatenate([np.asarray(one.get_offsets()) for one in panel.collections])
    drawn = [float(height) for _, height in points if height <= top]
    assert max([*drawn, *([limit] if limit <= top else [])]) >= top / 1.5, "a third is empty"
    (legend,) = figure.legends
    assert shown_as in [text.get_text() for text in legend.get_texts()]
    renderer: Any = FigureCanvasAgg(figure).get_renderer()  # type: ignore[no-untyped-call]
    title = figure.get_suptitle()
    assert title
    boxes = [legend.get_window_extent(renderer), panel.get_window_extent(renderer)]
    assert not boxes[0].overlaps(boxes[1])
    assert boxes[0].y1 < boxes[1].y0, "below the picture, the title above it"


def test_where_nothing_is_in_overload_the_axis_ends_at_the_limit(figures: list[Figure], tmp_path: Path) -> None:
    calm = (ROOT / "examples" / "rules.yaml").read_text().replace("minimum: 3", "minimum: 9")
    (tmp_path / "rules.yaml").write_text(calm)
    (tmp_path / "traces").symlink_to(ROOT / "examples" / "traces")
    command = ["tune", str(tmp_path / "rules.yaml"), "--load", "campaign", "--trials", "4", "--keep", "minimum"]
    assert run([*command, "--picture", str(tmp_path / "tune.png")]) == 0
    (panel,) = figures[0].axes
    assert panel.get_ylim()[1] == pytest.approx(30 * pareto_chart.HEADROOM)
