"""The workloads that a command was asked about, by the name that was typed."""

from __future__ import annotations

import difflib

from operations.failures import CannotRun
from stacks.compositions import Settings
from stacks.workloads import Workload, scaled


def chosen(settings: Settings, name: str | None, where: str) -> list[Workload]:
    """The workload of that name, or all that have rules; raises CannotRun that names the nearest."""
    found = scaled(settings)
    if not found:
        raise CannotRun(f"{where}: nothing scales here: no service or group has `elasticity`")
    if name is None:
        return list(found.values())
    if name not in found:
        near = difflib.get_close_matches(name, found, 1)
        hint = f"did you mean {near[0]}" if near else f"allowed {', '.join(found)}"
        raise CannotRun(f"{where}: no service or group with rules is called {name}; {hint}")
    return [found[name]]
