"""Task definitions: what Fargate has not, what a network mode has not, volumes, ports and what waits for what.

Sources: Amazon ECS API, RegisterTaskDefinition, ContainerDefinition, LinuxParameters, EFSVolumeConfiguration,
PortMapping, ContainerDependency, ExecuteCommandConfiguration; Amazon ECS service quotas; PREFLIGHT rules/ecs.
"""

import itertools
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

from localcloud.aws.limits import fargate
from localcloud.aws.limits._checks import Check, Fault, Props, each, number, one_of
from localcloud.aws.limits.containers import Container, containers, on_fargate, per_container
from localcloud.aws.limits.services import blocks
from localcloud.provider.wire import is_unknown, unknowns

MOST_CONTAINERS, MOST_FILES = 10, 10
NOT_ON_FARGATE = (
    "linuxParameters.devices", "linuxParameters.maxSwap", "linuxParameters.sharedMemorySize", "disableNetworking",
    "dnsServers", "dnsSearchDomains", "dockerSecurityOptions",
)  # fmt: skip
"""Members of a container that Fargate has not."""
NOT_IN_AWSVPC = ("extraHosts", "hostname")
ALLOWED_ON_FARGATE = ("SYS_PTRACE",)
LEAST_ON_WINDOWS = 1_024
"""Cpu units."""
KINDS_OF_VOLUMES = (
    "hostPath", "dockerVolumeConfiguration", "efsVolumeConfiguration", "fsxWindowsFileServerVolumeConfiguration",
)  # fmt: skip
EFS = "efsVolumeConfiguration"
RESTARTS = (60, 1_800)
"""Seconds of restartAttemptPeriod."""
PROXY = ("ProxyIngressPort", "ProxyEgressPort", "AppPorts", "EgressIgnoredIPs")
EXECUTED = "configuration.executeCommandConfiguration"
Edges = dict[str, set[str]]


def on_fargate_not(props: Props, container: Container) -> Iterator[Fault]:
    """Fargate has neither the host's devices nor its networks' settings."""
    if not on_fargate(props):
        return
    for path in NOT_ON_FARGATE:
        for place, value in each(container, path):
            if value not in ([], {}, False, 0):
                yield place, "is not supported on Fargate"
    for place, name in each(container, "linuxParameters.capabilities.add[]"):
        if name not in ALLOWED_ON_FARGATE:
            yield place, f"{name!r} is not allowed on Fargate; allowed is {', '.join(ALLOWED_ON_FARGATE)}"
    for place, kind in each(container, "resourceRequirements[].type"):
        if kind == "GPU":
            yield place, "there are no GPUs on Fargate"
    block = container.get("logConfiguration")
    if isinstance(block, dict) and block.get("logDriver") == "awslogs":
        options = block.get("options") or {}
        if isinstance(options, dict) and not options.get("awslogs-stream-prefix"):
            yield 'logConfiguration.options["awslogs-stream-prefix"]', "missing required property of awslogs on Fargate"


def whole_task(props: Props) -> Iterator[Fault]:
    """What Fargate has not of a task as a whole, and the sizes that it has."""
    if not on_fargate(props):
        kinds = props.get("requiresCompatibilities")
        if kinds and not unknowns(kinds) and props.get("ephemeralStorage"):
            yield "ephemeralStorage", "is only for tasks on Fargate"
        return
    mode = props.get("networkMode")
    if mode is not None and mode != "awsvpc" and not is_unknown(mode):
        yield "networkMode", f"{mode!r} is not supported on Fargate; allowed is awsvpc"
    if props.get("pidMode") == "host":
        yield "pidMode", "'host' is not supported on Fargate; allowed is task"
    for name in ("ipcMode", "placementConstraints"):
        if props.get(name) and not is_unknown(props[name]):
            yield name, "is not supported on Fargate"
    for name in ("hostPath", "dockerVolumeConfiguration"):
        for place, _ in each(props, f"volumes[].{name}"):
            yield place, "is not supported on Fargate"
    yield from _sizes(props)


