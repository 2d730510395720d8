"""How the installed command ends. It cannot prove what a shell makes of its exit codes."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from operations import terminal

ROOT = Path(__file__).parents[2]
FULL = Path("/dev/full")


@pytest.mark.skipif(not FULL.exists(), reason="only Linux has a disk that is always full")
def test_a_full_disk_is_one_line_and_no_broken_expectation() -> None:
    with FULL.open("w") as full:
        ended = subprocess.run(
            [sys.executable, "-m", "operations.cli", "schema"],
            cwd=ROOT,
            stdout=full,
            stderr=subprocess.PIPE,
            check=False,
        )
    assert (ended.returncode, ended.stderr) == (2, b"error: the answer cannot be written: no space left on device\n")


def test_a_reader_who_has_seen_enough_is_no_error() -> None:
    program = [sys.executable, "-m", "operations.cli", "schema"]
    with subprocess.Popen(program, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as running:
        assert running.stdout is not None
        assert running.stderr is not None
        running.stdout.close()
        said = running.stderr.read()
    assert said == b""


def test_a_fault_of_ours_keeps_its_traceback_and_is_no_broken_expectation() -> None:
    code = "import sys; from operations import cli; sys.argv = ['accordion', 'x']; cli.COMMANDS['x'] = 1; cli.main()"
    ended = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert ended.returncode == 2
    assert ended.stderr.startswith("Traceback (most recent call last):")
    assert ended.stderr.endswith("error: this is a fault of accordion, not of what was asked\n")


CLOUDS = {"pulumi", "pulumi_aws", "boto3", "botocore", "moto", "grpc", "localcloud"}
OF_A_TASK = {"numpy", "numba", "scipy", "optuna", "matplotlib", "jinja2", "rich"}


@pytest.mark.parametrize(
    ("arguments", "needed"),
    [
        (["check"], set()),
        (["check", "examples/rules.yaml"], set()),
        (["simulate", "--stack", "dev", "--tick", "60"], {"numpy", "rich"}),
        (["simulate", "examples/rules.yaml", "--load", "campaign"], {"numpy", "rich"}),
        (["explain", "--stack", "fleet", "--at", "Mon 08:55"], {"numpy", "rich"}),
        (["cost", "--stack", "fleet"], {"numpy", "rich"}),
        (["sweep", "Pulumi.dev.yaml"], {"numpy", "numba", "scipy", "rich"}),
        (
            ["tune", "examples/rules.yaml", "--load", "campaign", "--trials", "2"],
            {"numpy", "numba", "scipy", "optuna", "rich"},
        ),
        (["schema"], {"numpy"}),
        (["replay", "examples/recorded/tuesday.json", "--capacity", "50/s"], {"numpy", "rich"}),
        (["fit", "examples/recorded/monday.json"], {"numpy", "scipy", "rich"}),
        (["monitor", "--policy"], {"rich"}),
        (["record", "--policy"], {"numpy", "rich"}),
    ],
    ids=lambda value: " ".join(value[:2]) if isinstance(value, list) else "",
)
def test_a_command_loads_no_cloud_that_it_does_not_ask_and_no_library_of_another_task(
    arguments: list[str], needed: set[str]
) -> None:
    program = (
        "import sys; from operations.cli import run; run(sys.argv[1:]);"
        "print(*{name.partition('.')[0] for name in sys.modules}, file=sys.stderr)"
    )
    ended = subprocess.run([sys.executable, "-c", program, *arguments], cwd=ROOT, capture_output=True, text=True)
    loaded = set(ended.stderr.splitlines()[-1].split())
    assert "operations" in loaded
    assert (CLOUDS | OF_A_TASK - needed) & loaded == set()


@pytest.mark.parametrize(
    ("line", "lines"),
    [
        ("a rule of one word", ["a rule of one word"]),
        ("  the metric of the rule", ["  the metric of", "    the rule"]),
        ("# not translated: memory", ["# not translated:", "#   memory"]),
        ("requests_per_target_of_all", ["requests_per_target_of_all"]),
    ],
)
def test_a_line_is_broken_between_words_and_stays_what_it_is(line: str, lines: list[str]) -> None:
    assert terminal.broken(f"{line}\nnext", 18).split("\n") == [*lines, "next"]
