"""Gaps of moto's ECS services, tasks and task definitions: members that CreateService drops, missing actions, refusals.

What services run is in `ecs_deployments` beside this module, and in `ecs_releases` while traffic shifts; what is
refused is in `ecs_checks`.
"""

import copy
from typing import Any, Final

from moto.core.responses import ActionResult
from moto.core.utils import camelcase_to_underscores, utcnow
from moto.ecs.models import EC2ContainerServiceBackend as Backend
from moto.ecs.models import Service
from moto.ecs.responses import EC2ContainerServiceResponse as Response

from localcloud.aws.moto_gaps import ecs_checks, ecs_deployments, ecs_releases, ecs_tasks
from localcloud.aws.moto_gaps._patching import add, replace

KEPT: Final = (
    "capacityProviderStrategy",
    "deploymentConfiguration",
    "healthCheckGracePeriodSeconds",
    "enableExecuteCommand",
    "enableECSManagedTags",
    "availabilityZoneRebalancing",
    "placementConstraints",
    "placementStrategy",
    "serviceConnectConfiguration",
    "volumeConfigurations",
    "vpcLatticeConfigurations",
)
"""Members of CreateService that moto drops; UpdateService keeps them."""
DEPLOYMENT_DEFAULTS: Final = {
    "deploymentCircuitBreaker": {"enable": False, "rollback": False},
    "maximumPercent": 200,
    "minimumHealthyPercent": 100,
}
"""What AWS fills in; the percentages are the defaults of https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DeploymentConfiguration.html"""


@replace(Service)
def _validate_network(original: Any, self: Any, network: dict[str, Any]) -> Any:
    """Security groups are optional (the VPC's default group is taken); moto answers 500 without them."""
    checked = copy.deepcopy(network)
    checked["awsvpcConfiguration"].setdefault("securityGroups", [])
    original(self, checked)
    return network


@replace(Response)
def create_service(original: Any, self: Any) -> ActionResult:
    """Keep all members, refuse what AWS refuses, then run the service; the answer is that of a service that begins."""
    parameters = self._get_params()
    backend: Backend = self.ecs_backend
    cluster = backend._get_cluster(parameters.get("cluster", "default"))
    ecs_checks.check_new_service(backend, cluster, parameters)
    service = original(self).result["service"]
    for name in KEPT:
        if name in parameters:
            setattr(service, camelcase_to_underscores(name), parameters[name])
    if not parameters.get("launchType"):
        service.capacity_provider_strategy = parameters.get("capacityProviderStrategy") or copy.deepcopy(
            cluster.default_capacity_provider_strategy
        )
    if ecs_tasks.strategy(service):
        service.launch_type = None
    if ecs_checks.on_fargate(service) and not service.platform_version:
        service.platform_version = "LATEST"
    service.created_at = utcnow()
    service.deployment_configuration = DEPLOYMENT_DEFAULTS | parameters.get("deploymentConfiguration", {})
    service.deployments = []
    return ActionResult({"service": _deploy(backend, service) if _is_rolling(service) else service})


@replace(Backend)
def update_service(original: Any, self: Any, properties: dict[str, Any]) -> Any:
    """Begin a deployment when what the service runs changes; else bring the tasks to the desired count."""
    service = self._get_service(properties.get("cluster", "default"), properties["service"].rpartition("/")[2])
    ecs_checks.check_update(self, service, properties)
    before, forced = ecs_deployments.revision(service), properties.get("force_new_deployment", False)
    configuration = {**service.deployment_configuration, **(properties.get("deployment_configuration") or {})}
    service = original(self, {**properties, "force_new_deployment": False})
    service.deployment_configuration = configuration
    if service.task_definition:
        service.task_definition = self.describe_task_definition(service.task_definition).arn
    if ecs_tasks.strategy(service):
        service.launch_type = None
    if not _is_rolling(service):
        return service
    if not forced and ecs_deployments.revision(service) == before:
        ecs_deployments.scale(self, service)
        return service
    return _deploy(self, service)


@replace(Backend)
def delete_service(original: Any, self: Any, cluster_name: str, service_name: str, force: bool) -> Any:
    """Stop the service's tasks and take them out of its target groups."""
    service = original(self, cluster_name, service_name, force)
    ecs_deployments.retire(self, service)
    return service


def _is_rolling(service: Any) -> bool:
    return service.deployment_controller.get("type") == "ECS" and bool(service.task_definition)


def _deploy(backend: Backend, service: Any) -> Any:
    """Deploy; what is returned is the service as it was when the deployment had begun, which is AWS's answer."""
    shift = ecs_releases.begin if ecs_releases.shifts(service) else None
    ecs_releases.supersede(backend, service)
    if shift is None:
        service.production_side = 0
    new = ecs_deployments.begin(service)
    begun = copy.copy(service)
    begun.pending_count = service.deployments[0]["pendingCount"]
    ecs_deployments.finish(backend, service, new, shift)
    return begun


@replace(Backend)
def list_tasks(
    original: Any,
    self: Any,
    cluster_str: str | None = None,
    container_instance: str | None = None,
    family: str | None = None,
    started_by: str | None = None,
    service_name: str | None = None,
    desiredStatus: str | None = None,  # noqa: N803 - moto's name
) -> list[Any]:
    """Filter by service, and list running tasks unless told otherwise, as AWS does."""
    instance, status = container_instance, desiredStatus or "RUNNING"
    tasks = original(self, cluster_str, instance, family, started_by, None, status)
    group = f"service:{service_name.rpartition('/')[2]}" if service_name else None
    return [t for t in tasks if not group or t.group == group]


