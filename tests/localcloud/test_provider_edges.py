"""The rows of launch templates, endpoints, flow logs, certificates, DNS and web ACLs, over gRPC against moto.

It cannot prove that AWS itself would answer the same.
"""

import base64
import json
from typing import Any

import pytest

TEMPLATE, ENDPOINT, LOG = (
    "aws:ec2/launchTemplate:LaunchTemplate",
    "aws:ec2/vpcEndpoint:VpcEndpoint",
    "aws:ec2/flowLog:FlowLog",
)
CERTIFICATE, ZONE, RECORD = "aws:acm/certificate:Certificate", "aws:route53/zone:Zone", "aws:route53/record:Record"
ACL = "aws:wafv2/webAcl:WebAcl"


def metrics(name: str) -> dict[str, Any]:
    return {"cloudwatchMetricsEnabled": True, "metricName": name, "sampledRequestsEnabled": True}


def managed(name: str, override: str) -> dict[str, Any]:
    group = {
        "vendorName": "AWS",
        "name": name,
        "ruleActionOverrides": [{"name": "SizeRestrictions_BODY", "actionToUse": {"count": {}}}],
    }
    return {
        "name": name, "priority": 1, "overrideAction": {override: {}}, "statement": {"managedRuleGroupStatement": group},
        "visibilityConfig": metrics(name),
    }  # fmt: skip


def test_a_launch_template_is_a_new_version_with_each_change(provider: Any) -> None:
    inputs = {
        "imageId": "ami-12345678", "instanceType": "t3.micro", "ebsOptimized": "true", "updateDefaultVersion": True,
        "userData": base64.b64encode(b"#!/bin/sh\necho hello\n").decode(), "vpcSecurityGroupIds": ["sg-1", "sg-2"],
        "metadataOptions": {"httpTokens": "required", "httpEndpoint": "enabled", "httpPutResponseHopLimit": 1},
        "blockDeviceMappings": [{"deviceName": "/dev/xvda", "ebs": {"volumeSize": 20, "volumeType": "gp3", "encrypted": "true"}}],
        "iamInstanceProfile": {"name": "web"}, "monitoring": {"enabled": True},
        "tagSpecifications": [{"resourceType": "instance", "tags": {"Name": "web"}}], "tags": {"a": "b"},
    }  # fmt: skip
    made = provider.create(TEMPLATE, inputs)
    assert provider.refresh(made).inputs == made.inputs
    assert (made.state["latestVersion"], made.state["defaultVersion"]) == (1, 1)
    changed = inputs | {"instanceType": "t3.small", "metadataOptions": {"httpTokens": "required"}}
    assert provider.update(made, changed, preview=True).state["latestVersion"] == "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
    made = provider.update(made, changed)
    assert (made.state["latestVersion"], made.state["defaultVersion"]) == (2, 2)
    assert provider.refresh(made).inputs == made.inputs
    imported = provider.imported(TEMPLATE, made.id)
    assert {k: v for k, v in imported.inputs.items() if k not in ("defaultVersion", "name")} == {
        k: v for k, v in changed.items() if k != "updateDefaultVersion"
    }
    provider.delete(made)
    assert provider.refresh(made) is None


def test_a_change_of_tags_alone_makes_no_version(provider: Any) -> None:
    made = provider.create(TEMPLATE, {"imageId": "ami-12345678"})
    assert provider.update(made, {"imageId": "ami-12345678", "tags": {"a": "b"}}).state["latestVersion"] == 1


def test_a_gateway_endpoint_lives_through_its_life(provider: Any, vpc: Any) -> None:
    tables = [provider.create("aws:ec2/routeTable:RouteTable", {"vpcId": vpc.id}, f"t{i}").id for i in range(2)]
    inputs = {"vpcId": vpc.id, "serviceName": "com.amazonaws.eu-west-1.s3"}
    made = provider.cycle(
        ENDPOINT, inputs | {"routeTableIds": tables[:1]}, inputs | {"routeTableIds": tables[::-1], "tags": {"a": "b"}}
    )
    assert made.state["prefixListId"].startswith("pl-")
    provider.delete(made)
    assert provider.refresh(made) is None


