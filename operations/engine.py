"""The engine that a command asks: pulumi on PATH with its backend, or that of the cloud on this machine."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

import click

from operations.failures import CannotRun, as_cannot_run

READ_SECONDS = 120
"""In which a backend hands over what is asked of it [own]."""


class Engine(Protocol):
    """Whoever runs pulumi's words."""

    option: str
    """Of our commands, with a space before it: what says that this engine is meant."""

    def ask(self, words: Sequence[str], what: str) -> str:
        """What words print that only read; raises CannotRun, which says `what` cannot be read."""

    def run(self, words: Sequence[str]) -> int:
        """Run words with the terminal as it is; returns the exit code. Raises CannotRun where there is no engine."""

    def check_settings(self, stack: str, wanted: Mapping[str, Any]) -> None:
        """After a preview with a file of settings: raises CannotRun where something else would be deployed."""


class Pulumi:
    """pulumi on PATH."""

    option = ""

    def __init__(self, otherwise: str = "install it, or say --local for the cloud on this machine") -> None:
        """`otherwise`: what to do where there is none."""
        self._otherwise = otherwise

    def ask(self, words: Sequence[str], what: str) -> str:
        """As `Engine.ask`, within READ_SECONDS."""
        try:
            answer = subprocess.run(
                ["pulumi", *words, "--non-interactive", "--color=never"],
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                check=False,
                timeout=READ_SECONDS,
            )
        except FileNotFoundError:
            raise CannotRun(f"there is no pulumi on PATH to read {what}: {self._otherwise}") from None
        except subprocess.TimeoutExpired:
            raise CannotRun(f"the backend did not hand over {what} within {READ_SECONDS} s") from None
        if answer.returncode:
            said = (answer.stderr.strip() or answer.stdout.strip()).removeprefix("error: ")
            raise CannotRun(f"{what} cannot be read: {said}")
        return answer.stdout

    def run(self, words: Sequence[str]) -> int:
        """As `Engine.run`."""
        try:
            return in_the_terminal(["pulumi", *words])
        except FileNotFoundError:
            raise CannotRun(f"there is no pulumi on PATH: {self._otherwise}") from None

    def check_settings(self, stack: str, wanted: Mapping[str, Any]) -> None:
        """As `Engine.check_settings`: pulumi takes the file as it is."""


def in_the_terminal(words: Sequence[str]) -> int:
    """Run another program with the terminal as it is; raises FileNotFoundError where there is none.

    Ctrl-C reaches it, as it is in the same group of the terminal, and it decides what that means.
    """
    before = signal.signal(signal.SIGINT, lambda *_: None)  # a program that is started does not inherit a handler
    try:
        return subprocess.run(list(words), check=False).returncode
    finally:
        signal.signal(signal.SIGINT, before)


class Local:
    """The engine on the cloud of this machine."""

    option = " --local"

    def ask(self, words: Sequence[str], what: str) -> str:
        """As `Engine.ask`."""
        from operations.local import cloud_here

        try:
            with as_cannot_run():
                return cloud_here().ask(words)
        except CannotRun as error:
            raise CannotRun(f"{what} cannot be read: {error.message}") from None

    def run(self, words: Sequence[str]) -> int:
        """As `Engine.run`."""
        from operations.local import cloud_here

        with as_cannot_run():
            return cloud_here().run(words, Path(os.curdir).resolve())

    def check_settings(self, stack: str, wanted: Mapping[str, Any]) -> None:
        """As `Engine.check_settings`: what `config set` gave this machine is carried over into every file."""
        from operations.changes import changes_of_sections
        from operations.local import cloud_here
        from stacks.stack_file import StackFile

        with as_cannot_run():
            used = StackFile.read(cloud_here().shadow.stack_file(stack.rpartition("/")[2])).sections
        if differing := changes_of_sections(wanted, used):
            kept = "".join(f"\n  {line}" for line in differing)
            said = "values that `accordion local config set` gave this machine would stand over the version's"
            raise CannotRun(f"nothing was changed: {said}; take them back with `accordion local config rm`{kept}")


def engine_of(*, local: bool) -> Engine:
    """Who is asked."""
    return Local() if local else Pulumi()


def is_wanted(question: str, *, only_preview: bool, yes: bool) -> bool:
    """Whether to deploy what was previewed: asks whoever sits at the terminal, unless the options have said it.

    Raises: CannotRun where nobody can be asked, click.Abort where the answer is no.
    """
    if only_preview:
        click.echo("nothing was changed: this was the preview")
        return False
    if not yes:
        if not sys.stdin.isatty():
            raise CannotRun("nothing was changed: nobody can be asked here; --yes deploys after the preview")
        click.confirm(question, abort=True)
    return True
