"""AutoscalingGroup on the recording engine: its children, their inputs and options, its rights, its refusals.

It cannot prove that a refresh starts, that instances come up, or that a destroy ends.
"""

from __future__ import annotations

import base64
import json
from typing import Any

import pulumi
import pytest

from components.autoscaling_group import (
    AutoscalingGroup,
    AutoscalingGroupArgs,
    ClusterReference,
    GroupTarget,
    HookNotification,
    PermissionArgs,
)
from components.specs import AutoscalingGroupSpec
from tests.recording import Registrations, build

RULES = {"minimum": 2, "maximum": 8, "target_tracking": {"cpu": {"metric": "cpu", "target": 55}}}
BOUNDS = {"minimum": 1, "maximum": 9}
OFFICE = {"cron": "0 8 * * MON-FRI", "time_zone": "Europe/Berlin", "minimum": 4}
WEB = GroupTarget("arn:of-the-group", suffix="targetgroup/web/1", balancer_suffix="app/front/2")
CLUSTER = ClusterReference("shared", "arn:aws:ecs:eu-central-1:123456789012:cluster/shared")


def spec(**settings: Any) -> AutoscalingGroupSpec:
    size = {} if "elasticity" in settings else {"count": 3}
    types = {} if "attributes" in settings else {"instance_types": ["m7i.large"]}
    return AutoscalingGroupSpec.model_validate({**types, **size, **settings})


def group(made: AutoscalingGroupSpec, **args: Any) -> Registrations:
    def program() -> None:
        AutoscalingGroup("fleet", AutoscalingGroupArgs(made, vpc_id="vpc-1", subnet_ids=["subnet-a"], **args))

    return build(program)


def inputs(made: AutoscalingGroupSpec, **args: Any) -> dict[str, Any]:
    return group(made, **args).one("Group").inputs


def template(made: AutoscalingGroupSpec, **args: Any) -> dict[str, Any]:
    return group(made, **args).one("LaunchTemplate").inputs


FIXED = [
    ("accordion:index:AutoscalingGroup", "fleet", ""),
    ("aws:autoscaling/group:Group", "fleet-group", "fleet"),
    ("aws:ec2/launchTemplate:LaunchTemplate", "fleet-template", "fleet"),
    ("aws:ec2/securityGroup:SecurityGroup", "fleet-security-group", "fleet"),
    ("aws:iam/instanceProfile:InstanceProfile", "fleet-profile", "fleet"),
    ("aws:iam/role:Role", "fleet-role", "fleet"),
    ("aws:iam/rolePolicyAttachment:RolePolicyAttachment", "fleet-session-policy", "fleet"),
    ("aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule", "fleet-egress-https", "fleet"),
]


def test_a_group_of_fixed_size_makes_exactly_this():
    assert group(spec()).tree() == FIXED


def test_rules_hooks_and_a_balancer_add_exactly_their_children():
    found = group(
        spec(
            elasticity={**RULES, "scheduled": {"office": OFFICE}},
            hooks={"drain": {"transition": "terminating"}},
            ports={"http": 80},
        ),
        target_groups=[WEB],
        balancer_security_group_id="sg-front",
    )
    assert sorted(set(found.tree()) - set(FIXED)) == [
        ("aws:autoscaling/lifecycleHook:LifecycleHook", "fleet-drain", "fleet"),
        ("aws:autoscaling/policy:Policy", "fleet-cpu", "fleet"),
        ("aws:autoscaling/schedule:Schedule", "fleet-office", "fleet"),
        ("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule", "fleet-ingress-balancer-http", "fleet"),
    ]
    assert set(FIXED) <= set(found.tree())


def test_a_capacity_provider_adds_itself_its_cluster_and_their_bond():
    found = group(spec(elasticity=BOUNDS, capacity_provider={}))
    assert sorted(set(found.tree()) - set(FIXED)) == [
        ("aws:ecs/capacityProvider:CapacityProvider", "fleet-capacity-provider", "fleet"),
        ("aws:ecs/cluster:Cluster", "fleet-cluster", "fleet"),
        ("aws:ecs/clusterCapacityProviders:ClusterCapacityProviders", "fleet-cluster-capacity", "fleet"),
        ("aws:iam/rolePolicyAttachment:RolePolicyAttachment", "fleet-container-policy", "fleet"),
    ]


# Who owns the size.


