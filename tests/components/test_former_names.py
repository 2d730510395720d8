"""New names for what AWS lets stand once: who takes over what is deployed. Cannot prove what AWS refuses: the sources
stand beside each kind; the local cloud refuses the same, and tests/engine/test_changes.py deploys."""

from __future__ import annotations

import importlib
import pkgutil
from pathlib import Path
from typing import Any

import pulumi
import pytest

import components
from components.autoscaling_group import AutoscalingGroup, AutoscalingGroupArgs
from components.container_service import ContainerService, ContainerServiceArgs
from components.deployed import Deployed
from components.load_balancer import LoadBalancer, LoadBalancerArgs
from components.specs import AutoscalingGroupSpec, ContainerServiceSpec, LoadBalancerSpec
from localcloud.aws.kinds import KINDS
from stacks import compositions
from stacks.settings import load
from tests.recording import Registrations, build

ONE_STATE = "the one of its owner, under a name that no key makes"
OWN_NAME = "its physical name has the engine's random tail, and nothing else is single"
BESIDE = {
    "aws:appautoscaling/policy:Policy": "former names, by metric; other kinds of policy may stand twice",
    "aws:appautoscaling/scheduledAction:ScheduledAction": OWN_NAME,
    "aws:appautoscaling/target:Target": ONE_STATE,
    "aws:autoscaling/group:Group": OWN_NAME,
    "aws:autoscaling/lifecycleHook:LifecycleHook": OWN_NAME,
    "aws:autoscaling/policy:Policy": "former names, by metric; other kinds of policy may stand twice",
    "aws:autoscaling/schedule:Schedule": "former names, by time; its name is declared, so it is deleted first",
    "aws:cloudwatch/compositeAlarm:CompositeAlarm": ONE_STATE,
    "aws:cloudwatch/dashboard:Dashboard": ONE_STATE,
    "aws:cloudwatch/eventRule:EventRule": OWN_NAME,
    "aws:cloudwatch/eventTarget:EventTarget": "of its own rule",
    "aws:cloudwatch/logGroup:LogGroup": OWN_NAME,
    "aws:cloudwatch/logMetricFilter:LogMetricFilter": OWN_NAME,
    "aws:cloudwatch/metricAlarm:MetricAlarm": OWN_NAME,
    "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup": ONE_STATE,
    "aws:ec2/eip:Eip": "addresses are not named",
    "aws:ec2/flowLog:FlowLog": ONE_STATE,
    "aws:ec2/internetGateway:InternetGateway": ONE_STATE,
    "aws:ec2/launchTemplate:LaunchTemplate": OWN_NAME,
    "aws:ec2/natGateway:NatGateway": "keyed by zone; it holds its address, so it is deleted before it is replaced",
    "aws:ec2/route:Route": "keyed by tier and zone of its table, which no key of a stack file names",
    "aws:ec2/routeTable:RouteTable": "a VPC has many",
    "aws:ec2/routeTableAssociation:RouteTableAssociation": "keyed by tier and zone of its subnet",
    "aws:ec2/securityGroup:SecurityGroup": OWN_NAME,
    "aws:ec2/subnet:Subnet": "keyed by tier and zone, which decide its block",
    "aws:ec2/vpc:Vpc": ONE_STATE,
    "aws:ec2/vpcEndpoint:VpcEndpoint": "keyed by the service that it leads to",
    "aws:ecs/capacityProvider:CapacityProvider": OWN_NAME,
    "aws:ecs/cluster:Cluster": OWN_NAME,
    "aws:ecs/clusterCapacityProviders:ClusterCapacityProviders": ONE_STATE,
    "aws:ecs/service:Service": OWN_NAME,
    "aws:ecs/taskDefinition:TaskDefinition": "a revision of its family",
    "aws:iam/instanceProfile:InstanceProfile": OWN_NAME,
    "aws:iam/role:Role": OWN_NAME,
    "aws:iam/rolePolicy:RolePolicy": OWN_NAME,
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment": ONE_STATE,
    "aws:kms/key:Key": "keys are not named",
    "aws:kms/keyPolicy:KeyPolicy": ONE_STATE,
    "aws:lb/listener:Listener": "former names, by port; an application balancer's are named by protocol",
    "aws:lb/listenerCertificate:ListenerCertificate": "named by the certificate's ARN, or by the program",
    "aws:lb/listenerRule:ListenerRule": "former names, by priority",
    "aws:lb/loadBalancer:LoadBalancer": OWN_NAME,
    "aws:lb/targetGroup:TargetGroup": OWN_NAME,
    "aws:s3/bucket:Bucket": OWN_NAME,
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": ONE_STATE,
    "aws:s3/bucketVersioning:BucketVersioning": ONE_STATE,
    "aws:s3/bucketOwnershipControls:BucketOwnershipControls": ONE_STATE,
    "aws:s3/bucketPolicy:BucketPolicy": ONE_STATE,
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": ONE_STATE,
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": ONE_STATE,
    "aws:servicediscovery/httpNamespace:HttpNamespace": OWN_NAME,
    "aws:sns/topic:Topic": OWN_NAME,
    "aws:sns/topicPolicy:TopicPolicy": ONE_STATE,
    "aws:sns/topicSubscription:TopicSubscription": "keyed by its endpoint",
    "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": "former names, by what it opens",
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": "former names, by what it opens",
    "aws:wafv2/webAclAssociation:WebAclAssociation": "a balancer has one: it is deleted before it is replaced",
}
"""Type -> why an old one under another name does not keep the new one from being made."""

