"""`accordion run`: one task of a service's definition with another command, waited for; it ends with its exit code."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from operations.day_to_day.chosen import Running, answered, cluster_of, options, running, short
from operations.declared import SWARM_SERVICE, TASK, Part
from operations.failures import CannotRun
from operations.live.answers import Unanswered
from operations.live.day_to_day import RUN_TASK, SERVICES, STOP_TASK, TASKS
from operations.redaction import redacted
from operations.terminal import say

EVERY = 5.0
"""Seconds between two looks at the task [own]."""
EVERY_ON_SWARM = 0.5
"""The same where the Engine is asked [own]."""
PATIENCE = 3
"""Looks in a row that may stay without an answer: a task is found some seconds after it was started (Amazon ECS API
reference, RunTask), and throttling passes."""


@click.command()
@options("run")
@click.option("--container", help="Of the task, in which the command runs.  [default: the first]")
@click.option("--limit", type=click.IntRange(min=1), default=3600, show_default=True, help="Seconds to wait at most.")
@click.argument("words", metavar="COMMAND...", nargs=-1, type=click.UNPROCESSED)
def command(
    stack: str,
    service: str | None,
    state: Path | None,
    container: str | None,
    limit: int,
    words: tuple[str, ...],
    *,
    local: bool,
) -> int:
    """Run one task of a service as it runs now, its network and roles among it, with another command: a migration, say.

    Waits for its end and ends with its exit code; 2 where there is none. After `--` the command may have options.
    """
    if not words:
        raise click.UsageError("which command? accordion run --service web -- ./migrate --now")
    found = running(stack, state, local=local)
    part = found.one(found.services(service))
    if part.type == SWARM_SERVICE:
        if container is not None:
            raise CannotRun(f"--container: a task of {part.component} is one container, as any of a Swarm")
        from operations.day_to_day import on_swarm  # Pulumi and gRPC with it: not for whoever asks for AWS

        return on_swarm.run_once(
            found, part, words, limit, time.sleep, time.monotonic, every=EVERY_ON_SWARM, patience=PATIENCE
        )
    with answered("no task was started"):
        task = started(found, part, container, words)
    if local:
        with answered(f"task {short(task['taskArn'])} goes on"):
            found.answers.ask(STOP_TASK, cluster=cluster_of(part), task=str(task["taskArn"]))
        said = "no container runs on the local cloud, so the command has not run and has no exit code"
        raise CannotRun(f"{part.component}: a task was placed and stopped again; {said}")
    say(f"{part.component}: task {short(task['taskArn'])} is started, its command {' '.join(words)}"[:500])
    return _exit_code(waited(found, part, task, limit, time.sleep, time.monotonic), container)


def started(found: Running, part: Part, container: str | None, words: Sequence[str]) -> dict[str, Any]:
    """Start the task; raises Unanswered, and CannotRun with what ECS says where it places none."""
    cluster, name = cluster_of(part), str(part.properties["name"])
    listed = found.answers.ask(SERVICES, cluster=cluster, services=[name])
    live = next((one for one in listed if one.get("status") == "ACTIVE"), None)
    if live is None:
        raise CannotRun(f"{part.component}: the service {name} is not there")
    asked: dict[str, Any] = {
        "cluster": cluster,
        "taskDefinition": live["taskDefinition"],
        "count": 1,
        "startedBy": "accordion-run",
        "clientToken": uuid.uuid4().hex,
        "overrides": {"containerOverrides": [{"name": container or _first(part, found), "command": list(words)}]},
    }
    for key in ("networkConfiguration", "platformVersion"):
        if live.get(key):
            asked[key] = live[key]
    placed = "capacityProviderStrategy" if live.get("capacityProviderStrategy") else "launchType"
    if live.get(placed):
        asked[placed] = live[placed]
    answer = found.answers.ask(RUN_TASK, **asked)[0]
    if not answer.get("tasks"):
        why = ", ".join(_failure(one) for one in answer.get("failures") or []) or "ECS says no reason"
        raise CannotRun(f"{part.component}: no task was started: {redacted(why)}")
    return dict(answer["tasks"][0])


def _failure(one: Mapping[str, Any]) -> str:
    return " ".join(str(one[key]) for key in ("reason", "detail") if one.get(key))


def _first(part: Part, found: Running) -> str:
    """The first container of the service's declared task definition."""
    for task in found.declared.of(TASK):
        if task.component == part.component and (names := list(task.properties["containerDefinitions"])):
            return str(names[0])
    raise CannotRun(f"{part.component}: its containers are not known, --container names the one")


def waited(
    found: Running,
    part: Part,
    task: Mapping[str, Any],
    limit: float,
    sleep: Callable[[float], None],
    clock: Callable[[], float],
) -> dict[str, Any]:
    """The task once it has stopped; raises CannotRun where it has not within `limit` seconds, or nobody tells."""
    arn, cluster = str(task["taskArn"]), cluster_of(part)
    name, ends, missed = short(arn), clock() + limit, 0
    stop = f"aws ecs stop-task --cluster {short(cluster)} --task {name}"
    while True:
        try:
            listed = found.answers.ask(TASKS, cluster=cluster, tasks=[arn])
            missed = 0 if listed else missed + 1
        except Unanswered as missing:
            missed += 1
            if missed >= PATIENCE:
                raise CannotRun(f"how task {name} ended is not known, it may go on: {missing}; {stop}") from None
            listed = []
        if missed >= PATIENCE:
            raise CannotRun(f"how task {name} ended is not known: ECS does not know it any more")
        if listed and listed[0].get("lastStatus") == "STOPPED":
            return listed[0]
        if clock() >= ends:
            raise CannotRun(f"task {name} has not ended within {limit:g} s and goes on: {stop}")
        sleep(EVERY)


def _exit_code(task: Mapping[str, Any], container: str | None) -> int:
    """The exit code of the container that ran the command; raises CannotRun where it never had one."""
    containers = task.get("containers") or []
    chosen = [one for one in containers if container in (None, one.get("name"))]
    code = next((one["exitCode"] for one in chosen if one.get("exitCode") is not None), None)
    why = [str(task.get("stoppedReason") or ""), *(str(one.get("reason") or "") for one in chosen)]
    reason = redacted(", ".join(one for one in dict.fromkeys(why) if one))
    if code is None:
        raise CannotRun(f"task {short(task['taskArn'])} has stopped without an exit code: {reason or 'no reason'}")
    click.echo(f"task {short(task['taskArn'])} has ended with exit code {code}" + (f": {reason}" if reason else ""))
    return int(code)
