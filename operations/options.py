"""What several commands ask for in the same words: options, the stack file that they name, how wide a table is."""

from __future__ import annotations

import os
import re
import shutil
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from operations import terminal
from operations.failures import CannotRun

if TYPE_CHECKING:
    from rich.console import Console

FILE = click.Path(path_type=Path, dir_okay=False)
"""A file that is named on the command line."""
WIDTH = 120
"""Characters of a table where it is not shown on a terminal."""
NAME = re.compile(r"(?!\.+$)[A-Za-z0-9_.-]{1,100}")
"""One part of a stack's name, as the engine takes it."""
LONG = 3
"""Parts of a stack's longest name."""
PICTURES = (".png", ".svg")
_Command = TypeVar("_Command", bound=Callable[..., Any])

service = click.option("--service", help="Only this service or group.")
prices = click.option("--prices", type=FILE, help="A price file in TOML over the shipped table.")


def stack_file(command: _Command) -> _Command:
    """One stack file, by its place or by the name of its stack: `file` and `stack`; see `file_of`."""
    named = click.option(
        "--stack", default="dev", show_default=True, help="Name of the stack; its file lies in this folder."
    )
    return click.argument("file", metavar="[STACK_FILE]", required=False, type=FILE)(named(command))


def form(choices: Sequence[str]) -> Callable[[_Command], _Command]:
    """`--format`, the first choice by default: `form`."""
    return click.option(
        "--format", "form", type=click.Choice(choices), default=choices[0], show_default=True, help="Of the answer."
    )


def period(command: _Command) -> _Command:
    """A time that is read back from CloudWatch: `last`, `start`, `end`; see `operations.recordings.record.times_of`."""
    last = click.option("--last", metavar="DURATION", help="The time until now: 24h, 7d.  [default: 24h]")
    start = click.option("--start", metavar="TIME", help="The first minute, with its zone: 2026-01-05T00:00Z.")
    end = click.option("--end", metavar="TIME", help="After the last minute.  [default: now]")
    return last(start(end(command)))


cold = click.option("--cold", is_flag=True, help="Start with the minimum, or `initial`, not with what the rules hold.")


def drawn_or_recorded(command: _Command) -> _Command:
    """A load that stands in no stack file: `trace`, `time_column`, `value_column` and `per`, or `shape`."""
    for option in reversed(_LOAD):
        command = option(command)
    return command


_LOAD = (
    click.option(
        "--trace",
        type=FILE,
        help="A recorded load instead: CSV, an export of a monitoring service, results of a load generator, an access "
        "log.",
    ),
    click.option("--time-column", help="Column of the trace that holds the times."),
    click.option("--value-column", help="Column or series of the trace that holds the load; * for the sum of all."),
    click.option(
        "--per",
        type=click.Choice(["step", "second", "minute", "hour", "request"]),
        help="What a value of the trace counts, or that each row is one request.  [default: what the file says, else "
        "step]",
    ),
    click.option("--shape", help="A drawn load instead: 'spike base=50/s peak=400/s at=1h length=20m'."),
)

workers = click.option(
    "--workers", type=click.IntRange(min=1), help="Threads on this machine; one per core by default."
)


def executor(command: _Command) -> _Command:
    """Where many runs are done: `workers` and `dask`."""
    there = click.option(
        "--dask", metavar="ADDRESS", help="Run on the Dask cluster of this scheduler: tcp://127.0.0.1:8786."
    )
    return workers(there(command))


def no_cache(command: _Command) -> _Command:
    """`--no-cache`: traces are read anew, and nothing of them is kept."""
    said = "Read traces anew, and keep nothing of them for the next command."
    return click.option("--no-cache", is_flag=True, expose_value=False, callback=_without_cache, help=said)(command)


def _without_cache(_context: click.Context, _option: click.Parameter, given: bool) -> None:
    if given:
        from elasticity.trace_files.kept import SWITCH_OFF

        os.environ[SWITCH_OFF] = "1"  # workers of this command inherit it


def picture(command: _Command) -> _Command:
    """A picture in two themes: `picture`."""
    return click.option(
        "--picture", type=FILE, callback=_picture_file, help="Draw FILE.png or .svg, and FILE-dark beside it."
    )(command)


def _picture_file(_context: click.Context, _option: click.Parameter, path: Path | None) -> Path | None:
    if path is not None and path.suffix.lower() not in PICTURES:
        raise click.BadParameter(f"expected a file name that ends in {' or '.join(PICTURES)}")
    return path


def file_of(file: Path | None, stack: str) -> Path:
    """The stack file that was asked for; the engine's long names, `organization/project/dev`, are of one file too."""
    if file is not None:
        return file
    parts = stack.split("/")
    if len(parts) > LONG or not all(NAME.fullmatch(part) for part in parts):
        wanted = "letters, digits, `-`, `_` and `.`, as in dev or organization/project/dev"
        raise CannotRun(f"--stack: {stack!r} is no name of a stack: {wanted}")
    return Path(f"Pulumi.{parts[-1]}.yaml")


def columns() -> int | None:
    """Characters of a line of the terminal; None where the answer goes to a file or another program."""
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else None


def console() -> Console:
    """Standard output, as wide as the terminal, or as WIDTH elsewhere."""
    from rich.console import Console  # `accordion check` prints no table

    width = columns()
    return Console(width=width or WIDTH, force_terminal=None if width is None else True)


def print_answer(answer: str, form: str = "text") -> None:
    """An answer on standard output as it is; text for people is broken between words where the terminal is narrower."""
    width = columns()
    if width is not None and form == "text":
        answer = terminal.broken(answer, width)
    click.echo(answer, nl=False)
