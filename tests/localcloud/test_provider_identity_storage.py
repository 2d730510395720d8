"""The rows of identity, buckets and keys, over gRPC against moto. It cannot prove that AWS itself would answer the same."""

import json
from typing import Any

import pytest

ROLE, BUCKET = "aws:iam/role:Role", "aws:s3/bucket:Bucket"
READ_ONLY = "arn:aws:iam::aws:policy/ReadOnlyAccess"
TASK_ROLE = "arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy"


def trust(service: str) -> str:
    statement = {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def allow(*actions: str) -> str:
    return json.dumps(
        {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": list(actions), "Resource": "*"}]}
    )


BARRED = (
    "'public-read' is refused: a new bucket allows no access lists; use aws.s3.BucketOwnershipControls and "
    "aws.s3.BucketAcl"
)


@pytest.fixture
def role(provider: Any) -> Any:
    return provider.create(ROLE, {"assumeRolePolicy": trust("ecs-tasks.amazonaws.com")})


@pytest.fixture
def bucket(provider: Any) -> Any:
    return provider.create(BUCKET, {})


def test_a_role_lives_through_its_life(provider: Any) -> None:
    made = provider.cycle(
        ROLE,
        {
            "assumeRolePolicy": trust("ecs-tasks.amazonaws.com"), "description": "runs tasks", "maxSessionDuration": 7200, "path": "/app/",
            "managedPolicyArns": [READ_ONLY], "inlinePolicies": [{"name": "logs", "policy": allow("logs:PutLogEvents")}], "tags": {"a": "b"},
        },
        {
            "assumeRolePolicy": trust("ec2.amazonaws.com"), "path": "/app/", "managedPolicyArns": [TASK_ROLE, READ_ONLY],
            "inlinePolicies": [{"name": "logs", "policy": allow("logs:CreateLogStream")}],
        },
    )  # fmt: skip
    assert made.state["arn"] == f"arn:aws:iam::123456789012:role/app/{made.id}"
    assert made.state["uniqueId"].startswith("AROA")
    provider.delete(made)
    assert provider.refresh(made) is None


def test_another_way_to_write_the_same_policy_is_no_difference(provider: Any, role: Any) -> None:
    document = json.loads(trust("ecs-tasks.amazonaws.com"))
    document["Statement"][0]["Action"] = ["sts:AssumeRole"]
    found = provider.diff(role, {"assumeRolePolicy": json.dumps(document, indent=2)})
    assert found.detail == {}


def test_the_policies_of_a_role(provider: Any, role: Any) -> None:
    own = provider.cycle(
        "aws:iam/rolePolicy:RolePolicy",
        {"role": role.id, "name": "own", "policy": allow("s3:GetObject")},
        {"role": role.id, "name": "own", "policy": allow("s3:PutObject")},
        f"{role.id}:own",
    )
    managed = provider.cycle(
        "aws:iam/policy:Policy",
        {"policy": allow("s3:GetObject")},
        {"policy": allow("s3:PutObject"), "tags": {"a": "b"}},
    )
    tied = provider.cycle(
        "aws:iam/rolePolicyAttachment:RolePolicyAttachment", {"role": role.id, "policyArn": managed.state["arn"]}
    )
    profile = provider.cycle(
        "aws:iam/instanceProfile:InstanceProfile", {"role": role.id}, {"role": role.id, "tags": {"a": "b"}}
    )
    for resource in (tied, own, managed, profile, role):
        provider.delete(resource)
        assert provider.refresh(resource) is None


def test_a_role_that_has_policies_is_not_deleted(provider: Any, role: Any) -> None:
    provider.create("aws:iam/rolePolicyAttachment:RolePolicyAttachment", {"role": role.id, "policyArn": READ_ONLY})
    with pytest.raises(
        Exception,
        match=r"^DeleteRole was refused: DeleteConflict: Cannot delete entity, must detach all policies first\.$",
    ):
        provider.delete(role)


def test_a_bucket_lives_through_its_life(provider: Any, cloud: Any) -> None:
    made = provider.cycle(BUCKET, {"forceDestroy": True, "tags": {"a": "b"}}, {"tags": {"a": "c"}})
    assert made.state["arn"] == f"arn:aws:s3:::{made.id}"
    assert made.state["bucketRegionalDomainName"] == f"{made.id}.s3.eu-west-1.amazonaws.com"
    provider.delete(made)
    assert provider.refresh(made) is None


def test_the_parts_of_a_bucket(provider: Any, bucket: Any) -> None:
    statement = {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": f"arn:aws:s3:::{bucket.id}/*"}
    policy = {"Version": "2012-10-17", "Statement": [statement]}
    expire = {"id": "old", "status": "Enabled", "expiration": {"days": 30}}
    key = {
        "applyServerSideEncryptionByDefault": {"sseAlgorithm": "aws:kms", "kmsMasterKeyId": "k"},
        "bucketKeyEnabled": True,
        "blockedEncryptionTypes": ["SSE-C"],
    }
    plain = {"applyServerSideEncryptionByDefault": {"sseAlgorithm": "AES256"}}
    for token, inputs, changed in (
        ("bucketPolicy:BucketPolicy", {"policy": json.dumps(policy)}, {"policy": json.dumps(policy | {"Id": "x"})}),
        (
            "bucketPublicAccessBlock:BucketPublicAccessBlock",
            {
                "blockPublicAcls": True,
                "blockPublicPolicy": True,
                "ignorePublicAcls": True,
                "restrictPublicBuckets": True,
            },
            {"blockPublicAcls": True},
        ),
        (
            "bucketLifecycleConfiguration:BucketLifecycleConfiguration",
            {"rules": [expire]},
            {"rules": [expire | {"expiration": {"days": 60}, "filter": {"prefix": "logs/"}}]},
        ),
        (
            "bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
            {"rules": [plain]},
            {"rules": [key]},
        ),
        (
            "bucketVersioning:BucketVersioning",
            {"versioningConfiguration": {"status": "Enabled"}},
            {"versioningConfiguration": {"status": "Suspended"}},
        ),
        (
            "bucketOwnershipControls:BucketOwnershipControls",
            {"rule": {"objectOwnership": "BucketOwnerPreferred"}},
            {"rule": {"objectOwnership": "BucketOwnerEnforced"}},
        ),
    ):
        made = provider.cycle(f"aws:s3/{token}", {"bucket": bucket.id} | inputs, {"bucket": bucket.id} | changed)
        provider.delete(made)
    provider.delete(bucket)


def test_a_key_and_its_alias_live_through_their_lives(provider: Any, cloud: Any) -> None:
    made = provider.cycle(
        "aws:kms/key:Key",
        {"description": "one", "enableKeyRotation": True, "rotationPeriodInDays": 100, "deletionWindowInDays": 7, "tags": {"a": "b"}},
        {"description": "two", "policy": json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "kms:*", "Resource": "*"}]})},
    )  # fmt: skip
    other = provider.create("aws:kms/key:Key", {})
    alias = provider.cycle(
        "aws:kms/alias:Alias", {"targetKeyId": made.state["keyId"]}, {"targetKeyId": other.state["keyId"]}
    )
    assert alias.id.startswith("alias/thing-")
    for resource in (alias, made):
        provider.delete(resource)
        assert provider.refresh(resource) is None


@pytest.mark.parametrize(
    ("token", "inputs", "failure"),
    [
        (ROLE, {"assumeRolePolicy": "{"}, ("assumeRolePolicy", "is no JSON: Expecting property name enclosed in double quotes: line 1 column 2 (char 1)")),
        (ROLE, {"assumeRolePolicy": "{}"}, ("assumeRolePolicy", "is no policy document: it has no 'Statement'")),
        (ROLE, {"assumeRolePolicy": trust("a"), "maxSessionDuration": 60}, ("maxSessionDuration", "60 is below the allowed 3600")),
        (
            "aws:s3/bucketOwnershipControls:BucketOwnershipControls",
            {"bucket": "b", "rule": {"objectOwnership": "Mine"}},
            ("rule.objectOwnership", "'Mine' is not allowed; allowed are BucketOwnerPreferred, ObjectWriter, BucketOwnerEnforced"),
        ),
        ("aws:kms/key:Key", {"deletionWindowInDays": 3}, ("deletionWindowInDays", "3 is not within 7 to 30 days")),
        ("aws:kms/alias:Alias", {"name": "mine", "targetKeyId": "k"}, ("name", "must begin with 'alias/', and not with 'alias/aws/'")),
        (
            BUCKET,
            {"acl": "public-read"},
            (
                "acl",
                BARRED,
            ),
        ),
    ],
)  # fmt: skip
def test_what_aws_would_refuse_is_refused_in_the_preview(
    provider: Any, token: str, inputs: dict[str, Any], failure: tuple[str, str]
) -> None:
    assert failure in provider.check(token, inputs)[1]
