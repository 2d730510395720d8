"""Clusters and task definitions.

Words in these sentences are near to those of ECS, which tells each fault alone and only when the task definition is
registered.
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from localcloud.aws.limits._checks import Check, Fault, Props, form, number, within
from localcloud.provider.wire import unknowns

NAME = r"[A-Za-z0-9_-]{1,255}"
NAMED = "is not a name of at most 255 letters, digits, hyphens and underscores"
HEALTH = {"interval": (5, 300), "timeout": (2, 60), "retries": (1, 10), "startPeriod": (0, 300)}
LONGEST_STOP = 120
"""Seconds of stopTimeout on Fargate."""
FARGATE_DRIVERS = ("awslogs", "splunk", "awsfirelens")
MEMORY = {"gb": 1024}
CPU = {"vcpu": 1024}
Container = dict[str, Any]
LARGEST_PORT = 65_535
GOT = {int: "a number", float: "a number", bool: "a boolean", list: "a list", dict: "a map"}
LEAST_MEMORY = 4
"""MiB: what ECS takes for a container; Docker itself keeps 6."""


def _units(value: Any, words: dict[str, int]) -> float | None:
    text = str(value).strip().lower()
    for word, factor in words.items():
        if text.endswith(word):
            found = number(text.removesuffix(word).strip())
            return None if found is None else found * factor
    return number(value)


def on_fargate(props: Props) -> bool:
    """Whether the task is to run on Fargate."""
    return "FARGATE" in (props.get("requiresCompatibilities") or ())


def containers(props: Props) -> list[Container]:
    """The container definitions that can be read; what cannot be read is told elsewhere."""
    text = props.get("containerDefinitions")
    try:
        found = json.loads(text) if isinstance(text, str) else text
    except ValueError:
        return []
    return [c for c in found if isinstance(c, dict)] if isinstance(found, list) else []


def _list(container: Container, name: str) -> list[dict[str, Any]]:
    found = container.get(name)
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def per_container(check: Callable[[Props, Container], Iterable[Fault]]) -> Check:
    """A check of each container; its paths are below the container's own."""

    def run(props: Props) -> Iterator[Fault]:
        for i, container in enumerate(containers(props)):
            for path, why in check(props, container):
                yield f"containerDefinitions[{i}]{f'.{path}' if path else ''}", why

    return run


def is_a_list(props: Props) -> Iterator[Fault]:
    """At least one container, at least one of them essential."""
    text = props.get("containerDefinitions")
    try:
        found = json.loads(text) if isinstance(text, str) else text
    except ValueError as error:
        yield "containerDefinitions", f"is no JSON: {error}"
        return
    if not isinstance(found, list):
        yield "containerDefinitions", "expected a list of containers in JSON"
    elif not found:
        yield "containerDefinitions", "a task definition has at least one container"
    elif all(isinstance(c, dict) and c.get("essential") is False for c in found):
        yield "containerDefinitions", "a task definition has at least one essential container"


def named(props: Props, container: Container) -> Iterator[Fault]:
    """What every container says."""
    for name in ("name", "image"):
        if not container.get(name):
            yield name, "missing required property"


def typed(props: Props, container: Container) -> Iterator[Fault]:
    """Values of variables are texts, as the official provider has it."""
    for name, member in (("environment", "value"), ("secrets", "valueFrom")):
        for i, pair in enumerate(_list(container, name)):
            if not isinstance(pair.get(member, ""), str):
                yield f"{name}[{i}].{member}", f"expected a string, got {GOT.get(type(pair[member]), 'another value')}"


def ports(props: Props, container: Container) -> Iterator[Fault]:
    """With an interface of its own, a task has no host to map ports to."""
    for i, mapping in enumerate(_list(container, "portMappings")):
        inner, outer = mapping.get("containerPort"), mapping.get("hostPort")
        alone = props.get("networkMode") == "awsvpc" or on_fargate(props)
        if alone and outer not in (None, 0) and inner is not None and outer != inner:
            yield (
                f"portMappings[{i}].hostPort",
                f"{outer} is not containerPort {inner}, as 'networkMode': 'awsvpc' wants",
            )


