"""Cloud Map and EventBridge: it cannot prove that a name resolves or that an event is delivered."""

import json
from typing import Any

import pytest

HTTP = "aws:servicediscovery/httpNamespace:HttpNamespace"
PRIVATE = "aws:servicediscovery/privateDnsNamespace:PrivateDnsNamespace"
SERVICE = "aws:servicediscovery/service:Service"
RULE = "aws:cloudwatch/eventRule:EventRule"
TARGET = "aws:cloudwatch/eventTarget:EventTarget"

PATTERN = json.dumps({"source": ["aws.ecs"], "detail-type": ["ECS Deployment State Change"]})


@pytest.mark.parametrize(
    ("token", "inputs", "changed"),
    [
        pytest.param(HTTP, {"description": "shop", "tags": {"a": "1"}}, {"description": "web", "tags": {"b": "2"}},
        id="namespace"),
        pytest.param(RULE, {"eventPattern": PATTERN, "tags": {"a": "1"}},
        {"eventPattern": PATTERN, "state": "DISABLED", "description": "off"}, id="rule"),
        pytest.param(RULE, {"scheduleExpression": "rate(5 minutes)"}, {"scheduleExpression": "rate(1 hour)"},
        id="schedule"),
    ],
)  # fmt: skip
def test_it_lives_through_its_cycle(provider: Any, token: str, inputs: Any, changed: Any) -> None:
    made = provider.cycle(token, inputs, changed)
    provider.delete(made)
    assert provider.refresh(made) is None


def test_a_private_namespace_has_a_zone_and_services(provider: Any, vpc: Any) -> None:
    asked = {"name": "shop.internal", "vpc": vpc.id}
    space = provider.cycle(PRIVATE, asked, asked | {"description": "shop"})
    assert space.state["hostedZone"]
    dns = {"namespaceId": space.id, "dnsRecords": [{"type": "A", "ttl": 10}], "routingPolicy": "MULTIVALUE"}
    inputs = {"name": "web", "dnsConfig": dns, "healthCheckCustomConfig": {"failureThreshold": 1}, "tags": {"a": "1"}}
    service = provider.cycle(
        SERVICE, inputs, inputs | {"description": "web", "dnsConfig": dns | {"dnsRecords": [{"type": "A", "ttl": 30}]}}
    )
    provider.delete(service)
    assert provider.refresh(service) is None
    provider.delete(space)
    provider.delete(vpc)


TARGETS = {
    "plain": ({"arn": "arn:aws:sns:eu-west-1:123456789012:pages"}, {"inputPath": "$.detail"}),
    "transformed": (
        {"arn": "arn:aws:sqs:eu-west-1:123456789012:inbox",
        "inputTransformer": {"inputPaths": {"state": "$.detail.eventName"}, "inputTemplate": '"<state>"'}},
        {"retryPolicy": {"maximumEventAgeInSeconds": 3600, "maximumRetryAttempts": 3},
        "deadLetterConfig": {"arn": "arn:aws:sqs:eu-west-1:123456789012:dead"}},
    ),
    "task": (
        {
            "arn": "arn:aws:ecs:eu-west-1:123456789012:cluster/main",
            "roleArn": "arn:aws:iam::123456789012:role/events",
            "ecsTarget": {
                "taskDefinitionArn": "arn:aws:ecs:eu-west-1:123456789012:task-definition/job:1",
                "launchType": "FARGATE",
                "networkConfiguration": {"subnets": ["subnet-1"], "assignPublicIp": True},
                "tags": {"a": "1"},
            },
        },
        None,
    ),
    "queue": ({"arn": "arn:aws:sqs:eu-west-1:123456789012:inbox.fifo", "sqsTarget": {"messageGroupId": "all"}},
    {"input": '{"a": 1}'}),
    "command": ({"arn": "arn:aws:ssm:eu-west-1::document/AWS-RunShellScript",
    "roleArn": "arn:aws:iam::123456789012:role/events", "runCommandTargets": [{"key": "tag:team", "values": ["shop"]}]},
    None),
    "stream": ({"arn": "arn:aws:kinesis:eu-west-1:123456789012:stream/s",
    "kinesisTarget": {"partitionKeyPath": "$.id"}}, None),
    "address": ({"arn": "arn:aws:execute-api:eu-west-1:123456789012:a/*/POST/x",
    "httpTarget": {"headerParameters": {"X-Team": "shop"}}}, None),
    "batch": ({"arn": "arn:aws:batch:eu-west-1:123456789012:job-queue/q",
    "batchTarget": {"jobDefinition": "d", "jobName": "n", "arraySize": 3, "jobAttempts": 2}}, None),
    "warehouse": ({"arn": "arn:aws:redshift:eu-west-1:123456789012:cluster:c",
    "redshiftTarget": {"database": "d", "sql": "select 1", "dbUser": "u", "withEvent": True}}, None),
    "pipeline": ({"arn": "arn:aws:sagemaker:eu-west-1:123456789012:pipeline/p",
    "sagemakerPipelineTarget": {"pipelineParameterLists": [{"name": "a", "value": "b"}]}}, None),
    "graph": ({"arn": "arn:aws:appsync:eu-west-1:123456789012:endpoints/graphql-api/a",
    "appsyncTarget": {"graphqlOperation": "mutation {x}"}}, None),
}  # fmt: skip


@pytest.mark.parametrize("kind", TARGETS)
def test_a_target_lives_through_its_cycle(provider: Any, kind: str) -> None:
    rule = provider.create(RULE, {"name": "deployments", "eventPattern": PATTERN}, "rule")
    asked, change = TARGETS[kind]
    asked = asked | {"rule": "deployments", "targetId": "one"}
    made = provider.cycle(TARGET, asked, asked | change if change else None, "deployments/one")
    provider.delete(made)
    assert provider.refresh(made) is None
    provider.delete(rule)


def test_a_target_without_an_id_is_given_one(provider: Any) -> None:
    rule = provider.create(RULE, {"name": "unnamed", "eventPattern": PATTERN}, "rule")
    topic = {"arn": "arn:aws:sns:eu-west-1:123456789012:alarms"}
    made = provider.create(TARGET, {"rule": "unnamed", **topic}, "notice")
    changed = provider.update(made, {"rule": "unnamed", "input": "{}", **topic})
    assert changed.state["targetId"] == made.inputs["targetId"]
    provider.delete(changed)
    provider.delete(rule)


def test_a_rule_waits_for_something(provider: Any) -> None:
    assert provider.check(RULE, {"name": "r"})[1] == [
        ("eventPattern", "missing: give eventPattern or scheduleExpression")
    ]
