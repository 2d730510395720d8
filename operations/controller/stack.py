"""What a controller is told by a stack of composition `private_service`: rules and sources from its stack file, names
of its services in the Swarm from its state."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from operations.controller.settings import ControllerSettings, parsed
from operations.declared import exported, on_this_machine, read
from operations.failures import CannotRun, as_cannot_run
from stacks.packages import ON_SWARM, packages_of

if TYPE_CHECKING:
    from stacks.outputs import Outputs
    from stacks.private_service.settings import PrivateServiceSettings

_STACK = "pulumi:pulumi:Stack"


@dataclasses.dataclass(frozen=True)
class StackOnSwarm:
    """A stack file, and what its last deployment has exported."""

    file: Path
    settings: PrivateServiceSettings
    outputs: Outputs

    @property
    def names(self) -> dict[str, str]:
        """Names in the Swarm of the services that have rules, by name in the stack file. Raises CannotRun."""
        scaled = self.settings.scaled
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
        from stacks.private_service.controlled import told

        proxy = self.outputs.proxy
        return parsed(told(self.settings, chosen, None if proxy is None else str(proxy)), str(self.file))


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
    return on_this_machine(stack) if local else exported(stack)
