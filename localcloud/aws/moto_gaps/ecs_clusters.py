"""Gaps of moto's ECS clusters and capacity providers: missing actions, refusals, and the order of deletion."""

from typing import Any, Final

from moto.autoscaling.models import autoscaling_backends
from moto.core.responses import ActionResult
from moto.ecs.models import EC2ContainerServiceBackend as Backend
from moto.ecs.responses import EC2ContainerServiceResponse as Response

from localcloud.aws.moto_gaps import ecs_checks
from localcloud.aws.moto_gaps._patching import Refusal, add, replace

FARGATE_PROVIDERS: Final = ("FARGATE", "FARGATE_SPOT")


@add(Response)
def update_cluster_settings(self: Any) -> Any:
    """UpdateCluster takes the same members."""
    return self.update_cluster()


@replace(Response)
def describe_capacity_providers(_original: Any, self: Any) -> ActionResult:
    """All providers when none is named (moto: 500), with FARGATE and FARGATE_SPOT, which every account has."""
    backend: Backend = self.ecs_backend
    names = self._get_param("capacityProviders") or [*FARGATE_PROVIDERS, *backend.capacity_providers]
    prefix = f"arn:aws:ecs:{self.region}:{self.current_account}:capacity-provider"
    fargate = [
        {"name": name, "status": "ACTIVE", "capacityProviderArn": f"{prefix}/{name}"}
        for name in names
        if name in FARGATE_PROVIDERS
    ]
    own, failures = backend.describe_capacity_providers([n for n in names if n not in FARGATE_PROVIDERS])
    return ActionResult({"capacityProviders": fargate + list(own), "failures": failures})


@replace(Backend)
def create_capacity_provider(original: Any, self: Any, name: str, asg_details: Any, tags: Any) -> Any:
    """Refuse a name in use, an unknown group, and providers without a group (managed instances are not served)."""
    if name in self.capacity_providers:
        raise Refusal(
            "ClientException", "A capacity provider with the same name already exists. Specify a different name."
        )
    if not asg_details:
        raise Refusal("ClientException", "the local cloud serves capacity providers of Auto Scaling groups only")
    groups = autoscaling_backends[self.account_id][self.region_name].autoscaling_groups.values()
    if asg_details["autoScalingGroupArn"] not in {reference for g in groups for reference in (g.arn, g.name)}:
        raise Refusal("ClientException", "The specified Auto Scaling group ARN is not valid. Specify a valid ARN.")
    return original(self, name, asg_details, tags)


@replace(Backend)
def delete_capacity_provider(original: Any, self: Any, name_or_arn: str) -> Any:
    """Refuse a provider that is not there (moto: 500) or that a cluster uses."""
    provider = self._get_provider(name_or_arn)
    if not provider:
        raise Refusal("ClientException", "The specified capacity provider does not exist. Specify a valid name or ARN.")
    if any(provider.name in (c.capacity_providers or []) for c in self.clusters.values() if c.status == "ACTIVE"):
        raise Refusal(
            "ResourceInUseException", "The capacity provider cannot be deleted because it is associated with a cluster."
        )
    return original(self, name_or_arn)


@replace(Backend)
def put_cluster_capacity_providers(
    original: Any, self: Any, cluster_name: str, capacity_providers: list[str], strategy: list[dict[str, Any]]
) -> Any:
    """Refuse a provider that is not there, one that a service uses and that would go, and a strategy with others."""
    ecs_checks.check_cluster_providers(self, self._get_cluster(cluster_name), capacity_providers or [], strategy or [])
    return original(self, cluster_name, capacity_providers, strategy)


@replace(Backend)
def create_cluster(original: Any, self: Any, cluster_name: str, *arguments: Any, **keywords: Any) -> Any:
    """Answer an active cluster of the same name as it is; moto replaces it and loses its services."""
    existing = self.clusters.get(cluster_name)
    if existing and existing.status == "ACTIVE":
        return existing
    return original(self, cluster_name, *arguments, **keywords)


@replace(Backend)
def delete_cluster(original: Any, self: Any, cluster_str: str) -> Any:
    """Refuse a cluster with services, tasks or container instances."""
    cluster = self._get_cluster(cluster_str)
    if any(s.cluster_name == cluster.name and s.status == "ACTIVE" for s in self.services.values()):
        raise Refusal("ClusterContainsServicesException", "The Cluster cannot be deleted while Services are active.")
    if self.container_instances.get(cluster.name):
        raise Refusal(
            "ClusterContainsContainerInstancesException",
            "The Cluster cannot be deleted while Container Instances are active or draining.",
        )
    if any(t.last_status != "STOPPED" for t in self.tasks.get(cluster.name, {}).values()):
        raise Refusal("ClusterContainsTasksException", "The Cluster cannot be deleted while Tasks are active.")
    deleted = original(self, cluster_str)
    cluster.capacity_providers, cluster.default_capacity_provider_strategy = [], []
    return deleted
