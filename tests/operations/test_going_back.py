"""`accordion history` and `accordion rollback` on histories in the forms of both kinds of backends, with an engine that
notes what it is asked for. It cannot prove that the engine deploys what it is told: tests/engine/test_going_back.py does."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from operations import cli, lists
from operations.changes import changes_of_sections
from operations.engine import Pulumi
from operations.failures import CannotRun
from operations.going_back import history as told
from operations.going_back import rollback, stack_file, versions
from operations.live.answers import Unanswered
from operations.live.calls import IDENTITY, Call
from stacks.settings import parse
from stacks.stack_file import StackFile
from stacks.yaml_reader import read_yaml
from tests.operations.histories import ACCOUNT, DIGESTS, ECR, THREE, row, rows, sections


class Noting:
    """An engine with this history; it succeeds at everything, or fails at the words in `fails`."""

    option = " --local"

    def __init__(self, found: list[dict[str, Any]], fails: tuple[str, ...] = ()) -> None:
        self.found, self.fails = found, fails
        self.ran: list[tuple[str, ...]] = []
        self.files: list[str] = []

    def ask(self, words: Sequence[str], what: str) -> str:
        size, page = (int(words[words.index(flag) + 1]) for flag in ("--page-size", "--page"))
        return json.dumps(self.found[size * (page - 1) : size * page])

    def run(self, words: Sequence[str]) -> int:
        file = Path(words[words.index("--config-file") + 1])
        self.files.append(file.read_text())
        self.ran.append(tuple(word for word in words if word != str(file)))
        return int(words[0] in self.fails)

    def check_settings(self, stack: str, wanted: Mapping[str, Any]) -> None:
        pass


class Registry:
    """AWS with these digests in ECR, or that refuses in one way."""

    def __init__(self, digests: Sequence[str] = DIGESTS, why: Any = None) -> None:
        self.digests, self.why = digests, why

    def ask(self, call: Call, **parameters: Any) -> list[dict[str, Any]]:
        if self.why and not (call is IDENTITY and self.why == "denied"):
            raise Unanswered(call, self.why, f"AWS does not answer: {self.why}")
        if call is IDENTITY:
            return [{"Account": ACCOUNT}]
        digest = parameters["imageIds"][0]["imageDigest"]
        if digest not in self.digests:
            raise Unanswered(call, "gone", "there is none (ImageNotFoundException)")
        return [{"imageDigest": digest}]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def go(
    monkeypatch: pytest.MonkeyPatch, engine: Noting, *words: str, registry: Registry | None = None, code: int = 0
) -> str:
    monkeypatch.setattr(rollback, "engine_of", lambda local: engine)
    monkeypatch.setattr(rollback, "answers_of", lambda *_, **__: registry or Registry())
    answer = CliRunner().invoke(rollback.command, list(words), standalone_mode=False)
    exit_code = answer.exception.exit_code if isinstance(answer.exception, CannotRun) else answer.return_value
    said = answer.output + (answer.exception.format_message() if isinstance(answer.exception, CannotRun) else "")
    if answer.exception and not isinstance(answer.exception, CannotRun):
        raise answer.exception
    assert exit_code == code, said
    return said


def test_history_tells_each_version_who_when_of_which_commit_and_its_rules_in_words() -> None:
    found = versions.updates(rows(*THREE), "here")
    newest, second, first = told.rows_of(found)
    assert (newest["version"], second["version"], first["version"]) == (3, 2, 1)
    assert second == {
        "version": 2,
        "kind": "update",
        "result": "succeeded",
        "began": "2026-11-02T08:00:00+00:00",
        "seconds": 90.0,
        "author": "ada",
        "commit": "2" * 40,
        "dirty": False,
        "pipeline": None,
        "message": "change 2",
        "rollback_to": None,
        "declared": {"web": "shop@bbbbbbbbbbbb"},
        "changes": [
            f"services.web.container.image.digest: {DIGESTS[0]} -> {DIGESTS[1]}",
            "web.maximum: 2 -> 4",
        ],
        "resources": {"update": 2, "same": 49},
    }
    assert first["changes"] == []


def test_history_in_json_keeps_to_its_schema(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "history.json").write_text(json.dumps(rows(*THREE)))
    assert cli.run(["history", "--stack", "prod", "--from", str(tmp_path / "history.json"), "--format", "json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert [one["version"] for one in answer["updates"]] == [3, 2, 1]
    lists.History.model_validate(answer)


def test_history_as_text_has_its_answer_first() -> None:
    found = versions.updates(rows(*THREE), "here")
    shown = list(told.lines("prod", found, list(told.rows_of(found))[:1]))
    assert shown == [
        "prod: 3 updates; declared last: version 3, web shop@cccccccccccc",
        "",
        "3  2026-11-03 08:00 UTC update succeeded by ada at 3333333333 (3 update) - change 3",
        "   declared web shop@cccccccccccc",
        f"   services.web.container.image.digest: {DIGESTS[1]} -> {DIGESTS[2]}",
        "\n2 older: --last 3",
    ]


def test_versions_of_a_service_are_its_own_numbers() -> None:
    found = versions.updates([row(2, THREE[1], version=17), row(1, THREE[0], version=12)], "here")
    assert [update.version for update in found] == [17, 12]


def test_a_history_of_more_than_one_page_is_read_whole() -> None:
    many = [row(1 + place % 28, THREE[place % 3], version=250 - place) for place in range(250)]
    assert [update.version for update in versions.history(Noting(many), "prod")] == list(range(250, 0, -1))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "not what `pulumi stack history --json` writes: Expecting"),
        ("{}", "not what `pulumi stack history --json` writes: it holds no list"),
        ("[1]", "not what `pulumi stack history --json` writes (AttributeError"),
        ('[{"kind": "update"}]', "not what `pulumi stack history --json` writes (KeyError"),
        ('[{"kind": "update", "result": "x", "startTime": "soon"}]', "(ValueError: Invalid isoformat string: 'soon')"),
    ],
)
def test_what_is_no_history_is_told_in_a_sentence(text: str, said: str) -> None:
    with pytest.raises(CannotRun) as caught:
        versions.updates(versions.listed(text, "here"), "here")
    assert caught.value.message.startswith("here: ")
    assert said in caught.value.message


def test_without_a_version_the_newest_before_with_other_settings_is_meant() -> None:
    loads = sections(DIGESTS[1], 4)
    loads["services"]["web"]["simulation"] = {"expectations": ["overload_minutes < 1"]}
    found = versions.updates(rows(THREE[0], THREE[1], loads), "here")
    assert versions.target(found, "prod", None).version == 1


def test_going_back_twice_leads_further_back() -> None:
    settled = versions.updates(rows(*THREE), "here")
    back = versions.message_of(versions.target(settled, "prod", None))
    assert back == "rollback to version 2 of 2026-11-02T08:00:00Z"
    found = versions.updates([row(4, THREE[1], message=back), *rows(*THREE)], "here")
    assert versions.target(found, "prod", None).version == 1
    further = versions.message_of(versions.target(found, "prod", None))
    found = versions.updates([row(5, THREE[0], message=further), row(4, THREE[1], message=back), *rows(*THREE)], "here")
    with pytest.raises(CannotRun, match="stack prod has no version before 5 that succeeded with other settings"):
        versions.target(found, "prod", None)


def test_a_failed_version_is_passed_over_and_refused_by_name() -> None:
    found = versions.updates([row(3, THREE[2]), row(2, THREE[1], result="failed"), row(1, THREE[0])], "here")
    assert versions.target(found, "prod", None).version == 1
    with pytest.raises(CannotRun) as caught:
        versions.target(found, "prod", 2)
    assert caught.value.message == "version 2 of stack prod never stood whole (failed): there are 3, 1"


@pytest.mark.parametrize(
    ("kind", "version", "said"),
    [
        ("update", 9, "stack prod has no version 9: there are 1"),
        ("refresh", 2, "update 2 of stack prod is of kind refresh: there are 1"),
        ("update", 2, "update 2 of stack prod has no settings of this program: there are 1"),
        (
            "destroy",
            None,
            "stack prod was destroyed by update 2, 2026-11-02T08:00:00Z: name the version to deploy again",
        ),
    ],
)
def test_what_cannot_be_gone_back_to_is_told_with_what_can(kind: str, version: int | None, said: str) -> None:
    found = versions.updates([row(2, kind=kind), row(1, THREE[0])], "here")
    with pytest.raises(CannotRun) as caught:
        versions.target(found, "prod", version)
    assert caught.value.message == said


def test_rollback_previews_then_deploys_the_settings_of_the_version_and_says_so_in_the_history(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = Noting(rows(*THREE))
    said = go(monkeypatch, engine, "1", "--stack", "prod", "--yes")
    own = ("--stack", "prod", "--config-file")
    message = "rollback to version 1 of 2026-11-01T08:00:00Z"
    assert engine.ran == [("preview", *own), ("up", *own, "--yes", "--skip-preview", "--message", message)]
    assert engine.files[0] == engine.files[1]
    assert StackFile.parse("x", engine.files[1]).sections == THREE[0]
    assert parse("x", engine.files[1]).services["web"].elasticity.maximum == 2  # type: ignore[attr-defined]
    assert said.splitlines()[:3] == [
        "back to version 1 of prod, 2026-11-01T08:00:00Z: web shop@aaaaaaaaaaaa",
        f"  services.web.container.image.digest: {DIGESTS[2]} -> {DIGESTS[0]}",
        "  web.maximum: 4 -> 2",
    ]
    assert "does it run? accordion monitor --local --stack prod --wait" in said
    assert list(folder.iterdir()) == []


def test_rollback_holds_preview_and_deployment_to_the_guardrails_that_are_named(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = Noting(rows(*THREE))
    pack = folder / "guardrails"
    pack.mkdir()
    go(monkeypatch, engine, "1", "--stack", "prod", "--yes", "--policy-pack", "guardrails")
    held = ("--policy-pack", str(pack))
    assert [(ran[0], ran[4:6]) for ran in engine.ran] == [("preview", held), ("up", held)]


def test_rollback_says_what_the_stack_file_still_says_otherwise(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    engine = Noting(rows(*THREE))
    written = stack_file.of_version(versions.updates(rows(*THREE), "here")[0], {})
    (folder / "Pulumi.prod.yaml").write_text(written)
    said = go(monkeypatch, engine, "1", "--stack", "prod", "--yes")
    assert said.splitlines()[-3:] == [
        (
            "Pulumi.prod.yaml still says otherwise, and the next `up` deploys it: revert its commit, or "
            "`accordion rollback 1 --local --stack prod --output Pulumi.prod.yaml`"
        ),
        f"  services.web.container.image.digest: {DIGESTS[0]} -> {DIGESTS[2]}",
        "  web.maximum: 2 -> 4",
    ]
    assert (folder / "Pulumi.prod.yaml").read_text() == written


def test_a_digest_that_is_gone_refuses_before_the_preview(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    engine = Noting(rows(*THREE))
    said = go(monkeypatch, engine, "1", "--stack", "prod", "--yes", registry=Registry(DIGESTS[1:]), code=1)
    assert f"its image is not in the registry any more\n  web: {ECR}@{DIGESTS[0]}" in said
    assert engine.ran == []


def test_a_right_that_is_missing_is_said_and_keeps_nobody_from_going_back(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = Noting(rows(*THREE))
    said = go(monkeypatch, engine, "--stack", "prod", "--yes", registry=Registry(why="denied"))
    assert f"web: image {ECR}@{DIGESTS[1]} not looked at: AWS does not answer: denied" in said
    assert [words[0] for words in engine.ran] == ["preview", "up"]


@pytest.mark.parametrize("why", ["credentials", "throttled", "unreachable"])
def test_an_aws_that_does_not_answer_is_exit_code_2_and_nothing_changed(
    folder: Path, monkeypatch: pytest.MonkeyPatch, why: str
) -> None:
    engine = Noting(rows(*THREE))
    said = go(monkeypatch, engine, "--stack", "prod", "--yes", registry=Registry(why=why), code=2)
    assert said.endswith(f"AWS does not answer: {why}")
    assert engine.ran == []


@pytest.mark.parametrize(
    ("words", "fails", "code", "ran", "said"),
    [
        (["--preview"], (), 0, ["preview"], "nothing was changed: this was the preview"),
        ([], (), 2, ["preview"], "nothing was changed: nobody can be asked here; --yes deploys after the preview"),
        (["--yes"], ("preview",), 2, ["preview"], "the preview failed: nothing was changed"),
        (["--yes"], ("up",), 1, ["preview", "up"], "failed on its way: see above, then run it again"),
    ],
)
def test_how_a_way_back_ends(
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    words: list[str],
    fails: tuple[str, ...],
    code: int,
    ran: list[str],
    said: str,
) -> None:
    engine = Noting(rows(*THREE), fails)
    assert said in go(monkeypatch, engine, *words, code=code)
    assert [words[0] for words in engine.ran] == ran


def test_settings_of_another_program_are_refused_with_the_commit_that_knows_them(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = Noting([row(2, THREE[1]), row(1, sections(bygone=True))])
    said = go(monkeypatch, engine, "1", "--yes", code=2)
    assert "version 1 has settings that this program does not take: check out commit 1111111111 and try again" in said
    assert "services.web.bygone: unknown key" in said
    assert engine.ran == []


def test_the_stack_file_of_a_version_keeps_secrets_and_keys_of_the_one_here_and_quotes_every_text(folder: Path) -> None:
    current = folder / "Pulumi.prod.yaml"
    current.write_text(
        "secretsprovider: awskms://alias/x\nencryptedkey: abc\nconfig:\n  accordion:composition: instance_fleet\n"
        "  accordion:pager_endpoint: { secure: v1:kept }\n  accordion:gone: 1\n"
    )
    settings = sections() | {"alarms": {"tell": "record", "anomaly_bands": "off", "dashboard": True}}
    update = versions.updates([row(1, settings)], "here")[0]
    text = stack_file.of_version(update, stack_file.here(current))
    assert text.startswith("secretsprovider: awskms://alias/x\nencryptedkey: abc\n")
    assert 'anomaly_bands: "off"' in text
    assert "secure: v1:kept" in text
    assert "gone" not in text
    assert StackFile.parse("x", text).sections == settings
    assert StackFile.parse("x", text).unknown_keys == ()


def test_secrets_of_a_swarm_which_stand_in_a_map_are_kept_and_none_is_told_as_lost(folder: Path) -> None:
    secrets = {"word": {"secure": "v1:one"}, "other": {"secure": "v1:two"}}
    current = folder / "Pulumi.prod.yaml"
    current.write_text(json.dumps({"config": {"accordion:service_secrets": secrets}}))
    one = row(1, sections())
    one["config"]["accordion:service_secrets"] = {"secret": True}
    (update,) = versions.updates([one], "here")
    found, _ = read_yaml(stack_file.of_version(update, stack_file.here(current)))
    assert found["config"]["accordion:service_secrets"] == secrets
    assert stack_file.lost_secrets(update, stack_file.here(current)) == []


def test_a_secret_is_never_kept_and_one_that_is_lost_is_told(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    one = row(1, THREE[0])
    one["config"]["accordion:pager_endpoint"] = {"value": "https://hidden.example.com", "secret": True}
    engine = Noting([row(2, THREE[1]), one])
    said = go(monkeypatch, engine, "1", "--yes")
    assert "not brought back: the secret accordion:pager_endpoint, which Pulumi.dev.yaml has no more" in said
    assert "hidden.example.com" not in said + engine.files[0]
    assert "hidden.example.com" not in json.dumps(list(told.rows_of(versions.updates(engine.found, "here"))))


def test_a_saved_history_gives_the_stack_file_of_a_version_without_an_engine(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "history.json").write_text(json.dumps(rows(*THREE)))
    engine = Noting([])
    said = go(monkeypatch, engine, "2", "--from", "history.json", "--output", "then.yaml")
    assert said == "then.yaml: the settings of version 2 of dev, 2026-11-02T08:00:00Z\n"
    assert StackFile.read(folder / "then.yaml").sections == THREE[1]
    assert engine.ran == []


def test_changes_of_sections_name_workloads_that_come_and_go_and_repeat_no_secretive_value() -> None:
    before, after = sections(), sections()
    after["services"]["api"] = after["services"].pop("web")
    assert changes_of_sections(before, after) == ["services.web: removed", "services.api: new"]
    after = sections()
    after["services"]["web"]["container"]["environment"] = {"DB_PASSWORD": "one", "LOG_LEVEL": "info"}
    assert changes_of_sections(before, after) == [
        "services.web.container.environment.DB_PASSWORD: another value",
        "services.web.container.environment.LOG_LEVEL: debug -> info",
    ]


def test_pulumi_that_is_not_there_is_told_with_what_to_do(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    monkeypatch.setenv("PATH", str(folder))
    with pytest.raises(CannotRun) as caught:
        versions.history(Pulumi(), "prod")
    assert caught.value.message == (
        "there is no pulumi on PATH to read the history of stack prod: install it, or say --local for the cloud on "
        "this machine"
    )
    with pytest.raises(CannotRun, match="there is no pulumi on PATH: install it"):
        Pulumi().run(["preview"])


def test_words_are_pulumis_own_and_its_exit_code_ours(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    script = folder / "pulumi"
    script.write_text(
        '#!/bin/sh\ncase "$1" in stack) echo "[]";; bad) echo "error: no such thing" >&2; exit 6;; *) exit 3;; esac\n'
    )
    script.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")
    assert versions.history(Pulumi(), "prod") == []
    assert Pulumi().run(["up"]) == 3
    with pytest.raises(CannotRun) as caught:
        Pulumi().ask(["bad"], "the thing")
    assert caught.value.message == "the thing cannot be read: no such thing"
