"""Many services on their loads: a fleet evaluated piece by piece, in this process or wherever an executor runs it.

A `Case` is everything that figures depend on, and can be sent to another process. Memory does not grow with the number
of cases: an executor takes them from an iterator a few at a time, and what remains of each is its figures.
"""

from __future__ import annotations

import collections
import concurrent.futures
import dataclasses
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Generic, Protocol, TypeVar

import numpy as np

from elasticity.pricing import Prices
from elasticity.rules import Elasticity
from elasticity.simulator import FIGURES, SimulationError, simulate_many
from elasticity.simulator.figures import Figures, Tariff
from elasticity.traces import Load, Reals

_Item = TypeVar("_Item")
_Result = TypeVar("_Result")
_Answer = TypeVar("_Answer", covariant=True)
IN_FLIGHT = 2
"""Items per worker that are submitted and not yet collected: enough to keep it busy, few enough to keep memory flat."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Case:
    """One service or group, with the loads that it is tried on."""

    name: str
    rules: Elasticity
    loads: tuple[Load, ...]
    ticks: tuple[int, ...]
    """Seconds of a time step, one for each load."""
    platform: str = "ecs_service"
    options: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    """Further fields of `elasticity.simulator.Conditions`."""
    tariff: Tariff | None = None
    """From mean billed units to the price of a unit-hour; without it nothing has a cost."""
    prices: Prices | None = None
    """Of what the rules need beside the units; without it the shipped table of us-east-1."""

    def __post_init__(self) -> None:
        if len(self.ticks) != len(self.loads):
            raise ValueError(
                f"{self.name}: got {len(self.ticks)} ticks, expected one for each of {len(self.loads)} loads"
            )


def figures(case: Case, rule_sets: Sequence[Elasticity] | None = None, workers: int | None = None) -> dict[str, Reals]:
    """Every figure of `elasticity.simulator.FIGURES` for each rule set on each load of the case, arrays of shape (rule
    sets, loads), NaN where there is none; without rule sets those of the case.

    `workers` threads, by default one per core; the figures do not depend on them. Raises SimulationError that names the
    case and the load.
    """
    sets = [case.rules] if rule_sets is None else list(rule_sets)
    found = {name: np.full((len(sets), len(case.loads)), np.nan) for name in FIGURES}
    for tick in dict.fromkeys(case.ticks):
        columns = [column for column, own in enumerate(case.ticks) if own == tick]
        try:
            sweep = simulate_many(
                sets,
                [case.loads[column] for column in columns],
                platform=case.platform,
                tick=tick,
                unit_price=case.tariff,
                prices=case.prices,
                workers=workers or os.cpu_count(),
                **case.options,
            )
        except SimulationError as error:
            lines = dict.fromkeys(_without_place(line) for line in str(error).splitlines())
            raise SimulationError("\n".join(f"{case.name}: {line}" for line in lines)) from None
        for name, values in sweep.figures.items():
            found[name][:, columns] = values
    return found


def _without_place(line: str) -> str:
    """A fault of `simulate_many` without the numbers of rule set and load, which a reader has never seen."""
    place, colon, rest = line.partition(": ")
    return rest if colon and place.startswith("rule set ") else line


@dataclasses.dataclass(frozen=True)
class Row:
    """One service on one load: its figures, or why there are none."""

    case: str
    load: str
    figures: Mapping[str, float | None]
    fault: str = ""


def rows(case: Case) -> list[Row]:
    """A row for each load of the case, on one core: the cores belong to the other cases. A case that cannot be
    simulated gives one row with the fault, so that it does not stop the fleet."""
    try:
        found = figures(case, workers=1)
    except SimulationError as error:
        return [Row(case.name, "", {}, str(error))]
    return [Row(case.name, load.name, _row(found, column)) for column, load in enumerate(case.loads)]


def _row(found: Mapping[str, Reals], column: int) -> Figures:
    values = {name: float(array[0, column]) for name, array in found.items()}
    return {name: None if np.isnan(value) else value for name, value in values.items()}


class Executor(Protocol):
    """Runs a function on many items somewhere."""

    def map(self, function: Callable[[_Item], _Result], items: Iterable[_Item]) -> Iterator[_Result]:
        """The results in the order of the items; takes an item only when a worker is nearly ready for it."""
        ...


class _Pending(Protocol, Generic[_Answer]):
    def result(self) -> _Answer: ...


def collected(
    submit: Callable[[_Item], _Pending[_Result]], items: Iterable[_Item], in_flight: int
) -> Iterator[_Result]:
    """The results of `submit` in the order of the items, never more than `in_flight` items at once."""
    pending: collections.deque[_Pending[_Result]] = collections.deque()
    for item in items:
        if len(pending) >= in_flight:
            yield pending.popleft().result()
        pending.append(submit(item))
    while pending:
        yield pending.popleft().result()


@dataclasses.dataclass(frozen=True)
class Threads:
    """All cores of this machine, or so many threads: the compiled kernel runs without the interpreter's lock."""

    workers: int | None = None

    def map(self, function: Callable[[_Item], _Result], items: Iterable[_Item]) -> Iterator[_Result]:
        """As `Executor.map`."""
        workers = self.workers or os.cpu_count() or 1
        with concurrent.futures.ThreadPoolExecutor(workers) as pool:
            yield from collected(lambda item: pool.submit(function, item), items, workers * IN_FLIGHT)


def sweep(cases: Iterable[Case], executor: Executor | None = None) -> Iterator[Row]:
    """The rows of every case, in the order of the cases, as they are done."""
    for found in (executor or Threads()).map(rows, cases):
        yield from found
