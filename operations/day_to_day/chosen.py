"""The services and groups that a command is about: found in the state of a stack, asked of AWS."""

from __future__ import annotations

import datetime
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import Any, TypeVar

import click

from operations import declared
from operations.declared import GROUP, LOG_GROUP, SERVICE, SWARM_SERVICE, TARGET, Declaration, Part
from operations.failures import DONE, CannotRun
from operations.live.answers import Answers, Unanswered
from operations.live.day_to_day import policy_of
from operations.live.source import answers_for
from operations.monitor.comparison import Stack
from operations.monitor.judge import check_account
from operations.options import FILE, file_of

_Command = TypeVar("_Command", bound=Callable[..., Any])


@dataclass(frozen=True)
class Running:
    """A stack as it was declared, and whoever answers for what runs of it."""

    declared: Declaration
    answers: Answers

    def ecs_services(self, named: str | None) -> list[Part]:
        """The services on ECS, or the one of that name; raises CannotRun that says which there are."""
        if self.declared.on_swarm:
            cure = "`accordion monitor --wait` follows an update, `accordion rollback` brings a version back"
            raise CannotRun(f"stack {self.declared.stack} is on a Swarm, which only rolls, without gates: {cure}")
        return self._of((SERVICE,), named, "service")

    def services(self, named: str | None) -> list[Part]:
        """The same, those of a Swarm too."""
        return self._of((SERVICE, SWARM_SERVICE), named, "service")

    def workloads(self, named: str | None) -> list[Part]:
        """Services and groups."""
        return self._of((SERVICE, GROUP, SWARM_SERVICE), named, "service or group")

    def one(self, services: Sequence[Part]) -> Part:
        """The only one of some; raises CannotRun that names them where there are several."""
        if len(services) > 1:
            raise CannotRun(f"which service? --service, one of {', '.join(one.component for one in services)}")
        return services[0]

    def _of(self, types: tuple[str, ...], named: str | None, what: str) -> list[Part]:
        every = sorted(self.declared.of(*types), key=lambda part: part.component)
        if not every:
            raise CannotRun(f"stack {self.declared.stack} has no {what}")
        if named is None:
            return every
        found = [part for part in every if part.component == named]
        if not found:
            there = ", ".join(part.component for part in every)
            raise CannotRun(f"stack {self.declared.stack} has no {what} {named!r}: there are {there}")
        return found

    def target(self, service: Part) -> Part | None:
        """What scales a service; None where its count is fixed."""
        own = [part for part in self.declared.of(TARGET) if part.component == service.component]
        return own[0] if own else None

    def log_groups(self, service: Part) -> list[str]:
        """Names of the groups that a service logs to; on a Swarm the service itself."""
        if service.type == SWARM_SERVICE:
            return [service.id]
        own = [part for part in self.declared.of(LOG_GROUP) if part.component == service.component]
        return [part.id or str(part.properties["name"]) for part in own]


def cluster_of(service: Part) -> str:
    """As ECS takes it: a name or an ARN."""
    return str(service.properties["cluster"])


def running(stack: str, state: Path | None, *, local: bool) -> Running:
    """A deployed stack; raises CannotRun for a missing one, for no credentials, and for those of another account."""
    file_of(None, stack)  # holds the name to its form
    found = declared.deployed(stack, state, local=local)
    answers = answers_for(found, local=local)
    check_account(Stack(found, answers, datetime.datetime.now(datetime.UTC)))
    return Running(found, answers)


@contextmanager
def answered(what: str) -> Iterator[None]:
    """A call without an answer ends the command: exit code 2 and a sentence that begins with `what`."""
    try:
        yield
    except Unanswered as missing:
        raise CannotRun(f"{what}: {missing}") from None


def options(name: str) -> Callable[[_Command], _Command]:
    """`--stack`, `--service`, `--state`, `--local` and `--policy` of the command of that name.

    With `--policy` the command prints its rights and does nothing else.
    """

    def with_options(command: _Command) -> _Command:
        @wraps(command)
        def called(*arguments: Any, print_policy: bool, **keywords: Any) -> Any:
            if print_policy:
                click.echo(json.dumps(policy_of(name), indent=2))
                return DONE
            return command(*arguments, **keywords)

        made: Any = called
        for option in (
            click.option(
                "--policy", "print_policy", is_flag=True, help="Print the IAM policy that this command needs."
            ),
            click.option(
                "--state", type=FILE, help="A state that `pulumi stack export` wrote, in place of the backend's."
            ),
            click.option("--local", is_flag=True, help="The stack on the cloud on this machine."),
            click.option("--service", help="Only this service or group."),
            click.option("--stack", default="dev", show_default=True, help="Name of the stack."),
        ):
            made = option(made)
        return made  # type: ignore[no-any-return]

    return with_options


def short(arn: Any) -> str:
    """The last part of an ARN or a name."""
    return str(arn or "").rpartition("/")[2]


def number(of: Mapping[str, Any], key: str) -> int:
    """A count that AWS told; none is 0."""
    return int(of.get(key) or 0)