def _sizes(props: Props) -> Iterator[Fault]:
    cpu, memory = props.get("cpu"), props.get("memory")
    if is_unknown(cpu) or is_unknown(memory):
        return
    for name, value in (("cpu", cpu), ("memory", memory)):
        if value is None:
            yield name, "missing required property of a task on Fargate"
    if cpu is None or memory is None:
        return
    try:
        units, mib = fargate.units(cpu), fargate.units(memory)
    except ValueError:
        return  # its form is told elsewhere
    if units not in fargate.MEMORY:
        yield "cpu", f"{units} is not allowed on Fargate; allowed are {', '.join(map(str, fargate.MEMORY))}"
    elif mib not in fargate.MEMORY[units]:
        known = sorted(fargate.MEMORY[units])
        yield "memory", f"{mib} is not allowed beside cpu {units} on Fargate; allowed are {_listed(known)}"
    family = next((str(found) for _, found in each(props, "runtimePlatform.operatingSystemFamily")), "")
    if family.startswith("WINDOWS") and units < LEAST_ON_WINDOWS:
        yield "cpu", f"{units} is below {LEAST_ON_WINDOWS}, the least of {family} on Fargate"


def _listed(sizes: list[int]) -> str:
    steps = {b - a for a, b in itertools.pairwise(sizes)}
    if len(sizes) > 4 and len(steps) == 1:
        return f"{sizes[0]} to {sizes[-1]} in steps of {steps.pop()}"
    return ", ".join(map(str, sizes))


def in_awsvpc_not(props: Props, container: Container) -> Iterator[Fault]:
    """A task with an interface of its own has that interface's name and hosts."""
    if props.get("networkMode") == "awsvpc" or on_fargate(props):
        for name in NOT_IN_AWSVPC:
            if container.get(name):
                yield name, "is not supported with 'networkMode': 'awsvpc'"


def ranges(props: Props, container: Container) -> Iterator[Fault]:
    """A mapping is of one port or of a range, which rises."""
    for i, mapping in enumerate(blocks(container, "portMappings")):
        span = mapping.get("containerPortRange")
        if span is None:
            continue
        found = re.fullmatch(r"(\d+)-(\d+)", str(span))
        if not found or int(found[1]) >= int(found[2]):
            yield f"portMappings[{i}].containerPortRange", f"{span!r} is no range that rises, such as 8000-8010"
        for name in ("containerPort", "hostPort"):
            if mapping.get(name) is not None:
                yield f"portMappings[{i}].{name}", "conflicts with 'containerPortRange': give one port or a range"


def files(props: Props, container: Container) -> Iterator[Fault]:
    """Few files of variables; a secret has a name of its own."""
    found = container.get("environmentFiles")
    if isinstance(found, list) and len(found) > MOST_FILES:
        yield "environmentFiles", f"{len(found)} are given, allowed are {MOST_FILES}"
    plain = {pair.get("name") for pair in blocks(container, "environment")}
    for i, pair in enumerate(blocks(container, "secrets")):
        if pair.get("name") in plain:
            yield f"secrets[{i}].name", f"{pair['name']!r} is the name of another variable of the container too"
        plain.add(pair.get("name"))
    policy = container.get("restartPolicy")
    period = number(policy.get("restartAttemptPeriod")) if isinstance(policy, dict) else None
    if period is not None and not RESTARTS[0] <= period <= RESTARTS[1]:
        yield "restartPolicy.restartAttemptPeriod", f"{period:g} is not within {RESTARTS[0]} to {RESTARTS[1]} seconds"


def together(props: Props) -> Iterator[Fault]:
    """Few containers; names of ports are the task's; nobody waits for the end of what never ends, or for himself."""
    found = containers(props)
    if len(found) > MOST_CONTAINERS:
        yield "containerDefinitions", f"{len(found)} containers, allowed are {MOST_CONTAINERS}"
    seen: Counter[Any] = Counter()
    essential = {c.get("name"): c.get("essential", True) for c in found}
    waits: Edges = {}
    for i, container in enumerate(found):
        at = f"containerDefinitions[{i}]"
        for j, mapping in enumerate(blocks(container, "portMappings")):
            name = mapping.get("name")
            seen[name] += name is not None
            if seen[name] == 2:
                yield f"{at}.portMappings[{j}].name", f"{name!r} is the name of another port of the task too"
        for j, wait in enumerate(blocks(container, "dependsOn")):
            other, condition = wait.get("containerName"), wait.get("condition")
            waits.setdefault(str(container.get("name")), set()).add(str(other))
            if condition in ("COMPLETE", "SUCCESS") and essential.get(other) is not False and other in essential:
                yield (
                    f"{at}.dependsOn[{j}].condition",
                    f"{condition}, but container {other!r} is essential and never ends",
                )
    for i, container in enumerate(found):
        own = str(container.get("name"))
        if own in _reached(own, waits):
            yield f"containerDefinitions[{i}].dependsOn", f"container {own!r} waits for itself"
    if any((c.get("logConfiguration") or {}).get("logDriver") == "awsfirelens" for c in found) and not any(
        c.get("firelensConfiguration") for c in found
    ):
        yield (
            "containerDefinitions",
            "no container has the 'firelensConfiguration' that log driver awsfirelens sends to",
        )


