"""Each component alone in somebody else's program, with what it imports and says; and what one hands to the next.

It cannot prove that the engine or AWS accepts them; two of these programs were run on the local cloud by hand.
"""

from __future__ import annotations

import re
from pathlib import Path

import pulumi
import pytest

from components.alarms import Alarms, AlarmsArgs, Subject, queue_alarms
from components.autoscaling_group import AutoscalingGroup, AutoscalingGroupArgs, ClusterReference, GroupTarget
from components.container_service import ContainerService, ContainerServiceArgs, TargetGroupAttachment
from components.load_balancer import LoadBalancer, LoadBalancerArgs
from components.network import Network, NetworkArgs
from components.specs import (
    AlarmsSpec,
    AutoscalingGroupSpec,
    BalancedService,
    Container,
    ContainerServiceSpec,
    Image,
    Listener,
    LoadBalancerSpec,
    NetworkSpec,
    Port,
    QueueAlarms,
    Topic,
)
from tests.recording import build

GUIDE = Path(__file__).parents[2] / "docs" / "guides" / "one-component.md"
ZONES = ("eu-central-1a", "eu-central-1b")
IMAGE = Image(repository="public.ecr.aws/nginx/nginx-unprivileged", version="1.29.1")


def network():
    made = Network("net", NetworkArgs(NetworkSpec(zones=ZONES, nat="single")))
    return {"vpc": made.vpc_id, "subnets": made.private_subnet_ids}


def balancer():
    spec = LoadBalancerSpec(
        listener=Listener(protocol="http"), access_logs=None, services={"shop": BalancedService(port=8080)}
    )
    made = LoadBalancer(
        "edge", LoadBalancerArgs(spec, vpc_id="vpc-1", vpc_cidr="10.0.0.0/16", subnet_ids=["subnet-1", "subnet-2"])
    )
    return {"url": made.url}


def service():
    spec = ContainerServiceSpec(container=Container(image=IMAGE), count=1)
    made = ContainerService("web", ContainerServiceArgs(spec, vpc_id="vpc-1", subnet_ids=["subnet-1"]))
    return {"service": made.service_name}


def group():
    spec = AutoscalingGroupSpec(instance_types=("m7g.large",), architecture="arm64", count=2)
    made = AutoscalingGroup("fleet", AutoscalingGroupArgs(spec, vpc_id="vpc-1", subnet_ids={"b": "s-2", "a": "s-1"}))
    return {"group": made.group_name}


def alarms():
    spec = AlarmsSpec(topic=Topic(emails=("on-call@example.com",)))
    jobs = Subject(queue_alarms("jobs", QueueAlarms()))
    made = Alarms("watch", AlarmsArgs(spec, {"jobs": jobs}, physical_name="jobs", account_id="123456789012"))
    return {"topic": made.topic_arn}


ALONE = {
    "Network": (network, 25, {"vpc": "net-vpc-id", "subnets": {zone: f"net-private-{zone}-id" for zone in ZONES}}),
    "LoadBalancer": (balancer, 7, {"url": "http://edge-lb.elb.amazonaws.com"}),
    "ContainerService": (service, 11, {"service": "web-service-1a2b3c4"}),
    "AutoscalingGroup": (group, 8, {"group": "fleet-group-1a2b3c4"}),
    "Alarms": (alarms, 7, {"topic": "arn:aws:sns:eu-central-1:123456789012:watch-topic"}),
}


@pytest.mark.parametrize(("program", "resources", "result"), ALONE.values(), ids=ALONE)
def test_a_component_is_usable_alone(program, resources, result):
    built = build(program, project="somebody-elses")
    assert (len(built.all), built.result) == (resources, result)
    assert all(each.parent for each in built if each.custom), "every child stands below its component"


def test_the_program_of_the_guide_makes_an_elastic_service():
    (shown,) = re.findall(r"```python\n(.*?)```", GUIDE.read_text(), re.DOTALL)
    config = {"api:vpc_id": "vpc-1", "api:subnet_ids": '["subnet-1", "subnet-2"]', "api:region": "eu-central-1"}

    def program():
        pulumi.runtime.set_all_config(config)
        exec(compile(shown, GUIDE.name, "exec"), {})

    built = build(program, project="api")
    target = built.one("aws:appautoscaling/target:Target").inputs
    assert (target["minCapacity"], target["maxCapacity"]) == (2, 10)
    assert (
        built.one("aws:appautoscaling/policy:Policy").inputs["targetTrackingScalingPolicyConfiguration"]["targetValue"]
        == 55
    )
    (provider,) = {each.provider for each in built if each.custom and each.type != "pulumi:providers:aws"}
    assert "pulumi:providers:aws::aws::" in provider


