"""What a guardrail stops, written in another way, is stopped; what looks like it and is none passes. Tables: a way that is
found later is a row. It cannot prove that there is no other way; those that are known and left stand in the guide."""

from __future__ import annotations

import base64
import json
import re
from pathlib import Path
from typing import Any

import pytest

from guardrails.checks import CHECKS, STACK_CHECKS
from guardrails.values import UNKNOWN, Declared
from tests.guardrails.test_guardrails import (
    ANYONE,
    BUCKET,
    EVERYONE_KNOWN,
    GITHUB,
    GROUP,
    IMDS,
    INSTANCE,
    LISTENER,
    ONLY,
    POLICY,
    QUEUE_POLICY,
    ROLE,
    RULE,
    TASK_DEFINITION,
    TEMPLATE,
    allow,
    old,
    opened,
    said,
    said_of_stack,
    task,
    trust,
)  # fmt: skip

LAMBDA, PERMISSION = "aws:lambda/function:Function", "aws:lambda/permission:Permission"
SAFE = {"metadataOptions": {"httpTokens": "required"}, "rootBlockDevice": {"encrypted": True}}
ON_ALL = "a statement allows {} on every resource: name the resources, or give a condition"
OF_TEMPLATE = "read it from Secrets Manager at start"
BY_ARN = "put it into `secrets` by ARN"


def script(text: str) -> dict[str, Any]:
    return SAFE | {"userData": base64.b64encode(text.encode()).decode()}


def key_policy(**statement: object) -> dict[str, Any]:
    return {"policy": allow(Resource="*", **statement)}


