"""Typed references to the metrics that a component emits, so that an alarm never spells a metric's name a second time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import pulumi


@dataclass(frozen=True)
class MetricReference:
    """One CloudWatch metric of one resource; alarms, dashboards and rules take it as it is."""

    namespace: str
    """CloudWatch namespace, such as AWS/ECS."""
    name: str
    """CloudWatch metric name, such as CPUUtilization."""
    dimensions: Mapping[str, pulumi.Input[str]] = field(default_factory=dict)
    """Dimension name to value."""
    statistic: str = "Average"
    """Average, Sum, Minimum, Maximum, SampleCount, or a percentile such as p90."""
    period: int = 60
    """Seconds."""
    unit: str = ""
    """What one datapoint counts, in words: percent, seconds, requests."""
