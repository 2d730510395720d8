"""`accordion local` with project files, stack files and command lines as nobody should write them: one sentence each.

A script stands in for the engine and no server is started, so this cannot prove what these make of what gets through. A
fixed budget of seeds cannot prove that no other input does worse; the limit counts processor seconds.
"""

from __future__ import annotations

import os
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from localcloud.cloud import LocalCloud, placeholders
from localcloud.cloud.command import Command
from localcloud.cloud.lifecycle import Lifecycle
from localcloud.cloud.processes import Record
from localcloud.cloud.project import Place, parsed
from localcloud.clouds import Attached
from localcloud.engine import Engine
from operations import cli
from tests.operations.mutations import SCALARS, mutated, seeds
from tests.operations.processor_time import Hangs

ALLOWED = {0, 1, 2, 130}
PROJECT = """\
name: demo
description: a project
runtime:
  name: python
  options:
    virtualenv: .venv
    toolchain: uv
main: src
stackConfigDir: stacks
config:
  demo:size:
    type: integer
    default: 3
plugins:
  providers:
    - name: thing
      path: ./bin
options:
  refresh: always
backend:
  url: file://./here
template:
  config: &c
    a: { default: b }
  other: *c
"""
STACK = (
    'config:\n  aws:region: eu-west-1\n  demo:size: "3"\n  demo:list: [a, { b: c }]\n  demo:pass:\n    secure: v1:abc\n'
)
WORDS = (
    "up", "update", "preview", "pre", "refresh", "destroy", "down", "import", "watch", "stack", "config", "set", "get", "rm", "select",
    "init", "ls", "export", "output", "graph", "cancel", "state", "delete", "plugin", "about", "help", "new", "login", "logout", "whoami",
    "start", "stop", "status", "reset", "env", "do", "policy", "version", "console", "dev", "a b", "", "-", "--", "é", "\udcff", "x" * 5_000,
    "../..", "/", "/dev/null", "/dev/full", "organization/demo/dev", "a/b/c/d", "${x}", "$(x)", ";", "\n", "*", "~", "0", "-1",
)  # fmt: skip
FLAGS = (
    "--stack", "-s", "--stack=", "--stack=../x", "-sdev", "-s=dev", "-C", "--cwd", "--cwd=/nowhere", "-C/dev/null", "--config-file", "--config-file=",
    "--config-file=/dev", "-c", "--config=a=b", "--plan", "--save-plan", "--policy-pack", "--policy-pack=a,b,,", "--yes", "-y", "--help", "-h",
    "--json", "--diff", "--parallel", "--target", "--secret", "--plaintext", "--path", "--file", "-f", "-o", "--generate-code", "--secrets-provider",
    "--without-checkpoints", "--yes=maybe", "--no-such-flag", "-", "---", "--=", "-=", "-é", "--version", "-v", "-v=9", "--color", "--profiling",
)  # fmt: skip


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    engine = tmp_path / "pulumi"
    engine.write_text("#!/bin/sh\nexit 0\n")
    engine.chmod(0o700)
    server = Record(2**22 + 1, 1.0, 5000, "x")
    monkeypatch.setattr(LocalCloud, "engine", lambda _: Engine(engine, "stub"))
    monkeypatch.setattr(Command, "streamed", lambda self, given: 0)
    monkeypatch.setattr(Command, "quietly", lambda self, given: "{}")
    monkeypatch.setattr(Lifecycle, "start", lambda *_: {"aws": Attached("http://127.0.0.1:5000", 6000)})
    monkeypatch.setattr(Lifecycle, "start_states", lambda *_, **__: server)
    project = tmp_path / "project"
    (project / "stacks").mkdir(parents=True)
    (project / "Pulumi.yaml").write_text(PROJECT)
    (project / "stacks" / "Pulumi.dev.yaml").write_text(STACK)
    monkeypatch.chdir(project)
    return project


def outcome(line: list[str], capsys: Any) -> int | str:
    """The exit code of a command line, or what went wrong: a traceback, a hang, more than a screen of words."""
    try:
        code = cli.run(line)
    except Hangs:
        return "hangs"
    except BaseException as error:  # noqa: BLE001 - whatever it is, it is what a user would see
        return f"{type(error).__name__}: {error}"[:200]
    said = capsys.readouterr().err
    return code if code in ALLOWED and "Traceback" not in said else f"{code}: {said[:200]}"


@pytest.mark.parametrize("part", range(2))
def test_a_mutated_project_file_ends_in_a_sentence(here: Path, within_limit: Any, capsys: Any, part: int) -> None:
    wrong = {}
    for seed in seeds(20, part * 20):
        (here / "Pulumi.yaml").write_bytes(mutated(PROJECT, seed))
        for line in (["local", "preview"], ["local", "status"], ["local", "reset", "--yes"]):
            within_limit()
            found = outcome(line, capsys)
            if found not in ALLOWED:
                wrong[seed, line[1]] = found
    assert wrong == {}


