"""Alarms as registrations and their specs.

It cannot prove that CloudWatch evaluates them so, nor that a person is woken.
"""

from __future__ import annotations

import json

import pulumi
import pytest
from pydantic import ValidationError

from components.alarms import (
    Alarm,
    Alarms,
    AlarmsArgs,
    Panels,
    Subject,
    balancer_alarms,
    custom_alarms,
    group_alarms,
    queue_alarms,
    service_alarms,
)
from components.metrics import MetricExpression, MetricReference
from components.specs import (
    AlarmsSpec,
    BalancerAlarms,
    CustomAlarm,
    GroupAlarms,
    LogAlarm,
    QueueAlarms,
    RollbackAlarms,
    ServiceAlarms,
    Suppression,
    Topic,
    Watch,
)
from elasticity.quantities import Duration
from elasticity.rules import Metric
from tests.recording import Registrations, Secret, build

SERVICE = "arn:aws:ecs:eu-central-1:123456789012:service/main/shop"
GROUP = "arn:aws:autoscaling:eu-central-1:123456789012:autoScalingGroup:0a1b:autoScalingGroupName/shop"
OTHER_TOPIC = "arn:aws:sns:eu-central-1:123456789012:central"
ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm"


def metric(name, statistic="Average", unit=""):
    return MetricReference("Shop", name, {"Service": "shop"}, statistic, 60, unit)


LATENCY = metric("Latency", "p99", "seconds")
SHARE = MetricExpression(
    "100 * errors / requests", {"errors": metric("Errors"), "requests": metric("Requests")}, "percent"
)
RECORDED = Alarm(metric("Cpu", unit="percent"), Watch(threshold=85.0, severity="record"), "cpu is near saturation")
NOTICED = Alarm(metric("Cpu", unit="percent"), Watch(threshold=85.0, severity="notify"), "cpu is near saturation")
PAGED = Alarm(LATENCY, Watch(threshold=Duration(1), severity="page", missing_data="notBreaching"), "users wait")


def alarms(subject=None, *, opts=None, more=None, **spec) -> Registrations:
    subjects = {"shop": subject or Subject({"latency": PAGED, "cpu": NOTICED})}
    arguments = {"physical_name": "app-prod", "account_id": "123456789012", "region": "eu-central-1", **(more or {})}
    return build(lambda: Alarms("watch", AlarmsArgs(AlarmsSpec(**spec), subjects, **arguments), opts))


def watch(*rows):
    component = ("accordion:index:Alarms", "watch", "")
    return sorted([component, *((f"aws:{kind}", f"watch-{role}", "watch") for kind, role in map(str.split, rows))])


TOPIC = ["kms/key:Key key", "sns/topic:Topic topic", "sns/topicPolicy:TopicPolicy topic-policy"]
PAGE = "cloudwatch/compositeAlarm:CompositeAlarm shop-page"
DEPLOYING = [
    "cloudwatch/eventRule:EventRule shop-deploying-event",
    "cloudwatch/metricAlarm:MetricAlarm shop-deploying",
]
FAILED = [
    "cloudwatch/eventRule:EventRule shop-deployment-failed-event",
    "cloudwatch/eventTarget:EventTarget shop-deployment-failed-notice",
    "cloudwatch/metricAlarm:MetricAlarm shop-deployment-failed",
]
CPU, LATE = "cloudwatch/metricAlarm:MetricAlarm shop-cpu", "cloudwatch/metricAlarm:MetricAlarm shop-latency"
EVENTS = Subject({"latency": PAGED}, service_arn=SERVICE, deployment_failed=ServiceAlarms().deployment_failed)
SHAPES = {
    "a page and a notice share one topic": (None, {}, [*TOPIC, CPU, LATE, PAGE]),
    "recorded only, nobody is told": (None, {"tell": "record"}, [CPU, LATE]),
    "notified at most, nobody is paged": (None, {"tell": "notify"}, [*TOPIC, CPU, LATE]),
    "a given topic": (None, {"topic": Topic(arn=OTHER_TOPIC)}, [CPU, LATE, PAGE]),
    "a pager of its own": (
        None,
        {"pager": Topic(emails=("on-call@example.com",))},
        [
            *TOPIC,
            CPU,
            LATE,
            PAGE,
            "sns/topic:Topic pager",
            "sns/topicPolicy:TopicPolicy pager-policy",
            "sns/topicSubscription:TopicSubscription pager-on-call-at-example.com",
        ],
    ),
    "deployments": (EVENTS, {}, [*TOPIC, LATE, PAGE, *DEPLOYING, *FAILED]),
    "deployments that suppress nothing": (EVENTS, {"suppression": None}, [*TOPIC, LATE, PAGE, *FAILED]),
    "deployments of which nobody is told": (EVENTS, {"tell": "record"}, [LATE, FAILED[0], FAILED[2]]),
    "anomaly bands": (
        Subject(bands={"latency": LATENCY}),
        {},
        ["cloudwatch/metricAlarm:MetricAlarm shop-latency-band"],
    ),
    "lines of a log": (
        Subject(log_alarms={"fatal": LogAlarm(pattern="fatal")}, log_group_name="shop"),
        {},
        [
            *TOPIC,
            "cloudwatch/logMetricFilter:LogMetricFilter shop-fatal-lines",
            "cloudwatch/metricAlarm:MetricAlarm shop-fatal",
        ],
    ),
    "no bands by choice": (Subject(bands={"latency": LATENCY}), {"anomaly_bands": "off"}, []),
    "a dashboard where there is something to show": (
        Subject({"cpu": RECORDED}, panels=Panels(load={"requests": metric("Requests")})),
        {},
        [CPU, "cloudwatch/dashboard:Dashboard dashboard"],
    ),
    "no dashboard unless wanted": (
        Subject({"cpu": RECORDED}, panels=Panels(load={"requests": metric("Requests")})),
        {"dashboard": False},
        [CPU],
    ),
}


