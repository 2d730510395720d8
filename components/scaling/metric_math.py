"""The metrics behind the rules: predefined ones, series, metric math; and the forms that each AWS API wants them in.

Sources: AWS/ECS, AWS/EC2, AWS/ApplicationELB, AWS/SQS and ECS/ContainerInsights metric references; user guides of both
Auto Scalings, target tracking with metric math; EC2UG as-using-sqs-queue for the backlog per unit.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from components.scaling.plan import BalancedTarget, GroupContext, Joined, Refusal, ServiceContext
from elasticity.rules import Elasticity, Metric
from elasticity.waking import RUNNING_UNITS, WAITING

MOST_METRICS = 10
"""Series and expressions in one target tracking policy or alarm (API MetricDataQuery, PutMetricAlarm)."""
PLAIN_STATISTICS = frozenset({"Average", "Minimum", "Maximum", "SampleCount", "Sum"})

_IDENTIFIER = re.compile(r"\b[a-z]\w*\b")
_TEXT = re.compile(r"'[^']*'|\"[^\"]*\"")
_PLACEHOLDER = re.compile(r"\$\{(\w*)\}")


@dataclass(frozen=True)
class Predefined:
    """A metric that the scaling service knows by name."""

    type: str
    label: Joined | None = None


@dataclass(frozen=True)
class Series:
    """One CloudWatch metric with one statistic; period in seconds."""

    namespace: str
    name: str
    dimensions: Mapping[str, Any]
    statistic: str = "Average"
    period: int = 60


@dataclass(frozen=True)
class Query:
    """Series and expressions by id, and the id of the result."""

    series: Mapping[str, Series]
    result: str
    expressions: Mapping[str, str] = field(default_factory=dict)

    @property
    def only(self) -> Series | None:
        """The series, where it is one without any mathematics."""
        return self.series[self.result] if not self.expressions else None

    def at_least_every(self, period: int) -> Query:
        """The same with no series finer than `period` seconds."""
        longer = {key: replace(one, period=max(one.period, period)) for key, one in self.series.items()}
        return replace(self, series=longer)


def single(series: Series) -> Query:
    """A query of one series."""
    return Query({"m": series}, "m")


def _balanced(name: str, statistic: str, targets: Sequence[BalancedTarget], join: str) -> Query:
    """One balancer metric over all target groups that may get traffic.

    SUM and MAX over a list leave out a series without datapoints, so the group that rests during a blue/green
    deployment does not matter. FILL would do too, but it puts a zero where the newest datapoint is only late.
    """
    pairs = [pair for target in targets for pair in target.pairs]
    series = {
        f"m{index}": Series("AWS/ApplicationELB", name, {"LoadBalancer": balancer, "TargetGroup": group}, statistic)
        for index, (balancer, group) in enumerate(pairs, start=1)
    }
    if len(series) == 1:
        return Query(series, "m1")
    return Query(series, "result", {"result": f"{join}([{', '.join(series)}])"})


def requests_per_target(targets: Sequence[BalancedTarget]) -> Query:
    """Requests per minute and target, summed over the target groups: each unit serves its part of all of them."""
    return _balanced("RequestCountPerTarget", "Sum", targets, "SUM")


def response_time(targets: Sequence[BalancedTarget]) -> Query:
    """Mean seconds until the target answers; of several target groups the slowest."""
    return _balanced("TargetResponseTime", "Average", targets, "MAX")


def visible_messages(queue: str) -> Series:
    """Messages that wait in the queue."""
    return Series("AWS/SQS", "ApproximateNumberOfMessagesVisible", {"QueueName": queue})


def running_units(context: ServiceContext | GroupContext) -> Series:
    """Units that run: tasks by Container Insights, or instances in service."""
    if isinstance(context, ServiceContext):
        dimensions = {"ClusterName": context.cluster, "ServiceName": context.service}
        return Series(*RUNNING_UNITS["ecs_service"], dimensions)
    return Series(*RUNNING_UNITS["ec2_group"], {"AutoScalingGroupName": context.group})


def backlog_per_unit(queue: str, context: ServiceContext | GroupContext) -> Query:
    """Visible messages per running unit; with none running, all of them."""
    return Query(
        {"visible": visible_messages(queue), "running": running_units(context)},
        "backlog",
        {"backlog": "visible / IF(running > 0, running, 1)"},
    )


def waiting_with_none_running(queue: str, context: ServiceContext | GroupContext) -> Query:
    """Visible messages while no unit runs, else 0."""
    keys = {key: key for key in ("visible", "running", *WAITING)}
    expressions = {key: text.format(**keys) for key, text in WAITING.items()}
    return Query({"visible": visible_messages(queue), "running": running_units(context)}, "waiting", expressions)


def declared(
    key: str, rules: Elasticity, placeholders: Mapping[str, Any], path: str, refusals: list[Refusal]
) -> Query | None:
    """The query of a metric under `metrics`, with everything that its expression names; None where it is refused."""
    series: dict[str, Series] = {}
    expressions: dict[str, str] = {}
    before = len(refusals)
    open_keys, seen = [key], {key}
    while open_keys:
        current = open_keys.pop(0)
        metric = rules.metrics[current]
        if metric.expression is None:
            series[current] = _series(metric, placeholders, f"metrics.{current}", refusals)
            continue
        expressions[current] = metric.expression
        for name in dict.fromkeys(_IDENTIFIER.findall(_TEXT.sub("", metric.expression))):
            if name not in rules.metrics:
                known = ", ".join(rules.metrics)
                cure = f"declare it there, or name one of {known}"
                refusals.append(Refusal(f"metrics.{current}.expression", f"`{name}` is not under `metrics`", cure))
            elif name not in seen:
                seen.add(name)
                open_keys.append(name)
    if _circular(key, expressions):
        refusals.append(Refusal(f"metrics.{key}.expression", "the expression needs itself", "break the circle"))
    if len(series) + len(expressions) > MOST_METRICS:
        count = len(series) + len(expressions)
        reason = f"{key} takes {count} metrics and expressions, AWS holds {MOST_METRICS}"
        refusals.append(Refusal(path, reason, "publish a metric of your own that combines some of them"))
    if expressions and not series:
        refusals.append(Refusal(path, f"{key} names no metric", "name at least one under `metrics` in its expression"))
    if len(refusals) > before:
        return None
    ordered = {name: expressions[name] for name in reversed(expressions)}
    return Query(series, key, ordered)


def _circular(key: str, expressions: Mapping[str, str], above: tuple[str, ...] = ()) -> bool:
    if key in above:
        return True
    names = set(_IDENTIFIER.findall(_TEXT.sub("", expressions.get(key, "")))) & expressions.keys()
    return any(_circular(name, expressions, (*above, key)) for name in names)


def _series(metric: Metric, placeholders: Mapping[str, Any], path: str, refusals: list[Refusal]) -> Series:
    dimensions: dict[str, Any] = {}
    for name, value in metric.dimensions.items():
        parts = _PLACEHOLDER.split(value)
        unknown = [part for part in parts[1::2] if part not in placeholders]
        for part in unknown:
            allowed = ", ".join(f"${{{known}}}" for known in sorted(placeholders))
            reason = f"${{{part}}} stands for nothing here"
            refusals.append(Refusal(f"{path}.dimensions.{name}", reason, f"allowed {allowed}, or write the value"))
        if not unknown:
            dimensions[name] = _filled(parts, placeholders)
    return Series(metric.namespace or "", metric.name or "", dimensions, metric.statistic, round(metric.period))


def _filled(parts: list[str], placeholders: Mapping[str, Any]) -> Any:
    """Text and placeholders in turn, put together; a lone placeholder is its value."""
    values = [placeholders[part] if index % 2 else part for index, part in enumerate(parts)]
    texts = [value for value in values if not (isinstance(value, str) and value == "")]
    return texts[0] if len(texts) == 1 else Joined(tuple(texts)) if texts else ""


def alarm_inputs(query: Query) -> dict[str, Any]:
    """The metric part of an alarm's inputs."""
    if (only := query.only) is not None:
        statistic = "statistic" if only.statistic in PLAIN_STATISTICS else "extended_statistic"
        return {
            "namespace": only.namespace,
            "metric_name": only.name,
            "dimensions": dict(only.dimensions),
            statistic: only.statistic,
            "period": only.period,
        }
    series = [
        {
            "id": key,
            "metric": {
                "namespace": one.namespace,
                "metric_name": one.name,
                "dimensions": dict(one.dimensions),
                "stat": one.statistic,
                "period": one.period,
            },
            "return_data": False,
        }
        for key, one in query.series.items()
    ]
    return {"metric_queries": [*series, *_expressions(query)]}


