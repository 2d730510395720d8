"""What ECS refuses and moto accepts: each check raises a refusal with AWS's code and AWS's words, as far as known."""

from typing import Any

from moto.ec2.models import ec2_backends
from moto.elbv2.models import elbv2_backends
from moto.iam.models import iam_backends
from moto.servicediscovery.models import servicediscovery_backends

from localcloud.aws.limits import fargate
from localcloud.aws.moto_gaps import ecs_tasks
from localcloud.aws.moto_gaps._patching import Refusal

FARGATE_PROVIDERS = frozenset({"FARGATE", "FARGATE_SPOT"})


def on_fargate(service: Any) -> bool:
    """Whether a service's tasks run on Fargate."""
    return service.launch_type == "FARGATE" or any(
        c["capacityProvider"] in FARGATE_PROVIDERS for c in ecs_tasks.strategy(service)
    )


def check_new_service(backend: Any, cluster: Any, parameters: dict[str, Any]) -> None:
    """Refuse a service that AWS would not make."""
    if cluster.status != "ACTIVE":
        raise Refusal("ClusterNotFoundException", "Cluster not found.")
    existing = backend.services.get(f"{cluster.name}:{parameters['serviceName']}")
    if existing and existing.status == "ACTIVE":
        raise _invalid("Creation of service was not idempotent.")
    if parameters.get("launchType") and parameters.get("capacityProviderStrategy"):
        raise _invalid("Specifying both a launch type and capacity provider strategy is not supported. Remove one.")
    strategy = parameters.get("capacityProviderStrategy") or []
    if not parameters.get("launchType"):
        strategy = strategy or cluster.default_capacity_provider_strategy or []
    _check_strategy(backend, cluster, strategy)
    _check_target_groups(backend, parameters)
    _check_groups(backend, parameters.get("networkConfiguration"))
    if "taskDefinition" not in parameters:
        return
    definition = _active_definition(backend, parameters["taskDefinition"])
    _check_network(definition, parameters.get("networkConfiguration"))
    _check_containers(definition, parameters.get("loadBalancers") or [])
    _check_target_types(backend, definition, parameters.get("loadBalancers") or [])
    _check_registries(backend, definition, parameters.get("serviceRegistries") or [])
    if parameters.get("enableExecuteCommand") and not getattr(definition, "task_role_arn", None):
        raise _invalid(
            "The service couldn't be created because a valid taskRoleArn is not being used. Specify a valid task role "
            "in your task definition and try again."
        )
    fargate_wanted = parameters.get("launchType") == "FARGATE" or any(
        c["capacityProvider"] in FARGATE_PROVIDERS for c in strategy
    )
    if fargate_wanted and "FARGATE" not in (definition.requires_compatibilities or []):
        raise _invalid("Task definition does not support launch_type FARGATE.")
    _check_way_of_running(parameters, on_fargate=fargate_wanted)


def _check_way_of_running(parameters: dict[str, Any], *, on_fargate: bool) -> None:
    if on_fargate and parameters.get("schedulingStrategy") == "DAEMON":
        raise _invalid("The DAEMON scheduling strategy is not supported for tasks that use the Fargate launch type.")
    network = (parameters.get("networkConfiguration") or {}).get("awsvpcConfiguration") or {}
    if not on_fargate and network.get("assignPublicIp") == "ENABLED":
        raise _invalid("Assign public IP is not supported for this launch type.")
    controller = (parameters.get("deploymentController") or {}).get("type", "ECS")
    _check_deployment(parameters.get("deploymentConfiguration") or {}, controller)


def _check_deployment(configuration: dict[str, Any], controller: str) -> None:
    if controller == "ECS":
        if configuration.get("strategy", "ROLLING") == "ROLLING" and (
            configuration.get("maximumPercent") == configuration.get("minimumHealthyPercent") == WHOLE
        ):
            raise _invalid(
                "Both maximumPercent and minimumHealthyPercent cannot be 100 as this will block deployments."
            )
        return
    for name in ("deploymentCircuitBreaker", "alarms"):
        if (configuration.get(name) or {}).get("enable"):
            raise _invalid(f"{name} is only supported with the ECS deployment controller, not with {controller}.")


