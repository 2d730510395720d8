"""The committed table of what is served. It cannot prove that what it lists works: the tests of the rows do."""

import re
from dataclasses import fields
from pathlib import Path

from localcloud.aws import served
from localcloud.aws.kind import Calls, Kind, Naming, OwnCalls, Properties, Tags, Translation
from localcloud.aws.kinds import INVOKES, KINDS


def test_the_committed_table_is_current() -> None:
    assert served.PAGE.read_text(encoding="utf-8") == served.page(), "run: python -m localcloud.aws.served"


def test_every_type_has_its_row() -> None:
    rows = re.findall(r"^\| (\w+) \|", served.page(), re.MULTILINE)
    assert len(rows) == len(KINDS) + len({token.split("/")[0] for token in KINDS})
    assert all(f"- `{token}`" in served.page() for token in INVOKES)


def test_the_guide_names_every_field_of_every_record() -> None:
    guide = (Path(__file__).parents[2] / "docs" / "guides" / "adding-a-resource-type.md").read_text(encoding="utf-8")
    tables = re.findall(r"^\| `?([\w ]+?)`? \|[^\n]*\n\|---\|---\|\n((?:\|[^\n]*\n)+)", guide, re.MULTILINE)
    told = {name: set(re.findall(r"^\| `(\w+)`", rows, re.MULTILINE)) for name, rows in tables}
    records = (Calls, Naming, Tags, Translation, Properties, OwnCalls)
    assert {name: told[name] for name in told if name != "of the row"} == {
        record.__name__: {field.name for field in fields(record)} for record in records
    }
    own = {field.name for field in fields(Kind)} - {"token", "calls"}
    assert own == told["of the row"] | {"naming", "tags", "translation", "properties", "own_calls"}
