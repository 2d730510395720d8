"""Ready sets: which metric each alarm of a set watches, and what it means."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pulumi

from components.alarms.subject import Alarm
from components.metrics import QUEUE, Measure, MetricExpression, MetricReference
from components.specs import (
    BalancerAlarms,
    CustomAlarm,
    GroupAlarms,
    QueueAlarms,
    RollbackAlarms,
    ServiceAlarms,
    Watch,
)

Metrics = Mapping[str, Measure]
Sets = BalancerAlarms | RollbackAlarms | ServiceAlarms | GroupAlarms | QueueAlarms
_Row = tuple[str, tuple[str, ...], Callable[..., Measure], str]
"""(field of the set, metrics it needs, the measure from these, what it means)."""


def _same(measure: Measure) -> Measure:
    return measure


def _missing(desired: MetricReference, running: MetricReference) -> MetricExpression:
    """How many units are missing. Both series by the same minute; the smaller number running is the honest one."""
    metrics = {"desired": desired, "running": running.seen(statistic="Minimum")}
    return MetricExpression("desired - running", metrics, "units", "missing units")


_BALANCER: tuple[_Row, ...] = (
    ("errors", ("error_share",), _same, "users get errors: percent of requests with a 5xx or without an answer"),
    ("latency", ("latency",), _same, "users wait: time to a target's answer"),
    ("unhealthy_hosts", ("unhealthy_hosts",), _same, "targets fail their health check"),
    ("healthy_hosts", ("healthy_hosts",), _same, "hardly any target is left to serve"),
)
_UNITS: tuple[_Row, ...] = (
    ("cpu", ("cpu",), _same, "cpu is near saturation: the mean over all units"),
    ("memory", ("memory",), _same, "memory is near its end: the mean over all units"),
    ("below_desired", ("desired", "running"), _missing, "fewer units run than are wanted: they do not start, or die"),
)
_QUEUE: tuple[_Row, ...] = (
    ("age", ("age",), _same, "work waits too long: age of the oldest message"),
    ("depth", ("depth",), _same, "work piles up: visible messages"),
)


def balancer_alarms(metrics: Metrics, watches: BalancerAlarms | RollbackAlarms) -> dict[str, Alarm]:
    """Alarms on one service as its balancer sees it, by name; `metrics` are `LoadBalancer.service_metrics[name]`.

    With `RollbackAlarms` the set that turns a deployment back: made before the service, which takes the alarms' names.
    """
    return _from_rows(_BALANCER, metrics, watches)


def service_alarms(metrics: Metrics, watches: ServiceAlarms, *, maximum: int | None) -> dict[str, Alarm]:
    """Alarms on a container service; `metrics` by name: cpu, memory, and with Container Insights running and desired.

    `maximum` is the declared upper bound in tasks; None where nothing scales, so that there is no maximum to be at.
    """
    return _units(metrics, watches, maximum)


def group_alarms(metrics: Metrics, watches: GroupAlarms, *, maximum: int | None) -> dict[str, Alarm]:
    """Alarms on an Auto Scaling group; `metrics` by name: cpu, and with group metrics on running and desired."""
    return _units(metrics, watches, maximum)


def queue_alarms(queue_name: str, watches: QueueAlarms) -> dict[str, Alarm]:
    """Alarms on an SQS queue. Source of the names: SQS developer guide, available CloudWatch metrics."""
    dimensions = {"QueueName": queue_name}
    age, depth = QUEUE["age"].of(dimensions), QUEUE["visible"].of(dimensions, "Maximum")
    return _from_rows(_QUEUE, {"age": age, "depth": depth}, watches)


def custom_alarms(declared: Mapping[str, CustomAlarm]) -> dict[str, Alarm]:
    """Alarms on any metric, as they are declared.

    Raises `pulumi.RunError` for metric math: give `Alarm` an expression instead.
    """
    found = {}
    for name, alarm in declared.items():
        metric = alarm.metric
        if metric.name is None or metric.namespace is None:
            raise pulumi.RunError(f"{name}: got an expression, expected `namespace` and `name`")
        reference = MetricReference(
            metric.namespace, metric.name, metric.dimensions, metric.statistic, round(metric.period)
        )
        found[name] = Alarm(reference, alarm.watch)
    return found


def _units(metrics: Metrics, watches: ServiceAlarms | GroupAlarms, maximum: int | None) -> dict[str, Alarm]:
    found = _from_rows(_UNITS, metrics, watches)
    desired = metrics.get("desired")
    if watches.at_maximum and maximum is not None and isinstance(desired, MetricReference):
        room = MetricExpression(f"{maximum} - desired", {"desired": desired}, "units", "units left to the maximum")
        found["at_maximum"] = Alarm(
            room, watches.at_maximum, "scaling has no room left: raise the maximum or shed load"
        )
    return found


def _from_rows(rows: tuple[_Row, ...], metrics: Metrics, watches: Sets) -> dict[str, Alarm]:
    """The alarms of a set whose metrics exist.

    A watch at its default is left out where its metric does not exist (a network balancer counts no 5xx). Raises
    `pulumi.RunError` for one that was declared: what somebody asked for is never dropped.
    """
    found = {}
    for name, needed, measure, meaning in rows:
        watch = getattr(watches, name, None)
        if not isinstance(watch, Watch):
            continue
        absent = [key for key in needed if key not in metrics]
        if not absent:
            found[name] = Alarm(measure(*(metrics[key] for key in needed)), watch, meaning)
        elif watch != type(watches).model_fields[name].get_default():
            raise pulumi.RunError(
                f"{name}: there is no metric {', '.join(absent)} to watch, allowed {', '.join(sorted(metrics))}"
            )
    return found
