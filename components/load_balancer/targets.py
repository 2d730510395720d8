"""Target groups: where a balancer sends what it takes for one service."""

from __future__ import annotations

import pulumi
from pulumi_aws.lb import TargetGroup, TargetGroupHealthCheckArgs, TargetGroupStickinessArgs

from components._component import Component
from components.deployed import Deployed
from components.load_balancer.serving import group_roles
from components.specs import BalancedService, HealthCheck, LoadBalancerSpec
from components.specs.naming import LONGEST_TARGET_GROUP

_TO_TARGETS = {"TLS": "TCP"}
"""A network listener's protocol -> the target group's, where they differ: TLS ends at the balancer."""


def target_groups(
    owner: Component,
    spec: LoadBalancerSpec,
    name: str,
    service: BalancedService,
    vpc_id: pulumi.Input[str],
    deployed: Deployed,
) -> list[TargetGroup]:
    """The service's target group, and a second one beside it where deployments shift traffic between two."""
    roles = group_roles(owner, name, service, deployed)
    for role in roles:
        if role != name and role in spec.services:
            raise pulumi.RunError(
                f"{type(owner).__name__} {owner.instance}: services.{role}: the name is taken by the target group that "
                f"serves {name} since its last release: choose another"
            )
    return [_target_group(owner, spec, role, service, vpc_id) for role in roles]


def _target_group(
    owner: Component, spec: LoadBalancerSpec, role: str, service: BalancedService, vpc_id: pulumi.Input[str]
) -> TargetGroup:
    kind, application = spec.kind, spec.kind == "application"
    slow_start = round(service.slow_start) if service.slow_start else None
    return TargetGroup(
        owner.name_of(role, longest=LONGEST_TARGET_GROUP),
        vpc_id=vpc_id,
        target_type=service.target_type,
        port=service.port,
        protocol=service.protocol if application else _to_targets(service),
        protocol_version=service.protocol_version if application else None,
        deregistration_delay=round(service.deregistration_delay),
        slow_start=slow_start if application else None,
        load_balancing_algorithm_type=service.effective_algorithm if application else None,
        health_check=_health_check(kind, service),
        stickiness=_stickiness(kind, service),
        tags=owner.tags_of(role),
        # A target group belongs to one balancer: with another scheme comes a new balancer, before the old one goes.
        opts=owner.options_of(role, replacement_trigger=spec.scheme),
    )


def _to_targets(service: BalancedService) -> str:
    return _TO_TARGETS.get(service.listener_protocol, service.listener_protocol)


def _health_check(kind: str, service: BalancedService) -> TargetGroupHealthCheckArgs:
    check = service.health_check
    protocol = _check_protocol(kind, service)
    over_http = protocol in ("HTTP", "HTTPS")
    return TargetGroupHealthCheckArgs(
        enabled=True,
        protocol=protocol,
        port=str(check.port) if check.port else "traffic-port",
        path=check.path if over_http else None,
        matcher=_matcher(service, check) if over_http else None,
        interval=round(check.interval),
        timeout=round(check.timeout),
        healthy_threshold=check.healthy_threshold,
        unhealthy_threshold=check.unhealthy_threshold,
    )


def _check_protocol(kind: str, service: BalancedService) -> str:
    """The protocol asked for; else the targets' own on an application balancer, TCP on a network balancer."""
    return service.health_check.protocol or (service.protocol if kind == "application" else "TCP")


def _matcher(service: BalancedService, check: HealthCheck) -> str:
    # 200 is the default for HTTP; gRPC speaks codes of its own, of which 0 is OK.
    return "0" if service.protocol_version == "GRPC" and check.matcher == "200" else check.matcher


def _stickiness(kind: str, service: BalancedService) -> TargetGroupStickinessArgs | None:
    if service.stickiness is None:
        return None
    if kind == "network":
        return TargetGroupStickinessArgs(enabled=True, type="source_ip")
    return TargetGroupStickinessArgs(enabled=True, type="lb_cookie", cookie_duration=round(service.stickiness.duration))
