"""No circle among the modules of the house: imports for types alone, and those inside functions, count.

Cannot prove anything about modules that are imported by their name.
"""

from __future__ import annotations

import ast
import graphlib
from collections.abc import Iterator, Mapping
from pathlib import Path

ROOT = Path(__file__).parents[2]
ROOMS = (
    "elasticity",
    "components",
    "stacks",
    "guardrails",
    "image_context",
    "docker_client",
    "operations",
    "localcloud",
    "bench",
)
MODULES = {
    ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path
    for room in ROOMS
    for path in (ROOT / room).rglob("*.py")
}


def imported(text: str, modules: Mapping[str, object]) -> Iterator[str]:
    """Modules of the house that a module imports; of a package, the module that a name is of where there is one."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name in modules)
        elif isinstance(node, ast.ImportFrom) and node.module in modules:
            for alias in node.names:
                inside = f"{node.module}.{alias.name}"
                yield inside if inside in modules else node.module


def circle(imports: Mapping[str, set[str]]) -> list[str]:
    """The modules of one circle, the first again at its end; empty where there is none."""
    try:
        graphlib.TopologicalSorter(imports).prepare()
    except graphlib.CycleError as error:
        return list(error.args[1])
    return []


def test_no_module_imports_itself_by_way_of_others() -> None:
    imports = {name: set(imported(path.read_text(encoding="utf-8"), MODULES)) for name, path in MODULES.items()}
    assert circle({name: found - {name} for name, found in imports.items()}) == []


def test_a_circle_by_a_type_and_by_a_function_is_seen() -> None:
    texts = {
        "a": "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from b import B\n",
        "b": "def later():\n    import c\n",
        "c": "import a",
        "d": "from a import A",
    }
    found = circle({name: set(imported(text, texts)) for name, text in texts.items()})
    assert (len(found), set(found)) == (4, {"a", "b", "c"})
