"""A Swarm for the controller: its services, what their tasks say of themselves, and where a memory is kept.

Requests are plain: a service's specification goes back as it came, but for the number of its tasks; the SDK's own
methods would write defaults into it, which replaces every task (docs/decisions/0042).
"""

from __future__ import annotations

import base64
import copy
import http.client
import json
import math
import socket
import threading
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from types import MappingProxyType
from typing import Any, Literal, TypeVar
from urllib.parse import urlencode, urlsplit

from elasticity.autoscaler.autoscaler import Counts
from localcloud.docker.engine import Engine, explain, quoted
from operations.controller.loop import OtherWriterError, UnreachableError, View
from operations.controller.measures import Reading
from operations.controller.settings import Endpoint, ScaledService
from operations.failures import CannotRun

PREFIX, LABEL = "accordion-scale-", "accordion.controller"
"""Of the configs that hold memories: name, before the id of the service; and the label that is the memory."""
_DATA = base64.b64encode(b"What accordion's controller remembers of a service is in this config's label.\n").decode()
_RELEASING = frozenset({"updating", "rollback_started"})
_SEQUENCE = "out of sequence"
_CONFLICT, _NOT_FOUND = 409, 404
_PARALLEL = 32
"""Requests at once: statistics take 1 to 2 s each, and all together no longer (docs/decisions/0042)."""
_GOOD, _ELSEWHERE = 200, 300
_TIMEOUT = 3.0  # seconds for the metrics of one task
_QUERY_TIMEOUT = 5.0  # seconds for one query of Prometheus
_LARGEST = 8 << 20  # bytes of one task's metrics
_NANO = 1e9
_BY_ENGINE, _BY_TASKS = frozenset({"cpu", "memory"}), frozenset({"requests_per_target", "response_time"})
"""Metrics by who measures them."""
_GATEWAY, _LOOPBACK = "docker_gwbridge", "127.0.0.1"
_One = TypeVar("_One")
_Other = TypeVar("_Other")


@contextmanager
def _asking(what: str) -> Iterator[None]:
    """What an Engine refuses, or one that does not answer, in the loop's words."""
    try:
        yield
    except (OtherWriterError, UnreachableError):
        raise
    except Exception as error:
        said = str(getattr(error, "explanation", "") or "")
        status = getattr(error, "status_code", None)
        if _SEQUENCE in said or status in (_CONFLICT, _NOT_FOUND):
            raise OtherWriterError(f"{what} has changed meanwhile") from None
        if (sentence := explain(error)) is None:
            raise
        raise UnreachableError(sentence) from None


def _all(ask: Callable[[_One], _Other], items: Sequence[_One]) -> list[_Other]:
    """Answers to many questions at once."""
    if not items:
        return []
    with ThreadPoolExecutor(min(_PARALLEL, len(items))) as pool:
        return list(pool.map(ask, items))


class SwarmServices:
    """The services of a Swarm, by the API of one of its managers."""

    def __init__(self, engine: Engine, network: str | None = None) -> None:
        """`network`: id of the one whose names the services are known by; None: by those of the Swarm."""
        self._engine, self._network = engine, network

    def view(self, name: str) -> View | None:
        """The service of that name with its running tasks."""
        with _asking(f"the service {name}"):
            service = self._named(name)
            if service is None:
                return None
            mode = service["Spec"].get("Mode", {})
            if "Replicated" not in mode:
                raise CannotRun(f"{name} is no replicated service: the Swarm itself says how many tasks it has")
            wanted = {"service": [service["ID"]], "desired-state": ["running"]}
            tasks = self._engine.ask("GET", "/tasks", filters=wanted)
        running = [task for task in tasks if task["Status"]["State"] == "running"]
        return View(
            service["ID"],
            int(mode["Replicated"].get("Replicas", 1)),
            int(service["Version"]["Index"]),
            Counts(len(running), len(tasks) - len(running)),
            (service.get("UpdateStatus") or {}).get("State") in _RELEASING,
            MappingProxyType({"service": service, "tasks": running}),
        )

    def _named(self, name: str) -> Any:
        """The service; where one takes over from another of its name on a network, the newer one."""
        if self._network is None:
            found = self._engine.ask("GET", "/services", filters={"name": [name]})
            return next((one for one in found if one["Spec"]["Name"] == name), None)
        found = [one for one in self._engine.ask("GET", "/services") if name in self._names(one)]
        return max(found, key=lambda one: str(one.get("CreatedAt", "")), default=None)

    def _names(self, service: Mapping[str, Any]) -> Iterator[str]:
        """What a service is called on the network."""
        for one in service["Spec"]["TaskTemplate"].get("Networks") or ():
            if one.get("Target") == self._network:
                yield from one.get("Aliases") or ()

    def scale(self, view: View, replicas: int) -> None:
        """Send the specification back with another number of tasks, over the version that was viewed."""
        spec = copy.deepcopy(view.raw["service"]["Spec"])
        spec["Mode"]["Replicated"]["Replicas"] = replicas
        with _asking("the service"):
            self._engine.ask("POST", f"/services/{quoted(view.id)}/update", spec, version=view.index)


