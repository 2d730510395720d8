"""A person's own program, and other checkouts, on the local cloud; cannot prove types that no row serves."""

import os
import re
import shlex
import subprocess
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.engine.checkout import Checkout, summary

pytestmark = pytest.mark.engine

PROGRAM = """\
import pulumi
import pulumi_aws as aws

bucket = aws.s3.Bucket("photos")
aws.sqs.Queue("jobs", visibility_timeout_seconds=60)
aws.cloudwatch.LogGroup("log", name="by-hand", retention_in_days=30)
aws.ec2.Vpc("old", cidr_block="10.9.0.0/16", enable_dns_hostnames=True, tags={"Name": "old"})
pulumi.export("bucket", bucket.bucket)
"""

ROUNDABOUT = """\
import json
import pulumi_aws as aws

vpc = aws.ec2.Vpc("vpc", cidr_block="10.8.0.0/16")
group = aws.ec2.SecurityGroup("group", vpc_id=vpc.id)
for name, half in (("low", "0.0.0.0/1"), ("high", "128.0.0.0/1")):
    aws.ec2.SecurityGroupRule(name, type="ingress", security_group_id=group.id, protocol="tcp", from_port=22, to_port=22, cidr_blocks=[half])
aws.s3.Bucket("naked")
closed = aws.s3.Bucket("closed")
aws.s3.BucketPublicAccessBlock("closed", bucket=closed.id, block_public_acls=True, block_public_policy=True, ignore_public_acls=True, restrict_public_buckets=True)
queue = aws.sqs.Queue("queue")
statement = {"Effect": "Allow", "Principal": "*", "Action": "sqs:SendMessage", "Resource": "*"}
aws.sqs.QueuePolicy("open", queue_url=queue.url, policy=json.dumps({"Version": "2012-10-17", "Statement": [statement]}))
"""


class Shell:
    """A shell after `eval "$(accordion local env)"`, in a folder with a program of a person's own."""

    def __init__(self, checkout: Checkout, folder: Path) -> None:
        self.folder = folder
        (folder / "Pulumi.yaml").write_text(
            "name: own\nruntime: python\nconfig: { aws:region: { value: eu-west-1 } }\n"
        )
        (folder / "__main__.py").write_text(PROGRAM)
        self.environment = dict(checkout.environment)
        for line in checkout("local", "env").splitlines():
            verb, *rest = shlex.split(line) or [""]
            if verb == "unset":
                self.environment = {name: value for name, value in self.environment.items() if name not in rest}
            if verb == "export":
                self.environment |= dict([rest[0].split("=", 1)])

    def __call__(self, *arguments: str, code: int = 0) -> str:
        command = ["pulumi", *arguments, "--non-interactive", "--color=never"]
        done = subprocess.run(
            command, cwd=self.folder, env=self.environment, capture_output=True, text=True, check=False, timeout=120
        )
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout


@pytest.fixture(scope="module")
def shell(checkout: Checkout, tmp_path_factory: pytest.TempPathFactory) -> Shell:
    """A shell with a stack `dev` of the person's own program."""
    checkout("local", "start")
    found = Shell(checkout, tmp_path_factory.mktemp("own"))
    found("stack", "init", "dev")
    return found


@pytest.fixture(scope="module")
def taken_over(checkout: Checkout, shell: Shell) -> list[str]:
    """A VPC and a log group made by hand and imported, the rest deployed: what import, preview and up said."""
    logs, ec2 = (checkout.client_of(service, "123456789012", "eu-west-1") for service in ("logs", "ec2"))
    logs.create_log_group(logGroupName="by-hand")
    logs.put_retention_policy(logGroupName="by-hand", retentionInDays=30)
    tags = [{"ResourceType": "vpc", "Tags": [{"Key": "Name", "Value": "old"}]}]
    vpc = ec2.create_vpc(CidrBlock="10.9.0.0/16", TagSpecifications=tags)["Vpc"]["VpcId"]
    ec2.modify_vpc_attribute(VpcId=vpc, EnableDnsHostnames={"Value": True})
    options = ("--yes", "--skip-preview", "--protect=false", "--generate-code=false")
    said = [
        shell("import", "aws:cloudwatch/logGroup:LogGroup", "log", "by-hand", *options),
        shell("import", "aws:ec2/vpc:Vpc", "old", vpc, *options),
    ]
    return [*said, shell("up", "--yes", "--skip-preview", "--suppress-progress", "--diff")]


def test_what_was_made_by_hand_is_imported(taken_over: list[str]) -> None:
    assert [summary(said)["imported"] for said in taken_over[:2]] == [1, 1]


def test_what_was_imported_shows_no_difference(taken_over: list[str]) -> None:
    assert summary(taken_over[2]) == {"created": 2, "unchanged": 3}


def test_plain_pulumi_finds_nothing_more_to_do(shell: Shell, taken_over: list[str]) -> None:
    assert taken_over
    assert summary(shell("preview", "--suppress-progress", "--expect-no-changes")) == {"unchanged": 5}


def test_the_guardrails_see_a_world_that_is_cut_up_and_a_bucket_that_nothing_closes(
    checkout: Checkout, shell: Shell
) -> None:
    """Rules, buckets and their blocks are known to belong together before any of them has an id."""
    program = shell.folder / "__main__.py"
    program.write_text(ROUNDABOUT)
    try:
        shell("stack", "init", "roundabout")
        said = shell("preview", "--stack", "roundabout", "--policy-pack", str(checkout.folder / "guardrails"), code=1)
    finally:
        program.write_text(PROGRAM)
        shell("stack", "select", "dev")
    named = {(name, demand) for demand, name in re.findall(r"\[mandatory\]  (\S+)  \(.*: (\w+)\)", said)}
    assert named == {
        ("low", "listener-ports-only"),
        ("high", "listener-ports-only"),
        ("naked", "blocked-buckets"),
        ("open", "named-principals"),
    }


def test_two_checkouts_live_side_by_side_without_meeting(make: Callable[..., Checkout], checkout: Checkout) -> None:
    other = make()
    with ThreadPoolExecutor(2) as pool:
        both = list(pool.map(lambda each: each.up("dev"), (checkout, other)))
    assert len({summary(said)["created"] for said in both}) == 1
    other.destroy("dev")
    assert set(summary(checkout.refresh("dev", "--expect-no-changes"))) == {"unchanged"}
    assert checkout.record("aws")["port"] != other.record("aws")["port"]


def test_the_shell_reaches_no_account(shell: Shell) -> None:
    named = {name: value for name, value in shell.environment.items() if name.startswith("AWS_")}
    assert named["AWS_ENDPOINT_URL"].startswith("http://127.0.0.1:")
    assert named["AWS_SHARED_CREDENTIALS_FILE"] == named["AWS_CONFIG_FILE"] == f"{os.devnull}/none"
