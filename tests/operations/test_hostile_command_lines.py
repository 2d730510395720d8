"""Every option and argument of every command, as the parser knows them, with words that do not fit: the right answer or one
sentence, never a traceback, a hang, or a file that is half written. What only a process shows is tried in processes. It
cannot prove that no other word does worse; `accordion local` hands its words to the engine and has a fuzz of its own."""

from __future__ import annotations

import datetime
import io
import json
import os
import random
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pytest

from bench.recordings import recorded
from elasticity import Elasticity, simulate
from elasticity.traces import spike
from operations import cli
from operations.declared import from_state
from operations.failures import CannotRun
from operations.live.answers import Remembered
from operations.live.aws import Aws
from operations.monitor import look as monitor
from operations.monitor.comparison import Stack
from operations.monitor.judge import judge
from operations.recordings.recorder import record
from tests.operations import controlled
from tests.operations.answered import ACCOUNT, NOW, World, state
from tests.operations.histories import THREE, rows
from tests.operations.mutations import seeds
from tests.operations.processor_time import Hangs
from tests.operations.recorded_account import RecordedAccount, declared_scaled, moved
from tests.operations.test_exported_guide import metric_data

RULES = """\
workloads:
  web:
    elasticity:
      minimum: 2
      maximum: 6
      unit: { capacity: 60/s, start_up: 60s }
      target_tracking:
        cpu: { metric: cpu, target: 55 }
    simulation:
      loads:
        rise: { spike: { base: 50/s, peak: 200/s, at: 10m, length: 5m, duration: 30m } }
      expectations: ["overload_minutes < 30"]
"""
MANIFEST = "name: web\ntype: Load Balanced Web Service\ncount:\n  range: 1-10\n  cpu_percentage: 70\n"
KNOWN = ("--capacity", "60/s", "--start-up", "60s")
BASES = {
    "bootstrap": ["--policy"],
    "check": ["rules.yaml"],
    "config": ["diff", "--against", "dev"],
    "cost": ["rules.yaml"],
    "exec": ["--state", "state.json", "--print"],
    "explain": ["rules.yaml", "--at", "Mon 08:00"],
    "fit": ["recording.json"],
    "graph": ["state.json"],
    "history": ["--from", "history.json"],
    "logs": ["--state", "state.json"],
    "monitor": ["--from", "kept.json"],
    "performance": ["rules.yaml", "--from", "recording.json"],
    "prices": ["list"],
    "read": ["manifest.yml", *KNOWN],
    "record": ["--from", "account.json"],
    "release": ["status", "--state", "state.json"],
    "replay": ["recording.json", *KNOWN],
    "rollback": ["1", "--from", "history.json", "--output", "then.yaml"],
    "run": ["--state", "state.json", "migrate"],
    "scale": ["--state", "state.json"],
    "schema": [],
    "simulate": ["rules.yaml"],
    "sweep": ["rules.yaml", "--workers", "1"],
    "tasks": ["--state", "state.json"],
    "tune": ["rules.yaml", "--trials", "2", "--workers", "1"],
}
"""Command -> words with which it has an answer."""
ENGINE_COMMANDS = {"environments", "local", "review", "up"}
"""Tried in test_hostile_local.py, with a script for the engine, and in test_environments.py, with one in memory; what
is no revision in test_review.py."""