DELETED_FIRST = {
    "aws:ec2/natGateway:NatGateway": "AlreadyAssociated: its address",
    "aws:autoscaling/schedule:Schedule": "AlreadyExists: its time",
    "aws:wafv2/webAclAssociation:WebAclAssociation": "deleting the old one would take the new one away",
}
"""Type -> what AWS would say to a replacement that is made first. Of every other type old and new may stand together:
names are the engine's, and what is single (a priority, a port, a metric) changes in place."""

RESOURCE, GROUP = "service/shop/web-1a2b3c4", "web-1a2b3c4"
SERVICE_POLICY, GROUP_POLICY = "aws:appautoscaling/policy:Policy", "aws:autoscaling/policy:Policy"
SCHEDULE, RULE = "aws:autoscaling/schedule:Schedule", "aws:lb/listenerRule:ListenerRule"
TARGET = ("aws:appautoscaling/target:Target", "web-scalable-target")
CPU, MEMORY = {"metric": "cpu", "target": 60}, {"metric": "memory", "target": 70}
LAG = {"metric": "lag", "target": 4}
METRICS = {"lag": {"namespace": "Shop", "name": "Lag"}}


def _resources_of_components() -> set[str]:
    """Types of all resources that modules of components import, and the one that is imported where it is needed."""
    names = [found.name for found in pkgutil.walk_packages(components.__path__, "components.")]
    classes = [value for name in names for value in vars(importlib.import_module(name)).values()]
    resources = {each for each in classes if isinstance(each, type) and issubclass(each, pulumi.CustomResource)}
    return {each.pulumi_type for each in resources if hasattr(each, "pulumi_type")} | {
        "aws:wafv2/webAclAssociation:WebAclAssociation"
    }


def test_each_type_says_why_a_renamed_one_goes_through():
    assert _resources_of_components() == set(BESIDE)


@pytest.mark.parametrize("stack", ["dev", "staging", "prod", "fleet"])
def test_what_cannot_stand_twice_is_deleted_before_it_is_replaced(stack):
    settings = load(Path(__file__).parents[2] / f"Pulumi.{stack}.yaml")
    found = build(lambda: compositions.build(settings) and None, stack=stack)
    assert {each.type for each in found if each.delete_before_replace} == {
        each.type for each in found if each.type in DELETED_FIRST
    }