def logging(props: Props, container: Container) -> Iterator[Fault]:
    """A log driver that Fargate has, with what it needs."""
    block = container.get("logConfiguration")
    driver = block.get("logDriver") if isinstance(block, dict) else None
    if not isinstance(block, dict) or driver is None:
        return
    if on_fargate(props) and driver not in FARGATE_DRIVERS:
        yield "logConfiguration.logDriver", f"{driver!r} is not on Fargate; allowed are {', '.join(FARGATE_DRIVERS)}"
    if driver == "awslogs":
        given = block.get("options") or {}
        for option in ("awslogs-group", "awslogs-region"):
            if option not in given:
                yield f'logConfiguration.options["{option}"]', "missing required property of log driver awslogs"


def limits(props: Props, container: Container) -> Iterator[Fault]:
    """Numbers of a container's own."""
    check = container.get("healthCheck")
    for name, (low, high) in HEALTH.items():
        value = number(check.get(name)) if isinstance(check, dict) else None
        if value is not None and not low <= value <= high:
            yield f"healthCheck.{name}", f"{value:g} is not within {low} to {high}"
    stop = number(container.get("stopTimeout"))
    if on_fargate(props) and stop is not None and stop > LONGEST_STOP:
        yield "stopTimeout", f"{stop:g} is above {LONGEST_STOP} seconds, the most on Fargate"
    if on_fargate(props) and container.get("privileged") is True:
        yield "privileged", "there are no privileged containers on Fargate"


SIZES = (
    within("cpu", 0, 196_608, "units"), within("linuxParameters.swappiness", 0, 100),
    *(within(name, LEAST_MEMORY, 2**31 - 1, "MiB") for name in ("memory", "memoryReservation")),
)  # fmt: skip


def sizes(props: Props, container: Container) -> Iterator[Fault]:
    """Shares of a processor and memory that a container can have; a check is a command of a known kind."""
    for one in SIZES:
        yield from one(container)
    check = container.get("healthCheck")
    command = check.get("command") if isinstance(check, dict) else None
    if isinstance(command, list) and command and command[0] not in ("CMD", "CMD-SHELL", "NONE"):
        yield "healthCheck.command", f"begins with {command[0]!r}; allowed are CMD, CMD-SHELL, NONE"


def memory(props: Props, container: Container) -> Iterator[Fault]:
    """A container has a limit of memory of its own, or the task has one."""
    given = props.get("memory") is not None or any(
        container.get(m) is not None for m in ("memory", "memoryReservation")
    )
    if not given:
        yield "memory", "missing: give 'memory' or 'memoryReservation', or the task's 'memory'"
    hard, soft = number(container.get("memory")), number(container.get("memoryReservation"))
    if hard is not None and soft is not None and soft > hard:
        yield "memoryReservation", f"{soft:g} is above memory {hard:g}"


def names(props: Props) -> Iterator[Fault]:
    """Containers and volumes have names of their own; a container's is as a family's."""
    seen: set[str] = set()
    for i, container in enumerate(containers(props)):
        name = str(container.get("name", ""))
        if name and not re.fullmatch(NAME, name):
            yield f"containerDefinitions[{i}].name", f"{name!r} {NAMED}"
        elif name in seen:
            yield f"containerDefinitions[{i}].name", f"{name!r} is the name of another container too"
        seen.add(name)