@pytest.mark.parametrize(("subject", "spec", "rows"), SHAPES.values(), ids=SHAPES)
def test_alarms_make_exactly(subject, spec, rows):
    assert alarms(subject, **spec).tree() == watch(*rows)


# One alarm


def test_an_alarm_on_a_reference_carries_its_metric_and_shape():
    assert alarms(Subject({"cpu": RECORDED})).named("watch-shop-cpu").inputs == {
        "alarmDescription": "cpu is near saturation; >= 85 percent in 3 of 5 periods of 1m",
        "namespace": "Shop",
        "metricName": "Cpu",
        "dimensions": {"Service": "shop"},
        "statistic": "Average",
        "period": 60,
        "comparisonOperator": "GreaterThanOrEqualToThreshold",
        "threshold": 85,
        "evaluationPeriods": 5,
        "datapointsToAlarm": 3,
        "treatMissingData": "missing",
        "alarmActions": [],
        "okActions": [],
        "tags": {"Name": "watch-shop-cpu"},
    }


def test_a_percentile_goes_to_its_own_field_and_a_duration_becomes_seconds():
    slow = Alarm(
        LATENCY, Watch(threshold=Duration.parse("300ms"), severity="record", runbook="https://example.com/slow")
    )
    inputs = alarms(Subject({"latency": slow})).named("watch-shop-latency").inputs
    assert (inputs["extendedStatistic"], inputs["threshold"]) == ("p99", 0.3)
    assert "statistic" not in inputs
    assert inputs["alarmDescription"] == ">= 300ms in 3 of 5 periods of 1m; https://example.com/slow"


def test_a_watch_may_choose_another_statistic_and_period():
    calm = Watch(threshold=1.0, statistic="Maximum", period=Duration(300), severity="record")
    inputs = alarms(Subject({"cpu": Alarm(metric("Cpu"), calm)})).named("watch-shop-cpu").inputs
    assert (inputs["statistic"], inputs["period"]) == ("Maximum", 300)


def test_an_alarm_on_metric_math_carries_its_parts_by_their_ids():
    inputs = (
        alarms(Subject({"errors": Alarm(SHARE, Watch(threshold=5.0, severity="record"))}))
        .named("watch-shop-errors")
        .inputs
    )
    assert "metricName" not in inputs
    parts = {"namespace": "Shop", "dimensions": {"Service": "shop"}, "period": 60, "stat": "Average"}
    assert inputs["metricQueries"] == [
        {"id": "errors", "returnData": False, "metric": {**parts, "metricName": "Errors"}},
        {"id": "requests", "returnData": False, "metric": {**parts, "metricName": "Requests"}},
        {"id": "watched", "expression": "100 * errors / requests", "label": "watched", "returnData": True},
    ]


