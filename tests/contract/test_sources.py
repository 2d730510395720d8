"""docs/sources.md has what a report prints and what the code cites. Cannot prove that a document says so."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from elasticity.platforms import PLATFORM_NAMES, PLATFORMS, Parameter
from elasticity.simulator.conditions import Conditions

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "sources.md").read_text()
ROOMS = (
    "components",
    "docker_client",
    "elasticity",
    "guardrails",
    "image_context",
    "localcloud",
    "operations",
    "stacks",
    "tests",
)


def rows(heading: str) -> list[list[str]]:
    (section,) = (part for part in PAGE.split("\n## ") if part.startswith(heading))
    table = [line for line in section.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in table[2:]]


GRADES = {grade.strip("`") for grade, _ in rows("Grades")}
DOCUMENTS = {abbreviation for abbreviation, *_ in rows("Documents")}
PRINTED = {source: grade.strip("`") for source, _, grade in rows("What reports print")}


def printed(platform: str) -> Iterator[Parameter]:
    conditions = Conditions(platform=platform)  # type: ignore[arg-type]
    yield from PLATFORMS[platform].rows()  # type: ignore[index]
    yield from conditions.rows()


@pytest.mark.parametrize("platform", PLATFORM_NAMES)
def test_each_source_that_a_report_prints_has_a_row(platform: str) -> None:
    documented = [row for row in printed(platform) if set(re.findall(r"[a-z]{3}", row.grade)) - {"asm"}]
    assert documented
    no_source = ("the split is ours", "between ")  # how a document was read, and the range of a guess
    parts = {part for row in documented for part in row.source.split("; ") if not part.startswith(no_source)}
    assert parts - set(PRINTED) == set()


def test_each_row_is_printed_on_some_platform() -> None:
    parts = {part for platform in PLATFORM_NAMES for row in printed(platform) for part in row.source.split("; ")}
    assert set(PRINTED) - parts == set()


@pytest.mark.parametrize("platform", PLATFORM_NAMES)
def test_each_grade_that_a_report_prints_is_explained(platform: str) -> None:
    grades = {grade for row in printed(platform) for grade in re.findall(r"\b(?!s\b)[a-z]+", row.grade)}
    assert grades - GRADES == set()
    assert set(PRINTED.values()) <= GRADES


def texts() -> Iterator[tuple[Path, str]]:
    for room in ROOMS:
        for file in (ROOT / room).rglob("*.py"):
            yield file, file.read_text()


def test_each_abbreviation_of_a_guide_in_the_code_has_a_row() -> None:
    found = {name for _, text in texts() for name in re.findall(r"\b[A-Z][A-Z0-9]{1,4}(?:UG|DG)\b", text)}
    assert found >= {"AASUG", "CWUG", "EC2UG", "ECSDG"}
    assert found - {"DEBUG"} - DOCUMENTS == set()


def test_nothing_cites_a_page_that_is_not_here() -> None:
    own = Path(__file__)
    cited = re.compile(r"design page|of the design\b|the design asks|\bissue \d")
    assert [str(file) for file, text in texts() if file != own and cited.search(text)] == []


def test_each_decision_is_listed_with_its_date_and_status() -> None:
    folder = ROOT / "docs" / "decisions"
    row = re.compile(
        r"^\| \[(\d{4})\]\((\S+)\) \| .+ \| 20\d\d-\d\d-\d\d \| (accepted|superseded by \[\d{4}\]\(\S+\)) \|$"
    )
    listed = [row.match(line) for line in (folder / "README.md").read_text().splitlines() if line.startswith("| [")]
    assert None not in listed
    assert [found[2] for found in listed if found] == sorted(file.name for file in folder.glob("[0-9]*.md"))
    assert [found[1] for found in listed if found] == [file.name[:4] for file in sorted(folder.glob("[0-9]*.md"))]
