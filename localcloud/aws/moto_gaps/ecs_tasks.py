"""Tasks of ECS services: started, stopped, and registered with target groups.

A task on the awsvpc network has a network interface in one of the service's subnets, with the service's security
groups; so its subnet and groups cannot be deleted while it runs, as on AWS. On other networks a task has no interface
of its own, and its target is an instance of the group behind the service's capacity provider, if there is one.
"""

import re
from collections.abc import Iterable
from typing import Any, Final

from moto.autoscaling.models import autoscaling_backends
from moto.core.utils import utcnow
from moto.ec2.models import ec2_backends
from moto.ecr.models import ecr_backends
from moto.elbv2.models import elbv2_backends
from moto.moto_api._internal import mock_random

from localcloud.aws.moto_gaps.images import is_broken


class ServiceTask:
    """A task that a service's deployment started; its attributes have the names that moto's serializer reads."""

    def __init__(self, backend: Any, service: Any, deployment: str, number: int) -> None:
        definition = backend.describe_task_definition(service.task_definition)
        self.id = mock_random.get_random_hex(32)
        self.cluster_name = service.cluster_name
        self.cluster_arn = service.cluster_arn
        prefix = service.cluster_arn.replace(":cluster/", ":task/")
        self.task_arn = f"{prefix}/{self.id}"
        self.task_definition_arn = definition.arn
        self.group = f"service:{service.name}"
        self.started_by = deployment
        self.launch_type = service.launch_type or ("EC2" if instance_groups(backend, service) else "FARGATE")
        self.capacity_provider_name = next((c["capacityProvider"] for c in strategy(service)), None)
        self.platform_version = getattr(service, "platform_version", None)
        self.enable_execute_command = bool(getattr(service, "enable_execute_command", False))
        self.cpu, self.memory = definition.cpu, definition.memory
        self.created_at = self.started_at = utcnow()
        self.desired_status = self.last_status = "RUNNING"
        self.connectivity, self.health_status, self.version = "CONNECTED", "UNKNOWN", 2
        self.stop_code: str | None = None
        self.stopped_reason: str | None = None
        self.stopped_at: Any = None
        self.tags = list(service.tags) if service.propagate_tags == "SERVICE" else []
        self.overrides: dict[str, Any] = {"containerOverrides": [{"name": c["name"]} for c in containers(definition)]}
        self.container_instance_arn = self.resource_requirements = None
        self.attachments: list[dict[str, Any]] = []
        self.groups: list[Any] = []
        """The target groups that it is registered with."""
        self.interface = _interface(backend, service, number) if definition.network_mode == "awsvpc" else None
        if self.interface:
            self.attachments = [_attachment(self.interface, backend.region_name)]
            self.availability_zone = self.interface.subnet.availability_zone
        self.containers = [_container(self, c) for c in containers(definition)]

    def advance(self) -> None:
        """Stay as it is: moto moves its own tasks on when they are described."""

    def stop(self, backend: Any, code: str, reason: str) -> None:
        """Make this a stopped task, whose network interface is gone."""
        self.desired_status = self.last_status = "STOPPED"
        self.stop_code, self.stopped_reason, self.stopped_at = code, reason, utcnow()
        for container in self.containers:
            container["lastStatus"] = "STOPPED"
        for attachment in self.attachments:
            attachment["status"] = "DELETED"
        if self.interface:
            _ec2(backend).enis.pop(self.interface.id, None)


def containers(definition: Any) -> list[dict[str, Any]]:
    """The container definitions of a task definition."""
    return list(definition.container_definitions)


def broken_image(backend: Any, task_definition: str) -> str | None:
    """The first image of a task definition that is declared broken."""
    images = (c.get("image", "") for c in containers(backend.describe_task_definition(task_definition)))
    return next((image for image in images if is_broken(image)), None)


def broken_content(backend: Any, task_definition: str) -> str | None:
    """The first image whose tag leads, in a registry of this cloud, to one that is tagged `broken` too: a tag that was
    pushed anew. Tasks of an earlier deployment keep what the tag led to then."""
    images = (c.get("image", "") for c in containers(backend.describe_task_definition(task_definition)))
    return next((image for image in images if (held := _held(image)) and "broken" in held.image_tags), None)


def strategy(service: Any) -> list[dict[str, Any]]:
    """A service's capacity provider strategy."""
    return list(getattr(service, "capacity_provider_strategy", None) or [])


def instance_groups(backend: Any, service: Any) -> list[Any]:
    """The Auto Scaling groups behind a service's capacity providers."""
    groups = autoscaling_backends[backend.account_id][backend.region_name].autoscaling_groups.values()
    providers = [backend._get_provider(c["capacityProvider"]) for c in strategy(service)]
    arns = [p.auto_scaling_group_provider["autoScalingGroupArn"] for p in providers if p]
    return [g for g in groups if g.arn in arns or g.name in arns]


def of(backend: Any, service: Any, status: str = "RUNNING") -> list[ServiceTask]:
    """A service's tasks, oldest first."""
    tasks = backend.tasks.get(service.cluster_name, {}).values()
    return [t for t in tasks if t.group == f"service:{service.name}" and t.last_status == status]


def start(backend: Any, service: Any, deployment: str, count: int, side: int | None = None) -> list[ServiceTask]:
    """Start tasks of the service's task definition and register them; `side` is 1 for the alternate target group."""
    started = [ServiceTask(backend, service, deployment, number) for number in range(count)]
    backend.tasks.setdefault(service.cluster_name, {}).update({t.task_arn: t for t in started})
    _register(backend, service, started, getattr(service, "production_side", 0) if side is None else side)
    return started


