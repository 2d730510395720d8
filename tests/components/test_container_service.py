"""ContainerService on the recording engine: its children, their inputs and options, its rights, its refusals.

It cannot prove that AWS accepts a task definition, that a deployment rolls back, or that an ignored count stays.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pulumi
import pulumi_aws
import pytest

from components.container_service import (
    ClusterReference,
    ContainerService,
    ContainerServiceArgs,
    PermissionArgs,
    TargetGroupAttachment,
)
from components.deployed import Deployed
from components.specs import ContainerServiceSpec
from tests.recording import Registrations, build

REPOSITORY = "123456789012.dkr.ecr.eu-central-1.amazonaws.com/shop/web"
IMAGE = {"repository": REPOSITORY, "version": "1.2.0"}
HTTP = {"http": {"number": 8080}}
RULES = {
    "minimum": 2,
    "maximum": 8,
    "target_tracking": {"cpu": {"metric": "cpu", "target": 55}},
    "scheduled": {"office": {"cron": "0 8 * * MON-FRI", "time_zone": "Europe/Berlin", "minimum": 4}},
    "step_scaling": {
        "busy": {"metric": "cpu", "threshold": 80, "cooldown": "60s", "steps": [{"from": 0, "change": 2}]}
    },
}
WEB = TargetGroupAttachment("http", arn="arn:of-the-group", suffix="targetgroup/web/1", balancer_suffix="app/front/2")
GRADUAL = TargetGroupAttachment(
    "http",
    arn="arn:of-the-group",
    suffix="targetgroup/web/1",
    balancer_suffix="app/front/2",
    alternate_arn="arn:of-the-other",
    alternate_suffix="targetgroup/alternate/3",
    production_rule_arn="arn:of-the-rule",
    test_rule_arn="arn:of-the-test-rule",
)
CLUSTER = ClusterReference("shared", "arn:aws:ecs:eu-central-1:123456789012:cluster/shared")


def spec(*, container: dict[str, Any] | None = None, **rest: Any) -> ContainerServiceSpec:
    sizes = {} if "elasticity" in rest else {"count": 2}
    main = {"image": IMAGE, "ports": HTTP, **(container or {})}
    return ContainerServiceSpec.model_validate({"container": main, **sizes, **rest})


def service(
    made: ContainerServiceSpec, name: str = "web", *, late: Callable[[], dict[str, Any]] = dict, **args: Any
) -> Registrations:
    """The service on a recording engine; `late` makes arguments that need one: Outputs."""

    def program() -> dict[str, Any]:
        component = ContainerService(
            name, ContainerServiceArgs(made, vpc_id="vpc-1", subnet_ids=["subnet-a", "subnet-b"], **args, **late())
        )
        return {"metrics": [component.metrics.cpu.dimensions, component.metrics.running.dimensions]}

    return build(program)


def container_of(found: Registrations, name: str = "application") -> dict[str, Any]:
    containers = json.loads(found.one("TaskDefinition").inputs["containerDefinitions"])
    return next(each for each in containers if each["name"] == name)


def statements_of(found: Registrations, name: str) -> list[dict[str, Any]]:
    return json.loads(found.named(name).inputs["policy"])["Statement"]


FIXED = [
    ("accordion:index:ContainerService", "web", ""),
    ("aws:cloudwatch/logGroup:LogGroup", "web-log-group", "web"),
    ("aws:ec2/securityGroup:SecurityGroup", "web-security-group", "web"),
    ("aws:ecs/cluster:Cluster", "web-cluster", "web"),
    ("aws:ecs/clusterCapacityProviders:ClusterCapacityProviders", "web-cluster-capacity", "web"),
    ("aws:ecs/service:Service", "web-service", "web"),
    ("aws:ecs/taskDefinition:TaskDefinition", "web-task", "web"),
    ("aws:iam/role:Role", "web-execution-role", "web"),
    ("aws:iam/role:Role", "web-task-role", "web"),
    ("aws:iam/rolePolicy:RolePolicy", "web-execution-policy", "web"),
    ("aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule", "web-egress-https", "web"),
]


def test_a_worker_of_fixed_size_makes_exactly_this():
    assert service(spec()).tree() == FIXED


def test_a_scaled_service_behind_a_balancer_adds_exactly_its_rules_and_one_opening():
    found = service(spec(elasticity=RULES), target_groups=[WEB], balancer_security_group_id="sg-front")
    assert sorted(set(found.tree()) - set(FIXED)) == [
        ("aws:appautoscaling/policy:Policy", "web-busy", "web"),
        ("aws:appautoscaling/policy:Policy", "web-cpu", "web"),
        ("aws:appautoscaling/scheduledAction:ScheduledAction", "web-office", "web"),
        ("aws:appautoscaling/target:Target", "web-scalable-target", "web"),
        ("aws:cloudwatch/metricAlarm:MetricAlarm", "web-busy", "web"),
        ("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule", "web-ingress-balancer-http", "web"),
    ]
    assert set(FIXED) <= set(found.tree())


def test_a_given_cluster_is_used_and_none_is_made():
    found = service(spec(), cluster=CLUSTER)
    assert found.of("Cluster") == []
    assert found.of("ClusterCapacityProviders") == []
    assert found.one("Service").inputs["cluster"] == CLUSTER.arn


# Who owns the count.


def test_a_scaled_service_starts_at_its_minimum_and_keeps_its_count_on_update():
    made = service(spec(elasticity=RULES)).one("Service")
    assert (made.inputs["desiredCount"], made.ignore_changes) == (2, ("desiredCount",))


def test_a_scaled_service_starts_at_its_initial_count_where_that_is_declared():
    assert service(spec(elasticity={**RULES, "initial": 5})).one("Service").inputs["desiredCount"] == 5


def test_a_fixed_service_follows_its_declaration():
    made = service(spec(count=3)).one("Service")
    assert (made.inputs["desiredCount"], made.ignore_changes) == (3, ())


def test_a_count_of_zero_is_a_value():
    assert service(spec(count=0)).one("Service").inputs["desiredCount"] == 0


def test_a_scaled_service_may_start_at_zero():
    rules = {
        "minimum": 0,
        "maximum": 5,
        "queue": {"name": "jobs", "time_per_message": "2s"},
        "target_tracking": {"delay": {"metric": "queue_delay", "target": "1m"}},
    }
    found = service(spec(elasticity=rules))
    assert found.one("Service").inputs["desiredCount"] == 0
    assert found.one("Target").inputs["minCapacity"] == 0
    assert {each.name for each in found.of("MetricAlarm")} == {"web-wake"}


def test_scaling_names_the_service_and_the_cluster():
    found = service(spec(elasticity=RULES), target_groups=[WEB])
    resource = "service/web-cluster-1a2b3c4/web-service-1a2b3c4"
    assert found.one("Target").inputs == {
        "serviceNamespace": "ecs",
        "scalableDimension": "ecs:service:DesiredCount",
        "resourceId": resource,
        "minCapacity": 2,
        "maxCapacity": 8,
        "tags": {"Name": "web-scalable-target"},
    }
    assert {each.inputs["resourceId"] for each in found.of("aws:appautoscaling/policy:Policy")} == {resource}
    policy = next(each for each in found.of("aws:appautoscaling/policy:Policy") if each.name == "web-busy")
    assert found.one("MetricAlarm").inputs["alarmActions"] == [
        "arn:aws:appautoscaling:eu-central-1:123456789012:web-busy"
    ]
    assert policy.depends_on == ("web-scalable-target",)


def test_the_resource_label_is_derived_from_balancer_and_target_group():
    rules = {**RULES, "target_tracking": {"requests": {"metric": "requests_per_target", "target": 800}}}
    found = service(spec(elasticity=rules), target_groups=[WEB])
    policy = found.named("web-requests").inputs["targetTrackingScalingPolicyConfiguration"]
    assert policy["predefinedMetricSpecification"]["resourceLabel"] == "app/front/2/targetgroup/web/1"


def test_a_request_rule_under_blue_green_sums_both_target_groups():
    rules = {**RULES, "target_tracking": {"requests": {"metric": "requests_per_target", "target": 800}}}
    found = service(
        spec(elasticity=rules, deployment={"strategy": "blue_green"}),
        target_groups=[GRADUAL],
        balancer_security_group_id="sg-front",
    )
    policy = found.named("web-requests").inputs["targetTrackingScalingPolicyConfiguration"]
    metrics = policy["customizedMetricSpecification"]["metrics"]
    groups = [each["metricStat"]["metric"]["dimensions"][1]["value"] for each in metrics[:2]]
    assert groups == ["targetgroup/web/1", "targetgroup/alternate/3"]
    assert metrics[2] == {"id": "result", "expression": "SUM([m1, m2])", "returnData": True}


# How it deploys.


def test_a_deployment_is_rolled_back_by_default():
    made = service(spec()).one("Service").inputs
    assert made["deploymentCircuitBreaker"] == {"enable": True, "rollback": True}
    assert (made["deploymentMinimumHealthyPercent"], made["deploymentMaximumPercent"]) == (100, 200)
    assert made["availabilityZoneRebalancing"] == "ENABLED"
    assert made["deploymentConfiguration"] == {"strategy": "ROLLING"}
    assert "alarms" not in made


def test_alarms_that_are_named_roll_a_deployment_back():
    made = service(spec(), deployment_alarm_names=["errors", "latency"]).one("Service").inputs
    assert made["alarms"] == {"alarmNames": ["errors", "latency"], "enable": True, "rollback": True}


STRATEGIES = {
    "blue_green": {"strategy": "BLUE_GREEN", "bakeTimeInMinutes": "10"},
    "linear": {
        "strategy": "LINEAR",
        "bakeTimeInMinutes": "10",
        "linearConfiguration": {"stepPercent": 10, "stepBakeTimeInMinutes": "6"},
    },
    "canary": {
        "strategy": "CANARY",
        "bakeTimeInMinutes": "10",
        "canaryConfiguration": {"canaryPercent": 5, "canaryBakeTimeInMinutes": "10"},
    },
}


@pytest.mark.parametrize(("strategy", "configuration"), STRATEGIES.items())
def test_a_gradual_deployment_has_two_target_groups_and_a_role_to_shift_traffic(strategy, configuration):
    found = service(spec(deployment={"strategy": strategy}), target_groups=[GRADUAL])
    made = found.one("Service")
    assert made.inputs["deploymentConfiguration"] == configuration
    assert made.inputs["loadBalancers"] == [
        {
            "targetGroupArn": "arn:of-the-group",
            "containerName": "application",
            "containerPort": 8080,
            "advancedConfiguration": {
                "alternateTargetGroupArn": "arn:of-the-other",
                "productionListenerRule": "arn:of-the-rule",
                "testListenerRule": "arn:of-the-test-rule",
                "roleArn": "arn:aws:iam::123456789012:role/web-traffic-role",
            },
        }
    ]
    assert "web-traffic-policy" in made.depends_on
    groups, rules = ["arn:of-the-group", "arn:of-the-other"], ["arn:of-the-rule", "arn:of-the-test-rule"]
    assert [(one["Action"][0].partition(":")[2], one["Resource"]) for one in statements_of(found, "web-traffic-policy")] == [
        ("DescribeListeners", ["*"]), ("DeregisterTargets", groups), ("ModifyRule", rules),
    ]  # fmt: skip


def test_what_ecs_may_do_to_shift_traffic_is_what_awss_own_policy_grants_and_no_more():
    from moto.iam.aws_managed_policies import aws_managed_policies_data

    name = "AmazonECSInfrastructureRolePolicyForLoadBalancers"
    of_aws = {
        action
        for one in json.loads(aws_managed_policies_data)[name]["Document"]["Statement"]
        for action in ([one["Action"]] if isinstance(one["Action"], str) else one["Action"])
    }
    found = service(spec(deployment={"strategy": "blue_green"}), target_groups=[GRADUAL])
    ours = {action for one in statements_of(found, "web-traffic-policy") for action in one["Action"]}
    assert of_aws - ours == {"elasticloadbalancing:ModifyListener"}, "a rule of an application balancer is shifted"
    assert ours <= of_aws


def test_a_gate_that_ecs_keeps_after_it_is_no_longer_declared_is_told_with_the_cure(monkeypatch):
    """The official provider leaves out a list of hooks that has become empty, and ECS then keeps what it had."""
    told: list[str] = []
    monkeypatch.setattr(pulumi.log, "warn", lambda text, resource: told.append(text))
    monkeypatch.setattr(pulumi_aws.ecs, "get_service", lambda **_: SimpleNamespace(deployments=[1]))
    hooks = [{"targetType": "PAUSE", "lifecycleStages": ["POST_TEST_TRAFFIC_SHIFT"]}]
    state = {"name": "web-1", "cluster": "arn:c", "deploymentConfiguration": {"lifecycleHooks": hooks}}
    deployed = Deployed({("aws:ecs/service:Service", "web-service"): state})
    gated = {"strategy": "blue_green", "approvals": {"look": {"stage": "post_test_traffic_shift"}}}
    service(spec(deployment=gated), target_groups=[GRADUAL], deployed=deployed)
    service(spec(deployment={"strategy": "blue_green"}), target_groups=[GRADUAL])
    assert told == []
    for strategy, group in (("blue_green", GRADUAL), ("rolling", WEB)):
        service(spec(deployment={"strategy": strategy}), target_groups=[group], deployed=deployed)
    (said,) = set(told)
    assert said == (
        "web-service: no approval is declared any more, and ECS keeps the gate that it had (post_test_traffic_shift): "
        "a release goes on waiting there. Take it away by\n"
        "aws ecs update-service --cluster arn:c --service web-1 --deployment-configuration '{\"lifecycleHooks\": []}'\n"
        "and then `pulumi refresh`"
    )
    assert len(told) == 2


def test_a_deployment_in_the_middle_of_a_release_says_what_becomes_of_it(monkeypatch):
    told: list[str] = []
    monkeypatch.setattr(pulumi.log, "warn", lambda text, resource: told.append(text))
    deployed = Deployed({("aws:ecs/service:Service", "web-service"): {"name": "web-1", "cluster": "arn:c"}})
    live: list[Any] = []

    def get_service(cluster_arn, service_name, opts):
        assert (cluster_arn, service_name) == ("arn:c", "web-1")
        if not live:
            raise RuntimeError("no matching ECS Service found")
        return SimpleNamespace(deployments=live)

    monkeypatch.setattr(pulumi_aws.ecs, "get_service", get_service)
    for known in ([], [1], [1, 2]):
        live[:] = known
        service(spec(deployment={"strategy": "linear"}), target_groups=[GRADUAL], deployed=deployed)
        service(spec(), target_groups=[WEB], deployed=deployed)
    assert told == [
        (
            "web-service: a release is under way. Where this deployment changes the service, ECS ends that release: all "
            "requests go back to the version before it, and a new release begins from there. `accordion release status` "
            "tells how far it is"
        )
    ]


def test_approvals_are_hooks_that_pause_within_a_time_limit():
    approvals = {
        "look": {"stage": "post_test_traffic_shift", "time_limit": "2h"},
        "before": {"stage": "pre_scale_up", "time_limit": "14d", "at_limit": "continue"},
    }
    found = service(spec(deployment={"strategy": "canary", "approvals": approvals}), target_groups=[GRADUAL])
    assert found.one("Service").inputs["deploymentConfiguration"]["lifecycleHooks"] == [
        {
            "targetType": "PAUSE",
            "lifecycleStages": ["PRE_SCALE_UP"],
            "timeoutConfiguration": {"timeoutInMinutes": "20160", "action": "CONTINUE"},
        },
        {
            "targetType": "PAUSE",
            "lifecycleStages": ["POST_TEST_TRAFFIC_SHIFT"],
            "timeoutConfiguration": {"timeoutInMinutes": "120", "action": "ROLLBACK"},
        },
    ]


def test_a_rolling_service_with_two_groups_at_hand_uses_the_first_alone():
    made = service(spec(), target_groups=[GRADUAL]).one("Service").inputs
    assert made["loadBalancers"] == [
        {"targetGroupArn": "arn:of-the-group", "containerName": "application", "containerPort": 8080}
    ]


@pytest.mark.parametrize(("start_up", "grace"), [(None, 60), ("20s", 60), ("90500ms", 91), ("4m", 240)])
def test_the_health_check_grace_is_the_start_up_time_at_least_a_minute(start_up, grace):
    unit = {"unit": {"start_up": start_up}} if start_up else {}
    made = service(spec(elasticity={**RULES, **unit}), target_groups=[WEB])
    assert made.one("Service").inputs["healthCheckGracePeriodSeconds"] == grace


def test_a_worker_has_no_grace_and_no_balancer():
    assert {"healthCheckGracePeriodSeconds", "loadBalancers"}.isdisjoint(service(spec()).one("Service").inputs)


def test_an_older_revision_stays_active_for_the_circuit_breaker():
    assert service(spec()).one("TaskDefinition").inputs["skipDestroy"] is True


# Where it runs.

CAPACITY = {
    "on demand": ({}, [{"capacityProvider": "FARGATE", "base": 0, "weight": 1}]),
    "spot above a base": (
        {"base": 2, "on_demand_weight": 0, "spot_weight": 3},
        [
            {"capacityProvider": "FARGATE", "base": 2, "weight": 0},
            {"capacityProvider": "FARGATE_SPOT", "weight": 3},
        ],
    ),
    "spot alone": (
        {"on_demand_weight": 0, "spot_weight": 1},
        [{"capacityProvider": "FARGATE_SPOT", "weight": 1}],
    ),
}


@pytest.mark.parametrize(("capacity", "strategies"), CAPACITY.values(), ids=CAPACITY.keys())
def test_capacity_is_a_strategy_whose_change_moves_running_tasks(capacity, strategies):
    made = service(spec(capacity=capacity)).one("Service").inputs
    assert made["capacityProviderStrategies"] == strategies
    assert made["forceNewDeployment"] is True
    assert {"launchType", "platformVersion"}.isdisjoint(made)


def test_ec2_capacity_takes_the_groups_provider_and_spreads_over_zones():
    found = service(
        spec(capacity={"kind": "ec2"}, cpu=700, memory=900), cluster=CLUSTER, capacity_provider_name="fleet-provider"
    )
    made, task = found.one("Service").inputs, found.one("TaskDefinition").inputs
    assert made["capacityProviderStrategies"] == [{"capacityProvider": "fleet-provider", "base": 0, "weight": 1}]
    assert made["forceNewDeployment"] is True
    assert made["orderedPlacementStrategies"] == [
        {"type": "spread", "field": "attribute:ecs.availability-zone"},
        {"type": "binpack", "field": "memory"},
    ]
    assert "assignPublicIp" not in made["networkConfiguration"]
    assert (task["requiresCompatibilities"], task["cpu"], task["memory"]) == (["EC2"], "700", "900")


def test_tasks_are_private():
    made = service(spec()).one("Service").inputs
    assert made["networkConfiguration"] == {
        "subnets": ["subnet-a", "subnet-b"],
        "securityGroups": ["web-security-group-id"],
        "assignPublicIp": False,
    }


def test_size_architecture_and_storage_reach_the_task():
    made = service(spec(cpu=1024, memory=4096, architecture="ARM64", ephemeral_storage=50)).one("TaskDefinition").inputs
    assert (made["cpu"], made["memory"]) == ("1024", "4096")
    assert made["runtimePlatform"] == {"cpuArchitecture": "ARM64", "operatingSystemFamily": "LINUX"}
    assert made["ephemeralStorage"] == {"sizeInGib": 50}
    assert (made["networkMode"], made["requiresCompatibilities"]) == ("awsvpc", ["FARGATE"])


def test_two_stacks_do_not_share_a_line_of_revisions():
    assert service(spec()).one("TaskDefinition").inputs["family"] == "web-cluster-1a2b3c4-web"


# What runs.


def test_a_container_is_closed_by_default():
    assert container_of(service(spec())) == {
        "name": "application",
        "image": f"{REPOSITORY}:1.2.0",
        "essential": True,
        "memory": 1024,
        "portMappings": [{"name": "http", "containerPort": 8080, "hostPort": 8080, "protocol": "tcp"}],
        "mountPoints": [{"sourceVolume": "application-tmp", "containerPath": "/tmp", "readOnly": False}],
        "user": "1000:1000",
        "privileged": False,
        "readonlyRootFilesystem": True,
        "linuxParameters": {"initProcessEnabled": True},
        "stopTimeout": 30,
        "logConfiguration": {
            "logDriver": "awslogs",
            "options": {
                "awslogs-group": "web-log-group-1a2b3c4",
                "awslogs-region": "eu-central-1",
                "awslogs-stream-prefix": "application",
                "mode": "non-blocking",
                "max-buffer-size": "25m",
            },
        },
    }


def test_everything_that_a_container_declares_is_in_its_definition():
    declared = {
        "image": {"repository": "public.ecr.aws/shop/web", "digest": f"sha256:{'a' * 64}", "version": "1.2.0"},
        "command": ["serve", "--port", "8080"],
        "entry_point": ["/entry"],
        "working_directory": "/srv",
        "ports": {"http": {"number": 8080, "application": "http"}, "game": {"number": 7777, "protocol": "udp"}},
        "environment": {"MODE": "fast"},
        "secrets": {"TOKEN": "arn:aws:ssm:eu-central-1:123456789012:parameter/shop/token"},
        "health_check": {"command": ["curl -f localhost:8080"], "retries": 2, "start_period": "20s"},
        "user": None,
        "read_only_root": False,
        "scratch": {},
        "stop_timeout": "45s",
        "cpu": 256,
        "memory": 512,
    }
    made = container_of(service(spec(container=declared)))
    assert {key: made[key] for key in made.keys() - {"logConfiguration", "linuxParameters"}} == {
        "name": "application",
        "image": f"public.ecr.aws/shop/web@sha256:{'a' * 64}",
        "essential": True,
        "command": ["serve", "--port", "8080"],
        "entryPoint": ["/entry"],
        "workingDirectory": "/srv",
        "portMappings": [
            {"name": "http", "containerPort": 8080, "hostPort": 8080, "protocol": "tcp", "appProtocol": "http"},
            {"name": "game", "containerPort": 7777, "hostPort": 7777, "protocol": "udp"},
        ],
        "environment": [{"name": "MODE", "value": "fast"}],
        "secrets": [{"name": "TOKEN", "valueFrom": "arn:aws:ssm:eu-central-1:123456789012:parameter/shop/token"}],
        "healthCheck": {
            "command": ["CMD-SHELL", "curl -f localhost:8080"],
            "interval": 10,
            "timeout": 5,
            "retries": 2,
            "startPeriod": 20,
        },
        "privileged": False,
        "readonlyRootFilesystem": False,
        "stopTimeout": 45,
        "cpu": 256,
        "memory": 512,
    }


def test_a_sidecar_waits_and_may_end():
    sidecars = {
        "migrate": {"image": IMAGE, "essential": False, "memory": 128, "command": ["migrate"]},
        "agent": {
            "image": IMAGE,
            "depends_on": {"application": "START"},
            "health_check": {"command": ["agent", "ok"]},
        },
    }
    found = service(spec(container={"depends_on": {"migrate": "SUCCESS"}}, sidecars=sidecars))
    assert container_of(found)["dependsOn"] == [{"containerName": "migrate", "condition": "SUCCESS"}]
    assert container_of(found)["memory"] == 1024 - 128
    assert container_of(found, "migrate")["essential"] is False
    assert container_of(found, "agent")["healthCheck"]["command"] == ["CMD", "agent", "ok"]
    assert container_of(found, "agent")["logConfiguration"]["options"]["awslogs-stream-prefix"] == "agent"
    volumes = [volume["name"] for volume in found.one("TaskDefinition").inputs["volumes"]]
    assert volumes == ["application-tmp", "migrate-tmp", "agent-tmp"]


def test_what_the_program_makes_reaches_the_main_container_alone():
    found = service(
        spec(container={"image": None}, sidecars={"agent": {"image": IMAGE}}),
        late=lambda: {
            "image": pulumi.Output.from_input(f"{REPOSITORY}@sha256:{'b' * 64}"),
            "environment": {"TABLE": pulumi.Output.from_input("orders")},
            "secrets": {"KEY": pulumi.Output.from_input("arn:aws:ssm:eu-central-1:123456789012:parameter/key")},
        },
        repository_arns=["arn:aws:ecr:eu-central-1:123456789012:repository/made"],
    )
    made = container_of(found)
    assert made["image"] == f"{REPOSITORY}@sha256:{'b' * 64}"
    assert made["environment"] == [{"name": "TABLE", "value": "orders"}]
    assert made["secrets"] == [{"name": "KEY", "valueFrom": "arn:aws:ssm:eu-central-1:123456789012:parameter/key"}]
    assert {"environment", "secrets"}.isdisjoint(container_of(found, "agent"))


@pytest.mark.parametrize(
    ("time", "kind", "seconds"),
    [("2s", "fargate", 30), ("45s", "fargate", 45), ("5m", "fargate", 120), ("5m", "ec2", 300)],
)
def test_a_worker_may_finish_its_message_before_it_is_killed(time, kind, seconds):
    rules = {
        "minimum": 1,
        "maximum": 5,
        "queue": {"name": "jobs", "time_per_message": time},
        "target_tracking": {"delay": {"metric": "queue_delay", "target": "10m"}},
    }
    ec2 = {"cluster": CLUSTER, "capacity_provider_name": "fleet"} if kind == "ec2" else {}
    found = service(spec(elasticity=rules, capacity={"kind": kind}), **ec2)
    assert container_of(found)["stopTimeout"] == seconds


def test_a_file_system_is_mounted_encrypted_and_with_the_tasks_own_rights():
    arn = "arn:aws:elasticfilesystem:eu-central-1:123456789012:file-system/fs-0123abcd"
    efs = {"media": {"file_system_arn": arn, "path": "/media", "access_point": "fsap-0123abcd"}}
    reading = {"image": IMAGE, "efs": {"media": {**efs["media"], "path": "/srv", "read_only": True}}}
    found = service(spec(container={"efs": efs}, sidecars={"reader": reading}))
    assert found.one("TaskDefinition").inputs["volumes"][-1] == {
        "name": "media",
        "efsVolumeConfiguration": {
            "fileSystemId": "fs-0123abcd",
            "rootDirectory": "/",
            "transitEncryption": "ENABLED",
            "authorizationConfig": {"iam": "ENABLED", "accessPointId": "fsap-0123abcd"},
        },
    }
    assert container_of(found, "reader")["mountPoints"][-1] == {
        "sourceVolume": "media",
        "containerPath": "/srv",
        "readOnly": True,
    }
    actions = ["elasticfilesystem:ClientMount", "elasticfilesystem:ClientWrite"]
    assert statements_of(found, "web-task-policy") == [{"Effect": "Allow", "Action": actions, "Resource": [arn]}]


# What it may do.

LOGS = {
    "Effect": "Allow",
    "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
    "Resource": ["arn:aws:cloudwatch:eu-central-1:123456789012:web-log-group:*"],
}


def test_the_execution_role_of_a_public_image_may_write_logs_and_nothing_else():
    public = {"image": {"repository": "public.ecr.aws/nginx/nginx", "version": "1.29.1"}}
    assert statements_of(service(spec(container=public)), "web-execution-policy") == [LOGS]


def test_the_execution_role_reads_exactly_the_named_secrets_and_repositories():
    secrets = {
        "PASSWORD": "arn:aws:secretsmanager:eu-central-1:123456789012:secret:db-AbCdEf:password::",
        "USER": "arn:aws:secretsmanager:eu-central-1:123456789012:secret:db-AbCdEf:user::",
        "TOKEN": "arn:aws:ssm:eu-central-1:123456789012:parameter/shop/token",
    }
    found = service(
        spec(container={"secrets": secrets}, sidecars={"same": {"image": IMAGE}}),
        secret_key_arns=["arn:aws:kms:eu-central-1:123456789012:key/1"],
    )
    assert statements_of(found, "web-execution-policy") == [
        LOGS,
        {
            "Effect": "Allow",
            "Action": ["secretsmanager:GetSecretValue"],
            "Resource": ["arn:aws:secretsmanager:eu-central-1:123456789012:secret:db-AbCdEf"],
        },
        {"Effect": "Allow", "Action": ["ssm:GetParameters"], "Resource": [secrets["TOKEN"]]},
        {"Effect": "Allow", "Action": ["kms:Decrypt"], "Resource": ["arn:aws:kms:eu-central-1:123456789012:key/1"]},
        {
            "Effect": "Allow",
            "Action": ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
            "Resource": ["arn:aws:ecr:eu-central-1:123456789012:repository/shop/web"],
        },
        {"Effect": "Allow", "Action": ["ecr:GetAuthorizationToken"], "Resource": ["*"]},
    ]


def test_an_application_that_asks_for_nothing_may_do_nothing():
    assert "web-task-policy" not in service(spec()).names()


def test_the_task_role_holds_exactly_what_is_given():
    found = service(
        spec(permissions={"read": {"actions": ["s3:GetObject"], "resources": ["arn:aws:s3:::shop/*"]}}),
        late=lambda: {
            "permissions": {"send": PermissionArgs(["sqs:SendMessage"], [pulumi.Output.from_input("arn:of-the-queue")])}
        },
    )
    assert statements_of(found, "web-task-policy") == [
        {"Effect": "Allow", "Action": ["s3:GetObject"], "Resource": ["arn:aws:s3:::shop/*"]},
        {"Effect": "Allow", "Action": ["sqs:SendMessage"], "Resource": ["arn:of-the-queue"]},
    ]


def test_exec_is_off_by_default():
    assert service(spec()).one("Service").inputs["enableExecuteCommand"] is False


def test_exec_brings_its_channels_and_no_other_right():
    found = service(spec(container={"read_only_root": False}, execute_command=True))
    assert found.one("Service").inputs["enableExecuteCommand"] is True
    assert statements_of(found, "web-task-policy") == [
        {
            "Effect": "Allow",
            "Action": [
                "ssmmessages:CreateControlChannel",
                "ssmmessages:CreateDataChannel",
                "ssmmessages:OpenControlChannel",
                "ssmmessages:OpenDataChannel",
            ],
            "Resource": ["*"],
        }
    ]


def test_task_protection_reaches_the_tasks_of_the_cluster_alone():
    found = service(spec(task_protection=True), cluster=CLUSTER)
    assert statements_of(found, "web-task-policy") == [
        {
            "Effect": "Allow",
            "Action": ["ecs:GetTaskProtection", "ecs:UpdateTaskProtection"],
            "Resource": ["arn:aws:ecs:eu-central-1:123456789012:task/shared/*"],
        }
    ]


def test_only_ecs_tasks_may_take_the_roles_and_the_applications_only_those_of_its_account():
    """Source: ECS developer guide, task IAM role: the confused deputy."""
    taken = {"Effect": "Allow", "Principal": {"Service": "ecs-tasks.amazonaws.com"}, "Action": "sts:AssumeRole"}
    own = {
        "ArnLike": {"aws:SourceArn": "arn:aws:ecs:eu-central-1:123456789012:*"},
        "StringEquals": {"aws:SourceAccount": "123456789012"},
    }
    trusts = {
        role.name: json.loads(role.inputs["assumeRolePolicy"])["Statement"] for role in service(spec()).of("Role")
    }
    assert trusts == {"web-execution-role": [taken], "web-task-role": [{**taken, "Condition": own}]}


def test_a_service_starts_after_what_the_program_says():
    def program() -> None:
        front = pulumi.CustomResource("aws:lb/listener:Listener", "front", {})
        args = ContainerServiceArgs(spec(), vpc_id="vpc-1", subnet_ids=["subnet-a"], after=[front])
        ContainerService("web", args)

    assert "front" in build(program).one("Service").depends_on


def test_a_service_does_not_start_before_its_roles_have_their_rights():
    assert {"web-execution-policy", "web-cluster-capacity"} <= set(service(spec()).one("Service").depends_on)


# Who may reach it, and whom it may reach.


def test_only_the_balancers_group_may_reach_the_attached_port():
    found = service(
        spec(container={"ports": {**HTTP, "metrics": {"number": 9090}}}),
        target_groups=[WEB],
        balancer_security_group_id="sg-front",
    )
    assert found.one("SecurityGroupIngressRule").inputs == {
        "securityGroupId": "web-security-group-id",
        "referencedSecurityGroupId": "sg-front",
        "ipProtocol": "tcp",
        "fromPort": 8080,
        "toPort": 8080,
        "description": "ingress balancer-http",
        "tags": {"Name": "web-ingress-balancer-http"},
    }


def test_a_worker_lets_nobody_in_and_reaches_https_alone():
    found = service(spec())
    assert found.of("SecurityGroupIngressRule") == []
    out = found.one("SecurityGroupEgressRule").inputs
    assert (out["cidrIpv4"], out["fromPort"], out["toPort"], out["ipProtocol"]) == ("0.0.0.0/0", 443, 443, "tcp")


def test_declared_openings_are_rules_of_their_own():
    found = service(
        spec(
            ingress={"office": {"port": 8080, "cidr": "10.1.0.0/16"}},
            egress={
                "database": {"port": 5432, "security_group": "sg-0123abcd"},
                "storage": {"port": 443, "prefix_list": "pl-0123abcd"},
                "network": {"protocol": "all", "cidr": "10.0.0.0/8"},
                "ephemeral": {"port": 1024, "to_port": 65535, "protocol": "udp", "cidr": "10.0.0.0/8"},
            },
        ),
        ingress_security_group_ids={"clients": "sg-clients"},
    )
    assert {each.name for each in found.of("SecurityGroupIngressRule")} == {
        "web-ingress-office",
        "web-ingress-clients-http",
    }
    out = {each.name: each.inputs for each in found.of("SecurityGroupEgressRule")}
    assert out["web-egress-database"]["referencedSecurityGroupId"] == "sg-0123abcd"
    assert out["web-egress-storage"]["prefixListId"] == "pl-0123abcd"
    assert out["web-egress-network"]["ipProtocol"] == "-1"
    assert "fromPort" not in out["web-egress-network"]
    assert (out["web-egress-ephemeral"]["fromPort"], out["web-egress-ephemeral"]["toPort"]) == (1024, 65535)
    assert set(out) == {f"web-egress-{name}" for name in ("database", "storage", "network", "ephemeral")}


def test_several_target_groups_are_attached_by_their_ports():
    admin = TargetGroupAttachment("admin", arn="arn:of-admin")
    found = service(
        spec(sidecars={"panel": {"image": IMAGE, "ports": {"admin": {"number": 9000}}}}),
        target_groups=[WEB, admin],
        balancer_security_group_id="sg-front",
    )
    assert found.one("Service").inputs["loadBalancers"] == [
        {"targetGroupArn": "arn:of-the-group", "containerName": "application", "containerPort": 8080},
        {"targetGroupArn": "arn:of-admin", "containerName": "panel", "containerPort": 9000},
    ]
    assert {each.inputs["fromPort"] for each in found.of("SecurityGroupIngressRule")} == {8080, 9000}


# Service Connect, logs, tags, metrics, outputs.


def test_service_connect_makes_a_namespace_and_offers_its_ports():
    found = service(spec(service_connect={"offers": {"http": 80}, "dns_name": "shop"}))
    assert found.one("Service").inputs["serviceConnectConfiguration"] == {
        "enabled": True,
        "namespace": "arn:aws:servicediscovery:eu-central-1:123456789012:web-namespace",
        "services": [{"portName": "http", "discoveryName": "http", "clientAlias": [{"port": 80, "dnsName": "shop"}]}],
    }


def test_a_client_of_service_connect_joins_a_given_namespace():
    found = service(spec(service_connect={}), namespace_arn="arn:of-the-namespace")
    assert found.of("HttpNamespace") == []
    assert found.one("Service").inputs["serviceConnectConfiguration"] == {
        "enabled": True,
        "namespace": "arn:of-the-namespace",
    }


def test_logs_end_and_may_have_a_key():
    assert service(spec()).one("LogGroup").inputs["retentionInDays"] == 365
    made = service(spec(log_retention="30d"), log_key_arn="arn:of-the-key").one("LogGroup").inputs
    assert (made["retentionInDays"], made["kmsKeyId"]) == (30, "arn:of-the-key")


@pytest.mark.parametrize(("insights", "value"), [(True, "enabled"), (False, "disabled")])
def test_container_insights_are_the_clusters_setting(insights, value):
    made = service(spec(container_insights=insights)).one("Cluster").inputs
    assert made["settings"] == [{"name": "containerInsights", "value": value}]


def test_tags_reach_every_child_that_has_tags_and_the_tasks():
    found = service(spec(elasticity=RULES), tags={"team": "shop"})
    untagged = {"Policy", "ScheduledAction", "RolePolicy", "ClusterCapacityProviders", "ContainerService"}
    for each in found:
        if each.type.rsplit(":", 1)[-1] not in untagged:
            assert each.inputs["tags"] == {"Name": each.name, "team": "shop"}, each.name
    made = found.one("Service").inputs
    assert (made["propagateTags"], made["enableEcsManagedTags"]) == ("SERVICE", True)


def test_metrics_name_the_service_and_its_cluster():
    dimensions = {"ClusterName": "web-cluster-1a2b3c4", "ServiceName": "web-service-1a2b3c4"}
    assert service(spec()).result["metrics"] == [dimensions, dimensions]


def test_outputs_are_registered():
    outputs = service(spec(elasticity=RULES)).outputs("web")
    assert outputs["service_name"] == "web-service-1a2b3c4"
    assert outputs["security_group_id"] == "web-security-group-id"
    assert outputs["log_group_name"] == "web-log-group-1a2b3c4"
    assert outputs["metrics"]["running"]["name"] == "RunningTaskCount"
    assert outputs.keys() >= {"service_arn", "cluster_name", "task_definition_arn", "task_role_arn", "service"}


def test_the_rules_stand_in_the_components_own_inputs():
    recorded = service(spec(elasticity=RULES)).named("web").inputs["spec"]["elasticity"]
    assert recorded["target_tracking"]["cpu"]["target"] == 55


# What cannot be connected.

PORTLESS = TargetGroupAttachment("admin", arn="arn:x")
UNCONNECTED = {
    "no image": (spec(container={"image": None}), {}, ["container.image: missing: declare it, or pass the image that the program builds"]),
    "two images": (spec(), {"image": "r/x:1.2.3"}, ["container.image: stands beside the image that the program passes: keep one of them"]),
    "a built image by a tag that moves": (
        spec(container={"image": None}),
        {"image": "r.example.com/shop/web:latest"},
        ["image: its tag moves or is missing, so two tasks may run different code: pass a digest"],
    ),
    "a built image without a tag": (
        spec(container={"image": None}),
        {"image": "r.example.com:5000/shop/web"},
        ["image: its tag moves or is missing, so two tasks may run different code: pass a digest"],
    ),
    "more rights than an application needs": (
        spec(),
        {"permissions": {"all": PermissionArgs(["s3:*", "*"], ["*"])}},
        [
            "permissions.all.actions: `s3:*` is a whole service or more: name the actions",
            "permissions.all.actions: `*` is a whole service or more: name the actions",
        ],
    ),
    "a sidecar without image": (spec(sidecars={"agent": {}}), {}, ["sidecars.agent.image: missing: declare it"]),
    "ec2 without a provider": (spec(capacity={"kind": "ec2"}), {}, ["capacity.kind: ec2 needs `cluster` and `capacity_provider_name` of an AutoscalingGroup"]),
    "a provider for fargate": (spec(), {"capacity_provider_name": "x"}, ["capacity.kind: fargate ignores the capacity provider that is passed: set `ec2`"]),
    "a variable twice": (spec(container={"environment": {"A": "1"}}), {"secrets": {"A": "arn"}}, ["container: the variable A is given twice: keep one of them"]),
    "an unknown port": (spec(), {"target_groups": [PORTLESS]}, ["target_groups.0.port: no container has a port admin, allowed http"]),
    "blue/green with half of it": (
        spec(deployment={"strategy": "blue_green"}),
        {"target_groups": [WEB]},
        [
            "target_groups.0.alternate_arn: missing: the deployment strategy blue_green shifts traffic between two groups",
            "target_groups.0.production_rule_arn: missing: the deployment strategy blue_green shifts traffic between two groups",
            "target_groups.0.alternate_suffix: missing beside `suffix`: rules would not see half of the requests (EL042)",
        ],
    ),
}  # fmt: skip


@pytest.mark.parametrize(("made", "args", "lines"), UNCONNECTED.values(), ids=UNCONNECTED.keys())
def test_what_cannot_be_connected_is_said_at_once(made, args, lines):
    with pytest.raises(pulumi.RunError) as raised:
        service(made, **args)
    assert str(raised.value).split("\n") == ["ContainerService web: cannot be connected", *lines]


def test_rules_that_a_service_cannot_hold_stop_the_program_before_anything_is_made():
    rules = {**RULES, "target_tracking": {"cpu": {"metric": "cpu", "target": 55, "warm_up": "2m"}}}
    with pytest.raises(pulumi.RunError) as raised:
        service(spec(elasticity=rules))
    assert str(raised.value) == (
        "ContainerService web: the platform cannot hold these rules\n"
        "  elasticity.target_tracking.cpu.warm_up: an ECS service has cooldowns, no warm-up: "
        "a task counts as soon as it runs; give `scale_out_cooldown` instead"
    )