def test_a_band_compares_with_what_is_usual_and_tells_nobody():
    inputs = alarms(Subject(bands={"latency": LATENCY}), anomaly_bands="record").named("watch-shop-latency-band").inputs
    assert inputs["thresholdMetricId"] == "band"
    assert [query["id"] for query in inputs["metricQueries"]] == ["watched", "band"]
    assert inputs["metricQueries"][1]["expression"] == "ANOMALY_DETECTION_BAND(watched, 3)"
    assert {"alarmActions", "okActions", "threshold"} & inputs.keys() == set()


# Who is told

TOPIC_ARN = "arn:aws:sns:eu-central-1:123456789012:watch-topic"
PAGER_ARN = "arn:aws:sns:eu-central-1:123456789012:watch-pager"


def told(built: Registrations, name: str) -> tuple[list[str], list[str]]:
    inputs = built.named(f"watch-shop-{name}").inputs
    return inputs["alarmActions"], inputs["okActions"]


def test_a_notice_tells_the_topic_when_it_starts_and_when_it_ends():
    assert told(alarms(), "cpu") == ([TOPIC_ARN], [TOPIC_ARN])


def test_the_parts_of_a_page_record_and_their_composite_pages():
    built = alarms()
    assert told(built, "latency") == ([], [])
    assert told(built, "page") == ([TOPIC_ARN], [TOPIC_ARN])


def test_a_page_goes_to_the_pager_where_there_is_one():
    built = alarms(pager=Topic())
    assert told(built, "page") == ([PAGER_ARN], [PAGER_ARN])
    assert told(built, "cpu") == ([TOPIC_ARN], [TOPIC_ARN])


def test_a_secret_pager_endpoint_stays_secret():
    def program():
        subjects = {"shop": Subject({"latency": PAGED})}
        endpoint = pulumi.Output.secret("https://pager.example.com/key")
        Alarms(
            "watch",
            AlarmsArgs(AlarmsSpec(), subjects, "app-prod", account_id="123456789012", pager_endpoint=endpoint),
        )

    subscription = build(program).named("watch-pager-endpoint").inputs
    assert subscription["endpoint"] == Secret("https://pager.example.com/key")
    assert (subscription["protocol"], subscription["topic"]) == ("https", PAGER_ARN)


CAPS = {"record": {"latency": "record"}, "notify": {"latency": "notify"}, "page": {"latency": "page"}}


@pytest.mark.parametrize("most", CAPS)
def test_nobody_is_told_more_than_the_stack_allows(most):
    """Source: the defaults table, alarms: dev records, staging notifies, production pages."""
    assert AlarmsSpec(tell=most).told("page") == most
    assert AlarmsSpec(tell=most).told("record") == "record"


def test_a_page_names_its_parts_and_is_quiet_during_a_deployment():
    composite = alarms(EVENTS).named("watch-shop-page").inputs
    assert composite["alarmName"] == "app-prod-shop-page"
    assert composite["alarmRule"] == 'ALARM("watch-shop-latency-1a2b3c4")'
    assert composite["alarmDescription"] == "shop needs a person: one of latency"
    assert composite["actionsSuppressor"] == {
        "alarm": "arn:aws:cloudwatch:eu-central-1:123456789012:watch-shop-deploying",
        "waitPeriod": 60,
        "extensionPeriod": 120,
    }


def test_lines_of_a_log_are_counted_and_watched():
    """Source: CloudWatch Logs user guide, creating metrics from log events."""
    fatal = LogAlarm(pattern='{ $.level = "fatal" }', watch=Watch(threshold=3.0, severity="page"))
    built = alarms(Subject(log_alarms={"fatal": fatal}, log_group_name="shop-log"))
    assert built.named("watch-shop-fatal-lines").inputs == {
        "logGroupName": "shop-log",
        "pattern": '{ $.level = "fatal" }',
        "metricTransformation": {
            "namespace": "app-prod",
            "name": "shop-fatal",
            "value": "1",
            "defaultValue": "0",
            "unit": "Count",
        },
    }
    alarm = built.named("watch-shop-fatal").inputs
    assert (alarm["namespace"], alarm["metricName"], alarm["statistic"]) == ("app-prod", "shop-fatal", "Sum")
    assert (alarm["threshold"], alarm["treatMissingData"]) == (3, "missing")
    assert "watch-shop-fatal" in built.named("watch-shop-page").inputs["alarmRule"]


