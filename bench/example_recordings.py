"""Makes examples/recorded: a service that ran for two days, as AWS would tell of it. The simulator plays AWS, with
numbers that no file tells; `accordion fit` has to find them.

python -m bench.example_recordings
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from bench.recordings import recorded
from elasticity.rules import Elasticity
from elasticity.simulator import simulate
from elasticity.traces import Load

FOLDER = Path(__file__).parents[1] / "examples" / "recorded"
DAY = 1_440
SEED = 5
HIDDEN_UNIT = {"capacity": "42/s", "start_up": "80s", "service_time": "90ms", "idle_cpu": 6.0}
HIDDEN_PARAMETERS = {"publication_delay": 140, "low_factor": 0.85, "max_scale_in_fraction": 1.0}
SERVICE = "service/shop/web"
TARGETS = {
    "ScalableTargets": [
        {
            "ServiceNamespace": "ecs",
            "ResourceId": SERVICE,
            "ScalableDimension": "ecs:service:DesiredCount",
            "MinCapacity": 2,
            "MaxCapacity": 20,
        }
    ]
}
POLICIES = {
    "ScalingPolicies": [
        {
            "PolicyName": "cpu",
            "ServiceNamespace": "ecs",
            "ResourceId": SERVICE,
            "ScalableDimension": "ecs:service:DesiredCount",
            "PolicyType": "TargetTrackingScaling",
            "TargetTrackingScalingPolicyConfiguration": {
                "TargetValue": 55.0,
                "PredefinedMetricSpecification": {"PredefinedMetricType": "ECSServiceAverageCPUUtilization"},
                "ScaleOutCooldown": 120,
                "ScaleInCooldown": 300,
            },
        }
    ]
}


def load() -> Load:
    """A daily course with three sudden rises a day, drawn as single requests."""
    drawn = np.random.default_rng(SEED)
    minutes = np.arange(2 * DAY)
    values = 150 * (1 + 0.75 * np.sin(2 * np.pi * (minutes / DAY - 0.3)))
    for day in range(2):
        for hour in (7, 12, 19):
            begin = day * DAY + hour * 60 + int(drawn.integers(0, 60))
            values[begin : begin + int(drawn.integers(25, 60))] *= drawn.uniform(1.3, 1.8)
    return Load(drawn.poisson(values * 60) / 60.0, 60)


def files() -> dict[str, str]:
    """By name, the text of each."""
    policy = POLICIES["ScalingPolicies"][0]["TargetTrackingScalingPolicyConfiguration"]
    tracking: dict[str, Any] = policy if isinstance(policy, dict) else {}
    rules = Elasticity.model_validate(
        {
            "minimum": 2,
            "maximum": 20,
            "initial": 3,
            "unit": HIDDEN_UNIT,
            "target_tracking": {
                "cpu": {
                    "metric": "cpu",
                    "target": tracking["TargetValue"],
                    "scale_out_cooldown": "2m",
                    "scale_in_cooldown": "5m",
                }
            },
        }
    )
    run = simulate(rules, load(), tick=10, parameters=HIDDEN_PARAMETERS)
    whole = recorded(run, rules, workload="web", seed=SEED)
    return {
        "scalable-targets.json": json.dumps(TARGETS, indent=1) + "\n",
        "scaling-policies.json": json.dumps(POLICIES, indent=1) + "\n",
        "monday.json": whole.window(0, DAY).to_json(),
        "tuesday.json": whole.window(DAY, DAY).to_json(),
    }


if __name__ == "__main__":
    for name, text in files().items():
        (FOLDER / name).write_text(text, encoding="utf-8")
