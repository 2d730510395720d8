"""One CloudWatch alarm from a measure and a watch."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pulumi
from pulumi_aws.cloudwatch import MetricAlarm, MetricAlarmMetricQueryArgs, MetricAlarmMetricQueryMetricArgs

from components._component import Component
from components.alarms.subject import Alarm
from components.metrics import Measure, MetricExpression, MetricReference, is_percentile
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
    """The alarm; `topics` hear when it goes off and when it is over."""
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
    queries = _queries(measure.seen(period=300), "watched", returned=True)
    band = MetricAlarmMetricQueryArgs(
        id=BAND, expression=f"ANOMALY_DETECTION_BAND(watched, {width:g})", label="usual", return_data=True
    )
    return MetricAlarm(
        owner.name_of(role),
        alarm_description="unusual for the hour; recorded only",
        comparison_operator="LessThanLowerOrGreaterThanUpperThreshold",
        evaluation_periods=3,
        datapoints_to_alarm=3,
        threshold_metric_id=BAND,
        metric_queries=[*queries, band],
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
    seen = measure.seen(statistic=watch.statistic, period=round(watch.period))
    if isinstance(seen, MetricExpression):
        return {"metric_queries": _queries(seen, "watched", returned=True)}
    field = "extended_statistic" if is_percentile(seen.statistic) else "statistic"
    return {
        "namespace": seen.namespace,
        "metric_name": seen.name,
        "dimensions": dict(seen.dimensions),
        "period": seen.period,
        field: seen.statistic,
    }


def _queries(measure: Measure, key: str, *, returned: bool) -> list[MetricAlarmMetricQueryArgs]:
    if isinstance(measure, MetricReference):
        return [_query(measure, key, returned=returned)]
    inner = [_query(reference, name, returned=False) for name, reference in measure.metrics.items()]
    label = measure.label or key
    outer = MetricAlarmMetricQueryArgs(id=key, expression=measure.expression, label=label, return_data=returned)
    return [*inner, outer]


def _query(reference: MetricReference, key: str, *, returned: bool) -> MetricAlarmMetricQueryArgs:
    metric = MetricAlarmMetricQueryMetricArgs(
        namespace=reference.namespace,
        metric_name=reference.name,
        dimensions=dict(reference.dimensions),
        period=reference.period,
        stat=reference.statistic,
    )
    return MetricAlarmMetricQueryArgs(id=key, metric=metric, return_data=returned)