FILES = (
    "", "-", ".", "..", "/", "~", "folder", "pipe", "loop", "null", "empty", "binary", "huge", "no/such", "manifest.yml", "rules.yaml",
    "state.json", "kept.json", "recording.json", "x\udcff", "x" * 300, "a/" * 2_000 + "b", "/dev/zero", "/dev/full", "/proc/self/mem", "\x1b[2J",
)  # fmt: skip
OUTPUTS = (
    "", "-", ".", "/", "folder", "folder.svg", "pipe", "loop", "null", "link", "no/such/x", "x.svg", "x" * 300, "a/" * 2_000 + "b", "x\udcff",
    "\udcff.svg", "/dev/null", "/dev/full", "/proc/x.svg",
)  # fmt: skip
TEXTS = (
    "", "-", "--", "x", "0", "-1", "1e309", "nan", "inf", "-inf", "9" * 400, "x" * 3_000, "é", "\udcff", "\n", "\x1b[2J", "[red]x", "{}", "%s", "a=b",
    "a=", "=b", "a=nan", "a=inf", "minimum=1..inf", "minimum=nan..2", "minimum=5..1", "spike", "spike base=nan/s", "spike base=50/s peak=200/s noise=nan",
    "spike base=1e308/s peak=1e308/s", "spike base=-1/s", "overload_minutes < nan", "overload_minutes < inf", "x < 5", "Mon 25:00", "0001-01-01T00:00",
    "9999-12-31T23:59", "2026-03-29T02:30+99:00", "Mars/Base", "/etc/passwd", "../../etc/localtime", "tcp://127.0.0.1:99999", "drain=60", "drain=1e308",
    "publication_delay=-1", "HEAD", "HEAD:", "--upload-pack=x", "web", "rise", "1/s", "0/s", "1e30/s", "60s", "-5s", "100000000000d", "all", "rules.yaml",
)  # fmt: skip
NUMBERS = ("", "-1", "0", "1", "2", "60", "61", "9" * 30, "1e3", "1.5", "nan", "inf", "0x10", "٣", "é", " 1", "\udcff")  # fmt: skip


def words(parameter: click.Parameter) -> tuple[str, ...]:
    """What a parameter is tried with, by its type."""
    if isinstance(parameter.type, click.Path):
        return OUTPUTS if parameter.name in ("output", "page", "picture", "save", "log") else FILES
    if isinstance(parameter.type, click.types.IntParamType | click.types.FloatParamType):
        return NUMBERS
    return TEXTS


def found(name: str) -> click.Command:
    command = cli.accordion.get_command(click.Context(cli.accordion), name)
    assert command is not None
    return command


def lines(name: str) -> Iterator[list[str]]:
    """Every way to write one parameter of a command wrongly, and some to write two."""
    base, options = [name, *BASES[name]], []
    for parameter in found(name).params:
        if isinstance(parameter, click.Argument):
            yield from ([name, word] for word in words(parameter))
            continue
        option = parameter.opts[0]
        options.append(option)
        if isinstance(parameter, click.Option) and parameter.is_flag:
            yield from ([*base, option, option], [*base, f"{option}=x"])
        else:
            yield from ([*base, option, word] for word in words(parameter))
            first, second = words(parameter)[3:5]
            yield from ([*base, option], [*base, option, first, option, second], [*base, f"{option}={first}"])
        yield from ([name, option], [*base, option[:-1], "x"], [*base, f"{option}q", "x"])
    yield from ([name], [*base, "--", "-x"], [*base, "--no-such-option"], [*base, "one", "more"])
    others = sorted({each.opts[0] for other in BASES for each in found(other).params if isinstance(each, click.Option)})
    yield from ([*base, option, "x"] for option in others if option not in options)


