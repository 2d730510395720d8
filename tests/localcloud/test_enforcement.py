"""Policies hold on the local cloud when it is told which role its keys act as. Cannot prove that AWS evaluates as moto
does, whose evaluation this is; what is left out stands in `localcloud.aws.enforcement`."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from localcloud.aws.enforcement import VARIABLE, Caller, Right, rights_of
from localcloud.aws.journal_file import Entry
from operations.live import calls
from stacks.bootstrap.account import BOUNDED, DEPLOY_ACTIONS, PASSED_TO, boundary_statements, deploy_statements
from tests.localcloud.conftest import Aws
from tests.localcloud.test_rights import REQUESTS

ACCOUNT = "123456789012"
BUCKET, KEY = "arn:aws:s3:::states", f"arn:aws:kms:eu-central-1:{ACCOUNT}:key/1"
BOUNDARY, ISSUER = f"arn:aws:iam::{ACCOUNT}:policy/accordion-boundary", f"arn:aws:iam::{ACCOUNT}:oidc-provider/x"
DEPLOY = deploy_statements(ACCOUNT, BUCKET, KEY, ISSUER, BOUNDARY)
LISTED = json.loads(DEPLOY_ACTIONS.read_text())["Statement"]
ACTIONS = sorted(action for statement in LISTED for action in statement["Action"])


def document(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def caller(*statements: dict[str, Any], boundary: str | None = None) -> Caller:
    return Caller("somebody", (document(*statements),), boundary)


def allow(*actions: str, resource: str = "*", **condition: Any) -> dict[str, Any]:
    extra = {"Condition": condition} if condition else {}
    return {"Effect": "Allow", "Action": list(actions), "Resource": resource, **extra}


def deny(*actions: str, resource: str = "*", **condition: Any) -> dict[str, Any]:
    return allow(*actions, resource=resource, **condition) | {"Effect": "Deny"}


BOUNDED_TO = {"iam:PermissionsBoundary": "arn:b"}
JUDGED = {
    "what is named": (True, [allow("ecs:CreateService")], Right("ecs:CreateService")),
    "what is not named": (False, [allow("ecs:CreateService")], Right("ecs:DeleteService")),
    "a star": (True, [allow("ecs:Create*")], Right("ecs:CreateService")),
    "a question mark": (True, [allow("s3:Get?cl")], Right("s3:GetAcl")),
    "a dot is a dot": (False, [allow("ec2:Create.pc")], Right("ec2:CreateVpc")),
    "another case": (True, [allow("ECS:createservice")], Right("ecs:CreateService")),
    "nothing at all": (False, [], Right("ecs:CreateService")),
    "denied beside allowed": (False, [allow("*"), deny("iam:*")], Right("iam:GetRole")),
    "denied on another resource": (True, [allow("*"), deny("s3:*", resource="arn:a")], Right("s3:X", "arn:b")),
    "another resource": (False, [allow("s3:*", resource="arn:a*")], Right("s3:X", "arn:b")),
    "a condition that holds": (
        True, [allow("iam:*", StringEquals=BOUNDED_TO)], Right("iam:CreateRole", "*", {"iam:permissionsboundary": "arn:b"}),
    ),
    "a condition that does not": (
        False, [allow("iam:*", StringEquals=BOUNDED_TO)], Right("iam:CreateRole", "*", {"iam:permissionsboundary": "arn:c"}),
    ),
    "a condition on what is not said": (False, [allow("iam:*", StringEquals=BOUNDED_TO)], Right("iam:CreateRole")),
    "a refusal whose condition does not hold": (
        True, [allow("*"), deny("iam:*", StringEquals=BOUNDED_TO)], Right("iam:CreateRole"),
    ),
    "a refusal of all but one": (False, [allow("*"), deny("iam:*", StringNotEquals=BOUNDED_TO)], Right("iam:CreateRole")),
    "one of several values": (
        True, [allow("iam:*", StringLike={"iam:PassedToService": ["ec2.*", "ecs.*"]})],
        Right("iam:PassRole", "*", {"iam:passedtoservice": "ecs.amazonaws.com"}),
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", JUDGED)
def test_policies_allow_what_aws_says_they_allow(what: str) -> None:
    allowed, statements, right = JUDGED[what]
    assert caller(*statements).may(right) is allowed


def test_an_operator_that_is_not_known_is_no_guess() -> None:
    with pytest.raises(NotImplementedError, match="NumericLessThan is not evaluated"):
        caller(allow("iam:*", NumericLessThan={"aws:MultiFactorAuthAge": "60"})).may(Right("iam:GetRole"))


def test_rights_end_at_the_boundary() -> None:
    within = caller(allow("*"), boundary=document(*boundary_statements(ACCOUNT, BUCKET, KEY)))
    assert within.may(Right("dynamodb:PutItem"))
    assert not within.may(Right("iam:CreateUser"))
    assert not within.may(Right("s3:GetObject", f"{BUCKET}/state.json"))
    assert not within.may(Right("sts:AssumeRole", f"arn:aws:iam::{ACCOUNT}:role/accordion-deploy-prod"))
    assert within.may(Right("sts:AssumeRole", f"arn:aws:iam::{ACCOUNT}:role/of-another-application"))


ROLE = f"arn:aws:iam::{ACCOUNT}:role/web-task"
OWN = f"arn:aws:iam::{ACCOUNT}:role/accordion-deploy-prod"
WITHIN, BEYOND = {"iam:permissionsboundary": BOUNDARY}, {"iam:permissionsboundary": "arn:aws:iam::aws:policy/Other"}


@pytest.mark.parametrize("action", sorted(BOUNDED))
def test_a_deploy_role_gives_rights_within_the_boundary_alone(action: str) -> None:
    deploys = caller(*DEPLOY)
    assert deploys.may(Right(action, ROLE, WITHIN))
    assert not deploys.may(Right(action, ROLE, BEYOND))
    assert not deploys.may(Right(action, ROLE))
    assert not deploys.may(Right(action, OWN, WITHIN)), "its own"


@pytest.mark.parametrize(
    "action",
    ["iam:DeleteRolePermissionsBoundary", "iam:UpdateAssumeRolePolicy", "iam:CreatePolicyVersion", "iam:CreateUser",
     "iam:CreateAccessKey", "sts:AssumeRole"],
)  # fmt: skip
def test_no_way_around_the_boundary_is_on_the_list(action: str) -> None:
    for said in ({}, WITHIN):
        assert not caller(*DEPLOY).may(Right(action, ROLE, said))


@pytest.mark.parametrize("service", PASSED_TO)
def test_a_deploy_role_hands_roles_to_the_services_of_stacks_alone(service: str) -> None:
    assert caller(*DEPLOY).may(Right("iam:PassRole", ROLE, {"iam:passedtoservice": service}))
    assert not caller(*DEPLOY).may(Right("iam:PassRole", ROLE, {"iam:passedtoservice": "lambda.amazonaws.com"}))


def _of_the_deploy_role(action: str) -> Right:
    said = {"iam:permissionsboundary": BOUNDARY, "iam:passedtoservice": PASSED_TO[0]}
    return Right(action, "*", said)


@pytest.mark.parametrize("action", ACTIONS)
def test_each_action_of_a_deploy_role_is_allowed_and_without_it_refused(action: str) -> None:
    without = [
        {**one, "Action": [each for each in one["Action"] if each != action]} if one["Effect"] == "Allow" else one
        for one in DEPLOY
    ]
    assert caller(*DEPLOY).may(_of_the_deploy_role(action))
    assert not caller(*without).may(_of_the_deploy_role(action)), "no other statement allows it"


@pytest.mark.parametrize("action", calls.policy()["Statement"][0]["Action"])
def test_each_action_of_the_monitor_is_allowed_and_without_it_refused(action: str) -> None:
    (statement,) = calls.policy()["Statement"]
    without = {**statement, "Action": [each for each in statement["Action"] if each != action]}
    assert caller(statement).may(Right(action))
    assert not caller(without).may(Right(action))


def test_a_request_needs_what_aws_asks_for_beside_it() -> None:
    entry = REQUESTS["ecs:CreateService"]
    assert rights_of(ACCOUNT, entry.environment, entry.body, {}) == [
        Right("ecs:CreateService"),
        Right("iam:PassRole", "*", {"iam:passedtoservice": "ecs.amazonaws.com"}),
        Right("ecs:TagResource"),
    ]


def form(service: str, body: str) -> Entry:
    made = REQUESTS["ec2:CreateVpc"]
    scope = str(made.environment["HTTP_AUTHORIZATION"]).replace("/ec2/", f"/{service}/")
    return Entry(0.0, "", made.environment | {"HTTP_AUTHORIZATION": scope}, body.encode(), 1)


def test_roles_are_told_with_the_boundary_that_they_have_or_get() -> None:
    made = form("iam", "Action=CreateRole&RoleName=a&PermissionsBoundary=arn%3Ab")
    written = form("iam", "Action=PutRolePolicy&RoleName=a&PolicyName=x")
    arn = f"arn:aws:iam::{ACCOUNT}:role/a"
    assert rights_of(ACCOUNT, made.environment, made.body, {})[0] == Right(
        "iam:CreateRole", arn, {"iam:permissionsboundary": "arn:b"}
    )
    assert rights_of(ACCOUNT, written.environment, written.body, {"a": "arn:c"})[0].said == {
        "iam:permissionsboundary": "arn:c"
    }
    assert rights_of(ACCOUNT, written.environment, written.body, {})[0].said == {}


@pytest.fixture
def acting(start_aws: Callable[..., Aws], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[[str], Aws]:
    """f(role) -> the stand-in, begun anew on one journal, whose keys act as this role; "": as they are."""

    def begin(role: str) -> Aws:
        monkeypatch.setenv(VARIABLE, role) if role else monkeypatch.delenv(VARIABLE, raising=False)
        return start_aws(tmp_path / "journal")

    return begin


def refusal(call: Callable[[], Any]) -> tuple[str, str]:
    with pytest.raises(ClientError) as refused:
        call()
    return refused.value.response["Error"]["Code"], refused.value.response["Error"]["Message"]


def test_keys_of_the_account_act_as_the_role_whatever_protocol_a_service_speaks(acting: Callable[[str], Aws]) -> None:
    first = acting("")
    iam = first.iam
    iam.create_role(RoleName="app", AssumeRolePolicyDocument=document())
    statements = [allow("sqs:ListQueues", "ec2:Describe*", "s3:ListAllMyBuckets", "iam:ListRoles", "cloudwatch:List*")]
    iam.put_role_policy(RoleName="app", PolicyName="own", PolicyDocument=document(*statements))
    first.end()
    aws = acting("app")
    aws.sqs.list_queues()
    aws.ec2.describe_vpcs()
    aws.s3.list_buckets()
    aws.cloudwatch.list_metrics()
    assert aws.sts.get_caller_identity()["Account"] == ACCOUNT
    who = f"User: arn:aws:sts::{ACCOUNT}:assumed-role/app/accordion is not authorized to perform: "
    assert refusal(lambda: aws.sqs.create_queue(QueueName="a")) == ("AccessDenied", f"{who}sqs:CreateQueue")
    assert refusal(lambda: aws.ec2.create_vpc(CidrBlock="10.0.0.0/16")) == (
        "UnauthorizedOperation",
        f"{who}ec2:CreateVpc",
    )
    assert refusal(lambda: aws.s3.create_bucket(Bucket="a-b-c")) == (
        "AccessDenied", f"{who}s3:CreateBucket on resource: arn:aws:s3:::a-b-c",
    )  # fmt: skip
    assert refusal(lambda: aws.iam.delete_role(RoleName="app")) == (
        "AccessDenied", f"{who}iam:DeleteRole on resource: arn:aws:iam::{ACCOUNT}:role/app",
    )  # fmt: skip
    assert (
        refusal(lambda: aws.cloudwatch.put_metric_data(Namespace="a", MetricData=[]))[1]
        == f"{who}cloudwatch:PutMetricData"
    )
    aws.end()
    assert acting("").sqs.list_queues().get("QueueUrls", []) == [], "what was refused is in no journal"


def test_a_role_that_is_not_there_may_do_nothing(acting: Callable[[str], Aws]) -> None:
    told = f"the account {ACCOUNT} has no role gone, which {VARIABLE} names"
    assert refusal(lambda: acting("gone").sqs.list_queues()) == ("AccessDenied", told)
