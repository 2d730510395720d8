"""How a container service is connected: everything that other resources of the program provide."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pulumi

from components._access import PermissionArgs
from components._component import Extensions
from components.deployed import NOTHING_KNOWN, Deployed
from components.references import ClusterReference, Subnets, TargetGroupReference
from components.specs.container_service import ContainerServiceSpec


@dataclass(frozen=True)
class TargetGroupAttachment:
    """One target group that the service registers its tasks with."""

    port: str
    """Name of the port, of the main container or a sidecar."""
    arn: pulumi.Input[str]
    suffix: pulumi.Input[str] | None = None
    """targetgroup/<name>/<id>; needed by rules on requests and response time."""
    balancer_suffix: pulumi.Input[str] | None = None
    """app/<name>/<id> of an application balancer; none for a network balancer, which counts no requests."""
    alternate_arn: pulumi.Input[str] | None = None
    """Second target group, for blue/green, linear and canary deployments."""
    alternate_suffix: pulumi.Input[str] | None = None
    production_rule_arn: pulumi.Input[str] | None = None
    """Listener rule (or listener of a network balancer) whose weights ECS shifts."""
    test_rule_arn: pulumi.Input[str] | None = None
    """Listener rule that leads testers to the new revision."""

    @classmethod
    def of(cls, port: str, target: TargetGroupReference) -> TargetGroupAttachment:
        """The port behind what `LoadBalancer.targets_of` gives."""
        return cls(
            port=port,
            arn=target.arn,
            suffix=target.suffix,
            balancer_suffix=target.balancer_suffix,
            alternate_arn=target.alternate_arn,
            alternate_suffix=target.alternate_suffix,
            production_rule_arn=target.rule_arn if target.alternate_arn is not None else None,
            test_rule_arn=target.test_rule_arn,
        )


@dataclass(frozen=True)
class ContainerServiceArgs:
    """What a container service is to be, and what it is connected to."""

    spec: ContainerServiceSpec
    vpc_id: pulumi.Input[str]
    subnet_ids: Subnets
    """Private subnets, one per zone: a map from zone to id, or a list."""
    cluster: ClusterReference | None = None
    """Without one the service makes its own."""
    capacity_provider_name: pulumi.Input[str] | None = None
    """EC2 capacity: the provider over an Auto Scaling group, in the given cluster."""
    target_groups: Sequence[TargetGroupAttachment] = ()
    """Empty: a worker."""
    balancer_security_group_id: pulumi.Input[str] | None = None
    """The only group that may reach the attached ports."""
    ingress_security_group_ids: Mapping[str, pulumi.Input[str]] = field(default_factory=dict)
    """Further groups that may reach every port of the main container, by name: clients by Service Connect."""
    image: pulumi.Input[str] | None = None
    """Full reference of an image that the program builds, by digest; in place of the spec's."""
    repository_arns: Sequence[pulumi.Input[str]] = ()
    """ECR repositories behind `image`; those of the spec's images are known by their names."""
    environment: Mapping[str, pulumi.Input[str]] = field(default_factory=dict)
    """Further variables of the main container, known after deployment."""
    secrets: Mapping[str, pulumi.Input[str]] = field(default_factory=dict)
    """Further secrets of the main container: variable to ARN."""
    secret_key_arns: Sequence[pulumi.Input[str]] = ()
    """KMS keys of one's own behind the secrets and parameters."""
    permissions: Mapping[str, PermissionArgs] = field(default_factory=dict)
    """Further rights of the application, by name."""
    deployment_alarm_names: Sequence[pulumi.Input[str]] = ()
    """CloudWatch alarms that fail a deployment, and with `rollback` turn it back."""
    namespace_arn: pulumi.Input[str] | None = None
    """Service Connect's namespace; without one the service makes its own where the spec asks for Service Connect."""
    log_key_arn: pulumi.Input[str] | None = None
    """KMS key of the log group; without one CloudWatch's own."""
    permissions_boundary: pulumi.Input[str] | None = None
    """ARN of the policy at which the rights of the roles end; none for roles without a boundary."""
    after: Sequence[pulumi.Resource] = ()
    """What must exist before tasks start: listeners in front of the target groups, routes to the internet."""
    tags: Mapping[str, pulumi.Input[str]] = field(default_factory=dict)
    """Laid on every child and on the tasks."""
    extensions: Extensions = field(default_factory=dict)
    """Options laid over those of single children, by role."""
    deployed: Deployed = NOTHING_KNOWN
    """What the last deployment left, and when this one runs: bounds that schedules own are then left to them."""
