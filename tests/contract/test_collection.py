"""Every test is collected and says its limits. It cannot prove that a test asserts anything worth knowing."""

import ast
import re
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]
MODULES = sorted(TESTS.rglob("*.py"))


def functions(module: Path) -> list[str]:
    tree = ast.parse(module.read_text(encoding="utf-8"))
    return [node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]


@pytest.mark.parametrize("module", MODULES, ids=lambda module: str(module.relative_to(TESTS)))
def test_no_test_escapes_collection(module: Path) -> None:
    if not module.name.startswith("test_"):
        escaped = [name for name in functions(module) if name.startswith("test_")]
        assert escaped == [], f"pytest collects test_*.py only: rename {module.name}"


@pytest.mark.parametrize(
    "module", [m for m in MODULES if m.name.startswith("test_")], ids=lambda module: str(module.relative_to(TESTS))
)
def test_every_test_file_says_what_it_cannot_prove(module: Path) -> None:
    docstring = ast.get_docstring(ast.parse(module.read_text(encoding="utf-8"))) or ""
    assert re.search(r"cannot|not prove", docstring, re.IGNORECASE), (
        f"{module.name}: its first line says in one sentence what it cannot prove"
    )
