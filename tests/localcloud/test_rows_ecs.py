"""Clusters, capacity providers, task definitions, services: it cannot prove how long a real deployment takes."""

import json
import re
from typing import Any

import pytest

from localcloud.aws.client import Aws
from localcloud.aws.kinds.ecs_service import NotSteady, wait_until_steady
from localcloud.aws.row import UNSERVED
from localcloud.provider.resource import Caller
from tests.localcloud.conftest import SECRET

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
        "logConfiguration": {
            "logDriver": "awslogs",
            "options": {"awslogs-group": "/web", "awslogs-region": "eu-west-1", "awslogs-stream-prefix": "web"},
        },
    }
]
FARGATE = {
    "family": "web",
    "containerDefinitions": json.dumps(CONTAINERS),
    "cpu": "256",
    "memory": "512",
    "networkMode": "awsvpc",
    "requiresCompatibilities": ["FARGATE"],
    "executionRoleArn": "arn:aws:iam::111122223333:role/execution",
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
                "rootDirectory": "/",
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


def test_a_service_is_imported_by_cluster_and_name(provider: Any, service: Any) -> None:
    made = provider.create(SERVICE, service | {"name": "web"})
    found = provider.imported(SERVICE, "main/web")
    assert found.id == made.id
    assert provider.diff(found, service | {"name": "web"}).detail == {}
    provider.delete(made)


CONNECT = {
    "enabled": True,
    "namespace": "arn:aws:servicediscovery:eu-west-1:123456789012:namespace/ns-1",
    "logConfiguration": {"logDriver": "awslogs", "options": {"awslogs-group": "/connect"}},
    "services": [{"portName": "http", "discoveryName": "web", "clientAlias": [{"port": 80, "dnsName": "web"}]}],
}


@pytest.mark.parametrize(
    "settings",
    [
        {"serviceConnectConfiguration": CONNECT},
        {"serviceConnectConfiguration": CONNECT | {"services": [{"portName": "http", "ingressPortOverride": 9000,
        "timeout": {"idleTimeoutSeconds": 60, "perRequestTimeoutSeconds": 5}}]}},
        {"serviceRegistries": {"registryArn": "arn:aws:servicediscovery:eu-west-1:123456789012:service/srv-1"}},
        {"availabilityZoneRebalancing": "ENABLED", "enableEcsManagedTags": True},
        {"deploymentConfiguration": {"strategy": "BLUE_GREEN", "bakeTimeInMinutes": "10", "lifecycleHooks": [
            {"hookTargetArn": "arn:aws:lambda:eu-west-1:123456789012:function:check",
            "roleArn": "arn:aws:iam::123456789012:role/hooks", "lifecycleStages": ["POST_TEST_TRAFFIC_SHIFT"],
            "hookDetails": '{"a": 1}'},
        ]}},
        {"deploymentConfiguration": {"strategy": "CANARY",
        "canaryConfiguration": {"canaryPercent": 10.0, "canaryBakeTimeInMinutes": "5"}}},
        {"deploymentConfiguration": {"strategy": "LINEAR",
        "linearConfiguration": {"stepPercent": 20.0, "stepBakeTimeInMinutes": "5"}}},
        {"volumeConfiguration": {"name": "scratch",
        "managedEbsVolume": {"roleArn": "arn:aws:iam::123456789012:role/ebs", "sizeInGb": 20, "volumeType": "gp3",
        "fileSystemType": "xfs", "tagSpecifications": [{"resourceType": "volume", "tags": {"a": "1"}}]}}},
    ],
    ids=["connect", "connect timeouts", "registry", "flags", "blue green", "canary", "linear", "volume"],
)  # fmt: skip
def test_a_deployment_setting_comes_and_goes_in_place(provider: Any, service: Any, settings: Any) -> None:
    made = provider.cycle(SERVICE, service, service | settings)
    made = provider.update(made, service)
    provider._settled(made, service)
    provider.delete(made)


def broken(provider: Any) -> str:
    containers = [CONTAINERS[0] | {"image": "example.com/team/web:broken"}]
    made = provider.create(
        TASK, FARGATE | {"family": "broken", "containerDefinitions": json.dumps(containers)}, "broken"
    )
    return str(made.state["arn"])


WAITING = {"waitForSteadyState": True, "deploymentCircuitBreaker": {"enable": True, "rollback": True}}


def test_a_service_that_waits_is_steady_when_it_is_made(provider: Any, service: Any, cloud: Any) -> None:
    made = provider.create(SERVICE, service | WAITING)
    there = cloud("ecs").describe_services(cluster="main", services=[made.id])["services"][0]
    assert (there["runningCount"], there["deployments"][0]["rolloutState"]) == (2, "COMPLETED")
    provider.delete(made)


def test_a_service_that_waits_says_why_it_is_not_steady_and_leaves_nothing(
    provider: Any, service: Any, cloud: Any
) -> None:
    with pytest.raises(
        Exception,
        match=r"^service thing-\w+ did not reach a steady state: deployment STOPPED: ECS deployment circuit breaker: tasks failed to start.$",
    ):
        provider.create(SERVICE, service | WAITING | {"taskDefinition": broken(provider)})
    arns = cloud("ecs").list_services(cluster="main")["serviceArns"]
    assert [
        s for s in cloud("ecs").describe_services(cluster="main", services=arns)["services"] if s["status"] == "ACTIVE"
    ] == []


def test_a_wait_without_a_breaker_says_early_what_is_amiss_and_can_be_cancelled(
    provider: Any, service: Any, endpoint: str
) -> None:
    plain = {name: value for name, value in service.items() if name != "deploymentCircuitBreaker"}
    made = provider.create(SERVICE, plain | {"taskDefinition": broken(provider)})
    aws = Aws(endpoint, "eu-west-1", secret=SECRET)
    said: list[str] = []
    name = made.id.rpartition("/")[2]

    def warn(text: str) -> None:
        said.append(text)
        aws.caller.cancelled.set()

    aws.caller = Caller(warn)
    with pytest.raises(NotSteady) as error:
        wait_until_steady(aws, made.id, remark_after=0.2)
    why = "0 of 2 tasks run; the last one stopped: CannotPullContainerError: failed to resolve ref BROKEN: not found"
    why = why.replace("BROKEN", "example.com/team/web:broken")
    told = f"service {name} is not steady after N s: {why}; the wait ends after 20 minutes, as on AWS, or with Ctrl-C. "
    assert [re.sub(r"after \d+ s:", "after N s:", text) for text in (*said, str(error.value))] == [
        told + "With 'deploymentCircuitBreaker' a deployment that cannot succeed would fail by itself",
        f"service {name} was not yet steady when the wait was cancelled, after N s: {why}",
    ]
    provider.delete(made)


def test_an_update_that_waits_says_that_it_was_rolled_back(provider: Any, service: Any, cloud: Any) -> None:
    made = provider.create(SERVICE, service | WAITING)
    with pytest.raises(
        Exception,
        match=r"^service thing-\w+ did not reach a steady state: deployment ROLLBACK_SUCCESSFUL: ECS deployment circuit breaker: tasks failed to start.$",
    ):
        provider.update(made, service | WAITING | {"taskDefinition": broken(provider)})
    there = cloud("ecs").describe_services(cluster="main", services=[made.id])["services"][0]
    assert there["taskDefinition"] == service["taskDefinition"]
    provider.delete(made)


def test_a_changed_trigger_forces_a_new_deployment(provider: Any, service: Any, cloud: Any) -> None:
    def deployment(made: Any) -> str:
        there = cloud("ecs").describe_services(cluster="main", services=[made.id])["services"][0]
        return str(there["deployments"][0]["id"])

    forced = service | {"forceNewDeployment": True, "triggers": {"image": "1"}}
    made = provider.create(SERVICE, forced)
    first = deployment(made)
    made = provider.update(made, forced | {"triggers": {"image": "2"}})
    assert deployment(made) != first
    provider.delete(made)


@pytest.mark.parametrize(
    ("name", "value"),
    [("name", "other"), ("cluster", "other"), ("launchType", "EC2"), ("schedulingStrategy", "DAEMON")],
)  # fmt: skip
def test_what_a_service_cannot_change_replaces_it(provider: Any, service: Any, name: str, value: str) -> None:
    asked = service | {"name": "web"}
    made = provider.create(SERVICE, asked)
    changed = asked | {name: value}
    if value == "DAEMON":  # which runs on instances, one on each
        changed = {k: v for k, v in changed.items() if k != "desiredCount"} | {"launchType": "EC2"}
    assert name in provider.diff(made, changed).replaces
    provider.delete(made)


def test_a_count_that_somebody_changed_is_drift(provider: Any, service: Any, cloud: Any) -> None:
    made = provider.create(SERVICE, service)
    cloud("ecs").update_service(cluster="main", service=made.id, desiredCount=5)
    assert provider.refresh(made).inputs["desiredCount"] == 5
    provider.delete(made)


def test_the_order_of_the_environment_is_no_new_revision(provider: Any) -> None:
    made = provider.create(TASK, FARGATE)
    turned = [CONTAINERS[0] | {"environment": CONTAINERS[0]["environment"][::-1], "cpu": 0}]
    assert provider.diff(made, FARGATE | {"containerDefinitions": json.dumps(turned)}).detail == {}
    turned[0]["image"] = "nginx:1.30"
    assert provider.diff(made, FARGATE | {"containerDefinitions": json.dumps(turned)}).replaces == [
        "containerDefinitions"
    ]
    provider.delete(made)


@pytest.mark.parametrize("name", ["skipDestroy", "trackLatest"])
def test_how_a_revision_is_kept_changes_in_place(provider: Any, cloud: Any, name: str) -> None:
    made = provider.create(TASK, FARGATE)
    made = provider.update(made, FARGATE | {name: True})
    provider.delete(made)
    status = cloud("ecs").describe_task_definition(taskDefinition=made.id)["taskDefinition"]["status"]
    assert status == ("ACTIVE" if name == "skipDestroy" else "INACTIVE")


def test_a_cluster_takes_capacity_from_a_group(provider: Any, cluster: Any, cloud: Any, subnets: Any) -> None:
    ec2 = cloud("ec2")
    template = ec2.create_launch_template(
        LaunchTemplateName="nodes", LaunchTemplateData={"ImageId": "ami-12c6146b", "InstanceType": "m7g.large"}
    )
    group = {
        "minSize": 0,
        "maxSize": 2,
        "launchTemplate": {"id": template["LaunchTemplate"]["LaunchTemplateId"]},
        "vpcZoneIdentifiers": [subnets[0].id],
    }
    nodes = provider.create("aws:autoscaling/group:Group", group)
    scaling = {
        "status": "ENABLED",
        "targetCapacity": 90,
        "minimumScalingStepSize": 1,
        "maximumScalingStepSize": 10,
        "instanceWarmupPeriod": 60,
    }
    of_group = {
        "autoScalingGroupArn": nodes.state["arn"],
        "managedTerminationProtection": "DISABLED",
        "managedDraining": "ENABLED",
        "managedScaling": scaling,
    }
    asked = {"name": "nodes", "autoScalingGroupProvider": of_group}
    made = provider.cycle(
        PROVIDER,
        asked,
        {"name": "nodes", "autoScalingGroupProvider": of_group | {"managedScaling": scaling | {"targetCapacity": 100}}},
    )
    other = {"name": "nodes", "autoScalingGroupProvider": of_group | {"autoScalingGroupArn": nodes.state["arn"] + "2"}}
    assert provider.diff(made, other).replaces == ["autoScalingGroupProvider"]
    strategy = {
        "defaultCapacityProviderStrategies": [
            {"capacityProvider": "nodes", "base": 1, "weight": 3},
        ]
    }
    held = provider.cycle(
        PROVIDERS,
        {"clusterName": "main", "capacityProviders": ["FARGATE"]},
        {"clusterName": "main", "capacityProviders": ["FARGATE", "nodes"]} | strategy,
    )
    provider.delete(held)
    provider.delete(made)
    assert provider.refresh(made) is None
    provider.delete(nodes)
    ec2.delete_launch_template(LaunchTemplateName="nodes")


DEFINED = {"taskDefinition": "web:1"}


@pytest.mark.parametrize(
    ("token", "inputs", "failures"),
    [
        (SERVICE, DEFINED | {"launchType": "FARGTE"},
        [("launchType", "'FARGTE' is not allowed; allowed are EC2, FARGATE, EXTERNAL, MANAGED_INSTANCES")]),
        (SERVICE, DEFINED | {"launchType": "FARGATE", "networkConfiguration": {"subnets": ["subnet-1"]},
                             "capacityProviderStrategies": [{"capacityProvider": "FARGATE_SPOT"}]},
        [("launchType", "conflicts with 'capacityProviderStrategies': give one of them")]),
        (SERVICE, DEFINED | {"triggers": {"a": "b"}}, [("triggers", "has an effect only with 'forceNewDeployment': true")]),
        (SERVICE, DEFINED | {"sigintRollback": True}, [("sigintRollback", UNSERVED)]),
        (SERVICE, DEFINED | {"schedulingStrategy": "DAEMON", "desiredCount": 2},
        [("desiredCount", "must be left out with 'schedulingStrategy': 'DAEMON'")]),
        (PROVIDER, {"cluster": "main"}, [("cluster", UNSERVED)]),
    ],
    ids=["launch type", "two capacities", "triggers", "interrupt", "daemon", "managed instances"],
)  # fmt: skip
def test_what_aws_would_refuse_is_refused_by_check(provider: Any, token: str, inputs: Any, failures: Any) -> None:
    assert provider.check(token, inputs)[1] == failures
