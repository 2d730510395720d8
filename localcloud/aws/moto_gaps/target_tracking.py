"""The two CloudWatch alarms of a target tracking policy.

Sources: for ECS services and EC2 groups, the high alarm needs 3 of 3 one-minute points above the target and the low
alarm 15 of 15 below 0.9 (ECS) or 0.7 (EC2) of it. AWS does not document these numbers; they were read from published
alarms. With scale-in disabled there is no low alarm:
https://docs.aws.amazon.com/autoscaling/application/userguide/target-tracking-scaling-policy-overview.html
"""

import json
from decimal import Decimal
from typing import Any, Final

from moto.cloudwatch.models import Dimension, Metric, MetricDataQuery, MetricStat
from moto.moto_api._internal import mock_random

METRICS: Final[dict[str, tuple[str, str, str]]] = {
    "ECSServiceAverageCPUUtilization": ("AWS/ECS", "CPUUtilization", "Average"),
    "ECSServiceAverageMemoryUtilization": ("AWS/ECS", "MemoryUtilization", "Average"),
    "ALBRequestCountPerTarget": ("AWS/ApplicationELB", "RequestCountPerTarget", "Sum"),
    "ASGAverageCPUUtilization": ("AWS/EC2", "CPUUtilization", "Average"),
    "ASGAverageNetworkIn": ("AWS/EC2", "NetworkIn", "Average"),
    "ASGAverageNetworkOut": ("AWS/EC2", "NetworkOut", "Average"),
}
"""Namespace, name and statistic of each predefined metric; `HighResolution` behind a name is the same metric, more
often."""
FINE: Final = "HighResolution"
FINE_PERIODS: Final = {"ECSService": 20, "ASG": 10}
"""Seconds of a period of a fine predefined metric, by how its name begins: 20 for services (Amazon ECS Developer Guide,
faster auto scaling), 10 for groups (the least of the periods of TargetTrackingMetricStat) [own]."""
SIDES: Final = (("AlarmHigh", "GreaterThanThreshold", 3), ("AlarmLow", "LessThanThreshold", 15))
"""Name, comparison and number of one-minute points of each alarm."""
_PERIOD: Final[Any] = 60
_MINUTE: Final = 60


ONE_PER_METRIC: Final = "Only one TargetTrackingScaling policy for a given metric specification is allowed."
"""What both services answer to a second policy on what another policy of the same target follows."""


def specification(configuration: dict[str, Any]) -> str:
    """What a configuration follows, in a form that compares: without what moto writes into it."""
    members = ("PredefinedMetricSpecification", "CustomizedMetricSpecification")
    return json.dumps({name: _said(configuration.get(name)) for name in members}, sort_keys=True, default=str)


def _said(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _said(one) for key, one in value.items() if one and (key, one) != ("ReturnData", True)}
    return [_said(one) for one in value] if isinstance(value, list) else value


def make_alarms(
    cloudwatch: Any,
    policy_arn: str,
    resource: str,
    configuration: dict[str, Any],
    own_dimensions: dict[str, str],
    low_factor: Decimal,
) -> list[Any]:
    """Make the alarms of a policy and return moto's models of them.

    `own_dimensions` are those of the scaled resource, for the predefined metrics that are its own.
    """
    action = f"{policy_arn}:createdBy/{mock_random.uuid4()}"
    target = Decimal(str(configuration["TargetValue"]))
    measured = _metric(configuration, own_dimensions)
    period = measured["period"] or _queries_period(configuration)
    sides = SIDES[:1] if configuration.get("DisableScaleIn") else SIDES
    return [
        cloudwatch.put_metric_alarm(
            name=f"TargetTracking-{resource}-{side}-{mock_random.uuid4()}",
            comparison_operator=comparison,
            evaluation_periods=points * _MINUTE // period if period < _MINUTE else points,
            threshold=float(target if side == "AlarmHigh" else target * low_factor),
            description=f"DO NOT EDIT OR DELETE. For TargetTrackingScaling policy {policy_arn}.",
            alarm_actions=[action],
            **measured,
        )
        for side, comparison, points in sides
    ]


def _metric(configuration: dict[str, Any], own_dimensions: dict[str, str]) -> dict[str, Any]:
    custom = configuration.get("CustomizedMetricSpecification", {})
    if custom.get("Metrics"):
        queries = [_query(query) for query in custom["Metrics"]]
        return _one(None, None, None, [], None) | {"metric_data_queries": queries}
    if custom:
        return _one(
            custom["Namespace"],
            custom["MetricName"],
            custom["Statistic"],
            custom.get("Dimensions", []),
            int(custom.get("Period") or _PERIOD),
        )
    predefined = configuration["PredefinedMetricSpecification"]
    kind = predefined["PredefinedMetricType"]
    namespace, name, statistic = METRICS[kind.removesuffix(FINE)]
    fine = next((period for head, period in FINE_PERIODS.items() if kind.startswith(head)), _PERIOD)
    dimensions = own_dimensions
    if label := predefined.get("ResourceLabel"):
        balancer, found, group = label.partition("/targetgroup/")
        dimensions = {"LoadBalancer": balancer, "TargetGroup": f"targetgroup/{group}"} if found else own_dimensions
    listed = [{"Name": key, "Value": value} for key, value in dimensions.items()]
    return _one(namespace, name, statistic, listed, fine if kind.endswith(FINE) else _PERIOD)


def _queries_period(configuration: dict[str, Any]) -> int:
    """The finest period of a custom metric's queries."""
    queries = configuration["CustomizedMetricSpecification"]["Metrics"]
    return min((int(q["MetricStat"].get("Period") or _PERIOD) for q in queries if q.get("MetricStat")), default=_PERIOD)


def _one(
    namespace: Any, name: Any, statistic: Any, dimensions: list[dict[str, str]], period: int | None
) -> dict[str, Any]:
    return {
        "namespace": namespace,
        "metric_name": name,
        "statistic": statistic,
        "dimensions": dimensions,
        "period": period,
    }


def _query(query: dict[str, Any]) -> MetricDataQuery:
    stat: Any = query.get("MetricStat")
    metric: Any = stat and Metric(
        metric_name=stat["Metric"]["MetricName"],
        namespace=stat["Metric"]["Namespace"],
        dimensions=[Dimension(d["Name"], d["Value"]) for d in stat["Metric"].get("Dimensions", [])],
    )
    period: Any = stat and int(stat.get("Period") or _PERIOD)
    members: dict[str, Any] = {
        "query_id": query["Id"],
        "label": query.get("Label"),
        "period": query.get("Period"),
        "return_data": query.get("ReturnData", True),
        "expression": query.get("Expression"),
        "metric_stat": stat and MetricStat(metric, period, stat["Stat"], stat.get("Unit")),
    }
    return MetricDataQuery(**members)
