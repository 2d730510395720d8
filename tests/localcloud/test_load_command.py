"""`accordion local load` as a person calls it, on a stand-in for AWS. Cannot prove that the engine deploys what is played
on, which these tests say themselves: `tests/engine/test_load.py` does that.
"""

from __future__ import annotations

import datetime
import json
import uuid
from pathlib import Path
from typing import Any

import pytest

from localcloud.aws import played
from operations import declared
from operations.cli import run
from operations.declared import Declaration, Part
from operations.failures import CannotRun
from operations.live import source
from operations.live.source import Local
from operations.playing import command
from tests.localcloud import playable
from tests.localcloud.conftest import KEY, SECRET
from tests.operations.test_hostile_command_lines import NUMBERS, TEXTS

ACCOUNT = KEY.removeprefix("ACCT0000")
LOADS = """\
    simulation:
      loads:
        day: { daily: { low: 20/s, high: 260/s, peak_hour: 13 } }
        hour: { spike: { base: 20/s, peak: 200/s, at: 20m, length: 30m, duration: 2h } }
"""


@pytest.fixture
def identity(filled_aws: Any) -> str:
    """A service that scales, of each test its own: a load that was played leaves its bounds and count."""
    return playable.service(filled_aws, f"commanded-{uuid.uuid4().hex[:6]}", insights=False)


