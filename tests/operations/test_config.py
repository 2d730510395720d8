"""`accordion config` with answers made up: what it tells, refuses and writes.

It cannot prove that AWS or an Engine answers so: tests/engine/test_configuration.py has a stand-in for AWS.
"""

from __future__ import annotations

import base64
import datetime
import json
import os
import subprocess
from collections.abc import Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from operations.cli import run
from operations.configuration import command
from operations.configuration.edited import with_key, with_scalar
from operations.failures import CannotRun
from operations.live.answers import Items, Unanswered
from operations.live.calls import Call
from operations.live.engine import EngineAnswers
from tests.stacks.test_configuration import ARN, RIGHT, SECRETS, text

AT = datetime.datetime(2026, 11, 3, 8, tzinfo=datetime.UTC)
OLD, NEW = "0" * 32, "1" * 32
PRIVATE = """\
config:
  accordion:composition: private_service
  accordion:environment: { production: false }
  accordion:services:
    web:
      container: { image: { repository: shop/web, version: "1" } }
      count: 1
      secrets: [word]
      configs: { /etc/web.conf: "now\\n" }
      configuration: { values: { POOL: 7 }, secrets: { DB_PASSWORD: db } }
"""


class Answered:
    """Answers by operation, and what was asked."""

    def __init__(self, found: Mapping[str, Any]) -> None:
        self.found = found
        self.asked: list[tuple[str, dict[str, Any]]] = []

    def ask(self, call: Call, **parameters: Any) -> Items:
        self.asked.append((call.operation, parameters))
        answer = self.found.get(call.operation, [])
        if isinstance(answer, Exception):
            raise answer
        return list(answer(parameters) if callable(answer) else answer)


def parameters(asked: Mapping[str, Any]) -> Items:
    by = "arn:aws:sts::123456789012:assumed-role/deploy/ada"
    return [
        {"Version": 1, "Type": "String", "Value": "3", "LastModifiedDate": AT, "LastModifiedUser": by},
        {"Version": 2, "Type": "String", "Value": "7", "LastModifiedDate": AT, "LastModifiedUser": by},
    ] if asked["Name"].endswith("POOL") else []  # fmt: skip


ON_AWS: dict[str, Any] = {
    "get_caller_identity": [{"Account": "123456789012"}],
    "get_parameter_history": parameters,
    "list_secret_version_ids": [
        {"VersionId": OLD, "VersionStages": ["AWSPREVIOUS"], "CreatedDate": AT},
        {"VersionId": NEW, "VersionStages": ["AWSCURRENT"], "CreatedDate": AT},
    ],
}


class Ran:
    """An engine that notes its words, and the file of settings that each was given."""

    option = " --local"

    def __init__(self, fails: str = "", history: list[dict[str, Any]] | None = None) -> None:
        self.words: list[list[str]] = []
        self.files: list[str] = []
        self.fails, self.history = fails, history or []

    def ask(self, words: list[str], what: str) -> str:
        assert words[:3] == ["stack", "history", "--json"]
        return json.dumps(self.history)

    def run(self, words: list[str]) -> int:
        self.words.append(list(words))
        if "--config-file" in words:
            self.files.append(Path(words[words.index("--config-file") + 1]).read_text())
        return int(words[0] == self.fails)


@pytest.fixture
def answered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """f(answers, stack file, engine) -> who answers; in a folder with that stack file."""
    monkeypatch.chdir(tmp_path)

    def given(found: Mapping[str, Any] = ON_AWS, written: str | None = None, engine: Ran | None = None) -> Answered:
        (tmp_path / "Pulumi.dev.yaml").write_text(text() if written is None else written)
        answers = Answered(found)
        monkeypatch.setattr(command, "answers_for", lambda declaration, *, local: answers)
        monkeypatch.setattr(command, "engine_of", lambda *, local: engine or Ran())
        return answers

    return given


def said(capsys: pytest.CaptureFixture[str], *arguments: str, code: int = 0) -> str:
    assert run(["config", *arguments]) == code
    out, err = capsys.readouterr()
    return out + err