def test_a_mutated_stack_file_ends_in_a_sentence_and_poisons_nothing(
    here: Path, within_limit: Any, capsys: Any
) -> None:
    wrong = {}
    for seed in seeds(40):
        (here / "stacks" / "Pulumi.dev.yaml").write_bytes(mutated(STACK, seed))
        within_limit()
        found = outcome(["local", "preview"], capsys)
        (here / "stacks" / "Pulumi.dev.yaml").write_text(STACK)
        mended = outcome(["local", "preview"], capsys)
        if found not in ALLOWED or mended != 0:
            wrong[seed] = (found, mended)
    assert wrong == {}


@pytest.mark.parametrize("scalar", [each for each in SCALARS if len(each) < 100][::2])
def test_any_value_in_the_place_of_a_part_of_a_project_file_ends_in_a_sentence(
    here: Path, within_limit: Any, capsys: Any, scalar: str
) -> None:
    wrong = {}
    for key in ("name", "runtime", "main", "stackConfigDir", "config", "plugins", "options", "backend"):
        rest = "" if key == "name" else "name: demo\n"
        (here / "Pulumi.yaml").write_text(f"{rest}{key}: {scalar}\n")
        within_limit()
        found = outcome(["local", "preview"], capsys)
        if found not in ALLOWED:
            wrong[key] = found
    assert wrong == {}


@pytest.mark.parametrize("part", range(2))
def test_a_clumsy_command_line_ends_in_a_sentence(here: Path, within_limit: Any, capsys: Any, part: int) -> None:
    wrong = {}
    for seed in seeds(30, part * 30):
        rng = random.Random(seed)
        line = [rng.choice(WORDS[:20]), *(rng.choice(rng.choice((WORDS, FLAGS))) for _ in range(rng.randrange(6)))]
        within_limit()
        found = outcome(["local", *line], capsys)
        if found not in ALLOWED:
            wrong[tuple(each[:30] for each in line)] = found
    assert wrong == {}


BOMB = "".join(
    f"{name}: &{name} [{', '.join([f'*{below}' if below else 'x'] * 10)}]\n"
    for below, name in zip(["", *"abcdefg"], "abcdefgh", strict=True)
)
PLUGINS = ": `plugins` should be a map of lists, such as `providers`, of maps with `name` and `path`"
FILES = (
    (b"name: demo\nplugins: abc\n", ": `plugins` should be a map, got a text"),
    (b"name: demo\nplugins: { providers: { a: b } }\n", PLUGINS),
    (b"name: demo\nplugins: { providers: [a] }\n", PLUGINS),
    (b"name: \xff\n", ": is not UTF-8 text"),
    (b"name: demo\nmain: " + b"[" * 500_000, ": brackets more than 100 deep"),
    (b"name: demo\nmain:\n" + b"- " * 20_000, ": not valid YAML; maps or lists are nested too deep"),
    (
        b"name: demo\nmain: &a b\nconfig:\n " + b"- " * 20_000 + b"*a\n",
        ": not valid YAML; maps or lists are nested too deep",
    ),
    (f"name: demo\n{BOMB}".encode(), ": not valid YAML; more than 200000 values with every alias written out"),
    (b"", ": wanted a mapping with a `name`, as every Pulumi project has"),
    (b"name: [a]\n", ": `name` should be a text, got a list"),
    (b"runtime: python\n", ": `name` is missing, which every Pulumi project has"),
    (
        b"name: a b\nruntime: [a]\n",
        ": `runtime` should be a text or a map, got a list; `name` should be 1 to 100 letters, digits, `-`, `_` and `.`, got 'a b'",
    ),
    (b"name: ''\n", ": `name` should be 1 to 100 letters, digits, `-`, `_` and `.`, got ''"),
    (b"name: demo\nconfig: [a]\n", ": `config` should be a map or a text, got a list"),
    (
        b"name: demo\nconfig: true\noptions: 3\n",
        ": `config` should be a map or a text, got true or false; `options` should be a map, got a number",
    ),
    (b"name: demo\nconfig: &a [*a]\n", ": not valid YAML; line 2: the alias a stands within what it names"),
    (b"name: demo\nconfig: &a { x: { y: *a } }\n", ": not valid YAML; line 2: the alias a stands within what it names"),
    (b'name: demo\nmain: "a\\0b"\n', ": `main` holds a null character, which no path may"),
    (b"name: demo\n#" + b"x" * 5_000_000, ": has 5000012 bytes, and at most 4194304 are read"),
)


