"""Parameters, secrets, image repositories: it cannot prove that anybody may read them, since moto checks no permission."""

import json
from typing import Any

import pytest
from pulumi.runtime.proto import provider_pb2

from localcloud.aws.row import UNSERVED
from localcloud.provider import wire

PARAMETER = "aws:ssm/parameter:Parameter"
SECRET = "aws:secretsmanager/secret:Secret"
VERSION = "aws:secretsmanager/secretVersion:SecretVersion"
SECRET_POLICY = "aws:secretsmanager/secretPolicy:SecretPolicy"
REPOSITORY = "aws:ecr/repository:Repository"
LIFECYCLE = "aws:ecr/lifecyclePolicy:LifecyclePolicy"
REPOSITORY_POLICY = "aws:ecr/repositoryPolicy:RepositoryPolicy"

POLICY = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Principal": "*", "Action": "secretsmanager:GetSecretValue", "Resource": "*"}
        ],
    }
)
PULL = json.dumps(
    {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "ecr:BatchGetImage"}]}
)
PUSH = json.dumps(
    {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "ecr:PutImage"}]}
)


def expire(count: int) -> str:
    rule = {
        "rulePriority": 1,
        "selection": {"tagStatus": "any", "countType": "imageCountMoreThan", "countNumber": count},
        "action": {"type": "expire"},
    }
    return json.dumps({"rules": [rule]})


CASES = [
    pytest.param(PARAMETER, {"type": "String", "value": "a", "description": "d", "tags": {"a": "1"}},
    {"type": "String", "value": "b"}, id="parameter"),
    pytest.param(PARAMETER, {"type": "SecureString", "value": "hush"}, {"type": "SecureString", "value": "hush hush"},
    id="secret parameter"),
    pytest.param(SECRET, {"name": "one", "description": "db", "tags": {"a": "1"}},
    {"name": "one", "description": "cache"}, id="secret"),
    pytest.param(SECRET, {"name": "two"}, {"name": "two", "policy": POLICY}, id="secret gets a policy"),
    pytest.param(REPOSITORY, {"tags": {"a": "1"}},
    {"imageTagMutability": "IMMUTABLE", "imageScanningConfiguration": {"scanOnPush": True}}, id="repository"),
    pytest.param(REPOSITORY,
    {"encryptionConfigurations": [{"encryptionType": "KMS", "kmsKey": "arn:aws:kms:eu-west-1:123456789012:key/1"}]},
    None, id="encrypted repository"),
]  # fmt: skip


@pytest.mark.parametrize(("token", "inputs", "changed"), CASES)
def test_it_lives_through_its_cycle(provider: Any, token: str, inputs: Any, changed: Any) -> None:
    made = provider.cycle(token, inputs, changed)
    provider.delete(made)
    assert provider.refresh(made) is None


def test_a_repository_has_its_documents(provider: Any) -> None:
    repository = provider.create(REPOSITORY, {"name": "web"})
    assert repository.state["repositoryUrl"] == "123456789012.dkr.ecr.eu-west-1.amazonaws.com/web"
    for token, one, other in ((LIFECYCLE, expire(5), expire(9)), (REPOSITORY_POLICY, PULL, PUSH)):
        made = provider.cycle(token, {"repository": "web", "policy": one}, {"repository": "web", "policy": other})
        provider.delete(made)
        assert provider.refresh(made) is None
    provider.delete(repository)


def test_a_secret_has_versions_and_a_policy(provider: Any) -> None:
    secret = provider.create(SECRET, {"name": "db", "recoveryWindowInDays": 0})
    version = provider.cycle(VERSION, {"secretId": secret.id, "secretString": "hush"})
    assert version.state["versionStages"] == ["AWSCURRENT"]
    assert provider.diff(version, {"secretId": secret.id, "secretString": "louder"}).replaces == ["secretString"]
    policy = provider.cycle(SECRET_POLICY, {"secretArn": secret.id, "policy": POLICY})
    provider.delete(policy)
    assert provider.refresh(policy) is None
    provider.delete(version)
    provider.delete(secret)


@pytest.mark.parametrize(
    ("token", "inputs", "failures"),
    [
        (PARAMETER, {"type": "String", "valueWo": "x", "valueWoVersion": 1},
        [("valueWo", UNSERVED), ("valueWoVersion", UNSERVED)]),
        (PARAMETER, {"type": "SecureString", "insecureValue": "x"},
        [("insecureValue", "not with 'type': 'SecureString', whose value is a secret: use 'value'")]),
        (PARAMETER, {"type": "Text", "value": "x"},
        [("type", "'Text' is not allowed; allowed are String, StringList, SecureString")]),
        (SECRET, {"recoveryWindowInDays": 5},
        [("recoveryWindowInDays", "5 is not allowed; allowed are 0 and 7 to 30")]),
        (REPOSITORY, {"imageTagMutability": "NEVER"},
        [("imageTagMutability",
        "'NEVER' is not allowed; allowed are MUTABLE, IMMUTABLE, IMMUTABLE_WITH_EXCLUSION, MUTABLE_WITH_EXCLUSION")]),
    ],
    ids=["write-only", "open secret", "type", "recovery", "mutability"],
)  # fmt: skip
def test_what_aws_would_refuse_is_refused_by_check(provider: Any, token: str, inputs: Any, failures: Any) -> None:
    assert sorted(provider.check(token, inputs)[1]) == failures


@pytest.mark.parametrize(
    ("token", "inputs", "name"),
    [
        (PARAMETER, {"name": "/db", "type": "SecureString", "value": "hush hush"}, "value"),
        (VERSION, {"secretId": "db", "secretString": "hush hush"}, "secretString"),
    ],
    ids=["parameter", "version"],
)
def test_a_secret_value_is_secret_in_the_state(provider: Any, token: str, inputs: Any, name: str) -> None:
    secret = provider.create(SECRET, {"name": "db", "recoveryWindowInDays": 0})
    properties = wire.struct(inputs, wire.Secrets(properties={name}))
    request = provider_pb2.CreateRequest(urn=provider.urn(token, "it"), type=token, properties=properties)
    state, marks = wire.plain(provider.stub.Create(request).properties)
    assert state[name] == "hush hush"
    assert marks.properties == {name}
    provider.delete(secret)
