"""Recordings and kept answers with wrong or extreme values: an answer or one sentence, never a traceback or a warning.

Cannot prove that no other value does worse: each seed tries a few.
"""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from elasticity.recordings.recording import read_recording
from operations.cli import run
from operations.live.answers import Remembered
from operations.live.aws import Aws
from operations.recordings.recorder import record
from tests.operations.mutations import seeds
from tests.operations.recorded_account import RecordedAccount

MONDAY = Path(__file__).parents[2] / "examples" / "recorded" / "monday.json"
MINUTES = 300
VALUES = (0, 1e12, 1e13, 1e308, 1e-308, 1e-6, None, 99_999, 100_001, 100, 0.5, "7", True, [])
SERIES = ("requests", "cpu", "running", "desired", "response_time")
RULES: tuple[dict[str, Any], ...] = (
    {"minimum": 0}, {"maximum": 0}, {"maximum": 100_000}, {"minimum": 50}, {"target_tracking": {}}, {"unit": {"capacity": "1/s"}},
    {"target_tracking": {"cpu": {"metric": "cpu", "target": 1e-9}}}, {"target_tracking": {"cpu": {"metric": "memory", "target": 50}}},
    {"target_tracking": {"cpu": {"metric": "requests_per_target", "target": 1e-300}}},
    {"target_tracking": {"cpu": {"metric": "queue_delay", "target": "5s"}}}, {"scheduled": {"cpu": {"cron": "0 7 * * ? *", "minimum": 5}}},
)  # fmt: skip
PARAMETERS: tuple[dict[str, Any], ...] = (
    {"low_factor": 0}, {"publication_delay": 1e308}, {"publication_delay": 1e6}, {"metric_period": 20}, {"metric_period": 7}, {"drain": 1e7},
    {"requests_counted": "x"}, {"max_scale_in_fraction": 0},
)  # fmt: skip
ACTIVITIES: tuple[dict[str, Any], ...] = (
    {"before": None}, {"after": 100_000}, {"before": 100_000}, {"after": 0}, {"cause": ""}, {"before": 0}, {"succeeded": False}, {"cause": "x" * 2_000},
)  # fmt: skip


def mutated(rng: random.Random, whole: dict[str, Any]) -> dict[str, Any]:
    found = copy.deepcopy(whole)
    for _ in range(rng.randint(1, 3)):
        place = rng.choice([*SERIES, "activities", "rules", "parameters", "one value"])
        if place == "activities":
            rng.choice(found["activities"]).update(rng.choice(ACTIVITIES))
        elif place == "rules":
            found["rules"].update(rng.choice(RULES))
        elif place == "parameters":
            found["parameters"] = rng.choice(PARAMETERS)
        elif place == "one value":
            found[rng.choice(SERIES)] = [rng.choice(VALUES)] * MINUTES
        else:
            for _ in range(rng.choice([1, 5, 100])):
                found[place][rng.randrange(MINUTES)] = rng.choice(VALUES)
    return found


def ended(line: list[str], capsys: Any) -> str | None:
    """What is wrong with how a command ended; None for nothing. A warning is an error here, as in all tests."""
    try:
        code = run(line)
    except Exception as error:  # noqa: BLE001 - whatever it is, it is what a user would see
        return f"{type(error).__name__}: {error}"[:200]
    said = capsys.readouterr()
    return None if code == 0 or (code == 2 and said.err.startswith("error: ") and not said.out) else f"exit code {code}"


def test_a_recording_of_any_values_is_answered_or_refused(tmp_path: Path, capsys: Any) -> None:
    whole = json.loads(read_recording(MONDAY).window(0, MINUTES).to_json())
    path = tmp_path / "recording.json"
    wrong = {}
    for seed in seeds(40):
        path.write_text(json.dumps(mutated(random.Random(seed), whole)))
        known = ["--capacity", "42/s", "--start-up", "80s", "--idle-cpu", "6"]
        for line in (["fit", str(path), "--output", str(tmp_path / "x.yaml")], ["replay", str(path), *known]):
            if fault := ended(line, capsys):
                wrong[f"{seed} {line[0]}"] = fault
    assert wrong == {}


def places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Every list and map with each of its keys."""
    if isinstance(value, dict | list):
        for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
            yield value, key
            yield from places(inner)


@pytest.fixture
def kept() -> dict[str, Any]:
    recording = read_recording(MONDAY).window(0, 30)
    told = Remembered(Aws(RecordedAccount(read_recording(MONDAY).window(0, 30))))
    record(told, "web", recording.start, recording.end)
    times = {"name": "web", "start": recording.start.isoformat(), "end": recording.end.isoformat()}
    found: dict[str, Any] = json.loads(json.dumps({**times, "answers": told.saved()}, default=str))
    return found


WORDS = (
    None,
    "",
    "x",
    0,
    -1,
    1e308,
    True,
    [],
    {},
    [None],
    {"x": 1},
    "service/web",
    "2026-01-05T00:00",
    "9" * 30,
    "\x1b[2J",
    [[]],
)


def test_kept_answers_of_any_form_are_recorded_or_refused(kept: dict[str, Any], tmp_path: Path, capsys: Any) -> None:
    path = tmp_path / "kept.json"
    wrong = {}
    for seed in seeds(150):
        rng = random.Random(seed)
        found = copy.deepcopy(kept)
        for _ in range(rng.randint(1, 2)):
            holder, key = rng.choice(list(places(found)))
            holder[key] = rng.choice(WORDS)
        path.write_text(json.dumps(found))
        if fault := ended(["record", "--from", str(path), "--output", str(tmp_path / "x.json")], capsys):
            wrong[seed] = fault
    assert wrong == {}
