"""What a controller on Docker Swarm has written is a recording: `accordion performance` judges a stack by it.

The controller is the real one in a Swarm in memory. It cannot prove what tasks of a real Engine say:
tests/engine/test_private_stack.py has the same command after a real run.
"""

from __future__ import annotations

import datetime
import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest

from operations.cli import run
from operations.controller.replay import lines_of
from operations.failures import CannotRun
from operations.live.day_to_day import LOG_EVENTS
from operations.performance.source import from_log
from operations.recordings.decided import recordings
from tests.operations.controlled import NAME, START, SWARM_STATE, World, policy

ROOT = Path(__file__).parents[2]
END = START + datetime.timedelta(days=1)


def ended(load: float = 600.0, ticks: int = 120) -> World:
    """A world whose controller has scaled from 2 to 4 tasks after three ticks, and back after ten minutes."""
    world = World(lambda second: load if second < 600 else 60.0)
    world.run(world.scaler(policy(maximum=4)), ticks)
    return world


def text(world: World) -> str:
    return "".join(f"{line}\n" for line in world.lines)


def read(world: World, start: datetime.datetime = START, end: datetime.datetime = END) -> Any:
    return recordings(lines_of(text(world), "log"), "log", start, end)


def test_each_minute_is_the_mean_of_its_ticks_and_each_action_an_activity() -> None:
    found, without = read(ended())
    recording = found[NAME]
    assert without == {}
    assert (recording.start, recording.minutes, recording.platform) == (START, 20, "ecs_service")
    assert recording.requests[:11] == (9_000.0,) * 9 + ((5 * 9_000 + 900) / 6, 900.0)
    assert recording.running[:2] == (3.0, 4.0), "three ticks of the first minute saw 2 tasks, three saw 4"
    assert recording.cpu[:2] == ((3 * 300 + 3 * 150) / 6, 150.0)
    assert recording.memory == ()
    first, *rest = recording.activities
    assert (first.time - START, first.before, first.after, first.cause) == (
        datetime.timedelta(seconds=30), 2, 4, "cpu"
    )  # fmt: skip
    assert [(one.after, one.cause) for one in rest] == [(2, "cpu")]
    assert recording.rules.maximum == 4
    assert recording.notes == ()


def test_a_part_of_a_log_is_that_part_and_minutes_without_a_controller_are_told() -> None:
    world = ended()
    start = START + datetime.timedelta(minutes=5)
    part = read(world, start, start + datetime.timedelta(minutes=5))[0][NAME]
    assert (part.start, part.minutes, part.activities) == (start, 5, ())
    world.lines = [line for line in world.lines if "T09:03" not in line and "T09:04" not in line]
    gap = read(world)[0][NAME]
    assert (gap.requests[2], gap.requests[3], gap.running[3]) == (9_000.0, None, None)
    assert gap.notes == ("1 of 20 minutes have no tick: nothing that writes this log scaled it then",)


def test_a_service_whose_requests_nothing_counts_is_not_judged_as_one_without_load() -> None:
    world = ended()
    world.lines = [line.replace('"requests_per_target"', '"of_something_else"') for line in world.lines]
    why = "nothing counts its requests: `traffic` behind the proxy does, or metrics of its own (`prometheus`)"
    assert read(world) == ({}, {NAME: why})
    assert read(ended(), START - datetime.timedelta(days=1), START) == (
        {}, {NAME: "the log has no tick of that time"}
    )  # fmt: skip
    world = ended()
    world.lines = [line for line in world.lines if '"kind": "begin"' not in line]
    why = "the log has no line of kind `begin` any more, which tells its rules: give an older one"
    assert read(world) == ({}, {NAME: why})


def test_a_count_that_somebody_set_and_a_dry_run_are_told() -> None:
    world = ended(ticks=30)
    world.by_hand(3)
    world.run(world.scaler(policy(maximum=4)), 12)
    hand = next(one for one in read(world)[0][NAME].activities if one.before is None)
    assert (hand.after, hand.cause) == (3, "set by somebody")
    dry = World(lambda _: 600.0)
    dry.run(dry.scaler(policy(maximum=4), dry_run=True), 12)
    recording = read(dry)[0][NAME]
    assert (recording.activities, recording.notes) == ((), ("a dry run: what was decided was not done",))


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ('{"version": 1, "kind": "tick", "service": "web"}\n', "log, line 1: not a line of a controller's log: 'at'"),
        ('{"version": 1, "kind": "tick"}\n', "log, line 1: not a line of a controller's log: 'service'"),
        ('{"version": 1, "kind": "tick", "service": "web", "at": "x"}\n', "log, line 1: not a line of a controller's"),
    ],
)
def test_what_is_no_log_is_refused_with_its_line(line: str, words: str) -> None:
    with pytest.raises(CannotRun, match=words):
        recordings(lines_of(line, "log"), "log", START, END)


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        ("metric_period", 10**400, "log: what it says of web is no recording: int too large to convert to float"),
        ("every", 10**12, None),
    ],
    ids=["no float holds it", "longer than the calendar"],
)
def test_numbers_that_somebody_has_edited_end_in_a_sentence_and_at_once(
    key: str, value: int, words: str | None
) -> None:
    world = ended(ticks=6)
    world.lines = [re.sub(rf'"{key}": \d+', f'"{key}": {value}', line) for line in world.lines]
    if words is None:
        assert read(world)[0][NAME].minutes == 1
    else:
        with pytest.raises(CannotRun, match=words):
            read(world)


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    shutil.copy(ROOT / "Pulumi.private.yaml", tmp_path)
    (tmp_path / "state.json").write_text(json.dumps(SWARM_STATE))
    (tmp_path / "log.jsonl").write_text(text(ended()))
    monkeypatch.chdir(tmp_path)
    return tmp_path


