"""Alarms, dashboards, log groups: it cannot prove that an alarm fires, since moto evaluates none."""

import json
from typing import Any

import pytest

ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm"
COMPOSITE = "aws:cloudwatch/compositeAlarm:CompositeAlarm"
DASHBOARD = "aws:cloudwatch/dashboard:Dashboard"
GROUP = "aws:cloudwatch/logGroup:LogGroup"
FILTER = "aws:cloudwatch/logMetricFilter:LogMetricFilter"
LOG_POLICY = "aws:cloudwatch/logResourcePolicy:LogResourcePolicy"

SIMPLE = {
    "comparisonOperator": "GreaterThanOrEqualToThreshold",
    "evaluationPeriods": 3,
    "datapointsToAlarm": 2,
    "metricName": "CPUUtilization",
    "namespace": "AWS/ECS",
    "period": 60,
    "statistic": "Average",
    "threshold": 80,
    "dimensions": {"ClusterName": "main", "ServiceName": "web"},
    "alarmActions": ["arn:aws:sns:eu-west-1:123456789012:pages"],
    "okActions": ["arn:aws:sns:eu-west-1:123456789012:pages"],
    "alarmDescription": "too hot",
    "treatMissingData": "notBreaching",
    "unit": "Percent",
    "tags": {"team": "shop"},
}
PERCENTILE = {
    "comparisonOperator": "GreaterThanThreshold",
    "evaluationPeriods": 1,
    "metricName": "TargetResponseTime",
    "namespace": "AWS/ApplicationELB",
    "period": 60,
    "extendedStatistic": "p99",
    "evaluateLowSampleCountPercentiles": "ignore",
    "threshold": 0.5,
}
MATH = {
    "comparisonOperator": "GreaterThanThreshold",
    "evaluationPeriods": 2,
    "threshold": 5,
    "metricQueries": [
        {"id": "rate", "expression": "100*bad/all", "label": "errors", "returnData": True},
        {
            "id": "bad",
            "metric": {
                "metricName": "HTTPCode_Target_5XX_Count",
                "namespace": "AWS/ApplicationELB",
                "period": 60,
                "stat": "Sum",
                "unit": "Count",
                "dimensions": {"LoadBalancer": "app/web/1"},
            },
        },
        {
            "id": "all",
            "metric": {
                "metricName": "RequestCount",
                "namespace": "AWS/ApplicationELB",
                "period": 60,
                "stat": "Sum",
                "dimensions": {"LoadBalancer": "app/web/1"},
            },
        },
    ],
}
BAND = {
    "comparisonOperator": "GreaterThanUpperThreshold",
    "evaluationPeriods": 2,
    "thresholdMetricId": "band",
    "metricQueries": [
        {"id": "band", "expression": "ANOMALY_DETECTION_BAND(load)", "label": "expected", "returnData": True},
        {
            "id": "load",
            "returnData": True,
            "metric": {
                "metricName": "RequestCount",
                "namespace": "AWS/ApplicationELB",
                "period": 300,
                "stat": "Average",
                "dimensions": {"LoadBalancer": "app/web/1"},
            },
        },
    ],
}


def without(inputs: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in inputs.items() if name not in names}


@pytest.mark.parametrize(
    ("token", "inputs", "changed"),
    [
        pytest.param(ALARM, SIMPLE, SIMPLE | {"threshold": 70, "tags": {"team": "web"}}, id="simple alarm"),
        pytest.param(ALARM, SIMPLE, without(SIMPLE, "okActions", "alarmDescription", "unit"), id="alarm loses inputs"),
        pytest.param(ALARM, PERCENTILE, PERCENTILE | {"extendedStatistic": "p95"}, id="percentile alarm"),
        pytest.param(ALARM, MATH, MATH | {"threshold": 1}, id="alarm on an expression"),
        pytest.param(ALARM, BAND, BAND | {"evaluationPeriods": 3}, id="alarm on an anomaly band"),
        pytest.param(GROUP, {"retentionInDays": 14, "tags": {"a": "b"}}, {"retentionInDays": 30}, id="log group"),
        pytest.param(GROUP, {"name": "/app/web", "retentionInDays": 14}, {"name": "/app/web"}, id="retention goes"),
        pytest.param(GROUP, {"logGroupClass": "INFREQUENT_ACCESS"}, None, id="log group with a class"),
        pytest.param(GROUP, {}, {"kmsKeyId": "arn:aws:kms:eu-west-1:123456789012:key/1"}, id="log group gets a key"),
        pytest.param(
            LOG_POLICY,
            {"policyName": "resolver", "policyDocument": '{"Version": "2012-10-17", "Statement": []}'},
            {"policyName": "resolver", "policyDocument": '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow"}]}'},
            id="resource policy",
        ),
        pytest.param(
            DASHBOARD,
            {"dashboardName": "web", "dashboardBody": json.dumps({"widgets": []})},
            {"dashboardName": "web", "dashboardBody": json.dumps({"widgets": [], "start": "-PT3H"})},
            id="dashboard",
        ),
    ],
)  # fmt: skip
def test_it_lives_through_its_cycle(provider: Any, token: str, inputs: Any, changed: Any) -> None:
    made = provider.cycle(token, inputs, changed)
    provider.delete(made)
    assert provider.refresh(made) is None