def check_update(backend: Any, service: Any, properties: dict[str, Any]) -> None:
    """Refuse an update that AWS would refuse; properties are in snake case."""
    if service.status != "ACTIVE":
        raise Refusal("ServiceNotActiveException", "Service was not ACTIVE.")
    cluster = backend.clusters[service.cluster_name]
    _check_strategy(backend, cluster, properties.get("capacity_provider_strategy") or [])
    _check_target_groups(backend, {"loadBalancers": properties.get("load_balancers")})
    wanted = properties.get("task_definition") or service.task_definition
    if wanted:
        definition = backend.describe_task_definition(wanted)
        if properties.get("task_definition"):
            definition = _active_definition(backend, wanted)
        _check_network(definition, properties.get("network_configuration") or service.network_configuration)
        balancers = properties.get("load_balancers") or service.load_balancers
        _check_containers(definition, balancers)
        _check_target_types(backend, definition, balancers)
    asked = (properties.get("network_configuration") or {}).get("awsvpcConfiguration") or {}
    if asked.get("assignPublicIp") == "ENABLED" and not on_fargate(service):
        raise _invalid("Assign public IP is not supported for this launch type.")
    controller = getattr(service, "deployment_controller", None) or {}
    _check_deployment(properties.get("deployment_configuration") or {}, controller.get("type", "ECS"))
    _check_groups(backend, properties.get("network_configuration"))
    if properties.get("network_configuration"):
        service._validate_network(properties["network_configuration"])


def check_task_definition(parameters: dict[str, Any]) -> None:
    """Refuse a Fargate task without a size, or with one that Fargate does not have, and roles that are no ARNs."""
    if "FARGATE" in parameters.get("requiresCompatibilities", []):
        cpu, memory = parameters.get("cpu"), parameters.get("memory")
        if not cpu or not memory:
            missing = "cpu" if not cpu else "memory"
            raise _client(f"Fargate requires that '{missing}' be defined at the task level.")
        if not fargate.runs(cpu, memory):
            raise _client(
                "No Fargate configuration exists for given values: "
                f"{_known(cpu)} CPU, {_known(memory)} memory. See the Amazon ECS documentation for the valid values."
            )
        if parameters.get("networkMode", "awsvpc") != "awsvpc":
            raise _client("Fargate only supports network mode 'awsvpc'.")
    names = [c.get("name") for c in parameters.get("containerDefinitions", [])]
    if len(names) != len(set(names)):
        raise _client("Container names must be unique within a task definition.")


def check_cluster_providers(backend: Any, cluster: Any, names: list[str], strategy: list[dict[str, Any]]) -> None:
    """Refuse unknown providers, a strategy of providers that the cluster lacks, and to take one from a service."""
    for name in names:
        _known_provider(backend, name)
    for item in strategy:
        if item["capacityProvider"] not in names:
            raise _invalid("The specified default strategy cannot contain a capacity provider that is not associated.")
    for service in backend.services.values():
        used = {c["capacityProvider"] for c in ecs_tasks.strategy(service)}
        if service.cluster_name == cluster.name and service.status == "ACTIVE" and not used <= set(names):
            raise Refusal(
                "ResourceInUseException",
                "The specified capacity provider is in use and cannot be removed.",
            )


def check_roles(account: str, parameters: dict[str, Any]) -> None:
    """Refuse a task definition's role of this account that is not there."""
    known = {role.arn for role in iam_backends[account]["aws"].roles.values()}
    for arn in (parameters.get("taskRoleArn"), parameters.get("executionRoleArn")):
        if arn and f":iam::{account}:role/" in arn and arn not in known:
            raise _client("Role is not valid")


def _check_strategy(backend: Any, cluster: Any, strategy: list[dict[str, Any]]) -> None:
    for item in strategy:
        _known_provider(backend, item["capacityProvider"])
        if item["capacityProvider"] not in (cluster.capacity_providers or []):
            raise _invalid(
                f"The specified capacity provider '{item['capacityProvider']}' is not associated with the cluster."
            )
    if sum(bool(item.get("base")) for item in strategy) > 1:
        raise _invalid("Only one capacity provider in a capacity provider strategy can have a base value defined.")


def _known_provider(backend: Any, name: str) -> None:
    if name not in FARGATE_PROVIDERS and not backend._get_provider(name):
        raise _invalid(f"The specified capacity provider '{name}' was not found.")