@pytest.fixture
def rules(filled_aws: Any, identity: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A rules file of it, in a project whose dev stack it is."""
    playable.workload(tmp_path, playable.SERVICE, "ecs_service")
    file = tmp_path / "rules.yaml"
    file.write_text(file.read_text() + LOADS)
    part = Part(
        urn="urn:pulumi:dev::shop::aws:appautoscaling/target:Target::web", type=declared.TARGET, name="web",
        component="web", id=f"service/{identity}", properties={"resourceId": f"service/{identity}"},
    )  # fmt: skip
    stack = Declaration(stack="dev", source="state", region=playable.REGION, accounts=(ACCOUNT,), parts=(part,))
    monkeypatch.setattr(declared, "deployed", lambda *_, **__: stack)
    place = Local(f"http://127.0.0.1:{filled_aws.port}", (KEY, SECRET), playable.REGION)
    monkeypatch.setattr(source, "local_place", lambda *_: place)
    monkeypatch.chdir(tmp_path)
    return "rules.yaml"


def test_it_answers_with_what_happened_and_which_commands_show_it(
    rules: str, capsys: pytest.CaptureFixture[str]
) -> None:
    start = playable.midnight()
    assert run(["local", "load", rules, "--load", "hour", "--from", start.isoformat()]) == 0
    end = start + datetime.timedelta(hours=2)
    said = capsys.readouterr().out.splitlines()
    assert said[0].startswith("web: 20 to 200 requests/s; desired 2 to ")
    begin, over = (f"{one:%Y-%m-%dT%H:%MZ}" for one in (start, end))
    assert said[1:] == [
        f"played 2 h, {begin} to {over}; what it shows:",
        f"  accordion performance rules.yaml --local --stack dev --start {begin} --end {over}",
        "  accordion monitor --local --stack dev",
    ]


def test_a_dry_run_says_the_same_and_changes_nothing(
    filled_aws: Any, identity: str, rules: str, capsys: pytest.CaptureFixture[str]
) -> None:
    def seen() -> Any:
        cluster, service = identity.split("/")
        found = filled_aws.client("ecs").describe_services(cluster=cluster, services=[service])["services"]
        return found, filled_aws.client("cloudwatch").describe_alarm_history(MaxRecords=100)["AlarmHistoryItems"]

    before = seen()
    line = ["local", "load", rules, "--shape", "spike base=30/s peak=250/s duration=3h"]
    assert run([*line, "--dry-run"]) == 0
    said = capsys.readouterr()
    assert said.err.splitlines()[-1] == "nothing was changed: without --dry-run the load is played"
    assert seen() == before
    assert run(line) == 0
    assert capsys.readouterr().out.splitlines()[0] == said.out.splitlines()[0]
    assert seen() != before


def test_a_speed_puts_each_stretch_in_when_its_time_has_come(rules: str, monkeypatch: pytest.MonkeyPatch) -> None:
    clock, stretches = [0.0], []

    def sleep(seconds: float) -> None:
        clock[0] += seconds

    def send(_endpoint: str, _keys: Any, _region: str, document: dict[str, Any]) -> None:
        stretches.append((clock[0], (document["to"] - document["from"]) / 60))
        json.dumps(document, allow_nan=False)

    monkeypatch.setattr(command.time, "monotonic", lambda: clock[0])
    monkeypatch.setattr(command.time, "sleep", sleep)
    monkeypatch.setattr(played, "send", send)
    assert run(["local", "load", rules, "--load", "hour", "--speed", "1200"]) == 0
    assert stretches == [(pytest.approx(second), 20) for second in range(1, 7)]
    stretches.clear()
    clock[0] = 0.0
    assert run(["local", "load", rules, "--load", "hour", "--speed", "1"]) == 0
    assert [minutes for _, minutes in stretches] == [1] * 120
    assert stretches[-1][0] == pytest.approx(7_200)


def test_what_the_cloud_does_not_take_is_said_with_how_far_it_came(
    rules: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    taken = []

    def send(*_: Any) -> None:
        if taken:
            raise played.NotPlayed("the local cloud does not answer: gone")
        taken.append(1)

    monkeypatch.setattr(played, "send", send)
    assert run(["local", "load", rules, "--load", "day"]) == 2
    assert capsys.readouterr().err.splitlines()[-1] == ("error: the local cloud does not answer: gone; 6 h was played")


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ([], "rules.yaml web: has several loads: give --load, one of day, hour"),
        (["--load", "night"], "rules.yaml: web: no load is called night; allowed day, hour"),
        (["--load", "day", "--shape", "steady rate=4/s"], "give one of --load, --trace and --shape"),
        (["--load", "day", "--service", "shop"], "rules.yaml: no service or group with rules is called shop; allowed web"),
        (["--load", "day", "--from", "yesterday"], "--from: got 'yesterday', expected a time with its zone, such as 2026-01-05T00:00Z"),
        (["--load", "day", "--from", "2026-01-05T00:00"], "--from: got '2026-01-05T00:00', which has no zone: write 2026-01-05T00:00Z"),
    ],
)  # fmt: skip
def test_what_cannot_be_played_is_said(
    rules: str, options: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["local", "load", rules, *options]) == 2
    assert capsys.readouterr().err.splitlines()[-1] == f"error: {said}"


@pytest.mark.parametrize(
    ("days", "hours", "wanted"),
    [
        (0, 0, "the load of 24 h would not be over yet: give "),
        (-40, 0, "CloudWatch keeps datapoints of a minute for 15 days"),
    ],
)
def test_a_load_lies_in_the_last_fifteen_days_whole(
    rules: str, days: int, hours: int, wanted: str, capsys: pytest.CaptureFixture[str]
) -> None:
    begin = datetime.datetime.now(datetime.UTC) + datetime.timedelta(days=days, hours=hours)
    assert run(["local", "load", rules, "--load", "day", "--from", begin.isoformat()]) == 2
    assert wanted in capsys.readouterr().err


def test_a_service_that_the_stack_has_not_deployed_is_named(
    rules: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    empty = Declaration(stack="dev", source="state", region=playable.REGION)
    monkeypatch.setattr(declared, "deployed", lambda *_, **__: empty)
    assert run(["local", "load", rules, "--load", "day"]) == 2
    assert capsys.readouterr().err.splitlines()[-1] == (
        "error: web: not deployed in stack dev of the local cloud, where nothing scales: accordion local up --stack dev"
    )


def test_a_stack_that_is_not_there_is_said_with_the_command_that_deploys_it(monkeypatch: pytest.MonkeyPatch) -> None:
    from operations import local

    class Cloud:
        def state(self, _stack: str) -> Any:
            raise CannotRun("the engine could not do `pulumi stack export`: no stack named 'shop' found")

    monkeypatch.setattr(local, "cloud_here", Cloud)
    with pytest.raises(CannotRun) as refused:
        declared.deployed("shop", None, local=True)
    assert str(refused.value) == "stack shop is not on the local cloud: `accordion local up --stack shop` deploys it"


def test_a_load_that_is_longer_than_cloudwatch_remembers_is_refused(
    rules: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["local", "load", rules, "--shape", "steady rate=4/s duration=16d"]) == 2
    assert capsys.readouterr().err.splitlines()[-1] == (
        "error: the load is 384 h long: CloudWatch keeps datapoints of a minute for 15 days, and a load may be as long"
    )


@pytest.mark.parametrize("option", ["--from", "--speed"])
def test_any_value_of_an_option_of_its_own_ends_in_the_answer_or_in_a_sentence(
    rules: str, option: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its other options are those of `simulate`, where they are tried."""
    values = (*TEXTS, *NUMBERS, "9999-12-31T23:59Z", "0001-01-01T00:00Z", "0001-01-01T00:00+14:00")
    for value in (one for one in values if "\udcff" not in one):  # `main` shows what is no text, not `run`
        assert run(["local", "load", rules, "--load", "hour", option, value, "--dry-run"]) in (0, 2), value
        assert "Traceback" not in capsys.readouterr().err
