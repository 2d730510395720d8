"""An Engine that is killed hard, below a controller and in the middle of `up`; it is one of this test alone.

Cannot prove what a Swarm of several managers does when one of them ends.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import swarm
from tests.controlled_service import controller, load, service, until
from tests.engine.test_controller import told
from tests.engine.test_swarm import PROGRAM, ROOT, Stack, local, network
from tests.engine.test_swarm import service as declared

pytestmark = [pytest.mark.engine, pytest.mark.docker, pytest.mark.timeout(600)]


class OwnEngine:
    """`make docker` of a checkout that holds nothing else."""

    def __init__(self, folder: Path) -> None:
        self.script, self.host = folder / ".ci" / "docker", ""
        self.script.parent.mkdir()
        shutil.copy(ROOT / ".ci" / "docker", self.script)

    def run(self, command: str) -> subprocess.CompletedProcess[str]:
        environment = {name: value for name, value in os.environ.items() if name != "DOCKER_HOST"}
        return subprocess.run([self.script, command], env=environment, capture_output=True, text=True)

    def start(self) -> None:
        done = self.run("start")
        if done.returncode == os.EX_UNAVAILABLE:
            pytest.skip(done.stderr.strip())
        assert done.returncode == 0, done.stderr
        self.host = self.script.parents[1].joinpath(".docker", "host").read_text().strip()

    def kill(self) -> None:
        pid = int(Path(self.host.removeprefix("unix://")).with_name("docker.pid").read_text())
        os.kill(pid, signal.SIGKILL)


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OwnEngine]:
    made = OwnEngine(tmp_path_factory.mktemp("engine"))
    with pytest.MonkeyPatch.context() as patch:
        try:
            made.start()
            patch.setenv("DOCKER_HOST", made.host)
            yield made
        finally:
            ended = made.run("stop")
    assert (ended.returncode, ended.stderr) == (0, ""), "what a killed Engine has mounted can be removed"


@pytest.fixture(scope="module")
def image(own: OwnEngine) -> str:
    name = swarm.build(f"restarted-{uuid.uuid4().hex[:8]}", "1")
    if why := swarm.trial(name):
        pytest.skip(why)
    return name


def test_a_controller_says_that_the_engine_is_gone_and_goes_on_when_it_is_there_again(
    own: OwnEngine, image: str, tmp_path: Path
) -> None:
    with service(image, 2) as live, controller(tmp_path, told(live.name, minimum=2)) as scaling:
        until(lambda: len(scaling.lines("tick")) > 2, "it does not look")
        own.kill()
        until(
            lambda: f"{live.name}: the Docker Engine does not answer" in scaling.said.read_text(), "it does not say so"
        )
        seen = len(scaling.lines("tick"))
        own.start()
        until(lambda: len(scaling.lines("tick")) > seen, "it does not go on")
        assert scaling.process.poll() is None
        begun = scaling.lines("begin")
        assert [line["why"] for line in begun][-1] == "started", "what it remembers is read again"
        assert begun[-1]["memory"]["state"]["now"] >= scaling.lines("tick")[seen - 1]["second"]
        until(lambda: scaling.lines("tick")[-1]["serving"] == 2, "the tasks do not come back")
        assert live.replicas == 2, "tasks that were gone with the Engine are no reason to scale"
        with load(live, 10.0):
            until(lambda: live.replicas == 4, "it does not scale out afterwards")
        assert scaling.stop() == 0


def test_an_up_that_the_engine_dies_under_says_so_and_the_next_one_goes_on(
    own: OwnEngine, image: str, tmp_path: Path
) -> None:
    project = tmp_path / "project"
    project.mkdir()
    (project / "Pulumi.yaml").write_text("name: restarts\nruntime: python\n")
    (project / "__main__.py").write_text(PROGRAM)
    stack = Stack(project, tmp_path / "place")
    slow = {"order": "start-first", "failure_action": "rollback", "monitor": "1s", "delay": "3s"}

    def wanted(value: str) -> list[object]:
        web = declared(image, "$net", replicas=4, update_config=slow)
        web[2]["task_spec"]["container_spec"]["env"] = {"A": value}
        return [network(), web]

    try:
        stack.run("up", wanted=wanted("1"))
        (project / "wanted.json").write_text(json.dumps(wanted("2")))
        name = stack.state()["web"]["outputs"]["name"]
        command = stack.command("up", "--yes", "--skip-preview")
        with subprocess.Popen(
            command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        ) as running:
            until(lambda: (swarm.client().inspect_service(name).get("UpdateStatus") or {}).get("State") == "updating",
                  "the update does not begin")  # fmt: skip
            time.sleep(2)
            own.kill()
            assert running.stdout is not None
            said = running.stdout.read()
        assert running.returncode != 0
        assert "the Docker Engine does not answer" in said, said
        assert "is it running? `docker info`, or here: make docker" in said, said
        own.start()
        stack.run("up")

        tasks = [
            task
            for task in swarm.client().tasks({"service": name, "desired-state": "running"})
            if task["Status"]["State"] == "running"
        ]
        assert {tuple(task["Spec"]["ContainerSpec"]["Env"]) for task in tasks} == {("A=2",)}
        # A slot whose old task had just been followed may keep two of the new ones (Engine 20.10): slots are counted.
        assert {task["Slot"] for task in tasks} == {1, 2, 3, 4}
        stack.run("up", "--expect-no-changes")
    finally:
        stack.run("destroy")
        local(stack.project, stack.place).stop()
