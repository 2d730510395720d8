"""What a recording of a simulated run would show: for examples, tests and benches of what reads recordings."""

from __future__ import annotations

from typing import Any

import numpy as np

from elasticity.recordings.recording import STEP, Activity, Recording
from elasticity.rules import Elasticity, Unit
from elasticity.simulator import Timeline
from elasticity.traces import Reals

NOTE = "made by the simulator, not recorded"


def recorded(
    timeline: Timeline, rules: Elasticity, *, workload: str = "simulated", seed: int = 0, noise: float = 0.01
) -> Recording:
    """A recording of this run of `rules`, with relative `noise` on cpu and response time, drawn with `seed`.

    What the rules say of a unit is left out, since it is what a fit has to find.
    """
    drawn = np.random.default_rng(seed)
    each = STEP // timeline.tick
    minutes = len(timeline.load) // each

    def means(values: Any) -> Reals:
        found: Reals = np.asarray(values, dtype=np.float64)[: minutes * each].reshape(minutes, each).mean(axis=1)
        return found

    def noisy(values: Reals) -> Reals:
        return values * (1 + noise * drawn.standard_normal(minutes))

    def listed(values: Reals, digits: int) -> tuple[float | None, ...]:
        return tuple(round(float(value), digits) if np.isfinite(value) else None for value in values)

    served = np.where(np.isfinite(timeline.latency), timeline.latency, 0.0)
    return Recording.model_validate(
        {
            "version": 1,
            "workload": workload,
            "platform": timeline.platform,
            "start": timeline.start,
            "requests": listed(np.round(means(timeline.load) * STEP), 0),
            "cpu": listed(np.minimum(noisy(means(timeline.utilisation)), 100.0), 3),
            "response_time": listed(noisy(means(served)), 5),
            "running": listed(means(timeline.serving), 3),
            "desired": listed(means(timeline.desired), 3),
            "activities": tuple(
                Activity(time=item.time, before=item.before, after=item.after, cause=item.rule)
                for item in timeline.actions()
                if item.second < minutes * STEP
            ),
            "rules": rules.model_copy(update={"unit": Unit(), "initial": None}),
            "notes": (NOTE,),
        }
    )
