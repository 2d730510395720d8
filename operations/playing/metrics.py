"""The metrics that AWS publishes of a run: which they are, and one sample for each of their periods."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Literal

import numpy as np

from elasticity.autoscaler import layout
from elasticity.autoscaler.signals import KNOWN

if TYPE_CHECKING:
    from elasticity.simulator import Timeline
    from operations.playing.scaled import Scaled

MINUTE = 60
Sample = tuple[float, float, float, float]
"""Sum, minimum, maximum and number of the values of a period."""
Form = Literal["units", "answers", "requests", "gauge"]
"""What the values of a period are: one of each unit, one of each answer, each request, or one count."""


@dataclasses.dataclass(frozen=True)
class Series:
    """A metric of CloudWatch with its samples, from the start of the run on."""

    namespace: str
    name: str
    dimensions: Mapping[str, str]
    unit: str
    period: int
    """Seconds."""
    samples: tuple[Sample | None, ...]

    @property
    def key(self) -> tuple[str, str, tuple[tuple[str, str], ...]]:
        """What names it."""
        return self.namespace, self.name, tuple(sorted(self.dimensions.items()))

    def cut(self, begin: int, end: int) -> dict[str, object]:
        """The samples of a stretch of the run, in seconds from its start, as the local cloud takes them."""
        return {
            "Namespace": self.namespace,
            "MetricName": self.name,
            "Dimensions": dict(self.dimensions),
            "Unit": self.unit,
            "Period": self.period,
            "Samples": self.samples[begin // self.period : end // self.period],
        }


@dataclasses.dataclass(frozen=True)
class _Row:
    namespace: str
    name: str
    kind: int
    form: Form
    unit: str
    needs: str = ""
    """What must be collected for it to be there."""


_SERVICE = (
    _Row("AWS/ECS", "CPUUtilization", layout.CPU, "units", "Percent"),
    _Row("AWS/ECS", "MemoryUtilization", layout.MEMORY, "units", "Percent"),
    _Row("ECS/ContainerInsights", "RunningTaskCount", layout.RUNNING, "gauge", "Count", "insights"),
    _Row("ECS/ContainerInsights", "DesiredTaskCount", layout.DESIRED, "gauge", "Count", "insights"),
    _Row("ECS/ContainerInsights", "PendingTaskCount", layout.STARTING, "gauge", "Count", "insights"),
)
_GROUP = (
    _Row("AWS/EC2", "CPUUtilization", layout.CPU, "units", "Percent"),
    _Row("AWS/AutoScaling", "GroupInServiceInstances", layout.RUNNING, "gauge", "None", "group"),
    _Row("AWS/AutoScaling", "GroupDesiredCapacity", layout.DESIRED, "gauge", "None", "group"),
    _Row("AWS/AutoScaling", "GroupPendingInstances", layout.STARTING, "gauge", "None", "group"),
    _Row("AWS/AutoScaling", "GroupTerminatingInstances", layout.DRAINING, "gauge", "None", "group"),
    _Row("AWS/AutoScaling", "GroupTotalInstances", layout.PRESENT, "gauge", "None", "group"),
)
_BALANCED = (
    _Row("AWS/ApplicationELB", "RequestCount", layout.ARRIVALS, "requests", "Count"),
    _Row("AWS/ApplicationELB", "TargetResponseTime", layout.RESPONSE_TIME, "answers", "Seconds"),
    _Row("AWS/ApplicationELB", "RequestCountPerTarget", layout.REQUESTS, "gauge", "None"),
    _Row("AWS/ApplicationELB", "HealthyHostCount", layout.RUNNING, "gauge", "Count"),
)
"""Of the target group that its requests come through."""
_QUEUED = (
    _Row("AWS/SQS", "NumberOfMessagesSent", layout.ARRIVALS, "requests", "Count"),
    _Row("AWS/SQS", "ApproximateAgeOfOldestMessage", layout.RESPONSE_TIME, "gauge", "Seconds"),
)
"""Of the queue that its rules follow; the messages that wait are a metric of theirs."""
_FORMS: Mapping[int, Form] = {
    layout.CPU: "units",
    layout.MEMORY: "units",
    layout.RESPONSE_TIME: "answers",
    layout.ARRIVALS: "requests",
}
"""Of metrics that rules declare; all others are counts."""


def series_of(scaled: Scaled, timeline: Timeline) -> list[Series]:
    """Every metric of a service or group over a run with `held`."""
    found: dict[object, Series] = {}
    for row, dimensions, period in _wanted(scaled):
        samples = tuple(_samples(timeline, row, period))
        made = Series(row.namespace, row.name, dimensions, row.unit, period, samples)
        found.setdefault(made.key, made)
    return list(found.values())


def _wanted(scaled: Scaled) -> Iterator[tuple[_Row, Mapping[str, str], int]]:
    fine = [int(rule.metric_period) for rule in scaled.rules.target_tracking.values() if rule.metric_period]
    period = min([MINUTE, *fine])
    for row in _GROUP if scaled.subject.of_instances else _SERVICE:
        if not row.needs or row.needs in scaled.collected:
            yield row, scaled.subject.dimensions, period if row.form == "units" else MINUTE
    for place, (balancer, group) in enumerate(scaled.subject.balanced):
        if place == 0:  # all requests come through the first: nothing tells how several share them
            for row in _BALANCED:
                yield row, {"LoadBalancer": balancer, "TargetGroup": group}, MINUTE
                yield row, {"TargetGroup": group}, MINUTE
    for queue in scaled.subject.queues[:1]:  # nothing tells how several share the messages
        for row in _QUEUED:
            yield row, {"QueueName": queue}, MINUTE
    for metric in scaled.rules.metrics.values():
        kind = KNOWN.get((metric.namespace or "", metric.name or "", metric.statistic))
        kind = KNOWN.get((metric.namespace or "", metric.name or "", "Average")) if kind is None else kind
        if kind is not None and metric.namespace and metric.name:
            row = _Row(metric.namespace, metric.name, kind, _FORMS.get(kind, "gauge"), "None")
            yield row, dict(metric.dimensions), min(MINUTE, int(metric.period))


def _samples(timeline: Timeline, row: _Row, period: int) -> Iterator[Sample | None]:
    values, weights = timeline.published(row.kind)
    size = max(1, period // timeline.tick)
    if row.form == "requests":
        values = values * timeline.tick
    for first in range(0, len(values) - size + 1, size):
        part, weight = values[first : first + size], weights[first : first + size]
        known = part[weight > 0]
        if not len(known):
            yield None
            continue
        total = float(weight.sum())
        mean = float((part * weight).sum() / total) if np.ptp(known) else float(known[0])
        low, high = float(known.min()), float(known.max())
        if row.form == "requests":
            count = float(part.sum())
            yield count, 1.0 if count else 0.0, 1.0 if count else 0.0, count
        elif row.form == "answers":
            yield mean * total, low, high, total
        elif row.form == "units":
            count = total / size * period / MINUTE  # each unit reports once a minute, or so many times as a share of it
            yield mean * count, low, high, count
        else:
            yield mean, low, high, 1.0
