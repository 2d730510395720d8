"""The alarms of a stack as CloudWatch charges them, counted from its settings alone.

A test holds them against those that the program registers.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

from components.specs import Watch
from stacks.aws.settings import AwsSettings, WorkloadSettings

_OF_A_BAND = 3
"""Metrics that a band of what is usual is charged as (CloudWatch pricing)."""
_METRICS = {"below_desired": 2}
"""Metrics of an alarm of a service or group, where they are not one."""
_SEEN_BY = {
    "application": {"errors": 3, "latency": 1, "unhealthy_hosts": 1, "healthy_hosts": 1},
    "network": {"unhealthy_hosts": 1, "healthy_hosts": 1},
}
"""Metrics of an alarm on what a balancer sees, for each target group: a network balancer counts no answers."""
_FAILED = "deployment_failed"
"""An alarm on AWS's own event, which is told apart from the others."""
_BANDS = {"application": ("requests", "latency"), "network": ()}
_FINEST_STANDARD = 60
"""Seconds between datapoints, below which an alarm is one of high resolution."""


@dataclasses.dataclass(frozen=True)
class AlarmMetrics:
    """What alarms are charged by."""

    standard: int = 0
    """Metrics that they watch each minute or less often."""
    high_resolution: int = 0
    """Metrics that they watch more often."""
    composite: int = 0


def alarm_metrics(settings: AwsSettings) -> AlarmMetrics:
    """The alarms of a stack beside those that Auto Scaling makes of its rules."""
    watched: list[tuple[float, int]] = []
    composite = 0
    for declared in settings.declared.values():
        shown, recorded = list(_shown(settings, declared)), list(_recorded(settings, declared))
        pages = any(settings.alarms.told(watch.severity) == "page" for watch, _ in shown)
        composite += pages
        watched += [(float(watch.period), metrics) for watch, metrics in (*shown, *recorded)]
        watched += [(300.0, _OF_A_BAND) for _ in range(_bands(settings, declared))]
        watched += [(60.0, 1)] if pages and settings.alarms.suppression is not None else []
    fine = [metrics for period, metrics in watched if period < _FINEST_STANDARD]
    whole = sum(metrics for _, metrics in watched)
    return AlarmMetrics(whole - sum(fine), sum(fine), composite)


def _kind(settings: AwsSettings, declared: WorkloadSettings) -> str | None:
    return settings.load_balancer.kind if declared.behind_balancer is not None else None


def _seen(settings: AwsSettings, declared: WorkloadSettings, watches: dict[str, Watch]) -> Iterator[tuple[Watch, int]]:
    behind, kind = declared.behind_balancer, _kind(settings, declared)
    if behind is not None and kind is not None:
        groups = 2 if behind.alternate else 1
        yield from ((watch, groups * _SEEN_BY[kind][name]) for name, watch in watches.items() if name in _SEEN_BY[kind])


def _shown(settings: AwsSettings, declared: WorkloadSettings) -> Iterator[tuple[Watch, int]]:
    """The alarms that may page for a service or group, with the number of metrics of each."""
    yield from _seen(settings, declared, declared.balancer_alarms.watches)
    yield from ((watch, _METRICS.get(name, 1)) for name, watch in declared.own_alarms.items() if name != _FAILED)


def _recorded(settings: AwsSettings, declared: WorkloadSettings) -> Iterator[tuple[Watch, int]]:
    """Those that stand beside the composite: failed deployments, and what turns a deployment back."""
    yield from ((watch, 1) for name, watch in declared.own_alarms.items() if name == _FAILED)
    if declared.deployment_alarms is not None:
        yield from _seen(settings, declared, declared.deployment_alarms.watches)


def _bands(settings: AwsSettings, declared: WorkloadSettings) -> int:
    kind = _kind(settings, declared)
    return 0 if kind is None or settings.alarms.anomaly_bands == "off" else len(_BANDS[kind])
