"""Teardowns of an expired environment on the local cloud, each killed at some moment, and what the next run leaves."""

from __future__ import annotations

import json
import random
import signal
import tempfile
import time
from pathlib import Path

from tests.engine.checkout import Checkout, make_checkout

KILLS = 20
SEED = 10
LONGEST = 8.0
"""Seconds from the begin of a teardown within which it is killed: from before its first call to its end."""


def tables() -> list[tuple[str, list[list[str]]]]:
    """How many of the teardowns that were killed ended empty at the next run, and at what they were killed."""
    drawn = random.Random(SEED)  # noqa: S311 -- moments to be repeated, no secret
    ended, on_the_way, left = 0, 0, []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for each in ("project", "state"):
            (folder / each).mkdir()
        checkout = make_checkout(folder / "project", folder / "state")
        try:
            for number in range(KILLS):
                moment = drawn.uniform(0.0, LONGEST)
                on_the_way += _killed(checkout, f"pr-{number}", moment)
                checkout("environments", "destroy", "--expired", "--local")
                if found := _left(checkout, f"pr-{number}"):
                    left.append(f"after {moment:.1f} s: {', '.join(found)}")
                else:
                    ended += 1
        finally:
            checkout("local", "stop")
    rows = [["killed", "of these before their end", "empty after the next run", "left"]]
    return [("", [*rows, [str(KILLS), str(on_the_way), str(ended), "; ".join(left) or "nothing"]])]


def _killed(checkout: Checkout, stack: str, moment: float) -> bool:
    """Make an environment that is over, and kill its teardown; whether it was still at it."""
    checkout("environments", "create", stack, "--local", "--lifetime", "0s")
    teardown = checkout.start("environments", "destroy", "--expired", "--local")
    time.sleep(moment)
    running = teardown.poll() is None
    teardown.send_signal(signal.SIGKILL)
    teardown.communicate(timeout=120)
    return running


def _left(checkout: Checkout, stack: str) -> list[str]:
    """What stands of an environment: its entry in the list, and what bears its tag."""
    said = checkout("environments", "list", "--local", "--format", "json")
    listed = [one["stack"] for one in json.loads(said[said.index("{") :])["environments"]]
    networks = checkout.client("ec2", "dev").describe_vpcs(Filters=[{"Name": "tag:stack", "Values": [stack]}])["Vpcs"]
    return [*(f"listed {one}" for one in listed), *(network["VpcId"] for network in networks)]