def memory_in(configs: Sequence[Mapping[str, Any]], service: str) -> dict[str, Any] | None:
    """What the controller of a service, by its id, remembers, among configs of the Swarm; None where nothing is."""
    found = next((one for one in configs if one["Spec"]["Name"] == PREFIX + service), None)
    return None if found is None else _document(found)


def _document(config: Mapping[str, Any]) -> dict[str, Any]:
    try:
        document = json.loads((config["Spec"].get("Labels") or {}).get(LABEL, ""))
    except ValueError:
        return {}
    return document if isinstance(document, dict) else {}


class SwarmStore:
    """Memories in configs of the Swarm, in a label of each: every manager has them, they are written over one version
    only, and no task is touched. A label of the service itself would do the same and spoil the rollback of a release,
    since each write of a service forgets its previous specification."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def read(self, service: str) -> tuple[dict[str, Any], int] | None:
        """The memory of a service by its id; one that cannot be read is an empty document."""
        found = self._find(service)
        return None if found is None else (_document(found), int(found["Version"]["Index"]))

    def write(self, service: str, document: Mapping[str, Any], version: int | None) -> int:
        """Put a memory in the place of that version."""
        text = json.dumps(document, allow_nan=False, separators=(",", ":"))
        spec = {"Name": PREFIX + service, "Labels": {LABEL: text}, "Data": _DATA}
        with _asking("the controller's memory"):
            if version is None:
                self._engine.ask("POST", "/configs/create", spec)
            else:
                found = self._find(service)
                if found is None:
                    raise OtherWriterError("the controller's memory is gone")
                self._engine.ask("POST", f"/configs/{quoted(found['ID'])}/update", spec, version=version)
        written = self._find(service)
        if written is None or written["Spec"].get("Labels", {}).get(LABEL) != text:
            raise OtherWriterError("another controller has written its memory")
        return int(written["Version"]["Index"])

    def forget_gone(self) -> list[str]:
        """Delete the memories of services that are gone; returns their ids."""
        with _asking("the controller's memory"):
            there = {one["ID"] for one in self._engine.ask("GET", "/services")}
            configs = self._engine.ask("GET", "/configs", filters={"label": [LABEL]})
            gone = [one for one in configs if one["Spec"]["Name"].removeprefix(PREFIX) not in there]
            for one in gone:
                self._engine.remove(f"/configs/{quoted(one['ID'])}")
        return [one["Spec"]["Name"].removeprefix(PREFIX) for one in gone]

    def _find(self, service: str) -> Any:
        name = PREFIX + service
        with _asking("the controller's memory"):
            found = self._engine.ask("GET", "/configs", filters={"name": [name]})
        return next((one for one in found if one["Spec"]["Name"] == name), None)


class TaskReaders:
    """What the tasks of one service say of themselves: the Engine's statistics, their own metrics, a Prometheus."""

    def __init__(
        self,
        engine: Engine,
        service: ScaledService,
        *,
        prometheus: str | None = None,
        reaches: Literal["host", "network"] = "host",
        network: str | None = None,
        metrics: frozenset[str],
    ) -> None:
        """`metrics`: those that rules read. The Engine is asked for statistics only where they need them, since that
        takes a second; requests are counted wherever something tells them, for whoever reads the log."""
        self._network = network
        self._engine, self._service, self._reaches = engine, service, reaches
        self._prometheus, self._own = prometheus, metrics - service.queries.keys()
        self._node: str | None = None
        self._there = _elsewhere(engine.address)
        self._nodes: dict[str, str] = {}
        self.unread = ""
        """Which tasks the last look did not read, why, and what to do; empty where all were."""

    def read(self, view: View) -> Mapping[str, Reading]:
        """A reading of each running task that answers. The Engine has statistics of tasks on its own node alone."""
        tasks, self.unread = list(view.raw["tasks"]), ""
        if self._node is None:
            with _asking("the Engine"):
                self._node = str(self._engine.ask("GET", "/info")["Swarm"]["NodeID"])
        readings: dict[str, Reading] = {}
        if by_engine := sorted(self._own & _BY_ENGINE):
            here = [task for task in tasks if task.get("NodeID") == self._node]
            if len(here) < len(tasks):
                why = "an Engine has statistics of its own node's tasks alone; `queries` of a Prometheus tell of all"
                self.unread = _read_of(by_engine, len(here), len(tasks), why)
            for task, reading in zip(here, _all(self._statistics, here), strict=True):
                if reading is not None:
                    readings[task["ID"]] = reading
        endpoint = self._service.endpoint
        if endpoint is not None:
            self._ask(tasks, endpoint, readings)
        return readings

    def _ask(
        self,
        tasks: Sequence[Mapping[str, Any]],
        endpoint: Endpoint,
        readings: dict[str, Reading],
    ) -> None:
        """Add what tasks publish, or what stands in front of them: of that all must answer, else it counts too few."""
        is_shared = endpoint.service is not None
        if endpoint.service is not None:
            front = SwarmServices(self._engine, self._network).view(endpoint.service)
            tasks = [] if front is None else list(front.raw["tasks"])
        gateway = self._gateway() if self._reaches == "host" and self._there is None else {}
        found = _all(lambda task: self._place(task, endpoint, gateway), tasks)
        places = [(task, place) for task, place in zip(tasks, found, strict=True) if place is not None]
        answers = _all(lambda pair: _fetched(f"http://{pair[1]}{endpoint.path}"), places)
        answered = sum(answer is not None for answer in answers)
        if (metrics := sorted(self._own & _BY_TASKS)) and answered < len(tasks):
            hidden = len(tasks) - len(places)
            why = (
                f"{hidden} cannot be reached from this node; `reaches: network` asks them on the services' network"
                if hidden and self._reaches == "host"
                else f"the others do not answer at port {endpoint.port}, path {endpoint.path}"
            )
            of = f" of {endpoint.service}" if is_shared else ""
            self.unread = "; ".join(filter(None, (self.unread, _read_of(metrics, answered, len(tasks), why, of))))
        if is_shared and (len(places) < len(tasks) or None in answers):
            return
        for (task, _), answer in zip(places, answers, strict=True):
            if answer is not None:
                readings[task["ID"]] = _merged(readings.get(task["ID"]), answer, endpoint)

    def query(self, metric: str, period: int, view: View) -> float | None:
        """What Prometheus answers; NaN where it has nothing, or does not answer."""
        text = self._service.queries.get(metric)
        if text is None or self._prometheus is None:
            return None
        asked = text.replace("$period", f"{period}s").replace("$replicas", str(view.counts.serving))
        url = f"{self._prometheus.rstrip('/')}/api/v1/query?{urlencode({'query': asked})}"
        content = _answered(url, _QUERY_TIMEOUT)
        try:
            return math.nan if content is None else _value(json.loads(content))
        except (ValueError, RecursionError):
            return math.nan

    def _statistics(self, task: Mapping[str, Any]) -> Reading | None:
        """A task's container as the Engine measures it; None for one that has just stopped, which it answers zeros."""
        container = (task["Status"].get("ContainerStatus") or {}).get("ContainerID")
        if not container:
            return None
        try:
            with _asking("the task"):
                path = f"/containers/{quoted(container)}/stats"
                found = self._engine.ask("GET", f"{path}?stream=false&one-shot=true")
        except (OtherWriterError, UnreachableError):
            return None
        used = ((found.get("cpu_stats") or {}).get("cpu_usage") or {}).get("total_usage", 0)
        if not used or str(found.get("read", "")).startswith("0001"):
            return None
        memory = found.get("memory_stats") or {}
        detail = memory.get("stats") or {}
        idle = detail.get("total_inactive_file", detail.get("inactive_file", 0))
        limit = memory.get("limit", 0)
        return Reading(
            _seconds(found["read"]),
            used / _NANO,
            _cores(task, found),
            100.0 * max(0, memory.get("usage", 0) - idle) / limit if limit else None,
        )

    def _place(self, task: Mapping[str, Any], endpoint: Endpoint, gateway: Mapping[str, str]) -> str | None:
        """Address and port of a task's metrics; None where it cannot be reached from here."""
        if self._reaches == "network":
            attached = (one for one in task.get("NetworksAttachments") or [] if self._is_ours(one))
            address = next((one["Addresses"][0].partition("/")[0] for one in attached if one.get("Addresses")), None)
            return None if address is None else f"{address}:{endpoint.port}"
        container = (task["Status"].get("ContainerStatus") or {}).get("ContainerID", "")
        if task.get("NodeID") == self._node:
            published = self._published(container, endpoint.port)
            if published is not None:
                return f"{self._there or _LOOPBACK}:{published}"
            return f"{gateway[container]}:{endpoint.port}" if container in gateway else None
        ports = (task["Status"].get("PortStatus") or {}).get("Ports") or []
        told = {one["PublishedPort"] for one in ports if one.get("TargetPort") == endpoint.port}
        # A free port stands there twice, without addresses: of IPv4 and of IPv6, which may be two. The other one may be
        # another task's.
        return f"{self._address(str(task.get('NodeID', '')))}:{told.pop()}" if len(told) == 1 else None

    def _is_ours(self, attachment: Mapping[str, Any]) -> bool:
        """Whether it is on the network that is known, or on one of the services' at all."""
        network = attachment.get("Network") or {}
        if self._network is None:
            return not (network.get("Spec") or {}).get("Ingress")
        return bool(network.get("ID") == self._network)

    def _published(self, container: str, port: int) -> int | None:
        """The port of this node by which a container's is reached over IPv4."""
        with _asking("the task"):
            found = self._engine.find(f"/containers/{quoted(container)}/json") or {}
        places = (found.get("NetworkSettings") or {}).get("Ports", {}).get(f"{port}/tcp") or []
        return next((int(one["HostPort"]) for one in places if ":" not in one.get("HostIp", "")), None)

    def _address(self, node: str) -> str:
        if node not in self._nodes:
            with _asking("the node"):
                self._nodes[node] = str(self._engine.ask("GET", f"/nodes/{quoted(node)}")["Status"]["Addr"])
        return self._nodes[node]

    def _gateway(self) -> Mapping[str, str]:
        """Addresses of this node's containers on the bridge that each task has beside its overlay network."""
        with _asking("the network"):
            found = self._engine.find(f"/networks/{_GATEWAY}") or {}
        containers = found.get("Containers") or {}
        return {
            name: one["IPv4Address"].partition("/")[0] for name, one in containers.items() if one.get("IPv4Address")
        }


