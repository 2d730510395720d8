"""Clusters, capacity providers, task definitions, services: it cannot prove how long a real deployment takes."""

import json
from typing import Any

import pytest

CLUSTER = "aws:ecs/cluster:Cluster"
PROVIDER = "aws:ecs/capacityProvider:CapacityProvider"
PROVIDERS = "aws:ecs/clusterCapacityProviders:ClusterCapacityProviders"
TASK = "aws:ecs/taskDefinition:TaskDefinition"
SERVICE = "aws:ecs/service:Service"

CONTAINERS = [
    {
        "name": "web",
        "image": "public.ecr.aws/nginx/nginx:1.29",
        "essential": True,
        "portMappings": [{"containerPort": 8080, "protocol": "tcp", "name": "http"}],
        "environment": [{"name": "B", "value": "2"}, {"name": "A", "value": "1"}],
        "readonlyRootFilesystem": True,
        "logConfiguration": {"logDriver": "awslogs", "options": {"awslogs-group": "/web", "awslogs-region": "eu-west-1"}},
    }
]
FARGATE = {
    "family": "web",
    "containerDefinitions": json.dumps(CONTAINERS),
    "cpu": "256",
    "memory": "512",
    "networkMode": "awsvpc",
    "requiresCompatibilities": ["FARGATE"],
    "runtimePlatform": {"cpuArchitecture": "ARM64", "operatingSystemFamily": "LINUX"},
    "ephemeralStorage": {"sizeInGib": 30},
    "tags": {"team": "shop"},
}
VOLUMES = FARGATE | {
    "family": "files",
    "volumes": [
        {
            "name": "shared",
            "efsVolumeConfiguration": {
                "fileSystemId": "fs-12345678",
                "rootDirectory": "/data",
                "transitEncryption": "ENABLED",
                "authorizationConfig": {"accessPointId": "fsap-12345678", "iam": "ENABLED"},
            },
        },
        {"name": "scratch"},
    ],
}
ON_INSTANCES = {
    "family": "agent",
    "containerDefinitions": json.dumps([{"name": "a", "image": "busybox", "memory": 64}]),
    "networkMode": "host",
    "pidMode": "host",
    "ipcMode": "none",
    "volumes": [{"name": "docker", "hostPath": "/var/run/docker.sock"}],
    "placementConstraints": [{"type": "memberOf", "expression": "attribute:ecs.os-type == linux"}],
}
CLUSTER_INPUTS = {
    "settings": [{"name": "containerInsights", "value": "enhanced"}],
    "configuration": {
        "executeCommandConfiguration": {
            "logging": "OVERRIDE",
            "logConfiguration": {"cloudWatchLogGroupName": "/exec", "cloudWatchEncryptionEnabled": True},
        }
    },
    "tags": {"team": "shop"},
}


@pytest.fixture
def cluster(provider: Any) -> Any:
    return provider.create(CLUSTER, {"name": "main"}, "main")


@pytest.fixture
def service(provider: Any, cluster: Any, subnets: Any) -> dict[str, Any]:
    """The inputs of a small Fargate service."""
    task = provider.create(TASK, FARGATE, "task")
    return {
        "cluster": cluster.state["arn"],
        "taskDefinition": task.state["arn"],
        "desiredCount": 2,
        "launchType": "FARGATE",
        "networkConfiguration": {"subnets": [s.id for s in subnets], "securityGroups": []},
    }


@pytest.mark.parametrize(
    ("inputs", "changed"),
    [
        pytest.param({"name": "plain"}, CLUSTER_INPUTS | {"name": "plain"}, id="settings come"),
        pytest.param(CLUSTER_INPUTS, CLUSTER_INPUTS | {"tags": {"team": "web"}}, id="tags change"),
    ],
)
def test_a_cluster_lives_through_its_cycle(provider: Any, inputs: Any, changed: Any) -> None:
    made = provider.cycle(CLUSTER, inputs, changed)
    provider.delete(made)
    assert provider.refresh(made) is None


@pytest.mark.parametrize("inputs", [FARGATE, VOLUMES, ON_INSTANCES], ids=["fargate", "volumes", "instances"])
def test_a_task_definition_is_read_as_it_was_written(provider: Any, inputs: Any) -> None:
    made = provider.cycle(TASK, inputs, inputs | {"tags": {"team": "web"}})
    assert made.state["arn"] == made.id
    assert made.state["arnWithoutRevision"] == made.id.rpartition(":")[0]
    assert made.state["revision"] == int(made.id.rpartition(":")[2])
    provider.delete(made)
    assert provider.refresh(made) is None


def test_a_service_lives_through_its_cycle(provider: Any, service: Any) -> None:
    changed = service | {
        "desiredCount": 3,
        "deploymentMaximumPercent": 150,
        "deploymentMinimumHealthyPercent": 50,
        "deploymentCircuitBreaker": {"enable": True, "rollback": True},
        "alarms": {"alarmNames": ["errors"], "enable": True, "rollback": True},
        "enableExecuteCommand": True,
        "propagateTags": "SERVICE",
        "tags": {"team": "shop"},
    }
    made = provider.cycle(SERVICE, service, changed)
    made = provider.update(made, service)
    provider._settled(made, service)
    provider.delete(made)
    assert provider.refresh(made) is None
