"""What commands call: those that only read ask for Describe, Get and List alone, of AWS and of the engine, and every
request has its limits of time. Answers are made up, so it cannot prove that AWS keeps to a name; `run` and `exec` start
a task and a session, and are not among those that read."""

from __future__ import annotations

import ast
import datetime
import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from operations import cli
from operations.live import calls, day_to_day, source
from operations.live.aws import ATTEMPTS, CONNECT_TIMEOUT, READ_TIMEOUT, clients
from operations.live.calls import Call
from tests.operations.answered import ACCOUNT, World, refusal
from tests.operations.histories import THREE, rows
from tests.operations.recorded_account import RecordedAccount, declared_scaled
from tests.operations.test_day_to_day import GROUPS, declared
from tests.operations.test_record import START, made

ROOT = Path(__file__).parents[2]
READS = re.compile(r"(describe|get|list)_|filter_log_events$")
ENGINE = """#!/bin/sh
echo "$@" >> asked
case "$1 $2" in
"stack history") cat history.json ;;
*) cat state.json ;;
esac
"""
ENGINE_READS = {"stack export", "stack history", "stack ls", "stack output", "version"}
TIME = ("--start", START.isoformat(), "--end", (START + datetime.timedelta(hours=48)).isoformat())
READING: dict[str, list[str]] = {
    "monitor": ["monitor"],
    "monitor --save": ["monitor", "--save", "kept.json"],
    "monitor --wait": ["monitor", "--wait"],
    "monitor --before": ["monitor", "--before"],
    "history": ["history", "--stack", "dev"],
    "scale": ["scale"],
    "tasks": ["tasks"],
    "logs": ["logs"],
    "release status": ["release", "status"],
}
RECORDED: dict[str, list[str]] = {
    "performance": ["performance", "--state", "state.json", *TIME],
    "record": ["record", "shop/web", *TIME, "--output", "web.json"],
}


class Noting:
    """A client that notes every operation that is called."""

    def __init__(self, client: Any, noted: list[str]) -> None:
        self.client, self.noted = client, noted

    def __call__(self, _service: str) -> Noting:
        return self

    def __getattr__(self, operation: str) -> Any:
        self.noted.append(operation)
        return getattr(self.client, operation)


def refusing(code: str) -> Any:
    def answer(_: Any) -> dict[str, Any]:
        raise refusal(code)

    return answer


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("time.sleep", lambda _: None)
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin:/usr/bin")
    (tmp_path / "pulumi").write_text(ENGINE)
    (tmp_path / "pulumi").chmod(0o755)
    (tmp_path / "state.json").write_text(json.dumps(declared()))
    (tmp_path / "history.json").write_text(json.dumps(rows(*THREE)))
    shutil.copy(ROOT / "Pulumi.dev.yaml", tmp_path)
    return tmp_path


def account() -> World:
    """One where every call of a command is answered."""
    world = World()
    world.answers["describe_auto_scaling_groups"] = lambda _: GROUPS
    world.answers["describe_instance_refreshes"] = lambda _: {"InstanceRefreshes": []}
    return world