def test_a_notice_is_no_part_of_the_page():
    composite = alarms().named("watch-shop-page").inputs
    assert composite["alarmRule"] == 'ALARM("watch-shop-latency-1a2b3c4")'
    assert composite["alarmDescription"] == "shop needs a person: one of latency"


def test_each_subject_has_a_page_of_its_own():
    def program():
        subjects = {"shop": Subject({"latency": PAGED}), "admin": Subject({"latency": PAGED, "again": PAGED})}
        Alarms("watch", AlarmsArgs(AlarmsSpec(), subjects, "app-prod", account_id="123456789012"))

    rules = {each.name: each.inputs["alarmRule"] for each in build(program).of("CompositeAlarm")}
    assert rules == {
        "watch-shop-page": 'ALARM("watch-shop-latency-1a2b3c4")',
        "watch-admin-page": 'ALARM("watch-admin-latency-1a2b3c4") OR ALARM("watch-admin-again-1a2b3c4")',
    }


# Deployments


def pattern(built: Registrations, name: str) -> dict:
    return json.loads(built.named(name).inputs["eventPattern"])


def test_a_failed_deployment_is_told_with_ecss_own_words_and_recorded_by_an_alarm():
    """Source: ECS developer guide, service deployment state change events."""
    built = alarms(EVENTS)
    assert pattern(built, "watch-shop-deployment-failed-event") == {
        "source": ["aws.ecs"],
        "detail-type": ["ECS Deployment State Change"],
        "resources": [SERVICE],
        "detail": {"eventName": ["SERVICE_DEPLOYMENT_FAILED"]},
    }
    assert built.named("watch-shop-deployment-failed-notice").inputs == {
        "rule": "watch-shop-deployment-failed-event-1a2b3c4",
        "arn": TOPIC_ARN,
    }
    alarm = built.named("watch-shop-deployment-failed").inputs
    assert (alarm["namespace"], alarm["metricName"], alarm["statistic"]) == ("AWS/Events", "TriggeredRules", "Sum")
    assert alarm["dimensions"] == {"RuleName": "watch-shop-deployment-failed-event-1a2b3c4"}
    assert (alarm["evaluationPeriods"], alarm["datapointsToAlarm"], alarm["alarmActions"]) == (1, 1, [])


def test_the_refresh_of_a_group_is_told_by_its_own_events():
    """Source: EC2 Auto Scaling user guide, instance refresh events."""
    built = alarms(
        Subject({"latency": PAGED}, group_arn=GROUP, deployment_failed=GroupAlarms().deployment_failed),
    )
    assert pattern(built, "watch-shop-deployment-failed-event") == {
        "source": ["aws.autoscaling"],
        "detail-type": ["EC2 Auto Scaling Instance Refresh Failed"],
        "resources": [GROUP],
    }
    assert pattern(built, "watch-shop-deploying-event")["detail-type"] == ["EC2 Auto Scaling Instance Refresh Started"]
    assert built.named("watch-shop-page").inputs["actionsSuppressor"]["waitPeriod"] == 60
    assert (
        built.named("watch-shop-deployment-failed").inputs["alarmDescription"].startswith("an instance refresh failed")
    )


def test_a_failed_deployment_is_no_part_of_the_page_that_deployments_suppress():
    assert "failed" not in alarms(EVENTS).named("watch-shop-page").inputs["alarmRule"]


def test_a_deployment_is_taken_to_run_for_as_long_as_said():
    built = alarms(EVENTS, suppression=Suppression(longest=Duration(600)))
    assert pattern(built, "watch-shop-deploying-event")["detail"] == {"eventName": ["SERVICE_DEPLOYMENT_IN_PROGRESS"]}
    alarm = built.named("watch-shop-deploying").inputs
    assert (alarm["evaluationPeriods"], alarm["datapointsToAlarm"], alarm["treatMissingData"]) == (
        10,
        1,
        "notBreaching",
    )


def test_the_alarms_that_turn_a_deployment_back_need_no_service():
    """Made from the balancer's metrics before the service, which takes their names: no cycle, no topic."""
    metrics = {"error_share": SHARE, "latency": LATENCY}

    def program():
        subject = Subject(balancer_alarms(metrics, RollbackAlarms()))
        made = Alarms("turn-back", AlarmsArgs(AlarmsSpec(tell="record", dashboard=False), {"shop": subject}))
        return dict(made.alarm_names["shop"])

    built = build(program)
    assert built.result == {"errors": "turn-back-shop-errors-1a2b3c4", "latency": "turn-back-shop-latency-1a2b3c4"}
    assert {each.type for each in built.all} == {"accordion:index:Alarms", ALARM}
    assert {
        (each.inputs["datapointsToAlarm"], each.inputs["evaluationPeriods"]) for each in built.of("MetricAlarm")
    } == {(2, 3)}


