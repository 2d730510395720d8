"""A version that never starts: what the engine says, and what runs; cannot prove how long AWS takes to turn back."""

from dataclasses import dataclass
from typing import Any

import pytest

from tests.engine.checkout import Checkout, summary

pytestmark = pytest.mark.engine

BROKEN = ("version: 1.29.1", "version: 1.30.0-torn")
PATTERN = "*:1.30.0-torn"


@dataclass(frozen=True)
class Deployment:
    """A deployment of a broken version over a good one."""

    said: str
    """By `up`."""
    declared: str
    """Task definition that the stack's outputs name afterwards."""
    before: dict[str, Any]
    after: dict[str, Any]
    """The service, as describe_services shows it."""
    second: str
    """What a second `up` of the same says."""
    refreshed: str
    """What a refresh says then."""


def described(checkout: Checkout) -> dict[str, Any]:
    named = checkout.outputs("dev")["services"]["web"]
    ecs = checkout.client("ecs", "dev")
    found: dict[str, Any] = ecs.describe_services(cluster=named["cluster"], services=[named["service"]])["services"][0]
    return found


@pytest.fixture(scope="module")
def broken(make: Any) -> Deployment:
    """Version 1.29.1 deployed, then one whose tasks never start."""
    checkout: Checkout = make(ACCORDION_BROKEN_IMAGES=PATTERN)
    checkout.up("dev")
    before = described(checkout)
    with checkout.edited("dev", BROKEN):
        said = checkout.up("dev")
        after, declared = described(checkout), checkout.outputs("dev")["services"]["web"]["task_definition"]
        second, refreshed = checkout.up("dev"), checkout.refresh("dev")
    return Deployment(said, declared, before, after, second, refreshed)


def test_up_of_a_broken_version_succeeds(broken: Deployment) -> None:
    assert "error" not in summary(broken.said), broken.said


def test_what_runs_is_the_version_before(broken: Deployment) -> None:
    assert broken.after["taskDefinition"] == broken.before["taskDefinition"]
    assert broken.after["runningCount"] == broken.before["runningCount"] == 1


def test_what_is_declared_is_not_what_runs(broken: Deployment) -> None:
    assert broken.declared != broken.after["taskDefinition"]


def test_the_service_tells_of_the_rollback(broken: Deployment) -> None:
    states = [(each["status"], each["rolloutState"]) for each in broken.after["deployments"]]
    assert states == [("PRIMARY", "COMPLETED")]
    assert any("rolling back" in event["message"] for event in broken.after["events"]), broken.after["events"]


def test_a_second_up_does_not_notice(broken: Deployment) -> None:
    assert set(summary(broken.second)) == {"unchanged"}


def test_a_refresh_sees_that_another_version_runs(broken: Deployment) -> None:
    assert summary(broken.refreshed)["updated"] == 1
    assert "aws:ecs:Service web-service updated (0" in broken.refreshed
    assert "[diff: ~taskDefinition]" in broken.refreshed
