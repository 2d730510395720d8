"""The one model of a metric: references to what AWS publishes, metric math over them, and their form in an alarm.

What CloudWatch calls a metric of units, queues and target groups stands in the tables here and is spelled nowhere else.
Sources: AWS/ECS, ECS/ContainerInsights, AWS/EC2, AWS/AutoScaling, AWS/SQS and AWS/ApplicationELB metric references.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from elasticity.waking import RUNNING_UNITS, VISIBLE_MESSAGES

if TYPE_CHECKING:
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

    def at_least_every(self, period: int) -> MetricReference:
        """The same metric, no finer than `period` seconds."""
        return self.seen(period=max(self.period, period))

    @property
    def references(self) -> tuple[MetricReference, ...]:
        """The references in it: itself."""
        return (self,)


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
    steps: Mapping[str, str] = field(default_factory=dict)
    """Id to an expression that `expression` or a later step reads; each reads metrics and earlier steps."""
    id: str = "watched"
    """Its own id among those in it."""

    def seen(self, *, statistic: str | None = None, period: int | None = None) -> MetricExpression:
        """The same expression with every metric in it by another statistic or period."""
        metrics = {key: metric.seen(statistic=statistic, period=period) for key, metric in self.metrics.items()}
        return dataclasses.replace(self, metrics=metrics)

    def at_least_every(self, period: int) -> MetricExpression:
        """The same expression with no metric in it finer than `period` seconds."""
        metrics = {key: metric.at_least_every(period) for key, metric in self.metrics.items()}
        return dataclasses.replace(self, metrics=metrics)

    @property
    def references(self) -> tuple[MetricReference, ...]:
        """The references in it."""
        return tuple(self.metrics.values())

    @property
    def expressions(self) -> dict[str, str]:
        """Every expression by its id, its own last."""
        return {**self.steps, self.id: self.expression}

    @property
    def period(self) -> int:
        """Seconds between its datapoints: the longest period within."""
        return max(metric.period for metric in self.metrics.values())


Measure = MetricReference | MetricExpression
"""Anything that an alarm can watch and a dashboard can show."""


def by_name(metrics: Any) -> dict[str, Measure]:
    """The metrics of a dataclass by the names of its fields, as the ready sets of alarms take them."""
    return {each.name: getattr(metrics, each.name) for each in dataclasses.fields(metrics)}


def alarm_inputs(measure: Measure) -> dict[str, Any]:
    """The part of an alarm's inputs that says what it watches."""
    if isinstance(measure, MetricReference):
        return _stated(measure, "extended_statistic" if is_percentile(measure.statistic) else "statistic")
    return {"metric_queries": metric_queries(measure)}


def metric_queries(measure: Measure, key: str = "watched") -> list[dict[str, Any]]:
    """The entries of an alarm's metric math; `key` is the id of a lone reference, whose values are then returned."""
    if isinstance(measure, MetricReference):
        return [{"id": key, "metric": _stated(measure, "stat"), "return_data": True}]
    label = {"label": measure.label} if measure.label else {}
    return [
        *({"id": key, "metric": _stated(one, "stat"), "return_data": False} for key, one in measure.metrics.items()),
        *({"id": key, "expression": text, "return_data": False} for key, text in measure.steps.items()),
        {"id": measure.id, "expression": measure.expression, **label, "return_data": True},
    ]


def _stated(reference: MetricReference, statistic: str) -> dict[str, Any]:
    return {
        "namespace": reference.namespace,
        "metric_name": reference.name,
        "dimensions": dict(reference.dimensions),
        statistic: reference.statistic,
        "period": reference.period,
    }


@dataclass(frozen=True)
class Published:
    """What CloudWatch calls a metric, and how it is read."""

    namespace: str
    name: str
    unit: str
    statistic: str = "Average"

    def of(self, dimensions: Mapping[str, Any], statistic: str | None = None) -> MetricReference:
        """The metric of one resource, each minute."""
        return MetricReference(self.namespace, self.name, dimensions, statistic or self.statistic, 60, self.unit)


_APPLICATION = "AWS/ApplicationELB"
UNITS: Mapping[str, Mapping[str, Published]] = {
    "ecs_service": {
        "cpu": Published("AWS/ECS", "CPUUtilization", "percent"),
        "memory": Published("AWS/ECS", "MemoryUtilization", "percent"),
        "running": Published(*RUNNING_UNITS["ecs_service"], "tasks"),
        "desired": Published(RUNNING_UNITS["ecs_service"][0], "DesiredTaskCount", "tasks"),
    },
    "ec2_group": {
        "cpu": Published("AWS/EC2", "CPUUtilization", "percent"),
        "running": Published(*RUNNING_UNITS["ec2_group"], "instances"),
        "desired": Published(RUNNING_UNITS["ec2_group"][0], "GroupDesiredCapacity", "instances"),
        "maximum": Published(RUNNING_UNITS["ec2_group"][0], "GroupMaxSize", "instances"),
    },
}
"""By platform: what its units publish; running and desired counts only with Container Insights or group metrics."""
QUEUE: Mapping[str, Published] = {
    "age": Published("AWS/SQS", "ApproximateAgeOfOldestMessage", "seconds", "Maximum"),
    "visible": Published("AWS/SQS", VISIBLE_MESSAGES, "messages"),
}
TARGETS: Mapping[str, Published] = {
    "requests_per_target": Published(_APPLICATION, "RequestCountPerTarget", "requests per target", "Sum"),
    "response_time": Published(_APPLICATION, "TargetResponseTime", "seconds"),
}
"""Of the targets behind an application balancer."""