def test_a_scaled_group_declares_its_bounds_and_leaves_its_size_to_the_rules():
    made = group(spec(elasticity=RULES)).one("Group")
    assert (made.inputs["minSize"], made.inputs["maxSize"]) == (2, 8)
    assert "desiredCapacity" not in made.inputs
    assert made.ignore_changes == ("desiredCapacity",)


def test_an_initial_size_is_asked_for_once_and_then_left_to_the_rules():
    made = group(spec(elasticity={**RULES, "initial": 5})).one("Group")
    assert (made.inputs["desiredCapacity"], made.ignore_changes) == (5, ("desiredCapacity",))


@pytest.mark.parametrize("count", [0, 3])
def test_a_fixed_group_follows_its_declaration(count):
    made = group(spec(count=count)).one("Group")
    sizes = [made.inputs[field] for field in ("minSize", "maxSize", "desiredCapacity")]
    assert (sizes, made.ignore_changes) == ([count] * 3, ())


def test_ecs_owns_the_size_of_a_group_under_a_capacity_provider():
    made = group(spec(elasticity=BOUNDS, capacity_provider={})).one("Group")
    assert "desiredCapacity" not in made.inputs
    assert made.ignore_changes == ("desiredCapacity",)


def test_scaling_names_the_group():
    found = group(spec(elasticity={**RULES, "scheduled": {"office": OFFICE}}))
    assert {each.inputs["autoscalingGroupName"] for each in (*found.of("Policy"), *found.of("Schedule"))} == {
        "fleet-group-1a2b3c4"
    }


def test_a_schedule_leaves_alone_what_it_does_not_set():
    made = group(spec(elasticity={**BOUNDS, "scheduled": {"office": OFFICE}})).one("Schedule").inputs
    assert (made["minSize"], made["maxSize"], made["desiredCapacity"]) == (4, -1, -1)


def test_the_resource_label_is_derived_from_balancer_and_target_group():
    rules = {**BOUNDS, "target_tracking": {"requests": {"metric": "requests_per_target", "target": 800}}}
    found = group(spec(elasticity=rules), target_groups=[WEB])
    tracking = found.one("Policy").inputs["targetTrackingConfiguration"]
    assert tracking["predefinedMetricSpecification"]["resourceLabel"] == "app/front/2/targetgroup/web/1"


# What an instance is.


def test_an_instance_is_closed_by_default():
    assert template(spec()) == {
        "imageId": "resolve:ssm:/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64",
        "instanceType": "m7i.large",
        "iamInstanceProfile": {"arn": "arn:aws:iam:eu-central-1:123456789012:fleet-profile"},
        "vpcSecurityGroupIds": ["fleet-security-group-id"],
        "metadataOptions": {"httpEndpoint": "enabled", "httpTokens": "required", "httpPutResponseHopLimit": 1},
        "monitoring": {"enabled": True},
        "blockDeviceMappings": [
            {
                "deviceName": "/dev/xvda",
                "ebs": {
                    "volumeType": "gp3",
                    "volumeSize": 30,
                    "encrypted": "true",
                    "deleteOnTermination": "true",
                },
            }
        ],
        "tagSpecifications": [
            {"resourceType": "instance", "tags": {"Name": "fleet"}},
            {"resourceType": "volume", "tags": {"Name": "fleet"}},
        ],
        "updateDefaultVersion": True,
        "tags": {"Name": "fleet-template"},
    }


def test_what_an_instance_declares_is_in_its_template():
    made = template(
        spec(
            image={"id": "ami-0123456789abcdef0"},
            disk={"size": 80, "iops": 4000, "throughput": 250, "device": "/dev/sda1"},
            containers=True,
            detailed_monitoring=False,
            user_data="#!/bin/sh\necho up\n",
        ),
        disk_key_arn="arn:of-the-key",
    )
    assert made["imageId"] == "ami-0123456789abcdef0"
    assert made["metadataOptions"]["httpPutResponseHopLimit"] == 2
    assert made["monitoring"] == {"enabled": False}
    assert base64.b64decode(made["userData"]).decode() == "#!/bin/sh\necho up\n"
    (disk,) = made["blockDeviceMappings"]
    assert disk["deviceName"] == "/dev/sda1"
    assert disk["ebs"] == {
        "volumeType": "gp3",
        "volumeSize": 80,
        "iops": 4000,
        "throughput": 250,
        "encrypted": "true",
        "kmsKeyId": "arn:of-the-key",
        "deleteOnTermination": "true",
    }


