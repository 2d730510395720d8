"""Nobody compares a platform's or a composition's name outside the tables that say what it does (docs/architecture.md):
a further platform is then a row. It cannot see a comparison of a name that was read from somewhere else."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from elasticity.platforms import PLATFORM_NAMES

ROOT = Path(__file__).parents[1]
COMPOSITIONS = ("web_service", "instance_fleet")
FINISHED = ("elasticity", "components", "guardrails", "stacks", "operations")
"""Rooms without any such comparison; a room that has none comes here and stays."""


def names_in(node: ast.AST) -> Iterator[str]:
    for part in ast.walk(node):
        if isinstance(part, ast.Constant) and part.value in (*PLATFORM_NAMES, *COMPOSITIONS):
            yield str(part.value)


def comparisons(text: str) -> list[tuple[int, str]]:
    """Line and name of each comparison, membership test or case that holds one of the names."""
    found = []
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, (ast.Compare, ast.MatchValue)):
            found += [(node.lineno, name) for name in names_in(node)]
    return sorted(found)


@pytest.mark.parametrize("room", FINISHED)
def test_no_file_of_a_finished_room_compares_a_name(room: str) -> None:
    found = {
        str(path.relative_to(ROOT)): lines
        for path in sorted((ROOT / room).rglob("*.py"))
        if (lines := comparisons(path.read_text(encoding="utf-8")))
    }
    assert found == {}


def test_comparisons_of_every_form_are_seen() -> None:
    text = """
if platform == "ecs_service" or context.platform not in ("ec2_group", "x"): pass
a = 1 if "web_service" != composition else 2
match platform:
    case "capacity_provider": pass
b = {"ecs_service": 1}[platform]
"""
    assert comparisons(text) == [(2, "ec2_group"), (2, "ecs_service"), (3, "web_service"), (5, "capacity_provider")]