def no_account(*_: object, **__: object) -> None:
    raise CannotRun("there is no account here")


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("operations.live.source.clients", lambda *_, **__: World())
    for module in ("operations.read", "operations.recordings.record"):
        monkeypatch.setattr(f"{module}.answers_of", no_account)
    monkeypatch.setattr("time.sleep", lambda _: None)
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO()))
    monkeypatch.setenv("PATH", str(tmp_path))  # no git, no pulumi
    for name in ("Pulumi.dev.yaml", "rules.yaml", "link-target"):
        (tmp_path / name).write_text(RULES)
    (tmp_path / "manifest.yml").write_text(MANIFEST)
    (tmp_path / "state.json").write_text(json.dumps(state()))
    asked = Remembered(Aws(World()))
    declared = from_state(state(), "dev")
    verdict = judge(Stack(declared, asked, NOW), {})
    (tmp_path / "kept.json").write_text(monitor.kept(verdict, asked, declared))
    unit = {"capacity": "60/s", "start_up": "60s"}
    tracking = {"cpu": {"metric": "cpu", "target": 55}}
    rules = Elasticity.model_validate({"minimum": 2, "maximum": 6, "unit": unit, "target_tracking": tracking})
    run = simulate(rules, spike(base=50, peak=200, at=1_800, length=1_800, duration=7_200))
    recording = recorded(run, rules, workload="web", noise=0.0)
    (tmp_path / "recording.json").write_text(recording.to_json())
    (tmp_path / "metrics.json").write_text(json.dumps(metric_data(json.loads(recording.to_json()))))
    ends = datetime.datetime.now(datetime.UTC).replace(second=0, microsecond=0) - datetime.timedelta(minutes=30)
    lately = RecordedAccount(moved(recording, ends - datetime.timedelta(minutes=recording.minutes)))
    lately.answers["get_caller_identity"] = lambda _: {"Account": ACCOUNT}
    monkeypatch.setattr("operations.performance.source.answers_of", lambda *_, **__: Aws(lately))
    (tmp_path / "scaled.json").write_text(json.dumps(declared_scaled(lately)))
    told = Remembered(Aws(RecordedAccount(recording)))
    record(told, "web", recording.start, recording.end)
    kept = {"name": "web", "start": recording.start.isoformat(), "end": recording.end.isoformat()}
    (tmp_path / "account.json").write_text(json.dumps({**kept, "answers": told.saved()}, default=str))
    (tmp_path / "history.json").write_text(json.dumps(rows(*THREE)))
    shutil.copy(Path(__file__).parents[2] / "Pulumi.private.yaml", tmp_path)
    (tmp_path / "swarm.json").write_text(json.dumps(controlled.SWARM_STATE))
    scaled = controlled.World(lambda _: 600.0)
    scaled.run(scaled.scaler(controlled.policy()), 5)
    (tmp_path / "scale.log").write_text("".join(f"{line}\n" for line in scaled.lines))
    (tmp_path / "scale.json").write_text(
        json.dumps(
            {
                "services": {
                    "web": {"elasticity": controlled.policy().rules.model_dump(mode="json", exclude_defaults=True)}
                }
            }
        )
    )
    monkeypatch.setenv("DOCKER_HOST", "unix:///nobody/is/here.sock")
    monkeypatch.setattr("operations.controller.command.switch", lambda *_, **__: None)
    (tmp_path / "empty").touch()
    (tmp_path / "binary").write_bytes(bytes(range(256)))
    with (tmp_path / "huge").open("wb") as huge:
        huge.truncate(100_000_000)
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "loop").symlink_to("loop")
    (tmp_path / "null").symlink_to(os.devnull)
    (tmp_path / "link").symlink_to("link-target")
    return tmp_path


def ended(line: list[str], capsys: Any) -> str | None:
    """What is wrong with how a command line ended; None for nothing."""
    try:
        cli._hold_standard_streams()
        code = cli.run(line)
    except Hangs:
        return "hangs"
    except BaseException as error:  # noqa: BLE001 - whatever it is, it is what a user would see
        return f"{type(error).__name__}: {error}"[:200]
    said = "".join(capsys.readouterr())
    if code not in (0, 1, 2):
        return f"exit code {code}"
    return "exit code 2 without a word" if code == 2 and not said.strip() else None


def test_every_command_is_tried_here_or_with_the_engine() -> None:
    assert {*BASES, *ENGINE_COMMANDS} == {*cli.COMMANDS}