IMAGES = {
    "plain x86": ({}, "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64"),
    "plain arm": (
        {"architecture": "arm64", "instance_types": ["m7g.large"]},
        "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-arm64",
    ),
    "ecs x86": (
        {"elasticity": BOUNDS, "capacity_provider": {}},
        "/aws/service/ecs/optimized-ami/amazon-linux-2023/recommended/image_id",
    ),
    "ecs arm": (
        {
            "elasticity": BOUNDS,
            "capacity_provider": {},
            "architecture": "arm64",
            "instance_types": ["c7g.large"],
        },
        "/aws/service/ecs/optimized-ami/amazon-linux-2023/arm64/recommended/image_id",
    ),
    "own parameter": ({"image": {"parameter": "/golden/web:stable"}}, "/golden/web:stable"),
}


@pytest.mark.parametrize(("settings", "parameter"), IMAGES.values(), ids=IMAGES.keys())
def test_the_image_is_a_parameter_that_aws_reads_at_launch(settings, parameter):
    assert template(spec(**settings))["imageId"] == f"resolve:ssm:{parameter}"


def test_instances_and_volumes_get_the_tags_by_template_and_group():
    found = group(spec(), tags={"team": "shop"})
    tags = {"Name": "fleet", "team": "shop"}
    assert [each["tags"] for each in found.one("LaunchTemplate").inputs["tagSpecifications"]] == [tags, tags]
    assert found.one("Group").inputs["tags"] == [
        {"key": "Name", "value": "fleet", "propagateAtLaunch": True},
        {"key": "team", "value": "shop", "propagateAtLaunch": True},
    ]


# How it buys.


def test_one_type_on_demand_needs_no_mixed_policy():
    made = inputs(spec())
    assert made["launchTemplate"] == {"id": "fleet-template-id", "version": "1"}
    assert "mixedInstancesPolicy" not in made
    assert made["capacityRebalance"] is False


def test_several_types_and_spot_above_a_base():
    made = group(spec(instance_types=["m7i.large", "m6i.large"], purchase={"on_demand_base": 2, "spot": 75}))
    policy = made.one("Group").inputs["mixedInstancesPolicy"]
    assert policy == {
        "launchTemplate": {
            "launchTemplateSpecification": {"launchTemplateId": "fleet-template-id", "version": "1"},
            "overrides": [{"instanceType": "m7i.large"}, {"instanceType": "m6i.large"}],
        },
        "instancesDistribution": {
            "onDemandBaseCapacity": 2,
            "onDemandPercentageAboveBaseCapacity": 25,
            "onDemandAllocationStrategy": "prioritized",
            "spotAllocationStrategy": "price-capacity-optimized",
        },
    }
    assert made.one("Group").inputs["capacityRebalance"] is True
    assert "instanceType" not in made.one("LaunchTemplate").inputs


def test_instances_may_be_chosen_by_their_attributes():
    made = inputs(
        spec(
            attributes={
                "vcpus": {"minimum": 2, "maximum": 4},
                "memory": {"minimum": 4096},
                "manufacturers": ["intel", "amd"],
                "excluded": ["t*"],
            },
            purchase={"on_demand_allocation": "lowest-price"},
        )
    )
    assert made["mixedInstancesPolicy"]["launchTemplate"]["overrides"] == [
        {
            "instanceRequirements": {
                "vcpuCount": {"min": 2, "max": 4},
                "memoryMib": {"min": 4096},
                "burstablePerformance": "excluded",
                "instanceGenerations": ["current"],
                "cpuManufacturers": ["intel", "amd"],
                "excludedInstanceTypes": ["t*"],
            }
        }
    ]


# How it renews.


def test_a_changed_template_starts_a_refresh_because_its_version_is_a_number():
    assert inputs(spec())["launchTemplate"]["version"] == "1"
    assert inputs(spec())["instanceRefresh"] == {
        "strategy": "Rolling",
        "preferences": {
            "minHealthyPercentage": 100,
            "maxHealthyPercentage": 200,
            "instanceWarmup": "300",
            "autoRollback": False,
            "skipMatching": True,
        },
    }


def test_a_refresh_rolls_back_wherever_aws_can():
    made = inputs(
        spec(
            image={"id": "ami-0123456789abcdef0"},
            refresh={"checkpoints": [20, 100], "checkpoint_delay": "10m"},
            maintenance={"minimum_healthy": 90, "maximum_healthy": 110},
            start_up="2m",
        ),
        refresh_alarm_names=["errors"],
    )
    assert made["instanceRefresh"]["preferences"] == {
        "minHealthyPercentage": 90,
        "maxHealthyPercentage": 110,
        "instanceWarmup": "120",
        "autoRollback": True,
        "skipMatching": True,
        "checkpointPercentages": [20, 100],
        "checkpointDelay": "600",
        "alarmSpecification": {"alarms": ["errors"]},
    }
    assert made["instanceMaintenancePolicy"] == {"minHealthyPercentage": 90, "maxHealthyPercentage": 110}


