"""Nobody compares a platform's or a composition's name outside the tables that say what it does (docs/architecture.md):
a further platform is then a row. It cannot see a comparison of a name that was read from somewhere else."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from elasticity.platforms import PLATFORM_NAMES

ROOT = Path(__file__).parents[1]
COMPOSITIONS = ("web_service", "instance_fleet", "private_service")
ROOMS = ("elasticity", "components", "guardrails", "stacks", "operations", "localcloud", "bench")


NAMES = frozenset((*PLATFORM_NAMES, *COMPOSITIONS))


def bound(node: ast.AST) -> Iterator[tuple[str, frozenset[str]]]:
    """Each name that a statement binds to one of the names, or to a tuple, list or set with some of them."""
    target = (
        node.targets[0] if isinstance(node, ast.Assign) else node.target if isinstance(node, ast.AnnAssign) else None
    )
    value = node.value if isinstance(node, (ast.Assign, ast.AnnAssign)) else None
    pairs = [(target, value)]
    if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
        pairs = list(zip(target.elts, value.elts, strict=False))
    for to, of in pairs:
        plain = isinstance(of, (ast.Constant, ast.Tuple, ast.List, ast.Set)) or (
            isinstance(of, ast.Call) and isinstance(of.func, ast.Name) and of.func.id in ("frozenset", "set", "tuple")
        )
        if isinstance(to, ast.Name) and of is not None and plain:
            yield to.id, frozenset(part.value for part in ast.walk(of) if isinstance(part, ast.Constant)) & NAMES


def names_in(node: ast.AST, constants: Mapping[str, frozenset[str]]) -> Iterator[str]:
    for part in ast.walk(node):
        if isinstance(part, ast.Constant) and part.value in NAMES:
            yield str(part.value)
        elif isinstance(part, ast.Name):
            yield from sorted(constants.get(part.id, ()))


def comparisons(text: str) -> list[tuple[int, str]]:
    """Line and name of each comparison, membership test or case that holds one of the names, or what is bound to it."""
    tree = ast.parse(text)
    constants = {name: of for node in ast.walk(tree) for name, of in bound(node) if of}
    found = []
    for node in ast.walk(tree):
        if isinstance(node, (ast.Compare, ast.MatchValue)):
            found += [(node.lineno, name) for name in names_in(node, constants)]
    return sorted(found)


@pytest.mark.parametrize("room", ROOMS)
def test_no_file_of_a_room_compares_a_name(room: str) -> None:
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
GROUP, TASKS = "ec2_group", frozenset({"ecs_service"})
c = platform != GROUP and platform in TASKS
"""
    assert comparisons(text) == [
        (2, "ec2_group"),
        (2, "ecs_service"),
        (3, "web_service"),
        (5, "capacity_provider"),
        (8, "ec2_group"),
        (8, "ecs_service"),
    ]