ROUNDABOUT = (
    # who asks
    (ROLE, trust({"AWS": "*"}, Condition={"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/admin"}}), ANYONE),
    (ROLE, trust({"AWS": "*"}, Condition={"StringLike": {"aws:PrincipalOrgID": "o-*"}}), ANYONE),
    (ROLE, trust({"AWS": "*"}, Condition={"StringLike": {"aws:PrincipalAccount": "1???????????"}}), ANYONE),
    (ROLE, trust({"AWS": "*"}, Condition={"StringLike": {"aws:PrincipalOrgPaths": "*/r-abcd/*"}}), ANYONE),
    (ROLE, trust({"AWS": "*"}, Condition={"StringEquals": {"aws:username": "deployer"}}), ANYONE),
    (ROLE, trust({"AWS": "*"}, Condition={"StringEquals": {"sts:ExternalId": "a-name"}}), ANYONE),
    (ROLE, trust({"AWS": "*"}, Condition={"ForAllValues:StringEquals": {"aws:PrincipalOrgID": "o-1"}}), ANYONE),
    (ROLE, trust({"AWS": "*"}, Condition={"NotIpAddress": {"aws:SourceIp": "192.0.2.0/24"}}), ANYONE),
    (ROLE, trust({"AWS": ["arn:aws:iam::123456789012:root", "arn:aws:iam::*:root"]}), ANYONE),
    (ROLE, trust(GITHUB, Condition={"StringLike": {"token.actions.githubusercontent.com:sub": "repo:*/app:*"}}), EVERYONE_KNOWN),
    (ROLE, trust(GITHUB, Condition={"StringLike": {"token.actions.githubusercontent.com:sub": "repo:example*/app:*"}}), EVERYONE_KNOWN),
    (ROLE, trust({"Federated": "arn:aws:iam::123456789012:oidc-provider/gitlab.com"}, Condition={"StringEquals": {"gitlab.com:aud": "https://gitlab.com"}}), EVERYONE_KNOWN),
    (QUEUE_POLICY, {"policy": allow(Principal="*", Action="sqs:SendMessage", Condition={"ArnLike": {"aws:SourceArn": "arn:aws:sns:*:*:jobs"}})}, ANYONE),
    (QUEUE_POLICY, {"policy": allow(Principal="*", Action="sqs:SendMessage", Condition={"ArnLike": {"aws:SourceArn": "arn:aws:s3:::*"}})}, ANYONE),
    ("aws:s3/bucketPolicy:BucketPolicy", {"policy": allow(Principal="*", Action="s3:GetObject", Condition={"StringLike": {"aws:Referer": "https://example.com/*"}})}, ANYONE),
    ("aws:s3/bucketPolicy:BucketPolicy", {"policy": allow(Principal="*", Action="s3:GetObject", Condition={"IpAddress": {"aws:SourceIp": "2000::/3"}})}, ANYONE),
    ("aws:kms/key:Key", key_policy(Principal="*", Action="kms:Decrypt", Condition={"StringEquals": {"kms:ViaService": "s3.eu-central-1.amazonaws.com"}}), ANYONE),
    ("aws:kms/replicaKey:ReplicaKey", key_policy(Principal={"AWS": "*"}, Action="kms:*"), ANYONE),
    ("aws:ecr/repositoryPolicy:RepositoryPolicy", {"policy": allow(Principal={"AWS": "*"}, Action="ecr:BatchGetImage")}, ANYONE),
    ("aws:s3/accessPoint:AccessPoint", {"policy": allow(Principal="*", Action="s3:GetObject")}, ANYONE),
    ("aws:secretsmanager/secret:Secret", {"policy": allow(NotPrincipal={"AWS": "arn:aws:iam::123456789012:root"}, Action="secretsmanager:GetSecretValue")}, "a statement allows everyone but some (NotPrincipal): name who may"),
    (PERMISSION, {"principal": "*", "sourceArn": "arn:aws:execute-api:*:*:*"}, "anyone may call the function: name the principal, or give a sourceArn"),
    ("aws:lambda/layerVersionPermission:LayerVersionPermission", {"principal": "*"}, "anyone may use it: name the principal, or give organizationId"),
    ("aws:cloudwatch/eventPermission:EventPermission", {"principal": "*"}, "anyone may use it: name the principal, or give condition"),
    ("aws:ec2/vpcEndpointService:VpcEndpointService", {"allowedPrincipals": ["*"], "acceptanceRequired": False}, "anyone may connect to the endpoint service: name allowedPrincipals, or set acceptanceRequired"),
    # what may be done
    (POLICY, {"policy": allow(Action="iam:PassRole", Resource="arn:aws:iam::123456789012:role/*")}, ON_ALL.format("iam:PassRole")),
    (POLICY, {"policy": allow(Action="iam:PassRole", Resource="arn:aws-cn:iam::*:role/**")}, ON_ALL.format("iam:PassRole")),
    (POLICY, {"policy": allow(Action="iam:PassRole", Resource="*", Condition={"StringEquals": {"aws:RequestedRegion": "eu-central-1"}})}, ON_ALL.format("iam:PassRole")),
    (POLICY, {"policy": allow(Action="iam:PassRole", Resource="*", Condition={"StringNotEquals": {"iam:PassedToService": "ec2.amazonaws.com"}})}, ON_ALL.format("iam:PassRole")),
    (POLICY, {"policy": allow(Action="secretsmanager:GetSecretValue", Resource="arn:aws:secretsmanager:*:*:secret:*")}, ON_ALL.format("secretsmanager:GetSecretValue")),
    (POLICY, {"policy": allow(Action="ssm:Get*", Resource="arn:aws:ssm:eu-central-1:123456789012:parameter/*")}, ON_ALL.format("ssm:GetParameter")),
    (POLICY, {"policy": allow(Action="kms:createGRANT", Resource="*")}, ON_ALL.format("kms:CreateGrant")),
    (POLICY, {"policy": allow(Action="iam:Pass?ole")}, "a statement allows iam:Pass?ole, whatever that comes to: name the actions that are needed"),
    (POLICY, {"policy": allow(Action="s3:Get*Acl*")}, "a statement allows s3:Get*Acl*, whatever that comes to: name the actions that are needed"),
    # data
    ("aws:s3/bucketObjectv2:BucketObjectv2", {"acl": "public-read"}, "the access list public-read is open to anyone: leave acl out"),
    (BUCKET, {"grants": [{"type": "Group", "permissions": ["READ"], "uri": "http://acs.amazonaws.com/groups/global/AuthenticatedUsers"}]}, "a grant is open to AuthenticatedUsers: name who may"),
    ("aws:rds/snapshotCopy:SnapshotCopy", {"sharedAccounts": ["123456789012", "all"]}, "the snapshot can be restored by anyone: name accounts in sharedAccounts"),
    ("aws:ec2/amiLaunchPermission:AmiLaunchPermission", {"group": "all"}, "the image can be started by anyone: name accounts or an organization"),
    ("aws:ebs/snapshotBlockPublicAccess:SnapshotBlockPublicAccess", {"state": "unblocked"}, "snapshots of volumes can become public: set state to block-all-sharing"),
    ("aws:redshift/cluster:Cluster", {"publiclyAccessible": "true"}, "the database can be reached from the internet: leave publiclyAccessible out"),
    ("aws:efs/fileSystem:FileSystem", {}, "the file system is not encrypted, and cannot be later: set encrypted"),
    # secrets, by their names and forms
    (TASK_DEFINITION, task(environment=[{"name": "DB_PASSWORD_PROD", "value": "x"}]), f"container app has DB_PASSWORD_PROD in plain text: {BY_ARN}"),
    (TASK_DEFINITION, task(environment=[{"name": "SECRET_KEY_BASE", "value": "x"}]), f"container app has SECRET_KEY_BASE in plain text: {BY_ARN}"),
    (TASK_DEFINITION, task(environment=[{"name": "dbPassword2", "value": "x"}]), f"container app has dbPassword2 in plain text: {BY_ARN}"),
    (TASK_DEFINITION, task(environment=[{"name": "HOOK", "value": "https://hooks.slack.com/services/" + "T1/B1/x1"}]), f"container app has a secret in plain text in HOOK: {BY_ARN}"),
    (TASK_DEFINITION, task(command=["serve", "--db-password=hunter2"]), f"container app has db-password in plain text: {BY_ARN}"),
    (TASK_DEFINITION, task(logConfiguration={"logDriver": "splunk", "options": {"splunk-token": "x"}}), "container app has splunk-token in plain text: use secretOptions"),
    (TASK_DEFINITION, task(linuxParameters={"devices": [{"hostPath": "/dev/sda"}]}), "container app gets the host's /dev/sda: remove it"),
    (TASK_DEFINITION, task(user="00:1000"), "container app runs as root: give a user above 0"),
    (TASK_DEFINITION, {"volumes": [{"name": "v", "hostPath": "//var/lib/../"}]}, "volume v is the host's //var/lib/../: it owns the host; remove it"),
    (LAMBDA, {"environment": {"variables": {"MODE": "hvs." + "a" * 24}}}, "the function has a secret in plain text in MODE: read it from Secrets Manager or Parameter Store at run time"),
    (TEMPLATE, script("#!/bin/sh\nexport DB_PASSWORD=hunter2\n"), f"the user data has DB_PASSWORD in plain text: {OF_TEMPLATE}"),
    (INSTANCE, SAFE | {"userData": "#cloud-config\nwrite_files:\n- content: |\n    password: hunter2\n"}, f"the user data has password in plain text: {OF_TEMPLATE}"),
    ("aws:codebuild/project:Project", {"environment": {"environmentVariables": [{"name": "NPM_TOKEN", "value": "x", "type": "PLAINTEXT"}]}}, "the build has NPM_TOKEN in plain text: read it from Secrets Manager or Parameter Store"),
    ("aws:batch/jobDefinition:JobDefinition", {"containerProperties": json.dumps({"environment": [{"name": "API_KEY", "value": "x"}]})}, f"the job has API_KEY in plain text: {BY_ARN}"),
    ("aws:ssm/parameter:Parameter", {"type": "String", "name": "/web/db-password", "value": "x"}, "the parameter db-password is plain text: set type to SecureString"),
    # instances, addresses, transport
    ("aws:ec2/spotFleetRequest:SpotFleetRequest", {"launchSpecifications": [{"ami": "ami-1"}]}, "launch specifications cannot require IMDSv2: use launchTemplateConfigs"),
    (INSTANCE, {"rootBlockDevice": {"encrypted": True}, "metadataOptions": {"httpEndpoint": "enabled"}}, IMDS),
    ("aws:pipes/pipe:Pipe", {"targetParameters": {"ecsTaskParameters": {"networkConfiguration": {"awsVpcConfiguration": {"assignPublicIp": "ENABLED"}}}}}, "tasks get public addresses: put them into private subnets with assignPublicIp false"),
    ("aws:ec2/defaultSecurityGroup:DefaultSecurityGroup", {"ingress": [{"protocol": "-1", "self": True}]}, "the default group lets somebody in: leave ingress out, and give resources groups of their own"),
    (LISTENER, {"protocol": "HTTPS", "sslPolicy": "ELBSecurityPolicy-TLS13-1-0-2021-06"}, "ELBSecurityPolicy-TLS13-1-0-2021-06 allows outdated TLS: name a current one, such as ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09"),
    ("aws:cloudfront/distribution:Distribution", {"viewerCertificate": {"minimumProtocolVersion": "TLSv1_2016"}}, "TLSv1_2016 allows outdated TLS: set minimumProtocolVersion to TLSv1.2_2021"),
    ("aws:cloudfront/distribution:Distribution", {"orderedCacheBehaviors": [{"viewerProtocolPolicy": "allow-all"}]}, "viewers are answered in plain text: set viewerProtocolPolicy to redirect-to-https"),
    ("aws:apigateway/domainName:DomainName", {"securityPolicy": "TLS_1_0"}, "TLS_1_0 allows outdated TLS: set securityPolicy to TLS_1_2"),
)  # fmt: skip
LOOKALIKES = (
    ("aws:sns/topicPolicy:TopicPolicy", {"policy": allow(Principal={"AWS": "*"}, Action="sns:Publish", Condition={"StringEquals": {"AWS:SourceOwner": "123456789012"}})}),
    (ROLE, trust({"AWS": "*"}, Condition={"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::123456789012:role/*"}})),
    (ROLE, trust({"AWS": "*"}, Condition={"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": "o-a1b2c3d4e5/r-abcd/*"}})),
    (ROLE, trust({"Service": ["ecs-tasks.amazonaws.com", "ec2.amazonaws.com"]})),
    (ROLE, trust(GITHUB, Condition={"StringEquals": {"token.actions.githubusercontent.com:sub": "repo:example/app:environment:prod"}})),
    (ROLE, trust({"Federated": "arn:aws:iam::123456789012:oidc-provider/oidc.eks.eu-central-1.amazonaws.com/id/A1"}, Condition={"StringLike": {"oidc.eks.eu-central-1.amazonaws.com/id/A1:sub": "system:serviceaccount:web:*"}})),
    ("aws:s3/bucketPolicy:BucketPolicy", {"policy": allow(Principal={"AWS": "arn:aws:iam::cloudfront:user/CloudFront Origin Access Identity E1"}, Action="s3:GetObject")}),
    ("aws:s3/bucketPolicy:BucketPolicy", {"policy": allow(Principal="*", Action="s3:PutObject", Condition={"ArnLike": {"aws:SourceArn": "arn:aws:s3:::source-bucket"}})}),
    ("aws:kms/key:Key", key_policy(Principal={"AWS": "*"}, Action="kms:Decrypt", Condition={"StringEquals": {"kms:CallerAccount": "123456789012"}})),
    ("aws:ec2/vpcEndpoint:VpcEndpoint", {"policy": allow(Principal="*", Action="*", Resource="*")}),
    ("aws:ecr/lifecyclePolicy:LifecyclePolicy", {"policy": json.dumps({"rules": []})}),
    ("aws:organizations/policy:Policy", {"content": allow(Action="*", Resource="*")}),
    (PERMISSION, {"principal": "*", "sourceArn": "arn:aws:execute-api:eu-central-1:123456789012:a1b2/*/*"}),
    (PERMISSION, {"principal": "*", "sourceArn": UNKNOWN}),
    (POLICY, {"policy": json.dumps({"Statement": {"Effect": "Deny", "NotAction": "iam:*", "NotResource": "arn:aws:s3:::b", "Principal": "*"}})}),
    (POLICY, {"policy": allow(Action="iam:PassRole", Resource="arn:aws:iam::123456789012:role/web-*")}),
    (POLICY, {"policy": allow(Action="secretsmanager:GetSecretValue", Resource="arn:aws:secretsmanager:eu-central-1:123456789012:secret:web/*")}),
    (POLICY, {"policy": allow(Action="secretsmanager:GetSecretValue", Resource="*", Condition={"StringEquals": {"aws:ResourceTag/team": "web"}})}),
    (POLICY, {"policy": allow(Action="ssmmessages:OpenDataChannel", Resource="*")}),
    (BUCKET, {"grants": [{"type": "Group", "uri": "http://acs.amazonaws.com/groups/s3/LogDelivery", "permissions": ["WRITE"]}]}),
    ("aws:s3/bucketAcl:BucketAcl", {"accessControlPolicy": {"grants": [{"grantee": UNKNOWN, "permission": "READ"}]}}),
    (TASK_DEFINITION, task(environment=[{"name": "PASSWORD_POLICY", "value": "strict"}, {"name": "TOKEN_BUCKET_SIZE", "value": "5"}, {"name": "LOG_KEY_PREFIX", "value": "a"}, {"name": "AWS_ACCESS_KEY_ID_FILE", "value": "/run/id"}])),
    (TASK_DEFINITION, task(command=["serve", "--password-file=/run/secrets/db", "--token=$TOKEN"], entryPoint=["sh", "-c"])),
    (TASK_DEFINITION, task(logConfiguration={"logDriver": "awslogs", "options": {"awslogs-group": "g", "awslogs-region": "eu-central-1"}})),
    (TASK_DEFINITION, {"volumes": [{"name": "data", "hostPath": "/opt/data"}, {"name": "logs", "hostPath": "/var/log/app"}, {"name": "shared"}]}),
    (TASK_DEFINITION, task(user="1000:0")),
    (TEMPLATE, script("#!/bin/sh\nexport DB_PASSWORD=$(aws secretsmanager get-secret-value --secret-id x)\necho ECS_CLUSTER=web >> /etc/ecs/ecs.config\nPASSWORD_FILE=/run/x\n")),
    (TEMPLATE, SAFE | {"userData": UNKNOWN}),
    ("aws:ssm/parameter:Parameter", {"type": "SecureString", "name": "/web/db-password"}),
    ("aws:ssm/parameter:Parameter", {"type": "String", "name": "/web/db-password-arn"}),
    ("aws:codebuild/project:Project", {"environment": {"environmentVariables": [{"name": "NPM_TOKEN", "value": "npm:token", "type": "SECRETS_MANAGER"}]}}),
    ("aws:ec2/defaultSecurityGroup:DefaultSecurityGroup", {"vpcId": "vpc-1"}),
    ("aws:ec2/vpcEndpointService:VpcEndpointService", {"allowedPrincipals": ["*"], "acceptanceRequired": True}),
    ("aws:rds/snapshot:Snapshot", {"sharedAccounts": ["123456789012"]}),
    ("aws:cloudfront/distribution:Distribution", {"viewerCertificate": {"cloudfrontDefaultCertificate": True, "minimumProtocolVersion": "TLSv1"}, "defaultCacheBehavior": {"viewerProtocolPolicy": "redirect-to-https"}}),
    (LISTENER, {"protocol": "HTTPS", "sslPolicy": "ELBSecurityPolicy-TLS13-1-2-2021-06"}),
)  # fmt: skip


