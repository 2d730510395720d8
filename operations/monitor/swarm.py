"""A service of a Swarm against what was declared, by its tasks.

What an update says of itself is erased by the next write, is missing after a creation, and is `completed` at once after
an Engine was started again (docs/decisions/0042).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from components.specs.swarm_service import DECLARED
from operations.declared import SWARM_SERVICE, Part, delegated
from operations.live.answers import Items
from operations.live.engine import CONFIGS, NETWORKS, SERVICES, TASKS
from operations.monitor.comparison import Check, Findings, Stack

_FAILED = frozenset({"failed", "rejected", "orphaned", "complete"})
_ENDED_BY_ITSELF = "a task ended by itself with exit code 0"
"""Of one that is `complete`, of which the Engine says no more: such as a program that exits so when it is unhealthy."""
_GOING_ON = frozenset({"updating", "rollback_started"})
_HELD = {"paused": "paused: its tasks failed", "rollback_paused": "its roll-back failed too, and is paused"}
_TIMES = ("Delay", "Monitor")
_CHANGE = {
    "order": "Order",
    "failureAction": "FailureAction",
    "parallelism": "Parallelism",
    "delay": "Delay",
    "monitor": "Monitor",
}
"""Declared members of an update's settings, and the Engine's."""


def live_service(stack: Stack, part: Part) -> dict[str, Any] | None:
    """The service of a declared one; None where it is gone."""
    found = stack.ask(SERVICES, id=[part.id])
    return next((one for one in found if one["ID"] == part.id), None)


def live_network(stack: Stack, part: Part) -> dict[str, Any] | None:
    """The network of a declared one; None where it is gone."""
    found = stack.ask(NETWORKS, id=[part.id])
    return next((one for one in found if one["Id"] == part.id), None)


def _there(stack: Stack, part: Part) -> dict[str, Any]:
    found = live_service(stack, part)
    if found is None:
        raise ValueError("it was deleted between two looks")
    return found


def _tasks(stack: Stack, part: Part) -> Items:
    return stack.ask(TASKS, service=[part.id])


def _wanted_image(stack: Stack, part: Part) -> str:
    """The declared one; where a pipeline owns the image, the one that the service names."""
    if stack.declared.component(part.component).image_owner == "pipeline":
        return str(_there(stack, part)["Spec"]["TaskTemplate"]["ContainerSpec"].get("Image"))
    return str(part.properties["taskSpec"]["image"])


def _same_image(declared: str, running: str) -> bool:
    """The official provider adds the digest of a tag that it has looked up."""
    return running == declared or ("@" not in declared and running.startswith(f"{declared}@"))


def running_tasks(stack: Stack, part: Part) -> Items:
    """Tasks that are to run, do, and run the declared image: the only ones that count, one of each slot.

    A slot may have two for a while, and after a hard kill of the Engine for longer (Engine 20.10, run).
    """
    found = {
        task.get("Slot") or task.get("NodeID"): task
        for task in _tasks(stack, part)
        if task.get("DesiredState") == "running"
        and task["Status"].get("State") == "running"
        and _same_image(_wanted_image(stack, part), str(task["Spec"]["ContainerSpec"].get("Image")))
    }
    return list(found.values())


def check_image(stack: Stack, part: Part, findings: Findings) -> None:
    """The image that the service names; after a roll-back it is the one before."""
    running = str(_there(stack, part)["Spec"]["TaskTemplate"]["ContainerSpec"].get("Image"))
    component = stack.declared.component(part.component)
    by_pipeline = component.image_owner == "pipeline"
    # The last `up` has sent the pipeline's.
    declared = (by_pipeline and component.image) or str(part.properties["taskSpec"]["image"])
    findings.compared += 1
    if not _same_image(declared, running) and by_pipeline:
        said = f"a pipeline owns the image: {running} runs, {declared} is declared"
        findings.remarks.append(f"{part.component}: {said}")
    elif not _same_image(declared, running):
        findings.compared -= 1
        name = str(part.properties["name"])
        findings.add("image", name, "image", declared, running, stack.up())


def check_count(stack: Stack, part: Part, findings: Findings) -> None:
    """How many tasks are asked for: within the declared bounds, or the declared number."""
    live = _there(stack, part)["Spec"]["Mode"].get("Replicated", {}).get("Replicas")
    name = str(part.properties["name"])
    bounds = stack.declared.component(part.component).bounds
    if bounds:
        low, high = min(bounds["minimum"]), max(bounds["maximum"])
        findings.compared += 1
        if live is None or not low <= live <= high:
            findings.compared -= 1
            cure = f"accordion scale --stack {stack.declared.stack} brings it back within the bounds"
            findings.add("count", name, "tasks asked for", f"{low} to {high}", live, cure)
    elif not delegated(SWARM_SERVICE, ()) and part.properties.get("mode"):
        declared = (part.properties["mode"].get("replicated") or {}).get("replicas")
        findings.compare("count", name, "tasks asked for", declared, live, stack.up())


def check_units(stack: Stack, part: Part, findings: Findings) -> None:
    """Whether as many tasks run as are asked for; why not, in the Engine's words."""
    service = _there(stack, part)
    count = service["Spec"]["Mode"].get("Replicated", {}).get("Replicas", 0)
    running, tasks = len(running_tasks(stack, part)), _tasks(stack, part)
    findings.compared += 1
    if running >= count:
        return
    findings.compared -= 1
    name, state = str(part.properties["name"]), (service.get("UpdateStatus") or {}).get("State")
    stuck = _waiting_for_room(tasks)
    said = "; ".join(dict.fromkeys(_reasons(tasks))) or "its tasks are starting"
    if stuck or _reasons(tasks) or state not in _GOING_ON:
        what = "tasks that run the declared image"
        findings.add("stuck" if stuck else "units", name, what, count, f"{running}: {said}", _cure(stack, part, stuck))
    else:
        findings.waits_for("tasks", f"an update goes on: {running} of {count} tasks run the declared image")


