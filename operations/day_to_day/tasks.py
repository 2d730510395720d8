"""`accordion tasks`: the tasks and instances of a stack, which version each is, how it is, and why it stopped."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import click

from operations import lists
from operations.day_to_day.chosen import Running, answered, cluster_of, options, running, short
from operations.declared import SERVICE, SWARM_SERVICE, Part
from operations.failures import DONE
from operations.live.answers import Items, moment
from operations.live.calls import GROUPS, TASK_ARNS
from operations.live.day_to_day import TASKS
from operations.options import form
from operations.redaction import redacted


@click.command()
@options("tasks")
@click.option(
    "--stopped", is_flag=True, help="Tasks that have stopped, as far as they are remembered: by ECS about an hour."
)
@form(("text", "json"))
def command(stack: str, service: str | None, state: Path | None, form: str, *, local: bool, stopped: bool) -> int:
    """The tasks of services and the instances of groups: version, health, zone, since when; with --stopped why."""
    found = running(stack, state, local=local)
    parts = found.workloads(service)
    with answered("the tasks are not known"):
        rows = [row for part in parts for row in _rows(found, part, stopped=stopped)]
    if form == "json":
        click.echo(lists.document(lists.Tasks, stack=found.declared.stack, tasks=rows))
        return DONE
    kind = "stopped" if stopped else "running or starting"
    click.echo(f"{found.declared.stack}: {len(rows)} {kind}")
    for row in rows:
        click.echo("  ".join(_words(row)))
        for container in row["containers"]:
            if told := _container(container):
                click.echo(f"  {told}")
    return DONE


def tasks_of(found: Running, service: Part, status: str = "RUNNING") -> Items:
    """A service's tasks as ECS describes them, the newest first."""
    cluster, name = cluster_of(service), str(service.properties["name"])
    listed = found.answers.ask(TASK_ARNS, cluster=cluster, serviceName=name, desiredStatus=status)
    arns = [arn for page in listed for arn in page.get("taskArns", [])]
    tasks = found.answers.ask(TASKS, cluster=cluster, tasks=arns) if arns else []
    return sorted(tasks, key=lambda task: (_at(task, "startedAt") or "", task["taskArn"]), reverse=True)


def _rows(found: Running, part: Part, *, stopped: bool) -> Iterator[dict[str, Any]]:
    if part.type == SERVICE:
        for task in tasks_of(found, part, "STOPPED" if stopped else "RUNNING"):
            yield {
                "workload": part.component,
                "id": short(task["taskArn"]),
                "version": short(task.get("taskDefinitionArn")),
                "status": str(task.get("lastStatus") or "").lower(),
                "health": str(task.get("healthStatus") or "UNKNOWN").lower(),
                "zone": task.get("availabilityZone"),
                "started": _at(task, "startedAt"),
                "stopped": _at(task, "stoppedAt"),
                "reason": redacted(str(task.get("stoppedReason") or "")) or None,
                "containers": [
                    {
                        "name": one.get("name"),
                        "status": str(one.get("lastStatus") or "").lower(),
                        "exit_code": one.get("exitCode"),
                        "reason": redacted(str(one.get("reason") or "")) or None,
                    }
                    for one in task.get("containers") or []
                ],
            }
    elif part.type == SWARM_SERVICE:
        from operations.day_to_day import on_swarm  # Pulumi and gRPC with it: not for whoever asks for AWS

        yield from on_swarm.task_rows(found, part, stopped=stopped)
    elif not stopped:
        for group in found.answers.ask(GROUPS, AutoScalingGroupNames=[str(part.properties["name"])]):
            yield from (_instance(part, one) for one in group.get("Instances") or [])


def _instance(part: Part, one: Mapping[str, Any]) -> dict[str, Any]:
    template = one.get("LaunchTemplate") or {}
    name = template.get("LaunchTemplateName") or template.get("LaunchTemplateId")
    return {
        "workload": part.component,
        "id": one.get("InstanceId"),
        "version": f"{name}:{template.get('Version')}" if name else None,
        "status": str(one.get("LifecycleState") or "").lower(),
        "health": str(one.get("HealthStatus") or "unknown").lower(),
        "zone": one.get("AvailabilityZone"),
        "started": None,
        "stopped": None,
        "reason": None,
        "containers": [],
    }


def _at(of: Mapping[str, Any], key: str) -> str | None:
    found = moment(of.get(key))
    return found.isoformat(timespec="seconds") if found else None


def _words(row: Mapping[str, Any]) -> Iterator[str]:
    yield from (str(row[key]) for key in ("workload", "id", "version", "status") if row[key])
    if row["health"] != "unknown":
        yield str(row["health"])
    if row["zone"]:
        yield str(row["zone"])
    if row["stopped"] or row["started"]:
        yield f"stopped {row['stopped']}" if row["stopped"] else f"since {row['started']}"
    if row["reason"]:
        yield str(row["reason"])


def _container(container: Mapping[str, Any]) -> str:
    told = [] if container["exit_code"] is None else [f"exit code {container['exit_code']}"]
    told += [container["reason"]] if container["reason"] else []
    return f"{container['name']}: {', '.join(told)}" if told else ""
