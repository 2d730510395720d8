"""`accordion cost`: what a stack costs a month at least, as expected from its loads, and at most; offline."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from operations import options
from operations.cost.bill import bill, document
from operations.cost.change import change, change_document
from operations.cost.render import show, show_change
from operations.files import write_atomically
from operations.simulate import Request


@click.command()
@options.stack_file
@options.service
@options.prices
@click.option("--against", metavar="REV|FILE", help="Compare with the stack file at a git revision, or with a file.")
@click.option(
    "--state",
    type=options.FILE,
    help="Price what stands around the units from a state: what `pulumi stack export` prints.",
)
@click.option("--html", "page", type=options.FILE, help="Write one page for the one who decides, readable offline.")
@options.form(("table", "json"))
def command(form: str, state: Path | None, page: Path | None, **asked: Any) -> int:
    """What a stack costs a month: at its minimum, as expected from the loads of its file, at its maximum.

    Offline, from a dated table of the region where the stack lives. What has no price there is listed and not included
    in the total. --against prices a change: both rules on the same loads.

    Exit codes: 0 done and within the `budget` of the file, 1 it is exceeded, 2 it could not be told.
    """
    request = Request(**asked)
    if state is not None and request.against is not None:
        raise click.UsageError("--state is of what runs, and --against of what is declared: give one of them")
    compared = change(request) if request.against is not None else None
    answer = bill(request, state) if compared is None else compared.after
    exceeded = answer.exceeded()
    if page is not None:
        from operations.cost.page import write  # jinja2, for the page alone

        write_atomically(page, write(answer))
        click.echo(f"wrote {page}", err=True)
    if form == "json":
        written = document(answer) if compared is None else change_document(compared)
        click.echo(json.dumps(written, indent=1, sort_keys=True))
        for line in exceeded:
            click.echo(f"{answer.title}: {line}", err=True)
    elif compared is None:
        show(answer, options.console())
    else:
        show_change(compared, options.console())
    return 1 if exceeded else 0
