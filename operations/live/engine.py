"""A Docker Engine that answers calls as AWS does: what runs of a stack on a Swarm, and what its tasks said."""

from __future__ import annotations

import datetime
import os
import struct
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from components.specs.swarm_service import DECLARED
from operations.failures import CannotRun
from operations.live.answers import Items, Unanswered
from operations.live.calls import Call
from operations.live.day_to_day import LOG_EVENTS

if TYPE_CHECKING:
    from localcloud.docker.engine import Engine

# The client of the Engine brings Pulumi and gRPC: whoever asks for AWS has this module for its calls alone.

SOCKET = "unix:///var/run/docker.sock"
"""Where Docker's own tools look when nobody says otherwise."""

IMAGES = Call("docker", "find_image", None, ("Id",), right="")
"""Of one reference, on this Engine or in its registry; nothing where it is in neither."""
ENGINE = Call("docker", "show_engine", None, ("Swarm", "Address"), right="")
SERVICES = Call("docker", "list_services", None, ("ID", "Spec", "UpdateStatus", "CreatedAt", "UpdatedAt"), right="")
TASKS = Call(
    "docker", "list_tasks", None, ("ID", "Spec", "Status", "DesiredState", "Slot", "NodeID", "CreatedAt"), right=""
)
SECRETS = Call("docker", "list_secrets", None, ("ID", "Spec", "CreatedAt"), right="")
CONFIGS = Call("docker", "list_configs", None, ("ID", "Spec", "CreatedAt"), right="")
NETWORKS = Call("docker", "list_networks", None, ("Id", "Name"), right="")
NODES = Call("docker", "list_nodes", None, ("ID", "Description"), right="")
VARIABLES = Call("docker", "list_variables", None, ("Name", "Value"), right="")
"""Of a service's tasks, the one that is named, and no other."""
RUN_ONCE = Call("docker", "run_once", None, ("ID", "Name"), right="", writes=True)
"""One task of a service's specification with another command, as a service of its own."""
REMOVE_SERVICE = Call("docker", "remove_service", None, (), right="", writes=True)
_PATHS = {
    "list_services": "/services",
    "list_tasks": "/tasks",
    "list_networks": "/networks",
    "list_configs": "/configs",
    "list_nodes": "/nodes",
    "list_secrets": "/secrets",
}
_HEADER = struct.Struct(">BxxxL")
"""Before each piece of a log: its stream, and how many bytes it has (Engine API, ContainerAttach)."""
_TASK = "com.docker.swarm.task.id="


def engine_answers(*, local: bool) -> EngineAnswers:
    """The Engine of this checkout, or that of DOCKER_HOST, else where Docker's own tools look. Raises CannotRun."""
    from localcloud.docker.engine import NONE_HERE
    from localcloud.docker.running import DOCKER, VARIABLE
    from operations.live.swarm import engine_at

    address = DOCKER.address(os.environ) if local else os.environ.get(VARIABLE) or SOCKET
    if address is None:
        raise CannotRun(NONE_HERE)
    return EngineAnswers(engine_at(address))