def _reached(own: str, waits: Edges) -> set[str]:
    reached: set[str] = set()
    ahead = list(waits.get(own, ()))
    while ahead:
        if (name := ahead.pop()) not in reached:
            reached.add(name)
            ahead += waits.get(name, ())
    return reached


def volumes(props: Props) -> Iterator[Fault]:
    """A volume has a name of its own and is of one kind; what a file system asks for is encrypted."""
    found = blocks(props, "volumes")
    if unknowns(props.get("volumes")):
        return
    seen: Counter[Any] = Counter()
    for i, one in enumerate(found):
        at = f"volumes[{i}]"
        seen[one.get("name")] += 1
        if seen[one.get("name")] == 2:
            yield f"{at}.name", f"{one.get('name')!r} is the name of another volume too"
        given = [name for name in KINDS_OF_VOLUMES if one.get(name)]
        if len(given) > 1:
            yield f"{at}.{given[1]}", f"conflicts with {given[0]!r}: a volume is of one kind"
        if isinstance(one.get(EFS), dict):
            yield from ((f"{at}.{EFS}.{place}", why) for place, why in _efs(one[EFS]))


def _efs(block: Props) -> Iterator[Fault]:
    if unknowns([block.get("authorizationConfig"), block.get("transitEncryption")]):
        return
    access = block.get("authorizationConfig") or {}
    encrypted = block.get("transitEncryption") == "ENABLED"
    if access.get("accessPointId") and block.get("rootDirectory") not in (None, "", "/"):
        yield "rootDirectory", "is '/' or left out beside an access point"
    if not encrypted and access.get("iam") == "ENABLED":
        yield "transitEncryption", "'ENABLED' is needed by 'authorizationConfig': {'iam': 'ENABLED'}"
    elif not encrypted and access.get("accessPointId"):
        yield "transitEncryption", "'ENABLED' is needed by an access point"
    elif not encrypted and block.get("transitEncryptionPort"):
        yield "transitEncryptionPort", "needs 'transitEncryption': 'ENABLED'"


def proxied(props: Props) -> Iterator[Fault]:
    """A proxy is a container of the task, with an interface of its own and ports that it knows."""
    block = props.get("proxyConfiguration")
    if not isinstance(block, dict):
        return
    mode = props.get("networkMode") or ("awsvpc" if on_fargate(props) else "bridge")
    if mode != "awsvpc" and not is_unknown(mode):
        yield "proxyConfiguration", f"is only for 'networkMode': 'awsvpc', not {mode!r}"
    name = block.get("containerName")
    found = containers(props)
    if isinstance(name, str) and not is_unknown(name) and found and name not in [c.get("name") for c in found]:
        yield "proxyConfiguration.containerName", f"{name!r} is no container of this task"
    given = block.get("properties")
    if isinstance(given, dict):
        for wanted in PROXY:
            if given.get(wanted) is None:
                yield f"proxyConfiguration.properties.{wanted}", "missing required property of a proxy of App Mesh"


def executed(props: Props) -> Iterator[Fault]:
    """Logs of commands have a place of their own, or the tasks' one."""
    for place, block in each(props, EXECUTED):
        if not isinstance(block, dict) or is_unknown(block.get("logging")):
            continue
        if block.get("logging") == "OVERRIDE" and block.get("logConfiguration") is None:
            yield f"{place}.logConfiguration", "missing required property of 'logging': 'OVERRIDE'"
        elif block.get("logging") != "OVERRIDE" and block.get("logConfiguration") is not None:
            yield f"{place}.logConfiguration", "is only for 'logging': 'OVERRIDE'"


def associated(props: Props) -> Iterator[Fault]:
    """A default strategy is of providers that the cluster has."""
    given = props.get("capacityProviders")
    if unknowns(given) or not isinstance(given, list):
        return
    for place, name in each(props, "defaultCapacityProviderStrategies[].capacityProvider"):
        if name not in given:
            yield place, f"{name!r} is none of 'capacityProviders'"


LIMITS: dict[str, tuple[Check, ...]] = {
    "aws:ecs/taskDefinition:TaskDefinition": (
        whole_task, together, volumes, proxied,
        *map(per_container, (on_fargate_not, in_awsvpc_not, ranges, files)),
    ),
    "aws:ecs/cluster:Cluster": (executed, one_of("settings[].value", "enabled", "disabled", "enhanced")),
    "aws:ecs/clusterCapacityProviders:ClusterCapacityProviders": (associated,),
}  # fmt: skip