def _read_of(metrics: Sequence[str], read: int, tasks: int, why: str, of: str = "") -> str:
    """What was not read, for a person."""
    return f"{' and '.join(metrics)}: read of {read} of {tasks} tasks{of}, since {why}"


def _elsewhere(address: str) -> str | None:
    """The host of an Engine that is asked over the network; None for one on this machine."""
    host = urlsplit(address).hostname
    return None if host in (None, "localhost", "::1") or str(host).startswith("127.") else host


def _cores(task: Mapping[str, Any], statistics: Mapping[str, Any]) -> float:
    """What 100 % is: the task's limit, else what it has reserved, else its node."""
    resources = (task.get("Spec") or {}).get("Resources") or {}
    for name in ("Limits", "Reservations"):
        nano = (resources.get(name) or {}).get("NanoCPUs")
        if nano:
            return float(nano) / _NANO
    return float((statistics.get("cpu_stats") or {}).get("online_cpus") or 1)


def _seconds(time: str) -> float:
    """Seconds of a time of the Engine, which has nanoseconds."""
    import datetime

    whole, _, fraction = time.rstrip("Z").partition(".")
    return datetime.datetime.fromisoformat(f"{whole}+00:00").timestamp() + float(f"0.{fraction or 0}")


def _fetched(url: str) -> tuple[float, str] | None:
    """When a task's metrics were read, and their text; None where it does not answer in time, or with too much."""
    content = _answered(url, _TIMEOUT)
    return None if content is None else (time.time(), content.decode("utf-8", "replace"))