# Topics


def test_the_topic_is_encrypted_by_a_key_that_alarms_and_events_may_use():
    """AWS's own key of SNS lets no alarm publish (CloudWatch user guide)."""
    built = alarms()
    assert built.one("Topic").inputs["kmsMasterKeyId"] == "arn:aws:kms:eu-central-1:123456789012:watch-key"
    assert built.one("Key").inputs["enableKeyRotation"] is True
    administration, publishing = json.loads(built.one("Key").inputs["policy"])["Statement"]
    assert administration["Principal"] == {"AWS": "123456789012"}
    assert publishing == {
        "Sid": "Publishing",
        "Effect": "Allow",
        "Principal": {"Service": ["cloudwatch.amazonaws.com", "events.amazonaws.com"]},
        "Action": ["kms:Decrypt", "kms:GenerateDataKey*"],
        "Resource": "*",
    }


def test_the_topic_takes_alarms_of_its_account_and_events_alone():
    assert json.loads(alarms().one("TopicPolicy").inputs["policy"])["Statement"] == [
        {
            "Sid": "Alarms",
            "Effect": "Allow",
            "Action": "sns:Publish",
            "Resource": TOPIC_ARN,
            "Principal": {"Service": "cloudwatch.amazonaws.com"},
            "Condition": {"StringEquals": {"aws:SourceAccount": "123456789012"}},
        },
        {
            "Sid": "Events",
            "Effect": "Allow",
            "Action": "sns:Publish",
            "Resource": TOPIC_ARN,
            "Principal": {"Service": "events.amazonaws.com"},
        },
    ]


def test_addresses_are_subscribed():
    subscription = alarms(topic=Topic(emails=("ops@example.com",))).one("TopicSubscription").inputs
    assert subscription == {"topic": TOPIC_ARN, "protocol": "email", "endpoint": "ops@example.com"}


def test_a_topic_and_a_key_of_the_same_program_are_used():
    built = alarms(more={"topic_arn": OTHER_TOPIC})
    assert (built.of("Topic"), built.of("Key")) == ([], [])
    assert told(built, "cpu") == ([OTHER_TOPIC], [OTHER_TOPIC])
    own_key = alarms(more={"kms_key_arn": "arn:aws:kms:eu-central-1:123456789012:key/1", "account_id": None})
    assert own_key.of("Key") == []
    assert own_key.one("Topic").inputs["kmsMasterKeyId"] == "arn:aws:kms:eu-central-1:123456789012:key/1"


# Dashboard

PANELS = Panels(
    load={"requests": metric("Requests", "Sum")},
    capacity={"running": metric("Running")},
    minimum=2,
    maximum=12,
    latency={"p99": LATENCY},
    errors={"share": SHARE},
)


def body() -> dict:
    built = alarms(Subject({"cpu": RECORDED}, panels=PANELS))
    return json.loads(built.one("Dashboard").inputs["dashboardBody"])


def test_a_dashboard_shows_load_against_capacity_with_its_bounds():
    header, first, *_ = body()["widgets"]
    assert header == {"type": "text", "x": 0, "y": 0, "width": 24, "height": 1, "properties": {"markdown": "## shop"}}
    assert first == {
        "type": "metric",
        "x": 0,
        "y": 1,
        "width": 8,
        "height": 6,
        "properties": {
            "title": "load and capacity",
            "region": "eu-central-1",
            "view": "timeSeries",
            "stacked": False,
            "yAxis": {"left": {"min": 0}, "right": {"min": 0}},
            "metrics": [
                [
                    *("Shop", "Requests", "Service", "shop"),
                    {"id": "s0", "label": "requests", "yAxis": "left", "stat": "Sum", "period": 60},
                ],
                [
                    *("Shop", "Running", "Service", "shop"),
                    {"id": "s1", "label": "running", "yAxis": "right", "stat": "Average", "period": 60},
                ],
            ],
            "annotations": {
                "horizontal": [
                    {"label": "minimum", "value": 2, "yAxis": "right"},
                    {"label": "maximum", "value": 12, "yAxis": "right"},
                ]
            },
        },
    }