@pytest.mark.parametrize("stack", ["dev", "staging", "prod", "fleet"])
def test_what_has_a_name_of_the_engine_is_given_none(stack):
    settings = load(Path(__file__).parents[2] / f"Pulumi.{stack}.yaml")
    found = build(lambda: compositions.build(settings) and None, stack=stack)
    named = [each for each in found if BESIDE.get(each.type) == OWN_NAME]
    assert named
    for each in named:
        physical = KINDS[each.type].naming.input
        assert physical
        assert physical.lower() not in {name.replace("_", "").lower() for name in each.inputs}, each.name


def service(deployed: Deployed, **spec: Any) -> Registrations:
    container = {"image": {"repository": "docker.io/shop/web", "version": "1.0.0"}, "ports": {"http": {"number": 80}}}
    whole = ContainerServiceSpec.model_validate({"container": container, "cpu": 256, "memory": 512, **spec})
    args = ContainerServiceArgs(whole, vpc_id="vpc-1", subnet_ids=["subnet-1"], deployed=deployed)
    return build(lambda: ContainerService("web", args))


def tracking(**rules: Any) -> dict[str, Any]:
    return {"elasticity": {"minimum": 1, "maximum": 4, "target_tracking": rules, "metrics": METRICS}}


def as_deployed(**rules: Any) -> Deployed:
    """The state after a deployment of these tracking rules."""
    made = service(Deployed(), **tracking(**rules))
    named = {"resourceId": RESOURCE}
    state = {(each.type, each.name): {**each.inputs, **named} for each in made.of(SERVICE_POLICY)}
    return Deployed({TARGET: named, **state})


def policies(made: Registrations) -> dict[str, tuple[str, ...]]:
    return {each.name: each.aliases for each in made.of(SERVICE_POLICY)}


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ({"cpu": CPU}, {"load": CPU}, {"web-load": ("web-cpu",)}),
        ({"cpu": CPU}, {"load": {**CPU, "target": 40}}, {"web-load": ("web-cpu",)}),
        ({"cpu": CPU, "memory": MEMORY}, {"load": CPU, "memory": MEMORY}, {"web-load": ("web-cpu",), "web-memory": ()}),
        ({"lag": LAG}, {"late": LAG}, {"web-late": ("web-lag",)}),
        ({"cpu": CPU, "memory": MEMORY}, {"a": MEMORY, "b": CPU}, {"web-a": ("web-memory",), "web-b": ("web-cpu",)}),
        ({"cpu": CPU}, {"cpu": CPU, "memory": MEMORY}, {"web-cpu": (), "web-memory": ()}),
        ({"cpu": CPU}, {"cpu": MEMORY}, {"web-cpu": ()}),
    ],
)
def test_a_tracking_rule_under_a_new_name_stays_the_same_policy(before, after, expected):
    assert policies(service(as_deployed(**before), **tracking(**after))) == expected


ONE, TWO = "it", "each of the two"


@pytest.mark.parametrize(
    ("after", "taker", "holder", "which"),
    [
        ({"cpu": MEMORY, "memory": CPU}, "cpu", "the metric of memory", TWO),
        ({"memory": CPU}, "memory", "the metric of cpu", ONE),
        ({"load": CPU, "cpu": MEMORY}, "load", "the metric of cpu", TWO),
    ],
)
def test_a_rule_that_is_kept_cannot_take_the_metric_of_another(after, taker, holder, which):
    with pytest.raises(pulumi.RunError) as refused:
        service(as_deployed(cpu=CPU, memory=MEMORY), **tracking(**after))
    text = f"web: {taker} takes over {holder}, and AWS has it once only: give {which} a new name, "
    assert str(refused.value) == text + "then what is deployed moves along"


