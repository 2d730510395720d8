"""Runs whose reports must stay as they are: every rule kind on every platform, on loads that make each of them act.

Numbers are compared to nine digits, since libraries of mathematics differ in the last bits between machines. After a
wanted change: `python -m tests.elasticity.golden_runs` writes the digests anew, and the difference is looked at.
"""

from __future__ import annotations

import datetime
import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from elasticity.rules import Elasticity
from elasticity.simulator import Deployment, Instances, Timeline, simulate
from elasticity.traces import Load, combined, daily, spike, steady

KEPT = Path(__file__).parent / "golden" / "runs.json"
HOURS = 3_600
UNIT = {"capacity": "50/s", "start_up": "60s", "service_time": "100ms", "idle_cpu": 5, "full_memory": 80}
LOADS: dict[str, Load] = {
    "spike": spike(100.0, 420.0, at=1_800, length=2_400, duration=3 * HOURS),
    "flash": combined([steady(20.0, 2 * HOURS), spike(0.0, 900.0, at=3_600, length=300, duration=2 * HOURS)]),
    "day": daily(60.0, 380.0, peak_hour=14, days=1, resolution=300),
    "idle": combined([steady(0.0, 4 * HOURS), spike(0.0, 30.0, at=4_200, length=900, duration=4 * HOURS)]),
    "noise": daily(60.0, 380.0, peak_hour=3, days=1, resolution=60).with_noise(7),
}
CPU = {"cpu": {"metric": "cpu", "target": 50}}
QUEUE = {"name": "jobs", "time_per_message": "20ms"}
STEPS = [{"from": 0, "to": 15, "change": 1}, {"from": 15, "change": 4}]
OUT = {"metric": "cpu", "threshold": 60, "steps": STEPS}
IN = {
    "metric": "cpu",
    "threshold": 30,
    "comparison": "LessThanThreshold",
    "steps": [{"to": 0, "change": -1}],
    "evaluation_periods": 5,
}
OFFICE = {
    "up": {"cron": "0 1 * * *", "time_zone": "UTC", "minimum": 6, "maximum": 14},
    "down": {"cron": "30 2 * * *", "time_zone": "UTC", "minimum": 1},
}
MATH = {
    "visible": {"namespace": "AWS/SQS", "name": "ApproximateNumberOfMessagesVisible"},
    "running": {"namespace": "ECS/ContainerInsights", "name": "RunningTaskCount"},
    "each": {"expression": "visible / IF(running > 0, running, 1)"},
}
RULES: dict[str, dict[str, Any]] = {
    "cpu": {"target_tracking": CPU},
    "two": {"target_tracking": {**CPU, "requests": {"metric": "requests_per_target", "target": 1_200}}},
    "three": {
        "target_tracking": {
            **CPU,
            "memory": {"metric": "memory", "target": 45},
            "slow": {"metric": "response_time", "target": "150ms", "scale_in": False},
        }
    },
    "queue": {"target_tracking": {"delay": {"metric": "queue_delay", "target": "2s"}}, "queue": QUEUE},
    "math": {"target_tracking": {"each": {"metric": "each", "target": 60}}, "metrics": MATH},
    "steps": {"step_scaling": {"hot": OUT, "cold": IN}},
    "percent": {
        "step_scaling": {
            "hot": {**OUT, "adjustment": "percent", "minimum_adjustment": 2, "aggregation": "Maximum",
                    "datapoints_to_alarm": 2, "steps": [{"from": 0, "change": 40}]},
            "cold": {**IN, "adjustment": "percent", "steps": [{"to": 0, "change": -25}]},
        }
    },
    "exact": {
        "step_scaling": {
            "hot": {**OUT, "adjustment": "exact", "period": "5m", "evaluation_periods": 1, "missing_data": "ignore",
                    "steps": [{"from": 0, "to": 20, "change": 7}, {"from": 20, "change": 11}]},
        },
        "target_tracking": CPU,
    },
    "calendar": {"scheduled": OFFICE, "target_tracking": CPU},
    "forecast": {
        "predictive": {"ahead": {"metric": "cpu", "target": 40, "mode": "forecast_and_scale", "forecast_reviewed": True,
                               "maximum_breach": "increase", "maximum_buffer": 10}},
        "target_tracking": CPU,
    },
    "watched": {"predictive": {"rate": {"metric": "requests_per_target", "target": 900}}, "scheduled": OFFICE},
}  # fmt: skip
COOLDOWNS = {"scale_in_cooldown": "2m", "scale_out_cooldown": "0s"}
HISTORY = [100.0 + 50.0 * (hour % 24 == 3) + 10.0 * (hour % 7) for hour in range(24 * 14)]
CONDITIONS: dict[str, dict[str, Any]] = {
    "service": {},
    "settled": {"begins": "settled"},
    "lossy": {"overflow": "loss", "slow_start": 60.0, "latency_goal": 0.2},
    "impatient": {"client_timeout": 30.0, "tick": 60, "arrival_variation": 2.0, "parameters": {"metric_period": 60}},
    "deploying": {
        "deployments": [
            Deployment(
                start=datetime.datetime(2026, 1, 5, 1, tzinfo=datetime.UTC),
                end=datetime.datetime(2026, 1, 5, 1, 50, tzinfo=datetime.UTC),
            )
        ],
        "parameters": {"launch_burst": 2, "launch_rate": 0.01},
    },
    "group": {"platform": "ec2_group"},
    "warm": {"platform": "ec2_group", "default_instance_warm_up": 0.0, "parameters": {"metric_period": 300}},
    "provider": {
        "platform": "capacity_provider",
        "instances": Instances(units_per_instance=3, minimum=1, maximum=8, target_capacity=80.0, start_up=90.0),
    },
}


def cases() -> Iterator[tuple[str, Elasticity, Load, dict[str, Any]]]:
    """Name, rules, load and conditions of every run."""
    for kind, rules in RULES.items():
        for ground, conditions in CONDITIONS.items():
            if ground == "warm" and kind in ("steps", "percent"):
                continue  # their alarms' periods are below the metric's
            for name, load in LOADS.items():
                minimum = 0 if name == "idle" and kind == "steps" else 2
                own = {**rules, "minimum": minimum, "maximum": 12, "unit": UNIT}
                if kind == "cpu" and ground == "service":
                    own["target_tracking"] = {"cpu": {**CPU["cpu"], **COOLDOWNS}}
                history = {"history": HISTORY} if "predictive" in rules else {}
                yield f"{kind}-{ground}-{name}", Elasticity.model_validate(own), load, {**conditions, **history}


def exact(timeline: Timeline) -> str:
    """All bits of a report, as one digest."""
    return hashlib.sha256(timeline.to_json().encode()).hexdigest()


def digest(timeline: Timeline) -> str:
    """A report's numbers to nine digits and all of its words, as one digest."""
    document = json.loads(timeline.to_json(), parse_float=lambda text: f"{float(text):.9g}")
    return hashlib.sha256(json.dumps(document, sort_keys=True).encode()).hexdigest()[:16]


def run(rules: Elasticity, load: Load, conditions: dict[str, Any]) -> Timeline:
    """One run of the table, by the kernel that is the quicker one for it."""
    return simulate(rules, load, unit_price=0.05, **{"tick": 30 if len(load.values) > 200 else 10, **conditions})


def main() -> None:
    """Write the digests of today's reports."""
    found = {name: digest(run(rules, load, conditions)) for name, rules, load, conditions in cases()}
    KEPT.parent.mkdir(exist_ok=True)
    KEPT.write_text(json.dumps(found, indent=0, sort_keys=True) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
