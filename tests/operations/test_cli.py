"""How the installed command ends. It cannot prove what a shell makes of its exit codes."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

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
