"""Every shipped stack through its whole life with the real engine; cannot prove that AWS would do the same."""

import json
import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import pytest

from localcloud.aws import rights
from stacks.bootstrap.account import DEPLOY_ACTIONS
from stacks.deployed import MOMENT
from stacks.packages import packages_of
from tests.engine.checkout import ROOT, Checkout, summary

pytestmark = pytest.mark.engine

STACKS = sorted(file.name.split(".")[1] for file in ROOT.glob("Pulumi.*.yaml") if packages_of(file) == ("aws",))
PROTECTED = ("fleet", "prod")
CHANGES = {
    "dev": (
        ("    tags: { team: platform, cost-centre: engineering }", "    tags: { team: another }"),
        ("log_retention: 30d", "log_retention: 60d"),
        ("container_insights: false", "container_insights: true"),
        ("health_check: { path: /, interval: 10s }", "health_check: { path: /healthy, interval: 10s }"),
        ("version: 1.29.1", "version: 1.29.2"),
    ),
    "fleet": (
        ("    tags: { team: platform, cost-centre: legacy-shop }", "    tags: { team: another }"),
        ("dnf install --assumeyes nginx", "dnf install --assumeyes nginx curl"),
        ("          evening: {", "          night: {"),
    ),
}
"""Changes in place, by stack: lines of its file, each before and after."""
REVISIONS = "ecs list_task_definition_families"


@dataclass(frozen=True)
class Life:
    """What each command of a stack's life said."""

    before: dict[str, list[str]]
    first: str
    second: str
    refresh: str
    refused: str
    last: str
    after: dict[str, list[str]]


def live(checkout: Checkout, stack: str) -> Life:
    before = checkout.census(stack)
    first, second = checkout.up(stack), checkout.up(stack)
    refresh, refused = checkout.refresh(stack), ""
    if stack in PROTECTED:
        refused = checkout.destroy(stack, code=1)
        checkout.configure(stack, "load_balancer.deletion_protection", "false")
        checkout.up(stack)
    if stack in CHANGES:
        with checkout.edited(stack, *CHANGES[stack]):
            checkout.up(stack)
    last = checkout.destroy(stack)
    return Life(before, first, second, refresh, refused, last, checkout.census(stack))


@pytest.fixture(scope="module")
def lives(checkout: Checkout) -> dict[str, Life]:
    """Each stack's life, two at a time in one cloud."""
    checkout.variables[MOMENT] = "2026-01-05T09:00:00Z"  # else a schedule may begin between two commands
    checkout("local", "start")
    with ThreadPoolExecutor(2) as pool:
        return dict(zip(STACKS, pool.map(lambda stack: live(checkout, stack), STACKS), strict=True))


@pytest.fixture(params=STACKS)
def lived(request: pytest.FixtureRequest, lives: dict[str, Life]) -> Life:
    """One stack's life."""
    return lives[request.param]


def test_up_makes_all_of_it_from_nothing(lived: Life) -> None:
    assert set(summary(lived.first)) == {"created"}


def test_a_second_up_finds_nothing_to_do(lived: Life) -> None:
    assert summary(lived.second) == {"unchanged": summary(lived.first)["created"]}


def test_a_refresh_sees_no_drift(lived: Life) -> None:
    assert summary(lived.refresh) == {"unchanged": summary(lived.first)["created"]}


def test_destroy_leaves_nothing_but_the_revisions_that_a_rollback_could_want(lived: Life) -> None:
    after = dict(lived.after)
    kept = after.pop(REVISIONS, [])
    assert after == lived.before
    assert len(kept) == len(re.findall(r"aws:ecs:TaskDefinition \S+ created", lived.first))
    assert set(summary(lived.last)) == {"deleted"}


@pytest.mark.parametrize("stack", PROTECTED)
def test_a_protected_balancer_refuses_to_be_destroyed_in_one_sentence(lives: dict[str, Life], stack: str) -> None:
    refused = lives[stack].refused
    sentence = "cannot be deleted because deletion protection is enabled"
    assert sentence in refused.partition("Diagnostics:")[2]
    assert "Traceback" not in refused


@pytest.mark.parametrize("stack", sorted(set(STACKS) - set(PROTECTED)))
def test_only_the_production_stacks_are_protected(lives: dict[str, Life], stack: str) -> None:
    assert lives[stack].refused == ""


def test_a_deploy_role_may_write_what_these_lives_wrote_and_nothing_that_no_list_names(
    lives: dict[str, Life], checkout: Checkout
) -> None:
    assert len(lives) == len(STACKS)
    written = rights.actions_of(checkout.place / "journal")
    needed = json.loads(json.dumps(rights.policy(written)))
    committed = json.loads(DEPLOY_ACTIONS.read_text())
    assert needed == committed, (
        "write it anew: python -m localcloud.aws.rights JOURNAL > stacks/bootstrap/deploy-actions.json"
    )
    for action in written:  # without it, a command of these lives would have been refused
        assert action in committed["Statement"][0]["Action"], action
