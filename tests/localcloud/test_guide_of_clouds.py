"""The guide to a cloud names what the protocol asks. It cannot prove that who follows it succeeds: the toy cloud did."""

import re
from pathlib import Path

from localcloud.provider.plan import Planned
from localcloud.provider.resource import Cloud, Resource

GUIDE = (Path(__file__).parents[2] / "docs" / "guides" / "adding-a-cloud.md").read_text(encoding="utf-8")


def table(name: str) -> set[str]:
    found = re.search(rf"^\| `{name}` \|[^\n]*\n\|---\|---\|\n((?:\|[^\n]*\n)+)", GUIDE, re.MULTILINE)
    assert found
    return set(re.findall(r"^\| `(\w+)`", found[1], re.MULTILINE))


def members(protocol: type) -> set[str]:
    return {name for name in vars(protocol) if not name.startswith("_")}


def test_the_guide_names_every_member_of_a_cloud() -> None:
    assert table("Cloud") == members(Cloud)


def test_the_guide_names_what_a_type_is_and_nothing_that_there_is_not() -> None:
    known = members(Planned) | set(Planned.__annotations__)
    assert table("Planned") <= known
    assert {"token", "input_schema", "output_schema", "naming", "properties"} <= table("Planned")


def test_what_a_type_has_to_bring_itself_is_what_the_guide_says() -> None:
    assert members(Resource) - members(Planned) == {"create", "read", "update", "delete"}
    assert "a class with create, read, update and delete" in GUIDE
