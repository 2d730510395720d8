"""Deployments as ECS tells of them: failed ones are an alarm, running ones keep the paging composite quiet.

Source: ECS developer guide, service deployment state change events; EventBridge user guide, metrics (`TriggeredRules`
by rule).
"""

from __future__ import annotations

import pulumi
from pulumi_aws.cloudwatch import EventRule, EventTarget, MetricAlarm

from components._component import Component
from components.alarms.metric_alarm import metric_alarm
from components.alarms.subject import Alarm
from components.metrics import MetricReference
from components.specs import Suppression, Watch
from components.specs.naming import LONGEST_EVENT_RULE

FAILED, STARTED = "SERVICE_DEPLOYMENT_FAILED", "SERVICE_DEPLOYMENT_IN_PROGRESS"


def failed_deployments(
    owner: Component, name: str, service_arn: pulumi.Input[str], watch: Watch, topic: pulumi.Input[str] | None
) -> MetricAlarm:
    """The event goes to the topic with ECS's own reason; the alarm keeps the record, and tells nobody a second time."""
    role = f"{name}-deployment-failed"
    rule = _rule(owner, f"{role}-event", service_arn, FAILED)
    if topic is not None:
        EventTarget(owner.name_of(f"{role}-notice"), rule=rule.name, arn=topic, opts=owner.options_of(f"{role}-notice"))
    return metric_alarm(owner, role, Alarm(_counted(rule), watch, "ECS gave up on a deployment"), [])


def running_deployment(
    owner: Component, name: str, service_arn: pulumi.Input[str], suppression: Suppression
) -> MetricAlarm:
    """An alarm that is on while a deployment may run: for a time after each start, rollbacks included."""
    role = f"{name}-deploying"
    rule = _rule(owner, f"{role}-event", service_arn, STARTED)
    watch = Watch(
        threshold=1.0,
        evaluation_periods=round(suppression.longest / 60),
        datapoints_to_alarm=1,
        missing_data="notBreaching",
        severity="record",
    )
    return metric_alarm(owner, role, Alarm(_counted(rule), watch, "a deployment runs"), [])


def _rule(owner: Component, role: str, service_arn: pulumi.Input[str], event: str) -> EventRule:
    pattern = {
        "source": ["aws.ecs"],
        "detail-type": ["ECS Deployment State Change"],
        "resources": [service_arn],
        "detail": {"eventName": [event]},
    }
    return EventRule(
        owner.name_of(role, longest=LONGEST_EVENT_RULE),
        event_pattern=pulumi.Output.json_dumps(pattern),
        tags=owner.tags_of(role),
        opts=owner.options_of(role),
    )


def _counted(rule: EventRule) -> MetricReference:
    return MetricReference("AWS/Events", "TriggeredRules", {"RuleName": rule.name}, "Sum", unit="events")
