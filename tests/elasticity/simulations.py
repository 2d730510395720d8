"""Rule sets and loads for the simulator's tests: short builders, and strategies for Hypothesis."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import strategies as st

from elasticity.rules import Elasticity
from elasticity.traces import Load

UNIT: dict[str, Any] = {"capacity": "50/s", "start_up": "60s", "service_time": "100ms"}


def rule_set(minimum: int = 2, maximum: int = 10, *, unit: dict[str, Any] | None = None, **rest: Any) -> Elasticity:
    """Rules as a stack file would hold them."""
    return Elasticity.model_validate({"minimum": minimum, "maximum": maximum, "unit": {**UNIT, **(unit or {})}, **rest})


def tracking(metric: str = "cpu", target: Any = 50.0, **rest: Any) -> dict[str, Any]:
    """One target-tracking rule under the name of its metric."""
    return {"target_tracking": {metric: {"metric": metric, "target": target, **rest}}}


def load_of(rates: list[float], step: int = 60) -> Load:
    """A load of so many requests per second, one value per `step` seconds."""
    return Load(values=np.array(rates, dtype=np.float64), step=step)


@st.composite
def loads(draw: st.DrawFn, minutes: int = 180, most: float = 600.0) -> Load:
    """Levels that change at whole minutes, some of them zero, some above what the rules can reach."""
    pieces = draw(
        st.lists(
            st.tuples(st.sampled_from((1, 2, 5, 11, 20, 40)), st.floats(0, most, width=32)), min_size=1, max_size=8
        )
    )
    rates = [rate for length, rate in pieces for _ in range(length)]
    return load_of((rates * minutes)[:minutes])


@st.composite
def tracking_rules(draw: st.DrawFn, *, scale_in: bool | None = None, cooldowns: bool = True) -> dict[str, Any]:
    """One to three tracking rules that follow from the load."""
    metrics = draw(st.lists(st.sampled_from(("cpu", "requests_per_target", "response_time")), min_size=1, unique=True))
    rules = {}
    for metric in metrics:
        target: Any = draw(st.integers(20, 90))
        if metric == "requests_per_target":
            target = draw(st.integers(600, 2_800))
        if metric == "response_time":
            target = f"{draw(st.integers(105, 900))}ms"
        rule: dict[str, Any] = {"metric": metric, "target": float(target) if isinstance(target, int) else target}
        rule["scale_in"] = draw(st.booleans()) if scale_in is None else scale_in
        if cooldowns:
            rule["scale_in_cooldown"] = f"{draw(st.sampled_from((0, 60, 300, 600)))}s"
            rule["scale_out_cooldown"] = f"{draw(st.sampled_from((0, 60, 300)))}s"
        rules[metric] = rule
    return {"target_tracking": rules}


@st.composite
def step_rules(draw: st.DrawFn) -> dict[str, Any]:
    """An out rule, and perhaps an in rule, by change, percent or exact count."""
    adjustment = draw(st.sampled_from(("change", "percent", "exact")))
    change = {"change": st.integers(0, 5), "percent": st.integers(0, 200), "exact": st.integers(1, 12)}[adjustment]
    edge = draw(st.integers(1, 30))
    rules: dict[str, Any] = {
        "hot": {
            "metric": "cpu",
            "threshold": float(draw(st.integers(40, 95))),
            "adjustment": adjustment,
            "steps": [
                {"from": 0.0, "to": float(edge), "change": draw(change)},
                {"from": float(edge), "change": draw(change)},
            ],
            "evaluation_periods": draw(st.integers(1, 5)),
            "datapoints_to_alarm": 1,
            "missing_data": draw(st.sampled_from(("missing", "ignore", "breaching", "notBreaching"))),
            "aggregation": draw(st.sampled_from(("Average", "Minimum", "Maximum"))),
        }
    }
    if draw(st.booleans()):
        rules["cold"] = {
            "metric": "cpu",
            "threshold": float(draw(st.integers(5, 35))),
            "comparison": draw(st.sampled_from(("LessThanThreshold", "LessThanOrEqualToThreshold"))),
            "steps": [{"to": 0.0, "change": -draw(st.integers(0, 3))}],
            "evaluation_periods": 5,
        }
    return {"step_scaling": rules}


@st.composite
def schedules(draw: st.DrawFn) -> dict[str, Any]:
    """Bounds that change within the first hours of the run."""
    minute = draw(st.integers(0, 59))
    low, high = draw(st.integers(0, 8)), draw(st.integers(8, 14))
    return {
        "scheduled": {
            "up": {"cron": f"{minute} 0 * * *", "time_zone": "UTC", "minimum": low, "maximum": high},
            "down": {"cron": "30 1 * * *", "time_zone": "UTC", "minimum": 1},
        }
    }


@st.composite
def any_rules(draw: st.DrawFn) -> Elasticity:
    """Rule sets of every kind on a service."""
    parts: dict[str, Any] = {}
    for kind in draw(st.lists(st.sampled_from((tracking_rules(), step_rules(), schedules())), max_size=3, unique=True)):
        parts |= draw(kind)
    minimum = draw(st.integers(0, 4))
    unit = {
        "capacity": f"{draw(st.integers(10, 90))}/s",
        "start_up": f"{draw(st.sampled_from((0, 20, 60, 240)))}s",
        "idle_cpu": draw(st.sampled_from((0, 5, 20))),
    }
    return rule_set(minimum, minimum + draw(st.integers(0, 10)), unit=unit, **parts)
