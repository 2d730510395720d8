"""Secrets in what a command says of itself: one filter, every command, every way in which an error quotes one. It cannot
prove that a secret of a form that nobody knows is hidden, nor what another program writes to the terminal itself."""

from __future__ import annotations

import datetime
import io
import json
import logging
import os
import re
import subprocess
import sys
import threading
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
import pytest
from botocore.exceptions import ClientError, HTTPClientError

from operations import cli
from operations.live import source
from operations.redaction import Filter, filtered, hidden, redacted
from tests.operations.answered import World, refusal, state

ROOT = Path(__file__).parents[2]
KEY, SIGNED = "AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
SESSION = "IQoJb3JpZ2luX2VjEXAMPLEzxc98xyzzy/long+session=="
PHRASE = "correct horse battery"
PLANTED = (KEY, SIGNED, SESSION, PHRASE, "hunter2!", "f00dfeedbeef")
"""Each of them is in something that a command meets."""
ENVIRONMENT = {
    "AWS_ACCESS_KEY_ID": KEY,
    "AWS_SECRET_ACCESS_KEY": SIGNED,
    "AWS_SESSION_TOKEN": SESSION,
    "PULUMI_CONFIG_PASSPHRASE": PHRASE,
}
QUOTED: dict[str, str] = {
    "a value of the environment": f"the backend does not take {PHRASE}",
    "what signs a request": f"Authorization: AWS4-HMAC-SHA256 Credential={KEY}/20261101/us-east-1/ecs, Signature=f00dfeedbeef",
    "headers as Python shows them": f"{{'X-Amz-Security-Token': '{SESSION}', 'Authorization': 'Bearer f00dfeedbeef'}}",
    "an address": f"https://ci:hunter2!@states.example/x?X-Amz-Credential={KEY}&X-Amz-Signature=f00dfeedbeef",
    "JSON": '{"databasePassword": "hunter2!", "token":"f00dfeedbeef"}',
    "settings": "password=hunter2! api_key = f00dfeedbeef",
    "a key file": "-----BEGIN PRIVATE KEY-----\nhunter2!\nf00dfeedbeef\n-----END PRIVATE KEY-----",
}


def leaks(*texts: str) -> set[str]:
    return {secret for secret in PLANTED for text in texts if secret in text}


@pytest.fixture
def planted(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)


def whole(words: list[str], monkeypatch: pytest.MonkeyPatch) -> int:
    """As the installed command runs, tracebacks and all."""
    monkeypatch.setattr(sys, "argv", ["accordion", *words])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    return int(str(ended.value.code))


def said_by_a_library(text: str) -> None:
    logging.getLogger("botocore.endpoint").warning("%s", text)
    warnings.warn(text, stacklevel=1)
    thread = threading.Thread(target=lambda: [][len(text)])
    thread.name = text  # an exception that nobody catches is told with the name of its thread
    thread.start()
    thread.join()


def of_botocore(text: str) -> None:
    raise ClientError({"Error": {"Code": "InvalidSignatureException", "Message": text}}, "DescribeServices")


def of_http(text: str) -> None:
    raise HTTPClientError(error=ConnectionError(text))


def of_a_subprocess(text: str) -> None:
    subprocess.run([sys.executable, "-c", "raise SystemExit(3)", text], check=True)


def of_our_own(text: str) -> None:
    raise click.ClickException(text)


def of_usage(text: str) -> None:
    raise click.BadParameter(text)