def test_a_dashboard_shows_metric_math_with_its_parts_hidden():
    errors = body()["widgets"][3]["properties"]
    assert [row[-1].get("expression", row[-1].get("visible")) for row in errors["metrics"]] == [
        False,
        False,
        "100 * s0_errors / s0_requests",
    ]
    assert [row[-1]["id"] for row in errors["metrics"]] == ["s0_errors", "s0_requests", "s0"]


def test_a_dashboard_shows_the_state_of_the_alarms():
    last = body()["widgets"][-1]
    assert (last["type"], last["y"]) == ("alarm", 7)
    assert last["properties"] == {
        "title": "alarms of shop",
        "alarms": ["arn:aws:cloudwatch:eu-central-1:123456789012:watch-shop-cpu"],
    }


def test_a_dashboard_is_the_same_text_each_time():
    def text():
        return alarms(Subject({"cpu": RECORDED}, panels=PANELS)).one("Dashboard").inputs["dashboardBody"]

    assert text() == text()


def test_the_rows_of_several_subjects_do_not_overlap():
    def program():
        subjects = {name: Subject(panels=PANELS) for name in ("shop", "admin")}
        Alarms("watch", AlarmsArgs(AlarmsSpec(), subjects, "app-prod", region="eu-central-1"))

    widgets = json.loads(build(program).one("Dashboard").inputs["dashboardBody"])["widgets"]
    cells = [
        (x, y)
        for widget in widgets
        for x in range(widget["x"], widget["x"] + widget["width"])
        for y in range(widget["y"], widget["y"] + widget["height"])
    ]
    assert len(cells) == len(set(cells))


# Ready sets

UNITS = {"cpu": metric("Cpu"), "memory": metric("Memory"), "desired": metric("Desired"), "running": metric("Running")}
SEEN = {
    "error_share": SHARE,
    "latency": LATENCY,
    "unhealthy_hosts": metric("Unhealthy", "Maximum"),
    "healthy_hosts": metric("Healthy", "Minimum"),
}


def shape(found: dict[str, Alarm]) -> dict[str, tuple]:
    return {
        name: (
            str(alarm.watch.threshold),
            alarm.watch.comparison,
            alarm.watch.datapoints_to_alarm,
            alarm.watch.evaluation_periods,
            alarm.watch.missing_data,
            alarm.watch.severity,
        )
        for name, alarm in found.items()
    }


MORE, FEWER, NONE_LEFT = "GreaterThanOrEqualToThreshold", "LessThanThreshold", "LessThanOrEqualToThreshold"


def test_the_balancers_set_has_the_shapes_of_the_table():
    """Source: the defaults table, alarms: 3 of 5 minutes; 5xx and latency not breaching, healthy hosts breaching."""
    assert shape(balancer_alarms(SEEN, BalancerAlarms())) == {
        "errors": ("5.0", MORE, 3, 5, "notBreaching", "page"),
        "latency": ("1s", MORE, 3, 5, "notBreaching", "page"),
        "unhealthy_hosts": ("1.0", MORE, 3, 5, "notBreaching", "notify"),
        "healthy_hosts": ("1.0", FEWER, 3, 5, "breaching", "page"),
    }


def test_the_rollback_set_decides_in_two_of_three_minutes_and_tells_nobody():
    """Source: the defaults table, alarms: 2 of 3 for rollback (Copilot)."""
    assert shape(balancer_alarms(SEEN, RollbackAlarms())) == {
        "errors": ("5.0", MORE, 2, 3, "notBreaching", "record"),
        "latency": ("1s", MORE, 2, 3, "notBreaching", "record"),
    }


def test_the_services_set_watches_saturation_missing_units_and_the_maximum_for_15_minutes():
    found = service_alarms(UNITS, ServiceAlarms(), maximum=12)
    assert shape(found) == {
        "cpu": ("85.0", MORE, 3, 5, "missing", "notify"),
        "memory": ("85.0", MORE, 3, 5, "missing", "notify"),
        "below_desired": ("1.0", MORE, 15, 15, "notBreaching", "notify"),
        "at_maximum": ("0.0", NONE_LEFT, 15, 15, "notBreaching", "notify"),
    }
    assert found["below_desired"].measure.expression == "desired - running"
    assert found["below_desired"].measure.metrics["running"].statistic == "Minimum"
    assert found["at_maximum"].measure.expression == "12 - desired"