def _cure(stack: Stack, part: Part, stuck: bool) -> str:
    if stuck:
        return "add a node or free one, or loosen `placement`; the Swarm itself waits for ever"
    return f"docker service ps --no-trunc {part.properties['name']} shows each task; {stack.rollback()} goes back"


def wanted(stack: Stack, part: Part) -> int:
    """Tasks that are asked for; 0 where the service is gone."""
    service = live_service(stack, part)
    return 0 if service is None else int(service["Spec"]["Mode"].get("Replicated", {}).get("Replicas", 0))


def going_on(stack: Stack, part: Part) -> str | None:
    """An update or roll-back that is not over, in words; None where none is, or where nothing moves it on."""
    service = live_service(stack, part)
    if service is None or (service.get("UpdateStatus") or {}).get("State") not in _GOING_ON:
        return None
    if _waiting_for_room(_tasks(stack, part)):
        return None
    return f"{service['UpdateStatus']['State']}, {len(running_tasks(stack, part))} of {wanted(stack, part)} tasks"


def _waiting_for_room(tasks: Sequence[Mapping[str, Any]]) -> bool:
    return any(
        task.get("DesiredState") == "running"
        and task["Status"].get("State") == "pending"
        and "no suitable node" in str(task["Status"].get("Err") or task["Status"].get("Message") or "")
        for task in tasks
    )


def _reasons(tasks: Sequence[Mapping[str, Any]]) -> list[str]:
    """What the Engine says of tasks that failed, the newest of each slot, and of those that wait."""
    newest: dict[Any, Mapping[str, Any]] = {}
    for task in sorted(tasks, key=lambda one: str(one.get("CreatedAt"))):
        if task["Status"].get("State") in _FAILED or task["Status"].get("State") == "pending":
            newest[task.get("Slot")] = task
    return [
        _ENDED_BY_ITSELF
        if task["Status"].get("State") == "complete"
        else str(task["Status"].get("Err") or task["Status"].get("Message"))
        for task in newest.values()
        if task["Status"].get("Err") or task["Status"].get("State") in ("pending", "complete")
    ]


