"""The guide's commands on files run and print what the guide shows.

Cannot prove that a stranger's recording looks like these: the simulator made them.
"""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest

from operations.cli import run
from tests.operations.test_fit_guide import shown

ROOT = Path(__file__).parents[2]
GUIDE = (ROOT / "docs" / "guides" / "performance.md").read_text(encoding="utf-8")


def test_every_command_of_the_guide_on_a_file_prints_what_is_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    commands = [(command, lines) for command, lines in shown(GUIDE) if "--from" in command]
    assert commands
    for command, lines in commands:
        assert run(shlex.split(command)[1:]) == 0, command
        printed = capsys.readouterr().out.splitlines()
        assert [line for line in lines if line not in printed] == [], command
