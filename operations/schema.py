"""`accordion schema`: the JSON schema of stack files, from which editors complete and check them, or its reference for
people."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path

import click

from operations.failures import CannotRun
from operations.files import write_atomically
from operations.stack_reference import reference
from stacks.settings import schema


def schema_text() -> str:
    """The schema as it is committed: stable, with a line end."""
    return json.dumps(schema(), indent=2, ensure_ascii=False) + "\n"


FORMATS: Mapping[str, Callable[[], str]] = {"json": schema_text, "markdown": lambda: reference(schema())}


@click.command()
@click.option("--format", "form", type=click.Choice(list(FORMATS)), default="json", help="Markdown is for people.")
@click.option("--output", type=click.Path(path_type=Path), help="Write it to a file.")
def command(form: str, output: Path | None) -> None:
    """Print the JSON schema of stack files, or their reference."""
    text = FORMATS[form]()
    if output is None:
        click.echo(text, nl=False)
        return
    try:
        output.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CannotRun(f"{output}: cannot be written: {(error.strerror or 'unknown').lower()}") from None
    write_atomically(output, text.encode())
