"""Alarms on what logs say: a filter counts the lines that match, an alarm watches the count.

Source: CloudWatch Logs user guide, filter and pattern syntax, creating metrics from log events.
"""

from __future__ import annotations

import pulumi
from pulumi_aws.cloudwatch import LogMetricFilter, LogMetricFilterMetricTransformationArgs

from components._component import Component
from components.alarms.subject import Alarm, Subject
from components.metrics import MetricReference


def log_alarms(key: str, subject: Subject, namespace: str) -> dict[str, Alarm]:
    """The alarms on counted lines, by name; the metric has a name of its own for each subject and alarm."""
    return {
        name: Alarm(
            MetricReference(namespace, _metric(key, name), {}, "Sum", unit="lines"),
            wanted.watch,
            "the log has lines that match",
        )
        for name, wanted in subject.log_alarms.items()
    }


def count_lines(owner: Component, key: str, subject: Subject, namespace: str) -> None:
    """The filters behind `log_alarms`. A minute without a matching line counts 0 as long as anything is logged."""
    for name, wanted in subject.log_alarms.items():
        role = f"{key}-{name}-lines".replace("_", "-")
        LogMetricFilter(
            owner.name_of(role),
            log_group_name=_group(subject),
            pattern=wanted.pattern,
            metric_transformation=LogMetricFilterMetricTransformationArgs(
                namespace=namespace, name=_metric(key, name), value="1", default_value="0", unit="Count"
            ),
            opts=owner.options_of(role),
        )


def _metric(key: str, name: str) -> str:
    return f"{key}-{name}"


def _group(subject: Subject) -> pulumi.Input[str]:
    return subject.log_group_name if subject.log_group_name is not None else ""
