"""The text that the engine draws of a change, for every kind of change: what a person reads before saying yes.

One program is deployed, changed in all its resources at once, and previewed with `--diff`. It cannot prove that the
official provider's Diff would name the same paths; that its drawing of tags and regions is meant, its source says.
"""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.localcloud.test_cloud_engine import Checkout, new_checkout

pytestmark = pytest.mark.engine

PROGRAM = """\
import json
import os

import pulumi
import pulumi_aws as aws

after = os.environ.get("ROUND") == "after"


def pick(before, now):
    return now if after else before


def tagged(name, region, **tags):
    defaults = {"default_tags": {"tags": tags}} if tags else {}
    return pulumi.ResourceOptions(provider=aws.Provider(name, region=region, **defaults))


plain = tagged("plain", "eu-west-1")
defaults = tagged("defaults", "eu-west-1", **pick({"team": "platform", "old": "1"}, {"team": "shop", "new": "2"}))
first = tagged("first", "eu-west-1", **pick({}, {"team": "shop"}))
last = tagged("last", "eu-west-1", **pick({"team": "shop"}, {}))
moved = tagged("moved", pick("eu-west-1", "us-west-2"))


def policy(action):
    statement = {"Effect": "Allow", "Principal": {"Service": "ecs.amazonaws.com"}, "Action": action}
    return {"Version": "2012-10-17", "Statement": [statement]}


aws.sqs.Queue("scalar", visibility_timeout_seconds=pick(30, 60), opts=plain)
aws.sqs.Queue("scalar-added", delay_seconds=pick(None, 5), opts=plain)
aws.sqs.Queue("scalar-removed", delay_seconds=pick(5, None), opts=plain)
health = {"path": pick("/", "/health"), "interval": 30} | pick({"timeout": 5}, {"healthy_threshold": 4})
vpc = aws.ec2.Vpc("vpc", cidr_block="10.0.0.0/16", opts=plain)
aws.lb.TargetGroup("nested", port=80, protocol="HTTP", vpc_id=vpc.id, health_check=health, opts=plain)
aws.cloudwatch.MetricAlarm(
    "members", comparison_operator="GreaterThanThreshold", evaluation_periods=1, metric_name="m", namespace="n", period=60,
    statistic="Sum", threshold=1, alarm_actions=[f"arn:aws:sns:eu-west-1:123456789012:{name}" for name in pick("ab", "acd")],
    dimensions=pick({"a": "1", "gone": "1"}, {"a": "2", "came": "1"}), opts=plain,
)
aws.sqs.Queue("tags", tags=pick({"x": "1", "gone": "1"}, {"x": "2", "came": "1"}), opts=plain)
aws.sqs.Queue("default-tags", opts=defaults)
aws.sqs.Queue("default-tags-beside-own", tags={"mine": "1"}, opts=defaults)
aws.sqs.Queue("own-tag-before-default", tags={"team": "mine"}, opts=defaults)
aws.sqs.Queue("own-tag-becomes-default", tags=pick({"team": "shop"}, None), opts=defaults)
aws.sqs.Queue("default-becomes-own-tag", tags=pick(None, {"team": "shop"}), opts=last)
group = aws.cloudwatch.LogGroup("same-group", opts=plain)
aws.cloudwatch.LogStream("no-tags", log_group_name=group.name, opts=defaults)
aws.sqs.Queue("first-default-tag", opts=first)
aws.sqs.Queue("last-default-tag", opts=last)
aws.iam.Role("document", assume_role_policy=json.dumps(policy(pick("sts:AssumeRole", "sts:TagSession"))), opts=plain)
aws.iam.Role("document-as-object", assume_role_policy=policy(pick("sts:AssumeRole", "sts:TagSession")), opts=plain)
aws.sqs.Queue("secret-tag", tags={"key": pulumi.Output.secret(pick("one-secret", "two-secret"))}, opts=plain)
aws.ssm.Parameter("secret", type="SecureString", value=pulumi.Output.secret(pick("one-secret", "two-secret")), opts=plain)
aws.cloudwatch.LogGroup("replaced", name=pick("one", "two"), opts=plain)
aws.iam.Role("deleted-first", name="fixed", path=pick("/a/", "/b/"), assume_role_policy=json.dumps(policy("sts:AssumeRole")), opts=plain)
aws.sqs.Queue("moved", opts=moved)
aws.sqs.Queue("same", opts=plain)
"""

