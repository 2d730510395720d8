"""A person's own program, and other checkouts, on the local cloud; cannot prove types that no row serves."""

import os
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

    def __call__(self, *arguments: str) -> str:
        command = ["pulumi", *arguments, "--non-interactive", "--color=never"]
        done = subprocess.run(
            command, cwd=self.folder, env=self.environment, capture_output=True, text=True, check=False, timeout=120
        )
        assert done.returncode == 0, done.stdout + done.stderr
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
    assert named["AWS_SHARED_CREDENTIALS_FILE"] == named["AWS_CONFIG_FILE"] == os.devnull
