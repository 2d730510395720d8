"""What the end of a scheduled action leaves."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

from elasticity import arguments
from elasticity.platforms import platform_parameters
from elasticity.rounding import clamp


@dataclasses.dataclass(frozen=True, slots=True)
class Bounds:
    """Bounds and capacity after a scheduled action."""

    minimum: int
    maximum: int
    capacity: int


def scheduled_action(
    platform: str, minimum: int, maximum: int, desired: int, action: Mapping[str, int | None]
) -> Bounds:
    """Bounds and capacity right after a scheduled action on `platform` sets `minimum`, `maximum` or, on a group,
    `desired`.

    Capacity then moves into the bounds; lowering a minimum alone moves nothing. Raises ValueError where the platform
    does not know a setting, or the bounds contradict each other. Source: AASUG scheduled scaling; EC2UG
    ec2-auto-scaling-scheduled-scaling.
    """
    sets_desired = platform_parameters(platform).behaviour.schedules_set_desired
    minimum, maximum = arguments.count("minimum", minimum), arguments.count("maximum", maximum)
    desired = arguments.count("desired", desired)
    allowed = ("minimum", "maximum", "desired") if sets_desired else ("minimum", "maximum")
    unknown = sorted(set(action) - set(allowed))
    if unknown:
        raise ValueError(
            f"a scheduled action on {platform} does not set {', '.join(unknown)}, allowed {', '.join(allowed)}"
        )
    given = {key: arguments.count(key, value) for key, value in action.items() if value is not None}
    low, high = given.get("minimum", minimum), given.get("maximum", maximum)
    if low > high:
        raise ValueError("a scheduled action leaves the minimum above the maximum: set both")
    return Bounds(low, high, clamp(given.get("desired", desired), low, high))


def scheduled_end(
    platform: str, before: Mapping[str, int], action: Mapping[str, int | None], *, end_reached: bool
) -> dict[str, int]:
    """The bounds in force once an action has run, its end time reached or not: the end brings no earlier bounds back.

    Source: AASUG application-auto-scaling-scheduled-scaling.
    """
    del end_reached  # documented to change nothing; the parameter says that it was thought of
    after = scheduled_action(platform, before["minimum"], before["maximum"], before["minimum"], action)
    return {"minimum": after.minimum, "maximum": after.maximum}
