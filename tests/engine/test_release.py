"""A release on the local cloud with the real engine: shifted, paused, continued, aborted, and a preview that
never sees what ECS moves. It cannot prove how AWS shifts, nor how long."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.engine.checkout import Checkout

pytestmark = [pytest.mark.engine, pytest.mark.timeout(1200)]

ROUTE = (
    "        port: 8080\n",
    (
        "        port: 8080\n"
        "        routes: { all: { priority: 10, paths: ['/*'] } }\n"
        "        test_route: { priority: 5 }\n"
    ),
)
GATE = "approvals: { look: { stage: post_test_traffic_shift, time_limit: 2h } }"
LINEAR = f"{{ strategy: linear, percent: 10, interval: 3m, bake_time: 10m, {GATE} }}"
WATCHED = "      rollback_alarms: {}\n"
NEXT, LATER = ("version: 1.29.1", "version: 1.29.2"), ("version: 1.29.1", "version: 1.29.3")


def strategy(said: str, alarms: str = "      rollback_alarms: null\n") -> tuple[str, str]:
    return "      rollback_alarms: null\n", f"      deployment: {said}\n{alarms}"


@pytest.fixture(scope="module")
def shop(checkout: Checkout) -> Iterator[Checkout]:
    """`dev` with a release in ten steps behind a gate, deployed."""
    with checkout.edited("dev", ROUTE, strategy(LINEAR, WATCHED)):
        checkout.up("dev")
        yield checkout


def release(shop: Checkout, code: int = 0) -> dict[str, Any]:
    said = shop("release", "status", "--local", "--format", "json", code=code)
    (found,) = json.loads(said[said.index("{") :])["releases"]
    return dict(found)


def same(shop: Checkout) -> None:
    """Whatever ECS moves, the program has nothing to do."""
    shop.preview("dev", "--refresh", "--expect-no-changes")


def test_a_release_is_shifted_paused_continued_aborted_and_never_seen_by_a_preview(shop: Checkout) -> None:
    same(shop)
    with shop.edited("dev", NEXT):
        shop.up("dev")
        paused = release(shop)
        assert (paused["status"], paused["stage"]) == ("in_progress", "post_test_traffic_shift")
        assert [one["percent"] for one in paused["versions"]] == [0, 100]
        same(shop)
        waits = shop("monitor", "--local", "--stack", "dev", code=2)
        assert "accordion release continue" in waits
        shop("release", "continue", "--local")
        seen = [release(shop)["versions"][0]["percent"]]
        same(shop)
        for _ in range(9):
            shop("release", "advance", "3m")
            seen.append(release(shop)["versions"][0]["percent"])
            same(shop)
        assert seen == [10, 20, 30, 40, 50, 60, 70, 80, 90, 100]
        assert release(shop)["stage"] == "bake_time"
        assert "web: nothing is being released\n" in shop("release", "advance", "11m")
        same(shop)
    with shop.edited("dev", LATER):
        shop.up("dev")
        back = shop("release", "rollback", "--local")
        assert "web: turned back: Rollback requested at a lifecycle hook\n" in back
        assert release(shop, 1)["status"] == "rollback_successful"