@replace(Backend)
def stop_task(original: Any, self: Any, cluster_str: str, task_str: str, reason: str) -> Any:
    """Start another task in the place of a service's task that a person stopped."""
    task = original(self, cluster_str, task_str, reason)
    if isinstance(task, ecs_tasks.ServiceTask):
        service = self.services[f"{task.cluster_name}:{task.group.partition(':')[2]}"]
        ecs_tasks.stop(self, service, [task])
        ecs_deployments.scale(self, service)
    return task


@add(Response)
def list_service_deployments(self: Any) -> ActionResult:
    """The deployments of a service, newest first."""
    service = self.ecs_backend._get_service(
        self._get_param("cluster", "default"), self._get_param("service").rpartition("/")[2]
    )
    states = self._get_param("status", [])
    found = [d for d in getattr(service, "service_deployments", []) if not states or d.status in states]
    briefs = [
        {
            "serviceDeploymentArn": d.arn,
            "serviceArn": d.service_arn,
            "clusterArn": d.cluster_arn,
            "createdAt": d.created_at,
            "startedAt": d.created_at,
            "finishedAt": None if d.status == "IN_PROGRESS" else d.created_at,
            "targetServiceRevisionArn": d.revision_arn,
            "status": d.status,
            "statusReason": d.reason or None,
        }
        for d in found
    ]
    return ActionResult({"serviceDeployments": briefs})


@add(Response)
def describe_service_deployments(self: Any) -> ActionResult:
    """Deployments by ARN, with their circuit breaker and rollback."""
    arns = self._get_param("serviceDeploymentArns", [])
    known = {d.arn: d for d in _deployments(self.ecs_backend)}
    return ActionResult(
        {
            "serviceDeployments": [
                _service_deployment(known[arn]) | ecs_releases.shown(self.ecs_backend, known[arn])
                for arn in arns
                if arn in known
            ],
            "failures": [{"arn": arn, "reason": "MISSING"} for arn in arns if arn not in known],
        }
    )


@add(Response)
def describe_service_revisions(self: Any) -> ActionResult:
    """What deployments deployed, by ARN."""
    arns = self._get_param("serviceRevisionArns", [])
    known = {d.revision_arn: d for d in _deployments(self.ecs_backend)}
    return ActionResult(
        {
            "serviceRevisions": [_service_revision(self.ecs_backend, known[arn]) for arn in arns if arn in known],
            "failures": [{"arn": arn, "reason": "MISSING"} for arn in arns if arn not in known],
        }
    )


def _deployments(backend: Backend) -> list[ecs_deployments.Deployment]:
    return [d for s in backend.services.values() for d in getattr(s, "service_deployments", [])]


def _service_deployment(deployment: ecs_deployments.Deployment) -> dict[str, Any]:
    breaker = "DISABLED"
    if deployment.breaker["enable"]:
        breaker = "TRIGGERED" if deployment.failed_tasks else "MONITORING_COMPLETE"
    running = deployment.desired_count if deployment.status == "SUCCESSFUL" else 0
    source = deployment.source
    return {
        "serviceDeploymentArn": deployment.arn,
        "serviceArn": deployment.service_arn,
        "clusterArn": deployment.cluster_arn,
        "createdAt": deployment.created_at,
        "startedAt": deployment.created_at,
        "updatedAt": deployment.created_at,
        "finishedAt": None if deployment.status == "IN_PROGRESS" else deployment.created_at,
        "sourceServiceRevisions": [{"arn": source.revision_arn}] if source else [],
        "targetServiceRevision": {
            "arn": deployment.revision_arn,
            "requestedTaskCount": deployment.desired_count,
            "runningTaskCount": running,
            "pendingTaskCount": 0,
        },
        "status": deployment.status,
        "statusReason": deployment.reason or None,
        "deploymentConfiguration": deployment.configuration,
        "rollback": deployment.rollback,
        "deploymentCircuitBreaker": {
            "status": breaker,
            "failureCount": deployment.failed_tasks,
            "threshold": ecs_deployments.failure_threshold(deployment.desired_count),
        },
    }


def _service_revision(backend: Backend, deployment: ecs_deployments.Deployment) -> dict[str, Any]:
    members = deployment.members
    definition = backend.describe_task_definition(members["task_definition"])
    return {
        "serviceRevisionArn": deployment.revision_arn,
        "serviceArn": deployment.service_arn,
        "clusterArn": deployment.cluster_arn,
        "taskDefinition": members["task_definition"],
        "capacityProviderStrategy": members["capacity_provider_strategy"],
        "launchType": None if members["capacity_provider_strategy"] else members["launch_type"],
        "platformVersion": members["platform_version"],
        "loadBalancers": members["load_balancers"],
        "serviceRegistries": members["service_registries"],
        "networkConfiguration": members["network_configuration"] or None,
        "serviceConnectConfiguration": members["service_connect_configuration"],
        "volumeConfigurations": members["volume_configurations"],
        "containerImages": [
            {"containerName": c["name"], "image": c.get("image"), "imageDigest": deployment.digests.get(c["name"])}
            for c in ecs_tasks.containers(definition)
        ],
        "createdAt": deployment.created_at,
    }


@replace(Response)
def register_task_definition(original: Any, self: Any) -> Any:
    """Refuse sizes that Fargate does not have and unknown roles; keep a member that moto drops."""
    parameters = self._get_params()
    ecs_checks.check_task_definition(parameters)
    ecs_checks.check_roles(self.current_account, parameters)
    answer = original(self)
    definition = answer.result["taskDefinition"]
    if "enableFaultInjection" in parameters:
        definition.enable_fault_injection = parameters["enableFaultInjection"]
    return answer
