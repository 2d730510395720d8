"""What is watched of each service and group: alarms, a row on the dashboard, what rolls a deployment back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import pulumi

from components.alarms import (
    Alarm,
    Alarms,
    AlarmsArgs,
    Panels,
    Subject,
    balancer_alarms,
    queue_alarms,
)
from components.metrics import Measure
from components.specs import AlarmsSpec, RollbackAlarms
from elasticity.rules import Elasticity
from stacks import secrets
from stacks.aws.platform import Platform
from stacks.aws.settings import WorkloadSettings
from stacks.stack_file import PROJECT

_LOAD, _LATENCY, _ERRORS = ("requests", "active_connections"), ("latency",), ("errors", "unanswered")
"""Metrics of the balancer that make the graphs of a row."""


def rollback(platform: Platform, wanted: Mapping[str, RollbackAlarms | None]) -> Mapping[str, list[pulumi.Output[str]]]:
    """Names of the alarms that roll deployments back, by service or group; made before these, from the balancer."""
    alarms = {
        name: balancer_alarms(_balancer_metrics(platform, name), watches) for name, watches in wanted.items() if watches
    }
    subjects = {name: Subject(alarms=of) for name, of in alarms.items() if of}
    if not subjects:
        return {}
    spec = AlarmsSpec(tell="record", suppression=None, dashboard=False)
    made = Alarms("rollback", AlarmsArgs(spec, subjects), platform.options)
    return {name: list(of.values()) for name, of in made.alarm_names.items()}


def watch(platform: Platform, subjects: Mapping[str, Subject]) -> Alarms:
    """Alarms and dashboard of a stack."""
    args = AlarmsArgs(
        platform.settings.alarms,
        subjects,
        physical_name=f"{PROJECT}-{pulumi.get_stack()}",
        account_id=platform.account_id,
        region=platform.settings.environment.region,
        pager_endpoint=secrets.pager_endpoint(),
    )
    return Alarms("alarms", args, platform.options)


def _balancer_metrics(platform: Platform, name: str) -> Mapping[str, Measure]:
    return platform.balancer.service_metrics.get(name, {}) if platform.balancer else {}


def subject(
    platform: Platform,
    name: str,
    declared: WorkloadSettings,
    rules: Elasticity | None,
    metrics: Mapping[str, Measure],
    own_alarms: Mapping[str, Alarm],
) -> Subject:
    """What is watched of one service or group: what the balancer sees of it, what its platform measures, its queue."""
    balancer = _balancer_metrics(platform, name)
    queue = queue_alarms(rules.queue.name, declared.queue_alarms) if rules and rules.queue else {}
    return Subject(
        alarms={**balancer_alarms(balancer, declared.balancer_alarms), **own_alarms, **queue},
        bands=_picked(balancer, (*_LOAD, *_LATENCY)),
        panels=_panels(balancer, metrics, rules),
    )


def _panels(balancer: Mapping[str, Measure], metrics: Mapping[str, Measure], rules: Elasticity | None) -> Panels:
    """The row on the dashboard."""
    return Panels(
        load=_picked(balancer, _LOAD) or _picked(metrics, ("cpu",)),
        capacity=_picked(metrics, ("running", "desired")),
        minimum=rules.minimum if rules else None,
        maximum=rules.maximum if rules else None,
        latency=_picked(balancer, _LATENCY),
        errors=_picked(balancer, _ERRORS),
    )


def _picked(metrics: Mapping[str, Measure], names: Iterable[str]) -> dict[str, Measure]:
    return {name: metrics[name] for name in names if name in metrics}
