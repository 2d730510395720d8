"""What the official provider or the Engine refuses of values whose types are right.

The Engine takes unknown fields, a plain 5 for five nanoseconds and url-safe base64, so all is looked at here, in a
preview.
"""

import base64
import binascii
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from localcloud.docker.codec import nanoseconds
from localcloud.provider import compare, wire
from localcloud.provider.resource import Props

Rule = Callable[[Any], str | None]
"""f(a known value) -> what is wrong with it; None for nothing."""
Found = Iterator[tuple[str, str]]
"""(path, reason)."""

_SECRET, _CONFIG = 512_000, 1_024_000  # bytes, both exclusive (run on 20.10)
_SMALLEST_CPU, _SMALLEST_MEMORY = 1_000_000, 4 * 1024**2
_LARGEST_PORT = 65_535
_SERVICE_NAME = re.compile(r"[a-zA-Z0-9](?:[-_]*[A-Za-z0-9]+)*")
_KEPT_NAME = re.compile(r"[a-zA-Z0-9]+(?:[a-zA-Z0-9-_.]*[a-zA-Z0-9])?")
_VOLUME_NAME = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9_.-]+")
_DOMAIN = r"(?:[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?(?:\.[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?)*(?::\d+)?/)"
_PART = r"[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*"
_IMAGE = re.compile(rf"{_DOMAIN}?{_PART}(?:/{_PART})*(?::\w[\w.-]{{0,127}})?(?:@sha256:[0-9a-f]{{64}})?", re.ASCII)
_OF_ECR = "AWS"
"""The user of every log-in to ECR (ECR API, GetAuthorizationToken)."""
_ECR = re.compile(r"\d{12}\.dkr\.ecr\.[a-z0-9-]+\.amazonaws\.com(?:\.cn)?/")
_HOST = re.compile(r"[^:\s]+:\S+")
_PLATFORM = re.compile(r"[a-z0-9]+/[a-z0-9]+(?:/[a-z0-9.]+)?")
_LABEL = re.compile(r"(?:spread=)?(?:node|engine)\.[\w.-]+")
_CONSTRAINT = re.compile(r"\s*(?:node|engine)\.[\w.-]+\s*(?:==|!=)\s*\S.*")


def one_of(*allowed: str) -> Rule:
    """One of these words."""
    return lambda value: None if value in allowed else f"got {value!r}, allowed: {', '.join(allowed)}"


def at_least(least: int, *, or_zero: bool = False, most: int | None = None) -> Rule:
    """A number within bounds."""
    bounds = f"{'0 or ' if or_zero else ''}{f'{least} to {most}' if most else f'{least} or more'}"
    return lambda value: (
        None
        if (or_zero and value == 0) or (value >= least and (most is None or value <= most))
        else f"got {wire.number_text(value)}, allowed: {bounds}"
    )


def named(form: re.Pattern[str], longest: int, in_words: str) -> Rule:
    """A name in a form."""
    return lambda value: (
        None if form.fullmatch(value) and len(value) <= longest else f"got {value!r}, allowed: {in_words}"
    )


def a_duration(value: str) -> str | None:
    """A time as Go writes it."""
    try:
        nanoseconds(value)
    except ValueError:
        return f"got {value!r}, allowed: a time with its unit, such as 500ms, 5s or 1m30s"
    return None


def a_probe_time(value: str) -> str | None:
    """A time of a health check, which is none below a millisecond."""
    wrong = a_duration(value)
    if wrong is None and 0 < nanoseconds(value) < 10**6:
        return f"got {value!r}, allowed: 0s, or 1ms or more"
    return wrong


def a_ratio(value: str) -> str | None:
    """A share, as text."""
    try:
        sound = 0 <= float(value) <= 1
    except ValueError:
        sound = False
    return None if sound else f"got {value!r}, allowed: a number from 0 to 1, such as 0.25"


def an_image(value: str) -> str | None:
    """A reference to an image."""
    if _IMAGE.fullmatch(value):
        return None
    return f"got {value!r}, allowed: registry/name:tag or registry/name@sha256:digest, with the name in lower case"


def of_own_ecr(name: str, user: Any) -> bool:
    """Whether an image goes to the ECR that the local cloud stands in for, as the log-in tells that it gave for it."""
    return user == _OF_ECR and _ECR.match(name) is not None


def of_a_registry_elsewhere(name: str) -> str | None:
    """Why an image is not pushed from here: the local cloud reaches no registry but one on this machine."""
    host = name.partition("/")[0].partition(":")[0]
    if host in ("127.0.0.1", "localhost"):
        return None
    return f"its registry is not on this machine: {name}; allowed: 127.0.0.1:PORT/NAME, localhost:PORT/NAME"


