"""`accordion schema`: the committed schema is what the settings say. It cannot prove that an editor shows it well."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest
from click.testing import CliRunner
from ruamel.yaml import YAML

from operations.cli import run
from operations.schema import command, schema_text

ROOT = Path(__file__).parents[2]
COMMITTED = ROOT / "docs" / "schema" / "stack.schema.json"
STACKS = sorted(ROOT.glob("Pulumi.*.yaml"))


def test_the_committed_schema_is_current() -> None:
    same = COMMITTED.read_text() == schema_text()
    assert same, "run `.venv/bin/accordion schema --output docs/schema/stack.schema.json`"


def test_the_schema_is_printed_or_written(tmp_path: Path) -> None:
    assert CliRunner().invoke(command, []).stdout == schema_text()
    written = tmp_path / "new" / "schema.json"
    assert CliRunner().invoke(command, ["--output", str(written)]).exit_code == 0
    assert written.read_text() == schema_text()


def test_a_place_that_cannot_be_written_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["schema", "--output", str(tmp_path)]) == 2
    assert capsys.readouterr().err == f"error: {tmp_path}: cannot be written: is a directory\n"
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