def test_an_interface_endpoint_lives_through_its_life(provider: Any, vpc: Any, subnets: Any) -> None:
    group = provider.create("aws:ec2/securityGroup:SecurityGroup", {"vpcId": vpc.id})
    inputs = {
        "vpcId": vpc.id, "serviceName": "com.amazonaws.eu-west-1.ecr.api", "vpcEndpointType": "Interface",
        "privateDnsEnabled": True, "securityGroupIds": [group.id],
    }  # fmt: skip
    ids = [s.id for s in subnets]
    made = provider.cycle(ENDPOINT, inputs | {"subnetIds": ids[:1]}, inputs | {"subnetIds": ids})
    provider.delete(made)


def test_flow_logs_to_a_log_group_and_to_a_bucket(provider: Any, vpc: Any, cloud: Any) -> None:
    cloud("logs").create_log_group(logGroupName="flows")
    role = provider.create(
        "aws:iam/role:Role",
        {
            "assumeRolePolicy": json.dumps(
                {
                    "Statement": [
                        {
                            "Effect": "Allow",
                            "Principal": {"Service": "vpc-flow-logs.amazonaws.com"},
                            "Action": "sts:AssumeRole",
                        }
                    ]
                }
            )
        },
    )
    group = "arn:aws:logs:eu-west-1:123456789012:log-group:flows"
    inputs = {"vpcId": vpc.id, "trafficType": "ALL"}
    made = provider.cycle(LOG, inputs | {"logDestination": group, "iamRoleArn": role.state["arn"]})
    bucket = provider.create("aws:s3/bucket:Bucket", {})
    more = {"logDestinationType": "s3", "logDestination": bucket.state["arn"], "maxAggregationInterval": 60}
    provider.cycle(LOG, inputs | more, inputs | more | {"tags": {"a": "b"}})
    provider.delete(made)
    assert provider.refresh(made) is None


def test_a_certificate_validated_by_mail_stays_so(provider: Any) -> None:
    inputs = {"domainName": "example.com", "subjectAlternativeNames": ["www.example.com"], "validationMethod": "EMAIL"}
    made = provider.cycle(CERTIFICATE, inputs, inputs | {"tags": {"a": "b"}})
    again = provider.refresh(made)
    assert (again.id, again.inputs["validationMethod"], again.state["validationMethod"]) == (made.id, "EMAIL", "EMAIL")
    assert again.state["domainValidationOptions"] == []
    assert provider.diff(again, inputs | {"validationMethod": "DNS"}).replaces == ["validationMethod"]


def test_a_certificate_is_requested_and_validated(provider: Any) -> None:
    inputs = {"domainName": "example.com", "subjectAlternativeNames": ["www.example.com"], "validationMethod": "DNS"}
    made = provider.cycle(CERTIFICATE, inputs, inputs | {"tags": {"a": "b"}})
    record = made.state["domainValidationOptions"][0]
    assert (record["domainName"], record["resourceRecordType"]) == ("example.com", "CNAME")
    done = provider.create("aws:acm/certificateValidation:CertificateValidation", {"certificateArn": made.id})
    assert provider.refresh(done).own == {"certificateArn": made.id}
    for resource in (done, made):
        provider.delete(resource)
    assert provider.refresh(made) is None


def test_a_zone_and_its_records_live_through_their_lives(provider: Any) -> None:
    zone = provider.cycle(
        ZONE,
        {"name": "example.org", "tags": {"a": "b"}},
        {"name": "example.org", "comment": "mine", "forceDestroy": False},
    )
    assert len(zone.state["nameServers"]) == 4
    shared = {"zoneId": zone.id, "name": "www.example.org", "type": "A"}
    record = provider.cycle(
        RECORD, shared | {"ttl": 60, "records": ["10.0.0.1"]}, shared | {"ttl": 30, "records": ["10.0.0.2", "10.0.0.1"]}
    )
    assert record.state["fqdn"] == "www.example.org"
    alias = {"name": "lb.example.org", "zoneId": "Z32O12XQLNTSW2", "evaluateTargetHealth": True}
    routed = provider.cycle(
        RECORD,
        {
            "zoneId": zone.id,
            "name": "app.example.org",
            "type": "A",
            "aliases": [alias],
            "setIdentifier": "one",
            "weightedRoutingPolicies": [{"weight": 10}],
        },
    )
    assert routed.state["fqdn"] == "app.example.org"
    note = provider.create(
        RECORD, {"zoneId": zone.id, "name": "note", "type": "TXT", "ttl": 60, "records": ["hello world"]}
    )
    assert note.state["fqdn"] == "note.example.org"
    assert provider.refresh(note).inputs == note.inputs
    with pytest.raises(Exception, match=r"^DeleteHostedZone was refused: HostedZoneNotEmpty: .*"):
        provider.delete(zone)
    for resource in (record, routed):
        provider.delete(resource)
        assert provider.refresh(resource) is None
    zone = provider.update(zone, {"name": "example.org", "comment": "mine", "forceDestroy": True})
    provider.delete(zone)


