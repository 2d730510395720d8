"""`accordion schema`: the JSON schemas of stack files, rules files and recordings, from which editors complete and
check them, and of answers; or the reference of a file for people."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import click

from elasticity.recordings import recording
from operations import lists
from operations.failures import CannotRun
from operations.files import write_atomically
from operations.performance import report as performance_report
from operations.recordings import fit_report, replay_report
from operations.stack_reference import reference, rules_reference
from stacks import configuration
from stacks.settings import rules_schema, schema


def schema_text(of: str = "stack") -> str:
    """The schema as it is committed: stable, with a line end."""
    return json.dumps(SCHEMAS[of](), indent=2, ensure_ascii=False) + "\n"


SCHEMAS: Mapping[str, Callable[[], dict[str, Any]]] = {
    "stack": schema,
    "rules": rules_schema,
    "configuration": configuration.schema,
    "recording": recording.schema,
    "replay": replay_report.schema,
    "fit": fit_report.schema,
    "performance": performance_report.schema,
    **{name: functools.partial(lists.schema, name) for name in lists.ANSWERS},
}
REFERENCES: Mapping[str, Callable[[dict[str, Any]], str]] = {"stack": reference, "rules": rules_reference}
FORMATS: Mapping[str, Callable[[str], str]] = {
    "json": schema_text,
    "markdown": lambda of: REFERENCES[of](SCHEMAS[of]()),
}


@click.command()
@click.option(
    "--of",
    "of",
    type=click.Choice(list(SCHEMAS)),
    default="stack",
    show_default=True,
    help="A kind of file, or an answer.",
)
@click.option("--format", "form", type=click.Choice(list(FORMATS)), default="json", help="Markdown is for people.")
@click.option("--output", type=click.Path(path_type=Path), help="Write it to a file.")
def command(of: str, form: str, output: Path | None) -> None:
    """Print the JSON schema of stack files, rules files, recordings or answers, or the reference of a file that people
    write."""
    if form == "markdown" and of not in REFERENCES:
        raise click.UsageError(f"--format markdown is for {' and '.join(REFERENCES)}: nobody writes a {of} by hand")
    text = FORMATS[form](of)
    if output is None:
        click.echo(text, nl=False)
        return
    try:
        output.parent.mkdir(parents=True, exist_ok=True)
    except (OSError, RecursionError) as error:  # pathlib makes folder by folder, each within the last
        reason = getattr(error, "strerror", None) or "too many folders"
        raise CannotRun(f"{output}: cannot be written: {reason.lower()}") from None
    write_atomically(output, text)
