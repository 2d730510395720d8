"""A search for the rules of many services, each on a year of its own: `python -m bench fleet`; and a fleet on a Dask
cluster of one worker and of two: `python -m bench cluster`.

The whole fleet would take hours: a sample is searched, and told as what it is. FLEET_SAMPLE and FLEET_CANDIDATES make
it smaller.
"""

from __future__ import annotations

import contextlib
import importlib
import os
import tempfile
import time
from collections.abc import Iterator
from typing import Any

from bench.ensemble import RULES
from elasticity import sweeps
from elasticity.expectations import parse_expectation
from elasticity.sweeps import Case
from elasticity.traces import weekly
from elasticity.tuning import Goal, chosen, search, space
from operations.cluster import executor
from operations.optimiser import Optimiser
from operations.tune import GENERATION

SERVICES, WANTED_CANDIDATES, GOAL_HOURS, CORES = 1_000, 500, 3.0, 2
SAMPLE = int(os.environ.get("FLEET_SAMPLE", "50"))
CANDIDATES = int(os.environ.get("FLEET_CANDIDATES", str(WANTED_CANDIDATES)))
DAYS = 364
ON_A_CLUSTER, CLUSTER_DAYS, RULE_SETS = 60, 182, 32
WANTED_SPEED = 1.8


def case(number: int, days: int = DAYS) -> Case:
    """A service of two rules under weeks of minutes that no other service has."""
    low, high = 200 + 7 * (number % 40), 2_000 + 31 * (number % 50)
    load = weekly(low, high, weeks=days // 7).with_noise(number)
    return Case(name=f"service-{number}", rules=RULES, loads=(load,), ticks=(60,), tariff=_price)


def _price(_units: float) -> float:
    return 0.05


class _EnoughError(Exception):
    """As many rule sets are judged as were to be."""


def searched(number: int) -> tuple[float, float, int]:
    """Seconds by the clock and of the processor in which a search judges `CANDIDATES` rule sets, and how many it has
    judged by then: four of five come from the optimiser, the rest from the walk downhill."""
    one = case(number)
    parameters = chosen(space(one.rules, one.platform), {})
    goal = Goal((parse_expectation("overload_minutes < 600"),))
    optimiser = Optimiser(parameters, goal, seed=0, generation=GENERATION)
    judged, began, busy = 0, time.perf_counter(), time.process_time()

    def count(more: int) -> None:
        nonlocal judged
        judged += more
        if judged >= CANDIDATES:
            raise _EnoughError

    with contextlib.suppress(_EnoughError):
        search(
            one.rules, parameters, goal, lambda sets: sweeps.figures(one, sets, workers=CORES), optimiser,
            trials=CANDIDATES * 4 // 5, batch=GENERATION, progress=count,
        )  # fmt: skip
    return time.perf_counter() - began, time.process_time() - busy, judged


def tables() -> list[tuple[str, list[list[str]]]]:
    """What the sample took, and what the fleet would take."""
    sweeps.figures(case(0, 7))  # the kernel is compiled and loaded
    clock, processor, judged = (sum(column) for column in zip(*map(searched, range(SAMPLE)), strict=True))
    each = WANTED_CANDIDATES / judged
    hours = SERVICES * each / 3_600
    fleet = f"{SERVICES:,} services, {WANTED_CANDIDATES} candidates each"
    rows = [
        ["figure", "measured", "goal"],
        ["services in the sample, each on a year of minutes that change each minute", str(SAMPLE), ""],
        ["rule sets judged in the sample", f"{judged:,}", f"{50 * WANTED_CANDIDATES:,}"],
        ["seconds of processor; by the clock, two threads", f"{processor:.1f}; {clock:.1f}", ""],
        [f"{fleet}, by processor time on {CORES} cores, h", f"{hours * processor / CORES:.2f}", f"{GOAL_HOURS:g}"],
        [f"{fleet}, by the clock beside what else ran, h", f"{hours * clock:.2f}", ""],
    ]
    return [(f"Tuning {SERVICES:,} services, extrapolated from a sample", rows)]


def _items() -> Iterator[sweeps.Share]:
    for number in range(ON_A_CLUSTER):
        one = case(number, CLUSTER_DAYS)
        yield sweeps.Share(sweeps.Unread.of(one), [one.rules] * RULE_SETS)


def _seconds() -> float:
    return time.process_time()


def on_a_cluster(workers: int) -> tuple[float, list[float]]:
    """Seconds by the clock that a fleet takes on so many worker processes, and of the processor in each of them."""
    distributed: Any = importlib.import_module("distributed")
    with (
        tempfile.TemporaryDirectory() as folder,
        distributed.LocalCluster(
            n_workers=workers, threads_per_worker=1, processes=True, dashboard_address="127.0.0.1:0", host="127.0.0.1",
            local_directory=folder,
        ) as running,
        distributed.Client(running.scheduler_address, set_as_default=False) as client,
        executor(running.scheduler_address) as place,
    ):  # fmt: skip
        items = list(_items())
        client.run(sweeps.figures, items[0].unread.read())  # each worker has the kernel
        before, began = client.run(_seconds), time.perf_counter()
        for _ in place.map(sweeps.Share.figures, items):
            pass
        took, after = time.perf_counter() - began, client.run(_seconds)
        return took, [after[worker] - before[worker] for worker in after]


def cluster_tables() -> list[tuple[str, list[list[str]]]]:
    """One worker beside two, by the clock and by what each worker did."""
    one, (alone,) = on_a_cluster(1)
    two, both = on_a_cluster(2)
    told = ", ".join(f"{seconds:.1f}" for seconds in both)
    rows = [
        ["figure", "measured", "goal"],
        ["one worker: seconds by the clock; of its processor", f"{one:.1f}; {alone:.1f}", ""],
        ["two workers: seconds by the clock; of their processors", f"{two:.1f}; {told}", ""],
        ["two workers to one, by the clock", f"{one / two:.2f}", f"{WANTED_SPEED} on two idle cores"],
        [
            "the same by processor time: one worker's over the busier of two",
            f"{alone / max(both):.2f}",
            f"{WANTED_SPEED}",
        ],
    ]
    title = f"{ON_A_CLUSTER} services on {CLUSTER_DAYS} days, {RULE_SETS} rule sets each, worker processes of Dask"
    return [(title, rows)]