def _answered(url: str, patience: float) -> bytes | None:
    """The content of a good answer; None for another one, for one that is not whole in so many seconds, however it is
    drawn out, and for one that is larger than `_LARGEST`."""
    parts, deadline = urlsplit(url), time.monotonic() + patience
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    try:
        with closing(kind(str(parts.hostname), parts.port, timeout=patience)) as connection:
            connection.connect()
            # By its socket: an answer without a length takes that away from the connection.
            with _ended(connection.sock, deadline):
                connection.request("GET", parts.path + (f"?{parts.query}" if parts.query else ""))
                answer = connection.getresponse()
                content = answer.read(_LARGEST + 1)
    except (OSError, http.client.HTTPException, ValueError):
        return None
    is_whole = time.monotonic() < deadline and not answer.length and len(content) <= _LARGEST
    return content if is_whole and _GOOD <= answer.status < _ELSEWHERE else None


@contextmanager
def _ended(waiting: socket.socket, deadline: float) -> Iterator[None]:
    """Whatever waits for an answer waits no longer than until then."""

    def end() -> None:
        with suppress(OSError):
            waiting.shutdown(socket.SHUT_RDWR)

    late = threading.Timer(deadline - time.monotonic(), end)
    late.daemon = True
    late.start()
    try:
        yield
    finally:
        late.cancel()