@pytest.mark.parametrize("command", READING)
def test_a_command_that_reads_calls_nothing_else(
    command: str, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    world, noted = account(), list[str]()
    monkeypatch.setattr(source, "clients", lambda *_, **__: Noting(world, noted))
    before = {path: path.read_bytes() for path in folder.iterdir()}
    assert cli.run(READING[command]) in (0, 1, 2), capsys.readouterr().err
    assert [operation for operation in noted if not READS.match(operation)] == []
    asked = (folder / "asked").read_text().splitlines() if (folder / "asked").exists() else []
    assert {" ".join(line.split()[:2]) for line in asked} <= ENGINE_READS
    assert noted or asked, "it asked somebody"
    after = {path: path.read_bytes() for path in folder.iterdir() if path.name not in ("asked", "kept.json")}
    assert after == before


@pytest.mark.parametrize("code", ["AccessDeniedException", "ThrottlingException", "ServiceNotFoundException"])
@pytest.mark.parametrize("command", READING)
def test_whichever_call_is_refused_the_command_ends_in_an_answer_or_in_a_sentence(
    command: str, code: str, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    noted: list[str] = []
    monkeypatch.setattr(source, "clients", lambda *_, **__: Noting(account(), noted))
    cli.run(READING[command])
    capsys.readouterr()
    for operation in dict.fromkeys(noted):
        world = account()
        world.answers[operation] = refusing(code)
        monkeypatch.setattr(source, "clients", lambda *_, world=world, **__: world)
        ended = cli.run(READING[command])
        shown = capsys.readouterr()
        assert ended in (0, 1, 2), operation
        assert shown.out or shown.err.splitlines()[-1].startswith("error: "), operation


@pytest.mark.parametrize("command", RECORDED)
def test_a_command_that_reads_metrics_calls_nothing_else(
    command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    world, noted = RecordedAccount(made("ecs_service")), list[str]()
    world.answers["get_caller_identity"] = lambda _: {"Account": ACCOUNT}
    monkeypatch.setattr(source, "clients", lambda *_, **__: Noting(world, noted))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "state.json").write_text(json.dumps(declared_scaled(world)))
    shutil.copy(ROOT / "Pulumi.dev.yaml", tmp_path)
    assert cli.run(RECORDED[command]) in (0, 1, 2), capsys.readouterr().err
    assert "get_metric_data" in noted
    assert [operation for operation in noted if not READS.match(operation)] == []


def every_call() -> Iterator[Call]:
    for module in (calls, day_to_day):
        yield from (value for value in vars(module).values() if isinstance(value, Call))


def test_a_call_that_is_no_describe_get_or_list_says_that_it_writes_and_no_other_does() -> None:
    found = {call.operation: call.writes for call in every_call()}
    wrong = {name: writes for name, writes in found.items() if bool(READS.match(name)) == writes}
    assert wrong == {}
    assert any(found.values())


LIMITED = {"connect_timeout", "read_timeout"}
HTTP = {"get", "post", "put", "patch", "delete", "head", "options", "request"}


def without_limits(source_text: str) -> list[str]:
    """Calls of a module that make a client or send a request, and say nothing of its time."""
    module = ast.parse(source_text)
    sessions = {"requests"} if re.search(r"^\s*import requests$", source_text, re.MULTILINE) else set[str]()
    for node in ast.walk(module):
        if isinstance(node, ast.withitem) and ast.unparse(node.context_expr).startswith("requests.Session"):
            sessions.add(ast.unparse(node.optional_vars or node.context_expr))
        if isinstance(node, ast.Assign) and ast.unparse(node.value).startswith("requests.Session"):
            sessions |= {ast.unparse(target) for target in node.targets}
    found = []
    for node in ast.walk(module):
        if not isinstance(node, ast.Call):
            continue
        given = {word.arg for word in node.keywords}
        receiver, _, name = ast.unparse(node.func).rpartition(".")
        wanted: set[str] = set()
        if (name == "Config" and "connect_timeout" not in given and {"retries", "max_pool_connections"} & given) or (
            name == "Config" and "connect_timeout" in given
        ):
            wanted = LIMITED
        elif name == "create_client" or (name == "client" and receiver == "session"):
            wanted = {"config"}
        elif (
            (receiver in sessions and name in HTTP)
            or name in ("urlopen", "APIClient", "DockerClient", "from_env")
            or (name == "open" and receiver == "opener")
            or name in ("create_connection", "HTTPConnection", "HTTPSConnection")
        ):
            wanted = {"timeout"}
        if wanted - given:
            found.append(ast.unparse(node.func))
    return found


def test_every_request_has_limits_of_time() -> None:
    rooms = ("operations", "stacks", "components", "localcloud", "guardrails", "elasticity", "docker_client")
    texts = {
        str(path.relative_to(ROOT)): path.read_text(encoding="utf-8")
        for room in rooms
        for path in sorted((ROOT / room).rglob("*.py"))
    }
    assert {path: found for path, text in texts.items() if (found := without_limits(text))} == {}
    makers = {path for path, text in texts.items() if re.search(r"create_client\(|session\.client\(|Session\(\)", text)}
    assert {"operations/live/aws.py", "localcloud/aws/client.py"} <= makers


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("import requests\nrequests.get(url)", ["requests.get"]),
        ("with requests.Session() as s:\n    s.delete(url)", ["s.delete"]),
        ("urllib.request.urlopen(url)", ["urllib.request.urlopen"]),
        ("session.client('ecs')", ["session.client"]),
        ("Config(retries={}, connect_timeout=1)", ["Config"]),
        ("docker.APIClient(base_url=x)", ["docker.APIClient"]),
        ("requests.get(url, timeout=1)\nfound.get(url)", []),
    ],
)
def test_a_request_without_a_limit_is_seen(text: str, found: list[str]) -> None:
    assert without_limits(text) == found


@pytest.mark.parametrize("service", sorted({call.service for call in every_call()}))
def test_every_client_has_both_limits_and_so_many_attempts_as_it_says(service: str) -> None:
    client: Any = clients("eu-central-1", endpoint="http://127.0.0.1:9", keys=("key", "secret"))(service)
    config = client.meta.config
    assert (config.connect_timeout, config.read_timeout) == (CONNECT_TIMEOUT, READ_TIMEOUT)
    assert config.retries["total_max_attempts"] == ATTEMPTS
