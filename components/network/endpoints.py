"""Ways from a network to AWS services that do not leave it."""

from __future__ import annotations

from collections.abc import Sequence

import pulumi
from pulumi_aws.ec2 import RouteTable, SecurityGroup, Vpc, VpcEndpoint
from pulumi_aws.vpc import SecurityGroupIngressRule

from components._component import Component
from components.specs import NetworkSpec

HTTPS = 443


def gateway_endpoints(owner: Component, spec: NetworkSpec, vpc: Vpc, tables: Sequence[RouteTable]) -> None:
    """Endpoints that are routes: S3 and DynamoDB, free of charge."""
    for service, wanted in (("s3", spec.endpoints.s3), ("dynamodb", spec.endpoints.dynamodb)):
        role = f"gateway-{service}"
        if wanted:
            VpcEndpoint(
                owner.name_of(role),
                vpc_id=vpc.id,
                service_name=_service_name(spec, service),
                vpc_endpoint_type="Gateway",
                route_table_ids=[table.id for table in tables],
                tags=owner.tags_of(role),
                opts=owner.options_of(role),
            )


def interface_endpoints(
    owner: Component, spec: NetworkSpec, vpc: Vpc, subnet_ids: Sequence[pulumi.Input[str]]
) -> SecurityGroup:
    """Endpoints that are addresses in the given subnets, open to the VPC on 443 alone. Returns their group."""
    group = SecurityGroup(
        owner.name_of("endpoints"),
        vpc_id=vpc.id,
        description="interface endpoints: https from inside the network",
        tags=owner.tags_of("endpoints"),
        opts=owner.options_of("endpoints"),
    )
    SecurityGroupIngressRule(
        owner.name_of("endpoints-https"),
        security_group_id=group.id,
        cidr_ipv4=spec.cidr,
        ip_protocol="tcp",
        from_port=HTTPS,
        to_port=HTTPS,
        description="https from inside the network",
        tags=owner.tags_of("endpoints-https"),
        opts=owner.options_of("endpoints-https"),
    )
    for service in spec.endpoints.interface:
        role = f"endpoint-{service.rsplit('amazonaws.', 1)[-1].replace('.', '-')}"
        VpcEndpoint(
            owner.name_of(role),
            vpc_id=vpc.id,
            service_name=_service_name(spec, service),
            vpc_endpoint_type="Interface",
            private_dns_enabled=True,
            subnet_ids=subnet_ids,
            security_group_ids=[group.id],
            tags=owner.tags_of(role),
            opts=owner.options_of(role),
        )
    return group


def _service_name(spec: NetworkSpec, service: str) -> str:
    return service if "amazonaws." in service else f"com.amazonaws.{spec.region}.{service}"
