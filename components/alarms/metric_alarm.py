"""One CloudWatch alarm from a measure and a watch."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

import pulumi
from pulumi_aws.cloudwatch import MetricAlarm

from components._component import Component
from components.alarms.subject import Alarm
from components.metrics import Measure, MetricReference, alarm_inputs, metric_queries
from components.specs import Watch
from elasticity.quantities import Duration

BAND = "band"
_SIGNS = {
    "GreaterThanOrEqualToThreshold": ">=",
    "GreaterThanThreshold": ">",
    "LessThanOrEqualToThreshold": "<=",
    "LessThanThreshold": "<",
}


def metric_alarm(owner: Component, role: str, alarm: Alarm, topics: Sequence[pulumi.Input[str]]) -> MetricAlarm:
    """The alarm; `topics` hear when it fires and when it is over."""
    watch = alarm.watch
    return MetricAlarm(
        owner.name_of(role),
        alarm_description=description(alarm),
        comparison_operator=watch.comparison,
        threshold=float(watch.threshold),
        evaluation_periods=watch.evaluation_periods,
        datapoints_to_alarm=watch.datapoints_to_alarm,
        treat_missing_data=watch.missing_data,
        alarm_actions=list(topics),
        ok_actions=list(topics),
        tags=owner.tags_of(role),
        opts=owner.options_of(role),
        **_watched(alarm.measure, watch),
    )


def band_alarm(owner: Component, role: str, measure: Measure, width: float) -> MetricAlarm:
    """An alarm on what is unusual for the hour, which tells nobody: CloudWatch learns the usual over two weeks."""
    queries = metric_queries(_labelled(measure.seen(period=300)))
    expression = f"ANOMALY_DETECTION_BAND({queries[-1]['id']}, {width:g})"
    band = {"id": BAND, "expression": expression, "label": "usual", "return_data": True}
    return MetricAlarm(
        owner.name_of(role),
        alarm_description="unusual for the hour; recorded only",
        comparison_operator="LessThanLowerOrGreaterThanUpperThreshold",
        evaluation_periods=3,
        datapoints_to_alarm=3,
        threshold_metric_id=BAND,
        metric_queries=[*queries, band],  # type: ignore[list-item] # typed dictionaries of the SDK, made by one function
        treat_missing_data="ignore",
        tags=owner.tags_of(role),
        opts=owner.options_of(role),
    )


def description(alarm: Alarm) -> str:
    """What it means, its shape in words, and where to read on."""
    watch = alarm.watch
    duration = isinstance(watch.threshold, Duration)
    threshold = str(watch.threshold) if duration else f"{watch.threshold:g} {alarm.measure.unit}".rstrip()
    shape = (
        f"{_SIGNS[watch.comparison]} {threshold} "
        f"in {watch.datapoints_to_alarm} of {watch.evaluation_periods} periods of {watch.period}"
    )
    return "; ".join(part for part in (alarm.meaning, shape, watch.runbook) if part)


def _watched(measure: Measure, watch: Watch) -> dict[str, Any]:
    return alarm_inputs(_labelled(measure.seen(statistic=watch.statistic, period=round(watch.period))))


def _labelled(measure: Measure) -> Measure:
    """Metric math shows its id as its name where it has no label."""
    if isinstance(measure, MetricReference):
        return measure
    return dataclasses.replace(measure, label=measure.label or measure.id)
