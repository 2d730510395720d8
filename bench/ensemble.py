"""How long an ensemble takes: 1,000 runs of 30 days whose load changes each minute, each with values and a load of its
own, with the compiled simulator already loaded."""

from __future__ import annotations

import time

from elasticity import Elasticity, traces
from elasticity.ensemble import Study, ensemble
from elasticity.simulator import Conditions

RUNS, DAYS, GOAL = 1_000, 30, 3.0
"""Seconds that the runs may take on two cores."""
RULES = Elasticity.model_validate(
    {
        "minimum": 3,
        "maximum": 40,
        "unit": {"capacity": "150/s", "start_up": "60s", "service_time": "80ms"},
        "target_tracking": {
            "cpu": {"metric": "cpu", "target": 55},
            "requests": {"metric": "requests_per_target", "target": 4500},
        },
    }
)


def study() -> Study:
    """A service of two rules under a month of days and weekends."""
    load = traces.weekly(300, 3_000, weeks=5).window(0, DAYS * 1_440)
    return Study(rules=RULES, load=load, conditions=Conditions(tick=60, begins="settled"), unit_price=0.02)


def tables() -> list[tuple[str, list[list[str]]]]:
    """Wall and processor time of the runs on all cores, and what that is in minutes a second."""
    asked = study()
    ensemble(asked, runs=8)
    rows = [["runs of 30 days", "seconds", "of processor", "million minutes a second", "goal"]]
    for runs in (RUNS // 10, RUNS):
        began, busy = time.perf_counter(), time.process_time()
        ensemble(asked, runs=runs)
        took, worked = time.perf_counter() - began, time.process_time() - busy
        goal = f"{GOAL:g} s on two cores" if runs == RUNS else ""
        rows.append([f"{runs:,}", f"{took:.2f}", f"{worked:.2f}", f"{runs * DAYS * 1_440 / took / 1e6:.1f}", goal])
    return [("", rows)]