def in_base64(size: int) -> Rule:
    """Data in standard base64 of fewer bytes than this; it is never quoted."""

    def rule(value: str) -> str | None:
        try:
            count = len(base64.b64decode(value, validate=True))
        except (binascii.Error, ValueError):
            return "expected standard base64 with padding (base64.b64encode), which the Engine decodes"
        return below(size)(count)

    return rule


def below(size: int) -> Callable[[int], str | None]:
    """A count of bytes below a limit."""
    return lambda count: None if count < size else f"holds {count} bytes; the Engine takes fewer than {size}"


def entries(form: re.Pattern[str], in_words: str) -> Rule:
    """A list of texts in a form."""

    def rule(values: list[Any]) -> str | None:
        wrong = [
            each for each in values if isinstance(each, str) and not wire.unknowns(each) and not form.fullmatch(each)
        ]
        return f"got {wrong[0]!r}, allowed: {in_words}" if wrong else None

    return rule


def a_probe(values: list[Any]) -> str | None:
    """The command of a health check."""
    first = values[0] if values else ""
    return None if wire.is_unknown(first) else one_of("CMD", "CMD-SHELL", "NONE")(first)


def _natural(value: float) -> str | None:
    return at_least(0)(value)


_HEALTH = "taskSpec.containerSpec.healthcheck"
_RESOURCES = "taskSpec.resources"
_PORTS = "endpointSpec.ports"
_CHANGES: dict[str, Rule] = {
    "parallelism": _natural,
    "delay": a_duration,
    "monitor": a_duration,
    "maxFailureRatio": a_ratio,
    "order": one_of("stop-first", "start-first"),
}

SERVICE: Mapping[str, Rule] = {
    "name": named(_SERVICE_NAME, 63, "letters, digits, - and _ within, at most 63"),
    "taskSpec.containerSpec.image": an_image,
    "taskSpec.containerSpec.stopGracePeriod": a_duration,
    "taskSpec.containerSpec.isolation": one_of("default"),
    f"{_HEALTH}.tests": a_probe,
    f"{_HEALTH}.interval": a_probe_time,
    f"{_HEALTH}.timeout": a_probe_time,
    f"{_HEALTH}.startPeriod": a_probe_time,
    f"{_HEALTH}.retries": _natural,
    "taskSpec.containerSpec.mounts.type": one_of("bind", "volume", "tmpfs"),
    "taskSpec.containerSpec.mounts.bindOptions.propagation": one_of(
        "private", "rprivate", "shared", "rshared", "slave", "rslave"
    ),
    "taskSpec.containerSpec.secrets.fileMode": at_least(0, most=0o777),
    "taskSpec.containerSpec.configs.fileMode": at_least(0, most=0o777),
    "taskSpec.runtime": one_of("container"),
    "taskSpec.forceUpdate": _natural,
    **{
        f"{_RESOURCES}.{part}.{name}": at_least(least, or_zero=True)
        for part in ("limits", "reservation")
        for name, least in {"nanoCpus": _SMALLEST_CPU, "memoryBytes": _SMALLEST_MEMORY}.items()
    },
    f"{_RESOURCES}.reservation.genericResources.discreteResourcesSpecs": entries(
        re.compile(r"[^=]+=\d+"), "KIND=NUMBER"
    ),
    f"{_RESOURCES}.reservation.genericResources.namedResourcesSpecs": entries(re.compile(r"[^=]+=.+"), "KIND=VALUE"),
    "taskSpec.restartPolicy.condition": one_of("none", "on-failure", "any"),
    "taskSpec.restartPolicy.delay": a_duration,
    "taskSpec.restartPolicy.window": a_duration,
    "taskSpec.restartPolicy.maxAttempts": _natural,
    "taskSpec.placement.constraints": entries(_CONSTRAINT, "such as node.role==manager or node.labels.disk!=slow"),
    "taskSpec.placement.prefs": entries(_LABEL, "such as spread=node.labels.zone"),
    "taskSpec.placement.maxReplicas": _natural,
    "taskSpec.networksAdvanceds.driverOpts": entries(re.compile(r"[^=]+=.*"), "NAME=VALUE"),
    "mode.replicated.replicas": _natural,
    **{f"updateConfig.{name}": rule for name, rule in _CHANGES.items()},
    "updateConfig.failureAction": one_of("pause", "continue", "rollback"),
    **{f"rollbackConfig.{name}": rule for name, rule in _CHANGES.items()},
    "rollbackConfig.failureAction": one_of("pause", "continue"),
    "endpointSpec.mode": one_of("vip", "dnsrr"),
    f"{_PORTS}.protocol": one_of("tcp", "udp", "sctp"),
    f"{_PORTS}.publishMode": one_of("ingress", "host"),
    f"{_PORTS}.targetPort": at_least(1, most=_LARGEST_PORT),
    f"{_PORTS}.publishedPort": at_least(0, most=_LARGEST_PORT),
    "convergeConfig.delay": a_duration,
    "convergeConfig.timeout": a_duration,
}
NETWORK: Mapping[str, Rule] = {"name": named(_SERVICE_NAME, 255, "letters, digits, - and _ within")}
SECRET: Mapping[str, Rule] = {
    "name": named(_KEPT_NAME, 64, "letters, digits, and - _ . within, at most 64"),
    "data": in_base64(_SECRET),
}
CONFIG: Mapping[str, Rule] = {
    "name": SECRET["name"],
    "data": in_base64(_CONFIG),
    "dataRaw": lambda value: below(_CONFIG)(len(value.encode())),
}
VOLUME: Mapping[str, Rule] = {"name": named(_VOLUME_NAME, 255, "two or more letters, digits, _ . and -")}
IMAGE: Mapping[str, Rule] = {"name": an_image}
BUILD: Mapping[str, Rule] = {
    "imageName": an_image,
    "build.builderVersion": one_of("BuilderV1"),
    "build.addHosts": entries(_HOST, "name:address"),
    "build.platform": named(_PLATFORM, 64, "os/architecture, such as linux/amd64"),
    "build.cacheFrom.images": entries(_IMAGE, "registry/name:tag, with the name in lower case"),
}


