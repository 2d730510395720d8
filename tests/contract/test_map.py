"""The map of the house, docs/architecture.md: every module that it names is there, every first-level module is on it.

Cannot prove that what it says of a module is what the module does.
"""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MAP = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8").split("```")[1]
ROOMS = (
    "elasticity",
    "components",
    "stacks",
    "guardrails",
    "operations",
    "localcloud",
    "image_context",
    "docker_client",
)


def tree(room: str) -> str:
    """What the map says of one room."""
    found = re.search(rf"^{room}/.*?(?=^\S|\Z)", MAP, re.MULTILINE | re.DOTALL)
    assert found is not None
    return found[0]


@pytest.mark.parametrize("room", ROOMS)
def test_every_module_that_the_map_names_is_there(room: str) -> None:
    there = {path.name for path in (ROOT / room).rglob("*.py")}
    there |= {
        path.name for others in ROOMS for path in (ROOT / others).glob("*.py")
    }  # one row may point to another room
    named = set(re.findall(r"\b([a-z_]+\.py)\b", tree(room)))
    assert sorted(named - there) == []


@pytest.mark.parametrize("room", ROOMS)
def test_every_first_level_module_of_a_room_is_on_the_map(room: str) -> None:
    entries = [path for path in (ROOT / room).iterdir() if not path.name.startswith(("__", "."))]
    modules = [path.name for path in entries if path.suffix == ".py"]
    packages = [f"{path.name}/" for path in entries if path.is_dir() and any(path.glob("*.py"))]
    words = tree(room)
    assert [name for name in sorted([*modules, *packages]) if name not in words] == []
