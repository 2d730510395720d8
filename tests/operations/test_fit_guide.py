"""The guide's five commands run on the example files and print what the guide shows.

Cannot prove that a stranger's recording looks like these: the simulator made them.
"""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from operations.cli import run

ROOT = Path(__file__).parents[2]
GUIDE = (ROOT / "docs" / "guides" / "fit.md").read_text(encoding="utf-8")


def shown(guide: str) -> list[tuple[str, list[str]]]:
    """Each command of a guide, with the lines that it is said to print."""
    found: list[tuple[str, list[str]]] = []
    for block in re.findall(r"```console\n(.*?)```", guide, re.DOTALL):
        for line in block.replace("\\\n", " ").splitlines():
            if line.startswith("$ "):
                found.append((line[2:], []))
            elif line not in ("", "..."):
                found[-1][1].append(line)
    return found


def test_every_command_of_the_guide_prints_what_is_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    commands = shown(GUIDE)
    assert [shlex.split(command)[1] for command, _ in commands] == [
        "read", "check", "simulate", "fit", "simulate", "replay", "replay",
    ]  # fmt: skip
    for command, lines in commands:
        assert run(shlex.split(command)[1:]) == 0, command
        printed = capsys.readouterr().out.splitlines()
        assert [line for line in lines if line not in printed] == [], command
