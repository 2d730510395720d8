"""Files and command lines as nobody should write them: one sentence each, no traceback, no hang. A fixed budget of seeds cannot
prove that no other input does worse; the time limit counts processor seconds, so a busy machine does not decide."""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from elasticity.trace_files import read_trace
from elasticity.traces import TraceError
from operations import cli
from stacks.settings import load, rules_schema
from stacks.settings import schema as settings_schema
from stacks.simulation import LoadDescription, load_of
from stacks.stack_file import SettingsError
from tests.operations.mutations import command_line, mutated, seeds, stack_files
from tests.operations.processor_time import Hangs

ROOT = Path(__file__).parents[2]
ALLOWED = {0, 1, 2}
OFFLINE = ("check", "cost", "explain", "simulate", "sweep")
MARKER = "harmless-marker-7f3a:x:0:0"


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    shutil.copytree(ROOT / "examples" / "traces", tmp_path / "examples" / "traces")
    for path in ROOT.glob("Pulumi*.yaml"):
        shutil.copy(path, tmp_path)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def code_of(line: list[str]) -> int | str:
    """The exit code of a command line, or what went wrong."""
    try:
        return cli.run(line)
    except Hangs:
        return "hangs"
    except BaseException as error:  # noqa: BLE001 - whatever it is, it is what a user would see
        return f"{type(error).__name__}: {error}"[:200]


@pytest.mark.parametrize("part", range(5))
def test_a_mutated_stack_file_ends_every_command_in_a_sentence(here: Path, within_limit, capsys, part: int) -> None:
    wrong = {}
    files = list(stack_files(ROOT))
    for seed in seeds(80, part * 80):
        name, text = files[seed % len(files)]
        (here / "Pulumi.mutated.yaml").write_bytes(mutated(text, seed))
        for line in (
            ["check", "Pulumi.mutated.yaml"],
            [OFFLINE[seed % len(OFFLINE)], *_stack(OFFLINE[seed % len(OFFLINE)])],
        ):
            within_limit()
            code = code_of(line)
            if code not in ALLOWED:
                wrong[seed, name, line[0]] = code
        capsys.readouterr()
    assert wrong == {}


def _stack(command: str) -> list[str]:
    return ["Pulumi.mutated.yaml"] if command in ("check", "sweep") else ["--stack", "mutated"]


@pytest.mark.parametrize("command", OFFLINE)
def test_a_clumsy_command_line_ends_in_a_sentence(here: Path, within_limit, capsys, command: str) -> None:
    wrong = {}
    found = cli.accordion.get_command(None, command)  # type: ignore[arg-type]
    assert found is not None
    for seed in seeds(60):
        line = command_line(command, found, seed)
        within_limit()
        code = code_of(line)
        if code not in ALLOWED:
            wrong[seed] = (line, code)
        capsys.readouterr()
    assert wrong == {}


def test_a_mutated_trace_is_read_or_refused(here: Path, within_limit) -> None:
    text = "\n".join((here / "examples" / "traces" / "office-week.csv").read_text().splitlines()[:40])
    answer = '{"MetricDataResults": [{"Id": "m1", "Timestamps": ["2026-01-05T00:00:00Z",\n "2026-01-05T00:01:00Z"], "Values": [1.0,\n 2]}]}'
    for seed in seeds(400):
        path = here / ("t.csv" if seed % 3 else "t.json")
        path.write_bytes(mutated(text if seed % 3 else answer, seed))
        within_limit()
        with contextlib.suppress(TraceError):
            read_trace(path)


def trace(here: Path, name: str) -> str:
    with pytest.raises(TraceError) as refused:
        load_of("x", LoadDescription.model_validate({"trace": {"file": name}}), here)
    return str(refused.value)


@pytest.mark.parametrize(
    "content",
    [
        f"{MARKER}\n{MARKER}\n",
        f"timestamp,{MARKER},b\n1,2,3\n",
        f'{{"{MARKER}": 1}}',
        f'{{"MetricDataResults": [{{"Id": "{MARKER}", "Timestamps": [], "Values": []}}, {{"Id": "b", "Timestamps": [], "Values": []}}]}}',
    ],
)
def test_nothing_of_a_trace_is_quoted_but_plain_names_of_columns(here: Path, content: str) -> None:
    (here / "t.csv").write_text(content)
    said = trace(here, "t.csv")
    assert MARKER not in said
    assert "harmless-marker" not in said


@pytest.mark.parametrize("way", ["absolute", "upward", "linked"])
def test_a_stack_file_opens_no_trace_outside_its_project(
    here: Path, tmp_path_factory: pytest.TempPathFactory, way: str
) -> None:
    outside = tmp_path_factory.mktemp("outside") / "marker.csv"
    outside.write_text(f"timestamp,value\n{MARKER},1\n")
    (here / "linked.csv").symlink_to(outside)
    name = {"absolute": str(outside), "upward": os.path.relpath(outside, here), "linked": "linked.csv"}[way]
    assert trace(here, name) == (
        f"{here / name}: lies outside the project, and a stack file opens only what is inside: "
        "copy it there, or name it on the command line by --trace"
    )


