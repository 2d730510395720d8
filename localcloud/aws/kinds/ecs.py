"""ECS: clusters, capacity providers, task definitions and services.

The ways of the official provider that no request shows are here: a service is drained before it is deleted, a wait for
the steady state ends with the reason of a failed rollout, `taskDefinition` may be a family, a revision or an ARN.
"""

import json
import re
from typing import Any

from localcloud.aws import shapes
from localcloud.aws.client import Aws
from localcloud.aws.kind import Calls, Kind, Naming, Properties, Props, Tags, Translation, answered
from localcloud.aws.kinds.ecs_service import SERVICE
from localcloud.aws.kinds.tagging import retag

CONTAINER_DEFAULTS: Props = {
    "cpu": 0,
    "portMappings": [],
    "essential": True,
    "environment": [],
    "mountPoints": [],
    "volumesFrom": [],
    "systemControls": [],
}
"""What ECS answers for a container definition that leaves these out."""

IMMUTABLE = frozenset({
    "family", "containerDefinitions", "cpu", "memory", "enableFaultInjection", "ephemeralStorage", "executionRoleArn",
    "ipcMode", "networkMode", "pidMode", "placementConstraints", "proxyConfiguration", "requiresCompatibilities",
    "runtimePlatform", "taskRoleArn", "volumes",
})  # fmt: skip
"""All but tags and what concerns the provider: the one row whose replacements are nearly all its inputs."""

WITHOUT_REVISION = re.compile(r":\d+$")


def meaning(definitions: str) -> Any:
    """What two texts of container definitions that ECS takes for the same have in common."""
    try:
        containers = json.loads(definitions)
    except ValueError:
        return definitions
    return [_without_defaults(c) for c in containers] if isinstance(containers, list) else containers


def _without_defaults(container: Any) -> Any:
    if not isinstance(container, dict):
        return container
    kept = {k: _in_order(k, v) for k, v in container.items() if v is not None}
    return {k: v for k, v in kept.items() if CONTAINER_DEFAULTS.get(k, ...) != v}


def _in_order(name: str, value: Any) -> Any:
    """Environment and secrets are sets to ECS; a port mapping is TCP unless it says otherwise."""
    if name in ("environment", "secrets"):
        return sorted(value, key=lambda pair: str(pair.get("name")))
    if name == "portMappings":
        return [{"protocol": "tcp", "hostPort": mapping.get("containerPort")} | mapping for mapping in value]
    return value


def as_text(live: Props) -> Props:
    """The answer with the container definitions as the text that the input is, and the proxy's properties as a map."""
    text = json.dumps(
        [_without_defaults(container) for container in live["containerDefinitions"]], separators=(",", ":")
    )
    proxy = dict(live.get("proxyConfiguration") or {})
    if isinstance(proxy.get("properties"), list):
        proxy["properties"] = {pair["name"]: pair["value"] for pair in proxy["properties"]}
    return live | {"containerDefinitions": text} | ({"proxyConfiguration": proxy} if proxy else {})


def proxy_properties(props: Props) -> Props:
    """The proxy's properties are a map in Pulumi and a list of names and values in AWS."""
    proxy = props.get("proxyConfiguration")
    if not proxy or not isinstance(proxy.get("properties"), dict):
        return props
    pairs = [{"name": k, "value": v} for k, v in proxy["properties"].items()]
    return props | {"proxyConfiguration": proxy | {"properties": pairs}}


def change_provider(aws: Aws, resource_id: str, old: Props, new: Props) -> None:
    """Update the settings; the group itself cannot be sent again."""
    if old.get("autoScalingGroupProvider") != new.get("autoScalingGroupProvider"):
        settings = {k: v for k, v in new["autoScalingGroupProvider"].items() if k != "autoScalingGroupArn"}
        shape = shapes.input_shape("ecs", "update_capacity_provider")
        request = shapes.to_aws("ecs", shape, {"autoScalingGroupProvider": settings}, {})
        aws("ecs", "update_capacity_provider", name=new["name"], **request)


def revision(aws: Aws, resource_id: str, props: Props) -> Props | None:
    """The revision that the resource made, or its family's latest when that is tracked; None when it is deregistered.

    The id is the revision's ARN, where the official provider has the family: the revision is known without the state.
    """
    which = WITHOUT_REVISION.sub("", resource_id) if props.get("trackLatest") in (True, "true") else resource_id
    answer = aws("ecs", "describe_task_definition", taskDefinition=which, include=["TAGS"])
    found: Props = answer["taskDefinition"] | {"tags": answer.get("tags") or []}
    return found if found["status"] == "ACTIVE" else None


def deregister(aws: Aws, resource_id: str, props: Props) -> None:
    """Deregister the revision, unless it is to be kept."""
    if props.get("skipDestroy") not in (True, "true"):
        aws("ecs", "deregister_task_definition", taskDefinition=resource_id)


