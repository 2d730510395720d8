"""`accordion schema`: the JSON schema of stack files or of rules files, from which editors complete and check them, or
their reference for people."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import click

from operations.failures import CannotRun
from operations.files import write_atomically
from operations.stack_reference import reference, rules_reference
from stacks.settings import rules_schema, schema


def schema_text(of: str = "stack") -> str:
    """The schema as it is committed: stable, with a line end."""
    return json.dumps(SCHEMAS[of](), indent=2, ensure_ascii=False) + "\n"


SCHEMAS: Mapping[str, Callable[[], dict[str, Any]]] = {"stack": schema, "rules": rules_schema}
FORMATS: Mapping[str, Callable[[str], str]] = {
    "json": schema_text,
    "markdown": lambda of: {"stack": reference, "rules": rules_reference}[of](SCHEMAS[of]()),
}


@click.command()
@click.option(
    "--of", "of", type=click.Choice(list(SCHEMAS)), default="stack", show_default=True, help="The kind of file."
)
@click.option("--format", "form", type=click.Choice(list(FORMATS)), default="json", help="Markdown is for people.")
@click.option("--output", type=click.Path(path_type=Path), help="Write it to a file.")
def command(of: str, form: str, output: Path | None) -> None:
    """Print the JSON schema of stack files or of rules files, or their reference."""
    text = FORMATS[form](of)
    if output is None:
        click.echo(text, nl=False)
        return
    try:
        output.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CannotRun(f"{output}: cannot be written: {(error.strerror or 'unknown').lower()}") from None
    write_atomically(output, text.encode())
