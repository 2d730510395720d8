"""A network, a balancer, container services behind it or beside it, and their alarms. Wiring only."""

from __future__ import annotations

from components.container_service import ContainerService, ContainerServiceArgs, TargetGroupAttachment
from components.specs import BalancedService
from stacks.outputs import Outputs, ServiceOutputs
from stacks.platform import BalancedTargets, Platform, lay
from stacks.settings import Service, Settings


def build(settings: Settings) -> Outputs:
    """Compose the platform of a web application."""
    platform = lay(settings)
    services = {name: _service(platform, name, service) for name, service in settings.services.items()}
    return Outputs(
        composition=settings.composition,
        region=settings.environment.region,
        network=platform.network_outputs,
        url=platform.url,
        services={name: _outputs(service) for name, service in services.items()},
    )


def _service(platform: Platform, name: str, service: Service) -> ContainerService:
    targets = platform.targets_of(name)
    args = ContainerServiceArgs(
        service.spec,
        vpc_id=platform.network.vpc_id,
        subnet_ids=list(platform.network.private_subnet_ids.values()),
        target_groups=[_attachment(targets, service, service.traffic)] if targets and service.traffic else [],
        balancer_security_group_id=targets.security_group_id if targets else None,
        after=platform.ways_to_the_world,
    )
    return ContainerService(name, args, platform.options)


def _attachment(targets: BalancedTargets, service: Service, traffic: BalancedService) -> TargetGroupAttachment:
    return TargetGroupAttachment(
        port=next(name for name, port in service.container.ports.items() if port.number == traffic.port),
        arn=targets.arn,
        suffix=targets.suffix,
        balancer_suffix=targets.balancer_suffix,
        alternate_arn=targets.alternate_arn,
        alternate_suffix=targets.alternate_suffix,
        production_rule_arn=targets.rule_arn if targets.alternate_arn else None,
    )


def _outputs(service: ContainerService) -> ServiceOutputs:
    return ServiceOutputs(
        cluster=service.cluster_name,
        service=service.service_name,
        task_definition=service.task_definition_arn,
        log_group=service.log_group_name,
        security_group_id=service.security_group_id,
    )
