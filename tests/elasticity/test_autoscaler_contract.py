"""The two halves of the kernel touch each other through eleven numbers and nothing else: what the autoscaler wants and what
the plant reports. Read from the source, so it cannot prove that a number which is reported is the right one."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from elasticity.autoscaler.layout import DECIDED, REPORTED, State
from elasticity.simulator.plant.state import PlantState

ROOT = Path(__file__).parents[2] / "elasticity"
AUTOSCALER = sorted((ROOT / "autoscaler").glob("*.py"))
PLANT = sorted((ROOT / "simulator" / "plant").glob("*.py"))


def touched(paths: list[Path], record: str) -> tuple[set[str], set[str]]:
    """Fields of the record of that name which code reads or sets, and those of them that it sets, in tables too."""
    found: set[str] = set()
    stored: set[str] = set()
    for node in (node for path in paths for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))):
        place = node.value if isinstance(node, ast.Subscript) else node
        if isinstance(place, ast.Attribute) and isinstance(place.value, ast.Name) and place.value.id == record:
            found.add(place.attr)
            if isinstance(node, (ast.Subscript, ast.Attribute)) and isinstance(node.ctx, ast.Store):
                stored.add(place.attr)
    return found & (State.__annotations__.keys() | PlantState.__annotations__.keys()), stored


def test_the_plant_touches_of_the_autoscaler_what_is_decided_and_reported_and_all_of_it() -> None:
    found, _ = touched(PLANT, "state")
    assert found == {*DECIDED, *REPORTED}
    assert len(found) == len(DECIDED) + len(REPORTED) == 11


def test_the_autoscaler_touches_nothing_of_the_plant() -> None:
    assert touched(AUTOSCALER, "plant") == (set(), set())
    assert touched(AUTOSCALER, "state")[0] <= State.__annotations__.keys()


@pytest.mark.parametrize(("half", "others"), [(PLANT, DECIDED), (AUTOSCALER, REPORTED)], ids=["plant", "autoscaler"])
def test_neither_half_sets_what_the_other_one_tells(half: list[Path], others: tuple[str, ...]) -> None:
    assert touched(half, "state")[1].isdisjoint(others)


def test_no_field_is_owned_by_both_and_none_by_nobody() -> None:
    assert State.__annotations__.keys().isdisjoint(PlantState.__annotations__)
    assert touched([*AUTOSCALER, *PLANT], "state")[0] == set(State.__annotations__)
    assert touched(PLANT, "plant")[0] == set(PlantState.__annotations__)
