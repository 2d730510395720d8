"""What AWS calls the metrics that rules name: one row per kind of unit and metric.

Sources: API PredefinedMetricSpecification of both Auto Scalings, PredictiveScalingPredefinedMetricPairSpecification;
AWS/ECS and AWS/EC2 metric references.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class MetricNames:
    """The names of one metric on one platform; None where AWS has none."""

    tracked: str | None = None
    """Predefined metric of target tracking."""
    predicted: str | None = None
    """Predefined pair of predictive scaling."""
    published: tuple[str, str] | None = None
    """Namespace and name in CloudWatch, of the units themselves."""


OF_SERVICE: Mapping[str, MetricNames] = {
    "cpu": MetricNames("ECSServiceAverageCPUUtilization", "ECSServiceCPUUtilization", ("AWS/ECS", "CPUUtilization")),
    "memory": MetricNames("ECSServiceAverageMemoryUtilization", None, ("AWS/ECS", "MemoryUtilization")),
    "requests_per_target": MetricNames("ALBRequestCountPerTarget", "ALBRequestCount"),
}
OF_GROUP: Mapping[str, MetricNames] = {
    "cpu": MetricNames("ASGAverageCPUUtilization", "ASGCPUUtilization", ("AWS/EC2", "CPUUtilization")),
    "requests_per_target": MetricNames("ALBRequestCountPerTarget", "ALBRequestCount"),
}
