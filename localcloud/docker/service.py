"""Services of a Swarm."""

import time
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from localcloud.docker import rules
from localcloud.docker.codec import nanoseconds
from localcloud.docker.engine import Engine, quoted, registry_auth
from localcloud.docker.kind import Kind
from localcloud.docker.service_spec import SERVICE as FORM
from localcloud.docker.service_spec import replicas_of
from localcloud.provider import compare, wire
from localcloud.provider.naming import Naming
from localcloud.provider.plan import Properties
from localcloud.provider.resource import Caller, Faults, Orphaned, Props, Refused

_POLL = 0.5  # seconds between looks at the tasks
_TIMEOUT = "3m"  # the official provider's
_TRIES = 5  # of a write that another one was faster than
_OUT_OF_SEQUENCE = "update out of sequence"
_OVER = {"paused", "rollback_completed", "rollback_paused"}
"""States of an update that will not be done any more."""
_FAILED = {"failed", "rejected"}
_ENDED_BY_ITSELF = "a task ended by itself with exit code 0"
_REPLACES_TASKS = ("ContainerSpec", "Resources", "RestartPolicy", "LogDriver")
"""Parts of a task's specification that no task keeps running with another value of (run: docs/decisions/0042)."""


class Service(Kind):
    """A service; an update sends what the program says, whole."""

    listed = "/services"
    naming = Naming("name", longest=63)
    rules = rules.SERVICE
    unserved = MappingProxyType({"taskSpec.containerSpec.privileges.credentialSpec": "it is for containers of Windows"})
    properties = Properties(
        force_new=frozenset(
            {
                "name",
                "auth",
                "mode.global",
                "taskSpec.networksAdvanceds",
                "taskSpec.containerSpec.hosts",
                "taskSpec.containerSpec.sysctl",
            }
        ),
        defaults=FORM.defaults,
        computed=frozenset(
            {
                "labels",
                "endpointSpec",
                "endpointSpec.mode",
                "endpointSpec.ports.publishedPort",
                "taskSpec.forceUpdate",
                "taskSpec.placement",
                "taskSpec.resources",
                "taskSpec.restartPolicy",
                "taskSpec.containerSpec.dnsConfig",
                "taskSpec.containerSpec.healthcheck",
                "taskSpec.containerSpec.stopGracePeriod",
            }
        ),
        unordered=FORM.unordered,
        normalize=FORM.normalize,
        sensitive=frozenset({"auth.password"}),
        write_only=frozenset({"auth", "convergeConfig"}),
    )

    def contradictions(self, news: Props) -> Faults:
        """What excludes each other."""
        return rules.of_service(news)

    def changes(self, session: Engine, old: Props, new: Props, state: Props) -> Iterable[compare.Change]:
        """Every changed leaf; the kind of a mode that is left out is told too, since a change of it replaces. A network
        by its name is the one of that id."""
        if _words(old) != _words(new):
            old, new = _by_id(session, old), _by_id(session, new)
        return super().changes(session, _with_mode(old), _with_mode(new), state)

    def make(self, session: Engine, inputs: Props, caller: Caller) -> tuple[str, Props]:
        """Make it; with `convergeConfig` wait until its tasks run. One that does not come up is deleted again."""
        auth = registry_auth(inputs.get("auth"))
        made = session.ask("POST", "/services/create", _encoded(inputs), auth)["ID"]
        try:
            if inputs.get("convergeConfig") is not None:
                _converge(session, made, inputs, caller)
            return made, self.in_the_words_of(inputs, self.live(session, made, inputs) or {}) | _of_provider(inputs)
        except Exception as error:
            try:
                session.remove(f"/services/{quoted(made)}")
            except Exception:  # noqa: BLE001 -- whatever keeps it, it is there
                raise Orphaned(str(error), made, inputs) from None
            raise

    def update(self, session: Engine, resource_id: str, old: Props, new: Props, state: Props, caller: Caller) -> Props:
        """Send the whole specification, at the version that is there."""
        auth = registry_auth(new.get("auth"))
        _write(session, resource_id, new, auth)
        if new.get("convergeConfig") is not None:
            _converge(session, resource_id, new, caller)
        return self.in_the_words_of(new, self.live(session, resource_id, new) or {}) | _of_provider(new)

    def delete(self, session: Engine, resource_id: str, state: Props) -> None:
        """Delete it; with a grace period, wait as long as that for its containers to end."""
        session.remove(f"/services/{quoted(resource_id)}")
        grace = compare.at(state, "taskSpec.containerSpec.stopGracePeriod")
        deadline = time.monotonic() + (nanoseconds(str(grace)) / 1e9 if grace else 0)
        while time.monotonic() < deadline and _containers(session, resource_id):
            time.sleep(_POLL)

    def live(self, session: Engine, resource_id: str, asked: Props) -> Props | None:
        """The service's specification."""
        found = session.find(f"/services/{quoted(resource_id)}")
        if found is None:
            return None
        live = FORM.decode(found["Spec"])
        task = live.get("taskSpec") or {}
        if networks := task.get("networksAdvanceds"):
            asked_of = compare.at(asked, "taskSpec.networksAdvanceds") or ()
            task["networksAdvanceds"] = [_network(session, each, asked_of) for each in networks]
        return live


