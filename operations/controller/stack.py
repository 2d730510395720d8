"""What a controller is told by a stack of composition `private_service`: rules and sources from its stack file, names
of its services in the Swarm from its state."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from components.specs.reverse_proxy import METRICS_PATH, METRICS_PORT
from operations.controller.settings import ControllerSettings, parsed
from operations.declared import exported, read
from operations.failures import CannotRun, as_cannot_run
from stacks.packages import ON_SWARM, packages_of

if TYPE_CHECKING:
    from stacks.outputs import Outputs
    from stacks.private_service.settings import PrivateService, PrivateServiceSettings

_STACK = "pulumi:pulumi:Stack"
_OF_A_PROXY = {
    "requests": "haproxy_backend_http_responses_total",
    "average": "haproxy_backend_response_time_average_seconds",
}
"""HAProxy's own names, each with the label `proxy` of the backend (HAProxy 2.6, addons/promex)."""


@dataclasses.dataclass(frozen=True)
class StackOnSwarm:
    """A stack file, and what its last deployment has exported."""

    file: Path
    settings: PrivateServiceSettings
    outputs: Outputs

    @property
    def names(self) -> dict[str, str]:
        """Names in the Swarm of the services that have rules, by name in the stack file. Raises CannotRun."""
        scaled = [name for name, service in self.settings.services.items() if service.has_rules]
        if not scaled:
            raise CannotRun(f"{self.file}: no service has `elasticity` with rules: nothing scales")
        missing = [name for name in scaled if name not in self.outputs.services]
        if missing:
            raise CannotRun(f"{self.file}: {', '.join(missing)} is not deployed yet: `up` first")
        return {name: str(self.outputs.services[name].service) for name in scaled}

    def controller(self, service: str | None) -> ControllerSettings:
        """All that a controller of the stack, or of one of its services, is told. Raises CannotRun."""
        names = self.names
        if service is not None and service not in names:
            raise CannotRun(f"{self.file}: no service {service!r} has rules: there are {', '.join(names)}")
        chosen = names if service is None else {service: names[service]}
        told = {there: self._service(name, self.settings.services[name]) for name, there in chosen.items()}
        return parsed({"services": told}, str(self.file))

    def _service(self, name: str, service: PrivateService) -> dict[str, Any]:
        from stacks.simulation import parameters_of

        rules = service.elasticity
        if rules is None:
            raise CannotRun(f"{self.file}: services.{name} has no `elasticity`")
        told: dict[str, Any] = {
            "elasticity": rules.model_dump(mode="json", exclude_defaults=True),
            "parameters": parameters_of(service.simulation, "swarm_service")[0],
        }
        endpoint = self._endpoint(name, service)
        return told if endpoint is None else {**told, "endpoint": endpoint}

    def _endpoint(self, name: str, service: PrivateService) -> dict[str, Any] | None:
        """Where requests are counted: by the service itself where it says so, else by the proxy in front."""
        if service.prometheus is not None:
            one = service.prometheus
            port = service.container.ports[one.port].number
            health = [] if service.traffic is None else [service.traffic.health_check.path]
            return {
                "port": port, "path": one.path, "requests": one.requests, "duration": one.duration, "ignored": health,
            }  # fmt: skip
        if service.traffic is None or self.outputs.proxy is None:
            return None
        return {
            "service": str(self.outputs.proxy), "port": METRICS_PORT, "path": METRICS_PATH, "labels": {"proxy": name},
            **_OF_A_PROXY,
        }  # fmt: skip


def is_on_swarm(file: Path) -> bool:
    """Whether a stack file says so; one that is not here, or cannot be read, does not: other stacks need none."""
    return packages_of(file) == ON_SWARM


def stack_on_swarm(file: Path, stack: str, state: Path | None, *, local: bool) -> StackOnSwarm:
    """The stack; raises CannotRun for a stack file that is wrong, and for a stack that is not deployed."""
    with as_cannot_run():
        from stacks.settings import load

        settings: Any = load(file)
    if not is_on_swarm(file):
        raise CannotRun(f"{file} is of composition {settings.composition}: nothing of it runs on a Swarm")
    return StackOnSwarm(file, settings, _outputs(stack, state, local=local))


def _outputs(stack: str, state: Path | None, *, local: bool) -> Outputs:
    from stacks.outputs import Outputs

    found = _state(stack, state, local=local)
    resources = (found.get("deployment") or {}).get("resources") or []
    outputs = next((one.get("outputs") or {} for one in resources if one.get("type") == _STACK), None)
    if outputs is None:
        raise CannotRun(f"stack {stack} is not deployed: its state has no resources")
    try:
        return Outputs.read(outputs)
    except (ValueError, AttributeError, TypeError) as error:
        raise CannotRun(f"the outputs of {stack}: {error}") from None


def _state(stack: str, state: Path | None, *, local: bool) -> Mapping[str, Any]:
    if state is not None:
        return read(state, "a state as `pulumi stack export` writes it")
    if not local:
        return exported(stack)
    from operations.local import cloud_here

    with as_cannot_run():
        return cloud_here().state(stack)
