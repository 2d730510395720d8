"""From the metrics that rules name to the signals that the kernel measures."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

from elasticity.autoscaler import layout
from elasticity.autoscaler.expressions import ExpressionError, Program, names_in, program_of
from elasticity.metrics import METRICS
from elasticity.platforms import PlatformParameters
from elasticity.rules import Elasticity
from elasticity.waking import RUNNING_UNITS, VISIBLE_MESSAGES

KNOWN: Mapping[tuple[str, str, str], int] = {
    ("AWS/ECS", "CPUUtilization", "Average"): layout.CPU,
    ("AWS/EC2", "CPUUtilization", "Average"): layout.CPU,
    ("AWS/ECS", "MemoryUtilization", "Average"): layout.MEMORY,
    ("AWS/ApplicationELB", "RequestCountPerTarget", "Sum"): layout.REQUESTS,
    ("AWS/ApplicationELB", "TargetResponseTime", "Average"): layout.RESPONSE_TIME,
    ("AWS/ApplicationELB", "RequestCount", "Sum"): layout.ARRIVALS,
    ("AWS/SQS", VISIBLE_MESSAGES, "Average"): layout.BACKLOG_SIZE,
    ("AWS/SQS", "NumberOfMessagesSent", "Sum"): layout.ARRIVALS,
    ("AWS/ApplicationELB", "HealthyHostCount", "Average"): layout.RUNNING,
    ("ECS/ContainerInsights", "DesiredTaskCount", "Average"): layout.DESIRED,
    ("ECS/ContainerInsights", "PendingTaskCount", "Average"): layout.STARTING,
    **{(*running, "Average"): layout.RUNNING for running in RUNNING_UNITS.values()},
    ("AWS/AutoScaling", "GroupDesiredCapacity", "Average"): layout.DESIRED,
    ("AWS/AutoScaling", "GroupPendingInstances", "Average"): layout.STARTING,
    ("AWS/AutoScaling", "GroupTerminatingInstances", "Average"): layout.DRAINING,
    ("AWS/AutoScaling", "GroupTotalInstances", "Average"): layout.PRESENT,
}
"""CloudWatch metrics that follow from load and capacity: namespace, name, statistic."""
MINUTE = 60


@dataclasses.dataclass(frozen=True)
class Signal:
    """One metric as alarms see it; times in seconds."""

    kind: int
    column: int
    period: int
    delay: float
    again: int
    age: float
    """Of the datapoint that a repeated action uses, since the end of its period."""
    silent: bool = False
    """Whether nothing is published without load."""
    program: Program = ()
    """Of a calculated signal; its operands are positions of signals."""


class CannotBeDerivedError(ValueError):
    """A metric that does not follow from load and capacity."""


@dataclasses.dataclass(frozen=True)
class Signals:
    """From names of metrics to the signals behind them, each made once; what a calculated one reads comes first."""

    rules: Elasticity
    columns: tuple[str, ...]
    """Metrics given with the load."""
    parameters: PlatformParameters
    made: list[Signal] = dataclasses.field(default_factory=list)
    places: dict[tuple[str, int], int] = dataclasses.field(default_factory=dict)
    """Of each metric that is read and not calculated, with its period in seconds, the position of its signal."""

    def add(self, signal: Signal) -> int:
        """Position of the signal."""
        if signal not in self.made:
            self.made.append(signal)
        return self.made.index(signal)

    def of(self, name: str, period: int | None, published: int | None = None) -> int:
        """Position of the signal behind a rule's metric; `period` as a step rule's alarm wants it, None for the
        metric's own; `published`: how often the units publish it, where a rule says that.

        Raises CannotBeDerivedError where the metric needs a column, ValueError where the period does not fit or an
        expression is not supported.
        """
        own = published or self._own_period(name, ())
        chosen = own if period is None else period
        return self._placed(name, own, chosen)

    def _placed(self, name: str, own: int, period: int) -> int:
        place = self.add(self._signal(name, own, period))
        if self._expression(name) is None:
            self.places[name, period] = place
        return place

    def _expression(self, name: str) -> str | None:
        """What the metric is calculated by, unless it is given with the load."""
        metric = self.rules.metrics.get(name)
        return None if metric is None or name in self.columns else metric.expression

    def _own_period(self, name: str, above: tuple[str, ...]) -> int:
        """The period that a metric is published in, of a calculated one the longest of its metrics; refuses faults in
        expressions."""
        expression = self._expression(name)
        if expression is None:
            if name in self.rules.metrics:
                return int(self.rules.metrics[name].period)
            kind = METRICS.get(name)
            if kind is not None and kind.of_units:
                return self.parameters.metric_period
            return self.parameters.balancer_period or MINUTE if kind is not None and kind.by_balancer else MINUTE
        if name in above:
            raise ValueError(f"the expression of {name} needs itself: break the circle")
        try:
            names = names_in(program_of(expression, MINUTE))
        except ExpressionError as error:
            raise ValueError(
                f"the expression of {name}: {error}; or give it as a further column {name} of the trace"
            ) from None
        if not names:
            raise ValueError(f"the expression of {name} names no metric")
        unknown = [other for other in names if other not in self.rules.metrics]
        if unknown:
            known = ", ".join(self.rules.metrics)
            raise ValueError(
                f"the expression of {name} names {', '.join(unknown)}, allowed are those of `metrics`: {known}"
            )
        return max(self._own_period(other, (*above, name)) for other in names)

    def _signal(self, name: str, own: int, period: int) -> Signal:
        if period % own:
            raise ValueError(f"the alarm's period of {period} s is not a multiple of the metric's period of {own} s")
        expression = self._expression(name)
        if expression is not None:
            return self._calculated(name, expression, period)
        kind, column = self._kind(name, period)
        at = self.parameters.at_period(own)
        silent = kind != layout.COLUMN and name in self.rules.metrics and self.rules.metrics[name].silent_when_idle
        again = min(MINUTE, period, max(1, at.reinvocation_period))
        age = min(at.publication_delay, at.publication_delay if at.age_at_action is None else at.age_at_action)
        return Signal(kind, column, period, at.publication_delay, again, age, silent)

    def _calculated(self, name: str, expression: str, period: int) -> Signal:
        program = program_of(expression, period)
        places, needed = {}, []
        for other in names_in(program):
            try:
                places[other] = self._placed(other, self._own_period(other, ()), period)
            except CannotBeDerivedError as error:
                needed.append(str(error))
        if needed:
            raise CannotBeDerivedError(
                f"the expression of {name} needs what the load does not say: {'; '.join(needed)}"
            )
        parts = [self.made[place] for place in places.values()]
        return Signal(
            layout.CALCULATED,
            0,
            period,
            max(part.delay for part in parts),
            max(part.again for part in parts),
            max(part.age for part in parts),
            program=tuple(
                step._replace(operand=places[step.name]) if step.operation == layout.CODE_SERIES else step
                for step in program
            ),
        )

    def _kind(self, name: str, period: int) -> tuple[int, int]:
        """Kind of the metric `name`, and its column where it is given with the load."""
        if name in self.columns:
            return layout.COLUMN, self.columns.index(name)
        if name in METRICS:
            return METRICS[name].signal, 0
        metric = self.rules.metrics[name]
        is_sample = (metric.name, metric.statistic, period) == (VISIBLE_MESSAGES, "Sum", MINUTE)
        statistic = "Average" if is_sample else metric.statistic  # the sum of one value each minute is that value
        kind = KNOWN.get((metric.namespace or "", metric.name or "", statistic))
        if kind is None:
            raise CannotBeDerivedError(
                f"{metric.namespace} {metric.name} {metric.statistic} does not follow from load and capacity: "
                f"give it as a further column {name} of the trace, "
                f"or with load.with_columns({{'{name}': values}})"
            )
        return kind, 0