def test_a_group_without_refresh_changes_new_instances_only():
    assert "instanceRefresh" not in inputs(spec(refresh=None))


def test_a_warm_pool_is_declared_whole():
    pool = {"state": "Running", "minimum": 1, "maximum_prepared": 6, "reuse_on_scale_in": True}
    assert inputs(spec(warm_pool=pool))["warmPool"] == {
        "poolState": "Running",
        "minSize": 1,
        "maxGroupPreparedCapacity": 6,
        "instanceReusePolicy": {"reuseOnScaleIn": True},
    }


def test_a_hook_waits_tells_and_ends():
    found = group(
        spec(
            hooks={
                "prepare": {"transition": "launching", "heartbeat": "5m", "default_result": "CONTINUE", "metadata": "x"}
            }
        ),
        hook_notifications={"prepare": HookNotification("arn:of-the-topic", "arn:of-the-role")},
    )
    assert found.one("LifecycleHook").inputs == {
        "autoscalingGroupName": "fleet-group-1a2b3c4",
        "lifecycleTransition": "autoscaling:EC2_INSTANCE_LAUNCHING",
        "heartbeatTimeout": 300,
        "defaultResult": "CONTINUE",
        "notificationMetadata": "x",
        "notificationTargetArn": "arn:of-the-topic",
        "roleArn": "arn:of-the-role",
    }


HEALTH = {
    "alone": ({}, {}, ("EC2", 300, 300)),
    "behind a balancer": ({}, {"target_groups": [WEB]}, ("ELB", 300, 300)),
    "by its own word": ({"health_check": "EC2"}, {"target_groups": [WEB]}, ("EC2", 300, 300)),
    "with a start-up": ({"start_up": "90500ms"}, {"target_groups": [WEB]}, ("ELB", 91, 91)),
    "with the unit's start-up": (
        {"elasticity": {**RULES, "unit": {"start_up": "4m"}}},
        {"target_groups": [WEB]},
        ("ELB", 240, 240),
    ),
}


@pytest.mark.parametrize(("settings", "args", "health"), HEALTH.values(), ids=HEALTH.keys())
def test_grace_and_warm_up_are_the_start_up_time_and_never_unset(settings, args, health):
    made = inputs(spec(**settings), **args)
    assert (made["healthCheckType"], made["healthCheckGracePeriod"], made["defaultInstanceWarmup"]) == health


def test_the_rest_of_the_group():
    made = inputs(
        spec(
            termination_policies=["OldestLaunchTemplate", "Default"],
            maximum_lifetime="30d",
            suspended=["AZRebalance"],
            zone_distribution="balanced-only",
        ),
        target_groups=[WEB],
    )
    assert made["terminationPolicies"] == ["OldestLaunchTemplate", "Default"]
    assert made["maxInstanceLifetime"] == 30 * 86_400
    assert made["suspendedProcesses"] == ["AZRebalance"]
    assert made["availabilityZoneDistribution"] == {"capacityDistributionStrategy": "balanced-only"}
    assert made["targetGroupArns"] == ["arn:of-the-group"]
    assert made["vpcZoneIdentifiers"] == ["subnet-a"]
    assert (made["protectFromScaleIn"], made["forceDelete"]) == (False, False)
    assert "GroupInServiceInstances" in made["enabledMetrics"]


# ECS capacity.


def test_a_capacity_provider_scales_to_full_use_drains_and_protects():
    found = group(spec(elasticity={**BOUNDS, "unit": {"start_up": "2m"}}, capacity_provider={}))
    assert found.one("CapacityProvider").inputs["autoScalingGroupProvider"] == {
        "autoScalingGroupArn": "arn:aws:autoscaling:eu-central-1:123456789012:fleet-group",
        "managedDraining": "ENABLED",
        "managedTerminationProtection": "ENABLED",
        "managedScaling": {
            "status": "ENABLED",
            "targetCapacity": 100,
            "minimumScalingStepSize": 1,
            "maximumScalingStepSize": 10000,
            "instanceWarmupPeriod": 120,
        },
    }
    made = found.one("Group").inputs
    assert (made["protectFromScaleIn"], made["forceDelete"]) == (True, True)
    assert made["instanceRefresh"]["preferences"]["scaleInProtectedInstances"] == "Refresh"
    assert {"key": "AmazonECSManaged", "value": "true", "propagateAtLaunch": True} in made["tags"]


