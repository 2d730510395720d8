"""`accordion performance` on files: the answer first, exit codes, formats, pictures; mistakes are told by one message.

Cannot prove what AWS answers: recordings are written here; what is asked of AWS stands in test_performance_live.py.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from operations.cli import run
from operations.schema import schema_text

ROOT = Path(__file__).parents[2]
MONDAY = ROOT / "examples" / "recorded" / "monday.json"
STACK = """\
workloads:
  web:
    platform: ecs_service
    cpu: 512
    memory: 1024
    elasticity:
      minimum: 2
      maximum: 20
      unit: { capacity: 42/s }
      target_tracking: { cpu: { metric: cpu, target: 55 } }
    simulation:
      loads: { any: { steady: { rate: 1/s } } }
      expectations: [overload_minutes < 5, minutes_at_maximum < 60, cost_per_month < 1000 USD]
"""


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    path = tmp_path / "rules.yaml"
    path.write_text(STACK)
    return path


def with_changes(tmp_path: Path, **changes: Any) -> Path:
    path = tmp_path / "changed.json"
    path.write_text(json.dumps(json.loads(MONDAY.read_text()) | changes))
    return path


def test_the_promises_of_a_file_are_held_against_the_recording(rules: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["performance", str(rules), "--from", str(MONDAY)]) == 0
    first, second, third, *rest = capsys.readouterr().out.splitlines()
    assert first == "it keeps its promises: monday.json, 2026-01-05 00:00 to 2026-01-06 00:00 UTC"
    assert second == "1 service; 3 promises: 3 kept, 0 broken, 0 not known"
    assert third == "web: no overload, least headroom 18 %, 27 scaling actions"
    assert any(line.startswith("  kept: cost_per_month < 1000 USD (measured ") for line in rest)


def test_a_broken_promise_is_the_answer_whatever_else_is_not_known(
    rules: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = ["--assert", "actions < 10", "--assert", "lost_requests < 1"]
    assert run(["performance", str(rules), "--from", str(MONDAY), *asked]) == 1
    first, second, third, *_ = capsys.readouterr().out.splitlines()
    assert first.startswith("it breaks its promises: monday.json")
    assert second == "1 service; 5 promises: 3 kept, 1 broken, 1 not known"
    assert third == "look at web: actions < 10, measured 27"


def test_what_nothing_recorded_is_not_known_and_why(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["performance", "--from", str(MONDAY), "--assert", "overload_minutes < 5"]) == 2
    first, _, third, *_ = capsys.readouterr().out.splitlines()
    assert first.startswith("it could not be told whether it keeps its promises: monday.json")
    assert third.startswith("first: web: overload_minutes < 5: the capacity of a unit is in no recording")


def test_minutes_without_a_datapoint_that_could_turn_a_promise_make_it_unknown(
    rules: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    running = json.loads(MONDAY.read_text())["running"]
    gap = with_changes(tmp_path, running=[*running[:600], *[None] * 30, *running[630:]])
    assert run(["performance", str(rules), "--from", str(gap)]) == 2
    said = capsys.readouterr().out
    assert "first: web: overload_minutes < 5: minutes without a datapoint could add 30.0 min" in said
    assert (
        run(["performance", str(rules), "--from", str(gap), "--assert", "overload_minutes < 31", "--service", "web"])
        == 2
    )
    assert "kept: overload_minutes < 31 (measured 0.0 min)" in capsys.readouterr().out


def test_workers_are_held_to_what_waits_and_how_old_it_is(
    rules: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    backlog, age = [0.0] * 1_440, [2.0] * 1_440
    backlog[700], age[710] = 5_000.0, 240.0
    queued = with_changes(tmp_path, response_time=[], backlog=backlog, age=age)
    asked = ["--assert", "highest_backlog < 1000", "--assert", "worst_latency < 300s"]
    assert run(["performance", str(rules), "--from", str(queued), *asked]) == 1
    said = capsys.readouterr().out.splitlines()
    assert said[2] == "look at web: highest_backlog < 1000, measured 5,000"
    assert "  kept: worst_latency < 300s (measured 240 s)" in said
    rows = {line.strip().rpartition("  ")[0].strip(): line.rpartition("  ")[2] for line in said}
    assert rows["age of the oldest message, most"] == "240 s"
    assert rows["most messages waiting"] == "5,000"


def test_without_a_promise_nothing_is_broken_and_the_first_line_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["performance", "--from", str(MONDAY)]) == 0
    assert capsys.readouterr().out.startswith("nothing is promised, so nothing is broken: monday.json")


def test_the_json_keeps_to_its_committed_schema(rules: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["performance", str(rules), "--from", str(MONDAY), "--format", "json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    jsonschema.validate(answer, json.loads((ROOT / "docs/schema/performance.schema.json").read_text()))
    assert answer["answer"] == "keeps"
    (web,) = answer["services"]
    assert len(web["series"]["units"]) == web["minutes"] == 1440
    assert web["cost"] == pytest.approx(web["figures"]["cost_per_month"]["value"] * 24 / 730)


def test_the_committed_schema_is_current() -> None:
    same = (ROOT / "docs/schema/performance.schema.json").read_text() == schema_text("performance")
    assert same, "run `.venv/bin/accordion schema --of performance --output docs/schema/performance.schema.json`"


def test_markdown_has_the_answer_first_and_its_tables_whole(rules: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["performance", str(rules), "--from", str(MONDAY), "--format", "markdown"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("**it keeps its promises")
    rows = [line for line in lines if line.startswith("|")]
    assert {row.count("|") - row.count("\\|") for row in rows} == {3, 5}


@pytest.mark.parametrize(("form", "magic"), [("png", b"\x89PNG"), ("svg", b"<?xml")])
def test_the_picture_is_drawn_light_and_dark(rules: Path, tmp_path: Path, form: str, magic: bytes) -> None:
    assert run(["performance", str(rules), "--from", str(MONDAY), "--picture", str(tmp_path / f"day.{form}")]) == 0
    light, dark = ((tmp_path / f"day{theme}.{form}").read_bytes() for theme in ("", "-dark"))
    assert light[: len(magic)] == dark[: len(magic)] == magic
    assert light != dark
    assert run(["performance", str(rules), "--from", str(MONDAY), "--picture", str(tmp_path / f"again.{form}")]) == 0
    assert (tmp_path / f"again.{form}").read_bytes() == light


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--from", "missing.json"], "missing.json: there is no such file"),
        (["--from", str(MONDAY), "--from", str(MONDAY)], "web stands in another file too"),
        (["--from", str(MONDAY), "--service", "wbe"], "--service wbe: was not recorded; recorded are web"),
        (["--from", str(MONDAY), "--capacity", "fast"], "--capacity: "),
        (["--from", str(MONDAY), "--assert", "overlod_minutes < 5"], "did you mean `overload_minutes`"),
        (["--from", str(MONDAY), "--stack", "nowhere"], "Pulumi.nowhere.yaml"),
    ],
)
def test_a_mistake_is_one_message_and_no_answer(
    arguments: list[str], said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run(["performance", *arguments]) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert said in shown.err
    assert "Traceback" not in shown.err
