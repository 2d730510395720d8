"""`accordion check` on stack files: places, forms, exit codes. It cannot prove that a code host shows the SARIF as meant."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import click
import jsonschema
import pytest
from click.testing import CliRunner, Result

from elasticity.checks import CODES
from operations.check import command
from operations.cli import run
from operations.sarif import REVIEW
from stacks import configuration

ROOT = Path(__file__).parents[2]
STACK = """\
config:
  accordion:composition: web_service
  accordion:environment: { region: eu-central-1, account_ids: ["123456789012"] }
  accordion:network: { zones: [eu-central-1a, eu-central-1b] }
  accordion:load_balancer: { listener: { protocol: http } }
  accordion:services:
    web:
      container:
        image: { repository: docker.io/nginxinc/nginx-unprivileged, version: 1.29.1 }
        ports: { http: { number: 8080 } }
      capacity: { base: 0, on_demand_weight: 0, spot_weight: 1 }
      traffic: { port: 8080 }
      elasticity:
        minimum: 1
        maximum: 4
        target_tracking:
          cpu: { metric: cpu, target: 60, scale_out_cooldown: 60s }
        accept:
          EL046: batch work that may wait
"""
EL003 = (
    "services.web.elasticity.minimum: EL003 warning: minimum 1 is below 2, the least in production; "
    "raise it to 2, or accept the finding with a reason"
)
RULE = "target: 60, scale_out_cooldown: 60s }"
UNREVIEWED = """\
        predictive:
          daily: { metric: cpu, target: 60, mode: forecast_and_scale }"""
CLEAN = STACK.replace("minimum: 1", "minimum: 2")
WRONG = STACK.replace("minimum: 1", "minimum: 5").replace("maximum: 4", "maximum: 4\n        initial: 5")
BROKEN = STACK.replace("minimum: 1", "minimun: 1")


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def checked(*arguments: str) -> Result:
    result = CliRunner().invoke(command, ["--on", "2026-01-01", *arguments], standalone_mode=False)
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def test_a_finding_stands_at_its_file_line_and_path(here: Path) -> None:
    (here / "Pulumi.dev.yaml").write_text(STACK)
    result = checked()
    assert result.stdout.splitlines() == [
        f"Pulumi.dev.yaml:14 {EL003}",
        "1 stack file: 0 errors, 1 warning, 0 notes, 1 accepted",
    ]
    assert result.return_value == 0


@pytest.mark.parametrize(
    ("content", "options", "code"),
    [
        (CLEAN, (), 0),
        (CLEAN, ("--strict",), 0),
        (STACK, (), 0),
        (STACK, ("--strict",), 1),
        (WRONG, (), 1),
        (BROKEN, (), 1),
        ("config: [", (), 1),
    ],
)
def test_the_exit_code_says_whether_something_is_wrong(
    here: Path, content: str, options: tuple[str, ...], code: int
) -> None:
    (here / "Pulumi.dev.yaml").write_text(content)
    assert checked(*options).return_value == code


def test_faults_of_the_settings_stand_beside_findings(here: Path) -> None:
    (here / "Pulumi.a.yaml").write_text(BROKEN)
    (here / "Pulumi.b.yaml").write_text(STACK)
    (here / "Pulumi.c.yaml").write_text("config: [")
    assert checked().stdout.splitlines() == [
        "Pulumi.a.yaml:14 services.web.elasticity.minimun: error: unknown key; did you mean `minimum`",
        f"Pulumi.b.yaml:14 {EL003}",
        "Pulumi.c.yaml:1: error: not YAML: expected the node content, but found '<stream end>'",
        "3 stack files: 2 errors, 1 warning, 0 notes, 1 accepted",
    ]


REFUSED = CLEAN.replace("scale_out_cooldown: 60s }", "scale_out_cooldown: 60s, warm_up: 60s }")


def test_what_the_program_would_refuse_is_an_error_too(here: Path) -> None:
    (here / "Pulumi.dev.yaml").write_text(REFUSED)
    result = checked()
    assert result.stdout == (
        "Pulumi.dev.yaml:17 services.web.elasticity.target_tracking.cpu.warm_up: error: an ECS service has cooldowns, "
        "no warm-up: a task counts as soon as it runs; give `scale_out_cooldown` instead\n"
        "1 stack file: 1 error, 0 warnings, 0 notes, 1 accepted\n"
    )
    assert result.return_value == 1


def test_what_is_found_and_refused_is_told_once(here: Path) -> None:
    (here / "Pulumi.dev.yaml").write_text(WRONG)
    assert [line.split(": ")[1][:11] for line in checked().stdout.splitlines()[:-1]] == ["EL001 error"]


def test_accepting_an_error_does_not_hide_that_the_program_refuses_it(here: Path) -> None:
    (here / "Pulumi.dev.yaml").write_text(
        WRONG.replace("          EL046: batch", "          EL001: on purpose\n          EL046: batch")
    )
    result = checked()
    assert [line.split(": ", 1)[1] for line in result.stdout.splitlines()[:-1]] == [
        "error: minimum 5 is above maximum 4; swap the two, or raise the maximum (EL001)"
    ]
    assert result.return_value == 1


def test_a_report_is_written_whole_or_not_at_all(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (here / "Pulumi.dev.yaml").write_text(CLEAN)
    (here / "report").write_text("old")

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Path, "replace", stop)
    with pytest.raises(click.Abort):
        CliRunner().invoke(command, ["--output", "report"], standalone_mode=False, catch_exceptions=False)
    assert (here / "report").read_text() == "old"
    assert sorted(path.name for path in here.iterdir()) == ["Pulumi.dev.yaml", "report"]


def test_a_file_that_is_named_twice_is_checked_once(here: Path) -> None:
    (here / "Pulumi.dev.yaml").write_text(CLEAN)
    (here / "Pulumi.prod.yaml").write_text(STACK)
    assert (
        checked("Pulumi.dev.yaml", "Pulumi.dev.yaml").stdout
        == "1 stack file: 0 errors, 0 warnings, 0 notes, 1 accepted\n"
    )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("check",), "error: no Pulumi.*.yaml here: name stack files, or go to the folder of Pulumi.yaml"),
        (("check", "Pulumi.no.yaml", "folder"), "error: Pulumi.no.yaml: there is no such file\nfolder: is a folder, expected a regular file"),
        (("check", "folder/Pulumi.no.yaml"), "error: folder/Pulumi.no.yaml: there is no such file; here are Pulumi.other.yaml"),
        (("check", "latin"), "error: latin: is not UTF-8 text"),
        (("check", "fine", "--output", "folder"), "error: folder: cannot be written: it is a folder"),
    ],
)  # fmt: skip
def test_what_cannot_be_checked_is_said_once(
    here: Path, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], message: str
) -> None:
    (here / "folder").mkdir()
    (here / "folder" / "Pulumi.other.yaml").write_text(CLEAN)
    (here / "latin").write_bytes(b"\xe4")
    (here / "fine").write_text(CLEAN)
    assert run(list(arguments)) == 2
    assert capsys.readouterr().err.strip() == message


def test_wrong_usage_is_code_2(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["check", "--format", "xml"]) == 2
    assert "'xml' is not one of 'text', 'json', 'sarif'" in capsys.readouterr().err


def test_json_holds_every_finding_the_accepted_ones_with_their_reason(here: Path) -> None:
    (here / "Pulumi.dev.yaml").write_text(STACK)
    content = json.loads(checked("--format", "json").stdout)
    assert content == {
        "version": 1,
        "files": ["Pulumi.dev.yaml"],
        "findings": [
            {
                "file": "Pulumi.dev.yaml",
                "line": 11,
                "path": "services.web.capacity.base",
                "code": "EL046",
                "severity": "warning",
                "message": "all capacity is Spot in production",
                "cure": "buy a base of at least 1 on demand, or accept the finding for work that may wait",
                "accepted": "batch work that may wait",
            },
            {
                "file": "Pulumi.dev.yaml",
                "line": 14,
                "path": "services.web.elasticity.minimum",
                "code": "EL003",
                "severity": "warning",
                "message": "minimum 1 is below 2, the least in production",
                "cure": "raise it to 2, or accept the finding with a reason",
                "accepted": None,
            },
        ],
        "counts": {"errors": 0, "warnings": 1, "notes": 0, "accepted": 1},
    }


TEXT = {
    "type": "object",
    "properties": {"text": {"type": "string", "minLength": 1}},
    "required": ["text"],
    "additionalProperties": False,
}
LEVEL = {"enum": ["none", "note", "warning", "error"]}
ESSENCE: dict[str, Any] = {
    "type": "object",
    "required": ["version", "runs"],
    "additionalProperties": False,
    "properties": {
        "$schema": {"type": "string", "format": "uri"},
        "version": {"const": "2.1.0"},
        "runs": {"type": "array", "minItems": 1, "items": {
            "type": "object", "required": ["tool", "results"], "additionalProperties": False,
            "properties": {
                "columnKind": {"enum": ["utf16CodeUnits", "unicodeCodePoints"]},
                "tool": {"type": "object", "required": ["driver"], "additionalProperties": False, "properties": {"driver": {
                    "type": "object", "required": ["name"], "additionalProperties": False,
                    "properties": {
                        "name": {"type": "string"}, "semanticVersion": {"type": "string"},
                        "rules": {"type": "array", "uniqueItems": True, "items": {
                            "type": "object", "required": ["id"], "additionalProperties": False,
                            "properties": {
                                "id": {"type": "string"}, "name": {"type": "string", "pattern": "^[A-Z][A-Za-z]+$"},
                                "shortDescription": TEXT, "fullDescription": TEXT, "help": TEXT,
                                "defaultConfiguration": {"type": "object", "additionalProperties": False, "properties": {"level": LEVEL}},
                            }}},
                    }}}},
                "results": {"type": "array", "items": {
                    "type": "object", "required": ["message"], "additionalProperties": False,
                    "properties": {
                        "ruleId": {"type": "string"}, "ruleIndex": {"type": "integer", "minimum": 0}, "level": LEVEL, "message": TEXT,
                        "partialFingerprints": {"type": "object", "additionalProperties": {"type": "string"}},
                        "locations": {"type": "array", "minItems": 1, "items": {
                            "type": "object", "additionalProperties": False,
                            "properties": {
                                "logicalLocations": {"type": "array", "items": {"type": "object", "additionalProperties": False, "properties": {"fullyQualifiedName": {"type": "string"}, "kind": {"type": "string"}}}},
                                "physicalLocation": {"type": "object", "additionalProperties": False, "properties": {
                                    "artifactLocation": {"type": "object", "additionalProperties": False, "properties": {"uri": {"type": "string", "format": "uri-reference"}, "uriBaseId": {"type": "string"}}},
                                    "region": {"type": "object", "additionalProperties": False, "properties": {"startLine": {"type": "integer", "minimum": 1}}},
                                }},
                            }}},
                    }}},
            }}},
    },
}  # fmt: skip
"""What the official schema of SARIF 2.1.0 says about the parts in use, and nothing beside them."""


def sarif_of(*arguments: str) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(checked("--format", "sarif", *arguments).stdout)
    jsonschema.validate(content, ESSENCE, format_checker=jsonschema.FormatChecker())
    return content["runs"][0]  # type: ignore[no-any-return] # its shape was just validated


def test_sarif_describes_every_code_and_the_faults_of_settings(here: Path) -> None:
    (here / "Pulumi.dev.yaml").write_text(CLEAN)
    driver = sarif_of()["tool"]["driver"]
    assert [rule["id"] for rule in driver["rules"]] == [*CODES, *configuration.CODES, *REVIEW, "settings"]
    el003 = next(rule for rule in driver["rules"] if rule["id"] == "EL003")
    assert el003 == {
        "id": "EL003",
        "name": "TooFewUnitsForProduction",
        "shortDescription": {"text": "too few units for production"},
        "fullDescription": {"text": "one failure may leave none"},
        "help": {
            "text": "too few units for production: one failure may leave none. Examples and cures: docs/findings.md"
        },
        "defaultConfiguration": {"level": "warning"},
    }


def test_sarif_puts_a_finding_on_its_line_and_leaves_an_accepted_one_out(here: Path) -> None:
    (here / "Pulumi.dev.yaml").write_text(STACK)
    sarif = sarif_of()
    (warning,) = sarif["results"]
    assert warning.pop("partialFingerprints").keys() == {"finding/v1"}
    index = warning.pop("ruleIndex")
    assert sarif["tool"]["driver"]["rules"][index]["id"] == "EL003"
    assert warning == {
        "ruleId": "EL003",
        "level": "warning",
        "message": {
            "text": "minimum 1 is below 2, the least in production; raise it to 2, or accept the finding with a reason"
        },
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": {"uri": "Pulumi.dev.yaml", "uriBaseId": "%SRCROOT%"},
                    "region": {"startLine": 14},
                },
                "logicalLocations": [{"fullyQualifiedName": "services.web.elasticity.minimum", "kind": "member"}],
            }
        ],
    }


@pytest.mark.parametrize("whole", [False, True])
def test_sarif_names_a_file_from_this_folder_on_as_an_address(here: Path, whole: bool) -> None:
    path = here / "my stacks" / "Pulumi.dev.yaml"
    path.parent.mkdir()
    path.write_text(STACK)
    content = json.loads(checked("--format", "sarif", str(path if whole else path.relative_to(here))).stdout)
    (result,) = content["runs"][0]["results"]
    location = result["locations"][0]["physicalLocation"]["artifactLocation"]
    assert location == {"uri": "my%20stacks/Pulumi.dev.yaml", "uriBaseId": "%SRCROOT%"}


def test_sarif_holds_faults_of_the_settings_as_errors(here: Path) -> None:
    (here / "Pulumi.a.yaml").write_text(BROKEN)
    (here / "Pulumi.b.yaml").write_text("[]")
    results = sarif_of()["results"]
    assert [(one["ruleId"], one["level"], one["message"]["text"]) for one in results] == [
        ("settings", "error", "unknown key; did you mean `minimum`"),
        ("settings", "error", "no stack file: expected a map with the key `config`"),
    ]
    assert results[1]["locations"][0] == {
        "physicalLocation": {
            "artifactLocation": {"uri": "Pulumi.b.yaml", "uriBaseId": "%SRCROOT%"},
            "region": {"startLine": 1},
        }
    }


def test_a_finding_keeps_its_fingerprint_when_the_file_grows_above_it(here: Path) -> None:
    prints = []
    for content in (STACK, f"# one more line\n{STACK}"):
        (here / "Pulumi.dev.yaml").write_text(content.replace(RULE, f"scale_in: false, {RULE}\n{UNREVIEWED}"))
        prints.append([one["partialFingerprints"]["finding/v1"] for one in sarif_of()["results"]])
    assert prints[0] == prints[1]
    assert len(set(prints[0])) == len(prints[0]) == 4, "two findings of one code at one place are two"


def test_the_report_goes_to_a_file_and_the_text_stays_on_screen(here: Path) -> None:
    (here / "Pulumi.dev.yaml").write_text(STACK)
    result = checked("--format", "sarif", "--output", "findings.sarif")
    assert result.stdout.splitlines()[0] == f"Pulumi.dev.yaml:14 {EL003}"
    jsonschema.validate(json.loads((here / "findings.sarif").read_text()), ESSENCE)


def test_the_year_of_schedules_begins_today_unless_said_otherwise(here: Path) -> None:
    night = STACK.replace(
        "        accept:",
        "        scheduled:\n          s: { cron: '30 2 * * *', time_zone: Europe/Berlin, minimum: 1 }\n        accept:",
    )
    (here / "Pulumi.dev.yaml").write_text(night)
    assert "02:30 does not exist on 2026-03-29" in checked().stdout
    later = CliRunner().invoke(command, [], standalone_mode=False).stdout
    assert "02:30 does not exist on 20" in later
    assert "2026-03-29" not in later


@pytest.mark.parametrize("path", sorted(ROOT.glob("Pulumi.*.yaml")), ids=lambda path: path.name)
def test_every_shipped_stack_checks_clean(path: Path) -> None:
    result = checked("--strict", str(path))
    assert result.return_value == 0, result.stdout
    assert result.stdout.count("\n") == 1, "no notes either"


def test_checking_imports_neither_engine_nor_cloud_nor_numbers() -> None:
    program = (
        "import sys; from operations.cli import run; code = run(['check', '--on', '2026-01-01']);"
        "print(code, sorted({name.partition('.')[0] for name in sys.modules} & {'pulumi', 'pulumi_aws', 'boto3', 'botocore', 'numpy', 'numba', 'rich', 'moto'}))"
    )
    result = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert result.stdout.splitlines()[-1] == "0 []"


def test_the_whole_command_makes_fewer_than_two_million_calls() -> None:
    program = (
        "from tests.work import calls\n"
        "def command():\n"
        "    from operations.cli import run\n"
        "    run(['check', '--on', '2026-01-01'])\n"
        "print(calls(command))"
    )
    result = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert int(result.stdout.splitlines()[-1]) < 2_000_000


def test_stacks_are_named_as_in_the_other_commands(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(ROOT)
    assert run(["check", "--stack", "dev", "--stack", "prod", "Pulumi.dev.yaml", "--on", "2026-01-01"]) == 0
    assert capsys.readouterr().out.splitlines()[-1].startswith("2 stack files: 0 errors")
    assert run(["check", "--stack", "nowhere"]) == 2
    assert capsys.readouterr().err.startswith(
        "error: Pulumi.nowhere.yaml: there is no such file; here are Pulumi.dev.yaml"
    )
    assert run(["check", "--stack", "shop/accordion/dev", "--on", "2026-01-01"]) == 0
    assert capsys.readouterr().out.splitlines()[-1].startswith("1 stack file: 0 errors")


@pytest.mark.parametrize("command", ["check", "simulate", "tune", "cost"])
@pytest.mark.parametrize("name", ["", "../dev", "..", "a/b/c/dev", "dev prod", "dev/"])
def test_what_is_no_name_of_a_stack_is_told(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], command: str, name: str
) -> None:
    monkeypatch.chdir(ROOT)
    assert run([command, f"--stack={name}"]) == 2
    assert capsys.readouterr().err.startswith(f"error: --stack: {name!r} is no name of a stack: ")


@pytest.mark.parametrize(
    ("count", "deployment", "expected"),
    [
        (
            1,
            "{ minimum_percent: 50, maximum_percent: 150, zone_rebalancing: false }",
            (
                "EL073 error: with 1 no task may stop (minimum 50 percent, rounded up) and none may start (maximum 150 "
                "percent, rounded down); raise `maximum_percent` to 200 or more, lower `minimum_percent`, or hold more tasks"
            ),
        ),
        (2, "{ minimum_percent: 50, maximum_percent: 150, zone_rebalancing: false }", None),
        (1, "{ minimum_percent: 100, maximum_percent: 200 }", None),
        (
            3,
            "{ minimum_percent: 50, maximum_percent: 120 }",
            (
                "EL072 warning: with 3 tasks a maximum of 120 percent leaves no room for one more; raise it to 134 or more, "
                "or turn zone rebalancing off"
            ),
        ),
    ],
)
def test_a_fixed_number_of_tasks_is_checked_where_no_rule_moves_it(
    here: Path, count: int, deployment: str, expected: str | None
) -> None:
    before, rules = CLEAN.split("      elasticity:\n")
    assert "EL046" in rules
    (here / "Pulumi.dev.yaml").write_text(f"{before}      count: {count}\n      deployment: {deployment}\n")
    result = CliRunner().invoke(command, ["--stack", "dev"])
    line = "Pulumi.dev.yaml:14 services.web.deployment.maximum_percent: "
    found = [text.removeprefix(line) for text in result.output.splitlines() if text.startswith(line)]
    assert found == ([] if expected is None else [expected])
    assert len(result.output.splitlines()) == 1 + len(found)