def test_rules_of_another_service_are_let_be():
    deployed = as_deployed(cpu=CPU)
    elsewhere = {key: {**found, "resourceId": "service/shop/api"} for key, found in deployed.resources.items()}
    mine = {TARGET: {"resourceId": RESOURCE}}
    assert policies(service(Deployed({**elsewhere, **mine}), **tracking(load=CPU))) == {"web-load": ()}


def group(deployed: Deployed, **spec: Any) -> Registrations:
    rest = {"image": {"id": "ami-0123456789abcdef0"}, "instance_types": ["m7i.large"], **spec}
    args = AutoscalingGroupArgs(
        AutoscalingGroupSpec.model_validate(rest), vpc_id="vpc-1", subnet_ids=["subnet-1"], deployed=deployed
    )
    return build(lambda: AutoscalingGroup("web", args))


def test_a_schedule_of_a_group_under_a_new_name_is_the_same_schedule_deleted_first():
    office = {"cron": "0 8 * * 1-5", "time_zone": "Europe/Berlin", "minimum": 2}

    def rules(name: str) -> dict[str, Any]:
        return {"elasticity": {"minimum": 1, "maximum": 4, "target_tracking": {name: CPU}, "scheduled": {f"{name}-work": office}}}  # fmt: skip

    before = group(Deployed(), **rules("a"))
    named = {"autoscalingGroupName": GROUP}
    state = {(each.type, each.name): {**each.inputs, **named} for each in before.of(SCHEDULE) + before.of(GROUP_POLICY)}
    made = group(Deployed({("aws:autoscaling/group:Group", "web-group"): {"name": GROUP}, **state}), **rules("b"))
    assert (made.one(SCHEDULE).aliases, made.one(SCHEDULE).delete_before_replace) == (("web-a-work",), True)
    assert made.one(GROUP_POLICY).aliases == ("web-a",)


def test_an_opening_under_a_new_name_is_the_same_rule():
    group_type = ("aws:ec2/securityGroup:SecurityGroup", "web-security-group")
    spec_of = {"count": 1, "ingress": {"office": {"port": 8443, "cidr": "10.1.0.0/16"}}}
    before = service(Deployed(), **spec_of)
    state = {
        (each.type, each.name): {**each.inputs, "securityGroupId": "sg-1"}
        for each in before.all
        if "securityGroupIngressRule" in each.type
    }
    deployed = Deployed({group_type: {"id": "sg-1"}, **state})
    made = service(deployed, count=1, ingress={"branch": {"port": 8443, "cidr": "10.1.0.0/16"}})
    assert made.named("web-ingress-branch").aliases == ("web-ingress-office",)


def balancer(deployed: Deployed, services: dict[str, Any]) -> Registrations:
    spec = LoadBalancerSpec.model_validate(
        {"listener": {"protocol": "http"}, "access_logs": None, "deletion_protection": False, "services": services}
    )
    args = LoadBalancerArgs(
        spec, vpc_id="vpc-1", vpc_cidr="10.0.0.0/16", subnet_ids=["subnet-1", "subnet-2"], deployed=deployed
    )
    return build(lambda: LoadBalancer("balancer", args))


def test_a_route_under_a_new_name_keeps_its_priority():
    def services(service_name: str, route: str) -> dict[str, Any]:
        return {service_name: {"port": 80, "routes": {route: {"priority": 10, "paths": ["/shop"]}}}}

    before = balancer(Deployed(), services("web", "all"))
    state = {(each.type, each.name): {**each.inputs, "listenerArn": "arn:l"} for each in before.of(RULE)}
    deployed = Deployed({("aws:lb/listener:Listener", "balancer-http"): {"arn": "arn:l"}, **state})
    assert balancer(deployed, services("shop", "all")).one(RULE).aliases[0] == "balancer-web-all"
    assert balancer(deployed, services("web", "every")).one(RULE).aliases[0] == "balancer-web-all"
    assert "balancer-web-all" not in balancer(deployed, services("web", "all")).one(RULE).aliases
