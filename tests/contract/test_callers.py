"""Every public function, class, method and property is used by the product: what only a test would call is an oracle
and lies in tests. Of `elasticity`, which is also called from outside, tests/elasticity/test_callers.py says so.

Cannot prove that the one who names it is ever reached. A name that two functions share counts for both.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
ROOMS = ("components", "stacks", "guardrails", "operations", "localcloud")
MODULES = [
    ROOT / "__main__.py",
    *(path for room in ("elasticity", *ROOMS, "bench") for path in sorted((ROOT / room).rglob("*.py"))),
]
TEXTS = [ROOT / "pyproject.toml", *(path for path in sorted((ROOT / ".ci").iterdir()) if path.is_file())]
"""Scripts and settings that start the product."""

NAMES = re.compile(r"[\w.:-]+")

PLAIN_DECORATORS = {
    "property",
    "cached_property",
    "staticmethod",
    "classmethod",
    "dataclass",
    "contextmanager",
    "cache",
}
"""Decorators that call nothing by themselves; any other may have registered the function."""


def _plain(definition: ast.FunctionDef | ast.ClassDef) -> bool:
    heads = [item.func if isinstance(item, ast.Call) else item for item in definition.decorator_list]
    names = {item.attr if isinstance(item, ast.Attribute) else getattr(item, "id", "") for item in heads}
    return names <= PLAIN_DECORATORS


def defined(module: ast.Module) -> Iterator[str]:
    """Public names that a module defines. A method of a class with a base may be what the base calls, and is left."""
    for node in module.body:
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)) and _plain(node) and not node.name.startswith("_"):
            yield node.name
        if isinstance(node, ast.ClassDef) and not node.bases:
            for inner in node.body:
                if isinstance(inner, ast.FunctionDef) and _plain(inner) and not inner.name.startswith("_"):
                    yield inner.name


def used(module: ast.Module) -> Iterator[str]:
    """Names that a module reads, imports, gives an argument, or has in a text that is nothing but names."""
    for node in ast.walk(module):
        if isinstance(node, ast.Name):
            if isinstance(node.ctx, ast.Load):
                yield node.id
        elif isinstance(node, ast.Attribute):
            yield node.attr
        elif isinstance(node, ast.alias):
            yield from node.name.split(".")
        elif isinstance(node, ast.keyword):
            yield node.arg or ""
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and NAMES.fullmatch(node.value):
            yield from re.split(r"\W", node.value)


def test_nothing_public_waits_for_a_caller() -> None:
    names, offered = set(re.findall(r"\w+", "".join(path.read_text(encoding="utf-8") for path in TEXTS))), {}
    for path in MODULES:
        module = ast.parse(path.read_text(encoding="utf-8"))
        names |= set(used(module))
        if path.relative_to(ROOT).parts[0] in ROOMS:
            offered[str(path.relative_to(ROOT))] = set(defined(module))
    unused = {path: found for path, have in sorted(offered.items()) if (found := sorted(have - names))}
    assert [f"{path}: {name}" for path, found in unused.items() for name in found] == []


def test_a_function_that_nobody_calls_and_one_that_a_decorator_hands_on_are_told_apart() -> None:
    text = "def alone(): ...\n@registered\ndef called(): ...\nclass Held:\n    def asked(self): ...\nHeld().asked()\n"
    assert set(defined(ast.parse(text))) - set(used(ast.parse(text))) == {"alone"}
