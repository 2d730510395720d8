"""The guide to checks in CI: its commands parse, its actions are pinned, its rules are read. It cannot prove that a
hash is the release that its comment names."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from elasticity.rules import Elasticity
from operations.check import command as check

GUIDE = Path(__file__).parents[2] / "docs" / "guides" / "checks-in-ci.md"
TEXT = GUIDE.read_text()
BLOCKS: list[Any] = [YAML(typ="safe").load(block) for block in re.findall(r"```yaml\n(.*?)```", TEXT, re.DOTALL)]
LINES = [
    line.partition("#")[0] for line in re.findall(r"(?:^\$ |run: \.venv/bin/)accordion check(.*)", TEXT, re.MULTILINE)
]


@pytest.mark.parametrize("line", LINES)
def test_every_command_line_of_the_guide_is_understood(line: str) -> None:
    with check.make_context("check", shlex.split(line)):
        pass


def test_the_guide_shows_command_lines() -> None:
    assert len(LINES) == 4


def test_every_action_is_pinned_by_hash_with_its_release_beside_it() -> None:
    uses = re.findall(r"uses: (.*)", TEXT)
    assert len(uses) == 3
    for use in uses:
        assert re.fullmatch(r"[\w/-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", use), use


def test_the_accepted_rules_of_the_guide_are_read() -> None:
    (rules,) = (block["elasticity"] for block in BLOCKS if isinstance(block, dict) and "elasticity" in block)
    assert Elasticity.model_validate(rules).accept.keys() == {"EL003"}