@pytest.mark.parametrize("name", BASES)
def test_a_word_that_does_not_fit_ends_in_an_answer_or_in_a_sentence(
    here: Path, within_limit: Any, capsys: Any, name: str
) -> None:
    kept = {path.name for path in here.iterdir()}
    everything = list(lines(name))
    wrong = {}
    for seed in seeds(1):
        for line in random.Random(seed).sample(everything, min(len(everything), 60)):
            within_limit()
            if fault := ended(line, capsys):
                wrong[" ".join(line)[:200]] = fault
    assert wrong == {}
    assert (here / "null").is_symlink()
    assert (here / "link").is_symlink()
    assert (here / "pipe").is_fifo()
    assert [path.name for path in here.iterdir() if path.name.startswith(".") and path.name not in kept] == []


@pytest.mark.parametrize("name", BASES)
def test_a_call_that_is_right_is_answered(here: Path, capsys: Any, name: str) -> None:
    assert cli.run([name, *BASES[name]]) in (0, 1)
    assert capsys.readouterr().out.strip()


ACCORDION = [sys.executable, "-m", "operations.cli"]
"""The entry point, in a process of its own."""


def ran(line: str, here: Path, **variables: str | None) -> tuple[int, str, str]:
    """A command line of a shell, in which `accordion` stands for the command."""
    environment = {name: value for name, value in {**os.environ, **variables}.items() if value is not None}
    environment["PYTHONPATH"] = str(Path(__file__).parents[2])
    command = line.replace("accordion", " ".join(ACCORDION))
    done = subprocess.run(["/bin/bash", "-c", command], cwd=here, env=environment, capture_output=True, check=False)
    return done.returncode, done.stdout.decode(errors="replace"), done.stderr.decode(errors="replace")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "rules.yaml").write_text(RULES)
    return tmp_path


PROCESSES = (
    ("accordion check rules.yaml >&-", 0, ""),
    ("accordion check rules.yaml <&- >&- 2>&-", 0, ""),
    ("accordion graph <&-", 2, "error: <stdin>: not the state of a stack; give what `pulumi stack export` prints\n"),
    ("printf '\\xff' | accordion graph", 2, "error: <stdin>: not the state of a stack; give what `pulumi stack export` prints\n"),
    ("mkdir gone; cd gone; rmdir ../gone; accordion local status", 2, "error: the current folder is gone: go to another one\n"),
    ("accordion schema > /dev/full", 2, "error: the answer cannot be written: no space left on device\n"),
    ("accordion check $'x\\xff.yaml'", 2, "error: x\\udcff.yaml: there is no such file\n"),
    ("cp rules.yaml $'x\\xff.yaml'; accordion check $'x\\xff.yaml'", 0, ""),
    ("cp rules.yaml $'x\\xff.yaml'; PYTHONIOENCODING=ascii accordion cost $'x\\xff.yaml' > out", 0, ""),
    ("before=$(stat -c %i /dev/null); accordion schema --of rules --output /dev/null; test $before = $(stat -c %i /dev/null)", 0, ""),
    ("accordion check rules.yaml --output >(cat > seen) > /dev/null && sleep 0", 0, ""),
)  # fmt: skip


@pytest.mark.parametrize(("line", "code", "error"), PROCESSES)
def test_what_a_shell_closes_takes_away_or_cannot_write_is_told(folder: Path, line: str, code: int, error: str) -> None:
    ended_with, _, said = ran(line, folder)
    assert (ended_with, said) == (code, error)


def test_a_reader_who_has_seen_enough_ends_a_command_without_a_word(folder: Path) -> None:
    _, out, said = ran("accordion schema | head -1; exit ${PIPESTATUS[0]}", folder)
    assert (out, said) == ("{\n", "")


@pytest.mark.parametrize("columns", ["0", "1", "-5", "x", "99999999"])
def test_a_terminal_of_any_width_is_written_to(folder: Path, columns: str) -> None:
    for line in ("accordion --help", "accordion cost rules.yaml"):
        code, out, said = ran(line, folder, COLUMNS=columns, TERM=None, LANG="C", HOME=None)
        assert (code, bool(out.strip()), said) == (0, True, "")


