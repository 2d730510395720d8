"""The functions that the provider answers, over gRPC against moto. It cannot prove that AWS itself would answer the same."""

import json
from typing import Any

import pytest


def test_zones_caller_region_and_partition(provider: Any) -> None:
    zones = provider.invoke("aws:index/getAvailabilityZones:getAvailabilityZones", {"state": "available"})
    assert zones["names"] == ["eu-west-1a", "eu-west-1b", "eu-west-1c"]
    assert len(zones["zoneIds"]) == 3
    some = provider.invoke("aws:index/getAvailabilityZones:getAvailabilityZones", {"excludeNames": ["eu-west-1b"]})
    assert some["names"] == ["eu-west-1a", "eu-west-1c"]
    assert provider.invoke("aws:index/getCallerIdentity:getCallerIdentity")["accountId"] == "123456789012"
    assert provider.invoke("aws:index/getRegion:getRegion")["region"] == "eu-west-1"
    assert provider.invoke("aws:index/getRegion:getRegion", {"region": "us-west-2"})["region"] == "us-west-2"
    assert provider.invoke("aws:index/getPartition:getPartition")["partition"] == "aws"


def test_images_and_the_parameters_that_name_them(provider: Any) -> None:
    name = "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64"
    parameter = provider.invoke("aws:ssm/getParameter:getParameter", {"name": name})
    assert parameter["value"].startswith("ami-")
    arguments = {"owners": ["amazon"], "mostRecent": True, "filters": [{"name": "name", "values": ["al2023-ami-2*"]}]}
    image = provider.invoke("aws:ec2/getAmi:getAmi", arguments)
    assert (image["id"][:4], image["architecture"]) == ("ami-", "x86_64")
    with pytest.raises(Exception, match=r"^no matching EC2 AMI found$"):
        provider.invoke("aws:ec2/getAmi:getAmi", {"filters": [{"name": "name", "values": ["none-such"]}]})


def test_a_network_that_is_there_already(provider: Any, vpc: Any, subnets: Any) -> None:
    found = provider.invoke("aws:ec2/getVpc:getVpc", {"id": vpc.id})
    assert (found["cidrBlock"], found["enableDnsSupport"], found["mainRouteTableId"]) == (
        "10.0.0.0/16", True, vpc.state["mainRouteTableId"],
    )  # fmt: skip
    mine = {"filters": [{"name": "vpc-id", "values": [vpc.id]}]}
    assert provider.invoke("aws:ec2/getSubnets:getSubnets", mine)["ids"] == sorted(s.id for s in subnets)
    assert provider.invoke("aws:ec2/getSubnet:getSubnet", {"id": subnets[0].id})["availabilityZone"] == "eu-west-1a"
    with pytest.raises(
        Exception, match=r"^multiple matching EC2 Subnet found; use more conditions to find a single one$"
    ):
        provider.invoke("aws:ec2/getSubnet:getSubnet", {"vpcId": vpc.id})


def test_balancers_zones_and_certificates(provider: Any, gateway: Any, subnets: Any) -> None:
    balancer = provider.create("aws:lb/loadBalancer:LoadBalancer", {"subnets": [s.id for s in subnets]})
    assert (
        provider.invoke("aws:lb/getLoadBalancer:getLoadBalancer", {"arn": balancer.id})["dnsName"]
        == balancer.state["dnsName"]
    )
    reply = [{"type": "fixed-response", "fixedResponse": {"contentType": "text/plain", "statusCode": "404"}}]
    made = provider.create(
        "aws:lb/listener:Listener",
        {"loadBalancerArn": balancer.id, "port": 80, "protocol": "HTTP", "defaultActions": reply},
    )
    arguments = {"loadBalancerArn": balancer.id, "port": 80}
    assert provider.invoke("aws:lb/getListener:getListener", arguments)["arn"] == made.id
    zone = provider.create("aws:route53/zone:Zone", {"name": "found.example"})
    assert provider.invoke("aws:route53/getZone:getZone", {"name": "found.example"})["zoneId"] == zone.id
    certificate = provider.create(
        "aws:acm/certificate:Certificate", {"domainName": "found.example", "validationMethod": "DNS"}
    )
    provider.create("aws:acm/certificateValidation:CertificateValidation", {"certificateArn": certificate.id})
    assert (
        provider.invoke("aws:acm/getCertificate:getCertificate", {"domain": "found.example"})["arn"] == certificate.id
    )
    assert provider.invoke("aws:elb/getServiceAccount:getServiceAccount")["arn"] == "arn:aws:iam::156460612806:root"
    assert provider.invoke("aws:lb/getHostedZoneId:getHostedZoneId")["id"] == "Z32O12XQLNTSW2"


def test_a_policy_document_is_made_of_blocks(provider: Any) -> None:
    found = provider.invoke(
        "aws:iam/getPolicyDocument:getPolicyDocument",
        {
            "statements": [
                {
                    "sid": "Read", "actions": ["s3:GetObject", "s3:ListBucket"], "resources": ["*"],
                    "principals": [{"type": "Service", "identifiers": ["a.amazonaws.com"]}],
                    "conditions": [{"test": "StringEquals", "variable": "aws:SourceAccount", "values": ["1"]}],
                },
                {"effect": "Deny", "notActions": ["iam:*"], "notResources": ["*"]},
            ]
        },
    )  # fmt: skip
    assert json.loads(found["json"]) == {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "Read", "Effect": "Allow", "Action": ["s3:ListBucket", "s3:GetObject"], "Resource": "*",
                "Principal": {"Service": "a.amazonaws.com"}, "Condition": {"StringEquals": {"aws:SourceAccount": "1"}},
            },
            {"Effect": "Deny", "NotAction": "iam:*", "NotResource": "*"},
        ],
    }  # fmt: skip


def test_later_documents_override_statements_of_the_same_name(provider: Any) -> None:
    def document(effect: str) -> str:
        return json.dumps({"Statement": [{"Sid": "One", "Effect": effect, "Action": "*", "Resource": "*"}]})

    token = "aws:iam/getPolicyDocument:getPolicyDocument"
    found = provider.invoke(
        token, {"sourcePolicyDocuments": [document("Allow")], "overridePolicyDocuments": [document("Deny")]}
    )
    assert [s["Effect"] for s in json.loads(found["json"])["Statement"]] == ["Deny"]
    with pytest.raises(Exception, match=r"^sourcePolicyDocuments: duplicate Sid 'One'$"):
        provider.invoke(token, {"sourcePolicyDocuments": [document("Allow"), document("Deny")]})


def test_a_function_that_is_not_answered_says_which_are_near(provider: Any) -> None:
    with pytest.raises(Exception, match=r"^the local cloud answers no aws:ec2/getVpnGateway:getVpnGateway") as failed:
        provider.invoke("aws:ec2/getVpnGateway:getVpnGateway")
    assert "(nearest served: aws:ec2/get" in str(failed.value)
    assert str(failed.value).endswith(
        "); docs/served-types.md lists what is served; adding a function: docs/guides/adding-a-resource-type.md"
    )
