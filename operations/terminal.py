"""What a command shows beside its result: long steps and remarks, on standard error."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

import click
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn


def say(text: str) -> None:
    """One remark on standard error."""
    click.echo(text, err=True)


@contextmanager
def progress(text: str) -> Iterator[None]:
    """Show a long step while it lasts: a spinner and the time on a terminal, one line elsewhere."""
    if not sys.stderr.isatty():
        say(text)
        yield
        return
    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        bar.add_task(text, total=None)
        yield
