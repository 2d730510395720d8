"""What is known of a unit and of its platform beside a recording: from a settings file, or from the command line."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

import click
from pydantic import ValidationError

from elasticity.recordings.recording import Recording
from elasticity.rules import Unit
from operations import options
from operations.failures import CannotRun
from stacks.settings import load
from stacks.simulation import Simulation, parameters_of
from stacks.workloads import Workload, scaled

_Command = TypeVar("_Command", bound=Callable[..., Any])


@dataclasses.dataclass(frozen=True)
class Known:
    """What is taken as known; both may be empty."""

    unit: Unit
    parameters: Mapping[str, Any]


def given(command: _Command) -> _Command:
    """The options that tell it: `settings`, `service`, `capacity`, `start_up`, `idle_cpu`, `parameters`."""
    for option in reversed(
        (
            click.option(
                "--settings",
                type=options.FILE,
                help="A rules or stack file, as `accordion fit --output` writes one: its unit and its parameters.",
            ),
            options.service,
            click.option("--capacity", help="What one unit serves: 50/s."),
            click.option("--start-up", help="From the decision until a new unit serves: 60s."),
            click.option("--idle-cpu", type=click.FloatRange(0, 100), help="CPU in percent of a unit without load."),
            click.option("--platform-parameter", "parameters", multiple=True, help="Such as publication_delay=150."),
        )
    ):
        command = option(command)
    return command


def known_of(
    recording: Recording,
    settings: Path | None,
    service: str | None,
    unit: Mapping[str, Any],
    parameters: Sequence[str],
) -> Known:
    """What the options say, the command line over the file; raises CannotRun for what is wrong with them."""
    declared, shipped = recording.rules.unit, {}
    if settings is not None:
        workload = _workload(settings, service, recording)
        declared, shipped = workload.rules.unit, dict(workload.conditions.get("parameters") or {})
    return Known(unit_of(declared, unit), {**shipped, **_parameters(parameters, recording.platform)})


def unit_of(declared: Unit, given: Mapping[str, Any]) -> Unit:
    """A unit with what the command line says of it, None for what it does not; raises CannotRun."""
    wanted = {name: value for name, value in given.items() if value is not None}
    try:
        changed = Unit.model_validate(wanted)
    except ValidationError as error:
        lines = [f"--{str(one['loc'][0]).replace('_', '-')}: {one['msg']}" for one in error.errors()]
        raise CannotRun("\n".join(lines)) from None
    return declared.model_copy(update={name: getattr(changed, name) for name in wanted})


def _workload(path: Path, service: str | None, recording: Recording) -> Workload:
    found = scaled(load(path))
    name = service or (recording.workload if recording.workload in found else None)
    if name is None and len(found) == 1:
        (name,) = found
    if name not in found:
        asked = f"no service or group with rules is called {name}" if name else "which one is meant is open"
        raise CannotRun(f"{path}: {asked}: give --service, one of {', '.join(found) or 'none: there are none'}")
    return found[name]


def _parameters(pairs: Sequence[str], platform: str) -> Mapping[str, Any]:
    values: dict[str, Any] = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals:
            raise CannotRun(f"--platform-parameter: got {pair!r}, expected a name and a value, such as drain=60")
        try:
            values[name.strip()] = float(value)
        except ValueError:
            values[name.strip()] = value.strip()
    try:
        simulation = Simulation.model_validate({"parameters": values})
    except ValidationError as error:
        lines = [f"--platform-parameter {one['loc'][1]}: {one['msg']}" for one in error.errors()]
        raise CannotRun("\n".join(dict.fromkeys(lines))) from None
    found, faults = parameters_of(simulation, platform)
    if faults:
        raise CannotRun("\n".join(f"--platform-parameter {fault.path[-1]}: {fault.text}" for fault in faults))
    return found