@pytest.mark.parametrize(("type_", "inputs", "sentence"), ROUNDABOUT)
def test_a_roundabout_way_is_stopped_as_the_direct_one(type_: str, inputs: dict[str, Any], sentence: str) -> None:
    assert [each for each in said(type_, inputs) if "log driver" not in each] == [sentence]


@pytest.mark.parametrize(("type_", "inputs"), LOOKALIKES)
def test_what_only_looks_like_it_passes(type_: str, inputs: dict[str, Any]) -> None:
    assert [each for each in said(type_, inputs) if "log driver" not in each] == []


def listed(*blocks: str, name: str = "list") -> list[Declared]:
    entries = [
        Declared(
            "aws:ec2/managedPrefixListEntry:ManagedPrefixListEntry",
            f"{name}-{place}",
            {"cidr": block},
            {"prefixListId": frozenset({f"urn:{name}"})},
            f"urn:{name}-{place}",
        )
        for place, block in enumerate(blocks)
    ]
    return [Declared("aws:ec2/managedPrefixList:ManagedPrefixList", name, {}, urn=f"urn:{name}"), *entries]


def listener(name: str, protocol: str, action: str, balancer: str = "urn:b") -> Declared:
    refers = {"loadBalancerArn": frozenset({balancer})}
    inputs = {
        "protocol": protocol,
        "port": 443.0 if protocol == "HTTPS" else 80.0,
        "defaultActions": [{"type": action}],
    }
    return Declared(LISTENER, name, inputs, refers, f"urn:{name}")


