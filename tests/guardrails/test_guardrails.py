"""Each guardrail passes the right and stops the wrong, however it is written. It cannot prove that the engine calls them; the
engine's ring does."""

from __future__ import annotations

import contextvars
import json
from collections.abc import Mapping, Sequence
from typing import Any, cast

import pulumi
import pytest
from google.protobuf import struct_pb2
from pulumi.runtime.proto import analyzer_pb2 as proto
from pulumi_policy import EnforcementLevel, ResourceValidationArgs, ResourceValidationPolicy, StackValidationPolicy
from pulumi_policy.proxy import UNKNOWN_ARRAY_VALUE, UNKNOWN_BOOLEAN_VALUE, UNKNOWN_STRING_VALUE, unknown_checking_proxy

from guardrails.analyzer import Analyzer
from guardrails.checks import CHECKS, STACK_CHECKS, canonical
from guardrails.checks.check import ELSEWHERE
from guardrails.checks.containers import holds_a_secret, names_a_secret
from guardrails.policies import plain, policies
from guardrails.policies import stack_said as configured
from guardrails.stack import StackSaid
from guardrails.stack import said as stack_said
from guardrails.values import UNKNOWN, Declared

TASK = {"name": "app", "image": "r/app:1.2.3", "logConfiguration": {"logDriver": "awslogs"}}
SERVICE, TASK_DEFINITION = "aws:ecs/service:Service", "aws:ecs/taskDefinition:TaskDefinition"
TEMPLATE, INSTANCE = "aws:ec2/launchTemplate:LaunchTemplate", "aws:ec2/instance:Instance"
CONFIGURATION, SPOT = (
    "aws:ec2/launchConfiguration:LaunchConfiguration",
    "aws:ec2/spotInstanceRequest:SpotInstanceRequest",
)
ROLE, ROLE_POLICY, POLICY = "aws:iam/role:Role", "aws:iam/rolePolicy:RolePolicy", "aws:iam/policy:Policy"
QUEUE_POLICY, BUCKET = "aws:sqs/queuePolicy:QueuePolicy", "aws:s3/bucket:Bucket"
BLOCK = "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock"
RULE, OLD_RULE = (
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule",
    "aws:ec2/securityGroupRule:SecurityGroupRule",
)
GROUP, LISTENER = "aws:ec2/securityGroup:SecurityGroup", "aws:lb/listener:Listener"
INTERNET = "the database can be reached from the internet: leave publiclyAccessible out"
UNENCRYPTED = "the database's storage is not encrypted, and cannot be later: set storageEncrypted"
PLAIN_RECORDS = "the stream's records are not encrypted: set encryptionType to KMS and kmsKeyId"
SWITCHES = dict.fromkeys(("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets"), True)


def task(**changes: object) -> dict[str, str]:
    return {"containerDefinitions": json.dumps([TASK | changes])}


