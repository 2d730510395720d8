"""Makes the traces beside it: loads that this project draws itself, with seeds, so that every run gives the same files.

python examples/traces/make.py
"""

from __future__ import annotations

import datetime
from pathlib import Path

import numpy as np

from elasticity import traces
from elasticity.traces import Load

FOLDER = Path(__file__).parent
STEP = 900
"""Seconds between rows."""


def office_week() -> Load:
    """A web shop in Central Europe: busy afternoons, a smaller peak at noon, quieter weekends."""
    days = traces.weekly(60, 900, peak_hour=14.5, weekend=0.55, resolution=STEP)
    noon = traces.weekly(0, 120, peak_hour=11, weekend=0.3, resolution=STEP)
    return traces.combined([days, noon])


def evening_week() -> Load:
    """A shop of consumers: the peak lies in the evening, the weekend is the busiest time."""
    days = traces.daily(90, 800, peak_hour=19.5, days=7, resolution=STEP)
    factor = np.repeat([0.8, 0.8, 0.85, 0.9, 1.0, 1.1, 1.05], 86_400 // STEP)
    return Load(values=days.values * factor, step=STEP, start=days.start)


TRACES = {"office-week.csv": (office_week, 7), "evening-week.csv": (evening_week, 11)}
"""File name to the load and the seed of its noise."""


def text(load: Load, seed: int) -> str:
    """Requests per row as CSV, with noise as of many independent users in bursts."""
    bursts = 30
    noisy = Load(values=load.values / bursts, step=load.step, start=load.start).with_noise(seed).scaled(bursts)
    rows = ["timestamp,requests"]
    for place, rate in enumerate(noisy.values):
        time = load.start + datetime.timedelta(seconds=place * load.step)
        rows.append(f"{time.isoformat().replace('+00:00', 'Z')},{rate * load.step:.0f}")
    return "\n".join(rows) + "\n"


if __name__ == "__main__":
    for name, (make, seed) in TRACES.items():
        (FOLDER / name).write_text(text(make(), seed), encoding="utf-8")