def broken(values: Any, rules: Mapping[str, Rule], path: str = "", row_path: str = "") -> Found:
    """Every value that a rule refuses; what is not known yet breaks none."""
    if values is None or wire.is_unknown(values):
        return
    if rule := rules.get(row_path):
        if not (isinstance(values, str) and wire.unknowns(values)) and (why := rule(values)):
            yield path, why
    elif isinstance(values, dict):
        for name, value in values.items():
            yield from broken(value, rules, compare.key(path, name), compare.below(row_path, name))
    elif isinstance(values, list | tuple):
        for i, value in enumerate(values):
            yield from broken(value, rules, f"{path}[{i}]", row_path)


def of_service(props: Props) -> Found:
    """What contradicts in a service."""
    mode, endpoint = props.get("mode") or {}, props.get("endpointSpec") or {}
    if not isinstance(mode, dict) or not isinstance(endpoint, dict):
        return
    if mode.get("global") is True:
        if mode.get("replicated") is not None:
            yield "mode", "global and replicated exclude each other: one task on each node, or so many in all"
        if props.get("convergeConfig") is not None:
            yield "convergeConfig", "a global service has no number to converge to; leave it out"
    yield from _of_ports(endpoint)
    yield from _of_networks(props)


def _of_ports(endpoint: Props) -> Found:
    taken: dict[tuple[Any, Any, Any], int] = {}
    ports = endpoint.get("ports")
    for i, port in enumerate(ports if isinstance(ports, list | tuple) else ()):
        if not isinstance(port, dict):
            continue
        published, how = port.get("publishedPort"), port.get("publishMode") or "ingress"
        if endpoint.get("mode") == "dnsrr" and how == "ingress":
            yield f"endpointSpec.ports[{i}].publishMode", "with mode dnsrr there is no ingress; publish it in mode host"
        key = (published, port.get("protocol") or "tcp", how)
        if published and not wire.is_unknown(published):
            if key in taken:
                yield (
                    f"endpointSpec.ports[{i}].publishedPort",
                    f"{wire.number_text(published)}/{key[1]} is published by ports[{taken[key]}] already",
                )
            taken.setdefault(key, i)


def _of_networks(props: Props) -> Found:
    task = props.get("taskSpec")
    networks = task.get("networksAdvanceds") if isinstance(task, dict) else None
    for i, network in enumerate(networks if isinstance(networks, list | tuple) else ()):
        if isinstance(network, dict):
            given = [name for name in ("id", "name") if network.get(name)]
            if len(given) != 1:
                said = "names its network twice; give its id alone" if given else "names no network; give its id"
                yield f"taskSpec.networksAdvanceds[{i}]", said


def of_config(props: Props) -> Found:
    """A configuration has its data in one way."""
    given = [name for name in ("data", "dataRaw") if props.get(name) is not None]
    if len(given) != 1:
        yield "data", "expected data (base64) or dataRaw (text), and only one of them"
