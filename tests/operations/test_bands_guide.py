"""The guide to bands: its commands run and print what it shows, its settings are read. It cannot prove that anybody's
service lies within the bands."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from operations.cli import run
from stacks.simulation import Simulation
from tests.operations.test_fit_guide import shown

ROOT = Path(__file__).parents[2]
GUIDE = (ROOT / "docs" / "guides" / "bands.md").read_text(encoding="utf-8")


def test_every_command_of_the_guide_prints_what_is_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    commands = shown(GUIDE)
    assert len(commands) == 7
    for command, lines in commands:
        assert run(shlex.split(command)[1:]) == 0, command
        printed = capsys.readouterr().out.splitlines()
        assert [line for line in lines if line not in printed] == [], command
    assert (tmp_path / "bands-tornado.svg").exists()


def test_the_settings_of_the_guide_are_read() -> None:
    (block,) = re.findall(r"```yaml\n(.*?)```", GUIDE, re.DOTALL)
    simulation = YAML(typ="safe").load(block)["simulation"]
    bands = Simulation.model_validate(simulation).bands
    assert (bands.runs, bands.level, bands.ranges["unit.capacity"]) == (500, 0.2, (145.0, 155.0))