def service_specification(query: Query) -> dict[str, Any]:
    """A customized metric of Application Auto Scaling; its period is always 60 s."""
    only = query.only
    if only is not None and only.statistic in PLAIN_STATISTICS:
        return {
            "namespace": only.namespace,
            "metric_name": only.name,
            "dimensions": _dimension_list(only),
            "statistic": only.statistic,
        }
    return {"metrics": [*_statistics(query, with_period=False), *_expressions(query)]}


def group_specification(query: Query) -> dict[str, Any]:
    """A customized metric of EC2 Auto Scaling."""
    only = query.only
    if only is not None and only.statistic in PLAIN_STATISTICS:
        return {
            "namespace": only.namespace,
            "metric_name": only.name,
            "metric_dimensions": _dimension_list(only),
            "statistic": only.statistic,
            "period": only.period,
        }
    return {"metrics": [*_statistics(query, with_period=True), *_expressions(query)]}


def _statistics(query: Query, *, with_period: bool) -> list[dict[str, Any]]:
    return [
        {
            "id": key,
            "metric_stat": {
                "metric": {
                    "namespace": one.namespace,
                    "metric_name": one.name,
                    "dimensions": _dimension_list(one),
                },
                "stat": one.statistic,
                **({"period": one.period} if with_period else {}),
            },
            "return_data": key == query.result,
        }
        for key, one in query.series.items()
    ]


def _expressions(query: Query) -> list[dict[str, Any]]:
    return [
        {"id": key, "expression": expression, "return_data": key == query.result}
        for key, expression in query.expressions.items()
    ]


def _dimension_list(series: Series) -> list[dict[str, Any]]:
    return [{"name": name, "value": value} for name, value in series.dimensions.items()]