WAYS: tuple[Callable[[str], None], ...] = (
    said_by_a_library,
    of_botocore,
    of_http,
    of_a_subprocess,
    of_our_own,
    of_usage,
)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
@pytest.mark.parametrize("name", sorted(cli.COMMANDS))
def test_no_secret_leaves_a_command_by_any_way_in_which_it_can_be_quoted(
    name: str, planted: None, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    group = cli.LazyGroup()
    found = group.get_command(click.Context(group), name)
    assert found is not None
    monkeypatch.setattr(threading, "excepthook", threading.__excepthook__)
    monkeypatch.setattr(
        logging.getLogger("botocore.endpoint"), "propagate", False
    )  # pytest's handlers keep the records
    for way in WAYS:
        for text in QUOTED.values():

            def quotes(*_: Any, way: Any = way, text: str = text, **__: Any) -> Any:
                way(text)
                raise click.exceptions.Exit(0)

            monkeypatch.setattr(found, "make_context", quotes)
            with monkeypatch.context() as patched, warnings.catch_warnings():
                patched.setattr(warnings, "showwarning", _shown)
                warnings.simplefilter("always")
                code = whole([name], patched)
            shown = capfd.readouterr()
            assert leaks(shown.out, shown.err) == set(), (way.__name__, text)
            assert "[secret]" in shown.err, (way.__name__, text)
            assert code in (0, 1, 2)


def _shown(message: Any, category: Any, filename: str, lineno: int, *_: Any) -> None:
    """As Python shows a warning; pytest keeps it."""
    sys.stderr.write(warnings.formatwarning(message, category, filename, lineno))


ASKING = {
    "monitor": ["monitor", "--state", "state.json"],
    "monitor json": ["monitor", "--state", "state.json", "--format", "json"],
    "monitor markdown": ["monitor", "--state", "state.json", "--format", "markdown"],
    "monitor --before": ["monitor", "Pulumi.dev.yaml", "--before"],
    "performance": ["performance", "--state", "state.json", "--last", "1h"],
    "record": ["record", "s0", "--last", "1h", "--output", "written"],
    "read": ["read", "--live", "--region", "eu-central-1", "--output", "written"],
}


@pytest.mark.parametrize("text", QUOTED.values(), ids=QUOTED)
@pytest.mark.parametrize("command", ASKING)
def test_an_answer_quotes_what_aws_said_without_its_secrets(
    command: str,
    text: str,
    planted: None,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    class Refusing(World):
        """AWS that tells who asks, and refuses all else in words that quote a secret."""

        def __getattr__(self, operation: str) -> Any:
            def call(**_: Any) -> dict[str, Any]:
                if operation == "get_caller_identity":
                    return {"Account": "123456789012"}
                raise refusal("InvalidParameterException", text)

            return call

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("time.sleep", lambda _: None)
    (tmp_path / "state.json").write_text(json.dumps(state()))
    (tmp_path / "Pulumi.dev.yaml").write_text((ROOT / "Pulumi.dev.yaml").read_text())
    monkeypatch.setattr(source, "clients", lambda *_, **__: Refusing())
    cli.run(ASKING[command])
    shown = capsys.readouterr()
    assert leaks(shown.out, shown.err) == set()
    kept = [path.read_text() for path in tmp_path.glob("written*")]
    assert leaks(*kept) == set()


@pytest.mark.parametrize("form", ["text", "json", "markdown"])
@pytest.mark.parametrize("text", QUOTED.values(), ids=QUOTED)
def test_a_difference_quotes_the_reasons_of_aws_without_their_secrets(
    text: str,
    form: str,
    planted: None,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    world, now = World(), datetime.datetime.now(datetime.UTC)
    failed = {"StatusCode": "Failed", "StatusMessage": text, "Description": text, "StartTime": now}
    world.answers["describe_scaling_activities"] = lambda _: {"ScalingActivities": [failed]}
    details = world.details
    back = {"serviceRevisionArn": "r", "reason": text}
    world.answers["describe_service_deployments"] = lambda asked: {
        "serviceDeployments": [
            details(of) | {"status": "ROLLBACK_SUCCESSFUL", "rollback": back} for of in asked["serviceDeploymentArns"]
        ]
    }
    (tmp_path / "state.json").write_text(json.dumps(state()))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("time.sleep", lambda _: None)
    monkeypatch.setattr(source, "clients", lambda *_, **__: world)
    assert cli.run(["monitor", "--state", "state.json", "--format", form]) == 1
    shown = capsys.readouterr()
    assert leaks(shown.out, shown.err) == set()
    assert "s0.activity" in shown.out or '"activity"' in shown.out or "s0.activity".replace(".", "\\.") in shown.out
    assert "secret" in shown.out


ENGINE = """#!/bin/sh
echo "$@" >> "$SEEN"
echo "error: decryption failed: passphrase=$PULUMI_CONFIG_PASSPHRASE" >&2
echo "aws_secret_access_key: $AWS_SECRET_ACCESS_KEY, PULUMI_ACCESS_TOKEN=pul-0123456789012345678901234567890123456789" >&2
echo 'databasePassword: "hunter2!"' >&2
exit 255
"""
BY_THE_ENGINE = ("monitor", "performance", "history", "rollback", "tasks", "logs", "exec", "run", "scale", "release")


@pytest.mark.parametrize("name", BY_THE_ENGINE)
def test_what_pulumi_says_is_passed_on_without_its_secrets_and_no_secret_is_asked_of_it(
    name: str, planted: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    engine, seen = tmp_path / "pulumi", tmp_path / "seen"
    engine.write_text(ENGINE)
    engine.chmod(0o755)
    (tmp_path / "Pulumi.dev.yaml").write_text((ROOT / "Pulumi.dev.yaml").read_text())
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("SEEN", str(seen))
    before, after = {"release": ["status"]}.get(name, []), {"run": ["--", "true"]}.get(name, [])
    assert whole([name, *before, "--stack", "dev", *after], monkeypatch) == 2
    shown = capfd.readouterr()
    assert leaks(shown.out, shown.err) == set()
    assert "pul-0123" not in shown.err
    assert "decryption failed: [secret]" in shown.err
    assert "--show-secrets" not in seen.read_text()


@pytest.mark.parametrize("text", QUOTED.values(), ids=QUOTED)
def test_outputs_with_a_secret_are_refused_without_it(
    text: str, planted: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "outputs.json").write_text(json.dumps({"region": text, "services": {"web": text}, "token": text}))
    monkeypatch.chdir(tmp_path)
    assert cli.run(["monitor", "--outputs", "outputs.json"]) == 2
    shown = capsys.readouterr()
    assert leaks(shown.out, shown.err) == set()


def test_every_way_to_standard_error_goes_through_one_filter() -> None:
    writers = {
        str(path.relative_to(ROOT)): found
        for path in sorted((ROOT / "operations").rglob("*.py"))
        if (
            found := re.findall(
                r"sys\.__stderr__|os\.write\(2|open\(2\b|stderr\.buffer|StreamHandler", path.read_text()
            )
        )
    }
    assert writers == {}


@pytest.mark.parametrize(
    "text",
    [
        "the role may not read this: it lacks secretsmanager:DescribeSecret",
        "Pulumi.dev.yaml:12: accordion:oidc_client_secret: is a secret: set it with `pulumi config set --secret oidc_client_secret`",
        "arn:aws:secretsmanager:eu-central-1:123456789012:secret:shop/db-AbCdEf: there is none",
        "the token of `aws sso login` is no longer valid: sign in again",
        "AWS does not take the credentials (ExpiredTokenException): sign in again",
        "asking AWS what runs of stack dev, declared by its state in pulumi's backend",
        "deployment ecs-svc/1234567890123456789 of 6b1f2c3d4e5f60718293a4b5c6d7e8f901234567",
    ],
)
def test_a_sentence_without_a_secret_stays_as_it_is(text: str) -> None:
    assert hidden(text, ENVIRONMENT) == text


def test_a_message_is_told_without_keys_and_without_control_characters() -> None:
    said = redacted("token=abc123 of AKIAIOSFODNN7EXAMPLE\x1b[2J\u009b is bad")
    assert said == "[secret] of [secret] [2J  is bad"


def test_places_of_secrets_and_short_values_are_no_secrets() -> None:
    environment = {"AWS_WEB_IDENTITY_TOKEN_FILE": "/var/run/token", "TOKEN": "short", "GITHUB_TOKEN": "0123456789"}
    assert hidden("/var/run/token short 0123456789", environment) == "/var/run/token short [secret]"


def test_a_secret_in_two_writes_is_hidden_and_a_flush_ends_a_line(planted: None) -> None:
    screen = io.StringIO()
    stream: Any = Filter(screen)
    stream.write(f"passphrase {PHRASE[:7]}")
    assert screen.getvalue() == ""
    stream.write(f"{PHRASE[7:]}\nworking\r")
    assert screen.getvalue() == "passphrase [secret]\n"
    stream.flush()
    assert screen.getvalue() == "passphrase [secret]\nworking\r"
    stream.writelines([PHRASE, "\n"])
    assert screen.getvalue() == "passphrase [secret]\nworking\r[secret]\n"


def test_a_filter_within_a_filter_is_the_same_and_is_gone_at_the_end(capsys: pytest.CaptureFixture[str]) -> None:
    before = sys.stderr
    with filtered():
        held: Any = sys.stderr
        with filtered():
            assert sys.stderr is held
        assert isinstance(held, Filter)
        assert (held.isatty(), held.encoding) == (before.isatty(), before.encoding)
        assert not hasattr(held, "buffer")
    assert sys.stderr is before