@pytest.mark.parametrize(("content", "said"), FILES)
def test_a_hostile_project_file_is_refused_in_one_sentence(
    here: Path, within_limit: Any, capsys: Any, content: bytes, said: str
) -> None:
    (here / "Pulumi.yaml").write_bytes(content)
    within_limit()
    assert cli.run(["local", "preview"]) == 1
    assert capsys.readouterr().err == f"error: {here / 'Pulumi.yaml'}{said}\n"


ANCHORS = (
    ("a: &x 1\nb: *x\nc: &x 2\nd: *x\n", {"a": 1, "b": 1, "c": 2, "d": 2}),
    ("a: &x { y: 1 }\nb: &x [2]\nc: *x\n", {"a": {"y": 1}, "b": [2], "c": [2]}),
    ("a: &x [&x 1, *x]\nb: *x\n", {"a": [1, 1], "b": 1}),
    ("a: &x { y: 1 }\nb: { <<: *x, z: 2 }\nc: &x { y: 3 }\nd: { <<: *x }\n",
     {"a": {"y": 1}, "b": {"y": 1, "z": 2}, "c": {"y": 3}, "d": {"y": 3}}),
)  # fmt: skip
"""Names that are given to two values: the engine's reader takes the later one from there on, and says nothing (run)."""


@pytest.mark.parametrize(("text", "read"), ANCHORS)
def test_a_name_that_is_given_twice_means_the_later_value_to_every_reader_and_none_says_a_word(
    here: Path, capfd: Any, text: str, read: object
) -> None:
    assert parsed(text, "a project file") == placeholders.read(text, "a stack file") == read
    inside = text.replace("\n", "\n    ")
    (here / "Pulumi.yaml").write_text(f"{PROJECT}  more:\n    {inside}\n")
    stack = f"{STACK}  demo:more:\n    {inside}\n"
    (here / "stacks" / "Pulumi.dev.yaml").write_text(stack)
    for more in ("", "  demo:other: 3\n"):
        (here / "stacks" / "Pulumi.dev.yaml").write_text(stack + more)
        assert cli.run(["local", "preview"]) == 0
    said = capfd.readouterr().err.splitlines()
    assert [line for line in said if "placeholders stand for" not in line] == []
    shadow = LocalCloud.of(here).place.shadow
    assert parsed((shadow / "Pulumi.yaml").read_text(), "")["template"]["more"] == read
    assert parsed((shadow / "Pulumi.dev.yaml").read_text(), "")["config"]["demo:more"] == read


def _gone(file: Path) -> None:
    file.unlink()


def _folder(file: Path) -> None:
    file.unlink()
    file.mkdir()


def _link_to_nothing(file: Path) -> None:
    file.unlink()
    file.symlink_to("nowhere")


def _pipe(file: Path) -> None:
    file.unlink()
    os.mkfifo(file)


BROKEN: dict[str, bytes | Callable[[Path], None]] = {
    **{said[2:40]: content for content, said in FILES},
    "not YAML": b"name: [a\n",
    "cut short": PROJECT[: PROJECT.index("default: b")].encode(),
    "gone": _gone,
    "a folder": _folder,
    "a link to nothing": _link_to_nothing,
    "a pipe": _pipe,
}
ALWAYS = (["local", "status"], ["local", "stop"], ["local", "reset", "--yes"])
NEVER = [["up"], ["monitor", "--local"], *(["local", word] for word in WORDS[:20] if word not in ("get", "rm", "set", "select"))]  # fmt: skip
NEVER += [["local", "start"], ["local", "env"]]
OFFLINE = (
    ["check", "stacks"], ["simulate", "--stack", "dev"], ["explain", "--stack", "dev", "--at", "2026-01-05T08:00"], ["cost", "--stack", "dev"],
    ["sweep", "stacks"], ["schema"],
)  # fmt: skip


def place_here(here: Path) -> Place:
    """A place of a cloud that was used, for the project while it was whole."""
    assert cli.run(["local", "preview"]) == 0
    return LocalCloud.of(here).place


def broken(here: Path, form: str) -> Path:
    file, what = here / "Pulumi.yaml", BROKEN[form]
    file.write_bytes(what) if isinstance(what, bytes) else what(file)
    return file


@pytest.mark.parametrize("form", BROKEN)
def test_whatever_a_project_file_is_its_cloud_is_shown_stopped_and_forgotten(
    here: Path, within_limit: Any, capfd: Any, form: str
) -> None:
    place = place_here(here)
    file = broken(here, form)
    capfd.readouterr()
    for line in ALWAYS:
        within_limit()
        assert cli.run(line) == 0, capfd.readouterr().err
        out, err = capfd.readouterr()
        if line[1] == "status":
            assert f"kept in {place.root}" in out
            assert err.startswith("nothing can be deployed: ")
            assert err.count("\n") == 1
            assert str(file.parent) in err
        else:
            assert err == ""
    assert [entry.name for entry in place.root.iterdir()] in ([], ["lock"])


