"""Every public function of `elasticity` has a caller outside the tests: what vectors prove is then what users run. It
cannot prove that two functions of one name are both called: a name counts where it is read anywhere."""

from __future__ import annotations

import ast
from pathlib import Path

import elasticity

ROOT = Path(__file__).parents[2]
ROOMS = ("elasticity", "components", "stacks", "operations", "guardrails", "localcloud", "bench")
PUBLIC = frozenset(elasticity.__all__) | {"combined", "begin", "step"}
"""What a Python program of a user calls: the names of the package, sums of loads, the autoscaler by itself."""
FOR_VECTORS = frozenset(
    [
        "evaluation_interval",
        "capacity_provider_launch",
        "capacity_provider_scale_in_counter",
        "is_valid",
        "objective_share",
        "activity",
        "apply_change",
        "tracking_scenario",
        "predictive_launch",
        "predictive_timeline",
        "fleet_cost",
        "fargate_cost",
        "alb_cost",
        "nat_cost",
        "spot_ratio",
        "trigger_delay",
        "mmc",
        "mm1_percentile",
        "mm1_mean",
        "fluid",
        "next_occurrence",
        "scheduled_end",
    ]
)
"""Called by the vectors alone: they belong beside them, in tests/elasticity/oracle. The list only shrinks."""


def test_each_public_function_has_a_caller_or_is_listed() -> None:
    trees = {
        path: ast.parse(path.read_text(encoding="utf-8")) for room in ROOMS for path in (ROOT / room).rglob("*.py")
    }
    read = set()
    for tree in trees.values():
        for node in ast.walk(tree):
            if isinstance(node, ast.Name):
                read.add(node.id)
            elif isinstance(node, ast.Attribute):
                read.add(node.attr)
    alone = {
        node.name
        for path, tree in trees.items()
        if path.is_relative_to(ROOT / "elasticity")
        for node in tree.body
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_") and node.name not in read
    }
    assert alone - PUBLIC == FOR_VECTORS
