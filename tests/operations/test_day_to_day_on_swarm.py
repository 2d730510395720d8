"""`accordion tasks`, `run`, `exec`, `logs` and `rollback` of a stack on a Swarm, on answers in an Engine's place.

Cannot prove that an Engine answers so, nor that a session opens: tests/engine/test_private_stack.py asks one.
"""

from __future__ import annotations

import copy
import json
import stat
import struct
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from docker.errors import APIError

from operations import cli
from operations.day_to_day import run as run_command
from operations.live.answers import Unanswered
from operations.live.engine import IMAGES, EngineAnswers
from tests.operations.test_monitor_swarm import SERVICE, STATE

SOCKET = "unix:///var/run/docker.sock"
LIVE = copy.deepcopy(SERVICE)
LIVE["Spec"]["Labels"] = {"team": "shop", "accordion-declared": "f1"}
LIVE["Spec"]["TaskTemplate"]["ContainerSpec"] |= {"Env": ["WORD=planted"], "Command": ["/app"]}
LIVE["Spec"]["TaskTemplate"]["Networks"] = [{"Target": "n1", "Aliases": ["web"]}]


def task(name: str, state: str, node: str = "n1", desired: str = "running", **status: Any) -> dict[str, Any]:
    told = {"State": state, "Timestamp": "2026-01-01T00:00:00.123456789Z", **status}
    spec = {"ContainerSpec": {"Image": "registry.example/web:1", "Env": ["WORD=planted"]}}
    at = "2026-01-01T00:00:00Z"
    return {
        "ID": name, "Slot": 1, "NodeID": node, "CreatedAt": at, "DesiredState": desired, "Spec": spec, "Status": told,
    }  # fmt: skip


def container(name: str, code: int = 0) -> dict[str, Any]:
    return {"ContainerStatus": {"ContainerID": name, "ExitCode": code}}


class Engine:
    """A manager, and what was sent to it."""

    def __init__(self) -> None:
        self.address, self.removed = SOCKET, list[str]()
        self.sent: list[dict[str, Any]] = []
        self.tasks = [
            task("t" * 25, "running", **container("c" * 64)),
            task("u" * 25, "starting"),
            task("v" * 25, "running", node="n2", **container("d" * 64)),
            task("w" * 25, "failed", desired="shutdown", Err="task: non-zero exit (2)", **container("e" * 64, 2)),
        ]
        self.once: list[dict[str, Any]] = [task("o" * 25, "running", **container("f" * 64))]
        self.images = {"here": {"Id": "sha256:1"}}
        self.api = SimpleNamespace(base_url="http://engine", get=lambda *_, **__: self)
        line = b"2026-01-01T00:00:00.1Z com.docker.swarm.task.id=o,x=y moved 3 rows\n"
        self.content = struct.pack(">BxxxL", 1, len(line)) + line

    def raise_for_status(self) -> None:
        pass

    def url(self, path: str) -> str:
        return f"http://engine/v1.41{path}"

    def ask(self, method: str, path: str, body: Any = None, *, filters: Any = None, **_: Any) -> Any:
        if method == "POST":
            self.sent.append(body)
            return {"ID": "once"}
        if path == "/tasks":
            return self.tasks if filters == {"service": ["s1"]} else [self.once.pop(0)]
        return {
            "/info": {"Swarm": {"NodeID": "n1", "ControlAvailable": True}},
            "/nodes": [{"ID": "n1", "Description": {"Hostname": "one"}}, {"ID": "n2", "Description": {"Hostname": "two"}}],
            "/services/s1": LIVE,
        }[path]  # fmt: skip

    def remove(self, path: str) -> None:
        self.removed.append(path)

    def find(self, path: str) -> Any:
        return self.images.get(path.split("/")[2])

    def digest(self, name: str, _auth: object) -> str | None:
        if name == "unknown":
            raise APIError("no such host")
        return "sha256:2" if name == "pushed" else None


Said = Callable[..., tuple[int, str, str]]


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Engine:
    made = Engine()
    monkeypatch.setattr("operations.live.engine.engine_answers", lambda **_: EngineAnswers(made))  # type: ignore[arg-type]
    monkeypatch.setattr("time.sleep", lambda _: None)
    monkeypatch.setattr(run_command, "PATIENCE", 2)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path))
    Path("state.json").write_text(json.dumps(STATE))
    return made


@pytest.fixture
def said(engine: Engine, capsys: pytest.CaptureFixture[str]) -> Said:
    def run(*words: str) -> tuple[int, str, str]:
        code = cli.run([words[0], "--stack", "private", "--state", "state.json", *words[1:]])
        shown = capsys.readouterr()
        return code, shown.out, shown.err

    return run


