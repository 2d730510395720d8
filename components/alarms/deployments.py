"""Deployments as AWS tells of them: failed ones are an alarm, running ones keep the paging composite quiet.

A service deploys through ECS, a group by an instance refresh. Source: ECS developer guide, service deployment state
change events; EC2 Auto Scaling user guide, instance refresh events; EventBridge user guide, metrics (`TriggeredRules`
by rule).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pulumi
from pulumi_aws.cloudwatch import EventRule, EventTarget, MetricAlarm

from components._component import Component
from components.alarms.metric_alarm import metric_alarm
from components.alarms.subject import Alarm, Subject
from components.metrics import MetricReference
from components.specs import Suppression, Watch
from components.specs.naming import LONGEST_EVENT_RULE

FAILED, STARTED = "failed", "started"
_OF_SERVICES = {FAILED: "SERVICE_DEPLOYMENT_FAILED", STARTED: "SERVICE_DEPLOYMENT_IN_PROGRESS"}
_OF_GROUPS = {
    FAILED: "EC2 Auto Scaling Instance Refresh Failed",
    STARTED: "EC2 Auto Scaling Instance Refresh Started",
}


@dataclass(frozen=True)
class Deployed:
    """What is deployed: a service or a group, by its ARN."""

    arn: pulumi.Input[str]
    group: bool = False

    def pattern(self, event: str) -> dict[str, Any]:
        """EventBridge's pattern of one event about it."""
        if self.group:
            return {"source": ["aws.autoscaling"], "detail-type": [_OF_GROUPS[event]], "resources": [self.arn]}
        return {
            "source": ["aws.ecs"],
            "detail-type": ["ECS Deployment State Change"],
            "resources": [self.arn],
            "detail": {"eventName": [_OF_SERVICES[event]]},
        }


def deployed(subject: Subject) -> Deployed | None:
    """What the subject deploys; None for a queue."""
    if subject.service_arn is not None:
        return Deployed(subject.service_arn)
    return Deployed(subject.group_arn, group=True) if subject.group_arn is not None else None


def failed_deployments(
    owner: Component, name: str, what: Deployed, watch: Watch, topic: pulumi.Input[str] | None
) -> MetricAlarm:
    """The event goes to the topic with AWS's own reason; the alarm keeps the record, and tells nobody a second time."""
    role = f"{name}-deployment-failed"
    rule = _rule(owner, f"{role}-event", what, FAILED)
    if topic is not None:
        EventTarget(owner.name_of(f"{role}-notice"), rule=rule.name, arn=topic, opts=owner.options_of(f"{role}-notice"))
    meaning = "an instance refresh failed" if what.group else "ECS gave up on a deployment"
    return metric_alarm(owner, role, Alarm(_counted(rule), watch, meaning), [])


def running_deployment(owner: Component, name: str, what: Deployed, suppression: Suppression) -> MetricAlarm:
    """An alarm that is on while a deployment may run: for a time after each start, rollbacks included."""
    role = f"{name}-deploying"
    rule = _rule(owner, f"{role}-event", what, STARTED)
    watch = Watch(
        threshold=1.0,
        evaluation_periods=round(suppression.longest / 60),
        datapoints_to_alarm=1,
        missing_data="notBreaching",
        severity="record",
    )
    return metric_alarm(owner, role, Alarm(_counted(rule), watch, "a deployment runs"), [])


def _rule(owner: Component, role: str, what: Deployed, event: str) -> EventRule:
    return EventRule(
        owner.name_of(role, longest=LONGEST_EVENT_RULE),
        event_pattern=pulumi.Output.json_dumps(what.pattern(event)),
        tags=owner.tags_of(role),
        opts=owner.options_of(role),
    )


def _counted(rule: EventRule) -> MetricReference:
    return MetricReference("AWS/Events", "TriggeredRules", {"RuleName": rule.name}, "Sum", unit="events")
