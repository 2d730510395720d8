"""Which IAM action a request needs, from its form, its target or its path. Cannot prove that AWS asks for no other: its
own list of actions is not here, only botocore's of operations."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import botocore.session
import pytest

from localcloud.aws import rights
from localcloud.aws.journal_file import Entry
from stacks.bootstrap.account import DEPLOY_ACTIONS, deploy_statements

NOT_OPERATIONS = {
    "iam:PassRole",
    "s3:PutEncryptionConfiguration",
    "s3:PutLifecycleConfiguration",
    "s3:PutBucketPublicAccessBlock",
}
STATEMENTS = {one["Sid"]: one["Action"] for one in json.loads(DEPLOY_ACTIONS.read_text())["Statement"]}
ALLOWED = [action for actions in STATEMENTS.values() for action in actions]


def entry(
    service: str, method: str = "POST", path: str = "/", query: str = "", target: str = "", body: str = ""
) -> Entry:
    scope = f"Credential=ACCT0000123456789012/20260105/eu-central-1/{service}/aws4_request"
    environment: dict[str, Any] = {
        "REQUEST_METHOD": method,
        "PATH_INFO": path,
        "QUERY_STRING": query,
        "HTTP_AUTHORIZATION": f"AWS4-HMAC-SHA256 {scope}, SignedHeaders=host;x-amz-date, Signature={'0' * 64}",
        "HTTP_X_AMZ_DATE": "20260105T120000Z",
    }
    return Entry(0.0, "", environment | ({"HTTP_X_AMZ_TARGET": target} if target else {}), body.encode(), 1)


REQUESTS = {
    "ec2:CreateVpc": entry("ec2", body="Action=CreateVpc&Version=2016-11-15"),
    "elasticloadbalancing:CreateRule": entry("elasticloadbalancing", body="Version=2015-12-01&Action=CreateRule"),
    "cloudwatch:PutMetricAlarm": entry("monitoring", target="GraniteServiceVersion20100801.PutMetricAlarm"),
    "ecs:CreateService": entry("ecs", target="AmazonEC2ContainerServiceV20141113.CreateService"),
    "s3:CreateBucket": entry("s3", "PUT", "/states"),
    "s3:DeleteBucket": entry("s3", "DELETE", "/states"),
    "s3:ListAllMyBuckets": entry("s3", "GET", "/"),
    "s3:ListBucket": entry("s3", "HEAD", "/states"),
    "s3:GetEncryptionConfiguration": entry("s3", "GET", "/states", "encryption"),
    "s3:PutObject": entry("s3", "PUT", "/states/a/b.json"),
    "s3:PutBucketPolicy": entry("s3", "PUT", "/states", "policy"),
    "s3:PutBucketVersioning": entry("s3", "PUT", "/states", "versioning="),
    "s3:PutEncryptionConfiguration": entry("s3", "PUT", "/states", "encryption"),
    "s3:PutLifecycleConfiguration": entry("s3", "PUT", "/states", "lifecycle"),
    "s3:PutBucketPublicAccessBlock": entry("s3", "DELETE", "/states", "publicAccessBlock"),
    "elasticfilesystem:CreateFileSystem": entry("elasticfilesystem", "POST", "/2015-02-01/file-systems"),
    "lambda:CreateFunction": entry("lambda", "POST", "/2015-03-31/functions"),
}


@pytest.mark.parametrize("action", REQUESTS)
def test_a_request_needs_the_action_of_its_operation(tmp_path: Path, action: str) -> None:
    journal = tmp_path / "journal"
    journal.write_bytes(b"{}\n" + REQUESTS[action].line())
    assert rights.actions_of(journal) == {action}


def test_a_request_of_no_operation_is_told(tmp_path: Path) -> None:
    journal = tmp_path / "journal"
    journal.write_bytes(b"{}\n" + entry("lambda", "PUT", "/nothing").line())
    with pytest.raises(ValueError, match="lambda has no operation PUT /nothing"):
        rights.actions_of(journal)


def test_a_policy_holds_what_aws_asks_for_beside_an_operation() -> None:
    written = {"iam:CreateRole", "ecs:RegisterTaskDefinition", "ecs:UntagResource"}
    policy = rights.policy(written)
    assert {one["Sid"]: set(one["Action"]) for one in policy["Statement"]} == {
        "Written": written,
        "AskedForBeside": {"iam:TagRole", "ecs:TagResource", "iam:PassRole"},
        "ChangesInPlace": rights.IN_PLACE - written,
    }


@pytest.mark.parametrize("action", sorted(set(ALLOWED) - NOT_OPERATIONS))
def test_every_action_of_the_deploy_role_is_an_operation_of_its_service(action: str) -> None:
    prefix, _, operation = action.partition(":")
    service = {"elasticloadbalancing": "elbv2"}.get(prefix, prefix)
    assert operation in botocore.session.get_session().get_service_model(service).operation_names


def test_a_deploy_role_may_not_change_itself_nor_the_states() -> None:
    statements = deploy_statements(
        "123456789012",
        "arn:aws:s3:::states",
        "arn:aws:kms:k",
        "arn:aws:iam::123456789012:oidc-provider/x",
        "arn:boundary",
    )
    denied = {one["Sid"]: one for one in statements if one["Effect"] == "Deny"}
    assert denied["NotItself"]["Action"] == "iam:*"
    assert "arn:aws:iam::123456789012:role/accordion-deploy-*" in denied["NotItself"]["Resource"]
    assert denied["NotTheStates"]["Resource"] == ["arn:aws:s3:::states", "arn:aws:kms:k"]