def _is_as_declared(stack: Stack, part: Part) -> bool:
    """Whether the service has the whole specification that was declared, as the label of its declaration tells, and as
    many tasks of it run as are asked for: then it does not matter how the last update ended."""
    declared = (part.properties.get("labels") or {}).get(DECLARED)
    live = (_there(stack, part)["Spec"].get("Labels") or {}).get(DECLARED)
    return declared is not None and declared == live and len(running_tasks(stack, part)) >= wanted(stack, part)


def check_deployment(stack: Stack, part: Part, findings: Findings) -> None:
    """What the last update came to, where the Swarm still says so; tasks are judged by themselves."""
    status = _there(stack, part).get("UpdateStatus") or {}
    state, name = status.get("State"), str(part.properties["name"])
    findings.compared += 1
    if state in _HELD:
        findings.compared -= 1
        said = f"{_HELD[state]}: {status.get('Message', '')}".rstrip(": ")
        findings.add("deployment", name, "last update", "completed", said, stack.rollback())
    elif state == "rollback_completed" and _is_as_declared(stack, part):
        said = f"its last update was rolled back ({status.get('Message', '')}): what is declared runs again"
        findings.remarks.append(f"{part.component}: {said}".replace(" ()", ""))
    elif state == "rollback_completed":
        findings.compared -= 1
        said = f"rolled back: {status.get('Message', '')}".rstrip(": ")
        findings.add("deployment", name, "last update", "completed", said, stack.up())
    elif state in _GOING_ON:
        going = "an update" if state == "updating" else "a roll-back"
        findings.waits_for("deployment", f"{going} goes on: {status.get('Message', '')}".rstrip(": "))


def check_hold(stack: Stack, part: Part, findings: Findings) -> None:
    """Whether somebody holds the controller of the service."""
    from operations.live.swarm import PREFIX, memory_in  # Pulumi and gRPC with it: not for whoever asks for AWS

    if not stack.declared.component(part.component).bounds:
        return
    findings.compared += 1
    memory = memory_in(stack.ask(CONFIGS, name=[PREFIX + part.id]), part.id)
    if memory is not None and memory.get("held"):
        findings.compared -= 1
        cure = stack.accordion("scale", "--resume")
        findings.add("suspended", str(part.properties["name"]), "scaling", False, True, cure, "undeclared")


def check_settings(stack: Stack, part: Part, findings: Findings) -> None:
    """Limits, restarts, updates: what somebody may have set by hand."""
    from localcloud.docker.codec import nanoseconds  # Pulumi and gRPC with it: not for whoever asks for AWS

    spec, name = _there(stack, part)["Spec"], str(part.properties["name"])
    task, declared = spec["TaskTemplate"], part.properties["taskSpec"]
    limits = (task.get("Resources") or {}).get("Limits") or {}
    pairs: list[tuple[str, Any, Any]] = [
        ("cpu limit", declared.get("nanoCpus"), limits.get("NanoCPUs")),
        ("memory limit", declared.get("memoryBytes"), limits.get("MemoryBytes")),
        ("restart condition", declared.get("condition"), (task.get("RestartPolicy") or {}).get("Condition")),
    ]
    for title, member in (("update", "updateConfig"), ("roll-back", "rollbackConfig")):
        live = spec.get("UpdateConfig" if title == "update" else "RollbackConfig") or {}
        for key, engine in _CHANGE.items():
            wanted = (part.properties.get(member) or {}).get(key)
            wanted = nanoseconds(str(wanted)) if engine in _TIMES and wanted is not None else wanted
            pairs.append((f"{title} {key}", wanted, live.get(engine, 0)))  # the Engine leaves zeros out
    for what, wanted, running in pairs:
        if wanted is not None:
            findings.compare("setting", name, what, wanted, running, stack.up())


CHECKS: tuple[tuple[str, Check], ...] = (
    ("image", check_image),
    ("count", check_count),
    ("deployment", check_deployment),
    ("tasks", check_units),
    ("settings", check_settings),
    ("hold", check_hold),
)
