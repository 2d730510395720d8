"""The metrics that a balancer and its target groups emit.

Source: Elastic Load Balancing user guides, CloudWatch metrics for Application Load Balancers and for Network Load
Balancers: names, dimensions, and the statistic that is meaningful. Application balancers report only under traffic,
except for the host counts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi

from components.metrics import TARGETS, Measure, MetricExpression, MetricReference

APPLICATION, NETWORK = "AWS/ApplicationELB", "AWS/NetworkELB"
_NAMESPACES = {"application": APPLICATION, "network": NETWORK}


@dataclass(frozen=True)
class _Metric:
    name: str
    statistic: str
    unit: str
    over_groups: str = "sum"
    """How the values of several target groups of one service become one: sum or max."""


_BALANCER = {
    "application": {
        "requests": _Metric("RequestCount", "Sum", "requests"),
        "balancer_errors": _Metric("HTTPCode_ELB_5XX_Count", "Sum", "requests"),
        "target_errors": _Metric("HTTPCode_Target_5XX_Count", "Sum", "requests"),
        "rejected_connections": _Metric("RejectedConnectionCount", "Sum", "connections"),
        "active_connections": _Metric("ActiveConnectionCount", "Sum", "connections"),
        "latency": _Metric(TARGETS["response_time"].name, "p99", "seconds"),
    },
    "network": {
        "active_connections": _Metric("ActiveFlowCount", "Average", "connections"),
        "new_connections": _Metric("NewFlowCount", "Sum", "connections"),
        "processed_bytes": _Metric("ProcessedBytes", "Sum", "bytes"),
        "target_resets": _Metric("TCP_Target_Reset_Count", "Sum", "connections"),
    },
}
_SERVICE = {
    "application": {
        "requests": _Metric("RequestCount", "Sum", "requests"),
        "errors": _Metric("HTTPCode_Target_5XX_Count", "Sum", "requests"),
        "unanswered": _Metric("TargetConnectionErrorCount", "Sum", "requests"),
        "latency": _Metric(TARGETS["response_time"].name, "p99", "seconds", over_groups="max"),
        "requests_per_target": _Metric(TARGETS["requests_per_target"].name, "Sum", "requests per target"),
        "healthy_hosts": _Metric("HealthyHostCount", "Minimum", "targets"),
        "unhealthy_hosts": _Metric("UnHealthyHostCount", "Maximum", "targets"),
    },
    "network": {
        "healthy_hosts": _Metric("HealthyHostCount", "Minimum", "targets"),
        "unhealthy_hosts": _Metric("UnHealthyHostCount", "Maximum", "targets"),
    },
}


def balancer_metrics(kind: str, suffix: pulumi.Input[str]) -> dict[str, MetricReference]:
    """Metrics of a whole balancer by name; `suffix` is the tail of its ARN, such as app/web/50dc6c49."""
    return {
        key: MetricReference(
            _NAMESPACES[kind], metric.name, {"LoadBalancer": suffix}, metric.statistic, 60, metric.unit
        )
        for key, metric in _BALANCER[kind].items()
    }


def service_metrics(
    kind: str, suffix: pulumi.Input[str], target_groups: Sequence[pulumi.Input[str]]
) -> dict[str, Measure]:
    """Metrics of one service by name, over all its target groups (two where deployments shift traffic between them).

    `target_groups` are the tails of their ARNs. An application balancer adds `error_share`: percent of the requests
    that ended in a 5xx of the target or found no target that answered.
    """
    by_group = {
        key: [_reference(kind, metric, suffix, group) for group in target_groups]
        for key, metric in _SERVICE[kind].items()
    }
    found: dict[str, Measure] = {
        key: _over_groups(_SERVICE[kind][key], references) for key, references in by_group.items()
    }
    if kind == "application":
        found["error_share"] = _error_share(by_group)
    return found


def _reference(kind: str, metric: _Metric, suffix: pulumi.Input[str], group: pulumi.Input[str]) -> MetricReference:
    dimensions = {"LoadBalancer": suffix, "TargetGroup": group}
    return MetricReference(_NAMESPACES[kind], metric.name, dimensions, metric.statistic, 60, metric.unit)


def _over_groups(metric: _Metric, references: Sequence[MetricReference]) -> Measure:
    if len(references) == 1:
        return references[0]
    ids = [f"m{index}" for index in range(1, len(references) + 1)]
    expression = f"MAX([{', '.join(ids)}])" if metric.over_groups == "max" else _sum(ids)
    return MetricExpression(expression, dict(zip(ids, references, strict=True)), metric.unit)


def _error_share(by_group: Mapping[str, Sequence[MetricReference]]) -> MetricExpression:
    """Without a request there is no datapoint: nothing was promised to anyone."""
    metrics: dict[str, MetricReference] = {}
    totals = {}
    for key in ("errors", "unanswered", "requests"):
        ids = [f"{key}{index}" for index in range(1, len(by_group[key]) + 1)]
        metrics |= zip(ids, by_group[key], strict=True)
        totals[key] = "requests1" if ids == ["requests1"] else f"({_sum(ids)})"
    expression = f"100 * ({totals['errors']} + {totals['unanswered']}) / {totals['requests']}"
    return MetricExpression(expression, metrics, "percent", "error share")


def _sum(ids: Sequence[str]) -> str:
    return " + ".join(f"FILL({each}, 0)" for each in ids)
