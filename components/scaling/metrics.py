"""What the scaling services call the metrics that rules name: one row per metric and kind of unit.

Sources: API PredefinedMetricSpecification of both Auto Scalings, PredictiveScalingPredefinedMetricPairSpecification.
What CloudWatch calls them stands in `components.metrics`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Predefinition:
    """The names of one metric on one platform; None where AWS has none."""

    tracked: str
    """Predefined metric of target tracking."""
    predicted: str | None = None
    """Predefined pair of predictive scaling."""
    fine: str | None = None
    """The same of metrics that units publish more often than each minute."""
    of_units: bool = True
    """Whether the units publish it, as `components.metrics.UNITS` says; else a balancer in front of them."""


_REQUESTS = Predefinition("ALBRequestCountPerTarget", "ALBRequestCount", of_units=False)
PREDEFINED: Mapping[tuple[str, str], Predefinition] = {
    ("cpu", "ecs_service"): Predefinition(
        "ECSServiceAverageCPUUtilization", "ECSServiceCPUUtilization", "ECSServiceAverageCPUUtilizationHighResolution"
    ),
    ("cpu", "ec2_group"): Predefinition(
        "ASGAverageCPUUtilization", "ASGCPUUtilization", "ASGAverageCPUUtilizationHighResolution"
    ),
    ("memory", "ecs_service"): Predefinition(
        "ECSServiceAverageMemoryUtilization", fine="ECSServiceAverageMemoryUtilizationHighResolution"
    ),
    ("requests_per_target", "ecs_service"): _REQUESTS,
    ("requests_per_target", "ec2_group"): _REQUESTS,
}
"""By metric and platform."""
