"""A preview as `pulumi preview --json` tells it, in the terms of a test."""

import json
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Plan:
    """What a preview would change; resources are known by their names in the program."""

    steps: tuple[tuple[str, str], ...]
    """Operation and resource of each step that is not `same`, in the engine's order."""
    changed: dict[str, list[str]]
    """Properties that change, of each resource of the provider that is updated or replaced."""
    replaced_for: dict[str, list[str]]
    """Properties that force the replacement, of each replaced resource."""
    unchanged: int

    def of(self, operation: str) -> list[str]:
        """The resources with this operation, sorted."""
        return sorted(name for step, name in self.steps if step == operation)

    @property
    def operations(self) -> set[str]:
        return {step for step, _ in self.steps}


def _name(step: dict[str, Any]) -> str:
    return str(step["urn"]).rpartition("::")[2]


def read_plan(text: str) -> Plan:
    """The plan in the output of `preview --json`."""
    told = json.loads(text)
    steps = [step for step in told.get("steps", []) if step["op"] not in ("same", "read")]
    return Plan(
        tuple((step["op"], _name(step)) for step in steps),
        {_name(step): sorted(step["diffReasons"]) for step in steps if step.get("diffReasons")},
        {_name(step): sorted(step["replaceReasons"]) for step in steps if step.get("replaceReasons")},
        told["changeSummary"].get("same", 0),
    )
