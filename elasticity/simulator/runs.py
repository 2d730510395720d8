"""`simulate` one rule set on one load, and `simulate_many` rule sets on many loads."""

from __future__ import annotations

import dataclasses
import datetime
import os
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from types import NoneType
from typing import Any

import numpy as np

from elasticity import arguments
from elasticity.platforms import Parameter
from elasticity.pricing import FargateTask, Instance, Prices
from elasticity.quantities import rate_text
from elasticity.rules import Elasticity
from elasticity.simulator import engine
from elasticity.simulator.conditions import Conditions, SimulationError
from elasticity.simulator.configuration import configure
from elasticity.simulator.figures import FIGURES, Tariff, UnitPrice, figures_of
from elasticity.simulator.held import Held
from elasticity.simulator.prepared import Prepared
from elasticity.simulator.timeline import NOT_MODELLED, Timeline, timeline_of
from elasticity.traces import Load, Reals

LARGEST_CHUNK = 16
"""Runs that a thread takes at once: each hand-over costs as much as a run of some hundred minutes."""


def _conditions(options: dict[str, Any]) -> Conditions:
    allowed = [field.name for field in dataclasses.fields(Conditions)]
    unknown = sorted(options.keys() - set(allowed))
    if unknown:
        raise SimulationError(f"not an option: {', '.join(unknown)}; allowed {', '.join(allowed)}")
    conditions = Conditions(**options)
    faults = conditions.other_kinds() or (conditions.faults() if conditions.tick < 1 else [])
    if faults:
        raise SimulationError("\n".join(faults))
    return conditions


def _refuse_other_kinds(rules: Iterable[Any], loads: Iterable[Any], unit_price: Any, prices: Any, start: Any) -> None:
    """Raise SimulationError that names every argument of another kind than it takes."""
    faults = [
        f"`{name}`: got {arguments.kind(value)}, allowed {allowed}"
        for name, values, kind, allowed in (
            ("rules", rules, Elasticity, "an Elasticity, such as Elasticity.model_validate({...})"),
            ("load", loads, Load, "a Load: `read_trace` of a file, or a named shape"),
            ("prices", (prices,), (Prices, NoneType), "Prices, or nothing for the shipped table"),
            ("start", (start,), (datetime.datetime, NoneType), "a datetime with its zone"),
        )
        for value in values
        if not isinstance(value, kind)
    ]
    if not isinstance(unit_price, (FargateTask, Instance, NoneType)) and not callable(unit_price):
        try:
            arguments.number("unit_price", unit_price, 0, instead=" an hour, a FargateTask or an Instance")
        except ValueError as error:
            faults.append(str(error))
    if faults:
        raise SimulationError("\n".join(faults))


def simulate(
    rules: Elasticity,
    load: Load,
    *,
    platform: str = "ecs_service",
    tick: int = 10,
    start: datetime.datetime | None = None,
    seed: int | None = None,
    unit_price: UnitPrice | None = None,
    prices: Prices | None = None,
    compiled: bool | None = None,
    held: Held | None = None,
    **options: Any,
) -> Timeline:
    """The timeline of `rules` under `load` on `platform`, with AWS's semantics and the platform's parameters.

    `tick` in seconds, a divisor of the metrics' periods: 10 by default, 1 for exact reaction times, 60 for sweeps.
    `start` (aware) moves the load; `seed` adds Poisson noise. `unit_price` a task, an instance or a price per unit-
    hour. `compiled` None lets the engine choose; both ways give the same bits. `held`: alarms that are muted or
    edited and directions that are suspended, told with what the units publish. Further options are the fields of
    `Conditions`: parameters, begins, deployments, failures, forecast, history, latency_goal, overflow,
    client_timeout, slow_start, default_instance_warm_up, arrival_variation, service_variation, reversal_window,
    instances. `rules.unit` says what one unit serves.

    Raises SimulationError, one line for each fault with its cure: no `unit.capacity`, a metric that does not follow
    from the load, a rule that the platform cannot hold, a tick that does not fit, an argument of another kind. Same
    input, same bytes.
    """
    _refuse_other_kinds([rules], [load], unit_price, prices, start)
    conditions = _conditions({"platform": platform, "tick": tick, **options})
    if start is not None:
        if start.tzinfo is None:
            raise SimulationError("start: got a time without a zone, expected one such as 2026-01-05T00:00:00Z")
        load = dataclasses.replace(load, start=start)
    if seed is not None:
        load = load.with_noise(seed)
    prepared = Prepared(load, conditions)
    scenario = configure(rules, prepared, record=True, edited=held.edited if held is not None else {})
    outcome = engine.execute(scenario, compiled=compiled, held=held)
    return timeline_of(
        scenario,
        outcome,
        load,
        platform,
        _parameters(rules, conditions),
        _notes(rules, prepared, scenario.plan.initial),
        unit_price,
        prices,
    )


