"""Typed references to the metrics that a component emits: an alarm never spells a metric's name a second time."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pulumi

_PERCENTILE = re.compile(r"p(\d{1,2}(\.\d{1,10})?|100)")
STATISTICS = frozenset({"Average", "Sum", "Minimum", "Maximum", "SampleCount"})


def is_percentile(statistic: str) -> bool:
    """Whether a statistic is a percentile, which alarms take in a field of its own.

    Raises ValueError for an unknown one.
    """
    if statistic in STATISTICS:
        return False
    if _PERCENTILE.fullmatch(statistic):
        return True
    raise ValueError(f"{statistic}: not a statistic, allowed {', '.join(sorted(STATISTICS))}, or p0 to p100")


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

    def seen(self, *, statistic: str | None = None, period: int | None = None) -> MetricReference:
        """The same metric by another statistic or period."""
        return dataclasses.replace(self, statistic=statistic or self.statistic, period=period or self.period)


@dataclass(frozen=True)
class MetricExpression:
    """Metric math over references: one time series that no resource emits by itself."""

    expression: str
    """CloudWatch metric math; the ids are the keys of `metrics`."""
    metrics: Mapping[str, MetricReference]
    """Id (lower case letter first, then letters, digits, underscores) to metric."""
    unit: str = ""
    """What one datapoint counts, in words."""
    label: str = ""
    """Name of the series on a dashboard and in a notice."""

    def seen(self, *, statistic: str | None = None, period: int | None = None) -> MetricExpression:
        """The same expression with every metric in it by another statistic or period."""
        metrics = {key: metric.seen(statistic=statistic, period=period) for key, metric in self.metrics.items()}
        return dataclasses.replace(self, metrics=metrics)

    @property
    def period(self) -> int:
        """Seconds between its datapoints: the longest period within."""
        return max(metric.period for metric in self.metrics.values())


Measure = MetricReference | MetricExpression
"""Anything that an alarm can watch and a dashboard can show."""


def by_name(metrics: Any) -> dict[str, Measure]:
    """The metrics of a dataclass by the names of its fields, as the ready sets of alarms take them."""
    return {each.name: getattr(metrics, each.name) for each in dataclasses.fields(metrics)}