DRAWN = {
    "scalar": "~ visibilityTimeoutSeconds: 30 => 60",
    "scalar-added": "+ delaySeconds: 5",
    "scalar-removed": "- delaySeconds: 5",
    "nested": """\
~ healthCheck: {
    + healthyThreshold: 4
    ~ path            : "/" => "/health"
  }""",
    "members": """\
~ alarmActions: [
    ~ [1]: "arn:aws:sns:eu-west-1:123456789012:b" => "arn:aws:sns:eu-west-1:123456789012:c"
    + [2]: "arn:aws:sns:eu-west-1:123456789012:d"
  ]
~ dimensions  : {
    ~ a   : "1" => "2"
    + came: "1"
    - gone: "1"
  }""",
    "tags": """\
~ tags   : {
    + came: "1"
    - gone: "1"
    ~ x   : "1" => "2"
  }
~ tagsAll: {
    + came: "1"
    - gone: "1"
    ~ x   : "1" => "2"
  }""",
    "default-tags": """\
~ tagsAll: {
    + new : "2"
    - old : "1"
    ~ team: "platform" => "shop"
  }""",
    "default-tags-beside-own": """\
~ tagsAll: {
    + new : "2"
    - old : "1"
    ~ team: "platform" => "shop"
  }""",
    "own-tag-before-default": """\
~ tagsAll: {
    + new: "2"
    - old: "1"
  }""",
    "own-tag-becomes-default": """\
- tags   : {
    - team: "shop"
  }
~ tagsAll: {
    + new: "2"
    - old: "1"
  }""",
    "default-becomes-own-tag": """\
+ tags: {
    + team: "shop"
  }""",
    "first-default-tag": """\
~ tagsAll: {
    + team: "shop"
  }""",
    "last-default-tag": """\
~ tagsAll: {
    - team: "shop"
  }""",
    "document": """\
~ assumeRolePolicy: (json) {
    ~ Statement: [
        ~ [0]: {
                ~ Action   : "sts:AssumeRole" => "sts:TagSession"
                  Effect   : "Allow"
                  Principal: {
                      Service: "ecs.amazonaws.com"
                  }
              }
      ]
      Version  : "2012-10-17"
  }""",
    "secret": "~ value: [secret] => [secret]",
    "secret-tag": """\
~ tags   : {
    ~ key: [secret] => [secret]
  }
~ tagsAll: {
    ~ key: [secret] => [secret]
  }""",
    "replaced": '~ name: "one" => "two"',
    "deleted-first": '~ path: "/a/" => "/b/"',
    "moved": '~ region: "eu-west-1" => "us-west-2"',
}
DRAWN["document-as-object"] = DRAWN["document"]
REPLACED = {"replaced", "deleted-first", "moved"}


def drawn(text: str) -> dict[str, tuple[str, str]]:
    """Resource of the provider -> operation and the lines under its head, as deep as they stand below it."""
    found = {}
    for block in re.split(r"\n(?=    \S+ ?\S*aws:)", text.partition("\nResources:")[0]):
        operation, name = re.search(r"\((\w+)\)", block), re.search(r"\[urn=[^\]]*::(\S+)\]", block)
        _, provider, lines = block.partition("[provider=")
        if provider and operation and name:
            body = lines.partition("\n")[2]
            found[name[1]] = (operation[1], "\n".join(line.removeprefix(" " * 6) for line in body.splitlines()))
    return found


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Checkout]:
    made = new_checkout(tmp_path_factory.mktemp("drawn"), "demo")
    Path(made.folder, "__main__.py").write_text(PROGRAM)
    yield made
    made("local", "stop")


def test_the_text_of_every_kind_of_change_names_what_changes_and_nothing_else(checkout: Checkout) -> None:
    checkout.up()
    text = checkout("local", "preview", "--diff", "--suppress-progress", "--color=never", ROUND="after")
    found = drawn(text)
    assert {name: lines for name, (_, lines) in found.items()} == DRAWN
    assert {name for name, (operation, _) in found.items() if operation == "replace"} == REPLACED
    assert "-secret" not in re.sub(r"::\S+|\[id=\S+", "", text)
    said = checkout.up(ROUND="after")
    assert "deleting original" in said
    checkout("local", "preview", "--expect-no-changes", ROUND="after")
    checkout("local", "refresh", "--yes", "--expect-no-changes", ROUND="after")