def address(kind: str, **refers: str) -> Declared:
    known = {name: frozenset({urn}) for name, urn in refers.items()}
    return Declared(kind, "address", dict.fromkeys(refers, UNKNOWN), known, "urn:address")


WORLD = f"port 22 is open to the world: {ONLY}"
BESIDE = f"port 22, with the other rules of its group, is open to the world: {ONLY}"
INSIDE = Declared(
    GROUP,
    "inside",
    {"ingress": [{"protocol": "tcp", "fromPort": 22.0, "toPort": 22.0, "prefixListIds": [UNKNOWN]}]},
    {"ingress": frozenset({"urn:list"})},
    "urn:g",
)
HALF = {"protocol": "tcp", "fromPort": 22.0, "toPort": 22.0, "cidrBlocks": ["12.0.0.0/8"]}
ROUNDABOUT_STACKS = (
    ([*listed("0.0.0.0/1", "128.0.0.0/1"), Declared(RULE, "rule", {"ipProtocol": "tcp", "fromPort": 22.0, "toPort": 22.0, "prefixListId": UNKNOWN}, {"prefixListId": frozenset({"urn:list"})}, "urn:rule")], [("rule", WORLD)]),
    ([*listed("0.0.0.0/0"), INSIDE], [("inside", WORLD)]),
    ([opened(name="low", cidrIpv6="::/1"), opened(name="high", cidrIpv6="8000::/1")], [("low", WORLD), ("high", WORLD)]),
    ([opened(cidrIpv6="2000::/3")], [("rule", WORLD)]),
    ([old(protocol="-1", fromPort=0.0, toPort=0.0, cidrBlocks=["0.0.0.0/0"])], [("rule", f"every port is open to the world: {ONLY}")]),
    ([Declared(GROUP, "group", {"ingress": [HALF]}, urn="urn:g"), opened(name="rule", group="urn:g", cidrIpv4="13.0.0.0/8")], [("group", BESIDE), ("rule", BESIDE)]),
    ([opened(name="all", cidrIpv4="12.0.0.0/8", ipProtocol="-1", fromPort=None, toPort=None), opened(name="one", cidrIpv4="13.0.0.0/8")], [("all", f"every port, with the other rules of its group, is open to the world: {ONLY}"), ("one", BESIDE)]),
    ([opened(fromPort=0.0, toPort=65_535.0, cidrIpv4="0.0.0.0/0")], [("rule", f"every port is open to the world: {ONLY}")]),
    ([listener("plain", "HTTP", "forward"), listener("tls", "HTTPS", "forward")], [("plain", "the balancer answers in plain text beside TLS: redirect this listener to HTTPS")]),
    ([address("aws:ec2/eip:Eip", instance="urn:i")], [("address", "an instance gets a public address: put it behind the balancer, or use Session Manager")]),
    ([address("aws:ec2/eipAssociation:EipAssociation", instanceId="urn:i")], [("address", "an instance gets a public address: put it behind the balancer, or use Session Manager")]),
)  # fmt: skip
LOOKALIKE_STACKS = (
    [*listed("10.0.0.0/8", "192.168.0.0/16"), INSIDE],
    [opened(name="wide", cidrIpv4="12.0.0.0/8", fromPort=400.0, toPort=500.0), opened(name="web", cidrIpv4="0.0.0.0/0", fromPort=443.0, toPort=443.0)],
    [opened(name="range", cidrIpv4="12.0.0.0/9", fromPort=20.0, toPort=30.0), opened(name="one", cidrIpv4="13.0.0.0/10"), opened(name="other", cidrIpv4="14.0.0.0/10", fromPort=25.0, toPort=25.0)],
    [listener("plain", "HTTP", "redirect"), listener("tls", "HTTPS", "forward")],
    [listener("plain", "HTTP", "forward"), listener("tls", "HTTPS", "forward", "urn:other")],
    [address("aws:ec2/eip:Eip")],
    [address("aws:ec2/eipAssociation:EipAssociation", networkInterfaceId="urn:n")],
)  # fmt: skip


@pytest.mark.parametrize(("resources", "sentences"), ROUNDABOUT_STACKS)
def test_a_roundabout_way_over_several_resources_is_stopped(
    resources: list[Declared], sentences: list[tuple[str, str]]
) -> None:
    assert said_of_stack(*resources) == sentences


@pytest.mark.parametrize("resources", LOOKALIKE_STACKS)
def test_resources_that_only_look_open_together_pass(resources: list[Declared]) -> None:
    assert said_of_stack(*resources) == []


def test_the_guide_lists_every_guardrail() -> None:
    page = (Path(__file__).parents[2] / "docs" / "guides" / "guardrails.md").read_text()
    rows = re.findall(r"^\| `([a-z0-9-]+)` \| (.+) \| (.+) \| (.+) \|$", page, re.MULTILINE)
    guardrails = (*CHECKS, *STACK_CHECKS)
    assert rows == sorted((each.name, each.demand, each.reason, each.elsewhere) for each in guardrails)
