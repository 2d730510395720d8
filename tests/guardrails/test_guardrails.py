"""Each guardrail passes the right and stops the wrong. It cannot prove that the engine calls them; the engine's ring does."""

import json

import pytest

from guardrails.checks import CHECKS
from guardrails.policies import POLICIES

TASK = {"name": "app", "image": "r/app:1.2.3", "logConfiguration": {"logDriver": "awslogs"}}


def task(**changes: object) -> dict[str, str]:
    return {"containerDefinitions": json.dumps([TASK | changes])}


CASES = {
    "listener-ports-only": (
        {"cidrIpv4": "0.0.0.0/0", "ipProtocol": "tcp", "fromPort": 443.0, "toPort": 443.0},
        {"cidrIpv4": "0.0.0.0/0", "ipProtocol": "tcp", "fromPort": 22.0, "toPort": 22.0},
        "port 22 is open to the world: only 80 and 443 may be; name the source's security group instead",
    ),
    "no-inline-world": (
        {"ingress": [{"cidrBlocks": ["10.0.0.0/8"]}]},
        {"ingress": [{"cidrBlocks": ["0.0.0.0/0"]}]},
        "an inline rule is open to the world: declare ingress as SecurityGroupIngressRule",
    ),
    "private-tasks": (
        {"networkConfiguration": {"assignPublicIp": False}},
        {"networkConfiguration": {"assignPublicIp": True}},
        "tasks get public addresses: put them into private subnets with assignPublicIp false",
    ),
    "rollback": (
        {"deploymentCircuitBreaker": {"enable": True, "rollback": True}},
        {"deploymentCircuitBreaker": {"enable": True, "rollback": False}},
        "the deployment circuit breaker is off or does not roll back: set enable and rollback",
    ),
    "closed-containers": (task(), task(privileged=True), "container app is privileged: it owns the host; remove it"),
    "imdsv2": (
        {"metadataOptions": {"httpTokens": "required"}},
        {},
        "instances answer IMDSv1: set metadataOptions.httpTokens to required",
    ),
    "encrypted-disks": (
        {"blockDeviceMappings": [{"deviceName": "/dev/xvda", "ebs": {"encrypted": "true"}}]},
        {"blockDeviceMappings": [{"deviceName": "/dev/xvda", "ebs": {"volumeSize": 30.0}}]},
        "volume /dev/xvda is not encrypted: set ebs.encrypted",
    ),
    "logs-end": ({"retentionInDays": 30.0}, {}, "the log group keeps its events for ever: set retentionInDays"),
    "modern-tls": (
        {"protocol": "HTTPS", "sslPolicy": "ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09"},
        {"protocol": "HTTPS", "sslPolicy": "ELBSecurityPolicy-2016-08"},
        "ELBSecurityPolicy-2016-08 allows outdated TLS: name a current one, such as ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09",
    ),
    "valid-headers": (
        {"dropInvalidHeaderFields": True},
        {},
        "invalid header fields are passed on: set dropInvalidHeaderFields",
    ),
    "private-buckets": (
        dict.fromkeys(("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets"), True),
        dict.fromkeys(("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls"), True),
        "the bucket can become public: set restrictPublicBuckets",
    ),
    "private-instances": (
        {"networkInterfaces": [{"securityGroups": ["sg-1"]}]},
        {"networkInterfaces": [{"associatePublicIpAddress": "true"}]},
        "instances get public addresses: put them into private subnets and leave associatePublicIpAddress out",
    ),
    "bounds": (
        {"minCapacity": 2.0, "maxCapacity": 4.0},
        {"minCapacity": 5.0, "maxCapacity": 4.0},
        "minCapacity 5 is above maxCapacity 4",
    ),
    "least-rights": (
        {"policy": json.dumps({"Statement": [{"Effect": "Allow", "Action": ["s3:GetObject"], "Resource": "*"}]})},
        {"policy": json.dumps({"Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]})},
        "a statement allows every action: name the actions that are needed",
    ),
    "least-rights-of-policies": (
        {"policy": json.dumps({"Statement": {"Effect": "Deny", "Action": "s3:*", "Resource": "*"}})},
        {"policy": json.dumps({"Statement": {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}})},
        "a statement allows all of s3: name the actions that are needed",
    ),
    "no-administrators": (
        {"policyArn": "arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore"},
        {"policyArn": "arn:aws:iam::aws:policy/AdministratorAccess"},
        "a role gets AdministratorAccess: attach a policy that names what is needed",
    ),
}


def test_every_guardrail_has_a_passing_and_a_failing_case() -> None:
    assert CASES.keys() == CHECKS.keys()
    assert [policy.name for policy in POLICIES] == list(CHECKS)


@pytest.mark.parametrize("name", CASES)
def test_the_right_passes(name: str) -> None:
    assert list(CHECKS[name][2](CASES[name][0])) == []


@pytest.mark.parametrize("name", CASES)
def test_the_wrong_is_stopped_with_a_reason_and_a_cure(name: str) -> None:
    assert list(CHECKS[name][2](CASES[name][1])) == [CASES[name][2]]


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (
            {"image": "r/app:latest"},
            "container app runs an image whose tag moves: name a digest or an immutable version",
        ),
        ({"image": "r/app"}, "container app runs an image whose tag moves: name a digest or an immutable version"),
        (
            {"environment": [{"name": "DB_PASSWORD", "value": "x"}]},
            "container app has DB_PASSWORD in plain text: put it into `secrets` by ARN",
        ),
        ({"user": "0:0"}, "container app runs as root: give a user above 0"),
        ({"user": "root"}, "container app runs as root: give a user above 0"),
        ({"logConfiguration": None}, "container app has no log driver: nobody could read why it died"),
    ],
)
def test_a_container_is_closed_in_every_way(change: dict[str, object], sentence: str) -> None:
    assert list(CHECKS["closed-containers"][2](task(**change))) == [sentence]


def test_a_digest_never_moves() -> None:
    assert list(CHECKS["closed-containers"][2](task(image=f"r/app@sha256:{'a' * 64}"))) == []


@pytest.mark.parametrize("name", ["closed-containers", "least-rights"])
def test_nothing_is_said_about_a_document_that_is_not_known_yet(name: str) -> None:
    unknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
    assert list(CHECKS[name][2]({"containerDefinitions": unknown, "policy": unknown})) == []
