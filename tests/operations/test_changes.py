"""What changed between two rule sets, in words. It cannot prove that a change matters: the simulation does."""

from __future__ import annotations

from typing import Any

import pytest

from elasticity.rules import Elasticity
from operations.changes import changes

CPU: dict[str, Any] = {"metric": "cpu", "target": 50}
SURGE: dict[str, Any] = {"metric": "cpu", "threshold": 80, "steps": [{"from": 0, "change": 1}]}
RULES: dict[str, Any] = {"minimum": 2, "maximum": 8, "unit": {"capacity": "40/s"}, "target_tracking": {"cpu": CPU}}


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({}, []),
        ({"minimum": 3, "initial": 4}, ["web.minimum: 2 -> 3", "web.initial: not set -> 4"]),
        ({"unit": {"capacity": "2400/min"}}, ["web.unit.capacity: 40/s -> 2400/min"]),
        (
            {"target_tracking": {"cpu": {**CPU, "target": 55.5, "scale_in": False, "scale_in_cooldown": "90s"}}},
            [
                "web.target_tracking.cpu.target: 50 -> 55.5",
                "web.target_tracking.cpu.scale_in_cooldown: not set -> 90s",
                "web.target_tracking.cpu.scale_in: true -> false",
            ],
        ),
        (
            {"target_tracking": {"busy": CPU}, "step_scaling": {"surge": SURGE}},
            ["web.target_tracking.busy: new", "web.step_scaling.surge: new", "web.target_tracking.cpu: removed"],
        ),
        ({"accept": {"EL031": "on purpose"}}, []),
    ],
)
def test_each_setting_that_differs_is_one_line(more: dict[str, Any], expected: list[str]) -> None:
    before, after = (Elasticity.model_validate(rules) for rules in (RULES, RULES | more))
    assert changes("web", before, after) == expected


def test_a_step_is_named_by_its_place() -> None:
    larger = {**SURGE, "steps": [{"from": 0, "to": 10, "change": 1}, {"from": 10, "change": 4}]}
    before, after = (Elasticity.model_validate(RULES | {"step_scaling": {"s": rule}}) for rule in (SURGE, larger))
    assert changes("web", before, after) == [
        "web.step_scaling.s.steps.0.to: not set -> 10",
        "web.step_scaling.s.steps.1.from: not set -> 10",
        "web.step_scaling.s.steps.1.change: not set -> 4",
    ]