def networked(props: Props, container: Container) -> Iterator[Fault]:
    """What only some networks have: links are of bridges; a port of the host is one container's."""
    mode = props.get("networkMode") or ("awsvpc" if on_fargate(props) else "bridge")
    if container.get("links") and mode != "bridge":
        yield "links", f"are only for 'networkMode': 'bridge', not {mode!r}"
    for i, mapping in enumerate(_list(container, "portMappings")):
        inner, outer = number(mapping.get("containerPort")), number(mapping.get("hostPort"))
        if inner is not None and not 1 <= inner <= LARGEST_PORT:
            yield f"portMappings[{i}].containerPort", f"{inner:g} is not within 1 to {LARGEST_PORT}"
        if outer is not None and not 0 <= outer <= LARGEST_PORT:
            yield f"portMappings[{i}].hostPort", f"{outer:g} is not within 0 to {LARGEST_PORT}"
        elif mode == "host" and outer and inner is not None and outer != inner:
            yield (
                f"portMappings[{i}].hostPort",
                f"{outer:g} is not containerPort {inner:g}, as 'networkMode': 'host' wants",
            )
        if mode == "none":
            yield f"portMappings[{i}]", "there are no ports with 'networkMode': 'none'"


def mounts(props: Props, container: Container) -> Iterator[Fault]:
    """What is mounted is a volume of the task."""
    if unknowns(props.get("volumes")):
        return
    known = {volume.get("name") for volume in props.get("volumes") or () if isinstance(volume, dict)}
    for i, mount in enumerate(_list(container, "mountPoints")):
        if mount.get("sourceVolume") and mount["sourceVolume"] not in known:
            yield f"mountPoints[{i}].sourceVolume", f"{mount['sourceVolume']!r} is none of the task's 'volumes'"


def order(props: Props, container: Container) -> Iterator[Fault]:
    """A container waits for another one of the task, and for its health only where it has a check."""
    others = {c.get("name"): c for c in containers(props)}
    for i, wait in enumerate(_list(container, "dependsOn")):
        name = wait.get("containerName")
        if name not in others:
            yield f"dependsOn[{i}].containerName", f"{name!r} is no container of this task"
        elif wait.get("condition") == "HEALTHY" and not others[name].get("healthCheck"):
            yield f"dependsOn[{i}].condition", f"HEALTHY, but container {name!r} has no healthCheck"


def roles(props: Props) -> Iterator[Fault]:
    """Who fetches secrets and writes logs on behalf of the task."""
    if props.get("executionRoleArn") is not None:
        return
    found = containers(props)
    if any(_list(c, "secrets") for c in found):
        yield "executionRoleArn", "missing required property of a task whose containers have 'secrets'"
    elif on_fargate(props) and any((c.get("logConfiguration") or {}).get("logDriver") == "awslogs" for c in found):
        yield "executionRoleArn", "missing required property of a Fargate task that logs with awslogs"


def sums(props: Props) -> Iterator[Fault]:
    """What the containers have together is no more than the task has."""
    for name, words, members in (("cpu", CPU, ("cpu",)), ("memory", MEMORY, ("memoryReservation", "memory"))):
        whole = _units(props[name], words) if props.get(name) is not None else None
        parts = [next((number(c[m]) for m in members if number(c.get(m)) is not None), None) for c in containers(props)]
        total = sum(part for part in parts if part)
        if whole is not None and total > whole:
            yield name, f"{whole:g} is below the {total:g} that the containers have together"
        for i, container in enumerate(containers(props)):
            hard = number(container.get("memory")) if name == "memory" else None
            if whole is not None and hard is not None and hard > whole:
                yield f"containerDefinitions[{i}].memory", f"{hard:g} is above the task's memory {whole:g}"


ARN = r"arn:[\w-]+:iam::\d{12}:role/.+"

LIMITS: dict[str, tuple[Check, ...]] = {
    "aws:ecs/cluster:Cluster": (form("name", NAME, NAMED),),
    "aws:ecs/taskDefinition:TaskDefinition": (
        form("family", NAME, NAMED), form("executionRoleArn", ARN, "is not the ARN of a role"),
        form("taskRoleArn", ARN, "is not the ARN of a role"), within("ephemeralStorage.sizeInGib", 21, 200, "GiB"),
        is_a_list, *map(per_container, (named, typed, ports, networked, logging, limits, sizes, mounts, order)), names,
        roles,
        sums, *map(per_container, (memory,)),
    ),
}  # fmt: skip