def _networks(props: Props) -> Sequence[Mapping[str, Any]]:
    found = compare.at(props, "taskSpec.networksAdvanceds")
    return [each for each in found if isinstance(each, dict)] if isinstance(found, list | tuple) else ()


def _words(props: Props) -> list[tuple[Any, Any]]:
    return [(each.get("id"), each.get("name")) for each in _networks(props)]


def _identity(network: Mapping[str, Any]) -> Any:
    """What names a network: its id or its name, not known yet where another resource makes it."""
    return network.get("id") or network.get("name")


def _by_id(session: Engine, props: Props) -> Props:
    """The same properties with each network by its id, as far as the Engine knows it."""
    made = []
    for each in _networks(props):
        rest = {name: value for name, value in each.items() if name not in ("id", "name")}
        known = _identity(each)
        found = (
            session.find(f"/networks/{quoted(known)}") if isinstance(known, str) and not wire.unknowns(known) else None
        )
        made.append({**rest, "id": found["Id"] if found else known})
    return compare.put(props, "taskSpec.networksAdvanceds", made) if made else props


def _with_mode(props: Props) -> Props:
    replicas = replicas_of(props)
    mode = {"global": True} if replicas is None else {"replicated": {"replicas": replicas}}
    return {**props, "mode": mode}


def _of_provider(inputs: Props) -> Props:
    """What is the provider's alone: no answer of the Engine has it."""
    return {name: inputs[name] for name in ("auth", "convergeConfig") if inputs.get(name) is not None}


def _encoded(props: Props) -> dict[str, Any]:
    """The specification; a network is named by its id where the program has both."""
    task = dict(props["taskSpec"])
    if task.get("networksAdvanceds"):
        networks = task["networksAdvanceds"]
        task["networksAdvanceds"] = [{**each, "name": _identity(each)} for each in networks]
    return FORM.encode({**props, "taskSpec": task})


def _network(session: Engine, live: Props, asked: Iterable[Mapping[str, Any]]) -> Props:
    """A network that a service is in, as the program names it: by id or by name, in either property. Where it does not,
    by id, as the official provider reads it."""
    identity = live.pop("name")
    found = session.find(f"/networks/{quoted(identity)}") or {}
    words = {identity, found.get("Name")}
    for each in asked:
        given = {name: each[name] for name in ("id", "name") if each.get(name) in words}
        if given:
            return live | given
    return live | {"id": identity}


def _write(session: Engine, service: str, props: Props, auth: Mapping[str, str]) -> None:
    """Write a specification at the version that is there, again where another writer was faster."""
    from docker.errors import APIError

    for attempt in range(_TRIES):
        there = session.ask("GET", f"/services/{quoted(service)}")
        spec = _encoded(props)
        _keep_or_force(spec, there["Spec"], props)
        index = there["Version"]["Index"]
        try:
            session.ask("POST", f"/services/{quoted(service)}/update", spec, auth, version=index)
        except APIError as error:
            if _OUT_OF_SEQUENCE not in str(error.explanation) or attempt == _TRIES - 1:
                raise
        else:
            return


