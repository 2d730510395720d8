"""Every shipped stack through its whole life with the real engine; cannot prove that AWS would do the same."""

import functools
from collections.abc import Callable
from dataclasses import dataclass

import pytest

from tests.engine.checkout import ROOT, Checkout, summary

pytestmark = pytest.mark.engine

STACKS = sorted(file.name.split(".")[1] for file in ROOT.glob("Pulumi.*.yaml"))
PROTECTED = ("fleet", "prod")
KIND_OF_BUCKET = "s3 list_buckets"


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
    checkout("local", "start")
    before = checkout.census(stack)
    first, second = checkout.up(stack), checkout.up(stack)
    refresh, refused = checkout.refresh(stack), ""
    if stack in PROTECTED:
        refused = checkout.destroy(stack, code=1)
        checkout.configure(stack, "load_balancer.deletion_protection", "false")
        checkout.up(stack)
    last = checkout.destroy(stack)
    return Life(before, first, second, refresh, refused, last, checkout.census(stack))


@pytest.fixture(scope="module")
def life(checkout: Checkout) -> Callable[[str], Life]:
    """f(stack) -> its life, lived once."""
    return functools.cache(lambda stack: live(checkout, stack))


@pytest.fixture(params=STACKS)
def lived(request: pytest.FixtureRequest, life: Callable[[str], Life]) -> Life:
    """Each stack's life."""
    return life(request.param)


def test_up_makes_all_of_it_from_nothing(lived: Life) -> None:
    assert set(summary(lived.first)) == {"created"}


def test_a_second_up_finds_nothing_to_do(lived: Life) -> None:
    assert summary(lived.second) == {"unchanged": summary(lived.first)["created"]}


def test_a_refresh_sees_no_drift(lived: Life) -> None:
    assert summary(lived.refresh) == {"unchanged": summary(lived.first)["created"]}


def test_destroy_leaves_nothing_of_it(lived: Life) -> None:
    assert lived.after == lived.before
    assert set(summary(lived.last)) == {"deleted"}


@pytest.mark.parametrize("stack", PROTECTED)
def test_a_protected_balancer_refuses_to_be_destroyed_in_one_sentence(life: Callable[[str], Life], stack: str) -> None:
    refused = life(stack).refused
    sentence = "cannot be deleted because deletion protection is enabled"
    assert sentence in refused.partition("Diagnostics:")[2]
    assert "Traceback" not in refused


@pytest.mark.parametrize("stack", sorted(set(STACKS) - set(PROTECTED)))
def test_only_the_production_stacks_are_protected(life: Callable[[str], Life], stack: str) -> None:
    assert life(stack).refused == ""
