"""docs/findings.md against the linter: every code has a section, and every example does what the page says. It cannot
prove that the examples are the most telling ones."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from ruamel.yaml import YAML

from elasticity.checks import CODES, Finding, LintContext, check, check_run
from elasticity.rules import Elasticity

PAGE = Path(__file__).parents[2] / "docs" / "findings.md"
SECTION = re.compile(
    r"## (?P<code>EL\d{3}): (?P<title>.+)\n\n\*\*(?P<severity>\w+)\.\*\* (?P<reason>.+)\.\n\n"
    r"(?P<condition>(?:.+\n)+)\n\*Cure\.\* (?P<cure>(?:.+\n)+)\n"
    r"Fails:\n\n```yaml\n(?P<fails>[^`]+)```\n\nPasses:\n\n```yaml\n(?P<passes>[^`]+)```\n"
)


class Section(NamedTuple):
    code: str
    title: str
    severity: str
    reason: str
    condition: str
    cure: str
    fails: str
    passes: str


SECTIONS = [Section(**found.groupdict()) for found in SECTION.finditer(PAGE.read_text())]


def found_in(example: str) -> list[Finding]:
    content: dict[str, Any] = YAML(typ="safe").load(example)
    if "run" in content:
        return check_run(content["run"], minutes=content["run"]["minutes"])
    assert content.keys() <= {"elasticity", "context"}
    context = LintContext.model_validate(content.get("context", {}))
    return check(Elasticity.model_validate(content["elasticity"]), context)


def test_every_code_has_a_section_in_the_order_of_the_table() -> None:
    assert [section.code for section in SECTIONS] == list(CODES)
    assert PAGE.read_text().count("\n## ") == len(SECTIONS), "no section escapes the test's form"


@pytest.mark.parametrize("section", SECTIONS, ids=lambda section: section.code)
def test_a_section_says_what_the_table_says(section: Section) -> None:
    code = CODES[section.code]
    assert (section.title, section.severity.lower()) == (code.title, code.severity)
    assert section.reason == code.reason[0].upper() + code.reason[1:]


@pytest.mark.parametrize("section", SECTIONS, ids=lambda section: section.code)
def test_the_failing_example_gives_exactly_its_code(section: Section) -> None:
    found = found_in(section.fails)
    assert {one.code for one in found} == {section.code}, [f"{one.code} {one.message}" for one in found]
    assert found[0].severity == CODES[section.code].severity


@pytest.mark.parametrize("section", SECTIONS, ids=lambda section: section.code)
def test_the_passing_example_gives_none_of_its_code(section: Section) -> None:
    assert section.code not in {one.code for one in found_in(section.passes)}
