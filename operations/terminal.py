"""What a command shows beside its result, long steps and remarks, on standard error; and lines broken between words."""

import shutil
import sys
import textwrap
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click


def say(text: str) -> None:
    """One remark on standard error; on a terminal that is narrower it is broken between words."""
    if sys.stderr.isatty():
        text = broken(text, shutil.get_terminal_size().columns)
    click.echo(text, err=True)


def broken(text: str, width: int) -> str:
    """Lines of at most `width` characters, broken between words: what follows is indented as the line is and a little
    more, and stays a comment where the line is one."""
    return "\n".join(_broken(line, width) for line in text.split("\n"))


def _broken(line: str, width: int) -> str:
    if len(line) <= width:
        return line
    bare = line.lstrip()
    indent = f"{line[: len(line) - len(bare)]}{'# ' if bare.startswith('# ') else ''}  "
    lines = textwrap.wrap(line, width, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False)
    return "\n".join(lines)


@contextmanager
def progress(text: str) -> Iterator[None]:
    """Show a long step while it lasts: a spinner and the time on a terminal, one line elsewhere."""
    if not sys.stderr.isatty():
        say(text)
        yield
        return
    from rich.console import Console  # what is said without a terminal does without
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        bar.add_task(text, total=None)
        yield


@contextmanager
def counted(text: str, total: int | None) -> Iterator[Callable[[int], None]]:
    """Show how many of `total` are done: a bar on a terminal, nothing elsewhere. Gives a function that is told how many
    more are."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(text, total=total)

        def advance(more: int) -> None:
            bar.advance(task, more)
            done = bar.tasks[0].completed
            if total is not None and done > total:
                bar.update(task, total=done)

        yield advance
