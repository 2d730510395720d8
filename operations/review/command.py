"""`accordion review`: what a change does, for whoever has to agree to it, as one comment on a pull request."""

from __future__ import annotations

import importlib.metadata
import json
from pathlib import Path

import click

from localcloud.cloud import LocalCloudError
from localcloud.cloud.project import find_project
from operations import options
from operations.failures import CannotRun
from operations.files import write_atomically
from operations.review import comment
from operations.review.gather import review
from operations.review.placed import placed
from operations.sarif import sarif


@click.command()
@click.option("--base", required=True, metavar="REV", help="Git revision that the change begins from: origin/main.")
@click.option(
    "--stack", "stacks", multiple=True, help="Only this stack; may be repeated.  [default: all that have a file]"
)
@click.option(
    "--output", type=options.FILE, help="Write the comment, in Markdown, to a file; its title stays on screen."
)
@click.option(
    "--sarif", "findings", type=options.FILE, help="Write what needs a person as SARIF, on the changed lines."
)
@click.option("--check-build", is_flag=True, help="Build the images that the change would build, and push none.")
@click.option("--full", type=options.FILE, help="Write the long version: every value of every changed resource.")
def command(
    base: str,
    stacks: tuple[str, ...],
    output: Path | None,
    findings: Path | None,
    check_build: bool,
    full: Path | None,
) -> int:
    """Say what a change does to every stack, before anybody agrees to it: one Markdown comment, the answer first.

    On a cloud on this machine, the base is deployed and the work tree previewed on it. Nothing is asked of AWS, and
    nothing is written into the project.

    Exit code 0: nothing to say against it. 1: a person has to look. 2: it could not be told.
    """
    try:
        folder = find_project(Path.cwd()).folder
    except LocalCloudError as error:
        raise CannotRun(str(error)) from None
    found = review(base, folder, stacks, check_build=check_build)
    text = comment.write(found)
    if full is not None:
        write_atomically(full, comment.write(found, whole=True))
    if findings is not None:
        document = sarif(placed(found), importlib.metadata.version("accordion"))
        write_atomically(findings, json.dumps(document, indent=2) + "\n")
    if output is None:
        click.echo(text, nl=False)
    else:
        write_atomically(output, text)
        click.echo(comment.title(found))
    return found.exit_code
