"""Bad days, for every command that asks AWS: one sentence, exit code 2, nothing written, nothing changed. The errors are
those that botocore raises; that AWS raises them then is not proved here. `scale`, `tasks`, `logs`, `run` and `exec`:
tests/operations/test_day_to_day.py; `rollback`: test_going_back.py."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import (
    ConnectTimeoutError,
    EndpointConnectionError,
    NoCredentialsError,
    ReadTimeoutError,
    TokenRetrievalError,
)

from operations import cli
from operations.live import source
from tests.operations.answered import World, refusal, state

ROOT = Path(__file__).parents[2]
COMMANDS = {
    "monitor": ["monitor", "--state", "state.json", "--save", "written"],
    "monitor --wait": ["monitor", "--state", "state.json", "--wait", "--save", "written"],
    "monitor --before": ["monitor", "Pulumi.dev.yaml", "--before"],
    "performance": ["performance", "--state", "state.json", "--last", "1h", "--picture", "written.svg"],
    "record": ["record", "s0", "--last", "1h", "--output", "written"],
    "read": ["read", "--live", "--region", "eu-central-1", "--output", "written"],
}
URL = "https://ecs.eu-central-1.amazonaws.com"
DAYS: dict[str, tuple[Exception, str]] = {
    "throttled": (refusal("ThrottlingException", "Rate exceeded"), "try later"),
    "expired": (refusal("ExpiredTokenException", "The security token is expired"), "sign in again"),
    "expired single sign-on": (TokenRetrievalError(provider="sso", error_msg="Token has expired"), "sign in"),
    "no credentials": (NoCredentialsError(), "credentials"),
    "not reached": (EndpointConnectionError(endpoint_url=URL), "reached"),
    "slow to connect": (ConnectTimeoutError(endpoint_url=URL), "did not take the connection within 5 s"),
    "slow to answer": (ReadTimeoutError(endpoint_url=URL), "did not answer within 20 s"),
}


class Refusing(World):
    """AWS on a bad day: every operation ends so, whichever it is."""

    def __init__(self, error: Exception) -> None:
        super().__init__()
        self.error = error

    def __getattr__(self, operation: str) -> Any:
        def call(**_: Any) -> dict[str, Any]:
            self.requests[operation] += 1
            raise self.error

        return call


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("time.sleep", lambda _: None)
    (tmp_path / "state.json").write_text(json.dumps(state()))
    shutil.copy(ROOT / "Pulumi.dev.yaml", tmp_path)
    return tmp_path


@pytest.mark.parametrize("day", DAYS)
@pytest.mark.parametrize("command", COMMANDS)
def test_a_bad_day_is_a_sentence_and_exit_code_2(
    command: str, day: str, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    error, said = DAYS[day]
    world = Refusing(error)
    monkeypatch.setattr(source, "clients", lambda *_, **__: world)
    before = sorted(folder.iterdir())
    assert cli.run(COMMANDS[command]) == 2
    shown = capsys.readouterr()
    assert shown.err.splitlines()[-1].startswith("error: ")
    assert said in shown.err
    assert "Traceback" not in shown.err
    assert shown.out == ""
    assert sorted(folder.iterdir()) == before, "nothing is written"
    assert all(name.startswith(("describe_", "get_", "list_")) for name in world.requests), world.requests
