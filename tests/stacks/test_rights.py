"""Every right that a shipped stack gives away, and why each wildcard stands. It cannot prove that AWS needs no further one."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.recording import Registration
from tests.stacks.test_compositions import SHIPPED, built

Statement = dict[str, Any]
ANYWHERE = {
    "ecr:GetAuthorizationToken": "it knows no resource (Service Authorization Reference, Amazon ECR)",
}
"""Action of a role that may name every resource, and why."""
MANAGED = {
    "AmazonSSMManagedInstanceCore": "Session Manager, Run Command and patching, as decided (docs/decisions/0013)",
}
"""AWS's own policy that a role may have, and why."""


def statements(resource: Registration, field: str) -> list[Statement]:
    found = json.loads(resource.inputs[field])["Statement"]
    return found if isinstance(found, list) else [found]


def listed(value: Any) -> list[str]:
    return value if isinstance(value, list) else [value]


def rights(stack: str) -> Iterator[tuple[str, Statement]]:
    for policy in built(stack).of("RolePolicy"):
        for statement in statements(policy, "policy"):
            yield policy.name, statement


@pytest.mark.parametrize("stack", SHIPPED)
def test_no_role_may_touch_every_resource_but_where_aws_knows_none(stack: str) -> None:
    wide = {action for _, one in rights(stack) if "*" in listed(one["Resource"]) for action in listed(one["Action"])}
    assert wide <= ANYWHERE.keys()


@pytest.mark.parametrize("stack", SHIPPED)
def test_no_right_has_a_wildcard_in_its_action_or_in_the_name_of_its_resource(stack: str) -> None:
    actions = [action for _, one in rights(stack) for action in listed(one["Action"])]
    assert [action for action in actions if "*" in action] == []
    tails = [arn for _, one in rights(stack) for arn in listed(one["Resource"]) if arn != "*"]
    assert [arn for arn in tails if "*" in arn.removesuffix(":*")] == [], "only the streams of one log group"


@pytest.mark.parametrize("stack", SHIPPED)
def test_only_aws_policies_that_were_chosen_are_attached(stack: str) -> None:
    names = {each.inputs["policyArn"].rsplit("/", 1)[-1] for each in built(stack).of("RolePolicyAttachment")}
    assert names <= MANAGED.keys()


@pytest.mark.parametrize("stack", SHIPPED)
def test_a_role_is_taken_by_one_service_and_by_nobody_else(stack: str) -> None:
    takers = {
        one["Principal"]["Service"]
        for role in built(stack).of("aws:iam/role:Role")
        for one in statements(role, "assumeRolePolicy")
    }
    assert takers <= {"ecs-tasks.amazonaws.com", "vpc-flow-logs.amazonaws.com", "ec2.amazonaws.com"}


def test_the_execution_role_of_production_reads_its_own_secret_and_image_and_nothing_else() -> None:
    account, region = "345678901234", "eu-central-1"
    own = [one for name, one in rights("prod") if name == "web-execution-policy"]
    assert [(one["Action"], one["Resource"]) for one in own] == [
        (
            ["logs:CreateLogStream", "logs:PutLogEvents"],
            [f"arn:aws:cloudwatch:{region}:123456789012:web-log-group:*"],
        ),
        (
            ["secretsmanager:GetSecretValue"],
            [f"arn:aws:secretsmanager:{region}:{account}:secret:web/session-key-d4e5f6"],
        ),
        (
            ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
            [f"arn:aws:ecr:{region}:{account}:repository/shop/web"],
        ),
        (["ecr:GetAuthorizationToken"], ["*"]),
    ]


def test_an_application_that_asks_for_nothing_has_no_policy() -> None:
    assert [each.name for each in built("prod").of("RolePolicy") if each.name.endswith("task-policy")] == []


@pytest.mark.parametrize("stack", SHIPPED)
def test_policies_of_resources_let_in_services_of_aws_alone(stack: str) -> None:
    found = {
        (each.type.rsplit(":", 1)[-1], one.get("Sid")): one["Principal"]
        for kind in ("BucketPolicy", "TopicPolicy", "KeyPolicy", "aws:kms/key:Key")
        for each in built(stack).of(kind)
        if "policy" in each.inputs
        for one in statements(each, "policy")
        if one["Effect"] == "Allow"
    }
    others = {place: who for place, who in found.items() if "Service" not in who}
    own = {
        ("Key", "Administration"): {"AWS": "123456789012"},
        ("KeyPolicy", "Administration"): {"AWS": "arn:aws:iam::123456789012:root"},
    }
    assert others.items() <= own.items(), "a key's owner is its own account"
