"""`accordion fit`: as text, JSON, a rules file that the other commands take, pictures; a recording that tells nothing.

Cannot prove that what is found holds for a real service: the example's recording is made by the simulator.
"""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bench import example_recordings
from elasticity.quantities import Duration, Rate
from elasticity.recordings.fit import Number
from elasticity.recordings.recording import read_recording
from operations.cli import run
from operations.recordings.fit_report import _WRITTEN, _rate, range_of
from operations.schema import schema_text
from stacks.settings import load
from stacks.workloads import workloads_of

ROOT = Path(__file__).parents[2]
MONDAY, TUESDAY = (str(ROOT / "examples" / "recorded" / name) for name in ("monday.json", "tuesday.json"))


def test_the_answer_begins_with_how_much_was_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["fit", MONDAY]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "web: 8 of 8 numbers told by 1,440 minutes; cpu is 0.48 points off its model"
    assert lines[2].split() == ["found", "95", "%", "interval", "read", "from"]
    assert max(map(len, lines)) <= 110
    (capacity,) = (line for line in lines if line.startswith("unit.capacity "))
    value, low, high = _numbers(capacity)
    assert low <= 42 <= high
    assert value == pytest.approx(42, rel=0.01)


def _numbers(line: str) -> tuple[float, float, float]:
    words = line.split()
    return float(words[1]), float(words[3]), float(words[5])


def test_the_json_keeps_to_its_committed_schema(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["fit", MONDAY, "--format", "json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    jsonschema.validate(answer, json.loads((ROOT / "docs/schema/fit.schema.json").read_text()))
    assert answer["not_told"] == []
    assert len(answer["series"]["residual"]) == answer["minutes"] == 1440
    assert list(answer["settings"]) == ["elasticity", "simulation"]


def test_the_committed_schema_is_current() -> None:
    same = (ROOT / "docs/schema/fit.schema.json").read_text() == schema_text("fit")
    assert same, "run `.venv/bin/accordion schema --of fit --output docs/schema/fit.schema.json`"


def test_what_is_found_is_a_rules_file_that_foretells_the_next_day(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    fitted = tmp_path / "fitted.yaml"
    assert run(["fit", MONDAY, "--output", str(fitted)]) == 0
    web = workloads_of(load(fitted))["web"]
    recorded = read_recording(Path(MONDAY)).rules
    assert web.rules.model_copy(update={"unit": recorded.unit}) == recorded
    assert float(web.rules.unit.capacity or 0) == pytest.approx(42, rel=0.01)
    assert fitted.read_text().startswith("# Written by accordion fit, from 1,440 minutes of web.\n# unit.capacity: ")
    assert run(["check", str(fitted)]) == 0
    assert run(["simulate", str(fitted), "--shape", "spike base=60/s peak=300/s", "--bands", "--runs", "2"]) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert all(f"{name}: " in said for name in web.simulation.bands.ranges)
    assert "range given by the user" in said
    capsys.readouterr()
    assert run(["replay", TUESDAY, "--settings", str(fitted), "--limit", "5"]) == 0
    assert float(capsys.readouterr().out.split()[1]) < 1


def test_the_pictures_are_drawn_light_and_dark_and_alike(tmp_path: Path) -> None:
    for name in ("one.png", "two.png"):
        assert run(["fit", MONDAY, "--picture", str(tmp_path / name)]) == 0
    read = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert set(read) == {"one.png", "one-dark.png", "two.png", "two-dark.png"}
    assert read["one.png"] == read["two.png"] != read["one-dark.png"] == read["two-dark.png"]


def test_a_recording_that_tells_some_says_what_it_does_not(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "recording.json"
    recording = read_recording(Path(MONDAY)).model_copy(update={"response_time": ()})
    path.write_text(recording.to_json())
    assert run(["fit", str(path), "--output", str(tmp_path / "fitted.yaml")]) == 0
    assert "unit.service_time not told: no response time was recorded\n" in capsys.readouterr().out
    assert "# Not told: unit.service_time: no response time was recorded\n" in (tmp_path / "fitted.yaml").read_text()


def test_a_recording_that_tells_nothing_is_refused_and_writes_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "recording.json"
    path.write_text(
        read_recording(Path(MONDAY)).model_copy(update={"running": (), "cpu": (), "activities": ()}).to_json()
    )
    assert run(["fit", str(path), "--output", str(tmp_path / "fitted.yaml")]) == 2
    shown = capsys.readouterr()
    first, *reasons = shown.err.splitlines()
    assert first == f"error: {path}: this recording tells none of the numbers"
    assert [reason.partition(":")[0] for reason in reasons][:2] == ["unit.capacity", "unit.service_time"]
    assert shown.out == ""
    assert not (tmp_path / "fitted.yaml").exists()


@example(0.0625)
@example(99_999.0)
@given(st.floats(min_value=1e-6, max_value=1e9))
def test_any_capacity_is_written_as_a_rate_that_is_read_again(value: float) -> None:
    assert float(Rate.parse(_rate(value))) == pytest.approx(value, rel=6e-4)


def test_the_example_files_are_what_their_maker_makes() -> None:
    assert {
        name: (example_recordings.FOLDER / name).read_text() for name in example_recordings.files()
    } == example_recordings.files()


@given(
    name=st.sampled_from(sorted(_WRITTEN)), value=st.floats(0.001, 500), below=st.floats(0, 50), above=st.floats(0, 50)
)
@example(name="unit.start_up", value=80.02, below=0.0, above=0.0)
@example(name="unit.service_time", value=0.0004, below=1.0, above=1.0)
def test_the_range_of_an_estimate_lies_around_the_value_as_it_is_written(
    name: str, value: float, below: float, above: float
) -> None:
    ends = range_of(Number(name=name, value=value, low=value - below, high=value + above, unit="", evidence=""))
    if ends is None:
        assert name.startswith("unit.")
        return
    written = _WRITTEN[name](value)
    known = float(written) if isinstance(written, int | float) else _seconds_or_rate(written)
    assert 0 <= ends[0] <= known <= ends[1]


def _seconds_or_rate(written: str) -> float:
    return float(Rate.parse(written) if written.endswith("/s") else Duration.parse(written))
