"""`accordion exec`: a session in a container of a service, by the AWS CLI and its session plugin."""

from __future__ import annotations

import shlex
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from operations.day_to_day.chosen import answered, cluster_of, options, running, short
from operations.day_to_day.tasks import tasks_of
from operations.declared import SWARM_SERVICE
from operations.engine import in_the_terminal
from operations.failures import DONE, CannotRun

PROGRAMS: Mapping[str, str] = {
    "aws": "the AWS CLI",
    "session-manager-plugin": "the Session Manager plugin of the AWS CLI",
}
"""What opens a session (Amazon ECS Developer Guide, ECS Exec)."""


@click.command()
@options("exec")
@click.option("--task", default="", help="The task with this id, or its beginning.  [default: the newest that runs]")
@click.option("--container", help="Of the task.  [default: the first]")
@click.option("--print", "only_print", is_flag=True, help="Print the command and open nothing.")
@click.argument("words", metavar="[COMMAND]...", nargs=-1, type=click.UNPROCESSED)
def command(
    stack: str,
    service: str | None,
    state: Path | None,
    task: str,
    container: str | None,
    words: tuple[str, ...],
    *,
    local: bool,
    only_print: bool,
) -> int:
    """Open a session in a container of a service, by default a shell. Where the AWS CLI or its session plugin is
    missing, on a Swarm the docker command, the exact command for a machine that has them is printed, exit code 2.
    """
    found = running(stack, state, local=local)
    part = found.one(found.services(service))
    if part.type == SWARM_SERVICE:
        if container is not None:
            raise CannotRun(f"--container: a task of {part.component} is one container, as any of a Swarm")
        from operations.day_to_day import on_swarm  # Pulumi and gRPC with it: not for whoever asks for AWS

        return on_swarm.enter(found, part, task, words, only_print=only_print)
    with answered("no session is opened"):
        tasks = [one for one in tasks_of(found, part) if one.get("lastStatus") == "RUNNING"]
    chosen = [one for one in tasks if short(one["taskArn"]).startswith(task)]
    if not chosen:
        ids = ", ".join(short(one["taskArn"]) for one in tasks[:5])
        raise CannotRun(f"{part.component} has no running task {task}".rstrip() + (f": there are {ids}" if ids else ""))
    if not chosen[0].get("enableExecuteCommand"):
        said = "tasks that were started without it cannot be entered: declare `execute_command` and deploy"
        raise CannotRun(f"{part.component}: task {short(chosen[0]['taskArn'])} has no ECS Exec; {said}")
    line = session(found.declared.region, cluster_of(part), chosen[0], container, words)
    missing = [title for program, title in PROGRAMS.items() if shutil.which(program) is None]
    if only_print:
        click.echo(shlex.join(line))
        return DONE
    if local or missing:
        click.echo(shlex.join(line))
        why = "on the local cloud no container runs" if local else f"{' and '.join(missing)} is not here"
        raise CannotRun(f"no session is opened, as {why}; the command above opens it where there is one")
    return in_the_terminal(line)


def session(
    region: str, cluster: str, task: Mapping[str, Any], container: str | None, words: tuple[str, ...]
) -> list[str]:
    """The command of the AWS CLI."""
    names = [str(one["name"]) for one in task.get("containers") or [] if one.get("name")]
    if container is not None and names and container not in names:
        raise CannotRun(f"task {short(task['taskArn'])} has no container {container!r}: there are {', '.join(names)}")
    chosen = container or (names[0] if names else "")
    named = ["--container", chosen] if chosen else []
    asked = shlex.join(words) if words else "/bin/sh"
    own = ["--region", region, "--cluster", cluster, "--task", str(task["taskArn"]), *named]
    return ["aws", "ecs", "execute-command", *own, "--interactive", "--command", asked]
