"""What may reach a balancer and what it may reach: the listener ports in, the targets' ports out, nothing else."""

from __future__ import annotations

from collections.abc import Iterator

import pulumi
from pulumi_aws.ec2 import SecurityGroup
from pulumi_aws.vpc import SecurityGroupEgressRule, SecurityGroupIngressRule

from components._component import Component
from components.load_balancer.listeners import REDIRECT_PORT
from components.specs import BalancedService, LoadBalancerSpec

EVERYONE, HTTPS = "0.0.0.0/0", 443
_TRANSPORTS = {"TCP": ("tcp",), "TLS": ("tcp",), "UDP": ("udp",), "TCP_UDP": ("tcp", "udp")}
"""A network listener's protocol -> the protocols of its packets."""
Opening = tuple[str, int]
"""(protocol of the packets, port)."""


def balancer_group(
    owner: Component, spec: LoadBalancerSpec, vpc_id: pulumi.Input[str], vpc_cidr: pulumi.Input[str]
) -> SecurityGroup:
    """The balancer's group with its rules, keyed by port and source."""
    group = SecurityGroup(
        owner.name_of("group"),
        vpc_id=vpc_id,
        description="load balancer: listener ports in, target ports out",
        tags=owner.tags_of("group"),
        opts=owner.options_of("group"),
    )
    for transport, port in sorted(set(_listener_ports(spec))):
        for key, block in _sources(spec, vpc_cidr).items():
            role = f"in-{transport}-{port}-{key}"
            SecurityGroupIngressRule(
                owner.name_of(role),
                security_group_id=group.id,
                cidr_ipv4=block,
                ip_protocol=transport,
                from_port=port,
                to_port=port,
                description="clients to a listener",
                tags=owner.tags_of(role),
                opts=owner.options_of(role),
            )
    for transport, port in sorted(set(_target_ports(spec))):
        role = f"out-{transport}-{port}"
        SecurityGroupEgressRule(
            owner.name_of(role),
            security_group_id=group.id,
            cidr_ipv4=vpc_cidr,
            ip_protocol=transport,
            from_port=port,
            to_port=port,
            description="the balancer to targets and their health checks",
            tags=owner.tags_of(role),
            opts=owner.options_of(role),
        )
    if spec.sign_ins:
        role = "out-sign-in"
        SecurityGroupEgressRule(
            owner.name_of(role),
            security_group_id=group.id,
            cidr_ipv4=EVERYONE,
            ip_protocol="tcp",
            from_port=HTTPS,
            to_port=HTTPS,
            description="the balancer to the provider that signs clients in",
            tags=owner.tags_of(role),
            opts=owner.options_of(role),
        )
    return group


def _sources(spec: LoadBalancerSpec, vpc_cidr: pulumi.Input[str]) -> dict[str, pulumi.Input[str]]:
    """Blocks that may reach the listeners, by the key in the rule's name."""
    if spec.sources:
        # Said or not, everyone is one rule: AWS refuses a second one with the same content.
        return {"everyone" if block == EVERYONE else block.replace("/", "-"): block for block in spec.sources}
    return {"everyone": EVERYONE} if spec.scheme == "public" else {"vpc": vpc_cidr}


def _listener_ports(spec: LoadBalancerSpec) -> Iterator[Opening]:
    if spec.kind == "application":
        yield "tcp", spec.listener.effective_port
        if spec.listener.protocol == "https" and spec.listener.redirect:
            yield "tcp", REDIRECT_PORT
        return
    for service in spec.services.values():
        for transport in _TRANSPORTS[service.listener_protocol]:
            yield transport, service.listener_port or service.port


def _target_ports(spec: LoadBalancerSpec) -> Iterator[Opening]:
    for service in spec.services.values():
        for transport in _transports(spec, service):
            yield transport, service.port
        yield "tcp", service.health_check.port or service.port  # health checks are TCP, whatever the traffic is


def _transports(spec: LoadBalancerSpec, service: BalancedService) -> tuple[str, ...]:
    return ("tcp",) if spec.kind == "application" else _TRANSPORTS[service.listener_protocol]