def test_history_tells_versions_by_whom_and_never_a_secret(answered: Any, capsys: pytest.CaptureFixture[str]) -> None:
    answered()
    assert said(capsys, "history") == (
        "dev: 4 keys, 4 versions\n"
        "\nweb.LOG_LEVEL (value)\n  it was not deployed yet\n"
        "\nweb.POOL (value)\n  2  2026-11-03 08:00Z  ada  7  current\n  1  2026-11-03 08:00Z  ada  3\n"
        "\nweb.RATIO (value)\n  it was not deployed yet\n"
        f"\nweb.DB_PASSWORD (secret)\n  {NEW}  2026-11-03 08:00Z  [secret]  current\n"
        f"  {OLD}  2026-11-03 08:00Z  [secret]\n"
    )


def test_no_call_reads_the_value_of_a_secret(answered: Any, capsys: pytest.CaptureFixture[str]) -> None:
    answers = answered()
    said(capsys, "history")
    said(capsys, "diff", code=1)
    said(capsys, "restore", "web.DB_PASSWORD", OLD, "--yes")
    assert {operation for operation, _ in answers.asked} == {
        "get_caller_identity",
        "get_parameter_history",
        "list_secret_version_ids",
        "update_secret_version_stage",
    }
    assert not any(asked.get("WithDecryption") for _, asked in answers.asked)


