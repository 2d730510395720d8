"""From the metrics that rules name to the signals that the kernel measures."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

from elasticity.platforms import PlatformParameters, platform_parameters
from elasticity.rules import Elasticity, Metric
from elasticity.simulator.kernel import layout

PREDEFINED: Mapping[str, int] = {
    "cpu": layout.CPU,
    "memory": layout.MEMORY,
    "requests_per_target": layout.REQUESTS,
    "response_time": layout.RESPONSE_TIME,
    "queue_delay": layout.QUEUE_DELAY,
}
KNOWN: Mapping[tuple[str, str, str], int] = {
    ("AWS/ECS", "CPUUtilization", "Average"): layout.CPU,
    ("AWS/EC2", "CPUUtilization", "Average"): layout.CPU,
    ("AWS/ECS", "MemoryUtilization", "Average"): layout.MEMORY,
    ("AWS/ApplicationELB", "RequestCountPerTarget", "Sum"): layout.REQUESTS,
    ("AWS/ApplicationELB", "TargetResponseTime", "Average"): layout.RESPONSE_TIME,
    ("AWS/ApplicationELB", "RequestCount", "Sum"): layout.ARRIVALS,
    ("AWS/SQS", "ApproximateNumberOfMessagesVisible", "Average"): layout.BACKLOG_SIZE,
    ("AWS/SQS", "NumberOfMessagesSent", "Sum"): layout.ARRIVALS,
}
"""CloudWatch metrics that follow from load and capacity: namespace, name, statistic."""
OF_UNITS = frozenset({layout.CPU, layout.MEMORY})
"""Kinds that units publish, at the platform's metric period; the others come from balancer or queue, each minute."""


@dataclasses.dataclass(frozen=True)
class Signal:
    """One metric as alarms see it; times in seconds."""

    kind: int
    column: int
    period: int
    delay: float
    again: int


class CannotBeDerivedError(ValueError):
    """A metric that does not follow from load and capacity."""


def kind_of(name: str, rules: Elasticity, columns: tuple[str, ...]) -> tuple[int, int]:
    """Kind of the metric `name`, and its column where it is given with the load."""
    if name in columns:
        return layout.COLUMN, columns.index(name)
    if name in PREDEFINED:
        return PREDEFINED[name], 0
    metric = rules.metrics[name]
    kind = None if metric.expression else KNOWN.get((metric.namespace or "", metric.name or "", metric.statistic))
    if kind is None:
        raise CannotBeDerivedError(
            f"{_described(metric)} does not follow from load and capacity: "
            f"give it as a further column {name} of the trace, "
            f"or with load.with_columns({{'{name}': values}})"
        )
    return kind, 0


def _described(metric: Metric) -> str:
    return "an expression" if metric.expression else f"{metric.namespace} {metric.name} {metric.statistic}"


def signal_of(
    name: str, rules: Elasticity, columns: tuple[str, ...], parameters: PlatformParameters, period: int | None
) -> Signal:
    """The signal behind a rule's metric; `period` as a step rule's alarm wants it, None for the metric's own.

    Raises CannotBeDerivedError where the metric needs a column, ValueError where the period does not fit.
    """
    kind, column = kind_of(name, rules, columns)
    own = parameters.metric_period if kind in OF_UNITS else 60
    if name in rules.metrics:
        own = int(rules.metrics[name].period)
    chosen = own if period is None else period
    if chosen % own:
        raise ValueError(f"the alarm's period of {chosen} s is not a multiple of the metric's period of {own} s")
    at = parameters.at_period(own) if own != 60 or parameters.metric_period == 60 else _each_minute(parameters)
    return Signal(kind, column, chosen, at.publication_delay, min(60, chosen, max(1, at.reinvocation_period)))


def _each_minute(parameters: PlatformParameters) -> PlatformParameters:
    """Metrics of one minute beside faster or slower ones: with the delay that the platform ships for a minute."""
    shipped = platform_parameters(parameters.platform)
    return parameters.with_values(metric_period=60, publication_delay=shipped.publication_delay, reinvocation_period=60)