def test_tasks_are_told_with_their_nodes_and_those_that_have_stopped_with_the_reason(said: Said) -> None:
    assert said("tasks")[1] == (
        "private: 3 running or starting\n"
        "web  vvvvvvvvvvvv  web:1  running  two  since 2026-01-01T00:00:00+00:00\n"
        "web  uuuuuuuuuuuu  web:1  starting  one  since 2026-01-01T00:00:00+00:00\n"
        "web  tttttttttttt  web:1  running  one  since 2026-01-01T00:00:00+00:00\n"
    )
    assert said("tasks", "--stopped")[1] == (
        "private: 1 stopped\n"
        "web  wwwwwwwwwwww  web:1  failed  one  stopped 2026-01-01T00:00:00+00:00  task: non-zero exit (2), exit code 2\n"
    )
    assert "planted" not in said("tasks", "--format", "json")[1]


def test_a_session_is_the_docker_command_of_the_node_that_has_the_task(said: Said, engine: Engine) -> None:
    there = "docker exec --interactive --tty dddddddddddd /bin/sh\n"
    assert said("exec", "--print")[:2] == (0, there)
    assert said("exec") == (
        2, there,
        "error: no session is opened, as the task runs on the node two; the command above opens it there\n",
    )  # fmt: skip
    engine.address = "unix:///other.sock"
    line = "docker --host unix:///other.sock exec --interactive --tty cccccccccccc ls /data\n"
    assert said("exec", "--task", "ttt", "--print", "ls", "/data")[1] == line
    assert said("exec", "--task", "ttt", "ls", "/data") == (
        2, line, "error: no session is opened, as the docker command is not here; the command above opens it there\n",
    )  # fmt: skip
    tool = Path("docker")
    tool.write_text("#!/bin/sh\nexit 7\n")
    tool.chmod(tool.stat().st_mode | stat.S_IEXEC)
    assert said("exec", "--task", "ttt")[0] == 7
    ids = "vvvvvvvvvvvv, tttttttttttt"
    assert said("exec", "--task", "x")[2] == f"error: web has no running task x: there are {ids}\n"
    assert (
        said("exec", "--container", "x")[2] == "error: --container: a task of web is one container, as any of a Swarm\n"
    )


def test_a_command_runs_once_in_a_service_of_its_own_that_nobody_reaches_and_its_code_is_the_answer(
    said: Said, engine: Engine
) -> None:
    engine.once += [task("o" * 25, "failed", desired="shutdown", Err="task: non-zero exit (3)", **container("f", 3))]
    code, out, err = said("run", "--", "./migrate", "--now")
    (sent,) = engine.sent
    name = sent["Name"]
    assert (code, out) == (3, f"moved 3 rows\n{name} has ended with exit code 3: task: non-zero exit (3)\n")
    assert err == f"web: {name} is started, its command ./migrate --now\n"
    assert name.startswith("web-service-1-run-")
    assert engine.removed == ["/services/once"]
    template = sent["TaskTemplate"]
    assert template["ContainerSpec"] == {
        "Image": "registry.example/web:1", "Command": ["/app"], "Args": ["./migrate", "--now"], "Env": ["WORD=planted"],
        "Healthcheck": {"Test": ["NONE"]},
    }  # fmt: skip
    assert (template["Networks"], template["RestartPolicy"]) == ([{"Target": "n1"}], {"Condition": "none"})
    assert (sent["Labels"], sent["EndpointSpec"]) == ({"team": "shop"}, {"Mode": "dnsrr"})


def test_a_command_that_does_not_end_or_never_starts_is_told_with_what_removes_it(said: Said, engine: Engine) -> None:
    pending = task("o" * 25, "pending", Err="no suitable node (insufficient resources on 1 node)")
    engine.once = [pending] * 100_000
    code, _, err = said("run", "--limit", "1", "migrate")
    name = engine.sent[0]["Name"]
    why = "no suitable node (insufficient resources on 1 node)"
    assert (code, err.splitlines()[-1]) == (
        2, f"error: {name} has not ended within 1 s ({why}): docker service rm {name}",
    )  # fmt: skip
    engine.once = [task("o" * 25, "rejected", desired="shutdown", Err="No such image: web:1")]
    code, _, err = said("run", "migrate")
    name = engine.sent[1]["Name"]
    assert (code, err.splitlines()[-1]) == (
        2, f"error: {name} has stopped without an exit code: No such image: web:1",
    )  # fmt: skip


def test_a_release_of_a_swarm_has_no_gates_and_says_so(engine: Engine, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["release", "status", "--stack", "private", "--state", "state.json"]) == 2
    assert capsys.readouterr().err == (
        "error: stack private is on a Swarm, which only rolls, without gates: `accordion monitor --wait` follows an "
        "update, `accordion rollback` brings a version back\n"
    )


def test_an_image_is_on_the_engine_or_in_its_registry_or_gone_or_nobody_knows(engine: Engine) -> None:
    answers = EngineAnswers(engine)  # type: ignore[arg-type]
    found = {name: answers.ask(IMAGES, name=name) for name in ("here", "pushed", "gone")}
    assert found == {"here": [{"Id": "sha256:1"}], "pushed": [{"Id": "sha256:2"}], "gone": []}
    with pytest.raises(Unanswered, match="no such host"):
        answers.ask(IMAGES, name="unknown")