def test_protection_of_provider_and_group_come_together():
    found = group(spec(elasticity=BOUNDS, capacity_provider={"managed_termination_protection": False}))
    assert (
        found.one("CapacityProvider").inputs["autoScalingGroupProvider"]["managedTerminationProtection"] == "DISABLED"
    )
    made = found.one("Group").inputs
    assert (made["protectFromScaleIn"], made["forceDelete"]) == (False, False)


def test_container_instances_join_the_cluster_before_the_users_script_goes_on():
    made = template(
        spec(
            elasticity=BOUNDS,
            capacity_provider={},
            user_data="#!/bin/bash -e\necho up\n",
            purchase={"spot": 50, "on_demand_base": 1},
        )
    )
    assert base64.b64decode(made["userData"]).decode() == (
        "#!/bin/bash -e\n"
        "echo ECS_CLUSTER=fleet-cluster-1a2b3c4 >> /etc/ecs/ecs.config\n"
        "echo ECS_ENABLE_SPOT_INSTANCE_DRAINING=true >> /etc/ecs/ecs.config\n"
        "echo up\n"
    )


def test_instances_of_a_warm_pool_join_when_they_are_taken_out_of_it():
    made = template(spec(elasticity=BOUNDS, capacity_provider={}, warm_pool={}))
    assert base64.b64decode(made["userData"]).decode() == (
        "#!/bin/bash\n"
        "echo ECS_CLUSTER=fleet-cluster-1a2b3c4 >> /etc/ecs/ecs.config\n"
        "echo ECS_WARM_POOLS_CHECK=true >> /etc/ecs/ecs.config\n"
    )


def test_services_take_the_clusters_name_after_it_has_the_provider():
    def program() -> None:
        made = AutoscalingGroup(
            "fleet",
            AutoscalingGroupArgs(
                spec(elasticity=BOUNDS, capacity_provider={}), vpc_id="vpc-1", subnet_ids=["subnet-a"]
            ),
        )
        pulumi.CustomResource("aws:cloudwatch/logGroup:LogGroup", "later", {"name": made.cluster_name})

    found = build(program)
    assert "fleet-cluster-capacity" in found.named("later").depends_on
    assert "fleet-capacity-provider" in found.named("fleet-cluster-capacity").depends_on
    assert "fleet-group" in found.named("fleet-capacity-provider").depends_on
    assert found.one("ClusterCapacityProviders").inputs == {
        "clusterName": "fleet-cluster-1a2b3c4",
        "capacityProviders": ["fleet-capacity-provider-1a2b3c4", "FARGATE", "FARGATE_SPOT"],
        "defaultCapacityProviderStrategies": [{"capacityProvider": "fleet-capacity-provider-1a2b3c4", "weight": 1}],
    }


def test_a_given_cluster_is_joined_and_left_as_it_is():
    found = group(spec(elasticity=BOUNDS, capacity_provider={}), cluster=CLUSTER)
    assert found.of("Cluster") == found.of("ClusterCapacityProviders") == []
    assert b"ECS_CLUSTER=shared" in base64.b64decode(found.one("LaunchTemplate").inputs["userData"])


# What it may do, and who may reach it.


def test_an_instance_may_be_reached_by_session_manager_and_may_do_nothing_else():
    found = group(spec())
    assert [each.inputs["policyArn"] for each in found.of("RolePolicyAttachment")] == [
        "arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore"
    ]
    assert found.of("RolePolicy") == []
    assert json.loads(found.one("Role").inputs["assumeRolePolicy"])["Statement"] == [
        {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}
    ]


def test_the_role_holds_exactly_what_is_given():
    found = group(
        spec(permissions={"read": {"actions": ["s3:GetObject"], "resources": ["arn:aws:s3:::shop/*"]}}),
        permissions={"send": PermissionArgs(["sqs:SendMessage"], ["arn:q"], {"StringEquals": {"a": "b"}})},
    )
    assert json.loads(found.one("RolePolicy").inputs["policy"])["Statement"] == [
        {"Effect": "Allow", "Action": ["s3:GetObject"], "Resource": ["arn:aws:s3:::shop/*"]},
        {
            "Effect": "Allow",
            "Action": ["sqs:SendMessage"],
            "Resource": ["arn:q"],
            "Condition": {"StringEquals": {"a": "b"}},
        },
    ]


