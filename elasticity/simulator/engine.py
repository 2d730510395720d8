"""Runs the kernel: as plain Python on objects and lists, or compiled on records and arrays; both give the same bits.

Compiling takes seconds, so a single short run never waits for it: plain Python runs where the compiled kernel is
neither in this process nor worth loading. The compiled kernel is kept per user, under a key of the kernel's own
source, numba and the machine.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import importlib
import importlib.metadata
import importlib.util
import inspect
import os
import platform
import sys
import threading
import types
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import platformdirs

from elasticity.autoscaler import decide, formula, initial, layout, log, observe, timetable
from elasticity.autoscaler.layout import Plan, State, Tables
from elasticity.simulator.configuration import Scenario
from elasticity.simulator.held import Held, kernel
from elasticity.simulator.plant import failures, instances, lifecycle, retries, run, service
from elasticity.simulator.plant import state as plant_state
from elasticity.simulator.plant.state import PlantState, Totals

DECLARATIONS = (layout, plant_state)
MODULES = (log, formula, initial, observe, lifecycle, decide, timetable, failures, instances, retries, service, run)
PACKAGES = ("elasticity.autoscaler.", "elasticity.simulator.plant.")
FIRST_NOTES = 4_096
PLAIN_TICKS = 40_000
"""Ticks up to which plain Python answers sooner than a cached kernel is loaded (measured: `python -m
bench.simulator`)."""
PLAIN_TICKS_WITHOUT_CACHE = 2_000_000
"""The same where the kernel would have to be compiled first."""
Reals = npt.NDArray[np.float64]
Counts = npt.NDArray[np.int64]


class Outcome(NamedTuple):
    """What one run gives."""

    recorded: Reals
    """Shape (ticks, plant_state.RECORD); no rows in a sweep."""
    notes: Reals
    """Shape (rows, layout.NOTE)."""
    to_alarm: Counts
    """Reactions by length in ticks, shape (plant_state.REACTION_BINS,)."""
    to_service: Counts
    totals: Mapping[str, float]
    """The fields of `plant.state.Totals`, and the sums over the load."""
    published: Reals
    """Shape (ticks, 2 x kinds of signal) as `held.kernel` writes it; empty where nothing is held."""


class _Compiled:
    """The compiled kernel of this process, made once."""

    lock = threading.Lock()
    run: Callable[..., None] | None = None


SWITCH_OFF = "NUMBA_DISABLE_JIT"
"""Numba's own variable for whoever wants plain Python. Source: numba documentation, environment variables."""


def can_compile() -> bool:
    """Whether numba is installed, as it is with the extra `fast`, and not switched off: else everything runs as plain
    Python."""
    return is_installed() and not is_switched_off()


@functools.cache  # the answer is on disk, and each run asks
def is_installed() -> bool:
    """Whether numba is there."""
    return importlib.util.find_spec("numba") is not None


def is_switched_off() -> bool:
    """Whether the shell says SWITCH_OFF, by a number other than 0 as numba reads it."""
    try:
        return int(os.environ.get(SWITCH_OFF, "0")) != 0
    except ValueError:
        return False


def cache_folder() -> Path:
    """Where the compiled kernel of this source is kept: per user, one folder per version of kernel, numba, Python and
    machine."""
    digest = hashlib.sha256()
    for module in (*DECLARATIONS, *MODULES, sys.modules[__name__]):
        digest.update(Path(inspect.getsourcefile(module) or "").read_bytes())
    for part in (importlib.metadata.version("numba"), sys.version, platform.machine(), platform.processor()):
        digest.update(part.encode())
    root = os.environ.get("ACCORDION_CACHE_DIR") or platformdirs.user_cache_dir("accordion")
    return Path(root) / "kernel" / digest.hexdigest()[:16]


def is_cached() -> bool:
    """Whether a compiled kernel of this source lies in the cache."""
    folder = cache_folder()
    return folder.is_dir() and any(folder.rglob("*.nbc"))


def compiled_run() -> Callable[..., None]:
    """The kernel compiled by numba for the small tables, from the cache where it is there; rare larger tables are
    compiled by the first run that has them. Thread-safe, and of several processes that find nothing in the cache one
    compiles, while the others wait for what it keeps."""
    with _Compiled.lock:
        if _Compiled.run is None:
            made = _dispatcher()
            with _alone():
                made.compile(signature())
            _Compiled.run = made
    return _Compiled.run


@contextlib.contextmanager
def _alone() -> Iterator[None]:
    folder = cache_folder()
    if not os.access(folder, os.W_OK):  # nothing is kept that could be waited for
        yield
        return
    import filelock  # here: plain runs do without

    with filelock.FileLock(folder / "lock"):
        yield


def signature() -> tuple[Any, ...]:
    """The types of the kernel's arguments with the small tables, as numba names them."""
    numba: Any = importlib.import_module("numba")
    reals, counts, shared = np.zeros(0), np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
    shared.flags.writeable = False  # calendars and forecasts, which all rule sets of a load share
    inputs = (reals, reals, counts, reals, shared, shared, counts, counts)
    rings = (reals, counts, counts, counts)
    return tuple(map(numba.typeof, (*map(record, GROUPS), *inputs, *rings, reals, reals)))