CLUSTER_PARTS = {"clusters": ["{id}"], "include": ["TAGS", "SETTINGS", "CONFIGURATIONS"]}
PROVIDER_NUMBERS = "autoScalingGroupProvider.managedScaling"

ROWS = (
    Kind(
        "aws:ecs/cluster:Cluster",
        Calls(
            "ecs", "create_cluster", "cluster.clusterArn",
            read=("describe_clusters", CLUSTER_PARTS, "clusters[?status=='ACTIVE'] | [0]"),
            delete=("delete_cluster", {"cluster": "{id}"}), update=("update_cluster", {"cluster": "{id}"}),
        ),
        naming=Naming("name"), tags=Tags(update=retag("ecs")), translation=Translation(rename={"name": "clusterName"}),
        properties=Properties(
            force_new={"name"}, defaults={"serviceConnectDefaults": {"namespace": ""}}, computed={"settings"},
            unordered={"settings"},
        ),
        outputs={"arn": answered("clusterArn"), "id": answered("clusterArn")},
    ),
    Kind(
        "aws:ecs/capacityProvider:CapacityProvider",
        Calls(
            "ecs", "create_capacity_provider", "capacityProvider.capacityProviderArn",
            read=("describe_capacity_providers", {"capacityProviders": ["{id}"], "include": ["TAGS"]},
            "capacityProviders[?status=='ACTIVE'] | [0]"),
            delete=("delete_capacity_provider", {"capacityProvider": "{id}"}), update=change_provider,
        ),
        naming=Naming("name"), tags=Tags(update=retag("ecs")),
        translation=Translation(unserved={"managedInstancesProvider", "cluster"}),
        properties=Properties(
            force_new={"name", "autoScalingGroupProvider.autoScalingGroupArn"},
            computed={
                "autoScalingGroupProvider.managedDraining", "autoScalingGroupProvider.managedTerminationProtection",
                PROVIDER_NUMBERS,
                *(f"{PROVIDER_NUMBERS}.{name}" for name in (
                    "status", "targetCapacity", "instanceWarmupPeriod", "minimumScalingStepSize",
                    "maximumScalingStepSize",
                )),
            },
        ),
        outputs={"arn": answered("capacityProviderArn"), "id": answered("capacityProviderArn")},
    ),
    Kind(
        "aws:ecs/clusterCapacityProviders:ClusterCapacityProviders",
        Calls(
            "ecs", "put_cluster_capacity_providers", "{clusterName}",
            read=("describe_clusters", {"clusters": ["{id}"]}, "clusters[?status=='ACTIVE'] | [0]"),
            delete=("put_cluster_capacity_providers",
            {"cluster": "{id}", "capacityProviders": [], "defaultCapacityProviderStrategy": []}),
            update="upsert", import_id=lambda text: (text, {"clusterName": text}),
        ),
        tags=Tags(None),
        translation=Translation(
            rename={"clusterName": "cluster"},
            encode=lambda props: {"capacityProviders": [], "defaultCapacityProviderStrategies": []} | props,
        ),
        properties=Properties(
            force_new={"clusterName"}, unordered={"capacityProviders", "defaultCapacityProviderStrategies"},
            defaults={"defaultCapacityProviderStrategies.base": 0},
        ),
        outputs={"clusterName": answered("clusterName")},
    ),
    Kind(
        "aws:ecs/taskDefinition:TaskDefinition",
        Calls(
            "ecs", "register_task_definition", "taskDefinition.taskDefinitionArn", read=revision, delete=deregister,
            created="merge(taskDefinition, {tags: tags})",
        ),
        tags=Tags(update=retag("ecs")),
        translation=Translation(
            rename={
                "volumes.hostPath": "host.sourcePath", "volumes.configureAtLaunch": "configuredAtLaunch",
                "skipDestroy": None, "trackLatest": None,
            },
            encode=proxy_properties, decode=as_text,
        ),
        properties=Properties(
            force_new=IMMUTABLE, normalize={"containerDefinitions": meaning},
            unordered={"requiresCompatibilities", "volumes", "placementConstraints"},
            computed={"networkMode", "volumes.configureAtLaunch", "volumes.efsVolumeConfiguration.rootDirectory",
            "runtimePlatform"},
            defaults={"skipDestroy": False, "trackLatest": False, "enableFaultInjection": False},
            write_only={"skipDestroy", "trackLatest"},
        ),
        outputs={
            "arn": answered("taskDefinitionArn"),
            "arnWithoutRevision": lambda aws, i, live, props: WITHOUT_REVISION.sub("", live["taskDefinitionArn"]),
        },
    ),
    SERVICE,
)  # fmt: skip