def _check_target_groups(backend: Any, parameters: dict[str, Any]) -> None:
    elb = elbv2_backends[backend.account_id][backend.region_name]
    for balancer in parameters.get("loadBalancers") or []:
        arn = balancer.get("targetGroupArn")
        if not arn:
            continue
        if arn not in elb.target_groups:
            raise _invalid(f"The target group {arn} does not exist.")
        if not elb._any_listener_using(arn):
            raise _invalid(f"The target group with targetGroupArn {arn} does not have an associated load balancer.")


def _active_definition(backend: Any, reference: str) -> Any:
    definition = backend.describe_task_definition(reference)
    if definition.status != "ACTIVE":
        raise _client("TaskDefinition is inactive")
    return definition


def _check_network(definition: Any, network: dict[str, Any] | None) -> None:
    if definition.network_mode == "awsvpc" and not network:
        raise _invalid("Network Configuration must be provided when networkMode 'awsvpc' is specified.")
    if definition.network_mode != "awsvpc" and network:
        raise _invalid("Network Configuration is not valid for the given networkMode of this task definition.")


def _check_groups(backend: Any, network: dict[str, Any] | None) -> None:
    found = (network or {}).get("awsvpcConfiguration") or {}
    ec2 = ec2_backends[backend.account_id][backend.region_name]
    subnets = [subnet for subnet in ec2.describe_subnets() if subnet.id in found.get("subnets", [])]
    groups = [ec2.get_security_group_from_id(group) for group in found.get("securityGroups") or []]
    strangers = [group.id for group in groups if group and subnets and group.vpc_id != subnets[0].vpc_id]
    if strangers:
        raise _invalid(f"Security group {strangers[0]} does not appear to belong to the same VPC as the input subnets.")


def _check_containers(definition: Any, balancers: list[dict[str, Any]]) -> None:
    ports = {
        c["name"]: {p.get("containerPort") for p in c.get("portMappings", [])} for c in definition.container_definitions
    }
    for balancer in balancers:
        name, port = balancer.get("containerName"), balancer.get("containerPort")
        if name is None:
            continue
        if name not in ports:
            raise _invalid(f"The container {name} does not exist in the task definition.")
        if port not in ports[name]:
            raise _invalid(f"The container {name} did not have a container port {port} defined.")


WHOLE = 100
"""Percent."""
OWN_INTERFACE = "awsvpc"


def _check_target_types(backend: Any, definition: Any, balancers: list[dict[str, Any]]) -> None:
    """A task with an interface of its own is reached by its address, any other by its instance."""
    groups = elbv2_backends[backend.account_id][backend.region_name].target_groups
    mode = definition.network_mode or "bridge"
    for balancer in balancers:
        advanced = balancer.get("advancedConfiguration") or {}
        for arn in (balancer.get("targetGroupArn"), advanced.get("alternateTargetGroupArn")):
            kind = groups[arn].target_type if arn in groups else None
            wrong = "instance" if mode == OWN_INTERFACE else "ip"
            if kind == wrong:
                raise _invalid(
                    f"The provided target group {arn} has target type {kind}, which is incompatible with the {mode} "
                    "network mode specified in the task definition."
                )


def _check_registries(backend: Any, definition: Any, registries: list[dict[str, Any]]) -> None:
    """A record of type A has no port; one of type SRV has one."""
    services = servicediscovery_backends[backend.account_id][backend.region_name].services
    known = {service.arn: service for service in services.values()}
    for registry in registries:
        found = known.get(str(registry.get("registryArn")))
        types = {record["Type"] for record in ((found and found.dns_config) or {}).get("DnsRecords", [])}
        ported = any(registry.get(name) is not None for name in ("port", "containerPort", "containerName"))
        if not types:
            continue
        if "SRV" not in types and ported:
            raise _invalid(
                "A service registry with DNS records of type A takes no port, containerName or containerPort; use "
                "records of type SRV for them."
            )
        if "SRV" in types and not ported:
            raise _invalid(
                "A service registry with DNS records of type SRV needs a port, or a containerName and containerPort."
            )
        if "SRV" not in types and (definition.network_mode or "bridge") != OWN_INTERFACE:
            raise _invalid(
                "When using host or bridge network mode, a service registry supports DNS records of type SRV only."
            )


def _known(value: Any) -> Any:
    try:
        return fargate.units(value)
    except ValueError:
        return value


def _invalid(message: str) -> Refusal:
    return Refusal("InvalidParameterException", message)


def _client(message: str) -> Refusal:
    return Refusal("ClientException", message)
