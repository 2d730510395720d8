"""Many services on their loads: a fleet evaluated piece by piece, in this process or wherever an executor runs it.

A `Case` is everything that figures depend on, and can be sent to another process. Memory does not grow with the number
of cases: an executor takes them from an iterator a few at a time, and what remains of each is its figures.
"""

from __future__ import annotations

import collections
import concurrent.futures
import dataclasses
import functools
import hashlib
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Generic, Protocol, TypeVar

import numpy as np

from elasticity.pricing import Prices
from elasticity.rules import Elasticity
from elasticity.simulator import FIGURES, SimulationError, simulate_many
from elasticity.simulator.figures import Figures, Tariff
from elasticity.traces import Load, Reals, TraceError

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


class Source(Protocol):
    """A load that whoever needs it reads."""

    def read(self) -> Load:
        """The load; raises TraceError."""
        ...

    def packed(self) -> tuple[str, Source]:
        """The same for another machine, with all that it takes from files, and a name for what it then holds: equal
        content, equal name. Raises TraceError."""
        ...


@dataclasses.dataclass(frozen=True)
class Read:
    """A load that has been read, or why it could not be."""

    outcome: Load | TraceError

    def read(self) -> Load:
        """As `Source.read`."""
        if isinstance(self.outcome, TraceError):
            raise self.outcome
        return self.outcome

    def packed(self) -> tuple[str, Source]:
        """As `Source.packed`."""
        return _name_of(self.outcome), self


def _name_of(outcome: Load | TraceError) -> str:
    if isinstance(outcome, TraceError):
        return hashlib.sha256(str(outcome).encode()).hexdigest()
    about = [getattr(outcome, field.name) for field in dataclasses.fields(Load) if field.name != "values"]
    digest = hashlib.sha256(repr([list(one) if isinstance(one, Mapping) else one for one in about]).encode())
    for values in (outcome.values, *outcome.columns.values()):
        digest.update(values.data)
    return digest.hexdigest()


@dataclasses.dataclass(frozen=True, kw_only=True)
class Unread:
    """A case whose loads are read where it runs."""

    name: str
    sources: tuple[Source, ...]
    made: Callable[[Sequence[Load]], Case]
    """From the loads of the sources; sent to other processes."""

    @classmethod
    def of(cls, case: Case) -> Unread:
        """The same case, its loads apart from it."""
        fields = {field.name: getattr(case, field.name) for field in dataclasses.fields(case) if field.name != "loads"}
        return cls(name=case.name, sources=tuple(map(Read, case.loads)), made=functools.partial(_case, fields))

    def read(self) -> Case:
        """The case; raises TraceError."""
        return self.made([source.read() for source in self.sources])

    def with_sources(self, sources: Sequence[Source]) -> Unread:
        """The same case, its loads from elsewhere."""
        return dataclasses.replace(self, sources=tuple(sources))


def _case(fields: Mapping[str, Any], loads: Sequence[Load]) -> Case:
    return Case(**fields, loads=tuple(loads))


@dataclasses.dataclass(frozen=True)
class Share:
    """Some rule sets for a case: what one worker takes of a search."""

    unread: Unread
    rule_sets: Sequence[Elasticity]

    @property
    def sources(self) -> tuple[Source, ...]:
        """Those of the case."""
        return self.unread.sources

    def with_sources(self, sources: Sequence[Source]) -> Share:
        """As `Unread.with_sources`."""
        return dataclasses.replace(self, unread=self.unread.with_sources(sources))

    def figures(self) -> dict[str, Reals]:
        """As `figures`, on one core: the others belong to the other shares."""
        return figures(self.unread.read(), self.rule_sets, workers=1)


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


def rows(unread: Unread) -> list[Row]:
    """A row for each load of the case, on one core: the cores belong to the other cases. A case that cannot be read or
    simulated gives one row with the fault, so that it does not stop the fleet."""
    try:
        case = unread.read()
        found = figures(case, workers=1)
    except TraceError as error:
        return [Row(unread.name, "", {}, "\n".join(f"{unread.name}: {line}" for line in str(error).splitlines()))]
    except SimulationError as error:
        return [Row(unread.name, "", {}, str(error))]
    return [Row(case.name, load.name, _row(found, column)) for column, load in enumerate(case.loads)]


def _row(found: Mapping[str, Reals], column: int) -> Figures:
    values = {name: float(array[0, column]) for name, array in found.items()}
    return {name: None if np.isnan(value) else value for name, value in values.items()}


class Executor(Protocol):
    """Runs a function on many items somewhere: cases whose loads are still to be read, or shares of them."""

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


def sweep(cases: Iterable[Case | Unread], executor: Executor | None = None) -> Iterator[Row]:
    """The rows of every case, in the order of the cases, as they are done."""
    unread = (case if isinstance(case, Unread) else Unread.of(case) for case in cases)
    for found in (executor or Threads()).map(rows, unread):
        yield from found