def allow(**statement: object) -> str:
    return json.dumps(
        {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Resource": "arn:aws:s3:::b/*", **statement}]}
    )


def trust(principal: object, **more: object) -> dict[str, str]:
    return {
        "assumeRolePolicy": json.dumps(
            {"Statement": {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": principal, **more}}
        )
    }


def said(type_: str, inputs: Mapping[str, Any], *, production: bool = False) -> list[str]:
    """Everything that all guardrails on one resource say; in production but for the environment's own keys, which nearly
    everything there needs."""
    stack = StackSaid(production, accept={"own-keys": "has its own table"})
    return [sentence for check in CHECKS for sentence in check.sentences(Declared(type_, "one", inputs), stack)]


def said_of_stack(*resources: Declared) -> list[tuple[str, str]]:
    return [
        (found.name, sentence) for check in STACK_CHECKS for found, sentence in check.sentences(resources, StackSaid())
    ]


ECS_TASKS = {"Service": "ecs-tasks.amazonaws.com"}
GITHUB = {"Federated": "arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com"}
PUBLIC = "tasks get public addresses: put them into private subnets with assignPublicIp false"
BREAKER = "the deployment circuit breaker is off or does not roll back: set enable and rollback"
IMDS = "instances answer IMDSv1: set metadataOptions.httpTokens to required"
ROOT = "the root volume is not encrypted: set rootBlockDevice.encrypted"
EVERY_ACTION = "a statement allows every action: name the actions that are needed"
ANYONE = "a statement allows anyone: name who may, or give a condition such as aws:SourceArn"
EVERYONE_KNOWN = "a statement trusts everyone whom the provider knows: give a condition on the subject or audience"
PLAIN = "container app has {} in plain text: put it into `secrets` by ARN"
GOOD = (
    ("aws:rds/instance:Instance", {"storageEncrypted": True}),
    ("aws:rds/instance:Instance", {"storageEncrypted": UNKNOWN, "publiclyAccessible": UNKNOWN}),
    ("aws:rds/instance:Instance", {"replicateSourceDb": "orders"}),
    ("aws:rds/cluster:Cluster", {"storageEncrypted": "true", "publiclyAccessible": False}),
    ("aws:kinesis/stream:Stream", {"encryptionType": "KMS", "kmsKeyId": "alias/aws/kinesis"}),
    ("aws:kinesis/stream:Stream", {"encryptionType": UNKNOWN}),
    (SERVICE, {"networkConfiguration": {"assignPublicIp": False}, "deploymentCircuitBreaker": {"enable": True, "rollback": True}}),
    (SERVICE, {"deploymentController": {"type": "CODE_DEPLOY"}}),
    (SERVICE, {"deploymentCircuitBreaker": UNKNOWN, "networkConfiguration": UNKNOWN}),
    (TASK_DEFINITION, task()),
    (TASK_DEFINITION, task(image=f"r/app@sha256:{'a' * 64}")),
    (TASK_DEFINITION, task(environment=[{"name": "SECRET_ARN", "value": "arn:aws:secretsmanager:x"}, {"name": "SORT_KEY", "value": "id"}, {"name": "DATABASE_HOST", "value": "db"}])),
    (TASK_DEFINITION, task(environment=[{"name": "DB_PASSWORD", "value": ""}])),
    (TASK_DEFINITION, {"containerDefinitions": UNKNOWN}),
    (TEMPLATE, {"metadataOptions": {"httpTokens": "required"}, "blockDeviceMappings": [{"deviceName": "/dev/xvda", "ebs": {"encrypted": "true"}}]}),
    (TEMPLATE, {"metadataOptions": {"httpEndpoint": "disabled"}, "networkInterfaces": [{"securityGroups": ["sg-1"]}]}),
    (INSTANCE, {"launchTemplate": {"id": "lt-1"}}),
    (INSTANCE, {"metadataOptions": {"httpTokens": "required"}, "rootBlockDevice": {"encrypted": True}}),
    ("aws:cloudwatch/logGroup:LogGroup", {"retentionInDays": 30.0}),
    ("aws:cloudwatch/logGroup:LogGroup", {"retentionInDays": UNKNOWN}),
    (LISTENER, {"protocol": "HTTPS", "sslPolicy": "ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09"}),
    ("aws:lb/loadBalancer:LoadBalancer", {"dropInvalidHeaderFields": True}),
    ("aws:lb/loadBalancer:LoadBalancer", {"loadBalancerType": "network"}),
    (BLOCK, SWITCHES),
    ("aws:appautoscaling/target:Target", {"minCapacity": 2.0, "maxCapacity": 4.0}),
    (ROLE_POLICY, {"policy": allow(Action=["s3:GetObject", "s3:List*"])}),
    (ROLE_POLICY, {"policy": allow(Action="ecs:Describe*", Resource="*")}),
    (ROLE_POLICY, {"policy": allow(Action="iam:PassRole", Resource="*", Condition={"StringEquals": {"iam:PassedToService": "ecs-tasks.amazonaws.com"}})}),
    (ROLE_POLICY, {"policy": allow(Action="secretsmanager:GetSecretValue", Resource="arn:aws:secretsmanager:eu-central-1:123456789012:secret:web/key-a1b2c3")}),
    (POLICY, {"policy": json.dumps({"Statement": {"Effect": "Deny", "Action": "*", "Resource": "*"}})}),
    (POLICY, {"policy": UNKNOWN}),
    (POLICY, {"policy": "04da6b54-not-known"}),
    (ROLE, trust(ECS_TASKS)),
    (ROLE, trust({"AWS": "arn:aws:iam::123456789012:root"})),
    (ROLE, trust({"AWS": "*"}, Condition={"StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}})),
    (ROLE, trust(GITHUB, Action="sts:AssumeRoleWithWebIdentity", Condition={"StringLike": {"token.actions.githubusercontent.com:sub": "repo:example/app:*"}})),
    (ROLE, trust({"Federated": "cognito-identity.amazonaws.com"}, Condition={"StringEquals": {"cognito-identity.amazonaws.com:aud": "eu-central-1:pool"}})),
    (QUEUE_POLICY, {"policy": allow(Principal="*", Action="sqs:SendMessage", Condition={"ArnEquals": {"aws:SourceArn": "arn:aws:sns:eu-central-1:123456789012:jobs"}})}),
    ("aws:s3/bucketPolicy:BucketPolicy", {"policy": json.dumps({"Statement": {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*"}})}),
    ("aws:s3/bucketPolicy:BucketPolicy", {"policy": allow(Principal="*", Action="s3:GetObject", Condition={"IpAddress": {"aws:SourceIp": "192.0.2.0/24"}})}),
    ("aws:kms/key:Key", {"policy": allow(Principal={"AWS": "arn:aws:iam::123456789012:root"}, Action="kms:*", Resource="*")}),
    ("aws:iam/rolePolicyAttachment:RolePolicyAttachment", {"policyArn": "arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore"}),
    ("aws:iam/rolePolicyAttachment:RolePolicyAttachment", {"policyArn": UNKNOWN}),
    ("aws:lambda/permission:Permission", {"principal": "events.amazonaws.com"}),
    ("aws:ec2/defaultSecurityGroup:DefaultSecurityGroup", {"vpcId": "vpc-1"}),
    ("aws:ec2/vpcEndpointService:VpcEndpointService", {"allowedPrincipals": ["*"], "acceptanceRequired": True}),
    ("aws:rds/snapshot:Snapshot", {"sharedAccounts": ["123456789012"]}),
)  # fmt: skip
BAD = (
    (SERVICE, {"networkConfiguration": {"assignPublicIp": True}, "deploymentController": {"type": "EXTERNAL"}}, PUBLIC),
    (SERVICE, {"networkConfiguration": {"assignPublicIp": "true"}, "deploymentController": {"type": "EXTERNAL"}}, PUBLIC),
    ("aws:ecs/taskSet:TaskSet", {"networkConfiguration": {"assignPublicIp": True}}, PUBLIC),
    ("aws:cloudwatch/eventTarget:EventTarget", {"ecsTarget": {"networkConfiguration": {"assignPublicIp": True}}}, PUBLIC),
    ("aws:scheduler/schedule:Schedule", {"target": {"ecsParameters": {"networkConfiguration": {"assignPublicIp": True}}}}, PUBLIC),
    ("aws:ec2/subnet:Subnet", {"mapPublicIpOnLaunch": True}, "whatever starts here gets a public address: leave mapPublicIpOnLaunch out"),
    (SERVICE, {}, BREAKER),
    (SERVICE, {"deploymentCircuitBreaker": {"enable": True, "rollback": False}}, BREAKER),
    (TASK_DEFINITION, task(privileged=True), "container app is privileged: it owns the host; remove it"),
    (TASK_DEFINITION, task(linuxParameters={"capabilities": {"add": ["SYS_ADMIN"]}}), "container app gets SYS_ADMIN: it owns the host; remove it"),
    (TASK_DEFINITION, {"networkMode": "host"}, "the task shares the host's network: leave networkMode host out"),
    (TASK_DEFINITION, {"pidMode": "host"}, "the task shares the host's processes: leave pidMode host out"),
    (TASK_DEFINITION, {"volumes": [{"name": "engine", "hostPath": "/var/run/docker.sock"}]}, "volume engine is the host's /var/run/docker.sock: it owns the host; remove it"),
    (TASK_DEFINITION, task(image="r/app:latest"), "container app runs an image whose tag moves: name a digest or an immutable version"),
    (TASK_DEFINITION, task(image="app:main"), "container app runs an image whose tag moves: name a digest or an immutable version"),
    (TASK_DEFINITION, task(image="r:5000/app"), "container app runs an image whose tag moves: name a digest or an immutable version"),
    (TASK_DEFINITION, task(user="0:0"), "container app runs as root: give a user above 0"),
    (TASK_DEFINITION, task(user="root"), "container app runs as root: give a user above 0"),
    (TASK_DEFINITION, task(logConfiguration=None), "container app has no log driver: nobody could read why it died"),
    (TASK_DEFINITION, {"containerDefinitions": [TASK | {"privileged": True}]}, "container app is privileged: it owns the host; remove it"),
    (TASK_DEFINITION, task(environment=[{"name": "DB_PASSWORD", "value": "x"}]), PLAIN.format("DB_PASSWORD")),
    (TASK_DEFINITION, task(environment=[{"name": "dbPass", "value": "x"}]), PLAIN.format("dbPass")),
    (TASK_DEFINITION, task(environment=[{"name": "MODE", "value": "postgres://app:hunter2@db/app"}]), "container app has a secret in plain text in MODE: put it into `secrets` by ARN"),
    ("aws:lambda/function:Function", {"environment": {"variables": {"API_KEY": "x"}}}, "the function has API_KEY in plain text: read it from Secrets Manager or Parameter Store at run time"),
    (TEMPLATE, {}, IMDS),
    (CONFIGURATION, {"rootBlockDevice": {"encrypted": True}}, IMDS),
    (INSTANCE, {"rootBlockDevice": {"encrypted": True}}, IMDS),
    (SPOT, {"rootBlockDevice": {"encrypted": True}, "metadataOptions": {"httpTokens": "optional"}}, IMDS),
    (TEMPLATE, {"metadataOptions": {"httpTokens": "required"}, "blockDeviceMappings": [{"deviceName": "/dev/xvda", "ebs": {"volumeSize": 30.0}}]}, "volume /dev/xvda is not encrypted: set ebs.encrypted"),
    (INSTANCE, {"metadataOptions": {"httpTokens": "required"}}, ROOT),
    (INSTANCE, {"metadataOptions": {"httpTokens": "required"}, "rootBlockDevice": {"volumeSize": 8.0}}, ROOT),
    (INSTANCE, {"metadataOptions": {"httpTokens": "required"}, "rootBlockDevice": {"encrypted": True}, "ebsBlockDevices": [{"deviceName": "/dev/sdb"}]}, "volume /dev/sdb is not encrypted: set encrypted"),
    ("aws:ebs/volume:Volume", {"size": 8.0}, "the volume is not encrypted: set encrypted"),
    (TEMPLATE, {"metadataOptions": {"httpTokens": "required"}, "networkInterfaces": [{"associatePublicIpAddress": "true"}]}, "instances get public addresses: put them into private subnets and leave associatePublicIpAddress out"),
    (INSTANCE, {"metadataOptions": {"httpTokens": "required"}, "rootBlockDevice": {"encrypted": True}, "associatePublicIpAddress": True}, "instances get public addresses: put them into private subnets and leave associatePublicIpAddress out"),
    ("aws:cloudwatch/logGroup:LogGroup", {}, "the log group keeps its events for ever: set retentionInDays"),
    ("aws:alb/listener:Listener", {"protocol": "HTTPS", "sslPolicy": "ELBSecurityPolicy-2016-08"}, "ELBSecurityPolicy-2016-08 allows outdated TLS: name a current one, such as ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09"),
    (LISTENER, {"protocol": "HTTPS"}, "no TLS policy: the API then means ELBSecurityPolicy-2016-08; name a current one"),
    ("aws:applicationloadbalancing/loadBalancer:LoadBalancer", {}, "invalid header fields are passed on: set dropInvalidHeaderFields"),
    (BLOCK, SWITCHES | {"restrictPublicBuckets": False}, "the bucket can become public: set restrictPublicBuckets"),
    ("aws:s3/bucketV2:BucketV2", {"acl": "public-read"}, "the access list public-read is open to anyone: leave acl out"),
    ("aws:s3/bucketAclV2:BucketAclV2", {"accessControlPolicy": {"grants": [{"permission": "READ", "grantee": {"uri": "http://acs.amazonaws.com/groups/global/AllUsers"}}]}}, "a grant is open to AllUsers: name who may"),
    ("aws:appautoscaling/target:Target", {"minCapacity": 5.0, "maxCapacity": 4.0}, "minCapacity 5 is above maxCapacity 4"),
    ("aws:autoscaling/group:Group", {"minSize": 5.0, "maxSize": 4.0}, "minSize 5 is above maxSize 4"),
    (ROLE_POLICY, {"policy": allow(Action="*")}, EVERY_ACTION),
    (ROLE_POLICY, {"policy": allow(Action="*:*")}, EVERY_ACTION),
    ("aws:iam/userPolicy:UserPolicy", {"policy": allow(Action=["**"])}, EVERY_ACTION),
    (POLICY, {"policy": allow(Action="s3:*")}, "a statement allows all of s3: name the actions that are needed"),
    (POLICY, {"policy": allow(Action="s3:**")}, "a statement allows all of s3: name the actions that are needed"),
    (POLICY, {"policy": allow(Action="s3:?*")}, "a statement allows all of s3: name the actions that are needed"),
    (POLICY, {"policy": allow(Action="s*:GetObject")}, "a statement allows actions of every service that matches s*: name the actions that are needed"),
    (POLICY, {"policy": allow(Action="iam:*Role*")}, "a statement allows iam:*Role*, whatever that comes to: name the actions that are needed"),
    (POLICY, {"policy": allow(Action="ec2:Run*")}, "a statement allows ec2:Run*, whatever that comes to: name the actions that are needed"),
    (POLICY, {"policy": json.dumps({"Statement": [{"Effect": "Allow", "NotAction": "iam:*", "Resource": "arn:aws:s3:::b"}]})}, "a statement allows every action but some (NotAction): name the actions that are needed"),
    (POLICY, {"policy": json.dumps({"Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "NotResource": "arn:aws:s3:::b"}]})}, "a statement allows every resource but some (NotResource): name the resources"),
    (POLICY, {"policy": allow(Action="iam:passrole", Resource="*")}, "a statement allows iam:PassRole on every resource: name the resources, or give a condition"),
    (POLICY, {"policy": allow(Action="secretsmanager:Get*", Resource=["*"])}, "a statement allows secretsmanager:GetSecretValue on every resource: name the resources, or give a condition"),
    (POLICY, {"policy": {"Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}}, EVERY_ACTION),
    (ROLE, trust(ECS_TASKS) | {"inlinePolicies": [{"name": "all", "policy": allow(Action="*")}]}, EVERY_ACTION),
    (ROLE, trust(ECS_TASKS) | {"managedPolicyArns": ["arn:aws:iam::aws:policy/AdministratorAccess"]}, "a role gets AdministratorAccess: attach a policy that names what is needed"),
    ("aws:iam/rolePolicyAttachment:RolePolicyAttachment", {"policyArn": "arn:aws:iam::aws:policy/AmazonS3FullAccess"}, "a role gets AmazonS3FullAccess: attach a policy that names what is needed"),
    ("aws:iam/policyAttachment:PolicyAttachment", {"policyArn": "arn:aws:iam::aws:policy/job-function/SystemAdministrator"}, "a role gets SystemAdministrator: attach a policy that names what is needed"),
    ("aws:iam/rolePolicyAttachmentsExclusive:RolePolicyAttachmentsExclusive", {"policyArns": ["arn:aws:iam::aws:policy/PowerUserAccess"]}, "a role gets PowerUserAccess: attach a policy that names what is needed"),
    (ROLE, trust("*"), ANYONE),
    (ROLE, trust({"AWS": ["*"]}), ANYONE),
    (ROLE, trust({"AWS": "*"}, Condition={"Bool": {"aws:SecureTransport": "true"}}), ANYONE),
    (ROLE, trust({"AWS": "*"}, Condition={"StringEqualsIfExists": {"aws:PrincipalOrgID": "o-1"}}), ANYONE),
    (ROLE, trust({"AWS": "*"}, Condition={"StringLike": {"aws:PrincipalOrgID": "*"}}), ANYONE),
    (ROLE, trust({"AWS": "*"}, Condition={"StringNotEquals": {"aws:PrincipalAccount": "123456789012"}}), ANYONE),
    (ROLE, {"assumeRolePolicy": json.dumps({"Statement": {"Effect": "Allow", "Action": "sts:AssumeRole", "NotPrincipal": {"AWS": "arn:aws:iam::123456789012:root"}}})}, "a statement allows everyone but some (NotPrincipal): name who may"),
    (ROLE, trust(GITHUB, Condition={"StringEquals": {"token.actions.githubusercontent.com:aud": "sts.amazonaws.com"}}), EVERYONE_KNOWN),
    (ROLE, trust(GITHUB, Condition={"StringLike": {"token.actions.githubusercontent.com:sub": "repo:*"}}), EVERYONE_KNOWN),
    (QUEUE_POLICY, {"policy": allow(Principal="*", Action="sqs:SendMessage")}, ANYONE),
    (QUEUE_POLICY, {"policy": allow(Principal={"AWS": "*"}, Action="sqs:SendMessage", Condition={"ArnLike": {"aws:SourceArn": "arn:aws:sns:*:*:*"}})}, ANYONE),
    ("aws:sns/topicPolicy:TopicPolicy", {"policy": allow(Principal="*", Action="sns:Publish")}, ANYONE),
    ("aws:s3/bucketPolicy:BucketPolicy", {"policy": allow(Principal="*", Action="s3:GetObject")}, ANYONE),
    ("aws:s3/bucketPolicy:BucketPolicy", {"policy": allow(Principal="*", Action="s3:GetObject", Condition={"IpAddress": {"aws:SourceIp": ["0.0.0.0/1", "128.0.0.0/1"]}})}, ANYONE),
    ("aws:lambda/permission:Permission", {"principal": "*"}, "anyone may call the function: name the principal, or give a sourceArn"),
    ("aws:lambda/functionUrl:FunctionUrl", {"authorizationType": "NONE"}, "anyone may call the function by its address: set authorizationType to AWS_IAM"),
    ("aws:rds/instance:Instance", {"storageEncrypted": True, "publiclyAccessible": True}, INTERNET),
    ("aws:rds/instance:Instance", {"storageEncrypted": "true", "publiclyAccessible": "true"}, INTERNET),
    ("aws:rds/cluster:Cluster", {"storageEncrypted": True, "publiclyAccessible": True}, INTERNET),
    ("aws:rds/clusterInstance:ClusterInstance", {"publiclyAccessible": True}, INTERNET),
    ("aws:rds/instance:Instance", {}, UNENCRYPTED),
    ("aws:rds/instance:Instance", {"storageEncrypted": "false"}, UNENCRYPTED),
    ("aws:rds/cluster:Cluster", {"storageEncrypted": False}, UNENCRYPTED),
    ("aws:elasticache/replicationGroup:ReplicationGroup", {"transitEncryptionEnabled": True}, "the cache's data is not encrypted: set atRestEncryptionEnabled"),
    ("aws:elasticache/replicationGroup:ReplicationGroup", {"atRestEncryptionEnabled": True}, "the cache's connections are not encrypted: set transitEncryptionEnabled"),
    ("aws:kinesis/stream:Stream", {}, PLAIN_RECORDS),
    ("aws:kinesis/stream:Stream", {"encryptionType": "NONE"}, PLAIN_RECORDS),
    ("aws:ec2/defaultSecurityGroup:DefaultSecurityGroup", {"ingress": [{"protocol": "-1", "self": True}]}, "the default group lets somebody in: leave ingress out, and give resources groups of their own"),
    ("aws:ec2/vpcEndpointService:VpcEndpointService", {"allowedPrincipals": ["*"]}, "anyone may connect to the endpoint service: name allowedPrincipals, or set acceptanceRequired"),
    ("aws:rds/snapshot:Snapshot", {"sharedAccounts": ["all"]}, "the snapshot can be restored by anyone: name accounts in sharedAccounts"),
    ("aws:ssm/parameter:Parameter", {"type": "String", "name": "token"}, "the parameter token is plain text: set type to SecureString"),
)  # fmt: skip


@pytest.mark.parametrize(("type_", "inputs"), GOOD)
def test_the_right_passes(type_: str, inputs: dict[str, Any]) -> None:
    assert said(type_, inputs) == []


@pytest.mark.parametrize(("type_", "inputs", "sentence"), BAD)
def test_the_wrong_is_stopped_with_a_reason_and_a_cure(type_: str, inputs: dict[str, Any], sentence: str) -> None:
    assert [each for each in said(type_, inputs) if "log driver" not in each or "log driver" in sentence] == [sentence]


BALANCER, TABLE = "aws:lb/loadBalancer:LoadBalancer", "aws:dynamodb/table:Table"
DATABASE, CLUSTER, POOL = "aws:rds/instance:Instance", "aws:rds/cluster:Cluster", "aws:cognito/userPool:UserPool"
LIFECYCLE = "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration"
DIGEST = f"r/app:1.2.3@sha256:{'0' * 64}"
SOUND = {"dropInvalidHeaderFields": True, "storageEncrypted": True}
KEPT: list[tuple[str, dict[str, Any], str]] = [
    (BALANCER, SOUND, "a slip can delete the balancer: set enableDeletionProtection"),
    (BALANCER, SOUND | {"enableDeletionProtection": "false"}, "a slip can delete the balancer: set enableDeletionProtection"),
    (DATABASE, SOUND, "a slip can delete the database: set deletionProtection"),
    (CLUSTER, SOUND, "a slip can delete the database: set deletionProtection"),
    (TABLE, {}, "a slip can delete the table: set deletionProtectionEnabled"),
    (POOL, {"deletionProtection": "INACTIVE"}, "a slip can delete the pool of users: set deletionProtection"),
    (BUCKET, {"forceDestroy": True}, "destroying the stack deletes what the bucket holds: leave forceDestroy out"),
    (TASK_DEFINITION, task(), "container app runs r/app:1.2.3 by its tag: name the image by its digest"),
]  # fmt: skip
"""What production demands, and nothing else."""


@pytest.mark.parametrize(("type_", "inputs", "sentence"), KEPT)
def test_production_is_asked_for_more(type_: str, inputs: dict[str, Any], sentence: str) -> None:
    assert said(type_, inputs, production=True) == [sentence]
    assert said(type_, inputs) == []


@pytest.mark.parametrize(
    ("type_", "inputs"),
    [
        (BALANCER, SOUND | {"enableDeletionProtection": True}),
        (BALANCER, SOUND | {"enableDeletionProtection": UNKNOWN}),
        (DATABASE, SOUND | {"deletionProtection": "true"}),
        (TABLE, {"deletionProtectionEnabled": True}),
        (POOL, {"deletionProtection": "ACTIVE"}),
        (BUCKET, {}),
        (TASK_DEFINITION, task(image=DIGEST)),
        (TASK_DEFINITION, {"containerDefinitions": UNKNOWN}),
    ],
)
def test_what_production_demands_can_be_met(type_: str, inputs: dict[str, Any]) -> None:
    assert said(type_, inputs, production=True) == []


def lifecycle(*rules: dict[str, Any]) -> dict[str, Any]:
    return {"rules": [{"status": "Enabled", **rule} for rule in rules]}


STAY = "parts of uploads that never end stay for ever: set abortIncompleteMultipartUpload in a rule"
ENDS = {"abortIncompleteMultipartUpload": {"daysAfterInitiation": 7}}


UPLOADS = [
    (LIFECYCLE, lifecycle({"expiration": {"days": 90}}), [STAY]),
    (LIFECYCLE, lifecycle({"expiration": {"days": 90}}, ENDS | {"status": "Disabled"}), [STAY]),
    (LIFECYCLE, lifecycle({"expiration": {"days": 90}}, ENDS), []),
    (LIFECYCLE, lifecycle(ENDS | {"status": UNKNOWN}), []),
    (LIFECYCLE, {"rules": UNKNOWN}, []),
    (LIFECYCLE, {}, []),
]


@pytest.mark.parametrize(("type_", "inputs", "sentences"), UPLOADS)
def test_a_bucket_whose_objects_end_ends_its_uploads(type_: str, inputs: dict[str, Any], sentences: list[str]) -> None:
    assert said(type_, inputs) == sentences


ACCEPTED = {"kept-data.b": "torn down each Friday", "logs-end": "kept by law"}


@pytest.mark.parametrize(
    ("environment", "guardrails", "asked"),
    [
        ({"region": "eu-west-1"}, None, {"a", "b"}),
        ({"production": True}, {"accept": ACCEPTED}, {"a"}),
        ({"production": False}, None, set()),
        (None, None, set()),
        ({"production": True}, {"accept": {"kept-data": "a drill"}}, set()),
        ({"production": True}, {"accept": {"kept-data": " ", "kept-data.a": None}}, {"a", "b"}),
        ({"production": True}, ["kept-data"], {"a", "b"}),
    ],
)
def test_a_stack_says_what_it_is_and_what_it_does_on_purpose(
    environment: Any, guardrails: Any, asked: set[str]
) -> None:
    (check,) = (each for each in CHECKS if each.name == "kept-data")
    stack = stack_said(environment, guardrails)
    assert {name for name in ("a", "b") if [*check.sentences(Declared(BALANCER, name, SOUND), stack)]} == asked


def test_the_policies_go_by_the_stacks_configuration() -> None:
    def judged(name: str, config: dict[str, Any]) -> list[str]:
        pulumi.runtime.set_all_config({f"accordion:{key}": json.dumps(value) for key, value in config.items()})
        (policy,) = (each for each in policies(configured()) if each.name == "kept-data")
        assert isinstance(policy, ResourceValidationPolicy)
        levels.append(policy.enforcement_level)
        found: list[str] = []
        props = unknown_checking_proxy(SOUND)
        args = ResourceValidationArgs(BALANCER, props, f"urn:{name}", name, cast("Any", None), None)
        policy.validate(args, lambda sentence, urn: found.append(sentence))
        return found

    def reported(name: str, **config: Any) -> list[str]:
        return contextvars.copy_context().run(judged, name, config)  # the SDK's settings live in context variables

    levels: list[EnforcementLevel | None] = []
    production = {"environment": {"region": "eu-west-1"}}
    assert reported("lb", **production) == ["a slip can delete the balancer: set enableDeletionProtection"]
    assert reported("lb", **production, guardrails={"accept": {"kept-data.lb": "a drill"}}) == []
    assert reported("other", **production, guardrails={"accept": {"kept-data.lb": "a drill"}}) != []
    assert levels == [EnforcementLevel.MANDATORY] * 3
    assert reported("lb", environment={"production": False}) == reported("lb") == []
    assert levels[3:] == [EnforcementLevel.DISABLED] * 2
    told = reported("lb", environment={"production": False}, guardrails={"severity": {"kept-data": "advisory"}})
    assert (told != [], levels[-1]) == (True, EnforcementLevel.ADVISORY)


def test_the_engine_s_message_about_a_stack_sets_what_is_demanded_of_it() -> None:
    """The SDK keeps the stack's tags of it alone: without our analyzer every stack was judged as one without settings."""
    analyzer = Analyzer("pack", "0.0.1", policies(StackSaid()), EnforcementLevel.MANDATORY)
    settings = {"accordion:environment": "{}", "accordion:guardrails": json.dumps({"ceilings": {"units": 3}})}
    analyzer.ConfigureStack(proto.AnalyzerStackConfigureRequest(config=settings), None)
    levels = {each.name: each.enforcementLevel for each in analyzer.GetAnalyzerInfo(None, None).policies}
    assert levels["kept-data"] == proto.MANDATORY, "it is production where it does not say otherwise"
    properties = struct_pb2.Struct()
    properties.update({"minCapacity": 1, "maxCapacity": 4, "serviceNamespace": "ecs"})
    asked = proto.AnalyzeRequest(type="aws:appautoscaling/target:Target", urn="urn", name="one", properties=properties)
    found = [each.message for each in analyzer.Analyze(asked, None).diagnostics if each.policyName == "ceilings"]
    cure = "maxCapacity 4 is above the environment's 3 units: lower it, or raise guardrails.ceilings.units"
    assert len(found) == 1
    assert found[0].endswith(cure)


def test_every_guardrail_on_one_resource_has_a_passing_and_a_failing_case() -> None:
    def covered(cases: Sequence[Any]) -> set[str]:
        return {check.name for check in CHECKS for case in cases if canonical(case[0]) in check.predicates}

    by_demand = {
        check.name for check in CHECKS if check.asked or check.elsewhere == "off"
    }  # kept in tables of their own
    assert covered([*GOOD, *UPLOADS]) | {"private-subnets", "closed-functions"} | by_demand == {
        check.name for check in CHECKS
    }
    assert covered([*BAD, *UPLOADS]) | by_demand == {check.name for check in CHECKS}
    assert [policy.name for policy in policies(StackSaid())] == [check.name for check in (*CHECKS, *STACK_CHECKS)]


def test_every_guardrail_says_what_happens_without_it() -> None:
    guardrails = (*CHECKS, *STACK_CHECKS)
    assert [each.name for each in guardrails if not each.reason.endswith(".") or each.reason == each.demand] == []
    assert sorted(ELSEWHERE.keys() - {each.name for each in guardrails}) == []


def opened(type_: str = RULE, name: str = "rule", group: str = "g", **inputs: object) -> Declared:
    refers = {"securityGroupId": frozenset({group})}
    return Declared(
        type_, name, {"ipProtocol": "tcp", "fromPort": 22.0, "toPort": 22.0, **inputs}, refers, f"urn:{name}"
    )


def old(name: str = "rule", **inputs: object) -> Declared:
    return opened(OLD_RULE, name, **({"type": "ingress", "protocol": "tcp", "ipProtocol": None} | inputs))


ONLY = "only ports of listeners may be (80, 443); name the source's security group instead"
LISTENING = Declared(LISTENER, "listener", {"port": 8443.0, "protocol": "HTTPS", "sslPolicy": "x"}, urn="urn:listener")
OPEN = (
    ([opened(cidrIpv4="0.0.0.0/0")], [("rule", f"port 22 is open to the world: {ONLY}")]),
    ([opened(cidrIpv6="::/0")], [("rule", f"port 22 is open to the world: {ONLY}")]),
    ([opened(cidrIpv4="0.0.0.0/1")], [("rule", f"port 22 is open to the world: {ONLY}")]),
    ([opened(cidrIpv4="0.0.0.0/0", ipProtocol="-1", fromPort=None, toPort=None)], [("rule", f"every port is open to the world: {ONLY}")]),
    ([opened(cidrIpv4="0.0.0.0/0", fromPort=443.0, toPort=444.0)], [("rule", f"port 443 to 444 is open to the world: {ONLY}")]),
    ([opened(cidrIpv4="0.0.0.0/0", ipProtocol="udp", fromPort=443.0, toPort=443.0)], [("rule", f"udp port 443 is open to the world: {ONLY}")]),
    ([opened(cidrIpv4="0.0.0.0/0", ipProtocol="6")], [("rule", f"port 22 is open to the world: {ONLY}")]),
    ([old(cidrBlocks=["0.0.0.0/1", "128.0.0.0/1"])], [("rule", f"port 22 is open to the world: {ONLY}")]),
    ([old(ipv6CidrBlocks=["::/1", "8000::/1"])], [("rule", f"port 22 is open to the world: {ONLY}")]),
    (
        [opened(name="low", cidrIpv4="192.0.0.0/9"), opened(name="high", cidrIpv4="12.0.0.0/9"), opened(name="third", cidrIpv4="13.0.0.0/9")],
        [(name, f"port 22, with the other rules of its group, is open to the world: {ONLY}") for name in ("low", "high", "third")],
    ),
    (
        [opened(name="range", cidrIpv4="12.0.0.0/8", fromPort=20.0, toPort=30.0), opened(name="one", cidrIpv4="13.0.0.0/8")],
        [("range", f"port 20 to 30, with the other rules of its group, is open to the world: {ONLY}"), ("one", f"port 22, with the other rules of its group, is open to the world: {ONLY}")],
    ),
    ([Declared(GROUP, "group", {"ingress": [{"protocol": "tcp", "fromPort": 22.0, "toPort": 22.0, "cidrBlocks": ["0.0.0.0/0"]}]}, urn="g")], [("group", f"port 22 is open to the world: {ONLY}")]),
    (
        [Declared("aws:ec2/managedPrefixList:ManagedPrefixList", "list", {"entries": [{"cidr": "0.0.0.0/0"}]}, urn="urn:list"), Declared(RULE, "rule", {"ipProtocol": "tcp", "fromPort": 22.0, "toPort": 22.0, "prefixListId": UNKNOWN}, {"prefixListId": frozenset({"urn:list"})}, "urn:rule")],
        [("rule", f"port 22 is open to the world: {ONLY}")],
    ),
    ([LISTENING, opened(cidrIpv4="0.0.0.0/0", fromPort=443.0, toPort=443.0)], [("rule", "port 443 is open to the world: only ports of listeners may be (8443); name the source's security group instead")]),
)  # fmt: skip
CLOSED = (
    [opened(cidrIpv4="0.0.0.0/0", fromPort=443.0, toPort=443.0)],
    [LISTENING, opened(cidrIpv4="0.0.0.0/0", fromPort=8443.0, toPort=8443.0)],
    [opened(cidrIpv4="10.0.0.0/8")],
    [opened(cidrIpv4="203.0.113.0/24")],
    [opened(name="one", group="a", cidrIpv4="12.0.0.0/8"), opened(name="two", group="b", cidrIpv4="13.0.0.0/8")],
    [opened(name="one", cidrIpv4="12.0.0.0/8"), opened(name="two", cidrIpv4="13.0.0.0/8", fromPort=23.0, toPort=23.0)],
    [opened(cidrIpv4=UNKNOWN)],
    [old(type="egress", cidrBlocks=["0.0.0.0/0"])],
    [opened(referencedSecurityGroupId="sg-1")],
)  # fmt: skip


@pytest.mark.parametrize(("resources", "sentences"), OPEN)
def test_what_comes_to_the_world_is_told_however_it_is_cut_up(
    resources: list[Declared], sentences: list[tuple[str, str]]
) -> None:
    assert said_of_stack(*resources) == sentences


@pytest.mark.parametrize("resources", CLOSED)
def test_named_sources_and_listeners_are_let_in(resources: list[Declared]) -> None:
    assert said_of_stack(*resources) == []


NO_BLOCK = "the bucket has no public access block: add a BucketPublicAccessBlock with all four switches on"


def test_a_bucket_has_a_public_access_block_of_its_own_or_of_the_account() -> None:
    bucket = Declared(BUCKET, "logs", {"bucket": "logs-1"}, urn="urn:logs")
    other = Declared("aws:s3/bucketV2:BucketV2", "other", {}, urn="urn:other")
    by_reference = Declared(
        BLOCK, "block", SWITCHES | {"bucket": UNKNOWN}, {"bucket": frozenset({"urn:logs"})}, "urn:block"
    )
    by_name = Declared(BLOCK, "block", SWITCHES | {"bucket": "logs-1"}, {}, "urn:block")
    account = Declared("aws:s3/accountPublicAccessBlock:AccountPublicAccessBlock", "all", SWITCHES, urn="urn:all")
    assert said_of_stack(bucket) == [("logs", NO_BLOCK)]
    assert said_of_stack(bucket, by_reference) == said_of_stack(bucket, by_name) == []
    assert said_of_stack(bucket, other, by_reference) == [("other", NO_BLOCK)]
    assert said_of_stack(bucket, other, account) == []


SECRET_NAMES = ("DB_PASSWORD", "DB_PASS", "dbPassword", "PGPASSWORD", "REDIS_PWD", "API_KEY", "apikey", "STRIPE_SECRET", "clientSecret", "JWT", "AUTH_TOKEN", "githubToken", "SSH_PRIVATE_KEY", "AWS_SECRET_ACCESS_KEY", "SIGNING_KEY", "SENTRY_DSN", "DATABASE_URL", "CONNECTION_STRING", "DB_CREDENTIALS", "ENCRYPTION-KEY", "mysql.passwd")  # fmt: skip
PLAIN_NAMES = ("LOG_LEVEL", "SECRET_ARN", "PASSWORD_FILE", "TOKEN_URL", "TOKEN_TTL", "SORT_KEY", "KEY", "CACHE_KEY", "PARTITION_KEY", "KEYBOARD", "COMPASS", "BYPASS", "SECRETS_REGION", "PASSWORD_MIN_LENGTH", "PUBLIC_KEY", "MONKEY", "DATABASE_HOST", "SERVICE_URL", "PATH", "PATTERN")  # fmt: skip
SECRET_VALUES = ("AKIA" + "A" * 16, "-----BEGIN RSA " + "PRIVATE KEY-----\nx", "amqp://user:word@mq:5671/", "ghp_" + "a" * 36, "xoxb-" + "1" * 12, "eyJ" + "a" * 20 + ".eyJ" + "b" * 20 + "." + "c" * 20, "Server=db;User Id=app;Password=hunter2;")  # fmt: skip
PLAIN_VALUES = ("info", "https://example.com/path?x=1:2@3", "http://user@host/", "postgres://app:${PASSWORD}@db", "AKIA", "arn:aws:secretsmanager:eu-central-1:123456789012:secret:x", "Password=$x")  # fmt: skip


def test_names_and_values_of_secrets_are_known_by_their_forms() -> None:
    assert [name for name in SECRET_NAMES if not names_a_secret(name)] == []
    assert [name for name in PLAIN_NAMES if names_a_secret(name)] == []
    assert [value for value in SECRET_VALUES if not holds_a_secret(value)] == []
    assert [value for value in PLAIN_VALUES if holds_a_secret(value)] == []


def test_what_is_not_known_yet_is_unknown_in_its_place_and_nowhere_else() -> None:
    raw = {
        "a": UNKNOWN_STRING_VALUE,
        "b": {"c": UNKNOWN_BOOLEAN_VALUE, "d": 1.0},
        "e": ["x", UNKNOWN_ARRAY_VALUE],
        "f": "text",
    }
    assert plain(unknown_checking_proxy(raw)) == {
        "a": UNKNOWN,
        "b": {"c": UNKNOWN, "d": 1.0},
        "e": ["x", UNKNOWN],
        "f": "text",
    }


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.name)
def test_nothing_is_said_about_inputs_of_which_nothing_is_known(check: Any) -> None:
    class AllUnknown(dict[str, Any]):
        def get(self, key: str, default: Any = None) -> Any:
            return UNKNOWN

        def __getitem__(self, key: str) -> Any:
            return UNKNOWN

    assert [sentence for predicate in check.predicates.values() for sentence in predicate(AllUnknown())] == []


def test_policies_on_one_resource_and_on_all_of_a_stack_are_told_apart() -> None:
    kinds = [ResourceValidationPolicy] * len(CHECKS) + [StackValidationPolicy] * len(STACK_CHECKS)
    assert [type(policy) for policy in policies(StackSaid())] == kinds