def _keep_or_force(spec: dict[str, Any], there: Mapping[str, Any], props: Props) -> None:
    """Where the program leaves the number open: keep it, since another one replaces every task; one more where ports
    change, since that reaches no task by itself once a placement constraint was added (run on 20.10)."""
    if compare.at(props, "taskSpec.forceUpdate") is not None:
        return
    number = there["TaskTemplate"].get("ForceUpdate", 0)
    ports = [(each.get("EndpointSpec") or {}).get("Ports") or [] for each in (spec, there)]
    spec["TaskTemplate"]["ForceUpdate"] = number + (ports[0] != ports[1])


def _tasks(session: Engine, service: str) -> list[dict[str, Any]]:
    return list(session.ask("GET", "/tasks", filters={"service": [service]}))


def _containers(session: Engine, service: str) -> list[dict[str, Any]]:
    """Containers of a service on this node that are there still: tasks of one that is deleted cannot be asked for."""
    mine = {"label": [f"com.docker.swarm.service.id={service}"]}
    return list(session.ask("GET", "/containers/json", all=True, filters=mine))


def _converge(session: Engine, service: str, props: Props, caller: Caller) -> None:
    """Wait until as many tasks as wanted run what is declared.

    Raises: Refused when they do not within `convergeConfig.timeout`, or when the Engine has given up.
    """
    timeout = str(compare.at(props, "convergeConfig.timeout") or _TIMEOUT)
    deadline = time.monotonic() + nanoseconds(timeout) / 1e9
    wanted = replicas_of(props) or 0
    while True:
        found = session.ask("GET", f"/services/{quoted(service)}")
        status = found.get("UpdateStatus") or {}
        tasks = _tasks(session, service)
        if status.get("State") in _OVER:
            raise Refused(f"its update ended as {status['State']}: {status.get('Message', '')}{_why(tasks)}")
        # A slot may have two tasks for a while, and after a hard kill of the Engine for longer (run on 20.10).
        running = {
            task.get("Slot") or task.get("NodeID") for task in tasks if _runs(task, found["Spec"]["TaskTemplate"])
        }
        if len(running) >= wanted and status.get("State") in (None, "completed"):
            return
        told = f"{len(running)} of {wanted} tasks run"
        if caller.cancelled.is_set():
            raise Refused(f"stopped while waiting: {told}")
        if time.monotonic() > deadline:
            raise Refused(f"did not converge within {timeout}: {told}{_why(tasks)}")
        caller.cancelled.wait(_POLL)


def _runs(task: Mapping[str, Any], template: Mapping[str, Any]) -> bool:
    """Whether a task runs, is meant to, and is made of the current specification: right after a write the tasks of
    before run, and nothing of the service says so yet.

    The Engine leaves tasks alone where a change needs no new one, such as a placement that their nodes fulfil.
    """
    if task["DesiredState"] != "running" or task["Status"]["State"] != "running":
        return False
    made_of = task["Spec"]
    return made_of.get("ForceUpdate", 0) == template.get("ForceUpdate", 0) and all(
        made_of.get(part) == template.get(part) for part in _REPLACES_TASKS
    )


def _why(tasks: Iterable[Mapping[str, Any]]) -> str:
    """What the Engine says of tasks that do not run, each sentence once."""
    told = [
        _ENDED_BY_ITSELF
        if task["Status"]["State"] == "complete"
        else task["Status"].get("Err") or task["Status"].get("Message") or ""
        for task in sorted(tasks, key=lambda task: task["UpdatedAt"], reverse=True)
        if task["Status"]["State"] in _FAILED | {"complete"} or "no suitable node" in task["Status"].get("Err", "")
    ]
    return "".join(f"; {each}" for each in list(dict.fromkeys(filter(None, told)))[:3])


SERVICE = Service("docker:index/service:Service")
