"""`accordion scale`: how many units there are, within which bounds; hold scaling where it is, and let it go on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from operations import lists
from operations.day_to_day.chosen import Running, answered, cluster_of, number, options, running
from operations.declared import SERVICE, Part
from operations.failures import DONE, CannotRun
from operations.live.calls import GROUPS, SCALABLE_TARGETS
from operations.live.day_to_day import HOLD_GROUP, HOLD_SERVICE, RESUME_GROUP, SERVICES
from operations.options import FILE, file_of, form

if TYPE_CHECKING:
    from operations.controller.settings import ControllerSettings

DIMENSION = "ecs:service:DesiredCount"
STATES = ("DynamicScalingInSuspended", "DynamicScalingOutSuspended", "ScheduledScalingSuspended")
PROCESSES = ("AlarmNotification", "ScheduledActions")
"""Of a group, what changes its count by rules; instances that are lost are still replaced (Amazon EC2 Auto Scaling User
Guide, suspend and resume processes)."""


@click.command()
@options("scale")
@click.option("--hold", is_flag=True, help="Keep the count where it is: no rule and no schedule moves it.")
@click.option("--resume", is_flag=True, help="Let rules and schedules go on, as declared.")
@form(("text", "json"))
@click.option("--settings", type=FILE, help="On Docker Swarm: scale the services of this settings file.")
@click.option("--show-settings", "show", is_flag=True, help="On Docker Swarm: print such a file of the stack.")
@click.option("--dry-run", is_flag=True, help="On Docker Swarm: decide and log, and change nothing.")
@click.option("--log", type=FILE, help="On Docker Swarm: file of the decisions.  [default: standard output]")
@click.option(
    "--metrics-port", type=click.IntRange(0, 65_535), help="On Docker Swarm: metrics for Prometheus, loopback."
)
@click.option("--replay", type=FILE, help="Decide each tick of such a log again, and say which differ.")
def command(
    stack: str,
    service: str | None,
    state: Path | None,
    form: str,
    *,
    local: bool,
    hold: bool,
    resume: bool,
    replay: Path | None,
    **of_swarm: Any,
) -> int:
    """How many units there are, within which bounds, and whether scaling is held; --hold and --resume change that.

    A hold is told by `accordion monitor` until it is over. Units that are lost are replaced all the same. On Docker
    Swarm, where nothing else scales a service, this is the controller that does: it runs until it is stopped.
    """
    if hold and resume:
        raise click.UsageError("--hold does not go together with --resume")
    if replay is not None:
        from operations.controller.command import decided_again

        return decided_again(replay)
    if (told := _on_swarm(stack, service, state, of_swarm.pop("settings"), local=local)) is not None:
        from operations.controller.command import on_swarm

        return on_swarm(*told, hold=hold, resume=resume, **of_swarm)
    if given := [name for name, value in of_swarm.items() if value not in (None, False)]:
        named = ", ".join(f"--{name.replace('_', '-')}" for name in given)
        raise click.UsageError(
            f"{named}: for a controller on Docker Swarm: a stack of private_service, or --settings FILE"
        )
    found = running(stack, state, local=local)
    parts = found.workloads(service)
    if hold or resume:
        for part in parts:
            with answered(f"{part.component} is as it was"):
                _switch(found, part, hold=hold, named=service is not None)
    with answered("the count is not known"):
        rows = [row for part in parts for row in _rows(found, part)]
    if form == "json":
        click.echo(lists.document(lists.Workloads, stack=found.declared.stack, workloads=rows))
    else:
        click.echo("\n".join(map(line, rows)))
    return DONE


def _on_swarm(
    stack: str, service: str | None, state: Path | None, settings: Path | None, *, local: bool
) -> tuple[Callable[[], ControllerSettings], Path] | None:
    """What a controller is told, and the file that says it: of a settings file, or of a stack on a Swarm; None for a
    stack elsewhere."""
    if settings is not None:
        from operations.controller.command import from_file

        return lambda: from_file(settings, service), settings
    file = file_of(None, stack)
    from operations.controller.stack import is_on_swarm, stack_on_swarm

    if not is_on_swarm(file):
        return None
    return lambda: stack_on_swarm(file, stack, state, local=local).controller(service), file


def _switch(found: Running, part: Part, *, hold: bool, named: bool) -> None:
    """Hold a service or group, or let it go on as it was declared."""
    if part.type != SERVICE:
        declared = set(part.properties.get("suspendedProcesses") or [])
        processes = [one for one in PROCESSES if hold or one not in declared]
        if processes:
            call = HOLD_GROUP if hold else RESUME_GROUP
            name = str(part.properties["name"])
            found.answers.ask(call, AutoScalingGroupName=name, ScalingProcesses=processes)
        return
    target = found.target(part)
    if target is None:
        if named:
            raise CannotRun(f"{part.component} has a fixed count: nothing scales it")
        return
    wanted = target.properties.get("suspendedState") or {}
    states = {one: hold or bool(wanted.get(one[:1].lower() + one[1:])) for one in STATES}
    found.answers.ask(HOLD_SERVICE, **_target(target), SuspendedState=states)


def _target(target: Part) -> dict[str, Any]:
    resource = str(target.properties["resourceId"])
    return {"ServiceNamespace": "ecs", "ResourceId": resource, "ScalableDimension": DIMENSION}


def _rows(found: Running, part: Part) -> Iterator[dict[str, Any]]:
    row: dict[str, Any] = {"name": part.component, "desired": None, "running": None, "minimum": None, "maximum": None}
    if part.type != SERVICE:
        listed = found.answers.ask(GROUPS, AutoScalingGroupNames=[str(part.properties["name"])])
        if not listed:
            raise CannotRun(f"{part.component}: the group {part.properties['name']} is not there")
        group = listed[0]
        suspended = sorted(one["ProcessName"] for one in group.get("SuspendedProcesses") or [])
        units = [one for one in group.get("Instances") or [] if one.get("LifecycleState") == "InService"]
        counts = {"desired": number(group, "DesiredCapacity"), "running": len(units)}
        yield row | counts | {
            "minimum": number(group, "MinSize"), "maximum": number(group, "MaxSize"), "held": suspended,
        }  # fmt: skip
        return
    listed = found.answers.ask(SERVICES, cluster=cluster_of(part), services=[str(part.properties["name"])])
    live = next((one for one in listed if one.get("status") != "INACTIVE"), None)
    if live is None:
        raise CannotRun(f"{part.component}: the service {part.properties['name']} is not there")
    row |= {"desired": number(live, "desiredCount"), "running": number(live, "runningCount"), "held": []}
    target = found.target(part)
    if target is not None:
        resource = str(target.properties["resourceId"])
        asked = found.answers.ask(SCALABLE_TARGETS, ServiceNamespace="ecs", ResourceIds=[resource])
        if not asked:
            raise CannotRun(f"{part.component}: nothing scales it any more, {resource} is no scalable target")
        row |= {"minimum": number(asked[0], "MinCapacity"), "maximum": number(asked[0], "MaxCapacity")}
        row["held"] = sorted(one for one, is_on in (asked[0].get("SuspendedState") or {}).items() if is_on)
    yield row


def line(row: dict[str, Any]) -> str:
    """One workload in words."""
    bounds = "a fixed count" if row["maximum"] is None else f"{row['minimum']} to {row['maximum']}"
    held = f"; held: {', '.join(row['held'])}" if row["held"] else ""
    return f"{row['name']}: {row['running']} running, {row['desired']} desired, {bounds}{held}"
