"""Functions, databases, APIs, streams and users on the local cloud, as AWS has them; AWS's words are not proved here."""

import io
import json
import zipfile
from collections.abc import Callable
from typing import Any

import pytest

Scenario = Callable[[Any], tuple[Any, Any]]
SCENARIOS: list[Scenario] = []


def scenario(function: Scenario) -> Scenario:
    """What was observed, and what AWS does; run against moto as it is and with its gaps filled."""
    SCENARIOS.append(function)
    return function


def role(aws: Any, service: str) -> str:
    """The ARN of a new role that a service may take."""
    statement = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": service}}
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    return str(aws.iam.create_role(RoleName=aws.name(), AssumeRolePolicyDocument=document)["Role"]["Arn"])


def function(aws: Any, **members: Any) -> Any:
    """A function; `members` over the defaults."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as package:
        package.writestr("index.py", "def handler(event, context): return 1")
    values = {"FunctionName": aws.name(), "Runtime": "python3.13", "Handler": "index.handler"} | members
    values.setdefault("Role", role(aws, "lambda.amazonaws.com"))
    return aws.client("lambda").create_function(Code={"ZipFile": packed.getvalue()}, **values)


@scenario
def a_role_that_does_not_trust_lambda_is_refused(aws: Any) -> tuple[Any, Any]:
    other = role(aws, "ecs-tasks.amazonaws.com")
    expected = "InvalidParameterValueException: The role defined for the function cannot be assumed by Lambda."
    return aws.refusal(lambda: function(aws, Role=other)), expected


@scenario
def a_function_keeps_its_settings_and_changes_them(aws: Any) -> tuple[Any, Any]:
    client, queue = aws.client("lambda"), "arn:aws:sqs:eu-west-1:123456789012:dead"
    name = function(aws, DeadLetterConfig={"TargetArn": queue})["FunctionName"]
    first = client.get_function_configuration(FunctionName=name)
    client.update_function_configuration(
        FunctionName=name, DeadLetterConfig={"TargetArn": ""}, TracingConfig={"Mode": "Active"},
        EphemeralStorage={"Size": 1024}, LoggingConfig={"LogFormat": "JSON"}, Environment={},
    )  # fmt: skip
    then = client.get_function_configuration(FunctionName=name)
    seen = (first["DeadLetterConfig"], first["LoggingConfig"], "DeadLetterConfig" in then, then["TracingConfig"],
            then["EphemeralStorage"], then["LoggingConfig"])  # fmt: skip
    group = f"/aws/lambda/{name}"
    return seen, (
        {"TargetArn": queue}, {"LogFormat": "Text", "LogGroup": group}, False, {"Mode": "Active"}, {"Size": 1024},
        {"LogFormat": "JSON", "LogGroup": group},
    )  # fmt: skip


@scenario
def a_function_is_in_the_network_of_its_subnets(aws: Any) -> tuple[Any, Any]:
    vpc, subnets = aws.network()
    group = aws.ec2.create_security_group(GroupName=aws.name(), Description="x", VpcId=vpc)["GroupId"]
    made = function(aws, VpcConfig={"SubnetIds": subnets, "SecurityGroupIds": [group]})
    return made["VpcConfig"]["VpcId"], vpc


@scenario
def conditions_of_a_permission_stand_beside_each_other(aws: Any) -> tuple[Any, Any]:
    client, name = aws.client("lambda"), function(aws)["FunctionName"]
    client.add_permission(
        FunctionName=name, StatementId="a", Action="lambda:InvokeFunctionUrl", Principal="123456789012",
        SourceAccount="123456789012", PrincipalOrgID="o-1234567890", FunctionUrlAuthType="AWS_IAM",
    )  # fmt: skip
    statement = json.loads(client.get_policy(FunctionName=name)["Policy"])["Statement"][0]
    return (statement["Principal"], statement["Condition"]), (
        {"AWS": "arn:aws:iam::123456789012:root"},
        {
            "StringEquals": {
                "AWS:SourceAccount": "123456789012",
                "aws:PrincipalOrgID": "o-1234567890",
                "lambda:FunctionUrlAuthType": "AWS_IAM",
            }
        },
    )


@scenario
def the_id_of_a_permission_is_taken_once(aws: Any) -> tuple[Any, Any]:
    client, name = aws.client("lambda"), function(aws)["FunctionName"]
    asked = {
        "FunctionName": name,
        "StatementId": "a",
        "Action": "lambda:InvokeFunction",
        "Principal": "s3.amazonaws.com",
    }
    client.add_permission(**asked)
    return aws.refusal(lambda: client.add_permission(**asked)), (
        "ResourceConflictException: The statement id (a) provided already exists. "
        "Please provide a new statement id, or remove the existing statement."
    )


@scenario
def a_function_has_one_url_that_ends_in_a_slash(aws: Any) -> tuple[Any, Any]:
    client, name = aws.client("lambda"), function(aws)["FunctionName"]
    made = client.create_function_url_config(FunctionName=name, AuthType="NONE")
    again = aws.refusal(lambda: client.create_function_url_config(FunctionName=name, AuthType="NONE"))
    return (made["FunctionUrl"][-8:], made["InvokeMode"], again.split(":")[0]), (
        ".on.aws/", "BUFFERED", "ResourceConflictException",
    )  # fmt: skip


@scenario
def an_invocation_starts_no_container(aws: Any) -> tuple[Any, Any]:
    client, name = aws.client("lambda"), function(aws)["FunctionName"]
    return "FunctionError" in client.invoke(FunctionName=name), False


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.__name__)
def test_the_local_cloud_does_as_aws(scenario: Scenario, filled_aws: Any) -> None:
    observed, expected = scenario(filled_aws)
    assert observed == expected


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.__name__)
def test_moto_still_needs_the_patch(scenario: Scenario, plain_aws: Any) -> None:
    assert plain_aws.lacks(scenario), "moto does this by itself now: remove the patch"