def test_a_parameter_that_somebody_encrypted_is_not_shown(answered: Any, capsys: pytest.CaptureFixture[str]) -> None:
    encrypted = [{"Version": 3, "Type": "SecureString", "Value": "AQICAHg", "LastModifiedDate": AT}]
    answered(ON_AWS | {"get_parameter_history": encrypted})
    assert "AQICAHg" not in said(capsys, "history", "web.POOL", "--format", "json")
    assert said(capsys, "restore", "web.POOL", "3", code=2) == (
        "error: web.POOL: version 3 is encrypted, and no value of ours: nothing was changed\n"
    )


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (
            ["history", "web.NONE"],
            "error: stack dev declares no key 'web.NONE': there are web.LOG_LEVEL, web.POOL, web.RATIO, web.DB_PASSWORD\n",
        ),
        (["restore", "web.POOL", "9"], "error: web.POOL has no version '9': there are 2, 1\n"),
        (
            ["restore", "web.DB_PASSWORD", "000"],
            f"error: web.DB_PASSWORD has no version '000': there are {NEW}, {OLD}\n",
        ),
        (
            ["restore", "web.LOG_LEVEL", "1"],
            "error: web.LOG_LEVEL has no version '1': there are none: it was not deployed\n",
        ),
        (
            ["restore", "web.POOL", "1"],
            "error: nothing was changed: nobody can be asked here; --yes deploys after the preview\n",
        ),
    ],
)
def test_what_is_not_there_is_refused_with_what_there_is(
    arguments: list[str], told: str, answered: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    answered()
    assert said(capsys, *arguments, code=2).endswith(told)


def test_a_value_comes_back_in_the_stack_file_after_a_preview_with_it(
    answered: Any, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    engine = Ran()
    answered(engine=engine)
    assert said(capsys, "restore", "web.POOL", "1", "--yes") == (
        "web.POOL becomes that of version 1, 2026-11-03 08:00Z: 7 -> 3\n"
        "  rolled: web, whose tasks are replaced\n"
        "web.POOL is that of version 1 again\n"
        "does it run? accordion monitor --local --stack dev --wait\n"
    )
    after = text(RIGHT.replace("POOL: 7", "POOL: 3"))
    assert (tmp_path / "Pulumi.dev.yaml").read_text() == after
    assert engine.files == [after]
    assert [words[0] for words in engine.words] == ["preview", "up"]


def test_the_version_that_holds_needs_no_restoring(answered: Any, capsys: pytest.CaptureFixture[str]) -> None:
    engine = Ran()
    answered(engine=engine)
    assert said(capsys, "restore", "web.POOL", "2") == "web.POOL is that of version 2: nothing to restore\n"
    assert (
        said(capsys, "restore", "web.DB_PASSWORD", NEW)
        == f"web.DB_PASSWORD is that of version {NEW}: nothing to restore\n"
    )
    assert engine.words == []


def test_a_preview_that_fails_changes_nothing(
    answered: Any, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    answers = answered(engine=Ran(fails="preview"))
    for key, version in (("web.POOL", "1"), ("web.DB_PASSWORD", OLD)):
        told = said(capsys, "restore", key, version, "--yes", code=2)
        assert told.endswith("error: the preview failed: nothing was changed\n")
    assert (tmp_path / "Pulumi.dev.yaml").read_text() == text()
    assert "update_secret_version_stage" not in [operation for operation, _ in answers.asked]


def test_a_deployment_that_fails_says_what_is_restored_already(
    answered: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    answered(engine=Ran(fails="up"))
    assert said(capsys, "restore", "web.POOL", "1", "--yes", code=1).endswith(
        "web.POOL is restored in Pulumi.dev.yaml, and its deployment failed: see above, then deploy again\n"
    )
    assert said(capsys, "restore", "web.DB_PASSWORD", OLD, "--yes", code=1).endswith(
        "web.DB_PASSWORD is restored in Secrets Manager, and its deployment failed: see above, then deploy again\n"
    )


def test_a_secret_becomes_current_again_and_the_stack_file_stays(
    answered: Any, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    engine = Ran()
    answers = answered(engine=engine)
    said(capsys, "restore", "web.DB_PASSWORD", OLD, "--yes")
    moved = {
        "SecretId": ARN,
        "VersionStage": "AWSCURRENT",
        "MoveToVersionId": OLD,
        "RemoveFromVersionId": NEW,
    }
    assert answers.asked[-1] == ("update_secret_version_stage", moved)
    assert engine.files == [text(secrets=SECRETS.replace("{ arn", f'{{ version: "{OLD}", arn'))]
    assert (tmp_path / "Pulumi.dev.yaml").read_text() == text()


def test_a_pinned_version_comes_back_in_the_stack_file(
    answered: Any, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    pinned = SECRETS.replace("{ arn", f'{{ version: "{NEW}", arn')
    answers = answered(written=text(secrets=pinned))
    said(capsys, "restore", "web.DB_PASSWORD", OLD, "--yes")
    assert (tmp_path / "Pulumi.dev.yaml").read_text() == text(secrets=pinned.replace(NEW, OLD))
    assert "update_secret_version_stage" not in [operation for operation, _ in answers.asked]


def test_environments_differ_by_key(answered: Any, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    answered()
    other = text("values: { LOG_LEVEL: info, POOL: 7, EXTRA: x, DB_PASSWORD: planted }", "secrets: {}")
    (tmp_path / "Pulumi.prod.yaml").write_text(other)
    assert said(capsys, "diff", "--against", "prod", code=1) == (
        "dev and prod: 4 differences\n"
        "  web.LOG_LEVEL: debug, in prod info\n"
        "  web.RATIO: prod has none\n"
        "  web.DB_PASSWORD: a secret, in prod a value\n"
        "  web.EXTRA: only prod has it\n"
    )
    assert said(capsys, "diff", "--against", "dev") == "dev and dev: 0 differences\n"


def test_declared_differs_from_what_is_there(answered: Any, capsys: pytest.CaptureFixture[str]) -> None:
    answered(written=text(RIGHT.replace("POOL: 7", "POOL: 8")))
    assert said(capsys, "diff", code=1) == (
        "dev and what is there: 3 differences\n"
        "  web.LOG_LEVEL: declared, and not deployed\n"
        "  web.POOL: declared 8, there 7 (2026-11-03 08:00Z)\n"
        "  web.RATIO: declared, and not deployed\n"
    )


def test_versions_of_a_secret_differ_without_their_values(answered: Any, capsys: pytest.CaptureFixture[str]) -> None:
    answered()
    assert said(capsys, "diff", "web.DB_PASSWORD", OLD, NEW, code=1) == (
        "web.DB_PASSWORD in dev: 1 difference\n"
        f"  version {OLD} of 2026-11-03 08:00Z, and {NEW} of 2026-11-03 08:00Z: values of secrets are not read\n"
    )
    told = said(capsys, "diff", "web.POOL", "--against", "prod", code=2)
    assert told.endswith("error: give --against STACK, or service.KEY with two versions, or neither\n")


def on_swarm(name: str, data: str | None = None) -> dict[str, Any]:
    held = {} if data is None else {"Data": base64.b64encode(data.encode()).decode()}
    return {"ID": name, "CreatedAt": "2026-11-03T08:00:00.123456789Z", "Spec": {"Name": name, **held}}


SWARM: dict[str, Any] = {
    "list_secrets": [on_swarm("web-secret-word-00aabb-1a2b3c4"), on_swarm("web-secret-db-0011ff-1a2b3c4")],
    "list_configs": [
        on_swarm("web-config-0-aaaa0000-1a2b3c4", "before\n"),
        on_swarm("web-config-0-bbbb0000-1a2b3c4", "now\n"),
    ],
    "list_services": [
        {
            "ID": "x",
            "Spec": {"Name": "proxy-service-1a2b3c4", "Configs": [{"ConfigName": "web-config-0-bbbb0000-1a2b3c4"}]},
        }
    ],
}


def test_on_a_swarm_files_and_secrets_have_versions_by_content(
    answered: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    answered(SWARM, PRIVATE)
    assert said(capsys, "history") == (
        "dev: 4 keys, 4 versions\n"
        "\nweb.POOL (value)\n  it was not deployed yet\n"
        "\nweb.DB_PASSWORD (secret)\n  0011ff  2026-11-03 08:00Z  [secret]\n"
        "\nweb.word (secret)\n  00aabb  2026-11-03 08:00Z  [secret]\n"
        "\nweb./etc/web.conf (file)\n  bbbb0000  2026-11-03 08:00Z  now  current\n  aaaa0000  2026-11-03 08:00Z  before\n"
    )


def update(version: int, pool: Any, kind: str = "update", result: str = "succeeded") -> dict[str, Any]:
    """As `pulumi stack history --json` has it."""
    web = {"configuration": {"values": {} if pool is None else {"POOL": pool}}}
    return {
        "version": version,
        "kind": kind,
        "result": result,
        "startTime": "2026-11-03T08:00:00.000Z",
        "endTime": f"2026-11-03T08:0{version}:00.000Z",
        "environment": {"git.author": "ada"},
        "config": {"accordion:services": {"value": json.dumps({"web": web}), "objectValue": {"web": web}}},
    }


DECLARED = [
    update(8, 7), update(7, 9, result="failed"), update(6, 7), update(5, 9), update(4, None), update(3, 3),
    update(2, 3, kind="refresh"), update(1, 3),
]  # fmt: skip
"""The newest first."""


def test_on_a_swarm_versions_of_a_value_are_those_that_were_deployed_and_one_comes_back(
    answered: Any, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    engine = Ran(history=DECLARED)
    answered(SWARM, PRIVATE, engine)
    assert said(capsys, "history", "web.POOL") == (
        "dev: 1 key, 3 versions\n\nweb.POOL (value)\n"
        "  6  2026-11-03 08:06Z  ada  7  current\n"
        "  5  2026-11-03 08:05Z  ada  9\n"
        "  1  2026-11-03 08:01Z  ada  3\n"
    )
    assert said(capsys, "diff", "web.POOL", "5", "6", code=1) == (
        "web.POOL in dev: 1 difference\n  9 (2026-11-03 08:05Z) -> 7 (2026-11-03 08:06Z)\n"
    )
    said(capsys, "restore", "web.POOL", "5", "--yes")
    assert (tmp_path / "Pulumi.dev.yaml").read_text() == PRIVATE.replace("POOL: 7", "POOL: 9")
    assert [words[0] for words in engine.words] == ["preview", "up"]
    answered(SWARM, PRIVATE, Ran(history=[update(9, 7, kind="destroy"), *DECLARED]))
    assert "current" not in said(capsys, "history", "web.POOL")


@pytest.mark.parametrize(
    ("there", "told"),
    [
        (["POOL=7"], ""),
        (["OTHER=1"], "  web.POOL: declared, and not deployed\n"),
        (["POOL=8=9"], "  web.POOL: declared 7, there 8=9\n"),
    ],
)
def test_on_a_swarm_a_value_differs_from_the_variable_of_the_service(
    there: list[str], told: str, answered: Any, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    given = {"Name": "web-service-1a2b3c4", "TaskTemplate": {"ContainerSpec": {"Env": [*there, "WORD=planted"]}}}
    service = {"ID": "y", "Spec": given}
    paths = {"/services": [*SWARM["list_services"], service], "/services/y": service}
    paths |= {"/secrets": SWARM["list_secrets"], "/configs": SWARM["list_configs"]}
    engine: Any = SimpleNamespace(ask=lambda _, path, **__: paths[path])
    answered(SWARM, PRIVATE)
    monkeypatch.setattr(command, "answers_for", lambda declaration, *, local: EngineAnswers(engine))
    count = 1 if told else 0
    assert said(capsys, "diff", code=count) == (
        f"dev and what is there: {count} difference{'s' * (count != 1)}\n{told}"
    )


def test_on_a_swarm_a_file_comes_back_and_a_secret_cannot(
    answered: Any, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    answered(SWARM, PRIVATE)
    said(capsys, "restore", "web./etc/web.conf", "aaaa0000", "--yes")
    assert (tmp_path / "Pulumi.dev.yaml").read_text() == PRIVATE.replace("now", "before")
    told = said(capsys, "restore", "web.word", "00aabb", code=2)
    assert told == (
        "error: web.word: the Engine gives no secret out. Where its value was committed, `accordion config history "
        "web.word` lists it as git:..., and that can be restored; else `pulumi config set --secret --path "
        "'service_secrets[\"word\"]' --stack dev` with the value of before, which gets its name of before\n"
    )


def committed(folder: Path, *files: str) -> list[str]:
    """The stack file of each commit, the oldest first; returns the commits."""
    git = ["git", "-c", "user.name=ada", "-c", "user.email=ada@example.com"]
    subprocess.run([*git, "init", "-q"], cwd=folder, check=True)
    made = []
    for number, written in enumerate(files):
        (folder / "Pulumi.dev.yaml").write_text(written)
        day = {"GIT_COMMITTER_DATE": f"2026-11-0{number + 1}T08:00:00Z", "GIT_AUTHOR_DATE": "2026-11-01T08:00:00Z"}
        subprocess.run([*git, "add", "Pulumi.dev.yaml"], cwd=folder, check=True)
        subprocess.run([*git, "commit", "-qm", "x", "--allow-empty"], cwd=folder, check=True, env=os.environ | day)
        shown = subprocess.run([*git, "rev-parse", "HEAD"], cwd=folder, check=True, capture_output=True, text=True)
        made.append(shown.stdout[:10])
    return made


def encrypted(word: str, salt: str = "v1:a") -> str:
    return f"{PRIVATE}  accordion:service_secrets:\n    word: {{ secure: {word} }}\nencryptionsalt: {salt}\n"


def test_on_a_swarm_a_secret_comes_back_encrypted_as_a_commit_has_it(
    answered: Any, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    engine = Ran()
    engine.option = ""
    others = [encrypted("v1:other-key", "v1:b"), PRIVATE, "config: [\n"]
    commits = committed(tmp_path, *others, encrypted("v1:one"), encrypted("v1:one") + "# c\n", encrypted("v1:two"))
    answered(SWARM, encrypted("v1:two"), engine)
    first, last = commits[3], commits[5]
    assert said(capsys, "history", "web.word") == (
        "dev: 1 key, 3 versions\n\nweb.word (secret)\n"
        "  00aabb  2026-11-03 08:00Z  [secret]\n"
        f"  git:{last}  2026-11-06 08:00Z  ada  [secret]  current\n"
        f"  git:{first}  2026-11-04 08:00Z  ada  [secret]\n"
    )
    told = said(capsys, "restore", "web.word", f"git:{first[:6]}", "--yes")
    assert told == (
        f"web.word becomes that of version git:{first}, 2026-11-04 08:00Z\n"
        "  rolled: web, whose tasks are replaced\n"
        f"web.word is that of version git:{first} again\n"
        "does it run? accordion monitor --stack dev --wait\n"
    )
    assert (tmp_path / "Pulumi.dev.yaml").read_text() == encrypted('"v1:one"')
    assert engine.files == [encrypted('"v1:one"')]
    told = said(capsys, "restore", "web.word", f"git:{first}", "--yes")
    assert told == f"web.word is that of version git:{first}: nothing to restore\n"


SIGNER = """\
#!/bin/sh
cat > /dev/null
echo "[GNUPG:] SIG_CREATED " >&2
printf -- '-----BEGIN PGP SIGNATURE-----\\n\\nYQ==\\n-----END PGP SIGNATURE-----\\n'
"""
"""In place of gpg: it signs, and finds no signature good."""


def test_commits_that_git_shows_with_their_signatures_are_read_too(
    answered: Any, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / "signer").write_text(SIGNER)
    (tmp_path / "signer").chmod(0o755)
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    signed = {"log.showSignature": "true", "commit.gpgSign": "true", "gpg.program": str(tmp_path / "signer")}
    for key, value in {**signed, "user.signingKey": "ada"}.items():
        subprocess.run(["git", "config", key, value], cwd=tmp_path, check=True)
    (commit,) = committed(tmp_path, encrypted("v1:one"))
    shown = subprocess.run(["git", "log"], cwd=tmp_path, check=True, capture_output=True, text=True).stdout
    assert "SIG_CREATED" in shown, shown
    engine = Ran()
    engine.option = ""
    answered(SWARM, encrypted("v1:one"), engine)
    told = said(capsys, "history", "web.word")
    assert f"\n  git:{commit}  2026-11-01 08:00Z  ada  [secret]  current\n" in told


def test_who_may_not_read_is_told_the_right(answered: Any, capsys: pytest.CaptureFixture[str]) -> None:
    denied = Unanswered(Call("ssm", "x", None, ()), "denied", "the role may not read this: it lacks ssm:X")
    answered(ON_AWS | {"get_parameter_history": denied})
    assert said(capsys, "history", code=2) == (
        "error: what was before is not known: the role may not read this: it lacks ssm:X\n"
    )
    assert run(["config", "restore", "a", "b", "--policy"]) == 0
    assert json.loads(capsys.readouterr().out)["Statement"][0]["Action"] == [
        "secretsmanager:ListSecretVersionIds",
        "secretsmanager:UpdateSecretVersionStage",
        "ssm:GetParameterHistory",
    ]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("a: { b: 1 } # c\n", "a: { b: 2 } # c\n"),
        ("a:\n  b: 1   # c\n  d: 3\n", "a:\n  b: 2   # c\n  d: 3\n"),
        ("a:\n  b: |\n    one\n    two\n  d: 3\n", "a:\n  b: 2\n  d: 3\n"),
        ("a: {b: 'x', d: 1}\n", "a: {b: 2, d: 1}\n"),
    ],
)
def test_one_scalar_is_changed_and_all_else_stays(before: str, after: str) -> None:
    assert with_scalar(before, ["a", "b"], 2) == after


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("a: { b: 1 }\n", 'a: { version: "v", b: 1 }\n'),
        ("a:\n  b: 1\n  c: 2\n", 'a:\n  version: "v"\n  b: 1\n  c: 2\n'),
        ("a: { version: old }\n", 'a: { version: "v" }\n'),
    ],
)
def test_one_key_is_added_and_all_else_stays(before: str, after: str) -> None:
    assert with_key(before, ["a"], "version", "v") == after


@pytest.mark.parametrize(
    "written", ["x: &x { b: 1 }\na: *x\n", "a: { b: &n 1 }\nc: *n\n", "x: &x {b: 1}\na: {<<: *x}\n"]
)
def test_what_stands_elsewhere_too_is_not_changed(written: str) -> None:
    with pytest.raises(CannotRun) as refused:
        with_scalar(written, ["a", "b"], 2)
    assert refused.value.message == "a.b is written elsewhere too, by an anchor or `<<`: change it by hand"