def _dispatcher() -> Any:
    numba: Any = importlib.import_module("numba")  # here: it takes 0.4 s that a short run does without

    namespace: dict[str, Any] = {}
    for module in (*DECLARATIONS, *MODULES):
        namespace |= {name: value for name, value in vars(module).items() if not name.startswith("__")}
    functions = {
        name: function
        for name, function in namespace.items()
        if isinstance(function, types.FunctionType) and function.__module__.startswith(PACKAGES)
    }
    folder = cache_folder()
    keeps = True
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        keeps = False  # a home that cannot be written to costs the compilation in each process, nothing else
    before = numba.config.CACHE_DIR, numba.config.DISABLE_JIT
    # Read once, where the dispatcher is made; a file .numba_config.yaml in the folder sets the second as well.
    numba.config.CACHE_DIR, numba.config.DISABLE_JIT = str(folder), 0
    try:
        for name, function in functions.items():
            bound = types.FunctionType(function.__code__, namespace, name, function.__defaults__)
            bound.__qualname__, bound.__module__ = name, function.__module__
            # No reference counts: the kernel allocates nothing, and they would cost most of its time.
            namespace[name] = numba.njit(
                bound,
                cache=keeps and name == "run",
                nogil=True,
                error_model="numpy",
                boundscheck=False,
                _nrt=False,
                forceinline=layout.is_hot(function),
                # Only Python and C callers need them, and they are a third of the time to compile (run).
                no_cpython_wrapper=name != "run",
                no_cfunc_wrapper=name != "run",
            )
    finally:
        numba.config.CACHE_DIR, numba.config.DISABLE_JIT = before
    return namespace["run"]


Sizes = Mapping[str, int]
SIZES: Mapping[str, int] = {**layout.SIZES, **plant_state.SIZES}
"""Lengths of the tables that are as long for every rule set."""
ACTIONS = ("out_actions", "in_actions", "reversals", "flaps")
"""Figures that the autoscaler counts."""


def sizes_for(tables: Mapping[str, Any]) -> Sizes:
    """The smallest sizes that hold a rule set's tables."""
    wanted = {"signal": tables["signals"], "alarm": tables["alarms"], "policy": tables["policies"]}
    wanted |= {"step": len(tables.get("step_change", ())), "code": tables["codes"]}
    return layout.SMALL if all(count <= layout.SMALL[kind] for kind, count in wanted.items()) else layout.LARGE


def _size(group: type, name: str, sizes: Sizes) -> int:
    """Length of a table in a group; 0 for a single number."""
    if name in SIZES:
        return SIZES[name]
    declared: Mapping[str, str] = {}
    if group is State:
        declared = layout.TABLES_OF_STATE
    elif group is Tables:
        declared = layout.TABLES_OF_RULES
    return sizes[declared[name]] if name in declared else 0


def _record_type(group: type, sizes: Sizes) -> np.dtype[Any]:
    """The numpy record of a group: its annotations say which fields are real, `_size` which are tables."""
    fields: list[Any] = []
    for name, annotation in group.__annotations__.items():
        kind = np.float64 if annotation in ("float", "Reals") else np.int64
        size = _size(group, name, sizes)
        fields.append((name, kind, (size,)) if size else (name, kind))
    return np.dtype(fields, align=True)


