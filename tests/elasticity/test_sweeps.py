"""Fleets of cases, on threads of this process. It cannot prove how a fleet behaves on other machines; the two-worker
cluster is tested with `accordion sweep`."""

from __future__ import annotations

import dataclasses
import threading
import tracemalloc
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

from elasticity.rules import Elasticity
from elasticity.simulator import FIGURES, SimulationError, simulate
from elasticity.sweeps import IN_FLIGHT, Case, Read, Row, Share, Threads, Unread, collected, figures, sweep
from elasticity.traces import Load, TraceError, daily, spike
from tests.elasticity.simulations import rule_set, tracking

RULES = rule_set(1, 8, **tracking(target=60.0))
LOADS = (daily(10, 250, days=1), spike(40, 300, at=3_600, length=1_800, duration=10_800))


def tariff(units: float) -> float:
    """Cheaper the larger the fleet."""
    return 0.1 / (1 + units)


def case(name: str = "web", rules: Elasticity = RULES, loads: tuple[Load, ...] = LOADS, **options: Any) -> Case:
    return Case(name=name, rules=rules, loads=loads, ticks=(60, 10)[: len(loads)], tariff=tariff, options=options)


def test_a_figure_of_a_sweep_is_that_of_a_single_run_at_the_same_tick() -> None:
    found = figures(case(latency_goal=0.5))
    for column, (load, tick) in enumerate(zip(LOADS, (60, 10), strict=True)):
        timeline = simulate(RULES, load, tick=tick, latency_goal=0.5)
        alone = timeline.figures()
        price = tariff(float(alone["unit_hours"] or 0.0) / (timeline.seconds / 3_600.0))
        alone = simulate(RULES, load, tick=tick, latency_goal=0.5, unit_price=price).figures()
        for name in FIGURES:
            value = found[name][0, column]
            assert alone[name] == (None if np.isnan(value) else value), name


def test_the_number_of_threads_changes_no_bit() -> None:
    sets = [rule_set(1, 8, **tracking(target=float(target))) for target in range(40, 60)]
    one, two = (figures(case(), sets, workers=workers) for workers in (1, 2))
    assert all(np.array_equal(one[name], two[name], equal_nan=True) for name in FIGURES)


def test_rows_come_in_the_order_of_the_cases() -> None:
    names = [f"service-{number}" for number in range(9)]
    found = list(sweep((case(name) for name in names), Threads(2)))
    assert [(row.case, row.load) for row in found] == [(name, load.name) for name in names for load in LOADS]
    assert {tuple(row.figures.items()) for row in found if row.load == "daily"} == {tuple(found[0].figures.items())}


def test_a_service_that_cannot_be_simulated_does_not_stop_the_fleet() -> None:
    broken = case("silent", Elasticity.model_validate({"minimum": 1, "maximum": 2}))
    found = list(sweep([case("one"), broken, case("two")]))
    assert [row.case for row in found] == ["one", "one", "silent", "two", "two"]
    with pytest.raises(SimulationError) as error:
        figures(broken)
    assert found[2] == Row("silent", "", {}, str(error.value))
    assert str(error.value).startswith("silent: ")
    assert "rule set" not in str(error.value)


def test_each_load_needs_its_tick() -> None:
    with pytest.raises(ValueError, match=r"^web: got 1 ticks, expected one for each of 2 loads$"):
        Case(name="web", rules=RULES, loads=LOADS, ticks=(60,))


class _Now:
    def __init__(self, value: int, done: Callable[[], None]) -> None:
        self.value, self.done = value, done

    def result(self) -> int:
        self.done()
        return self.value


def test_no_item_is_taken_before_there_is_room_for_it() -> None:
    taken, done, most = 0, 0, 0

    def items() -> Iterator[int]:
        nonlocal taken, most
        for number in range(50):
            taken += 1
            most = max(most, taken - done)
            yield number

    def finish() -> None:
        nonlocal done
        done += 1

    assert list(collected(lambda number: _Now(number, finish), items(), 4)) == list(range(50))
    assert most <= 5


def _peak(services: int) -> int:
    """Bytes held at most while a fleet of so many services, each with a load of its own, is swept."""

    def cases() -> Iterator[Case]:
        for number in range(services):
            values = np.full(40_000, 50.0 + number)
            yield Case(name=str(number), rules=RULES, loads=(Load(values, 60),), ticks=(60,))

    tracemalloc.start()
    try:
        for _ in sweep(cases(), Threads(1)):
            pass
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_memory_does_not_grow_with_the_fleet() -> None:
    _peak(2)  # what is loaded once
    few, many = _peak(2 * IN_FLIGHT), _peak(16 * IN_FLIGHT)
    load = 40_000 * 8
    assert many - few < 2 * load, "28 more services of 320 kB each were held at once"


def test_threads_work_at_the_same_time() -> None:
    both = threading.Barrier(2, timeout=120)
    assert list(Threads(2).map(lambda _: both.wait() >= 0, range(2))) == [True, True]


class _Counted:
    """A source that keeps by which thread it was read."""

    def __init__(self, load: Load, readers: list[str]) -> None:
        self.load, self.readers = load, readers

    def read(self) -> Load:
        self.readers.append(threading.current_thread().name)
        return self.load

    def packed(self) -> tuple[str, _Counted]:
        return self.load.name, self


def test_loads_are_read_by_the_workers_that_need_them() -> None:
    readers: list[str] = []
    unread = [
        dataclasses.replace(Unread.of(case(name)), sources=tuple(_Counted(load, readers) for load in LOADS))
        for name in ("one", "two", "three")
    ]
    assert list(sweep(unread, Threads(2))) == list(sweep([case(name) for name in ("one", "two", "three")]))
    assert len(readers) == 6
    assert threading.main_thread().name not in readers


def test_a_load_that_cannot_be_read_does_not_stop_the_fleet() -> None:
    broken = dataclasses.replace(Unread.of(case("two")), sources=(Read(TraceError("a.csv:3: not a number\nand more")),))
    found = list(sweep([case("one"), broken, case("three")]))
    assert [row.case for row in found] == ["one", "one", "two", "three", "three"]
    assert found[2] == Row("two", "", {}, "two: a.csv:3: not a number\ntwo: and more")


def test_equal_loads_have_the_same_name_on_a_cluster_and_others_have_others() -> None:
    day = daily(10, 250, days=1)
    same = dataclasses.replace(day)
    others = [
        day.scaled(2),
        day.shifted(60),
        dataclasses.replace(day, name="other"),
        day.with_columns({"jobs": day.values}),
        day.with_columns({"jobs": day.values * 2}),
        dataclasses.replace(day, interpolation="linear"),
    ]
    names = [Read(load).packed()[0] for load in (day, *others)]
    assert Read(same).packed()[0] == names[0]
    assert len(set(names)) == len(names)


def test_the_figures_of_a_share_are_those_of_its_rule_sets() -> None:
    sets = [rule_set(1, 8, **tracking(target=float(target))) for target in (40, 70)]
    found, expected = Share(Unread.of(case()), sets).figures(), figures(case(), sets)
    assert all(np.array_equal(found[name], expected[name], equal_nan=True) for name in FIGURES)
