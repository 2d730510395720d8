"""Every shipped stack deployed, watched and destroyed by roles with the generated policies, with IAM's evaluation on. It
cannot prove what moto does not evaluate (`localcloud.aws.enforcement` lists it), nor what the official provider calls."""

import json
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import pytest

from localcloud.aws.enforcement import VARIABLE
from operations.live import calls
from stacks.bootstrap.account import BOUNDARY, READS, boundary_statements, deploy_statements
from stacks.packages import packages_of
from tests.engine.checkout import ROOT, Checkout, summary

pytestmark = [
    pytest.mark.engine,
    pytest.mark.timeout(900),
]  # four lives in one fixture, each command by itself has a limit

STACKS = sorted(file.name.split(".")[1] for file in ROOT.glob("Pulumi.*.yaml") if packages_of(file) == ("aws",))
PROTECTED = ("fleet", "prod")
DEPLOYS, WATCHES = "accordion-deploy-test", "accordion-monitor"
BUCKET, KEY = "arn:aws:s3:::states", "arn:aws:kms:eu-central-1:123456789012:key/states"


def document(statements: list[dict[str, Any]]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


def account_of(checkout: Checkout, stack: str) -> str:
    found = re.search(r'account_ids: \["(\d+)"\]', (checkout.folder / f"Pulumi.{stack}.yaml").read_text())
    assert found
    return found[1]


def boundary_of(account: str) -> str:
    return f"arn:aws:iam::{account}:policy/{BOUNDARY}"


def give(iam: Any, role: str, policy: str) -> None:
    """A role with this policy and nothing else."""
    iam.create_role(RoleName=role, AssumeRolePolicyDocument=document([]))
    iam.put_role_policy(RoleName=role, PolicyName="own", PolicyDocument=policy)


def set_up(checkout: Checkout, stack: str) -> None:
    """The roles of the account that a stack lives in, as its administrator makes them."""
    account, iam = account_of(checkout, stack), checkout.client("iam", stack)
    iam.create_policy(PolicyName=BOUNDARY, PolicyDocument=document(boundary_statements(account, BUCKET, KEY)))
    issuer = f"arn:aws:iam::{account}:oidc-provider/issuer"
    statements = deploy_statements(account, BUCKET, KEY, issuer, boundary_of(account))
    give(iam, DEPLOYS, document(statements))
    iam.attach_role_policy(RoleName=DEPLOYS, PolicyArn=READS)
    give(iam, WATCHES, json.dumps(calls.policy()))


@dataclass(frozen=True)
class Life:
    """What each command of a stack's life said, and as whom."""

    first: str
    monitored: dict[str, Any]
    last: str


@pytest.fixture(scope="module")
def lives(checkout: Checkout) -> Iterator[dict[str, Life]]:
    """Each stack's life, two at a time in one cloud."""
    checkout("local", "start")
    for stack in STACKS:
        set_up(checkout, stack)
        checkout.configure(stack, "environment.permissions_boundary", boundary_of(account_of(checkout, stack)))
        if stack in PROTECTED:
            checkout.configure(stack, "load_balancer.deletion_protection", "false")

    def each(run: Any) -> dict[str, Any]:
        with ThreadPoolExecutor(2) as pool:
            return dict(zip(STACKS, pool.map(run, STACKS), strict=True))

    checkout.variables[VARIABLE] = DEPLOYS
    checkout("local", "start")
    first = each(checkout.up)
    checkout.variables[VARIABLE] = WATCHES
    checkout("local", "start")
    monitored = each(lambda stack: checkout("monitor", "--local", "--stack", stack, "--format", "json"))
    checkout.variables[VARIABLE] = DEPLOYS
    checkout("local", "start")
    last = each(checkout.destroy)
    yield {s: Life(first[s], json.loads(monitored[s][monitored[s].index("{") :]), last[s]) for s in STACKS}
    del checkout.variables[VARIABLE]


@pytest.mark.parametrize("stack", STACKS)
def test_the_deploy_role_makes_and_deletes_all_of_it(lives: dict[str, Life], stack: str) -> None:
    assert set(summary(lives[stack].first)) == {"created"}
    assert set(summary(lives[stack].last)) == {"deleted"}


@pytest.mark.parametrize("stack", STACKS)
def test_the_role_that_watches_sees_that_nothing_differs(lives: dict[str, Life], stack: str) -> None:
    told = lives[stack].monitored
    assert (told["answer"], told["differences"], told["unknown"]) == ("same", [], [])


def test_without_the_boundary_a_deploy_role_makes_no_role(lives: dict[str, Life], checkout: Checkout) -> None:
    assert lives
    checkout("local", "config", "rm", "--path", "--stack", "dev", "accordion:environment.permissions_boundary")
    said = checkout.up("dev", code=1)
    assert "is not authorized to perform: iam:CreateRole" in said
    assert "Traceback" not in said
