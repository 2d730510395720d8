"""Every public function of `elasticity` is reached from what users run: what vectors prove is then code in use. A method
counts where its name is read anywhere, so it cannot prove that of two classes' methods of one name both are called."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import elasticity

ROOT = Path(__file__).parents[2]
ROOMS = ("elasticity", "components", "stacks", "operations", "guardrails", "localcloud", "bench")
PUBLIC = frozenset(elasticity.__all__) | {"combined", "begin", "step"}
"""What a Python program of a user calls: the names of the package, sums of loads, the autoscaler by itself."""
Key = tuple[str, str]


def module_of(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def reads(tree: ast.AST, names: dict[str, Key], modules: dict[str, str]) -> Iterator[Key]:
    """Module and name of each function that code refers to; `names` and `modules` are what its imports bind."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and node.id in names:
            yield names[node.id]
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in modules:
            yield modules[node.value.id], node.attr


def unreached() -> set[Key]:
    """Public functions at the top of a module of `elasticity` that nothing reaches."""
    uses: dict[Key, set[Key]] = {}
    reached: set[Key] = set()
    written: set[Key] = set()
    for path in (path for room in ROOMS for path in (ROOT / room).rglob("*.py")):
        tree, module = ast.parse(path.read_text(encoding="utf-8")), module_of(path)
        names: dict[str, Key] = {}
        modules: dict[str, str] = {}
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and node.module:
                for alias in node.names:
                    names[alias.asname or alias.name] = (node.module, alias.name)
                    modules[alias.asname or alias.name] = f"{node.module}.{alias.name}"
        if path.name == "__init__.py":  # what a package hands on is another name of the same function
            uses |= {(module, name): {key} for name, key in names.items()}
        own = {node.name: (module, node.name) for node in tree.body if isinstance(node, ast.FunctionDef)}
        for node in tree.body:
            found = set(reads(node, {**names, **own}, modules))
            if isinstance(node, ast.FunctionDef) and module.startswith("elasticity"):
                uses[own[node.name]] = found
                written.add(own[node.name])
                reached |= {own[node.name]} if node.name in PUBLIC else set()
            elif not isinstance(node, (ast.Import, ast.ImportFrom)):
                reached |= found
    open_ones = list(reached)
    while open_ones:
        new = uses.get(open_ones.pop(), set()) - reached
        reached |= new
        open_ones += new
    return {key for key in uses if key in written and key not in reached and not key[1].startswith("_")}


def test_each_public_function_is_reached_from_what_users_run() -> None:
    assert unreached() == set()