@pytest.mark.parametrize("form", BROKEN)
def test_whatever_a_project_file_is_every_other_command_says_so_in_one_sentence_and_changes_nothing(
    here: Path, within_limit: Any, capfd: Any, form: str
) -> None:
    place = place_here(here)
    before = {path: path.stat().st_mtime_ns for path in place.root.rglob("*")}
    broken(here, form)
    wrong = {}
    for line in NEVER:
        within_limit()
        capfd.readouterr()
        code, said = cli.run(line), capfd.readouterr().err
        said = "".join(each for each in said.splitlines(keepends=True) if not each.startswith("asking "))
        if code not in (1, 2) or said.count("\n") != 1 or str(here) not in said:
            wrong[" ".join(line)] = (code, said)
    assert wrong == {}
    assert {path: path.stat().st_mtime_ns for path in place.root.rglob("*")} == before


@pytest.mark.parametrize("line", OFFLINE, ids=lambda line: line[0])
def test_what_reads_stack_files_alone_answers_as_it_does_beside_a_whole_project_file(
    here: Path, within_limit: Any, capfd: Any, line: list[str]
) -> None:
    answers = []
    for form in (None, "not YAML"):
        if form:
            broken(here, form)
        within_limit()
        capfd.readouterr()
        answers.append((cli.run(line), capfd.readouterr()))
    assert answers[0] == answers[1]


def test_a_cloud_of_a_project_that_was_renamed_is_found_without_its_file(here: Path) -> None:
    first = place_here(here)
    (here / "Pulumi.yaml").write_text(PROJECT.replace("demo", "other", 1))
    second = place_here(here)
    assert first != second
    os.utime(first.root, (1, 1))
    broken(here, "not YAML")
    assert LocalCloud.of(here).place == second
    assert cli.run(["local", "reset", "--yes"]) == 0
    assert (second.root / "shadow").exists() is False


SHELLS: tuple[dict[str, str | None], ...] = (
    {"HOME": None, "XDG_CACHE_HOME": None}, {"HOME": "/nowhere"}, {"TMPDIR": "/nowhere", "TMP": "/nowhere", "TEMP": ""}, {"PATH": ""}, {"PATH": None},
    {"LANG": "C", "LC_ALL": "C"}, {"LANG": "no-language"}, {"COLUMNS": "x", "LINES": "-1"}, {"COLUMNS": "1", "LINES": "1"}, {"COLUMNS": "9" * 9},
    {"TERM": "dumb", "NO_COLOR": "1"}, {"TERM": ""}, {"FORCE_COLOR": "1", "TERM": "xterm"}, {"PULUMI_STACK": ""}, {"PULUMI_STACK": "/"},
    {"PULUMI_STACK": "organization/demo/dev"}, {"PULUMI_STACK": "../../x"}, {"PULUMI_STACK": "a b"}, {"PULUMI_STACK": "x" * 5_000}, {"PULUMI_CONFIG": "x"},
    {"PULUMI_HOME": "/nowhere", "PULUMI_BACKEND_URL": "s3://genuine", "PULUMI_ACCESS_TOKEN": "genuine"}, {"PULUMI_DEBUG_PROVIDERS": ",:,aws,x:y:z,"},
    {"AWS_PROFILE": "none-of-this-name", "AWS_REGION": "", "AWS_CA_BUNDLE": "/nowhere"}, {"AWS_REGION": "mars-1"}, {"AWS_DEFAULT_REGION": "a'b\n;$(x)"},
    {"http_proxy": "x", "NO_PROXY": ",,*"}, {"ALL_PROXY": "socks5://\t", "no_proxy": "\udcff"}, {"GOGC": "x", "GOMEMLIMIT": "y"},
    {"PYTHONPATH": "/nowhere:\udcff", "PYTHONWARNINGS": "x"}, {"ACCORDION_LOCAL_IDLE": "soon"}, {"ACCORDION_LOCAL_FOLDERS": "{"}, {"A B-C.d": "1", "_": "\n"},
)  # fmt: skip


@pytest.mark.parametrize("shell", SHELLS, ids=lambda shell: repr(shell)[:50])
def test_in_an_odd_shell_a_command_does_what_it_should_or_says_why_not(
    here: Path, monkeypatch: pytest.MonkeyPatch, within_limit: Any, capfd: Any, shell: dict[str, str | None]
) -> None:
    for name, value in shell.items():
        monkeypatch.delenv(name, raising=False) if value is None else monkeypatch.setenv(name, value)
    wrong = {}
    for line in (["preview"], ["up", "--yes"], ["env"], ["start"], ["status"], ["stop"], ["reset", "--yes"]):
        within_limit()
        found = outcome(["local", *line], capfd)
        if found not in ALLOWED:
            wrong[line[0]] = found
    assert wrong == {}
