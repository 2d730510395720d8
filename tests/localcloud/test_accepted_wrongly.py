"""What each resource alone has right and together does not fit: AWS refuses it, and so does this cloud, in a preview or when it
is made. It cannot prove that AWS says it in these words."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.localcloud.conftest import Failed, Made, Provider

ASSUME = json.dumps(
    {"Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "lambda.amazonaws.com"}}]}
)


@pytest.fixture
def world(provider: Provider, vpc: Made, gateway: Made, subnets: list[Made]) -> dict[str, Any]:
    """Two networks: one with a gateway, and another without."""

    def made(token: str, inputs: dict[str, Any], name: str) -> str:
        return provider.create(token, inputs, name).id

    other = made("aws:ec2/vpc:Vpc", {"cidrBlock": "10.9.0.0/16"}, "other")
    return {
        "vpc": vpc.id,
        "other": other,
        "gateway": gateway.id,
        "subnets": [each.id for each in subnets],
        "others": [
            made("aws:ec2/subnet:Subnet", {"vpcId": other, "cidrBlock": f"10.9.{number}.0/24", "availabilityZone": f"eu-west-1{zone}"}, f"other-{zone}")
            for number, zone in enumerate("ab")
        ],
        "group": made("aws:ec2/securityGroup:SecurityGroup", {"vpcId": vpc.id}, "group"),
        "stranger": made("aws:ec2/securityGroup:SecurityGroup", {"vpcId": other}, "stranger"),
        "table": made("aws:ec2/routeTable:RouteTable", {"vpcId": other}, "table"),
        "http": made("aws:lb/targetGroup:TargetGroup", {"vpcId": vpc.id, "port": 80, "protocol": "HTTP", "targetType": "ip"}, "http"),
        "tcp": made("aws:lb/targetGroup:TargetGroup", {"vpcId": vpc.id, "port": 80, "protocol": "TCP", "targetType": "ip"}, "tcp"),
        "alb": made("aws:lb/loadBalancer:LoadBalancer", {"subnets": [each.id for each in subnets], "internal": True}, "alb"),
        "nlb": made("aws:lb/loadBalancer:LoadBalancer", {"subnets": [each.id for each in subnets], "internal": True, "loadBalancerType": "network"}, "nlb"),
        "address": made("aws:ec2/eip:Eip", {"domain": "vpc"}, "address"),
        "role": provider.create("aws:iam/role:Role", {"assumeRolePolicy": ASSUME}, "role").state["arn"],
    }  # fmt: skip


def listener(balancer: str, group: str, protocol: str) -> dict[str, Any]:
    actions = [{"type": "forward", "targetGroupArn": group}]
    return {"loadBalancerArn": balancer, "port": 80, "protocol": protocol, "defaultActions": actions}


METRIC = {"metricName": "CPUUtilization", "namespace": "AWS/ECS", "period": 60, "stat": "Average"}
ALARM = {"comparisonOperator": "GreaterThanThreshold", "evaluationPeriods": 1, "threshold": 1}
CASES: dict[str, tuple[str, Any]] = {
    # those of the list
    "percents of 100 and 100": ("aws:ecs/service:Service", lambda w: {"deploymentMinimumHealthyPercent": 100, "deploymentMaximumPercent": 100}),
    "a TCP group on an application balancer": ("aws:lb/listener:Listener", lambda w: listener(w["alb"], w["tcp"], "HTTP")),
    "a balancer over two networks": ("aws:lb/loadBalancer:LoadBalancer", lambda w: {"internal": True, "subnets": [w["subnets"][0], w["others"][1]]}),
    "a public balancer without a gateway": ("aws:lb/loadBalancer:LoadBalancer", lambda w: {"subnets": w["others"]}),
    "a public NAT gateway without a gateway": ("aws:ec2/natGateway:NatGateway", lambda w: {"subnetId": w["others"][0], "allocationId": w["address"]}),
    "a rule across networks": ("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule", lambda w: {"securityGroupId": w["group"], "referencedSecurityGroupId": w["stranger"], "ipProtocol": "tcp", "fromPort": 80, "toPort": 80}),
    "a template with interfaces and groups": ("aws:ec2/launchTemplate:LaunchTemplate", lambda w: {"networkInterfaces": [{"securityGroups": [w["group"]]}], "vpcSecurityGroupIds": [w["group"]]}),
    "an alarm that returns nothing": ("aws:cloudwatch/metricAlarm:MetricAlarm", lambda w: ALARM | {"metricQueries": [{"id": "m", "metric": METRIC, "returnData": False}]}),
    "a dashboard with a broken widget": ("aws:cloudwatch/dashboard:Dashboard", lambda w: {"dashboardName": "d", "dashboardBody": json.dumps({"widgets": [{"type": "metric"}]})}),
    # alike, and on no list
    "an alarm that returns two": ("aws:cloudwatch/metricAlarm:MetricAlarm", lambda w: ALARM | {"metricQueries": [{"id": name, "metric": METRIC, "returnData": True} for name in "mn"]}),
    "an alarm of a metric and of queries": ("aws:cloudwatch/metricAlarm:MetricAlarm", lambda w: ALARM | {"metricName": "x", "namespace": "y", "period": 60, "statistic": "Sum", "metricQueries": [{"id": "m", "metric": METRIC, "returnData": True}]}),
    "a composite alarm of alarms that are not there": ("aws:cloudwatch/compositeAlarm:CompositeAlarm", lambda w: {"alarmName": "c", "alarmRule": "ALARM(no-such-alarm-anywhere)"}),
    "an HTTP group on a network balancer": ("aws:lb/listener:Listener", lambda w: listener(w["nlb"], w["http"], "TCP")),
    "a balancer with a group of another network": ("aws:lb/loadBalancer:LoadBalancer", lambda w: {"internal": True, "subnets": w["subnets"], "securityGroups": [w["stranger"]]}),
    "a table of another network": ("aws:ec2/routeTableAssociation:RouteTableAssociation", lambda w: {"subnetId": w["subnets"][0], "routeTableId": w["table"]}),
    "a route to the gateway of another network": ("aws:ec2/route:Route", lambda w: {"routeTableId": w["table"], "destinationCidrBlock": "0.0.0.0/0", "gatewayId": w["gateway"]}),
    "a network ACL over subnets of another network": ("aws:ec2/networkAcl:NetworkAcl", lambda w: {"vpcId": w["other"], "subnetIds": [w["subnets"][0]]}),
    "an endpoint in subnets of another network": ("aws:ec2/vpcEndpoint:VpcEndpoint", lambda w: {"vpcId": w["other"], "vpcEndpointType": "Interface", "serviceName": "com.amazonaws.eu-west-1.sqs", "subnetIds": [w["subnets"][0]]}),
    "an interface with a group of another network": ("aws:ec2/networkInterface:NetworkInterface", lambda w: {"subnetId": w["subnets"][0], "securityGroups": [w["stranger"]]}),
    "a subnet outside of its network": ("aws:ec2/subnet:Subnet", lambda w: {"vpcId": w["other"], "cidrBlock": "10.8.0.0/24"}),
    "a subnet over another": ("aws:ec2/subnet:Subnet", lambda w: {"vpcId": w["other"], "cidrBlock": "10.9.0.0/23"}),
    "a second gateway of a network": ("aws:ec2/internetGateway:InternetGateway", lambda w: {"vpcId": w["vpc"]}),
    "databases over two networks": ("aws:rds/subnetGroup:SubnetGroup", lambda w: {"subnetIds": [w["subnets"][0], w["others"][1]]}),
    "caches over two networks": ("aws:elasticache/subnetGroup:SubnetGroup", lambda w: {"subnetIds": [w["subnets"][0], w["others"][1]]}),
    "a function with a group of another network": ("aws:lambda/function:Function", lambda w: {"role": w["role"], "packageType": "Image", "imageUri": "123456789012.dkr.ecr.eu-west-1.amazonaws.com/app:1", "vpcConfig": {"subnetIds": w["subnets"], "securityGroupIds": [w["stranger"]]}}),
    "a template with an interface and a subnet's twice": ("aws:ec2/launchTemplate:LaunchTemplate", lambda w: {"networkInterfaces": [{"deviceIndex": 0}, {"deviceIndex": 0}]}),
}  # fmt: skip


REFUSED = {
    "percents of 100 and 100": "deploymentMaximumPercent",
    "a TCP group on an application balancer": "has the protocol TCP",
    "a balancer over two networks": "All subnets must belong to the same VPC",
    "a public balancer without a gateway": "has no internet gateway",
    "a public NAT gateway without a gateway": "has no Internet gateway attached",
    "a rule across networks": "two resources that belong to different networks",
    "a template with interfaces and groups": "vpcSecurityGroupIds",
    "an alarm that returns nothing": "metricQueries",
    "a dashboard with a broken widget": "dashboardBody",
    "an alarm that returns two": "metricQueries",
    "an alarm of a metric and of queries": "metricQueries",
    "a composite alarm of alarms that are not there": "do not exist",
    "an HTTP group on a network balancer": "has the protocol HTTP",
    "a balancer with a group of another network": "is not in the network of the subnets",
    "a table of another network": "belong to different networks",
    "a route to the gateway of another network": "belong to different networks",
    "a network ACL over subnets of another network": "belong to different networks",
    "an endpoint in subnets of another network": "belong to different networks",
    "an interface with a group of another network": "belong to different networks",
    "a subnet outside of its network": "InvalidSubnet.Range",
    "a subnet over another": "InvalidSubnet.Conflict",
    "a second gateway of a network": "already has an internet gateway",
    "databases over two networks": "in different VPCs",
    "caches over two networks": "InvalidSubnet",
    "a function with a group of another network": "must be in the same VPC",
    "a template with an interface and a subnet's twice": "networkInterfaces",
}
"""What the refusal says of each, in part."""


@pytest.mark.parametrize("case", CASES)
def test_what_does_not_fit_together_is_refused(provider: Provider, world: dict[str, Any], case: str) -> None:
    token, inputs = CASES[case]
    with pytest.raises((Failed, AssertionError)) as refused:
        provider.create(token, inputs(world))
    assert REFUSED[case] in str(refused.value)
