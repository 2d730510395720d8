"""`accordion replay`: the answer first, as text, JSON and pictures; mistakes of users are told by one message.

Cannot prove that a simulation agrees with AWS: the recordings are made by the simulator, and laid beside it.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from bench.recordings import recorded
from elasticity.rules import Elasticity
from elasticity.simulator import simulate
from elasticity.traces import shape
from operations.cli import run
from operations.schema import schema_text

ROOT = Path(__file__).parents[2]
KNOWN = ("--capacity", "50/s", "--start-up", "60s", "--idle-cpu", "4")


def elasticity(**unit: Any) -> Elasticity:
    tracking = {"metric": "cpu", "target": 50, "scale_in_cooldown": "5m", "scale_out_cooldown": "5m"}
    return Elasticity.model_validate(
        {
            "minimum": 2,
            "maximum": 40,
            "unit": {"capacity": "50/s", "start_up": "60s", "idle_cpu": 4.0} | unit,
            "target_tracking": {"cpu": tracking},
        }
    )


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    load = shape("spike", base=80.0, peak=400.0, at=3_600.0, length=3_600.0, duration=4 * 3_600.0)
    made = recorded(simulate(elasticity(), load, tick=10), elasticity(), workload="web", noise=0.0)
    path = tmp_path / "recording.json"
    path.write_text(made.model_copy(update={"untranslated": ("a web hook: acts beside the rules",)}).to_json())
    return path


def test_the_answer_is_three_lines_the_figure_first(recording: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["replay", str(recording), *KNOWN]) == 0
    shown = capsys.readouterr()
    first, second, third = shown.out.splitlines()
    assert first.startswith("web: 0")
    assert first.endswith("recorded unit-minutes differ (0 too many, 0 too few) in 4 hours")
    assert second == "actions: 25 recorded, 25 simulated; running units at most: 32 recorded, 32 simulated"
    assert third == "first difference: none: every action is shared"
    assert shown.err == "not simulated: a web hook: acts beside the rules\n"


def test_a_wrong_capacity_is_named_as_what_differs_first(recording: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["replay", str(recording), *KNOWN[2:], "--capacity", "80/s", "--limit", "10"]) == 1
    first, _, third = capsys.readouterr().out.splitlines()
    assert float(first.split()[1]) > 10
    assert third.startswith("first difference: 2026-01-05 00:")
    assert third.endswith("cpu is another: the unit differs (unit.capacity, unit.idle_cpu, unit.start_up)")


def test_the_json_keeps_to_its_committed_schema(recording: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["replay", str(recording), *KNOWN, "--format", "json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    jsonschema.validate(answer, json.loads((ROOT / "docs/schema/replay.schema.json").read_text()))
    assert answer["recorded"]["actions"] == answer["simulated"]["actions"] == 25
    assert answer["error_percent"] == 0
    assert len(answer["series"]["recorded"]) == answer["minutes"] == 240
    assert answer["remarks"][-1] == "not simulated: a web hook: acts beside the rules"


def test_a_recording_fits_its_schema(recording: Path) -> None:
    jsonschema.validate(json.loads(recording.read_text()), json.loads(schema_text("recording")))


def test_nobody_writes_a_recording_by_hand(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["schema", "--of", "replay", "--format", "markdown"]) == 2
    assert capsys.readouterr().err.endswith(
        "error: --format markdown is for stack and rules: nobody writes a replay by hand\n"
    )


@pytest.mark.parametrize(("form", "magic"), [("png", b"\x89PNG"), ("svg", b"<?xml")])
def test_the_picture_is_drawn_light_and_dark(recording: Path, tmp_path: Path, form: str, magic: bytes) -> None:
    assert run(["replay", str(recording), *KNOWN, "--picture", str(tmp_path / f"run.{form}")]) == 0
    light, dark = ((tmp_path / f"run{theme}.{form}").read_bytes() for theme in ("", "-dark"))
    assert light[: len(magic)] == dark[: len(magic)] == magic
    assert light != dark
    assert run(["replay", str(recording), *KNOWN, "--picture", str(tmp_path / f"again.{form}")]) == 0
    assert (tmp_path / f"again.{form}").read_bytes() == light


SETTINGS = """\
workloads:
  web:
    elasticity:
      minimum: 1
      maximum: 2
      unit: { capacity: 50/s, start_up: 60s, idle_cpu: 4 }
    simulation:
      parameters: { publication_delay: 170 }
  worker:
    elasticity:
      minimum: 1
      maximum: 2
      unit: { capacity: 9/s }
"""


def test_settings_tell_the_unit_and_the_parameters_and_no_rules(
    recording: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "rules.yaml").write_text(SETTINGS)
    assert run(["replay", str(recording), "--settings", str(tmp_path / "rules.yaml")]) == 0
    same = capsys.readouterr().out
    assert same.splitlines()[2] == "first difference: none: every action is shared"
    assert run(["replay", str(recording), "--settings", str(tmp_path / "rules.yaml"), "--service", "worker"]) == 0
    assert capsys.readouterr().out != same
    options = ("--capacity", "50/s", "--start-up", "60s", "--idle-cpu", "4")
    assert run(["replay", str(recording), "--settings", str(tmp_path / "rules.yaml"), "--service", "worker", *options]) == 0  # fmt: skip
    assert capsys.readouterr().out == same


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ((), "web: the capacity of a unit is not known: let `accordion fit` find it, or give it"),
        (("--capacity", "fast"), "--capacity: expected a rate with its time"),
        (("--capacity", "5/s", "--start-up", "1"), "--start-up: expected a duration with its unit"),
        ((*KNOWN, "--platform-parameter", "drain"), "--platform-parameter: got 'drain', expected a name and a value"),
        ((*KNOWN, "--platform-parameter", "drian=1"), "--platform-parameter drian: not a parameter of ecs_service that is a number; did you mean `drain`"),
        ((*KNOWN, "--platform-parameter", "drain=nan"), "--platform-parameter drain: "),
        ((*KNOWN, "--platform-parameter", "drain=long"), "--platform-parameter drain: got long, expected a number"),
        ((*KNOWN, "--settings", "none.yaml"), "none.yaml: there is no such file"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_an_option_is_said(
    options: tuple[str, ...], said: str, recording: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["replay", str(recording), *options]) == 2
    shown = capsys.readouterr()
    assert shown.err.startswith(f"error: {said}"), shown.err
    assert shown.out == ""


def test_settings_with_several_services_want_a_name(
    recording: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "rules.yaml"
    path.write_text(SETTINGS.replace("  web:", "  shop:"))
    assert run(["replay", str(recording), "--settings", str(path)]) == 2
    assert capsys.readouterr().err == (
        f"error: {path}: which one is meant is open: give --service, one of shop, worker\n"
    )
    assert run(["replay", str(recording), "--settings", str(path), "--service", "web"]) == 2
    assert capsys.readouterr().err == (
        f"error: {path}: no service or group with rules is called web: give --service, one of shop, worker\n"
    )


def test_a_file_that_is_none_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "notes.txt").write_text("hello")
    for name, said in (("none", "there is no such file"), ("notes.txt", "is no JSON, as `accordion record` writes it")):
        assert run(["replay", str(tmp_path / name)]) == 2
        assert capsys.readouterr().err.startswith(f"error: {tmp_path / name}: {said}")
