"""The table of tasks in CONTRIBUTING.md: each file that it sends a newcomer to is there.

Cannot prove that these files are all that a task needs.
"""

import itertools
import re
from pathlib import Path

import pytest

from stacks.compositions import COMPOSITIONS

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
ROWS = [
    [cell.strip() for cell in line.strip().strip("|").split(" | ")]
    for line in PAGE.splitlines()
    if line.startswith("  |")
]
TASKS = ROWS[2:]
WRITTEN_BY_THE_TASK = ("operations/<command>.py", "localcloud/<cloud>/cloud.py")
"""Files that the task is to write."""


def named(cell: str) -> list[str]:
    """Files and folders of the project that a cell names, a composition's in each of the compositions."""
    quoted = [text for text in re.findall(r"`([^`]+)`", cell) if "/" in text and " " not in text]
    quoted += [text.partition("#")[0] for text in re.findall(r"\]\(([^)]+)\)", cell) if "://" not in text]
    found = [text.partition("::")[0] for text in quoted if text not in WRITTEN_BY_THE_TASK]
    return [text.replace("<composition>", composition) for text, composition in itertools.product(found, COMPOSITIONS)]


@pytest.mark.parametrize("row", TASKS, ids=lambda row: row[0])
def test_every_file_of_a_task_is_there(row: list[str]) -> None:
    beside = [ROOT, ROOT / "localcloud" / "aws"]  # what a row says of a type stands beside its folder
    paths = [path for cell in row for path in named(cell)]
    assert paths
    assert [path for path in paths if not any(list(folder.glob(path)) for folder in beside)] == []


def test_the_table_has_a_task_a_row_with_files_and_a_check() -> None:
    assert len(TASKS) >= 9
    assert [row for row in TASKS if len(row) != 3] == []