def test_a_fixed_service_has_no_maximum_to_be_at():
    assert "at_maximum" not in service_alarms(UNITS, ServiceAlarms(), maximum=None)


def test_without_counts_there_is_no_alarm_on_counts():
    assert list(service_alarms({"cpu": metric("Cpu"), "memory": metric("Memory")}, ServiceAlarms(), maximum=4)) == [
        "cpu",
        "memory",
    ]


def test_an_alarm_that_was_asked_for_is_never_dropped():
    with pytest.raises(
        pulumi.RunError, match=r"^errors: there is no metric error_share to watch, allowed healthy_hosts$"
    ):
        balancer_alarms({"healthy_hosts": metric("H")}, BalancerAlarms.model_validate({"errors": {"threshold": 1.0}}))


def test_the_groups_set_has_no_memory():
    assert list(group_alarms(UNITS, GroupAlarms(), maximum=8)) == ["cpu", "below_desired", "at_maximum"]


def test_the_queues_set_watches_age_and_by_choice_depth():
    assert list(queue_alarms("jobs", QueueAlarms())) == ["age"]
    depth = queue_alarms("jobs", QueueAlarms(depth=Watch(threshold=1000.0)))["depth"].measure
    assert (depth.name, depth.dimensions) == ("ApproximateNumberOfMessagesVisible", {"QueueName": "jobs"})


def test_any_metric_may_be_watched():
    declared = CustomAlarm(metric=Metric(namespace="Shop", name="Carts", statistic="Sum"), watch=Watch(threshold=3.0))
    assert custom_alarms({"carts": declared})["carts"].measure == MetricReference("Shop", "Carts", {}, "Sum", 60)


def test_what_is_said_about_an_alarm_is_laid_over_its_default():
    found = BalancerAlarms.model_validate({"latency": {"threshold": "300ms"}, "healthy_hosts": None})
    assert found.latency == Watch(
        threshold=Duration.parse("300ms"), statistic="p99", missing_data="notBreaching", severity="page"
    )
    assert found.healthy_hosts is None
    assert found.errors == BalancerAlarms().errors


# Options


def test_tags_reach_every_child_that_can_carry_them():
    built = alarms(EVENTS, more={"tags": {"team": "shop"}})
    untagged = {"TopicPolicy", "TopicSubscription", "EventTarget", "Dashboard"}
    without = [
        each.name
        for each in built.under("watch")
        if each.type.split(":")[-1] not in untagged and each.inputs.get("tags", {}).get("team") != "shop"
    ]
    assert without == []


def test_protection_of_alarms_reaches_every_child():
    assert all(each.protect for each in alarms(EVENTS, opts=pulumi.ResourceOptions(protect=True)).all)


def test_adding_an_alarm_creates_and_changes_its_page_alone():
    before = alarms(Subject({"latency": PAGED, "cpu": NOTICED}))
    after = alarms(Subject({"latency": PAGED, "errors": PAGED, "cpu": NOTICED}))
    changed = before.urns() - before.unchanged(after)
    assert [each.type for each in before.all if each.urn in changed] == ["aws:cloudwatch/compositeAlarm:CompositeAlarm"]


# What cannot be

REFUSED = {
    "names and owner": (
        Subject({"latency": PAGED}, panels=PANELS),
        {},
        {"physical_name": "", "account_id": None, "region": ""},
        (
            "Alarms watch: physical_name: is missing; composites, dashboards and counts of lines need a unique name\n"
            "Alarms watch: region: is missing; a dashboard names the region of its metrics\n"
            "Alarms watch: account_id: is missing; the key of a topic has an owner"
        ),
    ),
    "deployments of nobody": (
        Subject(deployment_failed=ServiceAlarms().deployment_failed),
        {},
        {},
        "Alarms watch: subjects.shop.service_arn: is missing beside `deployment_failed`, or give `group_arn`",
    ),
    "lines of no log": (
        Subject({"fatal": RECORDED}, log_alarms={"fatal": LogAlarm(pattern="fatal")}),
        {},
        {},
        (
            "Alarms watch: subjects.shop.log_group_name: is missing beside `log_alarms`\n"
            "Alarms watch: subjects.shop.log_alarms.fatal: there is an alarm of that name: rename one"
        ),
    ),
    "two owners of a pager": (
        None,
        {"pager": Topic(arn=OTHER_TOPIC)},
        {"pager_endpoint": "https://pager.example.com"},
        "Alarms watch: pager_endpoint: the owner of a given pager subscribes to it: remove it or `pager.arn`",
    ),
    "two owners of a topic": (
        None,
        {"topic": Topic(emails=("ops@example.com",))},
        {"topic_arn": OTHER_TOPIC},
        "Alarms watch: topic_arn: has no meaning beside `topic.arn` or `topic.emails`: remove one of them",
    ),
    "two alarms of one name": (
        Subject({"a_b": RECORDED, "a-b": RECORDED}),
        {},
        {},
        "Alarms watch: subjects.shop.alarms.a-b: makes the same alarm shop-a-b as subjects.shop.alarms.a_b: rename one",
    ),
}


