"""The drill: deploy, break, see it, go back, the same again, with the real engine on the local cloud; then the day-to-day
commands on what stands there. It cannot prove how long AWS takes to start tasks, nor that a registry has the image: the shipped one is in none that is asked."""

import json
from typing import Any

import pytest

from tests.engine.checkout import Checkout

pytestmark = pytest.mark.engine

BROKEN = ("version: 1.29.1", "version: 1.30.0-torn")
PATTERN = "*:1.30.0-torn"


def test_a_version_that_never_starts_is_seen_and_taken_back_with_its_rules(make: Any) -> None:
    checkout: Checkout = make(ACCORDION_BROKEN_IMAGES=PATTERN)
    checkout.up("dev")
    with checkout.edited("dev", BROKEN, ("maximum: 2", "maximum: 4")):
        checkout.up("dev", "--message", "the new one")
        seen = checkout("monitor", "--local", "--stack", "dev", code=1)
        assert "look at web.deployment" in seen, seen
        said = checkout("rollback", "--local", "--stack", "dev", "--yes")
    assert "services.web.container.image.version: 1.30.0-torn -> 1.29.1\n  web.maximum: 4 -> 2\n" in said
    assert "Pulumi.dev.yaml still says otherwise" in said
    checkout("monitor", "--local", "--stack", "dev", code=0)
    history = checkout("history", "--local", "--stack", "dev", "--format", "json")
    newest, broken, first = json.loads(history[history.index("{") :])["updates"]
    assert (newest["kind"], newest["rollback_to"], newest["result"]) == ("rollback", 1, "succeeded")
    assert newest["declared"] == first["declared"] == {"web": "nginx-unprivileged:1.29.1"}
    assert newest["changes"] == ["services.web.container.image.version: 1.30.0-torn -> 1.29.1", "web.maximum: 4 -> 2"]
    assert (broken["message"], first["resources"]) == ("the new one", {"create": 54})
    assert checkout.plan("dev").steps == ()
    checkout("scale", "--local", "--hold")
    assert "web.suspended" in checkout("monitor", "--local", "--stack", "dev", code=1)
    assert "web: 1 running, 1 desired, 1 to 2\n" in checkout("scale", "--local", "--resume")
    tasks = checkout("tasks", "--local", "--format", "json")
    (task,) = json.loads(tasks[tasks.index("{") :])["tasks"]
    assert (task["workload"], task["status"]) == ("web", "running")
    assert "nothing in the last 10m" in checkout("logs", "--local")
    ran = checkout("run", "--local", "--", "./migrate", "--to", "7", code=2)
    assert "web: a task was placed and stopped again; no container runs on the local cloud" in ran
    assert "has no ECS Exec" in checkout("exec", "--local", code=2)
    checkout("monitor", "--local", "--stack", "dev", code=0)
    checkout.configure("dev", "services.web.elasticity.maximum", "3")
    kept = checkout("rollback", "2", "--local", "--stack", "dev", "--yes", code=2)
    assert "values that `accordion local config set` gave this machine would stand over the version's" in kept
    assert "web.maximum: 4 -> 3" in kept
