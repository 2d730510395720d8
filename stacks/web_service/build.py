"""A network, a balancer, container services behind it or beside it, and their alarms. Wiring only."""

from __future__ import annotations

import pulumi

from components.alarms import Subject, service_alarms
from components.container_service import ContainerService, ContainerServiceArgs, TargetGroupAttachment
from components.deployed import NOTHING_KNOWN, Deployed
from components.metrics import Measure
from components.references import ClusterReference
from components.specs import BalancedService
from stacks.aws import watching
from stacks.aws.platform import Platform, create_platform
from stacks.outputs import Outputs, ServiceOutputs
from stacks.web_service.settings import Service, WebServiceSettings


def build(settings: WebServiceSettings, deployed: Deployed = NOTHING_KNOWN) -> Outputs:
    """Compose the platform of a web application."""
    platform = create_platform(settings, deployed)
    wanted = {name: service.rollback_alarms for name, service in settings.services.items()}
    rollback_alarms_of = watching.rollback(platform, wanted)
    services = {
        name: _service(platform, name, service, rollback_alarms_of.get(name, []))
        for name, service in settings.services.items()
    }
    subjects = {name: _subject(platform, name, settings.services[name], made) for name, made in services.items()}
    alarms = watching.watch(platform, subjects)
    return Outputs(
        composition=settings.composition,
        region=settings.environment.region,
        network=platform.network_outputs,
        url=platform.url,
        services={name: _outputs(service) for name, service in services.items()},
        topic=alarms.topic_arn,
        dashboard=alarms.dashboard_name,
    )


def _service(
    platform: Platform, name: str, service: Service, rollback_alarms: list[pulumi.Output[str]]
) -> ContainerService:
    targets, traffic = platform.targets_of(name), service.traffic
    args = ContainerServiceArgs(
        service.spec,
        vpc_id=platform.network.vpc_id,
        subnet_ids=platform.network.private_subnet_ids,
        target_groups=[TargetGroupAttachment.of(_port_of(service, traffic), targets)] if targets and traffic else [],
        balancer_security_group_id=targets.security_group_id if targets else None,
        cluster=ClusterReference(shared.name, shared.arn) if (shared := service.cluster) else None,
        capacity_provider_name=shared.capacity_provider if shared else None,
        deployment_alarm_names=rollback_alarms,
        after=platform.egress_dependencies,
        deployed=platform.deployed,
    )
    return ContainerService(name, args, platform.options)


def _port_of(service: Service, traffic: BalancedService) -> str:
    return next(name for name, port in service.container.ports.items() if port.number == traffic.port)


def _outputs(service: ContainerService) -> ServiceOutputs:
    return ServiceOutputs(
        cluster=service.cluster_name,
        service=service.service_name,
        task_definition=service.task_definition_arn,
        log_group=service.log_group_name,
        security_group_id=service.security_group_id,
    )


def _subject(platform: Platform, name: str, service: Service, made: ContainerService) -> Subject:
    metrics: dict[str, Measure] = {"cpu": made.metrics.cpu, "memory": made.metrics.memory}
    if service.container_insights:
        metrics |= {"running": made.metrics.running, "desired": made.metrics.desired}
    rules = service.elasticity
    own = service_alarms(metrics, service.alarms, maximum=rules.maximum if rules else None)
    return Subject(
        alarms=watching.alarms_of(platform, name, service, own),
        bands=watching.bands(platform, name),
        log_alarms=service.log_alarms,
        log_group_name=made.log_group_name,
        service_arn=made.service_arn,
        deployment_failed=service.alarms.deployment_failed,
        panels=watching.panels(platform, name, metrics, rules),
    )