@pytest.mark.parametrize(("subject", "spec", "more", "error"), REFUSED.values(), ids=REFUSED)
def test_alarms_that_cannot_be_are_refused(subject, spec, more, error):
    with pytest.raises(pulumi.RunError) as refused:
        alarms(subject, more=more, **spec)
    assert str(refused.value) == error


def test_the_name_of_a_rule_on_events_is_never_cut():
    deployments = Subject(service_arn=SERVICE, deployment_failed=ServiceAlarms().deployment_failed)
    args = AlarmsArgs(AlarmsSpec(tell="record"), {"a-name-of-20-charact": deployments})
    with pytest.raises(pulumi.RunError) as refused:
        build(lambda: Alarms("alarms-of-a-platform", args))
    assert str(refused.value) == (
        "Alarms alarms-of-a-platform: the child "
        "alarms-of-a-platform-a-name-of-20-charact-deployment-failed-event has 65 characters, allowed are 56: "
        "AWS limits its name to 64 and auto-naming adds 8"
    )


FAULTS = {
    "more datapoints than periods": (
        lambda: Watch(threshold=1.0, datapoints_to_alarm=6),
        {("datapoints_to_alarm",): "must not pass `evaluation_periods`"},
    ),
    "an odd period": (
        lambda: Watch(threshold=1.0, period="90s"),
        {("period",): "allowed 10s, 20s, 30s, or whole minutes"},
    ),
    "a window beyond a day": (
        lambda: Watch(threshold=1.0, period="1h", evaluation_periods=25),
        {("evaluation_periods",): "times `period` must not pass one day"},
    ),
    "a number for a time": (
        lambda: BalancerAlarms.model_validate({"latency": {"threshold": 3}}),
        {("latency", "threshold"): "got a plain number, expected a duration with its unit, such as 90s, 5m or 2h"},
    ),
    "a time for a number": (
        lambda: ServiceAlarms.model_validate({"cpu": {"threshold": "5m"}}),
        {("cpu", "threshold"): "got a duration, expected a plain number"},
    ),
    "addresses of a given topic": (
        lambda: Topic(arn=OTHER_TOPIC, emails=("a@example.com",)),
        {("emails",): "the owner of a given topic subscribes to it: remove `emails` or `arn`"},
    ),
    "half a minute of quiet": (
        lambda: Suppression(longest="90s"),
        {("longest",): "allowed 1m to 1d in whole minutes"},
    ),
}


@pytest.mark.parametrize(("make", "faults"), FAULTS.values(), ids=FAULTS)
def test_a_spec_that_cannot_be_is_refused(make, faults):
    with pytest.raises(ValidationError) as refused:
        make()
    assert {error["loc"]: error["msg"] for error in refused.value.errors()} == faults


def test_an_unknown_statistic_is_refused():
    with pytest.raises(
        ValueError, match=r"^Median: not a statistic, allowed Average, Maximum, Minimum, SampleCount, Sum, or"
    ):
        alarms(Subject({"cpu": Alarm(metric("Cpu", "Median"), Watch(threshold=1.0, severity="record"))}))


def test_metric_math_among_custom_alarms_is_refused():
    declared = CustomAlarm(metric=Metric(expression="a + b"), watch=Watch(threshold=1.0))
    with pytest.raises(pulumi.RunError, match=r"^sum: got an expression, expected `namespace` and `name`$"):
        custom_alarms({"sum": declared})


def test_alarms_default_to_production_values():
    """Source: the defaults table, alarms: production pages, suppressed during a deployment; bands record; one dashboard."""
    spec = AlarmsSpec()
    assert (spec.tell, spec.anomaly_bands, spec.dashboard) == ("page", "record", True)
    assert spec.suppression == Suppression(longest=Duration(900), wait=60, extension=120)