def test_a_way_that_leads_nowhere_ends_in_a_sentence(here: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    outside = tmp_path_factory.mktemp("outside")
    (here / "loop.csv").symlink_to("loop.csv")
    (here / "out").symlink_to(outside)
    (here / "gone.csv").symlink_to(outside / "gone.csv")
    (here / "zero.csv").symlink_to("/dev/zero")
    (here / "inner").mkdir()
    (here / "inner" / "up.csv").symlink_to(Path("..") / ".." / "x")
    (here / "here.csv").symlink_to("traces.csv")
    with (here / "sparse.csv").open("wb") as sparse:
        sparse.truncate(10**12)
    nowhere = "cannot be read: Too many levels of symbolic links"
    for name, said in (
        ("loop.csv", nowhere),
        ("loop.csv/x", nowhere),
        ("a\0b", "cannot be read: its name has a null character"),
    ):
        assert trace(here, name) == f"{here / name}: {said}"
    assert trace(here, "here.csv").startswith(f"{here / 'here.csv'}: cannot be read: No such file")
    assert trace(here, "sparse.csv") == f"{here / 'sparse.csv'}: is larger than 512 MiB, the most that is read"
    for name in ("out/x", "gone.csv", "zero.csv", "inner/up.csv", "inner/../../x", "/dev/stdin", "/proc/self/environ"):
        assert "lies outside the project" in trace(here, name), name


def test_a_hard_link_tells_nothing_of_what_it_leads_to(here: Path) -> None:
    (here / "kept.csv").write_text(f"{MARKER}\n{MARKER}\n")
    (here / "hard.csv").hardlink_to(here / "kept.csv")
    assert "harmless-marker" not in trace(here, "hard.csv")


@pytest.mark.parametrize("schema", [settings_schema, rules_schema])
def test_a_trace_is_the_one_key_of_a_file_that_names_a_file(schema: Callable[[], dict[str, Any]]) -> None:
    """Another would need the same fence."""

    def keys(node: Any) -> Iterator[tuple[str, Any]]:
        inside = node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
        if isinstance(node, dict) and isinstance(node.get("properties"), dict):
            yield from node["properties"].items()
        for one in inside:
            yield from keys(one)

    texts = {name for name, of in keys(schema()) if isinstance(of, dict) and of.get("type") != "object"}
    named = {name for name in texts if set(name.split("_")) & {"file", "files", "folder", "directory", "trace"}}
    assert named - WITHIN_A_CONTAINER == {"file", "trace"}


WITHIN_A_CONTAINER = {"root_directory", "working_directory", "file_system_arn"}


def test_a_trace_is_a_regular_file_of_a_stated_size(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    os.mkfifo(here / "pipe.csv")
    (here / "folder.csv").mkdir()
    (here / "large.csv").write_text("timestamp,value\n" * 200_000)
    monkeypatch.setattr("elasticity.trace_files.LARGEST_FILE", 1024 * 1024)
    assert trace(here, "pipe.csv") == f"{here / 'pipe.csv'}: is a pipe, expected a regular file"
    assert trace(here, "folder.csv") == f"{here / 'folder.csv'}: is a folder, expected a regular file"
    assert trace(here, "large.csv") == f"{here / 'large.csv'}: is larger than 1 MiB, the most that is read"


BOMB = "config:\n" + "".join(
    f"  {name}: &{name} [{', '.join([f'*{below}' if below else 'x'] * 10)}]\n" for below, name in zip(["", *"abcd"], "abcde", strict=True)
) + "  accordion:services: [*e, *e, *e]\n"  # fmt: skip
STACK_FILES = (
    (BOMB.encode(), "Pulumi.x.yaml:7: not YAML: more than 200,000 values with every alias written out: write fewer"),
    (b"config: &c\n  accordion:x: *c\n", "Pulumi.x.yaml:2: not YAML: an alias stands within what it names"),
    (b"config:\n  a: " + b"[" * 3_000, "Pulumi.x.yaml:2: not YAML: maps or lists more than 40 deep"),
    (b"config:\n  a: !name x\n", "Pulumi.x.yaml:2: not YAML: a tag such as `!name` means nothing here: leave it out"),
    (b"config:\n  a: \xff\n", "Pulumi.x.yaml: is not UTF-8 text"),
    (b"config:\n  accordion:a: hidden-value\n  accordion:a: hidden-other\n", "Pulumi.x.yaml:3 a: this key stands twice: keep one of the two"),
    (b"config: abc\n", "Pulumi.x.yaml: no stack file: expected a map with the key `config`"),
    (b"", "Pulumi.x.yaml: no stack file: expected a map with the key `config`"),
)  # fmt: skip


@pytest.mark.parametrize(("content", "said"), STACK_FILES)
def test_a_hostile_stack_file_is_refused_in_one_sentence(here: Path, within_limit, content: bytes, said: str) -> None:
    (here / "Pulumi.x.yaml").write_bytes(content)
    within_limit()
    with pytest.raises(SettingsError) as refused:
        load(here / "Pulumi.x.yaml")
    assert str(refused.value) == said


def test_a_stack_file_that_is_no_file_is_told(here: Path) -> None:
    os.mkfifo(here / "Pulumi.x.yaml")
    with pytest.raises(SettingsError, match=r"^Pulumi\.x\.yaml: is a pipe, expected a regular file$"):
        load(here / "Pulumi.x.yaml")
