"""A network, a balancer, container services behind it or beside it, and their alarms. Wiring only."""

from __future__ import annotations

import dataclasses

import pulumi
from pulumi_aws import ecr

from components.alarms import Subject, service_alarms
from components.configuration import Configuration, ConfigurationArgs
from components.container_image import ContainerImage, ContainerImageArgs, Login
from components.container_service import ContainerService, ContainerServiceArgs, TargetGroupAttachment
from components.container_service.roles import repository_arn
from components.deployed import NOTHING_KNOWN, Deployed
from components.metrics import Measure
from components.references import ClusterReference
from components.specs import BalancedService
from stacks.aws import watching
from stacks.aws.composing import Kind, compose
from stacks.aws.platform import Platform
from stacks.builds import check_build
from stacks.outputs import Outputs, ServiceOutputs
from stacks.stack_file import PROJECT
from stacks.web_service.settings import Service, WebServiceSettings


def _service(
    platform: Platform, name: str, service: Service, rollback_alarms: list[pulumi.Output[str]]
) -> ContainerService:
    targets, traffic = platform.targets_of(name), service.traffic
    declared, configuration = service.configuration, _configuration(platform, name, service)
    image = _image(platform, name, service)
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
        log_key_arn=platform.log_key_arn,
        permissions_boundary=platform.settings.environment.permissions_boundary,
        image=image.reference if image else None,
        repository_arns=_pulled_from(service, image),
        environment=configuration.environment if configuration else {},
        secrets=configuration.secrets if configuration else {},
        secret_key_arns=sorted({one.kms_key_arn for one in declared.secrets.values() if one.kms_key_arn}),
        deployed=platform.deployed,
    )
    return ContainerService(name, args, platform.options)


def _image(platform: Platform, name: str, service: Service) -> ContainerImage | None:
    """The image that the stack file says how to build."""
    build = service.build
    if build is None:
        return None
    login = None
    if build.repository is None:
        token = ecr.get_authorization_token_output(opts=pulumi.InvokeOutputOptions(provider=platform.aws))
        login = Login(token.user_name, token.password)
    args = ContainerImageArgs(
        build.spec,
        repository=build.repository,
        login=login,
        deployed=platform.deployed,
        check_build=check_build(),
    )
    return ContainerImage(name, args, platform.options)


def _pulled_from(service: Service, image: ContainerImage | None) -> list[pulumi.Input[str]]:
    """ECR repositories of what is built."""
    if image is None or service.build is None:
        return []
    given = repository_arn(service.build.repository) if service.build.repository else image.repository_arn
    return [] if given is None else [given]


def _configuration(platform: Platform, name: str, service: Service) -> Configuration | None:
    """None for a service without keys: no component that holds nothing."""
    spec = service.configuration
    if not spec.values and not spec.secrets:
        return None
    path = f"/{PROJECT}/{pulumi.get_stack()}/{name}"
    return Configuration(name, ConfigurationArgs(spec, path, deployed=platform.deployed), platform.options)


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
    return dataclasses.replace(
        watching.subject(platform, name, service, rules, metrics, own),
        log_alarms=service.log_alarms,
        log_group_name=made.log_group_name,
        service_arn=made.service_arn,
        deployment_failed=service.alarms.deployment_failed,
    )


_SERVICES = Kind(_service, _subject, _outputs)


def build(settings: WebServiceSettings, deployed: Deployed = NOTHING_KNOWN) -> Outputs:
    """Compose the platform of a web application."""
    return compose(settings, settings.services, deployed, _SERVICES)