ASKED = ["performance", "--stack", "private", "--state", "state.json"]
TIME = ["--start", START.isoformat(), "--end", END.isoformat()]


def test_the_stack_is_held_to_its_promises_by_the_log(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run([*ASKED, *TIME, "--log", "log.jsonl"]) == 0
    first, second, third, *_ = capsys.readouterr().out.splitlines()
    assert first == "it keeps its promises: private, Docker Swarm, 2026-01-05 09:00 to 2026-01-05 09:20 UTC"
    assert second == "1 service; 2 promises: 2 kept, 0 broken, 0 not known"
    assert third == "web: 1 min in overload, least headroom -20 %, 2 scaling actions"
    assert run([*ASKED, *TIME, "--log", "log.jsonl", "--format", "json"]) == 0
    service = json.loads(capsys.readouterr().out)["services"][0]
    units = service["series"]["units"]
    # A task is an eighth of a node at 0.05 an hour (docs/guides/private-cloud.md), and nothing else is billed.
    assert service["figures"]["cost_per_month"]["value"] == pytest.approx(sum(units) / 20 * 730 * 0.05 / 8, abs=0.001)
    assert service["figures"]["overload_requests"]["value"] == 60 * (150 - 120)


class Engine:
    """Answers with what tasks of one service have written, in two parts that are not in order, beside words to people."""

    def __init__(self, lines: list[str]) -> None:
        later = [{"timestamp": 2_000.0 + place, "message": line} for place, line in enumerate(lines[40:])]
        said = [{"timestamp": 0.0, "message": "scaling web (each 10 s)"}]
        self.parts = [
            later,
            said + [{"timestamp": 1.0 + place, "message": one} for place, one in enumerate(lines[:40])],
        ]
        self.asked: list[tuple[Any, dict[str, Any]]] = []

    def ask(self, call: Any, **parameters: Any) -> list[dict[str, Any]]:
        self.asked.append((call, parameters))
        return [{"events": part} for part in self.parts]


def test_the_stacks_own_controller_is_asked_for_what_it_has_written(
    project: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = Engine(ended().lines)
    monkeypatch.setattr("operations.performance.source.engine_answers", lambda *, local: engine)
    state: Any = json.loads((project / "state.json").read_text())
    stack = next(one for one in state["deployment"]["resources"] if one["type"] == "pulumi:pulumi:Stack")
    stack["outputs"]["controller"] = "accordion-private-controller-1a2b3c4"
    (project / "state.json").write_text(json.dumps(state))
    assert run([*ASKED, *TIME, "--format", "json"]) == 0
    own = json.loads(capsys.readouterr().out)
    assert run([*ASKED, *TIME, "--format", "json", "--log", "log.jsonl"]) == 0
    assert own == json.loads(capsys.readouterr().out)
    asked = {"logGroupName": "accordion-private-controller-1a2b3c4", "startTime": 0}
    assert engine.asked == [(LOG_EVENTS, asked)]


def test_what_is_missing_or_does_not_fit_is_told(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(ASKED) == 2
    assert capsys.readouterr().err == (
        "error: Pulumi.private.yaml is on Docker Swarm, which keeps no metrics, and has no `controller`: `--log FILE` is "
        "what `accordion scale` has written\n"
    )
    assert run([*ASKED, "--log", "none.jsonl"]) == 2
    assert capsys.readouterr().err == "error: none.jsonl: there is no such file\n"
    assert run([*ASKED, *TIME, "--log", "log.jsonl", "--service", "api"]) == 2
    assert capsys.readouterr().err == "error: --service api: was not recorded; recorded are web\n"
    shutil.copy(ROOT / "Pulumi.dev.yaml", project)
    assert run(["performance", "--stack", "dev", "--state", "state.json", "--log", "log.jsonl"]) == 2
    assert "--log is the log of a controller on Docker Swarm, and this stack is on AWS" in capsys.readouterr().err
    other = (project / "log.jsonl").read_text().replace('"service": "web"', '"service": "api"')
    (project / "log.jsonl").write_text(other)
    assert run([*ASKED, *TIME, "--log", "log.jsonl"]) == 2
    assert "first: web: log.jsonl says nothing of web\n" in capsys.readouterr().out


def test_a_controller_of_the_stack_calls_services_as_the_stack_file_does(tmp_path: Path) -> None:
    file = tmp_path / "log.jsonl"
    file.write_text(text(ended()))
    by_stack = from_log(file, {NAME: "web-service-3a"}, "private", START, END)
    by_swarm = from_log(file, {"shop": NAME}, "private", START, END)
    assert by_stack.recordings[NAME].running == by_swarm.recordings["shop"].running
    neither = from_log(file, {"api": "api-service-1"}, "private", START, END)
    assert neither.unread == {"api": f"{file} says nothing of api-service-1"}