def test_subnets_are_those_of_the_zones_in_order_not_their_names():
    assert build(group).one("aws:autoscaling/group:Group").inputs["vpcZoneIdentifiers"] == ["s-1", "s-2"]


def test_one_subnet_in_place_of_a_list_is_refused():
    args = ContainerServiceArgs(
        ContainerServiceSpec(container=Container(image=IMAGE), count=1), vpc_id="vpc-1", subnet_ids="subnet-1"
    )
    with pytest.raises(pulumi.RunError) as refused:
        build(lambda: ContainerService("web", args))
    assert str(refused.value) == (
        "ContainerService web: subnet_ids: got one text, expected a list of ids, or a map from zone to id"
    )


def platform(kind="application"):
    """Network, balancer, a service on instances behind it: everything handed on as it is."""
    net = Network("net", NetworkArgs(NetworkSpec(zones=ZONES, nat="single")))
    spec = LoadBalancerSpec(
        kind=kind,
        listener=Listener(protocol="http"),
        access_logs=None,
        services={"shop": BalancedService(port=8080), "fleet": BalancedService(port=80, **FLEET[kind])},
    )
    front = LoadBalancer(
        "edge", LoadBalancerArgs(spec, vpc_id=net.vpc_id, vpc_cidr=net.vpc_cidr, subnet_ids=net.public_subnet_ids)
    )
    hosts = AutoscalingGroup(
        "hosts",
        AutoscalingGroupArgs(
            AutoscalingGroupSpec(
                instance_types=("m7g.large",),
                architecture="arm64",
                elasticity={"minimum": 2, "maximum": 4},
                capacity_provider={},
            ),
            vpc_id=net.vpc_id,
            subnet_ids=net.private_subnet_ids,
        ),
    )
    assert hosts.cluster_name is not None
    assert hosts.cluster_arn is not None
    ContainerService(
        "shop",
        ContainerServiceArgs(
            ContainerServiceSpec(
                container=Container(image=IMAGE, ports={"http": Port(number=8080)}), count=2, capacity={"kind": "ec2"}
            ),
            vpc_id=net.vpc_id,
            subnet_ids=net.private_subnet_ids,
            cluster=ClusterReference(hosts.cluster_name, hosts.cluster_arn),
            capacity_provider_name=hosts.capacity_provider_name,
            target_groups=[TargetGroupAttachment.of("http", front.targets_of("shop"))],
            balancer_security_group_id=front.security_group_id,
        ),
    )
    AutoscalingGroup(
        "fleet",
        AutoscalingGroupArgs(
            AutoscalingGroupSpec(instance_types=("m7g.large",), architecture="arm64", count=1, ports={"http": 80}),
            vpc_id=net.vpc_id,
            subnet_ids=net.private_subnet_ids,
            target_groups=[GroupTarget.of(front.targets_of("fleet"))],
            balancer_security_group_id=front.security_group_id,
        ),
    )
    return front


FLEET = {
    "application": {
        "target_type": "instance",
        "routes": {"all": {"priority": 1, "paths": ["/fleet/*"]}},
    },
    "network": {"target_type": "instance"},
}


@pytest.mark.parametrize("kind", ["application", "network"])
def test_what_one_component_hands_on_the_next_takes_as_it_is(kind):
    def program():
        platform(kind)

    built = build(program)
    attached = built.named("shop-service").inputs["loadBalancers"]
    assert [each["containerPort"] for each in attached] == [8080]
    assert built.named("fleet-group").inputs["targetGroupArns"] == [TARGET_GROUP]
    assert built.named("shop-service").inputs["capacityProviderStrategies"][0]["capacityProvider"] == (
        "hosts-capacity-provider-1a2b3c4"
    )


TARGET_GROUP = "arn:aws:elasticloadbalancing:eu-central-1:123456789012:targetgroup/edge-fleet/73e2d6bc24d8a067"


def test_a_service_that_the_balancer_does_not_have_is_named():
    with pytest.raises(pulumi.RunError) as refused:
        build(lambda: (platform().targets_of("shpo"), None)[1])
    assert str(refused.value) == "LoadBalancer edge: no service shpo, allowed shop, fleet"
