"""The real stack through kills and restarts of each part; cannot prove a loss of power, where a file may be half written."""

import os
import re
import signal
from collections.abc import Iterator

import psutil
import pytest

from tests.engine.checkout import Checkout, summary

pytestmark = pytest.mark.engine


@pytest.fixture(scope="module")
def deployed(checkout: Checkout) -> Checkout:
    """A checkout with `dev` deployed; each test leaves it so."""
    checkout.up("dev")
    return checkout


@pytest.fixture
def ids(deployed: Checkout) -> Iterator[dict[str, str]]:
    """Ids by URN before the test; the same after it, without drift."""
    before = {each["urn"]: each.get("id", "") for each in deployed.exported("dev")}
    yield before
    assert set(summary(deployed.refresh("dev", "--expect-no-changes"))) == {"unchanged"}
    assert {each["urn"]: each.get("id", "") for each in deployed.exported("dev")} == before


@pytest.mark.usefixtures("ids")
def test_a_stopped_cloud_comes_back_as_it_was(deployed: Checkout) -> None:
    assert deployed("local", "stop") == "stopped; everything is kept for the next start\n"


@pytest.mark.parametrize("server", ["aws", "provider"])
@pytest.mark.usefixtures("ids")
def test_a_killed_server_comes_back_as_it_was(deployed: Checkout, server: str) -> None:
    os.kill(deployed.record(server)["pid"], signal.SIGKILL)


def killed(checkout: Checkout, *arguments: str, after: int) -> str:
    """Start a command, kill its engine after some steps; returns what it said."""
    lines: list[str] = []
    engines: list[psutil.Process] = []
    with checkout.start(*arguments) as process:
        assert process.stdout is not None
        for line in process.stdout:
            lines.append(line)
            steps = sum(bool(re.search(r" (created|deleted) \(", each)) for each in lines)
            if steps == after and not engines:
                engines = [child for child in psutil.Process(process.pid).children() if child.name() == "pulumi"]
                engines[0].kill()
    assert process.returncode == 137, "".join(lines)
    return "".join(lines)


def test_an_engine_killed_in_the_middle_of_up_is_healed_by_the_next(deployed: Checkout) -> None:
    stack, steps = "cut", 20
    file = deployed.folder / f"Pulumi.{stack}.yaml"
    file.write_text((deployed.folder / "Pulumi.dev.yaml").read_text().replace('["123456789012"]', '["111122223333"]'))
    try:
        before = deployed.census(stack)
        killed(deployed, "local", "up", "--yes", "--skip-preview", "--color=never", "--stack", stack, after=steps)
        said = deployed.up(stack)
        assert set(summary(said)) == {"created", "unchanged"}  # no lock of the dead engine stands in the way
        assert "could not delete" not in said
        assert set(summary(deployed.refresh(stack, "--expect-no-changes"))) == {"unchanged"}
        deployed.destroy(stack)
        left = deployed.census(stack)
        left.pop("ecs list_task_definition_families", None)
        assert left == before
    finally:
        file.unlink()


def test_nothing_is_left_that_no_state_knows(deployed: Checkout) -> None:
    assert "in no state" not in deployed("local", "status")