SHELLS: dict[str, dict[str, str | None]] = {
    "numba switched off": {"NUMBA_DISABLE_JIT": "1"},
    "warnings as errors, no assertions": {"PYTHONWARNINGS": "error", "PYTHONOPTIMIZE": "2", "PYTHONHASHSEED": "0"},
    "no colours": {"NO_COLOR": "1", "TERM": "dumb"},
    "another Pulumi": {"PULUMI_BACKEND_URL": "s3://no", "PULUMI_STACK": "no", "PULUMI_HOME": "/dev/null", "PULUMI_CONFIG_PASSPHRASE": "x"},
    "another AWS": {"AWS_PROFILE": "no", "AWS_REGION": "mars-1", "AWS_ENDPOINT_URL": "http://127.0.0.1:1", "AWS_CONFIG_FILE": "/dev/null/x"},
    "a proxy": {"http_proxy": "http://127.0.0.1:1", "https_proxy": "http://127.0.0.1:1", "ALL_PROXY": "socks5://127.0.0.1:1"},
    "no folder for what passes": {"TMPDIR": "/no/such", "HOME": "/dev/null", "XDG_CACHE_HOME": "/dev/null", "XDG_STATE_HOME": "/dev/null"},
    "no path, another time": {"PATH": "", "TZ": "Mars/Base"},
    "another text": {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "PYTHONIOENCODING": "ascii"},
}  # fmt: skip


@pytest.mark.parametrize("shell", SHELLS)
def test_what_a_shell_has_set_changes_no_answer(folder: Path, shell: str) -> None:
    said = {}
    for name in ("plain", shell):
        variables = SHELLS.get(name, {})
        environment = {key: value for key, value in {**os.environ, **variables}.items() if value is not None}
        environment["PYTHONPATH"] = str(Path(__file__).parents[2])
        done = subprocess.run(
            [*ACCORDION, "explain", "rules.yaml", "--at", "Mon 08:00"], cwd=folder, env=environment, capture_output=True, check=False
        )  # fmt: skip
        said[name] = (done.returncode, done.stdout, done.stderr)
    assert said["plain"][0] == 0
    assert said[shell] == said["plain"]


@pytest.mark.parametrize("umask", ["0", "077", "777"])
def test_a_mask_of_any_kind_is_the_mask_of_what_is_written(folder: Path, umask: str) -> None:
    code, _, said = ran(f"umask {umask}; accordion schema --of rules --output out.json", folder)
    assert (code, said) == (0, "")
    assert (folder / "out.json").stat().st_mode & 0o777 == 0o666 & ~int(umask, 8)


STOPPED_WITHIN = """\
import os, signal, sys
from operations import cli
from elasticity.simulator import engine

def stop(*_, **__):
    os.kill(os.getpid(), signal.SIGINT)
    signal.pause()

setattr(*{place}, stop)
sys.argv = ["accordion", *{line!r}]
cli.main()
"""
PLACES = (
    ("(engine, 'execute')", ["simulate", "rules.yaml", "--html", "page.html"]),
    ("(os, 'replace')", ["schema", "--of", "rules", "--output", "out.json"]),
    ("(cli, '_hold_standard_streams')", ["check", "rules.yaml"]),
    ("(cli, 'run')", ["check", "rules.yaml"]),
)


@pytest.mark.parametrize(("place", "line"), PLACES)
def test_a_stop_from_the_keyboard_ends_in_one_word_and_leaves_nothing(
    folder: Path, place: str, line: list[str]
) -> None:
    done = subprocess.run(
        [sys.executable, "-c", STOPPED_WITHIN.format(place=place, line=line)],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr.strip()) == (130, "", "stopped")
    assert [path.name for path in folder.iterdir()] == ["rules.yaml"]