def test_a_private_zone_belongs_to_its_vpcs(provider: Any, vpc: Any) -> None:
    provider.cycle(ZONE, {"name": "inside.example", "vpcs": [{"vpcId": vpc.id}]})


def test_a_web_acl_protects_a_balancer(provider: Any, gateway: Any, subnets: Any) -> None:
    shared = {"scope": "REGIONAL", "visibilityConfig": metrics("acl")}
    rate = {
        "name": "rate", "priority": 2, "action": {"block": {}}, "visibilityConfig": metrics("rate"),
        "statement": {"rateBasedStatement": {"limit": 1000, "aggregateKeyType": "IP"}},
    }  # fmt: skip
    first = shared | {
        "defaultAction": {"allow": {}},
        "rules": [managed("AWSManagedRulesCommonRuleSet", "none")],
        "tags": {"a": "b"},
    }
    second = shared | {
        "defaultAction": {"block": {}},
        "rules": [managed("AWSManagedRulesCommonRuleSet", "count"), rate],
    }
    made = provider.create(ACL, first)
    assert provider.refresh(made).inputs == made.inputs
    found = provider.diff(made, second)
    assert found.detail["defaultAction.block"] == "ADD"
    made = provider.update(made, second)
    assert provider.refresh(made).inputs == made.inputs
    imported = provider.imported(ACL, f"{made.id}/{made.inputs['name']}/REGIONAL")
    assert provider.diff(imported, second | {"name": made.inputs["name"]}).detail == {}
    balancer = provider.create("aws:lb/loadBalancer:LoadBalancer", {"subnets": [s.id for s in subnets]})
    tied = provider.cycle(
        "aws:wafv2/webAclAssociation:WebAclAssociation", {"resourceArn": balancer.id, "webAclArn": made.state["arn"]}
    )
    for resource in (tied, made):
        provider.delete(resource)
        assert provider.refresh(resource) is None


@pytest.mark.parametrize(
    ("token", "inputs", "failure"),
    [
        (TEMPLATE, {"metadataOptions": {"httpTokens": "yes"}}, ("metadataOptions.httpTokens", "'yes' is not allowed; allowed are optional, required")),
        (
            TEMPLATE,
            {"networkInterfaces": [{"ipv4AddressCount": 2}]},
            ("networkInterfaces[0].ipv4AddressCount", "the offline provider does not serve this property; see docs/guides/adding-a-resource-type.md"),
        ),
        (ENDPOINT, {"vpcId": "v", "serviceName": "s", "subnetIds": ["s"]}, ("subnetIds", "is not for endpoints of type Gateway")),
        (RECORD, {"zoneId": "z", "name": "n", "type": "AA", "aliases": []}, ("type", "'AA' is not allowed; allowed are SOA, A, TXT, NS, CNAME, MX, NAPTR, PTR, SRV, SPF, AAAA, CAA and 5 more")),
        (RECORD, {"zoneId": "z", "name": "n", "type": "A", "records": ["1.1.1.1"]}, ("ttl", "missing required property for a record with values")),
        (CERTIFICATE, {"domainName": "a.example"}, ("validationMethod", "missing required property for a requested certificate")),
        (ACL, {"scope": "LOCAL", "defaultAction": {"allow": {}}, "visibilityConfig": metrics("x")}, ("scope", "'LOCAL' is not allowed; allowed are CLOUDFRONT, REGIONAL")),
    ],
)  # fmt: skip
def test_what_aws_would_refuse_is_refused_in_the_preview(
    provider: Any, token: str, inputs: dict[str, Any], failure: tuple[str, str]
) -> None:
    assert failure in provider.check(token, inputs)[1]
