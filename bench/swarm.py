"""A run on a real Swarm laid over the simulator's prediction: the same rules, the same load, shortened periods.

`tests/engine/test_measured_beside_simulated.py` makes the run and keeps it as JSON; this predicts it from the load
alone, says how far the two are apart, and draws both: `python -m bench.swarm RUN.json PICTURE.png`.
"""

from __future__ import annotations

import dataclasses
import datetime
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from elasticity import Elasticity, simulate
from elasticity.platforms import platform_parameters
from elasticity.simulator import Timeline
from elasticity.traces import Load

MINUTE = 60.0
Numbers = npt.NDArray[np.float64]


@dataclasses.dataclass(frozen=True)
class MeasuredRun:
    """What happened, second by second from `start`; shape (seconds,) each."""

    start: datetime.datetime
    rules: Elasticity
    parameters: Mapping[str, Any]
    """Of the platform, that differ from the shipped ones."""
    begins: int
    """Tasks at the start."""
    load: Numbers
    """Requests that the generator sent in each second."""
    running: Numbers
    """Tasks that ran."""
    figures: Mapping[str, float]
    """Of the whole run, by name, such as the share of requests that were answered."""

    def document(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "start": self.start.isoformat(),
            "rules": self.rules.model_dump(mode="json", exclude_defaults=True),
            "parameters": dict(self.parameters),
            "begins": self.begins,
            "load": self.load.tolist(),
            "running": self.running.tolist(),
            "figures": dict(self.figures),
        }

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> MeasuredRun:
        """From JSON."""
        return cls(
            datetime.datetime.fromisoformat(document["start"]),
            Elasticity.model_validate(document["rules"]),
            document["parameters"],
            document["begins"],
            np.array(document["load"], dtype=np.float64),
            np.array(document["running"], dtype=np.float64),
            document["figures"],
        )


@dataclasses.dataclass(frozen=True)
class Compared:
    """Measured beside predicted."""

    run: MeasuredRun
    timeline: Timeline

    @property
    def predicted(self) -> Numbers:
        """Tasks that serve, by the simulator, second by second."""
        return np.asarray(self.timeline.serving[: len(self.run.running)], dtype=np.float64)

    @property
    def unit_minutes(self) -> tuple[float, float, float]:
        """Measured, predicted, and how much of them is not at the same time."""
        apart = np.abs(self.run.running - self.predicted).sum() / MINUTE
        return float(self.run.running.sum() / MINUTE), float(self.predicted.sum() / MINUTE), float(apart)

    @property
    def error(self) -> float:
        """Unit-minutes that are apart, as a share of those measured."""
        measured, _, apart = self.unit_minutes
        return apart / measured

    def __str__(self) -> str:
        measured, predicted, apart = self.unit_minutes
        figures = ", ".join(f"{name} {value:.3g}" for name, value in self.run.figures.items())
        return (
            f"{measured:.1f} unit-minutes measured, {predicted:.1f} predicted, {apart:.1f} not at the same time: "
            f"error {100 * self.error:.1f} %\nmost tasks: {self.run.running.max():.0f} measured, "
            f"{self.predicted.max():.0f} predicted\n{figures}"
        )


def compared(run: MeasuredRun) -> Compared:
    """The run beside what the simulator makes of its load: shipped parameters of the platform but for those of the run,
    nothing fitted."""
    load = Load(run.load, 1, run.start, name="sent")
    parameters = platform_parameters("swarm_service").with_values(**run.parameters)
    rules = run.rules.model_copy(update={"initial": run.begins})
    return Compared(run, simulate(rules, load, platform="swarm_service", tick=1, parameters=parameters))


def drawn(found: Compared, theme: str, form: str) -> bytes:
    """The picture: the load that was sent, and tasks measured over tasks predicted."""
    import matplotlib as mpl
    from matplotlib.figure import Figure

    from operations import charts

    colours = charts.THEMES[theme]
    minutes = np.arange(len(found.run.running)) / MINUTE
    with mpl.rc_context(charts.style(colours)):
        figure = Figure(figsize=(9.0, 4.6), dpi=charts.DOTS_PER_INCH, layout="constrained")
        above, below = figure.subplots(2, 1, sharex=True, height_ratios=(1.0, 1.6))
        above.plot(minutes, _smoothed(found.run.load), color=colours.load, linewidth=1.4, label="requests sent")
        above.set_ylabel("requests/s")
        below.step(
            minutes,
            found.run.running,
            where="post",
            color=colours.units,
            linewidth=2.2,
            label="measured on Docker Swarm",
        )
        below.step(
            minutes, found.predicted, where="post", color=colours.before, linewidth=1.6, linestyle=(0, (4, 2)),
            label="predicted by the simulator",
        )  # fmt: skip
        below.set_ylabel("running tasks")
        below.set_xlabel("minutes")
        for panel in (above, below):
            panel.set_ylim(bottom=0)
            panel.margins(x=0)
            panel.grid(visible=True)
            charts.legend(panel)
        measured, predicted, _ = found.unit_minutes
        apart = f"{measured:.0f} unit-minutes measured, {predicted:.0f} predicted, {100 * found.error:.0f} % apart"
        charts.titled(figure, f"One service, one rule: {apart}")
        return charts.written(figure, form)


def _smoothed(values: Numbers, seconds: int = 5) -> Numbers:
    return np.convolve(values, np.ones(seconds) / seconds, mode="same")


def main(run: str, picture: str) -> None:
    """Say and draw a run that was kept."""
    from operations.charts import write_in_themes

    found = compared(MeasuredRun.of(json.loads(Path(run).read_text(encoding="utf-8"))))
    sys.stdout.write(f"{found}\n")
    write_in_themes(Path(picture), lambda theme, form: drawn(found, theme, form))


if __name__ == "__main__":
    main(*sys.argv[1:])
