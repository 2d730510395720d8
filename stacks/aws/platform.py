"""What every composition on AWS stands on: the provider, the network, the balancer."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
import pulumi_aws

from components.deployed import Deployed
from components.load_balancer import LoadBalancer, LoadBalancerArgs
from components.log_key import LogKey
from components.network import Network, NetworkArgs
from components.references import TargetGroupReference
from stacks import secrets
from stacks.aws import provider
from stacks.aws.settings import BALANCER, AwsSettings
from stacks.outputs import NetworkOutputs


@dataclass(frozen=True)
class Platform:
    """The shared resources of a stack."""

    settings: AwsSettings
    aws: pulumi_aws.Provider
    network: Network
    balancer: LoadBalancer | None
    """None when nothing takes traffic."""
    deployed: Deployed
    """What the last deployment left, and when this one runs."""
    log_key_arn: pulumi.Output[str] | None
    """Key of the log groups in production; elsewhere CloudWatch's own."""

    @property
    def options(self) -> pulumi.ResourceOptions:
        """Options of every component: the one provider."""
        return pulumi.ResourceOptions(providers=[self.aws])

    @property
    def egress_dependencies(self) -> list[pulumi.Resource]:
        """What must stand before a task or instance starts: routes to fetch images, listeners that lead to it."""
        return [self.network, self.balancer] if self.balancer else [self.network]

    @property
    def account_id(self) -> pulumi.Output[str]:
        """Account that the stack stands in: that of its balancer or network, as AWS says, else the one allowed."""
        owners = [self.balancer.account_id if self.balancer else None, self.network.account_id]
        known = next((owner for owner in owners if owner is not None), None)
        return known if known is not None else pulumi.Output.from_input(self.settings.environment.account_ids[0])

    @property
    def network_outputs(self) -> NetworkOutputs:
        """What the stack exports of its network."""
        return NetworkOutputs(self.network.vpc_id, self.network.private_subnet_ids, self.network.nat_addresses)

    @property
    def url(self) -> pulumi.Output[str] | None:
        """Where the balancer answers."""
        return self.balancer.url if self.balancer and self.settings.load_balancer.kind == "application" else None

    def targets_of(self, name: str) -> TargetGroupReference | None:
        """Where the service or group of that name registers; None for a worker."""
        balancer = self.balancer
        return balancer.targets_of(name) if balancer is not None and name in balancer.target_group_arns else None


def create_platform(settings: AwsSettings, deployed: Deployed) -> Platform:
    """Create the shared resources of a stack: provider, network, balancer."""
    aws = provider.make(settings.environment)
    options = pulumi.ResourceOptions(providers=[aws])
    log_key_arn = LogKey("log-key", opts=options).arn if settings.environment.production else None
    boundary = settings.environment.permissions_boundary
    wanted = NetworkArgs(settings.network, log_key_arn=log_key_arn, permissions_boundary=boundary)
    network = Network("network", wanted, options)
    spec = settings.balancer
    if spec is None:
        return Platform(settings, aws, network, None, deployed, log_key_arn)
    subnets = network.public_subnet_ids if spec.scheme == "public" else network.private_subnet_ids
    args = LoadBalancerArgs(
        spec,
        vpc_id=network.vpc_id,
        vpc_cidr=network.vpc_cidr,
        subnet_ids=subnets,
        client_secret=secrets.oidc_client_secret(),
        deployed=deployed,
    )
    return Platform(settings, aws, network, LoadBalancer(BALANCER, args, options), deployed, log_key_arn)
