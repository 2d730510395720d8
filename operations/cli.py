"""The `accordion` command: finds the command that was asked for, and turns a user's mistake into one message."""

import contextlib
import errno
import importlib
import io
import os
import sys
import traceback
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import click

from operations import terminal
from operations.failures import DONE, NOBODY_READS, NOT_RUN, STOPPED, exit_code_of, missing_extra
from operations.redaction import filtered


@dataclass(frozen=True)
class Entry:
    """A command: its module and attribute, imported when it is used, and what the list of commands says of it."""

    place: str
    help: str


# Adding a command is one entry; the module has a click command named `command`.
COMMANDS = {
    "bootstrap": Entry("operations.bootstrap:command", "what a new account needs: states, their key, deploy roles"),
    "check": Entry("operations.check:command", "find mistakes in the elasticity rules of stack files"),
    "config": Entry(
        "operations.configuration.command:command",
        "the keys of services: their versions, differences, and the way back",
    ),
    "cost": Entry(
        "operations.cost.command:command", "what the services and groups of a stack cost a month: least, expected, most"
    ),
    "environments": Entry(
        "operations.environments.command:command", "an environment for each pull request, which ends"
    ),
    "exec": Entry("operations.day_to_day.exec:command", "a session in a container of a service"),
    "explain": Entry("operations.explain:command", "which bounds hold at a time, why, and how long a doubling takes"),
    "fit": Entry(
        "operations.recordings.fit:command", "what a recording tells of a unit and of the scaling service, as settings"
    ),
    "graph": Entry("operations.graph:command", "draw a stack from its state"),
    "history": Entry(
        "operations.going_back.history:command", "the versions of a stack: who, when, and what changed in words"
    ),
    "local": Entry("operations.local:command", "run any pulumi command on a cloud on this machine"),
    "logs": Entry("operations.day_to_day.logs:command", "what the containers of a stack's services said"),
    "monitor": Entry(
        "operations.monitor.command:command", "is what runs what was declared? one verdict, three exit codes"
    ),
    "performance": Entry(
        "operations.performance.command:command", "does what runs keep its promises? one answer, three exit codes"
    ),
    "prices": Entry("operations.prices:command", "what a region's price table has; a table of today from AWS's lists"),
    "read": Entry("operations.read:command", "rules that exist elsewhere, as a rules file"),
    "record": Entry(
        "operations.recordings.record:command", "what happened to a service or group, from CloudWatch, in one file"
    ),
    "release": Entry(
        "operations.day_to_day.release:command", "how far a new version of a service is; let it go on, or turn it back"
    ),
    "replay": Entry(
        "operations.recordings.replay:command", "a recorded load on the recorded rules: recorded beside simulated"
    ),
    "review": Entry(
        "operations.review.command:command", "what a change does to every stack, as a comment on a pull request"
    ),
    "rollback": Entry(
        "operations.going_back.rollback:command",
        "bring a version back: image, configuration and rules, previewed first",
    ),
    "run": Entry(
        "operations.day_to_day.run:command", "one task of a service with another command; ends with its exit code"
    ),
    "scale": Entry("operations.day_to_day.scale:command", "how many units there are; hold scaling, and let it go on"),
    "schema": Entry("operations.schema:command", "the JSON schema of stack files, for editors"),
    "simulate": Entry(
        "operations.simulate:command", "replay a load on the scaling rules: what they do, why, what it costs"
    ),
    "sweep": Entry("operations.sweep:command", "every service of many stack files on its loads, the worst first"),
    "tasks": Entry(
        "operations.day_to_day.tasks:command", "the tasks and instances of a stack: version, health, why stopped"
    ),
    "tune": Entry("operations.tune:command", "the cheapest parameters of the rules that keep what is expected"),
    "up": Entry("operations.up:command", "deploy the dev stack on a cloud on this machine, and show what it is"),
}

_NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EIO})