def _merged(known: Reading | None, answer: tuple[float, str], endpoint: Endpoint) -> Reading:
    """A task's reading with what its own metrics say; their time is that of the requests."""
    import dataclasses

    time, text = answer
    names = (endpoint.requests, f"{endpoint.duration}_sum", f"{endpoint.duration}_count", endpoint.average or "")
    sums = counted(text, names, {endpoint.path, *endpoint.ignored}, endpoint.labels)
    requests, seconds, answers, average = sums
    return dataclasses.replace(
        known or Reading(time),
        requests=requests,
        seconds=seconds,
        answers=answers,
        average=average,
        shared=endpoint.service is not None,
    )


_ANY_LABELS: Mapping[str, str] = MappingProxyType({})


def counted(
    text: str, names: Sequence[str], ignored: Collection[str] = (), labels: Mapping[str, str] = _ANY_LABELS
) -> list[float | None]:
    """Sum over all labels of each sample of that name; None where there is none, or the text is none of Prometheus.

    Of a sample that stands twice the first counts, as Prometheus has it; one that is no finite number adds nothing.
    Samples without these `labels` are not looked at; those that have a label of a value in `ignored` add nothing.
    """
    from prometheus_client.parser import text_string_to_metric_families

    found: dict[str, float] = {}
    seen: set[tuple[str, frozenset[tuple[str, str]]]] = set()
    try:
        for family in text_string_to_metric_families(text):
            for sample in family.samples:
                name, which = sample.name, (sample.name, frozenset(sample.labels.items()))
                if math.isfinite(sample.value) and labels.items() <= sample.labels.items() and which not in seen:
                    seen.add(which)
                    counts = not any(value in ignored for value in sample.labels.values())
                    found[name] = found.get(name, 0.0) + (sample.value if counts else 0.0)
    except (ValueError, KeyError, IndexError):
        return [None for _ in names]
    # The parser gives a counter `requests` the name `requests_total`.
    return [found.get(name, found.get(f"{name}_total")) for name in names]


def _value(answer: Any) -> float:
    """The one number of an instant query; NaN for none, or for several, which no rule can mean."""
    try:
        data = answer["data"]
        if data["resultType"] == "scalar":
            return float(data["result"][1])
        values = [float(one["value"][1]) for one in data["result"]]
    except (KeyError, TypeError, IndexError, ValueError):
        return math.nan
    return values[0] if len(values) == 1 and math.isfinite(values[0]) else math.nan


def engine_at(address: str) -> Engine:
    """The Engine that is asked. Raises CannotRun for one that is not in a Swarm, or is no manager."""
    engine = Engine(address)
    try:
        with _asking("the Engine"):
            swarm = engine.ask("GET", "/info")["Swarm"]
    except UnreachableError as error:
        raise CannotRun(str(error)) from None
    if not swarm.get("ControlAvailable"):
        cure = "name one that is by DOCKER_HOST, or `docker swarm init`"
        raise CannotRun(f"the Docker Engine at {address} is no manager of a Swarm: {cure}")
    return engine
