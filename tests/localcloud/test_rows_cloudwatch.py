"""Alarms, dashboards, log groups: it cannot prove that an alarm fires, since moto evaluates none."""

import json
from typing import Any

import pytest
from cfnlint.schema import PROVIDER_SCHEMA_MANAGER

from localcloud.aws.kinds.logs import RETENTION_DAYS
from localcloud.aws.row import UNSERVED
from tests.localcloud.catalogue import policy

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
        pytest.param(GROUP, {"name": "/shop/web", "retentionInDays": 14}, {"name": "/shop/web"}, id="retention goes"),
        pytest.param(GROUP, {"logGroupClass": "INFREQUENT_ACCESS"}, None, id="log group with a class"),
        pytest.param(GROUP, {}, {"kmsKeyId": "arn:aws:kms:eu-west-1:123456789012:key/1"}, id="log group gets a key"),
        pytest.param(
            LOG_POLICY,
            {"policyName": "resolver", "policyDocument": policy("logs:PutLogEvents", "*", Service="route53.amazonaws.com")},
            {"policyName": "resolver", "policyDocument": policy("logs:*", "*", Service="route53.amazonaws.com")},
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


def test_a_composite_alarm_lives_through_its_cycle(provider: Any) -> None:
    one, two = (provider.create(ALARM, SIMPLE | {"name": name}, name) for name in ("errors", "deploying"))
    asked = {
        "alarmName": "page",
        "alarmRule": "ALARM(errors)",
        "alarmActions": SIMPLE["alarmActions"],
        "tags": {"a": "1"},
    }
    suppressor = {"alarm": "deploying", "waitPeriod": 60, "extensionPeriod": 120}
    made = provider.cycle(COMPOSITE, asked, asked | {"actionsSuppressor": suppressor, "actionsEnabled": False})
    assert provider.diff(made, asked | {"alarmName": "other"}).replaces == ["alarmName"]
    provider.delete(made)
    assert provider.refresh(made) is None
    provider.delete(one)
    provider.delete(two)


def test_a_metric_filter_lives_through_its_cycle(provider: Any) -> None:
    group = provider.create(GROUP, {"name": "/shop/web"})
    metric = {"name": "Errors", "namespace": "Shop", "value": "1", "unit": "Count"}
    asked = {"logGroupName": "/shop/web", "name": "errors", "pattern": "ERROR", "metricTransformation": metric}
    changed = asked | {"pattern": "FATAL", "metricTransformation": metric | {"value": "2"}}
    made = provider.cycle(FILTER, asked, changed, "/shop/web:errors")
    provider.delete(made)
    assert provider.refresh(made) is None
    provider.delete(group)


def test_the_layout_of_a_dashboard_is_no_difference(provider: Any) -> None:
    made = provider.create(DASHBOARD, {"dashboardName": "web", "dashboardBody": '{"widgets": [], "start": "-PT3H"}'})
    turned = {"dashboardName": "web", "dashboardBody": '{\n  "start": "-PT3H",\n  "widgets": []\n}'}
    assert provider.diff(made, turned).detail == {}
    provider.delete(made)


def test_a_group_that_is_kept_outlives_its_resource(provider: Any, cloud: Any) -> None:
    made = provider.create(GROUP, {"name": "/kept", "skipDestroy": True})
    provider.delete(made)
    assert [g["logGroupName"] for g in cloud("logs").describe_log_groups(logGroupNamePrefix="/kept")["logGroups"]] == [
        "/kept"
    ]
    cloud("logs").delete_log_group(logGroupName="/kept")


def test_a_group_is_found_by_its_whole_name(provider: Any, cloud: Any) -> None:
    longer = provider.create(GROUP, {"name": "/shop/web"})
    shorter = provider.create(GROUP, {"name": "/shop/we"})
    assert provider.refresh(shorter).state["name"] == "/shop/we"
    cloud("logs").delete_log_group(logGroupName="/shop/we")
    assert provider.refresh(shorter) is None
    provider.delete(longer)


@pytest.mark.parametrize("name", ["name", "logGroupClass"])
def test_what_a_log_group_cannot_change_replaces_it(provider: Any, name: str) -> None:
    made = provider.create(GROUP, {"name": "/app"})
    assert provider.diff(
        made, {"name": "/app"} | {name: {"name": "/b", "logGroupClass": "INFREQUENT_ACCESS"}[name]}
    ).replaces == [name]
    provider.delete(made)


def test_a_threshold_that_somebody_changed_is_drift(provider: Any, cloud: Any) -> None:
    made = provider.create(ALARM, SIMPLE | {"name": "hot"})
    alarm = cloud("cloudwatch").describe_alarms(AlarmNames=["hot"])["MetricAlarms"][0]
    names = (
        "AlarmName",
        "ComparisonOperator",
        "EvaluationPeriods",
        "DatapointsToAlarm",
        "MetricName",
        "Namespace",
        "Period",
        "Statistic",
        "Dimensions",
        "AlarmActions",
        "OKActions",
        "AlarmDescription",
        "TreatMissingData",
        "Unit",
    )
    cloud("cloudwatch").put_metric_alarm(**{name: alarm[name] for name in names}, Threshold=99)
    found = provider.refresh(made)
    assert {k: v for k, v in found.inputs.items() if made.inputs.get(k) != v} == {"threshold": 99}
    provider.delete(made)


@pytest.mark.parametrize(
    ("token", "inputs", "failures"),
    [
        (GROUP, {"retentionInDays": 31},
        [("retentionInDays",
        "31 is not allowed; allowed are 0, 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653")]),
        (GROUP, {"logGroupClass": "CHEAP"},
        [("logGroupClass", "'CHEAP' is not allowed; allowed are STANDARD, INFREQUENT_ACCESS, DELIVERY, ESSENTIALS")]),
        (GROUP, {"deletionProtectionEnabled": True}, [("deletionProtectionEnabled", UNSERVED)]),
        (ALARM, SIMPLE | {"comparisonOperator": "Above"},
        [("comparisonOperator",
        "'Above' is not allowed; allowed are GreaterThanOrEqualToThreshold, GreaterThanThreshold, LessThanThreshold, LessThanOrEqualToThreshold, LessThanLowerOrGreaterThanUpperThreshold, LessThanLowerThreshold, GreaterThanUpperThreshold")]),
        (ALARM, SIMPLE | {"extendedStatistic": "p99"},
        [("extendedStatistic", "conflicts with 'statistic': give one of them")]),
        (ALARM, SIMPLE | {"datapointsToAlarm": 4}, [("datapointsToAlarm", "4 is above evaluationPeriods 3")]),
        (ALARM, SIMPLE | {"period": 45}, [("period", "45 is not allowed; allowed are 10, 20, 30 and multiples of 60")]),
    ],
    ids=["retention", "class", "protection", "operator", "two statistics", "datapoints", "period"],
)  # fmt: skip
def test_what_aws_would_refuse_is_refused_by_check(provider: Any, token: str, inputs: Any, failures: Any) -> None:
    assert provider.check(token, inputs)[1] == failures


def test_the_retentions_are_those_of_cloudformation() -> None:
    schema = PROVIDER_SCHEMA_MANAGER.get_resource_schema("us-east-1", "AWS::Logs::LogGroup").schema["properties"]
    assert list(RETENTION_DAYS) == schema["RetentionInDays"]["enum"]
