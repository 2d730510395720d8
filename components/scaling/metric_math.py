"""The metrics behind the rules: predefined ones, series, metric math; and the forms that each AWS API wants them in.

Sources: AWS/ECS, AWS/EC2, AWS/ApplicationELB, AWS/SQS and ECS/ContainerInsights metric references; user guides of both
Auto Scalings, target tracking with metric math; EC2UG as-using-sqs-queue for the backlog per unit.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from components.metrics import QUEUE, TARGETS, UNITS, Measure, MetricExpression, MetricReference, is_percentile
from components.scaling.plan import BalancedTarget, GroupContext, Joined, Refusal, ServiceContext
from elasticity.rules import Elasticity, Metric
from elasticity.waking import WAITING

MOST_METRICS = 10
"""Series and expressions in one target tracking policy or alarm (API MetricDataQuery, PutMetricAlarm)."""

_IDENTIFIER = re.compile(r"\b[a-z]\w*\b")
_TEXT = re.compile(r"'[^']*'|\"[^\"]*\"")
_PLACEHOLDER = re.compile(r"\$\{(\w*)\}")


@dataclass(frozen=True)
class Predefined:
    """A metric that the scaling service knows by name."""

    type: str
    label: Joined | None = None


def _balanced(metric: str, targets: Sequence[BalancedTarget], join: str) -> Measure:
    """One balancer metric over all target groups that may get traffic.

    SUM and MAX over a list leave out a series without datapoints, so the group that rests during a blue/green
    deployment does not matter. FILL would do too, but it puts a zero where the newest datapoint is only late.
    """
    pairs = [pair for target in targets for pair in target.pairs]
    metrics = {
        f"m{index}": TARGETS[metric].of({"LoadBalancer": balancer, "TargetGroup": group})
        for index, (balancer, group) in enumerate(pairs, start=1)
    }
    if len(metrics) == 1:
        return metrics["m1"]
    return MetricExpression(f"{join}([{', '.join(metrics)}])", metrics, id="result")


def requests_per_target(targets: Sequence[BalancedTarget]) -> Measure:
    """Requests per minute and target, summed over the target groups: each unit serves its part of all of them."""
    return _balanced("requests_per_target", targets, "SUM")


def response_time(targets: Sequence[BalancedTarget]) -> Measure:
    """Mean seconds until the target answers; of several target groups the slowest."""
    return _balanced("response_time", targets, "MAX")


def of_units(metric: str, context: ServiceContext | GroupContext) -> MetricReference:
    """A metric that the units publish, such as cpu or the number running."""
    if isinstance(context, ServiceContext):
        dimensions = {"ClusterName": context.cluster, "ServiceName": context.service}
        return UNITS["ecs_service"][metric].of(dimensions)
    return UNITS["ec2_group"][metric].of({"AutoScalingGroupName": context.group})


def _with_running(queue: str, context: ServiceContext | GroupContext) -> dict[str, MetricReference]:
    return {"visible": QUEUE["visible"].of({"QueueName": queue}), "running": of_units("running", context)}


def backlog_per_unit(queue: str, context: ServiceContext | GroupContext) -> MetricExpression:
    """Visible messages per running unit; with none running, all of them."""
    expression = "visible / IF(running > 0, running, 1)"
    return MetricExpression(expression, _with_running(queue, context), id="backlog")


def waiting_with_none_running(queue: str, context: ServiceContext | GroupContext) -> MetricExpression:
    """Visible messages while no unit runs, else 0."""
    keys = {key: key for key in ("visible", "running", *WAITING)}
    steps = {key: text.format(**keys) for key, text in WAITING.items()}
    result, expression = steps.popitem()
    return MetricExpression(expression, _with_running(queue, context), steps=steps, id=result)


def declared(
    key: str, rules: Elasticity, placeholders: Mapping[str, Any], path: str, refusals: list[Refusal]
) -> Measure | None:
    """The measure of a metric under `metrics`, with everything that its expression names; None where it is refused."""
    series: dict[str, MetricReference] = {}
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
    if not expressions:
        return series[key]
    steps = {name: expressions[name] for name in reversed(expressions) if name != key}
    return MetricExpression(expressions[key], series, steps=steps, id=key)


def _circular(key: str, expressions: Mapping[str, str], above: tuple[str, ...] = ()) -> bool:
    if key in above:
        return True
    names = set(_IDENTIFIER.findall(_TEXT.sub("", expressions.get(key, "")))) & expressions.keys()
    return any(_circular(name, expressions, (*above, key)) for name in names)


def _series(metric: Metric, placeholders: Mapping[str, Any], path: str, refusals: list[Refusal]) -> MetricReference:
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
    return MetricReference(
        metric.namespace or "", metric.name or "", dimensions, metric.statistic, round(metric.period)
    )


def _filled(parts: list[str], placeholders: Mapping[str, Any]) -> Any:
    """Text and placeholders in turn, put together; a lone placeholder is its value."""
    values = [placeholders[part] if index % 2 else part for index, part in enumerate(parts)]
    texts = [value for value in values if not (isinstance(value, str) and value == "")]
    return texts[0] if len(texts) == 1 else Joined(tuple(texts)) if texts else ""


def specification(measure: Measure, key: str, *, of_group: bool) -> dict[str, Any]:
    """A customized metric: of EC2 Auto Scaling, or of Application Auto Scaling, whose period is always 60 s; `key` is
    the id of a lone metric that a percentile takes out of the short form."""
    if isinstance(measure, MetricReference):
        if is_percentile(measure.statistic):
            return {"metrics": [_statistic(key, measure, of_group, returned=True)]}
        return {
            "namespace": measure.namespace,
            "metric_name": measure.name,
            "metric_dimensions" if of_group else "dimensions": _dimension_list(measure),
            "statistic": measure.statistic,
            **({"period": measure.period} if of_group else {}),
        }
    metrics = [_statistic(name, one, of_group, returned=False) for name, one in measure.metrics.items()]
    expressions = [
        {"id": name, "expression": expression, "return_data": name == measure.id}
        for name, expression in measure.expressions.items()
    ]
    return {"metrics": [*metrics, *expressions]}


def _statistic(key: str, one: MetricReference, with_period: bool, *, returned: bool) -> dict[str, Any]:
    return {
        "id": key,
        "metric_stat": {
            "metric": {"namespace": one.namespace, "metric_name": one.name, "dimensions": _dimension_list(one)},
            "stat": one.statistic,
            **({"period": one.period} if with_period else {}),
        },
        "return_data": returned,
    }


def _dimension_list(reference: MetricReference) -> list[dict[str, Any]]:
    return [{"name": name, "value": value} for name, value in reference.dimensions.items()]
