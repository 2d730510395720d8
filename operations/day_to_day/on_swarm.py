"""What `tasks`, `run` and `exec` ask of a Swarm, whose tasks are containers of its nodes."""

from __future__ import annotations

import shlex
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import click

from operations.day_to_day.chosen import Running, answered
from operations.declared import Part
from operations.engine import in_the_terminal
from operations.failures import DONE, CannotRun
from operations.live.answers import Items, Unanswered
from operations.live.day_to_day import LOG_EVENTS
from operations.live.engine import ENGINE, NODES, REMOVE_SERVICE, RUN_ONCE, SOCKET, TASKS
from operations.redaction import redacted
from operations.terminal import say

_ENDED = frozenset({"complete", "shutdown", "failed", "rejected", "remove", "orphaned"})
"""States after which a task does nothing more (Engine API, TaskState)."""
_ID = 12
"""Characters of an id that are shown, as Docker's own tools show them."""


def tasks_of(found: Running, service: Part, *, stopped: bool = False) -> Items:
    """Tasks that run or are starting, the newest first; or those that have stopped, as far as the Swarm remembers them:
    some for each slot."""
    tasks = found.answers.ask(TASKS, service=[service.id])
    chosen = [one for one in tasks if (_state(one) in _ENDED or one.get("DesiredState") != "running") == stopped]
    return sorted(chosen, key=lambda one: (str(one.get("CreatedAt")), one["ID"]), reverse=True)


def task_rows(found: Running, service: Part, *, stopped: bool) -> Iterator[dict[str, Any]]:
    """Each task as `accordion tasks` tells it; its node stands where AWS has a zone."""
    tasks = tasks_of(found, service, stopped=stopped)
    nodes = _nodes(found) if tasks else {}
    for task in tasks:
        status = task["Status"]
        at, code = str(status.get("Timestamp") or "")[:19], _exit_code(task)
        told = [redacted(str(status.get("Err") or ""))] + (
            [f"exit code {code}"] if stopped and code is not None else []
        )
        yield {
            "workload": service.component,
            "id": task["ID"][:_ID],
            "version": str(task["Spec"]["ContainerSpec"].get("Image", "")).rpartition("/")[2] or None,
            "status": _state(task),
            "health": "unknown",
            "zone": nodes.get(task.get("NodeID")),
            "started": f"{at}+00:00" if at and not stopped else None,
            "stopped": f"{at}+00:00" if at and stopped else None,
            "reason": ", ".join(one for one in told if one) or None,
            "containers": [],
        }


def enter(found: Running, service: Part, task: str, words: Sequence[str], *, only_print: bool) -> int:
    """Open a session in the container of a task: by the docker command, which is printed where it cannot be run."""
    with answered("no session is opened"):
        running = [one for one in tasks_of(found, service) if _state(one) == "running"]
        here = found.answers.ask(ENGINE)[0]
    chosen = next((one for one in running if one["ID"].startswith(task)), None)
    if chosen is None:
        ids = ", ".join(one["ID"][:_ID] for one in running[:5])
        said = f"{service.component} has no running task {task}".rstrip()
        raise CannotRun(said + (f": there are {ids}" if ids else ""))
    is_here = chosen.get("NodeID") == here["Swarm"]["NodeID"]
    host = ["--host", here["Address"]] if is_here and here["Address"] != SOCKET else []
    container = (chosen["Status"].get("ContainerStatus") or {}).get("ContainerID", "")[:_ID]
    line = ["docker", *host, "exec", "--interactive", "--tty", container, *(words or ["/bin/sh"])]
    if only_print:
        click.echo(shlex.join(line))
        return DONE
    if not is_here or shutil.which("docker") is None:
        click.echo(shlex.join(line))
        node = _nodes(found).get(chosen.get("NodeID"), "another one")
        why = "the docker command is not here" if is_here else f"the task runs on the node {node}"
        raise CannotRun(f"no session is opened, as {why}; the command above opens it there")
    return in_the_terminal(line)


def run_once(
    found: Running,
    service: Part,
    words: Sequence[str],
    limit: float,
    sleep: Callable[[float], None],
    clock: Callable[[], float],
    *,
    every: float,
    patience: int,
) -> int:
    """Run the tasks' own specification once with another command, as a service of its own that is removed afterwards;
    returns the exit code. Raises CannotRun where there is none."""
    with answered("no task was started"):
        made = found.answers.ask(RUN_ONCE, service=service.id, command=list(words))[0]
    name, ends, missed = str(made["Name"]), clock() + limit, 0
    say(f"{service.component}: {name} is started, its command {' '.join(words)}"[:500])
    stop = f"docker service rm {name}"
    while True:
        try:
            (task,) = found.answers.ask(TASKS, service=[made["ID"]])[:1] or [{"Status": {}}]
            missed = 0
        except Unanswered as missing:
            missed, task = missed + 1, {"Status": {}}
            if missed >= patience:
                raise CannotRun(f"how {name} ended is not known, it may go on: {missing}; {stop}") from None
        if _state(task) in _ENDED:
            break
        if clock() >= ends:
            waits = task["Status"].get("Err")
            raise CannotRun(f"{name} has not ended within {limit:g} s{f' ({waits})' if waits else ''}: {stop}")
        sleep(every)
    with answered(f"{name} is still there, {stop}"):
        for event in found.answers.ask(LOG_EVENTS, logGroupName=made["ID"], startTime=0)[0]["events"]:
            click.echo(redacted(str(event["message"])))
        found.answers.ask(REMOVE_SERVICE, id=made["ID"])
    code, reason = _exit_code(task), redacted(str(task["Status"].get("Err") or ""))
    if code is None:
        raise CannotRun(f"{name} has stopped without an exit code: {reason or 'no reason'}")
    click.echo(f"{name} has ended with exit code {code}" + (f": {reason}" if reason else ""))
    return code


def _state(task: Mapping[str, Any]) -> str:
    return str(task["Status"].get("State", ""))


def _exit_code(task: Mapping[str, Any]) -> int | None:
    """None for a task that never had a container."""
    status = task["Status"].get("ContainerStatus") or {}
    return int(status.get("ExitCode") or 0) if status.get("ContainerID") and _state(task) in _ENDED else None


def _nodes(found: Running) -> dict[Any, str]:
    return {one["ID"]: str((one.get("Description") or {}).get("Hostname")) for one in found.answers.ask(NODES)}