class LazyGroup(click.Group):
    """A group that imports a command's module when the command is used."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """The names, in alphabetical order."""
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - as above
        """The command of this name, imported now."""
        entry = COMMANDS.get(cmd_name)
        if entry is None:
            return None
        module, _, attribute = entry.place.partition(":")
        found = getattr(importlib.import_module(module), attribute)
        if not isinstance(found, click.Command):
            raise TypeError(f"{entry.place} is {type(found).__name__}, wanted a click command")
        return found

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The list of commands, from the table alone."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, COMMANDS[name].help) for name in self.list_commands(ctx)])


@click.group(cls=LazyGroup)
@click.version_option(package_name="accordion", message="%(version)s")
def accordion() -> None:
    """Elastic platforms on AWS, their scaling rules proven before they are deployed."""


def run(arguments: Sequence[str]) -> int:
    """Run one command line; returns its exit code, one of EXIT_CODES or the engine's."""
    with filtered():
        return _run(arguments)


def _run(arguments: Sequence[str]) -> int:
    try:
        code = accordion.main(list(arguments), prog_name="accordion", standalone_mode=False)
    except click.UsageError as error:
        if error.ctx is not None:
            click.echo(error.ctx.get_usage(), err=True)
        terminal.say(f"error: {error.format_message()}")
        return error.exit_code
    except click.ClickException as error:
        terminal.say(f"error: {error.format_message()}")
        return error.exit_code
    except click.exceptions.Exit as error:
        return error.exit_code
    except click.Abort:
        click.echo("stopped", err=True)
        return STOPPED
    except ImportError as error:
        if (said := missing_extra(error)) is None:
            raise
        terminal.say(f"error: {said}")
        return NOT_RUN
    except Exception as error:
        exit_code = exit_code_of(error)
        if exit_code is None and isinstance(error, OSError) and not _is_somewhere():
            error, exit_code = OSError("the current folder is gone: go to another one"), NOT_RUN
        if exit_code is None:
            raise
        terminal.say(f"error: {error}")
        return exit_code
    return code if isinstance(code, int) else DONE


def main() -> None:
    """The entry point of the installed command.

    What keeps the answer from being whole, a full disk or a fault of ours, is exit code 2: no gate may take it for a
    broken expectation.
    """
    with contextlib.ExitStack() as streams:
        code = _whole(streams)
    sys.exit(code)


def _whole(streams: contextlib.ExitStack) -> int:
    try:
        _hold_standard_streams()
        streams.enter_context(filtered())  # for what is told below, too
        code = run(sys.argv[1:])
        sys.stdout.flush()
    except KeyboardInterrupt:  # where click does not look for it: while modules are imported, between two writes
        code = STOPPED
        click.echo("stopped", err=True)
    except BrokenPipeError:  # whoever read has seen enough, as in `accordion ... | head`
        code = NOBODY_READS
        _forget_output()
    except Exception as error:  # noqa: BLE001 # told with its traceback, and with an exit code of its own
        code = NOT_RUN
        if isinstance(error, OSError) and error.errno in _NO_ROOM:
            click.echo(f"error: the answer cannot be written: {os.strerror(error.errno).lower()}", err=True)
            _forget_output()
        else:
            traceback.print_exc()
            click.echo("error: this is a fault of accordion, not of what was asked", err=True)
    return code


def _is_somewhere() -> bool:
    try:
        Path.cwd()
    except OSError:
        return False
    return True


def _hold_standard_streams() -> None:
    """Where the caller has closed standard input, output or error, nobody is there: no file of ours may take its
    number, and what is written to it is lost. What an encoding lacks, or what is no text, such as the bytes of a file's
    name, is shown by its escape."""
    for number, name, mode in ((0, "stdin", "r"), (1, "stdout", "w"), (2, "stderr", "w")):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # takes the lowest number that is free
        if getattr(sys, name) is None:
            setattr(sys, name, open(number, mode, encoding="utf-8", closefd=False))  # noqa: SIM115 - to the end
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def _forget_output() -> None:
    """Let Python close standard output without a second error (Python's documentation of SIGPIPE)."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


if __name__ == "__main__":
    main()
