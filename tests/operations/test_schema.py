"""`accordion schema`: the committed schema is what the settings say. It cannot prove that an editor shows it well."""

from __future__ import annotations

import json
import re
from pathlib import Path

import jsonschema
import pytest
from click.testing import CliRunner
from ruamel.yaml import YAML

from operations.cli import run
from operations.schema import SCHEMAS, command, schema_text
from stacks.compositions import COMPOSITIONS
from stacks.settings import schema

ROOT = Path(__file__).parents[2]
COMMITTED = ROOT / "docs" / "schema" / "stack.schema.json"
REFERENCE = ROOT / "docs" / "stack-file.md"
STACKS = sorted(ROOT.glob("Pulumi.*.yaml"))


def test_the_committed_schema_is_current() -> None:
    same = COMMITTED.read_text() == schema_text()
    assert same, "run `.venv/bin/accordion schema --output docs/schema/stack.schema.json`"


@pytest.mark.parametrize("of", SCHEMAS)
def test_every_schema_is_committed_and_current(of: str) -> None:
    same = (ROOT / f"docs/schema/{of}.schema.json").read_text() == schema_text(of)
    assert same, f"run `.venv/bin/accordion schema --of {of} --output docs/schema/{of}.schema.json`"


def test_the_committed_reference_is_current() -> None:
    same = REFERENCE.read_text() == run_of("--format", "markdown")
    assert same, "run `.venv/bin/accordion schema --format markdown --output docs/stack-file.md`"


def run_of(*arguments: str) -> str:
    return CliRunner().invoke(command, list(arguments)).stdout


def test_the_reference_has_every_key_and_leads_nowhere_that_is_not() -> None:
    text, found = REFERENCE.read_text(), schema()
    objects = [*found["properties"]["config"]["oneOf"], *found["$defs"].values()]
    keys = sorted(key for each in objects for key in each.get("properties", {}))
    assert sorted(re.findall(r"^\| `(\S+)` \|", text, re.MULTILINE)) == keys
    headings = {heading.lower() for heading in re.findall(r"^## (\w+)$", text, re.MULTILINE)}
    assert headings == {*map(str.lower, found["$defs"])}
    assert set(re.findall(r"\]\(#(\w+)\)", text)) == headings
    assert re.findall(r"^## config of `(\w+)`$", text, re.MULTILINE) == list(COMPOSITIONS)


@pytest.mark.parametrize(
    ("key", "row"),
    [
        ("idle_timeout", "a duration with its unit, such as 90s, 5m or 2h | `1m` | Keep it below"),
        ("account_ids", 'list of 1 or more: the 12 digits of an account, such as "123456789012" |  | Accounts'),
        ("nat", "`none`, `single`, `per_zone`, `regional` | `per_zone` | `per_zone` survives"),
        ("routes", "map of names to [Route](#route) | none | Application kind"),
        ("slow_start", "a duration with its unit, such as 90s, 5m or 2h | none | Time over"),
    ],
)
def test_a_row_of_the_reference_says_what_is_allowed_and_the_default(key: str, row: str) -> None:
    assert f"\n| `{key}` | {row}" in REFERENCE.read_text()


def test_the_schema_is_printed_or_written(tmp_path: Path) -> None:
    assert CliRunner().invoke(command, []).stdout == schema_text()
    written = tmp_path / "new" / "schema.json"
    assert CliRunner().invoke(command, ["--output", str(written)]).exit_code == 0
    assert written.read_text() == schema_text()


def test_a_place_that_cannot_be_written_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["schema", "--output", str(tmp_path)]) == 2
    assert capsys.readouterr().err == f"error: {tmp_path}: cannot be written: it is a folder\n"
    (tmp_path / "file").write_text("")
    assert run(["schema", "--output", str(tmp_path / "file" / "schema.json")]) == 2
    assert capsys.readouterr().err == f"error: {tmp_path / 'file' / 'schema.json'}: cannot be written: file exists\n"


@pytest.mark.parametrize("path", STACKS, ids=lambda path: path.name)
def test_every_shipped_stack_names_the_schema_and_fits_it(path: Path) -> None:
    text = path.read_text()
    modeline = text.splitlines()[0]
    assert modeline == "# yaml-language-server: $schema=docs/schema/stack.schema.json"
    assert (ROOT / modeline.partition("=")[2]).samefile(COMMITTED)
    jsonschema.validate(YAML(typ="safe").load(text), json.loads(COMMITTED.read_text()))