def stop(backend: Any, service: Any, tasks: Iterable[ServiceTask]) -> list[ServiceTask]:
    """Stop tasks as the service's scheduler does, and forget them."""
    stopped = list(tasks)
    _deregister(backend, service, stopped)
    for task in stopped:
        task.stop(backend, "ServiceSchedulerInitiated", f"Scaling activity initiated by (deployment {task.started_by})")
        backend.tasks[service.cluster_name].pop(task.task_arn, None)
    return stopped


def fail(backend: Any, service: Any, deployment: str, count: int, image: str) -> None:
    """Leave tasks that were stopped because their image could not be pulled."""
    reason = f"CannotPullContainerError: failed to resolve ref {image}: not found"
    for number in range(count):
        task = ServiceTask(backend, service, deployment, number)
        task.stop(backend, "TaskFailedToStart", reason)
        backend.tasks.setdefault(service.cluster_name, {})[task.task_arn] = task


def forget_stopped(backend: Any, service: Any) -> None:
    """Forget the service's stopped tasks; AWS shows them for about an hour."""
    for task in of(backend, service, "STOPPED"):
        del backend.tasks[service.cluster_name][task.task_arn]


def _ec2(backend: Any) -> Any:
    return ec2_backends[backend.account_id][backend.region_name]


def _interface(backend: Any, service: Any, number: int) -> Any:
    ec2, network = _ec2(backend), service.network_configuration["awsvpcConfiguration"]
    subnet = ec2.get_subnet(network["subnets"][number % len(network["subnets"])])
    groups = network.get("securityGroups") or [ec2.get_default_security_group(subnet.vpc_id).id]
    interface = ec2.create_network_interface(subnet, [], group_ids=groups, description=f"ecs {service.arn}")
    interface.status = "in-use"
    return interface


def _attachment(interface: Any, region: str) -> dict[str, Any]:
    details = {
        "subnetId": interface.subnet.id,
        "networkInterfaceId": interface.id,
        "macAddress": interface.mac_address,
        "privateDnsName": f"ip-{interface.private_ip_address.replace('.', '-')}.{region}.compute.internal",
        "privateIPv4Address": interface.private_ip_address,
    }
    return {
        "id": str(mock_random.uuid4()),
        "type": "ElasticNetworkInterface",
        "status": "ATTACHED",
        "details": [{"name": name, "value": value} for name, value in details.items()],
    }


def _container(task: ServiceTask, definition: dict[str, Any]) -> dict[str, Any]:
    address = task.interface and {"privateIpv4Address": task.interface.private_ip_address}
    return {
        "containerArn": f"{task.task_arn.replace(':task/', ':container/')}/{mock_random.uuid4()}",
        "taskArn": task.task_arn,
        "name": definition["name"],
        "image": definition.get("image"),
        "imageDigest": digest(definition.get("image")),
        "runtimeId": f"{task.id}-{mock_random.getrandbits(32)}",
        "lastStatus": "RUNNING",
        "healthStatus": "HEALTHY" if "healthCheck" in definition else "UNKNOWN",
        "networkBindings": [],
        "networkInterfaces": [address] if address else [],
        "cpu": str(definition.get("cpu", 0)),
        "memory": definition.get("memory") and str(definition["memory"]),
        "memoryReservation": definition.get("memoryReservation") and str(definition["memoryReservation"]),
    }


_IN_REGISTRY: Final = re.compile(
    r"(?P<account>\d{12})\.dkr\.ecr\.(?P<region>[a-z0-9-]+)\.amazonaws\.com/(?P<repository>[^@:]+)(?::(?P<tag>[^@:]+))?$"
)


def digest(image: str | None) -> str | None:
    """The digest that an image's tag leads to now, as a task resolves it where version consistency is off; None where
    no registry of this cloud has it."""
    named = (image or "").partition("@")[2]
    held = None if named else _held(image or "")
    return str(held.get_image_digest()) if held else named or None


def _held(image: str) -> Any:
    """What a registry of this cloud has under an image's tag; None where there is nothing."""
    found = _IN_REGISTRY.match(image)
    if not found:
        return None
    registry = ecr_backends[found["account"]][found["region"]].repositories.get(found["repository"])
    tag = found["tag"] or "latest"
    return next((one for one in (registry.images if registry else []) if tag in one.image_tags), None)


def _target_groups(backend: Any, service: Any, side: int) -> list[tuple[Any, dict[str, Any]]]:
    groups = elbv2_backends[backend.account_id][backend.region_name].target_groups
    named = []
    for balancer in service.load_balancers:
        alternate = (balancer.get("advancedConfiguration") or {}).get("alternateTargetGroupArn")
        named.append((groups.get(alternate if side and alternate else balancer.get("targetGroupArn")), balancer))
    return [(group, balancer) for group, balancer in named if group]


def _register(backend: Any, service: Any, tasks: list[ServiceTask], side: int) -> None:
    for group, balancer in _target_groups(backend, service, side):
        for task in tasks:
            task.groups.append(group)
        addresses = [t.interface.private_ip_address for t in tasks if t.interface]
        if group.target_type == "instance":
            states = [s for g in instance_groups(backend, service) for s in g.active_instances()]
            addresses = [s.instance.id for s in states]
        group.register([{"Id": address, "Port": balancer["containerPort"]} for address in addresses])


def _deregister(backend: Any, service: Any, tasks: list[ServiceTask]) -> None:
    addresses = {t.interface.private_ip_address for t in tasks if t.interface}
    for group in {group.arn: group for task in tasks for group in task.groups}.values():
        for address in addresses & set(group.targets):
            del group.targets[address]
        if group.target_type == "instance" and not set(of(backend, service)) - set(tasks):
            group.targets.clear()