class EngineAnswers:
    """Calls to the manager of a Swarm."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def ask(self, call: Call, **parameters: Any) -> Items:
        """What the Engine lists; `parameters` are its filters. Raises Unanswered."""
        from localcloud.docker.engine import explain

        own: Mapping[Call, Callable[..., Items]] = {
            LOG_EVENTS: self._logged, IMAGES: self._image, ENGINE: self._own, RUN_ONCE: self._run_once,
            REMOVE_SERVICE: self._remove, VARIABLES: self._variables,
        }  # fmt: skip
        try:
            found = (
                self._engine.ask("GET", _PATHS[call.operation], filters=parameters)
                if call not in own
                else own[call](**parameters)
            )
        except Exception as error:
            if (said := explain(error)) is None:
                raise
            raise Unanswered(call, "unreachable", said) from None
        return [_without_environment(kept) for one in found for kept in (call.keep(one) if call.kept else [one])]

    def _logged(self, **asked: Any) -> Items:
        return [{"events": list(self._events(**asked))}]

    def _image(self, name: str) -> Items:
        from localcloud.docker.engine import quoted

        here = self._engine.find(f"/images/{quoted(name)}/json")
        digest = None if here is not None else self._engine.digest(name, None)
        return [one for one in (here, {"Id": digest} if digest else None) if one is not None]

    def _own(self) -> Items:
        return [{**self._engine.ask("GET", "/info"), "Address": self._engine.address}]

    def _variables(self, service: str, name: str) -> Items:
        from localcloud.docker.engine import quoted

        live = self._engine.ask("GET", f"/services/{quoted(service)}")["Spec"]
        given = dict(one.partition("=")[::2] for one in live["TaskTemplate"]["ContainerSpec"].get("Env") or ())
        return [{"Name": name, "Value": given[name]}] if name in given else []

    def _remove(self, id: str) -> Items:  # noqa: A002 -- as the Engine names it
        from localcloud.docker.engine import quoted

        self._engine.remove(f"/services/{quoted(id)}")
        return []

    def _run_once(self, service: str, command: Sequence[str]) -> Items:
        """The specification of the tasks as it is, their environment and secrets with it, which so leave the Engine
        for nobody; without a name on the network, by which others would reach it, and without a health check."""
        from localcloud.docker.engine import quoted

        live = self._engine.ask("GET", f"/services/{quoted(service)}")["Spec"]
        template = {**live["TaskTemplate"], "RestartPolicy": {"Condition": "none"}}
        template["ContainerSpec"] = {
            **template["ContainerSpec"], "Args": list(command), "Healthcheck": {"Test": ["NONE"]},
        }  # fmt: skip
        template["Networks"] = [{"Target": one["Target"]} for one in template.get("Networks") or []]
        name = f"{live['Name'][:50]}-run-{uuid.uuid4().hex[:6]}"
        labels = {key: value for key, value in (live.get("Labels") or {}).items() if key != DECLARED}
        mode = {"Replicated": {"Replicas": 1}}
        spec = {
            "Name": name,
            "Labels": labels,
            "TaskTemplate": template,
            "Mode": mode,
            "EndpointSpec": {"Mode": "dnsrr"},
        }
        return [{"ID": self._engine.ask("POST", "/services/create", spec)["ID"], "Name": name}]

    def _events(self, logGroupName: str, startTime: int, filterPattern: str = "") -> Iterator[dict[str, Any]]:  # noqa: N803 -- as CloudWatch names them
        """Lines of a service's tasks since a moment in milliseconds, that hold a text."""
        if filterPattern.startswith(("{", "[", "?", "%")):
            raise CannotRun(f"--filter: {filterPattern!r}: the Engine looks for a text and nothing else, such as ERROR")
        from localcloud.docker.engine import quoted

        path = f"/services/{quoted(logGroupName)}/logs"
        asked = {"stdout": 1, "stderr": 1, "timestamps": 1, "details": 1, "since": startTime // 1000}
        answer = self._engine.api.get(self._engine.url(path), params=asked, timeout=60)
        answer.raise_for_status()
        for number, line in enumerate(lines_of(answer.content)):
            moment, _, rest = line.partition(" ")
            details, _, message = rest.partition(" ")
            at = datetime.datetime.fromisoformat(f"{moment[:26].rstrip('Z')}+00:00").timestamp()
            if at * 1000 >= startTime and filterPattern.strip('"') in message:
                task = next((part.removeprefix(_TASK) for part in details.split(",") if part.startswith(_TASK)), "")
                event = f"{task}/{moment}/{number}"
                yield {"timestamp": at * 1000, "message": message, "logStreamName": task, "eventId": event}


def lines_of(content: bytes) -> Iterator[str]:
    """The lines of a log with the headers of its pieces; a piece that is cut short ends it."""
    place = 0
    while place + _HEADER.size <= len(content):
        _, size = _HEADER.unpack_from(content, place)
        place += _HEADER.size
        yield from content[place : place + size].decode(errors="replace").splitlines()
        place += size


def _without_environment(item: dict[str, Any]) -> dict[str, Any]:
    """Without the variables of containers: what is not kept can be neither told nor saved."""
    spec = item.get("Spec")
    if not isinstance(spec, Mapping):
        return item
    task = spec.get("TaskTemplate", spec)
    if not isinstance(task.get("ContainerSpec"), Mapping):
        return item
    container = {name: value for name, value in (task.get("ContainerSpec") or {}).items() if name != "Env"}
    task = {**task, "ContainerSpec": container}
    return {**item, "Spec": {**spec, "TaskTemplate": task} if "TaskTemplate" in spec else task}
