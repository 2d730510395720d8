"""Runs the kernel: as plain Python on lists, or compiled on numpy arrays; both give the same bits.

Compiling takes seconds, so a single short run never waits for it: plain Python runs where the compiled kernel is neither in this
process nor worth loading. The compiled kernel is kept per user, under a key of the kernel's own source, numba and the machine.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import inspect
import os
import platform
import sys
import threading
import types
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import numpy as np
import platformdirs

from elasticity.simulator.configuration import Scenario
from elasticity.simulator.kernel import calendar, decide, instances, layout, lifecycle, log, observe, run, service
from elasticity.simulator.kernel.layout import Notes, Reactions, Recorded, Work

Group = TypeVar("Group", bound=tuple[Any, ...])
MODULES = (log, observe, lifecycle, decide, calendar, instances, service, run)
FIRST_NOTES = 4_096
PLAIN_TICKS = 150_000
"""Ticks up to which plain Python answers before a cached kernel is loaded (about 6 microseconds a tick against 0.9 s)."""
PLAIN_TICKS_WITHOUT_CACHE = 3_000_000
"""The same where the kernel would have to be compiled first."""


class Outcome(NamedTuple):
    """What one run gives, as numpy arrays."""

    recorded: Recorded
    notes: Notes
    reactions: Reactions
    totals: Any
    state: Any


class _Compiled:
    """The compiled kernel of this process, made once."""

    lock = threading.Lock()
    run: Callable[..., None] | None = None


def cache_folder() -> Path:
    """Where the compiled kernel of this source is kept: per user, one folder per version of kernel, numba, Python and machine."""
    numba_version = importlib.metadata.version("numba")
    digest = hashlib.sha256()
    for module in (layout, *MODULES):
        digest.update(Path(inspect.getsourcefile(module) or "").read_bytes())
    for part in (numba_version, sys.version, platform.machine(), platform.processor()):
        digest.update(part.encode())
    root = os.environ.get("ACCORDION_CACHE_DIR") or platformdirs.user_cache_dir("accordion")
    return Path(root) / "kernel" / digest.hexdigest()[:16]


def is_cached() -> bool:
    """Whether a compiled kernel of this source lies in the cache."""
    folder = cache_folder()
    return folder.is_dir() and any(folder.rglob("*.nbc"))


def compiled_run() -> Callable[..., None]:
    """The kernel compiled by numba, from the cache where it is there; about 15 s where it is not. Thread-safe."""
    with _Compiled.lock:
        if _Compiled.run is None:
            _Compiled.run = _compile()
    return _Compiled.run


def _compile() -> Callable[..., None]:
    import numba  # noqa: PLC0415 # 0.4 s, and a short run does without

    functions = {
        name: function
        for module in MODULES
        for name, function in vars(module).items()
        if isinstance(function, types.FunctionType) and function.__module__ == module.__name__
    }
    namespace: dict[str, Any] = {}
    for module in (layout, *MODULES):
        namespace |= {name: value for name, value in vars(module).items() if not name.startswith("__")}
    folder = cache_folder()
    folder.mkdir(parents=True, exist_ok=True)
    before = numba.config.CACHE_DIR
    numba.config.CACHE_DIR = str(folder)  # read once, where the dispatcher is made
    try:
        for name, function in functions.items():
            bound = types.FunctionType(function.__code__, namespace, name, function.__defaults__)
            bound.__qualname__, bound.__module__ = name, function.__module__
            namespace[name] = numba.njit(
                bound, cache=name == "run", nogil=True, error_model="numpy", boundscheck=False
            )
    finally:
        numba.config.CACHE_DIR = before
    compiled: Callable[..., None] = namespace["run"]
    return compiled


def workspace(scenario: Scenario, *, plain: bool) -> Work:
    """Room for one run: lists for plain Python, arrays for the compiled kernel."""
    plan, signals = scenario.plan, len(scenario.signals.kind)
    alarms, policies = len(scenario.alarm_rows), len(scenario.policy_rows)
    cohorts = min(scenario.most_units, plan.ticks) + 3
    drains = min(scenario.most_units + plan.drain // plan.tick, plan.ticks) + 3
    groups = min(plan.instance_maximum, plan.ticks) + 3
    sizes = {
        "state": layout.STATE_SIZE,
        "flow": 2,
        "values": layout.COLUMN + 1,
        "weights": layout.COLUMN + 1,
        "points": max(1, scenario.points),
        **dict.fromkeys(
            ("origin", "deviation", "weight", "next_close", "next_evaluation", "closed", "seen", "unbroken", "newest"), signals
        ),
        **dict.fromkeys(("breaches", "alarm", "invoked"), alarms),
        **dict.fromkeys(("proposal", "noted"), policies),
        **dict.fromkeys(("launched", "ready", "warm", "count"), cohorts),
        **dict.fromkeys(("drain_end", "drain_count"), drains),
        **dict.fromkeys(("instance_ready", "instance_count"), groups),
    }
    return _room(Work, sizes, plain)


def _room(group: type[Group], sizes: dict[str, int], plain: bool) -> Group:
    """A group of arrays of the sizes given, reals or integers as the group says."""
    arrays = []
    for name, annotation in group.__annotations__.items():
        is_real = "Reals" in str(annotation)
        if plain:
            arrays.append([0.0 if is_real else 0] * sizes[name])
        else:
            arrays.append(np.zeros(sizes[name], dtype=np.float64 if is_real else np.int64))  # type: ignore[arg-type]
    return group(*arrays)


def _as_lists(group: Group) -> Group:
    return type(group)(*(item.tolist() for item in group))


def _as_arrays(group: Group) -> Group:
    """Every list of a group as an array, reals or integers as the group says."""
    return type(group)(
        *(
            np.asarray(item, dtype=np.float64 if "Reals" in str(annotation) else np.int64)
            for item, annotation in zip(group, type(group).__annotations__.values(), strict=True)
        )
    )


def use_plain(ticks: int) -> bool:
    """Whether plain Python answers sooner than the compiled kernel would."""
    if _Compiled.run is not None:
        return False
    return ticks <= (PLAIN_TICKS if is_cached() else PLAIN_TICKS_WITHOUT_CACHE)


def results(scenario: Scenario, notes: int, *, plain: bool) -> tuple[Recorded, Notes, Reactions, Any]:
    """Room for what a run writes."""
    ticks = scenario.plan.ticks if scenario.plan.record else 0
    recorded = _room(Recorded, dict.fromkeys(Recorded._fields, ticks), plain)
    log_rows = _room(Notes, dict.fromkeys(Notes._fields, notes), plain)
    reactions = _room(Reactions, dict.fromkeys(Reactions._fields, layout.REACTION_BINS), plain)
    totals = [0.0] * layout.TOTALS_SIZE if plain else np.zeros(layout.TOTALS_SIZE)
    return recorded, log_rows, reactions, totals


def execute(scenario: Scenario, *, compiled: bool | None = None) -> Outcome:
    """Run one scenario with its timeline; `compiled` None chooses what answers first."""
    plain = use_plain(scenario.plan.ticks) if compiled is None else not compiled
    inputs: list[Any] = [
        scenario.loads, scenario.signals, scenario.alarms, scenario.policies, scenario.steps, scenario.calendar,
        scenario.forecasts, scenario.pauses,
    ]  # fmt: skip
    if plain:
        inputs = [_as_lists(group) for group in inputs]
    call: Callable[..., None] = run.run if plain else compiled_run()
    room = FIRST_NOTES if scenario.plan.record else 0
    while True:
        work = workspace(scenario, plain=plain)
        recorded, notes, reactions, totals = results(scenario, room, plain=plain)
        call(scenario.plan, *inputs, work, recorded, notes, reactions, totals)
        written = work.state[layout.NOTES]
        if written <= room:
            break
        room = int(written)
    notes = Notes(*(item[:written] for item in notes))
    return Outcome(
        _as_arrays(recorded), _as_arrays(notes), _as_arrays(reactions), np.asarray(totals), np.asarray(work.state)
    )
