"""What is watched of each service and group: alarms, a row on the dashboard, what turns a deployment back."""

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
    group_alarms,
    queue_alarms,
    service_alarms,
)
from components.autoscaling_group import AutoscalingGroup
from components.container_service import ContainerService
from components.metrics import Measure
from components.specs import AlarmsSpec
from elasticity.rules import Elasticity
from stacks import secrets
from stacks.platform import Platform
from stacks.settings import Group, Service
from stacks.stack_file import PROJECT

_LOAD, _LATENCY, _ERRORS = ("requests", "active_connections"), ("latency",), ("errors", "unanswered")
"""Metrics of the balancer that make the graphs of a row."""


def rollback(platform: Platform, members: Mapping[str, Service | Group]) -> Mapping[str, list[pulumi.Output[str]]]:
    """Names of the alarms that turn deployments back, by service or group; made before these, from the balancer."""
    wanted = {name: member.rollback_alarms for name, member in members.items() if member.rollback_alarms}
    alarms = {name: balancer_alarms(_balancer_metrics(platform, name), watches) for name, watches in wanted.items()}
    subjects = {name: Subject(alarms=of) for name, of in alarms.items() if of}
    if not subjects:
        return {}
    spec = AlarmsSpec(tell="record", suppression=None, dashboard=False)
    made = Alarms("rollback", AlarmsArgs(spec, subjects), platform.options)
    return {name: list(of.values()) for name, of in made.alarm_names.items()}


def watch_services(platform: Platform, services: Mapping[str, tuple[Service, ContainerService]]) -> Alarms:
    """Alarms and dashboard of a stack of container services."""
    return _watch(platform, {name: _service(platform, name, *pair) for name, pair in services.items()})


def watch_groups(platform: Platform, groups: Mapping[str, tuple[Group, AutoscalingGroup]]) -> Alarms:
    """Alarms and dashboard of a stack of Auto Scaling groups."""
    return _watch(platform, {name: _group(platform, name, *pair) for name, pair in groups.items()})


def _watch(platform: Platform, subjects: Mapping[str, Subject]) -> Alarms:
    args = AlarmsArgs(
        platform.settings.alarms,
        subjects,
        physical_name=f"{PROJECT}-{pulumi.get_stack()}",
        account_id=platform.account_id,
        region=platform.settings.environment.region,
        pager_endpoint=secrets.pager_endpoint(),
    )
    return Alarms("alarms", args, platform.options)


def _service(platform: Platform, name: str, service: Service, made: ContainerService) -> Subject:
    metrics: dict[str, Measure] = {"cpu": made.metrics.cpu, "memory": made.metrics.memory}
    if service.container_insights:
        metrics |= {"running": made.metrics.running, "desired": made.metrics.desired}
    balancer, rules = _balancer_metrics(platform, name), service.elasticity
    return Subject(
        alarms={
            **balancer_alarms(balancer, service.balancer_alarms),
            **service_alarms(metrics, service.alarms, maximum=rules.maximum if rules else None),
            **_queue(rules, service),
        },
        bands=_picked(balancer, (*_LOAD, *_LATENCY)),
        log_alarms=service.log_alarms,
        log_group_name=made.log_group_name,
        service_arn=made.service_arn,
        deployment_failed=service.alarms.deployment_failed,
        panels=_panels(balancer, metrics, rules),
    )


def _group(platform: Platform, name: str, group: Group, made: AutoscalingGroup) -> Subject:
    metrics: dict[str, Measure] = {
        "cpu": made.metrics.cpu,
        "running": made.metrics.in_service,
        "desired": made.metrics.desired,
    }
    balancer, rules = _balancer_metrics(platform, name), group.elasticity
    return Subject(
        alarms={
            **balancer_alarms(balancer, group.balancer_alarms),
            **group_alarms(metrics, group.alarms, maximum=rules.maximum if rules else None),
            **_queue(rules, group),
        },
        bands=_picked(balancer, (*_LOAD, *_LATENCY)),
        group_arn=made.group_arn,
        deployment_failed=group.alarms.deployment_failed,
        panels=_panels(balancer, metrics, rules),
    )


def _balancer_metrics(platform: Platform, name: str) -> Mapping[str, Measure]:
    return platform.balancer.service_metrics.get(name, {}) if platform.balancer else {}


def _queue(rules: Elasticity | None, member: Service | Group) -> dict[str, Alarm]:
    return queue_alarms(rules.queue.name, member.queue_alarms) if rules and rules.queue else {}


def _panels(balancer: Mapping[str, Measure], metrics: Mapping[str, Measure], rules: Elasticity | None) -> Panels:
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