def test_a_container_instance_may_also_talk_to_ecs():
    found = group(spec(elasticity=BOUNDS, capacity_provider={}))
    assert {each.inputs["policyArn"] for each in found.of("RolePolicyAttachment")} == {
        "arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore",
        "arn:aws:iam::aws:policy/service-role/AmazonEC2ContainerServiceforEC2Role",
    }


def test_a_group_starts_after_what_the_program_says():
    def program() -> None:
        route = pulumi.CustomResource("aws:ec2/route:Route", "out", {})
        AutoscalingGroup("fleet", AutoscalingGroupArgs(spec(), vpc_id="vpc-1", subnet_ids=["a"], after=[route]))

    assert "out" in build(program).one("Group").depends_on


def test_no_instance_starts_before_its_role_has_its_rights():
    assert "fleet-session-policy" in group(spec()).one("Group").depends_on


def test_only_the_balancers_group_may_reach_the_declared_ports():
    found = group(spec(ports={"http": 80, "admin": 9000}), target_groups=[WEB], balancer_security_group_id="sg-front")
    rules = found.of("SecurityGroupIngressRule")
    assert {(rule.inputs["referencedSecurityGroupId"], rule.inputs["fromPort"]) for rule in rules} == {
        ("sg-front", 80),
        ("sg-front", 9000),
    }
    assert not [rule for rule in rules if "cidrIpv4" in rule.inputs]


def test_outputs_are_registered():
    outputs = group(spec(elasticity=BOUNDS, capacity_provider={})).outputs("fleet")
    assert outputs["group_name"] == "fleet-group-1a2b3c4"
    assert outputs["launch_template_id"] == "fleet-template-id"
    assert outputs["security_group_id"] == "fleet-security-group-id"
    assert outputs["capacity_provider_name"] == "fleet-capacity-provider-1a2b3c4"
    assert outputs["cluster_name"] == "fleet-cluster-1a2b3c4"
    assert outputs["metrics"]["desired"]["name"] == "GroupDesiredCapacity"


UNCONNECTED = {
    "a cluster without a provider": (
        spec(),
        {"cluster": CLUSTER},
        "cluster: only a capacity provider joins one: declare `capacity_provider`, or pass no cluster",
    ),
    "a notification without its hook": (
        spec(),
        {"hook_notifications": {"drain": HookNotification("a", "b")}},
        "hook_notifications.drain: no such lifecycle hook, allowed none",
    ),
    "balancer checks without a balancer": (
        spec(health_check="ELB"),
        {},
        "health_check: ELB needs a target group that checks the instances: attach one, or set EC2",
    ),
}


@pytest.mark.parametrize(("made", "args", "line"), UNCONNECTED.values(), ids=UNCONNECTED.keys())
def test_what_cannot_be_connected_is_said(made, args, line):
    with pytest.raises(pulumi.RunError) as raised:
        group(made, **args)
    assert str(raised.value) == f"AutoscalingGroup fleet: cannot be connected\n{line}"


@pytest.mark.parametrize("name", ["ecs-fleet", "aws-fleet", "fargate-fleet"])
def test_a_capacity_provider_may_not_begin_like_one_of_aws(name):
    made = AutoscalingGroupArgs(spec(elasticity=BOUNDS, capacity_provider={}), vpc_id="vpc-1", subnet_ids=["subnet-a"])
    with pytest.raises(pulumi.RunError) as raised:
        build(lambda: AutoscalingGroup(name, made))
    assert str(raised.value) == (
        f"AutoscalingGroup {name}: cannot be connected\n"
        "name: ECS refuses capacity providers whose names begin with aws, ecs, fargate: choose another"
    )


def test_rules_that_a_group_cannot_hold_stop_the_program_before_anything_is_made():
    with pytest.raises(pulumi.RunError) as raised:
        group(spec(elasticity=RULES, capacity_provider={}))
    assert str(raised.value) == (
        "AutoscalingGroup fleet: the platform cannot hold these rules\n"
        "  elasticity.target_tracking.cpu: ECS sizes this group by the tasks that want to run, and a policy of its own "
        "would fight that (EL043); move the rule to the services that run on it: the group follows their tasks; "
        "the group itself can only track CapacityProviderReservation of AWS/ECS/ManagedScaling"
    )