def _parameters(rules: Elasticity, conditions: Conditions) -> list[Parameter]:
    service = conditions.service_parameters()
    provider = conditions.provider_parameters()
    rows = [*service.rows()]
    if provider is not None:
        rows += [dataclasses.replace(row, name=f"capacity_provider.{row.name}") for row in provider.rows()]
    declared = [
        Parameter(f"unit.{name}", value if value is None else float(value), None, unit, "asm", "declared by the user")
        for name, unit in (
            ("capacity", "requests/s"),
            ("start_up", "s"),
            ("service_time", "s"),
            ("idle_cpu", "%"),
            ("idle_memory", "%"),
            ("full_memory", "%"),
            ("saturation", "%"),
        )
        for value in (getattr(rules.unit, name),)
    ]
    declared += [
        Parameter(f"unit.{name}", float(value), None, unit, "asm", "declared by the user")
        for name, unit in (("running_after", "s"), ("start_up_cpu", "%"))
        for value in (getattr(rules.unit, name),)
        if value is not None
    ]
    return [*rows, *conditions.rows(), *declared]


def _notes(rules: Elasticity, prepared: Prepared, initial: int) -> list[str]:
    load, conditions = prepared.load, prepared.conditions
    notes = [NOT_MODELLED, _start_in_words(initial, prepared)]
    delay = conditions.service_parameters().publication_delay
    if delay % conditions.tick:
        counted = -(-delay // conditions.tick) * conditions.tick
        notes.append(f"the publication delay of {delay:g} s counts as {counted:g} s at ticks of {conditions.tick} s")
    notes += [f"failure {name}: {one}" for name, one in conditions.failures.items()]
    if conditions.retries is not None:
        notes.append(
            f"of what fails {100 * conditions.retries.factor:g} % is sent again, at once and up to "
            f"{conditions.retries.limit} times; only what is given up counts as failed"
        )
    if load.filled:
        notes.append(f"{load.filled} missing points of the load were filled in: {load.filled_with}")
    if load.origin:
        notes.append(f"the load was {load.origin}")
    if load.step > 60:
        notes.append(f"the load has one point each {load.step} s: alarms see nothing below that")
    if rules.unit.service_time is None:
        notes.append("unit.service_time is not declared: latency is the wait in the backlog alone")
    if rules.predictive:
        notes.append("AWS's forecasting model is not public: the forecast is an approximation")
    return notes


def _start_in_words(units: int, prepared: Prepared) -> str:
    counted = f"{units} unit{'' if units == 1 else 's'}"
    if prepared.conditions.begins == "cold":
        return f"the run starts cold, with the {counted} of a creation: what its first minutes lack is counted"
    rate = rate_text(prepared.rate_at_start)
    return f"the run starts settled, with {counted}, which the rules hold at the {rate} of its first minute"


@dataclasses.dataclass(frozen=True, eq=False)
class Sweep:
    """Figures of many runs: each of `FIGURES` as an array of shape (rule sets, loads), NaN where there is none."""

    figures: dict[str, Reals]

    def __getitem__(self, name: str) -> Reals:
        """One figure; raises KeyError that names those there are."""
        if name not in self.figures:
            raise KeyError(f"not a figure: got {name!r}, allowed {', '.join(self.figures)}")
        return self.figures[name]


def simulate_many(
    rule_sets: Sequence[Elasticity],
    loads: Sequence[Load],
    *,
    platform: str = "ecs_service",
    tick: int = 60,
    unit_price: UnitPrice | Tariff | None = None,
    prices: Prices | None = None,
    workers: int | None = None,
    progress: Callable[[int], None] | None = None,
    **options: Any,
) -> Sweep:
    """The figures of every rule set on every load, compiled where numba is installed, on all cores; no timelines, so
    memory does not grow with their number.

    Options as in `simulate`, and `unit_price` may follow the run's mean of billed units; `progress` is called with the
    number of runs done. Every figure equals that of `simulate` at the same tick. Raises SimulationError that names the
    rule set and the load, both counted from 0.
    """
    _refuse_other_kinds(rule_sets, loads, unit_price, prices, None)
    conditions = _conditions({"platform": platform, "tick": tick, **options})
    if compiled := engine.can_compile():
        engine.compiled_run()
    prepared = [Prepared(load, conditions) for load in loads]
    found = {name: np.full((len(rule_sets), len(loads)), np.nan) for name in FIGURES}
    pairs = [(row, column) for column in range(len(loads)) for row in range(len(rule_sets))]
    threads = workers or _cores()
    size = max(1, min(LARGEST_CHUNK, len(pairs) // (threads * 4)))
    chunks = [pairs[first : first + size] for first in range(0, len(pairs), size)]

    def one(row: int, column: int) -> None:
        try:
            scenario = configure(rule_sets[row], prepared[column], record=False)
        except SimulationError as error:
            where = f"rule set {row}, load {column}"
            raise SimulationError("\n".join(f"{where}: {line}" for line in str(error).splitlines())) from None
        outcome = engine.execute(scenario, compiled=compiled)
        for name, value in figures_of(scenario, outcome, unit_price, prices).items():
            if value is not None:
                found[name][row, column] = value

    def some(chunk: Sequence[tuple[int, int]]) -> int:
        for row, column in chunk:
            one(row, column)
        return len(chunk)

    done = 0
    with ThreadPoolExecutor(threads) as pool:
        for count in pool.map(some, chunks):
            for _ in range(count):
                done += 1
                if progress is not None:
                    progress(done)
    return Sweep(found)


def _cores() -> int:
    """Cores that this process may use: more threads than that only wait for the interpreter."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