GROUPS = (Plan, Tables, State, PlantState, Totals)
RECORDS: Mapping[str, Mapping[type, np.dtype[Any]]] = {
    name: {group: _record_type(group, sizes) for group in GROUPS}
    for name, sizes in (("small", layout.SMALL), ("large", layout.LARGE))
}
PLACES: Mapping[str, Mapping[type, Mapping[str, tuple[int, bool]]]] = {
    name: {
        group: {
            field: (offset // 8, kind.base.kind == "f") for field, (kind, offset, *_) in (record.fields or {}).items()
        }
        for group, record in groups.items()
    }
    for name, groups in RECORDS.items()
}
"""Where each field begins in its record, in words of 8 bytes, and whether it is real."""


def plain_object(group: type, values: Any = None, sizes: Sizes = layout.SMALL) -> Any:
    """A group as plain object: zeros, but for the values given."""
    made = group()
    for name, annotation in group.__annotations__.items():
        zero = 0.0 if annotation in ("float", "Reals") else 0
        size = _size(group, name, sizes)
        setattr(made, name, [zero] * size if size else zero)
        if values is not None and name in values:
            given = values[name]
            if size:
                getattr(made, name)[: len(given)] = given
            else:
                setattr(made, name, given)
    return made


def record(group: type, values: Any = None, sizes: Sizes = layout.SMALL) -> npt.NDArray[Any]:
    """A group as the one element of a record array: zeros, but for the values given."""
    kind = "small" if sizes is layout.SMALL else "large"
    made = np.zeros(1, dtype=RECORDS[kind][group])
    if values is None:
        return made
    places = PLACES[kind][group]
    words: Any = made.view(np.int64)  # every field is 8 bytes: far sooner than by name, or by array
    whole: Any = memoryview(words)
    real: Any = whole.cast("B").cast("d")
    for name, given in values.items():
        place, is_real = places[name]
        numbers = real if is_real else whole
        if isinstance(given, list):
            for at, number in enumerate(given, place):
                numbers[at] = number
        else:
            numbers[place] = given
    return made


def use_plain(ticks: int, sizes: Sizes) -> bool:
    """Whether plain Python answers sooner than the compiled kernel, or nothing else can; rare large rule sets are not
    worth compiling."""
    if not can_compile():
        return True
    if sizes is layout.LARGE:
        return ticks <= PLAIN_TICKS_WITHOUT_CACHE
    if _Compiled.run is not None:
        return False
    return ticks <= (PLAIN_TICKS if is_cached() else PLAIN_TICKS_WITHOUT_CACHE)


def rings(scenario: Scenario) -> tuple[int, int, int, int]:
    """Lengths of the rings of datapoints, cohorts, draining cohorts and starting instances."""
    plan = scenario.plan
    cohorts = min(scenario.maximum_units, plan.ticks) + 3
    drains = min(plan.drain // plan.tick, plan.ticks) + 3
    groups = min(plan.instance_maximum, plan.ticks) + 3
    return max(1, scenario.points), cohorts * plant_state.COHORT, drains * plant_state.DRAIN, groups * plant_state.GROUP


def execute(scenario: Scenario, *, compiled: bool | None = None, held: Held | None = None) -> Outcome:
    """Run one scenario; `compiled` None chooses what answers first. Compiling needs numba, and knows nothing that is
    `held`."""
    wanted = use_plain(scenario.plan.ticks, sizes_for(scenario.tables)) if compiled is None else not compiled
    plain = wanted or held is not None
    rows = FIRST_NOTES if scenario.plan.record else 0
    published: list[list[float]] = []
    while True:
        if held is not None:
            published.clear()
            by = kernel(held, [row.name for row in scenario.alarm_rows], published)
            state, plant, totals, recorded, notes = _plain(scenario, rows, by)
        else:
            state, plant, totals, recorded, notes = (_plain if plain else _fast)(scenario, rows)
        written = int(state.notes if plain else state["notes"])
        if written <= rows:
            break
        rows = written
    read = getattr if plain else np.void.__getitem__
    return Outcome(
        recorded=np.asarray(recorded, dtype=np.float64).reshape(-1, plant_state.RECORD),
        notes=np.asarray(notes, dtype=np.float64)[: written * layout.NOTE].reshape(-1, layout.NOTE),
        to_alarm=np.array(read(plant, "to_alarm"), dtype=np.int64),
        to_service=np.array(read(plant, "to_service"), dtype=np.int64),
        published=np.array(published, dtype=np.float64),
        totals={
            **scenario.demand,
            **_numbers(vars(totals).values() if plain else totals.item()),
            **{name: float(read(state, name)) for name in ACTIONS},
        },
    )


def _numbers(totals: Iterable[Any]) -> dict[str, float]:
    return dict(zip(Totals.__annotations__, map(float, totals), strict=True))


def _inputs(scenario: Scenario) -> list[Any]:
    return [
        scenario.rates,
        scenario.window.copy() if scenario.plan.retry_limit else scenario.window,  # a ring is written to
        scenario.needed,
        scenario.columns,
        scenario.calendar,
        scenario.forecasts,
        scenario.pauses,
        scenario.events,
    ]


def _plain(scenario: Scenario, rows: int, call: Callable[..., None] = run.run) -> tuple[Any, Any, Any, Any, Any]:
    sizes = sizes_for(scenario.tables)
    state, plant, totals = plain_object(State, None, sizes), plain_object(PlantState), plain_object(Totals)
    points, *lives = rings(scenario)
    recorded = [0.0] * (scenario.plan.ticks * plant_state.RECORD * scenario.plan.record)
    notes = [0.0] * (rows * layout.NOTE)
    call(
        [scenario.plan],
        [plain_object(Tables, scenario.tables, sizes)],
        [state],
        [plant],
        [totals],
        *(item.tolist() for item in _inputs(scenario)),
        [0.0] * points,
        *([0] * size for size in lives),
        recorded,
        notes,
    )
    return state, plant, totals, recorded, notes


def _fast(scenario: Scenario, rows: int) -> tuple[Any, Any, Any, Any, Any]:
    sizes = sizes_for(scenario.tables)
    state, plant, totals = (record(group, None, sizes) for group in (State, PlantState, Totals))
    points, *lives = rings(scenario)
    recorded = np.zeros(scenario.plan.ticks * plant_state.RECORD * scenario.plan.record)
    notes = np.zeros(rows * layout.NOTE)
    compiled_run()(
        record(Plan, vars(scenario.plan), sizes),
        record(Tables, scenario.tables, sizes),
        state,
        plant,
        totals,
        *_inputs(scenario),
        np.zeros(points),
        *(np.zeros(size, dtype=np.int64) for size in lives),
        recorded,
        notes,
    )
    return state[0], plant[0], totals[0], recorded, notes
