"""The metrics behind the rules: predefined ones, series, metric math; and the forms that each AWS API wants them in.

Sources: AWS/ECS, AWS/EC2, AWS/ApplicationELB, AWS/SQS and ECS/ContainerInsights metric references; user guides of both
Auto Scalings, target tracking with metric math; EC2UG as-using-sqs-queue for the backlog per unit.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from components.metrics import QUEUE, TARGETS, UNITS, Measure, MetricExpression, MetricReference, is_percentile
from components.scaling.plan import BalancedTarget, GroupContext, Joined, Refused, ServiceContext
from elasticity.faults import Fault, KeyPath
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


BALANCED = {"requests_per_target": "SUM", "response_time": "MAX"}
"""What a balancer measures, and how several target groups are joined: each unit serves its part of the requests of all
of them; the slowest is what somebody waits for."""


def balanced(metric: str, targets: Sequence[BalancedTarget]) -> Measure:
    """One balancer metric over all target groups that may get traffic: requests per minute and target, mean seconds.

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
    return MetricExpression(f"{BALANCED[metric]}([{', '.join(metrics)}])", metrics, id="result")


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


def declared(key: str, rules: Elasticity, placeholders: Mapping[str, Any], path: KeyPath) -> Measure | Refused:
    """The measure of a metric under `metrics`, with everything that its expression names, or what is wrong with it."""
    expressions = _expressions(key, rules)
    names = dict.fromkeys([key, *(name for text in expressions.values() for name in _names(text))])
    series = [name for name in names if name in rules.metrics and name not in expressions]
    refused = [*_refused_expressions(key, expressions, rules), *_refused_size(key, len(series), len(expressions), path)]
    for name in series:
        refused += _refused_placeholders(rules.metrics[name], placeholders, ("metrics", name))
    if refused:
        return tuple(refused)
    references = {name: _reference(rules.metrics[name], placeholders) for name in series}
    if not expressions:
        return references[key]
    steps = {name: expressions[name] for name in reversed(expressions) if name != key}
    return MetricExpression(expressions[key], references, steps=steps, id=key)


def _names(expression: str) -> list[str]:
    return list(dict.fromkeys(_IDENTIFIER.findall(_TEXT.sub("", expression))))


def _expressions(key: str, rules: Elasticity) -> dict[str, str]:
    """The expression of `key` and those that it needs, by breadth."""
    found: dict[str, str] = {}
    open_keys = [key]
    while open_keys:
        current = open_keys.pop(0)
        metric = rules.metrics.get(current)
        if metric is not None and metric.expression is not None and current not in found:
            found[current] = metric.expression
            open_keys += _names(metric.expression)
    return found


def _refused_expressions(key: str, expressions: Mapping[str, str], rules: Elasticity) -> Iterator[Fault]:
    cure = f"declare it there, or name one of {', '.join(rules.metrics)}"
    for current, expression in expressions.items():
        for name in _names(expression):
            if name not in rules.metrics:
                yield Fault(("metrics", current, "expression"), f"`{name}` is not under `metrics`", cure)
    if _circular(key, expressions):
        yield Fault(("metrics", key, "expression"), "the expression needs itself", "break the circle")


def _refused_size(key: str, series: int, expressions: int, path: KeyPath) -> Iterator[Fault]:
    if series + expressions > MOST_METRICS:
        reason = f"{key} takes {series + expressions} metrics and expressions, AWS holds {MOST_METRICS}"
        yield Fault(path, reason, "publish a metric of your own that combines some of them")
    if expressions and not series:
        yield Fault(path, f"{key} names no metric", "name at least one under `metrics` in its expression")


def _circular(key: str, expressions: Mapping[str, str], above: tuple[str, ...] = ()) -> bool:
    if key in above:
        return True
    names = set(_names(expressions.get(key, ""))) & expressions.keys()
    return any(_circular(name, expressions, (*above, key)) for name in names)


def _refused_placeholders(metric: Metric, placeholders: Mapping[str, Any], path: KeyPath) -> Iterator[Fault]:
    allowed = ", ".join(f"${{{known}}}" for known in sorted(placeholders))
    for name, value in metric.dimensions.items():
        for part in _PLACEHOLDER.split(value)[1::2]:
            if part not in placeholders:
                reason = f"${{{part}}} stands for nothing here"
                yield Fault((*path, "dimensions", name), reason, f"allowed {allowed}, or write the value")


def _reference(metric: Metric, placeholders: Mapping[str, Any]) -> MetricReference:
    dimensions = {name: _filled(_PLACEHOLDER.split(value), placeholders) for name, value in metric.dimensions.items()}
    return MetricReference(
        metric.namespace or "", metric.name or "", dimensions, metric.statistic, round(metric.period)
    )


def _filled(parts: list[str], placeholders: Mapping[str, Any]) -> Any:
    """Text and placeholders in turn, put together; a lone placeholder is its value."""
    values = [placeholders[part] if index % 2 else part for index, part in enumerate(parts)]
    texts = [value for value in values if not (isinstance(value, str) and value == "")]
    return texts[0] if len(texts) == 1 else Joined(tuple(texts)) if texts else ""


def specification(measure: Measure, key: str, *, with_period: bool) -> dict[str, Any]:
    """A customized metric of EC2 Auto Scaling, with its period, or of Application Auto Scaling, where it is 60 s;
    `key` is the id of a lone metric that a percentile takes out of the short form."""
    if isinstance(measure, MetricReference):
        if is_percentile(measure.statistic):
            return {"metrics": [_statistic(key, measure, with_period, returned=True)]}
        return {
            "namespace": measure.namespace,
            "metric_name": measure.name,
            "metric_dimensions" if with_period else "dimensions": _dimension_list(measure),
            "statistic": measure.statistic,
            **({"period": measure.period} if with_period else {}),
        }
    metrics = [_statistic(name, one, with_period, returned=False) for name, one in measure.metrics.items()]
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
