"""What AWS lets stand once only among the rules of one service or group.

Sources: API PutScalingPolicy ("Only one TargetTrackingScaling policy for a given metric specification is allowed", on
both services); EC2UG scheduled scaling ("a scheduled action must have a unique time value").
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from typing import Any

from components.former_names import Single, Values, plain
from components.scaling.plan import GROUP_POLICY, GROUP_SCHEDULE, SERVICE_POLICY

_SAYS_WHICH = ("predefinedmetrictype", "metricname", "namespace", "statistic", "stat", "expression")


def _tracked(values: Values) -> Hashable | None:
    """The metric that a target tracking policy follows; dimensions are of this service or group anyway."""
    found = plain(values)
    for name in ("targettrackingscalingpolicyconfiguration", "targettrackingconfiguration"):
        if name in found:
            return tuple(sorted(_leaves(found[name])))
    return None


def _leaves(value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for key, inner in value.items():
            if key in _SAYS_WHICH and isinstance(inner, str):
                yield key, inner
            else:
                yield from _leaves(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _leaves(inner)


def _time(values: Values) -> Hashable | None:
    found = plain(values)
    if "recurrence" in found:
        return str(found["recurrence"]), str(found.get("timezone"))
    return str(found["starttime"]) if "starttime" in found else None


SINGLE = {
    SERVICE_POLICY: Single(SERVICE_POLICY, "metric", _tracked),
    GROUP_POLICY: Single(GROUP_POLICY, "metric", _tracked),
    GROUP_SCHEDULE: Single(GROUP_SCHEDULE, "time", _time),
}
"""By type."""
