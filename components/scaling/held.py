"""The bounds that a deployment declares, where schedules move them (docs/decisions/0018).

A deployment sets both bounds of a scalable target in one call, so one changed bound would take the other back to its
base. What is declared is therefore what holds at this hour; and while the declaration is as it was deployed, bounds
that schedules own are left alone, so that a preview in another window shows nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from components.deployed import Deployed
from elasticity.bounds_in_force import in_force, owned_by_schedules
from elasticity.rules import Elasticity

OUTPUT = "declared_bounds"
"""Output of a component that keeps the declaration of its bounds in the state."""


@dataclass(frozen=True)
class BoundsToDeclare:
    """Bounds of a scalable target or group, and which of them the schedules keep."""

    minimum: int
    maximum: int
    held: tuple[str, ...] = ()
    """`minimum`, `maximum`: owned by schedules, and declared as they were deployed."""


def declaration(rules: Elasticity) -> dict[str, Any]:
    """All that decides which bounds hold at which hour."""
    return rules.model_dump(mode="json", include={"minimum", "maximum", "scheduled"}, exclude_none=True)


def bounds_to_declare(
    rules: Elasticity, platform: str, deployed: Deployed, component_type: str, name: str
) -> BoundsToDeclare:
    """The bounds in force at the moment of the deployment, the declared ones where nobody says when that is."""
    if deployed.moment is None:
        return BoundsToDeclare(rules.minimum, rules.maximum)
    now = in_force(rules, platform, deployed.moment)
    same = deployed.outputs(component_type, name).get(OUTPUT) == declaration(rules)
    held = tuple(owned_by_schedules(rules)) if same else ()
    return BoundsToDeclare(now["minimum"].value, now["maximum"].value, held)
